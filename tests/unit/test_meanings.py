"""The rows of docs/decisions/0005-meanings-of-the-language.md, one by one."""

from __future__ import annotations

import pytest

from blackstart import units
from blackstart.checks import check, severity
from blackstart.compilation import compile_model
from blackstart.errors import ModelError, what
from blackstart.language.load import apply, load_text
from blackstart.language.model import Model
from blackstart.language.portfolio import overwrites

SHOP = """
blackstart: 1
components:
  web: {needs: [db, cache], start: 20 min}
  db: {kind: database, in: seoul}
  cache: {}
domains: {seoul: {kind: site}}
services: {shop: {needs: web, loss: 3,000,000 KRW/h}}
"""


def with_lines(*lines: str) -> Model:
    return load_text(SHOP + "\n".join(lines) + "\n")


def codes(text: str) -> set[str]:
    with pytest.raises(ModelError) as wrong:
        load_text(text)
    return {p.code for p in wrong.value.problems}


def test_numbers_and_calls_are_put_together_again_inside_braces() -> None:
    model = load_text(SHOP.replace("start: 20 min", "start: {takes: triangular(1h, 2h, 3h)}"))
    shop, web = model.components["shop"], model.components["web"]
    assert shop.loss is not None and shop.loss.rate is not None and shop.loss.rate.dist.mean() == 3_000_000
    assert web.start is not None and web.start.takes is not None and web.start.takes.mean() == pytest.approx(2.0)


def test_a_count_in_an_exposure_is_evidence_and_once_in_is_a_point() -> None:
    for text in ("2 in 400 yr", "400년에 2번"):
        assert units.read_rate(text).dist.kind == "gamma"
        assert units.read_rate(text).dist.mean() == pytest.approx(2.5 / 400)  # Jeffreys: half an event more
    for text in ("1 per 200 yr", "200년에 한 번꼴"):
        assert units.read_rate(text).dist.kind == "point"
        assert units.read_rate(text).dist.mean() == pytest.approx(1 / 200)


def test_never_is_a_rate_and_a_chance() -> None:
    assert units.read_rate("never").dist.mean() == 0.0
    assert units.read_chance("never").dist.mean() == 0.0


def test_when_has_a_short_and_a_long_form() -> None:
    short = with_lines("hazards: {h: {rate: 1/yr, effects: [{break: web, when: db is down}]}}")
    long = with_lines("hazards: {h: {rate: 1/yr, effects: [{break: web, when: {down: db}}]}}")
    assert short.hazards["h"].effects[0].when == long.hazards["h"].effects[0].when != None  # noqa: E711


def test_one_time_alone_is_cleared() -> None:
    model = with_lines("hazards: {h: {rate: 1/yr, strikes: web, lasts: 3h}}")
    assert set(model.hazards["h"].lasts) == {"cleared"}


def test_a_hazard_of_the_library_is_switched_off_or_changed_in_part() -> None:
    assert "fire@seoul" in with_lines().hazards
    assert "fire@seoul" not in with_lines("hazards: {fire@seoul: null}").hazards
    rarer = with_lines("hazards: {fire@seoul: {rate: 1 per 999 yr}}").hazards["fire@seoul"]
    assert rarer.rate is not None and rarer.rate.dist.mean() == pytest.approx(1 / 999)
    assert rarer.effects == with_lines().hazards["fire@seoul"].effects


def test_a_stated_time_keeps_the_kind_from_adding_its_own() -> None:
    model = load_text(SHOP.replace("{kind: database, in: seoul}", "{kind: database, in: seoul, repair: {work: 5 min each}}"))
    repair = model.components["db"].repair
    assert repair is not None and repair.takes is None and repair.work is not None


def test_what_comes_before_a_repair_leaves_the_time_that_its_kind_brings() -> None:
    model = load_text(SHOP.replace("{kind: database, in: seoul}", "{kind: database, in: seoul, repair: {detect: 1h}}"))
    repair = model.components["db"].repair
    assert repair is not None and repair.takes is not None and repair.takes.source and repair.detect is not None


def test_an_effect_that_is_to_last_says_until_when() -> None:
    model = with_lines("hazards: {storm: {strikes: db, rate: 1/yr, effects: [{hold: db}]}}")
    assert "effect-without-end" in {p.code for p in check(model) if severity(p) == "error"}


def test_short_spellings_are_written_out_before_a_patch_is_merged() -> None:
    model = with_lines("defences: {d: {change: {components: {web: {start: {works: 50%}}}}}}")
    start = apply(model, ["d"]).components["web"].start
    assert start is not None and start.takes is not None and start.takes.mean() == pytest.approx(1 / 3)
    assert start.works is not None and start.works.dist.mean() == 0.5


def test_replacing_all_by_any_needs_null_where_all_is_written_out() -> None:
    either, instead = "{any: [db, cache]}", "{all: null, any: [db, cache]}"
    for written, patch in (("[db, cache]", either), ("{all: [db, cache]}", instead)):
        change = f"defences: {{d: {{change: {{components: {{web: {{needs: {patch}}}}}}}}}}}\n"
        needs = apply(load_text(SHOP.replace("[db, cache]", written) + change), ["d"]).components["web"].needs
        assert needs is not None and needs.op == "any"
    change = f"defences: {{d: {{change: {{components: {{web: {{needs: {either}}}}}}}}}}}\n"
    with pytest.raises(ModelError) as wrong:
        apply(load_text(SHOP.replace("[db, cache]", "{all: [db, cache]}") + change), ["d"])
    assert [p.code for p in wrong.value.problems] == ["need-two-ops-changed"]


def test_a_plus_adds_to_a_list_in_any_order_and_only_where_one_can_be() -> None:
    """What two defences add stands beside each other; that in a change one is added to and one replaced is told."""
    text = """blackstart: 1
components: {a: {fails: 1/yr, repair: 1h}, b: {repair: 2h}, c: {repair: 3h}}
services: {s: {needs: a, loss: 10 KRW/h}}
hazards: {h: {strikes: a, rate: 1/yr, effects: [{break: a}]}}
defences:
  one: {costs: 1 KRW, change: {services: {s: {needs: {any+: b}}}, hazards: {h: {effects+: {break: b}}}}}
  two: {costs: 1 KRW, change: {services: {s: {needs: {any+: [c, b]}}}, hazards: {h: {effects+: [{break: c}, {break: b}]}}}}
  whole: {costs: 1 KRW, change: {services: {s: {needs: {any: [a, c]}}}}}
  also: {costs: 1 KRW, change: {services: {s: {needs: {all+: c}}}}}
  more: {costs: 1 KRW, change: {services: {s: {needs+: c}}}}
"""
    read = load_text(text)
    both = apply(read, ["two", "one"])
    assert both == apply(read, ["one", "two"])
    assert [n.name for n in both.components["s"].needs.of] == ["a", "b", "c"] and len(both.hazards["h"].effects) == 3
    assert compile_model(both).digest == compile_model(apply(read, ["one", "two"])).digest
    told = {frozenset((p.values["one"], p.values["other"])): p.values["place"] for p in overwrites(read)}
    needs, any_of = "services.s.needs", "services.s.needs.any"
    assert told == {
        frozenset(("one", "whole")): any_of, frozenset(("two", "whole")): any_of, frozenset(("one", "also")): needs,
        frozenset(("two", "also")): needs, **{frozenset((name, "more")): needs for name in ("one", "two", "whole", "also")},
    }  # fmt: skip
    for wrong in ("needs: [a, b]", "needs: {any+: a}", "needs+: a", "needs: {all: [a, b]}"):
        with pytest.raises(ModelError) as refused:
            apply(load_text(text.replace("needs: a", wrong)), ["one"])
        (problem,) = refused.value.problems
        assert problem.code == "no-list-to-add-to" and "to add to" in what(problem) and "더할 목록" in what(problem, "ko")


def test_kinds_of_domains_are_a_list_and_names_belong_to_one_thing() -> None:
    assert codes(SHOP.replace("kind: site", "kind: sight"))
    assert codes(SHOP.replace("domains: {seoul: {kind: site}}", "domains: {seoul: {kind: site}, web: {kind: room}}"))


def test_a_year_and_a_month() -> None:
    assert units.read_duration("1 yr").mean() == 8760.0
    assert units.read_duration("1 month").mean() == 730.0


def test_ranges() -> None:
    spread = units.read_duration("4h..20h")
    for text in ("4h–20h", "4h~20h"):
        assert units.read_duration(text).terms == spread.terms
    with pytest.raises(units.BadValue):
        units.read_duration("4h-20h")


def test_scalars_stay_text_until_a_field_reads_them() -> None:
    model = load_text("blackstart: 1\ncomponents: {no: {}, '010': {count: 010}}\n")
    assert list(model.components) == ["no", "010"] and model.components["010"].count == 10


def test_aliases_up_to_a_limit() -> None:
    model = load_text("blackstart: 1\ncomponents: {a: &like {fails: 1/yr}, b: *like}\n")
    assert model.components["a"].fails == model.components["b"].fails
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 9)
    )
    assert codes("blackstart: 1\n" + bomb)
