"""The models of docs/how-to/awkward-sentences.md: the answers that stand beside them, by hand, from the engine and from the twin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from tests.cross.stories import difference, engine_story
from tests.cross.twin import Twin, World

from blackstart import report
from blackstart.checks import check
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Hit, rehearse_many
from blackstart.language import scenario
from blackstart.language.load import load_text
from blackstart.language.model import Model
from blackstart.studies import rehearsal

PAGES = {lang: Path(__file__).parents[2] / f"docs/how-to/awkward-sentences{end}.md" for lang, end in (("en", ""), ("ko", ".ko"))}


def model(name: str, lang: str = "en") -> Model:
    text = PAGES[lang].read_text(encoding="utf-8")
    (found,) = re.findall(rf"<!-- file: {name}/model.yaml -->\n```yaml\n(.*?)```", text, re.S)
    return load_text(found)


def outages(
    name: str, script: list[tuple[float, str]], lang: str = "en", sample: int | None = None, fails: Sequence[str] = ()
) -> list[tuple[float, float]]:
    """Begin and end of the outages of the typical course, or of a sample; engine and twin must agree on all of it."""
    read = scenario.read(model(name, lang), (), fails).model
    system = compile_model(read)
    world = World({p.path: p.dist.a for p in system.parameters})
    how = {"script": script, "typical": sample is None}
    told = engine_story(system, system.world(), 1, sample or 0, **how)
    assert difference(told, Twin(read, world).play(1, sample or 0, **how)) is None
    return [(begin, end) for _, what, begin, end, _ in told.outages if what == "out"]


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(("name", "script", "answer"), [
    ("fix", [(0.0, "cluster-slow")], [(0.0, 5.0)]),
    ("leak", [(0.0, "leak")], [(4.0, 5.5)]),
    ("busy", [(0.0, "feature"), (6.0, "busy-evening")], [(6.0, 6.5)]),
    ("busy", [(0.0, "feature")], []),
    ("busy", [(0.0, "busy-evening")], []),
    ("filter", [(0.0, "bad-rules")], [(0.0, 3.0)]),
    ("phones", [(0.0, "bad-update")], [(0.0, 5.5)]),
    ("change", [(0.0, "overload")], [(0.0, 3.5)]),
    ("enough", [(0.0, "crash")], [(0.0, 3.0)]),
    ("reset", [(0.0, "flood")], [(0.0, 2.5)]),
])  # fmt: skip
def test_the_answer_by_hand(name: str, script: list[tuple[float, str]], answer: list[tuple[float, float]], lang: str) -> None:
    assert outages(name, script, lang) == [pytest.approx(one) for one in answer]


def test_tries_by_chance_are_those_of_the_twin() -> None:
    lengths = {round(end - begin, 6) for k in range(12) for begin, end in outages("fix", [(0.0, "cluster-slow")], sample=k)}
    assert lengths <= {2.0 + 3.0 * n for n in range(30)} and len(lengths) > 2


def test_tries_that_are_known_to_have_failed() -> None:
    """By hand 2 h and two times 3 h, then the two that a typical course takes; by chance any number more, from the third on."""
    assert outages("fix", [(0.0, "cluster-slow")], fails=["cluster 2 times"]) == [(0.0, pytest.approx(11.0))]
    courses = [outages("fix", [(0.0, "cluster-slow")], sample=k, fails=["cluster 2번"]) for k in range(12)]
    found = {round(end - begin, 6) for course in courses for begin, end in course}
    assert found <= {8.0 + 3.0 * n for n in range(30)} and len(found) > 2


def test_what_is_not_kept_from_load_goes_round_and_is_named() -> None:
    """It used to say only that the course was cut off, and that the services waited for people."""
    (text,) = re.findall(r"<!-- file: reset/model.yaml -->\n```yaml\n(.*?)```", PAGES["en"].read_text(encoding="utf-8"), re.S)
    read = load_text(text.replace(", throttled: yes", ""))
    assert "trips-again" in {p.code for p in check(read)} and "trips-again" not in {p.code for p in check(model("reset"))}
    asked = scenario.read(read, ["flood"])
    system = compile_model(asked.model)
    result = rehearsal.rehearsal(asked, system, rehearsal.play(asked, system, runs=1, seed=1)).as_dict()
    (row,) = result["loops"]
    assert row["component"] == "routers" and row["by"] == ["mobile"]
    assert row["load"] == pytest.approx(20.0) and row["every_h"] == pytest.approx(0.05)
    said = {"en": "never comes back: waiting for routers (routers trips again and again)",
            "ko": "(routers가 돌아올 때마다 과부하로 다시 멈춤)"}  # fmt: skip
    for lang, words in said.items():
        assert words in " ".join(report.text(result, lang).split())
    assert not list(Draft202012Validator(report.schema()).iter_errors(result))


def test_tries_go_on_until_one_works() -> None:
    """Mean 2 + 3 (1/p - 1) = 6.5 h, standard deviation 3 sqrt(1 - p) / p = 5.81 h: 4 standard errors, a false alarm once in 16,000."""
    system = compile_model(model("fix"))
    runs = 4000
    many = rehearse_many(system, [Hit(0.0, True, system.hazards.index("cluster-slow"))], runs=runs, seed=1)
    hours = np.bincount(many.rows[:, 0].astype(int), weights=many.rows[:, 5], minlength=runs)
    assert hours.mean() == pytest.approx(6.5, abs=4 * 5.81 / np.sqrt(runs))


@pytest.mark.parametrize(("works", "tries"), [("60%", 1), ("50%", 2), ("30%", 2), ("29%", 3), ("10%", 7)])
def test_the_typical_number_of_tries_is_the_median(works: str, tries: int) -> None:
    """The first n with 1 - (1 - p)^n > 1/2. It used to be without end where p was half or less; no model with such a p was rehearsed."""
    text = PAGES["en"].read_text(encoding="utf-8")
    found = re.findall(r"```yaml\n(.*?)```", text, re.S)[0].replace("40%", works)
    read = load_text(found)
    system = compile_model(read)
    told = engine_story(system, system.world(), 1, 0, script=[(0.0, "cluster-slow")], typical=True)
    ((_, _, begin, end, _),) = told.outages
    assert end - begin == pytest.approx(2.0 + 3.0 * (tries - 1))
    world = World({p.path: p.dist.a for p in system.parameters})
    assert difference(told, Twin(read, world).play(1, 0, script=[(0.0, "cluster-slow")], typical=True)) is None


@pytest.mark.parametrize(("job", "script", "answer"), [
    ("start: {work: 30 min each, detect: 3h, decide: 5h, people: 1 ops}", [(0.0, "dark")], (0.0, 11.5)),
    ("repair: {work: 30 min each, decide: 5h, people: 1 ops}", [(0.0, "!doors")], (0.0, 7.5)),
])  # fmt: skip
def test_what_is_noticed_and_decided_comes_once_before_the_first_part(job: str, script: list, answer: tuple[float, float]) -> None:
    """Five of ten doors: 1 h held, 8 h until decided, 5 x 30 min; broken: 5 h and 5 x 30 min. It was dropped beside `work` unsaid."""
    read = load_text(
        "blackstart: 1\nteams: {ops: {people: 4}}\ncomponents:\n  core: {}\n  doors: {count: 10, needs: core, " + job + "}\n"
        "services: {play: {needs: {capacity: {doors: 100%}, at_least: 1%}, users: 1}}\n"
        "hazards: {dark: {strikes: core, rate: 1/yr, effects: [{hold: core, for: 1h}]}}\n"
    )
    system = compile_model(read)
    told = engine_story(system, system.world(), 1, 0, script=script, typical=True)
    world = World({p.path: p.dist.a for p in system.parameters})
    assert difference(told, Twin(read, world).play(1, 0, script=script, typical=True)) is None
    assert [(begin, end) for _, what, begin, end, _ in told.outages if what == "out"] == [pytest.approx(answer)]
