"""What an assessment says of itself: how much hangs on the assumed rescue, and where noise hides what inputs do."""

import re

import pytest

from blackstart import report
from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.load import load_text
from blackstart.results import assessment
from blackstart.system import compile_model


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
