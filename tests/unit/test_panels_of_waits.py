"""A wait for another part, or for people at work on one, is followed back step by step, until what began before the wait."""

from __future__ import annotations

import pytest

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.language import scenario
from blackstart.language.load import load
from blackstart.report import panels, timeline
from blackstart.report.behind import Asked
from blackstart.report.behind import levels as behind_levels
from blackstart.report.behind import steps as behind_steps
from blackstart.report.names import Names
from blackstart.studies import rehearsal


def _rehearsed(name: str) -> dict:
    asked = scenario.read(load(examples.path(name)), [examples.about(name, "en").hazard])
    struck = compile_model(asked.model)
    return rehearsal.rehearsal(asked, struck, rehearsal.play(asked, struck, runs=1, seed=1), texts={}).as_dict()


@pytest.fixture(scope="module")
def kakao() -> dict:
    return _rehearsed("kakao-2022")


def test_a_wait_for_part_of_a_pool_tells_its_crew_and_when_it_began(kakao: dict) -> None:
    """The mail store waited for the first twentieth of 7,000 servers: neither their number nor who started them stood there."""
    asked = Asked(kakao, Names(kakao, "en"))
    (at,) = {round(span["to_h"] * 60) for span in kakao["stages"]["mail-store-pangyo"] if span["what"] == "wait-need"}
    found = panels.behind(asked, f"moment.{at}.mail-store-pangyo")
    first = found.lines[0]
    paths = [row["path"] for row in first.inputs]
    assert "350 units ÷ 39 people = +39:10" in first.what and "+38:26 + " in first.what
    assert {"components.servers-daum.start.work", "components.servers-daum.count", "components.servers-daum.start.people"} <= set(paths)
    path = [line for line in found.lines if line.part == "what it waited for, step by step"]
    assert [line.shown[0] for line in path] == [first.shown[0], *(line.shown[2] for line in path[:-1])]  # each begins where one ended
    assert path[-1].shown[2] == first.shown[2] and all(line.inputs for line in path)


@pytest.mark.parametrize("name", ["kakao-2022", "naver-2022", "corner-shop"])
def test_what_was_waited_for_goes_back_without_a_gap(name: str, kakao: dict) -> None:
    result = kakao if name == "kakao-2022" else _rehearsed(name)
    asked, followed = Asked(result, Names(result, "en")), 0
    for id_, spans in result["stages"].items():
        for step in spans:
            path = behind_steps.awaited(asked, {"component": id_, **step})
            for one, then in zip(path, path[1:], strict=False):
                assert one["to_h"] == pytest.approx(then["from_h"], abs=1e-6), (id_, step)
            if path:
                assert path[-1]["to_h"] == step["to_h"] and not path[-1]["what"].startswith("wait-need")
                followed += path[0]["from_h"] <= step["from_h"] + 1e-6
    assert followed > (60 if name == "kakao-2022" else 0)


def test_what_is_to_be_forced_but_lacks_what_force_cannot_do_without_says_so(kakao: dict) -> None:
    """The taxi system was said to be decided on from 3:30 to 27:02; the decision was there, and its cache was not."""
    asked = Asked(kakao, Names(kakao, "en"))
    lines = panels.behind(asked, "states.taxi-system-standby").lines
    told = ("from then on to be forced", "but not without cache")
    decided, waits = (next(line for line in lines if words in line.what) for words in told)
    assert decided.shown[2] == waits.shown[0] == "+3:30" and waits.shown[2] == "+27:02" and waits.what.endswith("= +27:02")


def test_when_people_of_a_team_come_is_added_up(kakao: dict) -> None:
    asked = Asked(kakao, Names(kakao, "en"))
    lines = [line for line in panels.behind(asked, "struck.teams.electricians").lines if line.part]
    told = [e for e in kakao["timeline"] if e["what"] == "team" and e["who"] == "electricians"]
    assert len(lines) == len(told) + len(timeline.shortages(kakao, asked.names, "electricians"))
    sums = [line.what.rpartition(": ")[2].replace("\N{NO-BREAK SPACE}", " ") for line in lines if " = +" in line.what]
    assert sums == ["+0:00 + 10 min = +0:10", "+0:00 + 3 h 28 min = +3:28", "+3:28 + 12 h = +15:28"]
    pay = panels.behind(asked, "struck.teams.pay")  # a service has this id, too: what befell it stood among what the team did
    assert not any("Kakao Pay" in line.what and line.part for line in pay.lines)


def test_a_share_of_a_service_is_worked_out_before_a_moment_and_from_it_on(kakao: dict) -> None:
    """`99 % to 100 %` told what came back, and not what had been missing of what."""
    asked = Asked(kakao, Names(kakao, "en"))
    found = panels.behind(asked, "level.5334.pay")
    said = [words.replace("\N{NO-BREAK SPACE}", " ") for words in found.said]
    assert "account login at 95 % (of what it needs one is enough) → 100 % × (1 − 20 % × (1 − 95 %)) = 99 %." in said[1]
    assert said[2].startswith("From then on: ") and said[2].endswith("→ 100 %.")
    assert said[3] == "In part only just before: power to the racks at 95 %."
    before = [line for line in found.lines if line.part == asked.say("parts.before")]  # the steps, with their ends
    assert [line.shown[2] for line in before] == [*(line.shown[0] for line in before[1:]), "+88:52"]
    ways = {line.what.partition(" at")[0]: line for line in found.lines if line.part == asked.say("parts.whence")}
    why = ways["account login"]  # down to the racks
    assert why.what.endswith("power to the racks at 95\N{NO-BREAK SPACE}%") and why.inputs


def test_a_share_that_is_told_is_that_of_the_course(kakao: dict) -> None:
    asked, told = Asked(kakao, Names(kakao, "en")), 0
    for id_, row in kakao["services"].items():
        for t, share in row["level"]:
            worked_out = behind_levels.made_of(asked, id_, t + 1e-6, share)
            assert not behind_levels.made_of(asked, id_, t + 1e-6, share + 0.01)
            told += bool(worked_out)
    assert told > 100


def test_where_nothing_came_or_went_a_surge_of_demand_is_told(kakao: dict) -> None:
    found = panels.behind(Asked(kakao, Names(kakao, "en")), "level.659.message")
    assert {row["path"].rpartition(".")[2] for row in found.lines[0].inputs} >= {"headroom"}


def test_a_line_of_many_says_how_many_it_is_of(kakao: dict) -> None:
    """A line that ends in `48 more` opened on `the 30 things that this line tells of`."""
    asked, grouped = Asked(kakao, Names(kakao, "en")), 0
    for n, line in enumerate(timeline.moments(kakao, asked.names)):
        if line.folded and line.named > len(set(line.folded)):
            said = panels.behind(asked, f"told.{n}").said[0]
            assert f"The {line.named} that this line tells of" in said
            grouped += 1
    assert grouped


def test_a_standby_is_called_for_what_it_stands_by_for(kakao: dict) -> None:
    """Why something was called at +1:30 had to be guessed from its name."""
    asked = Asked(kakao, Names(kakao, "en"))
    called = next(line for line in panels.behind(asked, "moment.90.by-hand-platform").lines if "stands by for" in line.what)
    assert called.to == "states.deploy" and called.inputs
