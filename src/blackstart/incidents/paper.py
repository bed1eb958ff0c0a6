"""The Result behind the white paper: one incident as recorded, replayed, explained and attributed; what changes; what is left.

Nothing is computed here that another result does not hold: the paper gathers them under one roof, each with a mark (R1, R2, …) and
a digest, so that every sentence can name the result on which it rests.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blackstart.checks import changes
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.errors import ModelError, Problem
from blackstart.incidents import attribution, clocks, incident, reconstruction
from blackstart.incidents.recorded import recorded
from blackstart.language import load, scenario
from blackstart.language.model import Model
from blackstart.language.origins import NO_TEXTS, Texts
from blackstart.language.portfolio import with_required
from blackstart.nearest import Nearest
from blackstart.planning import plan, worst
from blackstart.studies import rehearsal
from blackstart.studies.comparison import Variant, comparison
from blackstart.studies.results import Result, assessment, common
from blackstart.system import System

# the results of a paper in the order of their marks
PARTS = ("record", "rehearsal", "reconstruction", "attribution", "plan", "before", "after", "comparison", "steps", "worst", "worst_after")
MARK_DIGITS = 6
HARDLY = 0.05  # chance of working up to which a barrier is as good as not there
TOGETHER = 2  # misfortunes at once of which the worst is sought
FEW = 2  # defences, of more that are bought, that are judged by themselves
SURE = 2.0  # standard errors beyond which a defence would have shortened the incident
MOST_STEPS = 16  # defences that are judged one by one

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a paper is asked for.

    Attributes
    ----------
    buy : tuple of str
        The defences to be bought. Where there are none: those that the plan finds best within `budget`; without a budget, those that
        the record says were missing.
    budget : float, optional
        What may be spent on defences, once and over `years`.
    plan : mapping, optional
        A plan of this model made before, as `plan.plan` gives it; None: one is made.
    tried : int
        Portfolios that a plan made here judges at most.
    years : float
        Over which costs and savings are counted.
    runs : int
        Replays of the day, for the rehearsal and each counterfactual.
    firm, moments :
        Facts and times for the regulators' clocks (`clocks.FACTS`, `clocks.MOMENTS`).
    texts :
        The files of the model and the lists of sources beside them, by name: what they say beside an input is told with it.
    """

    buy: tuple[str, ...] = ()
    budget: float | None = None
    plan: Mapping[str, Any] | None = None
    tried: int = 200
    years: float = 10.0
    worlds: int = 100
    samples: int = 100
    runs: int = 400
    seed: int = 1
    threads: int = 1
    firm: Mapping[str, float] | None = None
    moments: Mapping[str, datetime] | None = None
    texts: Texts | None = None

    @property
    def study(self) -> Study:
        return Study(worlds=self.worlds, samples=self.samples, seed=self.seed, threads=self.threads)


def paper(model: Model, record: incident.Record, asked: Asked, progress: Progress | None = None) -> Result:
    """Everything that the white paper of one incident says.

    Parameters
    ----------
    model : Model
        As it is; the record's own defences are applied here.
    progress : callable, optional
        Told the name of what is being computed, how much of it is done, and of how much.

    Raises
    ------
    ModelError
        The record does not fit the model, or a defence to be bought does not exist or cannot be applied.
    """
    report = progress or (lambda what, done, of: None)
    prepared = incident.prepared(model, record)
    _bought(prepared, record, asked.buy)  # what is asked for is refused before hours are spent
    parts: dict[str, Any] = {"record": recorded(record, prepared).as_dict()}
    base = load.apply(model, record.defences)
    parts["plan"] = _planned(model, base, record, asked, report)
    parts["rehearsal"] = _rehearsed(base, record, asked, report)
    parts["reconstruction"] = reconstruction.reconstruct(
        model, record, plays=asked.runs, seed=asked.seed, progress=lambda *p: report("reconstruction", *p)
    ).as_dict()
    parts["attribution"] = attribution.attribute(
        model, record, runs=asked.runs, seed=asked.seed, progress=lambda *p: report("attribution", *p)
    ).as_dict()
    buy, chosen = _choice(prepared, record, asked, parts["plan"])
    others = {"few": _few(base, buy, parts["attribution"]), "beside": _beside(parts["plan"], buy)}
    others["both"] = _both(base, others["few"], others["beside"])
    changed, told_apart = _changes(base, record.defences, buy, others, asked, report)
    parts |= changed
    system = compile_model(base)
    data = common("paper", base, system, record.defences, {"seed": asked.seed, "worlds": asked.worlds, "samples": asked.samples,
                                                           "runs": asked.runs, "years": asked.years})  # fmt: skip
    told = parts["record"]
    data["title"] = told["title"] or data["title"]
    data["labels"] = ((parts.get("after") or {}).get("labels") or {}) | data["labels"] | told["labels"]
    data["outcome"] = _outcome(parts)
    data["bought"], data["chosen"], data["budget"] = list(buy), chosen, asked.budget
    data["not_there"] = _not_there(base, record)
    data["building"] = [_built(base, name) for name in buy]
    data |= told_apart
    data["parts"] = {name: parts.get(name) for name in PARTS}
    data["clocks"] = clocks.clocks(_moments(told, asked), _outages(told), told["firm"] | dict(asked.firm or {}))
    data["stopped_at"] = _stopped(told)
    data["marks"] = {name: f"R{k + 1}·{digest_of(parts[name])}" for k, name in enumerate(n for n in PARTS if parts.get(n))}
    return Result(data)


def _not_there(model: Model, record: incident.Record) -> dict[str, dict[str, Any]]:
    """Barriers that hardly ever work, how often, and the missing defence that would do nothing but make it work: they are one stage."""
    found = {}
    for name in (row.name for row in record.missing if row.name in model.defences):
        change = model.defences[name].change or {}
        barriers = change.get("barriers") or {}
        barrier = model.barriers.get(next(iter(barriers), ""))
        if len(change) == 1 and len(barriers) == 1 and barrier and barrier.works and barrier.works.dist.mean() <= HARDLY:
            found[barrier.id] = {"defence": name, "works": barrier.works.dist.mean()}
    return found


def _built(model: Model, name: str) -> dict[str, Any]:
    """How long a defence takes to build, what it needs first, what it costs by itself, who pays that, and what it puts elsewhere."""
    row = model.defences[name]
    once, yearly = (None if cost is None else cost.dist.mean() for cost in (row.costs_once, row.costs_yearly))
    payer = row.paid_by if isinstance(row.paid_by, str | None) else dict(row.paid_by)
    patches = (row.change or {}).get("components") or {}
    moves = sorted(id_ for id_, patch in patches.items() if id_ in model.components and isinstance(patch, Mapping) and "in" in patch)
    return {"id": name, "takes_h": None if row.takes is None else row.takes.mean(), "requires": list(row.requires),
            "once": once, "yearly": yearly, "paid_by": payer, "moves": moves}  # fmt: skip


def digest_of(part: Mapping[str, Any]) -> str:
    """The first signs of the digest of a result as published."""
    said = json.dumps(part, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()[:MARK_DIGITS]


def _outcome(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Stopped if anything in it was stopped; the reasons of all of it."""
    outcomes = [part["outcome"] for part in parts.values() if part]
    reasons = dict.fromkeys(reason for one in outcomes for reason in one["reasons"])
    return {"state": "stopped" if any(one["state"] == "stopped" for one in outcomes) else "estimated", "reasons": list(reasons)}


# ----------------------------------------------------------------------------- the day


def _rehearsed(base: Model, record: incident.Record, asked: Asked, report: Progress) -> dict[str, Any]:
    """The day as the model replays it: the record's misfortunes, with the outcomes that it gives."""
    given = scenario.read(base, record.hits, record.fails, record.works)
    system = compile_model(given.model)
    played = rehearsal.play(given, system, runs=asked.runs, seed=asked.seed, progress=lambda *p: report("rehearsal", *p))
    return rehearsal.rehearsal(given, system, played, record.defences).as_dict()


def _moments(told: Mapping[str, Any], asked: Asked) -> dict[str, datetime]:
    """What the record knows of the clocks' moments; what the user states comes before it."""
    found = {}
    for name, at in (("began", _stopped(told)), ("restored", told["ended_at"])):
        if at:
            found[name] = datetime.fromisoformat(at).replace(tzinfo=None)
    told_of_it = [
        row["at"][0] for row in told["people"] if row["kind"] in ("warned", "told") and row["to"] and row["t_h"] and row["t_h"][0] >= 0
    ]
    if told_of_it:
        found["aware"] = datetime.fromisoformat(min(told_of_it)).replace(tzinfo=None)
    return found | dict(asked.moments or {})


def _stopped(told: Mapping[str, Any]) -> str | None:
    """When services began to stop: by the first report of that; where there is none, when the incident began."""
    fell = [row["at"][0] for row in told["observations"]
            if row["did"] == "fell" and row["what"] and row["what"]["noun"] in ("all", "service") and not row["corrected_by"]
            and row["at"] and row["at"][0]]  # fmt: skip
    return min(fell, key=datetime.fromisoformat, default=told["began_at"])


def _outages(told: Mapping[str, Any]) -> list[tuple[datetime, datetime | None]]:
    """The incident as one outage, from the first stop of a service to its end."""
    times = [None if at is None else datetime.fromisoformat(at).replace(tzinfo=None) for at in (_stopped(told), told["ended_at"])]
    return [(times[0], times[1])] if times[0] is not None else []


# ----------------------------------------------------------------------------- what changes


def _planned(model: Model, base: Model, record: incident.Record, asked: Asked, report: Progress) -> Mapping[str, Any] | None:
    """How far to defend: the plan made before, or one made now; None where there is nothing to choose from or nothing to judge it by."""
    if asked.plan is not None:
        digest = compile_model(base).digest
        if asked.plan.get("kind") != plan.KIND or asked.plan["provenance"]["digest"] != digest:
            raise ModelError([Problem("paper-other-plan", None, "--plan", {"digest": digest[:12]})])
        return asked.plan
    wanted = plan.Asked(objective=_objective(base), years=asked.years, most=asked.tried)
    if not plan.options(model, wanted, record.defences) or any(not p.code.startswith("note") for p in changes.problems(model)):
        return None
    study = Study(worlds=40, samples=10, depth=1, seed=asked.seed, threads=asked.threads)
    return plan.plan(model, wanted, study, record.defences, lambda *p: report("plan", *p)).as_dict()


def _objective(base: Model) -> str:
    """What a plan keeps small: the loss; where none is stated, hours of users; where those are not, hours."""
    if any(c.loss for c in base.services) or any(h.costs for h in base.hazards.values()):
        return "loss"
    return "user-hours" if any(c.users for c in base.services) else "hours"


def _choice(prepared: Model, record: incident.Record, asked: Asked, planned: Mapping[str, Any] | None) -> tuple[tuple[str, ...], str]:
    """What is bought, and by whose choice: stated, the best of the plan within the budget, or what the record calls missing."""
    if asked.buy or asked.budget is None:
        return _bought(prepared, record, asked.buy), "stated" if asked.buy else "record"
    points = planned["frontier"]["points"] if planned else []
    within = [point for point in points if point["cost"] <= asked.budget]
    best = min(within, key=lambda point: (point["objective_fresh"], point["cost"]), default={"with": ()})
    return (_bought(prepared, record, best["with"]) if best["with"] else ()), "budget"


def _bought(prepared: Model, record: incident.Record, wished: Sequence[str]) -> tuple[str, ...]:
    """The defences to be bought with all that they require, in an order in which they can be applied.

    Unless they are named, those that the record calls missing.
    """
    unknown = [name for name in wished if name not in prepared.defences]
    if unknown:
        near = Nearest(prepared.defences)
        raise ModelError([Problem("unknown-defence", None, f"--buy {name}", {"name": name}, near.to(name)) for name in unknown])
    found: list[str] = []
    for name in wished or [row.name for row in record.missing if row.name in prepared.defences]:
        new = [one for one in with_required(prepared, name) if one not in found and one not in record.defences]
        shut = any(one in prepared.defences[other].excludes or other in prepared.defences[one].excludes for one in new for other in found)
        if wished or not shut:
            found += new
    return tuple(found)


def _few(base: Model, buy: Sequence[str], attributed: Mapping[str, Any]) -> tuple[str, ...]:
    """Of many defences that are bought the few that would have shortened the incident most; none where that is all of them or chance."""
    saved = {p["name"]: p["saved"]["hours"] for p in attributed["players"] if p["what"] == "design" and p["name"] in buy}
    clear = [name for name, est in saved.items() if est["value"] > SURE * est["standard_error"]]
    best = sorted(clear, key=lambda name: -saved[name]["value"])[:FEW]
    found = tuple(dict.fromkeys(one for name in best for one in with_required(base, name)))
    return found if len(best) == FEW and len(found) < len(buy) else ()


def _beside(planned: Mapping[str, Any] | None, buy: Sequence[str]) -> tuple[str, ...]:
    """What the plan would buy first, where nothing of it is bought and it takes the place of nothing; else none."""
    first = next(iter(planned["reading"]["pays"]), None) if planned else None
    return () if first is None or first["drop"] or set(first["add"]) & set(buy) else tuple(first["add"])


def _both(base: Model, few: tuple[str, ...], beside: tuple[str, ...]) -> tuple[str, ...]:
    """The few together with what is not on the list; none where there is only one of them, or one shuts out the other."""
    found = tuple(dict.fromkeys((*few, *beside)))
    shut = any(other in base.defences[one].excludes for one in found for other in found)
    return found if few and beside and not shut else ()


def _changes(
    base: Model, with_: Sequence[str], buy: Sequence[str], others: Mapping[str, tuple[str, ...]], asked: Asked, report: Progress
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The years to come as things stand and with what is bought, and one further step; how often other choices leave a long outage."""
    played = _Player(base, asked, report)
    first = played(())
    now = assessment(first.model, first.system, first.sample, asked.study, with_, asked.texts or NO_TEXTS)
    found: dict[str, Any] = {"before": now.as_dict()}
    adversary = worst.Asked(most=TOGETHER, seed=asked.seed)
    found["worst"] = worst.worst(first.model, first.system, adversary, with_, lambda *p: report("worst", *p)).as_dict()
    if not buy:
        return found, dict.fromkeys(others)
    alone = [choice for name in buy if (choice := with_required(base, name)) != tuple(buy)]
    alone += [choice for choice in others.values() if choice]
    variants = [first, *(played(choice) for choice in dict.fromkeys(alone)), played(tuple(buy))]
    after = variants[-1]
    found["after"] = assessment(after.model, after.system, after.sample, asked.study, [*with_, *buy]).as_dict()
    found["worst_after"] = worst.worst(after.model, after.system, adversary, [*with_, *buy], lambda *p: report("worst", *p)).as_dict()
    found["comparison"] = comparison(variants, asked.study, asked.years, with_).as_dict()
    left = played.left(buy)[:MOST_STEPS]
    if left:
        base_row = Variant((), after.model, after.system, after.sample)
        steps = [base_row, *(Variant((name,), v.model, v.system, v.sample) for name in left if (v := played((*buy, name))))]
        found["steps"] = comparison(steps, asked.study, asked.years, [*with_, *buy]).as_dict()
    return found, {name: _long(played(choice), with_, asked) if choice else None for name, choice in others.items()}


def _long(some: Variant, with_: Sequence[str], asked: Asked) -> dict[str, Any]:
    """How often each service is out for more than a day with a choice of defences."""
    services = assessment(some.model, some.system, some.sample, asked.study, [*with_, *some.defences]).as_dict()["services"]
    often = {id_: row["outages_per_year_longer_than"]["24h"] for id_, row in services.items()}
    return {"with": list(some.defences), "long_per_year": often}


class _Player:
    """The model with some defences, played once each with the same chances."""

    def __init__(self, base: Model, asked: Asked, report: Progress) -> None:
        self.base, self.asked, self.report = base, asked, report
        self.known: dict[tuple[str, ...], Variant] = {}

    def __call__(self, choice: tuple[str, ...]) -> Variant:
        if choice not in self.known:
            model = load.apply(self.base, choice)
            system: System = compile_model(model)
            sample = simulate.assess(system, self.asked.study, lambda *p: self.report("assessment", *p))
            self.known[choice] = Variant(choice, model, system, sample)
        return self.known[choice]

    def left(self, buy: Sequence[str]) -> list[str]:
        """Defences that could come next: neither there, nor a cut, nor shut out by what is bought, with all that they require."""
        found = []
        for name, row in self.base.defences.items():
            costs = sum(m.dist.mean() for m in (row.costs_once, row.costs_yearly) if m is not None)
            shut = any(name in self.base.defences[other].excludes or other in row.excludes for other in buy)
            ready = all(first in buy or self._there(first) for first in row.requires)
            if name not in buy and not self._there(name) and costs >= 0 and ready and not shut:
                found.append(name)
        return found

    def _there(self, name: str) -> bool:
        return self.base.defences[name].state != "absent"
