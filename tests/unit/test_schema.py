"""The published schema: what it says of the shipped models, and that its copy in the docs is fresh."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from tests.property.models import random_model

import blackstart
from blackstart.errors import ModelError
from blackstart.language.load import load_text
from blackstart.language.schema import as_text, json_schema
from blackstart.language.tree.files import read_file, read_text

ROOT = Path(__file__).parents[2]
_NO_MODELS = ("targets.yaml", "incident.yaml")
MODELS = [p for p in sorted((Path(blackstart.__file__).parent / "examples").glob("**/*.yaml")) if p.name not in _NO_MODELS]
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def texts(node: Any) -> Any:
    """The tree with every scalar as text, as the reader sees it."""
    if isinstance(node, dict):
        return {str(key): texts(value) for key, value in node.items()}
    if isinstance(node, list):
        return [texts(value) for value in node]
    return None if node is None else str(node)


def typed(node: yaml.Node) -> Any:
    """The tree with JSON types, as a plain YAML editor sees it."""
    if isinstance(node, yaml.MappingNode):
        return {key.value: typed(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [typed(value) for value in node.value]
    kind = node.tag.rpartition(":")[2]
    if kind in ("null", "bool"):
        return None if kind == "null" else node.value.lower() in ("yes", "true", "on")
    try:
        return {"int": int, "float": float}.get(kind, str)(node.value)
    except ValueError:
        return node.value


def test_it_is_a_valid_schema() -> None:
    VALIDATOR.check_schema(json_schema())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_models_are_valid_as_read_and_as_an_editor_sees_them(path: Path) -> None:
    for document in (texts(read_file(path)), typed(yaml.compose(path.read_text("utf-8")))):
        assert [error.json_path for error in VALIDATOR.iter_errors(document)] == []


PAGES = sorted((ROOT / "docs").glob("**/*.md"))
_ON_PAGES = re.compile(r"<!-- file: \S*model\.yaml -->\n```yaml\n(.*?)```", re.S)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_models_in_pages_are_valid(page: Path) -> None:
    for text in _ON_PAGES.findall(page.read_text("utf-8")):
        assert [error.json_path for error in VALIDATOR.iter_errors(texts(read_text(text, "m")))] == []


def test_random_models_with_every_word_are_valid() -> None:
    """All words of the language, those too that no shipped model uses."""
    for number in range(120):
        text = random_model(random.Random(number), 8)
        assert [error.json_path for error in VALIDATOR.iter_errors(texts(read_text(text, "m")))] == [], number


@pytest.mark.parametrize(
    "text",
    [
        "blackstart: 2",
        "blackstart: 1\nfoo: 1",
        "blackstart: 1\ncomponents: {a: {neds: b}}",
        "blackstart: 1\ncomponents: {a: {start: {takes: 4}}}",
        "blackstart: 1\ncomponents: {a: {needs: {any: []}}}",
        "blackstart: 1\ncomponents: {a: {rides: soon}}",
        "blackstart: 1\nhazards: {h: {effects: [{after: 3h}]}}",
        "blackstart: 1\nhazards: {h: {effects: [{break: a, hold: b}]}}",
        "components: {}",
        "blackstart: 1\ncommon_causes: {c: {of: [a]}}",
    ],
)
def test_what_the_schema_refuses_the_reader_refuses_too(text: str) -> None:
    assert list(VALIDATOR.iter_errors(texts(read_text(text, "m"))))
    with pytest.raises(ModelError):
        load_text(text)


def test_the_copy_in_the_docs_is_the_generated_one() -> None:
    copy = ROOT / "docs/reference/model.schema.json"
    assert copy.read_text("utf-8") == as_text(), (
        "run: python -m blackstart.language.schema > docs/reference/model.schema.json"
    )
