"""What to buy when, while demand grows: a plan over the stages of `growth`, and what to keep open.

At the begin of each stage a portfolio is chosen that holds everything bought before. A purchase is there after what it requires,
as soon as its people are free and its time has passed; until then the loss is that of what is there. Portfolios are judged whole
by the timed engine; the best chain of them is found exactly by dynamic programming over the stages.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study
from blackstart.errors import ModelError, Problem
from blackstart.language import load
from blackstart.language.brought import brought
from blackstart.language.model import Model
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.tree import Map, Text, placed
from blackstart.planning.judge import Judge
from blackstart.planning.plan import Asked as Wanted
from blackstart.planning.plan import costs_of, options, schedule
from blackstart.planning.portfolios import Option, Portfolio, feasible, least_together, search
from blackstart.studies.comparison import estimate
from blackstart.studies.results import Result, common
from blackstart.system import HOURS_PER_YEAR

KIND = "growth"
CHAINED = 300  # portfolios of which chains are made, where not all can be judged
AT_ONCE = 16  # portfolios that a search asks for together
SETTLED = 0.001  # share of the loss as it is that portfolios which were not judged may yet lose less
NOTHING: Portfolio = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """over_years : how far the plan looks. budget : what may be spent a year, once and running; None: no limit.

    most : portfolios that are judged at most: for each size of the counted parts where these are all, else in the searches for all stages.
    """

    over_years: float = 5.0
    budget: float | None = None
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Stage:
    """A stretch of the plan. demand multiplies users and counted parts, loss multiplies losses; capacity keeps pace."""

    begin_h: float
    years: float
    demand: float
    loss: float


def stages(model: Model, over_years: float) -> list[Stage]:
    """From now to the horizon; today counts as a stage of its own unless one begins today."""
    known = sorted(((0.0 if s.when is None else s.when.mean(), s.demand, s.loss) for s in model.growth), key=lambda row: row[0])
    if not known or known[0][0] > 0.0:
        known = [(0.0, 1.0, 1.0), *known]
    end = over_years * HOURS_PER_YEAR
    known = [row for row in known if row[0] < end]
    ends = [*(row[0] for row in known[1:]), end]
    return [Stage(t, (stop - t) / HOURS_PER_YEAR, demand, loss) for (t, demand, loss), stop in zip(known, ends, strict=True)]


def growth(
    model: Model, asked: Asked, study: Study, on: Sequence[str] = (), progress: Callable[[int, int], None] | None = None,
    texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """What to buy at each stage for the least loss and cost together.

    texts : the model's files and lists of sources beside them, by name: with them the result tells what it rests on

    Raises
    ------
    ModelError
        Nothing grows before the horizon, nothing can be bought, or no loss is stated.
    """
    steps, choices = stages(model, asked.over_years), options(model, Wanted(years=asked.over_years), on)
    _refuse(model, steps, choices)
    sizes = list(dict.fromkeys(s.demand for s in steps))
    judges = {d: Judge(_counted(model, d), [o.id for o in choices], study, on) for d in _distinct(model, sizes)}
    by_demand = {d: judges[d if d in judges else sizes[0]] for d in sizes}
    chosen, least = _candidates(model, steps, choices, by_demand, asked, progress)
    worlds = [{p: v.loss * s.loss for p in chosen if (v := by_demand[s.demand]([p])[0]) is not None and v.loss is not None} for s in steps]
    lost = [{p: float(rows.mean()) for p, rows in table.items()} for table in worlds]
    plan = _Chains(model, steps, lost, asked.budget)
    best, worth = plan.best()
    myopic = plan.myopic()
    data = common(KIND, load.apply(model, on), compile_model(load.apply(model, on)), on, {
        "method": "years" if next(iter(judges.values())).in_years else "episodes", "seed": study.seed, "worlds": study.worlds,
        "samples_per_world": study.samples, "depth": study.depth, "over_years": asked.over_years, "budget": asked.budget,
    })  # fmt: skip
    data["judged"], data["all_judged"] = len(chosen), least is None
    data["gap"] = None if least is None else max(0.0, sum(worth.values()) - least)
    data["stages"] = [plan.told(k, worlds[k], before, after) for k, (before, after) in enumerate(itertools.pairwise([NOTHING, *best]))]
    data["total"] = {"plan": worth, "nothing": plan.worth([NOTHING] * len(steps)), "step_by_step": plan.worth(myopic)}
    data["open"] = _open(model, best)
    data["never"] = [o.id for o in choices if o.id not in best[-1]]
    if texts:
        ids = [o.id for o in choices]
        data["grounds"] = grounds(model, [("defences", id_) for id_ in ids], texts, also=("defences",), more=brought(model, ids, texts))
    return Result(data)


def _refuse(model: Model, steps: Sequence[Stage], choices: Sequence[Option]) -> None:
    problems = []
    if len(steps) < 2:
        problems.append(Problem("growth-none", None, "growth", {}))
    if not choices:
        problems.append(Problem("no-defences", None, "defences", {}))
    if not any(c.loss for c in model.services):
        problems.append(Problem("growth-no-loss", None, "services", {}))
    if problems:
        raise ModelError(problems)


# ----------------------------------------------------------------------------- a model of another size


def _distinct(model: Model, sizes: Sequence[float]) -> list[float]:
    """Sizes that must be played: one, where nothing is counted."""
    return list(sizes) if any(c.count > 1 for c in model.components.values()) else list(sizes[:1])


def _counted(model: Model, demand: float) -> Model:
    """The model with so many times as many of every counted part: more to start and to mend by the same people."""
    rows = {c.id: c for c in model.components.values() if c.count > 1}
    if demand == 1.0 or not rows:
        return model

    def text(value: str) -> Text:
        return placed(Text, value, "", 0)

    def table(content: Mapping[str, Any]) -> Map:
        return placed(Map, {text(key): value for key, value in content.items()}, "", 0)

    patch: dict[str, dict[str, Any]] = {}
    for c in rows.values():
        patch.setdefault(c.section, {})[c.id] = table({"count": text(str(max(1, round(c.count * demand))))})
    return load.changed(model, [table({section: table(rows) for section, rows in patch.items()})])


def _candidates(
    model: Model, steps: Sequence[Stage], choices: Sequence[Option], judges: Mapping[float, Judge], asked: Asked,
    progress: Callable[[int, int], None] | None,
) -> tuple[list[Portfolio], float | None]:  # fmt: skip
    """Portfolios of which chains are made: all, or those that a search for each stage finds best; then too what loss and cost of
    any chain must come to at least: no less than the least of each stage, with a part of what is paid once for each of its years.
    """
    done = 0
    every = list(itertools.islice(feasible(choices), asked.most + 1))
    searched = len(every) > asked.most
    of = asked.most if searched else len(every) * len(set(judges.values()))

    def judged_by(judge: Judge) -> Callable[[Sequence[Portfolio]], list[float | None]]:
        def judged(some: Sequence[Portfolio]) -> list[float | None]:
            nonlocal done
            verdicts = judge(some)
            done += len(some)
            if progress:
                progress(min(done, of), of)
            return [None if v is None else v.value("loss") for v in verdicts]

        return judged

    if not searched:
        for judge in dict.fromkeys(judges.values()):
            with judge.abreast():
                for k in range(0, len(every), AT_ONCE):
                    judged_by(judge)(every[k : k + AT_ONCE])
        return every, None
    kept: dict[Portfolio, None] = {NOTHING: None}
    least = sum(min(0.0, costs_of(model.defences[o.id])[0]) for o in choices)
    for stage in steps:
        some, worth, judge = _of_stage(model, choices, stage, asked), stage.years * stage.loss, judges[stage.demand]
        with judge.abreast():
            found = search(some, judged_by(judge), max(2, asked.most // len(steps)), AT_ONCE, worth, SETTLED, whole=False)
        cost = {o.id: o.cost for o in some}
        ranked = sorted(found.judged, key=lambda p: found.judged[p] * worth + math.fsum(cost[name] for name in p))
        kept |= dict.fromkeys(ranked[: CHAINED // len(steps)])
        least += least_together(some, found, worth)
    return list(kept), least


def _of_stage(model: Model, choices: Sequence[Option], stage: Stage, asked: Asked) -> list[Option]:
    """What a stage pays at least for what is there in it: its years of what is paid once, and what is paid a year from when it is there."""
    found = []
    for o in choices:
        d = model.defences[o.id]
        once, yearly = costs_of(d)
        takes = 0.0 if d.takes is None else d.takes.mean() / HOURS_PER_YEAR
        running = yearly * (stage.years if yearly < 0.0 else max(0.0, stage.years - takes))
        found.append(replace(o, cost=max(0.0, once) * stage.years / asked.over_years + running))
    return found


# ----------------------------------------------------------------------------- chains of portfolios


class _Chains:
    """Portfolios one behind the other, each holding the one before, with what they cost and lose."""

    def __init__(self, model: Model, steps: Sequence[Stage], lost: Sequence[Mapping[Portfolio, float]], budget: float | None) -> None:
        self.model, self.steps, self.lost, self.budget = model, steps, lost, budget
        self.costs = {name: costs_of(d) for name, d in model.defences.items()}
        self.order = {name: k for k, name in enumerate(model.defences)}
        self.times: dict[Portfolio, list[dict[str, Any]]] = {}

    def bought(self, new: Portfolio) -> list[dict[str, Any]]:
        """When each of these is begun and there, hours from the purchase."""
        if new not in self.times:
            self.times[new] = schedule(self.model, sorted(new, key=self.order.__getitem__))
        return self.times[new]

    def step(self, k: int, before: Portfolio, after: Portfolio) -> tuple[float, float] | None:
        """Loss and cost of one stage; None where it goes beyond the budget."""
        stage, new = self.steps[k], self.bought(after - before)
        hours = stage.years * HOURS_PER_YEAR
        moments = sorted({0.0, hours, *(min(row["ends_h"], hours) for row in new)})
        loss = 0.0
        for begin, end in itertools.pairwise(moments):
            there = before | {row["id"] for row in new if row["ends_h"] <= begin}
            loss += self.lost[k].get(there, self.lost[k][before]) * (end - begin) / HOURS_PER_YEAR
        once, yearly = (math.fsum(self.costs[name][k] for name in names) for k, names in enumerate((after - before, before)))
        cost = once + yearly * stage.years
        cost += sum(self.costs[row["id"]][1] * max(0.0, hours - row["ends_h"]) / HOURS_PER_YEAR for row in new)
        return None if self.budget is not None and cost > self.budget * stage.years else (loss, cost)

    def _steps_from(self, k: int, before: Portfolio) -> dict[Portfolio, float]:
        found = {}
        for after in self.lost[k]:
            if before <= after and (come := self.step(k, before, after)) is not None:
                found[after] = sum(come)
        return found

    def best(self) -> tuple[list[Portfolio], dict[str, float]]:
        """The chain with the least loss and cost together, and its worth."""
        reached: dict[Portfolio, tuple[float, list[Portfolio]]] = {NOTHING: (0.0, [])}
        for k in range(len(self.steps)):
            new: dict[Portfolio, tuple[float, list[Portfolio]]] = {}
            for before, (so_far, chain) in reached.items():
                for after, come in self._steps_from(k, before).items():
                    if so_far + come < new.get(after, (math.inf, []))[0]:
                        new[after] = so_far + come, [*chain, after]
            reached = new
        chain = min(reached.values(), key=lambda pair: pair[0])[1]
        return chain, self.worth(chain)

    def myopic(self) -> list[Portfolio]:
        """At each stage what is best for it alone, as if it were the last."""
        chain: list[Portfolio] = []
        for k in range(len(self.steps)):
            come = self._steps_from(k, chain[-1] if chain else NOTHING)
            chain.append(min(come, key=lambda p: (come[p], len(p))))
        return chain

    def worth(self, chain: Sequence[Portfolio]) -> dict[str, float]:
        pairs = enumerate(itertools.pairwise([NOTHING, *chain]))
        parts = [self.step(k, before, after) or (math.inf, math.inf) for k, (before, after) in pairs]
        return {"loss": sum(loss for loss, _ in parts), "cost": sum(cost for _, cost in parts)}

    def told(self, k: int, worlds: Mapping[Portfolio, np.ndarray], before: Portfolio, after: Portfolio) -> dict[str, Any]:
        """One stage: what is bought, when it is there, what is lost a year without anything, with what was there, and then."""
        stage = self.steps[k]
        loss, cost = self.step(k, before, after) or (0.0, 0.0)
        rows = [{"id": row["id"], "once": self.costs[row["id"]][0], "yearly": self.costs[row["id"]][1],
                 "begins_h": stage.begin_h + row["begins_h"], "ends_h": stage.begin_h + row["ends_h"]}
                for row in self.bought(after - before)]  # fmt: skip
        return {
            "begin_h": stage.begin_h, "years": stage.years, "demand": stage.demand, "loss_factor": stage.loss, "bought": rows,
            "in_place": sorted(before, key=self.order.__getitem__), "loss": loss, "cost": cost,
            **{key: estimate(worlds[p], len(worlds[p]) > 1).as_dict()
               for key, p in (("loss_nothing", NOTHING), ("loss_before", before), ("loss_after", after))},
        }  # fmt: skip


def _open(model: Model, chain: Sequence[Portfolio]) -> list[dict[str, Any]]:
    """What is bought only later, with what must not be bought before because it would exclude it."""
    found = []
    for k, (before, after) in enumerate(itertools.pairwise([NOTHING, *chain])):
        for name in sorted(after - before, key=list(model.defences).index):
            others = {o for o, d in model.defences.items() if name in d.excludes} | set(model.defences[name].excludes)
            if k and others:
                found.append({"id": name, "stage": k, "not_before": sorted(others)})
    return found
