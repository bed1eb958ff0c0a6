"""Pictures of the white paper: what was recorded beside the replay, the slices, the shares, before and after.

Each says the same in black and white: by hatching, by form, and by words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from blackstart.report import charts, numbers
from blackstart.report.markup import Html, in_lines, join, shorten, svg, tag, text_width, write_at
from blackstart.report.teller import Result, Teller

ROW_H, TOP = 27.0, 26.0
GAPS = (18.0, 8.0)  # pixels between the entries of a legend; between those that would not stand on one line otherwise
SLICE_H, HOLE_H = 132.0, 34.0
MOST_SLICES = 10
TICK = 56.0  # pixels that a time on an axis takes
NAME_LINES = 4  # of a name before a bar
BOLD = 1.06  # how much wider words are that stand out
AXIS, APART = 20.0, 90.0  # pixels that an axis above bars takes; between two rates on it
CLOSE, LOWER, ROOMY = 4, 44.0, 110.0  # from so many slices on names stand on two levels, so far apart


@dataclass(frozen=True, slots=True)
class Slice:
    """A stage that could have stopped it: ``held`` · ``failed`` · ``missing``."""

    name: str
    state: str


@dataclass(frozen=True, slots=True)
class Course:
    """One service: when it fell and was back as recorded (each between two, None: open), and in the replays (10, 50, 90 %)."""

    name: str
    fell_h: tuple[float | None, float | None] | None
    back_h: tuple[float | None, float | None] | None
    played_h: tuple[float, float, float] | None


# --------------------------------------------------------------------------- recorded and replayed


def recovery(rows: Sequence[Course], teller: Teller, width: float) -> Html:
    """A row for each service: a bar for the outage as recorded, below it the span of the replays with their middle."""
    left, right = (170.0, 28.0) if width >= 600 else (104.0, 28.0)
    bend = wide_until(rows)
    end = charts.whole_axis(_last(rows), width - left - right, TICK, bend)
    legend, below = _legend_recovery(rows, TOP + ROW_H * len(rows) + 22, teller, width)
    height = TOP + ROW_H * len(rows) + 30 + below
    at, drawn = charts.time_axis(end, left, width - left - right, TOP + ROW_H * len(rows) + 4, teller.names, TICK, bend)
    drawn.append(write_at(left - 12, 12, teller.figure("axis.since"), "end", "tick"))
    for i, row in enumerate(rows):
        y = TOP + i * ROW_H
        if i:  # which row a line of replays belongs to
            drawn.append(tag("line", x1=4, x2=width - right, y1=y - 2, y2=y - 2, class_="grid"))
        lines = in_lines(row.name, left - 14, 12)
        for k, words in enumerate(lines):
            drawn.append(write_at(left - 8, y + (16 if len(lines) == 1 else 11) + 13 * k, words, "end", "row-name small"))
        drawn += _recorded(row, at, y)
        if row.played_h:
            low, middle, high = (at(h) for h in row.played_h)
            drawn.append(tag("line", x1=low, x2=high, y1=y + 17, y2=y + 17, stroke="var(--ink)", stroke_width=1.2))
            drawn.append(
                tag("path", d=f"M{middle:.1f} {y + 12:.1f}l5 5l-5 5l-5 -5z", fill="var(--paper)", stroke="var(--ink)", stroke_width=1.3)
            )
    return svg(width, height, *drawn, legend, label=teller.say("chart.recovery"), class_=_wide(width))


def _known(rows: Sequence[Course]) -> list[float]:
    """When services were back at the latest by the record; by the replays, where it does not say."""
    backs = [row.back_h[1] if row.back_h and row.back_h[1] is not None else row.played_h and row.played_h[1] for row in rows]
    return [h for h in backs if h is not None]


def wide_until(rows: Sequence[Course]) -> float | None:
    """Up to which time the picture of what was recorded is drawn wider than behind it; None: it is not."""
    return charts.knee(_known(rows), _last(rows))


def _last(rows: Sequence[Course]) -> float:
    return max([h for r in rows for ends in (r.back_h, r.played_h) if ends for h in ends if h is not None], default=1.0) * 1.02


def between(row: Course) -> bool:
    """Whether a service was back at some time between two reports."""
    sure, latest = row.back_h or (None, None)
    return latest is not None and (sure is None or latest > sure)


def _recorded(row: Course, at: Callable[[float], float], y: float) -> list[Html]:
    """The outage as recorded: what is sure, what lies between two reports, and an arrow where nobody reported its end."""
    if not row.back_h:
        return []
    begin = max(0.0, row.fell_h[1] or row.fell_h[0] or 0.0) if row.fell_h else 0.0
    sure, latest = row.back_h
    drawn = []
    if latest is not None and (sure is None or latest > sure):
        least = max(begin, sure or 0.0)
        drawn.append(
            tag("rect", x=at(least), y=y + 2, width=max(1.5, at(latest) - at(least)), height=9, fill="url(#hatch-out)", opacity=0.35)
        )
        drawn.append(tag("line", x1=at(latest), x2=at(latest), y1=y + 1, y2=y + 12, stroke="var(--ink)", stroke_width=1.4))
    if sure is not None and sure > begin:
        drawn.append(tag("rect", x=at(begin), y=y + 2, width=max(1.5, at(sure) - at(begin)), height=9, fill="url(#hatch-out)"))
    if sure is not None and latest is None:
        drawn.append(tag("path", d=f"M{at(sure) + 2:.1f} {y + 1:.1f}l8 5.5l-8 5.5z", fill="var(--ink)"))
    return drawn


def _legend_recovery(rows: Sequence[Course], y: float, teller: Teller, width: float) -> tuple[Html, float]:
    """What bars, ends, arrows and lines mean, as far as they occur; and how much further down the last line of that stands."""
    ends = [row.back_h for row in rows if row.back_h]
    occurs = {"recorded": any(sure is not None for sure, _ in ends), "played": any(row.played_h for row in rows),
              "between": any(between(row) for row in rows),
              "after": any(sure is not None and latest is None for sure, latest in ends)}  # fmt: skip
    drawn, x, first = [], 4.0, y
    for key in (key for key in ("recorded", "between", "after", "played") if occurs[key]):
        words = teller.figure("legend.between") if key == "between" else teller.figure("legend.after") if key == "after" else (
            teller.say(f"chart.{key}"))  # fmt: skip
        wide = 34 + text_width(words, 11.5) + 16
        if x + wide - 16 > width and x > 4.0:
            x, y = 4.0, y + 18
        drawn += [*_sign(key, x, y), write_at(x + 34, y, words, class_="said")]
        x += wide
    return join(drawn), y - first


def _sign(key: str, x: float, y: float) -> list[Html]:
    """One sign of the legend, 28 pixels wide."""
    bar = {"x": x, "y": y - 9, "width": 24, "height": 9, "fill": "url(#hatch-out)"}
    if key == "recorded":
        return [tag("rect", **bar)]
    ink = {"stroke": "var(--ink)", "stroke_width": 1.4}
    if key == "between":
        return [tag("rect", **bar, opacity=0.35), tag("line", x1=x + 24, x2=x + 24, y1=y - 10, y2=y + 1, **ink)]
    if key == "after":
        return [tag("rect", **{**bar, "width": 14}), tag("path", d=f"M{x + 16:.1f} {y - 10:.1f}l8 5.5l-8 5.5z", fill="var(--ink)")]
    return [tag("line", x1=x, x2=x + 26, y1=y - 4, y2=y - 4, **ink),
            tag("path", d=f"M{x + 13:.1f} {y - 9:.1f}l5 5l-5 5l-5 -5z", fill="var(--paper)", **ink)]  # fmt: skip


def _wide(width: float) -> str:
    return "wide" if width >= 600 else "narrow"


# --------------------------------------------------------------------------- slices


def slices(rows: Sequence[Slice], begin: str, end: str, teller: Teller, width: float) -> Html:
    """Stages as slices: a ray from what struck passes through holes and gaps; what held stands closed below."""
    open_ = [row for row in rows if row.state != "held"][:MOST_SLICES]
    held = [row for row in rows if row.state == "held"][:MOST_SLICES]
    word = max((text_width(one, 11.5) for words in (begin, end) for one in words.split()), default=0.0) * BOLD
    side = min(max((84.0 if len(open_) > CLOSE else 130.0) if width >= 600 else 60.0, word + 26), width / 4)
    room = (width - 2 * side) / max(1, len(open_))
    drawn: list[Html] = []
    middle = 14 + SLICE_H / 2
    listed = width < 600  # no room for names below the slices: they are listed
    for k, row in enumerate(open_):
        x = side + room * (k + 0.5)
        drawn += _slice(row, x, room, middle)
        drawn.append(write_at(x, 14 + SLICE_H + 14, str(k + 1), "middle", "said strong"))
        if listed:
            drawn.append(write_at(4, 14 + SLICE_H + 36 + 15 * k, shorten(f"{k + 1} {row.name}", width - 8, 11.5), class_="said"))
        else:
            drawn += _slice_name(row, x, room, len(open_) > CLOSE and k % 2 == 1)
    drawn.append(tag("path", d=f"M{side - 12:.0f} {middle:.0f}H{width - side + 2:.0f}", class_="ray"))
    drawn.append(tag("path", d=f"M{width - side + 2:.0f} {middle - 8:.0f}l14 8l-14 8z", class_="ray-head"))
    for words, x, wide in ((begin, 4.0, side - 18), (end, width - side + 20, side - 24)):
        for k, line in enumerate(_whole_words(words, wide, 11.5, 6)):
            drawn.append(write_at(x, middle - 12 + 15 * k, line, class_="said strong"))
    height = 14 + SLICE_H + (30 + 15 * len(open_) if listed else 62 if len(open_) <= CLOSE else 62 + LOWER)
    if held:
        drawn += _held(held, height, side, width, teller)
        height += 34
    drawn.append(_legend_slices(height + 14, {row.state for row in open_}, teller))
    return svg(width, height + 24, *drawn, label=teller.say("chart.slices"), class_=_wide(width))


def _slice(row: Slice, x: float, room: float, middle: float) -> list[Html]:
    thick, top = min(30.0, room * 0.4), 14.0
    path = f"M{x - thick / 2:.1f} {top + 10:.1f}l{thick:.1f} -10v{SLICE_H - 10:.1f}l{-thick:.1f} 10z"
    drawn = [tag("path", d=path, class_=f"slice {row.state}")]
    if row.state == "failed":
        drawn.append(tag("ellipse", cx=x, cy=middle, rx=thick * 0.36, ry=HOLE_H / 2, class_="hole"))
    return drawn


def _slice_name(row: Slice, x: float, room: float, low: bool) -> list[Html]:
    """The name below a slice; where many stand close, every other name stands lower and each may be twice as wide."""
    y, drawn = 14 + SLICE_H + 14, []
    if low:
        drawn.append(tag("line", x1=x, x2=x, y1=y + 4, y2=y + 4 + LOWER, class_="grid"))
        y += LOWER
    for k, line in enumerate(_whole_words(row.name, 2 * room - 6 if room < ROOMY else room - 6, 11, 3)):
        drawn.append(write_at(x, y + 13 * (k + 1), line, "middle", "slice-name"))
    return drawn


def _whole_words(words: str, room: float, size: float, most: int) -> list[str]:
    """Lines parted at spaces only, as long as every word fits; else as pictures part them."""
    if any(text_width(word, size) > room for word in words.split()):
        return in_lines(words, room, size, most)
    lines: list[str] = []
    for word in words.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines if len(lines) <= most else [*lines[: most - 1], shorten(" ".join(lines[most - 1 :]), room, size)]


def _held(held: Sequence[Slice], y: float, side: float, width: float, teller: Teller) -> list[Html]:
    said = teller.say("chart.held", names=teller.names.join([row.name for row in held], 6))
    box = tag("rect", x=side - 12, y=y, width=12, height=18, class_="slice")
    words = [write_at(side + 8, y + 12 + 13 * k, line, class_="said") for k, line in enumerate(in_lines(said, width - side - 20, 11.5, 2))]
    return [box, tag("rect", x=side - 10, y=y + 2, width=8, height=14, fill="url(#hatch-share0)"), *words]


def _legend_slices(y: float, states: set[str], teller: Teller) -> Html:
    drawn, x = [], 4.0
    for state in sorted(states):
        words = teller.say(f"chart.slice_{state}")
        drawn.append(tag("rect", x=x, y=y - 10, width=14, height=13, class_=f"slice {state}"))
        if state == "failed":
            drawn.append(tag("ellipse", cx=x + 7, cy=y - 3.5, rx=3.4, ry=4.6, class_="hole"))
        drawn.append(write_at(x + 20, y, words, class_="said"))
        x += 20 + text_width(words, 11.5) + 22
    return join(drawn)


# --------------------------------------------------------------------------- the way back of the replay


def course(result: Result, teller: Teller, width: float, starred: Container[str] = ()) -> Html:
    """Services over time in the typical replay with what each waited for, and the legend inside the picture."""
    heads = teller.figure("axis.since"), teller.figure("axis.back"), teller.figure("course.not_out")
    drawn = charts.services(result, teller.names, width, traced=False, heads=heads, starred=starred)
    states = ("out", "degraded") if charts.is_worse(result) else ("out",)
    keys = [(f"url(#hatch-{s})", teller.names.say(f"state.{s}")) for s in states]
    keys += [(f"url(#hatch-g-{g})", teller.names.say(f"group.{g}")) for g in charts.groups_used(result)]
    return with_legend(drawn, keys, width)


def with_legend(picture: Html, keys: Sequence[tuple[str, str]], width: float) -> Html:
    """A picture with its legend (fill, words) below it, as many lines as it takes."""
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', picture)
    assert size
    height = float(size[2])
    wides = [28 + text_width(words, 11.5) for _, words in keys]
    gap = next((gap for gap in GAPS if 4 + sum(wides) + gap * (len(wides) - 1) <= width), GAPS[0])  # closer, rather than one alone below
    drawn, x, y = [], 4.0, height + 14
    for (fill, words), wide in zip(keys, wides, strict=True):
        if x + wide > width and x > 4.0:
            x, y = 4.0, y + 18
        drawn += [tag("rect", x=x, y=y - 9, width=22, height=11, rx=2, fill=fill), write_at(x + 28, y, words, class_="said")]
        x += wide + gap
    taller = f"{y + 8:.0f}"
    grown = picture.replace(f'viewBox="0 0 {size[1]} {size[2]}"', f'viewBox="0 0 {size[1]} {taller}"', 1)
    grown = grown.replace(f'height="{size[2]}"', f'height="{taller}"', 1)
    return Html(grown.removesuffix("</svg>") + join(drawn) + "</svg>")


# --------------------------------------------------------------------------- shares


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with what is written behind it; `error` in the same unit as `value`."""

    name: str
    value: float
    error: float
    said: str


def _names_room(rows: Sequence[Bar | Pair], width: float, least: float) -> tuple[float, float]:
    """How wide the names before bars are, and how high a row is, so that none of them is cut."""
    left = 196.0 if width >= 600 else 120.0
    return left, max(least, *(14.0 * len(_whole_words(row.name, left - 14, 12, NAME_LINES)) + 6 for row in rows)) if rows else least


def _row_name(name: str, left: float, middle: float) -> list[Html]:
    """A name before its bar, from the head of its row on."""
    lines = _whole_words(name, left - 14, 12, NAME_LINES)
    top = middle - 6 if len(lines) > 1 else middle
    return [write_at(left - 8, top + 14 * i, line, "end", "row-name small") for i, line in enumerate(lines)]


def shares(rows: Sequence[Bar], label: str, width: float, write: Callable[[float], str]) -> Html:
    """Bars of hours from zero, those below it to the left, with their errors. write : how a time on the axis is written"""
    left, row_h = _names_room(rows, width, 30.0)
    right = max((text_width(r.said, 12.5) for r in rows), default=0.0) + 34
    low, high = min([0.0, *(r.value for r in rows)]), max([1e-9, *(r.value + r.error for r in rows)])
    scale = (width - left - right) / (high - low)
    zero = left - low * scale
    foot = AXIS + row_h * len(rows)
    drawn = [tag("line", x1=zero, x2=zero, y1=AXIS - 4, y2=foot, class_="grid", stroke="var(--ink)", stroke_width=1)]
    drawn += _upright([(t, write(t) if t else "0") for t in charts.ticks(high, max(2, int(high * scale / TICK)))], zero, scale, foot)
    for k, row in enumerate(rows):
        y = AXIS + k * row_h
        drawn += _row_name(row.name, left, y + 16)
        a, b = sorted((zero, zero + row.value * scale))
        drawn.append(tag("rect", x=a, y=y + 5, width=max(1.0, b - a), height=13, class_="share-bar"))
        if row.error > 0:
            ends = {"x1": b - row.error * scale, "x2": b + row.error * scale, "y1": y + 11.5, "y2": y + 11.5}
            drawn.append(tag("line", **ends, stroke="var(--paper)", stroke_width=4.4))  # a rim, to be seen on the bar
            drawn.append(tag("line", **ends, stroke="var(--ink)", stroke_width=1.6))
        drawn += _before_lines(b + row.error * scale + 7, y + 16, row.said, "value")
    return svg(width, foot + 4, *drawn, label=label, class_=_wide(width))


def _before_lines(x: float, y: float, words: str, class_: str) -> list[Html]:
    """Words behind a bar, on a ground that hides the lines of the axis."""
    ground = tag("rect", x=x - 2, y=y - 10, width=text_width(words, 12.5) + 4, height=13, fill="var(--paper)")
    return [ground, write_at(x, y, words, class_=class_)]


def _upright(marks: Sequence[tuple[float, str]], zero: float, scale: float, foot: float) -> list[Html]:
    """Values on the axis above bars, each with a line down to their foot; nought alone tells nothing."""
    drawn = []
    for value, words in marks if len(marks) > 1 else ():
        x = zero + value * scale
        drawn += [tag("line", x1=x, x2=x, y1=AXIS - 4, y2=foot, class_="grid"), write_at(x, 12, words, "middle", "tick")]
    return drawn


# --------------------------------------------------------------------------- before and after


@dataclass(frozen=True, slots=True)
class Pair:
    """One quantity before and after, with how each is written, and whether it is no value but what it is not above."""

    name: str
    before: float
    after: float
    said: tuple[str, str]
    bound: tuple[bool, bool] = (False, False)


def before_after(rows: Sequence[Pair], teller: Teller, width: float) -> Html:
    """Two bars for each row on one scale: hatched as things stand, plain with what is bought; a frame up to what is only a bound."""
    left, row_h = _names_room(rows, width, 33.0)
    right = max((text_width(said, 12.5) for r in rows for said in r.said), default=0.0) + 12
    high = max([1e-9, *(max(r.before, r.after) for r in rows)])
    scale = (width - left - right) / high
    height = AXIS + row_h * len(rows)
    drawn = _upright([(0.0, "0"), *((f, numbers.often(f, teller.lang)) for f in _round_rates(high, scale))], left, scale, height)
    for k, row in enumerate(rows):
        y = AXIS + k * row_h
        drawn += _row_name(row.name, left, y + 20)
        for i, value in enumerate((row.before, row.after)):
            fill = "url(#hatch-share2)" if i == 0 else "var(--accent)"
            style = {"fill": "none", "stroke": "var(--ink)", "stroke_dasharray": "3 2"} if row.bound[i] else {"fill": fill}
            drawn.append(tag("rect", x=left, y=y + 4 + 14 * i, width=max(1.0, value * scale), height=11, **style))
            drawn += _before_lines(left + value * scale + 6, y + 13 + 14 * i, row.said[i], "value" if i else "said")
    picture = svg(width, height, *drawn, label=teller.say("chart.before_after"), class_=_wide(width))
    return with_legend(picture, [("url(#hatch-share2)", teller.say("chart.as_is")), ("var(--accent)", teller.say("chart.bought"))], width)


def _round_rates(high: float, scale: float) -> list[float]:
    """Round rates up to `high`, so far apart that their words do not touch."""
    found: list[float] = []
    lowest = math.floor(math.log10(high)) - 1
    for rate in (digit * 10.0**power for power in range(lowest, lowest + 3) for digit in (1, 2, 5)):
        if rate <= high and (rate - (found[-1] if found else 0.0)) * scale >= APART:
            found.append(rate)
    return found
