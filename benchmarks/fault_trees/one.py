"""One program on one tree, in a process of its own: ``python one.py PROGRAM TREE.xml [ORDER]`` prints what it saw as JSON.

PROGRAM is ours, oxidd or relibmss. The last two are libraries of diagrams without preprocessing, orders or cut sets of their own; they
get the formula as it stands in the file, and one of three plain depth-first orders (ORDER: 0 as written, 1 small children first, 2 large
first).
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time

import numpy as np

from blackstart.engines.formula import AND, IFF, OR, THRESHOLD, XOR, Formula
from blackstart.exchange import open_psa
from blackstart.fault_trees import faulttree

LONG = 5.0  # CPU seconds after which a first time says as much as a second


def asked(path: str) -> tuple[Formula, np.ndarray]:
    """Formula and probabilities of a tree's top."""
    tree = open_psa.read(path)
    question = faulttree.question(tree, tree.tops()[:1])
    return question.formula, faulttree.probabilities(tree, question)


def cpu() -> float:
    return time.process_time()


def ours(path: str) -> dict:
    """Probability and importances, four times if that is soon done ("warm" is the median of the last three), then all with cut sets."""
    begun = cpu()
    formula, p = asked(path)
    read = cpu()
    from blackstart.engines import logic

    imported = cpu()
    seen: dict = {"read": read - begun, "load": imported - read}
    warm: list[float] = []
    while len(warm) < 4 and max(warm, default=0.0) < LONG:
        begin = cpu()
        solved = logic.solve(formula, p, cut_sets=False)
        importance = solved.birnbaum
        warm.append(cpu() - begin)
    seen |= {"warm": statistics.median(warm[1:] or warm), "repeated": sum(warm[1:])}
    begin = cpu()
    full = logic.solve(formula, p)
    counts = full.cut_sets.by_order(0) if full.cut_sets.kind[0] else []
    most_likely = full.most_likely(0, 100) if counts else []
    seen["with_sets"] = cpu() - begin
    seen |= {
        "probability": solved.probability[0],
        "lower": solved.lower[0],
        "upper": solved.upper[0],
        "outcome": solved.outcome,
        "nodes": solved.nodes,
        "made": solved.made,
        "cut_sets": sum(counts),
        "checked": float(importance.sum() + len(most_likely)),
    }
    return seen


def depth_first(formula: Formula, kind: int) -> list[int]:
    """Events as a walk from the top meets them."""
    n, rows = formula.events, np.split(formula.child, formula.ptr[1:-1])
    weight: dict[int, float] = {}

    def weigh(x: int) -> float:
        if x < n:
            return 1.0
        if x not in weight:
            weight[x] = sum(weigh(int(c) >> 1) for c in rows[x - n] if c >= 0)
        return weight[x]

    weigh(int(formula.tops[0]) >> 1)
    order: dict[int, None] = {}
    seen: set[int] = set()
    stack = [int(formula.tops[0]) >> 1]
    while stack:
        x = stack.pop()
        if x < n:
            order[x] = None
        elif x not in seen:
            seen.add(x)
            kids = [int(c) >> 1 for c in rows[x - n] if c >= 0]
            if kind:
                kids.sort(key=lambda c: weigh(c) if kind == 1 else -weigh(c))
            stack.extend(reversed(kids))
    return list(order)


def built(formula: Formula, variable: dict, ops: dict) -> object:
    """The top, gate by gate, with another library's operations."""
    n, value = formula.events, {}

    def literal(c: int) -> object:
        if c < 0:
            return ops["constant"](c == -1)
        found = variable[c >> 1] if c < 2 * n else gate((c >> 1) - n)
        return ops["not"](found) if c & 1 else found

    def folded(op: str, kids: list) -> object:
        out = kids[0]
        for kid in kids[1:]:
            out = ops[op](out, kid)
        return out

    def gate(g: int) -> object:
        if g not in value:
            kids = [literal(int(c)) for c in formula.child[formula.ptr[g] : formula.ptr[g + 1]]]
            op = formula.op[g]
            if op == THRESHOLD:
                value[g] = at_least(kids, int(formula.k[g]))
            elif op == IFF:
                value[g] = ops["not"](folded("xor", kids)) if len(kids) == 2 else None
            else:
                value[g] = folded({AND: "and", OR: "or", XOR: "xor"}[op], kids)
        return value[g]

    def at_least(kids: list, k: int) -> object:
        row = [ops["constant"](j <= 0) for j in range(k + 1)]
        for kid in reversed(kids):
            row = [row[0], *(ops["or"](ops["and"](kid, row[j - 1]), row[j]) for j in range(1, k + 1))]
        return row[k]

    return literal(int(formula.tops[0]))


def with_oxidd(path: str, kind: int) -> dict:
    from oxidd.bcdd import BCDDManager

    formula, p = asked(path)
    begin = cpu()
    manager = BCDDManager(60_000_000, 1 << 22, 1)
    order = depth_first(formula, kind)
    manager.add_vars(len(order))
    variable = {e: manager.var(i) for i, e in enumerate(order)}
    ops = {
        "and": lambda a, b: a & b,
        "or": lambda a, b: a | b,
        "xor": lambda a, b: a ^ b,
        "not": lambda a: ~a,
        "constant": lambda true: manager.true() if true else manager.false(),
    }
    top = built(formula, variable, ops)
    known: dict = {manager.true(): 1.0, manager.false(): 0.0}

    def probability(f: object) -> float:
        if f not in known:
            q = p[order[f.node_var()]]
            known[f] = q * probability(f.cofactor_true()) + (1.0 - q) * probability(f.cofactor_false())
        return known[f]

    nodes, done = top.node_count(), cpu()
    return {"warm": done - begin, "probability": probability(top) if nodes < 3_000_000 else None, "nodes": nodes}


def with_relibmss(path: str, kind: int) -> dict:
    from relibmss import BDD

    formula, p = asked(path)
    begin = cpu()
    manager = BDD()
    variable = {e: manager.defvar(f"e{e}") for e in depth_first(formula, kind)}
    ops = {
        "and": lambda a, b: a & b,
        "or": lambda a, b: a | b,
        "xor": lambda a, b: a ^ b,
        "not": lambda a: manager.Not(a),
        "constant": lambda true: manager.const(true),
    }
    top = built(formula, variable, ops)
    found = top.prob({f"e{e}": float(q) for e, q in enumerate(p)})
    return {"warm": cpu() - begin, "probability": found, "nodes": top.size()[0]}


def main() -> None:
    sys.setrecursionlimit(100_000)
    program, path = sys.argv[1:3]
    kind = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    seen = ours(path) if program == "ours" else with_oxidd(path, kind) if program == "oxidd" else with_relibmss(path, kind)
    seen["rss_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
