"""A Boolean formula in flat arrays: what the exact engine reads, whoever wrote it (a System, a fault tree from elsewhere).

Events are numbered 0 … n − 1, gates follow. A child is a *literal*: twice the number of an event or gate, plus one where it
is negated. Gates may stand in circles as long as no negation lies on one: they then take the least solution (false unless
something makes them true). Running is therefore written in terms of failure, restarting from black in terms of success.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

AND, OR, THRESHOLD, XOR, IFF = range(5)  # THRESHOLD: true when the weights of its true children sum to k or more
TRUE, FALSE = -1, -2  # literals of the constants; each is the other, negated
CLOSE = 1e-9  # sums of weights this near to a threshold reach it


class Formula(NamedTuple):
    """Gates over events.

    events : int, number of basic events (n)
    op : (G,) int8, AND, OR, THRESHOLD, XOR (an odd number of children is true) or IFF (all children equal)
    k : (G,) float64, threshold of THRESHOLD gates, else 0
    ptr : (G + 1,) int64, child[ptr[i]:ptr[i + 1]] are the literals of gate i, whose own number is n + i
    child : (C,) int64, literals; TRUE and FALSE are allowed
    weight : (C,) float64, weight of each child (1 except in THRESHOLD gates); never negative
    tops : (T,) int64, literals whose probability is asked for
    """

    events: int
    op: np.ndarray
    k: np.ndarray
    ptr: np.ndarray
    child: np.ndarray
    weight: np.ndarray
    tops: np.ndarray

    def feeding(self, top: int) -> set[int]:
        """The events that a top (its row in `tops`) stands on."""
        seen, todo = set(), [int(self.tops[top])]
        while todo:
            node = todo.pop() >> 1
            if node < 0 or node in seen:
                continue
            seen.add(node)
            if node >= self.events:
                g = node - self.events
                todo += self.child[self.ptr[g] : self.ptr[g + 1]].tolist()
        return {node for node in seen if node < self.events}


def negated(literal: int) -> int:
    """The literal that is true when this one is not."""
    return -3 - literal if literal < 0 else literal ^ 1


def written_out(factors: Sequence[Sequence[tuple[int, float]]], room: float, gate: Callable[[int, tuple[int, ...]], int]) -> int:
    """Literal for "what some factors have taken comes to the room or more", written out as AND and OR.

    Between two rooms that no sum separates it is the same literal (Abio et al., JAIR 45, 2012).

    factors : of each its steps, the deepest first: literal and how much all is that is taken there. Who has taken a step has taken all
        after it: so the deepest step that is taken says it all, and few sums can come about (of two factors with n steps each n², where
        2n weights that know nothing of each other have 4ⁿ). A weight by itself is a factor with one step.
    gate : the literal of a gate over literals
    """
    left = [0.0]
    for steps in reversed(factors):
        left.append(left[-1] + steps[0][1])
    left.reverse()
    known: list[list[tuple[float, float, int]]] = [[] for _ in factors]  # by factor, sorted: intervals of room and their literals

    def reached(i: int, room: float) -> tuple[float, float, int] | None:
        """Literal for "factors i, i + 1, … have taken the room" and the interval of it for which it is the same, if that is known."""
        if room <= CLOSE:
            return -math.inf, CLOSE, TRUE
        if room > left[i] + CLOSE:
            return left[i] + CLOSE, math.inf, FALSE
        near = bisect.bisect_left(known[i], room, key=lambda row: row[0]) - 1
        return known[i][near] if near >= 0 and room <= known[i][near][1] else None

    asked = [(0, room)]
    while asked:
        i, left_over = asked[-1]
        if reached(i, left_over) is not None:
            asked.pop()
            continue
        taken = [t for _, t in factors[i]] + [0.0]
        rests = [reached(i + 1, left_over - t) for t in taken]
        if None in rests:
            asked += [(i + 1, left_over - t) for t, rest in zip(reversed(taken), reversed(rests), strict=True) if rest is None]
            continue
        least, most = max(r[0] + t for r, t in zip(rests, taken, strict=True)), min(r[1] + t for r, t in zip(rests, taken, strict=True))
        steps = zip(factors[i], rests, rests[1:], strict=False)
        ways = [gate(AND, (literal, rest[2])) for (literal, _), rest, less in steps if rest[2] != less[2]]
        bisect.insort(known[i], (least, most, gate(OR, (*ways, rests[-1][2]))))
    found = reached(0, room)
    assert found is not None
    return found[2]


class Writer:
    """Writes a Formula gate by gate; equal gates are one, single children and constants vanish.

    A gate that others refer to before it is known is announced by `later` and written by `write`. Who does not know the
    number of events beforehand asks for each by `further_event`; they are numbered in that order, after the first `events`.
    """

    def __init__(self, events: int = 0) -> None:
        self.events = events
        self.further: list[int] = []  # rows that are no gates but events
        self.rows: list[tuple[int, float, tuple[int, ...], tuple[float, ...]] | None] = []
        self.known: dict = {}

    def event(self, number: int) -> int:
        """Literal of a basic event."""
        return 2 * number

    def gate(self, op: int, children: Sequence[int], k: float = 0.0, weights: Sequence[float] | None = None) -> int:
        """Literal of a gate over literals."""
        found = self._simplified(op, tuple(children), k, None if weights is None else tuple(weights))
        if isinstance(found, int):
            return found
        if found not in self.known:
            self.known[found] = 2 * (self.events + len(self.rows))
            self.rows.append(found)
        return self.known[found]

    def further_event(self) -> int:
        """Literal of one more basic event."""
        self.further.append(len(self.rows))
        return self.later()

    def later(self) -> int:
        """Literal of a gate that is written afterwards."""
        self.rows.append(None)
        return 2 * (self.events + len(self.rows) - 1)

    def write(self, literal: int, same_as: int) -> None:
        """Say what an announced gate is: the same as another literal."""
        self.rows[literal // 2 - self.events] = (OR, 0.0, (same_as,), (1.0,))

    def formula(self, tops: Sequence[int]) -> Formula:
        """Everything written, with the literals that are asked for."""
        is_event = np.zeros(len(self.rows), bool)
        is_event[self.further] = True
        rows = [row for row, event in zip(self.rows, is_event, strict=True) if not event]
        if any(row is None for row in rows):
            raise AssertionError("a gate was announced and never written")
        n = self.events + len(self.further)
        number = np.arange(self.events + len(self.rows))
        number[self.events :][is_event] = self.events + np.arange(len(self.further))
        number[self.events :][~is_event] = n + np.arange(len(rows))
        sizes = [len(row[2]) for row in rows]
        return Formula(
            n,
            np.array([row[0] for row in rows], np.int8),
            np.array([row[1] for row in rows], float),
            np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
            _moved(np.array([c for row in rows for c in row[2]], np.int64), number),
            np.array([w for row in rows for w in row[3]], float),
            _moved(np.array(tops, np.int64), number),
        )

    def _simplified(
        self, op: int, children: tuple[int, ...], k: float, weights: tuple[float, ...] | None
    ) -> int | tuple[int, float, tuple[int, ...], tuple[float, ...]]:
        if op in (AND, OR):
            whole, nothing = (FALSE, TRUE) if op == AND else (TRUE, FALSE)
            left = tuple(dict.fromkeys(c for c in children if c != nothing))
            if whole in left or any(negated(c) in left for c in left):
                return whole
            if len(left) < 2:
                return left[0] if left else nothing
            return op, 0.0, left, (1.0,) * len(left)
        if op != THRESHOLD:
            return op, 0.0, children, (1.0,) * len(children)
        pairs = list(zip(children, weights or (1.0,) * len(children), strict=True))
        k -= sum(w for c, w in pairs if c == TRUE)
        pairs = [(c, w) for c, w in pairs if c >= 0 and w > 0.0]
        if k <= 0.0:
            return TRUE
        total, least = sum(w for _, w in pairs), min((w for _, w in pairs), default=0.0)
        if total < k - CLOSE:
            return FALSE
        if least >= k - CLOSE:
            return self.gate(OR, [c for c, _ in pairs])
        if total - least < k - CLOSE:
            return self.gate(AND, [c for c, _ in pairs])
        return THRESHOLD, k, tuple(c for c, _ in pairs), tuple(w for _, w in pairs)


def _moved(literals: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Literals when events and gates get other numbers; constants stay."""
    out = literals.copy()
    out[literals >= 0] = 2 * number[literals[literals >= 0] // 2] + literals[literals >= 0] % 2
    return out
