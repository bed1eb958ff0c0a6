"""What is out only until a take-over has worked, which the static reading does not count: it finds every standby at its place.

A second reading (engines/structure.py, `before`) leaves out the standbys that take time. A smallest set of misfortunes that stops a
service there, but not where they have taken over, is played once at typical values: what is out then is out for a take-over's sake,
or because nobody called the standby, or because the first was mended sooner.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.language.model import Component, Model
from blackstart.system import System

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
