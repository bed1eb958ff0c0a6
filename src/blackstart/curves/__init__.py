"""Loss and outage curves from weighted episodes.

The engine gives a stratified sample of episodes: each stands for `rate` episodes a year (rate of its
stratum / samples in it) and carries a value (a loss, hours, lost service time). Episodes arrive as a Poisson
process, so everything a year can bring follows from that list without simulating years:

* the largest of a year (OEP): P(max > x) = 1 - exp(-sum of rates with value > x), exactly;
* the sum of a year (AEP): compound Poisson, by Fourier transform on a lattice, with a proven error.

A return period of T years is the amount that a year reaches or passes with probability 1/T; TVaR is the mean
of the worst 1/T of the years.

Episodes may belong to possible worlds, equally likely, each with rates of its own. A year lies in one of them:
probabilities are averaged, not rates. Where rates are not well known a year's sum has a much longer tail than
a single process with the mean rates would give, as the same ignorance hits every episode of the year.

OEP, AEP, TVaR and AAL are the words of Open Results Data (Oasis LMF). No names here: numpy arrays in, numpy
arrays out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ACCURACY = 1e-3  # relative error that aggregate curves are refined to
MOST_CELLS = 1 << 20  # of a lattice; beyond it the stated error grows instead
_COARSE_CELLS = 1 << 11
_NARROW, _WIDE = 1.5, 4.0  # top of a lattice, as a multiple of the amount that it was made for
_TILT = 12.0  # what wraps around is damped by exp(-12), and rounding grows by exp(6) at most
_SLACK = 1e-5  # share of a probability that the error bound may leave out
_SAME = 1e-9  # two probabilities closer than this (relatively) are the same one
_FAINT = 1e-10  # share of the years with a loss that arithmetic can still tell from none


# --------------------------------------------------------------------------- rates above a threshold


def exceedance_rate(rate: ArrayLike, value: ArrayLike, thresholds: ArrayLike) -> Floats:
    """How often a year something larger than each threshold comes.

    Parameters
    ----------
    rate : (n,) per year, of each episode or outage
    value : (n,) any unit
    thresholds : (k,) the same unit

    Returns
    -------
    (k,) per year: the sum of `rate` where `value` > threshold. Exact.

    Examples
    --------
    >>> exceedance_rate([0.5, 0.1, 0.02], [1, 8, 30], [0, 4, 24, 120])
    array([0.62, 0.12, 0.02, 0.  ])
    """
    values, reached = steps(rate, value)
    count = values.size - np.searchsorted(values[::-1], np.asarray(thresholds, float), side="right")
    return np.concatenate(([0.0], reached))[count]


def steps(rate: ArrayLike, value: ArrayLike) -> tuple[Floats, Floats]:
    """The whole curve as its corners.

    Returns
    -------
    (n,) values, largest first; (n,) per year: the rate at which each is reached or passed.
    """
    rates, values = weighted(rate, value)
    order = np.argsort(-values, kind="stable")
    return values[order], np.cumsum(rates[order])


def total_by_stratum(rate: ArrayLike, value: ArrayLike, stratum: ArrayLike) -> tuple[Floats, Floats]:
    """Yearly total of `value`, and the variance of that estimate, for each stratum.

    Parameters
    ----------
    rate : (n,) per year, of each sample: rate of its stratum / samples in it
    value : (n,) of each sample; those that brought nothing must be there too, with 0
    stratum : (n,) int, 0 or more

    Returns
    -------
    (strata,) sum of rate x value; (strata,) its variance. The sums over strata are the estimate and the
    variance of the whole. A stratum with a single sample shows no spread: the square of its estimate is
    taken for its variance.

    Notes
    -----
    Stratified sampling with replacement: n / (n - 1) x sum of squared deviations of rate x value (Cochran
    1977, "Sampling Techniques", 5.3 and 9A.3).

    Examples
    --------
    >>> total_by_stratum([0.1, 0.1, 0.01], [2.0, 4.0, 30.0], [0, 0, 1])
    (array([0.6, 0.3]), array([0.04, 0.09]))
    """
    rates, values = weighted(rate, value)
    group = np.asarray(stratum, np.int64)
    count = np.bincount(group)
    part = rates * values
    total = np.bincount(group, part)
    mean = total / np.maximum(count, 1)
    squares = np.bincount(group, (part - mean[group]) ** 2)
    spread = squares * count / np.maximum(count - 1, 1)
    return total, np.where(count == 1, total**2, spread)


# ---------------------------------------------------------------------- the largest and the sum of a year


@dataclass(frozen=True, slots=True)
class Curve:
    """Amounts by return period; every field has shape (k,).

    amount : reached or passed with probability 1 / return period in a year; nan where not supported
    tvar : mean of the worst 1 / return period of the years; nan where not supported
    supported : False beyond the return period of the largest sample: nothing was seen there
    error : most that `amount` and `tvar` can be off by for the way they are computed (0: exact, inf: the
        amount jumps just there); the sampling error is another thing
    """

    return_periods: Floats
    amount: Floats
    tvar: Floats
    supported: NDArray[np.bool_]
    error: Floats


def aal(rate: ArrayLike, loss: ArrayLike) -> float:
    """Average annual loss: sum of rate x loss, in the unit of `loss` per year. Exact."""
    rates, losses = weighted(rate, loss)
    return float(rates @ losses)


def oep(
    rate: ArrayLike,
    loss: ArrayLike,
    return_periods: ArrayLike,
    world: ArrayLike | None = None,
    worlds: int = 1,
) -> Curve:
    """The largest episode of a year. Exact for Poisson arrivals.

    Parameters
    ----------
    rate : (n,) per year, in its own world
    loss : (n,) 0 or more; samples without a loss may be there or not
    return_periods : (k,) years, above 1
    world : (n,) int below `worlds`: which possible world each belongs to; unless given, all to one
    worlds : how many there are, those without episodes too

    Raises
    ------
    ValueError
        A return period of 1 year or less; rates or losses that are negative or not finite.

    Examples
    --------
    >>> curve = oep([0.1, 0.01], [5.0, 80.0], [2, 20, 1000])
    >>> curve.amount, curve.supported
    (array([ 0.,  5., nan]), array([ True,  True, False]))
    """
    years, p = _yearly(return_periods)
    sample = sample_of(rate, loss, world, worlds)
    losses, reached = _largest(sample)
    amount, tvar = _steps_at(reached, losses, p)
    return _curve(years, p, _top_share(sample), amount, tvar, np.zeros_like(p))


def of_years(values: ArrayLike, return_periods: ArrayLike) -> Curve:
    """A curve by order statistics from simulated or observed years.

    Parameters
    ----------
    values : (years,) the total (AEP) or the largest loss (OEP) of each year, quiet years as 0
    return_periods : (k,) years, above 1

    Notes
    -----
    Of N years, the amount at T is the one of rank N / T (rounded up) and TVaR the mean of the worst N / T,
    as in the worked example `TVAR.xlsx` of Open Results Data. Beyond N years nothing is supported.
    """
    years, p = _yearly(return_periods)
    losses = -np.sort(-np.asarray(values, float))
    share = np.arange(1, losses.size + 1) / max(losses.size, 1)
    amount, tvar = _steps_at(share, losses, p)
    return _curve(years, p, 1.0 / max(losses.size, 1), amount, tvar, np.zeros_like(p))


def aep(
    rate: ArrayLike,
    loss: ArrayLike,
    return_periods: ArrayLike,
    accuracy: float = ACCURACY,
    world: ArrayLike | None = None,
    worlds: int = 1,
) -> Curve:
    """The sum of all episodes of a year: compound Poisson.

    Parameters
    ----------
    rate : (n,) per year, in its own world
    loss : (n,) 0 or more
    return_periods : (k,) years, above 1
    accuracy : relative error to stay below; 0.01 is some five times as fast
    world, worlds : as for `oep`; the work grows with the number of worlds. Each world's sample should hold
        many times the episodes that a year brings, or its noise is taken for a difference between worlds

    Returns
    -------
    Curve whose `error` is a bound, not a guess (see Notes). It stays below `accuracy` unless the curve is
    steep at just that return period or there are so many small losses that `MOST_CELLS` does not do.
    Nothing is supported that fewer than 1 in 10^10 of the years with a loss reach.

    Notes
    -----
    Losses are put on a lattice of step h so that their mean is kept: one at (j + r) h becomes j h with
    probability 1 - r, else (j + 1) h. The sum of a year then differs from the true one by independent errors
    of mean 0, at most h each, whose variances add up to V = sum of rate x r (1 - r) h^2; by Bennett's
    inequality for compound Poisson sums their total stays below c, save with a probability that is a 1e-5
    part of the one asked for. Quantiles and TVaR of the two differ by c at most, and c decides h.
    The distribution on the lattice is the inverse transform of exp(transform of rates - total rate) (Bühlmann
    1984, "Numerical evaluation of the compound Poisson distribution: recursion or fast Fourier transform?"),
    exponentially tilted so that wrap-around does not matter (Grübel and Hermesmeier 1999, ASTIN Bulletin
    29:197-214). Losses above the lattice enter exactly: one of them is enough to be above it. So each return
    period can have a lattice that ends near its own amount, however heavy the tail.
    """
    years, p = _yearly(return_periods)
    everything = sample_of(rate, loss, world, worlds)
    floor = oep(rate, loss, years, world, worlds)  # a year's sum is never below its largest
    sample = everything.of(everything.losses > 0)
    top = max(_top_share(everything), sample.chance_of_any() * _FAINT)
    amount, tvar, error = np.zeros_like(p), np.zeros_like(p), np.zeros_like(p)
    mean = float(sample.rates @ sample.losses) / worlds
    lattice: _Lattice | None = None
    for k in np.argsort(-p):
        if p[k] < top * (1 - _SAME):
            continue
        if floor.amount[k] == 0.0:  # years without any loss are more frequent than that
            tvar[k] = mean / p[k]
            continue
        if lattice is None or not lattice.serves(p[k], accuracy):
            lattice = _lattice_for(sample, p[k], floor.amount[k], accuracy)
        cell = lattice.cell(p[k])
        amount[k] = max(cell * lattice.step, floor.amount[k])
        tail = (mean - lattice.area(cell)) / p[k]
        tvar[k] = max(cell * lattice.step + tail, floor.tvar[k], amount[k])
        error[k] = lattice.error(p[k])
    return _curve(years, p, top, amount, tvar, error)


def aep_probability(
    rate: ArrayLike,
    loss: ArrayLike,
    amounts: ArrayLike,
    accuracy: float = ACCURACY,
    world: ArrayLike | None = None,
    worlds: int = 1,
) -> Floats:
    """Probability that the sum of a year's losses is larger than each amount.

    Parameters
    ----------
    rate, loss : (n,)
    amounts : (k,) 0 or more
    world, worlds : as for `oep`
    accuracy : what is given is the probability for an amount within this share of the one asked for

    Returns
    -------
    (k,) between 0 and 1. Above the largest loss of the sample only coincidences are counted.
    """
    everything = sample_of(rate, loss, world, worlds)
    sample = everything.of(everything.losses > 0)
    asked = np.asarray(amounts, float)
    losses, reached = _largest(sample)
    larger = losses.size - np.searchsorted(losses[::-1], asked, side="right")
    floor = np.concatenate(([0.0], reached))[larger]
    found = floor.copy()
    lattice: _Lattice | None = None
    for k in np.argsort(asked):
        if asked[k] <= 0.0 or not sample.losses.size:
            continue
        if lattice is None or asked[k] > lattice.step * (lattice.above.size - 1):
            # what is far below the resolution of a double does not matter
            lattice = _fine(sample, asked[k], max(floor[k], 1e-9), accuracy)
        cell = int(asked[k] / lattice.step * (1 + _SAME))
        found[k] = min(max(lattice.above[min(cell, lattice.above.size - 1)], floor[k]), 1.0)
    return found


def weighted(rate: ArrayLike, value: ArrayLike) -> tuple[Floats, Floats]:
    """Rates and values as arrays, without those that never come."""
    rates, values = np.asarray(rate, float), np.asarray(value, float)
    if rates.shape != values.shape or rates.ndim != 1:
        raise ValueError(f"rates and values of unlike shapes: {rates.shape}, {values.shape}")
    if not (np.isfinite(rates).all() and np.isfinite(values).all()):
        raise ValueError("rates and values must be finite")
    if (rates < 0).any() or (values < 0).any():
        raise ValueError("rates and values must not be negative")
    return (rates, values) if rates.all() else (rates[rates > 0], values[rates > 0])


def _yearly(return_periods: ArrayLike) -> tuple[Floats, Floats]:
    years = np.atleast_1d(np.asarray(return_periods, float))
    if not (years > 1).all():
        raise ValueError("return periods must be above 1 year")
    return years, 1.0 / years


@dataclass(frozen=True, slots=True)
class Sample:
    """Episodes, sorted by world; those of world w from offsets[w] to offsets[w + 1]. Rates in their own world."""

    rates: Floats
    losses: Floats
    offsets: Ints

    @property
    def worlds(self) -> int:
        return self.offsets.size - 1

    def of(self, keep: NDArray[np.bool_]) -> Sample:
        kept = np.concatenate(([0], np.cumsum(keep)))[self.offsets]
        return Sample(self.rates[keep], self.losses[keep], kept)

    def sums(self, values: Floats) -> Floats:
        """(worlds,) sum of `values` (n,) in each world."""
        number = np.repeat(np.arange(self.worlds), np.diff(self.offsets))
        return np.bincount(number, values, self.worlds)

    def chance_of_any(self) -> float:
        """Probability of a year with at least one of the episodes."""
        return float(np.mean(-np.expm1(-self.sums(self.rates))))


def sample_of(rate: ArrayLike, loss: ArrayLike, world: ArrayLike | None, worlds: int) -> Sample:
    """Episodes that come, sorted by world; `world` (n,) is the world of each, all of one where it is None."""
    rates, losses = weighted(rate, loss)
    if world is None:
        return Sample(rates, losses, np.array([0, rates.size]))
    numbers = np.asarray(world, np.int64)[np.asarray(rate, float) > 0]
    if numbers.shape != rates.shape or (rates.size and not 0 <= numbers.min() <= numbers.max() < worlds):
        raise ValueError("worlds do not fit the rates, or are not below the number of worlds")
    order = np.argsort(numbers, kind="stable")
    count = np.bincount(numbers, minlength=worlds)
    return Sample(rates[order], losses[order], np.concatenate(([0], np.cumsum(count))))


def _largest(sample: Sample) -> tuple[Floats, Floats]:
    """Values, largest first, and the probability that the largest of a year reaches or passes each."""
    chance = np.empty_like(sample.rates)
    for begin, end in zip(sample.offsets[:-1].tolist(), sample.offsets[1:].tolist(), strict=True):
        order = begin + np.argsort(-sample.losses[begin:end], kind="stable")
        rates = sample.rates[order]
        # this one comes, and none that is larger
        chance[order] = -np.expm1(-rates) * np.exp(-(np.cumsum(rates) - rates)) / sample.worlds
    order = np.argsort(-sample.losses, kind="stable")
    return sample.losses[order], np.cumsum(chance[order])


def _top_share(sample: Sample) -> float:
    """Probability of a year with the largest sample; less than that the sample cannot speak of."""
    if not sample.rates.size:
        return 0.0
    most = sample.rates[sample.losses == sample.losses.max()].max()
    return -math.expm1(-most) / sample.worlds


def _steps_at(reached: Floats, losses: Floats, p: Floats) -> tuple[Floats, Floats]:
    """Quantile and tail mean of a step function: P(year's value >= losses[k]) = reached[k], largest first."""
    losses = np.append(losses, 0.0)  # the quiet years
    reached = np.append(reached, 1.0)
    place = np.minimum(np.searchsorted(reached, p * (1 - _SAME)), losses.size - 1)
    below = np.concatenate(([0.0], reached))[place]
    area = np.concatenate(([0.0], np.cumsum(np.diff(reached, prepend=0.0) * losses)))[place]
    return losses[place], (area + np.maximum(p - below, 0.0) * losses[place]) / p


def _curve(years: Floats, p: Floats, top: float, amount: Floats, tvar: Floats, error: Floats) -> Curve:
    supported = p >= top * (1 - _SAME)
    return Curve(
        years, np.where(supported, amount, np.nan), np.where(supported, tvar, np.nan), supported,
        np.where(supported, error, np.nan),
    )  # fmt: skip


# --------------------------------------------------------------------------- the lattice


@dataclass(frozen=True, slots=True)
class _Lattice:
    """Distribution of a year's sum on the points 0, step, 2 step ...

    above : (cells + 1,) probability that the sum is larger than each point
    variance : of the rounding, in steps squared; of the worst world
    haze : error of the arithmetic in `above`
    """

    step: float
    above: Floats
    variance: float
    haze: float

    def cell(self, p: float) -> int:
        """The last point that is reached or passed with probability `p`."""
        return int(np.searchsorted(-self.above, -p, side="right"))

    def area(self, cell: int) -> float:
        """Expected sum of a year, up to that point: the integral of `above`."""
        return float(self.above[:cell].sum()) * self.step

    def drift(self, p: float) -> float:
        """How far rounding moves the sum of a year, but for a `_SLACK` part of `p`; same unit as step."""
        return self.step * _drift(self.variance, p)

    def doubt(self, p: float) -> float:
        """How much a probability near `p` can be off: rounding of both signs, wrap-around, arithmetic."""
        return p * (2 * _SLACK + math.exp(-_TILT)) + self.haze

    def error(self, p: float) -> float:
        """Bound on the error of the amount at `p`, same unit as step."""
        if self.above[-1] >= p - self.doubt(p):
            return math.inf
        here = self.cell(p)
        least, most = self.cell(p + self.doubt(p)), self.cell(p - self.doubt(p))
        return max(here - least, most - here) * self.step + self.drift(p)

    def serves(self, p: float, accuracy: float) -> bool:
        """Whether the amount at `p` is on the lattice and fine enough."""
        if self.above[-1] >= p:
            return False
        return self.drift(p) <= accuracy * self.cell(p) * self.step / 2


def _drift(variance: float, p: float) -> float:
    """Bennett's bound in steps: P(|sum of errors| > c) <= 2 exp(V (e^y - 1 - y) - y c), best y."""
    y = np.geomspace(1e-3, 20.0, 200)
    return float(np.min((math.log(1 / (_SLACK * p)) + variance * (np.expm1(y) - y)) / y))


def _lattice(sample: Sample, top: float, cells: int) -> _Lattice:
    """The sum of a year on `cells` steps up to `top`."""
    above = np.zeros(cells + 1)
    variance = busiest = 0.0
    for begin, end in zip(sample.offsets[:-1].tolist(), sample.offsets[1:].tolist(), strict=True):
        if end > begin:
            rates, places = sample.rates[begin:end], sample.losses[begin:end] / (top / cells)
            here, rounding = _above(rates, places, cells)
            above += here
            variance, busiest = max(variance, rounding), max(busiest, float(rates.sum()))
    above = np.minimum.accumulate(np.maximum(above / sample.worlds, 0.0))
    return _Lattice(top / cells, above, variance, 1e-12 * float(above[0]) * (1 + busiest))


def _above(rates: Floats, places: Floats, cells: int) -> tuple[Floats, float]:
    """One world: probability that a year's sum is above 0, 1 .. `cells` steps, and variance of the rounding.

    `places` are the losses in steps.
    """
    low = places <= cells
    beyond = float(rates[~low].sum())
    inside, place = rates[low], places[low]
    cell = place.astype(np.int64)
    part = place - cell
    weights = np.bincount(cell, inside * (1 - part), cells + 2)
    weights += np.bincount(cell + 1, inside * part, cells + 2)
    weights[0] = 0.0  # nothing happens
    density = compound(weights)[1 : cells + 1]
    coming = float(weights.sum())
    # 1 - P(nothing) - ... keeps its digits where 1 - distribution function would lose them
    above = -math.expm1(-coming - beyond) - math.exp(-beyond) * np.concatenate(([0.0], np.cumsum(density)))
    return above, float(inside @ (part * (1 - part)))


def compound(weights: Floats) -> Floats:
    """(n,) probability of each sum of a Poisson number of steps with these rates (n,); [0] is left out (0)."""
    size = _fast(2 * weights.size)
    tilt = np.exp(-_TILT / size * np.arange(weights.size))
    transform = np.fft.rfft(weights * tilt, size)
    total = float(weights.sum())
    if total < 1.0:  # rare: subtract "nothing" before the digits are lost
        rest = np.fft.irfft(np.expm1(transform), size) * math.exp(-total)
    else:
        rest = np.fft.irfft(np.exp(transform - total), size)
    density = rest[: weights.size] / tilt
    density[0] = 0.0
    return density


def _fast(least: int) -> int:
    """The smallest length of 2^k, 5 x 2^k or 3 x 2^k: quick to transform."""
    power = 1 << max(least - 1, 8).bit_length()
    return min(size for size in (power, power // 8 * 5, power // 4 * 3) if size >= least)


def _lattice_for(sample: Sample, p: float, least: float, accuracy: float) -> _Lattice:
    """A lattice that ends a little above the amount at `p`, which is `least` or more."""
    usual = sample.losses <= least
    expected = float(sample.rates[usual] @ sample.losses[usual]) / sample.worlds
    top = _WIDE * max(least, expected)
    rough = _lattice(sample, top, _COARSE_CELLS)
    while rough.above[-1] >= p or rough.cell(p) < _COARSE_CELLS // 32:
        top *= _WIDE if rough.above[-1] >= p else 1 / 8
        rough = _lattice(sample, top, _COARSE_CELLS)
    amount = rough.cell(p) * rough.step
    lattice = _fine(sample, amount, p, accuracy)
    while lattice.above[-1] >= p:
        amount *= 2
        lattice = _fine(sample, amount, p, accuracy)
    return lattice


def _fine(sample: Sample, amount: float, p: float, accuracy: float) -> _Lattice:
    """A lattice from 0 past `amount`, so fine that rounding moves that by less than half of `accuracy`."""
    inside = sample.of(sample.losses <= _WIDE * amount)
    step = amount * accuracy / 6
    for _ in range(3):  # a finer step lets more of the small losses be rounded: settle both
        variance = float(inside.sums(inside.rates * np.minimum(0.25, inside.losses / step)).max())
        step = amount * accuracy / 2 / _drift(variance, p)
    wide = _WIDE if _WIDE * amount / step < MOST_CELLS / 8 else _NARROW
    cells = min(math.ceil(wide * amount / step), MOST_CELLS)
    return _lattice(sample, wide * amount, cells)
