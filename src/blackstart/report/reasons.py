"""Why a number is what it is, and what nobody has stated, as outlines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import grouping, numbers
from blackstart.report.names import Names
from blackstart.report.origins import MORE, Origins, Row
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.story import LIMITS
from blackstart.report.tables import NONE
from blackstart.text import has

Result = Mapping[str, Any]
ROUGH = 0.1  # relative error of the base above which the reader is told
CAUSES, INPUTS, QUESTIONS = 8, 16, 12


def why(result: Result, names: Names) -> Outline:
    """One number with the inputs it rests on."""
    told = _Reasons(result, names)
    sections = [
        Section("causes", told.say("section.causes"), told.causes()), Section("inputs", told.say("section.inputs"), told.inputs()),
        Section("sources", told.say("section.sources"), told.why_sources()),
        Section("method", told.say("section.method"), [told.say("why.method")]), provenance(result, names),
    ]  # fmt: skip
    return Outline(told.title("why"), told.first(), told.why_more(), told.notes(), [s for s in sections if s.blocks])


def unknowns(result: Result, names: Names) -> Outline:
    """What would narrow the band of one number, as questions."""
    told = _Reasons(result, names)
    sections = [
        Section("questions", told.say("section.questions"), told.questions()), Section("also", told.say("section.also"), told.also()),
        Section("sources", told.say("section.sources"), told.unknowns_sources()),
        Section("method", told.say("section.method"), [told.say("unknowns.method")]), provenance(result, names),
    ]  # fmt: skip
    return Outline(told.title("unknowns"), told.first(), told.unknowns_more(), told.notes(), [s for s in sections if s.blocks])


class _Reasons(Origins):
    def __init__(self, result: Result, names: Names) -> None:
        super().__init__(names, result)
        self.r = result
        self.asked = self._asked()

    def title(self, kind: str) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return self.say(f"{kind}.title", title=title or ", ".join(self.r["provenance"]["model"]), what=self.what())

    # -- the number

    def what(self) -> str:
        """The number in words: what of whom."""
        service = self.r["number"]["service"]
        owner = self.names.of(service) if service else self.say("everything")
        rest = self._rest()
        stem, _, last = rest.rpartition(".")
        first = stem.partition(".")[0]
        if first in (*LIMITS, "uptime") and has(f"reasons.metric.{'uptime' if first == 'uptime' else 'limit'}.{last}", self.lang):
            return self.say(f"metric.{'uptime' if first == 'uptime' else 'limit'}.{last}", owner=owner, n=first.upper())
        if not has(f"reasons.metric.{rest}", self.lang) and has(f"reasons.metric.{stem}", self.lang):
            size = numbers.point(float(last[:-1]), "hours", self.lang) if last.endswith("h") else numbers.count(float(last), self.lang)
            return self.say(f"metric.{stem}", owner=owner, n=size)
        return self.say(f"metric.{rest}", owner=owner) if has(f"reasons.metric.{rest}", self.lang) else self.r["number"]["path"]

    def _rest(self) -> str:
        """The number's path below its service or the total."""
        service = self.r["number"]["service"]
        return self.r["number"]["path"].removeprefix(f"services.{service}." if service else "total.")

    def _kind(self) -> str:
        first, _, rest = self._rest().partition(".")
        if first in ("availability", "windowed_uptime"):
            return "availability"
        if first in ("outages_per_year", "outages_per_year_longer_than") or rest == "missed_per_year":
            return "per_year"
        if rest.endswith(("kept_share", "burnt")):
            return "percent"
        kinds = {"loss": "money", "user_hours_lost_per_year": "count"}
        return "number" if self._rest() == "users.saifi" else kinds.get(first, "hours")

    def _currency(self) -> str | None:
        return self.r["currency"] if self._kind() == "money" else None

    def between(self, low: float | None, high: float | None, key: str = "range") -> str:
        """Two values of this number as a range; empty where they are alike."""
        if low is None or high is None:
            return ""
        if self._kind() == "availability":
            ends = [numbers.availability({"value": x, "standard_error": 0.0}, self.lang) for x in (low, high)]
            return "" if ends[0] == ends[1] else numbers.between(*ends, self.lang, key)
        return numbers.band({"band": (min(low, high), max(low, high))}, self._kind(), self.lang, self._currency(), key)

    def first(self) -> str:
        n = self.r["number"]
        if self._kind() == "availability":
            value = numbers.availability(n, self.lang)
        else:
            value = numbers.about(n, self._kind(), self.lang, self._currency())
        band = self.between(*n["band"], key="between") if n["band"] else ""
        what = self.what()
        return self.say("first.band" if band else "first.plain", what=what[0].upper() + what[1:], value=value, band=band)

    def notes(self) -> list[str]:
        """Where the base of the comparisons is another number, or a rough one, the reader must know."""
        n = self.r["number"]
        base, error = n["in_mean_world"], n["in_mean_world_error"]
        both = math.hypot(error, n["standard_error"] or 0.0)
        if error > ROUGH * abs(base) or abs(base - n["value"]) > 3.0 * both and abs(base - n["value"]) > ROUGH * abs(n["value"]):
            shown = {"value": base, "standard_error": error, "band": None}
            said = numbers.availability(shown, self.lang) if self._kind() == "availability" else numbers.write(
                shown, self._kind(), self.lang, self._currency())  # fmt: skip
            return [self.say("note.base", value=said)]
        return []

    def why_more(self) -> list[str]:
        """What begins it, what moves it most, and what is known least: one sentence each."""
        if not self.r["inputs"]:
            return [self.say("why.nothing")]
        said = []
        causes = self._causes()
        if causes and self._share_of() is not None:
            share = numbers.whole_percent(causes[0][self._share_of()], self.lang)
            often = numbers.often(causes[0]["per_year"], self.lang)
            said.append(self.say(f"why.begins.{self._share_of()}", share=share, what=self._cause(causes[0]), often=often))
        row = max(self.r["inputs"], key=lambda r: abs(r["change"] or 0.0))
        key = "real" if row["times"] is None else "less" if (row["change"] or 0.0) < 0.0 else "more"
        said.append(self.say(f"why.most.{key}", what=self._sharing(row), text=self.value(row), change=self._size(row), more=MORE))
        row = max(self.r["inputs"], key=lambda r: r["share_of_band"])
        if row["share_of_band"]:
            share = numbers.whole_percent(row["share_of_band"], self.lang)
            said.append(self.say("why.doubt" if row["share_of_band"] < 0.99 else "why.doubt-all", what=self._sharing(row), share=share))
        return said

    def _sharing(self, row: Row) -> str:
        """An input by its name, and of how many others nothing else is known than of it."""
        others = row.get("alike", 1) - 1
        return self.say("why.sharing", what=self.named(row), n=others) if others else self.named(row)

    def unknowns_more(self) -> list[str]:
        rows = self.asked
        half = next((k for k, (_, left) in enumerate(rows, 1) if left <= 0.5), None)
        if not rows:
            return [self.say("unknowns.nothing")]
        if half is None:
            return [self.say("unknowns.none-halves", left=numbers.whole_percent(rows[-1][1], self.lang))]
        left = numbers.whole_percent(rows[half - 1][1], self.lang)
        question = self.question(*rows[0][0])
        return [self.say("unknowns.halves" if half == 1 else "unknowns.halve", n=half, left=left, question=question)]

    def _asked(self) -> list[tuple[list[Row], float]]:
        """The questions, each with the share of the band that is left after it; of a large model the same of like parts as one."""
        like, groups = grouping.like_parts(self.r["graph"]), {}
        rows = self.r.get("questions", [])
        for n, row in enumerate(rows):
            group, name = row["thing"]
            same = (group, like.get(name), row["path"].removeprefix(f"{group}.{name}"), row["text"]) if name in like else n
            groups.setdefault(same, []).append(row)
        ordered = sorted(groups.values(), key=lambda some: -sum(row["share_of_band"] for row in some))
        if not like:
            return [([row], row["left"]) for row in rows]
        known = [sum(row["share_of_band"] for some in ordered[: k + 1] for row in some) for k in range(len(ordered))]
        return [(some, math.sqrt(max(0.0, 1.0 - share))) for some, share in zip(ordered, known, strict=True)]

    def question(self, row: Row, *like: Row) -> str:
        """What a person would have to answer, of how many parts that are alike, and for how many inputs the answer stands."""
        asked = self._question_of_time(row) if row["kind"] == "duration" else self._question(row)
        if like:
            asked = self.say("question.each", question=asked, names=self._named_together([row, *like]))
        alike = sum(one.get("alike", 1) for one in (row, *like))
        return asked if alike == 1 + len(like) else self.say("question.alike", question=asked, n=alike)

    def _named_together(self, rows: Sequence[Row]) -> str:
        kinds = {c["id"]: c["kind"] for c in self.r["graph"]["components"]}
        return grouping.name_of([row["thing"][1] for row in rows], kinds, self.names)

    def _question(self, row: Row) -> str:
        group = row["thing"][0]
        path = row["path"]
        key = {"rate": "rate-hazard" if group == "hazards" else "rate-part", "chance": "chance"}.get(row["kind"], "other")
        if path.endswith(".works"):
            key = "works-barrier" if group == "barriers" else "works-start"
        elif ".needs" in path:
            key = "needed"
        elif path.endswith(".hidden"):
            key = "hidden"
        elif ".helps." in path:
            key = "help"
        helper = self.names.of(path.partition(".helps.")[2]) if key == "help" else ""
        return self.say(f"question.{key}", name=self.thing(row), path=path, helper=helper, what=self.named(row))

    def _question_of_time(self, row: Row) -> str:
        inside = row["path"].split(".", 2)[2]
        key = {"repair": "time-repair", "start": "time-start"}.get(inside.partition(".")[0], "time")
        if inside.partition(".")[2] in ("detect", "decide", "retry", "work"):
            key = "time"
        return self.say(f"question.{key}", name=self.thing(row), what=self.named(row))

    # -- sections

    def _share_of(self) -> str | None:
        """Which share of its causes speaks of this number: of the loss, or of the hours out; None: neither does."""
        rest = self._rest()
        if self._kind() == "money":
            return "loss_share" if any(c["loss_share"] for c in self.r["causes"]) else None
        return "downtime_share" if rest in ("downtime_h_per_year", "availability", "business_downtime_h_per_year") else None

    def _causes(self) -> list[Row]:
        key = self._share_of() or "downtime_share"
        return sorted((c for c in self.r["causes"] if c[key]), key=lambda c: -c[key])

    def _cause(self, cause: Row) -> str:
        return self.names.of(cause["id"], cause["what"])

    def causes(self) -> list[Any]:
        key = self._share_of() or "downtime_share"
        cells = [
            [
                self._cause(c), numbers.often(c["per_year"], self.lang), numbers.whole_percent(c[key], self.lang),
                self.value(c["input"]) if c["input"] else NONE, self.origin(c["input"]) if c["input"] else NONE,
            ]
            for c in self._causes()[:CAUSES]
        ]  # fmt: skip
        if not cells:
            return []
        share = "share-loss" if key == "loss_share" else "share-down"
        return [self.say("causes.intro"), self.table(["cause", "often", share, "rate", "from"], cells, (False, True, True, False, False))]

    def _strongest(self) -> list[Row]:
        return [row for row in self.r["inputs"] if abs(row["change"] or 0.0) > 0.0005 or row["share_of_band"] > 0.005][:INPUTS]

    def inputs(self) -> list[Any]:
        cells = [
            [
                self._sharing(row), self.value(row), self.origin(row), self._change(row), self._ends(row),
                numbers.whole_percent(row["share_of_band"], self.lang) if row["share_of_band"] else NONE,
            ]
            for row in self._strongest()
        ]  # fmt: skip
        if not cells:
            return []
        table = self.table(["input", "is", "from", "more", "ends", "band"], cells, (False, False, False, True, True, True))
        return [self.say("inputs.intro", more=MORE), table]

    def _change(self, row: Row) -> str:
        if row["change"] is None:
            return NONE
        said = ("+" if row["change"] > 0 else "−") + self._size(row)
        return self.say("if-real", n=said) if row["times"] is None else said

    def _size(self, row: Row) -> str:
        """By how much an input changes the number, to a tenth of a per cent: less is the noise of few draws."""
        return numbers.point(round(abs(row["change"] or 0.0), 3), "percent", self.lang)

    def _ends(self, row: Row) -> str:
        return self.between(row["low"], row["high"]) or NONE

    def questions(self) -> list[Any]:
        cells = [
            [str(n), self.question(*some), self.value(some[0]), self.origin(some[0]), self._ends(some[0]) if len(some) == 1 else NONE,
             numbers.whole_percent(left, self.lang)]
            for n, (some, left) in enumerate(self.asked[:QUESTIONS], 1)
        ]  # fmt: skip
        if not cells:
            return []
        head = ["n", "question", "assumed", "from", "ends", "left"]
        return [self.say("questions.intro"), self.table(head, cells, (True, False, False, False, True, True))]

    def also(self) -> list[Any]:
        cells = [[self.named(row), self.value(row), self.origin(row), self._change(row)] for row in self.r["also"][:QUESTIONS]]
        if not cells:
            return []
        return [self.say("also.intro"), self.table(["input", "is", "from", "more"], cells, (False, False, False, True))]

    def _shown(self) -> list[Row]:
        """Inputs of which something is told: in both tables of `why`."""
        return [*(c["input"] for c in self._causes()[:CAUSES] if c["input"]), *self._strongest()]

    def why_sources(self) -> list[Any]:
        return self.sources(self._shown())

    def unknowns_sources(self) -> list[Any]:
        return self.sources([*(some[0] for some, _ in self.asked[:QUESTIONS]), *self.r["also"][:QUESTIONS]])
