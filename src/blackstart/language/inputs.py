"""Every number of a model, with its place: what can be asked about, and what can be tried with another value.

An input is found by walking the frozen rows, so a new field of the language is an input without a line here.
"""

from __future__ import annotations

import dataclasses
import functools
import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blackstart.distributions import scaled as scaled_dist
from blackstart.errors import Where
from blackstart.evidence import same_kind
from blackstart.language.model import Crew, Help, Model
from blackstart.units import Chance, Dist, Duration, Factor, Money, Rate

Quantity = Rate | Chance | Duration | Money
Step = str | int
_KEY = re.compile(r"\[([A-Za-z]{1,8}\d{1,4}|[\w.-]+:\d+)\]")
_WORD = re.compile(r"(?<![\w\[./-])[A-Za-z]{1,8}\d{1,4}(?![A-Za-z0-9_])")  # what may be a key without brackets
_POINTS_UP = re.compile(r"\b(?P<what>rule|list|line|note|guess) above\b|위 (?P<ko>규칙|목록|설명|추정)")
_EXPLAINED = re.compile(
    r"^[ \t]*(?:#+[ \t]*(?P<key>[A-Za-z]{1,8}\d{1,4})[ \t]{2,}|\|[ \t]*(?P<row>[A-Za-z]{1,8}\d{1,4})[ \t]*\|)(?P<says>.+?)\|?[ \t]*$", re.M
)
_GLOSSES = re.compile(r"sources\.(?P<lang>[a-z]{2})\.md$")
_GLOSS = re.compile(r"^\|(?P<of>[^|\n]+)\|(?P<says>[^|\n]+)\|[ \t]*$", re.M)
_PLACE = re.compile(r" \[[\w.-]+:\d+\]$")
_GROUPS = ("components", "teams", "barriers", "hazards", "domains")
_NUMBERS = ("people", "on_call", "headroom", "overload", "count", "stock", "factor", "users", "aftermath")


@dataclass(frozen=True, slots=True)
class Input:
    """One number of a model.

    path : its place in the model's words (``components.db.repair.takes``)
    steps : the fields and keys that lead to it
    kind : ``rate`` · ``chance`` · ``duration`` · ``money`` · ``number``; ``needs`` of what a part needs, which is told, not tried
    value : the quantity, or a plain number
    text : as it was written
    source : row of the evidence library, or "" where the file states it
    where : file and line, where the file states it
    thing : what it belongs to: group and name
    shared : whose doubt it is, by name, where others may share it: of a duration whose middle is not known that of the middle, of a
        rate or chance of the library that of its rows; inputs of one name are off together
    """

    path: str
    steps: tuple[Step, ...]
    kind: str
    value: Quantity | float
    text: str
    source: str
    where: Where | None
    thing: tuple[str, str]

    shared: str = ""

    @property
    def dist(self) -> Dist | None:
        """What is believed about it: the ignorance that the band of an answer comes from.

        Of a rate, a chance or a factor its value; of a duration the factor by which its middle may be off, None where that is known.
        """
        if isinstance(self.value, Rate | Chance | Factor):
            return self.value.dist
        if isinstance(self.value, Duration) and self.value.cases is not None:
            return Dist("lognormal", 1.0, self.value.doubt())
        return None


def inputs(model: Model, also: Sequence[str] = ()) -> list[Input]:
    """All inputs of a model, in the order of the file; `also` names further groups (``defences``: what they cost and take)."""
    found: list[Input] = []
    for group in (*_GROUPS, *also):
        for name, row in getattr(model, group).items():
            found.extend(_walk(row, (group, name), f"{group}.{name}", (group, name), row.where, row))
    return found


def _walk(node: Any, steps: tuple[Step, ...], path: str, thing: tuple[str, str], where: Where | None, row: Any) -> Iterator[Input]:
    """Inputs under a row, a list or a mapping of the model."""
    if isinstance(node, Rate | Chance | Duration | Money):
        kind = type(node).__name__.lower()
        at = _place(row, path, where)
        yield Input(path, steps, kind, node, getattr(node, "text", ""), getattr(node, "source", ""), at, thing, _shared(node, row, path))
    elif dataclasses.is_dataclass(node) and not isinstance(node, type | Where | Dist):
        here = getattr(node, "where", None) or where
        for name, shown in _shown(type(node)):
            value = getattr(node, name)
            if isinstance(value, str | bool | None) or value == ():
                continue
            if name in _NUMBERS and isinstance(value, int | float):
                if _counts(node, name, value):
                    at = path if isinstance(node, Help) else f"{path}.{shown}"
                    doubted = isinstance(value, Factor)
                    number, text = (value, value.text) if doubted else (float(value), f"{value:,.12g}")
                    yield Input(at, (*steps, name), "number", number, text, "", _place(row, at, here), thing)
            else:
                yield from _walk(value, (*steps, name), f"{path}.{shown}", thing, here, row)
    elif isinstance(node, tuple):
        for i, value in enumerate(node):
            at = f"{path}.{value.name}" if isinstance(value, Help) else f"{path}[{i}]"
            yield from _walk(value, (*steps, i), at, thing, where, row)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _walk(value, (*steps, key), f"{path}.{key}", thing, where, row)


def _shared(node: Quantity, row: Any, path: str) -> str:
    """Whose doubt a quantity is, by name; "" where it is its own or there is none."""
    if isinstance(node, Duration):
        return node.middle(path, _kind(row, path)) if node.cases is not None else ""
    doubt = node.doubted_as(path) if isinstance(node, Rate | Chance) else path
    return "" if doubt == path else doubt


def _kind(row: Any, path: str) -> str | None:
    """The kind of the evidence library that brings the times at a place of a row."""
    start = getattr(row, "start", None) if ".start." in path else None
    return same_kind((start.kind if start else None) or getattr(row, "kind", None))


@functools.cache
def _shown(kind: type) -> tuple[tuple[str, str], ...]:
    """The fields of a kind of row in which inputs may stand, each with the word that the file uses for it."""
    rows = (f for f in dataclasses.fields(kind) if f.name not in ("where", "wheres", "label", "id"))
    return tuple((f.name, f.metadata.get("name") or f.name) for f in rows)


def _counts(node: Any, name: str, value: float) -> bool:
    """Whether a plain number says anything: units of a part, people, a factor that is not 1."""
    if name == "count":
        return value > 1
    if isinstance(node, Crew):
        return False  # how many people a job takes is no question of knowledge
    return value != 0.0 and (name not in ("factor", "headroom", "aftermath") or value != 1.0)


def _place(row: Any, path: str, otherwise: Where | None) -> Where | None:
    """File and line of an input, where the row remembers those of its fields."""
    wheres: Mapping[str, Where] = getattr(row, "wheres", None) or {}
    inner = path.split(".", 2)[2] if path.count(".") > 1 else ""
    return wheres.get(inner, otherwise)


def note(text: str, line: int, name: str = "") -> str:
    """What the writer of a file noted about one of its lines (counted from 1): on that line, or on the line above it.

    Where the note points to a rule `above`, the place of the nearest comment lines above it that have that word, or else of the
    nearest, is added as a key (`[model.yaml:18]`).
    """
    lines = text.split("\n")
    if not 1 <= line <= len(lines):
        return ""
    own = _comment(lines[line - 1])
    said = own or (_comment(lines[line - 2]) if line > 1 and _is_comment(lines[line - 2]) else "")
    pointed = _POINTS_UP.search(said)
    if not pointed:
        return said
    ends = [n for n in range(line - 1 if own else line - 2, 0, -1) if _is_comment(lines[n - 1]) and not _is_comment(lines[n])]
    word = (pointed["what"] or pointed["ko"]).casefold()
    last = next((n for n in ends if word in _block(lines, n).casefold()), ends[0] if ends else 0)
    return f"{said} [{name}:{last}]" if last else said


def cited(notes: Iterable[str], texts: Mapping[str, str]) -> dict[str, str]:
    """What the keys in notes (`[k57]`) stand for, and the keys in that in turn; `texts` by the names of their files.

    A key is explained by a comment line that begins with it (`#  P4  6h..14h  fire out to power`), or by a row of a table of
    sources (`| k57 | Money Today, 24 September 2024 |`); a place (`[model.yaml:18]`) by the comment lines that end there.
    """
    written = [text for name, text in texts.items() if not _GLOSSES.search(name)]
    known = {m["key"] or m["row"]: re.sub(r"\s{2,}", " · ", m["says"].strip()) for t in written for m in _EXPLAINED.finditer(t)}
    found: dict[str, str] = {}
    todo = [key for said in notes for key in keys_in(said, known)]
    while todo:
        key = todo.pop(0)
        says = known.get(key) or _lines_above(key, texts)
        if says and key not in found:
            found[key] = says
            todo += keys_in(says, known)
    return found


def keys_in(words: str, known: Container[str]) -> list[str]:
    """The keys that words cite: all in brackets, and those that are known without (`2 cases P7`, `P17 and P18 together`)."""
    bare = [word for word in _WORD.findall(words) if word in known]
    return list(dict.fromkeys([*_KEY.findall(words), *bare]))


def glosses(said: Iterable[str], cites: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Notes, and what their keys stand for, in other languages: language -> as written (or the key) -> in that language.

    A file `sources.ko.md` beside the model holds them as rows of a table: `| as written, or its key | 한국어 |`. A row that ends in
    `…` is of all that begins so.
    """
    found: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        if language := _GLOSSES.search(name):
            rows = {m["of"].strip(): m["says"].strip() for m in _GLOSS.finditer(text)}
            began = {of.removesuffix("…"): says for of, says in rows.items() if of.endswith("…")}
            mine = found.setdefault(language["lang"], {})
            for words in {*said, *cites, *cites.values()}:
                stem = _PLACE.sub("", words)  # the place of a rule above is the same in every language
                gloss = rows.get(stem) or next((says for of, says in began.items() if stem.startswith(of)), None)
                if gloss:
                    mine[words] = gloss + words[len(stem) :]
    return {language: dict(sorted(mine.items())) for language, mine in sorted(found.items())}


def _lines_above(place: str, texts: Mapping[str, str]) -> str:
    """The comment lines that end at a place (`model.yaml:18`), as one."""
    file, _, line = place.rpartition(":")
    text = next((t for name, t in texts.items() if name.rpartition("/")[2] == file), "") if file else ""
    return _block(text.split("\n"), int(line)) if text else ""


def _block(lines: Sequence[str], last: int) -> str:
    """The comment lines that end at a line (counted from 1), as one."""
    said: list[str] = []
    for above in reversed(lines[:last]):
        if not _is_comment(above):
            break
        said.insert(0, _comment(above).strip("- "))
    return " ".join(said)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _comment(line: str) -> str:
    """The comment of a line of YAML; a `#` inside quotes or inside a word begins none."""
    plain = re.sub(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"", lambda quoted: "x" * len(quoted.group()), line) if not line.startswith("#") else line
    found = re.search(r"(?:^|\s)#+", plain)
    return line[found.end() :].strip() if found else ""


# ----------------------------------------------------------------------------- another value


def changed(model: Model, at: Input, value: Quantity | float) -> Model:
    """The model with another value for one input."""
    return _replaced(model, at.steps, round(value) if isinstance(value, float) and _is_whole(at) else value)


def _is_whole(at: Input) -> bool:
    return at.steps[-1] in ("people", "on_call", "count", "stock", "users") and float(at.value).is_integer()


def _replaced(node: Any, steps: tuple[Step, ...], value: Any) -> Any:
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(node, tuple):
        return tuple(_replaced(v, rest, value) if i == first else v for i, v in enumerate(node))
    if isinstance(node, Mapping):
        return {k: _replaced(v, rest, value) if k == first else v for k, v in node.items()}
    return dataclasses.replace(node, **{first: _replaced(getattr(node, first), rest, value)})


def scaled(value: Quantity | float, factor: float) -> Quantity | float:
    """A quantity that is larger by a factor; of a chance its odds are."""
    if isinstance(value, float):
        return value * factor
    if isinstance(value, Chance):
        p = value.dist.mean()
        return dataclasses.replace(value, dist=Dist("point", p * factor / (1.0 - p + p * factor) if p < 1.0 else 1.0), demands=None)
    if isinstance(value, Duration):
        return dataclasses.replace(value, terms=tuple(scaled_dist(t, factor) for t in value.terms))
    return dataclasses.replace(value, dist=scaled_dist(value.dist, factor))


def known(value: Rate | Chance | Duration | Factor, point: float) -> Rate | Chance | Duration | float:
    """A rate, chance or factor that is known exactly; a duration whose middle is known to be off by this factor."""
    if isinstance(value, Duration):
        return dataclasses.replace(value, terms=tuple(scaled_dist(t, point) for t in value.terms), cases=None, shared="")
    if isinstance(value, Factor):
        return point
    return dataclasses.replace(value, dist=Dist("point", point), **({"demands": None} if isinstance(value, Chance) else {}))
