"""What to buy when: against closed forms and a brute force over all chains; budgets, lead times, people; the command and its views."""

from __future__ import annotations

import itertools
import json
import random

import jsonschema
import pytest
from click.testing import CliRunner

from blackstart import report
from blackstart.cli import main
from blackstart.engines.simulate import Study
from blackstart.errors import ModelError
from blackstart.language.load import load_text
from blackstart.planning import growth

STUDY = Study(worlds=4, samples=40, threads=1)
SHOP = """blackstart: 1
title: {en: Shop, ko: 가게}
currency: KRW
components:
  db:  {fails: 2/yr, repair: 10h}
  web: {fails: 1/yr, repair: 5h}
teams: {dev: {people: 2}}
services: {shop: {needs: [db, web], loss: "1,000 KRW/h"}}
defences:
  quick:  {costs: {once: "15,000 KRW"}, takes: 6 months, people: 2 dev, change: {components: {db: {repair: 5h}}}}
  rarer:  {costs: {once: "4,000 KRW", yearly: "1,000 KRW"}, takes: 6 months, people: 2 dev, change: {components: {web: {fails: 0.1/yr}}}}
  better: {costs: {once: "60,000 KRW"}, excludes: [quick], change: {components: {db: {repair: 1h}}}}
growth:
  - {when: 1 yr, demand: x10, loss: x10}
"""


def asked(text: str = SHOP, **settings) -> dict:
    return growth.growth(load_text(text), growth.Asked(**{"over_years": 2.0, **settings}), STUDY).as_dict()


def test_stages_begin_today_and_end_at_the_horizon() -> None:
    model = load_text(SHOP.replace("  - {when: 1 yr", "  - {when: 6 yr, demand: x100}\n  - {when: 1 yr"))
    assert [(s.begin_h, s.years, s.demand, s.loss) for s in growth.stages(model, 3.0)] == [(0.0, 1.0, 1.0, 1.0), (8760.0, 2.0, 10.0, 10.0)]


def test_what_is_needed_later_keeps_its_place_open() -> None:
    """`better` pays only when losses are ten times as large, and cannot stand beside `quick`: so `quick` is not bought today."""
    result = asked()
    assert [b["id"] for s in result["stages"] for b in s["bought"] if b["id"] == "better"]
    assert "quick" in result["never"]
    later = next((row for row in result["open"] if row["id"] == "better"), None)
    if later is not None:
        assert later["not_before"] == ["quick"]
    total = {key: sum(row.values()) for key, row in result["total"].items()}
    assert total["plan"] <= total["step_by_step"] and total["plan"] <= total["nothing"]
    assert result["all_judged"] and result["judged"] == 6  # {quick, better} is no portfolio


def test_the_chain_is_the_best_of_all_chains() -> None:
    model, budget = load_text(SHOP), 40_000.0
    steps = growth.stages(model, 2.0)
    result = asked(budget=budget)
    choices = growth.options(model, growth.Wanted(years=2.0))
    every = list(growth.feasible(choices))
    judge = growth.Judge(model, [o.id for o in choices], STUDY)
    lost = [{p: float(judge([p])[0].loss.mean()) * s.loss for p in every} for s in steps]
    chains = growth._Chains(model, steps, lost, budget)
    known = [
        sum(sum(part) for part in parts)
        for a, b in itertools.product(every, every) if a <= b
        for parts in [[chains.step(0, growth.NOTHING, a), chains.step(1, a, b)]] if None not in parts
    ]  # fmt: skip
    assert sum(result["total"]["plan"].values()) == pytest.approx(min(known))
    assert all(s["cost"] <= budget * s["years"] for s in result["stages"])


@pytest.mark.parametrize("seed", range(6))
def test_where_not_all_are_judged_no_chain_is_better_than_the_plan_says(seed: int) -> None:
    rng = random.Random(seed)
    parts = "abcdef"
    text = "\n".join([
        "blackstart: 1", "currency: KRW", "components:",
        *(f"  {c}: {{fails: {rng.randint(1, 6)}/yr, repair: {rng.randint(2, 20)}h}}" for c in parts),
        "services: {shop: {needs: [" + ", ".join(parts) + '], loss: "1,000 KRW/h"}}', "defences:",
        *(f"  d{c}: {{costs: {{once: \"{rng.randint(1, 40)},000 KRW\", yearly: \"{rng.randint(0, 8)},000 KRW\"}}, "
          f"takes: {rng.randint(0, 8)} months, change: {{components: {{{c}: {{repair: 1h}}}}}}}}" for c in parts),
        "growth: [{when: 1 yr, demand: x2, loss: x3}]",
    ])  # fmt: skip
    model, study = load_text(text), Study(worlds=2, samples=20, threads=1)
    few, every = (growth.growth(model, growth.Asked(over_years=3.0, most=most), study).as_dict() for most in (30, 64))
    assert every["all_judged"] and every["gap"] is None and not few["all_judged"]
    here, there = (sum(result["total"]["plan"].values()) for result in (few, every))
    assert there <= here + 1e-6 and here - few["gap"] <= there + 1e-6


def test_people_and_time_decide_when_it_is_there() -> None:
    """Two purchases of half a year bind both people: one after the other. Until they are there the loss is that of before."""
    result = asked(SHOP.replace("x10, loss: x10", "x1, loss: x50").replace(", excludes: [quick]", ", requires: [quick]"), over_years=3.0)
    rows = [b for s in result["stages"] for b in s["bought"] if b["id"] in ("quick", "rarer")]
    assert len(rows) == 2
    first, second = sorted(rows, key=lambda row: row["begins_h"])
    assert second["begins_h"] >= first["ends_h"] and first["ends_h"] - first["begins_h"] == pytest.approx(4380)


def test_counted_parts_grow_and_people_do_not() -> None:
    """A hundred servers at 6 min each by one person: 10 h; ten times as many: 100 h. The loss of a restart grows with demand alone."""
    text = """blackstart: 1
currency: KRW
components:
  servers: {count: 100, start: {work: 6min each, people: 1 ops}}
teams: {ops: {people: 1}}
hazards: {blackout: {strikes: servers, rate: 1/yr, effects: [{hold: servers, until: 1h}]}}
services: {shop: {needs: servers, loss: "1,000 KRW/h", tolerance: {serves: 100%}}}
defences: {fewer: {costs: {once: "1 KRW"}, change: {hazards: {blackout: {rate: 0.5/yr}}}}}
growth: [{when: 1 yr, demand: x10}]
"""
    small, large = (s["loss_nothing"]["value"] for s in asked(text)["stages"])
    assert small == pytest.approx(1_000 * (1 + 10 / 2), rel=0.15)
    assert large == pytest.approx(1_000 * (1 + 100 / 2), rel=0.15)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (SHOP.replace("when: 1 yr", "when: 9 yr"), ["growth-none"]),
        (SHOP.replace(', loss: "1,000 KRW/h"', ""), ["growth-no-loss"]),
        ("blackstart: 1\nservices: {shop: {}}\n", ["growth-none", "growth-no-loss", "no-defences"]),
    ],
)
def test_what_is_missing_is_told_at_once(text: str, codes: list[str]) -> None:
    with pytest.raises(ModelError) as caught:
        asked(text)
    assert sorted(p.code for p in caught.value.problems) == sorted(codes)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_command_every_view_and_the_schema(tmp_path, lang: str) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    command = ["grow", str(tmp_path / "shop.yaml"), "--over", "2", "--budget", "40,000 KRW", "--worlds", "4", "--samples", "40"]
    done = CliRunner().invoke(main, [*command, "--format", "json"])
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    text = report.text(result, lang)
    assert max(len(line) for line in text.splitlines()) <= 100
    for view in (text, report.page(result, lang), report.markdown(result, lang)):
        assert {"en": "what to buy when", "ko": "언제 무엇을 살 것인가"}[lang] in view.lower()
    wrong = CliRunner().invoke(main, [*command[:-6], "--budget", "ten", "--lang", lang])
    assert wrong.exit_code == 2 and "`ten`" in wrong.stderr
