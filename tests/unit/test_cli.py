"""The command line, as a user meets it: exit codes, streams, both languages, bad usage."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema
import pytest
from click.testing import CliRunner

from blackstart import examples, report
from blackstart.cli import main

SHOP = "blackstart: 1\ncomponents:\n  db: {fails: 2/yr, repair: 3h}\nservices:\n  shop: {needs: [db], loss: 1,000 KRW/h, users: 10}\n"


def run(*args: str):
    return CliRunner().invoke(main, list(args))


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_setting_with_which_the_compiler_does_not_begin_is_named(shop, lang):
    env = {**os.environ, "NUMBA_NUM_THREADS": "0"}
    done = subprocess.run([sys.executable, "-m", "blackstart", "assess", shop, "--lang", lang], env=env, capture_output=True, text=True)
    assert done.returncode == 2 and "`unset " in done.stderr and "NUMBA_NUM_THREADS" in done.stderr and not done.stdout


def test_check_says_what_a_model_holds(shop):
    done = run("check", shop, "--lang", "en")
    assert done.exit_code == 0
    assert "2 components, of them 1 service," in done.output


def test_check_of_a_wrong_model_ends_with_2_and_shows_place_caret_and_nearest_name(tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(SHOP.replace("[db]", "[dbb]"), encoding="utf-8")
    done = run("check", str(path), "--lang", "en")
    assert done.exit_code == 2
    assert "wrong.yaml:5:" in done.stderr and "^" in done.stderr and "db" in done.stderr


def test_check_as_json_is_json_in_korean_too(shop):
    told = json.loads(run("check", shop, "--format", "json", "--lang", "ko").stdout)
    jsonschema.Draft202012Validator(report.schema()).validate(told)
    assert told["kind"] == "check" and isinstance(told["problems"], list)


@pytest.mark.parametrize("command", ["check", "assess", "rehearse", "overlaps", "plan"])
def test_who_asks_for_json_has_what_is_wrong_as_json(command, tmp_path):
    # a build server that asked for JSON found an empty stdout
    path = tmp_path / "wrong.yaml"
    path.write_text(SHOP.replace("[db]", "[dbb]"), encoding="utf-8")
    done = run(command, str(path), "--format", "json", "--lang", "ko")
    told = json.loads(done.stdout)
    jsonschema.Draft202012Validator(report.schema()).validate(told)
    assert done.exit_code == 2 and [(p["nearest"], p["severity"]) for p in told["problems"]] == [("db", "error")]
    assert told["problems"][0]["what"] in done.stderr


def test_a_missing_file_is_a_problem_and_not_a_traceback():
    done = run("check", "no-such-file.yaml", "--lang", "en")
    assert done.exit_code == 2
    assert "no-such-file.yaml" in done.stderr and "Traceback" not in done.stderr


def test_rehearse_as_json_holds_what_is_promised(shop):
    told = json.loads(run("rehearse", shop, "--hit", "db", "--runs", "20", "--format", "json").stdout)
    assert told["schema_version"] == "1" and told["kind"] == "rehearsal"
    assert told["services"]["shop"]["back_at_h"] == pytest.approx(3.0)
    assert told["services"]["shop"]["critical_path"][-1]["what"] == "repair"


def test_a_hit_can_come_later(shop):
    told = json.loads(run("rehearse", shop, "--hit", "db after 2h", "--runs", "1", "--format", "json").stdout)
    assert told["services"]["shop"]["out_at_h"] == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("hit", "says"), [("dbx", "no hazard, component or domain"), ("db after lunch", "Cannot read the time")]
)
def test_a_hit_that_cannot_be_read_is_explained(shop, hit, says):
    done = run("rehearse", shop, "--hit", hit, "--lang", "en")
    assert done.exit_code == 2 and says in done.stderr


def test_rehearse_without_a_hit_says_what_there_is(shop):
    done = run("rehearse", shop, "--lang", "en")
    assert done.exit_code == 2 and "--hit NAME" in done.stderr


def test_assess_as_json_holds_estimates_with_error_and_band(shop):
    told = json.loads(run("assess", shop, "--worlds", "20", "--samples", "50", "--format", "json").stdout)
    service = told["services"]["shop"]
    assert set(service["availability"]) == {"value", "standard_error", "band"}
    assert set(service["outages_per_year_longer_than"]) == {"1h", "4h", "24h", "120h"}
    assert {"aal", "oep", "aep", "tvar"} <= set(service["loss"])
    assert service["availability"]["value"] == pytest.approx(1 - 2 * 3 / 8760, rel=2e-5)
    assert told["provenance"]["digest"] and told["provenance"]["seed"] == 1


def test_two_runs_of_assess_are_equal_to_the_byte(shop):
    args = ("assess", shop, "--worlds", "10", "--samples", "20", "--format", "json")
    assert run(*args, "--threads", "1").stdout == run(*args, "--threads", "2").stdout


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_text_and_page_come_in_both_languages(shop, tmp_path, lang):
    page = tmp_path / "page.html"
    done = run("assess", shop, "--worlds", "20", "--samples", "20", "--lang", lang, "--page", str(page))
    assert done.exit_code == 0
    assert f'lang="{lang}"' in page.read_text(encoding="utf-8")


def test_a_defence_is_applied_and_an_unknown_one_refused(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP + "defences:\n  faster: {change: {components: {db: {repair: 1h}}}}\n", encoding="utf-8")
    told = json.loads(run("rehearse", str(path), "--hit", "db", "--runs", "1", "--format", "json", "--with", "faster").stdout)
    assert told["services"]["shop"]["back_at_h"] == pytest.approx(1.0)
    assert told["provenance"]["with"] == ["faster"]
    done = run("rehearse", str(path), "--hit", "db", "--with", "fastr", "--lang", "en")
    assert done.exit_code == 2 and "faster" in done.stderr


BAD_DEFENCE = """blackstart: 1
components:
  a: {repair: 1h}
  b: {repair: 1h}
services: {shop: {needs: {capacity: {a: 50%, b: 50%}, at_least: 50%}, users: 10}}
hazards: {h: {strikes: a, rate: 1/yr}}
defences:
  either:
    costs: 1 KRW
    change: {services: {shop: {needs: {any: [a, b]}}}}
  gone: {costs: 1 KRW, change: {components: {b: null}}}
"""


@pytest.mark.parametrize("command", [
    ("check", "m.yaml"), ("rehearse", "m.yaml", "--hit", "h"), ("assess", "m.yaml"), ("overlaps", "m.yaml"), ("worst", "m.yaml"),
    ("plan", "m.yaml"), ("quiet", "m.yaml"), ("unknowns", "m.yaml"), ("backtest", "."),
    ("rehearse", "m.yaml", "--hit", "h", "--with", "either"),
])  # fmt: skip
def test_every_command_tells_errors_of_defences_that_are_not_used(tmp_path, monkeypatch, command):
    """Only `check` told them, at a sound line of the model, and named one word of two to take away."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.yaml").write_text(BAD_DEFENCE, encoding="utf-8")
    day = "{model: m.yaml, hit: h, targets: {t: {of: shop, real: 1h, source: a}}}"
    (tmp_path / "targets.yaml").write_text(f"backtest: 1\nstories: {{day: {day}}}\n", encoding="utf-8")
    got = run(*command)
    said = got.stdout + got.stderr
    assert got.exit_code == 2 and "need-two-ops-changed" in said and "`capacity: null, at_least: null`" in said
    assert "m.yaml:10:" in said and ("m.yaml:11:" in said or "--with" in command)  # the lines in the defences, not those of the model
    assert "m.yaml:5:" not in said


def test_a_defence_that_a_chosen_one_excludes_is_not_tried_beside_it(tmp_path, monkeypatch):
    """`assess --compare login-at-two-sites` was refused: of defences that exclude it each was tried on a model that has it."""
    monkeypatch.chdir(tmp_path)
    text = """blackstart: 1
components: {a: {repair: 1h}, b: {repair: 1h}}
services: {shop: {needs: {any: [a, b]}, users: 10}}
hazards: {h: {strikes: a, rate: 1/yr}}
defences:
  either: {costs: 1 KRW, change: {services: {shop: {needs: {any: [b, a]}}}}%s}
  halves: {costs: 1 KRW, change: {services: {shop: {needs: {any: null, capacity: {a: 50%%, b: 50%%}, at_least: 50%%}}}}}
"""
    (tmp_path / "m.yaml").write_text(text % "", encoding="utf-8")
    assert "need-two-ops-changed" in run("rehearse", "m.yaml", "--hit", "h", "--with", "halves").stderr
    (tmp_path / "m.yaml").write_text(text % ", excludes: halves", encoding="utf-8")
    for command in (("rehearse", "m.yaml", "--hit", "h"), ("check", "m.yaml"), ("assess", "m.yaml", "--samples", "20")):
        got = run(*command, "--with", "halves")
        assert got.exit_code == 0, got.stderr


def test_a_line_of_a_change_is_blamed_only_where_it_is_at_fault(tmp_path):
    """What stands in the change keeps its place; what the change took away is blamed where it did."""
    path = tmp_path / "m.yaml"
    path.write_text(BAD_DEFENCE.replace("{any: [a, b]}", "{capacity: {x: 1}}"), encoding="utf-8")
    rows = json.loads(run("check", str(path), "--format", "json").stdout)["problems"]
    lines = path.read_text(encoding="utf-8").splitlines()
    found = {(r["path"].split(":")[0], r["code"], lines[r["line"] - 1][r["column"] - 1 :][:2].strip(":")) for r in rows}
    assert ("defences.either", "unknown-component", "x") in found and ("defences.gone", "unknown-component", "b") in found


def test_new_copies_an_example_and_never_overwrites(tmp_path):
    target = tmp_path / "mine"
    assert run("new", str(target), "--from", "corner-shop").exit_code == 0
    assert (target / "model.yaml").exists()
    assert run("new", str(target), "--from", "corner-shop").exit_code == 2
    wrong = run("new", str(tmp_path / "x"), "--from", "corner-shp", "--lang", "en")
    assert wrong.exit_code == 2 and "corner-shop" in wrong.stderr


def test_every_example_can_be_rehearsed_by_its_name():
    for name in examples.names():
        done = run("rehearse", name, "--runs", "2", "--format", "json")
        assert done.exit_code == 0, (name, done.stderr)


def test_a_mechanism_is_found_by_its_name_and_copied_alone(tmp_path):
    name = examples.mechanisms()[0]
    assert run("check", name, "--lang", "en").exit_code == 0
    assert run("new", str(tmp_path / "mine"), "--from", name).exit_code == 0
    assert [f.name for f in (tmp_path / "mine").iterdir()] == [examples.path(name).name]
    wrong = run("new", str(tmp_path / "x"), "--from", name[:-1], "--lang", "en")
    assert wrong.exit_code == 2 and f"Nearest: {name}." in wrong.stderr


def test_tables_of_open_results_data_are_written(shop, tmp_path):
    done = run("assess", shop, "--worlds", "10", "--samples", "10", "--tables", str(tmp_path / "ord"), "--format", "json")
    assert done.exit_code == 0, done.stderr
    assert list((tmp_path / "ord").glob("*.csv"))


@pytest.mark.parametrize(
    ("lang", "says"),
    [("en", "neither a file nor an example `kakao`"), ("ko", "`kakao`라는 파일도 예제도 없습니다")],
)
def test_a_model_that_is_not_there_is_answered_with_the_nearest_example(lang, says):
    done = run("check", "kakao", "--lang", lang)
    assert done.exit_code == 2 and says in done.stderr and "`kakao-2022`" in done.stderr


def test_names_with_a_comma_are_answered_with_a_list(tmp_path):
    path = tmp_path / "shop.yaml"
    text = "blackstart: 1\ncomponents:\n  a: {}\n  b: {}\n  web:\n    needs: a, b\nservices:\n  shop: {needs: [web]}\n"
    path.write_text(text, encoding="utf-8")
    done = run("check", str(path), "--lang", "en")
    assert done.exit_code == 2 and "name-comma" in done.stderr and "`[a, b]`" in done.stderr


def test_several_defences_can_stand_in_one_option(shop):
    text = SHOP + "defences:\n  one: {change: {components: {db: {repair: 2h}}}}\n  two: {change: {components: {db: {fails: 1/yr}}}}\n"
    with open(shop, "w", encoding="utf-8") as file:
        file.write(text)
    told = json.loads(run("rehearse", shop, "--hit", "db", "--runs", "1", "--with", "one,two", "--format", "json").stdout)
    assert told["provenance"]["with"] == ["one", "two"]
    assert told["services"]["shop"]["back_at_h"] == pytest.approx(2.0)


@pytest.mark.parametrize(("n", "shown"), [(1, "1 error"), (0, "0 errors"), (1200, "1,200 errors")])
def test_words_fit_their_number(n, shown):
    from blackstart.text import _FORMATTER

    assert _FORMATTER.vformat("{n:error|errors}", (), {"n": n}) == shown


def test_rehearse_takes_given_outcomes(tmp_path):
    path = tmp_path / "shop.yaml"
    path.write_text(
        "blackstart: 1\ncomponents:\n  db: {repair: 9h}\n  db-2: {standby: db, start: {takes: 10 min, works: 3 of 4}}\n"
        "  data: {needs: [{any: [db, db-2]}]}\nservices:\n  shop: {needs: [data]}\n", encoding="utf-8",
    )  # fmt: skip
    asked = ("rehearse", str(path), "--hit", "db", "--format", "json")
    told = {how: json.loads(run(*asked, f"--{how}", "db-2").stdout) for how in ("works", "fails")}
    assert told["works"]["services"]["shop"]["back_at_h"] == pytest.approx(1 / 6)
    assert told["fails"]["services"]["shop"]["back_at_h"] == pytest.approx(9.0)
    done = run("rehearse", str(path), "--hit", "db", "--fails", "dbb-2", "--lang", "ko")
    assert done.exit_code == 2 and "`db-2`" in done.stderr


def test_a_stopped_assessment_tells_what_is_known_so_far(shop, monkeypatch):
    """The loss curves then come from drawn years alone: no waiting for the compound distribution."""
    from blackstart import curves
    from blackstart.engines import simulate

    real = simulate.assess
    monkeypatch.setattr(simulate, "assess", lambda *a, **how: simulate.Sample(**{**real(*a, **how).__dict__, "interrupted": True}))
    for slow in ("aep", "aep_probability"):
        monkeypatch.setattr(curves, slow, None)
    done = run("assess", shop, "--worlds", "40", "--samples", "50", "--format", "json", "--lang", "en")
    assert done.exit_code == 130 and "What is known so far" in done.stderr
    told = json.loads(done.stdout)
    assert told["outcome"] == {"state": "stopped", "reasons": ["interrupted"]}
    assert told["total"]["loss"]["aep"]["2"]["value"] > 0 and told["total"]["loss_curve"]["aep_probability"][0] > 0.5


def test_describing_and_checking_load_no_engine() -> None:
    """numba and scipy take longer to load than a model to check: only what plays or solves may ask for them."""
    code = (
        "import sys; from blackstart import checks, compilation, examples; "
        "from blackstart.checks import changes; from blackstart.language import load; "
        "model = load.load(examples.path('kakao-2022')); checks.check(model); changes.problems(model); compilation.compile_model(model); "
        "print(sorted({'numba', 'llvmlite', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("lang", "marks"), [("en", ("[error]", "[warning]", "[note]")), ("ko", ("[오류]", "[경고]", "[참고]"))])
def test_each_finding_says_what_it_is_and_errors_come_first(tmp_path, lang, marks):
    """A stranger mended six warnings before the error, the last of nineteen findings, of which none was marked."""
    words = "blackstart: 1\nteams: {idle: {people: 2}}\ncomponents: {a: {tested: 1h}}\n"
    words += "services: {s: {needs: [a], loss: {1h: 5 KRW, 2h: 3 KRW}}}\n"
    (tmp_path / "model.yaml").write_text(words, encoding="utf-8")
    done = run("check", str(tmp_path / "model.yaml"), "--lang", lang)
    heads = [line for line in done.stdout.splitlines() if "model.yaml:" in line]
    found = [mark for line in heads for mark in marks if f"  {mark}  " in line]
    assert set(found) == set(marks) and found == sorted(found, key=marks.index)
    rows = json.loads(run("check", str(tmp_path / "model.yaml"), "--lang", lang, "--format", "json").stdout)["problems"]
    assert [row["severity"] for row in rows] == [("error", "warning", "note")[marks.index(mark)] for mark in found]
