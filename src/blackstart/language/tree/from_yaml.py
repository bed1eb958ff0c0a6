"""One YAML text as a tree: libyaml's events with their marks; aliases that multiply and deep nesting are refused."""

from __future__ import annotations

import re
import unicodedata
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

from blackstart.errors import Problem, Where
from blackstart.language.tree import NULLS, Map, Seq, Text, pack, placed, unpack

try:
    from yaml.cyaml import CParser as _Parser
except ImportError:  # PyYAML without libyaml: slower, same events
    from yaml import Loader as _Parser  # type: ignore[assignment]

MOST_SCALAR = 10**6
MOST_DEPTH = 64
MOST_FROM_ALIASES = 10**6  # nodes that aliases may add
_new_tuple = tuple.__new__

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


class Yaml:
    """Builds the tree of one YAML text from libyaml's events."""

    def __init__(self, text: str, file: str, problems: list[Problem]) -> None:
        self.text, self.file, self.problems = text, file, problems
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.from_aliases = 0

    def problem(self, code: str, at: int, **values: Any) -> None:
        self.problems.append(Problem(code, Where(self.file, *unpack(at)), "", values))

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
        begun = error.context_mark
        if code == "yaml-bracket" and begun and begun.line + 1 < line:  # noticed lines behind the bracket that nobody closed
            line, column = begun.line + 1, begun.column + 1
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
                if value in NULLS and event.implicit[0]:
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
