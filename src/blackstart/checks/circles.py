"""Checks on standbys that call each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.checks.index import arrows
from blackstart.errors import Problem
from blackstart.graph import circles_of
from blackstart.language.model import Model

SEVERITY: Mapping[str, str] = {"standby-circle": "error"}


def circular(model: Model) -> Iterator[Problem]:
    """Standbys that call each other."""
    calls = {c.id: c.standby.stands_for for c in model.components.values() if c.standby is not None}
    for circle in circles_of({name: [n for n in whom if n != name] for name, whom in calls.items()}):
        first = model.components[circle[0]]
        values = {"name": first.id, "chain": arrows([*circle, circle[0]])}
        yield Problem("standby-circle", first.where, f"{first.path}.standby", values)
