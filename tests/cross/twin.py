"""The slow obvious twin of the timed engine.

Written from docs/explanation/life-cycle.md and the rows of model.py alone: plain Python, dictionaries and a list of
events, and everything recomputed from the top at every step. Where the engine is clever, the twin is dull; they must
tell the same story. Section numbers are those of the page; one long module on purpose, to be read beside it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from blackstart.language.model import CommonCause, Component, Crew, Effect, Hazard, Model, Need, Target, Until
from blackstart.units import Chance, Dist, Duration, Rate

HOURS_PER_YEAR = 8760.0
CHUNKS_MOST = 20
EVENTS_MOST = 3_000
TINY = 1e-9

# §15: what a number is for. Copied by hand, so that a renumbering of the engine's list is noticed.
WHAT = {
    "RIDE": 1, "START": 2, "WORKS": 3, "RETRY": 4, "REPAIR": 5, "GLASS_AFTER": 6, "GLASS_TAKES": 7, "SPARE": 8,
    "SURGE": 9, "DEAD": 10, "BACKUP_AGE": 11, "COPY": 12, "RESTORE": 13, "ARRIVE": 14, "MUSTER": 15, "AFTER": 16,
    "CHANCE": 17, "UNTIL": 18, "LASTS": 19, "BARRIER": 20, "BARRIER_DEAD": 21, "PICK": 22, "HAZARD_CHANCE": 23,
    "EXTRA": 24, "AGAIN": 25, "COST": 26, "REVEAL": 27, "GAP": 28, "ITEM": 29, "LAG": 34, "KNOW": 36, "FIND": 37,
}  # fmt: skip

# order in which the events of one instant are applied (§3.1)
ENDS, BEGINS, FAILURES, ARRIVALS, RIDE, REPAIRED, STARTED, RETRY, GLASS, SPARE, TEAM, CALM = range(12)

# --------------------------------------------------------------------------- §15 random numbers by name

_MASK = (1 << 64) - 1
_A, _B, _C = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * _B) & _MASK
    z = ((z ^ (z >> 27)) * _C) & _MASK
    return z ^ (z >> 31)


def base_of(seed: int, sample: int) -> int:
    """The key of one sample, in plain integers."""
    return _mix((_mix((seed * _A + _B) & _MASK) + sample * _A) & _MASK)


def uniform(base: int, who: int, what: int, n: int) -> float:
    """A number in (0, 1) by name, in plain integers."""
    z = _mix((base ^ ((who + what * _A) & _MASK)) & _MASK)
    z = _mix((z + n * _A) & _MASK)
    return ((z >> 11) + 0.5) * 1.1102230246251565e-16


def salt(noun: str, name: str) -> int:
    """The number that stands for a named thing."""
    return int.from_bytes(hashlib.blake2b(f"{noun}:{name}".encode(), digest_size=8).digest(), "little")


def quantile(dist: Dist, u: float) -> float:
    """Value of a term at probability `u`."""
    match dist.kind:
        case "point":
            return dist.a
        case "lognormal":
            return dist.a * math.exp(dist.b * NormalDist().inv_cdf(u))
        case "empirical":
            return dist.values[int(u * len(dist.values))]
    return float(dist.quantile(u))


# --------------------------------------------------------------------------- what is told


@dataclass(frozen=True)
class World:
    """One possible world.

    values: what each uncertain chance (a probability) or rate (1/yr) is, by its path in the model; points need none
    exists: whether each doubtful need exists, by its place in the file
    """

    values: Mapping[str, float] = field(default_factory=dict)
    exists: Mapping[str, bool] = field(default_factory=dict)

    def value(self, path: str, believed: Chance | Rate) -> float:
        return believed.dist.a if believed.dist.kind == "point" else self.values[path]


@dataclass
class Story:
    """What happened in one sample.

    states: (time h, component, state, chunks up) after each instant in which it changed
    outages: (service, "out" or "degraded", start h, end h, lost full hours)
    data: (data set, time h, hours of writes lost)
    costs: (hazard, time h, damage)
    flickers: a circle had no levels that satisfy the rules of §2 (whoever goes on without its need has it, whoever has it
        loses it), so that the page does not say who goes on
    happened: how often each kind of thing was drawn for or done, to see what a run of tests has covered
    """

    states: list[tuple[float, str, str, int]] = field(default_factory=list)
    outages: list[tuple[str, str, float, float, float]] = field(default_factory=list)
    data: list[tuple[str, float, float]] = field(default_factory=list)
    costs: list[tuple[str, float, float]] = field(default_factory=list)
    end: float = 0.0
    stuck: list[str] = field(default_factory=list)
    events: int = 0
    happened: dict[str, int] = field(default_factory=dict)
    stopped: str = ""
    flickers: bool = False


@dataclass
class Event:
    time: float
    rank: int
    place: int  # in the order of the file
    number: int
    act: Callable[[], None]
    alive: bool = True


@dataclass
class Job:
    """A start or repair under way, or a repair suspended.

    left: hours still to do; with `shared` person-hours
    """

    kind: str
    chunks: int
    left: float
    shared: bool = False
    forced: bool = False
    lasts: float = 0.0
    at: float = 0.0
    crew: dict[str, int] = field(default_factory=dict)
    event: Event | None = None


# --------------------------------------------------------------------------- the static side of a model


def leaves(need: Need | None) -> list[str]:
    """Names in a need, in order."""
    if need is None:
        return []
    return [need.name] if need.op == "leaf" else [name for part in need.of for name in leaves(part)]


def closed(edges: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Everything that can be reached from `start`, by one edge or more."""
    seen: set[str] = set()
    todo = list(edges[start])
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(edges[name])
    return seen


def effect_names(prefix: str, effects: Iterable[Effect]) -> list[str]:
    """Names of effects, those that follow from them behind each."""
    found = []
    for i, effect in enumerate(effects):
        found += [f"{prefix}/{i}", *effect_names(f"{prefix}/{i}", effect.then)]
    return found


def round_half_up(x: float) -> int:
    return math.floor(x + 0.5)


def total(duration: Duration | None) -> float:
    """Hours of a duration that the page draws nothing for."""
    return 0.0 if duration is None else sum(term.mean() for term in duration.terms)


class Twin:
    """The life cycle of one model in one possible world."""

    def __init__(self, model: Model, world: World) -> None:
        self.model, self.world = model, world
        self.parts = dict(model.components)
        self.order = list(self.parts)
        self.chunks = {c: max(1, min(p.count, CHUNKS_MOST)) for c, p in self.parts.items()}
        self.inside = {c: self.domains_of(p.located) for c, p in self.parts.items()}
        self.tagged = {c: set(p.tags).union(*(model.domains[d].tags for d in self.inside[c])) for c, p in self.parts.items()}
        needs = {c: leaves(p.needs) for c, p in self.parts.items()}
        every = {c: needs[c] + self.start_needs(p) + self.repair_needs(p) for c, p in self.parts.items()}
        self.reaches = {c: closed(every, c) for c in self.order}
        uses = {c: needs[c] + [w.name for w in p.wants] for c, p in self.parts.items()}
        under = {c: closed(uses, c) for c in self.order}
        self.circle = {c: {x for x in under[c] if c in under[x]} for c in self.order}
        groups = {frozenset(self.circle[c] | {c}) for c in self.order}
        self.circles = [sorted(g, key=self.order.index) for g in sorted(groups, key=lambda g: len(g.union(*(under[c] for c in g))))]
        self.stake = {
            c: sum(self.loss_rate(s) for s in model.services if c == s.id or c in under[s.id]) for c in self.order
        }
        self.work_order = sorted(self.order, key=self.work_key)
        self.without = {c: self.without_of(p) for c, p in self.parts.items() if p.break_glass}
        self.hazards = self.all_hazards()
        self.effects = [name for h, row in self.hazards.items() for name in effect_names(h, row.effects)]

    def domains_of(self, located: tuple[str, ...]) -> set[str]:
        found: set[str] = set()
        todo = list(located)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.model.domains[name].located)
        return found

    def start_needs(self, part: Component) -> list[str]:
        return leaves(part.start.needs) if part.start else []

    def repair_needs(self, part: Component) -> list[str]:
        return leaves(part.repair.needs) if part.repair else []

    def loss_rate(self, service: Component) -> float:
        """Loss for an hour of full outage, for the order of work."""
        loss = service.loss
        if loss is None:
            return 0.0
        if loss.rate is not None:
            return loss.rate.dist.mean()
        hours, money = loss.table[-1]
        return money.dist.mean() / hours

    def work_key(self, name: str) -> tuple[float, float, int]:
        part = self.parts[name]
        first = math.inf if part.priority is None else part.priority
        return (first, -self.stake[name], self.order.index(name))

    def without_of(self, part: Component) -> set[str]:
        """§8: the running needs that people can do without when they force it."""
        if part.break_glass.without:
            return set(part.break_glass.without)
        return {name for name in leaves(part.needs) if part.id in self.reaches[name]}

    def all_hazards(self) -> dict[str, Hazard]:
        """§12: those of the file, and the shocks of common causes, which break like hazards."""
        found = dict(self.model.hazards)
        for h, row in found.items():
            if not row.effects and row.strikes:
                found[h] = dataclasses.replace(row, effects=(Effect("break", Target(names=row.strikes)),))
        self.shocks: dict[str, float] = {}  # rate per hour
        self.alone = {c: self.own_rate(c) for c in self.order}
        for group in self.model.common_causes.values():
            for size, share in enumerate(self.shares(group), start=1):
                for together in itertools.combinations(group.of, size):
                    if size == 1:
                        self.alone[together[0]] -= (1 - share) * self.own_rate(together[0])
                        continue
                    name = f"common-cause:{group.id}"
                    if group.model == "alpha":
                        name += ":" + "+".join(together)
                    if share > 0 or group.model == "alpha":
                        self.shocks[name] = share * self.own_rate(together[0])
                        found[name] = Hazard(name, effects=(Effect("break", Target(names=together)),))
        return found

    def shares(self, group: CommonCause) -> list[float]:
        """Share of one member's failures that come in a set of 1, 2, ... members."""
        m, a = len(group.of), group.factors
        if group.model == "beta":
            return [1 - a[0], *[0.0] * (m - 2), a[0]]
        whole = sum(k * x for k, x in enumerate(a, start=1))
        return [k / math.comb(m - 1, k - 1) * x / whole for k, x in enumerate(a, start=1)]

    def own_rate(self, c: str) -> float:
        fails = self.parts[c].fails
        return self.world.value(f"components.{c}.fails", fails) / HOURS_PER_YEAR if fails else 0.0

    def hazard_rate(self, h: str) -> float:
        """Arrivals per hour that do something."""
        if h in self.shocks:
            return self.shocks[h]
        row = self.hazards[h]
        rate = self.world.value(f"hazards.{h}.rate", row.rate) if row.rate else 0.0
        chance = self.world.value(f"hazards.{h}.chance", row.chance) if row.chance else 1.0
        return rate * chance / HOURS_PER_YEAR

    def rates(self) -> list[tuple[str, float]]:
        """All that arrives by itself, per hour: failures of components ("!name"), then hazards."""
        return [("!" + c, self.alone[c]) for c in self.order] + [(h, self.hazard_rate(h)) for h in self.hazards]

    def hidden_chance(self, path: str, rate: Any, tested: Duration | None) -> float:
        """§5: the chance that a hidden fault is there when it is asked for."""
        if rate is None or tested is None:
            return 0.0
        faults = self.world.value(path, rate) * total(tested) / HOURS_PER_YEAR
        return 1 + math.expm1(-faults) / faults if faults > 0 else 0.0

    def targets(self, target: Target) -> list[str]:
        """Components that an effect reaches, in the order of the file."""
        return [
            c for c in self.order
            if c in target.names or self.inside[c] & set(target.names) or self.tagged[c] & set(target.tags)
        ]

    def is_steady(self) -> bool:
        """Whether the model stays at rest when nothing happens to it."""
        play = _Play(self, base_of(0, 0), (), False, True, 0.0)
        return not (play.queue or play.story.states or play.story.events)

    def play(
        self,
        seed: int,
        sample: int,
        script: Iterable[tuple[float, str]] = (),
        background: bool = False,
        typical: bool = False,
        horizon: float | None = None,
    ) -> Story:
        """One sample.

        script: misfortunes that come for sure: (time h, hazard) or (time h, "!component")
        background: whether misfortunes also arrive by themselves
        typical: every random quantity at its median
        horizon: hours after which the story is cut off
        """
        return _Play(self, base_of(seed, sample), script, background, typical, horizon).story


# --------------------------------------------------------------------------- one sample


class _Play:
    """All that changes while one sample is played."""

    def __init__(self, twin, base, script, background, typical, horizon) -> None:
        self.twin, self.parts, self.order, self.world = twin, twin.parts, twin.order, twin.world
        self.place = {c: i for i, c in enumerate(self.order)}
        self.hazards = twin.hazards
        self.base, self.typical = base, typical
        self.horizon = math.inf if horizon is None else horizon
        self.background = background
        self.now = 0.0
        self.queue: list[Event] = []
        self.numbers = itertools.count()
        self.counts: dict[tuple[str, str], int] = {}  # ordinals of §15
        self.story = Story()
        self.rest()
        for time, name in script:
            self.come(time, name)
        if background:
            self.next_misfortune()
        self.run()

    def rest(self) -> None:
        """§1 At rest."""
        order, model = self.order, self.twin.model
        self.broken = dict.fromkeys(order, 0)
        self.called = {c: self.parts[c].standby is None for c in order}
        self.known = dict.fromkeys(order, False)  # part by part: noticed and decided since it was whole or called
        self.found = dict.fromkeys(order, False)  # ... since nothing of it was broken
        self.tried: Counter[str] = Counter()  # failed tries since it last ran or was called
        self.up = {c: self.twin.chunks[c] if self.called[c] else 0 for c in order}
        self.ran = {c: self.up[c] > 0 for c in order}
        self.since = dict.fromkeys(order, 0.0)  # when it stopped running, or was called
        self.start: dict[str, Job | None] = dict.fromkeys(order)
        self.repair: dict[str, Job | None] = dict.fromkeys(order)
        self.repairing = dict.fromkeys(order, False)
        self.destroyed = dict.fromkeys(order, False)
        self.lost: dict[tuple[str, str], _Filling] = {}  # copies that are gone: from where they get their data
        self.ride: dict[str, Event | None] = dict.fromkeys(order)
        self.rode = dict.fromkeys(order, False)
        self.pause: dict[str, Event | None] = dict.fromkeys(order)
        self.glass: dict[str, Event | None] = dict.fromkeys(order)
        self.may_force = dict.fromkeys(order, False)
        self.forced = dict.fromkeys(order, False)
        self.tripped = dict.fromkeys(order, False)
        self.surges: dict[str, list[float]] = {c: [] for c in order}
        self.slows: dict[str, list[float]] = {c: [] for c in order}
        self.holds: dict[str, list[int]] = {c: [] for c in order}
        self.bars: dict[str, list[int]] = {c: [] for c in order}
        self.shelf = {c: self.spare(c).stock for c in order if self.spare(c)}
        self.ordered = dict.fromkeys(self.shelf, 0)
        self.taken: dict[str, list[float]] = {t: [] for t in model.teams}
        self.call_of: dict[str, dict[str, Any] | None] = dict.fromkeys(model.teams)
        self.lasting: list[_Lasting] = []  # effects that last until something serves again
        self.every_doubtful = True
        self.at_rest = self.levels()  # §13: what a service is held against
        self.every_doubtful = False
        self.level = self.levels()
        self.shown = {c: (self.state(c), self.up[c]) for c in order}
        self.open: dict[tuple[str, str], list[float]] = {}  # service and kind: start, lost so far, missing now

    def spare(self, c: str):
        return self.parts[c].repair.spare if self.parts[c].repair else None

    # ----------------------------------------------------------------------- time

    def at(self, time: float, rank: int, place: int, act: Callable[[], None]) -> Event:
        event = Event(time, rank, place, next(self.numbers), act)
        self.queue.append(event)
        return event

    def cancel(self, event: Event | None) -> None:
        if event is not None:
            event.alive = False

    def run(self) -> None:
        """§3: instant after instant, from rest at time 0 on."""
        while not self.story.stopped:
            self.instant()
            if self.story.events > EVENTS_MOST:
                self.story.stopped = "events"
            self.queue = [e for e in self.queue if e.alive]
            times = [e.time for e in self.queue if e.time < self.horizon]
            if not times:
                break
            self.spend(min(times))
            self.now = min(times)
        self.finish()

    def instant(self) -> None:
        """All that happens at one time, in as many rounds as it takes."""
        while self.round() or self.outlasted():
            self.queue = [e for e in self.queue if e.alive]
            if self.story.events > EVENTS_MOST:
                self.story.stopped = "events"
                return
        self.close()

    def round(self) -> bool:
        """One round of an instant; True when another one is needed."""
        while due := self.due():
            event = min(due, key=lambda e: (e.rank, e.place, e.number))
            event.alive = False
            self.story.events += 1
            event.act()
        self.settle()
        while self.calls():
            self.settle()
        self.clocks()
        self.dispatch()
        return bool(self.due())

    def outlasted(self) -> bool:
        """§12: effects that last until something serves again; True when one ends at this instant."""
        for wait in [w for w in self.lasting if self.level[w.back] > 0]:
            self.lasting.remove(wait)
            plus = self.hours([wait.plus], salt("effect", wait.effect), "UNTIL", wait.n)
            self.count("outlasted", wait.effect)
            self.at(self.now + plus, ENDS, self.twin.effects.index(wait.effect), wait.end)
        return bool(self.due())

    def due(self) -> list[Event]:
        return [e for e in self.queue if e.alive and e.time <= self.now]

    # ----------------------------------------------------------------------- §15

    def count(self, noun: str, name: str) -> int:
        """How often before: 0, 1, 2, ..."""
        n = self.counts.get((noun, name), 0)
        self.counts[noun, name] = n + 1
        return n

    def draw(self, who: int, what: str, n: int, plus: int = 0) -> float:
        return 0.5 if self.typical else uniform(self.base, who, WHAT[what] + plus, n)

    def hours(self, durations: Iterable[Duration | None], who: int, what: str, n: int, plus: int = 0) -> float:
        """The sum of durations, drawn term by term."""
        terms = [term for d in durations if d is not None for term in d.terms]
        drawn = 0.0
        for k, term in enumerate(terms):
            drawn += quantile(term, 0.5 if term.kind == "point" else self.draw(who, what, n * 64 + k, plus))
        return drawn

    def chance(self, path: str, chance: Chance | None, otherwise: float = 1.0) -> float:
        return otherwise if chance is None else self.world.value(path, chance)

    # ----------------------------------------------------------------------- §2 levels

    def state(self, c: str) -> str:
        if self.up[c] > 0:
            return "running"
        if self.start[c]:
            return "starting"
        if self.broken[c] == self.twin.chunks[c]:
            return "broken"
        return "waiting" if self.called[c] else "standby"

    def value(self, need: Need | None, level: Mapping[str, float], waived: Iterable[str] = ()) -> float:
        """The value of a need, `waived` ones counting as fully there."""
        if need is None:
            return 1.0
        if need.op == "leaf":
            return 1.0 if need.name in waived else level[need.name]
        if need.op == "maybe" and not (self.every_doubtful or self.world.exists[str(need.where)]):
            return 1.0
        inner = [self.value(part, level, waived) for part in need.of]
        match need.op:
            case "all" | "maybe":
                return min(inner, default=1.0)
            case "any":
                return max(inner, default=0.0)
            case "at_least":
                k = int(need.threshold)
                return 1.0 if k <= 0 else (sorted(inner, reverse=True)[k - 1] if k <= len(inner) else 0.0)
        served = sum(w * v for w, v in zip(need.weights, inner, strict=True))
        return 0.0 if served < need.threshold - TINY else min(1.0, served)

    def need(self, c: str, level: Mapping[str, float]) -> float:
        return self.value(self.parts[c].needs, level)

    def can_go_on(self, c: str, level: Mapping[str, float]) -> bool:
        """Whether a running component runs on without its need: it rides (§4) or is forced (§8)."""
        return bool(self.parts[c].rides and not self.rode[c]) or self.runs_forced(c, level)

    def runs_forced(self, c: str, level: Mapping[str, float]) -> bool:
        return self.forced[c] and self.forced_need(c, level) > 0

    def forced_need(self, c: str, level: Mapping[str, float]) -> float:
        return self.value(self.parts[c].needs, level, self.twin.without[c])

    def own_level(self, c: str, level: Mapping[str, float], taken: set[str]) -> float:
        """Level of a component; the need of those that are `taken` to go on without it counts as 1."""
        if self.up[c] == 0:
            return 0.0
        part, need = self.parts[c], self.need(c, level)
        if c in taken and self.can_go_on(c, level):
            need = 1.0
        served = min(self.up[c] / self.twin.chunks[c], need)
        for want in part.wants:
            served *= 1 - want.share * (1 - level[want.name])
        served *= min(1.0, part.headroom / math.prod(self.surges[c]))
        return served if served >= TINY else 0.0

    def levels(self) -> dict[str, float]:
        """The greatest levels that satisfy all rules, circle by circle from below."""
        level = dict.fromkeys(self.order, 1.0)
        self.going_on: set[str] = set()
        for circle in self.twin.circles:
            self.circle_levels(circle, level)
        return level

    def circle_levels(self, circle: list[str], level: dict[str, float]) -> None:
        """Levels of components that need each other, from the top down.

        Those whose need is missing and who can go on without it are taken to do so, and levels are computed anew; those
        among them whose need is there after all return to its value.
        """
        taken: set[str] = set()
        level.update(dict.fromkeys(circle, 1.0))
        while more := self.come_down(circle, level, taken):
            taken |= more
            level.update(dict.fromkeys(circle, 1.0))
        back: set[str] = set()
        while gone := {c for c in taken - back if self.need(c, level) > 0}:
            back |= gone
            taken -= gone
            while more := self.come_down(circle, level, taken):
                taken |= more
                self.story.flickers = True
        self.going_on |= taken

    def come_down(self, circle: list[str], level: dict[str, float], taken: set[str]) -> set[str]:
        """Levels come down until they rest, or until somebody's need comes to 0 who can go on without it: who."""
        for _ in range(5000):
            after = {c: self.own_level(c, level, taken) for c in circle}
            more = {c for c in circle if self.up[c] and self.need(c, level) <= 0 and self.can_go_on(c, level)} - taken
            if more:
                return more
            still = all(abs(after[c] - level[c]) < 1e-14 for c in circle)
            level.update(after)
            if still:
                break
        return set()

    # ----------------------------------------------------------------------- §3.2 settle

    def settle(self) -> None:
        while True:
            self.hold_down()
            self.fall_and_come_back()
            self.note_stopped()
            for c in self.order:
                self.keep_riding(c)
            if not self.trip():
                break
        self.return_starts()
        self.suspend_repairs()

    def hold_down(self) -> None:
        for c in self.order:
            most = self.allowed(c)
            self.up[c] = min(self.up[c], most)

    def allowed(self, c: str) -> int:
        return max(0, self.twin.chunks[c] - sum(self.holds[c]))

    def fall_and_come_back(self) -> None:
        """From below, circle by circle: the surges of those who come back act, then those whose need is missing fall."""
        while True:
            self.level = self.levels()
            if not any(self.surges_of(circle) or self.falls_of(circle) for circle in self.twin.circles):
                return

    def surges_of(self, circle: list[str]) -> bool:
        """Some of these come back; True when that brings a surge."""
        back = [c for c in circle if self.up[c] and not self.ran[c] and self.stays(c)]
        for c in back:
            self.ran[c] = True
        return any([self.surge_back(c) for c in back])

    def falls_of(self, circle: list[str]) -> bool:
        falling = [c for c in circle if self.up[c] and not self.stays(c)]
        for c in falling:
            self.up[c] = 0
        return bool(falling)

    def stays(self, c: str) -> bool:
        return self.need(c, self.level) > 0 or self.can_go_on(c, self.level)

    def note_stopped(self) -> None:
        for c in self.order:
            if self.ran[c] and not self.up[c]:
                self.since[c] = self.now
                self.forced[c] = False
                self.end_ride(c)
            self.ran[c] = self.up[c] > 0

    def keep_riding(self, c: str) -> None:
        """§4, and the end of being forced (§8)."""
        if not self.up[c]:
            return
        met = self.need(c, self.level) > 0 and c not in self.going_on
        if met:
            self.forced[c] = False
        if met or self.runs_forced(c, self.level):
            self.end_ride(c)
        elif self.ride[c] is None:
            n = self.count("ride", c) + 1
            length = self.hours([self.parts[c].rides], salt("component", c), "RIDE", n)
            self.ride[c] = self.at(self.now + length, RIDE, self.place[c], lambda: self.ride_over(c))

    def end_ride(self, c: str) -> None:
        self.cancel(self.ride[c])
        self.ride[c] = None
        self.rode[c] = False

    def ride_over(self, c: str) -> None:
        self.rode[c] = True

    def return_starts(self) -> None:
        for c in self.order:
            job = self.start[c]
            if job and not self.may_start(c, job.forced):
                self.lose_start(c)

    def lose_start(self, c: str) -> None:
        job = self.start[c]
        if job is None:
            return
        self.cancel(job.event)
        self.start[c] = None
        if job.forced:
            self.forget_glass(c)

    def suspend_repairs(self) -> None:
        for c in self.order:
            job = self.repair[c]
            if job and self.repairing[c] and not self.may_repair(c, job.forced):
                self.count("suspended", c)
                self.cancel(job.event)
                job.left *= max(0.0, 1 - (self.now - job.at) / job.lasts) if job.lasts > 0 else 0.0
                job.crew = {}
                self.repairing[c] = False

    # ----------------------------------------------------------------------- §9 overload

    def trip(self) -> bool:
        if not any(self.parts[c].overload is not None for c in self.order):
            return False
        load, loaded = self.loads()
        tripping = []
        for c in self.order:
            most = self.parts[c].overload
            if most is None:
                continue
            if not self.up[c]:
                self.tripped[c] |= self.throttled(c)
            elif load[c] <= most * (1 + TINY):
                self.tripped[c] &= self.throttled(c) and c not in loaded
            elif not self.tripped[c]:
                tripping.append(c)
        for c in tripping:
            self.count("trip", c)
            self.tripped[c] = True
            self.up[c] = 0
        return bool(tripping)

    def throttled(self, c: str) -> bool:
        """Whether load is kept off it while it comes back, if anybody needs it."""
        start = self.parts[c].start
        return bool(start and start.throttled) and any(c in leaves(p.needs) for p in self.parts.values())

    def loads(self) -> tuple[dict[str, float], set[str]]:
        """The load of each, and on whom somebody puts one."""
        load = {c: math.prod(self.surges[c]) for c in self.order}
        for _ in self.order:
            put: dict[str, float] = {}
            for c in self.order:
                if self.up[c]:
                    self.put_load(c, self.parts[c].needs, load[c], put)
            load = {c: math.prod(self.surges[c]) * put.get(c, 1.0) for c in self.order}
        return load, set(put)

    def put_load(self, c: str, need: Need | None, load: float, put: dict[str, float]) -> None:
        """What a running component puts on each member of its need that is not on a circle with it."""
        if need is None:
            return
        if need.op == "leaf":
            if self.level[need.name] > 0 and need.name not in self.twin.circle[c]:
                put[need.name] = max(put.get(need.name, 0.0), load)
            return
        if need.op == "maybe" and not self.world.exists[str(need.where)]:
            return
        inner = [self.value(part, self.level) for part in need.of]
        match need.op:
            case "any":
                load /= max(1.0, sum(inner))
            case "at_least":
                load *= need.threshold / max(need.threshold, sum(inner))
            case "capacity":
                load /= max(TINY, sum(w * v for w, v in zip(need.weights, inner, strict=True)))
        for i, part in enumerate(need.of):
            if inner[i] > 0:
                self.put_load(c, part, load, put)

    # ----------------------------------------------------------------------- §5 calls

    def calls(self) -> bool:
        """Call standby components or send them back; True when something changed."""
        changed = False
        for calling, act in ((True, self.call), (False, self.send_back)):
            while turned := self.turned(calling):
                changed = True
                for c in turned:
                    act(c)
        return changed

    def turned(self, calling: bool) -> list[str]:
        """Those who are to be called (sent back), and are not yet."""
        return [c for c in self.order if self.parts[c].standby and self.called[c] != calling and self.wanted(c) == calling]

    def wanted(self, c: str) -> bool:
        standby = self.parts[c].standby
        if self.called[c] and not standby.failback and self.up[c]:
            return True
        return any(self.called[a] and self.level[a] <= standby.below for a in standby.stands_for)

    def call(self, c: str) -> None:
        self.called[c] = True
        self.tried[c] = 0
        self.known[c] = False
        self.since[c] = self.now
        n = self.count("call", c) + 1
        q = self.hidden_chance(c)
        if q > 0 and self.broken[c] == 0 and self.draw(salt("component", c), "DEAD", n) < q:
            self.broken[c] = self.twin.chunks[c]

    def hidden_chance(self, c: str) -> float:
        part = self.parts[c]
        return self.twin.hidden_chance(f"components.{c}.hidden", part.hidden, part.tested)

    def send_back(self, c: str) -> None:
        self.called[c] = False
        self.lose_start(c)
        self.up[c] = 0
        self.level[c] = 0.0

    # ----------------------------------------------------------------------- §6 start

    def may_start(self, c: str, forced: bool) -> bool:
        """Whether an off chunk could start now, people and a start under way excepted."""
        return self.startable(c) and (self.forced_need(c, self.level) > 0 if forced else self.start_met(c))

    def startable(self, c: str) -> bool:
        """The conditions for a start beside its needs."""
        off = self.twin.chunks[c] - self.up[c] - self.broken[c]
        start = self.parts[c].start
        barred = start is not None and start.on_site and bool(self.bars[c])
        return off > 0 and self.up[c] < self.allowed(c) and self.called[c] and not barred and self.pause[c] is None

    def start_met(self, c: str) -> bool:
        start = self.parts[c].start
        inner = self.value(start.needs if start else None, self.level)
        return self.need(c, self.level) > 0 and inner > 0

    def begin_start(self, c: str, forced: bool) -> None:
        part = self.parts[c]
        who = salt("component", c)
        crew = self.gather(c, "start", forced)
        if crew is None:
            return
        n = self.count("start", c) + 1
        start = part.start
        off = self.twin.chunks[c] - self.up[c] - self.broken[c]
        job = Job("start", min(off, self.allowed(c) - self.up[c]), 0.0, forced=forced, at=self.now, crew=crew)
        if forced:
            job.lasts = self.hours([part.break_glass.takes], who, "GLASS_TAKES", n)
        elif start and start.work:
            job.chunks = 1
            job.lasts = self.hours([start.work], who, "START", n) * self.units(c) / self.at_work(crew)
            if not self.known[c]:
                job.lasts += self.hours([start.detect, start.decide], who, "KNOW", n)
        elif start:
            known = self.tried[c] > 0  # a further try: it has been noticed and decided
            first = () if known else (start.detect, start.decide)
            steps = [d for d in (start.takes, *first, start.switch) if d]
            job.lasts = self.hours(steps, who, "START", n)
            every = [d for d in (start.takes, start.detect, start.decide, start.switch) if d]
            job.lasts += sum(d.per_outage for d in every) * (self.now - self.since[c])
        if not forced:
            job.lasts *= self.helped(c)
        self.start[c] = job
        job.event = self.at(self.now + job.lasts, STARTED, self.place[c], lambda: self.start_done(c, job, n))

    def units(self, c: str) -> float:
        return self.parts[c].count / self.twin.chunks[c]

    def at_work(self, crew: Mapping[str, int]) -> int:
        return sum(crew.values()) or 1

    def helped(self, c: str) -> float:
        return math.prod(h.factor for h in self.parts[c].helps if not self.up[h.name])

    def start_done(self, c: str, job: Job, n: int) -> None:
        part, who = self.parts[c], salt("component", c)
        self.start[c] = None
        works = self.chance(f"components.{c}.start.works", part.start.works if part.start else None)
        left_to_chance = n - (part.start.first_fail if part.start else 0)
        if left_to_chance <= 0:
            works = 0.0
        elif self.typical:  # §15: the first try by which it is likelier than not to have worked
            works = 1 - (1 - works) ** min(self.tried[c] + 1, left_to_chance)
        if not job.forced and not self.draw(who, "WORKS", n) < works:
            self.count("start failed", c)
            self.tried[c] += 1
            self.known[c] = True
            if part.start.retry:
                pause = self.hours([part.start.retry], who, "RETRY", n)
                self.pause[c] = self.at(self.now + pause, RETRY, self.place[c], lambda: self.pause_over(c))
            return
        off = self.twin.chunks[c] - self.up[c] - self.broken[c]
        self.tried[c] = 0
        self.up[c] += max(0, min(job.chunks, off, self.allowed(c) - self.up[c]))
        self.known[c] = self.up[c] < self.twin.chunks[c]
        self.forced[c] = job.forced
        if job.forced:
            self.count("forced start", c)
            self.forget_glass(c)

    def pause_over(self, c: str) -> None:
        self.pause[c] = None

    def surge_back(self, c: str) -> bool:
        """§6: the demand that follows its own outage; True when there is some."""
        surge = self.parts[c].surge
        if surge is None or self.now - self.since[c] < total(surge.after):
            return False
        n = self.count("surge", c) + 1
        self.surges[c].append(surge.factor)
        ends = self.now + self.hours([surge.lasts], salt("component", c), "SURGE", n)
        self.at(ends, CALM, self.place[c], lambda: self.surges[c].remove(surge.factor))
        return True

    # ----------------------------------------------------------------------- §7 repair

    def break_chunks(self, c: str, chunks: int) -> None:
        """Chunks break, those that are up first."""
        hit = min(chunks, self.twin.chunks[c] - self.broken[c])
        from_up = min(hit, self.up[c])
        self.broken[c] += hit
        self.up[c] -= from_up
        if self.up[c] + self.broken[c] == self.twin.chunks[c]:
            self.lose_start(c)

    def may_repair(self, c: str, forced: bool) -> bool:
        """Whether its repair could be under way, people and spares excepted."""
        repair = self.parts[c].repair
        if repair is None or not self.broken[c] or self.bars[c]:
            return False
        return forced or self.repair_met(c)

    def repair_met(self, c: str) -> bool:
        repair = self.parts[c].repair
        return repair is None or self.value(repair.needs, self.level) > 0

    def begin_repair(self, c: str, forced: bool) -> None:
        job = self.repair[c]
        if not self.keepers_there(c) or (job is None and self.spare(c) and not self.shelf[c]):
            return
        crew = self.gather(c, "repair", False)
        if crew is None:
            return
        if job is None:
            job = self.repair[c] = self.new_repair(c, forced, crew)
        job.forced = forced
        job.crew, job.at, self.repairing[c] = crew, self.now, True
        job.lasts = job.left / (self.at_work(crew) if job.shared else 1)
        job.event = self.at(self.now + job.lasts, REPAIRED, self.place[c], lambda: self.repair_done(c, job))

    def keepers_there(self, c: str) -> bool:
        """§11: what must be restored needs the keeper of the backup."""
        kept = [self.parts[owner].data.backup.kept for (owner, copy), f in self.lost.items() if copy == c and f.source == "backup"]
        return all(self.state(k) in ("running", "standby") for k in kept)

    def new_repair(self, c: str, forced: bool, crew: Mapping[str, int]) -> Job:
        part, who = self.parts[c], salt("component", c)
        n = self.count("repair", c) + 1
        job = Job("repair", self.broken[c], 0.0, forced=forced)
        if part.repair.work:
            job.chunks, job.shared = 1, True
            job.left = self.hours([part.repair.work], who, "REPAIR", n) * self.units(c)
        else:
            job.left = self.hours([part.repair.takes, part.repair.detect, part.repair.decide], who, "REPAIR", n)
        slower = self.helped(c) * math.prod(self.slows[c])
        job.left *= slower
        longer = 0.0
        if part.repair.work and not self.found[c]:
            self.found[c] = True
            longer += self.hours([part.repair.detect, part.repair.decide], who, "FIND", n) * slower
        if forced:
            self.count("forced repair", c)
            longer += self.hours([part.break_glass.takes], who, "GLASS_TAKES", n)
        longer += sum(filling.hours for (_, copy), filling in self.lost.items() if copy == c)
        job.left += longer * (self.at_work(crew) if job.shared else 1)
        if self.spare(c):
            self.shelf[c] -= 1
        return job

    def order_parts(self, c: str) -> None:
        """What repairs still need, and what is missing from the shelf, is on order."""
        job, each = self.repair[c], self.parts[c].repair.work is not None
        without = self.broken[c] - (job.chunks if job else 0)
        needed = without if each else min(without, 1)
        while self.shelf[c] + self.ordered[c] < self.spare(c).stock + needed:
            self.ordered[c] += 1
            n = self.count("order", c) + 1
            lead = self.hours([self.spare(c).lead], salt("component", c), "SPARE", n)
            self.at(self.now + lead, SPARE, self.place[c], lambda: self.spare_came(c))

    def spare_came(self, c: str) -> None:
        self.shelf[c] += 1
        self.ordered[c] -= 1

    def repair_done(self, c: str, job: Job) -> None:
        self.repair[c] = None
        self.repairing[c] = False
        self.broken[c] -= min(job.chunks, self.broken[c])
        self.found[c] &= self.broken[c] > 0
        self.destroyed[c] = False
        self.lost = {(owner, copy): filling for (owner, copy), filling in self.lost.items() if copy != c}

    # ----------------------------------------------------------------------- §8 break glass

    def clocks(self) -> None:
        for c in self.order:
            if not self.parts[c].break_glass:
                continue
            if self.forcing(c):
                continue
            if not self.in_vain(c):
                self.forget_glass(c)
            elif self.glass[c] is None and not self.may_force[c]:
                n = self.count("glass", c) + 1
                after = self.hours([self.parts[c].break_glass.after], salt("component", c), "GLASS_AFTER", n)
                self.glass[c] = self.at(self.now + after, GLASS, self.place[c], lambda c=c: self.glass_over(c))

    def forcing(self, c: str) -> bool:
        start, repair = self.start[c], self.repair[c]
        return bool((start and start.forced) or (repair and repair.forced and self.repairing[c]))

    def glass_over(self, c: str) -> None:
        self.glass[c] = None
        self.may_force[c] = True

    def forget_glass(self, c: str) -> None:
        self.cancel(self.glass[c])
        self.glass[c] = None
        self.may_force[c] = False

    def in_vain(self, c: str) -> bool:
        """Whether only its needs keep it from starting, or from being repaired."""
        start = self.startable(c) and not self.up[c] and not self.start_met(c)
        repair = self.broken[c] > 0 and not self.bars[c] and not self.repair_met(c)
        return bool(start or repair)

    # ----------------------------------------------------------------------- §10 people and the order of work

    def dispatch(self) -> None:
        for c in self.shelf:
            self.order_parts(c)
        for c in self.twin.work_order:
            forced = self.may_force[c] and not self.repair_met(c)
            if not self.repairing[c] and self.may_repair(c, forced):
                self.begin_repair(c, forced)
            if self.start[c] is None:
                if self.may_start(c, False):
                    self.begin_start(c, False)
                elif self.may_force[c] and not self.up[c] and self.may_start(c, True):
                    self.begin_start(c, True)
        self.on_duty()

    def jobs(self) -> list[Job]:
        return [j for j in self.start.values() if j] + [j for c, j in self.repair.items() if j and self.repairing[c]]

    def crew_of(self, c: str, kind: str, forced: bool) -> tuple[tuple[Crew, ...], bool]:
        """People a job asks for, and whether any number of them will do."""
        part = self.parts[c]
        if forced:
            return part.break_glass.people, False
        row = part.start if kind == "start" else part.repair
        return (row.people, row.work is not None) if row else ((), False)

    def gather(self, c: str, kind: str, forced: bool) -> dict[str, int] | None:
        """The people for a job, or None when it must wait for them."""
        crews, shared = self.crew_of(c, kind, forced)
        found: dict[str, int] = {}
        for crew in crews:
            free = self.free(crew.team)
            if shared:
                least, most = 1, crew.people
            else:
                least = most = min(crew.people, self.on_turn(crew.team))
            if free < least:
                return None
            found[crew.team] = min(free, most)
        return found

    def free(self, team: str) -> int:
        busy = sum(job.crew.get(team, 0) for job in self.jobs())
        return self.present(team) - busy

    def present(self, team: str) -> int:
        call, row = self.call_of[team], self.twin.model.teams[team]
        if call is None or not call["arrived"]:
            return 0
        on_call = row.people if row.on_call is None else row.on_call
        there = on_call if not call["mustered"] else row.people
        if call["turns"]:
            there = self.turn(team)
        return max(0, there - int(sum(self.taken[team])))

    def turn(self, team: str) -> int:
        row = self.twin.model.teams[team]
        return max(1, math.floor(row.people * total(row.shift) / 24.0))

    def on_turn(self, team: str) -> float:
        """The most a job can ask for: all who are on turn once the team works in turns."""
        call = self.call_of[team]
        return self.turn(team) if call and call["turns"] else math.inf

    def down(self, c: str) -> bool:
        return self.broken[c] > 0 or (self.called[c] and self.up[c] < self.twin.chunks[c])

    def teams_of(self, c: str) -> set[str]:
        """Teams whose people start it, repair it or force it."""
        part = self.parts[c]
        return {crew.team for row in (part.start, part.repair, part.break_glass) if row for crew in row.people}

    def call_team(self, team: str) -> None:
        if self.call_of[team] is not None:
            return
        n = self.count("team", team) + 1
        row, who = self.twin.model.teams[team], salt("team", team)
        arrives = self.hours([row.arrives], who, "ARRIVE", n)
        musters = arrives if row.musters is None else max(arrives, self.hours([row.musters], who, "MUSTER", n))
        call: dict[str, Any] = {"arrived": False, "mustered": False, "turns": False, "events": []}
        self.call_of[team] = call

        def come(what: str) -> Callable[[], None]:
            return lambda: call.update({what: True})

        place = list(self.call_of).index(team)
        call["events"] = [
            self.at(self.now + arrives, TEAM, place, come("arrived")),
            self.at(self.now + musters, TEAM, place, come("mustered")),
        ]
        if row.shift and total(row.shift) < 24.0:
            call["events"].append(self.at(self.now + musters + total(row.shift), TEAM, place, come("turns")))

    def on_duty(self) -> None:
        """Teams are called while something that needs their people is down; the others go home."""
        needed = {team for c in self.order if self.down(c) for team in self.teams_of(c)}
        for team in self.call_of:
            if team in needed and self.value(self.twin.model.teams[team].needs, self.level) > 0:
                self.call_team(team)
        for team, call in self.call_of.items():
            if call is not None and team not in needed:
                for event in call["events"]:
                    self.cancel(event)
                self.call_of[team] = None

    # ----------------------------------------------------------------------- §11 data

    def destroy(self, c: str, n: int) -> None:
        self.destroyed[c] = True
        self.begin_anew(c)
        for owner in self.order:
            data = self.parts[owner].data
            if data and c in self.copies(owner) and (owner, c) not in self.lost:
                self.lose_copy(owner, c, n)
        for owner in self.order:
            data = self.parts[owner].data
            if data and data.backup and data.backup.kept == c:
                self.lose_backup(owner, n)

    def copies(self, owner: str) -> list[str]:
        return list(self.parts[owner].data.copies) or [owner]

    def begin_anew(self, c: str) -> None:
        """A repair that had begun is lost."""
        if self.repair[c]:
            self.cancel(self.repair[c].event)
            self.repair[c], self.repairing[c] = None, False

    def lose_copy(self, owner: str, c: str, n: int) -> None:
        data, who = self.parts[owner].data, salt("component", c)
        held = [x for x in self.copies(owner) if (owner, x) not in self.lost]
        if held != [c]:
            if held[0] == c:
                self.tell_lost(owner, self.hours([data.lag], who, "LAG", n))
            self.fill(owner, c, "copy", n)
            return
        waiting = [x for x in self.copies(owner) if (owner, x) in self.lost and self.lost[owner, x].source == "copy"]
        source = "backup" if data.backup and not self.destroyed[data.backup.kept] else "nothing"
        if source == "backup":
            every = self.hours([data.backup.every], who, "LAG", n)
            self.tell_lost(owner, every * self.draw(who, "BACKUP_AGE", n))
        else:
            self.tell_lost(owner, math.inf)
        for x in [c, *waiting]:
            self.fill(owner, x, source, n)

    def lose_backup(self, owner: str, n: int) -> None:
        waiting = [x for x in self.copies(owner) if (owner, x) in self.lost and self.lost[owner, x].source == "backup"]
        held = any((owner, x) not in self.lost for x in self.copies(owner))
        if waiting and not held:
            self.tell_lost(owner, math.inf)
        for x in waiting:
            self.fill(owner, x, "copy" if held else "nothing", n)

    def fill(self, owner: str, x: str, source: str, n: int) -> None:
        """From where a copy that is gone gets its data; the repair of what it stands on begins anew."""
        data, who = self.parts[owner].data, salt("component", x)
        hours = 0.0
        if source == "copy":
            hours = self.hours([data.copy], who, "COPY", n)
        elif source == "backup":
            hours = self.hours([data.backup.restore], who, "RESTORE", n)
        self.lost[owner, x] = _Filling(source, hours)
        if self.repair[x] and self.spare(x):
            self.shelf[x] += 1
        self.begin_anew(x)

    def tell_lost(self, owner: str, hours: float) -> None:
        if hours > 0:
            self.story.data.append((owner, self.now, hours))

    # ----------------------------------------------------------------------- §12 hazards

    def come(self, time: float, name: str) -> None:
        """A misfortune that is given: a hazard, or a component that breaks whatever its state."""
        if name.startswith("!"):
            c = name[1:]
            self.at(time, FAILURES, self.place[c], lambda: self.break_chunks(c, self.twin.chunks[c]))
        else:
            self.at(time, ARRIVALS, list(self.hazards).index(name), lambda: self.arrive(name))

    def fail(self, c: str) -> None:
        """Its own failure, if it is running."""
        if self.up[c]:
            self.break_chunks(c, self.twin.chunks[c])

    def next_misfortune(self) -> None:
        """§12: the next of all misfortunes that arrive by themselves."""
        rates = [(name, rate) for name, rate in self.twin.rates() if rate > 0]
        whole = sum(rate for _, rate in rates)
        if whole == 0:
            return
        n = self.count("gap", "")
        when = self.now - math.log(self.draw(0, "GAP", n)) / whole
        which = self.draw(0, "ITEM", n) * whole
        name = rates[-1][0]
        for candidate, rate in reversed(rates):
            whole -= rate
            if which < whole:
                continue
            name = candidate
            break

        def come() -> None:
            self.next_misfortune()
            if name.startswith("!"):
                self.fail(name[1:])
            else:
                self.arrive(name)

        self.at(when, FAILURES, -1, come)

    def triggered(self, h: str) -> None:
        """A hazard set off by another: it does something with its chance."""
        hazard, n = self.hazards[h], self.counts.get(("hazard", h), 0)
        if self.draw(salt("hazard", h), "HAZARD_CHANCE", n) < self.chance(f"hazards.{h}.chance", hazard.chance):
            self.arrive(h)
        else:
            self.count("hazard", h)

    def arrive(self, h: str) -> int:
        n = self.count("hazard", h)
        hazard, who = self.hazards[h], salt("hazard", h)
        if hazard.costs:
            self.story.costs.append((h, self.now, self.amount(hazard.costs, who, n)))
        named = {
            name: self.now + self.hours([length], who, "LASTS", n, plus=64 * i)
            for i, (name, length) in enumerate((hazard.lasts or {}).items())
        }
        arrival = _Arrival(h, n, self.now, named)
        if hazard.again:
            length = self.hours([hazard.again.lasts], who, "AGAIN", n)
            self.raise_rate(h, hazard.again.factor, self.now + length, self.draw(who, "AGAIN", 64 * n + 63))
        for i, effect in enumerate(hazard.effects):
            self.plan(arrival, effect, f"{h}/{i}", self.now)
        return n

    def amount(self, money: Any, who: int, n: int) -> float:
        dist = money.dist
        return quantile(dist, 0.5 if dist.kind == "point" else self.draw(who, "COST", n * 64))

    def raise_rate(self, h: str, factor: float, until: float, u: float) -> None:
        """Extra arrivals of a raised rate: each raise brings its own."""
        more = (factor - 1) * self.twin.hazard_rate(h)
        if more > 0 and not self.typical:
            self.extra_arrival(h, more, until, u)

    def extra_arrival(self, h: str, more: float, until: float, u: float) -> None:
        when = self.now - math.log(u) / more

        def come() -> None:
            n = self.arrive(h)
            self.extra_arrival(h, more, until, self.draw(salt("hazard", h), "EXTRA", n))

        if when < until:
            self.at(when, ARRIVALS, list(self.hazards).index(h), come)

    def plan(self, arrival: _Arrival, effect: Effect, name: str, since: float) -> None:
        delay = self.hours([effect.after], salt("effect", name), "AFTER", arrival.n)
        if effect.since is not None:
            since = max(since, arrival.moment(effect.since))
        self.at(since + delay, BEGINS, self.twin.effects.index(name), lambda: self.begin(arrival, effect, name))

    def begin(self, arrival: _Arrival, effect: Effect, name: str) -> None:
        """The moment of an effect: does it happen, and what does it do."""
        who, n = salt("effect", name), arrival.n
        if effect.chance and not self.draw(who, "CHANCE", n) < self.chance(f"hazards.{name}.chance", effect.chance):
            return
        if any(self.barrier_works(arrival, b) for b in effect.unless):
            return
        if effect.when and self.value(effect.when, self.level) > 0:
            return
        self.happen(arrival, effect, name)
        for i, child in enumerate(effect.then):
            self.plan(arrival, child, f"{name}/{i}", self.now)

    def barrier_works(self, arrival: _Arrival, b: str) -> bool:
        """One luck for each arrival; but it cannot work while its own needs are not met."""
        barrier, who = self.twin.model.barriers[b], salt("barrier", b) ^ salt("hazard", arrival.hazard)
        works = self.draw(who, "BARRIER", arrival.n) < self.chance(f"barriers.{b}.works", barrier.works)
        dead = self.twin.hidden_chance(f"barriers.{b}.hidden", barrier.hidden, barrier.tested)
        if dead > 0 and self.draw(who, "BARRIER_DEAD", arrival.n) < dead:
            return False
        return works and self.value(barrier.needs, self.level) > 0

    def until(self, arrival: _Arrival, effect: Effect, name: str) -> float:
        end = effect.until or Until("cleared")
        plus = self.hours([end.plus], salt("effect", name), "UNTIL", arrival.n)
        if end.named is None:
            return self.now + plus
        return max(self.now, arrival.moment(end.named) + plus)

    def happen(self, arrival: _Arrival, effect: Effect, name: str) -> None:
        if effect.op == "trigger":
            if effect.factor == 1.0:
                self.at(self.now, ARRIVALS, list(self.hazards).index(effect.hazard), lambda: self.triggered(effect.hazard))
            else:
                u = self.draw(salt("effect", name), "EXTRA", arrival.n)
                self.raise_rate(effect.hazard, effect.factor, self.until(arrival, effect, name), u)
            return
        if effect.op == "take":
            size = self.twin.model.teams[effect.team].people
            away = round_half_up(effect.people * size) if effect.people_share else int(effect.people)
            struck = [(self.taken[effect.team], away)]
        else:
            struck = [self.strike(arrival, effect, name, c, chunks) for c, chunks in self.reached(arrival, effect, name)]
        if effect.op in ("hold", "bar", "surge", "slow", "take"):
            self.while_it_lasts(arrival, effect, name, struck)

    def reached(self, arrival: _Arrival, effect: Effect, name: str) -> list[tuple[str, int]]:
        """Components an effect reaches, each with how many of its chunks."""
        share = effect.target.share
        found = self.twin.targets(effect.target)
        if share >= 1:
            return [(c, self.twin.chunks[c]) for c in found]
        single = [c for c in found if self.twin.chunks[c] == 1]
        m = max(1, round_half_up(share * len(single)))
        first = 0 if self.typical else int(self.draw(salt("effect", name), "PICK", arrival.n) * len(single))
        chosen = {single[(first + i) % len(single)] for i in range(m)} if single else set()
        parts = [(c, max(1, round_half_up(share * self.twin.chunks[c]))) for c in found]
        return [(c, k if self.twin.chunks[c] > 1 else 1) for c, k in parts if self.twin.chunks[c] > 1 or c in chosen]

    def strike(self, arrival: _Arrival, effect: Effect, name: str, c: str, chunks: int) -> tuple[list, float] | None:
        """What an effect does to a component; for one that lasts, where it acts and how much."""
        match effect.op:
            case "hold":
                return self.holds[c], chunks
            case "surge":
                return self.surges[c], effect.factor
            case "slow":
                return self.slows[c], effect.factor
            case "bar":
                return self.bars[c], 1
            case "break":
                self.break_chunks(c, chunks)
            case "destroy":
                self.break_chunks(c, chunks)
                self.destroy(c, self.counts["hazard", arrival.hazard])
            case "reveal":
                q = self.hidden_chance(c)
                who = salt("effect", name) ^ salt("component", c)
                if q > 0 and self.draw(who, "REVEAL", arrival.n) < q:
                    self.break_chunks(c, self.twin.chunks[c])
        return None

    def while_it_lasts(self, arrival: _Arrival, effect: Effect, name: str, struck: list[tuple[list, float]]) -> None:
        for acting, how_much in struck:
            acting.append(how_much)

        def end() -> None:
            for acting, how_much in struck:
                acting.remove(how_much)

        if effect.until and effect.until.back:
            self.lasting.append(_Lasting(name, arrival.n, effect.until.back, effect.until.plus, end))
        else:
            self.at(self.until(arrival, effect, name), ENDS, self.twin.effects.index(name), end)

    # ----------------------------------------------------------------------- §13, §14 what is told

    def spend(self, until: float) -> None:
        """Time passes: what the services miss meanwhile."""
        for held in self.open.values():
            held[1] += held[2] * (until - self.now)

    def close(self) -> None:
        """The instant is over."""
        for c in self.order:
            shows = (self.state(c), self.up[c])
            if shows != self.shown[c]:
                self.shown[c] = shows
                self.story.states.append((self.now, c, *shows))
        for service in self.twin.model.services:
            self.note(service)

    def note(self, service: Component) -> None:
        level, s = self.level[service.id], service.id
        serves = service.tolerance.serves if service.tolerance else 0.5
        kind = "" if level >= self.at_rest[s] - TINY else "out" if level < serves - TINY else "degraded"
        for other in ("out", "degraded"):
            if other != kind and (s, other) in self.open:
                start, lost, _ = self.open.pop((s, other))
                self.story.outages.append((s, other, start, self.now, lost))
        if kind:
            held = self.open.setdefault((s, kind), [self.now, 0.0, 0.0])
            held[2] = self.at_rest[s] - level

    def finish(self) -> None:
        stuck = [c for c in self.order if not self.restful(c)]
        if self.queue or (self.background and not stuck):
            self.spend(self.horizon)
            self.now = self.horizon
        for (s, kind), (start, lost, _) in self.open.items():
            if start == self.now:
                continue
            self.story.outages.append((s, kind, start, self.now, lost))
        self.story.end = self.now
        for (noun, _), n in self.counts.items():
            self.story.happened[noun] = self.story.happened.get(noun, 0) + n
        self.story.stuck = [] if self.queue else stuck

    def restful(self, c: str) -> bool:
        standby = self.parts[c].standby
        if standby and not self.called[c]:
            return self.broken[c] == 0
        return self.up[c] == self.twin.chunks[c] and (standby is None or not standby.failback)


@dataclass(frozen=True)
class _Filling:
    """From where a copy that is gone gets its data ("copy", "backup" or "nothing"), and how long that takes."""

    source: str
    hours: float


@dataclass(eq=False)
class _Lasting:
    """An effect that lasts until `back` serves again, and `plus` longer."""

    effect: str
    n: int
    back: str
    plus: Duration | None
    end: Callable[[], None]


@dataclass
class _Arrival:
    """One arrival of a hazard: which, its number, when, and its named times."""

    hazard: str
    n: int
    time: float
    named: dict[str, float]

    def moment(self, name: str) -> float:
        """When a named time is; `cleared` is the last of them."""
        return max(self.named.values(), default=self.time) if name == "cleared" else self.named[name]
