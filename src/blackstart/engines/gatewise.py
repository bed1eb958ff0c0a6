"""What any dependence can make of one top, and states worth looking at, by going through the gates once: no programme is solved."""

from __future__ import annotations

import numpy as np

from blackstart.engines.combinations import Ordered
from blackstart.engines.formula import AND, CLOSE, OR

MOST_ROUNDS = 50  # of a circle; where that is not enough its gates ask for any event


def prices(tried: Ordered, p: np.ndarray) -> np.ndarray:
    """(n,) prices with which every set of events that makes the first top true pays 1 or more; with chances p (n,) they come to little.

    So the top is there for no more than prices @ p of the time, whatever the dependence (a solution of the dual programme). Of each gate
    such prices follow from those of its children: where any child will do, the highest of each event; where all must be there, those of
    the cheapest child; where k of them must, those of all but some r, divided by k − r, as k − r of these others must be there.
    Circles go from false upwards: by induction over the rounds, prices that a further round does not raise are enough.

    Tops may not be constants, and no negation may stand in the formula.
    """
    f, n = tried.formula, tried.formula.events
    paid = np.zeros((n + f.op.size, n))
    paid[np.arange(n), np.arange(n)] = 1.0

    def of(g: int) -> np.ndarray:
        at = slice(f.ptr[g], f.ptr[g + 1])
        each, weight = paid[f.child[at] >> 1], f.weight[at]
        if f.op[g] == OR:
            return each.max(axis=0)
        comes_to = each @ p
        if f.op[g] == AND:
            return each[np.argmin(comes_to)]
        return _of_threshold(each, weight, float(f.k[g]), comes_to, p)

    at = 0
    while at < tried.order.size:
        gates = tried.order[at : max(at + 1, int(tried.end[at]))].tolist()
        circle = tried.end[at] > 0
        for _ in range(MOST_ROUNDS if circle else 1):
            before = paid[[n + g for g in gates]]
            for g in gates:
                paid[n + g] = np.maximum(paid[n + g], of(g)) if circle else of(g)
            if not circle or (paid[[n + g for g in gates]] == before).all():
                break
        else:
            paid[[n + g for g in gates]] = 1.0
        at += len(gates)
    return paid[f.tops[0] >> 1]


def _of_threshold(each: np.ndarray, weight: np.ndarray, k: float, comes_to: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Prices of a gate that asks for k of its children: the best of those that leave the r dearest of them out."""
    best, room = np.ones(p.size), k
    dearest = np.argsort(-comes_to, kind="stable")
    for r in range(dearest.size):
        rest = dearest[r:]
        found = np.minimum(1.0, np.minimum(weight[rest], room) @ each[rest] / room)
        if found @ p < best @ p:
            best = found
        room -= weight[dearest[r]]
        if room <= CLOSE:
            break
    return best


def cheapest(tried: Ordered, price: np.ndarray) -> tuple[int, ...]:
    """A set of events that makes the first top true and has a low price; the lowest, where no event is asked for twice. None can: ().

    price : (n,) 0 or more
    """
    f, n = tried.formula, tried.formula.events
    cost = np.concatenate([price, np.full(f.op.size, np.inf)])
    taken: list[np.ndarray] = [np.zeros(0, np.int64)] * f.op.size

    def look(g: int) -> bool:
        at = slice(f.ptr[g], f.ptr[g + 1])
        nodes, weight = f.child[at] >> 1, f.weight[at]
        each = cost[nodes]
        if f.op[g] == OR:
            chosen = nodes[[np.argmin(each)]]
        elif f.op[g] == AND:
            chosen = nodes
        else:
            by = np.argsort(each / weight, kind="stable")
            enough = np.searchsorted(np.cumsum(weight[by]), f.k[g] - CLOSE)
            chosen = nodes[by[: enough + 1]]
        total = float(cost[chosen].sum())
        if total < cost[n + g]:  # strictly: so a circle never stands on itself
            cost[n + g], taken[g] = total, chosen
            return True
        return False

    at = 0
    while at < tried.order.size:
        gates = tried.order[at : max(at + 1, int(tried.end[at]))].tolist()
        while any([look(g) for g in gates]) and tried.end[at] > 0:
            pass
        at += len(gates)
    found, seen, todo = set(), set(), [int(f.tops[0] >> 1)]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        if node < n:
            found.add(node)
        else:
            todo += taken[node - n].tolist()
    return tuple(sorted(found))
