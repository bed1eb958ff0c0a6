"""Why services are out by logic: from each, need by need, down to what is struck, lost or does not take over.

A chain leads only through what is out itself. Where one of several would do (a standby beside what it stands for), each of them is
out for a reason of its own, and each is told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.system import System

MOST_NODES = 20_000  # parts and gates under the services, up to which it is told why they stop
_NOTHING = 1e-9  # a level of nothing at all
_CHOICES = (y.ANY, y.AT_LEAST, y.CAPACITY)


Misfortune = tuple[str, str, str | None]


class Stop(NamedTuple):
    """Why a component is out: the components it is out for, or what hits it itself.

    on : where one of several would do all of them, standbys last; else one; none of what is out by itself
    by : the misfortune that strikes it (what, whose, against or by what); None of what is lost, whatever the reason
    waits : a standby that is there, but takes time
    """

    on: tuple[int, ...] = ()
    by: Misfortune | None = None
    waits: bool = False


class Chains:
    """Why services are out, by one reading of a System (engines/structure.py).

    events : the basic events by whose numbers states are given
    named : the words for one of them, by its number; none for a reading over what is lost
    lost, before : as in `structure`
    """

    def __init__(
        self, system: System, events: Sequence[st.Event], named: Callable[[int], Misfortune] | None = None, *, before: bool = False
    ) -> None:
        self.system, self.events, self.named, self.before = system, list(events), named, before
        self.lost = named is None
        self.nodes = _under(system)
        self.slow = st.slow_standbys(system)
        self.read: dict[float, st.Inside] = {}

    def why(self, there: Sequence[Iterable[int]], services: Sequence[Iterable[int]]) -> list[dict[int, Stop]]:
        """For each state (numbers of its events) why these services (numbers of the System) are out: component -> why, all the way down.

        A service that is not out by this reading is not told of.
        """
        found: list[dict[int, Stop]] = [{} for _ in there]
        if len(self.nodes) > MOST_NODES:
            return found
        rows = self.system.arrays.service
        for level in sorted({float(rows[s]["serves"]) for some in services for s in some}):
            outs = self._out(max(level, _NOTHING), there)
            for why, some, (out, states) in zip(found, services, outs, strict=True):
                tops = [int(rows[s]["component"]) for s in some if float(rows[s]["serves"]) == level]
                told = _Told(self, max(level, _NOTHING), out, states).why(tops)
                why.update({c: stop for c, stop in told.items() if c not in why})
        return found

    def _out(self, level: float, there: Sequence[Iterable[int]]) -> Iterator[tuple[dict[Any, bool], list[int]]]:
        """For each state what is out in it, by the keys of the reading, and the state."""
        if level not in self.read:
            self.read[level] = st.inside(self.system, self.nodes, level, lost=self.lost, before=self.before)
        read, sets = self.read[level], [sorted(some) for some in there]
        place = {event: n for n, event in enumerate(read.events)}
        states = np.zeros((len(there), len(read.events)), bool)
        for row, some in zip(states, sets, strict=True):
            row[[place[self.events[i]] for i in some if self.events[i] in place]] = True
        for row, some in zip(logic.evaluate(read.formula, states), sets, strict=True):
            yield dict(zip(read.keys, row.tolist(), strict=True)), some


class _Told:
    """Why components are out in one state."""

    def __init__(self, of: Chains, level: float, out: Mapping[Any, bool], there: Sequence[int]) -> None:
        self.of, self.level, self.out = of, level, out
        self.a, self.count = of.system.arrays, of.system.arrays.component.size
        lows = [key for key, value in out.items() if value and key[0] == "low"]
        self.low = {key[1] for key in lows if key[2] == level}
        self.gone = {key[1] for key in lows if key[2] <= _NOTHING}
        self.short = {key[1] for key in lows}
        self.ends = self._struck([key[1] for key, value in out.items() if value and key[0] == "effect"], there)
        self.wanted: dict[int, list[list[int]]] = {}

    def _struck(self, effects: Iterable[int], there: Iterable[int]) -> dict[int, Stop]:
        """What is hit by itself: by effects of hazards, by a failure of its own, or because it is lost or does not take over."""
        found: dict[int, Stop] = {}
        for i in there:
            event = self.of.events[i]
            item = event.kind == st.ITEM and not self.a.item[event.a]["is_hazard"]
            c = int(self.a.item[event.a]["id"]) if item else event.a if event.kind in (st.LOST, st.TAKE_OVER, st.DEAD) else -1
            if c >= 0:
                found.setdefault(c, Stop(by=self.of.named(i) if self.of.named else None))
        for e in effects:
            row = self.a.effect[e]
            stop = Stop(by=("hazard", self.of.system.hazards[row["hazard"]], None))
            for c in self.a.links[row["tgt_lo"] : row["tgt_hi"]].tolist():
                found.setdefault(c, stop)
        if self.of.before:
            for c in np.flatnonzero(self.of.slow).tolist():
                found.setdefault(c, Stop(waits=True))
        return {c: stop for c, stop in found.items() if self.out.get(("own", c, self.level))}

    def why(self, tops: Sequence[int]) -> dict[int, Stop]:
        tops = [c for c in tops if self.out.get(("low", c, self.level))]
        far = self._distances(tops)
        found: dict[int, Stop] = {}
        todo = list(tops)
        while todo:
            c = todo.pop()
            if c in found or c not in far:
                continue
            found[c] = self.ends.get(c) or self._on(c, far)
            todo += found[c].on
        return found

    def _on(self, c: int, far: Mapping[int, int]) -> Stop:
        """The nearest to a cause of what it stands on; where that is one of several that would do, with the others, standbys last."""
        groups = [known for group in self._below(c) if (known := [m for m in group if m in far])]
        nearest = min(groups, key=lambda group: min(far[m] for m in group))
        return Stop(tuple(sorted(nearest, key=lambda m: (self.a.component[m]["standby"], far[m]))))

    def _distances(self, tops: Iterable[int]) -> dict[int, int]:
        """How many steps each component that is out is from a cause."""
        above: dict[int, list[int]] = {}
        seen, ends = set(tops), []
        todo = list(seen)
        while todo:
            c = todo.pop()
            if c in self.ends:
                ends.append(c)
                continue
            for m in {m for group in self._below(c) for m in group}:
                above.setdefault(m, []).append(c)
                if m not in seen:
                    seen.add(m)
                    todo.append(m)
        far, queue = dict.fromkeys(sorted(ends), 0), deque(sorted(ends))
        while queue:
            c = queue.popleft()
            for up in above.get(c, ()):
                if up not in far:
                    far[up] = far[c] + 1
                    queue.append(up)
        return far

    def _below(self, c: int) -> list[list[int]]:
        """What a component is out for: of each need the parts that are out, those together of which one would do."""
        if c not in self.wanted:
            row, groups = self.a.component[c], []
            if row["need"] >= 0:
                groups += self._groups(int(row["need"]), self.low) or self._groups(int(row["need"]), self.short)
            if row["standby"] == 1 and row["start_need"] >= 0:
                groups += self._groups(int(row["start_need"]), self.gone)
            if row["want"] >= 0 and not groups:
                gate = self.a.gate[row["want"] - self.count]
                groups += [group for m in self.a.child[gate["lo"] : gate["hi"]] for group in self._groups(int(m), self.short)]
            self.wanted[c] = groups
        return self.wanted[c]

    def _groups(self, node: int, out: set[int]) -> list[list[int]]:
        if node not in out:
            return []
        if node < self.count:
            return [[node]]
        gate = self.a.gate[node - self.count]
        inner = [group for m in self.a.child[gate["lo"] : gate["hi"]] for group in self._groups(int(m), out)]
        return [list(dict.fromkeys(m for group in inner for m in group))] if inner and gate["op"] in _CHOICES else inner


def _under(system: System) -> list[int]:
    """Components and gates under the services: what they need or want to run, and what standbys among these need to start."""
    a = system.arrays
    count = a.component.size
    found = dict.fromkeys(int(c) for c in a.service["component"])
    todo = list(found)
    while todo:
        node = todo.pop()
        if node < count:
            row = a.component[node]
            below = [int(n) for n in (row["need"], row["start_need"] if row["standby"] == 1 else -1) if n >= 0]
            if row["want"] >= 0:
                gate = a.gate[row["want"] - count]
                below += [int(n) for n in a.child[gate["lo"] : gate["hi"]]]
        else:
            gate = a.gate[node - count]
            below = [int(n) for n in a.child[gate["lo"] : gate["hi"]]]
        new = [n for n in below if n not in found]
        found.update(dict.fromkeys(new))
        todo += new
    return list(found)


def as_rows(system: System, why: Mapping[int, Stop]) -> dict[str, dict[str, Any]]:
    """The same by names."""
    keys = ("what", "id", "of")
    return {
        system.components[c]: {
            "on": [system.components[m] for m in stop.on], "by": dict(zip(keys, stop.by, strict=True)) if stop.by else None,
            "waits": stop.waits,
        }
        for c, stop in why.items()
    }  # fmt: skip
