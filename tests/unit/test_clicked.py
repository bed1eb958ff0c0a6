"""A panel closes to the number that opened it, and says first which number that was."""

import re
from importlib.resources import files

from blackstart.report import clicked
from blackstart.report.clicked import with_short_places, with_way_back
from blackstart.report.markup import Html, stack

BODY = Html(
    '<header id="header"><p>out <a href="#n-x" class="traced">5 h</a></p></header>'
    '<section id="table"><a href="#n-x" class="traced">5 ± 1 h</a> and <a href="#n-x" class="traced">6 &lt; 7</a>'
    '<a href="#in-db" class="traced">1</a></section>'
    '<section id="grounds"><aside id="n-x" class="from"><a href="#header" class="close">×</a><h3>x</h3></aside>'
    '<aside id="n-y" class="from"><a href="#table" class="close">×</a></aside></section>'
)


def test_each_section_has_a_panel_that_closes_to_its_own_number() -> None:
    page = with_way_back(BODY, "en")
    opened = dict(re.findall(r'<a href="#(n-[^"]+)" class="traced" id="([^"]+)">', page))
    assert list(opened) == ["n-x", "n-x~table", "n-x~table.2"] and len(set(opened.values())) == 3
    for place, id_ in opened.items():
        panel = re.search(rf'<aside id="{place}".*?</aside>', page)[0]
        assert f'href="#{id_}" class="close"' in panel
    again = with_way_back(Html(BODY.replace('<a href="#in-db"', '<a href="#n-x" class="traced">6 &lt; 7</a><a href="#in-db"')), "en")
    assert again.count('href="#n-x~table.2"') == 2  # what is written alike in a section opens the same


def test_a_panel_says_which_number_was_clicked() -> None:
    said = re.findall(r'<p class="clicked">(.*?)</p>', with_way_back(BODY, "ko"))
    assert said == ["누른 숫자: 5 h", "누른 숫자: 5 ± 1 h", "누른 숫자: 6 &lt; 7"]


def test_what_no_number_opens_stays_as_it_is() -> None:
    page = with_way_back(BODY, "en")
    assert '<aside id="n-y" class="from"><a href="#table" class="close">×</a></aside>' in page
    assert '<a href="#in-db" class="traced">1</a>' in page


def test_an_input_leads_back_to_the_numbers_it_stands_behind() -> None:
    table = '<table><tr id="in-db"><td data-label="x">rate of db</td><td>1</td></tr></table></section>'
    body = Html(BODY.replace("<h3>x</h3>", '<h3>time out</h3><a href="#in-db" class="traced">1</a>').replace("</section>", table, 1))
    page = with_way_back(body, "en")
    folded = '<details class="note"><summary>stands behind 1 number</summary><a href="#n-x">time out</a></details>'
    assert f'<td data-label="x">rate of db{folded}</td>' in page


def test_a_number_drawn_in_a_picture_is_said_too() -> None:
    cell = '<a href="#n-x"><rect></rect><text>SBG1 · &lt;\N{NO-BREAK SPACE}1%</text></a><a href="#n-x" class="traced">2.3억 원</a>'
    page = with_way_back(Html(BODY.replace("<a", f"{cell}<a", 1)), "ko")
    assert re.findall(r'<p class="clicked">(.*?)</p>', page)[:3] == ["누른 숫자: &lt; 1%", "누른 숫자: 2.3억 원", "누른 숫자: 5 h"]


def test_panels_with_one_table_share_it() -> None:
    """A page said the same table in every panel: most of its bytes were repetitions."""
    table = '<table class="stack"><tr><td><a href="#in-db">rate</a></td></tr></table></aside>'
    body = Html(BODY.replace("</aside>", table).replace("<h3>x</h3>", "<h3>x</h3><p>so</p>"))
    page = with_way_back(body, "en")
    (shared,) = re.findall(r'<div class="panel"><div>(.*?)</div></div></div>', page)
    heads, _, rest = shared.partition("<div>")
    assert re.findall(r'<aside id="([^"]+)"', heads) == ["n-x", "n-x~table", "n-x~table.2", "n-y"] and heads.endswith("</aside>")
    assert rest == table.removesuffix("</aside>") and page.count("<table") == 1


def test_heads_of_columns_stand_once_for_a_narrow_screen() -> None:
    made = stack(["what", "its 'value'"], Html("<tr></tr>"), [Html("<tr><td>1</td></tr>")])
    assert re.search(r'style="([^"]*)"', made)[1] == r"--c1:&#x27;its \&#x27;value\&#x27;&#x27;;--c2:&#x27;what&#x27;"


def test_the_style_hides_and_shows_the_table_of_a_panel_alone() -> None:
    """A rule for tables in panels met the panels that stood behind one without a table: they never opened."""
    style = files("blackstart.report").joinpath("page.css").read_text(encoding="utf-8")
    assert "aside.from,.panel>div,.panel>div>div{display:none}" in style
    assert ".panel>div:has(>:target),.panel>div>:target~div,.panel:has(>div>:target)>.notes{display:block}" in style
    assert not re.search(r"aside\.from[^ ,{>]*~", style)


def test_inputs_have_short_places_on_a_page() -> None:
    page = Html('<tr id="in-components.a.fails"></tr><a href="#in-components.a.fails">a</a><a href="#in-b">b</a><p>in-b</p>')
    assert with_short_places(page) == '<tr id="i1"></tr><a href="#i1">a</a><a href="#i2">b</a><p>in-b</p>'


def test_a_number_with_an_error_says_what_that_is() -> None:
    """A panel of `0.0166 ± 0.0007 %` said nowhere what its ± is."""
    page = with_way_back(BODY, "ko")
    said = re.findall(r'<aside id="(n-[^"]+)"[^>]*>(?:(?!</aside>).)*±는 무작위로', page)
    assert said == ["n-x~table"]
    listed = Html(BODY.replace("</section>", '<dt id="word-estimate">±</dt></section>', 1))
    assert '<a href="#word-estimate" class="term">±</a>는 무작위로' in with_way_back(listed, "ko")
    told = Html(listed.replace("<h3>x</h3>", '<h3>x</h3><p><a href="#word-estimate" class="term">±</a> is so</p>'))
    assert "±</a>는 무작위로" not in with_way_back(told, "ko")


def test_a_mark_of_a_picture_is_told_without_its_name() -> None:
    """Beside a point of a plan's picture stood all its defences, and once more in the heading below."""
    assert clicked._titles("<circle><title>login, drills: 99 bn KRW, 2.7 bn KRW</title></circle>") == ["99 bn KRW, 2.7 bn KRW"]
