"""The white paper as an outline: an executive page, seven parts, the method with its limits, sources, appendix.

What stands in the parts: `paper_story` (what happened, how misfortunes overlapped, why the response failed), `paper_change` (which
stages could have caught it, what changes), `paper_decisions`, `paper_left` (what is left).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Block, Heading, Outline, Paragraph, Section
from blackstart.report.paper import change as paper_change
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import keys as paper_keys
from blackstart.report.paper import left as paper_left
from blackstart.report.paper import reports as paper_reports
from blackstart.report.paper import stages as paper_stages
from blackstart.report.paper import story as paper_story
from blackstart.report.paper import summary as paper_summary
from blackstart.report.paper import unanswered as paper_unanswered
from blackstart.report.recorded import remarks
from blackstart.report.tables import NONE
from blackstart.report.teller import Result, Teller, editions

__all__ = ["LEVELS", "report"]

LEVELS = tuple(editions())
MOST_OBSERVATIONS = 60


def _response(teller: Teller) -> list[Block]:
    """Why the response failed; then what of that nobody on record answers, and whom to ask."""
    slowest = paper_story.longest_way(teller)
    way = paper_story.steps_back(slowest[1]) if slowest else []
    return [*paper_story.response(teller), *paper_unanswered.told(way, teller)]


_PARTS: Sequence[tuple[str, Callable[[Teller], list[Block]]]] = (
    ("happened", paper_story.happened), ("overlap", paper_story.overlap), ("response", _response),
    ("caught", paper_change.caught), ("decisions", paper_decisions.decisions), ("changes", paper_change.changes),
    ("left", paper_left.left),
)  # fmt: skip


def report(result: Result, names: Names, level: str = "board", *, edited: bool = False) -> Outline:
    """The paper in one language and one edition (`LEVELS`). edited : whether a person has written some of its paragraphs."""
    teller = Teller(result, names, level, edited=edited)
    sections = [_section("summary", teller.say("section.summary"), _summary, teller, alone=True)]
    for number, (id_, build) in enumerate(_PARTS, 1):
        sections.append(_section(id_, teller.say("numbered", n=number, heading=teller.say(f"section.{id_}")), build, teller))
    for id_, build in (("method", _method), ("sources", _sources), ("appendix", _appendix)):
        sections.append(_section(id_, teller.say(f"section.{id_}"), build, teller))
    title = teller.say("title", title=teller.label(result["title"]))
    shown = paper_keys.numbered([s for s in sections if s.blocks], teller)
    return Outline(title, paper_story.first(teller), paper_story.counted(teller), _notes(teller), shown, _cover(teller))


def _section(id_: str, heading: str, build: Callable[[Teller], list[Block]], teller: Teller, *, alone: bool = False) -> Section:
    """A part, with a note of what this edition leaves out of it."""
    teller.left_out.clear()
    blocks = build(teller)
    if teller.left_out:
        hidden = teller.names.join([teller.say(f"hidden.{about}") for about in teller.left_out], 9)
        blocks = [*blocks, Paragraph(f"{id_}.left-out", teller.say("left_out", what=hidden), style="note")]
    return Section(id_, heading, blocks, alone=alone)


def _cover(teller: Teller) -> list[tuple[str, str]]:
    record, origin = teller.part("record"), teller.result["provenance"]
    facts = [("edition", teller.say(f"level.{teller.level}"))]
    if record["began_at"]:
        facts.append(("began", paper_story.began_moment(teller)))
    stopped = teller.result["stopped_at"]
    if stopped and stopped != record["began_at"]:
        facts.append(("outage", paper_story.outage_moment(teller)))
    if record["ended_at"]:
        facts.append(("ended", teller.day(record["ended_at"])))
    facts += [("record", teller.result["marks"]["record"]), ("model", origin["digest"][:12]), ("version", origin["version"])]
    return [(teller.say(f"fact.{head}"), value) for head, value in facts]


def _notes(teller: Teller) -> list[str]:
    notes = [teller.names.say(f"outcome.{teller.result['outcome']['state']}")] if teller.result["outcome"]["state"] == "stopped" else []
    return [*notes, teller.say("roles_only"), *remarks(teller.part("record"), teller.lang)]


# --------------------------------------------------------------------------- one page


def _summary(teller: Teller) -> list[Block]:
    """The key figures, three sentences to remember, then six questions of a reader without time, each answered in one or two."""
    blocks: list[Block] = [paper_keys.key_figures(teller), *paper_summary.remembered(teller)]
    for id_, build in (
        ("broke", paper_story.what_broke), ("long", paper_story.what_made_it_long), ("catch", paper_summary.what_should_have_caught),
        ("cost", paper_story.what_it_cost), ("buy", paper_summary.what_is_bought), ("remain", paper_left.what_remains),
    ):  # fmt: skip
        answer = build(teller)
        if answer:
            blocks += [Heading(teller.say(f"question.{id_}")), *answer]
    return blocks


# --------------------------------------------------------------------------- method, sources


def _method(teller: Teller) -> list[Block]:
    attribution, rebuilt = teller.part("attribution"), teller.part("reconstruction")
    blocks: list[Block] = [*teller.p("method.how", teller.say("method.how"))]
    if attribution:
        how, compared = attribution["method"], paper_stages.compared(teller)
        key = "exact" if how["exact"] else "sampled"
        said = teller.say(f"method.shares_{key}", players=how["players"], parts=compared, subsets=f"{how['subsets']:,}",
                          permutations=f"{how['permutations'] or 0:,}", runs=f"{how['runs']:,}")  # fmt: skip
        blocks += teller.p("method.shares", [said, _sums(teller)], "attribution")
        blocks += [] if paper_course.lengths(teller) else teller.p("method.fit", paper_story.fit(teller), "attribution")
    if rebuilt:
        seen = rebuilt["record"]
        unused = len(seen["unused"])
        key = "rebuilt" if unused else "rebuilt_all"
        tested = teller.say(f"method.{key}", n=seen["observations"], used=seen["used"])
        blocks += teller.p("method.rebuilt", [tested, teller.say("method.unused", n=unused) if unused else ""], "reconstruction")
        blocks += teller.p("method.refuted", _refuted(teller, rebuilt), "reconstruction")
    study, paths = teller.result["provenance"]["study"], teller.part("before")["provenance"]["study"]["paths"]
    blocks += teller.p("method.years", teller.say("method.years", worlds=study["worlds"], samples=study["samples"], paths=paths), "before")
    blocks.append(Heading(teller.say("method.limits")))
    library = sum(row["source"] != "language" for row in teller.result["defaults"])
    values = {"n": len(teller.result["defaults"]), "library": library, "rest": len(teller.result["defaults"]) - library}
    for key in ("model", "guesses", "people", "losses"):
        word = "guesses_alone" if key == "guesses" and not library else key
        word = "losses_hours" if key == "losses" and not paper_story.strikes_cost(teller) else word
        of = ("before",) if key in ("guesses", "losses") else ()
        blocks += teller.p(f"method.limit-{key}", teller.say(f"method.limit_{word}", **values), *of, style="item")
    blocks += teller.p("method.edited", teller.say("method.editing") if teller.edited else "", style="note")
    return blocks


def _sums(teller: Teller) -> str:
    """Whether the shares add up to the whole."""
    hours = teller.part("attribution")["sums"]["hours"]
    if abs(hours["gap"]) <= 0.001 * abs(hours["whole"]):
        return teller.say("method.sums", t=teller.about_hours(hours["shares"]))
    return teller.say("method.sums_apart", t=teller.about_hours(hours["shares"]), whole=teller.about_hours(hours["whole"]))


def _refuted(teller: Teller, rebuilt: Any) -> list[str]:
    if not rebuilt["tests"]:
        return []
    refuted = [row for row in rebuilt["refuted"] if row["verdict"] == "refuted"]
    by_chance = numbers.point(rebuilt["tests"] * 0.01, "number", teller.lang)
    key, where = "method.refuted_some" if refuted else "method.refuted_none", teller.say("appendix.doubts")
    said = [teller.say(key, n=len(refuted), tests=rebuilt["tests"], chance=by_chance)]
    if len(rebuilt["refuted"]) > len(refuted) and teller.shows("weakness"):
        said.append(teller.say("method.doubted", n=len(rebuilt["refuted"]) - len(refuted), where=where))
    apart = len(paper_course.misread(teller))
    said.append(teller.say("method.services_apart", n=apart) if apart else "")
    if rebuilt["disagreements"] and teller.shows("weakness"):
        said.append(teller.say("method.disagreements", n=len(rebuilt["disagreements"]), where=where))
    return said


def _sources(teller: Teller) -> list[Block]:
    """The results behind the marks, then the sources of the record."""
    rows = []
    for part, mark in teller.result["marks"].items():
        origin = teller.part(part)["provenance"]
        made = [teller.say(f"study.{k}", n=f"{v:,}") for k, v in origin["study"].items() if v is not None and teller.has(f"study.{k}")]
        rows.append([mark, teller.say(f"part.{part}"), origin["digest"][:12], ", ".join(made) or NONE])
    blocks: list[Block] = [*teller.p("sources.results", teller.say("sources.results"))]
    blocks += teller.table("mark result digest study", rows, "results")
    cited = teller.part("record")["sources"]
    if cited:
        blocks.append(Heading(teller.say("sources.record"), name="cited"))
        graded = any(row["grade"] for row in cited.values())
        blocks += teller.p("sources.grades", teller.say("sources.grades"), "record", style="note") if graded else []
        rows = [[key, _source(row, teller), teller.grade(row["grade"]) or NONE] for key, row in cited.items()]
        blocks += teller.table("key source grade", rows, "sources")
    return blocks


def _source(row: Any, teller: Teller) -> str:
    words = teller.label(row["text"])
    return f"{words} {row['url']}" if row["url"] else words


# --------------------------------------------------------------------------- appendix


def _appendix(teller: Teller) -> list[Block]:
    blocks: list[Block] = []
    letters = iter(teller.say("appendix.letters"))
    for id_, build in (
        ("reports", _reports), ("chain", paper_course.chain_table), ("doubts", paper_reports.doubts_table),
        ("shares", paper_change.shares_table),
        ("forms", paper_change.forms),
    ):  # fmt: skip
        body = build(teller)
        if body:
            letter = next(letters)
            heading = teller.say("appendix.lettered", letter=letter, heading=teller.say(f"appendix.{id_}"))
            blocks += [Heading(heading), *_numbered(body, letter, teller)]
    return blocks


def _numbered(body: Sequence[Block], letter: str, teller: Teller) -> list[Block]:
    """The headings inside a part of the appendix under its letter: `E-1`, `E-2`."""
    numbers_ = count(1)
    return [Heading(teller.say("appendix.lettered", letter=f"{letter}-{next(numbers_)}", heading=block.text), inner=True)
            if isinstance(block, Heading) else block for block in body]  # fmt: skip


def _reports(teller: Teller) -> list[Block]:
    """The reports that part one does not tell; what one source says alike of several things at one time is one row."""
    if not teller.shows("reports"):
        return []
    told = {row["id"] for row in paper_reports.moments(paper_reports.told(teller))}
    found = paper_reports.alike([row for row in teller.part("record")["observations"] if row["id"] not in told])
    rows = [
        [teller.when(same[0]["at"]), paper_reports.seen(same, teller), teller.role(same[0]["by"]) or NONE,
         teller.cited(same[0]["sources"]) or NONE]
        for same in found[:MOST_OBSERVATIONS]
    ]  # fmt: skip
    n = sum(map(len, found))
    merged = teller.say("appendix.merged", n=n, k=len(found)) if len(found) < n else ""
    blocks: list[Block] = [*teller.p("appendix.merged", merged, "record"), *teller.table("when seen by cited", rows, "reports")]
    if len(found) > MOST_OBSERVATIONS:
        blocks += teller.p("appendix.more", teller.say("appendix.more", n=sum(map(len, found[MOST_OBSERVATIONS:]))), style="note")
    return blocks
