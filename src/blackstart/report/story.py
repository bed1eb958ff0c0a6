"""What a result says, in sentences and rows: the same for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from blackstart import units
from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.ways import Leading, number
from blackstart.text import has

Result = Mapping[str, Any]
LEVEL_MISSING = 1e-6
MOST_CALM = 12  # services that nothing befalls, beyond which they stand together
WAYS_MOST = 8  # ways back of very many services that are told
SERVICES_MOST = 24  # of more services the worst are told by themselves, and in tables those alike in one row
MINUTE_H = 1 / 60
SAME_H = 1e-9  # two times nearer than this are one

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
    "never-starts": "never",
    "called": "other",
    "waiting": "other",
    "standby": "other",
    "starting": "start",
    "broken": "repair",
}
LIMITS = ("rto", "mtpd", "rpo")
NOUN_ORDER = ("hazard", "component", "domain")
GROUP_ORDER = ("held", "need", "people", "decide", "start", "forced", "repair", "supply", "again", "part", "never", "other")


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


def drawn(result: Result) -> list[ServiceStory]:
    """The services that a picture shows: all of them, but of many that nothing befalls none."""
    rows = services_of(result)
    calm = sum(s.state == "unaffected" for s in rows)
    return rows if calm <= MOST_CALM else [s for s in rows if s.state != "unaffected"]


def worst_services(result: Result) -> Result:
    """A result of whose services only the worst are told, where they are many: by loss, then by hours out."""
    services = result["services"]
    if len(services) <= SERVICES_MOST:
        return result
    harm = harm_of if result["kind"] == "rehearsal" else lambda id_, r: (r["services"][id_]["downtime_h_per_year"]["value"],)
    worst = set(sorted(services, key=lambda id_: harm(id_, result), reverse=True)[:SERVICES_MOST])
    return {**result, "services": {id_: row for id_, row in services.items() if id_ in worst}}


def harm_of(id_: str, result: Result) -> tuple[float, ...]:
    """What a rehearsal does to a service, to put services in order: whether it never comes back, its loss, its hours out, what it lost."""
    row = result["services"][id_]
    down = sum((result["end_h"] if b is None else b) - a for a, b in row["outages"])
    return float(row["never"]), row["loss"] or 0.0, down, row["lost_user_hours"] or 0.0


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
    groups: dict[tuple[str, str, float | None, float], dict[str, None]] = {}
    for hit in result["scenario"]:
        groups.setdefault((hit["what"], hit["how"], hit["for_h"], hit.get("share", 1.0)), {})[hit["hit"]] = None
    phrases = []
    for (noun, how, for_h, share), hits in sorted(groups.items(), key=lambda g: NOUN_ORDER.index(g[0][0])):
        listed = part_of(names.listed(hits, noun=noun), share, names)
        key = f"struck.{how}_for" if for_h is not None else f"struck.{how}_{noun if share >= 1.0 else 'component'}"
        phrases.append(names.say(key, names=listed, t=None if for_h is None else numbers.clock(for_h, names.lang)))
    return names.join(phrases)


def part_of(listed: str, share: float, names: Names) -> str:
    """Names of what is struck, with how much of it where that is not all."""
    return listed if share >= 1.0 else names.say("moment.share_of", share=numbers.point(share, "percent", names.lang), names=listed)


def since(result: Result, names: Names) -> str:
    """What the clock of a rehearsal counts from."""
    late = min((hit["at_h"] for hit in result["scenario"]), default=0.0) > 0
    return names.say("clock.since_begin" if late else "clock.since_strike")


# --------------------------------------------------------------------------- what a course hangs on, and how it is told


def rpo_open(key: str, limit: Mapping[str, Any] | None) -> bool:
    """Whether a limit is an RPO shorter than the lag of the copies, so that a take-over may break it, which is not counted."""
    return key == "rpo" and limit is not None and limit.get("behind_h", 0.0) > limit["hours"]


def data_at_risk(result: Result, limit: Mapping[str, Any]) -> bool:
    """Whether anything in the model of an assessment can destroy the data that an RPO is held against."""
    return any(result["data"][name].get("destroyable", True) for name in limit["data"])


def told_well(result: Result) -> bool:
    """Whether a scenario hangs on something that goes well in the course told: that must not hide the way that goes badly."""
    return bool(result["forks"]) and result["forks"][0]["told"] is (not worse_way(result["forks"][0])["yes"])


def worse_way(fork: Mapping[str, Any]) -> Mapping[str, Any]:
    return max(fork["ways"], key=lambda way: math.inf if way["all_back_h"]["50"] is None else way["all_back_h"]["50"])


def fork_phrase(fork: Mapping[str, Any], form: str, names: Names) -> str:
    """A fork as a `question`, or as it goes: `yes`, `no`."""
    if fork["what"] == "together":
        of = fork["detail"]["of"]
        if form != "yes" or not of:
            return names.say(f"fork.together.{form}")
        if len(of) > 1 and all(part["what"] == "barrier" and not part["yes"] for part in of):
            listed = [names.of(part["id"], "barrier") for part in of]
            return names.say("fork.together.barriers", rest=names.say("list.comma").join(listed[:-1]), last=listed[-1])
        return names.say("fork.together.and").join(fork_phrase(part, "yes" if part["yes"] else "no", names) for part in of)
    if fork["what"] != "effect":
        noun = "barrier" if fork["what"] == "barrier" else "component"
        return names.say(f"fork.{fork['what']}.{form}", name=names.of(fork["id"], noun))
    detail = fork["detail"]
    values = {"who": names.of(fork["id"], "hazard"), "names": reached(detail, names)}
    op = detail["op"] if has(f"report.fork.op.{detail['op']}", names.lang) else "other"
    return names.say(f"fork.effect.{form}", effect=names.say(f"fork.op.{op}", **values), **values)


def reached(detail: Mapping[str, Any], names: Names) -> str:
    """What an effect reaches: names, or a share of them."""
    found = names.listed(detail.get("targets", ()), 4, "") or names.say("moment.unnamed")
    return part_of(found, detail.get("share", 1.0), names)


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
    own = {k: other[k] for k in ("services", "stuck", "end_h", "data_lost")} | {k: other.get(k, []) for k in ("lasting", "loops")}
    return {**result, **own, "states": {}, "timeline": other.get("waits", []), "forks": [], "other": None}


def first_tries(name: str, n: int, names: Names) -> str:
    """The first so many tries of a start."""
    return names.say("head.first_try" if n == 1 else "head.first_tries", name=name, n=n)


def given(result: Result, names: Names) -> list[str]:
    """What was not left to chance."""
    rows: dict[str, list[str]] = {"works": [], "fails": [], "starts_fail": []}
    for g in result["given"]:
        name = names.of(g["id"], g["what"])
        key = "works" if g["works"] else "fails" if g["what"] == "barrier" else "starts_fail"
        if key == "starts_fail":
            name = first_tries(name, g["tries"], names) if "tries" in g else names.say("head.all_tries", name=name)
        rows[key].append(name)
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
    chosen, apart = result["provenance"]["with"], set_aside(result, names)
    if not chosen:
        return apart
    costs = {d["id"]: d for d in result.get("defences", ())}
    shown = names.join([_defence(id_, costs.get(id_, {}), result, names) for id_ in chosen], len(chosen))
    return [names.say("head.with", names=shown), *apart]


def against_history(result: Result, names: Names) -> list[str]:
    """That the rates of the model do not add up to its history: one sentence, or none where they do."""
    one = result["provenance"].get("contradiction")
    if one is None:
        return []
    values = {key: units.write_number(one[key], 2) for key in ("expected", "seen")}
    key = "head.contradicts_service" if one["service"] else "head.contradicts"
    return [names.say(key, n=one["rates"], service=names.of(one["service"]) if one["service"] else "", **values)]


def set_aside(result: Result, names: Names) -> list[str]:
    """That the history of what is there now does not count for what the defences in question set."""
    asked = {*result["provenance"]["with"], *(id_ for row in result.get("variants", ()) for id_ in row["with"]),
             *(row["id"] for row in result.get("options", ()))}  # fmt: skip
    rows = [row for row in result["provenance"].get("set_aside", ()) if row["defence"] in asked]
    told = [names.say("head.set_aside_one", name=names.of(row["defence"], "defence"), path=row["path"], data=row["data"]) for row in rows]
    return [names.say("head.set_aside", names=names.join(told, 6))] if told else []


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
        if reason == "never-rests":
            said += loops_in_short(result, names)
        if reason == "rescued" and "stuck" in result and result["kind"] == "assessment":
            said.append(_rescued(result, names))
    return said


def rescued_between(result: Result, names: Names) -> list[str]:
    """That hours up to an assumed rescue are among what models are held against each other by; nothing where none are, or it is said."""
    known = "rescued" in result["outcome"]["reasons"] and result["outcome"]["state"] != "stopped"
    return [Leading(names.say("reason.rescued_between"), number(result, "setting.rescue"))] if known else []


def _rescued(result: Result, names: Names) -> Leading:
    """How much of the answer hangs on the rescue that is assumed."""
    stuck = result["stuck"]
    down = numbers.whole_percent(stuck["downtime_share"], names.lang)
    own = {down: number(result, "stuck.downtime_share")}
    if stuck["loss_share"] is None:
        return Leading(names.say("reason.rescued_share", down=down), number(result, "stuck.per_year"), own)
    loss = numbers.whole_percent(stuck["loss_share"], names.lang)
    own = {loss: number(result, "stuck.loss_share")} | own
    return Leading(names.say("reason.rescued_shares", down=down, loss=loss), number(result, "stuck.per_year"), own)


# --------------------------------------------------------------------------- ways back


def waits_for(detail: Mapping[str, Any], names: Names) -> str:
    """Why something waits, in words, from `{"why", "ref"}`."""
    why, ref = detail.get("why", "wait-need"), detail.get("ref")
    if why == "wait-people":
        return names.say(f"wait.{why}", ref=names.of(ref, "team") if ref else names.say("wait.somebody"))
    return names.say(f"wait.{why}", ref=either([ref, *detail.get("or", ())], names) if ref else names.say("wait.something"))


def either(ids: Sequence[str], names: Names, most: int = 3) -> str:
    """Things of which any one would do: `a`, `a or b`, `a, b, c or one of 4 more`."""
    shown = [names.of(i) for i in ids]
    if len(shown) > most:
        rest = names.say("list.comma").join(shown[: most - 1])
        return names.say("list.or_more", rest=rest, n=len(shown) - most + 1)
    return names.say("list.or", rest=names.say("list.comma").join(shown[:-1]), last=shown[-1]) if len(shown) > 1 else shown[0]


def step_text(step: Mapping[str, Any], names: Names) -> str:
    """One step of the way back, in words."""
    what, ref = step["what"], step["ref"]
    if what == "hit":
        return names.say("stage.hit", ref=names.anything(ref)) if ref else names.say("stage.hit_bare")
    if has(f"report.stage.{what}", names.lang):
        return _instead(names.say(f"stage.{what}"), step.get("instead"), names)
    return waits_for({"why": what, "ref": ref, "or": step.get("or", ())}, names)


def _instead(said: str, instead: Mapping[str, Any] | None, names: Names) -> str:
    """A step of a standby with what it stands in for, and why that is down."""
    if instead is None:
        return said
    of, waits = names.of(instead["of"]), instead["waits"]
    if waits is None:
        return names.say("stage.instead", said=said, of=of)
    return names.say("stage.instead_waits", said=said, of=of, why=waits_for(waits, names))


def whole_way(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of the ways back of a service, outage after outage: each with its `number` in the whole and the number of its `outage`.

    A step that began before its outage is cut in two: what of it was `early` is a step of its own.
    """
    found: list[Mapping[str, Any]] = []
    outages, ended = row["outages"] or [[0.0, None]], 0.0
    k = 0
    for n, step in enumerate(row["critical_path"]):
        while k + 1 < len(outages) and (step["to_h"] is None or step["to_h"] > outages[k][1] + SAME_H):
            ended, k = outages[k][1], k + 1
        said = {**step, "began_h": step["from_h"], "number": n, "outage": k, "early": False}
        begin, from_h = outages[k][0], max(step["from_h"], ended)
        to_h = math.inf if step["to_h"] is None else step["to_h"]
        if min(begin, to_h) > from_h:
            found.append({**said, "from_h": from_h, "to_h": min(begin, to_h), "early": True})
        if to_h > max(begin, from_h):
            found.append({**said, "from_h": max(begin, from_h)})
    return found


def way_back(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of the ways back of a service while it was out."""
    return [step for step in whole_way(row) if not step["early"]]


def ways_by_outage(row: Mapping[str, Any]) -> list[list[Mapping[str, Any]]]:
    """The steps of the way back of each outage: those while the service was out, after those that lie wholly before it stopped."""
    way = whole_way(row)
    late = {step["number"] for step in way if not step["early"]}
    told = [step for step in way if not (step["early"] and step["number"] in late)]
    return [[step for step in told if step["outage"] == k] for k in range(len(row["outages"]) or 1)]


def way_told(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The steps of all ways back of a service, those of outages that went alike told once.

    The last step of one that stands for others has them as `again`: how many, how long together, when the last of them began.
    """
    ways, outages = ways_by_outage(row), row["outages"]
    alike: dict[tuple[Any, ...], list[int]] = {}
    for k, mine in enumerate(ways):
        alike.setdefault(tuple((step["component"], step["what"], step["ref"], step["early"]) for step in mine), []).append(k)
    told: list[Mapping[str, Any]] = []
    for first, *others in (ks for shape, ks in alike.items() if shape):
        *before, last = ways[first]
        if others:
            hours = sum(outages[k][1] - outages[k][0] for k in others)
            last = {**last, "again": {"n": len(others), "hours": hours, "last_h": outages[others[-1]][0]}}
        told += [*before, last]
    return told


def path_parts(row: Mapping[str, Any], early: bool = False) -> list[tuple[str, float]]:
    """Hours of the ways back by group, the longest first; `early`: of the steps that were over before the service stopped.

    What no step accounts for, while the service ran in part and served too little, is the group `part`.
    """
    hours: dict[str, float] = {}
    for step in (step for mine in ways_by_outage(row) for step in mine):
        if step["to_h"] is not None and step["early"] is early:
            group = GROUPS.get(step["what"], "other")
            hours[group] = hours.get(group, 0.0) + step["to_h"] - step["from_h"]
    rest = sum(b - a for a, b in row["outages"] if b is not None) - sum(hours.values())
    if hours and not early and rest >= MINUTE_H:
        hours["part"] = rest
    return sorted(((g, h) for g, h in hours.items() if h > 0), key=lambda p: (-p[1], GROUP_ORDER.index(p[0])))


def path_sentence(ids: Sequence[str], row: Mapping[str, Any], names: Names, write: Callable[[float], str] | None = None) -> str:
    """The ways back of a service in one or two sentences: how long it was down, in how many stretches, and all that this was spent on.

    write : writes lengths of time
    """
    write = write or (lambda hours: numbers.clock(hours, names.lang))
    said, stretches = [], len(row["outages"])
    for key, parts in (("sentence", path_parts(row)), ("early", path_parts(row, early=True))):
        whole = sum(h for _, h in parts)
        if not parts:
            continue
        shares = [(numbers.whole_percent(hours / whole, names.lang), group, write(hours)) for group, hours in parts]
        told = [names.say("path.part", share=share, group=names.say(f"group.{group}"), t=t) for share, group, t in shares]
        t = names.say("clock.stretches", t=write(whole), n=stretches) if stretches > 1 and key == "sentence" else write(whole)
        said.append(names.say(f"path.{key}", name=names.listed(ids), t=t, parts=names.say("list.comma").join(told)))
    return " ".join(said)


def ways_back(result: Result) -> list[tuple[list[str], Mapping[str, Any]]]:
    """Services with the same ways back, together, in the order in which they are back."""
    groups: dict[tuple[Any, ...], list[str]] = {}
    for s in services_of(result):
        steps = [step for mine in ways_by_outage(s.row) for step in mine]
        if steps:
            way = tuple((x["component"], x["what"], x["ref"], round(x["from_h"], 6), x["to_h"]) for x in steps)
            groups.setdefault(way, []).append(s.id)
    return [(ids, result["services"][ids[0]]) for ids in groups.values()]


def worst_ways(result: Result) -> tuple[list[tuple[list[str], Mapping[str, Any]]], list[tuple[list[str], Mapping[str, Any]]]]:
    """Ways back as `ways_back` has them, and what is left of them: of many services those of the services that lose most."""
    ways = ways_back(result)
    if len(result["services"]) <= SERVICES_MOST:
        return ways, []
    order = sorted(range(len(ways)), key=lambda n: max(harm_of(id_, result) for id_ in ways[n][0]), reverse=True)
    told = set(order[:WAYS_MOST])
    return [ways[n] for n in sorted(told)], [ways[n] for n in order[WAYS_MOST:]]


def loops_in_short(result: Mapping[str, Any], names: Names) -> list[str]:
    going = [row["component"] for row in result.get("loops", ())]
    return [names.say("loop.short", names=names.listed(going))] if going else []


def chain_text(chain: Iterable[str], names: Names, called: Mapping[str, str] = MappingProxyType({})) -> str:
    """A circle of those who wait for each other: `a waits for b waits for a`.

    called : the team of those who wait only because it cannot be called; it stands behind them in brackets
    """
    every = list(chain)
    shown = [f"{names.of(i)} ({names.of(called[i], 'team')})" if i in called else names.of(i) for i in every[:-1]]
    return names.say("deadlock.waits").join([*shown, names.of(every[-1])])


# --------------------------------------------------------------------------- what was not stated


def borrowed(result: Result) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Defaults from the evidence library, and those that follow from rules of the language."""
    rows = result["defaults"]
    return [d for d in rows if d["source"] != "language"], [d for d in rows if d["source"] == "language"]
