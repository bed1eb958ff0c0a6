"""Walks on graphs: known answers, a slow obvious twin, and sizes at which recursion would break."""

from __future__ import annotations

import random

import pytest

from blackstart.graph import circles_of, downwards, strong_components


def reach(graph: dict[int, list[int]], start: int) -> set[int]:
    seen: set[int] = set()
    stack = [start]
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack += graph[node]
    return seen


@pytest.mark.parametrize("seed", range(60))
def test_strong_components_against_mutual_reach(seed):
    rng = random.Random(seed)
    n = rng.randint(1, 9)
    graph = {i: [rng.randrange(n) for _ in range(rng.randint(0, 3))] for i in range(n)}
    number = strong_components(graph)
    for i in graph:
        for j in graph:
            together = j in reach(graph, i) and i in reach(graph, j)
            assert (number[i] == number[j]) == together


@pytest.mark.parametrize("seed", range(60))
def test_circles_are_circles_and_are_found(seed):
    rng = random.Random(seed)
    names = [f"n{i}" for i in range(rng.randint(1, 8))]
    graph = {name: rng.choices(names, k=rng.randint(0, 2)) for name in names}
    circles = circles_of(graph)
    for circle in circles:
        for name, ahead in zip(circle, [*circle[1:], circle[0]], strict=True):
            assert ahead in graph[name]
    numbered = {i: [names.index(m) for m in graph[name]] for i, name in enumerate(names)}
    caught = any(i in reach(numbered, j) for i in numbered for j in numbered[i])
    assert bool(circles) == caught


def test_names_that_are_no_node_are_skipped():
    assert circles_of({"a": ["x"], "b": ["a", "b"]}) == [["b"]]


def test_downwards_is_above_before_below():
    order = downwards({"s": ["b", "a"], "a": ["c"], "b": ["a"], "c": [], "z": ["s"]}, ["s"])
    assert order == ["s", "b", "a", "c"]


def test_a_ring_of_a_hundred_thousand():
    n = 100_000
    ring = {f"n{i}": [f"n{(i + 1) % n}"] for i in range(n)}
    assert [len(circle) for circle in circles_of(ring)] == [n]
    assert len(set(strong_components({i: [(i + 1) % n] for i in range(n)}).values())) == 1
    assert len(downwards(ring, ["n0"])) == n
