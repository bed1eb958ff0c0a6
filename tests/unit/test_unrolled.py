"""Formulas with circles and weighted votes as fault trees that have neither: the same truth in every state."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, XOR, Formula, Writer
from blackstart.engines.logic import evaluate
from blackstart.exchange import open_psa
from blackstart.fault_trees.faulttree import FaultTree, probabilities, question
from blackstart.fault_trees.unrolled import fault_tree

EVENTS = 5
STATES = (np.arange(2**EVENTS)[:, None] >> np.arange(EVENTS) & 1).astype(bool)


@st.composite
def formulas(draw: st.DrawFn) -> Formula:
    """Gates over events and gates, circles among those without negation, then gates of every kind on top."""
    writer = Writer(EVENTS)
    circle = [writer.later() for _ in range(draw(st.integers(0, 4)))]
    plain = [writer.event(i) for i in range(EVENTS)] + circle
    literals = list(plain)

    def children(of: list[int], least: int) -> list[int]:
        return draw(st.lists(st.sampled_from(of), min_size=least, max_size=5))

    def monotone(of: list[int]) -> int:
        kids = children(of, 1)
        weights = draw(st.lists(st.sampled_from([0.5, 1.0, 1.5, 2.0]), min_size=len(kids), max_size=len(kids)))
        op = draw(st.sampled_from([AND, OR, THRESHOLD]))
        k = draw(st.sampled_from([0.5, 1.0, 2.0, 2.5, 3.0]))
        return writer.gate(op, kids, k, weights) if op == THRESHOLD else writer.gate(op, kids)

    for announced in circle:
        made = monotone(plain)
        literals.append(made)
        writer.write(announced, made)
    for _ in range(draw(st.integers(1, 6))):
        kids = [c ^ draw(st.integers(0, 1)) if c >= 0 else c for c in children(literals, 2)]
        op = draw(st.sampled_from([AND, OR, XOR, IFF, THRESHOLD]))
        literals.append(writer.gate(op, kids, 2.0, [1.0] * len(kids)) if op == THRESHOLD else writer.gate(op, kids))
    return writer.formula(literals[-2:])


def named(formula: Formula) -> FaultTree:
    p = np.linspace(0.1, 0.9, EVENTS)
    per_year = np.array([np.nan, 0.5, np.nan, 2.0, 0.0])
    return fault_tree("서비스", formula, [f"e{i}" for i in range(EVENTS)], p, per_year, ["one", "two"], {"e0": "화재"})


def truth(tree: FaultTree) -> np.ndarray:
    asked = question(tree, ["one", "two"])
    columns = [int(name.removeprefix("e")) for name in asked.events]
    return evaluate(asked.formula, STATES[:, columns])


@settings(max_examples=300, deadline=None)
@given(formulas())
def test_unrolled_means_the_same(formula: Formula) -> None:
    tree = named(formula)
    assert np.array_equal(truth(tree), evaluate(formula, STATES))
    again = open_psa.read_bytes({"again.xml": open_psa.write(tree).encode()})  # also refuses circles
    assert np.array_equal(truth(again), evaluate(formula, STATES))
    one, two = (question(t, ["one", "two"]) for t in (tree, again))
    assert np.array_equal(probabilities(tree, one), probabilities(again, two))
    assert np.array_equal(one.per_year, two.per_year, equal_nan=True)


def test_a_long_circle_needs_few_cuts() -> None:
    """500 gates in a ring, each also started by an event: one cut, two rounds, not 500."""
    writer = Writer(EVENTS)
    ring = [writer.later() for _ in range(500)]
    for i, literal in enumerate(ring):
        writer.write(literal, writer.gate(OR, [ring[i - 1], writer.event(i % EVENTS)]))
    tree = named(writer.formula([ring[0], ring[250]]))
    assert len(tree.gates) < 2100
    assert truth(tree).all(axis=1).tolist() == STATES.any(axis=1).tolist()


@pytest.mark.parametrize(("k", "least"), [(4.0, 2), (5.0, 3), (6.0, 3)])
def test_equal_weights_stay_a_vote(k: float, least: int) -> None:
    writer = Writer(EVENTS)
    top = writer.gate(THRESHOLD, [0, 2, 4, 6], k, [2.0] * 4)
    tree = named(writer.formula([top, top]))
    assert [g.formula.least for g in tree.gates.values() if not isinstance(g.formula, str)] == [least]  # type: ignore[union-attr]


def test_labels_go_along() -> None:
    writer = Writer(EVENTS)
    tree = named(writer.formula([0, 2]))
    assert tree.events["e0"].label == "화재" and tree.events["e1"].per_year == 0.5
