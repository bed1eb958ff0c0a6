"""What one number of a saved result rests on: the formula in words, and the inputs behind it with their origins.

`why` of a model computes how much each input moves a number of an assessment. This answers for any number of any result that
carries its inputs (`grounds`): an assessment, a rehearsal, overlaps or a plan, as `--format json` wrote it, with nothing computed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from blackstart.errors import ModelError, Problem
from blackstart.nearest import Nearest
from blackstart.report import numbers, overlaps, tables
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.report.outline import Outline, Section, provenance
from blackstart.text import has, say

Result = Mapping[str, Any]
Wanted = tuple[str, str, str]
FIRST = 12  # inputs told where none in particular stands behind a number: those that matter most for all of them
SHOWN_PATHS = 8
_COMMON = ("schema_version", "title", "outcome", "provenance", "currency", "labels", "graph", "defaults", "deadlocks")
_SECTIONS = {
    "assessment": {
        "windowed_uptime": "windows", "outages_per_year_longer_than": "curves", "loss": "loss", "users": "users", "stuck": "stuck",
        "user_hours_lost_per_year": "users", "causes": "causes", "causes_by_service": "causes", "data": "data", "signed": "signed",
        "services": "services",
    },
    "rehearsal": {"critical_path": "path", "tolerance": "tolerance", "timeline": "timeline", "states": "stages", "services": "recovery"},
    "overlaps": {
        "overlaps": "overlaps", "services": "services", "importance": "importance", "pairs": "pairs", "lost_alone": "lost-alone",
        "under_all": "under-all",
    },
    "plan": {
        "options": "options", "frontier": "frontier", "pays": "steps", "bought": "bought", "left_out": "left-out",
        "halvings": "halvings", "nines": "nines", "tolerance": "tolerance", "schedule": "schedule", "beside": "beside",
    },
}  # fmt: skip
_MONEY = frozenset((
    "loss", "cost", "costs", "aal", "oep", "aep", "tvar", "once", "yearly", "adds", "adds_per_year", "avoided", "avoided_per_year",
    "loss_per_year", "alone", "together",
))  # fmt: skip
_SHARES = frozenset(("p", "share", "share_of_time", "never", "never_share", "downtime_share", "loss_share", "long_share", "fussell_vesely"))


def trace(result: Result, path: str) -> dict[str, Any]:
    """The number at a dotted path of a result (elements of lists by their number from 0), with the inputs that stand behind it.

    Raises
    ------
    ModelError
        If the result carries no inputs (``not-a-result``) or the path leads to no number (``no-such-number``).
    """
    if not isinstance(result, Mapping) or not (result.get("grounds") or {}).get("inputs"):
        raise ModelError([Problem("not-a-result", None, path)])
    keys = _keys(result, path)
    nodes: list[Any] = [result]
    for key in keys or ():
        nodes.append(nodes[-1][key])
    number = _number(nodes[-1]) if keys else None
    if number is None:
        known = [".".join(map(str, one)) for one in _numbers(result, ())]
        inside = [one for one in known if one.startswith(f"{path}.")][:SHOWN_PATHS] or known[:SHOWN_PATHS]
        raise ModelError([Problem("no-such-number", None, path, {"name": path, "known": ", ".join(inside)}, Nearest(known).to(path))])
    found = [row for row in tables.inputs_of(result, _behind(result, keys, nodes)) if row]
    rows = list({row["path"]: row for row in found}.values()) or list(result["grounds"]["inputs"][:FIRST])
    return {
        **{key: result[key] for key in _COMMON}, "kind": "trace", "of": result["kind"],
        "number": {"path": path, "kind": _kind(result, keys), **number},
        "section": next((_SECTIONS[result["kind"]][k] for k in reversed(keys) if k in _SECTIONS[result["kind"]]), "header"),
        "inputs": rows, "cited": result["grounds"]["cited"], "glosses": result["grounds"].get("glosses", {}),
    }  # fmt: skip


def _keys(result: Result, path: str) -> tuple[str | int, ...] | None:
    """The keys of a path, where keys may have dots of their own and elements of lists have numbers."""
    words, keys, node = path.split("."), [], result
    while words:
        if isinstance(node, list) and words[0].isdecimal() and int(words[0]) < len(node):
            keys.append(int(words[0]))
            node, words = node[int(words[0])], words[1:]
            continue
        cut = next((n for n in range(len(words), 0, -1) if isinstance(node, Mapping) and ".".join(words[:n]) in node), 0)
        if not cut:
            return None
        keys.append(".".join(words[:cut]))
        node, words = node[keys[-1]], words[cut:]
    return tuple(keys)


def _number(node: Any) -> dict[str, Any] | None:
    if isinstance(node, Mapping) and "value" in node and "standard_error" in node:
        return {"value": node["value"], "standard_error": node["standard_error"], "band": node.get("band")}
    if isinstance(node, int | float) and not isinstance(node, bool):
        return {"value": float(node), "standard_error": None, "band": None}
    return None


def _numbers(node: Any, at: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Paths of all numbers of an answer."""
    if _number(node) is not None:
        yield at
    elif isinstance(node, Mapping):
        for key, inner in node.items():
            if at or key not in (*_COMMON, "grounds", "kind"):
                yield from _numbers(inner, (*at, key))
    elif isinstance(node, list):
        for n, inner in enumerate(node):
            yield from _numbers(inner, (*at, n))


def _behind(result: Result, keys: Sequence[str | int], nodes: Sequence[Any]) -> list[Wanted]:
    """The inputs behind a number: of the innermost row that it stands in and that says whose it is."""
    for key, node in zip(reversed(keys), reversed(nodes), strict=False):
        wanted = _of_row(result, str(key), node) if isinstance(node, Mapping) else []
        if wanted:
            return wanted
    return []


def _of_row(result: Result, key: str, row: Mapping[str, Any]) -> list[Wanted]:
    if "misfortunes" in row and result["kind"] == "overlaps" and "per_year" in row:
        return [overlaps.own_input(m) for m in row["misfortunes"]]
    if "critical_path" in row:
        return [*(tables.rests_on(step) for step in row["critical_path"] or ()), ("components", key, "")]
    if key in result.get("causes_by_service", {}):
        begins = [tables.rate_of(cause) for cause in result["causes_by_service"][key][:FIRST]]
        return [*begins, ("components", key, "loss"), ("components", key, "users")]
    if row.get("what") in ("hazard", "component") and "downtime_share" in row:
        return [tables.rate_of(row)]
    if "fussell_vesely" in row:
        return [overlaps.own_input(row)]
    chosen = [name for part in ("with", "add", "drop") for name in row.get(part) or ()] or [name for name in (row.get("id"),) if name]
    known = {name for group, name in (at["thing"] for at in result["grounds"]["inputs"]) if group == "defences"}
    return [("defences", name, cost) for name in chosen if name in known for cost in ("costs.once", "costs.yearly")]


def _kind(result: Result, keys: Sequence[str | int]) -> str:
    """What kind of quantity a number is, by the words that lead to it."""
    words = [str(key) for key in keys]
    if _MONEY.intersection(words) and result["currency"] and result.get("money", True):
        return "money"
    last = next(word for word in reversed(words) if not word.isdecimal())
    if any("user_hours" in word for word in words):
        return "count"
    if any("per_year" in word and not word.endswith(("h_per_year", "hours_per_year")) for word in words):
        return "per_year"
    if any(word.endswith(("_h", "h_per_year")) or word in ("hours", "hours_per_year") for word in words):
        return "hours"
    return "percent" if last in _SHARES or {"availability", "windowed_uptime"} & {*words} else "number"


# --------------------------------------------------------------------------- told


def report(result: Result, names: Names) -> Outline:
    """A number with the inputs it rests on, as an outline."""
    told, number, lang = Origins(names, result), result["number"], names.lang
    kind, currency = number["kind"], result["currency"] if number["kind"] == "money" else None
    sure = number["standard_error"] is None
    value = numbers.point(number["value"], kind, lang, currency, 3) if sure else numbers.write(number, kind, lang, currency)
    band = numbers.band(number, kind, lang, currency, "between")
    key = f"grounds.how.{result['of']}.{result['section']}"
    how = say(key if has(key, lang) else f"grounds.how.{result['of']}.header", lang)
    cells = [[told.named(row), told.value(row), told.origin(row), told.said(row["note"]) or tables.NONE] for row in result["inputs"]]
    sections = [
        Section("how", told.say("trace.how"), [how]),
        Section("inputs", told.say("trace.inputs"), [told.table(["input", "is", "from", "note"], cells, (False,) * 4)]),
        Section("sources", told.say("section.sources"), told.behind(result["inputs"])), provenance(result, names),
    ]  # fmt: skip
    first = told.say("trace.band" if band else "trace.first", path=number["path"], value=value, band=band)
    return Outline(told.say("trace.title", title=tables.model_title(result, names)), first, [], [], [s for s in sections if s.blocks])
