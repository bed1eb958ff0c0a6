"""How a System and its state lie in memory: one record per component, so that one look-up brings all that is needed.

Lists of different length (parents of a node, people of a job, targets of an effect ...) lie behind one another in one
integer array `links`; a record holds where its own begins and ends (`..._lo`, `..._hi`).
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np

# kinds of event, in the order in which the events of one instant are applied (§3.1)
EFFECT_ENDS, EFFECT_BEGINS, ITEM, HAZARD, RIDE_OVER, REPAIR_DONE, START_DONE, RETRY_OVER, GLASS_OVER = range(9)
SPARE_CAME, TEAM_CAME, SURGE_OVER, RESCUE = range(9, 13)
KIND_SHIFT = 40
ID_MASK = (1 << KIND_SHIFT) - 1

# operations of an effect
BREAK, DESTROY, HOLD, BAR, SURGE, SLOW, TAKE, TRIGGER, REVEAL = range(9)
# gates
ALL, ANY, AT_LEAST, CAPACITY, WANTS, MAYBE = range(6)
# where the end of an effect is counted from: >= 0 a named time of the hazard
NO_END, FROM_BEGIN, CLEARED = -1, -2, -3

# where a copy of data is (Memory.gone): held, or gone and going to be copied from another, restored from the backup, or empty
HELD, COPIED, RESTORED, EMPTY = range(4)

# what a row of the output says: (path, what, id, a, b, c)
ROW_OUT, ROW_DEGRADED, ROW_DATA, ROW_COST, ROW_STUCK = range(5)
ROW_COLUMNS = 6
# columns of a path: weight, end (h), flags, events, first item, forced misfortunes
PATH_COLUMNS = 6
FLAG_STUCK, FLAG_HORIZON, FLAG_EVENTS = 1, 2, 4
FLAGS_UNENDED = FLAG_STUCK | FLAG_EVENTS  # what is out at the end of such a path stays so, or goes round without end

# what a row of the trace says: (time, what, id, a, b)
# (T_CALL: whether somebody can be called for a component; T_TURNOUT: a team is called, or goes home; T_TEAM: its people are there)
(
    T_STATE, T_REASON, T_EFFECT, T_EFFECT_END, T_BARRIER, T_TEAM, T_LEVEL, T_DATA, T_HAZARD, T_FAIL, T_JOB, T_CALL, T_TRIP, T_TURNOUT,
) = range(14)  # fmt: skip
TRACE_COLUMNS = 5
STANDBY, WAITING, STARTING, BROKEN, RUNNING = range(5)
# why something is not coming back just now (T_REASON); the row's b is a node, a team or a component
R_NONE, R_HELD, R_NEED, R_START_NEED, R_REPAIR_NEED, R_BARRED, R_PEOPLE = range(7)
R_SPARE, R_RESTORE, R_RETRY, R_GLASS, R_NO_REPAIR, R_CALL = range(7, 13)

# counters shared with the functions for what is rare (Memory.n)
(
    N_NEW, N_CHANGED, N_ROWS, N_TRACE, N_PEOPLE, N_CALLS, N_MOVED, N_SERVICES, N_QUEUE, N_BEGIN, N_WATCHED, N_TO_TELL, N_TOUCHED, N_TEAMS,
    N_LASTING, N_DUE, N_FIRST_DUE, N_COUNTERS,
) = range(18)  # fmt: skip

# Kinds of a term of a duration (first column of System.terms)
POINT, LOGNORMAL, EXPONENTIAL, WEIBULL, TRIANGULAR, UNIFORM, TABLE, EMPIRICAL = range(8)
SCALED = {POINT: (1,), LOGNORMAL: (1,), EXPONENTIAL: (1,), WEIBULL: (2,), TRIANGULAR: (1, 2, 3), UNIFORM: (1, 2)}  # columns in hours
TABLED = (TABLE, EMPIRICAL)  # their hours stand in tables

TABLE_SIZE = 1025  # points of a tabulated quantile function, over standard normal scores -8 .. 8
TABLE_SPAN = 8.0

TAIL_DRAWS = 12  # of the first durations of a path, and of those after each forced misfortune, one may be taken from its tail
TAIL_KNOWN = 32  # durations of a path that are known again when they are asked for twice
TAIL_HEAD = 5
MOST_CHUNKS = 20  # parts that a counted component is cut into
LINE = 64  # bytes that the processor's cache fetches at once


def salt(noun: str, name: str) -> int:
    """A 64-bit number that stands for a named thing whatever its place in the model."""
    return int.from_bytes(hashlib.blake2b(f"{noun}:{name}".encode(), digest_size=8).digest(), "little")


def _record(fields: list[tuple[str, str]]) -> np.dtype:
    """A record of an odd number of cache lines: then the same line of all records spreads over the whole cache."""
    packed = np.dtype(fields, align=True)
    size = (-(-packed.itemsize // LINE) | 1) * LINE
    names = list(packed.names or ())
    offsets = [packed.fields[name][1] for name in names]
    return np.dtype({"names": names, "formats": [f for _, f in fields], "offsets": offsets, "itemsize": size}, align=True)


def zeros(n: int, dtype: np.dtype) -> np.ndarray:
    """Zeroed rows that begin at a line of the cache: one record does not lie on more lines than it must."""
    raw = np.zeros(n * dtype.itemsize + LINE, np.uint8)
    begin = -raw.ctypes.data % LINE
    return raw[begin : begin + n * dtype.itemsize].view(dtype)


COMPONENT = _record(  # the first two lines of the cache (128 bytes) are what every failure and repair needs
    [
        ("salt", "u8"), ("headroom", "f8"), ("start_outage", "f8"),
        ("need", "i4"), ("want", "i4"), ("start_need", "i4"), ("repair_need", "i4"), ("glass_run", "i4"), ("glass_after", "i4"),
        ("rides", "i4"), ("stock", "i4"), ("order", "i4"), ("service", "i4"), ("start_takes", "i4"), ("start_each", "i4"),
        ("start_works", "i4"), ("repair_takes", "i4"), ("repair_each", "i4"), ("crew0", "i4"), ("crew1", "i4"), ("crew2", "i4"),
        ("crew3", "i4"), ("heirs_lo", "i4"), ("heirs_hi", "i4"), ("help_lo", "i4"), ("help_hi", "i4"), ("chunks", "i2"),
        ("counted", "i1"), ("standby", "i1"), ("failback", "i1"), ("on_site", "i1"), ("has_repair", "i1"), ("at_once", "i1"),
        ("surge_lasts", "i4"), ("surge_factor", "f8"), ("units", "f8"), ("overload", "f8"), ("below", "f8"), ("surge_after", "f8"),
        ("dead", "i4"), ("start_retry", "i4"), ("lead", "i4"), ("glass_takes", "i4"),
        ("sb_lo", "i4"), ("sb_hi", "i4"), ("slot_lo", "i4"), ("slot_hi", "i4"), ("start_again", "i4"),
        ("throttled", "i1"), ("start_fails", "i1"),
    ]
)  # fmt: skip
# people of a start are crew0..crew1, of a repair crew1..crew2, of breaking the glass crew2..crew3 · at_once: it starts as soon as
# it is mended and its need is there, whole, without time, people or luck, and with nothing else to see to (spares, glass, standby, places)
# throttled: load is kept off while it comes back (§9) · start_fails: so many first tries of its start fail, given (§15)

NODE = np.dtype(
    [("rest", "f8"), ("level", "i4"), ("circle", "i4"), ("up_lo", "i4"), ("up_hi", "i4"), ("watch_lo", "i4"), ("watch_hi", "i4")],
    align=True,
)
GATE = np.dtype([("k", "f8"), ("op", "i4"), ("lo", "i4"), ("hi", "i4")], align=True)
EFFECT = np.dtype(
    [
        ("salt", "u8"), ("factor", "f8"), ("share", "f8"), ("op", "i8"), ("hazard", "i8"), ("since", "i8"), ("after", "i8"),
        ("chance", "i8"), ("bar_lo", "i8"), ("bar_hi", "i8"), ("when", "i8"), ("until", "i8"), ("plus", "i8"), ("other", "i8"),
        ("people", "i8"), ("uncounted", "i8"), ("tgt_lo", "i8"), ("tgt_hi", "i8"), ("then_lo", "i8"), ("then_hi", "i8"),
    ],
    align=True,
)  # fmt: skip
HAZARD_ROW = np.dtype(
    [
        ("salt", "u8"), ("again", "f8"), ("item", "i8"), ("chance", "i8"), ("eff_lo", "i8"), ("eff_hi", "i8"),
        ("last_lo", "i8"), ("last_hi", "i8"), ("again_for", "i8"), ("cost", "i8"),
    ],
    align=True,
)  # fmt: skip
BARRIER = np.dtype([("salt", "u8"), ("works", "i8"), ("dead", "i8"), ("need", "i8")], align=True)
TEAM = np.dtype(
    [
        ("salt", "u8"), ("shift", "f8"), ("people", "i8"), ("on_call", "i8"), ("on_turn", "i8"), ("arrives", "i8"),
        ("musters", "i8"),
    ],
    align=True,
)  # fmt: skip
DATA_SET = np.dtype(
    [("lo", "i8"), ("hi", "i8"), ("lag", "i8"), ("copy", "i8"), ("every", "i8"), ("kept", "i8"), ("restore", "i8")], align=True
)
SERVICE = np.dtype([("serves", "f8"), ("component", "i8")], align=True)
ITEM_ROW = np.dtype([("id", "i8"), ("is_hazard", "i8")], align=True)


class Arrays(NamedTuple):
    """A System as the kernel sees it. C components, G gates, N = C + G nodes; durations are rows of `terms`."""

    component: np.ndarray  # (C,) COMPONENT
    node: np.ndarray  # (N,) NODE
    gate: np.ndarray  # (G,) GATE
    child: np.ndarray  # members of the gates, int64
    weight: np.ndarray  # their weights, float64
    links: np.ndarray  # all lists, int64
    crew_team: np.ndarray  # int64, by place in the crew list
    crew_people: np.ndarray  # int64
    help_factor: np.ndarray  # float64, by place in the list of helps
    circle_ptr: np.ndarray  # int64, circles of needs
    circle_node: np.ndarray  # int64
    maybe: np.ndarray  # int64, nodes of doubtful needs
    load: np.ndarray  # int64, nodes that put or carry load, those who need first
    effect: np.ndarray
    effect_back: np.ndarray  # int64, node until which each effect lasts, -1: it has an end of its own
    hazard: np.ndarray
    barrier: np.ndarray
    team: np.ndarray
    team_need: np.ndarray  # int64, node without which nobody of each team can be called, -1: none
    data: np.ndarray
    slot_data: np.ndarray  # int64, data set of each copy
    slot_holder: np.ndarray  # int64, component on which it stands
    service: np.ndarray
    item: np.ndarray
    levels: int  # of the graph of nodes
    dur_ptr: np.ndarray  # int64
    terms: np.ndarray  # (terms, 4) float64
    tables: np.ndarray  # float64


LIVE = _record(  # the first line of the cache (64 bytes) is what every settling needs
    [
        ("surge", "f8"), ("t_repair", "f8"), ("t_start", "f8"), ("held", "i4"), ("barred", "i4"), ("up", "i2"), ("off", "i2"),
        ("broken", "i2"), ("start_chunks", "i2"), ("repair_chunks", "i2"), ("running", "i1"), ("called", "i1"), ("riding", "i1"),
        ("forced", "i1"), ("tripped", "i1"), ("start_job", "i1"), ("repair_job", "i1"), ("glass", "i1"), ("open", "i1"),
        ("touched", "i1"), ("changed", "i1"), ("watched", "i1"), ("calling", "i1"), ("wait_start", "i1"), ("wait_repair", "i1"),
        ("taken", "i1"), ("to_tell", "i1"), ("down", "i1"), ("tried", "i1"),
        ("left", "f8"), ("slow", "f8"), ("t_last", "f8"), ("retry_at", "f8"), ("t_ride", "f8"), ("t_retry", "f8"),
        ("t_glass", "f8"), ("n_start", "i8"), ("n_repair", "i8"), ("n_ride", "i4"), ("reason", "i4"), ("n_glass", "i4"),
        ("n_call", "i4"), ("n_surge", "i4"), ("n_order", "i4"), ("shelf", "i4"), ("ordered", "i4"),
        ("surges", "i4"), ("slows", "i4"), ("shown_up", "i2"), ("destroyed", "i1"), ("shown", "i1"),
        ("known", "i1"), ("found", "i1"),
    ]
)  # fmt: skip
# riding: 1 rides, 2 its time is over · taken (on circles, while levels settle): 1 its need is taken to count as 1, 2 it has
# turned out to be met, 3 it has turned out to be missing after all · tripped: 1 trips now, 2 takes what it can carry (§9) ·
# known, found: where it goes part by part, what is wrong has been noticed and decided, for its start and its repair (§6, §7) ·
# down: its teams are called (§10) · tried: how often its start has failed since it ran or was called (§6) ·
# start_job, repair_job, wait_start, wait_repair: 0 none, 1 ordinary, 2 forced · glass: 1 the clock runs, 2 it is over ·
# t_ride ... t_glass: when the timer that counts goes off (inf: none); a timer of another time is void

TIMER = np.dtype([("t", "f8"), ("code", "i8"), ("tag", "i8"), ("x", "f8")], align=True)
LASTING = np.dtype([("effect", "i8"), ("arrival", "i8")], align=True)
TEAM_LIVE = np.dtype(
    [("stage", "i8"), ("called", "i8"), ("stamp", "i8"), ("calls", "i8"), ("wanted", "i8"), ("busy", "i8"), ("away", "i8"),
     ("free", "i8")],
    align=True,
)
SERVICE_LIVE = np.dtype([("level", "f8"), ("since", "f8"), ("start", "f8"), ("lost", "f8"), ("changed", "i8")], align=True)


class Memory(NamedTuple):
    """The state of one running kernel. It is at rest before and after every call, and can be used again."""

    live: np.ndarray  # (C,) LIVE
    at_rest: np.ndarray  # (C,) LIVE
    value: np.ndarray  # (N,) float64, levels of nodes
    flag: np.ndarray  # (N,) 1 dirty, 2 moved; this and all down to arrivals: int64
    next_dirty: np.ndarray  # (N,) the dirty nodes of each level, one behind the other ...
    first_dirty: np.ndarray  # by level: ... from this one on; -1: none
    moved: np.ndarray  # (N,) nodes whose level is not as at rest
    raised: np.ndarray  # by circle: the settling in which it began from the top
    raised_now: np.ndarray  # circles of the level that is settled now
    touched: np.ndarray  # (C,) these five: components ...
    changed: np.ndarray
    watched: np.ndarray
    calls: np.ndarray
    to_tell: np.ndarray
    begin: np.ndarray  # (2 C,) jobs that begin now
    queue: np.ndarray  # (2 C,) jobs that wait for people, in the order of work
    queue_team: np.ndarray  # the (first) team that each of them waits for
    component_at: np.ndarray  # (C,) component at each place in the order of work
    crew_held: np.ndarray  # people at work, by place in the crew list
    service_changed: np.ndarray  # services
    gone: np.ndarray  # by copy of data: HELD ... EMPTY
    arrivals: np.ndarray  # by hazard: arrivals so far
    forced_item: np.ndarray  # forced misfortunes of this path: which ...
    team: np.ndarray
    service: np.ndarray
    came_down: np.ndarray  # (N,) float64, see circles.first_without
    load_place: np.ndarray  # (N,) int64, where each node stands in Arrays.load; -1: it carries no load
    load_due: np.ndarray  # by that place, int64: 1 what it carries is to be worked out again
    load_below: np.ndarray  # (N,) float64, what each node puts on those right below it; -1: nothing
    fill: np.ndarray  # float64, hours that each copy of data adds to the repair of what it stands on
    largest: np.ndarray  # float64, room for the largest levels of an at-least gate
    heap: np.ndarray  # TIMER
    new: np.ndarray  # TIMER
    lasting: np.ndarray  # LASTING, effects that last until something serves again
    tail: np.ndarray  # (TAIL_HEAD + 2 TAIL_KNOWN,) float64, see draws.draw_terms
    forced_t: np.ndarray  # ... and when (h)
    n: np.ndarray  # int64 counters
    guide: np.ndarray  # int64, see draws.choose_guided
    words: np.ndarray  # (C, .) uint64, `live` again, to copy it
    words_at_rest: np.ndarray


def _words(rows: np.ndarray) -> np.ndarray:
    """The same memory in words of 8 bytes: (rows, words) uint64."""
    return rows.view(np.uint64).reshape(rows.size, rows.dtype.itemsize // 8)


class Out(NamedTuple):
    """Where the kernel writes; columns above."""

    paths: np.ndarray  # (P, PATH_COLUMNS) float64
    rows: np.ndarray  # (R, ROW_COLUMNS) float64
    trace: np.ndarray  # (Q, TRACE_COLUMNS) float64
    ends: np.ndarray = np.zeros(0, np.int64)  # (J,) int64, where in the trace each job ends; of no length if nobody asks


def ints(n: int) -> np.ndarray:
    return np.zeros(n, np.int64)


def memory(arrays: Arrays, depth: int, heap_size: int = 0, new_size: int = 0) -> Memory:
    """Room for one kernel over `arrays`, everything at rest."""
    c = arrays.component
    C, N, S = c.size, arrays.node.size, arrays.service.size
    rest = zeros(C, LIVE)
    rest["surge"] = rest["slow"] = 1.0
    rest["left"] = -1.0
    for name in ("t_ride", "t_repair", "t_start", "t_retry", "t_glass"):
        rest[name] = np.inf
    rest["up"] = rest["shown_up"] = np.where(c["standby"] == 1, 0, c["chunks"])
    rest["off"] = c["chunks"] - rest["up"]
    rest["running"] = rest["called"] = 1 - c["standby"]
    rest["shown"] = np.where(c["standby"] == 1, STANDBY, RUNNING)
    rest["shelf"] = c["stock"]
    service = np.zeros(S, SERVICE_LIVE)
    service["level"] = arrays.node["rest"][arrays.service["component"]]
    component_at = ints(C)
    component_at[c["order"]] = np.arange(C)
    load_place = np.full(N, -1)
    load_place[arrays.load] = np.arange(arrays.load.size)
    circles = arrays.circle_ptr.size
    live = zeros(C, LIVE)
    live[:] = rest
    most = arrays.gate["k"][arrays.gate["op"] == AT_LEAST].max(initial=1.0)
    return Memory(
        live=live, at_rest=rest, value=arrays.node["rest"].copy(), flag=ints(N), next_dirty=ints(N),
        first_dirty=np.full(arrays.levels, -1), moved=ints(N), raised=ints(circles), raised_now=ints(circles), touched=ints(C),
        changed=ints(C), watched=ints(C), calls=ints(C), to_tell=ints(C), begin=ints(2 * C), queue=ints(2 * C), queue_team=ints(2 * C),
        component_at=component_at, crew_held=ints(arrays.crew_team.size), service_changed=ints(S), gone=ints(arrays.slot_data.size),
        arrivals=ints(arrays.hazard.size), forced_item=ints(depth + 1),
        team=np.zeros(arrays.team.size, TEAM_LIVE), service=service, came_down=np.zeros(N), load_place=load_place,
        load_due=ints(arrays.load.size), load_below=np.full(N, -1.0),
        fill=np.zeros(arrays.slot_data.size), largest=np.zeros(int(most)),
        heap=np.zeros(max(1024, C, heap_size), TIMER),
        new=np.zeros(max(8 * C + 4 * arrays.team.size + arrays.effect.size + 256, new_size), TIMER),
        lasting=np.zeros(max(64, new_size) if (arrays.effect_back >= 0).any() else 1, LASTING),
        tail=np.concatenate([[-1.0], np.zeros(TAIL_HEAD - 1 + 2 * TAIL_KNOWN)]), forced_t=np.zeros(depth + 1),
        n=np.zeros(N_COUNTERS, np.int64),
        guide=np.zeros(2 * arrays.item.size + 1, np.int64), words=_words(live), words_at_rest=_words(rest),
    )  # fmt: skip
