"""A fault tree with its names: gates, basic events, house events, parameters and common-cause groups.

Whoever reads one from a file (`exchange`) has checked it: every name is known, nothing stands in a circle. Here it becomes a
Formula and the probabilities of its events. A member of a common-cause group becomes an OR over new events, one for each set
of members that can fail together (Open-PSA Model Exchange Format 2.0d, "Common Cause Groups").
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple

import numpy as np

from blackstart.engines.formula import AND, FALSE, IFF, OR, THRESHOLD, TRUE, XOR, Formula, Writer, negated
from blackstart.errors import ModelError, Problem, Where
from blackstart.fault_trees.expressions import Expression, Impossible, Reckoner, call, constant, is_uncertain, uses
from blackstart.graph import downwards

MOST_TOGETHER = 200_000  # events that one common-cause group may become
CHUNK = 1000  # samples at once
MODELS = ("beta-factor", "MGL", "alpha-factor", "phi-factor")


class Connective(NamedTuple):
    """`op` over `of`: and, or, not, xor, iff, nand, nor, imply, atleast (at least `least`), cardinality (`least` to `most`)."""

    op: str
    of: tuple[Logic, ...]
    least: int = 0
    most: int = 0


Logic = Connective | str | bool  # a connective, the name of a gate or event, or a constant


class Gate(NamedTuple):
    """A name for a formula."""

    formula: Logic
    label: str = ""
    where: Where | None = None


class Event(NamedTuple):
    """A basic event. `probability` is None for members of a common-cause group; `per_year` is how often it begins, if known."""

    probability: Expression | None
    label: str = ""
    where: Where | None = None
    per_year: float | None = None


class Group(NamedTuple):
    """A common-cause group.

    model : one of `MODELS`
    members : names of basic events, which fail with the same probability
    probability : of each member, all causes together
    factors : by number of members that fail together
    staggered : alpha factors counted from staggered tests (NUREG/CR-5485), which makes k times fewer demands of k members
    """

    model: str
    members: tuple[str, ...]
    probability: Expression
    factors: Mapping[int, Expression]
    staggered: bool = False
    label: str = ""
    where: Where | None = None


@dataclass(frozen=True)
class FaultTree:
    """Everything by name. Parameters are in an order in which each uses only those before it."""

    name: str
    gates: Mapping[str, Gate]
    events: Mapping[str, Event]
    houses: Mapping[str, bool] = field(default_factory=dict)
    parameters: Mapping[str, Expression] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    unread: tuple[str, ...] = ()  # kinds of things in the file that play no part in a fault tree
    top: str = ""  # the gate that the file asks for, if it says so

    def tops(self) -> list[str]:
        """Gates that no other gate uses, in the order of the file."""
        used = {name for gate in self.gates.values() for name in names_in(gate.formula)}
        return [name for name in self.gates if name not in used]


def names_in(formula: Logic) -> Iterator[str]:
    """Names that a formula uses, each as often as it does."""
    todo = [formula]
    while todo:
        part = todo.pop()
        if isinstance(part, Connective):
            todo.extend(reversed(part.of))
        elif isinstance(part, str):
            yield part


def below(tree: FaultTree, tops: Iterable[str]) -> dict[str, None]:
    """Names of everything that these gates rest on, themselves among them, each after what it uses."""
    graph: dict[str, list[str]] = dict.fromkeys([*tree.events, *tree.houses], [])
    graph |= {name: list(names_in(gate.formula)) for name, gate in tree.gates.items()}
    return dict.fromkeys(reversed(downwards(graph, tops)))


# ----------------------------------------------------------------------------- common causes


class Together(NamedTuple):
    """A basic event that stands for just these members failing together, from one cause."""

    name: str
    members: tuple[str, ...]
    probability: Expression


def shares(group: Group) -> dict[int, Expression]:
    """Probability of each event that stands for k members failing together, by k; levels that cannot occur are left out.

    With n members, Q the probability of each, and (n-1 over k-1) sets of k that hold a member:

    beta     Q₁ = (1 - β) Q, Qₙ = β Q
    MGL      Qₖ = ρ₂ … ρₖ (1 - ρₖ₊₁) Q / (n-1 over k-1)
    alpha    Qₖ = k αₖ / Σ i αᵢ · Q / (n-1 over k-1); staggered αₖ / Σ αᵢ · Q / (n-1 over k-1)
    phi      Qₖ = φₖ Q
    """
    n, q, factors = len(group.members), group.probability, dict(sorted(group.factors.items()))
    one = constant(1.0)

    def each(k: int, share: Expression) -> Expression:
        return call("mul", constant(1.0 / math.comb(n - 1, k - 1)), share, q)

    if group.model == "beta-factor":
        ((_, beta),) = factors.items()
        return {1: call("mul", call("sub", one, beta), q), n: call("mul", beta, q)}
    if group.model == "phi-factor":
        return {k: call("mul", phi, q) for k, phi in factors.items()}
    if group.model == "MGL":
        found, so_far = {}, [one]
        for k in range(1, max(factors) + 1):
            so_far += [factors[k]] if k > 1 else []
            left = [call("sub", one, factors[k + 1])] if k + 1 in factors else []
            found[k] = each(k, call("mul", *so_far, *left))
        return found
    weight = {k: alpha if group.staggered else call("mul", constant(k), alpha) for k, alpha in factors.items()}
    total = call("add", *weight.values())
    return {k: each(k, call("div", w, total)) for k, w in weight.items()}


def expanded(group: Group) -> list[Together]:
    """The independent events that a common-cause group becomes."""
    found = shares(group)
    count = sum(math.comb(len(group.members), k) for k in found)
    if count > MOST_TOGETHER:
        raise ModelError([Problem("ft-group-too-large", group.where, values={"count": f"{count:,}", "most": f"{MOST_TOGETHER:,}"})])
    return [
        Together(f"[{' '.join(members)}]", members, probability)
        for k, probability in found.items()
        for members in combinations(group.members, k)
    ]


# ----------------------------------------------------------------------------- formula and probabilities


@dataclass(frozen=True)
class Question:
    """Some gates of a tree as a Formula, with what its numbers stand for.

    tops : names of the gates asked for
    events : (n,) names of basic events
    probability : (n,) expression of each
    per_year : (n,) float64, how often each begins, nan where it is not known
    gates : literal of each gate below the tops
    parents : (n,) for events made from a common-cause group its members, else the event alone
    """

    tops: tuple[str, ...]
    formula: Formula
    events: tuple[str, ...]
    probability: tuple[Expression, ...]
    per_year: np.ndarray
    gates: Mapping[str, int]
    parents: tuple[tuple[str, ...], ...]


def question(tree: FaultTree, tops: Sequence[str]) -> Question:
    """Ask for some gates of a tree: only what lies below them takes part."""
    names = below(tree, tops)
    together = _together(tree, names)
    alone = [n for n in names if n in tree.events and n not in together]
    made = list({t.name: t for members in together.values() for t in members}.values())
    events = [*alone, *(t.name for t in made)]
    number = {name: i for i, name in enumerate(events)}
    writer = Writer(len(events))
    literal: dict[str, int] = {}
    for name in names:
        if name in tree.houses:
            literal[name] = TRUE if tree.houses[name] else FALSE
        elif name in together:
            literal[name] = writer.gate(OR, [writer.event(number[t.name]) for t in together[name]])
        elif name in tree.events:
            literal[name] = writer.event(number[name])
        else:
            literal[name] = _written(writer, tree.gates[name].formula, literal)
    per_year = [tree.events[n].per_year for n in alone] + [None] * len(made)
    return Question(
        tuple(tops),
        writer.formula([literal[t] for t in tops]),
        tuple(events),
        (*(_given(tree.events[n]) for n in alone), *(t.probability for t in made)),
        np.array([math.nan if f is None else f for f in per_year], float),
        {n: literal[n] for n in names if n in tree.gates},
        (*((n,) for n in alone), *(t.members for t in made)),
    )


def _given(event: Event) -> Expression:
    if event.probability is None:
        raise AssertionError("an event without a probability is in no group")
    return event.probability


def _together(tree: FaultTree, names: Mapping[str, None]) -> dict[str, list[Together]]:
    """For each member of a group below the tops: the events that make it fail."""
    found: dict[str, list[Together]] = {}
    for group in tree.groups.values():
        if any(m in names for m in group.members):
            for event in expanded(group):
                for member in event.members:
                    found.setdefault(member, []).append(event)
    return {member: events for member, events in found.items() if member in names}


def _written(writer: Writer, formula: Logic, literal: Mapping[str, int]) -> int:
    if isinstance(formula, bool):
        return TRUE if formula else FALSE
    if isinstance(formula, str):
        return literal[formula]
    of = [_written(writer, part, literal) for part in formula.of]
    match formula.op:
        case "and":
            return writer.gate(AND, of)
        case "or":
            return writer.gate(OR, of)
        case "nand":
            return negated(writer.gate(AND, of))
        case "nor":
            return negated(writer.gate(OR, of))
        case "not":
            return negated(of[0])
        case "imply":
            return writer.gate(OR, [negated(of[0]), of[1]])
        case "xor":
            return writer.gate(XOR, of)
        case "iff":  # associative in the standard: (F iff G) iff H
            found = of[0]
            for part in of[1:]:
                found = writer.gate(IFF, [found, part])
            return found
        case "atleast":
            return _at_least(writer, of, formula.least)
        case "cardinality":
            return writer.gate(AND, [_at_least(writer, of, formula.least), negated(_at_least(writer, of, formula.most + 1))])
    raise AssertionError(f"no connective {formula.op}")


def _at_least(writer: Writer, of: Sequence[int], least: int) -> int:
    """At least so many of them; one that stands twice counts twice."""
    weight: dict[int, float] = {}
    for part in of:
        weight[part] = weight.get(part, 0.0) + 1.0
    return writer.gate(THRESHOLD, list(weight), float(least), list(weight.values()))


def probabilities(tree: FaultTree, asked: Question, mission_time: float | None = None) -> np.ndarray:
    """(n,) probability of each event, deviates at their means.

    Raises
    ------
    ModelError
        Where an expression has no value, or one outside 0 to 1, or the mission time is needed and not given.
    """
    _need_mission_time(tree, asked, mission_time)
    problems: dict[tuple, Problem] = {}
    found = np.full(len(asked.events), math.nan)
    try:
        reckoner = Reckoner(_used(tree, asked), mission_time)
    except Impossible as wrong:
        raise ModelError([_impossible(wrong)]) from None
    for i, expression in enumerate(asked.probability):
        try:
            found[i] = reckoner.of(expression)
        except Impossible as wrong:
            problems[(wrong.expression.where, wrong.expression.op)] = _impossible(wrong)
            continue
        if not 0.0 <= found[i] <= 1.0:
            event = tree.events[asked.parents[i][0]]
            values = {"name": asked.events[i], "value": f"{found[i]:g}"}
            problems[(asked.events[i],)] = Problem("ft-probability", expression.where or event.where, values=values)
    if problems:
        raise ModelError(problems.values())
    return found


def _used(tree: FaultTree, asked: Question) -> dict[str, Expression]:
    """Parameters that the events asked about rest on, in their order."""
    names: set[str] = set()
    for expression in asked.probability:
        names |= uses(expression)
    for name in reversed(list(tree.parameters)):
        if name in names:
            names |= uses(tree.parameters[name])
    return {name: e for name, e in tree.parameters.items() if name in names}


def _need_mission_time(tree: FaultTree, asked: Question, mission_time: float | None) -> None:
    if mission_time is not None:
        return
    for expression in [*_used(tree, asked).values(), *asked.probability]:
        if "" in uses(expression):
            raise ModelError([Problem("ft-mission-time", expression.where)])


def _impossible(wrong: Impossible) -> Problem:
    return Problem("ft-impossible", wrong.expression.where, values={"op": wrong.expression.op})


class Samples(NamedTuple):
    """(S, n) probabilities, and how many values above 1 or below 0 were cut."""

    p: np.ndarray
    cut: int


def uncertain(tree: FaultTree, asked: Question) -> list[int]:
    """Numbers of the events whose probability is not known exactly."""
    names: set[str] = set()
    for name, expression in tree.parameters.items():
        if is_uncertain(expression, names):
            names.add(name)
    return [i for i, expression in enumerate(asked.probability) if is_uncertain(expression, names)]


def samples(tree: FaultTree, asked: Question, point: np.ndarray, mission_time: float | None, count: int, seed: int) -> Iterator[Samples]:
    """Probabilities in `count` worlds, `CHUNK` at a time: a parameter has one value in a world, whoever uses it.

    Parameters
    ----------
    point : (n,) the probabilities at the means, which certain events keep
    """
    moving = uncertain(tree, asked)
    parameters = _used(tree, asked)
    for chunk, begin in enumerate(range(0, count, CHUNK)):
        size = min(CHUNK, count - begin)
        p = np.broadcast_to(point, (size, len(point))).copy()
        try:
            reckoner = Reckoner(parameters, mission_time, CHUNK, (seed, chunk))
            for i in moving:
                p[:, i] = np.broadcast_to(reckoner.of(asked.probability[i]), CHUNK)[:size]
        except Impossible as wrong:
            raise ModelError([_impossible(wrong)]) from None
        outside = (p < 0) | (p > 1)
        yield Samples(np.clip(p, 0.0, 1.0), int(outside.sum()))
