"""What each recovery waited for: every stretch of an outage, and what lay before it. Played models."""

from __future__ import annotations

from typing import Any

import pytest

from blackstart import report
from blackstart.compilation import compile_model
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.report import headline, story, tables
from blackstart.report.names import Names
from blackstart.studies import rehearsal

FLAPS = """blackstart: 1
currency: USD
components: {x: {}, y: {}}
services:
  shop: {needs: [x, y], loss: 1m USD/h}
hazards:
  storm: {strikes: x, rate: 1/yr, effects: [{hold: x, for: 5h}, {hold: y, after: 5h 10min, for: 5min}]}
"""
RIDES = """blackstart: 1
currency: USD
components:
  ca: {repair: {takes: 2h, people: 2 ops, needs: bastion}}
  login: {needs: ca, break_glass: {after: 90min, takes: 45min, people: 2 ops}}
  bastion: {needs: login, break_glass: {after: 1h, takes: 1h, people: 2 ops}}
  app: {needs: ca, rides: 2h}
teams: {ops: {people: 4, arrives: 15min}}
services: {shop: {needs: app, loss: 1000 USD/h}}
hazards: {expiry: {strikes: ca, rate: 1 in 8 yr, effects: [{break: ca}]}}
"""
FALLS_WHILE_OUT = """blackstart: 1
currency: USD
components: {x: {}, y: {}}
services:
  shop: {needs: [x, y], loss: 1m USD/h}
hazards:
  storm: {strikes: x, rate: 1/yr, effects: [{hold: x, for: 5h}, {hold: y, after: 4h, for: 3h}]}
"""


FORKS = """blackstart: 1
currency: USD
components: {x: {start: 0h}}
services:
SERVICES
barriers:
  staged: {works: 75%}
  rollback: {works: 70%}
hazards:
  push: {strikes: x, rate: 1/yr, effects: [{hold: x, unless: [staged, rollback], for: 5h}]}
"""


def told(text: str, hit: str, runs: int = 1) -> dict[str, Any]:
    asked = scenario.read(load_text(text), [hit])
    system = compile_model(asked.model)
    return rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=runs, seed=1)).as_dict()


def with_services(n: int) -> str:
    return FORKS.replace("SERVICES", "\n".join(f"  s{k}: {{needs: x, loss: 1000 USD/h, tolerance: {{rto: 30min}}}}" for k in range(n)))


def section(result: dict[str, Any], lang: str = "en") -> str:
    [(ids, row)] = story.ways_back(result)
    return story.path_sentence(ids, row, Names(result, lang)).replace("\N{NO-BREAK SPACE}", " ")


def test_every_stretch_of_an_outage_says_what_it_waited_for() -> None:
    """The last stretch, of 5 minutes, was told as the whole; five hours and what they waited for were gone."""
    result = told(FLAPS, "storm")
    assert section(result).startswith("shop: down for 5 h 05 min in 2 stretches, of which 100 % held off")
    assert "2번에 걸쳐 5시간 5분 정지" in section(result, "ko")
    way = story.way_told(result["services"]["shop"])
    assert [(step["component"], round(step["from_h"], 3), step["to_h"]) for step in way] == [("x", 0.0, 5.0), ("y", 5.167, 5.25)]
    text = report.text(result, "en")
    assert "+0:00    5 h  x" in text and "+5:10  5 min  y" in text
    assert "+5:10" in report.page(result, "en").partition('id="path"')[2]


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "2 more times alike, the last from +4:00 on"), ("ko", "같은 과정 2번 더, 마지막은 +4:00부터")]
)
def test_stretches_that_went_alike_are_told_once(lang: str, said: str) -> None:
    times = ("0h", "30min"), ("2h", "10min"), ("4h", "10min")
    effects = ", ".join(f"{{hold: x, after: {after}, for: {length}}}" for after, length in times)
    result = told(FLAPS[: FLAPS.index("effects:")] + f"effects: [{effects}]}}", "storm")
    assert len(result["services"]["shop"]["critical_path"]) == 3
    first, *more = story.way_told(result["services"]["shop"])
    assert not more and first["again"] == {"n": 2, "hours": pytest.approx(1 / 3), "last_h": 4.0}
    assert said in report.text(result, lang)


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Before it stopped, 2 h had already gone by: 50 % waiting for others (1 h), 50 % started by force (1 h)."),
     ("ko", "멈추기 전에 이미 2시간이 지났습니다")],
)  # fmt: skip
def test_what_passed_while_a_service_still_rode_on_is_told(lang: str, said: str) -> None:
    """For two hours nothing could be repaired, and the section knew only of the repair."""
    result = told(RIDES, "expiry")
    assert said in section(result, lang)
    assert [step["early"] for step in story.way_told(result["services"]["shop"])] == [True, True, False]
    assert story.path_parts(result["services"]["shop"]) == [("repair", 2.0)]


def test_a_path_whose_last_part_fell_while_the_service_was_out_goes_on_with_what_was_missing_before() -> None:
    result = told(FALLS_WHILE_OUT, "storm")
    steps = [(step["component"], step["from_h"], step["to_h"]) for step in result["services"]["shop"]["critical_path"]]
    assert steps == [("x", 0.0, 4.0), ("y", 4.0, 7.0)]
    assert story.path_parts(result["services"]["shop"]) == [("held", 7.0)]


def test_what_no_step_accounts_for_is_said_to_be_that() -> None:
    result = told(FLAPS, "storm")
    row = result["services"]["shop"] | {"outages": [[0.0, 5.0], [5.1, 5.25]]}
    assert story.path_parts(row)[-1] == ("part", pytest.approx(0.15 - 1 / 12))


@pytest.mark.parametrize(
    ("lang", "first", "heading"),
    [("en", "; but where neither staged nor rollback works (7.5 ± 1.9 % of the runs), it stops s0, and all is back 5 h after the strike.",
      "THE OTHER WAY: neither staged nor rollback works"),
     ("ko", "그러나 staged, rollback이 모두 작동하지 않는 경우(계산의 7.5 ± 1.9%)에는 s0이 멈추고", "모두 작동하지 않는")],
)  # fmt: skip
def test_a_way_that_hangs_on_two_barriers_is_told_as_one_that_hangs_on_one(lang: str, first: str, heading: str) -> None:
    """Neither barrier alone decides the median: a push that stops everything in 8 % of the runs "stopped nothing"."""
    result = told(with_services(1), "push", runs=200)
    fork = result["forks"][0]
    parts = [(part["id"], part["yes"]) for part in fork["detail"]["of"]]
    assert fork["what"] == "together" and parts == [("staged", False), ("rollback", False)]
    assert first in headline.headline(result, Names(result, lang))[0].replace("\N{NO-BREAK SPACE}", " ")
    assert heading in report.text(result, lang)
    assert report.page(result, lang)
    result["forks"][0]["detail"]["of"] = []  # nothing explains these runs
    assert result["other"]["services"]["s0"]["outages"] == [[0.0, 5.0]]
    told_so = headline.headline(result, Names(result, lang))[0].replace("\N{NO-BREAK SPACE}", " ")
    but = "stays up; but in 7.5 ± 1.9 % of the runs it stops s0"
    assert (but if lang == "en" else "그러나 계산의 7.5 ± 1.9%에서는 s0이 멈추고") in told_so


def test_many_services_that_nothing_befalls_stand_in_one_line() -> None:
    result = told(with_services(40), "push", runs=200)
    names = Names(result, "en")
    assert [row[0] for row in tables.recovery(result, names).rows] == ["s0, s1, s2 and 37 more"]
    assert [row[0] for row in tables.brief(tables.limits(result, names), names)[0].rows] == ["s0, s1, s2 and 37 more"]
    assert not story.drawn(result)
    assert "it stops all 40 services" in headline.headline(result, names)[0]
    assert "Stopped by staged and rollback" in report.text(result, "en")


def test_the_digest_is_that_of_the_model_whatever_strikes_it() -> None:
    """`for 3h` and `for 4h` gave two digests: who held two results side by side thought the model had changed."""
    text = "blackstart: 1\ncomponents: {a: {in: z, fails: 1/yr, repair: 1h}}\ndomains: {z: {kind: zone}}\nservices: {shop: {needs: a}}\n"
    three, four, part = (told(text, hit)["provenance"] for hit in ("z for 3h", "z for 4h", "a"))
    assert three["digest"] == four["digest"] == part["digest"] == compile_model(load_text(text)).digest
    assert three["played"] != four["played"] and "played" not in part
