"""Checks on who stands where: redundancy behind one wall, domains in circles, a component in two places."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from blackstart import evidence
from blackstart.checks.index import Index, arrows, finding, is_plain, unknown_kind
from blackstart.errors import Problem, listed
from blackstart.graph import circles_of
from blackstart.language.model import Component, Hazard, Need, every_effect
from blackstart.language.needs import leaf_names
from blackstart.language.places import MOST_AROUND

SEVERITY: Mapping[str, str] = {
    "domain-circle": "error", "redundancy-in-one-place": "warning", "in-two-places": "warning", "domain-too-deep": "warning",
    "unused-domain": "note",
}  # fmt: skip
_WHOLE_PLACES = ("site", "building", "room", "cloud-region")  # nobody is in two of a kind


def redundancies(index: Index) -> Iterator[Problem]:
    """What stands where it must not: redundancy behind one wall."""
    seen: set[tuple[Any, ...]] = set()
    for c in index.model.components.values():
        if c.needs is not None and c.needs.op != "leaf" and not is_plain(c.needs):
            yield from _redundancy(index, c, c.needs, seen)


def _redundancy(index: Index, c: Component, need: Need, seen: set[tuple[Any, ...]]) -> Iterator[Problem]:
    mine = index.places.of(c)
    stack = [need]
    while stack:
        node = stack.pop()
        stack.extend(child for child in node.of if child.op != "leaf")
        if node.op not in ("any", "at_least", "capacity"):
            continue
        members = sorted(set(leaf_names(node)))
        key = (*members, mine)
        if len(members) < 2 or key in seen:
            continue
        seen.add(key)
        # A place that holds the component too says nothing: when it is lost, so is the component.
        shared = [place for place in index.places.shared(members) if place not in mine]
        if shared:
            yield finding(c, "needs", "redundancy-in-one-place", members=listed(members), place=shared[0])


def domains(index: Index) -> Iterator[Problem]:
    model = index.model
    for circle in circles_of({d.id: d.located for d in model.domains.values()}):
        first = model.domains[circle[0]]
        values = {"name": first.id, "chain": arrows([*circle, circle[0]])}
        yield Problem("domain-circle", first.where, f"domains.{first.id}.in", values)
    deep = next((d for d in model.domains.values() if len(index.places.around(d.id)) >= MOST_AROUND), None)
    if deep is not None:
        values = {"name": deep.id, "most": MOST_AROUND}
        yield Problem("domain-too-deep", deep.where, f"domains.{deep.id}.in", values)
    used = index.inhabited | {name for hazard in model.hazards.values() for name in _struck(hazard)}
    for domain in model.domains.values():
        if domain.id not in used and domain.id not in index.mentioned:
            yield Problem("unused-domain", domain.where, f"domains.{domain.id}", {"name": domain.id})
        if domain.kind is not None and evidence.canonical(domain.kind, "domain") is None:
            problem = Problem("kind-unknown", domain.where, f"domains.{domain.id}.kind", {"name": domain.id})
            yield unknown_kind(problem, domain.kind, "domain")
    yield from _in_two_places(index)


def _in_two_places(index: Index) -> Iterator[Problem]:
    """A component in two sites, buildings or rooms of which neither is inside the other."""
    model = index.model
    judged: dict[tuple[str, ...], tuple[str, str] | None] = {}
    for c in model.components.values():
        if len(c.located) < 2:
            continue
        if c.located not in judged:
            judged[c.located] = _two_of_a_kind(index, index.places.of(c))
        two = judged[c.located]
        if two is not None:
            yield finding(c, "in", "in-two-places", first=two[0], second=two[1])


def _two_of_a_kind(index: Index, domains: Collection[str]) -> tuple[str, str] | None:
    kinds: dict[str, str] = {}
    for name in sorted(domains):
        kind = evidence.canonical(index.model.domains[name].kind or "", "domain")
        if kind not in _WHOLE_PLACES:
            continue
        other = kinds.setdefault(kind, name)
        nested = other in index.places.around(name) or name in index.places.around(other)
        if not nested:
            return other, name
    return None


def _struck(hazard: Hazard) -> Iterator[str]:
    """Names a hazard or one of its effects reaches."""
    yield from hazard.strikes
    for effect in every_effect(hazard.effects):
        if effect.target is not None:
            yield from effect.target.names
