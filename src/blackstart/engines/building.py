"""From bodies to one finished diagram: gates in an order of inputs, orders raced, the best kept.

The effort is counted in rows made, never in seconds: the same formula gives the same diagram on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from blackstart.engines import diagram, ordering
from blackstart.engines.diagram import COUNT, MADE, Table
from blackstart.engines.formula import AND, FALSE, IFF, OR, THRESHOLD, TRUE, XOR, negated, written_out
from blackstart.engines.rewriting import GATE, Body, Parts
from blackstart.engines.sifting import reordered

ROUNDS = ((4_000, 8), (32_000, 8), (256_000, 3))  # rows each order may make, round by round, and how many orders go on
LONG_ROUNDS = (4_000_000, 16_000_000, 64_000_000, 1 << 62)  # rows that the two orders that came furthest may make, round by round
SIFT_AFTER = 32_000  # after this round, if nothing is there yet, sifting on the way is tried
SIFT_WORK = 1_500_000  # rows it may touch
SIFT_ABOVE = 150  # living rows from which on it sifts
COLLECT_ABOVE = 1 << 18  # rows from which it pays to look for dead ones


class Program(NamedTuple):
    """Gates of a body for `diagram.build`: inputs are numbered by level, gates after them."""

    inputs: int
    op: np.ndarray
    ptr: np.ndarray
    child: np.ndarray
    last: np.ndarray  # for each input and gate, the last gate that needs it
    root: int


class Built(NamedTuple):
    """A finished body: diagram rows (level, low, high, 0) with row 0 the constant, edge of the root, inputs by level."""

    rows: np.ndarray
    root: int
    order: list[int]
    made: int


class Polarity:
    """How inputs are used, and which are turned round: a turned input counts as its opposite.

    signs : for each number, a set of two bits: used plainly (1), negated (2)
    """

    def __init__(self, parts: Parts) -> None:
        self.signs: dict[int, int] = {}
        self.turned: dict[int, int] = {}
        last = parts.first + len(parts.bodies) - 1
        self.signs[last] = 1
        for m in range(last, parts.first - 1, -1):
            if self.signs.setdefault(m, 1) == 2:  # a module may be left that nothing refers to any more
                self.turned[m] = 1
            self._walk(parts.bodies[m - parts.first], self.turned.get(m, 0), self.signs[m] == 3)
        for x, signs in self.signs.items():
            self.turned[x] = int(signs == 2)

    def _walk(self, body: Body, turned: int, mixed: bool) -> None:
        row = [0] * len(body.rows)
        row[(body.root >> 1) - GATE] = 3 if mixed else 1 + ((body.root & 1) ^ turned)
        for i in range(len(body.rows) - 1, -1, -1):
            op, kids, _, _ = body.rows[i]
            own = 3 if op in (XOR, IFF) and len(kids) > 1 else row[i]
            for c in kids:
                signs = (own >> 1 | (own & 1) << 1) if c & 1 else own
                if c >= 2 * GATE:
                    row[(c >> 1) - GATE] |= signs
                else:
                    self.signs[c >> 1] = self.signs.get(c >> 1, 0) | signs

    @property
    def coherent(self) -> bool:
        """Whether no input is used both plainly and negated."""
        return all(signs < 3 for signs in self.signs.values())


# ----------------------------------------------------------------------------- programs


class _Writing:
    """Rows of a program; thresholds are written out as AND and OR over (child, what is still missing)."""

    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.rows: list[tuple[int, tuple[int, ...]]] = []
        self.known: dict[tuple[int, tuple[int, ...]], int] = {}

    def gate(self, op: int, kids: tuple[int, ...]) -> int:
        if op in (AND, OR):
            whole, nothing = (FALSE, TRUE) if op == AND else (TRUE, FALSE)
            if whole in kids:
                return whole
            kids = tuple(c for c in kids if c != nothing)
            if len(kids) < 2:
                return kids[0] if kids else nothing
        if (op, kids) not in self.known:
            self.known[op, kids] = 2 * (self.inputs + len(self.rows))
            self.rows.append((op, kids))
        return self.known[op, kids]

    def threshold(self, kids: Sequence[int], k: float, weights: Sequence[float]) -> int:
        """Heaviest children first."""
        pairs = sorted(zip(kids, weights, strict=True), key=lambda pair: -pair[1])
        return written_out([(pair,) for pair in pairs], k, self.gate)


def program(body: Body, order: list[int], turned: dict[int, int]) -> Program:
    """A body in an order of its inputs."""
    level = {x: i for i, x in enumerate(order)}
    out = _Writing(len(order))
    gates: list[int] = []
    for op, kids, k, weights in body.rows:
        edges = [gates[(c >> 1) - GATE] if c >= 2 * GATE else 2 * level[c >> 1] ^ turned.get(c >> 1, 0) for c in kids]
        edges = [negated(e) if c & 1 else e for c, e in zip(kids, edges)]
        gates.append(out.threshold(edges, k, weights) if op == THRESHOLD else out.gate(op, tuple(edges)))
    root = gates[(body.root >> 1) - GATE]
    if root >> 1 < len(order):  # a body that is one input: keep a gate, so that there is a program
        out.rows.append((OR, (root,)))
        root = 2 * (len(order) + len(out.rows) - 1)
    last = np.full(len(order) + len(out.rows), -1)
    for i, (_, kids) in enumerate(out.rows):
        for c in kids:
            last[c >> 1] = i
    last[: len(order)] = last[root >> 1] = len(out.rows)
    sizes = [len(kids) for _, kids in out.rows]
    return Program(
        len(order),
        np.array([op for op, _ in out.rows], np.int8),
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
        np.array([c for _, kids in out.rows for c in kids], np.int64),
        last,
        root ^ (body.root & 1),
    )


# ----------------------------------------------------------------------------- building


class Attempt:
    """One order of a body on its way through the gates."""

    def __init__(self, body: Body, order: list[int], turned: dict[int, int]) -> None:
        self.order = order
        self.gates = program(body, order, turned)
        self.value = np.zeros(self.gates.inputs + len(self.gates.op), np.int64)
        self.at = np.zeros(1, np.int64)
        self.fold = np.zeros(int(np.diff(self.gates.ptr).max()), np.int64)

    @property
    def progress(self) -> float:
        """Share of the gates that are done."""
        return float(self.at[0]) / len(self.gates.op)

    def run(self, table: Table, allowance: int, resumed: bool = False) -> Built | None:
        """In this order; None if it takes more rows than allowed or than the table may hold.

        resumed : go on where the last run stopped; nothing else has used the table since
        """
        if resumed:
            table.allow(allowance)
        else:
            self._begin(table, allowance)
        collected_at = -1
        while self._stopped(table):
            count = int(table.info[COUNT])
            if table.spent():
                return None
            if count > COLLECT_ABOVE and not table.cramped() and self.at[0] > collected_at:  # what a gate made so far counts as dead
                collected_at = int(self.at[0])
                if self._live(table) < 0.6 * count:
                    continue
            if not table.room():
                return None
        root = self._root()
        return Built(table.extracted(root), int(root[0]), self.order, int(table.info[MADE]))

    def run_sifting(self, table: Table, allowance: int, work: int) -> Built | None:
        """Begin in this order and sift whenever the living rows have doubled; None if it takes more rows or work than allowed."""
        gates, order, doubled, stuck_at, patience = self.gates, self.order, SIFT_ABOVE, -1, 4
        self._begin(table, allowance)
        table.pause(patience * doubled)
        while self._stopped(table):
            if table.cramped():
                table.room()
                continue
            live = self._live(table)
            if live > doubled:
                at, touched = reordered(table, self.value, gates.inputs, work)
                order, work, live = [order[i] for i in at], work - touched, int(table.info[COUNT])
                doubled = max(doubled, 2 * live)
            patience = 2 * patience if self.at[0] == stuck_at else 4  # a gate that needs more room than that gets it
            stuck_at = int(self.at[0])
            if table.spent() or work <= 0 or live * patience > table.most:
                return None
            table.pause(patience * max(live, doubled))
        root = self._root()
        at, _ = reordered(table, root, gates.inputs, work, 2)
        return Built(table.extracted(root), int(root[0]), [order[i] for i in at], int(table.info[MADE]))

    def _begin(self, table: Table, allowance: int) -> None:
        table.empty(self.gates.inputs)
        table.levels(self.gates.inputs)
        table.allow(allowance)
        self.value[:] = 0
        self.value[: self.gates.inputs] = 2 * np.arange(1, self.gates.inputs + 1)
        self.at[0] = 0

    def _stopped(self, table: Table) -> bool:
        gates = self.gates
        return diagram.build(*table.arrays, self.fold, self.value, self.at, gates.op, gates.ptr, gates.child) == diagram.FULL

    def _live(self, table: Table) -> int:
        """Drop what no later gate needs; how many rows remain."""
        self.value[self.gates.last < self.at[0]] = 0
        table.collect(self.value)
        return int(table.info[COUNT])

    def _root(self) -> np.ndarray:
        return np.array([self.value[self.gates.root >> 1] ^ (self.gates.root & 1)])


def raced(table: Table, body: Body, turned: dict[int, int], most: int) -> Built | None:
    """A small diagram of a body; None if it takes more rows than `most` or than the table may hold.

    All orders may make a few rows, then those that came furthest more; the smallest diagram of the first round in which one gets to the
    root is taken. Where none does soon, sifting on the way is tried once, for a little work. In the long rounds only the two orders go
    on that had come furthest, and the first that gets there is taken.
    """
    tries = [Attempt(body, order, turned) for order in ordering.orders(body)]
    for allowance, many in ROUNDS:
        ahead = _furthest(tries, many)
        if allowance > SIFT_AFTER >= allowance // 8:
            built = tries[0].run_sifting(table, allowance, SIFT_WORK)
            if built is not None:
                return built
        best, allowed = None, min(allowance, most)
        for attempt in ahead:
            built = attempt.run(table, allowed)
            if built is not None:
                allowed = min(allowed, built.made)
                if best is None or len(built.rows) < len(best.rows):
                    best = built
        if best is not None or allowance >= most:
            return best
    return _raced_far(table, tries, most)


def _furthest(tries: list[Attempt], many: int) -> list[Attempt]:
    """The orders that came furthest; at first, and where they are even, the most promising ones."""
    return sorted(tries, key=lambda attempt: -attempt.progress)[:many]


def _raced_far(table: Table, tries: list[Attempt], most: int) -> Built | None:
    """The first diagram that one of the two orders gets to that came furthest; who ran last in a round goes on first in the next."""
    pair = _furthest(tries, 2)
    holder = None
    for allowance in LONG_ROUNDS:
        for attempt in pair:
            built = attempt.run(table, min(allowance, most), resumed=attempt is holder)
            if built is not None:
                return built
            holder = attempt
        if allowance >= most:
            return None
        pair.reverse()
    return None


class Assembly:
    """Finished bodies of one or more tops, as rows (selector, low, high) of edges: constant, events, then bodies.

    coherent : for each top, whether no event is used both plainly and negated
    """

    def __init__(self, events: int) -> None:
        self.events = events
        self.blocks: list[np.ndarray] = []
        self.length = events + 1

    def add(self, built: Built, selectors: list[int]) -> int:
        """Edge of a finished body whose levels are these edges."""
        rows = built.rows[1:]
        shift = 2 * (self.length - 1)
        out = np.empty((len(rows), 3), np.int32)
        out[:, 0] = np.array(selectors, np.int32)[rows[:, 0]] if len(rows) else 0
        for j in (1, 2):
            out[:, j] = np.where(rows[:, j] > 1, rows[:, j] + shift, rows[:, j])
        self.blocks.append(out)
        self.length += len(rows)
        return built.root + shift if built.root > 1 else built.root

    def rows(self) -> np.ndarray:
        head = np.zeros((self.events + 1, 3), np.int32)
        return np.ascontiguousarray(np.concatenate([head, *self.blocks]))
