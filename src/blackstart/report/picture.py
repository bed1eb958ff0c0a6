"""The picture of who depends on whom and where it stands: boxes in rows, domains as boxes around them.

Where everything is drawn follows from the graph alone, so the same model always looks the same; only the colours and the
second line of each box come from the result. Of a model that is folded (see `grouping`) what fared otherwise than its like has a box
of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blackstart.graph import strong_components
from blackstart.report.grouping import Box, Grouped, name_of, path_to
from blackstart.report.markup import Html, in_lines, join, shorten, svg, tag, text_width, write_at
from blackstart.report.names import Names

BOX_W, BOX_H = 144.0, 54.0
LINE_H = 14.5
GAP_X, GAP_Y = 14.0, 30.0
PAD, HEAD = 12.0, 24.0
NAME_W = 360.0  # the names of most frames are no wider
# kinds of need, as the picture tells them apart
LINES = {"run": "run", "start": "start", "repair": "start", "want": "want", "standby": "want", "maybe": "want"}
SWEEPS = 4
# what only a folded picture has: numbers on lines, and the second sheet behind a box that stands for several
FOLDED_STYLE = (
    ".line-n{font-size:11px;fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:3.5px;stroke-linejoin:round}"
    ".crowded{visibility:hidden}.pile{fill:none;stroke:var(--soft);stroke-width:1}"
)
TOWER = 6  # so many boxes one above the other are better wide
COUNTED_AT = (0.5, 0.35, 0.65, 0.2, 0.8, 0.1, 0.9)  # shares of a line at which its number may stand


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

    def all_frames(self) -> list[Frame]:
        """The frames in it, and in all inside it."""
        return [*self.frames, *(inner for f in self.frames for inner in f.all_frames())]

    def all_boxes(self) -> list[Box]:
        """Boxes in it and in all inside it."""
        return self.boxes + [b for f in self.frames for b in f.all_boxes()]


@dataclass(frozen=True, slots=True)
class Look:
    """How a box is shown: `state` names its colour and hatching, `note` is what stands below its name, `to` where that is traced."""

    state: str
    note: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Frames:
    """What is said of domains, behind their names, and the places where that is traced."""

    said: Mapping[str, str]
    to: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one box to another: the kind of need, and for how many needs it stands."""

    a: int
    b: int
    kind: str
    needs: int


# --------------------------------------------------------------------------- lines between boxes


def lines_of(graph: Mapping[str, Any], boxes: Sequence[Box]) -> list[Line]:
    """Lines between boxes; a line that follows from others is left out."""
    of = {m: i for i, b in enumerate(boxes) for m in b.members}
    rank = {"run": 0, "start": 1, "want": 2}
    kind_of: dict[tuple[int, int], str] = {}
    needs: dict[tuple[int, int], set[tuple[str, str]]] = {}
    for source, target, kind in graph["needs"]:
        line = LINES.get(kind)
        a, b = of.get(source), of.get(target)
        if line is None or a is None or b is None or a == b:
            continue
        needs.setdefault((a, b), set()).add((source, target))
        if (a, b) not in kind_of or rank[line] < rank[kind_of[a, b]]:
            kind_of[a, b] = line
    run: dict[int, set[int]] = {}
    for (a, b), line in kind_of.items():
        if line == "run":
            run.setdefault(a, set()).add(b)
    circle = strong_components({i: run.get(i, set()) for i in range(len(boxes))})
    return [
        Line(a, b, line, len(needs[a, b]))
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


def _set_layers(boxes: Sequence[Box], lines: Iterable[Line]) -> None:
    """Layer of each box: longest way down to it; boxes on one circle share a layer."""
    after: dict[int, set[int]] = {i: set() for i in range(len(boxes))}
    for line in lines:
        if line.kind != "want":
            after[line.a].add(line.b)
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


def frames_of(graph: Mapping[str, Any], groups: Grouped) -> Frame:
    """The ground, with domains inside it that hold at least one box; domains that are drawn as one are one frame."""
    domains = {d["id"]: d for d in graph["domains"]}
    ground = Frame(None)
    made: dict[str, Frame] = {}
    for box in groups.boxes:
        at = ground
        for inner in path_to(box.domain, domains) if box.domain else ():
            d = groups.stands_for.get(inner, inner)
            if d not in made:
                made[d] = Frame(d)
                at.frames.append(made[d])
            at = made[d]
        at.boxes.append(box)
    return ground


def arrange(ground: Frame, lines: Sequence[Line], boxes: Sequence[Box], width: float) -> None:
    """Give every box and frame its place in a picture at most `width` wide."""
    near: dict[int, list[Box]] = {id(b): [] for b in boxes}
    for line in lines:
        near[id(boxes[line.a])].append(boxes[line.b])
        near[id(boxes[line.b])].append(boxes[line.a])
    pull = {id(b): float(i) for i, b in enumerate(boxes)}
    tied = {(id(boxes[line.a]), id(boxes[line.b])) for line in lines if line.kind != "want"}
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
        if at_x > inner_x and (child.x + child.w > room or room - at_x < BOX_W + 2 * PAD or _is_tower(child)):
            at_x, at_y, row_h = inner_x, at_y + row_h + GAP_Y, 0.0
            _place(child, at_x, at_y, room - at_x, pull, tied)
        at_x += child.w + GAP_X
        row_h = max(row_h, child.h)
        right = max(right, child.x + child.w)
    last = at_y + row_h if frame.frames else bottom - GAP_Y
    frame.w, frame.h = right + PAD - x, last + PAD - y


def _is_tower(frame: Frame) -> bool:
    """Whether many boxes stand one above the other for want of room."""
    return frame.size() >= TOWER and frame.w < 2 * BOX_W + 4 * PAD


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
    graph: Mapping[str, Any], groups: Grouped, look: Callable[[Box], Look], notes: Frames, names: Names, width: float, prefix: str
) -> Html:
    """The picture.

    Parameters
    ----------
    graph : the graph of a result
    groups : what of it is drawn as one
    look : how a box is shown
    notes : what is said of domains, behind their names
    names, width : labels, width in pixels
    prefix : begins the names of this picture's own elements
    """
    boxes = groups.boxes
    lines = lines_of(graph, boxes)
    _set_layers(boxes, lines)
    ground = frames_of(graph, groups)
    arrange(ground, lines, boxes, width)
    kinds = {c["id"]: c["kind"] for c in graph["components"]}
    drawn = [
        _marker(prefix),
        *_draw_frames(ground, groups, names, notes),
        *(_draw_line(boxes[n.a], boxes[n.b], n.kind, f"{prefix}{n.a} {prefix}{n.b}", prefix) for n in lines),
        *_name_frames(ground, groups, names, notes),
        *(_draw_box(b, look(b), box_name(b, kinds, names), names, f"{prefix}b{i}") for i, b in enumerate(boxes)),
        *(_count_needs(ground, boxes, lines, prefix) if groups.is_folded else ()),
    ]
    label = names.say("chart.picture", n=len(boxes))
    pointed = (_highlight(prefix, i, groups.is_folded) for i in range(len(boxes)))
    style = tag("style", Html(FOLDED_STYLE * groups.is_folded + "".join(pointed)))
    return svg(max(ground.w, 1), ground.h, style, *drawn, label=label, class_="picture")


def _highlight(prefix: str, i: int, counted: bool) -> str:
    """Lines of a box stand out while it is pointed at or reached by keyboard, and of the numbers on lines only theirs are seen."""
    here = f".picture:has(.{prefix}b{i}:hover,.{prefix}b{i}:focus)"
    said = f"{here} .line{{opacity:.08}}{here} .{prefix}{i}{{opacity:1;stroke-width:2.4}}"
    return said + f"{here} .line-n{{visibility:hidden}}{here} .line-n.{prefix}{i}{{visibility:visible}}" * counted


def _marker(prefix: str) -> Html:
    head = tag("path", d="M0 0 L6 3 L0 6 z", class_="head")
    return tag(
        "defs",
        tag(
            "marker", head, id=f"{prefix}-head", markerWidth=6, markerHeight=6, refX=5.5, refY=3, orient="auto",
            markerUnits="userSpaceOnUse",
        ),
    )  # fmt: skip


def _draw_frames(frame: Frame, groups: Grouped, names: Names, notes: Frames, depth: int = 0) -> list[Html]:
    found = []
    if frame.domain is not None:
        found.append(
            tag(
                "rect", tag("title", _frame_name(frame, groups, names, notes, 30)), x=frame.x, y=frame.y, width=frame.w,
                height=frame.h, rx=8, class_=f"frame depth{min(depth, 3)}",
            )
        )  # fmt: skip
    for inner in frame.frames:
        found += _draw_frames(inner, groups, names, notes, depth + (frame.domain is not None))
    return found


def _name_frames(frame: Frame, groups: Grouped, names: Names, notes: Frames) -> list[Html]:
    found = []
    if frame.domain is not None:
        room = frame.w - 18
        told = (_frame_name(frame, groups, names, notes, most) for most in (3, 2, 1, 0))
        label = next((said for said in told if text_width(said, 12.5) <= room), "")  # else what is said of it stands in its title
        shown = label or shorten(names.of(frame.domain, "domain"), room, 12.5)
        words, to = write_at(frame.x + 10, frame.y + 16, shown, class_="frame-name"), notes.to.get(frame.domain, "")
        found.append(tag("a", words, href=f"#{to}") if to and label else words)
    for inner in frame.frames:
        found += _name_frames(inner, groups, names, notes)
    return found


def _frame_name(frame: Frame, groups: Grouped, names: Names, notes: Frames, most: int) -> str:
    """The name of a domain with what is said of it; of several that are drawn as one at most so many names."""
    alike = groups.alike(frame.domain or "")
    if len(alike) == 1:
        name = names.of(alike[0], "domain")
    elif most:
        name = names.say("chart.places", n=len(alike), names=names.listed(alike, most, "domain"))
    else:
        name = names.say("chart.places_bare", n=len(alike))
    note = notes.said.get(frame.domain or "")
    return f"{name} – {note}" if note else name


Curve = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


def _curve(a: Box, b: Box) -> Curve:
    """The way of a line: where it begins, what it bends towards there and at its end, where it ends."""
    ax, bx = a.x + BOX_W / 2, b.x + BOX_W / 2
    if abs(b.y - a.y) <= BOX_H / 2:
        y1 = a.y + BOX_H
        return (ax, y1), (ax, y1 + 22), (bx, y1 + 22), (bx, y1)
    if b.y > a.y:
        y1, y2 = a.y + BOX_H, b.y
        bend = max(18.0, 0.45 * (y2 - y1))
    else:
        y1, y2 = a.y, b.y + BOX_H
        bend = -max(18.0, 0.45 * (y1 - y2))
    return (ax, y1), (ax, y1 + bend), (bx, y2 - bend), (bx, y2)


def _draw_line(a: Box, b: Box, kind: str, classes: str, prefix: str) -> Html:
    begin, *others = (f"{x:.0f} {y:.0f}" for x, y in _curve(a, b))
    return tag("path", d=f"M{begin}C{' '.join(others)}", class_=f"line {kind} {classes}", marker_end=f"url(#{prefix}-head)")


def _count_needs(ground: Frame, boxes: Sequence[Box], lines: Sequence[Line], prefix: str) -> list[Html]:
    """For how many needs each line stands, those of most first: where a line crosses no box, name or number that stands already.

    A number without such a place is seen while one of its boxes is pointed at.
    """
    taken = [(b.x, b.y, b.x + BOX_W, b.y + BOX_H) for b in boxes]
    taken += [(f.x, f.y, f.x + min(f.w, NAME_W), f.y + HEAD) for f in ground.all_frames()]
    found = []
    for line in sorted(lines, key=lambda n: -n.needs):
        if line.needs == 1:
            continue
        words = f"{line.needs:,}"
        half = text_width(words, 11) / 2 + 3
        places = [_point(_curve(boxes[line.a], boxes[line.b]), t) for t in COUNTED_AT]
        free = next(((x, y) for x, y in places if not any(_meet(x, y, half, one) for one in taken)), None)
        x, y = free or places[0]
        if free:
            taken.append((x - half, y - 8, x + half, y + 8))
        classes = f"plain line-n {prefix}{line.a} {prefix}{line.b}{'' if free else ' crowded'}"
        found.append(write_at(x, y + 4, words, "middle", classes))
    return found


def _point(curve: Curve, t: float) -> tuple[float, float]:
    """The point of a line at a share of its way."""
    shares = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    return sum(s * x for s, (x, _) in zip(shares, curve, strict=True)), sum(s * y for s, (_, y) in zip(shares, curve, strict=True))


def _meet(x: float, y: float, half: float, taken: tuple[float, float, float, float]) -> bool:
    left, top, right, bottom = taken
    return left < x + half and x - half < right and top < y + 8 and y - 8 < bottom


def _draw_box(box: Box, look: Look, label: str, names: Names, class_: str) -> Html:
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
    noted = in_lines(look.note, room, 11, 3 - len(lines) if box.folded else 1) if look.note else []
    top = box.y + (BOX_H - LINE_H * (len(lines) + len(noted))) / 2 + 11
    words = [
        write_at(box.x + 16, top + LINE_H * k, line, class_="box-name" + " service" * box.service) for k, line in enumerate(lines)
    ]
    if noted:
        notes = join(write_at(box.x + 16, top + LINE_H * k, line, class_="box-note") for k, line in enumerate(noted, len(lines)))
        words.append(tag("a", notes, href=f"#{look.to}", class_="traced") if look.to else notes)
    more = tag("path", d=f"M{box.x + 5:.0f} {box.y:.0f}v-3.5H{box.x + BOX_W + 3.5:.0f}V{box.y + BOX_H - 5:.0f}h-3.5", class_="pile")
    return tag("g", tag("title", said), more if box.folded else "", back, stripe, join(words), class_=f"node {class_}", tabindex=0)


def box_name(box: Box, kinds: Mapping[str, str | None], names: Names) -> str:
    """What a box is called: the part; what the names of like parts have in common, or their kind, and how many they are; or how
    many more stand there."""
    n = len(box.members)
    if n == 1:
        return names.of(box.members[0])
    if box.rolled:
        return names.say("chart.rolled_services" if box.service else "chart.rolled_rest", name=names.of(box.members[0]), n=n)
    if not box.folded:
        return names.say("chart.rolled", name=names.of(box.members[0]), n=n)
    if box.service:
        return names.listed(box.members, 2)
    return name_of(box.members, kinds, names)
