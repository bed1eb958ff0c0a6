"""Which portfolios there are, and which of them nobody should pass over: feasible sets, undominated sets, a search with bounds.

Nothing here knows what a defence does: a portfolio is judged by whoever asks. Costs and losses are numbers to be kept small.

Three ways to the frontier of cost against loss. **All portfolios** where they can be counted. **Parts that have nothing to do
with each other** (no episode, no requirement, no exclusion in common): each part by itself, then all parts merged two by two,
where only undominated sums are kept; that is exact, because a sum is dominated as soon as one of its terms is (Nemhauser and
Ullmann 1969, "Discrete dynamic programming and capital allocation"). **Branch and bound** where a part is too large: what is
still open under a choice can at best do what all of it does together; that holds where no defence does harm beside others,
which is looked at in everything that was judged, and said. It leaves a small share of the loss open, so what it found is then looked at
with one option less. What is cheap is judged one by one, the cheapest first, unless what is
known of its kind (`Least`) rules it out: up to there the frontier holds without that proviso, and above it the same knowledge says
by how much less at most could be lost, whatever defences do to each other.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from blackstart.graph import joined

Portfolio = frozenset[str]
Judged = Callable[[Sequence[Portfolio]], Sequence[float | None]]  # the loss of each; None where it makes no valid model
NOTHING: Portfolio = frozenset()
SEED_SHARE, NEAR_SHARE, CHEAP_SHARE = 0.3, 0.5, 0.6  # of all judgements: until then good portfolios are looked for; what is cheap
REST_SHARE = 0.8  # likewise: until then, once the search has closed in, whatever is next in cost
SHED_SHARE = 0.08  # likewise: kept for what lies below the frontier once something in it is left out
MOST_SEEDS, MOST_NEAR = 200, 400  # judgements, likewise: bounds find good portfolios too
MOST_CHEAP = 200_000  # sets of options looked at, the cheapest first
KINDS_SHARE, MOST_APART = 0.1, 12  # of all judgements: kinds of portfolios of which one is judged; options that tell them apart
WORD = 64  # bits
MOST_SUMMED = 20_000  # portfolios of options tied by rules of which sums of benefits are formed
MOST_PROPOSED = 40
SAME = 1e-12  # relative difference of two losses below which they are the same: order of summation


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be bought: what it costs, what must be bought with it, what cannot stand beside it."""

    id: str
    cost: float
    requires: frozenset[str] = NOTHING
    excludes: frozenset[str] = NOTHING


@dataclass(frozen=True, slots=True)
class Label:
    """A choice: what it takes of each resource, what it loses, and the names of what was chosen."""

    takes: tuple[float, ...]
    loss: float
    chosen: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What a search found.

    judged : loss of every portfolio that was judged.
    state : ``proven`` (all were judged) · ``bounded`` (what was not judged cannot do better, if no defence does harm, or by no more than
        the share that was asked for) · ``open`` (the search stopped before that). `gap` says by how much it could do better.
    gap : for each cost from which on it holds, how much less may be lost at most; empty where nothing could be.
    harm : pairs of judged portfolios in which one defence more loses more, of all pairs in which one is one defence more.
    harmed : by how much more the larger lost at most, of all pairs of judged portfolios of which one holds the other; the gap has it.
    refused : portfolios that make no valid model.
    proven_to : the cost below which every portfolio was judged, or is known to lose no less than something cheaper; None if all were.
    worth_to : the cost above which nothing can be worth it, whatever it avoids; None where a loss has no price.
    sure : as `gap`, whatever defences do to each other; empty where nothing is known of what was not judged.
    """

    judged: dict[Portfolio, float]
    state: str
    gap: list[tuple[float, float]] = field(default_factory=list)
    harm: tuple[int, int] = (0, 0)
    harmed: float = 0.0
    refused: int = 0
    proven_to: float | None = None
    worth_to: float | None = None
    sure: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Least:
    """What whoever judges knows of portfolios that were not judged.

    asked : sets of options that may tell portfolios apart.
    of : what each portfolio loses at least that agrees with a judged one in a set of options.
    """

    asked: Callable[[], Iterable[Portfolio]]
    of: Callable[[Portfolio, Portfolio], float]


# ----------------------------------------------------------------------------- what is feasible


def feasible(options: Sequence[Option]) -> Iterator[Portfolio]:
    """All portfolios that hold what they require and nothing that excludes another, the empty one first."""
    rules = _Rules(options)

    def grow(k: int, chosen: int) -> Iterator[int]:
        if k == len(options):
            if all(rules.requires[i] & ~chosen == 0 for i in _bits(chosen)):
                yield chosen
            return
        out = (1 << k) - 1 & ~chosen  # decided against
        if not any(rules.requires[i] >> k & 1 for i in _bits(chosen)):
            yield from grow(k + 1, chosen)
        if rules.excludes[k] & chosen == 0 and rules.requires[k] & out == 0:
            yield from grow(k + 1, chosen | 1 << k)

    return (rules.names(mask) for mask in grow(0, 0))


def count_feasible(options: Sequence[Option], most: int) -> int:
    """How many there are; no more than `most` + 1 are counted."""
    return sum(1 for _ in itertools.islice(feasible(options), most + 1))


def parts(options: Sequence[Option], tied: Iterable[Iterable[str]] = ()) -> list[list[Option]]:
    """Options that have something to do with each other, together: by requirements, exclusions and the sets in `tied`."""
    known = {o.id for o in options}
    sets = [[o.id, *o.requires, *o.excludes] for o in options]
    found = joined([[name for name in together if name in known] for together in (*sets, *tied)])
    return [[o for o in options if o.id in together] for together in found]


class _Rules:
    """Requirements (followed to their end) and exclusions (both ways) as bits."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.options = options
        number = {o.id: k for k, o in enumerate(options)}
        self.number = number
        self.requires = [sum(1 << number[n] for n in o.requires if n in number) for o in options]
        moving = True
        while moving:
            moving = False
            for k, mask in enumerate(self.requires):
                more = mask
                for i in _bits(mask):
                    more |= self.requires[i]
                moving |= more != mask
                self.requires[k] = more
        self.excludes = [0] * len(options)
        for k, o in enumerate(options):
            for other in o.excludes:
                if other in number:
                    self.excludes[k] |= 1 << number[other]
                    self.excludes[number[other]] |= 1 << k

    def names(self, mask: int) -> Portfolio:
        return frozenset(self.options[i].id for i in _bits(mask))

    def cost(self, mask: int) -> float:
        return sum(self.options[i].cost for i in _bits(mask))


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


# ----------------------------------------------------------------------------- what is undominated


def undominated(labels: Iterable[Label]) -> list[Label]:
    """Labels of which no other takes no more of anything and loses no more; in the order of the first resource, then the second.

    One or two resources. Of equal ones the shortest choice is kept.
    """
    some = sorted(labels, key=lambda x: (len(x.chosen), x.chosen))
    if not some:
        return []
    return [some[i] for i in _best(np.array([x.takes for x in some]), np.array([x.loss for x in some]))]


def _best(takes: np.ndarray, loss: np.ndarray) -> list[int]:
    """Rows of (n, 1 or 2) resources and (n,) losses that no other beats; of equal ones the first."""
    first, second = takes[:, 0], takes[:, -1] if takes.shape[1] > 1 else np.zeros(loss.size)
    order = np.lexsort((loss, second, first))
    same = np.zeros(order.size, bool)
    same[1:] = (np.diff(first[order]) == 0.0) & (np.diff(second[order]) == 0.0)
    order = order[~same]
    kept: list[int] = []
    stairs: list[tuple[float, float]] = []  # (second resource, least loss with at most that): one rises, the other falls
    for i, at, lost in zip(order.tolist(), second[order].tolist(), loss[order].tolist(), strict=True):
        if _step(stairs, at, lost):
            kept.append(i)
    return kept


def _step(stairs: list[tuple[float, float]], at: float, loss: float) -> bool:
    """Add a step to stairs that fall, if it lies below them: whether it does."""
    k = bisect.bisect_right(stairs, (at, math.inf))
    if k and stairs[k - 1][1] <= loss:
        return False
    end = k
    while end < len(stairs) and stairs[end][1] >= loss:
        end += 1
    stairs[k - 1 if k and stairs[k - 1][0] == at else k : end] = [(at, loss)]
    return True


def merged(groups: Sequence[Sequence[Label]], limits: tuple[float, ...] | None = None) -> list[Label]:
    """One label of each group, added up: all sums that are undominated and within the limits of each resource.

    Exact whatever the labels are, as long as losses and resources of the groups add up (for reliabilities in series: their
    negative logarithms).
    """
    own = [undominated(group) for group in groups]
    if not own or not all(own):
        return []
    takes = [np.array([x.takes for x in group]) for group in own]
    most = np.full(takes[0].shape[1], np.inf) if limits is None else np.array(limits)
    others = most - np.sum([t.min(axis=0) for t in takes[1:]], axis=0) if len(own) > 1 else most  # they take at least that
    keep = np.flatnonzero((takes[0] <= others).all(axis=1))
    total, loss = takes[0][keep], np.array([own[0][i].loss for i in keep])
    chosen = [own[0][i].chosen for i in keep]
    for group, more in zip(own[1:], takes[1:], strict=True):
        others = others + more.min(axis=0)
        sums = (total[:, None, :] + more[None, :, :]).reshape(-1, total.shape[1])
        lost = (loss[:, None] + np.array([x.loss for x in group])[None, :]).reshape(-1)
        fits = np.flatnonzero((sums <= others).all(axis=1))
        best = fits[_best(sums[fits], lost[fits])]
        chosen = [chosen[i // len(group)] + group[i % len(group)].chosen for i in best.tolist()]
        total, loss = sums[best], lost[best]
    return [Label(tuple(t), x, c) for t, x, c in zip(total.tolist(), loss.tolist(), chosen, strict=True)]


# ----------------------------------------------------------------------------- search


def search(
    options: Sequence[Option], judge: Judged, most: int, at_once: int = 64, worth: float | None = None, fine: float = 0.0,
    whole: bool = True, least: Least | None = None,
) -> Found:  # fmt: skip
    """Judge all portfolios if there are at most `most`; else as many, where they matter most, with bounds on the rest.

    worth : what may be paid at most for each unit of loss that is avoided; what could be worth its cost is then judged one by one.
    fine : the search ends when what was not judged can lose less, at the same cost, by no more than this share of what nothing loses.
    whole : whether the whole frontier is looked for; else only where cost and what a loss is worth together are least.
    least : what is known of portfolios that were not judged.
    """
    if count_feasible(options, most) <= most:
        judged: dict[Portfolio, float] = {}
        refused = 0
        everything = feasible(options)
        while some := list(itertools.islice(everything, at_once)):
            for portfolio, loss in zip(some, judge(some), strict=True):
                if loss is None:
                    refused += 1
                else:
                    judged[portfolio] = loss
        return Found(judged, "proven", harm=_harm(options, judged), refused=refused)
    return _Bounded(options, judge, most, at_once, worth, fine, whole, least).found()


def least_together(options: Sequence[Option], found: Found, worth: float) -> float:
    """What cost, and loss at so much for each unit, must come to together at least, whatever is chosen: as far as a search has shown."""
    cost = {o.id: o.cost for o in options}
    front = merged([[Label((math.fsum(cost[n] for n in p),), loss, tuple(sorted(p))) for p, loss in found.judged.items()]])
    costs = [x.takes[0] for x in front]
    best = min(x.takes[0] + worth * x.loss for x in front)
    if found.state == "proven" or found.proven_to is None or (found.worth_to is not None and found.proven_to > found.worth_to):
        return best
    among = [c + worth * (front[bisect.bisect_right(costs, c) - 1].loss - gap) for c, gap in found.gap]
    return min([best - worth * found.harmed, *among])


def _harm(options: Sequence[Option], judged: dict[Portfolio, float]) -> tuple[int, int]:
    """Pairs in which what costs money is added, or what saves money left out, and more is lost; and all pairs looked at."""
    worse = pairs = 0
    for portfolio, loss in judged.items():
        for o in options:
            if o.id in portfolio:
                continue
            more = judged.get(portfolio | {o.id})
            if more is not None:
                pairs += 1
                with_it, without = (more, loss) if o.cost >= 0 else (loss, more)
                worse += with_it > without + SAME * abs(without)
    return worse, pairs


@dataclass(frozen=True, slots=True)
class _Node:
    """Decided for, decided against (bits), what it must lose at least, from which cost on it looks and below which.

    looked : whether its bound is its own already, and not only that of the node that it comes from.
    """

    chosen: int = 0
    against: int = 0
    bound: float = 0.0
    least: float = -math.inf
    below: float = math.inf
    looked: bool = False


class _Bounded:
    """Branch and bound on the whole frontier at once.

    A node has decided for some options, against others, and leaves the rest open; it looks at costs between two limits. What is too
    dear for its upper limit is decided against. The least it can lose is what it loses with all open options that cost money and
    without those that save it; the least it can cost is its lower limit, or what it has decided for and every open option that
    saves money. A node is closed when something judged neither costs nor loses more than that. A node is first parted by cost, at
    the steps of the frontier that lie inside, so that each budget is held against what it can pay for; then by an option.
    """

    def __init__(
        self, options: Sequence[Option], judge: Judged, most: int, at_once: int, worth: float | None, fine: float, whole: bool,
        least: Least | None,
    ) -> None:  # fmt: skip
        self.rules, self.worth, self.fine, self.whole = _Rules(options), worth, fine, whole
        self.options, self.judge, self.most, self.at_once = options, judge, most, at_once
        self.all = (1 << len(options)) - 1
        self.saves = sum(1 << k for k, o in enumerate(options) if o.cost < 0)
        self.known: dict[int, float | None] = {}
        self.front: list[tuple[float, float]] = []
        self.weight = [0.0] * len(options)
        self.deltas: list[list[tuple[int, float]]] = [[] for _ in options]  # (company, what the option adds to its loss)
        self.kept = SHED_SHARE * most if whole else 0.0  # judgements
        self.least, self.apart = least, 0  # options that tell kinds of portfolios apart
        self.kinds: dict[int, int] = {}  # the choice among them: the cheapest portfolio that makes it

    # -- judging

    def losses(self, masks: Iterable[int]) -> None:
        new = [m for m in dict.fromkeys(masks) if m not in self.known][: max(0, self.most - len(self.known))]
        for k in range(0, len(new), self.at_once):
            some = new[k : k + self.at_once]
            for mask, loss in zip(some, self.judge([self.rules.names(m) for m in some]), strict=True):
                self.known[mask] = loss
                if loss is not None:
                    self._learn(mask, loss)
                    _step(self.front, self.rules.cost(mask), loss)

    def _learn(self, mask: int, loss: float) -> None:
        for k in range(len(self.options)):
            other = self.known.get(mask ^ 1 << k)
            if other is not None:
                more, less = (loss, other) if mask >> k & 1 else (other, loss)
                self.deltas[k].append((mask & ~(1 << k), more - less))

    def best_for(self, cost: float) -> float:
        k = bisect.bisect_right(self.front, (cost, float("inf")))
        return self.front[k - 1][1] if k else float("inf")

    # -- nodes

    def decided(self, chosen: int, against: int, k: int, take: bool) -> tuple[int, int] | None:
        """A node after one more decision and what follows from it; None where that contradicts itself."""
        rules = self.rules
        if take:
            chosen |= 1 << k | rules.requires[k]
            for i in _bits(chosen):
                against |= rules.excludes[i]
        else:
            against |= 1 << k
        moving = True
        while moving:  # what requires something decided against is decided against
            more = against
            for i in _bits(self.all & ~against):
                if rules.requires[i] & against:
                    more |= 1 << i
            moving = more != against
            against = more
        return None if chosen & against else (chosen, against)

    def conflict(self, open_: int) -> int | None:
        """An open option that cannot stand beside another open one, or that saves money and is required by one that costs some.

        No one portfolio is the fullest of such a node, so these are decided first.
        """
        needed = self.saves & open_
        for i in _bits(open_):
            if self.rules.excludes[i] & open_:
                return i
            if not self.saves >> i & 1 and self.rules.requires[i] & needed:
                return next(_bits(self.rules.requires[i] & needed))
        return None

    def fullest(self, node: _Node) -> int:
        """What a node can hold of everything that costs money, and of what saves money only what it has decided for."""
        return node.chosen | (self.all & ~node.against & ~self.saves)

    def least_cost(self, node: _Node) -> float:
        return max(node.least, self.rules.cost(node.chosen | (self.all & ~node.against & self.saves)))

    def room(self, node: _Node) -> float:
        """By how much something in a node could lose less than what was judged at the same cost."""
        return self.best_for(self.least_cost(node)) - node.bound

    def _affordable(self, node: _Node) -> _Node | None:
        """A node without what is too dear for it, by itself or with what it requires; None where nothing is left."""
        rules, against = self.rules, node.against
        least = rules.cost(node.chosen | (self.all & ~against & self.saves))
        if max(least, node.least) >= node.below:
            return None
        moving = node.below < math.inf
        while moving:  # what requires something too dear is too dear
            moving = False
            for i in _bits(self.all & ~against & ~node.chosen & ~self.saves):
                more = (1 << i | rules.requires[i]) & ~node.chosen & ~self.saves
                if more & against or least + rules.cost(more) >= node.below:
                    against |= 1 << i
                    moving = True
        return replace(node, against=against)

    # -- the search

    def found(self) -> Found:
        self._seed()
        self._tell_apart()
        self._cheap(CHEAP_SHARE * self.most, {}, self._worth_to)
        heap: list[tuple[float, int, _Node]] = []
        stamp = itertools.count()
        self._put(heap, stamp, [_Node()])
        while heap and -heap[0][0] > self._fine_enough() and len(self.known) < self.most - self.kept:
            some: list[_Node] = []
            while heap and len(some) < self.at_once:
                room, _, node = heapq.heappop(heap)
                if -room > self.room(node) * (1.0 + SAME):  # something better was judged since
                    self._put(heap, stamp, [node])
                else:
                    some.append(node)
            self.losses([self.fullest(n) for n in some if not n.looked and self.conflict(self._open(n)) is None])
            for node in some:
                self._put(heap, stamp, self._looked_at(node) or self._children(node))
        if self.kinds:
            self._cheap(REST_SHARE * self.most, self._floors())
        self._shed(len(self.known) + self.kept)
        return self._told([node for _, _, node in heap])

    def _fine_enough(self) -> float:
        """The room that is left open: a share of what is lost with nothing."""
        return self.fine * (self.known.get(0) or 0.0)

    def _open(self, node: _Node) -> int:
        return self.all & ~node.chosen & ~node.against

    def _put(self, heap: list, stamp: Iterator[int], nodes: Iterable[_Node]) -> None:
        """Keep those nodes that may still hold something better."""
        for node in nodes:
            fit = self._affordable(node)
            if fit is not None and self._wanted(fit) and (room := self.room(fit)) > 0.0:
                heapq.heappush(heap, (-room, next(stamp), fit))

    def _wanted(self, node: _Node) -> bool:
        """Whether a node may hold what is looked for: where not the whole frontier is, something whose cost and loss together are less."""
        return self.whole or self.least_cost(node) + (self.worth or 0.0) * node.bound < self._worth_to()

    def _looked_at(self, node: _Node) -> list[_Node]:
        """A node with the bound that its fullest portfolio gives it; nothing where it has it, or where no one portfolio is that."""
        if node.looked or self.conflict(self._open(node)) is not None:
            return []
        full = self.fullest(node)
        if full not in self.known:
            return [node]  # not judged any more
        lost = self.known[full]
        if lost is None:  # no valid model: what held for the node above holds here
            return [replace(node, looked=True)]
        # Whatever else is in it costs less than the fullest, or no less and loses no less.
        return [replace(node, looked=True, bound=max(node.bound, lost), below=min(node.below, self.rules.cost(full)))]

    def _children(self, node: _Node) -> list[_Node]:
        begin, end = bisect.bisect_right(self.front, (self.least_cost(node), math.inf)), bisect.bisect_left(self.front, (node.below,))
        if begin < end:
            at = self.front[(begin + end) // 2][0]
            return [replace(node, below=at, looked=False), replace(node, least=at)]
        open_ = self._open(node)
        if not open_:  # what was open is too dear now: what is left was perhaps not judged yet
            return [] if node.chosen in self.known else [replace(node, looked=False)]
        k = self.conflict(open_)
        if k is None:
            k = max(_bits(open_), key=lambda i: self.weight[i])
        found = (self.decided(node.chosen, node.against, k, take) for take in (True, False))
        return [replace(node, chosen=n[0], against=n[1], looked=False) for n in found if n is not None]

    def _seed(self) -> None:
        """Each option alone, what sums of benefits propose, step by step what avoids most for its cost, and what lies beside it."""
        rules, now = self.rules, 0
        ways = [1 << k | rules.requires[k] for k in range(len(self.options))]
        self.losses([m for m in (0, *ways, *(m & ~(1 << k) for k, m in enumerate(ways))) if self._allowed(m)])
        for k, mask in enumerate(ways):
            self.weight[k] = abs(self._delta(k, mask & ~(1 << k)))
        self.losses(self._proposed())
        while len(self.known) < min(MOST_SEEDS, SEED_SHARE * self.most):
            steps = [m for m in (now | ways[k] for k in _bits(self.all & ~now)) if self._allowed(m)]
            self.losses(steps)
            here = self.known.get(now)
            scored = [
                ((here - loss) / max(1e-9, rules.cost(m) - rules.cost(now)), m)
                for m in steps if (loss := self.known.get(m)) is not None and here is not None
            ]  # fmt: skip
            if not scored or max(scored)[0] <= 0.0:
                break
            now = max(scored)[1]
        while len(self.known) < min(MOST_NEAR, NEAR_SHARE * self.most) and (near := self._promising()):
            self.losses(near)

    def _cheap(self, most: float, floor: dict[int, float], worth_to: Callable[[], float] = lambda: math.inf) -> None:
        """Whatever its kind does not rule out, the cheapest first, until so many are judged or nothing more could be worth its cost."""
        some: list[int] = []
        for looked, (cost, mask) in enumerate(self._by_cost()):
            if len(some) == self.at_once:
                self.losses(some)
                some = []
            if looked == MOST_CHEAP or len(self.known) >= most or cost > worth_to():
                break
            if self._open_at(cost, mask, floor):
                some.append(mask)
        self.losses(some)

    def _open_at(self, cost: float, mask: int, floor: dict[int, float]) -> bool:
        """Whether a set of options is a portfolio that was not judged and may lose less than what costs no more."""
        if mask in self.known or floor.get(mask & self.apart, -math.inf) >= self.best_for(cost):
            return False
        return self._allowed(mask)

    # -- kinds of portfolios

    def _tell_apart(self) -> None:
        """Find options by which so few kinds of portfolios are told apart that one of each can be judged, and judge the cheapest."""
        for names in sorted(self.least.asked() if self.least else (), key=lambda names: (len(names), sorted(names))):
            apart = self.apart | sum(1 << self.rules.number[n] for n in names)
            if apart != self.apart and apart.bit_count() <= MOST_APART:
                kinds = self._kinds(apart)
                if len(kinds) <= KINDS_SHARE * self.most:
                    self.apart, self.kinds = apart, kinds
        self.losses(self.kinds.values())

    def _kinds(self, apart: int) -> dict[int, int]:
        """Each choice among some options that a portfolio can make, and the cheapest that makes it: it, and what it requires."""
        found, chosen = {}, apart
        while True:
            full = chosen
            for i in _bits(chosen):
                full |= self.rules.requires[i]
            if full & apart == chosen and self._allowed(full):
                found[chosen] = full
            if not chosen:
                return found
            chosen = chosen - 1 & apart

    def _floors(self) -> dict[int, float]:
        """What each kind of portfolio loses at least, by its choice."""
        among = self.rules.names(self.apart)
        judged = ((choice, mask) for choice, mask in self.kinds.items() if self.known.get(mask) is not None)
        return {choice: self.least.of(self.rules.names(mask), among) for choice, mask in judged}  # type: ignore[union-attr]

    def _sure(self, floor: dict[int, float], proven_to: float) -> list[tuple[float, float]]:
        """For each cost from which on it holds, by how much less at most is lost, whatever defences do to each other."""
        if len(floor) < len(self.kinds) or not floor:
            return []
        kinds = sorted((self.rules.cost(self.kinds[choice] | self.saves & ~self.apart), least) for choice, least in floor.items())
        steps = sorted({proven_to, *(c for c, _ in (*kinds, *self.front) if c > proven_to)})
        gaps = [max(0.0, self.best_for(c) - min(least for cost, least in kinds if cost <= c)) for c in steps]
        return [(c, gap) for c, gap, before in zip(steps, gaps, [-1.0, *gaps], strict=False) if gap != before]

    def _worth_to(self) -> float:
        """The cost above which nothing can be worth it: not even what ends all loss is then better than something judged."""
        return min((cost + (self.worth or 0.0) * loss for cost, loss in self.front), default=float("inf"))

    def _by_cost(self) -> Iterator[tuple[float, int]]:
        """All sets of options, allowed or not, the cheapest first."""
        order = sorted(range(len(self.options)), key=lambda k: abs(self.options[k].cost))
        sizes = [abs(self.options[k].cost) for k in order]
        least = self.rules.cost(self.saves)
        yield least, self.saves
        heap = [(sizes[0], 0, 1 << order[0])]
        while heap:  # each set comes from one other: by its dearest member, or with the next dearer in its place
            more, last, turned = heapq.heappop(heap)
            yield least + more, self.saves ^ turned
            if last + 1 < len(order):
                heapq.heappush(heap, (more + sizes[last + 1], last + 1, turned | 1 << order[last + 1]))
                swapped = turned ^ 1 << order[last] ^ 1 << order[last + 1]
                heapq.heappush(heap, (more - sizes[last] + sizes[last + 1], last + 1, swapped))

    def _proven_to(self, floor: dict[int, float]) -> float:
        """The cost of the cheapest portfolio that was neither judged nor ruled out; of what was looked at at most."""
        for looked, (cost, mask) in enumerate(self._by_cost()):
            if looked == MOST_CHEAP or self._open_at(cost, mask, floor):
                return cost
        return float("inf")

    def _harmed(self) -> float:
        """By how much a judged portfolio loses more than one that it holds, at most."""
        judged = [(mask ^ self.saves, loss) for mask, loss in self.known.items() if loss is not None]
        words = -(-len(self.options) // WORD)
        held = np.array([[mask >> WORD * w & (1 << WORD) - 1 for w in range(words)] for mask, _ in judged], np.uint64)
        lost = np.array([loss for _, loss in judged])
        inside = ((held & ~row == 0).all(axis=1) for row in held)
        return max((loss - float(lost[some].min()) for some, loss in zip(inside, lost.tolist(), strict=True)), default=0.0)

    def _proposed(self) -> list[int]:
        """What the frontier would be if benefits added up, which they do not: worth a look, no more."""
        groups = []
        for group in parts(self.options):
            if count_feasible(group, MOST_SUMMED) > MOST_SUMMED:
                return []
            alone = {o.id: self._delta(k, self.rules.requires[k]) for o in group for k in [self.rules.number[o.id]]}
            cost = {o.id: o.cost for o in group}
            groups.append([
                Label((math.fsum(cost[n] for n in p),), math.fsum(alone[n] for n in p), tuple(sorted(p))) for p in feasible(group)
            ])  # fmt: skip
        found = merged(groups)
        costs = np.array([x.takes[0] for x in found]) - found[0].takes[0]
        if costs[-1] <= 0.0:
            return []
        budgets = np.geomspace(costs[costs > 0.0][0], costs[-1], MOST_PROPOSED)  # small budgets are asked for as often as large ones
        every = np.unique(np.searchsorted(costs, budgets * (1.0 + 1e-12), side="right") - 1)
        return [sum(1 << self.rules.number[n] for n in found[i].chosen) for i in every]

    def _promising(self) -> list[int]:
        """Portfolios beside those of the frontier that should lie below it, going by what each option did in the most like company."""
        return self._hopeful(row for here in self._steps() for row in self._guessed(here, self._beside(here)))

    def _shed(self, most: float) -> None:
        """Look below the frontier for what does as well with less: the bounds leave that open where it is a small share of the loss."""
        while len(self.known) < min(most, self.most) and (lighter := self._lighter()):
            self.losses(lighter)

    def _lighter(self) -> list[int]:
        """Steps of the frontier, each without the member whose absence should bring it furthest below, if any should."""
        less = ((here, (here & ~self._falls_with(1 << k, here) for k in _bits(here & ~self.saves))) for here in self._steps())
        return self._hopeful(max(self._guessed(here, masks), default=(0.0, 0)) for here, masks in less)

    def _steps(self) -> list[int]:
        """The portfolios of the frontier."""
        where = {(self.rules.cost(m), loss): m for m, loss in self.known.items() if loss is not None}
        return [where[step] for step in self.front]

    def _guessed(self, here: int, masks: Iterable[int]) -> Iterator[tuple[float, int]]:
        """By how much each of some that were not judged should lie below the frontier, by what each option did in like company."""
        delta = [self._delta(k, here) for k in range(len(self.options))]
        for mask in masks:
            if mask not in self.known:
                more = sum(delta[k] for k in _bits(mask & ~here)) - sum(delta[k] for k in _bits(here & ~mask))
                yield self.best_for(self.rules.cost(mask)) - (self.known[here] + more), mask  # type: ignore[operator]

    def _hopeful(self, guessed: Iterable[tuple[float, int]]) -> list[int]:
        """The first of those that should lie below the frontier."""
        scored: dict[int, float] = {}
        for room, mask in guessed:
            scored[mask] = max(scored.get(mask, 0.0), room)
        hopeful = [m for m, room in scored.items() if room > SAME * abs(self.front[0][1])]
        return sorted(hopeful, key=lambda m: (-scored[m], m))[: self.at_once]

    def _beside(self, here: int) -> Iterator[int]:
        """Feasible portfolios with one option more, one less, or one in the place of another."""
        for k in range(len(self.options)):
            if here >> k & 1:
                yield here & ~self._falls_with(1 << k, here)
                continue
            wanted = 1 << k | self.rules.requires[k]
            barred = 0
            for i in _bits(wanted):
                barred |= self.rules.excludes[i]
            kept = here & ~self._falls_with(barred & here, here)
            if self._allowed(kept | wanted):
                yield kept | wanted
                for j in _bits(kept & ~wanted):
                    less = kept & ~self._falls_with(1 << j, kept) | wanted
                    if self._allowed(less):
                        yield less

    def _falls_with(self, gone: int, here: int) -> int:
        """What goes when some are gone: they, and what requires them."""
        return gone | sum(1 << i for i in _bits(here & ~gone) if self.rules.requires[i] & gone)

    def _delta(self, k: int, company: int) -> float:
        """By how much an option changed the loss in the judged company that is most like this one; 0 if it never was judged."""
        some = self.deltas[k]
        return min(some, key=lambda row: (row[0] ^ company).bit_count())[1] if some else 0.0

    def _allowed(self, mask: int) -> bool:
        return all(self.rules.requires[i] & ~mask == 0 and self.rules.excludes[i] & mask == 0 for i in _bits(mask))

    def _told(self, open_: Sequence[_Node]) -> Found:
        judged = {self.rules.names(m): loss for m, loss in self.known.items() if loss is not None}
        floor = self._floors()
        proven_to = self._proven_to(floor)
        more = {
            "harm": _harm(self.options, judged), "harmed": self._harmed(), "refused": sum(loss is None for loss in self.known.values()),
            "proven_to": proven_to, "worth_to": None if self.worth is None else self._worth_to(), "sure": self._sure(floor, proven_to),
        }  # fmt: skip
        left = [(self.least_cost(node), node.bound) for node in open_ if self.room(node) > 0.0]
        if not left:
            return Found(judged, "bounded", **more)
        costs = sorted({proven_to, *(cost for cost, _ in left), *(cost for cost, _ in self.front)} - {math.inf})
        gap = [(c, max([0.0, *(self.best_for(c) - bound for cost, bound in left if cost <= c)])) for c in costs if c >= proven_to]
        state = "bounded" if max((self.room(node) for node in open_), default=0.0) <= self._fine_enough() else "open"
        return Found(judged, state, [(c, g + more["harmed"]) for c, g in gap], **more)
