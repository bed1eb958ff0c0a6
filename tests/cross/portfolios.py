"""Small random models with defences that require, exclude, complete and replace each other; their frontier against brute force."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator

from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.planning.judge import HALVES, Bench, Judge, Plays, total
from blackstart.planning.plan import Asked, options
from blackstart.planning.portfolios import NOTHING, Label, Portfolio, merged, search

MANY = 12
STUDY = Study(worlds=3, samples=12, depth=1, threads=1)
EVERYTHING = 1 << MANY


def model(seed: int) -> str:
    """One to four shops, some of which share a team or a fire; three to seven defences, of one model in fifty twelve."""
    rng = random.Random(seed)
    shops = rng.randint(1, 4)
    team, fire = rng.random() < 0.3, rng.random() < 0.4
    wanted = MANY if rng.random() < 0.02 else rng.randint(3, 7)
    people = ", people: 1 crew" if team else ""
    rows = ["blackstart: 1", "teams: {crew: {people: 1}}", "barriers:"]
    rows += [f"  {b}-{k}: {{works: {rng.randint(0, 30)}%}}" for k in range(shops) for b in ("gas", "doors")]
    rows.append("components:")
    for k in range(shops):
        rows.append(f"  one-{k}: {{fails: {rng.randint(1, 4)}/yr, repair: {{takes: {rng.randint(2, 30)}h{people}}}}}")
        rows += [f"  {x}-{k}: {{standby: {{for: one-{k}}}, start: {{takes: 200h}}}}" for x in ("site", "data")]
    rows.append("hazards:")
    for k in range(shops):
        struck = f"[one-{k}, one-{(k + 1) % shops}]" if fire and shops > 1 else f"one-{k}"
        rows.append(f"  fire-{k}: {{strikes: one-{k}, rate: 0.{rng.randint(1, 9)}/yr, "
                    f"effects: [{{break: {struck}, unless: [gas-{k}, doors-{k}]}}]}}")  # fmt: skip
    rows.append("services:")
    rows += [f'  shop-{k}: {{needs: {{any: [one-{k}, {{all: [site-{k}, data-{k}]}}]}}, loss: "{rng.randint(1, 9)},000 KRW/h"}}'
             for k in range(shops)]  # fmt: skip
    return "\n".join([*rows, "defences:", *_defences(rng, shops, wanted)])


def _defences(rng: random.Random, shops: int, wanted: int) -> Iterator[str]:
    changes = {
        f"{name}-{k}": change
        for k in range(shops)
        for name, change in {
            "gas": f"barriers: {{gas-{k}: {{works: 90%}}}}", "doors": f"barriers: {{doors-{k}: {{works: 90%}}}}",
            "site": f"components: {{site-{k}: {{start: {{takes: 1h}}}}}}", "data": f"components: {{data-{k}: {{start: {{takes: 1h}}}}}}",
            "fast": f"components: {{one-{k}: {{repair: {{takes: 1h}}}}}}", "slow": f"components: {{one-{k}: {{repair: {{takes: 40h}}}}}}",
            "rare": f"components: {{one-{k}: {{fails: 0.5/yr}}}}", "wide": f"components: {{one-{k}: {{fails: 0.7/yr}}}}",
            "more": "teams: {crew: {people: 3}}", "spare": f"components: {{new-{k}: {{fails: 1/yr, repair: 1h}}}}",
        }.items()
    }  # fmt: skip
    names = rng.sample(sorted(changes), min(wanted, len(changes)))
    for k, name in enumerate(names):
        cost = rng.randint(1, 200) * (-1 if name.startswith("slow") else 1)
        rules = f", requires: [{rng.choice(names[:k])}]" if k and rng.random() < 0.2 else ""
        others = [n for n in names if n != name and n not in rules]
        rules += f", excludes: [{rng.choice(others)}]" if others and rng.random() < 0.2 else ""
        yield f'  {name}: {{costs: {{yearly: "{cost},000 KRW"}}{rules}, change: {{{changes[name]}}}}}'


def differences(seed: int) -> list[str]:
    """Where the frontier found warm, part by part, is not that of all portfolios judged one by one with nothing remembered."""
    read = load_text(model(seed))
    choices = options(read, Asked(cuts=True))
    if not choices:
        return []
    bench = Bench(read, choices, STUDY)
    cost = {o.id: o.cost for o in choices}
    groups = []
    for some, judge in bench.parts:
        found = search(some, lambda asked, judge=judge: [None if v is None else v.value("loss") for v in judge(asked)], EVERYTHING)
        groups.append([Label((sum(cost[n] for n in p),), loss, tuple(p)) for p, loss in found.judged.items()])
        if not _holds_when_cut_short(some, found.judged, cost):
            return [f"seed {seed}: a search cut short claims too much"]
        if not _least_is_least(judge, list(found.judged), found.judged):
            return [f"seed {seed}: a portfolio loses less than is known of its kind"]
    warm = _steps((x.takes[0], x.loss) for x in merged(groups))
    cold = _brute_force(bench, cost, choices)
    same = len(warm) == len(cold) and all(
        abs(a - c) <= 1e-9 * max(1.0, abs(c)) and abs(b - d) <= 1e-9 * max(1.0, abs(d)) for (a, b), (c, d) in zip(warm, cold, strict=True)
    )
    return [] if same else [f"seed {seed}: {len(warm)} steps found, {len(cold)} there"]


def _least_is_least(judge: Judge, some: list[Portfolio], lost: dict[Portfolio, float]) -> bool:
    """Whether nothing loses less than what is known of all that make the same choice among some defences, for a few such choices."""
    every = judge.asked()
    rng = random.Random(len(some))
    for among in [*rng.sample(every, min(4, len(every))), frozenset(rng.sample(sorted(judge.plays.bit), len(judge.plays.bit) // 2))]:
        least: dict[Portfolio, float] = {}
        for p in rng.sample(some, min(60, len(some))):
            kind = p & among
            least[kind] = max(least.get(kind, 0.0), judge.least(p, among).value("loss"))
        if any(lost[p] < least.get(p & among, 0.0) * (1.0 - 1e-9) for p in some):
            return False
    return True


def _holds_when_cut_short(some: list, judged: dict[Portfolio, float], cost: dict[str, float]) -> bool:
    """Whether a search with a third of the judgements claims nothing that all portfolios refute, whatever defences do to each other."""
    price = {p: sum(cost[n] for n in p) for p in judged}
    worth = 2.0
    found = search(some, lambda asked: [judged.get(p) for p in asked], max(12, len(judged) // 3), at_once=4, worth=worth)
    if found.proven_to is None:
        return len(found.judged) == len(judged)
    cheap = all(p in found.judged for p in judged if price[p] < found.proven_to)
    decided = found.proven_to > found.worth_to  # type: ignore[operator]
    best, here = (min(price[p] + worth * loss for p, loss in table.items()) for table in (judged, found.judged))
    return cheap and (not decided or here == best)


def _brute_force(bench: Bench, cost: dict[str, float], choices: list) -> list[tuple[float, float]]:
    judged: list[tuple[float, float]] = []
    for chosen in _all(choices):
        for some, judge in bench.parts:
            judge.known.clear()
            judge.plays = Plays(len(judge.plays.kept) // HALVES, [o.id for o in some])
        verdicts = [judge([chosen & {o.id for o in some}])[0] for some, judge in bench.parts]
        if all(v is not None for v in verdicts):
            judged.append((sum(cost[n] for n in chosen), total(verdicts).value("loss")))  # type: ignore[arg-type]
    return _steps(judged)


def _steps(judged: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Undominated pairs of cost and loss; losses that differ by rounding alone are the same."""
    least, kept = float("inf"), []
    for at, loss in sorted(judged):
        if loss < least - 1e-9 * abs(loss):
            kept.append((at, loss))
            least = loss
    return kept


def _all(choices: list) -> Iterator[Portfolio]:
    """All sets that hold what they require and nothing that excludes another, tried one by one."""
    yield NOTHING
    for size in range(1, len(choices) + 1):
        for some in itertools.combinations(choices, size):
            chosen = frozenset(o.id for o in some)
            if all(o.requires <= chosen and not o.excludes & chosen for o in some):
                yield chosen
