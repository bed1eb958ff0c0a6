"""Which parts a picture draws as one box, so that a person can read it.

Up to `BOXES_MOST` boxes every part has one of its own; then parts that stand in the same place and need the same are one. A model
that is still far larger is *folded*: parts of one place that are alike (of one kind, needing things of the same kinds, as many parts
hanging on them) are one box, places that hold alike things are one frame, services that fared alike are one box. What fared otherwise
keeps a box of its own as long as there is room. Every part is in exactly one box.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blackstart.report.names import Names
from blackstart.text import has, say

BOXES_MOST = 60
LARGE = 120  # parts of a model of which like ones are told together in tables, too
FOLDED_FROM = 75  # with more boxes than that, what needs the same being one, the picture is folded
SERVICES_MOST = 16
STEMS_MOST = 3  # like parts without a kind, of so few names, are told apart by name
SHARED_LEAST = 5  # so many hang on what is drawn by itself while there is room, in a large model
SHARED_PART = 0.005  # this share of all parts
NOT_A_PLACE = ("software", "account", "operator", "certificate")
# from fine to coarse: whether fared otherwise is drawn apart, rounds of likeness, how much like places must have in common
FOLDS = tuple(
    (fared, rounds, common)
    for fared in (True, False)
    for rounds, common in ((2, 1.1), (1, 1.1), (2, 0.7), (1, 0.7), (1, 0.5), (0, 0.5), (0, 0.2))
)
_SIGNS = re.compile(r"[-_./@: ]+")
Fared = Callable[[str], str]


@dataclass(slots=True)
class Box:
    """One part, or several that are drawn as one."""

    members: list[str]
    service: bool
    domain: str | None
    key: str
    rolled: bool = False  # several that are not alike
    folded: bool = False  # several that are alike, not of which each needs the same
    layer: int = 0
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Grouped:
    """The boxes of a picture, and which domains are drawn as one: each by the first of those that are alike."""

    boxes: list[Box]
    stands_for: Mapping[str, str] = field(default_factory=dict)

    def alike(self, domain: str) -> list[str]:
        """The domains that are drawn as this one."""
        return [d for d, first in self.stands_for.items() if first == domain] or [domain]

    @property
    def is_folded(self) -> bool:
        """Whether boxes stand for parts that are alike, but do not each need the same."""
        return any(b.folded for b in self.boxes)


def grouped(graph: Mapping[str, Any], order: Sequence[str] = (), fared: Fared = lambda id_: "") -> Grouped:
    """Boxes of a graph, at most about `BOXES_MOST`.

    Parameters
    ----------
    graph : the graph of a result
    order : services, those first that have a box of their own while there is room
    fared : what became of a part; what fared differently is one box only where there is no room
    """
    domains = {d["id"]: d for d in graph["domains"]}
    boxes = [Box([c["id"]], bool(c["service"]), home(c["in"], domains), c["id"]) for c in graph["components"]]
    if len(boxes) <= BOXES_MOST:
        return Grouped(boxes)
    alike = _merged(boxes, _likeness(graph, boxes))
    if len(alike) > FOLDED_FROM:
        return _folded(graph, boxes, order, fared)
    return Grouped(_few(graph, alike, BOXES_MOST))


def home(inside: Sequence[str], domains: Mapping[str, Any]) -> str | None:
    """The domain in which a part is drawn: the first that is a place, else the first."""
    known = [d for d in inside if d in domains]
    return next((d for d in known if domains[d]["kind"] not in NOT_A_PLACE), known[0] if known else None)


def path_to(domain: str, domains: Mapping[str, Any]) -> list[str]:
    """A domain and those around it, the outermost first."""
    found: list[str] = []
    at: str | None = domain
    while at is not None and at not in found:
        found.append(at)
        at = next((d for d in domains[at]["in"] if d in domains), None)
    return found[::-1]


def _merged(boxes: Sequence[Box], likeness: Mapping[str, Any]) -> list[Box]:
    """Boxes of the same likeness as one, in the place of their first."""
    groups: dict[Any, list[Box]] = {}
    for box in boxes:
        groups.setdefault(likeness[box.key], []).append(box)
    return [
        Box([m for b in some for m in b.members], some[0].service, some[0].domain, some[0].key, folded=any(b.folded for b in some))
        for some in groups.values()
    ]


def _likeness(graph: Mapping[str, Any], boxes: Sequence[Box]) -> dict[str, Any]:
    """What makes parts alike: where they stand, and what they need."""
    needs = _needs(graph)
    kinds = {c["id"]: c["kind"] for c in graph["components"]}
    return {b.key: (b.domain, kinds[b.key], b.service, frozenset(needs.get(b.key, ()))) for b in boxes}


def _needs(graph: Mapping[str, Any]) -> dict[str, set[tuple[str, str]]]:
    needs: dict[str, set[tuple[str, str]]] = {}
    for source, target, kind in graph["needs"]:
        if kind != "help":
            needs.setdefault(source, set()).add((target, kind))
    return needs


# --------------------------------------------------------------------------- large models


def _folded(graph: Mapping[str, Any], boxes: Sequence[Box], order: Sequence[str], fared: Fared) -> Grouped:
    """Services that fared alike, like parts of a place and like places as one: as finely as there is room for."""
    domains = {d["id"]: d for d in graph["domains"]}
    services = _services([b for b in boxes if b.service], order, fared, SERVICES_MOST)
    parts = [b for b in boxes if not b.service]
    where = _words_of_places((b.domain for b in parts), domains)
    stems = {b.key: _stem(b.key, where) for b in parts}
    for apart, rounds, common in FOLDS:
        classes = _classes(graph, parts, stems, rounds, fared if apart else lambda id_: "")
        stands_for = _places(parts, classes, domains, common)
        at = {b.key: stands_for[b.domain] if b.domain else None for b in parts}
        merged = _merged(parts, {b.key: (at[b.key], classes[b.key]) for b in parts})
        found = [Box(b.members, False, at[b.key], b.key, folded=len(b.members) > 1) for b in merged]
        if len(services) + len(found) <= BOXES_MOST:
            return Grouped([*services, *_shared_apart(graph, found, stems, BOXES_MOST - len(services))], stands_for)
    return Grouped([*services, *_few(graph, found, BOXES_MOST - len(services))], stands_for)


def _services(boxes: Sequence[Box], order: Sequence[str], fared: Fared, most: int) -> list[Box]:
    """Services that fared alike as one; where they are still too many, the first in order by themselves and the others as one."""
    place = {id_: n for n, id_ in enumerate(order)}
    ordered = sorted(boxes, key=lambda b: place.get(b.key, len(place)))
    alike = _merged(ordered, {b.key: fared(b.key) for b in ordered})
    for box in alike:
        box.folded = len(box.members) > 1
    rest = [m for b in alike[most - 1 :] for m in b.members]
    return alike if len(alike) <= most else [*alike[: most - 1], Box(rest, True, None, rest[0], rolled=True)]


def _words_of_places(homes: Iterable[str | None], domains: Mapping[str, Any]) -> set[str]:
    """The words in the names of the places where parts stand."""
    places = {d for home in homes if home for d in path_to(home, domains) if domains[d]["kind"] not in NOT_A_PLACE}
    return {word for d in places for word in _SIGNS.split(d)}


def _stem(id_: str, where: set[str]) -> str:
    """The name of a part without the words that tell where it stands, and without its number."""
    words = [word.rstrip("0123456789") for word in _SIGNS.split(id_) if word not in where]
    return "-".join(word for word in words if word)


def _classes(
    graph: Mapping[str, Any], parts: Sequence[Box], stems: Mapping[str, str], rounds: int, fared: Fared
) -> dict[str, Any]:
    """For each part a number that like parts share, and only those of which as many hang on it and that fared alike.

    Like parts without a kind of which there are few names are told apart by their names.
    """
    kinds, hang = {c["id"]: c["kind"] for c in graph["components"]}, _hang(graph)
    # how many hang on it in powers of four: what many share is not like what few need
    found = _refined(graph, {b.key: (b.domain, len(hang.get(b.key, ())).bit_length() // 2, fared(b.key)) for b in parts}, rounds)
    names: dict[int, set[str]] = {}
    for key, number in found.items():
        names.setdefault(number, set()).add(stems[key])
    return _numbered({key: (n, stems[key] if not kinds[key] and len(names[n]) <= STEMS_MOST else "") for key, n in found.items()})


def _refined(graph: Mapping[str, Any], parts: Mapping[str, tuple[str | None, *tuple[Any, ...]]], rounds: int) -> dict[str, int]:
    """For each part (its domain, and what else tells it apart) a number that like parts share: of one kind, in places of one kind,
    needing to run things of the same kinds, and by rounds things that are alike."""
    needs, kinds = _needs(graph), {c["id"]: c["kind"] for c in graph["components"]}
    place_kinds = {d["id"]: d["kind"] for d in graph["domains"]}
    found = _numbered({id_: (kinds[id_], place_kinds.get(domain), *more) for id_, (domain, *more) in parts.items()})
    for n in range(rounds):  # first the kinds of what it needs to run, then what these are like
        of: Mapping[str, Any] = found if n else {id_: kind for id_, kind in kinds.items() if kind}
        needed = {id_: frozenset(of[t] for t, kind in needs.get(id_, ()) if t in of and kind == "run") for id_ in parts}
        found = _numbered({id_: (found[id_], needed[id_]) for id_ in parts})
    return found


def is_large(graph: Mapping[str, Any]) -> bool:
    """Whether a model has so many parts that tables tell like ones together."""
    return len(graph["components"]) > LARGE


def like_parts(graph: Mapping[str, Any]) -> Mapping[str, int]:
    """For each part of a large model a number that those like it share, wherever they stand; of a smaller model none.

    Tables tell like parts in one row with their number.
    """
    if not is_large(graph):
        return {}
    domains = {d["id"]: d for d in graph["domains"]}
    homes = {c["id"]: home(c["in"], domains) for c in graph["components"]}
    where = _words_of_places(homes.values(), domains)
    # what has no kind is alike only by its name
    return _refined(graph, {c["id"]: (homes[c["id"]], c["kind"] or _stem(c["id"], where)) for c in graph["components"]}, 1)


def name_of(members: Sequence[str], kinds: Mapping[str, str | None], names: Names) -> str:
    """What like parts are called together: what their names have in common, or their kind, and how many they are."""
    common = common_name([names.of(m) for m in members])
    kind = f"evidence.kind.component.{kinds.get(members[0])}"
    if not common and len({kinds.get(m) for m in members}) == 1 and has(kind, names.lang):
        common = say(kind, names.lang)
    return names.say("chart.folded", name=common, n=len(members)) if common else names.listed(members, 1)


def _shared_apart(graph: Mapping[str, Any], boxes: list[Box], stems: Mapping[str, str], most: int) -> list[Box]:
    """While there is room, what many hang on leaves its box for one of its own: those of most, with their like in other places."""
    hang = _hang(graph)
    least = max(SHARED_LEAST, SHARED_PART * len(graph["components"]))
    units: dict[tuple[int, str], list[str]] = {}
    for n, box in enumerate(boxes):
        for m in box.members:
            units.setdefault((n, stems[m]), []).append(m)
    most_of = {unit: max(len(hang.get(m, ())) for m in members) for unit, members in units.items()}
    left = [len(b.members) for b in boxes]
    for n, stem in sorted(units, key=lambda unit: -most_of[unit]):
        mine = units[n, stem]
        if len(boxes) >= most or most_of[n, stem] < least:
            break
        if left[n] > len(mine):
            left[n] -= len(mine)
            boxes.append(Box(mine, False, boxes[n].domain, mine[0], folded=len(mine) > 1))
            boxes[n].members = [m for m in boxes[n].members if m not in set(mine)]
    for box in boxes:
        box.key, box.folded = box.members[0], len(box.members) > 1
    return boxes


def _hang(graph: Mapping[str, Any]) -> dict[str, set[str]]:
    """Who needs each part, for whatever."""
    hang: dict[str, set[str]] = {}
    for source, target, _ in graph["needs"]:
        hang.setdefault(target, set()).add(source)
    return hang


def _numbered(likeness: Mapping[str, Any]) -> dict[str, int]:
    numbers: dict[Any, int] = {}
    return {key: numbers.setdefault(like, len(numbers)) for key, like in likeness.items()}


def _places(
    parts: Sequence[Box], classes: Mapping[str, int], domains: Mapping[str, Any], common: float
) -> dict[str, str]:
    """Domain -> the domain it is drawn as: those of one kind, side by side, that have so large a share of what they hold in common."""
    holds: dict[str, Counter[int]] = {}
    inside: dict[str | None, list[str]] = {}
    for box in parts:
        path: list[str | None] = [None, *(path_to(box.domain, domains) if box.domain else ())]
        for outer, d in zip(path, path[1:], strict=False):
            if d is not None and d not in holds:
                holds[d] = Counter()
                inside.setdefault(outer, []).append(d)
        for d in path[1:]:
            holds[str(d)][classes[box.key]] += 1
    found: dict[str, str] = {}
    todo: list[list[str]] = [inside.get(None, [])]
    while todo:
        groups: list[list[str]] = []
        for d in todo.pop():
            like = (g for g in groups if domains[g[0]]["kind"] == domains[d]["kind"] and _shared(holds[g[0]], holds[d]) >= common)
            group = next(like, None)
            if group is None:
                groups.append(group := [])
            group.append(d)
        for group in groups:
            found |= dict.fromkeys(group, group[0])
            todo.append([inner for d in group for inner in inside.get(d, ())])
    return found


def _shared(a: Counter[int], b: Counter[int]) -> float:
    return (a & b).total() / (a | b).total()


# --------------------------------------------------------------------------- the least connected of a place as one


def _few(graph: Mapping[str, Any], boxes: list[Box], most: int) -> list[Box]:
    """The least connected boxes of the fullest domain become one, and so on until few enough are left; services last."""
    if len(boxes) <= most:
        return boxes
    domains = {d["id"]: d for d in graph["domains"]}
    ties: dict[str, int] = {}
    for need in graph["needs"]:
        for end in need[:2]:
            ties[end] = ties.get(end, 0) + 1
    for services in (False, True):
        while len(boxes) > most:
            groups: dict[str | None, list[Box]] = {}
            for b in boxes:
                if b.service == services:
                    groups.setdefault(b.domain, []).append(b)
            fullest = max(groups.values(), key=len, default=[])
            if len(fullest) > 1:
                least = sorted(fullest, key=lambda b: (not b.rolled, sum(ties.get(m, 0) for m in b.members)))
                boxes = _rolled(boxes, least[: len(boxes) - most + 1])
            elif not _lift(boxes, domains, services):
                break
    return boxes


def _rolled(boxes: Sequence[Box], chosen: Sequence[Box]) -> list[Box]:
    """Boxes with the chosen ones drawn as one, in the place of their first."""
    mine = {id(b) for b in chosen}
    members = [m for b in boxes if id(b) in mine for m in b.members]
    one = Box(members, chosen[0].service, chosen[0].domain, members[0], rolled=True)
    found: list[Box] = []
    for b in boxes:
        if id(b) not in mine:
            found.append(b)
        elif not any(f is one for f in found):
            found.append(one)
    return found


def _lift(boxes: Sequence[Box], domains: Mapping[str, Any], services: bool) -> bool:
    """Move boxes of the deepest domains one domain outwards; whether any moved."""
    depth = {d: len(path_to(d, domains)) for d in domains}
    inside = [b for b in boxes if b.domain is not None and b.service == services]
    if not inside:
        return False
    deepest = max(depth[b.domain] for b in inside if b.domain)
    for b in inside:
        if b.domain and depth[b.domain] == deepest:
            outer = path_to(b.domain, domains)[:-1]
            b.domain = outer[-1] if outer else None
    return True


def common_name(shown: Sequence[str]) -> str:
    """What the names of several begin with, up to a sign between words; "" where that is nothing.

    >>> common_name(["kv-orders-eu-a", "kv-users-eu-a"])
    'kv-…'
    """
    first, last = min(shown), max(shown)
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    ends = [m.end() for m in _SIGNS.finditer(first) if m.end() <= same]
    return first[: ends[-1]] + "…" if ends and ends[-1] > 2 else ""


def told_apart(boxes: Iterable[Box]) -> list[Box]:
    """The boxes that stand for several parts, those of most parts first."""
    return sorted((b for b in boxes if len(b.members) > 1), key=lambda b: -len(b.members))
