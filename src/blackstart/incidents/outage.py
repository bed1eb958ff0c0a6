"""The whole outage as a record has it: when each service stopped and was back, by its reports, and how long it was until all were.

What a record says of the end of a service counts, whether or not it says when that service stopped: then it stopped at some time
between the beginning of the incident and the first time it was seen down, or back.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from blackstart.incidents.incident import EVERYTHING, NOTED_TO_H, Observation, Record
from blackstart.incidents.moments import Span, iso

SEVERITY = {"incident-far": "warning", "incident-back-after-end": "warning", "incident-end-after-back": "note"}
FAR_H = 30 * 24.0  # before the beginning or after the end of an incident, from which a report is hardly of it


class Stop(NamedTuple):
    """Between which hours of the record's clock a service stopped, and was back for good; an end that nobody knows is infinite.

    told : whether a report says when it stopped; else that lies between the beginning and the first that was seen of it.
    """

    fell: Span
    back: Span
    told: bool


class Whole(NamedTuple):
    """Between which hours the whole outage lasted, and of which services that is said; none: of all."""

    hours: Span
    services: tuple[str, ...]


def stops(record: Record, services: Sequence[str], *, of_all: bool = True) -> dict[str, Stop]:
    """Of the services that stopped by any report, when: it fell, it was down, or it came back. of_all : reports of all of them count, too.

    That somebody saw a service up does not say that it was ever down.
    """
    rows = [(row, at) for row in record.standing() if (at := record.clock(row.at)) is not None]
    of = {name: [(row, at) for row, at in rows if row.what == name or of_all and row.what == EVERYTHING] for name in services}
    return {name: stop for name in services if (stop := _stop(of[name], name, record.began is not None)) is not None}


def _stop(mine: Sequence[tuple[Observation, Span]], name: str, begin_known: bool) -> Stop | None:
    fell = [at for row, at in mine if row.did == "fell"]
    down = [at for row, at in mine if row.level == 0.0 and not row.partly]
    if not fell and not down and not any(row.did == "came-back" and row.what == name for row, _ in mine):
        return None
    returns = [at for row, at in mine if row.did == "came-back" and not row.partly]
    up = [at for row, at in mine if row.level == 1.0 and not row.partly]
    low = max([*(at[0] for at in returns), *(at[0] for at in down), *(at[0] for at in fell if not returns)], default=-math.inf)
    last = max((at[1] for at in returns), default=math.inf)
    high = min([last if last >= low else math.inf, *(at[1] for at in up if at[1] >= low)])
    if fell:
        return Stop((min(at[0] for at in fell), min(at[1] for at in fell)), (low, high), True)
    first = min([*(at[1] for at in down), *(at[1] for at in returns)], default=math.inf)
    return Stop((0.0 if begin_known else -math.inf, first), (low, high), False)


def whole(record: Record, services: Sequence[str]) -> Whole | None:
    """How long the outage was: as the record states it, else by its reports of services, else from its beginning to its end.

    By reports it runs from the first stop to the last return; the whole incident may begin before, and end after that. Where no report
    says when a service stopped, it runs from the beginning of the incident; a service of whose return nothing is known was back when
    the record says that it was over.
    """
    stated = [row.lasted_h for row in record.standing() if row.lasted_h and row.what in ("", EVERYTHING)]
    if stated:
        return Whole((min(a for a, _ in stated), max(b for _, b in stated)), ())
    found = stops(record, services)
    ended = None if record.ended is None else record.ended - record.zero
    if found:
        first = min(stop.fell[0] for stop in found.values()), min(stop.fell[1] for stop in found.values())
        if record.began is not None and not any(stop.told for stop in found.values()):
            first = 0.0, 0.0
        backs = [_over(stop.back, ended) for stop in found.values()]
        low, high = max(a for a, _ in backs) - first[1], max(b for _, b in backs) - first[0]
        return Whole((max(0.0, low), high), tuple(found))
    if record.began is not None and ended is not None:
        return Whole((ended, ended), ())
    return None


def _over(back: Span, ended: float | None) -> Span:
    """When a service was back; where nobody knows, when it was all over."""
    return back if math.isfinite(back[1]) or ended is None or ended < back[0] else (ended, ended)


# ----------------------------------------------------------------------------- what does not fit together


def remarks(record: Record, services: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What of a record hardly can be meant: reports far from the incident, an end that is not that of its services."""
    yield from _far(record)
    backs = [stop.back for stop in stops(record, services).values() if math.isfinite(stop.back[1])]
    if record.ended is None or not backs:
        return
    last, ended = (max(a for a, _ in backs), max(b for _, b in backs)), record.ended - record.zero
    if last[1] > ended + NOTED_TO_H:
        kind = "back-after-end"
    elif last[1] < ended - NOTED_TO_H and len(backs) == len(stops(record, services)):
        kind = "end-after-back"
    else:
        return
    at = [iso(record.zero + t, record.zone) if math.isfinite(t) else None for t in last]
    yield {"kind": kind, "ids": [], "at": at, "ended_at": iso(record.ended, record.zone)}


def _far(record: Record) -> Iterator[dict[str, Any]]:
    """Reports of what was seen, more than `FAR_H` before the incident or after it; without its beginning or end, from the middle one."""
    times = {row.id: row.at for row in record.standing() if row.at and row.did != "called"}
    ends = sorted(t for at in times.values() for t in at if math.isfinite(t))
    if not ends:
        return
    begin = record.began if record.began is not None else ends[len(ends) // 2]
    end = record.ended if record.ended is not None else max(begin, ends[len(ends) // 2])
    far = {id_: at for id_, at in times.items() if at[1] < begin - FAR_H or at[0] > end + FAR_H}
    if far:
        span = min(t for at in far.values() for t in at if math.isfinite(t)), max(t for at in far.values() for t in at if math.isfinite(t))
        yield {"kind": "far", "ids": list(far), "at": [iso(t, record.zone) for t in span], "ended_at": None}
