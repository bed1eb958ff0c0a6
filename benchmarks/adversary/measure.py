"""How long the proof of the worst overlap takes, beside greedy and beside every pair; and the certificate of a choice of defences."""

from __future__ import annotations

import itertools
import os
import time

import numpy as np

from adversary.platform import Platform
from blackstart.compilation import compile_model
from blackstart.engines import logic
from blackstart.language.load import load_text
from blackstart.planning.worst import Asked, Standing, dependence_band, least_bad


def table(products: int, hazards: int, defences: int, most: int) -> int:
    """Print what is proven and what it took; 1 if brute force over all pairs disagrees."""
    model = load_text(Platform(products, hazards, defences).text())
    system = compile_model(model)
    standing = Standing(model, system, Asked(most=most))
    asked, whole = standing.adversary, float(standing.worth.sum())
    able = int((~asked.never).sum())
    idle, cpu = _timed(lambda: asked.idle.sum())
    print(f"{len(model.components):,} components, {len(model.hazards)} hazards, {able:,} misfortunes")
    print(f"CPU seconds; load {os.getloadavg()[0]:.1f}")
    print(f"left out, because another one always stands in for them: {idle} ({cpu:.2f} s)\n")
    print(f"{'at once':>8s}{'proven worst':>14s}{'greedy':>9s}{'rounds':>8s}{'s':>8s}")
    for k in range(1, most + 1):
        found, cpu = _timed(lambda k=k: asked.worst(k))
        greedy = _greedy(standing, k)
        sign = "" if found.proven else f" (at most {found.bound / whole:.1%})"
        print(f"{k:8d}{found.value / whole:13.1%}{sign} {greedy / whole:8.1%}{found.rounds or 'all':>8}{cpu:8.2f}", flush=True)
    pairs, cpu = _timed(lambda: _every_pair(standing))
    agrees = abs(pairs - asked.worst(2).value) <= 1e-9 * whole
    print(f"\nevery pair, one after the other: {pairs / whole:.1%}, {cpu:.1f} s: {'the same' if agrees else 'NOT THE SAME'}", flush=True)
    if defences:
        budget = sum(d.costs_once.dist.mean() for d in model.defences.values() if d.costs_once) / 3.0
        chosen, cpu = _timed(lambda: least_bad(model, budget, Asked(against=2)))
        print(
            f"defence against two at once for a third of what all cost: {chosen['before'] / whole:.1%} -> {chosen['per_hour'] / whole:.1%} "
            f"with {', '.join(chosen['with']) or 'nothing'}; {chosen['tried']} choices, {chosen['state']}, "
            f"not below {chosen['bound'] / whole:.1%}, {cpu:.1f} s", flush=True,
        )
    known, cpu = _timed(lambda: dependence_band(model, system))
    print(f"expected loss a year: independent {known['independent']:.4g}, worst dependence {known['most_bound']:.4g} "
          f"({known['states_tried']} states, {'proven' if known['proven'] else 'bounds'}), {cpu:.1f} s", flush=True)  # fmt: skip
    return 0 if agrees else 1


def _timed(work):  # type: ignore[no-untyped-def]
    begun = time.process_time()
    found = work()
    return found, time.process_time() - begun


def _greedy(standing: Standing, k: int) -> float:
    """Always the one that adds most, one after the other."""
    asked, chosen = standing.adversary, []
    able = np.flatnonzero(~asked.never & ~asked.idle)
    for _ in range(k):
        states = np.zeros((able.size, len(standing.read.events)), bool)
        states[np.arange(able.size), able] = True
        states[:, chosen] = True
        chosen.append(int(able[np.argmax(logic.evaluate(standing.read.formula, states) @ standing.worth)]))
    return asked.cost(chosen)


def _every_pair(standing: Standing) -> float:
    """All pairs of all misfortunes that are not left out, by the slow and obvious evaluation."""
    asked, best = standing.adversary, 0.0
    able = np.flatnonzero(~asked.never & ~asked.idle)
    pairs = np.array(list(itertools.combinations(able, 2)))
    for block in np.array_split(pairs, -(-len(pairs) // 512)):
        states = np.zeros((len(block), len(standing.read.events)), bool)
        for column in block.T:
            states[np.arange(len(block)), column] = True
        best = max(best, float((logic.evaluate(standing.read.formula, states) @ standing.worth).max()))
    return best
