"""Gates: what a change to a model may cost at most, in a line that stands in a pull request's checks.

    loss +5%                  the expected loss of a year may grow by a twentieth
    hours of shop +30min      one service may be out half an hour longer a year
    over-24h of shop <=1%     the chance of an outage beyond a day, in a year
    deadlocks +0              no new circle that cannot be started from black
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from blackstart import units
from blackstart.errors import ModelError, Problem
from blackstart.language.model import Model
from blackstart.nearest import Nearest

Kind = Literal["relative", "more", "most"]

_GATE = re.compile(r"\s*(?P<what>[^\s+<]+)(?:\s+of\s+(?P<service>.+?))?\s*(?P<sign>\+|<=)\s*(?P<limit>\S.*?)\s*")
# what can be gated -> the unit of its limit; whether it is known for one service; an example of a limit
MEASURES: Mapping[str, tuple[str, bool, str]] = {
    "loss": ("money", True, "loss +5%"),
    "tvar": ("money", False, "tvar <=10bn KRW"),
    "hours": ("hours", True, "hours of shop +30min"),
    "over-24h": ("chance", True, "over-24h of shop <=1%"),
    "user-hours": ("count", True, "user-hours +5%"),
    "deadlocks": ("count", False, "deadlocks +0"),
    "overlaps": ("count", False, "overlaps +0"),
}
OF_MONEY = ("loss", "tvar")
COUNTED = ("deadlocks", "overlaps")  # what is new of them is exact: a gate says how many may come


@dataclass(frozen=True, slots=True)
class Gate:
    """A limit as written. kind: ``relative`` (growth as a share), ``more`` (growth), ``most`` (what may be there at most)."""

    text: str
    what: str
    service: str | None
    kind: Kind
    limit: float


def read(texts: Iterable[str], before: Model, after: Model) -> tuple[Gate, ...]:
    """Gates from the words of the command line.

    Raises
    ------
    ModelError
        With everything that is wrong with any of them.
    """
    problems: list[Problem] = []
    found = [_gate(text, before, after, problems) for text in texts]
    if problems:
        raise ModelError(problems)
    return tuple(gate for gate in found if gate is not None)


def _gate(text: str, before: Model, after: Model, problems: list[Problem]) -> Gate | None:
    match = _GATE.fullmatch(text)
    examples = ", ".join(f"`{example}`" for _, _, example in MEASURES.values())
    if match is None:
        problems.append(Problem("gate-unreadable", None, "", {"text": text, "examples": examples}))
        return None
    what, service, limit = match["what"], match["service"], match["limit"]
    if what not in MEASURES:
        problems.append(Problem("gate-what", None, "", {"text": what, "known": ", ".join(MEASURES)}, Nearest(MEASURES).to(what)))
        return None
    unit, by_service, example = MEASURES[what]
    here = len(problems)
    if service is not None and not by_service:
        problems.append(Problem("gate-no-service", None, "", {"text": text, "what": what}))
    elif service is not None and service not in (known := {c.id for m in (before, after) for c in m.services}):
        problems.append(Problem("gate-service", None, "", {"name": service}, Nearest(known).to(service)))
    if what in OF_MONEY and not any(_has_loss(m) for m in (before, after)):
        problems.append(Problem("gate-no-loss", None, "", {"text": text}))
    grows = match["sign"] == "+"
    amount = None if what in COUNTED and ("%" in limit or not grows) else _limit(limit, unit, grows, after)
    if amount is None:
        problems.append(Problem("gate-limit", None, "", {"text": match["sign"] + limit, "what": what, "example": example}))
    if len(problems) > here or amount is None:
        return None
    kind: Kind = "most" if not grows else "relative" if "%" in limit else "more"
    return Gate(text.strip(), what, service, kind, amount)


def _limit(text: str, unit: str, grows: bool, model: Model) -> float | None:
    """A limit in hours, money, chances or numbers; a share of what was before, where it limits growth in per cent."""
    if text == "0":
        return 0.0
    try:
        if grows and "%" in text:
            value: float | None = units.read_percent(text)
        elif unit == "money":
            money = units.read_money(text)
            value = money.dist.a if money.dist.kind == "point" and money.currency == model.currency else None
        else:
            value = _READ[unit](text)
    except units.BadValue:
        return None
    return value if value is not None and value >= 0 else None


def _hours(text: str) -> float | None:
    return units.read_duration(text).exact()


_READ: Mapping[str, Callable[[str], float | None]] = {
    "hours": _hours, "chance": units.read_percent, "count": units.read_number,
}  # fmt: skip


def _has_loss(model: Model) -> bool:
    return any(c.loss for c in model.services) or any(h.costs for h in model.hazards.values())
