"""How the length of a step of a rehearsal, or its end, follows from the inputs: work by people, what holds a part, a team that comes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from blackstart.report import numbers
from blackstart.report.behind import TIMES, Asked, Row
from blackstart.text import has, say

SAME_H = 1e-6
NEAR = 0.02  # so near a sum has to come to the length of a step to be told


def in_force(asked: Asked, step: Row, inputs: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """The inputs of a step that took part in it, and how its length, or its end, follows from them; "" where that does not come out."""
    if step["what"] in ("wait-held", "wait-barred"):
        first = {row["path"] for row in began(asked, step["from_h"])}  # when it began decides nothing of what was so already
        kept = tuple(row for row in inputs if not row["path"].endswith(".after") or row["path"] in first)
        return kept, _held_until(asked, step, inputs)
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


def length(asked: Asked, hours: float) -> str:
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
    values = {"sum": words, "each": length(asked, one["takes_h"]), "n": one["n"], "all": f"{units:,.0f}", "done": f"{done:,.0f}"}
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
    words = " + ".join(length(asked, row["percentiles"][1]) for row in times)
    if len(times) == 1 and times[0]["path"].endswith(".work"):
        people = max(1, round(hours * one["units"] / one["takes_h"]))
        wanted = _people(asked, step["component"], "repair" if step["what"].endswith("repair") else "start")
        free = _free(asked, step, one, people, wanted) if people < wanted else asked.say("pool-people", n=people)
        return asked.say("pool", work=words, units=f"{one['units']:,.0f}", people=free), hours * one["units"] / people
    return f"({words})" if len(times) > 1 and slower else words, hours


def _free(asked: Asked, step: Row, one: Row, people: int, wanted: int) -> str:
    """How many people its rounds had, fewer than the work asks for: of those who are there, without those at other work just then."""
    for team in one["teams"]:
        busy = [at_work(asked, step["component"], team, t) for t in _begins(step, one)]
        others = {id_: n for at in busy for id_, n in at.items()}
        there = {people + sum(at.values()) for at in busy}
        every = next((row["value"] for row in asked.of("teams", team, "people$")), 0.0)
        shifts = next((n for n in (1, 2) if others and all(math.isclose(every, n * k) for k in there)), 0)
        if shifts:
            (n_there,) = there
            values = {"n": people, "wanted": wanted, "team": asked.names.of(team, "team"), "every": f"{every:,.0f}", "there": n_there}
            return asked.say("pool-of-shift" if shifts == 2 else "pool-of-team", busy=_busy(asked, busy, others), **values)
    return asked.say("pool-free", n=people, wanted=wanted)


def _busy(asked: Asked, busy: Sequence[Mapping[str, int]], others: Mapping[str, int]) -> str:
    """Who was at other work: by part, or as many at one part after the other."""
    if all(at == busy[0] for at in busy):
        return asked.names.join([asked.say("pool-busy", n=n, name=asked.names.of(id_)) for id_, n in others.items()])
    return asked.say("pool-in-turn", n=sum(busy[0].values()), names=asked.names.join([asked.names.of(id_) for id_ in others]))


def _begins(step: Row, one: Row) -> list[float]:
    """When each of some like rounds of a step begins, one after the other."""
    before = 0.0
    for row in step["rounds"]:
        if row is one:
            break
        before += row["n"] * row["takes_h"]
    return [step["from_h"] + before + k * one["takes_h"] for k in range(one["n"])]


def at_work(asked: Asked, component: str, team: str, at_h: float) -> dict[str, int]:
    """People of a team at work on other parts in a moment, by part, as far as what they do is so much work for so many units."""
    found: dict[str, int] = {}
    for id_, spans in asked.result["stages"].items() if "stages" in asked.result else ():
        for span in spans if id_ != component else ():
            begun = span["from_h"] <= at_h + SAME_H < (math.inf if span["to_h"] is None else span["to_h"])
            if not begun or not any(team in one["teams"] for one in span.get("rounds") or ()):
                continue
            job = "repair" if span["what"].endswith("repair") else "start"
            work = next((row["percentiles"][1] for row in asked.of("components", id_, rf"{job}\.work") if row["percentiles"]), 0.0)
            now = next((row for row in span["rounds"] if at_h + SAME_H < _begins(span, row)[-1] + row["takes_h"]), span["rounds"][-1])
            found |= {id_: round(work * now["units"] / now["takes_h"])} if work else {}
    return found


def rounds_until(step: Row, at_h: float) -> list[Row]:
    """The rounds of work of a step that are done by a moment."""
    left, done = at_h - step["from_h"], []
    for one in step.get("rounds") or ():
        n = min(one["n"], math.floor(left / one["takes_h"] + NEAR)) if one["takes_h"] else 0
        done += [{**one, "n": n}] if n else []
        left -= n * one["takes_h"]
    return done


def so_far(asked: Asked, step: Row, at_h: float) -> tuple[str, int]:
    """How a moment within work follows from the rounds done by then, and how many these are; "" where they do not come to it."""
    rounds = rounds_until(step, at_h)
    done, left = sum(one["n"] for one in rounds), at_h - step["from_h"] - sum(one["n"] * one["takes_h"] for one in rounds)
    told = [numbers.stamp(step["from_h"]), *(_rounds_done(asked, one, one["n"]) for one in rounds)]
    return (" + ".join(told), done) if done and abs(left) <= NEAR * (at_h - step["from_h"]) / done else ("", 0)


def _rounds_done(asked: Asked, one: Row, n: int) -> str:
    """So many rounds of work as part of a sum."""
    each = numbers.point(one["takes_h"], "hours", asked.lang, digits=4)
    return asked.say("moment-rounds", each=each, n=n) if n > 1 else each


def _held_until(asked: Asked, step: Row, rows: Sequence[Row]) -> str:
    """When what kept a part off ended, of the times of its misfortune: the fire is out, and so long after it."""
    if step["to_h"] is None:
        return ""
    sum_ = effect_sum(asked, step["ref"], step["to_h"], rows, ends=True)[1]
    return asked.say("ends", at=numbers.stamp(step["to_h"]), sum=sum_) if sum_ else ""


def effect_sum(asked: Asked, hazard: str, at_h: float, rows: Sequence[Row], *, ends: bool) -> tuple[tuple[Row, ...], str]:
    """Of the times of a misfortune those that say when an effect of it begins or `ends`, with their sum; else all, without one."""
    struck_h = next((hit["at_h"] for hit in asked.result.get("scenario", ()) if hit["hit"] == hazard), 0.0)
    once = {time_named(row): row for row in rows if not row.get("effect") and row["percentiles"]}
    found: list[tuple[tuple[Row, ...], str, float, float]] = []
    if ends:
        found += [((row,), name, row["percentiles"][1], 0.0) for name, row in once.items()]
        for row in (row for row in rows if row.get("effect") and ".until" in row["path"] and row["percentiles"]):
            if first := once.get(name := row["effect"]["once"]):
                found.append(((first, row), name, first["percentiles"][1], row["percentiles"][1]))
    else:
        found += [((row,), "", 0.0, row["percentiles"][1]) for row in rows if row["path"].endswith(".after") and row["percentiles"]]
    for decide, name, first, then in found:
        if abs(struck_h + first + then - at_h) <= SAME_H:
            known = f"reasons.time.{name}"
            what = say(known, asked.lang) if name and has(known, asked.lang) else name
            parts = [asked.say("time-of", h=length(asked, first), what=what)] if name else [numbers.stamp(struck_h)]
            return decide, " + ".join([*parts, *([length(asked, then)] if then else [])])
    return tuple(rows), ""


def _called(asked: Asked, step: Row, rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], str]:
    """A wait for people: with those who come it ends when they are there, and else when work lets others go."""
    if step["to_h"] is None or step.get("freed_by"):
        return rows, ""
    came = [e for e in asked.result.get("timeline", ()) if e["what"] == "team" and e["who"] == step["ref"]]
    for kind in ("arrives", "musters"):
        row = next((row for row in rows if row["path"].endswith(f".{kind}") and row["percentiles"]), None)
        hours = row["percentiles"][1] if row else math.inf
        since_h = step.get("began_h", step["from_h"])
        known = abs(since_h + hours - step["to_h"]) <= SAME_H or any(abs(e["t_h"] - step["to_h"]) <= SAME_H for e in came)
        if row is not None and known and any(abs(hours - (step["to_h"] - t)) <= SAME_H for t in (since_h, *_waits(asked))):
            since, at = numbers.stamp(step["to_h"] - hours), numbers.stamp(step["to_h"])
            others = tuple(one for one in rows if one["path"].endswith((".people", ".on_call")))
            return (row, *others, *began(asked, step["to_h"] - hours)), asked.say("called", since=since, h=length(asked, hours), at=at)
    return rows, ""


def began(asked: Asked, at_h: float) -> tuple[Row, ...]:
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


def time_named(row: Row) -> str:
    """The name of a time of a hazard."""
    return str(row["path"]).rpartition(".lasts.")[2]
