"""What stands behind the numbers of `worst`, `quiet`, `grow`, `compare` and of defences side by side: whose inputs they rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report.behind import MOST_INPUTS, MOST_LINES, TIMES, Asked, Behind, Line
from blackstart.report.behind.overlaps import misfortunes
from blackstart.report.behind.stopping import share_of_losses
from blackstart.report.misfortunes import Misfortunes

Row = Mapping[str, Any]
_GROUPS = {"people": "teams", "barrier": "barriers", "cut": "defences", "hazard": "hazards"}
_NOUNS = {"people": "team", "barrier": "barrier", "cut": "defence", "hazard": "hazard"}


def behind(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    """What stands behind the number at these keys; None where there is nothing in particular."""
    of = {"worst": _worst, "quiet": _quiet, "growth": _growth, "comparison": _comparison, "difference": _difference}
    return of[asked.result["kind"]](asked, keys)


# --------------------------------------------------------------------------- pieces


def _rates(asked: Asked, rows: Iterable[Row] = ()) -> list[Line]:
    """How often each of these begins, or, without any, every hazard and every part that fails by itself."""
    found = {(row["what"], row["id"]): asked.rate(row) for row in rows}
    if not found:
        hazards = [{"what": "hazard", "id": h["id"]} for h in asked.result["graph"].get("hazards", ())]
        parts = [{"what": "component", "id": c["id"]} for c in asked.result["graph"]["components"]]
        found = {(row["what"], row["id"]): asked.rate(row) for row in (*hazards, *parts)}
    often = sorted((item for item in found.items() if item[1]), key=lambda item: -(item[1][0].get("value") or 0.0))
    return [Line(asked.names.of(id_, what), (), inputs) for (what, id_), inputs in often[:MOST_LINES]]


def _losses(asked: Asked) -> list[Line]:
    services = [c["id"] for c in asked.result["graph"]["components"] if c["service"]]
    return [line for line in asked.costs_of(services) if line.inputs]


def _bought(asked: Asked, ids: Iterable[str], inside: str = "") -> list[Line]:
    """What defences cost and change, each with its inputs."""
    lines = []
    for id_ in ids:
        costs, changes = asked.every("defences", id_, "costs"), asked.every("defences", id_, "change")
        wanted = costs if inside == "costs" else (*costs, *changes) if not inside else changes
        lines.append(Line(asked.names.of(id_, "defence"), (), wanted[:MOST_LINES]))
    return lines


def _thing(asked: Asked, row: Row) -> Line:
    """A protection, a misfortune or a cut with the inputs that are its own."""
    group, noun = _GROUPS.get(row["what"], "components"), _NOUNS.get(row["what"], "component")
    inside = {"ride": "rides", "standby": "start|standby|works"}.get(row["what"], "")
    inputs = asked.of(group, row["id"], inside) or asked.of(group, row["id"])
    return Line(asked.names.of(row["id"], noun) if row["id"] else asked.say("all"), (), inputs)


def _answer(asked: Asked, heading: str, section: str, lines: Sequence[Line]) -> Behind | None:
    told = [line for line in lines if line.inputs]
    return Behind(heading, [asked.how(section)], told) if told else None


# --------------------------------------------------------------------------- by kind


def _worst(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    result, words = asked.result, Misfortunes(asked.names)
    match keys:
        case ["worst", int(n), "per_hour" | "share", *_]:
            row = result["worst"][n]
            return share_of_losses(asked, words.together(row["misfortunes"]), row["stops"], "worst")
        case ["worst", int(n), "stops", *_]:
            row = result["worst"][n]
            lines = [Line(asked.names.of(id_), (), asked.of("components", id_, "(needs|wants)$")) for id_ in row["stops"]]
            return _answer(asked, words.together(row["misfortunes"]), "worst", lines)
        case ["worst", int(n), *_]:
            row = result["worst"][n]
            lines = [Line(line.what, (), line.inputs) for line in misfortunes(asked, row["misfortunes"])]
            return _answer(asked, words.together(row["misfortunes"]), "services", [*lines, *_losses(asked)])
        case ["dependence", "states", int(n), *_]:
            lines = [Line(line.what, (), line.inputs) for line in misfortunes(asked, result["dependence"]["states"][n]["misfortunes"])]
            return _answer(asked, words.together(result["dependence"]["states"][n]["misfortunes"]), "dependence", [*lines, *_losses(asked)])
        case ["defence", *_] if result["defence"]:
            return _answer(asked, asked.names.say("section.grounds"), "defence", _bought(asked, result["defence"]["with"]))
        case [("dependence" | "rates") as part, *_]:
            return _answer(asked, asked.say(f"answers.{part}"), part, [*_rates(asked), *_losses(asked)])
    return None


def _quiet(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    result = asked.result
    match keys:
        case ["absorbed_per_year" | "noticed_per_year", *_]:
            return _answer(asked, asked.say(f"answers.{keys[0]}"), "silent", _rates(asked, result["initiators"]))
        case ["initiators", int(n), *_]:
            row = result["initiators"][n]
            by = [_thing(asked, each) for each in row["by"] if each["id"]]
            return _answer(asked, asked.names.of(row["id"], row["what"]), "silent", [*_rates(asked, [row]), *by])
        case ["protections", int(n), *_]:
            row = result["protections"][n]
            lines = [_thing(asked, row), *_rates(asked, result["initiators"]), *_losses(asked)]
            return _answer(asked, lines[0].what, "worth", lines)
        case ["cuts", int(n), ("saves_once" | "saves_per_year"), *_]:
            id_ = result["cuts"][n]["id"]
            return _answer(asked, asked.names.of(id_, "defence"), "cuts", _bought(asked, [id_], "costs"))
        case ["cuts", int(n), *_]:
            id_ = result["cuts"][n]["id"]
            lines = [*_bought(asked, [id_]), *_rates(asked, result["initiators"]), *_losses(asked)]
            return _answer(asked, asked.names.of(id_, "defence"), "cuts", lines)
    return None


def _growth(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    stages = asked.result["stages"]
    match keys:
        case ["stages", int(n), "bought", int(m), *_]:
            id_ = stages[n]["bought"][m]["id"]
            lines = [Line(asked.names.of(id_, "defence"), (), asked.of("defences", id_, "costs|takes|people"))]
            return _answer(asked, asked.names.of(id_, "defence"), "buy", lines)
        case ["stages", int(n), "cost", *_]:
            return _answer(asked, asked.say("answers.cost"), "stages", _bought(asked, _by(stages, n), "costs"))
        case ["stages", int(n), *_]:
            lines = [*_bought(asked, _by(stages, n), "change"), *_rates(asked), *_losses(asked)]
            return _answer(asked, asked.say("answers.loss"), "stages", lines)
        case ["total", *inner] if inner[-1:] == ["cost"]:
            return _answer(asked, asked.say("answers.cost"), "total", _bought(asked, _by(stages, len(stages)), "costs"))
        case ["total" | "gap", *_]:
            lines = [*_bought(asked, _by(stages, len(stages))), *_rates(asked), *_losses(asked)]
            return _answer(asked, asked.say("answers.loss"), "total", lines)
    return None


def _by(stages: Sequence[Row], n: int) -> list[str]:
    """The defences bought until the end of a stage."""
    return [row["id"] for stage in stages[: n + 1] for row in stage["bought"]]


def _comparison(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    match keys:
        case ["variants", int(n), *inner]:
            ids = asked.result["variants"][n]["with"]
            heading = asked.names.listed(ids, 3, "defence") if ids else asked.say("answers.as-is")
            if inner[:1] in (["once"], ["yearly"]):
                return _answer(asked, heading, "money", _bought(asked, ids, "costs"))
            brought = [Line(line.what, (), line.inputs[:MOST_INPUTS]) for line in _bought(asked, ids)]
            if inner[:1] == ["services"]:
                id_ = str(inner[1])
                own = [Line(asked.names.of(id_), (), asked.of("components", id_, f"tolerance.serves|needs|{TIMES}"))]
                return _answer(asked, f"{heading}: {asked.names.of(id_)}", "hours", [*brought, *_rates(asked), *own])
            return _answer(asked, heading, "money", [*brought, *_rates(asked), *_losses(asked)])
    return None


def _difference(asked: Asked, keys: Sequence[str | int]) -> Behind | None:
    match keys:
        case ["services", str(id_), *_]:
            own = [Line(asked.names.of(id_), (), asked.of("components", id_, "loss|users|tolerance.serves|needs"))]
            return _answer(asked, asked.names.of(id_), "services", [*own, *_rates(asked)])
        case ["total", *_]:
            return _answer(asked, asked.say("all"), "total", [*_rates(asked), *_losses(asked)])
        case [("overlaps_added" | "overlaps_removed") as part, int(n), *_]:
            row = asked.result[part][n]
            lines = [_thing(asked, m) for m in row["misfortunes"]]
            return _answer(asked, Misfortunes(asked.names).overlap(row), "overlaps", lines)
    return None
