"""Text, page and schema of results: what users see, in both languages."""

from __future__ import annotations

import copy
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.golden import render

from blackstart import report
from blackstart.report import charts, grouping, headline, never, outline, picture, story, terminal, timeline
from blackstart.report.markup import Html, in_lines, shorten, tag
from blackstart.report.names import Names
from blackstart.report.tables import Table
from blackstart.report.terminal import COLUMNS, width_of, wrap

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ko")
EVERY = [(name, lang) for name in render.RESULTS for lang in LANGUAGES]
NO_END = {"meta", "link", "br", "hr", "img", "input"}


class Outline(HTMLParser):
    """Reads a page, holds what is wrong with its elements, and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(name)
        if name not in NO_END:
            self.open.append(name)
        for key, value in attributes:
            if key in ("src", "srcset", "data", "poster", "action") or key.startswith("on"):
                self.loads.append(f"{name} {key}={value}")
            if key == "id":
                self.ids.append(str(value))
            if key == "href":
                self.links.append(str(value))

    def handle_endtag(self, name: str) -> None:
        if not self.open or self.open.pop() != name:
            self.wrong.append(name)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


# ----------------------------------------------------------------------------- kept renderings


@pytest.mark.parametrize(("path", "text"), list(render.rendered()), ids=lambda x: x.name if isinstance(x, Path) else "")
def test_what_users_see_has_not_changed_unseen(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run: python tests/golden/render.py, and read what changed"


# ----------------------------------------------------------------------------- text


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_text_fits_a_terminal(name: str, lang: str) -> None:
    text = report.text(render.result(name), lang)
    assert all(width_of(line) <= COLUMNS for line in text.splitlines())
    assert all(c.isprintable() or c == "\n" for c in text)
    assert text.endswith("\n") and "  \n" not in text


def test_text_begins_with_what_happens_and_ends_with_where_it_comes_from() -> None:
    lines = report.text(render.result("knot-rehearsal"), "en").splitlines()
    assert lines[2].startswith("Flood stops 3 of 4 services") or lines[2].startswith("flood stops 3 of 4 services")
    heads = [line for line in lines if line.isupper() and not line.startswith(" ")]
    assert heads[0] == "WHAT HAPPENS, HOUR BY HOUR" and heads[-1] == "WHERE THESE NUMBERS COME FROM"


def test_a_deadlock_is_named_as_a_chain() -> None:
    text = report.text(render.result("knot-rehearsal"), "en")
    assert "account never comes back: waiting for sign-in, which waits for keys, which waits for sign-in." in text
    assert "sign-in waits for keys waits for sign-in\n" in text
    assert "Nothing in the model opens it" in text


def test_names_cannot_steer_the_terminal() -> None:
    result = render.result("corner-shop-rehearsal")
    result["labels"]["shop"] = "red \x1b[31m shop \u202e"
    assert "\x1b" not in report.text(result, "en") and "\u202e" not in report.text(result, "en")


def test_wrapping_counts_columns_not_characters() -> None:
    lines = wrap("한글은 두 칸씩 차지합니다 " * 4 + "x" * 60, "", columns=30)
    assert all(width_of(line) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == ("한글은두칸씩차지합니다" * 4 + "x" * 60)


# ----------------------------------------------------------------------------- page


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_page_is_whole_and_loads_nothing(name: str, lang: str) -> None:
    page = report.page(render.result(name), lang)
    outline = Outline(page)
    assert outline.wrong == [] and outline.open == []
    assert outline.loads == [] and not {"script", "link", "iframe", "object", "embed", "img"} & outline.tags
    read = re.sub(r'<a href="https?://[^"]+"', "<a", page)  # an address may be read, and followed
    assert not re.search(r"""(?:src|href)=["']?\w+:|url\(["']?\w+:|@import|@font-face|javascript:""", read)
    assert f'<html lang="{lang}">' in page and 'name="viewport"' in page
    assert {link for link in outline.links if not link.startswith("http")} <= {f"#{i}" for i in outline.ids}
    assert len(outline.ids) == len(set(outline.ids))


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_every_hatch_and_marker_that_is_used_exists(name: str, lang: str) -> None:
    page = report.page(render.result(name), lang)
    assert set(re.findall(r"url\(#([\w-]+)\)", page)) <= set(Outline(page).ids)


@pytest.mark.parametrize(("name", "lang"), EVERY)
def test_pictures_can_be_read_out(name: str, lang: str) -> None:
    page = report.page(render.result(name), lang)
    pictures = re.findall(r"<svg ([^>]*)>", page)
    assert pictures and all('aria-label="' in p or 'aria-hidden="true"' in p for p in pictures)
    assert all(len(label) > 1 for label in re.findall(r'aria-label="([^"]*)"', page) if label)


def test_names_are_never_markup() -> None:
    result = render.result("knot-rehearsal")
    result["labels"]["orders"] = '"><script>x()</script>'
    page = report.page(result, "en")
    assert "<script" not in page and "&lt;script&gt;" in page and "<b>names</b>" not in page


def test_both_languages_show_the_same_numbers() -> None:
    """Availabilities read the same in both; so does the seed."""
    result = render.result("knot-assessment")
    found = [set(re.findall(r"\d+\.\d+ ± \d+\.\d+(?= ?%)", report.text(result, lang))) for lang in LANGUAGES]
    assert found[0] == found[1] and found[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_at_all_can_be_told(lang: str) -> None:
    """A model in which nothing ever happens, without services, losses or labels."""
    empty = render.result("corner-shop-assessment")
    empty |= {"services": {}, "causes": [], "data": {}, "defaults": [], "labels": {}, "title": ""}
    empty["total"] = {"loss": None, "loss_curve": None, "users": None}
    empty["graph"] = {"components": [], "domains": [], "needs": []}
    quiet = render.result("corner-shop-rehearsal")
    quiet |= {"timeline": [], "states": {}, "data_lost": [], "end_h": 0.0}
    for row in quiet["services"].values():
        row |= {"out_at_h": None, "back_at_h": None, "outages": [], "level": [], "critical_path": [], "quantiles": None, "loss": 0.0}
    for result in (empty, quiet):
        assert report.text(result, lang) and not Outline(report.page(result, lang)).wrong


@pytest.mark.parametrize("reason", ["interrupted", "event-limit", "rescued", "few-worlds", "something-new"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_view_says_how_the_computation_ended(reason: str, lang: str) -> None:
    result = render.result("corner-shop-assessment")
    result["outcome"] = {"state": "stopped", "reasons": [reason]}
    said = " ".join(story.outcome(result, Names(result, lang)))
    assert " ".join(said.split()) in " ".join(report.text(result, lang).split()) and said in report.page(result, lang)


def test_a_large_rehearsal_makes_no_larger_page_than_one_can_read() -> None:
    result = render.result("knot-rehearsal")
    result["states"] = {f"c{i}": [[0.1 + i / 1e4, "waiting", 0.0], [1.0 + i, "running", 1.0]] for i in range(4000)}
    result["timeline"] = [{"t_h": i / 50, "what": "falls", "who": f"c{i}", "detail": {"share": 0.0}} for i in range(20000)]
    page = report.page(result, "en")
    assert len(page) < 1_500_000 and "Rows left out" in page and "Smaller steps left out" in page
    assert report.text(result, "en").count("\n") < 250


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_stuck_without_a_circle_is_not_said_to_start_again(lang: str) -> None:
    result = render.result("knot-rehearsal")
    result["deadlocks"] = []
    names = Names(result, lang)
    stuck = names.say("deadlock.stuck", names=names.listed(["login", "keys", "account"]))
    assert stuck in report.page(result, lang) and names.say("deadlock.none") not in report.page(result, lang)
    for name in ("knot-assessment", "corner-shop-assessment"):
        result = render.result(name)
        result["deadlocks"] = []
        said = never.no_circle(result, Names(result, lang))
        assert (said == names.say("deadlock.none")) == (result["stuck"]["per_year"] == 0)


@pytest.mark.parametrize(
    ("lang", "shown"),
    [
        ("en", "With: pumps (30 m KRW once, 5 m KRW a year) and new."),
        ("ko", "적용한 방어책: pumps(초기 비용 3,000만 원, 연간 비용 500만 원), new."),
    ],
)
def test_the_first_lines_say_which_defences_are_on_and_their_cost(lang: str, shown: str) -> None:
    result = render.result("corner-shop-assessment")
    result["provenance"]["with"] = ["pumps", "new"]
    result["defences"] = [{"id": "pumps", "once": 3e7, "yearly": 5e6}, {"id": "new", "once": None, "yearly": None}]
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    for view in (report.text, report.page):
        plain = re.sub(r"</?a\b[^>]*>", "", view(result, lang))
        assert shown in " ".join(plain.replace("\N{NO-BREAK SPACE}", " ").split())
    del result["defences"]
    assert story.defences(result, Names(result, "en")) == ["With: pumps and new."]
    assert story.defences(render.result("corner-shop-assessment"), Names(result, lang)) == []


def _stopped(times: dict[str, tuple[float, float | None]], others: int = 0) -> dict[str, Any]:
    """A rehearsal in which services are out from one hour to another; None: for ever."""
    result = render.result("corner-shop-rehearsal")
    result["scenario"] = [{"at_h": 0.0, "hit": "fire@seoul-1", "what": "hazard", "how": "arrive", "for_h": None}]
    row = result["services"].pop("shop") | {"critical_path": [], "loss": None}
    quiet = {"outages": [], "level": [], "out_at_h": None, "back_at_h": None, "never": False}
    result["services"] = {f"s{i}": row | quiet for i in range(others)}
    for id_, (a, b) in times.items():
        mine = {"outages": [[a, b]], "out_at_h": a, "back_at_h": b, "never": b is None}
        result["services"][id_] = row | mine
    return result


@pytest.mark.parametrize(
    ("times", "others", "en", "ko"),
    [
        ({"a": (0, 7.44), "b": (1, 7.44)}, 0, ["Fire at seoul-1 stops both services.", "Both are back 7 h 26 min after the strike."],
         ["seoul-1 화재로 서비스 둘이 모두 멈춥니다.", "사고 발생 후 7시간 26분 만에 둘 다 돌아옵니다."]),
        ({"a": (0, 2), "b": (0, 2), "c": (0, 2)}, 1,
         ["Fire at seoul-1 stops 3 of 4 services: a, b and c.", "All are back 2 h after the strike."],
         ["seoul-1 화재로 서비스 4개 중 3개가 멈춥니다: a, b, c.", "사고 발생 후 2시간 만에 모두 돌아옵니다."]),
        ({"a": (0, 2), "b": (0, 2), "c": (0, None)}, 0,
         ["Fire at seoul-1 stops all 3 services.", "Never back without help from outside: c.", "The others are back 2 h after the strike."],
         ["seoul-1 화재로 서비스 3개가 모두 멈춥니다.", "외부의 도움 없이는 돌아오지 못합니다: c.",
          "나머지는 사고 발생 후 2시간 만에 돌아옵니다."]),
        ({}, 2, ["Fire at seoul-1 stops nothing that users see: both services stay up."],
         ["seoul-1 화재가 일어나도 이용자가 보는 서비스는 멈추지 않습니다. 둘 다 계속 가동됩니다."]),
    ],
)  # fmt: skip
def test_few_services_are_counted_as_people_count(times: dict[str, Any], others: int, en: list[str], ko: list[str]) -> None:
    result = _stopped(times, others)
    for lang, said in (("en", en), ("ko", ko)):
        assert [s.replace("\N{NO-BREAK SPACE}", " ") for s in headline.headline(result, Names(result, lang))] == said


def test_a_course_that_goes_well_does_not_hide_the_way_that_goes_badly() -> None:
    """The fork comes right behind the first sentence where the course told is the better one, and later where it is the worse."""
    result = _stopped({}, 2)
    ends = {True: {"10": 0.0, "50": 0.0, "90": 0.0}, False: {"10": 39.0, "50": 40.0, "90": 60.0}}
    ways = [{"yes": yes, "share": n / 100, "runs": n, "all_back_h": ends[yes]} for yes, n in ((True, 64), (False, 36))]
    result["forks"] = [{"what": "barrier", "id": "gas", "detail": {}, "told": True, "ways": ways}]
    for lang, first in (
        ("en", "Fire at seoul-1 stops nothing that users see: both services stay up; but where gas does not work "
               "(36 ± 5 % of the runs), "
               "all is back 40 h after the strike (median of the runs by chance; 39 to 60 h in 8 of 10)."),
        ("ko", "seoul-1 화재가 일어나도 이용자가 보는 서비스는 멈추지 않습니다. 둘 다 계속 가동됩니다. "
               "그러나 gas가 작동하지 않는 경우(계산의 36 ± 5%)에는 사고 발생 후 40시간 만에 모두 돌아옵니다"
               "(무작위로 뽑은 계산의 중앙값. 열에 여덟은 39~60시간)."),
    ):  # fmt: skip
        assert headline.headline(result, Names(result, lang))[0].replace("\N{NO-BREAK SPACE}", " ") == first
    result["forks"][0]["told"] = False
    said = [s.replace("\N{NO-BREAK SPACE}", " ") for s in headline.headline(result, Names(result, "en"))]
    assert "gas" not in said[0] and said[-1].startswith("Where it does not work (36 ± 5 %), all is back 40 h")


def test_the_parts_of_a_way_back_add_up_to_the_time_down() -> None:
    result = _stopped({"a": (1.5, 10.0)})
    steps = [(0.0, 4.0, "wait-held"), (4.0, 5.0, "wait-people"), (5.0, 10.0, "repair")]
    path = [{"component": "db", "from_h": a, "to_h": b, "what": what, "ref": None} for a, b, what in steps]
    row = result["services"]["a"] | {"critical_path": path}
    assert story.path_parts(row) == [("repair", 5.0), ("held", 2.5), ("people", 1.0)]
    said = story.path_sentence(["a"], row, Names(result, "en")).replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("a: down for 8 h 30 min, of which 59 % repair (5 h), ")


# ----------------------------------------------------------------------------- words for everything


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_step_state_and_event_of_the_schema_has_words(lang: str) -> None:
    result = render.result("knot-rehearsal")
    names = Names(result, lang)
    defs = report.schema()["$defs"]
    for what in defs["Span"]["properties"]["what"]["enum"]:
        assert story.step_text({"what": what, "ref": "db"}, names) and names.say(f"group.{story.GROUPS[what]}")
    for state in charts.STATES:
        assert names.say(f"state.{state}")
    details: dict[str, list[dict[str, Any]]] = {
        "effect": [{"op": op, "targets": ["db"], "share": 0.5} for op in ("break", "destroy", "hold", "bar", "surge", "slow", "take",
                                                                         "trigger", "reveal", "else")],
        "barrier": [{"works": True}, {"works": False}],
        "team": [{"stage": stage} for stage in ("on-call", "all", "in-turns")],
        "fails": [{"share": 1.0}, {"hidden": True}],
        "data": [{"hours": 3.0}, {"hours": None}],
        "called": [{"called": True}, {"called": False}],
        "trips": [{"load": 3.0, "overload": 2.0}],
        "starts": [{"forced": False}, {"forced": True}],
        "repairs": [{"forced": False}, {"forced": True}],
        "runs": [{"share": 0.5}, {"share": 0.7}, {"share": 1.0}],
    }  # fmt: skip
    details["effect-ends"] = details["effect"]
    for what in defs["Rehearsal"]["properties"]["timeline"]["items"]["properties"]["what"]["enum"]:
        result["timeline"] = [
            {"t_h": float(i), "what": what, "who": "web", "detail": detail} for i, detail in enumerate(details.get(what, [{}]))
        ]
        told = [m for m in timeline.moments(result, names) if not m.key.startswith("moment.service")]
        assert len(told) == len(result["timeline"]), what


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("what", "how", "for_h", "en", "ko"),
    [
        ("component", "break", None, "failure of web", "웹 고장"),
        ("component", "hold", 2.0, "loss of web for 2 h", "웹 2시간 가동 차단"),
        ("component", "destroy", None, "destruction of web", "웹 파괴"),
        ("domain", "hold", None, 'loss of main hall "A"', "본관 전산실 가동 차단"),
        ("domain", "break", None, 'failure of everything in main hall "A"', "본관 전산실 전체 고장"),
        ("domain", "destroy", None, 'destruction of everything in main hall "A"', "본관 전산실 전체 파괴"),
    ],
)
def test_what_the_scenario_does_is_told_first(what: str, how: str, for_h: float | None, en: str, ko: str, lang: str) -> None:
    result = render.result("knot-rehearsal")
    result["scenario"] = [{"at_h": 0.0, "hit": "web" if what == "component" else "hall", "what": what, "how": how, "for_h": for_h}]
    first = timeline.moments(result, Names(result, lang))[0]
    assert first.key == f"moment.{what}.{how}" and first.weight == 0
    assert Names(result, lang).of(result["scenario"][0]["hit"], what) in first.text
    said = story.struck(result, Names(result, lang)).replace("\N{NO-BREAK SPACE}", " ")
    assert said == {"en": en, "ko": ko}[lang]


def test_a_team_and_a_component_of_one_name_keep_their_labels() -> None:
    names = Names({"labels": {"team:pay": {"ko": "페이팀"}, "component:pay": {"ko": "페이"}}}, "ko")
    assert (names.of("pay"), names.of("pay", "team"), names.of("web")) == ("페이", "페이팀", "web")


def test_hazards_made_for_a_domain_are_named_by_it() -> None:
    result = {"labels": {"seoul-1": {"ko": "서울 센터", "en": "Seoul"}}}
    assert Names(result, "ko").of("fire@seoul-1", "hazard") == "서울 센터 화재"
    assert Names(result, "en").of("power-loss@seoul-1", "hazard") == "loss of power at Seoul"


# ----------------------------------------------------------------------------- schema


@pytest.mark.parametrize("name", render.RESULTS)
def test_fixed_results_are_valid(name: str) -> None:
    validator = jsonschema.Draft202012Validator(report.schema())
    assert [e.message for e in validator.iter_errors(render.result(name))] == []


def test_the_schema_notices_what_is_missing_or_unknown() -> None:
    validator = jsonschema.Draft202012Validator(report.schema())
    validator.check_schema(report.schema())
    for change in ({"seed": 1}, {"kind": "guess"}, {"schema_version": "2"}):
        assert not validator.is_valid(render.result("corner-shop-assessment") | change)
    result = render.result("corner-shop-assessment")
    del result["services"]["shop"]["availability"]["standard_error"]
    assert not validator.is_valid(result)


# ----------------------------------------------------------------------------- picture


def _graph(n: int, domains: int = 4) -> dict[str, Any]:
    parts = [
        {"id": f"c{i}", "kind": None, "service": i < 5, "in": [] if i < 5 else [f"d{i % domains}"]} for i in range(n)
    ]
    needs = [[f"c{i}", f"c{j}", "run"] for i in range(n) for j in (2 * i + 1, 2 * i + 2) if j < n]
    places = [{"id": f"d{i}", "kind": "site", "in": ["d0"] if i == 1 else []} for i in range(domains)]
    return {"components": parts, "domains": places, "needs": needs}


@pytest.mark.parametrize("n", [1, 30, 61, 200, 5000])
def test_a_picture_never_has_too_many_boxes_and_loses_nobody(n: int) -> None:
    graph = _graph(n)
    boxes = grouping.grouped(graph).boxes
    assert len(boxes) <= grouping.BOXES_MOST
    assert sorted(m for b in boxes for m in b.members) == sorted(c["id"] for c in graph["components"])


def test_boxes_do_not_overlap_and_stand_in_their_domains() -> None:
    graph = _graph(50)
    groups = grouping.grouped(graph)
    boxes = groups.boxes
    lines = picture.lines_of(graph, boxes)
    ground = picture.frames_of(graph, groups)
    picture.arrange(ground, lines, boxes, 1120.0)
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert abs(a.x - b.x) >= picture.BOX_W or abs(a.y - b.y) >= picture.BOX_H

    def inside(frame: picture.Frame) -> None:
        for b in frame.all_boxes():
            assert frame.x <= b.x and b.x + picture.BOX_W <= frame.x + frame.w
            assert frame.y <= b.y and b.y + picture.BOX_H <= frame.y + frame.h
        for f in frame.frames:
            inside(f)

    inside(ground)
    assert ground.w <= 1120.0


def test_a_line_that_follows_from_others_is_left_out_but_circles_keep_theirs() -> None:
    graph = {
        "components": [{"id": c, "kind": None, "service": False, "in": []} for c in "abcd"],
        "domains": [],
        "needs": [["a", "b", "run"], ["b", "c", "run"], ["a", "c", "run"], ["c", "d", "run"], ["d", "c", "run"], ["b", "d", "run"]],
    }
    boxes = grouping.grouped(graph).boxes
    lines = {(boxes[n.a].key, boxes[n.b].key) for n in picture.lines_of(graph, boxes)}
    assert ("a", "c") not in lines
    assert {("a", "b"), ("b", "c"), ("c", "d"), ("d", "c")} <= lines


def test_the_same_model_looks_the_same_whatever_happened() -> None:
    def places(result: dict[str, Any]) -> list[str]:
        return re.findall(r'<rect x="[\d.]+" y="[\d.]+" width="144" height="54"', report.page(result, "en"))

    one = render.result("knot-rehearsal")
    other = copy.deepcopy(one)
    other["states"], other["stuck"] = {}, []
    assert places(one) == places(other) and places(one)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_folded_picture_counts_what_failed_and_names_everybody(lang: str) -> None:
    result = copy.deepcopy(render.result("knot-rehearsal"))
    rows = [{**result["graph"]["components"][0], "id": f"node-{i}", "kind": None, "service": False, "in": []} for i in range(200)]
    result["graph"]["components"] += rows
    result["graph"]["needs"] += [[f"node-{i}", f"node-{i + 1}", "run"] for i in range(199)]
    result["states"] |= {f"node-{i}": [[0.0, "broken", 0.0], [i / 10, "running", 1.0]] for i in (10, 20, 30)}
    page = report.page(result, lang)
    drawn = page[page.index('id="picture"') : page.index('id="recovery"')]
    place = result["graph"]["domains"][0]["id"]
    result["graph"]["components"][-1]["in"] = [place]
    result["scenario"] = [{"at_h": 0.0, "hit": place, "what": "domain", "how": "hold", "for_h": 1.0}]
    assert ("– struck here<" if lang == "en" else "– 사고가 난 곳<") in report.page(result, lang)
    assert "× 3<" in drawn  # those that failed have a box of their own
    assert ">back by +3:00<" in drawn if lang == "en" else ">+3:00까지 모두 복귀<" in drawn
    held = drawn[drawn.index("<details>") :]
    assert all(re.search(rf"\bnode-{i}\b", held) or f">node-{i}<" in drawn for i in range(200))


def test_domains_that_lie_in_each_other_do_no_harm() -> None:
    graph = _graph(8)
    graph["domains"] = [{"id": "d0", "kind": None, "in": ["d1"]}, {"id": "d1", "kind": None, "in": ["d0"]}]
    assert picture.frames_of(graph, grouping.grouped(graph)).size() == 8


# ----------------------------------------------------------------------------- markup and axes


def test_markup_escapes_all_but_markup() -> None:
    assert tag("p", "a<b", Html("<i>x</i>"), title='"&') == '<p title="&quot;&amp;">a&lt;b<i>x</i></p>'
    assert tag("rect", x=1.25, y=2.0, class_=None) == '<rect x="1.2" y="2"></rect>'
    assert shorten("abcdefghijkl", 40).endswith("…") and shorten("abc", 400) == "abc"


@pytest.mark.parametrize("end", [0.05, 0.9, 7.0, 60.0, 90.0, 800.0, 20000.0])
def test_time_axes_have_a_few_round_ticks(end: float) -> None:
    found = charts.ticks(end, 8)
    assert 2 <= len(found) <= 9 and found[0] == 0 and found[-1] <= end * (1 + 1e-9)


def test_levels_between_changes() -> None:
    assert charts.level_spans([[1.0, 0.0], [3.0, 0.5], [3.0, 1.0]], 4.0) == [(0.0, 1.0, 1.0), (1.0, 3.0, 0.0), (3.0, 4.0, 1.0)]
    assert charts.level_spans([], 2.0) == [(0.0, 2.0, 1.0)]


def test_a_table_without_rows_takes_no_room() -> None:
    """The attribution of one misfortune has no pairs; its report broke on the empty table, as every record tried had several parts."""
    empty = outline.Section("pairs", "Pairs", [Table((), [], ()), "said"])
    told = outline.Outline("title", "first", [], [], [empty])
    assert outline.as_text(told).endswith("PAIRS\n  said\n") and "<table" not in outline.as_page(told, "en")


@pytest.mark.parametrize(("lang", "said"), [("en", "The largest share of the loss, 77 %,"), ("ko", "손실에서 가장 큰 몫(77%)은")])
def test_what_costs_most_is_named_where_it_is_not_what_takes_longest(lang: str, said: str) -> None:
    result = render.result("corner-shop-assessment")
    first, second = (copy.deepcopy(result["causes"][0]) for _ in range(2))
    second |= {"id": "other", "downtime_share": 0.2, "loss_share": 0.77}
    result["causes"] = [first | {"downtime_share": 0.8, "loss_share": 0.2}, second]
    def lead() -> str:
        return " ".join(headline.headline(result, Names(result, lang))).replace("\N{NO-BREAK SPACE}", " ")

    assert said in lead()
    result["causes"][0]["loss_share"] = 0.9
    assert said not in lead()


def _risk_lead(result: dict[str, Any], lang: str) -> str:
    return " ".join(headline.headline(result, Names(result, lang))).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("lang", "of_one", "of_all"),
    [
        ("en", "Of the time down of shop the largest share, 60 %, begins with mine.", "Of the time down of all services together"),
        ("ko", "shop의 정지 시간에서 가장 큰 몫(60%)은 mine에서 시작됩니다.", "모든 서비스의 정지 시간을 합치면"),
    ],
)
def test_behind_sentences_on_one_service_the_largest_cause_is_its_own(lang: str, of_one: str, of_all: str) -> None:
    """A stranger read the share of all services together as that of the service which the sentences before were about."""
    result = render.result("corner-shop-assessment")
    cause = result["causes"][0]
    result["services"]["other"] = copy.deepcopy(result["services"]["shop"]) | {"loss": None}
    result["causes"] = [cause | {"downtime_share": 0.9}]
    result["causes_by_service"] = {"shop": [cause | {"id": "mine", "what": "component", "downtime_share": 0.6}]}
    assert of_one in _risk_lead(result, lang)
    result["causes_by_service"] = {}
    assert of_all in _risk_lead(result, lang)


@pytest.mark.parametrize(
    ("lang", "first"), [("en", "longer than its RTO of 15 min at a time about 7.000 times a year"), ("ko", "RTO(15분)를 넘겨")],
)  # fmt: skip
def test_the_length_told_first_is_the_one_that_matters(lang: str, first: str) -> None:
    """It was the longest that ever came, once in 900 ± 300 years, of a service that is to be back in 15 min."""
    result = render.result("corner-shop-assessment")
    row = result["services"]["shop"]
    often = {"value": 7.0, "standard_error": 0.001, "band": None}
    longer = {"1h": often, "120h": {"value": 1 / 900, "standard_error": 1 / 2700, "band": None}}
    row |= {"rto": None, "mtpd": None, "outages_per_year_longer_than": longer}
    hour = {"en": "for longer than 1 h at a time", "ko": "한 번에 1시간 넘게"}
    assert hour[lang] in _risk_lead(result, lang)
    row["rto"] = {"hours": 0.25, "missed_per_year": often, "kept_share": None}
    assert first in _risk_lead(result, lang)
    assert "missed most often" not in _risk_lead(result, lang) and "가장 자주 넘는" not in _risk_lead(result, lang)


def test_words_are_not_broken_where_they_fit_whole() -> None:
    """`card authorisati/on` stood in a box of the picture, and `authorisatio/n` in a table."""
    assert in_lines("card authorisation", 110.0, 12.9) == ["card", "authorisation"]
    head = [f"head {n}" for n in range(6)]
    row = ["card authorisation", *(["once in 13.1 ± 1.7 years, seen"] * 2), *(["many words of which each is short"] * 3)]
    assert any("authorisation" in line for line in terminal.table_lines(Table(head, [row], [False, True, True, False, False, False])))
