"""Files as trees: places, includes, CSV, patches; everything hostile is refused with its place."""

from __future__ import annotations

import copy
import os
import pickle
import random
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.errors import ModelError, Where
from blackstart.language import tree
from blackstart.language.tree import Map, Seq, Text, files, patched, to_yaml
from blackstart.language.tree.files import read_file, read_text


def codes(text: str) -> list[str]:
    with pytest.raises(ModelError) as caught:
        read_text(text, "m")
    return [problem.code for problem in caught.value.problems]


def first(text: str) -> tuple[str, str]:
    with pytest.raises(ModelError) as caught:
        read_text(text, "m")
    problem = caught.value.problems[0]
    return problem.code, str(problem.where)


def test_every_value_and_key_knows_its_place() -> None:
    root = read_text("a:\n  b: [x, 한글]\n  'c': 3\n", "m")
    inner = root["a"]
    assert inner["b"][1].where == Where("m", 2, 10)
    assert inner["b"].where == Where("m", 2, 6)
    assert [key.where for key in inner] == [Where("m", 2, 3), Where("m", 3, 3)]


@pytest.mark.parametrize(
    "written", ["no", "010", "1e-4", "12:30", "0x1F", "1_000", "2024-05-01", "NaN", "=", "Yes"]
)
def test_scalars_stay_text(written: str) -> None:
    assert read_text(f"a: {written}", "m")["a"] == written


def test_only_plain_nulls_are_null() -> None:
    root = read_text("a:\nb: ~\nc: null\nd: 'null'\ne: ''\n", "m")
    assert [root[key] for key in "abcde"] == [None, None, None, "null", ""]


def test_names_are_normalised() -> None:
    decomposed = "웹"  # as some file systems write 웹
    assert list(read_text(f"{decomposed}: 1", "m")) == ["웹"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{a: 3,000,000 KRW/h, b: x}", "3,000,000 KRW/h"),
        ("{a: ₩1,234}", "₩1,234"),
        ("{a: 32,000}", "32,000"),
        ("{a: 1,000,000,000,000 KRW}", "1,000,000,000,000 KRW"),
        ("{a: triangular(1h, 2h,3h), b: x}", "triangular(1h, 2h,3h)"),
        ("{a: lognormal(median=3,000 h, p95=9,000 h)}", "lognormal(median=3,000 h, p95=9,000 h)"),
        ("{a: 10bn KRW..1,000bn KRW}", "10bn KRW..1,000bn KRW"),
    ],
)
def test_commas_inside_braces_are_put_together_again(text: str, value: str) -> None:
    root = read_text(text, "m")
    assert root["a"] == value
    assert set(root) <= {"a", "b"}


@pytest.mark.parametrize("text", ["{a: 3, 000 KRW}", "{a: x,000}", "{a: 3.5,000}", "{a: 3,0000}"])
def test_other_commas_are_left_alone(text: str) -> None:
    assert len(read_text(text, "m")) == 2


def test_calls_inside_lists_are_put_together_again() -> None:
    assert read_text("a: [uniform(1h, 2h), b]", "m")["a"] == ["uniform(1h, 2h)", "b"]


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("a: 1\na: 2", "duplicate-key", "m:2:1"),
        ("a: b: c", "yaml-colon", "m:1:5"),
        ("a:\n\t- b", "yaml-tab", "m:2:1"),
        ("\ta: 1", "yaml-tab", "m:1:1"),
        ("a: 'x", "yaml-quote", "m:1:6"),
        ("", "file-empty", "m:1:1"),
        ("- 1", "root-not-mapping", "m:1:1"),
        ("word", "root-not-mapping", "m:1:1"),
        ("a: !foo 1", "yaml-tag", "m:1:4"),
        ("a: !!python/object:os.system 1", "yaml-tag", "m:1:4"),
        ("a: \x01", "yaml-control-character", "m:1:4"),
        ("a: 1\n--- \nb: 2", "yaml-documents", "m:2:1"),
        ("a: *x", "yaml-alias", "m:1:4"),
        ("a: &a [*a]", "yaml-alias", "m:1:8"),
        ("[1]: 2", "key-not-text", "m:1:1"),
        ("a: @b", "yaml-character", "m:1:4"),
        ("{a: [1, 2}", "yaml-bracket", "m:1:10"),
        ("a: 1\nb: [1, 2\n\n\n", "yaml-bracket", "m:2:4"),
        ("a: 1\n b: 2\nc", "yaml-colon", "m:2:3"),
        ("<<: 3", "yaml-merge", "m:1:1"),
        ("include: a.yaml", "include-no-folder", "m:1:10"),
        ("a: \ud800", "yaml-control-character", "m:1:4"),
    ],
)
def test_broken_yaml_says_what_and_where(text: str, code: str, where: str) -> None:
    assert first(text) == (code, where)


def test_a_duplicate_key_names_both_places() -> None:
    with pytest.raises(ModelError) as caught:
        read_text("a: 1\nb: 2\na: 3", "m")
    assert caught.value.problems[0].values["first"] == "m:1:1"


def test_anchors_may_be_used_with_measure() -> None:
    root = read_text("base: &b {x: 1, y: 2}\na: {<<: *b, y: 3}\nc: *b", "m")
    assert root["a"] == {"y": "3", "x": "1"}
    assert root["c"] == {"x": "1", "y": "2"}


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    text = "a: &a [1,1,1,1,1,1,1,1,1,1]\n"
    for here, before in zip("bcdefghijk", "abcdefghij", strict=True):
        text += f"{here}: &{here} [{','.join(['*' + before] * 10)}]\n"
    begin = time.process_time()
    assert codes(text) == ["yaml-alias-bomb"]
    assert time.process_time() - begin < 1


def test_depth_and_length_have_limits() -> None:
    assert codes("a: " + "[" * 100_000) == ["yaml-too-deep"]
    assert codes("a: " + "x" * 1_000_001) == ["scalar-too-long"]
    assert read_text("a: " + "[" * 60 + "]" * 60, "m")


def test_line_ends_of_every_system_count_the_same() -> None:
    for end in ("\n", "\r\n", "\r"):
        assert first(f"a: 1{end}b: 2{end}a: 3") == ("duplicate-key", "m:3:1")


# --------------------------------------------------------------------------- files


def problems_of(path: Path) -> list[tuple[str, str]]:
    with pytest.raises(ModelError) as caught:
        read_file(path)
    return [(p.code, p.where.file.rpartition(os.sep)[2] if p.where else "") for p in caught.value.problems]


def test_includes_merge_section_by_section(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "m.yaml").write_text(
        "include: [parts/a.yaml, parts/t.csv]\ncomponents: {x: {in: d}}\n", "utf-8"
    )
    (tmp_path / "parts/a.yaml").write_text("include: b.yaml\ncomponents: {y: {}}\n", "utf-8")
    (tmp_path / "parts/b.yaml").write_text("domains: {d: {}}\n", "utf-8")
    (tmp_path / "parts/t.csv").write_text("section,id,people\nteams,infra,3\n", "utf-8")
    root = read_file(tmp_path / "m.yaml")
    assert list(root["components"]) == ["x", "y"]
    assert root["teams"]["infra"]["people"].where == Where(str(tmp_path / "parts/t.csv"), 2, 13)
    assert {Path(name).name for name in root.sources} == {"m.yaml", "a.yaml", "b.yaml", "t.csv"}
    assert list(root["domains"]) == ["d"]


def test_a_table_inside_a_section(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("components: {include: t.csv, z: {}}\n", "utf-8")
    table = (
        'id,needs,repair.takes,count,label\na,b; c,4h,"3,000","he said ""hi"""\n\nb,c,,,\nc,,,,"two\nlines"\n'
    )
    (tmp_path / "t.csv").write_bytes(b"\xef\xbb\xbf" + table.encode())
    parts = read_file(tmp_path / "m.yaml")["components"]
    assert list(parts) == ["z", "a", "b", "c"]
    assert parts["a"] == {
        "needs": ["b", "c"],
        "repair": {"takes": "4h"},
        "count": "3,000",
        "label": 'he said "hi"',
    }
    assert parts["a"]["needs"][1].where.column == 6
    assert parts["b"] == {"needs": "c"}
    assert parts["c"]["label"] == "two\nlines"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("name\nx", "csv-no-id"),
        ("id,id\nx,y", "csv-header"),
        ("id,a\nx,1,2", "csv-cells"),
        ('id\n"x', "csv-quote"),
        ('id,a\n"x"y,1', "csv-quote"),
        ("id,a\n,1", "csv-row-no-id"),
        ("id\nx\nx", "duplicate-name"),
        ("id,a,a.b\nx,1,2", "csv-header"),
    ],
)
def test_broken_tables(tmp_path: Path, table: str, code: str) -> None:
    (tmp_path / "m.yaml").write_text("components: {include: t.csv}", "utf-8")
    (tmp_path / "t.csv").write_text(table, "utf-8")
    assert problems_of(tmp_path / "m.yaml")[0] == (code, "t.csv")


def test_a_name_declared_in_two_files_names_both_places(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("include: a.yaml\ncomponents:\n  x: {}\n", "utf-8")
    (tmp_path / "a.yaml").write_text("components:\n\n  x: {}\n", "utf-8")
    with pytest.raises(ModelError) as caught:
        read_file(tmp_path / "m.yaml")
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.where)) == ("duplicate-name", f"{tmp_path}/a.yaml:3:3")
    assert problem.values["first"] == f"{tmp_path}/m.yaml:3:3"


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "model"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text("title: secret", "utf-8")
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    for name in ("../secret.yaml", str(tmp_path / "secret.yaml"), "link.yaml", "/etc/passwd"):
        (inside / "m.yaml").write_text(f"include: {name}", "utf-8")
        assert problems_of(inside / "m.yaml") == [("include-outside", "m.yaml")]


def test_loops_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text("include: a.yaml", "utf-8")
    (tmp_path / "a.yaml").write_text("include: m.yaml", "utf-8")
    assert problems_of(tmp_path / "m.yaml") == [("include-loop", "a.yaml")]
    (tmp_path / "m.yaml").write_text("include: [b.yaml, ., m.yaml, [x]]", "utf-8")
    assert {code for code, _ in problems_of(tmp_path / "m.yaml")} == {
        "file-missing",
        "file-not-regular",
        "include-loop",
        "include-not-name",
    }
    assert problems_of(tmp_path / "none.yaml") == [("file-missing", "")]


def test_encodings(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + "title: 판교".encode())
    assert read_file(path)["title"] == "판교"
    for data in ("title: 판교".encode("cp949"), "title: 판교".encode("utf-16")):
        path.write_bytes(data)
        assert problems_of(path) == [("file-encoding", "m.yaml")]


def test_what_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    """A program was said to be "not written in UTF-8"."""
    path = tmp_path / "m.yaml"
    path.write_bytes(b"\x7fELF\x02\x01\x01\0\0\0\xff\xfe" * 9)
    assert problems_of(path) == [("file-not-text", "m.yaml")]


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    (tmp_path / "m.yaml").write_text("title: long enough", "utf-8")
    assert problems_of(tmp_path / "m.yaml") == [("file-too-large", "")]


# --------------------------------------------------------------------------- patches and writing


def node(value: object) -> object:
    """Plain values as a tree."""
    if isinstance(value, dict):
        return tree.placed(Map, {node(k): node(v) for k, v in value.items()}, "m", 0)
    if isinstance(value, list):
        return tree.placed(Seq, [node(v) for v in value], "m", 0)
    return None if value is None else tree.placed(Text, str(value), "m", 0)


# the table of RFC 7396, appendix A (numbers and booleans are texts here)
@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": ["1"]}, {"a": ["1"]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": "1"}, {"e": None, "a": "1"}),
        (["1", "2"], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_by_the_table_of_the_rfc(target: object, patch: object, result: object) -> None:
    before = copy.deepcopy(target)
    tree_before = node(target)
    assert patched(tree_before, node(patch)) == result
    assert tree_before == before


def test_a_short_spelling_is_written_out_before_it_is_patched() -> None:
    assert patched(node({"start": "20 min"}), node({"start": {"people": "3 infra"}})) == {
        "start": {"takes": "20 min", "people": "3 infra"}
    }
    table = {"loss": {"1h": "3 KRW"}}
    assert patched(node({"loss": "3 KRW/h"}), node(table)) == table


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"in": ["a"]}, {"in+": "b"}, {"in": ["a", "b"]}),
        ({"in": "a"}, {"in+": ["b", "a", "c", "b"]}, {"in": ["a", "b", "c"]}),
        ({}, {"in+": "b"}, {"in": ["b"]}),
        ({"in": "a"}, {"in": "c", "in+": "b"}, {"in": ["c", "b"]}),
        ({"needs": "a"}, {"needs+": "b"}, {"needs": ["a", "b"]}),
        ({"needs": {"any": ["a", "b"]}}, {"needs+": "c"}, {"needs": [{"any": ["a", "b"]}, "c"]}),
        ({"needs": {"any": ["a", "b"]}}, {"needs": {"any+": "c"}}, {"needs": {"any": ["a", "b", "c"]}}),
        ({"needs": "a"}, {"needs": {"any+": "b"}}, {"needs": {"any": ["a", "b"]}}),
        ({"needs": ["a"]}, {"needs": {"any+": "b"}}, {"needs": {"any": ["a", "b"]}}),
        ({"needs": "a"}, {"needs": {"at_least": "2", "of+": ["b", "c"]}}, {"needs": {"at_least": "2", "of": ["a", "b", "c"]}}),
        ({"needs": ["a", "b"]}, {"needs": {"all+": "c"}}, {"needs": {"all": ["a", "b", "c"]}}),
        ({}, {"needs": {"any+": "c"}}, {"needs": {"any": ["c"]}}),
        ({"standby": "a"}, {"standby": {"for+": "b"}}, {"standby": {"for": ["a", "b"]}}),
        ({"effects": {"break": "a"}}, {"effects+": [{"break": "b"}]}, {"effects": [{"break": "a"}, {"break": "b"}]}),
        # no list to add to: the word stays, for whoever reads it to tell
        ({"needs": ["a", "b"]}, {"needs": {"any+": "c"}}, {"needs": {"all": ["a", "b"], "any+": "c"}}),
        ({"needs": {"any": {"tag": "x"}}}, {"needs": {"any+": "c"}}, {"needs": {"any": {"tag": "x"}, "any+": "c"}}),
        ({"helps": {"a": "x2"}}, {"helps+": "b"}, {"helps": {"a": "x2"}, "helps+": "b"}),
        ({"in": "a"}, {"in+": None}, {"in": "a", "in+": None}),
    ],
)
def test_a_plus_adds_to_the_list_under_a_word(target: object, patch: object, result: object) -> None:
    before = copy.deepcopy(target)
    tree_before = node(target)
    assert patched(tree_before, node(patch)) == result
    assert tree_before == before


@given(
    st.sampled_from(["a", ["a"], {"any": ["a", "b"]}]),
    st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=3), min_size=1, max_size=4),
    st.randoms(use_true_random=False),
)
def test_what_is_added_is_the_same_set_in_any_order(needs: object, added: list[list[str]], rng: random.Random) -> None:
    def after(some: list[list[str]]) -> set[str]:
        root = node({"in": "a", "needs": needs})
        for names in some:
            root = patched(root, node({"in+": names, "needs": {"any+": names[0] if len(names) == 1 else names}}))
        found = root["needs"]["any"]
        assert len(set(found)) == len(found) and len(set(root["in"])) == len(root["in"])
        return {*found, *(f"in {name}" for name in root["in"])}

    assert after(added) == after(rng.sample(added, len(added)))


values = st.recursive(
    st.none() | st.text(st.characters(blacklist_categories=("Cs",)), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab한 :#-'\"\n", max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.text("abc판~ #:", min_size=1, max_size=5), values, min_size=1, max_size=4))
def test_what_is_written_is_read_again(value: dict[str, object]) -> None:
    def normal(one: object) -> object:
        if isinstance(one, dict):
            return {normal(k): normal(v) for k, v in one.items()}
        if isinstance(one, list):
            return [normal(v) for v in one]
        return unicodedata.normalize("NFC", one) if isinstance(one, str) else one

    value = {key: one for key, one in value.items() if key not in ("<<", "include")}
    if value:
        assert read_text(to_yaml(node(value)), "m") == normal(value)


def test_trees_can_be_pickled_and_copied() -> None:
    root = read_text("a: {b: [x]}", "m")
    for other in (pickle.loads(pickle.dumps(root)), copy.deepcopy(root)):
        assert other == root and other["a"]["b"][0].where == Where("m", 1, 9)
        assert other.sources == root.sources
