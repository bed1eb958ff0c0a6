"""Loss and outage curves against published and hand-derived answers.

Published:

* A2, exceedance curve of ten events: CLIMADA (climada_python, `engine/test/test_impact.py`, GPL-3; only its
  numbers are used).
* A3, mean of a lognormal from a 90 % interval: riskquant (Netflix-Skunkworks/riskquant, README).
* A4, "a rate times a magnitude is not a risk curve": hand-derived; the numbers first stated came from
  simulation and are good to their last digit give or take one (see the test).
* A5, OEP, AEP and TVaR of 100 periods: worked example `TVAR.xlsx` of Open Results Data (Oasis LMF, CC0).

Random numbers are seeded, so no test here can fail by chance from one run to the next. How likely a fresh seed
would be to raise a false alarm is said where it is not negligible.
"""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
from scipy import stats

from blackstart import curves
from blackstart.curves import (
    aal,
    aep,
    aep_probability,
    exceedance_rate,
    oep,
    of_years,
    steps,
    total_by_stratum,
)
from blackstart.curves.ignorance import bands
from blackstart.curves.windows import windowed_uptime, worst_window, worst_windows
from blackstart.curves.years import simulate_years
from blackstart.distributions import Z95, Dist


def lognormal_mean_of(low: float, high: float) -> float:
    return Dist("lognormal", math.sqrt(low * high), math.log(high / low) / (2 * Z95)).mean()


# --------------------------------------------------------------------------- published

CLIMADA_LOSS = 1e9 * np.array(
    [0, 0.400665463736549, 3.150330960044466, 3.715826406781887, 2.900244271902339, 0.778570745161971,
     0.698736262566472, 0.381063674256423, 0.569142464157450, 0.467572545849132]
)  # fmt: skip
CLIMADA_RATE = np.full(10, 6.211180124223603e-04)


def test_a2_average_annual_loss():
    assert aal(CLIMADA_RATE, CLIMADA_LOSS) == pytest.approx(8_113_138.38, abs=0.005)


def test_a2_corners_interpolated_in_return_period():
    """CLIMADA joins the corners of the curve by straight lines in return period; we keep the steps."""
    losses, per_year = steps(CLIMADA_RATE, CLIMADA_LOSS)
    joined = np.interp([500, 1000], 1 / per_year[::-1], losses[::-1])
    assert joined == pytest.approx([2_320_408_028.57, 3_287_314_329.13], abs=0.01)
    # the step function says the corner that is reached at least that often
    for years, between in zip((500, 1000), joined, strict=True):
        step = losses[np.searchsorted(per_year, 1 / years)]
        assert step <= between <= losses[np.searchsorted(per_year, 1 / years) - 1]


def test_a2_beyond_the_largest_return_period_says_so():
    for curve in (
        oep(CLIMADA_RATE, CLIMADA_LOSS, [1000, 5000]),
        aep(CLIMADA_RATE, CLIMADA_LOSS, [1000, 5000]),
    ):
        assert curve.supported.tolist() == [True, False]  # the largest event comes once in 1,610 years
        assert np.isnan(curve.amount[1]) and np.isnan(curve.tvar[1])
        assert np.isfinite(curve.amount[0])


@pytest.mark.parametrize(
    "rate, low, high, printed",
    [(0.1, 1e5, 1e6, 40_400.1283), (0.1, 1e7, 1e9, 26_639_800.98), (0.05, 5e6, 5e7, 1_010_003.21)],
)
def test_a3_rate_times_mean_of_a_lognormal(rate, low, high, printed):
    assert aal([rate], [lognormal_mean_of(low, high)]) == pytest.approx(printed, rel=1e-9, abs=0.005)


def test_a4_compound_poisson():
    """0.01 a year, 1..10 bn. The closed form decides; the stated 3.17 and 4.03 bn came from simulation.

    P(S > x) = 0.005: with one loss only (two in a year come once in 20,000 years) P(X > x) = 0.502, so x is
    a little below the median sqrt(10): 3.15 bn, and 3.16 bn with the pairs. No year in a hundred has a loss,
    so TVaR99 is the AAL / 1 %: 4.040 bn.
    """
    n = 100_000
    sigma = math.log(10) / (2 * Z95)
    u = (np.arange(n) + 0.5) / n
    bn = Dist("lognormal", math.sqrt(10), sigma).quantile(u)
    rate = np.full(n, 0.01 / n)
    curve = aep(rate, bn, [200, 100])
    assert curve.amount[0] == pytest.approx(3.17, abs=0.015)
    assert curve.tvar[1] == pytest.approx(4.03, abs=0.015)
    assert curve.tvar[1] == pytest.approx(100 * 0.01 * lognormal_mean_of(1, 10), rel=1e-4)
    assert curve.amount[1] == 0.0
    assert 1 - aep_probability(rate, bn, [0.0])[0] == pytest.approx(math.exp(-0.01), rel=1e-12)
    # P(S > x) by one and two losses, the pairs by integration: exact to 0.01^3 / 6
    one = stats.lognorm(sigma, scale=math.sqrt(10))
    x = curve.amount[0]
    pair = np.mean(one.sf(x - np.minimum(bn, x)))
    assert math.exp(-0.01) * (0.01 * one.sf(x) + 0.00005 * pair) == pytest.approx(0.005, rel=1e-3)


def test_a4_the_product_form_is_wrong():
    """Rate x magnitude as if it were a loss distribution: 0.19, 0.21 and no quiet year at all."""
    sigma = math.log(10) / (2 * Z95)
    product = stats.lognorm(sigma, scale=0.01 * math.sqrt(10))
    tvar = product.mean() * stats.norm.sf(stats.norm.ppf(0.99) - sigma) / 0.01
    assert product.ppf(0.995) == pytest.approx(0.19, abs=0.005)
    assert tvar == pytest.approx(0.21, abs=0.005)
    assert product.cdf(0.0) == 0.0


ORD_OEP = [
    3400000, 3400000, 2033857.652, 1837870.138, 1482930.927, 1315974.057, 1302487.32, 741018.627, 691608.803,
    636477.078, 576540.339, 574520.341, 537295.081, 503950.454, 459853.531, 453172.457, 449244.135, 428788.628,
    425814.916, 387422.873, 383888.262, 366079.697, 346341.702, 330916.445, 330083.308, 325401.453, 318964.707,
    306812.94, 305911.603, 280447.273, 275289.709, 268296.892, 263187.525, 253570.035, 178567.16,
]  # fmt: skip
ORD_AEP = [
    4683276.414, 3750437.244, 2172771.209, 2033857.652, 1482930.927, 1315974.057, 1302487.32, 1061968.929,
    836952.054, 766757.61, 741018.627, 636477.078, 624109.643, 576540.339, 537295.081, 503950.454, 449244.135,
    428788.628, 425814.916, 387422.873, 383888.262, 366079.697, 346341.702, 330916.445, 330083.308, 325401.453,
    318964.707, 306812.94, 305911.603, 280447.273, 275289.709, 268296.892, 263187.525, 253570.035, 178567.16,
]  # fmt: skip


@pytest.mark.parametrize(
    "losses, tvar, mean",
    [
        (ORD_OEP, [3_400_000, 2_667_931.9475, 1_684_222.4602, 1_081_941.3679], 261_725.86068),
        (ORD_AEP, [4_216_856.829, 3_160_085.6298, 1_940_741.3416, 1_235_903.7595], 292_518.33901),
    ],
)
def test_a5_order_statistics_of_a_hundred_periods(losses, tvar, mean):
    years = np.random.default_rng(5).permutation(losses + [0.0] * 65)
    curve = of_years(years, [50, 25, 10, 5])
    assert curve.tvar == pytest.approx(tvar, abs=6e-5)  # printed to four places
    assert curve.amount.tolist() == [losses[1], losses[3], losses[9], losses[19]]
    assert years.mean() == pytest.approx(mean, abs=1e-5)
    assert curve.supported.all()
    assert not of_years(years, [101]).supported[0]


def test_a5_is_the_same_curve_as_the_weighted_one():
    """A period as one episode of a tiny rate each: the two conventions agree where rates are small."""
    scale = 1e-6
    curve = oep(np.full(100, scale / 100), ORD_OEP + [0.0] * 65, np.array([50, 25, 10, 5]) / scale)
    assert curve.tvar == pytest.approx([3_400_000, 2_667_931.9475, 1_684_222.4602, 1_081_941.3679], rel=1e-5)


# --------------------------------------------------------------------------- thresholds


def test_exceedance_is_strict_and_keeps_tiny_rates():
    rate = exceedance_rate([10.0, 1e-9, 1e-9], [1.0, 5.0, 9.0], [0.0, 1.0, 4.9, 5.0, 9.0, 99.0])
    assert rate.tolist() == [10.0 + 2e-9, 2e-9, 2e-9, 1e-9, 0.0, 0.0]
    assert exceedance_rate([], [], [1.0]).tolist() == [0.0]


def test_stratified_error_is_honest():
    """3,000 samples of three strata whose truth is known: the error must have the spread of the estimates.

    The ratio of the two is within 8 % (about 6 standard errors of a spread from 3,000).
    """
    rng = np.random.default_rng(2)
    rates, chances, count = np.array([5.0, 0.1, 0.002]), np.array([0.02, 0.3, 0.9]), np.array([100, 60, 40])
    stratum = np.repeat([0, 1, 2], count)
    weight = (rates / count)[stratum]
    estimates, variances = [], []
    for _ in range(3000):
        value = (rng.random(stratum.size) < chances[stratum]) * 9.0
        estimates.append(exceedance_rate(weight, value, [5.0])[0])
        variances.append(total_by_stratum(weight, value > 5.0, stratum)[1].sum())
    assert np.mean(estimates) == pytest.approx(rates @ chances, rel=0.02)
    assert math.sqrt(np.mean(variances)) / np.std(estimates) == pytest.approx(1.0, abs=0.08)


def test_a_stratum_of_one_sample_is_as_unsure_as_it_is_large():
    total, variance = total_by_stratum([0.1, 0.1, 0.01], [2.0, 4.0, 30.0], [0, 0, 2])
    assert total == pytest.approx([0.6, 0.0, 0.3])
    assert variance == pytest.approx([0.04, 0.0, 0.09])


# --------------------------------------------------------------------------- the largest of a year


def test_oep_by_hand():
    """Rates 0.1 and 0.01: P(max >= 80) = 1 - e^-0.01 (once in 100.5 years), P(max >= 5) = 1 - e^-0.11."""
    top, both = -math.expm1(-0.01), -math.expm1(-0.11)
    curve = oep([0.1, 0.01], [5.0, 80.0], [5, 20, 1 / top, 100.6])
    assert np.isnan(curve.amount[3])
    assert curve.amount[:3].tolist() == [0.0, 5.0, 80.0]
    assert curve.tvar[0] == pytest.approx((80 * top + 5 * (both - top)) / 0.2)
    assert curve.tvar[1] == pytest.approx((80 * top + 5 * (0.05 - top)) / 0.05)
    assert curve.tvar[2] == pytest.approx(80.0)


def test_oep_against_drawn_years():
    """200,000 years: each probability within 5 standard errors (false alarm below 1e-5)."""
    rng = np.random.default_rng(8)
    rate, loss = rng.random(300) / 100, rng.lognormal(2, 2, 300)
    years = simulate_years(rate, 200_000, seed=1).largest(loss)
    curve = oep(rate, loss, [2, 5, 10, 50, 200])
    for amount, p in zip(curve.amount, 1 / curve.return_periods, strict=True):
        noise = 5 * math.sqrt(p / 200_000)
        assert np.mean(years > amount) - noise <= p <= np.mean(years >= amount) + noise


@pytest.mark.parametrize("curve_of", [oep, aep])
def test_no_loss_at_all(curve_of):
    """A service that never lost anything in 1,000 samples: 0, as far as 1,000 samples speak."""
    curve = curve_of(np.full(1000, 1e-3), np.zeros(1000), [2, 900, 1100])
    assert curve.amount[:2].tolist() == [0.0, 0.0] and curve.tvar[:2].tolist() == [0.0, 0.0]
    assert curve.supported.tolist() == [True, True, False]
    assert curve_of([], [], [10]).amount.tolist() == [0.0]


@pytest.mark.parametrize("curve_of", [oep, aep, of_years])
def test_what_makes_no_sense_is_refused(curve_of):
    arguments = ([1.0],) if curve_of is of_years else ([1.0], [1.0])
    with pytest.raises(ValueError, match="above 1 year"):
        curve_of(*arguments, [1])
    if curve_of is not of_years:
        for rate, loss in (([-1.0], [1.0]), ([1.0], [-1.0]), ([1.0], [math.nan]), ([math.inf], [1.0])):
            with pytest.raises(ValueError):
                curve_of(rate, loss, [10])


# --------------------------------------------------------------------------- the sum of a year


def panjer(rates: np.ndarray, size: int) -> np.ndarray:
    """Slow twin: P(S = s) for losses 1, 2, 3 ... with these yearly rates (Panjer 1981)."""
    p = np.zeros(size)
    p[0] = math.exp(-rates.sum())
    weighted = rates * np.arange(1, rates.size + 1)
    for s in range(1, size):
        reach = min(s, rates.size)
        p[s] = weighted[:reach] @ p[s - reach : s][::-1] / s
    return p


def exact_curve(probability: np.ndarray, years: float) -> tuple[float, float]:
    """Quantile and tail mean of a distribution on 0, 1, 2 ..."""
    p = 1 / years
    reached = np.cumsum(probability[::-1])[::-1]
    amount = int(np.nonzero(reached >= p * (1 - 1e-12))[0][-1])
    beyond = np.arange(amount + 1, probability.size)
    return amount, amount + float((beyond - amount) @ probability[amount + 1 :]) / p


@pytest.mark.parametrize("total", [1e-8, 1e-3, 0.3, 3.0, 50.0])
def test_aep_against_panjer_within_its_own_bound(total):
    """Integer losses with a heavy tail, scaled so that they fall between lattice points."""
    sizes = np.array([1, 2, 3, 5, 8, 13, 60, 200, 700])
    share = sizes**-1.2 / np.sum(sizes**-1.2)
    rates = np.zeros(700)
    rates[sizes - 1] = total * share
    truth = panjer(rates, 6000)
    unit = math.pi * 1e5
    chances = [p for p in (0.5, 0.2, 0.1, 0.02, 0.01, 0.004, 1e-3) if p >= 1.5 * share[-1] * total]
    chances += [p * total for p in (0.9, 0.5, 0.1, 0.03) if p * total < 0.5]
    curve = aep(total * share, sizes * unit, 1 / np.array(chances))
    for k, years in enumerate(curve.return_periods):
        if not curve.supported[k]:
            continue
        amount, tvar = exact_curve(truth, years)
        assert abs(curve.amount[k] - amount * unit) <= curve.error[k] + 1e-6
        assert curve.tvar[k] == pytest.approx(tvar * unit, rel=1e-3)
        assert curve.error[k] <= 1e-3 * curve.amount[k]


@pytest.mark.parametrize("total", [0.2, 5.0, 50.0, 2000.0])
def test_aep_probability_of_equal_losses_is_poisson(total):
    counts = np.unique(stats.poisson.ppf([0.9, 0.99, 0.9999, 1 - 1e-8], total))
    amounts = (counts + 0.5) * 7.3
    found = aep_probability([total / 2, total / 2], [7.3, 7.3], amounts, accuracy=1e-4)
    assert found == pytest.approx(stats.poisson.sf(counts, total), rel=1e-5)


def test_aep_with_many_small_losses_beside_rare_large_ones():
    """100,000 trifles a year (sum 100, spread 0.32) and a catastrophe in 300 years, seen in four samples.

    Once in 400 years: the catastrophe (P = 1 - e^(-1/300)) with trifles that 75 % of the years reach.
    """
    curve = aep([1e5, *[1 / 1200] * 4], [0.001, *[5000.0] * 4], [2, 10, 400])
    trifles = stats.norm.isf(1 / 400 / -math.expm1(-1 / 300)) * math.sqrt(1e5) * 0.001
    assert curve.amount[0] == pytest.approx(100.0, rel=1e-3)
    assert curve.amount[1] == pytest.approx(100 + stats.norm.ppf(0.9) * math.sqrt(1e5) * 0.001, rel=1e-3)
    assert curve.amount[2] == pytest.approx(5100.0 + trifles, abs=curve.error[2])
    assert (curve.error <= 1e-3 * curve.amount).all()


def test_aep_against_drawn_years_with_a_heavy_tail():
    """Pareto losses (index 1.3), 50 a year, 40,000 years: 5 standard errors (false alarm below 1e-5)."""
    rng = np.random.default_rng(11)
    loss, rate = rng.pareto(1.3, 20_000) + 1, np.full(20_000, 50 / 20_000)
    sums = simulate_years(rate, 40_000, seed=3).sums(loss)
    curve = aep(rate, loss, [2, 5, 10, 50, 100, 250])
    for amount, error, p in zip(curve.amount, curve.error, 1 / curve.return_periods, strict=True):
        noise = 5 * math.sqrt(p / 40_000)
        assert np.mean(sums > amount + error) - noise <= p <= np.mean(sums >= amount - error) + noise
    assert (curve.error <= 1e-3 * curve.amount).all()
    assert sums.mean() == pytest.approx(aal(rate, loss), rel=0.03)


def test_aep_is_never_below_oep_and_meets_it_when_losses_are_rare():
    rng = np.random.default_rng(4)
    for total in (1e-6, 1e-2, 1.0, 30.0):
        loss = rng.lognormal(10, 2.5, 500)
        rate = np.full(500, total / 500)
        years = np.array([1.5, 5.0, 20.0, 400.0]) / min(total, 1.0)
        largest, summed = oep(rate, loss, years), aep(rate, loss, years)
        assert (largest.supported == summed.supported).all()
        ok = largest.supported
        assert (summed.amount[ok] >= largest.amount[ok]).all()
        assert (summed.tvar[ok] >= largest.tvar[ok] * (1 - 1e-12)).all()
        assert (summed.tvar[ok] >= summed.amount[ok]).all()
        if total == 1e-6:
            assert (summed.amount[ok] <= largest.amount[ok] + summed.error[ok]).all()
            assert summed.tvar[ok] == pytest.approx(largest.tvar[ok], rel=1e-3)


def test_aep_does_not_depend_on_units_or_on_order():
    rng = np.random.default_rng(6)
    rate, loss = rng.random(50) / 5, rng.lognormal(0, 2, 50)
    order = rng.permutation(50)
    one = aep(rate, loss, [2, 4])
    other = aep(rate[order], loss[order] * 1e12, [4, 2])
    assert other.amount[::-1] == pytest.approx(one.amount * 1e12, rel=2e-3)
    assert other.tvar[::-1] == pytest.approx(one.tvar * 1e12, rel=2e-3)


def test_aep_at_a_jump_says_how_far_it_may_be_off():
    """1 - exp(-0.01) is just where the amount falls from 1,000,000 to 1: both are right to 1e-9."""
    years = 1 / -math.expm1(-0.01)
    curve = aep([0.01, 0.5], [1e6, 1.0], [years])
    assert curve.amount[0] - curve.error[0] <= 1.0 + 1 or math.isinf(curve.error[0])


def test_aep_beyond_arithmetic_is_not_supported():
    """A sample of 1e-13 a year beside 50 a year: no double tells them apart."""
    rate, loss = [50.0, 1e-13], [1.0, 1e9]
    assert aep(rate, loss, [100, 1e11]).supported.tolist() == [True, False]
    assert oep(rate, loss, [100, 1e11]).supported.tolist() == [True, True]


# --------------------------------------------------------------------------- ignorance


@pytest.fixture
def three_worlds() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rates, losses and worlds in mixed order, one world of four quiet; and the distribution by Panjer."""
    sizes = np.array([1, 3, 17, 1, 4, 90, 2, 5])
    rates = np.array([0.4, 0.1, 0.01, 30.0, 2.0, 0.3, 1e-3, 1e-4])
    world = np.array([0, 0, 0, 2, 2, 2, 3, 3])
    truth = np.zeros(3000)
    truth[0] = 0.25
    for w in (0, 2, 3):
        by_size = np.zeros(90)
        by_size[sizes[world == w] - 1] = rates[world == w]
        truth += panjer(by_size, 3000) / 4
    order = np.random.default_rng(2).permutation(8)
    return rates[order], sizes[order].astype(float), world[order], truth


def test_worlds_are_averaged_by_probability(three_worlds):
    rate, loss, world, truth = three_worlds
    years = [1.2, 2, 3, 5, 10, 15]
    curve = aep(rate, loss * math.pi, years, world=world, worlds=4)
    for k, period in enumerate(years):
        amount, tvar = exact_curve(truth, period)
        assert abs(curve.amount[k] - amount * math.pi) <= curve.error[k] + 1e-6
        assert curve.error[k] <= 1e-3 * max(curve.amount[k], 1e-9)
        assert curve.tvar[k] == pytest.approx(tvar * math.pi, rel=1e-3)
    asked = np.array([0, 1, 40, 100, 300])
    found = aep_probability(rate, loss, asked + 0.5, 1e-4, world, 4)
    assert found == pytest.approx(1 - np.cumsum(truth)[asked], rel=1e-4)


def test_the_largest_over_worlds_by_hand(three_worlds):
    rate, loss, world, _ = three_worlds
    # averages over the four: P(90) = (1 - e^-0.3) / 4 = 6.48 %, P(17 or more) = that + (1 - e^-0.01) / 4 = 6.73 %,
    # P(4 or more) = (e^-0.01, e^-2.3 and e^-0.0001 not) / 4 = 22.7 %, P(3 or more) = 25.1 %, P(any) = 35.0 %
    top = -math.expm1(-0.3) / 4
    curve = oep(rate, loss, [2, 4, 10, 15, 1 / top, 1.001 / top], world, 4)
    assert curve.amount[:5].tolist() == [0.0, 3.0, 4.0, 17.0, 90.0]
    assert curve.supported.tolist() == [True] * 5 + [False]
    uptime = windowed_uptime([0.5, 2.0], [6.0, 6.0], 24, [0, 1], 4).mean()
    assert uptime == pytest.approx(1 - 0.25 * (-math.expm1(-0.5) - math.expm1(-2.0)) / 4)


def test_one_world_is_no_world():
    rng = np.random.default_rng(3)
    rate, loss = rng.random(200) / 20, rng.lognormal(0, 2, 200)
    for curve_of in (oep, aep):
        one, other = (
            curve_of(rate, loss, [2, 10]),
            curve_of(rate, loss, [2, 10], world=np.zeros(200), worlds=1),
        )
        assert one.amount.tolist() == other.amount.tolist() and one.tvar.tolist() == other.tvar.tolist()
        with pytest.raises(ValueError, match="worlds"):
            curve_of(rate, loss, [2], world=np.full(200, 3), worlds=3)


def test_what_is_not_known_lengthens_the_tail_of_the_sum():
    """Rates drawn from Jeffreys' posterior after no event (gamma, shape 1/2), 5 a year on average.

    The sum of equal losses is then a mixture of Poissons, known exactly; with the mean rate alone the amount
    of 100 years is less than half of it.
    """
    rates = stats.gamma(0.5, scale=10).ppf((np.arange(200) + 0.5) / 200)
    curve = aep(
        np.repeat(rates / 100, 100), np.ones(20_000), [10, 100], 0.01, np.repeat(np.arange(200), 100), 200
    )
    count = np.arange(200)
    mixed = stats.poisson.sf(count - 1, rates[:, None]).mean(axis=0)
    exact = [count[mixed >= p][-1] for p in (0.1, 0.01)]
    assert curve.amount == pytest.approx(exact, rel=0.01)
    assert stats.poisson.isf(0.01, rates.mean()) < exact[1] / 2


def test_bands_take_the_noise_out():
    """4,000 worlds, spread 2 seen through noise of 3: the band is 1.645 x 2 wide each side, not x 3.6.

    Within 6 % (about 3 standard errors).
    """
    rng = np.random.default_rng(12)
    truth = rng.normal(100.0, 2.0, 4000)
    noise = rng.uniform(2.0, 4.0, 4000)
    low, high, _ = bands(truth + rng.normal(0.0, noise), noise**2)
    seen = math.sqrt(4 + np.mean(noise**2))
    assert (high - low) / 2 == pytest.approx(Z95 * 2.0, rel=0.06)
    assert (high - low) / 2 < 0.7 * Z95 * seen
    assert (high + low) / 2 == pytest.approx(100.0, abs=0.15)


def test_bands_of_worlds_at_nothing_begin_at_nothing():
    """Noise of a billionth pulled such worlds off 0 by a picosecond, and the report said so: no test had a band that ends at 0."""
    low, high, _ = bands(np.repeat([0.0, 1.2], [70, 30]), np.full(100, 1e-11))
    assert low == 0.0 and high == pytest.approx(1.2)


def test_bands_of_nothing_but_noise_are_a_point_and_without_noise_are_quantiles():
    values = np.random.default_rng(1).lognormal(0, 1, (200, 3))
    low, high, _ = bands(values, np.full((200, 3), 1e9))
    assert low == pytest.approx(high) and low == pytest.approx(values.mean(axis=0))
    low, high, _ = bands(values, np.zeros(200)[:, None])
    assert low == pytest.approx(np.quantile(values, 0.05, axis=0))
    assert high == pytest.approx(np.quantile(values, 0.95, axis=0))
    assert (low >= values.min(axis=0)).all()
    assert np.isnan(bands([1.0, math.nan], [0.0, 0.0])[0])
    assert bands([[7.0]], [[1.0]])[1].tolist() == [7.0]


# --------------------------------------------------------------------------- worst windows


def test_worst_window_by_hand():
    assert worst_window([0, 10], [2, 11], [1.0, 0.5], 24) == 2.5
    assert worst_window([0, 10], [2, 11], [1.0, 0.5], 1) == 1.0
    assert worst_window([0, 10], [2, 11], [1.0, 0.5], 10) == 2.0
    assert worst_window([0, 10], [2, 11], [1.0, 0.5], 10.5) == 2.0 + 0.25
    assert worst_window([0, 2], [2, 30], [0.2, 1.0], 24) == 24.0  # not the first 24 hours
    assert worst_window([0, 28], [28, 30], [1.0, 0.2], 29) == pytest.approx(28.2)
    assert worst_window([5], [math.inf], [0.5], 24) == 12.0
    assert worst_window([], [], [], 24) == 0.0


def test_worst_windows_against_every_place_of_the_window():
    """Times on a grid, so the best window begins on the grid too: try them all."""
    rng = np.random.default_rng(9)
    offsets, starts, ends, lost, expected = [0], [], [], [], []
    window = 12
    for _ in range(300):
        edges = np.sort(rng.choice(120, 2 * rng.integers(0, 8), replace=False))
        share = rng.random(edges.size // 2)
        level = np.zeros(160)
        for begin, end, part in zip(edges[::2], edges[1::2], share, strict=True):
            level[begin:end] = part
        sums = np.cumsum(np.concatenate(([0.0], level)))
        expected.append(np.max(sums[window:] - sums[:-window]))
        starts += edges[::2].tolist()
        ends += edges[1::2].tolist()
        lost += share.tolist()
        offsets.append(len(starts))
    assert worst_windows(offsets, starts, ends, lost, window) == pytest.approx(np.array(expected))


def test_windowed_uptime_by_hand_and_against_drawn_years():
    """One kind of episode, 0.5 a year, 6 hours: 1 - 6 / 24 x P(any). Drawn years: 5 standard errors."""
    assert windowed_uptime([0.5], [6.0], 24)[0] == pytest.approx(1 - 0.25 * -math.expm1(-0.5))
    assert windowed_uptime([], [], 24) == 1.0
    rng = np.random.default_rng(10)
    rate, worst = rng.random(40) / 20, rng.uniform(0, 24, 40)
    drawn = simulate_years(rate, 100_000, seed=4).largest(worst) / 24
    uptime = windowed_uptime(rate, worst, 24)[0]
    assert uptime == pytest.approx(1 - drawn.mean(), abs=5 * drawn.std() / math.sqrt(100_000))


# --------------------------------------------------------------------------- drawn years


def test_drawn_years_are_the_same_years_whatever_their_number():
    rate = np.array([0.5, 0.2, 3.0])
    few, many = simulate_years(rate, 50, seed=7), simulate_years(rate, 5000, seed=7)
    assert few.episode.tolist() == many.episode[many.year < 50].tolist()
    assert few.at_h.tolist() == many.at_h[many.year < 50].tolist()
    assert few.episode.tolist() != simulate_years(rate, 50, seed=8).episode.tolist()


def test_drawn_years_are_poisson():
    """Counts, picks and hours of 20,000 years, each at 5 standard errors (false alarm below 1e-5)."""
    rate = np.array([0.5, 0.2, 3.0])
    drawn = simulate_years(rate, 20_000, seed=0)
    counts = np.bincount(drawn.year, minlength=20_000)
    assert counts.mean() == pytest.approx(3.7, abs=5 * math.sqrt(3.7 / 20_000))
    assert counts.var() == pytest.approx(3.7, rel=0.06)
    seen = np.bincount(drawn.episode) / 20_000
    assert np.abs(seen - rate).max() <= 5 * math.sqrt(3.0 / 20_000)
    assert stats.kstest(drawn.at_h / 8760, "uniform").pvalue > 1e-5
    assert (np.diff(drawn.year) >= 0).all()


def test_drawn_years_of_worlds(three_worlds):
    """40,000 years in four worlds against the exact distribution, at 5 standard errors."""
    rate, loss, world, truth = three_worlds
    drawn = simulate_years(rate, 40_000, 6, world, 4)
    assert (world[drawn.episode] == drawn.year % 4).all()
    sums = drawn.sums(loss)
    for amount in (1, 20, 60, 120):
        exact = truth[amount:].sum()
        assert np.mean(sums >= amount) == pytest.approx(exact, abs=5 * math.sqrt(exact / 40_000))


def test_no_episodes_no_rows():
    drawn = simulate_years([], 10, seed=0)
    assert drawn.sums([]).tolist() == [0.0] * 10 and drawn.largest([]).tolist() == [0.0] * 10


def test_the_examples_of_the_docstrings_run():
    found = doctest.testmod(curves)
    assert found.attempted >= 4 and found.failed == 0
