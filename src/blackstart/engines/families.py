"""Families of sets in zero-suppressed diagrams, compiled: minimal sets out of a finished diagram, prime implicants, counting.

Row 0 is the empty family, row 1 the family of the empty set; row (level, low, high) is `low` and, with the element `level` added to
each set, `high`. Minimal sets: Rauzy, "New algorithms for fault trees analysis", Reliability Engineering & System Safety 40 (1993)
and "Mathematical foundations of minimal cutsets", IEEE Trans. Reliability 50 (2001). Prime implicants: Coudert & Madre, DAC 1992.
"""

from __future__ import annotations

import numpy as np
from numba import njit, types

from blackstart.engines.diagram import (
    DONE,
    ENTERED,
    F64_1,
    FULL,
    I32_1,
    I32_2,
    I64,
    I64_1,
    PATIENCE,
    both,
    compiled,
    enter,
    inner,
    place,
    row_of,
)

WITHOUT, MINUS, PRIME = 3, 4, 5  # operations in the cache; 1 and 2 are those on binary diagrams


@inner
def set_row(nodes, heads, info, level, low, high):
    """Row (level, low, high) of a family; -1 if there is no room."""
    return np.int64(low) if high == 0 else row_of(nodes, heads, info, level, low, high)


@inner
def without(nodes, heads, cache, stack, info, a, b):
    """The sets of family a that contain no set of family b; b is minimal. -1 if there is no room."""
    mask = len(cache) - 1
    depth = 0
    while True:
        r = np.int64(-1)
        while r < 0:  # elements that only b knows are in no set of a
            if a == 0 or b == 1 or a == b:
                r = np.int64(0)
            elif b == 0 or a == 1:
                r = a
            elif nodes[b, 0] < nodes[a, 0]:
                b = np.int64(nodes[b, 1])
            else:
                break
        if r < 0:
            h = place(a, b, WITHOUT, mask)
            if cache[h, 0] == a and cache[h, 1] == b and cache[h, 2] == WITHOUT:
                r = np.int64(cache[h, 3])
        if r < 0:
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = a, b, 0
            if nodes[b, 0] == nodes[a, 0]:
                stack[depth, 3] = nodes[b, 1]
                b = np.int64(nodes[b, 2])
            else:
                stack[depth, 3] = b
                stack[depth, 2] = 1  # b is not divided: one pass over the upper half suffices
            a = np.int64(nodes[a, 2])
            depth += 1
            continue
        while True:
            if depth == 0:
                return r
            top = depth - 1
            phase = stack[top, 2]
            if phase == 0:
                stack[top, 2] = 1
                a, b = r, np.int64(stack[top, 3])
                break
            if phase == 1:
                stack[top, 2], stack[top, 4] = 2, r
                a, b = np.int64(nodes[stack[top, 0], 1]), np.int64(stack[top, 3])
                break
            a, b = np.int64(stack[top, 0]), np.int64(stack[top, 1])
            r = set_row(nodes, heads, info, np.int64(nodes[a, 0]), r, np.int64(stack[top, 4]))
            if r < 0:
                return r
            enter(cache, info, a, b, WITHOUT, r)
            if info[ENTERED] > info[PATIENCE]:
                return np.int64(-1)
            depth = top


@inner
def minus(nodes, heads, cache, stack, info, a, b):
    """The sets of family a that are not in family b; -1 if there is no room."""
    mask = len(cache) - 1
    depth = 0
    while True:
        r = np.int64(-1)
        while r < 0:
            if a == 0 or a == b:
                r = np.int64(0)
            elif b == 0:
                r = a
            elif nodes[b, 0] < nodes[a, 0]:
                b = np.int64(nodes[b, 1])
            else:
                break
        if r < 0:
            h = place(a, b, MINUS, mask)
            if cache[h, 0] == a and cache[h, 1] == b and cache[h, 2] == MINUS:
                r = np.int64(cache[h, 3])
        if r < 0:
            same = nodes[b, 0] == nodes[a, 0]
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = a, b, 0
            if same:
                stack[depth, 3] = nodes[b, 1]
                b = np.int64(nodes[b, 2])
            else:  # b lies deeper: the upper half of a stays
                stack[depth, 3] = b
                b = np.int64(0)
            a = np.int64(nodes[a, 2])
            depth += 1
            continue
        while True:
            if depth == 0:
                return r
            top = depth - 1
            if stack[top, 2] == 0:
                stack[top, 2], stack[top, 4] = 1, r
                a, b = np.int64(nodes[stack[top, 0], 1]), np.int64(stack[top, 3])
                break
            a, b = np.int64(stack[top, 0]), np.int64(stack[top, 1])
            r = set_row(nodes, heads, info, np.int64(nodes[a, 0]), r, np.int64(stack[top, 4]))
            if r < 0:
                return r
            enter(cache, info, a, b, MINUS, r)
            if info[ENTERED] > info[PATIENCE]:
                return np.int64(-1)
            depth = top


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I32_2, I32_1, I64_1), **compiled)
def minimal(nodes, heads, cache, stack, info, rows, family, at):
    """Minimal sets of levels that make each row of a binary diagram true, bottom up from row at[0].

    A negated edge is true where no level is, so its only minimal set is the empty one. family[i] is -1 for rows nobody needs.
    """
    while at[0] < len(rows):
        i = at[0]
        if family[i] >= 0:
            low, high = np.int64(family[rows[i, 1] >> 1]), rows[i, 2]
            upper = np.int64(1)
            if not high & 1:
                upper = without(nodes, heads, cache, stack, info, np.int64(family[high >> 1]), low)
                if upper < 0:
                    return FULL
            r = set_row(nodes, heads, info, np.int64(rows[i, 0]), low, upper)
            if r < 0:
                return FULL
            family[i] = r
        at[0] = i + 1
    return DONE


@njit(types.void(I32_2, I32_1, I64), **compiled)
def needed(rows, family, root):
    """Mark (0, others -1) the rows whose minimal sets those of a root edge are made of."""
    family[:] = -1
    family[0] = 0
    if not root & 1:
        family[root >> 1] = 0
    for i in range(len(rows) - 1, 0, -1):
        if family[i] == 0:
            family[rows[i, 1] >> 1] = 0
            if not rows[i, 2] & 1:
                family[rows[i, 2] >> 1] = 0


@njit(I64(I32_2, I64, I32_1, I64_1, I32_2), **compiled)
def gather_sets(nodes, count, number, roots, out):
    """Copy the rows that the roots reach, children first, to out[2:]; roots are renumbered. Returns the new count."""
    for r in roots:
        number[r] = 1
    for i in range(count - 1, 1, -1):
        if number[i]:
            number[nodes[i, 1]] = 1
            number[nodes[i, 2]] = 1
    number[0], number[1] = 0, 1
    new = 2
    for i in range(2, count):
        if number[i]:
            out[new, 0], out[new, 1], out[new, 2] = nodes[i, 0], number[nodes[i, 1]], number[nodes[i, 2]]
            number[i] = new
            new += 1
    for j in range(len(roots)):
        roots[j] = number[roots[j]]
    return new


# ----------------------------------------------------------------------------- prime implicants


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I32_2, I32_1, I32_2, I32_2, I64_1, I32_2, I64_1), **compiled)
def primes(nodes, heads, cache, stack, info, b_nodes, b_heads, b_cache, b_stack, b_info, frames, at):
    """Prime implicants of an edge of a binary diagram (the b_ arrays), as a family over elements 2 level and 2 level + 1 (negated).

    Prime(f) = x' (Prime(f0) - C) + x (Prime(f1) - C) + C with C = Prime(f0 AND f1). frames holds what is under way:
    (edge, phase, C, Prime(f0), edge of f0 AND f1), at[0] how many there are, at[1] the edge to begin with, or where it ends the root.
    Returns DONE, or FULL where either table needs room (call again: frames keep what was reached).
    """
    mask = len(cache) - 1
    if at[0] == 0:
        frames[0, 0], frames[0, 1] = at[1], 0
        at[0] = 1
    r = np.int64(at[2])
    while at[0]:
        top = at[0] - 1
        f = np.int64(frames[top, 0])
        phase = frames[top, 1]
        if phase == 0:
            if f < 2:
                r = f
                at[0] = top
                continue
            h = place(f, 0, PRIME, mask)
            if cache[h, 0] == f and cache[h, 2] == PRIME:
                r = np.int64(cache[h, 3])
                at[0] = top
                continue
        i = f >> 1
        f0, f1 = np.int64(b_nodes[i, 1]) ^ (f & 1), np.int64(b_nodes[i, 2]) ^ (f & 1)
        if phase == 0:
            c = both(b_nodes, b_heads, b_cache, b_stack, b_info, f0, f1)
            if c < 0:
                at[2] = r
                return FULL
            frames[top, 1] = 1
            frames[top + 1, 0], frames[top + 1, 1] = c, 0
        elif phase == 1:
            frames[top, 2], frames[top, 1] = r, 2
            frames[top + 1, 0], frames[top + 1, 1] = f0, 0
        elif phase == 2:
            frames[top, 3], frames[top, 1] = r, 3
            frames[top + 1, 0], frames[top + 1, 1] = f1, 0
        else:
            if phase == 3:
                frames[top, 4], frames[top, 1] = r, 4
            c = np.int64(frames[top, 2])
            level = 2 * np.int64(b_nodes[i, 0])
            low = minus(nodes, heads, cache, stack, info, np.int64(frames[top, 3]), c)
            high = np.int64(-1) if low < 0 else minus(nodes, heads, cache, stack, info, np.int64(frames[top, 4]), c)
            if high < 0:
                return FULL
            s = set_row(nodes, heads, info, level + 1, c, low)
            if s >= 0:
                s = set_row(nodes, heads, info, level, s, high)
            if s < 0:
                return FULL
            r = s
            enter(cache, info, f, 0, PRIME, r)
            at[0] = top
            continue
        at[0] = top + 2
    at[1] = r
    return DONE


# ----------------------------------------------------------------------------- numbers on finished families


@njit(types.void(I32_2, F64_1, F64_1), **compiled)
def likeliest(rows, weight, best):
    """best[i]: the largest product of weights among the sets of row i, 0 where there is none.

    Finished families are rows (item, low, high): an item below len(weight) has that weight; from there on it is another family's
    root row (plus len(weight)), each of whose sets may take its place.
    """
    best[0], best[1] = 0.0, 1.0
    for i in range(2, len(rows)):
        item = rows[i, 0]
        w = weight[item] if item < len(weight) else best[item - len(weight)]
        best[i] = max(best[rows[i, 1]], w * best[rows[i, 2]])


@njit(types.void(I32_2, F64_1, F64_1), **compiled)
def summed(rows, weight, total):
    """total[i]: the sum over the sets of row i of the product of their weights."""
    total[0], total[1] = 0.0, 1.0
    for i in range(2, len(rows)):
        item = rows[i, 0]
        w = weight[item] if item < len(weight) else total[item - len(weight)]
        total[i] = total[rows[i, 1]] + w * total[rows[i, 2]]


@njit(types.void(I32_2, I64, I32_1), **compiled)
def longest(rows, items, order):
    """order[i]: elements in the largest set of row i."""
    order[0], order[1] = 0, 0
    for i in range(2, len(rows)):
        item = rows[i, 0]
        own = 1 if item < items else order[item - items]
        order[i] = max(order[rows[i, 1]], own + order[rows[i, 2]])


@njit(types.void(I32_2, I64, I32_1, I64_1, I64, I32_1), **compiled)
def counted(rows, items, order, begin, prime, out):
    """How many sets of each order every row has, modulo a prime below 2^31: out[begin[i] + k] of order k, k up to order[i]."""
    out[begin[1]] = 1
    for i in range(2, len(rows)):
        item, low, high = rows[i, 0], rows[i, 1], rows[i, 2]
        for k in range(order[low] + 1):
            out[begin[i] + k] = out[begin[low] + k]
        if item < items:
            for k in range(order[high] + 1):
                out[begin[i] + k + 1] = (out[begin[i] + k + 1] + np.int64(out[begin[high] + k])) % prime
        else:
            m = item - items
            for j in range(order[m] + 1):
                c = np.int64(out[begin[m] + j])
                if c:
                    for k in range(order[high] + 1):
                        at = begin[i] + j + k
                        out[at] = (out[at] + c * out[begin[high] + k]) % prime
