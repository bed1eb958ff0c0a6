"""Files, and what they include, as one tree: nothing outside the model's folder is read, and no more than the limits."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blackstart.errors import ModelError, Problem, Where
from blackstart.language.tree import Document, Map, Seq, Text, document, from_csv, pack, placed
from blackstart.language.tree.from_yaml import Yaml

MOST_BYTES = 64 * 2**20  # all files of a model together
MOST_FILES = 1000


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
            if b"\0" in data[: 1 << 13]:
                self.problem("file-not-text", Where(shown, 1, 1), file=shown)
                return None
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
        root = Yaml(text, file, self.problems).read()
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
        return [] if text is None else from_csv.rows(text, shown, self.problems)

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
            table = from_csv.sections(text, shown, section, self.problems)
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
