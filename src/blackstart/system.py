"""A compiled model as the engines see it: integer-indexed arrays, what is unknown but fixed, and possible worlds.

A System is frozen and knows its digest; names stay outside the arrays. What is unknown but fixed (the rate of a fire, the
chance that a barrier works, whether a doubtful need exists) is a *parameter*; a World is one draw of all of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from blackstart.engines import layout as k
from blackstart.engines.layout import Arrays
from blackstart.units import Dist

HOURS_PER_YEAR = 8760.0

# where factors stand in the arrays (an array, and the column of a record), and the least that one can be: a rate is raised
FACTORS = (("help_factor", ""), ("component", "surge_factor"), ("effect", "factor"), ("effect", "factor"), ("hazard", "again"))
HELP_FACTOR, SURGE_FACTOR, EFFECT_FACTOR, TRIGGER_FACTOR, AGAIN_FACTOR = range(5)
LEAST_FACTOR = (0.0, 0.0, 0.0, 1.0 + 1e-9, 1.0 + 1e-9)

FIRST_FAILS = -1.0  # given of a start: its first try fails; compiled code reads a negative chance p as "first 0, then −p"


class World(NamedTuple):
    """One possible world: every parameter has a value.

    rate is per hour for each item; cum_natural and cum_forced are cumulated chances of which item comes next, at their own
    rates and as the engine prefers to look; forced_ratio is the likelihood ratio of the two. terms and tables are those of
    the durations (layout.Arrays), with the middles that they have in this world.
    """

    rate: np.ndarray
    prob: np.ndarray
    exists: np.ndarray
    cum_natural: np.ndarray
    cum_forced: np.ndarray
    forced_ratio: np.ndarray
    total_rate: float
    terms: np.ndarray
    tables: np.ndarray
    factors: np.ndarray

    def on(self, arrays: Arrays) -> Arrays:
        """The arrays of its System with the durations and factors of this world."""
        return arrays._replace(terms=self.terms, tables=self.tables, **self._with_factors(getattr(arrays, "held", arrays)))

    def _with_factors(self, arrays: Arrays) -> dict[str, np.ndarray]:
        found: dict[str, np.ndarray] = {}
        for place, row, value in self.factors.tolist():
            name, column = FACTORS[int(place)]
            if name not in found:
                old = getattr(arrays, name)
                found[name] = k.zeros(old.size, old.dtype) if column else old.copy()
                found[name][:] = old
            (found[name][column] if column else found[name])[int(row)] = value
        return found

    def only(self, items: np.ndarray, look: np.ndarray) -> World:
        """The same world in which nothing but these items (I,) bool happens by itself."""
        return _world(np.where(items, self.rate, 0.0), self.prob, self.exists, look, (self.terms, self.tables, self.factors))

    def given(self, chances: Mapping[int, float], doubtful: Mapping[int, bool] | None = None) -> World:
        """The same world with some outcomes on demand made certain.

        chances : number of a probability, 0 or 1; or `FIRST_FAILS`: of a start, the first try fails, further ones are left to chance.
        doubtful : number of a doubtful need, whether it exists.
        """
        prob, exists = self.prob.copy(), self.exists.copy()
        for number, value in chances.items():
            prob[number] = -prob[number] if value == FIRST_FAILS else value
        for number, there in (doubtful or {}).items():
            exists[number] = there
        return self._replace(prob=prob, exists=exists)


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something fixed that nobody knows exactly.

    `path` is its place in the model, `dist` what is believed about it. Those of one `doubt` are off together: in each possible
    world all of them stand at the same quantile (docs/decisions/0013-one-doubt-for-one-row.md).
    """

    path: str
    dist: Dist
    text: str
    source: str
    doubt: str


@dataclass(frozen=True)
class System:
    """A compiled model. Indices run in the order of the file."""

    arrays: Arrays
    components: tuple[str, ...]
    services: tuple[str, ...]
    hazards: tuple[str, ...]
    barriers: tuple[str, ...]
    teams: tuple[str, ...]
    data_sets: tuple[str, ...]
    effects: tuple[tuple[str, str], ...]  # (hazard, path of the effect inside it)
    items: tuple[str, ...]  # what can happen at random: hazards and components that fail
    parameters: tuple[Parameter, ...]
    item_rate: tuple[tuple[int, float, int], ...]  # parameter, multiplier, parameter of the chance (or -1)
    probabilities: tuple[tuple[int, float], ...]  # parameter, tau_h (> 0: the share of time that a hidden fault is there)
    doubtful: tuple[int, ...]  # parameters of doubtful needs
    middles: tuple[tuple[int, int], ...]  # (row of terms, parameter): the factor by which the middle of a duration may be off
    factors: tuple[tuple[int, int, int], ...]  # (place in FACTORS, row there, parameter): a factor that is not known
    digest: str

    def is_certain(self) -> bool:
        """Whether every parameter is a point: then there is only one possible world."""
        return all(p.dist.kind == "point" for p in self.parameters) and not self.doubtful

    def world(self) -> World:
        """The typical world: every rate, chance and middle of a duration at its median; doubtful needs exist if likelier than not."""
        return next(self._worlds(np.array([[p.dist.median()] for p in self.parameters]).reshape(-1, 1), None, None))

    def mean_world(self, look: np.ndarray | None = None) -> World:
        """The world in which every rate, chance and middle of a duration has its mean; doubtful needs exist if likelier than not."""
        return next(self._worlds(np.array([[p.dist.mean()] for p in self.parameters]).reshape(-1, 1), None, look))

    def worlds(self, u: np.ndarray, look: np.ndarray | None = None) -> Iterator[World]:
        """Possible worlds at quantiles u (W, parameters + doubtful needs), numbers in (0, 1).

        look : chance for each item with which the engine should look at it when it forces a further misfortune.
        """
        n = len(self.parameters)
        yield from self.worlds_of(np.array([p.dist.quantile(u[:, i]) for i, p in enumerate(self.parameters)]), u[:, n:], look)

    def worlds_of(self, values: np.ndarray, u: np.ndarray, look: np.ndarray | None = None) -> Iterator[World]:
        """Possible worlds in which the parameters have these values (parameters, W); u (W, doubtful needs) as in `worlds`."""
        yield from self._worlds(values.reshape(len(self.parameters), u.shape[0]), u, look)

    def _worlds(self, values: np.ndarray, u: np.ndarray | None, look: np.ndarray | None) -> Iterator[World]:
        """Worlds in which the parameters have these values (parameters, W); doubtful needs at u, or where they are likelier than not."""
        of_item, times, chance = (np.array(column) for column in zip(*self.item_rate, strict=True)) if self.item_rate else ([], [], [])
        of_chance = [p for p, _ in self.probabilities]
        rate, prob, exists = (values[np.asarray(rows, np.int64)].T for rows in (of_item, of_chance, self.doubtful))
        if self.item_rate:
            rate = rate * times * np.where(chance < 0, 1.0, values[chance].T)
        rate, prob = np.ascontiguousarray(rate) / HOURS_PER_YEAR, np.ascontiguousarray(prob)
        for number, (_, tau) in enumerate(self.probabilities):
            if tau > 0:
                prob[:, number] = [_hidden_share(x, tau) for x in prob[:, number].tolist()]
        exists = np.ascontiguousarray((0.5 if u is None else u) < exists)
        for w in range(values.shape[1]):
            given = (*self._durations(values[:, w]), self._factors(values[:, w]))
            yield _world(rate[w], prob[w], exists[w], look, given)

    def _factors(self, values: np.ndarray) -> np.ndarray:
        """(F, 3) where each factor that is not known stands, and what it is where the parameters have these values."""
        return np.array([(place, row, max(values[p], LEAST_FACTOR[place])) for place, row, p in self.factors], float).reshape(-1, 3)

    def _durations(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Terms and tables of the durations where the parameters have these values."""
        terms, tables = self.arrays.terms, self.arrays.tables
        place, parameter, tabled = self._scaled
        if place.size:
            terms = terms.copy()
            terms.reshape(-1)[place] *= values[parameter]
        if tabled:
            tables = tables.copy()
        for first, end, p in tabled:
            tables[first:end] *= values[p]
        return terms, tables

    @cached_property
    def _scaled(self) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int, int]]]:
        """Which numbers of the durations which parameter scales: places in `terms`, its number; begin and end of tables, its number."""
        terms, place, parameter, tabled = self.arrays.terms, [], [], []
        for row, p in self.middles:
            kind, first = int(terms[row, 0]), int(terms[row, 1])
            if kind in k.TABLED:
                tabled.append((first, first + (k.TABLE_SIZE if kind == k.TABLE else int(terms[row, 2])), p))
            else:
                place += [row * terms.shape[1] + column for column in k.SCALED[kind]]
                parameter += [p] * len(k.SCALED[kind])
        return np.array(place, np.int64), np.array(parameter, np.int64), tabled


def _hidden_share(rate_per_year: float, tau_h: float) -> float:
    """Mean share of time for which a fault that arises at a rate and is looked for every tau is there."""
    x = rate_per_year * tau_h / HOURS_PER_YEAR
    return x / 2 - x * x / 6 if x < 1e-4 else 1.0 + math.expm1(-x) / x


def _world(
    rate: np.ndarray, prob: np.ndarray, exists: np.ndarray, look: np.ndarray | None, durations: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> World:  # fmt: skip
    total = float(rate.sum())
    if total <= 0.0:
        return World(rate, prob, exists, np.ones(1), np.ones(1), np.ones(max(1, rate.size)), 0.0, *durations)
    p = rate / total
    # Half as it is, half where it is worth looking: no likelihood ratio is above 2.
    q = p if look is None or look.sum() <= 0.0 else 0.5 * p + 0.5 * look / look.sum()
    ratio = np.divide(p, q, out=np.zeros_like(p), where=q > 0)
    return World(rate, prob, exists, np.cumsum(p), np.cumsum(q), ratio, total, *durations)
