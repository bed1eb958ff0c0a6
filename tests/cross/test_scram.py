"""Fault trees by SCRAM: what we write it reads, and it comes to the same numbers. Skipped where SCRAM is not installed.

`apt-get install scram` (Debian, Ubuntu) installs it. It prints six digits.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.exact.test_common_causes import VARIANTS, three_trains
from tests.unit.test_open_psa import E, define, gate, group, number, tree_of

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.engines import logic
from blackstart.exchange import open_psa
from blackstart.fault_trees.expressions import FUNCTIONS
from blackstart.fault_trees.faulttree import FaultTree, Question, probabilities, question
from blackstart.language.load import load
from blackstart.studies.overlaps import Asked, as_fault_tree

pytestmark = pytest.mark.skipif(shutil.which("scram") is None, reason="SCRAM is not installed")
MISSION_TIME = 333.0


def by_scram(tree: FaultTree, folder: Path) -> dict[str, float]:
    """Probability of each top, as SCRAM reports it for the file that we write."""
    path = folder / "tree.xml"
    path.write_text(open_psa.write(tree), encoding="utf-8")
    asked = ["scram", "--bdd", "--probability", "1", "--ccf", "1", "--mission-time", str(MISSION_TIME), "-l", "1", str(path)]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found = re.findall(r'<sum-of-products name="([^"]+)"[^>]* probability="([^"]+)"', done.stdout)
    return {name: float(p) for name, p in found}


def by_us(tree: FaultTree) -> dict[str, float]:
    asked: Question = question(tree, tree.tops())
    solved = logic.solve(asked.formula, probabilities(tree, asked, MISSION_TIME))
    return dict(zip(asked.tops, solved.probability.tolist(), strict=True))


@pytest.mark.parametrize("variant", VARIANTS)
def test_common_causes(variant: str, tmp_path: Path) -> None:
    tree = three_trains(*VARIANTS[variant][:3])
    assert by_scram(tree, tmp_path) == pytest.approx(by_us(tree), rel=1e-5)


# without `mod`, which SCRAM cuts to whole numbers, and `beta-deviate`, whose range it takes for more than 1
EXPRESSIONS = {
    "exponential": (1e-3, 200), "GLM": (0.1, 1e-3, 0.02, 200), "Weibull": (400, 1.7, 20, 200),
    "periodic-test": (2e-3, 100, 30, 333), "periodic-test-5": (2e-3, 0.05, 100, 30, 333),
    "periodic-test-11": (2e-3, 3e-3, 0.05, 100, 30, 0.01, 8, 1, 0.9, 0.02, 333),
    "periodic-test-in-test": (2e-3, 3e-3, 0.05, 100, 30, 0.01, 8, 0, 0.9, 0.02, 335),
    "lognormal-deviate": (0.01, 3, 0.95), "uniform-deviate": (0.1, 0.3), "normal-deviate": (0.3, 0.01), "gamma-deviate": (2, 0.01),
    "sub": (0.9, 0.2, 0.1), "div": (0.9, 3, 2), "pow": (0.5, 2), "min": (0.2, 0.1),
    "max": (0.2, 0.1), "mean": (0.2, 0.1), "ite": (1, 0.2, 0.3), "exp": (-1,), "log10": (2,), "sqrt": (0.04,), "neg": (-0.1,),
}  # fmt: skip


def test_expressions(tmp_path: Path) -> None:
    """Each the probability of an event of its own, and of the gate over it."""
    body = ""
    for name, arguments in EXPRESSIONS.items():
        op = name if name in FUNCTIONS or name.endswith("deviate") else "periodic-test"
        said = "".join(map(number, arguments))
        body += define("basic-event", f"e-{name}", f"<{op}>{said}</{op}>") + gate(f'<basic-event name="e-{name}"/>', f"g-{name}")
    tree = tree_of(body)
    ours = by_us(tree)
    assert ours["g-Weibull"] > 0.1 and len(ours) == len(EXPRESSIONS)
    assert by_scram(tree, tmp_path) == pytest.approx(ours, rel=1e-5)


def test_connectives_histograms_and_switches(tmp_path: Path) -> None:
    a, b, c, d = (f'<basic-event name="{n}"/>' for n in "abcd")
    body = E + gate(f'<and><atleast min="2">{a}{b}{c}</atleast><not>{d}</not></and>', "t1")
    body += gate(f"<or><xor>{a}{b}</xor><nand>{c}{d}</nand></or>", "t2") + gate(f"<nor>{a}{b}<gate name='sub'/></nor>", "t3")
    body += gate(f"<or>{c}{d}</or>", "sub") + gate(f'<cardinality min="1" max="2">{a}{b}{c}</cardinality>', "t4")
    body += gate(f"<or><iff>{a}{b}</iff><and>{c}<house-event name='h'/></and></or>", "t5") + gate(f"<imply>{a}{b}</imply>", "t6")
    body += gate(f'<or><iff>{a}{b}{c}</iff><and>{d}<constant value="true"/></and></or>', "t8") + gate(f"<xor>{a}{b}{c}{d}</xor>", "t9")
    histogram = f"<histogram>{number(0)}<bin>{number(0.1)}{number(3)}</bin><bin>{number(0.5)}{number(1)}</bin></histogram>"
    switch = f"<switch><case><lt><system-mission-time/><int value='5'/></lt>{number(1)}</case>{histogram}</switch>"
    body += define("basic-event", "s", '<parameter name="p"/>') + gate('<basic-event name="s"/>', "t7")
    house = define("house-event", "h", '<constant value="true"/>')
    data = f"<model-data>{define('parameter', 'p', switch)}{house}</model-data>"
    tree = tree_of(body, data)
    assert by_scram(tree, tmp_path) == pytest.approx(by_us(tree), rel=1e-5)


def test_a_group_beside_other_events_and_hangul_names(tmp_path: Path) -> None:
    halls = "".join(f'<or><basic-event name="{member}"/><basic-event name="축전지"/></or>' for member in "xy")
    body = gate(f"<and>{halls}</and>", "판교") + define("basic-event", "축전지", number(0.01))
    tree = tree_of(body, group("MGL", 0.1, 0.3, members="xyz"))
    assert by_scram(tree, tmp_path) == pytest.approx(by_us(tree), rel=1e-5)


@pytest.mark.parametrize("name", examples.names())
def test_exported_examples(name: str, tmp_path: Path) -> None:
    """The structure function of every shipped example, circles and weighted votes written out, service by service."""
    model = load(examples.path(name))
    tree = as_fault_tree(model, compile_model(model), Asked())
    tops = [g for g in tree.gates if g.endswith("-out")]
    asked = question(tree, tops)
    solved = logic.solve(asked.formula, probabilities(tree, asked))
    ours = dict(zip(tops, solved.probability.tolist(), strict=True))
    theirs = by_scram(tree, tmp_path)
    assert {top: ours[top] for top in theirs} == pytest.approx(theirs, rel=1e-5)
    assert set(theirs) <= set(tops) and theirs
