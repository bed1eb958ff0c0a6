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
        known = {at.path: (at.text, at.where) for at in inputs(base)}
        new = [at for at in inputs(changed) if known.get(at.path) != (at.text, at.where)]
        rows += [_of(name, changed, base, at, texts) for at in new[:MOST_BROUGHT]]
    return rows


def _of(name: str, changed: Model, base: Model, at: Input, texts: Texts) -> dict[str, Any]:
    """An input of the changed model as one of the defence; what is new there comes with its label."""
    group, id_ = at.thing
    label = None if id_ in getattr(base, group) else getattr(changed, group)[id_].label
    shown = label if isinstance(label, str) or label is None else dict(label)
    own = {"path": f"defences.{name}.change.{at.path}", "thing": ["defences", name], "changes": {"thing": [group, id_], "label": shown}}
    return origin(changed, at, texts) | own
