"""The share of windows in which no more than a budget is out: by hand, and against windows drawn one after the other.

Tolerances are five standard errors of the drawn windows, so each statistical test fails by chance less than once in a million seeds.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.curves.budgets import missed, missed_of_years, taken
from blackstart.engines.simulate import Study, assess
from blackstart.language.load import load_text
from blackstart.studies.results import assessment

YEAR_H = 8760.0


def test_what_a_window_takes_out_as_it_slides() -> None:
    """Two outages of 1 h and 2 h, 4 h apart, and a window of a day: at most 3 h; every place of the window is counted once."""
    found = taken([0, 0], [0.0, 5.0], [1.0, 7.0], 24.0)
    rows = sorted(zip(found.hours, found.low, found.high, strict=True))
    assert rows == sorted([(1, 0, 1), (4, 1, 1), (2, 1, 3), (17, 3, 3), (1, 2, 3), (4, 2, 2), (2, 0, 2)])
    assert (found.hours * (found.low + found.high) / 2).sum() == pytest.approx(3 * 24)  # an hour out is in a window for 24 h


@pytest.mark.parametrize("length_h", [0.5, 2.0, 100.0])
def test_one_outage_of_one_length_that_breaks_the_budget(length_h: float) -> None:
    """Windows are broken as a Poisson process is not silent: by an outage of which more than the budget lies in the window.

    Of an outage longer than the budget b, its begin may lie from b - length before the window's begin to b before its end: the window
    plus the length less 2 b; two shorter parts of two outages in one window add up in one of a million.
    """
    rate, window_h, budget_h = 1e-3, 730.0, 0.365
    share, _ = missed(taken([0], [0.0], [length_h], window_h), [rate], budget_h, [0], 1)
    assert share[0] == pytest.approx(-math.expm1(-rate * (window_h + length_h - 2 * budget_h) / YEAR_H), rel=1e-4)


def test_two_outages_of_one_length_within_the_budget_and_three_not() -> None:
    """Short beside the window: the number of outages is Poisson, edges are a 10,000th."""
    rate, window_h, length_h = 20.0, 730.0, 1 / 60
    mean = rate * window_h / YEAR_H
    share, _ = missed(taken([0], [0.0], [length_h], window_h), [rate], 2.5 * length_h, [0], 1)
    assert share[0] == pytest.approx(1 - math.exp(-mean) * (1 + mean + mean**2 / 2), rel=1e-3)


@pytest.mark.parametrize(
    ("rate", "mean_h", "window_h", "budget_h"), [(4, 0.3, 730, 0.365), (20, 0.1, 730, 0.365), (2, 5, 730, 0.73), (12, 0.5, 8760, 8.76)]
)
def test_a_repairable_part_against_windows_drawn_one_after_the_other(rate: float, mean_h: float, window_h: float, budget_h: float) -> None:
    n, windows = 4000, 200_000
    lengths = -np.log((np.arange(n) + 0.5) / n) * mean_h
    each = np.full(n, rate / n / (1 + rate * mean_h / YEAR_H))
    share, adds = missed(taken(np.arange(n), np.zeros(n), lengths, window_h), each, budget_h, np.zeros(n, int), 1)
    rng = np.random.default_rng(20261123)
    up = rng.exponential(YEAR_H / rate, int(1.1 * rate * windows * window_h / YEAR_H))
    down = rng.exponential(mean_h, up.size)
    begin = np.cumsum(up) + np.cumsum(down) - down
    out = np.zeros(windows + 2)
    first = np.minimum((begin // window_h).astype(int), windows)
    inside = np.minimum(down, (first + 1) * window_h - begin)
    np.add.at(out, first, inside)
    np.add.at(out, np.minimum(first + 1, windows + 1), down - inside)
    drawn = (out[:windows] > budget_h).mean()
    assert share[0] == pytest.approx(drawn, abs=5 * math.sqrt(drawn * (1 - drawn) / windows))
    assert adds.min() >= 0.0


def test_what_an_episode_adds_is_the_slope_of_the_share() -> None:
    rng = np.random.default_rng(7)
    path = np.repeat(np.arange(40), 2)
    begin = np.tile([0.0, 6.0], 40)
    some = taken(path, begin, begin + rng.uniform(0.01, 0.5, 80), 168.0)
    rate, world = rng.uniform(0.5, 2.0, 40), np.arange(40) % 2
    share, adds = missed(some, rate, 0.4, world, 2)
    for k in range(0, 40, 7):
        more = rate.copy()
        more[k] += 1e-4
        assert (missed(some, more, 0.4, world, 2)[0][world[k]] - share[world[k]]) / 1e-4 == pytest.approx(adds[k], rel=2e-3)


def test_windows_of_played_years() -> None:
    """Two runs of two years: an outage over two months, one over the end of a year, one that is short, one over the end of a run."""
    path = np.array([0, 0, 2, 3])
    begin = np.array([710.0, 8755.0, 100.0, 8755.0]) + YEAR_H * np.array([1, 1, 1, 2])
    end = begin + np.array([40.0, 10.0, 0.4, 10.0])
    assert missed_of_years(path, begin, end, 730.0, 0.5, 4, 2).tolist() == [3 / 12, 1 / 12, 0.0, 1 / 12]


def test_an_assessment_of_one_repairable_part() -> None:
    """Point repairs of 30 min break a budget of 21.9 min each: the months without an outage of which more than that lies inside."""
    model = load_text("""blackstart: 1
components: {db: {fails: 2/yr, repair: 30min}}
services: {shop: {needs: db, users: 1, tolerance: {uptime: 99.95% per month in 90% of months}}}
""")
    system = compile_model(model)
    study = Study(worlds=10, samples=50)
    row = assessment(model, system, assess(system, study), study).as_dict()["services"]["shop"]["uptime"][0]
    exact = math.exp(-2 / (1 + 2 * 0.5 / YEAR_H) * (730 + 0.5 - 2 * 0.365) / YEAR_H)
    assert row["kept_share"]["value"] == pytest.approx(exact, rel=1e-4)
    assert row["burnt"]["value"] == pytest.approx(2 * 0.5 / 12 / 0.365, rel=1e-3) and row["state"] == "outside"
