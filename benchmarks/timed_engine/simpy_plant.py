"""The same plants in SimPy, as its documentation teaches: processes, interrupts, resources with priorities.

Whether services run is kept up to date by counting, not computed anew, so that SimPy's own share of the time is as large as
it can be.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterable

import numpy as np
import simpy

from timed_engine.plants import SLOWED_BY, SLOWED_FOR_H, Plant, Span

HOURS_PER_YEAR = 8760.0
RUNNING, BROKEN, STARTING = range(3)


class Team:
    """People who come when they are called and go home when nobody needs them."""

    def __init__(self, env: simpy.Environment, plant: Plant, dice: random.Random) -> None:
        self.env, self.plant, self.dice = env, plant, dice
        self.people = simpy.PriorityResource(env, plant.people)
        self.wanted = 0
        self.at_home = [self.people.request(priority=-1) for _ in range(plant.people)]
        self.call: simpy.Process | None = None

    def ask(self) -> None:
        self.wanted += 1
        if self.wanted == 1:
            self.call = self.env.process(self._arrive())

    def let_go(self) -> None:
        self.wanted -= 1
        if self.wanted == 0:
            self.at_home = [self.people.request(priority=-1) for _ in range(self.plant.people)]

    def _arrive(self) -> Generator:
        yield self.env.timeout(_span(self.dice, self.plant.arrives))
        for claim in self.at_home:
            self.people.release(claim)


class World:
    """One replication of a plant."""

    def __init__(self, plant: Plant, seed: int) -> None:
        self.plant = plant
        self.env = simpy.Environment()
        self.dice = random.Random(seed)
        self.events = 0  # a component or a service stops or comes back
        self.state = [RUNNING] * len(plant.repair)
        self.slow = [1.0] * len(plant.repair)
        self.groups_of: list[list[int]] = [[] for _ in plant.repair]
        self.margin = [len(members) - k for k, members in plant.groups]  # below 0: the group is down
        for g, (_, members) in enumerate(plant.groups):
            for i in members:
                self.groups_of[i].append(g)
        self.above_group: list[list[int]] = [[] for _ in plant.groups]
        self.above_service: list[list[int]] = [[] for _ in plant.services]
        for s, (groups, others) in enumerate(plant.services):
            for g in groups:
                self.above_group[g].append(s)
            for o in others:
                self.above_service[o].append(s)
        self.missing = [0] * len(plant.services)  # needs of each service that are not met
        self.since = [0.0] * len(plant.services)
        self.down_h = [0.0] * len(plant.services)
        self.outages = [0] * len(plant.services)
        self.teams = [Team(self.env, plant, self.dice) for _ in range(1 + max(plant.team_of, default=-1))]
        live = _with_crew if plant.people else _alone
        self.process = [self.env.process(live(self, i)) for i in range(len(plant.repair))]
        for s in range(len(plant.shocks)):
            self.env.process(_shock(self, s))

    def run(self, years: float) -> None:
        self.env.run(until=years * HOURS_PER_YEAR)
        for s, missing in enumerate(self.missing):
            if missing:
                self.down_h[s] += self.env.now - self.since[s]

    def stops(self, i: int) -> None:
        self.state[i] = BROKEN
        self.events += 1
        for g in self.groups_of[i]:
            self.margin[g] -= 1
            if self.margin[g] == -1:
                self._lose(self.above_group[g])

    def comes_back(self, i: int) -> None:
        self.state[i] = RUNNING
        self.events += 1
        for g in self.groups_of[i]:
            self.margin[g] += 1
            if self.margin[g] == 0:
                self._regain(self.above_group[g])

    def _lose(self, services: list[int]) -> None:
        for s in services:
            self.missing[s] += 1
            if self.missing[s] == 1:
                self.events += 1
                self.since[s] = self.env.now
                self.outages[s] += 1
                self._lose(self.above_service[s])

    def _regain(self, services: list[int]) -> None:
        for s in services:
            self.missing[s] -= 1
            if self.missing[s] == 0:
                self.events += 1
                self.down_h[s] += self.env.now - self.since[s]
                self._regain(self.above_service[s])


def _span(dice: random.Random, span: Span) -> float:
    return dice.lognormvariate(*span.log_mean_and_sigma)


def _alone(world: World, i: int) -> Generator:
    """A component that repairs itself."""
    env, dice = world.env, world.dice
    rate = world.plant.fails_per_year[i] / HOURS_PER_YEAR
    mu, sigma = world.plant.repair[i].log_mean_and_sigma
    while True:
        try:
            yield env.timeout(dice.expovariate(rate))
        except simpy.Interrupt:
            pass
        world.stops(i)
        yield env.timeout(dice.lognormvariate(mu, sigma) * world.slow[i])
        world.comes_back(i)


def _with_crew(world: World, i: int) -> Generator:
    """A component that people of its team repair and start; a shock may hit it again while it starts."""
    env, dice, plant = world.env, world.dice, world.plant
    rate = plant.fails_per_year[i] / HOURS_PER_YEAR
    repair, start = plant.repair[i].log_mean_and_sigma, plant.start.log_mean_and_sigma
    team = world.teams[plant.team_of[i]]
    people = team.people
    while True:
        try:
            yield env.timeout(dice.expovariate(rate))
        except simpy.Interrupt:
            pass
        world.stops(i)
        team.ask()
        claim = people.request(priority=2 * i)
        while world.state[i] == BROKEN:
            yield claim
            yield env.timeout(dice.lognormvariate(*repair) * world.slow[i])
            world.state[i] = STARTING
            claim = _next_claim(people, claim, 2 * i + 1)
            try:
                yield claim
                yield env.timeout(dice.lognormvariate(*start))
            except simpy.Interrupt:
                world.state[i] = BROKEN
                claim = _next_claim(people, claim, 2 * i)
        people.release(claim)
        world.comes_back(i)
        team.let_go()


def _next_claim(
    people: simpy.PriorityResource, claim: simpy.resources.resource.PriorityRequest, priority: int
) -> simpy.resources.resource.PriorityRequest:
    """Stand in the queue for the next job before the people of this one go, so that both are judged by priority."""
    following = people.request(priority=priority)
    if claim.triggered:
        people.release(claim)
    else:
        claim.cancel()
    return following


def _shock(world: World, s: int) -> Generator:
    env = world.env
    rate, hit = world.plant.shocks[s]
    while True:
        yield env.timeout(world.dice.expovariate(rate / HOURS_PER_YEAR))
        env.process(_hinder(world, hit))
        for i in hit:
            if world.state[i] != BROKEN:
                world.process[i].interrupt()


def _hinder(world: World, hit: list[int]) -> Generator:
    """Repairs that begin within the hour take longer."""
    for i in hit:
        world.slow[i] *= SLOWED_BY
    yield world.env.timeout(SLOWED_FOR_H)
    for i in hit:
        world.slow[i] /= SLOWED_BY


def replicate(plant: Plant, seeds: Iterable[int], years: float) -> tuple[int, np.ndarray, np.ndarray]:
    """Events, and for each replication and service the hours down and the outages: int, (R, S), (R, S)."""
    events, down_h, outages = 0, [], []
    for seed in seeds:
        world = World(plant, seed)
        world.run(years)
        events += world.events
        down_h.append(world.down_h)
        outages.append(world.outages)
    return events, np.array(down_h), np.array(outages)
