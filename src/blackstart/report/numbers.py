"""Numbers as a reader should meet them: with their error, and with no more digits than the error justifies.

An *estimate* is `{"value", "standard_error", "band"}`: the standard error is what more runs would shrink, the band
(5 % .. 95 % over possible worlds) is what only better knowledge of the inputs would.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from blackstart.text import has, say
from blackstart.units import HOURS_PER_MONTH, write_number

Estimate = Mapping[str, Any]
SUMMED = 1e-7  # share of an amount that rounding may leave in a difference
OUT_IN_FULL = 1e5  # number up to which one is written out beside a smaller one
NEVER_PER_YEAR = 1e-6  # what is rarer is said to be that
RARE = 0.5  # of a frequency: an error of this share, or more, and a bound is told in its place
MOST_DIGITS = 4
COUNTED_DIGITS = 3  # of a large number in a sentence
LONG_STAMP_H = 240.0
WHOLE_HOURS = 10.0  # from here on lengths of an incident are told in whole hours

# unit of a kind of quantity: (at least, factor, key of the text)
_SCALES: dict[str, tuple[tuple[float, float, str], ...]] = {
    "hours": ((72.0, 24.0, "d"), (1.0, 1.0, "h"), (1 / 60, 1 / 60, "min"), (0.0, 1 / 3600, "s")),
    "number": ((0.0, 1.0, "plain"),),
    "percent": ((0.0, 0.01, "percent"),),
    "count_en": ((1e9, 1e9, "bn"), (1e6, 1e6, "m"), (0.0, 1.0, "one")),
    "count_ko": ((1e8, 1e8, "bn"), (1e4, 1e4, "m"), (0.0, 1.0, "one")),
    "money_en": ((1e12, 1e12, "tn"), (1e9, 1e9, "bn"), (1e6, 1e6, "m"), (0.0, 1.0, "one")),
    "money_ko": ((1e12, 1e12, "tn"), (1e8, 1e8, "bn"), (1e4, 1e4, "m"), (0.0, 1.0, "one")),
}


def decimals_of(value: float, error: float, digits: int = MOST_DIGITS) -> int:
    """How many decimals of `value` its `error` justifies (negative: tens, hundreds ...), in no more `digits` than these."""
    most = digits - 1 - math.floor(math.log10(abs(value))) if value else 3
    if error <= 0:
        return most - 1  # nothing random about it: three digits are enough to read
    place = math.floor(math.log10(error))
    if error < 1.95 * 10.0**place:  # an error that begins with 1 is given two digits
        place -= 1
    return min(most, -place)


def _plain(value: float, decimals: int) -> str:
    return f"{round(value, decimals):,.{max(0, decimals)}f}"


def _digits(value: float, error: float, digits: int = MOST_DIGITS) -> str:
    """The number of `_with_error`."""
    return _plain(value, decimals_of(value, error, digits)) if error > 0 else write_number(value, 3)


def _with_error(value: float, error: float) -> tuple[str, str]:
    """A number and its error with the digits that the error justifies; "" where there is no error."""
    decimals = decimals_of(value, error)
    return _digits(value, error), _plain(max(error, 10.0**-decimals), decimals) if error > 0 else ""


def _scale(kind: str, value: float, lang: str) -> tuple[float, str]:
    rows = _SCALES[f"{kind}_{lang}" if kind in ("money", "count") else kind]
    return next((factor, key) for least, factor, key in rows if abs(value) >= least or least == 0.0)


# Korean counts by ten thousands: (at least, factor, key of the text); English writes the digits out
_MYRIADS = ((1e8, 1e8, "hundred_million"), (1e4, 1e4, "ten_thousand"), (0.0, 1.0, "one"))


def _myriad(value: float, lang: str) -> tuple[float, str]:
    """Factor and key of the unit in which a large plain number is counted in a language."""
    return next((factor, key) for least, factor, key in _MYRIADS if lang != "ko" and factor == 1.0 or lang == "ko" and value >= least)


def count(value: float, lang: str, digits: int = 2) -> str:
    """A large plain number: `27,000`, `2.7만`."""
    factor, key = _myriad(value, lang)
    return say(f"report.myriad.{key}", lang, n=write_number(value / factor, digits))


def _named(kind: str, key: str, number: str, lang: str, currency: str | None) -> str:
    number = f"−{number[1:]}" if number.startswith("-") else number  # a minus, not a hyphen
    if kind in ("money", "count"):
        return _together(say(f"report.money.{key}", lang, n=number, unit=_currency(currency, lang)).strip())
    return _together(say(f"report.unit.{key}", lang, n=number))


def _currency(code: str | None, lang: str) -> str:
    """A currency as a language says it: 달러, `USD`."""
    return say(f"units.currency.{code}", lang) if has(f"units.currency.{code}", lang) else code or ""


def _together(text: str) -> str:
    """A number and its unit, not to be parted at the end of a line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def write(est: Estimate, kind: str, lang: str, currency: str | None = None, like: float | None = None) -> str:
    """An estimate with its unit and error: `10.3 ± 0.4 h`, `약 0.02시간(매우 불확실)`.

    Parameters
    ----------
    est : Estimate
        In hours, money, shares or plain numbers, by `kind`.
    kind : str
        ``hours`` · ``count`` (large numbers) · ``money`` · ``percent`` · ``number`` · ``per_year``.
    lang : str
        ``en`` or ``ko``.
    currency : str, optional
        For money.
    like : float, optional
        A value in whose unit this one is written, so that the cells of a row have one unit.
    """
    value, error = est["value"], est["standard_error"] or 0.0
    if kind == "per_year":
        return frequency(est, lang)
    if value == 0:
        return point(0.0, kind, lang, currency)
    factor, key = _scale(kind, value if like is None else like, lang)
    if error > abs(value):
        number = _named(kind, key, write_number(value / factor, 1), lang, currency)
        return say("report.number.very_uncertain", lang, n=number)
    number, spread = _with_error(value / factor, error / factor)
    if not spread:
        return _named(kind, key, number, lang, currency)
    if lang == "ko" and kind in ("money", "count"):  # 만 and 억 are part of the number: 460만 ± 80만 원
        number = _named(kind, key, number, lang, None)
        return _together(f"{number} ± {_named(kind, key, spread, lang, currency)}")
    return _named(kind, key, f"{number} ± {spread}", lang, currency)


def point(value: float, kind: str, lang: str, currency: str | None = None, digits: int = 2) -> str:
    """A bare number of a kind, for ends of bands and single courses: `2.4 bn KRW`, `24억 원`."""
    if kind == "per_year":
        return often(value, lang, digits)
    factor, key = _scale(kind, value, lang)
    return _named(kind, key, _written_out(value / factor, digits), lang, currency)


def _written_out(value: float, digits: int) -> str:
    """A number as people read it: a small one with its zeros, not with an exponent."""
    shown = write_number(value, digits)
    return f"{float(shown):.{digits - 1 - math.floor(math.log10(abs(value)))}f}" if "e-" in shown else shown


def rare(est: Estimate) -> float | None:
    """A frequency that a year surely does not pass (95 %), where it was seen too rarely, or never, to say how often it is; else None.

    An error of the share s is that of 1/s² runs; the bound is that of a Poisson count (Wilson and Hilferty 1931, to within 1 %). It is
    no lower than what those runs leave possible that do not show it (`at_most`).
    """
    value, error = est["value"], est["standard_error"] or 0.0
    if value <= 0:
        return est.get("at_most")
    if error < RARE * value:
        return None
    runs = (value / error) ** 2
    seen = value / runs * (runs + 1) * (1 - 1 / (9 * (runs + 1)) + 1.645 / (3 * math.sqrt(runs + 1))) ** 3
    return max(seen, est.get("at_most") or 0.0)


def frequency(est: Estimate, lang: str) -> str:
    """How often, the one rule for all frequencies of runs.

    With its error (`once in 41 ± 3 years`, `3.2 ± 0.1 times a year`); where that is half of it or more, or where no run shows it, the
    bound that holds with 95 % (`at most once in 300,000 years`); what is rarer than once in a million years is said to be that.
    """
    value, error, bound = est["value"], est["standard_error"] or 0.0, rare(est)
    if bound is not None and bound >= NEVER_PER_YEAR:
        return say("report.often.at_most", lang, n=often(bound, lang, 2))
    if value < NEVER_PER_YEAR:
        return say("report.often.never" if value > 0 or bound is not None else "report.often.unseen", lang)
    if value < 1:
        factor, key = _myriad(1 / value, lang)
        both = _with_error(1 / value / factor, error / value**2 / factor)
        years, spread = (say(f"report.myriad.{key}", lang, n=n) if n else "" for n in both)
        return say(f"report.often.once_in_years{'_about' if spread else ''}", lang, n=years, spread=spread)
    times = " ± ".join(n for n in _with_error(value, error) if n)
    return say("report.often.times_a_year", lang, n=times)


def often(per_year: float, lang: str, digits: int = 2) -> str:
    """How often, as a board reads it: `once in 40 years`, `3 times a year`."""
    if per_year < NEVER_PER_YEAR:
        return say("report.often.never" if per_year > 0 else "report.often.unseen", lang)
    if per_year < 1:
        whole = count(1 / per_year, lang, digits)
        key = "once_a_year" if whole == "1" else "once_in_years"
        return say(f"report.often.{key}", lang, n=whole)
    times = write_number(per_year, digits)
    return say("report.often.once_a_year" if times == "1" else "report.often.times_a_year", lang, n=times)


def about(est: Estimate, kind: str, lang: str, currency: str | None = None) -> str:
    """A figure for a sentence, with the digits that `write` shows in a table: `about once in 41 years`."""
    value, error = est["value"], est["standard_error"] or 0.0
    if kind == "per_year" and (value < NEVER_PER_YEAR or rare(est) is not None):
        return frequency(est, lang)
    if value == 0:
        return point(value, kind, lang, currency)
    if error > abs(value):
        return write(est, kind, lang, currency)
    if kind == "per_year":
        return _about_so_often(est, lang)
    return say("report.number.about", lang, n=known(est, kind, lang, currency, in_two_units=True))


def known(est: Estimate, kind: str, lang: str, currency: str | None, *, in_two_units: bool = False) -> str:
    """An estimate with the digits that its error justifies, without the error; money in Korean in two units, for a sentence."""
    factor, key = _scale(kind, est["value"], lang)
    digits = COUNTED_DIGITS if kind == "count" else MOST_DIGITS
    number = _digits(est["value"] / factor, (est["standard_error"] or 0.0) / factor, digits)
    if in_two_units and kind == "money" and lang == "ko" and "." in number and factor >= 1e4:
        return _in_two_units(float(number.replace(",", "")), factor, key, currency)
    return _named(kind, key, number, lang, currency)


def amount(value: float, lang: str, currency: str | None = None, digits: int = 2) -> str:
    """A bare amount of money for a sentence: `140 m KRW`, `1억 4,000만 원`."""
    factor, key = _scale("money", value, lang)
    number = write_number(value / factor, digits)
    if lang == "ko" and "." in number and factor >= 1e4 and value > 0:
        return _in_two_units(float(number.replace(",", "")), factor, key, currency)
    return point(value, "money", lang, currency, digits)


def _in_two_units(number: float, factor: float, key: str, currency: str | None) -> str:
    """An amount as Korean says it: 5.13 hundred million are `5억 1,300만 원`."""
    lower, unit = (1e8, "bn") if factor > 1e8 else (1e4, "m") if factor > 1e4 else (1.0, "one")
    whole, rest = divmod(round(number * factor / lower), round(factor / lower))
    if not rest:
        return _named("money", key, f"{whole:,}", "ko", currency)
    head = say(f"report.money.{key}", "ko", n=f"{whole:,}", unit="").strip()
    return _together(f"{head} {_named('money', unit, f'{rest:,}', 'ko', currency)}")


def _about_so_often(est: Estimate, lang: str) -> str:
    """About how often, with the digits that its error justifies, without the error: `about 3.5 times a year`, `연 약 3.5회`."""
    value, error = est["value"], est["standard_error"] or 0.0
    factor, key = _myriad(1 / value, lang) if value < 1 else (1.0, "one")
    shown = _digits(1 / value / factor, error / value**2 / factor) if value < 1 else _digits(value, error)
    shown = say(f"report.myriad.{key}", lang, n=shown)
    if value >= 1 and shown != "1":
        return say("report.often.times_a_year", lang, n=say("report.number.about", lang, n=shown))
    often = say("report.often.once_a_year", lang) if shown == "1" else say("report.often.once_in_years", lang, n=shown)
    return say("report.number.about", lang, n=often)


def band(est: Estimate | None, kind: str, lang: str, currency: str | None = None, key: str = "between") -> str:
    """What ignorance leaves: `between 3 h and 20 h`; empty where inputs are certain.

    `key` names the sentence: ``between`` or ``range`` (for tables).
    """
    ends = est.get("band") if est else None
    if not ends or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return ""
    seen = 0.1 * NEVER_PER_YEAR if kind == "per_year" else -math.inf  # a world without it is not a run without it
    least = SUMMED * max(map(abs, ends)) if kind == "money" else 0.0  # what is left of differences of sums is nothing
    low, high = (point(0.0 if abs(end) < least else max(end, seen), kind, lang, currency) for end in ends)
    if low == high:
        return ""
    if kind == "per_year" and ends[0] < NEVER_PER_YEAR <= ends[1]:
        return say("report.often.at_most", lang, n=high)
    if kind == "per_year":
        return _often_between(ends[0], ends[1], low, high, lang, key)
    return between(low, high, lang, key)


_NUMBER_AND_UNIT = re.compile(r"([\d.,]+)(\D*)")


def between(low: str, high: str, lang: str, key: str = "range") -> str:
    """Two quantities as one; a unit that both have is said once: `20 to 54 h`."""
    first, last = _NUMBER_AND_UNIT.fullmatch(low), _NUMBER_AND_UNIT.fullmatch(high)
    if first and last and first[2] == last[2]:
        low = first[1]
    return say(f"report.number.{key}", lang, low=low, high=high)


def _often_between(least: float, most: float, low: str, high: str, lang: str, key: str) -> str:
    """Two frequencies as one: `once in 11 to 58 years`, `2 to 5 times a year`."""
    once = say("report.often.once_a_year", lang)
    if once in (low, high) or least < 1 <= most:
        return say(f"report.number.{key}", lang, low=low, high=high)
    unit, ends = ("times_a_year", (least, most)) if least >= 1 else ("once_in_years", (1 / most, 1 / least))
    first, last = (count(end, lang) for end in ends)
    if ends[1] < OUT_IN_FULL and _myriad(ends[0], lang)[1] != _myriad(ends[1], lang)[1]:  # one style for both ends
        first, last = (f"{float(f'{end:.2g}'):,.0f}" for end in ends)
    return say(f"report.often.{unit}", lang, n=between(first, last, lang))


def whole_percent(share: float, lang: str) -> str:
    """A share of a whole as people say it: `45 %`, `< 1 %`."""
    rounded = round(100 * share)
    n = "< 1" if rounded == 0 and share > 0 else "> 99" if rounded == 100 and share < 1 else str(rounded)
    return _named("percent", "percent", n, lang, None)


def written(share: float, lang: str) -> str:
    """A share that somebody has written down, with the digits that it has: `99.95 %`."""
    return _named("percent", "percent", f"{100 * share:.10g}", lang, None)


def availability(est: Estimate, lang: str) -> str:
    """A share of time near 1 with the nines its error justifies: `99.987 ± 0.002 %`."""
    value, error = 100 * est["value"], 100 * (est["standard_error"] or 0.0)
    missing = 100 - value
    if missing <= 0 and error <= 0:
        return _named("percent", "percent", "100", lang, None)
    if error <= 0:
        decimals = 1 - math.floor(math.log10(float(f"{missing:.3g}")))
        return _named("percent", "percent", _plain(value, max(0, decimals)), lang, None)
    decimals = decimals_of(missing, error) if missing > 0 else -math.floor(math.log10(error))
    decimals = max(0, min(decimals, 8))
    shown = f"{_plain(value, decimals)} ± {_plain(max(error, 10.0**-decimals), decimals)}"
    return _named("percent", "percent", shown, lang, None)


def clock(hours: float, lang: str) -> str:
    """A length of time to the minute: 10.07 -> `10 h 04 min`; days from three days on."""
    if not math.isfinite(hours):
        return say("report.clock.never", lang)
    minutes = round(hours * 60)
    if minutes < 1:
        return _together(say("report.clock.s", lang, s=round(hours * 3600)))
    if minutes < 60:
        return _together(say("report.clock.min", lang, m=minutes))
    if minutes < 72 * 60:
        h, m = divmod(minutes, 60)
        return _together(say("report.clock.h_min" if m else "report.clock.h", lang, h=h, m=m))
    d, h = divmod(round(hours), 24)
    return _together(say("report.clock.d_h" if h else "report.clock.d", lang, d=d, h=h))


def in_hours(hours: float | None, lang: str) -> str:
    """A length of time to the minute that never turns into days: 127.55 -> `127 h 33 min`."""
    if hours is None or not math.isfinite(hours) or round(hours * 60) < 72 * 60:
        return clock(math.inf if hours is None else hours, lang)
    h, m = divmod(round(hours * 60), 60)
    return _together(say("report.clock.h_min" if m else "report.clock.h", lang, h=h, m=m))


def rounded_hours(hours: float, lang: str) -> str:
    """A length of time of an incident in two digits, from ten hours on in whole hours: it never turns into days."""
    return point(hours, "hours", lang) if hours < WHOLE_HOURS else _together(say("report.clock.h", lang, h=f"{hours:,.0f}"))


def rounded_hours_with_error(est: Estimate, lang: str, like: float | None = None) -> str:
    """The same with the error of the computation; below ten hours in the unit in which `like` is written."""
    if est["value"] < WHOLE_HOURS:
        return write(est, "hours", lang, None, like)
    return _together(say("report.clock.h", lang, h=f"{est['value']:,.0f} ± {max(1.0, est['standard_error']):,.0f}"))


def long(hours: float | None, lang: str) -> str:
    """A length of time in two digits; without end where there is none."""
    return say("report.clock.never", lang) if hours is None else point(hours, "hours", lang)


def lead(hours: float | None, lang: str) -> str:
    """How long something takes to be put in place: in months from two on, as people plan."""
    months = 0 if hours is None else round(hours / HOURS_PER_MONTH)
    return say("units.mo", lang, n=months) if months >= 2 else long(hours, lang)


def moment(hours: float, lang: str) -> str:
    """A moment of a rehearsal in little room: `+10:04`, and in days where hours would tell nobody anything."""
    return stamp(hours) if hours < LONG_STAMP_H else f"+{point(hours, 'hours', lang)}"


def stamp(hours: float) -> str:
    """A moment of a rehearsal, counted from its begin: 10.07 -> `+10:04`."""
    minutes = round(hours * 60)
    return f"+{minutes // 60}:{minutes % 60:02d}"
