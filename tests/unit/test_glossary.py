"""Words of the trade are links to what they mean; remarks for engineers stand behind a switch."""

import re

import pytest

from blackstart.report.engineers import switched
from blackstart.report.glossary import TERMS, explained
from blackstart.report.markup import Html
from blackstart.text import say


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_word_has_a_pattern_a_name_and_a_meaning(lang: str) -> None:
    for term in TERMS:
        words, name, says = (say(f"glossary.{term}.{key}", lang) for key in ("words", "name", "says"))
        assert re.compile(words).groups == 0 and name and len(says) > 15, term


def test_a_word_is_linked_once_in_each_part_and_explained_once() -> None:
    body = Html("<section><h2>RAW</h2><p>RAW and RAW, 3 ± 1</p><table><tr><th>RRW</th></tr></table></section><section>RRW</section>")
    (page,), words = explained([body], "en")
    assert page.count('href="#word-importance"') == 2 and page.count('href="#word-estimate"') == 1
    assert "<h2>RAW</h2>" in page and "<th>RRW</th>" in page  # no link in headings
    assert re.findall(r'id="word-([a-z]+)"', words) == ["estimate", "importance"]
    assert explained([Html("<p>nothing</p>")], "en") == ([Html("<p>nothing</p>")], "")


def test_remarks_for_engineers_stand_behind_a_switch() -> None:
    body = Html("<main><p>One (for engineers: <code>--one</code>). Two (as it is; for engineers: --two). (Three)</p></main>")
    page = switched(body, "en")
    assert re.findall(r'<span class="eng">(.*?)</span>', page) == [" (for engineers: <code>--one</code>)", "; for engineers: --two"]
    assert page.startswith('<input type="checkbox" id="engineer">') and "(Three)" in page
    assert switched(Html("<main><p>plain</p></main>"), "en") == "<main><p>plain</p></main>"


def test_a_word_that_only_engineers_are_told_is_explained_to_them_alone() -> None:
    """The list explained RAW and RRW to a board that had not read either."""
    said = (Html("<p>a portfolio (for engineers: its RAW)</p>"), Html("<p>its RAW</p>"))
    (_,), alone = explained(said[:1], "en")
    _, told = explained(said, "en")
    assert re.search(r'id="word-importance" class="eng"', alone) and 'id="word-portfolio" class="eng"' not in alone
    assert not re.search(r'id="word-importance" class="eng"', told)
