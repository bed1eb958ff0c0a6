"""What the quiet years were worth, in sentences and tables; the same for the terminal and for the page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import grouping, numbers, outline, story, tables
from blackstart.report.misfortunes import Misfortunes
from blackstart.report.names import Names
from blackstart.report.outline import Block, Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
TOLD_APART = 2.0  # standard errors
NEGLIGIBLE = 1e-5  # of a chance
NOISE = 1e-3  # of the larger end of a band: a smaller end is nothing
MOSTLY = 0.5  # of the hours that come on top
SHOWN = 25  # rows of a table
SAID = 3  # things named in a sentence
ADDED = ("loss_added", "hours_added", "over_24h_added")
FELT = ("absorbed_per_year", "noticed_per_year")
NOUN = {"people": "team", "barrier": "barrier", "cut": "defence"}


def report(result: Result, names: Names) -> Outline:
    """The worth of the quiet years as an outline."""
    told = Telling(result, names)
    blocks = {"silent": told.silent(), "worth": told.worth(), "cuts": told.cuts(), "method": [told.say("method")]}
    sections = [Section(key, told.say(f"section.{key}"), found) for key, found in blocks.items() if found]
    more = [*told.more(), *story.defences(result, names)]
    led = outline.traced(result, names, sections)
    return Outline(tables.title(result, names), told.first(), more, told.notes(), [*led, outline.provenance(result, names)])


class Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang

    def say(self, key: str, **values: Any) -> str:
        return say(f"quiet.{key}", self.lang, **values)

    # -- numbers and names

    def money(self, est: Row | None) -> str:
        return numbers.write(est, "money", self.lang, self.r["currency"]) if est else NONE

    def added(self, est: Row | None, kind: str) -> str:
        """What comes on top; nothing where it cannot be told from the error."""
        if est is None:
            return NONE
        hidden = abs(est["value"]) <= TOLD_APART * est["standard_error"] or est["value"] == 0.0
        if hidden or kind == "percent" and abs(est["value"]) < NEGLIGIBLE:
            return self.say("cell.none")
        sign = "+" if est["value"] > 0 else "−"
        size = {**est, "value": abs(est["value"])}
        return sign + numbers.write(size, kind, self.lang, self.r["currency"] if kind == "money" else None)

    def times(self, factor: float | None) -> str:
        return NONE if factor is None else self.say("times", n=write_number(factor, 2))

    def thing(self, row: Row) -> str:
        """A protection in words."""
        if not row["id"]:
            return self.say(f"thing.{row['what']}")
        return self.say(f"thing.{row['what']}", name=self.names.of(row["id"], NOUN.get(row["what"], "component")))

    def misfortune(self, row: Row) -> str:
        return Misfortunes(self.names).event({"what": row["what"], "id": row["id"], "of": None})

    # -- the first screen

    def first(self) -> str:
        silent, felt = self.r["absorbed_per_year"], self.r["noticed_per_year"]
        if silent is None:
            return self.say("first.years")
        if silent["value"] <= 0.0:
            return self.say("first.none" if felt["value"] > 0.0 else "first.nothing-comes")
        n, m = (numbers.about(est, "per_year", self.lang) for est in (silent, felt))
        own = {n: number(self.r, "absorbed_per_year"), m: number(self.r, "noticed_per_year")}
        return Leading(self.say("first.some", n=n, m=m), own[n], own)

    def more(self) -> list[str]:
        said = []
        stood = sorted((p for p in self.r["protections"] if p["stood_per_year"]), key=lambda p: -p["stood_per_year"])
        if stood:
            listed = [self.say("more.one", what=self.thing(p), often=numbers.often(p["stood_per_year"], self.lang)) for p in stood[:SAID]]
            said.append(Leading(self.say("more.stood", what=self.names.join(listed, SAID)), number(self.r, "absorbed_per_year")))
        best = next(iter(self.r["protections"]), None)
        if best is not None:
            est, kind = (best["loss_added"], "money") if self.r["money"] else (best["hours_added"], "hours")
            if est["value"] > TOLD_APART * est["standard_error"]:
                currency = self.r["currency"] if kind == "money" else None
                band = numbers.band(_without_noise(est), kind, self.lang, currency, "range")
                by = numbers.about(est, kind, self.lang, currency)
                by = self.say("more.band", by=by, band=band) if band else by
                told = self.say(f"more.best-{kind}", what=self.thing(best), by=by)
                said.append(Leading(told, number(self.r, "protections.0.loss_added")))
                if (best.get("rescued_share") or 0.0) > MOSTLY:
                    share = numbers.whole_percent(best["rescued_share"], self.lang)
                    said.append(Leading(self.say("more.rescued", share=share), number(self.r, "setting.rescue")))
        return said + [Leading(self._cut(cut), number(self.r, f"cuts.{n}.loss_added")) for n, cut in enumerate(self.r["cuts"][:SAID])]

    def _cut(self, cut: Row) -> str:
        """What a cut saves beside what it costs; who feels it most, and whether more often or for longer."""
        currency = self.r["currency"]
        name = self.names.of(cut["id"], "defence")
        saves = numbers.point(cut["saves_per_year"] or cut["saves_once"], "money", self.lang, currency)
        per = "yearly" if cut["saves_per_year"] else "once"
        if cut["loss_added"] is None:
            said = self.say(f"cut.{per}-hours", name=name, saves=saves, hours=self.added(cut["hours_added"], "hours"))
        elif abs(cut["loss_added"]["value"]) <= TOLD_APART * cut["loss_added"]["standard_error"]:
            said = self.say(f"cut.{per}-free", name=name, saves=saves)
        else:
            added = cut["loss_added"]["value"]  # a cut can avoid loss: it may change what fails often, or leave out a need
            loss = numbers.about({**cut["loss_added"], "value": abs(added)}, "money", self.lang, currency)
            said = self.say(f"cut.{per}" if added > 0 else f"cut.{per}-less", name=name, saves=saves, loss=loss)
        if cut["downtime_times"] and cut["downtime_times"] >= 1.05 and cut["outages_times"]:
            said += " " + self.say(
                "cut.felt", service=self.names.of(cut["service"]), times=self.times(cut["downtime_times"]),
                often=self.times(cut["outages_times"]), length=self.times(cut["length_times"]),
            )  # fmt: skip
        return said

    def notes(self) -> list[str]:
        notes = story.outcome(self.r, self.names) if self.r["outcome"]["state"] == "stopped" else []
        return [*notes, *([self.say("note.left-out", n=self.r["left_out"])] if self.r["left_out"] else [])]

    # -- sections

    def silent(self) -> list[Block]:
        groups = self._together(self.r["initiators"])
        rows = [
            [self._misfortunes(some), *(numbers.write(_sum([row[k] for row in some]), "per_year", self.lang) for k in FELT),
             self.names.join([self._by(by) if len(some) == 1 else self.thing(by) for by in _each_once(some)], SAID) or NONE]
            for some in groups[:SHOWN]
        ]  # fmt: skip
        if not rows:
            return []
        left = sum(map(len, groups[SHOWN:]))
        places = [number(self.r, f"initiators.{self.r['initiators'].index(some[0])}") if len(some) == 1 else "" for some in groups[:SHOWN]]
        blocks: list[Block] = [self._table("misfortune silent noticed by", rows, "lrrl", places)]
        return blocks + ([self.say("rest", n=left)] if left else [])

    def _together(self, initiators: Sequence[Row]) -> list[list[Row]]:
        """Misfortunes; of a large model the breakdowns of like parts together, those that come most often first."""
        like, groups = grouping.like_parts(self.r["graph"]), {}
        for n, row in enumerate(initiators):
            key = like.get(row["id"]) if row["what"] == "component" else None
            groups.setdefault(("one", n) if key is None else ("like", key), []).append(row)
        return sorted(groups.values(), key=lambda some: -sum(row[FELT[0]]["value"] for row in some)) if like else list(groups.values())

    def _misfortunes(self, some: Sequence[Row]) -> str:
        if len(some) == 1:
            return self.misfortune(some[0])
        kinds = {c["id"]: c["kind"] for c in self.r["graph"]["components"]}
        return Misfortunes(self.names).say("event.component", name=grouping.name_of([row["id"] for row in some], kinds, self.names))

    def _by(self, by: Row) -> str:
        name = self.thing(by)
        return name if by["share"] >= 1.0 else self.say("share", what=name, share=numbers.whole_percent(by["share"], self.lang))

    def worth(self, most: int = SHOWN) -> list[Block]:
        """What each protection is worth; of a large model those without which nothing can be told from the error are named below."""
        told, idle = list(enumerate(self.r["protections"])), []
        if grouping.is_large(self.r["graph"]):
            idle = [p for _, p in told if not any(self._is_felt(p[key]) for key in ADDED)]
            told = [(n, p) for n, p in told if any(self._is_felt(p[key]) for key in ADDED)]
        rows = [
            [self.thing(p), numbers.often(p["stood_per_year"], self.lang) if p["stood_per_year"] else NONE,
             self.added(p["loss_added"], "money"), self._band(p), self.added(p["hours_added"], "hours"),
             self.added(p["over_24h_added"], "percent")]
            for _, p in told[:most]
        ]  # fmt: skip
        if not self.r["protections"]:
            return []
        blocks: list[Block] = [self.say("worth")]
        if rows:
            places = [number(self.r, f"protections.{n}") for n, _ in told[:most]]
            blocks.append(self._table("protection stood loss band hours over-24h", rows, "lrrrrr", places))
        if idle:
            blocks.append(self.say("idle", n=len(idle), names=self.names.join([self.thing(p) for p in idle], most)))
        never = [self.thing(p) for _, p in told[:most] if (p.get("rescued_share") or 0.0) > MOSTLY]
        if never:
            blocks.append(Leading(self.say("rescued", names=self.names.join(never, most)), number(self.r, "setting.rescue")))
        return blocks + ([self.say("rest", n=len(told) - len(rows))] if len(told) > len(rows) else [])

    def _is_felt(self, est: Row | None) -> bool:
        """Whether something comes on top that can be told from the error."""
        return est is not None and abs(est["value"]) > TOLD_APART * est["standard_error"]

    def _band(self, row: Row) -> str:
        est = row["loss_added"]
        if est is None or abs(est["value"]) <= TOLD_APART * est["standard_error"]:
            return NONE
        return numbers.band(_without_noise(est), "money", self.lang, self.r["currency"], "range") or NONE

    def cuts(self) -> list[Block]:
        def amount(value: float) -> str:
            return numbers.point(value, "money", self.lang, self.r["currency"]) if value else NONE

        rows = [
            [self.names.of(c["id"], "defence"), amount(c["saves_once"]), amount(c["saves_per_year"]), self.added(c["loss_added"], "money"),
             self.money(c["net_per_year"]), self.names.of(c["service"]), self.times(c["downtime_times"]), self.times(c["outages_times"]),
             self.times(c["length_times"])]
            for c in self.r["cuts"]
        ]  # fmt: skip
        if not rows:
            return []
        columns = "cut once yearly loss left felt downtime often length"
        saves = [number(self.r, f"cuts.{n}.saves_once") for n in range(len(rows))]
        added = [number(self.r, f"cuts.{n}.loss_added") for n in range(len(rows))]
        places = [("", a, a, b, b, "", b, b, b) for a, b in zip(saves, added, strict=True)]
        head = [self.say(f"column.{c}") for c in columns.split()]
        return [self.say("cuts"), Table(head, rows, [side == "r" for side in "lrrrrlrrr"], places).without_empty()]

    def _table(self, columns: str, rows: list[list[str]], sides: str, places: list[str]) -> Table:
        """A table; the numbers of each row lead to what stands behind it."""
        return Table([self.say(f"column.{c}") for c in columns.split()], rows, [side == "r" for side in sides], places).without_empty()


def _sum(ests: Sequence[Row]) -> Row:
    """Of how often several misfortunes come together; a course begins with one of them, so that their errors are independent."""
    if len(ests) == 1:
        return ests[0]
    error = math.hypot(*(est["standard_error"] for est in ests))
    return {"value": sum(est["value"] for est in ests), "standard_error": error, "band": None}


def _each_once(some: Sequence[Row]) -> list[Row]:
    """What keeps several misfortunes silent, each once."""
    return list({(by["what"], by["id"]): by for row in some for by in row["by"]}.values())


def _without_noise(est: Row) -> Row:
    """An estimate whose band ends at nothing where it all but does: what is left there is noise of the computation."""
    if not est["band"]:
        return est
    least = NOISE * max(abs(end) for end in est["band"])
    return {**est, "band": [0.0 if abs(end) < least else end for end in est["band"]]}
