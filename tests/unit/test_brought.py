"""What a defence changes is told as inputs of it, each where its file states it."""

from __future__ import annotations

from blackstart import examples
from blackstart.api import noted
from blackstart.language.brought import MOST_BROUGHT, brought
from blackstart.language.load import load, load_text
from blackstart.report.names import Names
from blackstart.report.origins import Origins, changed_by
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
    assert max(sum(row["thing"][1] == name for row in rows) for name in model.defences) <= MOST_BROUGHT
    assert not any(row["changes"].get("left_out") for row in rows)


def test_what_a_defence_changes_alike_in_several_things_is_one_input_that_names_them_all() -> None:
    """A page told the first 12 of 166 inputs of a second centre and counted the others."""
    parts = ", ".join(f"part-{n}: {{fails: 1/yr, repair: 4h}}" for n in range(9))
    faster = ", ".join(f"part-{n}: {{repair: {1 if n else 2}h}}" for n in range(9))
    text = MODEL.replace("{db: {", f"{{{parts}, db: {{") + f"  crew: {{change: {{components: {{{faster}}}}}}}\n"
    rows = brought(load_text(text), ["crew"], {})
    assert [row["text"] for row in rows] == ["2h", "1h"]
    assert [one["thing"][1] for one in rows[1]["changes"]["alike"]] == [f"part-{n}" for n in range(2, 9)]
    told = Origins(Names({"labels": labels(load_text(text))}, "en"), {"inputs": rows})
    assert told.things(rows[1]) == [f"part-{n}" for n in range(1, 9)] and "part-1, part-2 and 6 more" in told.within(rows[1])


def test_a_defence_that_makes_no_model_brings_nothing() -> None:
    model = load_text(MODEL.replace("1 per 3 yr", "often"))
    assert brought(model, ["second"], {}) == []


def test_what_is_new_and_has_no_label_is_named_by_what_it_stands_in_for() -> None:
    """Panels named new parts by their ids: `hbase-own`, `third-centre`."""
    model = load(examples.path("kakao-2022"))
    rows = brought(model, model.defences, noted(model))
    names = Names({"labels": labels(model)}, "ko")
    told = Origins(names, {"inputs": rows})
    said = {one["thing"][1]: shown for row in rows for one, shown in zip(changed_by(row), told.things(row), strict=True)}
    assert said["hbase-own"].endswith("(자체 센터)") and said["fire@third-centre"] == "세 번째 센터 화재"
    assert not [id_ for id_, shown in said.items() if id_ in shown]
