"""Checks on load: weights that add up to more than the whole, what trips again each time it comes back, what trips where it takes over."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from blackstart.engines.layout import MOST_CHUNKS
from blackstart.errors import Problem, listed
from blackstart.graph import circles_of
from blackstart.language.model import Component, Model, Need, every_effect
from blackstart.language.needs import holds, leaf_names, weights
from blackstart.units import write_number

SEVERITY: Mapping[str, str] = {
    "throttled-without-overload": "warning", "load-circle": "warning", "capacity-over-whole": "note", "trips-again": "note",
    "trips-as-it-takes-over": "note",
}  # fmt: skip
_NOTHING = 1e-9
_MOST_MEMBERS = 64  # of one need that are taken out one by one


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
    yield from _pushed(model)


# --------------------------------------------------------------------------- one is out, and the other bears more than it can


class _Push(NamedTuple):
    """When `gone` is out, `to` gets `load` times its normal peak and trips: by what `by` needs, or by a misfortune."""

    gone: str
    to: str
    load: float
    by: str


def _pushed(model: Model) -> Iterator[Problem]:
    """What trips as it takes over; and circles of such, where each comes back only to push the next one down."""
    found: dict[tuple[str, str], _Push] = {}
    for push in (*_by_needs(model), *_by_misfortunes(model)):
        if (push.gone, push.to) not in found or found[push.gone, push.to].load < push.load:
            found[push.gone, push.to] = push
    kept_off = {c.id for c in model.components.values() if c.start is not None and c.start.throttled}  # these settle as they come back
    circles = circles_of({gone: [p.to for p in found.values() if p.gone == gone and p.to not in kept_off] for gone, _ in found})
    order = list(model.components)
    for circle in (sorted(circle, key=order.index) for circle in circles):
        pushes = [push for push in found.values() if push.gone in circle and push.to in circle]
        c = model.components[circle[0]]
        said = "; ".join(f"`{p.gone}` → `{p.to}` {_times(p.load)} > {_times(model.components[p.to].overload or 0.0)}" for p in pushes)
        yield Problem("load-circle", c.wheres.get("overload") or c.where, f"{c.path}.overload", {"names": listed(circle), "pushes": said})
    for push in found.values():
        if not any(push.gone in circle and push.to in circle for circle in circles):
            c = model.components[push.to]
            values = {"name": c.id, "gone": push.gone, "by": push.by, "load": _times(push.load), "limit": _times(c.overload or 0.0)}
            yield Problem("trips-as-it-takes-over", c.wheres.get("overload") or c.where, f"{c.path}.overload", values)


def _times(load: float) -> str:
    return f"{load:.0%}"


def _by_needs(model: Model) -> Iterator[_Push]:
    """Load that moves within the needs of one user, at plain load, when one member is out."""
    fragile = {c.id for c in model.components.values() if c.overload is not None}
    for c in model.components.values():
        names = list(dict.fromkeys(leaf_names(c.needs)))
        if c.needs is None or fragile.isdisjoint(names) or len(names) > _MOST_MEMBERS:
            continue
        for gone in names:
            there = {n for n in names if n != gone and _takes_part(model, n, gone)}
            if not holds(c.needs, there.__contains__):
                continue
            for to, load in _loads(c.needs, 1.0, there):
                limit = model.components[to].overload if to in fragile else None
                if limit is not None and load > limit + _NOTHING:
                    yield _Push(gone, to, load, c.id)


def _takes_part(model: Model, name: str, gone: str) -> bool:
    """Whether a member serves when another is out: it runs always, or it stands by for that one; not what needs that one itself."""
    row = model.components.get(name)
    if row is None or gone in leaf_names(row.needs):
        return False
    return row.standby is None or gone in row.standby.stands_for


def _loads(need: Need, load: float, there: Collection[str]) -> Iterator[tuple[str, float]]:
    """The load that somebody who puts so much on an expression puts on each member that is there (the life of a component, §9)."""
    if need.op == "leaf":
        if need.name in there:
            yield need.name, load
        return
    serve = sum(w for part, w in zip(need.of, weights(need), strict=False) if holds(part, there.__contains__))
    each = {"any": load / max(1.0, serve), "capacity": load / max(_NOTHING, serve)}.get(need.op, load)
    if need.op == "at_least":
        each = load * need.threshold / max(need.threshold, serve)
    for part in need.of:
        yield from _loads(part, each, there)


def _by_misfortunes(model: Model) -> Iterator[_Push]:
    """Demand that a misfortune raises while something is down: retries that go elsewhere."""
    for hazard in model.hazards.values():
        for effect in every_effect(hazard.effects):
            if effect.op != "surge" or effect.target is None or effect.when is None or effect.when.op != "leaf":
                continue
            for name in effect.target.names:
                row = model.components.get(name)
                if row is not None and row.overload is not None and effect.factor > row.overload and name != effect.when.name:
                    yield _Push(effect.when.name, name, float(effect.factor), hazard.id)


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
