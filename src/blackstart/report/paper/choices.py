"""The white paper on what can be chosen: nothing, the few that help most, all that was missing, what is off the list; side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from blackstart.report import numbers
from blackstart.report.paper import decisions as paper_decisions
from blackstart.report.paper import plan as paper_plan
from blackstart.report.paper import story as paper_story
from blackstart.report.tables import NONE, Table
from blackstart.report.teller import TOLD_APART, Row, Teller

FEW_NAMES = 3
LONG = "24h"


def bundle(teller: Teller) -> Row | None:
    """The row of the comparison with everything that is bought."""
    rows = teller.part("comparison").get("variants", ())
    return rows[-1] if len(rows) > 1 else None


def over_years(est: Row, years: float) -> Row:
    """What comes to so much a year, over some years."""
    return {"value": years * est["value"], "standard_error": years * est["standard_error"], "band": None}


def apart(before: Row, after: Row) -> bool:
    """Whether two estimates differ by more than their errors can make them."""
    return bool(abs(before["value"] - after["value"]) > TOLD_APART * math.hypot(before["standard_error"], after["standard_error"]))


def longest_out(assessed: Row) -> tuple[str, Row] | None:
    """The service that is out for a day most often."""
    rows = {id_: row["outages_per_year_longer_than"][LONG] for id_, row in assessed["services"].items()}
    known = {id_: est for id_, est in rows.items() if numbers.rare(est) is None} or rows
    return max(known.items(), key=lambda r: r[1]["value"]) if known else None


def most_often_long(teller: Teller) -> tuple[str, Row, Row] | None:
    """The service which, of those that fell, is out for a day most often: how often before and after."""
    before, after, fell = teller.part("before"), teller.part("after"), set(paper_story.affected(teller))
    worst = longest_out({"services": {id_: row for id_, row in before["services"].items() if id_ in fell}}) or longest_out(before)
    if not worst or worst[1]["value"] <= 0 or worst[0] not in after["services"]:
        return None
    return *worst, after["services"][worst[0]]["outages_per_year_longer_than"][LONG]


def tied(id_: str, long: Row, assessed: Row, teller: Teller) -> bool:
    """Whether another service of those that fell may be out for a day as often."""
    fell = set(paper_story.affected(teller)) - {id_}
    rows = [row["outages_per_year_longer_than"][LONG] for other, row in assessed["services"].items() if other in fell]
    return any(not apart(long, row) for row in rows)


def alone(key: str, teller: Teller) -> Row | None:
    """The row of the comparison with ``few``, what is ``beside``, or ``both``; None where there is none, or this edition hides it."""
    chosen = teller.result[key]
    shown = key == "few" or teller.result["chosen"] == "record" and all(teller.shows(kind) for kind in ("price", "loss", "weakness"))
    if not chosen or not shown:
        return None
    return next((row for row in teller.part("comparison").get("variants", ()) if row["with"] == chosen["with"]), None)


def offered(teller: Teller, *, named: bool = False) -> list[tuple[str, str, Row]]:
    """What can be chosen beside nothing: each with its key, its name and its row of the comparison. named : the few by their names"""
    whole, found = bundle(teller), []
    if whole is None:
        return []
    few = teller.result["few"]
    if few and (row := alone("few", teller)):
        values = {"n": teller.few(len(few["with"])), "names": teller.names.listed(few["with"], FEW_NAMES, "defence")}
        found.append(("few", teller.say("choice.few_named" if named else "choice.few", **values), row))
    all_ = teller.say("choice.all", n=len(whole["with"])) if len(whole["with"]) > 1 else teller.names.listed(whole["with"], 1, "defence")
    found.append(("all", all_, whole))
    for key in ("beside", "both"):
        row = alone(key, teller)
        if row:
            names = teller.names.listed(teller.result["beside"]["with"], FEW_NAMES, "defence")
            values = {"names": names, "n": teller.few(len(few["with"])) if few else ""}
            found.append((key, teller.say(f"choice.{key}", **values), row))
    return found


def choices(teller: Teller, titled: str = "") -> list[Table]:
    """What can be chosen, with costs and effects."""
    known, found = most_often_long(teller), offered(teller, named=bool(titled))
    if not found or len(found) == 1 and not titled and not known:
        return []  # what that one costs and avoids stands above it
    rows = [[teller.say("choice.nothing"), NONE, NONE, NONE, teller.cell(known[1], "per_year") if known else NONE]]
    for key, name, row in found:
        long = known and (known[2] if key == "all" else teller.result[key]["long_per_year"].get(known[0]))
        rows.append([name, *_worth(row, teller), teller.cell(long, "per_year") if long else NONE])
    made = teller.table("choice cost_over>:price avoided_over>:loss ratio>:price long>", rows, titled)
    day = known and teller.say("bought.day", name=teller.names.of(known[0]))
    return [replace(table, head=[*table.head[:-1], day]) if day else table for table in made]


def _worth(row: Row, teller: Teller) -> list[str]:
    """What a choice costs over the years, what it avoids in them, and by how many times it costs more."""
    years, avoided = teller.part("comparison")["years"], row["avoided_per_year"]
    cost = paper_decisions.cost_of([row], teller)
    return [teller.money(cost, paper_decisions.SUMMED) if cost else NONE,
            teller.told_apart(over_years(avoided, years), "money") if avoided else NONE,
            paper_plan.ratio(paper_plan.times_avoided(row, years))]  # fmt: skip


def asked(found: Sequence[Table], teller: Teller, *, briefly: bool = False) -> list[str]:
    """What a board is asked, where nobody has chosen: which choice of the table to take; over how many years these are counted."""
    open_ = found and teller.level == "board" and teller.result["chosen"] == "record"
    said = [teller.say("choice.asked", n=teller.few(len(found[0].rows)))] if open_ else []
    if found and teller.shows("price"):
        said.append("" if briefly else _others_pay(teller))
        key = "choice.how_beside" if alone("beside", teller) and not briefly else "choice.how"
        said.append(teller.say(key, years=numbers.count(teller.part("comparison")["years"], teller.lang)))
    return said


def _others_pay(teller: Teller) -> str:
    """That somebody else alone is taken to pay for the few, where the model says so."""
    few, payers = teller.result["few"], paper_plan.payers(teller)
    mine = next((name for name in payers if few and set(few["with"]) <= set(paper_plan.paid_for_by(name, teller))), None)
    return teller.say("choice.others_pay", names=teller.names.listed(few["with"], FEW_NAMES, "defence"), name=mine) if mine else ""


def as_often(teller: Teller) -> str:
    """That the few change how often a service is out for a day no less than all do, where the error hides the difference."""
    few, known = teller.result["few"], most_often_long(teller)
    same = few and known and not apart(few["long_per_year"][known[0]], known[2])
    return teller.say("choice.as_often", n=teller.few(len(few["with"])), name=teller.names.of(known[0])) if same and known else ""
