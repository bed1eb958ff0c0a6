"""Known answers for the mechanisms M1 to M12: the derivation, then the engine and its slow twin on the same draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.exact.mechanisms import (
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

from blackstart.compilation import compile_model
from blackstart.language import coldstart
from blackstart.language.load import dump, load_text

MIN = 1 / 60


def down_a_year(case: Mechanism, service: str) -> dict:
    """What `assess` says of the hours a year in which a service is down."""
    return assessed(case)["services"][service]["downtime_h_per_year"]


# ----------------------------------------------------------------------------- M1
#
# One hazard at a time puts out whichever service has all its servers in the place that is hit, for as long as it is held:
#
#                   room fire   building fire   campus closed   feed lost      hours a year = sum of rate x hours
#   rate, hours     1/50, 24    1/500, 72       1/1000, 240     1/10, 4
#   in one room     24          72              240             4              0.48 + 0.144 + 0.24 + 0.4 = 1.264
#   in two rooms    -           72              240             -                     0.144 + 0.24       = 0.384
#   two buildings   -           -               240             4                             0.24 + 0.4 = 0.64
#   two campuses    -           -               -               -                                          0
#
# Two hazards at once (less than 0.2 % of the time of any) change these by less than 0.1 %.

M1 = {
    "in-one-room": ((24, 72, 240, 4), 1.264),
    "in-two-rooms": ((0, 72, 240, 0), 0.384),
    "in-two-buildings": ((0, 0, 240, 4), 0.64),
    "on-two-campuses": ((0, 0, 0, 0), 0.0),
}


def test_m1_a_place_takes_what_has_nothing_outside_it() -> None:
    case = mechanism("m01-nested-domains")
    for i, hazard in enumerate(("room-fire", "building-fire", "campus-closed", "feed-lost")):
        story = play(case, [(0.0, hazard)])
        assert [hours_out(story, service) for service in M1] == [hours[i] for hours, _ in M1.values()]


def test_m1_hours_a_year() -> None:
    services = assessed(mechanism("m01-nested-domains"))["services"]
    for service, (_, exact) in M1.items():
        assert_estimate(services[service]["downtime_h_per_year"], exact, left_out=1e-3)


# ----------------------------------------------------------------------------- M2
#
# The grid dips twice a year for 5 min. With batteries nothing happens; without, the shop is down for the dip and the hour
# of its start: 2 x (1/12 + 1) h = 2.17 h a year.
# Once in 100 years the batteries burn. With chance 0.9 x 0.6 neither gas nor wall works and at 8 min the cables go: 72 h of
# repair and 1 h of start, 73 h: 0.54 x 73 / 100 = 0.3942 h a year. Until the batteries are new (30 d) dips go through
# again: 2 x 30/365 dips x 65 min / 100 = 0.0018 h; those during the repair of the cables do not count twice (less than
# 0.05 % of it all).
# In a room of their own (the wall works in 98 %): 0.9 x 0.02 x 73 / 100 = 0.0131 h, and the same 0.0018 h.


def test_m2_batteries_trade_many_short_outages_for_one_long_one() -> None:
    bare, beside, apart = (mechanism("m02-defence-ignites", *d) for d in (("no-batteries",), (), ("own-room",)))
    assert hours_out(play(bare, [(0.0, "grid-dip")]), "shop") == pytest.approx(65 * MIN)
    assert outages(play(beside, [(0.0, "grid-dip")]), "shop") == []
    assert outages(play(beside, [(0.0, "battery-fire")]), "shop") == [pytest.approx((8 * MIN, 8 * MIN + 73))]
    assert outages(play(apart, [(0.0, "battery-fire")]), "shop") == []


def test_m2_the_chain_from_spark_to_cables() -> None:
    stories = play_many(mechanism("m02-defence-ignites"), [(0.0, "battery-fire")], 1000)
    assert_near([hours_out(s, "shop") for s in stories], 0.9 * 0.6 * 73)


def test_m2_hours_a_year() -> None:
    through = 2 * 30 / 365 * 65 * MIN / 100
    for defence, exact in (
        (("no-batteries",), 2 * 65 * MIN),
        ((), 0.54 * 73 / 100 + through),
        (("own-room",), 0.018 * 73 / 100 + through),
    ):
        assert_estimate(down_a_year(mechanism("m02-defence-ignites", *defence), "shop"), exact, left_out=1e-2)


# ----------------------------------------------------------------------------- M3
#
#   0 h ... 1.5 h   one hall of four burns: a quarter is missing                        0.375 full hours
#   1.5 h ... 12 h  all halls off, from the fire brigade's word to 4 h after fire-out    10.5
#   12 h ... 32 h   repair of the hall may begin when the fire is out (8 h) and takes 24 h:  20 h x 1/4 = 5
# With breakers by zone a quarter is missing from 0 h to 32 h: 8 full hours, and the portal is never out.


def test_m3_the_cut_costs_more_than_the_fire() -> None:
    story = play(mechanism("m03-outsider-decides"), [(0.0, "hall-fire")])
    assert outages(story, "portal") == [(1.5, 12.0)]
    assert hours_lost(story, "portal") == pytest.approx(0.375 + 10.5 + 5.0)
    story = play(mechanism("m03-outsider-decides", "breakers-by-zone"), [(0.0, "hall-fire")])
    assert outages(story, "portal") == []
    assert hours_lost(story, "portal") == pytest.approx(8.0)


# ----------------------------------------------------------------------------- M4
#
# Site 1 is off for 24 h. Its stand-in needs the deploy tool for its start of 20 min; without monitoring that takes three
# times as long; after 2 h in vain people begin to do it by hand, which takes 8 h.
#
#   deploy tool   monitoring   by hand     out
#   inside        -            yes         2 h + 8 h = 10 h      (monitoring does not matter: nobody starts the ordinary way)
#   inside        -            no          24 h, until site 1 is back
#   outside       inside       -           3 x 20 min = 1 h
#   outside       outside      -           20 min

M4 = {
    (): 10.0,
    ("monitoring-outside",): 10.0,
    ("no-way-by-hand",): 24.0,
    ("deploy-outside",): 1.0,
    ("deploy-outside", "monitoring-outside"): 1 / 3,
}


@pytest.mark.parametrize("defences", M4, ids="+".join)
def test_m4_the_way_back_is_as_long_as_its_tools_are_away(defences: tuple[str, ...]) -> None:
    story = play(mechanism("m04-tools-inside", *defences), [(0.0, "site-lost")])
    assert outages(story, "shop") == [pytest.approx((0.0, M4[defences]))]


# ----------------------------------------------------------------------------- M5
#
# For running: login needs db. For starting: db needs vault, vault needs login. A vault that is restarted alone starts in
# 10 min, because login runs. After a cut of 1 h nothing runs: vault waits for login, login for db, db for vault, for ever.
# Break glass at the vault: 1 h + 2 h in vain + 8 h, then db 30 min, login 10 min: 11 h 40 min.
# Keys on paper outside: 1 h, then db 30 min, login 10 min: 1 h 40 min.


def test_m5_a_circle_restarts_one_by_one_and_never_from_black() -> None:
    case = mechanism("m05-cold-start")
    story = play(case, [(0.0, "vault-restart")])
    assert outages(story, "shop") == [] and story.stuck == [] and story.end == pytest.approx(15 * MIN)
    assert set(play(case, [(0.0, "power-cut")]).stuck) == {"vault", "db", "login", "shop"}


def test_m5_the_graph_alone_tells_it() -> None:
    assert [set(d.members) for d in coldstart.deadlocks(mechanism("m05-cold-start").model)] == [{"vault", "db", "login"}]
    assert coldstart.deadlocks(mechanism("m05-cold-start", "paper-keys").model) == []


@pytest.mark.parametrize(("defence", "hours"), [("break-glass", 11 + 40 * MIN), ("paper-keys", 1 + 40 * MIN)])
def test_m5_two_ways_out(defence: str, hours: float) -> None:
    story = play(mechanism("m05-cold-start", defence), [(0.0, "power-cut")])
    assert outages(story, "shop") == [pytest.approx((0.0, hours))] and story.stuck == []


# ----------------------------------------------------------------------------- M6
#
# Site 1 is lost for 24 h once in 20 years. Two of three clusters go on. Pictures are away: 24 h x 20 % = 4.8 full hours.
# In 30 % of the possible worlds chat needs the tokens of site 1 and is out for 24 h: 0.3 x 24 / 20 = 0.36 h a year,
# which is 1.2 h in a world where it needs them and nothing in any other.


@pytest.mark.parametrize(("doubt", "out", "lost"), [(0.29, 24.0, 24.0), (0.31, 0.0, 4.8)])
def test_m6_what_it_needs_differs_between_possible_worlds(doubt: float, out: float, lost: float) -> None:
    case = mechanism("m06-hidden-dependency")
    u = np.full(len(case.system.parameters) + 1, 0.5)
    u[-1] = doubt
    story = play(case, [(0.0, "site-lost")], u=u)
    assert hours_out(story, "chat") == out
    assert hours_lost(story, "chat") == pytest.approx(lost)


def test_m6_hours_a_year() -> None:
    assert_estimate(down_a_year(mechanism("m06-hidden-dependency"), "chat"), 0.36, left_out=1e-2)
    drilled = mechanism("m06-hidden-dependency", "whole-site-drill")
    assert down_a_year(drilled, "chat")["value"] == 0.0
    assert hours_lost(play(drilled, [(0.0, "site-lost")]), "chat") == pytest.approx(4.8)


# ----------------------------------------------------------------------------- M7
#
# The first try takes 10 min + Exp(40 min) + Exp(1 h) + 10 min, 2 h on average, and works with chance 0.7; each failure costs 1 h
# and a further try, without noticing and deciding anew: Exp(40 min) + 10 min. Failures before success: 0.3/0.7 (Wald):
#   E = 2 h + (1 h + 50 min) x 0.3 / 0.7 = 2.786 h.
# Typical: the first try works, medians are ln 2 of the means: 20 min + ln 2 x 100 min = 89.3 min.
# Automatic: 2 min + (1 min + 1 min) x 0.3 / 0.7 = 2.857 min. No failover: 10 d.


def test_m7_four_delays_and_a_chance() -> None:
    case = mechanism("m07-people-decide")
    assert hours_out(play(case, [(0.0, "main-lost")]), "shop") == pytest.approx((20 + 100 * math.log(2)) * MIN)
    stories = play_many(case, [(0.0, "main-lost")], 2000)
    assert_near([hours_out(s, "shop") for s in stories], 2 + 11 / 6 * 0.3 / 0.7)


def test_m7_automatic_or_never() -> None:
    stories = play_many(mechanism("m07-people-decide", "automatic"), [(0.0, "main-lost")], 1000)
    assert_near([hours_out(s, "shop") / MIN for s in stories], 2 + 2 * 0.3 / 0.7)
    story = play(mechanism("m07-people-decide", "no-failover"), [(0.0, "main-lost")])
    assert outages(story, "shop") == [(0.0, 240.0)]


# ----------------------------------------------------------------------------- M8
#
# A hidden fault arises at rate L and is found at a test every T. Somebody who asks at a random time finds it dead with the
# mean of 1 - exp(-L t) over t in (0, T): q = 1 - (1 - exp(-L T)) / (L T).
#   every 24 months: generator L T = 0.2, q = 0.09365; switch L T = 0.1, q = 0.04837
#   every month:     generator L T = 0.1/12, q = 0.004155; switch L T = 0.05/12, q = 0.002080
# Nothing takes over if the switch is dead, or both generators are: P = qs + (1 - qs) q^2 = 0.05672 and 0.002098;
# two generators alone would be q^2 = 0.00877 and 0.0000173. Then the hall is out for 6 h: 6 P hours a year at one loss a year.


def dead(rate_per_year: float, years: float) -> float:
    x = rate_per_year * years
    return 1 + math.expm1(-x) / x


def nothing_takes_over(years: float) -> float:
    generator, switch = dead(0.1, years), dead(0.05, years)
    return switch + (1 - switch) * generator**2


def test_m8_the_closed_form_is_the_mean_over_the_time_since_the_last_test() -> None:
    t = (np.arange(10_000) + 0.5) / 10_000 * 2
    assert dead(0.1, 2) == pytest.approx(np.mean(1 - np.exp(-0.1 * t)), rel=1e-6)
    assert nothing_takes_over(2) == pytest.approx(0.05672, abs=5e-6)
    assert nothing_takes_over(1 / 12) == pytest.approx(0.002098, abs=5e-7)


def test_m8_dead_when_asked_for() -> None:
    stories = play_many(mechanism("m08-latent-fault"), [(0.0, "grid-loss")], 3000)
    assert_near([hours_out(s, "hall") for s in stories], 6 * nothing_takes_over(2))


@pytest.mark.parametrize(("defences", "years"), [((), 2), (("monthly-drill",), 1 / 12)])
def test_m8_hours_a_year(defences: tuple[str, ...], years: float) -> None:
    case = mechanism("m08-latent-fault", *defences)
    assert_estimate(down_a_year(case, "hall"), 6 * nothing_takes_over(years), left_out=1e-2)


# ----------------------------------------------------------------------------- M9
#
# Site 1 is off for 24 h; site 2 carries 60 % of the demand, so its load is 1 / 0.6 = 167 %.
#   trips above 120 %: at once, starts for 2 h, takes all demand, trips again ... out until site 1 is back: 24 h
#   turns away the rest: serves 60 % for 24 h: 9.6 full hours missing, never out
#   full size: nothing is missing
# When site 1 is back the load is 1 / 1.2 = 83 %.


@pytest.mark.parametrize(
    ("defences", "out", "lost"), [((), 24.0, 24.0), (("admission-control",), 0.0, 9.6), (("full-size",), 0.0, 0.0)]
)
def test_m9_too_small_and_without_a_door(defences: tuple[str, ...], out: float, lost: float) -> None:
    story = play(mechanism("m09-capacity", *defences), [(0.0, "site-lost")])
    assert hours_out(story, "shop") == out
    assert hours_lost(story, "shop") == pytest.approx(lost)


# ----------------------------------------------------------------------------- M10
#
# The database is held for 60 min and takes 20 min to start, the front end 5 min more: 85 min. It was away for more than
# 30 min, so three times the demand comes back; the database trips above 200 %. 20 + 5 min later, at 110 min, the front end is
# up again; it was away for 25 min only, and the first herd was gone at 100 min: now it stays. 110 min out for 60 min of cause.
# The worker started at 80 min, lost that start at 85 min, and starts anew at 105 min with 105 min of orders: 5 + 0.5 x 105
# = 57.5 min, up at 162.5 min.
# Let in slowly (1.5 times for 15 min): 85 min out, then a third missing for 15 min; the worker is up at 80 + 5 + 0.5 x 80 = 125 min.


def test_m10_the_effect_outlasts_its_cause() -> None:
    story = play(mechanism("m10-retry-storm"), [(0.0, "db-lost")])
    assert outages(story, "shop") == [pytest.approx((0.0, 110 * MIN))]
    assert outages(story, "orders") == [pytest.approx((0.0, 162.5 * MIN))]
    story = play(mechanism("m10-retry-storm", "throttled-return"), [(0.0, "db-lost")])
    assert outages(story, "shop") == [pytest.approx((0.0, 85 * MIN))]
    assert outages(story, "orders") == [pytest.approx((0.0, 125 * MIN))]
    assert hours_lost(story, "shop") == pytest.approx((85 + 15 / 3) * MIN)


def test_m10_where_each_return_calls_the_herd_it_never_ends() -> None:
    """With `after: 20 min` the 25 min of each new try are long enough for the next herd: a day later nothing has changed."""
    case = mechanism("m10-retry-storm")
    text = dump(case.model).replace("after: 30 min", "after: 20 min")
    model = load_text(text)
    story = play(Mechanism(model, compile_model(model)), [(0.0, "db-lost")], horizon=24.0)
    assert outages(story, "shop") == [(0.0, 24.0)]


# ----------------------------------------------------------------------------- M11
#
# A ground fault a year takes the grid for 4 h. Two of four generators are enough.
#   one setting: all four trip with chance 10 %: 0.1 x 4 h = 0.4 h a year
#   settings apart, each as likely: three or four of four trip: 4 x 0.1^3 x 0.9 + 0.1^4 = 0.0037; x 4 h = 0.0148 h a year


def test_m11_all_of_them_in_the_same_second() -> None:
    stories = play_many(mechanism("m11-safety-rule"), [(0.0, "ground-fault")], 1000)
    assert_near([hours_out(s, "hall") for s in stories], 0.1 * 4)
    stories = play_many(mechanism("m11-safety-rule", "settings-apart"), [(0.0, "ground-fault")], 4000)
    assert_near([hours_out(s, "hall") for s in stories], 0.0037 * 4)


def test_m11_hours_a_year() -> None:
    for defences, exact in (((), 0.4), (("settings-apart",), 0.0148)):
        assert_estimate(down_a_year(mechanism("m11-safety-rule", *defences), "hall"), exact, left_out=1e-2)


# ----------------------------------------------------------------------------- M12
#
# 26 releases a year, 2 % of them with a dormant fault that stops every node for 49 min when it wakes: 0.52 a year, 0.4247 h
# a year. Where it sleeps says nothing of how often it wakes. A week in the first ring sees it with chance
# 1 - exp(-7/27) = 0.2284: 0.4247 x 0.772 = 0.3278 h. Two releases: half of the service for the same 49 min, which counts
# as degraded, not as out: 0.2123 full hours. Two faults awake at once (0.005 % of the time of one) are left out.


def test_m12_one_release_is_one_place() -> None:
    sleeps = 27 * 24 * math.log(2)  # the median
    story = play(mechanism("m12-monoculture"), [(0.0, "bad-push")])
    assert outages(story, "cdn") == [pytest.approx((sleeps, sleeps + 49 * MIN))]
    story = play(mechanism("m12-monoculture", "two-releases"), [(0.0, "bad-push")])
    assert outages(story, "cdn") == [] and hours_lost(story, "cdn") == pytest.approx(0.5 * 49 * MIN)


def test_m12_it_sleeps_and_the_ring_is_short() -> None:
    stories = play_many(mechanism("m12-monoculture"), [(0.0, "bad-push")], 1000)
    assert_near([outages(s, "cdn")[0][0] for s in stories], 27 * 24)
    assert 1 - math.exp(-7 / 27) == pytest.approx(0.228, abs=5e-4)
    stories = play_many(mechanism("m12-monoculture", "week-in-a-ring"), [(0.0, "bad-push")], 1000)
    assert_near([hours_out(s, "cdn") for s in stories], (1 - 0.228) * 49 * MIN)


def test_m12_hours_a_year() -> None:
    for defences, exact in (((), 0.52 * 49 * MIN), (("week-in-a-ring",), 0.52 * 0.772 * 49 * MIN)):
        assert_estimate(down_a_year(mechanism("m12-monoculture", *defences), "cdn"), exact, left_out=1e-2)
