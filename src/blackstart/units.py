"""Hours, years, money, rates: what people write with a unit, and back.

A year is 8,760 h and a month 730 h, everywhere, so that rates and durations agree with each other.

Values are distributions: a point for `4h`, a lognormal whose 5th and 95th percentiles are written
for `4h..20h`, a posterior for `2 in 400 yr`. Readers take text and raise `BadValue`; writers give
text back in the reader's language.
"""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from blackstart.distributions import Z95, Dist, point, scaled
from blackstart.numerals import (
    NUMBER,
    SCALES,
    BadValue,
    bare,
    doubted,
    finite,
    leading,
    logitnormal_of,
    named_dist,
    of_class,
    plain,
    refuse,
    split_range,
    spread,
)
from blackstart.text import say

OWN_HISTORY = "history"  # what a number says it rests on after the firm's own history has changed it
HOURS_PER_YEAR = 8760.0
HOURS_PER_MONTH = 730.0

MOST_HOURS = 1e6 * HOURS_PER_YEAR
MOST_PER_YEAR = 1e9
MOST_MONEY = 1e21
MOST_COUNT = 10**12
_CACHE = 1 << 16

# --------------------------------------------------------------------------- values


def _borrowed(source: str) -> bool:
    """Whether a number is the evidence library's own: nothing stated, and nothing that the firm's history has changed."""
    return bool(source) and source != OWN_HISTORY


def _doubted_as(of: Rate | Chance, path: str) -> str:
    """Whose doubt a rate or chance is, by name: that of its class, that of its rows, whatever rests on them, or its own (`path`)."""
    return f"shared {of.shared}" if of.shared else of.source if _borrowed(of.source) else path


@dataclass(frozen=True, slots=True)
class Duration:
    """A sum of terms in hours, plus `per_outage` times the length of the outage so far.

    The terms say how cases differ. `cases` is how many cases their middle is worth, None where it is known; `shared` names
    other durations whose middle is off by the same factor.
    """

    terms: tuple[Dist, ...]
    per_outage: float = 0.0
    text: str = ""
    source: str = ""
    cases: float | None = None
    shared: str = ""

    def middle(self, path: str, kind: str | None = None) -> str:
        """Whose middle it is, by name: that of its name, that of its rows for one kind of thing, or its own (`path`)."""
        if self.shared:
            return self.shared
        return " ".join(filter(None, (self.source, kind))) if _borrowed(self.source) else path

    def doubt(self) -> float:
        """How uncertain the middle is: standard deviation of the logarithm of the factor by which it may be off (0: known)."""
        return 0.0 if self.cases is None else log_spread(self.terms[0]) / math.sqrt(self.cases)

    def next_case(self) -> Dist:
        """What the next case may take, its one term and the ignorance of its middle together (exact for a lognormal)."""
        (term,) = self.terms
        return term if self.cases is None else Dist("lognormal", term.median(), math.hypot(log_spread(term), self.doubt()))

    def mean(self) -> float:
        """Expected hours, without the part that grows with the outage."""
        return math.fsum(term.mean() for term in self.terms)

    def exact(self) -> float | None:
        """Hours when the duration is exactly known, else None."""
        if self.per_outage or any(term.kind != "point" for term in self.terms):
            return None
        return math.fsum(term.a for term in self.terms)


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per year. All rates of one `shared` name are one number that nobody knows exactly."""

    dist: Dist
    text: str = ""
    source: str = ""
    shared: str = ""
    doubted_as = _doubted_as


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability. For `3 of 10`, `successes` and `demands` are kept so that evidence can age. `shared` as of a `Rate`."""

    dist: Dist
    successes: float | None = None
    demands: float | None = None
    text: str = ""
    source: str = ""
    shared: str = ""
    doubted_as = _doubted_as


@dataclass(frozen=True, slots=True)
class Money:
    """An amount (for a money rate: per hour)."""

    dist: Dist
    currency: str = ""
    text: str = ""
    source: str = ""

    def times(self, factor: float, currency: str | None = None) -> Money:
        """The same amount multiplied by `factor` (> 0), in `currency` when given."""
        return replace(self, dist=scaled(self.dist, factor), currency=currency or self.currency)


class Factor(float):
    """A multiplier that nobody knows exactly: as a number its median; `dist` is what is believed about it."""

    __slots__ = ("dist", "text")
    dist: Dist
    text: str

    def __new__(cls, dist: Dist, text: str = "") -> Factor:
        made = super().__new__(cls, dist.median())
        made.dist, made.text = dist, text
        return made

    def __reduce__(self) -> tuple:
        return Factor, (self.dist, self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Factor) and self.dist == other.dist

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.dist)


def mean_factor(factor: float) -> float:
    """What a multiplier is on average."""
    return factor.dist.mean() if isinstance(factor, Factor) else factor


# --------------------------------------------------------------------------- durations

_HOURS = {
    "ms": 1 / 3.6e6,
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "초"), 1 / 3600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "분"), 1 / 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "시간"), 1.0),
    **dict.fromkeys(("d", "day", "days", "일"), 24.0),
    **dict.fromkeys(("wk", "wks", "w", "week", "weeks", "주", "주일"), 168.0),
    **dict.fromkeys(("mo", "mos", "mon", "month", "months", "개월", "달"), HOURS_PER_MONTH),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years", "a", "년", "연"), HOURS_PER_YEAR),
}
_UNIT = re.compile(r"\s*([^\W\d_]+)\s*")


def unit_hours(word: str) -> float | None:
    """Hours of a unit of time (`h`, `days`, `개월`, `site-years`); None when it is none."""
    if word != "M":  # months or minutes: nobody can know
        return _HOURS.get(word) or _HOURS.get(word.lower()) or _HOURS.get(word.lower().rpartition("-")[2])
    return None


def _point_hours(text: str) -> float:
    """Hours of `1 h 30 min`: numbers with units, added; each unit smaller than the one before."""
    total, last, rest = 0.0, math.inf, text
    while True:
        number, rest = leading(rest)
        if number is None:
            raise refuse(text, "duration")
        match = _UNIT.match(rest)
        if match is None:
            if not rest:
                raise BadValue("duration-no-unit", text=text)
            raise refuse(text, "duration")
        hours = unit_hours(match.group(1))
        if hours is None:
            raise BadValue("duration-unit", text=text, unit=match.group(1))
        if hours >= last or (number < 0):
            raise BadValue("duration-negative" if number < 0 else "bad-duration", text=text)
        total, last, rest = total + number * hours, hours, rest[match.end() :]
        if not rest:
            break
    if finite(total, text) > MOST_HOURS:
        raise BadValue("duration-too-long", text=text)
    return total


def _point_years(text: str) -> float:
    return _point_hours(text) / HOURS_PER_YEAR


_PLUS = re.compile(r"(?<![eE])\+(?![^(]*\))")
_OUTAGE = re.compile(r"(?:(.+?)\s*[x*]?\s*)?(?:outage|중단\s?시간)(?:\s*[x*]\s*(.+))?", re.IGNORECASE)


_RESTS_ON = re.compile(
    rf"(?P<time>.+?)\s*\((?:(?P<guess>guess|추정)|(?P<cases>{NUMBER})\s*(?:cases?|건))(?:\s*[,:]?\s+(?P<shared>[\w.-]+))?\)", re.IGNORECASE
)
GUESS_CASES = 1.0  # a guess of the next case is worth one case: half of its variance is ignorance of the middle, half is chance
FEWEST_CASES = 0.1


@lru_cache(maxsize=_CACHE)
def read_duration(text: str) -> Duration:
    """A length of time: `4h`, `1 h 30 min`, `4h..20h`, `10 min + 0.5 x outage`, `lognormal(...)`, `4h..20h (guess)`.

    What the middle of a range rests on may follow it: `(5 cases)`, `(guess)`; with a name (`(guess P4)`) all durations of that
    name are off by the same factor.

    Raises
    ------
    BadValue
        No unit, negative, reversed range, longer than a million years, not a duration at all; cases or a guess without a range.
    """
    words = plain(text)
    rests_on = _RESTS_ON.fullmatch(words)
    if rests_on is None:
        return _sum_of_terms(words, text)
    whole = _sum_of_terms(rests_on["time"], text)
    (term, *others) = whole.terms
    if others or whole.per_outage:
        raise BadValue("duration-sum-rests-on", text=text)
    if not log_spread(term) > 0.0:
        raise BadValue("duration-rests-on", text=text, time=rests_on["time"])
    shared = rests_on["shared"] or ""
    if rests_on["guess"] is None:
        cases = leading(rests_on["cases"])[0] or 0.0
        if not cases >= FEWEST_CASES:
            raise BadValue("duration-cases", text=text, least=f"{FEWEST_CASES:g}")
        return replace(whole, cases=finite(cases, text), shared=shared)
    if term.kind != "lognormal":
        raise BadValue("duration-rests-on", text=text, time=rests_on["time"])
    return replace(whole, terms=(one_case(term, GUESS_CASES),), cases=GUESS_CASES, shared=shared)


def one_case(next_case: Dist, cases: float) -> Dist:
    """How cases differ, where a lognormal says what the next one may take and its middle is worth so many cases."""
    return replace(next_case, b=next_case.b / math.sqrt(1.0 + 1.0 / cases))


def log_spread(dist: Dist) -> float:
    """Standard deviation of the logarithm, read off the median and the 95th percentile; 0 where there is none."""
    median, high = dist.median(), float(dist.quantile(0.95))
    return math.log(high / median) / Z95 if high > median > 0.0 else 0.0


def _sum_of_terms(words: str, text: str) -> Duration:
    """A length of time without what its middle rests on."""
    known, per_outage = 0.0, 0.0
    terms: list[Dist] = []
    for part in _PLUS.split(words):
        part = part.strip()
        share = _OUTAGE.fullmatch(part)
        if share:
            per_outage += _outage_share(share.group(1) or share.group(2), text)
            continue
        if _RESTS_ON.fullmatch(part):
            raise BadValue("duration-sum-rests-on", text=text)
        dist = spread(part, _point_hours)
        if dist.kind == "point":
            known += dist.a
        else:
            terms.append(dist)
    if known or not terms:
        terms.append(point(known))
    return Duration(tuple(terms), per_outage, str(text))


def _outage_share(text: str | None, whole: str) -> float:
    if text is None:
        return 1.0
    number, rest = leading(text)
    if number is not None and rest == "%":
        number, rest = number / 100, ""
    if number is None or rest:
        raise refuse(plain(whole), "duration")
    if not 0 <= finite(number, whole) <= 1000:
        raise BadValue("duration-negative" if number < 0 else "duration-too-long", text=whole)
    return number


# --------------------------------------------------------------------------- rates

_COUNT_WORDS = {word: i + 1.0 for i, word in enumerate("한 두 세 네 다섯 여섯 일곱 여덟 아홉 열".split())}
_KOREAN_COUNT = rf"({NUMBER}|{'|'.join(_COUNT_WORDS)})\s*(?:회|번|건|차례)"
_EVERY = re.compile(
    rf"(연간?|매년|월|매월|매달|주|매주|일|하루에?|매일|시간당|매시간)\s*(?:평균\s*)?{_KOREAN_COUNT}"
)
_EVERY_HOURS = {"연": HOURS_PER_YEAR, "매년": HOURS_PER_YEAR, "연간": HOURS_PER_YEAR, "월": HOURS_PER_MONTH,
                "매월": HOURS_PER_MONTH, "매달": HOURS_PER_MONTH, "주": 168.0, "매주": 168.0, "일": 24.0,
                "하루": 24.0, "하루에": 24.0, "매일": 24.0, "시간당": 1.0, "매시간": 1.0}  # fmt: skip
_IN_KOREAN = re.compile(rf"(.+?)(?:에|간|동안)\s*{_KOREAN_COUNT}(꼴)?(?:로)?")
_IN = re.compile(r"(.+?)\s+in\s+(.+)", re.IGNORECASE)
_PER = re.compile(r"(.+?)\s*(?:/|\bper\b|\bevery\b)\s*(.+)", re.IGNORECASE)
_UNIT_ONLY = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _exposure_hours(text: str) -> float:
    """Hours of `400 yr`, `9,000 site-years`, or of a unit alone (`yr`)."""
    number, rest = leading(text)
    word = rest.strip()
    if not _UNIT_ONLY.fullmatch(word) or unit_hours(word) is None:
        if number is not None and not word:
            raise BadValue("rate-no-unit", text=text)
        raise refuse(text, "rate")
    hours = (1.0 if number is None else number) * (unit_hours(word) or 0.0)
    if not 0 < hours <= 1e12 * HOURS_PER_YEAR:
        raise BadValue("not-positive", text=text)
    return hours


def _counted(text: str, whole: str) -> float:
    """The number of `2`, `400 changes`, `두`, `once`."""
    word = text.strip().lower()
    if word in _COUNT_WORDS or word in ("once", "twice"):
        return {"once": 1.0, "twice": 2.0}.get(word) or _COUNT_WORDS[word]
    number, rest = leading(text.strip())
    if number is None or not re.fullmatch(r"[^\W\d_]*(?:[ -][^\W\d_]+)*", rest):
        raise refuse(whole, "rate")
    if number < 0:
        raise BadValue("rate-negative", text=whole)
    return finite(number, whole)


def _point_rate(text: str) -> float:
    """Events per year of `0.005/yr`, `1 per 200 yr`, `400 changes/yr`, `연 2회`."""
    if text.lower() in ("never", "없음"):
        return 0.0
    every = _EVERY.fullmatch(text)
    seen = _IN_KOREAN.fullmatch(text)
    per = _PER.fullmatch(text)
    if every:
        rate = _counted(every.group(2), text) / _EVERY_HOURS[every.group(1)]
    elif seen and seen.group(3):
        rate = _counted(seen.group(2), text) / _exposure_hours(seen.group(1))
    elif per:
        rate = _counted(per.group(1), text) / _exposure_hours(per.group(2))
    elif bare(text) is not None:
        raise BadValue("rate-no-unit", text=text)
    else:
        raise refuse(text, "rate")
    rate *= HOURS_PER_YEAR
    if rate > MOST_PER_YEAR:
        raise BadValue("rate-too-high", text=text)
    return rate


def _posterior_rate(text: str) -> Dist | None:
    """`2 in 400 yr`: Jeffreys' posterior of a Poisson rate, Gamma(n + 1/2, exposure)."""
    seen = _IN.fullmatch(text)
    korean = _IN_KOREAN.fullmatch(text)
    if seen:
        events, exposure = _counted(seen.group(1), text), _exposure_hours(seen.group(2))
    elif korean and not korean.group(3) and not _EVERY.fullmatch(text):
        events, exposure = _counted(korean.group(2), text), _exposure_hours(korean.group(1))
    else:
        return None
    scale = HOURS_PER_YEAR / exposure
    if (events + 0.5) * scale > MOST_PER_YEAR:
        raise BadValue("rate-too-high", text=text)
    return Dist("gamma", events + 0.5, scale)


@lru_cache(maxsize=_CACHE)
def read_rate(text: str) -> Rate:
    """Events per year: `2 in 400 yr`, `1 per 200 yr`, `0.005/yr`, `1/500yr..1/50yr`, `연 2회`, `never`.

    `N in T` is evidence (a gamma posterior by Jeffreys' prior); `N per T` is a known rate. With `(shared NAME)` behind it, all of
    that name are one number.

    Raises
    ------
    BadValue
        No unit, negative, reversed range, above 10^9 a year, not a rate at all; an exact number that is shared.
    """
    words, shared = of_class(plain(text))
    dist = _posterior_rate(words)
    if dist is None:
        dist = spread(words, _point_rate, exposure=_point_years)
    return Rate(doubted(dist, shared, text), str(text), shared=shared)


# --------------------------------------------------------------------------- chances

_OF = re.compile(rf"({NUMBER})\s*(?:out\s+)?of\s*({NUMBER})", re.IGNORECASE)
_OF_KOREAN = re.compile(
    rf"({NUMBER})\s*(?:번|회|개|건|차례)?\s*중(?:에)?\s*({NUMBER})\s*(?:번|회|개|건|차례)?"
)


def _fraction(text: str) -> float:
    """0.3 of `30%`, `0.3`, `30 percent`; no bound."""
    number, rest = leading(text)
    if number is None:
        raise refuse(text, "chance")
    if rest in ("%", "percent", "퍼센트", "프로"):
        return finite(number, text) / 100
    if rest == "‰":
        return finite(number, text) / 1000
    if rest:
        raise refuse(text, "chance")
    return finite(number, text)


def _point_chance(text: str) -> float:
    if text.lower() in ("never", "always"):
        return float(text.lower() == "always")
    value = _fraction(text)
    if value < 0:
        raise BadValue("chance-negative", text=text)
    if value > 1:
        code = "percent-above" if text.endswith("%") else "chance-above-one"
        raise BadValue(code, text=text, most="100%")
    return value


@lru_cache(maxsize=_CACHE)
def read_chance(text: str) -> Chance:
    """A probability: `30%`, `0.3`, `3 of 10`, `10중 3`, `10%..40%`, `beta(2, 5)`, `10%..40% (shared NAME)`.

    `k of n` is evidence: a beta posterior by Jeffreys' prior, Beta(k + 1/2, n - k + 1/2).

    Raises
    ------
    BadValue
        Outside 0..1, more successes than demands, reversed range, not a chance at all; an exact number that is shared.
    """
    words, shared = of_class(plain(text))
    seen = _OF.fullmatch(words)
    korean = _OF_KOREAN.fullmatch(words)
    if seen or korean:
        pair = seen.groups() if seen else korean.groups()[::-1]  # type: ignore[union-attr]
        return replace(_shown_chance(pair[0], pair[1], text), shared=shared)
    dist = named_dist(words, _point_chance)
    if dist is None:
        ends = split_range(words)
        if ends is None:
            dist = point(_point_chance(words))
        else:
            dist = logitnormal_of(_point_chance(ends[0]), _point_chance(ends[1]), text)
    elif dist.kind not in ("beta", "uniform", "triangular", "empirical", "point", "lognormal", "gamma"):
        raise BadValue("chance-dist", text=text)
    return Chance(doubted(dist, shared, text), text=str(text), shared=shared)


def _shown_chance(successes: str, demands: str, text: str) -> Chance:
    k, n = leading(successes)[0], leading(demands)[0]
    if k is None or n is None or k < 0 or n < 0:
        raise refuse(plain(text), "chance")
    if k > n:
        raise BadValue("chance-more-than-all", text=text)
    return Chance(Dist("beta", k + 0.5, n - k + 0.5), k, n, str(text))


@lru_cache(maxsize=_CACHE)
def read_percent(text: str) -> float:
    """A share or a level as a fraction: `20%` -> 0.2, `0.2` -> 0.2, `120%` -> 1.2; never negative."""
    words = plain(text)
    value = {"half": 0.5, "절반": 0.5, "all": 1.0, "전부": 1.0}.get(words.lower())
    if value is None:
        try:
            value = _fraction(words)
        except BadValue as bad:
            raise BadValue("bad-percent" if bad.code == "bad-chance" else bad.code, **bad.values) from None
    if value < 0:
        raise BadValue("percent-negative", text=text)
    if value > (100 if words.endswith("%") else 10):
        code = "percent-above" if words.endswith("%") else "percent-large"
        raise BadValue(code, text=text, most="10000%")
    return value


_FACTOR = re.compile(rf"[x*]\s*({NUMBER})|({NUMBER})\s*(?:x|\*|배|times)", re.IGNORECASE)


@lru_cache(maxsize=_CACHE)
def read_doubted_factor(text: str) -> float:
    """A multiplier, or what is believed of one that nobody knows exactly: `x1.5..x4`, `lognormal(median=x2, p95=x5)`."""
    dist = spread(plain(text), read_factor)
    return dist.a if dist.kind == "point" else Factor(dist, str(text))


@lru_cache(maxsize=_CACHE)
def read_factor(text: str) -> float:
    """A multiplier: `x4`, `4x`, `×4`, `4배`, or a bare `4`; also `200%` -> 2."""
    words = plain(text)
    match = _FACTOR.fullmatch(words)
    value = bare((match.group(1) or match.group(2)) if match else words)
    if value is None and words.endswith("%"):
        value = _fraction(words)
    if value is None:
        raise refuse(words, "factor")
    if finite(value, text) < 0 or value > 1e9:
        raise BadValue("factor-range", text=text)
    return value


@lru_cache(maxsize=_CACHE)
def read_number(text: str) -> float:
    """A number: `32,000`, `3e6`, `3.2만`, `２０`, `3.2 million`; NaN and infinity are refused."""
    words = plain(text)
    number, rest = leading(words)
    if number is None:
        raise refuse(words, "number")
    if rest:
        scale = SCALES.get(rest.lower()) if rest not in ("명", "people", "users") else 1.0
        if scale is None:
            raise refuse(words, "number")
        number *= scale
    return finite(number, text)


@lru_cache(maxsize=_CACHE)
def read_count(text: str) -> int:
    """A whole number, 0 or more: `32,000`, `3.2만`, `40대`, `3명`."""
    words = re.sub(r"\s*(?:개|대|명)$", "", plain(text))
    if ".." in words:
        raise BadValue("count-range", text=text)
    number = read_number(words)
    if number < 0 or number != int(number) or number > MOST_COUNT:
        raise BadValue("bad-count", text=text)
    return int(number)


_TRIES = re.compile(r"(.+?)\s+(?:(\d+)\s*(?:times?|tries|try|번|회)|(once|한 번)|(twice|두 번))")


def read_tries(text: str) -> tuple[str, int | None]:
    """Whose tries, and how many: `way-back 2 times`, `way-back once`, `way-back 2번`; without a number None."""
    match = _TRIES.fullmatch(text)
    if match is None:
        return text, None
    return match.group(1), int(match.group(2)[:9]) if match.group(2) else 1 if match.group(3) else 2


_DATE = re.compile(r"(\d{4})(?:-|/|\.|년)\s?(\d{1,2})(?:-|/|\.|월)\s?(\d{1,2})(?:일|\.)?")


@lru_cache(maxsize=_CACHE)
def read_date(text: str) -> datetime.date:
    """A day: `2024-05-01`, `2024.5.1`, `2024년 5월 1일`."""
    match = _DATE.fullmatch(plain(text))
    if match is None:
        raise refuse(plain(text), "date")
    try:
        return datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        raise BadValue("bad-date", text=text) from None


# --------------------------------------------------------------------------- money

_CURRENCY_WORDS = {
    "원": "KRW", "₩": "KRW", "￦": "KRW", "won": "KRW", "$": "USD", "달러": "USD", "us$": "USD", "€": "EUR",
    "유로": "EUR", "£": "GBP", "파운드": "GBP", "엔": "JPY", "円": "JPY", "위안": "CNY", "元": "CNY",
    "₹": "INR", "₫": "VND", "₽": "RUB", "₺": "TRY",
}  # fmt: skip
CURRENCIES = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW".split()
)
_PER_TIME = re.compile(r"\s*(?:/|\bper\b)\s*([^\W\d_]+)", re.IGNORECASE)
_PER_KOREAN = re.compile(r"(시간|하루|일|분|연|년|월)(?:당|에|간)?\s+(.+)|(시간|분)당\s*(.+)")
_MONEY_HOURS = {"하루": 24.0, "월": HOURS_PER_MONTH}


def read_currency(text: str) -> str:
    """The ISO 4217 code of `KRW`, `원`, `$`, `usd`."""
    word = plain(text)
    code = _CURRENCY_WORDS.get(word.lower(), word.upper())
    if code not in CURRENCIES:
        raise BadValue("money-currency", text=text, unit=word)
    return code


def _amount(text: str, seen: list[str]) -> float:
    """The amount of `12 bn KRW`, `₩3,000,000`, `120억원`; its currency, when written, goes to `seen`."""
    sign, rest = (-1.0, text[1:].strip()) if text.startswith("-") else (1.0, text)
    front = re.match(r"([^\W\d_]{3}\b|us\$|[$€£₩￦₹₫₽₺])\s*", rest, re.IGNORECASE)
    currency = None
    if front and front.group(1):
        currency, rest = read_currency(front.group(1)), rest[front.end() :]
    number, rest = leading(rest)
    if number is None:
        raise refuse(text, "money")
    for word in re.findall(r"[^\W\d_]+|[$€£₩￦₹₫₽₺]", rest):
        scale = SCALES.get(word) or SCALES.get(word.lower())
        if scale and currency is None or scale and front:
            number *= scale
        elif currency is None:
            currency = read_currency(word)
        else:
            raise refuse(text, "money")
    if re.sub(r"[^\W\d_]+|[$€£₩￦₹₫₽₺\s]", "", rest):
        raise refuse(text, "money")
    if currency:
        seen.append(currency)
    if abs(finite(number, text)) > MOST_MONEY:
        raise BadValue("money-too-much", text=text)
    return sign * number


def _money(words: str, text: str) -> tuple[Dist, str]:
    seen: list[str] = []
    dist = spread(words, lambda part: _amount(part, seen))
    if len(set(seen)) > 1:
        raise BadValue("money-two-currencies", text=text)
    if not seen:
        if dist == point(0.0):
            return dist, ""  # nothing is nothing in every currency
        raise BadValue("money-no-currency", text=text)
    return dist, seen[0]


@lru_cache(maxsize=_CACHE)
def read_money(text: str) -> Money:
    """An amount with its currency: `12 bn KRW`, `120억원`, `$3.2m`, `1bn..10bn KRW`, `-4bn KRW`.

    Raises
    ------
    BadValue
        No or unknown currency, two currencies, reversed range, NaN, not money at all.
    """
    dist, currency = _money(plain(text), text)
    return Money(dist, currency, str(text))


@lru_cache(maxsize=_CACHE)
def read_money_rate(text: str, per_hours: float = 1.0) -> Money:
    """Money over time, as the amount for `per_hours` hours: `3,000,000 KRW/h`, `시간당 300만원`."""
    words = plain(text)
    if words in ("0", "none"):
        return Money(point(0.0), "", str(text))
    korean = _PER_KOREAN.fullmatch(words)
    if korean:
        names, amount = [korean.group(1) or korean.group(3)], korean.group(2) or korean.group(4)
    else:
        names, amount = _PER_TIME.findall(words), _PER_TIME.sub("", words)
    hours = {_MONEY_HOURS.get(name) or unit_hours(name) for name in names}
    if len(hours) > 1:
        raise BadValue("money-two-currencies", text=text)
    if not hours or None in hours:
        raise BadValue("money-no-time", text=text)
    dist, currency = _money(amount, text)
    return Money(scaled(dist, per_hours / (hours.pop() or 1.0)), currency, str(text))


@lru_cache(maxsize=_CACHE)
def read_money_yearly(text: str) -> Money:
    """Money each year: `1.2bn KRW`, `1.2bn KRW/yr`, `100m KRW/mo`."""
    words = plain(text)
    if _PER_TIME.search(words) or _PER_KOREAN.fullmatch(words):
        return read_money_rate(text, HOURS_PER_YEAR)
    return read_money(text)


# --------------------------------------------------------------------------- hours of the week

_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
         "월": 0, "화": 1, "수": 2, "목": 3, "금": 4, "토": 5, "일": 6}  # fmt: skip
_DAY_WORDS = {"weekdays": range(5), "weekends": range(5, 7), "daily": range(7), "평일": range(5),
              "주말": range(5, 7), "매일": range(7)}  # fmt: skip
_HOURS_PART = re.compile(r"(?:(\D+?)\s+)?(\d{1,2})(?::00|시)?\s*[-–~]\s*(\d{1,2})(?::00|시)?")


@lru_cache(maxsize=_CACHE)
def read_hours(text: str) -> tuple[bool, ...]:
    """Which of the 168 hours of a week (from Monday 00:00) count: `mon-fri 08-20, sat 09-12`.

    Days may be left out (every day); `22-06` runs past midnight.
    """
    week = [False] * 168
    for part in re.split(r"\s*[,;+]\s*", plain(text).lower()):
        match = _HOURS_PART.fullmatch(part)
        if match is None:
            raise BadValue("bad-hours", text=text)
        begin, end = int(match.group(2)), int(match.group(3))
        if begin > 24 or end > 24 or begin == end:
            raise BadValue("bad-hours", text=text)
        for day in _days(match.group(1) or "daily", text):
            for hour in range(begin, end if end > begin else end + 24):
                week[(day * 24 + hour) % 168] = True
    return tuple(week)


def _days(words: str, text: str) -> list[int]:
    if words in _DAY_WORDS:
        return list(_DAY_WORDS[words])
    days: list[int] = []
    for word in re.split(r"\s*[/·]\s*|\s+", words):
        parts = [end[:3] if end.isascii() else end[0] for end in re.split(r"[-–~]", word) if end]
        if not parts or len(parts) > 2 or any(part not in _DAYS for part in parts):
            raise BadValue("bad-hours", text=text)
        first, last = _DAYS[parts[0]], _DAYS[parts[-1]]
        days += range(first, last + 1 if last >= first else last + 8)
    return days


# --------------------------------------------------------------------------- values to text


def write_number(value: float, digits: int = 3) -> str:
    """A number with `digits` significant digits and thousands separators: 12345.6 -> `12,300`."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "-∞" if value < 0 else "?"
    if value == 0:
        return "0"
    if abs(value) < 1e-4 or abs(value) >= 1e15:
        return f"{value:.{digits - 1}e}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    shown = f"{_rounded(value, digits):,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _rounded(value: float, digits: int) -> float:
    return float(f"{value:.{digits - 1}e}")


def write_duration(hours: float, lang: str = "en") -> str:
    """A length of time in at most two units: 4.1667 -> `4 h 10 min` / `4시간 10분`."""
    if not math.isfinite(hours):
        return say("units.endless", lang)
    if hours < 0:
        return "-" + write_duration(-hours, lang)
    if hours * 3600 < 0.5:
        return (
            say("units.s", lang, n="0")
            if hours == 0
            else say("units.s", lang, n=write_number(hours * 3600, 2))
        )
    if hours >= 2 * HOURS_PER_YEAR:
        return say("units.yr", lang, n=write_number(hours / HOURS_PER_YEAR))
    if hours >= 60 * 24:
        return say("units.mo", lang, n=write_number(hours / HOURS_PER_MONTH, 2))
    steps = {"d": (24.0, "h", 1.0), "h": (1.0, "min", 1 / 60), "min": (1 / 60, "s", 1 / 3600)}
    unit = "d" if hours >= 48 else "h" if hours >= 1 - 1 / 120 else "min" if hours >= 1 / 60 else "s"
    if unit == "s":
        return say("units.s", lang, n=write_number(round(hours * 3600)))
    size, small, small_size = steps[unit]
    total = round(hours / small_size)  # in the small unit, so that 59.7 min never shows as 60 min
    ratio = round(size / small_size)
    big, rest = divmod(total, ratio)
    shown = say(f"units.{unit}", lang, n=str(big))
    return f"{shown} {say(f'units.{small}', lang, n=str(rest))}" if rest and big < 30 else shown


def write_rate(per_year: float, lang: str = "en") -> str:
    """How often: 0.005 -> `once in 200 years` / `200년에 한 번`; 12 -> `12 a year` / `연 12회`."""
    if per_year <= 0:
        return say("units.never", lang)
    if per_year < 1:
        return say("units.once_in_years", lang, n=write_number(1 / per_year))
    return say("units.times_a_year", lang, n=write_number(per_year))


def write_chance(value: float, digits: int = 3) -> str:
    """A probability in percent: 0.305 -> `30.5%`; the last digits are kept near 1 (`99.995%`)."""
    if 0.99 < value < 1:
        missing = 100 * (1 - value)
        places = min(12, max(0, digits - 2 - math.floor(math.log10(missing))))
        return f"{100 - missing:.{places}f}".rstrip("0").rstrip(".") + "%"
    return f"{write_number(value * 100, digits)}%"
