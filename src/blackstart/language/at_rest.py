"""What everything serves when nothing is wrong, and whether that is enough; what can serve a part.

A service that is out before any misfortune has come has no availability to speak of; one that never serves all of its demand is
missing something for ever. Both come from what is stated, so both are said before anything is computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import numpy as np

from blackstart.engines import layout as k
from blackstart.engines.layout import Arrays
from blackstart.errors import Problem, listed
from blackstart.graph import downwards
from blackstart.language.model import Component, Model, Need, Tolerance, every_effect
from blackstart.language.needs import leaves

SEVERITY: Mapping[str, str] = {"never-runs": "error", "out-at-rest": "error", "short-at-rest": "warning", "standby-leaves-early": "note"}
_NOTHING = 1e-9  # a circle of needs with too little headroom comes down to nothing step by step, and stops a hair above it
_WHOLE = 1.0 - _NOTHING
_USUAL = Tolerance()


def problems(model: Model, arrays: Arrays) -> list[Problem]:
    """Components that cannot run even when nothing is broken, and services that serve less than they should.

    Each service is named with what keeps its level low. Doubtful needs count as there, standbys as not running.
    """
    rows, rest = list(model.components.values()), arrays.node["rest"]
    need, standby = arrays.component["need"], arrays.component["standby"]
    found: list[Problem] = []
    dead = {i for i in range(len(rows)) if not standby[i] and need[i] >= 0 and rest[need[i]] <= _NOTHING}
    for i in sorted(dead):
        found.append(Problem("never-runs", rows[i].where, rows[i].path, {"name": rows[i].id}))
    for service in arrays.service:
        i = int(service["component"])
        if rest[i] >= _WHOLE or i in dead:
            continue
        code = "out-at-rest" if rest[i] < service["serves"] else "short-at-rest"
        by = listed([rows[c].id for c in dict.fromkeys(_short(arrays, i))])
        values = {"name": rows[i].id, "level": f"{rest[i]:.1%}", "serves": f"{service['serves']:.0%}", "by": by}
        found.append(Problem(code, rows[i].where, rows[i].path, values))
    return found


def _short(arrays: Arrays, component: int) -> Iterator[int]:
    """The components under one, itself among them, that of themselves serve less than all: by headroom, weights, or standing by."""
    rest, rows = arrays.node["rest"], arrays.component
    stack, seen = [(component, component)], set()  # (node, the component that states it)
    while stack:
        node, owner = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node < rows.size:
            row = rows[node]
            if row["standby"] or row["headroom"] < 1.0:
                yield node
            if not row["standby"]:
                stack += [(int(n), node) for n in (row["want"], row["need"]) if n >= 0 and rest[n] < _WHOLE]
            continue
        gate = arrays.gate[node - rows.size]
        if gate["op"] == k.CAPACITY and arrays.weight[gate["lo"] : gate["hi"]].sum() < _WHOLE:
            yield owner
        stack += [(int(n), owner) for n in arrays.child[gate["lo"] : gate["hi"]][::-1] if rest[n] < _WHOLE]


def out_below(model: Model) -> dict[str, float | None]:
    """For each service the share of its demand below which it counts as out; None for one that serves all or nothing.

    One can serve a part if it, or anything it stands on, has parts (`count`), weights (`capacity`), soft needs (`wants`), or can
    carry too little load (`headroom`, a `surge`).
    """
    surges = any(e.op == "surge" for h in model.hazards.values() for e in every_effect(h.effects))
    surges = surges or any(c.surge is not None for c in model.components.values())
    rows = model.components.values()
    partly = _on_top_of(model, [c.id for c in rows if surges or c.count > 1 or c.headroom < 1.0 or c.wants or _weighs(c)])
    return {c.id: (c.tolerance or _USUAL).serves if c.id in partly else None for c in model.services}


def early_standbys(model: Model) -> Iterator[Problem]:
    """Standbys that go back although what they stand by for serves next to nothing yet: it comes back in parts, and `below` is unstated."""
    standbys = [c for c in model.components.values() if c.standby and c.standby.failback and "standby.below" not in c.wheres]
    if not standbys:
        return
    in_parts = _on_top_of(model, [c.id for c in model.components.values() if _comes_in_parts(c) or _weighs(c)])
    for c in standbys:
        patient = next((name for name in c.standby.stands_for if name in in_parts), None)
        if patient is not None and c.standby.below == 0.0:
            yield Problem("standby-leaves-early", c.standby.where or c.where, f"{c.path}.standby", {"name": c.id, "patient": patient})


def _on_top_of(model: Model, names: list[str]) -> set[str]:
    """These components, and all that need or want them, directly or not."""
    above: dict[str, list[str]] = {name: [] for name in model.components}
    for c in model.components.values():
        for name in (*(leaf.name for leaf in leaves(c.needs)), *(want.name for want in c.wants)):
            if name in above:
                above[name].append(c.id)
    return set(downwards(above, names))


def _weighs(c: Component) -> bool:
    return any(n.op == "capacity" for n in _nodes(c.needs))


def _comes_in_parts(c: Component) -> bool:
    return c.count > 1 and any(job is not None and job.work is not None for job in (c.start, c.repair))


def _nodes(need: Need | None) -> Iterator[Need]:
    stack = [need] if need is not None else []
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.of)


def levels(o: dict, C: int, N: int) -> np.ndarray:
    """Level of every node (N,) when nothing is broken and every doubtful need exists (greatest fixpoint on circles)."""
    value = np.ones(N)
    value[:C][o["is_standby"]] = 0.0
    need, want, standby = o["need"].tolist(), o["want"].tolist(), o["is_standby"].tolist()
    headroom = o["headroom"].tolist()
    op, threshold = o["gate_op"].tolist(), o["gate_k"].tolist()
    ptr, child, weight = o["gate_ptr"].tolist(), o["gate_child"].tolist(), o["gate_w"].tolist()
    v = value.tolist()

    def gate(g: int) -> float:
        lo, hi = ptr[g], ptr[g + 1]
        parts = [v[c] for c in child[lo:hi]]
        if op[g] in (k.ALL, k.MAYBE):
            return min(parts)
        if op[g] == k.ANY:
            return max(parts)
        if op[g] == k.AT_LEAST:
            return sorted(parts, reverse=True)[int(threshold[g]) - 1]
        if op[g] == k.CAPACITY:
            total = sum(w * x for w, x in zip(weight[lo:hi], parts, strict=True))
            return 0.0 if total < threshold[g] - 1e-9 else min(1.0, total)
        return math.prod(1.0 - w * (1.0 - x) for w, x in zip(weight[lo:hi], parts, strict=True))

    def node(n: int) -> float:
        if n >= C:
            return gate(n - C)
        if standby[n]:
            return 0.0
        own = v[need[n]] if need[n] >= 0 else 1.0
        return own * (v[want[n]] if want[n] >= 0 else 1.0) * min(1.0, headroom[n])

    order = np.lexsort((np.arange(N), o["level_of"]))
    scc = o["scc_of"]
    done: set[int] = set()
    for n in order.tolist():
        if scc[n] < 0:
            v[n] = node(n)
        elif int(scc[n]) not in done:
            done.add(int(scc[n]))
            circle = o["scc_node"][o["scc_ptr"][scc[n]] : o["scc_ptr"][scc[n] + 1]].tolist()
            moving = True
            while moving:
                moving = False
                for m in circle:
                    new = node(m)
                    moving |= new != v[m]
                    v[m] = new
    return np.array(v)
