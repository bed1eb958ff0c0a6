"""What a defence changes is told as inputs of it, each where its file states it."""

from __future__ import annotations

from blackstart import examples
from blackstart.brought import MOST_BROUGHT, brought
from blackstart.console import noted
from blackstart.load import load, load_text

MODEL = """blackstart: 1
components: {db: {fails: 1/yr, repair: 4h}}
services: {shop: {needs: db, loss: "1 USD/h"}}
defences:
  spare:
    costs: {once: 10 USD}
    change: {components: {db: {repair: 1h}}}    # guess: a shelf
  second:
    requires: [spare]
    change: {components: {db: {fails: 1 per 3 yr}}}
  label-only: {change: {components: {db: {label: base}}}}
"""


def test_what_a_defence_changes_is_an_input_of_it() -> None:
    model = load_text(MODEL)
    first, second = brought(model, ["spare", "second", "label-only"], {})
    assert first["path"] == "defences.spare.change.components.db.repair.takes" and first["thing"] == ["defences", "spare"]
    assert first["line"] == 7 and first["changes"]["thing"] == ["components", "db"] and first["changes"]["was"]["text"] == "4h"
    assert second["path"] == "defences.second.change.components.db.fails", "what it requires is there already, and is not its own"


def test_every_change_of_the_defences_of_kakao_has_its_line() -> None:
    model = load(examples.path("kakao-2022"))
    rows = brought(model, model.defences, noted(model))
    assert {row["thing"][1] for row in rows} >= {"release-control", "early-detection", "zone-wise-power-cut", "second-centre"}
    assert all(row["file"] and row["line"] for row in rows)
    assert max(sum(row["thing"][1] == name for row in rows) for name in model.defences) == MOST_BROUGHT


def test_a_defence_that_makes_no_model_brings_nothing() -> None:
    model = load_text(MODEL.replace("1 per 3 yr", "often"))
    assert brought(model, ["second"], {}) == []
