"""The timeline: what is never left out, what is folded and counted, what is an instant's order. Played models, and timelines made up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from tests.golden import render

from blackstart import examples, report
from blackstart.compilation import compile_model
from blackstart.language import scenario
from blackstart.language.load import load, load_text
from blackstart.language.model import Model
from blackstart.report import never, timeline
from blackstart.report.names import Names
from blackstart.studies import rehearsal

LANGUAGES = ("en", "ko")

ROUTERS = """blackstart: 1
title: routes
teams:
  network: {people: 10, arrives: 10min}
  field: {people: 4, arrives: 1h, needs: way}
components:
  remote: {needs: {capacity: {far: 50%, near: 50%}, at_least: 50%}}
  hands: {standby: {for: remote, below: 50%}, start: {decide: 30min, people: 4 field}}
  way: {repair: {takes: 1h, people: 2 network}, start: {takes: 1h, works: 40%, people: 2 network}}
  near: {count: 20, start: {work: 10min each, people: 2 network, needs: [way, {any: [remote, hands]}]}}
  far: {count: 20, start: {work: 30min each, people: 4 field, needs: way}}
services:
  calls: {needs: {capacity: {near: 50%, far: 50%}, at_least: 1%}, users: 100}
hazards:
  flood: {strikes: near, rate: 0.1/yr, effects: [{break: way}, {hold: near, for: 1min}, {hold: far, for: 1min}]}
"""


def told(model: Model, *hits: str) -> dict[str, Any]:
    asked = scenario.read(model, hits)
    system = compile_model(asked.model)
    return rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=1, seed=1)).as_dict()


def mechanism(name: str) -> Model:
    return load(examples.path(next(m for m in examples.mechanisms() if name in m)))


def lines(result: dict[str, Any], lang: str = "en") -> list[timeline.Moment]:
    return timeline.moments(result, Names(result, lang))


def test_every_turning_point_of_a_long_course_is_told_and_pieces_are_folded() -> None:
    """A stranger's outage: 20 lines "Start begins", and neither the standby, nor the tries, nor the way back of the service."""
    result = told(load_text(ROUTERS), "flood")
    found = lines(result)
    said = [m.text for m in found]
    for words in ("Called to take over: hands", "Called to work: network", "Called to work: field", "Takes over for remote: hands",
                  "Start failed: way", "Nothing left to do, people go: field", "Whole again: calls"):  # fmt: skip
        assert words in said, words
    assert sum(text.startswith("Start begins: far") for text in said) == 1
    assert any(re.fullmatch(r"Start begins: far \(20 times, the last at \+\d+:\d\d\)", text) for text in said)
    assert any(text.startswith("Partly back, still counted as out: calls") for text in said)
    assert [m.turning for m in found if m.text == "Running again: way"] == [True]  # it had failed, and all waited for it
    shown = timeline.the_most(found, 1)
    assert [m for m in shown if m.turning] == [m for m in found if m.turning] and "Takes over for remote: hands" in [m.text for m in shown]


def test_a_team_is_called_when_it_can_be_and_goes_when_nothing_is_left() -> None:
    """§10: called when something is down that needs its people; one that has needs, when they are met; home when all is up."""
    result = told(load_text(ROUTERS), "flood")
    stages = {(e["who"], e["detail"]["stage"]): e["t_h"] for e in reversed(result["timeline"]) if e["what"] == "team"}
    runs = {e["who"]: e["t_h"] for e in result["timeline"] if e["what"] == "runs" and e["detail"]["share"] >= 1}
    assert stages["network", "called"] == 0.0 and stages["field", "called"] == pytest.approx(runs["way"])
    assert stages["field", "on-call"] == pytest.approx(runs["way"] + 1.0)
    assert stages["field", "home"] == pytest.approx(max(runs["far"], stages["field", "home"]))


def test_a_team_whose_telephones_work_is_called_at_once() -> None:
    """It was said to be called when it arrived, as if nobody had been reached until then and the way had taken no time."""
    words = """blackstart: 1
teams: {ops: {people: 2, arrives: 12min, needs: phone}}
components: {phone: {}, web: {fails: 1/yr, repair: {takes: 1h, people: 1 ops}}}
services: {shop: {needs: web, users: 1}}
"""
    rows = [row for row in told(load_text(words), "web")["timeline"] if row["what"] == "team"]
    first = {row["detail"]["stage"]: row["t_h"] for row in reversed(rows)}
    assert (first["called"], first["on-call"], first["home"]) == (0.0, pytest.approx(0.2), pytest.approx(1.2))


@pytest.mark.parametrize(("name", "hit", "held"), [("m05", "power-cut", True), ("m10", "db-lost", False)])
def test_a_deadlock_is_told_and_a_wait_that_opens_is_none(name: str, hit: str, held: bool) -> None:
    found = [m for m in lines(told(mechanism(name), hit)) if m.key == "moment.deadlock"]
    assert bool(found) is held
    assert not held or found[0].t_h == 1.0 and found[0].turning  # the power is back, and nothing starts


def test_a_circle_that_people_force_begins_and_ends() -> None:
    model = load_text("""blackstart: 1
teams: {ops: {people: 2, arrives: 5min}}
components:
  a: {start: {takes: 10min, needs: b}}
  b: {start: {takes: 10min, needs: a}, break_glass: {after: 2h, takes: 1h, people: 1 ops}}
services: {s: {needs: [a, b]}}
""")
    result = told(model, "hold a for 1h", "hold b for 1h")
    ((chain, begin, end),) = never.circles(result["timeline"], result["stuck"])
    assert sorted(chain[:-1]) == ["a", "b"] and (begin, end) == (pytest.approx(1.0), pytest.approx(4.0))  # held 1 h, forced 2 h + 1 h
    keys = [m.key for m in lines(result)]
    assert keys.index("moment.deadlock") < keys.index("moment.job.forced-start") < keys.index("moment.deadlock_over")


def test_who_trips_is_told_before_what_stops_by_it() -> None:
    found = lines(told(mechanism("m10"), "db-lost"))
    (trip,) = [n for n, m in enumerate(found) if m.key == "moment.trips"]
    assert found[trip].t_h == pytest.approx(1 + 25 / 60) and found[trip + 1].key == "moment.waits"
    assert not [m for m in lines(told(mechanism("m18"), "blink")) if m.key == "moment.trips"]  # held, not overloaded


def test_what_comes_up_and_trips_in_one_instant_is_told_each_time() -> None:
    """A herd that goes round for ever: the timeline told one trip at the beginning and then nothing for a week."""
    model = load_text("""blackstart: 1
components: {pool: {count: 20, start: {work: 1min each}, overload: 300%, headroom: 1000%}}
services: {calls: {needs: {capacity: {pool: 100%}, at_least: 1%}, users: 1}}
hazards: {flood: {strikes: pool, rate: 1/yr, effects: [{hold: pool, for: 1h}]}}
""")
    result = told(model, "flood")
    (loop,) = result["loops"]
    trips = [e for e in result["timeline"] if e["detail"].get("tripped")]
    assert len(trips) == loop["trips"] > 1000
    found = [m for m in lines(result) if m.key == "moment.trips"]
    assert len(found) == 3 and found[0].turning and len(found[1].folded) == len(trips) - 2
    assert len(report.page(result, "en")) < 400_000


def test_a_service_is_told_wherever_its_level_turns() -> None:
    result = render.result("corner-shop-rehearsal")
    id_ = next(iter(result["services"]))
    row = result["services"][id_]
    row |= {"outages": [[1.0, 3.0]], "never": False,
            "level": [[0.5, 0.8], [1.0, 0.0], [2.0, 0.2], [2.5, 0.1], [3.0, 0.9], [4.0, 0.95], [5.0, 1.0], [5.0, 1.0]]}
    result["timeline"] = []
    found = [(m.t_h, m.key.removeprefix("moment.service_")) for m in lines(result)]
    expected = [(0.5, "worse"), (1.0, "out"), (2.0, "part"), (2.5, "worse"), (3.0, "back"), (5.0, "whole")]
    assert [pair for pair in found if pair[1] in {key for _, key in expected}] == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_fold_counts_and_opens_on_the_page(lang: str) -> None:
    result = render.result("knot-rehearsal")
    names = [f"part-{k}" for k in range(20)]
    result["timeline"] = [{"t_h": 1.0, "what": "starts", "who": name, "detail": {}} for name in names]
    result["timeline"] += [{"t_h": 2.0, "what": "waits", "who": name, "detail": {"why": "wait-need", "ref": f"x{name}"}} for name in names]
    result["timeline"] += [{"t_h": 3.0 + k / 10, "what": "starts", "who": "pool", "detail": {}} for k in range(9)]
    found = [m for m in lines(result, lang) if not m.key.startswith("moment.service")]
    assert [len(m.folded) for m in found] == [20, 20, 9]
    assert "16" in found[0].text and "16" in found[1].text and "9" in found[2].text
    page = report.page(result, lang)
    assert all(f"part-{k}" in page for k in range(20)) and page.count("<details") > 3
    assert "+3:48" in page


def test_an_effect_that_ends_on_a_pool_does_not_cut_its_return_in_two() -> None:
    """"Start begins: front-end (8 times, the last at +5:40)", and twelve more after the surge."""
    result = render.result("knot-rehearsal")
    starts = [{"t_h": k / 10, "what": "starts", "who": "pool", "detail": {}} for k in range(8)]
    ends = {"t_h": 0.45, "what": "effect-ends", "who": "rush", "detail": {"op": "surge", "targets": ["pool"], "share": 1.0}}
    result["timeline"] = [*starts[:5], ends, *starts[5:]]
    (start,) = [m for m in lines(result) if m.key == "moment.job.start"]
    assert "8 times, the last at +0:42" in start.text


def test_what_happens_over_and_over_keeps_its_beginning_and_its_end() -> None:
    result = render.result("knot-rehearsal")
    result["timeline"] = [{"t_h": float(k), "what": "falls", "who": "web2", "detail": {"tripped": True}} for k in range(300)]
    result["services"], result["end_h"] = {}, 300.0
    found = [m for m in lines(result) if m.key == "moment.trips"]
    assert [m.t_h for m in found] == [0.0, 1.0, 299.0] and len(found[1].folded) == 298


def test_more_turning_points_than_one_can_read_are_cut_and_that_is_said() -> None:
    result = render.result("knot-rehearsal")
    result["timeline"] = [{"t_h": k / 20, "what": "start-failed", "who": f"c{k}", "detail": {}} for k in range(900)]
    found = lines(result)
    shown = timeline.the_most(found, 48)
    assert len(shown) == timeline.TURNS_SHOWN and {m.text for m in found if m.weight == 0} <= {m.text for m in shown}
    assert "turning points among them" in timeline.left_out(found, shown, "more", Names(result, "en"))
    assert timeline.left_out(found, found, "more", Names(result, "en")) == ""


CALLED_BY_WHAT_IS_BROKEN = """blackstart: 1
teams: {ops: {people: 2, arrives: 10min, needs: pager}}
components:
  fe: {repair: {takes: 1h, people: 1 ops}}
  pager: {needs: fe}
services: {s: {needs: fe, users: 1}, t: {needs: fe, users: 1}}
"""


@pytest.mark.parametrize(("lang", "says"), [
    ("en", ("s and t never come back: waiting for fe (whose people, ops, can be called only while the next one runs), which waits for",
            "fe (ops) waits for pager waits for fe: none of them can go on", "one of fe and pager can do without it")),
    ("ko", ("s, t는 돌아오지 못합니다: 기다리는 차례 fe(담당 ops는 다음 것이 돌아야 부를 수 있음) → pager → fe",
            "fe (ops) → pager → fe: 어느 것도", "가운데 하나라도 다음 것 없이 해낼 수 있으면 풀립니다")),
])  # fmt: skip
def test_what_is_stuck_names_the_team_in_the_circle_and_what_would_end_it(lang: str, says: tuple[str, ...]) -> None:
    """The team was hidden: "s waits for fe waits for pager waits for fe", five times for five services."""
    result = told(load_text(CALLED_BY_WHAT_IS_BROKEN), "fe")
    text = " ".join(report.text(result, lang).split())
    assert all(words in text for words in says), text
    assert any("(ops)" in m.text for m in lines(result, lang) if m.key == "moment.deadlock")


def test_what_is_at_the_bottom_is_told_where_no_needs_go_in_a_circle() -> None:
    model = load_text("""blackstart: 1
components: {a: {needs: b}, b: {}}
services: {s: {needs: a}}
""")
    result = told(model, "b")
    assert never.roots(result) == {"never-repaired": ["b"]}
    text = " ".join(report.text(result, "en").split())
    assert "What nothing in the model brings back: b (broken, and nothing says how it is repaired)." in text
    assert "It ends with a `repair`." in text
    assert "goes round for ever" not in text


def test_what_runs_has_nothing_that_would_end_it() -> None:
    assert never.never_sentences(told(mechanism("m10"), "db-lost"), Names({}, "en")) == []


def test_what_is_throttled_already_is_not_advised_to_be() -> None:
    """A stranger who had followed the advice was given it again."""
    row = {"component": "db", "trips": 9, "every_h": 1.0, "load": 3.0, "overload": 1.5, "by": []}
    base = {"kind": "rehearsal", "graph": {"components": []}, "defaults": [], "labels": {}, "loops": [row]}
    names = Names(base, "en")
    assert "`start: {throttled: yes}`" in never.loops(base, names)[-1]
    assert "already" in never.loops({**base, "loops": [{**row, "throttled": True}]}, names)[-1]
