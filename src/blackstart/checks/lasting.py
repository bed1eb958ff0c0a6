"""Checks on when effects end: those without an end, and those that keep down what they last until (`until: filter`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem, listed
from blackstart.language.model import Component, Effect, Hazard, Model, Need, Until, every_effect
from blackstart.language.needs import leaf_names
from blackstart.language.places import Places

SEVERITY: Mapping[str, str] = {
    "effect-without-end": "error", "until-never": "warning", "until-unread": "warning", "until-at-once": "note",
    "lasts-unread": "warning", "again-without-for": "error",
}  # fmt: skip
_LASTING = ("hold", "bar", "surge", "slow", "take")
_NOTHING = 1e-9


def problems(model: Model, places: Places) -> Iterator[Problem]:
    """Effects of one hazard that wait for each other, or for what they themselves keep down. What people can force is not foreseen."""
    above: dict[str, list[str]] = {}
    for hazard in model.hazards.values():
        yield from _over_at_once(hazard)
        yield from _times_unread(hazard)
        yield from _unread(hazard)
        yield from _served_already(model, places, hazard)
        waiting = [e for e in every_effect(hazard.effects) if e.op in ("hold", "bar", "surge") and e.until and e.until.back]
        if waiting and not above:
            above = _above(model)
        broken = {name for e in every_effect(hazard.effects) if waiting and e.op in ("break", "destroy") for name in _hit(model, places, e)}
        hit = [[n for n in _hit(model, places, e) if e.op != "bar" or n in broken] for e in waiting]
        while waiting:
            served = _served(model, above, waiting, hit)
            stay = [i for i, effect in enumerate(waiting) if served.get(_back(effect), 1.0) <= _NOTHING]
            if len(stay) == len(waiting):
                names = dict.fromkeys(name for some in hit for name in some)
                values = {"name": hazard.id, "backs": listed(dict.fromkeys(map(_back, waiting))), "held": listed(names)}
                yield Problem("until-never", waiting[0].where or hazard.where, f"hazards.{hazard.id}.effects", values)
                break
            waiting, hit = [waiting[i] for i in stay], [hit[i] for i in stay]


def _over_at_once(hazard: Hazard) -> Iterator[Problem]:
    """An effect that is to last until all is `cleared` of a hazard that says of nothing how long it lasts."""
    if hazard.lasts:
        return
    for effect in every_effect(hazard.effects):
        end = effect.until or Until("cleared")
        lasts = effect.op in _LASTING or (effect.op == "trigger" and float(effect.factor) != 1.0)
        if lasts and end.back is None and end.plus is None:
            values = {"name": hazard.id, "op": effect.op}
            yield Problem("effect-without-end", effect.where or hazard.where, f"hazards.{hazard.id}.effects", values)


def _times_unread(hazard: Hazard) -> Iterator[Problem]:
    """Times of a hazard by which nothing begins or ends, and a raised rate of no length."""
    if hazard.again is not None and hazard.again.lasts is None:
        yield Problem("again-without-for", hazard.wheres.get("again") or hazard.where, f"hazards.{hazard.id}.again", {"name": hazard.id})
    read = [e for e in every_effect(hazard.effects) if e.since or (e.until.named if e.until else e.op in _LASTING or e.op == "trigger")]
    if hazard.lasts and not read and not all(time.source for time in hazard.lasts.values()):  # a kind brings what it knows
        values = {"name": hazard.id, "times": listed(hazard.lasts)}
        yield Problem("lasts-unread", hazard.wheres.get("lasts") or hazard.where, f"hazards.{hazard.id}.lasts", values)


def _served_already(model: Model, places: Places, hazard: Hazard) -> Iterator[Problem]:
    """Effects that last until something serves again that still serves when they begin: nothing of the hazard has stopped it by then."""
    timed = list(_timed(hazard, hazard.effects, 0.0))
    if any(effect.op == "trigger" for _, effect in timed):
        return  # what it sets off may stop it
    above: dict[str, list[str]] = {}
    for begins_h, effect in timed:
        c = model.components.get(_back(effect))
        if c is None or c.standby is not None or effect.op not in _LASTING:
            continue
        before = [e for at_h, e in timed if at_h <= begins_h and e.op in ("break", "destroy", "hold", "surge")]
        above = above or _above(model)
        if _served(model, above, before, [places.reached(e.target) for e in before]).get(c.id, 1.0) > _NOTHING:
            values = {"name": hazard.id, "op": effect.op, "back": c.id}
            yield Problem("until-at-once", effect.where or hazard.where, f"hazards.{hazard.id}.effects", values)


def _timed(hazard: Hazard, effects: tuple[Effect, ...], cause_h: float) -> Iterator[tuple[float, Effect]]:
    """Every effect with the mean time from the arrival at which it begins."""
    for effect in effects:
        named = hazard.lasts.get(effect.since or "") if hazard.lasts else None
        begins_h = max(cause_h, named.mean() if named else 0.0) + (effect.after.mean() if effect.after else 0.0)
        yield begins_h, effect
        yield from _timed(hazard, effect.then, begins_h)


def _unread(hazard: Hazard) -> Iterator[Problem]:
    """An end of what has none: it breaks, shows or sets off, and that is that."""
    for effect in every_effect(hazard.effects):
        now = effect.op in ("break", "destroy", "reveal") or (effect.op == "trigger" and float(effect.factor) == 1.0)
        if now and effect.until is not None:
            values = {"name": hazard.id, "op": effect.op}
            yield Problem("until-unread", effect.where or hazard.where, f"hazards.{hazard.id}.effects", values)


def _back(effect: Effect) -> str:
    return (effect.until.back if effect.until else None) or ""


def _hit(model: Model, places: Places, effect: Effect) -> list[str]:
    """Components that an effect surely reaches: of a share, only those of which it takes so many units."""
    whole = effect.target is None or effect.target.share >= 1.0
    return [name for name in places.reached(effect.target) if whole or model.components[name].count > 1]


def _above(model: Model) -> dict[str, list[str]]:
    """Who looks at the level of each component: needs to run or to start, or wants it."""
    above: dict[str, list[str]] = {}
    for c in model.components.values():
        start = leaf_names(c.start.needs if c.start else None)
        for name in (*leaf_names(c.needs), *start, *(want.name for want in c.wants)):
            above.setdefault(name, []).append(c.id)
    return above


def _served(model: Model, above: Mapping[str, list[str]], waiting: list[Effect], hit: list[list[str]]) -> dict[str, float]:
    """The level of whatever serves less than all while these effects act and all else is in order; levels only come down."""
    own, surge = dict[str, float](), dict[str, float]()
    for effect, names in zip(waiting, hit, strict=True):
        for name in names:
            if effect.op == "bar":  # what the hazard breaks there is not mended
                own[name] = 0.0
            elif effect.op in ("hold", "break", "destroy"):
                own[name] = own.get(name, 1.0) - (effect.target.share if effect.target else 1.0)
            else:
                surge[name] = surge.get(name, 1.0) * float(effect.factor)
    level: dict[str, float] = {}
    todo = list(dict.fromkeys([*own, *surge]))
    most = 100 * (len(model.components) + 1)  # levels on a circle may come down for ever, and then come to nothing
    while todo and most > 0:
        most -= 1
        name = todo.pop(0)
        c = model.components[name]
        now = _level(c, level, max(0.0, own.get(name, 1.0)), surge.get(name, 1.0))
        if now < level.get(name, 1.0) - _NOTHING:
            level[name] = now
            todo += [other for other in above.get(name, ()) if other not in todo]
    return level


def _level(c: Component, level: Mapping[str, float], own: float, surge: float) -> float:
    """What a component serves (life cycle, §2), if it may run at all; one that people can force does without its needs."""
    need = 1.0 if c.break_glass is not None else _value(c.needs, level)
    if need <= _NOTHING or (c.start is not None and c.break_glass is None and _value(c.start.needs, level) <= _NOTHING):
        return 0.0
    served = min(own, need) * min(1.0, c.headroom / surge)
    for want in c.wants:
        served *= 1.0 - want.share * (1.0 - level.get(want.name, 1.0))
    return served


def _value(need: Need | None, level: Mapping[str, float]) -> float:
    """The value of a need (life cycle, §2); a doubtful one counts as none."""
    if need is None or need.op == "maybe":
        return 1.0
    if need.op == "leaf":
        return level.get(need.name, 1.0)
    inner = [_value(part, level) for part in need.of]
    if need.op == "capacity":
        served = sum(weight * value for weight, value in zip(need.weights, inner, strict=True))
        return 0.0 if served < need.threshold - _NOTHING else min(1.0, served)
    k = {"all": len(inner), "any": 1}.get(need.op, int(need.threshold))
    return sorted(inner, reverse=True)[k - 1] if 0 < k <= len(inner) else float(k <= 0)
