"""What never comes back in a course: whom it waits for, since when in a circle, what is at the bottom of it, and what would end it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.story import Result, chain_text, either, loops_in_short, other_course, waits_for
from blackstart.text import has
from blackstart.units import write_number

CIRCULAR = ("wait-need", "wait-start-need", "wait-repair-need", "wait-glass", "wait-call")
ROOTS_SHOWN = 4

Waits = Mapping[str, Mapping[str, Any]]  # the last wait of each part: `why`, `ref`


def never_sentences(result: Result, names: Names) -> list[str]:
    """Why services never come back: who waits for whom at the end, what goes round, and what would end it."""
    last, never = last_waits(result), [id_ for id_, row in result["services"].items() if row["never"]]
    if not never:
        return []
    round_ = {row["component"] for row in result.get("loops", ())}
    alike: dict[str, list[str]] = {}
    for id_ in never:
        why = _never_why(id_, {**last, id_: result["services"][id_].get("lacks") or last.get(id_, {})}, round_, names)
        alike.setdefault(why, []).append(id_)
    said = [names.say("path.never" if len(ids) == 1 else "path.never_all", name=names.listed(ids), why=why) for why, ids in alike.items()]
    return [*said, *loops(result, names), *lasting(result, names), *ways_out(result, names)]


def last_waits(result: Result) -> dict[str, Mapping[str, Any]]:
    """What each part waits for at the end of a course."""
    last: dict[str, Mapping[str, Any]] = {}
    for e in result["timeline"]:
        if e["what"] == "waits":
            last[e["who"]] = e["detail"]
        elif e["what"] == "runs" and e["detail"].get("share", 1.0) >= 1:
            last.pop(e["who"], None)  # what runs waits for nothing
    return last


def _never_why(id_: str, last: Waits, trips: Collection[str], names: Names) -> str:
    """Whom a service waits for at the end, and whom that waits for in turn, as far as it goes, or until something goes round."""
    chain, at = [id_], last[id_].get("ref") if id_ in last else None
    while at is not None and at not in chain:
        chain.append(at)
        at = None if at in trips else last.get(at, {}).get("ref")
    if at is not None:
        chain.append(at)
    end = last.get(chain[-1], {})
    if len(chain) == 1:
        if id_ in trips:
            return names.say("path.never_round", chain=names.of(id_), end=names.of(id_))
        return waits_for(end, names) if "why" in end else names.say("wait.wait-need", ref=names.say("wait.something"))
    links = [
        either([other, *last.get(who, {}).get("or", ())], names) + ("" if other in chain[:k] else _by_call(other, last, names))
        for k, (who, other) in enumerate(zip(chain, chain[1:], strict=False), 1)
    ]
    told = names.say("path.waits", chain=names.say("path.then").join(links))
    if chain[-1] in trips:
        return names.say("path.never_round", chain=told, end=names.of(chain[-1]))
    if at is None and "why" in end:
        return names.say("path.never_end", chain=told, end=names.of(chain[-1]), why=waits_for(end, names))
    return told


def _by_call(id_: str, last: Waits, names: Names) -> str:
    """Of what waits only because its people cannot be called: that, and who they are."""
    wait = last.get(id_, {})
    return names.say("path.by_call", team=names.of(wait["team"], "team")) if "team" in wait else ""


# --------------------------------------------------------------------------- what would end it


def ways_out(result: Result, names: Names) -> list[str]:
    """What would end what is stuck: of each circle that holds to the end, and of each reason at the bottom of the rest."""
    said = [
        names.say("stuck.circle", chain=chain_text(chain, names, teams_not_called(result)), names=names.listed(chain[:-1], ROOTS_SHOWN))
        for chain, _, end in circles(result["timeline"], result["stuck"]) if end is None
    ]  # fmt: skip
    for why, ids in roots(result).items():
        if has(f"report.stuck.ends.{why}", names.lang):
            said.append(names.say(f"stuck.ends.{why}", names=names.listed(ids, ROOTS_SHOWN)))
    return said


def roots(result: Result) -> dict[str, list[str]]:
    """What is stuck and does not wait for another part: by the reason for which it waits."""
    found: dict[str, list[str]] = {}
    last = last_waits(result)
    for id_ in result["stuck"]:
        why = last.get(id_, {}).get("why")
        if why and why not in CIRCULAR:
            found.setdefault(why, []).append(id_)
    return found


def teams_not_called(result: Result) -> dict[str, str]:
    """Of the parts that once waited because their people could not be called: the team."""
    return {e["who"]: e["detail"]["team"] for e in result["timeline"] if e["what"] == "waits" and "team" in e["detail"]}


def loops(result: Result, names: Names) -> list[str]:
    """What comes back, is loaded with too much and trips, for ever: by whom, and what would end it."""
    said = []
    for row in result.get("loops", ()):
        values = {"load": write_number(row["load"], 2), "limit": write_number(row["overload"], 2)}
        by = names.listed(row["by"]) if row["by"] else names.say("loop.users")
        said.append(names.say("loop.trips", name=names.of(row["component"]), n=f"{row['trips']:,}", by=by,
                              t=numbers.clock(row["every_h"], names.lang), **values))  # fmt: skip
    for key, throttled in (("end", False), ("end_throttled", True)):
        if going := [row["component"] for row in result.get("loops", ()) if row.get("throttled", False) is throttled]:
            said.append(names.say(f"loop.{key}", names=names.listed(going)))
    return said


def lasting(result: Result, names: Names) -> list[str]:
    """Effects that act for ever, because what they last until never comes back; and what would end them."""
    rows = result.get("lasting", ())
    said = [
        names.say(f"lasting.{row['op']}", who=names.of(row["hazard"], "hazard"), until=names.of(row["until"]),
                  names=names.listed(row["targets"], 4, ""))
        for row in rows
    ]  # fmt: skip
    return [*said, names.say("stuck.lasting", names=names.listed(dict.fromkeys(r["until"] for r in rows)))] if said else []


def cut_off(result: Result, names: Names) -> str | None:
    """How often an assessment cut a course off at the limit of events; None where it did not."""
    often = result["stuck"].get("cut_per_year")
    return names.say("stuck.cut", often=numbers.often(often, names.lang)) if often else None


def no_circle(result: Result, names: Names) -> str:
    """What to say where no needs go in a circle: everything can be started, or something is stuck all the same, and why."""
    stuck = result["stuck"]
    if result["kind"] != "rehearsal":
        ids = stuck["components"] if stuck["per_year"] > 0 else []
        none = "deadlock.none_cut" if stuck.get("cut_per_year") else "deadlock.none"
        return names.say("deadlock.stuck", names=names.listed(ids, 8)) if ids else names.say(none)
    courses = [result, *([other] if (other := other_course(result)) else [])]
    if acting := [line for course in courses for line in lasting(course, names)]:
        return " ".join([names.say("deadlock.lasting"), *dict.fromkeys(acting)])
    if going := [line for course in courses for line in loops_in_short(course, names)]:
        return " ".join([names.say("deadlock.loops"), *dict.fromkeys(going)])
    if bottom := [(id_, why) for course in courses for why, ids in roots(course).items() for id_ in ids]:
        told = [names.say("deadlock.end", name=names.of(id_), why=waits_for({"why": why}, names)) for id_, why in dict.fromkeys(bottom)]
        return " ".join([names.say("deadlock.ends"), *told])
    ids = list(dict.fromkeys(i for course in courses for i in (*course["stuck"], *_never(course))))
    return names.say("deadlock.stuck", names=names.listed(ids, 8)) if ids else names.say("deadlock.none")


def _never(result: Result) -> list[str]:
    """The services of a course that never come back."""
    return [id_ for id_, row in result["services"].items() if row["never"]]


# --------------------------------------------------------------------------- circles


def circles(timeline: Sequence[Mapping[str, Any]], stuck: Iterable[str]) -> list[tuple[list[str], float, float | None]]:
    """Circles of waits that did not open by themselves: who waits for whom, the first again at the end; since when; until when.

    What waits for one of several may seem to be in a circle that another opens. So only those are told of which a member had to be
    forced (`break_glass`), or that hold all their members to the end.
    """
    refs: dict[str, str] = {}
    manned: set[str] = set()  # who waits for people now: to be forced, it may be
    open_: dict[tuple[str, ...], list[Any]] = {}  # members -> [chain, begin, whether a member has to be forced]
    found: list[tuple[list[str], float, float | None]] = []
    for n, event in enumerate(timeline):
        who, what, detail = event["who"], event["what"], event["detail"]
        why = detail.get("why") if what == "waits" else None
        if why in CIRCULAR and detail.get("ref"):
            refs[who] = detail["ref"]
        elif what in ("waits", "starts", "repairs", "runs"):
            refs.pop(who, None)
        (manned.add if why == "wait-people" else manned.discard)(who)
        forced = why == "wait-glass" or bool(detail.get("forced"))
        for members in [m for m in open_ if who in m]:
            row = open_[members]
            row[2] = row[2] or forced
            if what == "runs" and row[2]:
                found.append((row[0], row[1], event["t_h"]))
            if what == "runs" or what in ("starts", "repairs") and not row[2]:
                del open_[members]
        if n + 1 == len(timeline) or timeline[n + 1]["t_h"] > event["t_h"]:
            now = {tuple(sorted(chain[:-1])): chain for chain in _closed(refs)}
            open_ = {m: row for m, row in open_.items() if row[2] or m in now or not manned.isdisjoint(m)}
            for members, chain in now.items():
                open_.setdefault(members, [chain, event["t_h"], False])
    held = set(stuck)
    found += [(row[0], row[1], None) for members, row in open_.items() if held.issuperset(members)]
    return sorted(found, key=lambda row: row[1])


def _closed(refs: Mapping[str, str]) -> list[list[str]]:
    """The circles of a map in which each has one to follow."""
    found, seen = [], set()
    for begin in refs:
        way: dict[str, int] = {}
        at: str | None = begin
        while at is not None and at in refs and at not in seen and at not in way:
            way[at] = len(way)
            at = refs[at]
        if at in way:
            found.append([*list(way)[way[at] :], at])
        seen.update(way)
    return found
