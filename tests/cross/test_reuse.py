"""An episode that is not played again must come to the same as if it were: to the last bit, on random models and a real one."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from tests.cross.portfolios import model

from blackstart import examples
from blackstart.engines.simulate import Study
from blackstart.language.load import load, load_text
from blackstart.language.model import Model
from blackstart.planning.abreast import possible
from blackstart.planning.judge import HALVES, Judge, Plays
from blackstart.planning.plan import Asked, options
from blackstart.planning.portfolios import Option, Portfolio, feasible

FIELDS = ("loss", "user_hours", "long", "hours", "passed")


def differences(read: Model, choices: list[Option], some: list[Portfolio], study: Study) -> tuple[int, int, int]:
    """Verdicts that are not the same with what was played before and afresh; halves of samples remembered; all halves."""
    names = [o.id for o in choices]
    judge = Judge(read, names, study)
    wrong = remembered = 0
    halves = len(judge.plays.kept)
    judge.plays.few = len(names)  # remember everything: the hardest test
    for portfolio in some:
        remembered += sum(play is not None for play in judge.plays.known(portfolio))
        warm = judge([portfolio])[0]
        kept, judge.plays = judge.plays, Plays(halves // HALVES, names)
        cold = judge._judged(portfolio).verdict
        judge.plays = kept
        same = (warm is None) == (cold is None)
        if warm is not None and cold is not None:
            same = warm.tvar == cold.tvar and all(np.array_equal(getattr(warm, f), getattr(cold, f)) for f in FIELDS)
        wrong += not same
    return wrong, remembered, halves * len(some)


TANGLED = """blackstart: 1
currency: KRW
domains: {hall: {kind: room}, annex: {kind: room}}
teams: {crew: {people: 2, arrives: 1h}, other: {people: 1}}
barriers: {gas: {works: 50%}, doors: {works: 30%, needs: power}}
components:
  power: {in: hall, fails: 1/yr, repair: {takes: 5h, people: 1 crew}}
  disk: {in: hall, count: 6, needs: power, fails: 2/yr, repair: {work: 1h each, people: 1 crew}, start: {work: 10min each, people: 2 crew}}
  copy: {in: annex, standby: {for: disk, below: 50%}, start: {takes: 1h, works: 70%, retry: 2h, needs: tool, people: 1 other}, repair: 3h}
  tool: {needs: {any: [power, spare-power]}, fails: 3/yr, repair: 8h, surge: {by: x2, lasts: 3h}}
  spare-power: {standby: {for: power}, fails: 5/yr, start: {takes: 10min, works: 90%}, repair: 4h}
  cache: {needs: [{maybe: 50%, on: tool}, disk], wants: {tool: 30%}, start: {takes: 30min}, helps: {tool: x2}}
  lone: {fails: 4/yr, repair: {takes: 6h, people: 1 other}}
hazards:
  fire: {strikes: hall, rate: 0.3/yr, lasts: {out: 2h..9h}, effects: [{break: power, unless: gas},
         {hold: half of hall, until: out, unless: doors}, {bar: hall, until: out}, {take: 1 crew, until: out}]}
  flood: {strikes: annex, rate: 0.5/yr, effects: [{break: copy}, {trigger: theft, chance: 50%}]}
  theft: {strikes: annex, chance: 40%, effects: [{break: lone}]}
services:
  shop: {needs: {capacity: {disk: 60%, copy: 60%}, at_least: 50%}, loss: "5,000 KRW/h", users: 100, tolerance: {rto: 3h}}
  desk: {needs: [cache], loss: "1,000 KRW/h", users: 10}
  side: {needs: lone, loss: "2,000 KRW/h"}
defences:
  more-crew: {costs: {yearly: "9 KRW"}, change: {teams: {crew: {people: 4}}}}
  more-others: {costs: {yearly: "9 KRW"}, change: {teams: {other: {people: 2}}}}
  gas-again: {costs: {yearly: "9 KRW"}, change: {barriers: {gas: {works: 95%}}}}
  quick-copy: {costs: {yearly: "9 KRW"}, change: {components: {copy: {start: {takes: 5min}}}}}
  hot-copy: {costs: {yearly: "9 KRW"}, change: {components: {copy: {standby: null}}}}
  sure: {costs: {yearly: "9 KRW"}, change: {components: {cache: {needs: disk}}}}
  quick-lone: {costs: {yearly: "9 KRW"}, change: {components: {lone: {repair: {takes: 1h}}}}}
  rarer: {costs: {yearly: "9 KRW"}, change: {components: {tool: {fails: 1/yr}}}}
  headroom: {costs: {yearly: "9 KRW"}, change: {components: {tool: {headroom: 300%}}}}
  more-disks: {costs: {yearly: "9 KRW"}, change: {components: {disk: {count: 12}}}}
  new-wing: {costs: {yearly: "9 KRW"}, change: {components: {wing: {in: hall, fails: 1/yr, repair: 2h},
             lone: {needs: {any: [wing, tool]}}}}}
"""


@pytest.mark.parametrize("first", range(0, 20, 5))
def test_random_models(first):
    found = []
    for seed in range(first, first + 5):
        read = load_text(model(seed))
        choices = options(read, Asked(cuts=True))
        some = list(itertools.islice(feasible(choices), 40))
        random.Random(seed).shuffle(some)
        found.append(differences(read, choices, some, Study(worlds=3, samples=12, depth=2, threads=1)))
    assert sum(wrong for wrong, _, _ in found) == 0
    assert sum(remembered for _, remembered, _ in found) > 0


@pytest.mark.parametrize("carries", ["60%", "100%"])  # a service that is not whole even at rest, and one that is
@pytest.mark.parametrize("seed", range(2))
def test_everything_that_may_tie(seed, carries):
    read = load_text(TANGLED.replace("60%", carries))
    choices = options(read, Asked())
    some = random.Random(seed).sample(list(feasible(choices)), 60)
    wrong, remembered, samples = differences(read, choices, some, Study(worlds=4, samples=40, depth=2, seed=seed + 1, threads=1))
    assert wrong == 0
    assert remembered > 0.05 * samples


def test_an_incident():
    read = load(examples.path("kakao-2022"))
    choices = options(read, Asked())
    cheap = [o for o in choices if o.cost < 50e9 and not o.requires]
    some = [frozenset(), *(frozenset({o.id}) for o in cheap), *(frozenset({a.id, b.id}) for a, b in itertools.combinations(cheap[:5], 2)
                                                               if b.id not in a.excludes and a.id not in b.excludes)]  # fmt: skip
    wrong, remembered, samples = differences(read, choices, some, Study(worlds=10, samples=10, depth=1, threads=1))
    assert wrong == 0
    assert remembered > 0.4 * samples


def test_what_is_found_and_remembered_does_not_hang_on_who_judges():
    read = load_text(TANGLED)
    names = [o.id for o in options(read, Asked())]
    some = random.Random(3).sample(list(feasible(options(read, Asked()))), 40)
    told = []
    for threads in (1, 3):
        judge = Judge(read, names, Study(worlds=3, samples=20, depth=2, threads=threads))
        with judge.abreast():
            verdicts = judge(some)
            assert (judge.copies is None) == (threads == 1 or not possible())
        least = [judge.least(p, among).value("loss") for p in some[:5] for among in judge.asked()[:20]]
        lost = [None if v is None else v.loss.tolist() for v in verdicts]
        told.append((lost, judge.plays.wide, [{m: set(by) for m, by in half.items()} for half in judge.plays.kept], least))
    assert told[0] == told[1]
    assert max(told[0][-1]) > 0.0
