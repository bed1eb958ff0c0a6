"""What a board asks beside the frontier of a plan: signed curves, the worst overlaps, unknown dependence, the quiet years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import charts, numbers, quiet, tolerances
from blackstart.report.markup import Html
from blackstart.report.misfortunes import Misfortunes
from blackstart.report.names import Names
from blackstart.report.outline import Figure
from blackstart.report.schemas import since_later
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number, quantities
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
EVERYTHING = 0.9999  # of what an hour without any service costs
NEAR = 1.02  # ends of a band nearer than this are told as one
PROTECTIONS = 12
BEGINNING = ("worst.same", "worst.then", "dependence.then")  # sentences that begin with what is bought


class Told:
    """What stands beside one plan; nothing where the plan was made without it."""

    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.names, self.lang = result, names, names.lang
        self.words = Misfortunes(names)
        self.beside = result.get("beside")
        self.now, self.then = (self.beside["now"], self.beside["then"]) if self.beside else (None, None)
        self.after = self._after()
        signed = self.beside["signed"] if self.beside else ()
        self.signed = tolerances.Told(signed, names, result["currency"], self.after, number(result, "beside.signed"))

    def say(self, key: str, **values: Any) -> str:
        said = say(f"board.{key}", self.lang, **values)
        return said[0].upper() + said[1:] if key.endswith(BEGINNING) and self.lang == "en" else said

    # -- pieces

    def amount(self, value: float) -> str:
        """Money, or hours weighed by users or services."""
        money = self.now["measure"] == "money"  # type: ignore[index]
        return numbers.point(value, "money" if money else "count", self.lang, self.r["currency"] if money else None)

    def apart(self, band: Row) -> str:
        """What is expected if misfortunes have nothing to do with each other, with what plays leave unknown of it."""
        money = self.now["measure"] == "money"  # type: ignore[index]
        est = {"value": band["independent"], "standard_error": band["independent_error"]}
        return numbers.write(est, "money" if money else "count", self.lang, self.r["currency"] if money else None)

    def overlap(self, misfortunes: Sequence[Row]) -> str:
        return self.say("and").join(self.words.event(m) for m in misfortunes) or NONE

    def share(self, value: float) -> str:
        return numbers.whole_percent(value, self.lang)

    def times(self, band: Row) -> str:
        if band["independent"] <= 0:
            return NONE
        n = write_number(band["most_bound"] / band["independent"], 2)
        return self.say("times-one") if n == "1" else self.say("times", n=n)

    # -- sentences

    def sentences(self) -> list[str]:
        if self.now is None:
            return []
        return [*self.signed.sentences(), *self._worst(), *self._dependence()]

    def _after(self) -> str:
        """With what the second answer is: what is bought, or the dearest portfolio where nothing is."""
        if self.then is None:
            return ""
        chosen = self.r["reading"]["chosen"]
        if chosen and self.then["with"] == chosen["with"]:
            return self.say("after.chosen")
        cost = numbers.point(self.r["frontier"]["points"][-1]["cost"], "money", self.lang, self.r["currency"])
        return self.say("after.dearest", cost=cost)

    def _worst(self) -> list[str]:
        worst, most = self.now["worst"][-1], self._most(self.now)  # type: ignore[index]
        alone = len(worst["misfortunes"]) == 1
        values = {"k": worst["k"], "share": self.share(most), "set": self.overlap(worst["misfortunes"])}
        values["whole"] = self.say(f"worst.whole-{self.now['measure']}")  # type: ignore[index]
        to = f"worst.{len(self.now['worst']) - 1}"  # type: ignore[index]
        if not worst["misfortunes"]:
            return [self._leading("worst.nothing", f"now.{to}", **values)]
        said = [self._leading(("worst.all-one" if alone else "worst.all") if most > EVERYTHING else "worst.is", f"now.{to}", **values)]
        if self.then is None:
            return said
        after = self._most(self.then)
        key = "same" if after >= most * (1.0 - 1e-6) else "then"
        closest = self.overlap(self.then["worst"][-1]["misfortunes"])
        values = {"k": worst["k"], "after": self.after, "share": self.share(after), "set": closest}
        return [*said, self._leading(f"worst.{key}", f"then.worst.{len(self.then['worst']) - 1}", **values)]

    def _leading(self, key: str, path: str, **values: Any) -> Leading:
        """A sentence whose numbers lead to what stands beside the plan; those of names and of what is bought lead nowhere."""
        own = {str(values["set"]): ""} if values.get("set") else {}
        if values.get("after"):
            dearest = number(self.r, f"frontier.points.{len(self.r['frontier']['points']) - 1}.cost")
            own |= dict.fromkeys(quantities(values["after"]), dearest)
        return Leading(self.say(key, **values), number(self.r, f"beside.{path}"), own)

    def _most(self, stand: Row | None) -> float:
        """The proven bound of the worst overlap as a share of what an hour without any service costs as it is."""
        return stand["worst"][-1]["bound"] / (self.now["whole_per_hour"] or 1.0)  # type: ignore[index]

    def _dependence(self) -> list[str]:
        if not self._banded():
            return []
        measure = "" if self.now["measure"] == "money" else "-count"  # type: ignore[index]
        said = [self._leading(f"dependence.is{measure}", "now.dependence", **self._ends(self.now))]
        then = self._leading("dependence.then", "then.dependence", after=self.after, **self._ends(self.then)) if self.then else None
        return [*said, then] if then else said

    def _banded(self) -> bool:
        """Whether the band of unknown dependence was found, for all that is told."""
        return all(stand["dependence"] is not None for stand in (self.now, self.then) if stand is not None)

    def _ends(self, stand: Row | None) -> dict[str, str]:
        band = stand["dependence"]  # type: ignore[index]
        return {"low": self.apart(band), "high": self.amount(band["most_bound"]), "times": self.times(band)}

    # -- sections

    def sections(self) -> Iterable[tuple[str, str, list[Any]]]:
        if self.now is None:
            return
        if self.signed.points:
            figure = Figure(lambda width: self.signed.drawn() if width == charts.WIDE else Html(""), self.signed.say("chart.caption"))
            yield "signed", self.names.say("section.signed"), [figure, self.signed.table()]
        yield "beside", self.say("section.beside"), self._beside()
        if self.beside and self.beside["quiet"]:
            yield "quiet", self.say("section.quiet"), self._quiet()

    def left_out(self) -> list[str]:
        """What was left out to save time."""
        if self.now is None or self.beside["bands"] is not None:  # type: ignore[index]
            return []
        return [self.say("left-out"), *([] if self._banded() else [self.say("left-out-band")])]

    def _beside(self) -> list[Any]:
        stands = [self.now, *([self.then] if self.then else [])]
        told = self.r["frontier"]["points"]
        points = [told[0], *(p for p in told if self.then and p["with"] == self.then["with"])]
        rows: list[list[str]] = []
        about: list[tuple[str, ...]] = []

        def add(row: str, cells: Sequence[str], inside: str) -> None:
            rows.append([self.say(f"row.{row}"), *cells])
            about.append(("", *(number(self.r, f"beside.{stand}.{inside}") for stand in ("now", "then")[: len(cells)])))

        if points[0]["loss_per_year"] and len(points) == len(stands):
            add("played", [numbers.write(p["loss_per_year"], "money", self.lang, self.r["currency"]) for p in points], "loss")
        if self._banded():
            add("independent", [self.apart(s["dependence"]) for s in stands], "dependence")
            add("worst-dependence", [self._worst_end(s["dependence"]) for s in stands], "dependence")
        for k in range(len(self.now["worst"])):  # type: ignore[index]
            add(f"worst-{k + 1}", [self._set(s["worst"], k) for s in stands], f"worst.{k}")
            played = [self._course(s["worst"], k) for s in stands]
            if set(played) != {NONE}:
                add("worst-played", played, f"worst.{k}.played")
        dearest = number(self.r, f"frontier.points.{len(told) - 1}.cost")
        head = [self.say("column.what"), self.say("column.now"), Leading(self.after, dearest)][: len(stands) + 1]
        taken_over = [self.say("certificate.taken-over")] if "standby-called" in self.now["left_out"] else []
        blocks: list[Any] = [Table(head, rows, [False] * len(head), about), " ".join([self.say(self._certificate()), *taken_over])]
        if not self._banded():
            return blocks
        bands = self.beside["bands"] or [  # type: ignore[index]
            {"with": s["with"]} | s["dependence"] for s in stands
        ]  # fmt: skip
        if len(bands) > 1 and bands[0]["most_bound"] > 0.0:
            blocks.append(Figure(lambda width: self.bands(bands, width), self.say("chart.caption")))
        return blocks

    def _worst_end(self, band: Row) -> str:
        told = self.amount(band["most_bound"])
        return told if band["most_bound"] <= NEAR * band["independent"] else self.say("cell.times", value=told, times=self.times(band))

    def _set(self, rows: Sequence[Row], k: int) -> str:
        row = rows[k]
        if not row["misfortunes"]:
            return self.say("cell.nothing")
        if _adds_nothing(rows, k):
            return say("worst.worst.same", self.lang)
        per_hour = self.amount(row["per_hour"])
        if not row["proven"]:
            per_hour = say("worst.worst.unproven", self.lang, value=per_hour, bound=self.amount(row["bound"]))
        return self.say("cell.set", what=self.overlap(row["misfortunes"]), value=per_hour, share=self.share(row["share"]))

    def _course(self, rows: Sequence[Row], k: int) -> str:
        played = rows[k]["played"]
        if played["loss"] is None or not played["hours"] or _adds_nothing(rows, k):
            return NONE
        service, hours = next(iter(played["hours"].items()))
        return self.say(
            "cell.course", loss=self.amount(played["loss"]["value"]), service=self.names.of(service),
            hours=numbers.point(hours["value"], "hours", self.lang),
        )  # fmt: skip

    def _certificate(self) -> str:
        stands = [self.now, *([self.then] if self.then else [])]
        return "certificate.proven" if all(r["proven"] for s in stands for r in s["worst"]) else "certificate.bounded"  # type: ignore[index]

    # -- the picture

    def bands(self, rows: Sequence[Row], width: float) -> Html:
        """A bar for each portfolio: from what is expected if misfortunes are independent to the most that any dependence makes of it."""
        bars = [
            charts.Bar(self._portfolio(row["with"]), row["independent"], max(row["independent"], row["most_bound"]), self._worst_end(row),
                       number(self.r, f"beside.{'then' if self.then and row['with'] == self.then['with'] else 'now'}.dependence"))
            for row in rows
        ]
        return charts.ranked(bars, width, self.say("chart.caption"))

    def _portfolio(self, ids: Sequence[str]) -> str:
        if not ids:
            return self.say("column.now")
        if self.then and list(ids) == self.then["with"]:
            return self.after
        cost = next((p["cost"] for p in self.r["frontier"]["points"] if p["with"] == list(ids)), 0.0)
        return self.say("chart.portfolio", n=len(ids), cost=numbers.point(cost, "money", self.lang, self.r["currency"]))

    # -- quiet years

    def _quiet(self) -> list[Any]:
        told = quiet.Telling({**self.r, **self.beside["quiet"], "cuts": [], "initiators": []}, self.names)  # type: ignore[index]
        return [told.first(), *told.more(), *told.worth(PROTECTIONS)]


def _adds_nothing(rows: Sequence[Row], k: int) -> bool:
    """Whether one misfortune more is no worse."""
    return k > 0 and rows[k]["per_hour"] <= rows[k - 1]["per_hour"] * (1.0 + 1e-9)


def definition(ref: Any) -> dict[str, Any]:
    """JSON Schema of what stands beside a plan; `ref` makes a reference to a definition of the contract."""
    number, flag, text = {"type": "number"}, {"type": "boolean"}, {"type": "string"}
    band = {key: number for key in ("independent", "independent_error", "least", "least_bound", "most", "most_bound")} | {"proven": flag}
    stand = _object(
        with_={"type": "array", "items": text}, measure={"enum": ["money", "users", "services"]}, whole_per_hour=number,
        worst={"type": "array", "items": ref("WorstSet")},
        dependence=_or_null(_object(**band)), left_out={"type": "array", "items": text},
    )  # fmt: skip
    tied = _object(misfortunes={"type": "array", "items": ref("Misfortune")}, share_of_time=number, per_hour=number, per_year=number)
    way = _object(misfortunes={"type": "array", "items": ref("Misfortune")}, share_of_time=number)
    ways = {"type": "object", "additionalProperties": {"type": "array", "items": way}}
    stand = since_later(
        stand, ways=ways | {"description": "of each service the likeliest minimal sets that keep it out if misfortunes are independent"},
        apart={"type": "object", "additionalProperties": number, "description": "of `independent`, by service"},
        tied={"type": "array", "items": tied, "description": "what is there together in the worst dependence, the costliest first"},
    )  # fmt: skip
    maybe = {"anyOf": [ref("Estimate"), {"type": "null"}]}
    quiet_years = _object(
        absorbed_per_year=maybe, noticed_per_year=maybe, money=flag, protections={"type": "array", "items": ref("Protection")},
        left_out={"type": "integer"},
    )  # fmt: skip
    bands = {"type": "array", "items": _object(with_={"type": "array", "items": text}, **band)}
    return _object(
        signed={"type": "array", "items": tolerances.definition(ref("Estimate"))}, now=stand, then=_or_null(stand), bands=_or_null(bands),
        quiet=_or_null(quiet_years),
    )  # fmt: skip


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(**fields: Any) -> dict[str, Any]:
    named = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": named, "required": list(named), "additionalProperties": False}
