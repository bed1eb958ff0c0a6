"""What a firm's own history does to what is believed: prior and data give a posterior.

Rates are Poisson, chances binomial, times lognormal. A gamma, beta or lognormal prior is updated in closed
form (conjugate; NUREG/CR-6823, chapter 6); any other by integration over the prior's own quantiles. Before
that the prior is asked whether it finds the history surprising (the tail of the prior predictive). Where it
does, the prior is not pooled with the data in silence: it becomes one part of a mixture whose other part is
wide, and the data decide by their marginal likelihood how much of each is left (Berger and Berliner 1986;
O'Hagan and Pericchi 2012). A number that was stated exactly is never changed: it is only told that the
history speaks against it.

Old evidence counts less. Ages are in days before the day that the model calls today.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from blackstart.distributions import Z95, Dist
from blackstart.evidence.rows import table
from blackstart.evidence.rules import ORGANISATION_CASES
from blackstart.units import Chance

if TYPE_CHECKING:
    import numpy as np

DEMAND_HALF_LIFE_D = 365.0  # a demonstration two years old counts a quarter
INCIDENT_HALF_LIFE_D = 3 * 365.0  # incidents, and the time watched for them: what fails changes more slowly than what people remember
DRILL_WEIGHT = 0.5  # a drill is planned, warm and watched: it counts half of a demand in earnest
SURPRISING = 0.05  # a history that the prior holds for less likely than this is not pooled with it in silence
PRIOR_KEPT = 0.8  # weight of the informed part of the mixture before the data
WIDE_EF = 30.0  # the wide part of a rate: one organisation in twenty lies above 30 times the prior's median
_WORTH = ORGANISATION_CASES  # a prior of a time is worth so many incidents for its middle, unless it says of how many ...
_FREEDOM = 5.0  # ... and so many for its spread
_WORTH_WIDE = 0.1
_STEPS, _REACH = 8001, 7.0  # points of the integration over a prior, in standard normal units
_MOST_SUMMED = 100_000  # demands up to which the beta-binomial is summed term by term
_VALUES = 1000  # quantiles that stand for a posterior without a closed form


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed after some data.

    Attributes
    ----------
    posterior : Dist
        Of a rate per year, a chance, or (predictive, for one further case) a time in hours.
    how : str
        ``conjugate`` · ``integrated`` · ``mixture`` (they clash) · ``kept`` (the prior is exact) ·
        ``alone`` (there was no prior) · ``apart`` (the data are of something else) · ``unread`` (what was
        seen cannot be counted).
    surprise : float
        How likely the prior held data as extreme as these, on their side; 1 without a prior.
    data_weight : float
        Weight of the data in the posterior's middle against that of the prior (a credibility factor):
        0 nothing was learnt, 1 only the data count.
    kept : float
        Weight that is left to the informed prior in a mixture; 1 if there is none.
    cases : float or None
        Of a time: how many cases its middle is worth now.
    """

    posterior: Dist
    how: str
    surprise: float = 1.0
    data_weight: float = 1.0
    kept: float = 1.0
    cases: float | None = None


# --------------------------------------------------------------------------- age


def fade(age_d: float, half_life_d: float) -> float:
    """What evidence of an age still counts; none is older than today."""
    return 0.5 ** (max(0.0, age_d) / half_life_d)


def faded_span(from_age_d: float, to_age_d: float, half_life_d: float) -> float:
    """Days that a time under watch still counts, from one age (in days) to a lower one."""
    rate = math.log(2) / half_life_d
    return (fade(to_age_d, half_life_d) - fade(from_age_d, half_life_d)) / rate


def aged(chance: Chance, age_d: float | None) -> Dist:
    """A chance today that was shown `k of n` times some days ago; one that was not counted does not age."""
    if not age_d or chance.demands is None or chance.successes is None:
        return chance.dist
    left = fade(age_d, DEMAND_HALF_LIFE_D)
    return Dist("beta", 0.5 + chance.successes * left, 0.5 + (chance.demands - chance.successes) * left)


# --------------------------------------------------------------------------- integration over a prior


def _grid(dist: Dist) -> tuple[np.ndarray, np.ndarray]:
    """Values of a distribution at equal steps of a standard normal, and the weight of each."""
    import numpy as np
    from scipy import special

    z = np.linspace(-_REACH, _REACH, _STEPS)
    weight = np.exp(-0.5 * z * z)
    return np.asarray(dist.quantile(special.ndtr(z)), float), weight / weight.sum()


def _grid_of_chance(dist: Dist) -> tuple[np.ndarray, np.ndarray]:
    """The same for a chance, a little inside 0..1: data can speak against it but not make it impossible."""
    import numpy as np

    x, weight = _grid(dist)
    return np.clip(x, 1e-12, 1.0 - 1e-12), weight


def _tabled(parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> Dist:
    """Weighted values as a distribution of equally likely ones."""
    import numpy as np

    values = np.concatenate([x for x, _ in parts])
    weight = np.concatenate([w for _, w in parts])
    order = np.argsort(values, kind="stable")
    values, weight = values[order], weight[order]
    middle = np.cumsum(weight) - 0.5 * weight
    at = (np.arange(_VALUES) + 0.5) / _VALUES
    return Dist("empirical", values=tuple(np.interp(at, middle / weight.sum(), values).tolist()))


def _tilted(x: np.ndarray, weight: np.ndarray, log_likelihood: np.ndarray) -> tuple[float, np.ndarray]:
    """Log of the marginal likelihood, and the weights after the data."""
    import numpy as np

    top = float(np.max(log_likelihood))
    after = weight * np.exp(log_likelihood - top)
    total = float(after.sum())
    return top + math.log(total), after / total


def _mixed(logs: Sequence[float]) -> float:
    """Weight left to the first of two parts, from their log marginal likelihoods."""
    a, b = math.log(PRIOR_KEPT) + logs[0], math.log1p(-PRIOR_KEPT) + logs[1]
    return 1.0 / (1.0 + math.exp(min(700.0, b - a)))


# --------------------------------------------------------------------------- rates


@functools.lru_cache(maxsize=4096)  # a thousand servers of one kind without an incident learn the same
def rate(prior: Dist | None, events: float, exposure_yr: float, *, seen: tuple[float, float] | None = None) -> Belief:
    """A rate per year after so many events in so many years.

    Parameters
    ----------
    prior : Dist or None
        Of the rate, per year; None if nothing was believed (then Jeffreys' prior: gamma of shape 1/2).
    events, exposure_yr : float
        What is counted, after ageing; fractions are allowed.
    seen : (events, years), optional
        What was really seen, for the question of surprise; unless stated the same.
    """
    n, years = seen or (events, exposure_yr)
    if prior is None:
        return Belief(Dist("gamma", events + 0.5, 1.0 / exposure_yr), "alone")
    surprise = rate_surprise(prior, n, years)
    if prior.kind == "point":
        return Belief(prior, "kept", surprise, 0.0)
    weight = exposure_yr / (exposure_yr + _worth_of_rate(prior))
    if surprise < SURPRISING:
        return replace(_rate_mixture(prior, events, exposure_yr, weight), surprise=surprise)
    if prior.kind == "gamma":
        return Belief(_gamma_after(prior, events, exposure_yr), "conjugate", surprise, weight)
    x, w = _grid(prior)
    _, after = _tilted(x, w, _log_poisson(x, events, exposure_yr))
    return Belief(_tabled([(x, after)]), "integrated", surprise, weight)


def rate_surprise(prior: Dist, events: float, exposure_yr: float) -> float:
    """The smaller tail of the prior predictive count: P(N >= events) or P(N <= events).

    For a gamma prior the count is negative binomial, in closed form.
    """
    from scipy import special

    n = math.floor(events)
    if prior.kind == "gamma":
        p = 1.0 / (1.0 + prior.b * exposure_yr)
        below, most = (float(special.betainc(prior.a, k + 1.0, p)) if k >= 0 else 0.0 for k in (n - 1, n))
    else:
        x, w = _grid(prior)
        below, most = (float(w @ special.gammaincc(k + 1.0, x * exposure_yr)) if k >= 0 else 0.0 for k in (n - 1, n))
    return max(0.0, min(most, 1.0 - below))


def predicted(rates: Sequence[tuple[Dist, float]]) -> Dist:
    """How many incidents several rates, each known by itself, bring in so many years each: what is believed of the mean of that count.

    The gamma with the mean and the variance of the sum; a point where all rates are known.
    """
    import numpy as np

    mean, variance = 0.0, 0.0
    for dist, years in rates:
        middle = dist.mean()
        mean += middle * years
        if dist.kind == "empirical":
            variance += float(np.var(dist.values)) * years**2
        elif dist.kind != "point":
            variance += middle / _worth_of_rate(dist) * years**2
    return Dist("gamma", mean**2 / variance, variance / mean) if variance > 0.0 else Dist("point", mean)


def _gamma_after(prior: Dist, events: float, exposure_yr: float) -> Dist:
    return Dist("gamma", prior.a + events, 1.0 / (1.0 / prior.b + exposure_yr))


def _log_poisson(x: Any, events: float, exposure_yr: float) -> Any:
    from scipy import special

    return special.xlogy(events, x) - x * exposure_yr


def log_marginal_rate(prior: Dist, events: float, exposure_yr: float) -> float:
    """Log of the chance of the data under a gamma prior, up to what does not depend on the prior."""
    a, b = prior.a, 1.0 / prior.b
    return a * math.log(b) - math.lgamma(a) + math.lgamma(a + events) - (a + events) * math.log(b + exposure_yr)


def _worth_of_rate(prior: Dist) -> float:
    """Years of watching that a prior is worth: mean over variance (the exposure, for a gamma)."""
    if prior.kind == "gamma":
        return 1.0 / prior.b
    x, w = _grid(prior)
    mean = float(w @ x)
    return mean / max(float(w @ (x - mean) ** 2), 1e-300)


def wide_rate(prior: Dist) -> Dist:
    """The wide part beside a prior of a rate: the same median, an error factor of 30."""
    return Dist("lognormal", max(prior.median(), 1e-12), math.log(WIDE_EF) / Z95)


def _rate_mixture(prior: Dist, events: float, exposure_yr: float, weight: float) -> Belief:
    """`weight` is that of the data beside the informed part alone."""
    if prior.kind == "gamma":
        log_prior = log_marginal_rate(prior, events, exposure_yr)
        informed = _grid(_gamma_after(prior, events, exposure_yr))
    else:
        x, w = _grid(prior)
        log_prior, after = _tilted(x, w, _log_poisson(x, events, exposure_yr))
        informed = x, after
    wide = wide_rate(prior)
    x, w = _grid(wide)
    log_wide, after = _tilted(x, w, _log_poisson(x, events, exposure_yr))
    kept = _mixed((log_prior, log_wide))
    weight = kept * weight + (1 - kept) * exposure_yr / (exposure_yr + _worth_of_rate(wide))
    return Belief(_tabled([(informed[0], kept * informed[1]), (x, (1 - kept) * after)]), "mixture", data_weight=weight, kept=kept)


# --------------------------------------------------------------------------- chances

_JEFFREYS = Dist("beta", 0.5, 0.5)


def chance(prior: Dist | None, successes: float, failures: float, *, seen: tuple[float, float] | None = None) -> Belief:
    """A chance to work after so many successes and failures on demand.

    Parameters
    ----------
    prior : Dist or None
        None if nothing was believed (then Jeffreys' prior, Beta(1/2, 1/2)).
    successes, failures : float
        What is counted, after ageing.
    seen : (successes, failures), optional
        What was really seen, for the question of surprise.
    """
    s, f = seen or (successes, failures)
    if prior is None:
        return Belief(_beta_after(_JEFFREYS, successes, failures), "alone")
    surprise = chance_surprise(prior, s, f)
    if prior.kind == "point":
        return Belief(prior, "kept", surprise, 0.0)
    demands = successes + failures
    weight = demands / (demands + _worth_of_chance(prior))
    if surprise < SURPRISING:
        return replace(_chance_mixture(prior, successes, failures, weight), surprise=surprise)
    if prior.kind == "beta":
        return Belief(_beta_after(prior, successes, failures), "conjugate", surprise, weight)
    x, w = _grid_of_chance(prior)
    _, after = _tilted(x, w, _log_binomial(x, successes, failures))
    return Belief(_tabled([(x, after)]), "integrated", surprise, weight)


def chance_surprise(prior: Dist, successes: float, failures: float) -> float:
    """The smaller tail of the prior predictive count of successes (beta-binomial for a beta prior)."""
    import numpy as np
    from scipy import special

    k, n = math.floor(successes), math.floor(successes) + math.floor(failures)
    if prior.kind == "beta" and n <= _MOST_SUMMED:
        counts = np.arange(n + 1.0)
        ways = special.gammaln(n + 1) - special.gammaln(counts + 1) - special.gammaln(n - counts + 1)
        chances = np.exp(ways + special.betaln(prior.a + counts, prior.b + n - counts) - special.betaln(prior.a, prior.b))
        most, least = float(chances[: k + 1].sum()), float(chances[k:].sum())
    else:
        x, w = _grid_of_chance(prior)
        most = float(w @ special.bdtr(k, n, x))
        least = float(w @ special.bdtrc(k - 1, n, x)) if k else 1.0
    return min(1.0, most, least)


def _beta_after(prior: Dist, successes: float, failures: float) -> Dist:
    return Dist("beta", prior.a + successes, prior.b + failures)


def _log_binomial(x: Any, successes: float, failures: float) -> Any:
    from scipy import special

    return special.xlogy(successes, x) + special.xlog1py(failures, -x)


def log_marginal_chance(prior: Dist, successes: float, failures: float) -> float:
    """Log of the chance of the data under a beta prior, up to what does not depend on the prior."""
    from scipy import special

    return float(special.betaln(prior.a + successes, prior.b + failures) - special.betaln(prior.a, prior.b))


def _worth_of_chance(prior: Dist) -> float:
    """Demands that a prior is worth (a + b, for a beta)."""
    if prior.kind == "beta":
        return prior.a + prior.b
    x, w = _grid_of_chance(prior)
    mean = float(w @ x)
    return max(0.0, mean * (1 - mean) / max(float(w @ (x - mean) ** 2), 1e-300) - 1.0)


def _chance_mixture(prior: Dist, successes: float, failures: float, weight: float) -> Belief:
    """The wide part is Jeffreys' prior; `weight` is that of the data beside the informed part alone."""
    if prior.kind == "beta":
        log_prior = log_marginal_chance(prior, successes, failures)
        informed = _grid(_beta_after(prior, successes, failures))
    else:
        x, w = _grid_of_chance(prior)
        log_prior, after = _tilted(x, w, _log_binomial(x, successes, failures))
        informed = x, after
    kept = _mixed((log_prior, log_marginal_chance(_JEFFREYS, successes, failures)))
    wide = _grid(_beta_after(_JEFFREYS, successes, failures))
    demands = successes + failures
    weight = kept * weight + (1 - kept) * demands / (demands + 1.0)
    return Belief(_tabled([(informed[0], kept * informed[1]), (wide[0], (1 - kept) * wide[1])]), "mixture", data_weight=weight, kept=kept)


# --------------------------------------------------------------------------- times


@dataclass(frozen=True, slots=True)
class LogTime:
    """Normal-inverse-gamma belief about the logarithm of a time: its middle and its spread are both unknown.

    The next time is ``exp(mu + s sqrt(1 + 1/kappa) t)`` with t of Student's distribution with nu degrees:
    its tail stays heavy while cases are few.
    """

    mu: float  # log of hours
    s: float
    kappa: float  # cases that the middle is worth
    nu: float  # cases that the spread is worth

    def scale(self, cases: float = 1.0) -> float:
        """Scale of the predictive mean log time of so many cases."""
        return self.s * math.sqrt(1.0 / cases + 1.0 / self.kappa)

    def quantile(self, u: float) -> float:
        """Predictive quantile of the next time, in hours."""
        from scipy import special

        return math.exp(self.mu + self.scale() * float(special.stdtrit(self.nu, u)))


def log_time_of(dist: Dist, worth: float = _WORTH) -> LogTime:
    """A prior of a time: its median and its 95th percentile, worth a few incidents."""
    median = dist.median()
    return LogTime(math.log(median), max(1e-3, math.log(dist.quantile(0.95) / median) / Z95), worth, _FREEDOM)


def usual_log_spread() -> float:
    """Spread of the logarithm of repair times where nothing is known: that of software incidents (row RP-DEF-SW)."""
    return math.log(float(table()["RP-DEF-SW"].parameters[1]["ef"])) / Z95


def log_time_after(prior: LogTime, hours: Sequence[float], weights: Sequence[float] | None = None) -> LogTime:
    """The belief after some times (hours), each counted with a weight."""
    w = weights or [1.0] * len(hours)
    logs = [math.log(h) for h in hours]
    n = math.fsum(w)
    mean = math.fsum(a * x for a, x in zip(w, logs, strict=True)) / n
    around = math.fsum(a * (x - mean) ** 2 for a, x in zip(w, logs, strict=True))
    kappa, nu = prior.kappa + n, prior.nu + n
    mu = (prior.kappa * prior.mu + n * mean) / kappa
    squares = prior.nu * prior.s**2 + around + prior.kappa * n / kappa * (mean - prior.mu) ** 2
    return LogTime(mu, math.sqrt(squares / nu), kappa, nu)


def log_marginal_time(prior: LogTime, after: LogTime) -> float:
    """Log of the density of the times that led from one belief to the other, up to what depends on neither."""
    return (
        math.lgamma(after.nu / 2) - math.lgamma(prior.nu / 2) + 0.5 * math.log(prior.kappa / after.kappa)
        + prior.nu / 2 * math.log(prior.nu * prior.s**2) - after.nu / 2 * math.log(after.nu * after.s**2)
    )  # fmt: skip


def duration(prior: Dist | None, hours: Sequence[float], weights: Sequence[float] | None = None, cases: float | None = None) -> Belief:
    """A time (hours) after some cases. The posterior is predictive: what the next case may take.

    `prior` is how its cases differ; its middle is worth so many `cases` (3 unless stated). A lognormal that has the predictive
    median and 95th percentile stands for the posterior. The spread is never taken
    from the sample alone: five incidents' worth of it comes from the prior or, without one, from the usual
    spread of incidents.
    """
    if prior is None:
        logs = [math.log(h) for h in hours]
        w = weights or [1.0] * len(hours)
        middle = math.fsum(a * x for a, x in zip(w, logs, strict=True)) / math.fsum(w)
        start = LogTime(middle, usual_log_spread(), 1e-9, _FREEDOM)
        after = log_time_after(start, hours, weights)
        return Belief(_lognormal([(1.0, after)]), "alone", cases=after.kappa)
    if prior.kind == "point":
        return Belief(prior, "kept", 1.0, 0.0)
    informed = log_time_of(prior, cases or _WORTH)
    surprise = duration_surprise(informed, hours)
    after = log_time_after(informed, hours, weights)
    weight = 1.0 - informed.kappa / after.kappa
    if surprise >= SURPRISING:
        return Belief(_lognormal([(1.0, after)]), "conjugate", surprise, weight, cases=after.kappa)
    wide = replace(informed, kappa=_WORTH_WIDE)
    wide_after = log_time_after(wide, hours, weights)
    kept = _mixed((log_marginal_time(informed, after), log_marginal_time(wide, wide_after)))
    weight = kept * weight + (1 - kept) * (1.0 - wide.kappa / wide_after.kappa)
    worth = kept * after.kappa + (1 - kept) * wide_after.kappa
    return Belief(_lognormal([(kept, after), (1 - kept, wide_after)]), "mixture", surprise, weight, kept, worth)


def duration_surprise(prior: LogTime, hours: Sequence[float]) -> float:
    """The smaller tail of the prior predictive mean of the logarithms of so many times."""
    from scipy import special

    mean = math.fsum(math.log(h) for h in hours) / len(hours)
    t = (mean - prior.mu) / prior.scale(len(hours))
    return float(special.stdtr(prior.nu, -abs(t)))


def _lognormal(parts: Sequence[tuple[float, LogTime]]) -> Dist:
    """The lognormal with the predictive median and 95th percentile of a mixture of beliefs."""
    median, high = (_mixture_quantile(parts, u) for u in (0.5, 0.95))
    return Dist("lognormal", median, math.log(high / median) / Z95)


def _mixture_quantile(parts: Sequence[tuple[float, LogTime]], u: float) -> float:
    from scipy import special

    if len(parts) == 1:
        return parts[0][1].quantile(u)
    ends = [math.log(part.quantile(u)) for _, part in parts]
    low, high = min(ends), max(ends)
    for _ in range(80):  # bisection: each part's own quantile lies on one side
        middle = (low + high) / 2
        below = math.fsum(w * float(special.stdtr(p.nu, (middle - p.mu) / p.scale())) for w, p in parts)
        low, high = (middle, high) if below < u else (low, middle)
    return math.exp((low + high) / 2)


def band(dist: Dist) -> tuple[float, float]:
    """5th and 95th percentile."""
    return float(dist.quantile(0.05)), float(dist.quantile(0.95))
