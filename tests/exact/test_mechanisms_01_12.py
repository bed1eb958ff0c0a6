"""Known answers for the mechanisms M1 to M12: the derivation, then the engine and its slow twin on the same draws."""

from __future__ import annotations

from tests.exact.mechanisms import assert_estimate, assessed, hours_out, mechanism, play

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
