"""What an outage costs while the business catches up (life-cycle.md §13), by hand.

An outage of T hours at c KRW/h with `aftermath: x3` costs c T while it lasts, and then c falls evenly to nothing over the 2 T hours
until 3 T after its begin: a triangle of c T. Together 2 c T. Worse service that is no outage costs its share of c and no more.
"""

from __future__ import annotations

import pytest

from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study, assess
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.studies import rehearsal
from blackstart.studies.results import assessment

SHOP = """blackstart: 1
components:
  db: {repair: 10h, fails: 1/yr}
  photos: {repair: 10h, fails: never}
services:
  shop: {needs: [db], wants: {photos: 20%}, loss: "1,000 KRW/h", aftermath: x3}
"""


def loss(text: str, hit: str) -> float:
    asked = scenario.read(load_text(text), [hit])
    system = compile_model(asked.model)
    return rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=1, seed=1)).data["services"]["shop"]["loss"]


def test_after_an_outage_the_loss_falls_evenly_to_nothing() -> None:
    assert loss(SHOP, "db") == pytest.approx(2 * 1000 * 10)


def test_worse_service_leaves_nothing_to_catch_up_on() -> None:
    assert loss(SHOP, "photos") == pytest.approx(0.2 * 1000 * 10)


def test_catching_up_counts_in_the_hours_that_count() -> None:
    """With every hour of the week at half its loss, catching up is at half as well."""
    always = SHOP.replace('loss: "1,000 KRW/h"', "loss: {rate: \"1,000 KRW/h\", hours: mon-mon 00-01, otherwise: 50%}")
    assert loss(always, "db after 200h") == pytest.approx(0.5 * 2 * 1000 * 10, rel=0.11)  # one hour of the week counts in full


def test_a_year_agrees_with_its_rehearsal() -> None:
    """Once a year: downtime 10 h, business downtime 30 h, loss 20,000 KRW (less 10 h in a year, in which it cannot fail)."""
    model = load_text(SHOP)
    system = compile_model(model)
    study = Study(worlds=4, samples=200, threads=1)
    service = assessment(model, system, assess(system, study), study).data["services"]["shop"]
    down, business = service["downtime_h_per_year"]["value"], service["business_downtime_h_per_year"]["value"]
    assert business == pytest.approx(3 * down)
    assert service["loss"]["aal"]["value"] == pytest.approx(2000 * down)
    assert down == pytest.approx(10 * 8760 / 8770, rel=1e-6)
