"""The Result of a record: what was seen, in order of time, and which reports cannot both hold. Nothing is computed or left out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from blackstart.incidents import moments, outage
from blackstart.incidents.incident import EVERYTHING, Loss, Observation, Person, Record, noun_of
from blackstart.incidents.moments import Span
from blackstart.language.model import Model
from blackstart.studies.results import SCHEMA_VERSION, Result
from blackstart.version import __version__


def recorded(record: Record, model: Model | None = None) -> Result:
    """A record as a result. With a model, names are said with what they are and how they are shown."""
    torn = [{"file": _name(file), "bytes": len(rest), "text": rest.decode("utf-8", "replace")} for file, rest in record.torn]
    spoilt = [{"file": _name(file), "line": line, "why": why} for file, line, why in record.spoilt]
    later = {row.corrects: row.id for row in reversed(record.observations) if row.corrects}
    reasons = (["torn-line"] if torn else []) + (["changed-line"] if spoilt else [])
    title = record.title or (model.title if model is not None else "") or _name(record.file)
    return Result(
        {
            "schema_version": SCHEMA_VERSION,
            "kind": "incident",
            "title": title if isinstance(title, str) else dict(title),
            "outcome": {"state": "recorded", "reasons": reasons},
            "provenance": {
                "model": [record.model.name] if record.model else [], "digest": record.digest, "version": __version__, "seed": None,
                "study": {}, "with": list(record.defences),
            },
            "labels": _labels(record, model),
            "currency": model.currency if model is not None else next((row.currency for row in record.losses if row.currency), None),
            "began_at": None if record.began is None else moments.iso(record.began, record.zone),
            "ended_at": None if record.ended is None else moments.iso(record.ended, record.zone),
            "zone": moments.zone_text(record.zone),
            "scenario": {
                "hit": list(record.hits), "fails": list(record.fails), "works": list(record.works), "with": list(record.defences),
                "missing": [one.name if one.times == 1.0 else f"{one.name} x{one.times:g}" for one in record.missing],
            },
            "firm": dict(record.firm),
            "roles": {name: _label(label) for name, label in record.roles.items()},
            "sources": {
                key: {"text": _label(one.words), "url": one.url or None, "grade": one.grade or None} for key, one in record.sources.items()
            },
            "matters": {name: _label(label) for name, label in record.matters.items()},
            "observations": [_observation(row, record, model, later.get(row.id)) for row in record.observations],
            "people": [_person(row, record, model) for row in record.people],
            "losses": [_loss(row, record, model) for row in record.losses],
            "conflicts": list(conflicts(record)),
            "remarks": [] if model is None else list(outage.remarks(record, own_services(record, model))),
            "torn": torn,
            "changed": spoilt,
        }
    )  # fmt: skip


def own_services(record: Record, model: Model) -> list[str]:
    """The services of a model without those that the record only watches: these are no services to anybody."""
    watched = set(record.watch or ())
    return [service.id for service in model.services if service.id not in watched]


def brief(record: Record) -> dict[str, Any]:
    """What a result that rests on a record says of it."""
    return {
        "digest": record.digest, "began_at": moments.iso(record.zero, record.zone), "began_known": record.began is not None,
        "zone": moments.zone_text(record.zone), "observations": len(record.observations),
    }  # fmt: skip


def _name(file: str) -> str:
    return file.rpartition("/")[2]


def _label(label: Any) -> Any:
    return label if isinstance(label, str) else dict(label)


def _labels(record: Record, model: Model | None) -> dict[str, Any]:
    found = {f"role:{name}": _label(label) for name, label in record.roles.items() if label}
    nouns: Mapping[str, Mapping[str, Any]] = {} if model is None else {
        "component": model.components, "domain": model.domains, "hazard": model.hazards, "team": model.teams,
        "barrier": model.barriers, "defence": model.defences,
    }  # fmt: skip
    return found | {f"{noun}:{row.id}": _label(row.label) for noun, rows in nouns.items() for row in rows.values() if row.label}


# ----------------------------------------------------------------------------- rows


def _open(span: Span | None) -> list[float | None] | None:
    return None if span is None else [round(t, 6) if math.isfinite(t) else None for t in span]


def _at(row: Observation | Person | Loss, record: Record) -> dict[str, Any]:
    span = row.at
    return {
        "at": None if span is None else [moments.iso(t, record.zone) for t in span],
        "t_h": _open(record.clock(span)),
    }  # fmt: skip


def named(name: str, model: Model | None, did: str | None = None) -> dict[str, Any] | None:
    """A name of the record with what it is in the model; ``all`` is every service."""
    if not name:
        return None
    noun = EVERYTHING if name == EVERYTHING else None if model is None else noun_of(model, name, did)
    return {"noun": noun, "id": name}


def _entry(row: Any) -> str | None:
    where = getattr(row.node, "where", None)
    return None if where is None else f"{_name(where.file)}:{where.line}"


def _shared(row: Observation | Person | Loss) -> dict[str, Any]:
    return {
        "text": _label(row.text), "by": row.by or None, "sources": list(row.sources), "confidence": row.confidence,
        "recorded_at": row.recorded or None, "entry": _entry(row),
    }  # fmt: skip


def _observation(row: Observation, record: Record, model: Model | None, later: str | None) -> dict[str, Any]:
    """A report; `later` is the one that corrects it."""
    return {
        "id": row.id, **_at(row, record), "what": named(row.what, model, row.did), "did": row.did, "level": row.level, "partly": row.partly,
        "lasted_h": _open(row.lasted_h), "matter": row.matter or None, "corrects": row.corrects or None, "corrected_by": later,
        **_shared(row),
    }  # fmt: skip


def _person(row: Person, record: Record, model: Model | None) -> dict[str, Any]:
    return {
        "id": row.id, **_at(row, record), "kind": row.did, "to": row.to or None, "about": [named(name, model) for name in row.about],
        "on": _label(row.on), "known": _label(row.known), "matter": row.matter or None,
        **_shared(row),
    }  # fmt: skip


def _loss(row: Loss, record: Record, model: Model | None) -> dict[str, Any]:
    return {
        "id": row.id, **_at(row, record), "of": named(row.what, model), "amount": _open(row.amount), "unit": row.unit,
        "currency": row.currency, "matter": row.matter or None, **_shared(row),
    }  # fmt: skip


# ----------------------------------------------------------------------------- what contradicts what


def conflicts(record: Record) -> Iterator[dict[str, Any]]:
    """Matters on which two reports that stand cannot both hold, each with all its reports."""
    matters: dict[str, list[Observation | Loss]] = {}
    reports: list[Observation | Loss] = [*record.standing(), *record.losses]
    for row in reports:
        if row.matter:
            matters.setdefault(row.matter, []).append(row)
    for matter, rows in matters.items():
        found = next((apart for kind, spans in _claims(rows, record) if (apart := _apart(kind, spans)) is not None), None)
        if found is None and sum(not _says(row) for row in rows) > 1:
            found = "text", None, None
        if found is not None:
            kind, low, high = found
            yield {"matter": matter, "ids": [row.id for row in rows], "in": kind, "low": low, "high": high}


def _apart(kind: str, spans: Sequence[Span]) -> tuple[str, float | None, float | None] | None:
    """Lowest and highest of what is claimed, if not all claims can hold at once."""
    if len(spans) < 2 or max(a for a, _ in spans) <= min(b for _, b in spans):
        return None
    low, high = min(a for a, _ in spans), max(b for _, b in spans)
    return kind, low if math.isfinite(low) else None, high if math.isfinite(high) else None


def _claims(rows: Sequence[Observation | Loss], record: Record) -> Iterable[tuple[str, list[Span]]]:
    seen = [row for row in rows if isinstance(row, Observation)]
    yield "time", [span for row in seen if row.did and (span := record.clock(row.at))]
    yield "length", [row.lasted_h for row in seen if row.lasted_h]
    yield "state", _at_once([row for row in seen if row.level is not None and row.at])
    yield "amount", [row.amount for row in rows if isinstance(row, Loss)]


def _says(row: Observation | Loss) -> bool:
    return isinstance(row, Loss) or bool(row.did or row.lasted_h) or row.level is not None


def _at_once(rows: Sequence[Observation]) -> list[Span]:
    """The levels of two reports of one and the same time that differ, if there are any: between two times a state may change."""
    first: dict[float, float] = {}
    for row in rows:
        if row.at is not None and row.at[0] == row.at[1] and row.level is not None:
            one = first.setdefault(row.at[0], row.level)
            if one != row.level:
                return [(one, one), (row.level, row.level)]
    return []
