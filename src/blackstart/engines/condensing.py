"""A formula without negation made small before a linear programme is written from it: the same tops, fewer gates.

Every step keeps the least solution: unfolding a gate in those over it, one name for equal gates, events that cannot be left out.
"""

from __future__ import annotations

import numpy as np

from blackstart.engines.formula import AND, CLOSE, FALSE, OR, THRESHOLD, TRUE, Formula

MOST_COPIED = 2  # children of a gate that several others stand on, if it is unfolded in all of them

Gate = tuple[int, float, tuple[tuple[int, float], ...]]  # operator, threshold, (child, weight); children are numbers, TRUE or FALSE


def condensed(formula: Formula, gone: np.ndarray) -> Formula:
    """The formula as it is when the events in `gone` (n,) never are: same events, same tops, least solution, fewer gates."""
    work = _Work(formula, gone)
    while work.simplified() or work.unfolded():
        pass
    return work.formula()


class _Work:
    def __init__(self, formula: Formula, gone: np.ndarray) -> None:
        f = self.f = formula
        self.n = f.events
        self.same: dict[int, int] = {int(e): FALSE for e in np.flatnonzero(gone)}  # what stands for what
        self.gates: dict[int, Gate] = {}
        for g in range(f.op.size):
            span = range(f.ptr[g], f.ptr[g + 1])
            children = tuple((_number(int(f.child[j])), float(f.weight[j])) for j in span)
            self.gates[self.n + g] = (int(f.op[g]), float(f.k[g]), children)
        self.tops = [_number(int(t)) for t in f.tops]

    def what(self, node: int) -> int:
        """Who stands for a node in the end."""
        path = []
        while node in self.same:
            path.append(node)
            node = self.same[node]
            if node in path:
                return FALSE  # a circle of gates that only say each other: nothing makes them true
        for one in path:
            self.same[one] = node
        return node

    def simplified(self) -> bool:
        """Constants, single children and equal gates vanish; whether anything changed."""
        before, seen = len(self.gates), {}
        for g in list(self.gates):
            gate = self._simple(g, *self.gates[g])
            if isinstance(gate, tuple) and gate in seen:
                gate = seen[gate]
            if isinstance(gate, tuple):
                seen[gate] = g
                self.gates[g] = gate
            else:
                del self.gates[g]
                self.same[g] = FALSE if gate == g else gate
        return len(self.gates) < before

    def _simple(self, me: int, op: int, k: float, children: tuple[tuple[int, float], ...]) -> Gate | int:
        kids = [(self.what(c), w) for c, w in children]
        if op == THRESHOLD:
            k -= sum(w for c, w in kids if c == TRUE)
            kids = sorted((c, w) for c, w in kids if c >= 0 and c != me and w > 0.0)
            if k <= CLOSE:
                return TRUE
            if sum(w for _, w in kids) < k - CLOSE:
                return FALSE
            if min(w for _, w in kids) < k - CLOSE:
                return THRESHOLD, k, tuple(kids)
            op = OR
        whole, nothing = (FALSE, TRUE) if op == AND else (TRUE, FALSE)
        left = sorted({c for c, _ in kids if c != nothing})
        if op == AND and me in left:
            return FALSE  # it would have to be true before it is
        left = [c for c in left if c != me]
        if whole in left:
            return whole
        if len(left) < 2:
            return left[0] if left else nothing
        return op, 0.0, tuple((c, 1.0) for c in left)

    def unfolded(self) -> bool:
        """One round of unfolding gates in those of the same operator over them; whether anything changed.

        Only gates that hold none that could be unfolded: each round has fewer gates, and a circle is never run round.
        """
        over: dict[int, int] = dict.fromkeys(self.gates, 0)
        for op, _, children in self.gates.values():
            for c, _ in children:
                if c in over:
                    over[c] += 1 if self.gates[c][0] == op != THRESHOLD else 1_000_000
        for top in self.tops:
            if (top := self.what(top)) in over:
                over[top] += 1_000_000
        small = {g for g, n in over.items() if n < 1_000_000 and (n == 1 or len(self.gates[g][2]) <= MOST_COPIED)}
        ready = {g for g in small if not any(c in small for c, _ in self.gates[g][2])}
        changed = False
        for g in list(self.gates):
            op, k, children = self.gates[g]
            if op == THRESHOLD or not any(c in ready for c, _ in children):
                continue
            parts = [self.gates[c][2] if c in ready else ((c, w),) for c, w in children]
            self.gates[g] = (op, k, tuple(dict.fromkeys(p for part in parts for p in part)))
            changed = True
        self._forget()
        return changed

    def _forget(self) -> None:
        """Gates under no top are left out."""
        seen, todo = set(), [t for t in map(self.what, self.tops) if t in self.gates]
        while todo:
            g = todo.pop()
            if g not in seen:
                seen.add(g)
                todo += [c for c, _ in self.gates[g][2] if c in self.gates]
        self.gates = {g: gate for g, gate in self.gates.items() if g in seen}

    def formula(self) -> Formula:
        self._forget()
        number = {g: self.n + i for i, g in enumerate(self.gates)}
        rows = list(self.gates.values())
        return Formula(
            self.n,
            np.array([op for op, _, _ in rows], np.int8),
            np.array([k for _, k, _ in rows], float),
            np.concatenate(([0], np.cumsum([len(c) for _, _, c in rows]))).astype(np.int64),
            np.array([_literal(number.get(c, c)) for _, _, children in rows for c, _ in children], np.int64),
            np.array([w for _, _, children in rows for _, w in children], float),
            np.array([_literal(number.get(t, t)) for t in map(self.what, self.tops)], np.int64),
        )


def _number(literal: int) -> int:
    return literal >> 1 if literal >= 0 else literal


def _literal(number: int) -> int:
    return 2 * number if number >= 0 else number
