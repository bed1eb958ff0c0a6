"""What ties a service to what stops it or brings it back: what needs what on the shortest way between them, and where parts stand."""

from __future__ import annotations

from collections.abc import Collection

from blackstart.report.behind import Asked, Line, Row

_NEEDS = ("run", "want", "maybe")


def where(asked: Asked, id_: str) -> set[str]:
    """A part, and the places in which it stands, one inside the other."""
    graph = asked.result["graph"]
    around = {row["id"]: row["in"] for row in (*graph["components"], *graph["domains"])}
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
    needs: dict[str, list[str]] = {}
    for source, target, kind in asked.result["graph"]["needs"]:
        if kind in _NEEDS:
            needs.setdefault(source, []).append(target)
    ways, seen = [[id_]], {id_}
    for way in ways:  # it grows
        if not where(asked, way[-1]).isdisjoint(names):
            break
        new = [name for name in dict.fromkeys(needs.get(way[-1], ())) if name not in seen]
        seen.update(new)
        ways += [[*way, name] for name in new]
    else:
        return None
    if len(way) < 2:
        return None
    rows = tuple(row for part, under in zip(way, way[1:], strict=False) for row in asked.of("components", part, "(needs|wants)$")
                 if under in row["text"].rpartition(": ")[2].split(", "))  # fmt: skip
    return Line(asked.say("chain").join(map(asked.names.of, way)), (), rows) if rows else None
