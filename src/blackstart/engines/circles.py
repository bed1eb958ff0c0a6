"""Components that need each other in a circle: how their levels come to rest, who goes on without its need, who falls.

Section numbers are those of docs/explanation/life-cycle.md. Rare beside the kernel's flat loop, and called by it.
"""

from __future__ import annotations

import numpy as np

from blackstart.engines import draws
from blackstart.engines import layout as y
from blackstart.engines.compiling import hot, inner
from blackstart.engines.layout import N_MOVED
from blackstart.engines.loads import level_moved
from blackstart.engines.misfortunes import call_later, change, come_back, length, set_timer, touch, watch

TINY = 1e-9
MOST_STEPS = 5000  # of levels that come down together, when somebody's need comes to 0


@inner
def k_th_largest(value, child, largest, lo, hi, k):
    """The k-th largest of the values of these children (§2)."""
    for q in range(k):
        largest[q] = -1.0
    for q in range(lo, hi):
        w = value[child[q]]
        m = k - 1
        if w > largest[m]:
            while m > 0 and largest[m - 1] < w:
                largest[m] = largest[m - 1]
                m -= 1
            largest[m] = w
    return largest[k - 1]


@hot
def gate_value(S, W, value, largest, g):
    """§2: the share of the demand that the members of gate g serve, by the levels of nodes in `value`."""
    gt = S.gate[g]
    v = 1.0
    if gt.op == y.ALL:
        for q in range(gt.lo, gt.hi):
            v = min(v, value[S.child[q]])
    elif gt.op == y.ANY:
        v = 0.0
        for q in range(gt.lo, gt.hi):
            v = max(v, value[S.child[q]])
    elif gt.op == y.CAPACITY:
        v = 0.0
        for q in range(gt.lo, gt.hi):
            v += S.weight[q] * value[S.child[q]]
        v = 0.0 if v < gt.k - TINY else min(1.0, v)
    elif gt.op == y.AT_LEAST:
        most, whole, some = int(gt.k), 0, 0
        for q in range(gt.lo, gt.hi):
            w = value[S.child[q]]
            whole += w >= 1.0
            some += w > 0.0
        v = 1.0 if whole >= most else 0.0
        if whole < most <= some:
            v = k_th_largest(value, S.child, largest, gt.lo, gt.hi, most)
    elif gt.op == y.WANTS:
        for q in range(gt.lo, gt.hi):
            v *= 1.0 - S.weight[q] * (1.0 - value[S.child[q]])
    elif W.exists[int(gt.k)]:  # MAYBE
        v = value[S.child[gt.lo]]
    return v


@inner
def raise_circle(S, M, q):
    """Components that need each other serve as much as they can: begin from the top, and let levels come down (§2).

    No state changes on the way down (a level that is still too high says nothing), only when the circle has come to rest.

    Every member becomes dirty; what stands on a member whose level changed becomes dirty or watched. Returns the highest
    level of the graph that is now dirty.
    """
    C = S.component.size
    high = 0
    for k in range(S.circle_ptr[q], S.circle_ptr[q + 1]):
        m = S.circle_node[k]
        nd = S.node[m]
        high = max(high, nd.level)
        top = M.live[m].up / S.component[m].chunks if m < C else 1.0
        if M.value[m] != top:
            M.value[m] = top
            high = max(high, value_moved(S, M, m))
        if M.flag[m] & 1 == 0:
            M.flag[m] |= 1
            M.next_dirty[m] = M.first_dirty[nd.level]
            M.first_dirty[nd.level] = m
    return high


@inner
def value_moved(S, M, m):
    """The level of node m on a circle was raised: it and those above it are settled again."""
    nd = S.node[m]
    high = 0
    if S.load.size > 0:
        level_moved(S, M, m)
    for q in range(nd.watch_lo, nd.watch_hi):
        watch(M, S.links[q])
    if M.flag[m] & 2 == 0:
        M.flag[m] |= 2
        M.moved[M.n[N_MOVED]] = m
        M.n[N_MOVED] += 1
    for q in range(nd.up_lo, nd.up_hi):
        p = S.links[q]
        if M.flag[p] & 1 == 0:
            M.flag[p] |= 1
            lv = S.node[p].level
            M.next_dirty[p] = M.first_dirty[lv]
            M.first_dirty[lv] = p
            high = max(high, lv)
    if m < S.component.size:
        cp = S.component[m]
        for q in range(cp.heirs_lo, cp.heirs_hi):
            call_later(M, S.links[q])
        if cp.service >= 0 and M.service[cp.service].changed == 0:
            M.service[cp.service].changed = 1
            M.service_changed[M.n[y.N_SERVICES]] = cp.service
            M.n[y.N_SERVICES] += 1
    return high


@inner
def level_again(S, M, m):
    """Look at the level of node m again before those above it."""
    if M.flag[m] & 1 == 0:
        M.flag[m] |= 1
        M.next_dirty[m] = M.first_dirty[S.node[m].level]
        M.first_dirty[S.node[m].level] = m


@inner
def first_without(S, M, W, who):
    """Who is the first on the circle of `who` to go on without its need (§2): marks them as taken.

    All levels come down from 1 together, step by step, each from those of the step before: so who is first does not depend on
    the order in which the nodes of a circle are looked at. Returns the highest level of the graph that is now dirty.
    """
    q, C = S.node[who].circle, S.component.size
    lo, hi = S.circle_ptr[q], S.circle_ptr[q + 1]
    found = False
    for k in range(lo, hi):
        m = S.circle_node[k]
        M.value[m] = 1.0
        if m < C:
            hold_down(S.component[m], M.live[m])
    for _ in range(MOST_STEPS):
        for k in range(lo, hi):  # components stand before gates, gates behind their members
            if S.circle_node[k] >= C:
                M.value[S.circle_node[k]] = gate_value(S, W, M.value, M.largest, S.circle_node[k] - C)
        moving = False
        for k in range(lo, hi):
            m = S.circle_node[k]
            if m >= C:
                break
            cp, lv = S.component[m], M.live[m]
            need = M.value[cp.need] if cp.need >= 0 else 1.0
            goes_on = lv.up > 0 and can_go_on(M, cp, lv)
            if goes_on and need <= 0.0 and lv.taken == 0:
                lv.taken = 1
                found = True
            M.came_down[m] = own_level(M, cp, lv, 1.0 if goes_on and (lv.taken == 1 or lv.taken == 3) else need)
            moving = moving or M.came_down[m] != M.value[m]
        if found or not moving:
            break
        for k in range(lo, hi):
            if S.circle_node[k] < C:
                M.value[S.circle_node[k]] = M.came_down[S.circle_node[k]]
    if not found:  # levels that come down by less and less
        M.live[who].taken = 1
    high = 0
    for k in range(lo, hi):
        high = max(high, value_moved(S, M, S.circle_node[k]))
    return high


@inner
def own_level(M, cp, lv, need):
    """§2: the level of a component whose need has this value."""
    if lv.up == 0 or need <= 0.0:
        return 0.0
    v = min(lv.up / cp.chunks, need)
    if cp.want >= 0:
        v *= M.value[cp.want]
    if lv.surge > cp.headroom:
        v *= cp.headroom / lv.surge
    return v if v >= TINY else 0.0


@hot
def hold_down(cp, lv):
    """Chunks above what holds leave fall off (§12); what trips falls off whole (§9)."""
    most = max(0, cp.chunks - lv.held)
    if lv.up > most:
        lv.off += lv.up - most
        lv.up = most
    if lv.tripped == 1:
        lv.off += lv.up
        lv.up = 0
        lv.tripped = 2


@hot
def can_go_on(M, cp, lv):
    """Whether component cp, which runs, may run on without its need: it is forced (§8) or rides (§4)."""
    if lv.forced == 1 and (cp.glass_run < 0 or M.value[cp.glass_run] > 0.0):
        return True
    return cp.rides >= 0 and lv.riding < 2


@inner
def circle_moves(S, M, q, t, base, typical):
    """What lets the levels of circle q, which have come to rest, move again (§2). Returns the highest level of the graph that is
    now dirty, -1 if nothing moves.

    Members whose need was taken to count as 1 and is there after all: from now on its value counts. If there are none,
    members that are back and bring a surge: then who goes on without its need is found anew.
    """
    high = -1
    for k in range(S.circle_ptr[q], S.circle_ptr[q + 1]):
        m = S.circle_node[k]
        if m < S.component.size and M.live[m].taken == 1 and M.value[S.component[m].need] > 0.0:
            M.live[m].taken = 2
            level_again(S, M, m)
            high = S.node[m].level
    if high >= 0:
        return high
    for k in range(S.circle_ptr[q], S.circle_ptr[q + 1]):
        m = S.circle_node[k]
        if m >= S.component.size:
            continue
        cp, lv = S.component[m], M.live[m]
        if lv.up > 0 and lv.running == 0 and (cp.need < 0 or M.value[cp.need] > 0.0 or can_go_on(M, cp, lv)):
            lv.running = 1
            if come_back(S, M, m, t, base, typical):
                high = S.node[m].level
    if high >= 0:
        for k in range(S.circle_ptr[q], S.circle_ptr[q + 1]):
            if S.circle_node[k] < S.component.size:
                M.live[S.circle_node[k]].taken = 0
        high = raise_circle(S, M, q)
    return high


@inner
def circle_at_rest(S, M, q, t, base, typical):
    """The levels of circle q have come to rest: who rides, who falls (§3.2)."""
    for k in range(S.circle_ptr[q], S.circle_ptr[q + 1]):
        m = S.circle_node[k]
        if m >= S.component.size:
            continue
        cp, lv = S.component[m], M.live[m]
        stays = lv.taken == 3
        lv.taken = 0
        if lv.up == 0:
            continue
        if not stays and (cp.need < 0 or M.value[cp.need] > 0.0):
            lv.forced, lv.riding, lv.t_ride = 0, 0, np.inf
        elif lv.forced == 1 and (cp.glass_run < 0 or M.value[cp.glass_run] > 0.0):
            lv.riding, lv.t_ride = 0, np.inf
        elif cp.rides < 0 or lv.riding == 2:
            lv.off += lv.up
            lv.up = 0
            change(M, m)
        elif lv.riding == 0:
            lv.riding = 1
            lv.n_ride += 1
            lv.t_ride = t + length(S, M, cp.rides, base, cp.salt, draws.RIDE, np.int64(lv.n_ride), typical)
            set_timer(M, lv.t_ride, y.RIDE_OVER, m, np.int64(0), 0.0)
            touch(M, m)  # its need counts as 1 already: nothing to settle again
