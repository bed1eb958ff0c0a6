"""An outline as a PDF, set by Typst: tagged for readers' aids (PDF/UA-1), the same bytes from the same outline.

Only the typefaces that travel with the program and those of the folders that the user names are used: never the system's.
"""

from __future__ import annotations

import datetime
import json
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
SHORT, MOST_NARROW = 9.0, 34.0  # ems: columns that are never broken, and how much of the width they may take together


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
    families = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths).families()
    written = source(outline, lang, [FAMILY, *sorted(name for name in families if name != FAMILY)])
    try:
        made = typst.compile(written.encode("utf-8"), format="pdf", font_paths=paths, ignore_system_fonts=True,
                             pdf_standards=["ua-1"], timestamp=EPOCH)  # fmt: skip
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


def _words(text: str) -> str:
    """A text as content, parted only at spaces: words of Hangul are not broken in the middle."""
    return f"#words({_string(text)})"


def _cover(outline: Outline) -> str:
    facts = ", ".join(f"({_string(head)}, {_string(value)})" for head, value in outline.facts)
    more = "".join(f"#par[{_words(sentence)}]\n" for sentence in outline.more)
    notes = "".join(f"#told[{_words(note)}]\n" for note in outline.notes)
    return f"#cover({_string(outline.title)}, {_string(outline.first)}, ({facts}{',' if outline.facts else ''}))[{more}{notes}]\n"


def _section(section: Section, lang: str) -> str:
    body = "\n".join(_block(block, lang) for block in section.blocks)
    return f"\n#part({_string(section.heading)}, <{section.id}>)\n{body}\n"


def _block(block: Block, lang: str) -> str:
    if isinstance(block, str):
        return f"#par[{_words(block)}]"
    if isinstance(block, Heading):
        return f"== {_words(block.text)}"
    if isinstance(block, Paragraph):
        return _paragraph(block)
    if isinstance(block, Table):
        return _table(block)
    return _figure(block)


def _paragraph(block: Paragraph) -> str:
    if not block.text:
        return ""
    marks = f"#marks({_string(' '.join(block.of))})" if block.of else ""
    parts = block.text.split("\n\n")
    said = [f"#said({_string(block.style)})[{_words(part)}{marks if part is parts[-1] else ''}]" for part in parts]
    inside = "\n".join([*said, *(f"#stale[{_words(flag)}]" for flag in block.stale)])
    return f"#edited[{inside}]" if block.edited else inside


def _figure(figure: Figure) -> str:
    drawn = standalone.svg(figure.draw(DRAWN_AT), FAMILY)
    return f"#drawn({_string(drawn)}, {_string(figure.caption)})"


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
    """Widths of the columns: short ones as wide as they need, the others by what stands in them."""
    shares, narrow = [], 0.0
    for k, head in enumerate(table.head):
        cells = [head, *(str(row[k]) for row in table.rows)]
        words = max(text_width(word, 1.0) for cell in cells for word in cell.split(" ") or [""])
        longest = max(text_width(cell, 1.0) for cell in cells)
        if longest <= SHORT and narrow + longest <= MOST_NARROW:
            narrow += longest
            shares.append("auto")
            continue
        typical = sum(text_width(cell, 1.0) for cell in cells) / len(cells)
        shares.append(f"{max(min(words, MOST_SHARE) + 0.8, min(typical * 1.2, MOST_SHARE)):.2f}fr")
    return "".join(f"{share}, " for share in shares)
