"""Kinds of the evidence library, told: all of them in a line each, or one with its numbers and where they are from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from blackstart import units
from blackstart.report.names import Names
from blackstart.report.outline import Block, Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.text import say

Result = Mapping[str, Any]


def report(result: Result, names: Names) -> Outline:
    """The listing as an outline."""
    lang, kinds = names.lang, result["kinds"]
    if result["asked"] is None:
        nouns = dict.fromkeys(one["noun"] for one in kinds)
        sections = [Section(noun, say(f"evidence.noun.{noun}", lang), [_overview(kinds, noun, lang)]) for noun in nouns]
        first = say("evidence.kinds.count", lang, kinds=len(kinds), brings=sum(bool(one["brings"]) for one in kinds))
        more = [say(f"evidence.kinds.{key}", lang) for key in ("written", "more")]
        return Outline(say("evidence.page.title", lang), first, more, [], sections)
    sections = [_kind(one, result, lang) for one in kinds]
    rows = {row_id for one in kinds for brought in one["brings"] for row_id in brought["rows"]}
    if rows:
        sections.append(Section("sources", say("evidence.kinds.sources", lang), [_sources(result, lang)]))
    return Outline(say("evidence.page.title", lang), "; ".join(titled(one, lang) for one in kinds), [], [], sections)


def title(one: Mapping[str, Any], lang: str) -> str:
    """What a kind is, in words."""
    return say(f"evidence.kind.{one['noun']}.{one['name']}", lang)


def titled(one: Mapping[str, Any], lang: str) -> str:
    return say("evidence.kinds.kind", lang, name=one["name"], title=title(one, lang))


def lacking(words: list[str], lang: str) -> str:
    return ", ".join(say(f"evidence.lacks.{word}", lang) for word in words)


def shown(value: float, what: str, lang: str) -> str:
    """A percentile with its unit."""
    writer = {"rate": units.write_rate, "duration": units.write_duration}.get(what)
    return writer(value, lang) if writer else units.write_chance(value)


def rule(value: Mapping[str, Any], lang: str) -> str:
    """How a value follows from its rows."""
    said = say(f"evidence.rule.{value['rule']}", lang, **value["rule_values"])
    return f"{said}; {say('evidence.rule.nearest', lang)}" if value["nearest"] else said


def _overview(kinds: list[Any], noun: str, lang: str) -> Table:
    rows = [
        [one["name"], title(one, lang), ", ".join(fields(one)) or NONE, _silent(one, lang)]
        for one in kinds if one["noun"] == noun
    ]  # fmt: skip
    head = [say(f"evidence.kinds.column.{c}", lang) for c in ("kind", "meaning", "brings", "silent")]
    return Table(head, rows, [False] * 4).without_empty()


def fields(one: Mapping[str, Any]) -> list[str]:
    """What a kind brings: fields, and of a domain the misfortunes."""
    if one["noun"] != "domain":
        return [brought["field"] for brought in one["brings"]]
    return list(dict.fromkeys(brought["field"].split(".")[1] for brought in one["brings"]))


def _silent(one: Mapping[str, Any], lang: str) -> str:
    parts = [lacking(one["none"], lang)] if one["none"] else []
    parts += [say("evidence.kinds.asked", lang, what=say(f"evidence.lacks.{asked['field']}", lang)) for asked in one["asks"]]
    return "; ".join(parts) or NONE


def _kind(one: Mapping[str, Any], result: Result, lang: str) -> Section:
    blocks: list[Block] = []
    if one["also"]:
        blocks.append(say("evidence.kinds.also", lang, words=", ".join(one["also"])))
    if one["brings"]:
        rows = [_brought(brought, lang) for brought in one["brings"]]
        head = [say(f"evidence.kinds.column.{c}", lang) for c in ("field", "typical", "low", "high", "grade", "value")]
        blocks.append(Table(head, rows, [False, True, True, True, False, False]))
        blocks += [f"{brought['value']} = {brought['text']}: {rule(brought, lang)}." for brought in _once(one["brings"])]
    if one["none"]:
        blocks.append(say("evidence.kinds.none", lang, what=lacking(one["none"], lang)))
    for asked in one["asks"]:
        question = say(f"evidence.ask.{asked['value']}", lang)
        blocks.append(f"{asked['field']}: {say('evidence.kinds.asks', lang, question=question)}")
    if one["structure"]:
        blocks.append(say("evidence.kinds.structure", lang))
    noun = one["noun"]
    return Section(f"{noun}-{one['name']}", f"{titled(one, lang)} · {say(f'evidence.noun.{noun}', lang)}", blocks)


def _once(values: list[Any]) -> list[Any]:
    return list({value["value"]: value for value in values}.values())


def _brought(brought: Mapping[str, Any], lang: str) -> list[str]:
    low, middle, high = (shown(value, brought["what"], lang) for value in brought["percentiles"])
    return [brought["field"], middle, low, high, brought["grade"], brought["value"]]


def _sources(result: Result, lang: str) -> Table:
    rows = []
    for row_id, row in result["rows"].items():
        year = f" ({row['year']})" if row["year"] else ""
        seen = say(f"evidence.population.{row['population']}", lang) if row["population"] else NONE
        rows.append([row_id, row["grade"], row["figures"], f"{row['title']}{year}", seen])
    head = [say(f"evidence.kinds.column.{c}", lang) for c in ("row", "grade", "figures", "source", "seen")]
    return Table(head, rows, [False] * 5)


def definition() -> dict[str, Any]:
    """JSON Schema of the listing."""
    text, texts = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    value = _object(
        field=text, value=text, text=text, what={"enum": ["rate", "chance", "duration"]},
        percentiles={"type": "array", "items": {"type": "number"}, "description": "5th, 50th, 95th: per year, of 1, in hours"},
        rule=text, rule_values={"type": "object", "additionalProperties": text}, nearest={"type": "boolean"},
        grade={"enum": ["A", "B", "C", "D", "U"]}, rows=texts,
    )  # fmt: skip
    values = {"type": "array", "items": value}
    kind = _object(noun=text, name=text, also=texts, brings=values, none=texts, asks=values, structure={"type": "boolean"})
    row = _object(
        name=text, figures=text, title=text, url=text, year={"type": ["integer", "null"]}, grade=text, population=text, rests_on=texts,
        note=text,
    )  # fmt: skip
    return {
        **_object(
            schema_version={"const": "1"}, kind={"const": "kinds"}, asked={"type": ["string", "null"]},
            kinds={"type": "array", "items": kind}, rows={"type": "object", "additionalProperties": row},
        ),
        "description": "what kinds of the evidence library bring, and from which rows",
    }  # fmt: skip


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
