"""Fault trees broken at random: they are read, or their problems told in both languages; nothing else happens."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from tests.unit.test_galileo import TREE
from tests.unit.test_open_psa import NESTED, A, B, C, E, attribute, define, gate, group, number

from blackstart.errors import ModelError, render
from blackstart.exchange import galileo, open_psa
from blackstart.fault_trees.faulttree import FaultTree, probabilities, question, samples

VALUES = ["", "nan", "-1", "1e400", "0", "2", "9" * 11, "0x10", "1_0", " 1 ", "∞", "true"]  # numbers and what looks like them
VALUES += ["a", "e", "T.A.e", ".", "..", "x" * 600, "top", "판교"]
BODY = gate(f'<or><gate name="C.h"/><atleast min="2">{A}{B}<house-event name="on"/></atleast><nor>{C}</nor></or>') + NESTED + E
BODY += define("house-event", "on", '<constant value="true"/>') + define("gate", "more", '<or><event name="m"/><event name="n"/></or>')
BODY += define("basic-event", "z", attribute("frequency-per-year", "0.1") + '<parameter name="p"/>') + gate('<event name="z"/>', "last")
HISTOGRAM = f"<histogram><bin>{number(0.1)}{number(3)}</bin><bin>{number(1)}{number(1)}</bin></histogram>"
SWITCH = f"<switch><case><lt><system-mission-time/><pi/></lt>{number(1)}</case>{HISTOGRAM}</switch>"
XML = (
    f'<opsa-mef><define-fault-tree name="T">{BODY}</define-fault-tree>{group("alpha-factor", 0.7, 0.3, members="mn")}'
    f"<model-data>{define('parameter', 'p', SWITCH)}</model-data></opsa-mef>"
)


def use(tree: FaultTree) -> None:
    for top in tree.tops():
        asked = question(tree, [top])
        p = probabilities(tree, asked, 5.0)
        for block in samples(tree, asked, p, 5.0, 20, 1):
            assert np.all((block.p >= 0) & (block.p <= 1))


def broken_xml(rng: random.Random) -> str:
    text = XML
    for _ in range(rng.randint(1, 2)):
        tags, values = list(re.finditer(r"<[^>]+>", text)), list(re.finditer(r'"([^"]*)"', text))
        if not tags or not values:
            break
        tag, value = rng.choice(tags), rng.choice(values)
        text = rng.choice(
            [
                text[: tag.start()] + rng.choice(tags).group() + text[tag.end() :],
                text[: value.start(1)] + rng.choice(VALUES) + text[value.end(1) :],
                text[: tag.start()] + text[tag.end() :],
                text[: tag.end()] + rng.choice('<>"&é\x01') + text[tag.end() :],
            ]
        )
    return text


def broken_galileo(rng: random.Random) -> str:
    tokens = re.findall(r'"[^"]*"|[\w.+-]+|\S', re.sub(r"//.*|/[*](.|\n)*?[*]/", "", TREE))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(tokens))
        instead = [*tokens, *VALUES, "2of9", "pand", "=", ";", '"', "//", "/*"]
        tokens[at : at + rng.randint(0, 1)] = rng.choices(instead, k=rng.randint(0, 1))
    return " ".join(tokens)


def test_the_whole_trees_are_read() -> None:
    use(open_psa.read_bytes({"whole.xml": XML.encode()}))
    use(galileo.read_bytes("whole.dft", TREE.encode()))


@pytest.mark.parametrize("seed", range(6))
def test_broken_trees(seed: int) -> None:
    rng = random.Random(seed)
    read = 0
    for _ in range(150):
        for text in (broken_xml(rng), broken_galileo(rng)):
            try:
                data = text.encode("utf-8", "surrogatepass")
                tree = galileo.read_bytes("broken", data) if "<opsa" not in text[:20] else open_psa.read_bytes({"broken": data})
                use(tree)
                read += 1
            except ModelError as wrong:
                assert all(render(wrong.problems, lang, wrong.sources) for lang in ("en", "ko"))
    assert 10 < read < 290  # some survive, most do not


@pytest.mark.parametrize("deep", [150, 196, 400])
def test_formulas_and_expressions_deep_inside_each_other(deep: int) -> None:
    formula = gate("<not>" * deep + A + "</not>" * deep)
    event = define("basic-event", "a", "<mul>" * (deep - 2) + number(0.5) + "</mul>" * (deep - 2))
    text = f'<opsa-mef><define-fault-tree name="T">{formula}{event}</define-fault-tree></opsa-mef>'
    if deep > open_psa.DEEPEST:
        with pytest.raises(ModelError, match="more than 200 deep"):
            open_psa.read_bytes({"deep.xml": text.encode()})
        return
    tree = open_psa.read_bytes({"deep.xml": text.encode()})
    use(tree)
    use(open_psa.read_bytes({"again.xml": open_psa.write(tree).encode()}))
