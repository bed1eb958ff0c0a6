"""Misfortunes in words, as overlaps and worst sets list them, and the inputs that say how often or how likely each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.text import say

SHOWN = 20  # overlaps, those that are alike as one
TRACE = 1e-4  # of all that overlaps cost a year: what adds less is left to the JSON
LEAST = 0.02  # an overlap that adds less than this to a smaller one inside it is not worth a line
NAMED, PARTS_NAMED = 2, 4  # services that a cell of a table names, and parts that a team mends
PLAYED = 3  # services told of that plays stop and logic does not
Row = Mapping[str, Any]


class Misfortunes:
    """The names of misfortunes in one language."""

    def __init__(self, names: Names) -> None:
        self.names, self.lang = names, names.lang

    def say(self, key: str, **values: Any) -> str:
        return say(f"overlaps.{key}", self.lang, **values)

    def event(self, e: Row) -> str:
        """One misfortune of an overlap in words."""
        what, noun = e["what"], {"hazard": "hazard", "barrier": "barrier"}.get(e["what"], "component")
        name = self.names.of(e["id"], noun)
        if what == "component":
            return self.say("event.component", name=name)
        if what == "doubtful-need":
            return self.say("event.doubtful-need", need=self._need(e))
        if what == "chance":
            return self.say("event.chance", name=self._place(e["id"]))
        if what == "hazard":
            return self._hazard(e["id"])
        return self.say(f"event.{what}", name=name)

    def _need(self, e: Row) -> str:
        """A doubtful need as `who → what`."""
        return self.say("need", who=self.names.of(e["of"]), name=self.names.of(e["id"])) if e["of"] else self.names.of(e["id"])

    def _hazard(self, id_: str) -> str:
        if not id_.startswith("common-cause:"):
            return self.names.of(id_, "hazard")
        group = id_.removeprefix("common-cause:").partition(":")[0]
        return self.say("event.common-cause", name=group)

    def _place(self, path: str) -> str:
        """A parameter by the label of the hazard in its path."""
        words = path.split(".")
        return self.names.of(words[1].partition("/")[0], "hazard") if len(words) > 1 else path

    def overlap(self, row: Row) -> str:
        return self.together(row["misfortunes"])

    def together(self, misfortunes: Iterable[Row]) -> str:
        """Several misfortunes as one phrase."""
        return self.say("and").join(self.event(e) for e in misfortunes)


def alike(rows: Iterable[Row]) -> list[list[Row]]:
    """Overlaps that differ only in which doubtful need is real, together, in their order."""
    groups: dict[tuple, list[Row]] = {}
    for row in rows:
        sure = tuple((m["what"], m["id"], m["of"]) for m in row["misfortunes"] if m["what"] != "doubtful-need")
        groups.setdefault((sure, len(row["misfortunes"])), []).append(row)
    return list(groups.values())


def telling(rows: Sequence[Row]) -> list[Row]:
    """Overlaps that cost something of their own, and not next to nothing of all."""
    whole = sum(row["adds_per_year"]["value"] for row in rows)
    return [
        row for row in rows
        if not row["bearable"] and row["adds"]["value"] > LEAST * row["cost"]["value"] and row["adds_per_year"]["value"] >= TRACE * whole
    ]  # fmt: skip


def untold(rows: Sequence[Row]) -> list[Row]:
    """Overlaps that no table of the page tells: they add next to nothing, or stand behind the first of very many."""
    told = {id(row) for group in alike(telling(rows))[:SHOWN] for row in group}
    return [row for row in rows if not row["bearable"] and id(row) not in told]


SLOWEST = 3  # standbys named among what the static reading does not see


def not_seen(result: Row, names: Names) -> str:
    """What the static reading of a result does not see, as one phrase; "" where it sees all."""
    slow = result.get("standbys", ())
    said = [_takes_over(slow, names)] if slow else []
    said += [say(f"overlaps.left-out.{key}", names.lang) for key in result["left_out"]]
    return say("report.list.comma", names.lang).join(said)


def by_play(result: Row, names: Names) -> str:
    """Of services that nothing stops by logic: how long and how often they are out in the plays, those longest that are out at all."""
    rows = sorted(result["played"]["services"].items(), key=lambda row: -row[1]["downtime_h_per_year"]["value"])
    out = [(id_, row) for id_, row in rows if row["downtime_h_per_year"]["value"] > 0.0]
    if not out:
        return say("overlaps.played.none", names.lang)
    said = [
        say("overlaps.played.service", names.lang, name=names.of(id_), often=numbers.about(row["outages_per_year"], "per_year", names.lang),
            t=numbers.about(row["downtime_h_per_year"], "hours", names.lang))
        for id_, row in out[:PLAYED]
    ]  # fmt: skip
    more = [say("overlaps.played.more", names.lang, n=len(out) - PLAYED)] if len(out) > PLAYED else []
    return say("report.list.comma", names.lang).join([*said, *more])


def _takes_over(slow: Sequence[Row], names: Names) -> str:
    """The time that take-overs take: the slowest standbys and how many more there are."""
    rows = sorted(slow, key=lambda row: -float("inf") if row["takes_h"] is None else -row["takes_h"])
    said = []
    for row in rows[:SLOWEST]:
        key, t = ("by-people", "") if row["takes_h"] is None else ("standby", numbers.point(row["takes_h"], "hours", names.lang))
        said.append(say(f"overlaps.left-out.taking-over-{key}", names.lang, name=names.of(row["id"]), t=t))
    if len(rows) > SLOWEST:
        said.append(say("overlaps.left-out.taking-over-more", names.lang, n=len(rows) - SLOWEST))
    return say("overlaps.left-out.taking-over", names.lang, standbys=say("report.list.comma", names.lang).join(said))


_OWN = {
    "hazard": ("hazards", "rate"), "barrier": ("barriers", "works"), "component": ("components", "fails"),
    "take-over": ("components", "start.works"), "hidden-fault": ("components", "hidden"),
}  # fmt: skip


def own_input(misfortune: Row) -> tuple[str, str, str]:
    """The input that says how often or how likely a misfortune is: group, name, and what the path inside begins with."""
    what, id_, of = misfortune["what"], misfortune["id"], misfortune["of"]
    if what == "doubtful-need":
        return "components", of or id_, ".*needs.*chance"
    if what == "picked":
        return "hazards", of or id_, "effects"
    if what == "chance":
        return "hazards", id_.removeprefix("hazards.").partition("/")[0], ".*chance"
    group, inside = _OWN[what]
    return group, id_, inside
