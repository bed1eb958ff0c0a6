"""Windows of one length, one after the other: in what share of them more is out than a budget, from a weighted sample of episodes."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from blackstart.curves import Floats, Ints, compound
from blackstart.engines.compiling import compiled
from blackstart.units import HOURS_PER_YEAR

CELLS = 1000  # of the budget: times out are rounded by less than a thousandth of it, and by nothing on average
_POINT = 1e-9  # cells: what is narrower is one amount


class Taken(NamedTuple):
    """What episodes take out of a window, wherever it lies: stretches of its places over which that grows or falls evenly.

    path (n,) : which episode. hours (n,) : length of the stretch. low, high (n,) : hours taken at its ends, the smaller first.
    """

    path: Ints
    hours: Floats
    low: Floats
    high: Floats


def taken(path: ArrayLike, begin_h: ArrayLike, end_h: ArrayLike, window_h: float) -> Taken:
    """What each episode takes out of windows of `window_h` hours.

    path, begin_h, end_h : (R,) its intervals out, which do not overlap within an episode; ends may be infinite. Exact.
    """
    number, begin, end = np.asarray(path, np.int64), np.asarray(begin_h, float), np.asarray(end_h, float)
    order = np.lexsort((begin, number))
    number, begin = number[order], begin[order]
    end = np.minimum(end[order], begin + 1e6 * window_h)
    of, hours, low, high = (np.zeros(4 * number.size, t) for t in (np.int64, float, float, float))
    n = _slide(number, begin, end, float(window_h), of, hours, low, high)
    return Taken(of[:n], hours[:n], low[:n], high[:n])


@compiled
def _slide(path, begin, end, window, of, hours, low, high):
    """A window slides over an episode: what it takes in turns where its end, or its begin, meets an end of an interval."""
    n, first = 0, 0
    while first < path.size:
        last = first
        while last < path.size and path[last] == path[first]:
            last += 1
        i = j = 2 * first  # the next end of an interval that the window's end, and its begin, comes to
        at, inside, slope = begin[first] - window, 0.0, 0.0
        while j < 2 * last:
            ahead = np.inf
            if i < 2 * last:
                ahead = (begin[i // 2] if i % 2 == 0 else end[i // 2]) - window
            behind = begin[j // 2] if j % 2 == 0 else end[j // 2]
            to = min(ahead, behind)
            more = max(0.0, inside + slope * (to - at))
            if to > at and (inside > 0.0 or more > 0.0):
                of[n], hours[n], low[n], high[n] = path[first], to - at, min(inside, more), max(inside, more)
                n += 1
            at, inside = to, more
            if ahead <= behind:
                slope += 1.0 if i % 2 == 0 else -1.0
                i += 1
            else:
                slope -= 1.0 if j % 2 == 0 else -1.0
                j += 1
        first = last
    return n


def missed(some: Taken, rate: ArrayLike, budget_h: float, world: ArrayLike, worlds: int) -> tuple[Floats, Floats]:
    """Share of windows in which more than `budget_h` hours are out, in each world, and what each episode adds to it.

    Parameters
    ----------
    some : Taken
        Of the episodes, from `taken` with the windows' length.
    rate, world : (P,) per year in its own world, and that, of each episode

    Returns
    -------
    (worlds,) share: the distribution of the sum of what Poisson arrivals take out of one window (compound Poisson), where an episode may
    begin before the window or end after it. Amounts are rounded to a thousandth of the budget. Exact for the weighted sample as long as
    episodes are short beside the time between them.
    (P,) how much the share in its world would grow if an episode came once more a year: its mean over worlds, weighted with the rates,
    tells how the noise of the sample moves the share (first order).
    """
    rates, of_world = np.asarray(rate, float), np.asarray(world, np.int64)[some.path]
    step, chance = budget_h / CELLS, some.hours / HOURS_PER_YEAR
    above = _sums(of_world, some.low, some.high, chance * rates[some.path], budget_h, worlds)
    adds = np.zeros(rates.size)
    order = np.argsort(of_world, kind="stable")
    for w, mine in enumerate(np.split(order, np.searchsorted(of_world[order], np.arange(1, worlds)))):
        if mine.size:
            more = np.append(above[w, ::-1] - above[w, -1], 1.0 - above[w, -1])
            np.add.at(adds, some.path[mine], chance[mine] * _mean_between(more, some.low[mine] / step, some.high[mine] / step))
    return above[:, -1].copy(), adds


def broken(world: Ints, low: Floats, high: Floats, coming: Floats, budget_h: float, worlds: int) -> Floats:
    """(worlds,) the share of `missed`, from stretches (n,) of which so many are expected in a window (`coming`)."""
    return _sums(world, low, high, coming, budget_h, worlds)[:, -1].copy()


def _sums(world: Ints, low: Floats, high: Floats, coming: Floats, budget_h: float, worlds: int) -> Floats:
    """(worlds, CELLS + 1) probability that a window's sum is above 0, a cell, .. the budget."""
    step = budget_h / CELLS
    weights, beyond = np.zeros((worlds, CELLS + 2)), np.zeros(worlds)
    _spread(world, low / step, high / step, coming, weights, beyond)
    return np.array([_above(row, float(more)) for row, more in zip(weights, beyond, strict=True)]).reshape(worlds, CELLS + 1)


@compiled
def _spread(world, low, high, mass, weights, beyond):
    """Arrivals by the amount that they bring, in cells; each amount is shared out to the two points beside it and so keeps its mean."""
    cells = weights.shape[1] - 2
    for k in range(world.size):
        w, a, b = world[k], low[k], high[k]
        if b - a < _POINT:
            if a > cells + _POINT:
                beyond[w] += mass[k]
            else:
                c = min(int(a), cells)
                part = min(max(a - c, 0.0), 1.0)
                weights[w, c] += mass[k] * (1.0 - part)
                weights[w, c + 1] += mass[k] * part
            continue
        density = mass[k] / (b - a)
        if b > cells:
            beyond[w] += density * (b - max(a, float(cells)))
            b = float(cells)
        c = int(a)
        while a < b:
            to = min(b, c + 1.0)
            part = 0.5 * (a + to) - c
            weights[w, c] += density * (to - a) * (1.0 - part)
            weights[w, c + 1] += density * (to - a) * part
            a, c = to, c + 1


def _above(weights: Floats, beyond: float) -> Floats:
    """(CELLS + 1,) probability that a window's sum is above 0, 1 .. all cells."""
    weights[0] = 0.0
    coming = float(weights.sum())
    below = np.concatenate(([0.0], np.cumsum(compound(weights)[1 : CELLS + 1])))
    return np.clip(-math.expm1(-coming - beyond) - math.exp(-beyond) * below, 0.0, 1.0)


def _mean_between(values: Floats, low: Floats, high: Floats) -> Floats:
    """Mean of a function, known at 0, 1 .. CELLS and one value for all beyond, between two amounts in cells."""
    known, beyond = values[:-1], float(values[-1])
    area = np.concatenate(([0.0], np.cumsum(0.5 * (known[1:] + known[:-1]))))
    at = np.arange(CELLS + 1.0)

    def until(x: Floats) -> Floats:
        inside = np.minimum(x, CELLS)
        cell = np.minimum(inside.astype(np.int64), CELLS - 1)
        part = inside - cell
        return area[cell] + part * (known[cell] + 0.5 * part * (known[cell + 1] - known[cell])) + (x - inside) * beyond

    alone = np.where(low > CELLS + _POINT, beyond, np.interp(low, at, known))
    return np.where(high - low < _POINT, alone, (until(high) - until(low)) / np.maximum(high - low, _POINT))


def missed_of_years(path: Ints, begin_h: Floats, end_h: Floats, window_h: float, budget_h: float, years: int, run: int) -> Floats:
    """(years,) share of the whole windows of each played year in which more than a budget is out.

    path, begin_h, end_h : (R,) intervals out, each of the year (0 .. years - 1) in which it begins; hours count from the begin of its run,
    of which so many years follow each other. What lasts beyond a year is out in the next year of the run, too.
    """
    count = max(1, int(HOURS_PER_YEAR / window_h * (1.0 + 1e-12)))
    out = np.zeros((years, count))
    year_h = np.floor(begin_h / HOURS_PER_YEAR) * HOURS_PER_YEAR
    begin, end = begin_h - year_h, np.minimum(end_h - year_h, run * HOURS_PER_YEAR)
    while path.size:
        for n in range(count):
            hours = np.minimum(end, (n + 1) * window_h) - np.maximum(begin, n * window_h)
            np.add.at(out[:, n], path, np.maximum(0.0, hours))
        on = (end > HOURS_PER_YEAR) & ((path + 1) % run != 0)
        path, begin, end = path[on] + 1, np.zeros(int(on.sum())), end[on] - HOURS_PER_YEAR
    return (out > budget_h).mean(axis=1)
