"""Checks on what hangs on what: a component under no service, one under many, load that comes from nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from blackstart.checks.index import Index, finding
from blackstart.errors import Problem
from blackstart.graph import downwards
from blackstart.language.model import Component, Need, every_effect
from blackstart.language.needs import leaf_names, least

SEVERITY: Mapping[str, str] = {
    "no-services": "error", "overload-without-load": "warning", "under-no-service": "note", "shared-by-services": "note",
}  # fmt: skip
_MOST_SERVICES = 2048  # beyond this `shared-by-services` is left out: it would no longer be linear


def reach(index: Index) -> Iterator[Problem]:
    model = index.model
    services = model.services
    if not services:
        yield Problem("no-services")
        return
    reached = _reached(index, [*(service.id for service in services), *index.watched])
    for c in model.components.values():
        if c.id not in reached and c.id not in index.mentioned:
            yield finding(c, "", "under-no-service")
        if c.overload is not None and c.id not in index.loaded and not index.surges:
            yield finding(c, "overload", "overload-without-load")
    yield from _shared(index, services)


def _references(index: Index, c: Component) -> list[str]:
    """Everything a component leans on in some way."""
    names = leaf_names(c.needs)
    names = names + [want.name for want in c.wants] + [help_.name for help_ in c.helps]
    for job in (c.start, c.repair):
        if job is not None and job.needs is not None:
            names += leaf_names(job.needs)
    if c.data is not None:
        names += c.data.copies
        if c.data.backup is not None and c.data.backup.kept is not None:
            names.append(c.data.backup.kept)
    return names + index.standbys.get(c.id, [])


def _reached(index: Index, roots: list[str]) -> set[str]:
    model = index.model
    stack = list(roots)
    stack += [name for group in model.common_causes.values() for name in group.of]
    for row in (*model.barriers.values(), *model.teams.values()):
        stack += leaf_names(row.needs)
    for hazard in model.hazards.values():
        for effect in every_effect(hazard.effects):
            stack += [*leaf_names(effect.when), *([effect.until.back] if effect.until and effect.until.back else [])]
    reached: set[str] = set()
    while stack:
        name = stack.pop()
        if name not in reached and name in model.components:
            reached.add(name)
            stack += _references(index, model.components[name])
    return reached


def _must(need: Need | None) -> list[str]:
    """Names without which an expression cannot hold, by its shape alone: those under ``all`` only."""
    names: list[str] = []
    stack = [need] if need is not None else []
    while stack:
        node = stack.pop()
        if node.op == "leaf":
            names.append(node.name)
        elif node.op == "all" or (node.op in ("any", "at_least") and least(node) == len(node.of)):
            stack.extend(node.of)
    return names


def _shared(index: Index, services: Sequence[Component]) -> Iterator[Problem]:
    """A component under at least three services, and under at least half of all, with nothing above it so."""
    if not 3 <= len(services) <= _MOST_SERVICES:
        return
    model = index.model
    must = {c.id: [n for n in _must(c.needs) if n in model.components] for c in model.components.values()}
    above: dict[str, int] = {service.id: 1 << i for i, service in enumerate(services)}
    for name in downwards(must, list(above)):
        for below in must[name]:
            above[below] = above.get(below, 0) | above[name]
    least_many = max(3, -(-len(services) // 2))
    wide = {name: count for name, mine in above.items() if (count := mine.bit_count()) >= least_many}
    hidden = {
        below
        for name in wide
        if not model.components[name].is_service
        for below in must[name]
        if above[below] == above[name] and below != name
    }
    for name, count in wide.items():
        c = model.components[name]
        if not c.is_service and name not in hidden:
            yield finding(c, "", "shared-by-services", count=count, services=len(services))
