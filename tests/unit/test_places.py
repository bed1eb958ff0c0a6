"""Who stands behind the same wall."""

from __future__ import annotations

from blackstart.language.model import Component, Domain, Model, Need
from blackstart.language.places import MOST_AROUND, Places


def places(domains: list[Domain], components: list[Component] | None = None) -> Places:
    parts = {c.id: c for c in components or []}
    rows = {d.id: d for d in domains}
    return Places(Model("", parts, rows, {}, {}, {}, {}, {}, (), None, None, (), None))


NEST = [
    Domain("korea", kind="country"),
    Domain("pangyo", kind="site", located=("korea",)),
    Domain("hall", kind="room", located=("pangyo",)),
    Domain("v7", kind="software"),
]


def test_around_and_of():
    world = places(NEST, [Component("a", located=("hall", "v7", "nowhere"))])
    assert world.around("hall") == {"hall", "pangyo", "korea"}
    assert world.of(world.model.components["a"]) == {"hall", "pangyo", "korea", "v7"}


def test_shared_places_the_innermost_first_and_no_countries_or_releases():
    both = [Component("a", located=("hall", "v7")), Component("b", located=("hall", "v7"))]
    assert places(NEST, both).shared(["a", "b"]) == ["hall", "pangyo"]
    assert places(NEST, both).shared(["unknown"]) == []


def test_domains_inside_each_other_end():
    world = places([Domain("x", located=("y",)), Domain("y", located=("x",))])
    assert world.around("x") == world.around("y") == {"x", "y"}


def test_a_long_chain_of_domains_is_cut_at_the_limit():
    world = places([Domain(f"d{i}", located=(f"d{i + 1}",)) for i in range(1000)])
    assert world.around("d0") == {f"d{i}" for i in range(MOST_AROUND)}


def test_tools_beside_names_the_smallest_place():
    parts = [
        Component("a", located=("hall",)),
        Component("deploy", located=("pangyo",)),
        Component("key", located=("hall",)),
    ]
    world = places(NEST, parts)
    deploy, key = Need("leaf", name="deploy"), Need("leaf", name="key")
    assert world.tools_beside(parts[0], deploy) == [("deploy", "pangyo")]
    assert world.tools_beside(parts[0], Need("any", of=(deploy, key))) == [
        ("deploy", "pangyo"),
        ("key", "pangyo"),
    ]
    assert world.tools_beside(parts[0], Need("leaf", name="a")) == []
