"""Galileo: static trees are read, dynamic gates are told what answers them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.unit.test_open_psa import truth

from blackstart import errors
from blackstart.errors import ModelError
from blackstart.exchange import galileo
from blackstart.fault_trees.faulttree import FaultTree, probabilities, question

TREE = """
toplevel "판교 정전";
"판교 정전" or A B; // one of two
A 2of3 "x" "y" "z";
/* "B" is
   redundant */ "B" and x "w";
"x" lambda=0.001 dorm=0;   "y" prob=.1;
"z" rate=1e-4 shape=2;
"w" LAMBDA=1E-4 repl=1
"""


def read(text: str) -> FaultTree:
    return galileo.read_bytes("tree.dft", text.encode())


def test_a_static_tree() -> None:
    tree = read(TREE)
    asked = question(tree, [tree.top])
    p = dict(zip(asked.events, probabilities(tree, asked, 100.0), strict=True))
    assert p == pytest.approx({"x": 1 - math.exp(-0.1), "y": 0.1, "z": 1 - math.exp(-1e-4), "w": 1 - math.exp(-0.01)})
    states = np.array(np.meshgrid(*[[0, 1]] * 4, indexing="ij")).reshape(4, -1).T.astype(bool)
    x, y, z, w = (states[:, asked.events.index(n)] for n in "xyzw")
    assert np.array_equal(truth(asked.formula), (x & y) | (x & z) | (y & z) | (x & w))


def test_rates_need_a_mission_time() -> None:
    tree = read(TREE)
    with pytest.raises(ModelError, match="mission time"):
        probabilities(tree, question(tree, [tree.top]))


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('"T" pand "a" "b"; "a" prob=0.1; "b" prob=0.1;', ["ft-dynamic"]),
        ('"T" wsp "a" "b"; "a" prob=0.1; "b" prob=0.1;', ["ft-dynamic"]),
        ('"T" orr "a"; "a" prob=0.1;', ["ft-galileo-gate"]),
        ('"T" 2of4 "a" "b"; "a" prob=0.1; "b" prob=0.1;', ["ft-count"]),
        ('"T" 3of2 "a" "b"; "a" prob=0.1; "b" prob=0.1;', ["ft-count"]),
        ('"T" or "a";', ["ft-undefined"]),
        ('"T" or "a"; "a" prob=0.1; "a" prob=0.2;', ["ft-twice"]),
        ('"T" or "a"; "a";', ["ft-undefined", "ft-no-probability"]),
        ('"T" or "a"; "a" dorm=0.5;', ["ft-galileo-law"]),
        ('"T" or "a"; "a" prob=0.1 lambda=1;', ["ft-galileo-law"]),
        ('"T" or "a"; "a" prob=0.1 repl=2;', ["ft-galileo-attribute"]),
        ('"T" or "a"; "a" prob=0.1 color=red;', ["ft-galileo-attribute"]),
        ('"T" or "a"; "a" prob=0.1 prob;', ["ft-galileo-attribute"]),
        ('"T" or "a"; "a" prob=nan;', ["ft-number"]),
        ('"T" or "U"; "U" or "T";', ["ft-circle"]),
        ('toplevel "X"; "T" or "a"; "a" prob=0.1;', ["ft-top-unknown"]),
        ('toplevel "T"; toplevel "T"; "T" or "a"; "a" prob=0.1;', ["ft-toplevel"]),
        ("T or", ["ft-arguments"]),
        ("", ["ft-no-gates"]),
        ('"a" prob=0.1;', ["ft-no-gates"]),
        (f'"{"x" * 501}" or "a"; "a" prob=0.1;', ["ft-name"]),
    ],
)
def test_problems(text: str, codes: list[str]) -> None:
    with pytest.raises(ModelError) as caught:
        read(text)
    assert [p.code for p in caught.value.problems] == codes
    assert all(p.where and p.where.line == 1 for p in caught.value.problems if p.code != "ft-no-gates")
    for lang in ("en", "ko"):
        assert all(errors.what(p, lang) != p.code for p in caught.value.problems)


def test_a_dynamic_gate_is_sent_to_the_timed_engine() -> None:
    with pytest.raises(ModelError, match="timed engine"):
        read('"T" spare "a" "b"; "a" prob=0.1; "b" prob=0.1;')


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ModelError) as caught:
        galileo.read_bytes("tree.dft", b"\xff\xfe\xfa")
    assert [p.code for p in caught.value.problems] == ["file-encoding"]
