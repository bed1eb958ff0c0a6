"""What is rare in the timed engine: hazards, effects, barriers, data, load, calls of standbys.

These are small compiled functions, because a call costs little where events are rare; what happens at every event stands in
one flat function (kernel.py). Section numbers are those of docs/explanation/life-cycle.md. All of them take the system `S`,
the memory `M` and the possible world `W`, and keep their counters in `M.n`.
"""

from __future__ import annotations

import math

import numpy as np

from blackstart.engines import draws
from blackstart.engines import layout as y
from blackstart.engines.compiling import hot, inner
from blackstart.engines.draws import draw, uniform
from blackstart.engines.layout import (
    N_CALLS,
    N_CHANGED,
    N_LASTING,
    N_MOVED,
    N_NEW,
    N_PEOPLE,
    N_ROWS,
    N_TOUCHED,
    N_TRACE,
    N_WATCHED,
)


@inner
def note(table, n, a, b, c, d, e):
    """Write five columns of row n of a table if there is room for it; either way one more row is needed."""
    if n < table.shape[0]:
        table[n, 0], table[n, 1], table[n, 2], table[n, 3], table[n, 4] = a, b, c, d, e
    return n + 1


@inner
def row(T, M, path, what, who, a, b, c):
    """A row of the output (§13)."""
    n = M.n[N_ROWS]
    M.n[N_ROWS] = note(T.rows, n, float(path), what, float(who), a, b)
    if n < T.rows.shape[0]:
        T.rows[n, 5] = c


@inner
def tell(T, M, t, what, who, a, b):
    """A row of the trace, if there is one."""
    if T.trace.shape[0] > 0:
        M.n[N_TRACE] = note(T.trace, M.n[N_TRACE], t, float(what), float(who), a, b)


@hot
def put(row, t, code, tag, x):
    """Write a timer, field by field: numba copies whole records byte by byte."""
    row.t = t
    row.code = code
    row.tag = tag
    row.x = x


@hot
def set_timer(M, t, kind, who, tag, x):
    """Collect a timer; the kernel puts it on the heap. A time that never comes is not kept.

    One for which there is no room is counted: the kernel then stops the path and asks for more.
    """
    if t < np.inf:
        if M.n[N_NEW] < M.new.size:
            put(M.new[M.n[N_NEW]], t, (kind << y.KIND_SHIFT) + who, tag, x)
        M.n[N_NEW] += 1


@hot
def touch(M, c):
    """Component c is no longer as at rest: the end of the path puts it back."""
    if M.live[c].touched == 0:
        M.live[c].touched = 1
        M.touched[M.n[N_TOUCHED]] = c
        M.n[N_TOUCHED] += 1


@hot
def change(M, c):
    """Component c has a new cause: settle it."""
    if M.live[c].changed == 0:
        M.live[c].changed = 1
        M.changed[M.n[N_CHANGED]] = c
        M.n[N_CHANGED] += 1


@hot
def watch(M, c):
    """Look at the jobs of component c when this instant has settled."""
    if M.live[c].watched == 0:
        M.live[c].watched = 1
        M.watched[M.n[N_WATCHED]] = c
        M.n[N_WATCHED] += 1


@hot
def release(S, M, lo, hi):
    """The people of a job go (§10)."""
    for q in range(lo, hi):
        if M.crew_held[q] > 0:
            tm = M.team[S.crew_team[q]]
            tm.busy -= M.crew_held[q]
            M.crew_held[q] = 0
            M.n[N_PEOPLE] = 1


@inner
def length(S, M, d, base, who, what, n, typical):
    """Duration d, 0 if there is none."""
    if d < 0:
        return 0.0
    return draw(S, M, d, base, who, what, n, typical)


@hot
def luck(base, who, what, n, typical):
    """A number to hold against a probability."""
    return 0.5 if typical else uniform(base, who, what, n)


@inner
def hazard_arrives(S, M, W, h, t, kind, tag, x, base, typical, T, path):
    """§12: a misfortune arrives. tag 1: triggered; 2 + ...: an extra arrival of a rate that is raised until x."""
    hz = S.hazard[h]
    o = M.arrivals[h]
    M.arrivals[h] += 1
    if kind == y.HAZARD and tag == 1 and hz.chance >= 0:
        if luck(base, hz.salt, draws.HAZARD_CHANCE, o, typical) >= W.prob[hz.chance]:
            return
    tell(T, M, t, y.T_HAZARD, h, float(o), 0.0)
    for q in range(hz.eff_lo, hz.eff_hi):
        e = S.links[q]
        set_timer(M, effect_begins_at(S, M, e, o, t, t, base, typical), y.EFFECT_BEGINS, e, o, t)
    if hz.cost >= 0:
        cost = length(S, M, hz.cost, base, hz.salt, draws.COST, o, typical)
        row(T, M, path, float(y.ROW_COST), h, t, cost, 0.0)
    own_rate = W.rate[hz.item] if hz.item >= 0 else 0.0
    if kind == y.HAZARD and tag >= 2:  # the raised rate goes on
        factor = S.effect[tag - 2].factor if tag - 2 < S.effect.size else hz.again
        t2 = t - math.log(uniform(base, hz.salt, draws.EXTRA, o)) / (own_rate * (factor - 1.0))
        if t2 < x:
            set_timer(M, t2, y.HAZARD, h, tag, x)
    if hz.again > 1.0 and own_rate > 0.0 and not typical:
        until = t + length(S, M, hz.again_for, base, hz.salt, draws.AGAIN, o, typical)
        t2 = t - math.log(uniform(base, hz.salt, draws.AGAIN, o * draws.TERMS + 63)) / (own_rate * (hz.again - 1.0))
        if t2 < until:
            set_timer(M, t2, y.HAZARD, h, 2 + S.effect.size + o, until)


@inner
def barrier_works(S, M, W, b, h, o, base, typical):
    """§12: a barrier has one luck for each arrival; one whose needs are not met cannot work."""
    br = S.barrier[b]
    who = br.salt ^ S.hazard[h].salt
    if br.works >= 0 and luck(base, who, draws.BARRIER, o, typical) >= W.prob[br.works]:
        return False
    if br.dead >= 0 and luck(base, who, draws.BARRIER_DEAD, o, typical) < W.prob[br.dead]:
        return False
    return br.need < 0 or M.value[br.need] > 0.0


@inner
def named_time(S, M, h, which, o, base, typical):
    """How long after its arrival a named time of a hazard is; CLEARED: the last of them."""
    hz = S.hazard[h]
    longest = 0.0
    for q in range(hz.last_lo, hz.last_hi):
        i = q - hz.last_lo
        if which == y.CLEARED or which == i:
            longest = max(longest, length(S, M, S.links[q], base, hz.salt, draws.LASTS + 64 * i, o, typical))
    return longest


@inner
def effect_begins_at(S, M, e, o, t0, t, base, typical):
    """When an effect will happen that belongs to an arrival at t0, and whose cause happens at t."""
    ef = S.effect[e]
    if ef.since != y.FROM_BEGIN:
        t = max(t, t0 + named_time(S, M, ef.hazard, ef.since, o, base, typical))
    return t + length(S, M, ef.after, base, ef.salt, draws.AFTER, o, typical)


@inner
def effect_ends_at(S, M, e, o, t0, t, base, typical):
    """When an effect that begins at t and belongs to an arrival at t0 will end."""
    ef = S.effect[e]
    if ef.until == y.NO_END:
        return np.inf
    end = t if ef.until == y.FROM_BEGIN else t0 + named_time(S, M, ef.hazard, ef.until, o, base, typical)
    return max(t, end + length(S, M, ef.plus, base, ef.salt, draws.UNTIL, o, typical))


@inner
def effect_begins(S, M, W, e, o, t0, t, base, typical, T, path):
    """§12: an effect happens, unless chance, a barrier or `when` is against it."""
    ef = S.effect[e]
    happens = ef.chance < 0 or luck(base, ef.salt, draws.CHANCE, o, typical) < W.prob[ef.chance]
    for q in range(ef.bar_lo, ef.bar_hi):
        works = barrier_works(S, M, W, S.links[q], ef.hazard, o, base, typical)
        tell(T, M, t, y.T_BARRIER, S.links[q], 1.0 if works else 0.0, float(e))
        happens = happens and not works
    if ef.when >= 0 and M.value[ef.when] > 0.0:
        happens = False
    if not happens:
        return
    tell(T, M, t, y.T_EFFECT, e, float(o), 0.0)
    end = effect_ends_at(S, M, e, o, t0, t, base, typical)
    if ef.op == y.TRIGGER:
        if ef.factor == 1.0:
            set_timer(M, t, y.HAZARD, ef.other, np.int64(1), 0.0)
        else:
            item = S.hazard[ef.other].item
            extra = W.rate[item] * (ef.factor - 1.0) if item >= 0 else 0.0
            if extra > 0.0 and not typical:
                t2 = t - math.log(uniform(base, ef.salt, draws.EXTRA, o)) / extra
                if t2 < end:
                    set_timer(M, t2, y.HAZARD, ef.other, 2 + e, end)
    elif ef.op == y.TAKE:
        M.team[ef.other].away += ef.people
        M.n[N_PEOPLE] = 1
    else:
        on_targets(S, M, W, e, o, np.int64(1), t, base, typical, T, path)
    if S.effect_back[e] >= 0:
        if M.n[N_LASTING] < M.lasting.size:
            M.lasting[M.n[N_LASTING]].effect, M.lasting[M.n[N_LASTING]].arrival = e, o
        M.n[N_LASTING] += 1
    elif y.HOLD <= ef.op <= y.TAKE:
        set_timer(M, end, y.EFFECT_ENDS, e, o, t0)
    for q in range(ef.then_lo, ef.then_hi):
        e2 = S.links[q]
        set_timer(M, effect_begins_at(S, M, e2, o, t0, t, base, typical), y.EFFECT_BEGINS, e2, o, t0)


@inner
def effect_ends(S, M, W, e, o, t, base, typical, T, path):
    tell(T, M, t, y.T_EFFECT_END, e, float(o), 0.0)
    ef = S.effect[e]
    if ef.op == y.TAKE:
        M.team[ef.other].away -= ef.people
        M.n[N_PEOPLE] = 1
    else:
        on_targets(S, M, W, e, o, np.int64(-1), t, base, typical, T, path)


@inner
def end_lasting(S, M, t, base, typical):
    """§12: effects that last until something serves again, asked at the end of an instant; True if one ends, now or later."""
    kept = 0
    for k in range(M.n[N_LASTING]):
        e, o = M.lasting[k].effect, M.lasting[k].arrival
        if M.value[S.effect_back[e]] > 0.0:
            ef = S.effect[e]
            plus = length(S, M, ef.plus, base, ef.salt, draws.UNTIL, o, typical)
            set_timer(M, t + plus, y.EFFECT_ENDS, e, o, 0.0)
        else:
            M.lasting[kept].effect, M.lasting[kept].arrival = e, o
            kept += 1
    some = kept < M.n[N_LASTING]
    M.n[N_LASTING] = kept
    return some


@inner
def end_all_lasting(S, M, W, t, base, typical, T, path):
    """§14: whoever rescues from outside waits for nothing."""
    if M.n[N_LASTING] <= M.lasting.size:  # else the path is played anew with more room
        for k in range(M.n[N_LASTING]):
            effect_ends(S, M, W, M.lasting[k].effect, M.lasting[k].arrival, t, base, typical, T, path)
        M.n[N_LASTING] = 0


@inner
def on_targets(S, M, W, e, o, sign, t, base, typical, T, path):
    """§12: an effect begins (sign 1) or ends (-1) on each of its targets."""
    ef = S.effect[e]
    picked, first = ef.uncounted, 0
    if ef.share < 1.0 and picked > 0:
        first = 0 if typical else int(uniform(base, ef.salt, draws.PICK, o) * picked)
        picked = max(1, int(ef.share * picked + 0.5))
    place = -1
    for q in range(ef.tgt_lo, ef.tgt_hi):
        c = S.links[q]
        n = np.int64(S.component[c].chunks)
        lv = M.live[c]
        if ef.share < 1.0:
            if S.component[c].counted == 1:
                n = max(1, int(ef.share * n + 0.5))
            else:
                place += 1
                if (place - first + ef.uncounted) % ef.uncounted >= picked:
                    continue
        touch(M, c)
        if ef.op == y.SLOW:  # asked when a repair begins: nothing to settle, nothing to look at
            lv.slows += sign
            lv.slow = lv.slow * ef.factor**sign if lv.slows > 0 else 1.0
            continue
        watch(M, c)
        if ef.op == y.BAR:  # no level hangs on it
            lv.barred += sign
            continue
        if ef.op == y.HOLD:
            lv.held += sign * n
        elif ef.op == y.SURGE:
            lv.surges += sign
            lv.surge = lv.surge * ef.factor**sign if lv.surges > 0 else 1.0
        elif ef.op == y.REVEAL:
            dead = S.component[c].dead
            if dead >= 0:
                if luck(base, ef.salt ^ S.component[c].salt, draws.REVEAL, o, typical) < W.prob[dead]:
                    break_chunks(M, c, n, t, float(e + 1), T)
        else:
            break_chunks(M, c, n, t, float(e + 1), T)
            if ef.op == y.DESTROY:
                destroy(S, M, c, t, M.arrivals[ef.hazard], base, typical, T, path)
        change(M, c)


@inner
def break_chunks(M, c, n, t, by, T):
    """§7: chunks break, those that are up first."""
    lv = M.live[c]
    n = min(n, lv.up + lv.off)
    from_up = min(n, lv.up)
    lv.up -= from_up
    lv.off -= n - from_up
    lv.broken += n
    if n > 0:
        tell(T, M, t, y.T_FAIL, c, float(n), by)


@inner
def order_parts(S, M, c, t, base, typical):
    """§7: what repairs still need, and what is missing from the shelf, is on order."""
    cp, lv = S.component[c], M.live[c]
    in_hand = 0 if lv.left < 0.0 else lv.repair_chunks  # broken chunks whose repair has its part
    needed = lv.broken - in_hand
    if cp.repair_each < 0:
        needed = min(needed, 1)  # one repair mends them all
    while lv.shelf + lv.ordered < cp.stock + needed:
        lv.ordered += 1
        lv.n_order += 1
        lead = length(S, M, cp.lead, base, cp.salt, draws.SPARE, np.int64(lv.n_order), typical)
        set_timer(M, t + lead, y.SPARE_CAME, c, np.int64(lv.n_order), 0.0)


@inner
def destroy(S, M, c, t, n, base, typical, T, path):
    """§11: a component is gone, and every copy of data and every backup on it; its repair begins anew."""
    cp = S.component[c]
    M.live[c].destroyed = 1
    begin_anew(S, M, c)
    for q in range(cp.slot_lo, cp.slot_hi):
        if M.gone[S.links[q]] == y.HELD:
            lose_copy(S, M, c, S.links[q], t, n, base, typical, T, path)
    for d in range(S.data.size):
        if S.data[d].kept == c:
            lose_backup(S, M, d, t, n, base, typical, T, path)


@inner
def begin_anew(S, M, c):
    """A repair of component c that had begun is lost."""
    lv = M.live[c]
    if lv.repair_job > 0:
        lv.repair_job = 0
        lv.t_repair = np.inf
        release(S, M, S.component[c].crew1, S.component[c].crew2)
    lv.left = -1.0
    touch(M, c)
    watch(M, c)


@inner
def lose_copy(S, M, c, slot, t, n, base, typical, T, path):
    """§11: a copy is gone; if it was the last, what is being filled from it goes with it."""
    ds = S.data[S.slot_data[slot]]
    written_to = True
    for other in range(ds.lo, slot):
        written_to = written_to and M.gone[other] != y.HELD
    if is_held(M, ds, slot):
        fill(S, M, ds, slot, y.COPIED, n, base, typical)
        lost_h = length(S, M, ds.lag, base, S.component[c].salt, draws.LAG, n, typical) if written_to else 0.0
    else:
        lost_h, how = np.inf, y.EMPTY
        if ds.kept >= 0 and M.live[ds.kept].destroyed == 0:
            lost_h = luck(base, S.component[c].salt, draws.BACKUP_AGE, n, typical)
            lost_h *= length(S, M, ds.every, base, S.component[c].salt, draws.LAG, n, typical)
            how = y.RESTORED
        for other in range(ds.lo, ds.hi):
            if other == slot or M.gone[other] == y.COPIED:
                fill(S, M, ds, other, how, n, base, typical)
    tell_lost(S, M, slot, t, lost_h, T, path)


@inner
def lose_backup(S, M, d, t, n, base, typical, T, path):
    """§11: what was to be restored from a backup that is gone is copied from where it is held again, or everything is lost."""
    ds = S.data[d]
    how = y.COPIED if is_held(M, ds, np.int64(-1)) else y.EMPTY
    told = how == y.COPIED
    for slot in range(ds.lo, ds.hi):
        if M.gone[slot] == y.RESTORED:
            if not told:
                tell_lost(S, M, slot, t, np.inf, T, path)
            told = True
            fill(S, M, ds, slot, how, n, base, typical)


@hot
def is_held(M, ds, but):
    """Whether there is a copy of a data set beside copy `but`."""
    for slot in range(ds.lo, ds.hi):
        if slot != but and M.gone[slot] == y.HELD:
            return True
    return False


@inner
def fill(S, M, ds, slot, how, n, base, typical):
    """From where a copy that is gone will get its data, and how much longer a repair takes with it; the repair begins anew."""
    holder = S.slot_holder[slot]
    M.gone[slot] = how
    M.fill[slot] = 0.0
    if how == y.COPIED:
        M.fill[slot] = length(S, M, ds.copy, base, S.component[holder].salt, draws.COPY, n, typical)
    elif how == y.RESTORED:
        M.fill[slot] = length(S, M, ds.restore, base, S.component[holder].salt, draws.RESTORE, n, typical)
    if S.component[holder].stock >= 0 and M.live[holder].left >= 0.0:  # what it took is there still (§7)
        M.live[holder].shelf += 1
    begin_anew(S, M, holder)


@inner
def fills_h(S, M, cp):
    """Hours that a repair takes longer, because its copies must get their data."""
    hours = 0.0
    for q in range(cp.slot_lo, cp.slot_hi):
        hours += M.fill[S.links[q]]
    return hours


@inner
def keeper_missing(S, M, cp):
    """§11: a keeper of a backup that is to be restored here and neither runs nor stands by, or -1."""
    for q in range(cp.slot_lo, cp.slot_hi):
        if M.gone[S.links[q]] == y.RESTORED:
            kept = S.data[S.slot_data[S.links[q]]].kept
            keeper = M.live[kept]
            if keeper.up == 0 and (keeper.called == 1 or keeper.off == 0):
                return kept
    return np.int64(-1)


@inner
def tell_lost(S, M, slot, t, lost_h, T, path):
    """Hours of writes are lost for good (inf: everything)."""
    if lost_h > 0.0:
        row(T, M, path, float(y.ROW_DATA), S.slot_data[slot], t, lost_h, 0.0)
        tell(T, M, t, y.T_DATA, S.slot_data[slot], lost_h, float(S.slot_holder[slot]))


@inner
def call_standbys(S, M, W, t, base, typical, T):
    """§5: standbys are called, until nobody calls one more; then those whom nobody calls are sent back."""
    for calling in (1, 0):
        moving = True
        while moving:
            moving = False
            k = 0
            while k < M.n[N_CALLS]:
                c = M.calls[k]
                k += 1
                if M.live[c].called != calling and is_called(S, M, c) == (calling == 1):
                    moving = True
                    tell(T, M, t, y.T_CALL, c, float(calling), 0.0)
                    if calling == 1:
                        call(S, M, W, c, t, base, typical, T)
                    else:
                        send_back(S, M, c)
                    change(M, c)
                    for q in range(S.component[c].heirs_lo, S.component[c].heirs_hi):
                        call_later(M, S.links[q])
    for k in range(M.n[N_CALLS]):
        M.live[M.calls[k]].calling = 0
    M.n[N_CALLS] = 0


@hot
def is_called(S, M, c):
    """§5: whether one of those that standby c stands for calls it, or it stays as long as it runs."""
    cp, lv = S.component[c], M.live[c]
    if lv.called == 1 and cp.failback == 0 and lv.running == 1 and lv.up > 0:
        return True
    for q in range(cp.sb_lo, cp.sb_hi):
        a = S.links[q]
        if M.live[a].called == 1 and M.value[a] <= cp.below:
            return True
    return False


@inner
def call(S, M, W, c, t, base, typical, T):
    """§5: a standby is called, and may turn out to be dead."""
    cp, lv = S.component[c], M.live[c]
    lv.called, lv.tried, lv.known = 1, 0, 0
    lv.t_last = t
    lv.n_call += 1
    if cp.dead >= 0 and lv.broken == 0:
        if luck(base, cp.salt, draws.DEAD, np.int64(lv.n_call), typical) < W.prob[cp.dead]:
            break_chunks(M, c, cp.chunks, t, -1.0, T)


@inner
def send_back(S, M, c):
    """§5: a standby returns to its place, at once, even if it is called again at this instant."""
    lv = M.live[c]
    lv.called, lv.tried = 0, 0
    lv.off += lv.up
    lv.up = 0
    if lv.start_job > 0:
        lose_start(S, M, c)


@inner
def lose_start(S, M, c):
    """§6: a start under way is broken off, its people go, its work is lost."""
    lv = M.live[c]
    lo, hi = crew_of(S.component[c], True, lv.start_job)
    release(S, M, lo, hi)
    if lv.start_job == 2:
        lv.glass = 0
    lv.start_job, lv.t_start = 0, np.inf


@inner
def wake(S, M, c):
    """Look at the jobs of those whose conditions hang on component c."""
    for q in range(S.node[c].watch_lo, S.node[c].watch_hi):
        watch(M, S.links[q])


@hot
def call_later(M, c):
    """Look at standby c when this instant has settled."""
    if M.live[c].calling == 0:
        M.live[c].calling = 1
        M.calls[M.n[N_CALLS]] = c
        M.n[N_CALLS] += 1


@inner
def cannot_be_called(S, M, tm):
    """§10: what a team needs for its people to be called is not there."""
    return S.team_need[tm] >= 0 and M.value[S.team_need[tm]] <= 0.0


@hot
def crew_of(cp, is_start, job):
    """Where in the crew list the people of a job stand."""
    if not is_start:
        return cp.crew1, cp.crew2
    if job == 2:
        return cp.crew2, cp.crew3
    return cp.crew0, cp.crew1


@inner
def come_back(S, M, c, t, base, typical):
    """§6: the demand that follows an outage; True if there is some."""
    cp, lv = S.component[c], M.live[c]
    if cp.surge_factor == 1.0 or t - lv.t_last < cp.surge_after:
        return False
    lv.surges += 1
    lv.surge *= cp.surge_factor
    lv.n_surge += 1
    after = length(S, M, cp.surge_lasts, base, cp.salt, draws.SURGE, np.int64(lv.n_surge), typical)
    set_timer(M, t + after, y.SURGE_OVER, c, np.int64(lv.n_surge), 0.0)
    return True


@inner
def rescue(S, M):
    """§14: from outside everything is put to rest."""
    for k in range(M.n[N_TOUCHED]):
        c = M.touched[k]
        cp, lv = S.component[c], M.live[c]
        lv.off, lv.broken = cp.chunks - lv.up, 0
        lv.left, lv.destroyed, lv.known, lv.found = -1.0, 0, 0, 0
        if lv.called == 1:
            n = max(0, min(lv.off, cp.chunks - lv.held - lv.up))
            lv.up += n
            lv.off -= n
            lv.forced = 1
        change(M, c)
    for q in range(S.slot_data.size):
        M.gone[q] = y.HELD
        M.fill[q] = 0.0


@inner
def lacks_people(S, M, tm):
    """The reason of a job that waits for people of a team, and the team: they cannot even be called, or they are not free."""
    return (y.R_CALL if M.team[tm].called == 0 and cannot_be_called(S, M, tm) else y.R_PEOPLE), tm


@inner
def why_not(S, M, c, t, n_codes, T):
    """The reason why component c is not coming back just now, told when it changes (T_REASON)."""
    cp, lv = S.component[c], M.live[c]
    why, ref = y.R_NONE, -1
    free = min(lv.off, cp.chunks - lv.held - lv.up)
    if lv.broken > 0 and lv.repair_job == 0:
        if cp.has_repair == 0:
            why = y.R_NO_REPAIR
        elif lv.barred > 0:
            why = y.R_BARRED
        elif cp.repair_need >= 0 and M.value[cp.repair_need] <= 0.0 and lv.glass < 2:
            why, ref = y.R_REPAIR_NEED, cp.repair_need
        elif cp.stock >= 0 and lv.left < 0.0 and lv.shelf <= 0:
            why = y.R_SPARE
        elif lv.wait_repair == 0:
            why, ref = y.R_RESTORE, keeper_missing(S, M, cp)
        elif cp.crew2 > cp.crew1:
            why, ref = lacks_people(S, M, S.crew_team[cp.crew1])
    elif lv.broken == 0 and lv.start_job == 0 and lv.called == 1 and lv.up < cp.chunks:
        if free <= 0:
            why = y.R_HELD
        elif cp.on_site == 1 and lv.barred > 0:
            why = y.R_BARRED
        elif lv.wait_start > 0:
            lo, hi = crew_of(cp, True, lv.wait_start)
            if hi > lo:
                why, ref = lacks_people(S, M, S.crew_team[lo])
        elif cp.need >= 0 and M.value[cp.need] <= 0.0:
            why, ref = (y.R_GLASS if lv.glass == 2 else y.R_NEED), cp.need
        elif cp.start_need >= 0 and M.value[cp.start_need] <= 0.0:
            why, ref = (y.R_GLASS if lv.glass == 2 else y.R_START_NEED), cp.start_need
        elif t < lv.retry_at:
            why = y.R_RETRY
    code = why * n_codes + ref + 1
    if code != lv.reason:
        lv.reason = code
        tell(T, M, t, y.T_REASON, c, float(why), float(ref))


@inner
def show_later(M, c):
    """Component c was looked at in this instant: its state may have changed (all others need no look: there can be many)."""
    if M.live[c].to_tell == 0:
        M.live[c].to_tell = 1
        M.to_tell[M.n[y.N_TO_TELL]] = c
        M.n[y.N_TO_TELL] += 1


@inner
def show_states(S, M, T, t):
    """States at the end of an instant, told where they differ from the last one (T_STATE)."""
    for k in range(M.n[y.N_TO_TELL]):
        c = M.to_tell[k]
        cp, lv = S.component[c], M.live[c]
        lv.to_tell = 0
        state = y.WAITING if lv.called == 1 else y.STANDBY
        if lv.up > 0:
            state = y.RUNNING
        elif lv.start_job > 0:
            state = y.STARTING
        elif lv.broken == cp.chunks:
            state = y.BROKEN
        if state != lv.shown or lv.up != lv.shown_up:
            lv.shown, lv.shown_up = state, lv.up
            tell(T, M, t, y.T_STATE, c, float(state), float(lv.up))
    M.n[y.N_TO_TELL] = 0


@inner
def write_outages(S, M, T, t, path):
    """§13: pieces of outage and of degraded service that end at t."""
    for k in range(M.n[y.N_SERVICES]):
        s = M.service_changed[k]
        lv = M.service[s]
        lv.changed = 0
        level = M.value[S.service[s].component]
        if level == lv.level:
            continue
        rest = S.node[S.service[s].component].rest
        was = grade(lv.level, S.service[s].serves, rest)
        now = grade(level, S.service[s].serves, rest)
        lv.lost += max(0.0, rest - lv.level) * (t - lv.since)
        tell(T, M, t, y.T_LEVEL, S.service[s].component, level, lv.level)
        lv.since, lv.level = t, level
        if was != now:
            if was > 0 and t > lv.start:
                what = float(y.ROW_OUT if was == 2 else y.ROW_DEGRADED)
                row(T, M, path, what, s, lv.start, t, lv.lost)
            lv.start, lv.lost = t, 0.0
    M.n[y.N_SERVICES] = 0


@inner
def grade(level, serves, rest):
    """0 as at rest, 1 degraded, 2 out."""
    if level >= rest - 1e-9:
        return 0
    return 2 if level < serves else 1


@inner
def back_to_rest(S, M, T, t, path, whole):
    """The end of a path: what is still out is written down, and everything returns to rest.

    whole : look at every component and node, because the path was stopped with work on its lists.
    """
    for s in range(S.service.size):
        lv = M.service[s]
        rest = S.node[S.service[s].component].rest
        was = grade(lv.level, S.service[s].serves, rest)
        if was > 0 and t > lv.start:
            lost = lv.lost + max(0.0, rest - lv.level) * (t - lv.since)
            row(T, M, path, float(y.ROW_OUT if was == 2 else y.ROW_DEGRADED), s, lv.start, t, lost)
        lv.level = rest
        lv.since, lv.start, lv.lost, lv.changed = 0.0, 0.0, 0.0, 0
    if whole:
        M.first_dirty[:] = -1
    for k in range(S.component.size if whole else M.n[N_TOUCHED]):
        c = k if whole else M.touched[k]
        for word in range(M.words.shape[1]):
            M.words[c, word] = M.words_at_rest[c, word]
        for q in range(S.component[c].crew0, S.component[c].crew3):
            M.crew_held[q] = 0
    for k in range(S.node.size if whole else M.n[N_MOVED]):
        m = k if whole else M.moved[k]
        M.value[m] = S.node[m].rest
        M.flag[m] = 0
    for q in range(S.slot_data.size):
        M.gone[q] = y.HELD
        M.fill[q] = 0.0
    for h in range(S.hazard.size):
        M.arrivals[h] = 0
    for tm in range(S.team.size):
        lv2 = M.team[tm]
        lv2.stage, lv2.called, lv2.stamp, lv2.calls = 0, 0, 0, 0
        lv2.wanted, lv2.busy, lv2.away = 0, 0, 0
