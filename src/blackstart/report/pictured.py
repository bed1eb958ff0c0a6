"""The picture of a result: how every part fared, as the colours and notes of its boxes, and what stands below them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from blackstart.report import charts, numbers, picture, story
from blackstart.report import ways as ways_to
from blackstart.report.grouping import Box, Grouped, grouped, told_apart
from blackstart.report.markup import Html, tag
from blackstart.report.names import Names

Result = Mapping[str, Any]
PICTURE_WIDE, PICTURE_NARROW = 1120.0, 350.0
# where the colour of a box begins: share of the downtime
SHARES = ((0.2, "share3"), (0.05, "share2"), (0.005, "share1"))
WORST_FIRST = (
    "never", "broken", "out", "waiting", "starting", "part", "degraded", "standby", "share3", "share2", "share1",
    "share0", "running",
)  # fmt: skip
Looks = Callable[[Box], picture.Look]


def picture_of(result: Result, names: Names) -> Html | None:
    """Who depends on whom and where it stands, for wide and narrow screens, with what its colours mean and what is folded in it."""
    graph = result["graph"]
    if not graph["components"]:
        return None
    rehearsed = result["kind"] == "rehearsal"
    looks = _leading(_rehearsed(result, names) if rehearsed else _assessed(result, names), result)
    order = [s.id for s in story.services_of(result)] if rehearsed else story.services_by_harm(result)
    groups = grouped(graph, sorted(order, key=lambda id_: WORST_FIRST.index(looks[id_].state)), _fared(result, looks))
    look = _look_of_box(result, looks, names)
    notes = _struck_domains(result, groups, names)
    to = {id_: ways_to.number(result, f"picture.{id_}") for id_ in notes if not rehearsed and len(groups.alike(id_)) == 1}
    frames = picture.Frames(notes, to)
    drawn = [
        tag("div", picture.draw(graph, groups, look, frames, names, width, class_[0]), class_=class_)
        for class_, width in (("wide", PICTURE_WIDE), ("narrow", PICTURE_NARROW))
    ]
    colour = "rehearsal_colour" if rehearsed else "assessment_colour"
    since = story.since(result, names) if rehearsed else ""
    keys = ("picture", *(["picture_folded"] if groups.is_folded else []), colour, "edges")
    said = " ".join(names.say(f"chart.{key}", n=len(groups.boxes), since=since) for key in keys)
    used = {look(b).state for b in groups.boxes} if groups.is_folded else {one.state for one in looks.values()}
    return tag("figure", *drawn, _picture_legend(used, names), tag("figcaption", said), _unfolded(groups, graph, names))


def _fared(result: Result, looks: Mapping[str, picture.Look]) -> Callable[[str], str]:
    """What became of a part, by which it is drawn apart from its like: its state, of a service in a rehearsal also when it is back."""
    return lambda id_: looks[id_].state + (looks[id_].note if result["kind"] == "rehearsal" and id_ in result["services"] else "")


def _unfolded(groups: Grouped, graph: Mapping[str, Any], names: Names) -> Html:
    """Of a folded picture all boxes that stand for several, with what each stands for."""
    if not groups.is_folded:
        return Html("")
    kinds, rows = {c["id"]: c["kind"] for c in graph["components"]}, []
    for box in told_apart(groups.boxes):
        where = names.listed(groups.alike(box.domain), 3, "domain") if box.domain else ""
        name = picture.box_name(box, kinds, names)
        rows.append(tag("dt", names.say("list.at", what=name, place=where) if where else name))
        rows.append(tag("dd", names.join([names.of(m) for m in box.members], len(box.members))))
    return tag("details", tag("summary", names.say("chart.unfold", n=len(rows) // 2)), tag("dl", *rows, class_="origin"))


# --------------------------------------------------------------------------- how a box is shown


def _look_of_box(result: Result, looks: Mapping[str, picture.Look], names: Names) -> Looks:
    """How a box is shown: as its part; of several parts as the worst of them; of a folded box also how many fared so."""
    together = _rehearsed_together if result["kind"] == "rehearsal" else _assessed_together

    def look(box: Box) -> picture.Look:
        if box.folded or box.rolled and box.service:
            return together(box, looks, result, names)
        return looks[min(box.members, key=lambda m: WORST_FIRST.index(looks[m].state))]

    return look


def _rehearsed_together(box: Box, looks: Mapping[str, picture.Look], result: Result, names: Names) -> picture.Look:
    """The worst state of several parts, how many were in it, and when the last of them was back."""
    worst = looks[min(box.members, key=lambda m: WORST_FIRST.index(looks[m].state))].state
    mine = [m for m in box.members if looks[m].state == worst]
    notes = {looks[m].note for m in mine}
    last = max(mine, key=lambda m: _back_at(m, result) or 0.0)
    back = _back_at(last, result)
    said = looks[last].note
    if len(notes) > 1 and back is not None and all(_back_at(m, result) is not None for m in mine):
        said = names.say("chart.back_by", t=numbers.moment(back, names.lang))
    if len(mine) < len(box.members) and said:
        said = names.say("chart.of_them", k=len(mine), n=len(box.members), said=said)
    return picture.Look(worst, said, looks[last].to)


def _back_at(id_: str, result: Result) -> float | None:
    """When a service or a part was whole again; None: never, or nothing befell it."""
    if id_ in result["services"]:
        return next((s.back_at_h for s in story.services_of(result) if s.id == id_), None)
    rows = result["states"].get(id_)
    return rows[-1][0] if rows and id_ not in result["stuck"] else None


def _assessed_together(box: Box, looks: Mapping[str, picture.Look], result: Result, names: Names) -> picture.Look:
    """The share of the downtime that begins at any of several parts; of several services how long the worst is down."""
    if box.service:
        worst = max(box.members, key=lambda m: result["services"][m]["downtime_h_per_year"]["value"])
        down = result["services"][worst]["downtime_h_per_year"]["value"]
        note = names.say("chart.down_most", t=numbers.point(down, "hours", names.lang)) if down > 0 else ""
        return picture.Look(looks[worst].state, note, looks[worst].to)
    share = _share_of(result, box.members)
    note = names.say("chart.share", n=numbers.whole_percent(share, names.lang)) if share > 0 else ""
    return picture.Look(_step(share), note)


def _leading(looks: Mapping[str, picture.Look], result: Result) -> dict[str, picture.Look]:
    """The looks of parts with where the numbers of each lead: a service to its outages or its return, a part to its course or its share."""
    services = result["services"]
    if result["kind"] == "rehearsal":
        paths = {id_: f"states.{id_}" if id_ in result["states"] else "" for id_ in looks}
        paths |= {id_: f"services.{id_}.back_at_h" for id_ in looks if id_ in services}
    else:
        paths = {id_: f"services.{id_}.downtime_h_per_year" if id_ in services else f"picture.{id_}" for id_ in looks}
    return {id_: replace(look, to=ways_to.number(result, paths[id_]) if look.note and paths[id_] else "") for id_, look in looks.items()}


def _picture_legend(used: set[str], names: Names) -> Html:
    edges = [charts.line_key(f"line {kind}", names.say(f"chart.{kind}_edge")) for kind in ("run", "start", "want")]
    shares = {"share0": "up_to", "share1": "up_to", "share2": "up_to", "share3": "above"}
    limits = {"share0": SHARES[2][0], "share1": SHARES[1][0], "share2": SHARES[0][0], "share3": SHARES[0][0]}
    keys = []
    for state in WORST_FIRST[::-1]:
        if state in used:
            if state in shares:
                n = numbers.point(limits[state], "percent", names.lang)
                keys.append(charts.swatch(state, names.say(f"chart.{shares[state]}", n=n)))
            else:
                keys.append(charts.swatch(state, names.say(f"state.{state}")))
    return tag("p", *keys, *edges, class_="legend")


def _rehearsed(result: Result, names: Names) -> dict[str, picture.Look]:
    """The worst state of each part in a rehearsal, and when it was whole again."""
    standby = {a for a, _, kind in result["graph"]["needs"] if kind == "standby"}
    looks = {}
    for part in result["graph"]["components"]:
        id_ = part["id"]
        rest = "standby" if id_ in standby else "running"
        rows = result["states"].get(id_, [])
        shown = ["part" if s == "running" and share < 1 else s for _, s, share in rows] or [rest]
        worst = min((s for s in shown), key=WORST_FIRST.index)
        if id_ in result["stuck"]:
            worst = "never"
        if id_ in standby and rows and worst not in ("never", "broken"):
            looks[id_] = _took_over(rows, names)
        else:
            looks[id_] = picture.Look(worst if rows else rest, _back_note(id_, rows, worst, result, names))
    for s in story.services_of(result):
        state = {"never": "never", "out": "out", "degraded": "degraded"}.get(s.state, "running")
        note = names.say("chart.back", t=numbers.moment(s.back_at_h, names.lang)) if s.back_at_h else ""
        looks[s.id] = picture.Look(state, note or names.say(f"state.{s.state}"))
    return looks


def _took_over(rows: Sequence[Sequence[Any]], names: Names) -> picture.Look:
    """A standby: when it took over, or that it was called and did not."""
    ran = next((t for t, state, share in rows if state == "running" and share > 0), None)
    if ran is None:
        return picture.Look("waiting", names.say("chart.in_vain"))
    return picture.Look("standby", names.say("chart.took_over", t=numbers.moment(ran, names.lang)))


def _back_note(id_: str, rows: Sequence[Sequence[Any]], worst: str, result: Result, names: Names) -> str:
    if not rows:
        return ""
    if id_ in result["stuck"]:
        return names.say("chart.never")
    t, state, share = rows[-1]
    if state == "running" and share >= 1 or state == "standby":
        return names.say("chart.back", t=numbers.moment(t, names.lang))
    return names.say(f"state.{worst}")


def _assessed(result: Result, names: Names) -> dict[str, picture.Look]:
    """The share of the downtime that begins at each part; for services, their part of all time down."""
    share = _share_by_place(result)
    whole = sum(row["downtime_h_per_year"]["value"] for row in result["services"].values())
    looks = {}
    for part in result["graph"]["components"]:
        id_ = part["id"]
        if id_ in result["services"]:
            down = result["services"][id_]["downtime_h_per_year"]["value"]
            note = names.say("chart.down", t=numbers.point(down, "hours", names.lang)) if down > 0 else ""
            looks[id_] = picture.Look(_step(down / whole if whole > 0 else 0.0), note)
        else:
            mine = share.get(id_, 0.0)
            note = names.say("chart.share", n=numbers.whole_percent(mine, names.lang)) if mine > 0 else ""
            looks[id_] = picture.Look(_step(mine), note)
    return looks


def _struck_by(result: Result) -> list[tuple[Mapping[str, Any], Sequence[str]]]:
    """What episodes begin with, each with the components and domains where that is."""
    strikes = {h["id"]: h["strikes"] for h in result["graph"].get("hazards", ())}
    return [(c, [c["id"]] if c["what"] == "component" else strikes.get(c["id"], ())) for c in result["causes"]]


def _share_of(result: Result, places: Sequence[str]) -> float:
    """The share of the downtime that begins at any of these components and domains."""
    mine = set(places)
    return float(sum(cause["downtime_share"] for cause, struck in _struck_by(result) if not mine.isdisjoint(struck)))


def _share_by_place(result: Result) -> dict[str, float]:
    """Share of the downtime that begins at each component, and at each component or domain that a hazard strikes."""
    share: dict[str, float] = {}
    for cause, places in _struck_by(result):
        for place in places:
            share[place] = share.get(place, 0.0) + cause["downtime_share"]
    return share


def _struck_domains(result: Result, groups: Grouped, names: Names) -> dict[str, str]:
    """What is said of domains: the share of the downtime that begins with a hazard there, or at any of those that are drawn as one.

    Of a rehearsal that is folded, where it strikes.
    """
    if result["kind"] == "rehearsal":
        struck = _struck(result) if groups.is_folded else ()
        return {groups.stands_for.get(d, d): names.say("chart.struck") for d in struck}
    found = {}
    for d in (d["id"] for d in result["graph"]["domains"]):
        share = _share_of(result, groups.alike(d)) if groups.stands_for.get(d, d) == d else 0.0
        if share > 0:
            found[d] = names.say("chart.share", n=numbers.whole_percent(share, names.lang))
    return found


def _struck(result: Result) -> list[str]:
    """The domains that a rehearsal strikes."""
    strikes = {h["id"]: h["strikes"] for h in result["graph"].get("hazards", ())}
    places = (d for hit in result["scenario"] for d in (strikes.get(hit["hit"], ()) if hit["what"] == "hazard" else [hit["hit"]]))
    domains = {d["id"] for d in result["graph"]["domains"]}
    return [d for d in places if d in domains]


def _step(share: float) -> str:
    return next((key for least, key in SHARES if share >= least), "share0")
