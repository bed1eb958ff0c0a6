"""How often a top becomes true: for each event, the probability that its change alone changes the top, in either direction.

For a coherent top the derivative says it all. Where an event stands both plainly and negated, its becoming true may repair the top as
well as break it, and the derivative is the difference of the two (Becker & Camarinopoulos, Reliability Engineering & System Safety 41,
1993). At a row of a body's diagram the event breaks if `high` holds and `low` does not; the probability of that is weighed with the
probability of coming to the row. A module's events pass their share on, through rows where the module's own change breaks or repairs.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

from blackstart.engines.building import Built
from blackstart.engines.diagram import COUNT, DONE, F64_1, FULL, I32_1, I32_2, I64, I64_1, Table, both, compiled


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I32_2, I64_1, I64_1, I64_1), **compiled)
def changes(nodes, heads, cache, stack, info, rows, breaks, repairs, at):
    """For each row the edges of "high and not low" and "low and not high", from row at[0] on; the rows stand in the table. DONE or FULL."""
    while at[0] < len(rows):
        low, high = np.int64(rows[at[0], 1]), np.int64(rows[at[0], 2])
        b = both(nodes, heads, cache, stack, info, high, low ^ 1)
        r = np.int64(-1) if b < 0 else both(nodes, heads, cache, stack, info, low, high ^ 1)
        if r < 0:
            return FULL
        breaks[at[0]], repairs[at[0]] = b, r
        at[0] += 1
    return DONE


@njit(types.void(I32_2, I64, F64_1, F64_1), **compiled)
def weigh_levels(rows, count, chance, value):
    """Probabilities of the edges of the first rows of a diagram by levels."""
    value[0], value[1] = 0.0, 1.0
    for i in range(1, count):
        low, high, q = rows[i, 1], rows[i, 2], chance[rows[i, 0]]
        value[2 * i] = (1.0 - q) * value[low] + q * value[high]
        value[2 * i + 1] = (1.0 - q) * value[low ^ 1] + q * value[high ^ 1]


@njit(types.void(I32_2, I64, F64_1, F64_1, I64_1, I64_1, F64_1, F64_1, F64_1), **compiled)
def gathered(rows, root, chance, value, breaks, repairs, reach, up, down):
    """Add to up and down of each level the probability that it breaks, or repairs, what the root edge says."""
    reach[root] = 1.0
    for i in range(len(rows) - 1, 0, -1):
        q = chance[rows[i, 0]]
        for s in range(2):
            here = reach[2 * i + s]
            if here > 0.0:
                reach[rows[i, 1] ^ s] += here * (1.0 - q)
                reach[rows[i, 2] ^ s] += here * q
                up[rows[i, 0]] += here * (value[repairs[i]] if s else value[breaks[i]])
                down[rows[i, 0]] += here * (value[breaks[i]] if s else value[repairs[i]])


def of_body(table: Table, built: Built, chance: np.ndarray, allowance: int) -> tuple[np.ndarray, np.ndarray] | None:
    """(levels,) twice: probability that an input's becoming true makes the body true, or false; None where that passes the limits."""
    k, levels = len(built.rows), len(built.order)
    table.load(built.rows, levels, allowance)
    breaks, repairs, at = np.zeros(k, np.int64), np.zeros(k, np.int64), np.array([1], np.int64)
    if not table.call(changes, built.rows, breaks, repairs, at):
        return None
    count = int(table.info[COUNT])
    value = np.zeros(2 * count)
    weigh_levels(table.nodes, count, chance, value)
    up, down = np.zeros(levels), np.zeros(levels)
    gathered(built.rows, built.root, chance, value, breaks, repairs, np.zeros(2 * k), up, down)
    return up, down


def crossings(
    table: Table, events: int, first: int, finished: dict[int, Built], turned: dict[int, int], p: np.ndarray, allowance: int
) -> tuple[np.ndarray, np.ndarray] | None:
    """(n,) twice: probability that an event's becoming true makes the top true, or false."""
    chance: dict[int, float] = {x: 1.0 - q if turned.get(x) else float(q) for x, q in enumerate(p)}
    for number, built in finished.items():
        value = np.zeros(2 * len(built.rows))
        weigh_levels(built.rows, len(built.rows), np.array([chance[x] for x in built.order]), value)
        chance[number] = float(value[built.root])
    up, down = np.zeros(events + len(finished)), np.zeros(events + len(finished))
    up[first + len(finished) - 1] = 1.0
    for number, built in reversed(finished.items()):
        own = of_body(table, built, np.array([chance[x] for x in built.order]), allowance)
        if own is None:
            return None
        up[built.order] += up[number] * own[0] + down[number] * own[1]
        down[built.order] += up[number] * own[1] + down[number] * own[0]
    swap = np.array([bool(turned.get(x)) for x in range(events)])
    return np.where(swap, down[:events], up[:events]), np.where(swap, up[:events], down[:events])
