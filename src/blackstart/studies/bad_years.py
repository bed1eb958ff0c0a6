"""What bad years are made of: how many of the drawn years cost more than an amount, and what these begin with.

A year is the sum of its incidents, so no single course tells what it was that made it bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from blackstart.engines.simulate import Sample
from blackstart.system import System

LEAST_SHARE = 0.005  # of the years, and of their loss: what makes up less of both is not told
SAME = 1e-9


class Drawn(Protocol):
    """Years drawn from episodes."""

    count: int

    def arrivals(self, per_path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Year and path of each arrival that brings something."""
        ...


def bad_years(system: System, sample: Sample, years: Drawn, loss: np.ndarray, told: Mapping[str, Any]) -> dict[str, Any]:
    """Of each amount that is told for a return period (`oep`, `aep`): the drawn years that reach it, and what they begin with.

    Parameters
    ----------
    loss : (paths,) of each path. told : the `loss` of all services, as an assessment has it

    Returns
    -------
    dict
        `drawn` years in all; by `oep` and `aep` and return period the number of `years` that lose something and reach the amount, their
        `mean` loss, the mean number of `incidents` in one, the share of the loss that the `largest` incident of each brings, and `by`:
        rows of causes, each with the years whose largest incident it begins, the same means of these, and its `loss_share` in all of
        them. None for an amount that is not told, or that no drawn year reaches.
    """
    year, path = years.arrivals(loss)
    amount, first = loss[path], sample.paths[path, 5].astype(np.int64)
    order = np.lexsort((-amount, year))
    is_first = np.diff(year[order], prepend=-1) > 0
    most, worst = np.zeros(years.count), np.full(years.count, -1)
    most[year[order][is_first]], worst[year[order][is_first]] = amount[order][is_first], first[order][is_first]
    sums, incidents = np.bincount(year, amount, years.count), np.bincount(year, minlength=years.count)
    found: dict[str, Any] = {"drawn": years.count, "oep": {}, "aep": {}}
    for kind, reached in (("oep", most), ("aep", sums)):
        for period, est in told[kind].items():
            bad = (reached > 0.0) & (reached >= (est["value"] if est else np.inf) * (1.0 - SAME))
            if not bad.any():
                found[kind][period] = None
                continue

            def means(some: np.ndarray) -> dict[str, Any]:
                return {"years": int(some.sum()), "mean": float(sums[some].mean()), "incidents": float(incidents[some].mean()),
                        "largest": float(most[some].sum() / sums[some].sum())}  # fmt: skip

            brought = np.bincount(first, amount * bad[year], len(system.items)) / sums[bad].sum()
            by = [
                {"id": system.items[i], "what": "hazard" if system.arrays.item["is_hazard"][i] else "component",
                 **(means(bad & (worst == i)) if n else {"years": 0, "mean": 0.0, "incidents": 0.0, "largest": 0.0}),
                 "loss_share": float(brought[i])}
                for i, n in enumerate(np.bincount(worst[bad], minlength=len(system.items)).tolist())
                if max(n / bad.sum(), brought[i]) >= LEAST_SHARE
            ]  # fmt: skip
            found[kind][period] = {**means(bad), "by": sorted(by, key=lambda row: (-row["loss_share"], row["id"]))}
    return found
