"""What services wait for: the means are those of all courses, and the courses that are played again are those that were played."""

from __future__ import annotations

import jsonschema
import numpy as np
import pytest

from blackstart import examples, report
from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines import simulate
from blackstart.engines.simulate import Sample, Study
from blackstart.language.load import load, load_text
from blackstart.language.model import Model
from blackstart.report import panels
from blackstart.report.behind import Asked
from blackstart.report.names import Names
from blackstart.studies import results, returning
from blackstart.studies.results import Result
from blackstart.system import System

STUDY = Study(worlds=3, samples=80)


@pytest.fixture(scope="module")
def kakao() -> tuple[Model, System, Sample, Result]:
    return _assessed(load(examples.path("kakao-2022")), STUDY)


def _assessed(model: Model, study: Study) -> tuple[Model, System, Sample, Result]:
    system = compile_model(model)
    sample = simulate.assess(system, study)
    result = results.assessment(model, system, sample, study)
    return model, system, sample, returning.with_returns(result, model, system, sample, study)


def test_what_one_brings_times_how_often_is_what_the_cause_adds(kakao: tuple) -> None:
    data = kakao[3].data
    jsonschema.Draft202012Validator(report.schema()).validate(data)
    for name, rows in data["returns"].items():
        service = data["services"][name]
        for row in rows:
            cause = next(c for c in data["causes_by_service"][name] if (c["id"], c["what"]) == (row["id"], row["what"]))
            each, often = row["each"], cause["per_year"]
            assert each["out_h"] * often == pytest.approx(cause["downtime_share"] * service["downtime_h_per_year"]["value"])
            if cause["users_share"] is not None:
                users, lost = kakao[0].components[name].users, each["lost_out_h"] + each["lost_worse_h"]
                assert lost * users * often == pytest.approx(cause["users_share"] * service["user_hours_lost_per_year"]["value"])
            if each["loss_out"] is not None:
                whole = cause["loss_share"] * service["loss"]["aal"]["value"]
                assert (each["loss_out"] + each["loss_worse"]) * often == pytest.approx(whole)


def test_the_steps_divide_the_whole(kakao: tuple) -> None:
    every = [row for rows in kakao[3].data["returns"].values() for row in rows]
    assert every and all(row["courses"] > 0 and (row["steps"] or row["steps_worse"]) for row in every)
    for row in every:
        for steps in (row["steps"], row["steps_worse"]):
            assert not steps or sum(step["share"] for step in steps) == pytest.approx(1.0, abs=returning.LEAST_STEP**2)
            assert all(step["component"] for step in steps[:-1])


def test_the_courses_that_are_told_are_those_that_were_played(kakao: tuple) -> None:
    _, system, sample, _ = kakao
    jobs = np.unique(sample.number[sample.rows[sample.rows[:, 1] == y.ROW_OUT, 0].astype(np.int64)])[:40]
    told = dict(returning._again(system, STUDY, jobs))
    assert set(told) == set(jobs.tolist())
    for job, stories in told.items():
        paths = np.flatnonzero(sample.number == job)
        assert len(stories) == paths.size and stories[0] is not None
        for path, story in zip(paths, stories, strict=True):
            if story is not None:
                mine = sample.rows[sample.rows[:, 0].astype(np.int64) == path]
                np.testing.assert_array_equal(story.rows[:, 1:], mine[:, 1:])
                assert story.path[1] == sample.paths[path, 2]
                assert story.trace[-1, 0] <= story.path[1] + 1e-9


def test_a_part_that_fails_is_waited_for_as_long_as_its_repair_takes() -> None:
    model = load_text("""
        blackstart: 1
        components:
          db: {fails: 2/yr, repair: {takes: 3h}}
        services:
          shop: {needs: db, loss: 100 USD/h, users: 10}
        """)
    data = _assessed(model, STUDY)[3].data
    (row,) = data["returns"]["shop"]
    assert row["each"]["out_h"] == pytest.approx(3.0)
    assert [(s["component"], s["what"]) for s in row["steps"]] == [("db", "repair")]
    panel = panels.behind(Asked(data, Names(data, "en")), "returns.shop.0")
    assert panel is not None and panel.lines[0].shown[0].startswith("3\N{NO-BREAK SPACE}h")
    assert any(at["path"] == "components.db.repair.takes" for line in panel.lines for at in line.inputs)


def test_hours_of_the_week_in_which_a_loss_counts_are_an_input() -> None:
    model = load_text("""
        blackstart: 1
        components:
          db: {fails: 2/yr, repair: {takes: 3h}}
        services:
          shop: {needs: db, loss: {rate: 100 USD/h, hours: "mon-fri 08-20", otherwise: 10%}}
        """)
    data = _assessed(model, Study(worlds=3, samples=400))[3].data
    asked = Asked(data, Names(data, "en"))
    (hours,) = (at for at in asked.of("components", "shop", "loss") if at["path"].endswith(".hours"))
    assert hours["value"] == pytest.approx((60 + 0.1 * 108) / 168)
    assert hours in panels.behind(asked, "services.shop.loss.aal").inputs()


def test_plain_years_have_no_beginnings() -> None:
    model = load(examples.path("corner-shop"))
    data = _assessed(model, Study(worlds=2, samples=20, method="years"))[3].data
    assert data["returns"] == {}
