"""The evidence library: rates, chances and durations with their sources.

A model that says ``kind: ups`` and no more gets the numbers of this library, each with the row of
published evidence it rests on. Where nothing was found there is no number (`no_evidence`): an invented
one would look like a known one. Values are texts of the model language, so the reader reads them as it
reads the user's own.
"""

from __future__ import annotations

import copy
import functools
import importlib.resources
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_FIELD_KEYS = ("also", "none", "hazards")


@dataclass(frozen=True, slots=True)
class Source:
    """One row of published evidence.

    Attributes
    ----------
    id : str
        Row id, e.g. ``CO-INV``.
    title : str
        Title of the publication; for a calculated row the ids of the rows it rests on.
    url : str
        Address of what was read; empty for a calculated row.
    year : int or None
        Year of publication.
    grade : str
        A published count or official statistic · B published summary or survey · C calculated from
        cited rows · D one incident.
    note : str
        Key of the sentence on the population (``evidence.source.<note>`` in the texts), or empty.
    figures : str
        What was published: ``events / exposure``, or the printed value with its unit.
    rests_on : tuple of str
        For a calculated row, the ids of the rows it was calculated from.
    """

    id: str
    title: str
    url: str
    year: int | None
    grade: str
    note: str
    figures: str = ""
    rests_on: tuple[str, ...] = ()


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
    """All words that name a kind of `noun` (``component`` or ``domain``), other spellings included."""
    return tuple(sorted(_aliases(noun)))


def canonical(kind: str, noun: str = "component") -> str | None:
    """The kind's own name for any of its spellings; None if no such kind is known."""
    return _aliases(noun).get(kind.strip().casefold().replace("_", "-").replace(" ", "-"))


def defaults(kind: str, noun: str) -> dict[str, Any] | None:
    """What the library says about a kind, as raw fields in the spelling of the model language.

    Parameters
    ----------
    kind : str
        Any spelling of a kind.
    noun : str
        ``component`` or ``domain``.

    Returns
    -------
    dict or None
        None if the kind is unknown. For a component, nested fields (``{"fails": ..., "repair": {"takes":
        ...}}``). For a domain ``{"hazards": {name: template}}``, where the name ``here`` in an effect means
        the struck domain and ``_unless_inside`` of a template lists the kinds whose presence inside the
        domain makes the template unnecessary. In both, ``_sources`` maps the path of each number to its
        row ids joined by ``+`` (see `sources`). A kind without any evidence gives ``{"_sources": {}}``.
        The caller may change what it gets.
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
    for path, value_name in entry.items():
        if path in _FIELD_KEYS:
            continue
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


def _value(name: str) -> tuple[str, str]:
    entry = _library()["value"][name]
    return entry["text"], "+".join(entry["from"])


def value(name: str) -> tuple[str, str] | None:
    """A value of the library by name (``library: dc-fire``): its text and its row ids joined by ``+``.

    None if there is no value of that name.
    """
    return _value(name) if name in _library()["value"] else None


def value_names() -> tuple[str, ...]:
    """The names that ``library: <name>`` may use."""
    return tuple(sorted(_library()["value"]))


def how(name: str) -> str:
    """How a value follows from its rows: ``printed``, ``widened``, ``combined`` or ``nearest``.

    The sentence is ``evidence.how.<word>`` in the texts. KeyError if there is no value of that name.
    """
    return _library()["value"][name]["how"]


def no_evidence(kind: str, noun: str = "component") -> tuple[str, ...]:
    """What a careful reader would expect of a kind but for which no usable evidence was found.

    Fields (``fails``, ``repair.takes`` ...) for a component, misfortunes (``flood`` ...) for a domain.
    Empty for an unknown kind.
    """
    name = canonical(kind, noun)
    return tuple(_library()[noun][name].get("none", ())) if name else ()


def source(row_id: str) -> Source:
    """The row of that id. KeyError if the library does not rest on such a row."""
    entry = _library()["source"][row_id]
    return Source(
        id=row_id,
        title=entry["title"],
        url=entry.get("url", ""),
        year=entry.get("year"),
        grade=entry["grade"],
        note=entry.get("note", ""),
        figures=entry.get("figures", ""),
        rests_on=tuple(entry.get("rests_on", ())),
    )


def sources(row_ids: str) -> tuple[Source, ...]:
    """The rows named by ids joined with ``+``, as `value` and `defaults` give them."""
    return tuple(source(row_id) for row_id in row_ids.split("+"))


def grade(row_ids: str) -> str:
    """The weakest grade among rows joined with ``+``: a number is as good as its worst source."""
    return max(row.grade for row in sources(row_ids))


def all_sources() -> Iterator[Source]:
    """Every row the library rests on, in the order of the file."""
    return (source(row_id) for row_id in _library()["source"])
