"""Open-PSA MEF: every element that is read, every problem that is told, and what hostile files get."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from blackstart import errors
from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, XOR, Formula
from blackstart.errors import ModelError
from blackstart.exchange import open_psa
from blackstart.fault_trees.faulttree import FaultTree, Question, probabilities, question, samples, uncertain


def number(value: object) -> str:
    return f'<float value="{value}"/>'


def define(kind: str, name: str, body: str = "") -> str:
    return f'<define-{kind} name="{name}">{body}</define-{kind}>'


def attribute(name: str, value: str) -> str:
    return f'<attributes><attribute name="{name}" value="{value}"/></attributes>'


E = "".join(define("basic-event", n, number(f"0.{i + 1}")) for i, n in enumerate("abcd"))


def tree_of(body: str, after: str = "") -> FaultTree:
    text = f'<opsa-mef><define-fault-tree name="T">{body}</define-fault-tree>{after}</opsa-mef>'
    return open_psa.read_bytes({"t.xml": text.encode()})


def problems_of(text: str | bytes) -> list[errors.Problem]:
    with pytest.raises(ModelError) as caught:
        open_psa.read_bytes({"t.xml": text.encode() if isinstance(text, str) else text})
    for lang in ("en", "ko"):  # every problem has its sentence
        assert all(errors.what(p, lang) != p.code for p in caught.value.problems)
        assert errors.render(caught.value.problems, lang, caught.value.sources)
    return list(caught.value.problems)


def codes_of(body: str, after: str = "") -> list[str]:
    return [p.code for p in problems_of(f'<opsa-mef><define-fault-tree name="T">{body}</define-fault-tree>{after}</opsa-mef>')]


def truth(formula: Formula) -> np.ndarray:
    """(2^n,) value of the first top in every state; a formula without circles."""
    states = np.array(list(product([False, True], repeat=formula.events)), bool).reshape(2**formula.events, -1)
    value = [states[:, i] for i in range(formula.events)]

    def of(literal: int) -> np.ndarray:
        if literal < 0:
            return np.full(len(states), literal == -1)
        return value[literal // 2] ^ bool(literal & 1)

    for i, op in enumerate(formula.op):
        children = [of(c) for c in formula.child[formula.ptr[i] : formula.ptr[i + 1]]]
        weights = formula.weight[formula.ptr[i] : formula.ptr[i + 1]]
        total = sum((w * c for w, c in zip(weights, children, strict=True)), np.zeros(len(states)))
        found = {
            AND: lambda c=children: np.logical_and.reduce(c),
            OR: lambda c=children: np.logical_or.reduce(c),
            XOR: lambda c=children: np.logical_xor.reduce(c),
            IFF: lambda c=children: np.logical_and.reduce(c) | ~np.logical_or.reduce(c),
            THRESHOLD: lambda t=total, k=formula.k[i]: t >= k - 1e-9,
        }[int(op)]()
        value.append(found)
    return of(int(formula.tops[0]))


def chance(tree: FaultTree, top: str = "top", mission_time: float | None = None) -> float:
    """Probability of a top by all states."""
    asked = question(tree, [top])
    p = probabilities(tree, asked, mission_time)
    states = np.array(list(product([False, True], repeat=len(p))), bool).reshape(2 ** len(p), -1)
    return float(np.where(states, p, 1 - p).prod(axis=1)[truth(asked.formula)].sum())


def gate(formula: str, name: str = "top") -> str:
    return f'<define-gate name="{name}">{formula}</define-gate>'


A, B, C, D = (f'<basic-event name="{n}"/>' for n in "abcd")  # probabilities 0.1 … 0.4


# ----------------------------------------------------------------------------- formulas


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (A, 0.1),
        (f"<and>{A}{B}</and>", 0.02),
        (f"<or>{A}{B}</or>", 0.28),
        (f"<not>{A}</not>", 0.9),
        (f"<nand>{A}{B}</nand>", 0.98),
        (f"<nor>{A}{B}</nor>", 0.72),
        (f"<nor>{A}</nor>", 0.9),
        (f"<xor>{A}{B}</xor>", 0.26),
        (f"<xor>{A}{B}{C}</xor>", 0.26 * 0.7 + 0.74 * 0.3),  # an odd number
        (f"<iff>{A}{B}</iff>", 0.74),
        (f"<iff>{A}{B}{C}</iff>", 0.74 * 0.3 + 0.26 * 0.7),  # associative, as the standard has it
        (f"<imply>{A}{B}</imply>", 0.92),
        (f'<atleast min="2">{A}{B}{C}</atleast>', 0.1 * 0.2 + 0.1 * 0.3 + 0.2 * 0.3 - 2 * 0.006),
        (f'<atleast min="0">{A}{B}</atleast>', 1.0),
        (f'<atleast min="2">{A}{A}{B}</atleast>', 0.1),  # what stands twice counts twice
        (f'<cardinality min="1" max="1">{A}{B}</cardinality>', 0.26),
        (f'<cardinality min="0" max="0">{A}{B}</cardinality>', 0.72),
        ('<constant value="true"/>', 1.0),
        (f'<and>{A}<constant value="false"/></and>', 0.0),
        (f"<and><or>{A}{B}</or><not>{C}</not></and>", 0.28 * 0.7),
        ('<or><event name="a"/><event name="b" type="basic-event"/></or>', 0.28),
        (f"<and>{A}<not>{A}</not></and>", 0.0),
    ],
)
def test_connectives(formula: str, expected: float) -> None:
    assert chance(tree_of(gate(formula) + E)) == pytest.approx(expected, abs=1e-15)


def test_house_events_are_false_unless_said() -> None:
    body = gate(f'<or><house-event name="h"/><and><house-event name="on"/>{A}</and></or>') + E
    body += '<define-house-event name="h"/><define-house-event name="on"><constant value="true"/></define-house-event>'
    assert chance(tree_of(body)) == pytest.approx(0.1)


def test_labels_and_unknown_attributes_do_no_harm() -> None:
    body = gate(f"<label> Power\n lost </label>{attribute('k', 'v')}{A}").replace('name="top"', 'name="top" x="1"')
    assert tree_of(body + E).gates["top"].label == "Power lost"


def test_event_trees_are_passed_over_and_named() -> None:
    tree = tree_of(gate(A) + E, '<define-event-tree name="ET"><initial-state/></define-event-tree>')
    assert tree.unread == ("define-event-tree",)


def test_several_fault_trees_and_files_are_one_model() -> None:
    upper = gate('<gate name="under"/>')
    one = f'<opsa-mef><define-fault-tree name="T">{upper}</define-fault-tree></opsa-mef>'
    two = f'<opsa-mef><define-fault-tree name="U">{gate(A, "under")}</define-fault-tree><model-data>{E}</model-data></opsa-mef>'
    tree = open_psa.read_bytes({"one.xml": one.encode(), "two.xml": two.encode()})
    assert tree.tops() == ["top"] and chance(tree) == pytest.approx(0.1)


def test_frequency_of_an_event() -> None:
    body = define("basic-event", "a", attribute("frequency-per-year", "0.25") + number(0.1))
    tree = tree_of(gate(A) + body)
    assert tree.events["a"].per_year == 0.25 and question(tree, ["top"]).per_year.tolist() == [0.25]


def test_what_lies_beside_the_top_takes_no_part() -> None:
    tree = tree_of(gate(A) + gate(f"<and>{C}{D}</and>", "other") + E)
    assert tree.tops() == ["top", "other"]
    assert question(tree, ["top"]).events == ("a",)
    assert question(tree, ["top", "other"]).events == ("a", "c", "d")


# ----------------------------------------------------------------------------- names and containers

NESTED = """
<define-component name="A" role="private">
 <define-gate name="g"><and><basic-event name="e"/><gate name="B.g"/></and></define-gate>
 <define-basic-event name="e"><float value="0.5"/></define-basic-event>
 <define-basic-event name="open" role="public"><float value="0.9"/></define-basic-event>
 <define-component name="B"><define-gate name="g"><basic-event name="e"/></define-gate></define-component>
</define-component>
<define-component name="C" role="private">
 <define-basic-event name="e"><float value="0.25"/></define-basic-event>
 <define-gate name="h"><or><basic-event name="e"/><basic-event name="T.A.e"/></or></define-gate>
</define-component>
<define-basic-event name="e"><float value="0.125"/></define-basic-event>
"""


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('<basic-event name="e"/>', 0.125),  # what is public, where nothing nearer has the name
        ('<gate name="T.A.g"/>', 0.5),  # inside A and inside A.B `e` is the one of A
        ('<gate name="C.h"/>', 1 - 0.75 * 0.5),  # a path from the container around; a full path
        ('<basic-event name="open"/>', 0.9),  # public inside a private component
        ('<basic-event name="T.e"/>', 0.125),  # a public one by its path
    ],
)
def test_names_private_public_and_by_path(formula: str, expected: float) -> None:
    assert chance(tree_of(gate(formula) + NESTED)) == pytest.approx(expected)


def test_private_names_are_not_seen_from_outside() -> None:
    assert codes_of(gate('<gate name="h"/>') + NESTED) == ["ft-undefined"]


def test_parameters_have_containers_too() -> None:
    inside = '<define-component name="A" role="private"><define-parameter name="p"><float value="0.5"/></define-parameter>'
    inside += '<define-basic-event name="x"><parameter name="p"/></define-basic-event></define-component>'
    outside = '<define-parameter name="p"><float value="0.25"/></define-parameter>'
    outside += '<define-basic-event name="y"><parameter name="p"/></define-basic-event>'
    tree = tree_of(gate('<and><event name="A.x"/><event name="y"/></and>') + inside + outside)
    assert chance(tree) == pytest.approx(0.125)


def test_hangul_names() -> None:
    tree = tree_of(gate('<or><basic-event name="축전지 화재"/></or>', "판교") + E.replace('"a"', '"축전지 화재"'))
    assert tree.tops() == ["판교"] and chance(tree, "판교") == pytest.approx(0.1)


# ----------------------------------------------------------------------------- common causes and uncertainty


def group(model: str, *factors: float, members: str = "ab", more: str = "") -> str:
    first = {"beta-factor": len(members), "MGL": 2}.get(model, 1)
    listed = "".join(f'<factor level="{first + i}"><float value="{f}"/></factor>' for i, f in enumerate(factors))
    inside = "".join(f'<basic-event name="{m}"/>' for m in members)
    return (
        f'<define-CCF-group name="G" model="{model}">{more}<members>{inside}</members>'
        f'<distribution><float value="0.1"/></distribution><factors>{listed}</factors></define-CCF-group>'
    )


def test_members_need_no_declaration_and_may_have_one() -> None:
    body = gate(f"<and>{A}{B}</and>")
    expected = 0.02 + (1 - 0.02) * 0.08**2
    assert chance(tree_of(body, group("beta-factor", 0.2))) == pytest.approx(expected)
    declared = '<define-basic-event name="a"/><define-basic-event name="b"><label>B</label></define-basic-event>'
    assert chance(tree_of(body + declared, group("beta-factor", 0.2))) == pytest.approx(expected)


def test_one_factor_without_a_list_and_without_a_level() -> None:
    text = group("beta-factor", 0.2).replace("<factors>", "").replace("</factors>", "").replace(' level="2"', "")
    assert chance(tree_of(gate(f"<and>{A}{B}</and>"), text)) == pytest.approx(0.02 + 0.98 * 0.08**2)


def test_members_that_no_gate_uses_leave_no_events() -> None:
    asked = question(tree_of(gate(A), group("beta-factor", 0.2)), ["top"])
    assert asked.events == ("[a]", "[a b]") and asked.parents == (("a",), ("a", "b"))


LOGNORMAL = "<lognormal-deviate><float value='0.01'/><float value='3'/><float value='0.95'/></lognormal-deviate>"


def spread(tree: FaultTree, asked: Question, count: int = 20_000) -> np.ndarray:
    point = probabilities(tree, asked)
    return np.concatenate([s.p for s in samples(tree, asked, point, None, count, 1)])


def test_same_parameter_same_sample() -> None:
    """State of knowledge: two events with one parameter move together, two deviates written alike do not."""
    events = '<define-basic-event name="a"><parameter name="p"/></define-basic-event>'
    events += '<define-basic-event name="b"><parameter name="p"/></define-basic-event>'
    events += f'<define-basic-event name="c">{LOGNORMAL}</define-basic-event><define-basic-event name="d">{LOGNORMAL}</define-basic-event>'
    parameter = f'<define-parameter name="p">{LOGNORMAL}</define-parameter>'
    tree = tree_of(gate(f"<and>{A}{B}{C}{D}</and>") + events + parameter)
    asked = question(tree, ["top"])
    p = spread(tree, asked)
    assert np.array_equal(p[:, 0], p[:, 1])
    assert abs(np.corrcoef(p[:, 0], p[:, 2])[0, 1]) < 0.03 and abs(np.corrcoef(p[:, 2], p[:, 3])[0, 1]) < 0.03
    assert uncertain(tree, asked) == [0, 1, 2, 3]


def test_events_of_a_group_move_together() -> None:
    text = group("beta-factor", 0.2).replace('<float value="0.1"/>', LOGNORMAL)
    tree = tree_of(gate(f"<and>{A}{B}</and>"), text)
    asked = question(tree, ["top"])
    alone, both = spread(tree, asked, 1000)[:, [asked.events.index("[a]"), asked.events.index("[a b]")]].T
    assert np.allclose(alone / 0.8, both / 0.2)


def test_samples_are_the_same_whatever_their_number() -> None:
    tree = tree_of(gate(A) + f'<define-basic-event name="a">{LOGNORMAL}</define-basic-event>')
    asked = question(tree, ["top"])
    assert np.array_equal(spread(tree, asked, 1500), spread(tree, asked, 2500)[:1500])


def test_what_falls_outside_is_cut_and_counted() -> None:
    wide = "<uniform-deviate><float value='0'/><float value='2'/></uniform-deviate>"
    tree = tree_of(gate(A) + f'<define-basic-event name="a">{wide}</define-basic-event>')
    (found,) = samples(tree, question(tree, ["top"]), np.array([1.0]), None, 1000, 1)
    assert found.cut == pytest.approx(500, abs=80) and found.p.max() == 1.0


# ----------------------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (gate("<and><basic-event name='x'/></and>"), ["ft-undefined"]),
        (gate(A) + gate(B) + E, ["ft-twice"]),
        (gate(A) + E + E.replace("0.1", "0.7")[:70], ["ft-twice"]),
        (gate('<gate name="a"/>') + E, ["ft-kind"]),
        (gate('<gate name="g"/>') + gate('<not><gate name="top"/></not>', "g"), ["ft-circle"]),
        (gate("<anb/>"), ["ft-element"]),
        (gate(A + B) + E, ["ft-arguments"]),
        (gate(f"<not>{A}{B}</not>") + E, ["ft-arguments"]),
        (gate(f'<atleast min="3">{A}{B}</atleast>') + E, ["ft-count"]),
        (gate(f'<atleast min="-1">{A}{B}</atleast>') + E, ["ft-count"]),
        (gate(f"<atleast>{A}{B}</atleast>") + E, ["ft-attribute"]),
        (gate(f'<cardinality min="2" max="1">{A}{B}</cardinality>') + E, ["ft-count"]),
        (gate('<constant value="maybe"/>'), ["ft-truth"]),
        (gate("<basic-event/>"), ["ft-attribute"]),
        (gate(A) + '<define-basic-event name="a"/>', ["ft-no-probability"]),
        (gate(A) + '<define-basic-event name="a"><float value="nan"/></define-basic-event>', ["ft-number"]),
        (gate(A) + '<define-basic-event name="a"><float value="1e999"/></define-basic-event>', ["ft-number"]),
        (gate(A) + '<define-basic-event name="a"><float value="1_0"/></define-basic-event>', ["ft-number"]),
        (gate(A) + '<define-basic-event name="a"><exp/></define-basic-event>', ["ft-arguments"]),
        (gate(A) + '<define-basic-event name="a"><parameter name="p"/></define-basic-event>', ["ft-undefined-parameter"]),
        (gate(A) + '<define-basic-event name="a"><extern-function name="f"/></define-basic-event>', ["ft-not-done"]),
        (gate(A) + E + '<include file="/etc/passwd"/>', ["ft-not-done"]),
        (gate(A, "a.b") + E, ["ft-name"]),
        (gate(A, "") + E, ["ft-name"]),
        (gate(A, "x" * 501) + E, ["ft-name"]),
        (f'<define-gate name="top" role="secret">{A}</define-gate>' + E, ["ft-role"]),
        (E, ["ft-no-gates"]),
        (gate(A) + E + group("gamma", 0.1, members="xy"), ["ft-group-model"]),
        (gate(A) + E + group("beta-factor", 0.1, members="xx"), ["ft-group-members"]),
        (gate(A) + E + group("beta-factor", 1.1, members="xy"), ["ft-group-share"]),
        (gate(A) + E + group("beta-factor", members="xy"), ["ft-group-factors"]),
        (gate(A) + E + group("phi-factor", 0.5, 0.4, members="xy"), ["ft-group-phi"]),
        (gate(A) + E + group("MGL", 0.5, 0.4, members="xy"), ["ft-group-level"]),
        (gate(A) + E + group("beta-factor", 0.1), ["ft-own-probability", "ft-own-probability"]),
        (gate(A) + group("beta-factor", 0.1) + group("MGL", 0.1, members="ac").replace('"G"', '"H"'), ["ft-two-groups"]),
    ],
)  # fmt: skip
def test_problems(body: str, expected: list[str]) -> None:
    assert codes_of(body) == expected


def test_parameters_in_a_circle_and_in_another_unit() -> None:
    circle = define("parameter", "p", '<parameter name="q"/>') + define("parameter", "q", '<parameter name="p"/>')
    assert codes_of(gate(A) + E + circle) == ["ft-parameter-circle"]
    unit = '<define-parameter name="p" unit="hours"><float value="1"/></define-parameter>'
    assert codes_of(gate(A) + unit + '<define-basic-event name="a"><parameter name="p" unit="years"/></define-basic-event>') == ["ft-unit"]


def test_all_problems_at_once_each_with_its_place() -> None:
    body = gate('<or><gate name="g"/>\n  <gat name="h"/></or>')
    text = f'<opsa-mef>\n<define-fault-tree name="T">\n {body}\n</define-fault-tree></opsa-mef>'
    found = problems_of(text)
    assert [(p.code, p.where.line, p.where.column) for p in found if p.where] == [("ft-undefined", 3, 30), ("ft-element", 4, 3)]
    assert found[1].nearest == "gate"


@pytest.mark.parametrize(
    ("value", "code"),
    [("<float value='1.5'/>", "ft-probability"), ("<neg><float value='0.1'/></neg>", "ft-probability"),
     ("<log><float value='0'/></log>", "ft-impossible"), ("<div><int value='1'/><int value='0'/></div>", "ft-impossible"),
     ("<exponential><float value='-1'/><float value='2'/></exponential>", "ft-impossible"),
     ("<lognormal-deviate><float value='0.1'/><float value='1'/><float value='0.95'/></lognormal-deviate>", "ft-impossible"),
     ("<exponential><float value='1'/><system-mission-time/></exponential>", "ft-mission-time")],
)  # fmt: skip
def test_probabilities_that_are_none(value: str, code: str) -> None:
    tree = tree_of(gate(A) + f'<define-basic-event name="a">{value}</define-basic-event>')
    with pytest.raises(ModelError) as caught:
        probabilities(tree, question(tree, ["top"]))
    assert [p.code for p in caught.value.problems] == [code]
    assert str(caught.value)


def test_a_group_that_would_explode_is_refused() -> None:
    members = "abcdefghijklmnopqrstuvwxyzABCD"
    tree = tree_of(gate(A), group("alpha-factor", *[0.03] * 30, members=members))
    with pytest.raises(ModelError, match="1,073,741,823 events"):
        question(tree, ["top"])


# ----------------------------------------------------------------------------- hostile files

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><opsa-mef>&b;</opsa-mef>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><opsa-mef><define-fault-tree name="&a;"/></opsa-mef>'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "ft-doctype"),
        (OUTSIDE, "ft-doctype"),
        ('<!DOCTYPE opsa-mef SYSTEM "http://localhost/mef.dtd"><opsa-mef/>', "ft-doctype"),
        ("", "ft-xml"),
        ("no xml", "ft-xml"),
        ("<opsa-mef>", "ft-xml"),
        ("<opsa-mef>&nothing;</opsa-mef>", "ft-xml"),
        (b"<opsa-mef>\x00</opsa-mef>", "ft-xml"),
        (b'<?xml version="1.0" encoding="euc-kr"?><opsa-mef>\xc6\xc7</opsa-mef>', "file-encoding"),
        (b'<?xml version="1.0" encoding="none-such"?><opsa-mef/>', "file-encoding"),
        ("<html/>", "ft-root"),
        ("<opsa-mef/>", "ft-no-gates"),
        ("<not>" * 5000, "ft-too-deep"),
        ('<opsa-mef><define-fault-tree name="' + "x" * 10_000_000 + '"/></opsa-mef>', "ft-name"),
        ('<opsa-mef><define-fault-tree name="a&#27;[31m"/></opsa-mef>', "ft-xml"),
        ('<opsa-mef><define-fault-tree name="a&#x202E;b"/></opsa-mef>', "ft-name"),
    ],
    ids=lambda v: v[:12] if isinstance(v, str) else "bytes",
)
def test_hostile_files(text: str | bytes, code: str) -> None:
    found = problems_of(text)
    assert found[0].code == code
    assert len(errors.render(found)) < 4000


def test_a_bare_doctype_as_in_the_standard_is_harmless() -> None:
    text = f'<?xml version="1.0"?><!DOCTYPE opsa-mef><opsa-mef><define-fault-tree name="T">{gate(A)}{E}</define-fault-tree></opsa-mef>'
    assert open_psa.read_bytes({"t": text.encode()}).tops() == ["top"]


def test_utf_16_is_read() -> None:
    text = f'<?xml version="1.0" encoding="utf-16"?><opsa-mef><define-fault-tree name="T">{gate(A, "가")}{E}</define-fault-tree></opsa-mef>'
    assert open_psa.read_bytes({"t": text.encode("utf-16")}).tops() == ["가"]


def test_files_that_are_none(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "none.xml", "file-missing"), (tmp_path, "ft-not-a-file")):
        with pytest.raises(ModelError) as caught:
            open_psa.read(path)
        assert [p.code for p in caught.value.problems] == [code]


def test_too_large_a_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    with path.open("wb") as f:
        f.truncate(open_psa.MOST_BYTES + 1)
    with pytest.raises(ModelError, match="larger than 64 MB"):
        open_psa.read(path)


def test_a_chain_of_gates_is_no_danger() -> None:
    """20,000 gates, each over the next: nothing here walks by recursion."""
    body = "".join(gate(f'<gate name="g{i + 1}"/>', f"g{i}") for i in range(20_000)) + gate(A, "g20000") + E
    tree = tree_of(body)
    assert tree.tops() == ["g0"] and question(tree, ["g0"]).events == ("a",)


# ----------------------------------------------------------------------------- writer


def same(one: FaultTree, other: FaultTree) -> None:
    """Written and read again, a tree asks the same question with the same probabilities."""
    a, b = question(one, one.tops()), question(other, other.tops())
    assert all(np.array_equal(x, y) for x, y in zip(a.formula, b.formula, strict=True))
    assert np.array_equal(probabilities(one, a, 100.0), probabilities(other, b, 100.0))
    assert np.array_equal(a.per_year, b.per_year, equal_nan=True)


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[3] / "shared/reference/fault-trees").glob("*.xml")), ids=lambda p: p.stem)
def test_reference_trees_survive_writing(path: Path) -> None:
    tree = open_psa.read(path)
    same(tree, open_psa.read_bytes({"again": open_psa.write(tree).encode()}))


def test_everything_survives_writing() -> None:
    body = gate(f'<or><gate name="C.h"/><atleast min="2">{A}{B}<house-event name="on"/></atleast><nor>{C}</nor></or>')
    body += gate(f'<and><cardinality min="1" max="2">{A}{C}{D}</cardinality><imply>{A}{D}</imply><constant value="true"/></and>', "second")
    body += NESTED + '<define-house-event name="on"><constant value="true"/></define-house-event>'
    body += define("basic-event", "c", attribute("frequency-per-year", "0.1") + '<parameter name="λ"/>')
    condition = "<lt><system-mission-time/><pi/></lt>"
    body += define("basic-event", "d", f"<ite>{condition}{number(0)}{number(0.5)}</ite>")
    histogram = f"<histogram>{number(0)}<bin>{number(0.1)}{number(3)}</bin><bin>{number(1)}{number(1)}</bin></histogram>"
    switch = f"<switch><case><bool value='false'/>{number(1)}</case>{histogram}</switch>"
    data = f"<model-data>{define('parameter', 'λ', switch)}</model-data>"
    tree = tree_of(body, group("alpha-factor", 0.7, 0.3, more=attribute("testing", "staggered")) + data)
    text = open_psa.write(tree)
    again = open_psa.read_bytes({"again": text.encode()})
    one, two = (question(t, ["top", "second"]) for t in (tree, again))
    assert all(np.array_equal(x, y) for x, y in zip(one.formula, two.formula, strict=True))
    assert np.allclose(probabilities(tree, one, 5.0), probabilities(again, two, 5.0), rtol=1e-14)
    assert open_psa.write(again).replace("again", "T") == text  # a fixed point


def test_names_that_the_standard_forbids_are_changed_and_kept_as_labels() -> None:
    body = gate('<or><basic-event name="1 a"/><basic-event name="1_a"/></or>', "fire@판교--1")
    text = open_psa.write(tree_of(body + E.replace('"a"', '"1 a"').replace('"b"', '"1_a"')))
    assert 'define-gate name="fire_판교-1"' in text and "<label>fire@판교--1</label>" in text
    assert 'name="_1_a"' in text and 'name="_1_a_2"' in text
