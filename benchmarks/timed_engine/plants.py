"""Made-up plants: plain numbers first, so that every engine reads the same thing."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field
from statistics import NormalDist

from blackstart.language.load import load_text
from blackstart.language.model import Model

Z95 = NormalDist().inv_cdf(0.95)
COMPONENTS, GROUPS, SERVICES, SHOCKS, TEAMS = 200, 60, 20, 10, 4
SLOWED_BY, SLOWED_FOR_H = 4.0, 1.0


@dataclass(frozen=True)
class Span:
    """A lognormal duration by its 5th and 95th percentile (h)."""

    low: float
    high: float

    @property
    def text(self) -> str:
        return f"{self.low:g}h..{self.high:g}h"

    @property
    def log_mean_and_sigma(self) -> tuple[float, float]:
        return math.log(math.sqrt(self.low * self.high)), math.log(self.high / self.low) / (2.0 * Z95)


@dataclass(frozen=True)
class Plant:
    """Components that fail and are repaired, k-of-n groups of them, services in a DAG, shocks that hit many at once."""

    name: str
    fails_per_year: list[float]
    repair: list[Span]
    groups: list[tuple[int, list[int]]]  # how many of which components must run
    services: list[tuple[list[int], list[int]]]  # groups and earlier services that each needs
    shocks: list[tuple[float, list[int]]]  # arrivals per year, components hit
    start: Span | None = None  # with crews: time to bring a component up
    team_of: list[int] = field(default_factory=list)
    people: int = 0  # of each team
    arrives: Span | None = None


def plant(crews: bool, seed: int = 1979) -> Plant:
    """200 components, 60 groups, 20 services, 10 shocks; with crews also starts and 4 teams that must be called."""
    dice = random.Random(seed)
    fails = [round(dice.uniform(0.2, 1.0), 3) for _ in range(COMPONENTS)]
    repair = [Span(dice.choice((1.0, 2.0, 4.0)), dice.choice((12.0, 24.0, 48.0))) for _ in range(COMPONENTS)]
    groups = []
    for _ in range(GROUPS):
        n = dice.choice((2, 3, 3, 4, 6))
        groups.append((max(1, n - dice.choice((1, 1, 2))), sorted(dice.sample(range(COMPONENTS), n))))
    services = []
    for s in range(SERVICES):
        stands_on = sorted(dice.sample(range(s), min(s, dice.choice((0, 1, 2)))))
        services.append((sorted(dice.sample(range(GROUPS), dice.choice((2, 3, 4)))), stands_on))
    shocks = []
    for s in range(SHOCKS):
        hit = sorted(dice.sample(range(COMPONENTS), round(10 + 70 * s / (SHOCKS - 1))))
        shocks.append((round(dice.uniform(0.05, 0.4), 3), hit))
    if not crews:
        return Plant("plain", fails, repair, groups, services, shocks)
    teams = [i % TEAMS for i in range(COMPONENTS)]
    return Plant(
        "crews and starts", fails, repair, groups, services, shocks, Span(0.1, 1.0), teams, 3, Span(0.3, 2.0)
    )


def model_of(plant: Plant) -> Model:
    """The plant in the model language."""
    lines = ["blackstart: 1", "components:"]
    for i, (rate, repair) in enumerate(zip(plant.fails_per_year, plant.repair, strict=True)):
        tags = ", ".join(f"shock-{s}" for s, (_, hit) in enumerate(plant.shocks) if i in hit)
        crew = f", people: 1 team-{plant.team_of[i]}" if plant.people else ""
        start = f", start: {{takes: {plant.start.text}{crew}}}" if plant.start else ""
        lines.append(
            f"  c{i}: {{fails: {rate}/yr, repair: {{takes: {repair.text}{crew}}}{start}, tags: [{tags}]}}"
        )
    lines.append("services:")
    for s, (groups, others) in enumerate(plant.services):
        needs = [_group(*plant.groups[g]) for g in groups] + [f"s{o}" for o in others]
        lines.append(f"  s{s}: {{needs: [{', '.join(needs)}]}}")
    lines.append("hazards:")
    for s, (rate, _) in enumerate(plant.shocks):
        target = f"{{tag: shock-{s}}}"
        slow = f"{{slow: {{on: {target}, by: x{SLOWED_BY:g}}}, for: {SLOWED_FOR_H:g}h}}"
        lines.append(f"  shock-{s}: {{rate: {rate}/yr, effects: [{slow}, {{break: {target}}}]}}")
    if plant.people:
        lines.append("teams:")
        lines += [
            f"  team-{m}: {{people: {plant.people}, arrives: {plant.arrives.text}}}" for m in range(TEAMS)
        ]
    return load_text("\n".join(lines), f"{plant.name}.yaml")


def _group(k: int, members: list[int]) -> str:
    return f"{{at_least: {k}, of: [{', '.join(f'c{i}' for i in members)}]}}"
