"""Random formulas and their answers by trying every state: nothing here knows how the engine works."""

from __future__ import annotations

import itertools
import random

import numpy as np

from blackstart.engines import logic
from blackstart.engines.formula import AND, FALSE, IFF, OR, THRESHOLD, TRUE, XOR, Formula


def random_formula(seed: int, most_events: int = 9) -> tuple[Formula, np.ndarray]:
    """A formula with shared gates, thresholds with weights, negation, constants and (half of the time) circles; probabilities."""
    draw = random.Random(seed)
    n, gates = draw.randint(1, most_events), draw.randint(1, 14)
    circles, signs = draw.random() < 0.5, draw.random() < 0.6
    kinds = [AND, OR, THRESHOLD] + ([XOR, IFF] if signs else [])
    group = [draw.randrange(3) if circles else g for g in range(gates)]  # circles only within a group, where nothing is negated
    rows = []
    for g in range(gates):
        joins_circle = circles and draw.random() < 0.6
        op = draw.choice([AND, OR, OR, THRESHOLD] if joins_circle else kinds)
        kids = []
        for _ in range(draw.randint(1, 5)):
            free = [h for h in range(gates) if (group[h] < group[g] if circles else h < g)]
            if joins_circle and draw.random() < 0.4:
                kids.append(2 * (n + draw.choice([h for h in range(gates) if group[h] == group[g]])))
            elif free and draw.random() < 0.5:
                kids.append(2 * (n + draw.choice(free)) + (signs and draw.random() < 0.3))
            elif draw.random() < 0.04:
                kids.append(draw.choice([TRUE, FALSE]))
            else:
                kids.append(2 * draw.randrange(n) + (signs and draw.random() < 0.3))
        weights = [draw.choice([1.0, 1.0, 1.0, 2.0, 0.5, 3.7, 0.0]) if op == THRESHOLD else 1.0 for _ in kids]
        if draw.random() < 0.5:
            weights = [1.0] * len(kids)
        k = draw.choice([1.0, 2.0, 3.0, 0.5 * sum(weights)]) if op == THRESHOLD else 0.0
        rows.append((op, k, kids, weights))
    tops = [2 * draw.randrange(n + gates) + (signs and draw.random() < 0.2) for _ in range(draw.randint(0, 2))] + [2 * (n + gates - 1)]
    formula = Formula(
        n,
        np.array([r[0] for r in rows], np.int8),
        np.array([r[1] for r in rows]),
        np.concatenate(([0], np.cumsum([len(r[2]) for r in rows]))).astype(np.int64),
        np.array([int(c) for r in rows for c in r[2]], np.int64),
        np.array([w for r in rows for w in r[3]]),
        np.array(tops, np.int64),
    )
    return formula, np.array([draw.choice([0.0, 1.0, 0.5, 1e-3, draw.random(), draw.random()]) for _ in range(n)])


def truth(formula: Formula, state: int) -> list[bool]:
    """Tops in one state (bit i of the number is event i): gates from false upwards until nothing changes."""
    n, gates = formula.events, len(formula.op)
    value = [bool(state >> i & 1) for i in range(n)] + [False] * gates

    def holds(c: int) -> bool:
        return c == TRUE if c < 0 else value[c >> 1] != bool(c & 1)

    for part in settled_first(formula):
        changed = True
        while changed:
            changed = False
            for g in part:
                span = range(formula.ptr[g], formula.ptr[g + 1])
                kids = [holds(int(formula.child[j])) for j in span]
                op = formula.op[g]
                if op == AND:
                    new = all(kids)
                elif op == OR:
                    new = any(kids)
                elif op == XOR:
                    new = sum(kids) % 2 == 1
                elif op == IFF:
                    new = all(kids) or not any(kids)
                else:
                    new = sum(float(formula.weight[j]) for j, kid in zip(span, kids, strict=True) if kid) >= formula.k[g] - 1e-9
                changed |= new != value[n + g]
                value[n + g] = new
    return [holds(int(t)) for t in formula.tops]


def settled_first(formula: Formula) -> list[list[int]]:
    """Gates in groups, each group after those it needs; gates of one circle are in one group (by reachability, cubic)."""
    gates = len(formula.op)
    reach = np.zeros((gates, gates), bool)
    for g in range(gates):
        for c in formula.child[formula.ptr[g] : formula.ptr[g + 1]]:
            if c >= 2 * formula.events:
                reach[g, c // 2 - formula.events] = True
    for m in range(gates):
        reach |= np.outer(reach[:, m], reach[m])
    rank = (reach & ~reach.T).sum(1)
    groups: dict[tuple, list[int]] = {}
    for g in sorted(range(gates), key=lambda g: rank[g]):
        loop = min([h for h in range(gates) if reach[g, h] and reach[h, g]], default=g)
        groups.setdefault((rank[g], loop), []).append(g)
    return [groups[key] for key in sorted(groups)]


def table_of(formula: Formula) -> np.ndarray:
    """(2^n, T) truth of every top in every state."""
    return np.array([truth(formula, s) for s in range(1 << formula.events)])


def chances(p: np.ndarray) -> np.ndarray:
    """(2^n,) probability of every state."""
    out = np.ones(1)
    for q in p:
        out = np.concatenate((out * (1 - q), out * q))
    return out


def minimal_sets(column: np.ndarray, n: int) -> set[frozenset[int]]:
    """Minimal sets of events such that some state with no other event true makes the top true."""
    works: set[int] = set()
    for size in range(n + 1):
        for chosen in itertools.combinations(range(n), size):
            mask = sum(1 << i for i in chosen)
            if column[mask] and not any(w & mask == w for w in works):
                works.add(mask)
    return {frozenset(i for i in range(n) if w >> i & 1) for w in works}


def prime_implicants(column: np.ndarray, n: int) -> set[frozenset[int]]:
    """Minimal sets of literals (twice the event, plus one where it is false) that make the top true whatever else holds."""
    cubes: dict[tuple[int, int], bool] = {(s, (1 << n) - 1): bool(column[s]) for s in range(1 << n)}
    level = {cube for cube, true in cubes.items() if true}
    prime: set[tuple[int, int]] = set()
    while level:
        joined, used = set(), set()
        for bits, care in level:
            for i in range(n):
                if care >> i & 1 and (bits ^ 1 << i, care) in level:
                    joined.add((bits & ~(1 << i), care & ~(1 << i)))
                    used.add((bits, care))
        prime |= level - used
        level = joined
    return {frozenset(2 * i + (not bits >> i & 1) for i in range(n) if care >> i & 1) for bits, care in prime}


def frequencies(column: np.ndarray, chance: np.ndarray, n: int, w: np.ndarray, back: np.ndarray) -> float:
    """How often a top becomes true: every state, every event that changes."""
    total, states = 0.0, np.arange(1 << n)
    for e in range(n):
        off = states[states >> e & 1 == 0]
        on = off | 1 << e
        others = chance[off] + chance[on]
        total += w[e] * others[column[on] & ~column[off]].sum() + back[e] * others[column[off] & ~column[on]].sum()
    return float(total)


def differences(seed: int, most_events: int = 7) -> list[str]:
    """Where the engine and the table of all states do not agree on a random formula."""
    formula, p = random_formula(seed, most_events)
    n, truth_table, chance = formula.events, table_of(formula), chances(p)
    draw = np.random.default_rng(seed)
    w, back = draw.random(n), draw.random(n)
    found = []

    def same(what: str, mine: object, right: object) -> None:
        if not np.allclose(mine, right, rtol=1e-9, atol=1e-13):
            found.append(f"{seed}: {what} {mine} instead of {right}")

    solved = logic.solve(formula, p, prime=True)
    minimal = logic.solve(formula, p)
    same("probability", solved.probability, chance @ truth_table)
    same("frequency", solved.frequency(w, back), [frequencies(column, chance, n, w, back) for column in truth_table.T])
    for e in range(n):
        sure, never = p.copy(), p.copy()
        sure[e], never[e] = 1.0, 0.0
        same(f"p given {e}", solved.p_given_true[:, e], chances(sure) @ truth_table)
        same(f"p given not {e}", solved.p_given_false[:, e], chances(never) @ truth_table)
        same(f"birnbaum {e}", solved.birnbaum[:, e], (chances(sure) - chances(never)) @ truth_table)
    other = draw.random((3, n))
    same("samples", solved.probabilities(other), [chances(q) @ truth_table for q in other])
    for t, column in enumerate(truth_table.T):
        found += set_differences(f"{seed}: prime, top {t}", solved, t, prime_implicants(column, n), p)
        bodies = minimal.bodies[t]
        right = prime_implicants(column, n) if bodies is None else plain_sets(column, n, bodies.turned)
        found += set_differences(f"{seed}: minimal, top {t}", minimal, t, right, p)
    return found


def plain_sets(column: np.ndarray, n: int, turned: dict[int, int]) -> set[frozenset[int]]:
    """Minimal sets as literals, where an event that only ever stands negated counts as its opposite."""
    flip = sum(1 << e for e in range(n) if turned.get(e))
    return {frozenset(2 * e + (flip >> e & 1) for e in chosen) for chosen in minimal_sets(column[np.arange(1 << n) ^ flip], n)}


def set_differences(name: str, solved: logic.Solved, top: int, right: set[frozenset[int]], p: np.ndarray) -> list[str]:
    """Where listed, counted and summed cut sets are not those of the table. Sets that cannot happen are counted, not listed."""
    weight = np.stack((p, 1.0 - p), 1).ravel()
    counts = [sum(len(s) == k for s in right) for k in range(max(map(len, right), default=0) + 1)]
    found = []
    if (solved.cut_sets.by_order(top) if right else []) != (counts if right else []):
        found.append(f"{name}: by order {solved.cut_sets.by_order(top)} instead of {counts}")
    listed = solved.most_likely(top, 1 << 20)
    if {frozenset(chosen) for _, chosen in listed} != {s for s in right if np.prod(weight[list(s)]) > 0.0} or len(listed) > len(right):
        found.append(f"{name}: listed {listed} instead of {right}")
    if any(a < b * (1.0 - 1e-12) for (a, _), (b, _) in zip(listed, listed[1:], strict=False)):
        found.append(f"{name}: not by probability")
    total = sum(float(np.prod(weight[list(s)])) for s in right)
    if not np.isclose(solved.cut_sets.rare_event_sum(top, p), total, rtol=1e-9):
        found.append(f"{name}: sum {solved.cut_sets.rare_event_sum(top, p)} instead of {total}")
    return found
