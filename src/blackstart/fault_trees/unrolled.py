"""A Formula as a fault tree with names, for programs that know neither circles nor weighted votes.

A circle takes its least solution. Cut open at some of its gates, it is computed from what they were a round before, from false
upwards: as many rounds as there are cuts suffice, because each round that changes anything makes another cut gate true for good.
A weighted vote becomes a choice, member by member: with it, or without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, TRUE, XOR, Formula
from blackstart.errors import ModelError, Problem
from blackstart.fault_trees.expressions import constant
from blackstart.fault_trees.faulttree import Connective, Event, FaultTree, Gate, Logic, below
from blackstart.graph import strong_components

MOST_GATES = 200_000
_EPS = 1e-9


def fault_tree(
    name: str, formula: Formula, events: Sequence[str], p: np.ndarray, per_year: np.ndarray, tops: Sequence[str],
    labels: Mapping[str, str] | None = None,
) -> FaultTree:  # fmt: skip
    """The fault tree whose gate `tops[t]` is the t-th top of a formula.

    Parameters
    ----------
    events : (n,) names
    p : (n,) probabilities
    per_year : (n,) how often each begins; nan: not said
    labels : of events and tops, by name

    Raises
    ------
    ModelError
        It would have more than `MOST_GATES` gates.
    """
    told = labels or {}
    rows = zip(events, p.tolist(), per_year.tolist(), strict=True)
    whole = FaultTree(
        name,
        {g: gate._replace(label=told.get(g, "")) for g, gate in _Unrolled(formula, events, tops).gates.items()},
        {e: Event(constant(q), told.get(e, ""), None, None if math.isnan(w) else w) for e, q, w in rows},
    )
    used = below(whole, tops)
    return replace(
        whole,
        gates={g: gate for g, gate in whole.gates.items() if g in used},
        events={e: event for e, event in whole.events.items() if e in used},
    )


class _Unrolled:
    """Gates by name, each written when something first asks for it."""

    def __init__(self, formula: Formula, events: Sequence[str], tops: Sequence[str]) -> None:
        self.f, self.events, self.n = formula, events, formula.events
        self.prefix = "g"
        while any(name.startswith(self.prefix) for name in (*events, *tops)):
            self.prefix += "_"
        self.part, self.cuts = _circles(formula)
        self.gates: dict[str, Gate] = {}
        self.todo: list[tuple[int, int]] = []
        self.asked: set[tuple[int, int]] = set()
        for top, literal in zip(tops, formula.tops.tolist(), strict=True):
            self.gates[top] = Gate(self._outside(literal))
        while self.todo:
            gate, round_ = self.todo.pop()
            self.gates[self._name(gate, round_)] = Gate(self._said(gate, round_))
            if len(self.gates) > MOST_GATES:
                raise ModelError([Problem("ft-too-many-gates", values={"most": f"{MOST_GATES:,}"})])

    def _name(self, gate: int, round_: int) -> str:
        return f"{self.prefix}{gate}_{round_}" if round_ else f"{self.prefix}{gate}"

    def _outside(self, literal: int) -> Logic:
        """A literal as seen from outside of the circle that its gate may stand in: after the last round."""
        gate = (literal >> 1) - self.n
        if literal < 0 or gate < 0 or gate not in self.part:
            return self._literal(literal, 0)
        cuts = self.cuts[self.part[gate]]
        return self._literal(literal, len(cuts) + (gate not in cuts))

    def _within(self, literal: int, gate: int, round_: int) -> Logic:
        """A child of a gate in some round of its circle: cut gates are taken from the round before."""
        child = (literal >> 1) - self.n
        if literal < 0 or child < 0 or gate not in self.part or self.part.get(child) != self.part[gate]:
            return self._outside(literal)
        if child not in self.cuts[self.part[gate]]:
            return self._literal(literal, round_)
        return self._literal(literal, round_ - 1) if round_ > 1 else False

    def _literal(self, literal: int, round_: int) -> Logic:
        if literal < 0:
            return literal == TRUE
        number = literal >> 1
        if number < self.n:
            name = self.events[number]
        else:
            key = (number - self.n, round_)
            name = self._name(*key)
            if key not in self.asked:
                self.asked.add(key)
                self.todo.append(key)
        return Connective("not", (name,)) if literal & 1 else name

    def _said(self, gate: int, round_: int) -> Logic:
        span = slice(self.f.ptr[gate], self.f.ptr[gate + 1])
        of = tuple(self._within(c, gate, round_) for c in self.f.child[span].tolist())
        op = int(self.f.op[gate])
        if op == THRESHOLD:
            return self._vote(self._name(gate, round_), of, self.f.weight[span].tolist(), float(self.f.k[gate]))
        if op == IFF:  # all alike
            return Connective("or", (Connective("and", of), Connective("nor", of))) if len(of) > 1 else True
        return Connective({AND: "and", OR: "or", XOR: "xor"}[op], of) if len(of) > 1 else of[0]

    def _vote(self, name: str, of: tuple[Logic, ...], weights: list[float], k: float) -> Logic:
        if max(weights) - min(weights) < _EPS:
            return Connective("atleast", of, math.ceil(k / weights[0] - _EPS))
        order = sorted(range(len(of)), key=lambda i: -weights[i])
        left = np.cumsum([weights[i] for i in reversed(order)])[::-1].tolist() + [0.0]  # weight of the members from here on
        made = {(0, k): name}
        level = {k}
        for at, i in enumerate(order):
            below: set[float] = set()

            def rest(missing: float, at: int = at, below: set[float] = below) -> Logic:
                """What the members behind this one must say where so much weight is missing."""
                if missing <= _EPS:
                    return True
                if left[at + 1] < missing - _EPS:
                    return False
                below.add(missing)
                return made.setdefault((at + 1, missing), f"{name}_{len(made)}")

            for missing in sorted(level):
                choice = _choice(of[i], rest(round(missing - weights[i], 9)), rest(missing))
                self.gates[made[at, missing]] = Gate(choice)
            if len(self.gates) > MOST_GATES:
                raise ModelError([Problem("ft-too-many-gates", values={"most": f"{MOST_GATES:,}"})])
            level = below
        return self.gates[name].formula


def _choice(member: Logic, with_: Logic, without: Logic) -> Logic:
    """The member and what must then come, or what suffices without it; nothing here is worse for a member more."""
    if with_ is False:
        return without
    took = member if with_ is True else Connective("and", (member, with_))
    return took if without is False else Connective("or", (took, without))


def _circles(formula: Formula) -> tuple[dict[int, int], dict[int, set[int]]]:
    """Gates in circles with the number of their circle, and for each circle gates whose removal leaves none."""
    n = formula.events
    bounds = formula.ptr.tolist()
    children = [(c >> 1) - n if c >= 0 else -1 for c in formula.child.tolist()]
    graph = {g: [c for c in children[bounds[g] : bounds[g + 1]] if c >= 0] for g in range(len(formula.op))}
    number = strong_components(graph)
    members: dict[int, list[int]] = {}
    for gate, part in number.items():
        members.setdefault(part, []).append(gate)
    circles = {p: gates for p, gates in members.items() if len(gates) > 1 or gates[0] in graph[gates[0]]}
    part = {gate: p for p, gates in circles.items() for gate in gates}
    return part, {p: _cuts(gates, graph) for p, gates in circles.items()}


def _cuts(gates: Sequence[int], graph: Mapping[int, Sequence[int]]) -> set[int]:
    """Where a walk through these gates comes back to where it is: taken out, no circle is left."""
    inside, done, cuts = set(gates), set(), set()
    for root in gates:
        path: dict[int, Iterator[int]] = {} if root in done else {root: iter(graph[root])}
        while path:
            gate = next(reversed(path))
            ahead = next((c for c in path[gate] if c in inside and c not in done), None)
            if ahead is None:
                done.add(gate)
                del path[gate]
            elif ahead in path:
                cuts.add(ahead)
            else:
                path[ahead] = iter(graph[ahead])
    return cuts
