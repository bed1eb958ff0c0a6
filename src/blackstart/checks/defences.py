"""Checks on which defences can stand together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.checks.index import arrows, nearest
from blackstart.errors import Problem
from blackstart.graph import circles_of
from blackstart.language.model import Model

SEVERITY: Mapping[str, str] = {
    "defence-names-itself": "error", "defence-unknown": "error", "defence-circle": "error", "defence-contradiction": "error",
}  # fmt: skip


def defences(model: Model) -> Iterator[Problem]:
    known = model.defences
    for defence in known.values():
        path = f"defences.{defence.id}"
        for field, names in (("requires", defence.requires), ("excludes", defence.excludes)):
            for name in names:
                values = {"name": defence.id, "field": field, "other": name}
                if name == defence.id:
                    yield Problem("defence-names-itself", defence.where, f"{path}.{field}", values)
                elif name not in known:
                    yield Problem("defence-unknown", defence.where, f"{path}.{field}", values, nearest(name, known))
    for circle in circles_of({d.id: [n for n in d.requires if n != d.id] for d in known.values()}):
        first = known[circle[0]]
        values = {"name": first.id, "chain": arrows([*circle, circle[0]])}
        yield Problem("defence-circle", first.where, f"defences.{first.id}.requires", values)
    yield from _contradictions(model)


def _contradictions(model: Model) -> Iterator[Problem]:
    """A defence that, directly or through what it requires, needs something it cannot stand beside."""
    pairs = ((d.id, name) for d in model.defences.values() for name in d.excludes)
    excluded = {frozenset(pair) for pair in pairs if pair[0] != pair[1]}
    if not excluded:
        return
    for defence in model.defences.values():
        together: set[str] = set()
        stack = [defence.id]
        while stack:
            name = stack.pop()
            if name not in together and name in model.defences:
                together.add(name)
                stack.extend(model.defences[name].requires)
        pair = next((p for p in excluded if p <= together), None)
        if pair is not None:
            first, second = sorted(pair)
            values = {"name": defence.id, "first": first, "second": second}
            yield Problem("defence-contradiction", defence.where, f"defences.{defence.id}", values)
