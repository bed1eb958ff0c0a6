"""How far to defend, as an outline: where the line is drawn and why, in sentences first; then the frontier and its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import board, numbers, story, uptime, ways
from blackstart.report.frontier import Point, costs_of, draw
from blackstart.report.markup import Html
from blackstart.report.names import Names
from blackstart.report.outline import Figure, Outline, Section, provenance, traced
from blackstart.report.schemas import since_later
from blackstart.report.tables import NONE, Table
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
HOURS_PER_YEAR = 8760.0
TOLD_APART = 2.0  # standard errors: what a step avoids is told only if it can be told from chance
NAMES = ("cheapest", "people", "requires", "excludes")  # columns of names
NAMED = 9  # defences named in one phrase
OF_POINTS = {  # columns of the frontier, and where their numbers stand in a point
    "worst_year": "objective", "loss": "loss_per_year", "avoided_year": "avoided_per_year", "user-hours": "user_hours_per_year",
    "long": "long_per_year", "hours_lost": "hours_per_year",
}  # fmt: skip


def report(result: Result, names: Names) -> Outline:
    """The plan of a model."""
    told = _Telling(result, names)
    sections = [Section(key, heading, blocks) for key, heading, blocks in told.sections()]
    return Outline(
        told.say("title", title=told.title()), told.first(), told.more(), told.notes(),
        [*traced(result, names, [s for s in sections if s.blocks]), provenance(result, names)],
    )  # fmt: skip


def how_sure(frontier: Row) -> str:
    """How a search ended, as sentences are called: its state, or `within` where others are ruled out but for a little."""
    return "within" if frontier["state"] == "bounded" and frontier["gap"] else str(frontier["state"])


class _Telling:
    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.lang, self.names = result, names.lang, names
        self.asked, self.frontier, self.reading = result["asked"], result["frontier"], result["reading"]
        self.years = numbers.count(self.asked["years"], self.lang)
        self.gross = write_number(self.asked["gross"], 3)
        self.board = board.Told(result, names)

    @property
    def bought_with(self) -> str:
        """The columns that say what a step avoids: loss, or what else is kept small."""
        return "avoided ratio" if self.asked["objective"] in ("loss", "tvar") else "less less_ratio"

    def say(self, key: str, **values: Any) -> str:
        return say(f"plan.{key}", self.lang, **values)

    def says(self, key: str, paths: Mapping[str, str], **values: Any) -> ways.Leading:
        """A sentence in which the value of each of these names leads to a number of the result; names of defences lead nowhere."""
        shown = {name: f"{value:,}" if isinstance(value, int) else str(value) for name, value in values.items()}
        own = {shown[name]: ways.number(self.r, path) for name, path in paths.items() if values.get(name)}
        settings = {"years": "asked.years", "gross": "asked.gross", "accepted": "asked.accepted_years"}
        own |= {str(values[name]): ways.number(self.r, path) for name, path in settings.items() if name in values}
        own |= {str(values[name]): "" for name in ("names", "name", "what") if any(map(str.isdigit, str(values.get(name, ""))))}
        return ways.Leading(self.say(key, **values), "", own)

    def title(self) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return str(title or ", ".join(self.r["provenance"]["model"]))

    # -- words

    def named(self, ids: Sequence[str]) -> str:
        return self.names.join([self.names.of(i, "defence") for i in ids], NAMED) if ids else self.say("nothing")

    def change(self, step: Row, plus: str = "") -> str:
        """What a step adds, and what it leaves out for it."""
        said = [plus + self.named(step["add"])] if step["add"] else []
        if step["drop"]:
            said.append("− " + self.named(step["drop"]) if plus else self.say("without", names=self.named(step["drop"])))
        return (" " if plus else say("report.list.comma", self.lang)).join(said)

    def money(self, value: float | None) -> str:
        return NONE if value is None else numbers.point(value, "money", self.lang, self.r["currency"])

    def estimate(self, est: Row | None, kind: str = "money") -> str:
        return NONE if est is None else numbers.write(est, kind, self.lang, self.r["currency"] if kind == "money" else None)

    def about(self, est: Row, kind: str = "money") -> str:
        return numbers.about(est, kind, self.lang, self.r["currency"])

    def ratio(self, step: Row) -> str:
        if step["cost"] <= 0:
            return self.say("saves")
        if not self.shows(step):
            return self.say("perhaps", most=self.amount(self.most(step))) if self.open(step) else self.say("no-loss")
        return write_number(step["ratio"], 2) if self.asked["objective"] in ("loss", "tvar") else self.money(step["ratio"])

    def shows(self, step: Row) -> bool:
        """Whether what a step avoids can be told from chance."""
        est = step["avoided"]
        return est is not None and step["ratio"] is not None and est["value"] > TOLD_APART * est["standard_error"]

    def most(self, step: Row) -> float:
        """What a step avoids, at the upper end of its error."""
        return step["avoided"]["value"] + TOLD_APART * step["avoided"]["standard_error"]

    def open(self, step: Row, bought: bool = False) -> bool:
        """Whether a step would be worth its cost at one end of its error and would not at the other, so that more luck could turn it."""
        if step["cost"] <= 0.0 or self.reading["chosen"] is None:
            return False
        less = step["avoided"]["value"] - TOLD_APART * step["avoided"]["standard_error"]
        return step["cost"] > self.asked["gross"] * less if bought else step["cost"] <= self.asked["gross"] * self.most(step)

    # -- sentences

    def first(self) -> str:
        return self._within() if self.reading.get("within") else self._how_far()

    def _within(self) -> str:
        """What the budget is best spent on."""
        best, base = self.reading["within"], self.frontier["points"][0]
        values = {"budget": self.money(self.asked["budget"]), "years": self.years}
        if not best["with"]:
            return self.says("first.within-nothing", {}, **values)
        values |= {"names": self.named(best["with"]), "cost": self.money(best["cost"])}
        paths = {"cost": "reading.within.cost"}
        if self.reading["chosen"] is not None:
            avoided = self.about(best["avoided_per_year"])
            return self.says("first.within", paths | {"avoided": "reading.within.avoided_per_year"}, avoided=avoided, **values)
        key = "user_hours_per_year" if self.asked["objective"] == "user-hours" else None
        now, then = (self._people_or_hours(p, key) for p in (base, best))
        paths |= {"now": f"frontier.points.0.{key or 'hours_per_year'}", "then": f"reading.within.{key or 'hours_per_year'}"}
        return self.says("first.within-unpriced", paths, what=self.what(), now=now, then=then, **values)

    def _how_far(self) -> str:
        chosen, left = self.reading["chosen"], self.reading["left_out"]
        if chosen is None:
            return self.say("first.unpriced", what=self.what())
        if chosen["with"]:
            paths = {"cost": "reading.chosen.cost", "avoided": "reading.chosen.avoided_per_year"}
            return self.says("first.chosen", paths, names=self.named(chosen["with"]), cost=self.money(chosen["cost"]), years=self.years,
                            avoided=self.about(chosen["avoided_per_year"]))  # fmt: skip
        if left and self.shows(left[0]):
            ratio = write_number(left[0]["ratio"], 2)
            name, path = self.change(left[0]), "reading.left_out.0.ratio"
            return self.says("first.nothing", {"ratio": path}, name=name, ratio=ratio, years=self.years)
        return self.say("first.none-helps")

    def more(self) -> list[str]:
        chosen, left = self.reading["chosen"], self.reading["left_out"]
        said: list[str] = [self._how_far()] if self.reading.get("within") else []
        if chosen is None:
            said.append(self._unpriced())
        elif chosen["with"]:
            said.append(self._next(left[0]) if left else self.says("more.everything", {}, gross=self.gross))
            said.append(self._waiting())
        said += self._undecided()
        said += [*self._long(), *self._limits(), *self.board.sentences()]
        if chosen is not None and self.asked["objective"] == "loss":
            said.append(self.say("more.tail"))
        return [*self._worst_year(), *said]

    def _worst_year(self) -> list[str]:
        """What was made small, where that is the loss of the worst years: as it is, and with what is bought or the dearest portfolio."""
        first, last = self.frontier["points"][0], self.frontier["points"][-1]
        if self.asked["objective"] != "tvar" or not last["with"]:
            return []
        now, then = (self.money(p["objective_fresh"]) for p in (first, last))
        end = f"frontier.points.{len(self.frontier['points']) - 1}"
        paths = {"now": "frontier.points.0.objective", "then": f"{end}.objective", "cost": f"{end}.cost"}
        return [self.says("more.worst-year", paths, what=self.what(), now=now, then=then, cost=self.money(last["cost"]), years=self.years)]

    def _unpriced(self) -> str:
        first, last = self.frontier["points"][0], self.frontier["points"][-1]
        key = "user_hours_per_year" if self.asked["objective"] == "user-hours" else None
        now, then = (self._people_or_hours(p, key) for p in (first, last))
        end, value = f"frontier.points.{len(self.frontier['points']) - 1}", key or "hours_per_year"
        paths = {"cost": f"{end}.cost", "now": f"frontier.points.0.{value}", "then": f"{end}.{value}"}
        return self.says("first.unpriced-best", paths, cost=self.money(last["cost"]), years=self.years, names=self.named(last["with"]),
                        what=self.what(), now=now, then=then)  # fmt: skip

    def _people_or_hours(self, point: Row, key: str | None) -> str:
        if key:
            return numbers.count(point[key]["value"], self.lang).strip()
        return numbers.point(sum(e["value"] for e in point["hours_per_year"].values()), "hours", self.lang)

    def what(self) -> str:
        return self.say(f"what.{self.asked['objective']}", years=numbers.count(self.asked["tail_years"], self.lang))

    def _next(self, step: Row) -> str:
        values = {"name": self.change(step), "cost": self.money(step["cost"]), "years": self.years}
        if not self.shows(step):
            paths = {"cost": "reading.left_out.0.cost", "most": "reading.left_out.0.avoided"}
            key = "next-perhaps" if self.open(step) else "next-in-vain"
            return self.says(f"more.{key}", paths, most=self.amount(self.most(step)), **values)
        avoided = self.about(step["avoided"])
        paths = {key: f"reading.left_out.0.{key}" for key in ("cost", "avoided", "ratio")}
        return self.says("more.next", paths, avoided=avoided, ratio=write_number(step["ratio"], 2), gross=self.gross, **values)

    def _undecided(self) -> list[str]:
        """What might be bought or not, if other courses had been played."""
        said = []
        for key, bought in (("bought", True), ("left_out", False)):
            names = [self.names.of(row["id"], "defence") for row in self.reading[key] if self.open(row, bought)]
            if names:
                said.append(self.say(f"more.open-{key}", names=self.names.join(names, NAMED), gross=self.gross))
        return said

    def _waiting(self) -> str:
        row = self.reading["waiting_a_year"]
        net = row["net"]
        if net["value"] > 0:
            paths = {key: f"reading.waiting_a_year.{key}" for key in ("net", "avoided", "saved")}
            return self.says("more.waiting", paths, net=self.about(net), avoided=self.about(row["avoided"]), saved=self.money(row["saved"]))
        flipped = {**net, "value": -net["value"]}
        return self.says("more.waiting-saves", {"net": "reading.waiting_a_year.net"}, net=self.about(flipped), gross=self.gross)

    def _long(self) -> list[str]:
        """How often a service is out for more than a day, and what halves that."""
        data = self.reading["halvings"]
        if not data["rows"]:
            return []
        row, often = data["rows"][0], self.about(data["now"], "per_year")
        if row["with"] is None:
            return [self.says("more.long-never", {"often": "reading.halvings.now"}, often=often)]
        paths = {"often": "reading.halvings.now", "cost": "reading.halvings.rows.0.cost"}
        return [self.says("more.long", paths, often=often, names=self.named(row["with"]), cost=self.money(row["cost"]), years=self.years)]

    def _limits(self) -> list[str]:
        row = self.reading["tolerance"]
        if row is None:
            return []
        accepted, then, said = numbers.count(self.asked["accepted_years"], self.lang), 0, []
        for key in ("tolerance", "promise"):
            rows = [r for r in row["rows"] if ("share" in r) is (key == "promise")]
            now, after = (sum(self._passed(r, r[when] or r["now"]) for r in rows) for when in ("now", "then"))
            bought = bool((self.reading["chosen"] or {}).get("with"))
            if len(rows) == 1:
                key = f"{key}-one-{('still' if after else 'then') if bought else 'now'}"
            elif not bought:
                key = f"{key}-now"
            paths = dict.fromkeys(("n", "of", "then"), "reading.tolerance.rows")
            said += [self.says(f"more.{key}", paths, n=now, of=len(rows), accepted=accepted, then=after)] if now else []
            then += after
        by = row["kept_by"]
        if then and by["with"] is not None:
            paths = {"cost": "reading.tolerance.kept_by.cost"}
            key = "tolerance-by" if by["state"] == "proven" else "tolerance-by-found"
            said.append(self.says(f"more.{key}", paths, names=self.named(by["with"]), cost=self.money(by["cost"]), years=self.years))
            if by["state"] != "proven":
                paths = {"least": "reading.tolerance.kept_by.at_least"}
                said.append(self.says(f"more.tolerance-{by['state']}", paths, least=self.money(by["at_least"])))
        elif then:
            said.append(self.say("more.tolerance-none-judged" if by["state"] == "open" else "more.tolerance-never"))
        return said

    def _passed(self, row: Row, found: Row) -> bool:
        """Whether a limit is passed more often than is accepted, or a promised uptime kept in fewer windows than it must be."""
        return found["value"] < row["of_windows"] if "share" in row else found["value"] > 1.0 / self.asked["accepted_years"]

    def amount(self, value: float) -> str:
        """So much of what is to be kept small."""
        if self.asked["objective"] in ("loss", "tvar"):
            return self.money(value)
        if self.asked["objective"] == "hours":
            return numbers.point(value, "hours", self.lang)
        return self.say("said.user-hours", n=numbers.point(value, "count", self.lang).strip())

    def notes(self) -> list[str]:
        """How sure it is that nothing better was passed over: in one sentence where what is to be bought is proven."""
        f, said = self.frontier, story.set_aside(self.r, self.names)
        bounds = {"to": "frontier.proven_to", "worth": "frontier.worth_to"}
        if self._decided:
            to, worth = self.money(f["proven_to"]), self.money(f["worth_to"])
            said.append(self.says("state.decided", bounds, to=to, worth=worth, gross=self.gross))
        else:
            if f["proven_to"] is not None:
                said.append(self.says("state.proven-to", bounds, to=self.money(f["proven_to"])))
            said += self._beyond()
        if free := self.r.get("free"):
            said.append(self.say("state.free", names=self.names.listed(free, 6, "defence")))
        for row in self.r["not_offered"]:
            said.append(self.say("state.not-offered", name=self.names.of(row["id"], "defence"), needs=self.named(row["requires"])))
        if self.r["outcome"]["state"] == "stopped":
            said += story.outcome(self.r, self.names)
        return said

    @property
    def _decided(self) -> bool:
        """Whether how far to go is proven, so that what else may have been passed over can be told later."""
        return self.frontier["proven_to"] is not None and bool(self.frontier["decided"])

    def _beyond(self) -> list[ways.Leading]:
        """How much better could be what was not judged, and how much was judged."""
        f, said = self.frontier, self._sure()
        gap = max((row["at_most"] for row in f["gap"]), default=0.0)
        share = numbers.whole_percent(min(1.0, gap / (f["points"][0]["objective"] or 1.0)), self.lang)
        pairs, worse = (f"{f['harm'][k]:,}" for k in ("pairs", "worse"))
        amounts = {"gap": self.amount(gap), "share": share, "most": self.amount(f["harm"]["most"]), "pairs": pairs, "worse": worse}
        paths = {"n": "frontier.judged", "gap": "frontier.gap", "share": "frontier.share", **{k: f"frontier.harm.{k}" for k in f["harm"]}}
        said.append(self.says(f"state.{how_sure(f)}", paths, n=f["judged"], **amounts))
        if f["parts"] > 1:
            paths = {"parts": "frontier.parts", "n": "frontier.portfolios"}
            said.append(self.says("state.parts", paths, parts=f["parts"], n=f["portfolios"]))
        if f["refused"]:
            said.append(self.says("state.refused", {"n": "frontier.refused"}, n=f["refused"]))
        return said

    def _sure(self) -> list[ways.Leading]:
        """What could be better at most, whatever defences do to each other."""
        rows = self.frontier.get("sure_gap")
        if not rows:
            return []
        most, first = max(row["at_most"] for row in rows), self.frontier["points"][0]["objective"] or 1.0
        dearest = max(p["cost"] for p in self.frontier["points"])
        last = next((row["at_most"] for row in reversed(rows) if row["cost"] <= dearest), most)
        share, then = (numbers.whole_percent(min(1.0, x / first), self.lang) for x in (most, last))
        amounts = {"most": self.amount(most), "share": share, "last": self.amount(last), "then": then}
        paths = dict.fromkeys(amounts, "frontier.sure_gap") | {"times": "frontier.times_as_long"}
        return [self.says("state.sure", paths, **amounts, times=numbers.count(self.frontier["times_as_long"], self.lang))]

    # -- sections

    def sections(self) -> Iterable[tuple[str, str, list[Any]]]:
        service = (self.reading["nines"] or {}).get("service", "")
        for key, build in {
            "steps": self.steps, "frontier": self.points, "bought": self.bought, "left-out": self.left_out, "halvings": self.halvings,
            "nines": self.nines, "tolerance": self.tolerance, "schedule": self.schedule, "options": self.options, "method": self.method,
        }.items():  # fmt: skip
            if key == "schedule":
                yield from self.board.sections()
            yield key, self.say(f"section.{key}", service=self.names.of(service)), build()

    def table(self, columns: str, rows: Sequence[Sequence[str]], left: int = 1, about: Sequence[str | tuple[str, ...]] = ()) -> list[Any]:
        """A table whose first columns are words, and those that hold names; `about`: the place to which the numbers of each row lead."""
        keys = columns.split()
        head = [self.what() if c == "worst_year" else self.say(f"column.{c}", years=self.years) for c in keys]
        return [Table(head, rows, [i >= left and c not in NAMES for i, c in enumerate(keys)], about).without_empty()] if rows else []

    def _step_rows(self, steps: Sequence[Row], name: Callable[[Row], str]) -> list[list[str]]:
        kind = {"user-hours": "count", "hours": "hours"}.get(self.asked["objective"], "money")
        avoided = [self.estimate(s["avoided"], kind) if s["avoided"]["value"] > 0 else NONE for s in steps]
        return [[name(s), self.money(s["cost"]), told, self.ratio(s)] for s, told in zip(steps, avoided, strict=True)]

    def _step_table(self, key: str, first: str, steps: Sequence[Row], name: Callable[[Row], str]) -> list[Any]:
        """A table of steps; `key`: of them in the reading."""
        if not steps:
            return []
        about = [self._places(f"reading.{key}.{n}", ("", "cost", "avoided", "ratio")) for n in range(len(steps))]
        return self.table(f"{first} cost {self.bought_with}", self._step_rows(steps, name), about=about)

    def _places(self, path: str, columns: Iterable[str]) -> tuple[str, ...]:
        """For each column of a row the place of its number, by the path inside the row; "" for a column without one."""
        return tuple(ways.number(self.r, f"{path}.{key}") if key else "" for key in columns)

    def steps(self) -> list[Any]:
        return self._step_table("pays", "step", self.reading["pays"], lambda s: self.change(s, "+ "))

    def bought(self) -> list[Any]:
        return self._step_table("bought", "defence", self.reading["bought"], lambda s: self.names.of(s["id"], "defence"))

    def left_out(self) -> list[Any]:
        return self._step_table("left_out", "defence", self.reading["left_out"], self.change)

    def points(self) -> list[Any]:
        """The frontier, each line by what it changes against the line above: the whole list of a large portfolio tells nobody much."""
        priced = self.reading["chosen"] is not None
        small = {"tvar": "worst_year", "user-hours": "user-hours", "hours": "hours_lost"}.get(self.asked["objective"], "loss")
        shown = [small, *(c for c in OF_POINTS if c not in (small, "worst_year"))]  # what was kept small comes first
        rows, above = [], None
        for p in self.frontier["points"]:
            hours = NONE if priced else numbers.point(sum(e["value"] for e in p["hours_per_year"].values()), "hours", self.lang)
            users = p["user_hours_per_year"]
            told = {
                "worst_year": self.money(p["objective_fresh"]), "loss": self.estimate(p["loss_per_year"]),
                "avoided_year": NONE if above is None else self.estimate(p["avoided_per_year"]),
                "user-hours": numbers.write(users, "count", self.lang) if users["value"] else NONE,
                "long": numbers.frequency(p["long_per_year"], self.lang), "hours_lost": hours,
            }  # fmt: skip
            what = self.named(p["with"]) if above is None else self.against(above, p["with"])
            rows.append([what, str(len(p["with"])), self.money(p["cost"]), *(told[c] for c in shown)])
            above = p["with"]
        about = [self._places(f"frontier.points.{n}", ["", "with", "cost", *(OF_POINTS[c] for c in shown)]) for n in range(len(rows))]
        table = self.table(f"with count cost {' '.join(shown)}", rows, about=about)
        if not priced or len(rows) < 2:
            return table
        parted = costs_of(self._points()).even is not None
        return [Figure(self.chart, " ".join([self.say("chart.caption"), *([self.say("chart.tenfold")] if parted else [])])), *table]

    def against(self, above: Sequence[str], now: Sequence[str]) -> str:
        """A portfolio by what it has that another has not, and what not."""
        return self.change({"add": [n for n in now if n not in above], "drop": [n for n in above if n not in now]}, plus="+ ")

    def halvings(self) -> list[Any]:
        rows = [[self.say("said.halved", n=r["times"]), *self._priced(r)] for r in self.reading["halvings"]["rows"]]
        about = [(ways.PLAIN, *places[1:]) for places in self._reading_places("halvings", ("", "with", "cost", "long"), len(rows))]
        return self.table("times cheapest cost long", rows, 2, about)

    def _nines(self, n: int) -> str:
        """An availability by its number of nines: `99.99 %`."""
        return self.say("said.nines", n=n, share=f"{100 - 100 / 10**n:.{max(0, n - 2)}f}%")

    def nines(self) -> list[Any]:
        data = self.reading["nines"]
        rows = [
            [self._nines(r["nines"]), numbers.point(r["hours"], "hours", self.lang), *self._priced(r)[:2]]
            for r in (data["rows"] if data else ())
        ]
        about = [(ways.PLAIN, *places[1:]) for places in self._reading_places("nines", ("", "hours", "with", "cost"), len(rows))]
        return self.table("nines hours cheapest cost", rows, about=about)

    def _reading_places(self, key: str, columns: Iterable[str], n: int) -> list[tuple[str, ...]]:
        return [self._places(f"reading.{key}.rows.{row}", columns) for row in range(n)]

    def _priced(self, row: Row) -> list[str]:
        if row["with"] is None:
            return [self.say("never"), NONE, NONE]
        return [self.named(row["with"]), self.money(row["cost"]), numbers.frequency(row["long_per_year"], self.lang)]

    def tolerance(self) -> list[Any]:
        data = self.reading["tolerance"]
        rows = [
            [self.names.of(r["service"]), self._limit(r), *(self._so_often(r, r[when]) if r[when] else NONE for when in ("now", "then"))]
            for r in (data["rows"] if data else ())
        ]
        return self.table("service limit now then", rows, about=self._reading_places("tolerance", ("", "hours", "now", "then"), len(rows)))

    def _limit(self, row: Row) -> str:
        return uptime.Words(row, self.lang).in_so_many() if "share" in row else numbers.clock(row["hours"], self.lang)

    def _so_often(self, row: Row, found: Row) -> str:
        """How often a limit is passed; of a promised uptime in how many windows it is kept."""
        if "share" not in row:
            return numbers.frequency(found, self.lang)
        words = uptime.Words(row, self.lang)
        return say("uptime.kept-in", self.lang, windows=words.windows(numbers.availability(found, self.lang)))

    def schedule(self) -> list[Any]:
        rows = []
        for r in self.reading["schedule"]:
            begins = self.say("said.after", t=numbers.long(r["begins_h"], self.lang)) if r["begins_h"] > 0 else self.say("said.now")
            people = [f"{self.names.of(t, 'team')} {n}" for t, n in r["people"].items()]
            ends = self.say("said.after", t=numbers.long(r["ends_h"], self.lang)) if r["ends_h"] > 0 else self.say("said.now")
            rows.append([self.names.of(r["id"], "defence"), begins, ends, ", ".join(people) or NONE])
        about = [self._places(f"reading.schedule.{n}", ("", "begins_h", "ends_h", "people")) for n in range(len(rows))]
        return self.table("defence begins ends people", rows, about=about)

    def options(self) -> list[Any]:
        rows = [
            [
                self.names.of(o["id"], "defence"), self.money(o["once"]), self.money(o["yearly"]), self.money(o["cost"]),
                NONE if o["takes_h"] is None else numbers.lead(o["takes_h"], self.lang),
                ", ".join(self.names.of(n, "defence") for n in o["requires"]) or NONE,
                ", ".join(self.names.of(n, "defence") for n in o["excludes"]) or NONE,
            ]
            for o in self.r["options"]
        ]  # fmt: skip
        about = [self._places(f"options.{n}", ("", "once", "yearly", "cost", "takes_h", "", "")) for n in range(len(rows))]
        return self.table("defence once yearly cost takes requires excludes", rows, about=about)

    def method(self) -> list[Any]:
        how = self.r["provenance"]["study"]
        discount = numbers.point(self.asked["discount"], "percent", self.lang)
        said = [
            self._set("method.same", worlds=("worlds", how["worlds"]), samples=("samples_per_world", how["samples_per_world"])),
            self._set("method.fresh", worlds=("fresh_worlds", how["fresh_worlds"]), seed=("fresh_seed", how["fresh_seed"]),
                      samples=("fresh_samples_per_world", how["fresh_samples_per_world"])),
            self._set("method.depth", depth=("depth", how["depth"]), fresh_depth=("fresh_depth", how["fresh_depth"])),
            self._set("method.money", years=("years", self.years), discount=("discount", discount), gross=("gross", self.gross)),
            *(self._beyond() if self._decided else ()),
        ]  # fmt: skip
        if self.frontier["state"] != "proven":
            said.append(self.say("method.of-judged"))
        return [*said, *([] if self.asked["cuts"] else [self.say("method.cuts")]), *self.board.left_out()]

    def _set(self, key: str, **settings: tuple[str, Any]) -> str:
        """A sentence on settings, each of which leads to what it is and who chose it."""
        words = {str(value): self._setting(name) for name, value in settings.values()}
        return ways.Leading(self.say(key, **{word: value for word, (_, value) in settings.items()}), "", words)

    def _setting(self, name: str) -> str:
        return ways.number(self.r, f"asked.{name}" if name in self.asked else f"provenance.study.{name}")

    # -- the picture

    def chart(self, width: float) -> Html:
        """Loss against cost over the years: a point for each portfolio, its band, the line between points that are passed."""
        return draw(self._points(), width, self.money, lambda key: self.say(f"chart.{key}", years=self.years))

    def _points(self) -> list[Point]:
        points = []
        for n, p in enumerate(self.frontier["points"]):
            loss = p["loss_per_year"]["value"] * self.asked["years"]
            band = tuple(end * self.asked["years"] for end in p["loss_per_year"]["band"] or ())
            said = f"{self.named(p['with'])}: {self.money(p['cost'])}, {self.money(loss)}"
            to = ways.number(self.r, f"chart.{n}")
            points.append(Point(p["cost"], loss, band, said, p["with"] == self.reading["chosen"]["with"], to))
        return points


# --------------------------------------------------------------------------- the schema


def definition() -> dict[str, Any]:
    """JSON Schema of what is a plan's own; what it shares with other results is added by the contract."""
    text, number = {"type": "string"}, {"type": "number"}
    ids = {"type": "array", "items": text}
    estimate = {"$ref": "#/$defs/Estimate"}
    maybe = _or_null(estimate)
    people = {"type": "object", "additionalProperties": {"type": "integer"}}
    point = _object(
        with_=ids, once=number, yearly=number, cost={**number, "description": "over the years asked for"},
        objective={**number, "description": "on the episodes of the search"}, objective_fresh=number, loss_per_year=maybe,
        avoided_per_year=maybe, user_hours_per_year=estimate,
        long_per_year={**estimate, "description": "episodes with an outage over 24 h"},
        hours_per_year={"type": "object", "additionalProperties": estimate},
    )  # fmt: skip
    begun = {
        "by_cause": _by_cause(number, text),
        "by_service": {"type": "object", "additionalProperties": number, "description": "loss of each service"},
    }  # fmt: skip
    point = since_later(point, **begun)
    own = {
        "years": {**number, "description": "discounted years in which it is there"},
        "beside": {**ids, "description": "what is there without the step"},
        "loss_was": {"type": ["number", "null"], "description": "loss a year without it"},
        "loss_then": {"type": ["number", "null"], "description": "loss a year with it"},
    }
    step = {"add": ids, "drop": ids, "cost": number, "there_h": number, "avoided": maybe, "ratio": {"type": ["number", "null"]}}

    def steps(**fields: Any) -> dict[str, Any]:
        return {"type": "array", "items": since_later(_object(**fields, **step), **own, **begun)}

    priced = {"with_": _or_null(ids), "cost": {"type": ["number", "null"]}, "long_per_year": maybe}
    rows = {
        "options": _object(
            id=text, once=number, yearly=number, cost=number, takes_h={"type": ["number", "null"]}, people=people, requires=ids,
            excludes=ids,
        ),
        "schedule": _object(id=text, begins_h=number, ends_h=number, people=people),
        "tolerance": since_later(
            _object(service=text, hours={**number, "description": "longest outage; out of a window"}, now=estimate, then=maybe),
            share={**number, "description": "promised uptime: `now` and `then` are shares of windows that keep it"}, window_h=number,
            of_windows={**number, "description": "share of windows in which it must be kept"},
        ),
    }
    many = {k: {"type": "array", "items": v} for k, v in rows.items()}
    return {
        "kind": {"const": "plan"},
        "beside": board.definition(lambda name: {"$ref": f"#/$defs/{name}"}),
        "asked": since_later(_object(
            objective={"enum": ["loss", "tvar", "user-hours", "hours"]}, years=number, discount=number, gross=number,
            accepted_years=number, tail_years=number, cuts={"type": "boolean"},
        ), budget={"type": ["number", "null"], "description": "what may be spent over the years, once and running"}),
        "options": many["options"],
        "not_offered": {"type": "array", "items": _object(id=text, requires=ids), "description": "what it requires is no choice"},
        "free": ids | {"description": "defences that state no cost, and are counted as free"},
        "frontier": _frontier(point),
        "reading": since_later(_object(
            chosen=_or_null(point), pays=steps(to=ids), bought=steps(id=text), left_out=steps(id=text),
            waiting_a_year=_or_null(_object(avoided=estimate, saved=number, net=estimate)), schedule=many["schedule"],
            nines=_or_null(_object(
                service=text, now=estimate,
                rows={"type": "array", "items": _object(nines={"type": "integer"}, hours=number, **priced)},
            )),
            halvings=_object(now=estimate, rows={"type": "array", "items": _object(times={"type": "integer"}, **priced)}),
            tolerance=_or_null(_object(rows=many["tolerance"], kept_by=_object(
                **priced, state={"enum": ["proven", "bounded", "open"]},
                at_least={**number, "description": "the cost below which nothing keeps them, whatever defences do to each other"},
            ))),
        ), within={**_or_null(point), "description": "the best of what is told within the budget"}),
    }  # fmt: skip


def _frontier(point: dict[str, Any]) -> dict[str, Any]:
    number, count = {"type": "number"}, {"type": "integer"}
    best = {"best": {**number, "description": "the least found at this cost"}, "with": {"type": "array", "items": {"type": "string"}}}
    gap = {"type": "array", "items": since_later(_object(cost=number, at_most=number), **best)}
    schema = _object(
        state={"enum": ["proven", "bounded", "open"]}, parts=count, portfolios=count, judged=count, refused=count,
        harm=_object(worse=count, pairs=count, most=number),
        proven_to={"type": ["number", "null"],
                   "description": "the cost below which every portfolio was judged or is ruled out by its kind; null: all were"},
        worth_to={"type": ["number", "null"], "description": "the cost above which nothing can be worth it; null: no price"},
        decided={"type": "boolean", "description": "how far to go is proven for these episodes"},
        gap=gap, steps=count, points={"type": "array", "items": point},
    )  # fmt: skip
    return since_later(
        schema, sure_gap={**gap, "description": "as `gap`, whatever defences do to each other; empty: not known"},
        times_as_long={**number, "description": "`sure_gap` holds if nothing is in trouble so many times as long as what was judged"},
    )  # fmt: skip


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _by_cause(number: dict[str, Any], text: dict[str, Any]) -> dict[str, Any]:
    """What begins with each misfortune, or what a step avoids of that."""
    one = _object(what=text, id=text, loss=number, user_hours=number, long=number)
    one["properties"] |= {
        "per_year": {**number, "description": "how often it comes; of a portfolio, as are the errors of calculation"},
        **{f"{key}_error": number for key in ("loss", "user_hours", "long")},
    }
    what = "by the misfortune that episodes begin with; of a step what it avoids of it over the years"
    return {"type": "array", "items": one, "description": what}


def _object(**fields: Any) -> dict[str, Any]:
    named = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": named, "required": list(named), "additionalProperties": False}
