"""The numbers of `worst`, `quiet`, `grow`, `compare` and of defences side by side lead to inputs, too."""

import re
from html import unescape

import jsonschema
import pytest

from blackstart import examples, report
from blackstart.api import noted
from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study
from blackstart.language import load
from blackstart.planning import growth, quiet, worst
from blackstart.report import panels, trace, ways
from blackstart.report.behind import Asked
from blackstart.report.names import Names
from blackstart.studies import comparison, difference
from blackstart.studies.luck import Luck

STUDY = Study(worlds=4, samples=4, depth=1)


@pytest.fixture(scope="module")
def answers() -> dict[str, dict]:
    shop, startup = (load.load(examples.path(name)) for name in ("corner-shop", "startup"))
    texts = noted(startup)
    one = next(iter(startup.defences))
    models = [startup, load.apply(startup, [one])]
    systems = [compile_model(m) for m in models]
    luck = Luck(systems, STUDY)
    samples = [luck.sample(s) for s in systems]
    rows = [comparison.Variant((one,) if n else (), m, s, x) for n, (m, s, x) in enumerate(zip(models, systems, samples, strict=True))]
    sides = [difference.Side(f"m{n}", comparison.Variant((), v.model, v.system, v.sample)) for n, v in enumerate(rows)]
    found = {
        "worst": worst.worst(shop, compile_model(shop), worst.Asked(most=2), texts=noted(shop)),
        "quiet": quiet.quiet(startup, STUDY, texts=texts),
        "growth": growth.growth(startup, growth.Asked(5.0, None, 12), STUDY, texts=texts),
        "comparison": comparison.comparison(rows, STUDY, 10.0, (), texts),
        "difference": difference.difference(*sides, STUDY, texts=texts),
    }
    return {kind: result.as_dict() for kind, result in found.items()}


@pytest.mark.parametrize("kind", ["worst", "quiet", "growth", "comparison", "difference"])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_numbers_lead_to_inputs(answers: dict, kind: str, lang: str) -> None:
    result = answers[kind]
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    page = report.page(result, lang)
    links = set(re.findall(r'href="#([^"]+)"', page))
    assert links <= set(re.findall(r'id="([^"]+)"', page))
    places = {unescape(link).partition("~")[0] for link in links if link.startswith(ways.NUMBER)}
    asked = Asked(result, Names(result, lang))
    found = [panels.behind(asked, ways.path_of(place)) for place in places]
    assert places and sum(one is not None and bool(one.inputs()) for one in found) >= 0.8 * len(places)
    if kind in ("worst", "comparison", "difference"):  # so few plays leave the others with nothing to tell first
        assert re.search(r'<header.*?class="(first|more)">.*?<a href="#n-.*?</header>', page, re.S)
    assert len(report.text(result, lang)) > 200


@pytest.mark.parametrize(("kind", "path"), [
    ("worst", "worst.0.share"), ("quiet", "protections.0.hours_added"), ("growth", "total.plan.loss"), ("comparison", "variants.1.net"),
    ("difference", "total.hours.change"),
])  # fmt: skip
def test_a_saved_answer_is_asked_why(answers: dict, kind: str, path: str) -> None:
    found = trace.trace(answers[kind], path)
    jsonschema.Draft202012Validator(report.schema()).validate(found)
    assert found["of"] == kind and found["inputs"]
    for lang in ("en", "ko"):
        assert path in report.text(found, lang) and report.page(found, lang)


def test_without_files_there_is_nothing_to_lead_to() -> None:
    shop = load.load(examples.path("corner-shop"))
    result = worst.worst(shop, compile_model(shop), worst.Asked(most=1)).as_dict()
    assert "grounds" not in result and 'href="#n-' not in report.page(result, "en")
