"""The user's files as a tree in which every value remembers its place.

YAML and CSV become `Map`, `Seq` and `Text`. Scalars stay text: a field decides how to read its own, so
`no`, `010`, `1e-4` and `12:30` never change their meaning. Null is None. Everything that could blow up
memory or read outside the model's folder is refused here: aliases that multiply, deep nesting, includes
that loop or leave the folder, huge files and huge scalars.
"""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from blackstart.errors import ModelError, Problem, Where

try:
    from yaml.cyaml import CParser as _Parser
except ImportError:  # PyYAML without libyaml: slower, same events
    from yaml import Loader as _Parser  # type: ignore[assignment]

MOST_BYTES = 64 * 2**20  # all files of a model together
MOST_FILES = 1000
MOST_SCALAR = 10**6
MOST_DEPTH = 64
MOST_FROM_ALIASES = 10**6  # nodes that aliases may add
_LINE, _MASK = 32, (1 << 32) - 1
_new_tuple = tuple.__new__


class _Placed:
    """What Text, Map and Seq share: their place. All that stands in one line holds the same `line`: millions of ints weigh."""

    __slots__ = ()
    file: str
    line: int
    column: int

    @property
    def at(self) -> int:
        """Line and column in one number (`pack`), to be handed on; adding to it moves the column."""
        return self.line << _LINE | self.column

    @property
    def where(self) -> Where:
        return _new_tuple(Where, (self.file, self.line, self.column))  # half the time of Where(...): a million of them


class Text(str, _Placed):
    """A scalar (or a key) as written."""

    __slots__ = ("file", "line", "column")

    def __reduce__(self) -> tuple[Any, ...]:
        return placed, (Text, str(self), self.file, self.at)


class Map(dict, _Placed):
    """A mapping; its keys are Text."""

    __slots__ = ("file", "line", "column")

    def __reduce__(self) -> tuple[Any, ...]:
        return placed, (Map, list(self.items()), self.file, self.at)


class Seq(list, _Placed):
    """A sequence."""

    __slots__ = ("file", "line", "column")

    def __reduce__(self) -> tuple[Any, ...]:
        return placed, (Seq, list(self), self.file, self.at)


class Document(Map):
    """The merged top-level mapping of a model and the text of every file it was read from."""

    __slots__ = ("sources",)
    sources: dict[str, str]

    def __reduce__(self) -> tuple[Any, ...]:
        return document, (list(self.items()), self.file, self.at, self.sources)


def placed(cls: type, content: Any, file: str, at: int) -> Any:
    """A node of class `cls` with its place."""
    node = cls(content)
    node.file, node.line, node.column = file, at >> _LINE, at & _MASK
    return node


def document(content: Any, file: str, at: int, sources: dict[str, str]) -> Document:
    """A Document with its place and sources."""
    root: Document = placed(Document, content, file, at)
    root.sources = sources
    return root


def pack(line: int, column: int) -> int:
    """Line and column (from 1) as one int, the form of `at`."""
    return line << _LINE | column


# --------------------------------------------------------------------------- YAML

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_CORE_TAG = "tag:yaml.org,2002:"
_CORE_TAGS = frozenset(
    _CORE_TAG + name for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class _Open(NamedTuple):
    """A collection that is being read, and the items of the one around it."""

    line: int
    column: int
    flow: bool
    anchor: str | None
    items: list[Any]
    begin: int  # number of its own node


class _Stop(Exception):
    """Reading this file cannot go on."""


class _Yaml:
    """Builds the tree of one YAML text from libyaml's events."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.text, self.file, self.problems = text, file, problems
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.from_aliases = 0

    def problem(self, code: str, at: int, **values: Any) -> None:
        self.problems.append(Problem(code, Where(self.file, at >> _LINE, at & _MASK), "", values))

    def read(self) -> Any:
        """The root node; None when the file is empty or cannot be read (then there is a problem)."""
        try:
            return self._build(_Parser(self.text))
        except _Stop:
            return None
        except yaml.reader.ReaderError:
            self._unreadable()
        except UnicodeEncodeError:
            self._unreadable()
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        return None

    def _unreadable(self) -> None:
        found = _UNREADABLE.search(self.text)
        begin = found.start() if found else 0
        line = self.text.count("\n", 0, begin) + 1
        column = begin - (self.text.rfind("\n", 0, begin) + 1) + 1
        char = f"U+{ord(found.group()):04X}" if found else "?"
        self.problem("yaml-control-character", pack(line, column), char=char)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = " ".join(part for part in (error.context, error.problem) if part)
        lines = self.text.split("\n", line)
        here = lines[line - 1] if line <= len(lines) else ""
        if "\t" in here[: max(column, len(here) - len(here.lstrip()))] and "token" in said:
            code = "yaml-tab"
        else:
            code = next((code for word, code in _SYNTAX if word in said), "yaml-syntax")
        self.problem(code, pack(line, column), reason=said)

    def _build(self, parser: Any) -> Any:
        # one loop with local names: a large model has millions of events
        get, file, new = parser.get_event, self.file, Text.__new__
        items: list[Any] = []
        stack: list[_Open] = []
        count = 0  # nodes so far, aliases counted with all they stand for
        row, line = -1, 0  # of the node before, from 0 and from 1
        while True:
            event = get()
            cls = event.__class__
            if cls is ScalarEvent:
                value, mark = event.value, event.start_mark
                count += 1
                if value in _NULLS and event.implicit[0]:
                    node: Any = None
                else:
                    if not value.isascii():
                        value = unicodedata.normalize("NFC", value)
                    node = new(Text, value)
                    node.file = file
                    if mark.line != row:
                        row = mark.line
                        line = row + 1
                    node.line = line
                    node.column = mark.column + 1
                    if len(value) > MOST_SCALAR:
                        self.problem("scalar-too-long", node.at, length=len(value), most=MOST_SCALAR)
                items.append(node)
                if event.tag is not None or event.anchor is not None:
                    self._mark(event, node, 1)
            elif cls is MappingEndEvent or cls is SequenceEndEvent:
                opened = stack.pop()
                node = (
                    self._mapping(items, opened) if cls is MappingEndEvent else self._sequence(items, opened)
                )
                items = opened.items
                items.append(node)
                if opened.anchor is not None:
                    self.anchors[opened.anchor] = node, count - opened.begin + 1
            elif cls is MappingStartEvent or cls is SequenceStartEvent:
                count += 1
                mark = event.start_mark
                if mark.line != row:
                    row = mark.line
                    line = row + 1
                if event.tag is not None or len(stack) >= MOST_DEPTH:
                    self._check_open(event, len(stack))
                stack.append(_new_tuple(_Open, (line, mark.column + 1, event.flow_style, event.anchor, items, count)))
                items = []
            elif cls is AliasEvent:
                node, size = self._alias(event)
                count += size
                items.append(node)
            elif cls is DocumentStartEvent:
                if items:
                    self.problem("yaml-documents", pack(event.start_mark.line + 1, 1))
                    raise _Stop
            elif cls is StreamEndEvent:
                return items[0] if items else None

    def _check_open(self, event: Any, depth: int) -> None:
        mark = event.start_mark
        if depth >= MOST_DEPTH:
            self.problem("yaml-too-deep", pack(mark.line + 1, mark.column + 1), most=MOST_DEPTH)
            raise _Stop
        if event.tag is not None:
            self._mark(event, None, 0)

    def _mark(self, event: Any, node: Any, size: int) -> None:
        """Tags other than YAML's own are refused; anchors are remembered."""
        mark = event.start_mark
        if event.tag is not None and event.tag != "!" and event.tag not in _CORE_TAGS:
            self.problem("yaml-tag", pack(mark.line + 1, mark.column + 1), tag=event.tag)
        if size and event.anchor is not None:
            self.anchors[event.anchor] = node, size

    def _alias(self, event: Any) -> tuple[Any, int]:
        at = pack(event.start_mark.line + 1, event.start_mark.column + 1)
        if event.anchor not in self.anchors:
            self.problem("yaml-alias", at, name=event.anchor)
            return None, 1
        node, size = self.anchors[event.anchor]
        self.from_aliases += size
        if self.from_aliases > MOST_FROM_ALIASES:
            self.problem("yaml-alias-bomb", at, most=MOST_FROM_ALIASES)
            raise _Stop
        return node, size

    def _sequence(self, items: list[Any], opened: _Open) -> Seq:
        if opened.flow and any(item.__class__ is Text and "(" in item for item in items):
            items = _rejoin_items(items)
        node: Seq = Seq(items)
        node.file, node.line, node.column = self.file, opened.line, opened.column
        return node

    def _mapping(self, items: list[Any], opened: _Open) -> Map:
        keys, values = items[::2], items[1::2]
        if opened.flow and None in values:
            keys, values = _rejoin_pairs(keys, values)
        try:
            node: Map = Map(zip(keys, values, strict=True))
        except TypeError:  # a mapping or a list as a key
            node = Map()
        node.file, node.line, node.column = self.file, opened.line, opened.column
        if len(node) != len(keys) or None in node:
            node = self._odd_mapping(keys, values, node)
        return self._merged(node) if "<<" in node else node

    def _odd_mapping(self, keys: list[Any], values: list[Any], node: Map) -> Map:
        """A mapping with keys that are no text, or that stand there twice: the first one counts."""
        node.clear()
        first: dict[str, Text] = {}
        for key, value in zip(keys, values, strict=True):
            if not isinstance(key, Text):
                self.problem("key-not-text", key.at if key is not None else node.at)
            elif key in first:
                self.problem("duplicate-key", key.at, name=str(key), first=str(first[key].where))
            else:
                node[key], first[key] = value, key
        return node

    def _merged(self, node: Map) -> Map:
        """YAML's merge key: `<<: *base` fills what the mapping does not say itself."""
        key = next(one for one in node if one == "<<")
        source = node.pop("<<")
        for base in source if isinstance(source, Seq) else [source]:
            if not isinstance(base, Map):
                self.problem("yaml-merge", key.at)
                continue
            self.from_aliases += len(base)
            for name, value in base.items():
                node.setdefault(name, value)
        return node


# words of libyaml's English messages -> the sentence that says it better
_SYNTAX = (
    ("mapping values are not allowed", "yaml-colon"),
    ("could not find expected ':'", "yaml-no-colon"),
    ("unexpected end of stream", "yaml-quote"),
    ("did not find expected ',' or", "yaml-bracket"),
    ("did not find expected key", "yaml-indent"),
    ("did not find expected '-' indicator", "yaml-indent"),
    ("cannot start any token", "yaml-character"),
    ("undefined alias", "yaml-alias-undefined"),
    ("block sequence entries are not allowed", "yaml-indent"),
)

_THOUSANDS = re.compile(r"\d{3}(?!\d)")
_ENDS_IN_DIGITS = re.compile(r"(?:^|[^\d.]|\.\.)\d{1,3}(?:,\d{3})*$")


def _rejoin_pairs(keys: list[Any], values: list[Any]) -> tuple[list[Any], list[Any]]:
    """Put `{loss: 3,000,000 KRW/h}` and `{takes: triangular(1h, 2h, 3h)}` together again.

    Inside braces YAML ends a plain text at every comma, and gives `000` and `2h` as keys without a
    value. Three digits right behind a number's comma, and whatever stands inside an open parenthesis,
    belong to the value before.
    """
    out_keys: list[Any] = []
    out_values: list[Any] = []
    end = 0  # where the last value ended, as written
    for key, value in zip(keys, values, strict=True):
        last = out_values[-1] if out_values else None
        if value is None and isinstance(key, Text) and isinstance(last, Text):
            adjacent = key.at == end + 1
            inside = last.count("(") > last.count(")")
            if inside or (adjacent and _THOUSANDS.match(key) and _ENDS_IN_DIGITS.search(last)):
                glue = "," if adjacent else ", "
                out_values[-1] = placed(Text, f"{last}{glue}{key}", last.file, last.at)
                end = key.at + len(key)
                continue
        out_keys.append(key)
        out_values.append(value)
        end = value.at + len(value) if isinstance(value, Text) else 0
    return out_keys, out_values


def _rejoin_items(items: list[Any]) -> list[Any]:
    """Put `[triangular(1h, 2h, 3h)]` together again."""
    out: list[Any] = []
    for item in items:
        last = out[-1] if out else None
        if isinstance(item, Text) and isinstance(last, Text) and last.count("(") > last.count(")"):
            out[-1] = placed(Text, f"{last}, {item}", last.file, last.at)
        else:
            out.append(item)
    return out


# --------------------------------------------------------------------------- CSV

_LIST_COLUMNS = frozenset(
    ("needs", "in", "tags", "for", "copies", "helps", "people", "requires", "excludes", "strikes", "of",
     "without", "unless", "any", "all")
)  # fmt: skip


def _cells(text: str, file: str, problems: list[Problem], separator: str) -> Iterator[list[Text]]:
    """The records of a CSV text, every cell with its place; empty lines are left out."""
    line, begin, size = 1, 0, len(text)
    while begin < size:
        end = text.find("\n", begin)
        end = size if end < 0 else end
        if text.find('"', begin, end) < 0:
            row, column = [], 1
            for cell in text[begin:end].split(separator):
                row.append(_cell(cell, file, line, column))
                column += len(cell) + 1
            next_line = line + 1
        else:
            row, end, next_line = _quoted_record(text, begin, file, line, problems, separator)
        if any(row):
            yield row
        begin, line = end + 1, next_line


def _cell(text: str, file: str, line: int, column: int) -> Text:
    lead = len(text) - len(text.lstrip())
    content = text.strip()
    if not content.isascii():
        content = unicodedata.normalize("NFC", content)
    return placed(Text, content, file, pack(line, column + lead))


def _quoted_record(
    text: str, begin: int, file: str, line: int, problems: list[Problem], separator: str
) -> tuple[list[Text], int, int]:
    """One record with quoted cells; gives it, the place of its end, and the line that follows."""
    row: list[Text] = []
    position, line_begin, size = begin, begin, len(text)
    while True:
        start_line, column = line, position - line_begin + 1
        if text.startswith('"', position):
            parts, position = [], position + 1
            while True:
                close = text.find('"', position)
                if close < 0:
                    problems.append(Problem("csv-quote", Where(file, start_line, column)))
                    return row, size, line + 1
                parts.append(text[position:close])
                position = close + 1
                if not text.startswith('"', position):
                    break
                parts.append('"')
                position += 1
            content = "".join(parts)
            breaks = content.count("\n")
            if breaks:
                line += breaks
                line_begin = text.rfind("\n", 0, position) + 1
            row.append(_cell(content, file, start_line, column))
        else:
            end = min((at for at in (text.find(separator, position), text.find("\n", position)) if at >= 0),
                      default=size)  # fmt: skip
            row.append(_cell(text[position:end], file, line, column))
            position = end
        if position >= size or text[position] == "\n":
            return row, position, line + 1
        if text[position] != separator:
            problems.append(Problem("csv-quote", Where(file, line, position - line_begin + 1)))
            end = text.find("\n", position)
            return row, (size if end < 0 else end), line + 1
        position += 1


def _csv_sections(text: str, file: str, section: str | None, problems: list[Problem]) -> Map:
    """A table as sections of the model: a column `id`, perhaps `section`, and one column for each field."""
    root: Map = placed(Map, {}, file, pack(1, 1))
    records = _cells(text, file, problems, "\t" if file.lower().endswith(".tsv") else ",")
    header = next(records, None)
    if header is None:
        return root
    names = [str(cell) for cell in header]
    for cell in header:
        if not cell or names.count(cell) > 1:
            problems.append(Problem("csv-header", cell.where, "", {"name": str(cell)}))
    if "id" not in names:
        problems.append(Problem("csv-no-id", header[0].where, "", {"columns": ", ".join(names)}))
        return root
    if section is None and "section" not in names:
        problems.append(Problem("csv-no-section", header[0].where, "", {"columns": ", ".join(names)}))
        return root
    columns = [tuple(name.split(".")) for name in names]
    firsts: dict[str, Text] = {}  # where each name stood first
    for row in records:
        _csv_row(row, header, columns, root, section, firsts, problems)
    return root


def _csv_rows(text: str, file: str, problems: list[Problem]) -> list[Map]:
    """A table as a list of rows: columns by their names, empty cells left out."""
    records = _cells(text, file, problems, "\t" if file.lower().endswith(".tsv") else ",")
    header = next(records, [])
    names = [str(cell) for cell in header]
    for cell in header:
        if not cell or names.count(cell) > 1:
            problems.append(Problem("csv-header", cell.where, "", {"name": str(cell)}))
    rows = []
    for row in records:
        if len(row) > len(header):
            values = {"cells": len(row), "columns": len(header)}
            problems.append(Problem("csv-cells", row[len(header)].where, "", values))
        else:
            cells = {key: cell for key, cell in zip(header, row, strict=False) if cell}
            rows.append(placed(Map, cells, row[0].file, row[0].at))
    return rows


def _csv_row(
    row: list[Text], header: list[Text], columns: list[tuple[str, ...]], root: Map, section: str | None,
    firsts: dict[str, Text], problems: list[Problem],
) -> None:  # fmt: skip
    if len(row) > len(columns):
        extra = row[len(columns)]
        problems.append(Problem("csv-cells", extra.where, "", {"cells": len(row), "columns": len(columns)}))
        return
    entry: Map = placed(Map, {}, row[0].file, row[0].at)
    name, place = None, placed(Text, section, row[0].file, row[0].at) if section else None
    for cell, key, path in zip(row, header, columns, strict=False):
        if not cell:
            continue
        if path == ("id",):
            name = cell
        elif path == ("section",) and section is None:
            place = cell
        elif not _put(entry, path, cell):
            problems.append(Problem("csv-header", key.where, "", {"name": str(key)}))
    if name is None or place is None:
        problems.append(Problem("csv-row-no-id", row[0].where))
        return
    inside = root.setdefault(place, placed(Map, {}, place.file, place.at))
    first = firsts.setdefault(f"{place}.{name}", name)
    if first is not name:
        values = {"name": str(name), "first": str(first.where)}
        problems.append(Problem("duplicate-name", name.where, f"{place}.{name}", values))
        return
    inside[name] = entry


def _put(entry: Map, path: tuple[str, ...], cell: Text) -> bool:
    """Store a cell under a dotted path; False when two columns contradict each other."""
    place = entry
    for key in path[:-1]:
        place = place.setdefault(placed(Text, key, cell.file, cell.at), placed(Map, {}, cell.file, cell.at))
        if not isinstance(place, Map):
            return False
    if path[-1] in place:
        return False
    value: Any = cell
    if path[-1] in _LIST_COLUMNS and ";" in cell:
        value = placed(Seq, [], cell.file, cell.at)
        column = 0
        for part in cell.split(";"):
            if part.strip():
                value.append(_cell(part, cell.file, cell.line, cell.column + column))
            column += len(part) + 1
    place[placed(Text, path[-1], cell.file, cell.at)] = value
    return True


# --------------------------------------------------------------------------- files and includes


@dataclass
class _Files:
    """Reads the files of one model."""

    folder: Path | None  # nothing outside it is ever read
    shown: str  # the folder as the user named it
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    bytes_read: int = 0

    def problem(self, code: str, where: Where | None, path: str = "", **values: Any) -> None:
        self.problems.append(Problem(code, where, path, values))

    def text(self, path: Path, shown: str, where: Where | None) -> str | None:
        """The text of a file, its line ends made `\\n`; None with a problem when it cannot be had."""
        try:
            if not path.is_file():
                code = "file-missing" if not path.exists() else "file-not-regular"
                self.problem(code, where, file=shown)
                return None
            size = path.stat().st_size
            if self.bytes_read + size > MOST_BYTES:
                self.problem("file-too-large", where, file=shown, most=MOST_BYTES >> 20)
                return None
            data = path.read_bytes()
        except (OSError, ValueError) as error:
            self.problem(
                "file-unreadable", where, file=shown, reason=getattr(error, "strerror", "") or str(error)
            )
            return None
        self.bytes_read += len(data)
        return self.decoded(data, shown)

    def decoded(self, data: bytes, shown: str) -> str | None:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self.problem("file-encoding", Where(shown, 1, 1), file=shown)
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            begin = data.rfind(b"\n", 0, error.start) + 1
            column = len(data[begin : error.start].decode("utf-8", "replace")) + 1
            self.problem("file-encoding", Where(shown, line, column), file=shown)
            return None
        text = same_line_ends(text)
        self.sources[shown] = text
        return text

    def merged(self, text: str, file: str, folder: Path | None, above: tuple[Path, ...]) -> Map | None:
        """The mapping of a YAML text with all that it includes."""
        self.sources[file] = text
        root = _Yaml(text, file, self.problems).read()
        if root is None:
            if not any(problem.where and problem.where.file == file for problem in self.problems):
                self.problem("file-empty", Where(file, 1, 1), file=file)
            return None
        if not isinstance(root, Map):
            self.problem("root-not-mapping", root.where)
            return None
        for key in [key for key, value in root.items() if isinstance(value, Map) and "include" in value]:
            section = Map(root[key])
            section.file, section.line, section.column = root[key].where
            root[key] = section
            for name in self._included(section):
                table = self._one(name, folder, above, str(key))
                if table is not None:
                    self._merge_section(section, table, str(key))
        for name in self._included(root):
            other = self._one(name, folder, above, None)
            if other is not None:
                self._merge(root, other)
        if isinstance(root.get("history"), (Text, Seq)):
            key = next(one for one in root if one == "history")
            root[key] = self._history(root["history"], folder)
        return root

    def _history(self, value: Text | Seq, folder: Path | None) -> Seq:
        """The rows of a history: tables that are named are read, rows that stand there stay."""
        rows: Seq = placed(Seq, [], value.file, value.at)
        for item in value if isinstance(value, Seq) else [value]:
            found = self._inside(item, folder) if isinstance(item, Text) else None
            if not isinstance(item, Text):
                rows.append(item)
            elif found is not None:
                rows += self.table(*found, item.where)
        return rows

    def table(self, path: Path, shown: str, where: Where | None) -> list[Map]:
        """The rows of a CSV table, column by column."""
        text = self.text(path, shown, where)
        return [] if text is None else _csv_rows(text, shown, self.problems)

    def _included(self, node: Map) -> list[Text]:
        value = node.pop("include", None)
        names = value if isinstance(value, Seq) else [value]
        for name in names:
            if name is not None and not isinstance(name, Text):
                self.problem("include-not-name", name.where)
        return [name for name in names if isinstance(name, Text)]

    def _one(
        self, name: Text, folder: Path | None, above: tuple[Path, ...], section: str | None
    ) -> Map | None:
        """One included file as a mapping of sections, or of the entries of `section`."""
        found = self._inside(name, folder)
        if found is None:
            return None
        path, shown = found
        if path in above:
            self.problem("include-loop", name.where, name=str(name))
            return None
        if len(self.sources) >= MOST_FILES:
            self.problem("include-too-many", name.where, most=MOST_FILES)
            return None
        text = self.text(path, shown, name.where)
        if text is None:
            return None
        if path.suffix.lower() in (".csv", ".tsv"):
            table = _csv_sections(text, shown, section, self.problems)
            return table.get(section, placed(Map, {}, shown, pack(1, 1))) if section else table
        return self.merged(text, shown, path.parent, (*above, path))

    def _inside(self, name: Text, folder: Path | None) -> tuple[Path, str] | None:
        """A named file inside the model's folder, and its name in messages; None with a problem."""
        if folder is None or self.folder is None:
            self.problem("include-no-folder", name.where, name=str(name))
            return None
        try:
            path = (folder / str(name)).resolve()
        except (OSError, ValueError, RuntimeError):
            self.problem("file-missing", name.where, file=str(name))
            return None
        if os.path.isabs(name) or not path.is_relative_to(self.folder):
            self.problem("include-outside", name.where, name=str(name))
            return None
        return path, os.path.join(self.shown, path.relative_to(self.folder))

    def _merge(self, root: Map, other: Map) -> None:
        for key, value in other.items():
            if root.get(key) is None:
                root[key] = value
            elif isinstance(root[key], Map) and isinstance(value, Map):
                self._merge_section(root[key], value, str(key))
            elif root[key] != value:
                first = next(one for one in root if one == key)
                self.problem("duplicate-key", key.where, str(key), name=str(key), first=str(first.where))

    def _merge_section(self, section: Map, other: Map, key: str) -> None:
        declared = dict(zip(section, section, strict=True))
        for name, value in other.items():
            if name in declared:
                first = str(declared[name].where)
                self.problem("duplicate-name", name.where, f"{key}.{name}", name=str(name), first=first)
            else:
                section[name] = value


def same_line_ends(text: str) -> str:
    """Every line end that YAML knows as `\\n`, so that lines are counted as YAML counts them."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() else re.sub("[\x85\u2028\u2029]", "\n", text)


def read_file(path: str | os.PathLike[str], history: str | os.PathLike[str] | None = None) -> Document:
    """The tree of the model in the file at `path`, includes merged in.

    `history` is a table of the firm's own history that the caller chose, from any folder.

    Raises
    ------
    ModelError
        The file or an included one cannot be read, with every problem found.
    """
    shown = os.fspath(path)
    real = Path(path).resolve()
    reader = _Files(real.parent, os.path.dirname(shown))
    text = reader.text(real, shown, None)
    root = reader.merged(text, shown, real.parent, (real,)) if text is not None else None
    if root is not None and history is not None:
        rows = reader.table(Path(history), os.fspath(history), None)
        before = root.get("history")
        root[placed(Text, "history", shown, pack(1, 1))] = placed(
            Seq, [*(before if isinstance(before, Seq) else ()), *rows], os.fspath(history), pack(1, 1)
        )
    return _finished(root, reader)


def read_table(path: Path, name: str, sources: dict[str, str]) -> tuple[list[Map], list[Problem]]:
    """The rows of a CSV table beside a file, and what is wrong with it; `sources` takes its text under `name`."""
    reader = _Files(None, "", sources=sources)
    return reader.table(path, name, None), reader.problems


def read_text(text: str, name: str) -> Document:
    """The tree of a model given as text; it cannot include files.

    Raises
    ------
    ModelError
        As `read_file`.
    """
    reader = _Files(None, "")
    if len(text) > MOST_BYTES:
        reader.problem("file-too-large", None, file=name, most=MOST_BYTES >> 20)
        return _finished(None, reader)
    return _finished(reader.merged(same_line_ends(text.removeprefix("\ufeff")), name, None, ()), reader)


def _finished(root: Map | None, reader: _Files) -> Document:
    if reader.problems or root is None:
        raise ModelError(reader.problems, reader.sources)
    return document(root, root.file, root.at, reader.sources)


# --------------------------------------------------------------------------- patches

# a short spelling and the mapping it stands for: a patch of the mapping must not lose what was said
_SHORT = {
    "start": "takes",
    "repair": "takes",
    "loss": "rate",
    "surge": "by",
    "standby": "for",
    "costs": "once",
    "tolerance": "rto",
    "lasts": "cleared",
}


def patched(target: Any, patch: Any) -> Any:
    """`target` after a JSON merge patch (RFC 7396): null removes, mappings merge, all else replaces.

    Neither argument is changed. A short spelling (`start: 20 min`) is first written out
    (`start: {takes: 20 min}`) when the patch speaks of its fields.
    """
    if not isinstance(patch, Map):
        return patch
    merged: Map = placed(Map, target if isinstance(target, Map) else {}, patch.file, patch.at)
    if isinstance(target, Map):
        merged.file, merged.line, merged.column = target.where
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
            continue
        before = merged.get(key)
        table = isinstance(value, Map) and any(
            name[:1].isdigit() for name in value
        )  # of losses: replaces a rate
        if key in _SHORT and isinstance(value, Map) and not table and isinstance(before, (Text, Seq)):
            name = placed(Text, _SHORT[key], before.file, before.at)
            before = placed(Map, {name: before}, before.file, before.at)
        merged[key] = patched(before, value)
    return merged


# --------------------------------------------------------------------------- tree to YAML

_PLAIN = re.compile(r"[^\W_](?:[\w./@×%₩$€£+~–-]|[ ](?=[^#\s])|,(?=\d)|[():=](?=\S)|\)$)*")


def _scalar(text: str) -> str:
    """A scalar in YAML: plain where nobody could read it otherwise, else in double quotes."""
    if text not in _NULLS and _PLAIN.fullmatch(text) and "," not in text:
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(ch if ch.isprintable() else f"\\U{ord(ch):08x}" for ch in quoted)


def to_yaml(node: Any) -> str:
    """YAML text whose tree is `node`."""
    lines: list[str] = []
    _emit(node, "", lines.append)
    return "\n".join(lines) + "\n"


def _emit(node: Any, indent: str, write: Callable[[str], None]) -> None:
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        lead = f"{indent}{_scalar(str(key))}:" if isinstance(node, dict) else f"{indent}-"
        if isinstance(value, (dict, list)) and value:
            write(lead)
            _emit(value, indent + "  ", write)
        else:
            empty = "{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else None
            write(f"{lead} {empty or ('null' if value is None else _scalar(value))}")
