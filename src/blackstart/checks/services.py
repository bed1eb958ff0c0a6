"""Checks on what a service loses and bears."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from blackstart.checks.index import finding
from blackstart.errors import Problem
from blackstart.language.model import Component, Loss, Model
from blackstart.units import BadValue, Duration, read_hours
from blackstart.uptime import Uptime, minutes

SEVERITY: Mapping[str, str] = {
    "loss-falls": "error", "loss-twice": "error", "penalties-malformed": "error", "hours-malformed": "error",
    "rto-over-mtpd": "warning", "accepted-rises": "warning", "uptime-low": "warning", "uptime-under-rto": "warning",
    "service-without-loss": "note",
}  # fmt: skip
LEAST_PROMISED = 0.5  # of the time: who promises less has surely meant something else


def service(c: Component) -> Iterator[Problem]:
    if c.loss is None and c.users is None:
        yield finding(c, "", "service-without-loss")
    if c.loss is not None:
        yield from _loss(c, c.loss)
    bears = c.tolerance
    if bears is not None and bears.rto is not None and bears.mtpd is not None:
        if _hours(bears.rto) > _hours(bears.mtpd):
            values = {"rto": bears.rto.text or f"{_hours(bears.rto):g} h"}
            values["mtpd"] = bears.mtpd.text or f"{_hours(bears.mtpd):g} h"
            yield finding(c, "tolerance", "rto-over-mtpd", **values)
    for promise in bears.uptime if bears is not None else ():
        yield from _promised(c, promise, bears.rto if bears else None)


def _promised(c: Component, promise: Uptime, rto: Duration | None) -> Iterator[Problem]:
    """A promise that is hardly one, and one that an outage breaks which is within the recovery time objective."""
    if promise.share < LEAST_PROMISED:
        written, meant = f"{100 * promise.share:.10g}%", f"{1e4 * promise.share:.10g}%"
        instead = promise.text.replace(written, meant) if 0.009 <= promise.share < 0.01 and written in promise.text else None
        yield replace(finding(c, "tolerance.uptime", "uptime-low", text=promise.text), nearest=instead)
    elif rto is not None and _hours(rto) > promise.budget_h:
        room = minutes(promise.share, promise.window_h)
        yield finding(c, "tolerance.uptime", "uptime-under-rto", text=promise.text, rto=rto.text or f"{_hours(rto):g} h", minutes=room)


def signed(model: Model) -> Iterator[Problem]:
    """Points of a signed curve by which something worse may come more often than something milder."""
    bears = [("tolerance", model.tolerance), *((f"services.{c.id}.tolerance", c.tolerance) for c in model.services)]
    for path, row in bears:
        points = row.at_most if row is not None else ()
        for milder, worse in zip(points, points[1:], strict=False):
            if milder.measure == worse.measure and worse.per_year > milder.per_year:
                yield Problem("accepted-rises", worse.where, f"{path}.at_most", {})


def _hours(duration: Duration) -> float:
    """A duration's middle, in hours."""
    return sum(term.median() for term in duration.terms)


def _loss(c: Component, loss: Loss) -> Iterator[Problem]:
    for field, table in (("table", loss.table), ("penalties", loss.penalties)):
        hours = [h for h, _ in table]
        amounts = [money.dist.median() for _, money in table]
        rises = all(a <= b for a, b in zip(amounts, amounts[1:], strict=False))  # what has been lost; penalties are paid one by one
        ordered = all(a < b for a, b in zip(hours, hours[1:], strict=False))
        if field == "table" and not (rises and ordered):
            steps = zip(hours[1:], amounts, amounts[1:], strict=False)
            at = next((h for h, before, after in steps if after < before), hours[-1])
            yield finding(c, "loss", "loss-falls", hours=f"{at:g} h")
        if field == "penalties" and not (ordered and all(h > 0 for h in hours)):
            yield finding(c, "loss.penalties", "penalties-malformed")
    if loss.rate is not None and loss.table:
        yield finding(c, "loss", "loss-twice")
    if loss.hours is not None and not _is_hours(loss.hours):
        yield finding(c, "loss.hours", "hours-malformed", hours=loss.hours)


def _is_hours(text: str) -> bool:
    try:
        read_hours(text)
    except BadValue:
        return False
    return True
