"""Named checks: each is found where it should be, says what it should in both languages, and nowhere else."""

from __future__ import annotations

import dataclasses
import datetime
import gc
import random
import re
import time

import pytest

from blackstart.checks import SEVERITY, beliefs, blindness, changes, errors, severity, unmended
from blackstart.checks import check as check_all
from blackstart.checks.names import looks_like as looks
from blackstart.compilation import compile_model
from blackstart.errors import ModelError, Problem, Where, hint, what
from blackstart.language import at_rest, scenario
from blackstart.language.coldstart import Deadlock, deadlocks
from blackstart.language.load import load_text
from blackstart.language.model import (
    Accepted,
    Again,
    Backup,
    Barrier,
    BreakGlass,
    CommonCause,
    Component,
    Crew,
    Data,
    Defence,
    Domain,
    Effect,
    Hazard,
    Help,
    Loss,
    Model,
    Need,
    Repair,
    Spare,
    Standby,
    Start,
    Surge,
    Target,
    Team,
    Tolerance,
    Until,
)
from blackstart.language.needs import holds
from blackstart.studies import rehearsal
from blackstart.text import area
from blackstart.units import Chance, Dist, Money, read_duration, read_money_rate, read_rate
from blackstart.uptime import read_uptime


def check(model: Model) -> list[Problem]:
    """Without the note that no evidence was found for a kind: test_history has it, and every site here would bring it."""
    return [problem for problem in check_all(model) if problem.code != "kind-without-evidence"]


DAY = datetime.date(2024, 5, 1)
HOUR = read_duration("1h")
YEARLY = read_rate("1/yr")


def leaf(name: str) -> Need:
    return Need("leaf", name=name)


def gate(op: str, *members: str | Need, **more) -> Need:
    return Need(op, of=tuple(leaf(m) if isinstance(m, str) else m for m in members), **more)


def all_of(*members: str | Need) -> Need:
    return gate("all", *members)


def any_of(*members: str | Need) -> Need:
    return gate("any", *members)


def part(name: str, *needs: str, **fields) -> Component:
    """A component; a tuple of names is a list of needs."""
    return Component(name, **{"needs": all_of(*needs) if needs else None, **fields})


def shop(*needs: str, **fields) -> Component:
    """A service in order, that needs what is named."""
    return part("shop", *needs, is_service=True, **{"users": 1000.0, **fields})


def pool(**start) -> Component:
    """Twenty that trip at three times their load and are reset one by one by people."""
    work = Start(work=HOUR, people=(Crew("infra", 1),), **start)
    return part("a", count=20, overload=3.0, start=work)


def money(amount: float) -> Money:
    return Money(Dist("point", amount), "KRW")


def build(*rows, as_of: datetime.date | None = DAY) -> Model:
    """A model of the given rows."""
    sections = {Component: {}, Domain: {}, Team: {}, Hazard: {}, Barrier: {}, Defence: {}, CommonCause: {}}
    for row in rows:
        sections[type(row)][row.id] = row
    return Model(
        "",
        *sections.values(),
        (),
        "KRW",
        as_of,
        (),
        None,  # type: ignore[arg-type]
    )


def people(count: int, team: str = "infra") -> tuple[Crew, ...]:
    return (Crew(team, count),)


def hazard(*effects: Effect, **fields) -> Hazard:
    return Hazard("fire", effects=effects, rate=YEARLY, **fields)


SITES = (
    Domain("pangyo", kind="site"),
    Domain("b1", kind="room", located=("pangyo",)),
    Domain("b2", kind="room", located=("pangyo",)),
    Domain("anyang", kind="site"),
    Domain("korea", kind="country"),
)
INFRA = Team("infra", people=3)
SHOWN = Chance(Dist("beta", 9.5, 1.5), 9, 10)
DOUBLE = Chance(Dist("point", 1.5), text="150%")

TWO = (
    shop("a", "b"),
    part("a", fails=YEARLY, repair=Repair(takes=HOUR)),
    part("b", fails=YEARLY, repair=Repair(takes=HOUR)),
)

# code -> (rows, path, part of the English sentence, part of the Korean sentence)
CASES = {
    "needs-itself": (
        [shop("web"), part("web", "web")],
        "components.web.needs",
        "`web` needs itself",
        "`web`이 자기",
    ),
    "standby-for-itself": (
        [shop("db"), part("db", standby=Standby(("db",)), start=Start(takes=HOUR))],
        "components.db.standby",
        "`db` is on standby for itself",
        "`db`가 자기 자신의 예비",
    ),
    "standby-circle": (
        [
            shop("a"),
            part("a", standby=Standby(("b",)), start=Start(takes=HOUR)),
            part("b", standby=Standby(("a",)), start=Start(takes=HOUR)),
        ],
        "components.a.standby",
        "in a circle: a → b → a",
        "a → b → a",
    ),
    "standby-without-start": (
        [shop("a"), part("a"), part("b", standby=Standby(("a",)))],
        "components.b.standby",
        "how long the take-over takes",
        "전환에 걸리는 시간이 없습니다",
    ),
    "crew-larger-than-team": (
        [shop("a"), part("a", start=Start(takes=HOUR, people=people(5))), INFRA],
        "components.a.start.people",
        "asks for 5 people of team `infra`, which has 3",
        "`infra` 팀 5명이 필요한데 팀 인원은 3명",
    ),
    "team-without-people": (
        [shop("a"), part("a", start=Start(takes=HOUR, people=people(1))), Team("infra")],
        "teams.infra",
        "has nobody in it",
        "인원이 0명",
    ),
    "unused-team": (
        [shop(), INFRA],
        "teams.infra",
        "No work asks for team `infra`",
        "`infra` 팀이 맡은 작업이 없",
    ),
    "people-without-time": (
        [shop("a"), part("a", repair=Repair(people=people(2))), INFRA],
        "components.a.repair.people",
        "nothing says for how long",
        "소요 시간이 없습니다",
    ),
    "work-without-people": (
        [shop("a"), part("a", count=9, start=Start(work=HOUR))],
        "components.a.start.work",
        "no people: it goes at that pace",
        "인원이 없습니다",
    ),
    "count-without-work": (
        [shop("a"), part("a", count=32000)],
        "components.a.count",
        "counts 32,000 units",
        "`a`는 32,000대인데",
    ),
    "until-unknown": (
        [
            shop("a"),
            part("a"),
            hazard(Effect("hold", Target(("a",)), until=Until("fireout")), lasts={"fire-out": HOUR}),
        ],
        "hazards.fire.effects",
        "ends an effect at `fireout`",
        "`fireout`까지",
    ),
    "effect-without-end": (
        [
            shop("a"),
            part("a"),
            hazard(Effect("break", Target(("a",)), then=(Effect("hold", Target(("a",))),))),
        ],
        "hazards.fire.effects",
        "An effect `hold` of hazard `fire` would be over as it begins",
        "`fire`의 `hold` 영향이 언제 끝나는지",
    ),
    "effect-reaches-nothing": (
        [shop("a"), part("a"), Domain("anyang"), hazard(Effect("break", Target(("anyang",))))],
        "hazards.fire.effects",
        "nothing is in `anyang`",
        "`anyang` 안에 아무것도",
    ),
    "hazard-strikes-nothing": (
        [shop("a"), part("a"), Domain("anyang"), hazard(strikes=("anyang",))],
        "hazards.fire",
        "strikes `anyang`, where nothing is",
        "`fire`가 덮치는 `anyang` 안에",
    ),
    "chance-outside": (
        [shop("a"), part("a", start=Start(takes=HOUR, works=DOUBLE))],
        "components.a.start.works",
        "can leave the range from 0 to 1: 150%",
        "0과 1 사이를 벗어납니다: 150%",
    ),
    "domain-circle": (
        [shop(located=("x",)), Domain("x", located=("y",)), Domain("y", located=("x",))],
        "domains.x.in",
        "inside each other: x → y → x",
        "x → y → x",
    ),
    "unused-domain": (
        [shop(), Domain("x")],
        "domains.x",
        "Nothing is in domain `x`",
        "`x` 도메인에는 아무것도",
    ),
    "in-two-places": (
        [shop("a"), part("a", located=("b1", "anyang")), *SITES[:2], SITES[3]],
        "components.a.in",
        "in two places at once: `anyang` and `pangyo`",
        "`anyang`, `pangyo`",
    ),
    "at-least-impossible": (
        [shop("a"), part("a", needs=gate("at_least", "b", "c", threshold=3.0)), part("b"), part("c")],
        "components.a.needs",
        "needs at least 3 of 2",
        "2개 중 최소 3개",
    ),
    "at-least-of-pool": (
        [shop("a"), part("a", needs=gate("at_least", "b", threshold=3.0)), part("b", count=5, repair=Repair(work=HOUR))],
        "components.a.needs",
        "`b` is a pool, and counts as one member",
        "`b`는 여러 대를 묶은 풀이라 하나로",
    ),
    "fails-as-one": (
        [shop("a"), part("a", count=5, fails=YEARLY, repair=Repair(takes=HOUR))],
        "components.a.fails",
        "All 5 units of `a` break at once",
        "`a`의 5대가 한꺼번에",
    ),
    "work-and-time": (
        [shop("a"), part("a", count=5, start=Start(work=HOUR, switch=HOUR))],
        "components.a.start.switch",
        "states both `work` and `switch` of its start",
        "`start`에 `work`와 `switch`",
    ),
    "outage-share-unread": (
        [shop("a"), part("a", repair=Repair(takes=read_duration("1h + 0.5 x outage")))],
        "components.a.repair.takes",
        "`repair.takes` of `a` cannot grow with the outage",
        "정지 시간에 따라 늘어날 수 없습니다",
    ),
    "works-unstated": (
        [shop("a"), part("a", start=Start(takes=HOUR, retry=HOUR))],
        "components.a.start.retry",
        "states `retry` of its start, but nothing says that a start may fail",
        "기동이 실패할 수 있다는 말이 없어",
    ),
    "surge-without-lasts": (
        [shop("a"), part("a", surge=Surge(factor=3.0))],
        "components.a.surge",
        "would be over as it begins",
        "`a`의 정지 뒤 급증이 얼마 동안",
    ),
    "only-of-a-service": (
        [shop("a"), part("a", users=5.0)],
        "components.a.users",
        "`a` states `users`, which counts only",
        "`a`에 `users`가 적혀 있지만",
    ),
    "lasts-unread": (
        [shop("a"), part("a", repair=Repair(takes=HOUR)), hazard(Effect("break", Target(("a",))), lasts={"out": HOUR})],
        "hazards.fire.lasts",
        "nothing begins or ends by it",
        "시작하거나 끝나는 영향이 없습니다",
    ),
    "again-without-for": (
        [shop("a"), part("a", repair=Repair(takes=HOUR)), hazard(Effect("break", Target(("a",))), again=Again(5.0))],
        "hazards.fire.again",
        "nothing says for how long",
        "얼마 동안인지 적혀 있지 않아",
    ),
    "capacity-over-whole": (
        [shop("a"), part("a", needs=gate("capacity", "b", "c", weights=(0.6, 0.5), threshold=0.1)), part("b"), part("c")],
        "components.a.needs",
        "add up to 110%: 10% of it may be missing",
        "더하면 110%입니다",
    ),
    "throttled-without-overload": (
        [shop("a"), part("a", start=Start(takes=HOUR, throttled=True))],
        "components.a.start.throttled",
        "but it never trips",
        "과부하로 멈추는 일이 없습니다",
    ),
    "trips-again": (
        [shop(needs=gate("capacity", "a", "b", weights=(0.9, 0.1), threshold=0.01)), pool(), part("b")],
        "components.a.overload",
        "puts 6.9 times its share of the normal load on the first, and it trips at 3 times",
        "맡을 몫의 6.9배에 이르는 부하가 몰리고(`shop`)",
    ),
    "load-circle": (
        [shop(needs=gate("capacity", "a", "b", weights=(0.6, 0.7), threshold=0.5)), part("a", overload=1.4), part("b", overload=1.2)],
        "components.a.overload",
        "`a` → `b` 143% > 120%; `b` → `a` 167% > 140%",
        "서로를 쓰러뜨립니다",
    ),
    "trips-as-it-takes-over": (
        [shop(needs=gate("capacity", "a", "b", weights=(0.6, 0.7), threshold=0.5)), part("a"), part("b", overload=1.2)],
        "components.b.overload",
        "When `a` is out, `b` gets 143% of its normal peak (by `shop`) and trips at 120%",
        "`b`가 평소 최대의 143%를 받는데",
    ),
    "capacity-without-least": (
        [shop("a"), part("a", needs=gate("capacity", "b", "c", weights=(0.5, 0.5))), part("b"), part("c")],
        "components.a.needs",
        "does not say below what it serves nothing",
        "얼마 밑이면 서비스를 못 하는지",
    ),
    "named-twice": (
        [shop("a"), part("a", needs=gate("at_least", "b", "c", "b", threshold=2)), part("b"), part("c")],
        "components.a.needs",
        "names `b` twice",
        "`b`를 두 번 꼽고",
    ),
    "begets-without-end": (
        [shop("a"), part("a"), Hazard("quake", rate=YEARLY, strikes=("a",), again=Again(2.5, read_duration("1 yr")))],
        "hazards.quake",
        "brings 1.5 more on average",
        "평균 1.5번이 더 오고",
    ),
    "common-cause-twice": (
        [*TWO, CommonCause("g", ("a", "a", "b"), "beta", (0.1,))],
        "common_causes.g",
        "names `a` twice",
        "`a`가 두 번 나옵니다",
    ),
    "common-cause-alone": (
        [*TWO, CommonCause("g", ("a",), "beta", (0.1,))],
        "common_causes.g",
        "`g` has fewer than two members",
        "둘이 되지 않습니다",
    ),
    "common-cause-in-two": (
        [*TWO, CommonCause("g", ("a", "b"), "beta", (0.6,)), CommonCause("h", ("b", "a2"), "beta", (0.6,)), part("a2", fails=YEARLY)],
        "common_causes.h",
        "`b` is in two common causes, `g` and `h`",
        "공통 원인 `g`와 `h`에 함께",
    ),
    "common-cause-factors": (
        [*TWO, CommonCause("g", ("a", "b"), "alpha", (0.9, 0.05, 0.05))],
        "common_causes.g",
        "has 3 alpha factors for 2 members",
        "구성원은 2개인데 알파 계수는 3개",
    ),
    "common-cause-nothing": (
        [*TWO, CommonCause("g", ("a", "b"), "alpha", (0.0, 0.0))],
        "common_causes.g",
        "are all 0",
        "모두 0입니다",
    ),
    "common-cause-many": (
        [
            shop(*(f"p{i}" for i in range(13))),
            *(part(f"p{i}", fails=YEARLY, repair=Repair(takes=HOUR)) for i in range(13)),
            CommonCause("g", tuple(f"p{i}" for i in range(13)), "alpha", (1.0,) * 13),
        ],
        "common_causes.g",
        "has 13 members with alpha factors; 12 are the most",
        "알파 계수는 12개까지만",
    ),
    "common-cause-never-fails": (
        [*TWO, part("c"), CommonCause("g", ("c", "a"), "beta", (0.5,))],
        "common_causes.g",
        "In the common cause `g` `c` never fails by itself",
        "`c`는 스스로 고장 나지",
    ),
    "common-cause-unlike": (
        [*TWO, part("c", fails=read_rate("10/yr"), repair=Repair(takes=HOUR)), CommonCause("g", ("a", "c"), "beta", (0.5,))],
        "common_causes.g",
        "`a` fails 1 times a year, `c` 10 times",
        "`a`는 한 해 1번, `c`는 10번",
    ),
    "backup-nowhere": (
        [shop("a"), part("a", data=Data(backup=Backup(every=HOUR, restore=HOUR)))],
        "components.a.data.backup",
        "nothing says where it is kept",
        "어디에 두는지",
    ),
    "loss-twice": (
        [shop(loss=Loss(rate=money(1), table=((1.0, money(5)),)))],
        "services.shop.loss",
        "stated as a rate and as a table",
        "두 번 적혀 있습니다",
    ),
    "share-rounded": (
        [shop("pool"), part("pool", count=30, start=Start(work=HOUR)), hazard(Effect("break", Target(("pool",), share=0.33)))],
        "hazards.fire.effects",
        "33.0% of `pool`, but reaches 35.0%: 7 of its 20 parts",
        "20개 묶음 가운데 7개인 35.0%",
    ),
    "capacity-impossible": (
        [
            shop("a"),
            part("a", needs=gate("capacity", "b", "c", weights=(0.3, 0.3), threshold=0.9)),
            part("b"),
            part("c"),
        ],
        "components.a.needs",
        "a capacity of 0.9, but the weights add up to 0.6",
        "가중치 합은 0.6",
    ),
    "defence-names-itself": (
        [shop(), Defence("d", excludes=("d",))],
        "defences.d.excludes",
        "names itself under `excludes`",
        "`excludes`에 자기 자신",
    ),
    "defence-unknown": (
        [shop(), Defence("second-site"), Defence("d", requires=("second-sit",))],
        "defences.d.requires",
        "names `second-sit` under `requires`",
        "`second-sit`은 선언되지 않은",
    ),
    "defence-circle": (
        [shop(), Defence("d", requires=("e",)), Defence("e", requires=("d",))],
        "defences.d.requires",
        "in a circle: d → e → d",
        "d → e → d",
    ),
    "defence-contradiction": (
        [shop(), Defence("d", requires=("e",)), Defence("e", requires=("f",)), Defence("f", excludes=("d",))],
        "defences.d",
        "it takes both `d` and `f`",
        "`d`와 `f`가 모두 필요한데",
    ),
    "defence-copy-spared": (
        [shop("a"), part("a", repair=Repair(takes=HOUR)), part("b", standby=Standby(("a",)), repair=Repair(takes=HOUR)),
         hazard(Effect("break", Target(("a", "b")))), Defence("d", change={"components": {"c": {"standby": "a", "start": "5 min"}}})],
        "defences.d",
        "adds `c`, but `fire` breaks `a`, `b` by name and not `c`: it would be spared",
        "`c`를 더하지만, `fire`는 `a`, `b`만 이름으로 적어",
    ),
    "defences-overwrite": (
        [shop(), Defence("d", change={"components": {"a": {"fails": "1/yr"}}}), Defence("e", change={"components": {"a": None}}),
         Defence("f", requires=("d",), change={"components": {"a": {"fails": "2/yr"}}}, excludes=("e",))],
        "defences.e",
        "`d` and `e` write different things at `components.a`",
        "`d`와 `e`가 `components.a`에 서로 다른 값을",
    ),
    "defence-forgets-need": (
        [shop("web", "db", "net"), part("web"), part("db"), part("net", "wire"), part("wire"), part("db-2"), part("lone"),
         Defence("d", change={"components": {"shop": {"needs": ["web", {"any": ["db", "db-2"]}]}}}),  # only net is gone, nothing new
         Defence("e", change={"components": {"shop": {"needs": ["db-2", "lone", "web"]}}}),  # two for two
         Defence("f", change={"services": {"shop": {"needs": ["db-2"]}, "db-2": {"needs": ["net"]}}})],  # net by another way
        "defences.f",
        "`f` writes the needs of `shop` anew and leaves out `web, db`.",
        "`f`가 `shop`의 `needs`를 새로 쓰면서 `web, db`를 빠뜨렸습니다",
    ),
    "loss-falls": (
        [shop(loss=Loss(table=((1.0, money(5)), (24.0, money(3)))))],
        "services.shop.loss",
        "The loss of `shop` falls at 24 h",
        "24 h에서 줄어듭니다",
    ),
    "penalties-malformed": (
        [shop(loss=Loss(rate=money(1), penalties=((0.0, money(5)),)))],
        "services.shop.loss.penalties",
        "are not in order",
        "위약금이 정지 시간의 순서대로",
    ),
    "hours-malformed": (
        [shop(loss=Loss(rate=money(1), hours="moonday 8-20"))],
        "services.shop.loss.hours",
        "`moonday 8-20` are no hours of the week",
        "요일과 시간으로 읽을 수 없",
    ),
    "no-services": ([part("a")], "", "The model has no services", "서비스가 없어"),
    "service-without-loss": (
        [shop(users=None)],
        "services.shop",
        "neither a loss nor its users",
        "손실도 이용자 수도 없",
    ),
    "under-no-service": (
        [shop(), part("a")],
        "components.a",
        "No service depends on `a`",
        "`a`에 의존하는 서비스가 없",
    ),
    "shared-by-services": (
        [
            *(part(f"s{i}", "login", is_service=True, users=1.0) for i in range(4)),
            part("login", "db"),
            part("db"),
        ],
        "components.login",
        "4 of 4 services depend on `login` alone",
        "서비스 4개 중 4개가 `login` 하나에",
    ),
    "cold-start-deadlock": (
        [shop("login"), part("login", "db"), part("db", start=Start(takes=HOUR, needs=leaf("login")))],
        "components.login",
        "never starts again: login → db → login (2 in the deadlock)",
        "login → db → login (교착 2개)",
    ),
    "repair-deadlock": (
        [shop("deploy"), part("deploy", "vm"), part("vm", repair=Repair(takes=HOUR, needs=leaf("deploy")))],
        "components.deploy",
        "never repaired: deploy → vm → deploy",
        "복구하지 못합니다: deploy → vm → deploy",
    ),
    "restore-deadlock": (
        [
            shop("db"),
            part("db", repair=Repair(takes=HOUR), data=Data(backup=Backup(every=HOUR, kept="vault"))),
            part("vault", start=Start(takes=HOUR, needs=leaf("db"))),
        ],
        "components.db",
        "nobody can get at the backup: db → vault → db",
        "백업을 꺼내 쓸 수 없습니다: db → vault → db",
    ),
    "opens-by-break-glass": (
        [
            shop("login"),
            part("login", "db"),
            part("db", start=Start(takes=HOUR, needs=leaf("login")), break_glass=BreakGlass(takes=HOUR)),
        ],
        "components.login",
        "breaking the glass at `db`",
        "`db`를 강제로 기동(break glass)해야만",
    ),
    "break-glass-skips": (
        [shop("core"), part("known"), part("tool"),
         part("core", start=Start(needs=gate("all", "known", "tool")), break_glass=BreakGlass(after=HOUR, takes=HOUR, without=("tool",)))],
        "components.core.break_glass.without",
        "not only without `tool`, but without `known` too",
        "`tool`만이 아니라 `known`도 기다리지 않습니다",
    ),  # fmt: skip
    "defence-without-costs": (
        [shop(), Defence("d")],
        "defences.d",
        "No cost is stated for `d` (1 defence)",
        "방어책 1개에 비용이 적혀 있지 않습니다(`d`)",
    ),
    "break-glass-unknown": (
        [shop("a"), part("a", "b", break_glass=BreakGlass(without=("x",))), part("b")],
        "components.a.break_glass.without",
        "would do without `x`",
        "`x` 없이 기동한다고",
    ),
    "copies-together": (
        [
            shop("a"),
            part("a", located=("b1",), data=Data(copies=("a", "b"))),
            part("b", located=("b2",)),
            *SITES[:3],
        ],
        "components.a.data.copies",
        "are in `pangyo`",
        "모두 `pangyo`에 있습니다",
    ),
    "backup-with-data": (
        [
            shop("a"),
            part("a", located=("b1",), data=Data(backup=Backup(every=HOUR, kept="vault"))),
            part("vault", located=("b2",)),
            *SITES[:3],
        ],
        "components.a.data.backup.kept",
        "kept in `vault`, in the same place as the data: `pangyo`",
        "`vault`가 데이터와 같은 곳(`pangyo`)",
    ),
    "called-just-in-time": (
        [
            shop("a"), part("a", repair=Repair(takes=HOUR, people=people(1)), needs=leaf("link")),
            Team("infra", people=3, needs=leaf("chat")),
            part("link", repair=Repair(takes=HOUR, people=people(1))), part("chat", needs=leaf("dns")),
            part("dns", needs=leaf("link"), rides=read_duration("1min")),
        ],
        "teams.infra.needs",
        "`infra` can be called for `link` only at once: `chat`, by which it is called, goes with `link` as soon as `dns` has held out",
        "연락에 쓰는 `chat`은 `dns`가 1min 버티고 나면 `link`와 함께",
    ),
    "tool-with-its-patient": (
        [
            shop("a"),
            part("a", located=("b1",), start=Start(takes=HOUR, needs=leaf("deploy"))),
            part("deploy", located=("b2",)),
            *SITES[:3],
        ],
        "components.a.start.needs",
        "`deploy` stands in `pangyo` together with what it is needed to bring back: `a`",
        "`deploy`가 복구할 대상과 같은 `pangyo`에",
    ),
    "without-tools": (
        [shop("a"), part("a", repair=Repair(takes=HOUR, people=(Crew("infra", 1),))), INFRA],
        "components.a.repair.people",
        "People bring back 1 component here (`a` among them), and nothing says what they need for it",
        "컴포넌트가 1개 있는데(`a` 등)",
    ),
    "until-unread": (
        [shop("a"), part("a"), hazard(Effect("break", Target(("a",)), until=Until("cleared")))],
        "hazards.fire.effects",
        "gives its `break` an end, and what it does has none",
        "`break`에 끝을 적었는데",
    ),
    "until-never": (
        [shop("a"), part("a"), part("b", needs=leaf("a")), hazard(Effect("hold", Target(("a",)), until=Until(back="b")))],
        "hazards.fire.effects",
        "keeps `a` off, or short of demand, until `b` is back, and that cannot come back meanwhile",
        "`b`가 돌아올 때까지 `a`를 막거나",
    ),
    "until-at-once": (
        [shop("a", "b"), part("a"), part("b", repair=Repair(takes=HOUR)), hazard(
            Effect("hold", Target(("a",)), until=Until(back="b")), Effect("break", Target(("b",)), after=HOUR))],
        "hazards.fire.effects",
        "nothing of the hazard has stopped `b` by then",
        "`b`를 멈추지 않으므로 시작하자마자 끝납니다",
    ),
    "redundancy-in-one-place": (
        [shop(needs=any_of("a", "b")), part("a", located=("b1",)), part("b", located=("b2",)), *SITES[:3]],
        "services.shop.needs",
        "all of them are in `pangyo`",
        "모두 `pangyo`에",
    ),
    "rto-over-mtpd": (
        [shop(tolerance=Tolerance(rto=read_duration("8h"), mtpd=read_duration("4h")))],
        "services.shop.tolerance",
        "(8h) is longer than what the business can bear (4h)",
        "(8h)이 최대 허용 중단 기간(4h)보다",
    ),
    "uptime-low": (
        [shop(tolerance=Tolerance(uptime=(read_uptime("0.9995% per month"),)))],
        "services.shop.tolerance.uptime",
        "promises of `shop` less than half of the time",
        "절반도 살아 있지 않아도 된다는",
    ),
    "uptime-under-rto": (
        [shop(tolerance=Tolerance(rto=read_duration("1h"), uptime=(read_uptime("99.95% per month"),)))],
        "services.shop.tolerance.uptime",
        "leaves `shop` 21.9 minutes, and an outage within its recovery time objective (1h) may last longer",
        "`shop`에 21.9분을 남기는데",
    ),
    "accepted-rises": (
        [shop(tolerance=Tolerance(at_most=(Accepted("hours", 4.0, 0.1), Accepted("hours", 24.0, 0.2))))],
        "services.shop.tolerance.at_most",
        "Something worse may come more often",
        "더 나쁜 일을 덜 나쁜 일보다 더 자주",
    ),
    "shown-without-as-of": (
        [shop("a"), part("a", start=Start(takes=HOUR, rehearsed=DAY))],
        "components.a.start.rehearsed",
        "no date to count from",
        "기준일이 없습니다",
    ),
    "shown-after-as-of": (
        [shop("a"), part("a", start=Start(takes=HOUR, rehearsed=DAY + datetime.timedelta(1)))],
        "components.a.start.rehearsed",
        "on 2024-05-02, which is after 2024-05-01",
        "2024-05-02가 기준일 2024-05-01보다",
    ),
    "fails-very-often": (
        [shop("a"), part("a", fails=read_rate("1 per 5 h"))],
        "components.a.fails",
        "fails 1,800 times a year",
        "1,800번 고장",
    ),
    "point-or-thousands": (
        [shop(loss=Loss(rate=read_money_rate("18.000 KRW/h")))],
        "services.shop.loss.rate",
        "read as a decimal point, 18.000 and not 18,000",
        "18,000이 아니라 18.000",
    ),
    "count-beyond-sense": ([shop("a"), part("a", count=10**9)], "components.a.count", "has 1,000,000,000 parts", "1,000,000,000개"),
    "users-beyond-sense": ([shop(users=4e32)], "services.shop.users", "users", "이용자가"),
    "rpo-below-lag": (
        [
            shop("a", tolerance=Tolerance(rpo=read_duration("1 min"))),
            part("a", data=Data(copies=("a", "b"), lag=read_duration("5 min"))),
            part("b"),
        ],
        "services.shop.tolerance.rpo",
        "bears to lose 1 min of data, and its copies are up to 5 min behind",
        "1분까지 잃어도",
    ),
    "priority-zero": (
        [shop("a"), part("a", priority=0)],
        "components.a.priority",
        "has priority 0",
        "우선순위가 0",
    ),
    "rides-without-needs": (
        [shop("a"), part("a", rides=HOUR)],
        "components.a.rides",
        "but has none",
        "필요한 것이 없",
    ),
    "overload-without-load": (
        [shop("a"), part("a", overload=1.2)],
        "components.a.overload",
        "its load never changes",
        "부하가 바뀔 일이 없",
    ),
    "overload-below-normal": (
        [shop(needs=any_of("a", "b")), part("a", overload=0.8), part("b")],
        "components.a.overload",
        "trips at 80% of its normal peak",
        "80%에서 멈추므로",
    ),
    "tested-without-hidden": (
        [shop("a"), part("a", tested=HOUR)],
        "components.a.tested",
        "how often a hidden fault arises",
        "숨은 고장이 얼마나",
    ),
    "hidden-without-tested": (
        [shop("a"), part("a", hidden=YEARLY)],
        "components.a.hidden",
        "no test ever shows",
        "찾아낼 시험이 없",
    ),
    "hidden-never-asked": (
        [shop("a"), part("a", hidden=YEARLY, tested=HOUR)],
        "components.a.hidden",
        "Nothing ever asks for the hidden faults",
        "드러날 계기가 없어",
    ),
    "spare-never-arrives": (
        [shop("a"), part("a", repair=Repair(takes=HOUR, spare=Spare()))],
        "components.a.repair.spare",
        "no spare part in stock",
        "예비품이 없고",
    ),
    "kind-unknown": (
        [shop("a"), part("a", kind="unicorn")],
        "components.a.kind",
        "knows no kind `unicorn` of components",
        "`unicorn`이라는 종류가 없어",
    ),
    "names-alike": (
        [shop("web", "wеb"), part("web"), part("wеb")],  # the second has a Cyrillic е
        "components.wеb",
        "look alike",
        "모양이 비슷합니다",
    ),
    "domain-too-deep": (
        [
            shop(located=("d0",)),
            *(Domain(f"d{i}", located=(f"d{i + 1}",)) for i in range(64)),
            Domain("d64"),
        ],
        "domains.d0.in",
        "`d0` is inside more than 64 others",
        "`d0` 도메인이 64개가 넘는",
    ),
    "on-call-larger-than-team": (
        [shop("a"), part("a", start=Start(takes=HOUR, people=people(1))), Team("infra", people=5, on_call=9)],
        "teams.infra.on_call",
        "9 people on call, but 5 in all",
        "당직은 9명인데",
    ),
    "hazard-without-rate": (
        [shop("a"), part("a"), Hazard("flood", strikes=("a",))],
        "hazards.flood.rate",
        "how often `flood` comes",
        "얼마나 자주 일어나는지",
    ),
    "barrier-without-works": (
        [shop("a"), part("a"), Barrier("gas"), hazard(Effect("break", Target(("a",)), unless=("gas",)))],
        "barriers.gas.works",
        "how likely `gas` works",
        "작동할 확률이 적혀 있지",
    ),
    "unused-barrier": ([shop(), Barrier("gas", works=Chance(Dist("point", 0.5)))], "barriers.gas", "No hazard", "`gas`"),
}
WITHOUT_DATE = {"shown-without-as-of"}


def found(code: str, *rows, **settings) -> list[Problem]:
    return [problem for problem in check(build(*rows, **settings)) if problem.code == code]


def codes(*rows, **settings) -> set[str]:
    return {problem.code for problem in check(build(*rows, **settings))}


def test_every_code_has_a_case_a_severity_and_a_text():
    with_tests_of_their_own = {*at_rest.SEVERITY, *beliefs.SEVERITY, *blindness.SEVERITY, *unmended.SEVERITY}
    known = set(SEVERITY) - with_tests_of_their_own
    assert {*CASES, "kind-brings-beside"} == known  # that one asks for a model that was read: below
    for lang in ("en", "ko"):
        texts = area("checks", lang)
        assert set(texts) == {f"{code}.{part}" for code in known for part in ("what", "hint")}
    assert severity(Problem("unknown-key")) == "error"


def test_a_misfortune_that_a_kind_brings_beside_the_models_own():
    """A stranger's bad release was counted twice, once under the name that `kind: software` gives it."""
    words = """blackstart: 1
domains: {app: {kind: software}}
components: {web: {in: app}}
services: {shop: {needs: web, users: 1}}
hazards: {NAME: {rate: 1/yr, effects: [{hold: app, for: 1h}]}}
"""
    (problem,) = [p for p in check(load_text(words.replace("NAME", "bad-deploy"))) if p.code == "kind-brings-beside"]
    assert problem.path == "domains.app.kind" and severity(problem) == "note"
    assert "`bad-release@app`, and the model has `bad-deploy` of its own" in what(problem, "en") and "둘 다 셉니다" in what(problem, "ko")
    mended = load_text(words.replace("NAME", "bad-release@app"))
    assert list(mended.hazards) == ["bad-release@app"] and "kind-brings-beside" not in {p.code for p in check(mended)}


@pytest.mark.parametrize("code", CASES)
def test_each_check(code):
    rows, path, english, korean = CASES[code]
    problems = found(code, *rows, as_of=None if code in WITHOUT_DATE else DAY)
    assert len(problems) == 1
    assert problems[0].path == path
    assert english in what(problems[0], "en")
    assert korean in what(problems[0], "ko")
    assert hint(problems[0], "en") and hint(problems[0], "ko")
    assert not re.search(r"\{\w*\}", hint(problems[0], "en"))  # a value that was not filled in


@pytest.mark.parametrize("code", [code for code in CASES if SEVERITY[code] == "error"])
def test_errors_alone_are_those_of_all_checks(code):
    model = build(*CASES[code][0])
    assert code in {p.code for p in errors(model)}
    assert errors(model) == [p for p in check_all(model) if severity(p) == "error"]


def test_a_model_in_order_has_nothing_to_say():
    rows = [
        shop(
            "web",
            loss=Loss(rate=money(3e6), hours="mon-fri 08-20", penalties=((4.0, money(1)), (8.0, money(2)))),
        ),
        part(
            "web", "login", start=Start(takes=HOUR, needs=any_of("deploy@p", "deploy@a")), located=("pangyo",)
        ),
        part("login", needs=any_of("l1", "l2"), located=("korea",)),
        part("l1", located=("pangyo",), overload=1.2),
        part("l2", located=("anyang",), standby=Standby(("l1",)), start=Start(takes=HOUR, works=SHOWN, rehearsed=DAY)),
        part("deploy@p", located=("pangyo",)),
        part("deploy@a", located=("anyang",), repair=Repair(takes=HOUR, people=people(2))),
        *(SITES[0], *SITES[3:]),
        INFRA,
        hazard(
            Effect("hold", Target(("pangyo",)), unless=("gas",), until=Until("fire-out", HOUR)),
            Effect("bar", Target(("pangyo",)), until=Until("cleared")),
            strikes=("pangyo",),
            lasts={"fire-out": HOUR},
        ),
        Barrier("gas", works=Chance(Dist("beta", 3.5, 7.5)), shown=DAY, tested=HOUR, hidden=YEARLY),
        Defence("d", excludes=("e",), costs_once=money(1)),
        Defence("e", costs_once=money(1)),
    ]
    assert check(build(*rows)) == []


def test_errors_come_first_and_each_has_its_place():
    rows = [
        part("a", "a", where=Where("m.yaml", 9, 3), wheres={"needs": Where("m.yaml", 10, 5)}),
        part("b", rides=HOUR, where=Where("m.yaml", 2, 3)),
        shop("a", "b"),
    ]
    problems = check(build(*rows))
    assert [p.code for p in problems] == ["needs-itself", "rides-without-needs"]
    assert str(problems[0].where) == "m.yaml:10:5"
    assert str(problems[1].where) == "m.yaml:2:3"


def test_the_nearest_name_is_offered():
    assert found("kind-unknown", shop("a"), part("a", kind="databas"))[0].nearest == "database"
    assert found("kind-unknown", shop(located=("d",)), Domain("d", kind="bilding"))[0].nearest == "building"
    problem = found("until-unknown", *CASES["until-unknown"][0])[0]
    assert problem.nearest == "fire-out"
    assert found("defence-unknown", *CASES["defence-unknown"][0])[0].nearest == "second-site"


# --------------------------------------------------------------------------- places


def test_a_tool_elsewhere_or_doubled_elsewhere_is_no_finding():
    home = (*SITES[:3], SITES[3])
    start = Start(takes=HOUR, needs=any_of("deploy", "deploy2"))
    a = part("a", located=("b1",), start=start)
    rows = [shop("a"), a, part("deploy", located=("b2",)), part("deploy2", located=("anyang",)), *home]
    assert "tool-with-its-patient" not in codes(*rows)
    rows[3] = part("deploy2", located=("b1",))
    assert {p.values["tool"] for p in found("tool-with-its-patient", *rows)} == {"deploy", "deploy2"}


def test_a_tool_is_reported_once_for_all_it_must_bring_back():
    start = Start(takes=HOUR, needs=leaf("deploy"))
    many = [part(f"c{i}", located=("b1",), start=start) for i in range(8)]
    problems = found(
        "tool-with-its-patient",
        shop(*(c.id for c in many)),
        *many,
        part("deploy", located=("b1",)),
        *SITES[:2],
    )
    assert len(problems) == 1
    assert problems[0].values["patients"] == "`c0`, `c1`, `c2`, `c3`, `c4` (+3)"


def test_what_breaks_with_its_patient_is_a_step_of_the_repair_and_no_tool():
    """The Rogers outage of 2022: filter and core broke one after the other, and the core was mended once the filter was back."""
    mended = Repair(takes=HOUR, needs=leaf("filter"))
    core, first = part("core", located=("b1",), repair=mended), part("filter", located=("b1",), repair=Repair(takes=HOUR))
    rows = [shop("core"), core, first, *SITES[:2]]
    then = Effect("break", Target(("filter",)), then=(Effect("break", Target(("core",))),))
    assert "tool-with-its-patient" not in codes(*rows, hazard(then))
    assert "tool-with-its-patient" in codes(*rows, hazard(Effect("break", Target(("core",)))))


def test_people_who_need_something_are_not_asked_for_their_tools():
    by_hand = Repair(takes=HOUR, people=(Crew("infra", 1),))
    for rows in (
        [part("a", repair=by_hand), part("b", repair=dataclasses.replace(by_hand, needs=leaf("console"))), part("console"), INFRA],
        [part("a", repair=by_hand, helps=(Help("console", 2.0),)), part("console"), INFRA],
        [part("a", repair=by_hand), part("console"), dataclasses.replace(INFRA, needs=leaf("console"))],
        [part("a", repair=Repair(takes=HOUR))],
    ):
        assert "without-tools" not in codes(shop("a"), *rows)


def test_what_its_people_are_called_by_is_a_tool_too():
    mended = Repair(takes=HOUR, people=(Crew("noc", 1),))
    noc, outside = Team("noc", people=2, needs=leaf("phones")), Team("noc", people=2, needs=any_of("phones", "satellite"))
    rows = [shop("core"), part("core", located=("b1",), repair=mended), part("phones", located=("b1",)), part("satellite"), *SITES[:2]]
    (problem,) = found("tool-with-its-patient", *rows, noc)
    assert problem.path == "components.core.repair.people" and problem.values["tool"] == "phones"
    assert "tool-with-its-patient" not in codes(*rows, outside)


def test_until_what_can_come_back():
    held = Effect("hold", Target(("a",)), until=Until(back="b"))
    rows = [shop("a"), part("a"), part("b"), part("c", needs=leaf("a"))]
    assert not {"until-never", "effect-without-end", "under-no-service"} & codes(*rows[:3], hazard(held))
    other = Effect("hold", Target(("b",)), until=Until(back="c"))
    assert "until-never" in codes(*rows, hazard(held, other))  # each waits for the other
    assert "until-never" not in codes(*rows, hazard(held), dataclasses.replace(hazard(other), id="flood"))  # never at once


def test_an_end_that_is_there_when_it_begins():
    """Where something of the hazard stops it first, itself or what it needs, the effect lasts; so it may where another is set off."""
    rows = [shop("a", "b"), part("a"), part("b", "c"), part("c", repair=Repair(takes=HOUR))]
    held = Effect("hold", Target(("a",)), until=Until(back="b"), after=HOUR)
    for first, said in (("c", False), ("b", False), ("a", True)):
        assert ("until-at-once" in codes(*rows, hazard(Effect("break", Target((first,))), held))) is said
    other = dataclasses.replace(hazard(Effect("break", Target(("b",)))), id="other")
    assert "until-at-once" not in codes(*rows, other, hazard(Effect("trigger", hazard="other"), held))


def test_nobody_may_enter_until_what_stands_inside():
    inside = [shop("a"), part("a", needs=leaf("door")), part("door", repair=Repair(takes=HOUR))]
    barred = Effect("bar", Target(("door",)), until=Until(back="a"))
    assert "until-never" in codes(*inside, hazard(Effect("break", Target(("door",))), barred))
    assert "until-never" not in codes(*inside, hazard(barred))  # nothing there is to be mended


def test_a_surge_until_what_it_keeps_too_small():
    """Twice the demand leaves half; what asks for 80 % of it is not back before the surge is over, what asks for 40 % is."""
    def rows(least):
        need = Need("capacity", of=(leaf("a"),), weights=(1.0,), threshold=least)
        surged = Effect("surge", Target(("a",)), factor=2.0, until=Until(back="whole"))
        return [shop("whole"), part("a"), part("whole", needs=need), hazard(surged)]

    assert "until-never" in codes(*rows(0.8))
    assert "until-never" not in codes(*rows(0.4))


def test_a_deadlock_names_the_people_who_cannot_be_called():
    mended = Repair(takes=HOUR, people=(Crew("noc", 1),))
    noc = Team("noc", people=2, needs=leaf("phones"))
    (problem,) = found("repair-deadlock", shop("core"), part("core", repair=mended), part("phones", needs=leaf("core")), noc)
    assert "core → (noc) → phones → core" in what(problem) and "only while the next one runs" in what(problem)
    assert "괄호 안은" in what(problem, "ko")
    (problem,) = found("repair-deadlock", shop("phones"), part("phones", repair=mended), noc)  # their own telephone
    assert "phones → (noc) → phones" in what(problem)


def test_a_standby_elsewhere_that_only_a_lost_tool_can_call():
    """Pangyo, October 2022: the standbys were in other centres, the tools to promote them were not."""
    rows = [
        shop(needs=any_of("talk@pangyo", "talk@anyang")),
        part("talk@pangyo", located=("b1",)),
        part("talk@anyang", located=("anyang",), standby=Standby(("talk@pangyo",)), start=starts("failover")),
        part("failover", located=("b2",)),
        *SITES[:4],
    ]
    problem = found("tool-with-its-patient", *rows)[0]
    assert "`failover` stands in `pangyo`" in what(problem) and "`talk@pangyo`" in what(problem)
    assert problem.path == "components.talk@anyang.start.needs"
    rows[3] = part("failover", located=("anyang",))  # lost with the standby, but then nobody calls it
    assert "tool-with-its-patient" not in codes(*rows)


def test_what_a_defence_would_use_is_not_unused():
    change = {"components": {"shop": {"in": "anyang", "start": {"people": "3 infra", "needs": ["deploy"]}}}}
    rows = [shop(), part("deploy"), Domain("anyang"), INFRA, Barrier("gas")]
    unused = {"unused-domain", "unused-team", "under-no-service"}
    assert unused <= codes(*rows)
    assert not unused & codes(*rows, Defence("d", change=change))


def test_sharing_a_country_or_a_release_is_not_sharing_a_wall():
    release = Domain("v7", kind="software")
    rows = [
        shop(needs=any_of("a", "b")),
        part("a", located=("korea", "v7")),
        part("b", located=("korea", "v7")),
    ]
    assert "redundancy-in-one-place" not in codes(*rows, SITES[4], release)


def test_redundancy_beside_its_user_is_not_a_finding():
    rows = [shop("hall"), part("hall", needs=any_of("u1", "u2"), located=("pangyo",))]
    rows += [part("u1", located=("b1",)), part("u2", located=("b2",)), *SITES[:3]]
    assert "redundancy-in-one-place" not in codes(*rows)
    rows[-5:-3] = [part("u1", located=("b1",)), part("u2", located=("b1",))]
    assert found("redundancy-in-one-place", *rows)[0].values["place"] == "b1"


def test_standbys_helpers_and_backups_count_as_depended_on():
    rows = [
        shop("a"),
        part("a", data=Data(backup=Backup(kept="vault"))),
        part("vault"),
        part("b", standby=Standby(("a",)), start=Start(takes=HOUR)),
    ]
    assert "under-no-service" not in codes(*rows)


def test_a_surge_makes_loads_change():
    assert "overload-without-load" not in codes(shop("a", surge=Surge(3.0)), part("a", overload=1.2))


@pytest.mark.parametrize("text", ["mon-fri 08-20", "월-금 09-18", "mon-fri 08-20; sat 10-14", "22-06"])
def test_hours_of_the_week(text):
    assert "hours-malformed" not in codes(shop(loss=Loss(rate=money(1), hours=text)))


@pytest.mark.parametrize("text", ["", "mon-fry 8-20", "8-25", "08", "always"])
def test_no_hours_of_the_week(text):
    assert "hours-malformed" in codes(shop(loss=Loss(rate=money(1), hours=text)))


@pytest.mark.parametrize(
    "names", [("web", "Web"), ("web", "ｗｅｂ"), ("cache_1", "cache-1"), ("copa", "сора"), ("결제a", "결제A")]
)
def test_names_that_look_alike(names):
    assert looks(names[0]) == looks(names[1])
    assert "names-alike" in codes(shop(*names), part(names[0]), part(names[1]))


def test_names_that_do_not():
    assert len({looks(name) for name in ("web", "web2", "wed", "로그인", "로그아웃", "db")}) == 6


# --------------------------------------------------------------------------- cold-start deadlocks

GLASS = BreakGlass(after=HOUR, takes=HOUR)


def starts(*needs: str) -> Start:
    return Start(takes=HOUR, needs=all_of(*needs))


DEADLOCKS = {
    "a chain is none": ([part("a", "b"), part("b", "c"), part("c")], []),
    "two that need each other": (
        [part("a", "b"), part("b", "a")],
        [Deadlock(("a", "b"), ("a", "b", "a"))],
    ),
    "a ring of three, and who hangs on it is not in it": (
        [part("x", "a"), part("a", "b"), part("b", "c"), part("c", "a")],
        [Deadlock(("a", "b", "c"), ("a", "b", "c", "a"))],
    ),
    "running one way, starting the other": (
        [part("login", "db"), part("db", start=starts("login"))],
        [Deadlock(("login", "db"), ("login", "db", "login"))],
    ),
    "an alternative outside opens it": (
        [part("a", "b"), part("b", needs=any_of("a", "c")), part("c")],
        [],
    ),
    "an alternative inside does not": (
        [part("a", "b"), part("b", needs=any_of("a", "c")), part("c", "b")],
        [Deadlock(("a", "b", "c"), ("a", "b", "a"))],
    ),
    "two of three, one of them caught": (
        [
            part("q", needs=gate("at_least", "a", "b", "c", threshold=2.0)),
            part("a", "q"),
            part("b"),
            part("c"),
        ],
        [],
    ),
    "two of three, two of them caught": (
        [
            part("q", needs=gate("at_least", "a", "b", "c", threshold=2.0)),
            part("a", "q"),
            part("b", "q"),
            part("c"),
        ],
        [Deadlock(("q", "a", "b"), ("q", "a", "q"))],
    ),
    "capacity that comes back in parts": (
        [
            part("q", needs=gate("capacity", "a", "b", weights=(0.6, 0.6), threshold=0.5)),
            part("a", "q"),
            part("b"),
        ],
        [],
    ),
    "a capacity that needs both": (
        [
            part("q", needs=gate("capacity", "a", "b", weights=(0.6, 0.6), threshold=1.0)),
            part("a", "q"),
            part("b"),
        ],
        [Deadlock(("q", "a"), ("q", "a", "q"))],
    ),
    "only break-glass gets out": (
        [part("login", "db"), part("db", start=starts("login"), break_glass=GLASS)],
        [Deadlock(("login", "db"), ("login", "db", "login"), ("db",))],
    ),
    "break-glass also for a running need that depends on it in turn": (
        [part("a", "b", break_glass=GLASS), part("b", "a")],
        [Deadlock(("a", "b"), ("a", "b", "a"), ("a",))],
    ),
    "break-glass without the need that holds it": (
        [
            part("a", "b"),
            part("b", start=starts("a", "c"), break_glass=BreakGlass(without=("c",))),
            part("c"),
        ],
        [Deadlock(("a", "b"), ("a", "b", "a"))],
    ),
    "two rings, the second behind the first": (
        [part("a", "b"), part("b", "a"), part("c", "d", "a"), part("d", "c")],
        [Deadlock(("a", "b"), ("a", "b", "a")), Deadlock(("c", "d"), ("c", "d", "c"))],
    ),
    "a ring that would open if the other did": (
        [part("a", needs=any_of("b", "c")), part("b", "a"), part("c", "d"), part("d", "c")],
        [Deadlock(("c", "d"), ("c", "d", "c"))],
    ),
    "itself": ([part("a", "a")], [Deadlock(("a",), ("a", "a"))]),
    "tools that repair each other": (
        [part("vm", repair=Repair(needs=leaf("deploy"))), part("deploy", repair=Repair(needs=leaf("vm")))],
        [Deadlock(("vm", "deploy"), ("vm", "deploy", "vm"), (), "repair")],
    ),
    "a ring of starting is not told again as one of repair": (
        [
            part("a", "b", repair=Repair(needs=leaf("b"))),
            part("b", "a"),
            part("c", "a", repair=Repair(needs=leaf("a"))),
        ],
        [Deadlock(("a", "b"), ("a", "b", "a"))],
    ),
    "a start that waits for what can never run": (
        [part("a", start=starts("x")), part("x", needs=gate("at_least", "a", threshold=2.0))],
        [Deadlock(("a",), ("a", "x"))],
    ),
    "more hands than there are": (
        [part("a", start=Start(people=people(9))), part("b", "a"), INFRA],
        [Deadlock(("a",), ("a",), (), "crew")],
    ),
    "more hands to repair than there are, unless the glass is broken": (
        [part("a", repair=Repair(people=people(9)), break_glass=BreakGlass(people=people(1))), INFRA],
        [Deadlock(("a",), ("a",), ("a",), "crew")],
    ),
    "a doubtful need counts": (
        [part("a", needs=gate("maybe", "b", chance=Chance(Dist("point", 0.1)))), part("b", "a")],
        [Deadlock(("a", "b"), ("a", "b", "a"))],
    ),
}


@pytest.mark.parametrize("name", DEADLOCKS)
def test_deadlocks_with_known_answers(name):
    rows, answer = DEADLOCKS[name]
    assert deadlocks(build(*rows)) == answer


def closed(model: Model, up: set[str], repair: bool | None) -> set[str]:
    """The definition, written down: who is up in the end, trying again until nothing changes.

    `repair` None: whoever's running needs are there is up; else whoever can start (and be repaired) joins.
    """

    def may(c: Component, now: set[str]) -> bool:
        parts = [] if repair is None else [c.start, c.repair if repair else None]
        needs = [c.needs, *(p.needs for p in parts if p is not None)]
        return all(holds(need, now.__contains__) for need in needs)

    while True:
        after = {c.id for c in model.components.values() if may(c, up)}
        after |= up if repair is not None else set()
        if after == up:
            return up
        up = after


@pytest.mark.parametrize("seed", range(300))
def test_deadlocks_against_the_definition(seed):
    rng = random.Random(seed)
    names = [f"c{i}" for i in range(rng.randint(2, 9))]

    def draw(depth: int = 0) -> Need:
        op = rng.choice(("leaf", "leaf", "all", "any", "at_least", "capacity")) if depth < 2 else "leaf"
        if op == "leaf":
            return leaf(rng.choice(names))
        members = tuple(draw(depth + 1) for _ in range(rng.randint(1, 3)))
        weights = tuple(rng.choice((0.3, 0.5, 1.0)) for _ in members) if op == "capacity" else ()
        return Need(
            op, of=members, weights=weights, threshold=float(rng.choice((0.5, 1, 2))) if op != "all" else 0.0
        )

    def maybe() -> Need | None:
        return draw() if rng.random() < 0.5 else None

    rows = [
        Component(n, needs=maybe(), start=Start(needs=maybe()), repair=Repair(needs=maybe())) for n in names
    ]
    model = build(*rows)
    told = deadlocks(model)
    runs = closed(model, set(model.components), None)
    stuck = runs - closed(model, set(), False)
    assert bool([d for d in told if d.kind == "start"]) == bool(stuck)
    assert {m for d in told if d.kind == "start" for m in d.members} <= stuck
    assert {m for d in told for m in d.members} <= runs - closed(model, set(), True)
    for deadlock in told:
        # Even with everything else running that can, its members do not come up.
        others = runs - set(deadlock.members)
        for name in deadlock.members:
            c = model.components[name]
            parts = [c.needs, c.start.needs] + ([c.repair.needs] if deadlock.kind == "repair" else [])
            assert not all(holds(need, others.__contains__) for need in parts)
        if len(deadlock.chain) > 2 or deadlock.chain[0] == deadlock.chain[-1] and len(deadlock.chain) > 1:
            assert set(deadlock.chain) <= set(deadlock.members)
    # Naming the cores is enough: were they running, all that waits behind them would start.
    cores = {member for deadlock in told for member in deadlock.members}
    assert closed(model, set(cores), True) >= runs


# --------------------------------------------------------------------------- size


def big(n: int) -> Model:
    start = Start(takes=HOUR, needs=leaf("c5"), people=people(2))
    mend = Repair(takes=HOUR, needs=all_of("c3", "c4"))

    def needs(i: int) -> Need | None:
        above = (f"c{i - 1}", f"c{i // 2}")
        return None if not i else all_of(*above) if i % 3 else any_of(*above)

    rows = [
        Component(
            f"c{i}",
            needs=needs(i),
            located=(f"r{i % 200}",),
            start=start if i > 5 else None,
            repair=mend if i > 5 else None,
            is_service=i > n - 100,
        )
        for i in range(n)
    ]
    rooms = [Domain(f"r{i}", kind="room", located=(f"s{i % 20}",)) for i in range(200)]
    return build(*rows, *rooms, *(Domain(f"s{i}", kind="site") for i in range(20)), Team("infra", people=5))


@pytest.mark.parametrize("shape", ["rows", "ring"])
def test_a_hundred_thousand_components_in_seconds(shape):
    n = 100_000
    model = big(n)
    if shape == "ring":
        rows = [Component(f"c{i}", needs=leaf(f"c{(i + 1) % n}"), is_service=i < 3) for i in range(n)]
        model = dataclasses.replace(build(*rows), domains={})
    gc.collect()
    gc.freeze()  # as the reader does with what it has read
    try:
        begin = time.process_time()
        problems = check(model)
        taken = time.process_time() - begin
    finally:
        gc.unfreeze()
    assert problems
    assert taken < 8.0  # under 2 s on an idle machine; a step that is not linear would take minutes


def test_penalties_are_paid_one_by_one_and_need_not_rise() -> None:
    """A later one may be smaller: it is paid on top of the earlier ones."""
    falling = Loss(rate=money(1), penalties=((4.0, money(500)), (9.0, money(100))))
    assert found("penalties-malformed", shop(loss=falling)) == []


def test_what_a_cut_saves_may_be_negative() -> None:
    text = "blackstart: 1\ncomponents: {a: {}}\ndefences: {d: {costs: {once: -5 KRW, yearly: -4..-2 KRW/yr}}}\n"
    assert load_text(text).defences["d"].costs_once.dist.mean() == -5


# ----------------------------------------------------------------------------- at rest (the System is asked)


@pytest.mark.parametrize(
    ("needs", "more", "code", "by"),
    [
        ("{capacity: {a: 30%, b: 20%}, at_least: 10%}", "", "out-at-rest", "`s`"),
        ("[low]", "", "out-at-rest", "`low`"),
        ("[under]", "", "out-at-rest", "`low`"),
        ("[a]", "wants: {spare: 60%}, ", "out-at-rest", "`spare`"),
        ("{capacity: {a: 50%, low: 50%}, at_least: 10%}", "", "short-at-rest", "`low`"),
        ("[spare]", "", "never-runs", "no `headroom`"),
        ("{any: [low, a]}", "", None, ""),
    ],
)
def test_a_service_below_its_threshold_when_nothing_is_wrong_is_refused(needs: str, more: str, code: str | None, by: str) -> None:
    """It was never counted as out: availability near 1 for a service that serves less than it must, always."""
    model = load_text(f"""
blackstart: 1
components:
  a: {{fails: 1/yr, repair: 1h}}
  b: {{}}
  low: {{headroom: 40%}}
  under: {{needs: low}}
  spare: {{standby: {{for: b}}, start: 1 min}}
services:
  s: {{needs: {needs}, {more}loss: 100 KRW/h, tolerance: {{serves: 60%}}}}
""")
    told = [p for p in changes.at_rest(model) if p.path == "services.s"]
    assert [p.code for p in told] == ([code] if code else [])
    assert all(severity(p) == ("warning" if code == "short-at-rest" else "error") and by in hint(p) and hint(p, "ko") for p in told)
    if code in ("out-at-rest", "never-runs"):
        with pytest.raises(ModelError) as refused:
            compile_model(model)
        assert [p.code for p in refused.value.problems] == [code]


def test_a_circle_whose_headroom_eats_itself_up_cannot_run() -> None:
    """Its level comes down to nothing step by step; a hair above it was accepted, and engine and twin then differed."""
    circle = "components: {ring: {needs: round}, round: {needs: ring, headroom: 80%}}\n"
    model = load_text(f"blackstart: 1\nservices: {{s: {{needs: ring}}}}\n{circle}")
    with pytest.raises(ModelError) as refused:
        compile_model(model)
    assert {p.path for p in refused.value.problems if p.code == "never-runs"} == {"services.s", "components.ring", "components.round"}


def test_a_defence_that_takes_a_whole_section_away_writes_over_every_row_of_it() -> None:
    row, section = {"components": {"a": {"fails": "1/yr"}}}, {"components": None}
    for said in ((row, section), (section, row)):
        found = check(build(shop(), *(Defence(name, change=change) for name, change in zip("de", said, strict=True))))
        assert [p.values["place"] for p in found if p.code == "defences-overwrite"] in (["components"], ["components.a"])


# ----------------------------------------------------------------------------- what begets what


@pytest.mark.parametrize(
    ("hazards", "ends"),
    [
        ("{x: {strikes: a, rate: 1/yr, again: {rate: x1.9, for: 1 yr}}}", True),
        ("{x: {strikes: a, rate: 1/yr, again: {rate: x2, for: 1 yr}}}", False),
        ("{x: {strikes: a, rate: 2/yr, chance: 40%, again: {rate: x2, for: 1 yr}}}", True),
        ("{x: {rate: 1/yr, effects: [{trigger: y}]}, y: {effects: [{trigger: x}]}}", False),
        ("{x: {rate: 1/yr, effects: [{trigger: y, chance: 50%}]}, y: {effects: [{trigger: x}]}}", True),
        ("{x: {rate: 1/yr, effects: [{trigger: y}]}, y: {effects: [{trigger: x, unless: gate}]}}", True),
        ("{x: {rate: 1/yr, effects: [{trigger: {hazard: x, by: x3}, for: 6 months}]}}", False),
        ("{x: {rate: 1/yr, effects: [{trigger: {hazard: x, by: x3}, for: 5 months}]}}", True),
    ],
)
def test_what_brings_one_more_of_itself_on_average_never_ends(hazards: str, ends: bool) -> None:
    """(factor - 1) x rate x time, and products of such around a circle, against 1. Such models ran for minutes in silence."""
    text = "blackstart: 1\ncomponents: {a: {repair: 1h}}\nbarriers: {gate: {works: 10%}}\n"
    text += f"services: {{s: {{needs: a, users: 1}}}}\nhazards: {hazards}\n"
    assert ("begets-without-end" in {p.code for p in check(load_text(text))}) is not ends


def test_what_settles_by_itself_is_not_said_to_trip_again():
    def said(*rows, least=0.01, **start):
        users = shop(needs=gate("capacity", "a", *(row.id for row in rows), weights=(0.5, 0.5)[: 1 + len(rows)], threshold=least))
        return "trips-again" in codes(users, pool(**start), *rows, INFRA)

    assert said()
    assert not said(throttled=True)
    assert not said(least=0.2)  # whoever needs it comes back with more of it
    assert not said(part("b"))  # the other half carries on: 1 / (0.5 + 0.025) = 1.9 times


@pytest.mark.parametrize(
    ("needs", "a", "b", "found"),
    [
        ("{capacity: {a: 60%, b: 60%}, at_least: 50%}", "overload: 160%", "overload: 160%", "load-circle"),
        ("{capacity: {a: 60%, b: 60%}, at_least: 50%}", "overload: 170%", "overload: 160%", "trips-as-it-takes-over"),
        ("{capacity: {a: 60%, b: 60%}, at_least: 50%}", "overload: 170%", "overload: 170%", None),
        ("{capacity: {a: 60%, b: 60%}, at_least: 80%}", "overload: 120%", "overload: 120%", None),  # with one of them nobody asks
        ("{capacity: {a: 60%, b: 60%}, at_least: 50%}", "overload: 160%, start: {throttled: yes}", "overload: 160%",
         "trips-as-it-takes-over"),
        ("{any: [a, b]}", "overload: 101%", "overload: 101%", None),  # either bears the whole
    ],
)
def test_what_pushes_each_other_down_is_told(needs: str, a: str, b: str, found: str | None) -> None:
    text = f"blackstart: 1\ncomponents: {{a: {{fails: 1/yr, repair: 1h, {a}}}, b: {{fails: 1/yr, repair: 1h, {b}}}}}\n"
    codes = {p.code for p in check_all(load_text(text + f"services: {{s: {{needs: {needs}, users: 1}}}}"))}
    assert codes & {"load-circle", "trips-as-it-takes-over"} == ({found} if found else set())


def test_retries_that_go_from_each_of_two_services_to_the_other_are_a_circle_of_load() -> None:
    """A stranger's two services: when one is out, its users try the other, which bears less; nothing warned."""
    text = """blackstart: 1
components: {a: {fails: 1/yr, repair: 1h, overload: 120%}, b: {fails: 1/yr, repair: 1h, overload: 130%}}
services: {s: {needs: a, users: 1}, t: {needs: b, users: 1}}
hazards:
  to-b: {strikes: a, rate: 1/yr, effects: [{break: a}, {surge: {on: b, by: x1.4}, when: a is down, for: 1h}]}
  to-a: {strikes: b, rate: 1/yr, effects: [{break: b}, {surge: {on: a, by: x1.4}, when: b is down, for: 1h}]}
"""
    (found,) = [p for p in check_all(load_text(text)) if p.code == "load-circle"]
    assert found.values["pushes"] == "`a` → `b` 140% > 130%; `b` → `a` 140% > 120%"


def test_like_units_with_one_to_spare_are_not_said_to_be_too_many():
    def said(*weights):
        return "capacity-over-whole" in codes(shop(needs=gate("capacity", "a", "b", weights=weights, threshold=0.1)), part("a"), part("b"))

    assert said(0.6, 0.5) and not said(0.6, 0.6) and not said(0.6, 0.4)


def test_what_only_a_file_beside_the_model_watches_is_no_orphan():
    rows = [shop("a"), part("a"), part("known", repair=Repair(takes=HOUR))]
    assert "under-no-service" in codes(*rows)
    assert not [p for p in check_all(build(*rows), {"known"}) if p.code == "under-no-service"]


def test_an_effect_ends_with_its_hazard_where_that_says_how_long_it_lasts():
    """It used to be called endless although it ended at the last of the named times (§12)."""
    rows = [shop("a"), part("a"), hazard(Effect("hold", Target(("a",))), lasts={"cleared": HOUR})]
    assert "effect-without-end" not in codes(*rows)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_the_warning_about_a_pool_tells_to_write_can_be_written(lang):
    """Both ways that it names load and leave nothing to warn of: units as components of their own; a hazard that takes a part."""
    pool = "blackstart: 1\ncomponents: {web: {count: 4, fails: 1/yr, repair: 2h}}\nservices: {shop: {needs: web, loss: 1 KRW/h}}\n"
    (found,) = [p for p in check_all(load_text(pool)) if p.code == "fails-as-one"]
    told = re.findall(r"`([^`]+)`", hint(found, lang))
    need, hazard = next(said for said in told if "of:" in said), told[-1]
    units = "".join(f"  web-{n}: {{fails: 1/yr, repair: 2h}}\n" for n in range(1, 5))
    alone = f"blackstart: 1\ncomponents:\n{units}services: {{shop: {{needs: {need}, loss: 1 KRW/h}}}}\n"
    parts = pool.replace("fails: 1/yr, ", "") + f"hazards:\n  {hazard}\n"
    for text in (alone, parts):
        assert [p.code for p in check_all(load_text(text)) if severity(p) != "note"] == []


PAGED = """
blackstart: 1
teams: {infra: {people: 3, needs: chat}}
components:
  link: {fails: 1/yr, repair: {takes: 1h, people: 1 infra}}
  dns: {needs: link, rides: 1min}
  chat: {needs: dns}
services: {shop: {needs: link, loss: 1 KRW/h}}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("rides: 1min", ""),  # nobody can be called at all: that is told by others
        ("needs: chat}", "needs: {any: [chat, phones]}}"),
        ("needs: chat}", "needs: page}"),
        ("people: 1 infra", ""),
    ],
)  # fmt: skip
def test_a_call_that_hangs_on_nothing_that_rides_is_not_warned_of(old: str, new: str) -> None:
    assert "called-just-in-time" in {p.code for p in check_all(load_text(PAGED))}
    more = "  phones: {}\n  page: {standby: {for: link, failback: no}, start: {takes: 5 min, needs: chat}}\nservices:"
    text = PAGED.replace("services:", more).replace(old, new)
    assert "called-just-in-time" not in {p.code for p in check_all(load_text(text))}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_what_is_told_to_write_of_paging_is_read_and_says_that_nobody_comes(lang: str) -> None:
    """With the alarm as it is told to be written the chat is gone before anybody is called; without it people come at once."""
    (one,) = [p for p in check_all(load_text(PAGED)) if p.code == "called-just-in-time"]
    page = next(said for said in re.findall(r"`([^`]+)`", hint(one, lang)) if said.startswith("page:"))
    told = PAGED.replace("needs: chat}", "needs: page}").replace("services:", f"  {page}\nservices:")
    never = []
    for text in (PAGED, told):
        asked = scenario.read(load_text(text), ["link"])
        system = compile_model(asked.model)
        played = rehearsal.play(asked, system, runs=1, seed=1)
        never.append(rehearsal.rehearsal(asked, system, played).as_dict()["services"]["shop"]["never"])
    assert never == [False, True]


COPIES = """blackstart: 1
domains: {dbs: {kind: software}, east: {kind: site}}
components:
  a: {in: dbs, repair: 1h, data: {copies: [a, b]}}
  b: {in: dbs, repair: 1h, standby: a, start: 1 min}
services: {shop: {needs: {any: [a, b]}}}
hazards:
  migration: {strikes: a, rate: 1/yr, effects: [{break: [a, b]}]}
defences:
  third: {costs: {once: 1 EUR}, change: {components: {c: {in: east, repair: 1h}, a: {data: {copies+: c}}}}}
currency: EUR
"""


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("", "", True),
        ("{in: east", "{in: [east, dbs]", True),  # by name, not by the domain
        ("{break: [a, b]}", "{break: dbs}", False),
        ("copies+: c}}}", "copies+: c}}}, hazards: {migration: {effects+: [{break: c}]}}", False),
        ("{break: [a, b]}", "{break: a}", False),  # one alone: what strikes it need not be shared
        ("a: {data: {copies+: c}}", "d: {needs: c}", False),  # no copy of these
    ],
)
def test_a_copy_that_what_strikes_all_others_would_spare_is_told(one: str, other: str, told: bool) -> None:
    """A stranger's third database was safe from the migration that locks the others, and nothing said so."""
    assert one in COPIES
    assert ("defence-copy-spared" in {p.code for p in check_all(load_text(COPIES.replace(one, other)))}) is told
