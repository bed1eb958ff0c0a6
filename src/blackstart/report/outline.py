"""A report as an outline: text for a terminal, one page for a browser, Markdown for a pull request; `typeset` makes a PDF of it.

A report that has no picture of its own is written as an outline: a title, what matters in one sentence, and sections of
paragraphs, tables and figures. All views are made from it, so they cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from blackstart.report import charts, document, tables, terminal, ways
from blackstart.report.markup import Html, join, tag, with_code
from blackstart.report.names import Names
from blackstart.report.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture for the page, drawn at a width, with what stands below it, and above it its title with its number, where it has one."""

    draw: Callable[[float], Html]
    caption: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One of the figures that a reader in a hurry takes along: what it is, the figure, a few words to it, the marks of its sources."""

    head: str
    value: str
    said: str = ""
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """Key figures, set apart from the text: side by side where there is room."""

    rows: tuple[KeyFigure, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a section; `inner` inside another one, and not in the contents; `name` by which a page refers to it, if any."""

    text: str
    inner: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph with a name of its own, so that a person can edit it and find it again.

    Attributes
    ----------
    of : tuple of str
        Marks of the results on which its sentences rest, as the list of sources has them: ``R2``.
    style : str
        "" · ``lead`` · ``note`` · ``item`` (of a list).
    edited : bool
        Whether a person has written it; one without text was taken out.
    stale : tuple of str
        Sentences on numbers in it that the results no longer bear out.
    """

    id: str
    text: str
    of: tuple[str, ...] = ()
    style: str = ""
    edited: bool = False
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OnPage:
    """What only the page for a browser shows: places to follow a number to, made for what else stands on it (ids and markup)."""

    make: Callable[[Sequence[tuple[str, Html]]], Html]


@dataclass(frozen=True, slots=True)
class Folded:
    """A table that only the page for a browser has, to be opened under a line that says what it is; others say where it is."""

    said: str
    table: Table
    elsewhere: str


Block = str | Table | Figure | Heading | Paragraph | KeyFigures | OnPage | Folded


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it; a section with nothing under it is not shown. alone : on a page of its own where set."""

    id: str
    heading: str
    blocks: Sequence[Block]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report. `first` is the one sentence to read; `notes` are limits of the computation; `facts` stand on the cover."""

    title: str
    first: str
    more: Sequence[str]
    notes: Sequence[str]
    sections: Sequence[Section]
    facts: Sequence[tuple[str, str]] = ()


def provenance(result: Mapping[str, Any], names: Names) -> Section:
    """Where the numbers come from, as in every report."""
    rows = [(head, value) for head, value in tables.provenance(result, names)]
    return Section("provenance", names.say("section.provenance"), [Table(("", ""), rows, (False, False))])


def in_short(table: Table, names: Names) -> list[Block]:
    """A table of services; of many those alike in one row and the worst, with what is left out, and each by itself to be opened."""
    shown, said = tables.brief(table, names)
    each = Folded(names.say("brief.each", n=len(table.rows)), replace(table, about=()), names.say("brief.where_report"))
    return [shown, said, each] if said else [table]


def traced(result: Mapping[str, Any], names: Names, sections: Sequence[Section]) -> list[Section]:
    """The sections, and what their numbers rest on: every row of a table that leads nowhere yet leads to how its section follows."""
    if not (result.get("grounds") or {}).get("inputs"):
        return list(sections)
    shown = [(s.id, s.heading) for s in sections]
    told = OnPage(lambda bodies: document.grounds(result, names, shown, bodies) or Html(""))
    leading = [replace(s, blocks=[_leading(b, f"how-{s.id}") for b in s.blocks]) for s in sections]
    return [*leading, Section("grounds", names.say("section.grounds"), [told])]


def _leading(block: Block, place: str) -> Block:
    if not isinstance(block, Table):
        return block
    return Table(block.head, block.rows, block.right, [about or place for about in block.about or [""] * len(block.rows)])


# --------------------------------------------------------------------------- terminal


def as_text(outline: Outline) -> str:
    """The outline for a terminal, at most 100 columns wide."""
    lines = [*terminal.wrap(outline.title), "", *terminal.wrap(outline.first)]
    for sentence in outline.more:
        lines += terminal.wrap(sentence)
    for note in outline.notes:
        lines += terminal.wrap(note, "! ", "  ")
    if outline.facts:
        lines += ["", *terminal.pair_lines(outline.facts)]
    for section in outline.sections:
        body = [line for block in section.blocks for line in _lines(block)]
        if body:
            lines += [*([""] if lines[-1] else []), section.heading.upper(), *body]
    return "\n".join(terminal.visible(line).rstrip() for line in lines) + "\n"


def _lines(block: Block) -> list[str]:
    if isinstance(block, str | Folded):
        return terminal.wrap(block if isinstance(block, str) else block.elsewhere, "  ")
    if isinstance(block, Table):
        if not block.rows:
            return []
        title = terminal.wrap(block.title, "  ") if block.title else []
        return terminal.pair_lines(block.rows) if not any(block.head) else ["", *title, *terminal.table_lines(block), ""]
    if isinstance(block, Heading):
        return ["", *terminal.wrap(block.text, "  ")]
    if isinstance(block, KeyFigures):
        return [*terminal.pair_lines([(row.head, told_once(row)) for row in block.rows]), ""]
    if isinstance(block, Paragraph):
        if not block.text:
            return []
        said = f"{block.text} [{', '.join(block.of)}]" if block.of else block.text
        lines = [line for part in said.split("\n\n") for line in terminal.wrap(part, "  - " if block.style == "item" else "  ", "    ")]
        return [*lines, *(line for flag in block.stale for line in terminal.wrap(flag, "  ! ", "    "))]
    return []


def told_once(row: KeyFigure) -> str:
    """A key figure on one line, for views without boxes."""
    marks = f" [{', '.join(row.of)}]" if row.of else ""
    return f"{row.value} ({row.said}){marks}" if row.said else f"{row.value}{marks}"


# --------------------------------------------------------------------------- page


def as_page(outline: Outline, lang: str) -> str:
    """The outline as one self-contained HTML page."""
    header = [tag("h1", outline.title), tag("p", ways.said(outline.first, with_code(outline.first)), class_="first")]
    header += [tag("p", ways.said(sentence, with_code(sentence)), class_="more") for sentence in outline.more]
    header += [tag("p", ways.said(note, with_code(note)), class_="told") for note in outline.notes]
    if outline.facts:
        header.append(document.pairs_html(outline.facts))
    bodies = [("header", join(header)), *((s.id, join(_html(b) for b in s.blocks if not isinstance(b, OnPage))) for s in outline.sections)]
    last = {s.id: b.make(bodies) for s in outline.sections for b in s.blocks if isinstance(b, OnPage)}
    told = dict(bodies) | last
    sections = [(s.id, s.heading, told[s.id]) for s in outline.sections if s.blocks]
    style = files("blackstart.report").joinpath("paper.css").read_text(encoding="utf-8")
    named = any(isinstance(b, Paragraph) for s in outline.sections for b in s.blocks)
    return document.whole(outline.title, header, sections, lang, style if named else "")


def _html(block: Block) -> Html:  # of all but what is only made for the whole page
    if isinstance(block, str):
        return tag("p", ways.said(block, with_code(block)))
    if isinstance(block, Table):
        title = tag("p", block.title, class_="table-title") if block.title and block.rows else ""
        return document.pairs_html(block.rows) if not any(block.head) else join([title, document.table_html(block)])
    if isinstance(block, Heading):
        return tag("h4" if block.inner else "h3", block.text)
    if isinstance(block, Paragraph):
        return _paragraph_html(block)
    if isinstance(block, Folded):
        return tag("details", tag("summary", block.said), document.table_html(block.table))
    if isinstance(block, KeyFigures):
        return tag("dl", *(_key_html(row) for row in block.rows), class_="keys")
    drawn = join([block.draw(charts.WIDE), block.draw(charts.NARROW)])
    return tag("figure", tag("p", block.title, class_="title") if block.title else "", drawn, tag("figcaption", block.caption))


def _key_html(row: KeyFigure) -> Html:
    said = tag("small", row.said, " " if row.said else "", _marks_html(row.of))
    return tag("div", tag("dt", row.head), tag("dd", tag("b", row.value), said))


def _marks_html(of: Sequence[str]) -> Html:
    """The marks of sources behind what rests on them."""
    return tag("sup", *(join([tag("a", mark, href="#sources"), " "]) for mark in of), class_="src") if of else Html("")


def _paragraph_html(block: Paragraph) -> Html:
    """A paragraph with the marks of its sources; a person's own words stand out, numbers in them that have changed more so."""
    if not block.text:
        return Html("")
    marks = _marks_html(block.of)
    *first, last = block.text.split("\n\n")
    said = [tag("p", part, class_=block.style or None) for part in first]
    said.append(tag("p", last, " " if marks else "", marks, class_=block.style or None))
    flags = [tag("p", flag, class_="warn") for flag in block.stale]
    return tag("div", *said, *flags, id=block.id, class_="para edited" if block.edited else "para")


# --------------------------------------------------------------------------- Markdown


def as_markdown(outline: Outline) -> str:
    """The outline in GitHub's Markdown; pictures are left out."""
    lines = [f"## {_md(outline.title)}", "", f"**{_md(outline.first)}**", ""]
    for sentence in outline.more:
        lines += [_md(sentence), ""]
    for note in outline.notes:
        lines += [f"> {_md(note)}", ""]
    for section in outline.sections:
        body = [line for block in section.blocks if not isinstance(block, Figure | OnPage) for line in [*_md_block(block), ""]]
        if body:
            lines += [f"### {_md(section.heading)}", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def _md_block(block: Block) -> list[str]:
    if isinstance(block, str | Folded):
        return [_md(block if isinstance(block, str) else block.elsewhere)]
    if isinstance(block, KeyFigures):
        return [f"- {_md(row.head)}: {_md(told_once(row))}" for row in block.rows]
    if not isinstance(block, Table):
        return []
    if not any(block.head):
        return [f"- {_md(head)}: {_md(value)}" for head, value in block.rows]
    rows = [block.head, ["--:" if right else ":--" for right in block.right], *block.rows]
    return ["| " + " | ".join(cell if n == 1 else _md(cell) for cell in row) + " |" for n, row in enumerate(rows)]


def _md(text: str) -> str:
    """Text in which nothing is taken for Markdown or HTML but code between backticks."""
    parts = " ".join(text.split()).split("`")
    for i in range(0, len(parts), 2) if len(parts) % 2 else range(len(parts)):
        parts[i] = re.sub(r"([\\*\[\]<>#~]|(?<!\w)_|_(?!\w))", r"\\\1", parts[i])
    return ("`" if len(parts) % 2 else "\\`").join(parts).replace("|", "\\|")
