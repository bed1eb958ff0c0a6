"""Better orders for a diagram that is already there: sifting (Rudell, ICCAD 1993), compiled.

Every level in turn, the widest first, is moved through all places by exchanging neighbours, and stays where the diagram was smallest.
Rows keep their function while they move, so edges to them stay valid; what is no longer used is freed at once.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from blackstart.engines.diagram import AT_BOTTOM, COUNT, I32_1, I32_2, I64, I64_1, LIMIT, Table, chain, compiled, inner, place

LIVE, FREE, TOUCHED, WORK = range(4)  # state: rows alive, first free row, rows touched so far, rows that may be touched
SPARE = 3  # rows there must be for each live one, for those made on the way
GROWTH = 1.03  # a level turns back when the diagram is so much larger than its best


@inner
def hang(nodes, heads, i):
    """Put row i into the hash chains."""
    h = place(nodes[i, 0], nodes[i, 1], nodes[i, 2], len(heads) - 1)
    nodes[i, 3] = heads[h]
    heads[h] = i


@inner
def leave(nodes, heads, i):
    """Take row i out of the hash chains."""
    h = place(nodes[i, 0], nodes[i, 1], nodes[i, 2], len(heads) - 1)
    if heads[h] == i:
        heads[h] = nodes[i, 3]
        return
    j = np.int64(heads[h])
    while nodes[j, 3] != i:
        j = np.int64(nodes[j, 3])
    nodes[j, 3] = nodes[i, 3]


@inner
def attach(links, first, size, v, i):
    """Put row i into the list of its variable. links: (rows, 3) users, next and previous row of the variable."""
    links[i, 1], links[i, 2] = first[v], 0
    if first[v]:
        links[first[v], 2] = i
    first[v] = i
    size[v] += 1


@inner
def detach(links, first, size, v, i):
    """Take row i out of the list of its variable."""
    after, before = links[i, 1], links[i, 2]
    if before:
        links[before, 1] = after
    else:
        first[v] = after
    if after:
        links[after, 2] = before
    size[v] -= 1


@inner
def release(nodes, heads, links, first, size, state, todo, edge):
    """One user of an edge less; rows without users are freed, and so on downwards."""
    depth = 1
    todo[0] = edge >> 1
    while depth:
        depth -= 1
        i = np.int64(todo[depth])
        if i == 0:
            continue
        links[i, 0] -= 1
        if links[i, 0] > 0:
            continue
        leave(nodes, heads, i)
        detach(links, first, size, np.int64(nodes[i, 0]), i)
        todo[depth], todo[depth + 1] = nodes[i, 1] >> 1, nodes[i, 2] >> 1
        depth += 2
        nodes[i, 3] = state[FREE]
        nodes[i, 0] = -1
        state[FREE] = i
        state[LIVE] -= 1


@inner
def used(nodes, heads, links, first, size, state, v, low, high):
    """Edge to (v, low, high) with one user more; the row is made if there is none (there is always room: see `swap`)."""
    if low == high:
        links[low >> 1, 0] += 1
        return low
    sign = low & 1
    low, high = low ^ sign, high ^ sign
    i = np.int64(heads[place(v, low, high, len(heads) - 1)])
    while i:
        if nodes[i, 1] == low and nodes[i, 2] == high and nodes[i, 0] == v:
            links[i, 0] += 1
            return 2 * i + sign
        i = np.int64(nodes[i, 3])
    i = state[FREE]
    state[FREE] = nodes[i, 3]
    nodes[i, 0], nodes[i, 1], nodes[i, 2] = v, low, high
    links[i, 0] = 1
    links[low >> 1, 0] += 1
    links[high >> 1, 0] += 1
    hang(nodes, heads, i)
    attach(links, first, size, v, i)
    state[LIVE] += 1
    return 2 * i + sign


@inner
def swap(nodes, heads, links, first, size, state, todo, at, level):
    """Exchange the variables of two neighbouring levels."""
    x, y = at[level], at[level + 1]
    at[level], at[level + 1] = y, x
    i = np.int64(first[x])
    state[TOUCHED] += size[x]
    while i:
        after = np.int64(links[i, 1])
        low, high = np.int64(nodes[i, 1]), np.int64(nodes[i, 2])
        a, b = low >> 1, high >> 1
        if nodes[a, 0] == y or nodes[b, 0] == y:
            f00, f01, f10, f11 = low, low, high, high
            if nodes[a, 0] == y:
                f00, f01 = np.int64(nodes[a, 1]), np.int64(nodes[a, 2])
            if nodes[b, 0] == y:
                f10, f11 = np.int64(nodes[b, 1]) ^ (high & 1), np.int64(nodes[b, 2]) ^ (high & 1)
            leave(nodes, heads, i)
            detach(links, first, size, x, i)
            new_low = used(nodes, heads, links, first, size, state, x, f00, f10)
            new_high = used(nodes, heads, links, first, size, state, x, f01, f11)
            nodes[i, 0], nodes[i, 1], nodes[i, 2] = y, new_low, new_high
            hang(nodes, heads, i)
            attach(links, first, size, y, i)
            release(nodes, heads, links, first, size, state, todo, low)
            release(nodes, heads, links, first, size, state, todo, high)
        i = after


@njit(I64(I32_2, I32_1, I32_2, I32_1, I32_1, I64_1, I32_1, I64_1, I64_1), **compiled)
def sift(nodes, heads, links, first, size, state, todo, at, turn):
    """Move every variable once, in the order of `turn`, to its best level; at[level] is the variable there.

    Returns how many variables were moved before the work or the room was spent.
    """
    levels = len(at)
    for n in range(len(turn)):
        x = turn[n]
        start = np.int64(0)
        while at[start] != x:
            start += 1
        best, least, where = start, state[LIVE], start
        limit = np.int64(GROWTH * least) + 16
        down_first = start >= levels // 2
        for leg in range(2):
            down = down_first == (leg == 0)
            while True:
                if down and where == levels - 1 or not down and where == 0:
                    break
                if down:
                    swap(nodes, heads, links, first, size, state, todo, at, where)
                    where += 1
                else:
                    where -= 1
                    swap(nodes, heads, links, first, size, state, todo, at, where)
                if state[LIVE] < least or (state[LIVE] == least and abs(where - start) < abs(best - start)):
                    best, least = where, state[LIVE]
                    limit = np.int64(GROWTH * least) + 16
                if state[LIVE] > limit:
                    break
        while where < best:
            swap(nodes, heads, links, first, size, state, todo, at, where)
            where += 1
        while where > best:
            where -= 1
            swap(nodes, heads, links, first, size, state, todo, at, where)
        if state[TOUCHED] > state[WORK]:
            return n + 1
    return len(turn)


def reordered(table: Table, edges: np.ndarray, levels: int, work: int, rounds: int = 1) -> tuple[np.ndarray, int]:
    """Sift what the edges reach; they are renumbered in place, and rows are children first again.

    levels : how many levels there are
    work : rows that may be touched
    Returns which former level stands at each level, and how many rows were touched.
    """
    table.collect(edges)
    count = int(table.info[COUNT])
    while len(table.nodes) < SPARE * count + 1024 and table.room():
        pass
    nodes, have = table.nodes, len(table.nodes)
    links = np.zeros((have, 3), np.int32)
    first, size = np.zeros(levels, np.int32), np.zeros(levels, np.int32)
    np.add.at(links[:, 0], nodes[1:count, 1] >> 1, 1)
    np.add.at(links[:, 0], nodes[1:count, 2] >> 1, 1)
    np.add.at(links[:, 0], edges >> 1, 1)
    links[0, 0] = 1 << 30
    for v in range(levels):
        rows = np.flatnonzero(nodes[1:count, 0] == v) + 1
        size[v] = len(rows)
        if len(rows):
            first[v] = rows[0]
            links[rows[:-1], 1], links[rows[1:], 2] = rows[1:], rows[:-1]
    nodes[count:have, 3] = np.arange(count + 1, have + 1)
    nodes[count:have, 0] = -1
    state = np.array([count - 1, count, 0, work], np.int64)  # LIVE, FREE, TOUCHED, WORK
    todo = np.zeros(have, np.int32)
    at = np.arange(levels)
    for _ in range(rounds):
        before = int(state[LIVE])
        turn = np.argsort(-size, kind="stable").astype(np.int64)
        sift(nodes, table.heads, links, first, size, state, todo, at, turn)
        if state[LIVE] > 0.97 * before or state[TOUCHED] > work:
            break
    _settle(table, edges, at)
    return at, int(state[TOUCHED])


def _settle(table: Table, edges: np.ndarray, at: np.ndarray) -> None:
    """Rows again children first and without gaps, variables numbered by level."""
    nodes = table.nodes
    level = np.empty(len(at), np.int64)
    level[at] = np.arange(len(at))
    rows = np.flatnonzero(nodes[1:, 0] >= 0) + 1
    rows = rows[nodes[rows, 0] < AT_BOTTOM]
    rows = rows[np.argsort(-level[nodes[rows, 0]], kind="stable")]
    number = np.zeros(len(nodes), np.int64)
    number[rows] = np.arange(1, len(rows) + 1)
    old = nodes[rows]
    nodes[1 : len(rows) + 1, 0] = level[old[:, 0]]
    for j in (1, 2):
        nodes[1 : len(rows) + 1, j] = 2 * number[old[:, j] >> 1] + (old[:, j] & 1)
    nodes[len(rows) + 1 :] = 0
    edges[:] = 2 * number[edges >> 1] + (edges & 1)
    table.heads[:] = 0
    table.cache[:] = 0
    table.info[COUNT] = len(rows) + 1
    chain(nodes, table.heads, len(rows) + 1)
    table.info[LIMIT] = len(nodes)
    table.allow(table.allowed)
