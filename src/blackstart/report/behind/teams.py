"""When people of a team come, work in turns, are all busy and go home, each with the sum and the inputs that say so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from blackstart.report import numbers, timeline
from blackstart.report.behind import Asked, Line
from blackstart.report.behind.work import SAME_H, at_work, began, length

Row = Mapping[str, Any]
# what an arrival counts from, and the input that says how long after it
_AFTER = {"on-call": ("called", "arrives"), "all": ("called", "musters"), "in-turns": ("all", "shift")}


def moments(asked: Asked, team: str) -> list[Line]:
    """All that is told of a team, in order of time."""
    found = []
    for e in _events(asked, team):
        if words := timeline.event_text(e, asked.names):
            sum_, inputs = moment(asked, team, e["t_h"], e["detail"].get("stage", "all"))
            done = _done(asked, team, e["t_h"]) if e["detail"].get("stage") == "home" else ""
            what = asked.say("step-sum", what=words[1], sum=sum_) if sum_ else words[1]
            what = asked.say("team-done", what=what, name=asked.names.of(done)) if done else what
            found.append((e["t_h"], Line(what, (numbers.stamp(e["t_h"]),), inputs, f"states.{done}" if done else "")))
    for t, words, part in timeline.shortages(asked.result, asked.names, team):
        busy = at_work(asked, part, team, t)
        at = asked.names.join([asked.say("pool-busy", n=n, name=asked.names.of(id_)) for id_, n in busy.items()])
        what = asked.say("team-short-busy" if busy else "team-short", what=words, name=asked.names.of(part), busy=at)
        crews = tuple(row for id_ in busy for row in asked.of("components", id_, r"(start|repair)\.people"))
        found.append((t, Line(what, (numbers.stamp(t),), (*asked.of("teams", team, "people|shift"), *crews), f"states.{part}")))
    return [line for _, line in sorted(found, key=lambda x: x[0])]


def moment(asked: Asked, team: str, at_h: float, stage: str = "") -> tuple[str, tuple[Row, ...]]:
    """How the moment of a stage of a team follows from its inputs, and these; "" where it follows from none."""
    mine = [e for e in _events(asked, team) if abs(e["t_h"] - at_h) <= SAME_H]
    stage = stage or (mine[0]["detail"].get("stage", "all") if mine else "")
    if stage == "called":
        return "", began(asked, at_h)
    since, key = _AFTER.get(stage, ("", ""))
    before = [e["t_h"] for e in _events(asked, team) if e["detail"].get("stage", "all") == since and e["t_h"] <= at_h]
    for row in asked.of("teams", team, f"{key}$") if before else ():
        hours = row["percentiles"][1] if row["percentiles"] else row.get("value") or math.nan
        if abs(before[-1] + hours - at_h) <= SAME_H:
            called = began(asked, before[-1]) if since == "called" else moment(asked, team, before[-1], since)[1]
            shown = {"since": numbers.stamp(before[-1]), "h": length(asked, hours), "at": numbers.stamp(at_h)}
            return asked.say("team-sum", **shown), (row, *called)
    return "", ()


def _events(asked: Asked, team: str) -> list[Row]:
    return [e for e in asked.result["timeline"] if e["what"] == "team" and e["who"] == team]


def _done(asked: Asked, team: str, at_h: float) -> str:
    """A part on which people of a team ended their work in a moment."""
    return next((id_ for id_, spans in asked.result["stages"].items() for span in spans
                 if span["to_h"] is not None and abs(span["to_h"] - at_h) <= SAME_H
                 and any(team in one["teams"] for one in span.get("rounds") or ())), "")  # fmt: skip
