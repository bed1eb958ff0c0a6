"""Signed curves of risk: how they are written, what is counted against them, what is said.

Expected numbers are worked out by hand. Tolerances are five standard errors or more, so each statistical test fails by chance less
than once in a million seeds.
"""

from __future__ import annotations

import math
import re

import pytest

from blackstart import report
from blackstart.checks import check
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study, assess
from blackstart.errors import ModelError
from blackstart.language.load import dump, load_text
from blackstart.studies.results import assessment

SHOP = """
blackstart: 1
tolerance: {{at_most: {firm}}}
components: {{db: {{fails: 0.5/yr, repair: "exponential(mean=10h)"}}}}
hazards: {{fine: {{strikes: db, rate: 0.01/yr, costs: 5 m KRW, effects: [{{hold: db, for: 1h}}]}}}}
services: {{shop: {{needs: db, loss: "1,000 KRW/h", label: {{en: the shop, ko: 쇼핑}}, tolerance: {{at_most: {shop}}}}}}}
"""


def written(firm: str = "{}", shop: str = "{}") -> str:
    return SHOP.format(firm=firm, shop=shop)


def told(text: str, worlds: int = 60, samples: int = 100) -> dict:
    model = load_text(text)
    system = compile_model(model)
    study = Study(worlds=worlds, samples=samples)
    return assessment(model, system, assess(system, study), study).as_dict()


def test_a_curve_has_times_and_money_the_mildest_first() -> None:
    model = load_text(written("{2 m KRW: 1 per 50 yr, 1 day: 0.1/yr, 4h: 2/yr}", "{24h: 100년에 한 번꼴}"))
    points = [(p.measure, p.amount, p.per_year) for p in model.tolerance.at_most]
    assert points == [("hours", 4, 2), ("hours", 24, 0.1), ("loss", 2e6, 0.02)]
    assert model.services[0].tolerance.at_most[0].per_year == pytest.approx(0.01)
    assert load_text(dump(model)) == model


@pytest.mark.parametrize(
    ("firm", "code"),
    [
        ("{4h: 1 in 10 yr}", "accepted-rate"), ("{4h: 0.1/yr..1/yr}", "accepted-rate"), ("{4h..8h: 1 per 10 yr}", "accepted-size"),
        ("{often: 1 per 10 yr}", "accepted-size"), ("{0h: 1 per 10 yr}", "accepted-size"), ("[4h]", "value-not-mapping"),
        ("{3 USD: 1 per 10 yr, 1 EUR: 1 per 1 yr}", "currency-mixed"),
    ],
)  # fmt: skip
def test_what_is_no_point_is_refused(firm: str, code: str) -> None:
    with pytest.raises(ModelError) as wrong:
        load_text(written(firm))
    assert code in [p.code for p in wrong.value.problems]


def test_a_curve_that_rises_is_told() -> None:
    assert "accepted-rises" in [p.code for p in check(load_text(written("{4h: 1 per 10 yr, 24h: 1 per 5 yr}")))]
    assert "accepted-rises" not in [p.code for p in check(load_text(written("{4h: 1 per 10 yr, 1 m KRW: 1 per 5 yr}")))]


def test_what_is_signed_is_part_of_the_system_and_nothing_signed_is_not() -> None:
    bare, signed, other = (compile_model(load_text(written(firm))).digest for firm in ("{}", "{4h: 1/yr}", "{4h: 2/yr}"))
    assert len({bare, signed, other}) == 3
    assert compile_model(load_text(written().replace("tolerance: {at_most: {}}\n", ""))).digest == bare


def test_what_comes_is_held_against_what_was_signed() -> None:
    """0.5 outages a year while the database runs, exponential with mean 10 h: exp(-t/10) of them last longer than t."""
    rows = told(written("{1 m KRW: 1 per 50 yr}", "{5h: 1 per 5 yr, 10h: 1 per 3 yr, 30h: 1 per 40 yr}"))["signed"]
    firm, shop = rows
    assert (firm["of"], firm["measure"], shop["of"], shop["measure"]) == (None, "loss", "shop", "hours")
    for point in shop["points"]:
        exact = 0.5 * math.exp(-point["amount"] / 10.0)
        assert point["per_year"]["value"] == pytest.approx(exact, abs=5 * point["per_year"]["standard_error"] + 1e-3 * exact)
    assert [p["state"] for p in shop["points"]] == ["outside", "inside", "open"]  # 0.303 > 0.2; 0.184 < 0.333; 0.0249 and 0.025
    assert firm["points"][0]["per_year"]["value"] == pytest.approx(0.01, rel=0.01)  # only the fine costs more than a million
    assert firm["points"][0]["state"] == "inside"
    assert all(a >= b for a, b in zip(shop["curve"]["per_year"], shop["curve"]["per_year"][1:], strict=False))


def test_the_firm_counts_an_episode_once() -> None:
    """Two services that stand on one database: what stops both is one event of the firm, priced together."""
    both = written("{5h: 1/yr, 7e3 KRW: 1/yr}", "{5h: 1/yr}")
    both = both.replace("services: {", 'services: {mail: {needs: db, loss: "1,000 KRW/h"}, ')
    hours, loss, shop = told(both)["signed"]
    assert hours["points"][0]["per_year"]["value"] == pytest.approx(shop["points"][0]["per_year"]["value"], rel=0.02)
    exact = 0.5 * math.exp(-0.35) + 0.01  # 7,000 KRW are 3.5 h of both; the fine costs more
    assert loss["points"][0]["per_year"]["value"] == pytest.approx(exact, rel=0.1)


def test_it_is_said_where_it_is_passed_and_by_how_much() -> None:
    result = told(written("{5h: 1 per 50 yr}", "{1000h: 1 per 5 yr}"))
    for lang, (first, second) in {
        "en": ("Outside the signed risk tolerance at 1 of 2 points", "some service out for longer than 5 h"),
        "ko": ("승인된 위험 감내 곡선의 2곳 가운데 1곳에서", "어느 서비스든 5시간 넘게 멈추는 일"),
    }.items():
        text, page = report.text(result, lang), re.sub(r"</?a\b[^>]*>", "", report.page(result, lang))
        assert first in " ".join(text.split()) and second in " ".join(text.split())
        assert first in page and 'id="signed"' in page


def test_a_curve_that_is_kept_is_said_in_one_sentence() -> None:
    text = report.text(told(written("{5h: 2/yr}")), "en")
    assert "The signed risk tolerance is kept at every point (1 point)." in " ".join(text.split())
