"""Which way of choosing defences finds the better portfolios? ``python benchmarks/plan.py [MODEL] --judgements 600``

The search of `blackstart plan` beside three others, in one run, on the same episodes, with the same number of portfolios judged
(judging is all that takes time): adding up what each defence avoids alone (as a programme that adds up benefits does: the best
sum for each budget, by scipy's milp), greedy (step by step what avoids most for its money), and NSGA-II (pymoo).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence

import numpy as np

from blackstart import examples
from blackstart.engines.simulate import Study
from blackstart.language import load
from blackstart.language.model import Model
from blackstart.planning.judge import Judge
from blackstart.planning.plan import AT_ONCE, FINE, Asked, options
from blackstart.planning.portfolios import NOTHING, Least, Option, Portfolio, search


class Table:
    """Judges portfolios and counts: what one method has judged, from nothing."""

    def __init__(self, judge: Judge, choices: Sequence[Option], most: int) -> None:
        self.judge, self.choices, self.most = judge, choices, most
        self.seen: dict[Portfolio, float] = {}
        self.cost_of = {o.id: o.cost for o in choices}
        judge.known.clear()

    def __call__(self, some: Sequence[Portfolio]) -> list[float | None]:
        found = [None if v is None else v.value("loss") for v in self.judge(some)]
        self.seen.update({p: loss for p, loss in zip(some, found, strict=True) if loss is not None})
        return found

    def cost(self, portfolio: Portfolio) -> float:
        return sum(self.cost_of[n] for n in portfolio)

    def best(self, budget: float) -> float:
        return min((loss for p, loss in self.seen.items() if self.cost(p) <= budget), default=float("nan"))

    def allowed(self, portfolio: Portfolio) -> bool:
        rows = [o for o in self.choices if o.id in portfolio]
        return all(o.requires <= portfolio and not o.excludes & portfolio for o in rows)


def with_required(choices: Sequence[Option], name: str) -> Portfolio:
    rows, wanted = {o.id: o for o in choices}, {name}
    while more := {n for w in wanted for n in rows[w].requires} - wanted:
        wanted |= more
    return frozenset(wanted)


def ours(table: Table, budgets: Sequence[float]) -> None:
    """As `blackstart plan` searches."""
    judge, asked = table.judge, Asked()
    least = Least(judge.asked, lambda portfolio, among: judge.least(portfolio, among).value("loss"))
    search(table.choices, table, table.most, AT_ONCE, asked.gross * asked.years, FINE, least=least)


def sum_of_benefits(table: Table, budgets: Sequence[float]) -> list[float]:
    """The best sum of stand-alone benefits for each budget; returns what it claims is left."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    choices = table.choices
    base = table([NOTHING])[0] or 0.0
    alone = []
    for o in choices:  # beside what it requires, which is how such programmes are fed
        whole = with_required(choices, o.id)
        with_it, without = table([whole, whole - {o.id}])
        alone.append(max(0.0, (without or base) - (with_it if with_it is not None else base)))
    number = {o.id: k for k, o in enumerate(choices)}
    rows, tops = [[o.cost for o in choices]], [0.0]
    for k, o in enumerate(choices):
        for other in [*o.requires, *o.excludes]:
            row = np.zeros(len(choices))
            row[k], row[number[other]] = 1.0, -1.0 if other in o.requires else 1.0
            rows.append(row)
            tops.append(0.0 if other in o.requires else 1.0)
    claimed = []
    for budget in budgets:
        tops[0] = budget
        found = milp(-np.array(alone), integrality=np.ones(len(choices)), bounds=Bounds(0, 1),
                     constraints=LinearConstraint(np.array(rows), -np.inf, np.array(tops)))  # fmt: skip
        chosen = frozenset(o.id for o, x in zip(choices, found.x, strict=True) if x > 0.5)
        table([chosen])
        claimed.append(base + float(found.fun))
    return claimed


def greedy(table: Table, budgets: Sequence[float]) -> None:
    """From nothing, again and again the step that avoids most for its money."""
    now, here = NOTHING, table([NOTHING])[0] or 0.0
    while len(table.seen) < table.most:
        steps = {now | with_required(table.choices, o.id) for o in table.choices if o.id not in now}
        steps = [p for p in sorted(steps, key=sorted) if table.allowed(p)]
        if not steps:
            return
        losses = table(steps)
        ratio = [-1.0 if x is None else (here - x) / (table.cost(p) - table.cost(now)) for p, x in zip(steps, losses, strict=True)]
        best = int(np.argmax(ratio))
        if ratio[best] <= 0.0:
            return
        now, here = steps[best], losses[best]


def nsga2(table: Table, budgets: Sequence[float]) -> None:
    """Evolution of bit strings; what a choice requires is added, what excludes what came before is dropped."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.pntx import TwoPointCrossover
    from pymoo.operators.mutation.bitflip import BitflipMutation
    from pymoo.operators.sampling.rnd import BinaryRandomSampling
    from pymoo.optimize import minimize

    choices = table.choices

    def mended(bits: np.ndarray) -> Portfolio:
        chosen: Portfolio = NOTHING
        for o, x in zip(choices, bits, strict=True):
            more = chosen | with_required(choices, o.id) if x else chosen
            chosen = more if table.allowed(more) else chosen
        return chosen

    class Choice(Problem):
        def __init__(self) -> None:
            super().__init__(n_var=len(choices), n_obj=2, xl=0, xu=1, vtype=bool)

        def _evaluate(self, x: np.ndarray, out: dict, *args: object, **kwargs: object) -> None:
            some = [mended(row) for row in x]
            losses = table(some)
            out["F"] = np.array([[table.cost(p), 1e30 if v is None else v] for p, v in zip(some, losses, strict=True)])

    size = 40
    algorithm = NSGA2(pop_size=size, sampling=BinaryRandomSampling(), crossover=TwoPointCrossover(), mutation=BitflipMutation(),
                      eliminate_duplicates=True)  # fmt: skip
    minimize(Choice(), algorithm, ("n_gen", table.most // size), seed=1, verbose=False)


def budgets_of(choices: Sequence[Option]) -> list[float]:
    """From the cheapest defence to all of them, ten steps evenly on a logarithmic scale."""
    costs = sorted(o.cost for o in choices)
    return np.geomspace(2 * costs[0], 0.8 * sum(costs), 10).tolist()


def compared(model: Model, judgements: int, study: Study) -> None:
    choices = options(model, Asked())
    judge = Judge(model, [o.id for o in choices], study)
    budgets = budgets_of(choices)
    methods: dict[str, Callable[[Table, Sequence[float]], list[float] | None]] = {
        "ours": ours, "sum of benefits": sum_of_benefits, "greedy": greedy, "NSGA-II": nsga2,
    }  # fmt: skip
    tables, claims = {}, None
    print(f"{len(choices)} defences, {judgements} judgements each at most, seed {study.seed}")
    for name, method in methods.items():
        tables[name] = Table(judge, choices, judgements)
        begun = time.process_time()
        claimed = method(tables[name], budgets)
        claims = claimed or claims
        print(f"{name:16} {len(tables[name].seen):5} portfolios judged, {time.process_time() - begun:6.1f} CPU s")
    print(f"\n{'budget':>12}" + "".join(f"{name:>18}" for name in methods) + f"{'sum claims':>18}   (loss a year left)")
    for k, budget in enumerate(budgets):
        print(f"{budget:12.4g}" + "".join(f"{t.best(budget):18.6g}" for t in tables.values()) + f"{claims[k]:18.6g}")
    ours_best = np.array([tables["ours"].best(b) for b in budgets])
    for name, table in tables.items():
        theirs = np.array([table.best(b) for b in budgets])
        excess = np.where(np.isnan(theirs), np.inf, theirs / ours_best - 1)
        worse, better = int((excess > 1e-9).sum()), int((excess < -1e-9).sum())
        print(f"{name:16} worse than ours at {worse}, better at {better} of {len(budgets)} budgets; "
              f"least {100 * excess.min():.3f} %, most {100 * excess.max():.2f} %")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="kakao-2022")
    parser.add_argument("--judgements", type=int, default=600)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--samples", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    path = examples.path(asked.model) if examples.ships(asked.model) else asked.model
    compared(load.load(path), asked.judgements, Study(worlds=asked.worlds, samples=asked.samples, depth=1, seed=asked.seed))


if __name__ == "__main__":
    main()
