"""A formula made smaller before any diagram is built: same function, fewer and more independent parts.

A top is split into *bodies*. A body is a small network of gates over inputs; an input is a basic event or a *module*, another body
whose events occur nowhere else, so that it counts as one independent event (Dutuit & Rauzy, "A linear-time algorithm to find
modules of fault trees", IEEE Trans. Reliability 45, 1996). Before and after the split each body is rewritten:

- constants, repeated and contradicting children, one-child gates and equal gates vanish; nested gates of one kind become one;
- a child already decided by a gate above it on every path (the x of x AND f(x)) becomes a constant;
- inputs that always stand together become one module (after Niemela, PSAM-II 1994: merging of common arguments);
- children of a module's top gate that share no input are modules of their own.

Circles are opened first. Within a strongly connected part, f gates that cut every circle start as false; after f rounds the
values no longer change, since each round but the last makes at least one of them true for good. So the least solution is
written out exactly, without circles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from blackstart.engines.formula import AND, CLOSE, FALSE, IFF, OR, THRESHOLD, TRUE, XOR, Formula, negated

GATE = 1 << 40  # numbers from here on are gates of a body; below: events, then modules

Row = tuple[int, tuple[int, ...], float, tuple[float, ...]]  # kind, literals, threshold, weights


class Body(NamedTuple):
    """A network of gates over inputs: rows in order (children first), gate i has number GATE + i, root is a literal."""

    rows: list[Row]
    root: int


class Parts(NamedTuple):
    """A top, taken apart: bodies in order (module i has number first + i); the last of them is the top itself.

    constant : TRUE or FALSE where nothing is left to compute (bodies is then empty), else None
    """

    first: int
    bodies: list[Body]
    constant: int | None


class Net:
    """Collects rows; equal rows are one, and what can be said at once is said at once."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.known: dict = {}

    def row(self, literal: int) -> Row:
        return self.rows[(literal >> 1) - GATE]

    def gate(self, op: int, kids: list[int] | tuple[int, ...], k: float = 0.0, weights: tuple[float, ...] = ()) -> int:
        """Literal of a gate."""
        if op == AND or op == OR:
            return self._and_or(op, kids)
        if op == XOR:
            return self._xor(kids)
        if op == IFF:
            return self._iff(kids)
        return self._threshold(kids, k, weights)

    def _add(self, key: tuple, row: Row) -> int:
        if key not in self.known:
            self.known[key] = 2 * (GATE + len(self.rows))
            self.rows.append(row)
        return self.known[key]

    def _and_or(self, op: int, kids: list[int] | tuple[int, ...]) -> int:
        whole, nothing = (FALSE, TRUE) if op == AND else (TRUE, FALSE)
        left = dict.fromkeys(kids)
        left.pop(nothing, None)
        if whole in left or any(c ^ 1 in left for c in left):
            return whole
        if len(left) < 2:
            return next(iter(left), nothing)
        left = self._absorbed(op, left)
        if len(left) < 2:
            return next(iter(left), nothing)
        return self._add((op, frozenset(left)), (op, tuple(left), 0.0, ()))

    def _absorbed(self, op: int, left: dict) -> dict:
        """Without children that a sibling makes needless: x AND (x OR y) is x."""
        out = {}
        for c in left:
            if c >= 2 * GATE:
                kind, inner, _, _ = self.row(c)
                sign = c & 1
                opposite = kind == (op if sign else AND + OR - op)  # a negated gate of one kind is a gate of the other
                if opposite and any(i ^ sign in left for i in inner):
                    continue
            out[c] = None
        return out

    def _xor(self, kids: list[int] | tuple[int, ...]) -> int:
        """Signs and constants go to the outside; a child that occurs twice vanishes."""
        turn, odd = 0, {}
        for c in kids:
            if c < 0:
                turn ^= c == TRUE
                continue
            turn ^= c & 1
            base = c & ~1
            if base in odd:
                del odd[base]
            else:
                odd[base] = None
        if not odd:
            return TRUE if turn else FALSE
        found = next(iter(odd)) if len(odd) == 1 else self._add((XOR, frozenset(odd)), (XOR, tuple(odd), 0.0, ()))
        return found ^ int(turn)

    def _iff(self, kids: list[int] | tuple[int, ...]) -> int:
        left = tuple(dict.fromkeys(kids))
        if len(left) < 2:
            return TRUE
        if any(negated(c) in left for c in left):
            return FALSE
        if TRUE in left or FALSE in left:
            return self.gate(AND, [c if TRUE in left else negated(c) for c in left if c >= 0])
        if len(left) == 2:
            return negated(self._xor(left))
        return self._add((IFF, frozenset(left)), (IFF, left, 0.0, ()))

    def _threshold(self, kids: list[int] | tuple[int, ...], k: float, weights: tuple[float, ...]) -> int:
        sums: dict[int, float] = defaultdict(float)
        for c, w in zip(kids, weights, strict=True):
            if c == TRUE:
                k -= w
            elif c >= 0 and w > 0.0:
                sums[c] += w
        for c in [c for c in sums if not c & 1 and c ^ 1 in sums]:  # exactly one of x and not x is true
            both = min(sums[c], sums[c ^ 1])
            k -= both
            for side in (c, c ^ 1):
                sums[side] -= both
                if sums[side] <= 0.0:
                    del sums[side]
        sums = {c: min(w, k) for c, w in sums.items()}
        total, least = sum(sums.values()), min(sums.values(), default=0.0)
        if k <= CLOSE:
            return TRUE
        if total < k - CLOSE:
            return FALSE
        if least >= k - CLOSE:
            return self.gate(OR, list(sums))
        if total - least < k - CLOSE:
            return self.gate(AND, list(sums))
        must = [c for c, w in sums.items() if total - w < k - CLOSE]
        if must:
            rest = {c: w for c, w in sums.items() if c not in must}
            inner = self._threshold(tuple(rest), k - sum(sums[c] for c in must), tuple(rest.values()))
            return self.gate(AND, [*must, inner])
        enough = [c for c, w in sums.items() if w >= k - CLOSE]
        if enough:
            rest = {c: w for c, w in sums.items() if c not in enough}
            return self.gate(OR, [*enough, self._threshold(tuple(rest), k, tuple(rest.values()))])
        key = (THRESHOLD, frozenset(sums.items()), k)
        return self._add(key, (THRESHOLD, tuple(sums), k, tuple(sums.values())))


# ----------------------------------------------------------------------------- circles


def opened(formula: Formula, top: int) -> tuple[Net, int]:
    """A top as a network without circles: its rows, and its literal."""
    n, ptr, child = formula.events, formula.ptr.tolist(), formula.child.tolist()
    kids = [child[ptr[i] : ptr[i + 1]] for i in range(len(formula.op))]
    if top < 2 * n:
        return Net(), top
    net, value = Net(), {}
    ops, ks, weight = formula.op.tolist(), formula.k.tolist(), formula.weight.tolist()

    def literal(c: int, values: dict) -> int:
        if c < 2 * n:
            return c
        found = values[(c >> 1) - n]
        return negated(found) if c & 1 else found

    def written(g: int, values: dict) -> int:
        weights = tuple(weight[ptr[g] : ptr[g + 1]]) if ops[g] == THRESHOLD else ()
        return net.gate(ops[g], [literal(c, values) for c in kids[g]], ks[g], weights)

    below = [[(c >> 1) - n for c in row if c >= 2 * n] for row in kids]
    for part in strong_parts(below, [(top >> 1) - n]):
        if len(part) == 1 and part[0] not in below[part[0]]:
            value[part[0]] = written(part[0], value)
            continue
        cuts, rest = cut_circles(part, below)
        for g in cuts:
            value[g] = FALSE
        for _ in cuts:
            before = [value[g] for g in cuts]
            for g in rest + cuts:
                value[g] = written(g, value)
            if before == [value[g] for g in cuts]:
                break
        for g in rest:
            value[g] = written(g, value)
    return net, literal(top, value)


def strong_parts(below: list[list[int]], roots: list[int]) -> Iterator[list[int]]:
    """Strongly connected parts of what the roots reach, those below first (Tarjan, without recursion)."""
    date: dict[int, int] = {}
    low: dict[int, int] = {}
    waiting: list[int] = []
    open_: set[int] = set()
    for root in roots:
        if root in date:
            continue
        date[root] = low[root] = len(date)
        waiting.append(root)
        open_.add(root)
        path = [(root, iter(below[root]))]
        while path:
            at, rest = path[-1]
            for c in rest:
                if c not in date:
                    date[c] = low[c] = len(date)
                    waiting.append(c)
                    open_.add(c)
                    path.append((c, iter(below[c])))
                    break
                if c in open_:
                    low[at] = min(low[at], date[c])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[at])
                if low[at] == date[at]:
                    part = []
                    while not part or part[-1] != at:
                        part.append(waiting.pop())
                        open_.discard(part[-1])
                    yield part


def cut_circles(part: list[int], below: list[list[int]]) -> tuple[list[int], list[int]]:
    """Gates that cut every circle of a part (greedily few), and the others, children first."""
    cuts: list[int] = []
    order: list[int] = []
    parts = [part]
    while parts:
        group = parts.pop()
        members = set(group)
        inner = {g: [c for c in below[g] if c in members] for g in group}
        if len(group) == 1 and not inner[group[0]]:
            order.append(group[0])
            continue
        above: dict[int, int] = defaultdict(int)
        for g in group:
            for c in set(inner[g]):
                above[c] += 1
        best = max(group, key=lambda g: ((g in inner[g]), above[g] * len(set(inner[g])), -g))
        cuts.append(best)
        members.discard(best)
        local = {g: i for i, g in enumerate(sorted(members))}
        names = list(local)
        rows = [[local[c] for c in inner[g] if c in local] for g in names]
        found = [[names[i] for i in p] for p in strong_parts(rows, list(range(len(names))))]
        parts.extend(reversed(found))
    return cuts, order


# ----------------------------------------------------------------------------- rewriting of one body


def occurrences(body: Body) -> dict[int, int]:
    """How many rows hold each number (inputs and gates); the root counts once more."""
    count: dict[int, int] = defaultdict(int)
    for _, kids, _, _ in body.rows:
        for c in kids:
            count[c >> 1] += 1
    if body.root >= 0:
        count[body.root >> 1] += 1
    return count


def simplified(body: Body, decided: list[frozenset[int]] | None = None) -> Body:
    """The same function, written anew from the bottom: nested gates of one kind joined, decided children constant."""
    uses = occurrences(body)
    net, value = Net(), []
    reach = reached(body)
    for i, (op, kids, k, weights) in enumerate(body.rows):
        if not reach[i]:
            value.append(FALSE)
            continue
        known = decided[i] if decided else frozenset()
        children: list[int] = []
        for c in kids:
            if c < 2 * GATE:
                children.append(TRUE if c in known else FALSE if c ^ 1 in known else c)
                continue
            new = value[(c >> 1) - GATE]
            new = negated(new) if c & 1 else new
            if new >= 2 * GATE and uses[c >> 1] == 1:
                inner = net.row(new)
                if inner[0] == op and not new & 1 and op in (AND, OR, XOR):
                    children.extend(inner[1])
                    continue
                if new & 1 and (inner[0], op) in ((AND, OR), (OR, AND)):
                    children.extend(j ^ 1 for j in inner[1])
                    continue
            children.append(new)
        value.append(net.gate(op, children, k, weights))
    root = body.root
    if root >= 2 * GATE:
        found = value[(root >> 1) - GATE]
        root = negated(found) if root & 1 else found
    return swept(Body(net.rows, root))


def reached(body: Body) -> list[bool]:
    """Which rows the root needs."""
    need = [False] * len(body.rows)
    if body.root >= 2 * GATE:
        need[(body.root >> 1) - GATE] = True
    for i in range(len(body.rows) - 1, -1, -1):
        if need[i]:
            for c in body.rows[i][1]:
                if c >= 2 * GATE:
                    need[(c >> 1) - GATE] = True
    return need


def swept(body: Body) -> Body:
    """Without rows that the root does not need."""
    need = reached(body)
    if all(need):
        return body
    new, rows = {}, []
    for i, (op, kids, k, weights) in enumerate(body.rows):
        if need[i]:
            new[GATE + i] = GATE + len(rows)
            rows.append((op, tuple(2 * new[c >> 1] + (c & 1) if c >= 2 * GATE else c for c in kids), k, weights))
    root = body.root
    return Body(rows, 2 * new[root >> 1] + (root & 1) if root >= 2 * GATE else root)


def contexts(body: Body) -> list[frozenset[int]]:
    """For each row, the input literals that may be taken as true in it: decided by a gate above on every path from the root.

    Only inputs count, which rewriting never changes. At an AND above, a sibling x false makes that AND false whatever stands
    below, so below it x may be taken as true; at an OR, as false. Going down from the root this holds for all rows at once.
    """
    uses = occurrences(body)
    context: list[frozenset[int] | None] = [None] * len(body.rows)
    empty: frozenset[int] = frozenset()
    if body.root >= 2 * GATE:
        context[(body.root >> 1) - GATE] = empty
    for i in range(len(body.rows) - 1, -1, -1):
        own = context[i]
        if own is None:
            context[i] = empty
            continue
        op, kids, _, _ = body.rows[i]
        if op in (AND, OR):
            turn = op == OR
            own = own | {c ^ turn for c in kids if c < 2 * GATE and uses[c >> 1] > 1}
        for c in kids:
            if c >= 2 * GATE:
                j = (c >> 1) - GATE
                context[j] = own if context[j] is None else context[j] & own
    return context  # type: ignore[return-value]


def together(body: Body) -> list[tuple[int, list[int]]]:
    """Groups of input literals that occur only together, each with the kind of gate (AND or OR) that joins them."""
    where: dict[int, list[tuple[int, int]]] = defaultdict(list)
    mixed: set[int] = set()
    for i, (op, kids, _, _) in enumerate(body.rows):
        for c in kids:
            if c < 2 * GATE:
                where[c >> 1].append((i, c & 1))
                if op not in (AND, OR):
                    mixed.add(c >> 1)
    groups: dict[tuple, list[int]] = defaultdict(list)
    for x, places in where.items():
        if x in mixed:
            continue
        sign = places[0][1]
        kinds = {body.rows[i][0] ^ (s != sign) for i, s in places}
        if len(kinds) == 1:
            groups[(kinds.pop(), *((i, s ^ sign) for i, s in places))].append(2 * x + sign)
    return [(key[0], group) for key, group in groups.items() if len(group) > 1]


# ----------------------------------------------------------------------------- modules


def module_rows(body: Body) -> list[int]:
    """Rows (in order) whose inputs and gates occur nowhere else: Dutuit & Rauzy's two walks."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    low: dict[int, int] = {}
    high: dict[int, int] = {}
    date = 0
    path: list[tuple[int, Iterator[int]]] = [(body.root >> 1, iter(body.rows[(body.root >> 1) - GATE][1]))]
    first[body.root >> 1] = last[body.root >> 1] = date
    ended: dict[int, int] = {}
    while path:
        at, rest = path[-1]
        for c in rest:
            date += 1
            x = c >> 1
            last[x] = date
            if x not in first:
                first[x] = date
                if x >= GATE:
                    path.append((x, iter(body.rows[x - GATE][1])))
                    break
        else:
            path.pop()
            date += 1
            ended[at] = last[at] = date
    found = []
    for i, (_, kids, _, _) in enumerate(body.rows):
        x = GATE + i
        low[x] = min(min(first[c >> 1], low.get(c >> 1, date)) for c in kids)
        high[x] = max(max(last[c >> 1], high.get(c >> 1, 0)) for c in kids)
        if low[x] > first[x] and high[x] < ended[x]:
            found.append(i)
    return found


class Splitter:
    """Splits bodies into modules until nothing more comes apart."""

    def __init__(self, first: int, split: bool = True) -> None:
        self.first, self.split = first, split
        self.done: list[Body] = []

    def module(self, body: Body) -> int:
        """Literal of a module for a body (or of the input or constant that it is)."""
        body = self.settled(body)
        if body.root < 2 * GATE:
            return body.root
        sign = body.root & 1
        self.done.append(Body(body.rows, body.root & ~1))
        return 2 * (self.first + len(self.done) - 1) + sign

    def settled(self, body: Body) -> Body:
        """Rewritten until no module, no group and no decided child is left in it."""
        while True:
            body = simplified(body)
            if body.root < 2 * GATE:
                return body
            smaller = simplified(body, contexts(body))
            if smaller.root < 2 * GATE:
                return smaller
            size = sum(len(row[1]) for row in body.rows)
            if sum(len(row[1]) for row in smaller.rows) < size:
                body = smaller
                continue
            if not self.split:
                return body
            inner = self.without_modules(body)
            joined = self.without_groups(inner)
            if joined is body:
                return body
            body = joined

    def without_modules(self, body: Body) -> Body:
        """Its modules, except itself, replaced by inputs."""
        modules = module_rows(body)
        top = (body.root >> 1) - GATE
        if modules == [top] and self.components(body, top) is None:
            return body
        rows = list(body.rows)
        for m in modules:
            if m != top:
                literal = self.module(swept(Body(rows[: m + 1], 2 * (GATE + m))))
                rows[m] = (OR, (literal,), 0.0, ())
        body = simplified(Body(rows, body.root))
        if body.root < 2 * GATE:
            return body
        split = self.components(body, (body.root >> 1) - GATE)
        if split is None:
            return body
        net_rows = list(body.rows)
        op = net_rows[-1][0]
        literals = []
        for group in split:
            if len(group) == 1 and group[0] < 2 * GATE:
                literals.append(group[0])
            else:
                literals.append(self.module(swept(Body([*net_rows[:-1], (op, tuple(group), 0.0, ())], 2 * (GATE + len(net_rows) - 1)))))
        return Body([(op, tuple(literals), 0.0, ())], 2 * GATE + (body.root & 1))

    def components(self, body: Body, top: int) -> list[list[int]] | None:
        """Children of an AND or OR at the top in groups that share nothing; None where that splits off nothing."""
        op, kids, _, _ = body.rows[top]
        if op not in (AND, OR) or top != len(body.rows) - 1 or all(c < 2 * GATE for c in kids):
            return None
        leader: dict[int, int] = {}

        def find(x: int) -> int:
            while leader.setdefault(x, x) != x:
                leader[x] = leader[leader[x]]
                x = leader[x]
            return x

        for i, row in enumerate(body.rows[:top]):
            for c in row[1]:
                leader[find(c >> 1)] = find(GATE + i)
        groups: dict[int, list[int]] = defaultdict(list)
        for c in kids:
            groups[find(c >> 1)].append(c)
        if len(groups) == 1 or all(len(g) == 1 and g[0] < 2 * GATE for g in groups.values()):
            return None
        return list(groups.values())

    def without_groups(self, body: Body) -> Body:
        """Inputs that occur only together, as modules."""
        if body.root < 2 * GATE or len(body.rows) == 1:
            return body
        groups = together(body)
        if not groups:
            return body
        instead: dict[int, int | None] = {}
        for op, group in groups:
            literal = self.module(Body([(op, tuple(group), 0.0, ())], 2 * GATE))
            for c in group:
                instead[c >> 1] = None
            instead[group[0] >> 1] = literal ^ (group[0] & 1)
        rows = []
        for op, kids, k, weights in body.rows:
            new = []
            for c in kids:
                found = instead.get(c >> 1, c & ~1) if c < 2 * GATE else c & ~1
                if found is not None:
                    new.append(found ^ (c & 1))
            rows.append((op, tuple(new), k, weights))
        return Body(rows, body.root)


def taken_apart(formula: Formula, top: int, split: bool = True) -> Parts:
    """A top as bodies of independent parts, or (not split) as one body."""
    first = formula.events
    net, literal = opened(formula, top)
    body = Body(net.rows, literal)
    if literal >= 2 * GATE:
        body = swept(body)
    splitter = Splitter(first, split)
    if body.root >= 0:
        found = splitter.module(body)
        if found < 0:
            return Parts(first, [], found)
        last = 2 * (first + len(splitter.done) - 1)
        if not splitter.done or found != last:  # an event, or a negation: a body of its own
            splitter.done.append(Body([(OR, (found,), 0.0, ())], 2 * GATE))
        return Parts(first, splitter.done, None)
    return Parts(first, [], body.root)
