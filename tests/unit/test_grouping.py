"""What a picture draws as one box, and tables tell in one row: nobody is lost or told twice, what is struck or shared is apart."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blackstart import report
from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.language.load import load_text
from blackstart.planning.quiet import quiet
from blackstart.report import grouping, picture, reasons
from blackstart.report.names import Names
from blackstart.studies.explain import unknowns

KINDS = (None, "server-pool", "database", "queue")


def platform(regions: int = 3, zones: int = 3, pools: int = 80) -> dict[str, Any]:
    """Services on pools in every zone of every region, on a store of nodes in all zones, a login and a DNS for each region."""
    places = [{"id": f"r{r}", "kind": "region", "in": []} for r in range(regions)]
    places += [{"id": f"r{r}-z{z}", "kind": "site", "in": [f"r{r}"]} for r in range(regions) for z in range(zones)]
    parts: dict[str, tuple[str | None, list[str], list[str]]] = {"login": (None, [], ["store"])}
    zone_ids = [p["id"] for p in places[regions:]]
    parts["store"] = (None, [], [f"kv-{z}" for z in zone_ids])
    for r in range(regions):
        parts[f"dns-r{r}"] = ("dns", [f"r{r}"], [])
    for z in zone_ids:
        parts[f"kv-{z}"] = ("database", [z], [])
        for n in range(pools):
            parts[f"pool-{n}-{z}"] = ("server-pool", [z], [f"dns-{z[:2]}", "login"])
    services = {f"service-{n}": [f"pool-{n}-{z}" for z in zone_ids] for n in range(pools)}
    rows = [{"id": i, "kind": kind, "service": False, "in": where} for i, (kind, where, _) in parts.items()]
    rows += [{"id": i, "kind": None, "service": True, "in": []} for i in services]
    needs = [[a, b, "run"] for a, (_, _, some) in parts.items() for b in some]
    return {"components": rows, "domains": places, "needs": needs + [[a, b, "run"] for a, some in services.items() for b in some]}


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, Any]:
    """Graphs of up to 400 parts in a forest of domains, with needs that may go round in circles."""
    n, places = draw(st.integers(1, 400)), draw(st.integers(0, 12))
    random = draw(st.randoms(use_true_random=False))
    domains = [
        {"id": f"d{i}", "kind": random.choice(("site", "region", "software")),
         "in": [f"d{random.randrange(i)}"] if i and random.random() < 0.6 else []}
        for i in range(places)
    ]  # fmt: skip
    parts = [
        {"id": f"c-{i}", "kind": random.choice(KINDS), "service": random.random() < 0.2,
         "in": [f"d{random.randrange(places)}"] if places and random.random() < 0.8 else []}
        for i in range(n)
    ]  # fmt: skip
    needs = [[f"c-{random.randrange(n)}", f"c-{random.randrange(n)}", random.choice(("run", "start", "want"))] for _ in range(2 * n)]
    return {"components": parts, "domains": domains, "needs": needs}


@settings(deadline=None, max_examples=60)
@given(graphs(), st.booleans())
def test_every_part_is_in_exactly_one_box_and_every_box_is_drawn(graph: dict[str, Any], fared: bool) -> None:
    groups = grouping.grouped(graph, fared=(lambda id_: str(len(id_) % 2)) if fared else lambda id_: "")
    ids = [c["id"] for c in graph["components"]]
    assert sorted(m for b in groups.boxes for m in b.members) == sorted(ids)
    assert len(groups.boxes) <= grouping.BOXES_MOST
    services = {c["id"] for c in graph["components"] if c["service"]}
    assert all({m in services for m in b.members} == {b.service} for b in groups.boxes)
    assert len(ids) > grouping.BOXES_MOST or all(len(b.members) == 1 for b in groups.boxes)
    ground = picture.frames_of(graph, groups)
    assert sorted(b.key for b in ground.all_boxes()) == sorted(b.key for b in groups.boxes)


@settings(deadline=None, max_examples=30)
@given(graphs())
def test_the_numbers_on_lines_count_needs_and_never_more_than_there_are(graph: dict[str, Any]) -> None:
    boxes = grouping.grouped(graph).boxes
    of = {m: i for i, b in enumerate(boxes) for m in b.members}
    between = {(a, b) for a, b, _ in graph["needs"] if of[a] != of[b]}
    for line in picture.lines_of(graph, boxes):
        assert line.needs == len([1 for a, b in between if (of[a], of[b]) == (line.a, line.b)]) > 0


def test_like_parts_and_like_places_are_one_and_counts_add_up() -> None:
    few, many = grouping.grouped(platform()), grouping.grouped(platform(zones=12))
    by_name = {b.key: b for b in few.boxes}
    assert few.is_folded and many.is_folded
    assert len(by_name["pool-0-r0-z0"].members) == 80 and few.alike("r0-z0") == ["r0-z0"]  # there is room for nine places
    by_name = {b.key: b for b in many.boxes}
    assert len(by_name["pool-0-r0-z0"].members) == 3 * 12 * 80
    assert len(many.alike("r0-z0")) == 36 and len(many.alike("r0")) == 3
    assert by_name["login"].members == ["login"]  # on which all pools hang
    assert sum(len(b.members) for b in many.boxes if b.service) == 80


def test_what_fared_otherwise_keeps_a_box_and_its_place_a_frame() -> None:
    groups = grouping.grouped(platform(), fared=lambda id_: "broken" if id_.endswith("r1-z1") else "")
    struck = [b for b in groups.boxes if any(m.endswith("r1-z1") for m in b.members)]
    assert all(m.endswith("r1-z1") for b in struck for m in b.members)
    assert groups.alike("r1-z1") == ["r1-z1"] and {b.domain for b in struck} == {"r1-z1"}


def test_services_beyond_those_with_a_box_of_their_own_are_one() -> None:
    order = [f"service-{n}" for n in reversed(range(80))]
    groups = grouping.grouped(platform(), order, fared=lambda id_: id_ if id_.startswith("service") else "")
    services = [b for b in groups.boxes if b.service]
    assert [b.key for b in services[:3]] == order[:3]
    assert len(services) == grouping.SERVICES_MOST and services[-1].rolled
    assert sum(len(b.members) for b in services) == 80


@pytest.mark.parametrize(
    ("names", "common"),
    [
        (["kv-orders-eu-a", "kv-users-eu-a"], "kv-…"),
        (["front LB eu", "front LB us"], "front LB …"),
        (["orders", "ordering"], ""),
        (["a-1", "a-2"], ""),
    ],
)
def test_what_like_parts_are_called(names: list[str], common: str) -> None:
    assert grouping.common_name(names) == common


def test_like_parts_are_known_in_a_large_model_alone_and_names_tell_what_has_no_kind() -> None:
    like = grouping.like_parts(platform(zones=12))
    assert len({like[f"pool-{n}-r0-z{z}"] for n in range(80) for z in range(12)}) == 1
    assert like["store"] != like["login"] and like["dns-r0"] == like["dns-r2"] != like["kv-r0-z0"]
    assert not grouping.like_parts(platform(regions=1, zones=1, pools=20))


TINY = "blackstart: 1\ncomponents: {a: {fails: 1/yr..4/yr, repair: 10 h}}\nservices: {s: {needs: a, loss: 1,000 KRW/h}}\n"


def test_the_same_question_of_like_parts_is_asked_once_and_what_is_left_stays() -> None:
    model, study = load_text(TINY), simulate.Study(worlds=4, samples=4, threads=1)
    system = compile_model(model)
    asked = unknowns(model, system, "total.loss.aal", study, simulate.assess(system, study)).as_dict()
    rows = []
    for name, share, left in (("login", 0.6, 0.63), ("kv-r0-z0", 0.25, 0.39), ("kv-r1-z0", 0.15, 0.0)):
        path, thing = f"components.{name}.fails", ["components", name]
        rows.append({**asked["questions"][0], "path": path, "thing": thing, "share_of_band": share, "left": left})
    asked |= {"questions": rows[1:] + rows[:1], "graph": platform(zones=12)}
    told = reasons._Reasons(asked, Names(asked, "en"))
    (first, left), (second, nothing) = told.asked
    assert told.question(*first).startswith("How often does login break") and left == pytest.approx(0.4**0.5)
    assert told.question(*second).endswith("The same is asked of each of kv-… × 2.") and nothing == pytest.approx(0.0, abs=1e-6)
    assert "kv-…" in report.text(asked, "en")
    asked["graph"] = platform(regions=1, zones=1, pools=2)
    assert "kv-…" not in report.text(asked, "en") and report.page(asked, "ko")


def test_breakdowns_of_like_parts_are_one_misfortune_whose_rates_add_up() -> None:
    told = quiet(load_text(TINY), simulate.Study(worlds=4, samples=4, threads=1)).as_dict()
    by = [{"what": "redundancy", "id": "store", "share": 0.9}]
    rate = {"value": 3.0, "standard_error": 0.03, "band": None}
    none = {**rate, "value": 0.0, "standard_error": 0.0}
    names = ["kv-r0-z0", "kv-r1-z0", "login", "kv-r2-z1"]
    told["initiators"] = [
        {"what": "component", "id": name, "absorbed_per_year": rate, "noticed_per_year": none, "by": by}
        for name in names
    ]
    told["graph"] = platform(zones=12)
    said = report.text(told, "en")
    row = next(line for line in said.splitlines() if "kv-… × 3" in line)
    assert "9.0" in row.replace("9 ", "9.0 ") and said.count("breakdown of") == 2
    worth = {"what": "redundancy", "stood_per_year": 1.0, "rescued_share": 0.0, "hours_added": none, "over_24h_added": None}
    told["protections"] = [
        {**worth, "id": "store", "loss_added": {**rate, "value": 100.0}}, *({**worth, "id": n, "loss_added": none} for n in names)
    ]
    said = " ".join(report.text(told, "en").split())
    assert "Without 4 other protections" in said and all(name in said for name in names)
