"""Load (§9 of docs/explanation/life-cycle.md): who puts how much on whom, and who trips under it.

What a node puts on each node below it is kept from one settling to the next. Only nodes on which something changed are worked out
again: *due* ones, and from them on downwards as far as load changes.
"""

from __future__ import annotations

from blackstart.engines import layout as y
from blackstart.engines.compiling import hot, inner
from blackstart.engines.layout import N_DUE, N_FIRST_DUE
from blackstart.engines.misfortunes import change, tell


@inner
def all_due(S, M):
    """A path begins: nothing of an earlier one counts."""
    for k in range(S.load.size):
        M.load_due[k] = 1
    M.n[N_DUE], M.n[N_FIRST_DUE] = S.load.size, 0


@hot
def load_due(M, i):
    """What node i carries is to be worked out again, if it carries load."""
    k = M.load_place[i]
    if k >= 0 and M.load_due[k] == 0:
        M.load_due[k] = 1
        M.n[N_FIRST_DUE] = min(k, M.n[N_FIRST_DUE]) if M.n[N_DUE] > 0 else k
        M.n[N_DUE] += 1


@inner
def level_moved(S, M, i):
    """Node i serves more or less: that bears on its load, and on how a gate above it spreads its own."""
    load_due(M, i)
    for q in range(S.node[i].up_lo, S.node[i].up_hi):
        if S.links[q] >= S.component.size:
            load_due(M, S.links[q])


@inner
def trip_overloaded(S, M, W, t, T):
    """§9: load runs from those who need to those they need, but not along circles; who has too much trips."""
    C = S.component.size
    k = M.n[N_FIRST_DUE]
    while M.n[N_DUE] > 0:
        if M.load_due[k] == 1:
            M.load_due[k] = 0
            M.n[N_DUE] -= 1
            n = S.load[k]
            below = _bear(S, M, n, t, T) if n < C else _spread(S, M, W, n - C, _put_on(S, M, n))
            if below != M.load_below[n]:
                M.load_below[n] = below
                if n < C and S.component[n].need >= 0:
                    _due_below(M, S.component[n].need, k)
                elif n >= C:
                    for q in range(S.gate[n - C].lo, S.gate[n - C].hi):
                        _due_below(M, S.child[q], k)
        k += 1


@hot
def _due_below(M, i, k):
    """The same where node i stands behind place k; before it, along a circle, no load runs."""
    if M.load_place[i] > k:
        load_due(M, i)


@inner
def _put_on(S, M, n):
    """The largest load that a node above puts on node n, -1 if none puts any."""
    C, nd = S.component.size, S.node[n]
    load = -1.0
    for q in range(nd.up_lo, nd.up_hi):
        p = S.links[q]
        reached = (n >= C or nd.level < S.node[p].level) and M.value[n] > 0.0
        if p < C:
            reached = S.component[p].need == n and (n >= C or reached)
        if reached:
            load = max(load, M.load_below[p])
    return load


@inner
def _bear(S, M, c, t, T):
    """Component c trips under its load, or bears it: what it puts on its need, -1 if nothing."""
    cp, lv = S.component[c], M.live[c]
    if lv.up == 0:
        if cp.throttled == 1:
            lv.tripped = 2
        return -1.0
    load = _put_on(S, M, c)
    loaded = load >= 0.0
    load = (load if loaded else 1.0) * lv.surge
    if load > cp.overload * (1.0 + 1e-9):
        if lv.tripped == 0:
            lv.tripped = 1
            tell(T, M, t, y.T_TRIP, c, load, cp.overload)
            change(M, c)
    elif lv.tripped == 2 and (loaded or cp.throttled == 0):
        lv.tripped = 0
    return load


@inner
def _spread(S, M, W, g, load):
    """What gate g puts on each of its members when this load is put on it, -1 if nothing."""
    gt = S.gate[g]
    if load < 0.0 or (gt.op == y.MAYBE and not W.exists[int(gt.k)]):
        return -1.0
    total = 0.0
    for q in range(gt.lo, gt.hi):
        total += M.value[S.child[q]] * (S.weight[q] if gt.op == y.CAPACITY else 1.0)
    if gt.op == y.ANY:
        load /= max(1.0, total)
    elif gt.op == y.AT_LEAST:
        load *= gt.k / max(gt.k, total)
    elif gt.op == y.CAPACITY:
        load /= max(1e-9, total)
    return load
