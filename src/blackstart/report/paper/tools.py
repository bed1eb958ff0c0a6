"""The white paper on tools that stood inside what had failed: which they are, who needs them, what two places would have changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from blackstart.report.outline import Block, Heading
from blackstart.report.paper import course as paper_course
from blackstart.report.teller import TOLD_APART, Teller

_PLACES = ("start", "repair", "help")  # needs that count only when something is to be brought back


def inside(teller: Teller) -> list[str]:
    """What bringing things back needs and itself stood in what had been struck, or fell with it."""
    graph = teller.part("rehearsal")["graph"]
    used = dict.fromkeys(target for _, target, kind in graph["needs"] if kind in _PLACES)
    within = set(_stood_inside(list(used), teller))
    return [id_ for id_ in used if id_ in within or id_ in _fell(teller)]


def _stood_inside(used: Sequence[str], teller: Teller) -> list[str]:
    struck = _struck(teller)
    homes = {c["id"]: c["in"] for c in teller.part("rehearsal")["graph"]["components"]}
    return [id_ for id_ in used if id_ in struck or any(d in struck for d in homes.get(id_, ()))]


def _fell(teller: Teller) -> set[str]:
    """What stopped in the course told before the first service was back."""
    result = paper_course.day(teller)
    first = min((row["back_at_h"] for row in result["services"].values() if row["back_at_h"] is not None), default=math.inf)
    return {event["who"] for event in result["timeline"] if event["what"] in ("falls", "fails") and event["t_h"] < first}


def which(tools: Sequence[str], teller: Teller) -> str:
    """Whether all of them stood inside what had been struck, or some only fell with it: a part of the key of a sentence."""
    return "" if len(_stood_inside(tools, teller)) == len(tools) else "_fell"


def _struck(teller: Teller) -> set[str]:
    """Domains that an effect reached, with all inside them."""
    result = paper_course.day(teller)
    reached = {t for e in result["timeline"] if e["what"] == "effect" and e["detail"].get("op") in ("break", "destroy", "hold", "bar")
               for t in e["detail"].get("targets", ())}  # fmt: skip
    inside = {d["id"]: d["in"] for d in result["graph"]["domains"]}
    grown = True
    while grown:
        more = {d for d, outer in inside.items() if d not in reached and any(o in reached for o in outer)}
        reached |= more
        grown = bool(more)
    return reached


def saved(tools: Sequence[str], teller: Teller, *, named: bool = True) -> list[str]:
    """By how much the defence that moves most of these tools would have shortened it; empty where none moves any. named : these by name"""
    moved = {row["id"]: set(tools) & set(row["moves"]) for row in teller.result["building"]}
    players = [p for p in teller.part("attribution").get("players", ()) if p["what"] == "design" and moved.get(p["name"])]
    if not players:
        return []
    best = max(players, key=lambda p: len(moved[p["name"]]))
    mine, est = [id_ for id_ in tools if id_ in moved[best["name"]]], best["saved"]["hours"]
    told = est["value"] > TOLD_APART * est["standard_error"]
    names = teller.names.listed(mine, 4) if named else teller.say("tools.some", n=teller.few(len(mine)))
    names = teller.say("tools.this" if len(tools) == 1 else "tools.these") if len(mine) == len(tools) else names
    share, player = best["share"]["hours"], teller.player(best)
    if not told:
        return [teller.say("tools.saved_nothing", names=names, player=player)]
    part = teller.told_apart(share, "hours")
    beside = teller.say("tools.share", t=part) if part != teller.cell(est, "hours") else ""
    return [teller.say("tools.saved", names=names, player=player, saved=teller.cell(est, "hours"), share=beside)]


def _unknown(tools: Sequence[str], teller: Teller) -> list[str]:
    """That no defence of the model tells what two places would have changed."""
    return [teller.say("tools.unknown_one" if len(tools) == 1 else "tools.unknown")] if teller.part("attribution") else []


def told(teller: Teller) -> list[Block]:
    """Under a heading of its own: which stood inside what had failed, how many things need them, what two places would have changed."""
    within = inside(teller)
    if not within:
        return []
    graph = teller.part("rehearsal")["graph"]
    users = {id_: len({a for a, b, kind in graph["needs"] if b == id_ and kind in _PLACES}) for id_ in within}
    used = {target for _, target, kind in graph["needs"] if kind in _PLACES}
    most = sorted(within, key=lambda i: -users[i])
    key = "tools" if len(within) < len(used) else "tools_all" if len(used) > 1 else "tools_one"
    fell = which(within, teller)
    said = [teller.say(f"response.{key}{fell}", n=len(used), k=len(within), names=teller.names.listed(most, 6)),
            teller.say("response.most_used", name=teller.names.of(most[0]), n=users[most[0]]) if users[most[0]] > 1 else "",
            *(saved(most, teller) or _unknown(most, teller))]  # fmt: skip
    return [Heading(teller.say(f"response.tools_head{fell}")),
            *teller.p("response.tools", said, paper_course.of_day(teller), "attribution")]  # fmt: skip
