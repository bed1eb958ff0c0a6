"""A firm's own history: read with every problem at once, counted as it should be, and told with what it changed."""

from __future__ import annotations

import datetime
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart import report
from blackstart.checks import check
from blackstart.compilation import compile_model
from blackstart.distributions import Dist
from blackstart.errors import ModelError, hint, what
from blackstart.evidence import update
from blackstart.language.history import CONTRADICTS, contradicted, contradiction, set_aside
from blackstart.language.load import apply, dump, load, load_text
from blackstart.language.model import Model, Update
from blackstart.report import story
from blackstart.report.names import Names
from blackstart.studies.learnt import learnt as learnt_of

MODEL = """
blackstart: 1
as_of: 2025-01-01
history: history.csv
components:
  web: {needs: [login, db]}
  login: {needs: [db]}
  db: {kind: database, in: seoul}
  spare: {kind: database-standby, standby: {for: db}, repair: 4h}
  exact: {fails: 1 per 100 yr, repair: 4h}
domains: {seoul: {kind: site}}
services: {shop: {needs: [web], loss: "3,000,000 KRW/h"}}
barriers: {gas: {works: 8 of 10, shown: 2024-01-02}}
hazards:
  push: {strikes: web, rate: 400/yr, chance: 5%..30%, lasts: 1h, effects: {hold: web, until: cleared, unless: gas}}
defences: {more: {change: {components: {login: {fails: 1/yr}}}}}
"""
HEAD = "what,component,start,end,cause,worked,running\n"
WATCHED = "watched,*,2021-01-01,2025-01-01,,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    return tmp_path


def learnt(folder: Path, *lines: str) -> Model:
    (folder / "history.csv").write_text(HEAD + "".join(lines), encoding="utf-8")
    return load(folder / "model.yaml")


def by_path(model: Model) -> dict[str, Update]:
    return {one.path: one for one in model.updates}


def problems(folder: Path, *lines: str) -> list[tuple[str, int, int]]:
    with pytest.raises(ModelError) as caught:
        learnt(folder, *lines)
    return [(p.code, p.where.line, p.where.column) for p in caught.value.problems if p.where]


# --------------------------------------------------------------------------- what is counted


def test_incidents_in_years_under_watch(folder: Path) -> None:
    model = learnt(
        folder, WATCHED, "incident,db,2022-07-03 10:00,2022-07-03 12:10,index,,\n", "incident,db,2024-02-11 22:00,2024-02-12 01:00,,,\n"
    )
    fails = by_path(model)["components.db.fails"]
    years = 4 * 365.25 / 365 - (130 + 180) / 525_600
    assert fails.seen == (2.0, pytest.approx(years, rel=1e-3))
    day = datetime.date(2025, 1, 1).toordinal()
    ages = [day - datetime.date(*d).toordinal() for d in ((2022, 7, 3), (2024, 2, 11))]
    assert fails.counted[0] == pytest.approx(sum(0.5 ** (age / 1095) for age in ages), rel=1e-3)
    assert fails.counted[1] == pytest.approx(update.faded_span(1461, 0, 1095) / 365, rel=1e-3)
    assert model.components["db"].fails.dist == update.rate(fails.prior, *fails.counted, seen=fails.seen).posterior
    assert fails.prior_source == "CO-SRV-VEEAM+HZ-COS+HZ-TEAMS-DBNET"
    repair = by_path(model)["components.db.repair.takes"]
    assert repair.seen == (2.0, pytest.approx(math.sqrt(130 / 60 * 3)))
    after = model.components["db"].repair.takes
    assert after.next_case() == repair.posterior  # its cases and the ignorance of their middle, together
    assert after.cases == pytest.approx(3.0 + sum(0.5 ** (age / 1095) for age in ages), rel=1e-3)
    assert model.components["db"].start is None


def test_zero_incidents_are_data_too_but_invent_no_rate(folder: Path) -> None:
    model = learnt(folder, WATCHED)
    found = by_path(model)
    assert found["components.db.fails"].seen[0] == 0
    assert found["components.db.fails"].posterior.mean() < found["components.db.fails"].prior.mean()
    assert found["hazards.fire@seoul.rate"].data.startswith("0 in 4")
    assert "components.login.fails" not in found and model.components["login"].fails is None
    assert "components.spare.fails" not in found  # it stands by: the calendar says nothing of how long it ran


def test_an_incident_without_any_belief_is_a_rate_by_jeffreys(folder: Path) -> None:
    model = learnt(folder, "watched,login,2024-01-01,2025-01-01,,,\n", "incident,login,2024-12-31,,,,\n")
    one = by_path(model)["components.login.fails"]
    assert (one.how, one.prior, one.prior_text) == ("alone", None, "")
    assert one.posterior == Dist("gamma", one.counted[0] + 0.5, 1 / one.counted[1])
    assert "components.login.repair.takes" not in by_path(model)  # it has not ended


def test_what_the_model_itself_explains_is_no_failure_of_its_own(folder: Path) -> None:
    model = learnt(
        folder, WATCHED, "incident,web,2023-08-01 01:00,2023-08-01 05:00,power-loss@seoul,,\n",
        "incident,db,2023-08-01 02:00,2023-08-01 06:00,power-loss@seoul,,\n", "incident,web,2023-09-01 01:00,2023-09-01 02:00,db,,\n",
        "incident,web,2023-10-01 01:00,2023-10-01 02:00,push,,\n",
    )  # fmt: skip
    found = by_path(model)
    assert "components.web.fails" not in found
    assert found["components.db.fails"].seen[0] == 0
    assert found["hazards.power-loss@seoul.rate"].seen[0] == 1  # one arrival struck two
    assert found["hazards.power-loss@seoul.lasts.power-back"].seen == (1.0, pytest.approx(5.0))


def test_demands_and_drills(folder: Path) -> None:
    model = learnt(folder, "demand,spare,2024-01-02,,,no,\n", "drill,spare,2025-01-01,,,3 of 4,\n", "demand,gas,2025-01-01,,,yes,\n")
    works = by_path(model)["components.spare.start.works"]
    assert works.seen == (3.0, 2.0) and works.data == "3 of 5"
    assert works.counted == (pytest.approx(1.5), pytest.approx(0.5 + 0.5, abs=1e-3))  # a drill counts half; a year ago, half
    assert works.posterior == Dist("beta", 7.5 + works.counted[0], 3.5 + works.counted[1])
    gas = by_path(model)["barriers.gas.works"]
    assert gas.posterior.a == pytest.approx(0.5 + 8 / 2 + 1, abs=0.01)  # what was shown a year ago counts half
    assert compile_model(model).parameters[-1].path  # and it is not aged a second time
    aged_once = next(p for p in compile_model(model).parameters if p.path == "barriers.gas.works")
    assert aged_once.dist == gas.posterior


def test_a_change_that_does_harm_is_a_demand_that_did_not_work(folder: Path) -> None:
    one = by_path(learnt(folder, "demand,push,2025-01-01,,,117 of 120,\n"))["hazards.push.chance"]
    assert one.seen == (3.0, 117.0)
    assert one.posterior.mean() < 0.06


def test_a_standby_fails_by_hours_of_running(folder: Path) -> None:
    lines = "watched,spare,2024-01-01,2025-01-01,,,36 h\n", "incident,spare,2024-06-01 10:00,2024-06-01 12:00,,,\n"
    assert by_path(learnt(folder, *lines))["components.spare.fails"].seen == (1.0, pytest.approx(36 / 8760))
    assert problems(folder, WATCHED, lines[1]) == [("history-no-running", 3, 1)]


def test_time_watched_twice_counts_once(folder: Path) -> None:
    twice = WATCHED + "watched,db,2022-01-01,2024-01-01,,,\n"
    assert by_path(learnt(folder, twice))["components.db.fails"].seen == by_path(learnt(folder, WATCHED))["components.db.fails"].seen


def test_korean_columns_and_words(folder: Path) -> None:
    english = learnt(folder, WATCHED, "incident,db,2022-07-03 10:00,2022-07-03 12:10,,,\n")
    text = "무엇,대상,시작,끝\n관찰,모두,2021년 1월 1일,2025-01-01\n장애,db,2022-07-03 10:00,2022-07-03 12:10\n"
    (folder / "history.csv").write_text(text, encoding="utf-8")
    assert load(folder / "model.yaml").updates == english.updates


def test_times_with_a_zone(folder: Path) -> None:
    one = learnt(folder, WATCHED, "incident,db,2022-07-03T10:00+09:00,2022-07-03T03:10Z,,,\n")
    assert by_path(one)["components.db.repair.takes"].seen[1] == pytest.approx(130 / 60)


# --------------------------------------------------------------------------- clashes are told


def test_a_clash_is_a_warning_with_both_sides(folder: Path) -> None:
    lines = [f"incident,db,20{y}-0{m}-01 10:00,20{y}-0{m}-01 11:00,,,\n" for y in (21, 22, 23, 24) for m in range(1, 8)]
    model = learnt(folder, WATCHED, *lines)
    fails = by_path(model)["components.db.fails"]
    assert fails.how == "mixture" and fails.surprise < 0.01 and fails.kept < 0.8
    assert 3 < fails.posterior.median() < 8
    found = {p.path: p for p in check(model) if p.code == "history-surprises"}
    told = found["components.db.fails"]
    assert told.where.line == 3
    assert "28 in 4 yr" in what(told, "en") and "lognormal(median=0.28/yr, ef=5)" in what(told, "ko")
    assert fails.posterior_text in hint(told, "en")


def test_a_log_says_how_long_a_repair_took_and_not_its_parts(tmp_path: Path) -> None:
    lines = ["incident,db,2022-01-01 00:00,2022-01-01 07:00,,,\n", "incident,db,2023-01-01 00:00,2023-01-01 08:00,,,\n"]
    for repair, updated in (("{takes: 2h..8h}", True), ("{detect: 1h..2h, takes: 2h..8h}", False)):
        text = MODEL.replace("db: {kind: database, in: seoul}", f"db: {{in: seoul, fails: 0.1/yr..2/yr, repair: {repair}}}")
        (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
        found = by_path(learnt(tmp_path, WATCHED, *lines))
        assert ("components.db.repair.takes" in found) is updated and "components.db.fails" in found


def test_an_exact_number_stays_and_the_history_is_told_to_speak_against_it(folder: Path) -> None:
    model = learnt(folder, WATCHED, "incident,exact,2022-07-03,2022-07-04,,,\n", "incident,exact,2023-07-03,2023-07-04,,,\n")
    assert model.components["exact"].fails.text == "1 per 100 yr"
    assert by_path(model)["components.exact.fails"].how == "kept"
    assert [p.path for p in check(model) if p.code == "history-speaks-against"] == ["components.exact.fails"]


# --------------------------------------------------------------------------- what is one number learns as one

FLEET = """
blackstart: 1
as_of: 2025-01-01
history: history.csv
components:
{nodes}
  spare: {{standby: {{for: n0}}, fails: {fails}, repair: 1h, start: {{works: 60%..90% (shared S)}}}}
barriers: {{gate: {{works: 60%..90% (shared S)}}}}
services: {{shop: {{needs: [n0, n1, n2, n3]}}}}
defences:
  better: {{change: {{components: {{n3: {{fails: 1/yr..9/yr}}}}}}}}
  more: {{change: {{components: {{n4: {{fails: {fails}, repair: 1h}}}}, services: {{shop: {{needs: [n0, n1, n2, n3, n4]}}}}}}}}
"""
NODES = [f"  n{i}: {{fails: %s, repair: 1h, start: {{works: 60%%..90%% (shared S)}}}}" for i in range(4)]
ONE = "incident,n2,2022-07-03 10:00,2022-07-03 11:00,,,\n"


def fleet(folder: Path, fails: str, *lines: str, turned: bool = False) -> Model:
    nodes = "\n".join(node % fails for node in (NODES[::-1] if turned else NODES))
    (folder / "model.yaml").write_text(FLEET.format(nodes=nodes, fails=fails), encoding="utf-8")
    return learnt(folder, WATCHED, *lines)


def test_like_parts_learn_as_one_class(tmp_path: Path) -> None:
    """Gamma(a, b) after the incidents and the years of all of them is Gamma(a + n, b + T); every member is believed that."""
    prior = Dist("gamma", 2.5, 1 / 4)  # 2 in 4 yr
    apart = [one for path, one in by_path(fleet(tmp_path, "2 in 4 yr", ONE)).items() if path.endswith(".fails")]
    assert len(apart) == 4
    together = fleet(tmp_path, "2 in 4 yr (shared N7)", ONE)
    one = by_path(together)["components.n0.fails"]
    assert (one.shared, one.data, one.how) == ("N7", "1 in 16 yr", "conjugate")
    assert one.members == tuple(f"components.n{i}.fails" for i in range(4))
    counted = [math.fsum(a.counted[i] for a in apart) for i in (0, 1)]
    assert one.counted == pytest.approx(counted)
    for believed in [together.components[name].fails for name in ("n0", "n1", "n2", "n3", "spare")]:
        assert believed.dist.a == pytest.approx(prior.a + counted[0]) and 1 / believed.dist.b == pytest.approx(4 + counted[1])
        assert believed.shared == "N7" and believed.text.endswith(" yr) (shared N7)")
    assert len({p.dist for p in compile_model(together).parameters if p.doubt == "shared N7"}) == 1
    assert [p for p in by_path(together) if p.endswith(".fails")] == ["components.n0.fails"]


def test_what_a_class_learns_does_not_hang_on_the_order_of_the_file(tmp_path: Path) -> None:
    forth, back = (fleet(tmp_path, "0.5/yr..3/yr (shared N7)", ONE, turned=turned) for turned in (False, True))
    assert forth.components["n1"].fails == back.components["n1"].fails
    assert by_path(forth)["components.n0.fails"].members == by_path(back)["components.n0.fails"].members


def test_chances_of_one_name_learn_from_starts_and_barriers_alike(tmp_path: Path) -> None:
    model = fleet(tmp_path, "1/yr", "demand,spare,2024-12-01,,,8 of 10,\n", "demand,gate,2024-12-01,,,1 of 10,\n")
    one = by_path(model)["barriers.gate.works"]
    assert (one.shared, one.data, one.seen) == ("S", "9 of 20", (9.0, 11.0))
    assert one.members == ("barriers.gate.works", "components.spare.start.works")
    assert model.barriers["gate"].works == model.components["n3"].start.works
    alone = update.chance(one.prior, *one.counted, seen=one.seen)
    assert alone.posterior == model.barriers["gate"].works.dist


def test_a_class_that_the_history_contradicts_is_told_once(tmp_path: Path) -> None:
    model = fleet(tmp_path, "3/yr..9/yr (shared N7)", ONE)
    assert [p.path for p in check(model) if p.code == "history-surprises"] == ["components.n0.fails"]
    shown = [report.text(learnt_of(model), lang) for lang in ("en", "ko")]
    assert "N7: components.n0.fails" in shown[0] and "N7: components.n0.fails 외" in shown[1]


def forty(folder: Path, fails: str, *lines: str, n: int = 40, other: str = "") -> Model:
    nodes = "\n".join(f"  n{i}: {{fails: {fails}, repair: 1h}}" for i in range(n))
    text = "blackstart: 1\nas_of: 2025-01-01\nhistory: history.csv\ncomponents:\n" + nodes + other
    text += f"\nservices:\n  shop: {{needs: [{', '.join(f'n{i}' for i in range(n))}]}}\n"
    (folder / "model.yaml").write_text(text + ("  other: {needs: [x0, x1]}\n" if other else ""), encoding="utf-8")
    return learnt(folder, WATCHED, *lines)


def test_rates_that_do_not_add_up_to_the_history_are_told_in_one_sentence(tmp_path: Path) -> None:
    """Each of forty parts has seen nothing for four years, and they still expect most of a hundred incidents together."""
    model = forty(tmp_path, "0.5/yr..3/yr", ONE)
    one = contradiction(model)
    assert one is not None and (one.service, one.rates, one.seen, len(one.singly)) == ("", 40, 1.0, 39)
    assert one.expected == pytest.approx(sum(u.posterior.mean() * 4 for u in model.updates if u.kind == "rate"), rel=0.01)
    (told,) = [p for p in check(model) if p.code.startswith("history-")]
    assert told.code == "history-contradicts" and "< 0.01%" in what(told, "en") and "(공유 N7)" in hint(told, "ko")
    for lang, words in (("en", "still expect 84"), ("ko", "84번을 예상")):
        shown = report.text(learnt_of(model), lang)
        assert shown.count("! ") == 1 and words in " ".join(shown.split())
    assert contradiction(forty(tmp_path, "0.5/yr..3/yr (shared N7)", ONE)) is None


def test_a_contradiction_of_one_service_is_found_below_another_that_agrees(tmp_path: Path) -> None:
    """Two parts that are known exactly, and break far less often than stated; all together the sum agrees with chance."""
    other = "\n  x0: {fails: 2/yr, repair: 1h}\n  x1: {fails: 2/yr, repair: 1h}"
    broke = [f"incident,n{i},20{y}-03-03 10:00,20{y}-03-03 11:00,,,\n" for i in range(20) for y in (21, 22, 23, 24)]
    one = contradiction(forty(tmp_path, "0.5/yr..2/yr", *broke, n=20, other=other))
    assert one is not None and (one.service, one.rates, one.seen) == ("other", 2, 0.0)
    assert one.chance == pytest.approx(math.exp(-4 * by_path(load(tmp_path / "model.yaml"))["components.x0.fails"].counted[1]))


def test_the_first_screen_says_that_history_and_model_disagree(tmp_path: Path) -> None:
    model = forty(tmp_path, "0.5/yr..3/yr", ONE)
    result = {"provenance": contradicted(model)}
    names = Names({"labels": {}, "graph": {"components": []}}, "en")
    assert story.against_history(result, names) and not story.against_history({"provenance": {}}, names)


def test_a_firm_that_is_as_its_model_says_is_seldom_told_that_it_is_not() -> None:
    """40 parts whose rates are drawn from what is believed, four years each; the sum of the posteriors should never find it strange."""
    draw, prior, told = np.random.default_rng(1), Dist("gamma", 1.5, 0.5), 0
    for _ in range(300):
        seen = draw.poisson(draw.gamma(prior.a, prior.b, 40) * 4)
        believed = update.predicted([(update.rate(prior, float(n), 4.0).posterior, 4.0) for n in seen])
        told += update.rate_surprise(believed, float(seen.sum()), 1.0) < CONTRADICTS
    assert told <= 3


def test_the_sum_of_like_rates_is_predicted_exactly() -> None:
    assert update.predicted([(Dist("gamma", 2.0, 0.5), 4.0)] * 10) == Dist("gamma", pytest.approx(20.0), pytest.approx(2.0))
    assert update.predicted([(Dist("point", 0.5), 4.0)] * 10) == Dist("point", pytest.approx(20.0))


def test_a_defence_takes_a_part_out_of_its_class_or_adds_one(tmp_path: Path) -> None:
    model = fleet(tmp_path, "2 in 4 yr (shared N7)", ONE)
    assert [(name, one.path) for name, one in set_aside(model, model.defences)] == [("better", "components.n3.fails")]
    better, more = apply(model, ["better"]), apply(model, ["more"])
    assert better.components["n3"].fails.text == "1/yr..9/yr"
    assert by_path(better)["components.n0.fails"].data == "1 in 12 yr"
    assert more.components["n4"].fails == more.components["n0"].fails == model.components["n0"].fails


def test_unequal_numbers_of_one_name_are_refused_with_both_places(tmp_path: Path) -> None:
    text = FLEET.format(nodes="\n".join(node % "2 in 4 yr (shared N7)" for node in NODES), fails="2 in 5 yr (공유 N7)")
    with pytest.raises(ModelError) as wrong:
        load_text(text.replace("history: history.csv\n", ""))
    (problem,) = wrong.value.problems
    assert (problem.code, problem.path, problem.where.line) == ("shared-unequal", "components.spare.fails", 9)
    assert ":5:" in what(problem, "en") and "2 in 4 yr (shared N7)" in what(problem, "ko")


# --------------------------------------------------------------------------- provenance, round trips


def test_the_model_lists_posterior_prior_and_data(folder: Path) -> None:
    model = learnt(folder, WATCHED, "incident,db,2022-07-03 10:00,2022-07-03 12:10,,,\n")
    (listed,) = [one for one in model.defaults if one.path == "components.db.fails"]
    assert listed.source == "history" and listed.where.line == 3 and listed.value == model.components["db"].fails.text
    assert listed.title == "lognormal(median=0.28/yr, ef=5) (CO-SRV-VEEAM+HZ-COS+HZ-TEAMS-DBNET) + 1 in 4 yr"
    assert any(name.endswith("history.csv") for name in model.files)


def test_a_history_survives_writing_defences_and_moving(folder: Path, tmp_path: Path) -> None:
    model = learnt(folder, WATCHED, "incident,db,2022-07-03 10:00,2022-07-03 12:10,,,\n")
    again = load_text(dump(model))
    assert again.updates == model.updates and again == model
    assert {one.path for one in apply(model, ["more"]).updates} == {one.path for one in model.updates} | {"components.login.fails"}
    other = tmp_path / "elsewhere"
    other.mkdir()
    for name in ("model.yaml", "history.csv"):
        (other / name).write_text((folder / name).read_text(encoding="utf-8"), encoding="utf-8")
    assert compile_model(load(other / "model.yaml")).digest == compile_model(model).digest


def test_a_table_chosen_by_the_caller_is_added(folder: Path, tmp_path: Path) -> None:
    learnt(folder, WATCHED)
    extra = tmp_path.parent / f"{tmp_path.name}-incidents.csv"
    extra.write_text(HEAD + "incident,db,2022-07-03 10:00,2022-07-03 12:10,,,\n", encoding="utf-8")
    model = load(folder / "model.yaml", history=extra)
    assert by_path(model)["components.db.fails"].seen[0] == 1


def test_lines_may_stand_in_the_model() -> None:
    text = MODEL.replace("history: history.csv", "history: [{what: drill, component: spare, start: 2024-12-31, worked: 4 of 4}]")
    assert [one.path for one in load_text(text).updates] == ["components.spare.start.works"]


# --------------------------------------------------------------------------- problems


def test_all_problems_at_once_with_their_lines(folder: Path) -> None:
    text = (
        "what,component,start,end,cause,worked,colour\n"
        "watched,db,2021-01-01,,,,\n"
        "incident,dbb,2021-05-03 10:00,2021-05-03 10:40,disk full,,red\n"
        "incidnet,db,2022-07-03 10:00,2022-07-03 12:10,,,red\n"
        "incident,db,2024-02-11 22:00,2024-02-11 21:00,,,\n"
        "incident,db,24-02-11,,,,\n"
        "drill,spare,2022-07-03,,,maybe,\n"
        "drill,fire@seoul,2022-07-03,,,yes,\n"
        "incident,gas,2022-07-03,,,,\n"
        "incident,push,2022-07-03,,,,\n"
        "incident,,2022-07-03,,,,\n"
        "incident,db,,,,,\n"
        "incident,db,2027-07-03,,,,\n"
    )
    (folder / "history.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load(folder / "model.yaml")
    assert [(p.code, p.where.line) for p in caught.value.problems] == [
        ("unknown-key", 1), ("history-no-end", 2), ("history-name", 3), ("history-what", 4), ("history-order", 5), ("history-time", 6),
        ("history-worked", 7), ("history-hazard-demand", 8), ("history-barrier-incident", 9), ("history-change-incident", 10),
        ("history-nameless", 11), ("history-no-start", 12), ("history-after-as-of", 13),
    ]  # fmt: skip
    assert {p.code: p.nearest for p in caught.value.problems if p.nearest} == {"history-name": "db", "history-what": "incident"}
    for lang in ("en", "ko"):
        assert all(what(p, lang) != p.code for p in caught.value.problems)


def test_an_incident_outside_the_time_under_watch_is_refused(folder: Path) -> None:
    assert problems(folder, "incident,db,2020-07-03,2020-07-04,,,\n") == [("history-not-watched", 2, 1)]
    assert problems(folder, WATCHED, "incident,db,2020-07-03,2020-07-04,,,\n") == [("history-not-watched", 3, 1)]


@pytest.mark.parametrize(
    ("text", "code"),
    [("history: missing.csv", "file-missing"), ("history: ../out.csv", "include-outside"), ("history: {a: b}", "value-not-list"),
     ("history: [[a]]", "value-not-mapping")],
)  # fmt: skip
def test_a_history_that_cannot_be_read(folder: Path, text: str, code: str) -> None:
    (folder / "model.yaml").write_text(MODEL.replace("history: history.csv", text), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load(folder / "model.yaml")
    assert [p.code for p in caught.value.problems] == [code]


def test_running_is_a_length_of_time_under_watch(folder: Path) -> None:
    assert problems(folder, "watched,spare,2024-01-01,2025-01-01,,,often\n")[0][1:] == (2, 39)
    assert problems(folder, "drill,spare,2024-01-01,,,yes,4 h\n")[0][0] == "history-running"


# --------------------------------------------------------------------------- what nobody knows


ASKS = """
blackstart: 1
components:
  air: {kind: room-air}
  rack: {kind: server, needs: air, repair: 4h}
  net: {kind: router}
services: {shop: {needs: [rack, net], users: 1}}
hazards: {attack: {kind: ransomware, strikes: rack}}
"""


def test_a_recalled_figure_is_asked_for_and_not_filled_in() -> None:
    model = load_text(ASKS)
    assert model.components["air"].rides is None and model.hazards["attack"].rate is None
    asked = {p.path: p for p in check(model) if p.code == "asks-for-a-number"}
    assert set(asked) == {"components.air.rides", "hazards.attack.rate"}
    assert "How long do your servers run on" in hint(asked["components.air.rides"], "en")
    assert "랜섬웨어" in hint(asked["hazards.attack.rate"], "ko")
    stated = load_text(ASKS.replace("{kind: room-air}", "{kind: room-air, rides: 8 min}"))
    assert "components.air.rides" not in {p.path for p in check(stated) if p.code == "asks-for-a-number"}


def test_a_recalled_figure_that_is_taken_by_name_is_told() -> None:
    model = load_text(ASKS.replace("{kind: room-air}", "{kind: room-air, rides: {library: cooling-ride-through}}"))
    (told,) = [p for p in check(model) if p.code == "rests-on-unsourced"]
    assert (told.path, told.where.line) == ("components.air.rides", 4)
    assert "CO-THERMAL" in what(told, "ko")


def test_a_kind_without_evidence_is_told_once() -> None:
    model = load_text(ASKS.replace("net: {kind: router}", "net: {kind: router}\n  net2: {kind: switch, needs: net}"))
    told = [p for p in check(model) if p.code == "kind-without-evidence" and "router" in what(p)]
    assert len(told) == 1 and "`net`, `net2`" in what(told[0], "en")
    assert "how often it breaks, how long a repair takes" in what(told[0], "en")


# --------------------------------------------------------------------------- anything else


CELL = st.sampled_from(
    ["", "watched", "incident", "demand", "drill", "db", "spare", "gas", "push", "*", "2021-01-01", "2024-12-31", "9999-12-31", "yes", "no",
     "2 of 3", "0 of 0", "1e9 of 1e12", "5 of 3", "nan", "inf", "36 h", "0 h", "-1", "0001-01-01T00:00+23:59", "2024-02-30", "고장",
     "\x00", "a" * 300]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, min_size=1, max_size=8), max_size=8))
def test_no_table_makes_a_traceback(rows: list[list[str]]) -> None:
    """Either the history is read, or every fault of it is a Problem."""
    header = ("what", "component", "start", "end", "cause", "worked", "running")
    lines = [dict(zip(header, row, strict=False)) for row in rows]
    document = MODEL.replace("history: history.csv", f"history: {json.dumps(lines, ensure_ascii=True)}")
    try:
        model = load_text(document)
    except ModelError as wrong:
        assert wrong.problems
        return
    for one in model.updates:
        assert 0 <= one.surprise <= 1 and 0 <= one.data_weight <= 1 and 0 <= one.kept <= 1
        assert all(math.isfinite(one.posterior.quantile(u)) for u in (0.05, 0.5, 0.95))


@pytest.mark.parametrize(
    "works", ["80%", "10%..40%", "beta(2, 5)", "uniform(20%, 60%)", "triangular(0.1, 0.2, 0.9)", "9 of 10", "always", "never"]
)
@pytest.mark.parametrize("seen", ["0 of 40", "40 of 40", "1 of 1", "17 of 40", "9000000 of 10000000"])
def test_every_form_of_a_chance_can_be_updated(works: str, seen: str) -> None:
    lines = json.dumps([{"what": "demand", "component": "gas", "start": "2025-01-01", "worked": seen}])
    text = MODEL.replace("history: history.csv", f"history: {lines}").replace("works: 8 of 10, shown: 2024-01-02", f"works: '{works}'")
    (one,) = load_text(text).updates
    low, high = one.posterior.quantile(0.05), one.posterior.quantile(0.95)
    assert 0 <= low <= high <= 1
    if works not in ("80%", "always", "never"):
        k, n = (float(part) for part in seen.split(" of "))
        before = abs(one.prior.mean() - k / n)
        assert abs(one.posterior.mean() - k / n) <= before + 0.02
    else:
        assert one.how == "kept"


@pytest.mark.parametrize(
    "fails", ["1 in 10 yr", "1/500yr..1/50yr", "gamma(shape=2, exposure=30 yr)", "uniform(0/yr, 2/yr)", "empirical(1/yr, 2/yr, 9/yr)"]
)
@pytest.mark.parametrize("n", [0, 1, 40])
def test_every_form_of_a_rate_can_be_updated(fails: str, n: int) -> None:
    lines = [{"what": "watched", "component": "login", "start": "2020-01-01", "end": "2025-01-01"}]
    lines += [{"what": "incident", "component": "login", "start": f"20{20 + i % 5}-0{1 + i % 9}-0{1 + i % 7}"} for i in range(n)]
    text = MODEL.replace("history: history.csv", f"history: {json.dumps(lines)}")
    text = text.replace("login: {needs: [db]}", f"login: {{needs: [db], fails: '{fails}'}}")
    (one,) = load_text(text).updates
    assert one.path == "components.login.fails" and one.posterior.quantile(0.95) > 0
    assert min(one.prior.mean(), n / 5) - 0.2 <= one.posterior.mean() <= max(one.prior.mean(), (n + 1) / 4)


BOUGHT = """
defences:
  better-gas: {change: {barriers: {gas: {works: 95%..99%}}}}
  newer-db: {change: {components: {db: {fails: 1 in 50 yr, repair: 30min..2h}}}}
  spare-by-machine: {change: {components: {spare: {start: {detect: 1min, works: 90%..99%}}}}}
  aside: {change: {components: {spare: {start: {detect: 1min}}}}}
"""
SEEN = (WATCHED, "incident,db,2022-01-01,2022-01-02,,,\n", "demand,gas,2024-01-01,,,1 of 10,\n", "demand,spare,2024-01-01,,,0 of 3,\n")


def test_history_is_of_what_is_there_and_not_of_what_a_defence_sets(folder: Path) -> None:
    """A number that a defence sets keeps what the defence says, though the old one failed nine times in ten; all others learn on."""
    text = MODEL.replace("defences: {more: {change: {components: {login: {fails: 1/yr}}}}}", BOUGHT.strip())
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    base = learnt(folder, *SEEN)
    assert by_path(base)["barriers.gas.works"].how != "apart" and base.barriers["gas"].works.dist.mean() < 0.7
    bought = apply(base, ["better-gas", "newer-db", "spare-by-machine"])
    without = load_text(text.replace("history: history.csv\n", ""))
    plain = apply(without, ["better-gas", "newer-db", "spare-by-machine"])
    assert bought.barriers["gas"].works == plain.barriers["gas"].works
    assert (bought.components["db"].fails, bought.components["db"].repair.takes) == (
        plain.components["db"].fails, plain.components["db"].repair.takes)  # fmt: skip
    assert bought.components["spare"].start.works == plain.components["spare"].start.works
    apart = {one.path for one in bought.updates if one.how == "apart"}
    assert apart == {"barriers.gas.works", "components.db.fails", "components.db.repair.takes", "components.spare.start.works"}
    assert {p: u for p, u in by_path(bought).items() if p not in apart} == {p: u for p, u in by_path(base).items() if p not in apart}


def test_what_a_defence_leaves_as_it_is_goes_on_learning(folder: Path) -> None:
    text = MODEL.replace("defences: {more: {change: {components: {login: {fails: 1/yr}}}}}", BOUGHT.strip())
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    base = learnt(folder, *SEEN)
    assert by_path(apply(base, ["aside"])) == by_path(base)
    assert list(set_aside(base, ["aside"])) == []
    found = [(name, one.path, one.data) for name, one in set_aside(base, base.defences)]
    assert ("better-gas", "barriers.gas.works", "1 of 10") in found
    assert {name for name, _, _ in found} == {"better-gas", "newer-db", "spare-by-machine"}


def test_a_text_that_a_defence_and_the_model_share_by_an_alias_is_set_where_it_is_used(folder: Path) -> None:
    """A rate that both say with one anchor: of the model as it is, it was taken for set by the defence, and learnt nothing."""
    old = "defences: {more: {change: {components: {login: {fails: 1/yr}}}}}"
    new = "defences: {newer: {change: {components: {db: {fails: &rare 1/yr}}}}}\ncomponents:"
    text = MODEL.replace(old, "").replace("components:", new, 1).replace("fails: 1 per 100 yr", "fails: *rare")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    base = learnt(folder, *SEEN)
    assert by_path(base)["components.exact.fails"].how != "apart" and by_path(base)["components.db.fails"].how != "apart"
    bought = by_path(apply(base, ["newer"]))
    assert bought["components.exact.fails"] == by_path(base)["components.exact.fails"]
    assert bought["components.db.fails"].how == "apart"


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_set_aside_is_said(folder: Path, lang: str) -> None:
    text = MODEL.replace("defences: {more: {change: {components: {login: {fails: 1/yr}}}}}", BOUGHT.strip())
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    base = learnt(folder, *SEEN)
    told = learnt_of(apply(base, ["better-gas"]))
    assert report.text(told, lang).count("1 of 10") == 2  # beside the number, and that it does not count
    result = {"provenance": {"with": ["better-gas"], "set_aside": [
        {"defence": name, "path": one.path, "data": one.data} for name, one in set_aside(base, base.defences)]}}  # fmt: skip
    (said,) = story.set_aside({**result, "labels": {}}, Names({"labels": {}}, lang))
    assert "barriers.gas.works" in said and "components.db.fails" not in said


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_hazard_with_a_chance_that_is_watched_is_not_passed_over_in_silence(folder: Path, lang: str) -> None:
    """Watched for four years without a word of how often it came: it is said, with the line that would tell; that line is read."""
    model = learnt(folder, WATCHED)
    one = by_path(model)["hazards.push.chance"]
    assert one.how == "unread" and one.seen[0] == pytest.approx(1600, rel=0.002)
    assert model.hazards["push"].chance == learnt(folder).hazards["push"].chance
    said = " ".join(report.text(learnt_of(model), lang).split())
    n = round(one.seen[0])
    line = f"demand,push,2024-12-31,,,{n} of {n},\n"
    assert line.replace("2024-12-31", "DAY" if lang == "en" else "날짜").rstrip(",\n") in said
    told = learnt(folder, WATCHED, line)
    assert by_path(told)["hazards.push.chance"].how != "unread"
    assert told.hazards["push"].chance.dist.mean() < 0.2 * model.hazards["push"].chance.dist.mean()
