"""What to buy when while demand grows, in sentences and tables; the same for the terminal and for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers, outline, story, tables
from blackstart.report.names import Names
from blackstart.report.outline import Block, Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
MATTERS = 1.01  # below which the sum of losses and costs is the same


def report(result: Result, names: Names) -> Outline:
    """The plan over the stages as an outline."""
    told = _Telling(result, names)
    blocks = {"stages": told.stages(), "buy": told.buy(), "open": told.open(), "total": told.total(), "method": [told.say("method")]}
    sections = [Section(key, told.say(f"section.{key}"), found) for key, found in blocks.items() if found]
    notes = [] if result["all_judged"] else [told.sure()]
    more = [*told.more(), *story.defences(result, names)]
    led = outline.traced(result, names, sections)
    return Outline(tables.title(result, names), told.first(), more, notes, [*led, outline.provenance(result, names)])


class _Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang

    def say(self, key: str, **values: Any) -> str:
        return say(f"growth.{key}", self.lang, **values)

    def money(self, value: float, digits: int = 2) -> str:
        return numbers.point(value, "money", self.lang, self.r["currency"], digits)

    def estimate(self, est: Mapping[str, Any]) -> str:
        return numbers.write(est, "money", self.lang, self.r["currency"])

    def when(self, hours: float) -> str:
        """A time from now in months: `now`, `in 14 months`."""
        months = round(hours / 730.0)
        return self.say("when.later", n=months) if months else self.say("when.now")

    def listed(self, ids: list[str]) -> str:
        return self.names.join([self.names.of(i, "defence") for i in ids], len(ids))

    def size(self, factor: float) -> str:
        return self.say("times", n=write_number(factor, 2))

    def sure(self) -> str:
        """By how much another plan could be cheaper at most, where not all were judged."""
        gap, whole = self.r["gap"], sum(self.r["total"]["plan"].values())
        share = numbers.whole_percent(min(1.0, gap / (whole or 1.0)), self.lang)
        return Leading(self.say("note.bounded", n=self.r["judged"], gap=self.money(gap), share=share), number(self.r, "gap"))

    def first(self) -> str:
        plan, nothing = (sum(self.r["total"][key].values()) for key in ("plan", "nothing"))
        years = write_number(self.r["provenance"]["study"]["over_years"], 2)
        if plan >= nothing:
            return self.say("first.nothing", years=years)
        total = self.r["total"]["plan"]
        cost, saved = self.money(total["cost"]), self.money(nothing - plan)
        own = {cost: number(self.r, "total.plan.cost"), f"{years}": ""}
        return Leading(self.say("first.plan", years=years, saved=saved, cost=cost), number(self.r, "total.plan.loss"), own)

    def more(self) -> list[str]:
        """What to buy now, what later, what never; what it would cost to look only at today."""
        said = []
        for stage in self.r["stages"]:
            if stage["bought"]:
                key = "now" if stage["begin_h"] == 0.0 else "later"
                names = self.listed([row["id"] for row in stage["bought"]])
                said.append(self.say(f"more.{key}", when=self.when(stage["begin_h"]), names=names))
        if self.r["never"] and said:  # where nothing is bought at all, that has been said
            said.append(self.say("more.never", names=self.listed(self.r["never"])))
        ahead, alone = (sum(self.r["total"][key].values()) for key in ("plan", "step_by_step"))
        if alone > MATTERS * ahead:
            said.append(Leading(self.say("more.alone", by=self.money(alone - ahead)), number(self.r, "total.step_by_step.loss")))
        return said

    def stages(self) -> list[Block]:
        rows = [
            [self.when(s["begin_h"]), self.size(s["demand"]), self.size(s["loss_factor"]),
             *(self.estimate(s[key]) for key in ("loss_nothing", "loss_before", "loss_after")), self.money(s["cost"])]
            for s in self.r["stages"]
        ]  # fmt: skip
        leads = [[number(self.r, f"stages.{n}.{key}") for key in ("loss_after", "cost")] for n in range(len(rows))]
        places = [("", "", "", loss, loss, loss, cost) for loss, cost in leads]
        return [self._table("when demand loss nothing before after spent", rows, "lrrrrrr", places)]

    def buy(self) -> list[Block]:
        rows = [
            [self.names.of(b["id"], "defence"), self.when(b["begins_h"]), self.when(b["ends_h"]),
             self.money(b["once"]) if b["once"] else NONE, self.money(b["yearly"]) if b["yearly"] else NONE]
            for s in self.r["stages"] for b in s["bought"]
        ]  # fmt: skip
        places = [number(self.r, f"stages.{n}.bought.{m}") for n, s in enumerate(self.r["stages"]) for m in range(len(s["bought"]))]
        return [self._table("defence begin ready once yearly", rows, "lllrr", places).without_empty()] if rows else []

    def open(self) -> list[Block]:
        return [
            self.say("open.one", name=self.names.of(row["id"], "defence"), when=self.when(self.r["stages"][row["stage"]]["begin_h"]),
                     others=self.listed(row["not_before"]))
            for row in self.r["open"]
        ]  # fmt: skip

    def total(self) -> list[Block]:
        rows = [
            [self.say(f"total.{key}"), self.money(row["loss"], 3), self.money(row["cost"], 3), self.money(row["loss"] + row["cost"], 3)]
            for key, row in self.r["total"].items()
        ]  # fmt: skip
        places = [("", *(number(self.r, f"total.{key}.{part}") for part in ("loss", "cost", "loss"))) for key in self.r["total"]]
        return [self._table("how loss-all cost-all sum", rows, "lrrr", places)]

    def _table(self, columns: str, rows: list[list[str]], sides: str, places: Sequence[str | tuple[str, ...]]) -> Table:
        return Table([self.say(f"column.{c}") for c in columns.split()], rows, [side == "r" for side in sides], places)
