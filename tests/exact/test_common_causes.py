"""Common-cause groups against published answers, by all states.

Source: the core tests of SCRAM (github.com/rakhimov/scram, tests/input/core: `beta_factor_ccf`, `mgl_ccf`, `alpha_factor_ccf`,
`phi_factor_ccf`): three trains, each fails if its valve or its pump fails, valves and pumps are two groups of three with
Q = 0.1; the top is the loss of all three. "Staggered" are the alpha factors of NUREG/CR-5485, equation 5.9.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from tests.unit.test_open_psa import truth

from blackstart.exchange import open_psa
from blackstart.faulttree import FaultTree, probabilities, question

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
