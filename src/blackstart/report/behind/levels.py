"""How much of a service is there in a moment, of what it needs and wants: worked out again, and told only where it comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from blackstart.report import numbers
from blackstart.report.behind import Asked, Line
from blackstart.report.behind.needs import names

SAME = 1e-4  # so near a share that is worked out has to come to that of the course to be told
DEEPEST = 40  # needs one below the other
MOST_PARTS = 4


def made_of(asked: Asked, id_: str, t: float, level: float) -> str:
    """How the share of a service at a time follows from those of what it needs and wants; "" where it does not come out."""
    needs, one_is_enough = _needs(asked, id_)
    wants = _wants(asked, id_)
    each = {name: level_at(asked, name, t) for name in (*needs, *wants)}
    shares = {name: share for name, share in each.items() if share is not None}
    if not each or len(shares) < len(each):
        return ""
    need = (max if one_is_enough else min)((shares[name] for name in needs), default=1.0)
    lacks = {name: (part, shares[name]) for name, part in wants.items() if shares[name] < 1.0}
    if abs(need * math.prod(1.0 - part * (1.0 - there) for part, there in lacks.values()) - level) > SAME:
        return ""

    def write(share: float) -> str:
        return numbers.point(share, "percent", asked.lang, digits=3)

    listed = [asked.say("level-there", name=asked.names.of(name), there=write(share)) for name, share in shares.items()]
    key = "level-of-any" if one_is_enough and len(needs) > 1 else "level-of"
    factors = "".join(f" × (1 − {write(part)} × (1 − {write(there)}))" for part, there in lacks.values())
    return asked.say(key, names=asked.names.join(listed), sum=f"{write(need)}{factors} = {write(level)}" if factors else write(level))


def in_part(asked: Asked, ids: set[str], t: float) -> str:
    """Which of some parts ran in part only at a time, with how much; "" where none did."""
    found = {id_: own for id_ in sorted(ids) if 0.0 < (own := _own(asked, id_, t)) < 1.0}
    rows = sorted(found.items(), key=lambda x: x[1])[:MOST_PARTS]
    shares = [(asked.names.of(id_), numbers.point(own, "percent", asked.lang, digits=3)) for id_, own in rows]
    return asked.names.join([asked.say("level-there", name=name, there=there) for name, there in shares]) if shares else ""


def whence(asked: Asked, id_: str, times: Sequence[float]) -> list[Line]:
    """Why what a service needs and wants is there in part: from each down to the part that is not whole itself, at the last such time."""
    lines = []
    for name in (*_needs(asked, id_)[0], *_wants(asked, id_)):
        way = next((way for t in reversed(times) if (way := _held_by(asked, name, t)) and way[0][1] < 1.0 - SAME), [])
        if not way:
            continue
        shown = [asked.say("level-there", name=asked.names.of(k), there=numbers.point(x, "percent", asked.lang, digits=3)) for k, x in way]
        pairs = zip(way, way[1:], strict=False)
        rows = [row for (part, _), (under_it, _) in pairs for row in asked.of("components", part, "(needs|wants)$") if names(row, under_it)]
        last = way[-1][0]
        to = f"states.{last}" if last in asked.result["states"] else ""
        lines.append(Line(asked.say("chain").join(shown), (), (*rows, *asked.of("components", last, "headroom$")), to))
    return lines


def _held_by(asked: Asked, id_: str, t: float) -> list[tuple[str, float]]:
    """A part with the share that it serves at a time, what it needs that serves no more, and so on to the one that holds all of them."""
    way: list[tuple[str, float]] = []
    name: str | None = id_
    while name is not None and len(way) < DEEPEST:
        share = level_at(asked, name, t)
        if share is None:
            break
        way.append((name, share))
        needs = [need for need in _needs(asked, name)[0] if need not in dict(way)]
        below = {need: found for need in needs if (found := level_at(asked, need, t)) is not None}
        name = next((need for need, found in below.items() if abs(found - share) <= SAME), None)
    return way


def level_at(asked: Asked, id_: str, t: float, deep: int = 0) -> float | None:
    """The share of its demand that a part serves at a time, by its needs; None where these are not simply all or any of some."""
    if known := asked.result["services"].get(id_, {}).get("level"):
        return next((share for at, share in reversed(known) if at <= t), 1.0)
    own = _own(asked, id_, t)
    if own <= 0.0 or deep > DEEPEST:
        return 0.0 if own <= 0.0 else None
    rows = asked.of("components", id_, "needs$")
    if rows and ":" in rows[0]["text"].removeprefix("any: "):
        return None
    needs, one_is_enough = _needs(asked, id_)
    wants = _wants(asked, id_)
    shares = {name: level_at(asked, name, t, deep + 1) for name in (*needs, *wants)}
    there = {name: share for name, share in shares.items() if share is not None}
    if len(there) < len(shares):
        return None
    need = (max if one_is_enough else min)((there[name] for name in needs), default=1.0)
    room = next((row["value"] for row in asked.of("components", id_, "headroom$") if row.get("value")), 1.0)
    return min(own, need) * math.prod(1.0 - part * (1.0 - there[name]) for name, part in wants.items()) * min(1.0, room)


def _needs(asked: Asked, id_: str) -> tuple[list[str], bool]:
    """What a part needs to run, and whether one of it is enough."""
    text = next((row["text"] for row in asked.of("components", id_, "needs$")), "")
    return [name for name in text.removeprefix("any: ").split(", ") if name], text.startswith("any: ")


def _wants(asked: Asked, id_: str) -> Mapping[str, float]:
    """What a part wants, with the share of it that does not work without."""
    return {row["path"].rpartition("wants.")[2]: row["value"] for row in asked.of("components", id_, r"wants\.")}


def _own(asked: Asked, id_: str, t: float) -> float:
    """How much of a part runs at a time; what stands by and was never called does not."""
    stands_by = any(of == id_ and kind == "standby" for of, _, kind in asked.result["graph"]["needs"])
    return next((up for at, _, up in reversed(asked.result["states"].get(id_, ())) if at <= t), 0.0 if stands_by else 1.0)
