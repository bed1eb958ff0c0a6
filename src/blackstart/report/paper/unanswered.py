"""The white paper on what the record does not answer: where the time went, what is not known of why, and whom to ask what."""

from __future__ import annotations

from collections.abc import Sequence

from blackstart.report.outline import Block, Heading
from blackstart.report.paper import course as paper_course
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import story as paper_story
from blackstart.report.teller import Row, Teller

MOST_NAMES = 4


def told(way: Sequence[Row], teller: Teller) -> list[Block]:
    """Of the longest way back and of all that hangs on it: what a board is to ask, and whom; empty for other editions.

    way : the steps of the longest way back
    """
    if teller.level != "board":
        return []
    asked = [("why", _why(way, teller), paper_course.of_day(teller)), ("stopped", _stopped(teller), "record"),
             ("kept", _kept(teller), "record"), ("payers", _payers(teller), "comparison")]  # fmt: skip
    items = [block for key, said, part in asked if said for block in teller.p(f"unanswered.{key}", said, part, style="item")]
    if not items:
        return []
    return [Heading(teller.say("unanswered.heading")), *teller.p("unanswered.lead", teller.say("unanswered.lead"), "record"), *items]


def _why(way: Sequence[Row], teller: Teller) -> str:
    """Why the longest start took so long, and which team does it."""
    longest = paper_story.long_step(way) if paper_course.bound(teller) else None
    if longest is None:
        return ""
    teams = dict.fromkeys(team for one in longest.get("rounds") or () for team in one["teams"])
    names = teller.names.join([teller.names.of(team, "team") for team in teams], MOST_NAMES)
    values = {"name": teller.names.of(longest["component"]), "t": teller.hours(longest["to_h"] - longest["from_h"]), "teams": names}
    return teller.say("unanswered.why" if names else "unanswered.why_nobody", **values)


def _stopped(teller: Teller) -> str:
    """Whether services stopped of which no report says so."""
    unnamed = paper_story.unreported(teller)
    if not unnamed or len(paper_story.affected(teller)) < 2:
        return ""
    return teller.say("unanswered.stopped", names=teller.names.listed(unnamed, 9))


def _kept(teller: Teller) -> str:
    """What has come of promises and orders, and whether these bind."""
    kept = paper_decisions.commitments_of(teller)
    who = dict.fromkeys(name for row in kept if (name := teller.role(row["by"] if row["kind"] == "promised" else row["to"])))
    if not who:
        return ""
    ordered = [name for row in kept if row["kind"] == "ordered" and (name := teller.role(row["by"]))]
    binding = teller.say("unanswered.binding", names=teller.names.join([*dict.fromkeys(ordered)], MOST_NAMES)) if ordered else ""
    return f"{teller.say('unanswered.kept', names=teller.names.join([*who], MOST_NAMES))} {binding}".strip()


def _payers(teller: Teller) -> str:
    """On what terms somebody else builds what that one is taken to pay for."""
    said = []
    for name in paper_plan.payers(teller):
        mine = teller.names.listed(paper_plan.paid_for_by(name, teller), MOST_NAMES, "defence")
        said.append(teller.say("unanswered.payers", name=name, names=mine))
    return " ".join(said)
