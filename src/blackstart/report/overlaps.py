"""Overlaps of misfortune as an outline: what stops what, what everything hangs on, which pairs are worse together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.markup import Html, in_lines, svg, tag, write_at
from blackstart.report.misfortunes import NAMED, PARTS_NAMED, SHOWN, Misfortunes, alike, by_play, not_seen, telling, untold
from blackstart.report.names import Names
from blackstart.report.outline import Figure, Outline, Section, in_short, provenance, traced
from blackstart.report.story import SERVICES_MOST
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, joined, number, quantities
from blackstart.text import has, say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
FINDINGS = 12
WORSE = 1.05  # a pair is worse together than apart if it costs so many times the sum of the two alone
GROUPS_SAID = 4


def report(result: Result, names: Names) -> Outline:
    """The overlaps of a model."""
    told = Telling(result, names)
    sections = [Section(key, told.heading(key), build()) for key, build in told.sections().items()]
    return Outline(
        told.say("title", title=told.title()), told.first(), told.more(), told.notes(),
        [*traced(result, names, [s for s in sections if s.blocks]), provenance(result, names)],
    )  # fmt: skip


class Telling(Misfortunes):
    """The overlaps of one result, told in one language."""

    def __init__(self, result: Result, names: Names) -> None:
        super().__init__(names)
        self.r = result
        self.brief: Sequence[Row] = result.get("taking_over", ())  # sets felt only until a standby has taken over
        self.measure = result.get("measure") or ("money" if result["money"] else "services")

    def heading(self, key: str) -> str:
        return self.say(f"section.{key}" if key != "overlaps" or self.r["money"] else f"section.{key}-{self.measure}")

    def sections(self) -> Mapping[str, Callable[[], list[Any]]]:
        return {
            "overlaps": self.overlaps, "taking-over": self.taking_over, "lost-alone": self.lost_alone, "under-all": self.under_all,
            "pairs": self.pairs, "importance": self.importance, "services": self.services, "method": self.method,
        }  # fmt: skip

    def title(self) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return str(title or ", ".join(self.r["provenance"]["model"]))

    # -- names

    def _best_known(self, parts: Sequence[str]) -> str:
        """One name for parts without each of which the same services stop: the first that has a label."""
        return self.names.of(next((p for p in parts if self.names.labelled(p)), parts[0]))

    def times(self, factor: float) -> str:
        return self.say("times", n=write_number(factor, 2))

    def hours(self, value: float) -> str:
        return numbers.point(value, "hours", self.lang)

    # -- the first screen

    def _every(self) -> int:
        return sum(c["service"] for c in self.r["graph"]["components"])

    def first(self) -> str:
        worst = next((row for row in self.r["lost_alone"] if row["services"]), None)
        if worst is None:
            return self._no_place()
        n, m = len(worst["services"]), self._every()
        key = "only" if m == 1 else "all" if n == m else "money" if self.r["money"] and worst["share"] >= 0.01 else "lost"
        share = numbers.whole_percent(worst["share"], self.lang)
        name, path = self.names.of(worst["id"], "domain"), f"lost_alone.{self.r['lost_alone'].index(worst)}.services"
        service = self.names.of(worst["services"][0])
        own = {name: "", share: path.replace(".services", ".share")}
        said = self._leading(f"first.{key}", path, own, name=name, n=n, m=m, share=share, service=service)
        waiting = len(worst.get("meanwhile", ()))
        return joined(said, self._leading("first.waiting", path.replace("services", "meanwhile"), {}, n=waiting)) if waiting else said

    def _no_place(self) -> str:
        """What stops services where no place by itself does: a single misfortune, or only an overlap of several."""
        alone = [row for row in self.r["overlaps"] if len(row["misfortunes"]) == 1 and row["stops"]]
        brief = next((row for row in self.brief if len(row["misfortunes"]) == 1), None)
        if not alone and brief:
            return self._brief("first.none-brief", brief, list(brief["hours"]), what=self.overlap(brief))
        if not self.r["overlaps"] and self.r.get("played"):
            return self.say("first.unseen", what=not_seen(self.r, self.names), played=by_play(self.r, self.names))
        if not self.r["overlaps"]:
            return self.say("first.nothing-brief" if self.brief else "first.nothing", m=self._every())
        if not alone:
            return self.say("first.none-alone")
        row = max(alone, key=lambda row: (len(row["stops"]), row["adds_per_year"]["value"]))
        services, m = self.names.listed(row["stops"], 3), self._every()
        key = "misfortune-all" if len(row["stops"]) == m > 1 else "misfortune"
        what = self.overlap(row)
        said = self._leading(f"first.{key}", f"{self._path(row)}.hours", {what: ""}, what=what, services=services, m=m)
        meanwhile = row.get("meanwhile", ())
        return joined(said, self._brief("first.meanwhile", row, meanwhile)) if meanwhile else said

    def _brief(self, key: str, row: Row, services: Sequence[str], **values: Any) -> str:
        """A sentence about services that are out only until a standby has taken over, and for how long at most."""
        t = self.hours(max(row["hours"][name] for name in services))
        return self._leading(key, f"{self._path(row)}.hours", {}, services=self.names.listed(services, 3), t=t, **values)

    def more(self) -> list[str]:
        """What many services stand on; the misfortune and the overlap that cost most; the pair that is worse together."""
        said = []
        shared = [
            self.say("more.part" if i else "more.part-first", name=self._best_known(row["parts"]), n=len(row["services"]), m=self._every())
            for i, row in enumerate(self.r["under_all"][:GROUPS_SAID])
        ]
        if shared:
            own = {words: f"under_all.{i}" for i, words in enumerate(shared)}
            said.append(self._leading("more.under", "under_all.0", own, what=say("report.list.comma", self.lang).join(shared)))
        costly = [row for row in self.r["overlaps"] if row["hours"] and not row["bearable"]]
        alone = next((row for row in costly if len(row["misfortunes"]) == 1), None)
        several = next((row for row in costly if len(row["misfortunes"]) > 1), None)
        said += [self._costliest(key, row) for key, row in (("alone", alone), ("several", several)) if row]
        worse = self._worse()
        if worse:
            (i, j), apart, together = worse[0]
            a, b = (self.event(self.r["pairs"]["misfortunes"][k]) for k in (i, j))
            said.append(self._leading("more.pair", f"pairs.together.{i}.{j}", {a: "", b: ""}, a=a, b=b, times=self.times(together / apart)))
        return said

    def _leading(self, key: str, path: str, own: Mapping[str, str], **values: Any) -> str:
        """A sentence whose numbers lead to a number of the result; `own`: some words to others, or ("") nowhere."""
        places = {words: number(self.r, to) if to else "" for words, to in own.items() if to or any(map(str.isdigit, words))}
        return Leading(self.say(key, **values), number(self.r, path), places)

    def _path(self, row: Row) -> str:
        """The path of an overlap in the result."""
        tables = {"overlaps": self.r["overlaps"], "taking_over": self.brief}
        return next(f"{table}.{n}" for table, rows in tables.items() for n, other in enumerate(rows) if other is row)

    def _costliest(self, key: str, row: Row) -> str:
        """The overlap that costs most in one sentence: how often, how many services for how long, at what loss."""
        t, path, what, loss = self.hours(max(row["hours"].values())), self._path(row), self.overlap(row), self._with_unit(row["cost"])
        brief = len(row.get("meanwhile", ()))
        kind = "stuck" if row["stuck"] else "longest-meanwhile" if brief else "longest"
        how = self.say(f"more.{kind}", t=t, n=len(row["hours"]), brief=brief)
        inside = {words: "meanwhile" if words.rstrip("개") == str(brief) else "hours" for words in quantities(how)}
        own = {words: f"{path}.{key}" for words, key in inside.items()} | {t: f"{path}.longest", loss: f"{path}.cost", what: ""}
        suffix = "loss" if self.r["money"] else "hours" if row["stuck"] else "amount"
        return self._leading(f"more.{key}-{suffix}", f"{path}.per_year", own, what=what, often=self._often(row), how=how, loss=loss)

    def _often(self, row: Row) -> str:
        """How often, and between what not knowing the inputs leaves it."""
        often = numbers.often(row["per_year"], self.lang)
        band = numbers.band(row, "per_year", self.lang, key="range")
        return self.say("often", often=often, band=band) if band else often

    def notes(self) -> list[str]:
        said = []
        if self.r["outcome"]["state"] == "bounded":
            said.append(self.say("note.bounded"))
        if any(row["stuck"] or row["never"] for row in self.r["overlaps"]):
            said.append(self._leading("note.stuck", "setting.rescue", {}))
        return said

    # -- sections

    def overlaps(self) -> list[Any]:
        short = [row for row in self.r["overlaps"] if row["bearable"]]
        waits = [self.say("overlaps.in-brackets")] if any(row.get("meanwhile") for row in self.r["overlaps"]) else []
        blocks: list[Any] = [" ".join([self.say("overlaps.intro"), *waits])]
        lines = alike(telling(self.r["overlaps"]))
        if lines:
            blocks += self._overlap_table(lines[:SHOWN])
        if left := untold(self.r["overlaps"]):
            blocks.append(self._leading("overlaps.rest", "rest", {}, n=len(left)))
        if short:
            blocks += [self._leading("overlaps.short", "bearable", {}, n=len(short)), *self._overlap_table(alike(short)[:FINDINGS])]
        return blocks

    def taking_over(self) -> list[Any]:
        """What stops services only until a standby has taken over, beyond what the table before it tells."""
        rows = self.brief[:FINDINGS]
        if not rows:
            return []
        cells = [
            [
                self.overlap(row), numbers.often(row["per_year"], self.lang), str(len(row["hours"])), self._services(row["hours"]),
                self.hours(max(row["hours"].values())), self.names.listed(row["standbys"], 2) if row["standbys"] else NONE,
            ]
            for row in rows
        ]  # fmt: skip
        about = [self._places(f"taking_over.{n}", ("per_year", "per_year", "hours", "hours", "hours", "")) for n in range(len(rows))]
        head = ["what", "often", "n", "stops", "longest", "standby"]
        return [self.say("taking-over.intro"), self._table(head, cells, (False, True, True, False, True, False), about)]

    def _overlap_table(self, groups: Sequence[Sequence[Row]]) -> list[Any]:
        """A line for each group of overlaps that are alike, told by the costliest of them."""
        cells, rows = [], [group[0] for group in groups]
        for row, group in zip(rows, groups, strict=True):
            longest = max(row["hours"].values(), default=0.0)
            brief = len(row.get("meanwhile", ()))
            out = f"{len(row['hours'])} ({brief})" if brief else str(len(row["hours"]))
            cells.append([
                self._set(row, len(group)), numbers.often(row["per_year"], self.lang), out,
                self._longest(row, longest), self._mean(row["cost"]), self._mean(row["adds_per_year"]),
            ])  # fmt: skip
        costs = ["loss", "loss-per-year"] if self.r["money"] else [f"cost-{self.measure}", "cost-per-year"]
        columns = ("per_year", "per_year", "hours", "longest", "cost", "adds_per_year")
        head = ["what", "often", "n-out", "longest", *costs]
        about = [
            self._places(self._path(row), ("alike" if len(group) > 1 else columns[0], *columns[1:]))
            for row, group in zip(rows, groups, strict=True)
        ]
        return [self._table(head, cells, (False,) + (True,) * 5, about)]

    def _places(self, path: str, columns: Iterable[str]) -> tuple[str, ...]:
        """For each column of a row the place of its number, by the path inside the row; "" for a column without one."""
        return tuple(number(self.r, f"{path}.{key}") if key else "" for key in columns)

    def _set(self, row: Row, alike: int) -> str:
        """An overlap, with how many like it; a smaller one inside it that stops other services is told in short."""
        if alike > 1:
            sure = [self.event(m) for m in row["misfortunes"] if m["what"] != "doubtful-need"]
            doubtful = next(m for m in row["misfortunes"] if m["what"] == "doubtful-need")
            return self.say("and").join([*sure, self.say("event.doubtful-needs", n=alike, need=self._need(doubtful))])
        if not row["beyond"]:
            return self.overlap(row)
        inner = {(m["what"], m["id"], m["of"]) for m in row["beyond"]}
        if len(inner) == 1:
            return self.overlap(row)
        top = [m for m in row["misfortunes"] if (m["what"], m["id"], m["of"]) not in inner]
        first = next(m for m in row["misfortunes"] if (m["what"], m["id"], m["of"]) in inner)
        return self.say("and-then", first=self.event(first), rest=self.say("and").join(self.event(m) for m in top))

    def _services(self, names: Iterable[str]) -> str:
        names = list(names)
        return self.names.listed(names, NAMED) if names else NONE

    def lost_alone(self) -> list[Any]:
        places = [row for row in self.r["lost_alone"] if row["services"] or row.get("meanwhile")]
        teams = [row for row in self.r["lost_alone"] if row["unmended"]]
        blocks: list[Any] = []
        if places:
            cells = [
                [
                    self.names.of(row["id"], "domain"), self._kind(row["kind"]), str(len(row["services"])), self._services(row["services"]),
                    numbers.whole_percent(row["share"], self.lang), self._services(row.get("meanwhile", ())),
                ]
                for row in places[:FINDINGS]
            ]  # fmt: skip
            head = ["place", "kind", "n", "stops", "share", "waiting"]
            columns = ("", "", "services", "services", "share", "meanwhile")
            about = [self._places(self._lost_path(row), columns) for row in places[:FINDINGS]]
            waits = [self.say("lost.waiting")] if any(row.get("meanwhile") for row in places) else []
            table = self._table(head, cells, (False, False, True, False, True, False), about)
            blocks += [" ".join([self.say("lost.money" if self.r["money"] else "lost.services"), *waits]), table]
        if teams:
            cells = [
                [self.names.of(row["id"], "team"), str(len(row["unmended"])), self.names.listed(row["unmended"], PARTS_NAMED)]
                for row in teams[:FINDINGS]
            ]
            about = [self._places(self._lost_path(row), ("", "unmended", "unmended")) for row in teams[:FINDINGS]]
            blocks += [self.say("lost.teams"), self._table(["team", "n-parts", "parts"], cells, (False, True, False), about)]
        return blocks

    def _lost_path(self, row: Row) -> str:
        return f"lost_alone.{self.r['lost_alone'].index(row)}"

    def _kind(self, kind: str | None) -> str:
        if kind is None:
            return NONE
        known = f"evidence.kind.domain.{kind}"
        return say(known, self.lang) if has(known, self.lang) else kind

    def under_all(self) -> list[Any]:
        if not self.r["under_all"]:
            return []
        cells = [
            [
                self.names.listed(row["parts"], 3), str(len(row["services"])), self._services(row["services"]),
                numbers.whole_percent(row["share"], self.lang),
            ]
            for row in self.r["under_all"][:FINDINGS]
        ]
        about = [self._places(f"under_all.{n}", ("", "services", "services", "share")) for n in range(len(cells))]
        return [self.say("under.intro"), self._table(["part", "n", "stops", "share"], cells, (False, True, False, True), about)]

    def _worse(self) -> list[tuple[tuple[int, int], float, float]]:
        """Pairs that cost more together than the two alone: which two, sum of the two alone, together; worst first."""
        p = self.r["pairs"]
        found = []
        for i in range(len(p["misfortunes"])):
            for j in range(i + 1, len(p["misfortunes"])):
                alone, together = p["alone"][i] + p["alone"][j], p["together"][i][j]
                if together > WORSE * alone and alone > 0:
                    found.append(((i, j), alone, together))
        return sorted(found, key=lambda row: -(row[2] - row[1]))

    def pairs(self) -> list[Any]:
        p = self.r["pairs"]
        if len(p["misfortunes"]) < 2:
            return []
        worse = self._worse()
        blocks: list[Any] = [self.say("pairs.intro" if worse else "pairs.none", n=len(p["misfortunes"]))]
        if worse:
            cells = [
                [
                    self.say("pairs.pair", a=self.event(p["misfortunes"][i]), b=self.event(p["misfortunes"][j])),
                    *map(self._mean, self._errors(i, j, alone, together)), self.times(together / alone),
                ]
                for (i, j), alone, together in worse[:FINDINGS]
            ]  # fmt: skip
            about = [("", *[number(self.r, f"pairs.together.{i}.{j}")] * 3) for (i, j), _, _ in worse[:FINDINGS]]
            head = ["pair", "apart" if self.r["money"] else f"apart-{self.measure}", "together", "times"]
            blocks.append(self._table(head, cells, (False, True, True, True), about))
            blocks.append(Figure(self._matrix, self.say("pairs.caption")))
        return blocks

    def _errors(self, i: int, j: int, alone: float, together: float) -> tuple[Row, Row]:
        """What two misfortunes cost alone, added up, and together, with the errors of these means; 0 in results of an earlier version."""
        p = self.r["pairs"]
        apart = math.hypot(p["error_alone"][i], p["error_alone"][j]) if "error_alone" in p else 0.0
        return {"value": alone, "standard_error": apart}, {"value": together, "standard_error": p["error"][i][j] if "error" in p else 0.0}

    def _longest(self, row: Row, hours: float) -> str:
        """How long at typical values; and in how many of the plays not at all by itself."""
        if row["stuck"]:
            return self.say("never")
        told = self.hours(hours) if hours else NONE
        return self.say("or-never", t=told, share=numbers.whole_percent(row["never"], self.lang)) if row["never"] else told

    def _mean(self, estimate: Row) -> str:
        kind = "money" if self.r["money"] else "count"
        return numbers.write(estimate, kind, self.lang, self.r["currency"] if self.r["money"] else None) if estimate["value"] else NONE

    def _with_unit(self, estimate: Row) -> str:
        """What it costs, with its unit where that is not money."""
        return self._mean(estimate) if self.r["money"] else self.say(f"unit.{self.measure}", n=self._mean(estimate))

    def _cost(self, value: float) -> str:
        kind = "money" if self.r["money"] else "count"
        return numbers.point(value, kind, self.lang, self.r["currency"] if self.r["money"] else None) if value else NONE

    def _matrix(self, width: float) -> Html:
        """How many times the sum of the two alone each pair costs together; rows named, columns numbered."""
        p = self.r["pairs"]
        n = len(p["misfortunes"])
        narrow = width < 600
        name_w = 130.0 if narrow else 330.0
        cell_w, cell_h, top = min(84.0, (width - name_w - 4.0) / n), 40.0, 30.0
        parts: list[Html] = []
        for i, row in enumerate(p["misfortunes"]):
            y = top + i * cell_h
            lines = in_lines(f"{i + 1}. {self.event(row)}", name_w - 10.0, 12.0)
            parts += [write_at(0, y + 24 + 14 * (k - (len(lines) - 1) / 2), line, class_="plain") for k, line in enumerate(lines)]
            parts.append(write_at(name_w + (i + 0.5) * cell_w, 20, str(i + 1), "middle", "tick"))
            for j in range(n):
                parts += self._cell(p, i, j, name_w + j * cell_w, y, cell_w, cell_h, narrow)
        class_ = "narrow" if narrow else "wide"
        return svg(width, top + n * cell_h + 6, *parts, label=self.say("pairs.caption"), class_=class_)

    def _cell(self, p: Row, i: int, j: int, x: float, y: float, w: float, h: float, narrow: bool) -> list[Html]:
        if i == j:
            return [tag("rect", x=x + 1, y=y + 1, width=w - 2, height=h - 2, class_="pair same")]
        alone, together = p["alone"][i] + p["alone"][j], p["together"][i][j]
        times = together / alone if alone > 0 else (2.0 if together > 0 else 1.0)
        grade = 3 if times > 2.0 else 2 if times > 1.25 else 1 if times > WORSE else 0
        words = self.times(times) if grade else "·"
        class_ = "pair-says" + (" small" if narrow else "") + (" strong" if grade == 3 else "")
        drawn = [
            tag("rect", x=x + 1, y=y + 1, width=w - 2, height=h - 2, class_=f"pair p{grade}"),
            write_at(x + w / 2, y + h / 2 + 4, words, "middle", class_),
        ]
        to = number(self.r, f"pairs.together.{i}.{j}")
        return [tag("a", *drawn, href=f"#{to}", class_="traced" if grade else None)] if to else drawn

    def importance(self) -> list[Any]:
        if not self.r["importance"]:
            return []
        cells = [
            [
                self.event(row), self._share(row["p"], row["p_error"]), numbers.whole_percent(row["share"], self.lang),
                self.names.of(row["service"]), numbers.whole_percent(row["fussell_vesely"], self.lang),
                self.times(row["raw"]), self._divided(row["rrw"]),
            ]
            for row in self.r["importance"][:FINDINGS]
        ]  # fmt: skip
        head = ["misfortune", "p", "share-of-all", "service", "fv", "raw", "rrw"]
        right = (False, True, True, False, True, True, True)
        columns = ("", "p", "share", "", "fussell_vesely", "raw", "rrw")
        about = [self._places(f"importance.{n}", columns) for n in range(len(cells))]
        intro = self.say("importance.intro", by=self.say(f"importance.by-{self.measure}"))
        return [intro, self._table(head, cells, right, about)]

    def _share(self, share: float, error: float) -> str:
        """A share of time or a chance with its error, where plays left one."""
        if error > 0.0:
            return numbers.write({"value": share, "standard_error": error}, "percent", self.lang)
        return numbers.point(share, "percent", self.lang)

    def _divided(self, rrw: float | None) -> str:
        return NONE if rrw is None or rrw < WORSE else self.say("part", n=write_number(rrw, 2))

    def services(self) -> list[Any]:
        rows = list(enumerate(self.r["services"]))
        if len(rows) > SERVICES_MOST:  # those that are out longest first
            rows.sort(key=lambda x: -x[1]["share_of_time"])
        cells = [
            [
                self.names.of(row["id"]), self._share(row["share_of_time"], row["standard_error"]),
                numbers.band(row, "percent", self.lang, key="range") or NONE,
                self._begins(row), self._until_taken_over(row.get("taking_over")), *(str(row["minimal"].get(str(k), 0)) for k in (1, 2, 3)),
                str(sum(n for k, n in row["minimal"].items() if int(k) > 3)),
            ]
            for _, row in rows
        ]  # fmt: skip
        head = ["service", "share-of-time", "band", "often", "until", "one", "two", "three", "beyond"]
        columns = ("", "share_of_time", "band", "per_year", "taking_over", *(f"minimal.{k}" for k in (1, 2, 3, "more")))
        about = [self._places(f"services.{n}", columns) for n, _ in rows]
        return [self.say("services.intro"), *in_short(self._table(head, cells, (False,) + (True,) * 8, about), self.names)]

    def _begins(self, row: Row) -> str:
        """How often a service is out by logic, which is never, or never but while a standby takes over."""
        if row["id"] in (self.r.get("played") or {"services": {}})["services"]:
            return self.say("services.not-by-logic")
        if row["upper"] > 0.0:
            return numbers.often(row["per_year"], self.lang)
        return self.say("services.only-meanwhile" if row.get("taking_over") else "services.never")

    def _until_taken_over(self, brief: Row | None) -> str:
        if not brief:
            return NONE
        return self.say("services.up-to", often=numbers.often(brief["per_year"], self.lang), t=self.hours(brief["longest_h"]))

    def method(self) -> list[Any]:
        said = [self.say("method.how"), self.say("method.once"), self._leading("method.priced", "plays", {}, n=self.r["plays"])]
        left = not_seen(self.r, self.names)
        return [*said, self._leading("method.left-out", "standbys", {}, what=left)] if left else said

    def _table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool], about: Sequence[tuple[str, ...]] = ()
    ) -> Table:
        """A table; `about`: the places to which the numbers of each row lead, column by column."""
        return Table([self.say(f"column.{key}") for key in head], rows, right, about).without_empty()
