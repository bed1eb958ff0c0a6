"""An outline as a PDF, set by Typst: tagged for readers' aids (PDF/UA-1), the same bytes from the same outline.

Only the typefaces that travel with the program and those of the folders that the user names are used: never the system's.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from blackstart.errors import ModelError, Problem
from blackstart.report import standalone
from blackstart.report.markup import text_width
from blackstart.report.outline import Block, Figure, Heading, Outline, Paragraph, Section
from blackstart.report.tables import Table
from blackstart.text import say

FAMILY = "Pretendard"
DRAWN_AT = 660.0  # pixels of a picture that becomes as wide as the column of text
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # of every file: its date is that of the incident, on its cover
MOST_SHARE = 34.0  # of a column of words, in ems
TALL = 0.45  # height by width from which a picture may move to where there is room
SHORT = 9.0  # ems: columns that are never broken
BOLD, BROKEN = 1.06, 6.6  # how much wider a heading is than the same words in a cell; ems that a broken one has at least
COLUMN, CELL, NARROW = 54.0, 0.75, 0.62  # ems: width of the text, rims of a cell; how much of it unbroken columns may take


def pdf(outline: Outline, lang: str, folders: Sequence[Path] = ()) -> bytes:
    """The outline as a PDF.

    Parameters
    ----------
    outline : Outline
    lang : str
        ``en`` or ``ko``.
    folders : sequence of Path
        Folders with further typefaces, for signs that Pretendard does not have (Han characters).

    Raises
    ------
    ModelError
        Where Typst is not installed, or a sign is in none of the typefaces.
    """
    try:
        import typst
    except ImportError:
        raise ModelError([Problem("typst-missing")]) from None
    own = files("blackstart.report").joinpath("fonts")
    paths = [str(own), *(str(folder) for folder in folders)]
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)
    written = source(outline, lang, [FAMILY, *sorted(name for name in fonts.families() if name != FAMILY)])
    try:
        made = typst.compile(written.encode("utf-8"), format="pdf", font_paths=fonts, pdf_standards=["ua-1"], timestamp=EPOCH)  # fmt: skip
    except typst.TypstError as trouble:
        if "could not be displayed" in str(trouble):
            raise ModelError([Problem("glyph-missing", None, "", {"what": trouble.message})]) from None
        raise
    assert isinstance(made, bytes)
    return made


def source(outline: Outline, lang: str, families: Sequence[str] = (FAMILY,)) -> str:
    """The outline in the language of Typst, pictures inside it."""
    values = {"title": outline.title, "families": list(families), "lang": lang, "contents": say("paper.contents", lang)}
    settings = "".join(f"#let {name} = {_value(value)}\n" for name, value in values.items())
    template = files("blackstart.report").joinpath("paper.typ").read_text(encoding="utf-8")
    return settings + template + "".join([_cover(outline), *(_section(s, lang) for s in outline.sections if s.blocks)])


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _string(value)
    return "(" + "".join(f"{_value(v)}, " for v in value) + ")"


def _string(text: str) -> str:
    """A text as a string of Typst: nothing in it is read as markup."""
    return json.dumps(text, ensure_ascii=False)


def _words(text: str, marks: Sequence[str] = ()) -> str:
    """A text as content, parted only at spaces: words of Hangul are not broken in the middle; marks of sources behind it."""
    return f"#words({_string(text)}, marks: {_value(marks)})" if marks else f"#words({_string(text)})"


def _cover(outline: Outline) -> str:
    facts = ", ".join(f"({_string(head)}, {_string(value)})" for head, value in outline.facts)
    more = "".join(f"#par[{_words(sentence)}]\n" for sentence in outline.more)
    notes = "".join(f"#told[{_words(note)}]\n" for note in outline.notes)
    return f"#cover({_string(outline.title)}, {_string(outline.first)}, ({facts}{',' if outline.facts else ''}))[{more}{notes}]\n"


def _section(section: Section, lang: str) -> str:
    after = [*section.blocks[1:], None]
    body = "\n".join(_block(block, lang, isinstance(then, Table)) for block, then in zip(section.blocks, after, strict=True))
    ends = "\n#pagebreak()" if section.alone else ""
    return f"\n#part({_string(section.heading)}, <{section.id}>)\n{body}{ends}\n"


def _block(block: Block, lang: str, leads: bool) -> str:
    """A block; a paragraph that leads to a table stays on its page."""
    if isinstance(block, str):
        return f"#par[{_words(block)}]"
    if isinstance(block, Heading):
        return f"== {_words(block.text)}"
    if isinstance(block, Paragraph):
        told = _paragraph(block)
        return f"#before-table[{told}]" if told and leads else told
    if isinstance(block, Table):
        return _table(block)
    return _figure(block) if isinstance(block, Figure) else ""  # what only a browser shows


def _paragraph(block: Paragraph) -> str:
    if not block.text:
        return ""
    *first, last = block.text.split("\n\n")
    whole = [_words(part) for part in first] + [_words(last, block.of)]
    said = [f"#said({_string(block.style)})[{words}]" for words in whole]
    inside = "\n".join([*said, *(f"#stale[{_words(flag)}]" for flag in block.stale)])
    return f"#edited[{inside}]" if block.edited else inside


def _figure(figure: Figure) -> str:
    drawn = standalone.svg(figure.draw(DRAWN_AT), FAMILY)
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    tall = size is not None and int(size[2]) > TALL * int(size[1])
    return f"#drawn({_string(drawn)}, {_string(figure.caption)}, {'true' if tall else 'false'})"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    if not any(table.head):
        rows = ", ".join(f"({_string(str(row[0]))}, {_string(str(row[1]))})" for row in table.rows)
        return f"#pairs(({rows},))"
    widths = _columns(table)
    head = ", ".join(_string(h) for h in table.head)
    rows = ", ".join("(" + ", ".join(_string(str(cell)) for cell in row) + ",)" for row in table.rows)
    right = ", ".join("true" if r else "false" for r in table.right)
    return f"#rows(({widths}), ({head},), ({rows},), ({right},))"


def _columns(table: Table) -> str:
    """Widths of the columns: short ones as wide as they need, the others by what stands in them, none narrower than its longest word."""
    widths: dict[int, tuple[float, float]] = {}  # least, wished
    fixed: dict[int, float] = {}  # columns whose heading is broken: left to themselves they would be as wide as it is long
    room = COLUMN - CELL * len(table.head)
    for k, head in enumerate(table.head):
        cells = [head, *(str(row[k]) for row in table.rows)]
        longest = max(text_width(cell, 1.0) for cell in cells)
        word = max(text_width(word, 1.0) for cell in cells for word in cell.split(" ") or [""])
        unbreakable = table.right[k] and max(text_width(str(row[k]), 1.0) for row in table.rows) <= word
        if longest <= SHORT and room - longest >= (1 - NARROW) * COLUMN or unbreakable:
            if longest > SHORT:
                fixed[k] = max(word * BOLD, BROKEN)
            room -= fixed.get(k, longest)
            continue
        typical = sum(text_width(cell, 1.0) for cell in cells) / len(cells)
        least = min(word, MOST_SHARE)
        widths[k] = least, longest if table.right[k] else max(least, SHORT, min(typical * 1.2, MOST_SHARE))
    least, wished = (sum(w[i] for w in widths.values()) for i in (0, 1))
    spare = min(1.0, max(0.0, (room - least) / (wished - least))) if wished > least else 1.0
    shares = {k: low + (high - low) * spare for k, (low, high) in widths.items()}
    said = {**{k: f"{wide:.2f}fr" for k, wide in shares.items()}, **{k: f"{wide + CELL:.2f}em" for k, wide in fixed.items()}}
    return "".join(f"{said.get(k, 'auto')}, " for k in range(len(table.head)))
