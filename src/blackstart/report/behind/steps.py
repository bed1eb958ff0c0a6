"""The steps of a part in a rehearsal, each with the inputs that say how long it lasted; behind a wait those of what it waited for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import numbers, story
from blackstart.report.behind import MOST_INPUTS, TIMES, Asked, Line
from blackstart.report.behind.needs import needed_by, standing_by, where
from blackstart.report.behind.work import SAME_H, began, in_force, length, rounds_until, time_named
from blackstart.report.timeline import moment_of

Row = Mapping[str, Any]
STARTS = r"start\.(takes|work|people|decide|detect|switch)|count|helps"
# what a step of a component itself lasts, and what a wait for others does
_OWN = {
    **dict.fromkeys(("start", "starting"), STARTS),
    **dict.fromkeys(("repair", "broken"), r"repair\.(takes|work|people|detect|decide)|count|helps"),
    "wait-retry": r"start\.retry",
    "wait-spare": r"(spare|stock|repair)", "wait-restore": r"(restore|data|repair)",
    "forced-start": r"break_glass\.takes|helps", "forced-repair": r"break_glass\.takes|helps", "hit": r"rides",
}  # fmt: skip
_FORCED = ("wait-need", "wait-start-need", "wait-repair-need", "waiting", "broken")  # what is ended by force where nothing else ends it
_NO_NEEDS = ("standby", "help")  # who stands by for a part; what only makes work on it faster
MOST_STEPS = 16  # that a wait hung on
MOST_OF_A_WAIT = 24  # inputs of these


def steps(asked: Asked, way: Iterable[Row], parts: Mapping[str, Any] | None = None) -> list[Line]:
    """The steps of a way back, each with when it began, how long it lasted, and the inputs of that.

    parts : those of which it is told what they went through; a wait for one of them leads there
    """
    every = list(way)
    lines = [_line(asked, was, step, then, parts or {}) for was, step, then in zip([None, *every], every, [*every[1:], None], strict=False)]
    if lines and parts and (to := moment_of(asked.result, every[0]["component"], round(every[0]["from_h"] * 60))).startswith("moment."):
        lines[0] = replace(lines[0], links=(to,))
    return lines


def _begun_by(asked: Asked, what: str, was: Row | None, step: Row) -> tuple[str, tuple[Row, ...]]:
    """A step in words, with why it follows on that of another part: that had to be there first, or its people were at work on that.

    Of people also the inputs that say on which part they work first.
    """
    if was is None or was["component"] == step["component"] or abs((was["to_h"] or math.inf) - step["from_h"]) > SAME_H:
        return what, ()
    if was["component"] in _needed(asked, step["component"]):
        states = asked.result.get("states", {}).get(was["component"], ())  # only of a rehearsal
        there = next((up for t, _, up in reversed(states) if t <= step["from_h"] + SAME_H), 1.0)
        shown = {"by": asked.names.of(was["component"]), "there": numbers.point(there, "percent", asked.lang)}
        return asked.say("step-after-part" if 0.0 < there < 1.0 else "step-after-need", what=what, **shown), ()
    teams = {c["id"]: {*c.get("teams", ())} for c in asked.result["graph"]["components"]}
    shared = teams.get(was["component"], set()) & teams.get(step["component"], set())
    if not shared:
        return what, ()
    by = {"by": asked.names.of(was["component"]), "teams": asked.names.listed(sorted(shared), 3, "team")}
    order = tuple(row for one in (was, step) for row in asked.of("components", one["component"], "priority$"))
    return asked.say("step-after-people-by-order" if order else "step-after-people", what=what, **by), order


def _needed(asked: Asked, id_: str) -> set[str]:
    """All that a part needs to run, to be started or to be mended, directly or not."""
    found, todo = {id_}, [id_]
    while todo:
        new = {to for to, kind in needed_by(asked, todo.pop()) if kind not in _NO_NEEDS} - found
        found |= new
        todo += new
    return found


def _line(asked: Asked, was: Row | None, step: Row, then: Row | None, known: Mapping[str, Any]) -> Line:
    """One step as a line; `was` is the step before it, `then` the one after it."""
    what, order = _begun_by(asked, told(asked, step), was, step)
    since_h, ended = step.get("began_h", step["from_h"]), ended_by(asked, step, known)
    if since_h < step["from_h"] - SAME_H:
        what = asked.say("step-began", what=what, at=numbers.stamp(since_h))
    forced, freed = _forced_by(asked, step, then), step.get("freed_by", "")
    inputs, sum_ = in_force(asked, step, forced or rests_on(asked, step))
    path = awaited(asked, step) if known and not forced else []
    if ended and ended not in (step["ref"], *(one["component"] for one in path[-1:])):
        what = asked.say("step-ended", what=what, by=asked.names.of(ended))
    if _cut_short(step, then):
        gone = asked.names.of(then["ref"]) if then is not None and then["ref"] else asked.say("step-cut-need")
        what, inputs = asked.say("step-cut", what=what, name=gone), began(asked, step["to_h"]) or inputs
    elif sum_:
        what = asked.say("step-sum", what=what, sum=sum_)
    elif forced:
        what = _in_vain(asked, what, step, forced)
    elif freed or path:
        what = asked.say("step-freed", what=what, by=asked.names.of(freed)) if freed else what
        what = asked.say("step-until", what=what, until=ends_of(asked, path[-1])) if path else what
        inputs = once([*inputs_of(asked, path), *inputs])[:MOST_OF_A_WAIT]
    elif _goes_on(step, then):
        what, ends = asked.say("step-goes-on", what=what), began(asked, step["to_h"])
        inputs = once([*began(asked, since_h), *ends, *(row for row in inputs if row["path"].endswith(".after"))]) if ends else inputs
    if step["what"] == "start" and asked.result.get("typical") and any(row["path"].endswith("start.works") for row in inputs):
        failed = then is not None and then["component"] == step["component"] and then["what"] == "wait-retry"
        what = asked.say("step-fails" if failed else "step-works", what=what)
    inputs = once([*inputs[:1], *order, *inputs[1:]])
    lasts = numbers.clock(step["to_h"] - step["from_h"], asked.lang) if step["to_h"] is not None else ""
    end = numbers.stamp(step["to_h"]) if step["to_h"] is not None else ""
    to = ended or (freed if freed in known else "")
    return Line(what, (numbers.stamp(step["from_h"]), lasts, end), inputs, f"states.{to}" if to else "")


def told(asked: Asked, step: Row) -> str:
    """Whose step it is, and what was done in it."""
    return asked.say("step", name=asked.names.of(step["component"]), what=story.step_text(step, asked.names))


def once(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Inputs, each once."""
    return tuple({row["path"]: row for row in rows}.values())


# --------------------------------------------------------------------------- what was waited for


def awaited(asked: Asked, step: Row) -> list[dict[str, Any]]:
    """What a wait for another part, or for people at work on one, hung on while it lasted: steps, the first first."""
    other = _waited_for(asked, step) if step["to_h"] is not None else ""
    return chain(asked, other, step["to_h"], step["from_h"]) if other else []


def chain(asked: Asked, id_: str, at_h: float, since_h: float) -> list[dict[str, Any]]:
    """What a part did until a moment and what that hung on, back to `since_h`: steps, the first first, the last up to that moment."""
    path: list[dict[str, Any]] = []
    seen: set[tuple[str, float]] = set()
    while (id_, at_h) not in seen and len(path) < MOST_STEPS:
        seen.add((id_, at_h))
        step = _step_until(asked, id_, at_h)
        if step is None:
            break
        other = _waited_for(asked, step)
        if other and (other, at_h) not in seen and _step_until(asked, other, at_h):
            id_ = other
            continue
        path.append(step)
        at_h = step["from_h"]
        if at_h <= since_h + SAME_H:
            break
    return path[::-1]


def inputs_of(asked: Asked, path: Sequence[Row]) -> tuple[Row, ...]:
    """The inputs of steps, those of the last first."""
    lines = steps(asked, path)
    return once(row for line in reversed(lines) for row in line.inputs)


def _step_until(asked: Asked, id_: str, at_h: float) -> dict[str, Any] | None:
    """What a part was at just before a moment, with so many rounds of work as were done by then; None where it ran or stood by."""
    for span in asked.result.get("stages", {}).get(id_, ()):
        if span["from_h"] < at_h - SAME_H and (span["to_h"] is None or at_h <= span["to_h"] + SAME_H) and span["what"] != "standby":
            cut = {"component": id_, **span, "to_h": at_h}
            if span["to_h"] is None or at_h < span["to_h"] - SAME_H:
                cut.pop("freed_by", None)
                cut["rounds"] = rounds_until(span, at_h)
            return cut
    return None


def _waited_for(asked: Asked, step: Row) -> str:
    """The part that a wait hung on in the end: that whose work let people go, or whose return ended it; "" for no such wait."""
    return step.get("freed_by") or ended_by(asked, step, asked.result.get("states", {}))


def ends_of(asked: Asked, step: Row, of: str = "") -> str:
    """When a step ended that others waited for, and how that follows from its inputs; whose it is where that is not clear (`of`)."""
    sum_, by = in_force(asked, step, rests_on(asked, step))[1], "" if step["component"] == of else told(asked, step)
    if not step["what"].startswith("wait-"):
        lasts = sum_ or numbers.clock(step["to_h"] - step["from_h"], asked.lang)
        sum_ = asked.say("until", since=numbers.stamp(step["from_h"]), sum=lasts, at=numbers.stamp(step["to_h"]))
    return asked.say("until-by", by=by, sum=sum_) if by and sum_ else by or sum_


def _in_vain(asked: Asked, what: str, step: Row, forced: tuple[Row, ...]) -> str:
    """A wait that ended by force: since when, after how long."""
    after = next((row["percentiles"][1] for row in forced if row["percentiles"]), math.inf)
    if abs(step["from_h"] + after - step["to_h"]) > SAME_H:
        return what
    shown = {"since": numbers.stamp(step["from_h"]), "after": length(asked, after), "at": numbers.stamp(step["to_h"])}
    return asked.say("step-forced", what=what, **shown)


def _forced_by(asked: Asked, step: Row, then: Row | None) -> tuple[Row, ...]:
    """The inputs of a wait after which it was decided to force: after how long."""
    given_up = step["what"] in _FORCED and then is not None and then["component"] == step["component"]
    forced = given_up and then["what"].startswith(("forced", "wait-glass"))
    return asked.of("components", step["component"], r"break_glass\.after") if forced else ()


def ended_by(asked: Asked, step: Row, states: Mapping[str, Any]) -> str:
    """The part whose return ended a wait, of which more is known: of several the wait is counted for one, and another may come back last.

    The part that it is counted for where it came at that moment; none where no part that is needed did.
    """
    if not step["what"].startswith("wait-") or step["to_h"] is None or step["ref"] not in states:
        return ""
    wanted = [step["ref"], *step.get("or", ())]
    wanted += [to for to, kind in needed_by(asked, step["component"]) if kind in ("run", "want", "maybe", "start")]
    standing = [of for name in wanted for of in standing_by(asked, name)]
    return next((name for name in (*wanted, *standing) if name in states and _came(states, name, step["to_h"])), "")


def _cut_short(step: Row, then: Row | None) -> bool:
    """Whether work was given up for a wait before it was done."""
    given_up = then is not None and then["component"] == step["component"] and then["what"].startswith(("wait-need", "wait-start-need"))
    return given_up and sum(r["n"] * r["takes_h"] for r in step.get("rounds") or ()) > step["to_h"] - step["from_h"] + SAME_H


def _came(states: Mapping[str, Any], id_: str, at_h: float | None) -> bool:
    """Whether a part began to serve, or to serve more, in a moment."""
    if at_h is None:
        return False
    rows = [(-1.0, "", 1.0), *states[id_]]
    return any(abs(now[0] - at_h) <= SAME_H and now[2] > was[2] for was, now in zip(rows, rows[1:], strict=False))


def _goes_on(step: Row, then: Row | None) -> bool:
    """Whether a part that is kept off is so for another reason from the end of a step on."""
    both = then is not None and then["component"] == step["component"]
    return both and step["what"].startswith("wait-") and then["what"].startswith("wait-")


def head(asked: Asked) -> tuple[str, str, str]:
    """Over the columns of steps."""
    return asked.names.say("column.from"), asked.names.say("column.lasts"), asked.say("column.ends")


def rests_on(asked: Asked, step: Row) -> tuple[Row, ...]:
    """The inputs that say how long a step lasts: of what holds a part, of a team that has to come, or of the part itself."""
    what, ref = step["what"], step["ref"]
    if what in ("wait-held", "wait-barred", "hit") and ref:
        return effect_on(asked, ref, what.removeprefix("wait-"), where(asked, step["component"]), step["to_h"]) or asked.of("domains", ref)
    if what == "wait-people" and ref:
        return asked.of("teams", ref, "people|shift" if step.get("freed_by") else "arrives|musters|people|on_call|shift")
    rows = asked.of("components", step["component"], _OWN[what]) if what in _OWN else ()
    shared = any(row["path"].endswith(".work") for row in rows)  # how long other jobs take does not depend on how many do them
    return tuple(row for row in rows if shared or not row["path"].endswith(".people"))


_OPS = {"held": "hold", "barred": "bar"}


def effect_on(asked: Asked, hazard: str, op: str, on: set[str], to_h: float | None = None) -> tuple[Row, ...]:
    """The inputs that say when an effect of a hazard begins and how long it lasts: of those effects that reach a part or a place.

    to_h : when the effect ended; of several the one is told that ends then at typical times, where there is one
    """
    every = asked.every("hazards", hazard, TIMES)
    rows = [row for row in every if row.get("effect") and row["effect"]["op"] == _OPS.get(op, op)]
    mine = [row for row in rows if on.intersection(row["effect"]["on"])]
    medians = {time_named(row): row["percentiles"][1] for row in every if not row.get("effect") and row["percentiles"]}
    ending = {_effect_of(row) for row in mine if to_h is not None and abs(_effect_ends(asked, row, medians) - to_h) <= SAME_H}
    mine = [row for row in mine if not ending or _effect_of(row) in ending]
    named = {row["effect"]["once"] for row in mine}
    lasts = tuple(row for row in every if not row.get("effect") and (not mine or time_named(row) in named))
    return (*(mine or rows), *lasts)[:MOST_INPUTS] or every[:MOST_INPUTS]


def _effect_of(row: Row) -> str:
    """The place of the effect to which an input belongs."""
    return re.sub(r"\.(after|until)\b.*", "", row["path"])


def _effect_ends(asked: Asked, row: Row, medians: Mapping[str, float]) -> float:
    """When an effect ends at typical times; without end where this input does not say it."""
    if ".until" not in row["path"] or row["effect"]["once"] not in medians or not row["percentiles"]:
        return math.inf
    struck_h = next((hit["at_h"] for hit in asked.result.get("scenario", ()) if hit["hit"] == row["thing"][1]), 0.0)
    return float(struck_h + medians[row["effect"]["once"]] + row["percentiles"][1])
