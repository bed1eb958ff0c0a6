"""The static reading against the timed engine: what a set of misfortunes, all there for ever, leaves standing.

Random small models without repair; every misfortune of a random set is struck again and again until nothing changes, with
every chance made certain. The timed engine's levels at the end must say of each service what the formula says.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines import logic
from blackstart.engines import structure as st
from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, XOR, Formula
from blackstart.engines.simulate import Given, Hit, rehearse
from blackstart.language.load import load_text
from blackstart.system import System

CASES = 250
HOLD_H = 100_000.0
ROUNDS = 8  # as often as one failure may lead to the next through a barrier or a `when`


def truth(formula: Formula, events: np.ndarray) -> list[bool]:
    """The tops under one state of the events, by the definition: gates start false and are taken again until they stay."""
    value = [bool(e) for e in events] + [False] * formula.op.size

    def literal(c: int) -> bool:
        return c == -1 if c < 0 else value[c // 2] ^ bool(c % 2)

    moving = True
    while moving:
        moving = False
        for g in range(formula.op.size):
            span = slice(formula.ptr[g], formula.ptr[g + 1])
            children = [literal(int(c)) for c in formula.child[span]]
            new = {
                AND: all(children), OR: any(children), XOR: sum(children) % 2 == 1, IFF: len(set(children)) < 2,
                THRESHOLD: float(np.dot(children, formula.weight[span])) >= formula.k[g],
            }[int(formula.op[g])]  # fmt: skip
            moving |= new != value[formula.events + g]
            value[formula.events + g] = new
    return [literal(int(t)) for t in formula.tops]


def _need(rng: np.random.Generator, names: list[str]) -> str:
    some = [str(n) for n in rng.choice(names, size=min(len(names), int(rng.integers(1, 4))), replace=False)]
    kind = rng.integers(0, 5)
    if len(some) == 1 or kind == 0:
        return f"[{', '.join(some)}]"
    if kind == 1:
        return f"{{any: [{', '.join(some)}]}}"
    if kind == 2:
        return f"{{at_least: {int(rng.integers(1, len(some) + 1))}, of: [{', '.join(some)}]}}"
    if kind == 3:
        weights = ", ".join(f"{n}: {round(float(rng.uniform(0.3, 0.9)), 2)}" for n in some)
        return f"{{capacity: {{{weights}}}, at_least: {round(float(rng.uniform(0.1, 0.5)), 2)}}}"
    return f"[{{any: [{', '.join(some)}]}}, {{maybe: 30%, on: {some[0]}}}]"


def random_text(seed: int) -> str:
    """A model file: components in a chain or a circle, standbys, soft needs, hazards with barriers, triggers and conditions.

    Every fourth has effects on a share, and then none that wait for another: strikes on a share must not be repeated.
    """
    rng = np.random.default_rng(seed)
    shares = seed % 4 == 0
    n = int(rng.integers(3, 8))
    names = [f"c{i}" for i in range(n)]
    lines = ["blackstart: 1", "domains: {d0: {}, d1: {in: d0}}", "components:"]
    circle = rng.random() < 0.4
    for i, name in enumerate(names):
        fields = [f"in: {rng.choice(['d0', 'd1'])}", "fails: 1/yr"]
        others = [m for m in names[:i] if m != name]
        if circle and i == 0:
            others = [names[1]]
        if others and (rng.random() < 0.7 or (circle and i < 2)):
            fields.append(f"needs: {_need(rng, others)}" if not (circle and i < 2) else f"needs: [{names[1 - i]}]")
        if others and rng.random() < 0.25:
            fields.append(f"wants: {{{rng.choice(others)}: {int(rng.integers(10, 90))}%}}")
        if rng.random() < 0.15:
            fields.append("count: 4")
        lines.append(f"  {name}: {{{', '.join(fields)}}}")
    lines.append("  spare: {in: d0, fails: 1/yr, standby: {for: c0}, start: {takes: 50 h, works: 80%, needs: [c1]}}")
    lines.append("barriers: {b0: {works: 60%}, b1: {works: 50%, needs: [c2]}}")
    lines.append("hazards:")
    for h in range(3):
        lines.append(f"  h{h}:\n    rate: 1/yr\n    effects:")
        for _ in range(int(rng.integers(1, 3))):
            target = str(rng.choice([*names, "d1", "spare"]))
            verb = rng.choice(["break", "hold"])
            share = "half of " if shares else ""
            row = [f"{verb}: {share}{target}"] + ([f"until: {HOLD_H:.0f} h"] if verb == "hold" else [])
            if rng.random() < 0.3:
                row.append("unless: " + ("b0" if shares else str(rng.choice(["b0", "b1"]))))
            if rng.random() < 0.2:
                row.append("chance: 40%")
            if rng.random() < 0.2 and not shares:
                row.append(f"when: {rng.choice(names)} is down")
            lines.append("      - {" + ", ".join(row) + "}")
        if h < 2 and rng.random() < 0.4:
            lines.append("      - {trigger: h" + str(h + 1) + "}")
    lines.append("services:")
    lines.append(f"  s0: {{needs: {_need(rng, names)}}}")
    lines.append("  s1: {needs: {any: [c0, spare]}, tolerance: {serves: " + str(int(rng.integers(20, 95))) + "%}}")
    lines.append(f"  s2: {{needs: [c{n - 1}], wants: {{c0: 30%, c1: 40%}}, tolerance: {{serves: 55%}}}}")
    return "\n".join(lines) + "\n"


def _played(system: System, events: tuple[st.Event, ...], there: np.ndarray, rounds: int) -> list[bool]:
    """What the timed engine leaves out of service when exactly these events are there."""
    a = system.arrays
    chances = dict.fromkeys(range(len(system.probabilities)), 0.0)
    chances |= {int(n): 1.0 for n in [*a.barrier["works"], *a.component["start_works"]] if n >= 0}
    doubtful = dict.fromkeys(range(len(system.doubtful)), False)
    hits = []
    for event, is_there in zip(events, there, strict=True):
        if event.kind == st.ITEM and is_there:
            item = a.item[event.a]
            hits += [Hit(float(r), bool(item["is_hazard"]), int(item["id"])) for r in range(rounds)]
        elif event.kind == st.BARRIER:
            chances[int(a.barrier[event.a]["works"])] = 0.0 if is_there else 1.0
        elif event.kind == st.TAKE_OVER:
            chances[int(a.component[event.a]["start_works"])] = 0.0 if is_there else 1.0
        elif event.kind == st.CHANCE:
            chances[event.a] = 1.0 if is_there else 0.0
        elif event.kind == st.DOUBTFUL:
            doubtful[event.a] = bool(is_there)
    if not hits:
        return [False] * len(system.services)
    story = rehearse(system, hits, given=Given(chances, doubtful))
    level = {int(c): a.node[c]["rest"] for c in a.service["component"]}
    for t, what, who, value, _ in story.trace:
        if what == y.T_LEVEL and t < HOLD_H:
            level[int(who)] = value
    return [bool(level[int(row["component"])] < row["serves"]) for row in a.service]


@pytest.mark.parametrize("seed", range(CASES))
def test_the_formula_says_what_the_timed_engine_leaves_standing(seed: int) -> None:
    system = compile_model(load_text(random_text(seed)))
    read = st.structure(system)
    rng = np.random.default_rng(seed + 10**6)
    for _ in range(4):
        there = rng.random(len(read.events)) < rng.choice([0.15, 0.3, 0.5])
        luck: dict[int, bool] = {}  # one barrier has one probability in a possible world, whatever the hazard
        for i, e in enumerate(read.events):
            if e.kind == st.BARRIER:
                there[i] = luck.setdefault(e.a, bool(there[i]))
            if e.kind == st.PICKED:
                there[i] = False
        if any(e.kind == st.PICKED for e in read.events):
            return  # which of several is hit is drawn in another way
        played = _played(system, read.events, there, 1 if seed % 4 == 0 else ROUNDS)
        assert truth(read.formula, there) == played, (seed, there.tolist())


def test_wants_that_can_be_met_in_many_degrees():
    """Each degree was a weight that knew nothing of the others: large models were never finished over sums that cannot come about."""
    weights = [0.05, 0.11, 0.19, 0.25, 0.4]
    parts = [f"{pool}{i}" for pool in "ab" for i in range(len(weights))]
    lines = ["blackstart: 1", "components:", *(f"  {name}: {{fails: 1/yr, repair: 1h}}" for name in parts), "services:"]
    for pool in "ab":
        shares = ", ".join(f"{pool}{i}: {w:.0%}" for i, w in enumerate(weights))
        lines.append(f"  {pool}: {{needs: {{capacity: {{{shares}}}, at_least: 1%}}, users: 1}}")
    lines.append("  s: {wants: {a: 30%, b: 20%}, users: 1, tolerance: {serves: 81%}}")
    system = compile_model(load_text("\n".join(lines)))
    read = st.structure(system, lost=True)
    place = {system.components[e.a]: i for i, e in enumerate(read.events)}
    p = np.full(len(read.events), 0.0)
    p[[place[name] for name in parts]] = np.linspace(0.05, 0.4, len(parts))
    solved = logic.solve(read.formula, p)
    expected = 0.0
    for up in itertools.product((0.0, 1.0), repeat=len(parts)):
        chance = np.prod([1.0 - p[place[name]] if there else p[place[name]] for name, there in zip(parts, up, strict=True)])
        a, b = np.dot(weights, up[:5]), np.dot(weights, up[5:])
        expected += chance * ((1.0 - 0.3 * (1.0 - a)) * (1.0 - 0.2 * (1.0 - b)) < 0.81 - 1e-9)
    assert solved.outcome == "exact" and solved.nodes < 2_000
    assert solved.probability[system.services.index("s")] == pytest.approx(expected, rel=1e-9)
