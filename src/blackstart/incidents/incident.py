"""The record of an incident: what was seen, when, by which role, from what source; who was warned, who decided; what it cost.

Written by hand (`incident.yaml`, long lists as CSV), or line by line while it happens (`journal`). Reports that contradict each
other stay side by side under one `matter`; nothing is merged, and what is corrected stays to be seen. The record speaks of roles,
never of persons. What its words mean: docs/how-to/record-an-incident.md.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from blackstart import units
from blackstart.errors import ModelError, Problem
from blackstart.incidents import clocks, journal
from blackstart.incidents.moments import Span, read_moment, read_zone
from blackstart.language import load
from blackstart.language.beside import Beside, hours
from blackstart.language.fields import read_flag
from blackstart.language.model import Model
from blackstart.language.tree import Map, Seq, Text, pack, placed
from blackstart.language.tree.files import read_file, read_table
from blackstart.nearest import Nearest
from blackstart.text import LANGUAGES

VERSION = "1"
FILE = "incident.yaml"
MOST_WITHIN_H = 8760.0
LATE_H = 2 / 60  # a report may come so long after what it tells, unless the record says otherwise; the how-to says so
NOTED_TO_H = 1 / 60  # people note times to the minute
CONFIDENCE = 0.95  # of a report that says nothing about it; the how-to says so
MOST_TIMES = 100.0  # a team cannot be said to have had more than so many times its people

# an event, and what it is of: each word is a stem of what people say
EVENTS = ("fell", "came-back", "broke", "began", "ended", "worked", "failed", "arrived", "called")
PEOPLE = ("warned", "decided", "declined", "drilled", "promised", "ordered", "told")
# what a source is: an authority, a party to it, the press, a private person, a copy of something not seen, or of unknown origin
GRADES = ("official", "operator", "press", "personal", "copy", "unknown")
UNITS = ("money", "users", "user-hours", "claims", "records", "share")
STATES = {"down": 0.0, "up": 1.0}
EVERYTHING = "all"  # names every service

_RECORD = (
    "incident", "title", "model", "with", "zone", "began", "ended", "hit", "fails", "works", "missing", "late", "watch", "firm", "roles",
    "sources", "matters", "log", "table", "observations", "people", "losses",
)  # fmt: skip
_SEEN = ("id", "at", "within", "what", "did", "partly", "is", "lasted", "text", "by", "source", "confidence", "matter", "corrects")
_PERSON = ("id", "at", "within", "did", "by", "to", "about", "text", "on", "known", "source", "confidence", "matter")
_LOSS = ("id", "at", "what", "amount", "unit", "text", "by", "source", "confidence", "matter")
_HEADER = ("title", "model", "with", "zone", "began", "ended", "hit", "fails", "works", "missing", "late")
_LOGGED = {"observation": _SEEN, "person": _PERSON, "loss": _LOSS, "header": _HEADER}
Label = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Observation:
    """One report of what was seen.

    Attributes
    ----------
    at : (float, float) or None
        Earliest and latest, hours since 1970 (UTC).
    what : str
        Name in the model; empty where the report is only words.
    did : str or None
        One of EVENTS: what happened at that time.
    level : float or None
        The state at that time: 0 is down, 1 is up.
    lasted_h : (float, float) or None
        A claim about a length.
    corrects : str
        The report that this one takes the place of; both are kept.
    partly : bool
        Of an event or a state: not all of it fell, came back, is down or is up.
    """

    id: str
    at: Span | None
    what: str
    did: str | None
    level: float | None
    lasted_h: Span | None
    text: Label
    by: str
    sources: tuple[str, ...]
    confidence: float
    matter: str
    corrects: str = ""
    recorded: str = ""
    node: Any = None
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, by role, warned or decided: on what numbers, and what was known then."""

    id: str
    at: Span | None
    did: str
    by: str
    to: str
    about: tuple[str, ...]
    text: Label
    on: Label
    known: Label
    sources: tuple[str, ...]
    confidence: float
    recorded: str = ""
    node: Any = None
    matter: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """A claim about what was lost: between two amounts of a unit."""

    id: str
    at: Span | None
    what: str
    amount: Span
    unit: str
    currency: str | None
    text: Label
    by: str
    sources: tuple[str, ...]
    confidence: float
    matter: str
    recorded: str = ""
    node: Any = None


class Source(NamedTuple):
    """A source of the record: its words, its address or "", and how far it may be trusted, one of GRADES or ""."""

    words: Label
    url: str
    grade: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that was not there that day: a defence, or (with `times`) people of a team, who could have been so many times as many."""

    name: str
    times: float = 1.0
    node: Any = None


@dataclass(frozen=True, slots=True)
class Record:
    """One incident as it was recorded.

    Attributes
    ----------
    began, ended : float or None
        Hours since 1970 (UTC); zero on the record's clock is `began`.
    hits, fails, works, defences
        What is known of the day, in the words of a rehearsal.
    missing : tuple of Absent
        What could have stood and did not.
    firm : mapping
        Facts about the firm on which it depends which regulations cover it (`clocks.FACTS`).
    matters : mapping
        How the matters of reports are called.
    log : Path or None
        The journal that goes on with the record.
    late_h : float
        How long after what it tells a report may come.
    spoilt : tuple of (str, int, str)
        Lines of a journal that were changed after they had been acknowledged: file, line, why.
    torn : tuple of (str, bytes)
        What a crash left half-written in a journal.
    """

    file: str
    title: Label
    model: Path | None
    defences: tuple[str, ...]
    zone: datetime.timezone
    began: float | None
    ended: float | None
    hits: tuple[str, ...]
    fails: tuple[str, ...]
    works: tuple[str, ...]
    missing: tuple[Absent, ...]
    watch: Map | None
    roles: Mapping[str, Label]
    sources: Mapping[str, Source]
    observations: tuple[Observation, ...]
    people: tuple[Person, ...]
    losses: tuple[Loss, ...]
    texts: Mapping[str, str]
    digest: str
    spoilt: tuple[tuple[str, int, str], ...] = ()
    torn: tuple[tuple[str, bytes], ...] = ()
    firm: Mapping[str, float] = field(default_factory=dict)
    matters: Mapping[str, Label] = field(default_factory=dict)
    log: Path | None = None
    late_h: float = LATE_H

    @property
    def zero(self) -> float:
        """Zero on the record's clock: when it began, or the first thing seen, or the first thing at all."""
        if self.began is not None:
            return self.began
        known = [t for row in self.observations if row.at for t in row.at if math.isfinite(t)]
        return min(known, default=0.0)

    def clock(self, at: Span | None) -> Span | None:
        """Hours on the record's clock."""
        return None if at is None else (at[0] - self.zero, at[1] - self.zero)

    def standing(self) -> tuple[Observation, ...]:
        """Reports that no later one corrects."""
        corrected = {row.corrects for row in self.observations}
        return tuple(row for row in self.observations if row.id not in corrected)


# ----------------------------------------------------------------------------- reading


def find(path: Path) -> Path:
    """The record that a folder or a path names."""
    return path / FILE if path.is_dir() else path


def read(path: Path) -> Record:
    """The record in a file: `incident.yaml`, with the journal and the table that it names, or a journal alone.

    Raises
    ------
    ModelError
        With everything that is wrong in it.
    """
    file, log = find(path), None
    if file.suffix == journal.SUFFIX:
        reader, log = _Reader({}), file
        record = reader.record(Map(), file.parent, str(file), reader.journal(file, None))
    else:
        root = read_file(file)
        reader = _Reader(dict(root.sources))
        if root.get("incident") != VERSION:
            reader.problem("incident-version", root.get("incident") or root, "incident", version=VERSION)
        reader.keys(root, _RECORD, "")
        name = reader.text(root, "log", "")
        log = file.parent / name if name else None
        record = reader.record(root, file.parent, str(file), reader.journal(log, name) if log and log.exists() else [])
    if reader.problems:
        raise ModelError(reader.problems, reader.sources)
    return replace(record, log=log)


class _Reader(Beside):
    """Reads a record; what stands in a table or a journal counts as if it stood in the file itself."""

    area = "incident"

    def __init__(self, sources: dict[str, str]) -> None:
        super().__init__(sources)
        self.texts = sources
        self.zone: datetime.timezone | None = None
        self.began: float | None = None
        self.known: dict[str, Any] = {}
        self.numbers: dict[str, int] = {}
        self.spoilt: list[tuple[str, int, str]] = []
        self.torn: list[tuple[str, bytes]] = []
        self.roles: Mapping[str, Label] = {}
        self.of_sources: Mapping[str, Source] = {}

    def record(self, root: Map, folder: Path, file: str, logged: list[Map]) -> Record:
        for line in logged:
            if line.get("kind") == "header":
                root = placed(Map, {**root, **{k: line[k] for k in line if k in _HEADER}}, line.file, line.at)
        zone = self.value(root, "zone", "", read_zone)
        self.zone = zone
        began, ended = (self.value(root, key, "", lambda t: read_moment(t, self.zone)) for key in ("began", "ended"))
        self.began = began[0] if began and math.isfinite(began[0]) else None
        self.roles = {str(k): self.label(root["roles"], k) for k, _ in self.entries(root, "roles", "")}
        self.of_sources = {str(k): self.source(v, f"sources.{k}") for k, v in self.entries(root, "sources", "")}
        seen = [*self.rows(root, "observations", "observation", logged), *self.table(root, folder)]
        observations = tuple(self.observation(*row) for row in seen)
        people = tuple(self.person(*row) for row in self.rows(root, "people", "person", logged))
        losses = tuple(self.loss(*row) for row in self.rows(root, "losses", "loss", logged))
        for row in observations:
            if row.corrects and row.corrects not in self.known:
                self.problem("incident-corrects", row.node, row.id, Nearest(self.known).to(row.corrects), name=row.corrects)
        watch, model = root.get("watch"), self.text(root, "model", "")
        return Record(
            file, self.label(root, "title"), folder / model if model else None, self.names(root, "with", "") or (),
            zone or datetime.UTC, self.began, ended[1] if ended else None, self.names(root, "hit", "") or (),
            self.names(root, "fails", "") or (), self.names(root, "works", "") or (),
            tuple(self.absent(name) for name in self.names(root, "missing", "") or ()), watch if isinstance(watch, Map) else None,
            self.roles, self.of_sources, _in_time(observations), _in_time(people), losses, self.texts, _digest(self.texts),
            tuple(self.spoilt), tuple(self.torn), {str(k): self.fact(k, v) for k, v in self.entries(root, "firm", "")},
            {str(k): self.label(root["matters"], k) for k, _ in self.entries(root, "matters", "")}, None, self.late(root),
        )  # fmt: skip

    # -- where rows come from

    def rows(self, root: Map, key: str, kind: str, logged: list[Map]) -> Iterator[tuple[Map, str]]:
        found = root.get(key)
        if found is not None and not isinstance(found, Seq):
            self.problem("incident-list", found, key)
        for number, node in enumerate(found if isinstance(found, Seq) else ()):
            yield self.mapping(node, found, f"{key}.{number + 1}", _LOGGED[kind]), f"{key}.{number + 1}"
        for line in logged:
            if line.get("kind") == kind:
                yield line, f"{key}.{line.get('id')}"

    def table(self, root: Map, folder: Path) -> Iterator[tuple[Map, str]]:
        name = self.text(root, "table", "")
        if name is None:
            return
        rows, problems = read_table(folder / name, name, self.texts)
        self.problems += problems
        for number, row in enumerate(rows, start=1):
            self.keys(row, _SEEN, f"table.{number}")
            yield row, f"table.{number}"

    def journal(self, path: Path, name: Text | None) -> list[Map]:
        """The entries of a journal, each with its place."""
        file = str(path)
        try:
            found = journal.read(path)
        except OSError as trouble:
            self.problem("file-unreadable", name, "log", file=file, reason=trouble.strerror or str(trouble))
            return []
        self.texts[file] = found.text
        if not found.entries and (found.broken or not found.torn.startswith(journal.BEGIN[: len(found.torn)])):
            self.problem("incident-no-journal", name, "log", file=file)
            return []
        self.spoilt += [(file, b.line, b.why) for b in found.broken]
        self.torn += [(file, found.torn)] if found.torn else []
        return [line for at, entry in found.entries if (line := self.logged(entry, file, at)) is not None]

    def logged(self, entry: Mapping[str, Any], file: str, line: int) -> Map | None:
        node = _placed(entry, file, line)
        kind = node.get("kind")
        if kind not in _LOGGED:
            self.problem("incident-kind", node, f"line {line}", name=str(kind), known=", ".join(_LOGGED))
            return None
        node.setdefault("id", placed(Text, f"e{entry.get('n', line)}", file, node.at))
        self.keys(node, (*_LOGGED[kind], "kind", "recorded", "id", *journal.OWN_KEYS), f"line {line}")
        return node

    # -- rows

    def observation(self, node: Map, path: str) -> Observation:
        did = self.text(node, "did", path)
        if did is not None and did not in EVENTS:
            self.problem("incident-event", did, f"{path}.did", Nearest(EVENTS).to(did), name=did, known=", ".join(EVENTS))
        level = self.value(node, "is", path, _level)
        lasted = self.value(node, "lasted", path, _lengths)
        said = [key for key in ("did", "is", "lasted") if key in node]
        what = self.text(node, "what", path)
        if len(said) > 1:
            self.problem("incident-one-claim", node[said[1]], path, keys=", ".join(said))
        if said and what is None and said != ["lasted"]:
            self.problem("incident-of-what", node, path, key=said[0])
        if not said and "text" not in node:
            self.problem("incident-nothing", node, path)
        partly = self.value(node, "partly", path, read_flag) or False
        if partly and did not in ("fell", "came-back") and level not in STATES.values():
            self.problem("incident-partly", node["partly"], f"{path}.partly")
        at = self.at(node, path)
        if "at" not in node and said and said != ["lasted"]:
            self.problem("incident-missing", node, path, key="at")
        return Observation(
            self.id(node, path, "o"), at, what or "", str(did) if did else None, level, lasted, self.label(node, "text"),
            self.role(node, "by", path), self.cited(node, path), self.confidence(node, path), str(self.text(node, "matter", path) or ""),
            str(self.text(node, "corrects", path) or ""), str(node.get("recorded") or ""), node,
            partly,
        )  # fmt: skip

    def person(self, node: Map, path: str) -> Person:
        did = self.text(node, "did", path, required=True)
        if did is not None and did not in PEOPLE:
            self.problem("incident-deed", did, f"{path}.did", Nearest(PEOPLE).to(did), name=did, known=", ".join(PEOPLE))
        if "text" not in node:
            self.problem("incident-missing", node, path, key="text")
        return Person(
            self.id(node, path, "p"), self.at(node, path), str(did or PEOPLE[0]), self.role(node, "by", path), self.role(node, "to", path),
            self.names(node, "about", path) or (), self.label(node, "text"), self.label(node, "on"), self.label(node, "known"),
            self.cited(node, path), self.confidence(node, path), str(node.get("recorded") or ""), node,
            str(self.text(node, "matter", path) or ""),
        )  # fmt: skip

    def loss(self, node: Map, path: str) -> Loss:
        unit = str(self.text(node, "unit", path) or "money")
        if unit not in UNITS:
            self.problem("incident-unit", node["unit"], f"{path}.unit", Nearest(UNITS).to(unit), name=unit, known=", ".join(UNITS))
        found = self.value(node, "amount", path, lambda text: _amount(text, unit))
        if found is None and "amount" not in node:
            self.problem("incident-missing", node, path, key="amount")
        amount, currency = found or ((0.0, 0.0), None)
        return Loss(
            self.id(node, path, "l"), self.at(node, path), str(self.text(node, "what", path) or ""), amount, unit, currency,
            self.label(node, "text"), self.role(node, "by", path), self.cited(node, path), self.confidence(node, path),
            str(self.text(node, "matter", path) or ""), str(node.get("recorded") or ""), node,
        )  # fmt: skip

    # -- values

    def id(self, node: Map, path: str, letter: str) -> str:
        """Its own, or the next free number."""
        name = self.text(node, "id", path)
        while name is None and f"{letter}{self.numbers.setdefault(letter, 1)}" in self.known:
            self.numbers[letter] += 1
        found = str(name) if name is not None else f"{letter}{self.numbers[letter]}"
        if found in self.known:
            self.problem("incident-twice", name, path, name=found, first=str(getattr(self.known[found], "where", "")))
        self.known.setdefault(found, node)
        return found

    def at(self, node: Map, path: str) -> Span | None:
        at = self.value(node, "at", path, lambda text: read_moment(text, self.zone, self.began))
        within = self.value(node, "within", path, hours) or 0.0
        if within > MOST_WITHIN_H:
            self.problem("incident-time", node["within"], f"{path}.within", text=str(node["within"]))
            return None
        return None if at is None else (at[0] - within, at[1] + within)

    def late(self, root: Map) -> float:
        found = self.value(root, "late", "", hours)
        if found is not None and not 0.0 <= found <= MOST_WITHIN_H:
            self.problem("incident-time", root["late"], "late", text=str(root["late"]))
            return LATE_H
        return LATE_H if found is None else found

    def confidence(self, node: Map, path: str) -> float:
        found = self.value(node, "confidence", path, units.read_percent)
        if found is not None and not 0.0 < found <= 1.0:
            self.problem("incident-confidence", node["confidence"], f"{path}.confidence")
            return CONFIDENCE
        return CONFIDENCE if found is None else found

    def role(self, node: Map, key: str, path: str) -> str:
        """A role that the record names; any words where it names none."""
        name = self.text(node, key, path)
        if name is not None and self.roles and name not in self.roles:
            self.problem("incident-role", name, f"{path}.{key}", Nearest(self.roles).to(name), name=name)
        return str(name or "")

    def cited(self, node: Map, path: str) -> tuple[str, ...]:
        """Keys of the record's sources; several words are a source of their own."""
        found = [part for text in self.names(node, "source", path) or () for part in _parts(text)]
        for key in found:
            if self.of_sources and " " not in key and key not in self.of_sources:
                self.problem("incident-source", key, f"{path}.source", Nearest(self.of_sources).to(key), name=key)
        return tuple(str(key) for key in found)

    def source(self, node: Any, path: str) -> Source:
        """Its words, in one language or in both, its address, and how far it may be trusted."""
        if not isinstance(node, Map):
            return Source(str(node or ""), "", "")
        self.keys(node, ("text", "url", "grade", *LANGUAGES), path)
        grade = self.text(node, "grade", path)
        if grade is not None and grade not in GRADES:
            self.problem("incident-grade", grade, f"{path}.grade", Nearest(GRADES).to(grade), name=grade, known=", ".join(GRADES))
        words = {key: str(node[key]) for key in LANGUAGES if node.get(key)}
        return Source(words or str(node.get("text") or ""), str(node.get("url") or ""), str(grade or ""))

    def fact(self, name: Text, node: Any) -> float:
        found = clocks.fact(str(name), str(node))
        if isinstance(found, Problem):
            self.problem(found.code, name if found.nearest or found.code == "fact-unknown" else node, f"firm.{name}", found.nearest,
                         **found.values)  # fmt: skip
            return 0.0
        return found

    def absent(self, text: Text) -> Absent:
        """``tools-at-two-sites``, or ``infra x2``: a team that could have had twice its people."""
        name, _, times = text.rpartition(" ")
        if name and times[:1] in ("x", "×"):
            try:
                factor = units.read_factor(times)
            except units.BadValue as bad:
                self.problem(bad.code, text, "missing", **bad.values)
                return Absent(name, 1.0, text)
            if not 1.0 < factor <= MOST_TIMES:
                self.problem("incident-times", text, "missing", name=name, most=f"{MOST_TIMES:.0f}")
            return Absent(name.strip(), factor, text)
        return Absent(str(text), 1.0, text)


def _parts(text: Text) -> list[Text]:
    """``k1, k8`` as two; what has other spaces is one."""
    parts = [part.strip() for part in text.split(",")]
    if any(" " in part for part in parts):
        return [text]
    return [placed(Text, part, text.file, text.at) for part in parts if part]


def _placed(value: Any, file: str, line: int) -> Any:
    """A value of a journal as a tree, every part at the begin of its line."""
    at = pack(line, 1)
    if isinstance(value, Mapping):
        return placed(Map, {placed(Text, str(k), file, at): _placed(v, file, line) for k, v in value.items()}, file, at)
    if isinstance(value, list):
        return placed(Seq, [_placed(v, file, line) for v in value], file, at)
    return None if value is None else placed(Text, str(value), file, at)


def _level(text: str) -> float:
    return STATES[text] if text in STATES else units.read_percent(text)


def _lengths(text: str) -> Span:
    low, dots, high = text.partition("..")
    first = hours(low.strip())
    last = hours(high.strip()) if high.strip() else math.inf if dots else first
    if last < first:
        raise units.BadValue("incident-backwards", text=text)
    return first, last


def _amount(text: str, unit: str) -> tuple[Span, str | None]:
    """``15bn KRW..22bn KRW``, ``105,116``: lowest and highest, and the currency of money."""
    low, dots, high = text.partition("..")
    if unit == "money":
        first = units.read_money(low.strip())
        last = units.read_money(high.strip()) if high.strip() else first
        if (last.currency or first.currency) != first.currency:
            raise units.BadValue("incident-currencies", text=text)
        a, b, currency = first.dist.mean(), last.dist.mean(), first.currency or None
    else:
        one = units.read_percent if unit == "share" else units.read_number
        a, currency = one(low.strip()), None
        b = one(high.strip()) if high.strip() else a
    if dots and not high.strip():
        b = math.inf
    if b < a:
        raise units.BadValue("incident-backwards", text=text)
    return (a, b), currency


def _in_time(rows: Iterable[Any]) -> tuple[Any, ...]:
    """In order of time; what has none stays at the end, in the order in which it was written."""
    return tuple(sorted(rows, key=lambda row: min((t for t in row.at or () if math.isfinite(t)), default=math.inf)))


def _digest(texts: Mapping[str, str]) -> str:
    """Of everything that was read, wherever the files stand."""
    contents = sorted(hashlib.sha256(text.encode()).hexdigest() for text in texts.values())
    return hashlib.sha256("".join(contents).encode()).hexdigest()[: journal.DIGEST_LENGTH]


# ----------------------------------------------------------------------------- against a model


def noun_of(model: Model, name: str, did: str | None = None) -> str | None:
    """What a name of the record is in a model; None if the model does not have it."""
    sections = (
        ("hazard", model.hazards), ("barrier", model.barriers), ("component", model.components), ("domain", model.domains),
        ("team", model.teams), ("defence", model.defences),
    )  # fmt: skip
    order = {"worked": "barrier", "failed": "barrier", "began": "hazard", "ended": "hazard", "arrived": "team", "called": "team"}
    first = order.get(did or "", "component")
    for noun, rows in sorted(sections, key=lambda section: section[0] != first):
        if name in rows:
            return "service" if noun == "component" and model.components[name].is_service else noun
    return None


def checked(record: Record, model: Model) -> tuple[Problem, ...]:
    """Names in the record that the model does not have, and defences that cannot stand together."""
    near = Nearest([*model.components, *model.hazards, *model.barriers, *model.domains, *model.teams, *model.defences])
    problems: list[Problem] = []

    def unknown(node: Any, path: str, name: str, nearest: Nearest = near) -> None:
        problems.append(Problem("incident-unknown", getattr(node, "where", None), path, {"name": name}, nearest.to(name)))

    corrected = {row.corrects for row in record.observations}  # a journal's entry cannot be taken back, only corrected by a later one
    for row in record.standing():
        if row.what and row.what != EVERYTHING and noun_of(model, row.what, row.did) is None:
            unknown(row.node.get("what"), row.id, row.what)
    for person in record.people:
        for name in person.about if person.id not in corrected else ():
            if noun_of(model, name) is None:
                unknown(name, person.id, name)
    for loss in record.losses:
        if loss.id not in corrected and loss.what and loss.what != EVERYTHING and noun_of(model, loss.what) is None:
            unknown(loss.node.get("what"), loss.id, loss.what)
    for one in record.missing:
        known = model.teams if one.times > 1.0 else model.defences
        if one.name not in known:
            unknown(one.node, "missing", one.name, Nearest(known))
    chosen = {one.name for one in record.missing if one.times == 1.0}
    for one in record.missing:
        for other in model.defences[one.name].excludes if one.name in model.defences and one.times == 1.0 else ():
            if other in chosen and other > one.name:
                where = getattr(one.node, "where", None)
                problems.append(Problem("incident-excludes", where, "missing", {"name": one.name, "other": other}))
    return tuple(problems)


def prepared(model: Model, record: Record) -> Model:
    """The model with the services that the record adds to be measured.

    Raises
    ------
    ModelError
        The record names what the model does not have.
    """
    if record.watch is not None:
        section = placed(Text, "services", record.watch.file, record.watch.at)
        patch = placed(Map, {section: record.watch}, record.watch.file, record.watch.at)
        model = load.changed(model, [patch])
    problems = checked(record, model)
    if problems:
        raise ModelError(problems, record.texts)
    return model


# ----------------------------------------------------------------------------- while it happens


def entry(kind: str, values: Mapping[str, Any], recorded: str) -> dict[str, Any]:
    """A line of a journal, checked as a reader will check it.

    Parameters
    ----------
    kind : str
        ``observation``, ``person``, ``loss`` or ``header``.
    recorded : str
        The time at which it was entered, ISO 8601 with a zone.

    Raises
    ------
    ModelError
        A reader would refuse it.
    """
    line = {"kind": kind, "recorded": recorded, **{k: v for k, v in values.items() if v not in (None, "", ())}}
    text = json.dumps(line, ensure_ascii=False)
    reader = _Reader({"": text})
    node = reader.logged(line, "", 1)
    reader.zone = datetime.UTC if "zone" not in line else None
    reader.began = 0.0
    if node is not None and kind == "header":
        reader.record(Map(), Path(), "", [node])
    elif node is not None:
        {"observation": reader.observation, "person": reader.person, "loss": reader.loss}[kind](node, kind)
    if reader.problems:
        raise ModelError([replace(p, where=None) for p in reader.problems])
    return line
