"""The picture of who depends on whom and where it stands: boxes in rows, domains as boxes around them.

Where everything is drawn follows from the graph alone, so the same model always looks the same; only the colours and the
second line of each box come from the result.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blackstart.graph import strong_components
from blackstart.report.markup import Html, in_lines, join, shorten, svg, tag, text_width, write_at
from blackstart.report.names import Names

BOXES_MOST = 60
BOX_W, BOX_H = 144.0, 54.0
LINE_H = 14.5
GAP_X, GAP_Y = 14.0, 30.0
PAD, HEAD = 12.0, 24.0
NOT_A_PLACE = ("software", "account", "operator", "certificate")
# kinds of need, as the picture tells them apart
LINES = {"run": "run", "start": "start", "repair": "start", "want": "want", "standby": "want", "maybe": "want"}
SWEEPS = 4


@dataclass(slots=True)
class Box:
    """One part, or several that are drawn as one."""

    members: list[str]
    service: bool
    domain: str | None
    key: str
    rolled: bool = False  # several that are not alike
    layer: int = 0
    x: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class Frame:
    """A domain (or, for None, the ground outside of all) with its boxes in rows and the domains inside it."""

    domain: str | None
    boxes: list[Box] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    x: float = 0.0
    y: float = 0.0
    w: float = 0.0
    h: float = 0.0

    def size(self) -> int:
        """Boxes in it and in all inside it."""
        return len(self.boxes) + sum(f.size() for f in self.frames)

    def all_boxes(self) -> list[Box]:
        """Boxes in it and in all inside it."""
        return self.boxes + [b for f in self.frames for b in f.all_boxes()]


@dataclass(frozen=True, slots=True)
class Look:
    """How a box is shown: `state` names its colour and hatching, `note` is its second line, `to` the place where it is traced."""

    state: str
    note: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Frames:
    """What is said of domains, behind their names, and the places where that is traced."""

    said: Mapping[str, str]
    to: Mapping[str, str]


# --------------------------------------------------------------------------- from parts to boxes


def boxes_of(graph: Mapping[str, Any], most: int = BOXES_MOST) -> list[Box]:
    """Boxes of a graph, at most about `most`: like parts are drawn as one, then whole domains."""
    domains = {d["id"]: d for d in graph["domains"]}
    boxes = [
        Box([c["id"]], bool(c["service"]), _home(c["in"], domains), c["id"]) for c in graph["components"]
    ]
    if len(boxes) > most:
        boxes = _merged(boxes, _likeness(graph, boxes))
    if len(boxes) > most:
        ties: dict[str, int] = {}
        for need in graph["needs"]:
            for end in need[:2]:
                ties[end] = ties.get(end, 0) + 1
        boxes = _merged_by_domain(boxes, domains, ties, most)
    return boxes


def _home(inside: Sequence[str], domains: Mapping[str, Any]) -> str | None:
    """The domain in which a part is drawn: the first that is a place, else the first."""
    known = [d for d in inside if d in domains]
    return next((d for d in known if domains[d]["kind"] not in NOT_A_PLACE), known[0] if known else None)


def _likeness(graph: Mapping[str, Any], boxes: Sequence[Box]) -> dict[str, Any]:
    """What makes parts alike: where they stand, and what they need."""
    needs: dict[str, set[tuple[str, str]]] = {}
    for source, target, kind in graph["needs"]:
        if kind != "help":
            needs.setdefault(source, set()).add((target, kind))
    kinds = {c["id"]: c["kind"] for c in graph["components"]}
    return {
        b.key: (b.domain, kinds[b.key], b.service, frozenset(needs.get(b.key, ()))) for b in boxes
    }


def _merged(boxes: Sequence[Box], likeness: Mapping[str, Any]) -> list[Box]:
    groups: dict[Any, Box] = {}
    for box in boxes:
        first = groups.setdefault(likeness[box.key], box)
        if first is not box:
            first.members += box.members
    return list(groups.values())


def _merged_by_domain(
    boxes: list[Box], domains: Mapping[str, Any], ties: Mapping[str, int], most: int
) -> list[Box]:
    """The least connected boxes of the fullest domain become one, and so on until few enough are left; services last."""
    for services in (False, True):
        while len(boxes) > most:
            groups: dict[str | None, list[Box]] = {}
            for b in boxes:
                if b.service == services:
                    groups.setdefault(b.domain, []).append(b)
            fullest = max(groups.values(), key=len, default=[])
            if len(fullest) > 1:
                least = sorted(fullest, key=lambda b: (not b.rolled, sum(ties.get(m, 0) for m in b.members)))
                boxes = _rolled(boxes, least[: len(boxes) - most + 1])
            elif not _lift(boxes, domains, services):
                break
    return boxes


def _rolled(boxes: Sequence[Box], chosen: Sequence[Box]) -> list[Box]:
    """Boxes with the chosen ones drawn as one, in the place of their first."""
    mine = {id(b) for b in chosen}
    members = [m for b in boxes if id(b) in mine for m in b.members]
    one = Box(members, chosen[0].service, chosen[0].domain, members[0], rolled=True)
    found: list[Box] = []
    for b in boxes:
        if id(b) not in mine:
            found.append(b)
        elif not any(f is one for f in found):
            found.append(one)
    return found


def _lift(boxes: Sequence[Box], domains: Mapping[str, Any], services: bool) -> bool:
    """Move boxes of the deepest domains one domain outwards; whether any moved."""
    depth = {d: len(_path(d, domains)) for d in domains}
    inside = [b for b in boxes if b.domain is not None and b.service == services]
    if not inside:
        return False
    deepest = max(depth[b.domain] for b in inside if b.domain)
    for b in inside:
        if b.domain and depth[b.domain] == deepest:
            outer = _path(b.domain, domains)[:-1]
            b.domain = outer[-1] if outer else None
    return True


def _path(domain: str, domains: Mapping[str, Any]) -> list[str]:
    """A domain and those around it, the outermost first."""
    found: list[str] = []
    at: str | None = domain
    while at is not None and at not in found:
        found.append(at)
        at = next((d for d in domains[at]["in"] if d in domains), None)
    return found[::-1]


# --------------------------------------------------------------------------- lines between boxes


def lines_of(graph: Mapping[str, Any], boxes: Sequence[Box]) -> list[tuple[int, int, str]]:
    """Lines (from, to, kind) between boxes; a line that follows from others is left out."""
    of = {m: i for i, b in enumerate(boxes) for m in b.members}
    rank = {"run": 0, "start": 1, "want": 2}
    kind_of: dict[tuple[int, int], str] = {}
    for source, target, kind in graph["needs"]:
        line = LINES.get(kind)
        a, b = of.get(source), of.get(target)
        if line is None or a is None or b is None or a == b:
            continue
        if (a, b) not in kind_of or rank[line] < rank[kind_of[a, b]]:
            kind_of[a, b] = line
    run: dict[int, set[int]] = {}
    for (a, b), line in kind_of.items():
        if line == "run":
            run.setdefault(a, set()).add(b)
    circle = strong_components({i: run.get(i, set()) for i in range(len(boxes))})
    return [
        (a, b, line)
        for (a, b), line in kind_of.items()
        if line != "run" or not _follows(run, circle, a, b)
    ]


def _follows(run: Mapping[int, set[int]], circle: Mapping[int, int], a: int, b: int) -> bool:
    """Whether b is reached from a through somebody else who is on a circle with neither."""
    seen: set[int] = {a, b}
    todo = [x for x in run.get(a, ()) if circle[x] not in (circle[a], circle[b])]
    while todo:
        x = todo.pop()
        if b in run.get(x, ()):
            return True
        if x not in seen:
            seen.add(x)
            todo.extend(run.get(x, ()))
    return False


def _set_layers(boxes: Sequence[Box], lines: Iterable[tuple[int, int, str]]) -> None:
    """Layer of each box: longest way down to it; boxes on one circle share a layer."""
    after: dict[int, set[int]] = {i: set() for i in range(len(boxes))}
    for a, b, kind in lines:
        if kind != "want":
            after[a].add(b)
    circle = strong_components(after)
    below: dict[int, set[int]] = {}
    for a, targets in after.items():
        below.setdefault(circle[a], set()).update(circle[b] for b in targets if circle[b] != circle[a])
    # components are numbered when they are complete: those below a component have smaller numbers
    level: dict[int, int] = dict.fromkeys(below, 0)
    for c in sorted(below, reverse=True):
        for d in below[c]:
            level[d] = max(level[d], level[c] + 1)
    for i, box in enumerate(boxes):
        box.layer = level[circle[i]]


# --------------------------------------------------------------------------- where everything goes


def frames_of(graph: Mapping[str, Any], boxes: Sequence[Box]) -> Frame:
    """The ground, with domains inside it that hold at least one box."""
    domains = {d["id"]: d for d in graph["domains"]}
    ground = Frame(None)
    made: dict[str, Frame] = {}
    for box in boxes:
        at = ground
        for d in _path(box.domain, domains) if box.domain else ():
            if d not in made:
                made[d] = Frame(d)
                at.frames.append(made[d])
            at = made[d]
        at.boxes.append(box)
    return ground


def arrange(ground: Frame, lines: Sequence[tuple[int, int, str]], boxes: Sequence[Box], width: float) -> None:
    """Give every box and frame its place in a picture at most `width` wide."""
    near: dict[int, list[Box]] = {id(b): [] for b in boxes}
    for i, j, _ in lines:
        near[id(boxes[i])].append(boxes[j])
        near[id(boxes[j])].append(boxes[i])
    pull = {id(b): float(i) for i, b in enumerate(boxes)}
    tied = {(id(boxes[i]), id(boxes[j])) for i, j, kind in lines if kind != "want"}
    for _ in range(SWEEPS):
        _place(ground, 0.0, 0.0, width, pull, tied)
        for b in boxes:
            others = near[id(b)]
            if others:
                pull[id(b)] = sum(o.x for o in others) / len(others)
            else:
                pull[id(b)] = b.x
    _place(ground, 0.0, 0.0, width, pull, tied)


def _columns(frame: Frame, width: float) -> int:
    fit = max(1, int((width - 2 * PAD + GAP_X) // (BOX_W + GAP_X)))
    return max(1, min(fit, 8 if frame.domain is None else math.ceil(math.sqrt(2.2 * max(1, len(frame.boxes))))))


def _place(frame: Frame, x: float, y: float, width: float, pull: Mapping[int, float], tied: set[tuple[int, int]]) -> None:
    """Boxes in rows by layer, then the domains inside, side by side while there is room."""
    frame.x, frame.y = x, y
    inner_x, inner_y = x + PAD, y + (HEAD if frame.domain is not None else PAD)
    bottom, right = _place_boxes(frame, inner_x, inner_y, width, pull, tied)
    at_x, row_h = inner_x, 0.0
    at_y = bottom
    for child in sorted(frame.frames, key=lambda f: (min(b.layer for b in f.all_boxes()), -f.size())):
        room = x + width - PAD
        _place(child, at_x, at_y, room - at_x, pull, tied)
        if at_x > inner_x and (child.x + child.w > room or room - at_x < BOX_W + 2 * PAD):
            at_x, at_y, row_h = inner_x, at_y + row_h + GAP_Y, 0.0
            _place(child, at_x, at_y, room - at_x, pull, tied)
        at_x += child.w + GAP_X
        row_h = max(row_h, child.h)
        right = max(right, child.x + child.w)
    last = at_y + row_h if frame.frames else bottom - GAP_Y
    frame.w, frame.h = right + PAD - x, last + PAD - y


def _place_boxes(
    frame: Frame, x: float, y: float, width: float, pull: Mapping[int, float], tied: set[tuple[int, int]]
) -> tuple[float, float]:
    columns, right = _columns(frame, width), x
    for row in _rows(frame.boxes, columns, tied):
        row = sorted(row, key=lambda b: pull[id(b)])
        for k, box in enumerate(row):
            box.x, box.y = x + (k % columns) * (BOX_W + GAP_X), y + (k // columns) * (BOX_H + 10.0)
            right = max(right, box.x + BOX_W)
        y += math.ceil(len(row) / columns) * (BOX_H + 10.0) - 10.0 + GAP_Y
    return y, right


def _rows(boxes: Sequence[Box], columns: int, tied: set[tuple[int, int]]) -> list[list[Box]]:
    """Boxes by layer; a row with room left takes boxes of the next layer that none of it needs."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: (not b.service, b.layer)):
        row = rows[-1] if rows else []
        same = bool(row) and row[-1].service == box.service
        if same and row[-1].layer == box.layer:
            row.append(box)
        elif same and len(row) < columns and not any((id(r), id(box)) in tied for r in row):
            row.append(box)
        else:
            rows.append([box])
    return rows


# --------------------------------------------------------------------------- drawing


def draw(
    graph: Mapping[str, Any],
    looks: Mapping[str, Look],
    worst: Sequence[str],
    notes: Frames,
    names: Names,
    width: float,
    prefix: str,
) -> tuple[Html, int]:
    """The picture, and how many boxes it has.

    Parameters
    ----------
    graph : the graph of a result
    looks : how each part is shown
    worst : states, the worst first: a box of several parts shows the worst of theirs
    notes : what is said of domains, behind their names
    names, width : labels, width in pixels
    prefix : begins the names of this picture's own elements
    """
    boxes = boxes_of(graph)
    lines = lines_of(graph, boxes)
    _set_layers(boxes, lines)
    ground = frames_of(graph, boxes)
    arrange(ground, lines, boxes, width)
    drawn = [
        _marker(prefix),
        *_draw_frames(ground, names, notes),
        *(_draw_line(boxes[a], boxes[b], kind, f"{prefix}{a} {prefix}{b}", prefix) for a, b, kind in lines),
        *_name_frames(ground, names, notes),
        *(_draw_box(b, looks, worst, names, f"{prefix}b{i}") for i, b in enumerate(boxes)),
    ]
    label = names.say("chart.picture", n=len(boxes))
    style = tag("style", Html("".join(_highlight(prefix, i) for i in range(len(boxes)))))
    return svg(max(ground.w, 1), ground.h, style, *drawn, label=label, class_="picture"), len(boxes)


def _highlight(prefix: str, i: int) -> str:
    """Lines of a box stand out while it is pointed at or reached by keyboard."""
    here = f".picture:has(.{prefix}b{i}:hover,.{prefix}b{i}:focus)"
    return f"{here} .line{{opacity:.08}}{here} .{prefix}{i}{{opacity:1;stroke-width:2.4}}"


def _marker(prefix: str) -> Html:
    head = tag("path", d="M0 0 L6 3 L0 6 z", class_="head")
    return tag(
        "defs",
        tag(
            "marker", head, id=f"{prefix}-head", markerWidth=6, markerHeight=6, refX=5.5, refY=3, orient="auto",
            markerUnits="userSpaceOnUse",
        ),
    )  # fmt: skip


def _draw_frames(frame: Frame, names: Names, notes: Frames, depth: int = 0) -> list[Html]:
    found = []
    if frame.domain is not None:
        found.append(
            tag(
                "rect", tag("title", _frame_name(frame, names, notes)), x=frame.x, y=frame.y, width=frame.w,
                height=frame.h, rx=8, class_=f"frame depth{min(depth, 3)}",
            )
        )  # fmt: skip
    for inner in frame.frames:
        found += _draw_frames(inner, names, notes, depth + (frame.domain is not None))
    return found


def _name_frames(frame: Frame, names: Names, notes: Frames) -> list[Html]:
    found = []
    if frame.domain is not None:
        label = _frame_name(frame, names, notes)
        whole = text_width(label, 12.5) <= frame.w - 18  # else what is said of it stands in its title
        shown = label if whole else shorten(names.of(frame.domain, "domain"), frame.w - 18, 12.5)
        words, to = write_at(frame.x + 10, frame.y + 16, shown, class_="frame-name"), notes.to.get(frame.domain, "")
        found.append(tag("a", words, href=f"#{to}") if to and whole else words)
    for inner in frame.frames:
        found += _name_frames(inner, names, notes)
    return found


def _frame_name(frame: Frame, names: Names, notes: Frames) -> str:
    name = names.of(frame.domain or "", "domain")
    note = notes.said.get(frame.domain or "")
    return f"{name} – {note}" if note else name


def _draw_line(a: Box, b: Box, kind: str, classes: str, prefix: str) -> Html:
    ax, bx = a.x + BOX_W / 2, b.x + BOX_W / 2
    if b.y > a.y + BOX_H / 2:
        y1, y2, bend = a.y + BOX_H, b.y, max(18.0, 0.45 * (b.y - a.y - BOX_H))
        path = f"M{ax:.0f} {y1:.0f}C{ax:.0f} {y1 + bend:.0f} {bx:.0f} {y2 - bend:.0f} {bx:.0f} {y2:.0f}"
    elif b.y < a.y - BOX_H / 2:
        y1, y2, bend = a.y, b.y + BOX_H, max(18.0, 0.45 * (a.y - b.y - BOX_H))
        path = f"M{ax:.0f} {y1:.0f}C{ax:.0f} {y1 - bend:.0f} {bx:.0f} {y2 + bend:.0f} {bx:.0f} {y2:.0f}"
    else:
        y1 = a.y + BOX_H
        path = f"M{ax:.0f} {y1:.0f}C{ax:.0f} {y1 + 22:.0f} {bx:.0f} {y1 + 22:.0f} {bx:.0f} {y1:.0f}"
    return tag("path", d=path, class_=f"line {kind} {classes}", marker_end=f"url(#{prefix}-head)")


def _draw_box(box: Box, looks: Mapping[str, Look], worst: Sequence[str], names: Names, class_: str) -> Html:
    first = min(box.members, key=lambda m: worst.index(looks[m].state))
    look = looks[first]
    label = box_name(box, names)
    title = label if len(box.members) == 1 else names.say("chart.members", names=names.listed(box.members, 30))
    said = f"{title} – {look.note}" if look.note else title
    if len(box.members) == 1 and label != box.key:
        said = f"{said} ({box.key})"
    back = tag("rect", x=box.x, y=box.y, width=BOX_W, height=BOX_H, rx=5, class_=f"box s-{look.state}")
    stripe = tag(
        "rect", x=box.x + 1, y=box.y + 1, width=9, height=BOX_H - 2, rx=4, fill=f"url(#hatch-{look.state})"
    )
    room = BOX_W - 22
    lines = in_lines(label, room, 12.9 if box.service else 12.2)
    top = box.y + (BOX_H - LINE_H * (len(lines) + bool(look.note))) / 2 + 11
    words = [
        write_at(box.x + 16, top + LINE_H * k, line, class_="box-name" + " service" * box.service) for k, line in enumerate(lines)
    ]
    if look.note:
        note = write_at(box.x + 16, top + LINE_H * len(lines), shorten(look.note, room, 11), class_="box-note")
        words.append(tag("a", note, href=f"#{look.to}", class_="traced") if look.to else note)
    return tag("g", tag("title", said), back, stripe, join(words), class_=f"node {class_}", tabindex=0)


def box_name(box: Box, names: Names) -> str:
    """What a box is called: the part, how many are like it, or how many more stand there."""
    if len(box.members) == 1:
        return names.of(box.members[0])
    key = "rolled_rest" if box.rolled else "rolled"
    return names.say(f"chart.{key}", name=names.of(box.members[0]), n=len(box.members))
