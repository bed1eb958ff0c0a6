"""The reference page of the evidence library, in both languages, from the table itself."""

from __future__ import annotations

from typing import Any

from blackstart import evidence
from blackstart.evidence.listing import listing, value_of
from blackstart.evidence.rows import Row, table
from blackstart.report.kinds import lacking, rule, shown, title
from blackstart.text import say

GRADES = "ABCDU"


def page(lang: str) -> str:
    """The whole page."""
    kinds = listing()["kinds"]
    used, unused = evidence.used(), evidence.unused()
    grades = ", ".join(f"**{grade}** {say(f'evidence.grade.{grade}', lang)}" for grade in GRADES)
    parts = [f"# {_say('title', lang)}", _say("made", lang), _say("read", lang), _say("grades", lang, grades=grades)]
    parts += [_say("counts", lang, rows=len(table()), used=len(used), unused=len(unused))]
    for noun in evidence.NOUNS:
        parts += [f"## {_say('kinds', lang)}: {say(f'evidence.noun.{noun}', lang)}", _kinds(kinds, noun, lang)]
    parts += [f"## {_say('values', lang)}", _values(lang)]
    parts += [f"## {_say('used', lang)}", *filter(None, [_say("notes", lang)]), _used([table()[i] for i in used], lang)]
    parts += [f"## {_say('unused', lang)}", _unused(unused, lang)]
    return "\n\n".join(parts) + "\n"


def _say(key: str, lang: str, **values: Any) -> str:
    return say(f"evidence.page.{key}", lang, **values)


def _rows(head: str, rows: list[list[str]]) -> str:
    lines = [head, "|---" * (head.count("|") - 1) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(_cell(cell) for cell in row) + " |" for row in rows)])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _kinds(kinds: list[Any], noun: str, lang: str) -> str:
    rows = []
    for one in kinds:
        if one["noun"] != noun:
            continue
        also = f" ({', '.join(one['also'])})" if one["also"] else ""
        name = f"`{one['name']}`{also}: {title(one, lang)}"
        lines = [[brought["field"], f"`{brought['value']}`", *_band(brought, lang), brought["grade"], ", ".join(brought["rows"])]
                 for brought in one["brings"]]  # fmt: skip
        for asked in one["asks"]:
            question = say(f"evidence.ask.{asked['value']}", lang)
            lines.append([asked["field"], f"{_say('asks', lang)}: {question}", "", "", "", asked["grade"], ", ".join(asked["rows"])])
        if one["none"]:
            lines.append([lacking(one["none"], lang), _say("none", lang), "", "", "", "", ""])
        if one["structure"]:
            lines.append(["", _say("structure", lang), "", "", "", "", ""])
        rows += [[name if i == 0 else "", *line] for i, line in enumerate(lines)]
    return _rows(_say("kind-head", lang), rows)


def _band(value: dict[str, Any], lang: str) -> list[str]:
    return [shown(percentile, value["what"], lang) for percentile in value["percentiles"]]


def _values(lang: str) -> str:
    rows = []
    for name in evidence.value_names():
        value = value_of(name)
        seen = dict.fromkeys(table()[row_id].population for row_id in value["rows"])
        populations = " ".join(say(f"evidence.population.{key}", lang) for key in seen)
        rows.append([f"`{name}`", f"`{value['text']}`", rule(value, lang), populations])
    return _rows(_say("value-head", lang), rows)


def _used(rows: list[Row], lang: str) -> str:
    return _rows(_say("row-head", lang), [[row.id, row.name, row.figures, row.grade, _source(row), row.note] for row in rows])


def _source(row: Row) -> str:
    year = f" ({row.year})" if row.year else ""
    words = row.url.split(" ", 1)  # an address, and perhaps the file inside a repository
    where = f" `{words[1]}`" if len(words) == 2 else ""
    return f"[{row.title}]({words[0]}){where}{year}" if row.url else f"{row.title}{year}"


def _unused(unused: dict[str, str], lang: str) -> str:
    rows = [[row_id, table()[row_id].name, table()[row_id].grade, say(f"evidence.unused.{word}", lang)] for row_id, word in unused.items()]
    return _rows(_say("unused-head", lang), rows)
