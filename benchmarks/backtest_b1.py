"""Back-test B1: Kakao and Naver, one fire, two architectures. Prints where reality lies in the model's spread.

    python benchmarks/backtest_b1.py [--runs 4000]

Inputs were fixed before any outcome was looked at (the commit order shows it); what misses is printed as a miss. Real values:
src/blackstart/examples/pangyo-2022/targets.toml. Hours count from the first effect on the company (8 minutes after the spark
for Kakao, the spark for Naver), the model's from the spark.
"""

from __future__ import annotations

import argparse
import math
import tomllib

import numpy as np

from blackstart import examples, load
from blackstart.engines import layout, simulate
from blackstart.system import compile_model

ABLATIONS = {
    "tools-at-two-sites": "all within about a day",
    "auto-failover-and-capacity": "like Naver: the last main function within about 12 h",
    "zone-wise-power-cut": "no total loss: most services never out",
}


def returns(name: str, defences: tuple[str, ...], runs: int) -> dict[str, np.ndarray]:
    """Hours from the spark until each service was back for good (0: never out; inf: never back), run by run."""
    model = load.load(examples.path(name))
    if defences:
        model = load.apply(model, defences)
    system = compile_model(model)
    hit = simulate.Hit(0.0, True, system.hazards.index("battery-fire"))
    sample = simulate.rehearse_many(system, [hit], runs=runs)
    rows = sample.rows[sample.rows[:, 1] == layout.ROW_OUT]
    back = {}
    for s, service in enumerate(system.services):
        mine = rows[rows[:, 2] == s]
        hours = np.zeros(sample.worlds)
        np.maximum.at(hours, mine[:, 0].astype(int), mine[:, 4])
        back[service] = hours
    return back


def row(name: str, low: float, high: float, hours: np.ndarray, shift: float) -> bool:
    """One line: reality, the model's 10 .. 90 %, the quantile at which reality lies, inside or miss."""
    q10, q50, q90 = np.quantile(hours, (0.1, 0.5, 0.9), method="inverted_cdf") - shift
    below, above = float((hours - shift < low).mean()), float((hours - shift <= high).mean())
    inside = high >= q10 and low <= q90
    real = f"{low:.1f}" if low == high else f"{low:.1f}..{high:.1f}"
    print(f"  {name:18s} {real:>12s} {q10:8.1f} {q50:8.1f} {q90:8.1f}   {below:5.2f}..{above:4.2f}   {'inside' if inside else 'MISS'}")
    return inside


def needed(model_name: str, defence: str) -> tuple[str, ...]:
    """A defence with all that it requires, what is required first."""
    model = load.load(examples.path(model_name))
    found: list[str] = []

    def add(name: str) -> None:
        for first in model.defences[name].requires:
            add(first)
        if name not in found:
            found.append(name)

    add(defence)
    return tuple(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=4000)
    runs = parser.parse_args().runs
    targets = tomllib.loads((examples.path("kakao-2022").parent / "targets.toml").read_text(encoding="utf-8"))
    head = f"  {'':18s} {'real, h':>12s} {'10 %':>8s} {'50 %':>8s} {'90 %':>8s}   {'quantile':>11s}"
    hits = 0
    total = 0
    for company, shift in (("kakao", targets["kakao"]["spark_to_start_h"]), ("naver", 0.0)):
        back = returns(f"{company}-2022", (), runs)
        print(f"{company}, {runs} runs\n{head}")
        for service, t in targets[company]["back"].items():
            hits += row(service, t["low"], t["high"], back[service], shift)
            total += 1
        everything = np.max(list(back.values()), axis=0)
        whole = targets[company]["whole"]
        if company == "kakao":
            eleven = np.sort(np.array(list(back.values())), axis=0)[round(11 / 14 * len(back)) - 1]
            hits += row("11 of 14 (79 %)", whole["eleven_of_fourteen_h"]["low"], whole["eleven_of_fourteen_h"]["high"], eleven, shift)
            hits += row("everything", whole["all_h"]["low"], whole["all_h"]["high"], everything, shift)
            order = targets["kakao"]["whole"]["order"]
            kept = np.all([back[a] <= back[b] for a, b in zip(order, order[1:], strict=False)], axis=0)
            print(f"  order {' <= '.join(order)}: in {kept.mean():.0%} of the runs")
            total += 2
        else:
            out = np.array([h for h in back.values() if h.max() > 0])
            first = np.where(out > 0, out, math.inf).min(axis=0)
            hits += row("first function", whole["first_h"]["low"], whole["first_h"]["high"], np.where(np.isinf(first), 0.0, first), shift)
            hits += row("last main", whole["last_main_h"]["low"], whole["last_main_h"]["high"], everything, shift)
            total += 2
    print(f"inside the central 80 %: {hits} of {total}\n")
    print("Kakao without the named mechanism (10 / 50 / 90 % of the time until everything is back; share of services ever out)")
    for defence, says in ({"": "as it was"} | ABLATIONS).items():
        with_all = needed("kakao-2022", defence) if defence else ()
        back = returns("kakao-2022", with_all, runs)
        everything = np.max(list(back.values()), axis=0)
        q = np.quantile(everything, (0.1, 0.5, 0.9))
        out = np.mean([(h > 0).mean() for h in back.values()])
        print(f"  {defence or '-':28s} {q[0]:7.1f} {q[1]:7.1f} {q[2]:7.1f} h   {out:5.0%} out   expected: {says}")


if __name__ == "__main__":
    main()
