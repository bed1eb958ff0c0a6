"""The white paper, parts one to three: what happened, how misfortune piled on misfortune, why the response failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import charts, never, numbers, story, tables
from blackstart.report.outline import Block, Figure, Heading
from blackstart.report.paper import charts as paper_charts
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import reports as paper_reports
from blackstart.report.paper import stages as paper_stages
from blackstart.report.paper import tools as paper_tools
from blackstart.report.paper.charts import Course
from blackstart.report.reconstruction import stated
from blackstart.report.tables import NONE
from blackstart.report.teller import TOLD_APART, Row, Teller

MOST_WAYS = 3
RECORDED = 4  # digits of an amount of money that a source gives
HELD_UP = 0.05  # share of a way back that went on waiting for people from which that held it up
MOSTLY = 0.5  # share of a way back from which it is told to have gone on one thing
LONG_START = 0.25  # share of a way back that one start took from which it is told
LONGER = 1.1  # times the replayed outage from which the real one is told beside it
LEAST_REST, NEVER_SURE = 0.001, 0.999  # share of a beginning from which it is told; and up to which it is told
LIKELY = 0.5  # chance from which a report counts as true
ALL = 0.995  # share from which misfortune alone is told as the whole


# --------------------------------------------------------------------------- what the record says of each service


Span = tuple[float | None, float | None]


def recorded(teller: Teller) -> dict[str, tuple[Span | None, Span | None]]:
    """When each service fell and when it was back, each between two hours as the record has it; an end may be open."""
    rows = _services(teller.part("reconstruction"), teller)
    return {id_: (_span(row["recorded"]["fell_h"]), _span(row["recorded"]["back_h"])) for id_, row in rows}


def reported(service: str, teller: Teller) -> bool:
    """Whether any report of the record is of this service by name."""
    return any(row["what"] and row["what"]["id"] == service for row in teller.part("record")["observations"])


def _span(ends: Sequence[float | None] | None) -> Span | None:
    return None if ends is None or ends[0] is None and ends[1] is None else (ends[0], ends[1])


def _services(rebuilt: Row, teller: Teller) -> list[tuple[str, Row]]:
    """The model's own services of a reconstruction: those that a record only watches are no services to anybody."""
    return [(id_, row) for id_, row in (rebuilt.get("services") or {}).items() if id_ in teller.part("rehearsal")["services"]]


def _pair(span: Sequence[float | None] | None) -> tuple[float, float] | None:
    return None if span is None or span[0] is None or span[1] is None else (float(span[0]), float(span[1]))


def affected(teller: Teller) -> list[str]:
    """Services that fell: by the record, and by the replay where the record speaks of all services, or of their being up again.

    That somebody saw a service up does not say that it was ever down.
    """
    ends = recorded(teller)
    fell = [id_ for id_, (begin, back) in ends.items() if begin or back and back[0] is not None]
    replayed = [s.id for s in story.services_of(paper_course.day(teller)) if s.state in ("out", "never")]
    spoke_of_all = any(row["what"] and row["what"]["noun"] == "all" for row in teller.part("record")["observations"])
    more = [id_ for id_ in replayed if id_ not in fell and (spoke_of_all or not fell or ends.get(id_, (None, None))[1])]
    return [id_ for id_ in ends if id_ in fell or id_ in more] + [id_ for id_ in more if id_ not in ends]


def length(teller: Teller) -> tuple[float, float] | None:
    """How long the whole incident was, from the record."""
    replay = teller.part("attribution").get("replay") or {}
    return _pair((replay.get("recorded") or {}).get("hours"))


def length_cited(teller: Teller) -> str:
    """The sources of the length of the whole incident, in brackets, where the record states it by itself."""
    lasted = length(teller)
    for row in teller.part("record")["observations"]:
        whole = row["lasted_h"] and row["what"] and row["what"]["noun"] == "all" and not row["corrected_by"]
        if whole and lasted and row["sources"] and teller.span(row["lasted_h"]) == teller.span(lasted):
            return f"[{teller.cited(row['sources'])}]"
    return ""


def stop_reported(service: str, teller: Teller) -> bool:
    """Whether a report says of a service by name that it was down, or back."""
    return any(row["what"] and row["what"]["id"] == service and (row["did"] in ("fell", "came-back") or row["level"] == 0.0)
               for row in teller.part("record")["observations"] if not row["corrected_by"])  # fmt: skip


def unreported(teller: Teller) -> list[str]:
    """Services that fell of which no report says so by name."""
    return [id_ for id_ in affected(teller) if not stop_reported(id_, teller)]


def partly_up(teller: Teller) -> list[str]:
    """Of the services of which no report says that they fell, those that some report has up only in part."""
    seen = {row["what"]["id"] for row in teller.part("record")["observations"]
            if row["what"] and row["level"] and row["partly"] and not row["corrected_by"]}  # fmt: skip
    return [id_ for id_ in unreported(teller) if id_ in seen]


def hit(teller: Teller) -> str:
    """What struck, in words."""
    return story.struck(teller.part("rehearsal"), teller.names)


def first(teller: Teller, services: Sequence[str] | None = None) -> str:
    """The one sentence of the cover. services : those that it counts, if not all that fell"""
    record, fell, lasted = teller.part("record"), affected(teller) if services is None else services, length(teller)
    values = {"when": teller.date(record["began_at"]) if record["began_at"] else "", "what": hit(teller), "n": len(fell),
              "names": teller.names.listed(fell), "t": teller.span(lasted) if lasted else ""}  # fmt: skip
    when = "dated" if record["began_at"] else "undated"
    many = "one" if len(fell) == 1 else "many"
    return teller.say(f"first.{when}_{many}_{'lasted' if lasted else 'open'}", **values)


def counted(teller: Teller) -> list[str]:
    """Which services the sentence of the cover counts: how many of the model's, and how many of these no report names."""
    fell, unnamed, known = affected(teller), unreported(teller), teller.part("rehearsal")["services"]
    if len(fell) < 2 or len(fell) == len(known) and not unnamed:
        return []
    key, some = "counted_unnamed" if unnamed else "counted", len(partly_up(teller))
    said = [teller.say(f"first.{key}", n=len(fell), all=len(known), named=len(fell) - len(unnamed), unnamed=len(unnamed))]
    said += [teller.say("first.counted_partly", unnamed=len(unnamed), n=some)] if some else []
    beyond = [id_ for id_ in known if id_ not in fell and not reported(id_, teller)]
    return [*said, teller.say("first.counted_beyond", names=teller.names.listed(beyond, 4))] if unnamed and beyond else said


# --------------------------------------------------------------------------- for the executive page


def what_broke(teller: Teller) -> list[Any]:
    """What came first, which service fell first, which stages did not work."""
    times = {id_: pair for id_, (begin, _) in recorded(teller).items() if (pair := _pair(begin))}
    inferred, outage = next((step for step in paper_course.chain(teller) if step.falls), None), outage_began(teller)
    said = [teller.say("broke.first", what=hit(teller))]
    seen_first = first_fall(teller)
    at_once = bool(seen_first and seen_first["t_h"][1] < story.MINUTE_H)
    if seen_first:
        key = "seen_at_once" if at_once else "seen"
        t = teller.span([max(0.0, t) for t in seen_first["t_h"]])
        said.append(teller.say(f"broke.{key}", name=teller.name(seen_first["what"]), t=t))
    if times:
        earliest = min(times.values())
        first = [id_ for id_, pair in times.items() if pair == earliest]
        key = "service_at_once_too" if at_once else "service_at_once"
        if earliest[1] >= story.MINUTE_H:
            key = "service" if len(first) == 1 else "services"
        said.append(teller.say(f"broke.{key}", name=teller.names.listed(first), t=teller.span([max(0.0, t) for t in earliest])))
    elif outage:
        at = outage_moment(teller)
        key = "outage_at_once" if outage[1] < story.MINUTE_H else "outage_at" if at else "outage"
        said.append(teller.say(f"broke.{key}", t=teller.span([max(0.0, t) for t in outage]), at=at))
    elif inferred:
        key = "service_at_once" if inferred.t_h < story.MINUTE_H else "services_inferred" if inferred.many else "service_inferred"
        said.append(teller.say(f"broke.{key}", name=inferred.who, names=inferred.who, t=teller.hours(inferred.t_h)))
    said += [*_cut(teller), *paper_stages.broken(teller)]
    return teller.p("summary.broke", said, "record", "rehearsal", "reconstruction")


def _cut(teller: Teller) -> list[str]:
    """What stopped from some time on and is no service, by its report."""
    for row in teller.part("record")["observations"]:
        stopped = row["did"] == "fell" and row["what"] and row["what"]["noun"] in ("component", "domain") and not row["corrected_by"]
        if stopped and row["t_h"] and row["t_h"][0] is not None and row["t_h"][1] is None:
            return [teller.say("broke.cut", said=paper_stages.quote(row, teller), t=teller.hours(row["t_h"][0]))]
    return []


def outage_began(teller: Teller) -> tuple[float, float] | None:
    """When the outage began by a report that speaks of no single service, counted from the beginning of it all."""
    for row in teller.part("record")["observations"]:
        if row["did"] == "fell" and row["what"] and row["what"]["noun"] == "all" and not row["corrected_by"]:
            return _pair(row["t_h"])
    return None


def outage_moment(teller: Teller) -> str:
    """When services began to stop, by the first report of that; where it names two times, both. Empty: nobody knows."""
    began, row = teller.result["stopped_at"], None
    for one in teller.part("record")["observations"]:
        if one["at"] and one["at"][0] == began and one["did"] == "fell" and not one["corrected_by"]:
            row = row or one
    return _spanned(row["at"], teller) if row else teller.day(began) if began else ""


def began_moment(teller: Teller) -> str:
    """When it began, by the report whose time that is; where it names two times, both. Empty: nobody knows."""
    began, hits = teller.part("record")["began_at"], teller.part("record")["scenario"]["hit"]
    for row in teller.part("record")["observations"]:
        known = row["did"] == "began" and row["what"] and row["what"]["id"] in hits and row["at"] and not row["corrected_by"]
        if known and began in row["at"] and None not in row["at"]:
            return _spanned(row["at"], teller)
    return teller.day(began) if began else ""


def _spanned(at: Sequence[str | None], teller: Teller) -> str:
    """A moment, or two of one day; the first of those that lie further apart."""
    first, last = at[0] or "", at[1]
    if last in (None, first) or first[:10] != last[:10]:
        return teller.day(first)
    return numbers.between(teller.day(first), last[11:16], teller.lang)


def first_fall(teller: Teller) -> Row | None:
    """The first report of something that stopped or broke and is no service; of reports that disagree the likelier."""
    rebuilt = teller.part("reconstruction")
    less_likely = {row["id"] for row in rebuilt.get("fit", ()) if row["true"] < LIKELY}
    less_likely |= {
        report["id"] for row in teller.part("reconstruction").get("conflicts", ()) if row["likelier"] for report in row["reports"]
        if report["id"] != row["likelier"]
    }  # fmt: skip
    for row in teller.part("record")["observations"]:
        stopped = row["did"] in ("fell", "broke") and row["what"] and row["what"]["noun"] in ("component", "domain")
        if stopped and row["id"] not in less_likely and _pair(row["t_h"]):
            return row
    return None


def what_made_it_long(teller: Teller) -> list[Any]:
    """On what the longest way back was spent, which tools stood inside what had failed."""
    said, slowest = [], longest_way(teller)
    if slowest:
        id_, row = slowest
        parts = story.path_parts(row)
        whole = sum(h for _, h in parts)
        groups = [teller.say("long.group", group=_spent(g, teller), share=teller.share(h / whole)) for g, h in parts[:3]]
        key = "way_bound" if paper_course.bound(teller) else "way"
        if len(affected(teller)) == 1:
            key = "way_one" if paper_course.bound(teller) else "way_one_replay"
        said.append(teller.say(f"long.{key}", name=teller.names.of(id_), t=teller.hours(whole), parts=teller.names.join(groups),
                               off=_beyond_record(whole, teller)))  # fmt: skip
        said += _real_length(whole, teller)
        start = _long_start(row, teller)
        key = "long.start_asked" if teller.level == "board" else "long.start"  # only that edition says whom to ask
        said += [teller.say(key, **start)] if start and paper_course.bound(teller) else []
    inside = paper_tools.inside(teller)
    if inside:
        key = f"long.inside{paper_tools.which(inside, teller)}"
        said.append(teller.say(key, k=teller.few(len(inside)), names=teller.names.listed(inside, 3)))
    return teller.p("summary.long", said, paper_course.of_day(teller), "record", "attribution")


def _longest_ways(teller: Teller) -> list[tuple[Any, Row]]:
    """The longest ways back, each with the services that share it."""
    found = story.ways_back(paper_course.day(teller))
    return sorted(found, key=lambda w: -sum(h for _, h in story.path_parts(w[1])))[:MOST_WAYS]


def _beyond_record(hours: float, teller: Teller) -> str:
    """By how much a service is out for longer in the course fitted to the record than the whole recorded outage was."""
    lasted = length(teller)
    more = hours - lasted[1] if lasted else 0.0
    return teller.say("long.beyond", t=teller.hours(more)) if more > story.MINUTE_H else ""


def _real_length(replayed_h: float, teller: Teller) -> list[str]:
    """Where the real outage was longer than the replayed one: how long, and what the record says was back only after that."""
    lasted = length(teller)
    if not lasted or (lasted[0] or 0.0) < LONGER * replayed_h:
        return []
    late = [row for row in teller.part("record")["observations"]
            if row["did"] == "came-back" and row["what"] and row["what"]["noun"] in ("component", "domain")
            and not row["corrected_by"] and _pair(row["t_h"]) and row["t_h"][0] > replayed_h]  # fmt: skip
    last = max(late, key=lambda row: row["t_h"][0], default=None)
    said = [teller.say("long.real", t=teller.span(lasted))]
    return [*said, teller.say("long.late", name=teller.name(last["what"]), t=teller.span(last["t_h"]))] if last else said


def _spent(group: str, teller: Teller) -> str:
    """On what a time was spent, for a reader who does not know the model's words."""
    return teller.say(f"spent.{group}") if teller.has(f"spent.{group}") else teller.names.say(f"group.{group}")


def what_it_cost(teller: Teller) -> list[Any]:
    """What was lost: by the record, and by the replay."""
    whole = teller.part("attribution").get("whole") or {}
    said = _money_lost(whole, teller) if teller.shows("loss") else []
    if whole.get("user_hours"):
        key = "users" if len(teller.part("rehearsal")["services"]) > 1 else "users_one"
        said.append(teller.say(f"cost.{key}", n=teller.est(whole["user_hours"], "count")))
    lost = paper_course.day(teller)["data_lost"]
    said.append(teller.say("cost.data", names=teller.names.listed(dict.fromkeys(d["component"] for d in lost))) if lost else "")
    return teller.p("summary.cost", said, "record", "attribution")


def _money_lost(whole: Row, teller: Teller) -> list[str]:
    """What the record says of money, and what the replay gives."""
    rows = [row for row in teller.part("record")["losses"] if row["unit"] == "money"]
    said = [teller.say("cost.unrecorded")]
    if rows:
        same = [row for row in rows[1:] if row["by"] and row["by"] == rows[0]["by"]]
        said = [_lost("recorded", rows[0], teller), *(_lost("also", row, teller) for row in same)]
    if whole.get("money"):
        key = "cost.replayed_beside" if rows else "cost.replayed"
        counted_ = teller.say("cost.counted_strikes" if strikes_cost(teller) else "cost.counted")
        said.append(teller.say(key, m=teller.est(whole["money"], "money"), counted=counted_))
    return said


def strikes_cost(teller: Teller) -> bool:
    """Whether the model states a loss for a misfortune itself, beside those by the hour of services."""
    inputs = (teller.part("before").get("grounds") or {}).get("inputs", ())
    return any(row["path"].startswith("hazards.") and row["path"].endswith(".costs") for row in inputs)


def _lost(key: str, row: Row, teller: Teller) -> str:
    """An amount with what it counts, who says so, and the sources."""
    by, cited, what = teller.role(row["by"]), teller.cited(row["sources"]), teller.label(row["text"]).rstrip(".")
    return teller.say(f"cost.{key}_by" if by else f"cost.{key}", m=amount(row["amount"], teller), by=by,
                      what=teller.say("cost.what", what=what) if what else "", cited=f" [{cited}]" if cited else "")  # fmt: skip


def recorded_loss(teller: Teller) -> str:
    """The first amount of money on record; empty where there is none."""
    amounts = [row["amount"] for row in teller.part("record")["losses"] if row["unit"] == "money"]
    return amount(amounts[0], teller) if amounts else ""


def losses_of_the_firm(teller: Teller) -> str:
    """The amounts of money of whoever states the first, with what each counts; those of others apart, as what they are."""
    rows = [row for row in teller.part("record")["losses"] if row["unit"] == "money"]
    own = [row for row in rows if row["by"] == rows[0]["by"]]
    mine, others = (" / ".join(_claim(row, teller) for row in rows if (row in own) is wanted) for wanted in (True, False))
    return teller.say("forms.losses", own=mine, others=others) if others else mine


def amount(ends: Sequence[float], teller: Teller) -> str:
    """An amount of money with its digits, or the two between which it lies."""
    low, high = (teller.money(end, RECORDED) for end in ends)
    return low if low == high else numbers.between(low, high, teller.lang)


# --------------------------------------------------------------------------- 1 what happened


def happened(teller: Teller) -> list[Block]:
    blocks: list[Block] = [*teller.p("happened.course", _course_said(teller), "record")]
    told = paper_reports.alike(paper_reports.moments(paper_reports.told(teller)))
    whole = all_told(teller)  # then there is room for the role by which each report was made
    rows = [[teller.when(same[0]["at"]), paper_reports.seen(same, teller), (whole and teller.role(same[0]["by"])) or NONE,
             teller.cited(same[0]["sources"]) or NONE] for same in told]  # fmt: skip
    blocks += teller.table("when seen by cited", rows, "told")
    more = "" if whole or not teller.shows("reports") else teller.say("happened.more", where=teller.say("appendix.reports"))
    blocks += teller.p("happened.more", more, style="note")
    blocks += _recovery(teller)
    blocks += _losses(teller)
    conflicts = _conflicts(teller)
    if conflicts:
        said = [teller.say("happened.side_by_side"), _both_hold(teller)]
        blocks += [Heading(teller.say("happened.conflicts")), *teller.p("happened.conflict", said, "record")]
        blocks += teller.table("matter said likelier", conflicts, "conflicts")
        blocks += teller.p("happened.less-later", _less_later(teller), "record", style="note")
    return blocks


def all_told(teller: Teller) -> bool:
    """Whether part one tells every report of the record."""
    reports = teller.part("record")["observations"]
    return len(paper_reports.moments(reports)) == len(reports)


def _course_said(teller: Teller) -> list[str]:
    record, lasted, fell = teller.part("record"), length(teller), affected(teller)
    said = []
    if record["began_at"]:
        said.append(teller.say("happened.began", when=began_moment(teller), what=hit(teller)))
        several = began_moment(teller) != teller.day(record["began_at"])
        said.append(teller.say("happened.zero", t=record["began_at"][11:16]) if several else "")
    if fell:
        said.append(teller.say("happened.fell" if len(fell) > 1 else "happened.fell_one", n=len(fell), names=teller.names.listed(fell, 5)))
    unnamed = unreported(teller)
    if unnamed and len(fell) > 1:
        some = partly_up(teller)
        said.append(teller.say("happened.unnamed", n=len(unnamed), names=teller.names.listed(unnamed, 9)))
        said.append(teller.say("happened.partly", names=teller.names.listed(some, 9)) if some else "")
    backs = sorted((pair, id_) for id_, (_, back) in recorded(teller).items() if (pair := _pair(back)))
    if backs and len(fell) > 1:
        said.append(_first_back(*backs[0], teller))
        open_ = sum(back is not None and back[0] is None for id_, (_, back) in recorded(teller).items() if id_ in fell)
        said.append(teller.say("happened.back_open", n=open_) if open_ else "")
    if lasted:
        cited = length_cited(teller)
        said.append(teller.say("happened.lasted", t=teller.span(lasted), cited=f" {cited}" if cited else ""))
    return [*said, _rests_on(teller)]


def _rests_on(teller: Teller) -> str:
    """On how many reports and amounts this part rests, with what of them stands in the appendix, and from how many sources these are."""
    reports, losses = teller.part("record")["observations"], _losses_shown(teller)
    cited = {source for row in (*reports, *losses) for source in row["sources"]}
    parts = [teller.say("happened.n_reports", n=len(reports))] + ([teller.say("happened.n_losses", n=len(losses))] if losses else [])
    rest = "" if all_told(teller) or not teller.shows("reports") else teller.say("appendix.reports")
    where = teller.say("happened.here_and" if rest else "happened.here", where=rest)
    key = "reports" if cited else "reports_alone"
    return teller.say(f"happened.{key}", where=where, parts=teller.names.join(parts), sources=len(cited))


def _losses_shown(teller: Teller) -> list[Row]:
    """What was lost by the record, without what this edition hides."""
    return [row for row in teller.part("record")["losses"] if row["unit"] != "money" or teller.shows("loss")]


def _first_back(at_h: tuple[float, float], id_: str, teller: Teller) -> str:
    """The first service on record to come back, and, where that was not all of it, until when it was whole at the latest."""
    values, whole = {"first": teller.names.of(id_), "t1": teller.span(at_h)}, whole_h(id_, teller)
    if not whole:
        return teller.say("happened.back", **values)
    return teller.say("happened.back_part" if whole[1] is None else "happened.back_partly", **values, t2=teller.hours(whole[1] or 0.0))


def whole_h(id_: str, teller: Teller) -> Span | None:
    """Between which hours all of a service was back, where the record says at any time that only a part of it was."""
    ends = (teller.part("reconstruction").get("services") or {}).get(id_, {}).get("recorded", {}).get("whole_h")
    return None if ends is None else (ends[0], ends[1])


def returned(id_: str, back: Span | None, teller: Teller) -> str:
    """When a service was back by the record, that it was so only in part, and until when it was whole, where the record says that."""
    if not back:
        return NONE
    at, whole = teller.when([teller.day_after(t) for t in back]), whole_h(id_, teller)
    if not whole:
        return at
    said, moment = teller.say("seen.partly", t=at), teller.day_after(whole[1])
    return teller.say("seen.whole", t=said, whole=teller.brief(moment)) if moment else said


def _recovery(teller: Teller) -> list[Block]:
    """The figure of what was recorded beside the replays."""
    rebuilt, touched, rows = teller.part("reconstruction"), set(affected(teller)), []
    began = outage_began(teller)  # of a service of which nobody says when it stopped no more is known than that
    for id_, row in _services(rebuilt, teller):
        fell, back = _span(row["recorded"]["fell_h"]), _span(row["recorded"]["back_h"])
        quantiles = row["played"]["back_h"] or {}
        low, middle, high = (quantiles.get(q) for q in ("10", "50", "90"))
        played = None if low is None or middle is None or high is None or not high else (low, middle, high)
        if id_ in touched and (fell or back or played):
            rows.append(Course(teller.names.of(id_), fell if fell and fell[0] is not None else began, back, played))
    if not rows:
        return []
    rows.sort(key=lambda r: r.played_h[1] if r.played_h else 0.0)
    said = [teller.figure("recovery.between")] if any(paper_charts.between(row) for row in rows) else []
    said += [teller.figure("recovery.until")] if any(row.back_h and row.back_h[0] is None for row in rows) else []
    said += [teller.figure("recovery.partly")] if any(whole_h(id_, teller) for id_ in touched) else []
    said += [teller.figure("recovery.again")] if any(row.fell_h or row.back_h for row in rows) else []
    caption = " ".join([*said, teller.say("caption.recovery"), *_bent(paper_charts.wide_until(rows), teller)])
    return [Figure(lambda width: paper_charts.recovery(rows, teller, width), caption, teller.figure("title.recovery"))]


def _bent(knee: float | None, teller: Teller) -> list[str]:
    """That the axis of a picture changes its scale, where it does."""
    return [] if knee is None else [teller.figure("axis.bent", t=numbers.in_hours(knee, teller.lang))]


def _losses(teller: Teller) -> list[Block]:
    rows = []
    for row in _losses_shown(teller):
        told = amount(row["amount"], teller) if row["unit"] == "money" else _count(row, teller)
        what = teller.label(row["text"]) or teller.name(row["of"])
        rows.append([what, told, teller.role(row["by"]) or NONE, teller.cited(row["sources"]) or NONE])
    blocks = teller.table("lost amount> by cited", rows, "losses")
    return [Heading(teller.say("happened.losses")), *blocks] if blocks else []


def _count(row: Row, teller: Teller) -> str:
    if row["unit"] == "share":
        low, high = (teller.share(a) for a in row["amount"])
    else:
        low, high = (teller.count(a) for a in row["amount"])
    shown = low if low == high else numbers.between(low, high, teller.lang)
    return teller.say(f"unit.{row['unit']}", n=shown)


def _conflicts(teller: Teller) -> list[list[str]]:
    """Reports of one matter that cannot both hold, side by side, and which of them the reconstruction finds likelier."""
    record = teller.part("record")
    of = {row["id"]: row for kind in ("observations", "people", "losses") for row in record[kind]}
    likelier = {row["matter"]: row["likelier"] for row in teller.part("reconstruction").get("conflicts", ())}
    rows = []
    hidden = {row["id"] for row in record["observations"]} - {row["id"] for row in paper_reports.told(teller)}
    for row in record["conflicts"]:
        if row["in"] == "amount" and not teller.shows("loss") or hidden & set(row["ids"]):
            continue
        said = _claims([of[id_] for id_ in row["ids"] if id_ in of], teller)
        best = likelier.get(row["matter"])
        undecided = teller.say("happened.open") if row["in"] in ("time", "state") else NONE
        rows.append([_matter(row, of, teller), " / ".join(said), _claim(of[best], teller) if best in of else undecided])
    known = {row["matter"] for row in record["conflicts"]}
    for failure in paper_stages.failures(teller).values():
        first = failure.mine[0]
        if failure.against and first["matter"] not in known:
            about = _matter({"matter": first["matter"], "ids": [first["id"]], "in": "text"}, of, teller)
            said = [paper_reports.quoted(row, teller) for row in (*failure.against, *failure.mine)]
            rows.append([about, " / ".join(said), teller.say("happened.both")])
    return rows


def _less_later(teller: Teller) -> list[str]:
    """Services that one report has up and a later one up in part only: neither need be wrong, and the record does not say which is."""
    rows = [row for row in teller.part("record")["observations"] if not row["corrected_by"] and all(row["at"] or [None])
            and row["what"] and row["what"]["noun"] == "service" and row["level"]]  # fmt: skip
    said = {}
    for row in (row for row in rows if row["level"] >= 1.0 and not row["partly"]):
        later = [one for one in rows if one["what"] == row["what"] and one["partly"] and one["at"][0] > row["at"][1]]
        if later and row["what"]["id"] not in said:
            values = {"name": teller.name(row["what"]), "first": _claim(row, teller), "later": _claim(later[0], teller)}
            said[row["what"]["id"]] = teller.say("happened.less_later", **values)
    return list(said.values())


def _both_hold(teller: Teller) -> str:
    """Barriers of which reports differ that can both be true: why these do not stand in the table."""
    names = [teller.names.of(id_, "barrier") for id_, row in paper_stages.failures(teller).items() if row.beside and not row.against]
    return teller.say("happened.both_hold", names=teller.names.join(names)) if names else ""


def _matter(conflict: Row, of: Mapping[str, Row], teller: Teller) -> str:
    """What a conflict is about: by the record's own name for it, else the thing that its reports name, or what the first says."""
    label = teller.label(teller.part("record")["matters"].get(conflict["matter"]))
    if label:
        return label
    rows = [of[id_] for id_ in conflict["ids"] if id_ in of]
    named = next((row for row in rows if row.get("what") and not isinstance(row["what"], str)), None)
    if named is not None:
        name, did = teller.name(named["what"]), named.get("did")
        asked = teller.say(f"did.{did}", name=name) if did and conflict["in"] == "time" else name
        return teller.say(f"matter.{conflict['in']}", name=asked)
    if conflict["in"] == "amount" and all(row.get("unit") == "money" for row in rows):
        return teller.say("matter.money")
    return teller.label(rows[0]["text"]) if rows else conflict["matter"]


def _claims(rows: Sequence[Row], teller: Teller) -> list[str]:
    """What reports say, those of times by one role and from the same sources together."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        plain = "unit" not in row and not row.get("lasted_h") and row["at"] and row["by"]
        found.setdefault((row["by"], tuple(row["sources"])) if plain else row["id"], []).append(row)
    return [_claim({**same[0], "at_too": [row["at"] for row in same[1:]]}, teller) for same in found.values()]


def _claim(row: Row, teller: Teller) -> str:
    """One report with its time or amount, and its sources."""
    if "unit" in row:
        told = amount(row["amount"], teller) if row["unit"] == "money" else _count(row, teller)
        said = ": ".join(words for words in (told, teller.label(row["text"]).rstrip(".")) if words)
    elif row.get("lasted_h"):
        said = teller.span(row["lasted_h"])
    else:
        times = [teller.when(at) for at in (row["at"], *row.get("at_too", ()))] if row["at"] else []
        said = ", ".join(times) or paper_reports.seen([row], teller)
        said = teller.say("happened.by", said=said, by=by) if (by := teller.role(row["by"])) and row["at"] else said
    return f"{said} [{teller.cited(row['sources'])}]" if row["sources"] else said


# --------------------------------------------------------------------------- 2 how misfortune piled on misfortune


def overlap(teller: Teller) -> list[Block]:
    blocks: list[Block] = paper_course.told(teller)
    rows = paper_stages.stages(teller)
    if rows:
        fell = affected(teller)
        end = teller.names.listed(fell) if len(fell) == 1 else teller.say("services", n=len(fell))
        blocks += teller.p("overlap.stages", paper_stages.said(rows, teller), "rehearsal", "attribution")
        blocks.append(Figure(lambda width: paper_charts.slices(rows, hit(teller), teller.say("chart.stopped", names=end), teller, width),
                             paper_stages.caption(rows, teller), teller.figure("title.slices")))  # fmt: skip
    blocks += _hypotheses(teller)
    blocks += _misfortunes(teller)
    return blocks


def _hypotheses(teller: Teller) -> list[Block]:
    """What may have come first, ranked."""
    found = teller.part("reconstruction").get("hypotheses", ())
    told = [h for h in found if h["parts"]]
    if len(told) < 2:
        return []
    told = [h for n, h in enumerate(told) if n == 0 or h["share"] >= LEAST_REST]
    rows = [[_parts(h, teller), numbers.often(h["prior_per_year"], teller.lang), teller.share(h["share"])] for h in told[:4]]
    rest = 1.0 - sum(h["share"] for h in told[:4])
    if rest >= LEAST_REST:
        rows.append([teller.say("overlap.others"), NONE, teller.share(rest)])
    best = told[0]
    said = [teller.say("overlap.likeliest", name=_parts(best, teller), share=teller.share(min(best["share"], NEVER_SURE))),
            *stated(teller.part("reconstruction"), teller.names)]  # fmt: skip
    table = teller.table("initiator prior> posterior>", rows, "initiators") if len(rows) > 1 else []
    return [Heading(teller.say("overlap.which")), *teller.p("overlap.first", said, "reconstruction"), *table]


def _parts(hypothesis: Row, teller: Teller) -> str:
    return " + ".join(teller.cause({"id": p["id"], "what": p["noun"]}) for p in hypothesis["parts"])


def _misfortunes(teller: Teller) -> list[Block]:
    players = [p for p in teller.part("attribution").get("players", ()) if p["what"] == "misfortune"]
    if not players:
        return []
    whole = sum(p["part"].get("hours", 0.0) for p in players)
    key, part = ("misfortunes_all", "part_all") if whole > ALL else ("misfortunes", "part")
    shares = [(teller.player(p), teller.share(max(0.0, p["part"].get("hours", 0.0)))) for p in players]
    parts = [teller.say(f"overlap.{part}", name=name, share=share) for name, share in shares]
    rest = teller.say("overlap.rest_staffing" if paper_stages.staffing(teller) else "overlap.rest")
    return [*teller.p("overlap.misfortunes", teller.say(f"overlap.{key}", parts=teller.names.join(parts, 6), rest=rest), "attribution")]


# --------------------------------------------------------------------------- 3 why the response failed


def longest_way(teller: Teller) -> tuple[str, Row] | None:
    """The service that was back last in the course told."""
    result = paper_course.day(teller)
    rows = {id_: row for id_, row in result["services"].items() if story.way_back(row)}
    if not rows:
        return None
    slowest = max(rows, key=lambda s: rows[s]["back_at_h"] or 0.0)
    return slowest, rows[slowest]


def response(teller: Teller) -> list[Block]:
    result, names = paper_course.day(teller), teller.names
    blocks: list[Block] = paper_course.lengths(teller)
    ways = _longest_ways(teller)
    if ways:
        blocks += teller.p("response.replay", [teller.say(f"response.{_kind(teller)}"), *_given(teller)], paper_course.of_day(teller))
    for k, (ids, row) in enumerate(ways):
        said = story.path_sentence(ids, row, names, teller.hours)
        blocks += teller.p(f"response.way-{k + 1}", said, paper_course.of_day(teller), style="item")
    blocks += [_course_figure(result, teller)] if ways else []
    slowest = longest_way(teller)
    if slowest:
        heading = teller.say("response.chain", name=names.of(slowest[0]))
        way = tables.steps(story.way_told(slowest[1]), result, names, write=teller.hours)  # hours, as everywhere in the paper
        head = [*way.head[:-1], teller.say("column.state_of")]
        blocks += [Heading(heading), replace(way, head=head, about=(), title=teller.figure("table.way"))]
        later = paper_course.rest_later(story.way_back(slowest[1]), teller)
        said = [_longest_start(slowest[1], teller), *later, paper_course.shortened(slowest[0], teller)]
        blocks += teller.p("response.longest", said, paper_course.of_day(teller))
    blocks += paper_tools.told(teller)
    blocks += _deadlocks(teller)
    blocks += _people(teller)
    return blocks


def _kind(teller: Teller) -> str:
    """Which course this part tells."""
    return "course" if paper_course.bound(teller) else "replay"


def _given(teller: Teller) -> list[str]:
    """What the course told was given, and how its clock counts; barriers that were not there that day are told as that."""
    result, names = paper_course.day(teller), teller.names
    lacking = [g for g in result["given"] if not g["works"] and paper_course.not_there(g["id"], teller)]
    settled = [g for g in result["given"] if not g["works"] and g not in lacking and g["id"] in paper_stages.failures(teller)]
    works = {id_: teller.share(row["works"]) for id_, row in teller.result["not_there"].items()}
    said = [teller.say("response.absent", name=names.of(g["id"], g["what"]), share=works[g["id"]]) for g in lacking]
    said += [paper_stages.settled(g, teller) for g in settled]
    rest = [g for g in result["given"] if g not in lacking and g not in settled]
    if paper_course.bound(teller):
        said += story.given({**result, "given": rest}, names)
        return [*said, teller.say("response.bound"), names.say("head.clock", since=story.since(result, names))]
    return [*said, " ".join(story.course({**result, "given": rest}, names))]


def _course_figure(result: Row, teller: Teller) -> Figure:
    """The picture of the course; what of it only the model knows is marked."""
    fell = affected(teller)
    found = story.services_of(result)
    alone = {s.id for s in found if s.state != "unaffected" and s.id not in fell and not reported(s.id, teller)}
    said = [teller.say(f"caption.course_{_kind(teller)}")]
    said += [teller.figure("course.height")] if charts.is_worse(result) else []
    said += [teller.figure("course.forced")] if "forced" in charts.groups_used(result) else []
    said += _bent(charts.knee(charts.returns(found), story.horizon(result)), teller)
    said += [teller.figure("course.starred")] if alone else []
    title = teller.figure(f"title.course_{_kind(teller)}")
    return Figure(lambda width: paper_charts.course(result, teller, width, alone), " ".join(said), title)


def _deadlocks(teller: Teller) -> list[Block]:
    """What can never be started again once all of it is off; where there is no such thing, that stands without a heading."""
    result = paper_course.day(teller)
    found = [line for lock in result["deadlocks"] for line in tables.deadlock(lock, teller.names)]
    heading = [Heading(teller.names.say("section.deadlocks"))] if found else []
    said = teller.p("response.deadlock", found or [never.no_circle(result, teller.names)], paper_course.of_day(teller))
    return [*heading, *said]


def _waited(way: Row) -> float:
    """The share of a way back, from the stop on, that went on waiting for people."""
    parts = dict(story.path_parts(way))
    return float(parts.get("people", 0.0) / (sum(parts.values()) or 1.0))


def _longest_start(way: Row, teller: Teller) -> str:
    """The start that took most of a way back: that its length is one of the model's, and no more is known of it."""
    longest = _long_start(way, teller)
    return teller.say("response.longest_start", **longest) if longest else ""


def steps_back(way: Row) -> list[Row]:
    """The steps of a way back, as told."""
    return list(story.way_back(way))


def long_step(steps: Sequence[Row]) -> Row | None:
    """The longest start of a way back, where it took much of it."""
    starts = [row for row in steps if row["what"] in ("start", "forced-start") and row["to_h"] is not None]
    longest = max(starts, key=lambda row: row["to_h"] - row["from_h"], default=None)
    whole = sum(row["to_h"] - row["from_h"] for row in steps if row["to_h"] is not None)
    return longest if longest and longest["to_h"] - longest["from_h"] >= LONG_START * whole else None


def _long_start(way: Row, teller: Teller) -> dict[str, str]:
    """The start that took most of a way back, by name, and how long it took; empty where none took much of it."""
    longest = long_step(steps_back(way))
    return {"name": teller.names.of(longest["component"]), "t": teller.hours(longest["to_h"] - longest["from_h"])} if longest else {}


def _people(teller: Teller) -> list[Block]:
    """What waited for people in the replay, and what more people would have changed."""
    waited: dict[str, float] = {}
    for spans in paper_course.day(teller)["stages"].values():
        for span in spans:
            if span["what"] == "wait-people" and span["to_h"] is not None and span["ref"]:
                waited[span["ref"]] = waited.get(span["ref"], 0.0) + span["to_h"] - span["from_h"]
    said = []
    if waited:
        most = max(waited, key=lambda t: waited[t])
        values = {"n": len(waited), "name": teller.names.of(most, "team"), "t": teller.hours(waited[most])}
        said.append(teller.say(f"response.{'people' if len(waited) > 1 else 'people_one'}_{_kind(teller)}", **values))
        ways = story.ways_back(paper_course.day(teller))
        held = [id_ for ids, way in ways if _waited(way) >= HELD_UP for id_ in ids]
        out = {id_ for ids, _ in ways for id_ in ids}
        key = "people_for" if held and out - set(held) else "people_for_all" if held else "people_beside"
        said.append(teller.say(f"response.{key}", names=teller.names.listed(held, 4)))
    attribution = teller.part("attribution")
    for player in attribution.get("players", ()):
        if player["what"] == "staffing" and player["without"].get("hours"):
            saved, whole = player["saved"]["hours"], attribution["whole"]["hours"]["value"] + attribution["none"]["hours"]["value"]
            key = "staffing" if saved["value"] > TOLD_APART * saved["standard_error"] else "staffing_same"
            values = {"t": teller.est(player["without"]["hours"], "hours"), "whole": teller.about_hours(whole)}
            said.append(teller.say(f"response.{key}", name=teller.names.of(player["name"], "team"), times=teller.times(player["times"]),
                                   saved=teller.cell(saved, "hours"), **values))  # fmt: skip
    if not said:
        return []
    return [Heading(teller.say("response.people_head")), *teller.p("response.people", said, paper_course.of_day(teller), "attribution")]


# --------------------------------------------------------------------------- how far the replay is the day


def fit(teller: Teller) -> list[str]:
    """Whether the replay fits what was recorded."""
    replay = teller.part("attribution").get("replay")
    if not replay or not replay["measures"].get("hours"):
        return []
    hours = replay["measures"]["hours"]
    said = [teller.say("fit.played", low=teller.hours(hours["10"]), middle=teller.hours(hours["50"]), high=teller.hours(hours["90"]))]
    known, place = replay["recorded"].get("hours"), replay["places"].get("hours")
    if known and place is not None:
        said.append(teller.say("fit.recorded", t=teller.span(known), share=teller.share(place)))
        said.append(teller.say("fit.good" if replay["good"] else "fit.bad"))
    return said
