"""Decision diagrams in flat arrays: the compiled part of the exact engine.

A binary diagram (Bryant, IEEE Trans. Computers C-35, 1986) is rows (level, low, high, next) of a node table; row 0 is the constant.
An *edge* is twice a row plus one where it is negated, so 0 is false and 1 is true. A low edge is never negated: with every level
false, each plain edge is then false, and whether an edge is negated tells its value where nothing is true. Rows are made children
first, so passes over a diagram are plain loops. A zero-suppressed diagram (Minato, DAC 1993) uses the same table: row 0 is the empty
family, row 1 the family of the empty set, and its edges are rows.

Nothing here allocates: where an array is too small the function says FULL, and `Table` makes room and calls again. Whatever was
worked out until then stands in the cache.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit, types

compiled = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
inner = njit(no_cpython_wrapper=True, **compiled)

DONE, FULL = 0, 1
# info: rows in use, rows there may be, rows made in all, entries made in the cache, entries after which a larger one pays
COUNT, LIMIT, MADE, ENTERED, PATIENCE = range(5)
LOOKED_UP = 20  # entries made in the cache that cost about as much as one row allowed for
CACHE_USE = 4  # times that a cache is filled over before it is made larger
MOST_REMEMBERED = 1 << 24  # entries of the largest cache
AT_BOTTOM = 1 << 30  # level of the constants
CONJUNCTION, DISJUNCTION, PARITY, EQUAL = 0, 1, 3, 4  # as in formula.AND, OR, XOR, IFF

I32_1, I32_2 = types.int32[::1], types.int32[:, ::1]
I64_1, F64_1, F64_2, I8_1 = types.int64[::1], types.float64[::1], types.float64[:, ::1], types.int8[::1]
I64, F64 = types.int64, types.float64


# ----------------------------------------------------------------------------- the node table


@inner
def place(a, b, c, mask):
    """Where three numbers stand in a table of mask + 1 places."""
    h = np.uint64(a) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(b) * np.uint64(0xC2B2AE3D27D4EB4F)
    h += np.uint64(c) * np.uint64(0x165667B19E3779F9)
    return np.int64((h ^ (h >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) >> np.uint64(31)) & mask


@inner
def row_of(nodes, heads, info, level, low, high):
    """Row (level, low, high), found or made; -1 if there is no room."""
    h = place(level, low, high, len(heads) - 1)
    i = np.int64(heads[h])
    while i:
        if nodes[i, 1] == low and nodes[i, 2] == high and nodes[i, 0] == level:
            return i
        i = np.int64(nodes[i, 3])
    i = info[COUNT]
    if i >= info[LIMIT]:
        return np.int64(-1)
    nodes[i, 0], nodes[i, 1], nodes[i, 2], nodes[i, 3] = level, low, high, heads[h]
    heads[h] = i
    info[COUNT] = i + 1
    info[MADE] += 1
    return i


@inner
def edge_of(nodes, heads, info, level, low, high):
    """Edge to "if level then high else low"; -1 if there is no room."""
    if low == high:
        return np.int64(low)
    sign = low & 1
    i = row_of(nodes, heads, info, level, low ^ sign, high ^ sign)
    return i if i < 0 else 2 * i + sign


@inner
def enter(cache, info, f, g, op, result):
    """Remember a result; what stood in its place is forgotten."""
    h = place(f, g, op, len(cache) - 1)
    cache[h, 0], cache[h, 1], cache[h, 2], cache[h, 3] = f, g, op, result
    info[ENTERED] += 1


@inner
def both(nodes, heads, cache, stack, info, f, g):
    """Edge to f AND g; -1 if there is no room."""
    mask = len(cache) - 1
    depth = 0
    while True:
        # going down: the edge for (f, g), or a frame for its two halves
        r = np.int64(-1)
        if f > g:
            f, g = g, f
        if f == g or f == 1:
            r = g
        elif f == 0 or f ^ 1 == g:
            r = np.int64(0)
        else:
            h = place(f, g, 1, mask)
            if cache[h, 0] == f and cache[h, 1] == g and cache[h, 2] == 1:
                r = np.int64(cache[h, 3])
        if r < 0:
            a, b = f >> 1, g >> 1
            u, v = nodes[a, 0], nodes[b, 0]
            level = min(u, v)
            f0 = f1 = f
            g0 = g1 = g
            if u == level:
                f0, f1 = np.int64(nodes[a, 1]) ^ (f & 1), np.int64(nodes[a, 2]) ^ (f & 1)
            if v == level:
                g0, g1 = np.int64(nodes[b, 1]) ^ (g & 1), np.int64(nodes[b, 2]) ^ (g & 1)
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = f, g, level
            stack[depth, 3], stack[depth, 4], stack[depth, 5] = f0, g0, -1
            depth += 1
            f, g = f1, g1
            continue
        # coming back with r
        while True:
            if depth == 0:
                return r
            top = depth - 1
            if stack[top, 5] < 0:
                stack[top, 5] = r
                f, g = np.int64(stack[top, 3]), np.int64(stack[top, 4])
                break
            r = edge_of(nodes, heads, info, np.int64(stack[top, 2]), r, np.int64(stack[top, 5]))
            if r < 0:
                return r
            f, g = np.int64(stack[top, 0]), np.int64(stack[top, 1])
            enter(cache, info, f, g, 1, r)
            if info[ENTERED] > info[PATIENCE]:
                return np.int64(-1)
            depth = top


@inner
def parity(nodes, heads, cache, stack, info, f, g):
    """Edge to f XOR g; -1 if there is no room."""
    mask = len(cache) - 1
    depth = 0
    while True:
        r = np.int64(-1)
        sign = (f ^ g) & 1
        f, g = f & ~1, g & ~1
        if f > g:
            f, g = g, f
        if f == g:
            r = sign
        elif f == 0:
            r = g | sign
        else:
            h = place(f, g, 2, mask)
            if cache[h, 0] == f and cache[h, 1] == g and cache[h, 2] == 2:
                r = np.int64(cache[h, 3]) ^ sign
        if r < 0:
            a, b = f >> 1, g >> 1
            u, v = nodes[a, 0], nodes[b, 0]
            level = min(u, v)
            f0 = f1 = f
            g0 = g1 = g
            if u == level:
                f0, f1 = np.int64(nodes[a, 1]), np.int64(nodes[a, 2])
            if v == level:
                g0, g1 = np.int64(nodes[b, 1]), np.int64(nodes[b, 2])
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = f, g, 2 * np.int64(level) + sign
            stack[depth, 3], stack[depth, 4], stack[depth, 5] = f0, g0, -1
            depth += 1
            f, g = f1, g1
            continue
        while True:
            if depth == 0:
                return r
            top = depth - 1
            if stack[top, 5] < 0:
                stack[top, 5] = r
                f, g = np.int64(stack[top, 3]), np.int64(stack[top, 4])
                break
            r = edge_of(nodes, heads, info, np.int64(stack[top, 2]) >> 1, r, np.int64(stack[top, 5]))
            if r < 0:
                return r
            f, g = np.int64(stack[top, 0]), np.int64(stack[top, 1])
            enter(cache, info, f, g, 2, r)
            if info[ENTERED] > info[PATIENCE]:
                return np.int64(-1)
            r ^= np.int64(stack[top, 2]) & 1
            depth = top


@inner
def joined(nodes, heads, cache, stack, info, op, fold, n):
    """Edge to a gate over the edges fold[:n], deepest first; -1 if there is no room."""
    turn = np.int64(op == DISJUNCTION)
    for i in range(1, n):  # few children: insertion sort by level, deepest first
        e, j = fold[i], i
        while j > 0 and nodes[fold[j - 1] >> 1, 0] < nodes[e >> 1, 0]:
            fold[j] = fold[j - 1]
            j -= 1
        fold[j] = e
    if op == EQUAL:
        every, none = np.int64(fold[0]), np.int64(fold[0]) ^ 1
        for i in range(1, n):
            every = both(nodes, heads, cache, stack, info, every, np.int64(fold[i]))
            if every < 0:
                return every
            none = both(nodes, heads, cache, stack, info, none, np.int64(fold[i]) ^ 1)
            if none < 0:
                return none
        r = both(nodes, heads, cache, stack, info, every ^ 1, none ^ 1)
        return r if r < 0 else r ^ 1
    r = np.int64(fold[0]) ^ turn
    for i in range(1, n):
        if op == PARITY:
            r = parity(nodes, heads, cache, stack, info, r, np.int64(fold[i]))
        else:
            r = both(nodes, heads, cache, stack, info, r, np.int64(fold[i]) ^ turn)
        if r < 0:
            return r
    return r ^ turn


@njit(I64(I32_2, I32_1, I32_2, I32_2, I64_1, I64_1, I64_1, I64_1, I8_1, I64_1, I64_1), **compiled)
def build(nodes, heads, cache, stack, info, fold, value, at, op, ptr, child):
    """Work out gates at[0], at[0] + 1, ... from their children; value holds the edges of inputs, then of gates. DONE or FULL."""
    inputs = len(value) - len(op)
    while at[0] < len(op):
        i = at[0]
        n = ptr[i + 1] - ptr[i]
        for j in range(n):
            c = child[ptr[i] + j]
            fold[j] = value[c >> 1] ^ (c & 1)
        r = joined(nodes, heads, cache, stack, info, np.int64(op[i]), fold, n)
        if r < 0:
            return FULL
        value[inputs + i] = r
        at[0] = i + 1
    return DONE


@njit(types.void(I32_2, I32_1, I64), **compiled)
def chain(nodes, heads, count):
    """Enter the first rows of a table into empty heads."""
    for i in range(1, count):
        h = place(nodes[i, 0], nodes[i, 1], nodes[i, 2], len(heads) - 1)
        nodes[i, 3] = heads[h]
        heads[h] = i


@njit(types.void(I32_2, I32_2), **compiled)
def carry(old, new):
    """Enter what a cache remembers into a larger one."""
    for i in range(len(old)):
        if old[i, 2]:
            h = place(old[i, 0], old[i, 1], old[i, 2], len(new) - 1)
            for j in range(4):
                new[h, j] = old[i, j]


@njit(I64(I32_2, I64, I32_1, I64_1, I32_2), **compiled)
def gather(nodes, count, number, roots, out):
    """Copy the rows that the root edges reach, children first, to out[1:] as (level, low, high, 0); roots are renumbered.

    number must be zeros of length count; out may be nodes itself. Returns the new count.
    """
    for r in roots:
        number[r >> 1] = 1
    for i in range(count - 1, 0, -1):
        if number[i]:
            number[nodes[i, 1] >> 1] = 1
            number[nodes[i, 2] >> 1] = 1
    number[0] = 0
    new = 1
    for i in range(1, count):
        if number[i]:
            low, high = nodes[i, 1], nodes[i, 2]
            out[new, 0] = nodes[i, 0]
            out[new, 1] = 2 * number[low >> 1] + (low & 1)
            out[new, 2] = 2 * number[high >> 1] + (high & 1)
            out[new, 3] = 0
            number[i] = new
            new += 1
    for j in range(len(roots)):
        roots[j] = 2 * number[roots[j] >> 1] + (roots[j] & 1)
    return new


# ----------------------------------------------------------------------------- numbers on a finished diagram


@njit(types.void(I64, I32_2, F64_1), **compiled)
def weigh(events, rows, value):
    """Probabilities of all edges, from those of events.

    A finished diagram is rows (selector, low, high) of edges, row 0 the constant, rows 1 ... events the events, then each row after
    those it needs: true with `high` where its selector is true, else with `low`. Selectors of one path are independent.
    value : (2 rows,) value[2 i] is the probability of row i, value[2 i + 1] that of its opposite; those of rows up to `events` given.
    Both are summed from products of positive numbers, so a tiny probability keeps all its digits on either side.
    """
    for i in range(events + 1, len(rows)):
        s, low, high = rows[i, 0], rows[i, 1], rows[i, 2]
        q, r = value[s], value[s ^ 1]
        value[2 * i] = r * value[low] + q * value[high]
        value[2 * i + 1] = r * value[low ^ 1] + q * value[high ^ 1]


@njit(types.void(I64, I32_2, F64_1, F64_1), **compiled)
def slope(events, rows, value, grad):
    """Derivatives of a probability with respect to that of every row, backwards; grad holds that of the wanted row(s) itself."""
    for i in range(len(rows) - 1, events, -1):
        g = grad[i]
        if g == 0.0:
            continue
        s, low, high = rows[i, 0], rows[i, 1], rows[i, 2]
        grad[low >> 1] += -g * value[s ^ 1] if low & 1 else g * value[s ^ 1]
        grad[high >> 1] += -g * value[s] if high & 1 else g * value[s]
        a, b = value[low], value[high]
        change = b - a if a + b < 1.0 else value[low ^ 1] - value[high ^ 1]
        grad[s >> 1] += -g * change if s & 1 else g * change


@njit(types.void(I64, I32_2, F64_2), **compiled)
def weigh_samples(events, rows, value):
    """As `weigh`, for many samples side by side: value is (2 rows, samples)."""
    m = value.shape[1]
    for i in range(events + 1, len(rows)):
        s, low, high = rows[i, 0], rows[i, 1], rows[i, 2]
        for j in range(m):
            q, r = value[s, j], value[s ^ 1, j]
            value[2 * i, j] = r * value[low, j] + q * value[high, j]
            value[2 * i + 1, j] = r * value[low ^ 1, j] + q * value[high ^ 1, j]


class Table:
    """A growing node table with its cache.

    most : rows it may ever hold
    """

    def __init__(self, most: int, rows: int = 1 << 12, depth: int = 64) -> None:
        self.most = most
        self.nodes = np.zeros((rows, 4), np.int32)
        self.nodes[0, 0] = AT_BOTTOM
        self.heads = np.zeros(rows, np.int32)
        self.cache = np.zeros((rows, 4), np.int32)
        self.stack = np.zeros((depth, 6), np.int32)
        self.info = np.array([1, rows, 0, 0, CACHE_USE * rows], np.int64)
        self.peak = 1
        self.allowed = 1 << 62

    @property
    def arrays(self) -> tuple[np.ndarray, ...]:
        return self.nodes, self.heads, self.cache, self.stack, self.info

    def empty(self, depth: int) -> None:
        """Forget everything, keep the memory; make the stack deep enough for so many levels."""
        self.heads[:] = 0
        self.cache[:] = 0
        self.info[:] = 1, 0, 0, 0, CACHE_USE * len(self.cache)
        if len(self.stack) < depth + 2:
            self.stack = np.zeros((depth + 2, 6), np.int32)

    def levels(self, count: int) -> None:
        """Make a row for each level itself: level i is edge 2 (i + 1)."""
        while len(self.nodes) <= count:
            self.room()
        own = self.nodes[1 : count + 1]
        own[:, 0], own[:, 1], own[:, 2], own[:, 3] = np.arange(count), 0, 1, 0
        self.info[COUNT] = count + 1
        chain(self.nodes, self.heads, count + 1)

    def load(self, rows: np.ndarray, levels: int, allowance: int) -> None:
        """A finished diagram, to be worked on with so many more rows."""
        self.empty(levels)
        while len(self.nodes) < len(rows) and self.room():
            pass
        self.nodes[: len(rows)] = rows
        self.info[COUNT] = len(rows)
        chain(self.nodes, self.heads, len(rows))
        self.allow(allowance)

    def extracted(self, roots: np.ndarray) -> np.ndarray:
        """The rows that root edges reach, copied; the roots are renumbered in place."""
        count = int(self.info[COUNT])
        out = np.zeros((count, 4), np.int32)
        out[0, 0] = AT_BOTTOM
        return out[: gather(self.nodes, count, np.zeros(count, np.int32), roots, out)].copy()

    def allow(self, made: int) -> None:
        """Set how many rows may be made in all since the table was emptied."""
        self.allowed = made
        self.info[LIMIT] = min(len(self.nodes), self.info[COUNT] + max(0, made - self.info[MADE]))

    def pause(self, rows: int) -> None:
        """Stop as full at so many rows, even if there is room for more (0: not before)."""
        self.allow(self.allowed)
        if rows:
            while len(self.nodes) < rows and self.room():
                pass
            self.info[LIMIT] = min(self.info[LIMIT], rows)

    def spent(self) -> bool:
        """Whether as many rows were made as allowed, or so much was looked up that it comes to the same."""
        return int(self.info[MADE]) >= self.allowed or int(self.info[ENTERED]) > LOOKED_UP * self.allowed

    def cramped(self) -> bool:
        """Whether it is not rows that are wanting but memory of results."""
        return bool(self.info[ENTERED] > self.info[PATIENCE])

    def room(self) -> bool:
        """Make room for more rows, or a larger cache if that is what is wanting; False if there may be no more rows."""
        if self.cramped():
            self._remember(4 * len(self.cache))
            return True
        have = len(self.nodes)
        if have >= self.most:
            return False
        new = np.zeros((min(4 * have, self.most), 4), np.int32)
        new[:have] = self.nodes
        self.nodes = new
        self.heads = np.zeros(1 << (len(new) - 1).bit_length(), np.int32)
        chain(self.nodes, self.heads, int(self.info[COUNT]))
        if len(self.cache) < len(self.heads):
            self._remember(len(self.heads))
        self.allow(self.allowed)
        return True

    def collect(self, roots: np.ndarray) -> None:
        """Drop the rows that no root edge reaches; the roots are renumbered in place."""
        count = int(self.info[COUNT])
        self.info[COUNT] = gather(self.nodes, count, np.zeros(count, np.int32), roots, self.nodes)
        self.heads[:] = 0
        self.cache[:] = 0
        chain(self.nodes, self.heads, int(self.info[COUNT]))
        self.allow(self.allowed)

    def call(self, kernel: Callable, *rest: object) -> bool:
        """Run a kernel on the table until it is done; False if the room or the allowance did not suffice."""
        while kernel(*self.arrays, *rest) == FULL:
            if self.spent() or not self.room():
                return False
        return True

    def _remember(self, size: int) -> None:
        """A cache of so many entries, within reason; what is known goes along."""
        size = min(size, MOST_REMEMBERED)
        if size > len(self.cache):
            new = np.zeros((size, 4), np.int32)
            carry(self.cache, new)
            self.cache = new
        self.info[PATIENCE] = self.info[ENTERED] + CACHE_USE * size
