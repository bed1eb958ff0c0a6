"""A record that is kept while an incident lasts: one line for each entry, only ever appended, on the disk before it is acknowledged.

Each line is a JSON object and says its number `n` and `after`, the digest of the line before it: an entry that was removed or
changed is found, as soon as another stands behind it. For the newest nothing in the file vouches: its digest is given when it is
acknowledged, so that whoever notes it elsewhere can show that it, and with it all before it, is unchanged.

What a crash left half-written is set aside in ``FILE.torn`` when the next entry is appended; until then readers leave it out and
say so. Nothing that was acknowledged is ever rewritten.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

BEGIN = b'{"n": '  # of every line
SUFFIX = ".jsonl"
TORN = ".torn"
DIGEST_LENGTH = 16  # hex digits of SHA-256
MOST_BYTES = 64 * 2**20
OWN_KEYS = ("n", "after")
_PIECE = 65536


class TooLong(ValueError):
    """The journal would pass its limit."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A line that is not what was once acknowledged: `why` is ``number``, ``digest`` or ``unreadable``."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What stands in a journal.

    Attributes
    ----------
    entries : tuple of (int, dict)
        Line number and entry, in the order in which they were acknowledged.
    broken : tuple of Broken
        Lines that were changed, removed or spoilt after they had been acknowledged.
    torn : bytes
        What stands after the last whole line: never acknowledged.
    """

    text: str
    entries: tuple[tuple[int, dict[str, Any]], ...]
    broken: tuple[Broken, ...]
    torn: bytes


class Acknowledged(NamedTuple):
    """The number of an entry and the digest of its line, which the next line repeats."""

    number: int
    digest: str


def append(path: Path, entry: Mapping[str, Any]) -> Acknowledged:
    """Appends one entry, and gives its number and digest once it is on the disk.

    Several may write at the same time: they wait for each other.

    Raises
    ------
    OSError
        It could not be written; then it is not acknowledged.
    TooLong
        The journal is full.
    ValueError
        The entry says its own number or what it stands behind.
    """
    if not entry.keys().isdisjoint(OWN_KEYS):
        raise ValueError(f"an entry does not say {' or '.join(OWN_KEYS)}")
    new = not path.exists()
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        end = os.fstat(file).st_size
        last, whole = _last_line(file, end)
        if whole < end:
            _set_aside(path, file, whole, end)
        number, after = (_entry(last) or {}).get("n"), digest(last) if last else ""
        number = number + 1 if isinstance(number, int) else _lines(file, whole) + 1
        line = json.dumps({"n": number, "after": after, **entry}, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        if whole + len(line) > MOST_BYTES:
            raise TooLong(str(path))
        _write(file, line, whole)
        os.fsync(file)
        if new:
            _sync_folder(path.parent)
        return Acknowledged(number, digest(line[:-1]))
    finally:
        os.close(file)


def read(path: Path) -> Lines:
    """Every entry of a journal, what was spoilt in it, and what is left of one that was never acknowledged."""
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    entries, broken = [], []
    number, after = 1, ""
    text = data[:whole].decode("utf-8", "replace")
    for at, line in enumerate(data[:whole].split(b"\n")[:-1], start=1):
        entry = _entry(line)
        if entry is None:
            broken.append(Broken(at, "unreadable"))
        else:
            if entry.get("n") != number:
                broken.append(Broken(at, "number"))
            elif entry.get("after") != after:
                broken.append(Broken(at, "digest"))
            entries.append((at, entry))
            number = entry["n"] if isinstance(entry.get("n"), int) else number
        number, after = number + 1, digest(line)
    return Lines(text, tuple(entries), tuple(broken), data[whole:])


def digest(line: bytes) -> str:
    """The digest of a line, without its end."""
    return hashlib.sha256(line).hexdigest()[:DIGEST_LENGTH]


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _last_line(file: int, end: int) -> tuple[bytes, int]:
    """The last whole line (empty if there is none), and where it ends."""
    data, begin = b"", end
    while begin > 0:
        size = min(_PIECE, begin)
        begin -= size
        data = os.pread(file, size, begin) + data
        last = data.rfind(b"\n")
        if last >= 0 and (begin == 0 or data.rfind(b"\n", 0, last) >= 0):
            return data[data.rfind(b"\n", 0, last) + 1 : last], begin + last + 1
    return b"", 0


def _lines(file: int, end: int) -> int:
    """How many whole lines there are."""
    return sum(os.pread(file, min(_PIECE, end - begin), begin).count(b"\n") for begin in range(0, end, _PIECE))


def _set_aside(path: Path, file: int, whole: int, end: int) -> None:
    """Copies what a crash left behind before it is cut off: a crash in between keeps it twice, never not at all."""
    torn = os.open(f"{path}{TORN}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        _write(torn, os.pread(file, end - whole, whole) + b"\n", None)
        os.fsync(torn)
    finally:
        os.close(torn)
    os.ftruncate(file, whole)
    os.fsync(file)


def _write(file: int, data: bytes, at: int | None) -> None:
    done = 0
    while done < len(data):
        rest = data[done:]
        done += os.write(file, rest) if at is None else os.pwrite(file, rest, at + done)


def _sync_folder(folder: Path) -> None:
    """The name of a new file is on the disk only when its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
