"""Checks on what is believed: numbers that nobody stated, that rest on no source, or against which the firm's history speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from blackstart import evidence
from blackstart.errors import Problem, Said
from blackstart.evidence.rules import plain
from blackstart.evidence.update import SURPRISING
from blackstart.language.history import Contradiction, contradiction
from blackstart.language.model import Model, Update

SEVERITY: Mapping[str, str] = {
    "asks-for-a-number": "warning",
    "rests-on-unsourced": "warning",
    "history-surprises": "warning",
    "history-speaks-against": "warning",
    "history-contradicts": "warning",
    "history-contradicts-service": "warning",
    "kind-without-evidence": "note",
}
_SHOWN_NAMES = 5
_LEAST_TOLD = 1e-4  # chances below it are told as less than it


def problems(model: Model) -> Iterator[Problem]:
    """Questions that the evidence library leaves open in this model, and what its history found strange."""
    for noun, rows in _rows_with_kinds(model).items():
        yield from _open_questions(noun, rows)
    for default in model.defaults:
        if evidence.is_unsourced(default.source):
            values = {"value": default.value, "rows": default.source.replace("+", ", ")}
            yield Problem("rests-on-unsourced", default.where, default.path, values)
    against = contradiction(model)
    if against is not None:
        yield _contradiction(against)
    for update in model.updates:
        if update.surprise < SURPRISING and (against is None or update.path not in against.singly):
            yield _surprise(update)


class _Kinded(NamedTuple):
    """A row of the model that names a kind of the library."""

    section: str
    row: Any
    holder: Any  # the row in which the kind and what it brings stand: the row itself, or its start
    part: str = ""

    @property
    def path(self) -> str:
        return f"{self.section}.{self.row.id}{self.part}"


def _rows_with_kinds(model: Model) -> dict[str, list[_Kinded]]:
    """Rows with a kind, by the noun of the library that the kind belongs to."""
    found: dict[str, list[_Kinded]] = {noun: [] for noun in evidence.NOUNS}
    for c in model.components.values():
        if c.kind is not None:
            found["component"].append(_Kinded(c.section, c, c))
        if c.start is not None and c.start.kind is not None:
            found["takeover"].append(_Kinded(c.section, c, c.start, ".start"))
    for section, noun in (("hazards", "hazard"), ("barriers", "barrier")):
        found[noun] = [_Kinded(section, row, row) for row in getattr(model, section).values() if row.kind is not None]
    # a kind that brings some misfortunes looks as if it brought all
    found["domain"] = [_Kinded("domains", d, d) for d in model.domains.values() if d.kind is not None and _brings_hazards(d.kind)]
    return found


def _brings_hazards(kind: str) -> bool:
    return "hazards" in (evidence.defaults(kind, "domain") or {})


def _open_questions(noun: str, rows: list[_Kinded]) -> Iterator[Problem]:
    """For each kind once: fields without evidence, and fields for which only a recalled figure exists."""
    silent: dict[str, list[tuple[_Kinded, tuple[str, ...]]]] = {}
    asked: dict[tuple[str, str], list[_Kinded]] = {}
    for one in rows:
        kind = evidence.canonical(one.holder.kind, noun)
        if kind is None:
            continue
        fields = tuple(f for f in evidence.no_evidence(kind, noun) if noun == "domain" or not _is_stated(one.holder, f))
        if fields:
            silent.setdefault(kind, []).append((one, fields))
        for field in evidence.asked(kind, noun):
            if not _is_stated(one.holder, field):
                asked.setdefault((kind, field), []).append(one)
    for kind, several in silent.items():
        first = several[0][0]
        lacking = tuple(dict.fromkeys(f"evidence.lacks.{field}" for _, fields in several for field in fields))
        values = {"names": _listed([one.row.id for one, _ in several]), "kind": kind, "what": Said(lacking)}
        yield Problem("kind-without-evidence", first.row.where, first.path, values)
    for (kind, field), those in asked.items():
        name = evidence.asked(kind, noun)[field]
        text, row_ids = evidence.value(name) or ("", "")
        values = {
            "names": _listed([one.row.id for one in those]), "kind": kind, "value": text, "rows": row_ids.replace("+", ", "),
            "what": Said((f"evidence.lacks.{field}",)), "question": Said((f"evidence.ask.{name}",)),
        }  # fmt: skip
        yield Problem("asks-for-a-number", those[0].row.where, f"{those[0].path}.{field}", values)


def _is_stated(row: Any, field: str) -> bool:
    """Whether a dotted field has a value, stated by the user or brought by something else."""
    for name in field.split("."):
        row = getattr(row, name, None)
    return row is not None


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN_NAMES
    return ", ".join(f"`{name}`" for name in names[:_SHOWN_NAMES]) + (f" (+{more:,})" if more > 0 else "")


def _contradiction(one: Contradiction) -> Problem:
    """That what all rates together expect is not what was seen, in one sentence for all that are strange by themselves."""
    chance = f"{plain(100 * one.chance, 2)}%" if one.chance > _LEAST_TOLD else f"< {plain(100 * _LEAST_TOLD)}%"
    values = {
        "expected": plain(one.expected, 2), "seen": plain(one.seen), "chance": chance, "n": one.rates, "singly": len(one.singly),
        "service": one.service,
    }  # fmt: skip
    return Problem("history-contradicts-service" if one.service else "history-contradicts", None, "history", values)


def _surprise(update: Update) -> Problem:
    code = "history-speaks-against" if update.how == "kept" else "history-surprises"
    values = {
        "data": update.data, "prior": update.prior_text, "posterior": update.posterior_text,
        "chance": f"{plain(100 * update.surprise, 2)}%", "kept": f"{update.kept:.0%}",
    }  # fmt: skip
    return Problem(code, update.where, update.path, values)
