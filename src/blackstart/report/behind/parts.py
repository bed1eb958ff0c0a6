"""Panels of things on which many numbers rest: how a part is brought back, how long a misfortune lasts, what a service leans on.

A number tells the first inputs of each and leads here for the others, so that a page tells them once.
"""

from __future__ import annotations

from collections.abc import Sequence

from blackstart.report import story
from blackstart.report.behind import MOST_LINES, TIMES, Asked, Behind, Line, Row
from blackstart.report.behind.causes import course, needed, work
from blackstart.report.behind.steps import rests_on
from blackstart.report.origins import Origins, changed_by

_JOBS = ("start", "repair")
_AWAITED = {
    "wait-need": "needs$", "wait-start-need": r"(start\.needs|break_glass\.after)$",
    "wait-repair-need": r"(repair\.needs|break_glass\.after)$",
}  # fmt: skip


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind a place that `Line.at` leads to; None for any other."""
    match keys:
        case ["returning", str(part)]:
            return _returning(asked, part)
        case ["crew", str(team)]:
            name = asked.names.of(team, "team")
            return Behind(asked.say("line.crew", name=name), [], [Line(name, (), asked.every("teams", team, ""))])
        case ["lasting", str(of)]:
            return _lasting(asked, *of.partition(".")[::2])
        case ["serving", "all"]:
            services = [row["id"] for row in asked.result["graph"]["components"] if row["service"]]
            shares = [Line(asked.names.of(id_), (), rows) for id_ in services if (rows := asked.of("components", id_, "tolerance.serves"))]
            return Behind(asked.say("threshold"), [asked.say("threshold-is")], shares)
        case ["leaning", str(service)]:
            return _leaning(asked, service)
        case ["bringing", str(defence)]:
            return _bringing(asked, defence)
        case ["awaited", str(step)]:
            what, ref, part = step.split(":", 2)
            return _awaited(asked, {"component": part, "what": what, "ref": ref or None, "to_h": None})
    return None


def awaited(asked: Asked, step: Row) -> tuple[tuple[Row, ...], str]:
    """The inputs that say how long a step of a way back lasts, first how long, then what makes it longer; and the place of all of them."""
    inputs = rests_on(asked, {**step, "to_h": None})
    if not inputs and step["what"] in _AWAITED:  # that it is needed, and after how long nobody waits for it any longer
        inputs = asked.every("components", step["component"], _AWAITED[step["what"]])
    place = f"awaited.{step['what']}:{step['ref'] or ''}:{step['component']}"
    return tuple(sorted(inputs, key=lambda at: ".helps." in at["path"])), place


def lasting(asked: Asked, what: str, id_: str) -> tuple[Row, ...]:
    """How long what a misfortune does lasts, and how likely each of it is."""
    group, inside = ("hazards", f".*chance|{TIMES}") if what == "hazard" else ("components", r"(start|repair)\.|count")
    return asked.every(group, id_, inside)


def _awaited(asked: Asked, step: Row) -> Behind:
    name = asked.names.of(step["component"])
    heading = asked.say("step", name=name, what=story.step_text(step, asked.names))
    return Behind(heading, [], [Line(name, (), awaited(asked, step)[0])])


def _returning(asked: Asked, part: str) -> Behind:
    """How a part is started, and mended if all of it is broken, at medians."""
    lines = []
    for job in _JOBS:
        _, words, inputs = work(asked, part, job)
        if inputs:
            lines.append(Line(asked.say(f"job.{job}", sum=words) if words else asked.names.of(part), (), inputs))
    return Behind(asked.say("returning", name=asked.names.of(part)), [asked.say("returning-is")], lines)


def _lasting(asked: Asked, what: str, id_: str) -> Behind:
    """What a misfortune does, for how long and how likely; what may stop it."""
    name, times = asked.names.of(id_, what), lasting(asked, what, id_)
    known = {row["path"] for row in (*times, *asked.rate({"what": what, "id": id_}))}
    others = tuple(row for row in course(asked, {"what": what, "id": id_}) if row["path"] not in known)
    return Behind(asked.say("line.lasts", name=name), [], [Line(name, (), (*times, *others))])


def _leaning(asked: Asked, service: str) -> Behind:
    """What a service needs and wants, part by part, the nearest first; of standbys also how they take over."""
    standing = {of for of, _, kind in asked.result["graph"]["needs"] if kind == "standby"}
    known = {True: r"(start\.)?(needs|wants)|(start|break_glass)\.", False: r"(start\.)?(needs|wants)"}
    below = {part: asked.every("components", part, known[part in standing]) for part in needed(asked, [service], standbys=True)}
    lines = [Line(asked.names.of(part), (), rows) for part, rows in below.items() if rows]
    return Behind(asked.say("leaning", name=asked.names.of(service)), [], lines)


def _bringing(asked: Asked, defence: str) -> Behind:
    """All that a defence changes, by the things that it changes; of what is the same of several things all of these are named."""
    told, lines = Origins(asked.names, asked.result["grounds"]), {}
    for row in asked.every("defences", defence, "change"):
        lines.setdefault(asked.names.join(told.things(row), MOST_LINES), []).append(row)
    name, rows = asked.names.of(defence, "defence"), [row for found in lines.values() for row in found]
    many = sum(len(changed_by(row)) for row in rows)
    said = asked.say("plan.bringing-is", n=many, rows=len(rows))
    if more := sum(row["changes"].get("left_out", 0) for row in rows):
        said = asked.say("plan.bringing-more", said=said, n=more)
    return Behind(asked.say("plan.brings", name=name), [said], [Line(what, (), tuple(found)) for what, found in lines.items()])
