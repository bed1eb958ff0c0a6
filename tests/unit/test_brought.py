"""What a defence changes is told as inputs of it, each where its file states it."""

from __future__ import annotations

from blackstart import examples
from blackstart.api import noted
from blackstart.language.brought import MOST_BROUGHT, brought
from blackstart.language.load import load, load_text
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.studies.results import labels

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


def test_a_standby_without_a_label_is_named_by_what_it_stands_in_for_wherever_it_is_named() -> None:
    change = "{components: {db: {needs: {any: [disk, spare]}}, spare: {standby: {for: disk}, start: 5min, repair: 4h}}}"
    model = load_text(MODEL.replace("{db: {", "{disk: {label: disk}, db: {needs: disk, ") + f"  twin: {{change: {change}}}\n")
    rows = brought(model, ["twin"], {})
    told = Origins(Names({"labels": labels(model)}, "en"), {"inputs": rows})
    shown = [told.value(row) for row in rows if row["kind"] == "needs"]
    assert shown and all("spare" not in value for value in shown) and any("disk" in value for value in shown)


def test_every_change_of_the_defences_of_kakao_has_its_line() -> None:
    model = load(examples.path("kakao-2022"))
    rows = brought(model, model.defences, noted(model))
    assert {row["thing"][1] for row in rows} >= {"release-control", "early-detection", "zone-wise-power-cut", "second-centre"}
    assert all(row["file"] and row["line"] for row in rows)
    assert max(sum(row["thing"][1] == name for row in rows) for name in model.defences) == MOST_BROUGHT


def test_a_defence_that_makes_no_model_brings_nothing() -> None:
    model = load_text(MODEL.replace("1 per 3 yr", "often"))
    assert brought(model, ["second"], {}) == []


def test_what_is_new_and_has_no_label_is_named_by_what_it_stands_in_for() -> None:
    """Panels named new parts by their ids: `hbase-own`, `third-centre`."""
    model = load(examples.path("kakao-2022"))
    rows = brought(model, model.defences, noted(model))
    names = Names({"labels": labels(model)}, "ko")
    said = {row["changes"]["thing"][1]: Origins(names, {"inputs": rows}).thing({**row, "thing": row["changes"]["thing"]}) for row in rows}
    assert said["hbase-own"].endswith("(자체 센터)") and said["fire@third-centre"] == "세 번째 센터 화재"
    assert not [id_ for id_, shown in said.items() if id_ in shown]
