"""What an operator promises of a service: `99.95% per month`, the time out that this leaves, and in how many months it must be kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from blackstart import units
from blackstart.numerals import NUMBER, BadValue, leading, plain
from blackstart.units import HOURS_PER_YEAR

OF_WINDOWS = 0.95  # the language's rule: kept where so many windows keep it, unless the model says how many
LEAST_WINDOW_H = 1.0
CALLED = frozenset(("uptime", "slo", "sla", "availability", "error_budget", "가동률", "가용도", "가용성"))  # keys by which it is sought

_KOREAN = "한 달|매달|매월|월간|월|한 주|매주|주간|주|한 해|매년|연간|연|년|분기|하루|매일|일간"
_WINDOW_H = {
    **dict.fromkeys(("month", "monthly", "한달", "매달", "매월", "월간", "월"), units.HOURS_PER_MONTH),
    **dict.fromkeys(("year", "yearly", "annum", "annually", "한해", "매년", "연간", "연", "년"), HOURS_PER_YEAR),
    **dict.fromkeys(("quarter", "quarterly", "qtr", "분기"), HOURS_PER_YEAR / 4),
    **dict.fromkeys(("week", "weekly", "한주", "매주", "주간", "주"), 168.0),
    **dict.fromkeys(("day", "daily", "하루", "매일", "일간"), 24.0),
}
_NINES_WORDS = {word: n for n, word in enumerate("one two three four five six seven".split(), 1)}
_UP = rf"(?P<up>{NUMBER}\s*(?:%|percent|퍼센트|프로)?|(?:{NUMBER}|{'|'.join(_NINES_WORDS)})[ -]nines?|{NUMBER}\s*나인)"
_OF = (
    rf"(?:\s*,?\s+(?:in\s+)?(?:(?P<share>{NUMBER})\s*%(?:\s+of\s+(?:all\s+|the\s+)?\w+|의\s*\w+)?"
    r"|(?P<k>\d+)\s+of\s+(?P<n>\d+)(?:\s+\w+)?))?"
)
_SAID = re.compile(
    rf"{_UP}\s*(?:(?:/|\bper\b|\ba\b|\ban\b|\bevery\b|\beach\b|\bover\b|\bin\b)\s*(?:(?:rolling|calendar)\s+)?(?P<window>(?:{NUMBER}\s*)?[^\W\d_]+)"
    rf"|(?P<adverb>monthly|yearly|annually|quarterly|weekly|daily)){_OF}",
    re.IGNORECASE,
)
_SAID_IN_KOREAN = re.compile(
    rf"(?P<window>{_KOREAN}|{NUMBER}\s*(?:일|주|개월|달|년|시간))(?:에|당|마다)?\s*{_UP}(?:를|을)?{_OF}(?:에서|에|마다)?"
)
_ALONE = re.compile(rf"{_UP}(?:{_OF})?", re.IGNORECASE)
_AS_TIME = re.compile(r"(?P<time>.+?)\s*(?:/|\bper\b|\ba\b|\bevery\b|\beach\b)\s*(?P<window>[^\W_]+(?:\s*[^\W\d_]+)?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Uptime:
    """A share of the time for which a service is up, over windows of one length that follow each other.

    share : above 0, below 1. window_h : hours. of_windows : share of the windows in which it must be kept; None: not said.
    """

    share: float
    window_h: float
    of_windows: float | None = None
    text: str = ""

    @property
    def budget_h(self) -> float:
        """Hours out that a window has room for."""
        return (1.0 - self.share) * self.window_h


def minutes(share: float, window_h: float) -> str:
    """The time out that a share leaves in a window, in minutes, for messages."""
    return units.write_number((1.0 - share) * window_h * 60.0)


@lru_cache(maxsize=4096)
def read_uptime(text: str) -> Uptime:
    """`99.95% per month`, `99.9% a year in 90% of years`, `three nines per quarter`, `99.9% per 28 d`, `월 99.9%`.

    Raises
    ------
    BadValue
        No window, no percent sign, nothing that can be kept (100 %) or broken (0 %), a window below an hour or above a year; a time
        out where a share stands. Each with what to write instead.
    """
    words = plain(text)
    said = _SAID.fullmatch(words) or _SAID_IN_KOREAN.fullmatch(words)
    if said is None:
        raise _refused(words, text)
    window_h = _window_h(said["window"] or said.groupdict().get("adverb") or "", text)
    share = _share(said["up"], words, text)
    of = float(said["share"]) / 100 if said["share"] else int(said["k"]) / max(1, int(said["n"])) if said["k"] else None
    if of is not None and not 0.0 < of < 1.0:
        raise BadValue("uptime-windows", text=text)
    return Uptime(share, window_h, of, str(text))


def meant(text: str) -> BadValue | None:
    """What is wrong with a text that stands where a time or a share should, if an uptime is meant by it."""
    words = plain(text)
    if not re.search(r"%|percent|퍼센트|프로|nine|나인", words):
        bad = _refused(words, text)
        return bad if bad.code == "uptime-is-budget" else None
    if _SAID.fullmatch(words) or _SAID_IN_KOREAN.fullmatch(words):
        return BadValue("tolerance-uptime", text=text)
    nines = _ALONE.fullmatch(words) and not re.search(r"%|percent|퍼센트|프로", words)
    return _refused(words, text) if nines else None


def _refused(words: str, text: str) -> BadValue:
    alone, time = _ALONE.fullmatch(words), _AS_TIME.fullmatch(words)
    if alone is not None:
        share = _share(alone["up"], words, text)
        month, year = (minutes(share, h) for h in (units.HOURS_PER_MONTH, HOURS_PER_YEAR))
        return BadValue("uptime-no-window", text=text, up=units.write_chance(share, 12), month=month, year=year)
    if time is not None:
        try:
            out_h, window_h = units.read_duration(time["time"]).exact(), _window_h(time["window"], text)
        except BadValue:
            out_h = None
        if out_h is not None and 0.0 < out_h < window_h:
            return BadValue("uptime-is-budget", text=text, up=units.write_chance(1.0 - out_h / window_h), window=time["window"])
    return BadValue("bad-uptime", text=text)


def _window_h(words: str, text: str) -> float:
    """Hours of `month`, `28 d`, `quarter`, `28일`."""
    key = words.replace(" ", "").lower()
    hours = _WINDOW_H.get(key) or _WINDOW_H.get(key.removesuffix("s"))
    if hours is None:
        try:
            hours = units.read_duration(words if words[:1].isdigit() else f"1 {words}").exact()
        except BadValue:
            raise BadValue("bad-uptime", text=text) from None
    if hours is None or not LEAST_WINDOW_H <= hours <= HOURS_PER_YEAR:
        raise BadValue("uptime-window", text=text)
    return hours


def _share(up: str, words: str, text: str) -> float:
    """The fraction of `99.95%` or `three nines`."""
    nines = re.fullmatch(rf"({NUMBER}|\w+)[ -]?(?:nines?|나인)", up, re.IGNORECASE)
    if nines is not None:
        n = _NINES_WORDS.get(nines[1].lower()) or leading(nines[1])[0] or 0.0
        whole, half = divmod(n, 1.0)
        if n < 1.0 or n > 9.0 or half not in (0.0, 0.5):
            raise BadValue("bad-uptime", text=text)
        return 1.0 - 10.0**-whole * (0.5 if half else 1.0)
    number, rest = leading(up)
    if number is None:
        raise BadValue("bad-uptime", text=text)
    if not rest:
        meant = number if number > 1.0 else 100.0 * number
        instead = words.replace(up.strip(), f"{meant:.10g}%", 1)
        raise BadValue("uptime-no-percent", text=text, instead=f"{instead} per month" if words == up else instead)
    if not 0.0 < number < 100.0:
        raise BadValue("uptime-all" if number >= 100.0 else "uptime-none", text=text)
    return number / 100.0
