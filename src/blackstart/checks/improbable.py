"""Values that can be computed with but are hardly meant: a slip of units, of a thousands mark, of the number of noughts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from blackstart.checks.index import finding
from blackstart.errors import Problem
from blackstart.language.data import behind_h
from blackstart.language.inputs import inputs
from blackstart.language.model import Component, Model
from blackstart.units import write_number

SEVERITY: Mapping[str, str] = {
    "fails-very-often": "warning", "point-or-thousands": "warning", "count-beyond-sense": "warning", "users-beyond-sense": "warning",
    "rpo-below-lag": "warning",
}  # fmt: skip
MOST_FAILURES = 1000.0  # a year, of one component
MOST_PARTS, MOST_USERS = 10**8, 10**10  # more than any firm has servers, more than people on earth
_POINT = re.compile(r"(?<![\d.,])(\d{1,3})\.(\d{3})(?![\d.,]|\s*(?:(?:k|m|bn|tn|thousand|million|billion)\b|[천만억조]))", re.IGNORECASE)


def problems(model: Model) -> Iterator[Problem]:
    """Each value that is hardly meant, and each RPO that a take-over from a copy that lags behind may break unseen."""
    for c in model.components.values():
        yield from _component(model, c)
    priced = {c.id: c for c in model.components.values() if c.loss is not None}  # few of many: no other component has an amount
    for at in inputs(replace(model, components=priced), also=("defences",)):
        point = _POINT.search(at.text) if at.kind == "money" else None
        if point:
            values = {"text": at.text, "one": point[0], "other": f"{point[1]},{point[2]}"}
            group, name = at.thing
            path = model.components[name].path if group == "components" else f"{group}.{name}"
            yield Problem("point-or-thousands", at.where, path + at.path.removeprefix(f"{group}.{name}"), values)


def _component(model: Model, c: Component) -> Iterator[Problem]:
    often = c.fails.dist.mean() if c.fails is not None else 0.0
    if often > MOST_FAILURES:
        yield finding(c, "fails", "fails-very-often", n=write_number(often, 2))
    if c.count > MOST_PARTS:
        yield finding(c, "count", "count-beyond-sense", n=f"{c.count:,}")
    if c.users is not None and c.users > MOST_USERS:
        yield finding(c, "users", "users-beyond-sense", n=write_number(c.users, 2))
    if c.tolerance is not None and c.tolerance.rpo is not None:
        lag, rpo = behind_h(model, c.id), c.tolerance.rpo.mean()
        if lag > rpo:
            yield finding(c, "tolerance.rpo", "rpo-below-lag", lag=write_number(lag * 60, 2), rpo=write_number(rpo * 60, 2))
