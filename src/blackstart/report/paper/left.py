"""The white paper, part seven: what is still not defended against, how often that comes, and what is not bought and why."""

from __future__ import annotations

from blackstart.report import numbers, story
from blackstart.report.outline import Block, Heading
from blackstart.report.paper import choices as paper_choices
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import story as paper_story
from blackstart.report.tables import NONE
from blackstart.report.teller import PRICE, TOLD_APART, Row, Teller

MOST_CAUSES, MOST_STEPS = 8, 16
SAME_OFTEN = 0.05  # share by which two computed frequencies of one cause may differ and be as often


def what_remains(teller: Teller) -> list[Block]:
    """With what the outages that are left begin, whether what is bought changes that; how often a long one comes, if nothing is bought."""
    part, adverse = ("after", "worst_after") if teller.part("after") else ("before", "worst")
    often = [] if paper_choices.most_often_long(teller) else _remaining(teller)[:1]  # else what is bought is told with it
    said = [*often, *_mostly(teller), *paper_plan.remaining_worst(teller, weighed=False)[:1]]
    return teller.p("summary.remain", said, part, adverse)


def _mostly(teller: Teller) -> list[str]:
    """With what most of the outage that is left begins, how often, and that what is bought does not change how often."""
    assessed, before = teller.part("after") or teller.part("before"), teller.part("before")
    first = max(assessed["causes"], key=lambda c: c["downtime_share"], default=None)
    if first is None or first["downtime_share"] <= 0 or not teller.shows("weakness"):
        return []
    often, share = numbers.often(first["per_year"], teller.lang), teller.share(first["downtime_share"])
    said = [teller.say("left.mostly", name=teller.cause(first), often=often, share=share)]
    was = next((c["per_year"] for c in before["causes"] if c["id"] == first["id"]), 0.0)
    same = teller.part("after") and abs(first["per_year"] - was) <= SAME_OFTEN * was
    return [*said, teller.say("left.as_often")] if same else said


def _longest(teller: Teller) -> list[tuple[str, Row]]:
    """The service that is still out for a day most often, of those that fell this time; then the one that is so of all, if another.

    Where the error does not tell it from the one that is so as things stand, that one: it is told throughout.
    """
    assessed, fell = teller.part("after") or teller.part("before"), set(paper_story.affected(teller))
    mine = paper_choices.longest_out({"services": {id_: row for id_, row in assessed["services"].items() if id_ in fell}})
    known = paper_choices.most_often_long(teller)
    if mine and known and numbers.rare(known[2]) is None and not paper_choices.apart(mine[1], known[2]):
        mine = known[0], known[2]
    found = [one for one in (mine, paper_choices.longest_out(assessed)) if one and one[1]["value"] > 0]
    return found[:1] if len(found) > 1 and found[0][0] == found[1][0] else found


def _remaining(teller: Teller) -> list[str]:
    """How often a service of those that stopped is still out for a day, and what most of what is left begins with."""
    assessed, said = teller.part("after") or teller.part("before"), []
    longest = _longest(teller)
    if longest and longest[0][1]["value"] < numbers.NEVER_PER_YEAR and not numbers.rare(longest[0][1]):
        said.append(teller.say("left.hardly"))
    elif longest:
        name, often = teller.names.of(longest[0][0]), teller.est(longest[0][1], "per_year")
        key = "often" if teller.part("after") else "often_asis"
        of_many = longest[0][0] in paper_story.affected(teller) and len(paper_story.affected(teller)) > 1
        among = "left.among_tied" if paper_choices.tied(*longest[0], assessed, teller) else "left.among"
        said.append(teller.say(f"left.{key}", name=name, often=often, among=teller.say(among) if of_many else ""))
    elif assessed["services"]:
        said.append(teller.say("left.rare"))
    causes = sorted(assessed["causes"], key=lambda c: -c["downtime_share"])
    if causes and causes[0]["downtime_share"] > 0 and teller.shows("weakness"):
        said.append(teller.say("left.cause", name=teller.cause(causes[0]), share=teller.share(causes[0]["downtime_share"])))
    total = assessed["total"]["loss"]
    bad = total["aep"].get("100") if total else None
    if bad and bad["value"] > 0 and teller.shows("loss"):
        said.append(teller.say("left.bad_year", m=teller.est(bad, "money")))
    return said


def _beyond(teller: Teller) -> list[str]:
    """The service that is out for a day most often where it did not fall this time, and where the long outages begin."""
    longest = _longest(teller)
    said = [_why_long(*longest[0], teller)] if longest else []
    if len(longest) > 1:
        name = teller.names.of(longest[1][0])
        said.append(teller.say("left.beyond", name=name, often=teller.est(longest[1][1], "per_year")))
        said.append(_why_long(*longest[1], teller))
    return said


def _why_long(id_: str, long: Row, teller: Teller) -> str:
    """Where the long outages of a service begin, and whether what is bought changes how often they come."""
    assessed = teller.part("after") or teller.part("before")
    cause = max((c for c in assessed["causes_by_service"].get(id_, ()) if c["long_share"]), key=lambda c: c["long_share"], default=None)
    if cause is None or not teller.shows("weakness"):
        return ""
    name, begins = teller.names.of(id_), teller.names.of(cause["id"], cause["what"])
    said = teller.say("left.why_long", name=name, share=teller.share(cause["long_share"]), cause=begins)
    was = teller.part("before")["services"][id_]["outages_per_year_longer_than"][paper_choices.LONG]
    return f"{said} {teller.say('left.untouched')}" if teller.part("after") and not paper_choices.apart(was, long) else said


def left(teller: Teller) -> list[Block]:
    part = "after" if teller.part("after") else "before"
    assessed = teller.part(part)
    blocks: list[Block] = [*teller.p("left.what", [*_remaining(teller), *_beyond(teller)], part)]
    causes = [c for c in sorted(assessed["causes"], key=lambda c: -c["downtime_share"]) if c["downtime_share"] > 0.005][:MOST_CAUSES]
    if causes and teller.shows("weakness"):
        rows = [[teller.cause(c), numbers.often(c["per_year"], teller.lang), teller.share(c["downtime_share"]),
                 NONE if c["loss_share"] is None else teller.share(c["loss_share"])] for c in causes]  # fmt: skip
        blocks += teller.table("cause per_year> downtime_share> loss_share>:loss", rows, "causes")
    if assessed["deadlocks"] and teller.shows("weakness"):
        blocks += teller.p("left.deadlocks", teller.say("left.deadlocks", n=len(assessed["deadlocks"]),
                           chain=story.chain_text(assessed["deadlocks"][0]["chain"], teller.names)), part)  # fmt: skip
    adverse = "worst_after" if teller.part("worst_after") else "worst"
    return [*blocks, *teller.p("left.worst", paper_plan.remaining_worst(teller), adverse), *_not_bought(teller)]


def _not_bought(teller: Teller) -> list[Block]:
    """What could be bought next, and why it is not."""
    result = teller.part("steps")
    rows = result.get("variants", ())[1:]
    if not rows or not teller.shows("weakness"):
        return []
    ranked = sorted(rows, key=lambda r: -(r["net"]["value"] if r["net"] else 0.0))
    cells = []
    for row in ranked[:MOST_STEPS]:
        cells.append([_demanded(row["with"][0], teller), teller.money(row["once"], PRICE), teller.money(row["yearly"], PRICE),
                      teller.told_apart(row["avoided_per_year"], "money"), _why_not(row, teller)])  # fmt: skip
    said = [teller.say("left.not_bought", n=len(rows), years=numbers.count(result["years"], teller.lang)),
            teller.say(f"left.reason_{teller.result['chosen']}"),
            *paper_plan.first_left(rows, result["years"], teller), _same_measure(teller)]  # fmt: skip
    columns = "defence once>:price yearly>:price avoided>:loss why_not:price"
    return [Heading(teller.say("left.next")), *teller.p("left.next", said, "steps"), *teller.table(columns, cells, "left")]


def _demanded(name: str, teller: Teller) -> str:
    """A defence by its name, and that the record says it was demanded or promised, where it does."""
    kinds = {row["kind"] for row in teller.part("record")["people"] for what in row["about"] if what and what["id"] == name}
    found = [kind for kind in paper_decisions.KEPT_WORDS if kind in kinds]
    told = teller.names.of(name, "defence")
    return teller.say("left.kept", name=told, deed=teller.say(f"deed.{found[-1]}")) if found else told


def _same_measure(teller: Teller) -> str:
    """Where what is bought does not pay either: that the reasons go by expected loss alone."""
    row = paper_choices.bundle(teller)
    return teller.say("left.same_measure") if row and row["net"] and row["net"]["value"] < 0 and teller.shows("price") else ""


def _why_not(row: Row, teller: Teller) -> str:
    """In a few words: it pays and waits, it does not pay, or nobody can tell."""
    if row["net"] is None:
        saved = sum(s["avoided_h_per_year"]["value"] for s in row["services"].values() if s["avoided_h_per_year"])
        return teller.say("why_not.hours", t=numbers.point(max(0.0, saved), "hours", teller.lang))
    if row["avoided_per_year"]["value"] <= TOLD_APART * row["avoided_per_year"]["standard_error"]:
        return teller.say("why_not.no_difference")
    if abs(row["net"]["value"]) <= TOLD_APART * row["net"]["standard_error"]:
        return teller.say("why_not.even")
    return teller.say("why_not.pays" if row["net"]["value"] > 0 else "why_not.dear")
