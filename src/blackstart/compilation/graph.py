"""The graph of who needs whom: gates, levels and circles, in what order work is taken up, what carries load."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from blackstart.compilation.numbering import Numbering
from blackstart.compilation.ragged import grouped, ints, numbers
from blackstart.engines import layout as k
from blackstart.language import at_rest
from blackstart.language.model import Component

SERVICES_AT_ONCE = 512  # a bit for each, at each node: all of thousands would fill the memory

Columns = Mapping[str, np.ndarray]


def columns(n: Numbering, others: Columns) -> dict[str, np.ndarray]:
    """Columns of gates and nodes; `others` are those of everything that has needs."""
    C, gates = len(n.rows), _gates(n)
    o = {**others, **gates}
    nodes = _nodes(o, C, len(n.gates.op))
    o |= nodes
    rest = at_rest.levels(o, C, nodes["level_of"].size)
    return {**gates, **nodes, "value_at_rest": rest, "order": _order(o, n.rows), "load_node": _load(o, C)}


def _gates(n: Numbering) -> dict[str, np.ndarray]:
    ptr, child = numbers(n.gates.children)
    return {
        "gate_op": np.array(n.gates.op, np.int8).reshape(-1), "gate_k": np.array(n.gates.k, float).reshape(-1),
        "gate_w": np.array(n.gates.weights, float).reshape(-1), "gate_ptr": ptr, "gate_child": child,
        "maybe_node": ints(len(n.rows) + gate for gate, op in enumerate(n.gates.op) if op == k.MAYBE),
    }  # fmt: skip


def _nodes(o: Columns, C: int, G: int) -> dict[str, np.ndarray]:
    """Who stands on each node and who watches it, its level and its circle; C components come first, then G gates."""
    roots = {name: _stated(o[name]) for name in ("need", "want", "glass_run", "start_need", "repair_need")}
    of_gates = C + np.repeat(np.arange(G), np.diff(o["gate_ptr"]))
    carried = [(o["gate_child"], of_gates), *(roots[name] for name in ("need", "want", "glass_run"))]
    child, parent = (np.concatenate(side).astype(np.int64) for side in zip(*carried, strict=True))
    keeper = o["ds_kept"][o["slot_ds"]]  # who holds data hangs on the keeper of its backup
    kept = (keeper[keeper >= 0], o["ds_holder"][keeper >= 0])
    watched = [*(roots[name] for name in ("need", "start_need", "repair_need", "glass_run")), kept]
    watch = np.unique(np.concatenate([np.column_stack(one) for one in watched]).astype(np.int64), axis=0)
    par_ptr, par_node = grouped(child, parent, C + G)
    watch_ptr, watch_comp = grouped(watch[:, 0], watch[:, 1], C + G)
    level, scc, scc_ptr, scc_node = _levels(child, parent, C + G)
    return {"par_ptr": par_ptr, "par_node": par_node, "watch_ptr": watch_ptr, "watch_comp": watch_comp,
            "level_of": level, "scc_of": scc, "scc_ptr": scc_ptr, "scc_node": scc_node}  # fmt: skip


def _stated(root: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nodes that stand in a column of needs, and the components that state them."""
    has = np.flatnonzero(root >= 0)
    return root[has], has


def _order(o: Columns, rows: list[Component]) -> np.ndarray:
    """The place of each component (C,) in the order in which people take up work: by priority, then by what is at stake."""
    C = len(rows)
    first = np.array([math.inf if c.priority is None else c.priority for c in rows])
    value = _value_at_stake(o, rows) if o["crew_team"].size else np.zeros(C)
    order = np.empty(C, np.int64)
    order[np.lexsort((np.arange(C), -value, first))] = np.arange(C)
    return order


def _load(o: Columns, C: int) -> np.ndarray:
    """Nodes that put load on a component that can trip, those above it, parents first."""
    if not np.isfinite(o["overload"]).any():
        return np.zeros(0, np.int64)
    wanted = np.zeros(o["level_of"].size, bool)
    stack = [int(i) for i in np.flatnonzero(np.isfinite(o["overload"]))]
    while stack:
        node = stack.pop()
        if not wanted[node]:
            wanted[node] = True
            stack.extend(int(p) for p in o["par_node"][o["par_ptr"][node] : o["par_ptr"][node + 1]])
    nodes = np.flatnonzero(wanted)
    # on one level: components, then gates, those that hold others first
    return nodes[np.lexsort((np.where(nodes < C, nodes, -nodes), nodes >= C, -o["level_of"][nodes]))].astype(np.int64)


def circles(rows: list[Component], index: dict[str, int], names: Callable[[Component], list[str]]) -> np.ndarray:
    """For each component the number of its circle in the graph of what `names` gives, -1 if on none."""
    a = [index[n] for c in rows for n in names(c)]
    b = [index[c.id] for c in rows for _ in names(c)]
    return _levels(np.array(a, np.int64), np.array(b, np.int64), len(index))[1]


def _levels(child: np.ndarray, parent: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Level of each node (all it stands on is lower, or on its circle), circles as rows of nodes.

    Returns level (n,), circle of each node or -1 (n,), and the circles as pointers and nodes.
    """
    level = _ranks(child, parent, n)
    if (level >= 0).all():
        return level, np.full(n, -1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int64)
    from scipy.sparse import csr_matrix  # most models have no circle: imported late, it is slow to load
    from scipy.sparse.csgraph import connected_components

    graph = csr_matrix((np.ones(child.size, np.int8), (child, parent)), shape=(n, n))
    n_comp, label = connected_components(graph, directed=True, connection="strong")
    size = np.bincount(label, minlength=n_comp)
    self_loop = np.zeros(n_comp, bool)
    self_loop[label[child[child == parent]]] = True
    circle = (size > 1) | self_loop
    number = np.full(n_comp, -1)
    number[circle] = np.arange(circle.sum())
    scc_of = number[label].astype(np.int64)
    on = np.flatnonzero(scc_of >= 0)
    scc_ptr, scc_node = grouped(scc_of[on].astype(np.int64), on, int(circle.sum()))
    a, b = label[child], label[parent]
    keep = a != b
    return _ranks(a[keep], b[keep], n_comp)[label], scc_of, scc_ptr, scc_node


def _ranks(child: np.ndarray, parent: np.ndarray, n: int) -> np.ndarray:
    """How many steps each node stands above those that stand on nothing (n,) int64; -1 on a circle or above one."""
    ptr, above = grouped(child, parent, n)
    waits = np.bincount(parent, minlength=n) if parent.size else np.zeros(n, int)
    level = np.full(n, -1, np.int64)
    front = np.flatnonzero(waits == 0)
    depth = 0
    while front.size:  # Kahn's algorithm, one whole level at a time
        level[front] = depth
        counts = ptr[front + 1] - ptr[front]
        starts = np.repeat(ptr[front] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        reached = above[starts + np.arange(counts.sum())]
        np.subtract.at(waits, reached, 1)
        reached = np.unique(reached)
        front = reached[waits[reached] == 0]
        depth += 1
    return level


def _value_at_stake(o: Columns, rows: list[Component]) -> np.ndarray:
    """Loss rate (money/h) of all services that need each component for running, directly or not: (C,) float64."""
    C = len(rows)
    value = np.zeros(C)
    eight = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(float)
    for first in range(0, o["svc_comp"].size, SERVICES_AT_ONCE):
        services = o["svc_comp"][first : first + SERVICES_AT_ONCE]
        bits = _services_above(o, services)
        worth = np.zeros(8 * bits.shape[1])
        worth[: services.size] = [rows[i].loss_per_hour for i in services]
        for byte in range(bits.shape[1]):
            value += (eight @ worth[8 * byte : 8 * byte + 8])[bits[:C, byte]]
    return value


def _services_above(o: Columns, services: np.ndarray) -> np.ndarray:
    """Which services need each node for running, directly or not: (N, services / 8) uint8, a bit for each service."""
    level, scc, ptr, parent = o["level_of"], o["scc_of"], o["par_ptr"], o["par_node"]
    bits = np.zeros((level.size, (services.size + 7) // 8), np.uint8)
    place = np.arange(services.size)
    bits[services, place // 8] |= (128 >> (place % 8)).astype(np.uint8)
    below_somebody = np.flatnonzero(np.diff(ptr) > 0)
    by_level = below_somebody[np.argsort(-level[below_somebody], kind="stable")]
    cuts = np.flatnonzero(np.diff(level[by_level])) + 1
    for nodes in np.split(by_level, cuts):  # parents first; within one level nobody needs another, but on a circle
        for part in np.array_split(nodes, 1 + nodes.size // 4096):
            alone = part[scc[part] < 0]
            if alone.size:
                counts = ptr[alone + 1] - ptr[alone]
                begin = np.cumsum(counts) - counts
                above = parent[np.repeat(ptr[alone] - begin, counts) + np.arange(counts.sum())]
                bits[alone] |= np.bitwise_or.reduceat(bits[above], begin, axis=0)
        for number in np.unique(scc[nodes[scc[nodes] >= 0]]):  # on a circle everybody stands under everybody
            circle = o["scc_node"][o["scc_ptr"][number] : o["scc_ptr"][number + 1]]
            around = np.unique(np.concatenate([parent[ptr[m] : ptr[m + 1]] for m in circle]))
            bits[circle] |= np.bitwise_or.reduce(bits[np.union1d(around, circle)], axis=0)
    return bits
