"""People in the timed engine: teams are called, and go to work in the order of work (docs/explanation/life-cycle.md §10).

Small compiled functions, as in misfortunes.py. All of them take the system `S` and the memory `M`.
"""

from __future__ import annotations

from blackstart.engines import draws
from blackstart.engines import layout as y
from blackstart.engines.compiling import hot, inner
from blackstart.engines.layout import N_PEOPLE, N_TEAMS
from blackstart.engines.misfortunes import cannot_be_called, crew_of, length, set_timer, tell


@inner
def hands(M, lo, hi):
    """People at work on a job whose work is shared (§10), 1 if it needs nobody."""
    people = 0
    for q in range(lo, hi):
        people += M.crew_held[q]
    return max(1, people)


@inner
def call_teams(S, M, t, base, typical, T):
    """§10: teams are called when something that needs their people is down, and go home when nothing is.

    True if a team is called that may have waited for it.
    """
    waited = False
    for tm in range(S.team.size):
        row, lv = S.team[tm], M.team[tm]
        if lv.wanted > 0 and lv.called == 0 and cannot_be_called(S, M, tm):
            M.n[N_TEAMS] = 1  # asked again when levels have settled next
        elif lv.wanted > 0 and lv.called == 0:
            lv.called = 1
            tell(T, M, t, y.T_TURNOUT, tm, 1.0, 0.0)
            waited = waited or S.team_need[tm] >= 0
            lv.calls += 1
            lv.stamp += 1
            t1 = t + length(S, M, row.arrives, base, row.salt, draws.ARRIVE, lv.calls, typical)
            t2 = t1
            if row.musters >= 0:
                t2 = max(t1, t + length(S, M, row.musters, base, row.salt, draws.MUSTER, lv.calls, typical))
            set_timer(M, t1, y.TEAM_CAME, tm, 4 * lv.stamp + 1, 0.0)
            set_timer(M, t2, y.TEAM_CAME, tm, 4 * lv.stamp + 2, 0.0)
            set_timer(M, t2 + row.shift, y.TEAM_CAME, tm, 4 * lv.stamp + 3, 0.0)
        elif lv.wanted == 0 and lv.called == 1:
            lv.called = 0
            tell(T, M, t, y.T_TURNOUT, tm, 0.0, 0.0)
            lv.stage = 0
            lv.stamp += 1
    return waited


@inner
def people_there(S, M, tm):
    """People of a team who are at work or could be (§10)."""
    row, stage = S.team[tm], M.team[tm].stage
    if stage == 1:
        return row.on_call
    if stage == 2:
        return row.people
    return row.on_turn if stage == 3 else 0


@inner
def assign_people(S, M):
    """§10: in the order of work, each waiting job whose people are free begins. Fills M.begin."""
    somebody = False
    for tm in range(S.team.size):
        lv = M.team[tm]
        lv.free = people_there(S, M, tm) - lv.away - lv.busy
        somebody = somebody or lv.free > 0
    if not somebody:
        return
    kept = 0
    for i in range(M.n[y.N_QUEUE]):
        slot = M.queue[i]
        if M.team[M.queue_team[i]].free > 0 and begins(S, M, slot):
            continue
        if kept < i:
            M.queue[kept], M.queue_team[kept] = slot, M.queue_team[i]
        kept += 1
    M.n[y.N_QUEUE] = kept


@hot
def begins(S, M, slot):
    """Whether a waiting job leaves the queue: because its people are free and it begins, or because it no longer waits."""
    c = M.component_at[slot >> 1]
    cp, lv = S.component[c], M.live[c]
    is_start = (slot & 1) == 1
    job = lv.wait_start if is_start else lv.wait_repair
    if job == 0:
        return True
    lo, hi = crew_of(cp, is_start, job)
    if lo == hi:
        return True  # a place left from when it needed people; it has begun without
    shared = (is_start and job == 1 and cp.start_each >= 0) or (not is_start and cp.repair_each >= 0)
    enough = True
    for q in range(lo, hi):
        team = M.team[S.crew_team[q]]
        n = S.crew_people[q]
        if team.stage == 3:
            n = min(n, people_there(S, M, S.crew_team[q]))
        if shared:
            n = min(n, team.free)
        if n < 1 or team.free < n:
            enough = False
            break
        M.crew_held[q] = n
        team.busy += n
        team.free -= n
    if enough:
        M.begin[M.n[y.N_BEGIN]] = slot
        M.n[y.N_BEGIN] += 1
        return True
    for q in range(lo, hi):
        team = M.team[S.crew_team[q]]
        team.busy -= M.crew_held[q]
        team.free += M.crew_held[q]
        M.crew_held[q] = 0
    return False


@hot
def queue(S, M, cp, is_start, wanted):
    """A job that could begin is queued for its people, or begins if it needs none; one that can no longer begin leaves."""
    if wanted > 0:
        lo, hi = crew_of(cp, is_start, wanted)
        slot = 2 * cp.order + (1 if is_start else 0)
        if lo == hi:
            M.begin[M.n[y.N_BEGIN]] = slot
            M.n[y.N_BEGIN] += 1
        else:
            wait_for_people(M, slot, S.crew_team[lo])


@inner
def wait_for_people(M, slot, team):
    """Put a job in the queue, at its place in the order of work."""
    M.n[N_PEOPLE] = 1
    last = M.n[y.N_QUEUE]
    i, j = 0, last
    while i < j:
        m = (i + j) >> 1
        if M.queue[m] < slot:
            i = m + 1
        else:
            j = m
    if i == last or M.queue[i] != slot:  # else its place is left from before
        for q in range(last, i, -1):
            M.queue[q], M.queue_team[q] = M.queue[q - 1], M.queue_team[q - 1]
        M.n[y.N_QUEUE] += 1
    M.queue[i], M.queue_team[i] = slot, team
