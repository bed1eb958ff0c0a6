"""An outline as Markdown under whose marks a person can edit, and what was edited put back into a new outline.

Every paragraph stands under a mark that holds its name, a short digest of the text as it was generated, and the numbers in it:

    <!-- paragraph why.tools text=1f3a9c02 numbers="127 h|33 min" -->

A paragraph whose text no longer has that digest was written by a person: it is kept when the paper is made again. Every number in
it must be one that the paper says now, or it is flagged: as changed where the paper said it before, else as nobody's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from blackstart.report.outline import Block, Figure, Heading, KeyFigures, Outline, Paragraph, told_once
from blackstart.report.tables import Table
from blackstart.text import say

_MARK = re.compile(r'<!-- paragraph (?P<id>[\w.:@가-힣-]+) text=(?P<text>[0-9a-f]{8})(?: numbers="(?P<numbers>[^"]*)")? -->')
_COMMENT = re.compile(r"<!--.*?-->", re.S)
# units in both languages; a number may be followed by one of them, with or without a space
_UNITS = (
    "h", "min", "days?", "d", "s", "%", "tn", "bn", "m", "years?", "times", "people", "user-hours",
    "시간", "분", "초", "일", "년", "월", "회", "번", "개", "명", "건", "가지", "곳", "조", "억", "만", "원",
)  # fmt: skip
NUMBER = re.compile(rf"[-−+]?\d[\d,]*(?:[.:]\d+)*(?: ?(?:{'|'.join(_UNITS)})(?![A-Za-z]))?(?: ?[A-Z]{{3}}\b)?")


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands under the mark of a paragraph. `text` is "" where a person took it out; `was` are the numbers it was written from."""

    id: str
    text: str
    touched: bool
    was: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Flag:
    """A number of an edited paragraph that the paper no longer says: what it was and is now ("" where nothing took its place)."""

    id: str
    was: str
    now: str
    kind: str  # changed · base · come · gone · nobodys


# --------------------------------------------------------------------------- written


def text(outline: Outline, lang: str, bases: Mapping[str, Edit] | None = None) -> str:
    """The outline as Markdown with marks; `bases` keeps the marks of edited paragraphs as they were, so that flags stay."""
    lines = [f"# {outline.title}", "", f"**{outline.first}**", "", *(f"{sentence}\n" for sentence in outline.more)]
    lines += [f"> {note}\n" for note in outline.notes]
    lines += [f"- {head}: {value}" for head, value in outline.facts]
    lines += ["", f"<!-- {say('paper.markdown.how', lang)} -->", ""]
    for section in outline.sections:
        if section.blocks:
            lines += [f"## {section.heading}", ""]
            lines += [line for block in section.blocks for line in _block(block, lang, bases or {})]
    return "\n".join(lines).rstrip() + "\n"


def _block(block: Block, lang: str, bases: Mapping[str, Edit]) -> list[str]:
    if isinstance(block, str):
        return [block, ""]
    if isinstance(block, Heading):
        return [f"### {block.text}", ""]
    if isinstance(block, Paragraph):
        return _paragraph(block, bases)
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, KeyFigures):
        return [*(f"- **{row.head}**: {told_once(row)}" for row in block.rows), ""]
    assert isinstance(block, Figure)
    key, title = ("titled", block.title) if block.title else ("figure", "")
    return [f"*{say(f'paper.markdown.{key}', lang, caption=block.caption, title=title)}*", ""]


def _paragraph(block: Paragraph, bases: Mapping[str, Edit]) -> list[str]:
    base = bases.get(block.id)
    if block.edited and base is not None:
        # a base that no text has keeps the paragraph a person's; its numbers are those it was written from
        mark = _mark(block.id, "0" * 8, base.was)
    else:
        mark = _mark(block.id, digest(block.text), numbers_in(block.text))
    flags = [f"<!-- ! {flag} -->" for flag in block.stale]
    sources = [f"<!-- {' '.join(block.of)} -->"] if block.of else []
    return [mark, *sources, *flags, block.text, ""]


def _mark(id_: str, text_digest: str, numbers: Sequence[str] | None) -> str:
    said = "" if numbers is None else f' numbers="{"|".join(numbers)}"'
    return f"<!-- paragraph {id_} text={text_digest}{said} -->"


def _table(table: Table) -> list[str]:
    if not table.rows:
        return []
    rows = [table.head, ["--:" if r else "---" for r in table.right], *table.rows]
    title = [f"*{table.title}*", ""] if table.title else []
    return [*title, *("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows), ""]


def digest(paragraph: str) -> str:
    """Eight signs of a paragraph's text, blind to how its lines are broken."""
    return hashlib.sha256(" ".join(plain(paragraph).split()).encode()).hexdigest()[:8]


def plain(words: str) -> str:
    """A text with plain spaces."""
    return words.replace("\N{NO-BREAK SPACE}", " ")


def numbers_in(words: str) -> tuple[str, ...]:
    """The numbers of a text with their units, each once, in the order in which they come."""
    found = (m.group().replace(" ", "").rstrip(",") for m in NUMBER.finditer(plain(words)))
    return tuple(dict.fromkeys(found))


# --------------------------------------------------------------------------- read back


def edits(written: str) -> dict[str, Edit]:
    """The paragraphs of a Markdown file by name: what stands under each mark, up to the next mark, heading, table or figure."""
    found = {}
    marks = list(_MARK.finditer(written))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        body = written[mark.end() : following.start() if following else len(written)]
        said = _said(body)
        was = mark["numbers"]
        numbers = None if was is None else tuple(n for n in was.split("|") if n)
        found[mark["id"]] = Edit(mark["id"], said, digest(said) != mark["text"], numbers)
    return found


def _said(body: str) -> str:
    """The paragraphs of a person between two marks: headings, tables, figures and comments are the program's."""
    parts = re.split(r"\n\s*\n", _COMMENT.sub("", body).strip())
    kept = []
    for part in parts:
        if part.startswith(("#", "|", "*")) and not part.startswith("**"):
            break
        if part.strip():
            kept.append(" ".join(part.split()))
    return "\n\n".join(kept)


def edited(outline: Outline, mine: Mapping[str, Edit], lang: str) -> tuple[Outline, list[Flag]]:
    """The outline with a person's paragraphs in the place of the generated ones, and the numbers in them that no longer hold."""
    now = frozenset(n for s in outline.sections for words in _texts(s.blocks) for n in numbers_in(words))
    now |= frozenset(
        n for words in (outline.title, outline.first, *outline.more, *(v for _, v in outline.facts)) for n in numbers_in(words)
    )
    before = frozenset(n for edit in mine.values() for n in edit.was or ())
    flags: list[Flag] = []

    def block(one: Block) -> list[Block]:
        edit = mine.get(one.id) if isinstance(one, Paragraph) else None
        if edit is None or not edit.touched:
            return [one]
        assert isinstance(one, Paragraph)
        own = _flags(edit, one, now, before) if edit.text else []
        flags.extend(own)
        said = tuple(say(f"paper.stale.{f.kind}", lang, was=f.was, now=f.now) for f in own)
        return [replace(one, text=edit.text, edited=True, stale=said)]

    sections = [replace(s, blocks=[b for one in s.blocks for b in block(one)]) for s in outline.sections]
    return replace(outline, sections=sections), flags


def _flags(edit: Edit, generated: Paragraph, now: frozenset[str], before: frozenset[str]) -> list[Flag]:
    """What is to be said of the numbers in one edited paragraph.

    A number that its generated text said and says no more is flagged unless the person has taken over what it says instead; so is
    one that it says beside those it said before, and every other number of the edited text that the paper nowhere says.
    """
    mine, fresh = numbers_in(edit.text), numbers_in(generated.text)
    flags, seen = [], set()
    if edit.was is not None and edit.was != fresh:
        gone = [n for n in edit.was if n not in fresh]
        come = [n for n in fresh if n not in edit.was]
        for k, number in enumerate(gone):
            instead = come[k] if k < len(come) else ""
            if number in mine or not instead or instead not in mine:
                flags.append(Flag(edit.id, number, instead, "changed" if number in mine else "base"))
                seen.add(number)
        flags += [Flag(edit.id, "", number, "come") for number in come[len(gone) :] if number not in mine]
    for number in mine:
        if number not in now and number not in seen:
            flags.append(Flag(edit.id, number, "", "gone" if number in before else "nobodys"))
    return flags


def _texts(blocks: Iterable[Block]) -> Iterable[str]:
    for block in blocks:
        if isinstance(block, str):
            yield block
        elif isinstance(block, (Heading, Paragraph)):
            yield block.text
        elif isinstance(block, Table):
            yield from (str(cell) for row in [[block.title], block.head, *block.rows] for cell in row)
        elif isinstance(block, Figure):
            yield from (block.title, block.caption)
        elif isinstance(block, KeyFigures):
            yield from (words for row in block.rows for words in (row.value, row.said))


def without_place(outline: Outline, mine: Mapping[str, Edit]) -> list[str]:
    """Edited paragraphs that the outline has no place for."""
    places = {b.id for s in outline.sections for b in s.blocks if isinstance(b, Paragraph)}
    return [edit.id for edit in mine.values() if edit.touched and edit.text and edit.id not in places]


def touched(outline: Outline) -> list[str]:
    """The paragraphs of an outline that a person has written."""
    return [b.id for s in outline.sections for b in s.blocks if isinstance(b, Paragraph) and b.edited]
