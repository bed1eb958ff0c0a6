"""What stands behind the numbers of a rehearsal: before a clock time the steps that led to it, behind a wait what was waited for."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from blackstart.report import numbers, story, tables, timeline
from blackstart.report.behind import MOST_INPUTS, MOST_LINES, Asked, Behind, Line, setting, under
from blackstart.report.behind import teams as behind_teams
from blackstart.report.behind.assessment import threshold
from blackstart.report.behind.levels import in_part, made_of, whence
from blackstart.report.behind.needs import tie, where
from blackstart.report.behind.steps import STARTS, awaited, chain, effect_on, ends_of, head, inputs_of, once, steps
from blackstart.report.behind.work import NEAR, SAME_H, began, effect_sum, rounds_until, so_far

Row = Mapping[str, Any]
_TEAMS = "struck.teams."
HALF_MINUTE_H = 0.5 / 60
MOST_MOMENTS = 60  # told of one part, or of one line of the timeline
MOST_BEFORE = 7  # steps before a moment of a part; all of them stand with the part
RUNS = 200  # by chance, unless somebody says otherwise (a test holds it to the command)


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
        case ["way", id_] if id_ in result["services"]:
            return _way(asked, str(id_))
        case ["states" | "stages", id_, *_]:
            return _part(asked, str(id_))
        case ["moment", minute, id_]:
            return _moment(asked, int(minute), str(id_))
        case ["half"]:
            return _half(asked)
        case ["out_below"]:
            return threshold(asked, list(result["services"]))
        case ["runs"]:
            return setting(asked, "runs", result["runs"], "--runs", RUNS)
        case ["losses"]:
            return _losses(asked)
        case ["told", str(n)]:
            return _told(asked, asked.kept("moments", lambda: timeline.moments(result, asked.names))[int(n)])
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


def _how_many(asked: Asked) -> Behind:
    """How many services stop: which, and when each is back."""
    rows = [s for s in story.services_of(asked.result) if s.out_at_h is not None]
    lines = [
        Line(asked.names.of(s.id), (numbers.stamp(s.out_at_h), numbers.stamp(s.back_at_h) if s.back_at_h is not None else ""),
             (*began(asked, s.out_at_h), *asked.of("components", s.id, "tolerance.serves")), f"services.{s.id}.out_at_h")
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
    lines, told = [], ()
    for (t, what), about in some:
        inputs = _decided(asked, about, t)
        sum_ = behind_teams.moment(asked, about.removeprefix(_TEAMS), t)[0] if about.startswith(_TEAMS) else ""
        words = asked.say("step-sum", what=what, sum=sum_) if sum_ else what
        lines.append(Line(words, (numbers.stamp(t),), inputs if inputs != told else (), about))  # what is the same as before stands once
        told = inputs
    lines = _first_of(asked, [*lines, *[Line("")] * (len(found) - len(some))])
    said = [asked.say("told-of", n=len(found), named=line.named) if line.named > len(found) else asked.say("told", n=len(found))]
    rest = len(found) - (named := sum(what in line.text for _, what in found))
    said += [asked.say("told-rest", n=len(found), named=named, rest=rest)] if re.search(rf"(?<!\d){rest}(?!\d)", line.text) else []
    return Behind(line.text, said, lines, (asked.names.say("column.from"),))


def _decided(asked: Asked, about: str, at_h: float) -> tuple[Row, ...]:
    """Of one thing that happened the inputs of when it did, the last step before it first."""
    kind, _, rest = about.partition(".")
    if kind in ("states", "moment"):
        id_ = rest if kind == "states" else rest.partition(".")[2]
        found = _moment(asked, round(at_h * 60), id_)
        own = asked.of("components", id_, STARTS) or asked.of("components", id_, "needs")
        return _last_first(found)[:MOST_INPUTS] or own if found else own
    if kind == "struck":
        group, _, name = rest.partition(".")
        came = behind_teams.moment(asked, name, at_h)[1] if group == "teams" else began(asked, at_h)
        return once([*came, *asked.of(group, name)])[:MOST_INPUTS]
    if kind == "level":
        minute, _, id_ = rest.partition(".")
        return tuple(_level(asked, int(minute), id_).inputs()[:MOST_INPUTS])
    if kind == "services":
        id_, _, which = rest.rpartition(".")
        found = _of_service(asked, id_, which)
        return tuple(found.inputs()[:MOST_INPUTS]) if found else ()
    return ()


def _last_first(found: Behind) -> tuple[Row, ...]:
    """The inputs behind a number, those of the step that led to it first, then those before it from the last on."""
    return once(row for line in (*found.lines[:1], *reversed(found.lines[1:])) for row in line.inputs)


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
    """An effect of a misfortune that begins or ends: when it begins and how long it lasts, as the model states it, and the sum of these."""
    words, detail, at_h = timeline.event_text(event, asked.names), event["detail"], event["t_h"]
    if words is None:
        return None
    ends, on = event["what"] == "effect-ends", set(detail.get("targets", ()))
    every = effect_on(asked, event["who"], str(detail.get("op")), on, at_h if ends else None)
    inputs = tuple(row for row in every if ends or not row["path"].endswith(".plus"))
    inputs, sum_ = effect_sum(asked, event["who"], at_h, inputs, ends=ends)
    said = [asked.say("effect-sum", sum=sum_, at=numbers.stamp(at_h))] if sum_ else []
    said += [asked.say("struck.hazard"), asked.say("struck.given")]
    line = Line(asked.names.of(event["who"], "hazard"), (numbers.stamp(at_h),), inputs)
    return Behind(words[1], said, [line], (asked.names.say("column.from"),))


def _of_service(asked: Asked, id_: str, which: str) -> Behind | None:
    row, name = asked.result["services"][id_], asked.names.of(id_)
    if which == "out_below":
        return threshold(asked, [id_])
    if which == "out_at_h":
        return _falls(asked, id_, row)
    own = {"loss": "loss", "lost_user_hours": "users", "tolerance": r"tolerance\.(rto|mtpd|rpo)"}.get(which)
    first = _parts_of(asked, id_, which, own) if own else []
    if first and first[0].to:  # a sum of which each part leads to its steps
        return Behind(asked.titled(asked.say(f"what.{which}"), name), [asked.say(f"returns.{which}")], first, head(asked))
    key = which if which in ("loss", "lost_user_hours", "quantiles", "tolerance") else "back_at"
    way = steps(asked, story.way_back(row), asked.result["states"])
    said = [asked.say(f"returns.{key}"), asked.say("steps")]
    if key == "quantiles":
        first = under(asked.say("parts.chances"), _chances(asked, id_))
        said = [*_of_runs(asked, row), *said[:1]]
    if way and key == "back_at":
        out = row["outages"][-1][0] if row["outages"] else 0.0
        to = f"services.{id_}.out_at_h" if out == row["out_at_h"] else ""
        first.append(Line(asked.say("line.until-out"), (numbers.stamp(0.0), numbers.clock(out, asked.lang)), began(asked, out), to))
    if not way:
        below = asked.result["services"][id_].get("out_below")
        never = asked.say("never-out", share=numbers.point(0.5 if below is None else below, "percent", asked.lang))
        said = [never, *said[: key == "quantiles"]]
        first.append(Line(asked.say("line.threshold"), (), asked.of("components", id_, "tolerance.serves")))
    if row["back_at_h"] is not None and row["outages"] and key in ("back_at", "quantiles"):
        down = numbers.clock(next(s.down_h for s in story.services_of(asked.result) if s.id == id_), asked.lang)
        times = {"out": numbers.stamp(row["out_at_h"] or 0.0), "at": numbers.stamp(row["back_at_h"]), "down": down}
        said.insert(0, asked.say("back-is", after=numbers.clock(row["back_at_h"], asked.lang), **times))
    if way and key == "quantiles":
        last = under(asked.say("parts.rests-on"), [_whole_way(asked, id_)])
        return Behind(asked.titled(asked.say(f"what.{key}"), name), said, [*first, *last], head(asked))
    way = under(asked.say("parts.way"), way) if first else way
    last = _counts_as_up(asked, id_) if way and key == "back_at" else []
    tied = tie(asked, id_, {row["critical_path"][-1]["component"]}) if row["critical_path"] else None
    last = [*under(asked.say("parts.needs"), [tied] if tied else []), *last]
    return Behind(asked.titled(asked.say(f"what.{key}"), name), said, [*first, *way, *last], head(asked))


def _whole_way(asked: Asked, id_: str) -> Line:
    """The way on to all steps until a service is back."""
    return Line(asked.titled(asked.say("what.back_at"), asked.names.of(id_)), (), (), f"services.{id_}.back_at_h")


def _way(asked: Asked, id_: str) -> Behind:
    """What the time out of a service was spent on: of each kind of step so much of it, with the steps that make it up."""
    row, lines = asked.result["services"][id_], []
    every = [step for mine in story.ways_by_outage(row) for step in mine]
    told = list(zip(every, steps(asked, every, asked.result["states"]), strict=True))
    for early in (False, True):
        parts = story.path_parts(row, early=early)
        whole = math.fsum(hours for _, hours in parts)
        for group, hours in parts:
            shown = {"t": numbers.clock(hours, asked.lang), "whole": numbers.clock(whole, asked.lang)}
            shown |= {"what": asked.names.say(f"group.{group}"), "share": numbers.whole_percent(hours / whole, asked.lang)}
            share = asked.say("way-share-early" if early else "way-share", **shown)
            mine = [x for step, x in told if step["early"] is early and story.GROUPS.get(step["what"], "other") == group and step["to_h"]]
            lines += under(share, mine or [Line(asked.say("way-part"), ("", shown["t"]))])
    lines += under(asked.say("parts.rests-on"), [_whole_way(asked, id_)])
    said = [asked.say("way-is", down=numbers.clock(math.fsum(h for _, h in story.path_parts(row)), asked.lang)), asked.say("steps")]
    return Behind(asked.titled(asked.say("what.way"), asked.names.of(id_)), said, lines, head(asked))


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
    total = asked.say("line.sum", sum=numbers.point(row[which], kind, asked.lang, currency, 3))
    return [Line(first, ("", numbers.clock(down, asked.lang)), inputs, to), Line(then, ("", whole), inputs), Line(total),
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
        ended = _happened(asked, id_, then, HALF_MINUTE_H, ("fails", "falls", "runs"), sums=False)
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
        rows = [at for part in one["parts"] for at in inputs_of(asked, chain(asked, part, one["then"], one["t"]))]
    else:
        rows = [at for line in one["ended"] for at in line.inputs if at["kind"] != "needs"]
    if not rows:
        rows = [at for part in (id_, *sorted(_stands_on(asked, id_))) for at in asked.of("components", part, "headroom|surge")]
    mean = asked.say("on-average", n=numbers.point(1.0 - one["lost"] / one["hours"], "percent", asked.lang))
    low, high = (numbers.point(level, "percent", asked.lang) for level in (one["levels"][0], one["levels"][-1]))
    currency = asked.result["currency"] if kind == "money" else None
    values = {"serves": low if low == high else numbers.between(low, high, asked.lang, "range") + mean,
              "sum": numbers.point(unit * one["lost"], kind, asked.lang, currency, 3)}  # fmt: skip
    until = asked.names.join(list(dict.fromkeys(line.what for line in one["ended"])), 2)
    what = asked.say("line.stage-worse", until=until, **values) if until else asked.say("line.stage-worse-alone", **values)
    inputs = once(rows)
    shown = numbers.stamp(one["t"]), numbers.clock(one["hours"], asked.lang)
    return Line(what, shown, inputs, f"level.{round(one['then'] * 60)}.{id_}")


def _worse(row: Row) -> tuple[float, float]:
    """For how many hours a service was worse than whole but not out, and which share was missing then on average."""
    hours = missing = 0.0
    for (t, level), (then, _) in zip(row["level"], row["level"][1:], strict=False):
        out = sum(max(0.0, min(then, b) - max(t, a)) for a, b in row["outages"])
        if level < 1.0:
            hours, missing = hours + then - t - out, missing + (1.0 - level) * (then - t - out)
    return hours, missing / hours if hours else 0.0


def _chances(asked: Asked, id_: str) -> list[Line]:
    """What the runs of a service differ by, beside times: barriers that may stop what strikes, parts that may not start."""
    struck = [row for hit in asked.result["scenario"] for row in asked.every("hazards", hit["hit"], "effects") if row.get("effect")]
    barriers = dict.fromkeys(name for row in struck for name in row["effect"].get("unless", ()))
    forks = {("barriers", name): asked.of("barriers", name, "works") for name in barriers}
    forks |= {("components", part): asked.of("components", part, r"start\.works") for part in sorted(_stands_on(asked, id_))}
    forks |= {("hazards", row["path"]): (row,) for row in struck if row["kind"] == "chance"}
    return [Line(asked.names.anything(rows[0]["thing"][1]), (), rows) for rows in forks.values() if rows]


def _of_runs(asked: Asked, row: Row) -> list[str]:
    """In how many of the runs a service does not stop at all, and the ends of its range."""
    spread, runs = row["quantiles"] or {}, asked.result["runs"]
    if spread.get("out_share") is None:
        return []
    low, middle, high = (tables.out_for(spread["out_h"][key], asked.names) for key in ("10", "50", "90"))
    values = {"runs": f"{runs:,}", "out": f"{round(spread['out_share'] * runs):,}", "none": f"{runs - round(spread['out_share'] * runs):,}"}
    return [asked.say("of-runs", low=low, middle=middle, high=high, **values)]


def _falls(asked: Asked, id_: str, row: Row) -> Behind:
    """Why a service stopped when it did: what happened in that moment, to it or to what it stands on."""
    at = row["out_at_h"] or 0.0
    lines = _happened(asked, id_, at, SAME_H, ("fails", "falls"))
    lines.append(Line(asked.say("line.threshold"), (), asked.of("components", id_, "tolerance.serves")))
    what = asked.names.say("column.out_at")
    return Behind(asked.titled(what, asked.names.of(id_)), [asked.say("stops-when")], lines, (asked.names.say("column.from"),))


def _happened(asked: Asked, id_: str, at_h: float, near_h: float, kinds: Collection[str], sums: bool = True) -> list[Line]:
    """What happened in a moment, to a part or to what it stands on: the effects of misfortunes, and what of it fell, failed or ran.

    sums : with how the moment follows from the inputs
    """
    below, lines, seen, rest = _stands_on(asked, id_), [], set(), set()
    places = set().union(*(where(asked, part) for part in below))
    for e in asked.result["timeline"]:
        if abs(e["t_h"] - at_h) > near_h or not (e["what"] == "effect" and places.intersection(e["detail"].get("targets", ()))
                                                 or e["what"] in kinds and e["who"] in below):  # fmt: skip
            continue
        told = timeline.event_text(e, asked.names, {e["who"]: _before(asked, e)})
        if told and told[1] not in seen:
            seen.add(told[1])
            what, every = _brought(asked, e, told[1]) if e["what"] == "runs" else (told[1], _why_down(asked, e["who"], e["t_h"]))
            inputs = () if {row["path"] for row in every} <= rest else every  # told once
            if e["what"] == "effect":
                every = effect_on(asked, e["who"], e["detail"]["op"], set(e["detail"].get("targets", ())))
                inputs = tuple(row for row in every if row["path"].endswith(".after")) or every
            what = what if inputs and sums else told[1]
            if not inputs and e["what"] == "falls" and not _struck_itself(asked, e):  # with what it stands on, which went then, too
                inputs = asked.of("components", e["who"], "(needs|wants)$")
            rest.update(row["path"] for row in inputs)
            lines.append(Line(what, (numbers.stamp(e["t_h"]),), inputs, "" if e["what"] == "effect" else f"states.{e['who']}"))
    return lines


def _struck_itself(asked: Asked, event: Row) -> bool:
    """Whether what began in a moment reaches a part itself, or where it stands."""
    places = where(asked, event["who"])
    return any(not places.isdisjoint((row.get("effect") or {}).get("on", ())) for row in began(asked, event["t_h"]))


def _before(asked: Asked, event: Row) -> float:
    """How much of a part ran just before an event."""
    return _runs_at(asked, event["who"], event["t_h"] - 2.0 * SAME_H)


def _brought(asked: Asked, event: Row, words: str) -> tuple[str, tuple[Row, ...]]:
    """What a part came up by: the step that ended then, how that follows from its inputs, and these."""
    path = chain(asked, event["who"], event["t_h"], event["t_h"])
    until = ends_of(asked, path[-1], event["who"]) if path else ""
    return (asked.say("step-sum", what=words, sum=until) if until else words), inputs_of(asked, path)


def _level(asked: Asked, minute: int, id_: str) -> Behind:
    """How much of a service is there from a moment on: what happened then below it, and what it needs and wants."""
    levels = [(-1.0, 1.0), *asked.result["services"][id_]["level"]]
    changed = [(was[1], now[0], now[1]) for was, now in zip(levels, levels[1:], strict=False) if round(now[0] * 60) == minute]
    was, now = (changed[0][0], changed[-1][2]) if changed else (1.0, 1.0)
    shown = _apart((was, now), asked.lang)
    lines = _happened(asked, id_, minute / 60, HALF_MINUTE_H, ("fails", "falls", "runs"))
    below = [id_, *(line.to.removeprefix("states.") for line in lines if line.to)]
    first, last = (changed[0][1], changed[-1][1]) if changed else (minute / 60, minute / 60)
    chained = whence(asked, id_, (first - SAME_H, last + SAME_H))
    known = {row["path"] for line in (*lines, *chained) for row in line.inputs}
    needs = tuple(row for part in dict.fromkeys(below) for row in asked.of("components", part, "(needs|wants)") if row["path"] not in known)
    said = [asked.say("level-is", at=numbers.stamp(minute / 60), was=shown[0], now=shown[1])]
    said += [*_made(asked, id_, (first - SAME_H, was), (last + SAME_H, now)), asked.say("level-how")]
    if not lines:  # nothing came or went: more is asked of what is there, or no longer
        more = tuple(row for part in (id_, *sorted(_stands_on(asked, id_))) for row in asked.of("components", part, "headroom|surge"))
        lines += [Line(asked.say("line.surge"), (), more)] if more else []
    lines += [Line(asked.say("line.needs"), (), needs[:MOST_LINES])] if needs else []
    lines += under(asked.say("parts.whence"), chained)
    came = next((line.to.removeprefix("states.") for line in lines if line.to and line.inputs), "") if now > was else ""
    path = chain(asked, came, minute / 60, 0.0) if came else []
    lines += under(asked.say("parts.before"), steps(asked, path[:-1], asked.result["states"]))
    return Behind(asked.titled(asked.say("what.level"), asked.names.of(id_)), said, lines, head(asked))


def _made(asked: Asked, id_: str, before: tuple[float, float], then: tuple[float, float]) -> list[str]:
    """Of what the shares of a service just before a moment and from it on are made, and what ran in part only before."""
    made = {"before": made_of(asked, id_, *before), "then": made_of(asked, id_, *then)}
    said = [asked.say(f"level-{when}", made=what) for when, what in made.items() if what]
    said += [] if made["then"] else _without(asked, id_, round(then[0] * 60), then[1])
    partly = in_part(asked, _stands_on(asked, id_), before[0])
    return [*said, *([asked.say("level-partly", names=partly)] if partly else [])]


def _without(asked: Asked, id_: str, minute: int, now: float) -> list[str]:
    """How much less a service serves for what it only wants, where that is not whole."""
    lacks = {}
    for row in asked.of("components", id_, r"wants\."):
        name = row["path"].rpartition("wants.")[2]
        levels = asked.result["services"].get(name, {}).get("level") or [(t, share) for t, _, share in asked.result["states"].get(name, ())]
        there = next((share for t, share in reversed(levels) if round(t * 60) <= minute), 1.0)
        if there < 1.0 and row["value"] < 1.0:
            lacks[name] = (row["value"], there)
    if not lacks or now <= 0.0:
        return []
    whole = now / math.prod(1.0 - share * (1.0 - there) for share, there in lacks.values())
    write = partial(numbers.point, kind="percent", lang=asked.lang, digits=3)
    each = "".join(f" × (1 − {write(share)} × (1 − {write(there)}))" for share, there in lacks.values())
    names = asked.names.join([asked.say("level-there", name=asked.names.of(k), there=write(there)) for k, (_, there) in lacks.items()])
    return [asked.say("level-wants", names=names, sum=f"{write(whole)}{each} = {write(now)}", whole=write(whole))]


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
        why = (*began(asked, out or 0.0), *asked.of("components", id_, "tolerance.serves"))
        before = [Line(asked.names.say("column.out_at"), (numbers.stamp(out or 0.0), ""), why, f"services.{id_}.out_at_h")]
        said = [asked.say("step-is"), asked.say("steps"), asked.say("step-first")]
    else:
        said = [asked.say("step-is"), asked.say("steps")]
    what = asked.say("step", name=asked.names.of(way[-1]["component"]), what=story.step_text(way[-1], asked.names))
    lines = [*under(asked.say("parts.this"), [mine]), *under(asked.say("parts.before"), before[-1:])]
    lines += under(asked.say("parts.rests-on"), [_whole_way(asked, id_)])
    return Behind(asked.titled(what, asked.names.of(id_)), said, lines, head(asked))


def _part(asked: Asked, id_: str) -> Behind | None:
    """What a part went through, from its fall to its return."""
    begun = [Line(told, (numbers.stamp(e["t_h"]), ""), _why_down(asked, id_, e["t_h"]))
             for e, told in timeline.events_of(asked.result, asked.names, id_) if e["what"] in ("fails", "falls")]  # fmt: skip
    lines = [*begun[:1], *steps(asked, _spans(asked, id_), _others(asked, id_))]
    if not lines:
        return None
    lines += under(asked.say("parts.moments"), _moments(asked, id_))
    return Behind(asked.say("part", name=asked.names.of(id_)), [asked.say("part-is"), asked.say("steps")], lines, head(asked))


def _spans(asked: Asked, id_: str) -> list[dict[str, Any]]:
    """What a part went through as steps, without its rest at the end."""
    spans = [{"component": id_, **span} for span in asked.result["stages"].get(id_, ())]
    return spans[:-1] if spans and spans[-1]["what"] == "standby" else spans


def _others(asked: Asked, id_: str) -> dict[str, Any]:
    """What all parts but one went through."""
    return {k: v for k, v in asked.result["states"].items() if k != id_}


def _why_down(asked: Asked, id_: str, at_h: float) -> tuple[Row, ...]:
    """The inputs that say why a part went down when it did: what struck then, or as long before as it rides out; else what it fails by."""
    if found := began(asked, at_h):
        return found
    rides = [row for row in asked.of("components", id_, "rides") if row["percentiles"]]
    later = [(row, began(asked, at_h - row["percentiles"][1])) for row in rides]
    return next(((*found, row) for row, found in later if found), asked.of("components", id_, "rides|fails"))


def _moment(asked: Asked, minute: int, id_: str) -> Behind | None:
    """One moment of a part: the step that led to it, how far that had come, and the steps before."""
    told = {text: e for e, text in timeline.events_of(asked.result, asked.names, id_, minute)}
    if not told:
        return _part(asked, id_)
    at = max(e["t_h"] for e in told.values())
    down = any(e["what"] in ("fails", "falls") for e in told.values())
    every = _spans(asked, id_)
    begun = sum(span["from_h"] < at - SAME_H for span in every)
    spans = every[max(0, begun - MOST_BEFORE - 1) : begun]
    lines = steps(asked, [*spans, *every[begun : begun + 1]], _others(asked, id_))[: len(spans)]
    said = []
    if spans and at <= (spans[-1]["to_h"] or math.inf) + SAME_H:
        sum_, n = so_far(asked, spans[-1], at)
        *before, mine = lines
        several = sum(one["n"] for one in spans[-1].get("rounds") or ()) > 1  # else the sum is its row
        said = [asked.say("moment-sum", sum=sum_, at=numbers.stamp(at), n=n)] if sum_ and several else []
        said += [part] if (part := _share_by(asked, id_, spans[-1], at)) else []
        lines = [*_awaited(asked, spans[-1], mine), *under(asked.say("parts.before"), before)]
    else:
        lines = under(asked.say("parts.before"), lines)
    fell = _happened(asked, id_, at, SAME_H, ("fails", "falls")) if down else []
    what = asked.say("at", what="; ".join(list(told)[:2]), at=numbers.stamp(at))
    whole = Line(asked.say("part", name=asked.names.of(id_)), (), (), f"states.{id_}", asked.say("parts.rests-on"))
    if not lines and not fell:
        fell = [_began_so(asked, text, e) for text, e in told.items()]
        said += [] if fell[0].inputs else [asked.say("moment-first")]
    return Behind(what, [*said, asked.say("steps")], [*fell, *lines, whole], head(asked))


def _share_by(asked: Asked, id_: str, step: Row, at_h: float) -> str:
    """How the share of a part of many units that runs at a moment follows from the rounds done by then; "" where it does not, or is all."""
    units = next((row["value"] for row in asked.of("components", id_, "count")), 0.0)
    rounds = [(one["n"], one["units"] / units) for one in rounds_until(step, at_h)] if units else []
    was, now = (_runs_at(asked, id_, t) for t in (step["from_h"] - SAME_H, at_h + SAME_H))
    if not rounds or now >= 1.0 or abs(was + math.fsum(n * each for n, each in rounds) - now) > NEAR * now:
        return ""
    write = partial(numbers.point, kind="percent", lang=asked.lang, digits=3)
    terms = [asked.say("moment-rounds", each=write(each), n=n) for n, each in rounds]
    before = [asked.say("moment-share-was", was=write(was))] if was > 0.0 else []
    return asked.say("moment-share", sum=" + ".join([*before, *terms]), now=write(now))


def _runs_at(asked: Asked, id_: str, t: float) -> float:
    """How much of a part runs at a time."""
    return next((up for at, _, up in reversed(asked.result["states"].get(id_, ())) if at <= t), 1.0)


def _began_so(asked: Asked, text: str, event: Row) -> Line:
    """What befell a part first, with the inputs of what began then; of a standby that is called what it stands by for."""
    of = [to for name, to, kind in asked.result["graph"]["needs"] if name == event["who"] and kind == "standby"]
    called = event["what"] == "called" and of
    what = asked.say("called-for", what=text, names=asked.names.join([asked.names.of(name) for name in of])) if called else text
    to = next((f"states.{name}" for name in of if called and name in asked.result["states"]), "")
    return Line(what, (numbers.stamp(event["t_h"]), ""), began(asked, event["t_h"]), to)


def _awaited(asked: Asked, step: Row, line: Line) -> list[Line]:
    """The step that led to a moment; of a wait with all that it hung on, one step after the other."""
    path = awaited(asked, step)
    if len(path) < 2:
        return under(asked.say("parts.this"), [line])
    last = replace(line, inputs=inputs_of(asked, path[-1:]))
    return [*under(asked.say("parts.this"), [last]), *under(asked.say("parts.awaited"), steps(asked, path, asked.result["states"]))]


def _moments(asked: Asked, id_: str) -> list[Line]:
    """What is told of a part, or of a team, in the timeline, moment by moment."""
    found: dict[tuple[float, str], Line] = {}
    for e, told in timeline.events_of(asked.result, asked.names, id_):
        to = timeline.moment_of(asked.result, id_, round(e["t_h"] * 60))
        to = "" if to.startswith("states.") else to  # that is this panel
        if e["what"] in ("effect", "effect-ends") and (effect := _effect(asked, e)) and effect.inputs():
            to = f"timeline.{next(n for n, row in enumerate(asked.result['timeline']) if row is e)}"
        inputs = began(asked, e["t_h"]) if e["what"] in ("hazard", "barrier") else ()
        found.setdefault((e["t_h"], told), Line(told, (numbers.stamp(e["t_h"]),), inputs, to))
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
    moments = under(asked.say("parts.moments"), behind_teams.moments(asked, id_) if noun == "team" else _moments(asked, id_))
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
    """What may go either way: how likely each way is; of several things together each of them."""
    wanted = {"barrier": ("barriers", "works"), "start": ("components", r"start\.works"), "effect": ("hazards", r".*chance")}
    lines = []
    for part in fork["detail"]["of"] if fork["what"] == "together" else [fork]:
        group, inside = wanted[part["what"]]
        lines.append(Line(story.fork_phrase(part, "question", asked.names), (), asked.of(group, part["id"], inside)))
    if not lines and (other := story.other_course(asked.result)) is not None:  # nothing explains these runs: the way back of one of them
        last = next((s for s in reversed(story.services_of(other)) if s.row["outages"]), None)
        lines = steps(asked, story.way_back(last.row)) if last else []
    phrases = [(story.fork_phrase(fork, "yes" if mine["yes"] else "no", asked.names), mine["runs"]) for mine in fork["ways"]]
    ways = [asked.say("fork-way", way=way, n=runs) for way, runs in phrases]
    counted = asked.say("fork-is", runs=asked.result["runs"], ways=asked.names.join(ways, len(ways)))
    return Behind(story.fork_phrase(fork, "question", asked.names), [counted, asked.say("fork")], lines)
