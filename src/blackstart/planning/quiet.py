"""What the quiet years were worth: misfortunes that nobody noticed, what stood in their way, and what each protection saves.

An episode is absorbed when a misfortune came and yet no service lost anything, and no data was lost; what the misfortune
costs by itself (`costs`) is not felt by a service. How often that happens comes from the
same episodes as an assessment; what stood in the way is read from plays of each misfortune, watched. What a protection is worth
is asked the other way round: the model without it, played with the same luck. A cut is a defence with a negative cost, and goes
through the same arithmetic.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.distributions import Dist
from blackstart.engines import layout as y
from blackstart.engines.simulate import Hit, Sample, Study, rehearse_many
from blackstart.language.brought import brought
from blackstart.language.model import Component, Model, Need, Standby, Start
from blackstart.language.needs import holds, leaf_names
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.portfolio import with_required
from blackstart.planning.judge import Judge
from blackstart.planning.plan import costs_of
from blackstart.studies.comparison import Sums, Variant, estimate, sums
from blackstart.studies.results import Result, common
from blackstart.studies.worlds import Worlds
from blackstart.system import System
from blackstart.units import Chance, Duration

KIND = "quiet"
WATCHED = 40  # plays of each misfortune that are watched
MOST_WATCHED = 100  # misfortunes, those that are absorbed most often
MOST_TAKEN = 60  # protections that are taken away, one at a time
TESTED_RARELY = 10.0  # times as long between two tests: what is left of them without a habit
_NEVER, _ALWAYS = "(never)", "(always)"  # no name of a file holds brackets
Absorber = tuple[str, str]  # what stood in the way, its id


def quiet(
    model: Model, study: Study, defences: Sequence[str] = (), progress: Callable[[int, int], None] | None = None, texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """What is absorbed in a year, by what; what each protection saves; what each cut of the model would cost.

    model : as written; `defences` are put in place here.
    texts : the model's files and lists of sources beside them, by name: with them the result tells what it rests on
    """
    cuts = list(_cuts(model, defences))
    judge = Judge(model, cuts, study, defences)
    model = judge.applied(())
    system = compile_model(model)
    base = Variant((), model, system, judge.luck.sample(system))
    how = {"method": "years" if base.sample.years else "episodes", "seed": study.seed, "worlds": base.sample.worlds,
           "samples_per_world": study.samples, "depth": study.depth}  # fmt: skip
    data = common(KIND, model, system, defences, how)
    banded = not system.is_certain()
    data["absorbed_per_year"], data["noticed_per_year"], data["initiators"] = None, None, []
    if not base.sample.years:  # plain years cannot be told apart into episodes
        data |= _absorbed(model, system, base.sample, study)
    stood = _stood(data["initiators"])
    taken = list(protections(model, stood))
    data["left_out"] = max(0, len(taken) - MOST_TAKEN)
    designs = [*taken[:MOST_TAKEN], *((("cut", name), judge.applied(with_required(model, name))) for name in cuts)]
    year = sums(base, study.seed)
    rows = _all(designs, base, year, _number(base), judge, study, banded, progress)
    data["money"] = year.loss is not None
    worth = sorted((row for row in rows if row["what"] != "cut"), key=lambda r: -_weight(r))
    data["protections"] = [{**row, "stood_per_year": stood.get((row["what"], row["id"]))} for row in worth]
    data["cuts"] = [_priced(row, model) for row in rows if row["what"] == "cut"]
    if texts:
        struck = [("hazards" if row["what"] == "hazard" else "components", row["id"]) for row in data["initiators"]]
        data["grounds"] = grounds(model, struck, texts, also=("defences",), more=brought(model, cuts, texts))
    return Result(data)


def _cuts(model: Model, on: Sequence[str]) -> Iterator[str]:
    """Defences with a negative cost that can be put in place beside those that are on."""
    for d in model.defences.values():
        needed = {*with_required(model, d.id), *on}
        clash = any(needed.intersection(model.defences[name].excludes) for name in needed)
        if sum(costs_of(d)) < 0 and d.id not in on and not clash:
            yield d.id


# ----------------------------------------------------------------------------- what nobody noticed


def _absorbed(model: Model, system: System, sample: Sample, study: Study) -> dict[str, Any]:
    """How often episodes are absorbed and noticed, by the misfortune that begins them, and what stood in the way."""
    worlds = Worlds(sample, system.is_certain())
    felt = np.zeros(worlds.weight.size, bool)
    felt[sample.rows[sample.rows[:, 1] <= y.ROW_DATA, 0].astype(np.int64)] = True
    first = sample.paths[:, 5].astype(np.int64)
    silent = ~felt
    weight = np.bincount(first, weights=np.where(silent, worlds.weight, 0.0), minlength=len(system.items))
    rows = []
    for i in np.argsort(-weight, kind="stable")[:MOST_WATCHED]:
        if weight[i] > 0.0:
            mine = first == i
            rows.append({
                "what": "hazard" if system.arrays.item[i]["is_hazard"] else "component", "id": system.items[i],
                "absorbed_per_year": worlds.estimate((mine & silent).astype(float)).as_dict(),
                "noticed_per_year": worlds.estimate((mine & felt).astype(float)).as_dict(),
                "by": _watched(model, system, int(i), study),
            })  # fmt: skip
    return {
        "absorbed_per_year": worlds.estimate(silent.astype(float)).as_dict(),
        "noticed_per_year": worlds.estimate(felt.astype(float)).as_dict(),
        "initiators": rows,
    }


def _watched(model: Model, system: System, item: int, study: Study) -> list[dict[str, Any]]:
    """What stood in the way of one misfortune, with the share of its absorbed plays in which it did."""
    row = system.arrays.item[item]
    if system.items[item].startswith("common-cause:"):
        return []
    traces: dict[int, np.ndarray] = {}
    hit = Hit(0.0, bool(row["is_hazard"]), int(row["id"]))
    many = rehearse_many(system, [hit], runs=WATCHED, seed=study.seed, watch=lambda run, trace: traces.__setitem__(run, trace))
    felt = set(many.rows[many.rows[:, 1] <= y.ROW_DATA, 0].astype(np.int64).tolist())
    silent = [run for run in traces if run not in felt]
    counted = Counter(a for run in silent for a in set(_in_the_way(model, system, traces[run])))
    return [{"what": what, "id": name, "share": n / len(silent)} for (what, name), n in counted.most_common()]


def _in_the_way(model: Model, system: System, trace: np.ndarray) -> Iterator[Absorber]:
    """What one play shows: barriers that worked, standbys that came, parts that rode through or stood on others.

    If none of these: nothing that runs needed what went down, or by luck nothing went down at all.
    """
    what = trace[:, 1].astype(np.int64)
    states = trace[what == y.T_STATE]
    down = {system.components[int(c)] for c in states[states[:, 3] != y.RUNNING, 2]}
    came = {system.components[int(c)] for c in states[states[:, 3] == y.RUNNING, 2] if model.components[system.components[int(c)]].standby}
    found: list[Absorber] = [("barrier", system.barriers[int(b)]) for b in trace[(what == y.T_BARRIER) & (trace[:, 3] > 0), 2]]
    found += [("standby", name) for name in came]
    gone = {name for name in down if not model.components[name].standby}
    for c in model.components.values():
        if c.id in down or not gone.intersection(leaf_names(c.needs)):
            continue
        if holds(c.needs, lambda name: name not in gone):
            found.append(("redundancy", c.id))
        elif c.rides is not None:
            found.append(("ride", c.id))
    yield from found or [("unneeded" if gone else "luck", "")]


def _stood(initiators: Iterable[Mapping[str, Any]]) -> dict[Absorber, float]:
    """How often a year each protection stood in the way of something that nobody noticed."""
    often: dict[Absorber, float] = {}
    for row in initiators:
        for by in row["by"]:
            if by["id"]:
                key = (by["what"], by["id"])
                often[key] = often.get(key, 0.0) + by["share"] * row["absorbed_per_year"]["value"]
    return dict(sorted(often.items(), key=lambda pair: -pair[1]))


# ----------------------------------------------------------------------------- taken away


def protections(model: Model, stood: Mapping[Absorber, float]) -> Iterator[tuple[Absorber, Model]]:
    """Everything that stands in the way of trouble or shortens it, with the model without it; what stood most often first.

    people: half of a team, but never fewer than its largest job asks for · spares: an empty shelf, parts ordered when needed ·
    tests: a tenth as often · standby: it never takes over · barrier: it never works · ride: off as soon as a need is gone ·
    redundancy: all of its parts are needed.
    """
    found = {(what, name): less for what, name, less in _without(model)}
    for key in [*(k for k in stood if k in found), *(k for k in found if k not in stood)]:
        yield key, found[key]


def _without(model: Model) -> Iterator[tuple[str, str, Model]]:
    for team in model.teams.values():
        fewer = max(math.ceil(team.people / 2), _largest_job(model, team.id))
        on_call = None if team.on_call is None else max(1, math.ceil(team.on_call / 2))
        if fewer < team.people or (on_call or 0) < (team.on_call or 0):
            yield "people", team.id, _put(model, "teams", team.id, people=fewer, on_call=on_call)
    for barrier in model.barriers.values():
        yield "barrier", barrier.id, _put(model, "barriers", barrier.id, works=Chance(Dist("point", 0.0)))
        if barrier.tested is not None and barrier.hidden is not None:
            yield "tests", barrier.id, _put(model, "barriers", barrier.id, tested=_longer(barrier.tested))
    for c in model.components.values():
        if c.standby is not None:
            yield "standby", c.id, _without_standby(model, c)
        if c.tested is not None and c.hidden is not None:
            yield "tests", c.id, _put(model, "components", c.id, tested=_longer(c.tested))
        if c.rides is not None:
            yield "ride", c.id, _put(model, "components", c.id, rides=None)
        if c.repair is not None and c.repair.spare is not None and c.repair.spare.stock:
            empty = dataclasses.replace(c.repair, spare=dataclasses.replace(c.repair.spare, stock=0))
            yield "spares", c.id, _put(model, "components", c.id, repair=empty)
        needs = _all_of(c.needs, model)
        if needs != c.needs:
            yield "redundancy", c.id, _put(model, "components", c.id, needs=needs)


def _put(model: Model, section: str, name: str, **fields: Any) -> Model:
    rows = getattr(model, section)
    return dataclasses.replace(model, **{section: {**rows, name: dataclasses.replace(rows[name], **fields)}})


def _longer(tested: Duration) -> Duration:
    return Duration((Dist("point", TESTED_RARELY * tested.mean()),))


def _largest_job(model: Model, team: str) -> int:
    """The most people of a team that a job of fixed length holds at once: with fewer it could never begin."""
    most = 1
    for c in model.components.values():
        for job in (c.start, c.repair, c.break_glass):
            if job is not None and getattr(job, "work", None) is None:
                most = max([most, *(crew.people for crew in job.people if crew.team == team)])
    return most


def _without_standby(model: Model, c: Component) -> Model:
    """A standby that is called and never comes: it needs what never runs."""
    never = Need("leaf", name=_NEVER)
    needs = never if c.needs is None else Need("all", of=(c.needs, never))
    less = _put(model, "components", c.id, needs=needs, break_glass=None)
    idle = {_ALWAYS: Component(_ALWAYS), _NEVER: Component(_NEVER, standby=Standby((_ALWAYS,)), start=Start())}
    return dataclasses.replace(less, components={**less.components, **idle})


def _all_of(need: Need | None, model: Model) -> Need | None:
    """An expression in which everything that runs at rest is needed; where only standbys would be left, as it was."""
    if need is None or need.op == "leaf" or need.op == "maybe":
        return need
    members = tuple(_all_of(m, model) for m in need.of)
    if need.op == "all":
        return dataclasses.replace(need, of=members)  # type: ignore[arg-type]
    first = tuple(m for m in members if m is not None and not (m.op == "leaf" and model.components[m.name].standby))
    if len(first) < 2:
        return need  # what stands by is taken away by itself
    return Need("all", of=first, where=need.where)


# ----------------------------------------------------------------------------- what it is worth


def _number(variant: Variant) -> dict[str, np.ndarray]:
    """(worlds,) outages a year of each service."""
    worlds = Worlds(variant.sample, variant.system.is_certain())
    out = variant.sample.rows[variant.sample.rows[:, 1].astype(np.int64) == y.ROW_OUT]
    return {
        name: worlds.by_world(worlds.per_path(mine := out[out[:, 2].astype(np.int64) == s], np.ones(mine.shape[0])))
        for s, name in enumerate(variant.system.services)
    }


def _never_ends(variant: Variant) -> float:
    """Hours out a year, all services together, in courses that end only because rescue from outside is assumed."""
    worlds, out = Worlds(variant.sample, variant.system.is_certain()), variant.sample.rows
    never = (variant.sample.paths[:, 3].astype(np.int64) & y.FLAG_STUCK) > 0
    out = out[(out[:, 1].astype(np.int64) == y.ROW_OUT) & never[out[:, 0].astype(np.int64)]]
    return float(worlds.by_world(worlds.per_path(out, out[:, 4] - out[:, 3])).mean())


def _all(
    designs: Sequence[tuple[Absorber, Model]], base: Variant, year: Sums, number: Mapping[str, np.ndarray], judge: Judge, study: Study,
    banded: bool, progress: Callable[[int, int], None] | None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Every design played with the same luck as the model."""
    done, never = 0, _never_ends(base)

    def one(design: tuple[Absorber, Model]) -> dict[str, Any]:
        nonlocal done
        (what, name), model = design
        system = compile_model(model)
        played = Variant((), model, system, judge.luck.sample(system))
        row = {"what": what, "id": name, **_added(year, number, sums(played, study.seed), _number(played), banded)}
        hours = row["hours_added"]["value"]
        row["rescued_share"] = min(1.0, max(0.0, (_never_ends(played) - never) / hours)) if hours > 0.0 else None
        done += 1
        if progress:
            progress(done, len(designs))
        return row

    with ThreadPoolExecutor(max(1, study.threads)) as pool:
        return list(pool.map(one, designs))


def _added(
    year: Sums, number: Mapping[str, np.ndarray], without: Sums, number_without: Mapping[str, np.ndarray], banded: bool
) -> dict[str, Any]:
    """What comes on top, a year; and the service whose downtime grows by the largest factor."""
    hours = np.sum([without.hours[s] - year.hours[s] for s in year.hours], axis=0)
    loss = None if year.loss is None or without.loss is None else estimate(without.loss - year.loss, banded).as_dict()
    worst = max(year.hours, key=lambda s: _times(without.hours[s], year.hours[s]) or 0.0)
    often = _times(number_without[worst], number[worst])
    longer = _times(without.hours[worst], year.hours[worst])
    return {
        "loss_added": loss, "hours_added": estimate(hours, banded).as_dict(),
        "over_24h_added": estimate(without.long[""] - year.long[""], banded).as_dict(),
        "service": worst, "downtime_times": longer, "outages_times": often,
        "length_times": longer / often if longer and often else None,
    }  # fmt: skip


def _times(after: np.ndarray, before: np.ndarray) -> float | None:
    return float(after.mean() / before.mean()) if before.mean() > 0.0 else None


def _weight(row: Mapping[str, Any]) -> float:
    return row["loss_added"]["value"] if row["loss_added"] else row["hours_added"]["value"]


def _priced(row: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """A cut: what it saves a year beside what it adds to the loss."""
    once, yearly = costs_of(model.defences[row["id"]])
    added = row["loss_added"]
    net = None if added is None else {**added, "value": -yearly - added["value"], "band": added["band"] and [
        -yearly - added["band"][1], -yearly - added["band"][0]]}  # fmt: skip
    return {**row, "saves_once": -once, "saves_per_year": -yearly, "net_per_year": net}
