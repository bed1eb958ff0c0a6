"""Files that mean harm, or were cut by accident: each is refused by name, quickly, and nothing leaks."""

from __future__ import annotations

import importlib.util
import pathlib
import sys
import time
from types import ModuleType

import pytest

from blackstart.checks import check
from blackstart.errors import ModelError, what
from blackstart.language.load import load, load_text

HEAD = "blackstart: 1\nservices:\n  shop: {needs: [db], users: 10}\ncomponents:\n"
CASES = 2000
SEED = 20221015


def fuzzer() -> ModuleType:
    """The fuzzer beside this file, which is a script and no part of a package."""
    path = pathlib.Path(__file__).with_name("fuzz_models.py")
    spec = importlib.util.spec_from_file_location("fuzz_models", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzz_models"] = module
    spec.loader.exec_module(module)
    return module


def refused(text: str) -> dict[str, str]:
    """The problems of a text by code, with their English sentences, had in under a second."""
    begin = time.process_time()
    with pytest.raises(ModelError) as caught:
        load_text(text)
    assert time.process_time() - begin < 1.0
    return {problem.code: what(problem) for problem in caught.value.problems}


def refused_file(path: pathlib.Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        load(path)
    return caught.value


def test_two_thousand_damaged_models():
    module = fuzzer()
    counts, failures = module.fuzz(SEED, range(CASES))
    assert not failures, "\n".join(failures[:5])
    assert counts["read"] + counts["read with findings"] > CASES / 10  # it gets past the reader, too
    assert counts["refused"] > CASES / 10


def test_the_fuzzer_tells_a_failure(monkeypatch):
    module = fuzzer()

    def broken(model: object) -> list[object]:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(module, "check", broken)
    counts, failures = module.fuzz(SEED, range(60))
    assert counts["failed"] == len(failures) > 0
    assert "on purpose" in failures[0] and failures[0].startswith("case ")


def test_the_same_case_is_the_same_again(tmp_path):
    module = fuzzer()
    results = [[module.run_case(SEED, case, tmp_path) for case in range(40)] for _ in range(2)]
    assert results[0] == results[1]


# --------------------------------------------------------------------------- YAML


def test_a_yaml_bomb():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, last in zip("bcdefghi", "abcdefgh", strict=True):
        lines.append(f"{one}: &{one} [{', '.join([f'*{last}'] * 9)}]")
    assert "yaml-alias-bomb" in refused("\n".join([*lines, HEAD, "  db: {}"]))


def test_an_alias_inside_itself():
    assert "yaml-alias" in refused(HEAD + "  db: &x {needs: {all: [*x]}}\n")


def test_a_tag_that_would_run_a_command():
    assert "yaml-tag" in refused(HEAD + "  db: !!python/object/apply:os.system [ls]\n")


def test_a_hundred_thousand_brackets():
    assert "yaml-too-deep" in refused(HEAD + "  db: {needs: " + "[" * 100_000 + "]" * 100_000 + "}\n")


def test_a_text_of_ten_megabytes():
    assert "scalar-too-long" in refused(HEAD + "  db: {label: " + "x" * 10_000_000 + "}\n")


def test_a_number_of_five_thousand_digits():
    assert "value-too-long" in refused(HEAD + "  db: {count: " + "9" * 5000 + "}\n")


def test_keys_said_twice():
    assert "`db`" in refused(HEAD + "  db: {}\n  db: {}\n")["duplicate-key"]
    assert "`in`" in refused(HEAD + "  db: {in: a, in: b}\n")["duplicate-key"]


# --------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("value", [".nan", "nan/yr", "NaN", ".inf", "1e999/yr", "-1/yr"])
def test_rates_that_are_no_numbers(value):
    assert len(refused(HEAD + f"  db: {{fails: {value}}}\n")) == 1


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("repair", "4", "duration-no-unit"),
        ("fails", "3h", "bad-rate"),
        ("rides", "5%", "bad-duration"),
        ("rides", "5 parsecs", "duration-unit"),
        ("headroom", ".inf", "number-not-finite"),
    ],
)
def test_wrong_units(field, value, code):
    assert list(refused(HEAD + f"  db: {{{field}: {value}}}\n")) == [code]


# --------------------------------------------------------------------------- names


def test_hangul_names_are_names():
    model = load_text(
        "blackstart: 1\nservices:\n  결제: {needs: [데이터베이스], users: 3만}\n"
        "components:\n  데이터베이스: {in: 판교, repair: 5h}\ndomains:\n  판교: {kind: site}\n"
    )
    assert list(model.components) == ["데이터베이스", "결제"]
    assert {problem.code for problem in check(model)} <= {"kind-without-evidence"}  # a note on what the library does not know


def test_a_name_in_parts_and_a_name_composed_are_one():
    text = "blackstart: 1\nservices:\n  결제: {needs: [\u110c\u1165]}\ncomponents:\n  저: {}\n"
    model = load_text(text)
    assert model.components["결제"].needs.name == "저"


def test_the_nearest_hangul_name_is_offered():
    with pytest.raises(ModelError) as caught:
        load_text(
            "blackstart: 1\nservices:\n  결제: {needs: [데이타베이스]}\ncomponents:\n  데이터베이스: {}\n"
        )
    assert [problem.nearest for problem in caught.value.problems] == ["데이터베이스"]


# --------------------------------------------------------------------------- files


def test_includes_that_go_in_a_circle(tmp_path):
    (tmp_path / "model.yaml").write_text("include: a.yaml\n" + HEAD + "  db: {}\n")
    (tmp_path / "a.yaml").write_text("include: b.yaml\ntitle: a\n")
    (tmp_path / "b.yaml").write_text("include: a.yaml\n")
    problems = refused_file(tmp_path / "model.yaml").problems
    assert [problem.code for problem in problems] == ["include-loop"]
    assert problems[0].where is not None and problems[0].where.file.endswith("b.yaml")


@pytest.mark.parametrize(
    "name", ["../secret.yaml", "/etc/passwd", "sub/../../secret.yaml", "link.yaml", "linked/s.yaml"]
)
def test_nothing_outside_the_folder_is_read(tmp_path, name):
    secret = tmp_path / "secret.yaml"
    secret.write_text("title: SECRET\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "s.yaml").write_text("title: SECRET\n")
    folder = tmp_path / "model"
    (folder / "sub").mkdir(parents=True)
    (folder / "link.yaml").symlink_to(secret)
    (folder / "linked").symlink_to(outside)
    (folder / "model.yaml").write_text(f"include: {name}\n{HEAD}  db: {{}}\n")
    error = refused_file(folder / "model.yaml")
    assert [problem.code for problem in error.problems] == ["include-outside"]
    assert "SECRET" not in str(error)


def test_a_table_cut_in_the_middle(tmp_path):
    main = "include: rows.csv\nblackstart: 1\nservices:\n  shop: {needs: [db]}\n"
    (tmp_path / "model.yaml").write_text(main)
    (tmp_path / "rows.csv").write_text('id,needs,count\ndb,,1\nweb,"db;db,2\n')
    assert refused_file(tmp_path / "model.yaml").problems


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "model.yaml"
    path.write_bytes(b"blackstart: 1\ntitle: \xff\xfe\xfa\n")
    assert [problem.code for problem in refused_file(path).problems] == ["file-encoding"]
