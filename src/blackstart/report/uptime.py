"""Promised uptimes (service level objectives) beside what there is: in how many months they are kept, and what spends the time out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from blackstart.report import numbers, story
from blackstart.report.behind import Asked, Behind, Line
from blackstart.report.names import Names
from blackstart.report.tables import NONE, Table
from blackstart.report.ways import Leading, number
from blackstart.text import say

Row = Mapping[str, Any]
WINDOWS = {24.0: "day", 168.0: "week", 730.0: "month", 2190.0: "quarter", 8760.0: "year"}
MOST_SPENDERS = 3
LEAST_SPENT = 0.005  # of all that is out


def promises(result: Row) -> Iterator[tuple[str, int, Row]]:
    """Service, number and row of each promised uptime of an assessment."""
    for id_ in story.services_by_harm(result) if result["kind"] == "assessment" else ():
        for n, row in enumerate(result["services"][id_].get("uptime", ())):
            yield id_, n, row


class Words:
    """How a promise is written in one language."""

    def __init__(self, row: Row, lang: str) -> None:
        self.row, self.lang = row, lang
        self.unit = WINDOWS.get(row["window_h"], "other")
        self.long = numbers.point(row["window_h"], "hours", lang, digits=3)

    def promise(self) -> str:
        """`99.95 % a month`."""
        share = numbers.written(self.row["share"], self.lang)
        return say(f"uptime.per.{self.unit}", self.lang, share=share, t=self.long)

    def windows(self, share: str) -> str:
        """`74 % of months`."""
        return say(f"uptime.of.{self.unit}", self.lang, n=share, t=self.long)

    def in_so_many(self) -> str:
        """`99.95 % a month, in 95 % of months`."""
        return say("uptime.in", self.lang, promise=self.promise(), windows=self.windows(self.asked()))

    def budget(self) -> str:
        return numbers.point(self.row["budget_h"], "hours", self.lang, digits=3)

    def kept(self) -> str:
        return numbers.known(self.row["kept_share"], "percent", self.lang, None)

    def asked(self) -> str:
        return numbers.written(self.row["of_windows"], self.lang)

    def burnt(self) -> str:
        return numbers.about(self.row["burnt"], "percent", self.lang)


def table(result: Row, names: Names) -> Table:
    """Each promise: the time out that it leaves, in how many windows it is kept, and how much of that time is spent on average."""
    rows, about = [], []
    for id_, n, row in promises(result):
        words, at = Words(row, names.lang), f"services.{id_}.uptime.{n}"
        kept = row["kept_share"]
        rows.append([
            names.of(id_), words.promise(), words.budget(), numbers.write(row["burnt"], "percent", names.lang),
            words.windows(numbers.availability(kept, names.lang)), numbers.band(kept, "percent", names.lang, key="range") or NONE,
            words.asked(), say(f"uptime.verdict.{row['state']}", names.lang),
        ])  # fmt: skip
        places = [number(result, f"{at}.{key}") for key in ("budget_h", "burnt", "kept_share", "kept_share", "of_windows")]
        about.append((number(result, at), number(result, at), *places, ""))
    head = [say(f"uptime.column.{c}", names.lang) for c in ("service", "promise", "budget", "burnt", "kept", "band", "asked", "verdict")]
    return Table(head, rows, [False, False, True, True, True, True, True, False], about).without_empty()


def sentences(result: Row, names: Names) -> list[str]:
    """Whether the promised uptimes are kept: of those that are not the one that is furthest from it, else the nearest to not being."""
    found = sorted(promises(result), key=lambda x: -_strained(x[2]))
    if not found:
        return []
    states = [row["state"] for *_, row in found]
    state = "outside" if "outside" in states else "open" if "open" in states else "inside"
    id_, n, row = next(x for x in found if x[2]["state"] == state)
    words, at = Words(row, names.lang), f"services.{id_}.uptime.{n}"
    kept, burnt = words.windows(words.kept()), words.burnt()
    said = say(
        f"uptime.head.{state}", names.lang, name=names.of(id_), promise=words.promise(), kept=kept, asked=words.asked(), burnt=burnt,
        budget=words.budget(), n=len(found), k=states.count("outside"),
    )  # fmt: skip
    return [Leading(said, number(result, f"{at}.kept_share"), {burnt: number(result, f"{at}.burnt"), words.promise(): number(result, at)})]


def _strained(row: Row) -> float:
    """How many times as many windows break a promise as may."""
    return (1.0 - row["kept_share"]["value"]) / (1.0 - row["of_windows"])


def spent(result: Row, names: Names) -> list[str]:
    """What spends the time out that each promise leaves, the most first."""
    found = []
    for id_, n, row in promises(result):
        words, causes = Words(row, names.lang), result["causes_by_service"].get(id_, ())
        most = [c for c in sorted(causes, key=lambda c: -c["downtime_share"])[:MOST_SPENDERS] if c["downtime_share"] >= LEAST_SPENT]
        if not most or not row["burnt"]["value"]:
            continue
        parts = {names.of(c["id"], c["what"]): _percent(row["burnt"]["value"] * c["downtime_share"], names.lang) for c in most}
        told = names.join([say("uptime.part", names.lang, what=what, share=share) for what, share in parts.items()], MOST_SPENDERS)
        values = {"name": names.of(id_), "promise": words.promise(), "budget": words.budget(), "burnt": words.burnt(), "parts": told}
        at = f"services.{id_}.uptime.{n}"
        apart = {words.promise(): number(result, at)}
        found.append(Leading(say("uptime.spent", names.lang, **values), number(result, f"{at}.burnt"), apart))
    return found


def _percent(share: float, lang: str) -> str:
    return numbers.point(share, "percent", lang) if share < 1.0 else numbers.whole_percent(share, lang)


def behind(asked: Asked, id_: str, inner: list[str], causes: list[Line]) -> Behind:
    """What stands behind a promised uptime: the promise, how its share of windows follows, and what spends its time out."""
    row = asked.result["services"][id_]["uptime"][int(inner[0]) if inner else 0]
    which, words = inner[1] if inner[1:] else "", Words(row, asked.lang)
    down = asked.result["services"][id_]["downtime_h_per_year"]["value"] * row["window_h"] / 8760.0
    values = {
        "promise": words.promise(), "budget": words.budget(), "window": numbers.point(row["window_h"], "hours", asked.lang, digits=4),
        "out": numbers.point(down, "hours", asked.lang, digits=3), "burnt": words.burnt(), "kept": words.windows(words.kept()),
        "asked": words.asked(),
    }  # fmt: skip
    keys = {"burnt": ("budget", "burnt"), "budget_h": ("budget",), "of_windows": ("asked",)}.get(which, ("budget", "kept", "burnt"))
    own = Line(say("uptime.line", asked.lang, promise=words.promise()), (), asked.of("components", id_, "tolerance.uptime"))
    said = [say(f"uptime.how.{key}", asked.lang, **values) for key in keys]
    lines = [own, *(causes if which not in ("budget_h", "of_windows") else ())]
    return Behind(asked.titled(say("uptime.title", asked.lang), asked.names.of(id_)), said, lines, asked.sum_head if lines[1:] else ())


def definition(estimate: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of one promised uptime beside what there is."""
    plain = {"type": "number", "minimum": 0}
    fields = {
        "share": plain | {"description": "of each window, for which the service is to be up"},
        "window_h": plain | {"description": "hours"}, "budget_h": plain | {"description": "hours out that a window has room for"},
        "of_windows": plain | {"description": "share of the windows in which it is to be kept"},
        "kept_share": estimate | {"description": "share of the windows in which no more is out"},
        "burnt": estimate | {"description": "hours out of a window on average, as a share of its room"},
        "state": {"enum": ["inside", "outside", "open"], "description": "open: the error of the computation leaves it open"},
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
