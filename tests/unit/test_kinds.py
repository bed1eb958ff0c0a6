"""`blackstart kinds` and `blackstart learn`: what the library holds, and what a history changed in it, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from blackstart import evidence, report
from blackstart.cli import main
from blackstart.evidence.listing import listing, read
from blackstart.text import say

MODEL = """
blackstart: 1
title: {en: Our shop, ko: 우리 가게}
as_of: 2025-01-01
components: {web: {needs: db}, db: {kind: database}, gen: {fails: 1 per 100 yr, repair: 4h, needs: db}}
services: {shop: {needs: [web, gen], users: 100}}
"""
HISTORY = """what,component,start,end
watched,*,2021-01-01,2025-01-01
incident,db,2022-07-03 10:00,2022-07-03 12:10
incident,gen,2022-07-03 10:00,2022-07-03 12:10
incident,gen,2023-07-03 10:00,2023-07-03 12:10
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def valid(result: dict[str, Any]) -> bool:
    jsonschema.Draft202012Validator(report.schema()).validate(result)
    return True


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_all_kinds_are_listed(lang: str) -> None:
    shown = run("kinds", "--lang", lang)
    assert shown.exit_code == 0
    for noun in evidence.NOUNS:
        assert say(f"evidence.noun.{noun}", lang).upper() in shown.stdout
        assert all(f"  {name}" in shown.stdout for name in evidence.names(noun) if len(name) < 18)
    assert all(len(line) <= 100 for line in shown.stdout.splitlines())


def test_one_kind_with_its_numbers_and_where_they_are_from() -> None:
    shown = run("kinds", "ups", "--lang", "en").stdout
    assert "UPS power module" in shown and "once in 47.4 years" in shown and "CO-INV" in shown
    assert "US nuclear plants" in shown and "gamma(shape=0.986, exposure=282000 h)" in shown
    korean = run("kinds", "무정전전원장치", "--lang", "ko").stdout
    assert "UPS 전력 모듈" in korean and "47.4년에 한 번" in korean and "원자력 발전소" in korean


def test_a_word_may_name_kinds_of_several_nouns() -> None:
    assert [(one["noun"], one["name"]) for one in listing("transfer-switch")["kinds"]] == [
        ("component", "transfer-switch"), ("takeover", "transfer-switch"), ("barrier", "transfer-switch"),
    ]  # fmt: skip


def test_what_is_asked_for_and_what_brings_nothing() -> None:
    assert "How long do your servers run on" in run("kinds", "room-air", "--lang", "en").stdout
    assert "It brings nothing" in run("kinds", "group", "--lang", "en").stdout
    assert "flood" in run("kinds", "site", "--lang", "en").stdout


@pytest.mark.parametrize(
    ("lang", "said"), [("en", "Did you mean `ups`? `blackstart kinds` lists all kinds."), ("ko", "`ups`를 쓰려던 것입니까?")]
)
def test_an_unknown_kind(lang: str, said: str) -> None:
    shown = run("kinds", "upps", "--lang", lang)
    assert shown.exit_code == 2 and said in shown.stderr
    assert run("kinds", "qqqqqq").exit_code == 2


def test_an_unknown_kind_in_a_model_says_how_to_list_them(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MODEL.replace("kind: database", "kind: databse"), encoding="utf-8")
    for lang in ("en", "ko"):
        told = run("check", str(tmp_path / "m.yaml"), "--lang", lang)
        assert told.exit_code == 2 and "`database`" in told.stderr and "blackstart kinds" in told.stderr


def test_for_programs() -> None:
    whole = json.loads(run("kinds", "--format", "json").stdout)
    assert valid(whole)
    assert len(whole["kinds"]) == sum(len(evidence.names(noun)) for noun in evidence.NOUNS)
    for one in whole["kinds"]:
        for brought in one["brings"]:
            assert brought["what"] == read(brought["text"])[0] == what_of(brought["field"]), brought
            low, middle, high = brought["percentiles"]
            assert 0 <= low < middle < high
    assert "<html" in run("kinds", "ups", "--format", "html").stdout


def what_of(field: str) -> str:
    last = field.rpartition(".")[2]
    return {"fails": "rate", "rate": "rate", "works": "chance", "chance": "chance"}.get(last, "duration")


@pytest.fixture
def shop(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "m.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "log.csv").write_text(HISTORY, encoding="utf-8")
    return str(tmp_path / "m.yaml"), str(tmp_path / "log.csv")


def test_what_a_history_changed(shop: tuple[str, str]) -> None:
    model, log = shop
    english, korean = (run("learn", model, "--history", log, "--lang", lang).stdout for lang in ("en", "ko"))
    assert "Our shop: what its own history changed" in english and "우리 가게: 이력이 바꾼 것" in korean
    assert "0.28 a year [0.056 …" in english and "1 in 4 yr" in english and "log.csv:3" in english
    assert "kept: stated exactly" in english and "정확한 값이라 그대로" in korean
    assert "! components.gen.fails: 2 in 4 yr" in english
    assert "<html" in run("learn", model, "--history", log, "--format", "html").stdout


def test_a_model_without_a_history(shop: tuple[str, str]) -> None:
    shown = run("learn", shop[0], "--lang", "en")
    assert shown.exit_code == 0 and "--history FILE" in shown.stdout


def test_changes_for_programs(shop: tuple[str, str]) -> None:
    result = json.loads(run("learn", shop[0], "--history", shop[1], "--format", "json").stdout)
    assert valid(result)
    fails = {one["path"]: one for one in result["updates"]}["components.db.fails"]
    assert fails["prior"]["source"] == "CO-SRV-VEEAM+HZ-COS+HZ-TEAMS-DBNET"
    assert (fails["data"]["text"], fails["how"]) == ("1 in 4 yr", "integrated")
    assert 0 < fails["data_weight"] < 1 and (fails["file"], fails["line"]) == ("log.csv", 3)


def test_other_commands_take_a_history_too(shop: tuple[str, str]) -> None:
    shown = run("check", shop[0], "--history", shop[1], "--lang", "en")
    assert "history-speaks-against" in shown.stdout
    assert run("check", shop[0], "--history", "nowhere.csv", "--lang", "en").exit_code == 2
