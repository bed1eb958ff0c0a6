"""Who stands behind the same wall: domains that enclose a component, and what is lost with them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from blackstart import evidence
from blackstart.language.model import Component, Model, Need, Target
from blackstart.language.needs import holds, leaf_names

MOST_AROUND = 64  # domains around one domain that are looked at, so that a long chain costs no square

# Kinds of domains that are no place: sharing one of them is not a wall that burns down with both.
_NO_PLACE = frozenset("region operator software account certificate power grid duct cloud network".split())


class Members(NamedTuple):
    """Components as indices in the order of the file: inside each domain (directly or not), and with each tag."""

    inside: dict[str, list[int]]
    tagged: dict[str, list[int]]


def members(model: Model) -> Members:
    """Who is inside which domain, and who bears which tag: by itself, or by a domain that it is inside."""
    above: dict[str, tuple[str, ...]] = {}

    def ancestors(name: str) -> tuple[str, ...]:
        if name not in above:
            seen = [name]
            for n in seen:  # grows while it is read: breadth first, each domain once
                seen.extend(p for p in model.domains[n].located if p not in seen)
            above[name] = tuple(seen)
        return above[name]

    found = Members({name: [] for name in model.domains}, {})
    same: dict[tuple[tuple[str, ...], tuple[str, ...]], list[list[int]]] = {}  # place and tags -> the lists such a component is in
    for i, c in enumerate(model.components.values()):
        lists = same.get((c.located, c.tags))
        if lists is None:
            around = {d for name in c.located for d in ancestors(name)}
            tags = set(c.tags).union(*(model.domains[d].tags for d in around))
            lists = [found.inside[d] for d in around] + [found.tagged.setdefault(tag, []) for tag in tags]
            same[c.located, c.tags] = lists
        for one in lists:
            one.append(i)
    return found


class Places:
    """Domains of a model and what is inside them, each answer worked out once.

    Names that the model does not declare are skipped; domains inside each other do no harm.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self._of: dict[tuple[str, ...], frozenset[str]] = {}
        self._around: dict[str, frozenset[str]] = {}
        self._beside: dict[tuple[object, ...], list[tuple[str, str]]] = {}

    def around(self, domain: str) -> frozenset[str]:
        """The domain and those that enclose it, at most `MOST_AROUND`, the nearest."""
        if domain not in self._around:
            seen: set[str] = set()
            queue = deque([domain])
            while queue and len(seen) < MOST_AROUND:
                name = queue.popleft()
                if name not in seen and name in self.model.domains:
                    seen.add(name)
                    queue.extend(self.model.domains[name].located)
            self._around[domain] = frozenset(seen)
        return self._around[domain]

    def of(self, component: Component) -> frozenset[str]:
        """All domains a component is in, enclosing ones included."""
        key = component.located
        if key not in self._of:
            self._of[key] = frozenset().union(*(self.around(name) for name in key))
        return self._of[key]

    def reached(self, target: Target | None) -> list[str]:
        """Components that an effect on `target` may reach: by name, by a domain around them, by a tag of theirs or of such a domain."""
        names, tags = (set(target.names), set(target.tags)) if target else (set[str](), set[str]())
        return [c.id for c in self.model.components.values() if c.id in names or names & self.of(c) or (tags and tags & self._tags(c))]

    def _tags(self, component: Component) -> set[str]:
        return set(component.tags).union(*(self.model.domains[name].tags for name in self.of(component)))

    def is_place(self, domain: str) -> bool:
        """Whether the parts of a domain share walls; a kind that nobody knows counts as a place."""
        kind = self.model.domains[domain].kind
        return kind is None or evidence.canonical(kind, "domain") not in _NO_PLACE

    def _inside_out(self, domains: Iterable[str]) -> list[str]:
        """The places among the domains, the innermost first."""
        places = [name for name in domains if self.is_place(name)]
        return sorted(places, key=lambda name: (-len(self.around(name)), name))

    def shared(self, names: Iterable[str]) -> list[str]:
        """Places that hold all the named components, the innermost first."""
        known = [self.model.components[name] for name in names if name in self.model.components]
        if not known:
            return []
        around = frozenset.intersection(*{self.of(component) for component in known})
        return self._inside_out(around) if around else []

    def tools_beside(self, patient: Component, need: Need) -> list[tuple[str, str]]:
        """What is needed to bring a component back and is lost in the same place as the component itself.

        Parameters
        ----------
        patient : Component
            What must come back, or what another one must take over from.
        need : Need
            What that takes.

        Returns
        -------
        list of (tool, place)
            For the smallest place around the patient whose loss leaves `need` unmet; empty if there is none.
        """
        names = leaf_names(need)
        # Whole racks ask for the same tools from the same room: plain lists of needs are answered once.
        plain = need.op == "leaf" or (need.op == "all" and len(names) == len(need.of))
        if not plain or patient.id in names:
            return self._lost_together(patient, need, names)
        key = (patient.located, *names)
        if key not in self._beside:
            self._beside[key] = self._lost_together(patient, need, names)
        return self._beside[key]

    def _lost_together(self, patient: Component, need: Need, names: list[str]) -> list[tuple[str, str]]:
        known = self.model.components
        homes = {name: self.of(known[name]) for name in names if name in known}
        for place in self._inside_out(self.of(patient)):
            inside = {name for name in homes if place in homes[name] and name != patient.id}
            if inside and not holds(need, lambda name, lost=inside: name not in lost):
                return [(name, place) for name in homes if name in inside]
        return []
