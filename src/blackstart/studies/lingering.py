"""How long what hazards did to each component is still felt, for the most that any dependence can cost.

A hazard that strikes several components is there, for logic, until the last of them is at rest again. What it did to one of them may be
over long before. The reading for the bound (engines/structure.py, `lingers`) asks for both: the hazard is there, and what it did to this
component still is, each with its own share of time. Nothing is assumed of how the two go together, and so whatever a model with these
rates and lengths does is one of the joint distributions that the bound is over (docs/decisions/0018-what-logic-weighs-with.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines import structure as st
from blackstart.engines.dependence import MOST_WRITTEN
from blackstart.engines.simulate import Given
from blackstart.system import System

if TYPE_CHECKING:
    from blackstart.studies.overlaps import View

PLAYS = 200  # of each hazard
SOONER = 0.8  # share of the hazard's time up to which what it did to a component is told apart
ALIKE = 1.5  # components struck alike count together where they take up to so many times as long as the quickest
MOST_GROUPS = 40  # of components, those with which the bound falls most


class AtMost(NamedTuple):
    """The reading for the most that any dependence can cost.

    read : the reading, with an event for what lingers on each group of components
    number : (n,) of each of its events among those of the View; -1 for what lingers
    load : (groups,) rate × hours for which what hazards did to each group is felt
    """

    read: st.Structure
    number: np.ndarray
    load: np.ndarray

    def chances(self, view: View, factor: float = 1.0) -> np.ndarray:
        """(n,) chances that no dependence makes greater, all rates multiplied by a factor."""
        lingers = [min(1.0, factor * float(self.load[e.a])) if e.kind == st.LINGERS else 0.0 for e in self.read.events]
        return np.where(self.number >= 0, view.chances_at_most(factor)[self.number], lingers)


def at_most(view: View) -> AtMost:
    """The reading for the bound: the View's own where nothing is over sooner than its hazard, or the formula is very large."""
    own = AtMost(view.read, np.arange(len(view.read.events)), np.zeros(0))
    if view.read.formula.child.size > MOST_WRITTEN:
        return own
    groups = _groups(view)
    if not groups:
        return own
    lingers = np.full(view.system.arrays.component.size, -1)
    for g, (_, components) in enumerate(groups):
        lingers[components] = g
    read, place = st.structure(view.system, lingers=lingers), {e: n for n, e in enumerate(view.read.events)}
    return AtMost(read, np.array([place.get(e, -1) for e in read.events], np.int64), np.array([load for load, _ in groups]))


def _groups(view: View) -> list[tuple[float, list[int]]]:
    """Components that are struck alike and back at about the same time: rate × hours for which it is felt on any of them, and they."""
    system, rate = view.system, view.world.rate
    struck = st.struck(system)
    roots = _roots(system)
    by = {c: frozenset().union(*(roots[e] for e in effects)) for c, effects in struck.items()}
    items = [e.a for e in view.read.events if e.kind == st.ITEM and system.arrays.item[e.a]["is_hazard"] and rate[e.a] > 0.0]
    played = {i: _Plays(view, i) for i in items}
    above = {c: _above(system, c) for c in struck}
    told_apart = _told_apart(system, above)

    def load(components: Sequence[int]) -> float:
        """Rate × hours until the last of these is at rest again."""
        return sum(float(rate[i]) * played[i].hours(components, struck[components[0]], above) for i in items if i in by[components[0]])

    alike: dict[tuple[int, ...], list[tuple[float, int]]] = {}
    whole = {c: sum(float(rate[i]) * float(view.felt_h[i]) for i in items if i in by[c]) for c in struck}
    for c, effects in struck.items():
        mine = load([c]) if c in told_apart and whole[c] > 0.0 else 0.0
        if 0.0 < mine < SOONER * whole[c]:
            alike.setdefault(effects, []).append((mine, c))
    found: list[tuple[float, float, list[int]]] = []
    for rows in alike.values():
        rows.sort()
        while rows:
            together = [c for mine, c in rows if mine <= ALIKE * rows[0][0]]
            rows = rows[len(together) :]
            found.append((whole[together[0]] - load(together), load(together), together))
    return [(mine, components) for _, mine, components in sorted(found, key=lambda row: (-row[0], row[2]))[:MOST_GROUPS]]


class _Plays:
    """Plays of one hazard alone, with all that it may do on demand: when each component and each effect was last heard of."""

    def __init__(self, view: View, item: int) -> None:
        self.felt_h, a = float(view.felt_h[item]), view.system.arrays
        plays = min(PLAYS, max(2, view.looks))
        given: Given = view.given(range(len(view.read.events)))
        paths, traces = view.player.told([view.lasts.hit(item)], given, plays, view.asked.seed)
        self.state, self.effect = np.zeros((plays, a.component.size)), np.zeros((plays, a.effect.size))
        self.happened = np.zeros(a.effect.size, bool)
        self.stuck = (paths[:, 2].astype(np.int64) & y.FLAG_STUCK) > 0
        self.end = paths[:, 1]
        for n, trace in enumerate(traces):
            what, who = trace[:, 1].astype(np.int64), trace[:, 2].astype(np.int64)
            for kinds, last in (((y.T_STATE, y.T_LEVEL), self.state), ((y.T_EFFECT, y.T_EFFECT_END), self.effect)):
                mine = np.isin(what, kinds)
                np.maximum.at(last[n], who[mine], trace[mine, 0])
            self.happened[who[what == y.T_EFFECT]] = True

    def hours(self, components: Sequence[int], effects: Sequence[int], above: dict[int, set[int]]) -> float:
        """Mean hours until these components, all that stands on them and all effects on them are at rest; at most those of the hazard.

        An effect that was never seen comes only with other misfortunes: the hazard's own hours.
        """
        if not self.happened[list(effects)].all():
            return self.felt_h
        on = sorted(set().union(*(above[c] for c in components)))
        last = np.maximum(self.state[:, on].max(axis=1), self.effect[:, list(effects)].max(axis=1))
        return min(self.felt_h, float(np.where(self.stuck, self.end, last).mean()))


def _roots(system: System) -> list[frozenset[int]]:
    """Of each effect the hazards (numbers of items) that may bring it, by themselves or by triggering its own."""
    a = system.arrays
    triggers: dict[int, set[int]] = {}
    for row in a.effect:
        if row["op"] == y.TRIGGER:
            triggers.setdefault(int(row["other"]), set()).add(int(row["hazard"]))
    found = {}
    for h in range(a.hazard.size):
        seen, todo = {h}, [h]
        while todo:
            more = triggers.get(todo.pop(), set()) - seen
            seen |= more
            todo += more
        found[h] = frozenset(int(a.hazard[x]["item"]) for x in seen if a.hazard[x]["item"] >= 0)
    return [found[int(row["hazard"])] for row in a.effect]


def _above(system: System, c: int) -> set[int]:
    """A component and all components that stand on it."""
    a, count = system.arrays, system.arrays.component.size
    seen, todo = {c}, [c]
    while todo:
        row = a.node[todo.pop()]
        more = {int(n) for n in a.links[row["up_lo"] : row["up_hi"]]} - seen
        seen |= more
        todo += more
    return {n for n in seen if n < count}


def _told_apart(system: System, above: dict[int, set[int]]) -> set[int]:
    """Of these components those whose outage leaves nothing behind once they and all that stands on them are back.

    Not where something that stands on them takes time to start, which may fall only with another misfortune that the hazard's other
    effects still help; nor where it is asked at one moment whether they are out: an effect comes, or a barrier fails.
    """
    slow, asked = set(np.flatnonzero(st.slow_to_start(system)).tolist()), _asked_later(system)
    return {c for c, those in above.items() if not asked & those and not slow & (those - {c})}


def _asked_later(system: System) -> set[int]:
    """Components whose outage at one moment decides whether an effect comes or a barrier fails."""
    a, count = system.arrays, system.arrays.component.size
    todo = [int(n) for n in (*a.effect["when"], *a.barrier["need"]) if n >= 0]
    found: set[int] = set()
    while todo:
        node = todo.pop()
        if node < count:
            found.add(node)
        else:
            g = a.gate[node - count]
            todo += [int(n) for n in a.child[g["lo"] : g["hi"]]]
    return found
