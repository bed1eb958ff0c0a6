"""Random numbers by name, not by order.

Every random quantity in a sample is a pure function of (seed and sample, who, what for, how often before). So sample k is
sample k on one core or sixty, the slow twin draws the same numbers, and two designs of one service meet the same luck
(common random numbers), because nothing depends on the order in which numbers are asked for.

The mixing function is the finaliser of SplitMix64 (Steele, Lea & Flood 2014, "Fast splittable pseudorandom number
generators"), applied twice. The normal quantile is algorithm AS 241 (Wichura 1988), relative error about 1e-16.
"""

from __future__ import annotations

import math

import numpy as np

from blackstart.engines.compiling import compiled, hot, inner
from blackstart.engines.layout import (
    EXPONENTIAL,
    LOGNORMAL,
    POINT,
    TABLE,
    TABLE_SIZE,
    TABLE_SPAN,
    TAIL_DRAWS,
    TAIL_HEAD,
    TAIL_KNOWN,
    TRIANGULAR,
    UNIFORM,
    WEIBULL,
)

# What a number is for. Part of the key: never renumber, or results change.
RIDE, START, WORKS, RETRY, REPAIR, GLASS_AFTER, GLASS_TAKES, SPARE, SURGE, DEAD = range(1, 11)
BACKUP_AGE, COPY, RESTORE, ARRIVE, MUSTER, AFTER, CHANCE, UNTIL, LASTS, BARRIER = range(11, 21)
BARRIER_DEAD, PICK, HAZARD_CHANCE, EXTRA, AGAIN, COST, REVEAL, GAP, ITEM = range(21, 30)
FORCE_TIME, FORCE_ITEM, LAG, TAIL, KNOW, FIND = 31, 32, 34, 35, 36, 37

TAIL_NATURAL = 0.3  # share of paths in which none is
TAIL_SPAN = 14.0  # 1 - u is drawn log-uniformly between e^-14 (about one in a million) and 1

TERMS = 64  # ordinals are multiplied by this; the terms of one duration sit in between

_A = np.uint64(0x9E3779B97F4A7C15)
_B = np.uint64(0xBF58476D1CE4E5B9)
_C = np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)


@compiled
def _mix(z):
    z = (z ^ (z >> _S30)) * _B
    z = (z ^ (z >> _S27)) * _C
    return z ^ (z >> _S31)


@compiled
def base_of(seed, sample):
    """The key of one sample: uint64 from two integers."""
    return _mix(_mix(np.uint64(seed) * _A + _B) + np.uint64(sample) * _A)


@compiled
def key_of(base, who, what):
    """What all numbers for (sample, who, what for) have in common."""
    return _mix(base ^ (who + np.uint64(what) * _A))


@compiled
def number(key, n):
    """The number in (0, 1) of a key for the n-th time."""
    return (float(_mix(key + np.uint64(n) * _A) >> _S11) + 0.5) * 1.1102230246251565e-16


@compiled
def uniform(base, who, what, n):
    """A number in (0, 1) for (sample, who, what for, how often before)."""
    return number(key_of(base, who, what), n)


@compiled
def normal_quantile(p):
    """Inverse of the standard normal distribution function (AS 241, PPND16)."""
    q = p - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return (
            q
            * (((((((2509.0809287301226727 * r + 33430.575583588128105) * r + 67265.770927008700853) * r
                   + 45921.953931549871457) * r + 13731.693765509461125) * r + 1971.5909503065514427) * r
                + 133.14166789178437745) * r + 3.387132872796366608)
            / (((((((5226.495278852545925 * r + 28729.085735721942674) * r + 39307.89580009271061) * r
                   + 21213.794301586595867) * r + 5394.1960214247511077) * r + 687.1870074920579083) * r
                + 42.313330701600911252) * r + 1.0)
        )
    r = math.sqrt(-math.log(p if q < 0.0 else 1.0 - p))
    if r <= 5.0:
        r -= 1.6
        x = (((((((7.7454501427834140764e-4 * r + 0.0227238449892691845833) * r + 0.24178072517745061177) * r
                + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.7694972214606914055) * r
              + 4.6303378461565452959) * r + 1.42343711074968357734) / (
            ((((((1.05075007164441684324e-9 * r + 5.475938084995344946e-4) * r + 0.0151986665636164571966) * r
                + 0.14810397642748007459) * r + 0.68976733498510000455) * r + 1.6763848301838038494) * r
             + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 0.0012426609473880784386) * r
                + 0.026532189526576123093) * r + 0.29656057182850489123) * r + 1.7848265399172913358) * r
              + 5.4637849111641143699) * r + 6.6579046435011037772) / (
            ((((((2.04426310338993978564e-15 * r + 1.4215117583164458887e-7) * r + 1.8463183175100546818e-5) * r
                + 7.868691311456132591e-4) * r + 0.0148753612908506148525) * r + 0.13692988092273580531) * r
             + 0.59983220655588793769) * r + 1.0)
    return -x if q < 0.0 else x


@compiled
def draw_term(kind, a, b, c, tables, u):
    """One term of a duration (or an amount) at probability u."""
    if kind == POINT:
        return a
    if kind == LOGNORMAL:
        return a * math.exp(b * normal_quantile(u))
    if kind == EXPONENTIAL:
        return -a * math.log1p(-u)
    if kind == WEIBULL:
        return b * (-math.log1p(-u)) ** (1.0 / a)
    if kind == TRIANGULAR:
        split = (b - a) / (c - a)
        if u < split:
            return a + math.sqrt(u * (c - a) * (b - a))
        return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
    if kind == UNIFORM:
        return a + (b - a) * u
    if kind == TABLE:
        z = (normal_quantile(u) + TABLE_SPAN) * (TABLE_SIZE - 1) / (2.0 * TABLE_SPAN)
        i = min(max(int(z), 0), TABLE_SIZE - 2)
        start = int(a) + i
        return tables[start] + (tables[start + 1] - tables[start]) * (z - i)
    return tables[int(a) + int(u * b)]  # EMPIRICAL: b values from place a on


@compiled
def draw_terms(S, M, d, base, who, what, n, typical):
    """Duration (or amount) number d: the sum of its terms; medians if `typical`.

    `tail` serves episodes (docs/explanation/episodes.md), whose course has a stage from its begin and one from each misfortune that is
    forced into it. tail[0] is the ordinal of the one draw of this stage that is taken from the far tail (-1: none, and nothing is
    counted), tail[1] counts its different draws so far (up to TAIL_DRAWS), tail[2] adds up how much likelier
    each of them was made by it than by nature, tail[3] is the likelihood ratio of the stages before, and tail[4] counts the draws that
    are known again: by their numbers as drawn, behind which stand those that were used instead.
    """
    dur_ptr, terms, tables, tail = S.dur_ptr, S.terms, S.tables, M.tail
    total = 0.0
    for k in range(dur_ptr[d], dur_ptr[d + 1]):
        kind = int(terms[k, 0])
        u = 0.5
        if kind != POINT and not typical:
            u = uniform(base, who, what, n * TERMS + (k - dur_ptr[d]))
            if tail[0] >= 0.0:
                known = int(tail[4])
                place = 0
                while place < known and tail[TAIL_HEAD + place] != u:  # the same quantity asked again is the same number
                    place += 1
                if place < known:
                    u = tail[TAIL_HEAD + TAIL_KNOWN + place]
                elif known < TAIL_KNOWN:
                    tail[TAIL_HEAD + place] = u
                    if tail[1] < TAIL_DRAWS:
                        if tail[1] == tail[0]:
                            u = 1.0 - math.exp(-u * TAIL_SPAN)
                        aimed = 1.0 / (TAIL_SPAN * (1.0 - u)) if 1.0 - u >= math.exp(-TAIL_SPAN) else 0.0
                        tail[2] += (1.0 - TAIL_NATURAL) * math.log1p(1.0 / (1.0 + tail[1])) / math.log(TAIL_DRAWS + 1.0) * (aimed - 1.0)
                        tail[1] += 1.0
                    tail[TAIL_HEAD + TAIL_KNOWN + place] = u
                    tail[4] += 1.0
        total += draw_term(kind, terms[k, 1], terms[k, 2], terms[k, 3], tables, u)
    return total


@hot
def draw(S, M, d, base, who, what, n, typical):
    """Duration (or amount) number d, see `draw_terms`; the commonest without a call."""
    k = S.dur_ptr[d]
    if S.terms[k, 0] == LOGNORMAL and S.dur_ptr[d + 1] == k + 1 and M.tail[0] < 0.0 and not typical:
        return S.terms[k, 1] * math.exp(S.terms[k, 2] * normal_quantile(uniform(base, who, what, n * TERMS)))
    return draw_terms(S, M, d, base, who, what, n, typical)


@compiled
def aim_at_tail(tail, base, stage):
    """Choose for a stage of a path which of its first draws is taken from the tail; with probability TAIL_NATURAL none is.

    Else it is draw k = 0, 1, ... with probability log(1 + 1 / (k + 1)) / log(TAIL_DRAWS + 1): many paths have one or two.
    """
    tail[3] = tail_ratio(tail) if stage > 0 else 1.0
    if stage == 0:
        tail[4] = 0.0
    u = uniform(base, np.uint64(0), TAIL, stage)
    tail[0] = TAIL_DRAWS  # counted, but none is changed
    if u >= TAIL_NATURAL:
        tail[0] = math.floor((TAIL_DRAWS + 1.0) ** ((u - TAIL_NATURAL) / (1.0 - TAIL_NATURAL))) - 1.0
    tail[1] = tail[2] = 0.0


@compiled
def tail_ratio(tail):
    """Likelihood ratio of the path so far: natural over as drawn (balance heuristic, Veach & Guibas 1995), for each of its stages.

    At most 1 / TAIL_NATURAL for a stage. Draws that it did not need count as drawn by nature.
    """
    return tail[3] / (1.0 + tail[2])


@compiled
def choose(cumulated, u):
    """First place whose cumulated share of the whole is above u."""
    goal = u * cumulated[cumulated.size - 1]
    low, high = 0, cumulated.size - 1
    while low < high:
        middle = (low + high) >> 1
        if cumulated[middle] > goal:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def make_guide(cumulated, guide):
    """Where to begin to look in `cumulated`: guide[j] is the place chosen by u = j / guide.size (Chen & Asau 1974)."""
    place, whole = 0, cumulated[cumulated.size - 1]
    for j in range(guide.size):
        goal = j / guide.size * whole
        while place < cumulated.size - 1 and cumulated[place] <= goal:
            place += 1
        guide[j] = place


@inner
def choose_guided(cumulated, guide, u):
    """The same place as `choose`, found in a step or two."""
    last = cumulated.size - 1
    goal = u * cumulated[last]
    place = guide[int(u * guide.size)]
    while place > 0 and cumulated[place - 1] > goal:  # rounding of u x size
        place -= 1
    while place < last and cumulated[place] <= goal:
        place += 1
    return place
