"""Proven bounds where a body's diagram is too large: one diagram that is never true when the body is not, one that always is when it is.

The body is written with negation at inputs only. Then every gate is an AND or an OR of what stands below and grows with it: replacing a
gate's diagram by one that implies it (for the lower bound) or is implied by it (for the upper) keeps the bound. What is replaced are
the parts of a gate through which little probability flows, and little of that to the root: a gate that matters only where something
rare stands beside it may be known roughly. How much a gate matters is estimated as if its neighbours were independent; a wrong estimate
makes bounds wide, not wrong. Nothing is assumed about what was left out: the two final diagrams are weighed exactly, and the truth
lies between them.

Where all is rare, so that hardly ever two inputs are true at once (most models of platforms), that is the wrong way round: what is
neglected in one place after the other adds up to far more than what it all amounts to. There the diagrams are those of the same body in
states in which only so much that is rare is true at once, of all gates the same states: what is left out is counted once. With more and
more at once the bounds close in.

Beside its diagram each gate has a number: the better of what its diagram weighs and what the numbers of its two sides say about it.
So where a gate fits into no diagram, an OR is at most the sum of its sides (less their product, where gates only help each other:
Esary & Proschan, JASA 65, 1970), instead of anything.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit, types

from blackstart.engines.building import Attempt, Built, Program, program
from blackstart.engines.diagram import (
    COUNT,
    DONE,
    ENTERED,
    F64,
    F64_1,
    FULL,
    I32_1,
    I32_2,
    I64,
    I64_1,
    LIMIT,
    LOOKED_UP,
    MADE,
    PATIENCE,
    Table,
    compiled,
    edge_of,
    place,
)
from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, XOR
from blackstart.engines.ordering import orders
from blackstart.engines.rewriting import GATE, Body, Row

COARSEST = 1e-3  # share of the root's probability that may be neglected in one place, to begin with
FINER = math.sqrt(10.0)  # how many times less from one attempt to the next
RACE = ((0.01, 8), (0.1, 3), (1.0, 3))  # share of the rows that each order may make, round by round, and how many orders go on
LEAST_ROOM = 1_000  # rows that every gate may make, whatever was spent before
COARSER = 10.0  # how many times more is neglected where a gate does not fit
DEPENDENCE = 0.8  # power of a gate's weight: what stands beside it often shares its inputs, so that it matters more than it seems
FAR_OFF = 10.0  # how many times more probable than independence says a gate may be before the estimate is corrected
SHAVED_ABOVE = 2_000  # rows of a gate from which on it pays to look once more for what may go
COLLECT_ABOVE = 200_000  # rows, besides three times those in use, from which on it pays to look for dead ones
SETTLED = 0.01  # share of the width that an attempt must take off from below for the very next to try there again
CLOSE_ENOUGH = 1e-6  # relative width at which no further attempt is made
FIRST_TAG = 16  # operations of a cache from here on are single calls
FEW = 0.3  # inputs true at once, on average, below which it is asked what few of them can do
COMMON = 0.1  # an input more probable than that is not among them
PER_DECADE = 4  # how finely it is told how rare an input is
MOST_DECADES = 40  # how rare a state may be that is not left out
STEEPER = 3.0  # how many times less is left out from one attempt to the next


class Bounds(NamedTuple):
    """Diagrams that imply the body and that it implies, and proven bounds of its probability, at least as close as theirs."""

    below: Built
    above: Built
    lower: float
    upper: float


CERTAIN = Built(np.zeros((1, 4), np.int32), 1, [], 0)  # what every body implies


def probability(built: Built, chance: np.ndarray) -> float:
    """Probability of a finished body, from those of its inputs by level."""
    value = np.zeros(2 * len(built.rows))
    weigh_rows(built.rows, 0, len(built.rows), chance, value)
    return float(value[built.root])


@njit(types.void(I32_2, I64, I64, F64_1, F64_1), **compiled)
def weigh_rows(rows, begin, end, chance, value):
    """Probabilities of the edges of rows begin ... end - 1, those before them known."""
    value[0], value[1] = 0.0, 1.0
    for i in range(max(1, begin), end):
        low, high, q = rows[i, 1], rows[i, 2], chance[rows[i, 0]]
        value[2 * i] = (1.0 - q) * value[low] + q * value[high]
        value[2 * i + 1] = (1.0 - q) * value[low ^ 1] + q * value[high ^ 1]


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, F64_1, F64_1, F64_1, F64_1, I64_1, I64, F64, I64), **compiled)
def conjoin(nodes, heads, cache, stack, info, weight, seen, chance, value, pair, above, least, tag):
    """pair[2] becomes the edge of pair[0] AND pair[1], of something it implies (above) or of something that implies it. DONE or FULL.

    Where what is at stake on the way here has a probability below `least`, one of the two (above) or false stands for both.

    weight : (depth,) room for the probability of the way
    seen : for each place of the cache, the probability of the way on which its result was worked out
    tag : a number of this call that no other call on the same cache has had
    """
    mask = len(cache) - 1
    depth = 0
    f, g, w = pair[0], pair[1], 1.0
    while True:
        r = np.int64(-1)
        if f > g:
            f, g = g, f
        if f == g or f == 1:
            r = g
        elif f == 0 or f ^ 1 == g:
            r = np.int64(0)
        else:
            only_f, only_g = min(value[f], value[g ^ 1]), min(value[g], value[f ^ 1])  # at most so much is wrong with one alone
            at_stake = min(only_f, only_g) if above else min(value[f], value[g])
            if w * at_stake < least:
                r = (f if only_f <= only_g else g) if above else np.int64(0)
            else:
                h = place(f, g, tag, mask)
                if cache[h, 0] == f and cache[h, 1] == g and cache[h, 2] == tag and seen[h] >= 0.3 * w:
                    r = np.int64(cache[h, 3])
        if r < 0:
            a, b = f >> 1, g >> 1
            u, v = nodes[a, 0], nodes[b, 0]
            level = min(u, v)
            f0 = f1 = f
            g0 = g1 = g
            if u == level:
                f0, f1 = np.int64(nodes[a, 1]) ^ (f & 1), np.int64(nodes[a, 2]) ^ (f & 1)
            if v == level:
                g0, g1 = np.int64(nodes[b, 1]) ^ (g & 1), np.int64(nodes[b, 2]) ^ (g & 1)
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = f, g, level
            stack[depth, 3], stack[depth, 4], stack[depth, 5] = f0, g0, -1
            weight[depth] = w
            depth += 1
            f, g = f1, g1
            w *= chance[level]
            continue
        while True:
            if depth == 0:
                pair[2] = r
                return DONE
            top = depth - 1
            if stack[top, 5] < 0:
                stack[top, 5] = r
                f, g = np.int64(stack[top, 3]), np.int64(stack[top, 4])
                w = weight[top] * (1.0 - chance[stack[top, 2]])
                break
            r = edge_of(nodes, heads, info, np.int64(stack[top, 2]), r, np.int64(stack[top, 5]))
            info[ENTERED] += 1
            if r < 0 or info[ENTERED] > info[PATIENCE]:
                return FULL
            f, g = np.int64(stack[top, 0]), np.int64(stack[top, 1])
            h = place(f, g, tag, mask)
            cache[h, 0], cache[h, 1], cache[h, 2], cache[h, 3] = f, g, tag, r
            seen[h] = weight[top]
            depth = top


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
        signs = (0, 1) if self._both_signs() else (0,)
        for i in range(len(gates.op)):  # children first, so that the recursion below stays shallow
            for sign in signs:
                self.literal(2 * (gates.inputs + i) + sign)
        self.root = self.literal(gates.root)
        used = {c for pair in self.pairs for c in pair[1:]}
        self.associated = not any(2 * x in used and 2 * x + 1 in used for x in range(gates.inputs))

    def among(self, pair: int, number: np.ndarray, above: bool) -> float:
        """The most (above) or the least that the probability of a pair can be, from such numbers of what stands below.

        Where every input is used in one sense only, all gates rise and fall together: of two such events neither makes the other less
        likely. Elsewhere nothing is known about how they hang together (Frechet).
        """
        op, a, b = self.pairs[pair]
        f, g = (float(1.0 - number[c >> 1] if c & 1 else number[c >> 1]) for c in (a, b))
        if (op == OR) != above:
            return max(f, g) if op == OR else min(f, g)
        if self.associated:
            return f * g if op == AND else f + g - f * g
        return max(0.0, f + g - 1.0) if op == AND else min(1.0, f + g)

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


class _Weights:
    """How probable each gate is, and how much it matters to the root, as far as is known."""

    def __init__(self, rails: _Rails, chance: np.ndarray) -> None:
        n = rails.gates.inputs
        self.rails, self.n = rails, n
        self.p = np.concatenate((chance, np.zeros(len(rails.pairs))))
        for i, (op, a, b) in enumerate(rails.pairs):
            f, g = self._of(a), self._of(b)
            self.p[n + i] = f * g if op == AND else f + g - f * g
        self.root = self._of(rails.root)

    def corrected(self, seen: np.ndarray) -> None:
        """Take over what was seen of each gate where the estimate is far off, if it is so for the root."""
        root = self.rails.root >> 1
        if seen[root] > FAR_OFF * self.p[root]:
            self.p = np.where(seen > FAR_OFF * self.p, seen, self.p)

    def mattering(self) -> np.ndarray:
        """For each input and gate: how probable it is that what stands beside it on the way to the root leaves the decision to it."""
        out = np.zeros(len(self.p))
        out[self.rails.root >> 1] = 1.0
        for i in range(len(self.rails.pairs) - 1, -1, -1):
            op, a, b = self.rails.pairs[i]
            f, g, own = self._of(a), self._of(b), out[self.n + i]
            out[a >> 1] += own * (g if op == AND else 1.0 - g)
            out[b >> 1] += own * (f if op == AND else 1.0 - f)
        return np.maximum(out, 1e-300) ** DEPENDENCE

    def _of(self, literal: int) -> float:
        return float(1.0 - self.p[literal >> 1] if literal & 1 else self.p[literal >> 1])


class _OneSide:
    """The lower or the upper diagram of a body, in which parts are neglected that carry less than `least` to the root.

    room : rows that may be made in all
    patient : neglect more where a gate does not fit, rather than give up
    """

    def __init__(
        self, table: Table, rails: _Rails, chance: np.ndarray, above: bool, least: np.ndarray, room: int, patient: bool
    ) -> None:
        self.table, self.rails, self.chance, self.above = table, rails, chance, int(above)
        self.least, self.room, self.patient = least, room, patient
        n = rails.gates.inputs
        self.edges = np.zeros(n + len(rails.pairs), np.int64)
        self.last = np.zeros(n + len(rails.pairs), np.int64)
        for i, (_, a, b) in enumerate(rails.pairs):
            self.last[[a >> 1, b >> 1]] = i
        self.last[:n] = self.last[rails.root >> 1] = len(rails.pairs)
        self.weight, self.seen = np.zeros(n + 2), np.zeros(0)
        self.value, self.valued, self.tag = np.zeros(0), 0, FIRST_TAG
        self.p = np.concatenate((chance, np.zeros(len(rails.pairs))))
        self.number = self.p.copy()
        self.fits = True

    @property
    def bound(self) -> float:
        """The bound of the body's probability."""
        root = self.rails.root
        return float(1.0 - self.number[root >> 1] if root & 1 else self.number[root >> 1])

    def run(self) -> Built | None:
        """The diagram; None if a gate does not fit and one is not patient."""
        n, table = self.rails.gates.inputs, self.table
        table.empty(n)
        table.levels(n)
        table.allow(1 << 62)
        self.edges[:n] = 2 * np.arange(1, n + 1)
        live = n
        for i, (op, a, b) in enumerate(self.rails.pairs):
            if table.info[COUNT] > 3 * live + COLLECT_ABOVE:
                live = self._collected(i)
            edge = self._gate(op, self._edge(a), self._edge(b), float(self.least[n + i]))
            if edge < 0:
                return None
            self._weigh()
            self.edges[n + i], self.p[n + i] = edge, self.value[edge]
            known = self.rails.among(i, self.number, bool(self.above))
            self.number[n + i] = min(known, self.value[edge]) if self.above else max(known, self.value[edge])
        root = np.array([self._edge(self.rails.root)])
        return Built(table.extracted(root), int(root[0]), [], int(table.info[MADE]))

    def _edge(self, literal: int) -> int:
        return int(self.edges[literal >> 1]) ^ (literal & 1)

    def _collected(self, gate: int) -> int:
        """Drop what no gate from here on needs; how many rows remain."""
        self.edges[self.last < gate] = 0
        self.table.collect(self.edges)
        self.valued = 0
        return int(self.table.info[COUNT])

    def _gate(self, op: int, f: int, g: int, least: float) -> int:
        """Edge of one gate; -1 if it does not fit."""
        turn = int(op == OR)
        self._weigh()
        before = int(self.table.info[COUNT])
        most = before + max(LEAST_ROOM, self.room - int(self.table.info[MADE]))
        pair, neglected = np.array([f ^ turn, g ^ turn, 0], np.int64), least
        while not self._conjoined(pair, self.above ^ turn, neglected, most):
            self.fits = False
            if not self.patient:
                return -1
            neglected *= COARSER
        edge = int(pair[2]) ^ turn
        return self._shaved(edge, neglected) if self.table.info[COUNT] - before > SHAVED_ABOVE else edge

    def _conjoined(self, pair: np.ndarray, above: int, least: float, most: int) -> bool:
        """Whether the conjunction was done within so many rows in all."""
        table = self.table
        self.tag += 1
        entered = int(table.info[ENTERED]) + LOOKED_UP * (most - int(table.info[COUNT]))
        while True:
            if len(self.seen) != len(table.cache):
                self.seen = np.zeros(len(table.cache))
            table.info[LIMIT] = min(len(table.nodes), most)
            table.info[PATIENCE] = entered
            if conjoin(*table.arrays, self.weight, self.seen, self.chance, self.value, pair, above, least, self.tag) == DONE:
                return True
            if table.info[COUNT] >= most or table.info[ENTERED] > entered or not self._grown():
                return False

    def _grown(self) -> bool:
        self.table.info[PATIENCE] = 1 << 62
        return self.table.room()

    def _weigh(self) -> None:
        """Know the probabilities of all rows there are."""
        count = int(self.table.info[COUNT])
        if len(self.value) < 2 * count:
            self.value = np.concatenate((self.value, np.zeros(4 * count - len(self.value))))
        weigh_rows(self.table.nodes, self.valued, count, self.chance, self.value)
        self.valued = count

    def _shaved(self, edge: int, least: float) -> int:
        """An edge that implies this one (or, above, is implied by it), without the parts that carry less than `least` in all."""
        if edge < 2:
            return edge
        root = np.array([edge ^ self.above])
        rows = self.table.extracted(root)
        value, mass = np.zeros(2 * len(rows)), np.zeros(2 * len(rows))
        flow(rows, int(root[0]), self.chance, value, mass)
        new = np.zeros(2 * len(rows), np.int64)
        self.table.info[LIMIT] = len(self.table.nodes)
        while pruned(*self.table.arrays, rows, mass, least, new) == FULL:
            if not self._grown():
                return self.above
            self.table.info[LIMIT] = len(self.table.nodes)
        return int(new[root[0]]) ^ self.above


class _Ladder:
    """Bounds in one order of the inputs, tighter from attempt to attempt."""

    def __init__(
        self, table: Table, body: Body, order: list[int], turned: dict[int, int], chance: dict[int, tuple[float, float]]
    ) -> None:
        self.table, self.order = table, order
        self.rails = _Rails(program(body, order, turned))
        self.chance = np.array([chance[x] for x in order]).T.copy()
        self.weights = _Weights(self.rails, self.chance[0])
        self.neglected = max(1e-290, COARSEST * min(self.weights.root, 1.0 - self.weights.root))
        self.best: Bounds | None = None
        self.made, self.fits, self.settled = 0, True, False

    def climbed(self, room: int) -> int:
        """Attempt after attempt until the bounds are close, a finer one does not fit or `room` rows were made; how many were."""
        begun, self.fits = self.made, True
        while self.fits and self.width > CLOSE_ENOUGH and self.made - begun <= room // 2:
            self.step(room)
        return self.made - begun

    @property
    def width(self) -> float:
        """Relative width of the bounds; infinite where there are none, or the lower one is nothing and the upper is not."""
        if self.best is None or self.best.lower <= 0.0 < self.best.upper:
            return math.inf
        return self.best.upper / self.best.lower - 1.0 if self.best.upper > self.best.lower else 0.0

    def step(self, room: int) -> None:
        """One more attempt with room for so many rows a side, and a finer one next time if it fits. The first is made to fit."""
        patient = self.best is None
        below = None if self.settled else self._side(False, room, patient)
        self.settled = not self.settled and not patient
        above = self._side(True, room, patient)
        if self.best is None:
            assert below is not None and above is not None
            self.best = Bounds(below[0], above[0], below[1], above[1])
        if below is not None:
            self.settled &= below[1] - self.best.lower < SETTLED * (self.best.upper - self.best.lower)
        if below is not None and below[1] > self.best.lower:
            self.best = self.best._replace(below=below[0], lower=below[1])
        if above is not None and above[1] < self.best.upper:
            self.best = self.best._replace(above=above[0], upper=above[1])
        if self.fits:
            self.neglected /= FINER

    def _side(self, above: bool, room: int, patient: bool) -> tuple[Built, float] | None:
        """Diagram of one bound, and the bound; None if it does not fit."""
        least = self.neglected / self.weights.mattering()
        side = _OneSide(self.table, self.rails, self.chance[int(above)], above, least, room, patient)
        built = side.run()
        self.made += int(self.table.info[MADE])
        self.fits &= side.fits
        if built is None:
            return None
        if not above:
            self.weights.corrected(side.p)
        return built._replace(order=self.order), side.bound


class _Few:
    """Bounds of a body in which few inputs are ever true at once: those that are rare count by how rare they are, and states in which
    that comes to too much are left out, of every gate. What is left of a gate then grows with what is left of those below it.

    chance : least and greatest probability of each input, in the sense in which it counts
    """

    def __init__(self, table: Table, body: Body, turned: dict[int, int], chance: dict[int, tuple[float, float]]) -> None:
        self.table, self.body, self.turned, self.chance = table, body, turned, chance
        self.rarity = {x: _rarity(high) for x, (_, high) in chance.items() if 0.0 < high <= COMMON}
        self.left_out = self._left_out()

    @property
    def average(self) -> float:
        """How many of the rare inputs are true at once on average, at most."""
        return math.fsum(self.chance[x][1] for x in self.rarity)

    def _left_out(self) -> np.ndarray:
        """(K,) probability, at most, of the states that are left out if no more than 0, 1, ... K - 1 may come together."""
        beyond = PER_DECADE * MOST_DECADES + 1
        p = np.zeros(beyond + 1)  # of each sum; the last place is for all beyond
        p[0] = 1.0
        for x, rare in self.rarity.items():
            q, rare = self.chance[x][1], min(rare, beyond)
            there = np.zeros(beyond + 1)
            there[rare:] = p[: beyond + 1 - rare]
            there[-1] = p[beyond - rare :].sum()
            p = (1.0 - q) * p + q * there
        return np.cumsum(p[::-1])[::-1][1:]

    def bounds(self, most: int) -> tuple[Bounds | None, int]:
        """The closest that fit, and how many rows were made; each attempt may make `most`."""
        best: Bounds | None = None
        order, spent, allowed = orders(self.body)[0], 0, np.inf
        for room, left_out in enumerate(self.left_out.tolist()):
            if left_out > allowed or (best is not None and best.upper - best.lower <= CLOSE_ENOUGH * best.lower):
                continue
            built = Attempt(self._within(room), order, self.turned).run(self.table, most)
            spent += int(self.table.info[MADE])
            if built is None:
                break
            low, high = (probability(built, np.array([self.chance[x][side] for x in order])) for side in (0, 1))
            if best is None or high + left_out < best.upper:
                best = Bounds(built, CERTAIN, low, min(1.0, high + left_out))
            allowed = left_out / STEEPER
        return best, spent

    def _within(self, room: int) -> Body:
        """The body in the states that are not left out; true in none of the others."""
        counted = {x: 2 * x ^ self.turned.get(x, 0) for x in self.chance}  # literal of an input in the sense in which it counts
        rare = list(self.rarity)
        weights = tuple(float(min(self.rarity[x], room + 1)) for x in rare)
        rows: list[Row] = [(THRESHOLD, tuple(counted[x] for x in rare), room + 1.0, weights)]
        few = 2 * GATE + 1
        inputs: dict[int, int] = {}
        for x in self.chance:
            inputs[x] = 2 * (GATE + len(rows)) ^ self.turned.get(x, 0)
            rows.append((AND, (counted[x], few), 0.0, ()))
        shift = 2 * len(rows)

        def moved(c: int) -> int:
            return c + shift if c >= 2 * GATE else inputs[c >> 1] ^ (c & 1)

        rows += [(op, tuple(moved(c) for c in kids), k, weights) for op, kids, k, weights in self.body.rows]
        rows.append((AND, (moved(self.body.root), few), 0.0, ()))
        return Body(rows, 2 * (GATE + len(rows) - 1))


def _rarity(chance: float) -> int:
    return max(1, round(-PER_DECADE * math.log10(chance)))


def bounded(table: Table, body: Body, turned: dict[int, int], chance: dict[int, tuple[float, float]], most: int) -> Bounds:
    """Bounds of a body, tighter from attempt to attempt until they are close, a finer one does not fit or `most` rows were made.

    Where hardly ever two inputs are true at once, it is asked what few can do. Elsewhere several orders begin; those with the closest
    bounds go on, in the end each with as many rows, and the best of either side is taken.

    chance : least and greatest probability of each input
    """
    few = _Few(table, body, turned, chance)
    if few.average < FEW:
        found, spent = few.bounds(most)
        if found is not None:
            return found._replace(above=found.above._replace(made=spent))
    ladders, spent = [_Ladder(table, body, order, turned, chance) for order in orders(body)], 0
    for share, many in RACE:
        room = max(1, int(share * most))
        for ladder in ladders[:many]:
            if spent <= most or ladder.best is not None:
                spent += ladder.climbed(room)
        ladders.sort(key=lambda one: one.width)
        if ladders[0].width < CLOSE_ENOUGH:
            break
    ended = [one.best for one in ladders if one.best is not None]
    low, high = max(ended, key=lambda one: one.lower), min(ended, key=lambda one: one.upper)
    return Bounds(low.below, high.above._replace(made=spent), low.lower, high.upper)
