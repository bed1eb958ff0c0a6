"""What one number of a saved result rests on: the formula in words, and the inputs behind it with their origins.

`why` of a model computes how much each input moves a number of an assessment. This answers for any number of any result that
carries its inputs (`grounds`), as `--format json` wrote it, with nothing computed: assessments, rehearsals, overlaps, plans, the worst
overlaps, quiet years, growth, comparisons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from blackstart.errors import ModelError, Problem
from blackstart.nearest import Nearest
from blackstart.report import numbers, tables
from blackstart.report.behind import Asked, as_dict
from blackstart.report.names import Names
from blackstart.report.origins import Origins
from blackstart.report.outline import Outline, Section, provenance
from blackstart.report.panels import behind, keys_of, model_of
from blackstart.text import LANGUAGES, has, say

Result = Mapping[str, Any]
FIRST = 12  # inputs told where none in particular stands behind a number: those that matter most for all of them
SHOWN_PATHS = 8
_COMMON = ("schema_version", "title", "outcome", "provenance", "currency", "labels", "graph", "defaults", "deadlocks")
_SECTIONS = {
    "assessment": {
        "windowed_uptime": "windows", "outages_per_year_longer_than": "curves", "loss": "loss", "users": "users", "stuck": "stuck",
        "user_hours_lost_per_year": "users", "causes": "causes", "causes_by_service": "causes", "data": "data", "signed": "signed",
        "uptime": "uptime",
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
    "worst": {"worst": "worst", "played": "services", "dependence": "dependence", "rates": "rates", "defence": "defence"},
    "quiet": {"initiators": "silent", "absorbed_per_year": "silent", "noticed_per_year": "silent", "protections": "worth", "cuts": "cuts"},
    "growth": {"stages": "stages", "bought": "buy", "total": "total", "gap": "total"},
    "comparison": {"variants": "money", "services": "hours"},
    "difference": {"services": "services", "total": "total", "overlaps_added": "overlaps", "overlaps_removed": "overlaps"},
}  # fmt: skip
_MONEY = frozenset((
    "loss", "cost", "costs", "aal", "oep", "aep", "tvar", "once", "yearly", "adds", "adds_per_year", "avoided", "avoided_per_year",
    "loss_per_year", "alone", "together", "loss_added", "saves_once", "saves_per_year", "net_per_year", "net", "loss_nothing",
    "loss_before", "loss_after", "gap", "per_hour",
))  # fmt: skip
_SHARES = frozenset((
    "p", "share", "share_of_time", "never", "never_share", "downtime_share", "loss_share", "long_share", "fussell_vesely", "kept_share",
    "burnt", "of_windows",
))  # fmt: skip


def trace(result: Result, path: str) -> dict[str, Any]:
    """The number at a dotted path of a result (elements of lists by their number from 0), with the inputs that stand behind it.

    Raises
    ------
    ModelError
        If the result carries no inputs (``not-a-result``) or the path leads to no number (``no-such-number``).
    """
    if not isinstance(result, Mapping) or not (result.get("grounds") or {}).get("inputs"):
        raise ModelError([Problem("not-a-result", None, path)])
    keys = keys_of(result, path)
    number = _number(_at(result, keys)) or _count(_at(result, keys))
    if number is None:
        known = [".".join(map(str, one)) for one in _numbers(result, ())]
        inside = [one for one in known if one.startswith(f"{path}.")][:SHOWN_PATHS] or known[:SHOWN_PATHS]
        raise ModelError([Problem("no-such-number", None, path, {"name": path, "known": ", ".join(inside)}, Nearest(known).to(path))])
    found = {lang: behind(Asked(result, Names(result, lang)), path) for lang in LANGUAGES}
    rows = next(iter(found.values())).inputs() if all(found.values()) else list(result["grounds"]["inputs"][:FIRST])
    return {
        **{key: result[key] for key in _COMMON}, "kind": "trace", "of": result["kind"],
        "number": {"path": path, "kind": _kind(result, keys), **number},
        "section": next((_SECTIONS[result["kind"]][k] for k in reversed(keys) if k in _SECTIONS[result["kind"]]), "header"),
        "behind": {lang: as_dict(one) for lang, one in found.items() if one}, "inputs": rows, "cited": result["grounds"]["cited"],
        "glosses": result["grounds"].get("glosses", {}),
    }  # fmt: skip


def _at(node: Any, keys: Sequence[str | int]) -> Any:
    """What stands at these keys; None where they lead nowhere."""
    for key in keys:
        known = isinstance(node, Mapping) and key in node or isinstance(node, list) and isinstance(key, int) and key < len(node)
        node = node[key] if known else None  # type: ignore[index]
    return node


def _number(node: Any) -> dict[str, Any] | None:
    if isinstance(node, Mapping) and "value" in node and "standard_error" in node:
        return {"value": node["value"], "standard_error": node["standard_error"], "band": node.get("band")}
    if isinstance(node, int | float) and not isinstance(node, bool):
        return {"value": float(node), "standard_error": None, "band": None}
    return None


def _count(node: Any) -> dict[str, Any] | None:
    """How many names a list has: pages tell such counts, of services that stop."""
    names = isinstance(node, list) and node and all(isinstance(one, str) for one in node)
    return {"value": float(len(node)), "standard_error": None, "band": None} if names else None


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


def _kind(result: Result, keys: Sequence[str | int]) -> str:
    """What kind of quantity a number is, by the words that lead to it."""
    words = [str(key) for key in keys]
    if _MONEY.intersection(words) and result["currency"] and result.get("money", True) and result.get("measure", "money") == "money":
        return "money"
    last = next(word for word in reversed(words) if not word.isdecimal())
    if any("user_hours" in word for word in words):
        return "count"
    if any("per_year" in word and not word.endswith(("h_per_year", "hours_per_year")) for word in words):
        return "per_year"
    if any(word.endswith(("_h", "h_per_year")) or word in ("hours", "hours_per_year", "hours_added") for word in words):
        return "hours"
    return "percent" if last in _SHARES or {"availability", "windowed_uptime"} & {*words} else "number"


def asked_of_the_model(result: Result) -> bool:
    """Whether how much each input moves a number can be computed from its model: of the numbers of an assessment's services and totals."""
    return result["of"] == "assessment" and str(result["number"]["path"]).startswith(("services.", "total."))


# --------------------------------------------------------------------------- told


def report(result: Result, names: Names) -> Outline:
    """A number with the inputs it rests on, as an outline."""
    told, number, lang = Origins(names, result), result["number"], names.lang
    kind, currency = number["kind"], result["currency"] if number["kind"] == "money" else None
    sure = number["standard_error"] is None
    value = numbers.point(number["value"], kind, lang, currency, 3) if sure else numbers.write(number, kind, lang, currency)
    band = numbers.band(number, kind, lang, currency, "between")
    cells = [[told.named(row), told.value(row), told.origin(row), told.said(row["note"]) or tables.NONE] for row in result["inputs"]]
    sections = [
        Section("how", told.say("trace.how"), _told(result, told)), Section("moves", told.say("trace.moves"), [_moves(result, told)]),
        Section("inputs", told.say("trace.inputs"), [told.table(["input", "is", "from", "note"], cells, (False,) * 4)]),
        Section("sources", told.say("section.sources"), told.behind(result["inputs"])), provenance(result, names),
    ]  # fmt: skip
    first = told.say("trace.band" if band else "trace.first", path=number["path"], value=value, band=band)
    return Outline(told.say("trace.title", title=tables.model_title(result, names)), first, [], [], [s for s in sections if s.blocks])


def _told(result: Result, told: Origins) -> list[Any]:
    """How the number follows, and whom it rests on, line by line; where nothing in particular stands behind it its section's words."""
    found = (result.get("behind") or {}).get(told.lang)
    if not found:
        key = f"grounds.how.{result['of']}.{result['section']}"
        return [say(key if has(key, told.lang) else f"grounds.how.{result['of']}.header", told.lang)]
    blocks: list[Any] = [found["heading"], *found["said"]]
    for part, lines in groupby(found["lines"], key=lambda line: line.get("part", "")):
        blocks += [*([f"{part}:"] if part else []), _lines(result, list(lines), found["head"], told)]
    return blocks


def _lines(result: Result, lines: Sequence[Mapping[str, Any]], over: Sequence[str], told: Origins) -> tables.Table:
    """Lines of one part, each with its inputs by name."""
    known = {row["path"]: row for row in result["inputs"]}
    cells = [
        [line["what"], *line["shown"], *[""] * (len(over) - len(line["shown"])),
         told.names.join([told.named(known[path]) for path in line["inputs"] if path in known], 2) or tables.NONE]
        for line in lines
    ]  # fmt: skip
    head = [told.say("column.what"), *over, told.say("column.input")]
    return tables.Table(head, cells, (False, *(True,) * len(over), False)).without_empty()


def _moves(result: Result, told: Origins) -> str:
    """That nothing was computed here, and the command that says how much each input moves the number, or one near it."""
    model, path = model_of(result), str(result["number"]["path"])
    if asked_of_the_model(result):
        return told.say("trace.with-model", model=model, command=f"blackstart why {model} {path}")
    services = [c["id"] for c in result["graph"]["components"] if c["service"]]
    near = next((id_ for id_ in services if path.startswith(f"services.{id_}.")), services[0] if services else "")
    return told.say("trace.of-assess", command=f"blackstart why {model} services.{near}.downtime_h_per_year")
