"""What stands behind the loss of a bad year: how many of the drawn years reach it, what incidents these are made of, what these cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import Asked, Behind, Line, under
from blackstart.report.behind.causes import Whole, place

Row = Mapping[str, Any]
_WHOLE_YEARS = ("aep", "tvar")  # measures of the sum of a year; the other is that of its largest incident


def bad_years(asked: Asked, which: str, period: str) -> Behind:
    """The loss of the worst year in so many: by `aep` or `tvar` the sum of a year, by `oep` its largest incident."""
    est, n = asked.result["total"]["loss"][which].get(period), f"{int(period):,}"
    heading = asked.titled(asked.say(f"bad.of-{which}", n=n), asked.say("all"))
    known = asked.result.get("bad_years") or {}
    row = (known.get("aep" if which in _WHOLE_YEARS else "oep") or {}).get(period)
    if est is None:
        return Behind(heading, [asked.say("bad.unreached", n=n)], [])
    amount, shown = _money(asked, est["value"]), numbers.write(est, "money", asked.lang, asked.result["currency"])
    said = [asked.say(f"tail.{which}", n=n, amount=amount)]
    digits = shown.partition("\N{NO-BREAK SPACE}±")[0]
    said += [] if amount.startswith(digits) else [asked.say("bad.written", n=shown, amount=amount)]
    if band := numbers.band(est, "money", asked.lang, asked.result["currency"]):
        said.append(asked.say("band-is", range=band))
    lines = []
    if row is not None:
        said += _counted(asked, which, period, row, known["drawn"])
        lines = _causes(asked, row)
        if which == "tvar":
            said.append(asked.say("bad.exact-tvar", mean=_money(asked, row["mean"])))
        said += [asked.say("bad.exact", n=n)] if which == "aep" else []
        said += [asked.say("bad.each-leads"), asked.say("bad.worlds")]
    services = [Line(asked.names.of(id_), (), rows) for id_ in asked.result["services"] if (rows := asked.of("components", id_, "loss"))]
    costs = [Line(asked.names.of(h["id"], "hazard"), (), rows) for h in asked.result["graph"].get("hazards", ())
             if (rows := asked.of("hazards", h["id"], "costs"))]  # fmt: skip
    lines += under(asked.say("line.own-all"), services) + under(asked.say("line.damage"), costs)
    columns = (asked.say("column.bad-years"), asked.say("column.incidents"), asked.say("column.largest"), asked.say("column.bad-adds"))
    return Behind(heading, [*said, asked.how("loss")], lines, columns)


def _counted(asked: Asked, which: str, period: str, row: Row, drawn: int) -> list[str]:
    """How many of the drawn years reach the amount, and what one of these is like."""
    cut = asked.result["total"]["loss"]["aep" if which in _WHOLE_YEARS else "oep"][period]["value"]
    years = {"drawn": numbers.count(drawn, asked.lang, 4), "years": f"{row['years']:,}", "amount": _money(asked, cut)}
    often = numbers.count(drawn / row["years"], asked.lang, 3).strip()
    key = "counted-any" if not cut else "counted" if which in _WHOLE_YEARS else "counted-oep"
    found = [asked.say(f"bad.{key}", often=often, all=years["drawn"].strip(), **years)]
    words = {"incidents": numbers.point(row["incidents"], "number", asked.lang), "mean": _money(asked, row["mean"])}
    found.append(asked.say("bad.one", largest=numbers.whole_percent(row["largest"], asked.lang), **words))
    found.append(asked.say("bad.adds-is", mean=words["mean"]))
    return found


def _causes(asked: Asked, row: Row) -> list[Line]:
    """What the largest incident of such years begins with, and what each cause adds to their loss."""
    whole, lines = Whole(row["mean"], "money", asked.result["currency"]), []
    for one in row["by"]:
        cause = next((c for c in asked.result["causes"] if (c["id"], c["what"]) == (one["id"], one["what"])), None)
        share = numbers.whole_percent(one["years"] / row["years"], asked.lang)
        shown = (
            asked.say("adds", n=f"{one['years']:,}", share=share),
            numbers.point(one["incidents"], "number", asked.lang) if one["years"] else "",
            _money(asked, one["largest"] * one["mean"]) if one["years"] else "",
            whole.adds(one["loss_share"], asked.lang),
        )
        to = f"{at}.loss_share" if cause and (at := place(asked, cause)) else ""
        inputs = asked.rate(one)
        lines.append(Line(asked.names.of(one["id"], one["what"]), shown, inputs, to))
    others, years = 1.0 - sum(one["loss_share"] for one in row["by"]), row["years"] - sum(one["years"] for one in row["by"])
    if others > 1e-3 or years:
        shown = f"{years:,}" if years else "", "", "", whole.adds(max(0.0, others), asked.lang)
        lines.append(Line(asked.say("line.others"), shown))
    every = asked.say("adds", n=f"{row['years']:,}", share=numbers.whole_percent(1.0, asked.lang))
    return under(asked.say("parts.bad-years"), [*lines, Line(asked.say("line.total"), (every, "", "", whole.adds(1.0, asked.lang)))])


def _money(asked: Asked, value: float) -> str:
    return numbers.point(value, "money", asked.lang, asked.result["currency"], 3)
