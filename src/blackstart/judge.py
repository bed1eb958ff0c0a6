"""What each portfolio of defences would lose: all of them meet the same misfortunes with the same luck.

A portfolio is applied to the model and played by the timed engine: interactions are whatever comes out, never a sum of what
each defence would do alone. Every portfolio is played in the same possible worlds, every sample begins with the same
misfortune, and every draw is known by name, so most of the noise is in all of them and drops out of differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from blackstart import changes, curves, load
from blackstart.engines import layout as y
from blackstart.engines.simulate import Sample, Study
from blackstart.errors import ModelError
from blackstart.luck import Luck
from blackstart.model import Component, Model
from blackstart.portfolios import Option, Portfolio
from blackstart.portfolios import parts as together
from blackstart.results import AEP_ACCURACY, Losses, Worlds
from blackstart.separate import parts
from blackstart.system import System, compile_model

LONG_H = 24.0
OBJECTIVES = ("loss", "tvar", "user-hours", "hours")


@dataclass(frozen=True)
class Verdict:
    """What one portfolio comes to, a year, in each possible world: (W,) arrays, (W, services) for `hours` and `passed`.

    loss : money; None where nothing has a price. tvar : mean loss of the worst years, over all worlds; None unless asked for.
    long : episodes in which a service is out for longer than a day.
    passed : outages of each service longer than it can bear (its MTPD, or its RTO where no MTPD is stated).
    """

    loss: np.ndarray | None
    tvar: float | None
    user_hours: np.ndarray
    long: np.ndarray
    hours: np.ndarray
    passed: np.ndarray

    def value(self, objective: str) -> float:
        """The number that a search makes small."""
        if objective == "tvar":
            return float(self.tvar)  # type: ignore[arg-type]
        if objective == "user-hours":
            return float(self.user_hours.mean())
        if objective == "hours":
            return float(self.hours.sum(axis=1).mean())
        return float(self.loss.mean())  # type: ignore[union-attr]


def limit_h(c: Component) -> float | None:
    """The longest outage that a service can bear: its MTPD, or its RTO where none is stated."""
    limits = c.tolerance
    stated = None if limits is None else limits.mtpd or limits.rto
    return None if stated is None else stated.mean()


class Judge:
    """Judges portfolios of one model by the same episodes, each once.

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
        self.services = [c.id for c in self.applied(()).services]
        self.luck = Luck((system for _, system in self.designs(options).values()), study, things)

    def applied(self, portfolio: Iterable[str]) -> Model:
        """The model with a portfolio: changes are merged in in the order in which the defences are written down."""
        chosen = sorted({*self.on, *portfolio}, key=self.order.__getitem__)
        return load.apply(self.model, chosen)

    def __call__(self, portfolios: Sequence[Portfolio]) -> list[Verdict | None]:
        """A verdict on each, None where it makes no valid model; all threads of the study work on them."""
        new = [p for p in dict.fromkeys(portfolios) if p not in self.known]
        with ThreadPoolExecutor(max(1, min(self.study.threads, len(new) or 1))) as pool:
            self.known.update(zip(new, pool.map(self._judged, new), strict=True))
        return [self.known[p] for p in portfolios]

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
    def in_years(self) -> bool:
        """Whether plain years are played, because there is trouble most of the time."""
        return self.luck.in_years

    # -- one portfolio

    def _judged(self, portfolio: Portfolio) -> Verdict | None:
        try:
            model = self.applied(portfolio)
            system = compile_model(model)
        except ModelError:
            return None
        return self._verdict(model, system, self.luck.sample(system))

    def _verdict(self, model: Model, system: System, sample: Sample) -> Verdict:
        what = sample.rows[:, 1].astype(np.int64)
        pieces, costs = sample.rows[what <= y.ROW_DEGRADED], sample.rows[what == y.ROW_COST]
        rows = [model.components[name] for name in system.services]
        users = np.array([c.users or 0.0 for c in rows])
        world, weight = sample.world_of_path, sample.paths[:, 1]

        def by_world(table: np.ndarray, amount: np.ndarray) -> np.ndarray:
            path = table[:, 0].astype(np.int64)
            return np.bincount(world[path], weights=weight[path] * amount, minlength=sample.worlds)

        out = pieces[pieces[:, 1].astype(np.int64) == y.ROW_OUT]
        length, limits = out[:, 4] - out[:, 3], np.array([np.inf if (h := limit_h(c)) is None else h for c in rows])
        passed = length > limits[out[:, 2].astype(np.int64)]
        long = np.unique(out[length > LONG_H, 0])[:, None]
        loss = tvar = None
        if any(c.loss for c in rows) or costs.size:
            lost = Losses(model, system, self.study.seed).of(pieces, sample.number)
            loss = by_world(pieces, lost) + by_world(costs, costs[:, 4])
            tvar = self._tail(system, sample, pieces, lost, costs) if self.tail_years else None
        return Verdict(
            loss, tvar, by_world(pieces, pieces[:, 5] * users[pieces[:, 2].astype(np.int64)]), by_world(long, np.ones(long.shape[0])),
            self._by_service(system, by_world, out, length), self._by_service(system, by_world, out[passed], np.ones(int(passed.sum()))),
        )  # fmt: skip

    def _by_service(self, system: System, by_world: Callable, out: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """(W, services) sums of rows of outages, service by service of the model as it is."""
        service = out[:, 2].astype(np.int64)
        place = {name: s for s, name in enumerate(system.services)}
        return np.column_stack([by_world(out[mine], amount[mine]) for n in self.services for mine in [service == place.get(n, -1)]])

    def _tail(self, system: System, sample: Sample, pieces: np.ndarray, lost: np.ndarray, costs: np.ndarray) -> float:
        worlds = Worlds(sample, system.is_certain())
        per_path = worlds.per_path(pieces, lost) + worlds.per_path(costs, costs[:, 4])
        period = np.array([float(self.tail_years)])  # type: ignore[arg-type]
        if worlds.sample.years:
            return float(curves.of_years(per_path, period).tvar[0])
        return float(curves.aep(worlds.weight, per_path, period, AEP_ACCURACY, world=worlds.world, worlds=worlds.n).tvar[0])


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
            loss, None, first.user_hours + v.user_hours, first.long + v.long, first.hours + v.hours, first.passed + v.passed
        )
    return first
