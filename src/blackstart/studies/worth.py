"""What an hour of a service is weighed by where logic tells only how long it is out: its loss, its users, or nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.simulate import Given, Hit, Player
from blackstart.language.model import Component, Loss, Model
from blackstart.studies.results import Losses
from blackstart.system import System
from blackstart.units import mean_factor, read_hours

PLAYS, FEWEST_PLAYS, MOST_PLAYS = 20_000, 8, 400  # in all to see what an hour costs where not all hours cost the same; of one misfortune


def measure(model: Model, system: System) -> str:
    """What an hour of a service is weighed by: its loss ("money"), its users, or nothing ("services")."""
    rows = [model.components[name] for name in system.services]
    return "money" if any(c.loss is not None for c in rows) else "users" if any(c.users is not None for c in rows) else "services"


def nominal(model: Model, system: System) -> np.ndarray:
    """(S,) weight of an hour of each service as stated; a table counts by its average up to its last row."""
    rows, by = [model.components[name] for name in system.services], measure(model, system)
    if by == "money":
        return np.array([c.loss_per_hour for c in rows])
    return np.array([c.users or 0.0 for c in rows]) if by == "users" else np.ones(len(rows))


def per_hour(model: Model, system: System, player: Player, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(S,) what an hour out of each service costs on average over its outages; (S,) the most that one can cost on average.

    A loss per hour counts with the hours of the week in which it counts, what is only put off and the time until business is back in
    full: both are the same. A table, penalties and a cap make long outages cost otherwise than short ones: the mean is then over the
    outages that its misfortunes bring, each played by itself by chance, as often as it comes; the most is that of the length at which
    an hour is dearest. A penalty for outages of any length has no dearest length: see `at_once`.
    """
    mean = nominal(model, system)
    if measure(model, system) != "money":
        return mean, mean
    rows = [model.components[name] for name in system.services]
    most = mean.copy()
    uneven = []
    for s, c in enumerate(rows):
        if c.loss is None:
            continue
        mean[s] = most[s] = _even(c, c.loss)
        if c.loss.table or c.loss.penalties or c.loss.cap is not None:
            uneven.append(s)
            most[s] += _dearest(c.loss)
    if uneven:
        hours, cost = _played(model, system, player, seed)
        for s in uneven:
            average = cost[s] / hours[s] if hours[s] > 0.0 else mean[s] + (nominal(model, system)[s] if rows[s].loss.table else 0.0)
            mean[s], most[s] = average, max(most[s], average)
    return mean, most


def at_once(model: Model, system: System) -> np.ndarray:
    """(S,) what each outage of a service costs the moment it begins: penalties for outages of any length; 0 where no loss is stated."""
    rows = [model.components[name] for name in system.services]
    return np.array([math.fsum(m.dist.mean() for h, m in c.loss.penalties if h <= 0.0) if c.loss else 0.0 for c in rows])


def _even(c: Component, spec: Loss) -> float:
    """What any hour out costs by the loss per hour."""
    if spec.rate is None:
        return 0.0
    week = 1.0 if spec.hours is None else float(np.where(np.array(read_hours(spec.hours)), 1.0, spec.otherwise).mean())
    behind = 0.5 * max(0.0, mean_factor(c.aftermath) - 1.0)
    return spec.rate.dist.mean() * week * (1.0 + behind) * (1.0 - spec.deferred)


def _dearest(spec: Loss) -> float:
    """What an hour costs by table and penalties in an outage of the length at which that is most."""
    known = [(h, m.dist.mean()) for h, m in spec.table]
    each = [money / h for h, money in known if h > 0.0]
    if len(known) > 1:
        each.append((known[-1][1] - known[-2][1]) / (known[-1][0] - known[-2][0]))  # beyond the last row
    paid = sum(money.dist.mean() / h for h, money in spec.penalties if h > 0.0)
    return max(each, default=0.0) * (1.0 - spec.deferred) + paid


def _played(model: Model, system: System, player: Player, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(S,) hours out and (S,) what they cost, both an hour of time, over the misfortunes that come by themselves."""
    count, rate = len(system.services), system.mean_world().rate
    hours, cost = np.zeros(count), np.zeros(count)
    losses = Losses(model, system, seed, by_chance=False)
    comes = np.flatnonzero(rate > 0.0)
    plays = int(min(MOST_PLAYS, max(FEWEST_PLAYS, PLAYS // max(1, comes.size))))
    for i in comes.tolist():
        row = system.arrays.item[i]
        out = _out(player, [Hit(0.0, bool(row["is_hazard"]), int(row["id"]))], plays, seed)
        service = out[:, 2].astype(np.int64)
        hours += np.bincount(service, out[:, 4] - out[:, 3], count) * rate[i] / plays
        cost += np.bincount(service, losses.of(out), count) * rate[i] / plays
    return hours, cost


def _out(player: Player, hits: Sequence[Hit], plays: int, seed: int) -> np.ndarray:
    rows = player.by_chance(hits, Given(), plays, seed)[1]
    return rows[rows[:, 1] == y.ROW_OUT]
