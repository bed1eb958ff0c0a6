"""How far to defend: the frontier of cost against loss, and how it reads.

A search judges portfolios on one set of episodes; what it finds is the best *for these episodes*, and looks a little better than
it is, as the winner of any comparison does. So the portfolios on the frontier are judged again on fresh episodes, with another
seed, and those are the figures that are told.

Costs and losses are counted over the same years: what is paid once, and every year's amount times the years, discounted if so
asked. The reading follows ALARP (as low as reasonably practicable): a step is taken unless it costs grossly more than it buys.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from blackstart.checks import changes
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Sample, Study, assess
from blackstart.errors import ModelError, Problem
from blackstart.language.brought import brought
from blackstart.language.model import Defence, Model
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.portfolio import unpriced
from blackstart.planning.judge import TIMES_AS_LONG, Bench, Judge, Verdict, limit_h, promises
from blackstart.planning.portfolios import Found, Label, Least, Option, Portfolio, merged, search
from blackstart.studies.beginnings import first_of
from blackstart.studies.promised import allowed
from blackstart.studies.results import Result, causes_of, common
from blackstart.studies.worlds import Estimate
from blackstart.system import HOURS_PER_YEAR

KIND = "plan"
NONE_BEGUN = np.zeros((2, 4))
NOTHING: Portfolio = frozenset()
FINE = 0.005  # share of what is lost as it is that portfolios which were not judged may yet lose less
MOST_TOLD = 30  # points of the frontier that are judged again and told
FRESH_SEED = 7919  # added to the seed for the episodes on which the found portfolios are judged again
TOLD_APART = 2.0  # standard errors
NINES = 6
HALVINGS = 4
AT_ONCE = 16  # portfolios that a search asks for together
TO_KEEP = 1e6  # what keeping all limits is worth when the cheapest way to it is sought: so many times what everything costs
TO_SPARE = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)  # shares of what is accepted, in the search
STATES = ("proven", "bounded", "open")
FRESH_TIMES, MOST_FRESH_TIMES = 2.5, 10.0  # so many times the worlds of the search, and the samples in each, are fresh: least and most
FRESH_WORK = 5.6e6  # fresh samples times components times defences up to which there are more than the least
LAST_WITHIN = 6  # steps of the frontier just within a budget that are judged again
MOST_TRIED = 12  # portfolios that keep a limit in the search and are tried on fresh episodes


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a plan.

    objective : what is to be kept small: ``loss``, ``tvar`` (mean loss of the worst years), ``user-hours`` or ``hours``.
    years, discount : over which time costs and losses are counted, and at which rate of interest a year.
    gross : how many times what it avoids a step may cost before it costs grossly more than it buys (ALARP).
    accepted_years : a limit that a service can bear is kept if it is passed less than once in so many years.
    tail_years : ``tvar`` is the mean loss of the worst of so many years.
    most : portfolios that are judged at most.
    fresh : worlds and samples with which the found portfolios are judged again; unless given, `fresh_size`.
    cuts : whether what saves money (a negative cost) may be chosen too.
    budget : what may be spent over the years, once and running; the best within it is told beside how far to go.
    """

    objective: str = "loss"
    years: float = 10.0
    discount: float = 0.0
    gross: float = 3.0
    accepted_years: float = 100.0
    tail_years: float = 100.0
    most: int = 2000
    fresh: tuple[int, int] | None = None
    cuts: bool = False
    budget: float | None = None


def fresh_size(study: Study, components: int, defences: int) -> tuple[int, int]:
    """Fresh worlds and samples in each: the more the smaller a model, for what is rare decides, and few episodes hold it."""
    least = study.worlds * study.samples * components * defences
    times = min(MOST_FRESH_TIMES, max(FRESH_TIMES, math.sqrt(FRESH_WORK / least)))
    return math.ceil(times * study.worlds), math.ceil(times * study.samples)


def annuity(years: float, discount: float) -> float:
    """What one unit a year, paid evenly, is worth now: years, if there is no interest."""
    return years if discount <= 0.0 else (1.0 - (1.0 + discount) ** -years) / math.log1p(discount)


def options(model: Model, asked: Asked, on: Sequence[str] = ()) -> list[Option]:
    """Defences that may be bought: those that are not there yet and that nothing already there excludes."""
    there = {*on, *(name for name, d in model.defences.items() if d.state != "absent")}
    barred = {name for other in there for name in model.defences[other].excludes}
    found = []
    for name, d in model.defences.items():
        if name not in there and name not in barred and not there & set(d.excludes):
            once, yearly = costs_of(d)
            cost = once + yearly * annuity(asked.years, asked.discount)
            if cost < 0.0 and not asked.cuts:
                continue
            found.append(Option(name, cost, frozenset(d.requires) - there, frozenset(d.excludes)))
    return _possible(found)


def not_offered(model: Model, choices: Sequence[Option], on: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Defences that nothing there excludes and that yet cannot be chosen, for what they require is no choice: with what that is."""
    there = {*on, *(name for name, d in model.defences.items() if d.state != "absent")}
    known = there | {o.id for o in choices}
    barred = {name for other in there for name in model.defences[other].excludes}
    missing = {
        name: [n for n in d.requires if n not in known] for name, d in model.defences.items()
        if name not in known | barred and not there & set(d.excludes)
    }  # fmt: skip
    return [{"id": name, "requires": names} for name, names in missing.items() if names]


def _possible(found: list[Option]) -> list[Option]:
    """Those of the choices for which all that they require can be chosen too."""
    known = {o.id for o in found}
    while impossible := {o.id for o in found if not o.requires <= known}:
        found = [o for o in found if o.id not in impossible]
        known -= impossible
    return found


def costs_of(defence: Defence) -> tuple[float, float]:
    """Mean cost once and a year; nothing where none is stated."""
    return tuple(0.0 if m is None else m.dist.mean() for m in (defence.costs_once, defence.costs_yearly))  # type: ignore[return-value]


def plan(
    model: Model, asked: Asked, study: Study, on: Sequence[str] = (), progress: Callable[[int, int], None] | None = None,
    texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """The frontier and its reading.

    texts : the model's files and lists of sources beside them, by name: what they say beside the inputs is told with those

    Raises
    ------
    ModelError
        If there is nothing to choose from, a defence makes no valid model, or what is to be kept small is not in the model.
    """
    choices = options(model, asked, on)
    _refuse(model, choices, asked, on)
    tail = asked.tail_years if asked.objective == "tvar" else None
    bench = Bench(model, choices, study, on, tail)
    searches = _Searches(bench, asked, Limits(bench.applied(NOTHING), asked), progress)
    found = searches.frontier()
    keeping = searches.keeping(found)
    worlds, samples = asked.fresh or fresh_size(study, len(model.components), len(choices))
    again = replace(study, worlds=worlds, samples=samples, depth=2, seed=study.seed + FRESH_SEED)
    fresh = Judge(model, [o.id for o in choices], again, on, tail)
    fresh.even_out()
    with fresh.abreast():
        planned = _Planned(model, asked, study, on, choices, bench, found, fresh, keeping)
        data = planned.data()
    data["causes"] = first_of(planned.causes(assess(planned.system, again)))
    begin = [("hazards" if c["what"] == "hazard" else "components", c["id"]) for c in data["causes"]]
    ids = [o.id for o in choices]
    first = [*begin, *(("defences", id_) for id_ in ids)]
    data["grounds"] = grounds(model, first, texts, also=("defences",), more=brought(model, ids, texts))
    return Result(data)


class Limits:
    """What services can bear: outages longer than that once in so many years at most, and promised uptimes kept in so many windows."""

    def __init__(self, model: Model, asked: Asked) -> None:
        self.outages = [k for k, c in enumerate(model.services) if limit_h(c) is not None]
        self.accepted = np.array([1.0 / asked.accepted_years] * len(self.outages) + [allowed(one) for _, one in promises(model)])

    def __bool__(self) -> bool:
        return self.accepted.size > 0

    def strain(self, verdict: Verdict) -> np.ndarray:
        """How many times as often as is accepted each of them is passed."""
        return np.concatenate([verdict.passed[:, self.outages], verdict.broken], axis=1).mean(axis=0) / self.accepted


class _Searches:
    """What is sought in each part of the model, one question after the other: what one has judged the next need not judge again."""

    def __init__(self, bench: Bench, asked: Asked, limits: Limits, progress: Callable[[int, int], None] | None) -> None:
        self.bench, self.asked, self.limits, self.progress = bench, asked, limits, progress
        self.done, self.most = 0, asked.most * len(bench.parts)

    def _judged(self, judge: Judge, measure: Callable[[Verdict], float]) -> Callable[[Sequence[Portfolio]], list[float | None]]:
        def judged(some: Sequence[Portfolio]) -> list[float | None]:
            verdicts = judge(some)
            self.done += len(some)
            if self.progress:
                self.progress(min(self.done, self.most), self.most)
            return [None if v is None else measure(v) for v in verdicts]

        return judged

    def frontier(self) -> list[Found]:
        """The least of what is to be kept small, for every budget."""
        asked = self.asked
        worth = asked.gross * annuity(asked.years, asked.discount) if asked.objective == "loss" else None

        def measure(verdict: Verdict) -> float:
            return verdict.value(asked.objective)

        found = []
        for options, judge in self.bench.parts:
            least = None if asked.objective == "tvar" else self._least(judge, measure)
            with judge.abreast():
                found.append(search(options, self._judged(judge, measure), asked.most, AT_ONCE, worth, FINE, least=least))
        return found

    def _least(self, judge: Judge, measure: Callable[[Verdict], float]) -> Least:
        return Least(judge.asked, lambda portfolio, among: measure(judge.least(portfolio, among)))

    def keeping(self, found: Sequence[Found]) -> list[Found]:
        """The least cost at which all limits are kept, where the search for the frontier has not judged every portfolio."""
        price = TO_KEEP * math.fsum(abs(o.cost) for options, _ in self.bench.parts for o in options)
        kept = []
        for (options, judge), one in zip(self.bench.parts, found, strict=True):
            if one.state != "proven" and self.limits:
                with judge.abreast():
                    one = search(options, self._judged(judge, self.excess), self.asked.most, AT_ONCE, price, whole=False)
            kept.append(one)
        return kept

    def excess(self, verdict: Verdict) -> float:
        """By how much services pass what they can bear more often than is accepted, in units of that, all together."""
        return float(np.maximum(0.0, self.limits.strain(verdict) - 1.0).sum())


def _refuse(model: Model, choices: Sequence[Option], asked: Asked, on: Sequence[str]) -> None:
    problems = [p for p in changes.problems(model) if not p.code.startswith("note")]
    if not choices:
        problems.append(Problem("no-defences", None, "defences", {}))
    with_loss = any(c.loss for c in model.services) or any(h.costs for h in model.hazards.values())
    if asked.objective in ("loss", "tvar") and not with_loss:
        problems.append(Problem("plan-without-loss", None, "services", {"objective": asked.objective}))
    if asked.objective == "user-hours" and not any(c.users for c in model.services):
        problems.append(Problem("plan-without-users", None, "services", {"objective": asked.objective}))
    if problems:
        raise ModelError(problems, model.raw.sources)


_AMOUNTS = ("loss", "user_hours", "long", "per_year")
_ERRORS = tuple(f"{key}_error" for key in _AMOUNTS[:3])


def _by_cause(begun: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """What begins with each misfortune, the most of it first: of a verdict with errors, of a difference the amounts (3,) alone."""
    rows = [(*name.partition(":")[::2], some) for name, some in begun.items() if some[..., :3].any()]
    rows.sort(key=lambda row: (*(-abs(row[2].reshape(-1)[:2])), row[1]))
    return [{"what": what, "id": id_, **_named_amounts(some)} for what, id_, some in rows]


def _named_amounts(some: np.ndarray) -> dict[str, float]:
    if some.ndim == 1:
        return dict(zip(_AMOUNTS[:3], some.tolist(), strict=True))
    return dict(zip((*_AMOUNTS, *_ERRORS), [*some[0].tolist(), *some[1, :3].tolist()], strict=True))


class _Planned:
    """Everything that is told, from what the search has found."""

    def __init__(
        self, model: Model, asked: Asked, study: Study, on: Sequence[str], choices: Sequence[Option], bench: Bench,
        found: Sequence[Found], fresh: Judge, keeping: Sequence[Found],
    ) -> None:  # fmt: skip
        self.keeping = keeping
        self.model, self.asked, self.study, self.on = model, asked, study, on
        self.choices, self.bench, self.found, self.fresh = list(choices), bench, found, fresh
        self.by_id = {o.id: o for o in choices}
        self.factor = annuity(asked.years, asked.discount)
        self.ends: dict[Portfolio, dict[str, float]] = {}
        self.base_model = bench.applied(NOTHING)
        self.system = compile_model(self.base_model)
        self.certain = self.system.is_certain()
        self.steps = self._frontier()
        self.base = self._fresh(NOTHING)
        self.chosen = self._how_far()
        self.told = self._confirmed(self._some())

    # -- pieces

    def causes(self, sample: Sample) -> list[dict[str, Any]]:
        """What episodes begin with as things are, by another sample of the same study; how often, as in all other figures."""
        begun = {tuple(name.partition(":")[::2]): some for name, some in self.base.begun.items()}
        rows = causes_of(self.base_model, self.system, sample, self.fresh.study)
        return [row if (some := begun.get((row["what"], row["id"]))) is None else row | {"per_year": float(some[0, 3])} for row in rows]

    def cost(self, portfolio: Portfolio) -> float:
        return math.fsum(self.by_id[name].cost for name in portfolio)  # exact: a set has another order in every process

    def listed(self, portfolio: Portfolio) -> list[str]:
        return [o.id for o in self.choices if o.id in portfolio]

    def _fresh(self, portfolio: Portfolio) -> Verdict:
        return self.fresh([portfolio])[0]  # type: ignore[return-value]

    def seen(self, portfolio: Portfolio) -> Verdict:
        """What the search saw of a portfolio."""
        return self.bench.seen(portfolio)

    def loss(self, portfolio: Portfolio) -> float:
        """What the search made small."""
        return self.seen(portfolio).value(self.asked.objective)

    def estimate(self, by_world: np.ndarray) -> dict[str, Any]:
        error = float(np.std(by_world, ddof=1) / math.sqrt(by_world.size)) if by_world.size > 1 else abs(float(by_world.mean()))
        low, high = np.quantile(by_world, (0.05, 0.95))
        return Estimate(float(by_world.mean()), error, None if self.certain else (float(low), float(high))).as_dict()

    def _frontier(self) -> list[Portfolio]:
        return [frozenset(x.chosen) for x in self._merged(lambda v: v.value(self.asked.objective))]

    def _merged(self, measure: Callable[[Verdict], float]) -> list[Label]:
        """Undominated portfolios of cost and a measure that adds up over the parts of the model, of all that a search has judged."""
        return merged([
            [Label((self.cost(p),), measure(judge.known[p]), tuple(sorted(p))) for p in {**found.judged, **kept.judged}]  # type: ignore[arg-type]
            for (_, judge), found, kept in zip(self.bench.parts, self.found, self.keeping, strict=True)
        ])  # fmt: skip

    def _confirmed(self, some: Sequence[Portfolio]) -> list[Portfolio]:
        """Those that fresh episodes tell from what is cheaper, and what is chosen, in order of cost."""
        self.fresh(some)
        kept: list[Portfolio] = []
        least: np.ndarray | None = None
        fine = FINE * float(self._measured(NOTHING).mean())  # what buys less than the search was asked to find buys nothing that shows
        for p in sorted({*some, NOTHING, self.chosen or NOTHING}, key=lambda p: (self.cost(p), sorted(p))):
            gained = None if least is None else least - self._measured(p)
            told = gained is None or gained.mean() > max(fine, TOLD_APART * gained.std(ddof=1) / math.sqrt(gained.size))
            if told:
                least = self._measured(p)
            if told or p in (NOTHING, self.chosen):
                kept.append(p)
        return sorted(kept, key=lambda p: p != NOTHING)  # what is there comes first, whatever cuts would save

    def _measured(self, portfolio: Portfolio) -> np.ndarray:
        """What is to be kept small, in each world of the fresh episodes (of the worst years: the expected loss)."""
        v = self._fresh(portfolio)
        if self.asked.objective == "user-hours":
            return v.user_hours
        return v.hours.sum(axis=1) if self.asked.objective == "hours" else v.loss  # type: ignore[return-value]

    def _some(self) -> list[Portfolio]:
        """The steps of the frontier; where there are many, those of its lower hull, the last within the budget, and others evenly."""
        if len(self.steps) <= MOST_TOLD:
            return list(dict.fromkeys([NOTHING, *self.steps]))
        hull = self.hull()
        every = np.linspace(0, len(self.steps) - 1, max(2, MOST_TOLD - len(hull))).round().astype(int)
        keep = {*hull, *(self.steps[i] for i in every), *[p for p in self.steps if self._fits(p)][-LAST_WITHIN:]}
        return list(dict.fromkeys([NOTHING, *(p for p in self.steps if p in keep)]))

    def _fits(self, portfolio: Portfolio) -> bool:
        return self.asked.budget is not None and self.cost(portfolio) <= self.asked.budget

    def _within(self) -> dict[str, Any] | None:
        """The best of what is told within the budget, by fresh episodes; None where no budget is stated."""
        fit = [p for p in self.told if self._fits(p)]
        return self.point(min(fit, key=lambda p: (float(self._measured(p).mean()), self.cost(p)))) if fit else None

    def hull(self) -> list[Portfolio]:
        """Steps of the frontier at which each further unit of money buys less than on the step before: its lower hull."""
        kept: list[Portfolio] = []
        for p in self.steps:
            while len(kept) > 1 and self._slope(kept[-2], kept[-1]) >= self._slope(kept[-2], p):
                kept.pop()
            kept.append(p)
        return kept

    def _slope(self, a: Portfolio, b: Portfolio) -> float:
        return (self.loss(b) - self.loss(a)) / max(1e-300, self.cost(b) - self.cost(a))

    # -- what is told

    def data(self) -> dict[str, Any]:
        how = {
            "method": "years" if self.bench.in_years else "episodes", "seed": self.study.seed, "worlds": self.study.worlds,
            "samples_per_world": self.study.samples, "depth": self.study.depth, "fresh_seed": self.fresh.study.seed,
            "fresh_depth": self.fresh.study.depth,
            "fresh_worlds": self.fresh.study.worlds, "fresh_samples_per_world": self.fresh.study.samples, "most": self.asked.most,
        }  # fmt: skip
        data = common(KIND, self.base_model, self.system, self.on, how)
        data["outcome"] = self._outcome()
        asked = self.asked
        data["asked"] = {
            "objective": asked.objective, "years": asked.years, "discount": asked.discount, "gross": asked.gross,
            "accepted_years": asked.accepted_years, "tail_years": asked.tail_years, "cuts": asked.cuts,
            "budget": asked.budget,
        }  # fmt: skip
        data["options"] = [self._option(o) for o in self.choices]
        data["not_offered"] = not_offered(self.model, self.choices, self.on)
        data["free"] = unpriced(self.model, [o.id for o in self.choices])
        data["frontier"] = {
            "state": self._state(), "parts": sum(bool(options) for options, _ in self.bench.parts),
            "portfolios": math.prod(len(f.judged) for f in self.found),
            "judged": sum(len(f.judged) for (some, _), f in zip(self.bench.parts, self.found, strict=True) if some),
            "refused": sum(f.refused for f in self.found),
            "harm": {
                "worse": sum(f.harm[0] for f in self.found), "pairs": sum(f.harm[1] for f in self.found),
                "most": sum(f.harmed for f in self.found),
            },
            "gap": self._gap([f.gap for f in self.found]), **self._proven(), **self._sure(),
            "steps": len(self.steps), "points": [self.point(p) for p in self.told],
        }  # fmt: skip
        data["reading"] = self._reading()
        return data

    def _outcome(self) -> dict[str, Any]:
        reasons = ["few-worlds"] if self.study.worlds < 20 else []
        if self._state() == "open":
            reasons.append("search-limit")
        return {"state": "estimated", "reasons": reasons}

    def _state(self) -> str:
        return max((f.state for f in self.found), key=STATES.index)

    def _gap(self, gaps: Sequence[Sequence[tuple[float, float]]]) -> list[dict[str, Any]]:
        """From which cost on how much less could be lost at most, and never more than is; of several open parts all gaps."""
        if len(gaps) == 1:
            front = [(self.cost(p), self.found[0].judged[p], p) for p in self.found[0].judged]
            best = [min((row for row in front if row[0] <= c), key=lambda row: (row[1], row[0]), default=None) for c, _ in gaps[0]]
            return [
                {"cost": c, "at_most": min(g, row[1]), "best": row[1], "with": self.listed(row[2])} if row else {"cost": c, "at_most": g}
                for (c, g), row in zip(gaps[0], best, strict=True)
            ]  # fmt: skip
        most = [max(g for _, g in gap) for gap in gaps if gap]
        return [{"cost": self.cost(self.steps[0]), "at_most": sum(most)}] if most else []

    def _sure(self) -> dict[str, Any]:
        """The gap whatever defences do to each other, where it is known of every part; how long trouble is taken to last for it."""
        known = all(f.sure or f.proven_to is None for f in self.found)
        return {"sure_gap": self._gap([f.sure for f in self.found]) if known else [], "times_as_long": TIMES_AS_LONG}

    def _proven(self) -> dict[str, Any]:
        """Below which cost every portfolio was judged (None: all were); above which nothing can be worth it (None: no price); and
        whether the one lies above the other, so that how far to go is proven for these episodes.
        """
        proven = [math.inf if f.proven_to is None else f.proven_to for f in self.found]
        least = [min(map(self.cost, f.judged)) for f in self.found]
        to = min(p + sum(least) - own for p, own in zip(proven, least, strict=True))
        worth = [f.worth_to if f.worth_to is not None else math.inf for f, p in zip(self.found, proven, strict=True) if p < math.inf]
        decided = all(f.proven_to is None or (f.worth_to is not None and f.proven_to > f.worth_to) for f in self.found)
        return {
            "proven_to": None if to == math.inf else to, "worth_to": None if not worth or max(worth) == math.inf else sum(worth),
            "decided": decided,
        }  # fmt: skip

    def _option(self, o: Option) -> dict[str, Any]:
        d = self.model.defences[o.id]
        once, yearly = costs_of(d)
        return {
            "id": o.id, "once": once, "yearly": yearly, "cost": o.cost, "takes_h": None if d.takes is None else d.takes.mean(),
            "people": {c.team: c.people for c in d.people}, "requires": sorted(o.requires), "excludes": sorted(o.excludes),
        }  # fmt: skip

    def point(self, portfolio: Portfolio) -> dict[str, Any]:
        """A portfolio with the figures of fresh episodes, and what it avoids of the loss as it is, with the error of that difference."""
        v, base = self._fresh(portfolio), self.base
        once, yearly = (math.fsum(costs_of(self.model.defences[name])[k] for name in portfolio) for k in (0, 1))
        return {
            "with": self.listed(portfolio), "once": once, "yearly": yearly, "cost": self.cost(portfolio),
            "objective": self.seen(portfolio).value(self.asked.objective), "objective_fresh": v.value(self.asked.objective),
            "loss_per_year": None if v.loss is None else self.estimate(v.loss),
            "avoided_per_year": None if v.loss is None or base.loss is None else self.estimate(base.loss - v.loss),
            "user_hours_per_year": self.estimate(v.user_hours), "long_per_year": self.estimate(v.long),
            "hours_per_year": {s: self.estimate(v.hours[:, k]) for k, s in enumerate(self.bench.services)},
            "by_cause": _by_cause(v.begun), "by_service": self._by_service(v.lost),
        }  # fmt: skip

    def _by_service(self, lost: np.ndarray) -> dict[str, float]:
        return {s: float(money) for s, money in zip(self.bench.services, lost, strict=True) if money}

    # -- the reading

    def _reading(self) -> dict[str, Any]:
        chosen = self.chosen
        return {
            "chosen": self.point(chosen) if chosen is not None else None, "within": self._within(),
            "pays": self._hull_steps(),
            "bought": [] if chosen is None else self._bought(chosen),
            "left_out": [] if chosen is None else self._left_out(chosen),
            "waiting_a_year": None if chosen is None else self._waiting(chosen),
            "schedule": [] if chosen is None else schedule(self.model, self.listed(chosen)),
            "nines": self._nines(), "halvings": self._halvings(), "tolerance": self._tolerance(chosen),
        }  # fmt: skip

    def _how_far(self) -> Portfolio | None:
        """Up to the last step of the hull that does not cost grossly more than it avoids; None where nothing has a price."""
        if self.base.loss is None or self.asked.objective not in ("loss", "tvar"):
            return None
        hull = self.hull()
        chosen = hull[0]
        for before, p in zip(hull, hull[1:], strict=False):
            avoided = (self._expected(before) - self._expected(p)) * self._years_of_use(before, p)
            if self.cost(p) - self.cost(before) > self.asked.gross * avoided:
                break
            chosen = p
        return self._proven_worth(chosen)

    def _proven_worth(self, chosen: Portfolio) -> Portfolio:
        """What is chosen, without what fresh episodes do not find worth it beside the rest, and with what they do and the search did not:
        it was lucky, or unlucky, with what is rare. Nothing is chosen twice.
        """
        seen: set[Portfolio] = set()
        while chosen not in seen:
            seen.add(chosen)
            in_vain = [row for row in self._bought(chosen) if row["cost"] > max(0.0, self.asked.gross * row["avoided"]["value"])]
            worth = [] if in_vain else [row for row in self._left_out(chosen) if self._pays(row)]
            if in_vain:
                chosen -= self._falls_with({max(in_vain, key=_least_ratio)["id"]}, chosen)
            elif worth:
                chosen = chosen - frozenset(worth[0]["drop"]) | frozenset(worth[0]["add"])
        return chosen

    def _pays(self, step: Mapping[str, Any]) -> bool:
        """Whether what a step avoids can be told from chance, and is worth what it costs."""
        avoided = step["avoided"]
        shown = avoided["value"] > TOLD_APART * avoided["standard_error"]
        return shown and step["cost"] <= self.asked.gross * avoided["value"]

    def _there_h(self, before: Portfolio, after: Portfolio) -> float:
        """Hours from now until all is there that one portfolio has and another has not: with lead times, and people for so much at once."""
        if after not in self.ends:
            self.ends[after] = {row["id"]: row["ends_h"] for row in schedule(self.model, self.listed(after))}
        return max((self.ends[after][name] for name in after - before), default=0.0)

    def _years_of_use(self, before: Portfolio, after: Portfolio) -> float:
        """For how many of the years, discounted, a step is there."""
        wait = self._there_h(before, after) / HOURS_PER_YEAR
        return max(0.0, self.factor - annuity(wait, self.asked.discount))

    def _expected(self, portfolio: Portfolio) -> float:
        return float(self.seen(portfolio).loss.mean())  # type: ignore[union-attr]

    def _step(self, before: Portfolio, after: Portfolio) -> dict[str, Any]:
        """From one portfolio to another: what is added and dropped, what it costs, and how much less there is over the years, from when
        it is there, of what is to be kept small, on fresh episodes.
        """
        years, was, then = self._years_of_use(before, after), self._fresh(before), self._fresh(after)
        avoided = (self._measured(before) - self._measured(after)) * years
        less = {n: was.begun.get(n, NONE_BEGUN)[0] - then.begun.get(n, NONE_BEGUN)[0] for n in {**was.begun, **then.begun}}
        begun = {n: amounts[:3] * years for n, amounts in less.items()}
        cost = self.cost(after) - self.cost(before)
        mean = float(avoided.mean())
        lost = [None if v.loss is None else float(v.loss.mean()) for v in (was, then)]
        return {
            "add": self.listed(after - before), "drop": self.listed(before - after), "cost": cost, "there_h": self._there_h(before, after),
            "beside": self.listed(before), "loss_was": lost[0], "loss_then": lost[1],
            "avoided": self.estimate(avoided), "ratio": cost / mean if mean > 0.0 else None, "years": years,
            "by_cause": _by_cause(begun), "by_service": self._by_service((was.lost - then.lost) * years),
        }  # fmt: skip

    def _hull_steps(self) -> list[dict[str, Any]]:
        """Steps along the hull; one of which fresh episodes do not show what it avoids is taken together with the next."""
        before, *more = self.hull()
        self.fresh([before, *more])
        found = []
        for after in more:
            step = self._step(before, after)
            avoided = step["avoided"]
            if avoided["value"] > TOLD_APART * avoided["standard_error"]:
                found.append({"to": self.listed(after), **step})
                before = after
        return found

    def _bought(self, chosen: Portfolio) -> list[dict[str, Any]]:
        """What each bought defence is worth beside the others: without it, and without what requires it."""
        before = {name: chosen - self._falls_with({name}, chosen) for name in self.listed(chosen)}
        verdicts = self.fresh(list(before.values()))
        return [
            {"id": name, **self._step(less, chosen)}
            for (name, less), verdict in zip(before.items(), verdicts, strict=True) if verdict is not None
        ]  # fmt: skip

    def _left_out(self, chosen: Portfolio) -> list[dict[str, Any]]:
        """What each defence left out would add beside what is bought, with what it requires and without what it excludes."""
        after: dict[str, Portfolio] = {}
        for o in self.choices:
            if o.id not in chosen:
                wanted = {o.id}
                while more := {n for name in wanted for n in self.by_id[name].requires} - wanted:
                    wanted |= more
                gone = {n for n in chosen if any(n in self.by_id[w].excludes or w in self.by_id[n].excludes for w in wanted)}
                after[o.id] = frozenset((chosen - self._falls_with(gone, chosen)) | wanted)
        verdicts = self.fresh(list(after.values()))
        rows = [
            {"id": name, **self._step(chosen, more)}
            for (name, more), verdict in zip(after.items(), verdicts, strict=True) if verdict is not None
        ]  # fmt: skip
        return sorted(rows, key=_least_ratio)

    def _falls_with(self, gone: set[str], chosen: Portfolio) -> frozenset[str]:
        """What goes when some are gone: they, and what requires them."""
        while more := {n for n in chosen - gone if self.by_id[n].requires & gone}:
            gone = gone | more
        return frozenset(gone)

    def _waiting(self, chosen: Portfolio) -> dict[str, Any]:
        """What each year costs by which it is put off: what it would avoid in a year once it is there, less what it would cost."""
        then = self._there_h(NOTHING, chosen) / HOURS_PER_YEAR
        avoided = (self.base.loss - self._fresh(chosen).loss) * (1.0 + self.asked.discount) ** -then  # type: ignore[operator]
        once, yearly = (math.fsum(costs_of(self.model.defences[name])[k] for name in chosen) for k in (0, 1))
        saved = yearly + once * math.log1p(self.asked.discount)
        return {"avoided": self.estimate(avoided), "saved": saved, "net": self.estimate(avoided - saved)}

    def _cheapest(self, measure: Callable[[Verdict], float], most: float, again: float) -> Portfolio | None:
        """The cheapest portfolio found that keeps a measure, which adds up over parts: to `most` in the search, and to `again` on fresh
        episodes too, without what only saves money. None where not even the one that keeps it best does.
        """
        good = [frozenset(x.chosen) for x in self._merged(measure) if x.loss <= most]
        found = next((p for p in (*good[:MOST_TRIED], *good[-1:]) if measure(self._fresh(p)) <= again), None)
        for name in [n for n in self.listed(found or NOTHING) if self.by_id[n].cost < 0.0]:
            rest = frozenset(found - self._falls_with({name}, found))  # type: ignore[operator, arg-type]
            if measure(self._fresh(rest)) <= again:  # a cut that makes the sum smaller and does nothing for it
                found = rest
        return found

    def _nines(self) -> dict[str, Any] | None:
        """The price of each further nine of the service that loses most."""
        if not self.bench.services:
            return None
        base = self.seen(NOTHING)
        worth = [_worth(self.base_model, s) for s in self.bench.services]
        k = int(np.argmax(base.hours.mean(axis=0) * np.array(worth)))
        down = float(base.hours[:, k].mean()) / HOURS_PER_YEAR
        rows = []
        for nines in range(1, NINES + 1):
            level = 10.0**-nines
            if down > level:
                found = self._cheapest(lambda v: float(v.hours[:, k].mean()), level * HOURS_PER_YEAR, level * HOURS_PER_YEAR)
                rows.append({"nines": nines, "hours": level * HOURS_PER_YEAR} | self._priced(found))
                if found is None:
                    break
        return {"service": self.bench.services[k], "now": self.estimate(self.base.hours[:, k]), "rows": rows}

    def _halvings(self) -> dict[str, Any]:
        """The price of each halving of the episodes in which a service is out for longer than a day."""
        base = float(self.seen(NOTHING).long.mean())
        rows = []
        for k in range(1, HALVINGS + 1):
            if base <= 0.0:
                break
            found = self._cheapest(lambda v: float(v.long.mean()), base / 2**k, float(self.base.long.mean()) / 2**k)
            rows.append({"times": 2**k} | self._priced(found))
            if found is None:
                break
        return {"now": self.estimate(self.base.long), "rows": rows}

    def _priced(self, portfolio: Portfolio | None) -> dict[str, Any]:
        if portfolio is None:
            return {"with": None, "cost": None, "long_per_year": None}
        return {"with": self.listed(portfolio), "cost": self.cost(portfolio), "long_per_year": self.estimate(self._fresh(portfolio).long)}

    def _tolerance(self, chosen: Portfolio | None) -> dict[str, Any] | None:
        """How often each service passes what it can bear, and in how many windows it keeps what is promised of it, as it is and with what
        is bought; the least cost at which all limits are kept.
        """
        limits = {c.id: h for c in self.base_model.services if (h := limit_h(c)) is not None}
        all_limits = Limits(self.base_model, self.asked)
        if not all_limits:
            return None
        numbers = [self.bench.services.index(s) for s in limits]
        kept, sure = self._keeping_all(all_limits)
        after = None if chosen is None else self._fresh(chosen)
        rows = [
            {
                "service": s, "hours": limits[s], "now": self.estimate(self.base.passed[:, k]),
                "then": None if after is None else self.estimate(after.passed[:, k]),
            }
            for s, k in zip(limits, numbers, strict=True)
        ]  # fmt: skip
        rows += [
            {
                "service": s, "hours": one.budget_h, "share": one.share, "window_h": one.window_h, "of_windows": 1.0 - allowed(one),
                "now": self.estimate(1.0 - self.base.broken[:, k]),
                "then": None if after is None else self.estimate(1.0 - after.broken[:, k]),
            }
            for k, (s, one) in enumerate(promises(self.base_model))
        ]  # fmt: skip
        return {"rows": rows, "kept_by": self._priced(kept) | self._how_cheap(sure)}

    def _keeping_all(self, limits: Limits) -> tuple[Portfolio | None, bool]:
        """The cheapest portfolio found that keeps all limits, in the search and on fresh episodes too; whether it is the cheapest of the
        search, or that knows of none. Where fresh episodes do not bear out the cheapest, one that keeps them with more to spare is tried.
        """

        def passed(spare: float, v: Verdict) -> float:
            """How many limits are passed more often than a share of what is accepted."""
            return float((limits.strain(v) > spare).sum())

        for spare in TO_SPARE:
            good = [x for x in self._merged(partial(passed, spare)) if x.loss <= 0.0]
            if not good:
                return None, spare == TO_SPARE[0]
            portfolio = frozenset(good[0].chosen)
            if passed(1.0, self._fresh(portfolio)) <= 0.0:
                return portfolio, spare == TO_SPARE[0]
        return None, False

    def _how_cheap(self, sure: bool) -> dict[str, Any]:
        """Whether what keeps all limits is proven to be the cheapest, and the cost below which nothing does, whatever defences do.

        sure : whether fresh episodes bear the search out; else no more is known than that cost.
        """
        states, least = ["proven" if sure else "open"], []
        for f in self.keeping:
            if f.state == "proven":
                kept = [self.cost(p) for p in f.judged]
                least.append(min(kept))
                continue
            kept = [self.cost(p) for p, lost in f.judged.items() if lost <= 0.0]
            least.append(min([f.proven_to or 0.0, *kept]))
            decided = kept and f.proven_to is not None and f.proven_to >= min(kept)
            states.append("proven" if decided else f.state)
        return {"state": max(states, key=STATES.index), "at_least": math.fsum(least)}


def _least_ratio(row: Mapping[str, Any]) -> tuple[float, float]:
    """Order of what was left out: by how many times what it avoids it costs; what saves money first, what avoids nothing last."""
    if row["cost"] <= 0.0:
        return (-1.0, row["cost"])
    return (math.inf if row["ratio"] is None else row["ratio"], row["cost"])


def _worth(model: Model, service: str) -> float:

    return model.components[service].loss_per_hour or 1e-9


def schedule(model: Model, names: Sequence[str]) -> list[dict[str, Any]]:
    """When each defence can be begun and is there: after what it requires, as soon as its people are free (hours from now).

    In the order of the list; the people of a team are not shared out beyond their number.
    """
    ends: dict[str, float] = {}
    found: list[dict[str, Any]] = []
    left = list(names)
    while left:
        ready = next((n for n in left if not (set(model.defences[n].requires) & set(left) - {n})), left[0])
        left.remove(ready)
        d = model.defences[ready]
        takes = 0.0 if d.takes is None else d.takes.mean()
        begin = max([0.0, *(ends[r] for r in d.requires if r in ends)])
        moments = sorted({begin, *(row["ends_h"] for row in found if row["ends_h"] > begin)})
        begin = next((t for t in moments if _free(model, found, d, t, t + takes)), moments[-1])
        ends[ready] = begin + takes
        found.append({"id": ready, "begins_h": begin, "ends_h": begin + takes, "people": {c.team: c.people for c in d.people}})
    return sorted(found, key=lambda row: (row["begins_h"], row["ends_h"]))


def _free(model: Model, found: Sequence[Mapping[str, Any]], d: Defence, begin: float, end: float) -> bool:
    """Whether the people are there all the time between two moments."""
    for crew in d.people:
        team = model.teams.get(crew.team)
        if team is None:
            continue
        together = [row for row in found if row["begins_h"] < end and row["ends_h"] > begin]
        for t in {begin, *(row["begins_h"] for row in together if row["begins_h"] > begin)}:
            busy = sum(row["people"].get(crew.team, 0) for row in together if row["begins_h"] <= t < row["ends_h"])
            if busy + crew.people > team.people:
                return False
    return True
