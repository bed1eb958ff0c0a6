"""Posteriors against closed forms, numerical integration and simulated firms.

Closed forms: NUREG/CR-6823, Handbook of Parameter Estimation for Probabilistic Risk Assessment (2003), sections 6.2 and 6.3;
normal-inverse-gamma: Gelman et al., Bayesian Data Analysis, third edition, section 3.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

from blackstart.distributions import Dist
from blackstart.evidence import update
from blackstart.units import read_chance

GRID_PRIOR = Dist("gamma", 1.58, 1 / 44.02)
LOGNORMAL = Dist("lognormal", 0.28, math.log(5) / 1.6448536269514722)
U = (0.05, 0.5, 0.95)


# --------------------------------------------------------------------------- closed forms


def test_jeffreys() -> None:
    assert update.rate(None, 2, 400.0).posterior == Dist("gamma", 2.5, 1 / 400)
    assert update.chance(None, 3, 7).posterior == Dist("beta", 3.5, 7.5)
    assert update.rate(None, 0, 10.0).how == "alone"


def test_conjugate_updates() -> None:
    after = update.rate(GRID_PRIOR, 1, 6.0)
    assert after.how == "conjugate"
    assert (after.posterior.a, 1 / after.posterior.b) == pytest.approx((2.58, 50.02))
    assert after.data_weight == pytest.approx(6 / 50.02)  # of the data's own rate in the mean: (b m + T n/T) / (b + T)
    prior_mean, rate = 1.58 / 44.02, 1 / 6
    assert after.posterior.mean() == pytest.approx((1 - after.data_weight) * prior_mean + after.data_weight * rate)
    starts = update.chance(Dist("beta", 179.0, 1.0), 299, 1)
    assert starts.posterior == Dist("beta", 478.0, 2.0)
    assert starts.data_weight == pytest.approx(300 / 480)


def test_zero_events_are_data() -> None:
    assert update.rate(GRID_PRIOR, 0, 6.0).posterior.mean() == pytest.approx(1.58 / 50.02)


def test_times_by_hand() -> None:
    """Prior worth 3 incidents for the middle and 5 for the spread; 12 incidents of log-mean ln 0.7, log-sd 0.9."""
    spread = 0.9 * np.linspace(-1, 1, 12) / np.linspace(-1, 1, 12).std(ddof=1)
    hours = np.exp(math.log(0.7) + spread)
    prior = Dist("lognormal", 1.5, math.log(6) / 1.6448536269514722)
    s0 = prior.b
    mu = (3 * math.log(1.5) + 12 * math.log(0.7)) / 15
    s = math.sqrt((5 * s0**2 + 11 * 0.9**2 + 3 * 12 / 15 * math.log(0.7 / 1.5) ** 2) / 17)
    after = update.duration(prior, hours.tolist())
    t95 = stats.t(17).ppf(0.95) * s * math.sqrt(1 + 1 / 15)
    assert after.posterior.median() == pytest.approx(math.exp(mu)) == pytest.approx(0.815, abs=0.001)
    assert after.posterior.quantile(0.95) == pytest.approx(math.exp(mu + t95)) == pytest.approx(4.7, abs=0.05)
    assert after.data_weight == pytest.approx(12 / 15)


def test_three_points_do_not_make_a_tail() -> None:
    """Three repairs of almost the same length: the spread stays near the usual one, and without them it is the prior's."""
    usual = math.exp(1.6448536269514722 * update.usual_log_spread())
    after = update.duration(None, [3.9, 4.0, 4.1]).posterior
    assert after.quantile(0.95) / after.median() > 0.8 * usual
    assert update.usual_log_spread() == pytest.approx(math.log(6) / 1.645, rel=1e-3)


# --------------------------------------------------------------------------- surprise


@pytest.mark.parametrize(("n", "years", "expected"), [(3, 4, 0.0014), (2, 6, 0.028)])
def test_a_surprising_count_is_a_tail_of_the_negative_binomial(n: int, years: float, expected: float) -> None:
    tail = stats.nbinom(1.58, 44.02 / (44.02 + years)).sf(n - 1)
    assert update.rate_surprise(GRID_PRIOR, n, years) == pytest.approx(tail, rel=1e-9)
    assert tail == pytest.approx(expected, abs=0.0005)


def test_a_quiet_history_can_surprise_too() -> None:
    busy = Dist("gamma", 20.0, 0.5)  # ten a year
    assert update.rate_surprise(busy, 0, 3.0) == pytest.approx(stats.nbinom(20, 2 / 5).cdf(0), rel=1e-9)


@pytest.mark.parametrize("n", [0, 2, 9])
def test_surprise_of_any_prior_by_integration(n: int) -> None:
    def tail(f: Callable[[Any, Any], Any]) -> float:
        return integrate.quad(lambda z: f(n, 4 * LOGNORMAL.quantile(special.ndtr(z))) * stats.norm.pdf(z), -8, 8, limit=200)[0]

    most, least = tail(stats.poisson.cdf), tail(lambda k, m: stats.poisson.sf(k - 1, m))
    assert update.rate_surprise(LOGNORMAL, n, 4.0) == pytest.approx(min(most, least), rel=1e-5)


def test_surprise_of_demands() -> None:
    assert update.chance_surprise(Dist("beta", 179.0, 1.0), 2, 3) == pytest.approx(stats.betabinom(5, 179, 1).cdf(2), rel=1e-8)
    unsure = Dist("logitnormal", 0.5, 1.2)
    most = integrate.quad(lambda z: stats.binom.cdf(1, 6, unsure.quantile(float(special.ndtr(z)))) * stats.norm.pdf(z), -7, 7)[0]
    assert update.chance_surprise(unsure, 1, 5) == pytest.approx(most, rel=1e-5)


def test_surprise_of_times() -> None:
    prior = update.log_time_of(Dist("lognormal", 1.5, 1.09))
    t = math.log(30 / 1.5) / (1.09 * math.sqrt(1 / 4 + 1 / 3))
    assert update.duration_surprise(prior, [30.0] * 4) == pytest.approx(stats.t(5).sf(t), rel=1e-9)


# --------------------------------------------------------------------------- mixtures and priors without a closed form


def by_integration(density: Callable[[Any], Any], low: float = 1e-6, high: float = 100.0) -> tuple[float, float, list[float]]:
    """Total, mean and the quantiles U of an unnormalised density of an array, on a fine grid of logarithms."""
    x = np.exp(np.linspace(math.log(low), math.log(high), 200_001))
    mass, step = density(x) * x, math.log(high / low) / 200_000
    total = mass.sum() * step
    cumulative = (np.cumsum(mass) - mass / 2) * step / total
    return total, float((mass * x).sum() * step / total), [float(np.interp(u, cumulative, x)) for u in U]


def gamma_density(prior: Dist) -> Callable[[Any], Any]:
    return lambda x: stats.gamma(prior.a, scale=prior.b).pdf(x)


def lognormal_density(prior: Dist) -> Callable[[Any], Any]:
    return lambda x: stats.lognorm(prior.b, scale=prior.a).pdf(x)


@pytest.mark.parametrize(
    ("prior", "density", "n", "years"),
    [(GRID_PRIOR, gamma_density(GRID_PRIOR), 3, 4.0), (LOGNORMAL, lognormal_density(LOGNORMAL), 25, 4.0)],
)
def test_a_clash_gives_a_mixture(prior: Dist, density: Callable[[Any], Any], n: int, years: float) -> None:
    wide = update.wide_rate(prior)
    assert wide.median() == pytest.approx(prior.median())

    def likelihood(x: Any) -> Any:
        return np.exp(special.xlogy(n, x * years) - x * years - special.gammaln(n + 1))

    m1, mean1, _ = by_integration(lambda x: density(x) * likelihood(x))
    m2, mean2, _ = by_integration(lambda x: lognormal_density(wide)(x) * likelihood(x))
    kept = 0.8 * m1 / (0.8 * m1 + 0.2 * m2)
    _, mean, quantiles = by_integration(lambda x: (0.8 * density(x) + 0.2 * lognormal_density(wide)(x)) * likelihood(x))
    got = update.rate(prior, n, years)
    assert got.how == "mixture" and got.surprise < 0.05
    assert got.kept == pytest.approx(kept, rel=1e-3)
    assert mean == pytest.approx(kept * mean1 + (1 - kept) * mean2)
    assert got.posterior.mean() == pytest.approx(mean, rel=5e-3)
    assert [got.posterior.quantile(u) for u in U] == pytest.approx(quantiles, rel=1e-2)


def test_a_mixture_of_chances() -> None:
    prior, s, f = Dist("beta", 179.0, 1.0), 2, 3
    m1, m2 = (math.exp(special.betaln(a + s, b + f) - special.betaln(a, b)) for a, b in ((179, 1), (0.5, 0.5)))
    kept = 0.8 * m1 / (0.8 * m1 + 0.2 * m2)
    got = update.chance(prior, s, f)
    assert got.how == "mixture" and got.kept == pytest.approx(kept, rel=1e-6)
    mean = kept * 181 / 185 + (1 - kept) * 2.5 / 6
    assert got.posterior.mean() == pytest.approx(mean, rel=2e-3)
    both = [kept * stats.beta(181, 4).cdf(q) + (1 - kept) * stats.beta(2.5, 3.5).cdf(q) for q in (got.posterior.quantile(u) for u in U)]
    assert both == pytest.approx(U, abs=2e-3)


def test_a_mixture_of_times() -> None:
    prior, hours = Dist("lognormal", 1.5, 1.09), [60.0, 45.0, 90.0, 70.0]
    one = update.log_time_of(prior)
    parts = [one, update.LogTime(one.mu, one.s, 0.1, one.nu)]
    logs = np.log(hours)

    def density(p: update.LogTime) -> float:
        """Of all the times at once: a multivariate t with a common middle."""
        cov = p.s**2 * (np.eye(len(logs)) + np.ones((len(logs), len(logs))) / p.kappa)
        return float(stats.multivariate_t(np.full(len(logs), p.mu), cov, df=p.nu).pdf(logs))

    kept = 0.8 * density(parts[0]) / (0.8 * density(parts[0]) + 0.2 * density(parts[1]))
    got = update.duration(prior, hours)
    assert got.how == "mixture"
    assert got.kept == pytest.approx(kept, rel=1e-9)
    after = [update.log_time_after(p, hours) for p in parts]
    for u in (0.5, 0.95):
        x = math.log(got.posterior.quantile(u))
        below = [stats.t(p.nu).cdf((x - p.mu) / p.scale()) for p in after]
        assert kept * below[0] + (1 - kept) * below[1] == pytest.approx(u, abs=1e-9)


def test_a_prior_that_agrees_stays() -> None:
    assert update.rate(LOGNORMAL, 1, 4.0).how == "integrated"
    _, mean, quantiles = by_integration(lambda x: lognormal_density(LOGNORMAL)(x) * x * np.exp(-4 * x))
    got = update.rate(LOGNORMAL, 1, 4.0).posterior
    assert got.mean() == pytest.approx(mean, rel=5e-3)
    assert [got.quantile(u) for u in U] == pytest.approx(quantiles, rel=1e-2)


def test_an_exact_number_is_kept_and_told() -> None:
    exact = Dist("point", 0.01)
    got = update.rate(exact, 3, 4.0)
    assert (got.posterior, got.how, got.data_weight) == (exact, "kept", 0.0)
    assert got.surprise == pytest.approx(stats.poisson(0.04).sf(2), rel=1e-9)


# --------------------------------------------------------------------------- age


def test_old_evidence_fades_by_half_lives() -> None:
    assert update.fade(2 * 365, update.DEMAND_HALF_LIFE_D) == pytest.approx(0.25)
    assert update.fade(-3, update.DEMAND_HALF_LIFE_D) == 1.0
    span = integrate.quad(lambda age: update.fade(age, 1000.0), 200.0, 1500.0)[0]
    assert update.faded_span(1500.0, 200.0, 1000.0) == pytest.approx(span)
    assert update.aged(read_chance("8 of 10"), 365.0) == Dist("beta", 4.5, 1.5)
    assert update.aged(read_chance("80%"), 365.0) == Dist("point", 0.8)


# --------------------------------------------------------------------------- simulated firms

FIRMS = 1000


def cover(share: float) -> bool:
    """90 ± 2 %; the draws are fixed. By chance alone (sd 0.95 %) one seed in thirty would lie outside."""
    return abs(share - 0.90) <= 0.02


@pytest.mark.parametrize("prior", [GRID_PRIOR, Dist("gamma", 0.986, 8760 / 282000), LOGNORMAL], ids=["grid", "inverter", "database"])
def test_intervals_of_rates_hold_the_truth_of_ninety_firms_in_a_hundred(prior: Dist) -> None:
    random = np.random.default_rng(20221015)
    truth = prior.quantile(random.random(FIRMS))
    years = random.uniform(1.0, 40.0, FIRMS)
    inside = 0
    for rate, t in zip(truth, years, strict=True):
        low, high = update.band(update.rate(prior, int(random.poisson(rate * t)), t).posterior)
        inside += low <= rate <= high
    assert cover(inside / FIRMS), inside


@pytest.mark.parametrize("prior", [Dist("beta", 10.4, 5.6), Dist("beta", 179.0, 1.0)], ids=["failover", "generator"])
def test_intervals_of_chances(prior: Dist) -> None:
    random = np.random.default_rng(20221015)
    inside = 0
    for p in prior.quantile(random.random(FIRMS)):
        n = int(random.integers(1, 60))
        k = int(random.binomial(n, p))
        low, high = update.band(update.chance(prior, k, n - k).posterior)
        inside += low <= p <= high
    assert cover(inside / FIRMS), inside


def test_intervals_of_the_next_time() -> None:
    """Firms drawn from the prior (its middle and its spread), a few incidents each, then one more."""
    random = np.random.default_rng(20221015)
    prior = Dist("lognormal", 1.5, 1.09)
    belief = update.log_time_of(prior)
    inside = 0
    for _ in range(FIRMS):
        sigma = belief.s * math.sqrt(belief.nu / random.chisquare(belief.nu))
        mu = random.normal(belief.mu, sigma / math.sqrt(belief.kappa))
        hours = np.exp(random.normal(mu, sigma, int(random.integers(1, 12))))
        low, high = update.band(update.duration(prior, hours.tolist()).posterior)
        inside += low <= math.exp(random.normal(mu, sigma)) <= high
    assert cover(inside / FIRMS), inside
