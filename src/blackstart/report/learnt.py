"""What a history changed, told: each number before and after, what was seen, and how much of it is the firm's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from blackstart import units
from blackstart.report import numbers, story
from blackstart.report.kinds import shown
from blackstart.report.names import Names
from blackstart.report.outline import Outline, Section
from blackstart.report.schemas import TEXT, list_of, number, or_null, ref, row_of, since_later
from blackstart.report.tables import NONE, Table
from blackstart.text import say

Result = Mapping[str, Any]


def report(result: Result, names: Names) -> Outline:
    """The changes as an outline."""
    lang, updates = names.lang, result["updates"]
    strange = [one for one in updates if one["surprise"] < result["surprising_below"]]
    against = result["provenance"].get("contradiction")
    title = result["title"]
    if isinstance(title, Mapping):
        title = title.get(lang) or next(iter(title.values()), "")
    unread = [one for one in updates if one["how"] == "unread"]
    looked_at = len(updates) - len(unread)
    first = say("history.learnt.first", lang, n=looked_at, strange=len(strange)) if updates else say("history.learnt.nothing", lang)
    notes = story.against_history(result, names)
    notes += [_strange(one, lang) for one in strange if against is None or one["path"] not in against["singly"]]
    apart = [one for one in updates if one["how"] == "apart"]
    notes += [say("history.learnt.apart", lang, path=one["path"], data=one["data"]["text"]) for one in apart]
    notes += [_unread(one, lang) for one in unread]
    sections = [
        Section("updates", say("history.learnt.updates", lang), [_table(updates, lang), say("history.learnt.read", lang)]),
        Section("sources", say("history.learnt.sources", lang), [_sources(updates, lang)]),
    ]
    heading = say("history.learnt.title", lang, title=title or ", ".join(result["provenance"]["model"][:1]))
    return Outline(heading, first, [], notes, sections if updates else [])


def _strange(one: Mapping[str, Any], lang: str) -> str:
    key = "history.learnt.against" if one["how"] == "kept" else "history.learnt.strange"
    chance, kept = numbers.whole_percent(one["surprise"], lang), numbers.whole_percent(one["kept"], lang)
    return say(key, lang, path=_place(one, lang), data=one["data"]["text"], chance=chance, kept=kept)


def _place(one: Mapping[str, Any], lang: str) -> str:
    """Where a number stands; of several that share their doubt their name, the first and how many more."""
    more = len(one["members"]) - 1
    return say("history.learnt.class", lang, name=one["shared"], path=one["path"], n=more) if more > 0 else one["path"]


def _unread(one: Mapping[str, Any], lang: str) -> str:
    """That a hazard was watched and nothing was learnt of it, and what the log would have to say."""
    came, harm = (numbers.point(v, "count", lang).strip() for v in one["data"]["seen"])
    name = one["path"].partition(".")[2].rpartition(".")[0]
    n = max(1, round(one["data"]["seen"][0]))
    return say("history.learnt.unread", lang, path=one["path"], t=one["data"]["text"], name=name, came=came, harm=harm, n=n)


def _table(updates: list[Any], lang: str) -> Table:
    rows = []
    for one in updates:
        if one["how"] == "unread":  # told by a note
            continue
        before = NONE if one["prior"] is None else _band(one["prior"]["percentiles"], one["what"], lang)
        weight = numbers.whole_percent(one["data_weight"], lang)
        rows.append([_place(one, lang), before, one["data"]["text"], _band(one["posterior"]["percentiles"], one["what"], lang), weight])
    head = [say(f"history.learnt.column.{c}", lang) for c in ("path", "before", "data", "after", "weight")]
    return Table(head, rows, [False, False, False, False, True])


def _band(percentiles: list[float], what: str, lang: str) -> str:
    """The middle with 5 % to 95 %; a rate by its number per year, so that before and after can be compared at a glance."""
    low, middle, high = (_per_year(v) if what == "rate" else shown(v, what, lang) for v in percentiles)
    exact = "" if low != high else "exact-"
    return say(f"history.learnt.{exact}{'rate' if what == 'rate' else 'band'}", lang, middle=middle, low=low, high=high)


def _per_year(rate: float) -> str:
    """Two significant digits, also far below 1: 0.000099."""
    if not 0 < rate < 1e-3:
        return units.write_number(rate, 2)
    return f"{rate:.{1 - math.floor(math.log10(rate))}f}".rstrip("0")


def _sources(updates: list[Any], lang: str) -> Table:
    rows = []
    for one in updates:
        prior = one["prior"]
        before = NONE if prior is None else f"{prior['text']} [{prior['source']}]" if prior["source"] else prior["text"]
        place = f"{one['file']}:{one['line']}" if one["file"] else NONE
        rows.append([_place(one, lang), before, place, one["posterior"]["text"], say(f"history.learnt.how.{one['how']}", lang)])
    head = [say(f"history.learnt.column.{c}", lang) for c in ("path", "before", "place", "after", "how")]
    return Table(head, rows, [False] * 5)


def contradiction() -> dict[str, Any]:
    """JSON Schema of rates that do not add up to the history."""
    return row_of(
        "rates that after the history do not add up to it; left out where they do",
        service=or_null(TEXT) | {"description": "whose; null: all"},
        rates={"type": "integer"}, expected=number("incidents in the time watched", 0), seen=number("incidents", 0),
        chance=number("of such a count or a stranger one", 0), singly=list_of(TEXT, "places of the rates that are strange by themselves"),
    )  # fmt: skip


def definition() -> dict[str, Any]:
    """JSON Schema of the changes."""
    text, number = {"type": "string"}, {"type": "number"}
    numbers_ = {"type": "array", "items": number}
    label = {"anyOf": [text, {"type": "object", "additionalProperties": text}]}
    update = _object(
        path=text, what={"enum": ["rate", "chance", "duration"]},
        prior={"anyOf": [_object(text=text, source=text, percentiles=numbers_), {"type": "null"}]},
        data=_object(
            text=text, seen={**numbers_, "description": "unread: how many came by the model, and how many of them went wrong"},
            counted={**numbers_, "description": "what is left after ageing"},
        ),
        posterior=_object(text=text, percentiles={**numbers_, "description": "5th, 50th, 95th"}),
        how={"enum": ["conjugate", "integrated", "mixture", "kept", "alone", "apart", "unread"]},
        surprise={**number, "description": "tail of the prior predictive"},
        data_weight={**number, "description": "weight of the data against the prior"},
        kept={**number, "description": "weight left to the informed part of a mixture"},
        shared={"type": ["string", "null"], "description": "the name of numbers that share their doubt and are one"},
        members={"type": "array", "items": text, "description": "the places of these that the history tells of; else none"},
        file={"type": ["string", "null"]}, line={"type": ["integer", "null"]},
    )  # fmt: skip
    return {
        **_object(
            schema_version={"const": "1"}, kind={"const": "learnt"}, title=label,
            provenance=since_later(_object(model={"type": "array", "items": text}, version=text), contradiction=ref("Contradiction")),
            labels={"type": "object", "additionalProperties": label}, surprising_below=number, updates={"type": "array", "items": update},
        ),
        "description": "what the firm's own history changed: prior, data, posterior",
    }  # fmt: skip


def _object(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
