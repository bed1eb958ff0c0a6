"""What an assessment says of itself: how much hangs on the assumed rescue, and where noise hides what inputs do."""

import re

import pytest

from blackstart import report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.studies.results import assessment


def assessed(text: str, study: Study) -> dict:
    model = load_text(text, "model.yaml")
    system = compile_model(model)
    return assessment(model, system, simulate.assess(system, study), study).as_dict()


LOCKED = """blackstart: 1
components:
  key: {needs: lock, fails: 0.01/yr, repair: 1h, start: {needs: lock}}
  lock: {needs: key, start: {needs: key}}
  plain: {fails: 1/yr, repair: 21.6h}
services:
  locked: {needs: key}
  open: {needs: plain}
"""


def test_the_share_of_the_assumed_rescue_is_told() -> None:
    """Once in 100 years key and lock wait for each other until help comes after 90 days: 21.6 h a year, as much as plain takes."""
    result = assessed(LOCKED, Study(worlds=20, samples=200))
    assert result["stuck"]["downtime_share"] == pytest.approx(0.5, abs=0.1)  # 2,000 h against a plain mean: a tenth is four standard errors
    assert result["stuck"]["loss_share"] is None
    says = {"en": r"(\d+) % of all hours out come from such courses", "ko": r"전체 정지 시간의 (\d+)%[가이] 그런 경우에서 나옵니다"}
    for lang, said in says.items():
        found = re.search(said, " ".join(report.text(result, lang).split()))
        assert found and int(found[1]) == round(100 * result["stuck"]["downtime_share"])


PART = """blackstart: 1
components:
  part: {fails: %s, repair: "lognormal(median=1h, p95=40h)"}
services:
  shop: {needs: part}
"""


def test_where_noise_hides_the_inputs_it_is_said() -> None:
    """Rates known to a tenth drown in the chance of long repairs; rates known to a factor ten do not."""
    study = Study(worlds=60, samples=200)
    narrow, wide = (assessed(PART % rate, study)["outcome"]["reasons"] for rate in ("0.9/yr..1.1/yr", "0.1/yr..10/yr"))
    assert "noise-hides-bands" in narrow and "noise-hides-bands" not in wide


@pytest.mark.parametrize(("method", "years"), [("episodes", 20 * 50 * 10), ("years", 20 * 50)])
def test_what_no_run_shows_is_bounded_by_what_was_played(method: str, years: float) -> None:
    """A repair of one hour never lasts four: 1,000 episodes of once in ten years, or 1,000 years, do not show it."""
    text = "blackstart: 1\ncomponents: {part: {fails: 0.1/yr, repair: 2h}}\nservices: {shop: {needs: part, tolerance: {rto: 3h}}}\n"
    result = assessed(text, Study(worlds=20, samples=50, method=method))
    row = result["services"]["shop"]
    assert result["played_years"] == pytest.approx(years, rel=1e-3)
    longer = row["outages_per_year_longer_than"]
    for unseen in (longer["4h"], longer["120h"], row["rto"]["missed_per_year"]):
        assert unseen["value"] == 0.0 and unseen["at_most"] == pytest.approx(2.996 / years, rel=2e-3)
    assert "at_most" not in longer["1h"] and "at_most" not in row["outages_per_year"]
    shown = f"at most once in {3300 if method == 'episodes' else 330:,} years"
    text = " ".join(report.text(result, "en").replace("\N{NO-BREAK SPACE}", " ").split())
    assert shown in text and f"One run stands for once in {years:,.0f} years at most." in text


def test_copies_that_go_at_one_instant_are_one_loss_of_data() -> None:
    """Once a year the copy written to is destroyed (30 min of lag), once a year both (a backup between 0 and 24 h old): two losses
    a year, 6.25 h on average. What is destroyed while it is being mended (10 h and a few) loses nothing: less by at most 1 %.

    The lag was booked beside the backup, as if the other copy were still there: no test destroyed two copies by one effect.
    """
    text = """blackstart: 1
components:
  d1: {data: {copies: [d1, d2], lag: 30 min, copy: 2h, backup: {every: 24h, kept: k, restore: 6h}}, repair: 10h}
  d2: {repair: 10h}
  k: {}
hazards:
  one: {rate: 1/yr, effects: [{destroy: d1}]}
  both: {rate: 1/yr, effects: [{destroy: [d1, d2]}]}
services:
  s: {needs: [d1], loss: 100 KRW/h}
"""
    found = assessed(text, Study(worlds=20, samples=400))["data"]["d1"]
    often = found["losses_per_year"]
    assert abs(often["value"] - 2.0) < 5 * often["standard_error"] + 0.02
    assert found["mean_hours"] == pytest.approx(6.25, abs=0.6)  # uniform: sd 6.9 h over 4,000 plays of either kind: five errors


LAGGING = """blackstart: 1
components:
  a: {fails: 10/yr, repair: 5h, data: {copies: [a, b], lag: 5 min}}
  b: {standby: a, start: 2 min}
  db: {needs: {any: [a, b]}}
hazards:
  flood: {rate: 1/yr, effects: [{break: a}]}
services:
  pay: {needs: db, tolerance: {rpo: 10s}}
"""


def _told(text: str, lang: str) -> str:
    return " ".join(report.text(assessed(text, Study(worlds=5, samples=5)), lang).replace("\N{NO-BREAK SPACE}", " ").split())


@pytest.mark.parametrize(
    ("lang", "is_open", "cannot", "untried"),
    [
        ("en", "Whether the RPO is kept is open for pay: a copy that takes over may be 5 min behind", "never: nothing can",
         "Nothing in the model can destroy the data of pay"),
        ("ko", "pay의 RPO를 지키는지는 알 수 없습니다. 이어받는 사본이 5분 늦을 수", "없음(파괴할 것이 없음)",
         "pay의 데이터를 파괴할 것이 없어"),
    ],
)  # fmt: skip
def test_an_rpo_that_is_not_computed_is_not_told_as_kept(lang: str, is_open: str, cannot: str, untried: str) -> None:
    """Writes are lost only where data are destroyed: "no stated limit (RPO) was missed, at most once in 13,000 years" looked safe."""
    said = _told(LAGGING, lang)
    assert is_open in said and cannot in said and "(RPO)" not in said
    said = _told(LAGGING.replace("10s", "10 min"), lang)
    assert is_open not in said and untried in said and cannot in said
    said = _told(LAGGING.replace("break: a", "destroy: a"), lang)
    assert is_open in said and cannot not in said
