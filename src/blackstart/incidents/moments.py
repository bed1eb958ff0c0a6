"""Points in time as people note them during an incident, as spans between an earliest and a latest.

==========================================  =========================================================
written                                     means
==========================================  =========================================================
``2022-10-15 15:19`` (also ``…T15:19:30``)  that minute (second), in the record's zone
``2022-10-15 15:19 +09:00`` (``Z``, ``UTC``)  the same, in its own zone
``2022-10-15``                              some time on that day
``2022-10-15 15:18..15:19``                 between the two
``..2022-10-15 16:03``, ``2022-10-15 08:00..``  then or before, then or after
``+8min``, ``-2d``                          counted from the record's begin
==========================================  =========================================================

Times are kept as hours since 1970 in UTC.
"""

from __future__ import annotations

import datetime
import math
import re

from blackstart.language.beside import hours
from blackstart.units import BadValue

Span = tuple[float, float]
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_ZONE = re.compile(r"([+-])(\d{2}):?(\d{2})")
_MOMENT = re.compile(
    r"(?:(\d{4})[-./](\d{1,2})[-./](\d{1,2}))?(?:(?:^|\s+|T)(\d{1,2}):(\d{2})(?::(\d{2}))?)?(?:\s*(Z|UTC|[+-]\d{2}:?\d{2}))?"
)
_DAY_H = 24.0
_AHEAD_H = 1.0 / 6.0  # what is written a little before its time by the machine's clock is of today, not of yesterday


def read_zone(text: str) -> datetime.timezone:
    """``+09:00``, ``Z`` or ``UTC``.

    Raises
    ------
    BadValue
        It is none of these. Names of zones are not read: their rules change.
    """
    word = text.strip()
    if word.upper() in ("Z", "UTC"):
        return datetime.UTC
    match = _ZONE.fullmatch(word)
    if match is None or int(match[2]) > 14 or int(match[3]) > 59:
        raise BadValue("incident-zone", text=text)
    shift = datetime.timedelta(hours=int(match[2]), minutes=int(match[3]))
    return datetime.timezone(-shift if match[1] == "-" else shift)


def read_moment(text: str, zone: datetime.tzinfo | None, began: float | None = None, now: float | None = None) -> Span:
    """Earliest and latest time of a note, hours since 1970 (UTC); infinite where it is open.

    Parameters
    ----------
    zone : tzinfo or None
        Zone of times that do not say their own; None: they must say it.
    began : float or None
        From which ``+8min`` is counted; None: it cannot be said.
    now : float or None
        When it is written: ``15:19`` alone is the last such time; None: a time must have its day.

    Raises
    ------
    BadValue
        The text is no time, ends before it begins, or leaves the zone or the begin open.
    """
    first, dots, last = text.strip().partition("..")
    if not dots:
        return _point(first, zone, began, _earliest(now))
    begin = _point(first, zone, began, _earliest(now)) if first.strip() else None
    end = _point(last, zone, began, begin[0] if begin else _earliest(now)) if last.strip() else None
    if begin is None and end is None:
        raise BadValue("incident-time", text=text)
    span = (begin[0] if begin else -math.inf, end[1] if end else math.inf)
    if span[1] < span[0]:
        raise BadValue("incident-backwards", text=text)
    return span


def _earliest(now: float | None) -> float | None:
    """From here a clock time alone is sought, so that it is the last one; clocks that run a little ahead are allowed for."""
    return None if now is None else now - _DAY_H + _AHEAD_H


def _point(text: str, zone: datetime.tzinfo | None, began: float | None, after: float | None) -> Span:
    """One time; ``15:19`` alone is the first such time not before `after`."""
    word = text.strip()
    if word[:1] in "+-" and word:
        return _counted(word, began)
    match = _MOMENT.fullmatch(word)
    if match is None or not (match[1] or (match[4] and after is not None)):
        raise BadValue("incident-time", text=text)
    zone = read_zone(match[7]) if match[7] else zone
    if zone is None:
        raise BadValue("incident-no-zone", text=text)
    try:
        if not match[1]:
            return _next(after or 0.0, datetime.time(int(match[4]), int(match[5]), int(match[6] or 0)), zone)
        day = datetime.datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=zone)
        if not match[4]:
            begin = in_hours(day)
            return max(FIRST, begin), min(LAST, begin + _DAY_H)
        at = in_hours(day.replace(hour=int(match[4]), minute=int(match[5]), second=int(match[6] or 0)))
    except (ValueError, OverflowError):
        raise BadValue("incident-time", text=text) from None
    if not FIRST <= at <= LAST:
        raise BadValue("incident-time", text=text)
    return at, at


def _counted(word: str, began: float | None) -> Span:
    if began is None:
        raise BadValue("incident-no-begin", text=word)
    at = began + hours(word[1:].strip()) * (-1.0 if word[0] == "-" else 1.0)
    if not FIRST <= at <= LAST:
        raise BadValue("incident-time", text=word)
    return at, at


def _next(after: float, clock: datetime.time, zone: datetime.tzinfo) -> Span:
    day = moment(after, zone)
    at = in_hours(day.replace(hour=clock.hour, minute=clock.minute, second=clock.second, microsecond=0))
    if at < after:
        at += _DAY_H
    return at, at


def in_hours(when: datetime.datetime) -> float:
    """Hours since 1970 of a time with a zone."""
    return (when - _EPOCH).total_seconds() / 3600.0


FIRST, LAST = (in_hours(datetime.datetime(year, 1, 1, tzinfo=datetime.UTC)) for year in (2, 9999))  # a calendar has no other times


def moment(at: float, zone: datetime.tzinfo) -> datetime.datetime:
    """The time of so many hours since 1970, in a zone, to the second."""
    return (_EPOCH + datetime.timedelta(seconds=round(at * 3600.0))).astimezone(zone)


def iso(at: float, zone: datetime.tzinfo) -> str | None:
    """The time as ISO 8601 writes it; None for an open end."""
    return moment(min(max(at, FIRST), LAST), zone).isoformat() if math.isfinite(at) else None


def zone_text(zone: datetime.tzinfo) -> str:
    """A zone as ``+09:00``."""
    return datetime.datetime(2000, 1, 1, tzinfo=zone).isoformat()[-6:]
