"""The shares in an outage, told: what each misfortune, missing stage and decision had to do with it, and how it would have gone without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.tables import NONE, Table
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
KINDS = {"hours": "hours", "user_hours": "count", "money": "money"}
NOTHING_H = 1 / 60
TOLD_APART = 2.0  # standard errors


def report(result: Result, names: Names) -> Outline:
    """The shares as an outline."""
    told = Telling(result, names)
    sections = [
        Section("shares", told.say("section.shares"), [told.shares(), told.say("read-shares")]),
        Section("without", told.say("section.without"), [told.without(), *told.also()]),
        Section("pairs", told.say("section.pairs"), [told.pairs(), told.say("read-pairs")] if result["pairs"] else []),
        Section("services", told.say("section.services"), [told.services()]),
        Section("method", told.say("section.method"), told.method()),
        provenance(result, names),
    ]
    return Outline(told.say("title", title=told.title()), told.first(), told.more(), told.notes(), [s for s in sections if s.blocks])


class Telling:
    """Says players, shares and counterfactuals."""

    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.lang, self.names = result, names.lang, names
        self.by = result["method"]["rank_by"]
        self.players = {row["id"]: row for row in result["players"]}

    def say(self, key: str, **values: Any) -> str:
        return say(f"incident.share.{key}", self.lang, **values)

    def title(self) -> str:
        title = self.r["title"]
        title = title.get(self.lang) or next(iter(title.values())) if isinstance(title, Mapping) else title
        return str(title or ", ".join(self.r["provenance"]["model"]))

    def name(self, row: Row) -> str:
        name = self.names.of(row["name"], row["noun"])
        return self.say(f"player.{row['what']}", name=name, times=write_number(row["times"], 3))

    def had(self, row: Row) -> str:
        """The supposition that it had been otherwise."""
        key, name = f"had.{row['what']}" + ("-also" if row["also"] else ""), self.names.of(row["name"], row["noun"])
        return self.say(key, name=name, also=self.listed(row["also"]), times=write_number(row["times"], 3))

    def listed(self, ids: Any) -> str:
        return self.names.join([self.names.of(self.players[i]["name"], self.players[i]["noun"]) for i in ids], 4)

    def amount(self, est: Mapping[str, Any], measure: str) -> str:
        """An estimate in a table; where it is no further from zero than its error can put it, that is said instead."""
        if abs(est["value"]) <= TOLD_APART * est["standard_error"]:
            return self.say("within-error")
        if measure == "hours":
            return numbers.rounded_hours_with_error(est, self.lang)
        return self._unit(numbers.write(est, KINDS[measure], self.lang, self.currency(measure)), measure)

    def about(self, est: Mapping[str, Any], measure: str) -> str:
        if measure == "hours":
            return numbers.rounded_hours(est["value"], self.lang)
        return self._unit(numbers.point(est["value"], KINDS[measure], self.lang, self.currency(measure)), measure)

    def currency(self, measure: str) -> str | None:
        return self.r["currency"] if measure == "money" else None

    def _unit(self, shown: str, measure: str) -> str:
        return self.say("user-hours", n=shown) if measure == "user_hours" else shown

    # -- sentences

    def first(self) -> str:
        """The largest share apart from what struck: that is what could have been otherwise."""
        rows = [row for row in self.r["players"] if row["what"] != "misfortune"] or self.r["players"]
        best = rows[0]
        values = {
            "name": self.names.of(best["name"], best["noun"]), "part": numbers.whole_percent(best["part"][self.by], self.lang),
            "now": self.about(self.r["whole"]["hours"], "hours"), "then": self.about(best["without"]["hours"], "hours"),
            "whole": self.about(self.r["whole"][self.by], self.by),
        }  # fmt: skip
        nothing = best["what"] != "misfortune" and best["without"]["hours"]["value"] < NOTHING_H
        return self.say(f"first.{best['what']}{'-none' if nothing else ''}", **values)

    def more(self) -> list[str]:
        misfortunes = [row for row in self.r["players"] if row["what"] == "misfortune"]
        said = []
        for row in misfortunes[:2]:
            if len(misfortunes) < len(self.r["players"]):
                part = numbers.whole_percent(row["part"][self.by], self.lang)
                said.append(self.say("misfortune", name=self.names.of(row["name"], row["noun"]), part=part, by=self.say(f"by.{self.by}")))
        return said

    def notes(self) -> list[str]:
        replay, said = self.r["replay"], []
        shown, names = replay["compared"]["hours"], replay["compared"]["services"]
        low, high = (numbers.rounded_hours(shown[q], self.lang) for q in ("10", "90"))
        if replay["recorded"]["hours"] is not None:
            recorded = numbers.in_hours(replay["recorded"]["hours"][1] or replay["recorded"]["hours"][0], self.lang)
            place = numbers.whole_percent(replay["places"]["hours"], self.lang)
            said.append(self.say("fits" if replay["good"] else "misfits", recorded=recorded, low=low, high=high, place=place))
            if len(names) < replay["compared"]["of"]:
                said.append(self.say("compared", names=self.names.listed(names, 6), n=len(names), all=replay["compared"]["of"]))
        else:
            said.append(self.say("replay", low=low, high=high))
        if replay["rescued_share"] > 0:
            said.append(self.say("rescued", share=numbers.whole_percent(replay["rescued_share"], self.lang)))
        return said

    # -- tables

    def head(self, *columns: str) -> list[str]:
        return [self.say(f"column.{c}", by=self.say(f"by.{self.by}")) for c in columns]

    def shares(self) -> Table:
        measures = self.r["measures"]
        rows = []
        for row in self.r["players"]:
            part = numbers.whole_percent(row["part"][self.by], self.lang)
            rows.append([self.name(row), part, *(self.amount(row["share"][m], m) for m in measures)])
        rows.append([self.say("whole"), numbers.whole_percent(1.0, self.lang), *(self.amount(self.r["whole"][m], m) for m in measures)])
        return Table(self.head("player", "part", *measures), rows, [False] + [True] * (len(measures) + 1))

    def without(self) -> Table:
        measures = self.r["measures"]
        rows = [[self.say("as-it-was"), *(self.about(self.r["whole"][m], m) for m in measures)]]
        for row in sorted(self.r["players"], key=lambda row: row["without"][self.by]["value"]):
            if row["what"] != "misfortune":
                rows.append([self.had(row), *(self.about(row["without"][m], m) for m in measures)])
        return Table(self.head("had", *measures), rows, [False] + [True] * len(measures))

    def also(self) -> list[str]:
        return [self.say("read-also")] if any(row["also"] for row in self.r["players"]) else []

    def pairs(self) -> Table:
        rows = [
            [self.listed(row["ids"]), self.about(row["together"][self.by], self.by), self.about(row["apart"][self.by], self.by)]
            for row in self.r["pairs"]
        ]
        return Table(self.head("pair", "together", "apart"), rows, [False, True, True])

    def services(self) -> Table:
        """Hours out of each service, as it was and had the largest of what was missing been there."""
        best = [row for row in self.r["players"] if row["what"] != "misfortune"][:3]
        if not best:
            return Table([], [], [])
        rows = []
        for name in best[0]["by_service"]:
            now = best[0]["by_service"][name]["hours"][0]
            shown = [numbers.rounded_hours(h, self.lang) if h > 0 else NONE
                     for h in (now, *(row["by_service"][name]["hours"][1] for row in best))]  # fmt: skip
            rows.append((now, [self.names.of(name), *shown]))
        rows.sort(key=lambda row: -row[0])
        head = [*self.head("service", "as-it-was"), *(self.had(row) for row in best)]
        return Table(head, [row for _, row in rows], [False] + [True] * (len(head) - 1))

    def method(self) -> list[str]:
        m = self.r["method"]
        key = "method.exact" if m["exact"] else "method.sampled"
        return [self.say(key, n=m["players"], subsets=f"{m['subsets']:,}", orders=m["permutations"] or 0, runs=f"{m['runs']:,}"),
                self.say("method.limits")]  # fmt: skip


# --------------------------------------------------------------------------- schema


def definition() -> dict[str, Any]:
    """JSON Schema of what is an attribution's own."""
    text, number, flag = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
    texts, estimate = {"type": "array", "items": text}, {"$ref": "#/$defs/Estimate"}
    by_measure = {"type": "object", "additionalProperties": estimate, "description": "by measure: hours, user_hours, money"}
    numbers_ = {"type": "object", "additionalProperties": number}
    span = {"anyOf": [{"type": "array", "items": {"type": ["number", "null"]}}, {"type": "null"}]}
    player = _object(
        id=text, what={"enum": ["misfortune", "barrier", "design", "staffing"]}, noun=text, name=text, times=number,
        stands_for={**texts, "description": "failed stages that the defence would have changed"},
        share={**by_measure, "description": "Shapley value; the shares add up to the whole"},
        also={**texts, "description": "players that had to be there too"}, part=numbers_, without=by_measure, saved=by_measure,
        by_service={"type": "object", "additionalProperties": _object(hours={"type": "array", "items": number})},
    )  # fmt: skip
    return {
        "kind": {"const": "attribution"},
        "record": brief(),
        "scenario": _object(hit=texts, fails=texts, works=texts, with_=texts),
        "replay": _object(
            runs={"type": "integer"}, measures={"type": "object", "additionalProperties": numbers_},
            compared={**_object(services=texts, of={"type": "integer"}, hours=numbers_),
                      "description": "the services of which the record has the length, out of how many; the whole outage of these"},
            recorded=_object(hours=span),
            places=_object(hours={"type": ["number", "null"]}), good={"type": ["boolean", "null"]}, rescued_share=number,
        ),
        "measures": texts, "whole": by_measure, "none": by_measure, "players": {"type": "array", "items": player},
        "pairs": {"type": "array", "items": _object(ids=texts, together=by_measure, apart=by_measure)},
        "decisions": {"type": "array", "items": _object(id=text, players=texts)},
        "sums": {"type": "object", "additionalProperties": _object(shares=number, whole=number, gap=number)},
        "method": _object(
            exact=flag, players={"type": "integer"}, subsets={"type": "integer"}, permutations={"type": ["integer", "null"]},
            runs={"type": "integer"}, seed={"type": "integer"}, rank_by=text,
        ),
    }  # fmt: skip


def brief() -> dict[str, Any]:
    """JSON Schema of what a result says of the record it rests on."""
    text = {"type": "string"}
    return _object(digest=text, began_at=text, began_known={"type": "boolean"}, zone=text, observations={"type": "integer"})


def _object(**fields: Any) -> dict[str, Any]:
    fields = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
