"""What a result says first: sentences for the head of the page and of the terminal, each number with the place where it is traced."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.story import (
    LIMITS,
    MINUTE_H,
    Result,
    ServiceStory,
    data_at_risk,
    fork_phrase,
    other_course,
    rpo_open,
    services_of,
    since,
    struck,
    told_well,
    worse_way,
)
from blackstart.report.ways import Leading, joined, number

NEVER_TOLD = 0.005  # share of runs in which a service never comes back, above which the headline says so
WORTH_SAYING_PER_YEAR = 1 / 2000  # what comes more rarely does not belong into a first sentence
WELL_KNOWN = 0.2  # error of a frequency, as a share of it, up to which it is told first
LENGTHS = ("rto", "mtpd")  # limits that are held against the length of an outage
OVER_EARLY = 2 / 3  # of the time until all is back: a misfortune that is over before is not what the rest is spent on
FEW_TRIPS = 3
EDGE = 0.1  # share of the runs within which a course lies at their end


def headline(result: Result, names: Names) -> list[str]:
    """What happened or may happen: the first sentence by itself says the most."""
    said = _rehearsal_head(result, names) if result["kind"] == "rehearsal" else _assessment_head(result, names)
    if names.lang != "en":
        return said  # Hangul has no capitals, and a Latin letter in it begins an id
    return [s if _begins_with_id(s, result, names) else s.capital() if isinstance(s, Leading) else s[0].upper() + s[1:] for s in said]


def _of(result: Result, id_: str, key: str) -> str:
    """The place of a number of a service."""
    return number(result, f"services.{id_}.{key}")


def _plain(words: str) -> dict[str, str]:
    """Names in a sentence: digits in them are no numbers."""
    return {words: ""} if any(c.isdigit() for c in words) else {}


def _begins_with_id(sentence: str, result: Result, names: Names) -> bool:
    """Whether a sentence begins with an id, which is never changed."""
    ids = [*(hit["hit"] for hit in result.get("scenario", ())), *result["services"]]
    return any(sentence.startswith(i) and not names.labelled(i) for i in ids)


def _together(result: Result, names: Names) -> str:
    """What strikes, as one thing: several that overlap are their overlap."""
    what, hits = struck(result, names), result["scenario"]
    several = len({(hit["what"], hit["how"], hit["for_h"], hit.get("share")) for hit in hits}) > 1
    several = several or len({hit["hit"] for hit in hits if hit["what"] == "hazard"}) > 1
    return names.say("struck.together", what=what) if several else what


def _rehearsal_head(result: Result, names: Names) -> list[str]:
    rows = services_of(result)
    out = [s for s in rows if s.state == "out"]
    never = [s for s in rows if s.state == "never"]
    worse = [s for s in rows if s.state == "degraded"]
    what, lang = _together(result, names), names.lang
    stopped = out + never
    said: list[Any] = []
    if not stopped:
        none = "none" + _one_or_two(len(rows))
        words = names.say(f"head.{none}", what=what, n=len(rows), names=names.listed(s.id for s in rows))
        said.append(Leading(words, number(result, "services"), _plain(what)))
    elif len(rows) == 1 and out:
        at_h = out[0].out_at_h or 0.0
        length = numbers.clock(out[0].down_h, lang)
        stretches = len(out[0].row["outages"])
        t = names.say("clock.stretches", t=length, n=stretches) if stretches > 1 else length
        values = {"what": what, "name": names.of(out[0].id), "t": t}
        later = {"t0": numbers.clock(at_h, lang), "since": since(result, names)} if at_h >= MINUTE_H else {}
        words = names.say("head.one_later" if later else "head.one_of_one", **values, **later)
        places = {length: _of(result, out[0].id, "back_at_h"), later.get("t0", ""): _of(result, out[0].id, "out_at_h")}
        said.append(Leading(words, number(result, "services"), _plain(what) | places))
    else:
        key = "all" + _one_or_two(len(rows)) if len(stopped) == len(rows) else "some"
        listed = names.listed(s.id for s in stopped)
        words = names.say(f"head.{key}", what=what, n=len(rows), k=len(stopped), names=listed)
        said.append(Leading(words, number(result, "services"), _plain(what)))
    if never:
        said += [names.say("head.never", names=names.listed(s.id for s in never)), *_unmended(result, names)]
    said += _over(result, names)
    if len(rows) > 1 and out:
        said += _returns(result, out, len(stopped), names)
    if worse:
        said.append(names.say("head.degraded", names=names.listed(s.id for s in worse)))
    told, other = _cost(result, names), _cost(other_course(result), names)
    said += _data_lost(result, names)
    said += [Leading(names.say("head.loss", m=told), number(result, "losses"))] if told and not other else []
    said += limits_head(result, names) + _never_share(result, names)
    said += threshold({s.id: s.row for s in rows if s.state != "unaffected"}, result, names)
    either: list[str] = []
    if told and other:
        either = [Leading(names.say("head.loss_either", m=told, other=other), number(result, "losses"), {other: "other"})]
    fork = fork_head(result, names)
    if told_well(result):
        return [joined(said[0], fork[0]), *fork[1:], *said[1:], *either]
    return said + fork + either


def _unmended(result: Result, names: Names) -> list[str]:
    """What is broken at the end because nothing says how it is repaired: the plain reason why something never comes back."""
    broken = {e["who"] for e in result["timeline"] if e["what"] == "waits" and e["detail"]["why"] == "never-repaired"}
    stuck = [id_ for id_ in result["stuck"] if id_ in broken]
    return [names.say("head.unmended", names=names.listed(stuck))] if stuck else []


def _over(result: Result, names: Names) -> list[str]:
    """That the misfortune is over long before the end, and the rest is load going round; nothing where it is not so."""
    ends = [e["t_h"] for e in result["timeline"] if e["what"] == "effect-ends"]
    over = max(ends, default=math.inf)
    last = max((row["back_at_h"] or 0.0 for row in result["services"].values()), default=0.0)
    if result.get("lasting") or over >= last * OVER_EARLY:
        return []
    trips = [e["t_h"] for e in result["timeline"] if e["detail"].get("tripped") and e["t_h"] > over]
    if len(trips) < FEW_TRIPS:
        return []
    values = {"over": numbers.clock(over, names.lang), "last": numbers.stamp(trips[-1])}
    return [names.say("head.over", since=since(result, names), n=f"{len(trips):,}", **values)]


def threshold(services: Mapping[str, Mapping[str, Any]], result: Result, names: Names) -> list[str]:
    """From which share down services count as out: nothing of those that serve all or nothing."""
    found = sorted((share, id_) for id_, row in services.items() if (share := row.get("out_below")) is not None)
    if not found:
        return []
    low, high = (numbers.whole_percent(share, names.lang) for share, _ in (found[0], found[-1]))
    words = names.say("head.threshold" if found[0][0] == found[-1][0] else "head.thresholds", low=low, high=high)
    return [Leading(words, number(result, "out_below"))]


def _never_share(result: Result, names: Names) -> list[str]:
    """In how many of the runs by chance a service never comes back by itself, where in the course told it does."""
    shares = {id_: (row["quantiles"] or {}).get("never_share", 0.0) for id_, row in result["services"].items() if not row["never"]}
    id_ = max(shares, key=lambda name: shares[name], default=None)
    if id_ is None or shares[id_] < NEVER_TOLD:
        return []
    words = names.say("head.never_share", name=names.of(id_), share=numbers.whole_percent(shares[id_], names.lang))
    return [Leading(words, _of(result, id_, "quantiles"))]


def _one_or_two(n: int) -> str:
    """How keys end that speak of just one or of both."""
    return {1: "_one", 2: "_both"}.get(n, "")


def _returns(result: Result, out: Sequence[ServiceStory], stopped: int, names: Names) -> list[str]:
    """When services are back; each time leads to the way back of the service that it is of."""
    since_what, half = since(result, names), math.ceil(stopped / 2)
    said = _returns_said(out, stopped, half, since_what, names)
    places = {numbers.clock(s.back_at_h or 0.0, names.lang): _of(result, s.id, "back_at_h") for s in (out[-1], out[0])}
    if 3 < len(out) and half <= len(out):
        places[numbers.clock(out[half - 1].back_at_h or 0.0, names.lang)] = number(result, "half")
    return [Leading(words, "", places) for words in said]


def _returns_said(out: Sequence[ServiceStory], stopped: int, half: int, since_what: str, names: Names) -> list[str]:
    def after(s: ServiceStory) -> str:
        return numbers.clock(s.back_at_h or 0.0, names.lang)

    values = {"first": names.of(out[0].id), "t1": after(out[0]), "last": names.of(out[-1].id), "t2": after(out[-1]), "since": since_what}
    if len(out) == 1:
        return [names.say("head.returns_one", **values)]
    if after(out[0]) == after(out[-1]):
        key = ("returns_both" if stopped == 2 else "returns_all") if len(out) == stopped else "returns_others"
        return [names.say(f"head.{key}", **values)]
    said = [names.say("head.returns", **values)]
    if 3 < len(out) and half <= len(out):
        said.append(names.say("head.half", t=after(out[half - 1]), since=since_what))
    return said


def limits_head(result: Result, names: Names) -> list[str]:
    """Which limits of the business a course misses; that all are kept, where all are; nothing where none is stated."""
    missed, worst = [], ""
    for id_, row in result["services"].items():
        broken = [f"{k.upper()} {numbers.clock(v['hours'], names.lang)}" for k, v in _limits_of(row).items() if not v["met"]]
        if broken:
            worst = worst or id_
            missed.append(names.say("head.costs", name=names.of(id_), costs=names.say("list.comma").join(broken)))
    if missed:
        said: list[str] = [Leading(names.say("head.limits_missed", names=names.join(missed)), _of(result, worst, "tolerance"))]
    else:
        kinds = _kinds({id_: {k for k, v in _limits_of(row).items() if not rpo_open(k, v)} for id_, row in result["services"].items()})
        said = [*([names.say("head.limits_kept", limits=kinds)] if kinds else []), *_missed_otherwise(result, names)]
    return [*said, *_rpo_open_head(result, names)]


def _limits_of(row: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What a service can bear, of a rehearsal or of an assessment, by limit."""
    limits = row["tolerance"] or {} if "tolerance" in row else row
    return {key: limits[key] for key in LIMITS if limits.get(key)}


def _kinds(limits: Mapping[str, Collection[str]]) -> str:
    """The kinds of limits that some service has."""
    return ", ".join(key.upper() for key in LIMITS if any(key in some for some in limits.values()))


def _missed_otherwise(result: Result, names: Names) -> list[str]:
    """The limit that most of the runs miss, where the course told keeps all."""
    found = [(v["missed_share"] or 0.0, id_, k, v["hours"]) for id_, row in result["services"].items() for k, v in _limits_of(row).items()]
    share, id_, key, hours = max(found, default=(0.0, "", "", 0.0))
    if share < NEVER_TOLD:
        return []
    limit = names.say(f"quantity.{key}", t=numbers.clock(hours, names.lang))
    words = names.say("head.limits_otherwise", share=numbers.whole_percent(share, names.lang), limit=limit, name=names.of(id_))
    return [Leading(words, _of(result, id_, "tolerance"))]


def _rpo_open_head(result: Result, names: Names) -> list[str]:
    """Of which services it is not computed whether they keep their RPO: copies that take over lag further behind."""
    found = {id_: row["rpo"] for id_, row in ((i, _limits_of(r)) for i, r in result["services"].items()) if rpo_open("rpo", row.get("rpo"))}
    if not found:
        return []
    lag = numbers.clock(max(limit["behind_h"] for limit in found.values()), names.lang)
    key = "tolerance" if result["kind"] == "rehearsal" else "rpo"
    return [Leading(names.say("head.rpo_open", names=names.listed(found), lag=lag), _of(result, next(iter(found)), key))]


def fork_head(result: Result, names: Names) -> list[str]:
    """What the scenario hangs on: the question and both ways; or, where the course told goes well, first how it goes badly."""
    if not result["forks"]:
        return []
    fork, well = result["forks"][0], told_well(result)
    worse = worse_way(fork)
    said: list[str] = [] if well else [names.say("fork.head", question=fork_phrase(fork, "question", names))]
    to, ends = number(result, "forks.0"), _way_places(result, names)
    for way in sorted(fork["ways"], key=lambda way: way is not worse) if well else fork["ways"]:
        values = {"share": _of_runs(way, names), "what": _way_ends(way, result, names)}
        form = "yes" if way["yes"] else "no"
        if well and way is worse:
            key = "but" if fork["what"] != "together" or fork["detail"]["of"] else "but_some"
            if stops := _stops(result, names):
                values["what"] = names.say("fork.stops", names=stops, what=values["what"])
            said.append(Leading(names.say(f"fork.{key}", way=fork_phrase(fork, form, names), **values), to, ends | _plain(stops)))
        elif fork["what"] != "together":  # the lead has said that nothing stops
            said.append(Leading(names.say(f"fork.{fork['what']}_{form}", **values), to, ends))
    return [*said, *_apart(fork, names)]


def _stops(result: Result, names: Names) -> str:
    """What the course that goes the other way stops, where the one told stops nothing."""
    other = other_course(result)
    if other is None or any(row["outages"] for row in result["services"].values()):
        return ""
    rows = services_of(other)
    out = [s.id for s in rows if s.state in ("out", "never")]
    every = len(out) == len(rows) > 2
    return names.say("fork.all", n=len(rows)) if every else names.listed(out) if out else ""


def _of_runs(way: Mapping[str, Any], names: Names) -> str:
    """The share of the runs that go one way, with the error of so few runs."""
    p, asked = way["share"], way["runs"] / way["share"] if way["share"] else 0.0
    error = math.sqrt(p * (1.0 - p) / asked) if asked else 0.0
    return numbers.write({"value": p, "standard_error": error, "band": None}, "percent", names.lang)


def _apart(fork: Mapping[str, Any], names: Names) -> list[str]:
    """That the course told lies near an end of the runs that go its way, where it does: its steps are typical, their sum is not."""
    sooner, later = fork.get("told_among", (0.5, 0.5))
    if min(sooner, later) > EDGE or max(sooner, later) < 0.5:
        return []
    key, share = ("sooner", later) if later > sooner else ("later", sooner)
    return [names.say(f"fork.told_{key}", share=numbers.whole_percent(share, names.lang))]


def _way_places(result: Result, names: Names) -> dict[str, str]:
    """The numbers of the two ways of a fork, of when all is back, with where each leads."""
    back = [k for k, way in enumerate(result["forks"][0]["ways"]) if (way["all_back_h"]["50"] or 0.0) > 0.0]
    return {_way_ends(result["forks"][0]["ways"][k], result, names): number(result, f"forks.0.ways.{k}.all_back_h.50") for k in back}


def _way_ends(way: Mapping[str, Any], result: Result, names: Names) -> str:
    """How the runs of one way end: when all is back, in the middle one and in 8 of 10."""
    ends = way["all_back_h"]
    if ends["50"] is None:
        return names.say("fork.never")
    if ends["50"] <= 0:
        return names.say("fork.nothing")
    t = numbers.clock(ends["50"], names.lang)
    low, high = numbers.point(ends["10"] or 0.0, "hours", names.lang), numbers.long(ends["90"], names.lang)
    if low == high:
        return names.say("fork.back_sure", t=t, since=since(result, names))
    return names.say("fork.back", t=t, since=since(result, names), range=numbers.between(low, high, names.lang))


def _data_lost(result: Result, names: Names) -> list[str]:
    lost = [d["component"] for d in result["data_lost"]]
    return [names.say("head.data", names=names.listed(dict.fromkeys(lost)))] if lost else []


def _cost(course: Result | None, names: Names) -> str | None:
    """What a course costs in all, in words; None where there is no such course, or it costs nothing."""
    services = course["services"].values() if course is not None else ()
    money = sum(row["loss"] or 0.0 for row in services)
    if course is None or money <= 0:
        return None
    amount = numbers.point(money, "money", names.lang, course["currency"])
    if any(row["never"] for row in services):
        return names.say("head.loss_open", n=amount, t=numbers.clock(course["end_h"], names.lang))
    return names.say("number.about", n=amount)


def _assessment_head(result: Result, names: Names) -> list[str]:
    lang, worst = names.lang, worst_service(result)
    row = result["services"][worst] if worst else None
    said, told = [], ("", "")
    if worst is None or row is None or row["downtime_h_per_year"]["value"] == 0:
        said.append(names.say("head.quiet"))
    else:
        down = row["downtime_h_per_year"]
        key, hours, longer = _telling_length(row)
        t = numbers.clock(hours, lang)
        downtime = numbers.about(down, "hours", lang)
        often = numbers.about(longer, "per_year", lang)
        own, long = _of(result, worst, "downtime_h_per_year"), _of(result, worst, key)
        form = "downtime_limit" if key in LIMITS else "downtime"
        words = names.say(f"head.{form}", name=names.of(worst), downtime=downtime, often=often, t=t, limit=key.upper())
        said.append(Leading(words, own, {often: long, t: ""}))
        said += [Leading(s, own, {numbers.band(longer, "per_year", lang): long, t: ""}) for s in _bands_head(down, longer, t, names)]
        said += threshold(result["services"], result, names)
        told = (worst, key)
    return [*said, *_limit_head(result, told, names), *_loss_head(result, names), *_cause_head(result, names)]


def _limit_head(result: Result, told: tuple[str, str], names: Names) -> list[str]:
    """The limit of the business that is missed most often, unless it is the one of which (service, limit) has been `told`."""
    limits = {id_: _limits_of(row) for id_, row in result["services"].items()}
    found = [(v["missed_per_year"], id_, k, v["hours"]) for id_, row in limits.items() for k, v in row.items()]
    if not found:
        return []
    missed, id_, key, hours = max(found, key=lambda x: x[0]["value"])
    said: list[str] = []
    if missed["value"] <= 0:
        untried = [i for i, row in limits.items() if "rpo" in row and not data_at_risk(result, row["rpo"])]
        kinds = _kinds({i: {k for k, v in row.items() if not rpo_open(k, v) and (k, i) not in {("rpo", u) for u in untried}}
                        for i, row in limits.items()})  # fmt: skip
        plain = [i for i in untried if not rpo_open("rpo", limits[i]["rpo"])]
        said += [names.say("head.limits_never", limits=kinds)] if kinds else []
        said += [names.say("head.rpo_untried", names=names.listed(plain))] if plain else []
    elif (id_, key) != told:
        limit = names.say(f"quantity.{key}", t=numbers.clock(hours, names.lang))
        words = names.say("head.limit", name=names.of(id_), limit=limit, often=numbers.about(missed, "per_year", names.lang))
        said.append(Leading(words, _of(result, id_, key)))
    return [*said, *_rpo_open_head(result, names)]


def _telling_length(row: Mapping[str, Any]) -> tuple[str, float, Mapping[str, Any]]:
    """The length that matters to a service, where its number stands: its key below the service, hours, how often it is passed.

    That is the length that the business has stated to bear; else the greatest that outages pass often enough to speak of, so that
    it is well known how often; the least where there is none.
    """
    for key in LENGTHS:
        if row.get(key):
            return key, row[key]["hours"], row[key]["missed_per_year"]
    longer = row["outages_per_year_longer_than"].items()
    found = sorted(((f"outages_per_year_longer_than.{key}", float(key.removesuffix("h")), est) for key, est in longer), key=lambda x: x[1])
    often = [x for x in found if x[2]["value"] >= WORTH_SAYING_PER_YEAR and x[2]["standard_error"] <= WELL_KNOWN * x[2]["value"]]
    return (often or found[:1])[-1]


def _bands_head(down: Mapping[str, Any], longer: Mapping[str, Any], t: str, names: Names) -> list[str]:
    """What ignorance leaves of the two numbers of the first sentence."""
    hours = numbers.band(down, "hours", names.lang)
    often = numbers.band(longer, "per_year", names.lang)
    if hours and often:
        return [names.say("head.bands", hours=hours, often=often, t=t)]
    return [names.say("head.band", hours=hours)] if hours else []


def _loss_head(result: Result, names: Names) -> list[str]:
    loss, currency, lang = result["total"]["loss"], result["currency"], names.lang
    if not loss or loss["aal"]["value"] == 0:
        return []
    band = numbers.band(loss["aal"], "money", lang, currency)
    aal = numbers.about(loss["aal"], "money", lang, currency)
    said: list[str] = [
        Leading(names.say("head.loss_year_band" if band else "head.loss_year", aal=aal, band=band), number(result, "total.loss.aal"))
    ]
    bad = loss["aep"].get("100")
    if bad and bad["value"] > 0:
        bad_words = numbers.about(bad, "money", lang, currency)
        said.append(Leading(names.say("head.bad_year", bad=bad_words), "", {bad_words: number(result, "total.loss.aep.100")}))
    return said


def _cause_head(result: Result, names: Names) -> list[str]:
    """What most of the time out of the service that is spoken of begins with, what most of the loss of all, and what is ever stuck."""
    said, worst, causes = list[str](), worst_service(result), result["causes"]
    rows = result["causes_by_service"].get(worst) or causes
    longest = max(rows, key=lambda c: c["downtime_share"], default=None)
    several = len(result["services"]) > 1
    if longest is not None and longest["downtime_share"] > 0:
        values = {"share": numbers.whole_percent(longest["downtime_share"], names.lang), "name": names.of(longest["id"], longest["what"])}
        if rows is causes:
            words, to = names.say("head.cause_all" if several else "head.cause", **values), f"causes.{causes.index(longest)}.downtime_share"
        else:
            words = names.say("head.cause_of" if several else "head.cause", of=names.of(worst or ""), **values)
            to = f"services.{worst}.downtime_h_per_year"
        said.append(Leading(words, number(result, to)))
    dearest = max(causes, key=lambda c: c["loss_share"] or 0.0, default=None)
    if dearest is not None and dearest["loss_share"] and longest and (dearest["id"], dearest["what"]) != (longest["id"], longest["what"]):
        share = numbers.whole_percent(dearest["loss_share"], names.lang)  # what is dear need not be what is long
        key = "cause_loss_all" if several else "cause_loss"
        words = names.say(f"head.{key}", share=share, name=names.of(dearest["id"], dearest["what"]))
        said.append(Leading(words, number(result, f"causes.{causes.index(dearest)}.loss_share")))
    stuck = result["stuck"]
    if stuck["per_year"] > 0:
        often = numbers.often(stuck["per_year"], names.lang)
        words = names.say("head.stuck", often=often[0].upper() + often[1:], names=names.listed(stuck["components"]))
        said.append(Leading(words, number(result, "stuck.per_year"), {k: "" for id_ in stuck["components"] for k in _plain(names.of(id_))}))
    return said


def worst_service(result: Result) -> str | None:
    """The service that costs most on average, or, without losses, is down longest."""

    def weight(item: tuple[str, Any]) -> tuple[float, float]:
        row = item[1]
        return (row["loss"]["aal"]["value"] if row["loss"] else 0.0, row["downtime_h_per_year"]["value"])

    services = result["services"].items()
    return max(services, key=weight)[0] if services else None
