"""How a value of the library follows from its rows: one function for each rule of `library.toml`.

Your organisation is not the one the row was counted in. What is shipped is therefore the spread between
organisations, not the sampling error of a large count (NUREG/CR-6823, chapter 8; NUREG/CR-6928): where a
source fitted that spread itself it is kept, where it only gives a count or a mean the mean is kept and the
spread is set by two figures that are themselves worked out from the rows, `usual_shape` and `survey_factor`.
Everything here is arithmetic on printed figures: run again, it gives the same texts.
"""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from blackstart.distributions import Z95
from blackstart.evidence.rows import Row, table

SURVEY_WEIGHT = 0.03  # one answer to a survey counts as this much of a demand that was watched (a judgement)
SURVEY_MOST = 20.0  # and no survey counts as more demands than this
ORGANISATION_CASES = 3.0  # the middle of another organisation's times is worth so many of yours: see worth_of, spread_of_middles
CLOUDS = ("RP-AWS", "RP-AZURE", "RP-GCP")
_DIGITS = 3

Entry = Mapping[str, Any]


@functools.cache
def usual_shape() -> float:
    """Shape of the gamma by which the rates of like plants differ: the median of those a source could fit.

    NUREG/CR-6928 fits a gamma or beta to the differences between plants where the counts allow it, and
    else gives the pooled count with Jeffreys' prior (shape = events + 1/2). Only the first kind says how
    plants differ. Their median is rounded to one digit; it is 1: a standard deviation as large as the mean.
    """
    return float(f"{statistics.median(fitted_shapes()):.0e}")


def fitted_shapes() -> list[float]:
    """The smaller parameters of all distributions in which the source fitted the differences between plants."""
    found = []
    for row in table().values():
        if row.population == "nuclear-plant":
            smaller = min(float(row.parameters[1][key]) for key in row.parameters[1] if key in ("shape", "a", "b"))
            if not math.isclose(smaller, float(row.events) + 0.5, rel_tol=0.03):
                found.append(smaller)
    return found


@functools.cache
def survey_factor() -> float:
    """Error factor between surveys: the largest over the smallest answer to "had you an outage?", rounded to one digit."""
    answers = [row.figure() for row in table().values() if row.id.startswith("HZ-DCOUT-2") or row.id == "HZ-PON-ANY"]
    return float(f"{max(answers) / min(answers):.0e}")


# --------------------------------------------------------------------------- writing


def plain(value: float, digits: int = 15) -> str:
    """A number with so many significant digits and without an exponent: 282000, 0.986."""
    rounded = float(f"{value:.{digits - 1}e}")
    places = max(0, digits - 1 - math.floor(math.log10(abs(rounded)))) if rounded else 0
    shown = f"{rounded:.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _amount(value: str, row: Row) -> str:
    """A median or mean in the unit of its row: `0.0005/yr`, `96 h`."""
    return f"{value} {row.time}" if row.quantity == "duration" else f"{value}/{row.time}" if row.quantity == "rate" else value


# --------------------------------------------------------------------------- rules


def rows_of(entry: Entry) -> tuple[Row, ...]:
    """The rows a value rests on, in the order they are named."""
    return tuple(table()[name.partition(":")[0]] for name in entry["from"])


def _figure(name: str) -> float:
    row, _, which = name.partition(":")
    return table()[row].figure(which or "value")


def _printed(entry: Entry) -> str:
    (row,) = rows_of(entry)
    kind, given = row.parameters
    numbers = {key: plain(float(text)) for key, text in given.items()}
    if kind == "gamma":
        return f"gamma(shape={numbers['shape']}, exposure={numbers['rate']} {row.time})"
    if kind == "beta":
        a, b = (numbers["b"], numbers["a"]) if entry.get("turned") else (numbers["a"], numbers["b"])
        return f"beta(a={a}, b={b})"
    if kind == "weibull":
        return f"weibull(shape={numbers['shape']}, scale={numbers['scale']} {row.time})"
    assert kind == "lognormal", row.id
    median = plain(float(given["median"]) * entry.get("scale", 1.0), 12)
    return f"lognormal(median={_amount(median, row)}, ef={numbers['ef']})"


def _counted(entry: Entry) -> str:
    k, n = entry["of"]
    return f"{k} of {n}"


def _spread(entry: Entry) -> str:
    row = rows_of(entry)[0]
    mean = math.fsum(_figure(name) for name in entry["from"])
    shape = entry.get("shape", usual_shape())
    if row.quantity == "prob_demand":
        small, large = plain(shape), plain(shape * (1 - mean) / mean, _DIGITS)
        return f"beta(a={large}, b={small})" if entry.get("turned") else f"beta(a={small}, b={large})"
    time = "h" if row.quantity == "prob_mission" else row.time
    return f"gamma(shape={plain(shape)}, exposure={plain(shape / mean, _DIGITS)} {time})"


def _error_factor(entry: Entry) -> float:
    ef = entry["ef"]
    if ef == "surveys":
        return survey_factor()
    return float(table()[ef].parameters[1]["ef"]) if isinstance(ef, str) else float(ef)


def _product(entry: Entry) -> str:
    median = entry.get("scale", 1.0) * math.prod(math.fsum(map(_figure, names)) for names in entry["factors"])
    row = table()[entry["factors"][0][0].partition(":")[0]]
    return f"lognormal(median={_amount(plain(median, entry.get('digits', _DIGITS)), row)}, ef={plain(_error_factor(entry))})"


def _mean(entry: Entry) -> str:
    (row,) = rows_of(entry)
    sigma = math.log(_error_factor(entry)) / Z95
    median = row.figure() * math.exp(-sigma * sigma / 2)
    return f"lognormal(median={_amount(plain(median, 2), row)}, ef={plain(_error_factor(entry))})"


def _discounted(entry: Entry) -> str:
    """The evidence of another population as a power prior (Ibrahim and Chen 2000)."""
    (row,) = rows_of(entry)
    fails, works = (float(row.parameters[1][key]) * entry["weight"] for key in ("a", "b"))
    assert entry["turned"]
    return f"beta(a={plain(works, _DIGITS)}, b={plain(fails, _DIGITS)})"


def _survey(entry: Entry) -> str:
    (row,) = rows_of(entry)
    counted = min(SURVEY_MOST, SURVEY_WEIGHT * entry["respondents"])
    share = 1.0 - row.figure() if entry.get("turned") else row.figure()
    return f"beta(a={plain(share * counted, _DIGITS)}, b={plain((1 - share) * counted, _DIGITS)})"


def _bracket(entry: Entry) -> str:
    low, high = entry["range"]
    return f"{low}..{high}"


RULES: Mapping[str, Callable[[Entry], str]] = {
    "printed": _printed,
    "counted": _counted,
    "spread": _spread,
    "product": _product,
    "mean": _mean,
    "discounted": _discounted,
    "survey": _survey,
    "bracket": _bracket,
}


def told_of(entry: Entry) -> dict[str, str]:
    """What the sentence on a rule is filled with: the shape, the error factor, the answers to a survey."""
    match entry["rule"]:
        case "spread":
            return {"shape": plain(entry.get("shape", usual_shape()))}
        case "product" | "mean":
            return {"ef": plain(_error_factor(entry))}
        case "discounted":
            return {"weight": f"{entry['weight']:.0%}"}
        case "survey":
            counted = min(SURVEY_MOST, SURVEY_WEIGHT * entry["respondents"])
            return {"respondents": f"{entry['respondents']:,}", "counted": plain(counted, _DIGITS)}
    return {}


def text_of(entry: Entry) -> str:
    """A value of the library as a text of the model language, worked out from its rows."""
    text = RULES[entry["rule"]](entry)
    rows = rows_of(entry)
    is_time = rows[0].quantity == "duration" and entry["rule"] != "counted"
    return f"{text} ({plain(worth_of(rows), 2)} cases)" if is_time else text


# --------------------------------------------------------------------------- how far the middle of a time is known


def worth_of(rows: Iterable[Row]) -> float:
    """How many cases of yours the middle of these times is worth: 1 / (1/3 + 1/n) where n were counted, 3 where the source does not say.

    The middle of n cases is known to 1/n of the variance of one; your own middle lies around theirs with a third of it.
    """
    counted = counted_cases(rows)
    return 1.0 / (1.0 / ORGANISATION_CASES + (1.0 / counted if counted else 0.0))


def counted_cases(rows: Iterable[Row]) -> int:
    """Cases behind rows of times, those of the rows they were calculated from among them; 0 where no source says."""
    found: dict[str, int] = {}
    todo = list(rows)
    while todo:
        row = todo.pop()
        if row.quantity == "duration" and row.events.isdecimal():
            found[row.id] = int(row.events)
        elif row.id not in found:
            todo += [table()[name] for name in row.rests_on]
    return sum(found.values())


def spread_of_middles() -> float:
    """Standard deviation of the logarithm between the middles of the three clouds whose incidents were counted alike."""
    return statistics.stdev(math.log(table()[name].figure("median")) for name in CLOUDS)
