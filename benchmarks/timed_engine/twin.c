/* A hand-written C twin of the timed engine's loop (src/blackstart/engines/kernel.py), as a yardstick of what a compiler can do.
 *
 * The same algorithm on the same records: one heap of timers, levels settled from below by lists of dirty nodes, watched
 * components, people assigned in the order of work, the same keyed random numbers. So it counts the same events and writes the
 * same rows. What the benchmark's models do not use is left out: standby, riding, breaking the glass, load, data, circles,
 * chances, barriers, counted components, traces. twin.py refuses a system that needs any of it.
 *
 * records.h is written by twin.py from layout.py; System is at its end.
 */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

enum { EFFECT_ENDS, EFFECT_BEGINS, ITEM, HAZARD, RIDE_OVER, REPAIR_DONE, START_DONE, TEAM_CAME = 10 };
enum { BREAK = 0, SLOW = 5 };
enum { ALL, ANY, AT_LEAST };
enum { POINT, LOGNORMAL, EXPONENTIAL };
enum { FOR_START = 2, FOR_REPAIR = 5, FOR_ARRIVE = 14, FOR_AFTER = 16, FOR_UNTIL = 18, FOR_GAP = 28, FOR_ITEM = 29 };
#define KIND_SHIFT 40
#define ID_MASK (((int64_t)1 << KIND_SHIFT) - 1)
#define A 0x9E3779B97F4A7C15ull

static inline uint64_t mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

static inline uint64_t base_of(uint64_t seed, uint64_t sample) { return mix(mix(seed * A + 0xBF58476D1CE4E5B9ull) + sample * A); }

static inline uint64_t key_of(uint64_t base, uint64_t who, uint64_t what) { return mix(base ^ (who + what * A)); }

static inline double number(uint64_t key, uint64_t n) {
    return ((double)(mix(key + n * A) >> 11) + 0.5) * 1.1102230246251565e-16;
}

static inline double uniform(uint64_t base, uint64_t who, uint64_t what, uint64_t n) { return number(key_of(base, who, what), n); }

static double normal_quantile(double p) { /* AS 241 */
    double q = p - 0.5, r, x;
    if (fabs(q) <= 0.425) {
        r = 0.180625 - q * q;
        return q * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
            + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.387132872796366608)
            / (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
            + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
            + 42.313330701600911252) * r + 1.0);
    }
    r = sqrt(-log(q < 0.0 ? p : 1.0 - p));
    if (r <= 5.0) {
        r -= 1.6;
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
            + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
            + 4.6303378461565452959) * r + 1.42343711074968357734)
            / (((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
            + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
            + 2.05319162663775882187) * r + 1.0);
    } else {
        r -= 5.0;
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
            + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
            + 5.4637849111641143699) * r + 6.6579046435011037772)
            / (((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
            + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
            + 0.59983220655588793769) * r + 1.0);
    }
    return q < 0.0 ? -x : x;
}

typedef struct {
    const System *S;
    Live *live;
    const Live *at_rest;
    double *value;
    int64_t *flag, *next_dirty, *first_dirty, *touched, *changed, *watched, *moved, *begin, *queue, *queue_team, *component_at, *crew_held;
    int64_t *service_changed, *arrivals;
    Team_live *team;
    Service_live *service;
    Timer *heap, *new_timers;
    int64_t heap_room;
    int64_t n_new, n_changed, n_watched, n_touched, n_moved, n_begin, n_queue, n_services, n_people, n_calls; int64_t at_once;
    double *rows;
    int64_t n_rows, rows_room, moves;
    int64_t *guide, n_guide;
} Memory;

static inline double draw(const System *S, int64_t d, uint64_t base, uint64_t who, uint64_t what, int64_t n) {
    double total = 0.0;
    if (d < 0) return 0.0;
    for (int64_t k = S->dur_ptr[d]; k < S->dur_ptr[d + 1]; k++) {
        const double *term = S->terms + 4 * k;
        if (term[0] == POINT) { total += term[1]; continue; }
        double u = uniform(base, who, what, (uint64_t)(n * 64 + (k - S->dur_ptr[d])));
        total += term[0] == LOGNORMAL ? term[1] * exp(term[2] * normal_quantile(u)) : -term[1] * log1p(-u);
    }
    return total;
}

static inline void set_timer(Memory *M, double t, int64_t kind, int64_t who, int64_t tag, double x) {
    if (t < INFINITY) {
        Timer *row = &M->new_timers[M->n_new++];
        row->t = t; row->code = (kind << KIND_SHIFT) + who; row->tag = tag; row->x = x;
    }
}

static inline void note_change(Memory *M, int64_t c) {
    if (!M->live[c].changed) { M->live[c].changed = 1; M->changed[M->n_changed++] = c; }
}

static inline void watch(Memory *M, int64_t c) {
    if (!M->live[c].watched) { M->live[c].watched = 1; M->watched[M->n_watched++] = c; }
}

static inline void touch(Memory *M, int64_t c) {
    if (!M->live[c].touched) { M->live[c].touched = 1; M->touched[M->n_touched++] = c; }
}

static void release(Memory *M, int64_t lo, int64_t hi) {
    for (int64_t q = lo; q < hi; q++)
        if (M->crew_held[q] > 0) {
            Team_live *team = &M->team[M->S->crew_team[q]];
            team->busy -= M->crew_held[q];
            M->crew_held[q] = 0;
            M->n_people = 1;
        }
}

static void note(Memory *M, double a, double b, double c, double d, double e, double f) {
    if (M->n_rows < M->rows_room) {
        double *row = M->rows + 6 * M->n_rows;
        row[0] = a; row[1] = b; row[2] = c; row[3] = d; row[4] = e; row[5] = f;
    }
    M->n_rows++;
}

static inline int grade(double level, double serves) { return level >= 1.0 - 1e-9 ? 0 : level < serves ? 2 : 1; }

static void break_component(Memory *M, int64_t c) {
    Live *lv = &M->live[c];
    int64_t n = M->S->component[c].chunks;
    if (n > lv->up + lv->off) n = lv->up + lv->off;
    int64_t from_up = n < lv->up ? n : lv->up;
    lv->up -= from_up;
    lv->off -= n - from_up;
    lv->broken += n;
}

static void on_targets(Memory *M, const Effect *ef, int begins) {
    for (int64_t q = ef->tgt_lo; q < ef->tgt_hi; q++) {
        int64_t c = M->S->links[q];
        Live *lv = &M->live[c];
        touch(M, c);
        if (ef->op == SLOW) { /* asked when a repair begins: nothing to settle */
            lv->slows += begins ? 1 : -1;
            lv->slow = lv->slows > 0 ? (begins ? lv->slow * ef->factor : lv->slow / ef->factor) : 1.0;
        } else {
            watch(M, c);
            break_component(M, c);
            note_change(M, c);
        }
    }
}

static void hazard_arrives(Memory *M, int64_t h, double t, uint64_t base) {
    const System *S = M->S;
    int64_t o = M->arrivals[h]++;
    for (int64_t q = S->hazard[h].eff_lo; q < S->hazard[h].eff_hi; q++) {
        int64_t e = S->links[q];
        set_timer(M, t + draw(S, S->effect[e].after, base, S->effect[e].salt, FOR_AFTER, o), EFFECT_BEGINS, e, o, t);
    }
}

static void effect_begins(Memory *M, int64_t e, int64_t o, double t, uint64_t base) {
    const Effect *ef = &M->S->effect[e];
    on_targets(M, ef, 1);
    if (ef->op == SLOW) set_timer(M, t + draw(M->S, ef->plus, base, ef->salt, FOR_UNTIL, o), EFFECT_ENDS, e, o, t);
}

static int64_t people_there(const Memory *M, int64_t team) {
    int64_t stage = M->team[team].stage;
    return stage == 1 ? M->S->team[team].on_call : stage == 2 ? M->S->team[team].people : stage == 3 ? M->S->team[team].on_turn : 0;
}

static int begins(Memory *M, int64_t slot) { /* whether a waiting job leaves the queue */
    const System *S = M->S;
    int64_t c = M->component_at[slot >> 1], is_start = slot & 1;
    const Component *cp = &S->component[c];
    if (!(is_start ? M->live[c].wait_start : M->live[c].wait_repair)) return 1;
    int64_t lo = is_start ? cp->crew0 : cp->crew1, hi = is_start ? cp->crew1 : cp->crew2;
    int enough = 1;
    for (int64_t q = lo; q < hi; q++) {
        Team_live *team = &M->team[S->crew_team[q]];
        int64_t n = S->crew_people[q];
        if (n < 1 || team->free < n) { enough = 0; break; }
        M->crew_held[q] = n;
        team->busy += n;
        team->free -= n;
    }
    if (enough) { M->begin[M->n_begin++] = slot; return 1; }
    for (int64_t q = lo; q < hi; q++) {
        Team_live *team = &M->team[S->crew_team[q]];
        team->busy -= M->crew_held[q];
        team->free += M->crew_held[q];
        M->crew_held[q] = 0;
    }
    return 0;
}

static void assign_people(Memory *M) {
    const System *S = M->S;
    int somebody = 0;
    for (int64_t tm = 0; tm < S->n_teams; tm++) {
        M->team[tm].free = people_there(M, tm) - M->team[tm].away - M->team[tm].busy;
        somebody |= M->team[tm].free > 0;
    }
    if (!somebody) return;
    int64_t kept = 0;
    for (int64_t i = 0; i < M->n_queue; i++) {
        int64_t slot = M->queue[i], team = M->queue_team[i];
        if (M->team[team].free > 0 && begins(M, slot)) continue;
        M->queue_team[kept] = team;
        M->queue[kept++] = slot;
    }
    M->n_queue = kept;
}

static void wait_for_people(Memory *M, int64_t slot, int64_t team) {
    M->n_people = 1;
    int64_t i = 0, j = M->n_queue;
    while (i < j) {
        int64_t m = (i + j) >> 1;
        if (M->queue[m] < slot) i = m + 1; else j = m;
    }
    if (i == M->n_queue || M->queue[i] != slot) {
        for (int64_t q = M->n_queue; q > i; q--) { M->queue[q] = M->queue[q - 1]; M->queue_team[q] = M->queue_team[q - 1]; }
        M->n_queue++;
    }
    M->queue[i] = slot;
    M->queue_team[i] = team;
}

/* A job that could begin is queued for its people, or begins if it needs none; one that can no longer begin leaves. */
static inline void queue(Memory *M, int64_t slot, int64_t lo, int64_t hi, int wanted) {
    if (wanted && lo == hi)
        M->begin[M->n_begin++] = slot;
    else if (wanted)
        wait_for_people(M, slot, M->S->crew_team[lo]);
}

static void call_teams(Memory *M, double t, uint64_t base) {
    for (int64_t tm = 0; tm < M->S->n_teams; tm++) {
        const Team *row = &M->S->team[tm];
        Team_live *lv = &M->team[tm];
        if (lv->wanted > 0 && !lv->called) {
            lv->called = 1;
            lv->calls++;
            lv->stamp++;
            double t1 = t + draw(M->S, row->arrives, base, row->salt, FOR_ARRIVE, lv->calls);
            set_timer(M, t1, TEAM_CAME, tm, 4 * lv->stamp + 1, 0.0);
            set_timer(M, t1, TEAM_CAME, tm, 4 * lv->stamp + 2, 0.0);
            set_timer(M, t1 + row->shift, TEAM_CAME, tm, 4 * lv->stamp + 3, 0.0);
        } else if (lv->wanted == 0 && lv->called) {
            lv->called = 0;
            lv->stage = 0;
            lv->stamp++;
        }
    }
}

static void write_outages(Memory *M, double t, int64_t path) {
    for (int64_t k = 0; k < M->n_services; k++) {
        int64_t s = M->service_changed[k];
        Service_live *lv = &M->service[s];
        lv->changed = 0;
        double level = M->value[M->S->service[s].component];
        if (level == lv->level) continue;
        int was = grade(lv->level, M->S->service[s].serves), now = grade(level, M->S->service[s].serves);
        lv->lost += (1.0 - lv->level) * (t - lv->since);
        lv->since = t;
        lv->level = level;
        if (was != now) {
            if (was > 0 && t > lv->start) note(M, path, was == 2 ? 0.0 : 1.0, s, lv->start, t, lv->lost);
            lv->start = t;
            lv->lost = 0.0;
        }
    }
    M->n_services = 0;
}

static void back_to_rest(Memory *M, double t, int64_t path) {
    const System *S = M->S;
    for (int64_t s = 0; s < S->n_services; s++) {
        Service_live *lv = &M->service[s];
        int was = grade(lv->level, S->service[s].serves);
        if (was > 0 && t > lv->start)
            note(M, path, was == 2 ? 0.0 : 1.0, s, lv->start, t, lv->lost + (1.0 - lv->level) * (t - lv->since));
        lv->level = S->node[S->service[s].component].rest;
        lv->since = lv->start = lv->lost = 0.0;
        lv->changed = 0;
    }
    for (int64_t k = 0; k < M->n_touched; k++) {
        int64_t c = M->touched[k];
        M->live[c] = M->at_rest[c];
        for (int64_t q = S->component[c].crew0; q < S->component[c].crew3; q++) M->crew_held[q] = 0;
    }
    for (int64_t k = 0; k < M->n_moved; k++) {
        M->value[M->moved[k]] = S->node[M->moved[k]].rest;
        M->flag[M->moved[k]] = 0;
    }
    memset(M->arrivals, 0, sizeof(int64_t) * (size_t)S->n_hazards);
    memset(M->team, 0, sizeof(Team_live) * (size_t)S->n_teams);
}

static inline int before(const Timer *a, double t, int64_t code, int64_t tag) {
    return a->t < t || (a->t == t && (a->code < code || (a->code == code && a->tag <= tag)));
}

static int64_t push_timers(Memory *M, int64_t n_heap) {
    Timer *heap = M->heap;
    for (int64_t k = 0; k < M->n_new; k++) {
        Timer one = M->new_timers[k];
        int64_t i = n_heap++;
        while (i > 0) {
            int64_t p = (i - 1) >> 1;
            if (before(&heap[p], one.t, one.code, one.tag)) break;
            heap[i] = heap[p];
            i = p;
        }
        heap[i] = one;
    }
    M->n_new = 0;
    return n_heap;
}

static void pop_timer(Timer *heap, int64_t n_heap) { /* n_heap: after the pop */
    Timer last = heap[n_heap];
    int64_t i = 0;
    for (;;) {
        int64_t j = 2 * i + 1;
        if (j >= n_heap) break;
        if (j + 1 < n_heap) {
            const Timer *b = &heap[j + 1];
            if (b->t < heap[j].t || (b->t == heap[j].t && (b->code < heap[j].code
                || (b->code == heap[j].code && b->tag < heap[j].tag)))) j++;
        }
        const Timer *a = &heap[j];
        if (a->t > last.t || (a->t == last.t && (a->code > last.code || (a->code == last.code && a->tag >= last.tag)))) break;
        heap[i] = heap[j];
        i = j;
    }
    heap[i] = last;
}

static inline int make_dirty(Memory *M, int64_t node) {
    int64_t m = M->S->node[node].level;
    if (M->flag[node] & 1) return -1;
    M->flag[node] |= 1;
    M->next_dirty[node] = M->first_dirty[m];
    M->first_dirty[m] = node;
    return (int)m;
}

static double k_th_largest(const double *value, const int64_t *child, int64_t lo, int64_t hi, int64_t k) {
    double largest[64];
    for (int64_t q = 0; q < k; q++) largest[q] = -1.0;
    for (int64_t q = lo; q < hi; q++) {
        double w = value[child[q]];
        int64_t m = k - 1;
        if (w > largest[m]) {
            while (m > 0 && largest[m - 1] < w) { largest[m] = largest[m - 1]; m--; }
            largest[m] = w;
        }
    }
    return largest[k - 1];
}

static inline double least(double a, double b) { return b < a ? b : a; }
static inline double most_of(double a, double b) { return b > a ? b : a; }

static void settle(Memory *M, double t) {
    const System *S = M->S;
    int64_t C = S->n_components, lev = S->n_levels, high = -1;
    for (int64_t k = 0; k < M->n_changed; k++) {
        int64_t c = M->changed[k];
        M->live[c].changed = 0;
        touch(M, c);
        watch(M, c);
        int64_t m = make_dirty(M, c);
        if (m >= 0) { lev = m < lev ? m : lev; high = m > high ? m : high; }
    }
    M->n_changed = 0;
    while (lev <= high) {
        int64_t i = M->first_dirty[lev];
        if (i < 0) { lev++; continue; }
        M->first_dirty[lev] = M->next_dirty[i];
        M->flag[i] &= 2;
        const Node *nd = &S->node[i];
        double v = 1.0;
        if (i >= C) {
            const Gate *gt = &S->gate[i - C];
            if (gt->op == ALL) {
                for (int64_t q = gt->lo; q < gt->hi; q++) v = least(v, M->value[S->child[q]]);
            } else if (gt->op == ANY) {
                v = 0.0;
                for (int64_t q = gt->lo; q < gt->hi; q++) v = most_of(v, M->value[S->child[q]]);
            } else {
                int64_t most = (int64_t)gt->k, whole = 0, some = 0;
                for (int64_t q = gt->lo; q < gt->hi; q++) {
                    double w = M->value[S->child[q]];
                    whole += w >= 1.0;
                    some += w > 0.0;
                }
                v = whole >= most ? 1.0 : 0.0;
                if (whole < most && most <= some) v = k_th_largest(M->value, S->child, gt->lo, gt->hi, most);
            }
        } else {
            const Component *cp = &S->component[i];
            Live *lv = &M->live[i];
            double need = cp->need >= 0 ? M->value[cp->need] : 1.0;
            if (lv->up > 0 && need <= 0.0) {
                lv->off += lv->up;
                lv->up = 0;
            }
            if (lv->up == 0) {
                v = 0.0;
                if (lv->running) {
                    lv->running = 0;
                    lv->t_last = t;
                    M->moves++;
                    touch(M, i);
                    watch(M, i);
                }
            } else {
                if (!lv->running) { lv->running = 1; M->moves++; }
                v = (double)lv->up / (double)cp->chunks;
                if (need > 0.0) v = least(v, need);
            }
        }
        double old = M->value[i];
        if (v == old) continue;
        M->value[i] = v;
        if (!(M->flag[i] & 2)) { M->flag[i] |= 2; M->moved[M->n_moved++] = i; }
        if ((v > 0.0) != (old > 0.0))
            for (int64_t q = nd->watch_lo; q < nd->watch_hi; q++) watch(M, S->links[q]);
        for (int64_t q = nd->up_lo; q < nd->up_hi; q++) {
            int64_t m = make_dirty(M, S->links[q]);
            high = m > high ? m : high;
        }
        if (i < C && S->component[i].service >= 0) {
            int64_t s = S->component[i].service;
            if (!M->service[s].changed) { M->service[s].changed = 1; M->service_changed[M->n_services++] = s; }
        }
    }
}

/* What stops, what may begin; returns by how much the number of open components changes. */
static int64_t work(Memory *M, double t, uint64_t base) {
    const System *S = M->S;
    int64_t opened = 0;
    M->n_begin = 0;
    for (int64_t k = 0; k < M->n_watched; k++) {
        int64_t c = M->watched[k];
        const Component *cp = &S->component[c];
        Live *lv = &M->live[c];
        lv->watched = 0;
        if (!lv->broken && !(lv->start_job + lv->repair_job) && (lv->up == cp->chunks || !lv->called)) {
            if (!lv->open) continue;
            if (cp->at_once && !(lv->wait_start + lv->wait_repair)) { /* at rest again, and nothing else to see to */
                lv->open = 0;
                opened--;
                continue;
            }
        }
        int64_t free_chunks = lv->off < cp->chunks - lv->up ? lv->off : cp->chunks - lv->up;
        int may_start = lv->called && free_chunks > 0;
        int needs_met = may_start && (cp->need < 0 || M->value[cp->need] > 0.0) && (cp->start_need < 0 || M->value[cp->start_need] > 0.0);
        int repair_met = lv->broken > 0 && (cp->repair_need < 0 || M->value[cp->repair_need] > 0.0);
        if (lv->start_job && !needs_met) {
            release(M, cp->crew0, cp->crew1);
            lv->start_job = 0;
            lv->t_start = INFINITY;
        }
        if (lv->repair_job && !repair_met) {
            lv->left = lv->broken ? lv->t_repair - t : -1.0;
            release(M, cp->crew1, cp->crew2);
            lv->repair_job = 0;
            lv->t_repair = INFINITY;
        }
        int start = needs_met && !lv->start_job && t >= lv->retry_at;
        int repair = repair_met && !lv->repair_job && cp->has_repair;
        if (repair != lv->wait_repair) {
            queue(M, 2 * cp->order, cp->crew1, cp->crew2, repair);
            lv->wait_repair = (int8_t)repair;
        }
        if (start != lv->wait_start) {
            queue(M, 2 * cp->order + 1, cp->crew0, cp->crew1, start);
            lv->wait_start = (int8_t)start;
        }
        int64_t is_open = lv->broken > 0 || (lv->called && lv->up < cp->chunks);
        if (is_open != lv->open) {
            lv->open = is_open;
            opened += is_open ? 1 : -1;
            for (int64_t q = cp->crew0; q < cp->crew3; q++) M->team[S->crew_team[q]].wanted += is_open ? 1 : -1;
            M->n_calls = 1;
            touch(M, c);
        }
    }
    M->n_watched = 0;
    if (M->n_people) {
        M->n_people = 0;
        if (M->n_queue) assign_people(M);
    }
    for (int64_t k = 0; k < M->n_begin; k++) {
        int64_t slot = M->begin[k], c = M->component_at[slot >> 1];
        const Component *cp = &S->component[c];
        Live *lv = &M->live[c];
        double d = 0.0;
        if (slot & 1) {
            lv->start_job = lv->wait_start;
            lv->wait_start = 0;
            lv->n_start++;
            lv->start_chunks = lv->off < cp->chunks - lv->up ? lv->off : cp->chunks - lv->up;
            if (cp->start_takes >= 0)
                d = draw(S, cp->start_takes, base, cp->salt, FOR_START, lv->n_start) + cp->start_outage * (t - lv->t_last);
            if (d <= 0.0 && lv->start_job == 1 && cp->crew0 == cp->crew1) { /* done at once, settled in a further round */
                lv->up += lv->start_chunks;
                lv->off -= lv->start_chunks;
                lv->start_job = 0;
                note_change(M, c);
                M->at_once++;
            } else {
                lv->t_start = t + d;
                set_timer(M, lv->t_start, START_DONE, c, 0, 0.0);
            }
        } else {
            lv->repair_job = lv->wait_repair;
            lv->wait_repair = 0;
            if (lv->left < 0.0) {
                lv->n_repair++;
                lv->repair_chunks = lv->broken;
                d = draw(S, cp->repair_takes, base, cp->salt, FOR_REPAIR, lv->n_repair);
                lv->left = d * lv->slow;
            }
            lv->t_repair = t + lv->left;
            set_timer(M, lv->t_repair, REPAIR_DONE, c, 0, 0.0);
        }
    }
    if (M->n_calls) {
        M->n_calls = 0;
        call_teams(M, t, base);
    }
    return opened;
}

static void make_guide(const double *cumulated, int64_t n, int64_t *guide, int64_t size) { /* Chen & Asau 1974 */
    int64_t place = 0;
    for (int64_t j = 0; j < size; j++) {
        double goal = (double)j / (double)size * cumulated[n - 1];
        while (place < n - 1 && cumulated[place] <= goal) place++;
        guide[j] = place;
    }
}

static inline int64_t choose(const double *cumulated, int64_t n, const int64_t *guide, int64_t size, double u) {
    double goal = u * cumulated[n - 1];
    int64_t place = guide[(int64_t)(u * (double)size)];
    while (place > 0 && cumulated[place - 1] > goal) place--;
    while (place < n - 1 && cumulated[place] <= goal) place++;
    return place;
}

/* One sample up to the horizon; returns the events handled. */
static int64_t play(Memory *M, uint64_t base, int64_t path, double horizon_h) {
    const System *S = M->S;
    Timer *heap = M->heap;
    uint64_t gap_key = key_of(base, 0, FOR_GAP), item_key = key_of(base, 0, FOR_ITEM);
    double t = 0.0, t_next_item = -log(number(gap_key, 0)) / S->total_rate;
    M->at_once = 0;
    int64_t n_heap = 0, n_gap = 0, n_open = 0, events = 0;
    int settle_due = 1;
    for (;;) {
        if (n_heap + M->n_new > M->heap_room) abort();
        n_heap = push_timers(M, n_heap);
        int64_t kind = -1, who = 0, tag = 0;
        int closing = !settle_due && !M->n_changed && !M->n_watched, is_void = 0;
        int due = n_heap > 0 && (closing || heap[0].t <= t);

        if (due) {
            const Timer *top = &heap[0];
            kind = top->code >> KIND_SHIFT; who = top->code & ID_MASK; tag = top->tag;
            if (kind == REPAIR_DONE) is_void = top->t != M->live[who].t_repair;
            else if (kind == START_DONE) is_void = top->t != M->live[who].t_start;
            else if (kind == TEAM_CAME) is_void = tag >> 2 != M->team[who].stamp;
        }
        if (closing && !is_void && (n_heap == 0 || heap[0].t > t)) {
            if (M->n_services) write_outages(M, t, path);
            double t_top = n_heap > 0 ? heap[0].t : INFINITY;
            if (least(t_top, t_next_item) >= horizon_h) { t = horizon_h; break; }
            if (t_top <= t_next_item)
                t = t_top;
            else {
                t = t_next_item;
                due = 0;
                kind = ITEM;
                who = choose(S->cum_natural, S->n_items, M->guide, M->n_guide, number(item_key, (uint64_t)n_gap));
                tag = 0;
                n_gap++;
                t_next_item = t - log(number(gap_key, (uint64_t)n_gap)) / S->total_rate;
                events++;
            }
        }
        if (due) {
            pop_timer(heap, --n_heap);
            if (is_void) continue;
            events++;
        }
        if (kind >= 0) {
            settle_due = 1;
            if (kind == START_DONE) {
                const Component *cp = &S->component[who];
                Live *lv = &M->live[who];
                int64_t m = cp->chunks - lv->up;
                m = m < lv->off ? m : lv->off;
                m = m < lv->start_chunks ? m : lv->start_chunks;
                lv->up += m;
                lv->off -= m;
                if (cp->crew1 > cp->crew0) release(M, cp->crew0, cp->crew1);
                lv->start_job = 0;
                lv->t_start = INFINITY;
            } else if (kind == REPAIR_DONE) {
                const Component *cp = &S->component[who];
                Live *lv = &M->live[who];
                int64_t m = lv->repair_chunks < lv->broken ? lv->repair_chunks : lv->broken;
                lv->broken -= m;
                lv->off += m;
                lv->left = -1.0;
                lv->repair_job = 0;
                lv->t_repair = INFINITY;
                if (cp->crew2 > cp->crew1) release(M, cp->crew1, cp->crew2);
                int alone = M->n_changed + M->n_watched + M->n_people + M->n_new == 0 && (n_heap == 0 || heap[0].t > t);
                int64_t free_chunks = lv->off < cp->chunks - lv->up ? lv->off : cp->chunks - lv->up;
                if (cp->at_once && alone && free_chunks > 0 && (cp->need < 0 || M->value[cp->need] > 0.0)) {
                    lv->n_start++; /* nobody else has a say in this instant: what it would do in a second round, it does now */
                    lv->up += free_chunks;
                    lv->off -= free_chunks;
                    events++;
                } else {
                    watch(M, who); /* no level changes: only its jobs are looked at */
                    who = -1;
                }
            } else if (kind == ITEM) {
                int64_t c = S->item[who].id;
                if (S->item[who].is_hazard) {
                    hazard_arrives(M, c, t, base);
                    c = -1;
                } else if (!M->live[c].running)
                    c = -1;
                if (c >= 0) {
                    Live *lv = &M->live[c];
                    lv->up = lv->off = 0;
                    lv->broken = S->component[c].chunks;
                }
                who = c;
            } else if (kind == EFFECT_BEGINS) {
                effect_begins(M, who, tag, t, base);
                who = -1;
            } else if (kind == EFFECT_ENDS) {
                on_targets(M, &S->effect[who], 0);
                who = -1;
            } else { /* TEAM_CAME */
                M->team[who].stage = tag & 3;
                M->n_people = 1;
                who = -1;
            }
            if (who >= 0) note_change(M, who);
            continue;
        }
        settle_due = 0;
        do settle(M, t); while (M->n_changed);
        n_open += work(M, t, base);
    }
    back_to_rest(M, t, path);
    M->n_touched = M->n_moved = M->n_changed = M->n_watched = M->n_queue = M->n_new = M->n_begin = M->n_people = M->n_calls = M->n_services = 0;
    return events + M->at_once;
}

/* out: rows needed, events, moves (a component stops or comes back). */
void twin_run(const System *S, const Live *at_rest, const Service_live *service, uint64_t seed, const int64_t *sample, int64_t jobs,
              double horizon_h, double *rows, int64_t rows_room, int64_t heap_room, int64_t *out) {
    int64_t C = S->n_components, N = C + S->n_gates;
    Memory M = {.S = S, .at_rest = at_rest, .rows = rows, .rows_room = rows_room, .heap_room = heap_room};
#define ROOM(type, n) ((type *)calloc((size_t)(n) + 1, sizeof(type)))
    M.live = ROOM(Live, C);
    memcpy(M.live, at_rest, sizeof(Live) * (size_t)C);
    M.value = ROOM(double, N);
    for (int64_t i = 0; i < N; i++) M.value[i] = S->node[i].rest;
    M.flag = ROOM(int64_t, N);
    M.next_dirty = ROOM(int64_t, N);
    M.moved = ROOM(int64_t, N);
    M.first_dirty = ROOM(int64_t, S->n_levels);
    for (int64_t i = 0; i < S->n_levels; i++) M.first_dirty[i] = -1;
    M.touched = ROOM(int64_t, C);
    M.changed = ROOM(int64_t, C);
    M.watched = ROOM(int64_t, C);
    M.begin = ROOM(int64_t, 2 * C);
    M.queue = ROOM(int64_t, 2 * C);
    M.queue_team = ROOM(int64_t, 2 * C);
    M.component_at = ROOM(int64_t, C);
    for (int64_t c = 0; c < C; c++) M.component_at[S->component[c].order] = c;
    M.crew_held = ROOM(int64_t, S->n_crews);
    M.service_changed = ROOM(int64_t, S->n_services);
    M.arrivals = ROOM(int64_t, S->n_hazards);
    M.team = ROOM(Team_live, S->n_teams);
    M.service = ROOM(Service_live, S->n_services);
    memcpy(M.service, service, sizeof(Service_live) * (size_t)S->n_services);
    M.heap = ROOM(Timer, heap_room);
    M.new_timers = ROOM(Timer, 8 * C + 4 * S->n_teams + 4096);
    M.n_guide = 2 * S->n_items + 1;
    M.guide = ROOM(int64_t, M.n_guide);
    make_guide(S->cum_natural, S->n_items, M.guide, M.n_guide);
    out[1] = 0;
    for (int64_t job = 0; job < jobs; job++) out[1] += play(&M, base_of(seed, (uint64_t)sample[job]), job, horizon_h);
    out[0] = M.n_rows;
    out[2] = M.moves;
    void *all[] = {M.live, M.value, M.flag, M.next_dirty, M.moved, M.first_dirty, M.touched, M.changed, M.watched, M.begin, M.queue, M.queue_team,
        M.component_at, M.crew_held, M.service_changed, M.arrivals, M.team, M.service, M.heap, M.new_timers, M.guide};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) free(all[i]);
}
