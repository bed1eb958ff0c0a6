"""The table of published evidence: one row for each figure, as it was printed.

`rows.csv` is the table. A figure is never changed in it; what the library makes of the rows is in `rules`.
"""

from __future__ import annotations

import csv
import functools
import importlib.resources
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

HOURS_PER_YEAR = 8760.0
_HOURS = {"h": 1.0, "min": 1 / 60, "s": 1 / 3600, "days": 24.0}
_DIST = re.compile(r"(\w+)\((.*)\)")
_NUMBER = re.compile(r"\d[\d.,e-]*")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with its source.

    Attributes
    ----------
    id, topic, name : str
        Id (``CO-INV``); hazard, component, repair, human, coupling or cost; what was counted, in English.
    quantity, unit : str
        What kind of figure it is (rate, prob_demand, duration, share ...) and its unit as printed.
    value, low, high : float or None
        The printed figure; 5th and 95th percentile where there is a distribution, else the printed range.
    distribution : str
        ``gamma(shape=0.986;rate=282000)`` and so on, or ``point``.
    events, exposure : str
        What was counted, in what, as printed.
    title, url, year : str, str, int or None
        The publication that was read; for a calculated row no address.
    grade : str
        A published count or official statistic · B published summary or survey · C calculated from cited
        rows · D one incident · U recalled, no source found.
    population : str
        Key of the sentence on whom it was seen in (``evidence.population.<key>`` in the texts), or empty.
    rests_on : tuple of str
        For a calculated row, the ids of the rows it was calculated from.
    note : str
        What to beware of, in English.
    """

    id: str
    topic: str
    name: str
    quantity: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    distribution: str
    events: str
    exposure: str
    title: str
    url: str
    year: int | None
    grade: str
    population: str
    rests_on: tuple[str, ...]
    note: str

    @property
    def parameters(self) -> tuple[str, dict[str, str]]:
        """Name and parameters of the distribution, as printed; no parameters for a point."""
        match = _DIST.fullmatch(self.distribution)
        if match is None:
            return self.distribution, {}
        return match[1], dict(part.split("=") for part in match[2].split(";"))

    @property
    def time(self) -> str:
        """Unit of the figure's time in the spelling of the language: h, min, s, d or yr."""
        if self.quantity == "duration":
            return "d" if self.unit == "days" else self.unit
        return "h" if self.unit == "per hour" else "yr"

    @property
    def figures(self) -> str:
        """What was published, shortly: ``52 / 24269500 h``, or the printed value with its unit."""
        if self.events and self.exposure not in ("", "1"):
            return f"{self.events} / {self.exposure}"
        return f"{self.value:g} {self.unit}" if self.value is not None else self.distribution

    def figure(self, which: str = "value") -> float:
        """One figure of the row, in its own unit.

        which : ``value``, ``low``, ``high``, ``mean`` or ``median`` of the distribution, or ``hazard``: the
        constant rate per hour at which the printed share of missions fails.
        """
        if which == "hazard":
            mission_h = float(_NUMBER.search(self.unit)[0])  # type: ignore[index]
            return -math.log1p(-_stated(self.value, self)) / mission_h
        if which == "median" and self.parameters[0] == "lognormal":
            return float(self.parameters[1]["median"])
        return _stated({"value": self.value, "low": self.low, "high": self.high}[which], self)


def _stated(value: float | None, row: Row) -> float:
    assert value is not None, row.id
    return value


def hours(row: Row) -> float:
    """The printed length of time in hours."""
    return _stated(row.value, row) * _HOURS[row.unit]


def _number(text: str) -> float | None:
    return float(text) if text else None


@functools.cache
def table() -> Mapping[str, Row]:
    """Every row by its id, in the order of the file."""
    text = importlib.resources.files(__package__).joinpath("rows.csv").read_text(encoding="utf-8")
    return {raw["id"]: _row(raw) for raw in csv.DictReader(text.splitlines())}


def _row(raw: dict[str, str]) -> Row:
    return Row(
        **{
            **raw,
            **{name: _number(raw[name]) for name in ("value", "low", "high")},
            "year": int(raw["year"]) if raw["year"] else None,
            "rests_on": tuple(raw["rests_on"].split("+")) if raw["rests_on"] else (),
        }  # type: ignore[arg-type]
    )
