"""Which defences stand together: those that one requires, and two that would write over each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from blackstart.errors import Problem
from blackstart.model import Model


def overwrites(model: Model) -> list[Problem]:
    """Pairs of defences that may stand together and write different things at the same place.

    The later one of the file would win, and what the other was bought for would be lost without a word. A defence may
    write over one that it requires: that is what it is for.
    """
    written = {name: dict(_written(d.change)) for name, d in model.defences.items() if d.change is not None}
    needed = {name: set(with_required(model, name)) for name in model.defences}
    found = []
    for one, other in combinations(written, 2):
        if one in needed[other] or other in needed[one] or _apart(model, needed[one] | needed[other]):
            continue
        place = _clash(written[one], written[other])
        if place:
            values = {"one": one, "other": other, "place": ".".join(place)}
            found.append(Problem("defences-overwrite", model.defences[other].where, f"defences.{other}", values))
    return found


def _apart(model: Model, names: set[str]) -> bool:
    """Whether two of these exclude each other."""
    return any(names.intersection(model.defences[name].excludes) for name in names if name in model.defences)


def _written(patch: Any, lead: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every place that a merge patch writes, with what; a list is written as a whole."""
    for key, value in patch.items():
        if isinstance(value, dict) and value:
            yield from _written(value, (*lead, str(key)))
        else:
            yield (*lead, str(key)), value


def _clash(one: dict[tuple[str, ...], Any], other: dict[tuple[str, ...], Any]) -> tuple[str, ...] | None:
    """A place at which both write and not the same, or inside which one writes what the other replaces as a whole."""
    for mine, theirs in ((one, other), (other, one)):
        for place, value in mine.items():
            if place in theirs:
                if theirs[place] != value:
                    return place
                continue
            above = next((place[:k] for k in range(1, len(place)) if place[:k] in theirs), None)
            if above is not None:
                return above
    return None


def with_required(model: Model, name: str) -> tuple[str, ...]:
    """A defence behind those that it requires and that are not there yet, directly or not."""
    order: list[str] = []

    def add(one: str) -> None:
        if one in order or one not in model.defences:
            return
        order.append(one)
        for other in model.defences[one].requires:
            if other in model.defences and model.defences[other].state == "absent":
                add(other)

    add(name)
    return tuple(reversed(order))
