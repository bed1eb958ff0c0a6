"""What defences bring into a model: the inputs that differ once one of them is in place, each where its file states it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from blackstart import load
from blackstart.errors import ModelError
from blackstart.inputs import Input, inputs
from blackstart.model import Model
from blackstart.origins import Texts, origin
from blackstart.portfolio import with_required

MOST_BROUGHT = 12  # inputs of one defence that are told


def brought(model: Model, defences: Iterable[str], texts: Texts) -> list[dict[str, Any]]:
    """The inputs that each defence changes or adds, as inputs of the defence: ``defences.alarm.change.components.db.start.detect``.

    A defence that makes no sound model by itself brings nothing here; the checks say so.
    """
    rows: list[dict[str, Any]] = []
    for name in defences:
        try:
            *before, _ = with_required(model, name)
            changed, base = load.apply(model, [*before, name]), load.apply(model, before) if before else model
        except (ModelError, ValueError):
            continue
        known = {at.path: at for at in inputs(base)}
        new = [at for at in inputs(changed) if at.path not in known or (known[at.path].text, known[at.path].where) != (at.text, at.where)]
        told = [_of(name, changed, base, at, known.get(at.path), texts) for at in new[:MOST_BROUGHT]]
        if len(new) > MOST_BROUGHT:
            told[-1]["changes"]["left_out"] = len(new) - MOST_BROUGHT
        rows += told
    return rows


def _of(name: str, changed: Model, base: Model, at: Input, was: Input | None, texts: Texts) -> dict[str, Any]:
    """An input of the changed model as one of the defence, with what it was before; what is new there comes with its label."""
    group, id_ = at.thing
    label = None if id_ in getattr(base, group) else getattr(changed, group)[id_].label
    shown = label if isinstance(label, str) or label is None else dict(label)
    before = None if was is None or was.text == at.text else origin(base, was, {})
    kept = None if before is None else {key: before[key] for key in ("text", "percentiles", "value")}
    changes = {"thing": [group, id_], "label": shown, "was": kept}
    return origin(changed, at, texts) | {"path": f"defences.{name}.change.{at.path}", "thing": ["defences", name], "changes": changes}
