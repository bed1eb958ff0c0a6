"""A made-up platform in which nothing stands once: products over two of several sites, and misfortunes of every reach.

Sites with rooms and two power paths each; for every product two to three instances of each layer in different sites, of which
one (or two of three) is enough; tools, names and a login under everything; hazards on sites, rooms, paths, releases, vendors and
arbitrary groups, a third of them behind a barrier; defences that add an instance somewhere else, or another vendor.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

LAYERS = ("edge", "web", "app", "cache", "queue", "db")
SITES, ROOMS = 5, 4


@dataclass
class Platform:
    """`products` of about 18 components each; `hazards` misfortunes; `defences` that can be bought."""

    products: int
    hazards: int
    defences: int
    seed: int = 1
    lines: dict[str, list[str]] = field(default_factory=dict)

    def text(self) -> str:
        """The model as YAML."""
        self.dice = random.Random(self.seed)
        self.instances: list[str] = []
        self.groups: dict[str, list[str]] = {}
        self.standing: dict[str, list[str]] = {}  # the instances of each layer
        rows = {"domains": self._domains(), "components": [*self._rooms(), *self._products()]}
        rows["barriers"] = [f"  guard-{b}: {{works: {self.dice.randrange(50, 99)}%}}" for b in range(10)]
        rows["hazards"] = self._hazards()
        rows["services"] = [
            f"  product-{p}: {{needs: [edge-{p}, login, names], loss: {self.dice.randrange(1, 100)}e6 KRW/h}}" for p in range(self.products)
        ]
        rows["defences"] = self._defences()
        lines = ["blackstart: 1", "title: platform", "currency: KRW"]
        for section, found in rows.items():
            lines += [f"{section}:", *found] if found else []
        return "\n".join(lines) + "\n"

    def _domains(self) -> list[str]:
        sites = [f"  site-{s}: {{}}" for s in range(SITES)]
        return sites + [f"  room-{s}-{r}: {{in: site-{s}}}" for s in range(SITES) for r in range(ROOMS)]

    def _rooms(self) -> list[str]:
        """Power: a room runs on either of two paths."""
        found = []
        for s in range(SITES):
            found += [f"  path-{s}-{p}: {{in: site-{s}, fails: 0.1/yr, repair: 8h}}" for p in "ab"]
            for r in range(ROOMS):
                found.append(f"  power-{s}-{r}: {{in: room-{s}-{r}, fails: 0.01/yr, repair: 8h, needs: {{any: [path-{s}-a, path-{s}-b]}}}}")
        return found

    def _instances(self, name: str, below: str, number: int) -> list[str]:
        """Instances of one layer of one product in rooms of different sites, and the layer itself."""
        sites = self.dice.sample(range(SITES), number)
        found, names = [], [f"{name}-{chr(97 + i)}" for i in range(number)]
        for one, s in zip(names, sites, strict=True):
            r = self.dice.randrange(ROOMS)
            needs = ", ".join([f"power-{s}-{r}", *([below] if below else [])])
            own = f"fails: {self.dice.uniform(0.1, 3):.2f}/yr, repair: {self.dice.randrange(1, 24)}h"
            found.append(f"  {one}: {{in: room-{s}-{r}, {own}, needs: [{needs}]}}")
            release = f"{name.partition('-')[0]}-{self.dice.randrange(12)}" if below else one
            self.groups.setdefault(release, []).append(one)
        self.instances += names
        self.standing[name] = names
        return [*found, f"  {name}: {{needs: {_enough(name, names)}}}"]

    def _products(self) -> list[str]:
        found = []
        for name in ("login", "names", "deploy", "permissions"):
            found += self._instances(name, {"login": "names"}.get(name, ""), 4)
        for p in range(self.products):
            below = ""
            for layer in reversed(LAYERS):
                if layer == "app" and self.dice.random() < 0.15:  # products stand on each other, some in circles
                    below = f"{below}, app-{self.dice.randrange(self.products)}"
                found += self._instances(f"{layer}-{p}", below, 3 if layer in ("db", "queue") else 2)
                below = f"{layer}-{p}"
        return found

    def _hazards(self) -> list[str]:
        targets = [[f"site-{s}"] for s in range(SITES)] + [[f"room-{s}-{r}"] for s in range(SITES) for r in range(ROOMS)]
        targets += list(self.groups.values())
        targets += [[f"path-{s}-a", f"path-{s + 1}-b"] for s in range(SITES - 1)]
        while len(targets) < self.hazards:
            targets.append(sorted(set(self.dice.choices(self.instances, k=round(20 ** self.dice.random())))))
        found = []
        for number, group in enumerate(targets[: self.hazards]):
            behind = f", unless: guard-{self.dice.randrange(10)}" if number < SITES or self.dice.random() < 1 / 3 else ""
            found += [f"  shock-{number}:", f"    rate: 1 in {self.dice.randrange(2, 200)} yr", "    effects:"]
            found += [f"      - {{hold: {name}, until: {self.dice.randrange(1, 40)}h{behind}}}" for name in group]
        return found

    def _defences(self) -> list[str]:
        """One more instance, in a site of its own, of a layer under all products or of two layers of four products; no layer twice."""
        found = []
        left = {layer: self.dice.sample(range(self.products), self.products) for layer in LAYERS}
        for d in range(self.defences):
            layers = [layer for layer in LAYERS if len(left[layer]) >= 4]
            chosen = [("login", "names")[d]] if d < 2 else [
                f"{layer}-{left[layer].pop()}" for layer in self.dice.sample(layers, 2) for _ in range(4)
            ]  # fmt: skip
            found += [f"  more-{d}:", f"    costs: {{once: {self.dice.randrange(1, 10)}e8 KRW}}", "    change:", "      components:"]
            for name in chosen:
                found.append(f"        {name}: {{needs: {_enough(name, [*self.standing[name], f'{name}-elsewhere'])}}}")
                found.append(f"        {name}-elsewhere: {{fails: 1/yr, repair: 8h}}")
        return found


def _enough(name: str, instances: list[str]) -> str:
    """What of a layer must be there: one instance, of a database two."""
    listed = ", ".join(instances)
    return f"{{at_least: 2, of: [{listed}]}}" if name.startswith("db") else f"{{any: [{listed}]}}"
