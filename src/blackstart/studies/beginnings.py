"""What episodes begin with: its share of what they bring, number by number; what begins those that never end by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from blackstart.engines.layout import FLAG_EVENTS
from blackstart.engines.simulate import Sample
from blackstart.system import System

FIRST, FIRST_OF_OTHERS = 8, 4  # causes told: the first by downtime, and the first by each other number
MOST_STUCK = 12  # parts named that never come back by themselves


def causes(
    system: System, sample: Sample, out: np.ndarray, longer_than: Mapping[str, float], *, lost: np.ndarray | None,
    loss: np.ndarray | None, worst: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> list[dict[str, Any]]:  # fmt: skip
    """What began the episodes, with its shares of outages, of downtime, of long outages, of users' hours and of loss.

    Parameters
    ----------
    out : (R, 6) rows of outages, as in layout.py
    lost, loss : (paths,) users' hours lost, money lost on each path; None where neither users nor losses are stated
    worst : (paths,) hours that each path takes out of a window, by the window; in a year only the worst counts
    """
    if sample.years:
        return []
    first, path = sample.paths[:, 5].astype(np.int64), out[:, 0].astype(np.int64)
    long_h = out[:, 4] - out[:, 3]
    n, weight = len(system.items), sample.paths[:, 1] / sample.worlds

    def share(of_paths: np.ndarray) -> np.ndarray:
        total = np.bincount(first, weights=weight * of_paths, minlength=n)
        return total / total.sum() if total.sum() > 0 else total

    def share_of(amount: np.ndarray) -> np.ndarray:
        return share(np.bincount(path, weights=amount, minlength=weight.size))

    def share_of_worst(hours: np.ndarray) -> np.ndarray:
        total = np.bincount(first, weights=worst_of_year(sample.paths[:, 1], hours, sample.world_of_path), minlength=n)
        return total / total.sum() if total.sum() > 0 else total

    down, often = share_of(long_h), share_of(np.ones(out.shape[0]))
    longer = {key: share_of((long_h > h).astype(float)) for key, h in longer_than.items()}
    missed, money = (None if of_paths is None else share(of_paths) for of_paths in (lost, loss))
    per_year = np.bincount(first, weights=weight, minlength=n)
    windows = {key: share_of_worst(hours) for key, hours in worst.items()}
    rows = [
        {
            **_named(system, i), "per_year": float(per_year[i]), "downtime_share": float(down[i]),
            "loss_share": None if money is None else float(money[i]), "long_share": float(longer["24h"][i]),
            "outages_share": float(often[i]), "longer_shares": {key: float(of[i]) for key, of in longer.items()},
            "users_share": None if missed is None else float(missed[i]),
            **({"window_shares": {key: float(of[i]) for key, of in windows.items()}} if windows else {}),
        }
        for i in range(n) if per_year[i] > 0
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (-r["downtime_share"], r["id"]))


def worst_of_year(per_year: np.ndarray, hours: np.ndarray, world: np.ndarray) -> np.ndarray:
    """(paths,) what each path brings to the expected largest of a year: that it comes, and none of its world that is larger.

    With Poisson arrivals, as `curves.windows.windowed_uptime`; `per_year` within its world.
    """
    order = np.lexsort((-hours, world))
    often, found = per_year[order], np.zeros(hours.size)
    before = np.concatenate(([0.0], np.cumsum(often)[:-1])) if often.size else often
    begin = np.searchsorted(world[order], world[order])
    found[order] = -np.expm1(-often) * np.exp(-(before - before[begin])) * hours[order]
    return found


def rescued(system: System, sample: Sample, is_rescued: np.ndarray, hours: np.ndarray, loss: np.ndarray | None) -> dict[str, Any]:
    """How much of all hours out, and of all loss, comes from courses in which something had to be rescued, and what these begin with.

    is_rescued : (paths,) bool. hours, loss : (paths,); None where no loss is stated
    """
    weight, first = sample.paths[:, 1], sample.paths[:, 5].astype(np.int64)
    totals = {"downtime_share": hours, **({} if loss is None else {"loss_share": loss})}
    found: dict[str, Any] = {"loss_share": None}
    by: dict[int, dict[str, float]] = {}
    for key, amount in totals.items():
        total = float((weight * amount).sum())
        of_rescued = weight * amount * is_rescued / total if total > 0 else np.zeros(weight.size)
        found[key] = float(of_rescued.sum())
        if not sample.years:
            for i, share in enumerate(np.bincount(first, weights=of_rescued, minlength=len(system.items)).tolist()):
                if share > 0:
                    by.setdefault(i, dict.fromkeys(totals, 0.0))[key] = share
    return found | {"shares": [{**_named(system, i), **row} for i, row in by.items()]}


def _named(system: System, item: int) -> dict[str, str]:
    return {"id": system.items[item], "what": "hazard" if system.arrays.item["is_hazard"][item] else "component"}


def first_of(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The causes worth telling: those that bring most downtime, and those that bring most of any other number."""
    told = list(rows[:FIRST])
    shares = [lambda r, key=key: r[key] or 0.0 for key in ("loss_share", "outages_share", "users_share")]
    shares += [lambda r, key=key: r["longer_shares"][key] for key in (rows[0]["longer_shares"] if rows else ())]
    for share in shares:
        told += [r for r in sorted(rows, key=share, reverse=True)[:FIRST_OF_OTHERS] if share(r) > 0.0 and r not in told]
    return told


def stuck(system: System, sample: Sample, rows: np.ndarray) -> dict[str, Any]:
    """How often something never comes back by itself, what that is, and what such courses began with.

    rows : (R, 6) rows of what is stuck, as in layout.py

    Courses that met the limit of events are counted apart, where there are any (`cut_per_year`): they may never come to rest.
    """
    cut = sample.paths[(sample.paths[:, 3].astype(np.int64) & FLAG_EVENTS) > 0, 1]
    also = {"cut_per_year": float(cut.sum() / sample.worlds)} if cut.size else {}
    if rows.size == 0:
        return {"per_year": 0.0, "components": [], "causes": []} | also
    paths = np.unique(rows[:, 0].astype(np.int64))
    weight = sample.paths[rows[:, 0].astype(np.int64), 1]
    often = np.bincount(rows[:, 2].astype(np.int64), weights=weight, minlength=len(system.components))
    worst = [system.components[i] for i in np.argsort(-often, kind="stable")[:MOST_STUCK] if often[i] > 0]
    per_year = float(sample.paths[paths, 1].sum() / sample.worlds)
    return {"per_year": per_year, "components": worst, "causes": _stuck_by(system, sample, paths)} | also


def _stuck_by(system: System, sample: Sample, paths: np.ndarray) -> list[dict[str, Any]]:
    """What the courses that get stuck began with, how often each does that."""
    if sample.years:
        return []
    first = sample.paths[paths, 5].astype(np.int64)
    often = np.bincount(first, weights=sample.paths[paths, 1] / sample.worlds, minlength=len(system.items))
    worst = [int(i) for i in np.argsort(-often, kind="stable")[:FIRST] if often[i] > 0]
    return [{**_named(system, i), "per_year": float(often[i]), "share": float(often[i] / often.sum())} for i in worst]
