"""Reference pages from the code, and output shown in pages from real runs: `python docs/generate.py` writes both.

Tests ask that they are current.

`python docs/generate.py --translated PAGE.ko.md` notes that a Korean page has been brought up to date with its English
original: run it after translating what changed, not instead.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS.parent / "src"), str(DOCS)]

import evidence_page  # noqa: E402
import targets_page  # noqa: E402

from blackstart import report  # noqa: E402
from blackstart.language import schema  # noqa: E402

Schema = dict[str, Any]

# Rows of the language in the order in which somebody meets them; the text says where each stands in a file.
ROWS = {
    "Component": "an entry of `components` or, for what users see, of `services`",
    "Start": "`start` of a component; a time alone is its `takes`",
    "Repair": "`repair` of a component; a time alone is its `takes`",
    "Spare": "`spare` of a repair",
    "Standby": "`standby` of a component; a name or a list alone is its `for`",
    "BreakGlass": "`break_glass` of a component",
    "Surge": "`surge` of a component",
    "Data": "`data` of a component",
    "Backup": "`backup` of data",
    "loss": "`loss` of a service; an amount per hour or a table alone is its `rate` or `table`",
    "Tolerance": "`tolerance` of a service",
    "Appetite": "`tolerance` at the top of the file",
    "Domain": "an entry of `domains`",
    "Team": "an entry of `teams`",
    "Hazard": "an entry of `hazards`",
    "effect": "an entry of `effects` of a hazard, or of `then` of an effect; exactly one of the nine things it can do",
    "Again": "`again` of a hazard",
    "Barrier": "an entry of `barriers`",
    "CommonCause": "an entry of `common_causes`; one of `beta` and `alpha`",
    "Defence": "an entry of `defences`",
    "Stage": "an entry of `growth`",
    "Intended": "an entry of `intended`: a warning or note of `blackstart check` that is meant to be so",
}
TITLES = {
    "Appetite": "Tolerance of the firm", "loss": "Loss", "effect": "Effect", "BreakGlass": "Break glass", "CommonCause": "Common cause",
}  # fmt: skip
VALUES = ["duration", "each", "rate", "chance", "money", "money_rate", "percent", "factor", "multiple", "count", "number", "date", "hours",
          "stage_time", "flag", "target"]  # fmt: skip
# Values that hold names; the schema knows their shape but has no examples of them.
SHAPES = {
    "label": ["text", "{ko: 로그인, en: sign-in}"],
    "names": ["db", "[db, login]", "{tag: battery}"],
    "words": ["battery", "[battery, basement]"],
    "need": ["db", "[login, db]", "{any: [a, b]}", "{at_least: 2, of: [a, b, c]}", "{capacity: {a: 60%, b: 60%}, at_least: 50%}",
             "{maybe: 10%, on: vault}"],
    "wants": ["{photos: 20%}"],
    "helps": ["{monitoring: x2}", "[monitoring, chat]"],
    "crew": ["3 infra", "{infra: 3, dba: 1}"],
    "loss table": ["{1h: 1m KRW, 24h: 1bn KRW}"],
    "uptime": ["99.95% per month", "99.9% per quarter in 90% of quarters", "three nines per year", "월 99.95%"],
    "accepted": ["{4h: 1 per 10 yr, 24h: 1 per 100 yr}", "{10 bn KRW: 1 per 100 yr}"],
    "lasts": ["{fire-out: 6h..22h}", "3h"],
    "effects": ["[{break: ups}, {hold: site, until: cleared}]"],
}  # fmt: skip
MOST_EXAMPLES = 6


def language_page() -> str:
    """The reference of the language: every field of every row, as the reader and the schema declare it."""
    whole = schema.json_schema()
    parts = [
        "# Reference: the language\n",
        "Made by `docs/generate.py` from the table of fields that the reader, the messages and the "
        "[JSON Schema](model.schema.json) use; do not edit. What the words do in time is defined in "
        "[the life of a component](../explanation/life-cycle.md). English only: the names of fields are English in every "
        "model, and the meanings stand in the code.\n",
        "## Top of the file\n",
        _table(whole["properties"], whole.get("required", [])),
        "## Ways of writing values\n",
        "Units are always written. A value from the evidence library is `{library: NAME}`. What was seen, `2 in 400 yr` or `3 of 10`, "
        "enters with half a case more (Jeffreys' prior), because few cases say little: on average 2.5 in 400 years, so once in 160 years "
        "and not in 200; of demands half a case on either side, 3.5 of 11. A rate without a count (`1 per 200 yr`) enters as "
        "it is written.\n",
        _values(whole["$defs"]),
    ]
    for name, place in ROWS.items():
        row = _object(whole["$defs"][name])
        parts += [f"## {TITLES.get(name, name)}\n", f"{place[0].upper()}{place[1:]}.\n", _table(row["properties"], row.get("required", []))]
    return "\n".join(parts)


def _object(definition: Schema) -> Schema:
    """The long form of a row that also has a short one."""
    if "properties" in definition:
        return definition
    return max((d for d in definition["anyOf"] if "properties" in d), key=lambda d: len(d["properties"]))


def _table(properties: Schema, required: list[str]) -> str:
    lines = ["| field | written as | unless stated | meaning |", "|---|---|---|---|"]
    for name, field in properties.items():
        default = "must be stated" if name in required else _default(field)
        lines.append(f"| `{name}` | {_written(field)} | {default} | {_cell(field.get('description', ''))} |")
    return "\n".join(lines) + "\n"


def _default(field: Schema) -> str:
    if "default" not in field or field["default"] in (None, [], "", 0.0) and field["default"] is not False:
        return ""
    value = field["default"]
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    return f"`{value:g}`" if isinstance(value, int | float) else f"`{value}`"


def _written(field: Schema) -> str:
    if "$ref" in field:
        return _link(field["$ref"].rpartition("/")[2])
    if "enum" in field:
        return ", ".join(f"`{v}`" for v in field["enum"] if isinstance(v, str)) or f"`{field['enum'][0]}`"
    if "anyOf" in field:
        kinds = dict.fromkeys(w for w in (_written(f) for f in field["anyOf"]) if w)
        return " or ".join(kinds)
    if field.get("type") == "array":
        inside = _written(field.get("items", {}))
        return f"list of {inside}" if inside else "list"
    if field.get("type") == "object":
        names = [n for n in field.get("properties", {}) if n != "include"]
        if names:
            return "`{" + ", ".join(f"{n}:" for n in names) + "}`"
        inside = _written(field["additionalProperties"]) if isinstance(field.get("additionalProperties"), dict) else ""
        return f"name: {inside}" if inside else "mapping"
    return {"string": "text", "boolean": "flag", "integer": "whole number", "number": "number"}.get(field.get("type", ""), "")


def _link(name: str) -> str:
    if name in ROWS:
        title = TITLES.get(name, name)
        return f"[{title.lower()}](#{title.lower().replace(' ', '-')})"
    words = name.replace("_", " ")
    return f"[{words}](#ways-of-writing-values)" if name in VALUES or words in SHAPES else words


def _values(definitions: Schema) -> str:
    lines = ["| kind | for example |", "|---|---|"]
    for name in VALUES:
        examples = list(dict.fromkeys(_examples(definitions[name])))[:MOST_EXAMPLES]
        lines.append(_value_row(name.replace("_", " "), examples))
    lines += [_value_row(name, examples) for name, examples in SHAPES.items()]
    return "\n".join(lines) + "\n"


def _value_row(name: str, examples: list[str]) -> str:
    return f"| {name} | {', '.join(f'`{_cell(e)}`' for e in examples)} |"


def _examples(definition: Schema) -> list[str]:
    found = [str(e) for e in [*definition.get("examples", []), *definition.get("enum", [])]]
    for part in definition.get("anyOf", []):
        found += _examples(part)
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


# ----------------------------------------------------------------------------- output in pages

# A page that shows output says in a comment which command made it, and which parts of it are shown:
#     <!-- file: my-shop/model.yaml -->     the yaml, xml or csv block below is that file, for the commands that follow
#     <!-- run: assess my-shop/model.yaml | 0 1 2:9 -->     parts 0 and 1, and the first 9 lines of part 2
SHOWN = re.compile(
    r"<!-- file: (?P<file>\S+) -->\n+```(?:yaml|xml|csv)\n(?P<content>.*?)```"
    r"|<!-- run: (?P<command>[^|>]+?) *(?:\| *(?P<parts>[\d: ]+?))? *-->\n+```text\n(?P<output>.*?)```",
    re.S,
)
PAGES_WITH_OUTPUT = [
    DOCS.parent / "README.md", DOCS.parent / "README.ko.md",
    DOCS / "tutorial/first-model.md", DOCS / "tutorial/first-model.ko.md", *sorted(DOCS.glob("mechanisms/m*.md")),
    DOCS / "how-to/quantify-a-fault-tree.md", DOCS / "how-to/quantify-a-fault-tree.ko.md",
    DOCS / "explanation/evidence.md", DOCS / "explanation/evidence.ko.md",
    DOCS / "explanation/backtests.md", DOCS / "explanation/backtests.ko.md",
    DOCS / "how-to/write-down-an-outage.md", DOCS / "how-to/write-down-an-outage.ko.md",
    DOCS / "how-to/awkward-sentences.md", DOCS / "how-to/awkward-sentences.ko.md",
    DOCS / "how-to/find-overlaps.md", DOCS / "how-to/find-overlaps.ko.md",
    DOCS / "how-to/worst-overlap.md", DOCS / "how-to/worst-overlap.ko.md",
    DOCS / "how-to/how-far-to-defend.md", DOCS / "how-to/how-far-to-defend.ko.md",
    DOCS / "how-to/ask-why.md", DOCS / "how-to/ask-why.ko.md",
    DOCS / "how-to/compare-two-models.md", DOCS / "how-to/compare-two-models.ko.md",
    DOCS / "how-to/quiet-years.md", DOCS / "how-to/quiet-years.ko.md",
    DOCS / "how-to/sign-a-risk-tolerance.md", DOCS / "how-to/sign-a-risk-tolerance.ko.md",
    DOCS / "how-to/plan-for-growth.md", DOCS / "how-to/plan-for-growth.ko.md",
    DOCS / "how-to/record-an-incident.md", DOCS / "how-to/record-an-incident.ko.md",
]  # fmt: skip
_done: dict[tuple[str, ...], str] = {}


def with_output(page: Path) -> str:
    """The page with the output of its commands as it is now."""
    lang = "ko" if page.name.endswith(".ko.md") else "en"
    with tempfile.TemporaryDirectory() as folder:
        before = os.getcwd()
        os.chdir(folder)
        try:
            return SHOWN.sub(lambda m: _shown(m, lang), page.read_text(encoding="utf-8"))
        finally:
            os.chdir(before)


def _shown(match: re.Match[str], lang: str) -> str:
    if match["file"]:
        target = Path(match["file"])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(match["content"], encoding="utf-8")
        return match.group()
    parts = re.split(r"\n\n(?=\S)", _output(match["command"], lang).strip("\n"))
    shown, last = [], -1
    for choice in (match["parts"] or " ".join(str(i) for i in range(len(parts)))).split():
        number, _, lines = choice.partition(":")
        part = parts[int(number)].split("\n")
        cut = [*part[: int(lines)], "  …"] if lines and int(lines) < len(part) else part
        shown.append(("…\n\n" if int(number) != last + 1 else "") + "\n".join(line.rstrip() for line in cut))
        last = int(number)
    end = "" if last == len(parts) - 1 else "\n\n…"
    text = f"$ blackstart {match['command']}\n\n" + "\n\n".join(shown) + end
    head = match.group()[: match.start("output") - match.start()]
    return f"{head}{text}\n```"


def _output(command: str, lang: str) -> str:
    """What a command prints. Results are computed once and told in both languages."""
    from click.testing import CliRunner

    from blackstart import report
    from blackstart.cli import main as blackstart

    words = shlex.split(command)
    told_later = words[0] in (
        "rehearse", "assess", "overlaps", "why", "unknowns", "quantify", "backtest", "compare", "quiet", "grow", "reconstruct",
        "attribute", "worst",
    )  # fmt: skip
    files = sorted(p.read_text(encoding="utf-8") for ending in ("yaml", "xml", "csv") for p in Path().rglob(f"*.{ending}"))
    key = (command, "" if told_later else lang, *files)
    if key not in _done or not told_later:
        made = CliRunner().invoke(blackstart, [*words, *(("--format", "json") if told_later else ("--lang", lang))])
        breached = words[0] == "compare" and made.exit_code == 1
        assert made.exit_code == 0 or breached, f"{command}: {made.output}"
        _done[key] = made.stdout
    return report.text(json.loads(_done[key]), lang) if told_later else _done[key]


def pictures() -> dict[Path, str]:
    """Pictures in pages, drawn from the results of the commands."""
    from blackstart.report import backtests

    _output("backtest", "en")
    result = next(json.loads(told) for (command, *_), told in _done.items() if command == "backtest")
    return {DOCS / f"explanation/backtests{end}": backtests.picture(result, lang) for lang, end in (("en", ".svg"), ("ko", ".ko.svg"))}


# ----------------------------------------------------------------------------- pages in two languages

STAMP = re.compile(r"<!-- of ([\w.-]+) ([0-9a-f]{12}) -->")


def digest(page: Path) -> str:
    """What a translation says it was made from: the page without the output shown in it."""
    text = page.read_text(encoding="utf-8")
    for match in reversed(list(SHOWN.finditer(text))):
        if match["command"]:
            text = text[: match.start("output")] + text[match.end("output") :]
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def original_of(translated: Path) -> Path:
    """`life-cycle.ko.md` is made from `life-cycle.md`."""
    return translated.with_name(translated.name.replace(".ko.md", ".md"))


def note_translated(page: Path) -> None:
    """Write into a Korean page which state of its original it follows."""
    original = original_of(page)
    text = STAMP.sub("", page.read_text(encoding="utf-8")).rstrip("\n")
    page.write_text(f"{text}\n\n<!-- of {original.name} {digest(original)} -->\n", encoding="utf-8")


def pages() -> dict[Path, str]:
    """Every page made whole by this program, and what should stand in it."""
    return {
        DOCS / "reference/language.md": language_page(),
        DOCS / "reference/model.schema.json": schema.as_text(),
        DOCS / "reference/result.schema.json": json.dumps(report.schema(), indent=2, ensure_ascii=False) + "\n",
        DOCS / "reference/evidence.md": evidence_page.page("en"),
        DOCS / "reference/evidence.ko.md": evidence_page.page("ko"),
        DOCS / "reference/targets.md": targets_page.page("en"),
        DOCS / "reference/targets.ko.md": targets_page.page("ko"),
    }


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--translated"]:
        for name in arguments[1:]:
            note_translated(Path(name))
        return
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for page in PAGES_WITH_OUTPUT:
        page.write_text(with_output(page), encoding="utf-8")
    for path, drawn in pictures().items():
        path.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
