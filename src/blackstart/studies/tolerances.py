"""Signed curves of risk: what is longer, or dearer, may come so often and no more; and how often it comes.

A curve is a list of points for a service or for the whole firm. Between two points the milder one holds: what is worse than it is at
least as rare. So a curve is kept when every point is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from blackstart.curves.windows import stretches
from blackstart.engines import layout as y
from blackstart.language.model import Accepted, Model
from blackstart.system import System

TOLD_APART = 2.0  # standard errors
POINTS = 49  # of the curve that there is
ROOM = 3.0  # by which that reaches beyond the signed points


@dataclass(frozen=True, slots=True)
class Signed:
    """One signed curve. of : a service; None: the whole firm. measure : ``hours`` or ``loss``. points : the mildest first."""

    of: str | None
    measure: str
    points: tuple[Accepted, ...]


def signed(model: Model) -> list[Signed]:
    """The signed curves of a model: those of the firm, then those of its services in the order of the file."""
    bears = [(None, model.tolerance), *((c.id, c.tolerance) for c in model.services)]
    found = []
    for of, row in bears:
        for measure in ("hours", "loss"):
            if row is not None and (points := tuple(p for p in row.at_most if p.measure == measure)):
                found.append(Signed(of, measure, points))
    return found


def events(
    one: Signed, system: System, pieces: np.ndarray, loss: np.ndarray, costs: np.ndarray, in_years: bool
) -> tuple[np.ndarray, np.ndarray]:
    """What a curve counts: the path of each event, and how long or how dear it was.

    A service's outages count one by one. For the firm an event is an episode: its longest outage, or all that it costs; in played years
    it is a stretch of outages that overlap.

    pieces : (R, 6) outages and degraded service. loss : (R,) of each. costs : (C, 6) what hazards cost when they arrive.
    """
    out = pieces[:, 1].astype(np.int64) == y.ROW_OUT
    mine = np.ones(out.size, bool) if one.of is None else pieces[:, 2].astype(np.int64) == _number(system, one.of)
    if one.measure == "hours":
        rows = pieces[out & mine]
        path, size = rows[:, 0].astype(np.int64), rows[:, 4] - rows[:, 3]
        return (path, size) if one.of is not None else _together(path, rows[:, 3], rows[:, 4], size, in_years, np.maximum)
    rows, amount = pieces[mine], loss[mine]
    path, begin_h, end_h = rows[:, 0].astype(np.int64), rows[:, 3], rows[:, 4]
    if one.of is None:  # what an arrival costs has no length
        path = np.concatenate([path, costs[:, 0].astype(np.int64)])
        begin_h, end_h = (np.concatenate([a, costs[:, 3]]) for a in (begin_h, end_h))
        amount = np.concatenate([amount, costs[:, 4]])
    return _together(path, begin_h, end_h, amount, in_years, np.add)


def _number(system: System, service: str) -> int:
    """Place of a service; one that a defence took away never stops."""
    return system.services.index(service) if service in system.services else -1


def _together(
    path: np.ndarray, begin_h: np.ndarray, end_h: np.ndarray, size: np.ndarray, in_years: bool, how: np.ufunc
) -> tuple[np.ndarray, np.ndarray]:
    """Pieces as events: those of one episode, or in played years those that overlap."""
    if not path.size:
        return path, size
    number = stretches(path, begin_h, end_h) if in_years else np.unique(path, return_inverse=True)[1]
    whole, of = np.zeros(int(number.max()) + 1), np.zeros(int(number.max()) + 1, np.int64)
    how.at(whole, number, size)
    of[number] = path
    return of, whole


def amounts(one: Signed, size: np.ndarray) -> np.ndarray:
    """(POINTS,) amounts at which the curve that there is is drawn: around the signed points, and as far as anything reaches."""
    low, high = one.points[0].amount / ROOM, one.points[-1].amount * ROOM
    return np.geomspace(low, max(high, float(size.max(initial=0.0))), POINTS)


def state(accepted: float, value: float, error: float) -> str:
    """``inside`` or ``outside`` a point; ``open`` where the error of the computation leaves it open."""
    if value + TOLD_APART * error <= accepted:
        return "inside"
    return "outside" if value - TOLD_APART * error > accepted else "open"

