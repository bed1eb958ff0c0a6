"""Scenarios: the words of `--hit`, `--fails` and `--works`, what they do, and what a rehearsal is found to hang on."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from blackstart import errors, examples, report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.errors import ModelError
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.language.model import Model
from blackstart.studies import branches, rehearsal, results

HALL = """blackstart: 1
domains:
  hall: {kind: site}
  two words: {kind: room}
hazards:
  fire@hall: null
  power-loss@hall: null
  spark:
    strikes: hall
    rate: 1 in 50 yr
    effects:
      - {unless: gas, hold: hall, until: out}
    lasts: {out: 40h}
barriers:
  gas: {works: 2 of 3}
components:
  db: {in: hall, fails: 1/yr, repair: 3h}
  web: {in: hall, needs: [{any: [db, spare]}], start: 10 min}
  far: {needs: [{any: [db, spare]}]}
  spare: {standby: db, start: {takes: 30 min, works: 3 of 4, retry: 1h}}
services:
  shop: {needs: [web], loss: 1,000 KRW/h, users: 10, tolerance: {rto: 2h, mtpd: 24h}}
  shelf: {needs: [far], users: 5}
"""


@pytest.fixture(scope="module")
def hall() -> Model:
    return load_text(HALL)


def codes(wrong: pytest.ExceptionInfo[ModelError]) -> list[str]:
    return [p.code for p in wrong.value.problems]


def play(model: Model, *hits: str, runs: int = 1, fails: tuple[str, ...] = (), works: tuple[str, ...] = ()) -> dict[str, Any]:
    asked = scenario.read(model, hits, fails, works)
    system = compile_model(asked.model)
    return rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=runs, seed=1)).as_dict()


# ----------------------------------------------------------------------------- the words


@pytest.mark.parametrize(
    ("text", "at_h", "name", "how", "lasts_h"),
    [
        ("spark", 0.0, "spark", "arrive", None),
        ("spark after 2h", 2.0, "spark", "arrive", None),
        ("db", 0.0, "db", "break", None),
        ("hold db for 90 min", 0.0, "db", "hold", 1.5),
        ("hall", 0.0, "hall", "hold", None),
        ("hall for 6h", 0.0, "hall", "hold", 6.0),
        ("hall after 1h for 6h", 1.0, "hall", "hold", 6.0),
        ("break hall", 0.0, "hall", "break", None),
        ("destroy  hall after 1 d", 24.0, "hall", "destroy", None),
        ("two words for 1h", 0.0, "two words", "hold", 1.0),
        ("half of two words for 1h", 0.0, "two words", "hold", 1.0),
        ("destroy 20% of hall after 1h", 1.0, "hall", "destroy", None),
    ],
)
def test_a_hit_is_read(hall: Model, text: str, at_h: float, name: str, how: str, lasts_h: float | None) -> None:
    strike = scenario.read(hall, [text]).strikes[0]
    assert (strike.at_h, strike.name, strike.how, strike.lasts_h) == (at_h, name, how, lasts_h)


POOL = """blackstart: 1
domains: {hall: {kind: building}}
hazards: {fire@hall: null}
components:
  db: {in: hall, repair: 2h}
  web: {in: hall, count: 100, repair: {work: 1 min each}}
services: {shop: {needs: {capacity: {web: 100%}, at_least: 50%}}}
"""


@pytest.mark.parametrize(
    ("text", "share", "left"),
    [("20% of web", 0.2, 0.8), ("web의 절반", 0.5, 0.5), ("hold half of web for 2h", 0.5, 0.5), ("30% of hall", 0.3, 0.7),
     ("all of web", 1.0, 0.0)],
)
def test_a_share_of_a_pool_or_of_a_place_is_struck(text: str, share: float, left: float) -> None:
    told = play(load_text(POOL), text)
    assert told["scenario"][0].get("share", 1.0) == pytest.approx(share)
    assert min(level for _, level in told["services"]["shop"]["level"]) == pytest.approx(left)
    name = told["scenario"][0]["hit"]
    for lang, part in (("en", f"{share * 100:.0f} % of {name}"), ("ko", f"{name}의 {share * 100:.0f}%")):
        said = " ".join(report.text(told, lang).replace("\N{NO-BREAK SPACE}", " ").split())
        assert (part in said) is (share < 1.0)


def test_a_share_of_what_has_no_parts_or_that_is_none_is_refused() -> None:
    with pytest.raises(ModelError) as wrong:
        scenario.read(load_text(POOL), ["20% of db", "0% of web", "120% of web", "1.2.3 of web", "half of nothing"])
    assert sorted(codes(wrong)) == ["hit-one-part", "hit-share", "hit-share", "hit-share", "hit-unknown"]
    with pytest.raises(ModelError) as wrong:
        scenario.read(load_text(HALL), ["half of spark"])
    assert codes(wrong) == ["hit-hazard"]


def test_everything_wrong_with_a_scenario_is_said_at_once(hall: Model) -> None:
    with pytest.raises(ModelError) as wrong:
        scenario.read(hall, ["halll", "hold spark", "spark for 2h", "break db for 2h", "hall for lunch"], fails=["gass", "web"])
    assert sorted(codes(wrong)) == sorted(
        ["hit-unknown", "hit-hazard", "hit-hazard", "hit-for", "hit-when", "given-unknown", "given-certain"]
    )
    nearest = {p.code: p.nearest for p in wrong.value.problems}
    assert nearest["hit-unknown"] == "hall" and nearest["given-unknown"] == "gas"
    for lang, words in {"en": "What can go either way here: gas, spare.", "ko": "이 모델에서 정할 수 있는 것: gas, spare."}.items():
        assert words in errors.render(wrong.value.problems, lang)


def test_first_tries_that_fail(hall: Model) -> None:
    """Of a start only, and so many as there can be; in words of either language."""
    for said in ("spare 2 times", "spare 2번"):
        asked = scenario.read(hall, ["spark"], fails=[said])
        assert asked.given == (scenario.Given("component", "spare", False, 2),) and asked.model.components["spare"].start.first_fail == 2
    with pytest.raises(ModelError) as wrong:
        scenario.read(hall, ["spark"], fails=["gas 2 times", "spare 0 times", "spare 100 times"], works=["spare 2 times"])
    assert codes(wrong) == ["given-tries"] * 4
    words = [scenario.read(hall, ["spark"], fails=[f"spare {n}"]).given[0].tries for n in ("once", "twice", "한 번", "두 번")]
    assert words == [1, 2, 1, 2]


def test_the_try_that_worked_is_known_too(hall: Model) -> None:
    """Four failed and the fifth was it: what is known of a day; it was refused as working and failing at once."""
    told = [play(hall, "hold db for 24h", fails=("spare 4 times",), works=("spare",), runs=1 + 19 * many) for many in (0, 1)]
    assert [[e["t_h"] for e in one["timeline"] if e["what"] == "start-failed"] for one in told] == [[0.5, 2.0, 3.5, 5.0]] * 2
    assert {"what": "component", "id": "spare", "works": True} in told[0]["given"]
    assert "Taken to work: spare. Taken to fail: the first 4 tries of spare." in " ".join(report.text(told[0], "en").split())


def test_nothing_both_works_and_fails(hall: Model) -> None:
    with pytest.raises(ModelError) as wrong:
        scenario.read(hall, ["spark"], fails=["gas"], works=["gas"])
    assert codes(wrong) == ["given-both"]


# ----------------------------------------------------------------------------- what they do


def test_a_domain_that_is_hit_is_off_for_its_time_and_undamaged(hall: Model) -> None:
    told = play(hall, "hall for 6h")
    assert told["scenario"] == [{"at_h": 0.0, "hit": "hall", "what": "domain", "how": "hold", "for_h": 6.0}]
    assert told["services"]["shop"]["outages"] == [[0.0, pytest.approx(6 + 1 / 6)]]  # and ten minutes to start
    assert {e["who"] for e in told["timeline"] if e["what"] == "effect-ends"} == {"hall"}
    assert all(not e["who"].startswith(scenario.HIT_PREFIX) for e in told["timeline"])
    assert all(h["id"] == "spark" for h in told["graph"]["hazards"])


def test_a_domain_without_a_time_stays_off(hall: Model) -> None:
    told = play(hall, "hall")
    assert told["services"]["shop"]["never"]
    assert told["services"]["shelf"]["outages"] == [[0.0, pytest.approx(0.5)]]  # the spare outside takes over


def test_a_domain_can_be_broken_instead(hall: Model) -> None:
    broken = HALL.replace("  far:", "  idle: {in: hall}\n  far:").replace("repair: 3h", "repair: 5h")
    told = play(load_text(broken), "break hall")
    assert told["services"]["shop"]["never"]  # nothing says how web is mended
    assert told["states"]["db"][-1][:2] == [5.0, "running"]


@pytest.mark.parametrize(("how", "out_h"), [("works", 0.0), ("fails", 40 + 1 / 6)])
def test_a_barrier_does_as_it_is_given(hall: Model, how: str, out_h: float) -> None:
    told = play(hall, "spark", runs=30, **{how: ("gas",)})
    out = told["services"]["shop"]["quantiles"]["out_h"]
    assert out["10"] == pytest.approx(out_h) and out["90"] == pytest.approx(out_h)
    assert told["given"] == [{"what": "barrier", "id": "gas", "works": how == "works"}]
    assert told["forks"] == [] or told["forks"][0]["id"] != "gas"


def test_a_take_over_that_is_given_to_fail_is_not_tried_again(hall: Model) -> None:
    assert play(hall, "db", works=("spare",))["services"]["shelf"]["outages"] == [[0.0, pytest.approx(0.5)]]
    assert play(hall, "db", fails=("spare",))["services"]["shelf"]["outages"] == [[0.0, pytest.approx(3.0)]]
    failed = [e for e in play(hall, "db", fails=("spare",))["timeline"] if e["what"] == "start-failed"]
    assert len(failed) == 1


def test_other_draws_stay_when_an_outcome_is_given(hall: Model) -> None:
    free, given = play(hall, "db", runs=40), play(hall, "db", runs=40, works=("gas",))
    assert free["services"] == given["services"]


# ----------------------------------------------------------------------------- what it hangs on


def test_the_barrier_that_decides_is_named_with_both_ways(hall: Model) -> None:
    told = play(hall, "spark", runs=200)
    fork = told["forks"][0]
    assert (fork["what"], fork["id"], fork["told"]) == ("barrier", "gas", True)
    works, fails = fork["ways"]
    assert works["share"] + fails["share"] == pytest.approx(1.0) and works["share"] == pytest.approx(2.5 / 4, abs=0.12)
    assert works["all_back_h"]["50"] == 0.0 and fails["all_back_h"]["50"] == pytest.approx(40 + 1 / 6)
    assert told["other"]["yes"] is False
    assert told["other"]["services"]["shop"]["outages"] == [[0.0, pytest.approx(40 + 1 / 6)]]


def test_a_start_that_decides_is_named(hall: Model) -> None:
    told = play(load_text(HALL.replace("repair: 3h", "repair: 300h").replace("retry: 1h", "retry: 50h")), "db", runs=200)
    assert (told["forks"][0]["what"], told["forks"][0]["id"]) == ("start", "spare")


def test_an_effect_with_a_chance_that_decides_is_named(hall: Model) -> None:
    text = HALL.replace("{unless: gas, hold: hall, until: out}", "{chance: 30%, hold: hall, until: out}")
    told = play(load_text(text), "spark", runs=200)
    fork = told["forks"][0]
    assert (fork["what"], fork["id"], fork["detail"]["op"], fork["detail"]["targets"]) == ("effect", "spark", "hold", ["hall"])
    assert fork["told"] is False and told["other"]["yes"] is True


def test_without_a_fork_none_is_told(hall: Model) -> None:
    told = play(hall, "hall for 6h", runs=100)
    assert told["forks"] == [] and told["other"] is None


def test_rank_sums_as_in_the_closed_form() -> None:
    """Without ties the statistic is (R - n(N+1)/2) / sqrt(nm(N+1)/12); [1,2,3] against [4,5,6,7] has R = 6."""
    score = branches.rank_sum_score(np.array([1.0, 2, 3]), np.array([4.0, 5, 6, 7]))
    assert score == pytest.approx((6 - 12) / np.sqrt(3 * 4 * 8 / 12))
    assert branches.rank_sum_score(np.ones(4), np.ones(5)) == 0.0
    tied = branches.rank_sum_score(np.array([1.0, 1, 2]), np.array([2.0, 3, 3]))  # scipy.stats.mannwhitneyu, without continuity
    from scipy.stats import mannwhitneyu

    p = mannwhitneyu([1, 1, 2], [2, 3, 3], method="asymptotic", use_continuity=False).pvalue
    from scipy.stats import norm

    assert 2 * norm.sf(abs(tied)) == pytest.approx(p)


# ----------------------------------------------------------------------------- limits of the business


def test_what_goes_round_without_end_is_not_told_as_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was out at the limit of events was told as back at that time: no test had met the limit in a rehearsal."""
    text = examples.path("mechanisms/m10-retry-storm").read_text(encoding="utf-8").replace("after: 30 min", "after: 20 min")
    monkeypatch.setattr(simulate, "COURSE_EVENTS", 500)
    for runs in (1, 3):
        told = play(load_text(text), "db-lost", runs=runs)
        assert told["outcome"] == {"state": "stopped", "reasons": ["never-rests"]}
        for service in told["services"].values():
            assert service["never"] and service["back_at_h"] is None
            assert service["quantiles"] is None or service["quantiles"]["never_share"] == 1.0
    assert "never comes to rest" in report.text(told, "en") and "가라앉지 않습니다" in report.text(told, "ko")
    asked = scenario.read(load_text(text), ("db-lost",))
    system = compile_model(asked.model)
    many = rehearsal.play(asked, system, runs=3, seed=1).many
    assert many is not None and np.isinf(branches.all_back_h(system, many)).all()  # a median of days was told where it is "never"


def test_what_is_cut_off_in_an_assessment_is_not_told_as_nothing_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    text = examples.path("mechanisms/m10-retry-storm").read_text(encoding="utf-8").replace("after: 30 min", "after: 20 min")
    monkeypatch.setattr(simulate, "COURSE_EVENTS", 500)
    model = load_text(text)
    system, study = compile_model(model), simulate.Study(worlds=4, samples=20, method="episodes")
    told = results.assessment(model, system, simulate.assess(system, study), study).as_dict()
    assert told["stuck"]["per_year"] == 0.0 and told["stuck"]["cut_per_year"] > 0.0
    for lang, cut, nothing in (("en", "Cut off at the limit", "Nothing was ever stuck"), ("ko", "도중에 끊은 경과", "못한 적이 없습니다")):
        for view in (report.text(told, lang), report.page(told, lang)):
            assert cut in view and nothing not in view and "everything can be started again" not in view


def test_a_course_that_never_rests_is_stopped_soon() -> None:
    """It ran for two million events: the limit was made for years of large systems, and no test had met it."""
    model = load_text("blackstart: 1\ncomponents: {a: {repair: 1h, start: {takes: 1 h, works: 0%}}}\nservices: {s: {needs: a}}")
    system = compile_model(model)
    story = simulate.rehearse(system, [simulate.Hit(0.0, False, 0)])
    assert simulate.COURSE_EVENTS < story.path[3] < simulate.COURSE_EVENTS + 1000


def test_limits_are_kept_or_missed(hall: Model) -> None:
    shop = play(hall, "hall for 6h", runs=50)["services"]["shop"]["tolerance"]
    assert shop["rto"] == {"hours": 2.0, "reached_h": pytest.approx(6 + 1 / 6), "met": False, "missed_share": 1.0}
    assert shop["mtpd"]["met"] and shop["mtpd"]["missed_share"] == 0.0 and shop["rpo"] is None
    assert play(hall, "hall for 6h")["services"]["shelf"]["tolerance"] is None


DATA = """blackstart: 1
components:
  db: {repair: 3h, data: {backup: {every: 24h, kept: vault, restore: 1h}}}
  log: {repair: 1h, data: {backup: {every: 1h, kept: vault, restore: 1h}}}
  vault: {}
services:
  shop: {needs: [db], users: 1, tolerance: {rpo: 6h}}
  audit: {needs: [log], users: 1, tolerance: {rpo: 6h}}
"""


def test_the_recovery_point_is_held_against_the_data_a_service_stands_on() -> None:
    told = play(load_text(DATA), "destroy db", "destroy log", runs=400)["services"]
    assert told["shop"]["tolerance"]["rpo"]["reached_h"] == pytest.approx(12.0)  # the middle of a day, typical
    assert not told["shop"]["tolerance"]["rpo"]["met"] and told["audit"]["tolerance"]["rpo"]["met"]
    # uniform between 0 and 24 h: 18 of 24 hours miss 6 h; 400 runs, four standard errors
    assert told["shop"]["tolerance"]["rpo"]["missed_share"] == pytest.approx(0.75, abs=4 * np.sqrt(0.75 * 0.25 / 400))
    assert told["audit"]["tolerance"]["rpo"]["missed_share"] == 0.0


def test_what_is_waited_for_is_named_also_where_it_stands_by() -> None:
    """A standby at rest never stopped, so nothing of it is in the trace. (Once: "waiting for something it needs".)"""
    model = load_text("""blackstart: 1
components:
  a: {repair: 5h}
  warm: {standby: {for: a}, start: {takes: 1h}}
  db: {start: {needs: warm, takes: 10min}}
services: {shop: {needs: [db], users: 10}}
""")
    waits = [e for e in play(model, "hold db for 1h")["timeline"] if e["what"] == "waits" and e["who"] == "db"]
    assert [e["detail"]["ref"] for e in waits if e["detail"]["why"] == "wait-start-need"] == ["warm"]


CALLED = """blackstart: 1
components:
  tools: {repair: 9h}
  hands: {standby: {for: tools}, start: {takes: 1h, works: 40%, retry: 1h}}
services: {shop: {needs: {any: [tools, hands]}}}
"""


def test_what_was_not_up_does_not_stop() -> None:
    """A standby that is called, and one whose start has failed, were told as stopping: every state of waiting was."""
    model = load_text(CALLED)
    steps = [(row["what"], row["who"]) for row in play(model, "tools")["timeline"]]
    assert ("start-failed", "hands") in steps and ("called", "hands") in steps and ("runs", "hands") in steps
    assert [who for what, who in steps if what == "falls"] == ["shop"]


STUCK = """
blackstart: 1
barriers: {pump: {works: 60%}}
components:
  keys: {repair: {takes: 1h, needs: login}}
  login: {needs: keys}
  a: {repair: 1h}
  main: {needs: a}
  spare: {standby: {for: main}, start: {detect: 10min, takes: 20min}}
  way: {needs: {any: [main, spare]}}
  b: {repair: {takes: 30min, needs: way}}
hazards:
  flood: {rate: 1/yr, effects: [{break: a}, {break: b}, {unless: pump, break: keys}]}
services: {s: {needs: login}, t: {needs: b}}
"""


def test_the_other_course_says_why_it_never_ends_and_a_standby_what_it_stands_in_for():
    result = play(load_text(STUCK), "flood", runs=50)
    said = " ".join(report.text(result, "en").split())
    other = said[said.index("THE OTHER WAY") : said.index("WHAT EACH RECOVERY")]
    assert "s never comes back: waiting for login, which waits for keys, which waits for login." in other
    assert "Stuck at the end of this rehearsal: keys, login and s." in other
    assert "spare starting, in place of main, which is waiting for a to run" in said
    assert "waiting for login" in report.page(result, "en")
    assert "main을 대신함. main은 a 가동을 기다림" in " ".join(report.text(result, "ko").split())


def test_a_chain_of_waits_ends_with_what_its_last_link_waits_for():
    """Only the other course is stuck, and no needs go in a circle: that is not told as if all could be started again."""
    result = play(load_text(STUCK.replace("keys: {repair: {takes: 1h, needs: login}}", "keys: {}")), "flood", runs=50)
    said = " ".join(report.text(result, "en").split())
    assert "waiting for login, which waits for keys (keys: broken, and nothing says how it is repaired)." in said
    assert "No circle of needs was found." in said and "everything can be started again" not in said


def test_what_one_minute_says_twice_is_told_once():
    """The effect tells of both breakdowns; `a` waits for nobody, and its repair begins at once."""
    said = report.text(play(load_text(STUCK), "flood", runs=50), "en")
    assert "flood breaks: a and b" in said and "Breaks:" not in said


EITHER = """
blackstart: 1
components:
  a: {repair: {takes: 1h, needs: gone}}
  b: {repair: {takes: 1h, needs: gone}}
  gone: {}
  hall: {needs: {any: [a, b]}}
  half: {needs: {capacity: {a: 50%, b: 50%}, at_least: 50%}}
  most: {needs: {capacity: {a: 50%, b: 50%}, at_least: 80%}}
  part: {needs: {capacity: {other: 70%, a: 30%}, at_least: 10%}}
  other: {}
services: {s: {needs: hall}, t: {needs: half}, u: {needs: most}, v: {needs: part, tolerance: {serves: 90%}}}
hazards: {storm: {strikes: [a, b, gone], rate: 1/yr}}
"""


def test_what_waits_for_either_of_two_names_both():
    """One of them was named, as if the other would not do; and what runs but never serves enough waited for "something"."""
    result = play(load_text(EITHER), "storm", runs=1)
    waits = {e["who"]: e["detail"] for e in result["timeline"] if e["what"] == "waits" and e["who"] in ("hall", "half", "most")}
    assert (waits["hall"]["ref"], waits["hall"]["or"]) == (waits["half"]["ref"], waits["half"]["or"]) == ("a", ["b"])
    assert waits["most"]["ref"] == "a" and "or" not in waits["most"]  # it takes both
    said = " ".join(report.text(result, "en").split())
    assert "waiting for hall, which waits for a or b, which waits for gone (gone: broken, and nothing says how it is repaired)." in said
    assert "v never comes back: waiting for a, which waits for gone" in said
    assert "hall → a 또는 b → gone" in " ".join(report.text(result, "ko").split())


def test_a_start_that_fails_for_good_waits_for_no_next_try():
    """It was said to pause before the next try, for ever; and what it cost by then was told as what it costs."""
    text = CALLED.replace("shop: {needs:", "shop: {loss: 1 KRW/h, needs:").replace("{repair: 9h}", "{}")
    result = play(load_text(text), "tools", fails=("hands",))
    said = " ".join(report.text(result, "en").split())
    assert "Taken to fail: hands (not tried again)." in said and "hands: start failed, and is not tried again" in said
    assert "All in all it costs at least" in said and "alone." in said and "pause before" not in said
    assert "What nothing in the model brings back:" in said and "hands (start failed, and is not tried again)." in said


def test_a_course_at_the_end_of_its_runs_says_so_and_stretches_are_counted() -> None:
    """Told was the first of several tries, back sooner than most that fail; and four outages were "for 13 h 10 min"."""
    text = """blackstart: 1
components: {core: {repair: 1h, start: {takes: 4h, works: 40%, retry: 1h}}}
services: {play: {needs: core, users: 1000}}
"""
    model = load_text(text)
    asked = scenario.read(model, ["core"])
    system = compile_model(asked.model)
    result = rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=200, seed=1)).as_dict()
    sooner, later = result["forks"][0]["told_among"]
    assert sooner == 0.0 and later == pytest.approx(0.6, abs=0.2)  # the second try fails in 60 %: 0.2 is four standard errors and more
    said = " ".join(report.text(result, "en").split())
    assert "The course told is back sooner than" in said and re.search(r"Where it starts \(\d\d ± \d % of the runs\)", said)
    flaps = text.replace("works: 40%, retry: 1h", "works: 100%") + """hazards:
  h: {strikes: core, rate: 1/yr, effects: [{break: core}, {after: 10h, break: core}, {after: 20h, break: core}]}
"""
    told = play(load_text(flaps), "h")
    assert "for 15 h in 3 stretches." in " ".join(report.text(told, "en").replace("\N{NO-BREAK SPACE}", " ").split())
    assert "3번에 걸쳐 15시간 동안" in " ".join(report.text(told, "ko").split())


@pytest.mark.parametrize(("hits", "en", "ko"), [
    (("storm", "flood"), "The overlap of storm and flood stops s", "storm, flood의 겹침으로 s가"),
    (("a", "b"), "Failure of a and b stops s", "a, b 고장으로 s가"),
])  # fmt: skip
def test_several_that_strike_together_are_one_thing(hits: tuple[str, ...], en: str, ko: str) -> None:
    """"streaming, nodes-grown and evening stops play"."""
    model = load_text("""blackstart: 1
components: {a: {repair: 1h}, b: {repair: 2h}}
services: {s: {needs: [a, b]}}
hazards: {storm: {strikes: a, rate: 1/yr}, flood: {strikes: b, rate: 1/yr}}
""")
    told = play(model, *hits)
    assert report.text(told, "en").splitlines()[2].startswith(en)
    assert report.text(told, "ko").splitlines()[2].startswith(ko)
