"""What ties a service to what stops it or brings it back: what needs what on the shortest way between them, and where parts stand."""

from __future__ import annotations

import re
from collections.abc import Collection

from blackstart.report.behind import Asked, Line, Row

_NEEDS = ("run", "want", "maybe")


def needed_by(asked: Asked, id_: str) -> list[tuple[str, str]]:
    """What a part needs, each with the kind of need."""

    def made() -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for of, to, kind in asked.result["graph"]["needs"]:
            found.setdefault(of, []).append((to, kind))
        return found

    return asked.kept("needed_by", made).get(id_, [])


def standing_by(asked: Asked, id_: str) -> list[str]:
    """Who stands by for a part."""

    def made() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for of, to, kind in asked.result["graph"]["needs"]:
            if kind == "standby":
                found.setdefault(to, []).append(of)
        return found

    return asked.kept("standing_by", made).get(id_, [])


def where(asked: Asked, id_: str) -> set[str]:
    """A part, and the places in which it stands, one inside the other."""
    graph = asked.result["graph"]
    around = asked.kept("around", lambda: {row["id"]: row["in"] for row in (*graph["components"], *graph["domains"])})
    found, todo = {id_}, [id_]
    while todo:
        new = [name for name in around.get(todo.pop(), ()) if name not in found]
        found.update(new)
        todo += new
    return found


def struck_by(asked: Asked, cause: Row) -> set[str]:
    """The parts and places that a cause itself stops."""
    if cause["what"] != "hazard":
        return {cause["id"]}
    found = {name for row in asked.result["graph"].get("hazards", ()) if row["id"] == cause["id"] for name in row["strikes"]}
    return found.union(*((row.get("effect") or {}).get("on", ()) for row in asked.every("hazards", cause["id"], "")))


def tie(asked: Asked, id_: str, names: Collection[str]) -> Line | None:
    """Why a service stops, or is back, with one of some parts or places, with the inputs that say so; None where it is one itself."""
    ways, seen = [[id_]], {id_}
    for way in ways:  # it grows
        if not where(asked, way[-1]).isdisjoint(names):
            break
        new = [name for name in dict.fromkeys(to for to, kind in needed_by(asked, way[-1]) if kind in _NEEDS) if name not in seen]
        seen.update(new)
        ways += [[*way, name] for name in new]
    else:
        return None
    if len(way) < 2:
        return None
    rows = tuple(row for part, under in zip(way, way[1:], strict=False) for row in asked.of("components", part, "(needs|wants)$")
                 if under in row["text"].rpartition(": ")[2].split(", "))  # fmt: skip
    return Line(asked.say("chain").join(map(asked.names.of, way)), (), rows) if rows else None


def names(row: Row, part: str) -> bool:
    """Whether what a part needs or wants, as an input tells it, has another part in it."""
    return re.search(rf"(?<![\w-]){re.escape(part)}(?![\w-])", row["text"]) is not None
