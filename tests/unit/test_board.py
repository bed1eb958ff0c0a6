"""What stands beside a plan: signed curves before and after, the worst overlaps, the band of unknown dependence, the quiet years."""

from __future__ import annotations

import jsonschema
import pytest

from blackstart import report
from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.planning import board, plan

SHOP = """
blackstart: 1
tolerance: {at_most: {1e3 KRW: 1 per 2 yr}}
components:
  a: {fails: 0.5/yr, repair: 10h}
  b: {fails: 0.5/yr, repair: 10h}
  desk: {repair: 1h}
services:
  shop: {needs: a, loss: "1,000 KRW/h", tolerance: {at_most: {5h: 1 per 10 yr}}}
  mail: {needs: desk, loss: "1,000 KRW/h"}
defences:
  second: {costs: {once: 1,000 KRW}, change: {services: {shop: {needs: {any: [a, b]}}}}}
  vase: {costs: {once: 1e9 KRW}, change: {components: {desk: {repair: 2h}}}}
"""
DEARER = SHOP.replace("once: 1,000 KRW", "once: 1e8 KRW")


def told(text: str = SHOP, deep: bool = False) -> dict:
    model = load_text(text)
    asked = plan.Asked(fresh=(30, 40))
    planned = plan.plan(model, asked, Study(worlds=20, samples=10, depth=1))
    return board.beside(model, planned, deep=deep).as_dict()


@pytest.fixture(scope="module")
def shop() -> dict:
    return told(deep=True)


def test_a_second_one_takes_two_misfortunes_where_one_was_enough(shop: dict) -> None:
    now, then = shop["beside"]["now"], shop["beside"]["then"]
    assert then["with"] == ["second"] == shop["reading"]["chosen"]["with"]
    assert [len(row["misfortunes"]) for row in now["worst"]] == [1, 1]  # a second adds nothing
    assert [row["per_hour"] for row in now["worst"]] == [1000.0, 1000.0] and now["whole_per_hour"] == 2000.0
    assert [row["per_hour"] for row in then["worst"]] == [0.0, 1000.0]
    assert all(row["proven"] for row in (*now["worst"], *then["worst"]))


def test_the_band_widens_with_what_is_bought(shop: dict) -> None:
    """Alone the shop is out as often as `a`, whatever hangs together; with two it is out when both are: p² or, at worst, p."""
    now, then = (shop["beside"][key]["dependence"] for key in ("now", "then"))
    p = 0.5 * 10.0 / 8760.0
    p /= 1.0 + p
    assert now["most_bound"] == pytest.approx(now["independent"], rel=1e-3)  # the most is rate × length
    assert now["independent"] == pytest.approx(1000.0 * p * 8760.0, rel=0.02)
    assert then["independent"] == pytest.approx(1000.0 * p * p * 8760.0, rel=0.04)
    assert then["most_bound"] == pytest.approx(now["most_bound"], rel=1e-3)


def test_signed_curves_are_held_against_both(shop: dict) -> None:
    firm, shop_row = shop["beside"]["signed"]
    point = shop_row["points"][0]
    assert (point["state"], point["state_then"]) == ("outside", "inside") and firm["points"][0]["then"]["value"] < 0.01
    assert shop_row["curve_then"]["per_year"][0] < shop_row["curve"]["per_year"][0]


def test_deep_tells_every_band_and_the_quiet_years(shop: dict) -> None:
    beside = shop["beside"]
    assert [row["with"] for row in beside["bands"]] == [p["with"] for p in shop["frontier"]["points"]]
    assert beside["quiet"]["noticed_per_year"]["value"] == pytest.approx(0.5, rel=0.05)
    shallow = told()["beside"]
    assert shallow["bands"] is None and shallow["quiet"] is None


def test_where_nothing_is_bought_the_dearest_is_held_against(shop: dict) -> None:
    result = told(DEARER)
    assert result["reading"]["chosen"]["with"] == [] and result["beside"]["then"]["with"] == ["second"]
    assert "After buying all that still lowers the loss (100 m KRW)" in " ".join(report.text(result, "en").split())


def test_it_is_said_in_both_languages_and_as_published(shop: dict) -> None:
    jsonschema.validate(shop, report.schema())
    for lang, wanted in {
        "en": ["With what is bought it is inside at every point.", "Nobody knows how misfortunes hang together"],
        "ko": ["막은 뒤에는 모든 지점에서 감내 곡선 안에", "악재끼리 어떻게 얽혀 있는지는 아무도 모릅니다"],
    }.items():
        text, page = " ".join(report.text(shop, lang).split()), report.page(shop, lang)
        assert 'id="beside"' in page and 'id="quiet"' in page and 'id="signed"' in page
        missing = [w for w in wanted if w not in text]
        assert not missing, missing


def test_a_plan_alone_is_told_as_before(shop: dict) -> None:
    alone = {key: value for key, value in shop.items() if key != "beside"}
    assert 'id="beside"' not in report.page(alone, "en") and "hang together" not in report.text(alone, "ko")


def test_a_large_model_leaves_the_band_out_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "MOST_EVENTS", 0)
    result = told()
    assert result["beside"]["now"]["dependence"] is None and result["beside"]["then"]["worst"][0]["proven"]
    jsonschema.validate(result, report.schema())
    for lang, wanted in {"en": "Left out too, as this model is large", "ko": "모델이 커서"}.items():
        text = " ".join(report.text(result, lang).split())
        assert wanted in text and "hang together:" not in text and wanted in report.page(result, lang)
