"""Sums over weighted paths, in each possible world and over all: values, errors, bands, years drawn.

An Estimate never travels without its standard error.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from blackstart import curves
from blackstart.curves import ignorance, windows
from blackstart.curves.years import simulate_years
from blackstart.engines.simulate import Sample

ERROR_BATCHES = 5  # parts of the worlds from which the error of a quantile is taken
YEARS_OF_WORLD = 1000  # drawn in each world for the distribution of a year's sum
MOST_DRAWN = 2e7  # episodes drawn for that in all
YEARS_SEED = 20221015
ENOUGH = 10.0  # episodes of a world for each that a year brings: fewer, and worlds lend each other theirs
MOST_LENT = 4e6
HIDDEN = 2.0  # standard errors of the noise's variance, which so many worlds do not tell: with less between worlds, no band is given
FEWEST_WORLDS = 20  # below which no band is given
UNSEEN = -math.log(0.05)  # what is expected so often, or more, is not seen at all in 5 % of samples at most
FEW = 0.5  # an error of this share of a frequency, or more: fewer than four runs show it


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, the standard error of its computation, and the band that ignorance of the inputs leaves (5 % .. 95 %)."""

    value: float
    standard_error: float
    band: tuple[float, float] | None = None

    def as_dict(self) -> dict[str, Any]:
        band = None if self.band is None else [float(self.band[0]), float(self.band[1])]
        return {"value": float(self.value), "standard_error": float(self.standard_error), "band": band}


class Known(NamedTuple):
    """What is known of an amount per year in each world, all (worlds,): see `curves.ignorance.bands`.

    seen : by its own episodes, as many of each misfortune as it was due. known : by its rates and what all worlds' episodes bring.
    noise : squared standard error of what is seen.
    """

    seen: np.ndarray
    known: np.ndarray
    noise: np.ndarray


class Lent(NamedTuple):
    """Episodes as the worlds have them that lend each other theirs: rate a year in its world, world, and path; all (n,)."""

    rate: np.ndarray
    world: np.ndarray
    path: np.ndarray


class Worlds:
    """Sums over weighted paths, world by world."""

    def __init__(self, sample: Sample, certain: bool) -> None:
        self.sample = sample
        self.world = sample.world_of_path
        self.weight = sample.paths[:, 1]
        self.n = sample.worlds
        self.certain = certain
        self.tells = np.zeros(self.weight.size, bool)
        self.tells[sample.rows[:, 0].astype(np.int64)] = True
        # replays of one job stand together and begin with the one without further misfortune
        self.job = np.arange(self.weight.size) if sample.years else np.cumsum(sample.paths[:, 6] == 0) - 1
        jobs = int(self.job[-1]) + 1 if self.job.size else 0
        first = np.searchsorted(self.job, np.arange(jobs))
        items = int(sample.paths[:, 5].max(initial=0.0)) + 2
        of_job = self.world[first] * items + sample.paths[first, 5].astype(np.int64) + 1
        strata, self.job_stratum = np.unique(of_job, return_inverse=True)
        self.stratum_world, self.stratum_item = strata // items, strata % items
        self.stratum_size = np.bincount(self.job_stratum, minlength=strata.size)
        self.stratum_rate = sample.rates[self.stratum_world, self.stratum_item]
        self._years: _Years | None = None

    @property
    def banded(self) -> bool:
        """Whether bands are given: something is uncertain, and there are worlds enough to tell."""
        return not self.certain and self.n >= FEWEST_WORLDS

    def per_path(self, rows: np.ndarray, amount: np.ndarray) -> np.ndarray:
        return np.bincount(rows[:, 0].astype(np.int64), weights=amount, minlength=self.weight.size)

    def most_of_path(self, path: np.ndarray, begin_h: np.ndarray, end_h: np.ndarray, amount: np.ndarray) -> np.ndarray:
        """Loss of the largest event of each path; an event is a stretch of pieces that overlap in time."""
        most = np.zeros(self.weight.size)
        if path.size:
            stretch = windows.stretches(path, begin_h, end_h)
            np.maximum.at(most, path.astype(np.int64), np.bincount(stretch, weights=amount)[stretch])
        return most

    def years(self) -> _Years:
        """Years drawn from the episodes, the same for every question."""
        if self._years is None:
            self._years = _Years(self)
        return self._years

    @cached_property
    def lent(self) -> Lent:
        """The episodes, for what asks how a world's years differ from each other.

        Within a year of a world the same few episodes would recur that were played in it, if a year brings about as many: their noise
        would look like a difference between worlds. Where a world has fewer than `ENOUGH` times the episodes of a year, worlds lend
        each other theirs, in groups that lie within one batch: how often each misfortune comes is the world's own, what it brings is
        the group's, but for the part in which what it brings truly differs between worlds (as `ignorance.bands` tells it).
        """
        told = np.flatnonzero(self.tells)
        weight, world = self.weight[told], self.world[told]
        a_year, played = weight.sum() / max(1, self.n), self.stratum_size.sum() / max(1, self.n)
        batches = min(ERROR_BATCHES, self.n)
        size = min(math.ceil(ENOUGH * a_year / max(1.0, played)), self.n // max(1, batches), int(MOST_LENT / max(1, told.size)))
        if self.sample.years or size < 2:
            return Lent(weight, world, told)
        number = np.arange(self.n)
        group = number % batches * self.n + number // batches // size  # names of groups, with gaps
        group = np.unique(group, return_inverse=True)[1]
        order = np.argsort(group, kind="stable")
        begin, count = np.searchsorted(group[order], np.arange(group.max() + 1)), np.bincount(group)
        item = self.sample.paths[told, 5].astype(np.int64) + 1
        together = np.zeros((count.size, self.sample.rates.shape[1]))
        np.add.at(together, group, self.sample.rates)
        own = self._truly_own()
        times = count[group[world]]
        row = np.repeat(np.arange(told.size), times)
        to = order[np.repeat(begin[group[world]] - np.cumsum(times) + times, times) + np.arange(row.size)]
        share = self.sample.rates[to, item[row]] / np.maximum(together[group[to], item[row]], np.finfo(float).tiny)
        mine = own[item[row]]
        return Lent(weight[row] * ((1.0 - mine) * share + mine * (to == world[row])), to, told[row])

    def _truly_own(self) -> np.ndarray:
        """(misfortunes,) part of what an episode brings in a world, beside the others, that is not noise: by the service-hours lost.

        Each misfortune by itself: what one brings, and how noisy that is, says nothing of another.
        """
        hours = self.per_path(self.sample.rows, self.sample.rows[:, 5])
        item = self.sample.paths[:, 5].astype(np.int64) + 1
        own = np.zeros(self.sample.rates.shape[1])
        for i in np.unique(item[hours > 0]).tolist():
            known = self.known_by_world(np.where(item == i, hours, 0.0))
            own[i] = ignorance.share(known.seen, known.noise, known.known)
        return own

    def oep(self, per_path: np.ndarray, most_of_year: np.ndarray, periods: np.ndarray) -> curves.Curve:
        if self.sample.years:
            return curves.of_years(most_of_year, periods)
        rate, loss, world = self.of_lent(per_path)
        return curves.oep(rate, loss, periods, world=world, worlds=self.n)

    def of_lent(self, per_path: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Rate, amount and world of the episodes that bring something, lent ones too."""
        some = per_path[self.lent.path] > 0
        return self.lent.rate[some], per_path[self.lent.path[some]], self.lent.world[some]

    def by_world(self, per_path: np.ndarray) -> np.ndarray:
        """(worlds,) expected amount per year in each world, by its own episodes."""
        some = np.flatnonzero(per_path)
        return np.bincount(self.world[some], weights=self.weight[some] * per_path[some], minlength=self.n)

    def known_by_world(self, per_path: np.ndarray) -> Known:
        """What is known of an amount per year in each world, and what simulation adds to that.

        Jobs of one world that begin with the same misfortune are a stratum. How often it comes in a world is known; what it brings when
        it comes is seen in all worlds' jobs together. Their spread within a stratum is the noise; for a stratum of one, that of all
        jobs which begin so.
        """
        some = np.flatnonzero(per_path)  # there are many paths, and few that bring any one thing
        begin = np.flatnonzero(np.diff(self.job[some], prepend=-1))
        stratum = self.job_stratum[self.job[some[begin]]]
        rate = self.stratum_rate[stratum]
        part = np.add.reduceat(self.weight[some] * per_path[some], begin) if some.size else np.zeros(0)
        part = np.divide(part, rate, out=np.zeros(part.size), where=rate > 0)
        items, item = np.unique(self.stratum_item[stratum], return_inverse=True)
        mine = np.flatnonzero(np.isin(self.stratum_item, items))  # strata without any of it too
        place = np.searchsorted(mine, stratum)
        total, square = (np.bincount(place, weights=x, minlength=mine.size) for x in (part, part * part))
        size, often, where = self.stratum_size[mine], self.stratum_rate[mine], self.stratum_world[mine]
        of = np.searchsorted(items, self.stratum_item[mine])

        def by_item(x: np.ndarray) -> np.ndarray:
            return np.bincount(of, weights=x, minlength=items.size)

        jobs = by_item(size)
        whole = (by_item(square) - by_item(total) ** 2 / jobs) / np.maximum(1.0, jobs - 1.0)
        spread = np.where(size > 1, np.maximum(0.0, square - total**2 / size) / np.maximum(1.0, size - 1.0), whole[of])
        in_year = self.sample.rates[:, items]
        brought = by_item(total * often) / np.maximum(in_year.sum(axis=0), np.finfo(float).tiny)  # by one that comes
        known = in_year @ brought
        looked = brought * self.n / jobs  # what a job is expected to bring, beside its rate
        seen = np.bincount(where, weights=often * size * looked[of], minlength=self.n)
        value = np.bincount(where, weights=often * total, minlength=self.n)
        noise = np.bincount(where, weights=often**2 * size * spread, minlength=self.n)
        to = np.divide(known, seen, out=np.zeros(self.n), where=seen > 0)
        return Known(np.where(seen > 0, value * to, known), known, noise * to**2)

    def uptime(self, worst: np.ndarray, window_h: float) -> Estimate:
        """Expected share of demand served in the worst window of a year; `worst` (P,) hours that each path takes out of one."""
        if self.sample.years:
            return self.years().mean(1.0 - worst / window_h)
        rate, hours, world = self.of_lent(worst)
        up = windows.windowed_uptime(rate, hours, window_h, world, self.n)
        return Estimate(float(up.mean()), self._error_of_lent(up))

    def _error_of_lent(self, value: np.ndarray) -> float:
        """Standard error of the mean of a value of each world; worlds that lend each other episodes lie in one batch."""
        parts = value
        if self.lent.path.size > self.tells.sum():
            parts = np.array([value[k::ERROR_BATCHES].mean() for k in range(min(ERROR_BATCHES, self.n))])
        return float(np.std(parts, ddof=1) / math.sqrt(parts.size)) if parts.size > 1 else abs(float(value.mean()))

    def of_lent_worlds(self, value: np.ndarray, known: Known) -> Estimate:
        """`of`, for a value of each world that its lent episodes make."""
        return replace(self.of(value, known), standard_error=self._error_of_lent(value))

    def ratio(self, a: np.ndarray, b: np.ndarray) -> Estimate | None:
        """Amount a for each amount b (per path), error by the delta method over worlds; None if there is no b."""
        over, under = self.by_world(a), self.by_world(b)
        if under.sum() <= 0.0:
            return None
        value = over.sum() / under.sum()
        error = np.std(over - value * under, ddof=1) / math.sqrt(self.n) / under.mean() if self.n > 1 else abs(value)
        return Estimate(float(value), float(error))

    def estimate(self, per_path: np.ndarray) -> Estimate:
        return self.of(self.by_world(per_path), self.known_by_world(per_path))

    @cached_property
    def played_years(self) -> float:
        """Years of which there is at least one run, of whatever begins most often: no run stands for more than one in so many."""
        return self.n / float(self.weight.max(initial=0.0)) if self.weight.any() else math.inf

    def often(self, per_path: np.ndarray, most: float = math.inf) -> dict[str, Any]:
        """How often a year; of what few runs show, or none, also what runs that do not show it leave possible (95 %), up to `most`.

        Whatever is expected `UNSEEN` times or more in the runs is missed by all of them in 5 % of samples at most; no run adds more
        than one in `played_years` a year.
        """
        found = self.estimate(per_path).as_dict()
        seen = found["standard_error"] < FEW * found["value"]
        return found if seen else found | {"at_most": max(found["value"], min(UNSEEN / self.played_years, most))}

    def of(self, value: np.ndarray, known: Known) -> Estimate:
        """Mean over the worlds; its standard error; the band of the worlds with the simulation's noise taken out."""
        return self.of_each([value], [known])[0]

    def of_each(self, values: Sequence[np.ndarray], known: Sequence[Known]) -> list[Estimate]:
        """`of` for each of several quantities."""
        value = np.column_stack(values)
        mean = value.mean(axis=0)
        error = np.std(value, axis=0, ddof=1) / math.sqrt(self.n) if self.n > 1 else np.abs(mean)
        if not self.banded:
            return [Estimate(float(m), float(e)) for m, e in zip(mean, error, strict=True)]
        seen, expected, noise = (np.column_stack(columns) for columns in zip(*known, strict=True))
        low, high, between = ignorance.bands(seen, noise, expected)
        hidden = HIDDEN * math.sqrt(2 / (self.n - 1)) * noise.mean(axis=0)  # normal samples' variance: standard error of 2 / (n - 1)
        told = ~value.any(axis=0) | (between >= hidden)
        return [
            Estimate(float(m), float(e), (float(a), float(b)) if t else None)
            for m, e, a, b, t in zip(mean, error, low, high, told, strict=True)
        ]


def batch_error(batches: np.ndarray) -> np.ndarray:
    """Standard error of each column from batches (rows); nan where fewer than two batches have a value."""
    count = np.isfinite(batches).sum(axis=0)
    filled = np.where(np.isfinite(batches), batches, 0.0)
    mean = filled.sum(axis=0) / np.maximum(1, count)
    spread = np.where(np.isfinite(batches), batches - mean, 0.0)
    variance = (spread**2).sum(axis=0) / np.maximum(1, count - 1)
    return np.where(count > 1, np.sqrt(variance / np.maximum(1, count)), np.nan)


class _Years:
    """Years as rows: those that were played, or years drawn from the episodes; year i lies in world i mod n."""

    def __init__(self, worlds: Worlds) -> None:
        self.played = worlds.sample.years > 0
        self.n = worlds.n
        if not self.played:
            rate, world, self.told = worlds.lent  # episodes that bring nothing need not be drawn
            self.count = self.n * int(min(YEARS_OF_WORLD, max(20.0, MOST_DRAWN / max(1.0, rate.sum()))))
            drawn = simulate_years(rate, self.count, YEARS_SEED, world, self.n)
            order = np.argsort(drawn.episode, kind="stable")
            self.year = drawn.year[order].astype(np.int32)  # of each arrival, those of one episode together
            self.begin = np.searchsorted(drawn.episode[order], np.arange(self.told.size + 1))
        else:
            self.world = worlds.world

    def of(self, per_path: np.ndarray) -> np.ndarray:
        """The sum of each year."""
        if self.played:
            return per_path
        year, path = self.arrivals(per_path)
        return np.bincount(year, weights=per_path[path], minlength=self.count)

    def most(self, per_path: np.ndarray, largest: np.ndarray) -> np.ndarray:
        """The largest of each year; `largest` is what a path that is a year brings at most."""
        if self.played:
            return largest
        year, path = self.arrivals(per_path)
        most = np.zeros(self.count)
        np.maximum.at(most, year, per_path[path])
        return most

    def arrivals(self, per_path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Year and path of each arrival of an episode that brings something."""
        some = np.flatnonzero(per_path[self.told])
        count = self.begin[some + 1] - self.begin[some]
        first = np.repeat(self.begin[some] - np.cumsum(count) + count, count)
        return self.year[first + np.arange(count.sum())], np.repeat(self.told[some], count)

    def mean(self, by_year: np.ndarray) -> Estimate:
        parts = [by_year[b].mean() for b in self.batches()]
        error = float(np.std(parts, ddof=1) / math.sqrt(len(parts))) if len(parts) > 1 else abs(float(by_year.mean()))
        return Estimate(float(by_year.mean()), error)

    def batches(self) -> list[np.ndarray]:
        """Indices of the years of each batch of worlds."""
        group = (self.world if self.played else np.arange(self.count) % self.n) % min(ERROR_BATCHES, self.n)
        return [np.flatnonzero(group == g) for g in range(group.max() + 1)]
