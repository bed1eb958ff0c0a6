"""Known answers for the mechanisms M13 to M23: the derivation, then the engine and its slow twin on the same draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.exact.mechanisms import (
    SEED,
    Mechanism,
    assert_estimate,
    assert_near,
    assessed,
    hours_lost,
    hours_out,
    mechanism,
    outages,
    play,
    play_many,
)

from blackstart import examples, report
from blackstart.compilation import compile_model
from blackstart.engines import layout
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.studies import rehearsal
from blackstart.studies.results import Losses


def changed(name: str, *changes: tuple[str, str]) -> Mechanism:
    """A shipped model with pieces of its text replaced."""
    text = examples.path(f"mechanisms/{name}").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    model = load_text(text, f"{name}.yaml")
    return Mechanism(model, compile_model(model))


def yearly(case: Mechanism, service: str) -> dict:
    """Published estimate of the hours a year in which a service is out."""
    return assessed(case)["services"][service]["downtime_h_per_year"]


# ----------------------------------------------------------------------------- M13
#
# 400 changes a year, 2 % of them bad: 8 a year. A bad change comes through if it looks right to all guards (10 %), or if
# each of them misses it for reasons of its own (0.2 x 0.5 x 0.25 = 0.025); the two are independent:
#
#                     comes through                      hours a year at 3 h each
#   as written        1 - 0.9 x (1 - 0.025)  = 0.1225    8 x 0.1225  x 3 = 2.94
#   second reviewer   1 - 0.9 x (1 - 0.005)  = 0.1045    8 x 0.1045  x 3 = 2.508
#   delete later      0.1 x 0.1225           = 0.01225   8 x 0.01225 x 3 = 0.294    (one undo, one luck, for both ways)
#
# Bad changes that meet an outage that is there already make this at most 0.04 % less.

M13 = {(): 0.1225, ("second-reviewer",): 0.1045, ("delete-later",): 0.01225}


@pytest.mark.parametrize(("defences", "through"), M13.items())
def test_m13_what_deceives_one_guard_deceives_all(defences: tuple[str, ...], through: float) -> None:
    case = mechanism("m13-failed-guards", *defences)
    stories = play_many(case, [(0.0, "bad-change")], 1000)
    assert {hours_out(story, "work-tool") for story in stories} == {0.0, 3.0}
    assert_near([hours_out(story, "work-tool") for story in stories], 3.0 * through)
    assert_estimate(yearly(case, "work-tool"), 8 * through * 3, left_out=4e-4)


# ----------------------------------------------------------------------------- M14
#
# All is back after: the later of doors and way + racks x hours each / hands.
#
#   as written        max(6, 8) + 200 x 0.5 / 10 = 18
#   twice the hands   max(6, 8) + 200 x 0.5 / 20 = 13
#   people on site    max(6, 0) + 200 x 0.5 / 10 = 16
#
# 200 racks come back in 20 parts, part j of them with 1 - (j - 1) / 20 missing before: full hours missing are
# 8 + 0.5 x (20 - 9.5) = 13.25 as written.

M14 = {(): 18.0, ("twice-the-hands",): 13.0, ("people-on-site",): 16.0, ("twice-the-hands", "people-on-site"): 11.0}


@pytest.mark.parametrize(("defences", "hours"), M14.items())
def test_m14_doors_then_the_way_then_hands(defences: tuple[str, ...], hours: float) -> None:
    story = play(mechanism("m14-doors-and-hands", *defences), [(0.0, "smoke")])
    assert hours_out(story, "storage") == pytest.approx(hours)


def test_m14_a_slope_not_a_jump() -> None:
    story = play(mechanism("m14-doors-and-hands"), [(0.0, "smoke")])
    assert hours_lost(story, "storage") == pytest.approx(13.25)


# ----------------------------------------------------------------------------- M15
#
# Twenty parts of 5 large sites, then twenty of 20 small ones; 20 people until hour 12, 10 from then on (20 x 12 / 24);
# 8 person-hours for a site, 1 once the tool is there, at hour 35.
#
#   hours       people   a part of large takes         parts done
#   0  - 12     20       5 x 8 / 20 = 2                6
#   12 - 36     10       5 x 8 / 10 = 4                6     (the last began before the tool came)
#   36 - 40     10       5 x 1 / 10 = 0.5              8     large: back at 40
#   40 - 80     10       20 x 1 / 10 = 2 for a small   20    small: back at 80
#
# Without the tool:    12 + 14 x 4 = 68, then 20 x (20 x 8 / 10 = 16) = 320: 388.
# Twice the people:    12 parts of 1 h, then 8 of 2 h: 28; the tool comes at 35, in the first part of small
#                      (20 x 8 / 20 = 8 h, until 36), then 19 x (20 x 1 / 20 = 1 h): 55.
# Both changes:        28 + 20 x 8 = 188.

M15 = {
    (): (40.0, 80.0),
    ("no-tool",): (68.0, 388.0),
    ("twice-the-people",): (28.0, 55.0),
    ("no-tool", "twice-the-people"): (28.0, 188.0),
}


@pytest.mark.parametrize(("defences", "back"), M15.items())
def test_m15_one_crew_one_order_and_a_tool(defences: tuple[str, ...], back: tuple[float, float]) -> None:
    story = play(mechanism("m15-crews-and-order", *defences), [(0.0, "wrong-deletion")])
    assert hours_out(story, "large-customers") == pytest.approx(back[0])
    assert hours_out(story, "small-customers") == pytest.approx(back[1])


def test_m15_the_curve_is_two_lines() -> None:
    story = play(mechanism("m15-crews-and-order"), [(0.0, "wrong-deletion")])
    large = [(t, up) for t, name, _, up in story.states if name == "large" and up]
    assert large[:6] == [(pytest.approx(2.0 * k), k) for k in range(1, 7)]
    assert large[6:12] == [(pytest.approx(12.0 + 4.0 * k), 6 + k) for k in range(1, 7)]
    assert large[12:] == [(pytest.approx(36.0 + 0.5 * k), 12 + k) for k in range(1, 9)]


# ----------------------------------------------------------------------------- M16
#
# Three of six breakers are lost; one is mended in 3 / 2 = 1.5 h. Four of six are 67 %, five 83 %: `some-power` (80 %) is back
# with the second repair, at 3 h, out of the two on the shelf. The third waits for one of the parts ordered at 0:
#
#   as written       68 + 1.5 = 69.5
#   third spare      3 x 1.5  = 4.5
#   local supplier   12 + 1.5 = 13.5

M16 = {(): 69.5, ("third-spare",): 4.5, ("local-supplier",): 13.5}


@pytest.mark.parametrize(("defences", "hours"), M16.items())
def test_m16_shelf_first_then_supplier(defences: tuple[str, ...], hours: float) -> None:
    story = play(mechanism("m16-spares", *defences), [(0.0, "short-circuit")])
    assert hours_out(story, "some-power") == pytest.approx(3.0)
    assert hours_out(story, "all-power") == pytest.approx(hours)


def test_m16_no_part_on_the_shelf() -> None:
    """All three are ordered at once: 68 + 3 x 1.5. (An empty shelf once ordered nothing, ever: every example kept a part.)"""
    story = play(changed("m16-spares", ("stock: 2", "stock: 0")), [(0.0, "short-circuit")])
    assert hours_out(story, "all-power") == pytest.approx(72.5)


# ----------------------------------------------------------------------------- M17
#
#             fire                                     wrong deletion (of all copies)
#             hours out        writes lost             hours out      writes lost
#   ledger    0                none                    8              all
#   orders    0                5 min                   8              all
#   mail      8 + 12 = 20      uniform from 0 to 24 h  8 + 12 = 20    uniform from 0 to 24 h
#   letters   8 + 8 + 12 = 28  uniform from 0 to 24 h  -              -
#   pictures  8                all                     -              -
#   notes     8                all                     -              -
#
# Mean age of a backup that is made every 24 h: 12 h, also the typical one. The vault of the letters has 2 hidden faults a year and
# is tried every 2 years: dead with chance q = 1 - (1 - exp(-4)) / 4 = 0.754579 when it is asked for, and then mended first (8 h).

M17_HOURS = {
    "fire": {"ledger": 0.0, "orders": 0.0, "mail": 20.0, "letters": 28.0, "pictures": 8.0, "notes": 8.0},
    "wipe": {"ledger": 8.0, "orders": 8.0, "mail": 20.0, "letters": 0.0, "pictures": 0.0, "notes": 0.0},
}
M17_LOST = {
    "fire": {"lagging": 5 / 60, "backed-up": 12.0, "untried": 12.0, "backup-here": math.inf, "alone": math.inf},
    "wipe": {"in-step": math.inf, "lagging": math.inf, "backed-up": 12.0},
}


@pytest.mark.parametrize("hazard", M17_HOURS)
def test_m17_time_and_data_are_two_numbers(hazard: str) -> None:
    story = play(mechanism("m17-data-copies"), [(0.0, hazard)])
    assert {s: hours_out(story, s) for s in M17_HOURS[hazard]} == pytest.approx(M17_HOURS[hazard])
    assert {name: hours for name, _, hours in story.data} == pytest.approx(M17_LOST[hazard])


def test_m17_the_backup_is_dead_as_often_as_its_tests_are_rare() -> None:
    stories = play_many(mechanism("m17-data-copies"), [(0.0, "fire")], 3000)
    assert_near([hours_out(s, "letters") for s in stories], 20 + 8 * (1 - (1 - math.exp(-4)) / 4))


def test_m17_age_of_the_backup() -> None:
    stories = play_many(mechanism("m17-data-copies"), [(0.0, "fire")], 300)
    ages = [hours for story in stories for name, _, hours in story.data if name == "backed-up"]
    assert len(ages) == 300 and 0.0 < min(ages) and max(ages) < 24.0
    assert_near(ages, 12.0)
    assert np.std(ages) == pytest.approx(24 / math.sqrt(12), rel=0.15)  # 4 standard errors: kurtosis 1.8, 300 values


# ----------------------------------------------------------------------------- M18
#
# With b hours of darkness, n shards of w hours, k checkers, a replay at r hours for each hour of outage after c hours:
# half of the index is back at b + n w / 2 k, all of it at T = b + n w / k, and writing at T + c + r T.
#
#                   n     w        k     reading (half)       writing
#   as written      800   3 min    4     0.1 + 5    = 5.1     10.1 x 1.5 + 0.25 = 15.4
#   four cells      800   3 min    16    0.1 + 1.25 = 1.35    2.6  x 1.5 + 0.25 = 4.15
#   checkpoints     800   18 s     4     0.1 + 0.5  = 0.6     1.1  x 1.5 + 0.25 = 1.9
#   twice the size  1600  3 min    4     0.1 + 10   = 10.1    20.1 x 1.5 + 0.25 = 30.4

M18 = {(): (5.1, 15.4), ("four-cells",): (1.35, 4.15), ("checkpoints",): (0.6, 1.9)}


@pytest.mark.parametrize(("defences", "back"), M18.items())
def test_m18_size_and_what_has_piled_up(defences: tuple[str, ...], back: tuple[float, float]) -> None:
    story = play(mechanism("m18-cold-start", *defences), [(0.0, "blink")])
    assert (hours_out(story, "reading"), hours_out(story, "writing")) == pytest.approx(back)


def test_m18_twice_the_size() -> None:
    story = play(changed("m18-cold-start", ("count: 800", "count: 1600")), [(0.0, "blink")])
    assert (hours_out(story, "reading"), hours_out(story, "writing")) == pytest.approx((10.1, 30.4))


# ----------------------------------------------------------------------------- M19
#
# The application is mended in 1 h, the backbone in 1 x 3 x 2 = 6 h, because it takes both tools with it; with the tools
# outside in 1 h. The shop is out 4 x 1 + 1 x 6 = 10 h a year, or 4 x 1 + 1 x 1 = 5; failures that cannot come because
# it is out already make this 0.2 % less at most. The status page is out whenever the backbone is.

M19 = {(): (6.0, 10.0), ("tools-outside",): (1.0, 5.0)}


@pytest.mark.parametrize(("defences", "hours"), M19.items())
def test_m19_blindness_lengthens_repair(defences: tuple[str, ...], hours: tuple[float, float]) -> None:
    case = mechanism("m19-blindness", *defences)
    assert hours_out(play(case, [(0.0, "!app")]), "shop") == pytest.approx(1.0)
    story = play(case, [(0.0, "!backbone")])
    assert hours_out(story, "shop") == pytest.approx(hours[0])
    assert hours_out(story, "status-page") == (0.0 if defences else hours_out(story, "shop"))
    assert_estimate(yearly(case, "shop"), hours[1], left_out=2e-3)


# ----------------------------------------------------------------------------- M20
#
# The site goes dark at 3 h; moving takes 1.5 h from the word, which comes at d, or from the dark: the application is out for
# min(max(d - 1.5, 0), 1.5) h if the word is heeded, 1.5 h if not. At d = 2.25: 0.75.
#
#                     of one event                       a year, at one in 2 years
#   as written        0.6 x 0.75 + 0.4 x 1.5 = 1.05      0.525
#   told at once      0.4 x 1.5              = 0.6       0.3
#   and heeded        0                                  0
#
# Events that come while the last one lasts (13 h) make this 0.1 % less at most.

M20 = {(): 1.05, ("told-at-once",): 0.6, ("told-and-heeded",): 0.0}


@pytest.mark.parametrize("told_h", [0.5, 1.5, 2.0, 2.25, 2.9, 3.5, 6.0])
def test_m20_every_minute_of_silence_counts_between_two_bounds(told_h: float) -> None:
    story = play(changed("m20-told-late", ("after: 2.25h", f"after: {told_h}h")), [(0.0, "feed-lost")])
    assert hours_out(story, "app") == pytest.approx(min(max(told_h - 1.5, 0.0), 1.5))


@pytest.mark.parametrize(("defences", "hours"), M20.items())
def test_m20_told_late_or_not_heeded(defences: tuple[str, ...], hours: float) -> None:
    case = mechanism("m20-told-late", *defences)
    found = [hours_out(story, "app") for story in play_many(case, [(0.0, "feed-lost")], 300)]
    if hours:
        assert_near(found, hours)
    else:
        assert set(found) == {0.0}
    assert_estimate(yearly(case, "app"), hours / 2, left_out=1e-3)


# ----------------------------------------------------------------------------- M21
#
# Switching on too soon (three times in four) breaks 12 of 20 parts of the servers, 10 x 0.5 / 10 = 0.5 h each:
# 0.25 + 6 = 6.25 h instead of 0.25; mean 0.25 + 0.75 x 6 = 4.75. Water (three times in ten) breaks 10 parts, and the hall must
# dry first: 2 + 8 + 10 x 0.5 = 15 h instead of 2; mean 2 + 0.3 x 13 = 5.9. A year: 4.75 / 4 + 5.9 / 40 = 1.335 h.

M21 = {"supply-cut": (0.25, 6.25, 4.75), "small-fire": (2.0, 15.0, 5.9)}


@pytest.mark.parametrize(("hazard", "hours"), M21.items())
def test_m21_the_second_damage_is_the_larger(hazard: str, hours: tuple[float, float, float]) -> None:
    found = [hours_out(story, "bookings") for story in play_many(mechanism("m21-secondary-damage"), [(0.0, hazard)], 400)]
    assert {round(h, 9) for h in found} == set(hours[:2])
    assert_near(found, hours[2])


def test_m21_the_damage_comes_with_the_power_whenever_that_is() -> None:
    """The power is back between 10 and 20 min: out for that, or for that and 6 h."""
    case = changed("m21-secondary-damage", ("power-back: 15 min", "power-back: 'uniform(10 min, 20 min)'"))
    for story in play_many(case, [(0.0, "supply-cut")], 50):
        hours = hours_out(story, "bookings")
        assert 1 / 6 <= hours <= 1 / 3 or 6 + 1 / 6 <= hours <= 6 + 1 / 3
        back = [t for t, name, state, _ in story.states if name == "servers" and state == "running"][0]
        assert back == pytest.approx(hours if hours < 1 else hours - 6.0)


def test_m21_hours_a_year() -> None:
    assert_estimate(yearly(mechanism("m21-secondary-damage"), "bookings"), 1.335, left_out=1e-3)


# ----------------------------------------------------------------------------- M22, in millions
#
#                 an hour      a day                     four days
#   by the clock  1            24                        96
#   put off       0.6          24 x 0.6       = 14.4     96 x 0.6            = 57.6
#   shop hours    by the hour  24 x 12 / 24   = 12       96 x 12 / 24        = 48
#   saturating    1            9                         9 + (96 - 24) / 96  = 9.75
#   contract      1            24 + 5 + 10, cap 20       20
#   airline       1 + 0.5 x 3  24 + 0.5 x 3 x 24 = 60    96 x 2.5            = 240
#
# An airline is four times as long out of step, and comes back evenly meanwhile: half of the additional three times.

M22 = {
    "an-hour": (1.0, {"by-the-clock": 1.0, "put-off": 0.6, "saturating": 1.0, "contract": 1.0, "airline": 2.5}),
    "a-day": (
        24.0,
        {"by-the-clock": 24.0, "put-off": 14.4, "shop-hours": 12.0, "saturating": 9.0, "contract": 20.0, "airline": 60.0},
    ),
    "four-days": (
        96.0,
        {"by-the-clock": 96.0, "put-off": 57.6, "shop-hours": 48.0, "saturating": 9.75, "contract": 20.0, "airline": 240.0},
    ),
}


@pytest.mark.parametrize("hazard", M22)
def test_m22_six_ledgers(hazard: str) -> None:
    case = mechanism("m22-business-lag")
    story = play(case, [(0.0, hazard)])
    hours, millions = M22[hazard]
    services = list(case.system.services)
    pieces = np.array(
        [[0, layout.ROW_OUT, i, *outages(story, s)[0], hours_lost(story, s)] for i, s in enumerate(services)], float
    )
    assert (pieces[:, 4] - pieces[:, 3]).tolist() == pytest.approx([hours] * len(services))
    lost = dict(zip(services, Losses(case.model, case.system, SEED).of(pieces) / 1e6, strict=True))
    assert {s: lost[s] for s in millions} == pytest.approx(millions)
    assert 0.0 <= lost["shop-hours"] <= hours


# ----------------------------------------------------------------------------- M23
#
# Each arrival brings more of its own: n = (5 - 1) x 0.2 a year x 0.5 years = 0.4 on average, and each of those again n.
# All in all 1 / (1 - n) = 5/3 for each first one (a Poisson cluster), and none but the first with chance exp(-n) = 0.67.
#
#              n                          arrivals a year         hours a year
#   as written 0.4                        0.2 / 0.6    = 1/3      10/3
#   mended     4 x 0.2 / 12 = 1/15        0.2 / (14/15) = 3/14    15/7
#   learned    0.4                        1/3                     1/12
#
# Arrivals that meet an outage that is there already (10 h, at most once a year while raised) make this 0.2 % less at most.

M23 = {(): (0.4, 10.0), ("mended",): (1 / 15, 10.0), ("learned",): (0.4, 0.25)}


@pytest.mark.parametrize(("defences", "known"), M23.items())
def test_m23_it_comes_back(defences: tuple[str, ...], known: tuple[float, float]) -> None:
    more, hours = known
    case = mechanism("m23-comes-back", *defences)
    stories = play_many(case, [(0.0, "power-fault")], 400)
    assert_near([hours_out(story, "console") for story in stories], hours / (1 - more))
    assert_near([float(len(outages(story, "console")) == 1) for story in stories], math.exp(-more))
    assert_estimate(yearly(case, "console"), 0.2 * hours / (1 - more), left_out=2e-3)


# ----------------------------------------------------------------------------- what a rehearsal says of them
#
# Both were once told wrongly, and no test had read the story of a counted component that is mended part by part.


def rehearsed(name: str, hazard: str) -> dict:
    """What `blackstart rehearse` says, as published."""
    asked = scenario.read(mechanism(name).model, [hazard])
    system = compile_model(asked.model)
    return rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=1, seed=SEED)).as_dict()


def test_what_the_last_part_waits_for_is_told() -> None:
    """It was told as starting, because the part before it had just started."""
    path = rehearsed("m16-spares", "short-circuit")["services"]["all-power"]["critical_path"]
    assert [(link["what"], link["to_h"] - link["from_h"]) for link in path] == [
        ("repair", 3.0),
        ("wait-spare", 65.0),
        ("repair", 1.5),
    ]


def test_what_comes_back_is_not_told_as_what_is_left() -> None:
    """The first rack that is mended was told as "only 5 % left"."""
    text = report.text(rehearsed("m14-doors-and-hands", "smoke"), "en")
    assert "SERVICE BACK" in text and "left:" not in text
