"""Expected loss when chances are known and dependence is not, by hand (reference A9).

Two hazards, loss 1 only when both are down, u = 0.01 and 0.02: independent 0.01 × 0.02; worst, the rarer only while the other is
there: 0.01; best, never together: 0. Three of 0.01, loss 1 when any two are down: worst 0.015, each of the three pairs for 0.005.
"""

from __future__ import annotations

import numpy as np
import pytest

from blackstart.engines import logic
from blackstart.engines.adversary import Adversary
from blackstart.engines.dependence import band
from blackstart.engines.formula import AND, OR, THRESHOLD, Formula, Writer


def _asked(formula: Formula) -> Adversary:
    return Adversary(formula, np.ones(1), np.ones(formula.events))


def _both() -> Formula:
    w = Writer(2)
    return w.formula([w.gate(AND, [w.event(0), w.event(1)])])


def _two_of_three() -> Formula:
    w = Writer(3)
    return w.formula([w.gate(THRESHOLD, [w.event(e) for e in range(3)], 2.0)])


def test_two_hazards() -> None:
    u = np.array([0.01, 0.02])
    found = band(_asked(_both()), u)
    assert found is not None
    assert (found.least, found.most) == pytest.approx((0.0, 0.01), abs=1e-12)
    assert (found.least_bound, found.most_bound) == pytest.approx((0.0, 0.01), abs=1e-9)
    assert logic.solve(_both(), u).probability[0] == pytest.approx(2e-4, rel=1e-12)
    assert found.states == [(pytest.approx(0.01), (0, 1))]


@pytest.mark.parametrize("most", [2, None])
def test_three_hazards_any_two(most: int | None) -> None:
    found = band(_asked(_two_of_three()), np.full(3, 0.01), most)
    assert found is not None
    assert found.most == pytest.approx(0.015, rel=1e-9) and found.most_bound == pytest.approx(0.015, rel=1e-6)
    assert sorted(events for _, events in found.states) == [(0, 1), (0, 2), (1, 2)]


def test_never_two_at_once_is_the_sum_of_the_single_ones() -> None:
    found = band(_asked(_two_of_three()), np.full(3, 0.01), 1)
    assert found is not None and (found.least, found.most) == (0.0, 0.0)


def test_more_than_can_be_there_is_told() -> None:
    assert band(_asked(_two_of_three()), np.full(3, 0.9), 2) is None


def test_many_things_over_shared_misfortunes_end_with_a_gap_that_is_small() -> None:
    """Forty pairs in six sites, a fire for each site: the band began so far from its end that it was given up with bounds far apart."""
    draw = np.random.default_rng(7)
    pairs, sites = 40, 6
    w = Writer(2 * pairs + sites)
    tops = []
    for k in range(pairs):
        halves = [
            w.gate(OR, [w.event(2 * k + i), w.event(2 * pairs + int(s))]) for i, s in enumerate(draw.choice(sites, 2, replace=False))
        ]  # fmt: skip
        tops.append(w.gate(AND, halves))
    formula = w.formula(tops)
    chance = np.append(draw.uniform(1e-5, 1e-3, 2 * pairs), draw.uniform(1e-6, 1e-4, sites))
    worth = draw.uniform(1.0, 100.0, pairs)
    found = band(Adversary(formula, worth, np.ones(formula.events)), chance)
    assert found is not None
    apart = sum(
        worth[t] * band(Adversary(formula._replace(tops=formula.tops[t : t + 1]), np.ones(1), np.ones(formula.events)), chance).most  # type: ignore[union-attr]
        for t in range(pairs)
    )  # fmt: skip
    assert found.most <= found.most_bound <= apart * (1.0 + 1e-9), "no more than each by itself can come to"
    assert found.most_bound <= 1.05 * found.most
    assert 0.0 <= found.least_bound <= found.least <= found.most
