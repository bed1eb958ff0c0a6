"""A formula worked out for 64 states at a time; and with that every set of so many events tried: what the worst of them costs.

For the worst, a set is all but its last event, chosen in turn, and a last one: one bit for each that may be last. A gate is then a
word of bits, AND and OR are one instruction, and only thresholds look at single bits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from blackstart.engines.formula import AND, CLOSE, IFF, OR, TRUE, XOR, Formula
from blackstart.engines.rewriting import strong_parts

_ONES = np.uint64(0xFFFFFFFFFFFFFFFF)


class Ordered(NamedTuple):
    """A formula in the order in which its gates are worked out.

    order : (G,) gates, those below first; gates of one circle stand together
    end : (G,) for the first gate of a circle the place after its last, else 0
    """

    formula: Formula
    order: np.ndarray
    end: np.ndarray

    def truth(self, states: np.ndarray) -> np.ndarray:
        """(..., T) truth of every top for states (..., n) of the events; circles from false upwards until they rest."""
        f, states = self.formula, np.asarray(states, bool)
        rows = states.reshape(math.prod(states.shape[:-1]), f.events)
        out = np.zeros((len(rows), f.tops.size), bool)
        for begin in range(0, len(rows), 64):
            some = rows[begin : begin + 64]
            value = np.zeros(f.events + f.op.size, np.uint64)
            value[: f.events] = (some.astype(np.uint64) << np.arange(len(some), dtype=np.uint64)[:, None]).sum(axis=0, dtype=np.uint64)
            _settle(f.events, f.op, f.k, f.ptr, f.child, f.weight, self.order, self.end, value)
            words = _words(value, f.tops)
            out[begin : begin + 64] = (words >> np.arange(len(some), dtype=np.uint64)[:, None]) & np.uint64(1)
        return out.reshape(*states.shape[:-1], f.tops.size)


def ordered(formula: Formula) -> Ordered:
    """A formula, ready to be worked out; no negation may stand on a circle."""
    n, gates = formula.events, formula.op.size
    child, ptr = formula.child.tolist(), formula.ptr.tolist()
    below = [[(c >> 1) - n for c in child[ptr[g] : ptr[g + 1]] if c >= 2 * n] for g in range(gates)]
    order, end = np.zeros(gates, np.int64), np.zeros(gates, np.int64)
    at = 0
    for part in strong_parts(below, list(range(gates))):
        order[at : at + len(part)] = part
        if len(part) > 1 or part[0] in below[part[0]]:
            end[at] = at + len(part)
        at += len(part)
    return Ordered(formula, order, end)


def effort(tried: Ordered, candidates: int, size: int) -> float:
    """Words that trying all sets of this size would touch."""
    words = candidates / 128 + 1.0  # the last event comes after the others: half of them on average
    return math.comb(candidates, size - 1) * words * (tried.formula.child.size + 1)


def worst(
    tried: Ordered, worth: np.ndarray, candidates: np.ndarray, always: np.ndarray, size: int, enough: float
) -> tuple[float, np.ndarray]:
    """What the costliest set of `size` candidates costs, and the set (numbers of events); stops at the first that costs `enough`.

    worth : (T,) what it costs while each top is true
    always : events that are there in every set
    """
    f = tried.formula
    chosen = np.zeros(size, np.int64)
    base = np.zeros(f.events, bool)
    base[always] = True
    place = np.full(f.events, -1, np.int64)
    place[candidates] = np.arange(candidates.size)
    cost = _search(
        f.events, f.op, f.k, f.ptr, f.child, f.weight, f.tops, np.asarray(worth, float), tried.order, tried.end, candidates, place, base,
        size, enough, chosen,
    )  # fmt: skip
    return float(cost), candidates[chosen]


@njit(cache=True, nogil=True)
def _search(n, op, k, ptr, child, weight, tops, worth, order, end, candidates, place, base, size, enough, best_chosen):
    """Odometer over the first size − 1; the last, all at once."""
    m = candidates.size
    words = (m + 63) // 64
    value = np.zeros(n + op.size, np.uint64)
    cost = np.zeros(64)
    chosen = np.arange(size - 1)
    best = -1.0
    while True:
        first = chosen[size - 2] + 1 if size > 1 else 0
        for word in range(first // 64, words):
            for e in range(n):
                value[e] = _ONES if base[e] else np.uint64(0)
            for c in range(word * 64, min(m, word * 64 + 64)):
                value[candidates[c]] = np.uint64(1) << np.uint64(c - word * 64)
            for c in chosen:
                value[candidates[c]] = _ONES
            _settle(n, op, k, ptr, child, weight, order, end, value)
            cost[:] = 0.0
            for t in range(tops.size):
                bits = _word(value, tops[t])
                for b in range(64):
                    if (bits >> np.uint64(b)) & np.uint64(1):
                        cost[b] += worth[t]
            for b in range(64):
                c = word * 64 + b
                if first <= c < m and cost[b] > best:
                    best = cost[b]
                    best_chosen[: size - 1] = chosen
                    best_chosen[size - 1] = c
                    if best >= enough:
                        return best
        at = size - 2
        while at >= 0 and chosen[at] == m - size + at:
            at -= 1
        if at < 0:
            return best
        chosen[at] += 1
        for later in range(at + 1, size - 1):
            chosen[later] = chosen[later - 1] + 1


@njit(cache=True, nogil=True)
def _word(value, literal):
    if literal >= 0:
        return value[literal >> 1] ^ (_ONES if literal & 1 else np.uint64(0))
    return _ONES if literal == TRUE else np.uint64(0)


@njit(cache=True, nogil=True)
def _words(value, literals):
    out = np.zeros(literals.size, np.uint64)
    for i in range(literals.size):
        out[i] = _word(value, literals[i])
    return out


@njit(cache=True, nogil=True)
def _settle(n, op, k, ptr, child, weight, order, end, value):
    """All gates, those below first; circles from false upwards until they rest."""
    at = 0
    while at < order.size:
        if end[at] == 0:
            value[n + order[at]] = _gate(order[at], op, k, ptr, child, weight, value)
            at += 1
            continue
        for i in range(at, end[at]):
            value[n + order[i]] = np.uint64(0)
        moving = True
        while moving:
            moving = False
            for i in range(at, end[at]):
                new = _gate(order[i], op, k, ptr, child, weight, value)
                if new != value[n + order[i]]:
                    value[n + order[i]] = new
                    moving = True
        at = end[at]


@njit(cache=True, nogil=True)
def _gate(g, op, k, ptr, child, weight, value):
    if op[g] == AND:
        out = _ONES
        for j in range(ptr[g], ptr[g + 1]):
            out &= _word(value, child[j])
        return out
    if op[g] == XOR:
        odd = np.uint64(0)
        for j in range(ptr[g], ptr[g + 1]):
            odd ^= _word(value, child[j])
        return odd
    either = np.uint64(0)
    for j in range(ptr[g], ptr[g + 1]):
        either |= _word(value, child[j])
    if op[g] == IFF:
        every = _ONES
        for j in range(ptr[g], ptr[g + 1]):
            every &= _word(value, child[j])
        return every | ~either
    if op[g] == OR:
        return either
    if k[g] <= CLOSE:
        return _ONES
    out = np.uint64(0)
    for b in range(64):
        bit = np.uint64(1) << np.uint64(b)
        if either & bit:
            total = 0.0
            for j in range(ptr[g], ptr[g + 1]):
                if _word(value, child[j]) & bit:
                    total += weight[j]
            if total >= k[g] - CLOSE:
                out |= bit
    return out
