"""Charts of a result as SVG: courses over time, exceedance curves, losses. Each in a wide and a narrow form."""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from blackstart.report import numbers, story
from blackstart.report.markup import Html, in_lines, join, shorten, svg, tag, text_width, write_at
from blackstart.report.names import Names
from blackstart.report.ways import number

Result = Mapping[str, Any]
WIDE, NARROW = 1120.0, 350.0
EARLY, MANY = 0.25, 6  # share of an axis within which times are early; times from which on most of them being early matters
# pixels of the narrowest bar; and, where nobody can point at one, of what a recovery waited for: wider ones would pass its end
BAR, HAIR = 3.0, 0.8
TIGHT = 54.0  # pixels to a time on the axis of a picture that is read alone
STRIPS_MOST = 150  # rows of the chart of all parts
RAREST_PER_YEAR = 1e-5  # losses that come more rarely are not drawn
_STEPS_H = (
    1 / 60, 2 / 60, 5 / 60, 10 / 60, 0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 72, 168, 336, 720, 1440, 2160, 4380, 8760,
)  # fmt: skip
_LENGTHS_H = (1 / 60, 1 / 6, 1, 4, 24, 120, 720, 4380)
STATES = ("running", "part", "standby", "starting", "waiting", "broken", "degraded", "out", "never")


# --------------------------------------------------------------------------- hatching

# colour and marks of each state and of each thing waited for: told apart without colour too
_MARKS = {
    "none": "",
    "slope": "M-1 7L7 -1M-1 1L1 -1M5 7L7 5",
    "back": "M-1 -1L7 7M-1 5L1 7M5 -1L7 1",
    "cross": "M0 0L6 6M6 0L0 6",
    "level": "M0 3H6",
    "upright": "M3 0V6",
    "grid": "M0 3H6M3 0V6",
    "dots": "M2 3h2",
}
HATCHES = {
    "running": ("var(--running)", "none"),
    "unaffected": ("var(--running)", "none"),
    "standby": ("var(--standby)", "dots"),
    "part": ("#d9a441", "dots"),
    "degraded": ("#d9a441", "dots"),
    "starting": ("#2f6fb3", "level"),
    "waiting": ("#b7791f", "slope"),
    "broken": ("#8e1b3a", "cross"),
    "out": ("#c0392b", "slope"),
    "never": ("#222", "grid"),
    "share0": ("var(--running)", "none"),
    "share1": ("#e2c15b", "dots"),
    "share2": ("#d98b2b", "slope"),
    "share3": ("#b3261e", "cross"),
    "g-held": ("#6b4fa0", "cross"),
    "g-need": ("#c3cad1", "none"),
    "g-people": ("#c2630a", "upright"),
    "g-decide": ("#b04a7a", "dots"),
    "g-start": ("#2f6fb3", "level"),
    "g-forced": ("#17324f", "none"),
    "g-repair": ("#8e1b3a", "grid"),
    "g-supply": ("#2e7d4f", "dots"),
    "g-again": ("#9a7b00", "back"),
    "g-never": ("#222", "grid"),
    "g-other": ("#a9b2bb", "dots"),
    "band": ("var(--band)", "none"),
}


def hatches() -> Html:
    """The patterns that all pictures of the page share, in a picture without size."""
    patterns = [
        tag(
            "pattern",
            tag("rect", width=6, height=6, fill=colour),
            tag("path", d=_MARKS[mark], class_="mark") if _MARKS[mark] else "",
            id=f"hatch-{key}", width=6, height=6, patternUnits="userSpaceOnUse",
        )
        for key, (colour, mark) in HATCHES.items()
    ]  # fmt: skip
    return tag("svg", tag("defs", *patterns), width=0, height=0, aria_hidden="true", class_="defs")


def swatch(key: str, words: str) -> Html:
    """One entry of a legend."""
    box = tag(
        "svg",
        tag("rect", width=22, height=12, rx=2, fill=f"url(#hatch-{key})", class_="swatch"),
        width=22, height=12, viewBox="0 0 22 12", aria_hidden="true",
    )  # fmt: skip
    return tag("span", box, " ", words, class_="key")


def legend(entries: Iterable[tuple[str, str]]) -> Html:
    """Swatches in a row."""
    return tag("p", *(swatch(key, words) for key, words in entries), class_="legend")


# --------------------------------------------------------------------------- time axis


def ticks(end: float, most: int) -> list[float]:
    """Round times from 0 to `end` hours, at most about `most`."""
    step = _step(end, most)
    return [i * step for i in range(int(end / step + 1e-9) + 1)]


def whole_axis(end: float, width: float, room: float = 70, knee: float | None = None) -> float:
    """The next time above `end` that an axis of `width` pixels would name, so that it ends with a time."""
    if knee is not None:
        step = _step(end - knee, math.ceil(width / 2 / room))
        return knee + math.ceil((end - knee) / step - 1e-9) * step
    times = ticks(end, max(2, int(width / room)))
    return end if len(times) < 2 or times[-1] >= end else times[-1] + times[1]


def knee(times: Sequence[float], end: float) -> float | None:
    """Up to which time an axis from 0 to `end` takes half its width: the first round one that has most of `times`; None: no early one."""
    sought = (h for h in _STEPS_H if h <= EARLY * end and 2 * sum(t <= h for t in times) >= len(times))
    return next(sought, None) if len(times) >= MANY else None


def time_axis(
    end: float, left: float, width: float, height: float, names: Names, room: float = 70, knee: float | None = None
) -> tuple[Callable[[float], float], list[Html]]:
    """Where a time stands, and the axis with its times; with a `knee`, a line marks where what a pixel stands for changes."""
    def at(t: float) -> float:
        t = min(max(t, 0.0), end)
        if knee is None:
            return left + t / end * width
        return left + width / 2 * (t / knee if t <= knee else 1 + (t - knee) / (end - knee))

    times = ticks(end, max(2, int(width / room)))
    if knee is not None:
        most = math.ceil(width / 2 / room)
        times = [*ticks(knee, most), *(knee + t for t in ticks(end - knee, most)[1:])]
    drawn = []
    if knee is not None:  # where it is narrower the ground is darker
        drawn.append(tag("rect", x=at(knee), y=18, width=left + width - at(knee), height=height - 22, fill="var(--panel)"))
    for t in times:
        x = at(t)
        words = "0" if t == 0 else _tick(t, times[-1], names)
        ends = {"x1": x, "x2": x, "y1": 18, "y2": height - 4}
        drawn.append(tag("line", **ends, stroke="var(--ink)", stroke_width=1.2, stroke_dasharray="5 3") if t == knee else
                     tag("line", **ends, class_="grid"))  # fmt: skip
        drawn.append(write_at(x, 12, words, "middle", "tick"))
    return at, drawn


def _step(span: float, most: int) -> float:
    """The least round time of which at most about `most` make `span`."""
    return next((s for s in _STEPS_H if span / s <= most), _STEPS_H[-1])


def _tick(t: float, last: float, names: Names) -> str:
    """A time on an axis: hours, or days on every tick where the axis is longer than a clock in hours can be read."""
    if last < numbers.LONG_STAMP_H:
        return numbers.in_hours(t, names.lang)
    return names.say("clock.d", d=f"{t / 24:g}")


def _bar(x1: float, x2: float, y: float, h: float, key: str, title: str, least: float = BAR) -> Html:
    width = max(least, x2 - x1)
    return tag("rect", tag("title", title), x=x1, y=y, width=width, height=h, fill=f"url(#hatch-{key})", class_="bar")


# --------------------------------------------------------------------------- services over time


def services(result: Result, names: Names, width: float = WIDE, traced: bool = True, heads: tuple[str, str, str] | None = None,
             starred: Container[str] = ()) -> Html:  # fmt: skip
    """A row for each service: what of it is missing, and below it what its recovery waited for; all of it leads to its way back.

    heads : what the axis counts, what stands at the right of it and what for a service that was never out, for a picture that is
        read alone; its axis ends with a time
        and takes half its width for the first hours where most services return in them (`knee`)
    starred : services to which a note below the picture refers
    """
    back = (id_ for ids, _ in story.ways_back(result) for id_ in ids) if traced else ()
    to = {id_: place for id_ in back if (place := number(result, f"services.{id_}.back_at_h"))}
    narrow = width < 600
    left, right = (4.0, 22.0 if heads else 4.0) if narrow else (190.0, 120.0 if heads else 104.0)
    row_h, top = (58.0, 24.0) if narrow else (38.0, 24.0)
    rows = story.drawn(result)
    height = top + row_h * len(rows) + 8
    end = story.horizon(result)
    room = TIGHT if heads else 70.0  # pixels to a time on the axis
    bend = knee(returns(rows), end) if heads else None
    if heads:
        end = whole_axis(end, width - left - right, room, bend)
    at, drawn = time_axis(end, left, width - left - right, height, names, room, bend)
    aside = 32 if heads else 8  # pixels from the axis to what stands at its right: the last time on it is as wide as that
    if heads and not narrow:
        drawn += [write_at(left - 10, 12, heads[0], "end", "tick"), write_at(width - right + aside, 12, heads[1], class_="tick")]
    for i, s in enumerate(rows):
        y = top + i * row_h
        label = names.of(s.id)
        when = heads[2] if heads and s.state in ("degraded", "unaffected") else _when_back(s, names)
        when = f"{when} *" if s.id in starred else when
        if narrow:
            words = [
                write_at(left, y + 13, shorten(label, width * 0.6), class_="row-name"),
                write_at(width - right, y + 13, when, "end", "row-note"),
            ]
            y += 18
        else:
            lines = in_lines(label, left - 16, 13)
            words = [write_at(left - 10, y + (14 if len(lines) == 1 else 9 + 14 * k), w, "end", "row-name") for k, w in enumerate(lines)]
            words.append(write_at(width - right + aside, y + 14, when, class_="row-note"))
        shown = [*words, *_service_row(s, at, end, y + 2, names, HAIR if heads else BAR)]
        drawn += [tag("a", *shown, href=f"#{to[s.id]}")] if s.id in to else shown
    label = names.say("chart.gantt", since=story.since(result, names))
    return svg(width, height, *drawn, label=label, class_="narrow" if narrow else "wide")


def returns(rows: Sequence[story.ServiceStory]) -> list[float]:
    """When services that were out were back."""
    return [s.back_at_h for s in rows if s.state == "out" and s.back_at_h is not None]


def _when_back(s: story.ServiceStory, names: Names) -> str:
    if s.state == "out" and s.back_at_h is not None:
        return numbers.moment(s.back_at_h, names.lang)
    return names.say(f"state.{s.state}")


def _service_row(
    s: story.ServiceStory, at: Callable[[float], float], end: float, y: float, names: Names, least: float = BAR
) -> list[Html]:
    """What of a service is missing, and what its recovery waited for; least : pixels of the narrowest bar of the latter."""
    drawn = [tag("rect", x=at(0), y=y, width=at(end) - at(0), height=17, class_="track")]
    for begin, to, level in level_spans(s.row["level"], end):
        if level < 1 - story.LEVEL_MISSING:
            missing = 1 - level
            said = f"{names.say('state.degraded')}: {names.say('chart.missing')} "
            said += f"{numbers.whole_percent(missing, names.lang)}, {_from_to(begin, to)}"
            high = max(3.0, 17 * missing)
            drawn.append(_bar(at(begin), at(to), y + 17 - high, high, "degraded", said))
    for begin, to in s.row["outages"]:
        key = "out" if to is not None else "never"
        said = f"{names.say(f'state.{key}')}, {_from_to(begin, to)}"
        drawn.append(_bar(at(begin), at(end if to is None else to), y, 17, key, said))
    for step in story.way_back(s.row):
        to = end if step["to_h"] is None else step["to_h"]
        said = f"{names.of(step['component'])}: {story.step_text(step, names)}, {_from_to(step['from_h'], to)}"
        group = story.GROUPS.get(step["what"], "other")
        drawn.append(_bar(at(step["from_h"]), at(to), y + 19, 9, f"g-{group}", said, least))
    return drawn


def _from_to(begin: float, to: float | None) -> str:
    return f"{numbers.stamp(begin)} … {numbers.stamp(to) if to is not None else '∞'}"


def level_spans(level: Sequence[Sequence[float]], end: float) -> list[tuple[float, float, float]]:
    """(from, to, level) between the changes of a level that is 1 before the first."""
    found, since, now = [], 0.0, 1.0
    for t, value in level:
        if t > since:
            found.append((since, t, now))
        since, now = t, value
    if end > since:
        found.append((since, end, now))
    return found


def is_worse(result: Result) -> bool:
    """Whether a service is ever worse without being out."""
    return any(0 < level < 1 - story.LEVEL_MISSING for row in result["services"].values() for _, level in row["level"])


def groups_used(result: Result) -> list[str]:
    """Groups of the ways back that occur, in their order."""
    used = {
        story.GROUPS.get(step["what"], "other")
        for row in result["services"].values()
        for step in story.way_back(row)
    }
    return [g for g in story.GROUP_ORDER if g in used]


# --------------------------------------------------------------------------- states of the parts


@dataclass(frozen=True, slots=True)
class Strip:
    """Parts that go through the same states at the same times."""

    ids: tuple[str, ...]
    spans: tuple[tuple[float, float, str], ...]


def strips(result: Result, end: float) -> list[Strip]:
    """The states of all parts that changed, like ones together, in the order in which they first changed."""
    standby = {a for a, _, kind in result["graph"]["needs"] if kind == "standby"}
    found: dict[tuple[Any, ...], list[str]] = {}
    for id_, rows in result["states"].items():
        spans: list[tuple[float, float, str]] = []
        since, now = 0.0, "standby" if id_ in standby else "running"
        for t, state, share in rows:
            shown = "part" if state == "running" and share < 1 else state
            if t > since:
                spans.append((since, t, now))
            since, now = t, shown
        if since < end:
            spans.append((since, max(end, since), now))
        merged: list[tuple[float, float, str]] = []
        for a, b, state in spans:
            if merged and merged[-1][2] == state:
                merged[-1] = (merged[-1][0], b, state)
            else:
                merged.append((a, b, state))
        key = tuple((round(a, 4), round(b, 4), s) for a, b, s in merged)
        found.setdefault(key, []).append(id_)
    made = [Strip(tuple(ids), key) for key, ids in found.items()]
    return sorted(made, key=lambda s: (s.spans[0][1] if s.spans else 0.0, s.spans[-1][0] if s.spans else 0.0))


def stages(result: Result, names: Names, width: float = WIDE) -> Html:
    """A row for each part, or for several that go the same way, coloured by state."""
    narrow = width < 600
    end = story.horizon(result)
    rows = strips(result, end)[:STRIPS_MOST]
    left, right, top = (4.0, 4.0, 24.0) if narrow else (240.0, 20.0, 24.0)
    row_h = 36.0 if narrow else 22.0
    height = top + row_h * len(rows) + 8
    at, drawn = time_axis(end, left, width - left - right, height, names)
    for i, strip in enumerate(rows):
        y = top + i * row_h
        label = names.listed(strip.ids, 1 if len(strip.ids) > 2 else 2)
        if narrow:
            drawn.append(write_at(left, y + 13, shorten(label, width - 10), class_="row-name small"))
            y += 17
        else:
            drawn.append(write_at(left - 10, y + 13, shorten(label, left - 16), "end", "row-name small"))
        for a, b, state in strip.spans:
            if a < end:
                said = f"{names.listed(strip.ids, 12)}: {names.say(f'state.{state}')}, {_from_to(a, b)}"
                drawn.append(_bar(at(a), at(b), y + 3, 13, state, said))
    return svg(width, height, *drawn, label=names.say("chart.stages"), class_="narrow" if narrow else "wide")


# --------------------------------------------------------------------------- exceedance curves


@dataclass(frozen=True, slots=True)
class LogAxis:
    """A logarithmic axis from `low` to `high`, on pixels `a` to `b`."""

    low: float
    high: float
    a: float
    b: float

    def at(self, value: float) -> float:
        """Pixel of a value; values outside go to the edge."""
        value = min(max(value, self.low), self.high)
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.a + share * (self.b - self.a)

    def decades(self) -> list[float]:
        """Powers of ten on the axis."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        return [10.0**k for k in range(first, last + 1)]


def frequency_range(curves: Iterable[Mapping[str, Any]]) -> tuple[float, float]:
    """Decades that hold the curves, five at most, so that all of them can share an axis."""
    values = [v for c in curves for v in (*c["per_year"], *(c["high"] or ())) if v]
    if not values:
        return 1e-3, 1.0
    high = 10.0 ** math.ceil(math.log10(max(values)) + 1e-9)
    low = 10.0 ** math.floor(math.log10(min(v for c in curves for v in c["per_year"] if v)))
    return max(low, high / 1e5), high


def curve(row: Mapping[str, Any], name: str, names: Names, span: tuple[float, float], to: Callable[[str], str]) -> Html:
    """Outages a year of one service that last longer than h, with the band of what is not known.

    to : place of the number of a length (`24h`), "" where there is none; the points of these lengths lead there
    """
    width, height, top, bottom = 350.0, 230.0, 12.0, 40.0
    words = {f: numbers.often(f, names.lang) for f in LogAxis(*span, 1.0, 0.0).decades()}
    left = max(text_width(w, 11.5) for w in words.values()) + 10
    data = row["curve"]
    x = LogAxis(max(data["hours"][0], 1 / 60), max(data["hours"][-1], 1.0), left, width - 10)
    y = LogAxis(*span, height - bottom, top)
    drawn = frequency_grid(y, left, width - 10, words)
    for h in _LENGTHS_H:
        if x.low <= h * 1.0001 and h <= x.high:
            drawn.append(tag("line", x1=x.at(h), x2=x.at(h), y1=top, y2=height - bottom, class_="grid"))
    last = -99.0
    for h in _LENGTHS_H:
        tick = short_length(h, names)
        if x.low <= h * 1.0001 and h <= x.high and x.at(h) - last > text_width(tick, 11.5) + 6:
            last = x.at(h)
            anchor = "start" if last - left < 12 else "end" if width - last < 14 else "middle"
            drawn.append(write_at(last, height - bottom + 15, tick, anchor, "tick"))
    drawn.append(write_at((left + width) / 2, height - 6, names.say("chart.curve_x"), "middle", "axis"))
    drawn += _limits(row, x, top, height - bottom, names)
    if data["low"] and data["high"]:
        drawn.append(_band(data, x, y))
    points = [(x.at(h), y.at(f)) for h, f in zip(data["hours"], data["per_year"], strict=True) if f >= y.low]
    drawn.append(polyline(points, "curve"))
    for key, often in row["outages_per_year_longer_than"].items():
        hours, per_year = float(key.removesuffix("h")), often["value"]
        if x.low <= hours <= x.high and per_year >= y.low:
            said = names.say("chart.curve_point", t=short_length(hours, names), often=numbers.often(per_year, names.lang))
            drawn.append(_point(x.at(hours), y.at(per_year), said, to(key)))
    return svg(width, height, *drawn, label=names.say("chart.curve", name=name), class_="small")


def _point(x: float, y: float, said: str, to: str) -> Html:
    """A point of a line that leads to the number it stands for."""
    mark = tag("circle", tag("title", said), cx=x, cy=y, r=4, fill="var(--paper)", stroke="var(--accent)", stroke_width=1.5)
    return tag("a", mark, href=f"#{to}", class_="traced") if to else mark


def frequency_grid(y: LogAxis, left: float, right: float, words: Mapping[float, str]) -> list[Html]:
    drawn = []
    for f in y.decades():
        drawn.append(tag("line", x1=left, x2=right, y1=y.at(f), y2=y.at(f), class_="grid"))
        drawn.append(write_at(left - 6, y.at(f) + 4, words[f], "end", "tick"))
    return drawn


def short_length(hours: float, names: Names) -> str:
    if hours >= 24:
        days = round(hours / 24)
        return names.say("clock.d", d=days)
    return numbers.clock(hours, names.lang)


def _limits(row: Mapping[str, Any], x: LogAxis, top: float, bottom: float, names: Names) -> list[Html]:
    """What the business can bear, as upright lines."""
    drawn = []
    for i, key in enumerate(("rto", "mtpd")):
        limit = row[key]
        if limit and x.low <= limit["hours"] <= x.high:
            at = x.at(limit["hours"])
            drawn.append(tag("line", x1=at, x2=at, y1=top, y2=bottom, class_="limit"))
            drawn.append(write_at(at + 4, top + 10 + 13 * i, key.upper(), class_="limit-name"))
    return drawn


def _band(data: Mapping[str, Any], x: LogAxis, y: LogAxis) -> Html:
    above = [(x.at(h), y.at(v)) for h, v in zip(data["hours"], data["high"], strict=True) if v and v >= y.low]
    below = [(x.at(h), y.at(v or y.low)) for h, v in zip(data["hours"], data["low"], strict=True)][: len(above)]
    points = " ".join(f"{px:.1f},{py:.1f}" for px, py in [*above, *below[::-1]])
    return tag("polygon", points=points, class_="band")


def polyline(points: Sequence[tuple[float, float]], class_: str) -> Html:
    if not points:
        return Html("")
    return tag("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=class_)


# --------------------------------------------------------------------------- losses


def losses(result: Result, names: Names, width: float) -> Html | None:
    """Loss that is exceeded, by how often: the largest outage of a year and the whole year."""
    data, total = result["total"]["loss_curve"], result["total"]["loss"]
    if not data or not total or not any(data["amount"]):
        return None
    narrow = width < 600
    height, top, bottom = 300.0 if narrow else 360.0, 14.0, 44.0
    # one axis for both: the chance of a year in which one outage, or all together, cost more
    points = [
        (a, -math.expm1(-o), p)
        for a, o, p in zip(data["amount"], data["oep_per_year"], data["aep_probability"], strict=True)
        if max(o, p) >= RAREST_PER_YEAR
    ]
    if not points:
        return None
    rarest = min(v for _, o, p in points for v in (o, p) if v >= RAREST_PER_YEAR)
    span = max(10.0 ** math.floor(math.log10(rarest)), 1e-5), 1.0
    words = {p: _one_year_in(p, names) for p in LogAxis(*span, 1.0, 0.0).decades()}
    y, left = LogAxis(*span, height - bottom, top), max(text_width(w, 11.5) for w in words.values()) + 10
    end = points[-1][0]
    x = LogAxis(max(points[0][0], end * 1e-4), end * 1.5, left, width - 16)
    drawn = frequency_grid(y, left, width - 16, words)
    drawn += _money_ticks(x, top, height - bottom, result["currency"], names, narrow)
    drawn.append(write_at((left + width) / 2, height - 6, names.say("chart.loss_x"), "middle", "axis"))
    drawn += _whiskers(total["aep"], x, y)
    for key, i in (("oep", 1), ("aep", 2)):
        line = [(x.at(p[0]), y.at(p[i])) for p in points if p[i] >= y.low and p[0] >= x.low]
        drawn.append(polyline(line, f"curve {key}"))
        for period, est in total[key].items():
            if est and x.low <= est["value"] <= x.high and y.low <= 1 / float(period) <= y.high:
                amount = numbers.point(est["value"], "money", names.lang, result["currency"])
                words = {"what": names.say(f"chart.{key}"), "n": numbers.count(float(period), names.lang), "amount": amount}
                said = names.say("chart.loss_point", **words)
                drawn.append(_point(x.at(est["value"]), y.at(1 / float(period)), said, number(result, f"total.loss.{key}.{period}")))
    return svg(width, height, *drawn, label=names.say("chart.loss"), class_="narrow" if narrow else "wide")


def _one_year_in(chance: float, names: Names) -> str:
    """A chance in a year as a board reads it: `one year in 100`."""
    if chance >= 0.999:
        return names.say("often.every_year")
    return names.say("often.one_year_in", n=numbers.count(1 / chance, names.lang))


def _money_ticks(
    x: LogAxis, top: float, bottom: float, currency: str | None, names: Names, narrow: bool
) -> list[Html]:
    drawn, decades = [], x.decades()
    every = 2 if narrow and len(decades) > 3 else 1
    for i, amount in enumerate(decades):
        drawn.append(tag("line", x1=x.at(amount), x2=x.at(amount), y1=top, y2=bottom, class_="grid"))
        if i % every == 0:
            words = numbers.point(amount, "money", names.lang, currency, 1)
            drawn.append(write_at(x.at(amount), bottom + 15, words, "middle", "tick"))
    return drawn


def _whiskers(rows: Mapping[str, Any], x: LogAxis, y: LogAxis) -> list[Html]:
    """The band at the return periods that are tabled."""
    drawn = []
    for period, est in rows.items():
        if est and est["band"] and est["band"][1] > x.low and y.low <= 1 / float(period) <= y.high:
            py = y.at(1 / float(period))
            drawn.append(tag("line", x1=x.at(est["band"][0]), x2=x.at(est["band"][1]), y1=py, y2=py, class_="whisker"))
    return drawn


def line_key(class_: str, words: str) -> Html:
    """One entry of a legend of lines."""
    line = tag("line", x1=0, x2=26, y1=6, y2=6, class_=class_)
    return tag("span", tag("svg", line, width=26, height=12, viewBox="0 0 26 12", aria_hidden="true"), " ", words, class_="key")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a ranking: full up to `sure`, dotted from there to `most`; `end` stands behind it, and leads to a place."""

    name: str
    sure: float
    most: float
    end: str
    to: str = ""


def ranked(bars: Sequence[Bar], width: float, label: str) -> Html:
    """Bars below each other, on one scale from nought to the longest."""
    narrow = width < 600
    left, row_h, top = (4.0, 46.0, 8.0) if narrow else (400.0, 38.0, 8.0)
    room = width - left - max(text_width(b.end, 14.0) for b in bars) - 14.0  # the ends are set in bold
    unit = room / (max(b.most for b in bars) or 1.0)
    drawn: list[Html] = []
    for i, b in enumerate(bars):
        y = top + i * row_h
        if narrow:
            drawn.append(write_at(left, y + 12, shorten(b.name, width - 10), class_="row-name small"))
            y += 18
        else:
            lines = in_lines(b.name, left - 16, 12)
            drawn += [write_at(left - 10, y + (17 if len(lines) == 1 else 11 + 14 * k), w, "end", "row-name small")
                      for k, w in enumerate(lines)]  # fmt: skip
            y += 4
        said = tag("title", f"{b.name}: {b.end}")
        drawn.append(tag("rect", said, x=left, y=y, width=max(1.5, unit * b.sure), height=17, class_="bar-sure"))
        if b.most > b.sure:
            wide = max(1.0, unit * (b.most - b.sure))
            drawn.append(tag("rect", said, x=left + unit * b.sure, y=y, width=wide, height=17, fill="url(#hatch-share1)", class_="bar"))
        end = write_at(left + unit * b.most + 6, y + 13, b.end, class_="row-note")
        drawn.append(tag("a", end, href=f"#{b.to}", class_="traced") if b.to else end)
    return svg(width, top + row_h * len(bars) + 4, *drawn, label=label, class_="narrow" if narrow else "wide")


def together(parts: Iterable[Html]) -> Html:
    """Charts that stand side by side where there is room."""
    return tag("div", join(parts), class_="multiples")
