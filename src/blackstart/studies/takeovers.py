"""What is out only until a take-over has worked, which the static reading does not count: it finds every standby at its place.

A second reading (engines/structure.py, `before`) leaves out the standbys that take time. A smallest set of misfortunes that stops a
service there, but not where they have taken over, is played once at typical values: what is out then is out for a take-over's sake,
or because nobody called the standby, or because the first was mended sooner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.language.model import Component, Model
from blackstart.system import System, World

_LEAST = 1e-9  # a level below that is none
_STARTS = frozenset(("start", "forced-start"))


class Before:
    """The static reading before any standby has taken over, beside `after`, the reading where all have; events are those of `after`.

    read : the reading; `number` (n,) of each of its events in `after`
    """

    def __init__(self, system: System, after: st.Structure) -> None:
        self.system, self.after = system, after
        self.read = st.structure(system, before=True)
        number = {event: i for i, event in enumerate(after.events)}
        self.number = np.array([number[event] for event in self.read.events], np.int64)

    def meanwhile(self, sets: Sequence[Iterable[int]]) -> np.ndarray:
        """(sets, S) services that each set of events stops only as long as no standby has taken over."""
        there = np.zeros((len(sets), len(self.after.events)), bool)
        for row, events in zip(there, sets, strict=True):
            row[list(events)] = True
        if not len(sets):
            return np.zeros((0, len(self.system.services)), bool)
        return logic.evaluate(self.read.formula, there[:, self.number]) & ~logic.evaluate(self.after.formula, there)

    def sets(self, tops: Sequence[int], p: np.ndarray, limits: logic.Limits, most: int, order: int) -> dict[tuple[int, ...], set[int]]:
        """Smallest sets of at most `order` events, with the services (of the System) that they stop only meanwhile.

        tops : services looked at; p : (n,) chances of the events; most : likeliest sets of each service among which they are sought
        """
        solved = logic.solve(self.read.formula._replace(tops=self.read.formula.tops[list(tops)]), p[self.number], limits)
        found: dict[tuple[int, ...], set[int]] = {}
        for t, service in enumerate(tops):
            for _, literals in solved.most_likely(t, most) if solved.cut_sets.kind[t] else ():
                if 0 < len(literals) <= order:
                    found.setdefault(tuple(sorted(int(self.number[x // 2]) for x in literals)), set()).add(service)
        out = self.meanwhile(list(found))
        return {events: kept for (events, those), row in zip(found.items(), out, strict=True) if (kept := {s for s in those if row[s]})}


def ended_by(model: Model, ways: Mapping[str, Sequence[Mapping[str, Any]]], services: Iterable[str]) -> list[str]:
    """The standbys whose start stands on the way back of these services, as `Telling.path_of` tells it."""
    steps = [step for name in services for step in ways[name]]
    return list(dict.fromkeys(s["component"] for s in steps if s["what"] in _STARTS and model.components[s["component"]].standby))


def of_service(rows: Sequence[dict[str, Any]], name: str) -> dict[str, float] | None:
    """How often a year a service is out only until a take-over has worked, and for how long at most at typical values; None: never."""
    mine = [row for row in rows if name in row["hours"]]
    if not mine:
        return None
    return {"per_year": math.fsum(row["per_year"] for row in mine), "longest_h": max(row["hours"][name] for row in mine)}


class Turns(NamedTuple):
    """When the own failure of a component can come: only while it runs (docs/explanation/life-cycle.md, §12).

    share : (items,) share of time that what it stands by for is down, by logic and at most; 1 for what does not stand by
    hours : (items,) mean length of such a time; infinite where it is not known, or where it runs all along
    """

    share: np.ndarray
    hours: np.ndarray

    def present(self, felt_h: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """(items,) hours for which the failure of each counts as there, of the hours for which it is felt (items,).

        factor : by which the rates of all that stops what is stood by for are multiplied

        A standby matters while what it stands for is down. It is then broken if it broke in an earlier such time and is not mended, or
        if it broke in this one, which has lasted for its mean at a random moment (exact where such times have no memory; of times
        that hardly differ, twice as long).
        """
        share = np.minimum(1.0, self.share * factor)
        return np.minimum(felt_h, share * felt_h + np.where(self.share < 1.0, self.hours, np.inf))


def turns(system: System, read: st.Structure, world: World, felt_h: np.ndarray, limits: logic.Limits) -> Turns:
    """When each component's own failure can come, by the static reading of what it stands by for.

    felt_h : (items,) hours for which each misfortune is felt. A standby that keeps running when what it stood for is back, or stands
    for something that a misfortune stops which no service feels, counts as if it ran all the time.
    """
    found, a = Turns(np.ones(felt_h.size), np.full(felt_h.size, np.inf)), system.arrays
    seen = {e.a for e in read.events if e.kind == st.ITEM}
    mine: dict[float, dict[int, list[int]]] = {}  # by the level below which it is called, for each failure what its component stands by for
    for i in sorted(seen):
        row = a.component[int(a.item[i]["id"])]
        if not a.item[i]["is_hazard"] and row["standby"] == 1 and row["failback"] == 1:
            mine.setdefault(max(float(row["below"]), 0.0) + _LEAST, {})[i] = a.links[row["sb_lo"] : row["sb_hi"]].tolist()
    for level, first in mine.items():
        nodes = sorted({node for some in first.values() for node in some})
        share, often = _down(system, nodes, level, world, felt_h, seen, limits)
        for i, some in first.items():
            at = np.searchsorted(nodes, some)
            found.share[i] = min(1.0, float(share[at].sum()))
            found.hours[i] = share[at].sum() / often[at].sum() if often[at].sum() > 0.0 else np.inf if found.share[i] > 0.0 else 0.0
    return found


def _down(
    system: System, nodes: Sequence[int], level: float, world: World, felt_h: np.ndarray, seen: set[int], limits: logic.Limits
) -> tuple[np.ndarray, np.ndarray]:
    """Share of time, at most, for which each component serves less than a level, and how often an hour that begins (0: not known)."""
    inside = st.inside(system, nodes, level)
    place = {key: top for key, top in zip(inside.keys, inside.formula.tops.tolist(), strict=True)}
    formula = inside.formula._replace(tops=np.array([place["low", node, level] for node in nodes], inside.formula.tops.dtype))
    p, w = st.probabilities(system, inside.events, world, felt_h), np.zeros(len(inside.events))
    for n, e in enumerate(inside.events):
        if e.kind == st.ITEM and world.rate[e.a] > 0.0:
            p[n] = p[n] if e.a in seen else 1.0
            w[n] = world.rate[e.a] * (1.0 - p[n])
    solved = logic.solve(formula, p, limits, cut_sets=False)
    return solved.upper, np.where(solved.upper > solved.lower, 0.0, np.nan_to_num(solved.frequency(w)))


def standbys(model: Model, system: System) -> list[dict[str, Any]]:
    """The standbys that take time, for whom each stands by, and how long its take-over takes at typical values (None: by its people)."""
    slow = (model.components[system.components[c]] for c in np.flatnonzero(st.slow_standbys(system)))
    return [{"id": c.id, "for": list(c.standby.stands_for) if c.standby else [], "takes_h": _takes(c)} for c in slow]


def _takes(c: Component) -> float | None:
    """Sum of the middles of what a start takes; None where hands-on work or the length of the outage decides."""
    parts = [part for part in (c.start.takes, c.start.detect, c.start.decide, c.start.switch) if part] if c.start else []
    if not parts or (c.start and c.start.work) or any(part.per_outage for part in parts):
        return None
    return math.fsum(term.median() for part in parts for term in part.terms)
