"""Checks on effects that last until something serves again (`until: filter`): one that keeps down what it waits for never ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.coldstart import holds, leaf_names
from blackstart.errors import Problem, listed
from blackstart.model import Component, Effect, Model
from blackstart.places import Places

SEVERITY: Mapping[str, str] = {"until-never": "warning"}


def problems(model: Model, places: Places) -> Iterator[Problem]:
    """Effects of one hazard that wait for each other, or for what they themselves hold off. What people can force is not foreseen."""
    above: dict[str, list[str]] = {}
    for hazard in model.hazards.values():
        waiting = [effect for effect in _effects(hazard.effects) if effect.op == "hold" and effect.until and effect.until.back]
        if waiting and not above:
            above = _above(model)
        held = [_held(model, places, effect) for effect in waiting]
        while waiting:
            down = _down(model, above, {name for names in held for name in names})
            stay = [i for i, effect in enumerate(waiting) if _back(effect) in down]
            if len(stay) == len(waiting):
                names = dict.fromkeys(name for some in held for name in some)
                values = {"name": hazard.id, "backs": listed(dict.fromkeys(map(_back, waiting))), "held": listed(names)}
                yield Problem("until-never", waiting[0].where or hazard.where, f"hazards.{hazard.id}.effects", values)
                break
            waiting, held = [waiting[i] for i in stay], [held[i] for i in stay]


def _effects(effects: tuple[Effect, ...]) -> Iterator[Effect]:
    for effect in effects:
        yield effect
        yield from _effects(effect.then)


def _back(effect: Effect) -> str:
    return (effect.until.back if effect.until else None) or ""


def _held(model: Model, places: Places, effect: Effect) -> list[str]:
    """Components that an effect holds off whole."""
    if effect.target is None or effect.target.share < 1.0:
        return []
    names = set(effect.target.names)
    return [c.id for c in model.components.values() if c.id in names or names.intersection(places.of(c))]


def _above(model: Model) -> dict[str, list[str]]:
    """Who needs each component to run or to start."""
    above: dict[str, list[str]] = {}
    for c in model.components.values():
        for name in (*leaf_names(c.needs), *leaf_names(c.start.needs if c.start else None)):
            above.setdefault(name, []).append(c.id)
    return above


def _down(model: Model, above: Mapping[str, list[str]], held: set[str]) -> set[str]:
    """What cannot run while these are held off, though it may be in order itself."""
    down, todo = set(held), list(held)
    while todo:
        for name in above.get(todo.pop(), ()):
            if name not in down and not _can_run(model.components[name], down):
                down.add(name)
                todo.append(name)
    return down


def _can_run(c: Component, down: set[str]) -> bool:
    needs = (c.needs, c.start.needs if c.start else None)
    return c.break_glass is not None or all(holds(need, lambda name: name not in down) for need in needs)
