"""What every input rests on, on a page: what was counted, the note beside it, the newspaper or row of the library, and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blackstart.report import citations
from blackstart.report.engineers import CLASS
from blackstart.report.markup import Html, join, stack, tag, with_code
from blackstart.report.origins import Origins, Row, is_place
from blackstart.report.ways import place_of

USERS_SHOWN = 6  # inputs named as those that cite a source; how many more is said
_PARTS = re.compile(
    r"((?:\[[^\]\[]+\])+|https?://[^\s,;)]+|(?<![\w-])[A-Z]{2}-[A-Z0-9]+(?:-[A-Z0-9]+)*|(?<![\w\[./-])[A-Za-z]{1,8}\d{1,4}(?![A-Za-z0-9_]))"
)
_BRACKETS = re.compile(r"\[([^\]\[]+)\]")
_ROW_ID = re.compile(r"(?<![\w-])[A-Z]{2}-[A-Z0-9]+(?:-[A-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class _Sources:
    """The keys and rows of the library that a page tells, with where each is told and who cites it.

    Attributes
    ----------
    keys : dict
        Key -> what it stands for, in the language of the page.
    library : dict
        Id -> row of the library.
    users : dict
        Place of a key or row -> places that cite it, each with its name.
    """

    told: Origins
    keys: Mapping[str, str]
    library: Mapping[str, Row]
    users: dict[str, dict[str, str]] = field(default_factory=dict)

    def place(self, name: str) -> str:
        """Where on the page a key or a row of the library is told; "" where it is not."""
        return f"key-{name}" if name in self.keys else f"row-{name}" if name in self.library else ""

    def head(self, name: str) -> str:
        """With what words a key or row of the library begins, where it is told as a whole; the link in a list."""
        if name in self.library:
            return self.told.row_is_of(self.library[name])
        says = self.told.plain_key(self.keys[name])
        return citations.head_of_said(says) if self._is_said(name) else citations.head_of_source(says)

    def label(self, name: str) -> str:
        """A key or a row of the library in a person's words, where it is cited inside a sentence."""
        if name in self.library:
            return self.told.say("cite.row", what=self.head(name))
        if is_place(name):
            return self.told.say("basis.rule")
        says = self.told.plain_key(self.keys[name])
        if self._is_said(name):
            return self.told.say("cite.rule", what=citations.cut(self.head(name)))
        return citations.source(says, self.told.lang)

    def _is_said(self, name: str) -> bool:
        """Whether a key stands for what the model's writer says, not for what somebody published."""
        return is_place(name) or self.told.plain_key(self.keys[name]) != self.keys[name]

    def linked(self, words: str, user: tuple[str, str], *, short: bool = False) -> Html:
        """Words in which keys and rows of the library, by a person's words, lead to what they stand for, and addresses to where they say.

        user : place and name of what cites them; remembered for the way back
        short : whether addresses are told by a word alone
        """
        parts: list[Any] = []
        for part in _PARTS.split(words):
            names = _BRACKETS.findall(part) if part.startswith("[") else [part]
            if all(map(self.place, names)):
                cited = [join(["; " if n else "", self.link(name, self.label(name), user)]) for n, name in enumerate(names)]
                parts += ["(", *cited, ")"] if part.startswith("[") else cited
            elif part.startswith("http"):
                parts.append(tag("a", self.told.say("basis.address") if short else part, href=part, rel="noreferrer"))
            else:
                parts.append(part)
        return join(parts)

    def link(self, name: str, words: str, user: tuple[str, str]) -> Html:
        """Words that lead to a key or row of the library, which remembers who cites it."""
        self.users.setdefault(self.place(name), {}).setdefault(*user)
        return tag("a", words, href=f"#{self.place(name)}")

    def way_back(self, place: str) -> Html:
        """Links to what cites a source, so that a reader who came from there finds the way back."""
        users = list(self.users.get(place, {}).items())
        if not users:
            return Html("")
        links = [join([", " if n else "", tag("a", name, href=f"#{at}")]) for n, (at, name) in enumerate(users[:USERS_SHOWN])]
        more = self.told.say("basis.more", n=len(users) - USERS_SHOWN) if len(users) > USERS_SHOWN else ""
        return tag("span", self.told.say("basis.used"), " ", *links, more, class_="note back")


def inputs_and_sources(rows: Sequence[Row], told: Origins) -> Html:
    """Every input with what it rests on, then the keys and the rows of the library that are cited, each with the way back."""
    sources = _Sources(told, dict(told.keys(rows)), {row["id"]: row for row in told.library_rows(rows)})
    table = _inputs(rows, sources)
    keys = [_entry(key, says, sources) for key, says in sources.keys.items()]
    library = [_entry(id_, told.row(row), sources) for id_, row in sources.library.items()]
    notation = tag("p", with_code(told.say("basis.notation")), class_=f"note {CLASS}")
    parts = [notation, table]
    if keys:
        parts += [tag("h3", told.say("sources.cited")), _list(keys, sources)]
    if library:
        parts += [tag("h3", told.say("sources.rows")), _list(library, sources), tag("p", told.say("sources.grades"), class_="note")]
    return join(parts)


def leading_to_rows(content: Html, rows: Sequence[Row], told: Origins) -> Html:
    """The markup with every id of a row of the library that these inputs rest on a link, in words, to where the page tells it."""
    known = {source["id"]: told.row_is_of(source) for row in rows for source in row["sources"] if source["title"]}
    parts = re.split(r"(<[^>]+>)", content)
    for n in range(0, len(parts), 2):  # between the tags
        parts[n] = _ROW_ID.sub(lambda m: tag("a", known[m[0]], href=f"#row-{m[0]}") if m[0] in known else m[0], parts[n])
    return Html("".join(parts))


def _inputs(rows: Sequence[Row], sources: _Sources) -> Html:
    told, body = sources.told, []
    head = [told.say(f"column.{key}") for key in ("input", "is", "basis", "stands")]
    for row in rows:
        cells = (told.named(row), told.value(row), _basis(row, sources), _written(row, told))
        shown = (tag("td", cell, class_=CLASS if n == len(cells) - 1 else None) for n, cell in enumerate(cells))
        body.append(tag("tr", *shown, id=place_of(row["path"])))
    titles = tag("tr", *(tag("th", h, scope="col", class_=CLASS if n == len(head) - 1 else None) for n, h in enumerate(head)))
    return stack(head, titles, body, "stack inputs", id="inputs")


def _basis(row: Row, sources: _Sources) -> Html:
    """What one input rests on: a sentence on what was counted or guessed, the note, and each source it names in one line."""
    told = sources.told
    user = (place_of(row["path"]), told.named(row))
    said = [part for part in (told.counted(row), told.noted(row)) if part]
    keys = [key for key in told.keys_of(row, sources.keys) if not is_place(key)]
    refs = [_reference(key, told.plain_key(sources.keys[key]), user, sources) for key in keys]
    refs += [_reference(s["id"], told.short_row(s), user, sources) for s in told.rows_of(row)]
    if not said and not refs:
        said = [told.say("basis.none")]
    lines = [tag("p", *(join([" " if n else "", sources.linked(part, user)]) for n, part in enumerate(said)))] if said else []
    if (row.get("changes") or {}).get("alike"):
        things = told.things(row)
        lines.append(tag("p", told.say("basis.alike", n=len(things), names=told.names.join(things, len(things))), class_="note"))
    pulled = told.pulled(row)
    return join([*lines, tag("ul", *refs) if refs else "", tag("p", pulled, class_="note") if pulled else ""])


def _reference(name: str, says: str, user: tuple[str, str], sources: _Sources) -> Html:
    """A source in one line, whose first words lead to it."""
    head = sources.head(name)
    return tag("li", sources.link(name, head, user), sources.linked(says.removeprefix(head), user, short=True))


def _written(row: Row, told: Origins) -> Html:
    """Where an input stands, and how it is written there: for an engineer."""
    if row["state"] in ("library", "rule"):
        return tag("span", told.say("basis.unwritten"), class_="note")
    return join([told.place(row), " ", tag("code", row["text"])])


def _entry(name: str, says: str, sources: _Sources) -> tuple[str, Html, Html]:
    """A source in the list: its place, its name with the key that the model's files know it by, and what it says.

    What it cites in turn finds the way back to it.
    """
    place, shown = sources.place(name), sources.label(name)
    if is_place(name):
        shown = sources.told.say("basis.rule-of", what=citations.cut(sources.head(name)))
    return place, join([shown, " ", tag("code", name, class_=CLASS)]), sources.linked(says, (place, shown))


def _list(entries: Sequence[tuple[str, Html, Html]], sources: _Sources) -> Html:
    rows = [join([tag("dt", name, id=place), tag("dd", says, " ", sources.way_back(place))]) for place, name, says in entries]
    return tag("dl", *rows, class_="origin cited")
