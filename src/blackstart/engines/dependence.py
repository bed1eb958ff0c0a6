"""The band of an expected cost when the share of time of each event is known and nothing about how they go together.

A joint distribution is a chance for each state (a set of events). Expected cost is linear in it, and so is each event's chance: a
linear programme over 2^n states, of which only those are written down that the adversary finds worth it (column generation).

A formula of very many gates (`MOST_WRITTEN`) is not searched: the ends are those of states that are easily laid out, and what lies
beyond is bounded by prices that follow from what each event does alone.

Far from its end such a programme has prices that swing from one event to another, and hundreds of states say little. So the upper
end begins where it nearly always ends: each thing that costs is looked at by itself, where few events count. There states are first
sought by going through the gates (engines/gatewise.py), which costs next to nothing; the adversary only finds what that misses, and proves
the end. What all of them come to at most, added up, is a proven bound; their prices, added up, are prices for all together; and
their states are where the programme for all together begins. New states are sought at prices near the best ones that are known.
(Smoothing of prices: Wentges 1997, "Weighted Dantzig-Wolfe decomposition for linear mixed-integer programming".)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array, vstack

from blackstart.engines import gatewise
from blackstart.engines.adversary import RAREST, Adversary
from blackstart.engines.condensing import condensed
from blackstart.engines.formula import TRUE
from blackstart.engines.programmes import linprog

MOST_SOUGHT, LEAST_SOUGHT, EFFORT = 200, 10, 12_000  # states that are sought for one end; for all together so many, times events
PATIENT, NEAR = 30, 1e-3  # after so many the end is near enough when its bound is that share away
BY_GATES, LEAST_BY_GATES = 4_000, 20  # states that are sought by going through the gates, all tops together, and of each at least
APART = 100_000  # children of gates that searches for states of single tops look through, all tops together
ROUGH = 0.2  # share by which a state that is sought there may be below the best
STEADY = 0.7  # how much of the prices at which a state is sought is that of the best ones that are known


MOST_TOGETHER = 10_000  # children of all gates up to which the upper end is searched for with all that costs together
MOST_WRITTEN = 20_000  # children of all gates of a formula up to which programmes are written from it
COMMON = 0.05  # an event that is there for more of the time is taken to be there always, where prices follow from single events


class Band(NamedTuple):
    """Expected cost when only the chance of each event is known.

    least, most : the ends, each of a joint distribution that exists
    least_bound, most_bound : proven bounds of the ends; equal to them where the programmes were finished
    states : of the worst distribution, (chance, events), dearest first: those that cost something, without events that add nothing
    columns : states tried
    """

    least: float
    most: float
    least_bound: float
    most_bound: float
    states: list[tuple[float, tuple[int, ...]]]
    columns: int


def band(
    asked: Adversary, p: np.ndarray, most: float | None = None, least: tuple[Adversary, np.ndarray] | None = None
) -> Band | None:  # fmt: skip
    """Between what the expected cost can lie when each event has its chance and nothing is known of how they go together.

    A joint distribution is a chance for each state (a set of events). Expected cost is linear in it, and so is each event's chance:
    a linear programme over 2^n states, of which only those are written down that the adversary finds worth it.

    p : (n,) chance of each event at a random moment
    most : states in which the sizes of the events add up to more have no chance; None: any state may be
    least : costs and chances (n,) for the least, where they are known only between bounds: none above those for the most
    None where that cannot be: more events are there on average.
    """
    asked, p = _of_what_can_be(asked, p)
    low, p_low = (asked, p) if least is None else _of_what_can_be(*least)
    size = float(asked.size.sum()) if most is None else float(most)
    if float(p @ asked.size) > size + 1e-12:
        return None
    if not p.any():
        sure = asked.cost(())
        return Band(sure, sure, sure, sure, [], 0)
    ends = [_End(low, p_low, size, -1.0), _End(asked, p, size, 1.0)]
    sought = max(LEAST_SOUGHT, min(MOST_SOUGHT, EFFORT // int((p > 0.0).sum())))
    least, least_bound = ends[0].solve(sought)
    most_, most_bound = ends[1].solve(sought if asked.formula.child.size <= MOST_TOGETHER else 0)
    most_ = max(most_, -least)  # where little was searched: the distribution of the lower end exists, too
    columns = sum(len(end.sets) for end in ends)
    return Band(-least, most_, -least_bound, most_bound, ends[1].states(), columns)


def _of_what_can_be(asked: Adversary, p: np.ndarray) -> tuple[Adversary, np.ndarray]:
    p = np.where((p > RAREST) & ~asked.never, p, 0.0)
    return Adversary(condensed(asked.formula, p == 0.0), asked.worth, asked.size, p == 0.0), p


class _End:
    """One end of the band: the highest of sign × expected cost.

    loose : whether events may be there for less than their share of time. Where any number may be there at once and more events
        never cost less, what is left of a share can be added to any state: nothing changes but that no price is negative.
    """

    def __init__(self, asked: Adversary, p: np.ndarray, size: float, sign: float, loose: bool = False) -> None:
        self.asked, self.size, self.sign, self.p = asked, size, sign, p
        self.loose = loose or (sign > 0 and size >= float(asked.size.sum()))
        self.alone = self.loose and asked.worth.size == 1 and asked.whole > 0.0 and int(asked.formula.tops[0]) >= 0  # all is about one top
        self.at = np.flatnonzero(p)
        self.place = {int(e): i for i, e in enumerate(self.at)}
        self.nothing = asked.cost(())
        self.close = 1e-9 * asked.whole
        self.there = min(1.0, float(p.sum()))  # the most that all states with an event can weigh
        self.unit = (asked.whole or 1.0) * (self.there or 1.0)
        self.sets: dict[tuple[int, ...], float] = {}  # each state with what it costs beyond nothing
        states = [(int(e),) for e in self.at] if self.loose else [*_laid_out(p, asked.size), *self._nested()]
        self.sets |= dict(zip(states, (asked.outs(states) @ asked.worth - self.nothing).tolist(), strict=True))
        self.chance = np.zeros(0)

    def _take(self, state: tuple[int, ...]) -> None:
        self.sets[state] = self.asked.cost(state) - self.nothing

    def _nested(self) -> list[tuple[int, ...]]:
        """States in which every event is there with all that are there for longer: where each alone stops everything, the least harm."""
        order = self.at[np.argsort(-self.p[self.at], kind="stable")]
        within = np.cumsum(self.asked.size[order]) <= self.size
        return [tuple(sorted(order[: k + 1].tolist())) for k in range(order.size) if within[k]]

    def solve(self, most: int, by_gates: int = BY_GATES) -> tuple[float, float]:
        """The end and a proven bound of it, both with the sign, after so many searches for a state at most."""
        self.bound, self.best = np.inf, np.zeros(self.at.size)
        large = self.asked.formula.child.size > MOST_WRITTEN
        if large:
            self._begin_alone()
        elif np.count_nonzero(self.asked.worth) > 1:
            self._begin_apart()
        elif self.alone:
            self._begin_by_gates(by_gates)
        steady = STEADY if np.isfinite(self.bound) else 0.0
        value = 0.0 if self.sign > 0 else -self.there * (self.asked.whole - self.nothing)  # that any distribution comes to
        for tried in range(most + 1):
            found = self._master()
            if found is None:
                break
            value, prices, room = found
            if large or tried == most or self.bound <= value + max(self.close, NEAR * abs(value) * (tried >= PATIENT)):
                break
            if not (self._found(prices, room, steady) or (steady and self._found(prices, room, 0.0))):
                break
        sure = self.sign * self.nothing
        return value + sure, max(self.bound, value) + sure

    def _found(self, prices: np.ndarray, room: float, steady: float) -> bool:
        """Whether a state is found that makes the programme better, sought between its prices and the best ones; the bound."""
        asked = steady * self.best + (1.0 - steady) * prices
        price = np.zeros(self.asked.formula.events)
        price[self.at] = asked
        if self.sign > 0:
            found = self.asked.worst(self.size, price=price, rough=ROUGH if steady else 0.0)
        else:
            found = self.asked.mildest(self.size, price=price)
        comes_to, missing = float(asked @ self.p[self.at]), max(0.0, found.bound - self.sign * self.nothing)
        bounds = [(comes_to + self.there * missing, asked)]
        if self.alone and missing < self.asked.whole:
            raised = self.asked.whole / (self.asked.whole - missing)  # so that no state that costs pays too little
            bounds.append((comes_to * raised, asked * raised))
        bound, enough = min(bounds, key=lambda row: row[0])
        if bound < self.bound:
            self.bound, self.best = bound, enough
        state = self._without_idle(found.events) if self.loose else found.events
        if state in self.sets:
            return False
        self._take(state)
        better = self.sign * self.sets[state] - float(sum(prices[self.place[e]] for e in state)) - room > self.close
        if not better:
            del self.sets[state]
        return better

    def _without_idle(self, events: tuple[int, ...]) -> tuple[int, ...]:
        """A state without events that cost nothing in it, the rarest first: it can then have the greater chance."""
        kept, cost = list(events), self.asked.cost(events)

        def leave_out(some: list[int]) -> None:
            nonlocal kept
            rest = [e for e in kept if e not in some]
            if self.asked.cost(rest) >= cost - 1e-3 * self.close:
                kept = rest
            elif len(some) > 1:
                leave_out(some[: len(some) // 2])
                leave_out(some[len(some) // 2 :])

        leave_out(sorted(events, key=lambda e: (self.p[e], e)))
        return tuple(sorted(kept))

    def _begin_alone(self) -> None:
        """A bound from what each event does alone.

        At the lower end no state costs less than any of its events. At the upper end an event that makes a top true by itself, with all
        that is common there as well, pays for it whole, any other for a half: a set that makes it true has one of those or two of these.
        """
        if self.sign < 0:
            cost = self.asked.outs([(e,) for e in self.at]) @ self.asked.worth
            self.bound = -float((self.p[self.at] * (cost - self.nothing)).max())
            return
        common = self.at[self.p[self.at] > COMMON].tolist()
        rare = self.at[self.p[self.at] <= COMMON].tolist()
        before = self.asked.out(common)
        self.bound = float(self.asked.worth[before].sum()) - self.nothing
        pays = np.where(self.asked.outs([(e, *common) for e in rare]), 1.0, 0.5)
        self.bound += float((self.asked.worth * ~before) @ np.minimum(self.p[rare] @ pays, 1.0))

    def _begin_by_gates(self, most: int) -> None:
        """A bound of the only top by going through the gates; prices and states too, if any number of events may be there at once."""
        tried, worth = self.asked.ordered, float(self.asked.worth[0])
        self.bound = worth * min(1.0, float(gatewise.prices(tried, self.p) @ self.p))
        if self.size < float(self.asked.size.sum()):
            return
        price = np.zeros(self.asked.formula.events)
        for _ in range(most):
            found = self._master()
            if found is None:
                break
            value, prices, room = found
            self.best = np.maximum(prices, 0.0)
            if self.bound <= value + self.close:
                break
            price[self.at] = self.best
            state = self._without_idle(gatewise.cheapest(tried, price))
            if not state or state in self.sets:
                break
            self._take(state)
            if self.sets[state] - float(price[list(state)].sum()) - room <= self.close:
                del self.sets[state]
                break

    def _begin_apart(self) -> None:
        """A bound, prices and states from each top by itself."""
        asked, self.bound, sign, begun = self.asked, 0.0, self.sign, set[tuple[int, ...]]()
        tops = np.count_nonzero(asked.worth)
        for top, worth in zip(asked.formula.tops.tolist(), asked.worth.tolist(), strict=True):
            if top == TRUE:
                self.bound += sign * worth
            if top < 0 or worth <= 0.0:
                continue
            small = condensed(asked.formula._replace(tops=np.array([top])), asked.never)
            feeds = np.zeros(small.events, bool)
            leaves = np.array([c >> 1 for c in (*small.child.tolist(), *small.tops.tolist()) if c >= 0], np.int64)
            feeds[leaves[leaves < small.events]] = True
            alone = Adversary(small, np.array([worth]), asked.size, asked.never)
            end = _End(alone, np.where(feeds, self.p, 0.0), self.size, sign, loose=sign > 0)
            sought = MOST_SOUGHT
            if end.loose:
                own = set(end.place)  # what makes one thing stop nearly makes others
                for state in {tuple(e for e in s if e in own) for s in begun} - set(end.sets):
                    if alone.cost(state) > 0.0:
                        end._take(end._without_idle(state))
                sought = min(sought, APART // (tops * small.child.size + 1))
            self.bound += end.solve(sought if sought >= LEAST_SOUGHT else 0, max(LEAST_BY_GATES, BY_GATES // tops))[1]
            np.add.at(self.best, [self.place[int(e)] for e in end.at], end.best)
            for chance, state in zip(end.chance, tuple(end.sets), strict=False):  # one that was found last has no chance yet
                if chance > 0.0:
                    self._take(state)
                    begun.add(state)
        self.bound -= sign * self.nothing

    def _master(self) -> tuple[float, np.ndarray, float] | None:
        """Best chances of the states so far; the price of each event's chance, and that of being at all. None if no method solves it."""
        states = list(self.sets)
        least = np.array([self.p[list(s)].min() for s in states])  # each state in units of the most it can weigh
        rows = [self.place[e] for s in states for e in s]
        columns = [j for j, s in enumerate(states) for _ in s]
        value = [least[j] / self.p[e] for j, s in enumerate(states) for e in s]
        gain = self.sign * np.array([self.sets[s] for s in states]) * least / self.unit
        each, room = csr_array((value, (rows, columns)), shape=(self.at.size, len(states))), csr_array(least[None, :])
        ones = np.ones(self.at.size)
        if self.loose:
            found = linprog(-gain, A_ub=vstack([room, each]), b_ub=np.append(1.0, ones))
        else:
            found = linprog(-gain, A_ub=room, b_ub=[1.0], A_eq=each, b_eq=ones)
        if found.status != 0:  # of numbers that lie too far apart; what is known so far stands
            return None
        self.chance = found.x * least
        prices = -(found.ineqlin.marginals[1:] if self.loose else found.eqlin.marginals) * self.unit / self.p[self.at]
        return float(-found.fun * self.unit), prices, float(-found.ineqlin.marginals[0] * self.unit)

    def states(self) -> list[tuple[float, tuple[int, ...]]]:
        """States that cost something, with their chances, dearest first."""
        rows = [(float(c), s) for c, s in zip(self.chance, self.sets) if c > 0.0 and self.sets[s] > 0.0]
        return sorted(rows, key=lambda row: (-row[0] * self.sets[row[1]], row[1]))


def _laid_out(p: np.ndarray, size: np.ndarray) -> list[tuple[int, ...]]:
    """States of one joint distribution with these chances in which as few events with a size are there at once as can be.

    Events with a size lie end to end round a circle of length one; the others all begin at nought.
    """
    cuts, spans, at = {0.0, 1.0}, [], 0.0
    for e in np.flatnonzero(p > 0.0):
        begin = at if size[e] > 0 else 0.0
        end = begin + min(float(p[e]), 1.0)
        spans.append((int(e), begin, end))
        cuts |= {begin % 1.0, end % 1.0}
        at = end % 1.0 if size[e] > 0 else at
    edges = sorted(cuts)
    found = []
    for low, high in zip(edges, edges[1:]):
        middle = 0.5 * (low + high)
        state = tuple(e for e, begin, end in spans if begin <= middle < end or begin <= middle + 1.0 < end)
        if state:
            found.append(state)
    return found
