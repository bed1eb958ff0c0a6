"""What stands behind the numbers of a rehearsal: before a clock time the steps that led to it, behind a wait what was waited for."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers, story, timeline
from blackstart.report.behind import MOST_INPUTS, MOST_LINES, TIMES, Asked, Behind, Line, setting, under
from blackstart.report.behind_assessment import threshold
from blackstart.text import has, say

Row = Mapping[str, Any]
SAME_H = 1e-6
HALF_MINUTE_H = 0.5 / 60
NEAR = 0.02  # so near a sum has to come to the length of a step to be told
LITTLE = 0.1  # of a stretch of time: what lasts no longer in it does not decide it
MOST_MOMENTS = 60  # told of one part, or of one line of the timeline
RUNS = 200  # by chance, unless somebody says otherwise (a test holds it to the command)
# what a step of a component itself lasts, and what a wait for others does
_OWN = {
    **dict.fromkeys(("start", "starting"), r"start\.(takes|work|people|decide|detect|switch)|count|helps"),
    **dict.fromkeys(("repair", "broken"), r"repair\.(takes|work|people|detect|decide)|count|helps"),
    "wait-retry": r"start\.retry",
    "wait-spare": r"(spare|stock|repair)", "wait-restore": r"(restore|data|repair)", "wait-glass": r"break_glass\.after",
    "forced-start": r"break_glass\.takes|helps", "forced-repair": r"break_glass\.takes|helps", "hit": r"rides",
}  # fmt: skip


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    result = asked.result
    match keys:
        case ["services"]:
            return _how_many(asked)
        case ["services", id_, "critical_path", int(n), *_]:
            return _step(asked, str(id_), n)
        case ["services", id_, *inner] if id_ in result["services"]:
            return _of_service(asked, str(id_), str(inner[0]) if inner else "back_at_h")
        case ["states" | "stages", id_, *_]:
            return _part(asked, str(id_))
        case ["half"]:
            return _half(asked)
        case ["out_below"]:
            return threshold(asked, list(result["services"]))
        case ["runs"]:
            return setting(asked, "runs", result["runs"], "--runs", RUNS)
        case ["losses"]:
            return _losses(asked)
        case ["told", str(n)]:
            return _told(asked, timeline.moments(result, asked.names)[int(n)])
        case ["timeline", int(n), *_]:
            return _effect(asked, result["timeline"][n])
        case ["level", str(minute), id_] if id_ in result["services"]:
            return _level(asked, int(minute), str(id_))
        case ["struck", group, id_]:
            return _struck(asked, str(group), str(id_))
        case ["forks", int(n), "ways", int(k), "all_back_h", *_]:
            return _all_back(asked, result["forks"][n], result["forks"][n]["ways"][k])
        case ["forks", int(n), *_]:
            return _fork(asked, result["forks"][n])
    return None


def steps(asked: Asked, way: Iterable[Row], parts: Mapping[str, Any] | None = None) -> list[Line]:
    """The steps of a way back, each with when it began, how long it lasted, and the inputs of that.

    parts : those of which it is told what they went through; a wait for one of them leads there
    """
    known, every, lines = parts or {}, list(way), []
    for step, then in zip(every, [*every[1:], None], strict=False):
        step = ended_by(asked, step, known)
        what = asked.say("step", name=asked.names.of(step["component"]), what=story.step_text(step, asked.names))
        began = step.get("began_h", step["from_h"])
        if began < step["from_h"] - SAME_H:
            what = asked.say("step-began", what=what, at=numbers.stamp(began))
        lasts = numbers.clock(step["to_h"] - step["from_h"], asked.lang) if step["to_h"] is not None else ""
        inputs = rests_on(asked, step)
        if then and then["what"].startswith("forced") and then["component"] == step["component"]:  # a wait that was cut short
            inputs = asked.of("components", step["component"], _OWN["wait-glass"]) or inputs
        inputs, sum_ = in_force(asked, step, inputs)
        to = f"states.{step['ref']}" if step["ref"] in known and _came(known, step["ref"], step["to_h"]) else ""
        if sum_:
            what = asked.say("step-sum", what=what, sum=sum_)
        elif step.get("freed_by"):
            what = asked.say("step-freed", what=what, by=asked.names.of(step["freed_by"]))
            to = f"states.{step['freed_by']}" if step["freed_by"] in known else ""
        elif not to and _goes_on(step, then):
            what = asked.say("step-goes-on", what=what)
        if not inputs and to and step["to_h"] is not None:  # a wait for another part: what that went through meanwhile
            waited = {row["path"]: row for row in _between(asked, to.removeprefix("states."), step["from_h"], step["to_h"])}
            inputs = tuple(waited.values())[:MOST_INPUTS]
        ends = numbers.stamp(step["to_h"]) if step["to_h"] is not None else ""
        lines.append(Line(what, (numbers.stamp(step["from_h"]), lasts, ends), inputs, to))
    return lines


def ended_by(asked: Asked, step: Row, states: Mapping[str, Any]) -> Row:
    """A wait, told of the part that ended it: of several the wait is counted for one, and another may come back last, or stand in.

    The part that it is counted for stays where it came at that moment, or where no part that is needed did.
    """
    if not step["what"].startswith("wait-") or step["to_h"] is None or step["ref"] not in states:
        return step
    if _came(states, step["ref"], step["to_h"]):
        return step
    needs = asked.result["graph"]["needs"]
    wanted = [step["ref"]] + [to for of, to, kind in needs if of == step["component"] and kind in ("run", "want", "maybe", "start")]
    standing = [of for name in wanted for of, to, kind in needs if to == name and kind == "standby"]
    came = next((name for name in (*wanted, *standing) if name in states and _came(states, name, step["to_h"])), None)
    return {**step, "ref": came} if came else step


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


def in_force(asked: Asked, step: Row, inputs: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """The inputs of a step that took part in it, and how its length, or its end, follows from them; "" where that does not come out."""
    if step["what"] in ("wait-held", "wait-barred"):
        return inputs, _held_until(asked, step, inputs)
    if step["what"] == "wait-people":
        return _called(asked, step, inputs)
    plain = step["what"] == "forced-start"  # which nothing slows
    slowed = set() if plain else {f".helps.{name}" for row in step.get("rounds", ()) for name in row["slowed_by"]}
    kept = tuple(row for row in inputs if ".helps." not in row["path"] or any(row["path"].endswith(name) for name in slowed))
    sum_ = _sum(asked, step, kept)
    of_people = sum_ and any(row["path"].endswith(".work") for row in kept)
    teams = [name for row in step["rounds"][:1] for name in row["teams"]] if of_people else []
    return (*kept, *(row for name in teams for row in asked.of("teams", name, "people|shift")), *_left_off(asked, step, kept)), sum_


def _left_off(asked: Asked, step: Row, rows: Sequence[Row]) -> tuple[Row, ...]:
    """Of work on some of many units what holds others of them for longer: effects on a part of the whole."""
    units = next((row["value"] for row in rows if row["path"].endswith(".count")), 0.0)
    if sum(r["n"] * r["units"] for r in step.get("rounds", ())) >= units * (1.0 - NEAR):
        return ()
    held = [row for hit in asked.result.get("scenario", ()) for row in asked.every("hazards", hit["hit"], TIMES)]
    return tuple(row for row in held if (effect := row.get("effect")) and effect["op"] == "hold" and effect["share"] < 1.0
                 and step["component"] in effect["on"] and ".until" in row["path"])  # fmt: skip


def _time(asked: Asked, hours: float) -> str:
    """A length of time that is added up: from an hour on to the minute."""
    return numbers.in_hours(hours, asked.lang) if hours >= 1.0 else numbers.point(hours, "hours", asked.lang, digits=3)


def _sum(asked: Asked, step: Row, rows: Sequence[Row]) -> str:
    """How the length of work follows from the medians of inputs; "" where it is one of them, or where it does not."""
    rounds = step.get("rounds", ())
    lasts = (step["to_h"] or math.inf) - step["from_h"]
    if not rounds or abs(sum(r["n"] * r["takes_h"] for r in rounds) - lasts) > NEAR * lasts:
        return ""
    told = [_round(asked, step, one, rows) for one in rounds]
    if not all(told):
        return ""
    words = [_rounds(asked, words, one, rows) for words, one in zip(told, rounds, strict=True)]
    said = " + ".join(words)
    return said if any(sign in said for sign in "×+÷") else ""


def _rounds(asked: Asked, words: str, one: Row, rows: Sequence[Row]) -> str:
    """So many rounds of work, each as long as these words say; and how many of all units these rounds are."""
    if one["n"] == 1:
        return words
    units = next((row["value"] for row in rows if row["path"].endswith(".count")), 0.0)
    done = one["n"] * one["units"]
    values = {"sum": words, "each": _time(asked, one["takes_h"]), "n": one["n"], "all": f"{units:,.0f}", "done": f"{done:,.0f}"}
    if not units or done > units * (1.0 + NEAR):
        return asked.say("rounds", **values)
    return asked.say("rounds-of", share=numbers.whole_percent(done / units, asked.lang), **values)


def _people(asked: Asked, id_: str, job: str) -> int:
    """How many people a job asks for."""
    row = next((c for c in asked.result["graph"]["components"] if c["id"] == id_), {})
    return max(1, (row.get("people") or {}).get(job, 1))


def _round(asked: Asked, step: Row, one: Row, rows: Sequence[Row]) -> str:
    """How long one round of work takes; "" where the inputs do not give it."""
    times = [row for row in rows if row["kind"] == "duration" and row["percentiles"]]
    again = [row for row in times if not row["path"].endswith((".detect", ".decide"))]  # after a start that failed
    slower = [row["value"] for row in rows if row["path"].rpartition(".helps.")[2] in one["slowed_by"]]
    for some in (times, again):
        words, hours = _timed(asked, step, one, some, slower)
        if abs(hours - one["takes_h"]) <= NEAR * one["takes_h"]:
            return "".join([words, *(f" × {factor:g}" for factor in slower)])
    return ""


def _timed(asked: Asked, step: Row, one: Row, times: Sequence[Row], slower: Sequence[float]) -> tuple[str, float]:
    """A round of work by some of its inputs at their medians: in words, without what slows it, and in hours."""
    hours = sum(row["percentiles"][1] for row in times) * math.prod(slower)
    words = " + ".join(_time(asked, row["percentiles"][1]) for row in times)
    if len(times) == 1 and times[0]["path"].endswith(".work"):
        people = max(1, round(hours * one["units"] / one["takes_h"]))
        wanted = _people(asked, step["component"], "repair" if step["what"].endswith("repair") else "start")
        free = _free(asked, step, one, people, wanted) if people < wanted else asked.say("pool-people", n=people)
        return asked.say("pool", work=words, units=f"{one['units']:,.0f}", people=free), hours * one["units"] / people
    return f"({words})" if len(times) > 1 and slower else words, hours


def _free(asked: Asked, step: Row, one: Row, people: int, wanted: int) -> str:
    """How many people a round had, fewer than the work asks for: of those who are there, without those at other work in that moment."""
    for team in one["teams"]:
        others, every = _at_work(asked, step, team), next((row["value"] for row in asked.of("teams", team, "people$")), 0.0)
        there = people + sum(others.values())
        shifts = next((n for n in (1, 2) if others and math.isclose(every, n * there)), 0)
        if shifts:
            busy = asked.names.join([asked.say("pool-busy", n=n, name=asked.names.of(id_)) for id_, n in others.items()])
            values = {"n": people, "wanted": wanted, "team": asked.names.of(team, "team"), "every": f"{every:,.0f}", "there": there}
            return asked.say("pool-of-shift" if shifts == 2 else "pool-of-team", busy=busy, **values)
    return asked.say("pool-free", n=people, wanted=wanted)


def _at_work(asked: Asked, step: Row, team: str) -> dict[str, int]:
    """People of a team at work on other parts when a step begins, by part, as far as what they do is so much work for so many units."""
    found: dict[str, int] = {}
    for id_, spans in asked.result["stages"].items() if "stages" in asked.result else ():
        for span in spans:
            begun = span["from_h"] <= step["from_h"] + SAME_H < (math.inf if span["to_h"] is None else span["to_h"])
            if id_ == step["component"] or not begun or not any(team in one["teams"] for one in span.get("rounds") or ()):
                continue
            job = "repair" if span["what"].endswith("repair") else "start"
            work = next((row["percentiles"][1] for row in asked.of("components", id_, rf"{job}\.work") if row["percentiles"]), 0.0)
            first = span["rounds"][0]
            found |= {id_: round(work * first["units"] / first["takes_h"])} if work else {}
    return found


def _held_until(asked: Asked, step: Row, rows: Sequence[Row]) -> str:
    """When what kept a part off ended, of the times of its misfortune: the fire is out, and so long after it."""
    if step["to_h"] is None:
        return ""
    began = next((hit["at_h"] for hit in asked.result.get("scenario", ()) if hit["hit"] == step["ref"]), 0.0)
    once = {_named(row): row for row in rows if not row.get("effect") and row["percentiles"]}
    ends = [(name, row["percentiles"][1], 0.0) for name, row in once.items()]
    ends += [(row["effect"]["once"], once[row["effect"]["once"]]["percentiles"][1], row["percentiles"][1]) for row in rows
             if row.get("effect") and ".until" in row["path"] and row["effect"]["once"] in once and row["percentiles"]]  # fmt: skip
    for name, first, then in ends:
        if abs(began + first + then - step["to_h"]) <= SAME_H:
            known = f"reasons.time.{name}"
            what = say(known, asked.lang) if has(known, asked.lang) else name
            parts = [asked.say("time-of", h=_time(asked, first), what=what), *([_time(asked, then)] if then else [])]
            return asked.say("ends", at=numbers.stamp(step["to_h"]), sum=" + ".join(parts))
    return ""


def _called(asked: Asked, step: Row, rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """A wait for people: with those who come it ends when they are there, and else when work lets others go."""
    if step["to_h"] is None or step.get("freed_by"):
        return rows, ""
    came = [e for e in asked.result.get("timeline", ()) if e["what"] == "team" and e["who"] == step["ref"]]
    for kind in ("arrives", "musters"):
        row = next((row for row in rows if row["path"].endswith(f".{kind}") and row["percentiles"]), None)
        hours = row["percentiles"][1] if row else math.inf
        began = step.get("began_h", step["from_h"])
        known = abs(began + hours - step["to_h"]) <= SAME_H or any(abs(e["t_h"] - step["to_h"]) <= SAME_H for e in came)
        if row is not None and known and any(abs(hours - (step["to_h"] - t)) <= SAME_H for t in (began, *_waits(asked))):
            since, at = numbers.stamp(step["to_h"] - hours), numbers.stamp(step["to_h"])
            others = tuple(one for one in rows if one["path"].endswith((".people", ".on_call")))
            return (row, *others, *_began(asked, step["to_h"] - hours)), asked.say("called", since=since, h=_time(asked, hours), at=at)
    return rows, ""


def _began(asked: Asked, at_h: float) -> tuple[Row, ...]:
    """The inputs that say when a misfortune did something in a moment: how long after it came."""
    found: dict[str, Row] = {}
    for hit in asked.result.get("scenario", ()):
        for row in asked.every("hazards", hit["hit"], r".*after\b"):
            if row["percentiles"] and abs(hit["at_h"] + row["percentiles"][1] - at_h) <= SAME_H:
                found.setdefault(row["text"], row)
    return tuple(found.values())


def _waits(asked: Asked) -> set[float]:
    """When something began to wait for people: a team is called then."""
    return {e["t_h"] for e in asked.result.get("timeline", ()) if e["what"] == "waits"}


def head(asked: Asked) -> tuple[str, str, str]:
    """Over the columns of steps."""
    return asked.names.say("column.from"), asked.names.say("column.lasts"), asked.say("column.ends")


def rests_on(asked: Asked, step: Row) -> tuple[Row, ...]:
    """The inputs that say how long a step lasts: of what holds a part, of a team that has to come, or of the part itself."""
    what, ref = step["what"], step["ref"]
    if what in ("wait-held", "wait-barred", "hit") and ref:
        return effect_on(asked, ref, what.removeprefix("wait-"), _where(asked, step["component"]), step["to_h"]) or asked.of("domains", ref)
    if what == "wait-people" and ref:
        return asked.of("teams", ref, "arrives|musters|people|on_call|shift")
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
    medians = {_named(row): row["percentiles"][1] for row in every if not row.get("effect") and row["percentiles"]}
    ending = {_effect_of(row) for row in mine if to_h is not None and abs(_ends(asked, row, medians) - to_h) <= SAME_H}
    mine = [row for row in mine if not ending or _effect_of(row) in ending]
    named = {row["effect"]["once"] for row in mine}
    lasts = tuple(row for row in every if not row.get("effect") and (not mine or _named(row) in named))
    return (*(mine or rows), *lasts)[:MOST_INPUTS] or every[:MOST_INPUTS]


def _named(row: Row) -> str:
    """The name of a time of a hazard."""
    return str(row["path"]).rpartition(".lasts.")[2]


def _effect_of(row: Row) -> str:
    """The place of the effect to which an input belongs."""
    return re.sub(r"\.(after|until)\b.*", "", row["path"])


def _ends(asked: Asked, row: Row, medians: Mapping[str, float]) -> float:
    """When an effect ends at typical times; without end where this input does not say it."""
    if ".until" not in row["path"] or row["effect"]["once"] not in medians or not row["percentiles"]:
        return math.inf
    began = next((hit["at_h"] for hit in asked.result.get("scenario", ()) if hit["hit"] == row["thing"][1]), 0.0)
    return float(began + medians[row["effect"]["once"]] + row["percentiles"][1])


def _where(asked: Asked, id_: str) -> set[str]:
    """A part, and the places in which it stands, one inside the other."""
    graph = asked.result["graph"]
    around = {row["id"]: row["in"] for row in (*graph["components"], *graph["domains"])}
    found, todo = {id_}, [id_]
    while todo:
        new = [name for name in around.get(todo.pop(), ()) if name not in found]
        found.update(new)
        todo += new
    return found


def _how_many(asked: Asked) -> Behind:
    """How many services stop: which, and when each is back."""
    rows = [s for s in story.services_of(asked.result) if s.out_at_h is not None]
    lines = [
        Line(asked.names.of(s.id), (numbers.stamp(s.out_at_h), numbers.stamp(s.back_at_h) if s.back_at_h is not None else ""),
             (*_began(asked, s.out_at_h), *asked.of("components", s.id, "tolerance.serves")), f"services.{s.id}.out_at_h")
        for s in rows if s.out_at_h is not None
    ]  # fmt: skip
    never = [s.id for s in story.services_of(asked.result) if s.out_at_h is None]
    for id_ in never:
        serves = asked.of("components", id_, "tolerance.serves")
        lines.append(Line(asked.names.of(id_), ("\u2013", ""), serves, f"services.{id_}.back_at_h"))
    said = asked.say("how-many-is" if rows else "how-many-none", n=len(rows), all=len(rows) + len(never))
    columns = asked.names.say("column.out_at"), asked.names.say("column.back_at")
    return Behind(asked.say("how-many"), [said], lines, columns)


def _half(asked: Asked) -> Behind | None:
    """When half of the services that stopped are back: in which order they come back, and the way of the one that makes it half."""
    out = [s for s in story.services_of(asked.result) if s.out_at_h is not None]
    back = sorted((s for s in out if s.back_at_h is not None), key=lambda s: s.back_at_h or 0.0)
    n = math.ceil(len(out) / 2)
    if len(back) < n or not n:
        return None
    mine, at = back[n - 1], numbers.stamp(back[n - 1].back_at_h or 0.0)
    way = steps(asked, story.way_back(mine.row), asked.result["states"])
    order = []
    for k, s in enumerate(back[: n + 1], 1):
        what = asked.say("half-nth", n=k, name=asked.names.of(s.id))
        order.append(Line(what, (numbers.stamp(s.back_at_h or 0.0),), (), f"services.{s.id}.back_at_h"))
    said = [asked.say("half-is", all=len(out), n=n, name=asked.names.of(mine.id), at=at), asked.say("steps")]
    lines = [*under(asked.say("half-way", n=n, name=asked.names.of(mine.id)), way), *_counts_as_up(asked, mine.id)]
    lines += under(asked.say("half-order"), order)
    return Behind(asked.say("half"), said, lines, head(asked))


def _told(asked: Asked, line: timeline.Moment) -> Behind:
    """A line of the timeline that stands for several things: each of them, with what decided its moment."""
    found = {(t, what): about for t, what, about in line.folded}
    some = list(found.items())[: MOST_MOMENTS + 1]
    lines = [Line(what, (numbers.stamp(t),), _decided(asked, about, t), about) for (t, what), about in some]
    lines = _first_of(asked, [*lines, *[Line("")] * (len(found) - len(some))])
    return Behind(line.text, [asked.say("told", n=len(found))], lines, (asked.names.say("column.from"),))


def _decided(asked: Asked, about: str, at_h: float) -> tuple[Row, ...]:
    """Of one thing that happened the inputs of when it did, the last step before it first."""
    kind, _, rest = about.partition(".")
    if kind == "states":
        found = {row["path"]: row for row in (*_began(asked, at_h), *_between(asked, rest, 0.0, at_h))}
        own = asked.of("components", rest, _OWN["start"]) or asked.of("components", rest, "needs")
        return tuple(found.values())[:MOST_INPUTS] or own
    if kind == "struck":
        group, _, name = rest.partition(".")
        return (*_began(asked, at_h), *asked.of(group, name))[:MOST_INPUTS]
    if kind == "level":
        minute, _, id_ = rest.partition(".")
        return tuple(_level(asked, int(minute), id_).inputs()[:MOST_INPUTS])
    if kind == "services":
        id_, _, which = rest.rpartition(".")
        found = _of_service(asked, id_, which)
        return tuple(found.inputs()[:MOST_INPUTS]) if found else ()
    return ()


def _losses(asked: Asked) -> Behind:
    """The loss of all services together."""
    rows, lines = [s for s in story.services_of(asked.result) if s.row["loss"]], []
    currency = asked.result["currency"]
    for s in sorted(rows, key=lambda s: -s.row["loss"]):
        inputs = asked.of("components", s.id, "loss")
        stated = {at["path"].rpartition(".")[2]: at.get("value") or 0.0 for at in inputs}
        out = (stated.get("rate") or 0.0) * (1.0 - stated.get("deferred", 0.0)) * _missing_while_out(s.row, s.down_h)
        parts = (out, s.row["loss"] - out) if out and out <= s.row["loss"] * (1.0 + NEAR) else (math.nan, math.nan)
        shown = ("" if math.isnan(part) else numbers.point(max(0.0, part), "money", asked.lang, currency, 3) for part in parts)
        whole = numbers.point(s.row["loss"], "money", asked.lang, currency, 3)
        lines.append(Line(asked.names.of(s.id), (numbers.clock(s.down_h, asked.lang), *shown, whole), inputs, f"services.{s.id}.loss"))
    whole = sum(s.row["loss"] for s in rows)
    lines.append(Line(asked.say("line.total"), ("", "", "", numbers.point(whole, "money", asked.lang, currency, 3))))
    parted = asked.say("column.while-out"), asked.say("column.while-worse")
    columns = asked.names.say("column.down_for"), *parted, asked.names.say("column.loss")
    return Behind(asked.titled(asked.say("what.loss"), asked.say("all")), [asked.say("losses-is")], lines, columns)


def _effect(asked: Asked, event: Row) -> Behind | None:
    """An effect of a misfortune that begins or ends: when it begins and how long it lasts, as the model states it."""
    told, detail = timeline.event_text(event, asked.names), event["detail"]
    if told is None:
        return None
    inputs = effect_on(asked, event["who"], str(detail.get("op")), set(detail.get("targets", ())))
    name = asked.names.of(event["who"], "hazard")
    return Behind(told[1], [asked.say("struck.hazard"), asked.say("struck.given")], [Line(name, (numbers.stamp(event["t_h"]),), inputs)],
                  (asked.names.say("column.from"),))  # fmt: skip


def _of_service(asked: Asked, id_: str, which: str) -> Behind | None:
    row, name = asked.result["services"][id_], asked.names.of(id_)
    if which == "out_below":
        return threshold(asked, [id_])
    if which == "out_at_h":
        return _falls(asked, id_, row)
    way = steps(asked, story.way_back(row), asked.result["states"])
    own = {"loss": "loss", "lost_user_hours": "users", "tolerance": r"tolerance\.(rto|mtpd|rpo)"}.get(which)
    first = _parts_of(asked, id_, which, own) if own else []
    key = which if which in ("loss", "lost_user_hours", "quantiles", "tolerance") else "back_at"
    said = [asked.say(f"returns.{key}"), asked.say("steps")]
    if key == "quantiles":
        first = _chances(asked)
    if way and key in ("back_at", "quantiles"):
        out = row["outages"][-1][0] if row["outages"] else 0.0
        to = f"services.{id_}.out_at_h" if out == row["out_at_h"] else ""
        first.append(Line(asked.say("line.until-out"), (numbers.stamp(0.0), numbers.clock(out, asked.lang)), _began(asked, out), to))
    if not way:
        below = asked.result["services"][id_].get("out_below")
        never = asked.say("never-out", share=numbers.point(0.5 if below is None else below, "percent", asked.lang))
        said = [never, *said[: key == "quantiles"]]
        first.append(Line(asked.say("line.threshold"), (), asked.of("components", id_, "tolerance.serves")))
    if row["back_at_h"] is not None and row["outages"] and key in ("back_at", "quantiles"):
        down = numbers.clock(next(s.down_h for s in story.services_of(asked.result) if s.id == id_), asked.lang)
        times = {"out": numbers.stamp(row["out_at_h"] or 0.0), "at": numbers.stamp(row["back_at_h"]), "down": down}
        said.insert(0, asked.say("back-is", after=numbers.clock(row["back_at_h"], asked.lang), **times))
    way = under(asked.say("parts.way"), way) if first else way
    last = _counts_as_up(asked, id_) if way and key in ("back_at", "quantiles") else []
    return Behind(asked.titled(asked.say(f"what.{key}"), name), said, [*first, *way, *last], head(asked))


def _counts_as_up(asked: Asked, id_: str) -> list[Line]:
    """From which share on a service counts as back: steps that end when a part of many units is up end by this."""
    found = asked.of("components", id_, "tolerance.serves")
    return under(asked.say("line.threshold"), [Line(asked.names.of(id_), (), found)]) if found else []


def _parts_of(asked: Asked, id_: str, which: str, own: str) -> list[Line]:
    """What a sum is made of: what the time out costs by itself, and what is missing while the service is worse than whole."""
    inputs, row = asked.of("components", id_, own), asked.result["services"][id_]
    stated = {at["path"].rpartition(".")[2]: at.get("value") for at in inputs}
    unit = stated.pop("rate" if which == "loss" else "users", None)
    kept = 1.0 - (stated.pop("deferred", None) or 0.0)
    if which not in ("loss", "lost_user_hours") or not unit or stated or not row[which]:
        return [Line(asked.say("line.own"), (), inputs)]
    unit, down = unit * kept, next(s.down_h for s in story.services_of(asked.result) if s.id == id_)
    kind, currency = ("money", asked.result["currency"]) if which == "loss" else ("count", None)
    out, (worse_h, missing) = unit * _missing_while_out(row, down), _worse(row)
    if out > row[which] * (1.0 + NEAR):
        return [Line(asked.say("line.own"), (), inputs)]
    shown = [numbers.point(value, kind, asked.lang, currency, 3) for value in (out, row[which] - out)]
    served = numbers.point(1.0 - out / (unit * down) if down else 0.0, "percent", asked.lang)
    first = asked.say("line.while-out" if out >= unit * down * (1.0 - NEAR) else "line.while-out-part", sum=shown[0], share=served)
    then, whole = asked.say("line.while-worse", sum=shown[1]), numbers.clock((row[which] - out) / unit, asked.lang)
    if worse_h and abs(worse_h * missing * unit - (row[which] - out)) <= NEAR * row[which]:
        then = asked.say("line.while-worse-by", sum=shown[1], share=numbers.point(missing, "percent", asked.lang))
        whole = numbers.clock(worse_h, asked.lang)
    to = f"services.{id_}.back_at_h" if row["outages"] and row["back_at_h"] is not None else ""
    return [Line(first, ("", numbers.clock(down, asked.lang)), inputs, to), Line(then, ("", whole), inputs),
            *under(asked.say("parts.worse"), _stages_worse(asked, id_, row, unit, kind))]  # fmt: skip


def _missing_while_out(row: Row, down_h: float) -> float:
    """The time for which a service was out, in hours with nothing of it there: an outage counts from a share of demand on."""
    served = 0.0
    for (t, level), (then, _) in zip(row["level"], row["level"][1:], strict=False):
        served += level * sum(max(0.0, min(then, math.inf if b is None else b) - max(t, a)) for a, b in row["outages"])
    return down_h - served


def _stages_worse(asked: Asked, id_: str, row: Row, unit: float, kind: str) -> list[Line]:
    """The stretches in which a service was worse than whole but not out, each with what it loses, what ended it and what that waited for.

    Stretches that the units of one part end, one after the other, are told as one. unit : what an hour costs in which all is missing
    """
    found: list[dict[str, Any]] = []
    for (t, level), (then, after) in zip(row["level"], row["level"][1:], strict=False):
        hours = then - t - sum(max(0.0, min(then, b) - max(t, a)) for a, b in row["outages"])
        if level >= 1.0 or hours <= SAME_H:
            continue
        ended = _happened(asked, id_, then, HALF_MINUTE_H, ("fails", "falls", "runs"))
        parts = list(dict.fromkeys(line.to.removeprefix("states.") for line in ended if line.to))
        last = found[-1] if found else None
        if last and after > level > last["levels"][0] and parts == last["parts"] and len(parts) == 1 and last["then"] == t:
            last.update(then=then, ended=ended, hours=last["hours"] + hours, lost=last["lost"] + (1.0 - level) * hours)
            last["levels"].append(level)
        else:
            lost = (1.0 - level) * hours
            found.append({"t": t, "then": then, "hours": hours, "lost": lost, "levels": [level], "ended": ended, "parts": parts})
            found[-1]["rises"] = after > level
    return [_stage_worse(asked, id_, one, unit, kind) for one in found]


def _stage_worse(asked: Asked, id_: str, one: Row, unit: float, kind: str) -> Line:
    """One of them as a line."""
    if one["rises"]:
        rows = [at for part in one["parts"] for at in _between(asked, part, one["t"], one["then"])]
    else:
        rows = [at for line in one["ended"] for at in line.inputs]
    if not rows:
        rows = [at for part in (id_, *sorted(_stands_on(asked, id_))) for at in asked.of("components", part, "headroom|surge")]
    low, high = (numbers.point(level, "percent", asked.lang) for level in (one["levels"][0], one["levels"][-1]))
    currency = asked.result["currency"] if kind == "money" else None
    values = {"serves": low if low == high else numbers.between(low, high, asked.lang, "range"),
              "sum": numbers.point(unit * one["lost"], kind, asked.lang, currency, 3)}  # fmt: skip
    until = asked.names.join(list(dict.fromkeys(line.what for line in one["ended"])), 2)
    what = asked.say("line.stage-worse", until=until, **values) if until else asked.say("line.stage-worse-alone", **values)
    inputs = tuple({at["path"]: at for at in rows}.values())
    shown = numbers.stamp(one["t"]), numbers.clock(one["hours"], asked.lang)
    return Line(what, shown, inputs, f"level.{round(one['then'] * 60)}.{id_}")


def _between(asked: Asked, part: str, from_h: float, to_h: float, seen: frozenset[str] = frozenset()) -> list[Row]:
    """The inputs of what a part went through in a stretch of time, the longest first; of a wait for another part those of that part."""
    spans = []
    for span in asked.result.get("stages", {}).get(part, ()):
        hours = min(to_h, math.inf if span["to_h"] is None else span["to_h"]) - max(from_h, span["from_h"])
        if hours > LITTLE * (to_h - from_h):
            spans.append((hours, {"component": part, **span}))
    found: list[Row] = []
    for _, step in sorted(spans, key=lambda x: -x[0]):
        rows = rests_on(asked, step)
        if not rows and step["ref"] and step["ref"] not in seen:
            rows = tuple(_between(asked, step["ref"], max(from_h, step["from_h"]), min(to_h, step["to_h"] or to_h), seen | {part}))
        found += rows
    return found


def _worse(row: Row) -> tuple[float, float]:
    """For how many hours a service was worse than whole but not out, and which share was missing then on average."""
    hours = missing = 0.0
    for (t, level), (then, _) in zip(row["level"], row["level"][1:], strict=False):
        out = sum(max(0.0, min(then, b) - max(t, a)) for a, b in row["outages"])
        if level < 1.0:
            hours, missing = hours + then - t - out, missing + (1.0 - level) * (then - t - out)
    return hours, missing / hours if hours else 0.0


def _chances(asked: Asked) -> list[Line]:
    """What the runs differ by, beside the times of the steps: what may go either way."""
    return [line for fork in asked.result["forks"] for line in _fork(asked, fork).lines]


def _falls(asked: Asked, id_: str, row: Row) -> Behind:
    """Why a service stopped when it did: what happened in that moment, to it or to what it stands on."""
    at = row["out_at_h"] or 0.0
    lines = _happened(asked, id_, at, SAME_H, ("fails", "falls"))
    lines.append(Line(asked.say("line.threshold"), (), asked.of("components", id_, "tolerance.serves")))
    what = asked.names.say("column.out_at")
    return Behind(asked.titled(what, asked.names.of(id_)), [asked.say("stops-when")], lines, (asked.names.say("column.from"),))


def _happened(asked: Asked, id_: str, at_h: float, near_h: float, kinds: Collection[str]) -> list[Line]:
    """What happened in a moment, to a part or to what it stands on: the effects of misfortunes, and what of it fell, failed or ran."""
    below, lines, seen = _stands_on(asked, id_), [], set()
    for e in asked.result["timeline"]:
        if abs(e["t_h"] - at_h) > near_h or not (e["what"] == "effect" or e["what"] in kinds and e["who"] in below):
            continue
        told = timeline.event_text(e, asked.names)
        if told and told[1] not in seen:
            seen.add(told[1])
            inputs = asked.of("components", e["who"], "rides|fails")
            if e["what"] == "effect":
                every = effect_on(asked, e["who"], e["detail"]["op"], set(e["detail"].get("targets", ())))
                inputs = tuple(row for row in every if row["path"].endswith(".after")) or every
            lines.append(Line(told[1], (numbers.stamp(e["t_h"]),), inputs, "" if e["what"] == "effect" else f"states.{e['who']}"))
    return lines


def _level(asked: Asked, minute: int, id_: str) -> Behind:
    """How much of a service is there from a moment on: what happened then below it, and what it needs and wants."""
    levels = [(-1.0, 1.0), *asked.result["services"][id_]["level"]]
    changed = [(was[1], now[1]) for was, now in zip(levels, levels[1:], strict=False) if round(now[0] * 60) == minute]
    was, now = (changed[0][0], changed[-1][1]) if changed else (1.0, 1.0)
    shown = _apart((was, now), asked.lang)
    lines = _happened(asked, id_, minute / 60, HALF_MINUTE_H, ("fails", "falls", "runs"))
    below = [id_, *(line.to.removeprefix("states.") for line in lines if line.to)]
    needs = tuple(row for part in dict.fromkeys(below) for row in asked.of("components", part, "(needs|wants)"))
    said = [asked.say("level-is", at=numbers.stamp(minute / 60), was=shown[0], now=shown[1]), asked.say("level-how")]
    lines += [Line(asked.say("line.needs"), (), needs[:MOST_LINES])] if needs else []
    return Behind(asked.titled(asked.say("what.level"), asked.names.of(id_)), said, lines, (asked.names.say("column.from"),))


def _apart(shares: Sequence[float], lang: str) -> list[str]:
    """Shares with as many digits as it takes to tell them apart."""
    shown: list[str] = []
    for digits in (2, 3, 5):
        shown = [numbers.point(share, "percent", lang, digits=digits) for share in shares]
        if len(set(shown)) == len(shown):
            break
    return shown


def _stands_on(asked: Asked, id_: str) -> set[str]:
    """A part and all that it needs to run, directly or not."""
    needs: dict[str, list[str]] = {}
    for source, target, kind in asked.result["graph"]["needs"]:
        if kind in ("run", "want"):
            needs.setdefault(source, []).append(target)
    found, todo = {id_}, [id_]
    while todo:
        new = [name for name in needs.get(todo.pop(), ()) if name not in found]
        found.update(new)
        todo += new
    return found


def _step(asked: Asked, id_: str, n: int) -> Behind | None:
    """One step of a way back: what this step lasts by, and the steps before it that say when it began."""
    way = [step for mine in story.ways_by_outage(asked.result["services"][id_]) for step in mine if step["number"] <= n]
    if not way:
        return None
    *before, mine = steps(asked, way, asked.result["states"])
    if not before:
        out = asked.result["services"][id_]["out_at_h"]
        threshold_of = asked.of("components", id_, "tolerance.serves")
        before = [Line(asked.names.say("column.out_at"), (numbers.stamp(out or 0.0), ""), threshold_of, f"services.{id_}.out_at_h")]
        said = [asked.say("step-is"), asked.say("steps"), asked.say("step-first")]
    else:
        said = [asked.say("step-is"), asked.say("steps")]
    what = asked.say("step", name=asked.names.of(way[-1]["component"]), what=story.step_text(way[-1], asked.names))
    lines = [*under(asked.say("parts.this"), [mine]), *under(asked.say("parts.before"), before)]
    return Behind(asked.titled(what, asked.names.of(id_)), said, lines, head(asked))


def _part(asked: Asked, id_: str) -> Behind | None:
    """What a part went through, from its fall to its return."""
    spans = asked.result["stages"].get(id_, ())
    begun = [
        Line(told[1], (numbers.stamp(e["t_h"]), ""), asked.of("components", id_, "rides|fails"))
        for e in asked.result["timeline"]
        if e["who"] == id_ and e["what"] in ("fails", "falls") and (told := timeline.event_text(e, asked.names))
    ]
    way = [{"component": id_, **span} for span in spans]
    lines = [*begun[:1], *steps(asked, way, {k: v for k, v in asked.result["states"].items() if k != id_})]
    if not lines:
        return None
    lines += under(asked.say("parts.moments"), _moments(asked, id_))
    return Behind(asked.say("part", name=asked.names.of(id_)), [asked.say("part-is"), asked.say("steps")], lines, head(asked))


def _moments(asked: Asked, id_: str) -> list[Line]:
    """What is told of a part, or of a team, in the timeline, moment by moment."""
    found: dict[tuple[float, str], Line] = {}
    for e in asked.result["timeline"]:
        if e["who"] == id_ and (told := timeline.event_text(e, asked.names)):
            found.setdefault((e["t_h"], told[1]), Line(told[1], (numbers.stamp(e["t_h"]),)))
    return _first_of(asked, list(found.values()))


def _first_of(asked: Asked, lines: Sequence[Line]) -> list[Line]:
    """The first of many moments, and how many more there are: what goes round for ever is told in thousands."""
    more = len(lines) - MOST_MOMENTS
    return [*lines[:MOST_MOMENTS], *([Line(asked.say("line.more-moments", n=f"{more:,}"))] if more > 0 else [])]


def _struck(asked: Asked, group: str, id_: str) -> Behind | None:
    """A misfortune, a barrier or a team in the timeline: what the model says of it."""
    noun = group.removesuffix("s")
    name, found = asked.names.of(id_, noun), asked.of(group, id_)
    if not found:
        return None
    given = any(hit["hit"] == id_ for hit in asked.result["scenario"])
    inputs = tuple(row for row in found if row["kind"] != "rate") if given else found
    said = [asked.say(f"struck.{noun}"), *([asked.say("struck.given")] if given else [])]
    moments = under(asked.say("parts.moments"), _moments(asked, id_))
    return Behind(name, said, [Line(name, (), inputs or found), *moments], (asked.names.say("column.from"),))


def _all_back(asked: Asked, fork: Row, mine: Row) -> Behind:
    """When every service is back: what the runs differ by, and the way of the service that is last in the course told."""
    last = next((s.id for s in reversed(story.services_of(asked.result)) if s.back_at_h is not None), "")
    way = steps(asked, story.way_back(asked.result["services"][last]), asked.result["states"]) if last else []
    ends = mine["all_back_h"]
    low, middle, high = (numbers.point(ends[key] or 0.0, "hours", asked.lang) for key in ("10", "50", "90"))
    said = [asked.say("all-back-ends", n=mine["runs"], middle=middle, range=numbers.between(low, high, asked.lang)), asked.say("all-back")]
    if last:
        said.append(asked.say("all-back-last", name=asked.names.of(last), at=numbers.stamp(asked.result["services"][last]["back_at_h"])))
    lines = [*_fork(asked, fork).lines, *under(asked.say("parts.way"), way)]
    return Behind(asked.say("what.all-back"), said, lines, head(asked))


def _fork(asked: Asked, fork: Row) -> Behind:
    """What may go either way: how likely each way is."""
    wanted = {"barrier": ("barriers", "works"), "start": ("components", r"start\.works"), "effect": ("hazards", r".*chance")}
    group, inside = wanted[fork["what"]]
    way = story.fork_phrase(fork, "question", asked.names)
    return Behind(way, [asked.say("fork")], [Line(way, (), asked.of(group, fork["id"], inside))])
