"""The library as a table: what each kind brings, from which rows, by which rule. For the command `kinds` and the reference page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from blackstart import evidence, units
from blackstart.distributions import Dist

PERCENTILES = (0.05, 0.5, 0.95)


def listing(kind: str | None = None) -> dict[str, Any]:
    """Every kind, or those that a word names (in any spelling; one word may name a component and a domain).

    Words that are said to people (titles, rules, populations) are keys of the texts; numbers are per year,
    shares of 1, and hours. Nothing found: `kinds` is empty.
    """
    found = [_kind(noun, name) for noun in evidence.NOUNS for name in evidence.names(noun)
             if kind is None or evidence.canonical(kind, noun) == name]  # fmt: skip
    ids = evidence.with_all_below(row_id for one in found for brought in one["brings"] for row_id in brought["rows"])
    return {
        "schema_version": "1",
        "kind": "kinds",
        "asked": kind,
        "kinds": found,
        "rows": {row_id: _row(row_id) for row_id in ids},
    }


def _kind(noun: str, name: str) -> dict[str, Any]:
    values = evidence.template_values(name) if noun == "domain" else evidence.fields(name, noun)
    return {
        "noun": noun,
        "name": name,
        "also": list(evidence.other_names(name, noun)),
        "brings": [{"field": field, **value_of(value)} for field, value in values.items()],
        "none": list(evidence.no_evidence(name, noun)),
        "asks": [{"field": field, **value_of(value)} for field, value in evidence.asked(name, noun).items()],
        "structure": noun == "domain" and evidence.is_structure(name),
    }


def value_of(name: str) -> dict[str, Any]:
    """One value of the library: its text, percentiles, rule and rows."""
    text, row_ids = evidence.value(name) or ("", "")
    what, dist = read(text)
    return {
        "value": name,
        "text": text,
        "what": what,
        "percentiles": [float(dist.quantile(u)) for u in PERCENTILES],
        "rule": evidence.how(name),
        "rule_values": evidence.how_told(name),
        "nearest": evidence.is_nearest(name),
        "grade": evidence.grade(row_ids),
        "rows": row_ids.split("+"),
    }


def read(text: str) -> tuple[str, Dist]:
    """What a text of the library is of (``rate``, ``chance`` or ``duration``), and its distribution."""
    for what, one in _readings(text):
        return what, one
    raise AssertionError(text)


def _readings(text: str) -> Iterator[tuple[str, Dist]]:
    for what, reader in (("chance", units.read_chance), ("rate", units.read_rate), ("duration", units.read_duration)):
        try:
            value: Any = reader(text)
        except units.BadValue:
            continue
        yield what, value.terms[0] if what == "duration" else value.dist


def _row(row_id: str) -> dict[str, Any]:
    row = evidence.source(row_id)
    return {
        "name": row.name, "figures": row.figures, "title": row.title, "url": row.url, "year": row.year, "grade": row.grade,
        "population": row.population, "rests_on": list(row.rests_on), "note": row.note,
    }  # fmt: skip
