"""The exact engine against trying every state, on random formulas.

The standing suite plays a few hundred; `python -m tests.cross.long_formulas --cases 20000` plays as many as you like.
"""

from __future__ import annotations

import numpy as np
import pytest
from tests.cross import formulas

from blackstart.engines import bounding, logic


@pytest.mark.parametrize("block", range(10))
def test_every_state_says_the_same(block: int) -> None:
    for seed in range(30 * block, 30 * block + 30):
        assert formulas.differences(seed) == []


def test_prime_implicants_of_what_is_always_true_or_false() -> None:
    """A top that negates such a part; 300 seeds had none, the long run found one."""
    assert formulas.differences(8876) == []


@pytest.mark.parametrize("neglected", [0.5, 0.05, 1e-3])
@pytest.mark.parametrize("seed", range(30))
def test_bounds_hold_where_diagrams_are_cut_down(seed: int, neglected: float, monkeypatch: pytest.MonkeyPatch) -> None:
    formula, p = formulas.random_formula(seed, 14)
    states = (np.arange(1 << formula.events)[:, None] >> np.arange(formula.events)) & 1
    exact = formulas.chances(p) @ logic.evaluate(formula, states)
    monkeypatch.setattr(logic, "raced", lambda *_: None)
    few = {"COARSEST": neglected, "CLOSE_ENOUGH": 0.5, "LEAST_ROOM": 30, "SHAVED_ABOVE": 3, "COLLECT_ABOVE": 10}
    for name, value in few.items():
        monkeypatch.setattr(bounding, name, value)
    solved = logic.solve(formula, p, limits=logic.Limits(made=1_000 if seed % 2 else 60))
    assert (solved.lower <= exact * (1 + 1e-12)).all()
    assert (solved.upper >= exact * (1 - 1e-12)).all()
    decided = (exact == 0.0) | (exact == 1.0)
    assert solved.outcome == "bounded" or decided.any()


@pytest.mark.parametrize("seed", range(60))
def test_bounds_hold_where_few_are_ever_true_at_once(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    formula, p = formulas.random_formula(seed, 14)
    p *= 0.02 ** (1 + seed % 2)
    states = (np.arange(1 << formula.events)[:, None] >> np.arange(formula.events)) & 1
    exact = formulas.chances(p) @ logic.evaluate(formula, states)
    monkeypatch.setattr(logic, "raced", lambda *_: None)
    for name, value in {"PER_DECADE": 1 + seed % 4, "MOST_DECADES": 1 + seed // 4, "CLOSE_ENOUGH": 1e-12}.items():
        monkeypatch.setattr(bounding, name, value)
    solved = logic.solve(formula, p, limits=logic.Limits(made=(300, 3_000)[seed % 2]))
    assert (solved.lower <= exact * (1 + 1e-12)).all()
    assert (solved.upper >= exact * (1 - 1e-12)).all()


def test_slow_evaluation_is_the_twin_s() -> None:
    for seed in range(60):
        formula, _ = formulas.random_formula(seed, 6)
        states = (np.arange(1 << formula.events)[:, None] >> np.arange(formula.events)) & 1
        assert (logic.evaluate(formula, states) == formulas.table_of(formula)).all()
