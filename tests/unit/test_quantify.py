"""`quantify` and `export`: the result, its views in both languages, and the command line around them."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from tests.unit.test_open_psa import A, B, C, D, E, attribute, define, gate, group, number, tree_of

from blackstart import report
from blackstart.cli import main
from blackstart.errors import ModelError
from blackstart.exchange import open_psa
from blackstart.fault_trees.faulttree import FaultTree
from blackstart.report import quantification
from blackstart.studies.quantify import Study, quantify, top_of

REFERENCE = Path(__file__).parents[3] / "shared/reference/fault-trees"
LOGNORMAL = f"<lognormal-deviate>{number(0.01)}{number(5)}{number(0.95)}</lognormal-deviate>"
SIGMA = math.log(5) / 1.6448536269514722


def result_of(tree: FaultTree, study: Study = Study(), top: str = "top") -> dict[str, Any]:  # noqa: B008
    """A result, checked against the published schema and told in every view."""
    found = quantify(tree, top, study, {"tree.xml": b""})
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    jsonschema.Draft202012Validator(report.schema()).validate(found)
    for lang in ("en", "ko"):
        text = report.text(found, lang)
        assert max(map(len, text.splitlines())) <= 100 and "{" not in text
        assert report.page(found, lang).startswith("<!DOCTYPE html>")
    return found


# ----------------------------------------------------------------------------- the result

PLAIN = tree_of(gate(f"<or><and>{A}{B}</and><and>{A}{C}</and>{D}</or>") + E)  # probabilities 0.1, 0.2, 0.3, 0.4


def test_probability_cut_sets_and_importance() -> None:
    found = result_of(PLAIN)
    p_bc = 1 - 0.8 * 0.7
    whole = 1 - (1 - 0.1 * p_bc) * 0.6
    assert found["outcome"] == {"state": "exact", "reasons": []}
    assert found["probability"] == pytest.approx(whole) and found["bounds"] == [found["probability"]] * 2
    sets = found["cut_sets"]
    assert (sets["reading"], sets["total"], sets["by_order"]) == ("minimal-cut-sets", 3, [1, 2])
    listed = [("".join(s["events"]), round(s["probability"], 12)) for s in sets["most_likely"]]
    assert listed == [("d", 0.4), ("ac", 0.03), ("ab", 0.02)]
    assert sets["rare_event_sum"] == pytest.approx(0.45)
    row = next(r for r in found["importance"] if r["event"] == "a")
    with_, without = 1 - (1 - p_bc) * 0.6, 0.4
    assert row["birnbaum"] == pytest.approx(with_ - without)
    assert row["raw"] == pytest.approx(with_ / whole) and row["rrw"] == pytest.approx(whole / without)
    assert row["fussell_vesely"] == pytest.approx(1 - without / whole) == pytest.approx(row["criticality"])
    assert row["dif"] == pytest.approx(0.1 * with_ / whole)
    assert [r["event"] for r in found["importance"]] == ["d", "a", "c", "b"]
    assert found["uncertainty"] is None and found["frequency"] is None


def test_an_event_without_which_nothing_happens_has_no_finite_reduction_worth() -> None:
    found = result_of(tree_of(gate(f"<and>{A}{B}</and>") + E))
    assert [r["rrw"] for r in found["importance"]] == [None, None]
    assert "∞" in report.text(found, "en")


@pytest.mark.parametrize(("formula", "p"), [('<constant value="true"/>', 1.0), ('<constant value="false"/>', 0.0), (A, 0.1)])
def test_trivial_tops(formula: str, p: float) -> None:
    found = result_of(tree_of(gate(formula) + E))
    assert found["probability"] == p
    assert ("top is certain" in report.text(found, "en")) == (p == 1.0) and ("cannot happen" in report.text(found, "en")) == (p == 0.0)


def test_what_must_be_absent_is_said() -> None:
    tree = tree_of(gate(f"<or><and>{A}<not>{B}</not></and><and>{B}{C}</and></or>") + E)
    usual, prime = result_of(tree), result_of(tree, Study(prime=True))
    assert not usual["coherent"] and usual["cut_sets"]["reading"] == "minimal-cut-sets"
    assert prime["cut_sets"]["reading"] == "prime-implicants"
    assert {(tuple(s["events"]), tuple(s["absent"])) for s in prime["cut_sets"]["most_likely"]} == {
        (("a",), ("b",)), (("b", "c"), ()), (("a", "c"), ()),
    }  # fmt: skip
    assert "a · not b" in report.text(prime, "en") and "a · b 아님" in report.text(prime, "ko")
    assert "--prime-implicants" in report.text(usual, "en")


def test_frequency_where_events_have_one() -> None:
    body = gate(f"<and>{A}{B}</and>") + define("basic-event", "a", attribute("frequency-per-year", "2") + number(0.01))
    body += define("basic-event", "b", number(0.25))
    found = result_of(tree_of(body))
    assert found["frequency"] == {"per_year": pytest.approx(0.5), "events": 1}
    assert "once in 2 years" in report.text(found, "en")


def test_uncertainty_of_one_parameter_used_twice() -> None:
    """E[p²] = m² exp(σ²) where both events have the same parameter, m² where each has its own; three standard errors."""
    one = define("basic-event", "a", '<parameter name="p"/>') + define("basic-event", "b", '<parameter name="p"/>')
    own = define("basic-event", "a", LOGNORMAL) + define("basic-event", "b", LOGNORMAL)
    study = Study(samples=40_000)
    for events, mean in ((one, 1e-4 * math.exp(SIGMA**2)), (own, 1e-4)):
        found = result_of(tree_of(gate(f"<and>{A}{B}</and>") + events + define("parameter", "p", LOGNORMAL)), study)
        spread = found["uncertainty"]
        assert found["probability"] == pytest.approx(1e-4)
        assert abs(spread["mean"]["value"] - mean) < 3 * spread["mean"]["standard_error"]
        assert spread["quantiles"]["5"]["value"] < spread["quantiles"]["50"]["value"] < spread["quantiles"]["95"]["value"]
    z = math.log(found["uncertainty"]["quantiles"]["95"]["value"]) - math.log(found["uncertainty"]["quantiles"]["50"]["value"])
    assert z == pytest.approx(1.6448536 * SIGMA * math.sqrt(2), rel=0.03)  # the product of two is lognormal again


def test_same_seed_same_bytes_other_seed_other_samples() -> None:
    tree = tree_of(gate(A) + define("basic-event", "a", LOGNORMAL))
    one, again, other = (quantify(tree, "top", Study(samples=500, seed=s), {}) for s in (1, 1, 2))
    assert one == again and one["uncertainty"] != other["uncertainty"]
    assert quantify(tree, "top", Study(samples=0), {})["uncertainty"] is None


def test_what_takes_no_part_is_named() -> None:
    body = gate(A) + gate(f"<and>{C}<gate name='under'/></and>", "loose") + gate(D, "under") + E
    found = result_of(tree_of(body, '<define-event-tree name="ET"/>'))
    assert found["aside"] == {"gates": ["loose", "under"], "tops": ["loose"], "events": ["b", "c", "d"], "kinds": ["define-event-tree"]}
    said = report.text(found, "en")
    assert "Quantified is top. Other gates that nothing rests on: loose." in said and "2 gates do not lie below the top" in said


def test_which_gate_is_the_top() -> None:
    two = tree_of(gate(A) + gate(B, "other") + E)
    assert top_of(two, "other") == "other" and top_of(PLAIN, None) == "top"
    with pytest.raises(ModelError, match="Several gates could be the top event: top, other"):
        top_of(two, None)
    with pytest.raises(ModelError, match="Did you mean `other`"):
        top_of(two, "othr")


def test_events_of_a_common_cause_are_told_by_their_members() -> None:
    found = result_of(tree_of(gate(f"<and>{A}{B}</and>"), group("beta-factor", 0.2)))
    assert found["cut_sets"]["most_likely"][0]["events"] == ["[a b]"] and found["size"]["groups"] == 1


@pytest.mark.parametrize(
    ("p", "shown"), [(1.17058e-3, "1.1706e-03"), (0.25, "0.25"), (0.0, "0"), (1.0, "1"), (0.0999999, "1.0000e-01"), (3e-14, "3.0000e-14")]
)
def test_probabilities_are_written_as_engineers_write_them(p: float, shown: str) -> None:
    assert quantification.chance(p) == shown


def test_bounds_are_told_as_bounds() -> None:
    found = quantify(PLAIN, "top", Study(), {})
    found["outcome"] = {"state": "bounded", "reasons": ["diagram-too-large"]}
    found["bounds"] = [1.2344e-5, 1.3371e-5]
    found["cut_sets"]["complete"] = False
    jsonschema.Draft202012Validator(report.schema()).validate(found)
    said = report.text(found, "en")
    assert "between 1.234e-05 and 1.338e-05; both bounds are proven" in said and "The lower bound holds 3 cut sets" in said
    assert "rare-event" not in said and "matters most" not in said
    assert "1.234e-05와 1.338e-05 사이" in report.text(found, "ko")


@pytest.mark.parametrize(("bound", "way", "shown"), [(1.2399e-5, -1, "1.23e-05"), (1.2301e-5, 1, "1.24e-05"), (9.999e-4, 1, "1.00e-03")])
def test_printed_bounds_hold(bound: float, way: int, shown: str) -> None:
    assert quantification.outward(bound, 2, way) == shown


# ----------------------------------------------------------------------------- the command line


def run(*args: str) -> Result:
    return CliRunner().invoke(main, list(args))


@pytest.fixture
def plain(tmp_path: Path) -> str:
    path = tmp_path / "plain.xml"
    path.write_text(open_psa.write(PLAIN), encoding="utf-8")
    return str(path)


def test_json_holds_what_is_promised(plain: str) -> None:
    told = json.loads(run("quantify", plain, "--format", "json").stdout)
    assert told["schema_version"] == "1" and told["kind"] == "quantification"
    assert told["probability"] == pytest.approx(0.4264) and told["outcome"]["state"] == "exact" and len(told["bounds"]) == 2
    assert told["cut_sets"]["total"] == 3 and told["cut_sets"]["by_order"] == [1, 2]
    assert told["importance"][0]["event"] == "d" and told["provenance"]["model"] == [plain] and told["provenance"]["digest"]


def test_the_digest_is_of_files_and_question(plain: str) -> None:
    def digest(*more: str) -> str:
        return json.loads(run("quantify", plain, "--format", "json", *more).stdout)["provenance"]["digest"]

    assert digest() == digest("--seed", "2") == digest("--most", "1")
    other = Path(plain).with_name("other.xml")
    other.write_text(Path(plain).read_text(encoding="utf-8").replace("0.4", "0.5"), encoding="utf-8")
    assert json.loads(run("quantify", str(other), "--format", "json").stdout)["provenance"]["digest"] != digest()


def test_text_and_page_in_both_languages(plain: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    korean = run("quantify", plain, "--lang", "ko", "--page", str(page))
    assert "top의 확률은 0.4264입니다." in korean.stdout and "최소 컷셋 3개" in korean.stdout
    assert '<html lang="ko">' in page.read_text(encoding="utf-8")
    assert "top has a probability of 0.4264." in run("quantify", plain, "--lang", "en").stdout


def test_gates_and_probabilities_in_different_files(tmp_path: Path) -> None:
    tree, events = tmp_path / "tree.xml", tmp_path / "events.xml"
    tree.write_text(f'<opsa-mef><define-fault-tree name="T">{gate(A)}</define-fault-tree></opsa-mef>', encoding="utf-8")
    events.write_text(f"<opsa-mef><model-data>{E}</model-data></opsa-mef>", encoding="utf-8")
    alone = run("quantify", str(tree), "--lang", "en")
    assert alone.exit_code == 2 and "name both files" in alone.stderr
    assert json.loads(run("quantify", str(tree), str(events), "--format", "json").stdout)["probability"] == 0.1


def test_galileo_files_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "tree.dft"
    path.write_text('toplevel "T"; "T" and "a" "b"; "a" prob=0.5; "b" lambda=0.01;', encoding="utf-8")
    wanted = run("quantify", str(path), "--lang", "en")
    assert wanted.exit_code == 2 and "--mission-time 8760" in wanted.stderr and "tree.dft:1:46" in wanted.stderr
    told = json.loads(run("quantify", str(path), "--mission-time", "100", "--format", "json").stdout)
    assert told["top"] == "T" and told["probability"] == pytest.approx(0.5 * (1 - math.exp(-1)))
    path.write_text('"T" pand "a" "b"; "a" prob=0.5; "b" prob=0.5;', encoding="utf-8")
    assert "timed engine" in run("quantify", str(path), "--lang", "en").stderr


def test_problems_of_probabilities_show_the_line(tmp_path: Path) -> None:
    path = tmp_path / "tree.xml"
    events = define("basic-event", "a", number(7))
    path.write_text(f'<opsa-mef>\n<define-fault-tree name="T">{gate(A)}\n{events}</define-fault-tree></opsa-mef>', encoding="utf-8")
    done = run("quantify", str(path), "--lang", "ko")
    assert done.exit_code == 2 and "tree.xml:3:" in done.stderr and "^" in done.stderr and "`a`의 확률이 7로 계산됩니다." in done.stderr


def test_a_missing_file_and_a_bomb_end_with_2(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaa">]><opsa-mef>&a;</opsa-mef>', encoding="utf-8")
    for name in (str(path), "no-such-file.xml"):
        done = run("quantify", name, "--lang", "en")
        assert done.exit_code == 2 and not done.stdout and "Traceback" not in done.stderr


# ----------------------------------------------------------------------------- export

RING = """
blackstart: 1
components:
  a: {needs: [b], fails: 1/yr, repair: 10h}
  b: {needs: [c], fails: 1/yr, repair: 10h}
  c: {needs: [a], fails: 1/yr, repair: 10h}
  d1: {fails: 1/yr, repair: 10h}
  d2: {fails: 1/yr, repair: 10h}
services:
  shop: {needs: [a, {any: [d1, d2]}]}
"""


def test_export_and_quantify(tmp_path: Path) -> None:
    """Circles of needs are written out; what is read back has the same misfortunes, with their share of time and frequency."""
    model, tree = tmp_path / "ring.yaml", tmp_path / "ring.xml"
    model.write_text(RING, encoding="utf-8")
    done = run("export", str(model), "--format", "open-psa", "-o", str(tree), "--lang", "en")
    assert done.exit_code == 0, done.stderr
    told = json.loads(run("quantify", str(tree), "--format", "json").stdout)
    p = {row["event"]: row["probability"] for row in told["importance"]}
    assert told["top"] == "shop-out" and told["cut_sets"]["by_order"] == [3, 1]
    up = math.prod(1 - p[f"{name}-fails"] for name in "abc") * (1 - p["d1-fails"] * p["d2-fails"])
    assert told["probability"] == pytest.approx(1 - up) and told["frequency"]["events"] == 5
    assert p["d1-fails"] == pytest.approx(10 / 8760 / (1 + 10 / 8760), rel=1e-6)


def test_export_of_one_service_and_of_none_that_exists() -> None:
    done = run("export", "kakao-2022", "--service", "pay", "--lang", "en")
    assert open_psa.read_bytes({"pay": done.stdout.encode()}).tops() == ["pay-out"]
    assert run("export", "kakao-2022", "--service", "pey", "--lang", "en").exit_code == 2


# ----------------------------------------------------------------------------- reference


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference trees are not here")
@pytest.mark.parametrize("name", ["chinese", "das9202", "das9601", "isp9605", "baobab2"])
def test_reference_trees(name: str) -> None:
    with (REFERENCE / "answers.csv").open(encoding="utf-8") as f:
        answer = next(row for row in csv.DictReader(f) if row["tree"] == name)
    told = json.loads(run("quantify", str(REFERENCE / f"{name}.xml"), "--format", "json").stdout)
    assert told["probability"] == pytest.approx(float(answer["probability"]), rel=1e-9)
    if answer["coherent"] == "True":
        assert told["cut_sets"]["by_order"] == [int(n) for n in answer["by_order"].split()]
