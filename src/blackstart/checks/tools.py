"""Checks on what brings things back: a tool, or what its people are called by, lost with what it is needed for; what force skips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.checks.unmended import broken_together
from blackstart.errors import Problem, listed
from blackstart.language.model import Component, Model, Need, Repair, Start
from blackstart.language.needs import leaf_names
from blackstart.language.places import Places

SEVERITY: Mapping[str, str] = {"tool-with-its-patient": "warning", "break-glass-skips": "warning", "without-tools": "note"}


def problems(model: Model, places: Places) -> Iterator[Problem]:
    """Each tool that is lost with what it must bring back, once for each place; or that people are said to need none."""
    yield from _without(model)
    yield from _skipped(model)
    found: dict[tuple[str, str], dict[str, tuple[Component, str]]] = {}
    together = broken_together(model)
    for c in model.components.values():
        for field, job in (("start", c.start), ("repair", c.repair)):
            for need, stated in _asked(model, job, field):
                for patient in _patients(model, c, field):
                    for tool, place in places.tools_beside(patient, need):
                        if any(tool in names and patient.id in names for names in together):
                            continue  # no tool that is lost with the place, but a part that is repaired first
                        found.setdefault((tool, place), {}).setdefault(patient.id, (c, stated))
    for (tool, place), patients in found.items():
        c, stated = next(iter(patients.values()))
        values = {"name": c.id, "tool": tool, "place": place, "patients": listed(patients), "count": len(patients)}
        part = getattr(c, stated.partition(".")[0])
        path = f"{c.path}.{stated}"
        yield Problem("tool-with-its-patient", c.wheres.get(stated) or part.where or c.where, path, values)


def _skipped(model: Model) -> Iterator[Problem]:
    """Who says that force goes without one need for starting, as if it waited for the others: it goes without all of them (§8)."""
    for c in model.components.values():
        if c.break_glass is None or c.start is None or c.start.needs is None:
            continue
        running, starting = set(leaf_names(c.needs)), leaf_names(c.start.needs)
        named = [name for name in c.break_glass.without if name in starting and name not in running]
        skipped = [name for name in starting if name not in c.break_glass.without]
        if named and skipped:
            values = {"name": c.id, "named": listed(named), "skipped": listed(skipped), "first": skipped[0]}
            yield Problem("break-glass-skips", c.break_glass.where or c.where, f"{c.path}.break_glass.without", values)


def _without(model: Model) -> Iterator[Problem]:
    """A model whose people need nothing: no console, no way in, no telephone. Told once."""
    jobs = [(c, field, job) for c in model.components.values() for field, job in (("start", c.start), ("repair", c.repair)) if job]
    by_hand = [(c, field, job) for c, field, job in jobs if job.people]
    helped = any(c.helps for c in model.components.values())
    if by_hand and not helped and not any(_asked(model, job, field) for _, field, job in jobs):
        c, field, job = by_hand[0]
        values = {"name": c.id, "count": len({c.id for c, _, _ in by_hand})}
        yield Problem("without-tools", job.where or c.where, f"{c.path}.{field}.people", values)


def _asked(model: Model, job: Start | Repair | None, field: str) -> list[tuple[Need, str]]:
    """What a job asks for beside people and parts, and what its people are called by; each with the field that says so."""
    if job is None:
        return []
    called = [(model.teams[crew.team].needs, f"{field}.people") for crew in job.people if crew.team in model.teams]
    return [(need, stated) for need, stated in [(job.needs, f"{field}.needs"), *called] if need is not None]


def _patients(model: Model, c: Component, field: str) -> list[Component]:
    """Whose place matters for a job: a standby is started because others are lost, not itself."""
    if field == "repair" or c.standby is None:
        return [c]
    return [model.components[name] for name in c.standby.stands_for if name in model.components]
