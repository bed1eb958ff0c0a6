"""Checks on which defences can stand together, and on copies that they add of what a hazard breaks by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from blackstart.checks.index import arrows, nearest
from blackstart.errors import Problem, listed
from blackstart.graph import circles_of
from blackstart.language.model import Effect, Model, every_effect
from blackstart.language.places import Places
from blackstart.language.portfolio import words
from blackstart.language.tree import ADDED

SEVERITY: Mapping[str, str] = {
    "defence-names-itself": "error", "defence-unknown": "error", "defence-circle": "error", "defence-contradiction": "error",
    "defence-copy-spared": "warning",
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


def spared(model: Model, places: Places) -> Iterator[Problem]:
    """A copy that a defence adds beside several that a hazard breaks by a list of names, on which it does not stand.

    What is written so strikes all copies at once for a reason that they share (a migration, a release), and mostly the new one too.
    """
    breaks = [(h, e) for h in model.hazards.values() for e in every_effect(h.effects) if e.op in ("break", "destroy") and e.target]
    for defence in model.defences.values():
        patch = defence.change if isinstance(defence.change, dict) else {}
        for copy, beside in _copies(model, patch.get("components")):
            for hazard, effect in breaks:
                struck = [name for name in effect.target.names if name in beside] if effect.target else []
                if len(struck) > 1 and not _strikes(places, effect, patch["components"][copy]) and copy not in words(_of(patch, hazard.id)):
                    values = {"name": defence.id, "copy": copy, "hazard": hazard.id, "broken": listed(struck)}
                    yield Problem("defence-copy-spared", defence.where, f"defences.{defence.id}", values)
                    break


def _of(patch: Mapping[str, Any], hazard: str) -> Any:
    """What a change says of a hazard."""
    return (patch.get("hazards") or {}).get(hazard)


def _copies(model: Model, rows: Any) -> Iterator[tuple[str, set[str]]]:
    """New components that a change makes stand by for others, or hold a copy of their data, each with those beside which it stands."""
    rows = {str(c): row for c, row in rows.items() if isinstance(row, dict)} if isinstance(rows, dict) else {}
    for new, row in rows.items():
        if new in model.components:
            continue
        beside = words(row.get("standby"))
        for c, other in rows.items():
            data = other.get("data") if c in model.components else None
            copies = words(data.get("copies")) | words(data.get("copies" + ADDED)) if isinstance(data, dict) else set()
            beside |= {c} if new in copies else set()
        for c in model.components.values():
            held = {c.id, *(c.data.copies if c.data else ())}
            beside |= held if c.data and held & beside else set()
            beside |= {c.id} if c.standby and beside.intersection(c.standby.stands_for) else set()
        if beside.intersection(model.components):
            yield new, beside


def _strikes(places: Places, effect: Effect, row: Mapping[str, Any]) -> bool:
    """Whether an effect reaches what a change adds, by a domain or a tag."""
    target, within = effect.target, words(row.get("in"))
    around = within.union(*(places.around(name) for name in within))
    tags = words(row.get("tags")).union(*(places.model.domains[name].tags for name in around if name in places.model.domains))
    return target is not None and bool(around.intersection(target.names) or tags.intersection(target.tags))
