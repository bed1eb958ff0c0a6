"""Problems as people see them: place, sentence, caret, nearest name, hint; in both languages."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import blackstart
from blackstart.errors import ModelError, Problem, Where, as_json, display_width, render
from blackstart.text import LANGUAGES, area, say, with_article, with_particle, with_the

SOURCE = Path(blackstart.__file__).parent
READER = (
    "numerals", "units", "errors", "language/tree/from_yaml", "language/tree/from_csv", "language/tree/files", "language/reading",
    "language/fields", "language/effects", "language/load",
)  # fmt: skip

PROBLEM = Problem(
    "unknown-component", Where("m.yaml", 2, 9), "components.웹.needs", {"name": "logn"}, "login"
)
TEXT = "components:\n  웹: {needs: logn}\n"


def test_a_problem_in_english() -> None:
    assert render([PROBLEM], "en", {"m.yaml": "a\n" + "x" * 8 + "logn"}) == (
        "m.yaml:2:9  unknown-component  components.웹.needs\n"
        "  There is no component or service `logn`.\n"
        "  2 | xxxxxxxxlogn\n"
        "    |         ^\n"
        "  Did you mean `login`?"
    )


def test_a_problem_in_korean_and_the_caret_under_wide_letters() -> None:
    shown = render(
        [Problem("duration-no-unit", Where("m.yaml", 1, 4), "p", {"text": "4"})], "ko", {"m.yaml": "웹: 4"}
    )
    lines = shown.split("\n")
    assert lines[1] == "  `4`에 단위가 없습니다."
    assert lines[2:4] == ["  1 | 웹: 4", "    |     ^"]  # the fourth letter stands in the fifth column
    assert lines[4] == "  `4시간`, `4분`, `4일`처럼 쓰세요."


def test_long_lines_are_cut_around_the_caret() -> None:
    text = "a" * 5000 + "X" + "b" * 5000
    shown = render([Problem("value-empty", Where("m", 1, 5001))], "en", {"m": text}).split("\n")
    line, caret = shown[2], shown[3]
    assert len(line) < 120 and line.startswith("  1 | …") and line.endswith("…")
    assert line[caret.index("^")] == "X"


def test_places_outside_the_text_show_no_line() -> None:
    assert render([Problem("value-empty", Where("m", 99, 1))], "en", {"m": "x"}).count("\n") == 1
    assert "^" in render([Problem("value-empty", Where("m", 1, 99))], "en", {"m": "x"})


def test_problems_are_sorted_by_place_and_the_rest_is_counted() -> None:
    many = [Problem("value-empty", Where("m", line, 1)) for line in range(80, 0, -1)]
    shown = render(many)
    assert shown.startswith("m:1:1") and "m:50:1" in shown and "m:51:1" not in shown
    assert shown.endswith("… and 30 more.")
    error = ModelError(many)
    assert error.problems[0].where == Where("m", 1, 1)
    assert "m:1:1" in str(error)


def test_as_json_is_complete() -> None:
    assert as_json([PROBLEM], "ko") == [
        {
            "code": "unknown-component",
            "file": "m.yaml",
            "line": 2,
            "column": 9,
            "path": "components.웹.needs",
            "what": "컴포넌트나 서비스 `logn`이 없습니다.",
            "nearest": "login",
            "hint": "",
        }
    ]


def test_width() -> None:
    assert [display_width(text) for text in ("abc", "한글", "ａ", "e\u0301")] == [3, 4, 2, 1]


@pytest.mark.parametrize(
    ("value", "particle", "expected"),
    [
        ("웹", "은는", "웹은"),
        ("데이터", "은는", "데이터는"),
        ("login", "이가", "login이"),
        ("server", "을를", "server를"),
        ("DNS", "은는", "DNS는"),
        ("SQL", "으로", "SQL로"),
        ("db", "과와", "db와"),
        ("web", "을를", "web을"),
        ("3", "이가", "3이"),
        ("4", "이가", "4가"),
        ("7", "으로", "7로"),
        ("100", "은는", "100은"),
        ("30%", "이가", "30%가"),
        ("`서울`", "으로", "`서울`로"),
        ("부산", "으로", "부산으로"),
        ("서버", "으로", "서버로"),
        ("backup", "을를", "backup을"),
        ("()", "은는", "()는"),
    ],
)
def test_korean_particles(value: str, particle: str, expected: str) -> None:
    assert with_particle(value, particle) == expected


def _slots(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", ["problems", "units"])
def test_both_languages_say_the_same_things(name: str) -> None:
    english, korean = (area(name, lang) for lang in LANGUAGES)
    assert english.keys() == korean.keys() != set()
    for key in english:
        assert _slots(english[key]) == _slots(korean[key]), key


def test_every_code_of_the_reader_has_its_sentence() -> None:
    known = {key.rpartition(".")[0] for key in area("problems", "en")}
    calls = r'(?:BadValue|[.]problem|Problem)\(\s*"([a-z-]+)"'
    used = {code for name in READER for code in re.findall(calls, (SOURCE / f"{name}.py").read_text("utf-8"))}
    assert len(used) > 60
    assert used <= known, used - known


def test_say_fills_values() -> None:
    assert say("problems.more", "en", count=1234) == "… and 1,234 more."
    with pytest.raises(KeyError):
        say("problems.no-such-sentence")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("battery fire", "a battery fire"),
        ("outage at the exchange", "an outage at the exchange"),
        ("the fire", "the fire"),
        ("heavy rain", "heavy rain"),
        ("floods in the valley", "floods in the valley"),
        ("loss of power at other centres", "a loss of power at other centres"),
        ("Typhoon", "Typhoon"),
        ("bad-release", "bad-release"),
    ],
)
def test_an_english_name_gets_the_article_it_lacks(name: str, shown: str) -> None:
    assert with_article(name) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("disk alarm", "the disk alarm"), ("gas suppression", "the gas suppression"), ("Kakao Pay", "Kakao Pay"),
     ("a second database", "a second database"), ("the 32,000 servers", "the 32,000 servers"),
     ("landlord's electricians", "landlord's electricians"), ("서버", "서버"), ("", "")],
)  # fmt: skip
def test_an_english_name_of_one_thing_gets_the(name: str, shown: str) -> None:
    assert with_the(name) == shown


def test_many_findings_are_folded_by_kind_the_gravest_and_rarest_first() -> None:
    """840 of one kind hid the single ones, each with the same hint of four lines."""
    units = {"count": 9, "units": "a, b", "least": 8}
    pools = [Problem("fails-as-one", Where("m.yaml", k, 3), f"components.c{k}.fails", {"name": f"c{k}", **units}) for k in range(1, 51)]
    rare = Problem("lasts-unread", Where("m.yaml", 99, 1), "hazards.h.lasts", {"name": "h", "times": "x"})
    noted = Problem("unused-domain", Where("m.yaml", 98, 1), "domains.d", {"name": "d"})
    assert render(pools, "en", {}, ["warning"] * 50).count("[warning]  fails-as-one") == 50  # as many as are read through

    told = render([*pools, rare, noted], "en", {}, ["warning"] * 51 + ["note"])
    assert [told.index(kind) for kind in ("lasts-unread", "fails-as-one", "unused-domain")] == sorted(
        told.index(kind) for kind in ("lasts-unread", "fails-as-one", "unused-domain")
    )
    assert [f"components.c{k}.fails" in told for k in (1, 2, 3, 4)] == [True, True, True, False]
    assert told.count("Units that fail one by one") == 1 and "m.yaml:3:3  components.c3.fails\n  All 9 units of `c3`" in told
    assert "… and 47 more like this." in told
    assert told.endswith("   1  [warning] lasts-unread\n  50  [warning] fails-as-one\n   1  [note] unused-domain")
    assert "… 이와 같은 것이 47개 더 있습니다." in render([*pools, rare, noted], "ko", {}, ["warning"] * 51 + ["note"])
