"""Which defences stand together: those that one requires, and two that would write over each other; what a change forgets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

from blackstart.errors import Problem, listed
from blackstart.language.model import Model, Need
from blackstart.language.needs import leaf_names
from blackstart.language.tree import ADDED, MEMBERS, added_to

SEVERITY: Mapping[str, str] = {"defences-overwrite": "warning", "defence-forgets-need": "warning", "defence-without-costs": "note"}


def unpriced(model: Model, ids: Iterable[str] | None = None) -> list[str]:
    """Those defences (of these, or that are not there yet) that state no cost: they are counted as free."""
    asked = [name for name, row in model.defences.items() if row.state == "absent"] if ids is None else ids
    return [name for name in asked if model.defences[name].costs_once is None and model.defences[name].costs_yearly is None]


def priceless(model: Model) -> Iterator[Problem]:
    """That defences state no cost; told once."""
    if names := unpriced(model):
        values = {"names": listed(names), "count": len(names)}
        yield Problem("defence-without-costs", model.defences[names[0]].where, f"defences.{names[0]}", values)


def overwrites(model: Model) -> list[Problem]:
    """Pairs of defences that may stand together and write different things at the same place.

    The later one of the file would win, and what the other was bought for would be lost without a word. A defence may
    write over one that it requires: that is what it is for. Two that add to one list (`any+`) do not write over each other.
    """
    written = {name: dict(_written(d.change)) for name, d in model.defences.items() if d.change is not None}
    needed = {name: set(with_required(model, name)) for name in model.defences}
    rows = {name: {place[:2] for place in places} for name, places in written.items()}
    whole = {name for name, places in rows.items() if any(len(place) == 1 for place in places)}  # writes a whole section
    found = []
    for one, other in combinations(written, 2):
        if one not in whole and other not in whole and rows[one].isdisjoint(rows[other]):
            continue  # most write in different rows
        if one in needed[other] or other in needed[one] or _apart(model, needed[one] | needed[other]):
            continue
        place = _clash(written[one], written[other])
        if place:
            values = {"one": one, "other": other, "place": ".".join(place)}
            found.append(Problem("defences-overwrite", model.defences[other].where, f"defences.{other}", values))
    return found


def forgotten(model: Model) -> list[Problem]:
    """Needs that a defence leaves out where it writes those of a component anew: a merge patch replaces a list as a whole.

    What is left out is taken for replaced where as many new members come in its place, and for kept where the others lead to it.
    Where nothing new comes, something was to go; and a doubtful need may go without a word.
    """
    found = []
    for name, defence in model.defences.items():
        patch = defence.change if isinstance(defence.change, dict) else {}
        entries = {
            str(c): row for section in ("components", "services") for c, row in (patch.get(section) or {}).items() if isinstance(row, dict)
        }  # fmt: skip
        below = {c: _below(model, c, row) for c, row in entries.items()}
        for c, row in entries.items():
            new = row.get("needs") if _anew(row) else None
            old = () if new is None or c not in model.components else _members(model.components[c].needs)
            new = new if isinstance(new, list) else [new]
            stay = _reached(model, below, {n for member in new for n in words(member)})
            gone = [member.name for member in old if member.op == "leaf" and member.name not in stay]
            present = {n for member in old for n in leaf_names(member)}
            come = [member for member in new if not present & words(member)]
            if len(gone) > len(come) > 0:
                values = {"name": name, "component": c, "names": ", ".join(gone)}
                found.append(Problem("defence-forgets-need", defence.where, f"defences.{name}", values))
    return found


def _anew(row: Mapping[str, Any]) -> bool:
    """Whether a change writes the needs of a component anew, and does not only add to them."""
    new = row.get("needs")
    return "needs" in row and not (isinstance(new, dict) and any(added_to(key) for key in new))


def _below(model: Model, name: str, row: Mapping[str, Any]) -> set[str]:
    """What a component needs after a change of it: names, among other words."""
    there = model.components.get(name)
    kept = set() if _anew(row) or there is None else set(leaf_names(there.needs))
    return kept | words(row.get("needs", ())) | words(row.get("needs" + ADDED, ()))


def _members(need: Need | None) -> tuple[Need, ...]:
    """What must all be there; nothing where a change would be merged in and not replace it."""
    if need is None or need.op not in ("leaf", "all"):
        return ()
    return need.of if need.op == "all" else (need,)


def words(written: Any) -> set[str]:
    """Words of something written, a need or a list, that may be names; none of nothing."""
    if written is None:
        return set()
    if isinstance(written, dict):
        return {str(key) for key in written}.union(*map(words, written.values()))
    return set().union(*map(words, written)) if isinstance(written, list | tuple) else {str(written)}


def _reached(model: Model, below: dict[str, set[str]], names: set[str]) -> set[str]:
    """These and all that they need, with what a change says of some."""
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            row = model.components.get(name)
            todo += below.get(name, leaf_names(row.needs) if row is not None else ())
    return found


def _apart(model: Model, names: set[str]) -> bool:
    """Whether two of these exclude each other."""
    return any(names.intersection(model.defences[name].excludes) for name in names if name in model.defences)


ADDS = object()  # written at a list to which something is added: whatever it is, the list holds all of it in the end


def _written(patch: Any, lead: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every place that a merge patch writes, with what; a list is written as a whole, or added to."""
    for key, value in patch.items():
        word = added_to(key)
        if word is not None:
            yield (*lead, word), ADDS
        elif isinstance(value, dict) and value:
            yield from _written(value, (*lead, str(key)))
        else:
            yield (*lead, str(key)), value


def _clash(one: dict[tuple[str, ...], Any], other: dict[tuple[str, ...], Any]) -> tuple[str, ...] | None:
    """A place at which both write and not the same, or inside which one writes what the other replaces as a whole.

    Also a need to which one adds under `any` and the other under `all`: it cannot be both.
    """
    for mine, theirs in ((one, other), (other, one)):
        for place, value in mine.items():
            if place in theirs:
                if theirs[place] != value:
                    return place
                continue
            if value is ADDS and any(theirs.get((*place[:-1], word)) is ADDS for word in MEMBERS if place[-1] in MEMBERS):
                return place[:-1]
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
