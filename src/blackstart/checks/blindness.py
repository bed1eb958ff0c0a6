"""Checks on what only speeds work up (`helps`): it is no help if it falls with what it is to help bring back.

What a repair or a start *needs* is a matter of the cold-start findings and of `tool-with-its-patient`; a tool, dashboard or chat
that only *helps* makes no deadlock, so nothing else says that it is away just when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem, listed
from blackstart.graph import downwards
from blackstart.language.model import Component, Model, Need
from blackstart.language.needs import holds, leaf_names
from blackstart.language.places import Places

SEVERITY: Mapping[str, str] = {"help-falls-with-its-patient": "note", "help-beside-its-patient": "note"}
MOST_PATIENTS = 64  # of one helper that are looked at, so that thousands of racks on one dashboard cost no square


def problems(model: Model, places: Places) -> Iterator[Problem]:
    """For each helper once: whom it helps although it stands on it, or beside it behind the same wall."""
    helped: dict[str, list[Component]] = {}
    for c in model.components.values():
        for help_ in c.helps:
            if help_.name in model.components and help_.name != c.id:
                helped.setdefault(help_.name, []).append(c)
    needs = {c.id: [n for n in leaf_names(c.needs) if n in model.components] for c in model.components.values()} if helped else {}
    for helper, patients in helped.items():
        under = set(downwards(needs, [helper]))
        above = _turned(needs, under)
        fallen = [c for c in patients if c.id in under][:MOST_PATIENTS]
        fallen = [c for c in fallen if _falls_with(model, c.id, helper, above)]
        if fallen:
            chain = " → ".join(f"`{name}`" for name in _chain(needs, helper, fallen[0].id))
            yield _problem("help-falls-with-its-patient", helper, fallen, chain=chain)
        names = {c.id for c in fallen}
        for place, beside in _beside(places, helper, [c for c in patients if c.id not in names][:MOST_PATIENTS]).items():
            yield _problem("help-beside-its-patient", helper, beside, place=place)


def _problem(code: str, helper: str, patients: list[Component], **values: str) -> Problem:
    first = patients[0]
    help_ = next(h for h in first.helps if h.name == helper)
    shared = {"helper": helper, "patients": listed([c.id for c in patients]), "factor": f"{help_.factor:.2g}"}
    return Problem(code, help_.where or first.where, f"{first.path}.helps.{helper}", shared | values)


def _turned(needs: Mapping[str, list[str]], among: set[str]) -> dict[str, list[str]]:
    """Who of some components needs each."""
    above: dict[str, list[str]] = {}
    for name in among:
        for need in needs[name]:
            above.setdefault(need, []).append(name)
    return above


def _falls_with(model: Model, patient: str, helper: str, above: Mapping[str, list[str]]) -> bool:
    """Whether the helper stops running, sooner or later, when the patient does and all else stays."""
    down, todo = {patient}, [patient]
    while todo and helper not in down:
        for name in above.get(todo.pop(), ()):
            if name not in down and not holds(model.components[name].needs, lambda n: n not in down):
                down.add(name)
                todo.append(name)
    return helper in down


def _chain(needs: Mapping[str, list[str]], helper: str, patient: str) -> list[str]:
    """The shortest way over needs from the helper to its patient."""
    before: dict[str, str] = {helper: ""}
    todo = [helper]
    for name in todo:
        for need in needs[name]:
            if need not in before:
                before[need] = name
                todo.append(need)
    way = [patient]
    while before[way[-1]]:
        way.append(before[way[-1]])
    return way[::-1]


def _beside(places: Places, helper: str, patients: list[Component]) -> dict[str, list[Component]]:
    """Places whose loss takes the helper and a patient at once, each with those patients."""
    found: dict[str, list[Component]] = {}
    for c in patients:
        for _, place in places.tools_beside(c, Need("leaf", helper)):
            found.setdefault(place, []).append(c)
    return found
