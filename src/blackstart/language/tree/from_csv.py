"""One CSV or TSV text as a tree: sections of a model, or rows by the names of their columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from blackstart.errors import Problem, Where
from blackstart.language.tree import Map, Seq, Text, pack, placed

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


def sections(text: str, file: str, section: str | None, problems: list[Problem]) -> Map:
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
        _add(row, header, columns, root, section, firsts, problems)
    return root


def rows(text: str, file: str, problems: list[Problem]) -> list[Map]:
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


def _add(
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
