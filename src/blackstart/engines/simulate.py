"""In time: one rehearsal, or thousands of episodes (docs/explanation/episodes.md).

These functions hand jobs to the compiled kernel and gather what it writes. They see a System, settings and a seed; never
names, clock or disk. Whatever the number of threads, sample k is sample k, and the rows come in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from blackstart.engines import layout as y
from blackstart.engines.bundle import for_compiled
from blackstart.engines.kernel import run
from blackstart.system import HOURS_PER_YEAR, Parameter, System, World

MOST_EVENTS = 2_000_000  # in one run of plain years; a path that meets its limit is flagged and the result says so
COURSE_EVENTS, COURSE_EVENTS_OF_ONE = 20_000, 200  # in one course or episode: so many, and so many more for each component
RESCUE_H = 90 * 24.0  # §14
BUSY_SHARE = 0.5  # of the time in episodes: above it plain years are played instead
PILOT_JOBS = 600
PILOT_SLICE = 30
SLICE, SLICE_OF_COMPONENTS = 500, 500_000  # jobs played at a time, so that Ctrl-C is heard; fewer where one may be long
PILOT_EVENTS = 20_000
MOST_UNENDING = 0.05  # share of a pilot's paths that may meet that limit
YEARS_OF_RUN = 10
_NO_TRACE = np.zeros((0, y.TRACE_COLUMNS))


METHODS = ("auto", "episodes", "years")


@dataclass(frozen=True, slots=True)
class Study:
    """What is asked of `assess`, and how carefully.

    worlds : possible worlds drawn (Latin hypercube over all parameters); the outer loop, ignorance.
    samples : episodes (or plain years, rounded up to tens) in each world; the inner loop, chance.
    depth : further misfortunes that are forced into an episode, one after the other; with none, what begins while something
        is broken would be missing from every number.
    method : ``auto``, ``episodes`` or ``years``.
    """

    worlds: int = 200
    samples: int = 200
    depth: int = 2
    seed: int = 1
    method: str = "auto"
    threads: int = 2

    def __post_init__(self) -> None:
        for name in ("worlds", "samples", "depth", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"Study: {name} must be at least 1, not {getattr(self, name)}")
        if self.method not in METHODS:
            raise ValueError(f"Study: method must be one of {', '.join(METHODS)}, not {self.method!r}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A misfortune given with its time: hazard number `index`, or the breaking of component number `index`."""

    at_h: float
    is_hazard: bool
    index: int


@dataclass(frozen=True)
class Sample:
    """What was played.

    paths : (P, 7) float64: world, weight (per year), length (h), flags, events, first item, forced misfortunes.
    rows : (R, 6) float64: path, what (layout.ROW_...), id, and three values.
    worlds : number of worlds that were finished.
    busy_share : (worlds,) float64, mean length of episodes x their rate: the time in trouble for each unit of rest.
    years : years played in each world if plain years were played, else 0.
    number : (P,) int64, the sample that each path is: what is drawn for it afterwards (money, the hour of the week) is drawn by
        this number, so that sample k meets the same luck whatever the design. Paths of one episode share it.
    rates : (worlds, 1 + items) float64, how often a year each item begins an episode; before them 1, for what no item begins.
    """

    paths: np.ndarray
    rows: np.ndarray
    worlds: int
    busy_share: np.ndarray
    years: float
    events: int
    interrupted: bool
    number: np.ndarray
    rates: np.ndarray

    @property
    def world_of_path(self) -> np.ndarray:
        return self.paths[:, 0].astype(np.int64)


class _Engine:
    """One kernel with its memory; grows it when the kernel says that it needs more.

    most_events : in one path; unless given (0), so many that a course which comes to rest does not meet it.
    """

    def __init__(self, system: System, depth: int, most_events: int = 0) -> None:
        self.system = system
        self.depth = depth
        self.most_events = most_events or COURSE_EVENTS + COURSE_EVENTS_OF_ONE * len(system.components)
        self.slice = max(1, min(SLICE, SLICE_OF_COMPONENTS // max(1, len(system.components))))
        self.stop: list[bool] = []  # not empty: whoever plays gives up
        self.arrays = for_compiled(system.arrays)
        self.world: World | None = None
        self.packed: tuple = ()
        self.ends = np.zeros(0, np.int64)
        self.tables = {"paths": np.zeros((1024, y.PATH_COLUMNS)), "rows": np.zeros((4096, y.ROW_COLUMNS)), "trace": _NO_TRACE}
        self.make_room()

    def make_room(self, heap: int = 0, new: int = 0) -> None:
        """Memory for so many timers, and so many new ones in one instant."""
        memory = y.memory(self.system.arrays, self.depth, heap_size=heap, new_size=new)
        self.room, self.memory = memory.new.size, for_compiled(memory)

    def play_many(
        self, world: World, seed: int, samples: np.ndarray, items: np.ndarray, weights: np.ndarray, **how: Any
    ) -> tuple[np.ndarray, np.ndarray, int]:
        """Paths, rows, events of these jobs, played in slices.

        Raises
        ------
        KeyboardInterrupt
            Stopped by hand.
        """
        parts, n_paths, events = [], 0, 0
        for k in range(0, samples.size, self.slice):
            if self.stop:
                raise KeyboardInterrupt
            some = slice(k, k + self.slice)
            paths, rows, _, n = self.play(world, seed, samples[some], items[some], weights[some], **how)
            rows[:, 0] += n_paths
            n_paths, events = n_paths + paths.shape[0], events + n
            parts.append((paths, rows))
        return _stack([p for p, _ in parts], y.PATH_COLUMNS), _stack([r for _, r in parts], y.ROW_COLUMNS), events

    def play(
        self, world: World, seed: int, samples: np.ndarray, items: np.ndarray, weights: np.ndarray, *,
        hits: Sequence[Hit] = (), natural: bool = False, horizon_h: float = math.inf, rescue_h: float = RESCUE_H,
        typical: bool = False, trace: bool = False,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:  # fmt: skip
        """Paths, rows, trace rows, events of these jobs; `ends` (J,) says where in the trace each of them ends."""
        self.ends = np.zeros(samples.size if trace else 0, np.int64)
        if trace and self.tables["trace"].shape[0] == 0:
            self.tables["trace"] = np.zeros((max(65536, 4 * self.system.arrays.component.size), y.TRACE_COLUMNS))
        script = sorted(hits, key=lambda h: h.at_h)
        room = len(script) + self.depth + 64
        if self.room < room:
            self.make_room(new=room)
        times = np.array([h.at_h for h in script], float)
        kinds = np.array([0 if h.is_hazard else 1 for h in script], np.int64)
        ids = np.array([h.index for h in script], np.int64)
        if world is not self.world:
            self.world, self.packed = world, (world.on(self.arrays), for_compiled(world))
        (arrays, packed), out = self.packed, np.zeros(5, np.int64)
        while True:
            tables = self.tables if trace else self.tables | {"trace": _NO_TRACE}
            run(
                arrays, packed, self.memory, for_compiled(y.Out(**tables, ends=self.ends)), seed, samples, items, weights, self.depth,
                natural, horizon_h, rescue_h, self.most_events, times, kinds, ids, typical, out,
            )  # fmt: skip
            heap, events, needed = int(out[4]), int(out[3]), dict(zip(tables, (int(n) for n in out[:3]), strict=True))
            if heap > 0:  # it stopped in the middle: begin anew with more room
                self.make_room(2 * heap, max(room, heap))
                continue
            small = [name for name, n in needed.items() if n > tables[name].shape[0] and (name != "trace" or trace)]
            if not small:
                paths, rows, told = (tables[name][:n].copy() for name, n in needed.items())
                return paths, rows, told, events
            for name in small:
                n = needed[name]
                self.tables[name] = np.zeros((n + n // 2, tables[name].shape[1]))


class Given(NamedTuple):
    """Outcomes on demand that are not left to chance: World.given."""

    chances: Mapping[int, float] = {}
    doubtful: Mapping[int, bool] = {}


_NOTHING = Given()


@dataclass(frozen=True)
class Story:
    """One path, told: paths (1, 6), rows (R, 6) and trace (T, 5) as in layout.py."""

    path: np.ndarray
    rows: np.ndarray
    trace: np.ndarray


def rehearse(
    system: System, hits: Sequence[Hit], *, seed: int = 1, sample: int = 0, typical: bool = True, given: Given = _NOTHING, runs: int = 0
) -> Story:
    """One scenario, played once: at typical values, or as random sample number `sample` in the typical world.

    runs : if above 0, the world is that in which `rehearse_many` of so many runs plays run number `sample`: that run, told.
    """
    engine = _Engine(system, 0)
    one = np.array([sample], np.int64)
    world = next(possible_worlds(system, runs, seed, some=one)) if runs else system.world()
    paths, rows, trace, _ = engine.play(
        world.given(*given), seed, one, np.array([-1]), np.ones(1), hits=hits, rescue_h=math.inf, typical=typical, trace=True
    )
    return Story(paths[0], rows, trace)


def rehearse_many(
    system: System, hits: Sequence[Hit], *, runs: int, seed: int = 1, given: Given = _NOTHING, rescue_h: float = math.inf,
    progress: Callable[[int, int], None] | None = None, watch: Callable[[int, np.ndarray], None] | None = None, partial: bool = False,
) -> Sample:  # fmt: skip
    """One scenario, played many times at random, each time in another possible world.

    rescue_h : when what would never come back is rescued (§14).
    watch : is given the number and the trace of each run.
    partial : Ctrl-C keeps the runs that are finished, perhaps none; else it goes on to the caller.
    """
    engine = _Engine(system, 0)
    paths, rows, done, events, interrupted = [], [], 0, 0, False
    try:
        for r, world in enumerate(possible_worlds(system, runs, seed)):
            p, w, trace, n = engine.play(
                world.given(*given), seed, np.array([r]), np.array([-1]), np.ones(1) / runs, hits=hits, rescue_h=rescue_h,
                trace=watch is not None,
            )  # fmt: skip
            if watch:
                watch(r, trace)
            w[:, 0] = r
            paths.append(np.column_stack([[r], p]))
            rows.append(w)
            done, events = done + 1, events + n
            if progress:
                progress(done, runs)
    except KeyboardInterrupt:
        if not partial:
            raise
        interrupted = True
    rates = np.ones((done, 1))
    return Sample(_stack(paths, 7), _stack(rows, 6), done, np.zeros(done), 0.0, events, interrupted, np.arange(done), rates)


class Redrawn:
    """One run of `rehearse_many`, played again and again with the luck of some of its parts drawn anew.

    Every number hangs on the salt of the part that it befalls (`draws`): with another salt it is another draw from the same
    distribution, independent of all others, while all other parts meet the luck that they had.
    """

    TABLES = ("component", "team", "effect", "hazard", "barrier")

    def __init__(self, system: System, hits: Sequence[Hit], *, runs: int, seed: int, sample: int) -> None:
        self.own = {name: getattr(system.arrays, name).copy() for name in self.TABLES}
        self.system = replace(system, arrays=system.arrays._replace(**self.own))
        self.hits, self.runs, self.seed, self.sample = hits, runs, seed, sample
        self.world = next(possible_worlds(system, runs, seed, some=np.array([sample])))
        self.engine = _Engine(self.system, 0)

    def salt(self, table: str, index: int, salt: int) -> int:
        """Gives a part another salt; returns the one that it had."""
        had = int(self.own[table]["salt"][index])
        self.own[table]["salt"][index] = salt
        return had

    def trace(self) -> np.ndarray:
        """What happens with the salts as they are, as in layout.py; what would never come back is rescued (§14)."""
        self.engine.world = None  # a world may hold copies of the tables
        return self.engine.play(
            self.world, self.seed, np.array([self.sample]), np.array([-1]), np.ones(1), hits=self.hits, rescue_h=RESCUE_H, trace=True
        )[2]

    def story(self) -> Story:
        """The same, told; nothing is rescued."""
        return rehearse(self.system, self.hits, seed=self.seed, sample=self.sample, typical=False, runs=self.runs)


class Player:
    """Plays one scenario after another on the same memory; what would never come back is rescued after 90 days (§14)."""

    def __init__(self, system: System) -> None:
        self.engine = _Engine(system, 0)
        self.median, self.mean = system.world(), system.mean_world()

    def typical(self, hits: Sequence[Hit], given: Given = _NOTHING, lasting: World | None = None) -> tuple[float, np.ndarray, bool]:
        """At typical values (of durations: those of a world): hours until rest, rows (R, 6) as in layout.py, whether it was rescued."""
        lasting = lasting or self.median
        paths, rows, _, _ = self.engine.play(
            self.median._replace(terms=lasting.terms, tables=lasting.tables).given(*given), 1, np.zeros(1, np.int64), np.array([-1]),
            np.ones(1), hits=hits, typical=True,
        )  # fmt: skip
        return float(paths[0, 1]), rows, bool(int(paths[0, 2]) & y.FLAG_STUCK)

    def story(self, hits: Sequence[Hit], given: Given = _NOTHING) -> Story:
        """At typical values, with the trace of all that happens."""
        paths, rows, trace, _ = self.engine.play(
            self.median.given(*given), 1, np.zeros(1, np.int64), np.array([-1]), np.ones(1), hits=hits, typical=True, trace=True
        )
        return Story(paths[0], rows, trace)

    def by_chance(self, hits: Sequence[Hit], given: Given, plays: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """So many plays at random in the mean world: paths (plays, 6) and rows (R, 6) as in layout.py."""
        paths, rows, _, _ = self.engine.play(
            self.mean.given(*given), seed, np.arange(plays), np.full(plays, -1), np.ones(plays), hits=hits
        )
        return paths, rows

    def told(self, hits: Sequence[Hit], given: Given, plays: int, seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
        """As `by_chance`: paths (plays, 6), and of each play the trace (T, 5) of all that happens."""
        paths, _, trace, _ = self.engine.play(
            self.mean.given(*given), seed, np.arange(plays), np.full(plays, -1), np.ones(plays), hits=hits, trace=True
        )
        return paths, np.split(trace, self.engine.ends[:-1])

    def changed(self, hits: Sequence[Hit]) -> set[int]:
        """The components whose state changes at typical values."""
        trace = self.story(hits).trace
        return set(trace[trace[:, 1] == y.T_STATE, 2].astype(int).tolist())


class Look(NamedTuple):
    """Where to look: time in trouble for each unit of rest, and the chance with which each item begins a sampled episode."""

    busy: float
    choice: np.ndarray


def assess(
    system: System, study: Study, progress: Callable[[int, int], None] | None = None, *, mean: bool = False, look: Look | None = None,
    partial: bool = False,
) -> Sample:  # fmt: skip
    """Years of chance: all that may happen, each as often as it does.

    Episodes (unbiased, see docs/explanation/episodes.md) unless the system is in trouble so much of the time that episodes
    would not end; then plain years.

    mean : play only the world in which every rate and chance has its mean, `study.worlds` times.
    look : a pilot's answer, so that two systems that differ little are looked at in the same way; unless given, one is played.
    partial : Ctrl-C keeps the worlds that are finished, if there are any; else it goes on to the caller.
    """
    busy, choice = look or pilot(system, study)
    method = study.method
    if method == "auto":
        method = "years" if busy > BUSY_SHARE else "episodes"
    if method == "years":
        sample = _gather(system, study, progress, lambda e, w, world: _years(e, w, world, study), None, mean)
    else:
        sample = _gather(system, study, progress, lambda e, w, world: _episodes(e, w, world, study, choice), choice, mean)
    if sample.interrupted and not (partial and sample.worlds):
        raise KeyboardInterrupt
    return sample


def beginnings(chance: np.ndarray, study: Study) -> np.ndarray:
    """Which misfortune begins each sample of each world: (worlds, samples) int64, in proportion to `chance` (adds up to 1)."""
    return np.array([_spread(chance, study.samples, _offset(study.seed, w)) for w in range(study.worlds)])


def _offset(seed: int, w: int) -> float:
    return float(np.random.Generator(np.random.Philox(key=seed, counter=[w, 0, 0, 1])).random())


class View(NamedTuple):
    """Where a system is looked at: the same way as others, where their items go by the same names.

    begin : (worlds, samples) int64, the item with which each sample begins; -1 where the system has no such item: nothing happens.
    chance : (items,) float64, with what chance each item was chosen for a sample; further misfortunes are looked for likewise.
    happens : (items,) bool, what happens by itself at all.
    """

    begin: np.ndarray
    chance: np.ndarray
    happens: np.ndarray


def replay(system: System, study: Study, view: View) -> Sample:
    """The same episodes in another design: every sample begins with the misfortune that is given for it, or not at all."""
    samples = np.flatnonzero(view.begin.reshape(-1) >= 0)
    nothing = np.zeros((0, y.PATH_COLUMNS)), np.zeros((0, y.ROW_COLUMNS)), 0, np.zeros(0, np.int64), np.zeros(view.chance.size)
    parts: dict[int, tuple] = dict.fromkeys(range(study.worlds), nothing)
    for played in replay_some(system, study, view, samples):
        w = int(played.number[0]) // view.begin.shape[1]
        parts[w] = (played.paths, played.rows, played.events, played.number, played.rate)
    return _joined(parts, 0.0, False)


class Played(NamedTuple):
    """Some samples of one possible world.

    samples : (J,) int64, their numbers. number : (P,) int64, the sample that each path is.
    paths, rows, trace : (P, 6), (R, 6), (Q, 5) as in layout.py; paths weigh as many events per hour as they stand for, from rest.
    ends : (J,) int64, where in the trace each sample ends; of no length where no trace was asked for.
    rate : (items,) per hour, of each item in this world.
    """

    samples: np.ndarray
    number: np.ndarray
    rate: np.ndarray
    paths: np.ndarray
    rows: np.ndarray
    trace: np.ndarray
    ends: np.ndarray
    events: int


def replay_some(
    system: System, study: Study, view: View, samples: np.ndarray, told: np.ndarray | None = None
) -> Iterator[Played]:
    """Some samples of `replay`, world by world.

    Parameters
    ----------
    samples : (J,) int64
        Their numbers (world x samples + place), ascending; each must begin with a misfortune of this system.
    told : (J,) bool, optional
        Those that are played with their trace, which takes longer; in each world they come first.
    """
    n = view.begin.shape[1]
    engine = _Engine(system, study.depth)
    of_world, told = samples // n, np.zeros(samples.size, bool) if told is None else told
    wanted = np.unique(of_world)
    for w, world in zip(wanted.tolist(), possible_worlds(system, study.worlds, study.seed, view.chance, wanted), strict=True):
        if not view.happens.all():
            world = world.only(view.happens, view.chance)
        for with_trace in (True, False):
            some = samples[(of_world == w) & (told == with_trace)]
            if some.size:
                items = view.begin[w, some - w * n]
                weights = world.rate[items] / view.chance[items] / n
                paths, rows, trace, events = engine.play(world, study.seed, some, items, weights, trace=with_trace)
                yield Played(some, _numbers(paths, some), world.rate, paths, rows, trace, engine.ends, events)


# ----------------------------------------------------------------------------- worlds


def possible_worlds(
    system: System, n: int, seed: int, look: np.ndarray | None = None, some: np.ndarray | None = None
) -> Iterator[World]:
    """n possible worlds by Latin hypercube: every parameter is spread evenly over its quantiles.

    look : where the engine should look for further misfortunes, a chance for each item (see `System.worlds`).
    some : numbers of those that are wanted; unless given, all.
    """
    values = np.array([_values(p, n, seed) for p in system.parameters]).reshape(-1, n)
    u = np.array([_spread_evenly(n, seed, f"exists {system.parameters[p].path}") for p in system.doubtful]).reshape(-1, n).T
    yield from system.worlds_of(*((values, u) if some is None else (values[:, some], u[some])), look)


@lru_cache(2)
def _of_worlds(n: int, seed: int) -> dict[str | Parameter, np.ndarray]:
    """What was drawn for n worlds of a seed, of the last two that were asked for: all designs draw the same, another seed none of it."""
    return {}


def _values(parameter: Parameter, n: int, seed: int) -> np.ndarray:
    """The values of a parameter in n worlds: the same for all designs that say the same of it."""
    kept = _of_worlds(n, seed)
    if parameter not in kept:
        kept[parameter] = parameter.dist.quantile(_spread_evenly(n, seed, parameter.doubt))
    return kept[parameter]


def _spread_evenly(n: int, seed: int, name: str) -> np.ndarray:
    """One number in each n-th part of (0, 1), in random order: by name, so that a parameter keeps its values when others come."""
    kept = _of_worlds(n, seed)
    if name not in kept:
        rng = np.random.Generator(np.random.Philox(key=[seed, y.salt("parameter", name)]))
        kept[name] = (rng.permutation(n) + rng.random(n)) / n
    return kept[name]


# ----------------------------------------------------------------------------- episodes


def _initiators(system: System) -> np.ndarray:
    """Items that can begin an episode: hazards, and components that run when all is at rest. (I,) bool."""
    item = system.arrays.item
    standby = system.arrays.component["standby"] == 1
    is_component = item["is_hazard"] == 0
    can = np.ones(item.size, bool)
    can[is_component] = ~standby[item["id"][is_component]]
    return can


def pilot(system: System, study: Study) -> Look:
    """A first look in the mean world: how busy the system is, and which initiators deserve samples."""
    world = system.mean_world()
    rate = np.where(_initiators(system), world.rate, 0.0)
    if rate.sum() <= 0.0:
        return Look(0.0, np.zeros(rate.size))
    hazards = (system.arrays.item["is_hazard"] == 1) & (rate > 0)
    share = rate / rate.sum()
    root = np.sqrt(share) / np.sqrt(share).sum()
    even = hazards / hazards.sum() if hazards.any() else root
    first = (share + even + root) / 3.0
    engine = _Engine(system, study.depth, PILOT_EVENTS)
    items = _spread(first, max(PILOT_JOBS, min(4 * int((rate > 0).sum()), 4 * PILOT_JOBS)), 0.5)
    weights = rate[items] / first[items] / items.size
    parts, n_paths = [], 0
    for k in range(0, items.size, PILOT_SLICE):  # in slices, so that Ctrl-C is heard
        some = slice(k, k + PILOT_SLICE)
        p, r, _, _ = engine.play(world, study.seed ^ 0x5EED, np.arange(items.size)[some], items[some], weights[some])
        if ((p[:, 2].astype(np.int64) & y.FLAG_EVENTS) > 0).mean() > MOST_UNENDING:
            return Look(math.inf, first)  # episodes do not end here
        r[:, 0] += n_paths
        n_paths += p.shape[0]
        parts.append((p, r))
    paths, rows = _stack([p for p, _ in parts], y.PATH_COLUMNS), _stack([r for _, r in parts], y.ROW_COLUMNS)
    busy = float((paths[:, 0] * paths[:, 1]).sum())
    # worth looking at: what loses service, what loses it for long, and what leaves time for further misfortune
    worth = np.zeros((paths.shape[0], 5))
    out = rows[rows[:, 1] <= y.ROW_DEGRADED]
    index = out[:, 0].astype(np.int64)
    np.add.at(worth[:, 0], index, out[:, 5])
    for k, long_h in enumerate((1.0, 24.0, 120.0), start=1):
        np.maximum.at(worth[:, k], index, (out[:, 4] - out[:, 3] > long_h).astype(float))
    worth[:, 4] = paths[:, 1]
    spread = np.zeros((rate.size, 5))
    np.add.at(spread, paths[:, 4].astype(np.int64), (paths[:, 0, None] * worth) ** 2)
    spread = np.sqrt(spread)
    total = spread.sum(axis=0)
    wanted = (spread / np.where(total > 0, total, 1.0)).sum(axis=1)
    wanted = wanted / wanted.sum() if wanted.sum() > 0 else first
    return Look(busy, 0.1 * share + 0.1 * even + 0.3 * root + 0.5 * wanted)


def _spread(chance: np.ndarray, n: int, offset: float) -> np.ndarray:
    """n items in proportion to their chances, as evenly as whole numbers allow (systematic sampling)."""
    cumulated = np.cumsum(chance)
    places = (np.arange(n) + offset) / n * cumulated[-1]
    return np.minimum(np.searchsorted(cumulated, places, side="right"), chance.size - 1)


def _episodes(engine: _Engine, w: int, world: World, study: Study, choice: np.ndarray) -> tuple:
    n = study.samples
    rate = np.where(choice > 0, world.rate, 0.0)
    if rate.sum() <= 0.0:
        return np.zeros((0, y.PATH_COLUMNS)), np.zeros((0, y.ROW_COLUMNS)), 0, np.zeros(0, np.int64), rate
    items = _spread(choice, n, _offset(study.seed, w))
    weights = rate[items] / choice[items] * choice.sum() / n
    samples = np.int64(w) * n + np.arange(n)
    paths, rows, events = engine.play_many(world, study.seed, samples, items, weights)
    return paths, rows, events, _numbers(paths, samples), rate


def _numbers(paths: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """The sample that each path is; its replays stand behind the path without further misfortunes."""
    return samples[np.cumsum(paths[:, 5] == 0) - 1]


def _years(engine: _Engine, w: int, world: World, study: Study) -> tuple:
    """Plain years: runs of twelve, the first only to get under way, the last to end what began; ten become paths.

    A piece of outage counts whole in the year in which it begins.
    """
    runs = -(-study.samples // YEARS_OF_RUN)
    samples = np.int64(w) * runs + np.arange(runs)
    played, rows, events = engine.play_many(
        world, study.seed, samples, np.full(runs, -1), np.ones(runs), natural=True, horizon_h=(2 + YEARS_OF_RUN) * HOURS_PER_YEAR
    )
    year = (rows[:, 3] / HOURS_PER_YEAR).astype(np.int64) - 1
    counted = (year >= 0) & (year < YEARS_OF_RUN)
    rows = rows[counted]
    rows[:, 0] = rows[:, 0] * YEARS_OF_RUN + year[counted]
    paths = np.repeat(played, YEARS_OF_RUN, axis=0)
    paths[:, 0] = 1.0 / (runs * YEARS_OF_RUN) / HOURS_PER_YEAR
    paths[:, 1] = HOURS_PER_YEAR
    return paths, rows, events, np.int64(w) * paths.shape[0] + np.arange(paths.shape[0]), np.zeros(0)


def _gather(
    system: System, study: Study, progress: Callable[[int, int], None] | None, play: Callable, look: np.ndarray | None,
    mean: bool = False,
) -> Sample:  # fmt: skip
    """Play every world, by threads; `look` is None for plain years."""
    years = float(study.samples) if look is None else 0.0
    depth = 0 if look is None else study.depth
    worlds = [system.mean_world(look)] * study.worlds if mean else list(possible_worlds(system, study.worlds, study.seed, look))
    threads = max(1, min(study.threads, study.worlds))
    engines = [_Engine(system, depth, MOST_EVENTS if years else 0) for _ in range(threads)]
    parts: dict[int, tuple] = {}
    interrupted = False

    def work(engine: _Engine) -> None:
        engine.stop = stop
        for w in waiting:  # whoever is free takes the next world: one core may be busy with something else
            try:
                parts[w] = play(engine, w, worlds[w])
            except KeyboardInterrupt:  # this world is not finished
                return

    stop: list[bool] = []
    waiting = iter(range(study.worlds))
    with ThreadPoolExecutor(threads) as pool:
        jobs = [pool.submit(work, engine) for engine in engines]
        try:
            while not all(j.done() for j in jobs):
                for j in jobs:
                    try:
                        j.result(timeout=0.1)
                    except TimeoutError:
                        break
                if progress:
                    progress(len(parts), study.worlds)
        except KeyboardInterrupt:
            interrupted = True
            stop.append(True)
        except BaseException:
            stop.append(True)
            raise
        for j in jobs:
            j.result()
    return _joined(parts, years, interrupted)


def _joined(parts: dict[int, tuple], years: float, interrupted: bool) -> Sample:
    """What was played in each world as one sample, with rates a year."""
    paths, rows, rates, numbers, busy, n_paths, events = [], [], [], [np.zeros(0, np.int64)], [], 0, 0
    for number, w in enumerate(sorted(parts)):
        p, r, e, samples, rate = parts[w]
        numbers.append(samples)
        busy.append(float((p[:, 0] * p[:, 1]).sum()) if years == 0 else 0.0)
        rest = 1.0 / (1.0 + busy[-1])  # share of the time at rest, from which episodes can begin (renewal theorem)
        p[:, 0] *= HOURS_PER_YEAR * rest
        rates.append(np.concatenate(([1.0], HOURS_PER_YEAR * rest * rate)))
        r[:, 0] += n_paths
        n_paths += p.shape[0]
        paths.append(np.column_stack([np.full(p.shape[0], number), p]))
        rows.append(r)
        events += e
    return Sample(
        _stack(paths, 7), _stack(rows, 6), len(parts), np.array(busy), years, events, interrupted, np.concatenate(numbers),
        np.array(rates),
    )  # fmt: skip


def _stack(parts: list[np.ndarray], columns: int) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros((0, columns))
