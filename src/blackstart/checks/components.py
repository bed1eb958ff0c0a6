"""Checks on one component: its needs, its start and repair, its data, what is hidden in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blackstart import evidence
from blackstart.checks import counts
from blackstart.checks.index import Index, aged_evidence, finding, is_plain, outside, unknown_kind
from blackstart.checks.services import service
from blackstart.checks.teams import crew
from blackstart.errors import Problem, listed
from blackstart.language.model import Component, Need, Start
from blackstart.language.needs import leaf_names, least, weights

SEVERITY: Mapping[str, str] = {
    "needs-itself": "error", "standby-for-itself": "error", "at-least-impossible": "error", "at-least-of-pool": "error",
    "capacity-impossible": "error", "capacity-without-least": "error", "named-twice": "error", "backup-nowhere": "error",
    "standby-without-start": "warning", "people-without-time": "warning", "copies-together": "warning", "backup-with-data": "warning",
    "break-glass-unknown": "warning", "priority-zero": "warning", "rides-without-needs": "warning", "overload-below-normal": "warning",
    "hidden-never-asked": "warning", "spare-never-arrives": "warning", "work-without-people": "note",
}  # fmt: skip


def component(index: Index, c: Component) -> Iterator[Problem]:
    if c.needs is not None:
        yield from _need(index, c, "needs", c.needs)
    elif c.rides is not None:
        yield finding(c, "rides", "rides-without-needs")
    if c.standby is not None:
        yield from _standby(c)
    if c.start is not None:
        yield from _job(index, c, "start", c.start)
        if c.start.works is not None:
            problem = finding(c, "start.works", "chance-outside", what="works")
            yield from outside(c.start.works, problem)
        if c.start.rehearsed is not None:
            yield from aged_evidence(index, c.start.rehearsed, finding(c, "start.rehearsed", ""))
    if c.repair is not None:
        yield from _job(index, c, "repair", c.repair)
        spare = c.repair.spare
        if spare is not None and not spare.stock and spare.lead is None:
            yield finding(c, "repair.spare", "spare-never-arrives")
    if c.break_glass is not None:
        yield from _break_glass(index, c)
    if c.tested is not None and c.hidden is None:
        yield finding(c, "tested", "tested-without-hidden")
    if c.hidden is not None and c.tested is None:
        yield finding(c, "hidden", "hidden-without-tested")
    elif c.hidden is not None and c.standby is None and not index.is_revealed(c):
        yield finding(c, "hidden", "hidden-never-asked")
    if c.overload is not None and c.overload <= 1.0:
        yield finding(c, "overload", "overload-below-normal", percent=f"{c.overload:.0%}")
    if c.priority == 0:
        yield finding(c, "priority", "priority-zero")
    if c.data is not None:
        yield from _data(index, c)
    if c.kind is not None and evidence.canonical(c.kind, "component") is None:
        yield unknown_kind(finding(c, "kind", "kind-unknown"), c.kind, "component")
    if c.is_service:
        yield from service(c)


def _need(index: Index, c: Component, field: str, need: Need) -> Iterator[Problem]:
    """An expression that has the component itself in it, or asks for more than there is."""
    if need.op != "leaf" and not is_plain(need):
        yield from _gates(index, c, field, need)
    if c.id in leaf_names(need):
        yield finding(c, field, "needs-itself")


def _gates(index: Index, c: Component, field: str, need: Need) -> Iterator[Problem]:
    stack = [need]
    while stack:
        node = stack.pop()
        stack.extend(child for child in node.of if child.op != "leaf")
        if node.op == "maybe" and node.chance is not None:
            problem = finding(c, field, "chance-outside", what="maybe")
            yield from outside(node.chance, problem)
        if node.op == "at_least" and not 1 <= node.threshold <= len(node.of):
            values = {"least": f"{node.threshold:g}", "members": len(node.of)}
            if (pool := counts.pool_of(index.model, node)) is not None:
                values |= {"pool": pool, "share": f"{min(1.0, node.threshold / index.model.components[pool].count):.0%}"}
            yield finding(c, field, "at-least-of-pool" if pool else "at-least-impossible", **values)
        if node.op in ("any", "at_least"):
            yield from _named_twice(c, field, [child.name for child in node.of if child.op == "leaf"])
        if node.op == "capacity" and not least(node):
            yield finding(c, field, "capacity-without-least", total=f"{sum(weights(node)):.0%}")
        elif node.op == "capacity" and not 0 < least(node) <= sum(weights(node)) + 1e-9:
            total, threshold = f"{sum(weights(node)):g}", f"{least(node):g}"
            yield finding(c, field, "capacity-impossible", least=threshold, total=total)


def _named_twice(c: Component, field: str, names: Sequence[str]) -> Iterator[Problem]:
    """The same thing twice where each is to count for itself."""
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        yield finding(c, field, "named-twice", what=listed(twice))


def _standby(c: Component) -> Iterator[Problem]:
    assert c.standby is not None
    if c.id in c.standby.stands_for:
        yield finding(c, "standby", "standby-for-itself")
    if c.start is None or not any((c.start.takes, c.start.detect, c.start.decide, c.start.switch, c.start.work)):
        yield finding(c, "standby", "standby-without-start")


def _job(index: Index, c: Component, field: str, job: Any) -> Iterator[Problem]:
    """A start or a repair: its needs, its people, its time."""
    if job.needs is not None:
        yield from _need(index, c, f"{field}.needs", job.needs)
    timed = job.takes or job.work or job.detect or job.decide or (isinstance(job, Start) and job.switch)
    if job.people:
        yield from crew(index, c, f"{field}.people", job.people)
        if not timed:
            yield finding(c, f"{field}.people", "people-without-time")
    elif job.work is not None:
        yield finding(c, f"{field}.work", "work-without-people")


def _break_glass(index: Index, c: Component) -> Iterator[Problem]:
    glass = c.break_glass
    assert glass is not None
    yield from crew(index, c, "break_glass.people", glass.people)
    if glass.people and glass.takes is None:
        yield finding(c, "break_glass.people", "people-without-time")
    if glass.without:
        known = set(leaf_names(c.needs))
        for job in (c.start, c.repair):
            known.update(leaf_names(job.needs) if job is not None else ())
        for name in glass.without:
            if name not in known:
                yield finding(c, "break_glass.without", "break-glass-unknown", what=name)


def _data(index: Index, c: Component) -> Iterator[Problem]:
    """Copies that one fire takes, and a backup that burns with them."""
    assert c.data is not None
    yield from _named_twice(c, "data.copies", c.data.copies)
    copies = tuple(dict.fromkeys(c.data.copies)) or (c.id,)
    places = index.places.shared(copies)
    if len(copies) > 1 and places:
        yield finding(c, "data.copies", "copies-together", copies=listed(copies), place=places[0])
    if c.data.backup is not None and c.data.backup.kept is None:
        yield finding(c, "data.backup", "backup-nowhere")
    kept = c.data.backup.kept if c.data.backup is not None else None
    if kept is not None:
        place = next(iter(index.places.shared((*copies, kept))), None)
        if kept in copies:
            yield finding(c, "data.backup.kept", "backup-with-data", kept=kept, place=place or kept)
        elif place is not None:
            yield finding(c, "data.backup.kept", "backup-with-data", kept=kept, place=place)
