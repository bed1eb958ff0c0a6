"""The evidence library: rates, chances and durations with their sources.

A model that says ``kind: ups`` and no more gets the numbers of this library, each with the row of
published evidence it rests on. Where nothing was found there is no number (`no_evidence`): an invented
one would look like a known one; where there is only a recalled figure it is not filled in but asked for
(`asked`). Values are texts of the model language, so the reader reads them as it reads the user's own.

`rows` holds the table as it was printed, `rules` says how a value follows from rows, `library.toml` which
kind brings which value, and `update` how a firm's own history changes what is believed.
"""

from __future__ import annotations

import copy
import fnmatch
import functools
import importlib.resources
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from blackstart.evidence import rules
from blackstart.evidence.rows import Row as Source
from blackstart.evidence.rows import table

__all__ = [
    "NOUNS", "Source", "all_sources", "asked", "canonical", "defaults", "grade", "how", "is_unsourced", "kinds", "names", "no_evidence",
    "other_names", "source", "same_kind", "sources", "unused", "value", "value_names",
]  # fmt: skip

NOUNS = ("component", "takeover", "domain", "hazard", "barrier")  # what has kinds
UNSOURCED = "U"
_FIELD_KEYS = ("also", "none", "ask", "hazards", "structure")


@functools.cache
def _library() -> Mapping[str, Any]:
    text = importlib.resources.files(__name__).joinpath("library.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@functools.cache
def _aliases(noun: str) -> Mapping[str, str]:
    """Every word for a kind -> the kind's own name."""
    words: dict[str, str] = {}
    for kind, entry in _library()[noun].items():
        for word in (kind, *entry.get("also", ())):
            words[word] = kind
    return words


def kinds(noun: str) -> tuple[str, ...]:
    """All words that name a kind of `noun` (one of `NOUNS`), other spellings included."""
    return tuple(sorted(_aliases(noun)))


def names(noun: str) -> tuple[str, ...]:
    """The kinds of `noun` by their own names, in the order of the library."""
    return tuple(_library()[noun])


def other_names(kind: str, noun: str) -> tuple[str, ...]:
    """Other spellings of a kind given by its own name."""
    return tuple(_library()[noun][kind].get("also", ()))


def canonical(kind: str, noun: str = "component") -> str | None:
    """The kind's own name for any of its spellings; None if no such kind is known."""
    return _aliases(noun).get(kind.strip().casefold().replace("_", "-").replace(" ", "-"))


def same_kind(kind: str | None) -> str | None:
    """One name for all spellings of a kind of thing that takes time (component, take-over, hazard); an unknown kind as it is."""
    found = (canonical(kind, noun) for noun in ("component", "takeover", "hazard")) if kind else ()
    return next((name for name in found if name), kind)


def defaults(kind: str, noun: str) -> dict[str, Any] | None:
    """What the library says about a kind, as raw fields in the spelling of the model language.

    Parameters
    ----------
    kind : str
        Any spelling of a kind.
    noun : str
        One of `NOUNS`. A take-over's fields are those of `start`.

    Returns
    -------
    dict or None
        None if the kind is unknown. Nested fields (``{"fails": ..., "repair": {"takes": ...}}``); for a
        domain ``{"hazards": {name: template}}``, where the name ``here`` in an effect means the struck
        domain and ``_unless_inside`` of a template lists the kinds whose presence inside the domain makes
        the template unnecessary. In all, ``_sources`` maps the path of each number to its row ids joined by
        ``+`` (see `sources`). A kind without any evidence gives ``{"_sources": {}}``. Nothing in it rests
        on a row without a source. The caller may change what it gets.
    """
    name = canonical(kind, noun)
    if name is None:
        return None
    return copy.deepcopy(_defaults(name, noun))


@functools.cache
def _defaults(name: str, noun: str) -> dict[str, Any]:
    entry = _library()[noun][name]
    raw: dict[str, Any] = {}
    found: dict[str, str] = {}
    for path, value_name in fields(name, noun).items():
        text, found[path] = _value(value_name)
        *parents, last = path.split(".")
        place = raw
        for key in parents:
            place = place.setdefault(key, {})
        place[last] = text
    if "hazards" in entry:
        raw["hazards"] = {
            hazard: _template(template, f"hazards.{hazard}", found)
            for hazard, template in entry["hazards"].items()
        }
    return {**raw, "_sources": found}


def fields(name: str, noun: str) -> dict[str, str]:
    """The fields that a kind (by its own name) brings, with the names of their values."""
    return {path: value for path, value in _library()[noun][name].items() if path not in _FIELD_KEYS}


def template_values(name: str) -> dict[str, str]:
    """The numbers in the hazards that a kind of domain brings: their paths, with the names of their values."""
    found: dict[str, str] = {}

    def walk(node: Any, path: str) -> None:
        if isinstance(node, dict):
            for key, item in node.items():
                walk(item, f"{path}.{key}")
        elif isinstance(node, list):
            for i, item in enumerate(node):
                walk(item, f"{path}.{i}")
        elif isinstance(node, str) and node.startswith("@"):
            found[path] = node[1:]

    walk(_library()["domain"][name].get("hazards", {}), "hazards")
    return found


def _template(node: Any, path: str, found: dict[str, str]) -> Any:
    """A hazard's template with every ``@name`` replaced by its text; its row ids go into `found`."""
    if isinstance(node, dict):
        out: dict[str, Any] = {}
        for key, item in node.items():
            if key == "unless_inside":
                out["_unless_inside"] = _all_spellings(item)
            else:
                out[key] = _template(item, f"{path}.{key}", found)
        return out
    if isinstance(node, list):
        return [_template(item, f"{path}.{i}", found) for i, item in enumerate(node)]
    if isinstance(node, str) and node.startswith("@"):
        text, found[path] = _value(node[1:])
        return text
    return node


def _all_spellings(kinds_inside: list[str]) -> list[str]:
    """The kinds and all their other spellings, over components and domains."""
    words: list[str] = []
    for noun in ("component", "domain"):
        words += [word for word, kind in _aliases(noun).items() if kind in kinds_inside]
    return sorted(set(words))


# --------------------------------------------------------------------------- values


@functools.cache
def _value(name: str) -> tuple[str, str]:
    entry = _library()["value"][name]
    return rules.text_of(entry), "+".join(row.id for row in rules.rows_of(entry))


def value(name: str) -> tuple[str, str] | None:
    """A value of the library by name (``library: dc-fire``): its text and its row ids joined by ``+``.

    None if there is no value of that name.
    """
    return _value(name) if name in _library()["value"] else None


def value_names() -> tuple[str, ...]:
    """The names that ``library: <name>`` may use."""
    return tuple(sorted(_library()["value"]))


def how(name: str) -> str:
    """The rule by which a value follows from its rows (a word of `rules.RULES`).

    The sentence is ``evidence.rule.<word>`` in the texts. KeyError if there is no value of that name.
    """
    return _library()["value"][name]["rule"]


def how_told(name: str) -> dict[str, str]:
    """What the sentence of the rule of a value is filled with."""
    return rules.told_of(_library()["value"][name])


def named(text: str, row_ids: str) -> str | None:
    """The name of the value with this text and these rows, as `value` gives them; None where there is none."""
    return _names_of_values().get((text, row_ids))


@functools.cache
def _names_of_values() -> Mapping[tuple[str, str], str]:
    return {_value(name): name for name in sorted(_library()["value"], reverse=True)}


def is_nearest(name: str) -> bool:
    """Whether a value is of the nearest thing measured, because nothing about the thing itself was found."""
    return _library()["value"][name].get("nearest", False)


# --------------------------------------------------------------------------- what is not known


def no_evidence(kind: str, noun: str = "component") -> tuple[str, ...]:
    """What a careful reader would expect of a kind but for which no usable evidence was found.

    Fields (``fails``, ``repair.takes`` ...), or misfortunes (``flood`` ...) for a domain. Empty for an
    unknown kind.
    """
    name = canonical(kind, noun)
    return tuple(_library()[noun][name].get("none", ())) if name else ()


def asked(kind: str, noun: str = "component") -> dict[str, str]:
    """Fields of a kind for which there is only a figure without a source, with the names of those values.

    They are never filled in; the question for the user is ``evidence.ask.<value>`` in the texts.
    """
    name = canonical(kind, noun)
    return dict(_library()[noun][name].get("ask", {})) if name else {}


def is_structure(name: str) -> bool:
    """Whether a kind of domain (by its own name) only says who shares a fate, and no misfortune goes with it."""
    return _library()["domain"][name].get("structure", False)


# --------------------------------------------------------------------------- rows


def source(row_id: str) -> Source:
    """The row of that id. KeyError if there is none."""
    return table()[row_id]


def sources(row_ids: str) -> tuple[Source, ...]:
    """The rows named by ids joined with ``+``, as `value` and `defaults` give them."""
    return tuple(source(row_id) for row_id in row_ids.split("+"))


@functools.cache
def grade(row_ids: str) -> str:
    """The weakest grade among rows joined with ``+``: a number is as good as its worst source."""
    return max(row.grade for row in sources(row_ids))


@functools.cache
def is_unsourced(row_ids: str) -> bool:
    """Whether a number rests on a figure that somebody recalled and for which no source was found.

    False for what is no row of the library (a rule of the language, a firm's own history).
    """
    return any(table()[row_id].grade == UNSOURCED for row_id in row_ids.split("+") if row_id in table())


def used() -> tuple[str, ...]:
    """Ids of all rows that a value of the library rests on, directly or through a calculated row, in the order of the table."""
    return with_all_below(row.id for name in value_names() for row in sources(_value(name)[1]))


def with_all_below(row_ids: Iterable[str]) -> tuple[str, ...]:
    """The rows and those that calculated rows among them rest on, in the order of the table."""
    found: set[str] = set()
    todo = list(row_ids)
    while todo:
        row_id = todo.pop()
        if row_id not in found:
            found.add(row_id)
            todo += source(row_id).rests_on
    return tuple(row_id for row_id in table() if row_id in found)


def unused() -> dict[str, str]:
    """Ids of the rows that no value rests on -> why (``evidence.unused.<word>`` in the texts)."""
    found = {}
    for word, patterns in _library()["unused"].items():
        for pattern in patterns:
            for row_id in fnmatch.filter(table(), pattern):
                assert row_id not in found, row_id
                found[row_id] = word
    return {row_id: found[row_id] for row_id in table() if row_id in found}


def all_sources() -> Iterator[Source]:
    """Every row the library rests on, in the order of the table."""
    return (source(row_id) for row_id in used())
