"""What services wait for until they are back, in the courses of an assessment: of each cause how one of it goes, and why it takes so long.

The means are those of all courses that were played. What a service waited for only a course with its trace tells, and a trace takes
long to read: of each cause some courses are played again as they were, drawn by how much they bring, and their time out is divided
among the steps of the way back. The shares of the steps are therefore those of a sample, the whole that they divide is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines import simulate
from blackstart.engines.simulate import Sample, Story, Study, View
from blackstart.language.model import Model
from blackstart.studies.results import Losses, Result
from blackstart.studies.story import Telling
from blackstart.studies.worlds import Worlds
from blackstart.system import System

COURSES = 24  # of a cause that are played again
LEAST_SHARE, LEAST_OF_OTHERS = 0.002, 0.05  # of the time out of a service, and of any other number: what begins less is not told
LEAST_STEP = 0.005  # of the time out that a cause brings a service: shorter steps are told together
SALT = 31  # of the numbers by which courses are drawn

Cause = tuple[str, int]  # service, number of the item that begins it
Pieces = tuple[str, int, int]  # the same, and whether it was out or ran worse (layout.ROW_...)
Step = tuple[str, str, str | None]  # component, what it did, what it waited for


class _Brought(NamedTuple):
    """What each path brings one service: (P,) arrays."""

    out_h: np.ndarray
    lost_out_h: np.ndarray  # service-hours that were missing while it was out
    worse_h: np.ndarray
    lost_worse_h: np.ndarray
    loss_out: np.ndarray
    loss_worse: np.ndarray


def with_returns(result: Result, model: Model, system: System, sample: Sample, study: Study) -> Result:
    """An assessment of a sample with what its services waited for."""
    found = returns(model, system, sample, study, result.data["causes_by_service"])
    return replace(result, data=result.data | {"returns": found})


def returns(
    model: Model, system: System, sample: Sample, study: Study, causes: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """Of each service and each cause that begins its time out: what one of it brings on average, and the steps of the way back.

    Parameters
    ----------
    causes : `causes_by_service` of the assessment of this sample

    Returns
    -------
    dict
        Service -> causes, in their order: `each` (means of one occurrence: hours, service-hours and, where one is stated, loss),
        `courses` (those played again in which the service was out or ran worse), `steps` (each with its share of the time out, the
        largest first), `steps_worse` (likewise of the service-hours that were missing while it ran worse). Nothing where plain years
        were played: years have no beginnings.
    """
    if sample.years:
        return {}
    wanted = {name: [row for row in rows if _matters(row)] for name, rows in causes.items()}
    kinds = ["hazard" if is_hazard else "component" for is_hazard in system.arrays.item["is_hazard"]]
    item = {known: i for i, known in enumerate(zip(kinds, system.items, strict=True))}
    numbers = {name: [item[row["what"], row["id"]] for row in rows] for name, rows in wanted.items()}
    brought = _brought(model, system, sample, study, list(numbers))
    steps, courses = _steps(model, system, sample, study, numbers, brought)
    first = sample.paths[:, 5].astype(np.int64)
    weight = sample.paths[:, 1] / sample.worlds
    per_year = np.bincount(first, weights=weight, minlength=len(system.items))
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in wanted.items():
        found[name] = []
        for i, row in zip(numbers[name], rows, strict=True):
            mine = np.where(first == i, weight, 0.0) / per_year[i]
            each = {key: float(amount @ mine) for key, amount in brought[name]._asdict().items()}
            if model.components[name].loss is None:
                each |= {"loss_out": None, "loss_worse": None}
            found[name].append({
                "id": row["id"], "what": row["what"], "each": each, "courses": courses[name, i],
                "steps": _told(steps[name, i, y.ROW_OUT]), "steps_worse": _told(steps[name, i, y.ROW_DEGRADED]),
            })  # fmt: skip
    return found


def _matters(row: Mapping[str, Any]) -> bool:
    """Whether a cause makes up enough of any number of a service."""
    others = (row["loss_share"] or 0.0, row["users_share"] or 0.0, row["outages_share"], *row["longer_shares"].values())
    return bool(row["downtime_share"] >= LEAST_SHARE or max(others) >= LEAST_OF_OTHERS)


def _brought(model: Model, system: System, sample: Sample, study: Study, services: Sequence[str]) -> dict[str, _Brought]:
    what = sample.rows[:, 1].astype(np.int64)
    pieces = sample.rows[what <= y.ROW_DEGRADED]
    loss = Losses(model, system, study.seed).of(pieces, sample.number)
    who, is_out = pieces[:, 2].astype(np.int64), pieces[:, 1].astype(np.int64) == y.ROW_OUT
    long_h, worlds = pieces[:, 4] - pieces[:, 3], Worlds(sample, system.is_certain())
    found = {}
    for name in services:
        mine = who == system.services.index(name)
        amounts = [
            worlds.per_path(pieces[some], amount[some])
            for some in (mine & is_out, mine & ~is_out) for amount in (long_h, pieces[:, 5], loss)
        ]  # fmt: skip
        out_h, lost_out_h, loss_out, worse_h, lost_worse_h, loss_worse = amounts
        found[name] = _Brought(out_h, lost_out_h, worse_h, lost_worse_h, loss_out, loss_worse)
    return found


def _steps(
    model: Model, system: System, sample: Sample, study: Study, numbers: Mapping[str, Sequence[int]], brought: Mapping[str, _Brought]
) -> tuple[dict[Pieces, dict[Step, float]], dict[Cause, int]]:
    """Service-hours that were missing during each step of the way back, weighted; and how many courses bring a service any, by cause."""
    drawn = _drawn(sample, study.seed, numbers, brought)
    hours: dict[Pieces, dict[Step, float]] = defaultdict(lambda: defaultdict(float))
    courses: dict[Cause, int] = defaultdict(int)
    paths_of: dict[int, list[int]] = defaultdict(list)
    for path, job in enumerate(sample.number.tolist()):
        if job in drawn:
            paths_of[job].append(path)
    for job, stories in _again(system, study, np.array(sorted(drawn), np.int64)):
        first = int(sample.paths[paths_of[job][0], 5])
        mine = [name for name, items in numbers.items() if first in items]
        for name in mine:
            courses[name, first] += bool((brought[name].out_h + brought[name].worse_h)[paths_of[job]].sum())
        for path, story in zip(paths_of[job], stories, strict=False):
            if story is None or not any(brought[name].out_h[path] + brought[name].worse_h[path] for name in mine):
                continue
            telling = Telling(model, system, story)
            for name in mine:
                for what, step, h in _waited(telling, system, story, name):
                    hours[name, first, what][step] += sample.paths[path, 1] * drawn[job] * h
    return hours, courses


def _drawn(
    sample: Sample, seed: int, numbers: Mapping[str, Sequence[int]], brought: Mapping[str, _Brought]
) -> dict[int, float]:
    """Samples to be played again: number -> how many of its kind it stands for. A sample is drawn by the time out that it brings,
    each service weighed alike, so that no service is without courses.
    """
    found: dict[int, float] = {}
    first, weight = sample.paths[:, 5].astype(np.int64), sample.paths[:, 1]
    for i in sorted({i for items in numbers.values() for i in items}):
        score = np.zeros(int(sample.number[-1]) + 1)
        for name in (name for name, items in numbers.items() if i in items):
            amount = np.where(first == i, weight * brought[name].out_h, 0.0)
            score += np.bincount(sample.number, weights=amount / (amount.sum() or 1.0), minlength=score.size)
        known = np.flatnonzero(score)
        if not known.size:
            continue
        chance = np.minimum(1.0, COURSES * score[known] / score[known].sum())
        places = np.cumsum(chance) + np.random.Generator(np.random.Philox(key=[seed, SALT + i])).random()
        taken = np.diff(np.floor(places), prepend=np.floor(places[0] - chance[0])) > 0.0
        found |= dict(zip(known[taken].tolist(), (1.0 / chance[taken]).tolist(), strict=True))
    return found


def _again(system: System, study: Study, jobs: np.ndarray) -> Iterator[tuple[int, list[Story | None]]]:
    """Samples played again as they were, with their courses told, in the order of their paths; None: where two cannot be told apart."""
    look = simulate.pilot(system, study)
    view = View(simulate.beginnings(look.choice, study), look.choice, np.ones(look.choice.size, bool))
    for some in simulate.replay_some(system, study, view, jobs, np.ones(jobs.size, bool)):
        begins = np.concatenate([[0], some.ends[:-1]]).tolist()
        for job, begin, end in zip(some.samples.tolist(), begins, some.ends.tolist(), strict=True):
            trace = some.trace[begin:end]
            parts = np.split(trace, np.flatnonzero(np.diff(trace[:, 0]) < 0.0) + 1)  # where the clock goes back the next course begins
            paths = np.flatnonzero(some.number == job)
            parts = [parts[0], *parts[2:]]  # the second is the first with natural draws: no path tells of it
            stories: list[Story | None] = [None] * paths.size
            for k, path in enumerate(paths.tolist() if len(parts) == paths.size else paths[:1].tolist()):
                rows = some.rows[some.rows[:, 0].astype(np.int64) == path]
                stories[k] = Story(some.paths[path], rows, parts[k])
            yield job, stories


def _waited(telling: Telling, system: System, story: Story, service: str) -> Iterator[tuple[int, Step, float]]:
    """What was missing of a service during each step of the way back of each piece of its time (out, or worse), in service-hours.

    What no step tells, and what remains of a piece beyond them, stands without a component.
    """
    number = system.services.index(service)
    for r in story.rows[(story.rows[:, 1] <= y.ROW_DEGRADED) & (story.rows[:, 2] == number)].tolist():
        what, begin, end, left = int(r[1]), r[3], r[4], r[4] - r[3]
        missing = r[5] / left if left > 0.0 else 0.0
        for component, span in telling.critical_path(service, end, begin):
            h = min(left, min(end, span.end) - max(begin, span.begin))
            if h > 0.0:
                yield what, (component, span.what, span.ref), h * missing
                left -= h
        if left > 0.0:
            yield what, ("", "", None), left * missing


def _told(hours: Mapping[Step, float]) -> list[dict[str, Any]]:
    """Steps with their shares, the largest first; last, without a component, all that is too short to be told."""
    whole = sum(hours.values())
    shares = {step: h / whole for step, h in hours.items() if step[0]} if whole > 0.0 else {}
    kept = sorted(((share, step) for step, share in shares.items() if share >= LEAST_STEP), key=lambda x: (-x[0], str(x[1])))
    told = [{"component": name, "what": what, "ref": ref, "share": float(share)} for share, (name, what, ref) in kept]
    rest = float(1.0 - sum(share for share, _ in kept))
    return [*told, {"component": "", "what": "", "ref": None, "share": rest}] if told and rest > LEAST_STEP**2 else told
