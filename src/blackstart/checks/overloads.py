"""Checks on load: weights that add up to more than the whole, and what trips again each time it comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.engines.layout import MOST_CHUNKS
from blackstart.errors import Problem, listed
from blackstart.model import Component, Model, Need
from blackstart.needs import leaf_names
from blackstart.units import write_number

SEVERITY: Mapping[str, str] = {"throttled-without-overload": "warning", "capacity-over-whole": "note", "trips-again": "note"}
_NOTHING = 1e-9


def problems(model: Model) -> Iterator[Problem]:
    """What is said of load that cannot be meant, or may not be."""
    again: dict[str, list[tuple[float, str]]] = {}  # what may trip again: the load that whoever needs it puts on its first part
    fragile = {c.id for c in model.components.values() if c.overload is not None}
    for c in model.components.values():
        if c.start is not None and c.start.throttled and c.overload is None:
            yield Problem("throttled-without-overload", c.start.where or c.where, f"{c.path}.start.throttled", {"name": c.id})
        for field, need in (("needs", c.needs), ("start.needs", c.start and c.start.needs), ("repair.needs", c.repair and c.repair.needs)):
            for gate in _capacities(need):
                yield from _over_whole(c, field, gate)
                for name, load in _too_much(model, gate, fragile) if field == "needs" else ():
                    again.setdefault(name, []).append((load, c.id))
    for name, users in again.items():
        c = model.components[name]
        by, load = listed(dict.fromkeys(user for _, user in users)), max(users)[0]
        values = {"name": name, "by": by, "parts": _parts(c), "load": write_number(load, 2), "limit": write_number(c.overload or 0.0, 2)}
        yield Problem("trips-again", c.wheres.get("overload") or c.where, f"{c.path}.overload", values)


def _capacities(need: Need | None) -> Iterator[Need]:
    stack = [need] if need is not None else []
    while stack:
        node = stack.pop()
        stack.extend(part for part in node.of if part.op != "leaf")
        if node.op == "capacity":
            yield node


def _over_whole(c: Component, field: str, gate: Need) -> Iterator[Problem]:
    total = sum(gate.weights)
    if total > 1.0 + _NOTHING and len(set(gate.weights)) > 1:  # like units are counted out with one to spare
        values = {"name": c.id, "total": f"{total:.0%}", "spare": f"{total - 1.0:.0%}"}
        yield Problem("capacity-over-whole", gate.where or c.where, f"{c.path}.{field}", values)


def _parts(c: Component) -> int:
    return min(MOST_CHUNKS, c.count)


def _too_much(model: Model, gate: Need, fragile: set[str]) -> Iterator[tuple[str, float]]:
    """Pools that come back part by part under a user who is content with the first part, puts all its load on it, and so trips it.

    Members that cannot trip count as there, other ones as tripped with it.
    """
    steady = sum(weight for part, weight in zip(gate.of, gate.weights, strict=True) if not fragile & set(leaf_names(part)))
    for part, weight in zip(gate.of, gate.weights, strict=True):
        c = model.components.get(part.name)
        if c is None or c.overload is None or c.count <= 1 or c.start is None or c.start.work is None or c.start.throttled:
            continue
        first = steady + weight / _parts(c)
        if first >= gate.threshold - _NOTHING and 1.0 / first > c.overload:
            yield c.id, 1.0 / first
