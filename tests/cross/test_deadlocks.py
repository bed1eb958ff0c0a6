"""Cold-start deadlocks: the static finding and the timed engine must name the same, on graphs with answers worked out by hand.

In each graph a blackout holds everything for an hour and breaks nothing. What is still down when nothing moves any more is stuck.
"""

from __future__ import annotations

import pytest

from blackstart.compilation import compile_model
from blackstart.engines import simulate
from blackstart.language import load
from blackstart.language.coldstart import deadlocks
from blackstart.studies.story import Telling

# name: (components, who stays down for ever, who is named as the knot itself)
GRAPHS = {
    "a chain comes back": ("a: {needs: [b]}, b: {needs: [c]}, c: {}", "", ""),
    "two that need each other": ("a: {needs: [b]}, b: {needs: [a]}", "a b", "a b"),
    "a ring of three and one behind it": ("x: {needs: [a]}, a: {needs: [b]}, b: {needs: [c]}, c: {needs: [a]}", "a b c x", "a b c"),
    "running one way, starting the other": ("login: {needs: [db]}, db: {start: {takes: 1h, needs: login}}", "db login", "db login"),
    "an alternative outside opens it": ("a: {needs: [b]}, b: {needs: {any: [a, c]}}, c: {}", "", ""),
    "an alternative inside does not": ("a: {needs: [b]}, b: {needs: {any: [a, c]}}, c: {needs: [b]}", "a b c", "a b c"),
    "two of three, one caught": ("q: {needs: {at_least: 2, of: [a, b, c]}}, a: {needs: [q]}, b: {}, c: {}", "", ""),
    "two of three, two caught": ("q: {needs: {at_least: 2, of: [a, b, c]}}, a: {needs: [q]}, b: {needs: [q]}, c: {}", "a b q", "a b q"),
    "a capacity that needs both": (
        "q: {needs: {capacity: {a: 0.6, b: 0.6}, at_least: 1}}, a: {needs: [q]}, b: {}", "a q", "a q",
    ),
    "only break-glass gets out": (
        "login: {needs: [db]}, db: {start: {takes: 1h, needs: login}, break_glass: {after: 2h, takes: 8h}}", "", "db login",
    ),
    "break-glass without a need that depends on it in turn": (
        "a: {needs: [b], break_glass: {after: 1h, takes: 1h}}, b: {needs: [a]}", "", "a b",
    ),
    "break-glass that does without the wrong need": (
        "a: {needs: [b]}, b: {needs: [a, c], break_glass: {after: 1h, takes: 1h, without: [c]}}, c: {}", "a b", "a b",
    ),
    "two rings, the second behind the first": (
        "a: {needs: [b]}, b: {needs: [a]}, c: {needs: [a, d]}, d: {needs: [c]}", "a b c d", "a b c d",
    ),
    "a ring that opens when the other does": (
        "a: {needs: {any: [b, c]}}, b: {needs: [a]}, c: {needs: [d]}, d: {needs: [c]}", "a b c d", "c d",
    ),
    "itself": ("a: {needs: [a]}", "a", "a"),
}  # fmt: skip


def play(components: str):
    names = [part.split(":")[0].strip() for part in _split(components)]
    text = (
        "blackstart: 1\ncomponents: {" + components + "}\nhazards:\n  blackout:\n    rate: 1/yr\n    effects:\n"
        f"      - {{hold: [{', '.join(names)}], for: 1h}}\n"
    )
    model = load.load_text(text)
    system = compile_model(model)
    story = simulate.rehearse(system, [simulate.Hit(0.0, True, 0)])
    return model, Telling(model, system, story)


def _split(components: str) -> list[str]:
    """The parts of a flow mapping at its top level."""
    parts, depth, begin = [], 0, 0
    for i, ch in enumerate(components):
        depth += ch in "{[" and 1 or 0
        depth -= ch in "}]" and 1 or 0
        if ch == "," and depth == 0:
            parts.append(components[begin:i])
            begin = i + 1
    return [*parts, components[begin:]]


@pytest.mark.parametrize("name", GRAPHS)
def test_what_the_timed_engine_leaves_stuck_is_what_the_graph_says(name):
    components, stuck, knot = GRAPHS[name]
    model, telling = play(components)
    assert set(telling.stuck) == set(stuck.split())
    found = [d for d in deadlocks(model) if d.kind == "start"]
    assert {m for d in found for m in d.members} == set(knot.split())
    # a knot that break-glass opens is not stuck, every other one is
    for d in found:
        assert bool(d.escape) == (not set(d.members) & set(telling.stuck)), d


def test_break_glass_takes_its_time():
    _, telling = play(GRAPHS["only break-glass gets out"][0])
    back = [t for t, state, _ in telling.states["login"] if state == "running"][-1]
    assert back == pytest.approx(1 + 2 + 8)  # held an hour, two in vain, eight to force the database


# --------------------------------------------------------------------------- the backup is kept on what needs the data
#
# A blackout holds all for an hour and the data of `db` is destroyed: mended in 1 h, restored in 2 h from `vault`. The static check
# once knew no backups, so it called these fine.

BACKED_UP = {
    "the vault starts with what the data serves": ("vault: {start: {takes: 1h, needs: login}}, login: {needs: [db]}", "db vault login", ""),
    "the vault runs on the data": ("vault: {needs: [db]}, login: {}", "db vault", ""),
    "people can force the vault": (
        "vault: {start: {takes: 1h, needs: login}, break_glass: {after: 2h, takes: 1h}}, login: {needs: [db]}", "", "vault",
    ),
    "the vault stands alone": ("vault: {}, login: {needs: [db]}", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BACKED_UP)
def test_a_backup_that_is_kept_on_what_needs_the_data(name: str) -> None:
    others, stuck, escape = BACKED_UP[name]
    model = load.load_text(
        "blackstart: 1\ncomponents: {db: {repair: 1h, data: {backup: {every: 24h, kept: vault, restore: 2h}}}, " + others + "}\n"
        "services: {shop: {needs: login}}\n"
        "hazards: {h: {rate: 1/yr, effects: [{hold: [db, vault, login], for: 1h}, {destroy: db}]}}\n"
    )
    system = compile_model(model)
    telling = Telling(model, system, simulate.rehearse(system, [simulate.Hit(0.0, True, 0)]))
    assert set(telling.stuck) - {"shop"} == set(stuck.split())
    found = [d for d in deadlocks(model) if d.kind == "restore"]
    assert len(found) == bool(stuck or escape)
    for d in found:
        assert d.chain[0] == d.chain[-1] and {"db", "vault"} <= set(d.members) and d.escape == tuple(escape.split())
        assert stuck == "" or set(d.members) == set(stuck.split())


# People who can only be called by what they are to mend. A blackout breaks core and satellite, and the phones stand on the core.

CALLED = {
    "called over what they mend": ("needs: phones", "core phones", "core phones"),
    "another way to call": ("needs: {any: [phones, satellite]}", "", ""),
    "called by what nobody has to come for": ("needs: satellite", "", ""),
    "forced, but by people who are not reached": ("needs: phones", "core phones", "core phones"),
}


@pytest.mark.parametrize("name", CALLED)
def test_people_who_are_called_by_what_they_mend(name: str) -> None:
    needs, stuck, members = CALLED[name]
    glass = ", break_glass: {after: 1h, takes: 1h, people: 1 noc}" if "forced" in name else ""
    model = load.load_text(
        "blackstart: 1\nteams: {noc: {people: 2, arrives: 30 min, " + needs + "}}\n"
        "components: {core: {repair: {takes: 1h, people: 1 noc}" + glass + "}, phones: {needs: core}, satellite: {repair: 2h}}\n"
        "services: {network: {needs: core}}\n"
        "hazards: {h: {rate: 1/yr, effects: [{break: [core, satellite]}]}}\n"
    )
    system = compile_model(model)
    telling = Telling(model, system, simulate.rehearse(system, [simulate.Hit(0.0, True, 0)]))
    assert set(telling.stuck) - {"network"} == set(stuck.split())
    found = deadlocks(model)
    assert {name for d in found for name in d.members} == set(members.split())
    assert all(d.kind == "repair" and not d.escape for d in found)
