"""What hazards break: checks on what has no repair, so that whatever stood on it never comes back and no play of it ends.

What is destroyed may be meant to be gone for good, as a site is; what is only broken is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem, listed
from blackstart.language.model import Component, Effect, Hazard, Model, Target
from blackstart.language.places import Places

SEVERITY: Mapping[str, str] = {"fails-without-repair": "warning", "breaks-without-repair": "warning", "place-without-repair": "note"}


def problems(model: Model, places: Places) -> Iterator[Problem]:
    """Each component that breaks by itself, and each effect that breaks components, of which nothing says how they are repaired."""
    unmended = [c for c in model.components.values() if c.repair is None]
    for c in unmended:
        if c.fails is not None and c.fails.dist.mean() > 0:
            yield Problem("fails-without-repair", c.wheres.get("fails") or c.where, f"{c.path}.fails", {"name": c.id})
    told: set[str] = set()
    for hazard in model.hazards.values() if unmended else ():
        for effect in _breaks(hazard.effects):
            names = [c.id for c in unmended if c.id not in told and _names(effect.target, c)]
            told.update(names)
            if names:
                yield _broken(hazard, effect, names)
    yield from _with_their_place(model, places, [c for c in unmended if c.id not in told])


def _with_their_place(model: Model, places: Places, unmended: list[Component]) -> Iterator[Problem]:
    """What is broken or destroyed with the place in which it stands, and has no repair: one note for each place that is named."""
    told: set[str] = set()
    for hazard in model.hazards.values() if unmended else ():
        for effect in _breaks(hazard.effects, ("break", "destroy")):
            for place in effect.target.names if effect.target else ():
                names = [c.id for c in unmended if c.id not in told and place in places.of(c)]
                told.update(names)
                if names:
                    values = {"name": hazard.id, "place": place, "broken": listed(names), "first": names[0]}
                    first = model.components[names[0]]
                    yield Problem("place-without-repair", first.where, first.path, values)


def broken_together(model: Model) -> list[set[str]]:
    """What each hazard breaks by name, where that is several."""
    each = ({name for effect in _breaks(h.effects) if effect.target for name in effect.target.names} for h in model.hazards.values())
    return [names for names in each if len(names) > 1]


def _breaks(effects: tuple[Effect, ...], ops: tuple[str, ...] = ("break",)) -> Iterator[Effect]:
    """The effects that break something, those of effects included."""
    for effect in effects:
        if effect.op in ops and effect.target is not None:
            yield effect
        yield from _breaks(effect.then, ops)


def _names(target: Target | None, c: Component) -> bool:
    """Whether an effect names a component or a tag that it bears; one that takes a whole place means the place."""
    return target is not None and (c.id in target.names or bool(set(c.tags) & set(target.tags)))


def _broken(hazard: Hazard, effect: Effect, names: list[str]) -> Problem:
    where = (effect.target.where if effect.target else None) or effect.where or hazard.where
    values = {"name": hazard.id, "broken": listed(names), "first": names[0]}
    return Problem("breaks-without-repair", where, f"hazards.{hazard.id}.effects", values)
