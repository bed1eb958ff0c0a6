"""What defences bring into a model: the inputs that differ once one of them is in place, each where its file states it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from blackstart.errors import ModelError
from blackstart.language import load
from blackstart.language.inputs import Input, inputs
from blackstart.language.model import Effect, Model
from blackstart.language.needs import leaf_names
from blackstart.language.origins import Texts, dependences, origin
from blackstart.language.portfolio import with_required

MOST_BROUGHT = 100  # inputs of one defence that are told, of those that say the same of several things one


def brought(model: Model, defences: Iterable[str], texts: Texts) -> list[dict[str, Any]]:
    """The inputs that each defence changes or adds, as inputs of the defence: ``defences.alarm.change.components.db.start.detect``.

    What says the same of several things, for the same reason, is one input that names the others (``alike``). A defence that makes no
    sound model by itself brings nothing here; the checks say so.
    """
    rows: list[dict[str, Any]] = []
    for name in defences:
        try:
            *before, _ = with_required(model, name)
            changed, base = load.apply(model, [*before, name]), load.apply(model, before) if before else model
        except (ModelError, ValueError):
            continue
        known, then = ({at.path: at for at in (*inputs(m), *dependences(m))} for m in (base, changed))
        stays, come = ({_meaning(at) for at in some.values()} for some in (known, then))
        new = [_of(name, model, changed, base, at, known.get(path), texts) for path, at in then.items() if _meaning(at) not in stays]
        new += [_gone(name, base, at, texts) for path, at in known.items() if path not in then and _meaning(at) not in come]
        found = _together(new)
        told = found[:MOST_BROUGHT]
        if len(found) > MOST_BROUGHT:
            told[-1]["changes"]["left_out"] = sum(1 + len(row["changes"].get("alike", ())) for row in found[MOST_BROUGHT:])
        rows += told
    return rows


def _together(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Inputs of one defence, those that say the same of several things as one, in the order of the first."""
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        changes, says = row["changes"], {key: row[key] for key in ("kind", "text", "state", "note", "sources", "effect")}
        group, name = changes["thing"]
        field = row["path"].partition(f".change.{group}.{name}.")[2]
        same = json.dumps([group, field, says, changes["was"], changes.get("gone")], sort_keys=True)
        first = found.setdefault(same, row)
        if first is not row:
            other = {key: value for key, value in changes.items() if key not in ("was", "gone")}
            first["changes"].setdefault("alike", []).append(other)
    return list(found.values())


def _gone(name: str, base: Model, at: Input, texts: Texts) -> dict[str, Any]:
    """An input that there is no more with a defence: what a part needs no longer, what slows it no longer."""
    row = origin(base, at, texts)
    changes = {"thing": list(at.thing), "label": None, "was": {key: row[key] for key in ("text", "percentiles", "value")}, "gone": True}
    return row | {"path": f"defences.{name}.change.{at.path}", "thing": ["defences", name], "changes": changes}


def _meaning(at: Input) -> tuple[str, ...]:
    """What an input says of its thing, wherever in it that stands: what is only written again, or moved, changes nothing."""
    return (*at.thing, at.path.rpartition("]")[2], at.text)


def _of(name: str, model: Model, changed: Model, base: Model, at: Input, was: Input | None, texts: Texts) -> dict[str, Any]:
    """An input of the changed model as one of the defence, with what it was before; what is new there comes with its label."""
    group, id_ = at.thing
    new = id_ not in getattr(model, group)
    shown = _label(getattr(changed, group)[id_].label) if new else None
    before = None if was is None or was.text == at.text else origin(base, was, {})
    kept = None if before is None else {key: before[key] for key in ("text", "percentiles", "value")}
    meant = _meant(model, changed, group, id_) if new and (not shown or group == "barriers") else {}
    changes = {"thing": [group, id_], "label": shown, "was": kept, **meant}
    return origin(changed, at, texts) | {"path": f"defences.{name}.change.{at.path}", "thing": ["defences", name], "changes": changes}


def _label(label: str | Mapping[str, str] | None) -> Any:
    return label if isinstance(label, str) or label is None else dict(label)


def _meant(model: Model, changed: Model, group: str, id_: str) -> dict[str, Any]:
    """What names something new that has no label: what it stands in for, or the only part that needs it; the place that it is made for."""
    place = changed.domains.get(id_.partition("@")[2])
    if group == "hazards" and place is not None and place.label:
        return {"place": _label(place.label)}
    if group == "barriers":
        return {"hazards": [h.id for h in changed.hazards.values() if _meets(h.effects, id_)]}
    if group != "components":
        return {}
    standby = changed.components[id_].standby
    if standby:
        return {"stands_for": next((name for name in standby.stands_for if name in model.components), None)}
    needed = [c.id for c in changed.components.values() if id_ in leaf_names(c.needs)]
    return {"part_of": needed[0]} if len(needed) == 1 and needed[0] in model.components else {}


def _meets(effects: Iterable[Effect], barrier: str) -> bool:
    """Whether some effect, or one that follows, is stopped by a barrier."""
    return any(barrier in effect.unless or _meets(effect.then, barrier) for effect in effects)
