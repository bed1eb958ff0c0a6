"""The quiet years: what nobody noticed and why, what each protection is worth, what cuts cost; against closed forms.

Tolerances are five standard errors or more, so each statistical test fails by chance less than once in a million seeds.
"""

from __future__ import annotations

import json

import jsonschema
import pytest
from click.testing import CliRunner

from blackstart import report
from blackstart.cli import main
from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.planning.quiet import protections, quiet

STUDY = Study(worlds=40, samples=400, threads=1)


def asked(text: str, study: Study = STUDY) -> dict:
    return quiet(load_text("blackstart: 1\n" + text), study).as_dict()


def by(result: dict, what: str, name: str) -> dict:
    return next(p for p in result["protections"] if (p["what"], p["id"]) == (what, name))


K_OF_N = """
components:
  a: &unit {fails: 0.001/h, repair: {takes: exponential(mean=10h), people: 1 crew}}
  b: *unit
  c: *unit
  d: *unit
  e: *unit
teams: {crew: {people: 2}}
services: {plant: {needs: {at_least: 3, of: [a, b, c, d, e]}, tolerance: {serves: 1%}}}
defences:
  one-repairer: {costs: {yearly: -100 KRW}, change: {teams: {crew: {people: 1}}}}
"""


def test_one_repairer_instead_of_two_is_four_times_the_downtime_with_the_same_hardware() -> None:
    """3 of 5 identical units, failure 0.001/h, repair 0.1/h (birth-death chain): unavailability 1.441535e-5 with two repairers,
    5.818293e-5 with one: × 4.036; as often 0.025004 → 0.049959 a year: × 1.998; each as long 5.0503 → 10.2020 h: × 2.020."""
    cut = asked(K_OF_N, Study(worlds=40, samples=2500, threads=1))["cuts"][0]
    assert cut["downtime_times"] == pytest.approx(4.036, rel=0.08)
    assert cut["outages_times"] == pytest.approx(1.998, rel=0.08)
    assert cut["length_times"] == pytest.approx(2.020, rel=0.08)
    assert (cut["service"], cut["saves_per_year"]) == ("plant", 100.0)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "Down time of plant: 4"), ("ko", "나머지는 모두 그대로인데 plant의 정지 시간은 4")],
)
def test_the_arithmetic_of_a_cut_is_a_sentence(lang: str, words: str) -> None:
    text = report.text(asked(K_OF_N, Study(worlds=40, samples=2500, threads=1)), lang)
    assert words in " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize(("lang", "words"), [("en", "the expected loss falls by"), ("ko", "연간 기대 손실도")])
def test_a_cut_that_takes_away_a_need_does_not_add_a_negative_loss(lang: str, words: str) -> None:
    result = asked("""
currency: USD
components: {a: {fails: 10/yr, repair: 10h}, b: {fails: 1/yr, repair: 10h}}
services: {shop: {needs: [a, b], loss: 1000 USD/h}}
defences: {less: {costs: {yearly: "-100 USD"}, change: {services: {shop: {needs: [b]}}}}}
""")
    text = " ".join(report.text(result, lang).replace("\N{NO-BREAK SPACE}", " ").split())
    assert words in text and "about -" not in text


def test_a_misfortune_that_only_costs_money_is_not_noticed_and_one_that_loses_data_is() -> None:
    """Power goes twice a year for 30 min, ridden through, and costs 100 KRW; a disk of a pair is destroyed once in 2 years, and
    with it 5 s of writes. Every hazard with a price was taken for one that a service felt: no test had a hazard with both."""
    result = asked("""
components:
  gen: {}
  d1: {data: {copies: [d1, d2], lag: 5 s}, repair: 1h}
  d2: {repair: 1h}
hazards:
  power: {rate: 2/yr, effects: [{hold: gen, for: 30 min}], costs: 100 KRW}
  crash: {rate: 0.5/yr, effects: [{destroy: d1}]}
services:
  shop: {needs: [gen], rides: 1h, loss: 1000 KRW/h}
  mail: {needs: {any: [d1, d2]}, loss: 1000 KRW/h}
""")
    assert [row["id"] for row in result["initiators"]] == ["power"]
    assert [(b["what"], b["id"], b["share"]) for b in result["initiators"][0]["by"]] == [("ride", "shop", 1.0)]
    noticed = result["noticed_per_year"]
    assert result["absorbed_per_year"]["value"] == pytest.approx(2.0, rel=0.01)
    assert noticed["value"] == pytest.approx(0.5, abs=max(0.01, 5 * noticed["standard_error"]))


def test_what_stands_on_two_is_not_noticed() -> None:
    """Two units, 1 failure a year each, 10 h: 2 a year come, and all but 2 × 10/8760 of them pass unnoticed."""
    result = asked("""
components: {a: {fails: 1/yr, repair: 10h}, b: {fails: 1/yr, repair: 10h}}
services: {shop: {needs: {any: [a, b]}}}
""")
    assert result["absorbed_per_year"]["value"] == pytest.approx(2.0, rel=0.01)
    assert result["noticed_per_year"]["value"] == pytest.approx(2 * 10 / 8760, rel=0.2)
    assert [row["by"] for row in result["initiators"]] == [[{"what": "redundancy", "id": "shop", "share": 1.0}]] * 2
    alone = by(result, "redundancy", "shop")
    assert alone["stood_per_year"] == pytest.approx(2.0, rel=0.01)
    assert alone["hours_added"]["value"] == pytest.approx(20.0, rel=0.02)  # both needed: 2 a year, 10 h each


def test_a_barrier_that_works_is_counted_and_worth_what_it_stops() -> None:
    """10 arrivals a year, 80 % stopped, 3 h each of the others: 8 unnoticed; without the barrier 24 h more."""
    result = asked("""
components: {a: {}}
domains: {site: {}}
barriers: {guard: {works: 80%}}
hazards: {bad-change: {strikes: a, rate: 20/yr, chance: 50%, effects: [{unless: guard, hold: a, until: 3h}]}}
services: {shop: {needs: a, loss: "100 KRW/h"}}
""")
    assert result["absorbed_per_year"]["value"] == pytest.approx(8.0, rel=0.05)
    assert result["noticed_per_year"]["value"] == pytest.approx(2.0, rel=0.2)
    guard = by(result, "barrier", "guard")
    assert guard["loss_added"]["value"] == pytest.approx(2400, rel=0.05)
    assert guard["downtime_times"] == pytest.approx(5.0, rel=0.2)


def test_riding_standing_by_spares_and_tests() -> None:
    result = asked("""
components:
  feed:    {fails: 4/yr, repair: 30min}
  battery: {needs: feed, rides: 1h}
  first:   {fails: 1/yr, repair: {takes: 10h, spare: {stock: 1, lead: 90h}}}
  second:  {standby: {for: first}, start: 1h, hidden: 1/yr, tested: 1 month, repair: 5h}
services:
  lamp: {needs: battery}
  shop: {needs: {any: [first, second]}}
""")
    feed = next(row for row in result["initiators"] if row["id"] == "feed")
    assert feed["by"] == [{"what": "ride", "id": "battery", "share": 1.0}]
    assert feed["absorbed_per_year"]["value"] == pytest.approx(4.0, rel=0.02)
    assert by(result, "ride", "battery")["hours_added"]["value"] == pytest.approx(2.0, rel=0.02)  # 4 × 30 min
    q = 1 / 24  # a hidden fault at 1 a year, a test every month, is there with about a twenty-fourth
    assert by(result, "standby", "second")["hours_added"]["value"] == pytest.approx(10.0 - ((1 - q) * 1.0 + q * 6.0), rel=0.1)
    assert by(result, "tests", "second")["hours_added"]["value"] > 0.5  # q grows to about a third
    assert by(result, "spares", "first")["hours_added"]["value"] == pytest.approx(0.0, abs=4.0)
    assert "people" not in {p["what"] for p in result["protections"]}


def test_a_team_keeps_what_its_largest_job_asks_for() -> None:
    model = load_text("""blackstart: 1
components: {a: {fails: 1/yr, repair: {takes: 1h, people: 4 crew}}}
teams: {crew: {people: 6, on_call: 5}}
services: {shop: {needs: a}}
""")
    less = dict(protections(model, {}))["people", "crew"].teams["crew"]
    assert (less.people, less.on_call) == (4, 3)


def test_what_nothing_needs_is_not_called_a_protection() -> None:
    result = asked("components: {chat: {fails: 6/yr, repair: 1h}, a: {fails: 1/yr, repair: 1h}}\nservices: {shop: {needs: a}}\n")
    chat = next(row for row in result["initiators"] if row["id"] == "chat")
    assert chat["by"] == [{"what": "unneeded", "id": "", "share": 1.0}] and result["protections"] == []
    assert "nothing that ran needed it" in report.page(result, "en")


def test_where_nothing_passes_unnoticed_it_is_said() -> None:
    result = asked("components: {a: {fails: 1/yr, repair: 1h}}\nservices: {shop: {needs: a}}\n")
    assert result["initiators"] == [] and "No misfortune of this model passes unnoticed" in report.text(result, "en")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_command_every_view_and_the_schema(lang: str) -> None:
    asked = ["quiet", "startup", "--worlds", "20", "--samples", "40", "--with", "restore-drill"]
    done = CliRunner().invoke(main, [*asked, "--format", "json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    assert {c["id"] for c in result["cuts"]} == {"halve-on-call"}  # the other cannot stand beside the drill
    text = report.text(result, lang)
    assert max(len(line) for line in text.splitlines()) <= 100
    for view in (text, report.page(result, lang), report.markdown(result, lang)):
        assert {"en": "what nobody noticed", "ko": "아무도 모르고 지나간 것"}[lang] in view.lower()


def test_a_model_in_which_nothing_happens_says_so() -> None:
    model = load_text('blackstart: 1\ncomponents: {db: {repair: 1h}}\nservices: {shop: {needs: db, loss: "1,000 KRW/h"}}\n')
    told = quiet(model, Study(worlds=4, samples=4)).as_dict()
    for lang, wanted in {"en": "Nothing ever happens in this model", "ko": "이 모델에서는 아무 일도 일어나지 않습니다"}.items():
        assert wanted in " ".join(report.text(told, lang).split())


STUCK = """
components:
  line: {fails: 1/yr, repair: {takes: 2h, needs: phones}}
  phones: {needs: {any: [line, radio]}, start: 5min}
  radio: {standby: {for: line}, start: 5min}
services: {shop: {needs: line, loss: "1,000 KRW/h"}}
"""


@pytest.mark.parametrize(("lang", "head", "below"), [
    ("en", "Most of that hangs on an assumption:", "Something never comes back by itself without radio standing by"),
    ("ko", "이 값은 대부분 가정에 달려 있습니다.", "없으면 스스로 돌아오지 못하는 것이 생깁니다."),
])  # fmt: skip
def test_what_is_only_the_assumed_rescue_says_so(lang: str, head: str, below: str) -> None:
    """Without the radio nobody can call who mends the line: each failure then lasts 90 days in place of 2 h."""
    result = asked(STUCK)
    jsonschema.validate(json.loads(json.dumps(result)), report.schema())
    best = result["protections"][0]
    assert (best["what"], best["id"]) == ("standby", "radio") and best["rescued_share"] == pytest.approx(1.0, abs=0.002)
    assert best["loss_added"]["value"] > 1000 * 24 * 60
    text = " ".join(report.text(result, lang).split())
    assert head in text and below in text


def test_the_end_of_a_band_that_is_only_noise_is_nothing() -> None:
    result = asked(STUCK)
    result["protections"][0]["loss_added"] |= {"value": 2e6, "standard_error": 1e5, "band": [-2.7, 3.5e6]}
    assert "(0 KRW to 3.5 m KRW depending on inputs)" in " ".join(report.text(result, "en").split())
