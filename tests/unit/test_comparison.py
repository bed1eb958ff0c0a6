"""Defences side by side: differences with their error, costs, net value; the command, both views, both languages."""

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

from blackstart import report
from blackstart.cli import main
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study, assess
from blackstart.language.load import apply, load_text
from blackstart.studies.comparison import Variant, _pays, comparison

SHOP = """blackstart: 1
title: {en: Shop, ko: 가게}
components:
  db: {fails: 2/yr, repair: 10h}
services:
  shop: {needs: [db], loss: "1,000 KRW/h", users: 10}
defences:
  halve: {label: {en: half the repair, ko: 복구 절반}, costs: {once: 10k KRW, yearly: 3k KRW}, change: {components: {db: {repair: 5h}}}}
  rarer: {costs: {yearly: 1k KRW}, change: {components: {db: {fails: 1/yr}}}}
  dear: {costs: {once: 900k KRW}, change: {components: {db: {repair: 9h}}}}
"""
STUDY = Study(worlds=40, samples=400, threads=1)


@pytest.fixture
def shop(tmp_path) -> str:
    path = tmp_path / "shop.yaml"
    text = SHOP.replace("10k", "10,000").replace("900k", "900,000").replace("3k", "3,000").replace("1k", "1,000")
    path.write_text(text, encoding="utf-8")
    return str(path)


def run(*args: str):
    return CliRunner().invoke(main, list(args))


def told(shop: str, *args: str) -> dict:
    done = run("assess", shop, "--worlds", "40", "--samples", "200", "--format", "json", *args)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_what_is_avoided_is_the_closed_form_and_costs_are_counted(shop):
    """2 failures a year of 10 h at 1,000 KRW/h are 20,000 KRW; half the repair avoids half, half the rate too, to first order.

    Episodes do not overlap here but for 10 h in 4,380: a bias of 0.3 %, inside the tolerance.
    """
    result = told(shop, "--compare", "halve", "--compare", "rarer", "--compare", "halve,rarer", "--over", "5")
    base, halve, rarer, both = result["variants"]
    assert base["with"] == [] and base["avoided_per_year"] is None and base["net"] is None
    assert base["loss_per_year"]["value"] == pytest.approx(20_000, rel=0.02)
    assert halve["avoided_per_year"]["value"] == pytest.approx(10_000, rel=0.02)
    assert rarer["avoided_per_year"]["value"] == pytest.approx(10_000, rel=0.02)
    assert both["avoided_per_year"]["value"] == pytest.approx(15_000, rel=0.02)
    assert (halve["once"], halve["yearly"], rarer["once"], both["yearly"]) == (10_000, 3_000, None, 4_000)
    assert halve["net"]["value"] == pytest.approx(5 * (halve["avoided_per_year"]["value"] - 3_000) - 10_000)
    assert result["lead"]["best"] == ["rarer"] and result["lead"]["next"] == ["halve", "rarer"]
    assert both["services"]["shop"]["avoided_h_per_year"]["value"] == pytest.approx(15, rel=0.02)


def test_the_error_is_that_of_the_difference():
    """What both variants have in common drops out: with uncertain rates the difference is far surer than the two losses apart."""
    text = SHOP.replace("fails: 2/yr", "fails: 1/yr..9/yr").replace("10k", "10,000").replace("3k", "3,000")
    base = load_text(text.replace("900k", "900,000").replace("1k", "1,000").replace("repair: 9h", "repair: 9.9h"))
    small = apply(base, ["dear"])
    variants = [Variant(names, m, s, assess(s, STUDY)) for names, m in (((), base), (("dear",), small)) for s in [compile_model(m)]]
    base_row, row = comparison(variants, STUDY, 10.0).as_dict()["variants"]
    assert row["avoided_per_year"]["value"] == pytest.approx(0.01 * base_row["loss_per_year"]["value"], rel=0.3)
    assert row["avoided_per_year"]["standard_error"] < 0.1 * base_row["loss_per_year"]["standard_error"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_both_views_say_it_and_the_schema_knows_it(shop, lang):
    result = told(shop, "--compare", "halve", "--compare", "dear")
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    text, page = (view(result, lang).replace("\N{NO-BREAK SPACE}", " ") for view in (report.text, report.page))
    best = {"en": "Worth most is “half the repair”: it avoids about", "ko": "복구 절반이 가장 값어치 있습니다."}[lang]
    assert best in " ".join(text.split()) and best in page
    assert max(len(line) for line in text.splitlines()) <= 100


def test_where_none_pays_it_is_said(shop):
    result = told(shop, "--compare", "dear")
    assert "By money alone none pays for itself over 10 years" in report.text(result, "en")


def test_without_money_hours_are_compared(tmp_path):
    path = tmp_path / "plain.yaml"
    path.write_text("blackstart: 1\ncomponents: {db: {fails: 2/yr, repair: 10h}}\nservices: {shop: {needs: [db]}}\n"
                    "defences: {halve: {change: {components: {db: {repair: 5h}}}}}\n", encoding="utf-8")  # fmt: skip
    result = told(str(path), "--compare", "halve")
    assert result["lead"] is None and result["variants"][1]["loss_per_year"] is None
    assert "Most is saved by “halve”" in report.text(result, "en") and "loss a year" not in report.text(result, "en")


def test_wrong_choices_are_problems(shop):
    done = run("assess", shop, "--compare", "halfe", "--lang", "en")
    assert done.exit_code == 2 and "halfe" in done.stderr and "`halve`" in done.stderr
    done = run("assess", shop, "--compare", "halve", "--tables", "x", "--lang", "en")
    assert done.exit_code == 2 and "--tables belongs to one assessment" in done.stderr


def test_a_comparison_that_is_stopped_shows_what_was_finished(shop, monkeypatch):
    from blackstart.engines import simulate

    real, calls = simulate.assess, []

    def stops(system, study, progress=None, *, partial=False):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(system, study, progress)

    monkeypatch.setattr(simulate, "assess", stops)
    done = run("assess", shop, "--compare", "halve", "--compare", "rarer", "--format", "json")
    result = json.loads(done.stdout)
    assert done.exit_code == 130
    assert [v["with"] for v in result["variants"]] == [[], ["halve"]]
    assert result["outcome"] == {"state": "stopped", "reasons": ["interrupted"]}
    assert np.isfinite(result["variants"][1]["net"]["value"])


def test_where_noise_hides_the_worlds_no_share_of_them_is_told():
    """Worlds whose net values differ by chance only are not counted: half of them would seem to pay, or none."""
    rng = np.random.default_rng(5)
    noise, true = rng.normal(0.0, 1.0, 4000), rng.normal(0.5, 1.0, 4000)
    halves = rng.normal(0.0, 1.0, 4000)  # of equal spread as the noise of the whole
    assert _pays(np.full(4000, 0.1) + noise, halves) is None
    told = _pays(true + noise, halves)
    assert told == pytest.approx(0.6915, abs=0.03)  # P(N(0.5, 1) > 0); with the noise left in it would be 0.638


@pytest.mark.parametrize(("lang", "said"), [("en", "help from outside after 90 days is assumed"), ("ko", "90일 뒤 외부에서 구조")])
def test_that_a_rescue_is_assumed_is_said_beside_what_defences_save(tmp_path, lang: str, said: str) -> None:
    """A third of the hours of one model were the 90 days up to a rescue; only the plain answer told so."""
    path = tmp_path / "knot.yaml"
    path.write_text(SHOP.replace("repair: 10h}", "repair: 10h, needs: [web]}\n  web: {needs: [db]}"), encoding="utf-8")
    done = run("assess", str(path), "--worlds", "5", "--samples", "20", "--compare", "halve", "--lang", lang)
    assert said in " ".join(done.stdout.split())
