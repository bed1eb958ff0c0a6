"""Promised uptimes (service level objectives): in what share of months a service keeps its own, and how much of the time out is spent.

A window is one of those that follow each other without end, or, which is the same in the long run, one that ends at any moment. What
is out in it is spread like a sum of what the episodes take out of it (`curves.budgets`), in each possible world.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from blackstart.curves import budgets
from blackstart.engines.simulate import YEARS_OF_RUN
from blackstart.language.model import Component
from blackstart.studies.tolerances import state
from blackstart.uptime import OF_WINDOWS, Uptime


def kept(c: Component, out: np.ndarray, down: dict[str, Any], worlds: Any) -> list[dict[str, Any]]:
    """Each uptime that is promised of a service, beside what there is.

    out : (R, 6) its outages, as rows of the kernel. down : hours out a year, as an Estimate is told. worlds : `results.Worlds`.
    """
    return [_one(u, out, down, worlds) for u in (c.tolerance.uptime if c.tolerance else ())]


def _one(u: Uptime, out: np.ndarray, down: dict[str, Any], worlds: Any) -> dict[str, Any]:
    missed = _missed(u, out, worlds)
    room = 1.0 - allowed(u)
    spent = u.window_h / budgets.HOURS_PER_YEAR / u.budget_h
    met = {"value": 1.0 - missed["value"], "standard_error": missed["standard_error"]}
    met["band"] = None if missed["band"] is None else [max(0.0, 1.0 - end) for end in reversed(missed["band"])]
    burnt = {key: None if down[key] is None else np.multiply(down[key], spent).tolist() for key in ("value", "standard_error", "band")}
    return {
        "share": u.share, "window_h": u.window_h, "budget_h": u.budget_h, "of_windows": room, "kept_share": met, "burnt": burnt,
        "state": state(allowed(u), missed["value"], missed["standard_error"]),
    }  # fmt: skip


def allowed(u: Uptime) -> float:
    """Share of the windows that may break it."""
    return 1.0 - (OF_WINDOWS if u.of_windows is None else u.of_windows)


def _missed(u: Uptime, out: np.ndarray, worlds: Any) -> dict[str, Any]:
    """Share of windows in which more is out than the budget, as an Estimate is told; the noise of each world to first order."""
    share, adds = missed_by_world(u, out, worlds)
    as_it_is = worlds.known_by_world(adds)._replace(seen=share, known=np.ones(worlds.n))
    return worlds.of_lent_worlds(share, as_it_is).as_dict()


def missed_by_world(u: Uptime, out: np.ndarray, worlds: Any) -> tuple[np.ndarray, np.ndarray]:
    """(worlds,) share of windows in which more is out than the budget; (P,) what each path adds to it, as `Worlds.by_world` counts."""
    path, begin_h, end_h = out[:, 0].astype(np.int64), out[:, 3], out[:, 4]
    if worlds.sample.years:
        of_year = budgets.missed_of_years(path, begin_h, end_h, u.window_h, u.budget_h, worlds.weight.size, YEARS_OF_RUN)
        return worlds.by_world(of_year), of_year
    taken, (rate, world, lent) = budgets.taken(path, begin_h, end_h, u.window_h), worlds.lent
    order = np.argsort(lent, kind="stable")
    times = np.bincount(lent, minlength=worlds.weight.size)[taken.path]
    first = np.searchsorted(lent[order], taken.path)
    row = np.repeat(np.arange(taken.path.size), times)
    episode = order[first[row] + np.arange(row.size) - np.repeat(np.cumsum(times) - times, times)]
    some = budgets.Taken(episode, taken.hours[row], taken.low[row], taken.high[row])
    share, adds = budgets.missed(some, rate, u.budget_h, world, worlds.n)
    by_path = np.bincount(lent, rate * adds, worlds.weight.size)
    return share, np.divide(by_path, worlds.weight, out=np.zeros(by_path.size), where=worlds.weight > 0)
