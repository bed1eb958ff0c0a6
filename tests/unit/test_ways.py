"""A way from every number of a page."""

import re

import pytest

from blackstart.report.markup import Html, tag
from blackstart.report.ways import Leading, led, said


@pytest.mark.parametrize(
    ("words", "linked"),
    [
        ("out 1.38\u00a0±\u00a00.06\u00a0h a year", ["1.38\u00a0±\u00a00.06\u00a0h"]),
        ("연평균 약 1.38시간, 1억\u00a04,000만\u00a0원", ["약 1.38시간", "1억\u00a04,000만\u00a0원"]),
        ("39분~2.4시간 사이, 연 3.7회", ["39분~2.4시간", "연 3.7회"]),
        ("&lt;\u00a01% of +1:30", ["&lt;\u00a01%", "+1:30"]),
        ("SBG1, P4 and HZ-COS-2 are names; k57", []),
        ("no number", []),
    ],
)
def test_numbers_with_unit_error_and_range_are_one_link(words: str, linked: list[str]) -> None:
    out = led(Html(words), "here")
    assert re.findall(r'<a href="#here" class="traced">(.*?)</a>', out) == linked
    assert re.sub(r"</?a\b[^>]*>", "", out) == words


def test_what_is_a_link_or_code_already_stays_as_it_is() -> None:
    inside = tag("p", tag("a", "5 h", href="#there"), " ", tag("code", "--runs 5"), " 7 h")
    assert re.findall(r'href="#(\w+)"', led(inside, "here")) == ["there", "here"]


def test_in_a_picture_the_text_is_the_link() -> None:
    picture = tag("svg", tag("text", "once in ", tag("tspan", "40 years")), tag("text", "shop"), tag("a", tag("text", "7 h"), href="#shop"))
    out = led(picture, "here")
    assert out.count('href="#here"') == 1 and 'class="traced"><text>once' in out
    assert re.sub(r'</?a\b[^>]*>', "", out) == re.sub(r'</?a\b[^>]*>', "", picture)


def test_a_sentence_may_say_where_its_numbers_lead() -> None:
    sentence = Leading("out 5 h", "from-shop")
    assert 'href="#from-shop"' in said(sentence, Html(sentence)) and sentence.capital().to == "from-shop"
    assert said("out 5 h", Html("out 5 h")) == "out 5 h"
