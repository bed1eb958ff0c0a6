"""A made-up platform of any size, as YAML text, or as a small YAML file with its components in a CSV table.

Sites with halls, rows and racks; power from the feed to the rack; server pools as counted units (32,000 servers at 100,000
components); data, platform, application and edge layers that need pools and each other; tools without which nothing
starts; teams; services; and for each site a fire that takes it away.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Fields = dict[str, str]
LAYERS = (("data", 0.10), ("platform", 0.15), ("app", 0.40), ("edge", 0.35))
RACKS_PER_ROW, ROWS_PER_HALL, HALLS_PER_SITE = 10, 5, 12
SERVERS_PER_RACK = 16
COLUMNS = (
    "section", "id", "kind", "in", "needs", "count", "fails", "rides", "repair.takes", "repair.work", "repair.people",
    "start.takes", "start.work", "start.people", "start.needs", "standby.for", "loss", "users", "tags",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One component or service: fields by dotted name, lists as `a; b`."""

    section: str
    id: str
    fields: Fields


class Platform:
    """`size` components and services, of which one in fifty is a service and one in fifty a rack's pool of servers."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.size = size
        self.dice = random.Random(seed)
        self.racks = max(8, size // 50)
        self.rows = -(-self.racks // RACKS_PER_ROW)
        self.halls = -(-self.rows // ROWS_PER_HALL)
        self.sites = max(3, -(-self.halls // HALLS_PER_SITE))
        self.teams = max(3, size // 4000)
        self.services = max(5, size // 50)

    def site(self, hall: int) -> str:
        return f"site-{hall % self.sites}"

    def domains(self) -> Iterator[tuple[str, str, str]]:
        """(id, kind, inside) from the outside in."""
        yield "korea", "country", ""
        for s in range(self.sites):
            yield f"site-{s}", "campus", "korea"
        for h in range(self.halls):
            yield f"hall-{h}", "hall", self.site(h)
        for r in range(self.rows):
            yield f"row-{r}", "row", f"hall-{r // ROWS_PER_HALL}"
        for r in range(self.racks):
            yield f"rack-{r}", "rack", f"row-{r // RACKS_PER_ROW}"
        for r in range(8):
            yield f"release-{r}", "release", ""

    def components(self) -> Iterator[Row]:
        yield from self._tools()
        yield from self._power()
        yield from self._racks()
        left = self.size - self.services - self._fixed()
        yield from self._layers(left)

    def _fixed(self) -> int:
        return 3 * self.sites + 4 * self.sites + 4 * self.halls + 5 * self.racks

    def _tools(self) -> Iterator[Row]:
        for s in range(self.sites):
            for tool in ("deploy", "permissions", "monitoring"):
                yield Row("components", f"{tool}-{s}", {
                    "in": f"site-{s}", "needs": f"feed-{s}-a", "fails": "0.2/yr..2/yr", "repair.takes": "30min..8h",
                    "repair.people": "1 team-0", "start.takes": "10min..1h",
                })  # fmt: skip

    def _power(self) -> Iterator[Row]:
        for s in range(self.sites):
            for path in "ab":
                yield Row(
                    "components",
                    f"grid-{s}-{path}",
                    {"in": f"site-{s}", "fails": "0.1/yr..1/yr", "repair.takes": "15min..12h"},
                )
                yield Row("components", f"feed-{s}-{path}", {
                    "in": f"site-{s}", "needs": f"grid-{s}-{path}", "rides": "15min", "fails": "0.01/yr..0.1/yr",
                    "repair.takes": "4h..48h",
                })  # fmt: skip
        for h in range(self.halls):
            s = h % self.sites
            for path in "ab":
                yield Row("components", f"ups-{h}-{path}", {
                    "kind": "ups", "in": f"hall-{h}", "needs": f"feed-{s}-{path}", "rides": "10min", "tags": "battery",
                })  # fmt: skip
                yield Row("components", f"core-{h}-{path}", {
                    "in": f"hall-{h}", "needs": f"ups-{h}-{path}", "fails": "0.02/yr..0.2/yr", "repair.takes": "1h..8h",
                })  # fmt: skip

    def _racks(self) -> Iterator[Row]:
        for r in range(self.racks):
            h = r // (RACKS_PER_ROW * ROWS_PER_HALL)
            team = f"team-{h % self.teams}"
            for path in "ab":
                yield Row("components", f"pdu-{r}-{path}", {
                    "in": f"rack-{r}", "needs": f"ups-{h}-{path}", "fails": "0.01/yr..0.1/yr", "repair.takes": "1h..12h",
                    "repair.people": f"1 {team}",
                })  # fmt: skip
                yield Row("components", f"tor-{r}-{path}", {
                    "in": f"rack-{r}", "needs": f"pdu-{r}-{path}; core-{h}-{path}", "fails": "0.02/yr..0.2/yr",
                    "repair.takes": "30min..6h", "repair.people": f"1 {team}",
                })  # fmt: skip
            yield Row("components", f"pool-{r}", {
                "in": f"rack-{r}", "count": str(SERVERS_PER_RACK), "needs": f"any: tor-{r}-a; tor-{r}-b", "fails": "0.05/yr..0.5/yr",
                "repair.work": "20min", "repair.people": f"4 {team}", "start.work": "5min", "start.people": f"4 {team}",
                "start.needs": f"permissions-{h % self.sites}",
            })  # fmt: skip

    def _layers(self, left: int) -> Iterator[Row]:
        dice, below = self.dice, [f"pool-{r}" for r in range(self.racks)]
        for n, (layer, share) in enumerate(LAYERS):
            size = (
                int(left * share)
                if n < len(LAYERS) - 1
                else left - sum(int(left * part) for _, part in LAYERS[:-1])
            )
            names = [f"{layer}-{i}" for i in range(size)]
            for name in names:
                yield Row("components", name, self._one(dice, layer, below))
            below = names

    def _one(self, dice: random.Random, layer: str, below: list[str]) -> Fields:
        r = dice.randrange(self.racks)
        site = (r // (RACKS_PER_ROW * ROWS_PER_HALL)) % self.sites
        team = f"team-{dice.randrange(self.teams)}"
        if dice.random() < 0.5:
            own = [] if layer == "data" else [f"pool-{r}"]
            needs = "; ".join(dict.fromkeys([*own, *dice.sample(below, 2)]))
        else:
            needs = "any: " + "; ".join(dice.sample(below, 3))
        return {
            "in": f"release-{dice.randrange(8)}", "needs": needs, "fails": f"{dice.uniform(0.02, 2):.3f}/yr",
            "repair.takes": dice.choice(("10min..4h", "30min..12h")),
            "start.takes": dice.choice(("1min..20min", "5min..1h", "10min + 0.1 x outage")),
            "start.needs": f"deploy-{site}", **({"start.people": f"1 {team}"} if dice.random() < 0.3 else {}),
        }  # fmt: skip

    def service_rows(self) -> Iterator[Row]:
        left = self.size - self.services - self._fixed()
        edge = left - sum(int(left * part) for _, part in LAYERS[:-1])
        for s in range(self.services):
            needs = "; ".join(
                f"edge-{e}" for e in range(s * edge // self.services, (s + 1) * edge // self.services)
            )
            yield Row(
                "services",
                f"service-{s}",
                {"needs": needs, "loss": f"{self.dice.randrange(1, 100)}e5 KRW/h", "users": "1000"},
            )


# --------------------------------------------------------------------------- as text


def write(platform: Platform, folder: Path, csv: bool) -> Path:
    """Write the model's files; the main one."""
    head = ["blackstart: 1", f"title: platform of {platform.size}", "currency: KRW", "domains:"]
    for name, kind, inside in platform.domains():
        head.append(f"  {name}: {{kind: {kind}{f', in: {inside}' if inside else ''}}}")
    head.append("teams:")
    head += [
        f"  team-{t}: {{people: 40, on_call: 4, arrives: 20min..1h, musters: 1h..6h, shift: 12h}}"
        for t in range(platform.teams)
    ]
    head.append("hazards:")
    for s in range(platform.sites):
        head += [
            f"  fire-{s}:", f"    strikes: site-{s}", "    rate: 1 in 500 yr",
            "    lasts: {fire-out: 6h..30h, power-back: 24h..120h}", "    effects:",
            f"      - {{hold: site-{s}, until: power-back}}", f"      - {{bar: site-{s}, until: fire-out}}",
        ]  # fmt: skip
    path = folder / "platform.yaml"
    rows = [*platform.components(), *platform.service_rows()]
    assert len(rows) == platform.size
    if csv:
        (folder / "components.csv").write_text("".join(_csv(rows)), "utf-8")
        path.write_text("\n".join([*head, "include: components.csv"]) + "\n", "utf-8")
    else:
        path.write_text("\n".join([*head, *_yaml(rows)]) + "\n", "utf-8")
    return path


def _yaml(rows: list[Row]) -> Iterator[str]:
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            yield f"{section}:"
        parts: dict[str, list[str]] = {}
        for name, text in row.fields.items():
            outer, _, inner = name.partition(".")
            value = (
                _yaml_need(text) if name in ("needs", "in") else f"{text} each" if inner == "work" else text
            )
            parts.setdefault(outer, []).append(f"{inner}: {value}" if inner else value)
        yield f"  {row.id}:"
        for outer, values in parts.items():
            yield f"    {outer}: " + (
                f"{{{', '.join(values)}}}"
                if ": " in values[0] and outer in ("repair", "start")
                else values[0]
            )


def _yaml_need(text: str) -> str:
    if text.startswith("any: "):
        return f"{{any: [{text[5:].replace('; ', ', ')}]}}"
    return f"[{text.replace('; ', ', ')}]" if "; " in text else text


def _csv(rows: list[Row]) -> Iterator[str]:
    """`any` has a column of its own, beside the one for needs that must all be there."""
    columns = ("needs.any", *COLUMNS)
    yield ",".join(columns) + "\n"
    for row in rows:
        cells = dict(row.fields)
        if cells.get("needs", "").startswith("any: "):
            cells["needs.any"] = cells.pop("needs")[5:]
        for name in ("repair.work", "start.work"):
            if name in cells:
                cells[name] += " each"
        cells.update(section=row.section, id=row.id)
        yield ",".join(cells.get(column, "") for column in columns) + "\n"
