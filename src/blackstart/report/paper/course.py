"""The course of the day in the white paper: the one bound to the record where there is one, with what the record has of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from blackstart.report import numbers, story, timeline
from blackstart.report.outline import Block
from blackstart.report.reconstruction import told_once
from blackstart.report.tables import NONE
from blackstart.report.teller import Row, Teller

MOST_CHAIN, MOST_TABLED = 12, 50
FEW = 4  # steps of which nobody need count those that were inferred
ENOUGH = 0.95  # share of the recorded hours from which the course accounts for the whole
SURE = 0.995  # share of the courses given the record from which a step is in all of them
NOTED_H = 0.05  # hours by which people may note a time wrongly, however short after the begin
MOST_MISSED = 6
LEAST_GAIN, MOST_STAGES = 0.1, 2  # share of a service's hours out from which a stage is told to shorten them; and how many are


# --------------------------------------------------------------------------- which course


def bound(teller: Teller) -> bool:
    """Whether there is a course bound to the record, of what the record says struck."""
    rebuilt = teller.part("reconstruction")
    return bool(rebuilt) and rebuilt["stated"]["rank"] == 1


def day(teller: Teller) -> Row:
    """The day as a rehearsal tells it: bound to the record where that can be; else the replay at typical values."""
    rehearsed = teller.part("rehearsal")
    if not bound(teller):
        return rehearsed
    course = teller.part("reconstruction")["course"]
    services = {id_: row for id_, row in course["services"].items() if id_ in rehearsed["services"]}
    return {**rehearsed, **course, "services": services, "typical": False, "forks": [], "other": None}


def of_day(teller: Teller) -> str:
    """The result on which the day told rests."""
    return "reconstruction" if bound(teller) else "rehearsal"


def length(teller: Teller) -> float | None:
    """Hours from the first stop to the last return in the course told; None where something never returns.

    Of the services of which the record has the length, where it has that of some only.
    """
    known = (teller.part("attribution").get("replay") or {}).get("compared", {}).get("services")
    out = [row for id_, row in day(teller)["services"].items() if row["outages"] and (known is None or id_ in known)]
    if not out or any(row["back_at_h"] is None for row in out):
        return None
    return max(row["back_at_h"] for row in out) - min(row["out_at_h"] for row in out)


def absent(teller: Teller) -> dict[str, str]:
    """What was not there that day, by the record: its name and how it is called."""
    found = teller.part("attribution").get("players", ())
    missing = {p["name"]: teller.player(p) for p in found if p["what"] in ("design", "staffing")}
    told = {p["name"] for p in found}
    for name in (word.partition(" ")[0] for word in teller.part("record")["scenario"]["missing"]):
        if name not in told:
            missing.setdefault(name, teller.names.anything(name))
    return missing


def not_there(barrier: str, teller: Teller) -> bool:
    """Whether a barrier is one of the stages that were not there that day: a defence that was missing is nothing else."""
    return barrier in teller.result["not_there"] and teller.result["not_there"][barrier]["defence"] in absent(teller)


# --------------------------------------------------------------------------- its steps


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the course.

    recorded : between which hours the record has it; None where nobody reported it.
    off_h : hours by which the course is later than that (earlier: negative).
    share : of the courses given the record that have it; None where it was not counted.
    between : when it is in 8 of 10 of these.
    """

    t_h: float
    text: str
    weight: int
    recorded: tuple[float | None, float | None] | None
    off_h: float
    share: float | None
    key: str
    who: str = ""
    many: bool = False
    between: tuple[float, float] | None = None
    partly: bool = False
    may_be_off: float = 0.0  # share of the time passed by which a report may be off

    @property
    def falls(self) -> bool:
        """Whether a service stops."""
        return self.key == "service_out"

    @property
    def far(self) -> bool:
        """Whether the course misses the recorded time."""
        return abs(self.off_h) > max(NOTED_H, self.may_be_off * abs(self.t_h - self.off_h))


def chain(teller: Teller) -> list[Step]:
    """The course bound to the record; the typical replay where nothing was reconstructed."""
    rebuilt, rehearsed = teller.part("reconstruction"), teller.part("rehearsal")
    if not rebuilt:
        return [Step(m.t_h, m.text, m.weight, None, 0.0, None, m.key) for m in timeline.moments(rehearsed, teller.names) if m.weight <= 1]
    found: dict[tuple[int, str], Step] = {}
    for row in _together(_set_apart(told_once(rebuilt["chain"]), rehearsed["graph"]), teller):
        for m in _moments_of(row, rehearsed, teller):
            m = replace(m, text=_as_reported(row, m.text, teller))
            recorded = None if row["recorded_h"] is None else (row["recorded_h"][0], row["recorded_h"][1])
            step = Step(m.t_h, m.text, m.weight, recorded, row["off_h"] or 0.0, row["p"], m.key, _who(row, teller),
                        len(row.get("services", ())) > 1, _pair(row["span_h"]), row["partly"],
                        rebuilt["method"]["off"])  # fmt: skip
            before = found.get((round(m.t_h * 60), m.text))
            found[round(m.t_h * 60), m.text] = step if before is None else _either(before, step)
    return sorted(found.values(), key=lambda step: step.t_h)


def _as_reported(row: Row, text: str, teller: Teller) -> str:
    """A step in words: which part of something it is of, and of what the report is, where that is not the step itself."""
    if row.get("apart"):
        return teller.say(f"overlap.{row['apart']}", what=text)
    if row["what"] == "effect-ends" and row["recorded_h"]:
        return teller.say("overlap.ended", what=text.rstrip("."), name=teller.names.of(row["who"], "hazard"))
    return teller.say("overlap.whole", what=text.rstrip(".")) if _is_whole(row) and row["recorded_h"] else text


def _is_whole(row: Row) -> bool:
    """Whether all of something that comes back in parts is back at a step."""
    return bool(row["what"] == "runs" and row["detail"].get("share") == 1.0)


def rest_later(way: Sequence[Row], teller: Teller) -> list[str]:
    """What a way back waits for of which only a part is back then: when all of it was, in the course and by the record."""
    ends = {step["component"]: step["to_h"] for step in way if step["what"] == "start" and step["to_h"] is not None}
    rows = [row for row in (teller.part("reconstruction").get("chain", ()) if bound(teller) else ())
            if row["who"] in ends and _is_whole(row) and row["recorded_h"] and row["t_h"] > ends[row["who"]] + NOTED_H]  # fmt: skip
    return [teller.say("response.rest_later", name=teller.names.of(row["who"]), t=numbers.stamp(row["t_h"]),
                       recorded=_between(row["recorded_h"], teller)) for row in rows]  # fmt: skip


def shortened(service: str, teller: Teller) -> str:
    """How long the replays have one of several services out, and with each of the stages alone that shorten that most.

    Empty: no stage does, or the replays do not have it as it was.
    """
    found = [(teller.player(p), *p["by_service"][service]["hours"]) for p in teller.part("attribution").get("players", ())
             if p["what"] != "misfortune" and service in p["by_service"]]  # fmt: skip
    best = sorted((one for one in found if one[1] - one[2] > LEAST_GAIN * one[1]), key=lambda one: one[2])[:MOST_STAGES]
    if not best or len(teller.part("rehearsal")["services"]) < 2 or service in misread(teller):
        return ""
    parts = [teller.say("caught.each", name=name, t=teller.about_hours(had)) for name, _, had in best]
    values = {"name": teller.names.of(service), "was": teller.about_hours(best[0][1]), "parts": teller.names.join(parts)}
    return teller.say("response.shortened", **values)


def _either(a: Step, b: Step) -> Step:
    """Two steps that read alike: the one that was reported, as likely as the likelier."""
    shares = [step.share for step in (a, b) if step.share is not None]
    return replace(b if a.recorded is None else a, share=max(shares, default=None))


def main_steps(teller: Teller) -> list[Step]:
    """Steps that matter, up to the last fall of a service."""
    steps = [step for step in chain(teller) if step.weight <= 1 and not step.key.startswith("moment.team.")]
    falls = [k for k, step in enumerate(steps) if step.falls]
    return steps[: falls[-1] + 1] if falls else steps


def _set_apart(chain_: Sequence[Row], graph: Row) -> list[Row]:
    """The steps; of those that turn something off, which reach what was off already, and which another part of what they name."""
    homes = {row["id"]: row["in"] for row in (*graph["components"], *graph["domains"])}
    whole: set[str] = set()  # what is held as a whole
    parts: set[tuple[Any, ...]] = set()
    found = []
    for row in chain_:
        targets, share = tuple(row["detail"].get("targets", ())), row["detail"].get("share", 1.0)
        if row["detail"].get("op") != "hold" or not targets:
            found.append(row)
            continue
        starts, same = row["what"] == "effect", (row["what"], targets, share)
        off = starts and all(whole & _around(target, homes) for target in targets)
        another = share < 1.0 and same in parts
        parts.add(same)
        if share >= 1.0:
            whole = whole | set(targets) if starts else whole - set(targets)
        found.append({**row, "apart": "_".join(word for word, holds in (("already", off), ("another", another)) if holds)})
    return found


def _around(id_: str, homes: Mapping[str, Sequence[str]]) -> set[str]:
    """A thing and everything in which it stands."""
    found, left = set(), [id_]
    while left:
        one = left.pop()
        if one not in found:
            found.add(one)
            left += homes.get(one, ())
    return found


def _together(chain_: Sequence[Row], teller: Teller) -> list[Row]:
    """Services that go the same way in the same minute, by the same report, as one step; services that are only watched left out."""
    found: list[Row] = []
    at: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in chain_:
        if not row["detail"].get("service"):
            found.append(row)
        elif row["who"] in teller.part("rehearsal")["services"]:
            same = round(row["t_h"] * 60), row["what"], tuple(row["recorded_h"] or ())
            if same not in at:
                at[same] = {**row, "services": []}
                found.append(at[same])
            one = at[same]
            one["services"].append(row["who"])
            one["p"] = max((p for p in (one["p"], row["p"]) if p is not None), default=None)
    return found


def _who(row: Row, teller: Teller) -> str:
    """Whom a step is about: where several services go the same way at once, all of them."""
    if row["detail"].get("everything"):
        return ""
    return teller.names.listed(row["services"], 3) if row.get("services") else teller.names.of(row["who"])


def _moments_of(row: Row, rehearsed: Row, teller: Teller) -> list[timeline.Moment]:
    """A step in words; services stand out."""
    if row["detail"].get("everything"):
        key = "all_out" if row["what"] == "falls" else "all_back"
        words = f"{key}_partly" if key == "all_out" and row["partly"] else key
        return [timeline.Moment(row["t_h"], 0, key, teller.say(f"overlap.{words}"), ("services", ""))]
    if row["detail"].get("service"):
        key = "service_out" if row["what"] == "falls" else "service_back"
        return [timeline.Moment(row["t_h"], 0, key, teller.say(f"overlap.{key}", names=_who(row, teller)), ("services", row["who"]))]
    if row["what"] == "barrier" and not row["detail"].get("works") and not_there(row["who"], teller):
        said = teller.say("overlap.absent", name=teller.names.of(row["who"], "barrier"))
        return [timeline.Moment(row["t_h"], 1, "absent", said, ("barriers", row["who"]))]
    if row["what"] == "barrier" and not row["detail"].get("works"):
        said = teller.say("overlap.unstopped", name=teller.names.of(row["who"], "barrier"))
        return [timeline.Moment(row["t_h"], 1, "barrier", said, ("barriers", row["who"]))]
    event = {k: row[k] for k in ("t_h", "what", "who", "detail")}
    found = timeline.moments({**rehearsed, "timeline": [event], "scenario": [], "services": {}}, teller.names)
    plain = {"moment.falls": "service_out", "moment.runs": "service_back"}  # of parts as of services
    return [replace(m, text=teller.say(f"overlap.{plain[m.key]}", names=_who(row, teller))) if m.key in plain else m for m in found]


# --------------------------------------------------------------------------- told


def told(teller: Teller) -> list[Block]:
    """How it spread, step by step: when in the course, what, what the record has of it, and which services stopped then."""
    steps = _in_order(main_steps(teller))
    if len(steps) < 2:
        return []
    rows, stopped = _opened(steps[:MOST_CHAIN]), teller.part("reconstruction")
    cells = [[numbers.stamp(step.t_h), step.text.rstrip("."), _beside(step, teller) if stopped else NONE, who or NONE]
             for step, who in rows]  # fmt: skip
    words = [teller.say("overlap.steps" if bound(teller) else "overlap.steps_likeliest")]
    words += _of_inferred([step for step, _ in rows if step.recorded is None], teller) if stopped else []
    table = teller.table("in_course> step in_record stopped_then", cells, "chain")
    inferred = sum(step.recorded is None for step, _ in rows)
    after = [teller.say("overlap.inferred", n=len(rows), k=inferred)] if stopped and inferred and len(rows) > FEW else []
    beside = [*after, *_missed(teller), *_begun_later(teller), _never_out(teller)] if bound(teller) else after
    return [*teller.p("overlap.chain", words, "reconstruction", "rehearsal"), *table,
            *teller.p("overlap.chain-beside", beside, "reconstruction")]  # fmt: skip


def _of_inferred(steps: Sequence[Step], teller: Teller) -> list[str]:
    """What the times of steps mean that nobody reported; that some have none, and that the course lies outside of some."""
    if not steps:
        return []
    spans = [step.between for step in steps if not _same_time(step)]
    beyond = sum(not (_minute(span[0]) <= _minute(step.t_h) <= _minute(span[1])) for step in steps if (span := step.between))
    said = [teller.say("overlap.steps_inferred")] if spans else []
    said += [teller.say("overlap.steps_same")] if spans and len(spans) < len(steps) else []
    return [*said, teller.say("overlap.steps_beyond", n=beyond)] if beyond else said


def _minute(hours: float) -> int:
    return round(60 * hours)


def _same_time(step: Step) -> bool:
    """Whether a step that nobody reported is at one time in all courses."""
    return step.between is None or numbers.stamp(step.between[0]) == numbers.stamp(step.between[1])


def _in_order(steps: Sequence[Step]) -> list[Step]:
    """The steps by the minute; within one what struck, the barriers asked, what that did, the services."""
    def rank(step: Step) -> int:
        kind = step.key.removeprefix("moment.").partition(".")[0]
        return {"struck": 0, "hazard": 0, "barrier": 1, "absent": 1, "all_out": 3, "service_out": 4}.get(kind, 2)

    return sorted(steps, key=lambda step: (round(step.t_h * 60), rank(step)))


def _opened(steps: Sequence[Step]) -> list[tuple[Step, str]]:
    """Each step with the services that stop in its minute: those of a fall stand beside the step before it, where there is one."""
    found: list[tuple[Step, str]] = []
    for step in steps:
        same = [k for k, (one, who) in enumerate(found) if round(one.t_h * 60) == round(step.t_h * 60) and not who]
        causes = [k for k in same if found[k][0].key != "all_out"]
        if step.falls and causes and step.recorded is None:
            found[causes[-1]] = found[causes[-1]][0], step.who
        else:
            found.append((step, ""))
    return found


def _beside(step: Step, teller: Teller) -> str:
    """What the record has of a step, with how far the course is from it; that nobody reported it."""
    if step.recorded is None:
        return _inferred(step, teller)
    return teller.say("overlap.off", t=_recorded(step, teller), off=_off(step, teller)) if step.far else _recorded(step, teller)


def _pair(span: Sequence[float] | None) -> tuple[float, float] | None:
    return None if span is None else (span[0], span[1])


def _recorded(step: Step, teller: Teller) -> str:
    """Between which times the record has a step, as a clock that counts from the begin shows them."""
    if step.recorded is None or step.recorded == (None, None):
        return NONE
    at = _between(step.recorded, teller)
    return teller.say("seen.partly", t=at) if step.partly else at


def _between(span: Sequence[float | None], teller: Teller) -> str:
    low, high = (None if t is None else numbers.stamp(max(0.0, t)) for t in span)
    if low is None or high is None:
        return teller.say("until" if low is None else "from", t=low or high)
    return low if low == high else numbers.between(low, high, teller.lang)


def _missed(teller: Teller) -> list[str]:
    """What the record has at another time than any course that the model allows."""
    far = [step for step in chain(teller) if step.far]
    if not far:
        return []
    rows = [teller.say("overlap.missed_step", what=step.text.rstrip("."), recorded=_recorded(step, teller), t=numbers.stamp(step.t_h))
            for step in far[:MOST_MISSED]]  # fmt: skip
    if len(far) > MOST_MISSED:
        rows.append(teller.say("overlap.missed_more", n=len(far) - MOST_MISSED))
    off = teller.share(teller.part("reconstruction")["method"]["off"])
    return [teller.say("overlap.missed", n=len(far), steps=teller.say("overlap.apart").join(rows), off=off)]


def _begun_later(teller: Teller) -> list[str]:
    """How many services the course stops when the outage began, and how many only later."""
    began = next((step for step in chain(teller) if step.key == "all_out" and step.recorded), None)
    falls = sorted(row["out_at_h"] for row in day(teller)["services"].values() if row["out_at_h"] is not None)
    if began is None or began.recorded is None or began.recorded[1] is None or not falls:
        return []
    later = [t for t in falls if t > falls[0] + NOTED_H]
    if not later:
        return []
    at = numbers.between(numbers.stamp(later[0]), numbers.stamp(later[-1]), teller.lang) if later[-1] - later[0] > NOTED_H else \
        numbers.stamp(later[0])  # fmt: skip
    recorded, first = _between(began.recorded, teller), numbers.stamp(falls[0])
    key = "begun_worse" if began.partly and not began.far else "begun_later"
    return [teller.say(f"overlap.{key}", recorded=recorded, first=first, n=len(falls) - len(later), k=len(later), t=at)]


def _only_worse(teller: Teller) -> list[str]:
    """Services that stopped by the record and are only worse in the course."""
    rows, played = teller.part("reconstruction").get("services") or {}, day(teller)["services"]
    return [id_ for id_, row in rows.items() if id_ in played and not played[id_]["outages"]
            and (row["recorded"]["fell_h"] or (row["recorded"]["back_h"] or [None])[0] is not None)]  # fmt: skip


def _never_out(teller: Teller) -> str:
    """That services which stopped by the record are only worse in the course, and how many stop in it."""
    told, n = _only_worse(teller), sum(bool(row["outages"]) for row in day(teller)["services"].values())
    return teller.say("overlap.never_out", names=teller.names.listed(told, 5), n=n) if told else ""


def chain_table(teller: Teller) -> list[Block]:
    """The course, step by step, beside the record."""
    if not teller.part("reconstruction"):
        return []
    # when people of a team came is the model's, unless it was reported
    steps = [step for step in chain(teller) if step.recorded or step.weight <= 1 and not step.key.startswith("moment.team.")]
    rows = [[numbers.stamp(step.t_h), step.text, _recorded(step, teller) if step.recorded else _inferred(step, teller), _off(step, teller),
             _chance(step, teller)] for step in steps[:MOST_TABLED]]  # fmt: skip
    blocks: list[Block] = [*teller.p("appendix.course", _explained(teller), "reconstruction")]
    blocks += teller.table("in_course> step in_record> off> plays>", rows, "course")
    more = teller.p("appendix.more-steps", teller.say("appendix.more_steps", n=len(steps) - MOST_TABLED), "reconstruction", style="note")
    return [*blocks, *more] if len(steps) > MOST_TABLED else blocks


def _chance(step: Step, teller: Teller) -> str:
    """How likely a step is that nobody reported, where it is not in every course."""
    return NONE if step.recorded or step.share is None or step.share > SURE else teller.share(step.share)


def _inferred(step: Step, teller: Teller) -> str:
    """That nobody reported a step, and when it was in 8 of 10 courses given the record."""
    if step.between is None or _same_time(step):
        return teller.say("seen.no")
    return teller.say("seen.between", t=_between(step.between, teller))


def _explained(teller: Teller) -> list[str]:
    """What the table shows, how the course was found, and that it does not tell when people came whom nobody reported."""
    how: Mapping[str, Any] = teller.part("reconstruction")["method"]
    found = teller.say("appendix.course", steps=f"{how['steps']:,}", plays=how["closest"], off=teller.share(how["off"]))
    people = any(step.key.startswith("moment.team.") and not step.recorded for step in chain(teller))
    worse = teller.names.listed(_only_worse(teller), 5) if bound(teller) else ""
    return [found, teller.say("appendix.called") if people else "", teller.say("appendix.never_out", names=worse) if worse else ""]


def _off(step: Step, teller: Teller) -> str:
    """How far the course is from the record."""
    if step.recorded is None:
        return NONE
    if not step.off_h:
        return teller.say("off.none")
    return teller.say("off.later" if step.off_h > 0 else "off.earlier", t=teller.hours(abs(step.off_h)))


# --------------------------------------------------------------------------- three lengths of one day


def lengths(teller: Teller) -> list[Block]:
    """How long it was by the record, in the course bound to it, and in the replays by chance; and where the record lies among these."""
    replay = teller.part("attribution").get("replay") or {}
    hours, known = (replay.get("measures") or {}).get("hours"), (replay.get("recorded") or {}).get("hours")
    if not hours or not known or not bound(teller):
        return []
    whole, mine, place = teller.part("attribution")["whole"]["hours"], length(teller), replay["places"].get("hours")
    rows = [[teller.say("lengths.recorded"), teller.span(known), teller.say("lengths.recorded_is")]]
    if mine is not None:
        rows.append([teller.say("lengths.course"), teller.hours(mine), teller.say("lengths.course_is")])
    low, middle, high = (teller.hours(hours[q]) for q in ("10", "50", "90"))
    rows.append([teller.say("lengths.mean"), teller.est(whole, "hours"), teller.say("lengths.mean_is", low=low, middle=middle, high=high)])
    words = [teller.say("lengths.intro"), _of_some(replay["compared"], teller)]
    if place is not None:
        verdict = teller.say("fit.good" if replay["good"] else "fit.bad")
        words.append(teller.say("lengths.place", share=teller.share(place), verdict=verdict))
    if mine is not None and known[0]:
        told = known if teller.span(known) != teller.hours(known[1]) else (known[1], known[1])  # the difference is to what is shown
        words += [_explains(mine, _nearest(told, mine), teller), _from_worse(mine, told, teller)]
    blocks: list[Block] = [*teller.p("response.lengths", words, "record", "reconstruction", "attribution")]
    blocks += teller.table("length hours> meaning", rows, "lengths")
    return [*blocks, *_service_by_service(teller)]


def _of_some(compared: Row, teller: Teller) -> str:
    """Of which services the recorded length is, where that is not all of them, and how long these are out in the replays."""
    names, hours = compared["services"], compared["hours"]
    if len(names) == compared["of"]:
        return ""
    values = {"n": len(names), "all": compared["of"], "names": teller.names.listed(names, 6)}
    return teller.say("lengths.compared", low=teller.hours(hours["10"]), high=teller.hours(hours["90"]), **values)


def _nearest(span: Sequence[float | None], hours: float) -> float:
    """What of a span lies nearest to some hours; an end that is not known bounds nothing."""
    low, high = span[0] or 0.0, span[1]
    return max(low, hours) if high is None else min(max(low, hours), high)


def _from_worse(mine_h: float, told: Sequence[float | None], teller: Teller) -> str:
    """Where the outage on record begins before anything stops in the course: how long that is from when service was worse."""
    began = next((step for step in chain(teller) if step.key == "all_out" and step.partly), None)
    first = min(row["out_at_h"] for row in day(teller)["services"].values() if row["outages"])
    if began is None or first - began.t_h < NOTED_H:
        return ""
    whole = (_minute(mine_h) + _minute(first) - _minute(began.t_h)) / 60  # as the minutes shown add up
    off = abs(whole - _nearest(told, whole))
    if off < story.MINUTE_H:
        return ""
    return teller.say("lengths.from_worse", first=numbers.stamp(first), began=numbers.stamp(began.t_h), whole=teller.hours(whole),
                      t=teller.hours(off))  # fmt: skip


def services_beside(teller: Teller) -> tuple[int, list[tuple[str, tuple[float | None, float | None], tuple[float, float]]]]:
    """Services with a recorded return of which the replays tell one too, how many; and those whose lie apart (id, record, 10 to 90 %)."""
    told, apart = 0, []
    for id_, row in (teller.part("reconstruction").get("services") or {}).items():
        back, played = row["recorded"]["back_h"], row["played"]["back_h"]
        if id_ not in teller.part("rehearsal")["services"] or not back or back == [None, None] or not played:
            continue
        told += 1
        low, high = played["10"], played["90"]
        if back[1] is not None and back[1] < low or back[0] is not None and back[0] > high:
            apart.append((id_, (back[0], back[1]), (low, high)))
    return told, apart


def _only_until(teller: Teller) -> int:
    """Of how many services the record has no more than that they were up by some time."""
    rows = (teller.part("reconstruction").get("services") or {}).items()
    backs = [row["recorded"]["back_h"] for id_, row in rows if id_ in teller.part("rehearsal")["services"] and row["played"]["back_h"]]
    return sum(bool(back) and back[0] is None and back[1] is not None for back in backs)


def _service_by_service(teller: Teller) -> list[Block]:
    """In how many services the replays fit the record, and where they do not."""
    told, apart = services_beside(teller)
    if not told:
        return []
    key, alone = "services" if apart else "services_all", teller.part("rehearsal")["services"]
    if not apart and len(alone) == 1:
        key = "services_all_one"
    name = teller.names.of(next(iter(alone)))
    until = teller.say("lengths.until", n=open_) if (open_ := _only_until(teller)) else ""
    said_ = teller.say(f"lengths.{key}", n=told, k=told - len(apart), m=len(apart), name=name, until=until)
    rows = [[teller.names.of(id_), _between(back, teller), _between(played, teller)] for id_, back, played in apart]
    table = teller.table("service in_record> in_replays>", rows, "apart")
    return [*teller.p("response.services", said_, "reconstruction", "attribution"), *table]


def misread(teller: Teller) -> set[str]:
    """Services of which the replays must not be read as the day: their return lies apart from the recorded one."""
    return {id_ for id_, _, _ in services_beside(teller)[1]} if teller.part("reconstruction") else set()


def caveat(teller: Teller) -> str:
    """That what the replays say of single services is off for some of them; empty where it is off for none."""
    apart = misread(teller)
    return teller.say("lengths.caveat", n=len(apart)) if apart else ""


def _explains(mine_h: float, known_h: float, teller: Teller) -> str:
    """How much of the recorded hours the course accounts for, or by how much it is longer than they were."""
    if abs(mine_h - known_h) < story.MINUTE_H:
        return ""
    if mine_h * ENOUGH > known_h:
        return teller.say("lengths.longer", t=teller.hours(mine_h - known_h))
    if mine_h >= ENOUGH * known_h:
        return teller.say("lengths.explained", t=teller.hours(abs(mine_h - known_h)))
    return teller.say("lengths.part", share=teller.share(mine_h / known_h), t=teller.hours(known_h - mine_h))
