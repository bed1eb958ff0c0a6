"""Defences side by side, in sentences and one table; the same for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers, outline, story, tables
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say

Result = Mapping[str, Any]
TOLD_APART = 2.0  # standard errors
MOST_COLUMNS = 5  # services beside each other; beyond it they stand below each other


def report(result: Result, names: Names) -> Outline:
    """The comparison as an outline."""
    first, *more = headline(result, names)
    notes = story.outcome(result, names) if result["outcome"]["state"] == "stopped" else []
    free = dict.fromkeys(id_ for row in result["variants"] for id_ in row.get("free", ()))
    notes += [say("compare.free", names.lang, names=names.listed(free, 6, "defence"))] if free and result["lead"] else []
    by_hours = hours(result, names)
    sections = [
        Section("money", say("compare.section.money", names.lang), [money(result, names)]),
        Section("hours", say("compare.section.hours", names.lang),
                [by_hours] if len(by_hours.head) <= MOST_COLUMNS + 1 else outline.in_short(hours_by_service(result, names), names)),
        Section("method", names.say("section.method"), [say("compare.method", names.lang)]),
    ]  # fmt: skip
    sections = [*outline.traced(result, names, sections), outline.provenance(result, names)]
    more += [*story.rescued_between(result, names), *story.defences(result, names)]
    return Outline(tables.title(result, names), first, more, notes, sections)


def named(row: Sequence[str], names: Names) -> str:
    """A variant by its defences; the first one, which adds none, by that."""
    return " + ".join(names.of(d, "defence") for d in row) if row else say("compare.as-is", names.lang)


def headline(result: Result, names: Names) -> list[str]:
    """Which variant is worth most over the years, whether that is sure, and what none of them mends."""
    lang, currency, lead = names.lang, result["currency"], result["lead"]
    years = numbers.count(result["years"], lang)
    if lead is None:
        return _by_hours(result, names)
    best = next(row for row in result["variants"] if row["with"] == lead["best"])
    values = {"name": named(lead["best"], names), "years": years,
              "avoided": numbers.about(best["avoided_per_year"], "money", lang, currency),
              "net": numbers.write(best["net"], "money", lang, currency)}  # fmt: skip
    place = number(result, f"variants.{result['variants'].index(best)}.net")
    said: list[str] = [Leading(say("compare.best" if best["net"]["value"] > 0 else "compare.none-pays", lang, **values), place)]
    share = best["pays_share"]
    if share is not None and 0.0 < share < 1.0:
        said.append(Leading(say("compare.share", lang, share=numbers.whole_percent(share, lang)), place))
    gap = lead["difference"]
    if gap is not None:
        sure = gap["value"] > TOLD_APART * gap["standard_error"]
        other, shown = named(lead["next"], names), numbers.write(gap, "money", lang, currency)
        told = say("compare.ahead" if sure else "compare.tied", lang, name=named(lead["best"], names), other=other, gap=shown)
        said.append(Leading(told, place))
    return said


def _by_hours(result: Result, names: Names) -> list[str]:
    """Without money: the variant that saves the most hours out, all services together."""

    def saved(row: Mapping[str, Any]) -> float:
        return sum(s["avoided_h_per_year"]["value"] for s in row["services"].values() if s["avoided_h_per_year"])

    best = max(result["variants"][1:], key=saved)
    t = numbers.point(max(saved(best), 0.0), "hours", names.lang)
    return [say("compare.best-hours", names.lang, name=named(best["with"], names), t=t)]


def money(result: Result, names: Names) -> Table:
    """Loss, what is avoided of it, costs, net value over the years, share of the possible worlds in which it pays."""
    lang, currency, rows = names.lang, result["currency"], []

    def estimate(est: Mapping[str, Any] | None) -> str:
        return numbers.write(est, "money", lang, currency) if est else NONE

    def amount(value: float | None) -> str:
        return NONE if value is None else numbers.point(value, "money", lang, currency)

    for row in result["variants"]:
        share = row["pays_share"]
        rows.append([
            named(row["with"], names), estimate(row["loss_per_year"]), estimate(row["avoided_per_year"]),
            amount(row["once"]), amount(row["yearly"]), estimate(row["net"]),
            NONE if share is None else numbers.whole_percent(share, lang),
        ])  # fmt: skip
    heads = ("with", "loss", "avoided", "once", "yearly", "net", "pays")
    head = [say(f"compare.column.{h}", lang, years=numbers.count(result["years"], lang)) for h in heads]
    keys = ("loss_per_year", "avoided_per_year", "once", "yearly", "net", "net")
    places = [("", *(number(result, f"variants.{n}.{key}") for key in keys)) for n in range(len(rows))]
    return Table(head, rows, [False] + [True] * 6, places).without_empty()


def hours(result: Result, names: Names) -> Table:
    """Hours out a year of each service, by variant."""
    lang = names.lang
    services = sorted(
        result["variants"][0]["services"], key=lambda s: -result["variants"][0]["services"][s]["downtime_h_per_year"]["value"]
    )
    rows = []
    for row in result["variants"]:
        known = row["services"]
        rows.append([named(row["with"], names), *(numbers.write(known[s]["downtime_h_per_year"], "hours", lang) if s in known else NONE
                                                  for s in services)])  # fmt: skip
    places = [("", *(number(result, f"variants.{n}.services.{s}.downtime_h_per_year") for s in services)) for n in range(len(rows))]
    return Table([say("compare.column.with", lang), *(names.of(s) for s in services)], rows, [False] + [True] * len(services), places)


def hours_by_service(result: Result, names: Names) -> Table:
    """The same, a row for each service: for many services."""
    table = hours(result, names)
    rows = [[table.head[i], *(row[i] for row in table.rows)] for i in range(1, len(table.head))]
    places = [("", *(place[i] for place in table.about)) for i in range(1, len(table.head))]
    head = [say("report.column.service", names.lang), *(row[0] for row in table.rows)]
    return Table(head, rows, [False] + [True] * len(table.rows), places)
