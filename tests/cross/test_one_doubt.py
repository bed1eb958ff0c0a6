"""What is not known of one row of the evidence library is one thing, however many parts rest on the row (decision 0013)."""

from __future__ import annotations

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.studies import overlaps
from blackstart.studies.results import assessment
from blackstart.units import OWN_HISTORY, Dist, Rate

N, WORLDS = 6, 400
PARTS = ", ".join(f"s{i}" for i in range(N))
SERIES = "blackstart: 1\ncomponents:\n{parts}\nservices: {{shop: {{needs: [{names}], loss: 1000 KRW/h}}}}\n"


def _series(fails: str) -> str:
    return SERIES.format(parts="\n".join(f"  s{i}: {{{fails}, repair: {{takes: 3h}}}}" for i in range(N)), names=PARTS)


def _rates(text: str) -> tuple[np.ndarray, object]:
    system = compile_model(load_text(text))
    return np.array([world.rate for world in simulate.possible_worlds(system, WORLDS, 1)]), system.parameters[0].dist


def test_rates_of_one_row_are_off_together_and_stated_ones_are_not() -> None:
    borrowed, _ = _rates(_series("kind: server"))
    assert np.ptp(borrowed, axis=1).max() == 0.0
    stated, _ = _rates(_series("fails: 1/10yr..1/yr"))
    apart = np.corrcoef(np.log(stated[:, :2]).T)[0, 1]
    assert abs(apart) < 4.0 / np.sqrt(WORLDS)  # false alarm: one in 16,000, and the seed is fixed


def test_their_sum_is_spread_as_one_of_them() -> None:
    """n fully dependent rates: every quantile of their sum is n times that of one (Apostolakis & Kaplan 1981)."""
    borrowed, dist = _rates(_series("kind: server"))
    whole = borrowed.sum(axis=1) * 8760.0
    for q in (0.05, 0.5, 0.95):  # Latin hypercube: one value in each 400th part
        low, high = (N * float(dist.quantile(q + d)) for d in (-1.5 / WORLDS, 1.5 / WORLDS))
        assert low <= float(np.quantile(whole, q)) <= high


@pytest.fixture(scope="module")
def both() -> tuple[dict, dict]:
    model = load_text(_series("kind: server"))
    system, study = compile_model(model), Study(worlds=WORLDS, samples=20)
    timed = assessment(model, system, simulate.assess(system, study), study).as_dict()
    return overlaps.overlaps(model, system, overlaps.Asked()).as_dict(), timed


def test_the_exact_and_the_timed_engine_say_the_same_band(both: tuple[dict, dict]) -> None:
    """Of a service that needs all parts: share of time down = n x rate x 3 h where that is small, at the same quantiles."""
    dist = compile_model(load_text(_series("kind: server"))).parameters[0].dist
    exact, timed = both
    bands = [exact["services"][0]["band"], [h / 8760.0 for h in timed["services"]["shop"]["downtime_h_per_year"]["band"]]]
    wanted = [N * float(dist.quantile(q)) * 3.0 / 8760.0 for q in (0.05, 0.95)]
    for band in bands:
        assert band == pytest.approx(wanted, rel=0.06)  # overlaps of two, and quantiles of 200 and 400 worlds; the seeds are fixed


def test_the_firms_own_history_ends_the_sharing() -> None:
    """A posterior is the part's own, a number without a source too."""
    belief = Dist("gamma", 2.0, 1.0)
    assert Rate(belief, source="CO-SRV").doubted_as("here") == "CO-SRV"
    assert Rate(belief, source=OWN_HISTORY).doubted_as("here") == Rate(belief).doubted_as("here") == "here"


# --------------------------------------------------------------------------- what the file states to be one number

SHARED, APART = "fails: 0.5/yr..3/yr (shared N7)", "fails: 0.5/yr..3/yr"
MANY = 40


def _fleet(fails: str) -> str:
    """Forty like parts, all of which one service needs."""
    rows = "\n".join(f"  s{i}: {{{fails}, repair: 1h}}" for i in range(MANY))
    return SERIES.format(parts=rows, names=", ".join(f"s{i}" for i in range(MANY)))


@pytest.mark.parametrize("fails", [SHARED, "fails: 3 in 2 yr (shared N7)"])
def test_forty_that_share_are_forty_times_one(fails: str) -> None:
    """Quantiles of 40 x one lognormal, and of 40 x one gamma."""
    rates, dist = _rates(_fleet(fails))
    assert np.ptp(rates, axis=1).max() == 0.0
    whole = rates.sum(axis=1) * 8760.0
    for q in (0.05, 0.5, 0.95):
        low, high = (MANY * float(dist.quantile(q + d)) for d in (-1.5 / WORLDS, 1.5 / WORLDS))
        assert low <= float(np.quantile(whole, q)) <= high


def test_forty_that_do_not_share_are_known_by_their_sum() -> None:
    """The sum of 40 independent lognormals has 40 times the mean and 40 times the variance of one."""
    rates, dist = _rates(_fleet(APART))
    whole = rates.sum(axis=1) * 8760.0
    one = dist.mean() * np.sqrt(np.expm1(dist.b**2))
    assert whole.mean() == pytest.approx(MANY * dist.mean(), rel=0.002)  # each is spread evenly
    assert whole.std() == pytest.approx(np.sqrt(MANY) * one, rel=4.0 / np.sqrt(2 * WORLDS))  # four standard errors; the seed is fixed


def test_both_engines_say_the_band_of_forty_that_share() -> None:
    """A series of forty is up for a share exp(-40 x rate x 1 h): each outage of a part is 1 h, and they come independently."""
    model = load_text(_fleet(SHARED))
    system, study = compile_model(model), Study(worlds=200, samples=100)
    dist = system.parameters[0].dist
    exact = overlaps.overlaps(model, system, overlaps.Asked()).as_dict()["services"][0]["band"]
    timed = assessment(model, system, simulate.assess(system, study), study).as_dict()["services"]["shop"]["downtime_h_per_year"]["band"]
    wanted = [1.0 - np.exp(-MANY * float(dist.quantile(q)) / 8760.0) for q in (0.05, 0.95)]
    assert exact == pytest.approx(wanted, rel=0.03)  # 400 worlds; the seeds are fixed
    assert [h / 8760.0 for h in timed] == pytest.approx(wanted, rel=0.06)  # 100 plays of each of 200 worlds


def test_chances_share_and_a_rate_under_another_name_does_not() -> None:
    text = "blackstart: 1\ncomponents:\n  a: {repair: 1h}\nbarriers:\n{bars}\nhazards:\n  x: {strikes: a, rate: 1/yr..9/yr (shared X), "
    text += "lasts: 1h, effects: {hold: a, until: cleared, unless: [b0, b1]}}\nservices: {shop: {needs: [a]}}\n"
    bars = "\n".join(f"  b{i}: {{works: 50%..90% (shared X2)}}" for i in range(2))
    system = compile_model(load_text(text.replace("{bars}", bars)))
    worlds = list(simulate.possible_worlds(system, WORLDS, 1))
    works = np.array([world.prob for world in worlds])
    assert works.shape == (WORLDS, 2) and np.ptp(works, axis=1).max() == 0.0 and np.ptp(works[:, 0]) > 0.3
    rates = np.array([world.rate[-1] for world in worlds])
    assert abs(np.corrcoef(np.log(rates), works[:, 0])[0, 1]) < 4.0 / np.sqrt(WORLDS)


def test_the_order_of_the_file_decides_nothing() -> None:
    forth, back = _fleet(SHARED).split("\n"), _fleet(SHARED).split("\n")
    back[2 : 2 + MANY] = back[2 : 2 + MANY][::-1]
    (a, _), (b, _) = _rates("\n".join(forth)), _rates("\n".join(back))
    assert np.array_equal(a.sum(axis=1), b.sum(axis=1))
