"""Why services stop where something is out: need by need down to what is lost or struck; and what share of all losses they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.behind import Asked, Behind, Line, under
from blackstart.report.behind.causes import within
from blackstart.report.behind.needs import names
from blackstart.report.misfortunes import Misfortunes, own_input

Row = Mapping[str, Any]


def chains(asked: Asked, services: Iterable[str], why: Mapping[str, Row], lost: str = "itself") -> list[Line]:
    """Services that stop, each with why: need by need to what is lost or struck, and why what could stand in does not.

    why : component -> what it is out for (`on`: all of those of which one would do), what strikes it (`by`), whether it takes time
    lost : how it is said of a part that it is lost
    """
    lines = []
    for id_ in services:
        told, leans, struck = [], {}, {}
        ways = [[id_]]
        for way in ways:  # it grows
            while (stop := why.get(way[-1])) and stop["on"] and stop["on"][0] not in way:
                ways += [[way[-1], other] for other in stop["on"][1:] if [way[-1], other] not in ways]
                leans |= {at["path"]: at for at in _leans(asked, way[-1], stop["on"][0])}
                way.append(stop["on"][0])
            struck |= {at["path"]: at for at in _struck(asked, way[-1], stop)}
            told.append(_worded(asked, way if way is ways[0] else way[1:], stop, lost))
        besides = [asked.say("chain-besides", way=way) for way in told[1:]]
        lines.append(Line("".join([told[0], *besides]), (), tuple((struck | leans).values()), at=f"leaning.{id_}"))
    return lines


def _worded(asked: Asked, way: Sequence[str], stop: Row | None, lost: str) -> str:
    """A way from what is out down to why: its parts by name, and last what strikes, or that it takes time or is lost."""
    named = list(map(asked.names.of, way))
    if stop and stop["waits"]:
        named[-1] = asked.say("chain-waits", name=named[-1])
    elif stop and stop["by"]:
        own = stop["by"]["id"] == way[-1]
        named[len(named) - own :] = [Misfortunes(asked.names).event(stop["by"])]
    elif stop and (lost != "itself" or len(way) == 1):
        named[-1] = asked.say(f"chain-{lost}", name=named[-1])
    return asked.say("chain").join(named)


def _leans(asked: Asked, part: str, under_it: str) -> list[Row]:
    """The inputs that say that a part needs or wants another to run, or needs it to start."""
    return [row for row in asked.every("components", part, r"(start\.)?(needs|wants)") if names(row, under_it)]


def _struck(asked: Asked, part: str, stop: Row | None) -> Sequence[Row]:
    """The inputs of why a part is out by itself: the effect that hits it, its chance to take over, how long it takes."""
    if stop is None or not stop["by"]:
        return asked.of("components", part, r"(start|break_glass)\.") if stop and stop["waits"] else ()
    if stop["by"]["what"] != "hazard":
        return asked.of(*own_input(stop["by"]))
    rows = asked.every("hazards", stop["by"]["id"], "effects")
    return [row for row in rows if row.get("effect") and part in (within(asked, row["effect"]["on"]) or ())][:1]


def share_of_losses(asked: Asked, name: str, services: Sequence[str], section: str, why: str = "") -> Behind:
    """What an hour of the services that stop costs, beside what an hour of all costs (or how many use them).

    why : path of the number that tells why these stop, where one does
    """
    every = [c["id"] for c in asked.result["graph"]["components"] if c["service"]]
    unit = "loss" if any(asked.of("components", id_, "loss") for id_ in every) else "users"
    rows = {id_: asked.of("components", id_, unit)[:1] for id_ in every}
    mean = {id_: sum(row.get("value") or 0.0 for row in own) for id_, own in rows.items()}
    kind, currency = ("money", asked.result["currency"]) if unit == "loss" else ("count", None)

    def shown(ids: Iterable[str]) -> str:
        return numbers.point(sum(mean[id_] for id_ in ids), kind, asked.lang, currency, 4)

    def told(ids: Iterable[str]) -> list[Line]:
        dearest = sorted((id_ for id_ in ids if mean[id_] or id_ in services), key=lambda id_: -mean[id_])
        lines = [Line(asked.names.of(id_), (shown([id_]),), rows[id_] or asked.of("components", id_, "users")) for id_ in dearest]
        return [*lines, Line(asked.say("line.total"), (shown(dearest),))] if lines else []

    others = [id_ for id_ in every if id_ not in services]
    lines = under(asked.say("parts.stopping"), told(services)) + under(asked.say("parts.going-on"), told(others))
    lines += under(asked.say("parts.rests-on"), [Line(asked.say("stopped-why", n=len(services)), (), (), why)] if why and services else [])
    share = numbers.whole_percent(sum(mean[id_] for id_ in services) / (sum(mean.values()) or 1.0), asked.lang)
    sums = {"lost": shown(services), "others": shown(others), "all": shown(every), "share": share}
    said = [asked.how(section), asked.say(f"stopped-share-{unit}", **sums)]
    return Behind(name, said, lines, (asked.say("column.an-hour" if unit == "loss" else "column.users"),))
