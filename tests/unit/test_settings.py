"""What can be asked: Python refuses what the command line refuses, and no wrong value ends in an answer or in an error of another kind."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys
import typing
from collections.abc import Callable
from typing import Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import blackstart
from blackstart import api, settings
from blackstart.cli import COMMANDS, main
from blackstart.errors import display_width
from blackstart.planning import plan as plans
from blackstart.planning import worst as worsts
from blackstart.settings import Choice, Names, Number, Setting, Switch, Thing, Whole
from blackstart.text import LANGUAGES

LOADED = Thing((blackstart.Loaded,), "loaded", optional=False)
TABLES: dict[Callable, dict[str, Setting]] = {
    blackstart.rehearse: settings.REHEARSE, blackstart.assess: settings.ASSESS, blackstart.overlaps: settings.OVERLAPS,
    blackstart.worst: settings.WORST, blackstart.plan: settings.PLAN, blackstart.reconstruct: settings.RECONSTRUCT,
    blackstart.attribute: settings.ATTRIBUTE,
}  # fmt: skip
ELSEWHERE = {"budget": ["3m", "-1 USD", "1 USD..2 USD", "3 XYZ", -1, float("nan"), True, []], "record": ["no-such", 3, True]}
ELSEWHERE["promise"] = ["99.9%", *ELSEWHERE["budget"]]
STRUCK = {blackstart.rehearse: ("region-outage",)}


def wrong(setting: Setting) -> list[Any]:
    if isinstance(setting, Whole):
        return [setting.least - 1, setting.most + 1, 1.5, "3", True, [], *([] if setting.optional else [None])]
    if isinstance(setting, Number):
        return [setting.least - 1, setting.most * 2, "3", True, None, float("nan"), 3j]
    if isinstance(setting, Choice):
        return ["nope", "", 3, None, ["loss"]]
    if isinstance(setting, Switch):
        return [1, "yes", None]
    if isinstance(setting, Names):
        return ["xx", 3, None, [3], b"xx"]
    return [..., 3]


CASES = [
    (ask, name, value)
    for ask, table in TABLES.items() for name in inspect.signature(ask).parameters
    for value in (ELSEWHERE[name] if name in ELSEWHERE else wrong(LOADED if name == "loaded" else table[name]))
]  # fmt: skip


@pytest.fixture(scope="module")
def startup() -> blackstart.Loaded:
    return blackstart.load("startup")


@pytest.mark.parametrize(("ask", "name", "value"), CASES, ids=lambda part: getattr(part, "__name__", repr(part)[:24]))
def test_no_wrong_value_of_an_argument_ends_in_an_answer(ask, name, value, startup) -> None:
    kind = inspect.signature(ask).parameters[name].kind
    many = (value,) if kind is inspect.Parameter.VAR_POSITIONAL else STRUCK.get(ask, ())
    many = (3,) if many == (value,) and isinstance(value, str) else many  # a text is right there
    more = {} if kind is inspect.Parameter.VAR_POSITIONAL or name == "loaded" else {name: value}
    with pytest.raises(blackstart.ModelError, match=rf"\b{name}\b") as raised:
        ask(value if name == "loaded" else startup, *many, **more)
    assert {p.path for p in raised.value.problems} == {name}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, of in settings.LOAD.items() for value in wrong(of)])
def test_nor_of_what_is_loaded(name, value) -> None:
    with pytest.raises(blackstart.ModelError, match=name):
        blackstart.load(**({"model": "startup"} | {name: value}))


def test_all_that_is_wrong_is_said_at_once_with_the_nearest_word(startup) -> None:
    with pytest.raises(blackstart.ModelError) as raised:
        blackstart.plan(startup, objective="user_hours", years=-1, worlds=1)
    assert [p.path for p in raised.value.problems] == ["objective", "worlds", "years"]
    assert "Did you mean `user-hours`?" in str(raised.value) and "from 2 to 100,000" in str(raised.value)


def test_names_that_the_model_does_not_have_and_a_scenario_without_a_misfortune(startup) -> None:
    for ask in (lambda: blackstart.overlaps(startup, "shopp"), lambda: blackstart.rehearse(startup)):
        with pytest.raises(blackstart.ModelError):
            ask()
    with pytest.raises(blackstart.ModelError, match="no-such-defence"):
        blackstart.load("startup", ["no-such-defence"])


def test_an_answer_is_not_told_in_a_language_that_nobody_wrote(startup) -> None:
    answer = blackstart.overlaps(startup, "shop", most=1)
    for tell in (answer.text, answer.page):
        with pytest.raises(blackstart.ModelError, match="`en`, `ko`"):
            tell("de")


@given(
    of=st.sampled_from([s for table in (*TABLES.values(), settings.LOAD) for s in table.values()]),
    value=st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4), st.binary(max_size=2), st.complex_numbers(),
        st.lists(st.text(max_size=2), max_size=2), st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    ),
)  # fmt: skip
def test_whatever_is_given_it_is_read_or_refused(of, value) -> None:
    try:
        found = settings.read({"it": of}, {"it": value})["it"]
    except blackstart.ModelError as refused:
        assert "`it` cannot be" in str(refused)
    else:
        if isinstance(of, (Whole, Number)) and found is not None:
            assert of.least <= found <= of.most


def test_numbers_of_numpy_are_numbers() -> None:
    import numpy as np

    found = settings.read({"n": Whole(1, 9), "x": Number(0, 1)}, {"n": np.int64(3), "x": np.float32(0.5)})
    assert [type(v) for v in found.values()] == [int, float]


# ----------------------------------------------------------------------------- one list of ranges and defaults


@pytest.mark.parametrize("ask", TABLES, ids=lambda ask: ask.__name__)
def test_command_and_function_have_the_same_defaults_and_ranges(ask) -> None:
    options = {p.name: p for p in main.commands[ask.__name__].params}
    held = 0
    for name, parameter in inspect.signature(ask).parameters.items():
        of = TABLES[ask].get(name)
        if name not in options or not isinstance(of, (Whole, Number, Choice, Switch)):
            continue
        option, held = options[name], held + 1
        assert (option.get_default(click.Context(main)) or None) == (parameter.default or None), name
        if isinstance(of, Choice):
            assert tuple(option.type.choices) == of.words
        elif not isinstance(of, Switch):
            assert (option.type.min, option.type.max) == (of.least, of.most)
    assert held >= 2


@pytest.mark.parametrize(("ask", "asked"), [(blackstart.plan, plans.Asked), (blackstart.worst, worsts.Asked)])
def test_function_and_study_have_the_same_defaults(ask, asked) -> None:
    given = inspect.signature(ask).parameters
    same = {name: field.default for name, field in asked.__dataclass_fields__.items() if name in given}
    assert same == {name: given[name].default for name in same} and len(same) >= 8


def test_words_are_those_of_the_types() -> None:
    for ask, table in TABLES.items():
        types = typing.get_type_hints(ask, {**vars(api), "Record": Any})
        for name, of in table.items():
            if isinstance(of, Choice):
                assert typing.get_args(types[name]) == of.words


# ----------------------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("assess corner-shop --over 500", "--over"), ("assess corner-shop --table-form parquet", "--table-form"),
        ("plan startup --tail 50", "--tail"), ("worst startup --against 3", "--against"), ("compare startup startup --strict", "--strict"),
        ("why saved.json --worlds 9", "--worlds"), ("why saved.json --with x", "--with"), ("paper ten-minutes --fonts .", "--fonts"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_option_that_would_do_nothing_is_refused(command, option, lang) -> None:
    found = CliRunner().invoke(main, [*command.split(), "--lang", lang])
    assert found.exit_code == 2 and option in found.stderr and found.stdout == ""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_shows_every_command_once_and_whole(lang, monkeypatch) -> None:
    monkeypatch.setenv("LC_ALL", f"{lang}.UTF-8")
    lines = CliRunner().invoke(main, ["--help"], terminal_width=80).stdout.splitlines()
    shown = [line.split()[0] for line in lines if line.startswith("  ") and line.split()[0] in main.commands]
    assert sorted(shown) == sorted(main.commands) == sorted(name for names in COMMANDS.values() for name in names)
    told = [line for line in lines if line.startswith("  ") and line.split()[0] in shown]
    assert [line for line in told if display_width(line) > 80 or line.endswith("...")] == []


# ----------------------------------------------------------------------------- types


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="needs mypy")
def test_a_type_checker_finds_a_keyword_that_is_misspelt(tmp_path) -> None:
    file = tmp_path / "asks.py"
    file.write_text("import blackstart\nblackstart.plan(blackstart.load('startup'), objectve='loss')\n", encoding="utf-8")
    how = ["--no-incremental", "--follow-imports=silent", "--ignore-missing-imports", "--cache-dir", str(tmp_path)]
    said = subprocess.run([sys.executable, "-m", "mypy", *how, str(file)], capture_output=True, text=True, check=False).stdout
    assert 'Unexpected keyword argument "objectve"' in said and "asks.py:2" in said
