"""Checks on pools, and on what is stated and would not count: a time beside `work`, a pause after a start that cannot fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from blackstart.errors import Problem, Where
from blackstart.language.model import Component, Model, Need

SEVERITY: Mapping[str, str] = {
    "work-and-time": "error", "outage-share-unread": "error", "fails-as-one": "warning", "count-without-work": "note",
    "works-unstated": "note", "surge-without-lasts": "error", "only-of-a-service": "warning",
}  # fmt: skip
_TIMES = ("start", "start.takes", "repair", "repair.takes")  # where somebody has said how long all of it takes


def problems(model: Model) -> Iterator[Problem]:
    """What is said of units, and of times beside `work`, that would not count as it reads."""
    for c in model.components.values():
        if c.count > 1:
            yield from _pool(c)
        for field, job, never in (("start", c.start, ("takes", "switch")), ("repair", c.repair, ("takes",))):
            beside = [name for name in never if getattr(job, name, None) is not None]
            if job is not None and job.work is not None and beside:
                yield _problem(c, f"{field}.{beside[0]}", "work-and-time", field=field, time=beside[0])
        yield from _unread(c)
        for field, duration in _bare(c):
            if duration is not None and duration.per_outage:
                yield _problem(c, field, "outage-share-unread", field=field)


def _unread(c: Component) -> Iterator[Problem]:
    """What nothing reads, because what it belongs to is not stated, or because of what it is stated of."""
    for field in ("retry", "rehearsed"):
        if c.start is not None and getattr(c.start, field) is not None and c.start.works is None:
            yield _problem(c, f"start.{field}", "works-unstated", field=field)
    if c.surge is not None and c.surge.lasts is None:
        yield _problem(c, "surge", "surge-without-lasts")
    stated = {"loss": c.loss, "users": c.users, "tolerance": c.tolerance, "aftermath": None if c.aftermath == 1.0 else c.aftermath}
    if not c.is_service:
        yield from (_problem(c, field, "only-of-a-service", field=field) for field, value in stated.items() if value is not None)


def _pool(c: Component) -> Iterator[Problem]:
    if c.fails is not None and c.fails.dist.mean() > 0.0:
        yield _problem(c, "fails", "fails-as-one", count=c.count, units=_units(c), least=max(1, c.count - 1))
    slope = any(job is not None and job.work is not None for job in (c.start, c.repair))
    if not slope and not any(field in c.wheres for field in _TIMES):
        yield _problem(c, "count", "count-without-work", count=c.count)


def _units(c: Component) -> str:
    """Names that the units could have as components of their own."""
    shown = range(1, c.count + 1) if c.count <= 4 else (1, 2, c.count)
    names = [f"{c.id}-{n}" for n in shown]
    return ", ".join(names if c.count <= 4 else [*names[:2], "...", names[2]])


def _bare(c: Component) -> Iterator[tuple[str, object]]:
    """Lengths of time of a component that cannot grow with the outage: all but those of its start as a whole."""
    start, repair = c.start, c.repair
    yield "rides", c.rides
    if start is not None:
        yield from (("start.work", start.work), ("start.retry", start.retry))
        if start.work is not None:
            yield from (("start.detect", start.detect), ("start.decide", start.decide))
    if repair is not None:
        yield from ((f"repair.{name}", getattr(repair, name)) for name in ("takes", "work", "detect", "decide"))


def _problem(c: Component, at: str, code: str, **values: object) -> Problem:
    where: Where | None = c.wheres.get(at) or getattr(getattr(c, at.partition(".")[0], None), "where", None) or c.where
    return Problem(code, where, f"{c.path}.{at}", {"name": c.id, **values})


def pool_of(model: Model, need: Need) -> str | None:
    """The pool that alone is named where several are asked for: `{at_least: 3, of: voters}`; None where it is something else."""
    alone = need.of[0] if len(need.of) == 1 else None
    pool = model.components.get(alone.name) if alone is not None and alone.op == "leaf" else None
    return pool.id if pool is not None and pool.count > 1 else None
