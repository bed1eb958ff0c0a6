"""The white paper's key figures, set apart on its first page, and the numbers of its pictures and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from blackstart.report.outline import Figure, KeyFigure, KeyFigures, Section
from blackstart.report.paper import story as paper_story
from blackstart.report.tables import Table
from blackstart.report.teller import Row, Teller

NAMED = 3  # services and defences named under their number


def key_figures(teller: Teller) -> KeyFigures:
    """How long, how many services, what it cost, what came first, what is being bought."""
    found = (_hours(teller), _services(teller), _loss(teller), _cause(teller), _bought(teller))
    return KeyFigures(tuple(row for row in found if row is not None))


def _hours(teller: Teller) -> KeyFigure:
    lasted = paper_story.length(teller)
    value = teller.span(lasted) if lasted else teller.figure("key.unknown")
    note = "note.hours" if len(paper_story.affected(teller)) > 1 else "note.hours_one"
    said = f"{teller.figure(note)} {paper_story.length_cited(teller)}".strip() if lasted else ""
    return KeyFigure(teller.figure("key.hours"), value, said, teller.marks("record"))


def _services(teller: Teller) -> KeyFigure | None:
    fell = paper_story.affected(teller)
    if not fell:
        return None
    of, head = teller.marks("record", "reconstruction"), teller.figure("key.services")
    if len(fell) == 1:
        return KeyFigure(head, teller.names.of(fell[0]), "", of)
    unnamed = paper_story.unreported(teller)
    said = teller.figure("note.unnamed", n=len(unnamed)) if unnamed else teller.names.listed(fell, NAMED)
    return KeyFigure(head, teller.figure("key.count", n=len(fell)), said, of)


def _loss(teller: Teller) -> KeyFigure | None:
    """The first amount on record with what it counts; else the loss as replayed, else the hours that users went without."""
    rows = [row for row in teller.part("record")["losses"] if row["unit"] == "money"]
    whole = teller.part("attribution").get("whole") or {}
    if rows and teller.shows("loss"):
        said = teller.label(rows[0]["text"]).rstrip(".")
        return KeyFigure(teller.figure("key.loss"), paper_story.recorded_loss(teller), said, teller.marks("record"))
    if whole.get("money") and teller.shows("loss"):
        return _replayed("loss_replayed", teller.est(whole["money"], "money"), teller)
    if whole.get("user_hours"):
        return _replayed("users", teller.figure("key.user_hours", n=teller.est(whole["user_hours"], "count")), teller)
    return None


def _replayed(key: str, value: str, teller: Teller) -> KeyFigure:
    return KeyFigure(teller.figure(f"key.{key}"), value, teller.figure("note.replayed"), teller.marks("attribution"))


def _cause(teller: Teller) -> KeyFigure:
    value = teller.begun(paper_story.hit(teller))
    return KeyFigure(teller.figure("key.cause"), value, paper_story.began_moment(teller), teller.marks("record"))


def _bought(teller: Teller) -> KeyFigure:
    """How many defences at what price; that it is assumed, where nobody has decided."""
    bought, assumed = teller.result["bought"], teller.result["chosen"] == "record"
    head = teller.figure("key.assumed" if assumed else "key.bought")
    if not bought:
        return KeyFigure(teller.figure("key.bought"), teller.figure("key.nothing"))
    said = [price(teller), teller.figure("note.undecided") if assumed else ""]
    return KeyFigure(head, teller.figure("key.defences", n=len(bought)), "; ".join(s for s in said if s), teller.marks("comparison"))


def price(teller: Teller) -> str:
    """What everything that is bought costs; empty where this edition leaves it out."""
    row: Row = (teller.part("comparison").get("variants") or [{}])[-1]
    return paid(row.get("once"), row.get("yearly"), teller)


def paid(once: float | None, yearly: float | None, teller: Teller) -> str:
    """A price once and a year in words."""
    if not (once or yearly) or not teller.shows("price"):
        return ""
    key = "both" if once and yearly else "once" if once else "yearly"
    return teller.figure(f"note.price_{key}", once=teller.amount(once), yearly=teller.amount(yearly))


# --------------------------------------------------------------------------- numbers of pictures and tables


def numbered(sections: Sequence[Section], teller: Teller) -> list[Section]:
    """The sections, the titles of their pictures and of their tables numbered through the paper."""
    numbers = count(1), count(1)
    return [replace(section, blocks=[_titled(block, numbers, teller) for block in section.blocks]) for section in sections]


def _titled(block: Any, numbers: Any, teller: Teller) -> Any:
    pictures, tables = numbers
    if isinstance(block, Figure):
        return replace(block, title=teller.figure("numbered", n=next(pictures), title=block.title))
    if isinstance(block, Table) and block.title:
        return replace(block, title=teller.figure("numbered_table", n=next(tables), title=block.title))
    return block

