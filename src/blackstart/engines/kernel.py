"""The timed engine's inner loop: the page *The life of a component*, carried out.

One flat compiled function on purpose (docs/decisions/0002-flat-kernel.md): cut into small functions the same loop is
slower. To keep it readable, **events only note causes, and each transition stands in one place**; every block carries the
section of docs/explanation/life-cycle.md that defines it:

    PUSH      new timers go to the heap                   (the only place)
    NEXT      an event of this instant; or settle; or close it
    APPLY     §3.1  what one event notes                  §6 start done, §7 repair done, §12 misfortunes
    SETTLE    §3.2  levels; who falls, rides, comes back  §2 §4 §9
    CALL      §3.3  standbys called or sent back          §5
    WORK      §3.4  what stops, what may begin, who does it    §6 §7 §8 §10
    CLOSE     outages are written down; is it over?       §13 §14

What is rare stands in misfortunes.py, load in loads.py, people in people.py, what is peculiar to circles of needs in circles.py.
The kernel receives arrays and returns arrays; it knows no names, no clock, no disk.
"""

from __future__ import annotations

import math

import numpy as np

from blackstart.engines import draws
from blackstart.engines import layout as y
from blackstart.engines.circles import (
    can_go_on,
    circle_at_rest,
    circle_moves,
    first_without,
    gate_value,
    hold_down,
    raise_circle,
)
from blackstart.engines.compiling import compiled
from blackstart.engines.draws import (
    aim_at_tail,
    base_of,
    choose,
    choose_guided,
    draw,
    key_of,
    make_guide,
    number,
    tail_ratio,
    uniform,
)
from blackstart.engines.layout import (
    N_BEGIN,
    N_CALLS,
    N_CHANGED,
    N_LASTING,
    N_MOVED,
    N_NEW,
    N_PEOPLE,
    N_QUEUE,
    N_ROWS,
    N_SERVICES,
    N_TEAMS,
    N_TOUCHED,
    N_TRACE,
    N_WATCHED,
)
from blackstart.engines.loads import all_due, level_moved, load_due, trip_overloaded
from blackstart.engines.misfortunes import (
    back_to_rest,
    call_later,
    call_standbys,
    change,
    come_back,
    crew_of,
    effect_begins,
    effect_ends,
    end_all_lasting,
    end_lasting,
    fills_h,
    hazard_arrives,
    keeper_missing,
    length,
    lose_start,
    luck,
    note,
    order_parts,
    put,
    release,
    rescue,
    row,
    set_timer,
    show_later,
    show_states,
    tell,
    touch,
    wake,
    watch,
    why_not,
    write_outages,
)
from blackstart.engines.people import assign_people, call_teams, hands, queue

TINY = 1e-9
MOST_TRIES = 100  # failed starts that are counted apart: it is kept in one byte
ZERO = np.uint64(0)


@compiled
def run(
    S, W, M, T, seed, job_sample, job_item, job_weight, depth, natural, horizon_h, rescue_h, max_events,
    script_time, script_kind, script_id, typical, out,
):  # fmt: skip
    """Play jobs and write down what happened.

    Parameters
    ----------
    S, W, M, T : bundle.for_compiled of layout.Arrays, system.World, layout.Memory, layout.Out
        The system, one possible world, room to work in (at rest before and after), and tables that are filled from the front: if
        one is too small, nothing is lost: run again with more room.
    seed, job_sample : int, (J,) int64
        Sample k is a pure function of (seed, k).
    job_item : (J,) int64
        The initiating misfortune of each job at time 0, or -1.
    job_weight : (J,) float64
        Events per hour that one job stands for.
    depth : int
        How many further misfortunes are forced, one more on each replay of a job (docs/explanation/episodes.md); one duration
        from the begin and one from each of them on is drawn from its tail.
    natural : bool
        Further misfortunes arrive at their own rates from time 0 on (plain years).
    horizon_h, rescue_h : float
        End of a plain run; time until outside rescue of what is stuck (§14).
    max_events : int
        Limit for one path; a path that meets it is flagged.
    script_time, script_kind, script_id : (K,) arrays
        Misfortunes given with times (h): kind 0 a hazard, 1 a component that breaks.
    typical : bool
        Medians in the place of random numbers.
    out : (5,) int64
        Filled: paths, rows and trace rows needed; events handled; 0, or the room that the heap would need.
    """
    C = S.component.size
    component, node, gate, links = S.component, S.node, S.gate, S.links
    live, value, heap, new, n = M.live, M.value, M.heap, M.new, M.n
    flag, first_dirty, next_dirty = M.flag, M.first_dirty, M.next_dirty
    changed, watched, touched, moved = M.changed, M.watched, M.touched, M.moved
    tracing = T.trace.shape[0] > 0
    n[:] = 0
    M.raised[:] = 0
    raised_now = M.raised_now
    ratio = M.largest  # written so that the compiler divides where it is told to, not at every settling
    zero = n[0]  # not a literal: one compiled version of each function is enough
    all_events = n_paths = settle_id = heap_needed = zero

    if (natural or depth > 0) and W.total_rate > 0.0:
        make_guide(W.cum_natural, M.guide)
    for job in range(job_sample.size):
        base = base_of(seed, job_sample[job])
        gap_key, item_key = key_of(base, ZERO, draws.GAP), key_of(base, ZERO, draws.ITEM)
        weight_left = 1.0
        for replay in range(depth + 1):
            # -------------------------------------------------------------- a path begins: misfortunes that are given
            t = 0.0
            path = n_paths
            n_heap = n_open = n_rescue = zero
            events = flags = n_gap = zero
            t_next_item = np.inf
            from_t = M.forced_t[replay - 1] if replay > 0 else 0.0
            stage, next_stage_t = zero, M.forced_t[0] if replay > 0 else np.inf
            M.tail[0] = -1.0
            if depth > 0:
                aim_at_tail(M.tail, base, zero)
            if (natural or (depth > 0 and replay == depth)) and W.total_rate > 0.0:
                t_next_item = from_t - math.log(number(gap_key, zero)) / W.total_rate
            if job_item[job] >= 0:
                set_timer(M, 0.0, y.ITEM, job_item[job], zero, 0.0)
            for k in range(replay):
                set_timer(M, M.forced_t[k], y.ITEM, M.forced_item[k], zero, 0.0)
            for k in range(script_time.size):
                kind_k = y.HAZARD if script_kind[k] == 0 else y.ITEM
                set_timer(M, script_time[k], kind_k, script_id[k], script_kind[k], 0.0)
            for k in range(S.maybe.size):  # doubtful needs that do not exist in this world
                m = S.maybe[k]
                flag[m] |= 1
                next_dirty[m] = first_dirty[node[m].level]
                first_dirty[node[m].level] = m
            if S.load.size > 0:
                all_due(S, M)
            settle_due = True
            first_settle = S.maybe.size > 0  # levels of this possible world, before anything happens in it

            while True:
                # ---------------------------------------------------------- PUSH
                if n[N_NEW] > 0:
                    if n_heap + n[N_NEW] > heap.size or n[N_NEW] > new.size:
                        heap_needed = max(heap_needed, 2 * (n_heap + n[N_NEW]))
                        flags |= y.FLAG_EVENTS
                        break
                    for k in range(n[N_NEW]):
                        nt, nc, ng, nx = new[k].t, new[k].code, new[k].tag, new[k].x
                        i = n_heap
                        n_heap += 1
                        while i > 0:
                            p = (i - 1) >> 1
                            if heap[p].t < nt or (
                                heap[p].t == nt and (heap[p].code < nc or (heap[p].code == nc and heap[p].tag <= ng))
                            ):
                                break
                            put(heap[i], heap[p].t, heap[p].code, heap[p].tag, heap[p].x)
                            i = p
                        put(heap[i], nt, nc, ng, nx)
                    n[N_NEW] = 0

                # ---------------------------------------------------------- NEXT
                kind, who, tag, x = zero - 1, zero, zero, 0.0
                closing = not settle_due and n[N_CHANGED] == 0 and n[N_WATCHED] == 0
                due = n_heap > 0 and (closing or (heap[0].t <= t and not first_settle))
                void = False
                if due:
                    top = heap[0]
                    kind, who, tag, x = top.code >> y.KIND_SHIFT, top.code & y.ID_MASK, top.tag, top.x
                    if y.RIDE_OVER <= kind <= y.GLASS_OVER:
                        lv = live[who]
                        counts = lv.t_repair
                        if kind == y.START_DONE:
                            counts = lv.t_start
                        elif kind == y.RIDE_OVER:
                            counts = lv.t_ride
                        elif kind == y.RETRY_OVER:
                            counts = lv.t_retry
                        elif kind == y.GLASS_OVER:
                            counts = lv.t_glass
                        void = top.t != counts
                    elif kind == y.TEAM_CAME:
                        void = tag >> 2 != M.team[who].stamp
                    elif kind == y.RESCUE:
                        void = tag != n_rescue
                if closing and not void and (n_heap == 0 or heap[0].t > t):
                    # ------------------------------------------------------ CLOSE
                    if n[N_LASTING] > M.lasting.size:
                        heap_needed = max(heap_needed, 2 * n[N_LASTING])
                        flags |= y.FLAG_EVENTS
                        break
                    if n[N_LASTING] > 0 and end_lasting(S, M, t, base, typical):
                        continue
                    if tracing:
                        show_states(S, M, T, t)
                    if n[N_SERVICES] > 0:
                        write_outages(S, M, T, t, path)
                    if n_heap == 0 and n_open == 0 and not natural:
                        break
                    if n_heap == 0 and n_open > 0:  # stuck (§14)
                        flags |= y.FLAG_STUCK
                        for k in range(n[N_TOUCHED]):
                            if live[touched[k]].open == 1:
                                row(T, M, path, float(y.ROW_STUCK), touched[k], t, 0.0, 0.0)
                        if rescue_h < np.inf:
                            set_timer(M, t + rescue_h, y.RESCUE, zero, n_rescue, 0.0)
                            continue
                        if t_next_item == np.inf:
                            break
                    t_top = heap[0].t if n_heap > 0 else np.inf
                    if min(t_top, t_next_item) >= horizon_h:
                        t = horizon_h
                        flags |= y.FLAG_HORIZON
                        break
                    if events > max_events:
                        flags |= y.FLAG_EVENTS
                        break
                    if t_top <= t_next_item:
                        t = t_top
                    else:
                        t = t_next_item
                        due = False
                        kind, who, tag = y.ITEM, choose_guided(W.cum_natural, M.guide, number(item_key, n_gap)), zero
                        n_gap += 1
                        t_next_item = t - math.log(number(gap_key, n_gap)) / W.total_rate
                        events += 1
                    if t >= next_stage_t:
                        stage += 1
                        aim_at_tail(M.tail, base, stage)
                        next_stage_t = M.forced_t[stage] if stage < replay else np.inf
                if due:
                    n_heap -= 1
                    xt, xc, xg, xx = heap[n_heap].t, heap[n_heap].code, heap[n_heap].tag, heap[n_heap].x
                    i = zero
                    while True:
                        j = 2 * i + 1
                        if j >= n_heap:
                            break
                        if j + 1 < n_heap:
                            a, b = heap[j], heap[j + 1]
                            if b.t < a.t or (b.t == a.t and (b.code < a.code or (b.code == a.code and b.tag < a.tag))):
                                j += 1
                        a = heap[j]
                        if a.t > xt or (a.t == xt and (a.code > xc or (a.code == xc and a.tag >= xg))):
                            break
                        put(heap[i], a.t, a.code, a.tag, a.x)
                        i = j
                    put(heap[i], xt, xc, xg, xx)
                    if void:
                        continue
                    events += 1

                # ---------------------------------------------------------- APPLY
                if kind >= 0:
                    settle_due = True
                    if kind == y.START_DONE:  # §6, §8
                        cp, lv = component[who], live[who]
                        works = True
                        if lv.start_job == 1 and (cp.start_works >= 0 or cp.start_fails > 0):
                            chance = W.prob[cp.start_works] if cp.start_works >= 0 else 1.0
                            tries = min(lv.tried + 1, lv.n_start - cp.start_fails)
                            if chance < 0.0:  # given: the first try fails
                                chance, tries = (-chance, tries - 1) if lv.tried > 0 else (0.0, 1)
                            if tries <= 0:  # given: so many first tries fail
                                chance, tries = 0.0, 1
                            if typical:  # §15: the first try by which it is likelier than not to have worked
                                chance = 1.0 - (1.0 - chance) ** tries
                            works = luck(base, cp.salt, draws.WORKS, lv.n_start, typical) < chance
                        if works:
                            m = max(0, min(lv.start_chunks, min(lv.off, cp.chunks - lv.held - lv.up)))
                            lv.up += m
                            lv.off -= m
                            lv.forced = 1 if lv.start_job == 2 else 0
                            lv.tried, lv.known = 0, 1 if lv.up < cp.chunks else 0
                        else:
                            lv.known = 1
                            lv.tried = min(lv.tried + 1, MOST_TRIES)
                            tell(T, M, t, y.T_JOB, who, -1.0, 0.0)
                            if cp.start_retry >= 0:
                                lv.retry_at = t + length(S, M, cp.start_retry, base, cp.salt, draws.RETRY, lv.n_start, typical)
                                lv.t_retry = lv.retry_at
                                set_timer(M, lv.t_retry, y.RETRY_OVER, who, zero, 0.0)
                        lo, hi = crew_of(cp, True, lv.start_job)
                        if hi > lo:
                            release(S, M, lo, hi)
                        if lv.start_job == 2:
                            lv.glass, lv.t_glass = 0, np.inf
                        lv.start_job, lv.t_start = 0, np.inf
                    elif kind == y.REPAIR_DONE:  # §7
                        cp, lv = component[who], live[who]
                        m = min(lv.repair_chunks, lv.broken)
                        lv.broken -= m
                        lv.off += m
                        if lv.broken == 0:
                            lv.found = 0
                        lv.left, lv.destroyed = -1.0, 0
                        lv.repair_job, lv.t_repair = 0, np.inf
                        for q in range(cp.slot_lo, cp.slot_hi):
                            M.gone[links[q]] = y.HELD
                            M.fill[links[q]] = 0.0
                        if cp.crew2 > cp.crew1:
                            release(S, M, cp.crew1, cp.crew2)
                        alone = n[N_CHANGED] + n[N_WATCHED] + n[N_PEOPLE] + n[N_NEW] == 0 and (n_heap == 0 or heap[0].t > t)
                        free = min(lv.off, cp.chunks - lv.held - lv.up)
                        if cp.at_once == 1 and alone and free > 0 and (cp.need < 0 or value[cp.need] > 0.0):
                            # nobody else has a say in this instant: what it would do in a second round, it does now (§3)
                            lv.n_start += 1
                            lv.up += free
                            lv.off -= free
                            lv.forced = 0
                            tell(T, M, t, y.T_JOB, who, 3.0, 0.0)
                            events += 1
                        elif cp.standby == 0:  # no level changes: only its jobs are looked at
                            watch(M, who)
                            who = zero - 1
                    elif kind == y.ITEM:  # §12
                        c = who
                        if tag == 0:
                            c = S.item[who].id
                            if S.item[who].is_hazard == 1:
                                hazard_arrives(S, M, W, c, t, kind, zero, 0.0, base, typical, T, path)
                                c = -1
                            elif live[c].running == 0:
                                c = -1  # a failure that arrives while it does not run does nothing
                        if c >= 0:
                            lv = live[c]
                            if lv.up + lv.off > 0:
                                tell(T, M, t, y.T_FAIL, c, float(lv.up + lv.off), 0.0)
                            lv.up, lv.off, lv.broken = 0, 0, component[c].chunks
                        who = c
                    elif kind == y.HAZARD:
                        hazard_arrives(S, M, W, who, t, kind, tag, x, base, typical, T, path)
                        who = -1
                    elif kind == y.EFFECT_BEGINS:
                        effect_begins(S, M, W, who, tag, x, t, base, typical, T, path)
                        who = -1
                    elif kind == y.EFFECT_ENDS:
                        effect_ends(S, M, W, who, tag, t, base, typical, T, path)
                        who = -1
                    elif kind == y.RIDE_OVER:
                        live[who].riding, live[who].t_ride = 2, np.inf
                    elif kind == y.RETRY_OVER:
                        live[who].t_retry = np.inf
                    elif kind == y.GLASS_OVER:
                        live[who].glass, live[who].t_glass = 2, np.inf
                    elif kind == y.SPARE_CAME:
                        live[who].shelf += 1
                        live[who].ordered -= 1
                    elif kind == y.SURGE_OVER:
                        lv = live[who]
                        lv.surges -= 1
                        lv.surge = lv.surge / component[who].surge_factor if lv.surges > 0 else 1.0
                    elif kind == y.TEAM_CAME:
                        M.team[who].stage = tag & 3
                        tell(T, M, t, y.T_TEAM, who, float(tag & 3), 0.0)
                        n[N_PEOPLE] = 1
                        who = -1
                    else:  # RESCUE
                        n_rescue += 1
                        end_all_lasting(S, M, W, t, base, typical, T, path)
                        rescue(S, M)
                        who = -1
                    if who >= 0 and live[who].changed == 0:
                        live[who].changed = 1
                        changed[n[N_CHANGED]] = who
                        n[N_CHANGED] += 1
                    continue

                # ---------------------------------------------------------- SETTLE
                if events > 2 * max_events:  # steps that take no time, one after another without end
                    flags |= y.FLAG_EVENTS
                    break
                settle_due = False
                settle_limit = settle_id + 4 * C + 1000
                while True:
                    settle_id += 1
                    if settle_id > settle_limit:  # every round ends something, so it cannot be; but if it is, it is told
                        flags |= y.FLAG_EVENTS
                        break
                    n_raised = zero
                    lev, high = S.levels, -1
                    for k in range(n[N_CHANGED]):
                        c = changed[k]
                        lv = live[c]
                        lv.changed = 0
                        touch(M, c)
                        watch(M, c)
                        if component[c].standby == 1:  # whether it is ready shows in no level (§11)
                            wake(S, M, c)
                        if flag[c] & 1 == 0:
                            flag[c] |= 1
                            m = node[c].level
                            next_dirty[c] = first_dirty[m]
                            first_dirty[m] = c
                            lev, high = min(lev, m), max(high, m)
                    n[N_CHANGED] = 0
                    if first_settle:
                        lev, high = 0, S.levels - 1
                    first_settle = False
                    while lev <= high:
                        i = first_dirty[lev]
                        if i < 0:
                            if n_raised > 0:  # the circles of this level have come to rest
                                dirty = zero - 1
                                for q in range(n_raised):
                                    dirty = max(dirty, circle_moves(S, M, raised_now[q], t, base, typical))
                                if dirty >= 0:
                                    high = max(high, dirty)
                                    continue
                                for q in range(n_raised):
                                    circle_at_rest(S, M, raised_now[q], t, base, typical)
                                n_raised = zero
                            lev += 1
                            continue
                        first_dirty[lev] = next_dirty[i]
                        flag[i] &= 2
                        nd = node[i]
                        from_the_top = nd.circle >= 0 and M.raised[nd.circle] != settle_id
                        v = 1.0
                        if i >= C:  # a gate: share of the demand that its members serve (§2)
                            v = gate_value(S, W, value, M.largest, i - C)
                        else:  # a component
                            cp, lv = component[i], live[i]
                            hold_down(cp, lv)
                            if S.load.size > 0:
                                load_due(M, i)
                            need_v = value[cp.need] if cp.need >= 0 else 1.0
                            falls = False
                            if lv.up > 0 and nd.circle >= 0:  # on a circle states change when its levels have come to rest
                                if can_go_on(M, cp, lv):
                                    if need_v <= 0.0 and lv.taken == 0 and not from_the_top:
                                        high = max(high, first_without(S, M, W, i))
                                        from_the_top = True
                                    elif need_v <= 0.0 and lv.taken == 2:
                                        lv.taken = 3
                                    if lv.taken == 1 or lv.taken == 3:
                                        need_v = 0.0  # counts as 1
                                elif need_v <= 0.0:
                                    falls = True
                            elif lv.up > 0:
                                if need_v > 0.0:
                                    lv.forced = 0
                                    if lv.riding > 0:  # the need came back in time (§4)
                                        lv.riding, lv.t_ride = 0, np.inf
                                elif lv.forced == 1 and (cp.glass_run < 0 or value[cp.glass_run] > 0.0):
                                    lv.riding, lv.t_ride = 0, np.inf  # what it still needs is there (§8)
                                elif lv.riding == 2 or cp.rides < 0:
                                    falls = True
                                elif lv.riding == 0:
                                    lv.riding = 1
                                    lv.n_ride += 1
                                    lv.t_ride = t + length(S, M, cp.rides, base, cp.salt, draws.RIDE, np.int64(lv.n_ride), typical)
                                    set_timer(M, lv.t_ride, y.RIDE_OVER, i, zero, 0.0)
                                    touch(M, i)
                                if falls:
                                    lv.off += lv.up
                                    lv.up = 0
                            if lv.up == 0 or falls:
                                v = 0.0
                                if lv.running == 1 and lv.up == 0:  # running -> waiting, broken or standby
                                    lv.running, lv.forced = 0, 0
                                    lv.t_last = t
                                    lv.riding, lv.t_ride = 0, np.inf
                                    if cp.standby == 1:
                                        call_later(M, i)
                                    touch(M, i)
                                    watch(M, i)
                            else:
                                if lv.running == 0 and nd.circle < 0:  # starting -> running
                                    lv.running = 1
                                    if cp.surge_lasts >= 0:
                                        come_back(S, M, i, t, base, typical)
                                if lv.up < cp.chunks:
                                    ratio[0] = lv.up / cp.chunks
                                    v = ratio[0]
                                if need_v > 0.0:
                                    v = min(v, need_v)
                                if cp.want >= 0:
                                    v *= value[cp.want]
                                if lv.surge > cp.headroom:
                                    ratio[0] = cp.headroom / lv.surge
                                    v *= ratio[0]
                                if v < TINY:
                                    v = 0.0
                        if from_the_top:
                            if M.raised[nd.circle] != settle_id:
                                raised_now[n_raised] = nd.circle
                                n_raised += 1
                            M.raised[nd.circle] = settle_id
                            high = max(high, raise_circle(S, M, nd.circle))
                            continue
                        old = value[i]
                        if v != old:
                            value[i] = v
                            if S.load.size > 0:
                                level_moved(S, M, i)
                            if flag[i] & 2 == 0:
                                flag[i] |= 2
                                moved[n[N_MOVED]] = i
                                n[N_MOVED] += 1
                            if (v > 0.0) != (old > 0.0):
                                for q in range(nd.watch_lo, nd.watch_hi):
                                    watch(M, links[q])
                            for q in range(nd.up_lo, nd.up_hi):
                                p = links[q]
                                if flag[p] & 1 == 0:
                                    flag[p] |= 1
                                    m = node[p].level
                                    next_dirty[p] = first_dirty[m]
                                    first_dirty[m] = p
                                    high = max(high, m)
                            if i < C:
                                for q in range(component[i].heirs_lo, component[i].heirs_hi):
                                    call_later(M, links[q])
                                s = component[i].service
                                if s >= 0 and M.service[s].changed == 0:
                                    M.service[s].changed = 1
                                    M.service_changed[n[N_SERVICES]] = s
                                    n[N_SERVICES] += 1
                    if n[N_CHANGED] > 0:
                        continue
                    if S.load.size > 0:
                        trip_overloaded(S, M, W, t, T)
                        if n[N_CHANGED] > 0:
                            continue
                    # ------------------------------------------------------ CALL
                    if n[N_CALLS] > 0:
                        call_standbys(S, M, W, t, base, typical, T)
                    if n[N_CHANGED] == 0:
                        break
                if flags & y.FLAG_EVENTS:
                    break

                # ---------------------------------------------------------- WORK: what stops, what may begin
                n[N_BEGIN] = 0
                for k in range(n[N_WATCHED]):
                    c = watched[k]
                    cp, lv = component[c], live[c]
                    lv.watched = 0
                    if tracing:
                        show_later(M, c)
                    if lv.broken == 0 and lv.start_job + lv.repair_job == 0 and (lv.up == cp.chunks or lv.called == 0):
                        if lv.open == 0:
                            continue  # at rest, and was
                        if cp.at_once == 1 and lv.wait_start + lv.wait_repair == 0:  # at rest again, and nothing else to see to
                            lv.open = lv.down = 0
                            n_open -= 1
                            if tracing:
                                why_not(S, M, c, t, C + gate.size + S.team.size + 1, T)
                            continue
                    free = min(lv.off, cp.chunks - lv.held - lv.up)
                    may_start = free > 0 and lv.called == 1 and (cp.on_site == 0 or lv.barred == 0)
                    needs_met = may_start
                    if may_start:
                        needs_met = (cp.need < 0 or value[cp.need] > 0.0) and (cp.start_need < 0 or value[cp.start_need] > 0.0)
                    reachable = lv.broken > 0 and lv.barred == 0
                    repair_met = reachable and (cp.repair_need < 0 or value[cp.repair_need] > 0.0)
                    # starting -> waiting: a condition has gone, the work is lost (§6, §8)
                    if lv.start_job > 0:
                        met = needs_met if lv.start_job == 1 else cp.glass_run < 0 or value[cp.glass_run] > 0.0
                        if not (may_start and met):
                            lose_start(S, M, c)
                    # a repair is suspended, what is left of it is done later (§7)
                    if lv.repair_job > 0 and not (repair_met or (reachable and lv.repair_job == 2)):
                        lv.left = (lv.t_repair - t) * (hands(M, cp.crew1, cp.crew2) if cp.repair_each >= 0 else 1)
                        if lv.broken == 0:
                            lv.left = -1.0
                        release(S, M, cp.crew1, cp.crew2)
                        lv.repair_job, lv.t_repair = 0, np.inf
                    # the clock of break glass (§8)
                    if cp.glass_after >= 0:
                        stuck = lv.up == 0 and may_start and t >= lv.retry_at and not needs_met
                        stuck = stuck or (reachable and not repair_met)
                        forcing = lv.start_job == 2 or lv.repair_job == 2
                        if stuck and lv.glass == 0 and not forcing:
                            lv.glass = 1
                            lv.n_glass += 1
                            lv.t_glass = t + length(S, M, cp.glass_after, base, cp.salt, draws.GLASS_AFTER, np.int64(lv.n_glass), typical)
                            set_timer(M, lv.t_glass, y.GLASS_OVER, c, zero, 0.0)
                        elif not stuck and not forcing and lv.glass > 0:
                            lv.glass, lv.t_glass = 0, np.inf
                    # jobs that could begin, if their people are free: 1 ordinary, 2 forced
                    start = repair = 0
                    if may_start and lv.start_job == 0 and t >= lv.retry_at:
                        if needs_met:
                            start = 1
                        elif lv.glass == 2 and lv.up == 0 and (cp.glass_run < 0 or value[cp.glass_run] > 0.0):
                            start = 2
                    if cp.stock >= 0:
                        order_parts(S, M, c, t, base, typical)
                    if reachable and lv.repair_job == 0 and cp.has_repair == 1:
                        if repair_met:
                            repair = 1
                        elif lv.glass == 2:
                            repair = 2
                        if cp.stock >= 0 and lv.left < 0.0 and lv.shelf <= 0:
                            repair = 0
                        if cp.slot_hi > cp.slot_lo and keeper_missing(S, M, cp) >= 0:
                            repair = 0
                    # into the queue, out of it, or straight to work
                    if repair != lv.wait_repair:
                        queue(S, M, cp, False, repair)
                        lv.wait_repair = repair
                    if start != lv.wait_start:
                        queue(S, M, cp, True, start)
                        lv.wait_start = start
                    is_open = lv.broken > 0 or (lv.called == 1 and (lv.up < cp.chunks or (cp.standby == 1 and cp.failback == 1)))
                    if is_open != (lv.open == 1):
                        lv.open = 1 if is_open else 0
                        n_open += 1 if is_open else -1
                        touch(M, c)
                    is_down = lv.broken > 0 or (lv.called == 1 and lv.up < cp.chunks)
                    if is_down != (lv.down == 1):
                        lv.down = 1 if is_down else 0
                        n[N_TEAMS] = 1
                        for q in range(cp.crew0, cp.crew3):
                            M.team[S.crew_team[q]].wanted += 1 if is_down else -1
                    if tracing:
                        why_not(S, M, c, t, C + gate.size + S.team.size + 1, T)
                n[N_WATCHED] = 0

                # ---------------------------------------------------------- WORK: people go to work in order (§10)
                if n[N_PEOPLE] == 1:
                    n[N_PEOPLE] = 0
                    if n[N_QUEUE] > 0:
                        assign_people(S, M)

                # ---------------------------------------------------------- WORK: jobs begin (§6, §7, §8)
                for k in range(n[N_BEGIN]):
                    slot = M.begin[k]
                    c = M.component_at[slot >> 1]
                    cp, lv = component[c], live[c]
                    slower = 1.0
                    for q in range(cp.help_lo, cp.help_hi):
                        if value[links[q]] <= 0.0:
                            slower *= S.help_factor[q - component[0].help_lo]
                    d = 0.0
                    if slot & 1:
                        lv.start_job, lv.wait_start = lv.wait_start, 0
                        lv.n_start += 1
                        lv.start_chunks = min(lv.off, cp.chunks - lv.held - lv.up)
                        if lv.start_job == 2:
                            d = length(S, M, cp.glass_takes, base, cp.salt, draws.GLASS_TAKES, lv.n_start, typical)
                        elif cp.start_each >= 0:
                            lv.start_chunks = 1
                            d = length(S, M, cp.start_each, base, cp.salt, draws.START, lv.n_start, typical) * slower * cp.units
                            d /= hands(M, cp.crew0, cp.crew1)
                            if cp.start_takes >= 0 and lv.known == 0:
                                d += draw(S, M, cp.start_takes, base, cp.salt, draws.KNOW, lv.n_start, typical) * slower
                        elif cp.start_takes >= 0:
                            which = cp.start_again if lv.tried > 0 else cp.start_takes
                            if which >= 0:
                                d = draw(S, M, which, base, cp.salt, draws.START, lv.n_start, typical)
                            d = (d + cp.start_outage * (t - lv.t_last)) * slower
                        what = 1 + 2 * lv.start_job
                        if d <= 0.0 and what == 3 and cp.start_works < 0 and cp.start_fails == 0 and cp.crew0 == cp.crew1:
                            # nothing to wait for: it is done now and settled in a further round of this instant (§3)
                            lv.up += lv.start_chunks
                            lv.off -= lv.start_chunks
                            lv.start_job = lv.forced = 0
                            lv.known = 1 if lv.up < cp.chunks else 0
                            change(M, c)
                            events += 1
                        else:
                            lv.t_start = t + d
                            set_timer(M, lv.t_start, y.START_DONE, c, zero, 0.0)
                    else:
                        lv.repair_job, lv.wait_repair = lv.wait_repair, 0
                        people = hands(M, cp.crew1, cp.crew2) if cp.repair_each >= 0 else 1
                        if lv.left < 0.0:
                            lv.n_repair += 1
                            lv.repair_chunks = lv.broken
                            if cp.repair_each >= 0:
                                lv.repair_chunks = 1
                                d = length(S, M, cp.repair_each, base, cp.salt, draws.REPAIR, lv.n_repair, typical) * cp.units
                            elif cp.repair_takes >= 0:
                                d = draw(S, M, cp.repair_takes, base, cp.salt, draws.REPAIR, lv.n_repair, typical)
                            longer = fills_h(S, M, cp) if cp.slot_hi > cp.slot_lo else 0.0
                            if cp.repair_each >= 0 and cp.repair_takes >= 0 and lv.found == 0:
                                lv.found = 1
                                longer += draw(S, M, cp.repair_takes, base, cp.salt, draws.FIND, lv.n_repair, typical) * slower * lv.slow
                            if lv.repair_job == 2:
                                longer += length(S, M, cp.glass_takes, base, cp.salt, draws.GLASS_TAKES, lv.n_repair, typical)
                            lv.left = d * slower * lv.slow + longer * people
                            if cp.stock >= 0:
                                lv.shelf -= 1
                        d = lv.left if people == 1 else lv.left / people
                        what = 2 * lv.repair_job
                        lv.t_repair = t + d
                        set_timer(M, lv.t_repair, y.REPAIR_DONE, c, zero, 0.0)
                    if tracing:
                        show_later(M, c)
                        tell(T, M, t, y.T_JOB, c, float(what), d)
                if n[N_TEAMS] == 1:
                    n[N_TEAMS] = 0
                    waited = call_teams(S, M, t, base, typical, T)
                    if tracing and waited:  # who waited for a call now waits for people on their way
                        for k in range(n[N_TOUCHED]):
                            why_not(S, M, touched[k], t, C + gate.size + S.team.size + 1, T)
                if n_open == 0:
                    n_rescue += 1  # all at rest: a rescue on its way is called off

            # -------------------------------------------------------------- a path ends
            all_events += events
            back_to_rest(S, M, T, t, path, flags & y.FLAG_EVENTS != 0)
            n_rows, n_trace = n[N_ROWS], n[N_TRACE]
            n[:] = 0
            n[N_ROWS], n[N_TRACE] = n_rows, n_trace
            share = math.exp(-W.total_rate * (t - from_t)) if replay < depth else 1.0
            if depth > 0:
                share *= tail_ratio(M.tail)
            weighs = job_weight[job] * weight_left * share
            if n_paths < T.paths.shape[0]:
                T.paths[n_paths, 5] = float(replay)
            n_paths = note(T.paths, n_paths, weighs, t, float(flags), float(events), float(job_item[job]))
            # -------------------------------------------------------------- the next misfortune, forced (episodes)
            if replay < depth:
                if t <= from_t or W.total_rate <= 0.0 or flags & y.FLAG_EVENTS:
                    break
                p_more = -math.expm1(-W.total_rate * (t - from_t))
                u = uniform(base, ZERO, draws.FORCE_TIME, replay)
                M.forced_t[replay] = from_t - math.log1p(-u * p_more) / W.total_rate
                u = uniform(base, ZERO, draws.FORCE_ITEM, replay)
                item = choose(W.cum_forced, u)
                M.forced_item[replay] = item
                weight_left *= p_more * W.forced_ratio[item]
                if weight_left <= 0.0:
                    break
        if T.ends.shape[0] > 0:
            T.ends[job] = n[N_TRACE]

    out[0], out[1], out[2], out[3], out[4] = n_paths, n[N_ROWS], n[N_TRACE], all_events, heap_needed
