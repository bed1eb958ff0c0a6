"""Orders of the inputs of a body, cheap ones: a diagram's size hangs on them more than on anything else.

No order wins everywhere: between depth-first walks that differ only in which child comes first, sizes differ up to 675-fold on the
public fault trees. So several are made and `logic` races them.
"""

from __future__ import annotations

from collections import defaultdict

from blackstart.engines.rewriting import GATE, Body


def inputs_of(body: Body) -> list[int]:
    """Numbers of the inputs, as first met in the rows."""
    return list(dict.fromkeys(c >> 1 for row in body.rows for c in row[1] if c < 2 * GATE))


def depth_first(body: Body, key: list[float] | None, low: dict[int, float] | None = None) -> list[int]:
    """Inputs as a walk from the root meets them; at each gate children with a small key come first.

    key : one value per row, or None for the children as written
    low : value of inputs, where they are to be compared with gates (0 where missing)
    """
    order: dict[int, None] = {}
    seen: set[int] = set()
    stack = [body.root >> 1]
    while stack:
        x = stack.pop()
        if x < GATE:
            order[x] = None
            continue
        if x in seen:
            continue
        seen.add(x)
        kids = [c >> 1 for c in body.rows[x - GATE][1]]
        if key is not None:
            own = low or {}
            kids.sort(key=lambda c: key[c - GATE] if c >= GATE else own.get(c, 0.0))
        stack.extend(reversed(kids))
    return list(order)


def weights(body: Body) -> list[float]:
    """For each row, how many inputs a tree written out below it would have (capped: shared gates count again)."""
    out: list[float] = []
    for _, kids, _, _ in body.rows:
        out.append(min(1e15, sum(out[(c >> 1) - GATE] if c >= 2 * GATE else 1.0 for c in kids)))
    return out


def supports(body: Body) -> list[int]:
    """For each row, how many different inputs stand below it."""
    number = {x: i for i, x in enumerate(inputs_of(body))}
    masks: list[int] = []
    for _, kids, _, _ in body.rows:
        mask = 0
        for c in kids:
            mask |= masks[(c >> 1) - GATE] if c >= 2 * GATE else 1 << number[c >> 1]
        masks.append(mask)
    return [m.bit_count() for m in masks]


def force(body: Body, order: list[int], rounds: int) -> list[int]:
    """FORCE (Aloul, Markov & Sakallah, GLSVLSI 2003): inputs and gates move to the mean place of the gates they stand in."""
    place = {x: float(i) for i, x in enumerate(order)}
    nets = [[GATE + i, *(c >> 1 for c in row[1])] for i, row in enumerate(body.rows)]
    for i, row in enumerate(body.rows):  # gates begin in the middle of their children
        place[GATE + i] = sum(place[c >> 1] for c in row[1]) / len(row[1])
    best, least = order, span(nets, place)
    for _ in range(rounds):
        sums: dict[int, float] = defaultdict(float)
        count: dict[int, int] = defaultdict(int)
        for net in nets:
            middle = sum(place[x] for x in net) / len(net)
            for x in net:
                sums[x] += middle
                count[x] += 1
        ranked = sorted(place, key=lambda x: (sums[x] / count[x], place[x]))
        place = {x: float(i) for i, x in enumerate(ranked)}
        now = span(nets, place)
        if now >= least:
            break
        best, least = [x for x in ranked if x < GATE], now
    return best


def span(nets: list[list[int]], place: dict[int, float]) -> float:
    """Total length of the gates, each from its first to its last member."""
    return sum(max(places) - min(places) for places in ([place[x] for x in net] for net in nets))


def orders(body: Body) -> list[list[int]]:
    """Different orders worth trying, the most promising first."""
    if len(body.rows) == 1 or sum(len(row[1]) for row in body.rows) == len(inputs_of(body)) + len(body.rows) - 1:
        return [depth_first(body, None)]  # each input occurs once: any walk gives one row per input
    weight, support = weights(body), [float(s) for s in supports(body)]
    uses: dict[int, float] = defaultdict(float)
    for _, kids, _, _ in body.rows:
        for c in kids:
            uses[c >> 1] -= 1.0
    found = [
        depth_first(body, weight),
        depth_first(body, [-s for s in support]),
        depth_first(body, None),
        depth_first(body, [-w for w in weight]),
        depth_first(body, support),
        depth_first(body, [-s for s in support], {x: -1e18 + u for x, u in uses.items()}),
    ]
    if len(body.rows) < 400:
        found.append(force(body, found[0], 40))
        found.append(force(body, found[1], 40))
    return [list(o) for o in dict.fromkeys(map(tuple, found))]
