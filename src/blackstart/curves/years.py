"""Years drawn from a weighted sample of episodes, for those who need a table of years."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from blackstart.curves import Floats, Ints
from blackstart.engines.compiling import compiled
from blackstart.engines.draws import GAP, ITEM, base_of, choose, uniform
from blackstart.engines.layout import salt
from blackstart.units import HOURS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Years:
    """Simulated years as rows, one for each episode that came: in order of year and hour.

    year : (rows,) 0 .. count - 1
    episode : (rows,) which of the sample it was
    at_h : (rows,) hours from the begin of its year
    """

    count: int
    year: Ints
    episode: Ints
    at_h: Floats

    def sums(self, loss: ArrayLike) -> Floats:
        """(count,) the sum of each year; `loss` (n,) by episode."""
        return np.bincount(self.year, np.asarray(loss, float)[self.episode], self.count)

    def largest(self, loss: ArrayLike) -> Floats:
        """(count,) the largest of each year; `loss` (n,) by episode."""
        out = np.zeros(self.count)
        np.maximum.at(out, self.year, np.asarray(loss, float)[self.episode])
        return out


def simulate_years(
    rate: ArrayLike, count: int, seed: int, world: ArrayLike | None = None, worlds: int = 1
) -> Years:
    """Years drawn from the weighted sample, for those who need a table of years.

    Parameters
    ----------
    rate : (n,) per year, of each episode in its own world
    count : number of years
    seed : year i is the same for every count, as its numbers are drawn by (seed, year)
    world, worlds : as for `oep`; year i lies in world i mod `worlds`

    Notes
    -----
    Arrivals by exponential gaps, each an episode with probability rate / total.
    """
    rates = np.asarray(rate, float)
    numbers = np.zeros(rates.size, np.int64) if world is None else np.asarray(world, np.int64)
    order = np.argsort(numbers, kind="stable")
    offsets = np.concatenate(([0], np.cumsum(np.bincount(numbers, minlength=worlds))))
    cumulated = np.concatenate([np.cumsum(part) for part in np.split(rates[order], offsets[1:-1])])
    who = np.uint64(salt("curves", "years"))
    arrivals = np.zeros(count, np.int64)
    _count_arrivals(seed, who, cumulated, offsets, arrivals)
    rows = int(arrivals.sum())
    place, at_h = np.zeros(rows, np.int64), np.zeros(rows)
    _fill_years(seed, who, cumulated, offsets, arrivals, place, at_h)
    return Years(count, np.repeat(np.arange(count), arrivals), order[place], at_h * HOURS_PER_YEAR)


@compiled
def _count_arrivals(seed, who, cumulated, offsets, arrivals):
    for year in range(arrivals.size):
        end = offsets[year % (offsets.size - 1) + 1]
        total = cumulated[end - 1] if end > offsets[year % (offsets.size - 1)] else 0.0
        if total <= 0.0:
            continue
        base = base_of(seed, year)
        time = -math.log(uniform(base, who, GAP, 0)) / total
        n = 0
        while time < 1.0:
            n += 1
            time += -math.log(uniform(base, who, GAP, n)) / total
        arrivals[year] = n


@compiled
def _fill_years(seed, who, cumulated, offsets, arrivals, place, at):
    row = 0
    for year in range(arrivals.size):
        if arrivals[year] == 0:
            continue
        begin, end = offsets[year % (offsets.size - 1)], offsets[year % (offsets.size - 1) + 1]
        total = cumulated[end - 1]
        base = base_of(seed, year)
        time = 0.0
        for n in range(arrivals[year]):
            time += -math.log(uniform(base, who, GAP, n)) / total
            place[row] = begin + choose(cumulated[begin:end], uniform(base, who, ITEM, n))
            at[row] = time
            row += 1
