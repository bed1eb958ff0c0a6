"""The user's files as a tree in which every value remembers its place.

YAML and CSV become `Map`, `Seq` and `Text`. Scalars stay text: a field decides how to read its own, so
`no`, `010`, `1e-4` and `12:30` never change their meaning. Null is None. Reading is in `files`, which refuses
everything that could blow up memory or read outside the model's folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from blackstart.errors import Where

NULLS = frozenset(("", "~", "null", "Null", "NULL"))  # as YAML writes nothing
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
    """The merged top-level mapping of a model, the text of every file it was read from, and the changes merged into it since."""

    __slots__ = ("sources", "changes")
    sources: dict[str, str]
    changes: tuple[Any, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return document, (list(self.items()), self.file, self.at, self.sources, self.changes)


def placed(cls: type, content: Any, file: str, at: int) -> Any:
    """A node of class `cls` with its place."""
    node = cls(content)
    node.file, node.line, node.column = file, *unpack(at)
    return node


def document(content: Any, file: str, at: int, sources: dict[str, str], changes: tuple[Any, ...] = ()) -> Document:
    """A Document with its place, its sources and what was merged into it."""
    root: Document = placed(Document, content, file, at)
    root.sources, root.changes = sources, changes
    return root


def pack(line: int, column: int) -> int:
    """Line and column (from 1) as one int, the form of `at`."""
    return line << _LINE | column


def unpack(at: int) -> tuple[int, int]:
    """Line and column of `pack`."""
    return at >> _LINE, at & _MASK


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
ADDED = "+"  # behind a word of a change: add to the list there; no name has one
MEMBERS = ("all", "any", "of")  # a name alone where one of these is added to is a list of one
_OF_MAPPINGS = frozenset((*MEMBERS, "needs", "effects"))  # in these a mapping alone is a list of one too
_NO_MEMBER = frozenset(("tag", "each"))  # mappings that stand for a list which the model makes


def added_to(key: str) -> str | None:
    """The word of the list that a key of a change adds to (`any+`), or None."""
    return key.removesuffix(ADDED) if key.endswith(ADDED) else None


def patched(target: Any, patch: Any) -> Any:
    """`target` after a JSON merge patch (RFC 7396): null removes, mappings merge, all else replaces.

    Beyond the RFC, `any+: b` adds to the list under `any` what it does not hold yet; so patches that add to one list come to the same
    set in any order. Where no list can be, the word is left as it is: whoever reads it tells.

    Neither argument is changed. A short spelling (`start: 20 min`) is first written out
    (`start: {takes: 20 min}`) when the patch speaks of its fields.
    """
    if not isinstance(patch, Map):
        return patch
    merged: Map = placed(Map, target if isinstance(target, Map) else {}, patch.file, patch.at)
    if isinstance(target, Map):
        merged.file, merged.line, merged.column = target.where
    for key, value in patch.items():
        word = added_to(key)
        if word is not None:
            _add(merged, placed(Text, word, key.file, key.at), key, value)
            continue
        if value is None:
            merged.pop(key, None)
            continue
        before = _as_members(merged.get(key), value)
        table = isinstance(value, Map) and any(
            name[:1].isdigit() for name in value
        )  # of losses: replaces a rate
        if key in _SHORT and isinstance(value, Map) and not table and isinstance(before, (Text, Seq)):
            name = placed(Text, _SHORT[key], before.file, before.at)
            before = placed(Map, {name: before}, before.file, before.at)
        merged[key] = patched(before, value)
    return merged


def _add(target: Map, word: Text, key: Text, value: Any) -> None:
    """Add to the list under a word of a mapping; where that cannot be, the key itself is put in."""
    before, more = _listed(word, target.get(word)), _listed(word, value)
    if before is None or not more or (word in MEMBERS and word not in target and target):
        target[key] = value
    else:
        at = target.get(word) or value
        target[word] = placed(Seq, before + [one for k, one in enumerate(more) if one not in before + more[:k]], at.file, at.at)


def _listed(word: str, value: Any) -> list[Any] | None:
    """What stands under a word as a list: nothing is an empty one, something alone a list of one; None if it is none."""
    if isinstance(value, Map):
        return [value] if word in _OF_MAPPINGS and not _NO_MEMBER.intersection(value) else None
    return list(value) if isinstance(value, Seq) else [] if value is None else [value]


def _as_members(before: Any, patch: Any) -> Any:
    """A name, or a list of all, written out as what a patch adds members to: `needs: a` with `any+: b` is any of a and b."""
    word = next((w for w in MEMBERS if w + ADDED in patch), None) if isinstance(patch, Map) else None
    if word is None or not isinstance(before, (Text, Seq)):
        return before
    op = "all" if isinstance(before, Seq) and len(before) > 1 else word  # all of several are needed: no `any` to add to
    return placed(Map, {placed(Text, op, before.file, before.at): before}, before.file, before.at)


# --------------------------------------------------------------------------- tree to YAML

_PLAIN = re.compile(r"[^\W_](?:[\w./@×%₩$€£+~–-]|[ ](?=[^#\s])|,(?=\d)|[():=](?=\S)|\)$)*")


def _scalar(text: str) -> str:
    """A scalar in YAML: plain where nobody could read it otherwise, else in double quotes."""
    if text not in NULLS and _PLAIN.fullmatch(text) and "," not in text:
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
