"""Which overlaps of misfortune stop which service: found exactly by logic, told in hours and money by the timed engine.

The exact engine lists the minimal sets of misfortunes that leave a service below what it must serve. Each set is then played, all at
the same moment: once at typical values, to see how long it lasts, and many times at random, to see what it costs on average.
Beside it stands what is lost if one place, operator, team or component alone is lost, and which pairs of misfortunes are worse together
than apart.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines import logic, simulate
from blackstart.engines import structure as st
from blackstart.engines.simulate import Given
from blackstart.fault_trees.faulttree import FaultTree
from blackstart.fault_trees.unrolled import fault_tree
from blackstart.language.model import Model, shown_text
from blackstart.language.origins import NO_TEXTS, Texts, grounds
from blackstart.studies import alone, chains, takeovers, unseen
from blackstart.studies.felt import Course, Felt, key_of
from blackstart.studies.results import Losses, Result, common
from blackstart.studies.story import Telling
from blackstart.studies.worlds import Estimate
from blackstart.studies.worth import measure, nominal, per_hour
from blackstart.system import FIRST_FAILS, HOURS_PER_YEAR, System, World

KIND = "overlaps"
LIMITS = logic.Limits(nodes=1_000_000, made=500_000)  # a second or two for each service; beyond them the answer is bounded
PLAYS = 20_000  # plays in all to see how long each misfortune is felt; as many again for the sets in which it is found
MOST_PLAYS, FEWEST_PLAYS = 4_000, 8
MOST_LONGER = 100_000  # plays in all to see how much longer it is felt in each possible world
PRICED = 6_000  # plays in all to see what the sets cost
MOST_PRICED = 100  # of one set
SOON = 0.95  # share of the time until all is at rest, below which a service counts as back before
SELDOM = 0.05  # share of plays up to which an overlap may pass what the services can bear and still count as bearable
WORLDS = 200  # possible worlds, for the band that not knowing the inputs leaves
FEWEST_WORLDS, MOST_WEIGHED = 40, 2_000_000_000  # for the band of large diagrams; rows of diagrams that are weighed for it
PAIRS = 8  # misfortunes in the table of pairs
MOST_FINDINGS = 40
COURSES = 60  # overlaps of which it is told what their services wait for: those told first
MOST_SERVICES = 64  # looked at unless they are named: those that an hour of outage costs most
_NOUN = {
    st.BARRIER: "barrier", st.TAKE_OVER: "take-over", st.DEAD: "hidden-fault", st.CHANCE: "chance", st.DOUBTFUL: "doubtful-need",
    st.PICKED: "picked",
}  # fmt: skip
_GROUP = {"hazard": "hazards", "barrier": "barriers"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of `overlaps`: the services (all if empty), how many sets of each, the most misfortunes in a set."""

    services: tuple[str, ...] = ()
    most: int = 40
    seed: int = 1
    order: int = 6


def overlaps(
    model: Model, system: System, asked: Asked, defences: Sequence[str] = (), progress: Callable[[int, int], None] | None = None,
    texts: Texts = NO_TEXTS,
) -> Result:  # fmt: skip
    """The overlaps that stop the services of a model, what they cost, and what everything hangs on.

    texts : the model's files and lists of sources beside them, by name: what they say beside the inputs is told with those
    """
    view = View(model, system, asked)
    solved, found = view.solved, view.found
    view.plays = min(MOST_PRICED, _share_of(PRICED, len(found)))
    seen = view.by_service()
    rows = []
    for n, (events, tops) in enumerate(found.items()):
        if progress:
            progress(n, len(found))
        larger = [set(other).difference(events) for other in found if len(other) > len(events) and set(events) < set(other)]
        rows.append(view.told(events, tops, set().union(*larger)))
    _beyond(rows, view.costs)
    order = sorted(zip(rows, found, strict=True), key=lambda x: (-x[0]["adds_per_year"]["value"], -x[0]["per_year"], _ids(x[0])))
    meanwhile = view.meanwhile([events for _, events in order])
    why = view.why([events for _, events in order[:COURSES]], [list(row["hours"]) for row, _ in order[:COURSES]])
    rows = [
        row | {
            "meanwhile": [name for name in row["hours"] if name in also], "course": view.course(events, also) if n < COURSES else None,
            "why": why[n] if n < COURSES else {},
        }
        for n, ((row, events), also) in enumerate(zip(order, meanwhile, strict=True))
    ]  # fmt: skip
    data = common(KIND, model, system, defences, {"seed": asked.seed, "services": list(asked.services), "most": asked.most})
    reasons = [solved.reason] if solved.reason else []
    if any(one.error.any() for one in seen):
        reasons.append("times-estimated")
    if not asked.services and len(view.tops) < len(system.services):
        reasons.append("costliest-services")
    data["outcome"] = {"state": solved.outcome, "reasons": reasons}
    data["left_out"] = view.left_out(data["deadlocks"])
    data["measure"], data["money"], data["plays"] = measure(model, system), view.money, view.plays
    brief = view.taking_over()
    data["taking_over"], data["standbys"] = brief, takeovers.standbys(model, system)
    data["services"] = [row | {"taking_over": takeovers.of_service(brief, row["id"])} for row in view.services(seen)]
    unstopped = [row["id"] for row in data["services"] if row["upper"] <= 0.0 and not row["taking_over"]]
    if (found_by_play := unseen.played(model, system, data["left_out"], unstopped, asked.seed)) is not None:
        data["played"] = found_by_play
    data["overlaps"] = rows
    data["importance"] = view.importance(seen)
    without = alone.Without(system)
    data["lost_alone"] = alone.lost_alone(model, without, view.worth, view.before is not None)
    data["under_all"] = alone.under_many(without, view.worth)
    data["pairs"] = view.pairs(rows)
    struck = [(_GROUP.get(m["what"], "components"), m["id"]) for row in rows for m in row["misfortunes"]]
    data["grounds"] = grounds(model, struck, texts)
    return Result(data)


def _ids(row: dict[str, Any]) -> list[str]:
    return [m["id"] for m in row["misfortunes"]]


def _beyond(rows: list[dict[str, Any]], costs: list[np.ndarray]) -> None:
    """What each overlap costs beyond the costliest smaller one that it contains (which stops other services), play by play."""
    keys = [frozenset((m["what"], m["id"], m["of"]) for m in row["misfortunes"]) for row in rows]
    for row, key, cost in zip(rows, keys, costs, strict=True):
        inside = [n for n, k in enumerate(keys) if k < key]
        most = max(inside, key=lambda n: rows[n]["cost"]["value"], default=None)
        more = cost if most is None else cost - costs[most]
        adds = _mean(more) if most is None or more.mean() > 0.0 else Estimate(0.0, _mean(more).standard_error)
        row["beyond"] = None if most is None else rows[most]["misfortunes"]
        row["adds"] = adds.as_dict()
        error = math.hypot(adds.standard_error * row["per_year"], adds.value * row["standard_error"])
        row["adds_per_year"] = Estimate(adds.value * row["per_year"] * row["together"], error * row["together"]).as_dict()


def _share_of(plays: int, among: int) -> int:
    """How many of so many plays each may have."""
    return int(min(MOST_PLAYS, max(FEWEST_PLAYS, plays // max(1, among))))


def _mean(of_plays: np.ndarray) -> Estimate:
    """Mean over the plays, with its standard error."""
    n = len(of_plays)
    return Estimate(float(of_plays.mean()), float(of_plays.std(ddof=1)) / math.sqrt(n) if n > 1 else 0.0)


class Seen(NamedTuple):
    """One service seen by logic: the answer for it, with the chance of each event (n,) and its error (n,).

    hours : (items,) for which each misfortune is there
    out_h : (items,) how much of that it keeps the service out by itself; 0 where it does so only with others, or not
    """

    solved: logic.Solved
    p: np.ndarray
    error: np.ndarray
    hours: np.ndarray
    out_h: np.ndarray


class View:
    """The static reading of a System together with plays of its misfortunes, and the words for them."""

    def __init__(self, model: Model, system: System, asked: Asked, limits: logic.Limits = LIMITS) -> None:
        self.model, self.system, self.asked, self.limits = model, system, asked, limits
        self.read = st.structure(system)
        self.world = system.mean_world()
        self.money, stated = measure(model, system) == "money", nominal(model, system)
        by_worth = sorted(range(len(system.services)), key=lambda s: -stated[s])[:MOST_SERVICES]
        self.tops = [system.services.index(name) for name in asked.services] or sorted(by_worth)
        self.names = [system.services[s] for s in self.tops]
        self.losses = Losses(model, system, asked.seed, by_chance=False)
        self.plays = MOST_PRICED  # to price a set
        self._chains: dict[bool, chains.Chains] = {}  # by whether they are read before any standby has taken over
        self.costs: list[np.ndarray] = []  # of each overlap told, what each play of it cost

    # -- what an hour is weighed by

    @cached_property
    def _per_hour(self) -> tuple[np.ndarray, np.ndarray]:
        return per_hour(self.model, self.system, self.player, self.asked.seed)

    @property
    def worth(self) -> np.ndarray:
        """(S,) what an hour out of each service costs on average over its outages; else its users, else 1."""
        return self._per_hour[0]

    @property
    def worth_at_most(self) -> np.ndarray:
        """(S,) the same of an outage of the length at which an hour is dearest."""
        return self._per_hour[1]

    # -- how likely each misfortune is to be there

    @cached_property
    def player(self) -> simulate.Player:
        return simulate.Player(self.system)

    @cached_property
    def lasts(self) -> Felt:
        return Felt(self.model, self.system, self.player, self.asked.seed)

    @cached_property
    def _worst(self) -> dict[int, Course]:
        """The course of each misfortune (numbers of items) if all that it may do happens."""
        items = sorted({e.a for e in self.read.events if e.kind == st.ITEM})
        worst = self.given(range(len(self.read.events)))
        plays = _share_of(PLAYS, sum(self.lasts.repair(i) is None for i in items))
        return {i: self.lasts.course(i, worst, plays) for i in items}

    @cached_property
    def felt(self) -> np.ndarray:
        """(items, 2) hours from the coming of each misfortune until all is at rest again, if all that it may do happens; their error."""
        out = np.zeros((len(self.system.items), 2))
        for i, course in self._worst.items():
            out[i] = course.end
        return out

    @property
    def felt_h(self) -> np.ndarray:
        """(items,) these hours."""
        return self.felt[:, 0]

    @cached_property
    def turns(self) -> takeovers.Turns:
        """When the own failure of each component can come: of a standby only while it runs."""
        return takeovers.turns(self.system, self.read, self.world, self.felt_h, LIMITS)

    @cached_property
    def harm(self) -> np.ndarray:
        """(items, 2) hours for which each misfortune counts as there in the expected loss; the standard error that plays leave.

        One that stops services by itself, as long as it keeps them out, an hour of each weighed by its worth; with these hours logic
        expects of it what its plays lose. Another one harms those that come meanwhile, as long as it is felt.
        """
        worth = self.worth[self.tops]
        out, error = self.out_h(self.found)
        weight = (worth if worth.sum() > 0.0 else np.ones(worth.size)) * (out > 0.0) * self.solved.coherent
        whole = weight.sum(axis=1)
        mean, unsure = (np.divide((x * weight).sum(axis=1), whole, out=np.zeros(whole.size), where=whole > 0.0) for x in (out, error))
        alone = (whole > 0.0) & (mean <= self.felt_h)
        return np.where(alone[:, None], np.stack((mean, unsure), axis=1), self.felt)

    @property
    def harm_h(self) -> np.ndarray:
        """(items,) these hours."""
        return self.harm[:, 0]

    def out_h(self, found: dict[tuple[int, ...], list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """(items, T) mean hours for which each misfortune keeps a service out that it stops alone or with failures on demand.

        found : minimal sets, as from `minimal`; each counts as often as it happens once the misfortune has come. 0 for a misfortune
        that stops a service only together with others, or not. Beside it the standard error that plays leave.
        """
        shape = len(self.system.items), len(self.tops)
        weight, hours, square = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        column = {service: t for t, service in enumerate(self.tops)}
        for events, services in found.items():
            items = [self.read.events[i].a for i in events if self.read.events[i].kind == st.ITEM]
            if len(items) != 1:
                continue
            asked = math.prod(float(self.p[i]) for i in events if self.read.events[i].kind != st.ITEM)
            course, at = self.lasts.course(items[0], self.given(events), self.looks), [column[s] for s in services]
            weight[items[0], at] += asked
            hours[items[0], at] += asked * course.out[services]
            square[items[0], at] += (asked * course.out_error[services]) ** 2
        there = weight > 0.0
        return np.divide(hours, weight, where=there, out=hours), np.divide(np.sqrt(square), weight, where=there, out=square)

    @cached_property
    def unseen(self) -> tuple[np.ndarray, np.ndarray]:
        """(items, S) mean hours for which each misfortune, come alone, keeps services out that it does not stop by logic.

        Until standbys have taken over, or by overload and surges: plays show it, with nothing failing on demand that would stop the
        service by logic. 0 where the model has nothing of the kind. Beside it the standard error that plays leave.
        """
        out, error = np.zeros((2, len(self.system.items), len(self.system.services)))
        if self.before is None and not {"overload", "surge"} & set(self.read.left_out):
            return out, error
        stopped: dict[int, list[tuple[tuple[int, ...], list[int]]]] = {}
        for events, services in self.found.items():
            items = [self.read.events[i].a for i in events if self.read.events[i].kind == st.ITEM]
            if len(items) == 1:
                demands = tuple(i for i in events if self.read.events[i].kind != st.ITEM)
                stopped.setdefault(items[0], []).append((demands, services))
        for i in self._worst:
            if self.lasts.repair(i) is not None:
                continue  # it changes nothing but itself
            sets = stopped.get(i, [])
            course = self.lasts.course(i, self.given({d for demands, _ in sets for d in demands}, there=False), self.looks)
            out[i], error[i] = course.out, course.out_error
            for demands, services in sets:
                seldom = 1.0 - math.prod(float(self.p[d]) for d in demands)
                out[i, services] *= seldom
                error[i, services] *= seldom
        return out, error

    @cached_property
    def longer(self) -> np.ndarray:
        """(worlds, items) how many times as long as over all worlds each misfortune is felt in each of them.

        Where nothing but durations known to their middles is felt, and for the misfortunes that matter least of very many, 1.
        """
        out = np.ones((len(self.worlds), len(self.system.items)))
        if not self.system.middles:
            return out
        items = sorted({e.a for e in self.read.events if e.kind == st.ITEM}, key=lambda i: -self.world.rate[i] * self.felt_h[i])
        for i in items[: MOST_LONGER // max(1, len(self.worlds))]:
            typical = self.player.typical([self.lasts.hit(i)])[0]
            if typical > 0.0:
                out[:, i] = [self.player.typical([self.lasts.hit(i)], lasting=world)[0] / typical for world in self.worlds]
        return out / out.mean(axis=0) if self.worlds else out

    def left_out(self, deadlocks: Sequence[Any]) -> list[str]:
        """Keys of what the model has and the static reading does not see."""
        leaves = bool((self.harm_h < SOON * self.felt_h).any())
        return [*self.read.left_out, *(["stays-broken"] if leaves else []), *(["deadlock"] if deadlocks else [])]

    @cached_property
    def p(self) -> np.ndarray:
        """(n,) chance of each event at a random moment in the mean world."""
        return self.chances(self.felt_h)

    @cached_property
    def p_harm(self) -> np.ndarray:
        """(n,) the same, each misfortune being there only for as long as it keeps services out: what the expected loss rests on."""
        return self.chances(self.harm_h)

    def chances(self, hours: np.ndarray, factor: float = 1.0) -> np.ndarray:
        """(n,) chances, each misfortune there for so many hours (items,), a standby broken only as it can break while it runs.

        factor : by which all rates are multiplied
        """
        world = self.world._replace(rate=self.world.rate * factor)
        return st.probabilities(self.system, self.read.events, world, self.turns.present(hours, factor))

    def chances_at_most(self, factor: float = 1.0) -> np.ndarray:
        """(n,) chances that no dependence makes greater: rate × time until all is at rest, a standby as if it ran all the time."""
        world = self.world._replace(rate=self.world.rate * factor)
        p, most = st.probabilities(self.system, self.read.events, world, self.felt_h), np.minimum(1.0, world.rate * self.felt_h)
        return np.array([most[e.a] if e.kind == st.ITEM else p[n] for n, e in enumerate(self.read.events)], float)

    @cached_property
    def worlds(self) -> list[World]:
        return [] if self.system.is_certain() else list(simulate.possible_worlds(self.system, WORLDS, self.asked.seed))

    @cached_property
    def p_by_world(self) -> list[np.ndarray]:
        """The same in each possible world; over all of them each misfortune is felt as long as in the mean world."""
        return self._in_worlds(self.felt_h)

    def _in_worlds(self, present_h: np.ndarray) -> list[np.ndarray]:
        """(n,) chances in each possible world, each misfortune there for so many hours (items,) on average over all of them."""
        hours = self.turns.present(present_h) * self.longer
        return [st.probabilities(self.system, self.read.events, world, h) for world, h in zip(self.worlds, hours, strict=True)]

    # -- before any standby has taken over

    @cached_property
    def before(self) -> takeovers.Before | None:
        """The reading before any standby has taken over; None where none takes time."""
        return takeovers.Before(self.system, self.read) if st.slow_standbys(self.system).any() else None

    def meanwhile(self, sets: Sequence[Iterable[int]]) -> list[set[str]]:
        """For each set of events the services that its play at typical values stops only as long as no standby has taken over."""
        if self.before is None:
            return [set() for _ in sets]
        names, besides = self.system.services, self._typically
        return [{names[s] for s in np.flatnonzero(out)} for out in self.before.meanwhile([{*events, *besides} for events in sets])]

    @cached_property
    def _typically(self) -> list[int]:
        """What fails on demand at typical values without being in a set; a take-over that fails there is tried again."""
        p = st.probabilities(self.system, self.read.events, self.player.median, np.zeros(len(self.system.items)))
        return [i for i, e in enumerate(self.read.events) if e.kind in (st.BARRIER, st.DEAD, st.CHANCE, st.DOUBTFUL) and p[i] >= 0.5]

    def why(self, sets: Sequence[Iterable[int]], services: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
        """For each set of events why it stops these services, once standbys have taken over, or else before any has."""
        there = [sorted({*events, *self._typically}) for events in sets]
        found = self.chains(there, services)
        first = self.chains(there, services, before=True) if self.before is not None else found
        return [before | after for before, after in zip(first, found, strict=True)]

    def chains(self, sets: Sequence[Iterable[int]], services: Sequence[Sequence[str]], *, before: bool = False) -> list[dict[str, Any]]:
        """For each set of events why it stops these services by one reading: component -> what it is out for, or what strikes it."""
        numbers = [[self.system.services.index(name) for name in names] for names in services]
        if before not in self._chains:
            self._chains[before] = chains.Chains(self.system, self.read.events, self.key, before=before)
        found = self._chains[before].why(sets, numbers)
        return [chains.as_rows(self.system, why) for why in found]

    def taking_over(self) -> list[dict[str, Any]]:
        """The sets that stop services only until a standby has taken over: how often, how long at typical values, by which standbys."""
        found = self.before.sets(self.tops, self.p, LIMITS, self.asked.most, self.asked.order) if self.before else {}
        often = {events: self.often(events, self.given(events)) for events in found}
        told = []
        for events in sorted(found, key=lambda events: (-often[events][0], events))[:MOST_FINDINGS]:
            longest, ways, _ = self.longest(events)
            hours = {self.system.services[s]: end - begin for s, (begin, end) in longest.items() if s in found[events] and end > begin}
            hours = dict(sorted(hours.items(), key=lambda row: -row[1]))
            if hours:
                row = dict(zip(("per_year", "standard_error", "band"), often[events], strict=True))
                standbys = takeovers.ended_by(self.model, ways, hours)
                mine = {name: ways[name] for name in hours}
                told.append({"misfortunes": [self.event(i) for i in events], **row, "hours": hours, "standbys": standbys, "ways": mine})
        return told

    # -- the exact engine

    @cached_property
    def solved(self) -> logic.Solved:
        """The services asked for, each misfortune there for as long as it is felt."""
        chosen = self.read.formula._replace(tops=self.read.formula.tops[self.tops])
        return logic.solve(chosen, self.p, self.limits)

    @cached_property
    def found(self) -> dict[tuple[int, ...], list[int]]:
        """Minimal sets of events, each with the services (numbers of the System) that it was listed for."""
        found: dict[tuple[int, ...], list[int]] = {}
        for t, service in enumerate(self.tops):
            for _, literals in self.solved.most_likely(t, self.asked.most) if self.solved.cut_sets.kind[t] else ():
                if 0 < len(literals) <= self.asked.order:
                    found.setdefault(tuple(x // 2 for x in literals), []).append(service)
        return found

    @cached_property
    def looks(self) -> int:
        """Plays to see how long each misfortune of a set is felt."""
        return _share_of(PLAYS, self._questions())

    def by_service(self) -> list[Seen]:
        """What logic says of each service, each misfortune that stops it by itself being there for as long as it keeps this service out."""
        out, error = self.out_h(self.found)
        seen = []
        for t in range(len(self.tops)):
            alone = (out[:, t] > 0.0) & self.solved.coherent[t]
            hours = np.where(alone, np.minimum(out[:, t], self.felt_h), self.felt_h)
            unsure = hours + np.where(alone, error[:, t], self.felt[:, 1])
            p, more = self.chances(hours), self.chances(unsure)
            seen.append(Seen(self.solved.at(t, p), p, np.abs(more - p), hours, hours * alone))
        return seen

    def services(self, seen: Sequence[Seen]) -> list[dict[str, Any]]:
        """For each service what the static reading says of it."""
        return [
            {
                "id": name, "share_of_time": float(one.solved.probability[0]),
                "standard_error": float(np.sqrt((one.solved.birnbaum[0] * one.error) ** 2 @ np.ones(len(one.p)))),
                "per_year": float(one.solved.frequency(self._frequency(self.world, one.p))[0]),
                "band": band_of(self._shares(one, len(seen))),
                "out_h": {self.system.items[i]: float(one.out_h[i]) for i in np.flatnonzero(one.out_h).tolist()},
                "minimal": {str(k): n for k, n in enumerate(self._by_order(t)) if n},
                "lower": float(one.solved.lower[0]), "upper": float(one.solved.upper[0]),
            }
            for t, (name, one) in enumerate(zip(self.names, seen, strict=True))
        ]  # fmt: skip

    def _shares(self, one: Seen, services: int) -> np.ndarray:
        """(S,) share of time that a service is out in each possible world; in fewer of them where the diagrams are very large."""
        most = max(FEWEST_WORLDS, MOST_WEIGHED // (len(one.solved.rows) * services))
        chances = self._in_worlds(one.hours)[:most]
        return one.solved.probabilities(np.array(chances))[:, 0] if chances else np.zeros(0)

    def _by_order(self, t: int) -> list[int]:
        return self.solved.cut_sets.by_order(t) if self.solved.cut_sets.kind[t] else []

    def _frequency(self, world: World, p: np.ndarray) -> np.ndarray:
        """(n,) how often a year each event comes while it is not there; what only waits to be asked never comes."""
        out = np.zeros(len(self.read.events))
        for i, e in enumerate(self.read.events):
            if e.kind == st.ITEM:
                out[i] = world.rate[e.a] * HOURS_PER_YEAR * (1.0 - p[i])
        return out

    def importance(self, seen: Sequence[Seen]) -> list[dict[str, Any]]:
        """For each event its importance to the service for which it matters most."""
        measure_of = {
            "birnbaum": lambda solved: solved.birnbaum, "criticality": logic.criticality, "fussell_vesely": logic.fussell_vesely,
            "raw": logic.achievement_worth, "rrw": logic.reduction_worth,
        }  # fmt: skip
        measures = {name: np.vstack([of(one.solved) for one in seen]) for name, of in measure_of.items()}
        rows = []
        weighed = self._weighed(seen)
        share = weighed @ measures["fussell_vesely"]
        for i in np.argsort(-share.round(12), kind="stable"):  # what weighs the same stands in the order of the file
            t = int(np.argmax(measures["fussell_vesely"][:, i]))
            if measures["fussell_vesely"][t, i] <= 0.0:
                continue
            values = {name: float(value[t, i]) for name, value in measures.items()}
            values["rrw"] = None if math.isinf(values["rrw"]) else values["rrw"]
            of = {name: float(x) for name, x in zip(self.names, weighed * measures["fussell_vesely"][:, i], strict=True) if x > 0.0}
            chance = {"p": float(seen[t].p[i]), "p_error": float(seen[t].error[i])}
            rows.append({**self.event(int(i)), **chance, "service": self.names[t], "share": float(share[i]), "by_service": of, **values})
        return rows[:MOST_FINDINGS]

    def _weighed(self, seen: Sequence[Seen]) -> np.ndarray:
        """(T,) share of each service in all the time out that this reading sees, an hour of each weighed by its worth."""
        worth = np.array([self.worth[t] for t in self.tops])
        out = (worth if worth.sum() > 0 else np.ones(len(worth))) * np.array([one.solved.probability[0] for one in seen])
        return out / (out.sum() or 1.0)

    # -- naming

    def event(self, number: int) -> dict[str, Any]:
        """An event in words that the views can show."""
        e = self.read.events[number]
        what, id_, of = self.key(number)
        per_year = float(self.world.rate[e.a] * HOURS_PER_YEAR) if e.kind == st.ITEM else None
        return {"what": what, "id": id_, "of": of, "p": float(self.p[number]), "per_year": per_year}

    def key(self, number: int) -> tuple[str, str, str | None]:
        """What an event is, whose, and against or by what: the same in every model that has it."""
        e, s = self.read.events[number], self.system
        if e.kind == st.ITEM:
            return ("hazard" if s.arrays.item[e.a]["is_hazard"] else "component"), s.items[e.a], None
        if e.kind == st.BARRIER:
            return _NOUN[e.kind], s.barriers[e.a], s.hazards[e.b]
        if e.kind == st.PICKED:
            return _NOUN[e.kind], s.components[e.b], s.effects[e.a][0]
        if e.kind == st.CHANCE:
            return _NOUN[e.kind], s.parameters[s.probabilities[e.a][0]].path, None
        if e.kind == st.DOUBTFUL:
            need = s.parameters[s.doubtful[e.a]].path.removeprefix("maybe ").rpartition(" (")[0]
            return _NOUN[e.kind], need, self._who_doubts(e.a)
        return _NOUN[e.kind], s.components[e.a], None

    def _who_doubts(self, number: int) -> str | None:
        """The component in whose needs a doubtful need stands."""
        a, count = self.system.arrays, self.system.arrays.component.size
        nodes = [count + g for g in range(a.gate.size) if a.gate[g]["op"] == y.MAYBE and int(a.gate[g]["k"]) == number]
        while nodes and nodes[0] >= count:
            row = a.node[nodes[0]]
            nodes = [int(n) for n in a.links[row["up_lo"] : row["up_hi"]]]
        return self.system.components[nodes[0]] if nodes else None

    # -- the timed engine

    def given(self, events: Iterable[int], there: bool = True) -> Given:
        """What must happen on demand so that these events are there; or that they are not.

        A take-over that fails does so at its first try; what comes of further ones is chance.
        """
        chances: dict[int, float] = {}
        doubtful: dict[int, bool] = {}
        fails, comes = (0.0, 1.0) if there else (1.0, 0.0)
        a = self.system.arrays
        for i in events:
            e = self.read.events[i]
            if e.kind == st.BARRIER:
                row = a.barrier[e.a]
                if row["works"] >= 0:
                    chances[int(row["works"])] = fails
                if row["dead"] >= 0 and (row["works"] < 0 or not there):
                    chances[int(row["dead"])] = comes
            elif e.kind == st.TAKE_OVER:
                chances[int(a.component[e.a]["start_works"])] = FIRST_FAILS if there else 1.0
            elif e.kind == st.DEAD:
                chances[int(a.component[e.a]["dead"])] = comes
            elif e.kind == st.CHANCE:
                chances[e.a] = comes
            elif e.kind == st.DOUBTFUL:
                doubtful[e.a] = there
        return Given(chances, doubtful)

    def _questions(self) -> int:
        """Of how many misfortunes, outcomes given, the plays have to show how long they are felt."""
        items = {i: e.a for i, e in enumerate(self.read.events) if e.kind == st.ITEM}
        asked = {(items[i], key_of(self.given(events))) for events in self.found for i in events if i in items}
        return sum(self.lasts.repair(item) is None for item, _ in asked)

    def told(self, events: tuple[int, ...], tops: list[int], elsewhere: set[int]) -> dict[str, Any]:
        """One overlap: how often, how long each service is out, at what loss; `elsewhere` as in `_played`."""
        items = [self.read.events[i].a for i in events if self.read.events[i].kind == st.ITEM]
        given, happening = self.given(events), [self.read.events[i] for i in events]
        end, rows, stuck = self.player.typical([self.lasts.hit(i) for i in items], given)
        hours = self._hours(rows)
        often, error, band = self.often(events, given)
        paths, played = self._played(items, events, elsewhere)
        costs, late = self.cost(played, self.plays), self._late(played)
        self.costs.append(costs)
        return {
            "misfortunes": [self.event(i) for i in events],
            "per_year": often,
            "standard_error": error,
            "band": band,
            "felt_h": [self.lasts.hours(e.a, given, self.looks).mean if e.kind == st.ITEM else None for e in happening],
            "hours": {self.system.services[s]: h for s, h in hours.items()},
            "stops": [self.system.services[s] for s in tops],
            "end_h": end,
            "stuck": stuck,
            "never": float((paths[:, 2].astype(np.int64) & y.FLAG_STUCK > 0).mean()),
            "late": late,
            "bearable": late <= SELDOM and not any(h > self._bears(s) for s, h in hours.items()),
            "cost": _mean(costs).as_dict(),
            "together": self._together(events, items, given, often, played),
            "by_service": self.of_services(played, self.plays),
        }

    def _together(self, events: Sequence[int], items: Sequence[int], given: Given, often: float, played: np.ndarray) -> float:
        """Of what a play of all at once costs, the share that counts where they come one after the other, as they do.

        While all of it is there: the share of time for which it is, by how often that begins. What lasts longer in the play than the
        shortest of them is felt lasts as long then too, and counts in full.
        """
        out = played[played[:, 1] == y.ROW_OUT]
        if len(items) <= 1 or often <= 0.0 or not out.size:
            return 1.0
        felt, alone = self.felt_h.copy(), [self.lasts.hours(i, given, self.looks).mean for i in items]
        felt[items] = alone
        there_h = math.prod(self.chances(felt)[list(events)].tolist()) * HOURS_PER_YEAR / often
        lasts = out[:, 4] - out[:, 3]
        worth = self.worth[out[:, 2].astype(np.int64)]
        weight = worth if worth.sum() > 0.0 else np.ones(worth.size)
        hours = np.bincount(out[:, 2].astype(np.int64), lasts, len(self.system.services)) / self.plays
        by = np.bincount(out[:, 2].astype(np.int64), lasts * weight, len(self.system.services))
        mean_h = float(hours @ by / by.sum())
        return min(1.0, (there_h + max(0.0, mean_h - min(alone))) / mean_h)

    def of_services(self, rows: np.ndarray, plays: int) -> dict[str, dict[str, float]]:
        """Of each service that is touched how long it is out and worse, and what that costs, on average over so many plays."""
        pieces, found = rows[rows[:, 1] <= y.ROW_DEGRADED], {}
        cost = self.losses.of(pieces) if self.money else pieces[:, 5] * self.worth[pieces[:, 2].astype(np.int64)]
        out, lasts = pieces[:, 1] == y.ROW_OUT, pieces[:, 4] - pieces[:, 3]
        for s in np.unique(pieces[:, 2].astype(np.int64)).tolist():
            mine = pieces[:, 2] == s
            sums = {"out_h": lasts[mine & out], "worse_h": lasts[mine & ~out], "worse": cost[mine & ~out], "cost": cost[mine]}
            found[self.system.services[s]] = {key: float(of.sum() / plays) for key, of in sums.items()}
        return found

    def often(self, events: tuple[int, ...], given: Given) -> tuple[float, float, list[float] | None]:
        """How often a year these events are there at once, its standard error, and its band over the possible worlds."""
        items = [self.read.events[i].a for i in events if self.read.events[i].kind == st.ITEM]
        felt = np.array([self.lasts.hours(i, given, self.looks) for i in items]).reshape(-1, 2)
        often = self._overlap_per_year(self.world, self.p, events, items, felt[:, 0])
        more = [self._overlap_per_year(self.world, self.p, events, items, felt[:, 0] + e) for e in np.diag(felt[:, 1])]
        by_world = [
            self._overlap_per_year(w, p, events, items, felt[:, 0] * longer[items])
            for w, p, longer in zip(self.worlds, self.p_by_world, self.longer, strict=True)
        ]
        return often, math.hypot(*(x - often for x in more)), band_of(np.array(by_world))

    def longest(self, events: Iterable[int]) -> tuple[dict[int, tuple[float, float]], dict[str, list[dict[str, Any]]], list[str]]:
        """An overlap at typical values: the longest outage of each service, what it waited for step by step, what never comes back."""
        events = list(events)
        items = [self.read.events[i].a for i in events if self.read.events[i].kind == st.ITEM]
        story = self.player.story([self.lasts.hit(i) for i in items], self.given(events))
        telling, longest = Telling(self.model, self.system, story), {}
        for r in story.rows[story.rows[:, 1] == y.ROW_OUT].tolist():
            if r[4] - r[3] > longest.get(int(r[2]), (0.0, 0.0))[1] - longest.get(int(r[2]), (0.0, 0.0))[0]:
                longest[int(r[2])] = (r[3], r[4])
        ways = {self.system.services[s]: telling.path_of(self.system.services[s], back) for s, (_, back) in longest.items()}
        return longest, ways, telling.stuck

    def course(self, events: Iterable[int], brief: Collection[str] = ()) -> dict[str, Any]:
        """An overlap at typical values, told: what each service waited for until its longest outage ended, and that step by step.

        brief : services out only until a standby has taken over, of which that is told step by step, too
        """
        longest, ways, stuck = self.longest(events)
        last = max(longest, key=lambda s: longest[s][1] - longest[s][0], default=None)
        return {
            "through": {name: list(dict.fromkeys(step["component"] for step in way)) for name, way in ways.items()},
            "longest": None if last is None else {
                "service": self.system.services[last], "from_h": longest[last][0], "to_h": longest[last][1],
                "critical_path": ways[self.system.services[last]],
            },
            "stuck": stuck, "ways": {name: ways[name] for name in sorted(brief) if name in ways},
        }  # fmt: skip

    def _overlap_per_year(self, world: World, p: np.ndarray, events: tuple[int, ...], items: list[int], felt_h: np.ndarray) -> float:
        """How often a year all of it is there at once: each may be the last to come while the others are still felt.

        felt_h : (items of the set,) mean hours for which each of them is felt.
        """
        on_demand = math.prod(float(p[i]) for i in events if self.read.events[i].kind != st.ITEM)
        rate = world.rate[items]
        there = -np.expm1(-rate * self.turns.share[items] * felt_h)  # a standby that is there already broke in an earlier turn
        last = sum(r * math.prod(there[:n]) * math.prod(there[n + 1 :]) for n, r in enumerate(rate.tolist()))
        return float(last) * HOURS_PER_YEAR * on_demand

    def _played(self, items: Sequence[int], there: Iterable[int], elsewhere: Iterable[int]) -> tuple[np.ndarray, np.ndarray]:
        """Plays at random in the mean world: paths (plays, 6) and rows (R, 6) as in layout.py.

        there : the events of the set
        elsewhere : events that larger sets have besides these; they do not happen here, since they are counted there
        """
        well, ill = self.given(elsewhere, there=False), self.given(there)
        given = Given({**well.chances, **ill.chances}, {**well.doubtful, **ill.doubtful})
        return self.player.by_chance([self.lasts.hit(i) for i in items], given, self.plays, self.asked.seed)

    def _late(self, rows: np.ndarray) -> float:
        """Share of plays in which a service is out for longer than its stated recovery time objective."""
        out = rows[rows[:, 1] == y.ROW_OUT]
        bears = np.array([self._bears(s) for s in range(len(self.system.services))])
        late = out[:, 4] - out[:, 3] > bears[out[:, 2].astype(np.int64)]
        return len(np.unique(out[late, 0])) / self.plays

    def _hours(self, rows: np.ndarray) -> dict[int, float]:
        """Longest stretch for which each service is out, in hours."""
        hours: dict[int, float] = {}
        for r in rows[rows[:, 1] == y.ROW_OUT]:
            s = int(r[2])
            hours[s] = max(hours.get(s, 0.0), float(r[4] - r[3]))
        return hours

    def _bears(self, service: int) -> float:
        """Stated recovery time objective in hours; one without takes nothing."""
        limit = self.model.components[self.system.services[service]].tolerance
        return float(limit.rto.mean()) if limit and limit.rto else 0.0

    # -- pairs

    def pairs(self, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Misfortunes that matter most, alone and two at the same moment: loss (or hours weighed by users) of each."""
        share: dict[int, float] = {}
        number = {e.a: i for i, e in enumerate(self.read.events) if e.kind == st.ITEM}
        index = {self.system.items[a]: a for a in number}
        for row in rows:
            for m in row["misfortunes"]:
                if m["per_year"] is not None:
                    share[index[m["id"]]] = share.get(index[m["id"]], 0.0) + row["cost"]["value"] * row["per_year"]
        chosen = sorted(share, key=lambda i: (-share[i], i))[:PAIRS]
        sets = [[i] for i in chosen] + [[i, j] for n, i in enumerate(chosen) for j in chosen[n + 1 :]]
        played = {frozenset(items): self._played(items, (), ())[1] for items in sets}
        costs = {items: _mean(self.cost(rows, self.plays)) for items, rows in played.items()}
        values: dict[str, Callable[[list[int]], Any]] = {
            "": lambda items: float(costs[frozenset(items)].value), "error": lambda items: costs[frozenset(items)].standard_error,
            "hours": self._typical_hours,
            "by_service": lambda items: self.of_services(played[frozenset(items)], self.plays),
        }  # fmt: skip
        told: dict[str, list[Any]] = {}
        for key, of in values.items():
            known = {frozenset(items): of(items) for items in sets}
            told[f"{key}_alone" if key else "alone"] = [known[frozenset((i,))] for i in chosen]
            told[key or "together"] = [[None if i == j else known[frozenset((i, j))] for j in chosen] for i in chosen]
        return {"misfortunes": [self.event(number[i]) for i in chosen], **told}

    def _typical_hours(self, items: Sequence[int]) -> dict[str, float]:
        """Longest time out of each service if these come at once, at typical values."""
        hours = self._hours(self.player.typical([self.lasts.hit(i) for i in items])[1])
        return {self.system.services[s]: h for s, h in hours.items()}

    def cost(self, rows: np.ndarray, plays: int) -> np.ndarray:
        """(plays,) money, what hazards cost at their arrival included; or hours of service missed, each weighed by its users."""
        pieces, once = rows[rows[:, 1] <= y.ROW_DEGRADED], rows[rows[:, 1] == y.ROW_COST]
        if self.money:
            cost = np.bincount(pieces[:, 0].astype(np.int64), self.losses.of(pieces), plays)
            return cost + np.bincount(once[:, 0].astype(np.int64), once[:, 4], plays)
        return np.bincount(pieces[:, 0].astype(np.int64), pieces[:, 5] * self.worth[pieces[:, 2].astype(np.int64)], plays)


def band_of(by_world: np.ndarray) -> list[float] | None:
    """5th and 95th percentile over the possible worlds; None where there is only one."""
    return [float(x) for x in np.quantile(by_world, (0.05, 0.95))] if by_world.size else None


# ----------------------------------------------------------------------------- for other programs

_NAMED = {
    "hazard": "{id}", "component": "{id}-fails", "barrier": "{id}-fails-against-{of}", "take-over": "{id}-does-not-take-over",
    "hidden-fault": "{id}-has-a-hidden-fault", "chance": "{id}", "doubtful-need": "{of}-needs-{id}", "picked": "{of}-reaches-{id}",
}  # fmt: skip


def as_fault_tree(model: Model, system: System, asked: Asked) -> FaultTree:
    """What is asked here of the exact engine, as a fault tree: a gate `…-out` for each service over named misfortunes.

    Probabilities are shares of time, frequencies those with which misfortunes begin; circles of needs are written out.

    Raises
    ------
    ModelError
        It would be too large.
    """
    view = View(model, system, asked)
    names: dict[str, str] = {}  # with the label of what has one
    for number in range(len(view.read.events)):
        row = view.event(number)
        name = _NAMED[row["what"]].format(**row)
        while name in names:
            name += "-too"
        rows = {"component": model.components, "hazard": model.hazards}.get(row["what"], {})
        names[name] = shown_text(rows[row["id"]].label) if row["id"] in rows else ""
    tops = [f"{name}-out" for name in view.names]
    formula = view.read.formula._replace(tops=view.read.formula.tops[view.tops])
    often = view._frequency(view.world, view.p_harm)
    item = np.array([e.kind == st.ITEM for e in view.read.events], bool)
    labels = names | {f"{name}-out": shown_text(model.components[name].label) for name in view.names}
    return fault_tree(shown_text(model.title) or "model", formula, list(names), view.p_harm, np.where(item, often, math.nan), tops, labels)
