"""Problem (code, where, what, hint): gathered, sorted, shown together.

A Problem holds no sentence: its text is looked up by code in ``text/<lang>/problems.toml`` (or
``checks.toml``, ``exchange.toml``, ``quantify.toml``) under ``<code>.what`` and ``<code>.hint`` when it is shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from blackstart.text import has, say

SHOWN_MOST = 50
SHOWN_ALIKE = 3  # of each kind, where there are more than that
LINE_WIDTH = 100
_AREAS = ("problems", "checks", "scenario", "exchange", "quantify", "backtest", "history", "incident", "difference", "growth", "paper")


class Where(NamedTuple):  # not a dataclass: a large model has a million of them
    """A place in the user's files. Lines and columns are counted from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Said(NamedTuple):
    """A value of a Problem that is itself said in the reader's language: texts by key, with commas between."""

    keys: tuple[str, ...]

    def text(self, lang: str) -> str:
        return ", ".join(say(key, lang) for key in self.keys)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in the user's file or command.

    `values` fills the templates of `code`; `nearest` is the declared name that resembles the wrong one.
    """

    code: str
    where: Where | None = None
    path: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    nearest: str | None = None


def listed(names: Collection[str], most: int = 5) -> str:
    """The first few names, and how many more: a value of a Problem."""
    shown = ", ".join(f"`{name}`" for name in list(names)[:most])
    return shown + (f" (+{len(names) - most:,})" if len(names) > most else "")


class ModelError(Exception):
    """The model cannot be read; `problems` says why, all at once.

    `sources` maps each file name to its text, so that the lines can be shown.
    """

    def __init__(self, problems: Iterable[Problem], sources: Mapping[str, str] | None = None) -> None:
        self.problems = in_order(problems)
        self.sources: Mapping[str, str] = sources or {}
        self.lang = "en"
        super().__init__(self.problems)

    def __str__(self) -> str:
        return render(self.problems, self.lang, self.sources)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems sorted by place; those without one first."""

    def key(problem: Problem) -> tuple[Any, ...]:
        at = problem.where
        place = (at.file, at.line, at.column) if at else ("", 0, 0)
        return (*place, problem.path, problem.code)

    return tuple(sorted(problems, key=key))


def what(problem: Problem, lang: str = "en") -> str:
    """The sentence that says what is wrong."""
    return _text(problem, "what", lang) or problem.code


def hint(problem: Problem, lang: str = "en") -> str:
    """What to do about it; empty when there is nothing to add."""
    return _text(problem, "hint", lang) or ""


def _text(problem: Problem, part: str, lang: str) -> str | None:
    values = {**problem.values, "path": problem.path, "nearest": problem.nearest or ""}
    values |= {name: value.text(lang) for name, value in values.items() if isinstance(value, Said)}
    for noun in values.keys() & {"noun", "wanted"}:
        values[noun] = say(f"problems.noun.{values[noun]}", lang)
    for name in _AREAS:
        key = f"{name}.{problem.code}.{part}"
        if has(key, lang):
            return say(key, lang, **values)
    return None


def render(
    problems: Iterable[Problem], lang: str = "en", sources: Mapping[str, str] | None = None, severities: Sequence[str] = ()
) -> str:  # fmt: skip
    """All problems as text: place, sentence, the line with a caret, nearest name, hint.

    severities : of each problem, to be said with it; the problems then stay in their order, else they are told by place. Of more than
        `SHOWN_MOST` those of one kind then stand together.
    """
    ordered = tuple(problems) if severities else in_order(problems)
    marks = [say(f"problems.severity.{severity}", lang) for severity in severities] or [""] * len(ordered)
    split: dict[str, list[str]] = {}  # lines of each file, cut once
    if severities and len(ordered) > SHOWN_MOST:
        return _folded(list(zip(ordered, marks, strict=True)), lang, sources or {}, split)
    blocks = [_block(p, mark, lang, sources or {}, split) for p, mark in zip(ordered[:SHOWN_MOST], marks, strict=False)]
    if len(ordered) > SHOWN_MOST:
        blocks.append(say("problems.more", lang, count=len(ordered) - SHOWN_MOST))
    return "\n\n".join(blocks)


def _folded(marked: Sequence[tuple[Problem, str]], lang: str, sources: Mapping[str, str], split: dict[str, list[str]]) -> str:
    """Kinds of findings, each with its first places and its hint once; the gravest first, then the rarest; at the end their counts."""
    kinds: dict[tuple[str, str], list[Problem]] = {}
    for problem, mark in marked:
        kinds.setdefault((mark, problem.code), []).append(problem)
    gravest = list(dict.fromkeys(mark for _, mark in marked))
    ordered = sorted(kinds.items(), key=lambda kind: (gravest.index(kind[0][0]), len(kind[1])))
    blocks = []
    for (mark, _), (first, *others) in ordered:
        said = [_block(first, mark, lang, sources, split)]
        for problem in others[: SHOWN_ALIKE - 1]:
            said += [f"{problem.where or ''}  {problem.path}".strip(), "  " + what(problem, lang)]
        if len(others) >= SHOWN_ALIKE:
            said.append("  " + say("problems.alike", lang, count=len(others) - SHOWN_ALIKE + 1))
        blocks.append("\n".join(said))
    width = max(len(f"{len(alike):,}") for alike in kinds.values())
    counts = [f"  {len(alike):{width},}  {mark} {code}" for (mark, code), alike in ordered]
    return "\n\n".join([*blocks, "\n".join([say("problems.kinds", lang), *counts])])


def _block(problem: Problem, mark: str, lang: str, sources: Mapping[str, str], split: dict[str, list[str]]) -> str:
    head = "  ".join(part for part in (str(problem.where or ""), mark, problem.code, problem.path) if part)
    lines = [head, "  " + what(problem, lang)]
    if problem.where is not None and problem.where.file in sources:
        if problem.where.file not in split:
            split[problem.where.file] = sources[problem.where.file].split("\n")
        lines += _excerpt(split[problem.where.file], problem.where)
    if problem.nearest:
        lines.append("  " + say("problems.nearest", lang, name=problem.nearest))
    advice = hint(problem, lang)
    if advice:
        lines.append("  " + advice)
    return "\n".join(lines)


def _excerpt(lines: list[str], where: Where) -> list[str]:
    """The source line and a caret under the column, cut around the caret when the line is long."""
    if not 1 <= where.line <= len(lines):
        return []
    text = lines[where.line - 1].rstrip("\r")
    caret = min(max(where.column - 1, 0), len(text))
    begin = max(0, caret - LINE_WIDTH // 2) if len(text) > LINE_WIDTH else 0
    end = min(len(text), begin + LINE_WIDTH)
    shown = "".join(_visible(ch) for ch in text[begin:end])
    before = ("…" if begin else "") + "".join(_visible(ch) for ch in text[begin:caret])
    full = ("…" if begin else "") + shown + ("…" if end < len(text) else "")
    number = str(where.line)
    return [f"  {number} | {full}", f"  {' ' * len(number)} | {' ' * display_width(before)}^"]


def _visible(ch: str) -> str:
    """A character that takes its own width on a terminal: tabs and controls become a space."""
    return ch if ch.isprintable() else " "


def display_width(text: str) -> int:
    """Columns that `text` takes on a terminal: wide East-Asian characters take two, marks none."""
    width = 0
    for ch in text:
        if unicodedata.combining(ch) or unicodedata.category(ch) in ("Mn", "Me"):
            continue
        width += 2 if unicodedata.east_asian_width(ch) in ("W", "F") else 1
    return width


def as_json(problems: Iterable[Problem], lang: str = "en") -> list[dict[str, Any]]:
    """All problems as plain JSON values, in the order in which they come."""
    return [
        {
            "code": problem.code,
            "file": problem.where.file if problem.where else None,
            "line": problem.where.line if problem.where else None,
            "column": problem.where.column if problem.where else None,
            "path": problem.path,
            "what": what(problem, lang),
            "nearest": problem.nearest,
            "hint": hint(problem, lang),
        }
        for problem in problems
    ]
