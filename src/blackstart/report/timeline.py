"""The timeline of a rehearsal in sentences: every turning point, like things of one minute in one line, repetitions folded.

A *turning point* is a moment after which what follows changes its direction: what strikes, barriers, services that stop, get worse,
come back in part or whole; the return of what they waited for, and of what was broken or had failed; teams that are called, come, run
short and go; a standby that takes over, tries that fail, a herd that trips, needs that go in a circle and how it is broken. Turning
points are never left out to save room; smaller steps are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.never import circles, teams_not_called
from blackstart.report.story import LEVEL_MISSING, Result, chain_text, part_of, reached, waits_for
from blackstart.text import has
from blackstart.units import write_number

NAMED = 4  # things that one line names; the others are counted
FOLDED_FROM = 3  # so many like lines are told as one
TOGETHER_FROM = 5  # and so many of one kind in one minute that say different things
TURNS_SHOWN = 200  # turning points that are always told
BACK = "back"  # kind of a return that something waited for, or of what was broken or had failed
IN_A_ROW = ("moment.job.", "moment.partly", "moment.start_failed", "moment.waits")  # what a part does again and again until it is back
KEPT_TURNS = ("moment.barrier.", "moment.found_dead", "moment.start_failed", "moment.job.forced-", "moment.called", "moment.sent_back",
              "moment.takes_over", "moment.trips", "moment.team.", "moment.deadlock", "moment.service_")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline.

    weight : 0 services and what strikes, 1 what matters, 2 steps, 3 small steps
    about : path of what it tells; of several things that of them all
    turning : whether it is a turning point, whatever its weight
    folded : what the line stands for: when, in words, and the path of that
    named : how many it is of, by name or by their number
    """

    t_h: float
    weight: int
    key: str
    text: str
    about: str
    turning: bool = False
    folded: tuple[tuple[float, str, str], ...] = ()
    named: int = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    """One thing to tell. `last` and `again`: how often it happens again, and when last; `folded`: those times."""

    t_h: float
    weight: int
    key: str
    who: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()
    about: str = ""
    kind: str = ""
    again: str = ""
    folded: tuple[_Entry, ...] = ()

    @property
    def turning(self) -> bool:
        return self.weight <= 1 or self.key.startswith(KEPT_TURNS) or self.kind in ("wait-glass", BACK)

    @property
    def minute(self) -> int:
        return round(self.t_h * 60)


def moments(result: Result, names: Names) -> list[Moment]:
    """The timeline in sentences: like things of one minute in one line, what goes on and on in one line."""
    circles_ = _circle_entries(result, names)
    entries = [*_given_entries(result, names), *_timeline_entries(result, names), *circles_, *_service_entries(result, names)]
    entries = _often(_in_a_row(sorted(entries, key=lambda e: e.minute)))
    groups: dict[tuple[Any, ...], list[_Entry]] = {}
    for e in entries:
        again = (e.again, len(e.folded), e.folded[-1].minute) if e.folded else ()
        groups.setdefault((e.minute, e.key, e.values, e.kind in ("wait-glass", BACK), again), []).append(e)
    found = [_line(result, names, like) for like in _of_one_kind(list(groups.values()), names)]
    return [replace(m, about=f"told.{n}") if m.folded else m for n, m in enumerate(found)]


def the_most(found: Sequence[Moment], most: int) -> list[Moment]:
    """Every turning point, and the smaller steps if there are no more than `most` lines then: the smallest are left out first.

    Of more than `TURNS_SHOWN` turning points those of services and misfortunes are told, and what is left of them in order of time.
    """
    for weight in (3, 2):
        kept = [m for m in found if m.weight <= weight or m.turning]
        if len(kept) <= most:
            return kept
    turns = [m for m in found if m.turning]
    if len(turns) <= TURNS_SHOWN:
        return turns
    first = [m for m in turns if m.weight == 0]
    room = max(0, TURNS_SHOWN - len(first))
    others = {id(m) for m in [m for m in turns if m.weight > 0][:room]}
    return [m for m in turns if m.weight == 0 or id(m) in others][:TURNS_SHOWN]


def left_out(found: Sequence[Moment], shown: Sequence[Moment], key: str, names: Names) -> str:
    """How many lines are not told, and whether a turning point is among them; "" where none is left out."""
    missing = len(found) - len(shown)
    if not missing:
        return ""
    turns = sum(m.turning for m in found) - sum(m.turning for m in shown)
    return names.say(f"timeline.{key}{'_turns' if turns else ''}", n=missing)


def event_text(event: Mapping[str, Any], names: Names, share: dict[str, float] | None = None) -> tuple[int, str] | None:
    """Weight and sentence of one event by itself; None where it is nothing to tell.

    share : how much of each part ran before, which is kept up to date; without it all of it
    """
    entry = _entry(event, {} if share is None else share, names, {})
    return None if entry is None else (entry.weight, _text(entry, entry.who, names))


def events_of(result: Result, names: Names, id_: str, minute: int | None = None) -> list[tuple[Mapping[str, Any], str]]:
    """What is told of a part, or of a team, event by event; of one minute, or all of it."""
    share = {id_: next((up for t, _, up in reversed(result["states"].get(id_, ())) if minute is not None and round(t * 60) < minute), 1.0)}
    found = []
    for event in result["timeline"]:
        if event["who"] == id_ and minute in (None, _minute(event)):
            if event["what"] == "fails" and event["detail"].get("share", 1.0) >= 1:
                share[id_] = 0.0  # what comes back from here is growth, not what is left
            if told := event_text(event, names, share):
                found.append((event, told[1]))
    return found


def moment_of(result: Result, id_: str, minute: int) -> str:
    """The path of what stands behind a moment of a part: its own; of a part that goes round and round, all that it went through."""
    if id_ not in result["states"]:
        return ""
    goes_round = any(row["component"] == id_ for row in result.get("loops") or ())
    return f"states.{id_}" if goes_round else f"moment.{minute}.{id_}"


def shortages(result: Result, names: Names, team: str) -> list[tuple[float, str, str]]:
    """When all people of a team were at work and a part had to wait for them: the time, how that is told, and the part."""
    short, found, twice = _Short(), [], _told_twice(result["timeline"])
    for event in (event for n, event in enumerate(result["timeline"]) if n not in twice):
        found += [(e.t_h, _text(e, e.who, names), str(event["who"])) for e in short(event) if e.who == (team,)]
    return found


# --------------------------------------------------------------------------- lines


def _line(result: Result, names: Names, like: Sequence[_Entry]) -> Moment:
    """Like things of one minute as one line; those that a recovery waited for are named first."""
    first = min(like, key=lambda e: e.weight)
    who = _of_all(sorted(like, key=lambda e: e.weight))
    inner = [(f.t_h, _text(f, f.who, names), _about(result, f)) for e in like for part in e.folded for f in _each(part)]
    if len(who) > 1 and not inner:
        of = {name: e for e in like for name in e.who}
        inner += [(first.t_h, _named(name, first.key, names), _about(result, replace(of[name], who=(name,)))) for name in who]
    text = _text(first, who, names)
    turning, named = any(e.turning for e in like), len(dict.fromkeys(who))
    return Moment(first.minute / 60, first.weight, first.key, text, _about(result, first), turning, tuple(inner), named)


def _each(entry: _Entry) -> list[_Entry]:
    """What is told of several services at once, of each of them: the numbers of each lead to its own."""
    if not entry.key.startswith("moment.service_") or len(entry.who) < 2:
        return [entry]
    first = f".{entry.who[0]}"
    return [replace(entry, who=(name,), about=entry.about.replace(first, f".{name}", 1)) for name in entry.who]


def _about(result: Result, entry: _Entry) -> str:
    return entry.about or _told_of(result, entry)


def _text(entry: _Entry, who: Iterable[str], names: Names) -> str:
    key = entry.key
    noun = "" if key.startswith("moment.effect") else _noun(key)
    listed = names.listed(dict.fromkeys(who), NAMED, noun) or names.say("moment.unnamed")
    said = names.say(key, **{"names": listed, "who": listed, **dict(entry.values)})
    if not entry.again:
        return said
    return names.say(f"moment.{entry.again}", said=said, n=len(entry.folded), until=numbers.stamp(entry.folded[-1].t_h))


def _named(name: str, key: str, names: Names) -> str:
    noun = _noun(key)
    return names.anything(name) if key.startswith("moment.effect") else names.of(name, noun)


def _told_of(result: Result, entry: _Entry) -> str:
    """The path of what stands behind a line of the timeline: that moment of a part, or what strikes, holds or comes."""
    if not entry.who:
        return ""
    noun = _noun(entry.key)
    if noun == "component":
        return moment_of(result, entry.who[0], entry.minute)
    return f"struck.{noun}s.{entry.who[0]}"


def _noun(key: str) -> str:
    """What a line of the timeline is about."""
    noun = key.split(".")[1]
    return noun if noun in ("hazard", "barrier", "team", "domain") else "component"


# --------------------------------------------------------------------------- folding


def _in_a_row(entries: Sequence[_Entry]) -> list[_Entry]:
    """A part that comes back piece by piece, or is tried again and again, in few lines: what is repeated is folded into its first."""
    rows: dict[str, list[int]] = {}
    for n, e in enumerate(entries):
        if len(e.who) == 1 and _noun(e.key) == "component" and not e.key.startswith(("moment.service_", "moment.effect")):
            rows.setdefault(e.who[0], []).append(n)
    found: list[_Entry | None] = list(entries)
    for mine in rows.values():
        open_: dict[str, list[int]] = {}
        for n in [*mine, -1]:
            key = entries[n].key if n >= 0 else ""
            if key.startswith(IN_A_ROW):
                open_.setdefault(key + entries[n].kind, []).append(n)
            elif key not in ("moment.grows", "moment.runs") or n < 0:
                for like, same in open_.items():
                    _fold(found, same, "onwards" if like.startswith("moment.partly") else "again")
                open_ = {}
    return [e for e in found if e is not None]


def _often(entries: Sequence[_Entry]) -> list[_Entry]:
    """Of what happens to the same over and over, the first two times and the last; the others are folded into the second."""
    rows: dict[tuple[Any, ...], list[int]] = {}
    for n, e in enumerate(entries):
        rows.setdefault((e.key, e.kind, e.who), []).append(n)
    found: list[_Entry | None] = list(entries)
    for same in rows.values():
        if len(same) > 2 * FOLDED_FROM and entries[same[0]].who:
            _fold(found, same[1:-1], "between")
    return [e for e in found if e is not None]


def _fold(found: list[_Entry | None], same: Sequence[int], how: str) -> None:
    """Several like things become the first of them."""
    entries = [e for n in same if (e := found[n]) is not None]
    if len(entries) < FOLDED_FROM:
        return
    inner = tuple(f for e in entries for f in (e.folded or (e,)))
    first = min(entries, key=lambda e: e.weight)
    found[same[0]] = replace(entries[0], weight=first.weight, again=how, folded=inner)
    for n in same[1:]:
        found[n] = None


def _of_one_kind(groups: Sequence[Sequence[_Entry]], names: Names) -> list[list[_Entry]]:
    """What is of one kind in one minute, each with values of its own (many begin to wait, each for something else), as one group."""
    alike: dict[tuple[int, str, str], list[int]] = {}
    for n, like in enumerate(groups):
        key = f"{like[0].key}_many"
        if like[0].values and min(e.weight for e in like) == 2 and has(f"report.{key}", names.lang):
            alike.setdefault((like[0].minute, key, like[0].kind if like[0].kind == "wait-glass" else ""), []).append(n)
    found: list[list[_Entry] | None] = [list(like) for like in groups]
    for (_, key, kind), same in alike.items():
        if len(same) >= TOGETHER_FROM:
            inner = tuple(replace(groups[n][0], who=_of_all(groups[n]), again="", folded=()) for n in same)
            who = tuple(name for e in inner for name in e.who)
            found[same[0]] = [_Entry(inner[0].t_h, 2, key, who, about=inner[0].about, kind=kind, folded=inner)]
            for n in same[1:]:
                found[n] = None
    return [like for like in found if like is not None]


def _of_all(like: Iterable[_Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for e in like for name in e.who))


# --------------------------------------------------------------------------- what is told


def _given_entries(result: Result, names: Names) -> Iterator[_Entry]:
    for hit in result["scenario"]:
        if hit["what"] == "hazard":  # its arrival is told by the timeline itself
            continue
        if "share" not in hit:
            yield _Entry(hit["at_h"], 0, f"moment.{hit['what']}.{hit['how']}", (hit["hit"],))
        else:
            said = ("who", part_of(names.of(hit["hit"], hit["what"]), hit["share"], names))
            yield _Entry(hit["at_h"], 0, f"moment.component.{hit['how']}", (hit["hit"],), (said,))


def _service_entries(result: Result, names: Names) -> Iterator[_Entry]:
    for id_, row in result["services"].items():
        for begin, end in row["outages"]:
            yield _Entry(begin, 0, "moment.service_out", (id_,), about=f"services.{id_}.out_at_h")
            if end is not None:
                yield _Entry(end, 0, "moment.service_back", (id_,), about=f"services.{id_}.back_at_h")
        if row["never"]:
            yield _Entry(result["end_h"], 0, "moment.service_never", (id_,))
        yield from _level_entries(id_, row, names)


def _level_entries(id_: str, row: Mapping[str, Any], names: Names) -> Iterator[_Entry]:
    """Where what a service serves changes its direction: worse, partly back, whole again; not what its outages tell already."""
    outages = [(round(a * 60), None if b is None else round(b * 60)) for a, b in row["outages"]]
    begins, ends = {a for a, _ in outages}, {b for _, b in outages}

    def at(minute: int, key: str, level: float) -> _Entry:
        share = () if key == "whole" else (("share", numbers.point(level, "percent", names.lang)),)
        return _Entry(minute / 60, 2, f"moment.service_{key}", (id_,), share, f"level.{minute}.{id_}")

    for rises, (first, level), (last, reached_level) in _runs(row["level"]):
        out = any(a <= first and (b is None or first < b) for a, b in outages)
        if not rises and first not in begins:
            yield at(first, "worse", level)
        elif rises and out and level > LEVEL_MISSING:
            yield at(first, "part", level)
        if rises and reached_level >= 1.0 - LEVEL_MISSING and last not in ends:
            yield at(last, "whole", 1.0)


def _runs(levels: Sequence[Sequence[float]]) -> Iterator[tuple[bool, tuple[int, float], tuple[int, float]]]:
    """Stretches over which a level rises, or falls: whether it rises, its first and its last minute, with the level then."""
    minutes: dict[int, float] = {}
    for t, level in levels:
        minutes[round(t * 60)] = level
    before, open_ = 1.0, None
    for minute, level in minutes.items():
        if abs(level - before) <= LEVEL_MISSING:
            continue
        rises, before = level > before, level
        if open_ is not None and open_[0] is rises:
            open_ = rises, open_[1], (minute, level)
            continue
        if open_ is not None:
            yield open_
        open_ = rises, (minute, level), (minute, level)
    if open_ is not None:
        yield open_


def _circle_entries(result: Result, names: Names) -> Iterator[_Entry]:
    """Where needs close to a circle that only force opens, or nothing; and where it is opened."""
    called = teams_not_called(result)
    for chain, begin, end in circles(result["timeline"], result["stuck"]):
        told = chain_text(chain, names, called)
        yield _Entry(begin, 1, "moment.deadlock", (), (("chain", told),), about=f"states.{chain[0]}")
        if end is not None:
            yield _Entry(end, 2, "moment.deadlock_over", tuple(chain[:-1]))


def _told_twice(timeline: Sequence[Mapping[str, Any]]) -> set[int]:
    """Places of events that say nothing new: waits that end in their minute, and breakdowns that their effect tells of."""
    broken = {
        (_minute(e), name)
        for e in timeline
        if e["what"] == "effect" and e["detail"].get("op") == "break" and e["detail"].get("share", 1.0) >= 1
        for name in e["detail"].get("targets", ())
    }
    twice, until = set(), {}
    for n, e in reversed(list(enumerate(timeline))):
        own = e["what"] == "fails" and e["detail"].get("share", 1.0) >= 1 and not e["detail"].get("hidden")
        if own and (_minute(e), e["who"]) in broken or e["what"] == "waits" and until.get(e["who"]) == _minute(e):
            twice.add(n)
        if e["what"] in ("waits", "starts", "repairs", "runs"):
            until[e["who"]] = _minute(e)
    return twice


def _minute(event: Mapping[str, Any]) -> int:
    return round(event["t_h"] * 60)


def _timeline_entries(result: Result, names: Names) -> Iterator[_Entry]:
    on_path = {
        (step["component"], round(step["from_h"] * 60))
        for row in result["services"].values()
        for step in row["critical_path"]
    }
    stands_for: dict[str, list[str]] = {}
    for id_, other, kind in result["graph"]["needs"]:
        if kind == "standby":
            stands_for.setdefault(id_, []).append(other)
    share = dict.fromkeys(stands_for, 0.0)
    barriers: set[tuple[str, bool]] = set()
    short, hurt = _Short(), set()
    awaited = {(step["component"], round(step["to_h"] * 60)) for row in result["services"].values() for step in row["critical_path"]
               if step["to_h"] is not None}  # fmt: skip
    twice = _told_twice(result["timeline"])
    for n, event in enumerate(result["timeline"]):
        who, detail = event["who"], event["detail"]
        if event["what"] == "fails" and detail.get("share", 1.0) >= 1:
            share[who] = 0.0  # what comes back from here is growth, not what is left
        if n in twice:
            continue
        yield from short(event)
        if event["what"] == "barrier":
            luck = (who, bool(detail.get("works")))
            if luck in barriers:
                continue  # a barrier has one luck for each arrival: asked again, it says the same
            barriers.add(luck)
        entry = _entry(event, share, names, stands_for)
        if entry is None or (who in result["services"] and event["what"] in ("runs", "falls", "waits", "starts")):
            continue
        steps = ("waits", "starts", "repairs")
        if event["what"] in ("effect", "effect-ends") and not event["detail"].get("given"):
            entry = replace(entry, about=f"timeline.{n}")
        if event["what"] in steps and (who, _minute(event)) in on_path:
            entry = replace(entry, weight=1)
        hurt |= _hurt(event)
        if event["what"] == "runs" and detail.get("share", 1.0) >= 1:
            if who in hurt or (who, _minute(event)) in awaited:
                entry = replace(entry, kind=BACK)
            hurt.discard(who)
        yield entry


def _hurt(event: Mapping[str, Any]) -> set[str]:
    """What an event breaks, or shows to have failed."""
    if event["what"] in ("fails", "start-failed"):
        return {event["who"]}
    broken = event["what"] == "effect" and event["detail"].get("op") in ("break", "destroy")
    return set(event["detail"].get("targets", ())) if broken else set()


class _Short:
    """Tells, once in each call of a team, that its people are there and all of them busy."""

    def __init__(self) -> None:
        self.there: set[str] = set()

    def __call__(self, event: Mapping[str, Any]) -> Iterator[_Entry]:
        who, detail = event["who"], event["detail"]
        if event["what"] == "team" and detail.get("stage") == "all":
            self.there.add(who)
        elif event["what"] == "team" and detail.get("stage") == "home":
            self.there.discard(who)
        elif event["what"] == "waits" and detail.get("why") == "wait-people" and detail.get("ref") in self.there:
            self.there.discard(detail["ref"])
            yield _Entry(event["t_h"], 2, "moment.team.short", (detail["ref"],))


def _entry(event: Mapping[str, Any], share: dict[str, float], names: Names, stands_for: Mapping[str, Sequence[str]]) -> _Entry | None:
    t, what, who, detail = event["t_h"], event["what"], event["who"], event["detail"]
    match what:
        case "hazard":
            return _Entry(t, 0, "moment.hazard", (who,))
        case "effect" | "effect-ends":
            return _effect_entry(event, names)
        case "barrier":
            return _Entry(t, 1, f"moment.barrier.{'works' if detail.get('works') else 'fails'}", (who,))
        case "fails":
            part = detail.get("share", 1.0)
            said = (("names", part_of(names.of(who), part, names)),) if part < 1.0 else ()
            return _Entry(t, 1, "moment.found_dead" if detail.get("hidden") else "moment.fails", (who,), said)
        case "falls" if detail.get("tripped"):
            share[who] = 0.0
            load = names.say("moment.trips_load", load=write_number(detail["load"], 2)) if "load" in detail else ""
            return _Entry(t, 1, "moment.trips", (who,), (("load", load),))
        case "runs" | "falls":
            return _level_entry(t, who, detail.get("share", float(what == "runs")), share, names, stands_for.get(who, ()))
        case "waits":
            return _Entry(t, 2, "moment.waits", (who,), (("why", waits_for(detail, names)),), kind=detail.get("why", ""))
        case "starts" | "repairs":
            job = ("forced-" if detail.get("forced") else "") + what[:-1]
            return _Entry(t, 2, f"moment.job.{job}", (who,))
        case "start-failed":
            return _Entry(t, 1, "moment.start_failed", (who,))
        case "team":
            stage = detail.get("stage", "all")
            return _Entry(t, 1 if stage in ("on-call", "all") else 2, f"moment.team.{stage}", (who,))
        case "called":
            return _Entry(t, 2, "moment.called" if detail.get("called", True) else "moment.sent_back", (who,))
        case "data":
            return _data_entry(t, who, detail, names)
    return None


def _effect_entry(event: Mapping[str, Any], names: Names) -> _Entry:
    detail, ends = event["detail"], event["what"] == "effect-ends"
    if detail.get("given"):
        return _Entry(event["t_h"], 1, "moment.given-ends", (), (("names", names.anything(event["who"])),))
    group = "moment.effect-ends" if ends else "moment.effect"
    key = f"{group}.{detail.get('op')}"
    if not has(f"report.{key}", names.lang):
        key = f"{group}.other"
    by = ("who", names.of(event["who"], "hazard"))
    if detail.get("share", 1.0) >= 1:
        return _Entry(event["t_h"], 1, key, tuple(detail.get("targets", ())), (by,))  # what one does in a minute is told once
    return _Entry(event["t_h"], 1, key, (), (by, ("names", reached(detail, names))))


def _level_entry(t: float, who: str, now: float, share: dict[str, float], names: Names, stands_for: Sequence[str]) -> _Entry:
    """A pool comes back in steps: its first and its last step matter more than those between."""
    before = share.get(who, 1.0)
    share[who] = now
    percent = (("share", numbers.point(now, "percent", names.lang)),)
    if now <= 0:
        return _Entry(t, 2, "moment.falls", (who,))
    if stands_for and before <= 0:
        return _Entry(t, 2, "moment.takes_over", (who,), (("of", names.listed(stands_for)),))
    if now < before:
        return _Entry(t, 1, "moment.part", (who,), percent)
    if now >= 1:
        return _Entry(t, 2, "moment.runs", (who,))
    return _Entry(t, 2, "moment.grows", (who,), percent) if before == 0 else _Entry(t, 3, "moment.partly", (who,), percent)


def _data_entry(t: float, who: str, detail: Mapping[str, Any], names: Names) -> _Entry:
    hours = detail.get("hours")
    if hours is None:
        return _Entry(t, 0, "moment.data_all", (who,))
    return _Entry(t, 0, "moment.data", (who,), (("hours", numbers.clock(hours, names.lang)),))
