"""What a change does to the risk, in sentences and tables; the same for the terminal, the page and a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers, outline, story, tables
from blackstart.report.misfortunes import Misfortunes
from blackstart.report.names import Names
from blackstart.report.outline import Block, Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Estimate = Mapping[str, Any]
TOLD_APART = 2.0  # standard errors
SHOWN = 40  # rows of a table
NEGLIGIBLE = {"over_24h": 1e-6}  # of a chance: whatever lies below is no matter of any decision
MANY_TIMES = 9.0  # from ten times as much on
LONGEST = 60  # letters of a value of the files
KINDS = {"hours": "hours", "over_24h": "percent", "user_hours": "count", "loss": "money", "tvar": "money"}


def report(result: Result, names: Names) -> Outline:
    """The difference as an outline."""
    told = _Telling(result, names)
    blocks = {
        "gates": told.gates(), "services": told.services(), "total": told.total(), "deadlocks": told.deadlocks(),
        "overlaps": told.overlaps(), "changes": told.changes(), "method": [told.say("method")],
    }  # fmt: skip
    sections = [Section(key, told.say(f"section.{key}"), found) for key, found in blocks.items() if found]
    notes = story.outcome(result, names) if result["outcome"]["state"] == "stopped" else []
    sides = told.say("sides", before=result["before"]["name"], after=result["after"]["name"])
    more = [*told.said_of_gates(), sides, *told.more(), *story.rescued_between(result, names), *story.defences(result, names)]
    led = outline.traced(result, names, sections)
    return Outline(tables.title(result, names), told.first(), more, notes, [*led, outline.provenance(result, names)])


def is_told(change: Estimate | None) -> bool:
    """Whether a change stands out from the error of the computation."""
    return change is not None and abs(change["value"]) > TOLD_APART * change["standard_error"]


class _Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang

    def say(self, key: str, **values: Any) -> str:
        return say(f"difference.{key}", self.lang, **values)

    # -- numbers

    def _unit(self, kind: str) -> str | None:
        return self.r["currency"] if kind == "money" else None

    def write(self, est: Estimate | None, measure: str) -> str:
        return numbers.write(est, KINDS[measure], self.lang, self._unit(KINDS[measure])) if est else NONE

    def about(self, est: Estimate, measure: str) -> str:
        return numbers.about(est, KINDS[measure], self.lang, self._unit(KINDS[measure]))

    def point(self, value: float, kind: str, digits: int = 2) -> str:
        return numbers.point(value, kind, self.lang, self._unit(kind), digits)

    def change(self, row: Mapping[str, Any], measure: str) -> str:
        """The change with its sign; that there is none, or none that could be told from the error."""
        change = row["change"]
        if change is None:
            here = "new" if row["after"] else "gone" if row["before"] else ""
            return self.say(f"cell.{here}") if here else NONE
        if change["value"] == 0.0 and change["standard_error"] == 0.0:
            return self.say("cell.same")
        if abs(change["value"]) + TOLD_APART * change["standard_error"] < NEGLIGIBLE.get(measure, 0.0):
            return self.say("cell.hardly")
        if not is_told(change):
            bound = self.point(TOLD_APART * change["standard_error"], KINDS[measure], 1)
            return self.say("cell.within", t=bound)
        sign = "+" if change["value"] > 0 else "−"
        return sign + self.write({**change, "value": abs(change["value"])}, measure)

    def share(self, row: Mapping[str, Any]) -> str:
        """The change as a share of what was: `+8 %`, `570×` where it is many times as much; none where there was nothing."""
        before, change = row["before"], row["change"]
        if not before or not change or before["value"] <= 0:
            return NONE
        grown = change["value"] / before["value"]
        if grown >= MANY_TIMES:
            return self.say("cell.times", n=write_number(1.0 + grown, 2))
        return ("+" if grown > 0 else "−") + self.point(abs(grown), "percent")

    # -- the first screen

    def first(self) -> str:
        measure = "loss" if self.r["total"]["loss"]["after"] or self.r["total"]["loss"]["before"] else "hours"
        row = self.r["total"][measure]
        if self.r["same"]:
            return self.say("first.same")
        before, after, change = row["before"], row["after"], row["change"]
        if change is None:
            return self.say(f"first.only-{'after' if after else 'before'}", t=self.about(after or before, measure))
        values = {"before": self.about(before, measure), "after": self.about(after, measure)}
        if not is_told(change):
            said = self.say(f"first.{'none' if change['value'] == 0.0 else 'open'}-{measure}", **values)
            return Leading(said, number(self.r, f"total.{measure}"))
        by = self.about({**change, "value": abs(change["value"])}, measure)
        key = "worse" if change["value"] > 0 else "better"
        return Leading(self.say(f"first.{key}-{measure}", by=by, share=self.share(row), **values), number(self.r, f"total.{measure}"))

    def said_of_gates(self) -> list[str]:
        gates = self.r["gates"]
        if not gates:
            return []
        said = []
        for state in ("breached", "open"):
            mine = [self.say("cell.quoted", text=g["text"]) for g in gates if g["state"] == state]
            if mine:
                said.append(self.say(f"gates.{state}", names=self.names.join(mine, len(mine)), n=len(mine), of=len(gates)))
        return said or [self.say("gates.kept", n=len(gates))]

    def more(self) -> list[str]:
        said = []
        moved = {name: row["hours"] for name, row in self.r["services"].items() if is_told(row["hours"]["change"])}
        if moved and len(self.r["services"]) > 1:
            name = max(moved, key=lambda s: abs(moved[s]["change"]["value"]))
            row = moved[name]
            key = "longer" if row["change"]["value"] > 0 else "shorter"
            values = {"before": self.about(row["before"], "hours"), "after": self.about(row["after"], "hours")}
            told = self.say(f"more.{key}", name=self.names.of(name), **values)
            said.append(Leading(told, number(self.r, f"services.{name}.hours")))
        for key, rows in (("deadlocks", self.r["deadlocks_added"]), ("overlaps", self.r["overlaps_added"])):
            if rows:
                what = story.chain_text(rows[0]["chain"], self.names) if key == "deadlocks" else Misfortunes(self.names).overlap(rows[0])
                said.append(self.say(f"more.{key}", n=len(rows), what=what))
        return said

    # -- sections

    def gates(self) -> list[Block]:
        rows = [[g["text"], *self._gate_cells(g), self.say(f"state.{g['state']}")] for g in self.r["gates"]]
        leads = [self._gate_place(g) for g in self.r["gates"]]
        return [self._table("gate before after change state", rows, "lrrrl", [("", to, to, to, "") for to in leads])] if rows else []

    def _gate_place(self, gate: Mapping[str, Any]) -> str:
        """Where the page tells what stands behind the number that a gate watches."""
        what = gate["what"].replace("-", "_")
        if what not in KINDS:
            return ""
        return number(self.r, f"services.{gate['service']}.hours" if gate["service"] else f"total.{what}")

    def _gate_cells(self, gate: Mapping[str, Any]) -> list[str]:
        kind = KINDS.get(gate["what"].replace("-", "_"), "number")

        def shown(value: float | None) -> str:
            return NONE if value is None else self.point(value, kind)

        change = gate["change"]
        signed = NONE if change is None else ("+" if change > 0 else "−" if change < 0 else "") + shown(abs(change))
        return [shown(gate["before"]), shown(gate["after"]), signed]

    def services(self) -> list[Block]:
        ids = sorted(self.r["services"], key=lambda s: -abs((self.r["services"][s]["hours"]["change"] or {"value": 1e99})["value"]))
        rows = []
        for name in ids:
            row = self.r["services"][name]
            hours, long = row["hours"], row["over_24h"]
            rows.append([
                self.names.of(name), self.write(hours["before"], "hours"), self.write(hours["after"], "hours"),
                self.change(hours, "hours"), self.change(long, "over_24h"), self.change(row["loss"], "loss"),
            ])  # fmt: skip
        places = [number(self.r, f"services.{name}.hours") for name in ids]
        table = self._table("service before after change over-24h loss", rows, "lrrrrr", places).without_empty()
        return outline.in_short(table, self.names)

    def total(self) -> list[Block]:
        rows, places = [], []
        for measure in ("loss", "tvar", "hours", "over_24h", "user_hours"):
            row = self.r["total"][measure]
            if row["before"] or row["after"]:
                what = self.say(f"total.{measure}", n=numbers.count(self.r["tail_years"], self.lang))
                share = self.share(row) if is_told(row["change"]) else NONE
                cells = [self.write(row[side], measure) for side in ("before", "after")]
                rows.append([what, *cells, self.change(row, measure), share])
                places.append(number(self.r, f"total.{measure}"))
        return [self._table("what before after change share", rows, "lrrrr", places)]

    def deadlocks(self) -> list[Block]:
        return [
            self.say(f"deadlock.{key}", chain=story.chain_text(lock["chain"], self.names))
            for key in ("added", "removed") for lock in self.r[f"deadlocks_{key}"]
        ]  # fmt: skip

    def overlaps(self) -> list[Block]:
        blocks: list[Block] = []
        for key in ("added", "removed"):
            found = self.r[f"overlaps_{key}"]
            rows = [
                [Misfortunes(self.names).overlap(row), numbers.often(row["per_year"], self.lang),
                 self.point(row["longest_h"], "hours"), self.names.listed(row["services"], 3)]
                for row in found[:SHOWN]
            ]  # fmt: skip
            places = [number(self.r, f"overlaps_{key}.{n}") for n in range(len(rows))]
            if rows:
                blocks += [self.say(f"overlap.{key}", n=len(found)), self._table("overlap often longest stops", rows, "lrrl", places)]
        return blocks

    def changes(self) -> list[Block]:
        rows = [[c["path"], self._value(c["before"]), self._value(c["after"])] for c in self.r["changes"][:SHOWN]]
        left = len(self.r["changes"]) - len(rows) + self.r["changes_left_out"]
        blocks: list[Block] = [self._table("path before after", rows, "lll")] if rows else []
        return blocks + ([self.say("changes.rest", n=left)] if left else [])

    def _value(self, text: str | None) -> str:
        if text is None:
            return NONE
        return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"

    def _table(self, columns: str, rows: list[list[str]], sides: str, places: Sequence[str | tuple[str, ...]] = ()) -> Table:
        return Table([self.say(f"column.{c}") for c in columns.split()], rows, [side == "r" for side in sides], places)
