"""The exact engine: which combinations of events make a formula true, how probable that is, and what each event contributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from blackstart.engines import diagram
from blackstart.engines.bounding import bounded, probability
from blackstart.engines.building import Assembly, Built, Polarity, raced
from blackstart.engines.combinations import ordered
from blackstart.engines.crossings import crossings
from blackstart.engines.cutsets import Collection, CutSets, minimal_sets, prime_sets
from blackstart.engines.diagram import Table
from blackstart.engines.formula import TRUE, Formula
from blackstart.engines.ordering import inputs_of
from blackstart.engines.rewriting import Body, Parts, taken_apart

BLOCK = 64  # samples weighed side by side


class Limits(NamedTuple):
    """What may be spent; counted, not timed, so that the same limits give the same answer everywhere.

    nodes : rows a node table may hold (about 40 bytes each; there may be three such tables)
    made : rows that may be made for one order of one part, and for the bounds of a part whose diagram is too large
    """

    nodes: int = 20_000_000
    made: int = 40_000_000


STANDARD = Limits()


class _Bodies(NamedTuple):
    """Finished bodies of a top that is not coherent, by number from `first` on, and which inputs are turned."""

    first: int
    finished: dict[int, Built]
    turned: dict[int, int]


@dataclass(frozen=True, eq=False)
class Solved:
    """The answer for every top of a formula, in arrays; tops are rows, events are columns.

    outcome : "exact" or "bounded"
    reason : why it is bounded, as a key ("diagram-too-large", or "" where exact)
    rows, roots : the finished diagram (see `diagram.weigh`) and the edges of the tops in it; where bounded, that of the lower bound,
        from which importances, cut sets and samples are then taken: true of what it holds, silent on the rest
    p : (n,) probabilities of the events
    lower, upper : (T,) bounds of the probability, equal where exact
    coherent : (T,) whether no event is used both plainly and negated
    cut_sets : families of cut sets, one per top
    nodes : rows of the finished diagram
    made : rows made on the way
    shapes : of tops that are bounded, what does not hang on the probabilities: from it `solve` begins where only those are others
    """

    outcome: str
    reason: str
    rows: np.ndarray
    roots: np.ndarray
    p: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    coherent: np.ndarray
    cut_sets: CutSets
    nodes: int
    made: int
    value: np.ndarray = field(repr=False)
    bodies: tuple[_Bodies | None, ...] = field(repr=False)
    limits: Limits
    shapes: dict[int, _Shape] = field(repr=False)

    @property
    def probability(self) -> np.ndarray:
        """(T,) probability of each top (the middle of the bounds where it is bounded)."""
        return 0.5 * (self.lower + self.upper)

    @cached_property
    def birnbaum(self) -> np.ndarray:
        """(T, n) derivative of each top's probability with respect to each event's."""
        n = len(self.p)
        out = np.zeros((len(self.roots), n))
        for t, root in enumerate(self.roots):
            rows = self.rows[: max(n, root >> 1) + 1]
            grad = np.zeros(len(rows))
            grad[root >> 1] = -1.0 if root & 1 else 1.0
            diagram.slope(n, rows, self.value, grad)
            out[t] = grad[1 : n + 1]
        return out

    @cached_property
    def p_given_true(self) -> np.ndarray:
        """(T, n) probability of each top if the event is certain."""
        return self._given(1.0)

    @cached_property
    def p_given_false(self) -> np.ndarray:
        """(T, n) probability of each top if the event is impossible."""
        return self._given(0.0)

    def _given(self, p: float) -> np.ndarray:
        """By the straight line through what is known; worked out anew where that line loses digits."""
        base = self.probability[:, None]
        line = base + (p - self.p) * self.birnbaum
        for t, e in np.argwhere(np.abs(line) < 1e-6 * base):
            changed = self.p.copy()
            changed[e] = p
            line[t, e] = weighed(self.rows, changed)[self.roots[t]]
        return np.clip(line, 0.0, 1.0)

    def probabilities(self, samples: np.ndarray) -> np.ndarray:
        """(S, T) probability of each top for each sample (S, n) of the events' probabilities."""
        n, out = len(self.p), np.empty((len(samples), len(self.roots)))
        value = np.zeros((2 * len(self.rows), min(BLOCK, max(1, len(samples)))))
        value[1] = 1.0
        for begin in range(0, len(samples), value.shape[1]):
            block = samples[begin : begin + value.shape[1]].T
            wide = block.shape[1]
            value[2 : 2 * n + 2 : 2, :wide], value[3 : 2 * n + 3 : 2, :wide] = block, 1.0 - block
            diagram.weigh_samples(n, self.rows, value)
            out[begin : begin + wide] = value[self.roots, :wide].T
        return out

    def at(self, top: int, p: np.ndarray) -> Solved:
        """The answer for one top alone, the events having other chances p (n,), none of them greater where it is bounded.

        Exact where it was exact. Bounds hold for a coherent top, which smaller chances make no likelier.
        """
        value = weighed(self.rows, p)
        low = value[self.roots[top]]
        high = low if self.lower[top] == self.upper[top] else self.upper[top]
        one = slice(top, top + 1)
        return replace(
            self, p=p, value=value, roots=self.roots[one], lower=np.array([low]), upper=np.array([high]),
            coherent=self.coherent[one], bodies=self.bodies[one],
        )  # fmt: skip

    def most_likely(self, top: int, n: int) -> list[tuple[float, tuple[int, ...]]]:
        """The n most probable cut sets of a top, each with its probability, as literals (twice the event, plus one where negated)."""
        return self.cut_sets.most_likely(top, n, self.p)

    def frequency(self, w: np.ndarray, back: np.ndarray | None = None) -> np.ndarray:
        """(T,) how often each top becomes true (NaN where that passes the limits, for tops that are not coherent only).

        w : (n,) how often each event becomes true, per unit of time
        back : (n,) how often each becomes false; as often as it becomes true (as in the long run) unless given
        """
        back = w if back is None else back
        out = np.maximum(self.birnbaum, 0.0) @ w + np.maximum(-self.birnbaum, 0.0) @ back
        for t in np.flatnonzero(~self.coherent):
            top = self.bodies[t]
            assert top is not None
            found = crossings(Table(self.limits.nodes), len(self.p), top.first, top.finished, top.turned, self.p, self.limits.made)
            out[t] = np.nan if found is None else found[0] @ w + found[1] @ back
        return out


# ----------------------------------------------------------------------------- importance


def criticality(solved: Solved) -> np.ndarray:
    """(T, n) share of the probability that is there because the event is true and decides: Birnbaum x p / P."""
    return _share(solved.birnbaum * solved.p, solved)


def fussell_vesely(solved: Solved) -> np.ndarray:
    """(T, n) share of the probability that vanishes if the event becomes impossible: 1 - P(event impossible) / P."""
    return _share(solved.probability[:, None] - solved.p_given_false, solved)


def diagnostic(solved: Solved) -> np.ndarray:
    """(T, n) probability that the event is true when the top is (DIF)."""
    return _share(solved.p * solved.p_given_true, solved)


def achievement_worth(solved: Solved) -> np.ndarray:
    """(T, n) how many times as probable if the event is certain (RAW)."""
    return _share(solved.p_given_true, solved)


def reduction_worth(solved: Solved) -> np.ndarray:
    """(T, n) how many times less probable if the event is impossible (RRW); infinite where nothing remains."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(solved.p_given_false > 0.0, solved.probability[:, None] / solved.p_given_false, np.inf)


def _share(part: np.ndarray, solved: Solved) -> np.ndarray:
    whole = solved.probability[:, None]
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0.0)


# ----------------------------------------------------------------------------- solving


def weighed(rows: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Probabilities of all edges of a finished diagram."""
    n = len(p)
    value = np.zeros(2 * len(rows))
    value[1], value[2 : 2 * n + 2 : 2], value[3 : 2 * n + 3 : 2] = 1.0, p, 1.0 - p
    diagram.weigh(n, rows, value)
    return value


def solve(
    formula: Formula, p: np.ndarray, limits: Limits = STANDARD, *, cut_sets: bool = True, prime: bool = False, like: Solved | None = None
) -> Solved:
    """Probability, importance and cut sets of every top of a formula.

    formula : gates and tops; circles take the least solution
    p : (n,) probabilities of the events, which are independent
    cut_sets : whether cut sets are wanted
    prime : whether prime implicants are wanted for tops that are not coherent (minimal sets where those pass the limits)
    like : the answer for this formula within these limits at other probabilities
    """
    p = np.ascontiguousarray(p, float)
    work = _Work(formula.events, p, limits, cut_sets, prime, {} if like is None else like.shapes)
    known: dict[int, _Top] = {}
    for top in formula.tops.tolist():
        if top not in known:
            known[top] = work.top(formula, top)
    tops = [known[top] for top in formula.tops.tolist()]
    rows, roots = work.assembly.rows(), np.array([t.root for t in tops], np.int64)
    value = weighed(rows, p)
    bounds = [t.bounds or (value[t.root], value[t.root]) for t in tops]
    bounded_ = any(t.bounds for t in tops)
    return Solved(
        outcome="bounded" if bounded_ else "exact",
        reason="diagram-too-large" if bounded_ else "",
        rows=rows,
        roots=roots,
        p=p,
        lower=np.array([low for low, _ in bounds], float),
        upper=np.array([high for _, high in bounds], float),
        coherent=np.array([t.coherent for t in tops], bool),
        cut_sets=CutSets(
            work.collection.rows(), np.array([t.family for t in tops], np.int64), tuple(t.kind for t in tops), formula.events
        ),
        nodes=len(rows) - formula.events - 1,
        made=work.made,
        value=value,
        bodies=tuple(t.bodies for t in tops),
        limits=limits,
        shapes=work.shapes,
    )


class _Shape(NamedTuple):
    """A top taken apart; the diagram of each of its bodies, None where it takes too much, as far as they were made."""

    parts: Parts
    built: dict[int, Built | None]


class _Top(NamedTuple):
    """Where a top stands: its edge, bounds of its probability (None where exact), row of its cut sets, their kind."""

    root: int
    bounds: tuple[float, float] | None
    coherent: bool
    family: int
    kind: str
    bodies: _Bodies | None


class _Finished(NamedTuple):
    """Diagrams of a body: `below` is the body itself unless there is one `above`; then its probability is from `lower` to `upper`."""

    below: Built
    above: Built | None = None
    lower: float = 0.0
    upper: float = 1.0


class _Work:
    """What tops share while they are solved."""

    def __init__(
        self, events: int, p: np.ndarray, limits: Limits, cut_sets: bool, prime: bool, shapes: Mapping[int, _Shape]
    ) -> None:
        self.events, self.p, self.limits, self.cut_sets, self.prime = events, p, limits, cut_sets, prime
        self.shapes = dict(shapes)
        self.table, self.sets = Table(limits.nodes), Table(limits.nodes)
        self.assembly, self.collection = Assembly(events), Collection(events)
        self.made = 0

    def top(self, formula: Formula, top: int) -> _Top:
        """Solve one top."""
        shape = self.shapes.get(top) or _Shape(taken_apart(formula, top), {})
        self.shapes[top], parts = shape, shape.parts
        if parts.constant is not None:
            del self.shapes[top]
            true = int(parts.constant == TRUE)
            return _Top(true, None, True, true, "minimal" if self.cut_sets else "", None)
        polarity = Polarity(parts)
        finished = self._bodies(shape, polarity)
        if finished is None:  # modules stand in the way: the top as one body
            shape = self.shapes[top] = _Shape(taken_apart(formula, top, split=False), {})
            parts = shape.parts
            polarity = Polarity(parts)
            finished = self._bodies(shape, polarity, whole=True)
            assert finished is not None
        below = {number: f.below for number, f in finished.items()}
        edge, bounds = self._assembled(parts, polarity, below), None
        if any(f.above is not None for f in finished.values()):
            low, high = self._chances(parts, polarity, finished)[parts.first + len(parts.bodies) - 1]
            bounds = low, max(low, high)
        else:
            del self.shapes[top]
        family, kind = -1, ""
        if self.cut_sets:
            if self.prime and not polarity.coherent:
                family, kind = self._families(parts, polarity, below, True), "prime"
            if family < 0:
                family, kind = self._families(parts, polarity, below, False), "minimal"
        bodies = None if polarity.coherent else _Bodies(parts.first, below, polarity.turned)
        return _Top(edge, bounds, polarity.coherent, family, kind if family >= 0 else "", bodies)

    def _bodies(self, shape: _Shape, polarity: Polarity, whole: bool = False) -> dict[int, _Finished] | None:
        """Finished diagrams of the bodies. Each is turned so that it is false where nothing is true, except the top's.

        None where a module that has bounds only is used both plainly and negated, so that neither bound helps, or where prime
        implicants are wanted and a module is always true or always false, which those of the body above could not know. Where the top
        was left whole, all that may stand above it is its negation, which asks for neither.
        """
        out: dict[int, _Finished] = {}
        parts = shape.parts
        last = parts.first + len(parts.bodies) - 1
        for number, body in enumerate(parts.bodies, parts.first):
            if number not in shape.built:
                shape.built[number] = raced(self.table, body, polarity.turned, self.limits.made)
            built = shape.built[number]
            turned = polarity.turned.get(number, 0)
            if built is None:
                if number != last and polarity.signs[number] == 3:
                    return None
                out[number] = self._bounded(parts, polarity, out, body, turned)
                continue
            self.made += built.made
            root = built.root ^ turned
            if root < 2 and number != last and self.prime and not whole:
                return None
            if root & 1 and number != last:
                polarity.turned[number] = turned ^ 1
                polarity.signs[number] = 3
                root ^= 1
            out[number] = _Finished(built._replace(root=root))
        return out

    def _bounded(self, parts: Parts, polarity: Polarity, done: dict[int, _Finished], body: Body, turned: int) -> _Finished:
        """Diagrams of the bounds of a body, after those below it."""
        known = self._chances(parts, polarity, done)
        chance = {x: known[x] if x >= parts.first else self._chance(polarity, x) for x in inputs_of(body)}
        found = bounded(self.table, body._replace(root=body.root ^ turned), polarity.turned, chance, self.limits.made)
        self.made += found.above.made
        return _Finished(*found)

    def _chance(self, polarity: Polarity, event: int) -> tuple[float, float]:
        """Probability of an event in the sense in which it counts, twice: the least and the greatest that it can be."""
        p = float(self.p[event])
        return (1.0 - p, 1.0 - p) if polarity.turned[event] else (p, p)

    def _chances(self, parts: Parts, polarity: Polarity, finished: dict[int, _Finished]) -> dict[int, tuple[float, float]]:
        """Probability of every body with what is least of those below it, and with what is most."""
        out: dict[int, tuple[float, float]] = {}
        for number, body in finished.items():
            sides = []
            for side, built in enumerate((body.below, body.above or body.below)):
                chance = [(out[x] if x >= parts.first else self._chance(polarity, x))[side] for x in built.order]
                sides.append(probability(built, np.array(chance)))
            low, high = sides
            if body.above is not None:
                low, high = max(low, body.lower), min(high, body.upper)
            out[number] = low, high
        return out

    def _assembled(self, parts: Parts, polarity: Polarity, finished: dict[int, Built]) -> int:
        """Edge of the last body, all of them put together."""
        edge: dict[int, int] = {}
        for number, built in finished.items():
            selectors = [edge[x] if x >= parts.first else 2 * (x + 1) ^ polarity.turned[x] for x in built.order]
            edge[number] = self.assembly.add(built, selectors)
        return edge[parts.first + len(parts.bodies) - 1]

    def _families(self, parts: Parts, polarity: Polarity, finished: dict[int, Built], prime: bool) -> int:
        """Row of the last body's cut sets, -1 if they pass the limits."""
        items = 2 * self.events
        plain: dict[int, int] = {}  # item of each module, and of its opposite
        opposite: dict[int, int] = {}
        for number, built in finished.items():
            own = [plain[x] if x >= parts.first else 2 * x + polarity.turned[x] for x in built.order]
            if not prime:
                found = minimal_sets(self.sets, built, self.limits.made)
            else:
                other = [opposite.get(x, 0) if x >= parts.first else 2 * x + (polarity.turned[x] ^ 1) for x in built.order]
                own = [item for pair in zip(own, other, strict=True) for item in pair]
                found = prime_sets(self.sets, self.table, built, False, self.limits.made)
                if found is not None and polarity.signs[number] == 3:
                    against = prime_sets(self.sets, self.table, built, True, self.limits.made)
                    if against is None:
                        return -1
                    opposite[number] = items + self.collection.add(*against, own)
            if found is None:
                return -1
            plain[number] = items + self.collection.add(*found, own)
        return plain[parts.first + len(parts.bodies) - 1] - items


# ----------------------------------------------------------------------------- one state after the other


def evaluate(formula: Formula, states: np.ndarray) -> np.ndarray:
    """(..., T) truth of every top for states (..., n) of the events; circles from false upwards until they rest."""
    return ordered(formula).truth(states)
