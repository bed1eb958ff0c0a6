"""The worst hour, day and month: what one episode takes out of any window of a length; pieces that overlap as one stretch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from blackstart.curves import Floats, Ints, sample_of
from blackstart.engines.compiling import compiled


def stretches(path: Ints, begin_h: Floats, end_h: Floats) -> Ints:
    """(R,) number of the unbroken stretch to which each piece belongs; pieces that overlap or touch are one stretch."""
    if path.size == 0:
        return np.zeros(0, np.int64)
    order = np.lexsort((begin_h, path))
    span = float(end_h.max()) + 1.0
    begin, end = (path * span + begin_h)[order], (path * span + end_h)[order]
    latest = np.maximum.accumulate(end)
    new = np.ones(order.size, bool)
    new[1:] = begin[1:] > latest[:-1]
    number = np.empty(order.size, np.int64)
    number[order] = np.cumsum(new) - 1
    return number


def worst_window(starts: ArrayLike, ends: ArrayLike, lost: ArrayLike, window_h: float) -> float:
    """Most service time that one episode takes out of any window of `window_h` hours.

    Parameters
    ----------
    starts, ends : (n,) hours; an end may be infinite
    lost : (n,) share of the service that is lost from start to end; where intervals overlap they add up

    Returns
    -------
    hours, at most `window_h` if the shares never add up to more than 1. Exact.

    Examples
    --------
    >>> worst_window([0, 10], [2, 11], [1.0, 0.5], 24)
    2.5
    """
    count = np.asarray(starts).size
    return float(worst_windows([0, count], starts, ends, lost, window_h)[0])


def worst_windows(
    offsets: ArrayLike, starts: ArrayLike, ends: ArrayLike, lost: ArrayLike, window_h: float
) -> Floats:
    """`worst_window` of many episodes: episode i has the intervals offsets[i] .. offsets[i + 1].

    Returns
    -------
    (episodes,) hours

    Notes
    -----
    As a window slides, what it takes in stops growing only where the loss at its begin rises or the loss at
    its end falls: the best one begins at a start or ends at an end.
    """
    bounds = np.asarray(offsets, np.int64)
    out = np.zeros(bounds.size - 1)
    begin, end, share = (np.ascontiguousarray(column, np.float64) for column in (starts, ends, lost))
    episode = np.repeat(np.arange(out.size), np.diff(bounds))
    by_start, by_end = _in_order(begin, episode), _in_order(end, episode)
    _worst_windows(bounds, begin[by_start], share[by_start], end[by_end], share[by_end], float(window_h), out)
    return out


def _in_order(times: Floats, episode: Ints) -> Ints | slice:
    """The order of time within each episode."""
    if ((times[1:] >= times[:-1]) | (episode[1:] > episode[:-1])).all():
        return slice(None)
    return np.lexsort((times, episode))


@compiled
def _worst_windows(offsets, starts, at_start, ends, at_end, window, out):
    """Starts and ends are sorted within an episode, each with its share.

    A window slides over them twice, once to begin at each start, once to end at each end. What is lost before a moment t is the
    sum of share x (t - start) over the starts before it, less the same over the ends: four sums that only grow.
    """
    for i in range(out.size):
        low, high = offsets[i], offsets[i + 1]
        best = 0.0
        for to_end in (False, True):
            s0 = e0 = s1 = e1 = low  # how many starts and ends are before the window's begin (0) and its end (1)
            rise0 = fall0 = rise1 = fall1 = 0.0  # sums of their shares
            rose0 = fell0 = rose1 = fell1 = 0.0  # and of share x time
            for k in range(low, high):
                begin = ends[k] - window if to_end else starts[k]
                if begin == np.inf:
                    break
                end, base = begin + window, starts[low]
                while s0 < high and starts[s0] < begin:
                    rise0, rose0, s0 = rise0 + at_start[s0], rose0 + at_start[s0] * (starts[s0] - base), s0 + 1
                while e0 < high and ends[e0] < begin:
                    fall0, fell0, e0 = fall0 + at_end[e0], fell0 + at_end[e0] * (ends[e0] - base), e0 + 1
                while s1 < high and starts[s1] < end:
                    rise1, rose1, s1 = rise1 + at_start[s1], rose1 + at_start[s1] * (starts[s1] - base), s1 + 1
                while e1 < high and ends[e1] < end:
                    fall1, fell1, e1 = fall1 + at_end[e1], fell1 + at_end[e1] * (ends[e1] - base), e1 + 1
                before = (rise0 - fall0) * (begin - base) - (rose0 - fell0)
                best = max(best, (rise1 - fall1) * (end - base) - (rose1 - fell1) - before)
        out[i] = best


def windowed_uptime(
    rate: ArrayLike,
    worst: ArrayLike,
    window_h: float,
    world: ArrayLike | None = None,
    worlds: int = 1,
) -> Floats:
    """Uptime that the worst window of a year is expected to have, in each world.

    Parameters
    ----------
    rate : (n,) per year, of each episode
    worst : (n,) hours, from `worst_windows` with the same window
    window_h : hours
    world, worlds : as for `oep`

    Returns
    -------
    (worlds,) 1 - E[largest of the year] / window: exact for the weighted sample with Poisson arrivals. A window that
    takes in two episodes is not looked for; they are rarely that close.

    Notes
    -----
    Windowed user-uptime (Hauer, Hoffmann, Lunney, Ardelean and Diwan 2020, "Meaningful Availability", NSDI
    '20, 545-557) takes the least uptime over all windows of one length; here its expectation over years.
    """
    sample = sample_of(rate, worst, world, worlds)
    number = np.repeat(np.arange(sample.worlds), np.diff(sample.offsets))
    order = np.lexsort((-sample.losses, number))
    rates, hours = sample.rates[order], sample.losses[order]
    larger = np.concatenate(([0.0], np.cumsum(rates)))
    larger = larger[:-1] - larger[sample.offsets[number]]  # what comes of the same world and is larger
    least = -np.expm1(-rates) * np.exp(-larger) * hours  # this one comes, and none that is larger
    return 1.0 - np.bincount(number, least, sample.worlds) / window_h
