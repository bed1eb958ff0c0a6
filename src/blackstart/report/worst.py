"""The worst overlaps as an outline: what no so many misfortunes pass, what dependence and wrong rates may add, which defence helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import charts, numbers, tables
from blackstart.report.markup import Html
from blackstart.report.misfortunes import Misfortunes, by_play, not_seen
from blackstart.report.names import Names
from blackstart.report.outline import Figure, Outline, Section, in_short, provenance, traced
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
NEAR = 1.02  # ends of a band nearer than this are told as one
EVERYTHING = 0.9999
DEARER = 1.2  # times as dear in all as what is worst by the hour: then it is told
MAY_ADD = frozenset((  # to the most that any dependence can cost, of what the static reading does not see
    "overload", "surge", "raised-rates", "again", "tried-again", "waits", "restarts", "worse", "at-arrival", "levels-rounded", "deadlock",
))  # fmt: skip
STATES = 8


def report(result: Result, names: Names) -> Outline:
    """The worst overlaps of a model."""
    told = _Telling(result, names)
    parts = {
        "worst": told.worst(), "services": told.services(), "dependence": told.dependence(), "rates": told.rates(),
        "defence": told.defence(), "method": told.method(),
    }  # fmt: skip
    sections = [Section(key, told.say(f"section.{key}"), blocks) for key, blocks in parts.items() if blocks]
    return Outline(told.title(), told.first(), told.more(), told.notes(), [*traced(result, names, sections), provenance(result, names)])


class _Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang
        self.words = Misfortunes(names)
        self.measure = result["measure"]
        self.money = self.measure == "money"
        self.slow = bool(result.get("standbys"))  # whether standbys take time to take over

    def say(self, key: str, **values: Any) -> str:
        return say(f"worst.{key}", self.lang, **values)

    def title(self) -> str:
        return self.say("title", title=tables.model_title(self.r, self.names))

    # -- pieces

    def amount(self, value: float | None) -> str:
        if value is None:
            return NONE
        kind = "money" if self.money else "count"
        return numbers.point(value, kind, self.lang, self.r["currency"] if self.money else None)

    def estimate(self, est: Row | None) -> str:
        kind = "money" if self.money else "count"
        return NONE if est is None else numbers.write(est, kind, self.lang, self.r["currency"] if self.money else None)

    def with_unit(self, value: float) -> str:
        """An amount of a play or of a year: money, or hours with whose they are."""
        return self.amount(value) if self.money else say(f"overlaps.unit.{self.measure}", self.lang, n=self.amount(value))

    def apart(self) -> str:
        """What is expected in a year if misfortunes have nothing to do with each other, with what plays leave unknown of it."""
        d = self.r["dependence"]
        told = self.estimate({"value": d["independent"], "standard_error": d["independent_error"]})
        return told if self.money else say(f"overlaps.unit.{self.measure}", self.lang, n=told)

    def by_measure(self, key: str) -> str:
        """The key of words that differ where hours are weighed by users, or not at all."""
        return key if self.money else f"{key}-{self.measure}"

    def when(self) -> str:
        return self.say("first.once-taken-over") if self.slow else ""

    def overlap(self, misfortunes: Sequence[Row]) -> str:
        return self.say("and").join(self.words.event(m) for m in misfortunes) or NONE

    def times(self, factor: float) -> str:
        return self.say("times", n=write_number(factor, 2))

    def share(self, value: float) -> str:
        return numbers.whole_percent(value, self.lang)

    def portfolio(self, names: Sequence[str]) -> str:
        return self.names.join([self.names.of(n, "defence") for n in names], 6) if names else self.say("defence.as-is")

    def _leading(self, words: str, path: str) -> str:
        """A sentence whose numbers lead to what stands behind one of the result."""
        return Leading(words, number(self.r, path))

    # -- the first screen

    def last(self) -> Row:
        """The largest overlap in which each misfortune adds something."""
        return [row for row in self.r["worst"] if row["adds"]][-1]  # the first always does

    def first(self) -> str:
        row = self.last()
        if self.r.get("played"):
            played = by_play(self.r, self.names)
            return say("overlaps.first.unseen", self.lang, what=not_seen(self.r, self.names), played=played)
        if not row["misfortunes"]:
            return self.say("first.nothing-taken-over" if self.slow else "first.nothing", k=len(self.r["worst"]))
        if row["share"] > EVERYTHING:
            said = self.say(self.by_measure("first.every"), k=row["k"], what=self.overlap(row["misfortunes"]))
            return self._leading(said, f"worst.{self.r['worst'].index(row)}.share")
        key, what = self.by_measure("first.one" if row["k"] == 1 else "first.several"), self.overlap(row["misfortunes"])
        said = self.say(key, k=row["k"], share=self.share(row["share"]), what=what, when=self.when())
        said = self._leading(said, f"worst.{self.r['worst'].index(row)}.share")
        return said if row["proven"] else f"{said} {self.say('first.bounded', bound=self.amount(row['bound']))}"

    def more(self) -> list[str]:
        rows, row = self.r["worst"], self.last()
        if self.r.get("played"):
            return []  # how misfortunes go together is not what it hangs on
        said = []
        if row["k"] > 1:
            what, share = self.overlap(rows[0]["misfortunes"]), self.share(rows[0]["share"])
            said.append(self._leading(self.say("more.alone", what=what, share=share, when=self.when()), "worst.0.share"))
        if row["misfortunes"]:
            said.append(self.say("more.by-the-hour"))
            said += [self._leading(one, f"worst.{rows.index(row)}.played") for one in self._course(row["played"])]
        said += self._dearest(row)
        said += self._until_taken_over(row)
        said.append(self._leading(self._dependence(), "dependence.most_bound"))
        said += [self._leading(one, "rates.curve") for one in self._promise()]
        said += [self._leading(one, "defence.per_hour") for one in self._defended()]
        return said

    def _until_taken_over(self, row: Row) -> list[str]:
        """What more the overlap stops until standbys have taken over, as played; where it stops nothing else, what logic allows."""
        out, every = len(row["played"]["hours"]), sum(c["service"] for c in self.r["graph"]["components"])
        if self.slow and row["misfortunes"] and out > len(row["stops"]):
            return [self.say("more.meanwhile", n=out, m=every, stops=len(row["stops"]))]
        return self._at_first(row) if self.slow and not row["misfortunes"] else []

    def _at_first(self, row: Row) -> list[str]:
        """What no so many misfortunes pass even before any standby has taken over."""
        first = row.get("at_first")
        if not first or not first["misfortunes"] or not first["proven"]:
            return []
        key = "at-first-every" if first["share"] > EVERYTHING else "at-first" if row["k"] == 1 else "at-first-several"
        return [self.say(f"more.{key}", k=row["k"], share=self.share(first["share"]), what=self.overlap(first["misfortunes"]))]

    def _course(self, played: Row) -> list[str]:
        if played["loss"] is None or not played["hours"]:
            return []
        service, hours = next(iter(played["hours"].items()))
        low, high = (self.amount(end) for end in played["loss"]["band"])
        said = [
            self.say(
                "more.played", loss=self.with_unit(played["loss"]["value"]), low=low, high=high, service=self.names.of(service),
                hours=numbers.point(hours["value"], "hours", self.lang),
            )
        ]  # fmt: skip
        return [*said, self.say("more.never", share=self.share(played["stuck_share"]))] if played["stuck_share"] else said

    def _dearest(self, row: Row) -> list[str]:
        """What costs most in all, where that is clearly more than what costs most an hour."""
        found = self.r.get("dearest")
        loss = found and found["played"]["loss"]
        if not loss or row["played"]["loss"] and loss["value"] <= DEARER * row["played"]["loss"]["value"]:
            return []
        low, high = (self.amount(end) for end in loss["band"])
        values = {"loss": self.with_unit(loss["value"]), "low": low, "high": high, "tried": found["tried"], "k": len(self.r["worst"])}
        return [self.say("more.dearest", what=self.overlap(found["misfortunes"]), **values)]

    def _dependence(self) -> str:
        d = self.r["dependence"]
        same = d["most_bound"] <= NEAR * d["independent"]
        key = "dependence-same" if same else "dependence" if self.money else "dependence-count"
        times = self.times(d["most_bound"] / d["independent"]) if d["independent"] > 0 else NONE
        return self.say(f"more.{key}", independent=self.apart(), most=self.with_unit(d["most_bound"]), times=times)

    def _promise(self) -> list[str]:
        r = self.r["rates"]
        if r["promise"] is None:
            return []
        said = []
        for key, factor in (("promise", r["breaks_at"]), ("promise-worst", r["breaks_at_worst"])):
            how = "holds" if factor is None else "kept" if factor >= 1.0 else "broken"
            times = NONE if factor is None else self.times(factor)
            said.append(self.say(f"more.{key}-{how}", promise=self.amount(r["promise"]), factor=times))
        return said

    def _defended(self) -> list[str]:
        d = self.r["defence"]
        if d is None:
            return []
        key = "defended-nothing" if d["per_hour"] >= d["before"] else "defended-one" if d["k"] == 1 else "defended"
        values = {"per-hour": self.amount(d["per_hour"]), "before": self.amount(d["before"])}
        return [
            self.say(
                f"more.{key}", budget=self._sum(d["budget"]), k=d["k"], what=self.portfolio(d["with"]), cost=self._sum(d["cost"]), **values
            )
        ]

    def _sum(self, value: float) -> str:
        return numbers.point(value, "money", self.lang, self.r["currency"])

    def notes(self) -> list[str]:
        stopped = [self.say("stopped")] if "interrupted" in self.r["outcome"]["reasons"] else []
        return [*stopped, *([] if self.r["dependence"]["proven"] else [self.say("dependence.bounded")])]

    # -- sections

    def worst(self) -> list[Any]:
        cells = []
        for row in self.r["worst"]:
            played = row["played"]
            value = self.amount(row["per_hour"])
            if not row["proven"]:
                value = self.say("worst.unproven", value=value, bound=self.amount(row["bound"]))
            cells.append([
                str(row["k"]), self.overlap(row["misfortunes"]) if row["adds"] else self.say("worst.same"), value, self.share(row["share"]),
                str(len(row["stops"])), self.estimate(played["loss"]) if row["adds"] else NONE,
                self.share(played["stuck_share"]) if row["adds"] and played["stuck_share"] else NONE,
            ])  # fmt: skip
        counts = self.r["misfortunes"]
        head = ["k", "what", self.by_measure("per-hour"), "share", "stops", self.by_measure("played"), "never"]
        shown = [Figure(self.chart, self.say("chart.caption"))] if any(row["per_hour"] > 0.0 for row in self.r["worst"]) else []
        return [
            *shown, self.say(self.by_measure("worst.intro"), when=self.when()),
            self._table(head, cells, (True, False, True, True, True, True, True), [
                tuple(self._place("worst", n, key) for key in ("", "", "per_hour", "share", "stops", "played", "played"))
                for n in range(len(cells))
            ]),
            *(said for row in self.r["worst"][:1] for said in self._at_first(row)),
            self.say("worst.count-hazards" if counts["all"] == counts["hazards"] else "worst.count", **counts),
        ]

    def chart(self, width: float) -> Html:
        """A bar for each number of misfortunes: what an hour of the worst overlap costs; dotted where a proof was not finished."""
        bars = [charts.Bar(self._named(row), row["per_hour"], row["bound"], self._end(row)) for row in self.r["worst"]]
        d = self.r["defence"]
        if d is not None and d["with"]:
            name = self.say("chart.defended", k=d["k"], what=self.portfolio(d["with"]), set=self.overlap(d["misfortunes"]))
            share = self.share(d["per_hour"] / (self.r["whole_per_hour"] or 1.0))
            end = self.say("chart.end", value=self.amount(d["per_hour"]), share=share)
            bars.append(charts.Bar(name, d["per_hour"], d["per_hour"], end))
        return charts.ranked(bars, width, self.say("chart.caption"))

    def _named(self, row: Row) -> str:
        return self.say("chart.row", k=row["k"], what=self.overlap(row["misfortunes"]) if row["adds"] else self.say("worst.same"))

    def _end(self, row: Row) -> str:
        value = self.amount(row["per_hour"])
        if not row["proven"]:
            return self.say("worst.unproven", value=value, bound=self.amount(row["bound"]))
        return self.say("chart.end", value=value, share=self.share(row["share"]))

    def services(self) -> list[Any]:
        hours = self.last()["played"]["hours"]
        if not hours:
            return []
        cells = []
        for name, est in hours.items():
            low, high = (numbers.point(end, "hours", self.lang) for end in est["band"])
            cells.append([self.names.of(name), numbers.write(est, "hours", self.lang), numbers.between(low, high, self.lang)])
        places = [self._place("worst", self.r["worst"].index(self.last()), "played")] * len(cells)
        table = self._table(["service", "hours", "range"], cells, (False, True, True), places)
        return [self.say("services.intro"), *in_short(table, self.names)]

    def dependence(self) -> list[Any]:
        d = self.r["dependence"]
        ends = {"least": self.with_unit(d["least_bound"]), "most": self.with_unit(d["most_bound"])}
        blocks: list[Any] = [self.say("dependence.intro", independent=self.apart(), **ends)]
        if d["independent_error"] > 0.0:
            blocks.append(self.say("dependence.played"))
        if d["unseen"] > 0.0:
            blocks.append(self.say("dependence.unseen", unseen=self.with_unit(d["unseen"])))
        if left := not_seen({"left_out": [key for key in self.r["left_out"] if key in MAY_ADD]}, self.names):
            blocks.append(self.say("dependence.left-out", what=left))
        if d["at_most"] is not None:
            blocks.append(self.say("dependence.together", n=d["at_most"], **ends))
        if d["states"] and d["most_bound"] > NEAR * d["independent"]:
            cells = [
                [
                    self.overlap(row["misfortunes"]), numbers.point(row["share_of_time"], "percent", self.lang),
                    self.amount(row["per_hour"]), self.amount(row["per_year"]),
                ]
                for row in d["states"][:STATES]
            ]  # fmt: skip
            head = ["state", "share-of-time", "per-hour", "per-year"]
            places = [self._place("dependence.states", n, "") for n in range(len(cells))]
            blocks += [self.say("dependence.states"), self._table(head, cells, (False, True, True, True), places)]
        return blocks

    def rates(self) -> list[Any]:
        cells = [[self.times(row["factor"]), self.amount(row["per_year"])] for row in self.r["rates"]["curve"]]
        places = [("", self._place("rates.curve", n, "per_year")) for n in range(len(cells))]
        return [self.say("rates.intro"), self._table(["factor", self.by_measure("expected")], cells, (False, True), places)]

    def defence(self) -> list[Any]:
        d = self.r["defence"]
        if d is None:
            return []
        key = "certificate-nothing" if not d["with"] else "certificate-one" if d["k"] == 1 else "certificate"
        values, years = {"per-hour": self.amount(d["per_hour"])}, numbers.count(d["years"], self.lang)
        blocks: list[Any] = [
            self.say("defence.intro", budget=self._sum(d["budget"]), years=years, tried=d["tried"], n=d["options"], k=d["k"]),
            self.say(f"defence.{key}", what=self.portfolio(d["with"]), k=d["k"], set=self.overlap(d["misfortunes"]), **values),
            self.say(f"defence.{d['state']}", bound=self.amount(d["bound"]), pairs=d["pairs"], harmful=d["harmful_pairs"]),
        ]
        cells = [
            [self.portfolio(row["with"]), self._sum(row["cost"]), self.amount(row["per_hour"]), self.overlap(row["misfortunes"])]
            for row in d["steps"]
        ]
        places = [self._place("defence.steps", n, "") for n in range(len(cells))]
        table = self._table(["with", "cost", "per-hour", "what"], cells, (False, True, True, False), places)
        return [*blocks, table] if len(cells) > 1 else blocks

    def method(self) -> list[Any]:
        said = [self.say("method.proof"), self.say(f"method.on-demand-{self.r['provenance']['study']['on_demand']}")]
        if self.slow:
            said.append(self.say("method.taken-over"))
        said.append(self.say("method.static"))
        left = not_seen(self.r, self.names)
        return [*said, self.say("method.left-out", what=left)] if left else said

    def _place(self, table: str, n: int, key: str) -> str:
        """Where the page tells what stands behind a number of a row."""
        return number(self.r, ".".join(filter(None, (table, str(n), key))))

    def _table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], about: Sequence[str | tuple[str, ...]] = ()
    ) -> Table:
        return Table([self.say(f"column.{key}") for key in head], rows, right, about).without_empty()
