"""The record of an incident, told: in order of time, with who said it, from what source, and what contradicts what."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.tables import NONE, Table
from blackstart.text import say
from blackstart.units import write_number

Result = Mapping[str, Any]
Row = Mapping[str, Any]
NAMED = 6  # reports of one remark


def report(result: Result, names: Names) -> Outline:
    """A record as an outline."""
    told = Telling(result, names)
    sections = [
        Section("seen", told.say("section.seen"), [told.seen()]),
        Section("conflicts", told.say("section.conflicts"), [told.conflicts()] if result["conflicts"] else []),
        Section("people", told.say("section.people"), [told.people()] if result["people"] else []),
        Section("losses", told.say("section.losses"), [told.losses()] if result["losses"] else []),
        Section("sources", told.say("section.sources"), [told.sources()] if result["sources"] else []),
        provenance(result, names),
    ]
    return Outline(told.say("title", title=told.title()), told.first(), told.more(), told.notes(), [s for s in sections if s.blocks])


class Telling:
    """Says the rows of a record; every report about an incident says them in the same words."""

    def __init__(self, result: Result, names: Names) -> None:
        self.r, self.lang, self.names = result, names.lang, names

    def say(self, key: str, **values: Any) -> str:
        return say(f"incident.record.{key}", self.lang, **values)

    def label(self, label: Any) -> str:
        if isinstance(label, Mapping):
            return str(label.get(self.lang) or next(iter(label.values()), ""))
        return str(label or "")

    def title(self) -> str:
        return self.label(self.r["title"]) or ", ".join(self.r["provenance"]["model"])

    # -- phrases

    def when(self, at: Sequence[str | None] | None) -> str:
        """``10-15 15:19``, with an open end or a span said as one."""
        if at is None:
            return NONE
        first, last = (None if t is None else datetime.datetime.fromisoformat(t) for t in at)
        if first is None or last is None:
            return self.say("before" if first is None else "after", t=_clock(last or first))
        if first == last:
            return _clock(first)
        if (last - first).total_seconds() == 86400 and (first.hour, first.minute) == (0, 0):
            return f"{first:%Y-%m-%d}"
        same_day = first.date() == last.date()
        return self.say("between", a=_clock(first), b=f"{last:%H:%M}" if same_day else _clock(last))

    def what(self, what: Row | None, did: str | None = None) -> str:
        if what is None:
            return ""
        if what["noun"] == "all":
            return self.say("everything")
        noun = "component" if what["noun"] in ("service", None) else what["noun"]
        return self.names.of(what["id"], noun) if what["noun"] else self.names.anything(what["id"])

    def claim(self, row: Row) -> str:
        """What a report says, in one sentence."""
        name, words = self.what(row["what"]), self.label(row["text"])
        if row["did"]:
            said = self.say("partly" if row["partly"] else "wholly", said=self.say(f"did.{row['did']}", name=name))
        elif row["level"] is not None:
            share = numbers.whole_percent(row["level"], self.lang)
            said = self.say({0.0: "is-down", 1.0: "is-up"}.get(row["level"], "is-at"), name=name, share=share)
            said = self.say("partly" if row["partly"] else "wholly", said=said)
        elif row["lasted_h"]:
            said = self.say("lasted", name=name or self.say("everything"), t=self.span(row["lasted_h"]))
        else:
            return words
        return self.say("with-words", said=said, words=words) if words else said

    def span(self, hours: Sequence[float | None]) -> str:
        low, high = (None if h is None else numbers.clock(h, self.lang) for h in hours)
        if low == high:
            return str(low)
        return self.say("or-more", t=low) if high is None else numbers.between(str(low), high, self.lang)

    def by(self, row: Row) -> str:
        return self.names.of(row["by"], "role") if row["by"] else NONE

    def cited(self, row: Row) -> str:
        return ", ".join(row["sources"]) or NONE

    # -- parts

    def first(self) -> str:
        seen = self.r["observations"]
        known = sorted(t for row in seen if row["at"] for t in row["at"] if t is not None)
        times = [_clock(datetime.datetime.fromisoformat(t)) for t in (known[0], known[-1])] if known else [NONE, NONE]
        cited = {key for row in seen for key in row["sources"]}
        return self.say("first" if cited else "first-unsourced", n=len(seen), begin=times[0], end=times[1], sources=len(cited))

    def more(self) -> list[str]:
        found = len(self.r["conflicts"])
        said = [self.say("contradicted" if found else "not-contradicted", n=found)]
        if self.r["people"]:
            said.append(self.say("people", n=len(self.r["people"])))
        return said

    def notes(self) -> list[str]:
        torn = [*remarks(self.r, self.lang), *(self.say("torn", file=row["file"], n=row["bytes"]) for row in self.r["torn"])]
        return torn + [self.say(f"changed.{row['why']}", file=row["file"], line=row["line"]) for row in self.r["changed"]]

    def head(self, *columns: str) -> list[str]:
        return [self.say(f"column.{c}") for c in columns]

    def seen(self) -> Table:
        rows = []
        for row in self.r["observations"]:
            said = self.claim(row)
            if row["corrected_by"]:
                said = self.say("corrected", said=said, id=row["corrected_by"])
            sure = numbers.whole_percent(row["confidence"], self.lang)
            rows.append([row["id"], self.when(row["at"]), said, self.by(row), self.cited(row), sure])
        return Table(self.head("id", "when", "said", "by", "source", "confidence"), rows, [False] * 5 + [True])

    def conflicts(self) -> Table:
        by_id = {row["id"]: row for row in (*self.r["observations"], *self.r["losses"])}
        rows = []
        for conflict in self.r["conflicts"]:
            for n, id_ in enumerate(conflict["ids"]):
                row = by_id[id_]
                said = self.amount(row) if "amount" in row else self.claim(row)
                rows.append([self.matter(conflict["matter"]) if n == 0 else "", id_, self.when(row["at"]), said, self.by(row)])
        return Table(self.head("matter", "id", "when", "said", "by"), rows, [False] * 5)

    def matter(self, name: str) -> str:
        return self.label(self.r["matters"].get(name)) or name

    def people(self) -> Table:
        rows = []
        for row in self.r["people"]:
            said = self.label(row["text"]).rstrip(".") + "."
            on = [self.say("on", words=self.label(row["on"]))] if row["on"] else []
            known = [self.say("known", words=self.label(row["known"]))] if row["known"] else []
            to = self.say("to", name=self.names.of(row["to"], "role")) if row["to"] else ""
            did = self.say(f"deed.{row['kind']}")
            when = self.when(row["at"]) if row["at"] else self.say("undated")
            rows.append([when, f"{self.by(row)}{to}", did, " ".join([said, *on, *known]), self.cited(row)])
        return Table(self.head("when", "by", "deed", "said", "source"), rows, [False] * 5)

    def amount(self, row: Row) -> str:
        low, high = row["amount"]
        shown = [self._one(v, row) if v is not None else None for v in (low, high)]
        said = shown[0] if shown[0] == shown[1] else numbers.between(shown[0], shown[1], self.lang) if shown[1] else \
            self.say("or-more", t=shown[0])  # fmt: skip
        words = self.label(row["text"])
        return self.say("with-words", said=said, words=words) if words else str(said)

    def _one(self, value: float, row: Row) -> str:
        if row["unit"] == "money":
            return numbers.point(value, "money", self.lang, row["currency"], 3)
        if row["unit"] == "share":
            return numbers.whole_percent(value, self.lang)
        return self.say(f"unit.{row['unit']}", n=write_number(value, 6))

    def losses(self) -> Table:
        rows = [[row["id"], self.what(row["of"]) or NONE, self.amount(row), self.by(row), self.cited(row)] for row in self.r["losses"]]
        return Table(self.head("id", "of", "said", "by", "source"), rows, [False] * 5).without_empty()

    def sources(self) -> Table:
        rows = [[key, " ".join(part for part in (self.label(row["text"]), row["url"]) if part),
                 self.say(f"grade.{row['grade']}") if row["grade"] else NONE] for key, row in self.r["sources"].items()]  # fmt: skip
        return Table(self.head("key", "source", "grade"), rows, [False] * 3).without_empty()


def remarks(result: Result, lang: str) -> list[str]:
    """What of a record can hardly be meant, in sentences."""
    return [say(f"incident.incident-{row['kind']}.what", lang, **remark_values(row)) for row in result["remarks"]]


def remark_values(row: Row) -> dict[str, Any]:
    """What the sentence of a remark holds: how many reports and which, their times, the end of the incident."""
    first, last = (None if t is None else _clock(datetime.datetime.fromisoformat(t)) for t in row["at"])
    at = first if first == last else f"{first or ''}..{last or ''}"
    ended = row["ended_at"] and _clock(datetime.datetime.fromisoformat(row["ended_at"]))
    more = " …" if len(row["ids"]) > NAMED else ""
    return {"n": len(row["ids"]), "ids": ", ".join(row["ids"][:NAMED]) + more, "at": at, "ended": ended}


def _clock(t: datetime.datetime | None) -> str:
    if t is None:
        return NONE
    return f"{t:%Y-%m-%d %H:%M}" if not t.second else f"{t:%Y-%m-%d %H:%M:%S}"


# --------------------------------------------------------------------------- schema


def definition() -> dict[str, Any]:
    """JSON Schema of a record."""
    text, number, flag = {"type": "string"}, {"type": "number"}, {"type": ["string", "null"]}
    label = {"anyOf": [text, {"type": "object", "additionalProperties": text}]}
    texts = {"type": "array", "items": text}
    span = {"anyOf": [{"type": "array", "items": {"type": ["number", "null"]}, "minItems": 2, "maxItems": 2}, {"type": "null"}]}
    at = {"anyOf": [{"type": "array", "items": flag, "minItems": 2, "maxItems": 2}, {"type": "null"}],
          "description": "earliest and latest, ISO 8601; null: open"}  # fmt: skip
    row = {
        "id": text, "at": at, "t_h": {**span, "description": "hours on the record's clock"}, "text": label, "by": flag, "sources": texts,
        "confidence": number, "recorded_at": flag, "entry": {**flag, "description": "file and line"},
    }  # fmt: skip
    what = {"anyOf": [_object(noun=flag, id=text), {"type": "null"}]}
    observation = _object(
        **row, what=what, did=flag, level={"type": ["number", "null"]}, lasted_h=span, matter=flag,
        partly={"type": "boolean", "description": "not all of it fell, came back, is down or is up"}, corrects=flag, corrected_by=flag
    )
    person = _object(**row, kind=text, to=flag, about={"type": "array", "items": what}, on=label, known=label, matter=flag)
    loss = _object(**row, of=what, amount=span, unit=text, currency=flag, matter=flag)
    conflict = _object(matter=text, ids=texts, in_={"enum": ["time", "state", "length", "amount", "text"]},
                       low={"type": ["number", "null"]}, high={"type": ["number", "null"]})  # fmt: skip
    body = _object(
        schema_version={"const": "1"}, kind={"const": "incident"}, title=label,
        outcome=_object(state={"const": "recorded"}, reasons=texts),
        provenance={"type": "object"}, labels={"type": "object", "additionalProperties": label}, currency=flag, began_at=flag,
        ended_at=flag, zone=text, scenario=_object(hit=texts, fails=texts, works=texts, with_=texts, missing=texts),
        firm={"type": "object", "additionalProperties": number, "description": "facts on which it depends which regulations cover it"},
        roles={"type": "object", "additionalProperties": label},
        sources={"type": "object", "additionalProperties": _object(text=label, url=flag, grade=flag)},
        matters={"type": "object", "additionalProperties": label, "description": "how matters of reports are called"},
        observations={"type": "array", "items": observation}, people={"type": "array", "items": person},
        losses={"type": "array", "items": loss}, conflicts={"type": "array", "items": conflict},
        remarks={"type": "array", "items": _object(
            kind={"enum": ["far", "back-after-end", "end-after-back"]}, ids=texts, at=at, ended_at=flag,
        ), "description": "what can hardly be meant: reports far from the incident, an end that is not that of its services"},
        torn={"type": "array", "items": _object(file=text, bytes=number, text=text)},
        changed={"type": "array", "items": _object(file=text, line=number, why={"enum": ["number", "digest", "unreadable"]})},
    )  # fmt: skip
    return {**body, "description": "the record of an incident: every report, with what contradicts what"}


def _object(**fields: Any) -> dict[str, Any]:
    fields = {name.rstrip("_"): schema for name, schema in fields.items()}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
