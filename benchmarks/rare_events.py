"""How much work a rare outage costs: episodes against plain years, same model, same engine.

    python benchmarks/rare_events.py

Two sites, each lost to fire now and then; the service is out for more than a day only if the second one burns while the first
is being rebuilt. The fires are made rarer step by step. For each step: the frequency of outages over 24 h by
episodes, by hand, the kernel events that episodes need for 10 % standard error, and those that plain years would need for the same
(100 / frequency years, at the events a plain year costs, which is measured).
"""

from __future__ import annotations

import math

import numpy as np

from blackstart.compilation import compile_model
from blackstart.engines import layout, simulate
from blackstart.language import load

MODEL = """
blackstart: 1
components:
  east: {{fails: 1 per {years} yr, repair: {{takes: exponential(mean=240h)}}}}
  west: {{fails: 1 per {years} yr, repair: {{takes: exponential(mean=240h)}}}}
  router: {{fails: 4/yr, repair: 30 min}}
services:
  shop: {{needs: [router, {{any: [east, west]}}]}}
"""


def by_hand(years: float) -> float:
    """Outages over 24 h a year: both down at rate 2 a · (a T) / (1 + ...), and then longer than 24 h with exp(-24 · 2 / T)."""
    a, mend = 1.0 / years / 8760.0, 1.0 / 240.0
    p0 = 1.0 / (1.0 + 2.0 * a / mend + (a / mend) ** 2)
    p1 = 2.0 * a / mend * p0
    return p1 * a * 8760.0 * math.exp(-24.0 * 2.0 * mend)


def frequency(sample: simulate.Sample, worlds: int) -> np.ndarray:
    rows = sample.rows[(sample.rows[:, 1] == layout.ROW_OUT) & (sample.rows[:, 4] - sample.rows[:, 3] > 24.0)]
    path = rows[:, 0].astype(np.int64)
    return np.bincount(sample.world_of_path[path], weights=sample.paths[path, 1], minlength=worlds)


def main() -> None:
    print("once in about     episodes        by hand      z    events for 10 %:  episodes   plain years      ratio")
    for years in (5, 21, 67, 210, 670):
        system = compile_model(load.load_text(MODEL.format(years=years)))
        study = simulate.Study(worlds=200, samples=50, method="episodes")
        sample = simulate.assess(system, study)
        value = frequency(sample, study.worlds)
        mean, error = value.mean(), value.std(ddof=1) / math.sqrt(study.worlds)
        needed = sample.events * (error / mean / 0.1) ** 2
        plain = simulate.assess(system, simulate.Study(worlds=2, samples=2000, method="years"))
        plain_needed = 100.0 / mean * plain.events / 4000.0
        expected = by_hand(years)
        print(
            f"{1 / expected:12,.0f} yr   {mean:.3e}     {expected:.3e}  {(mean - expected) / error:5.1f}   {needed:22,.0f}"
            f"  {plain_needed:14,.0f}   {plain_needed / needed:8,.0f}"
        )


if __name__ == "__main__":
    main()
