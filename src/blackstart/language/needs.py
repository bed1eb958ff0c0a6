"""What an expression of needs names, what it asks for, and whether it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from blackstart.language.model import Need

EPS = 1e-9  # weights that differ by less are the same


def leaves(need: Need | None) -> Iterator[Need]:
    """The leaves of an expression, in no particular order; nothing for None."""
    stack = [need] if need is not None else []
    while stack:
        node = stack.pop()
        if node.op == "leaf":
            yield node
        else:
            stack.extend(node.of)


def leaf_names(need: Need | None) -> list[str]:
    """The names in an expression, in the order in which they are written, with repeats."""
    if need is None:
        return []
    if need.op == "leaf":
        return [need.name]
    names = [child.name for child in need.of if child.op == "leaf"]
    if len(names) == len(need.of):
        return names
    names = [leaf.name for leaf in leaves(need)]
    names.reverse()
    return names


def doubtful_names(need: Need | None) -> list[str]:
    """The names in an expression that are needed only perhaps, in the order in which they are written."""
    if need is None:
        return []
    return leaf_names(need) if need.op == "maybe" else [name for n in need.of for name in doubtful_names(n)]


def least(need: Need) -> float:
    """How much of its members' weight a gate asks for (each member weighs 1 except for ``capacity``)."""
    if need.op == "any":
        return 1.0
    return need.threshold if need.op in ("at_least", "capacity") else float(len(need.of))


def weights(need: Need) -> tuple[float, ...]:
    """The weight of each member of a gate."""
    return need.weights if need.op == "capacity" else (1.0,) * len(need.of)


def holds(need: Need | None, up: Callable[[str], bool]) -> bool:
    """Whether an expression holds when exactly the names for which `up` says so are running.

    A doubtful need (``maybe``) counts as a need. None always holds.
    """
    if need is None:
        return True
    if need.op == "leaf":
        return up(need.name)
    served = sum(w for child, w in zip(need.of, weights(need), strict=False) if holds(child, up))
    return served >= least(need) - EPS


def without(need: Need, spared: Callable[[str], bool]) -> Need | None:
    """What is left of a need when the components for which `spared` says so count as fully there; None if nothing is."""
    if need.op == "leaf":
        return None if spared(need.name) else need
    kept = [r for n in need.of if (r := without(n, spared)) is not None]
    gone = len(need.of) - len(kept)
    if gone == 0:
        return Need(need.op, need.name, tuple(kept), need.weights, need.threshold, need.chance, need.where)
    if need.op == "all" and kept:
        return Need("all", of=tuple(kept), where=need.where)
    if need.op == "at_least" and need.threshold > gone:
        return Need("at_least", of=tuple(kept), threshold=need.threshold - gone, where=need.where)
    if need.op == "capacity":  # its members are leaves
        stay = [(n, w) for n, w in zip(need.of, need.weights, strict=True) if n in kept]
        least_left = need.threshold - sum(w for n, w in zip(need.of, need.weights, strict=True) if n not in kept)
        if stay and least_left > 0.0:
            return Need("capacity", of=tuple(n for n, _ in stay), weights=tuple(w for _, w in stay), threshold=least_left)
    return None
