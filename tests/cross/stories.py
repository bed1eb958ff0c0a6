"""The engine's story in the twin's words, the first thing in which two stories differ, and random cases to play."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from tests.cross.twin import EVENTS_MOST, Story, Twin, World
from tests.property.models import effects_in, random_model

from blackstart.compilation import compile_model
from blackstart.engines import kernel
from blackstart.engines import layout as y
from blackstart.engines.bundle import for_compiled
from blackstart.errors import ModelError
from blackstart.language.load import load_text
from blackstart.language.model import Model, Need, Tolerance
from blackstart.system import System
from blackstart.system import World as Arrays

STATES = {y.STANDBY: "standby", y.WAITING: "waiting", y.STARTING: "starting", y.BROKEN: "broken", y.RUNNING: "running"}

def doubtful(model: Model) -> list[Need]:
    """The doubtful needs of a model, in the order in which the System counts them."""
    rows = list(model.components.values())
    roots = [c.needs for c in rows]
    roots += [c.start.needs for c in rows if c.start]
    roots += [c.repair.needs for c in rows if c.repair]
    roots += [t.needs for t in model.teams.values()]
    roots += [b.needs for b in model.barriers.values()]
    roots += [e.when for h in model.hazards.values() for e in effects_in(h.effects)]

    def inside(need: Need | None) -> list[Need]:
        if need is None:
            return []
        return [found for part in need.of for found in inside(part)] + ([need] if need.op == "maybe" else [])

    return [found for root in roots for found in inside(root)]


def possible_world(model: Model, system: System, u: np.ndarray | None) -> tuple[Arrays, World]:
    """One possible world, for the engine and for the twin.

    Parameters
    ----------
    u : (parameters + doubtful needs,) float64 or None
        Quantiles; None for typical values.
    """
    n = len(system.parameters)
    values = {
        p.path: float(p.dist.quantile(0.5 if u is None else float(u[i]))) for i, p in enumerate(system.parameters)
    }
    needs = doubtful(model)
    assert [need.chance.text for need in needs] == [system.parameters[i].text for i in system.doubtful]
    exists = {
        str(need.where): bool((0.5 if u is None else u[n + k]) < values[system.parameters[i].path])
        for k, (need, i) in enumerate(zip(needs, system.doubtful, strict=True))
    }
    world = system.world() if u is None else next(iter(system.worlds(u.reshape(1, -1))))
    return world, World(values, exists)


@dataclass(frozen=True)
class Played:
    """What the engine filled in for one sample."""

    paths: np.ndarray
    rows: np.ndarray
    trace: np.ndarray


class NoRoomError(Exception):
    """An array was too small for the story."""


def play_engine(
    system: System,
    world: Arrays,
    seed: int,
    sample: int,
    script: Iterable[tuple[float, str]] = (),
    background: bool = False,
    typical: bool = False,
    horizon: float | None = None,
    memory: y.Memory | None = None,
) -> Played:
    """One sample played by the compiled engine, in fresh memory or in memory that has been used before."""
    script = list(script)
    kinds = [int(name.startswith("!")) for _, name in script]
    ids = [
        system.components.index(name[1:]) if kind else system.hazards.index(name)
        for kind, (_, name) in zip(kinds, script, strict=True)
    ]
    paths, rows, trace = np.zeros((1, y.PATH_COLUMNS)), np.zeros((4096, y.ROW_COLUMNS)), np.zeros((1 << 16, y.TRACE_COLUMNS))
    needed = np.zeros(5, np.int64)
    kernel.run(
        for_compiled(world.on(system.arrays)), for_compiled(world), for_compiled(memory or room(system)),
        for_compiled(y.Out(paths, rows, trace)), seed, np.array([sample]), np.array([-1]), np.array([1.0]), 0, background,
        math.inf if horizon is None else horizon, math.inf, EVENTS_MOST,
        np.array([t for t, _ in script], float), np.array(kinds, np.int64), np.array(ids, np.int64), typical, needed,
    )  # fmt: skip
    if needed[1] > len(rows) or needed[2] > len(trace) or needed[4]:
        raise NoRoomError(needed)
    return Played(paths, rows[: needed[1]], trace[: needed[2]])


def room(system: System) -> y.Memory:
    """Memory for one kernel, with room for many timers."""
    return y.memory(system.arrays, 0, 1 << 15, 1 << 13)


def engine_story(
    system: System,
    world: Arrays,
    seed: int,
    sample: int,
    script: Iterable[tuple[float, str]] = (),
    background: bool = False,
    typical: bool = False,
    horizon: float | None = None,
) -> Story:
    """One sample played by the compiled engine, in the twin's words."""
    played = play_engine(system, world, seed, sample, script, background, typical, horizon)
    flags = int(played.paths[0, 2])
    story = Story(end=float(played.paths[0, 1]), stopped="events" if flags & y.FLAG_EVENTS else "")
    for t, what, i, a, b in played.trace:
        if what == y.T_STATE:
            story.states.append((float(t), system.components[int(i)], STATES[int(a)], int(b)))
    for _, what, i, a, b, c in played.rows:
        if what in (y.ROW_OUT, y.ROW_DEGRADED):
            kind = "out" if what == y.ROW_OUT else "degraded"
            story.outages.append((system.services[int(i)], kind, float(a), float(b), float(c)))
        elif what == y.ROW_DATA:
            story.data.append((system.data_sets[int(i)], float(a), float(b)))
        elif what == y.ROW_COST:
            story.costs.append((system.hazards[int(i)], float(a), float(b)))
        elif what == y.ROW_STUCK and not (background and world.total_rate > 0):
            story.stuck.append(system.components[int(i)])
    return story


def like(a: object, b: object) -> bool:
    """Whether two things told are the same, numbers to 1e-9."""
    if isinstance(a, float) or isinstance(b, float):
        return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(like(x, y) for x, y in zip(a, b, strict=True))
    return a == b


def difference(engine: Story, twin: Story) -> str | None:
    """The first thing in which two stories differ, or None."""
    if engine.stopped or twin.stopped:
        return None if engine.stopped == twin.stopped else f"stopped: engine {engine.stopped!r}, twin {twin.stopped!r}"

    def near(row: tuple) -> tuple:  # rows of one instant may come in any order
        return tuple(float(f"{x:.7g}") if isinstance(x, float) else x for x in row)

    for what in ("states", "data", "costs", "outages", "stuck"):
        a, b = getattr(engine, what), getattr(twin, what)
        a, b = (sorted(x, key=near if what != "stuck" else str) for x in (a, b))
        for i in range(max(len(a), len(b))):
            x, y = (rows[i] if i < len(rows) else None for rows in (a, b))
            if x is None or y is None or not like(x, y):
                return f"{what} {i}: engine {x}, twin {y}"
    return None if like(engine.end, twin.end) else f"end: engine {engine.end}, twin {twin.end}"


# --------------------------------------------------------------------------- random cases


@dataclass(frozen=True)
class Case:
    """A random model, compiled. Case n is case n for ever."""

    number: int
    text: str
    model: Model
    system: System


@dataclass(frozen=True)
class Settings:
    """What is played of a case: everything that one play depends on beside the model."""

    u: np.ndarray | None
    seed: int
    sample: int
    script: tuple[tuple[float, str], ...]
    background: bool
    typical: bool
    horizon: float


def random_case(number: int, most: int = 12) -> Case | None:
    """Random model `number` with up to `most` components; None if it cannot run even when nothing is wrong.

    Services that would be out even then are asked for nothing: they are only ever degraded.
    """
    rng = random.Random(number)
    text = random_model(rng, rng.randint(2, most))
    model = load_text(text)
    try:
        return Case(number, text, model, compile_model(model))
    except ModelError as error:
        codes = {problem.code for problem in error.problems}
        if codes != {"out-at-rest"}:
            assert codes <= {"never-runs", "out-at-rest"}, codes
            return None
    asked = {c.id: replace(c, tolerance=Tolerance(serves=0.0)) for c in model.services}
    model = replace(model, components={**model.components, **asked})
    return Case(number, text, model, compile_model(model))


def settings_of(case: Case, sample: int, horizon: float = 400.0) -> Settings:
    """Settings of play `sample` (0, 1, 2, ...) of a case: some with typical values, some with background misfortunes."""
    rng = random.Random(case.number * 1000 + sample)
    typical = sample % 3 == 0 and case.number % 4 == 0
    size = len(case.system.parameters) + len(case.system.doubtful)
    u = None if typical else np.array([rng.uniform(0.02, 0.98) for _ in range(size)])
    hazards = list(case.model.hazards)
    everything = hazards + ["!" + c for c in case.model.components]
    script = tuple(
        (rng.choice([0.0, 0.0, 1.0, 2.0, rng.uniform(0, 30)]), rng.choice(hazards if rng.random() < 0.6 else everything))
        for _ in range(rng.randint(1, 3))
    )
    return Settings(u, 7, sample, script, sample % 3 == 2, typical, horizon)


def play_both(case: Case, s: Settings) -> tuple[Story, Story] | None:
    """The engine's story and the twin's; None if the model does not stay at rest by itself in this world."""
    arrays, world = possible_world(case.model, case.system, s.u)
    twin = Twin(case.model, world)
    if not twin.is_steady():
        return None
    how = {"script": s.script, "background": s.background, "typical": s.typical, "horizon": s.horizon}
    return engine_story(case.system, arrays, s.seed, s.sample, **how), twin.play(s.seed, s.sample, **how)
