"""Proven bounds where a body's diagram is too large: one diagram that is never true when the body is not, one that always is when it is.

The body is written with negation at inputs only. Then every gate is an AND or an OR of what stands below and grows with it: replacing a
gate's diagram by one that implies it (for the lower bound) or is implied by it (for the upper) keeps the bound. Where a diagram gets too
large, the parts through which the least probability flows become false, or true. Nothing is assumed about what was left out: the two
final diagrams are weighed exactly, and the truth lies between them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit, types

from blackstart.engines.building import Built, Program, program
from blackstart.engines.diagram import (
    AT_BOTTOM,
    COUNT,
    DONE,
    F64,
    F64_1,
    FULL,
    I32_1,
    I32_2,
    I64,
    I64_1,
    LIMIT,
    MADE,
    Table,
    both,
    compiled,
    edge_of,
)
from blackstart.engines.formula import AND, IFF, OR, XOR
from blackstart.engines.rewriting import Body

KEEPS = (1_000, 4_000, 16_000, 64_000, 256_000)  # rows of a gate's diagram from one attempt to the next
ROOM_PER_GATE = 100  # times as many rows may be made for a gate before its children are cut down further
CLOSE_ENOUGH = 1e-6  # relative width at which no further attempt is made


class Bounds(NamedTuple):
    """Diagrams that imply the body and that it implies, and their probabilities."""

    below: Built
    above: Built
    lower: float
    upper: float


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I64_1), **compiled)
def conjoin(nodes, heads, cache, stack, info, pair):
    """pair[2] becomes the edge of pair[0] AND pair[1]. DONE or FULL."""
    r = both(nodes, heads, cache, stack, info, pair[0], pair[1])
    if r < 0:
        return FULL
    pair[2] = r
    return DONE


@njit(types.void(I32_2, I64, F64_1, F64_1, F64_1), **compiled)
def flow(rows, root, chance, value, mass):
    """mass[e]: probability that the way through a diagram passes edge e (of row e // 2, opposite if odd) and ends at true."""
    value[0], value[1] = 0.0, 1.0
    for i in range(1, len(rows)):
        low, high, q = rows[i, 1], rows[i, 2], chance[rows[i, 0]]
        value[2 * i] = (1.0 - q) * value[low] + q * value[high]
        value[2 * i + 1] = (1.0 - q) * value[low ^ 1] + q * value[high ^ 1]
    mass[:] = 0.0
    mass[root] = 1.0
    for i in range(len(rows) - 1, 0, -1):
        low, high, q = rows[i, 1], rows[i, 2], chance[rows[i, 0]]
        for s in range(2):
            reach = mass[2 * i + s]
            if reach > 0.0:
                mass[low ^ s] += reach * (1.0 - q)
                mass[high ^ s] += reach * q
                mass[2 * i + s] = reach * value[2 * i + s]


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I32_2, F64_1, F64, I64_1), **compiled)
def pruned(nodes, heads, cache, stack, info, rows, mass, least, new):
    """Edges of a diagram in which every edge with a mass below `least` is false. DONE or FULL."""
    new[0], new[1] = 0, 1
    for i in range(1, len(rows)):
        for s in range(2):
            new[2 * i + s] = 0
            if mass[2 * i + s] >= least and mass[2 * i + s] > 0.0:
                r = edge_of(nodes, heads, info, np.int64(rows[i, 0]), new[rows[i, 1] ^ s], new[rows[i, 2] ^ s])
                if r < 0:
                    return FULL
                new[2 * i + s] = r
    return DONE


class _Rails:
    """A program as pairs (kind, left, right) of AND and OR over input literals and earlier pairs: no negation of pairs."""

    def __init__(self, gates: Program) -> None:
        self.gates = gates
        self.pairs: list[tuple[int, int, int]] = []
        self.known: dict = {}
        for i in range(len(gates.op)):  # children first, so that the recursion below stays shallow
            for sign in (0, 1) if self._both_signs() else (0,):
                self.literal(2 * (gates.inputs + i) + sign)
        self.root = self.literal(gates.root)

    def _both_signs(self) -> bool:
        mixed = any(op in (XOR, IFF) for op in self.gates.op.tolist())
        return mixed or bool(((self.gates.child >> 1 >= self.gates.inputs) & (self.gates.child & 1 == 1)).any())

    def literal(self, c: int) -> int:
        """Literal of an input, or twice (inputs + number of a pair)."""
        if c < 2 * self.gates.inputs:
            return c
        if ("gate", c) not in self.known:
            i, sign = (c >> 1) - self.gates.inputs, c & 1
            op, kids = int(self.gates.op[i]), self.gates.child[self.gates.ptr[i] : self.gates.ptr[i + 1]].tolist()
            if op in (AND, OR):
                found = self._chain(op if not sign else AND + OR - op, [self.literal(k ^ sign) for k in kids])
            elif op == IFF:
                every = self._chain(AND + sign, [self.literal(k ^ sign) for k in kids])
                none = self._chain(AND + sign, [self.literal(k ^ 1 ^ sign) for k in kids])
                found = self._pair(OR - sign, every, none)
            else:
                sides = (self.literal(kids[0] ^ sign), self.literal(kids[0] ^ sign ^ 1))
                for k in kids[1:]:
                    a, b = self.literal(k), self.literal(k ^ 1)
                    odd = self._pair(OR, self._pair(AND, sides[0], b), self._pair(AND, sides[1], a))
                    even = self._pair(OR, self._pair(AND, sides[0], a), self._pair(AND, sides[1], b))
                    sides = (odd, even)
                found = sides[0]
            self.known["gate", c] = found
        return self.known["gate", c]

    def _chain(self, op: int, kids: list[int]) -> int:
        while len(kids) > 1:  # balanced, so that no diagram goes through all the others
            kids = [self._pair(op, *kids[i : i + 2]) if i + 1 < len(kids) else kids[i] for i in range(0, len(kids), 2)]
        return kids[0]

    def _pair(self, op: int, a: int, b: int) -> int:
        key = (op, min(a, b), max(a, b))
        if key not in self.known:
            self.known[key] = 2 * (self.gates.inputs + len(self.pairs))
            self.pairs.append(key)
        return self.known[key]


class _OneSide:
    """The lower or the upper diagram of a body, with so many rows to each gate."""

    def __init__(self, table: Table, rails: _Rails, chance: np.ndarray, keep: int, above: bool) -> None:
        self.table, self.rails, self.chance, self.keep, self.above = table, rails, chance, keep, above
        n = rails.gates.inputs
        self.edges = np.zeros(n + len(rails.pairs), np.int64)
        self.last = np.zeros(n + len(rails.pairs), np.int64)
        for i, (_, a, b) in enumerate(rails.pairs):
            self.last[[a >> 1, b >> 1]] = i
        self.last[:n] = self.last[rails.root >> 1] = len(rails.pairs)

    def run(self) -> int:
        """Edge of the root."""
        n, table = self.rails.gates.inputs, self.table
        table.empty(n)
        table.levels(n)
        table.allow(1 << 62)
        self.edges[:n] = 2 * np.arange(1, n + 1)
        for i, (op, a, b) in enumerate(self.rails.pairs):
            if table.info[COUNT] > 30 * self.keep:
                self._collect(i)
            self.edges[n + i] = self._gate(op, self._edge(a), self._edge(b), self.keep)
        return self._edge(self.rails.root)

    def _edge(self, literal: int) -> int:
        return int(self.edges[literal >> 1]) ^ (literal & 1)

    def _collect(self, gate: int, *more: int) -> list[int]:
        """Drop what no gate from here on needs; returns `more` edges, which are kept too."""
        self.edges[self.last < gate] = 0
        roots = np.concatenate((self.edges, np.array(more, np.int64)))
        self.table.collect(roots)
        self.edges[:] = roots[: len(self.edges)]
        return roots[len(self.edges) :].tolist()

    def _gate(self, op: int, f: int, g: int, keep: int) -> int:
        table, turn = self.table, int(op == OR)
        pair = np.array([f ^ turn, g ^ turn, 0], np.int64)
        before = int(table.info[COUNT])
        if not self._within(conjoin, before + ROOM_PER_GATE * self.keep, pair):
            return self._gate(op, self._shaved(f, keep // 2), self._shaved(g, keep // 2), keep // 2)
        r = int(pair[2]) ^ turn
        return self._shaved(r, self.keep) if table.info[COUNT] - before > self.keep else r

    def _within(self, kernel, most: int, *rest: object) -> bool:
        """Run a kernel with room for so many rows in all."""
        table = self.table
        while True:
            table.info[LIMIT] = min(len(table.nodes), most)
            if kernel(*table.arrays, *rest) == DONE:
                return True
            if table.info[COUNT] >= most or not table.room():
                return False

    def _shaved(self, edge: int, keep: int) -> int:
        """An edge with few enough rows that implies this one (or, above, is implied by it)."""
        if edge < 2:
            return edge
        root = np.array([edge ^ self.above])
        rows = self.table.extracted(root)
        if len(rows) <= 2 * keep:
            return edge
        value, mass = np.zeros(2 * len(rows)), np.zeros(2 * len(rows))
        flow(rows, int(root[0]), self.chance, value, mass)
        least = np.partition(mass[2:], len(mass) - 2 - keep)[len(mass) - 2 - keep]
        new = np.zeros(2 * len(rows), np.int64)
        if not self._within(pruned, 1 << 62, rows, mass, float(least), new):
            return int(self.above)
        return int(new[root[0]]) ^ self.above


def bounded(table: Table, body: Body, order: list[int], turned: dict[int, int], chance: np.ndarray, most: int) -> Bounds:
    """Bounds of a body, tighter from attempt to attempt until they are close or `most` rows were made.

    chance : for each level, the probability of its input; it decides what is left out, not whether the bounds are true
    """
    gates = program(body, order, turned)
    rails, spent = _Rails(gates), 0
    best: Bounds | None = None
    for keep in KEEPS:
        sides = []
        for above in (False, True):
            root = np.array([_OneSide(table, rails, chance, keep, above).run()])
            rows = table.extracted(root)
            spent += int(table.info[MADE])
            value, mass = np.zeros(2 * len(rows)), np.zeros(2 * len(rows))
            flow(rows, int(root[0]), chance, value, mass)
            sides.append((Built(rows, int(root[0]), order, spent), float(value[root[0]])))
        (below, lower), (above_, upper) = sides
        if best is None:
            best = Bounds(below, above_, lower, upper)
        if lower > best.lower:
            best = best._replace(below=below, lower=lower)
        if upper < best.upper:
            best = best._replace(above=above_, upper=upper)
        if spent > most or best.upper <= best.lower * (1.0 + CLOSE_ENOUGH) or 2 * ROOM_PER_GATE * keep > table.most:
            break
    assert best is not None and AT_BOTTOM
    return best
