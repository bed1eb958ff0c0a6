"""An outline as a PDF, set by Typst: tagged for readers' aids (PDF/UA-1), the same bytes from the same outline.

Only the typefaces that travel with the program and those of the folders that the user names are used: never the system's.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from blackstart.errors import ModelError, Problem
from blackstart.report import standalone
from blackstart.report.markup import text_width
from blackstart.report.outline import Block, Figure, Heading, KeyFigure, KeyFigures, Outline, Paragraph, Section
from blackstart.report.tables import Table
from blackstart.text import say

FAMILY = "Pretendard"
DRAWN_AT = 660.0  # pixels of a picture that becomes as wide as the column of text
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)  # of every file: its date is that of the incident, on its cover
MOST_SHARE = 34.0  # of a column of words, in ems
BEGINS, WIDE = 45.0, 160.0  # millimetres: of a part before the end of a page; width of the text
LOW = 0.25  # height by width up to which a picture stays where it is told of, and with the first words of a part
SHORT, NARROWEST = 9.0, 8.0  # ems: columns that are never broken; least width of a column of words that are longer
BOLD, BROKEN = 1.06, 6.6  # how much wider a heading is than the same words in a cell; ems that a broken one has at least
COLUMN, CELL, NARROW = 54.0, 1.08, 0.62  # ems: width of the text, rims of a cell; how much of it unbroken columns may take
STEP, STEEP = 0.5, 4  # ems by which columns grow; how much more the tallest cell of a row counts than the others
LEAD = 140.0  # ems of the longest paragraph that stays with the table behind it: three lines; a longer one may end a page
SMALLEST = 0.86  # of the size of the words in tables
LARGE, SMALL, SHORT_KEY = 13.0, 9.5, 7.0  # points of a key figure, of one that is a phrase; ems of the longest that is none
APART = "\N{ZERO WIDTH SPACE}"  # where words may be parted without a space
INDENT = "1.1em"  # of an item of a list, as the template has it
SHORT_TABLE, HALF_A_PAGE = 8, 14  # rows and lines of the longest table that is never broken: what is over is read as a table of its own


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
    values = {"title": outline.title, "families": list(families), "lang": lang, "contents": say("paper.contents", lang),
              "marks": say("paper_figures.marks", lang, page="#"), "cited": say("paper_figures.cited", lang, page="#")}  # fmt: skip
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
    title = "\N{NO-BREAK SPACE}".join(outline.title.rsplit(" ", 1))  # no word alone in the second line
    return f"#cover({_string(title)}, {_string(outline.first)}, ({facts}{',' if outline.facts else ''}))[{more}{notes}]\n"


def _section(section: Section, lang: str) -> str:
    around = zip([None, *section.blocks[:-1]], section.blocks, [*section.blocks[1:], None], strict=True)
    told_, behind = [], False
    for first, block, then in around:
        told_.append(_block(block, lang, isinstance(then, Table | Heading) and _leads(block, first, then), behind))
        behind = behind or isinstance(block, Figure) and _moves(block)
    body = "\n".join(told_)
    told = f"\n#part({_string(section.heading)}, <{section.id}>, {_room(section.blocks):.0f}mm)\n{body}\n"
    return f"\n#one-page[{told}]\n#pagebreak()\n" if section.alone else told


def _room(blocks: Sequence[Block]) -> float:
    """Millimetres that a part begins with: a few lines, and a picture that comes right behind its first words."""
    picture = blocks[1] if len(blocks) > 1 and isinstance(blocks[0], Paragraph) else None
    if not isinstance(picture, Figure):
        return BEGINS
    wide, high = _extent(standalone.svg(picture.draw(DRAWN_AT), FAMILY))
    return BEGINS + (WIDE * high / wide if high <= LOW * wide else 0.0)


def _leads(block: Block, first: Block | None, then: Block) -> bool:
    """Whether a block stays with a table behind it: a line, no item of a list, no note on what stands before, but a heading.

    So does what stands alone between two headings; not what a part begins with, or the heading of the part would stand alone.
    """
    if isinstance(then, Heading):
        return isinstance(block, Paragraph) and isinstance(first, Heading) and text_width(block.text, 1.0) <= LEAD
    if not isinstance(block, Paragraph) or block.style == "item" or first is None:
        return False
    return isinstance(first, Heading) if block.style == "note" else text_width(block.text, 1.0) <= LEAD


def _block(block: Block, lang: str, leads: bool, behind: bool) -> str:
    """A block; a paragraph that leads to a table stays on its page, and one `behind` a picture that moves is not cut by it."""
    if isinstance(block, str):
        return f"#par[{_words(block)}]"
    if isinstance(block, Heading):
        return f"{'===' if block.inner else '=='} {_words(block.text)}{f' <{block.name}>' if block.name else ''}"
    if isinstance(block, Paragraph):
        told = _paragraph(block)
        if not told or block.style == "item":
            return told
        return f"#before-table[{told}]" if leads else f"#unbroken[{told}]" if behind else told
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, KeyFigures):
        return f"#keys(({', '.join(_key(row) for row in block.rows)},))"
    return _figure(block) if isinstance(block, Figure) else ""  # what only a browser shows


def _paragraph(block: Paragraph) -> str:
    if not block.text:
        return ""
    first, *more = block.text.split("\n\n")
    indent = INDENT if block.style == "item" else "0pt"
    beside = f"#beside({_value(block.of)}, indent: {indent})" if block.of else ""
    whole = [beside + _words(first), *(_words(part) for part in more)]
    said = [f"#said({_string(block.style)})[{words}]" for words in whole]
    inside = "\n".join([*said, *(f"#stale[{_words(flag)}]" for flag in block.stale)])
    return f"#edited[{inside}]" if block.edited else inside


def _key(row: KeyFigure) -> str:
    """A key figure; words are set smaller than a number."""
    size = LARGE if text_width(row.value, 1.0) <= SHORT_KEY else SMALL
    value = row.value.replace("~", f"~{APART}")
    return f"({_string(row.head)}, {_string(value)}, {_string(row.said)}, {_value(row.of)}, {size}pt)"


def _figure(figure: Figure) -> str:
    drawn = standalone.svg(figure.draw(DRAWN_AT), FAMILY)
    moves = "true" if _moves(figure) else "false"
    return f"#drawn({_string(drawn)}, {_string(figure.title)}, {_string(figure.caption)}, {moves})"


def _moves(figure: Figure) -> bool:
    """Whether a picture goes to the next page, and the text on before it, where it has no room."""
    wide, high = _extent(standalone.svg(figure.draw(DRAWN_AT), FAMILY))
    return high > LOW * wide


def _extent(drawn: str) -> tuple[float, float]:
    """Width and height of a picture."""
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawn)
    return (float(size[1]), float(size[2])) if size else (1.0, 0.0)


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    if not any(table.head):
        rows = ", ".join(f"({_string(str(row[0]))}, {_string(str(row[1]))})" for row in table.rows)
        return f"#pairs(({rows},))"
    size = _size(table)
    widths = _widths(table, COLUMN / size)
    columns = ", ".join("auto" if wide is None else f"{wide:.2f}{unit}" for wide, unit in widths)
    head = ", ".join(_string(h) for h in table.head)
    rows = ", ".join("(" + ", ".join(_string(str(cell)) for cell in row) + ",)" for row in table.rows)
    right = ", ".join("true" if r else "false" for r in table.right)
    whole = "true" if len(table.rows) <= SHORT_TABLE and _lines(table, widths) <= HALF_A_PAGE else "false"
    title = f"#named({_string(table.title)})\n" if table.title else ""
    return f"{title}#rows(({columns},), ({head},), ({rows},), ({right},), {whole}, {size:.3f})"


def _size(table: Table) -> float:
    """How large the words of a table are: smaller where its numbers would not stand on one line each, as long as they can be read."""
    told = [[str(row[k]) for row in table.rows] for k in range(len(table.head))]
    columns = zip(table.head, told, table.right, strict=True)
    wanted = sum(_number(h, cells) if right else _words_least([h, *cells]) for h, cells, right in columns) / (COLUMN - CELL * len(told))
    return 1 / wanted if 1.0 < wanted <= 1 / SMALLEST else 1.0


def _widths(table: Table, column: float) -> list[tuple[float | None, str]]:
    """Width of each column: numbers as wide as they need, short words too (None), the others by what stands in them.

    A width in `em` is fixed; those in `fr` share the rest and add up to it, in ems.
    """
    told = [[str(row[k]) for row in table.rows] for k in range(len(table.head))]
    room, words = column - CELL * len(told), [_words_least([head, *cells]) for head, cells in zip(table.head, told, strict=True)]
    numbers = {k: _number(table.head[k], cells) for k, cells in enumerate(told) if table.right[k]}
    heads = [text_width(head, 1.0) * BOLD for head in table.head]
    whole = [max(head, *(text_width(cell, 1.0) for cell in cells)) for head, cells in zip(heads, told, strict=True)]
    if sum(whole) <= room:  # then no heading need be broken
        numbers = {k: whole[k] for k in numbers}
    while numbers and sum(numbers.values()) > room - sum(wide for k, wide in enumerate(words) if k not in numbers):
        del numbers[max(numbers, key=lambda k: numbers[k])]  # no room for all of them: the widest is broken
    found: dict[int, tuple[float | None, str]] = {}
    for k, wide in numbers.items():
        found[k] = (None, "") if whole[k] <= wide else (wide + CELL, "em")
        room -= wide
    least: dict[int, float] = {}
    for k in range(len(told)):
        if k in found:
            continue
        others = sum(wide for j, wide in enumerate(whole) if j != k and j not in found)  # words that would need no second line
        if whole[k] <= SHORT and room - whole[k] >= min((1 - NARROW) * column, others):
            found[k], room = (None, ""), room - whole[k]
        else:
            least[k] = min(words[k], MOST_SHARE)
    shared = _shared(room, least, {k: [text_width(cell, 1.0) for cell in (table.head[k], *told[k])] for k in least})
    return [found[k] if k in found else (shared[k], "fr") for k in range(len(told))]


def _shared(room: float, least: Mapping[int, float], lengths: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """How columns of words share their room: little by little to the one that makes the rows least tall."""
    widths, left = dict(least), room - sum(least.values())
    if left <= 0:
        return {k: wide * room / sum(least.values()) for k, wide in widths.items()}
    lines = {k: [(length / widths[k]) ** STEEP for length in lengths[k]] for k in widths}
    while left > 0 and widths:
        step = min(STEP, left)
        grown = {k: [(length / (widths[k] + step)) ** STEEP for length in lengths[k]] for k in widths}
        rows = [sum(row) for row in zip(*lines.values(), strict=True)]
        tall = {k: sum((all_ - old + new) ** (1 / STEEP) for all_, old, new in zip(rows, lines[k], grown[k], strict=True)) for k in widths}
        best = min(tall, key=lambda k: tall[k])
        widths[best], lines[best], left = widths[best] + step, grown[best], left - step
    return widths


def _word(cells: Sequence[str]) -> float:
    """The longest word of a column, in ems."""
    return max(text_width(word, 1.0) for cell in cells for word in cell.split(" ") or [""])


def _words_least(cells: Sequence[str]) -> float:
    """How wide a column of words is at least, in ems."""
    return max(_word(cells), min(NARROWEST, max(text_width(cell, 1.0) for cell in cells)))


def _number(head: str, cells: Sequence[str]) -> float:
    """How wide a column of numbers is, in ems: none of them is broken, its heading may be, and words that stand for a number."""
    widest = max(text_width(cell, 1.0) if any(map(str.isdigit, cell)) else _word([cell]) for cell in cells)
    return max(widest, _word([head]) * BOLD, min(text_width(head, 1.0) * BOLD, BROKEN))


def _lines(table: Table, widths: Sequence[tuple[float | None, str]]) -> int:
    """About how many lines the rows of a table take."""
    rooms = [math.inf if wide is None else wide for wide, _ in widths]
    return sum(max(math.ceil(text_width(str(cell), 1.0) / room) or 1 for cell, room in zip(row, rooms, strict=True)) for row in table.rows)
