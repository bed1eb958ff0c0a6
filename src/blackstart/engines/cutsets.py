"""Minimal cut sets and prime implicants of a solved formula: counted, summed and listed without ever being written out."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from blackstart.engines import families
from blackstart.engines.building import Built
from blackstart.engines.diagram import AT_BOTTOM, COUNT, FULL, LIMIT, Table


@dataclass(frozen=True, eq=False)
class CutSets:
    """Families of cut sets, one per top.

    rows : (R, 3) item, low, high (see `families.likeliest`); items below 2 n are literals of events
    roots : (T,) row of each top, -1 where its cut sets were not found within the limits
    kind : for each top "minimal" (sets of literals that suffice with no other true; a literal is negated only if its event occurs
        negated everywhere), "prime" (prime implicants), or "" where root is -1
    events : n
    """

    rows: np.ndarray
    roots: np.ndarray
    kind: tuple[str, ...]
    events: int

    def by_order(self, top: int) -> list[int]:
        """How many there are of order 0, 1, 2 ... (exact, however many)."""
        rows, root = self._own(top)
        order = np.zeros(len(rows), np.int32)
        families.longest(rows, 2 * self.events, order)
        begin = np.concatenate(([0], np.cumsum(order.astype(np.int64) + 1)))
        total = np.zeros(len(rows))
        families.summed(rows, np.ones(2 * self.events), total)
        counts, modulus = [0] * (int(order[root]) + 1), 1
        for prime in primes_below(1 << 31):  # each pass is exact but for multiples of a prime; together they leave no doubt
            out = np.zeros(int(begin[-1]), np.int32)
            families.counted(rows, 2 * self.events, order, begin, prime, out)
            residues = out[begin[root] : begin[root] + len(counts)].tolist()
            step = pow(modulus, -1, prime)
            counts = [c + modulus * ((r - c) * step % prime) for c, r in zip(counts, residues, strict=True)]
            modulus *= prime
            if modulus > 2.0 * total[root]:
                break
        return counts

    def count(self, top: int) -> int:
        """How many there are."""
        return sum(self.by_order(top))

    def rare_event_sum(self, top: int, p: np.ndarray) -> float:
        """Sum of the probabilities of all cut sets: an upper bound of the top's probability, close where all are rare."""
        rows, root = self._own(top)
        total = np.zeros(len(rows))
        families.summed(rows, literal_weights(p), total)
        return float(total[root])

    def most_likely(self, top: int, n: int, p: np.ndarray) -> list[tuple[float, tuple[int, ...]]]:
        """The n most probable ones (fewer where there are fewer, or the rest is impossible), each with its probability, as literals.

        Best first: from each row on, the product that can still be reached is known, so nothing is visited in vain.
        """
        (rows, root), weight = self._own(top), literal_weights(p)
        best = np.zeros(len(rows))
        families.likeliest(rows, weight, best)
        items, low, high = rows[:, 0].tolist(), rows[:, 1].tolist(), rows[:, 2].tolist()
        bound = best.tolist()
        found: list[tuple[float, tuple[int, ...]]] = []
        turn = 0
        # (minus what can be reached, tie, product so far, rows still to go through as a linked list, literals as a linked list)
        heap: list[tuple] = [(-bound[root], 0, 1.0, (root, None), None)]
        while heap and len(found) < n:
            reach, _, product, todo, chosen = heapq.heappop(heap)
            if reach == 0.0:
                break
            while todo is not None:
                row, rest = todo
                if row == 1:
                    todo = rest
                    continue
                item, a, b = items[row], low[row], high[row]
                own = weight[item] if item < len(weight) else bound[item - len(weight)]
                without, with_it = bound[a], own * bound[b]
                other = reach / bound[row]
                take = with_it >= without
                less = (without if take else with_it) * other
                taken = (product * own, (b, rest), (item, chosen))
                if item >= len(weight):
                    taken = (product, (item - len(weight), (b, rest)), chosen)
                left = (product, (a, rest), chosen)
                if less < 0.0:
                    turn += 1
                    heapq.heappush(heap, (less, turn, *(left if take else taken)))
                product, todo, chosen = taken if take else left
            literals = []
            while chosen is not None:
                literals.append(chosen[0])
                chosen = chosen[1]
            found.append((float(np.prod(weight[literals])), tuple(sorted(literals))))
        return found

    def _own(self, top: int) -> tuple[np.ndarray, int]:
        """The rows up to a top's, and its own."""
        root = int(self.roots[top])
        if root < 0:
            raise ValueError("the cut sets of this top were not found within the limits")
        return self.rows[: max(1, root) + 1], root


def primes_below(n: int) -> Iterator[int]:
    """Prime numbers below n, the largest first."""
    divisors = np.arange(2, int(n**0.5) + 1)
    for m in range(n - 1, 2, -1):
        if (m % divisors).all():
            yield m


def literal_weights(p: np.ndarray) -> np.ndarray:
    """(2 n,) probability of every literal."""
    out = np.empty(2 * len(p))
    out[0::2], out[1::2] = p, 1.0 - p
    return out


class Collection:
    """Collects the families of finished bodies."""

    def __init__(self, events: int) -> None:
        self.events = events
        self.blocks = [np.array([[0, 0, 0], [0, 0, 0]], np.int32)]
        self.length = 2

    def add(self, rows: np.ndarray, root: int, items: list[int]) -> int:
        """Root row of a family whose elements are these items."""
        out = rows[2:].copy()
        shift = self.length - 2
        if len(out):
            out[:, 0] = np.array(items, np.int32)[out[:, 0]]
            for j in (1, 2):
                out[:, j] = np.where(out[:, j] > 1, out[:, j] + shift, out[:, j])
        self.blocks.append(out)
        self.length += len(out)
        return root + shift if root > 1 else root

    def rows(self) -> np.ndarray:
        return np.ascontiguousarray(np.concatenate(self.blocks))


def minimal_sets(table: Table, built: Built, allowance: int) -> tuple[np.ndarray, int] | None:
    """Rows and root of the minimal sets of a finished body; None if that takes more rows than allowed."""
    if built.root & 1 or built.root == 0:
        return np.zeros((2, 3), np.int32), built.root & 1
    begin(table, len(built.order), allowance)
    family, at = np.empty(len(built.rows), np.int32), np.array([1], np.int64)
    families.needed(built.rows, family, built.root)
    if not table.call(families.minimal, built.rows, family, at):
        return None
    return extracted(table, int(family[built.root >> 1]))


def prime_sets(
    table: Table, binary: Table, built: Built, negated: bool, allowance: int
) -> tuple[np.ndarray, int] | None:
    """Rows and root of the prime implicants of a finished body, or of its opposite; elements are 2 level, or 2 level + 1 if negated."""
    levels = len(built.order)
    begin(table, 2 * levels, allowance)
    binary.load(built.rows, levels, allowance)
    frames = np.zeros((2 * levels + 4, 5), np.int32)
    at = np.array([0, built.root ^ negated, 0], np.int64)
    while families.primes(*table.arrays, *binary.arrays, frames, at) == FULL:
        for side in (table, binary):
            if side.spent() or ((side.info[COUNT] >= side.info[LIMIT] or side.cramped()) and not side.room()):
                return None
    return extracted(table, int(at[1]))


def begin(table: Table, levels: int, allowance: int) -> None:
    """An empty table of families: rows 0 and 1 are the constants."""
    table.empty(levels)
    table.nodes[:2] = AT_BOTTOM, 0, 0, 0
    table.info[COUNT] = 2
    table.allow(allowance)


def extracted(table: Table, root: int) -> tuple[np.ndarray, int]:
    count, roots = int(table.info[COUNT]), np.array([root])
    out = np.zeros((count, 3), np.int32)
    return out[: families.gather_sets(table.nodes, count, np.zeros(count, np.int32), roots, out)].copy(), int(roots[0])
