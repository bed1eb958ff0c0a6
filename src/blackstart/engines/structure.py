"""A System as a Boolean formula: which misfortunes, all there at once, leave which services below what they must serve.

The reading is static. Every misfortune of a set has come and none is over; what has fallen has not been repaired; nothing is
ridden out; a standby that can take over has done so, unless the reading is asked what is out before any has. Running is the least
solution in terms of failure (nothing fails without a cause), as the timed engine's levels are the greatest in terms of what serves
(docs/explanation/life-cycle.md, §2). What this reading leaves out is listed with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.formula import AND, FALSE, OR, THRESHOLD, TRUE, Formula, Writer, written_out
from blackstart.system import System, World

# What a basic event says. ITEM: misfortune number a is there · BARRIER: barrier a fails against hazard b · TAKE_OVER: standby a
# does not start when called · DEAD: standby a has a hidden fault · CHANCE: the probability number a comes true ·
# DOUBTFUL: doubtful need number a exists · PICKED: effect a reaches component b, one of several of which it reaches a share ·
# LOST: component a is gone, whatever the reason · LINGERS: what hazards did to the components of group a is still felt
ITEM, BARRIER, TAKE_OVER, DEAD, CHANCE, DOUBTFUL, PICKED, LOST, LINGERS = range(9)

_EPS = 1e-9
_MORE = 1e-7  # what has to be lost beyond the room there is; well above the rounding of sums of weights
MOST_LEVELS = 32  # different levels of one component that are kept apart; further ones are rounded down


class Event(NamedTuple):
    """A basic event: its kind and the numbers that say whose it is (-1: none)."""

    kind: int
    a: int
    b: int = -1


@dataclass(frozen=True)
class Structure:
    """The structure function of a System.

    formula : its tops are the services, in the order of the System; true means out.
    events : what each basic event is.
    left_out : keys of what the System has and this reading does not see, in a fixed order.
    """

    formula: Formula
    events: tuple[Event, ...]
    left_out: tuple[str, ...]


def structure(system: System, *, lost: bool = False, before: bool = False, lingers: np.ndarray | None = None) -> Structure:
    """The structure function of a System over its misfortunes; or, if `lost`, over the loss of single components alone.

    before : read before any standby has taken over: those whose start takes time or people are not there. What is out then
        holds all that is ever out for a take-over's sake; whether a standby was quick enough to spare it, plays must tell.
    lingers : (C,) group of components on which what hazards did counts only while it is still felt there; -1: as long as the hazard
    """
    return _Reading(system, lost, before, lingers).read()


def struck(system: System) -> dict[int, tuple[int, ...]]:
    """The components that hazards may stop as a whole, with the effects that do."""
    reading = _Reading(system, lost=False, before=False)
    return {c: tuple(effects) for c in range(reading.C) if (effects := reading.reaching(c))}


@dataclass(frozen=True)
class Inside:
    """What is out inside a System, as a formula over the same kinds of events, to tell why a service is out.

    formula : its tops stand for `keys`; true means out.
    keys : ("low", node, level): the node serves less than this · ("own", component, level): so little of it is there itself ·
        ("effect", number): this effect of its hazard has happened
    events : what each basic event is.
    """

    formula: Formula
    keys: tuple[tuple[str, int, float] | tuple[str, int], ...]
    events: tuple[Event, ...]


def inside(system: System, nodes: Iterable[int], level: float, *, lost: bool = False, before: bool = False) -> Inside:
    """What is out among nodes of a System: below a level, with nothing left, and with something missing; and what its effects do.

    nodes : components and gates that say what must be there for something to run or start
    lost, before : as in `structure`
    """
    return _Reading(system, lost, before).inside(nodes, level)


def slow_standbys(system: System) -> np.ndarray:
    """(C,) bool: standbys that may take time to take over."""
    return (system.arrays.component["standby"] == 1) & slow_to_start(system)


def slow_to_start(system: System) -> np.ndarray:
    """(C,) bool: components whose start may take time."""
    c = system.arrays.component
    return (c["start_takes"] >= 0) | (c["start_each"] >= 0) | (c["crew1"] > c["crew0"])


def probabilities(system: System, events: tuple[Event, ...], world: World, present_h: np.ndarray) -> np.ndarray:
    """Chance of each basic event at a random moment in one possible world: (n,) float64.

    present_h : (items,) float64, how long each misfortune is felt when it comes, in hours; its share of time is that of a
    server without a queue for a component's own failure, λT / (1 + λT), and 1 − exp(−λT) for what may come again meanwhile.
    """
    a, p = system.arrays, np.zeros(len(events))
    load = world.rate * present_h
    share = np.where(a.item["is_hazard"] == 1, -np.expm1(-load), load / (1.0 + load)) if load.size else load
    for i, e in enumerate(events):
        if e.kind == ITEM:
            p[i] = share[e.a]
        elif e.kind == BARRIER:
            row = a.barrier[e.a]
            p[i] = 1.0 - _chance(world, row["works"], 1.0) * (1.0 - _chance(world, row["dead"], 0.0))
        elif e.kind == TAKE_OVER:
            p[i] = 1.0 - _chance(world, a.component[e.a]["start_works"], 1.0)
        elif e.kind == DEAD:
            p[i] = _chance(world, a.component[e.a]["dead"], 0.0)
        elif e.kind == CHANCE:
            p[i] = world.prob[e.a]
        elif e.kind == DOUBTFUL:
            p[i] = system.parameters[system.doubtful[e.a]].dist.mean()
        elif e.kind == PICKED:
            p[i] = a.effect[e.a]["share"]
    return p


def _chance(world: World, number: int, otherwise: float) -> float:
    return otherwise if number < 0 else float(world.prob[number])


Rule = Generator[Hashable, int, int]


class _Reading:
    """Writes the formula on demand, from the services down; rules ask for what they stand on by yielding its key."""

    def __init__(self, system: System, lost: bool, before: bool, lingers: np.ndarray | None = None) -> None:
        self.a = system.arrays
        self.lingers = np.full(self.a.component.size, -1) if lingers is None else lingers
        self.system = system
        self.lost = lost
        self.absent = slow_standbys(system) if before else np.zeros(self.a.component.size, bool)
        self.w = Writer()
        self.events: dict[Event, int] = {}  # its literal; in the order in which they were met
        self.known: dict[Hashable, int] = {}
        self.level_sets: dict[int, tuple[float, ...]] = {}
        self.rounded = False
        self.C = self.a.component.size
        self.rules: dict[str, Callable[..., Rule]] = {
            "low": self._low, "own": self._own, "broken": self._broken, "effect": self._effect, "hazard": self._hazard,
        }  # fmt: skip
        self._turn_round()

    def read(self) -> Structure:
        tops = [self._solve(("low", int(s["component"]), float(max(s["serves"], _EPS)))) for s in self.a.service]
        return Structure(self.w.formula(tops), tuple(self.events), self._left_out())

    def inside(self, nodes: Iterable[int], level: float) -> Inside:
        keys: list[Any] = []
        for node in nodes:
            levels = dict.fromkeys((level, _EPS, self._levels(node)[-1]))
            keys += [("low", node, x) for x in levels]
            if node < self.C:
                keys.append(("own", node, level))
        if not self.lost:
            keys += [("effect", e) for e in sorted({int(e) for e in self.effect_at})]
        tops = [self._solve(key) for key in keys]
        return Inside(self.w.formula(tops), tuple(keys), tuple(self.events))

    # -- asking

    def _solve(self, key: Hashable) -> int:
        """The literal of a key; rules in progress that are asked for again stand in a circle and become gates of their own."""
        work: list[tuple[Hashable, Rule]] = []
        announced: dict[Hashable, int] = {}
        running: set[Hashable] = set()
        answer: int | None = self.known.get(key)
        if answer is not None:
            return answer

        def begin(k: Hashable) -> None:
            work.append((k, self.rules[k[0]](*k[1:])))  # type: ignore[index]
            running.add(k)

        begin(key)
        send: int | None = None
        while work:
            here, rule = work[-1]
            try:
                asked = rule.send(send)  # type: ignore[arg-type]
            except StopIteration as done:
                work.pop()
                running.discard(here)
                send = done.value
                if here in announced:
                    gate = announced.pop(here)
                    self.w.write(gate, send)
                    send = gate
                self.known[here] = send
                continue
            send = None
            if asked in self.known:
                send = self.known[asked]
            elif asked in running:
                if asked not in announced:
                    announced[asked] = self.w.later()
                send = announced[asked]
            else:
                begin(asked)
        return self.known[key]

    def _event(self, kind: int, a: int, b: int = -1) -> int:
        """Literal of a basic event."""
        event = Event(kind, int(a), int(b))
        if event not in self.events:
            self.events[event] = self.w.further_event()
        return self.events[event]

    # -- rules

    def _low(self, node: int, theta: float) -> Rule:
        """The level of a node is below theta (0 < theta <= 1)."""
        if node >= self.C:
            return (yield from self._low_gate(node, theta))
        c = self.a.component[node]
        most = self._ceiling(node)
        if c["want"] < 0:
            least = theta / most
            if least > 1.0 + _EPS:
                return TRUE
            return (yield from self._base_low(node, least))
        # Own and need together give one factor, each of what it wants another: the product is below theta when what they have
        # lost, on a scale of logarithms, is more than the room between theta and the most there can be.
        wants = self.a.gate[c["want"] - self.C]
        most *= self._base_levels(node)[-1]
        for q in range(wants["lo"], wants["hi"]):
            most *= 1.0 - float(self.a.weight[q]) * (1.0 - self._levels(int(self.a.child[q]))[-1])
        if most < theta - _EPS:
            return TRUE
        room = math.log(most / theta)
        base = []
        for level, fall in _falls(self._base_levels(node), room):
            base.append(((yield from self._base_low(node, level)), fall))
        factors = [base]
        for q in range(wants["lo"], wants["hi"]):
            child, share = int(self.a.child[q]), float(self.a.weight[q])
            levels = self._levels(child)
            falls = _falls(tuple(1.0 - share * (1.0 - v) for v in levels), room, 1.0 - share)
            factors.append([])
            for level, (_, fall) in zip(levels, falls, strict=True):
                factors[-1].append(((yield ("low", child, level)), fall))
        return self._fallen(factors, room + _MORE)

    def _fallen(self, factors: list[list[tuple[int, float]]], room: float) -> int:
        """What some factors have lost comes to the room or more; of each its steps down, the deepest first, and what each takes."""
        deep = [list(zip((c for c, _ in steps), np.cumsum([w for _, w in steps][::-1])[::-1].tolist(), strict=True)) for steps in factors]
        return written_out(deep, room, self.w.gate)

    def _base_low(self, c: int, theta: float) -> Rule:
        """Own or need of component c is below theta."""
        parts = [(yield ("own", c, theta))]
        if self.a.component[c]["need"] >= 0:
            parts.append((yield ("low", int(self.a.component[c]["need"]), theta)))
        return self.w.gate(OR, parts)

    def _low_gate(self, node: int, theta: float) -> Rule:
        g = self.a.gate[node - self.C]
        members = [int(c) for c in self.a.child[g["lo"] : g["hi"]]]
        if g["op"] == y.CAPACITY:
            return (yield from self._low_capacity(g, members, theta))
        low = []
        for m in members:
            low.append((yield ("low", m, theta)))
        if g["op"] == y.ALL:
            return self.w.gate(OR, low)
        if g["op"] == y.ANY:
            return self.w.gate(AND, low)
        if g["op"] == y.AT_LEAST:
            return self.w.gate(THRESHOLD, low, len(low) - int(g["k"]) + 1)
        exists = self._event(DOUBTFUL, int(g["k"]))
        return self.w.gate(AND, [exists, self.w.gate(OR, low)])

    def _low_capacity(self, g: np.void, members: list[int], theta: float) -> Rule:
        """Too little is left when the weights of what has fallen leave less than is asked for."""
        weight = [float(x) for x in self.a.weight[g["lo"] : g["hi"]]]
        needed = max(theta, float(g["k"]))
        factors: list[list[tuple[int, float]]] = []
        total = 0.0
        for m, w in zip(members, weight, strict=True):
            levels = self._levels(m)
            total += w * levels[-1]
            factors.append([])
            for level, below in zip(levels, (0.0, *levels), strict=False):
                factors[-1].append(((yield ("low", m, level)), w * (level - below)))
        spare = total - needed
        if spare < -_EPS:
            return TRUE
        if all(len(steps) == 1 for steps in factors):
            return self.w.gate(THRESHOLD, [c for ((c, _),) in factors], spare + _MORE, [w for ((_, w),) in factors])
        return self._fallen(factors, spare + _MORE)

    def _own(self, c: int, theta: float) -> Rule:
        """The share of a component's chunks that is up is below theta."""
        if self.absent[c]:
            return TRUE
        row = self.a.component[c]
        stops = [(yield ("broken", c))]
        if row["standby"] == 1:
            stops.append(self._event(DEAD, c) if row["dead"] >= 0 else FALSE)
            if row["start_works"] >= 0:
                stops.append(TRUE if self._never_works(int(row["start_works"])) else self._event(TAKE_OVER, c))
            if row["start_need"] >= 0:
                stops.append((yield ("low", int(row["start_need"]), _EPS)))
        if row["counted"] == 1 and not self.lost:
            parts, shares = [], []
            for e, share in self._partly(c):
                parts.append((yield ("effect", e)))
                shares.append(share)
            stops.append(self.w.gate(THRESHOLD, parts, max(1.0 - theta, 0.0) + _MORE, shares))
        return self.w.gate(OR, stops)

    def _broken(self, c: int) -> Rule:
        """Component c is broken or held as a whole."""
        if self.lost:
            return self._event(LOST, c)
        stops = [self._event(ITEM, i) for i in self.own_item.get(c, ())]
        reached = []
        for e in self.reaching(c):
            reached.append((yield from self._reached(c, e)))
        if reached and self.lingers[c] >= 0:
            reached = [self.w.gate(AND, [self.w.gate(OR, reached), self._event(LINGERS, self.lingers[c])])]
        return self.w.gate(OR, [*stops, *reached])

    def _reached(self, c: int, e: int) -> Rule:
        row = self.a.effect[e]
        parts = [(yield ("effect", e))]
        if row["op"] == y.REVEAL:
            if self.a.component[c]["dead"] < 0:
                return FALSE
            parts.append(self._event(DEAD, c))
        if row["share"] < 1.0 and self.a.component[c]["counted"] == 0:
            parts.append(self._event(PICKED, e, c))
        return self.w.gate(AND, parts)

    def _effect(self, e: int) -> Rule:
        """Effect e of its hazard has happened."""
        row = self.a.effect[e]
        h, parent = int(row["hazard"]), self.parent_effect.get(e)
        parts = [(yield ("hazard", h) if parent is None else ("effect", parent))]
        if row["chance"] >= 0:
            parts.append(self._event(CHANCE, int(row["chance"])))
        for q in range(row["bar_lo"], row["bar_hi"]):
            parts.append((yield from self._barrier_fails(int(self.a.links[q]), h)))
        if row["when"] >= 0:
            parts.append((yield ("low", int(row["when"]), _EPS)))
        return self.w.gate(AND, parts)

    def _barrier_fails(self, b: int, h: int) -> Rule:
        row = self.a.barrier[b]
        if self._never_works(int(row["works"])):
            return TRUE  # nothing that can be lost: no misfortune
        fails = [self._event(BARRIER, b, h)] if row["works"] >= 0 or row["dead"] >= 0 else []
        if row["need"] >= 0:
            fails.append((yield ("low", int(row["need"]), _EPS)))
        return self.w.gate(OR, fails)

    def _never_works(self, chance: int) -> bool:
        """Whether a chance is known to be zero."""
        if chance < 0:
            return False
        dist = self.system.parameters[self.system.probabilities[chance][0]].dist
        return dist.kind == "point" and dist.mean() == 0.0

    def _hazard(self, h: int) -> Rule:
        """Hazard h has come, by itself or triggered."""
        comes = []
        if self.a.hazard[h]["item"] >= 0:
            comes.append(self._event(ITEM, int(self.a.hazard[h]["item"])))
        chance = int(self.a.hazard[h]["chance"])
        for e in self.triggers.get(h, ()):
            trigger = yield ("effect", e)
            comes.append(self.w.gate(AND, [trigger, self._event(CHANCE, chance)]) if chance >= 0 else trigger)
        return self.w.gate(OR, comes)

    # -- levels that a node can have, above 0, smallest first

    def _ceiling(self, c: int) -> float:
        return min(1.0, float(self.a.component[c]["headroom"]))

    def _base_levels(self, c: int) -> tuple[float, ...]:
        """Levels of own and need together, before wants and headroom."""
        row = self.a.component[c]
        found = {1.0}
        if row["counted"] == 1 and not self.lost:
            lost = {0.0}
            for _, share in self._partly(c):
                lost |= {x + share for x in lost if x + share < 1.0 - _EPS}
                if len(lost) > MOST_LEVELS:
                    break
            found |= {round(1.0 - x, 12) for x in lost}
        if row["need"] >= 0:
            need = self._levels(int(row["need"]))
            found = {min(v, n) for v in found for n in need}
        return self._kept(found)

    def _levels(self, node: int) -> tuple[float, ...]:
        if node in self.level_sets:
            return self.level_sets[node]
        stack = [node]
        while stack:
            here = stack[-1]
            if here in self.level_sets:
                stack.pop()
                continue
            if self.a.node[here]["circle"] >= 0:  # those on circles are there or not
                self.level_sets[here] = (max(float(self.a.node[here]["rest"]), _EPS),)
                continue
            missing = [m for m in self._below(here) if m not in self.level_sets]
            if missing:
                stack.extend(missing)
                continue
            self.level_sets[here] = self._kept(self._own_levels(here))
            stack.pop()
        return self.level_sets[node]

    def _below(self, node: int) -> list[int]:
        if node >= self.C:
            g = self.a.gate[node - self.C]
            return [int(m) for m in self.a.child[g["lo"] : g["hi"]]]
        row = self.a.component[node]
        wants = self._below(int(row["want"])) if row["want"] >= 0 else []
        return ([int(row["need"])] if row["need"] >= 0 else []) + wants

    def _own_levels(self, node: int) -> set[float]:
        if node < self.C:
            return self._component_levels(node)
        g = self.a.gate[node - self.C]
        members = [self.level_sets[int(m)] for m in self.a.child[g["lo"] : g["hi"]]]
        if g["op"] != y.CAPACITY:
            return {v for levels in members for v in levels} | ({1.0} if g["op"] == y.MAYBE else set())
        sums = {0.0}
        for w, levels in zip(self.a.weight[g["lo"] : g["hi"]], members, strict=True):
            sums = set(self._kept({round(s + w * v, 12) for s in sums for v in (0.0, *levels)})) | {0.0}
        return {min(1.0, s) for s in sums if s >= max(float(g["k"]) - _EPS, _EPS)} or {1.0}

    def _component_levels(self, c: int) -> set[float]:
        found = set(self._base_levels(c))
        want = int(self.a.component[c]["want"])
        if want >= 0:
            g = self.a.gate[want - self.C]
            for q in range(g["lo"], g["hi"]):
                share = float(self.a.weight[q])
                factor = [1.0 - share * (1.0 - v) for v in (0.0, *self.level_sets[int(self.a.child[q])])]
                found = set(self._kept({round(v * f, 12) for v in found for f in factor}))
        return {v * self._ceiling(c) for v in found}

    def _kept(self, found: set[float]) -> tuple[float, ...]:
        levels = sorted(v for v in found if v > _EPS)
        if len(levels) > MOST_LEVELS:
            self.rounded = True
            levels = [levels[round(i * (len(levels) - 1) / (MOST_LEVELS - 1))] for i in range(MOST_LEVELS)]
        return tuple(levels)

    # -- lists turned round

    def _turn_round(self) -> None:
        a = self.a
        self.own_item: dict[int, list[int]] = {}
        for i, row in enumerate(a.item):
            if row["is_hazard"] == 0:
                self.own_item.setdefault(int(row["id"]), []).append(i)
        self.triggers: dict[int, list[int]] = {}
        self.parent_effect: dict[int, int] = {}
        sizes = np.zeros(a.effect.size, np.int64)
        for e, row in enumerate(a.effect):
            for q in range(row["then_lo"], row["then_hi"]):
                self.parent_effect[int(a.links[q])] = e
            if row["op"] == y.TRIGGER and row["factor"] == 1.0:
                self.triggers.setdefault(int(row["other"]), []).append(e)
            if row["op"] in (y.BREAK, y.DESTROY, y.HOLD, y.REVEAL):
                sizes[e] = row["tgt_hi"] - row["tgt_lo"]
        targets = [a.links[a.effect[e]["tgt_lo"] : a.effect[e]["tgt_lo"] + sizes[e]] for e in range(a.effect.size)]
        component = np.concatenate(targets) if targets else np.zeros(0, np.int64)
        effect = np.repeat(np.arange(a.effect.size), sizes)
        by = np.argsort(component, kind="stable")
        self.effect_at = effect[by]
        self.effect_ptr = np.concatenate(([0], np.cumsum(np.bincount(component, minlength=self.C)))).astype(np.int64)

    def _at(self, c: int) -> list[int]:
        return [int(e) for e in self.effect_at[self.effect_ptr[c] : self.effect_ptr[c + 1]]]

    def reaching(self, c: int) -> list[int]:
        """Effects that stop the whole of component c, at least by chance."""
        counted = self.a.component[c]["counted"] == 1
        return [e for e in self._at(c) if not (counted and self.a.effect[e]["share"] < 1.0)]

    def _partly(self, c: int) -> list[tuple[int, float]]:
        """Effects that stop a share of a counted component, with the share of its chunks, as the engine rounds it."""
        chunks = float(self.a.component[c]["chunks"])
        rows = [(e, float(self.a.effect[e]["share"])) for e in self._at(c) if self.a.effect[e]["share"] < 1.0]
        return [(e, max(1.0, math.floor(share * chunks + 0.5)) / chunks) for e, share in rows]

    def _fails(self) -> np.ndarray:
        """(C,) whether each component fails by itself."""
        return np.isin(np.arange(self.C), list(self.own_item))

    def _restarts(self) -> bool:
        """Whether something that takes time to start stands on what only several misfortunes together stop."""
        row = self.a.component
        todo = np.flatnonzero(slow_to_start(self.system) & (row["standby"] == 0)).tolist()
        seen = set(todo)
        while todo:
            node = todo.pop()
            if node >= self.C and self.a.gate[node - self.C]["op"] in (y.ANY, y.AT_LEAST, y.CAPACITY):
                return True
            more = set(self._below(node)) - seen
            seen |= more
            todo += more
        return False

    def _left_out(self) -> tuple[str, ...]:
        a = self.a
        effects = a.effect["op"] if not self.lost else np.zeros(0, np.int64)
        seen = {
            "rides": bool((a.component["rides"] >= 0).any()),
            "overload": bool(np.isfinite(a.component["overload"]).any()),
            "surge": bool((effects == y.SURGE).any()) or bool((a.component["surge_factor"] != 1.0).any()),
            "raised-rates": bool(((effects == y.TRIGGER) & (a.effect["factor"] != 1.0)).any()) if effects.size else False,
            "again": bool((a.hazard["again"] != 1.0).any()) and not self.lost,
            "tried-again": any(e.kind == TAKE_OVER for e in self.events),
            "standby-called": bool((a.component["standby"] == 1).any()),
            "standby-turns": not self.lost and bool(((a.component["standby"] == 1) & (a.component["failback"] == 1) & self._fails()).any()),
            "keeps-running": not self.lost and bool(((a.component["standby"] == 1) & (a.component["failback"] == 0) & self._fails()).any()),
            "waits": bool((a.component["crew0"] < a.component["crew2"]).any() or (a.component["stock"] >= 0).any()),
            "restarts": not self.lost and self._restarts(),
            "worse": bool((a.component["want"] >= 0).any() or (a.component["counted"] == 1).any() or (a.gate["op"] == y.CAPACITY).any()),
            "at-arrival": not self.lost and bool((a.hazard["cost"] >= 0).any()),
            "picked": any(e.kind == PICKED for e in self.events),
            "levels-rounded": self.rounded,
        }
        return tuple(key for key, there in seen.items() if there)


def _falls(levels: tuple[float, ...], room: float, lowest: float = 0.0) -> list[tuple[float, float]]:
    """Steps down of a factor, as (level below which it has fallen, how much that takes of −log of the product)."""
    out = []
    below = lowest
    for level in levels:
        out.append((level, min(math.log(level / below), room + 1.0) if below > _EPS else room + 1.0))
        below = level
    return out
