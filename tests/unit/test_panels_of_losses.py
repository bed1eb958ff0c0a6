"""Behind a loss: bad years are sums of incidents, what is missing multiplies to money, a guess is called one."""

from __future__ import annotations

import re

import pytest

from blackstart import examples, report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language.load import load, load_text
from blackstart.report import panels
from blackstart.report.behind import Asked
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.studies import overlaps, results
from blackstart.studies.results import RETURN_PERIODS

SHOP = """
blackstart: 1
components:
  db: {fails: 2/yr, repair: {takes: 1h..9h}}
services:
  shop: {needs: db, loss: 100 USD/h, users: 1000}   # guess: nobody counted
"""


@pytest.fixture(scope="module")
def shop() -> dict:
    model, study = load_text(SHOP), Study(worlds=4, samples=200)
    system = compile_model(model)
    return results.assessment(model, system, simulate.assess(system, study), study, texts={"model.yaml": SHOP}).as_dict()


def test_a_bad_year_is_counted_in_years_that_are_drawn(shop: dict) -> None:
    """Panels of a year's loss told single misfortunes, as if a year had no more than one."""
    asked, drawn = Asked(shop, Names(shop, "en")), shop["bad_years"]["drawn"]
    for kind in ("aep", "oep"):
        for period in RETURN_PERIODS:
            row = shop["bad_years"][kind][str(period)]
            if row is None:
                continue
            assert row["years"] == pytest.approx(drawn / period, abs=5.0 * (drawn / period) ** 0.5)  # by chance once in 10^6
            assert sum(one["years"] for one in row["by"]) == row["years"]
            assert sum(one["loss_share"] for one in row["by"]) == pytest.approx(1.0, abs=0.02)
            assert row["mean"] >= shop["total"]["loss"][kind][str(period)]["value"] * 0.999
            found = panels.behind(asked, f"total.loss.{kind}.{period}")
            assert found is not None and f"{row['years']:,}" in " ".join(found.said)
            assert "components.db.fails" in {at["path"] for at in found.inputs()}
    row = shop["bad_years"]["aep"]["10"]
    assert row["incidents"] > 2.0 and row["largest"] < 0.8  # a year that is bad for many outages


def test_the_tail_is_told_by_the_years_behind_it(shop: dict) -> None:
    for period, est in shop["total"]["loss"]["tvar"].items():
        if est and (row := shop["bad_years"]["aep"][period]) and row["years"] > 100:
            assert row["mean"] == pytest.approx(est["value"], rel=0.1)


def test_users_hours_have_a_unit(shop: dict) -> None:
    found = panels.behind(Asked(shop, Names(shop, "en")), "services.shop.user_hours_lost_per_year")
    assert found is not None
    each = [line.shown[1] for line in found.lines if len(line.shown) == 3 and line.shown[1]]
    assert each and all("user-hours" in cell for cell in each)


def test_a_guess_is_called_one(shop: dict) -> None:
    asked = Asked(shop, Names(shop, "en"))
    told = Origins(asked.names, shop["grounds"])
    (loss,) = asked.of("components", "shop", "loss")
    (fails,) = asked.of("components", "db", "fails")
    assert told.marked(loss) == f"{told.value(loss)} – a guess"
    assert told.marked(fails) == told.value(fails)
    assert "– a guess</td>" in report.page(shop, "en")


def test_hours_times_what_is_missing_is_what_a_set_costs() -> None:
    """Beside an amount stood the hours out alone, of which most of it did not come."""
    model = load(examples.path("kakao-2022"))
    result = overlaps.overlaps(model, compile_model(model), overlaps.Asked(most=6)).as_dict()
    asked, checked = Asked(result, Names(result, "en")), 0
    for n, row in enumerate(result["overlaps"]):
        for id_, one in (row.get("by_service") or {}).items():
            rate = {at["path"].rpartition(".")[2]: at["value"] for at in asked.of("components", id_, "loss")}
            an_hour = rate.get("rate", 0.0) * (1.0 - rate.get("deferred", 0.0))
            found = panels.behind(asked, f"overlaps.{n}.cost")
            cell = next(line.shown[1] for line in found.lines if line.what == asked.names.of(id_)) if one["worse"] else ""
            share = re.search(r"× ([\d.]+)\s%\)", cell)
            if share:
                assert one["worse_h"] * an_hour * float(share[1]) / 100 == pytest.approx(one["worse"], rel=0.01)
                checked += 1
    assert checked > 10


def test_two_misfortunes_that_both_come_are_multiplied_by_how_long_each_is_felt() -> None:
    """Behind "less than once in a million years" stood rates and times, and no sum."""
    model = load_text("""
        blackstart: 1
        components:
          a: {fails: 1/yr, repair: {takes: 10h}}
          b: {fails: 2/yr, repair: {takes: 20h}}
        services:
          shop: {needs: {any: [a, b]}, loss: 100 USD/h}
        """)
    result = overlaps.overlaps(model, compile_model(model), overlaps.Asked(most=4)).as_dict()
    (row,) = result["overlaps"]
    assert sorted(row["felt_h"]) == [10.0, 20.0]
    said = " ".join(panels.behind(Asked(result, Names(result, "en")), "overlaps.0.per_year").said).replace("\N{NO-BREAK SPACE}", " ")
    assert "once a year × (2 times a year × 20 h ÷ 8,760 h) + 2 times a year × (once a year × 10 h ÷ 8,760 h)" in said
