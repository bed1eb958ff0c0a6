"""How far to defend: closed forms, substitutes and complements (A12), the command, both views, both languages, its problems."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from dataclasses import replace

import jsonschema
import pytest
from click.testing import CliRunner

from blackstart import examples, report
from blackstart.cli import main
from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.planning.judge import Judge
from blackstart.planning.plan import Asked, annuity, fresh_size, not_offered, options, plan, schedule
from blackstart.planning.portfolios import feasible
from blackstart.report import numbers
from blackstart.text import say

STUDY = Study(worlds=20, samples=40, threads=1)
QUICK = Asked(fresh=(20, 60))

SHOP = """blackstart: 1
title: {en: Shop, ko: 가게}
components:
  db: {fails: 2/yr, repair: 10h}
services:
  shop: {needs: [db], loss: "1,000 KRW/h", users: 10, tolerance: {mtpd: 8h}}
defences:
  halve: {label: {en: half the repair, ko: 복구 절반}, costs: {once: "10,000 KRW", yearly: "3,000 KRW"}, takes: 30 d,
          change: {components: {db: {repair: 5h}}}}
  rarer: {costs: {yearly: "1,000 KRW"}, change: {components: {db: {fails: 1/yr}}}}
  dear: {costs: {once: "900,000 KRW"}, change: {components: {db: {tags: [gold]}}}}
  fewer: {costs: {yearly: "-500 KRW"}, change: {components: {db: {repair: 11h}}}}
"""

# A12: substitutes, whose benefits alone add up to more than there is to lose; complements, which avoid something only together
SUBSTITUTES, COMPLEMENTS = (examples.path(name).read_text(encoding="utf-8") for name in ("substitutes", "complements"))


def told(text: str, asked: Asked = QUICK, study: Study = STUDY) -> dict:
    return plan(load_text(text), asked, study).as_dict()


def test_the_frontier_is_the_closed_form():
    """2 failures a year of 10 h at 1,000 KRW/h lose 20,000 KRW; half the repair and half the rate each avoid half of what is left."""
    result = told(SHOP)
    points = {tuple(p["with"]): p for p in result["frontier"]["points"]}
    assert result["frontier"]["state"] == "proven" and result["frontier"]["judged"] == 8
    assert list(points) == [(), ("rarer",), ("halve", "rarer")]
    assert points[()]["loss_per_year"]["value"] == pytest.approx(20_000, rel=0.02)
    assert points["rarer",]["avoided_per_year"]["value"] == pytest.approx(10_000, rel=0.02)
    assert points["halve", "rarer"]["avoided_per_year"]["value"] == pytest.approx(15_000, rel=0.02)
    assert (points["halve", "rarer"]["cost"], points["rarer",]["cost"]) == (50_000, 10_000)


def test_the_reading_is_the_arithmetic():
    """`rarer` costs a tenth of what it avoids, `halve` beside it 40,000 for 50,000; `dear` avoids nothing and is the step not taken."""
    reading = told(SHOP)["reading"]
    assert reading["chosen"]["with"] == ["halve", "rarer"]
    first, second = reading["pays"]
    assert (first["add"], second["add"]) == (["rarer"], ["halve"])
    assert first["ratio"] == pytest.approx(0.1, rel=0.03) and second["ratio"] == pytest.approx(0.8, rel=0.03)
    assert [row["id"] for row in reading["left_out"]] == ["dear"] and reading["left_out"][0]["ratio"] is None
    assert {row["id"]: row["ratio"] for row in reading["bought"]}["halve"] == pytest.approx(0.8, rel=0.03)
    assert reading["waiting_a_year"]["net"]["value"] == pytest.approx(15_000 - 4_000, rel=0.05)
    limit = reading["tolerance"]["rows"][0]
    assert (limit["hours"], limit["then"]["value"]) == (8.0, 0.0) and limit["now"]["value"] == pytest.approx(2.0, rel=0.02)
    assert reading["tolerance"]["kept_by"]["with"] == ["halve"]
    assert reading["schedule"][-1] == {"id": "halve", "begins_h": 0.0, "ends_h": 720.0, "people": {}}


def test_the_line_is_where_a_step_costs_grossly_more_than_it_buys():
    assert told(SHOP, Asked(gross=0.5, fresh=(20, 60)))["reading"]["chosen"]["with"] == ["rarer"]
    assert told(SHOP, Asked(gross=0.05, fresh=(20, 60)))["reading"]["chosen"]["with"] == []
    assert told(SHOP, Asked(years=1, fresh=(20, 60)))["reading"]["chosen"]["with"] == ["halve", "rarer"]
    assert told(SHOP, Asked(years=1, gross=1, fresh=(20, 60)))["reading"]["chosen"]["with"] == ["rarer"]


RARE = """blackstart: 1
components: {db: {repair: 10h}}
barriers: {guard: {works: 95%}}
hazards: {slip: {strikes: db, rate: 2/yr, effects: [{break: db, unless: guard}]}}
services: {shop: {needs: [db], loss: "1,000 KRW/h"}}
defences: {better: {costs: {once: "10,000 KRW"}, change: {barriers: {guard: {works: 99%}}}}}
"""


@pytest.mark.parametrize("seed", range(1, 5))
def test_what_is_bought_does_not_hang_on_whether_the_search_saw_it(seed):
    """0.1 failures a year pass, and lose 1,000 KRW; the defence avoids 8,000 in ten years for 10,000, below the factor of three.

    Bug this would have caught: what the few episodes of a search had not seen was left out, though the many fresh ones found it worth
    its cost; no test had a search that sees nothing.
    """
    result = told(RARE, Asked(fresh=(20, 400)), Study(worlds=2, samples=2, seed=seed, threads=1))
    assert result["reading"]["chosen"]["with"] == ["better"]
    assert result["reading"]["bought"][0]["avoided"]["value"] == pytest.approx(8_000, rel=0.25)  # some 400 courses pass: five errors


def test_small_models_are_judged_by_more_fresh_episodes():
    assert fresh_size(Study(worlds=40, samples=10), 84, 27) == (100, 25)  # Kakao's size
    assert fresh_size(Study(worlds=40, samples=10), 5, 3) == (400, 100)
    assert fresh_size(Study(worlds=80, samples=20), 84, 27) == (200, 50)  # who asks for more in the search gets more in both
    between = fresh_size(Study(worlds=40, samples=10), 35, 8)
    assert 200 < between[0] < 400 and between[0] == pytest.approx(4 * between[1], abs=4)


@pytest.mark.parametrize(("lang", "said", "row"), [
    ("en", "At the upper end of the error, dear would be worth the cost, too", "not told from chance; up to 1.1 m KRW"),
    ("ko", "dear를 더 사야 하는지도 이번 계산만으로 가려지지 않습니다", "우연과 구별되지 않음, 많아야 110만 원"),
])  # fmt: skip
def test_what_luck_could_turn_is_said(lang, said, row):
    result = json.loads(json.dumps(told(SHOP)))
    assert said not in " ".join(report.text(result, lang).split())
    step = result["reading"]["left_out"][0]
    step["avoided"], step["ratio"] = {"value": 100_000, "standard_error": 500_000, "band": None}, 9.0
    shown = " ".join(report.text(result, lang).split())
    assert said in shown and {"en": "it may be up to 1.1 m KRW", "ko": "많으면 110만 원이 될 수 있습니다"}[lang] in shown
    assert row in " ".join(report.page(result, lang).replace("\xa0", " ").split())


@pytest.mark.parametrize(("budget", "with_"), [(0.0, []), (10_000.0, ["rarer"]), (49_999.0, ["rarer"]), (2e6, ["halve", "rarer"])])
def test_the_best_within_a_budget_comes_first(budget, with_):
    result = told(SHOP, replace(QUICK, budget=budget))
    assert result["asked"]["budget"] == budget and result["reading"]["within"]["with"] == with_
    assert result["reading"]["within"]["cost"] <= budget and result["reading"]["chosen"]["with"] == ["halve", "rarer"]
    jsonschema.validate(json.loads(json.dumps(result)), report.schema())
    names = {"en": {0: "", 1: "rarer", 2: "half the repair and rarer"}, "ko": {0: "", 1: "rarer", 2: "복구 절반"}}
    for lang, key in (("en", "are best spent on "), ("ko", "가장 나은 선택은 ")):
        said = " ".join(report.text(result, lang).split())
        assert (key + names[lang][len(with_)] in said) == bool(with_) and say("plan.section.bought", lang).lower() in said.lower()
    assert "avoided_per_year" in result["reading"]["within"]


def test_a_budget_without_a_price_of_what_is_lost():
    result = told(SHOP, replace(QUICK, budget=12_000.0, objective="hours"))
    assert result["reading"]["within"]["with"] == ["rarer"]
    assert "are best spent on rarer: it costs 10,000 KRW, and hours out a year" in " ".join(report.text(result, "en").split())


def test_a_budget_that_is_none_is_told(shop):
    done = run("plan", shop, "--budget", "ten apples")
    assert done.exit_code == 2 and "like `300,000 KRW`" in done.output


def test_cuts_are_bought_only_when_asked_for():
    assert {o.id for o in options(load_text(SHOP), Asked())} == {"halve", "rarer", "dear"}
    result = told(SHOP, Asked(cuts=True, fresh=(20, 60)))
    points = {tuple(p["with"]): p for p in result["frontier"]["points"]}
    assert points["fewer",]["cost"] == -5_000 and points["fewer",]["avoided_per_year"]["value"] == pytest.approx(-2_000, rel=0.05)


def test_the_cheapest_way_to_fewer_outages_names_no_cut_that_only_saves():
    """The cheapest way out of a deadlock was "cut and phone-call": the cut made the sum smaller, and freed nobody."""
    text = """blackstart: 1
teams: {ops: {people: 2, arrives: 10min, needs: pager}}
components: {fe: {repair: {takes: 1h, people: 1 ops}}, pager: {needs: fe}, phone: {}}
services: {s: {needs: fe, loss: 1m USD/h}}
hazards: {h: {strikes: fe, rate: 0.1/yr}}
defences:
  cut: {costs: {yearly: -100000 USD}, change: {teams: {ops: {people: 1}}}}
  phone-call: {costs: 5m USD, change: {teams: {ops: {needs: phone}}}}
"""
    result = told(text, replace(QUICK, cuts=True))
    assert {tuple(row["with"] or ()) for row in result["reading"]["halvings"]["rows"]} == {("phone-call",)}
    assert {row["cost"] for row in result["reading"]["halvings"]["rows"]} == {5e6}
    assert {tuple(row["with"] or ()) for row in result["reading"]["nines"]["rows"][:2]} <= {("phone-call",), ()}


def test_substitutes_are_not_added_up():
    """A12: alone each avoids 90 % of the loss, so their sum leaves less than nothing; together they avoid 99 %."""
    model = load_text(SUBSTITUTES)
    judge = Judge(model, ["gas", "doors"], Study(worlds=20, samples=400, threads=1))
    none, gas, doors, both = (v.loss.mean() for v in judge([frozenset(x) for x in ((), ("gas",), ("doors",), ("gas", "doors"))]))
    assert none - (none - gas) - (none - doors) < 0 < both < 0.1 * none
    assert none == pytest.approx(0.1 * 100 * 1000, rel=0.02)
    result = told(SUBSTITUTES, Asked(gross=1, fresh=(20, 400)), Study(worlds=20, samples=400, threads=1))
    assert [len(p["with"]) for p in result["frontier"]["points"]] == [0, 1, 2]
    assert result["reading"]["chosen"]["with"] in (["gas"], ["doors"], ["gas", "doors"])
    second = result["reading"]["pays"][-1]
    assert second["avoided"]["value"] < 0.12 * 10 * none  # beside the first, the other avoids a tenth of what it would alone


def test_complements_are_bought_together():
    """A12: greedy buys the mop, which alone avoids anything, and stops; the frontier has the three that pay only together."""
    model = load_text(COMPLEMENTS)
    choices = options(model, QUICK)
    judge = Judge(model, [o.id for o in choices], STUDY)
    base = judge([frozenset()])[0].loss.mean()
    alone = {o.id: base - judge([frozenset([o.id])])[0].loss.mean() for o in choices}
    assert [name for name, avoided in alone.items() if avoided > 0] == ["mop"]
    chosen = told(COMPLEMENTS)["reading"]["chosen"]
    assert chosen["with"] == ["second-site", "replication", "login-failover"]
    assert chosen["avoided_per_year"]["value"] == pytest.approx(base, rel=0.02)


def test_every_portfolio_meets_the_same_misfortunes():
    """Judged alone or among others, in one thread or two, first or last: to the last bit."""
    model = load_text(SHOP)
    some = [frozenset(x) for r in range(3) for x in itertools.combinations(["halve", "rarer"], r)]
    one = Judge(model, ["halve", "rarer"], STUDY)(some)
    two = Judge(model, ["halve", "rarer"], Study(worlds=20, samples=40, threads=2))(some[::-1])[::-1]
    for a, b in zip(one, two, strict=True):
        assert (a.loss == b.loss).all() and (a.hours == b.hours).all()


def test_the_search_is_brute_force_on_what_was_judged():
    model = load_text(SHOP)
    choices = options(model, QUICK)
    judge = Judge(model, [o.id for o in choices], STUDY)
    everything = list(feasible(choices))
    loss = {p: v.loss.mean() for p, v in zip(everything, judge(everything), strict=True)}
    cost = {p: sum(o.cost for o in choices if o.id in p) for p in everything}
    for point in told(SHOP)["frontier"]["points"]:
        chosen = frozenset(point["with"])
        assert point["objective"] == pytest.approx(loss[chosen])
        assert loss[chosen] == min(lost for p, lost in loss.items() if cost[p] <= cost[chosen])


def test_other_objectives():
    hours = told(SHOP, Asked(objective="hours", fresh=(20, 60)))
    assert hours["reading"]["chosen"] is None and hours["frontier"]["points"][0]["objective"] == pytest.approx(20, rel=0.02)
    users = told(SHOP, Asked(objective="user-hours", fresh=(20, 60)))
    assert users["frontier"]["points"][0]["objective"] == pytest.approx(200, rel=0.02)
    each = users["reading"]["pays"][0]["ratio"]
    for lang, words, wrong in (("en", "than once in 100 years as things are.", "with this"), ("ko", "자주 넘습니다.", "여기까지")):
        said = " ".join(report.text(users, lang).split())
        assert words in said and wrong not in said, "nothing is chosen where nothing has a price"
        assert numbers.point(each, "money", lang, users["currency"]).replace("\xa0", " ") in said
    tail = told(SHOP, Asked(objective="tvar", tail_years=10, fresh=(20, 60)))
    first, last = (tail["frontier"]["points"][k]["objective_fresh"] for k in (0, -1))
    assert tail["frontier"]["points"][0]["objective"] > 20_000 and last < first
    for lang, words in (("en", "the loss of the worst year in 10"), ("ko", "10년에 한 번 오는 최악의 해의 손실")):
        said = " ".join(report.text(tail, lang).split())
        assert words in said and numbers.point(first, "money", lang, tail["currency"]).replace("\xa0", " ") in said


def test_a_plan_that_buys_nothing_has_no_heading_of_what_is_bought():
    nothing = told(SHOP, Asked(gross=0.1, fresh=(20, 60)))
    assert nothing["reading"]["chosen"]["with"] == []
    for lang in ("en", "ko"):
        for view in (report.text(nothing, lang), report.page(nothing, lang)):
            assert say("plan.section.bought", lang).lower() not in view.lower()


def test_defences_that_are_there_are_not_bought_and_what_they_exclude_cannot_be():
    text = SHOP.replace("rarer: {", "rarer: {state: present, excludes: [dear], ").replace("halve: {", "halve: {requires: [rarer], ")
    assert [o.id for o in options(load_text(text), Asked())] == ["halve"]
    assert [o.id for o in options(load_text(SHOP), Asked(), ["dear"])] == ["halve", "rarer"]
    lone = SHOP.replace("halve: {", "halve: {requires: [fewer], ")
    assert [o.id for o in options(load_text(lone), Asked())] == ["rarer", "dear"]  # what requires a cut waits for --cuts


def test_what_a_defence_avoids_counts_from_when_it_is_there():
    """`rarer` halves the failures: over ten years what it avoids is in proportion to the years in which it is there."""
    late = SHOP.replace("rarer: {costs", "rarer: {takes: 4 yr, costs")
    avoided = {}
    for text in (SHOP, late, late.replace("4 yr", "11 yr")):
        row = next(row for key in ("bought", "left_out") for row in told(text)["reading"][key] if row["id"] == "rarer")
        avoided[row["there_h"]] = row["avoided"]["value"]
    once, four, never = avoided.values()
    assert list(avoided) == [0.0, pytest.approx(4 * 8766, rel=0.001), pytest.approx(11 * 8766, rel=0.001)]
    assert four == pytest.approx(0.6 * once, rel=0.001) and never == 0.0


def test_costs_are_discounted():
    assert annuity(10, 0.0) == 10
    assert annuity(10, 0.05) == pytest.approx(7.913, abs=0.001)  # (1 - 1.05^-10) / ln 1.05
    assert {o.id: o.cost for o in options(load_text(SHOP), Asked(discount=0.05))}["rarer"] == pytest.approx(7_913, abs=1)


def test_people_are_not_in_two_places():
    model = load_text("""blackstart: 1
teams: {infra: {people: 5}}
components: {db: {}}
services: {shop: {needs: [db], loss: "1 KRW/h"}}
defences:
  a: {takes: 10h, people: 3 infra}
  b: {takes: 4h, people: 3 infra}
  c: {takes: 2h, people: 2 infra}
  d: {takes: 1h, requires: [a]}
""")
    rows = {row["id"]: (row["begins_h"], row["ends_h"]) for row in schedule(model, ["a", "b", "c", "d"])}
    assert rows == {"a": (0, 10), "b": (10, 14), "c": (0, 2), "d": (10, 11)}


# ----------------------------------------------------------------------------- the command


@pytest.fixture
def shop(tmp_path) -> str:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return str(path)


def run(*args: str):
    return CliRunner().invoke(main, list(args))


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_both_views_say_it_and_the_schema_knows_it(shop, lang, tmp_path):
    done = run("plan", shop, "--format", "json", "--samples", "40", "--worlds", "20")
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    jsonschema.validate(result, report.schema())
    text, page = report.text(result, lang), report.page(result, lang)
    said = {"en": "Defend up to this point: half the repair and rarer", "ko": "여기까지 막으십시오: 복구 절반"}[lang]
    assert said in " ".join(text.split()) and said in page
    step = {"en": "The first step not taken is dear", "ko": "하지 않기로 한 첫 단계는 dear입니다"}[lang]
    assert step in " ".join(text.split()) and step in page
    assert "<circle" in page and max(len(line) for line in text.splitlines()) <= 100


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_without_money_it_says_what_can_be_had(lang):
    result = told(SHOP, Asked(objective="hours", fresh=(20, 60)))
    jsonschema.validate(json.loads(json.dumps(result)), report.schema())
    said = {"en": "No price is put on hours out a year", "ko": "금액으로 따지지 않습니다"}[lang]
    assert said in " ".join(report.text(result, lang).split())


def test_a_search_cut_short_says_so(shop):
    done = run("plan", shop, "--most", "4", "--samples", "20", "--worlds", "20", "--cuts")
    assert done.exit_code == 0 and "--most" in done.stdout


def test_the_cheapest_way_to_keep_all_limits_is_sought_by_itself():
    """Eight parts in a row, each with a quicker repair or a spare; the limit is passed too often until several are bought.

    What avoids most for its money is not what keeps the limit most cheaply: portfolios judged for the frontier alone missed it.
    """
    parts = "abcdefgh"
    text = "\n".join([
        "blackstart: 1", "teams: {crew: {people: 2}}", "components:",
        *(f"  {c}: {{fails: {k + 1} per 40 yr, repair: {{takes: {6 + 3 * k}h, people: 1 crew}}}}" for k, c in enumerate(parts)),
        "services:", f'  shop: {{needs: [{", ".join(parts)}], loss: "1,000 KRW/h", tolerance: {{mtpd: 8h}}}}', "defences:",
        *(f'  quick-{c}: {{costs: {{once: "{7 * k % 5 + 3}00 KRW"}}, change: {{components: {{{c}: {{repair: {{takes: 3h}}}}}}}}}}'
          for k, c in enumerate(parts)),
        *(f'  rare-{c}: {{costs: {{once: "{5 * k % 7 + 2}00 KRW"}}, change: {{components: {{{c}: {{fails: 1 per 900 yr}}}}}}}}'
          for k, c in enumerate(parts[4:])),
    ])  # fmt: skip
    study = Study(worlds=4, samples=40, depth=1, threads=1)
    asked = Asked(accepted_years=20.0, fresh=(4, 40))
    whole, short = (told(text, replace(asked, most=most), study) for most in (5000, 400))
    assert whole["frontier"]["state"] == "proven" and short["frontier"]["state"] != "proven"
    cheapest, found = (r["reading"]["tolerance"]["kept_by"] for r in (whole, short))
    assert cheapest["state"] == "proven" and found["cost"] == cheapest["cost"] > 0.0
    assert found["at_least"] <= found["cost"]


@pytest.mark.parametrize(
    ("change", "args", "said"),
    [
        (("loss: \"1,000 KRW/h\", ", ""), (), "says what its outage costs"),
        (("users: 10, ", ""), ("--for", "user-hours"), "says how many use it"),
        (("repair: 5h", "repair: {needs: [nobody]}"), (), "nobody"),
        (("defences:", "xdefences:"), (), "xdefences"),
    ],
)
def test_what_cannot_be_asked_is_refused(tmp_path, change, args, said):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP.replace(*change), encoding="utf-8")
    done = run("plan", str(path), *args)
    assert done.exit_code == 2 and said in done.stderr


def test_no_defences_are_refused(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP[: SHOP.index("defences:")], encoding="utf-8")
    done = run("plan", str(path))
    assert done.exit_code == 2 and "no defence to choose from" in done.stderr


NEEDS_A_CUT = """
blackstart: 1
components: {a: {fails: 2/yr, repair: 10h}, b: {fails: 1/yr, repair: 24h}}
services: {s: {needs: [a, b], loss: 1m KRW/h}}
defences:
  second-a: {costs: {once: 10m KRW}, change: {components: {a: {repair: 1h}}}}
  fast-b: {costs: {yearly: 3m KRW}, requires: [slow-b], change: {components: {b: {repair: 12h}}}}
  slow-b: {costs: {yearly: -1m KRW}, change: {components: {b: {repair: 26h}}}}
"""


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Not on offer: fast-b, for it requires slow-b"), ("ko", "fast-b는 선택 대상에서 빠졌습니다")]
)
def test_what_requires_a_cut_is_said_to_be_left_out(lang, words):
    """It was dropped without a word, and the page said that everything on offer is taken: no test had a defence behind a cut."""
    asked = Asked(fresh=(20, 20))
    result = told(NEEDS_A_CUT, asked)
    assert result["not_offered"] == [{"id": "fast-b", "requires": ["slow-b"]}]
    assert words in " ".join(report.text(result, lang).split())
    model = load_text(NEEDS_A_CUT)
    assert not not_offered(model, options(model, replace(asked, cuts=True)))


MANY = "blackstart: 1\ncomponents: {" + ", ".join(f"c{k}: {{fails: 2/yr, repair: 10h}}" for k in range(6)) + """}
services: {shop: {needs: [c0, c1, c2, c3, c4, c5], loss: "1,000 KRW/h"}}
defences:
""" + "".join(
    f'  d{k}: {{costs: {{once: "{k + 1},111..{7 * k + 7},777 KRW"}}, change: {{components: {{c{k}: {{repair: 1h}}}}}}}}\n' for k in range(6)
)


def test_every_process_gives_the_same_bytes() -> None:
    """Sets of names have another order in every process: costs were summed in it, and the last digit of a plan came and went.

    No test had run a plan in two processes.
    """
    code = f"""import json; from blackstart.engines.simulate import Study; from blackstart.language.load import load_text
from blackstart.planning.plan import Asked, plan
print(json.dumps(plan(load_text({MANY!r}), Asked(fresh=(2, 4)), Study(worlds=2, samples=4, threads=1)).as_dict()["frontier"]["points"]))"""
    told = {
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=os.environ | {"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2", "3")
    }
    assert len(told) == 1
