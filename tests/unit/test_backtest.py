"""Back-tests: the file of targets is read strictly, what is measured is what it says, and reality is placed among the runs."""

from __future__ import annotations

import dataclasses
import json
import math

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

from blackstart import errors, report, text
from blackstart.cli import main
from blackstart.errors import ModelError
from blackstart.language import targets
from blackstart.report import backtests
from blackstart.studies import backtest

# A shop off for 4 h; half of it comes back after 2 h. Its copy on the second site is off for 1 h.
MODEL = """
blackstart: 1
currency: KRW
domains: {a: {}, b: {}}
components:
  first: {in: a, count: 10}
  second: {in: b}
services:
  shop: {needs: first, loss: 10 KRW/h}
  copy: {needs: second}
hazards:
  off:
    rate: 1/yr
    lasts: {all: 4h, half: 2h, copy: 1h}
    costs: 100 KRW
    effects:
      - {hold: half of first, until: all}
      - {hold: first, until: half}
      - {hold: b, until: copy}
barriers: {fuse: {works: 50%}}
defences:
  spare: {change: {components: {first: {in: null}, third: {}}, services: {shop: {needs: {any: [first, third]}}}}}
"""

TARGETS = """
backtest: 1
stories:
  day:
    model: model.yaml
    hit: off
    clock: 30min
    watch: {both: {needs: {capacity: {first: 50%, second: 50%}, at_least: 0.1%}}}
    targets:
      shop:    {real: 1.5h, source: a1}
      whole:   {of: shop, level: 100%, real: 3h..4h, source: a1}
      all-of:  {of: all, real: 1.5h, source: a1}
      one-of:  {of: all, part: 50%, real: 30min, source: a1}
      longest: {measure: length, of: all, real: 2h, source: a1}
      least:   {measure: length, of: all, pick: shortest, real: 1h, source: a1}
      half:    {measure: share, of: shop, at: 2h, real: 50%, source: a1}
      lead:    {measure: lead, of: [copy, shop], at: 2h, real: 50%, source: a1}
      mean:    {measure: down, of: shop, at: 3.5h, real: 2.5h, source: a1}
      cost:    {measure: loss, real: 130 KRW, source: a1}
      kept:    {measure: data, real: 0h, source: a1}
      watched: {measure: share, of: both, at: 0h, real: 0%, source: a1}
      late:    {of: shop, real: 9h.., source: a1}
      early:   {of: shop, real: 0h..1h, source: a1}
      order:   {measure: order, of: [copy, shop], source: a1}
    ablations:
      spare: {excludes: [shop]}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / targets.FILE).write_text(TARGETS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def played(folder):
    return backtest.backtest(targets.read(folder), runs=20).as_dict()


# ------------------------------------------------------------------ what is measured


def test_every_measure_of_a_course_that_is_certain(played):
    rows = {t["id"]: t for t in played["stories"][0]["targets"]}
    middle = {k: t["quantiles"]["50"] for k, t in rows.items() if t["quantiles"]}
    assert middle == pytest.approx({
        "shop": 1.5, "whole": 3.5, "all-of": 1.5, "one-of": 0.5, "longest": 2.0, "least": 1.0, "half": 0.5, "lead": 0.5, "mean": 2.5,
        "cost": 130.0, "kept": 0.0, "watched": 0.0, "late": 1.5, "early": 1.5,
    })  # fmt: skip
    assert rows["order"]["share"] == 1.0 and rows["order"]["inside"] is None
    assert [k for k, t in rows.items() if t["inside"] is False] == ["late", "early"]
    assert rows["late"]["real"] == [9.0, None]
    assert rows["shop"]["place"] == [0.0, 1.0]


def test_an_ablation_puts_reality_out_of_reach(played):
    (row,) = played["stories"][0]["ablations"]
    assert row["excluded"] and row["with"] == ["spare"]
    assert row["targets"][0]["quantiles"]["90"] == 0.0


def test_what_is_watched_is_no_service_of_the_story(played):
    rows = {t["id"]: t for t in played["stories"][0]["targets"]}
    assert rows["all-of"]["quantiles"]["50"] == rows["shop"]["quantiles"]["50"]  # `both` is back later


def test_calibration_counts_what_can_be_counted(played):
    c = played["calibration"]["all"]
    rows = {t["id"]: t for t in played["stories"][0]["targets"]}
    assert {k for k, t in rows.items() if t["idle"]} == {"least", "kept", "watched"}  # `spare` changes none of them
    assert (c["targets"], c["inside"]["n"], c["misses"]["better"], c["misses"]["worse"]) == (11, 9, 1, 1)
    assert c["misses"]["cases"] == {"better": 0, "worse": 0, "chance": 1.0} and c["enough"]
    assert played["calibration"]["exact"]["targets"] == 8  # not `whole`, `late`, `early`, nor what cannot fail


@pytest.mark.parametrize("real", ["0%..100%", "2%..99%"])  # half a step of 5 % is as well as shares of pools are known
def test_a_target_that_takes_in_everything_is_marked_not_counted_and_warned_of(folder, real):
    """A stranger's file: 0 to 100 % was a hit, and so was a time that no run of any model missed."""
    changed = [("at: 2h, real: 50%, source: a1}\n      lead", f"at: 2h, real: {real}, source: a1}}\n      lead")]
    (row,) = json.loads(_checked(folder, "--format", "json", changed=changed).stdout)["problems"]
    assert (row["code"], row["severity"]) == ("targets-cannot-fail", "warning") and row["path"].endswith("targets.half")
    result = backtest.backtest(targets.read(folder), runs=10).as_dict()
    half = next(t for t in result["stories"][0]["targets"] if t["id"] == "half")
    assert half["idle"] == "takes-all" and half["inside"] and result["calibration"]["all"]["targets"] == 10
    told = {"en": ("not counted: cannot fail", "Not counted: 1 real value known"), "ko": ("틀릴 수 없음", "값 1개는 세지")}
    for lang, (marked, counted) in told.items():
        text = " ".join(report.text(result, lang).split())
        assert marked in text and counted in text


def test_what_lies_between_two_values_that_runs_have_is_not_inside(folder):
    """A service that is up or not, held against 45 to 55 % served: no run comes near, and it was inside the half."""
    model = MODEL.replace("second: {in: b}", "second: {in: b, repair: 1h..40h}").replace("{hold: b, until: copy}", "break: second")
    (folder / "model.yaml").write_text(model, encoding="utf-8")
    changed = [("half:    {measure: share, of: shop, at: 2h, real: 50%", "half:    {measure: share, of: copy, at: 6h, real: 45%..55%")]
    _written(folder, changed)
    result = backtest.backtest(targets.read(folder), runs=200).as_dict()
    half = next(t for t in result["stories"][0]["targets"] if t["id"] == "half")
    assert (half["quantiles"]["10"], half["quantiles"]["90"]) == (0.0, 1.0)
    assert not half["inside"] and not half["inside_half"] and half["idle"] is None
    assert "MISS: between what runs say" in " ".join(report.text(result, "en").split())
    values = backtest.np.linspace(0.0, 1.0, 200)
    assert not backtest._between(0.4999, 0.5001, values) and not backtest._between(0.3, 0.7, values)  # chance, not a gap


def test_what_an_ablation_changes_can_fail_and_what_never_ends_is_missed(folder):
    """`shop` is met by every run of the story, and by none of the ablation: it is a test. A miss is never left out."""
    story = backtest.backtest(targets.read(folder), runs=10).as_dict()["stories"][0]
    rows = {t["id"]: t for t in story["targets"]}
    assert rows["shop"]["idle"] is None and rows["shop"]["place"] == [0.0, 1.0]
    assert not [k for k, t in rows.items() if t["idle"] and not t["inside"]]


@pytest.mark.parametrize(("lang", "says"), [
    ("en", "for 1 of the 2 values that it names (shop back), not for the others (writes lost)"), ("ko", "값 2개 가운데 1개(shop 복구)만"),
])  # fmt: skip
def test_of_an_ablation_that_excludes_in_part_it_is_said_what(folder, lang, says):
    _written(folder, [("spare: {excludes: [shop]}", "spare: {excludes: [shop, kept]}")])
    result = backtest.backtest(targets.read(folder), runs=10).as_dict()
    assert not result["stories"][0]["ablations"][0]["excluded"]
    assert says in " ".join(report.text(result, lang).split())


def test_few_misses_are_told_without_a_test_and_all_values_by_the_middle():
    """Seven values all above the middle of times, two of them outside; a larger share served is better, not worse."""
    def row(low, high, inside, unit="hours", measure="back"):
        return {"place": [low, high], "inside": inside, "inside_half": False, "unit": unit, "measure": measure}

    late = [row(0.8, 0.8, True)] * 5 + [row(0.95, 0.95, False)] * 2
    c = backtest._calibration([("case", t) for t in [*late, row(0.1, 1.0, True)]])
    assert c["middle"] == {"better": 0, "worse": 7, "cases": {"better": 0, "worse": 1, "chance": 1.0}}
    said = " ".join(backtests._lean(c, "en"))
    assert said.startswith("2 values missed: it really went worse")
    assert said.endswith("1 went mostly worse than the model's middle and 0 mostly better: too few cases to tell a lean from chance.")
    assert backtest._side(row(0.8, 0.8, True, "share")) == -1
    assert backtest._side(row(0.8, 0.8, True, measure="stops")) == -1 == backtest._missed(row(0.95, 0.95, False, measure="stops"))


@pytest.mark.parametrize(("a", "b", "chance"), [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 2 / 32), (1, 7, 18 / 256), (9, 1, 22 / 1024)])
def test_lean_is_the_two_sided_sign_test(a, b, chance):
    """By hand: twice the smaller tail of a fair coin."""
    assert backtest._two_sided(a, b) == pytest.approx(chance)


@pytest.mark.parametrize(("lang", "few", "sure", "even"), [
    ("en", "too few cases to tell", "in only 2 % of cases: the model leans", "in 73 % of cases: no lean"),
    ("ko", "사례가 너무 적습니다", "확률은 2%뿐입니다. 모델이 한쪽으로", "우연히도 73%의 확률로"),
])  # fmt: skip
def test_a_lean_is_counted_by_case(lang, few, sure, even):
    """Ten misses of one incident are one; by hand 2/128 for 7 of 7 cases, 2 x (1 + 8 + 28 + 56) / 256 = 73 % for 5 of 8."""
    def said(*nets):
        sides = [side for net in nets for side in [1 if net > 0 else -1] * abs(net)]
        cases = [str(k) for k, net in enumerate(nets) for _ in range(abs(net))]
        c = {"targets": len(sides), "misses": backtest._leans(cases, sides), "middle": backtest._leans([], [])}
        return " ".join(backtests._lean(c, lang)).replace("\N{NO-BREAK SPACE}", " ")

    assert few in said(10) and few in said(3, 3, 3, 3, 3)
    assert sure in said(*[1] * 7) and even in said(*[1] * 5, *[-1] * 3)
    assert backtest._leans(["a", "a", "a", "b"], [1, 1, -1, -1])["cases"] == {"better": 1, "worse": 1, "chance": 1.0}


SHARP = """
blackstart: 1
components: {a: {repair: 2h..6h}}
barriers: {fuse: {works: 50%}}
services: {shop: {needs: a}}
hazards: {off: {rate: 1/yr, effects: [{break: a, unless: fuse}]}}
defences: {no-fuse: {change: {barriers: {fuse: {works: 1%}}, components: {a: {repair: 20h..60h}}}}}
"""
HELD = """
backtest: 1
stories:
  day:
    model: model.yaml
    hit: off
    fails: fuse
    targets: {shop: {real: 4h, source: a1}}
    ablations:
      no-fuse: {excludes: [shop]}
      fuse-holds: {with: [], works: fuse, excludes: [shop]}
"""


@pytest.mark.parametrize(("lang", "narrow", "head"), [
    ("en", "excluded; no spread", "In 1 of these"), ("ko", "나올 수 없음, 폭 없음", "그 가운데 1개"),
])  # fmt: skip
def test_what_an_ablation_changes_stands_beside_it(folder, lang, narrow, head):
    """A fuse that holds breaks nothing in any run: no real time could have met that. Ten times the repair time could have failed."""
    (folder / "model.yaml").write_text(SHARP, encoding="utf-8")
    (folder / targets.FILE).write_text(HELD, encoding="utf-8")
    result = backtest.backtest(targets.read(folder), runs=60).as_dict()
    slow, holds = result["stories"][0]["ablations"]
    assert [(c["path"], c["before"], c["after"]) for c in slow["changes"]] == [
        ("components.a.repair", "2h..6h", "20h..60h"), ("barriers.fuse.works", "50%", "1%")]  # fmt: skip
    assert [(c["path"], c["before"], c["after"]) for c in holds["changes"]] == [("fails", "fuse", None), ("works", None, "fuse")]
    assert [a["targets"][0]["spreads"] for a in (slow, holds)] == [True, False]
    text = " ".join(report.text(result, lang).split())
    assert text.count(narrow) == 1 and head in text and "20h..60h" in text


LATER = """
blackstart: 1
components: {a: {repair: 5h}, battery: {needs: a, rides: 2h}}
services: {shop: {needs: battery}, site: {needs: shop}, other: {}}
hazards: {off: {rate: 1/yr, effects: [{break: a}]}}
"""
FELL = """
backtest: 1
stories:
  day:
    model: model.yaml
    hit: off
    clock: 30min
    targets:
      fell:  {measure: stops, of: [shop, site], real: 1.5h, source: a1}
      never: {measure: stops, of: other, real: 1h, source: a1}
"""


@pytest.mark.parametrize(("lang", "fell", "never"), [
    ("en", "shop and site: stopped", "MISS: below; never stops in 100 % of the runs"),
    ("ko", "shop, site 정지", "실행의 100%에서 멈추지 않음"),
])  # fmt: skip
def test_when_it_stopped(folder, lang, fell, never):
    """By hand: the battery lasts two hours, the clock starts half an hour after the blow: 1.5 h."""
    (folder / "model.yaml").write_text(LATER, encoding="utf-8")
    (folder / targets.FILE).write_text(FELL, encoding="utf-8")
    result = backtest.backtest(targets.read(folder), runs=10).as_dict()
    one, two = result["stories"][0]["targets"]
    assert one["inside"] and one["quantiles"]["50"] == pytest.approx(1.5)
    assert (two["inside"], two["never"]) == (False, 1.0)
    text = " ".join(report.text(result, lang).replace("\N{NO-BREAK SPACE}", " ").split())
    assert fell in text and never in text


def test_a_service_that_never_comes_back_has_no_end():
    assert backtest._back([(1.0, 0.0)], 0.5) == math.inf
    assert backtest._longest([(1.0, 0.0), (2.0, 1.0), (5.0, 0.4)], 0.5) == math.inf
    assert backtest._missing([(1.0, 0.0), (2.0, 0.5)], 1.5, 4.0) == pytest.approx(0.5 + 1.0)


def test_reality_counts_as_inside_from_tenth_to_ninetieth_percent():
    values = np.arange(1.0, 101.0)
    assert backtest._quantile(values, 10) == 10.0 and backtest._quantile(values, 90) == 90.0


def test_same_seed_same_bytes(folder):
    first, again = (json.dumps(backtest.backtest(targets.read(folder), runs=20).as_dict()) for _ in range(2))
    assert first == again


# ------------------------------------------------------------------ the file of targets


WRONG = {
    "targets-version": ("backtest: 1", "backtest: 2", "begins with"),
    "targets-key": ("clock:", "clok:", "not known here"),
    "targets-missing": ("real: 1.5h, source: a1}\n      whole", "real: 1.5h}\n      whole", "is missing"),
    "targets-measure": ("measure: data", "measure: date", "measured"),
    "targets-at": (" at: 2h, real: 50%, source: a1}\n      lead", " real: 50%, source: a1}\n      lead", "at a time"),
    "targets-no-at": ("{real: 1.5h,", "{at: 2h, real: 1.5h,", "not measured at a time"),
    "targets-several": ("of: [copy, shop], at", "of: shop, at", "compares"),
    "targets-pick": ("pick: shortest", "pick: short", "shortest"),
    "targets-order": ("3h..4h", "4h..3h", "before it begins"),
    "targets-no-real": ("of: [copy, shop], source", "of: [copy, shop], real: 1h, source", "it happened"),
    "targets-unknown": ("excludes: [shop]", "excludes: [shob]", "no target"),
    "targets-mapping": ("ablations:\n      spare: {excludes: [shop]}", "ablations: [spare]", "Names with values"),
    "targets-text": ("model: model.yaml", "model: [model.yaml]", "One value"),
    "targets-mapping ": ("watch: {both: {needs: {capacity: {first: 50%, second: 50%}, at_least: 0.1%}}}", "watch: [both]", "Names with"),
    "targets-names": ("hit: off", "hit: {off: 1}", "list of names"),
    "percent-above": ("part: 50%", "part: 150%", "100%"),
    "file-missing": ("model: model.yaml", "model: mode.yaml", "no file"),
    "targets-time-of-day": ("clock: 30min", "clock: 04:43", "is a time of day"),
    "bad-duration": ("real: 1.5h, source: a1}\n      whole", "real: soon, source: a1}\n      whole", "length of time"),
}


@pytest.mark.parametrize("code", WRONG)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_wrong_in_a_file_of_targets_is_said_with_its_place(code, lang, folder):
    good, bad, says = WRONG[code]
    assert TARGETS.count(good) == 1
    (folder / targets.FILE).write_text(TARGETS.replace(good, bad), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        targets.read(folder)
    (problem,) = [p for p in caught.value.problems if p.code == code.strip()]
    assert problem.where and problem.where.line > 1
    said = errors.what(problem, lang)
    assert says in said if lang == "en" else any("가" <= c <= "힣" for c in said)


@pytest.mark.parametrize(("good", "bad", "code", "near"), [
    ("of: [copy, shop], at", "of: [copi, shop], at", "targets-no-service", "copy"),
    ("spare: {excludes", "spar: {excludes", "targets-no-defence", "spare"),
    ("hit: off", "hit: of", "hit-unknown", "off"),
])  # fmt: skip
def test_names_that_the_model_does_not_have(good, bad, code, near, folder):
    (folder / targets.FILE).write_text(TARGETS.replace(good, bad), encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        backtest.backtest(targets.read(folder), runs=10)
    (problem,) = caught.value.problems
    assert (problem.code, problem.nearest) == (code, near)


ENDLESS = """
backtest: 1
stories:
  day:
    model: model.yaml
    hit: [break second, off]
    targets:
      copy: {real: 1h.., source: a1}
      shop: {real: 4h, source: a1}
    ablations:
      fuse-holds: {with: [], works: fuse, excludes: [copy]}
"""


@pytest.mark.parametrize(("lang", "beside", "head"), [
    ("en", "never back in 100 % of the runs", "In 1 of these"), ("ko", "100%에서 돌아오지 않음", "약한 증거"),
])  # fmt: skip
def test_what_never_comes_back_is_not_inside_and_is_said_so(folder, lang, beside, head):
    """Nothing repairs `second`: no run of `copy` ends, and whatever happened for real did."""
    (folder / targets.FILE).write_text(ENDLESS, encoding="utf-8")
    result = backtest.backtest(targets.read(folder), runs=10).as_dict()
    copy, shop = result["stories"][0]["targets"]
    assert (copy["never"], copy["inside"], copy["inside_half"]) == (1.0, False, False) and shop["never"] == 0.0
    (row,) = result["stories"][0]["ablations"][0]["targets"]
    assert row["never"] == 1.0 and row["excluded"]
    text = " ".join(report.text(result, lang).split())
    assert text.count(beside) == 2 and head in text


def test_some_runs_without_end_leave_the_others_to_be_met():
    assert backtest._meets(26.0, math.inf, 20.0, math.inf) and not backtest._meets(26.0, math.inf, math.inf, math.inf)
    assert not backtest._meets(4.0, 4.0, 20.0, math.inf)


# ------------------------------------------------------------------ told


def test_the_result_keeps_its_schema(played):
    jsonschema.validate(json.loads(json.dumps(played, allow_nan=False)), report.schema())


@pytest.mark.parametrize(("lang", "inside", "miss", "excluded"), [
    ("en", "inside", "MISS: above", "excluded"), ("ko", "들어옴", "벗어남: 위", "나올 수 없음"),
])  # fmt: skip
def test_text_and_page_say_the_same(played, lang, inside, miss, excluded):
    text, page = report.text(played, lang), report.page(played, lang)
    for word in (inside, miss, excluded):
        assert word in text and word in page
    assert "<svg" in page and page.count('class="real outside') == 2 * 2  # two misses, a wide and a narrow picture


def test_the_command_reads_a_folder_and_shipped_incidents(folder):
    run = CliRunner().invoke(main, ["backtest", str(folder), "fastly-2021", "--runs", "20", "--format", "json"])
    assert run.exit_code == 0, run.output
    assert [s["id"] for s in json.loads(run.stdout)["stories"]] == ["day", "fastly-2021"]


@pytest.mark.parametrize(("lang", "says"), [("en", "Nearest: fastly-2021"), ("ko", "가장 비슷한 이름: fastly-2021")])
def test_an_unknown_incident_is_answered_with_the_nearest(lang, says):
    run = CliRunner().invoke(main, ["backtest", "fastli-2021", "--lang", lang])
    assert run.exit_code == 2 and says in run.output


@pytest.mark.parametrize(("lang", "file", "folder_only"), [
    ("en", "is a model", "There is no targets.yaml in"), ("ko", "모델입니다", "targets.yaml이 없습니다"),
])  # fmt: skip
def test_a_model_and_a_folder_without_targets_are_told_apart_from_nothing(folder, lang, file, folder_only):
    run = CliRunner().invoke(main, ["backtest", str(folder / "model.yaml"), "--lang", lang])
    assert run.exit_code == 2 and file in run.output
    (folder / targets.FILE).unlink()
    run = CliRunner().invoke(main, ["backtest", str(folder), "--lang", lang])
    assert run.exit_code == 2 and folder_only in run.output


@pytest.mark.parametrize("story", targets.shipped(), ids=lambda s: s.name)
def test_every_shipped_incident_can_be_played(story):
    (told,) = backtest.backtest([story], runs=12).as_dict()["stories"]
    assert len(told["targets"]) == len(story.targets) and len(told["ablations"]) == len(story.ablations)
    assert all(t["source"] for t in told["targets"])


# ------------------------------------------------------------------ checked


def _written(folder, changed=()):
    text = TARGETS
    for good, bad in changed:
        assert good in text
        text = text.replace(good, bad)
    (folder / targets.FILE).write_text(text, encoding="utf-8")
    return folder / targets.FILE


def _checked(folder, *words, changed=()):
    return CliRunner().invoke(main, ["check", str(_written(folder, changed)), *words])


@pytest.mark.parametrize(("lang", "says"), [
    ("en", "targets of 1 story, 15 targets, 1 ablation. 0 errors, 0 warnings, 0 notes."),
    ("ko", "이야기 1건, 목표값 15개, 대조 모델 1개. 오류 0건, 경고 0건, 참고 0건."),
])  # fmt: skip
def test_check_says_what_a_file_of_targets_holds(folder, lang, says):
    run = _checked(folder, "--lang", lang)
    assert run.exit_code == 0 and says in run.output


def test_an_ablation_takes_what_it_says_works_from_what_the_story_says_fails(folder):
    changed = [("hit: off", "hit: off\n    fails: [fuse, spare-start]"),
               ("spare: {excludes", "fuse-holds: {with: [], works: fuse, excludes")]  # fmt: skip
    (story,) = targets.read(_written(folder, changed))
    assert backtest._given(story, story.ablations[0]) == (("spare-start",), ("fuse",))
    assert backtest._given(story, None) == (("fuse", "spare-start"), ())
    tried = dataclasses.replace(story, fails=("fuse", "spare-start 4 times"), works=("spare-start",))
    assert backtest._given(tried, None) == (("fuse", "spare-start 4 times"), ("spare-start",))  # the fifth was it
    assert backtest._given(tried, story.ablations[0]) == (("spare-start 4 times",), ("fuse",))


def test_each_wrong_name_is_told_once_where_it_stands(folder):
    changed = [("hit: off", "hit: off\n    fails:\n      - fuse\n      - fuze"),
               ("      shop:    {real: 1.5h", "      shopp:    {real: 1.5h"), ("excludes: [shop]", "excludes: [shopp]")]  # fmt: skip
    rows = json.loads(_checked(folder, "--format", "json", changed=changed).stdout)["problems"]
    lines = (folder / targets.FILE).read_text(encoding="utf-8").splitlines()
    assert [(r["code"], lines[r["line"] - 1][r["column"] - 1 :][:5].strip(":")) for r in rows] == [
        ("given-unknown", "fuze"), ("targets-no-service", "shopp")]  # fmt: skip


def test_check_names_at_once_what_the_models_do_not_have(folder):
    wrong = [("hit: off", "hit: of\n    with: speare\n    works: fuze"), ("of: [copy, shop], at", "of: [copi, shop], at"),
             ("spare: {excludes", "spar: {excludes")]  # fmt: skip
    run = _checked(folder, "--format", "json", changed=wrong)
    rows = json.loads(run.stdout)["problems"]
    assert run.exit_code == 2 and [r["severity"] for r in rows] == ["error"] * 5
    found = [(r["code"], r["nearest"]) for r in rows]
    assert sorted(found) == [("given-unknown", "fuse"), ("hit-unknown", "off"), ("targets-no-defence", "spare"),
                             ("targets-no-service", "copy"), ("unknown-defence", "spare")]  # fmt: skip
    assert all(r["line"] and r["column"] for r in rows)


@pytest.mark.parametrize(("bad", "code", "severity"), [
    ("", "targets-no-ablation", "note"), ("    ablations:\n      idle: {with: [], excludes: [shop]}\n", "targets-ablation-idle", "warning"),
])  # fmt: skip
def test_check_doubts_a_test_that_tests_nothing(folder, bad, code, severity):
    run = _checked(folder, "--format", "json", changed=[("    ablations:\n      spare: {excludes: [shop]}\n", bad)])
    (row,) = json.loads(run.stdout)["problems"]
    assert run.exit_code == 0 and (row["code"], row["severity"]) == (code, severity)


# ------------------------------------------------------------------ the error of a share


def test_the_error_of_a_share_counts_cases_and_not_values():
    """By hand: cases with 4 of 4 and 1 of 3 hits; share 5/7, deviations 8/7 and -8/7: sqrt(2 x 2 x (8/7)^2) / 7 = 16/49."""
    cases, hits = ["a"] * 4 + ["b"] * 3, [True] * 4 + [True, False, False]
    assert backtest._share(cases, hits) == {"n": 5, "share": pytest.approx(5 / 7), "standard_error": pytest.approx(16 / 49)}


def test_cases_that_happen_to_be_alike_do_not_make_a_share_surer():
    """Half of each of two cases: no difference between them, but four throws: sqrt(1/4 / 4)."""
    assert backtest._share(["a", "a", "b", "b"], [True, False] * 2)["standard_error"] == pytest.approx(0.25)


@pytest.mark.parametrize(("cases", "hits"), [(["a"] * 4, [True, True, True, False]), (["a", "a", "b"], [True] * 3), ([], [])])
def test_no_error_is_stated_for_one_case_or_for_cases_that_do_not_differ(cases, hits):
    assert backtest._share(cases, hits)["standard_error"] is None


@pytest.mark.parametrize(("lang", "says"), [("en", "1 case counts as independent here"), ("ko", "독립이라고 볼 수 있는 사례는 1건")])
def test_one_incident_is_told_without_an_error(played, lang, says):
    text = " ".join(report.text(played, lang).split())
    assert says in text and "±" not in text


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_word_of_the_file_is_explained_and_no_other(lang):
    explained = {key for key in text.area("backtest", lang) if key.startswith("field.")}
    words = {f"field.{part}.{word}" for part, some in targets.WORDS.items() for word in some}
    assert explained == words | {f"field.measure.{name}" for name in targets.MEASURES}


@pytest.mark.parametrize(("lang", "never"), [("en", "Of the 0 miss"), ("ko", "벗어난 0개")])
def test_misses_are_counted_where_there_are_some(folder, lang, never):
    kept = TARGETS.replace("      late:    {of: shop, real: 9h.., source: a1}\n      early:   {of: shop, real: 0h..1h, source: a1}\n", "")
    (folder / targets.FILE).write_text(kept, encoding="utf-8")
    told = report.text(backtest.backtest(targets.read(folder), runs=20).as_dict(), lang)
    assert never not in told
