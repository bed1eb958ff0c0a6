"""The picture of a plan: costs that span decades are parted, and zero has its place."""

import re

import pytest

from blackstart.report.frontier import Costs, Point, costs_of, draw

WORDS = {"title": "loss against cost", "x": "cost", "y": "loss", "chosen": "here"}


def _points(*costs: float) -> list[Point]:
    return [Point(cost, 10.0 - n, (8.0 - n, 12.0 - n), f"portfolio {n}", n == 1) for n, cost in enumerate(costs)]


def test_costs_alike_in_size_stand_on_an_even_axis() -> None:
    axis = costs_of(_points(0.0, 3.0, 9.0))
    assert axis.even is None
    assert axis.at(4.5, 0.0, 1.0) == pytest.approx(4.5 / axis.high)


def test_each_tenfold_takes_as_much_room_and_zero_is_shown() -> None:
    axis = costs_of(_points(0.0, 3e9, 5e10, 2e12))
    assert axis == Costs(0.0, 2e12, 1e9)
    marks = [cost for cost, _ in axis.marks(8)]
    assert marks == [0.0, 1e9, 1e10, 1e11, 1e12]
    places = [axis.at(cost, 0.0, 100.0) for cost in marks]
    steps = [b - a for a, b in zip(places, places[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 4) and places[0] == 0.0


def test_what_saves_money_stands_left_of_zero() -> None:
    axis = costs_of(_points(-5e9, 0.0, 1e8, 1e11))
    assert axis.at(-5e9, 0.0, 1.0) == 0.0 < axis.at(-1e8, 0.0, 1.0) < axis.at(0.0, 0.0, 1.0) < axis.at(1e8, 0.0, 1.0)


@pytest.mark.parametrize("width", [350.0, 1120.0])
def test_points_of_a_wide_span_lie_apart_and_inside(width: float) -> None:
    """On an even axis the first four would lie within a hundredth of its length."""
    drawn = draw(_points(0.0, 5e9, 1e10, 2e10, 2e12), width, lambda v: f"{v:g}", WORDS.__getitem__)
    places = sorted(float(x) for x in re.findall(r'<circle[^>]* cx="([\d.]+)"', drawn))
    assert len(places) == 5 and all(b - a > 0.04 * width for a, b in zip(places, places[1:], strict=False))
    assert 0 < places[0] and places[-1] < width


def test_the_chosen_point_is_told_apart_without_colour() -> None:
    drawn = draw(_points(0.0, 5e9, 2e12), 1120.0, lambda v: f"{v:g}", WORDS.__getitem__)
    assert drawn.count(">here<") == 1
    assert len(set(re.findall(r'r="([\d.]+)"', drawn))) == 2
    assert ">cost<" in drawn and ">loss<" in drawn
