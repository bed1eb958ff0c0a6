"""From text to rows: every spelling of every field, defaults with sources, and every problem at once."""

from __future__ import annotations

import datetime
import gc
import textwrap
import time
from pathlib import Path

import pytest

import blackstart
from blackstart import evidence
from blackstart.errors import ModelError, Problem, Where, hint, render, what
from blackstart.language.fields import FIELD_READERS, spec_of
from blackstart.language.load import apply, dump, load, load_text
from blackstart.language.model import Component, Crew, Default, Hazard, Help, Model, Need, Target, Want, shown_text
from blackstart.units import Dist

SMALLEST = """\
blackstart: 1
components:
  web:   {needs: [login, db]}
  login: {needs: [db]}
  db:    {kind: database, in: seoul-1}
domains:
  seoul-1: {kind: site}
services:
  shop: {needs: [web], loss: 3,000,000 KRW/h}
"""
_NO_MODELS = ("targets.yaml", "incident.yaml", "kakao-defences.yaml")  # of back-tests, records of incidents; one is a part of another file
MODELS = [p for p in sorted((Path(blackstart.__file__).parent / "examples").glob("**/*.yaml")) if p.name not in _NO_MODELS]


def model(text: str) -> Model:
    return load_text("blackstart: 1\n" + textwrap.dedent(text), "m")


def component(fields: str, more: str = "") -> Component:
    others = "components: {b: {fails: never}, c: {fails: never}, d: {fails: never}, a: {" + fields + "}}\n"
    teams = "teams: {infra: {people: 9}, dba: {people: 2}}\n"
    return model(others + teams + textwrap.dedent(more)).components["a"]


def problems(text: str) -> list[Problem]:
    with pytest.raises(ModelError) as caught:
        model(text)
    return list(caught.value.problems)


def found(text: str) -> list[tuple[str, str, str | None]]:
    return [(one.code, one.path, one.nearest) for one in problems(text)]


def leaf(name: str) -> Need:
    return Need("leaf", name)


# --------------------------------------------------------------------------- the smallest model


def test_the_smallest_model() -> None:
    got = load_text(SMALLEST)
    assert list(got.components) == ["web", "login", "db", "shop"]
    assert [one.id for one in got.services] == ["shop"]
    assert got.components["web"].needs == Need("all", of=(leaf("login"), leaf("db")))
    assert got.components["login"].needs == leaf("db")
    assert got.components["shop"].loss.rate.dist == Dist("point", 3e6)
    assert got.currency == "KRW"
    assert got.components["db"].fails.source == "+".join(
        row.id for row in evidence.sources(got.components["db"].fails.source)
    )
    assert all(hazard.endswith("@seoul-1") for hazard in got.hazards)
    assert len(got.hazards) == len(evidence.defaults("site", "domain")["hazards"])


def test_every_default_is_listed_with_its_source() -> None:
    got = load_text(SMALLEST)
    listed = {one.path: one for one in got.defaults}
    assert listed["components.web.fails"] == Default("components.web.fails", "never", "language")
    fails = listed["components.db.fails"]
    assert (
        fails.source == got.components["db"].fails.source and fails.value == got.components["db"].fails.text
    )
    assert fails.title
    for hazard in got.hazards.values():
        assert listed[f"hazards.{hazard.id}.rate"].source == hazard.rate.source != ""


def test_what_the_user_states_is_never_overwritten() -> None:
    got = model(
        """
        components:
          a: {kind: database, fails: 1/yr}
          b: {kind: database, repair: 4h}
          c: {kind: database, repair: {work: 5 min each, people: 2 infra}}
          d: {kind: database, repair: {people: 1 infra}}
        teams: {infra: {people: 4}}
        """
    )
    parts = got.components
    assert parts["a"].fails.dist == Dist("point", 1) and parts["a"].repair.takes.source
    assert parts["b"].repair.takes.exact() == 4 and parts["b"].fails.source
    assert parts["c"].repair.takes is None
    assert parts["d"].repair.takes == parts["a"].repair.takes and parts["d"].repair.people == (
        Crew("infra", 1),
    )
    paths = {one.path for one in got.defaults}
    assert "components.a.fails" not in paths and "components.b.repair.takes" not in paths
    assert "components.d.repair.takes" in paths


def test_hazards_of_a_kind_can_be_changed_or_refused() -> None:
    (name, *rest) = load_text(SMALLEST).hazards
    changed = load_text(SMALLEST + f"hazards:\n  {name}: {{rate: 1 per 7 yr}}\n  {rest[0]}: null\n")
    assert list(changed.hazards) == [name]
    assert changed.hazards[name].rate.dist.a == pytest.approx(1 / 7)
    assert changed.hazards[name].effects == load_text(SMALLEST).hazards[name].effects
    assert f"hazards.{name}.rate" not in {one.path for one in changed.defaults}


def test_a_hazard_of_a_kind_gives_way_to_the_part_that_it_stands_for() -> None:
    domains = "domains: {s: {kind: site}, s/r: {kind: room, in: s}}\n"
    inside, outside = "components: {p: {kind: UPS, in: s/r}}\n", "components: {p: {kind: UPS}}\n"
    assert "power-loss@s" in evidence_hazards(domains + outside)
    assert "power-loss@s" not in evidence_hazards(domains + inside)


def evidence_hazards(text: str) -> set[str]:
    return set(model(text).hazards)


# --------------------------------------------------------------------------- spellings


@pytest.mark.parametrize(
    ("written", "need"),
    [
        ("b", leaf("b")),
        ("[b]", leaf("b")),
        ("[b, c]", Need("all", of=(leaf("b"), leaf("c")))),
        ("{all: [b, c]}", Need("all", of=(leaf("b"), leaf("c")))),
        ("{any: [b, [c, d]]}", Need("any", of=(leaf("b"), Need("all", of=(leaf("c"), leaf("d")))))),
        ("{at_least: 2, of: [b, c, d]}", Need("at_least", of=(leaf("b"), leaf("c"), leaf("d")), threshold=2)),
        (
            "{capacity: {b: 0.6, c: 60%}, at_least: 0.5}",
            Need("capacity", of=(leaf("b"), leaf("c")), weights=(0.6, 0.6), threshold=0.5),
        ),
        ("{any: {tag: t}}", Need("any", of=(leaf("e"), leaf("f")))),
    ],
)
def test_needs(written: str, need: Need) -> None:
    text = f"components: {{a: {{needs: {written}}}, b: , c: , d: , e: {{tags: t}}, f: {{tags: [t, u]}}}}"
    assert model(text).components["a"].needs == need


def test_a_doubtful_need() -> None:
    need = component("needs: {maybe: 10%, on: b}").needs
    assert (need.op, need.of, need.chance.dist) == ("maybe", (leaf("b"),), Dist("point", 0.1))


def test_fields_of_a_component() -> None:
    got = component(
        "label: {ko: 가, en: A}, in: [s, r], tags: [x, y], wants: {b: 20%}, helps: {c: x3}, rides: 15 min, "
        "count: 32,000, headroom: 120%, overload: 150%, surge: {by: x3, "
        "lasts: 1h, after: 10 min}, priority: 1, "
        "tested: every 6 months, hidden: 1 in 3 yr, users: 3.2만, aftermath: x4, "
        "standby: {for: [b, c], below: 30%, failback: no}, "
        "break_glass: {after: 2h, takes: 8h, people: 3 infra, without: b}, "
        "start: {takes: 20 min, work: 5 min each, people: {infra: 3, dba: 1}, "
        "needs: b, works: 3 of 10, retry: 1 min, "
        "rehearsed: 2024-01-01, on_site: yes, detect: 1 min, decide: 2 min, switch: 3 min}, "
        "repair: {takes: triangular(1h, 2h, 4h), people: [3 infra, 1 dba], "
        "needs: {any: [b, c]}, spare: {stock: 2, lead: 30 d}}, "
        "data: {copies: [a, b], lag: 5 s, copy: 3h, backup: {every: 24h, kept: c, restore: 6h}}, "
        "tolerance: {rto: 4h, rpo: 1 min, mtpd: 3 d, serves: 80%}",
        "domains: {s: {kind: zone}, r: {kind: software}}\nhazards: {bad-release@r: null}",
    )
    assert (shown_text(got.label, "ko"), shown_text(got.label, "en"), shown_text(got.label, "ja")) == ("가", "A", "가")
    assert (got.located, got.tags, got.wants, got.helps) == (
        ("s", "r"),
        ("x", "y"),
        (Want("b", 0.2),),
        (Help("c", 3),),
    )
    assert (got.count, got.headroom, got.overload, got.priority, got.users, got.aftermath) == (
        32000,
        1.2,
        1.5,
        1,
        32000,
        4,
    )
    assert (got.surge.factor, got.surge.lasts.exact(), got.standby.stands_for, got.standby.below) == (
        3,
        1,
        ("b", "c"),
        0.3,
    )
    assert got.standby.failback is False and got.start.on_site is True
    assert got.break_glass.without == ("b",) and got.break_glass.people == (Crew("infra", 3),)
    assert got.start.people == (Crew("infra", 3), Crew("dba", 1)) == got.repair.people
    assert got.start.rehearsed == datetime.date(2024, 1, 1) and got.start.work.exact() == pytest.approx(
        1 / 12
    )
    assert got.start.works.dist == Dist("beta", 3.5, 7.5)
    assert got.repair.takes.terms == (Dist("triangular", 1, 2, 4),) and got.repair.spare.stock == 2
    assert got.data.copies == ("a", "b") and got.data.backup.kept == "c" and got.tolerance.serves == 0.8
    assert got.tested.exact() == 6 * 730 and got.tested.text == "every 6 months"


def test_short_spellings() -> None:
    got = component("start: 20 min, repair: 4h..20h, standby: b, surge: x3")
    assert got.start.takes.exact() == pytest.approx(1 / 3)
    assert got.repair.takes.terms[0].kind == "lognormal"
    assert got.standby.stands_for == ("b",) and got.surge.factor == 3


@pytest.mark.parametrize("written", ["3 infra", "infra 3명", "{infra: 3}", "[3 infra]"])
def test_people(written: str) -> None:
    assert component(f"start: {{people: {written}}}").start.people == (Crew("infra", 3),)


def test_people_of_two_teams_in_words() -> None:
    assert component("start: {people: 3 infra + 1 dba}").start.people == (Crew("infra", 3), Crew("dba", 1))


def test_helps_without_a_factor_is_a_default() -> None:
    got = model("components: {a: {helps: [b, c]}, b: , c: }")
    assert got.components["a"].helps == (Help("b", 2), Help("c", 2))
    assert Default("components.a.helps.b", "x2", "language") in got.defaults


def test_losses() -> None:
    table = component("loss: {24h: 20억원, 1h: 1억원}").loss
    assert [(hours, money.dist.a) for hours, money in table.table] == [(1, 1e8), (24, 2e9)]
    full = component(
        "loss: {rate: 3,000,000 KRW/h, hours: mon-fri 08-20, otherwise: 30%, "
        "deferred: 20%, penalties: {4h: 1bn KRW}, cap: 9bn KRW}"
    ).loss
    assert (full.rate.dist.a, full.hours, full.otherwise, full.deferred) == (3e6, "mon-fri 08-20", 0.3, 0.2)
    assert full.penalties[0][0] == 4 and full.cap.dist.a == 9e9
    both = component("loss: {1h: 1억원, deferred: 20%}").loss
    assert both.table[0][0] == 1 and both.deferred == 0.2


def test_money_of_other_currencies_is_converted() -> None:
    text = "services: {a: {loss: 10 USD/h}, b: {loss: 5 KRW/h}}\n"
    got = model("currency: KRW\nexchange: {USD: 1,400 KRW}\n" + text)
    assert (got.currency, got.components["a"].loss.rate.dist.a, got.components["a"].loss.rate.currency) == (
        "KRW",
        14000,
        "KRW",
    )
    (problem,) = problems(text)
    assert (problem.code, problem.path, problem.values["other"]) == (
        "currency-mixed",
        "services.b.loss",
        "USD",
    )


def test_values_of_the_library_by_name() -> None:
    text, source = evidence.value("dc-fire")
    rate = component("fails: {library: dc-fire}").fails
    assert (rate.text, rate.source) == ("library: dc-fire", source)
    assert component("fails: 'library: dc-fire'").fails == rate
    assert found("components: {a: {fails: {library: dc-fir}}}") == [
        ("unknown-library", "components.a.fails", "dc-fire")
    ]


def test_teams_barriers_growth_and_common_causes() -> None:
    got = model(
        """
        title: 판교
        as_of: 2024-06-01
        components: {a: , b: }
        teams: {infra: {people: 100, on_call: 10, arrives: 30..90 min, musters: 3h, shift: 12h}}
        barriers: {gas: {works: 50%..90%, shown: 2023-01-01, tested: 1 yr, hidden: 0.1/yr, needs: a}}
        common_causes: {ups: {of: [a, b], beta: 10%}, fan: {of: [a, b], alpha: [0.9, 0.1]}}
        growth: [{when: 6 months, demand: x2}, {when: 2024-07-01, loss: x3}]
        """
    )
    assert (got.title, got.as_of) == ("판교", datetime.date(2024, 6, 1))
    assert got.teams["infra"].on_call == 10
    assert got.barriers["gas"].works.dist.kind == "logitnormal"
    assert got.common_causes["ups"].factors == (0.1,) and got.common_causes["fan"].model == "alpha"
    assert [stage.when.exact() for stage in got.growth] == [6 * 730, 30 * 24]


# --------------------------------------------------------------------------- hazards


EFFECTS = """
components: {web: {tags: front}, talk: , ups: , vault: }
domains: {p: {kind: campus}, p/b: {kind: hall, in: p}, r1: {kind: group}, r2: {kind: group}}
teams: {infra: {people: 9}}
barriers: {gas: , cut: }
hazards:
  bad: {strikes: {each: group}, rate: 400 changes/yr, chance: 0.1%,
        effects: [{hold: here, for: 1h}, {trigger: cut}]}
  cut: {rate: 1/yr}
  fire:
    strikes: p/b
    rate: 3 in 9,000 yr
    effects:
"""


def effect(written: str) -> object:
    text = EFFECTS + f"      - {written}\n    lasts: {{out: 6h..22h}}\n"
    return model(text).hazards["fire"].effects[0]


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("break: ups", Target(("ups",))),
        ("hold: half of p", Target(("p",), share=0.5)),
        ("{hold: 30% of web}", Target(("web",), share=0.3)),
        ("{hold: p의 절반}", None),
        ("{hold: p 30%}", Target(("p",), share=0.3)),
        ("{bar: [p, ups]}", Target(("p", "ups"))),
        ("{hold: here}", Target(("p/b",))),
        ("{destroy: half of here}", Target(("p/b",), share=0.5)),
        ("{hold: {tag: front}}", Target(tags=("front",))),
        ("{hold: 'tag: front'}", Target(tags=("front",))),
        ("{hold: {each: group}}", Target(("r1", "r2"))),
        ("{hold: {share: 20%, of: p}}", Target(("p",), share=0.2)),
        ("{reveal: front}", Target(tags=("front",))),
        ("{reveal: gas}", Target(("gas",))),
        ("{surge: x3}", Target(("p/b",))),
    ],
)
def test_targets(written: str, target: Target | None) -> None:
    if target is None:
        target = Target(("p",), share=0.5)
    assert effect(written).target == target


def test_effects_and_what_goes_with_them() -> None:
    got = effect(
        "{hold: p, after: 93 min, unless: [gas, cut], chance: 3 of 9, "
        "when: vault is down, until: out + 4h..16h, "
        "then: [{slow: {on: p, by: x2}, until: 6h..9h}]}"
    )
    assert (got.op, got.unless, got.when, got.until.named) == ("hold", ("gas", "cut"), leaf("vault"), "out")
    assert got.until.plus.terms[0].quantile(0.95) == pytest.approx(16)
    assert got.after.exact() == pytest.approx(1.55) and got.chance.demands == 9
    (slow,) = got.then
    assert (slow.op, slow.factor, slow.until.named, slow.until.plus.text) == ("slow", 2, None, "6h..9h")
    assert effect("{hold: p, until: cleared}").until.named == "cleared"
    assert effect("{hold: p, for: 3h}").until.plus.exact() == 3
    later = effect("{break: p, after: out + 5 min}")
    assert later.since == "out" and later.after.exact() == pytest.approx(1 / 12)
    assert effect("{break: p, after: cleared}").since == "cleared"
    assert effect("{hold: p, when: {down: {all: [web, vault]}}}").when.op == "all"


def test_people_and_other_hazards() -> None:
    ten, half = effect("{take: 10 infra}"), effect("{take: {team: infra, people: 50%}}")
    assert (ten.team, ten.people, ten.people_share) == ("infra", 10, False)
    assert (half.team, half.people, half.people_share) == ("infra", 0.5, True)
    assert effect("{take: half of infra}").people == 0.5
    assert (effect("{trigger: cut}").hazard, effect("{trigger: {hazard: bad@r1, by: x10}}").factor) == (
        "cut",
        10,
    )


def test_each_makes_one_hazard_for_each_domain_of_the_kind() -> None:
    got = model(EFFECTS + "      - break: ups\n").hazards
    assert set(got) == {"bad@r1", "bad@r2", "cut", "fire"}
    assert [one.target for one in got["bad@r2"].effects] == [Target(("r2",)), None]


def test_a_hazard_without_effects_breaks_what_it_strikes() -> None:
    got = model(
        "components: {a: {tags: t}}\nhazards: {h: {strikes: a, rate: 1/yr}, "
        "g: {strikes: {tag: t}, rate: 1/yr}}"
    )
    for hazard in got.hazards.values():
        assert [(one.op, one.target) for one in hazard.effects] == [("break", Target(("a",)))]
    assert Default("hazards.h.effects", "break: a", "language") in got.defaults


def test_hazards_come_again() -> None:
    hazard: Hazard = model(
        "hazards: {h: {rate: 1/yr, again: {rate: x5, for: 6 months}, costs: 1bn KRW, lasts: 3h}}"
    ).hazards["h"]
    assert (hazard.again.factor, hazard.again.lasts.exact()) == (5, 4380)
    assert hazard.lasts["cleared"].exact() == 3 and hazard.costs.dist.a == 1e9


# --------------------------------------------------------------------------- defences


DEFENCES = """
components:
  login: {needs: {all: [db]}, start: 20 min, fails: never}
  db: {fails: never}
  db2: {fails: never}
teams: {infra: {people: 3}}
defences:
  two: {costs: {once: 4bn KRW, yearly: 100m KRW/mo}, takes: 9 months, people: 2 infra, state: claimed,
        change: {components: {login: {needs: {all: null, any: [db, db2]}, start: {people: 1 infra}}}}}
  drop: {costs: {yearly: -1bn KRW}, change: {components: {db2: null}}}
  more: {requires: [late], excludes: drop, costs: 5 KRW, state: {rehearsed: 2024-05-01},
         change: {components: {x: {}}}}
  late: {state: present 2024-01-01}
  gone: {requires: drop}
"""


def test_defences() -> None:
    got = model(DEFENCES).defences
    assert (got["two"].costs_once.dist.a, got["two"].costs_yearly.dist.a) == (4e9, pytest.approx(1.2e9))
    assert got["drop"].costs_yearly.dist.a == -1e9
    assert (got["more"].state, got["more"].state_date) == ("rehearsed", datetime.date(2024, 5, 1))
    assert (got["late"].state, got["late"].state_date) == ("present", datetime.date(2024, 1, 1))
    assert (got["two"].state, got["gone"].state) == ("claimed", "absent")


def test_apply_merges_the_changes_and_reads_again() -> None:
    before = model(DEFENCES)
    after = apply(before, ["two"])
    assert after.components["login"].needs == Need("any", of=(leaf("db"), leaf("db2")))
    assert after.components["login"].start.takes.exact() == pytest.approx(1 / 3)
    assert after.components["login"].start.people == (Crew("infra", 1),)
    assert before == model(DEFENCES)
    assert apply(before, []) is before
    assert "x" in apply(before, ["more"]).components
    assert "db2" not in apply(before, ["drop", "gone"]).components


@pytest.mark.parametrize(
    ("ids", "code"),
    [
        (["tow"], "unknown-defence"),
        (["gone"], "defence-requires"),
        (["more", "drop"], "defence-excludes"),
        (["two", "drop"], "unknown-component"),
    ],
)
def test_portfolios_that_cannot_be(ids: list[str], code: str) -> None:
    with pytest.raises(ModelError) as caught:
        apply(model(DEFENCES), ids)
    assert [one.code for one in caught.value.problems] == [code]


# --------------------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("componets: {}", ("unknown-key", "componets", "components")),
        ("components: {a: {neds: b}}", ("unknown-key", "components.a.neds", "needs")),
        ("components: {webb: , a: {needs: web}}", ("unknown-component", "components.a.needs", "webb")),
        ("components: {웹서버: , a: {needs: 웹써버}}", ("unknown-component", "components.a.needs", "웹서버")),
        ("components: {Web-DB: , a: {needs: web_db}}", ("unknown-component", "components.a.needs", "Web-DB")),
        (
            "components: {a: {in: seoul}}\ndomains: {seoul-1: {}}",
            ("unknown-domain", "components.a.in", "seoul-1"),
        ),
        (
            "components: {a: {start: {people: 3 infr}}}\nteams: {infra: }",
            ("unknown-team", "components.a.start.people", "infra"),
        ),
        ("components: {a: {kind: databse}}", ("unknown-kind", "components.a.kind", "database")),
        ("domains: {a: {kind: sit}}", ("unknown-domain-kind", "domains.a.kind", "site")),
        ("components: {a: {needs: s}}\ndomains: {s: }", ("wrong-noun", "components.a.needs", None)),
        ("components: {a: , a/: {needs: a}, x: }\nservices: {x: }", ("duplicate-name", "services.x", None)),
        ("components: {a: }\ndomains: {a: }", ("name-twice", "domains.a", None)),
        ("components: {here: }", ("name-reserved", "components.here", None)),
        ('components: {"a\\tb": }', ("name-characters", "components.a\tb", None)),
        ("components: {'a ': }", ("name-characters", "components.a ", None)),
        ("components: {a: {needs: }}", ("value-missing", "components.a.needs", None)),
        ("components: {a: {label: x, y}}", ("unknown-key-comma", "components.a.y", None)),
        ("components: {a: [b]}", ("value-not-mapping", "components.a", None)),
        ("components: [a]", ("value-not-mapping", "components", None)),
        ("components: {a: {rides: [1h]}}", ("value-not-text", "components.a.rides", None)),
        ("components: {a: {start: {takes: 4}}}", ("duration-no-unit", "components.a.start.takes", None)),
        ("components: {a: {needs: {}}}", ("need-no-op", "components.a.needs", None)),
        ("components: {a: {needs: {any: [a], all: [a]}}}", ("need-two-ops", "components.a.needs", None)),
        ("components: {a: {needs: {any: []}}}", ("need-empty", "components.a.needs.any", None)),
        ("components: {a: {needs: {of: [a]}}}", ("need-at-least", "components.a.needs", None)),
        ("components: {a: {needs: {maybe: 3%}}}", ("need-maybe-on", "components.a.needs", None)),
        (
            "components: {a: {needs: {any: [a], atleast: 3}}}",
            ("unknown-key", "components.a.needs.atleast", None),
        ),
        ("components: {a: {wants: {a: 120%}}}", ("percent-above", "components.a.wants.a", None)),
        (
            "components: {a: {tolerance: {serves: 120%}}}",
            ("percent-above", "components.a.tolerance.serves", None),
        ),
        ("components: {a: {users: -3}}", ("number-negative", "components.a.users", None)),
        (
            "components: {a: {standby: {failback: maybe}}}",
            ("bad-flag", "components.a.standby.failback", None),
        ),
        (
            "components: {a: {start: {people: infra}}}\nteams: {infra: }",
            ("crew", "components.a.start.people", None),
        ),
        (
            "components: {a: {loss: {1h..2h: 3 KRW}}}",
            ("duration-not-exact", "components.a.loss.1h..2h", None),
        ),
        ("components: {a: {label: {korean: x}}}", ("label-language", "components.a.label.korean", None)),
        ("currency: KWR", ("money-currency", "currency", "KRW")),
        ("currency: KRW\nexchange: {USD: 3 EUR}", ("exchange", "exchange.USD", None)),
        ("growth: {a: 1}", ("value-not-list", "growth", None)),
        ("growth: [{when: 2027-01-01}]", ("date-needs-as-of", "growth.0.when", None)),
        ("as_of: 2025-01-01\ngrowth: [{when: 2024-01-01}]", ("date-before-as-of", "growth.0.when", None)),
        ("as_of: soon", ("bad-date", "as_of", None)),
        ("components: {a: {loss: -5 KRW/h}}", ("money-negative", "components.a.loss", None)),
        ("components: {a: {loss: {rate: uniform(-5 KRW/h, 9 KRW/h)}}}", ("money-negative", "components.a.loss.rate", None)),
        ("components: {a: {loss: {1h: -5 KRW}}}", ("money-negative", "components.a.loss.1h", None)),
        ("components: {a: {loss: {rate: 1 KRW/h, cap: -5..-3 KRW}}}", ("money-negative", "components.a.loss.cap", None)),
        ("components: {a: {loss: {rate: 1 KRW/h, penalties: {1h: -5 KRW}}}}", ("money-negative", "components.a.loss.penalties.1h", None)),
        ("hazards: {h: {costs: -5 KRW}}", ("money-negative", "hazards.h.costs", None)),
        ("components: {a: {aftermath: x0.5}}", ("factor-below", "components.a.aftermath", None)),
        ("hazards: {h: {again: {rate: x0.5, for: 1h}}}", ("factor-below", "hazards.h.again.rate", None)),
        (
            "hazards: {h: {effects: [{trigger: {hazard: h, by: x1}, for: 1h}]}}",
            ("factor-raises-nothing", "hazards.h.effects.0.trigger.by", None),
        ),
        ("common_causes: {a: {of: []}}", ("common-cause", "common_causes.a", None)),
        ("defences: {a: {state: presnt}}", ("defence-state", "defences.a.state", "present")),
        (
            "defences: {a: {change: {component: {}}}}",
            ("unknown-key", "defences.a.change.component", "components"),
        ),
        ("defences: {a: {requires: b}, bb: }", ("unknown-defence", "defences.a.requires", "bb")),
        ("hazards: {h: {strikes: x}}", ("unknown-target", "hazards.h.strikes", None)),
        ("hazards: {h: {strikes: {each: site}}}", ("no-domain-of-kind", "hazards.h.strikes", None)),
        ("hazards: {h: {strikes: {tag: x}}}", ("unknown-tag", "hazards.h.strikes", None)),
        ("hazards: {h: {strikes: {some: x}}}", ("wants-one-key", "hazards.h.strikes", None)),
        ("hazards: {h: {effects: [{hold: here, for: 1h}]}}", ("here-nothing", "hazards.h", None)),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: x, until: ot}], lasts: {out: 3h}}}",
            ("unknown-time", "hazards.h.effects.0.until", "out"),
        ),
        (
            "components: {filter: }\nhazards: {h: {effects: [{hold: filter, until: filtre}]}}",
            ("unknown-time", "hazards.h.effects.0.until", "filter"),
        ),
        (  # what a raised rate brings is settled when it begins
            "components: {x: }\nhazards: {h: {effects: [{trigger: {hazard: h, by: x2}, until: x}]}}",
            ("until-component", "hazards.h.effects.0.until", None),
        ),
        (
            "components: {x: , y: }\nhazards: {h: {effects: [{break: x, until: y}]}}",
            ("until-component", "hazards.h.effects.0.until", None),
        ),
        ("components: {x: {repair: 1h..2h + 1h..2h (guess P1)}}", ("duration-sum-rests-on", "components.x.repair.takes", None)),
        ("components: {x: {repair: 1h..2h (guess) + 1h..2h (guess P1)}}", ("duration-sum-rests-on", "components.x.repair.takes", None)),
        ("components: {x: {count: 20..40}}", ("count-range", "components.x.count", None)),
        ("components: {x: , y: {needs: {x: 60%}}}", ("need-share", "components.y.needs", None)),
        ("services: {x: {tolerance: 80%}}", ("tolerance-share", "services.x.tolerance", None)),
        (
            "components: {x: }\nhazards: {h: {effects: [{break: x, after: ot + 1h}], lasts: {out: 3h}}}",
            ("unknown-time", "hazards.h.effects.0.after", "out"),
        ),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: x, until: 3h, for: 3h}]}}",
            ("effect-until-and-for", "hazards.h.effects.0.for", None),
        ),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: x, when: x}]}}",
            ("effect-when", "hazards.h.effects.0.when", None),
        ),
        ("hazards: {h: {effects: [{after: 3h}]}}", ("effect-no-op", "hazards.h.effects.0", None)),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: x, bar: x}]}}",
            ("effect-ops", "hazards.h.effects.0", None),
        ),
        ("hazards: {h: {effects: [{hld: x}]}}", ("unknown-key", "hazards.h.effects.0.hld", "hold")),
        (
            "teams: {t: }\nhazards: {h: {effects: [{take: all people}]}}",
            ("unknown-team", "hazards.h.effects.0.take", None),
        ),
        (
            "teams: {t: }\nhazards: {h: {effects: [{take: t}]}}",
            ("effect-take", "hazards.h.effects.0.take", None),
        ),
        ("hazards: {h: {effects: [{trigger: g}]}}", ("unknown-hazard", "hazards.h.effects.0.trigger", None)),
        (
            "components: {x: }\nhazards: {h: {effects: [{surge: {on: x}}]}}",
            ("key-wanted", "hazards.h.effects.0.surge", None),
        ),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: [half of x]}]}}",
            ("target-share-in-list", "hazards.h.effects.0.hold", None),
        ),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: 120% of x}]}}",
            ("percent-above", "hazards.h.effects.0.hold", None),
        ),
        (
            "components: {x: }\nhazards: {h: {effects: [{hold: {x: y}}]}}",
            ("target", "hazards.h.effects.0.hold", None),
        ),
        (
            "domains: {r: {kind: group}, "
            "q: {kind: group}}\nhazards: {e: {strikes: {each: group}}, h: {effects: [{trigger: e}]}}",
            ("hazard-of-each", "hazards.h", None),
        ),
        ("components: {a: {rides: %s}}" % ("h" * 5000), ("value-too-long", "components.a.rides", None)),
    ],
)
def test_what_is_wrong_is_named_with_its_path_and_the_nearest_name(
    text: str, expected: tuple[str, str, str | None]
) -> None:
    assert found(text) == [expected]


def test_the_version_must_be_stated() -> None:
    for text, code in (
        ("title: x", "version-missing"),
        ("blackstart: 2", "version"),
        ("blackstart:", "version"),
    ):
        with pytest.raises(ModelError) as caught:
            load_text(text)
        assert [one.code for one in caught.value.problems] == [code]


def test_all_problems_come_at_once_in_order_with_their_lines() -> None:
    text = "blackstart: 1\ncomponents:\n  web: {needs: logn, start: 4}\n  login: {rides: 20h..4h}\n"
    with pytest.raises(ModelError) as caught:
        load_text(text, "m")
    error = caught.value
    assert [str(one.where) for one in error.problems] == ["m:3:16", "m:3:29", "m:4:18"]
    assert render(error.problems, "ko", error.sources).startswith(
        "m:3:16  unknown-component  components.web.needs\n"
        "  컴포넌트나 서비스 `logn`이 없습니다.\n"
        "  3 |   web: {needs: logn, start: 4}\n"
        "    |                ^\n"
        "  `login`을 쓰려던 것입니까?\n\n"
    )


def test_values_remember_their_places() -> None:
    got = load_text(
        "blackstart: 1\ncomponents:\n  a:\n    fails: 1/yr\n    repair: {takes: 4h}\n", "m"
    ).components["a"]
    assert got.where == Where("m", 3, 3)
    assert got.wheres["fails"] == Where("m", 4, 12) and got.wheres["repair.takes"] == Where("m", 5, 21)
    assert list(got.wheres) == ["fails", "repair", "repair.takes"] and len(got.wheres) == 3
    with pytest.raises(KeyError):
        got.wheres["repair.people"]


# --------------------------------------------------------------------------- whole files


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_shipped_models_survive_being_written_and_read(path: Path) -> None:
    got = load(path)
    assert load_text(dump(got)) == got


def test_load_reads_tables_and_speaks_the_language(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,needs,count\nweb,db,nine\n", "utf-8")
    (tmp_path / "m.yaml").write_text("blackstart: 1\ncomponents: {include: t.csv, db: }\n", "utf-8")
    with pytest.raises(ModelError) as caught:
        load(tmp_path / "m.yaml", lang="ko")
    assert "숫자가 아닙니다" in str(caught.value) and "t.csv:2:8" in str(caught.value)


def test_every_declared_field_has_a_reader() -> None:
    assert {one.kind for one in spec_of(Component).values()} <= FIELD_READERS.keys()


def large(count: int) -> str:
    lines = [
        "blackstart: 1",
        "teams: {infra: {people: 9}}",
        "domains: {s: {kind: zone}}",
        "components:",
        "  db: {}",
    ]
    row = "  web-%d: {in: s, needs: [db], repair: {takes: 4h..20h, people: 2 infra}, fails: 1 in 9 yr}"
    return "\n".join(lines + [row % i for i in range(count)])


def test_ten_thousand_components_load_in_two_seconds() -> None:
    text = large(10_000)
    begin = time.process_time()
    assert len(load_text(text).components) == 10_001
    assert time.process_time() - begin < 2
    assert gc.isenabled()


def test_many_unknown_names_stay_fast() -> None:
    text = large(20_000).replace("needs: [db]", "needs: [dbx]")
    begin = time.process_time()
    with pytest.raises(ModelError) as caught:
        load_text(text)
    assert len(caught.value.problems) == 20_000 and caught.value.problems[0].nearest == "db"
    assert "… and 19,950 more." in str(caught.value)
    assert time.process_time() - begin < 8


# --------------------------------------------------------------------------- a folder in place of a file


def _fill(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


ONE = "# a shop\nblackstart: 1\nservices: {shop: {}}\n"


def test_a_folder_stands_for_its_model(tmp_path):
    _fill(tmp_path, shop=ONE, targets="backtest: 1\n", part="components: {web: {}}\n")
    assert load(tmp_path).files == (str(tmp_path / "shop.yaml"),)  # the only one
    _fill(tmp_path, model=ONE.replace("shop:", "store:"))
    assert list(load(tmp_path).components) == ["store"]  # the one of that name


@pytest.mark.parametrize(("lang", "several", "none"), [
    ("en", "holds several models: `a.yaml`, `b.yaml`", "holds no model. In it: `targets.yaml`"),
    ("ko", "모델이 여러 개 있습니다: `a.yaml`, `b.yaml`", "모델이 없습니다. 들어 있는 것: `targets.yaml`"),
])  # fmt: skip
def test_a_folder_without_one_model_is_refused_with_what_is_in_it(tmp_path, lang, several, none):
    (tmp_path / "two").mkdir()
    _fill(tmp_path / "two", a=ONE, b=ONE)
    (tmp_path / "none").mkdir()
    _fill(tmp_path / "none", targets="backtest: 1\n")
    for folder, code, says in (("two", "folder-models", several), ("none", "folder-no-model", none)):
        with pytest.raises(ModelError) as caught:
            load(tmp_path / folder)
        (problem,) = caught.value.problems
        assert problem.code == code and says in what(problem, lang)


@pytest.mark.parametrize(("text", "code", "says"), [
    ("backtest: 1\nstories: {}\n", "model-is-targets", {"en": "blackstart backtest", "ko": "blackstart backtest"}),
    ("incident: 1\nmodel: model.yaml\n", "model-is-record", {"en": "record of an incident", "ko": "사고 기록"}),
])  # fmt: skip
def test_a_file_that_is_something_else_is_called_what_it_is(tmp_path, text, code, says):
    file = _fill(tmp_path, x=text) / "x.yaml"
    with pytest.raises(ModelError) as caught:
        load(file)
    (problem,) = caught.value.problems
    assert problem.code == code and problem.where
    assert all(words in what(problem, lang) + hint(problem, lang) for lang, words in says.items())


def test_what_stands_in_one_line_shares_its_number_and_what_is_needed_its_leaf() -> None:
    """A million values hold their places: each number that is stored once for all of a line counts (memory at 100,000 components)."""
    text = "blackstart: 1\ncomponents:\n  a: {}\n" + "".join(f"  c{i}: {{needs: [a, c0], fails: 1/yr}}\n" for i in range(400))
    model = load_text(text + "services: {s: {needs: {any: [c7, a]}, loss: 1 KRW/h}}\n")
    row = model.raw["components"]["c399"]
    assert {(key.line, key.column) for key in row} == {(403, 10), (403, 26)}
    assert row["fails"].where == ("model.yaml", 403, 33) and row.where == ("model.yaml", 403, 9)
    assert len({id(node.line) for node in (*row, *row.values(), *row["needs"])}) == 1
    first, second = model.components["c8"].needs, model.components["c9"].needs
    assert first.of[0] is second.of[0] and first.where.line == 12 and second.where.line == 13
    assert model.components["s"].needs.of[1] is first.of[0]


@pytest.mark.parametrize(("row", "word"), [("defences: {spare: {changes: {}}}", "change"), ("hazards: {fire: {effect: []}}", "effects")])
def test_an_unknown_key_is_answered_with_every_key_that_has_a_meaning_there(row: str, word: str) -> None:
    unknown = next(p for p in problems(f"components: {{a: {{}}}}\n{row}\n") if p.code == "unknown-key")
    assert unknown.nearest == word and word in unknown.values["known"]
