"""The choice of defences that leaves the worst overlap least bad, against every choice and every set, on random small models.

Defences add a second instance, drop a need, put up a barrier, or do harm; some require or exclude others.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tests.cross.test_structure import random_text

from blackstart.compilation import compile_model
from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.errors import ModelError
from blackstart.language import load
from blackstart.language.load import load_text
from blackstart.language.model import Model
from blackstart.planning.worst import Asked, least_bad, sizes

CASES = 24


def with_defences(seed: int) -> Model:
    draw = np.random.default_rng([seed, 7])
    lines = [random_text(seed), "defences:"]
    names = [f"c{i}" for i in range(3)]
    for d in range(int(draw.integers(2, 4))):
        one, other = (str(x) for x in draw.choice(names, 2, replace=False))
        change = [
            f"components: {{{one}: {{needs: {{any: [spare, twin-{d}]}}}}, twin-{d}: {{fails: 1/yr}}}}",
            f"components: {{{one}: {{needs: null}}}}",
            "barriers: {b0: {works: 100%}}",
            f"components: {{{one}: {{fails: 0/yr}}}}",
            f"hazards: {{more-{d}: {{rate: 1/yr, effects: [{{break: {one}}}, {{break: {other}}}]}}}}",
        ][int(draw.integers(0, 5))]
        rule = f"requires: [d{int(draw.integers(0, d))}], " if d and draw.random() < 0.3 else ""
        rule += f"excludes: [d{int(draw.integers(0, d))}], " if d and not rule and draw.random() < 0.3 else ""
        lines.append(f"  d{d}: {{costs: {{once: {int(draw.integers(1, 6))} KRW}}, {rule}change: {{{change}}}}}")
    return load_text("\n".join(lines))


def by_force(model: Model, budget: float, most: int) -> float:
    best = np.inf
    for count in range(len(model.defences) + 1):
        for chosen in itertools.combinations(model.defences, count):
            if sum(model.defences[name].costs_once.dist.mean() for name in chosen) > budget:
                continue
            try:
                changed = load.apply(model, chosen)
                system = compile_model(changed)
            except ModelError:
                continue
            best = min(best, worst_by_force(changed, system, most))
    return best


def worst_by_force(model: Model, system, most: int) -> float:  # type: ignore[no-untyped-def]
    read = st.structure(system)
    size, never = sizes(system, read, "counted")
    worth = np.array([model.components[name].loss_per_hour for name in system.services])
    worth = worth if worth.any() else np.ones(len(worth))
    free = np.flatnonzero((size == 0.0) & ~never)
    able = np.flatnonzero((size > 0.0) & ~never)
    sets = [c for count in range(most + 1) for c in itertools.combinations(able, count)]
    states = np.zeros((len(sets), len(read.events)), bool)
    for state, chosen in zip(states, sets, strict=True):
        state[[*chosen, *free]] = True
    return float((logic.evaluate(read.formula, states) @ worth).max())


@pytest.mark.parametrize("seed", range(CASES))
def test_least_bad_is_the_best_of_all_choices(seed: int) -> None:
    model = with_defences(seed)
    budget = 4.0 + seed % 3 * 3.0
    found = least_bad(model, budget, Asked(against=1 + seed % 2))
    assert found["per_hour"] == pytest.approx(by_force(model, budget, 1 + seed % 2))
    assert found["cost"] <= budget and found["state"] == "proven"
    assert found["steps"][0]["with"] == [] or found["steps"][0]["cost"] == 0.0


MANY = """blackstart: 1
components:
{components}
services:
{services}
defences:
{defences}
"""


def doubled(seed: int) -> Model:
    """Services over one or two of some parts; each defence doubles a part, so none does harm; some exclude or require others."""
    draw = np.random.default_rng([seed, 11])
    parts = [f"c{i}" for i in range(7)]
    needs = [draw.choice(parts, int(draw.integers(1, 3)), replace=False) for _ in range(5)]
    rules = [f"requires: [d{int(draw.integers(0, i))}], " if i > 2 and draw.random() < 0.3 else
             f"excludes: [d{int(draw.integers(0, i))}], " if i > 2 and draw.random() < 0.3 else "" for i in range(7)]  # fmt: skip
    return load_text(MANY.format(
        components="\n".join([f"  {p}: {{needs: {p}-one}}\n  {p}-one: {{fails: 1/yr}}\n  {p}-two: {{fails: 1/yr}}" for p in parts]),
        services="\n".join(f"  s{i}: {{needs: [{', '.join(n)}], loss: {int(draw.integers(1, 9))} KRW/h}}" for i, n in enumerate(needs)),
        defences="\n".join(
            f"  d{i}: {{costs: {{once: {int(draw.integers(1, 6))} KRW}}, {rules[i]}change: {{components: {{{p}: "
            f"{{needs: {{any: [{p}-one, {p}-two]}}}}}}}}}}" for i, p in enumerate(parts)
        ),
    ))  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_overlaps_rule_out_choices_until_none_is_left(seed: int) -> None:
    model = doubled(seed)
    for budget, most in ((4.0, 1), (9.0, 2)):
        every = least_bad(model, budget, Asked(against=most))
        few = least_bad(model, budget, Asked(against=most, tried=45))
        best = by_force(model, budget, most)
        assert every["state"] == "proven" and every["per_hour"] == pytest.approx(best)
        assert few["cost"] <= budget and few["harmful_pairs"] == 0
        assert few["bound"] <= best * (1.0 + 1e-9) and few["per_hour"] >= best * (1.0 - 1e-9)
        if few["state"] != "open":  # stopped before all choices were ruled out: between the two lies the best
            assert few["per_hour"] == pytest.approx(best) == pytest.approx(few["bound"])
