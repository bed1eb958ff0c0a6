"""Regulators' clocks: who is covered, what sets a duty off, what is due when. All of it is data (`regulation/*.toml`).

A *moment* is a time of the incident (`began`, `aware`, `classified`, `restored`) or of a submission (`sent.initial`). A duty is due
at the earliest of the limits of the first of its rules whose condition holds. Where the submission that a limit counts from is not
known, it counts from the latest time at which that submission is due, and says so.
"""

from __future__ import annotations

import calendar
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from blackstart.errors import ModelError, Problem
from blackstart.nearest import Nearest

MOMENTS = ("began", "aware", "classified", "restored")
# what is asked of a firm to know whether it is covered: name -> unit ("" for yes or no)
FACTS = {
    "daily_users": "people", "traffic_share": "share", "floor_m2": "m²", "capacity_mw": "MW", "revenue_krw": "KRW",
    "subscribers": "people", "hosts_others": "", "value_added": "", "kr_financial_entity": "", "eu_financial_entity": "",
    "eu_essential_or_important": "", "kr": "", "eu": "",
}  # fmt: skip
PLACES = ("kr", "eu")  # where regulations hold; as a fact: whether the firm is at work there
# facts that by themselves say where a firm is at work
OF_A_PLACE = {"value_added": "kr", "kr_financial_entity": "kr", "eu_financial_entity": "eu", "eu_essential_or_important": "eu"}
_TIME = re.compile(r"(\d+) ?(min|h|d|month)")
_HOURS = {"min": 1 / 60, "h": 1.0, "d": 24.0}

Moments = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """One duty: when it is due (None: no limit, or the moment it counts from is unknown), counted from what.

    Attributes
    ----------
    at : datetime or None
        The latest time.
    counted_from : str
        The moment from which the binding limit counts, or "" .
    latest : bool
        Whether that moment is itself only the latest time at which something is due.
    lacks : tuple of str
        Moments that must be known first.
    """

    id: str
    at: datetime | None
    counted_from: str = ""
    latest: bool = False
    lacks: tuple[str, ...] = ()


@cache
def regulations() -> tuple[Mapping[str, Any], ...]:
    """All regulations that ship, by id."""
    folder = files("blackstart.incidents").joinpath("regulation")
    found = [tomllib.loads(f.read_text(encoding="utf-8")) for f in folder.iterdir() if f.name.endswith(".toml")]
    return tuple(sorted(found, key=lambda row: str(row["id"])))


def after(moment: datetime, time: str) -> datetime:
    """A moment and a length of time: `4h`, `30 d`, `1 month` (the same day of the month, or its last)."""
    read = _TIME.fullmatch(time)
    assert read, time
    n, unit = int(read[1]), read[2]
    if unit != "month":
        return moment + timedelta(hours=n * _HOURS[unit])
    year, month = divmod(moment.year * 12 + moment.month - 1 + n, 12)
    return moment.replace(year=year, month=month + 1, day=min(moment.day, calendar.monthrange(year, month + 1)[1]))


def due(regulation: Mapping[str, Any], moments: Moments) -> list[Due]:
    """When each duty of a regulation is due, in the order in which it lists them."""
    known, sure, found = dict(moments), set(moments), []
    for duty in regulation["due"]:
        one = _due(duty, known, sure)
        found.append(one)
        if one.at is not None:
            known.setdefault(f"sent.{duty['id']}", one.at)
    return found


def _due(duty: Mapping[str, Any], known: Moments, sure: set[str]) -> Due:
    lacks: list[str] = []
    for rule in duty["rules"]:
        given = rule.get("if")
        if given and not _holds(given, known):
            continue
        limits = [(after(known[limit["of"]], limit["time"]), limit["of"]) for limit in rule["within"] if limit["of"] in known]
        lacks = [limit["of"] for limit in rule["within"] if limit["of"] not in known]
        if limits:
            at, of = min(limits)
            return Due(duty["id"], at, of, of not in sure, tuple(lacks))
    return Due(duty["id"], None, lacks=tuple(lacks))


def _holds(given: Mapping[str, str], known: Moments) -> bool:
    if given["moment"] not in known or given["since"] not in known:
        return False
    return known[given["moment"]] > after(known[given["since"]], given["later_than"])


def triggered(
    regulation: Mapping[str, Any], outages: Sequence[tuple[datetime, datetime | None]], firm: Mapping[str, float] | None = None
) -> bool:  # fmt: skip
    """Whether outages set the duties off; without a stated trigger, every incident does.

    A trigger that asks for something of the firm counts unless it is known that the firm does not have it.
    """
    rules = regulation.get("trigger", ())
    able = [rule for rule in rules if all((firm or {}).get(name, least) >= least for name, least in rule.get("least", {}).items())]
    return not rules or any(_sets_off(rule, outages) for rule in able)


def _sets_off(rule: Mapping[str, Any], outages: Sequence[tuple[datetime, datetime | None]]) -> bool:
    if "lasts" in rule:
        return any(end is None or end >= after(begin, rule["lasts"]) for begin, end in outages)
    ended = sorted((begin, end) for begin, end in outages if end is not None)
    for first, _ in ended:
        near = [(b, e) for b, e in ended if first <= b <= after(first, rule["within"])]
        if len(near) >= rule["times"] and first + sum((e - b for b, e in near), timedelta()) >= after(first, rule["total"]):
            return True
    return False


def covered(regulation: Mapping[str, Any], firm: Mapping[str, float]) -> bool | None:
    """Whether a firm with these facts (FACTS; yes is 1, no is 0) is covered; None where a fact that decides is not stated."""
    open_ = False
    for group in regulation.get("covered", ()):
        asked = [(name, 1.0) for name in group.get("yes", ())] + list(group.get("least", {}).items())
        said = [firm[name] >= least if name in firm else None for name, least in asked]
        if all(said):
            return True
        open_ = open_ or False not in said
    return None if open_ else False


def at_work(place: str, firm: Mapping[str, float]) -> bool | None:
    """Whether a firm is at work in one of PLACES: as stated, or as one of the facts OF_A_PLACE says; None: nobody knows."""
    if place in firm:
        return firm[place] > 0
    return True if any(firm.get(name) and of == place for name, of in OF_A_PLACE.items()) else None


def facts(texts: Sequence[str]) -> dict[str, float]:
    """Facts about the firm as written on the command line: `daily_users=40000000`, `hosts_others=no`.

    Raises
    ------
    ModelError
        With every fact that cannot be read.
    """
    found, problems = {}, []
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        number = fact(name, value)
        if isinstance(number, Problem):
            problems.append(replace(number, path=f"--fact {text}"))
        else:
            found[name] = number
    if problems:
        raise ModelError(problems)
    return found


def fact(name: str, value: str) -> float | Problem:
    """One fact about the firm: a number in its unit, or 1 for yes and 0 for no."""
    if name not in FACTS:
        return Problem("fact-unknown", None, "", {"name": name, "known": ", ".join(FACTS)}, Nearest(FACTS).to(name))
    number = {"yes": 1.0, "no": 0.0}.get(value.lower()) if not FACTS[name] else _number(value)
    if number is None:
        code = "fact-number" if FACTS[name] else "fact-yes-or-no"
        return Problem(code, None, "", {"name": name, "value": value, "unit": FACTS[name]})
    return number


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def moments(texts: Sequence[str]) -> dict[str, datetime]:
    """Moments as written on the command line: `aware=2022-10-15T16:03`, `sent.initial=2022-10-15T20:00`.

    Raises
    ------
    ModelError
        With every moment that cannot be read.
    """
    known = [*MOMENTS, *(f"sent.{duty['id']}" for row in regulations() for duty in row["due"])]
    found, problems = {}, []
    for text in texts:
        name, _, value = (part.strip() for part in text.partition("="))
        if name not in known:
            problems.append(Problem("moment-unknown", None, f"--moment {text}", {"name": name, "known": ", ".join(dict.fromkeys(known))},
                                    Nearest(known).to(name)))  # fmt: skip
            continue
        try:
            found[name] = datetime.fromisoformat(value).replace(tzinfo=None)
        except ValueError:
            problems.append(Problem("moment-bad", None, f"--moment {text}", {"value": value}))
    if problems:
        raise ModelError(problems)
    return found


def clocks(moments_known: Moments, outages: Sequence[tuple[datetime, datetime | None]], firm: Mapping[str, float]) -> list[dict[str, Any]]:
    """Every regulation on one incident: covered or not, set off or not, what is due when, the fields of each form."""
    found, here = [], {place: at_work(place, firm) for place in PLACES}
    for row in regulations():
        times = {one.id: one for one in due(row, moments_known)}
        found.append({
            "id": row["id"], "law": dict(row["law"]), "articles": dict(row["articles"]), "to": dict(row["to"]),
            "since": row["since"].isoformat(), "source": row["source"],
            "unsure": dict(row.get("unsure", {})), "before": dict(row.get("before", {})),
            "where": row["where"], "elsewhere": here[row["where"]] is None and True in here.values(),
            "covered": False if here[row["where"]] is False else covered(row, firm),
            "asks": [_asked(group) for group in row.get("covered", ())],
            "triggered": triggered(row, outages, firm),
            "due": [_told(duty, times[duty["id"]]) for duty in row["due"]],
        })  # fmt: skip
    return found


def _asked(group: Mapping[str, Any]) -> dict[str, float]:
    return dict.fromkeys(group.get("yes", ()), 1.0) | {name: float(least) for name, least in group.get("least", {}).items()}


def _told(duty: Mapping[str, Any], one: Due) -> dict[str, Any]:
    return {
        "id": duty["id"], "what": dict(duty["what"]), "article": dict(duty["article"]), "promptly": bool(duty.get("promptly")),
        "at": None if one.at is None else one.at.isoformat(timespec="minutes"), "counted_from": one.counted_from, "latest": one.latest,
        "lacks": list(one.lacks), "confirmed": bool(duty.get("confirmed", True)), "fields": [dict(field) for field in duty["fields"]],
    }  # fmt: skip
