"""Walks on directed graphs, linear and without recursion, so that a chain of 100,000 names is no danger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence


def strong_components(graph: Mapping[int, Iterable[int]]) -> dict[int, int]:
    """Strongly connected components (Tarjan's algorithm).

    Parameters
    ----------
    graph : mapping from node to the nodes it leads to
        Every node that is led to must be a node of the graph.

    Returns
    -------
    dict
        Node -> a number that it shares with the nodes of its component and with no other.
    """
    order: dict[int, int] = {}
    low: dict[int, int] = {}
    number: dict[int, int] = {}
    path: list[int] = []
    for root in graph:
        if root in order:
            continue
        order[root] = low[root] = len(order)
        path.append(root)
        work = [(root, iter(graph[root]))]
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in order:
                    order[other] = low[other] = len(order)
                    path.append(other)
                    work.append((other, iter(graph[other])))
                    break
                if other not in number:
                    low[node] = min(low[node], order[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    while node not in number:
                        number[path.pop()] = order[node]
    return number


def circles_of(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Circles of names that lead back to themselves, each name in one circle at most.

    There is at least one for every such group; names that are led to but are no node are skipped.
    """
    done: set[str] = set()
    circles: list[list[str]] = []
    for root in graph:
        path: dict[str, Iterator[str]] = {}
        if root not in done:
            path[root] = iter(graph[root])
        while path:
            node = next(reversed(path))
            ahead = next((n for n in path[node] if n in graph and n not in done), None)
            if ahead is None:
                done.add(node)
                del path[node]
            elif ahead in path:
                circle = []
                for name in reversed(path):
                    circle.append(name)
                    if name == ahead:
                        break
                circles.append(circle[::-1])
                done.update(circle)
                for name in circle:
                    del path[name]
            else:
                path[ahead] = iter(graph[ahead])
    return circles


def downwards(graph: Mapping[str, Sequence[str]], roots: Iterable[str]) -> list[str]:
    """Names reached from the roots, each before those it leads to (within a circle in some order)."""
    done: set[str] = set()
    order: list[str] = []
    for root in roots:
        work = [] if root in done else [(root, iter(graph[root]))]
        done.add(root)
        while work:
            name, rest = work[-1]
            ahead = next((n for n in rest if n not in done), None)
            if ahead is None:
                order.append(name)
                work.pop()
            else:
                done.add(ahead)
                work.append((ahead, iter(graph[ahead])))
    order.reverse()
    return order


def joined(sets: Iterable[Iterable[str]]) -> list[set[str]]:
    """Sets that have a member in common as one, again and again; in the order in which their first members are met."""
    root: dict[str, str] = {}

    def find(x: str) -> str:
        while root[x] != x:
            root[x] = root[root[x]]
            x = root[x]
        return x

    for together in sets:
        first: str | None = None
        for x in together:
            root.setdefault(x, x)
            if first is None:
                first = x
            else:
                root[find(x)] = find(first)
    found: dict[str, set[str]] = {}
    for x in root:
        found.setdefault(find(x), set()).add(x)
    return list(found.values())
