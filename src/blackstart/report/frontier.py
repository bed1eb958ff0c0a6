"""The picture of a plan: what is still lost against what is spent, a point for each portfolio that no cheaper one beats."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from blackstart.report.markup import Html, svg, tag, text_width, write_at

_WIDE = 10.0  # largest cost over smallest from which the axis of costs is logarithmic
_RIGHT, _TOP, _BOTTOM = 30.0, 34.0, 46.0


@dataclass(frozen=True, slots=True)
class Point:
    """One portfolio: what it costs and what is lost with it over the years, the band of that, a sentence on it, where its loss is told."""

    cost: float
    loss: float
    band: tuple[float, ...]
    says: str
    chosen: bool
    to: str = ""


@dataclass(frozen=True, slots=True)
class Costs:
    """An axis of costs: even, or logarithmic beyond `even` on both sides of zero, where they span decades.

    Zero has its place on either. Up to `even` a cost stands as far along as its share of `even`; from there each tenfold takes as much.
    """

    low: float
    high: float
    even: float | None

    def along(self, cost: float) -> float:
        if self.even is None:
            return cost
        size = abs(cost) / self.even
        return math.copysign(1.0 + math.log10(size) if size > 1.0 else size, cost)

    def at(self, cost: float, a: float, b: float) -> float:
        """Pixel of a cost on an axis from `a` to `b`."""
        low, high = self.along(self.low), self.along(self.high)
        return a + (self.along(cost) - low) / ((high - low) or 1.0) * (b - a)

    def marks(self, most: int) -> list[tuple[float, bool]]:
        """Round costs on the axis, and whether there is room to name each: `most` can be named."""
        if self.even is None:
            return [(t, True) for t in round_steps(self.low, self.high, most)]
        sizes = [self.even * 10.0**k for k in range(12)]
        found = [-s for s in reversed(sizes) if -s >= self.low] + [0.0] + [s for s in sizes if s <= self.high * (1 + 1e-9)]
        every, zero = math.ceil(len(found) / most), found.index(0.0)
        return [(t, (k - zero) % every == 0) for k, t in enumerate(found)]


def costs_of(points: Sequence[Point]) -> Costs:
    """The axis that shows every point apart: even where costs are alike in size, else logarithmic from the smallest."""
    values = [p.cost for p in points]
    sizes = [abs(v) for v in values if v]
    low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
    if not sizes or max(sizes) < _WIDE * min(sizes):
        steps = round_steps(low, high, 3)
        return Costs(steps[0], steps[-1], None)
    return Costs(low, high, 10.0 ** math.floor(math.log10(min(sizes))))


def draw(points: Sequence[Point], width: float, money: Callable[[float], str], words: Callable[[str], str]) -> Html:
    """The picture; `words` says its title and the names of its axes (``title``, ``x``, ``y``, ``chosen``)."""
    narrow = width < 600
    height = 300.0 if narrow else 360.0
    ys = round_steps(0.0, max(e for p in points for e in (p.loss, *p.band)), 4)
    axis, left = costs_of(points), max(text_width(money(v), 11.5) for v in ys) + 12
    x = partial(axis.at, a=left + 10, b=width - _RIGHT)
    y = partial(_at, ys[-1], height - _BOTTOM)
    drawn = [tag("line", x1=left, x2=width - _RIGHT + 10, y1=y(v), y2=y(v), class_="grid") for v in ys]
    drawn += [write_at(left - 6, y(v) + 4, money(v), "end", "tick") for v in ys]
    for v, named in axis.marks(3 if narrow else 8):
        drawn.append(tag("line", x1=x(v), x2=x(v), y1=_TOP, y2=height - _BOTTOM, class_="grid"))
        drawn += [write_at(x(v), height - _BOTTOM + 16, money(v), "middle", "tick")] if named else []
    drawn.append(write_at((left + width - _RIGHT) / 2, height - 6, words("x"), "middle", "axis"))
    drawn.append(write_at(4.0, 14.0, words("y"), "start", "axis"))
    stairs: list[tuple[float, float]] = []
    for p in points:
        stairs += [(x(p.cost), stairs[-1][1])] if stairs else []
        stairs.append((x(p.cost), y(p.loss)))
    drawn.append(tag("polyline", points=" ".join(f"{a:.1f},{b:.1f}" for a, b in stairs), class_="curve"))
    drawn += [_whisker(p, x, y) for p in points if p.band]
    marks = {p: _mark(p, x, y, words, width / 2) for p in sorted(points, key=lambda p: p.chosen)}
    drawn += [tag("a", mark, href=f"#{p.to}", class_="traced") if p.to else mark for p, mark in marks.items()]
    return svg(width, height, *drawn, label=words("title"), class_="narrow" if narrow else "wide")


def _whisker(p: Point, x: Callable[[float], float], y: Callable[[float], float]) -> Html:
    return tag("line", x1=x(p.cost), x2=x(p.cost), y1=y(p.band[0]), y2=y(p.band[-1]), class_="whisker")


def _mark(p: Point, x: Callable[[float], float], y: Callable[[float], float], words: Callable[[str], str], middle: float) -> Html:
    """A point; the chosen one is larger, filled and named, so that it is told apart without colour."""
    at = {"cx": x(p.cost), "cy": y(p.loss), "stroke_width": 2}
    if not p.chosen:
        return tag("circle", tag("title", p.says), r=4.5, fill="var(--paper)", stroke="var(--accent)", **at)
    mark = tag("circle", tag("title", p.says), r=7.0, fill="var(--alarm)", stroke="var(--alarm)", **at)
    before = x(p.cost) > middle  # the name has room on the other side
    name = write_at(x(p.cost) + (-12 if before else 12), y(p.loss) - 10, words("chosen"), "end" if before else "start", "row-note on-lines")
    return Html(mark + name)


def _at(high: float, bottom: float, value: float) -> float:
    return bottom + value / (high or 1.0) * (_TOP - bottom)


def round_steps(low: float, high: float, most: int) -> list[float]:
    """Round values from at most `low` to at least `high`, at most `most` steps between."""
    span = (high - low) or 1.0
    unit = 10.0 ** math.floor(math.log10(span / most))
    step = next(m * unit for m in (1, 2, 5, 10, 20) if span / (m * unit) <= most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [k * step for k in range(first, last + 1)]
