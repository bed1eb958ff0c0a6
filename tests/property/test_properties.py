"""Laws that hold for every model, or for every model of a kind that is stated."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tests.cross.stories import difference, engine_story, play_engine, room
from tests.property.models import as_yaml, coherent_model, models, seeds

from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.errors import ModelError
from blackstart.language.load import dump, load_text
from blackstart.language.model import Model
from blackstart.system import System

# derandomised: the suite says the same every time; the long run of tests/cross looks further
steady = settings(derandomize=True, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
sizes = st.integers(2, 10)


def compiled(text: str) -> tuple[Model, System]:
    """A model and its System; a random model that cannot run even when nothing is wrong is passed over."""
    model = load_text(text)
    try:
        return model, compile_model(model)
    except ModelError:
        assume(False)
        raise


def script_of(rng: random.Random, model: Model) -> list[tuple[float, str]]:
    return [(round(rng.uniform(0, 5), 3), h) for h in model.hazards]


# --------------------------------------------------------------------------- reading


@steady
@given(models())
def test_dump_and_load_is_the_identity(text: str) -> None:
    model = load_text(text)
    again = load_text(dump(model))
    for noun in ("components", "domains", "teams", "hazards", "barriers", "common_causes", "defences"):
        assert getattr(again, noun) == getattr(model, noun)
    assert again == model


# --------------------------------------------------------------------------- same seed, same bytes


@steady
@given(models(), models(), st.integers(0, 2**31), st.booleans())
def test_same_seed_same_bytes(text: str, other: str, seed: int, background: bool) -> None:
    """A sample depends on its seed and number alone: not on what was played before in the same memory."""
    model, system = compiled(text)
    script = script_of(random.Random(seed), model)
    how: dict[str, Any] = {"background": background, "horizon": 200.0}
    fresh = play_engine(system, system.world(), seed, 3, script, **how)
    memory = room(system)
    for sample in (1, 2):
        play_engine(system, system.world(), seed, sample, script, memory=memory, **how)
    used = play_engine(system, system.world(), seed, 3, script, memory=memory, **how)
    again = compile_model(load_text(text))
    assert again.digest == system.digest
    new = play_engine(again, again.world(), seed, 3, script, **how)
    for name in ("paths", "rows", "trace"):
        assert getattr(fresh, name).tobytes() == getattr(used, name).tobytes() == getattr(new, name).tobytes()


# --------------------------------------------------------------------------- names and order


def renamed(text: str) -> str:
    """The same model under other names, in the same order."""
    return re.sub(r"\b([cdtbh])(\d+)\b", lambda m: f"{'가나다라마'['cdtbh'.index(m[1])]}-{97 - int(m[2])}", text)


@steady
@given(models())
def test_renaming_changes_nothing(text: str) -> None:
    """With typical values; otherwise luck goes by names on purpose, so that a design keeps its luck when it grows."""
    model, system = compiled(text)
    other, there = compiled(renamed(text))
    numbers = play_engine(system, system.world(), 1, 0, script_of(random.Random(0), model), typical=True, horizon=200.0)
    again = play_engine(there, there.world(), 1, 0, script_of(random.Random(0), other), typical=True, horizon=200.0)
    assert numbers.rows.tobytes() == again.rows.tobytes()
    assert numbers.trace.tobytes() == again.trace.tobytes()


@steady
@given(models(crews=False, ordered=False), seeds())
def test_order_of_the_file_changes_nothing(text: str, rng: random.Random) -> None:
    """Without people (their order of work ends with the file's), shares of several targets and copies of data."""
    tree = yaml.safe_load(text)
    for section in ("components", "services"):
        rows = list((tree.get(section) or {}).items())
        rng.shuffle(rows)
        tree[section] = dict(rows)
    model, system = compiled(text)
    other, there = compiled(as_yaml(tree))
    script = script_of(random.Random(1), model)
    one = engine_story(system, system.world(), 5, 0, script, horizon=200.0)
    two = engine_story(there, there.world(), 5, 0, script, horizon=200.0)
    assert difference(one, two) is None


# --------------------------------------------------------------------------- more of something good


def levels(tree: dict[str, Any], script: list[tuple[float, str]]) -> dict[str, list[tuple[float, float]]]:
    """What every service serves over time: (time, level from then on), beginning before time 0."""
    _, system = compiled(as_yaml(tree))
    node = system.arrays.node["rest"]
    steps = {s: [(-1.0, float(node[system.components.index(s)]))] for s in system.services}
    for t, what, i, level, _ in play_engine(system, system.world(), 1, 0, script, typical=True).trace:
        if what == y.T_LEVEL:
            steps[system.components[int(i)]].append((float(t), float(level)))
    return steps


def at(steps: list[tuple[float, float]], t: float) -> float:
    return steps[bisect_right(steps, (t, np.inf)) - 1][1]


def never_worse(before: dict[str, list[tuple[float, float]]], after: dict[str, list[tuple[float, float]]]) -> None:
    """Each service of `before` serves at least as much in `after`, at all times."""
    for service, steps in before.items():
        for t in sorted({t for t, _ in steps} | {t for t, _ in after[service]}):
            later = t + 1e-7  # instants that agree but for rounding are one instant
            assert at(after[service], later) >= at(steps, later) - 1e-9, (service, t)


def relieved(tree: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The model with fewer needs: some left out, some lists shortened, some thresholds lowered."""
    tree = yaml.safe_load(as_yaml(tree))
    for row in tree["services"].values():
        for holder in (row, row.get("start") or {}, row["repair"]):
            need = holder.get("needs")
            if need is None or rng.random() < 0.5:
                continue
            if isinstance(need, list) and len(need) > 1:
                need.pop(rng.randrange(len(need)))
            elif isinstance(need, dict) and need.get("at_least", 0) > 1:
                need["at_least"] -= 1
            else:
                del holder["needs"]
    return tree


@settings(steady, max_examples=150)
@given(seeds(), sizes)
def test_removing_needs_never_hurts(rng: random.Random, size: int) -> None:
    """For models as `coherent_model` says, which states the conditions; with the same luck."""
    tree = coherent_model(rng, size)
    script = [(round(rng.uniform(0, 5), 3), h) for h in tree["hazards"]]
    never_worse(levels(tree, script), levels(relieved(tree, rng), script))


@settings(steady, max_examples=150)
@given(seeds(), sizes)
def test_a_spare_that_never_fails_never_hurts(rng: random.Random, size: int) -> None:
    """Everywhere one name is needed, it or a spare of it is needed instead."""
    tree = coherent_model(rng, size)
    script = [(round(rng.uniform(0, 5), 3), h) for h in tree["hazards"]]
    backed = rng.choice(list(tree["services"]))

    def with_spare(need: Any) -> Any:
        if need == backed:
            return {"any": [backed, "spare"]}
        if isinstance(need, list):
            return [with_spare(n) for n in need]
        if isinstance(need, dict):
            return {k: with_spare(v) if k in ("all", "any", "of", "on") else v for k, v in need.items()}
        return need

    after = yaml.safe_load(as_yaml(tree))
    for row in after["services"].values():
        for holder in (row, row.get("start") or {}, row["repair"]):
            if "needs" in holder:
                holder["needs"] = with_spare(holder["needs"])
    after["components"] = {"spare": {}}
    never_worse(levels(tree, script), levels(after, script))


# Why the conditions are there: removing a need does hurt in these.

WHY_NOT = {
    "mended sooner, hit again": """
        services: {a: {repair: {takes: 5 h, needs: b}, loss: 1 KRW/h}, b: {repair: 1 h, loss: 1 KRW/h}}
        hazards: {h: {rate: 1/yr, effects: [{break: b}, {break: a}, {break: a, after: 5.5 h}]}}
    """,
    "begun sooner, at a worse time": """
        services: {a: {repair: {takes: 5 h, needs: b}, loss: 1 KRW/h}, b: {repair: 1 h, loss: 1 KRW/h}}
        hazards: {h: {rate: 1/yr, effects: [{break: b}, {break: a}, {slow: {"on": a, by: x3}, until: 30 min}]}}
    """,
    "all that were off when it began": """
        services:
          a: {count: 2, start: {takes: 5 h, needs: b}, repair: {work: 1 h each}, loss: 1 KRW/h}
          b: {repair: 2 h, loss: 1 KRW/h}
        hazards: {h: {rate: 1/yr, effects: [{break: b}, {break: a}]}}
    """,
}


@pytest.mark.parametrize("name", WHY_NOT)
def test_where_removing_a_need_hurts(name: str) -> None:
    tree = {"blackstart": 1} | yaml.safe_load(WHY_NOT[name])
    after = yaml.safe_load(as_yaml(tree))
    for part in ("start", "repair"):
        if isinstance(after["services"]["a"].get(part), dict):
            after["services"]["a"][part].pop("needs", None)
    with pytest.raises(AssertionError):
        never_worse(levels(tree, [(0.0, "h")]), levels(after, [(0.0, "h")]))
