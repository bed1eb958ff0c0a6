"""Promised uptimes: how they are written, what is asked instead, what is counted against them, what is said."""

from __future__ import annotations

import re

import pytest

from blackstart import report
from blackstart.checks import check
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study, assess
from blackstart.errors import ModelError, hint, what
from blackstart.language.load import apply, dump, load_text
from blackstart.numerals import BadValue
from blackstart.planning.judge import Judge
from blackstart.planning.plan import Asked, plan
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.report.trace import trace
from blackstart.studies.results import assessment
from blackstart.uptime import read_uptime

SHOP = """
blackstart: 1
components: {{db: {{fails: 6/yr, repair: "exponential(mean=20min)"}}}}
services: {{shop: {{needs: db, users: 10, label: {{en: the shop, ko: 쇼핑}}, tolerance: {tolerance}}}}}
"""


def told(tolerance: str, worlds: int = 60, samples: int = 100, method: str = "episodes") -> dict:
    model = load_text(SHOP.format(tolerance=tolerance))
    system = compile_model(model)
    study = Study(worlds=worlds, samples=samples, method=method)
    return assessment(model, system, assess(system, study), study).as_dict()


@pytest.mark.parametrize(
    ("text", "share", "window_h", "of"),
    [
        ("99.95% per month", 0.9995, 730, None), ("99.95 % a month", 0.9995, 730, None), ("99.95%/mo", 0.9995, 730, None),
        ("99.9% monthly in 90% of months", 0.999, 730, 0.9), ("99.9% per 28 d", 0.999, 672, None), ("99% per week", 0.99, 168, None),
        ("99.9% per rolling month", 0.999, 730, None), ("three nines a year in 3 of 4 years", 0.999, 8760, 0.75),
        ("3.5 nines per quarter", 0.9995, 2190, None), ("월 99.95%", 0.9995, 730, None), ("한 달에 99.95%", 0.9995, 730, None),
        ("분기 99.9% 90%의 분기에서", 0.999, 2190, 0.9), ("28일에 99.9%", 0.999, 672, None),
    ],
)  # fmt: skip
def test_a_promise_is_read_as_people_write_it(text: str, share: float, window_h: float, of: float | None) -> None:
    one = read_uptime(text)
    assert (one.share, one.window_h, one.of_windows) == (pytest.approx(share), window_h, of)


@pytest.mark.parametrize(
    ("text", "code", "instead"),
    [
        ("99.95%", "uptime-no-window", "99.95% per month"), ("three nines", "uptime-no-window", "99.9% per month"),
        ("99.95", "uptime-no-percent", "99.95% per month"), ("0.9995 per month", "uptime-no-percent", "99.95% per month"),
        ("43 min per month", "uptime-is-budget", "99.902% per month"),
        ("100% per month", "uptime-all", ""), ("0% per month", "uptime-none", ""),
        ("99.9% per second", "uptime-window", ""), ("99.9% per month in 100% of months", "uptime-windows", ""), ("high", "bad-uptime", ""),
    ],
)  # fmt: skip
def test_what_is_no_promise_is_answered_with_what_to_write(text: str, code: str, instead: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_uptime(text)
    assert caught.value.code == code
    with pytest.raises(ModelError) as wrong:
        load_text(SHOP.format(tolerance=f"{{uptime: {text}}}"))
    (problem,) = wrong.value.problems
    assert problem.code == code and all(what(problem, lang) and hint(problem, lang) for lang in ("en", "ko"))
    assert instead in hint(problem, "en")


@pytest.mark.parametrize(
    ("tolerance", "code"),
    [
        ("99.95% per month", "tolerance-uptime"), ("43 min per month", "uptime-is-budget"), ("99.9%", "tolerance-share"),
        ("three nines", "uptime-no-window"), ("{rto: 99.9% per month}", "tolerance-uptime"), ("{serves: 99.9% a year}", "tolerance-uptime"),
        ("{rto: 43 min per month}", "uptime-is-budget"), ("{at_most: {43 min per month: 1/yr}}", "uptime-is-budget"),
    ],
)  # fmt: skip
def test_a_promise_in_the_wrong_place_is_sent_to_the_right_one(tolerance: str, code: str) -> None:
    with pytest.raises(ModelError) as wrong:
        load_text(SHOP.format(tolerance=tolerance))
    (problem,) = wrong.value.problems
    assert problem.code == code and all("uptime: " in hint(problem, lang) or code == "uptime-no-window" for lang in ("en", "ko"))


@pytest.mark.parametrize(
    "text", ["tolerance: {uptime: 99.9% a year}", "services: {s: {slo: 99.9%}}", "services: {s: {tolerance: {availability: 99.9%}}}"]
)
def test_by_another_name_or_at_another_place_it_is_sent_to_its_own(text: str) -> None:
    with pytest.raises(ModelError) as wrong:
        load_text(f"blackstart: 1\n{text}\n")
    (problem,) = wrong.value.problems
    assert problem.code == "uptime-place" and all("tolerance: {uptime: " in hint(problem, lang) for lang in ("en", "ko"))


@pytest.mark.parametrize(
    ("tolerance", "code"),
    [("{uptime: 0.9995% per month}", "uptime-low"), ("{uptime: 99.95% per month, rto: 1h}", "uptime-under-rto"),
     ("{uptime: 99.95% per month, rto: 20 min}", None)],
)  # fmt: skip
def test_a_promise_that_cannot_be_meant_is_told(tolerance: str, code: str | None) -> None:
    found = [p for p in check(load_text(SHOP.format(tolerance=tolerance))) if p.code.startswith("uptime")]
    assert [p.code for p in found] == ([code] if code else [])
    assert code != "uptime-low" or found[0].nearest == "99.95% per month"


def test_a_promise_is_part_of_the_system_and_lives_in_the_file() -> None:
    texts = ["{}", "{uptime: 99.9% per month}", "{uptime: 99.9% per month in 90% of months}", "{uptime: [99.9% per month, 99.8% per year]}"]
    models = [load_text(SHOP.format(tolerance=t)) for t in texts]
    assert len({compile_model(m).digest for m in models}) == 4
    assert all(load_text(dump(m)) == m for m in models)
    assert [d.value for d in models[1].defaults if "uptime" in d.path] == ["95%"]
    assert models[1].services[0].tolerance.uptime[0].of_windows == 0.95


def test_the_expected_share_of_the_budget_is_the_time_out() -> None:
    row = told("{uptime: [99.95% per month, 99.95% per year]}")["services"]["shop"]
    for one in row["uptime"]:
        assert one["burnt"]["value"] == pytest.approx(row["downtime_h_per_year"]["value"] / (0.0005 * 8760))
    assert [one["state"] for one in row["uptime"]] == ["outside", "inside"]


def test_played_years_and_episodes_agree() -> None:
    """Each within five standard errors of the other: it fails by chance less than once in a million seeds."""
    rows = [told("{uptime: 99.95% per month}", 200, 20, method)["services"]["shop"] for method in ("episodes", "years")]
    a, b = (row["uptime"][0]["kept_share"] for row in rows)
    assert a["value"] == pytest.approx(b["value"], abs=5 * (a["standard_error"] ** 2 + b["standard_error"] ** 2) ** 0.5 + 1e-3)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", ("99.95 % a month", "of months", "21.9 min")), ("ko", ("월 99.95%", "전체 달의", "21.9분"))]
)
def test_it_is_said_in_words_in_the_table_and_on_the_page(lang: str, words: tuple[str, ...]) -> None:
    result = told("{uptime: 99.95% per month}")
    text = " ".join(report.text(result, lang).replace("\u00a0", " ").split())
    page = re.sub(r"<[^>]*>", "", report.page(result, lang)).replace("\u00a0", " ")
    assert all(word in text and word in page for word in words)
    assert "SLO" in text and "uptime" not in told("{}")["services"]["shop"]


def test_a_promise_is_an_input_with_its_line() -> None:
    result = told("{uptime: [99.95% per month, 99.9% per year]}")
    rows = [row for row in result["grounds"]["inputs"] if "uptime" in row["path"]]
    assert [(row["path"], row["line"]) for row in rows] == [(f"components.shop.tolerance.uptime[{n}]", 4) for n in (0, 1)]
    for lang, words in (("en", "uptime promised of the shop"), ("ko", "쇼핑이 약속한 가동률")):
        origins = Origins(Names(result, lang), result)
        assert [(origins.named(row), origins.value(row)) for row in rows] == [(words, "99.95% per month"), (words, "99.9% per year")]
    traced = trace(result, "services.shop.uptime.1.kept_share")
    assert traced["number"]["kind"] == "percent" and traced["section"] == "uptime"
    assert [row["path"] for row in traced["inputs"]][0].startswith("components.shop.tolerance.uptime")


PLAN = """
blackstart: 1
components: {db: {fails: 6/yr, repair: 30min..90min}, net: {fails: 0.5/yr, repair: 2h}}
services: {shop: {needs: [db, net], users: 10, loss: 1000 USD/h, tolerance: {uptime: 99.95% per month in 90% of months}}}
defences:
  faster: {costs: {once: 5000 USD}, change: {components: {db: {repair: 5min..15min}}}}
  better-db: {costs: {once: 12000 USD}, change: {components: {db: {fails: 0.3/yr}}}}
  two-nets: {costs: {once: 90000 USD}, change: {components: {net: {fails: 0.05/yr}}}}
"""


def test_what_a_plan_says_of_a_promise_is_what_an_assessment_says() -> None:
    """For each portfolio, within five standard errors of both: by chance less than once in a million seeds."""
    model, study = load_text(PLAN), Study(worlds=40, samples=40, depth=2)
    judge = Judge(model, list(model.defences), study)
    for names in ((), ("faster",), ("faster", "better-db"), ("two-nets",)):
        (verdict,) = judge([frozenset(names)])
        changed = apply(model, names)
        system = compile_model(changed)
        told = assessment(changed, system, assess(system, study), study).as_dict()["services"]["shop"]["uptime"][0]["kept_share"]
        error = verdict.broken.std(ddof=1) / verdict.broken.size**0.5 + told["standard_error"]
        assert 1.0 - verdict.broken.mean() == pytest.approx(told["value"], abs=5 * error + 1e-3), names


@pytest.mark.parametrize(("lang", "words"), [("en", "99.95 % a month, in 90 % of months"), ("ko", "월 99.95%, 전체 달의 90%에서")])
def test_the_cheapest_way_to_keep_a_promise_is_told(lang: str, words: str) -> None:
    """Of all eight portfolios the cheapest that keeps it, by an assessment of each."""
    model = load_text(PLAN)
    result = plan(model, Asked(fresh=(40, 40)), Study(worlds=40, samples=40, depth=1)).as_dict()
    kept = result["reading"]["tolerance"]["kept_by"]
    assert kept["with"] == ["faster"] and kept["cost"] == 5000 and kept["state"] == "proven"
    (row,) = result["reading"]["tolerance"]["rows"]
    assert row["now"]["value"] < 0.7 and (row["share"], row["of_windows"]) == (0.9995, 0.9)
    assert words in " ".join(report.text(result, lang).replace("\u00a0", " ").split())
