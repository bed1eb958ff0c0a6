"""Small random models in which every feature of the language turns up often.

`random_model(rng, size)` writes one as the user would (YAML text); `models()` is the same as a Hypothesis strategy;
`features(model)` says which features a model uses, so that a long run can show what it has covered.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

from blackstart.language.model import Effect, Model, Need

DURATIONS = ("{a} h", "{a} h", "{a}h..{b}h", "{a}h..{b}h + {a} min", "uniform({a}h, {b}h)", "exponential(mean={a}h)",
             "triangular({a}h, {b}h, {c}h)", "weibull(shape=1.5, scale={a}h)",
             "empirical([{a}h, {b}h, {c}h])")  # fmt: skip


class _Writer:
    """Writes one random model."""

    def __init__(self, rng: random.Random, size: int, crews: bool = True, ordered: bool = True) -> None:
        self.rng = rng
        self.crews = crews
        self.ordered = ordered  # whether it may hold what depends on the order of the file: shares, copies of data
        self.names = [f"c{i}" for i in range(size)]
        self.domains = [f"d{i}" for i in range(rng.randint(1, 4))]
        self.teams = [f"t{i}" for i in range(rng.randint(1, 2))] if crews else []
        self.barriers = [f"b{i}" for i in range(rng.randint(0, 2))]
        self.hazards = [f"h{i}" for i in range(rng.randint(1, 4))]
        self.tags = ["red", "blue"]
        self.needed: dict[str, set[str]] = {c: set() for c in self.names}

    def maybe(self, share: float) -> bool:
        return self.rng.random() < share

    def hours(self, low: float = 0.1, high: float = 20.0) -> str:
        """A duration; now and then whole hours, so that things coincide."""
        if self.maybe(0.15):
            return f"{self.rng.randint(1, 4)} h"
        a = self.rng.uniform(low, high)
        form = self.rng.choice(DURATIONS)
        return form.format(a=f"{a:.4g}", b=f"{1.7 * a:.4g}", c=f"{3.1 * a:.4g}")

    def point(self, low: float, high: float) -> str:
        return f"{self.rng.uniform(low, high):.4g} h"

    def chance(self) -> str:
        return self.rng.choice(["30%", "50%", "80%", "10%..60%", "7 of 10", "2 of 3", "0.9"])

    def rate(self) -> str:
        return self.rng.choice(["1/yr", "4/yr", "0.5/yr..5/yr", "3 in 2 yr", "12/yr"])

    def people(self) -> Any:
        team = self.rng.choice(self.teams)
        return f"{self.rng.randint(1, 4)} {team}" if self.maybe(0.8) else {t: self.rng.randint(1, 3) for t in self.teams}

    # -- needs

    def need(self, names: list[str], depth: int = 2) -> Any:
        r = self.rng
        kinds = ["leaf", "leaf", "all", "any", "at_least", "capacity", "maybe"] if depth else ["leaf"]
        kind = r.choice(kinds)
        if kind == "leaf" or not names:
            return r.choice(names)
        several = r.sample(names, min(len(names), r.randint(2, 3)))
        if kind == "capacity":
            weights = {c: round(r.uniform(0.3, 0.9), 2) for c in several}
            return {"capacity": weights, "at_least": round(r.uniform(0.05, 0.6) * sum(weights.values()), 2)}
        if kind == "maybe":
            return {"maybe": r.choice(["10%", "50%", "30%..80%"]), "on": r.choice(names)}
        inner = [self.need(names, depth - 1) if self.maybe(0.3) else c for c in several]
        if kind == "at_least":
            return {"at_least": r.randint(1, len(inner)), "of": inner}
        return inner if kind == "all" and self.maybe(0.5) else {kind: inner}

    def needs_of(self, i: int) -> Any:
        below = self.names[:i]
        around = below + ([self.names[i]] + self.names[i + 1 : i + 3] if self.maybe(0.25) else [])
        if self.maybe(0.9) and self.names[i] in around and len(around) > 1:
            around.remove(self.names[i])
        return self.need(around) if around else None

    def any_need(self) -> Any:
        return self.need(self.names, 1)

    # -- components

    def component(self, i: int) -> dict[str, Any]:
        r, name = self.rng, self.names[i]
        row: dict[str, Any] = {}
        if self.maybe(0.65):
            needs = self.needs_of(i)
            if needs is not None:
                row["needs"] = needs
                self.needed[name] |= named(needs)
        others = [c for c in self.names if c != name]
        if others and self.maybe(0.2):
            row["wants"] = {c: f"{r.randint(10, 90)}%" for c in r.sample(others, min(len(others), r.randint(1, 2)))}
            self.needed[name] |= set(row["wants"])
        if self.maybe(0.7):
            row["in"] = r.sample(self.domains, r.randint(1, min(2, len(self.domains))))
        if self.maybe(0.3):
            row["tags"] = [r.choice(self.tags)]
        if self.maybe(0.2):
            row["count"] = r.choice([2, 3, 5, 7, 20, 33, 250])
        if self.maybe(0.3):
            row["rides"] = self.hours(0.2, 5)
        if self.maybe(0.5):
            row["fails"] = self.rate()
        if self.maybe(0.6):
            row["start"] = self.start(row)
        if self.maybe(0.85):
            row["repair"] = self.repair(row)
        if others and self.maybe(0.25):
            row["helps"] = {c: f"x{r.choice([1.5, 2, 4])}" for c in r.sample(others, 1)}
        if self.maybe(0.3):
            row["break_glass"] = self.break_glass(row)
        if self.maybe(0.2):
            row["overload"] = f"{r.choice([105, 120, 150])}%"
        if self.maybe(0.15):
            row["headroom"] = f"{r.choice([80, 100, 150])}%"
        if self.maybe(0.25):
            row["surge"] = {"by": f"x{r.choice([1.2, 1.7, 2.5])}", "lasts": self.hours(0.5, 8)}
            if self.maybe(0.4):
                row["surge"]["after"] = self.point(0.1, 5)
        if self.maybe(0.25):
            row["hidden"], row["tested"] = self.rate(), "3 months"
        if self.maybe(0.2):
            row["priority"] = r.randint(1, 3)
        return row

    def start(self, row: dict[str, Any]) -> Any:
        r = self.rng
        start: dict[str, Any] = {}
        if self.maybe(0.6 if "count" in row else 0.1):
            start["work"] = f"{r.uniform(0.1, 1):.3g}h each"
        else:
            start["takes"] = self.hours(0.1, 6) + (" + 0.5 x outage" if self.maybe(0.2) else "")
            for part in ("detect", "decide", "switch"):
                if self.maybe(0.15):
                    start[part] = self.hours(0.05, 1)
        if self.crews and self.maybe(0.45):
            start["people"] = self.people()
        if self.maybe(0.3):
            start["needs"] = self.any_need()
        if self.maybe(0.3):
            start["works"] = self.chance()
            if self.maybe(0.6):
                start["retry"] = self.hours(0.2, 3)
        if self.maybe(0.2):
            start["on_site"] = "yes"
        return start

    def repair(self, row: dict[str, Any]) -> Any:
        r = self.rng
        repair: dict[str, Any] = {}
        if self.maybe(0.6 if "count" in row else 0.1):
            repair["work"] = f"{r.uniform(0.1, 2):.3g}h each"
        else:
            repair["takes"] = self.hours(0.5, 15)
        if self.crews and self.maybe(0.5):
            repair["people"] = self.people()
        if self.maybe(0.35):
            repair["needs"] = self.any_need()
        if self.maybe(0.2):
            repair["spare"] = {"stock": r.randint(0, 2), "lead": self.hours(5, 60)}
        return repair

    def break_glass(self, row: dict[str, Any]) -> Any:
        glass: dict[str, Any] = {"after": self.hours(0.5, 6), "takes": self.hours(0.2, 4)}
        if self.crews and self.maybe(0.5):
            glass["people"] = self.people()
        could = sorted(named(row.get("needs")) | named((row.get("start") or {}).get("needs")))
        if could and self.maybe(0.4):
            glass["without"] = self.rng.sample(could, self.rng.randint(1, len(could)))
        return glass

    def standby(self, rows: dict[str, dict[str, Any]]) -> None:
        """Some stand by for others that do not hang on them."""
        for name, row in rows.items():
            if not self.maybe(0.3):
                continue
            for_whom = [c for c in self.names if c != name and name not in self.below(c) and not self.stands_for(rows, c, name)]
            if not for_whom:
                continue
            chosen = self.rng.sample(for_whom, 1 if self.maybe(0.8) else min(2, len(for_whom)))
            row["standby"] = chosen
            if not self.runs(rows):
                del row["standby"]
            elif self.maybe(0.7):
                row["standby"] = {"for": chosen, "below": f"{self.rng.choice([0, 0, 30, 60])}%"}
                if self.maybe(0.3):
                    row["standby"]["failback"] = "no"

    def runs(self, rows: dict[str, dict[str, Any]]) -> bool:
        """Whether everything but standbys runs when nothing is wrong."""
        level = {c: 0.0 if "standby" in row else 1.0 for c, row in rows.items()}
        for _ in range(50):
            level = {c: min(level[c], value(row.get("needs", []), level)) for c, row in rows.items()}
        return all(level[c] > 0 for c, row in rows.items() if "standby" not in row)

    def below(self, name: str) -> set[str]:
        found: set[str] = set()
        todo = [name]
        while todo:
            for c in self.needed[todo.pop()] - found:
                found.add(c)
                todo.append(c)
        return found

    def stands_for(self, rows: dict[str, dict[str, Any]], name: str, whom: str) -> bool:
        standby = rows[name].get("standby")
        chosen = standby["for"] if isinstance(standby, dict) else standby or []
        return whom in chosen or any(self.stands_for(rows, c, whom) for c in chosen)

    def data(self, rows: dict[str, dict[str, Any]]) -> None:
        """Some keep data; no two data sets share a holder."""
        free = list(self.names)
        for name in list(self.names):
            if name not in free or not self.maybe(0.25):
                continue
            free.remove(name)
            more = self.rng.sample(free, min(len(free), self.rng.randint(0, 2)))
            free = [c for c in free if c not in more]
            data: dict[str, Any] = {"lag": self.hours(0.01, 0.2), "copy": self.hours(0.5, 5)}
            if more:
                data["copies"] = [name, *more]
            keepers = [c for c in self.names if c != name]
            if keepers and self.maybe(0.6):
                data["backup"] = {"every": "24h", "kept": self.rng.choice(keepers), "restore": self.hours(0.5, 9)}
            rows[name]["data"] = data

    # -- hazards

    def target(self, op: str) -> str:
        r = self.rng
        name = r.choice([*self.names, *self.domains, *self.domains, "tag: red", "tag: blue"])
        shares = {"break": 0.4, "destroy": 0.1, "hold": 0.4}
        part = self.ordered and self.maybe(shares.get(op, 0))
        return r.choice(["half of ", "30% of ", "60% of "]) + name if part else name

    def effect(self, h: int, named_times: list[str], depth: int = 2) -> dict[str, Any]:
        r = self.rng
        ops = ["break", "break", "destroy", "hold", "hold", "bar", "surge", "slow", "reveal"]
        ops += ["take"] if self.teams else []
        ops += ["trigger", "trigger"] if h + 1 < len(self.hazards) else []
        op = r.choice(ops)
        effect: dict[str, Any] = {}
        lasts = op in ("hold", "bar", "surge", "slow", "take")
        if op in ("surge", "slow"):
            effect[op] = {"on": self.target(op), "by": f"x{r.choice([1.3, 2, 3])}"}
        elif op == "take":
            effect[op] = {"team": r.choice(self.teams), "people": r.choice(["50%", "2", "100%"])}
        elif op == "trigger":
            other = r.choice(self.hazards[h + 1 :])
            lasts = self.maybe(0.4)
            effect[op] = {"hazard": other, "by": f"x{r.choice([5, 40])}"} if lasts else other
        else:
            effect[op] = self.target(op)
        if lasts:
            effect["until"] = self.until(named_times)
        if self.maybe(0.4):
            effect["after"] = self.until(named_times) if self.maybe(0.2) else self.hours(0.1, 10)
        if self.maybe(0.2):
            effect["chance"] = self.chance()
        if self.barriers and self.maybe(0.25):
            effect["unless"] = r.sample(self.barriers, r.randint(1, len(self.barriers)))
        if self.maybe(0.15):
            effect["when"] = f"{r.choice(self.names)} is down"
        if depth and self.maybe(0.25):
            effect["then"] = [self.effect(h, named_times, depth - 1) for _ in range(r.randint(1, 2))]
        return effect

    def until(self, named_times: list[str]) -> str:
        if named_times and self.maybe(0.6):
            named_time = self.rng.choice([*named_times, "cleared"])
            return named_time + (f" + {self.hours(0.5, 10)}" if self.maybe(0.4) else "")
        return self.hours(0.5, 30)

    def hazard(self, h: int) -> dict[str, Any]:
        r = self.rng
        row: dict[str, Any] = {"strikes": r.choice(self.domains + self.names)}
        if self.maybe(0.85):
            row["rate"] = self.rate()
        if self.maybe(0.2):
            row["chance"] = self.chance()
        times = ["out", "dry"][: r.randint(0, 2)]
        if times:
            row["lasts"] = {t: self.hours(1, 30) for t in times}
        if self.maybe(0.9):
            row["effects"] = [self.effect(h, times) for _ in range(r.randint(1, 4))]
        if self.maybe(0.3):
            row["again"] = {"rate": f"x{r.choice([3, 5])}", "for": self.hours(20, 60)}
        if self.maybe(0.2):
            row["costs"] = "1m KRW..9m KRW"
        return row

    # -- the whole

    def model(self) -> dict[str, Any]:
        r = self.rng
        rows = {self.names[i]: self.component(i) for i in range(len(self.names))}
        self.standby(rows)
        if self.ordered:
            self.data(rows)
        file_order = list(self.names)
        r.shuffle(file_order)
        shown = set(r.sample(self.names, min(len(self.names), r.randint(1, 3))))
        components = {c: rows[c] for c in file_order if c not in shown}
        services = {c: rows[c] | self.service() for c in file_order if c in shown}
        whole: dict[str, Any] = {"blackstart": 1, "components": components, "services": services}
        whole["domains"] = {d: self.domain(i) for i, d in enumerate(self.domains)}
        if self.teams:
            whole["teams"] = {t: self.team() for t in self.teams}
        if self.barriers:
            whole["barriers"] = {b: self.barrier() for b in self.barriers}
        whole["hazards"] = {h: self.hazard(i) for i, h in enumerate(self.hazards)}
        alike = [c for c in self.names if "fails" in rows[c]]
        if len(alike) >= 2 and self.maybe(0.4):
            group = alike[:3]
            for c in group:
                rows[c]["fails"] = rows[group[0]]["fails"]
            whole["common_causes"] = {"g": self.common_cause(group)}
        for team in whole.get("teams", {}).values():
            if self.maybe(0.25):
                team["needs"] = self.any_need()
        for effect in written(e for h in whole["hazards"].values() for e in h.get("effects", [])):
            if "until" in effect and "trigger" not in effect and self.maybe(0.2):
                effect["until"] = r.choice(self.names) + (f" + {self.hours(0.5, 10)}" if self.maybe(0.3) else "")
        for row in rows.values():
            if "overload" in row and "start" in row and self.maybe(0.5):
                row["start"]["throttled"] = "yes"
            for part in ("detect", "decide"):
                if "repair" in row and self.maybe(0.1):
                    row["repair"][part] = self.hours(0.05, 1)
                if "work" in row.get("start", ()) and self.maybe(0.3):
                    row["start"][part] = self.hours(0.05, 1)
        return whole

    def service(self) -> dict[str, Any]:
        row: dict[str, Any] = {"loss": f"{self.rng.randint(1, 999)} KRW/h"}
        if self.maybe(0.3):
            row["tolerance"] = {"serves": f"{self.rng.choice([20, 70, 95])}%"}
        return row

    def domain(self, i: int) -> dict[str, Any]:
        row: dict[str, Any] = {}
        if i and self.maybe(0.6):
            row["in"] = self.domains[self.rng.randrange(i)]
        if i == 0:
            row["tags"] = list(self.tags)
        return row

    def team(self) -> dict[str, Any]:
        people = self.rng.randint(1, 6)
        row: dict[str, Any] = {"people": people}
        if self.maybe(0.6):
            row["on_call"] = self.rng.randint(1, people)
        if self.maybe(0.7):
            row["arrives"] = self.point(0.1, 2) if self.maybe(0.5) else "0.2h..2h"
        if self.maybe(0.5):
            row["musters"] = f"{self.rng.uniform(3, 8):.3g} h"
        if self.maybe(0.4):
            row["shift"] = self.rng.choice(["8 h", "12 h", "6 h", "24 h"])
        return row

    def barrier(self) -> dict[str, Any]:
        row: dict[str, Any] = {"works": self.chance()}
        if self.maybe(0.4):
            row["needs"] = self.any_need()
        if self.maybe(0.4):
            row["hidden"], row["tested"] = self.rate(), "6 months"
        return row

    def common_cause(self, group: list[str]) -> dict[str, Any]:
        if self.maybe(0.5):
            return {"of": group, "beta": 0.2}
        return {"of": group, "alpha": [0.8, 0.15, 0.05][: len(group)]}


def written(effects: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Effects as they are written, those that follow from them behind each."""
    for effect in effects:
        yield effect
        yield from written(effect.get("then", []))


def named(need: Any) -> set[str]:
    """Names in a need as it is written."""
    if isinstance(need, str):
        return {need}
    if isinstance(need, list):
        return set().union(*map(named, need))
    if isinstance(need, dict):
        if "capacity" in need:
            return set(need["capacity"])
        return set().union(*(named(need[k]) for k in ("all", "any", "of", "on") if k in need))
    return set()


def value(need: Any, level: dict[str, float]) -> float:
    """Value of a need as it is written, doubtful ones taken to exist."""
    if isinstance(need, str):
        return level[need]
    if isinstance(need, list):
        return min((value(n, level) for n in need), default=1.0)
    if "capacity" in need:
        served = sum(w * level[c] for c, w in need["capacity"].items())
        return min(1.0, served) if served >= need["at_least"] else 0.0
    if "at_least" in need:
        return sorted((value(n, level) for n in need["of"]), reverse=True)[need["at_least"] - 1]
    if "any" in need:
        return max(value(n, level) for n in need["any"])
    return value(need.get("all", need.get("on")), level)


def as_yaml(tree: dict[str, Any]) -> str:
    """A model's tree as the text of a file."""
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False)


def random_model(rng: random.Random, size: int, crews: bool = True, ordered: bool = True) -> str:
    """YAML text of a random model with `size` components.

    crews: whether people are needed for anything; ordered: whether anything may depend on the order of the file
    """
    return as_yaml(_Writer(rng, size, crews, ordered).model())


def seeds() -> st.SearchStrategy[random.Random]:
    """Sources of randomness that Hypothesis can repeat."""
    return st.integers(0, 2**32 - 1).map(random.Random)


@st.composite
def models(draw: Any, crews: bool = True, ordered: bool = True) -> str:
    """Random models as a Hypothesis strategy: one seed and a size."""
    return random_model(draw(seeds()), draw(st.integers(2, 12)), crews, ordered)


class _Coherent(_Writer):
    """Writes models in which more of anything good never hurts: see `coherent_model`."""

    def __init__(self, rng: random.Random, size: int) -> None:
        super().__init__(rng, size, crews=False, ordered=False)
        self.all_or_nothing = self.maybe(0.5)
        self.unhit = list(self.names)

    def hours(self, low: float = 0.1, high: float = 20.0) -> str:
        return self.point(low, high)

    def need(self, names: list[str], depth: int = 2) -> Any:
        written = super().need(names, depth)
        partly = isinstance(written, dict) and "capacity" in written and self.all_or_nothing
        return self.rng.choice(names) if partly else written

    def component(self, i: int) -> dict[str, Any]:
        row: dict[str, Any] = {"in": [self.rng.choice(self.domains)], "repair": {"takes": self.hours(1, 15)}}
        needs = self.needs_of(i) if self.maybe(0.75) else None
        if needs is not None:
            row["needs"] = needs
        if self.maybe(0.5):
            row["start"] = {"takes": self.hours() + (" + 0.5 x outage" if self.maybe(0.2) else "")}
            if self.maybe(0.3):
                row["start"]["needs"] = self.any_need()
        if self.maybe(0.3):
            row["repair"]["needs"] = self.any_need()
        if self.all_or_nothing and self.maybe(0.4):
            row["rides"] = self.hours(0.2, 5)
        if not self.all_or_nothing and self.maybe(0.4):
            row["wants"] = {c: "40%" for c in self.rng.sample(self.names, 1) if c != self.names[i]}
            row["headroom"] = "120%"
        return row

    def hazard(self, h: int) -> dict[str, Any]:
        return {"rate": "1/yr", "strikes": self.rng.choice(self.domains), "effects": [self.blow() for _ in range(3)]}

    def blow(self) -> dict[str, Any]:
        r = self.rng
        effect: dict[str, Any] = {"after": self.hours(0.1, 10)}
        if self.unhit and self.maybe(0.6):
            effect["break"] = self.unhit.pop(r.randrange(len(self.unhit)))
        elif self.all_or_nothing or self.maybe(0.7):
            effect[r.choice(["hold", "bar"])] = r.choice(self.names + self.domains)
            effect["until"] = self.hours(1, 20)
        else:
            effect["surge"] = {"on": r.choice(self.names), "by": "x2"}
            effect["until"] = self.hours(1, 20)
        if self.maybe(0.2):
            effect["when"] = f"{r.choice(self.names)} is down"
        return effect

    def model(self) -> dict[str, Any]:
        rows = {self.names[i]: self.component(i) for i in range(len(self.names))}
        return {
            "blackstart": 1,
            "services": {c: row | {"loss": "1 KRW/h"} for c, row in rows.items()},
            "domains": {d: {} for d in self.domains},
            "hazards": {h: self.hazard(i) for i, h in enumerate(self.hazards)},
        }


def coherent_model(rng: random.Random, size: int) -> dict[str, Any]:
    """Tree of a random model in which removing a need or adding a spare can never hurt.

    What is left out, and why more of something good can hurt where it is there:

    - ``fails``: what runs longer can fail more often; a second hit on one component: what is mended sooner can be hit again;
    - people: one job's gain is another's wait; ``slow`` and ``helps``: who begins sooner can begin at a worse time;
    - random durations and ``works``: luck is by the number of starts, and that changes; ``count``: a start or repair of all
      chunks takes those that are there when it begins; ``break_glass``: a need that is there for a moment stops the clock;
    - ``standby`` and ``overload``: they answer to levels and loads on purpose; own ``surge``: who is back, is a burden;
    - ``rides`` beside partial levels: a battery gives all as long as nothing comes, and passes on a little if a little comes;
    - data: which copy is left depends on what was mended before.
    """
    return _Coherent(rng, size).model()


# --------------------------------------------------------------------------- what a model uses


def needs_in(need: Need | None) -> Iterator[Need]:
    if need is not None:
        yield need
        for part in need.of:
            yield from needs_in(part)


def effects_in(effects: tuple[Effect, ...]) -> Iterator[Effect]:
    for effect in effects:
        yield effect
        yield from effects_in(effect.then)


def features(model: Model) -> set[str]:
    """Features of the language that a model uses, as `noun.field` or `noun.field=value`."""
    found: set[str] = set()
    for c in model.components.values():
        found |= {f"need.{n.op}" for n in needs_in(c.needs)}
        found |= {f"component.{f}" for f in ("wants", "helps", "rides", "fails", "standby", "start", "repair", "break_glass",
                                             "overload", "surge", "data", "hidden", "priority") if getattr(c, f)}  # fmt: skip
        found |= {"component.count"} if c.count > 1 else set()
        for noun, row, fields in (
            ("start", c.start, ("takes", "work", "people", "needs", "works", "retry", "on_site", "detect", "throttled")),
            ("repair", c.repair, ("takes", "work", "people", "needs", "spare", "detect", "decide")),
            ("break_glass", c.break_glass, ("people", "without")),
            ("data", c.data, ("copies", "backup")),
            ("surge", c.surge, ("after",)),
        ):
            found |= {f"{noun}.{f}" for f in fields if row is not None and getattr(row, f)}
        if c.standby:
            found |= {"standby.failback=no"} if not c.standby.failback else set()
            found |= {"standby.below"} if c.standby.below else set()
            found |= {"standby.chain"} if any(model.components[x].standby for x in c.standby.stands_for) else set()
    for t in model.teams.values():
        found |= {f"team.{f}" for f in ("on_call", "arrives", "musters", "shift", "needs") if getattr(t, f) is not None}
    for b in model.barriers.values():
        found |= {f"barrier.{f}" for f in ("works", "needs", "hidden") if getattr(b, f)}
    for h in model.hazards.values():
        found |= {f"hazard.{f}" for f in ("chance", "again", "costs", "lasts") if getattr(h, f)}
        for e in effects_in(h.effects):
            found.add(f"effect.{e.op}" + ("=raise" if e.op == "trigger" and e.factor != 1 else ""))
            found |= {f"effect.{f}" for f in ("since", "after", "chance", "unless", "when", "until", "then") if getattr(e, f)}
            found |= {"effect.share"} if e.target and e.target.share < 1 else set()
            found |= {"effect.until named"} if e.until and e.until.named else set()
            found |= {"effect.until back"} if e.until and e.until.back else set()
    return found | {f"common_cause.{g.model}" for g in model.common_causes.values()}
