"""Why a number is what it is, and what nobody has stated, as outlines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.tables import NONE, Table
from blackstart.text import has, say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
CAUSES, INPUTS, QUESTIONS = 8, 16, 12
_GROUPS = {"components": "component", "hazards": "hazard", "barriers": "barrier", "teams": "team", "domains": "domain"}
_KIND_OF_NUMBER = (("_h", "hours"), ("_h_per_year", "hours"), ("availability", "availability"), ("uptime", "availability"))


def why(result: Result, names: Names) -> Outline:
    """One number with the inputs it rests on."""
    told = _Reasons(result, names)
    sections = [
        Section("causes", told.say("section.causes"), told.causes()), Section("inputs", told.say("section.inputs"), told.inputs()),
        Section("sources", told.say("section.sources"), told.sources(result["inputs"])),
        Section("method", told.say("section.method"), [told.say("why.method")]), provenance(result, names),
    ]  # fmt: skip
    return Outline(told.title("why"), told.first(), told.why_more(), [], [s for s in sections if s.blocks])


def unknowns(result: Result, names: Names) -> Outline:
    """What would narrow the band of one number, as questions."""
    told = _Reasons(result, names)
    sections = [
        Section("questions", told.say("section.questions"), told.questions()), Section("also", told.say("section.also"), told.also()),
        Section("sources", told.say("section.sources"), told.sources([*result["questions"], *result["also"]])),
        Section("method", told.say("section.method"), [told.say("unknowns.method")]), provenance(result, names),
    ]  # fmt: skip
    return Outline(told.title("unknowns"), told.first(), told.unknowns_more(), [], [s for s in sections if s.blocks])


class _Reasons:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang

    def say(self, key: str, **values: Any) -> str:
        return say(f"reasons.{key}", self.lang, **values)

    def title(self, kind: str) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return self.say(f"{kind}.title", title=title or ", ".join(self.r["provenance"]["model"]), what=self.what())

    # -- the number

    def what(self) -> str:
        """The number in words: whose, and what of it."""
        keys = self.r["number"]["path"].split(".")
        service = self.r["number"]["service"]
        rest = self.r["number"]["path"].removeprefix(f"services.{service}." if service else "total.")
        known = f"reasons.metric.{rest}"
        words = say(known, self.lang) if has(known, self.lang) else rest
        owner = self.names.of(service) if service else self.say("everything") if keys[0] == "total" else keys[0]
        return self.say("of", owner=owner, what=words)

    def shown(self, value: float | None) -> str:
        """A value of this number, with its unit."""
        if value is None:
            return NONE
        path = self.r["number"]["path"]
        if ".loss" in path:
            return numbers.point(value, "money", self.lang, self.r["currency"])
        if "outages_per_year" in path or path.endswith(("per_year", "saifi")) and "_h_per_year" not in path and "hours" not in path:
            return numbers.often(value, self.lang)
        if "availability" in path or "uptime" in path:
            return numbers.availability({"value": value, "standard_error": 0.0, "band": None}, self.lang)
        if "user_hours" in path:
            return numbers.point(value, "count", self.lang)
        return numbers.point(value, "hours", self.lang)

    def first(self) -> str:
        n = self.r["number"]
        band = n["band"]
        key = "first.band" if band else "first.plain"
        return self.say(key, what=self.what(), value=self.shown(n["value"]), low=self.shown(band[0]) if band else "",
                        high=self.shown(band[1]) if band else "")  # fmt: skip

    def why_more(self) -> list[str]:
        if not self.r["inputs"]:
            return [self.say("why.nothing")]
        row = self.r["inputs"][0]
        return [self.say("why.most", what=self.named(row), text=self.value(row), origin=self.origin(row))]

    def unknowns_more(self) -> list[str]:
        rows = self.r["questions"]
        half = next((k for k, row in enumerate(rows, 1) if row["left"] <= 0.5), None)
        if not rows:
            return [self.say("unknowns.nothing")]
        if half is None:
            return [self.say("unknowns.none-halves", left=numbers.whole_percent(rows[-1]["left"], self.lang))]
        return [self.say("unknowns.halve", n=half)]

    # -- inputs in words

    def thing(self, row: Row) -> str:
        group, name = row["thing"]
        return self.names.of(name, _GROUPS[group])

    def named(self, row: Row) -> str:
        """An input by its thing and what it says of it."""
        group, name = row["thing"]
        rest = row["path"].removeprefix(f"{group}.{name}.")
        plain = "".join(c for c in rest if not c.isdigit()).replace("[]", "")
        for candidate in (plain, plain.rpartition(".")[2]):
            key = f"reasons.input.{candidate}"
            if has(key, self.lang):
                return say(key, self.lang, name=self.thing(row))
        return f"{self.thing(row)}: {rest}"

    def value(self, row: Row) -> str:
        """What is written; what the library brings as the range that 9 in 10 lie in."""
        if row["state"] == "stated" or row["percentiles"] is None:
            return row["text"]
        low, _, high = row["percentiles"]
        kind = {"rate": "per_year", "chance": "percent", "duration": "hours"}[row["kind"]]
        return self.say("to", low=numbers.point(low, kind, self.lang), high=numbers.point(high, kind, self.lang))

    def origin(self, row: Row) -> str:
        if row["state"] == "history":
            return self.say("origin.history", data=row["history"]["data"])
        if row["state"] == "library":
            return self.say("origin.library", rows=", ".join(s["id"] for s in row["sources"]))
        return self.say("origin.stated", file=row["file"] or "–", line=row["line"] or "–")

    def question(self, row: Row) -> str:
        """What a person would have to answer."""
        group = row["thing"][0]
        path = row["path"]
        key = {"rate": "rate-hazard" if group == "hazards" else "rate-part", "chance": "chance"}.get(row["kind"], "other")
        if path.endswith(".works"):
            key = "works-barrier" if group == "barriers" else "works-start"
        elif ".needs" in path:
            key = "needed"
        elif path.endswith(".hidden"):
            key = "hidden"
        return self.say(f"question.{key}", name=self.thing(row), path=path)

    # -- sections

    def causes(self) -> list[Any]:
        money = self.r["causes"] and self.r["causes"][0]["loss_share"] is not None and ".loss" in self.r["number"]["path"]
        key = "loss_share" if money else "downtime_share"
        rows = sorted((c for c in self.r["causes"] if c[key]), key=lambda c: -c[key])[:CAUSES]
        cells = [
            [
                self.names.of(c["id"], c["what"]), numbers.often(c["per_year"], self.lang), numbers.whole_percent(c[key], self.lang),
                self.value(c["input"]) if c["input"] else NONE, self.origin(c["input"]) if c["input"] else NONE,
            ]
            for c in rows
        ]  # fmt: skip
        if not cells:
            return []
        share = "share-loss" if money else "share-down"
        return [self.say("causes.intro"), self._table(["cause", "often", share, "rate", "from"], cells, (False, True, True, False, False))]

    def inputs(self) -> list[Any]:
        rows = [row for row in self.r["inputs"] if abs(row["change"] or 0.0) > 0.0005 or row["share_of_band"] > 0.005][:INPUTS]
        cells = [
            [
                self.named(row), self.value(row), self.origin(row), self._change(row), self._ends(row),
                numbers.whole_percent(row["share_of_band"], self.lang) if row["share_of_band"] else NONE,
            ]
            for row in rows
        ]  # fmt: skip
        if not cells:
            return []
        table = self._table(["input", "is", "from", "more", "ends", "band"], cells, (False, False, False, True, True, True))
        return [self.say("inputs.intro"), table]

    def _change(self, row: Row) -> str:
        if row["change"] is None:
            return NONE
        said = f"{row['change'] * 100:+.1f} %".replace("-", "−")
        return self.say("if-real", n=said) if row["times"] is None else said

    def _ends(self, row: Row) -> str:
        return NONE if row["low"] is None else self.say("to", low=self.shown(row["low"]), high=self.shown(row["high"]))

    def questions(self) -> list[Any]:
        cells = [
            [str(n), self.question(row), self.value(row), self.origin(row), self._ends(row), numbers.whole_percent(row["left"], self.lang)]
            for n, row in enumerate(self.r["questions"][:QUESTIONS], 1)
        ]
        if not cells:
            return []
        head = ["n", "question", "assumed", "from", "ends", "left"]
        return [self.say("questions.intro"), self._table(head, cells, (True, False, False, False, True, True))]

    def also(self) -> list[Any]:
        cells = [[self.named(row), self.value(row), self.origin(row), self._change(row)] for row in self.r["also"][:QUESTIONS]]
        if not cells:
            return []
        return [self.say("also.intro"), self._table(["input", "is", "from", "more"], cells, (False, False, False, True))]

    def sources(self, rows: Sequence[Row]) -> list[Any]:
        found: dict[str, Row] = {}
        for row in rows[: INPUTS + QUESTIONS]:
            for source in [*row["sources"], *(row["history"]["prior_sources"] if row["history"] else [])]:
                if source["title"]:
                    found[source["id"]] = source
        if not found:
            return []
        cells = [[s["id"], s["title"], s["address"] or NONE, s["grade"]] for s in found.values()]
        return [self._table(["row", "title", "address", "grade"], cells, (False, False, False, False)), self.say("sources.grades")]

    def _table(self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Table:
        return Table([self.say(f"column.{key}", more=write_number(25.0, 2)) for key in head], rows, right).without_empty()
