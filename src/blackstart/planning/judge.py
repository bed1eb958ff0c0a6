"""What each portfolio of defences would lose: all of them meet the same misfortunes with the same luck.

A portfolio is applied to the model and played by the timed engine: interactions are whatever comes out, never a sum of what
each defence would do alone. Every portfolio is played in the same possible worlds, every sample begins with the same
misfortune, and every draw is known by name, so most of the noise is in all of them and drops out of differences.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from blackstart import curves
from blackstart.checks import changes
from blackstart.compilation import compile_model
from blackstart.curves import budgets
from blackstart.engines import layout as y
from blackstart.engines.simulate import Study, View, replay_some
from blackstart.errors import ModelError
from blackstart.language import load
from blackstart.language.model import Component, Model
from blackstart.planning.abreast import Abreast
from blackstart.planning.portfolios import Option, Portfolio
from blackstart.planning.portfolios import parts as together
from blackstart.planning.reach import Reach
from blackstart.studies import promised
from blackstart.studies.luck import Luck
from blackstart.studies.results import AEP_ACCURACY, Losses
from blackstart.studies.separate import items, parts
from blackstart.studies.worlds import Worlds
from blackstart.system import HOURS_PER_YEAR, System
from blackstart.uptime import Uptime

LONG_H = 24.0
HALVES = 2  # of a sample: what it comes to without a further misfortune, and with some
FEWEST_TO_EVEN = 10  # samples with which a misfortune begins, from which on they weigh so much that it comes as often as its input says
AT_A_TIME = 8  # portfolios; those judged together know nothing of each other, however many judge them
MOST_HELPERS = 4  # copies of this process: each holds all that was played
TIMES_AS_LONG = 10.0  # as anything that was judged: so long may take what was not played, where its least is told


@dataclass(frozen=True)
class Verdict:
    """What one portfolio comes to, a year, in each possible world: (W,) arrays, (W, services) for `hours` and `passed`.

    loss : money; None where nothing has a price. tvar : mean loss of the worst years, over all worlds; None unless asked for.
    long : episodes in which a service is out for longer than a day.
    passed : outages of each service longer than it can bear (its MTPD, or its RTO where no MTPD is stated).
    broken : (W, promises) share of the windows that break each promised uptime (`Judge.promises`); not above it in a least verdict.
    lost : (services,) money that each service loses, over all worlds.
    begun : (2, 4) loss, user-hours, `long` and how often it comes, over all worlds, and the errors of these, by the misfortune that
        episodes begin with; empty where that is not known.
    trouble : hours in episodes for each hour at rest.
    """

    loss: np.ndarray | None
    tvar: float | None
    user_hours: np.ndarray
    long: np.ndarray
    hours: np.ndarray
    passed: np.ndarray
    broken: np.ndarray
    lost: np.ndarray
    begun: Mapping[str, np.ndarray]
    trouble: np.ndarray

    def value(self, objective: str) -> float:
        """The number that a search makes small."""
        if objective == "loss":
            return float(self.loss.mean())  # type: ignore[union-attr]
        if objective == "tvar":
            return float(self.tvar)  # type: ignore[arg-type]
        if objective == "user-hours":
            return float(self.user_hours.mean())
        if objective == "hours":
            return float(self.hours.sum(axis=1).mean())
        raise ValueError(f"there is no objective {objective!r}")


def limit_h(c: Component) -> float | None:
    """The longest outage that a service can bear: its MTPD, or its RTO where none is stated."""
    limits = c.tolerance
    stated = None if limits is None else limits.mtpd or limits.rto
    return None if stated is None else stated.mean()


def promises(model: Model) -> list[tuple[str, Uptime]]:
    """The uptimes that are promised, with their services, in the order of the file."""
    return [(c.id, one) for c in model.services if c.tolerance for one in c.tolerance.uptime]


class Judge:
    """Judges portfolios of one model by the same episodes. An episode that no difference can touch is not played again.

    Parameters
    ----------
    model : Model
        The model as it was written; `on` are defences that every portfolio has.
    options : Sequence[str]
        Defences that may be in a portfolio.
    tail_years : float, optional
        If given, the mean loss of the worst of so many years is found too.
    things : frozenset of str, optional
        A part of the model (`separate.Part`): nothing else happens by itself, and only its defences may be in a portfolio.
    """

    def __init__(
        self, model: Model, options: Sequence[str], study: Study, on: Sequence[str] = (), tail_years: float | None = None,
        things: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        self.model, self.study, self.on, self.tail_years = model, study, tuple(on), tail_years
        self.order = {name: k for k, name in enumerate(model.defences)}
        self.known: dict[Portfolio, Verdict | None] = {}
        self.trouble = np.zeros(study.worlds)  # the longest of any that was judged
        self.copies: Abreast | None = None
        self.helpers = 0
        designs = self.designs(options)
        base = designs[""][0]
        self.services = [c.id for c in base.services]
        self.promises = promises(base)
        self.priced = any(c.loss for c in base.services) or any(h.costs for h in base.hazards.values())
        self.luck = Luck((system for _, system in designs.values()), study, things)
        self.reach = Reach(designs, options)
        self.plays = Plays(study.worlds * self.luck.samples, options)
        self.base = base, designs[""][1]
        self.even = np.ones(HALVES * study.worlds * self.luck.samples)

    def applied(self, portfolio: Iterable[str]) -> Model:
        """The model with a portfolio: changes are merged in in the order in which the defences are written down."""
        chosen = sorted({*self.on, *portfolio}, key=self.order.__getitem__)
        return load.apply(self.model, chosen)

    def __call__(self, portfolios: Sequence[Portfolio]) -> list[Verdict | None]:
        """A verdict on each, None where it makes no valid model."""
        new = [p for p in dict.fromkeys(portfolios) if p not in self.known]
        alone = [] if self.known else new[:1]  # of the first, most is remembered for all others
        with load.quiet_collector():
            for some in (alone, *(new[k : k + AT_A_TIME] for k in range(len(alone), len(new), AT_A_TIME))):
                for judged in self._all_judged(some):  # all of them, before anything is remembered of one
                    self._keep(judged)
        return [self.known[p] for p in portfolios]

    def even_out(self) -> None:
        """From here on let each misfortune come as often as its input says, in the mean of all worlds, whichever samples begin with it.

        How much the samples of a rare one weigh together is chance: into which worlds they fall, and how far they look into tails. The
        factors are those of the model as it is, for every portfolio, so that differences are of the design alone.
        """
        if self.in_years or self._by_samples() is None:
            return
        rate = dict(zip(items(self.base[1]), self.base[1].mean_world().rate.tolist(), strict=True))
        drawn = self._by_samples()[:, :, -1] / self.study.worlds  # type: ignore[index]
        factor = np.ones(drawn.shape)
        for k, name in enumerate(self.luck.names):
            mine = self.luck.begin == k
            if mine.sum() >= FEWEST_TO_EVEN and (weight := drawn[mine].sum()) > 0.0 and rate.get(name):
                factor[mine] = rate[name] / weight
        self.even = np.repeat(factor.reshape(-1), HALVES)
        self.known.clear()

    def _by_samples(self) -> np.ndarray | None:
        """(worlds, samples, columns) what each sample comes to in the model as it is; None where episodes are not what is played."""
        if not self.luck.names or self([frozenset()])[0] is None:
            return None
        plays = self.plays.known(frozenset())
        if any(play is None for play in plays):
            return None
        return np.array([p.sums for p in plays]).reshape(self.study.worlds, -1, HALVES, self._columns).sum(axis=2)  # type: ignore[union-attr]

    @contextmanager
    def abreast(self) -> Iterator[None]:
        """While this lasts, copies of this process judge, as many as the study has threads; what comes out is the same."""
        self.helpers = min(self.study.threads, MOST_HELPERS)
        try:
            yield
        finally:
            self.helpers = 0
            if self.copies is not None:
                self.copies.close()
                self.copies = None

    def _all_judged(self, some: Sequence[Portfolio]) -> list[Judged]:
        """What is said of each; copies are made once it is more than one round, and worth their making."""
        if self.copies is None and min(self.helpers, len(some)) > 1 and len(self.known) > AT_A_TIME:
            self.copies = Abreast(self.helpers, self._judged, self._keep)
        return [self._judged(p) for p in some] if self.copies is None else self.copies.each(some)

    def _keep(self, judged: Judged) -> None:
        """Remember a verdict and what was played for it: in the order in which it was asked for, whoever is done first."""
        portfolio, verdict, played = judged
        self.known[portfolio] = verdict
        if verdict is not None:
            self.trouble = np.maximum(self.trouble, verdict.trouble)
        for half, matters, play in played:
            self.plays.keep(half, portfolio, matters, play)

    def asked(self) -> list[Portfolio]:
        """Sets of options: one for each choice by which halves of samples are remembered."""
        masks = {matters for some in self.plays.kept for matters in some}
        return [frozenset(name for name, bit in self.plays.bit.items() if bit & matters) for matters in sorted(masks)]

    def least(self, portfolio: Portfolio, among: Portfolio) -> Verdict:
        """What each portfolio comes to at least that agrees with a judged one in these options, whatever else is in it.

        That is what is remembered of it. The rest is taken to cost nothing, and to take up `TIMES_AS_LONG` the time in which anything
        that was judged is in trouble: time in which nothing new begins.
        """
        chosen, within = self.plays.mask(portfolio), self.plays.mask(among)
        sums = np.zeros((len(self.plays.kept), self._columns))
        for row, some in zip(sums, self.plays.kept, strict=True):
            play = next((p for matters in some if not matters & ~within and (p := some[matters].get(chosen & matters))), None)
            if play is not None:
                row[:] = play.sums
        return self._a_year(sums.reshape(self.study.worlds, -1, sums.shape[1]).sum(axis=1), TIMES_AS_LONG * self.trouble)

    # -- looking in the same way

    def designs(self, options: Sequence[str]) -> dict[str, tuple[Model, System]]:
        """The model as it is (under the name "") and with each option and what that requires; what cannot be is left out."""
        found = {}
        for name in ("", *options):
            required = changes.with_required(self.model, name) if name else ()
            try:
                model = self.applied([n for n in required if n not in self.on])
                found[name] = model, compile_model(model)
            except ModelError:
                continue  # alone it cannot be
        return found

    @property
    def _columns(self) -> int:
        """Of the sums of a play."""
        return 5 + 3 * len(self.services)

    @property
    def in_years(self) -> bool:
        """Whether plain years are played, because there is trouble most of the time."""
        return self.luck.in_years

    # -- one portfolio

    def _judged(self, portfolio: Portfolio) -> Judged:
        """The verdict, and halves of samples that can be of use again."""
        plays = self.plays.known(portfolio)
        played: list[tuple[int, int, Play]] = []
        wanted = np.unique([k // HALVES for k, play in enumerate(plays) if play is None]).astype(np.int64)
        if wanted.size or self.in_years:
            try:
                model = self.applied(portfolio)
                system = compile_model(model)
            except ModelError:
                return Judged(portfolio, None, [])
            view = self.luck.view(system)
            if view is None:
                return Judged(portfolio, self._by_itself(model, system), [])
            begins = view.begin.reshape(-1)[wanted] >= 0
            nothing = Play(np.zeros(self._columns), NO_PATHS, NO_TAKEN)
            for sample in wanted[~begins].tolist():  # here its misfortune does not exist
                for half in (HALVES * sample, HALVES * sample + 1):
                    plays[half] = nothing
                    played.append((half, self.reach.always, nothing))
            played += self._play(model, system, view, wanted[begins], plays)
        return Judged(portfolio, self._verdict(plays), played)  # type: ignore[arg-type]

    def _play(
        self, model: Model, system: System, view: View, wanted: np.ndarray, plays: list[Play | None]
    ) -> Iterator[tuple[int, int, Play]]:
        """Play samples; where few defences matter to half of one, it is told, so that which they are is known the next time."""
        look = self.reach.of(system)
        told = np.array([any(plays[h] is None and not self.plays.wide[h] for h in (HALVES * k, HALVES * k + 1)) for k in wanted], bool)
        numbers, paths, rows, masks, total = [np.zeros(0, np.int64)], [np.zeros((0, 6))], [np.zeros((0, 6))], {}, 0
        for some in replay_some(system, self.study, view, wanted, told):
            if some.ends.size:
                masks |= dict(zip(some.samples.tolist(), look.masks(some.trace, some.ends), strict=True))
                endless = some.number[(some.paths[:, 2].astype(np.int64) & y.FLAG_EVENTS) > 0]
                masks |= dict.fromkeys(endless.tolist(), (self.reach.all, self.reach.all))
            some.rows[:, 0] += total
            total += some.paths.shape[0]
            numbers.append(some.number)
            paths.append(some.paths)
            rows.append(some.rows)
        number, path = np.concatenate(numbers), np.concatenate(paths)
        row = np.concatenate(rows)
        amount = self._amounts(model, system, row, number)
        weighed = path[:, :1] * np.column_stack([path[:, 1], amount, np.ones(number.size)])
        each = np.column_stack([path[:, 0], amount[:, 0]])
        half_of_path = HALVES * number + (path[:, 5] > 0.0)
        order = np.argsort(half_of_path, kind="stable")  # those that are told come before the others of their world
        half, weighed, each = half_of_path[order], weighed[order], each[order]
        halves = (HALVES * wanted[:, None] + np.arange(HALVES)).reshape(-1)
        taken = self._taken(system, row, path[:, 0], half_of_path, halves)
        begins, ends = np.searchsorted(half, halves), np.searchsorted(half, halves, side="right")
        for k, begin, end, some in zip(halves.tolist(), begins.tolist(), ends.tolist(), taken, strict=True):
            play = plays[k] = Play(np.add.reduce(weighed[begin:end], axis=0), each[begin:end] if self.tail_years else NO_PATHS, some)
            if k // HALVES in masks:
                yield k, masks[k // HALVES][k % HALVES], play

    def _taken(self, system: System, rows: np.ndarray, weight: np.ndarray, half: np.ndarray, halves: np.ndarray) -> list[np.ndarray]:
        """Of each of these halves what its paths take out of windows: (K, 4) as `Play.taken`; `weight`, `half` are of each path."""
        if not self.promises:
            return [NO_TAKEN] * halves.size
        found, of = [NO_TAKEN], [np.zeros(0, np.int64)]
        for n, (out, one) in enumerate(self._outages(system, rows)):
            some = budgets.taken(out[:, 0].astype(np.int64), out[:, 3], out[:, 4], one.window_h)
            found.append(np.column_stack([np.full(some.path.size, float(n)), weight[some.path] * some.hours, some.low, some.high]))
            of.append(half[some.path])
        table, number = np.concatenate(found), np.concatenate(of)
        order = np.argsort(number, kind="stable")
        ends = np.searchsorted(number[order], halves, side="right")
        begins = np.searchsorted(number[order], halves)
        return [table[order[begin:end]] if end > begin else NO_TAKEN for begin, end in zip(begins, ends, strict=True)]

    def _outages(self, system: System, rows: np.ndarray) -> Iterator[tuple[np.ndarray, Uptime]]:
        """Of each promise the outages of its service."""
        out = rows[rows[:, 1] == y.ROW_OUT]
        for name, one in self.promises:
            yield out[out[:, 2] == (system.services.index(name) if name in system.services else -1)], one

    def _broken(self, plays: Sequence[Play], trouble: np.ndarray) -> np.ndarray:
        """(W, promises) share of windows that break each promise."""
        worlds = self.study.worlds
        share = np.zeros((worlds, len(self.promises)))
        if self.promises:
            table, sizes = np.concatenate([NO_TAKEN, *(p.taken for p in plays)]), [p.taken.shape[0] for p in plays]
            world = np.repeat(np.repeat(np.arange(worlds), len(plays) // worlds), sizes)
            coming = table[:, 1] * np.repeat(self.even, sizes) / (1.0 + trouble[world])
            for n, (_, one) in enumerate(self.promises):
                mine = table[:, 0] == n
                share[:, n] = budgets.broken(world[mine], table[mine, 2], table[mine, 3], coming[mine], one.budget_h, worlds)
        return share

    def _verdict(self, plays: Sequence[Play]) -> Verdict:
        """The share of the time at rest, from which episodes can begin, makes a rate a year of what they come to (renewal theorem)."""
        worlds = self.study.worlds
        each = (np.array([p.sums for p in plays]) * self.even[:, None]).reshape(worlds, -1, self._columns)
        sums = each.sum(axis=1)
        tail = None
        if self.tail_years and self.priced:
            sizes = [p.paths.shape[0] for p in plays]
            world = np.repeat(np.repeat(np.arange(worlds), len(plays) // worlds), sizes)
            path = np.concatenate([p.paths for p in plays])
            weight = path[:, 0] * np.repeat(self.even, sizes)
            a_year = HOURS_PER_YEAR / (1.0 + sums[:, 0])
            period = np.array([float(self.tail_years)])
            tail = float(curves.aep(weight * a_year[world], path[:, 1], period, AEP_ACCURACY, world=world, worlds=worlds).tvar[0])
        broken = self._broken(plays, sums[:, 0])
        return self._a_year(sums, 0.0, tail, each.reshape(worlds, -1, HALVES, self._columns).sum(axis=2)[:, :, [1, 2, 3, -1]], broken)

    def _a_year(
        self, sums: np.ndarray, longer: np.ndarray | float, tail: float | None = None, each: np.ndarray | None = None,
        broken: np.ndarray | None = None,
    ) -> Verdict:  # fmt: skip
        """The verdict on sums of plays in each world (W, columns of a play), if episodes take so much longer for each hour at rest.

        each : (W, samples, 4) what each sample comes to and how often, if that is known of all of them.
        broken : as in a Verdict; unless given, none is.
        """
        trouble = sums[:, 0] + longer
        a_year = HOURS_PER_YEAR / (1.0 + trouble)
        begun = {} if each is None else self._begun(each * a_year[:, None, None])
        if broken is None:
            broken = np.zeros((sums.shape[0], len(self.promises)))
        return self._told(sums[:, 1:] * a_year[:, None], trouble, tail, broken, begun)

    def _begun(self, amounts: np.ndarray) -> dict[str, np.ndarray]:
        """(2, 4) amounts a year by what the samples began with, and their errors; `amounts` (worlds, samples, 4), the last how often.

        How often a misfortune comes is known, or its samples are few; what is not is what it brings each time.
        """
        found, worlds = {}, self.study.worlds
        for k, name in enumerate(self.luck.names):
            by_world = np.where((self.luck.begin == k)[:, :, None], amounts, 0.0).sum(axis=1)
            mean = by_world.mean(axis=0)
            beyond = by_world - by_world[:, -1:] * (mean / mean[-1] if mean[-1] > 0.0 else 0.0)
            if mean[:-1].any():
                found[name] = np.stack([mean, beyond.std(axis=0, ddof=1) / np.sqrt(worlds) if worlds > 1 else np.abs(mean)])
        return found

    def _by_itself(self, model: Model, system: System) -> Verdict:
        """In plain years, or where several defences together bring a misfortune that none of them brings alone."""
        sample = self.luck.sample(system)
        worlds = Worlds(sample, system.is_certain())
        amount = self._amounts(model, system, sample.rows, sample.number)
        by_world = np.zeros((sample.worlds, amount.shape[1]))
        np.add.at(by_world, sample.world_of_path, amount * sample.paths[:, 1:2])
        tail = None
        if self.tail_years and self.priced:
            period = np.array([float(self.tail_years)])
            if sample.years:
                tail = float(curves.of_years(amount[:, 0], period).tvar[0])
            else:
                found = curves.aep(worlds.weight, amount[:, 0], period, AEP_ACCURACY, world=worlds.world, worlds=worlds.n)
                tail = float(found.tvar[0])
        shares = [promised.missed_by_world(one, out, worlds)[0] for out, one in self._outages(system, sample.rows)]
        return self._told(by_world, sample.busy_share, tail, np.array(shares).reshape(len(shares), -1).T)

    def _told(
        self, by_world: np.ndarray, trouble: np.ndarray, tail: float | None, broken: np.ndarray,
        begun: Mapping[str, np.ndarray] | None = None,
    ) -> Verdict:  # fmt: skip
        n = len(self.services)
        loss, user_hours, long = by_world[:, :3].T
        hours, passed, lost = (by_world[:, 3 + k * n : 3 + (k + 1) * n] for k in range(3))
        loss = loss if self.priced else None
        return Verdict(loss, tail, user_hours, long, hours, passed, broken, lost.mean(axis=0), begun or {}, trouble)

    def _amounts(self, model: Model, system: System, rows: np.ndarray, number: np.ndarray) -> np.ndarray:
        """(P, 3 + 3 services) of each path: loss, user-hours, whether a service is out for longer than a day; then service by service
        of the model as it is, hours out, outages longer than it can bear, and its loss. `number` is the sample that each path is.
        """
        rows = rows[np.lexsort(rows[:, 3::-1].T)]  # in one order whatever the design, so that sums are the same to the last bit
        what = rows[:, 1].astype(np.int64)
        pieces, costs = rows[what <= y.ROW_DEGRADED], rows[what == y.ROW_COST]
        services = [model.components[name] for name in system.services]
        users = np.array([c.users or 0.0 for c in services])
        out = pieces[pieces[:, 1].astype(np.int64) == y.ROW_OUT]
        length, limits = out[:, 4] - out[:, 3], np.array([np.inf if (h := limit_h(c)) is None else h for c in services])
        service = out[:, 2].astype(np.int64)
        passed = (length > limits[service]).astype(float)

        def per_path(table: np.ndarray, amount: np.ndarray) -> np.ndarray:
            return np.bincount(table[:, 0].astype(np.int64), weights=amount, minlength=number.size)

        loss, money = np.zeros(number.size), np.zeros(pieces.shape[0])
        if self.priced:
            money = Losses(model, system, self.study.seed).of(pieces, number)
            loss = per_path(pieces, money) + per_path(costs, costs[:, 4])
        place = {name: s for s, name in enumerate(system.services)}
        mine = [service == place.get(name, -1) for name in self.services]
        of_service = pieces[:, 2].astype(np.int64)
        their = [of_service == place.get(name, -1) for name in self.services]
        return np.column_stack([
            loss, per_path(pieces, pieces[:, 5] * users[pieces[:, 2].astype(np.int64)]), per_path(out, length > LONG_H) > 0.0,
            *(per_path(out[m], length[m]) for m in mine), *(per_path(out[m], passed[m]) for m in mine),
            *(per_path(pieces[m], money[m]) for m in their),
        ])  # fmt: skip


class Play(NamedTuple):
    """What half of a sample comes to in one design: without a further misfortune, or with some.

    sums : (4 + 3 services,) float64, for each hour at rest: hours in trouble, then as in `Judge._amounts`.
    paths : (P, 2) float64, how often each of its paths comes for each hour at rest, and its loss; none where no tail is asked for.
    taken : (K, 4) float64, what its paths take out of a window, wherever that lies: number of the promise, how often that comes in a
        window if all is at rest, and between what and what it lies, in hours; none where no uptime is promised.
    """

    sums: np.ndarray
    paths: np.ndarray
    taken: np.ndarray


NO_PATHS, NO_TAKEN = np.zeros((0, 2)), np.zeros((0, 4))


class Judged(NamedTuple):
    """What is said of a portfolio, and what was played for it and can be of use again.

    played : halves of samples: number, the bits of the defences that matter to it, what it comes to.
    """

    portfolio: Portfolio
    verdict: Verdict | None
    played: list[tuple[int, int, Play]]


class Plays:
    """What halves of samples came to, remembered by the choice among those defences that matter to each of them.

    Number 2 k is what sample k comes to without a further misfortune, 2 k + 1 with some: to the first fewer defences matter.
    wide : halves to which so many defences matter that what they come to is of no use for another portfolio.
    """

    def __init__(self, samples: int, options: Sequence[str]) -> None:
        self.bit = {name: 1 << k for k, name in enumerate(options)}
        self.few = len(options) // 2
        self.kept: list[dict[int, dict[int, Play]]] = [{} for _ in range(HALVES * samples)]
        self.wide = [False] * len(self.kept)

    def mask(self, portfolio: Portfolio) -> int:
        return sum(self.bit[name] for name in portfolio)

    def keep(self, half: int, portfolio: Portfolio, matters: int, play: Play) -> None:
        self.kept[half].setdefault(matters, {})[self.mask(portfolio) & matters] = play
        if matters.bit_count() > self.few:
            self.wide[half] = True

    def known(self, portfolio: Portfolio) -> list[Play | None]:
        """Of each half what it comes to with this portfolio, None where it must be played."""
        mask = self.mask(portfolio)
        return [self._known(some, mask) for some in self.kept]

    def _known(self, some: dict[int, dict[int, Play]], mask: int) -> Play | None:
        for matters in tuple(some):
            play = some[matters].get(mask & matters)
            if play is not None:
                return play
        return None


class Bench:
    """Judges for the parts of a model that have nothing to do with each other: what a portfolio comes to is the sum over parts.

    Taken apart only where sums are right: not for the loss of the worst years, nor where plain years are played.
    """

    def __init__(
        self, model: Model, options: Sequence[Option], study: Study, on: Sequence[str] = (), tail_years: float | None = None
    ) -> None:
        whole = Judge(model, [o.id for o in options], study, on, tail_years)
        self.services, self.in_years, self.applied = whole.services, whole.in_years, whole.applied
        self.parts: list[tuple[list[Option], Judge]] = [(list(options), whole)]
        designs = whole.designs([o.id for o in options])
        if tail_years is not None or whole.in_years or any(o.id not in designs for o in options):
            return
        base = designs.pop("")
        found = parts(base, designs)
        tied = together(options, [p.defences for p in found])
        if len(tied) + any(not p.defences for p in found) < 2:
            return
        self.parts = []
        for some in tied:
            names = [o.id for o in options if o in some]
            things = frozenset().union(*(p.things for p in found if set(p.defences) & set(names)))
            self.parts.append((list(some), Judge(model, names, study, on, things=things)))
        rest = next((p.things for p in found if not p.defences), frozenset())
        if rest:
            self.parts.append(([], Judge(model, [], study, on, things=rest)))

    def seen(self, portfolio: Portfolio) -> Verdict:
        """What a portfolio comes to; each part of it must make a valid model."""
        return total([judge([portfolio & {o.id for o in options}])[0] for options, judge in self.parts])  # type: ignore[misc]


def total(verdicts: Sequence[Verdict]) -> Verdict:
    """Verdicts on parts, added up."""
    first, *more = verdicts
    for v in more:
        loss = v.loss if first.loss is None else first.loss if v.loss is None else first.loss + v.loss
        first = Verdict(
            loss, None, first.user_hours + v.user_hours, first.long + v.long, first.hours + v.hours, first.passed + v.passed,
            first.broken + v.broken, first.lost + v.lost,
            {**first.begun, **v.begun},  # each begins in one part
            first.trouble + v.trouble,
        )  # fmt: skip
    return first
