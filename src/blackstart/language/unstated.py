"""What a model does not say, and what the language takes instead: every rule that fills a gap, field by field.

The reader lists what the evidence library brings (`Model.defaults`). What the rules of the language bring is much more, and
nearly always meant; it is worked out here when somebody asks for it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from blackstart.language.model import Component, Default, Model

SOURCE = "language"
# what a field that says nothing counts as, by its kind; None: nothing is taken in its place
_BY_KIND: Mapping[str, str | None] = {"duration": "0 h", "chance": "100%", "rate": "never", "each": None}
# where that differs, or where a silent field means more than it seems
_BY_FIELD: Mapping[tuple[str, str], str | None] = {
    ("Team", "shift"): "never ends", ("Team", "musters"): "as arrives", ("Team", "on_call"): "all", ("Spare", "lead"): "never arrives",
    ("Surge", "lasts"): None, ("Component", "priority"): "after all stated", ("Component", "tested"): None, ("Barrier", "tested"): None,
    ("Data", "lag"): "0 h", ("Tolerance", "rto"): None, ("Tolerance", "rpo"): None, ("Tolerance", "mtpd"): None,
    ("Loss", "hours"): "all hours", ("Loss", "cap"): "none", ("Start", "detect"): None, ("Start", "decide"): None,
    ("Start", "throttled"): None, ("Repair", "detect"): None, ("Repair", "decide"): None,
    ("Start", "switch"): None, ("Start", "rehearsed"): None, ("Component", "count"): "1", ("Component", "hidden"): None,
    ("Barrier", "hidden"): None, ("Again", "lasts"): None, ("Surge", "after"): None,
}  # fmt: skip
# kinds of fields that are rows of their own
_INNER = frozenset(("Start", "Repair", "Spare", "Standby", "BreakGlass", "Surge", "Data", "Backup", "loss", "Tolerance", "Again"))


class Gap(NamedTuple):
    """Something left unsaid: `field` of the entry `name` of a section, and what is taken for it."""

    section: str
    name: str
    field: str
    taken: str


def gaps(model: Model) -> Iterator[Gap]:
    """Every gap of a model that a rule of the language fills, in the order of the file."""
    listed = {d.path for d in model.defaults}
    for gap in _gaps(model):
        if f"{gap.section}.{gap.name}.{gap.field}" not in listed:
            yield gap


def defaults(model: Model) -> list[Default]:
    """The gaps, as the defaults that the reader lists."""
    return [Default(f"{g.section}.{g.name}.{g.field}", g.taken, SOURCE) for g in gaps(model)]


def grouped(model: Model) -> dict[tuple[str, str, str], list[str]]:
    """(section, field, what is taken) -> names of those that leave it out."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for gap in gaps(model):
        found.setdefault((gap.section, gap.field, gap.taken), []).append(gap.name)
    return found


def _gaps(model: Model) -> Iterator[Gap]:
    for c in model.components.values():
        for field, taken in _component(c):
            yield Gap(c.section, c.id, field, taken)
    for section, rows in (("teams", model.teams), ("barriers", model.barriers), ("hazards", model.hazards)):
        for row in rows.values():
            for field, taken in _row(row):
                yield Gap(section, row.id, field, taken)


def _component(c: Component) -> Iterator[tuple[str, str]]:
    yield from ((field, taken) for field, taken in _row(c) if field not in c.wheres)
    if c.start is None:
        yield "start", "at once"
    if c.repair is None:
        yield "repair", "never"
    if c.is_service and c.tolerance is None:
        yield "tolerance.serves", "50%"


def _row(row: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Fields of a row, and of the rows inside it, that say nothing, and what is taken for each."""
    for field in dataclasses.fields(row):
        kind = field.metadata.get("kind")
        if kind is None:
            continue
        name, value = path + (field.metadata.get("name") or field.name), getattr(row, field.name)
        if kind in _INNER:
            if value is not None:
                yield from _row(value, f"{name}.")
        elif value == field.default:
            taken = _taken(row, field.name, kind, value)
            if taken is not None:
                yield name, taken


def _taken(row: Any, name: str, kind: str, value: Any) -> str | None:
    """What is taken for a field that says nothing; None where that is nothing at all."""
    noun = type(row).__name__
    if (noun, name) in _BY_FIELD:
        return _BY_FIELD[noun, name]
    says_enough = {
        ("Start", "takes"): lambda: row.detect or row.decide or row.switch or row.work,
        ("Repair", "takes"): lambda: row.detect or row.decide or row.work,
        ("Start", "retry"): lambda: row.works is None,
        ("Component", "rides"): lambda: row.needs is None,
        ("Component", "aftermath"): lambda: not row.is_service,
        ("Loss", "otherwise"): lambda: row.hours is None,
    }.get((noun, name))
    if says_enough is not None and says_enough():
        return None
    if kind == "flag":
        return "yes" if value else "no"
    if value is None:
        return _BY_KIND.get(kind)
    return f"{100 * value:g}%" if kind == "percent" else f"x{value:g}" if kind == "factor" else None
