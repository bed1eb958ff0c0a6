"""Results: what every view reads (terminal, JSON, page, white paper are functions of these alone).

A Result never travels without its outcome and provenance. The dicts made here
are the published form (docs/reference/result.schema.json).
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from blackstart import curves, examples, units
from blackstart.curves import windows
from blackstart.engines import layout as y
from blackstart.engines.layout import salt
from blackstart.engines.simulate import Sample, Study
from blackstart.language.at_rest import out_below
from blackstart.language.data import behind_h, data_under, destroyable
from blackstart.language.history import contradicted, told_aside
from blackstart.language.model import Component, Loss, Model, broken_by
from blackstart.language.needs import doubtful_names, leaf_names
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.scenario import HIT_PREFIX
from blackstart.studies import beginnings, promised, tolerances
from blackstart.studies.bad_years import bad_years
from blackstart.studies.worlds import Estimate, Worlds, batch_error
from blackstart.system import HOURS_PER_YEAR, System
from blackstart.version import __version__

SCHEMA_VERSION = "1"
LONGER_THAN = {"1h": 1.0, "4h": 4.0, "24h": 24.0, "120h": 120.0}
WINDOWS = {"1h": 1.0, "24h": 24.0, "168h": 168.0, "720h": 720.0}
RETURN_PERIODS = (2, 5, 10, 50, 100, 250, 1000)
AEP_ACCURACY = 0.01
MOST_TRACED = 60  # services, the worst first, of which it is told what begins their outages
HOUR_OF_WEEK = 77  # what a number is drawn for
CURVE_POINTS = 49  # from one minute to 1,000 hours and more


@dataclass(frozen=True)
class Episodes:
    """Weighted episodes: rate per year in its own world, loss, world, number of the item that began it; (P,) arrays."""

    rate: np.ndarray
    loss: np.ndarray
    world: np.ndarray
    first: np.ndarray
    items: tuple[str, ...]
    worlds: int


@dataclass(frozen=True)
class Result:
    """An answer. `data` is its published form; `episodes` the weighted losses behind it, for export (Open Results Data)."""

    data: dict[str, Any]
    episodes: Episodes | None = None

    def as_dict(self) -> dict[str, Any]:
        return self.data


# ----------------------------------------------------------------------------- common to both


def common(kind: str, model: Model, system: System, defences: Sequence[str], study: Mapping[str, Any]) -> dict[str, Any]:
    from blackstart.language.coldstart import deadlocks

    return {
        "schema_version": SCHEMA_VERSION,
        "kind": kind,
        "title": model.title if isinstance(model.title, str) else dict(model.title),
        "outcome": {"state": "estimated", "reasons": []},
        "provenance": {
            "model": _relative(model.files), "digest": system.digest, "version": __version__, "seed": study.get("seed"),
            "study": dict(study), "with": list(defences), "example": examples.name_of(model.files[0] if model.files else ""),
        } | told_aside(model) | contradicted(model),
        "defences": [_defence(model, name) for name in defences],
        "currency": model.currency,
        "labels": labels(model),
        "graph": _graph(model),
        "defaults": [{"path": d.path, "value": d.value, "source": d.source, "title": d.title} for d in model.defaults],
        "deadlocks": [{"kind": d.kind, "members": list(d.members), "chain": list(d.chain), "escape": d.escape} for d in deadlocks(model)],
    }  # fmt: skip


def labels(model: Model) -> dict[str, Any]:
    """Names to show, by noun and id."""
    nouns = {
        "component": model.components, "domain": model.domains, "hazard": model.hazards, "team": model.teams,
        "barrier": model.barriers, "defence": model.defences,
    }  # fmt: skip
    return {
        f"{noun}:{r.id}": r.label if isinstance(r.label, str) else dict(r.label)
        for noun, rows in nouns.items() for r in rows.values() if r.label
    }  # fmt: skip


def _defence(model: Model, name: str) -> dict[str, Any]:
    """A defence that is on, with its mean cost."""
    row = model.defences[name]
    costs = {"once": row.costs_once, "yearly": row.costs_yearly}
    return {"id": name} | {k: None if c is None else c.dist.mean() for k, c in costs.items()}


def _relative(files: Sequence[str]) -> list[str]:
    """The model's files as seen from the folder of the first: where a checkout lies is nobody's business."""
    folder = Path(files[0]).parent if files else Path()
    return [Path(os.path.relpath(name, folder)).as_posix() for name in files]


def _graph(model: Model) -> dict[str, Any]:
    needs: list[list[str]] = []
    hazards = [h for h in model.hazards.values() if not h.id.startswith(HIT_PREFIX)]
    for c in model.components.values():
        kinds = {
            "maybe": doubtful_names(c.needs), "run": leaf_names(c.needs), "start": leaf_names(c.start.needs if c.start else None),
            "repair": leaf_names(c.repair.needs if c.repair else None), "want": [w.name for w in c.wants],
            "standby": list(c.standby.stands_for) if c.standby else [], "help": [h.name for h in c.helps],
        }  # fmt: skip
        kinds["run"] = [name for name in kinds["run"] if name not in kinds["maybe"]]
        needs.extend([c.id, name, kind] for kind, names in kinds.items() for name in dict.fromkeys(names))
    return {
        "components": [
            {"id": c.id, "kind": c.kind, "service": c.is_service, "in": list(c.located), **_at_work(c)} for c in model.components.values()
        ],
        "domains": [{"id": d.id, "kind": d.kind, "in": list(d.located)} for d in model.domains.values()],
        "hazards": [{"id": h.id, "strikes": list(h.strikes), "breaks": broken_by(h.effects)} for h in hazards],
        "needs": needs,
    }


def _at_work(c: Component) -> dict[str, Any]:
    """Where a component stands in the model's files, and how many people of which teams a start and a repair of it take."""
    at = f"{c.where.file.rpartition('/')[2]}:{c.where.line}" if c.where else None
    start, repair = (sum(crew.people for crew in part.people) if part else 0 for part in (c.start, c.repair))
    teams = dict.fromkeys(crew.team for part in (c.start, c.repair) if part for crew in part.people)
    return {"at": at, "people": {"start": start, "repair": repair}, "teams": list(teams)}


# ----------------------------------------------------------------------------- losses


class Losses:
    """Loss of each piece of outage or degraded service (rows of the kernel), in the model's currency.

    by_chance : whether amounts and the hour of the week are drawn for each sample; else amounts are means, the hour any hour.
    """

    def __init__(self, model: Model, system: System, seed: int, by_chance: bool = True) -> None:
        self.rows = [model.components[name] for name in system.services]
        self.seed = seed
        self.by_chance = by_chance

    def of(self, pieces: np.ndarray, number: np.ndarray | None = None) -> np.ndarray:
        """(R,) loss of pieces (R, 6): path, what, service, begin, end, lost service-hours.

        number : (P,) the sample that each path is (`Sample.number`), by which amounts and hours are drawn; unless given, its place.
        """
        path = pieces[:, 0].astype(np.int64)
        by = (path if number is None else number[path]).astype(np.uint64)
        loss = np.zeros(pieces.shape[0])
        for c, mine in zip(self.rows, _of_each(pieces, len(self.rows)), strict=True):
            if c.loss is not None:
                loss[mine] = self._service(c, c.loss, pieces[mine], by[mine])
        return loss

    def _service(self, c: Component, spec: Loss, p: np.ndarray, by: np.ndarray) -> np.ndarray:
        long_h = p[:, 4] - p[:, 3]
        share = np.divide(p[:, 5], long_h, out=np.zeros_like(long_h), where=long_h > 0)
        out = p[:, 1].astype(np.int64) == y.ROW_OUT
        amount = np.zeros(p.shape[0])
        if spec.rate is not None:
            counted = self._hours_that_count(spec, by, p[:, 3], p[:, 4])
            # After an outage the business comes back evenly until `aftermath` times its length; worse service leaves no backlog.
            behind = np.where(out, np.maximum(0.0, self._aftermath(c, by) - 1.0) * long_h, 0.0)
            counted = counted + 0.5 * self._hours_that_count(spec, by, p[:, 4], p[:, 4] + behind)
            amount += self._money(spec.rate.dist, c.id, by) * counted * share
        if spec.table:
            known = [(h, m.dist.mean()) for h, m in spec.table]
            known = known if known[0][0] <= 0.0 else [(0.0, 0.0), *known]
            hours, money = np.array([h for h, _ in known]), np.array([m for _, m in known])
            slope = (money[-1] - money[-2]) / (hours[-1] - hours[-2]) if len(known) > 1 else 0.0
            beyond = np.maximum(0.0, long_h - hours[-1]) * slope
            amount += np.where(out, (np.interp(long_h, hours, money) + beyond) * share, 0.0)
        amount *= 1.0 - spec.deferred
        for after_h, money in spec.penalties:
            amount += np.where(out & (long_h > after_h), money.dist.mean(), 0.0)
        if spec.cap is not None and amount.size:  # the sums of nothing would be whole numbers
            stretch = windows.stretches(p[:, 0], p[:, 3], p[:, 4])
            total = np.bincount(stretch, weights=amount)[stretch]
            amount = amount * np.minimum(1.0, np.divide(spec.cap.dist.mean(), total, out=np.ones_like(total), where=total > 0))
        return amount

    def _aftermath(self, c: Component, by: np.ndarray) -> np.ndarray | float:
        """How many times its length an outage is felt; where that is a range, cases differ as amounts do."""
        if not isinstance(c.aftermath, units.Factor) or not self.by_chance:
            return units.mean_factor(c.aftermath)
        return c.aftermath.dist.quantile(_uniform(self.seed, by, salt("aftermath", c.id)))

    def _money(self, dist: units.Dist, name: str, by: np.ndarray) -> np.ndarray | float:
        """Amounts that differ from case to case: one draw for each sample and service."""
        if dist.kind == "point" or not self.by_chance:
            return dist.mean()
        return dist.quantile(_uniform(self.seed, by, salt("service", name)))

    def _hours_that_count(self, spec: Loss, by: np.ndarray, begin_h: np.ndarray, end_h: np.ndarray) -> np.ndarray:
        """Hours between two times of each piece's path, each with the weight of its hour of the week; `by` as in `of`."""
        if spec.hours is None:
            return end_h - begin_h
        week = np.where(np.array(units.read_hours(spec.hours)), 1.0, spec.otherwise)
        if not self.by_chance:
            return (end_h - begin_h) * week.mean()
        cumulated = np.concatenate([[0.0], np.cumsum(week)])
        at = _uniform(self.seed, by, HOUR_OF_WEEK) * 168.0  # when in the week the path begins

        def until(t: np.ndarray) -> np.ndarray:
            weeks, rest = np.divmod(t, 168.0)
            return weeks * cumulated[-1] + np.interp(rest, np.arange(169.0), cumulated)

        return until(at + end_h) - until(at + begin_h)


def _of_each(pieces: np.ndarray, services: int) -> list[np.ndarray]:
    """Rows of each service among the pieces, in their order."""
    service = pieces[:, 2].astype(np.int32)
    order = np.argsort(service, kind="stable")
    return np.split(order, np.searchsorted(service[order], np.arange(1, services)))


def _uniform(seed: int, who: np.ndarray, what: int) -> np.ndarray:
    """Keyed uniforms for arrays (the finaliser of SplitMix64, as engines/draws.py)."""
    with np.errstate(over="ignore"):
        z = who * np.uint64(0x9E3779B97F4A7C15) + np.uint64((seed * 0x632BE59BD9B4E019 + what) & 0xFFFFFFFFFFFFFFFF)
        for _ in range(2):
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
    return ((z >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53


# ----------------------------------------------------------------------------- assessment


class _Parts:
    """What all numbers of an assessment are made from."""

    def __init__(self, model: Model, system: System, sample: Sample, study: Study) -> None:
        self.model, self.system = model, system
        self.worlds = Worlds(sample, system.is_certain())
        what = sample.rows[:, 1].astype(np.int64)
        self.pieces = sample.rows[what <= y.ROW_DEGRADED]
        self.of_service = _of_each(self.pieces, len(system.services))
        self.loss = Losses(model, system, study.seed).of(self.pieces, sample.number)
        self.costs, self.lost = sample.rows[what == y.ROW_COST], data_losses(sample.rows)
        self.stuck = sample.rows[what == y.ROW_STUCK]
        self.total_loss = self.worlds.per_path(self.pieces, self.loss) + self.worlds.per_path(self.costs, self.costs[:, 4])
        self.with_loss = any(c.loss for c in model.services) or self.costs.size > 0

    def service(self, name: str) -> dict[str, Any]:
        number = self.system.services.index(name)
        mine = self.of_service[number]
        row = _service(self.model, self.system, number, self.pieces[mine], self.loss[mine], self.lost, self.worlds)
        out = self.pieces[mine[self.pieces[mine, 1] == y.ROW_OUT]]
        kept = promised.kept(self.model.components[name], out, row["downtime_h_per_year"], self.worlds)
        return row | {"out_below": self.below[name]} | ({"uptime": kept} if kept else {})

    @cached_property
    def below(self) -> dict[str, float | None]:
        return out_below(self.model)

    def causes(self, service: str | None = None) -> list[dict[str, Any]]:
        """What the episodes begin with, and its shares of what they bring: to all services, or to one."""
        mine = slice(None) if service is None else self.of_service[self.system.services.index(service)]
        rows, loss = self.pieces[mine], None
        if service is None:
            loss = self.total_loss if self.with_loss else None
        elif self.model.components[service].loss is not None:
            loss = self.worlds.per_path(rows, self.loss[mine])
        users = np.array([self.model.components[name].users or 0.0 for name in self.system.services])[rows[:, 2].astype(np.int64)]
        lost = self.worlds.per_path(rows, rows[:, 5] * users) if users.any() else None
        out = rows[rows[:, 1].astype(np.int64) == y.ROW_OUT]
        worst = {} if service is None else _worst(rows, self.worlds)
        sample = self.worlds.sample
        return beginnings.causes(self.system, sample, out, LONGER_THAN, lost=lost, loss=loss, worst=worst)

    def stuck_shares(self) -> dict[str, Any]:
        """How much of all hours out, and of all loss, comes from courses in which something had to be rescued from outside."""
        sample, out = self.worlds.sample, self.pieces[self.pieces[:, 1].astype(np.int64) == y.ROW_OUT]
        is_rescued = (sample.paths[:, 3].astype(np.int64) & y.FLAG_STUCK) > 0
        hours = self.worlds.per_path(out, out[:, 4] - out[:, 3])
        return beginnings.rescued(self.system, sample, is_rescued, hours, self.total_loss if self.with_loss else None)

    def signed(self, curves_of: Model) -> list[dict[str, Any]]:
        """Each curve that is signed in a model beside the one that there is."""
        worlds, found = self.worlds, []
        for one in tolerances.signed(curves_of):
            path, size = tolerances.events(one, self.system, self.pieces, self.loss, self.costs, bool(worlds.sample.years))
            often = [worlds.estimate(np.bincount(path[size > p.amount], minlength=worlds.weight.size)) for p in one.points]
            at = tolerances.amounts(one, size)
            lived = curves.exceedance_rate(worlds.weight[path] / max(1, worlds.n), size, at)
            found.append({
                "of": one.of, "measure": one.measure,
                "points": [
                    {"amount": p.amount, "accepted_per_year": p.per_year, "per_year": e.as_dict(),
                     "state": tolerances.state(p.per_year, e.value, e.standard_error)}
                    for p, e in zip(one.points, often, strict=True)
                ],
                "curve": {"amount": at.tolist(), "per_year": lived.tolist()},
            })  # fmt: skip
        return found

    def total(self) -> dict[str, Any]:
        exact = not self.worlds.sample.interrupted  # whoever has stopped it does not want to wait for the compound distribution
        pieces, costs = self.pieces, self.costs  # what hazards cost when they arrive are pieces without length
        columns = [(0, 0), (3, 3), (4, 3)]
        path, begin_h, end_h = (np.concatenate([pieces[:, a], costs[:, b]]) for a, b in columns)
        largest = self.worlds.most_of_path(path, begin_h, end_h, np.concatenate([self.loss, costs[:, 4]]))
        return {
            "loss": _loss(self.total_loss, largest, self.worlds, exact) if self.with_loss else None,
            "loss_curve": _loss_curve(self.total_loss, self.worlds, exact) if self.with_loss else None,
            "users": _users(self.model, self.system, self.pieces, self.worlds),
        }


def assessment(
    model: Model, system: System, sample: Sample, study: Study, defences: Sequence[str] = (), texts: Texts = NO_TEXTS
) -> Result:
    """What may happen in the years to come, from played episodes or years.

    texts : the files of the model and the lists of sources beside them, by name: what they say beside an input is told with it
    """
    how = {
        "method": "years" if sample.years else "episodes", "seed": study.seed, "worlds": sample.worlds,
        "samples_per_world": study.samples, "depth": study.depth, "paths": int(sample.paths.shape[0]), "events": sample.events,
    }  # fmt: skip
    data = common("assessment", model, system, defences, how)
    parts = _Parts(model, system, sample, study)
    worlds, total_loss = parts.worlds, parts.total_loss
    data["outcome"] = _outcome(sample, study)
    data["played_years"] = worlds.played_years if math.isfinite(worlds.played_years) else None
    data["services"] = {name: parts.service(name) for name in system.services}
    data["total"] = parts.total()
    if parts.with_loss and not sample.years:
        data["bad_years"] = bad_years(system, sample, worlds.years(), total_loss, data["total"]["loss"])
    data["signed"] = parts.signed(model)
    data["data"] = _data_losses(model, system, parts.lost, worlds)
    data["causes"] = parts.causes()
    data["stuck"] = beginnings.stuck(system, sample, parts.stuck) | parts.stuck_shares()
    if _hides_bands(data["services"], worlds):
        data["outcome"]["reasons"].append("noise-hides-bands")
    worst = sorted(system.services, key=lambda name: -data["services"][name]["downtime_h_per_year"]["value"])[:MOST_TRACED]
    data["causes_by_service"] = {name: beginnings.first_of(parts.causes(name)) for name in worst}
    told = [c for rows in (beginnings.first_of(data["causes"]), data["stuck"]["causes"], *data["causes_by_service"].values()) for c in rows]
    begin = [("hazards" if c["what"] == "hazard" else "components", c["id"]) for c in told]
    data["grounds"] = grounds(model, [*begin, *(("components", name) for name in worst)], texts)
    rate, world, path = worlds.lent
    first = sample.paths[path, 5].astype(np.int64)
    return Result(data, Episodes(rate, total_loss[path], world, first, system.items, sample.worlds))


def part_of_assessment(model: Model, system: System, sample: Sample, study: Study, keys: Sequence[str]) -> dict[str, Any]:
    """One service, or the total, of an assessment: the branch under its first two keys, with the same numbers as in the whole."""
    parts = _Parts(model, system, sample, study)
    if keys[0] == "services":
        return {"services": {keys[1]: parts.service(keys[1])}}
    return {"total": parts.total()}


def signed_curves(model: Model, system: System, sample: Sample, study: Study, curves_of: Model) -> list[dict[str, Any]]:
    """The curves that are signed in `curves_of` beside those that there are in `model`, as an assessment has them."""
    return _Parts(model, system, sample, study).signed(curves_of)


def causes_of(model: Model, system: System, sample: Sample, study: Study, service: str | None = None) -> list[dict[str, Any]]:
    """What the episodes begin with that stop one service, or any, with their shares of its downtime and loss."""
    return _Parts(model, system, sample, study).causes(service)


def _hides_bands(services: Mapping[str, Any], worlds: Worlds) -> bool:
    """Whether some service has no band although inputs are uncertain: the noise of simulation is larger than what they do."""
    if not worlds.banded:
        return False
    down = [row["downtime_h_per_year"] for row in services.values()]
    return any(est["band"] is None and est["value"] > 0 for est in down)


def _outcome(sample: Sample, study: Study) -> dict[str, Any]:
    flags = sample.paths[:, 3].astype(np.int64)
    reasons = []
    if sample.interrupted:
        reasons.append("interrupted")
    if (flags & y.FLAG_EVENTS).any():
        reasons.append("event-limit")
    if (flags & y.FLAG_STUCK).any():
        reasons.append("rescued")
    if sample.worlds < 30:
        reasons.append("few-worlds")
    stopped = sample.interrupted or "event-limit" in reasons
    return {"state": "stopped" if stopped else "estimated", "reasons": reasons}


def _service(
    model: Model, system: System, s: int, rows: np.ndarray, amount: np.ndarray, lost_data: np.ndarray, worlds: Worlds
) -> dict[str, Any]:
    c = model.components[system.services[s]]
    out = rows[rows[:, 1].astype(np.int64) == y.ROW_OUT]
    long_h = out[:, 4] - out[:, 3]
    down = worlds.estimate(worlds.per_path(out, long_h))
    number = worlds.often(worlds.per_path(out, np.ones(out.shape[0])))
    lost = worlds.per_path(rows, rows[:, 5])
    up = Estimate(
        1.0 - down.value / HOURS_PER_YEAR, down.standard_error / HOURS_PER_YEAR,
        None if down.band is None else (1.0 - down.band[1] / HOURS_PER_YEAR, 1.0 - down.band[0] / HOURS_PER_YEAR),
    )  # fmt: skip
    longer: dict[str, dict[str, Any]] = {}
    for k, h in LONGER_THAN.items():
        shorter = list(longer.values())[-1] if longer else number
        longer[k] = worlds.often(worlds.per_path(out, (long_h > h).astype(float)), _surely(shorter))
    business = worlds.estimate(worlds.per_path(out, long_h * units.mean_factor(c.aftermath)))
    limits, most = c.tolerance, worlds.most_of_path(rows[:, 0], rows[:, 3], rows[:, 4], amount)
    return {
        "availability": up.as_dict(),
        "downtime_h_per_year": down.as_dict(),
        "outages_per_year": number,
        "outages_per_year_longer_than": longer,
        "mean_outage_h": _dict(worlds.ratio(worlds.per_path(out, long_h), worlds.per_path(out, np.ones(out.shape[0])))),
        "user_hours_lost_per_year": None if c.users is None else worlds.estimate(lost * c.users).as_dict(),
        "business_downtime_h_per_year": business.as_dict(),
        "windowed_uptime": _windowed(rows, worlds),
        "rto": _missed(limits.rto if limits else None, out, long_h, worlds),
        "mtpd": _missed(limits.mtpd if limits else None, out, long_h, worlds),
        "rpo": _rpo(model, system, c, lost_data, worlds),
        "loss": None if c.loss is None else _loss(worlds.per_path(rows, amount), most, worlds),
        "curve": _curve(out, long_h, worlds),
    }


def _surely(often: Mapping[str, Any]) -> float:
    """What a frequency surely does not pass (95 %); infinite where too few runs show it."""
    if often["value"] > 0.0 and "at_most" in often:
        return math.inf
    return float(often.get("at_most", often["value"] + 1.645 * often["standard_error"]))


def _dict(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else estimate.as_dict()


def _missed(limit: units.Duration | None, out: np.ndarray, long_h: np.ndarray, worlds: Worlds) -> dict[str, Any] | None:
    """How often an outage passes a limit, and the share of all outages that keep it."""
    if limit is None:
        return None
    hours = limit.mean()
    passes = worlds.per_path(out, (long_h > hours).astype(float))
    kept = worlds.ratio(worlds.per_path(out, (long_h <= hours).astype(float)), worlds.per_path(out, np.ones(out.shape[0])))
    return {"hours": hours, "missed_per_year": worlds.often(passes), "kept_share": _dict(kept)}


def _rpo(model: Model, system: System, c: Component, lost: np.ndarray, worlds: Worlds) -> dict[str, Any] | None:
    """How often more writes are lost, of data that the service stands on, than it can bear."""
    if c.tolerance is None or c.tolerance.rpo is None:
        return None
    hours, under = c.tolerance.rpo.mean(), data_under(model, c.id)
    numbers = [i for i, name in enumerate(system.data_sets) if name in under]
    rows = lost[np.isin(lost[:, 2].astype(np.int64), numbers)]
    some, worse = np.zeros(worlds.weight.size), np.zeros(worlds.weight.size)
    some[rows[:, 0].astype(np.int64)] = 1.0
    worse[rows[rows[:, 4] > hours, 0].astype(np.int64)] = 1.0
    return {
        "hours": hours, "missed_per_year": worlds.often(worse), "kept_share": _dict(worlds.ratio(some - worse, some)),
        "data": under, "behind_h": behind_h(model, c.id),
    }  # fmt: skip


def _curve(out: np.ndarray, long_h: np.ndarray, worlds: Worlds) -> dict[str, Any]:
    top = max(1000.0, float(long_h.max(initial=0.0)))
    hours = np.logspace(math.log10(1 / 60), math.log10(top), CURVE_POINTS)
    above = [worlds.per_path(out, (long_h > h).astype(float)) for h in hours]
    estimates = worlds.of_each([worlds.by_world(a) for a in above], [worlds.known_by_world(a) for a in above])
    per_year = [e.value for e in estimates]
    low, high = ([e.band[k] if e.band else None for e in estimates] for k in (0, 1))
    banded = low[0] is not None
    return {"hours": hours.tolist(), "per_year": per_year, "low": low if banded else None, "high": high if banded else None}


def _windowed(rows: np.ndarray, worlds: Worlds) -> dict[str, Any]:
    """Expected uptime of the worst window of each length in a year (Hauer et al. 2020)."""
    return {name: worlds.uptime(worst, WINDOWS[name]).as_dict() for name, worst in _worst(rows, worlds).items()}


def _worst(rows: np.ndarray, worlds: Worlds) -> dict[str, np.ndarray]:
    """(paths,) hours that each path takes out of a window of each length."""
    rows = rows[np.lexsort((rows[:, 3], rows[:, 0]))]
    paths, first = np.unique(rows[:, 0].astype(np.int64), return_index=True)
    offsets = np.append(first, rows.shape[0])
    long_h = rows[:, 4] - rows[:, 3]
    share = np.divide(rows[:, 5], long_h, out=np.zeros_like(long_h), where=long_h > 0)
    found = {}
    for name, window in WINDOWS.items():
        found[name] = np.zeros(worlds.weight.size)
        found[name][paths] = windows.worst_windows(offsets, rows[:, 3], rows[:, 4], share, window)
    return found


def _loss(per_path: np.ndarray, largest: np.ndarray, worlds: Worlds, exact: bool = False) -> dict[str, Any]:
    """AAL, OEP, AEP and TVaR (of the year's total) by return period; None where the sample does not reach that far.

    OEP is exact for the sample; AEP and TVaR come from drawn years, or (`exact`) from the compound distribution itself. Errors
    from batches of worlds.
    """
    periods = np.array(RETURN_PERIODS, float)
    found: dict[str, Any] = {"aal": worlds.estimate(per_path).as_dict()}
    years = worlds.years()
    sums, most = years.of(per_path), years.most(per_path, largest)
    total, top = curves.of_years(sums, periods), worlds.oep(per_path, most, periods)
    if exact and not worlds.sample.years:
        rate, loss, world = worlds.of_lent(per_path)
        total = curves.aep(rate, loss, periods, AEP_ACCURACY, world=world, worlds=worlds.n)
    parts = [(curves.of_years(most[b], periods), curves.of_years(sums[b], periods)) for b in years.batches()]
    told = {
        "oep": (top.amount, [m.amount for m, _ in parts]), "aep": (total.amount, [a.amount for _, a in parts]),
        "tvar": (total.tvar, [a.tvar for _, a in parts]),
    }  # fmt: skip
    for name, (value, batches) in told.items():
        error = batch_error(np.array(batches))
        found[name] = {
            str(int(p)): None if math.isnan(v) else Estimate(v, e if math.isfinite(e) else abs(v)).as_dict()
            for p, v, e in zip(periods, value, error, strict=True)
        }
    return found


def _loss_curve(per_path: np.ndarray, worlds: Worlds, exact: bool) -> dict[str, Any]:
    rate = worlds.weight / max(1, worlds.n)
    positive = per_path[per_path > 0]
    if positive.size == 0:
        return {"amount": [], "oep_per_year": [], "aep_probability": []}
    low = max(positive.min(), positive.max() * 1e-6)
    amount = np.logspace(math.log10(low), math.log10(positive.max()), CURVE_POINTS)
    per_year = curves.exceedance_rate(rate, per_path, amount * (1 - 1e-9))
    if worlds.sample.years or not exact:
        aep = (worlds.years().of(per_path)[None, :] >= amount[:, None]).mean(axis=1)
    else:
        of_each, loss, world = worlds.of_lent(per_path)
        aep = curves.aep_probability(of_each, loss, amount, AEP_ACCURACY, world=world, worlds=worlds.n)
    return {"amount": amount.tolist(), "oep_per_year": per_year.tolist(), "aep_probability": np.asarray(aep).tolist()}


def _users(model: Model, system: System, pieces: np.ndarray, worlds: Worlds) -> dict[str, Any] | None:
    """SAIFI, SAIDI, CAIDI over the users of all services (IEEE 1366 words)."""
    users = np.array([model.components[name].users or 0.0 for name in system.services])
    if users.sum() <= 0:
        return None
    out = pieces[pieces[:, 1].astype(np.int64) == y.ROW_OUT]
    share = users[out[:, 2].astype(np.int64)] / users.sum()
    saifi = worlds.estimate(worlds.per_path(out, share))
    saidi = worlds.estimate(worlds.per_path(out, share * (out[:, 4] - out[:, 3])))
    caidi = worlds.ratio(worlds.per_path(out, share * (out[:, 4] - out[:, 3])), worlds.per_path(out, share))
    return {"saifi": saifi.as_dict(), "saidi_h": saidi.as_dict(), "caidi_h": _dict(caidi)}


def data_losses(rows: np.ndarray) -> np.ndarray:
    """What was lost of data: of each data set at one instant of a path the longest, however many copies went at once (§11)."""
    lost = rows[rows[:, 1] == y.ROW_DATA]
    order = np.lexsort((-lost[:, 4], lost[:, 3], lost[:, 2], lost[:, 0]))
    again = (np.diff(lost[order][:, [0, 2, 3]], axis=0) == 0.0).all(axis=1)
    return lost[np.sort(order[np.concatenate(([True], ~again))])] if lost.size else lost


def _data_losses(model: Model, system: System, rows: np.ndarray, worlds: Worlds) -> dict[str, Any]:
    found, can = {}, destroyable(model)
    for i, name in enumerate(system.data_sets):
        mine = rows[rows[:, 2].astype(np.int64) == i]
        everything = np.isinf(mine[:, 4])
        some = mine[~everything]
        weight = worlds.weight[some[:, 0].astype(np.int64)]
        found[name] = {
            "losses_per_year": worlds.often(worlds.per_path(mine, np.ones(mine.shape[0]))),
            "everything_per_year": worlds.often(worlds.per_path(mine, everything.astype(float))),
            "destroyable": name in can,
            "mean_hours": float((weight * some[:, 4]).sum() / weight.sum()) if weight.sum() > 0 else None,
        }
    return found
