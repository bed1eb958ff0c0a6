"""What is not known of one row of the evidence library is one thing, however many parts rest on the row (decision 0013)."""

from __future__ import annotations

import numpy as np
import pytest

from blackstart import overlaps
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.load import load_text
from blackstart.results import assessment
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
