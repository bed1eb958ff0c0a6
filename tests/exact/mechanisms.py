"""The shipped mechanism models, played by the engine and by its slow twin on the same draws.

Every play here is told by both, and both must tell the same story; a number taken from it is a number of both.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from tests.cross.stories import difference, engine_story, possible_world
from tests.cross.twin import Story, Twin

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.language.load import apply, load
from blackstart.language.model import Model
from blackstart.studies.results import assessment
from blackstart.system import System

SEED = 23

Script = Iterable[tuple[float, str]]
"""Misfortunes that come for sure: (time h, hazard) or (time h, "!component")."""


@dataclass(frozen=True)
class Mechanism:
    """One model with some of its defences, compiled."""

    model: Model
    system: System


@functools.cache
def mechanism(name: str, *defences: str) -> Mechanism:
    """The shipped model `name` (``m05-cold-start``), with these of its defences."""
    model = load(examples.path(f"mechanisms/{name}"))
    model = apply(model, defences) if defences else model
    return Mechanism(model, compile_model(model))


def play(
    case: Mechanism,
    script: Script,
    *,
    sample: int | None = None,
    u: np.ndarray | None = None,
    horizon: float | None = None,
    background: bool = False,
) -> Story:
    """One story: the typical course, or random sample number `sample`; told alike by the engine and by the twin.

    u : (parameters + doubtful needs,) quantiles of one possible world; unless given, the typical world.
    horizon : hours after which the story is cut off; needed with `background`, where misfortunes also arrive by themselves.
    """
    script = list(script)
    arrays, world = possible_world(case.model, case.system, u)
    how = {"script": script, "background": background, "typical": sample is None, "horizon": horizon}
    engine = engine_story(case.system, arrays, SEED, sample or 0, **how)
    twin = Twin(case.model, world)
    assert twin.is_steady(), "the model does not stay at rest by itself"
    wrong = difference(engine, twin.play(SEED, sample or 0, **how))
    assert wrong is None, wrong
    return engine


def play_many(case: Mechanism, script: Script, runs: int, **how) -> list[Story]:
    """Random samples 0, 1, 2, ... of one script."""
    script = list(script)
    return [play(case, script, sample=k, **how) for k in range(runs)]


def outages(story: Story, service: str) -> list[tuple[float, float]]:
    """Begin and end (h) of each outage of a service."""
    return [(begin, end) for name, what, begin, end, _ in story.outages if name == service and what == "out"]


def hours_out(story: Story, service: str) -> float:
    """Hours in which a service was out."""
    return math.fsum(end - begin for begin, end in outages(story, service))


def hours_lost(story: Story, service: str) -> float:
    """Full hours of service that were missing, in outages and while it served less than all."""
    return math.fsum(lost for name, _, _, _, lost in story.outages if name == service)


def assessed(case: Mechanism, worlds: int = 40, samples: int = 100) -> dict:
    """What `blackstart assess` says, as published; by the engine alone."""
    study = simulate.Study(worlds=worlds, samples=samples, seed=SEED)
    return assessment(case.model, case.system, simulate.assess(case.system, study), study).as_dict()


def assert_estimate(estimate: dict, exact: float, left_out: float = 0.0) -> None:
    """A published estimate lies within four of its own standard errors of `exact`, which neglects a share `left_out`."""
    value, error = estimate["value"], estimate["standard_error"]
    assert abs(value - exact) <= 4.0 * error + left_out * exact, f"{value:.6g} +- {error:.2g}, exact {exact:.6g}"


def assert_near(values: Iterable[float], exact: float, errors: float = 4.0) -> None:
    """The mean of independent values lies within so many standard errors of `exact`.

    Four of them: were the seed drawn anew, one comparison in 16,000 would fail by chance. The seed is fixed, so a red
    test is never bad luck.
    """
    values = list(values)
    mean, error = statistics.fmean(values), statistics.stdev(values) / math.sqrt(len(values))
    assert 0.0 < error, "nothing was left to chance: compare exactly"
    assert abs(mean - exact) <= errors * error, f"{mean:.6g} +- {error:.2g}, exact {exact:.6g}"
