"""Common-cause groups against published answers, by all states.

Source: the core tests of SCRAM (github.com/rakhimov/scram, tests/input/core: `beta_factor_ccf`, `mgl_ccf`, `alpha_factor_ccf`,
`phi_factor_ccf`): three trains, each fails if its valve or its pump fails, valves and pumps are two groups of three with
Q = 0.1; the top is the loss of all three. "Staggered" are the alpha factors of NUREG/CR-5485, equation 5.9.
"""

from __future__ import annotations

import math
from itertools import combinations, product

import numpy as np
import pytest
from tests.unit.test_open_psa import truth

from blackstart.checks import check
from blackstart.compilation import compile_model
from blackstart.errors import ModelError
from blackstart.exchange import open_psa
from blackstart.fault_trees.faulttree import FaultTree, probabilities, question
from blackstart.language import common_causes
from blackstart.language.load import load_text
from blackstart.system import HOURS_PER_YEAR

STAGGERED = '<attributes><attribute name="testing" value="staggered"/></attributes>'
VARIANTS = {  # model, factors, attributes: exact, rare-event sum, cut sets by order
    "beta": ("beta-factor", (0.2,), "", 0.04308037, 0.044096, (2, 0, 8)),
    "MGL": ("MGL", (0.2, 0.1), "", 0.01629477, 0.017708, (2, 24, 8)),
    "alpha": ("alpha-factor", (0.7, 0.2, 0.1), "", 0.05298141, 0.05487755, (2, 24, 8)),
    "phi": ("phi-factor", (0.7, 0.2, 0.1), "", 0.04103932, 0.044344, (2, 24, 8)),
    "alpha, staggered": ("alpha-factor", (0.7, 0.2, 0.1), STAGGERED, 0.03091777, 0.032344, (2, 24, 8)),
}


def three_trains(model: str, factors: tuple[float, ...], attributes: str) -> FaultTree:
    first = {"beta-factor": 3, "MGL": 2}.get(model, 1)
    listed = "".join(f'<factor level="{first + i}"><float value="{f}"/></factor>' for i, f in enumerate(factors))
    trains = "".join(
        f'<define-gate name="train{i}"><or><event name="valve{i}"/><event name="pump{i}"/></or></define-gate>' for i in (1, 2, 3)
    )
    groups = "".join(
        f'<define-CCF-group name="{what}s" model="{model}">{attributes}'
        f"<members>{''.join(f'<basic-event name={chr(34)}{what}{i}{chr(34)}/>' for i in (1, 2, 3))}</members>"
        f'<distribution><float value="0.1"/></distribution><factors>{listed}</factors></define-CCF-group>'
        for what in ("valve", "pump")
    )
    top = '<define-gate name="top"><and><gate name="train1"/><gate name="train2"/><gate name="train3"/></and></define-gate>'
    text = f'<opsa-mef><define-fault-tree name="trains">{top}{trains}</define-fault-tree>{groups}</opsa-mef>'
    return open_psa.read_bytes({"trains.xml": text.encode()})


def minimal(states: np.ndarray, true: np.ndarray) -> np.ndarray:
    """States in which the top is true and would not be, were any one event of them away (a coherent formula)."""
    number = states @ (1 << np.arange(states.shape[1]))
    holds = np.zeros(len(states), bool)
    holds[number] = true
    needed = np.ones(len(states), bool)
    for i in range(states.shape[1]):
        needed &= ~(states[:, i] & holds[number & ~(1 << i)])
    return states[true & needed]


@pytest.mark.parametrize("variant", VARIANTS)
def test_three_trains(variant: str) -> None:
    model, factors, attributes, exact, rare, by_order = VARIANTS[variant]
    tree = three_trains(model, factors, attributes)
    asked = question(tree, ["top"])
    p = probabilities(tree, asked)
    states = np.array(list(product([False, True], repeat=len(p))), bool)
    true = truth(asked.formula)
    assert np.where(states, p, 1 - p).prod(axis=1)[true].sum() == pytest.approx(exact, abs=5e-9)
    sets = minimal(states, true)
    assert tuple(np.bincount(sets.sum(axis=1))[1:]) == by_order
    assert np.where(sets, p, 1.0).prod(axis=1).sum() == pytest.approx(rare, abs=5e-9)


def test_a_member_fails_with_the_probability_of_its_group() -> None:
    """What makes a member fail adds up to Q in every model but phi, where levels are given directly."""
    for variant in ("beta", "MGL", "alpha", "alpha, staggered"):
        tree = three_trains(*VARIANTS[variant][:3])
        asked = question(tree, ["top"])
        p = probabilities(tree, asked)
        assert sum(q for q, members in zip(p, asked.parents, strict=True) if "valve1" in members) == pytest.approx(0.1), variant


def test_staggered_factors_are_written_in_the_standards_own_terms() -> None:
    tree = three_trains(*VARIANTS["alpha, staggered"][:3])
    again = open_psa.read_bytes({"again.xml": open_psa.write(tree).encode()})
    assert not again.groups["valves"].staggered
    one, two = (probabilities(t, question(t, ["top"])) for t in (tree, again))
    assert np.allclose(one, two, rtol=1e-14)


# ----------------------------------------------------------------------------- groups of a model (`common_causes:`)

RATE = 2.0  # a year, of each member


def rates_of(group: str, members: int = 3) -> dict[frozenset[str], float]:
    """Times a year that each set of members fails together, in a model with one group."""
    names = "abcdef"[:members]
    parts = ", ".join(f"{n}: {{fails: {RATE}/yr, repair: 10h}}" for n in names)
    model = load_text(
        f"blackstart: 1\ncomponents: {{{parts}}}\ncommon_causes: {{g: {{of: [{', '.join(names)}], {group}}}}}\n"
        f"services: {{s: {{needs: {{any: [{', '.join(names)}]}}}}}}\n"
    )
    assert [p.code for p in check(model) if p.code.startswith("common-cause")] == []
    system = compile_model(model)
    struck = {name: frozenset(members) for name, members, _ in common_causes.shocks(model)} | {n: frozenset(n) for n in names}
    found: dict[frozenset[str], float] = {}
    for name, rate in zip(system.items, system.mean_world().rate * HOURS_PER_YEAR, strict=True):
        found[struck[name]] = found.get(struck[name], 0.0) + float(rate)
    return found


def as_alpha(by_size: list[float]) -> str:
    """Alpha factors of a group in which each set of k = 1, 2, ... members has this share of a member's failures."""
    often = [math.comb(len(by_size), k) * q for k, q in enumerate(by_size, start=1)]
    return f"alpha: [{', '.join(repr(q / sum(often)) for q in often)}]"


BETA, GAMMA = 0.2, 0.1
SIZES = {  # shares of a member's failures that each set of 1, 2, 3 members has, by the formulas of NUREG/CR-5485, chapter 5
    "beta": (f"beta: {BETA}", [1 - BETA, 0.0, BETA]),
    "alpha": ("alpha: [0.7, 0.2, 0.1]", [0.7 / 1.4, 2 / 2 * 0.2 / 1.4, 3 / 1 * 0.1 / 1.4]),
    "MGL": (as_alpha([1 - BETA, BETA * (1 - GAMMA) / 2, BETA * GAMMA]), [1 - BETA, BETA * (1 - GAMMA) / 2, BETA * GAMMA]),
    "phi": (as_alpha([0.7, 0.1, 0.1]), [0.7, 0.1, 0.1]),  # factors of whose sets that hit a member the sum is 1
}


@pytest.mark.parametrize("variant", SIZES)
def test_a_group_splits_the_failures_of_its_members(variant: str) -> None:
    """Each set at its share; and what hits each member adds up to the rate that is stated for it."""
    group, shares = SIZES[variant]
    rates = rates_of(group)
    for size, share in enumerate(shares, start=1):
        for together in combinations("abc", size):
            assert rates.get(frozenset(together), 0.0) == pytest.approx(share * RATE, abs=1e-12)
    for member in "abc":
        assert sum(rate for together, rate in rates.items() if member in together) == pytest.approx(RATE)


@pytest.mark.parametrize("members", [2, 3, 4, 6])
def test_every_member_fails_as_often_as_stated(members: int) -> None:
    for group in ("beta: 35%", f"alpha: [{', '.join(f'{1 / k**2}' for k in range(1, members + 1))}]"):
        rates = rates_of(group, members)
        for member in "abcdef"[:members]:
            assert sum(rate for together, rate in rates.items() if member in together) == pytest.approx(RATE)


@pytest.mark.parametrize(
    ("causes", "code"),
    [
        ("{g: {of: [never, a], beta: 50%}}", "common-cause-never-fails"),  # was: no common cause at all, and a failed half as often
        ("{g: {of: [a, never], beta: 50%}}", "common-cause-never-fails"),
        ("{g: {of: [a, b], beta: 60%}, h: {of: [a, c], beta: 60%}}", "common-cause-in-two"),  # was: a failed 1.36 times as often
        ("{g: {of: [a, a, b], beta: 10%}}", "common-cause-twice"),  # was: (1 - beta)^2 alone
        ("{g: {of: [a], beta: 50%}}", "common-cause-alone"),  # was: 1.5 times as often
        ("{g: {of: [a, b, c], alpha: [90%, 10%]}}", "common-cause-factors"),  # was: IndexError
        ("{g: {of: [a, b], alpha: [0%, 0%]}}", "common-cause-nothing"),  # was: ZeroDivisionError
    ],
)
def test_what_is_no_group_of_like_components_is_refused(causes: str, code: str) -> None:
    """Whoever compiles without checking is refused too: a defence may bring such a group."""
    parts = ", ".join(f"{n}: {{fails: 1/yr, repair: 10h}}" for n in "abc")
    text = f"blackstart: 1\ncomponents: {{{parts}, never: {{repair: 1h}}}}\nservices: {{s: {{needs: a}}}}\ncommon_causes: {causes}\n"
    with pytest.raises(ModelError) as refused:
        compile_model(load_text(text))
    assert [p.code for p in refused.value.problems] == [code]
    assert code in {p.code for p in check(load_text(text))}
