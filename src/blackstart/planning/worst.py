"""Nobody knows which misfortunes will overlap: the worst that so many can do, whatever their rates, and what follows from it.

The worst overlap is proven over the static reading (engines/structure.py) and then played by the timed engine. Beside it stands the
band of the expected loss when rates are known and nothing is known of how misfortunes go together, and how wrong all rates may be
before a promise breaks.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint

from blackstart.checks import changes
from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.engines.adversary import Adversary
from blackstart.engines.dependence import Band, band
from blackstart.engines.programmes import milp
from blackstart.engines.simulate import Given, Hit
from blackstart.errors import ModelError
from blackstart.language import load
from blackstart.language.brought import brought
from blackstart.language.model import Model, Money
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.language.portfolio import with_required
from blackstart.planning.portfolios import Label, Option, Portfolio, count_feasible, feasible, undominated
from blackstart.studies import lingering, unseen
from blackstart.studies.overlaps import Asked as Overlapping
from blackstart.studies.overlaps import View
from blackstart.studies.results import Result, common
from blackstart.studies.takeovers import standbys
from blackstart.studies.worlds import Estimate
from blackstart.studies.worth import at_once, measure, nominal
from blackstart.system import HOURS_PER_YEAR, System

KIND = "worst"
PLAYS = 200  # of each worst overlap
FEW_PLAYS = 40  # of each that is tried for the dearest
MOST_ALONE, MOST_JOINED, MOST_DEMANDS = 40, 4, 20  # of misfortunes, sets and failures on demand that are tried for it
FACTORS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # by which all rates are multiplied
MOST_FACTOR = 1e4  # beyond it a promise is taken to hold
MOST_NODES, MOST_MADE, LEAST_MADE = 2_000_000, 4_000_000, 500_000  # rows of diagrams for each service
ALL_MADE = 64_000_000  # for all services together, but for the least that each may have
SHOWN_STATES = 12
SHOWN_WAYS = 8  # sets that keep a service out, told of each
MOST_FULLEST = 32  # choices to which nothing can be added, held against the worst overlap for a bound

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of `worst`.

    most : misfortunes in an overlap, at most
    on_demand : what fails only when asked for (barriers, take-overs, hidden faults, worse courses, doubtful needs) is one
        misfortune each (``counted``), never fails (``works``), or always fails and counts for nothing (``fails``)
    together : misfortunes that may be there at once in the band of the expected loss; None: any number
    promise : expected loss a year (hours weighed by users or services where no loss is stated) that is not to be passed
    budget : for defences against `against` misfortunes at once: what they cost once and in `years` years; None: not asked
    tried : choices of defences that are compiled, at most
    """

    most: int = 3
    on_demand: str = "counted"
    together: int | None = None
    promise: float | None = None
    seed: int = 1
    budget: float | None = None
    against: int = 2
    years: float = 10.0
    tried: int = 600


class Standing:
    """One model, with whatever defences are in it, under an adversary."""

    def __init__(self, model: Model, system: System, asked: Asked) -> None:
        self.model, self.system, self.asked = model, system, asked
        self.view = _view(model, system, asked.seed)
        self.read, self.worth = self.view.read, nominal(model, system)  # an hour as stated, whatever the length of the outage

    @cached_property
    def adversary(self) -> Adversary:
        return Adversary(self.read.formula, self.worth, *sizes(self.system, self.read, self.asked.on_demand))

    @cached_property
    def free(self) -> list[int]:
        """Events that count for nothing and are always there."""
        return np.flatnonzero((self.adversary.size == 0.0) & ~self.adversary.never).tolist()

    @cached_property
    def at_first(self) -> Adversary | None:
        """The same before any standby has taken over (events as in `view.before`); None where none takes time."""
        before = self.view.before
        return before and Adversary(before.read.formula, self.worth, *sizes(self.system, before.read, self.asked.on_demand))

    def worst(self, most: int) -> tuple[tuple[int, ...], float, float]:
        """The worst overlap of at most so many misfortunes: a likely one of those as bad, its cost an hour, a proven bound."""
        return self._likely(self.adversary, self.read, most)

    def worst_at_first(self, most: int) -> tuple[tuple[int, ...], float, float] | None:
        """The same before any standby has taken over; None where none takes time."""
        if self.at_first is None or self.view.before is None:
            return None
        return self._likely(self.at_first, self.view.before.read, most)

    def _likely(self, adversary: Adversary, read: st.Structure, most: int) -> tuple[tuple[int, ...], float, float]:
        found = adversary.worst(most)
        a_day = np.full(len(self.system.items), 24.0)  # each is felt for: enough to tell the likelier one, and nothing need be played
        chance = st.probabilities(self.system, read.events, self.view.world, a_day)
        return adversary.likelier(found.events, chance), found.value, found.bound


def _view(model: Model, system: System, seed: int) -> View:
    return View(model, system, Overlapping(tuple(system.services), seed=seed), _limits(len(system.services)))


def sizes(system: System, read: st.Structure, on_demand: str) -> tuple[np.ndarray, np.ndarray]:
    """(n,) how much of the allowed number each event takes up, (n,) whether it cannot be.

    What is certain takes up nothing; a misfortune without a rate and a chance of nought never come.
    """
    world = system.mean_world()
    p = st.probabilities(system, read.events, world, np.zeros(len(system.items)))
    item = np.array([e.kind == st.ITEM for e in read.events], bool)
    rate = np.array([world.rate[e.a] if e.kind == st.ITEM else 0.0 for e in read.events])
    certain = ~item & (p >= 1.0)
    size = np.where(certain | (~item & (on_demand == "fails")), 0.0, 1.0)
    never = np.where(item, rate <= 0.0, (p <= 0.0) | (~certain & (on_demand == "works")))
    return size, never


# ----------------------------------------------------------------------------- the worst overlap


def worst(
    model: Model, system: System, asked: Asked, defences: Sequence[str] = (), progress: Progress | None = None, texts: Texts = NO_TEXTS,
    *, partial: bool = False,
) -> Result:  # fmt: skip
    """The worst overlaps of one, two, … misfortunes; the band when dependence is not known; how wrong rates may be.

    model : as it is with `defences`; those of the model that are not among them can be bought for the budget.
    texts : the model's files and lists of sources beside them, by name: with them the result tells what it rests on
    partial : Ctrl-C while defences are sought keeps the worst overlaps; else it goes on to the caller.

    Raises
    ------
    ModelError
        If there is a budget and a defence makes no valid model.
    """
    wrong = [] if asked.budget is None else [p for p in changes.problems(model) if not p.code.startswith("note")]
    if wrong:
        raise ModelError(wrong, model.raw.sources)
    standing = Standing(model, system, asked)
    study = {"seed": asked.seed, "most": asked.most, "on_demand": asked.on_demand, "together": asked.together, "plays": PLAYS}
    data = common(KIND, model, system, defences, study)
    data["left_out"] = standing.view.left_out(data["deadlocks"])
    data["measure"] = measure(model, system)
    data["standbys"] = standbys(model, system)
    data["whole_per_hour"] = float(standing.worth.sum())
    data["misfortunes"] = _counts(standing)
    data["worst"] = []
    for k in range(1, asked.most + 1):
        if progress:
            progress(k - 1, asked.most)
        data["worst"].append(row(standing, k) | {"at_first": _at_first(standing, k)})
    _same_as_before(data["worst"])
    if found := dearest(standing):
        data["dearest"] = found
    if not any(found["misfortunes"] for found in data["worst"]):
        by_play = unseen.played(model, system, data["left_out"], system.services, asked.seed)
        data |= {"played": by_play} if by_play else {}
    data["dependence"] = dependence_band(model, system, at_most=asked.together, seed=asked.seed, view=standing.view)
    data["rates"] = _rates(standing)
    data["defence"], stopped = None, False
    if asked.budget is not None:
        try:
            data["defence"] = least_bad(model, asked.budget, asked, defences, progress)
        except KeyboardInterrupt:  # the worst overlaps are proven by now; what to buy against them is not known
            if not partial:
                raise
            stopped = True
    proven = all(row["proven"] for row in data["worst"]) and data["dependence"]["proven"]
    if texts:
        struck = [("hazards" if m["what"] == "hazard" else "components", m["id"]) for row in data["worst"] for m in row["misfortunes"]]
        bought = [] if data["defence"] is None else data["defence"]["with"]
        data["grounds"] = grounds(model, struck, texts, also=("defences",), more=brought(model, bought, texts))
    reasons = [*(["interrupted"] if stopped else []), *([] if proven else ["not-proven"])]
    data["outcome"] = {"state": "stopped" if stopped else "exact" if proven else "bounded", "reasons": reasons}
    return Result(data)


def _counts(standing: Standing) -> dict[str, int]:
    able = ~standing.adversary.never & (standing.adversary.size > 0.0)
    return {
        "all": int(able.sum()),
        "hazards": int(sum(able[i] and standing.view.key(i)[0] == "hazard" for i in range(able.size))),
        "tried": int((able & ~standing.adversary.idle).sum()),
    }


def row(standing: Standing, k: int) -> dict[str, Any]:
    """The worst overlap of at most `k` misfortunes, proven and played."""
    events, value, bound = standing.worst(k)
    adversary = standing.adversary
    named = [i for i in events if adversary.size[i] > 0.0]
    return {
        "k": k, **_costs(standing, adversary, events, value, bound, named), "adds": True, "played": _played(standing, named),
    }  # fmt: skip


def _costs(
    standing: Standing, adversary: Adversary, events: Sequence[int], value: float, bound: float, named: Sequence[int]
) -> dict[str, Any]:
    """What a set costs an hour and stops; `named` are its misfortunes, as events of the View."""
    free = np.flatnonzero((adversary.size == 0.0) & ~adversary.never)
    there = [*events, *free.tolist()]
    out, whole = adversary.out(there), float(standing.worth.sum())
    stops = [name for name, o in zip(standing.system.services, out, strict=True) if o]
    first = adversary is standing.at_first and standing.view.before
    numbers = [int(first.number[i]) for i in there] if first else there
    return {
        "misfortunes": [standing.view.event(i) for i in named],
        "per_hour": value, "bound": bound, "proven": bool(bound <= value * (1.0 + 1e-6)), "share": value / whole if whole else 0.0,
        "stops": stops, "why": standing.view.chains([numbers], [stops], before=bool(first))[0],
    }  # fmt: skip


def _at_first(standing: Standing, k: int) -> dict[str, Any] | None:
    """The worst overlap of at most `k` before any standby has taken over; None where none takes time."""
    found, before, adversary = standing.worst_at_first(k), standing.view.before, standing.at_first
    if found is None or before is None or adversary is None:
        return None
    named = [int(before.number[i]) for i in found[0] if adversary.size[i] > 0.0]
    return _costs(standing, adversary, *found, named)


def _same_as_before(rows: list[dict[str, Any]]) -> None:
    """Where one misfortune more adds nothing, the overlap told is that of the row before."""
    for before, row in zip(rows, rows[1:], strict=False):
        if row["per_hour"] <= before["per_hour"] * (1.0 + 1e-9):
            row.update({key: before[key] for key in ("misfortunes", "stops", "why", "played")}, adds=False)


def _played(standing: Standing, events: Sequence[int]) -> dict[str, Any]:
    """The overlap in the timed engine, all at the same moment: loss, hours of each service, and until all is at rest.

    What else is asked for on demand works or fails by its chance, unless the question says that it works or fails.
    """
    if not any(standing.read.events[i].kind == st.ITEM for i in events):
        return {"loss": None, "hours": {}, "end_h": None, "stuck_share": 0.0, "by_service": {}}
    paths, rows = _plays(standing, events, PLAYS)
    loss = standing.view.cost(rows, PLAYS)
    hours = {}
    for s, name in enumerate(standing.system.services):
        mine = rows[(rows[:, 1] == y.ROW_OUT) & (rows[:, 2] == s)]
        if mine.size:
            hours[name] = _estimate(np.bincount(mine[:, 0].astype(np.int64), mine[:, 4] - mine[:, 3], PLAYS))
    stuck = (paths[:, 2].astype(np.int64) & y.FLAG_STUCK) > 0
    return {
        "loss": _estimate(loss), "hours": dict(sorted(hours.items(), key=lambda row: -row[1]["value"])),
        "end_h": _estimate(paths[:, 1]), "stuck_share": float(stuck.mean()), "by_service": standing.view.of_services(rows, PLAYS),
    }  # fmt: skip


# ----------------------------------------------------------------------------- the dearest in all


def dearest(standing: Standing) -> dict[str, Any] | None:
    """The overlap of at most so many misfortunes that costs most in all, as played; None where none costs anything.

    The worst of an hour says nothing of how long it lasts. This is searched, not proven: the misfortunes that cost most an hour are
    played alone, and the dearest so found are joined by what may fail on demand, and by each other.
    """
    alone = _most_an_hour(standing)
    costs = {(i,): _mean_cost(standing, (i,)) for i in alone}
    for _ in range(1, standing.asked.most):
        best = sorted(costs, key=lambda events: -costs[events])[:MOST_JOINED]
        more = [*_on_demand(standing, best), *sorted(alone, key=lambda i: -costs[i,])[:MOST_JOINED]]
        for events in (tuple(sorted({*one, i})) for one in best for i in more):
            if events not in costs:
                costs[events] = _mean_cost(standing, events)
    found = max(costs, key=lambda events: (costs[events], -len(events)), default=())
    if not found or costs[found] <= 0.0:
        return None
    return {"misfortunes": [standing.view.event(i) for i in found], "played": _played(standing, found), "tried": len(costs)}


def _most_an_hour(standing: Standing) -> list[int]:
    """Events that come by themselves and cost most an hour, alone."""
    adversary, events = standing.adversary, standing.read.events
    able = [int(i) for i in np.flatnonzero(~adversary.never & (adversary.size > 0.0)) if events[i].kind == st.ITEM]
    value = dict(zip(able, (adversary.outs([[i, *standing.free] for i in able]) @ standing.worth).tolist(), strict=True))
    return sorted(able, key=lambda i: (-value[i], i))[:MOST_ALONE]


def _on_demand(standing: Standing, sets: Iterable[Sequence[int]]) -> list[int]:
    """What may fail when asked for, those against the hazards of these sets first."""
    adversary, events = standing.adversary, standing.read.events
    struck = {standing.view.key(i)[1] for one in sets for i in one}
    able = [int(i) for i in np.flatnonzero(~adversary.never & (adversary.size > 0.0)) if events[i].kind != st.ITEM]
    return sorted(able, key=lambda i: (standing.view.key(i)[2] not in struck, i))[:MOST_DEMANDS]


def _mean_cost(standing: Standing, events: Sequence[int]) -> float:
    rows = _plays(standing, events, FEW_PLAYS)[1]
    return float(standing.view.cost(rows, FEW_PLAYS).mean())


def _sorted(hits: Sequence[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda h: (not h.is_hazard, h.index))


def _plays(standing: Standing, events: Sequence[int], plays: int) -> tuple[np.ndarray, np.ndarray]:
    """Paths and rows of so many plays of an overlap, all at the same moment."""
    view = standing.view
    works = np.flatnonzero(standing.adversary.never) if standing.asked.on_demand == "works" else ()
    given = view.given(works, there=False)
    failing = view.given([*standing.free, *events])
    given = Given({**given.chances, **failing.chances}, {**given.doubtful, **failing.doubtful})
    hits = [view.lasts.hit(view.read.events[i].a) for i in events if view.read.events[i].kind == st.ITEM]
    return view.player.by_chance(_sorted(hits), given, plays, standing.asked.seed)


def _estimate(values: np.ndarray) -> dict[str, Any]:
    """Mean of plays, its error, and between what nine of ten plays lie."""
    error = float(np.std(values, ddof=1) / np.sqrt(values.size))
    low, high = np.quantile(values, (0.05, 0.95))
    return Estimate(float(values.mean()), error, (float(low), float(high))).as_dict()


# ----------------------------------------------------------------------------- rates known, dependence not


def dependence_band(
    model: Model, system: System, *, at_most: int | None = None, seed: int = 1, view: View | None = None
) -> dict[str, Any]:
    """Expected loss a year (or weighed hours): if misfortunes are independent, and the least and most under any dependence.

    The static reading at a random moment, each failure on demand with its chance. If they are independent, each misfortune that stops
    a service by itself is there for as long as it keeps it out, every other one for as long as it is felt, and an hour costs what it
    costs on average. For the most, each is there until all is at rest again (what a hazard did to one of several components, until what
    stands on that one is), a standby breaks as often as if it ran all the time, and an hour costs the most that it can. What single
    misfortunes do that logic does not see (`View.unseen`) is in all of them.

    at_most : hazards and failures that may be there at the same moment; None: any number. Raised to what their shares of time ask for.
    """
    view = view or _view(model, system, seed)
    (asked, at_most, found), number = _dependence(view, at_most), _at_most(view).number
    low, high = _independent(view)
    if at_most is None and not _tight(found):  # independence is one of the dependences that there may be
        found = found._replace(least=min(found.least, high), most=max(found.most, low), most_bound=max(found.most_bound, low))
    unseen, unseen_most = float(_unseen(view, view.worth).sum()), _unseen_at_most(view)
    least, most = (lambda x: (x + unseen) * HOURS_PER_YEAR), (lambda x: (x + unseen_most) * HOURS_PER_YEAR)
    return {
        "independent": least((low + high) / 2), "independent_error": _unsure(view) * HOURS_PER_YEAR,
        "independent_bounds": [least(low), least(high)], "unseen": least(0.0),
        "least": least(found.least), "least_bound": least(found.least_bound),
        "most": most(found.most), "most_bound": most(found.most_bound),
        "proven": _tight(found), "at_most": at_most, "states_tried": found.columns,
        "states": [
            {
                "misfortunes": [view.event(i) for i in number[asked.needed(events)].tolist() if i >= 0],
                "share_of_time": chance, "per_hour": asked.cost(events), "per_year": chance * asked.cost(events) * HOURS_PER_YEAR,
            }
            for chance, events in found.states[:SHOWN_STATES]
        ],
    }  # fmt: skip


def apart(view: View) -> tuple[dict[str, float], dict[str, list[dict[str, Any]]]]:
    """What each service adds to the expected loss a year (or weighed hours) if misfortunes have nothing to do with each other.

    And of each service the likeliest minimal sets of misfortunes that keep it out, with the share of time that each is there; none where
    they are too many to be found.
    """
    solved = view.solved
    loss = solved.probabilities(view.p_harm[None])[0] * view.worth * HOURS_PER_YEAR + _unseen(view, view.worth) * HOURS_PER_YEAR
    ways: dict[str, list[dict[str, Any]]] = {}
    for t in np.flatnonzero(loss > 0.0).tolist():
        found = solved.cut_sets.most_likely(t, SHOWN_WAYS, view.p_harm) if solved.cut_sets.kind[t] else []
        ways[view.system.services[t]] = [
            {"misfortunes": [view.event(x // 2) | {"p": float(view.p_harm[x // 2])} for x in sorted(literals)], "share_of_time": p}
            for p, literals in found
        ]  # fmt: skip
    return {name: float(x) for name, x in zip(view.system.services, loss, strict=True) if x > 0.0}, ways


def _limits(services: int) -> logic.Limits:
    return logic.Limits(MOST_NODES, max(LEAST_MADE, min(MOST_MADE, ALL_MADE // max(1, services))))


@lru_cache(maxsize=1)
def _independently(view: View) -> logic.Solved:
    """What logic says of all services if misfortunes are independent, as close as it can at these chances."""
    if view.solved.outcome == "exact":
        return view.solved
    return logic.solve(view.read.formula, view.p_harm, view.limits, cut_sets=False, like=view.solved)


def _unseen(view: View, worth: np.ndarray) -> np.ndarray:
    """(S,) what single misfortunes cost an hour by keeping services out that they do not stop by logic."""
    return view.world.rate @ view.unseen[0] * worth


@lru_cache(maxsize=1)
def _unseen_at_most(view: View) -> float:
    """The same cost of all services at most; and what outages cost the moment they begin, each misfortune beginning one of each service
    that it can help to stop.
    """
    once, formula, rate = at_once(view.model, view.system), view.read.formula, view.world.rate
    begun = 0.0
    for s in np.flatnonzero(once).tolist():
        helps = {view.read.events[n].a for n in formula.feeding(s) if view.read.events[n].kind == st.ITEM}
        begun += float(once[s]) * float(rate[sorted(helps | set(np.flatnonzero(view.unseen[0][:, s]).tolist()))].sum())
    return float(_unseen(view, view.worth_at_most).sum()) + begun


def _dependence(view: View, at_most: int | None, factor: float = 1.0) -> tuple[Adversary, int | None, Band]:
    """The band in cost an hour, all rates multiplied by a factor, with the adversary of its most and how many may be there at once."""
    most, p_least = _at_most(view), view.chances(view.harm_h, factor)
    p, size, size_least = most.chances(view, factor), _counted(most.read), _counted(view.read)
    asked = Adversary(most.read.formula, view.worth_at_most, size, p <= 0.0)
    if at_most is not None:
        at_most = max(at_most, int(np.ceil(float(p @ size) - 1e-9)))
    p_least = np.minimum(p_least, view.chances_at_most(factor))
    found = band(asked, p, at_most, (Adversary(view.read.formula, view.worth, size_least, p_least <= 0.0), p_least))
    assert found is not None
    return asked, at_most, found


def _counted(read: st.Structure) -> np.ndarray:
    """(n,) 1 for each misfortune that comes by itself, else 0."""
    return np.array([e.kind == st.ITEM for e in read.events], float)


@lru_cache(maxsize=1)
def _at_most(view: View) -> lingering.AtMost:
    """The reading for the most that any dependence can cost."""
    return lingering.at_most(view)


def _tight(found: Band) -> bool:
    return found.most_bound <= found.most * 1.001 + 1e-12 and found.least_bound >= found.least * 0.999 - 1e-12


def _independent(view: View) -> tuple[float, float]:
    """Expected cost an hour if events are independent: lower and upper bound, equal where exact."""
    solved = _independently(view)
    low = float(solved.probabilities(view.p_harm[None])[0] @ view.worth)
    return low, low + float((solved.upper - solved.lower) @ view.worth)


def _unsure(view: View) -> float:
    """Standard error of the expected cost an hour that plays of single misfortunes leave, of each the same in all that it does."""
    world, items, hours = view.world, [e.a if e.kind == st.ITEM else -1 for e in view.read.events], view.harm
    more = np.abs(view.chances(hours.sum(axis=1)) - view.p_harm)
    of_event = np.abs(_independently(view).birnbaum.T @ view.worth) * more
    each = world.rate * (view.unseen[1] @ view.worth)
    np.add.at(each, np.array([i for i in items if i >= 0], np.int64), of_event[[n for n, i in enumerate(items) if i >= 0]])
    return float(np.sqrt(each @ each))


# ----------------------------------------------------------------------------- how wrong all rates may be


def _rates(standing: Standing) -> dict[str, Any]:
    """Expected loss a year when all rates are wrong by one factor; and where a promise breaks, whatever the dependence."""
    independent, dependent = expected(standing.view), _at_worst(standing)
    promise = standing.asked.promise
    return {
        "curve": [{"factor": f, "per_year": independent(f)} for f in FACTORS],
        "promise": promise,
        "breaks_at": None if promise is None else breaks_at(independent, promise),
        "breaks_at_worst": None if promise is None else breaks_at(dependent, promise, 1.01),
    }


def expected(view: View) -> Callable[[float], float]:
    """Expected loss a year, misfortunes independent, as a function of the factor by which all rates are multiplied."""
    solved, unseen = _independently(view), float(_unseen(view, view.worth).sum())

    def loss(factor: float) -> float:
        share = solved.probabilities(view.chances(view.harm_h, factor)[None])[0]
        return (float(share @ view.worth) + factor * unseen) * HOURS_PER_YEAR

    return loss


def _at_worst(standing: Standing) -> Callable[[float], float]:
    """What no dependence makes more of it by logic."""
    view, unseen = standing.view, _unseen_at_most(standing.view)

    def most(factor: float) -> float:
        return (_dependence(view, standing.asked.together, factor)[2].most_bound + factor * unseen) * HOURS_PER_YEAR

    return most


def breaks_at(per_year: Callable[[float], float], promise: float, close: float = 1.000001) -> float | None:
    """The least factor on all rates at which what is expected (growing with it) passes a promise; None: at none up to 10,000."""
    low, high = 1.0 / MOST_FACTOR, MOST_FACTOR
    if per_year(high) <= promise:
        return None
    while high / low > close:
        middle = float(np.sqrt(low * high))
        low, high = (low, middle) if per_year(middle) > promise else (middle, high)
    return high


# ----------------------------------------------------------------------------- the defence that leaves the worst least bad

# fields that the static reading does not look at: a defence that changes nothing else cannot change the worst overlap
_IN_TIME_ONLY = frozenset(("repair", "rides", "helps", "surge", "break_glass", "label", "priority", "aftermath", "costs", "lasts", "again"))


def least_bad(
    model: Model, budget: float, asked: Asked, on: Sequence[str] = (), progress: Progress | None = None
) -> dict[str, Any]:
    """The choice of defences within a budget under which the worst overlap of `asked.against` misfortunes costs least an hour.

    Every choice that is tried is compiled and its worst overlap proven anew, so defences may help, harm, replace or complete each
    other in any way. Where there are too many to try all, see `_Choice`.
    """
    options = buyable(model, budget, asked.years, on)
    choice = _Choice(model, options, budget, asked, progress)
    choice.found()
    cost = {o.id: o.cost for o in options}
    labels = [Label((math.fsum(cost[n] for n in names),), value, tuple(sorted(names))) for names, value in choice.judged.items()]
    steps = [x for x in undominated(labels) if x.takes[0] <= budget]
    best, nothing = steps[-1], frozenset[str]()
    worse, pairs = choice.harm()
    return {
        "k": asked.against, "budget": budget, "years": asked.years, "with": list(best.chosen), "cost": best.takes[0],
        "per_hour": best.loss, "before": choice.judged[nothing], "misfortunes": _named(model, best.chosen, asked),
        "bound": min(best.loss, choice.bound), "state": choice.state, "options": len(options), "tried": len(choice.judged),
        "pairs": pairs, "harmful_pairs": worse,
        "steps": [
            {"with": list(x.chosen), "cost": x.takes[0], "per_hour": x.loss, "misfortunes": _named(model, x.chosen, asked)} for x in steps
        ],
    }  # fmt: skip


class _Choice:
    """Defender against attacker: choices of defences until none within the budget can withstand all overlaps that were found.

    An overlap that costs at least as much as the best choice so far, in spite of some choice, rules out that choice and, provided
    that no defence makes an overlap worse, all that is part of it. The choice is first made as large as it can be while the overlap
    still costs as much; whatever is better must then hold something outside of it. That is one row of a 0/1 programme over the
    defences, which gives the next choice, until it has none (column and constraint generation).
    """

    def __init__(self, model: Model, options: Sequence[Option], budget: float, asked: Asked, progress: Progress | None) -> None:
        self.model, self.options, self.budget, self.asked, self.progress = model, list(options), budget, asked, progress
        self.place = {o.id: i for i, o in enumerate(self.options)}
        self.judged: dict[Portfolio, float] = {}
        self.rows: list[tuple[np.ndarray, float]] = []  # what a better choice must keep: weights of the defences, their least sum
        self.state, self.bound, self.best = "proven", np.inf, np.inf
        self.compiled = 0  # choices, judged or only held against an overlap
        self.sure = True  # whether every overlap that ruled something out was proven to be the worst

    def found(self) -> None:
        """Fill `judged`, and say how far it got: all tried, the rest ruled out, or stopped, then with a bound of what is left."""
        nothing: Portfolio = frozenset()
        if count_feasible(self.options, self.asked.tried) <= self.asked.tried:
            for chosen in feasible(self.options):
                self._judge(chosen)
            return
        self.state, chosen = "bounded", nothing
        while chosen is not None and self.compiled < self.asked.tried:
            self._rule_out(chosen)
            chosen = self._next()
        if chosen is not None or not self.sure:
            self.state, self.bound = "open", self._at_least()
        for name in sorted(self._chosen(), key=lambda n: -self.options[self.place[n]].cost):  # what it can do without
            best = self._chosen()
            less = best - self._falls_with(name, best)
            if name in best and less not in self.judged:
                self._judge(less)

    def _chosen(self) -> Portfolio:
        least = min(self.judged.values())
        return min((p for p, v in self.judged.items() if v <= least * (1.0 + 1e-9)), key=lambda p: (len(p), sorted(p)))

    def harm(self) -> tuple[int, int]:
        """Pairs of judged choices of which one holds the other and yet is worse, and all such pairs."""
        pairs = [(more, less) for more in self.judged for less in self.judged if less < more]
        return sum(self.judged[more] > self.judged[less] * (1.0 + 1e-9) for more, less in pairs), len(pairs)

    def _judge(self, chosen: Portfolio) -> Overlapped | None:
        """The worst overlap of one choice; None where it makes no valid model."""
        standing = self._standing(chosen)
        if standing is None:
            return None
        found = standing.adversary.worst(self.asked.against)
        self.judged[chosen] = found.bound
        if math.fsum(self.options[self.place[n]].cost for n in chosen) <= self.budget:
            self.best = min(self.best, found.bound)
        return Overlapped([standing.view.key(e) for e in found.events], found.value)

    def _standing(self, chosen: Iterable[str]) -> Standing | None:
        self.compiled += 1
        if self.progress:
            self.progress(min(self.compiled, self.asked.tried - 1), self.asked.tried)
        return _with(self.model, chosen, self.asked)

    def _rule_out(self, chosen: Portfolio) -> None:
        attack = self._judge(chosen)
        if attack is None:  # it makes no valid model: it alone is ruled out
            self.rows.append((self._row({o.id: -1.0 if o.id in chosen else 1.0 for o in self.options}), 1.0 - len(chosen)))
            return
        if attack.value >= self.best * (1.0 - 1e-9):
            chosen = self._grown(attack, chosen, [o.id for o in self.options if o.id not in chosen])
        else:
            self.sure = False
        self.rows.append((self._row({o.id: 1.0 for o in self.options if o.id not in chosen}), 1.0))

    def _grown(self, attack: Overlapped, chosen: Portfolio, rest: Sequence[str]) -> Portfolio:
        """A choice with as many more defences as do not help against an overlap."""
        if not rest:
            return chosen
        more = chosen | set(rest)
        if self._costs(attack, more) >= self.best * (1.0 - 1e-9):
            return more
        if len(rest) == 1:
            return chosen
        half = len(rest) // 2
        return self._grown(attack, self._grown(attack, chosen, rest[:half]), rest[half:])

    def _costs(self, attack: Overlapped, chosen: Portfolio) -> float:
        """What an overlap costs an hour with these defences; less than nothing where they make no valid model."""
        standing = self._standing(chosen)
        if standing is None:
            return -1.0
        number = {standing.view.key(e): e for e in range(standing.read.formula.events) if not standing.adversary.never[e]}
        return standing.adversary.cost([*(number[key] for key in attack.keys if key in number), *standing.free])

    def _next(self) -> Portfolio | None:
        """The largest choice within the budget that holds something of every row; None where there is none."""
        cost = np.array([o.cost for o in self.options])
        rows = [(-cost, -self.budget * (1.0 + 1e-12)), *self.rows]
        for o in self.options:
            rows += [(self._row({other: 1.0, o.id: -1.0}), 0.0) for other in o.requires]
            rows += [(self._row({other: -1.0, o.id: -1.0}), -1.0) for other in o.excludes & self.place.keys()]
        found = milp(
            1e-4 * cost / (cost.max() or 1.0) - 1.0, integrality=np.ones(cost.size), bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(np.array([row for row, _ in rows]), np.array([least for _, least in rows]), np.inf),
        )  # fmt: skip
        return None if found.x is None else frozenset(o.id for o, x in zip(self.options, found.x, strict=True) if x > 0.5)

    def _row(self, weights: Mapping[str, float]) -> np.ndarray:
        row = np.zeros(len(self.options))
        for name, weight in weights.items():
            row[self.place[name]] += weight
        return row

    def _falls_with(self, name: str, chosen: Portfolio) -> Portfolio:
        """What goes when one is gone: it, and what requires it."""
        gone = {name}
        while more := {n for n in chosen - gone if self.options[self.place[n]].requires & gone}:
            gone |= more
        return frozenset(gone)

    def _at_least(self) -> float:
        """What no choice can go below: the least that the fullest choices leave, of which all others are part; 0 where they are many."""
        fullest = list(itertools.islice(self._fullest(), MOST_FULLEST + 1))
        if len(fullest) > MOST_FULLEST:
            return 0.0
        standing = (_with(self.model, chosen, self.asked) for chosen in fullest)
        return min((0.0 if one is None else one.adversary.worst(self.asked.against).value for one in standing), default=0.0)

    def _fullest(self) -> Iterator[Portfolio]:
        """All choices to which nothing can be added but what excludes something of them (the budget left aside)."""
        apart: dict[str, set[str]] = {o.id: set() for o in self.options}
        for o in self.options:
            for other in o.excludes & self.place.keys():
                apart[o.id].add(other)
                apart[other].add(o.id)
        tied = [name for name in apart if apart[name]]
        free = frozenset(name for name in apart if not apart[name])

        def grow(taken: frozenset[str], out: frozenset[str]) -> Iterator[frozenset[str]]:
            """Maximal sets of the tied ones that hold `taken` and nothing of `out`."""
            name = next((n for n in tied if n not in taken | out and not apart[n] & taken), None)
            if name is None:
                if all(apart[n] & taken for n in out):
                    yield taken
                return
            yield from grow(taken | {name}, out)
            yield from grow(taken, out | {name})

        for some in grow(frozenset(), frozenset()):
            full = free | some
            while missing := {n for n in full if not self.options[self.place[n]].requires <= full}:
                full -= missing
            yield full


class Overlapped(NamedTuple):
    """An overlap by the names of its misfortunes, and what it costs an hour with the choice that it was found for."""

    keys: list[tuple[str, str, str | None]]
    value: float


def buyable(model: Model, budget: float, years: float, on: Sequence[str] = ()) -> list[Option]:
    """Defences that are not there yet, fit the budget and change what the static reading sees; with them what they require.

    The cost of each is that of buying it and of `years` years. Cuts, which cost less than nothing, are not among them.
    """
    there = {*on, *(d.id for d in model.defences.values() if d.state != "absent")}
    barred = {name for other in there for name in model.defences[other].excludes}
    cost = {d.id: _mean(d.costs_once) + years * _mean(d.costs_yearly) for d in model.defences.values()}
    able = {d.id for d in model.defences.values() if d.id not in there | barred and not there & set(d.excludes) and cost[d.id] >= 0.0}
    needs = {name: {n for n in with_required(model, name) if n not in there} for name in able}
    wanted = {
        other for name in able if needs[name] <= able and _is_seen(model.defences[name].change)
        and sum(cost[n] for n in needs[name]) <= budget for other in needs[name]
    }  # fmt: skip
    return [
        Option(d.id, cost[d.id], frozenset(d.requires) - there, frozenset(d.excludes)) for d in model.defences.values() if d.id in wanted
    ]


def _mean(money: Money | None) -> float:
    return 0.0 if money is None else money.dist.mean()


def _is_seen(change: Any) -> bool:
    """Whether a merge patch touches anything but teams, growth and fields that matter in time only."""
    if not isinstance(change, Mapping):
        return False
    return any(
        not isinstance(row, Mapping) or not _IN_TIME_ONLY.issuperset(row)
        for section, rows in change.items() if section not in ("teams", "growth")
        for row in (rows.values() if isinstance(rows, Mapping) else (rows,))
    )  # fmt: skip


def _with(model: Model, chosen: Iterable[str], asked: Asked) -> Standing | None:
    """The model with these defences under the adversary; None where they make no valid model."""
    try:
        changed = load.apply(model, sorted(chosen))
        return Standing(changed, compile_model(changed), asked)
    except ModelError:
        return None


def _named(model: Model, chosen: Sequence[str], asked: Asked) -> list[dict[str, Any]]:
    """The overlap that comes closest with these defences, a likely one of those as bad."""
    standing = _with(model, chosen, asked)
    assert standing is not None
    named = [e for e in standing.worst(asked.against)[0] if standing.adversary.size[e] > 0.0]
    return [dict(zip(("what", "id", "of"), standing.view.key(e), strict=True)) for e in named]
