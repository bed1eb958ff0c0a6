"""A short name for exactly one System."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass

import numpy as np

from blackstart.engines.layout import Arrays
from blackstart.language.model import Model
from blackstart.system import System

_SELDOM = ("effect_back", "team_need")  # words younger than the digest: a model without them keeps its own


def digest(system: System, model: Model) -> str:
    """A short name for exactly this system: same digest, same course of events, same losses and limits."""
    h = hashlib.blake2b(digest_size=16)
    for name, array in zip(Arrays._fields, system.arrays, strict=True):
        if name in _SELDOM and (array < 0).all():
            continue
        h.update(name.encode())
        whole = isinstance(array, np.ndarray)
        h.update(np.ascontiguousarray(array).view(np.uint8).data if whole else repr(array).encode())
    for part in (system.components, system.hazards, system.item_rate, (*system.probabilities, *system.middles, *system.factors)):
        h.update(repr(part).encode())
    tables: dict[int, str] = {}  # a thousand servers that learnt the same have one table: its text is long
    for p in system.parameters:
        d = p.dist
        if id(d.values) not in tables:
            tables[id(d.values)] = repr(d.values)
        before, after = repr((p.path, d.kind, d.a, d.b, d.c))[:-1], repr((p.text, p.source))[1:]
        h.update(f"{before}, {tables[id(d.values)]}, {after}".encode())
    for c in model.services:
        h.update(repr((c.id, c.users, c.aftermath, _values(c.loss), _values(c.tolerance))).encode())
    bears = [("", model.tolerance), *((c.id, c.tolerance) for c in model.services)]
    if signed := [(name, _values(row.at_most)) for name, row in bears if row and row.at_most]:
        h.update(repr(signed).encode())
    if promised := [(c.id, _values(c.tolerance.uptime)) for c in model.services if c.tolerance and c.tolerance.uptime]:
        h.update(repr(promised).encode())
    return h.hexdigest()


def _values(row: object) -> object:
    """What a row of the model says, without where and in what words it says it."""
    if isinstance(row, tuple):
        return tuple(_values(x) for x in row)
    if not is_dataclass(row):
        return row
    return tuple(_values(getattr(row, f.name)) for f in fields(row) if f.name not in ("where", "text", "source", "at_most", "uptime"))
