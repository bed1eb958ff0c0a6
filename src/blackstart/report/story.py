"""What a result says, in sentences and rows: the same for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.ways import Leading, number
from blackstart.text import has

Result = Mapping[str, Any]
LEVEL_MISSING = 1e-6
MINUTE_H = 1 / 60

# what a recovery waited for -> the group it is shown in
GROUPS = {
    "hit": "held",
    "wait-held": "held",
    "wait-barred": "held",
    "wait-need": "need",
    "wait-start-need": "need",
    "wait-repair-need": "need",
    "wait-people": "people",
    "wait-call": "people",
    "wait-glass": "decide",
    "start": "start",
    "forced-start": "forced",
    "forced-repair": "forced",
    "repair": "repair",
    "wait-spare": "supply",
    "wait-restore": "supply",
    "wait-retry": "again",
    "never-repaired": "never",
    "called": "other",
    "waiting": "other",
    "standby": "other",
    "starting": "start",
    "broken": "repair",
}
LIMITS = ("rto", "mtpd", "rpo")
NOUN_ORDER = ("hazard", "component", "domain")
GROUP_ORDER = ("held", "need", "people", "decide", "start", "forced", "repair", "supply", "again", "never", "other")


# --------------------------------------------------------------------------- services of a rehearsal


@dataclass(frozen=True, slots=True)
class ServiceStory:
    """One service in a rehearsal; times in hours since its begin.

    state: ``never`` · ``out`` (was out, came back) · ``degraded`` · ``unaffected``.
    """

    id: str
    state: str
    out_at_h: float | None
    back_at_h: float | None
    down_h: float
    row: Mapping[str, Any]


def services_of(result: Result) -> list[ServiceStory]:
    """The services of a rehearsal in the order in which they come back; those that never do last."""
    stories = []
    for id_, row in result["services"].items():
        outages = row["outages"]
        end = result["end_h"]
        down = sum((b if b is not None else end) - a for a, b in outages)
        worse = any(level < 1 - LEVEL_MISSING for _, level in row["level"])
        state = "never" if row["never"] else "out" if outages else "degraded" if worse else "unaffected"
        stories.append(ServiceStory(id_, state, row["out_at_h"], row["back_at_h"], down, row))
    rank = {"out": 0, "never": 1, "degraded": 2, "unaffected": 3}
    return sorted(stories, key=lambda s: (rank[s.state], s.back_at_h or 0.0))


def horizon(result: Result) -> float:
    """Hours that a rehearsal's time axis shows: until no service misses anything, and a little more."""
    last = 0.0
    for row in result["services"].values():
        last = max([last, *(t for t, _ in row["level"]), *(b for _, b in row["outages"] if b is not None)])
        last = max([last, *(s["to_h"] or 0.0 for s in row["critical_path"])])
    if last <= 0:
        last = max([0.0, *(t for rows in result["states"].values() for t, *_ in rows)]) or result["end_h"]
    never = any(row["never"] for row in result["services"].values())
    return max(last * (1.2 if never else 1.04), 0.1)


def struck(result: Result, names: Names) -> str:
    """What the rehearsal is of, in one phrase: hazards by name, what breaks, what is lost and for how long."""
    groups: dict[tuple[str, str, float | None], dict[str, None]] = {}
    for hit in result["scenario"]:
        groups.setdefault((hit["what"], hit["how"], hit["for_h"]), {})[hit["hit"]] = None
    phrases = []
    for (noun, how, for_h), hits in sorted(groups.items(), key=lambda g: NOUN_ORDER.index(g[0][0])):
        listed = names.listed(hits, noun=noun)
        key = f"struck.{how}_for" if for_h is not None else f"struck.{how}_{noun}"
        phrases.append(names.say(key, names=listed, t=None if for_h is None else numbers.clock(for_h, names.lang)))
    return names.join(phrases)


def since(result: Result, names: Names) -> str:
    """What the clock of a rehearsal counts from."""
    late = min((hit["at_h"] for hit in result["scenario"]), default=0.0) > 0
    return names.say("clock.since_begin" if late else "clock.since_strike")


# --------------------------------------------------------------------------- what a course hangs on, and how it is told











def told_well(result: Result) -> bool:
    """Whether a scenario hangs on something that goes well in the course told: that must not hide the way that goes badly."""
    return bool(result["forks"]) and result["forks"][0]["told"] is (not worse_way(result["forks"][0])["yes"])


def worse_way(fork: Mapping[str, Any]) -> Mapping[str, Any]:
    return max(fork["ways"], key=lambda way: math.inf if way["all_back_h"]["50"] is None else way["all_back_h"]["50"])



def fork_phrase(fork: Mapping[str, Any], form: str, names: Names) -> str:
    """A fork as a `question`, or as it goes: `yes`, `no`."""
    if fork["what"] != "effect":
        noun = "barrier" if fork["what"] == "barrier" else "component"
        return names.say(f"fork.{fork['what']}.{form}", name=names.of(fork["id"], noun))
    detail = fork["detail"]
    values = {"who": names.of(fork["id"], "hazard"), "names": _reached(detail, names)}
    op = detail["op"] if has(f"report.fork.op.{detail['op']}", names.lang) else "other"
    return names.say(f"fork.effect.{form}", effect=names.say(f"fork.op.{op}", **values), **values)



def section(key: str, result: Result, names: Names, write: Callable[[str], str] = str) -> str:
    """The heading of a section, its own words as `write` writes them; that of the other course says which way it goes."""
    if key != "other" or result["other"] is None:
        return write(names.say(f"section.{key}"))
    way = fork_phrase(result["forks"][0], "yes" if result["other"]["yes"] else "no", names)
    return write(names.say("section.other", way="\0")).replace("\0", way)


def is_hit(result: Result) -> bool:
    """Whether any service of a rehearsal stops or gets worse."""
    return any(s.state != "unaffected" for s in services_of(result))


def other_course(result: Result) -> Result | None:
    """The course that goes the other way, as a result whose services, stuck parts and data losses are its own."""
    other = result["other"]
    if other is None:
        return None
    own = {k: other[k] for k in ("services", "stuck", "end_h", "data_lost")}
    return {**result, **own, "states": {}, "timeline": other.get("waits", []), "forks": [], "other": None}




def given(result: Result, names: Names) -> list[str]:
    """What was not left to chance."""
    rows = {key: [names.of(g["id"], g["what"]) for g in result["given"] if g["works"] is (key == "works")] for key in ("works", "fails")}
    return [names.say(f"head.given_{key}", names=names.join(some, 6)) for key, some in rows.items() if some]


def course(result: Result, names: Names) -> list[str]:
    """What kind of course a rehearsal tells, how its clock counts, what was given, and which way of a fork it goes."""
    said = given(result, names)
    key = ("typical_runs" if result["typical"] else "runs") if result["runs"] > 1 else "typical" if result["typical"] else "one_run"
    said.append(Leading(names.say(f"head.{key}", n=f"{result['runs']:,}", seed=result["provenance"]["seed"]), number(result, "runs")))
    if result["other"] is not None:
        fork = result["forks"][0]
        said.append(names.say("fork.told", way=fork_phrase(fork, "yes" if fork["told"] else "no", names)))
    said.append(names.say("head.clock", since=since(result, names)))
    return said


def defences(result: Result, names: Names) -> list[str]:
    """Which defences are on, and what they cost: one sentence, or none where there are none."""
    chosen = result["provenance"]["with"]
    if not chosen:
        return []
    costs = {d["id"]: d for d in result.get("defences", ())}
    shown = names.join([_defence(id_, costs.get(id_, {}), result, names) for id_ in chosen], len(chosen))
    return [names.say("head.with", names=shown)]


def _defence(id_: str, costs: Mapping[str, Any], result: Result, names: Names) -> str:
    """A defence by name, with what it costs once and a year where that is stated."""
    said = [
        names.say(f"head.{key}", m=numbers.point(costs[key], "money", names.lang, result["currency"]))
        for key in ("once", "yearly")
        if costs.get(key)
    ]
    name = names.of(id_, "defence")
    return names.say("head.costs", name=name, costs=names.say("list.comma").join(said)) if said else name



def services_by_harm(result: Result) -> list[str]:
    """Ids of the services of an assessment, the one that is down longest first."""
    services = result["services"]
    return sorted(services, key=lambda s: -services[s]["downtime_h_per_year"]["value"])








def outcome(result: Result, names: Names) -> list[str]:
    """How the computation ended: data of the result, said in every view."""
    said = [names.say(f"outcome.{result['outcome']['state']}")]
    at = numbers.clock(result["end_h"], names.lang) if "end_h" in result else ""
    for reason in result["outcome"]["reasons"]:
        known = has(f"report.reason.{reason}", names.lang)
        told = names.say(f"reason.{reason}", at=at) if known else names.say("reason.other", reason=reason)
        said.append(Leading(told, number(result, "setting.rescue")) if reason == "rescued" else told)
        if reason == "rescued" and "stuck" in result and result["kind"] == "assessment":
            said.append(Leading(_rescued(result["stuck"], names), number(result, "stuck.per_year")))
    return said


def _rescued(stuck: Mapping[str, Any], names: Names) -> str:
    """How much of the answer hangs on the rescue that is assumed."""
    shares = {"down": numbers.whole_percent(stuck["downtime_share"], names.lang)}
    if stuck["loss_share"] is None:
        return names.say("reason.rescued_share", **shares)
    return names.say("reason.rescued_shares", loss=numbers.whole_percent(stuck["loss_share"], names.lang), **shares)


# --------------------------------------------------------------------------- moments of a rehearsal


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline.

    weight : 0 services and what strikes, 1 what matters, 2 steps, 3 small steps
    about : path of what it tells first
    """

    t_h: float
    weight: int
    key: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class _Entry:
    t_h: float
    weight: int
    key: str
    who: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()
    about: str = ""


def moments(result: Result, names: Names) -> list[Moment]:
    """The timeline in sentences: like things of one minute in one line."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    about: dict[tuple[Any, ...], str] = {}
    entries = [*_given_entries(result), *_timeline_entries(result, names), *_service_entries(result)]
    for e in sorted(entries, key=lambda e: round(e.t_h * 60)):
        like = (round(e.t_h * 60), e.weight, e.key, e.values)
        groups.setdefault(like, []).extend(e.who)
        about.setdefault(like, e.about or _told_of(result, e))
    return [
        Moment(minute / 60, weight, key, _moment_text(names, key, dict(values), who), about[minute, weight, key, values])
        for (minute, weight, key, values), who in groups.items()
    ]


def _told_of(result: Result, entry: _Entry) -> str:
    """The path of what stands behind a line of the timeline: what a part went through, or what strikes, holds or comes."""
    if not entry.who:
        return ""
    noun = _noun(entry.key)
    if noun == "component":
        return f"states.{entry.who[0]}" if entry.who[0] in result["states"] else ""
    return f"struck.{noun}s.{entry.who[0]}"


def _moment_text(names: Names, key: str, values: Mapping[str, str], who: Iterable[str]) -> str:
    noun = "" if key.startswith("moment.effect") else _noun(key)
    listed = names.listed(dict.fromkeys(who), 4, noun) or names.say("moment.unnamed")
    return names.say(key, **{"names": listed, "who": listed, **values})


def _noun(key: str) -> str:
    """What a line of the timeline is about."""
    noun = key.split(".")[1]
    return noun if noun in ("hazard", "barrier", "team", "domain") else "component"


def event_text(event: Mapping[str, Any], names: Names) -> tuple[int, str] | None:
    """Weight and sentence of one event by itself; None where it is nothing to tell."""
    entry = _entry(event, {}, names)
    return None if entry is None else (entry.weight, _moment_text(names, entry.key, dict(entry.values), entry.who))


def _given_entries(result: Result) -> Iterable[_Entry]:
    for hit in result["scenario"]:
        if hit["what"] != "hazard":  # a hazard's arrival is told by the timeline itself
            yield _Entry(hit["at_h"], 0, f"moment.{hit['what']}.{hit['how']}", (hit["hit"],))


def _service_entries(result: Result) -> Iterable[_Entry]:
    for id_, row in result["services"].items():
        for begin, end in row["outages"]:
            yield _Entry(begin, 0, "moment.service_out", (id_,), about=f"services.{id_}.out_at_h")
            if end is not None:
                yield _Entry(end, 0, "moment.service_back", (id_,), about=f"services.{id_}.back_at_h")
        if row["never"]:
            yield _Entry(result["end_h"], 0, "moment.service_never", (id_,))


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


def _timeline_entries(result: Result, names: Names) -> Iterable[_Entry]:
    on_path = {
        (step["component"], round(step["from_h"] * 60))
        for row in result["services"].values()
        for step in row["critical_path"]
    }
    share: dict[str, float] = {}
    barriers: set[tuple[str, bool]] = set()
    twice = _told_twice(result["timeline"])
    for n, event in enumerate(result["timeline"]):
        who, detail = event["who"], event["detail"]
        if event["what"] == "fails" and detail.get("share", 1.0) >= 1:
            share[who] = 0.0  # what comes back from here is growth, not what is left
        if n in twice:
            continue
        if event["what"] == "barrier":
            luck = (who, bool(detail.get("works")))
            if luck in barriers:
                continue  # a barrier has one luck for each arrival: asked again, it says the same
            barriers.add(luck)
        entry = _entry(event, share, names)
        if entry is None or (who in result["services"] and event["what"] in ("runs", "falls", "waits", "starts")):
            continue
        steps = ("waits", "starts", "repairs")
        if event["what"] in ("effect", "effect-ends") and not event["detail"].get("given"):
            entry = replace(entry, about=f"timeline.{n}")
        if event["what"] in steps and (who, round(event["t_h"] * 60)) in on_path:
            entry = replace(entry, weight=1)
        yield entry


def _entry(event: Mapping[str, Any], share: dict[str, float], names: Names) -> _Entry | None:
    t, what, who, detail = event["t_h"], event["what"], event["who"], event["detail"]
    match what:
        case "hazard":
            return _Entry(t, 0, "moment.hazard", (who,))
        case "effect" | "effect-ends":
            return _effect_entry(event, names)
        case "barrier":
            return _Entry(t, 1, f"moment.barrier.{'works' if detail.get('works') else 'fails'}", (who,))
        case "fails":
            return _Entry(t, 1, "moment.found_dead" if detail.get("hidden") else "moment.fails", (who,))
        case "runs" | "falls":
            return _level_entry(t, who, detail.get("share", float(what == "runs")), share, names)
        case "waits":
            return _Entry(t, 2, "moment.waits", (who,), (("why", waits_for(detail, names)),))
        case "starts" | "repairs":
            job = ("forced-" if detail.get("forced") else "") + what[:-1]
            return _Entry(t, 2, f"moment.job.{job}", (who,))
        case "start-failed":
            return _Entry(t, 1, "moment.start_failed", (who,))
        case "team":
            stage = detail.get("stage", "all")
            return _Entry(t, 2 if stage == "in-turns" else 1, f"moment.team.{stage}", (who,))
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
    return _Entry(event["t_h"], 1, key, (), (by, ("names", _reached(detail, names))))


def _reached(detail: Mapping[str, Any], names: Names) -> str:
    """What an effect reaches: names, or a share of them."""
    reached = names.listed(detail.get("targets", ()), 4, "") or names.say("moment.unnamed")
    share = detail.get("share", 1.0)
    if share >= 1:
        return reached
    return names.say("moment.share_of", share=numbers.point(share, "percent", names.lang), names=reached)


def _level_entry(t: float, who: str, now: float, share: dict[str, float], names: Names) -> _Entry:
    """A pool comes back in steps: its first and its last step matter more than those between."""
    before = share.get(who, 1.0)
    share[who] = now
    percent = (("share", numbers.point(now, "percent", names.lang)),)
    if now <= 0:
        return _Entry(t, 2, "moment.falls", (who,))
    if now < before:
        return _Entry(t, 1, "moment.part", (who,), percent)
    if now >= 1:
        return _Entry(t, 2, "moment.runs", (who,))
    return _Entry(t, 2, "moment.grows", (who,)) if before == 0 else _Entry(t, 3, "moment.partly", (who,), percent)


def _data_entry(t: float, who: str, detail: Mapping[str, Any], names: Names) -> _Entry:
    hours = detail.get("hours")
    if hours is None:
        return _Entry(t, 0, "moment.data_all", (who,))
    return _Entry(t, 0, "moment.data", (who,), (("hours", numbers.clock(hours, names.lang)),))


def the_most(found: Sequence[Moment], most: int) -> list[Moment]:
    """The moments that matter, `most` of them if that can be: small steps are left out first."""
    for weight in (3, 2, 1):
        kept = [m for m in found if m.weight <= weight]
        if len(kept) <= most:
            return kept
    return [m for m in found if m.weight == 0] if len(kept) > 2 * most else kept


# --------------------------------------------------------------------------- ways back


def waits_for(detail: Mapping[str, Any], names: Names) -> str:
    """Why something waits, in words, from `{"why", "ref"}`."""
    why, ref = detail.get("why", "wait-need"), detail.get("ref")
    other = "wait.somebody" if why == "wait-people" else "wait.something"
    noun = "team" if why == "wait-people" else "component"
    return names.say(f"wait.{why}", ref=names.of(ref, noun) if ref else names.say(other))


def step_text(step: Mapping[str, Any], names: Names) -> str:
    """One step of the way back, in words."""
    what, ref = step["what"], step["ref"]
    if what == "hit":
        return names.say("stage.hit", ref=names.anything(ref)) if ref else names.say("stage.hit_bare")
    if has(f"report.stage.{what}", names.lang):
        return _instead(names.say(f"stage.{what}"), step.get("instead"), names)
    return waits_for({"why": what, "ref": ref}, names)


def _instead(said: str, instead: Mapping[str, Any] | None, names: Names) -> str:
    """A step of a standby with what it stands in for, and why that is down."""
    if instead is None:
        return said
    of, waits = names.of(instead["of"]), instead["waits"]
    if waits is None:
        return names.say("stage.instead", said=said, of=of)
    return names.say("stage.instead_waits", said=said, of=of, why=waits_for(waits, names))


def way_back(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of a way back from the time on at which the service stopped, each with its `number` in the whole path."""
    begin = row["outages"][-1][0] if row["outages"] else 0.0
    steps = ({**s, "from_h": max(s["from_h"], begin), "began_h": s["from_h"], "number": n} for n, s in enumerate(row["critical_path"]))
    return [s for s in steps if s["to_h"] is None or s["to_h"] > s["from_h"]]


def path_parts(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Hours of a way back by group, the longest first."""
    hours: dict[str, float] = {}
    for step in way_back(row):
        if step["to_h"] is not None:
            group = GROUPS.get(step["what"], "other")
            hours[group] = hours.get(group, 0.0) + step["to_h"] - step["from_h"]
    return sorted(((g, h) for g, h in hours.items() if h > 0), key=lambda p: (-p[1], GROUP_ORDER.index(p[0])))


def never_sentences(result: Result, names: Names) -> list[str]:
    """Why services never come back: who waits for whom at the end."""
    last: dict[str, Mapping[str, Any]] = {}
    for e in result["timeline"]:
        if e["what"] == "waits":
            last[e["who"]] = e["detail"]
        elif e["what"] == "runs" and e["detail"].get("share", 1.0) >= 1:
            last.pop(e["who"], None)  # what runs waits for nothing
    said = []
    for id_, row in result["services"].items():
        if row["never"]:
            chain, at = [id_], last.get(id_, {}).get("ref")
            while at is not None and at not in chain:
                chain.append(at)
                at = last.get(at, {}).get("ref")
            if at is not None:
                chain.append(at)
            end = last.get(chain[-1])
            why = waits_for(end, names) if end else names.say("wait.wait-need", ref=names.say("wait.something"))
            if len(chain) > 1:
                told, open_ = chain_text(chain, names), at is None and end
                why = names.say("path.never_end", chain=told, end=names.of(chain[-1]), why=why) if open_ else told
            said.append(names.say("path.never", name=names.of(id_), why=why))
    return said + lasting(result, names)


def lasting(result: Mapping[str, Any], names: Names) -> list[str]:
    """Effects that act for ever, because what they last until never comes back."""
    return [
        names.say(f"lasting.{row['op']}", who=names.of(row["hazard"], "hazard"), until=names.of(row["until"]),
                  names=names.listed(row["targets"], 4, ""))
        for row in result.get("lasting", ())
    ]  # fmt: skip


def path_sentence(ids: Sequence[str], row: Mapping[str, Any], names: Names, write: Callable[[float], str] | None = None) -> str:
    """A way back in one sentence: how long the service was down, and all that this was spent on; `write` writes lengths of time."""
    write = write or (lambda hours: numbers.clock(hours, names.lang))
    parts = path_parts(row)
    whole = sum(h for _, h in parts)
    said = [
        names.say(
            "path.part",
            share=numbers.whole_percent(hours / whole, names.lang),
            group=names.say(f"group.{group}"),
            t=write(hours),
        )
        for group, hours in parts
    ]
    return names.say("path.sentence", name=names.listed(ids), t=write(whole), parts=names.say("list.comma").join(said))


def ways_back(result: Result) -> list[tuple[list[str], Mapping[str, Any]]]:
    """Services with the same way back, together, in the order in which they are back."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for s in services_of(result):
        steps = way_back(s.row)
        if steps:
            way = tuple((x["component"], x["what"], x["ref"], round(x["from_h"], 6), x["to_h"]) for x in steps)
            groups.setdefault(way, []).append(s.id)
    return [(ids, result["services"][ids[0]]) for ids in groups.values()]


def _never(result: Result) -> list[str]:
    """The services of a course that never come back."""
    return [id_ for id_, row in result["services"].items() if row["never"]]


def no_circle(result: Result, names: Names) -> str:
    """What to say where no needs go in a circle: everything can be started, or something is stuck all the same."""
    stuck = result["stuck"]
    if result["kind"] == "rehearsal":
        courses = [result, *([other] if (other := other_course(result)) else [])]
        ids = list(dict.fromkeys(i for course in courses for i in (*course["stuck"], *_never(course))))
    else:
        ids = stuck["components"] if stuck["per_year"] > 0 else []
    if result["kind"] == "rehearsal" and (acting := [line for course in courses for line in lasting(course, names)]):
        return " ".join([names.say("deadlock.lasting"), *dict.fromkeys(acting)])
    return names.say("deadlock.stuck", names=names.listed(ids, 8)) if ids else names.say("deadlock.none")


def chain_text(chain: Iterable[str], names: Names) -> str:
    """A circle of those who wait for each other: `a waits for b waits for a`."""
    return names.say("deadlock.waits").join(names.of(i) for i in chain)


# --------------------------------------------------------------------------- what was not stated


def borrowed(result: Result) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Defaults from the evidence library, and those that follow from rules of the language."""
    rows = result["defaults"]
    return [d for d in rows if d["source"] != "language"], [d for d in rows if d["source"] == "language"]
