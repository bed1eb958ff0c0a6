"""Signed curves of risk beside the ones that there are: whether they are kept, where not and by how much; a chart; a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import charts, numbers
from blackstart.report.markup import Html, join, svg, tag, text_width, write_at
from blackstart.report.names import Names
from blackstart.report.tables import Table
from blackstart.report.ways import Leading, number
from blackstart.text import say
from blackstart.units import write_number

Row = Mapping[str, Any]
LENGTHS_H = (1 / 60, 1 / 6, 1, 4, 12, 24, 72, 168, 720, 4380)
BEGINNING = tuple(f"then.{state}" for state in ("inside", "open", "outside"))  # sentences that begin with what is bought
DECADES = 6  # of the axis of frequency at most


def sentences(result: Row, names: Names) -> list[str]:
    """Whether an assessment keeps the signed curves; nothing where none is signed, and of other results."""
    return Told(result.get("signed", ()), names, result["currency"], to=number(result, "signed")).sentences()


class Told:
    """The signed curves of one result.

    with_then : whether what is bought is beside what there is
    after : what that is, in words
    to : place on the page of the curves in the result; "" where none is
    """

    def __init__(self, rows: Sequence[Row], names: Names, currency: str | None, after: str = "", to: str = "") -> None:
        self.to = to
        self.rows, self.names, self.lang, self.currency, self.after = rows, names, names.lang, currency, after
        self.points = [(row, point) for row in rows for point in row["points"]]
        self.places = [f"{to}.{n}.points.{k}" if to else "" for n, row in enumerate(rows) for k in range(len(row["points"]))]
        self.with_then = any(point.get("then") for _, point in self.points)

    def say(self, key: str, **values: Any) -> str:
        said = say(f"signed.{key}", self.lang, **values)
        return said[0].upper() + said[1:] if key.endswith(BEGINNING) and self.lang == "en" else said

    # -- words

    def size(self, row: Row, amount: float) -> str:
        if row["measure"] == "hours":
            return numbers.clock(amount, self.lang)
        return numbers.point(amount, "money", self.lang, self.currency)

    def what(self, row: Row, amount: float) -> str:
        """What a point is about: `shop out for longer than 4 h`."""
        whose = "firm" if row["of"] is None else "service"
        name = "" if row["of"] is None else self.names.of(row["of"])
        return self.say(f"what.{row['measure']}-{whose}", name=name, size=self.size(row, amount))

    def sentences(self) -> list[str]:
        """Whether the signed curves are kept: as it is, and with what is bought."""
        if not self.points:
            return []
        said = [self._kept("per_year", "state", "now" if self.with_then else "is")]
        return [*said, self._kept("then", "state_then", "then")] if self.with_then else said

    def _kept(self, key: str, state: str, when: str) -> str:
        out = [(row, p) for row, p in self.points if p[state] == "outside"]
        still = sum(p[state] == "open" for _, p in self.points)
        everywhere = "everywhere" if len(out) > 1 else "everywhere-one"
        where = self.say(everywhere if len(out) == len(self.points) else "at", n=len(self.points), k=len(out))
        values = {"n": len(self.points), "where": where, "after": self.after}
        if not out:
            return Leading(self.say(f"{when}.open" if still else f"{when}.inside", still=still, **values), self.to)
        row, p = max(out, key=lambda rp: _times(rp[1], key) or math.inf)
        times, worst = _times(p, key), self.places[next(n for n, (_, other) in enumerate(self.points) if other is p)]
        said = self.say(
            f"{when}.outside", what=self.what(row, p["amount"]), often=numbers.about(p[key], "per_year", self.lang),
            accepted=numbers.often(p["accepted_per_year"], self.lang), **values,
            by=self.say("by", times=write_number(times, 2)) if times else "",
        )  # fmt: skip
        return Leading(said, worst, {values["where"]: self.to, self.after: ""})

    # -- the table

    def table(self) -> Table:
        rows = []
        for row, p in self.points:
            cells = [self.what(row, p["amount"]), numbers.often(p["accepted_per_year"], self.lang)]
            for key, state in (("per_year", "state"), *([("then", "state_then")] if self.with_then else [])):
                cells += [numbers.write(p[key], "per_year", self.lang), self._verdict(p, key, state)]
            rows.append(cells)
        head = ["point", "accepted", "lived", "verdict", *(["then", "verdict-then"] if self.with_then else [])]
        right = [False, True, True, False, True, False][: len(head)]
        return Table([self.say(f"column.{h}", after=self.after) for h in head], rows, right, self.places if self.to else ())

    def _verdict(self, p: Row, key: str, state: str) -> str:
        times = _times(p, key)
        return self.say(f"verdict.{p[state]}", times=write_number(times, 2)) if times else self.say(f"verdict.{p[state]}-never")

    # -- the charts

    def drawn(self) -> Html:
        """A chart for each curve, side by side where there is room, and what the lines mean."""
        drawn = [tag("figure", tag("figcaption", self.title(row)), self.chart(row)) for row in self.rows]
        keys = [charts.line_key("curve signed", self.say("chart.signed")), charts.line_key("curve", self.say("chart.now"))]
        if self.with_then:
            keys.append(charts.line_key("curve oep", self.after))
        return join([charts.together(drawn), tag("p", *keys, class_="legend")])

    def title(self, row: Row) -> str:
        whose = "firm" if row["of"] is None else "service"
        return self.say(f"title.{row['measure']}-{whose}", name="" if row["of"] is None else self.names.of(row["of"]))

    def chart(self, row: Row) -> Html:
        width, height, top, bottom = 350.0, 240.0, 12.0, 40.0
        lived = [row["curve"], *([row["curve_then"]] if row.get("curve_then") else [])]
        span = _span([v for c in lived for v in c["per_year"]], [p["accepted_per_year"] for p in row["points"]])
        words = {f: numbers.often(f, self.lang) for f in charts.LogAxis(*span, 1.0, 0.0).decades()}
        left = max(text_width(w, 11.5) for w in words.values()) + 10
        x = charts.LogAxis(row["curve"]["amount"][0], max(c["amount"][-1] for c in lived), left, width - 10)
        y = charts.LogAxis(*span, height - bottom, top)
        drawn = charts.frequency_grid(y, left, width - 10, words)
        drawn += self._ticks(row, x, top, height - bottom)
        axis = self.say(f"chart.x-{row['measure']}")
        drawn.append(write_at((left + width) / 2, height - 6, axis, "middle", "axis"))
        for data, class_ in zip(lived, ("curve", "curve oep"), strict=False):
            line = [(x.at(a), y.at(v)) for a, v in zip(data["amount"], data["per_year"], strict=True) if v >= y.low]
            drawn.append(charts.polyline(line, class_))
        drawn += self._signed(row, x, y)
        return svg(width, height, *drawn, label=self.title(row), class_="small")

    def _signed(self, row: Row, x: charts.LogAxis, y: charts.LogAxis) -> list[Html]:
        """The signed points, with the steps between them; a point that is passed is filled."""
        stairs: list[tuple[float, float]] = []
        for p in row["points"]:
            at = x.at(p["amount"]), y.at(max(p["accepted_per_year"], y.low))
            stairs += [(at[0], stairs[-1][1])] if stairs else []
            stairs.append(at)
        drawn = [charts.polyline([*stairs, (x.b, stairs[-1][1])], "curve signed")]
        for p, (px, py) in zip(row["points"], stairs[::2], strict=True):
            said = f"{self.what(row, p['amount'])}: {numbers.often(p['accepted_per_year'], self.lang)}"
            fill = "var(--alarm)" if p["state"] == "outside" else "var(--paper)"
            drawn.append(tag("rect", tag("title", said), x=px - 4.5, y=py - 4.5, width=9, height=9, class_="point", fill=fill))
        return drawn

    def _ticks(self, row: Row, x: charts.LogAxis, top: float, bottom: float) -> list[Html]:
        drawn, last = [], -99.0
        for amount in LENGTHS_H if row["measure"] == "hours" else x.decades():
            if x.low <= amount * 1.0001 and amount <= x.high:
                drawn.append(tag("line", x1=x.at(amount), x2=x.at(amount), y1=top, y2=bottom, class_="grid"))
                words = charts.short_length(amount, self.names) if row["measure"] == "hours" else self.size(row, amount)
                if x.at(amount) - last > text_width(words, 11.5) + 8:
                    last = x.at(amount)
                    anchor = "end" if x.b + 10.0 - last < text_width(words, 11.5) / 2 else "middle"
                    drawn.append(write_at(last, bottom + 15, words, anchor, "tick"))
        return drawn


def _times(point: Row, key: str) -> float | None:
    """How many times as often as signed; None where it may never come."""
    return point[key]["value"] / point["accepted_per_year"] if point["accepted_per_year"] else None


def _span(lived: Sequence[float], accepted: Sequence[float]) -> tuple[float, float]:
    """Decades that hold the signed points with a little room, and as much of the curve as fits."""
    some = [a for a in accepted if a > 0] or [1.0]
    high = 10.0 ** math.ceil(math.log10(max(*some, *lived, 1e-12)) + 1e-9)
    low = 10.0 ** (math.floor(math.log10(min(some))) - 1)
    return max(low, high / 10.0 ** max(DECADES, math.ceil(math.log10(high / min(some))))), high


def definition(estimate: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of one signed curve beside the one that there is."""
    state = {"enum": ["inside", "outside", "open"], "description": "open: the error of the computation leaves it open"}
    number = {"type": "number"}
    curve = {
        "type": "object", "additionalProperties": False, "required": ["amount", "per_year"],
        "properties": {"amount": {"type": "array", "items": number}, "per_year": {"type": "array", "items": number}},
    }  # fmt: skip
    point = {
        "amount": {**number, "description": "hours, or money"}, "accepted_per_year": {**number, "description": "how often it may come"},
        "per_year": estimate, "state": state, "state_then": state,
        "then": {**estimate, "description": "with the portfolio held against it"},
    }  # fmt: skip
    fields = {
        "of": {"type": ["string", "null"], "description": "a service; null: the whole firm"}, "measure": {"enum": ["hours", "loss"]},
        "points": {"type": "array", "items": {
            "type": "object", "properties": point, "required": ["amount", "accepted_per_year", "per_year", "state"],
            "additionalProperties": False,
        }},
        "curve": {**curve, "description": "how often a year something longer or dearer comes"},
        "curve_then": {**curve, "description": "with what is bought"},
    }  # fmt: skip
    return {"type": "object", "properties": fields, "required": ["of", "measure", "points", "curve"], "additionalProperties": False}
