"""The worst overlap: which events, at most so many at once, cost most, whatever their rates; proven by a 0/1 programme.

Each event and each gate of a formula is a variable. A gate may count as true only as far as its children carry it, and the
programme wants as much lost as it can get. That reading alone is the *greatest* solution: parts in a circle would keep each
other down without a cause. An outage is the *least* solution, so each answer is worked out again from its events alone; what
nothing outside carries becomes a further row of the programme (`_Rows.founded`), until both agree. Nothing else is needed where
each thing waits for another for ever: there the greatest solution is the right one (see coldstart.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint
from scipy.sparse import csr_array

from blackstart.engines import combinations
from blackstart.engines.condensing import condensed
from blackstart.engines.formula import AND, CLOSE, OR, THRESHOLD, TRUE, Formula
from blackstart.engines.programmes import milp
from blackstart.engines.rewriting import strong_parts

MOST_ROUNDS = 400  # programmes solved for one question before its bound is taken as it is
MOST_BRANCHES = 200_000  # of one programme; counted, not timed, so that the same question has the same answer everywhere
MOST_WORDS = 2e10  # of work when all sets are tried; more is left to the programme
MOST_EXCHANGES, AT_ONCE = 20, 256
RAREST = 1e-12  # a chance below it is none
MOST_SUMS = 4096  # different sums of weights under one gate that are told apart
_ZERO = 1e-6  # below it a variable of the programme is false
_SCALE = 1e4  # the loss of everything, in the units of the programme: its tolerances are absolute


class Overlap(NamedTuple):
    """A set of events and what it costs.

    events : numbers of the events, in order; those that are there for nothing are not named
    value : what it costs, worked out from the events by the least solution
    bound : no set that was allowed costs more; equal to `value` where proven
    rounds : programmes solved; 0 where all sets were tried
    """

    events: tuple[int, ...]
    value: float
    bound: float
    rounds: int

    @property
    def proven(self) -> bool:
        return self.bound <= self.value + 1e-6 * max(1.0, abs(self.value))


@dataclass(frozen=True)
class Fallen:
    """What falls when events are there: the least solution by counting, linear in the size of the formula."""

    formula: Formula
    over: list[list[tuple[int, float]]] = field(init=False)  # for each node the gates over it with the weight it gives
    missing: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        f, n = self.formula, self.formula.events
        over: list[list[tuple[int, float]]] = [[] for _ in range(n + f.op.size)]
        missing = np.array(_needed(f))
        for g in range(f.op.size):
            for j in range(f.ptr[g], f.ptr[g + 1]):
                c, w = int(f.child[j]), float(f.weight[j])
                if c >= 0:
                    assert not c & 1, "only formulas without negation have a worst overlap"
                    over[c >> 1].append((g, w))
                elif c == TRUE:
                    missing[g] -= w
        object.__setattr__(self, "over", over)
        object.__setattr__(self, "missing", missing)

    def of(self, events: Iterable[int]) -> np.ndarray:
        """(n + G,) whether each event and gate is true when just these events are."""
        n = self.formula.events
        missing = self.missing.tolist()
        true = np.zeros(n + self.formula.op.size, bool)
        stack = [*events, *(n + g for g, m in enumerate(missing) if m <= CLOSE)]
        while stack:
            node = stack.pop()
            if true[node]:
                continue
            true[node] = True
            for g, w in self.over[node]:
                missing[g] -= w
                if missing[g] <= CLOSE:
                    stack.append(n + g)
        return true


def _needed(f: Formula) -> list[float]:
    """How much weight each gate asks for."""
    sizes = np.diff(f.ptr)
    return [float(n) if op == AND else 1.0 if op == OR else float(k) for op, n, k in zip(f.op, sizes, f.k)]


class Adversary:
    """Questions to one formula about its worst sets of events.

    formula : no negation; circles take the least solution
    worth : (T,) what it costs, per unit of time, while each top is true
    size : (n,) how much of the allowed number each event takes up; 0 where it comes for nothing
    never : (n,) events that cannot be
    """

    def __init__(self, formula: Formula, worth: np.ndarray, size: np.ndarray, never: np.ndarray | None = None) -> None:
        self.formula, self.worth, self.size = formula, np.asarray(worth, float), np.asarray(size, float)
        self.never = np.zeros(formula.events, bool) if never is None else np.asarray(never, bool)
        self.whole = float(self.worth.sum())
        self.rows: dict[tuple[float, bool], _Rows] = {}

    def out(self, events: Iterable[int]) -> np.ndarray:
        """(T,) tops that are true while just these events are there."""
        return self.outs([events])[0]

    def outs(self, sets: Sequence[Iterable[int]]) -> np.ndarray:
        """(sets, T) the same of each set of events."""
        states = np.zeros((len(sets), self.formula.events), bool)
        for state, events in zip(states, sets, strict=True):
            state[list(events)] = True
        return self.ordered.truth(states)

    def cost(self, events: Iterable[int]) -> float:
        """What it costs while just these events are there."""
        return float(self.worth[self.out(events)].sum())

    def worst(self, most: float, *, price: np.ndarray | None = None, rough: float = 0.0) -> Overlap:
        """The set whose cost, less its price, is highest among those whose sizes add up to `most` or less.

        price : (n,) what naming each event costs the adversary; may be negative
        rough : with a price, a set that is this share below the highest is good enough
        """
        if price is not None:
            return self._asked(_Question(1.0, np.asarray(price, float), most, rough=rough))
        if (found := self._all_tried(int(most))) is not None:
            return found
        return self._asked(_Question(1.0, np.zeros(self.formula.events), most, self.idle))

    def _all_tried(self, most: int) -> Overlap | None:
        """The worst set by trying all, if that is no more than `MOST_WORDS` of work; sets of fewer events are part of larger ones."""
        free = (self.size == 0.0) & ~self.never
        able = np.flatnonzero(~self.never & ~self.idle & (self.size == 1.0))
        if not np.isin(self.size[~self.never], (0.0, 1.0)).all():
            return None
        small = condensed(self.formula, self.never | self.idle)
        tried = combinations.ordered(small)
        most = min(most, able.size)
        if most == 0 or combinations.effort(tried, able.size, most) > MOST_WORDS:
            return None
        always = np.flatnonzero(free & ~self.idle)
        enough = self.cost([*able.tolist(), *always.tolist()])
        _, chosen = combinations.worst(tried, self.worth, able, always, most, enough - 1e-12 * self.whole)
        events = tuple(sorted([*chosen.tolist(), *always.tolist()]))
        return Overlap(events, self.cost(events), self.cost(events), 0)

    @cached_property
    def ordered(self) -> combinations.Ordered:
        return combinations.ordered(self.formula)

    @cached_property
    def idle(self) -> np.ndarray:
        """(n,) events that another one always stands in for: what they do at once it does alone, and it takes up no more room.

        Leaving them out changes no worst set's cost. Of events that stand in for each other the first is kept.
        """
        f, n = self.formula, self.formula.events
        feeds = csr_array(
            (np.ones(f.child.size), (np.repeat(np.arange(f.op.size), np.diff(f.ptr)), np.maximum(f.child, 0) >> 1)),
            shape=(f.op.size, n + f.op.size),
        )[:, :n]  # fmt: skip
        seen = feeds.sum(axis=0) > 0
        fixed = np.isin(np.arange(n), f.tops >> 1)  # asked for itself
        gates = self.ordered._replace(formula=f._replace(tops=2 * (n + np.arange(f.op.size))))
        out = ~seen & ~fixed
        able = np.flatnonzero(~self.never & seen)
        for block in np.array_split(able, -(-able.size // AT_ONCE)) if able.size else ():
            states = np.zeros((block.size, n), bool)
            states[np.arange(block.size), block] = True
            missed = (~gates.truth(states)).astype(float) @ feeds  # (block, n) gates over each event that this one leaves standing
            mutual = np.zeros_like(missed, bool)
            for row, e in enumerate(block):
                stands_in = (missed[row] == 0.0) & (self.size >= self.size[e]) & ~fixed
                stands_in[e] = False
                mutual[row] = stands_in
            for row, e in enumerate(block):
                if not out[e]:
                    out |= mutual[row]
        return out

    def mildest(self, most: float, *, price: np.ndarray) -> Overlap:
        """The set whose cost and price together are lowest; `value` and `bound` are those of the negative of that sum."""
        return self._asked(_Question(-1.0, np.asarray(price, float), most))

    def likelier(self, events: Sequence[int], chance: np.ndarray) -> tuple[int, ...]:
        """A likelier set of no greater size that makes at least the same tops true.

        First whatever is there for nothing is left out, then one event after the other is exchanged, until no single exchange helps.
        Not proven to be the likeliest.
        """
        chosen = self.needed(events)
        wanted = self.out(chosen) & (self.worth > 0.0)
        for _ in range(MOST_EXCHANGES):
            better = [self._exchanged(chosen, i, wanted, chance) for i in range(len(chosen))]
            gain, i, event = max(((g, i, e) for i, (g, e) in enumerate(better)), default=(0.0, 0, -1))
            if gain <= 0.0:
                break
            chosen[i] = event
            chosen = self.needed(chosen)
        return tuple(sorted(chosen))

    def needed(self, events: Sequence[int]) -> list[int]:
        """Some of the events that cost as much alone, none of which can be left out."""
        events = list(events)
        cost = self.cost(events)
        for e in sorted(events, key=lambda e: -self.size[e]):
            rest = [other for other in events if other != e]
            if self.cost(rest) >= cost:
                events = rest
        return events

    def _exchanged(self, chosen: Sequence[int], i: int, wanted: np.ndarray, chance: np.ndarray) -> tuple[float, int]:
        """By how much the logarithm of the chance rises if event number i is exchanged for the best other; that event."""
        here = chance[chosen[i]]
        others = np.flatnonzero((chance > here) & ~self.never & (self.size <= self.size[chosen[i]]))
        others = others[np.argsort(-chance[others], kind="stable")]
        others = others[~np.isin(others, chosen)]
        for block in np.array_split(others, -(-others.size // AT_ONCE)) if others.size else ():
            states = np.zeros((block.size, self.formula.events), bool)
            states[:, [e for j, e in enumerate(chosen) if j != i]] = True
            states[np.arange(block.size), block] = True
            good = np.flatnonzero(self.ordered.truth(states)[:, wanted].all(axis=1))
            if good.size:
                return float(np.log(chance[block[good[0]]] / max(here, RAREST))), int(block[good[0]])
        return 0.0, -1

    def _asked(self, question: _Question) -> Overlap:
        """Solve, work out what the answer really costs, add the rows that it missed; until both agree."""
        key = question.sign, question.idle is None
        if key not in self.rows:
            self.rows[key] = _Rows(self, question)
        rows = self.rows[key]
        best, bound, rounds, close = (question.sign * self.cost(()), ()), np.inf, 0, 1e-9 * self.whole
        while rounds < MOST_ROUNDS:
            rounds += 1
            x, claimed = rows.solve(question)
            if x is None:
                break
            events = tuple(int(i) for i in np.flatnonzero(x[: self.formula.events] > 0.5))
            cost = self.cost(events)
            best = max(best, (question.sign * cost - float(question.price[list(events)].sum()), events))
            bound = min(bound, claimed)
            if bound <= best[0] + close or not rows.mended(x, events):
                break
        return Overlap(best[1], best[0], best[0] if bound <= best[0] + 10.0 * close else float(bound), rounds)


class _Question(NamedTuple):
    """sign × cost − price is to be as high as it can be, or nearly so (`rough`); `idle` events are left out."""

    sign: float
    price: np.ndarray
    most: float
    idle: np.ndarray | None = None
    rough: float = 0.0


class _Rows:
    """The rows of the programme: variables are the events, then the gates under the tops that count.

    forced : whether a gate must be true where its children make it so (for who wants little lost), instead of may be
    """

    def __init__(self, asked: Adversary, question: _Question) -> None:
        self.asked, self.forced = asked, question.sign < 0.0
        gone = asked.never if question.idle is None else asked.never | question.idle
        costly = asked.worth > 0.0
        self.f = condensed(asked.formula._replace(tops=asked.formula.tops[costly]), gone)
        self.fallen = Fallen(self.f)
        n = self.f.events
        self.columns = n + self.f.op.size
        self.kept = range(self.f.op.size)
        self.row: list[dict[int, float]] = []  # each: sum of coefficient × variable ≥ its least
        self.least: list[float] = []
        for g in self.kept:
            (self._forces if self.forced else self._carried)(g)
        self.integer = np.zeros(self.columns, np.int64)
        self.integer[:n] = 1
        self.integer[[n + g for g in self.kept if self.f.op[g] == THRESHOLD]] = 1  # the others follow from their children
        self.upper = np.ones(self.columns)
        self.upper[:n][gone] = 0.0
        self.worth, self.sure = np.zeros(self.columns), 0.0
        for top, w in zip(self.f.tops, asked.worth[costly]):
            if top >= 0:
                self.worth[int(top) >> 1] += w
            elif top == TRUE:
                self.sure += float(w)

    def children(self, g: int) -> list[tuple[int, float]]:
        """Variables of a gate's children with their weights; constants are not among them."""
        span = range(self.f.ptr[g], self.f.ptr[g + 1])
        return [(int(self.f.child[j]) >> 1, float(self.f.weight[j])) for j in span if self.f.child[j] >= 0]

    def add(self, row: dict[int, float], least: float = 0.0) -> None:
        self.row.append(row)
        self.least.append(least)

    def _carried(self, g: int) -> None:
        """A gate is true only as far as its children carry it."""
        me, left, children = self.f.events + g, float(self.fallen.missing[g]), self.children(g)
        if left <= CLOSE:
            return
        if sum(w for _, w in children) < left - CLOSE:  # what it waits for never comes
            self.add({me: -1.0})
        elif self.f.op[g] == AND:
            for c, _ in children:
                self.add({c: 1.0, me: -1.0} if c != me else {me: -1.0})
        else:
            least = 1.0 if self.f.op[g] == OR else _steps([w for _, w in children], left)[1]
            row: dict[int, float] = {me: -1.0}
            for c, w in children:
                if c != me:
                    row[c] = row.get(c, 0.0) + min(w / least, 1.0)
            self.add(row)

    def _forces(self, g: int) -> None:
        """A gate is true where its children make it so."""
        me, left, children = self.f.events + g, float(self.fallen.missing[g]), self.children(g)
        if left <= CLOSE:
            self.add({me: 1.0}, 1.0)
        elif self.f.op[g] == OR:
            for c, _ in children:
                self.add({me: 1.0, c: -1.0} if c != me else {me: 1.0})
        else:
            below = left - 1.0 if self.f.op[g] == AND else _steps([w for _, w in children], left)[0]
            row: dict[int, float] = {me: sum(w for _, w in children) - below}  # what is there beyond `below` needs the gate
            for c, w in children:
                row[c] = row.get(c, 0.0) - w
            self.add(row, -below)

    def mended(self, x: np.ndarray, events: Iterable[int]) -> bool:
        """Whether rows were found that forbid what the answer `x` claims against what its events make true."""
        true = self.fallen.of(events)
        return self._followed(x, true) if self.forced else self._founded(x, true)

    def _founded(self, x: np.ndarray, true: np.ndarray) -> bool:
        """Rows that forbid what is claimed and nothing carries.

        Take gates U that are claimed and not true (a circle, or one alone). With all of `true` there, no first one of U becomes true
        without a child outside both; so neither does it with less. Hence: each of U ≤ the sum of the children of U outside both.
        """
        n = self.f.events
        claimed = [g for g in self.kept if x[n + g] > _ZERO and not true[n + g]]
        place = {g: i for i, g in enumerate(claimed)}
        below = [[place[c - n] for c, _ in self.children(g) if c >= n and c - n in place] for g in claimed]
        for part in strong_parts(below, list(range(len(claimed)))):
            inside = set(part)
            if any(b not in inside for i in part for b in below[i]):
                continue
            mine = {n + claimed[i] for i in part}
            outside = {c for i in part for c, _ in self.children(claimed[i]) if c not in mine and not true[c]}
            for gate in mine:
                self.add({gate: -1.0} | dict.fromkeys(outside, 1.0))
        return bool(claimed)

    def _followed(self, x: np.ndarray, true: np.ndarray) -> bool:
        """Rows that force what is true and was not claimed, though its children were: a sum too near to its threshold."""
        n, before = self.f.events, len(self.row)
        for g in self.kept:
            if true[n + g] and x[n + g] < 0.5:
                there = {c: w for c, w in self.children(g) if true[c] and x[c] > 0.5}
                if sum(there.values()) >= self.fallen.missing[g] - CLOSE:
                    self.add({n + g: 1.0} | dict.fromkeys(there, -1.0), 1.0 - len(there))
        return len(self.row) > before

    def solve(self, asked: _Question) -> tuple[np.ndarray | None, float]:
        """Values of all variables and a proven bound of what is asked; None where nothing was found within the limits."""
        if self.columns == 0:
            return np.zeros(0), asked.sign * self.sure
        n, unit = self.f.events, _SCALE / (self.asked.whole or 1.0)
        gain = asked.sign * self.worth
        gain[:n] -= asked.price
        rows, lows = [*self.row], [*self.least]
        rows.append({int(e): -float(self.asked.size[e]) for e in np.flatnonzero(self.asked.size)})
        lows.append(-asked.most)
        found = milp(
            -unit * gain, integrality=self.integer, bounds=Bounds(0.0, self.upper),
            constraints=LinearConstraint(_matrix(rows, self.columns), np.array(lows), np.inf),
            options={"mip_rel_gap": asked.rough, "node_limit": MOST_BRANCHES},
        )  # fmt: skip
        if found.x is None:
            return None, np.inf
        bound = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
        return found.x, -bound / unit + asked.sign * self.sure


def _steps(weights: Sequence[float], left: float) -> tuple[float, float]:
    """The highest sum of some of the weights that misses a threshold and the lowest that reaches it; itself where sums are many."""
    sums = {0.0}
    for w in weights:
        sums |= {round(s + w, 12) for s in sums}
        if len(sums) > MOST_SUMS:
            return left, left
    return max(s for s in sums if s < left - CLOSE), min((s for s in sums if s >= left - CLOSE), default=left)


def _matrix(rows: Sequence[dict[int, float]], columns: int) -> csr_array:
    ptr = np.concatenate(([0], np.cumsum([len(r) for r in rows])))
    index = np.fromiter((c for r in rows for c in r), np.int64, int(ptr[-1]))
    value = np.fromiter((v for r in rows for v in r.values()), float, int(ptr[-1]))
    return csr_array((value, index, ptr), shape=(len(rows), columns))
