"""Inputs and where they come from, in words: for every report that says what its numbers rest on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.tables import NONE, Table
from blackstart.text import has, say

Row = Mapping[str, Any]
_GROUPS = {
    "components": "component", "hazards": "hazard", "barriers": "barrier", "teams": "team", "domains": "domain", "defences": "defence",
}  # fmt: skip
MORE = "25"  # per cent by which an input is tried larger


class Origins:
    """Tells inputs (rows as `origins.origin` makes them); `cited` is what the keys in their notes stand for."""

    def __init__(self, names: Names, cited: Mapping[str, str]) -> None:
        self.names, self.lang, self._keys = names, names.lang, cited

    def say(self, key: str, **values: Any) -> str:
        return say(f"reasons.{key}", self.lang, **values)

    def thing(self, row: Row) -> str:
        group, name = row["thing"]
        return self.names.of(name, _GROUPS[group])

    def named(self, row: Row) -> str:
        """An input by its thing and what it says of it."""
        group, name = row["thing"]
        rest = row["path"].removeprefix(f"{group}.{name}.")
        steps = re.sub(r"\[\d+\]", "", rest).split(".")
        if steps[0] == "lasts" and len(steps) == 2:
            known = f"reasons.time.{steps[1]}"
            return self.say("input.lasts", name=self.thing(row), time=say(known, self.lang) if has(known, self.lang) else steps[1])
        number = re.search(r"\[(\d+)\]", rest)
        for k in range(len(steps)):
            key = f"reasons.input.{'.'.join(steps[k:])}"
            if has(key, self.lang):
                return say(key, self.lang, name=self.thing(row), n=int(number[1]) + 1 if number else "")
        return self.say("input.other", name=self.thing(row), path=rest)

    def value(self, row: Row) -> str:
        """What is written; what the library brings as the range that 9 in 10 lie in."""
        if row["state"] == "stated" or row["percentiles"] is None:
            return row["text"]
        low, _, high = row["percentiles"]
        kind = {"rate": "per_year", "chance": "percent", "duration": "hours"}[row["kind"]]
        return numbers.band({"band": (low, high)}, kind, self.lang, key="range") or numbers.point(low, kind, self.lang)

    def origin(self, row: Row) -> str:
        if row["state"] == "history":
            return self.say("origin.history", data=row["history"]["data"])
        if row["state"] == "library":
            return self.say("origin.library", rows=", ".join(s["id"] for s in row["sources"] if not s["under"]))
        return self.place(row)

    def place(self, row: Row) -> str:
        return self.say("origin.stated", file=row["file"] or NONE, line=row["line"] or NONE)

    def sources(self, rows: Sequence[Row]) -> list[Any]:
        """What the files say beside their inputs, and what stands behind that."""
        noted = list({(row["file"], row["line"]): row for row in rows if _is_noted(row)}.values())
        if not noted:
            return self.behind(rows)
        cells = [[self.place(row), row["note"]] for row in noted]
        return [self.say("sources.notes"), self.table(["place", "note"], cells, (False, False)), *self.behind(rows)]

    def behind(self, rows: Sequence[Row]) -> list[Any]:
        """What the keys in the notes stand for, and the library's rows with their titles and addresses."""
        keys = self.keys(rows)
        cited = [self.say("sources.cited"), self.table(["key", "stands-for"], [list(k) for k in keys], (False, False))]
        return [*(cited if keys else []), *self.library(rows)]

    def keys(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        """The keys that the notes of these inputs cite, each with what it stands for."""
        return [(key, self._keys[key]) for key in self._cited([row["note"] for row in rows if _is_noted(row)])]

    def library(self, rows: Sequence[Row]) -> list[Any]:
        """The library's rows that these inputs rest on, with their titles and addresses."""
        found = self.library_rows(rows)
        if not found:
            return []
        cells = [[s["id"], s["title"], s["address"] or NONE, s["grade"]] for s in found]
        table = self.table(["row", "title", "address", "grade"], cells, (False,) * 4)
        return [self.say("sources.rows"), table, self.say("sources.grades")]

    def library_rows(self, rows: Sequence[Row]) -> list[Row]:
        """The library's rows that these inputs rest on, each once."""
        found: dict[str, Row] = {}
        for row in rows:
            for source in [*row["sources"], *(row["history"]["prior_sources"] if row["history"] else [])]:
                if source["title"]:
                    found[source["id"]] = source
        return list(found.values())

    def _cited(self, notes: Sequence[str]) -> list[str]:
        """Keys that these notes cite, and those cited by what they stand for, in this order."""
        keys: list[str] = []
        todo = list(notes)
        while todo:
            said = todo.pop(0)
            new = [key for key in self._keys if f"[{key}]" in said and key not in keys]
            keys += new
            todo += [self._keys[key] for key in new]
        return keys

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Table:
        return Table([self.say(f"column.{key}", more=MORE) for key in head], rows, right).without_empty()


def _is_noted(row: Row) -> bool:
    return row["state"] == "stated" and bool(row["note"])
