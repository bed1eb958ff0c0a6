"""A fault tree, quantified, as a report: probability first, then what makes it up, what matters in it and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from blackstart.report import numbers
from blackstart.report.names import Names
from blackstart.report.outline import Block, Outline, Section
from blackstart.report.tables import NONE, Table
from blackstart.text import has, say
from blackstart.units import write_number

Result = Mapping[str, Any]
EVENTS_SHOWN = 20
NAMES_SHOWN = 12
ORDERS_SHOWN = 16


def report(result: Result, names: Names) -> Outline:
    """A quantification as an outline."""
    told = _Told(result, names)
    return Outline(
        told.say("title", title=result["title"], top=told.named(result["top"])),
        told.first(),
        [s for s in (told.smallest(), told.weightiest(), told.spread(), told.often()) if s],
        told.notes(),
        [
            Section("cut-sets", told.say(f"section.{told.reading}"), told.cut_sets()),
            Section("importance", told.say("section.importance"), told.importance()),
            Section("uncertainty", told.say("section.uncertainty"), told.uncertainty()),
            Section("aside", told.say("section.aside"), told.aside()),
            Section("provenance", told.say("section.provenance"), [told.provenance()]),
        ],
    )


def chance(p: float, digits: int = 4) -> str:
    """A probability as reliability engineers write it: `1.1706e-03`."""
    return f"{p:.{digits}e}" if 0 < p < 0.1 else write_number(p, digits + 1)


def outward(bound: float, digits: int, way: int) -> str:
    """A bound as it is printed, rounded downwards (`way` -1) or upwards (1), so that what is printed is proven too."""
    shown = float(f"{bound:.{digits}e}")
    if (shown - bound) * way < 0:
        shown += way * 10.0 ** (math.floor(math.log10(bound)) - digits)
    return f"{shown:.{digits}e}"


class _Told:
    """One result in one language."""

    def __init__(self, result: Result, names: Names) -> None:
        self.result, self.names, self.lang = result, names, names.lang
        self.reading = result["cut_sets"]["reading"]
        self.p = result["probability"]

    def say(self, key: str, **values: Any) -> str:
        return say(f"quantify.{key}", self.lang, **values)

    def named(self, name: str) -> str:
        """A name with its label, where it has one."""
        label = self.names.of(name)
        return name if label == name else self.say("named", name=name, label=label)

    def listed(self, names: Sequence[str], most: int = NAMES_SHOWN) -> str:
        return self.names.join([self.named(n) for n in names], most)

    # -- sentences

    def first(self) -> str:
        top = self.named(self.result["top"])
        if self.result["outcome"]["state"] != "exact":
            low, high = self.result["bounds"]
            digits = min(6, max(2, math.ceil(-math.log10(max(1e-6, (high - low) / high))) + 1))  # as many as tell them apart
            return self.say("first.bounded", top=top, low=outward(low, digits, -1), high=outward(high, digits, 1))
        if self.p in (0.0, 1.0):
            return self.say("first.never" if self.p == 0.0 else "first.sure", top=top)
        one_in = numbers.point(1 / self.p, "count", self.lang, digits=3)
        return self.say("first.exact" if self.p < 0.1 else "first.likely", top=top, p=chance(self.p), n=one_in)

    def smallest(self) -> str:
        sets = self.result["cut_sets"]
        if not any(sets["by_order"]) or self.reading == "prime-implicants" or not sets["complete"]:
            return ""
        order = next(i for i, n in enumerate(sets["by_order"], 1) if n)
        singles = [row["events"][0] for row in sets["most_likely"] if len(row["events"]) == 1 and not row["absent"]]
        if order == 1 and len(singles) == sets["by_order"][0]:
            return self.say("smallest.single", n=len(singles), names=self.listed(singles, 3))
        return self.say("smallest.one" if order == 1 else "smallest.several", n=sets["by_order"][order - 1], order=order)

    def weightiest(self) -> str:
        """The event that matters most: how much less probable without it."""
        if not self.result["importance"] or not 0 < self.p < 1 or self.result["outcome"]["state"] != "exact":
            return ""
        row = self.result["importance"][0]
        if row["fussell_vesely"] <= 0:
            return ""
        gone = numbers.whole_percent(min(1.0, row["fussell_vesely"]), self.lang)
        return self.say("weightiest", name=self.named(row["event"]), share=gone)

    def spread(self) -> str:
        found = self.result["uncertainty"]
        if not found:
            return ""
        low, high = (chance(found["quantiles"][q]["value"], 2) for q in ("5", "95"))
        return self.say("spread", low=low, high=high, mean=chance(found["mean"]["value"], 2))

    def often(self) -> str:
        found = self.result["frequency"]
        return self.say("often", often=numbers.often(found["per_year"], self.lang, 3), n=found["events"]) if found else ""

    def notes(self) -> list[str]:
        said = []
        outcome, aside = self.result["outcome"], self.result["aside"]
        if outcome["state"] != "exact":
            known = [self.say(f"reason.{r}") if has(f"quantify.reason.{r}") else r for r in outcome["reasons"]]
            said.append(" ".join(known) or self.say("outcome.bounded"))
        if not self.result["coherent"]:
            said.append(self.say(f"not_coherent.{self.reading}"))
        if aside["tops"]:
            said.append(self.say("other_tops", top=self.result["top"], names=self.names.join(aside["tops"], NAMES_SHOWN)))
        if aside["kinds"]:
            said.append(self.say("passed_over", names=", ".join(f"`{k}`" for k in aside["kinds"])))
        return said

    # -- tables

    def table(self, columns: str, rows: Sequence[Sequence[str]], left: Sequence[int]) -> Table:
        head = [self.say(f"column.{c}") for c in columns.split()]
        return Table(head, rows, [i not in left for i in range(len(head))])

    def cut_sets(self) -> list[Block]:
        sets = self.result["cut_sets"]
        if sets["total"] is None:
            return [self.say("total.not-found")]
        key = self.reading if sets["complete"] else "part"
        blocks: list[Block] = [self.say(f"total.{key}", n=f"{sets['total']:,}")]
        if not sets["total"] or not sets["by_order"]:
            return blocks
        orders = [[self.say("events", n=k), f"{n:,}"] for k, n in enumerate(sets["by_order"], 1) if n]
        blocks.append(self.table("order number", orders[:ORDERS_SHOWN], (0,)))
        if len(orders) > ORDERS_SHOWN:
            blocks.append(self.say("more_orders", n=len(orders) - ORDERS_SHOWN))
        if sets["complete"] and sets["rare_event_sum"] <= 1:
            blocks.append(self.say("rare_event_sum", p=chance(sets["rare_event_sum"])))
        if sets["most_likely"]:
            blocks.append(self.say("most_likely", n=len(sets["most_likely"])))
            rows = [[self.product(r), chance(r["probability"]), self.share(r["share"])] for r in sets["most_likely"]]
            blocks.append(self.table("events probability share", rows, (0,)))
        return blocks

    def product(self, row: Mapping[str, Any]) -> str:
        """The events of a cut set; those that must not be there with a line before them."""
        return " · ".join([*row["events"], *(self.say("absent", name=name) for name in row["absent"])])

    def share(self, value: float) -> str:
        return numbers.whole_percent(min(1.0, value), self.lang)

    def importance(self) -> list[Block]:
        rows = self.result["importance"]
        cells = [
            [row["event"], chance(row["probability"], 2), write_number(row["fussell_vesely"], 3), write_number(row["dif"], 3),
             write_number(row["birnbaum"], 3), self.worth(row["raw"]), self.worth(row["rrw"])]
            for row in rows[:EVENTS_SHOWN]
        ]  # fmt: skip
        if not cells:
            return []
        blocks: list[Block] = [self.table("event probability fussell_vesely dif birnbaum raw rrw", cells, (0,))]
        if len(rows) > len(cells):
            blocks.append(self.say("more_events", n=len(rows) - len(cells)))
        return [*blocks, self.say("measures")]

    def worth(self, value: float | None) -> str:
        return "∞" if value is None else write_number(value, 3)

    def uncertainty(self) -> list[Block]:
        found = self.result["uncertainty"]
        if not found:
            return [self.say("certain")] if self.result["outcome"]["state"] == "exact" else []
        rows = [[self.say("quantity.mean"), *self.estimate(found["mean"])]]
        rows += [[self.say("quantity.quantile", q=q), *self.estimate(est)] for q, est in found["quantiles"].items()]
        blocks: list[Block] = [
            self.say("sampled", n=f"{found['samples']:,}", events=found["events"], point=chance(self.p)),
            self.table("quantity value error", rows, (0,)),
        ]
        if found["cut_share"] > 0:
            blocks.append(self.say("cut", share=numbers.whole_percent(found["cut_share"], self.lang)))
        return blocks

    def estimate(self, est: Mapping[str, Any]) -> tuple[str, str]:
        return chance(est["value"], 3), f"± {chance(est['standard_error'], 0)}" if est["standard_error"] else NONE

    def aside(self) -> list[Block]:
        aside = self.result["aside"]
        said: list[Block] = []
        for key in ("gates", "events"):
            if aside[key]:
                said.append(self.say(f"unused.{key}", n=len(aside[key]), names=self.names.join(aside[key], NAMES_SHOWN)))
        return said

    def provenance(self) -> Table:
        origin, size = self.result["provenance"], self.result["size"]
        time = origin["study"]["mission_time"]
        rows = [
            ("model", ", ".join(file.replace("\\", "/").rpartition("/")[2] for file in origin["model"])),
            ("size", self.say("size", gates=size["gates"], events=size["events"], groups=size["groups"])),
            ("mission_time", "" if time is None else write_number(time, 6)),
            ("digest", origin["digest"]),
            ("seed", str(origin["seed"]) if self.result["uncertainty"] else ""),
            ("version", origin["version"]),
            ("schema", self.result["schema_version"]),
            ("outcome", self.say(f"outcome.{self.result['outcome']['state']}")),
        ]
        return Table(("", ""), [(self.say(f"provenance.{key}"), value) for key, value in rows if value], (False, False))
