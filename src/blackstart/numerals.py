"""How people write numbers, ranges and distributions, before any unit.

`1,234.5`, `3e6`, `3.2만`, `１２`, `−4`; `4..20`; `lognormal(median=4h, p95=20h)`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from typing import Any

from blackstart.distributions import Z95, Dist, point

LONGEST = 4000  # characters of one value; a longer text is no number


class BadValue(ValueError):
    """A text that does not say a value of the kind that is wanted.

    `code` names the sentence (text/<lang>/problems.toml), `values` fill it.
    """

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(code, values)
        self.code = code
        self.values = values


# --------------------------------------------------------------------------- numbers

_MINUS = dict.fromkeys(map(ord, "−－﹣‐‑"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u3000\u2007\u2002\u2003"), " ")
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code != 0xFF5E}
_LETTERS = {**_FULL_WIDTH, **_MINUS, **_SPACES, ord("×"): "x", ord("…"): ".."}


def plain(text: str) -> str:
    """Digits of every script as 0-9, full-width signs as ASCII, every minus as `-`; spaces trimmed."""
    if len(text) > LONGEST:
        raise BadValue("value-too-long", length=len(text), most=LONGEST)
    if not text.isascii():
        text = text.translate(_LETTERS)
        text = "".join(
            str(unicodedata.decimal(ch)) if ch.isdecimal() and not ch.isascii() else ch for ch in text
        )
        if text[:1] in "–—":
            text = "-" + text[1:]
    return " ".join(text.split())


NUMBER = (
    r"[-+]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,3}(?:_\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)"
    r"(?:[eE][-+]?\d+)?"
)
_NUM = re.compile(NUMBER)
_BIG = {"천": 1e3, "만": 1e4, "억": 1e8, "조": 1e12}
SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9,
    "billion": 1e9, "t": 1e12, "tn": 1e12, "trillion": 1e12,
}  # fmt: skip
_HANGUL_NUMBER = re.compile(rf"({NUMBER})\s*(천만|백만|십만|천억|백억|십억|[천만억조])\s*")
_COMPOUND = {"천만": 1e7, "백만": 1e6, "십만": 1e5, "천억": 1e11, "백억": 1e10, "십억": 1e9}


def leading(text: str) -> tuple[float | None, str]:
    """The number at the begin of `text` and what follows; (None, text) when there is none."""
    match = _NUM.match(text)
    if match is None:
        return None, text
    number, rest = float(match.group().replace(",", "").replace("_", "")), text[match.end() :]
    if rest[:1] in ("천", "만", "억", "조", "백", "십") or (rest[:1] == " " and rest[1:2] in _BIG):
        return _hangul_number(text)
    return number, rest.lstrip(" ")


def _hangul_number(text: str) -> tuple[float | None, str]:
    """`1억 2,000만` and the like: terms of falling size are added."""
    total, last, rest, sign = 0.0, math.inf, text, 1.0
    if rest.startswith("-"):
        rest, sign = rest[1:].lstrip(), -1.0
    while match := _HANGUL_NUMBER.match(rest):
        unit = _COMPOUND.get(match.group(2)) or _BIG[match.group(2)]
        if unit >= last:
            break
        total += float(match.group(1).replace(",", "").replace("_", "")) * unit
        last, rest = unit, rest[match.end() :]
    if last == math.inf:
        return None, text
    tail = _NUM.match(rest)  # `1만 500`
    if tail and tail.group() and tail.group()[0].isdigit() and float(tail.group().replace(",", "")) < last:
        total, rest = total + float(tail.group().replace(",", "")), rest[tail.end() :]
    return sign * total, rest.lstrip(" ")


def finite(value: float, text: str) -> float:
    if not math.isfinite(value):
        raise BadValue("number-not-finite", text=text)
    return value


def bare(text: str) -> float | None:
    """The number when `text` is nothing but one."""
    number, rest = leading(text)
    return number if number is not None and not rest else None


_GUESSED = re.compile(r"(.*?)\s*\((?:guess|추정)\b.*", re.IGNORECASE)


def guessed(text: str) -> BadValue | None:
    """What to write in place of `0.5/yr (guess)`: of a range the range alone, of one number a range from half of it to its double."""
    marked = _GUESSED.fullmatch(plain(text))
    if marked is None:
        return None
    said = marked[1]
    number = _NUM.search(said)
    if number is None or not float(number[0].replace(",", "").replace("_", "")) > 0.0 or split_range(said) is not None:
        return BadValue("guess-of-no-time", text=text, said=said)
    middle, behind = float(number[0].replace(",", "").replace("_", "")), said[number.end() :]
    most = (100.0 + middle) / 2.0 if behind == "%" and middle > 50.0 else 2.0 * middle
    low, high = (re.sub(r"\bin\b", "per", f"{said[: number.start()]}{n:g}{behind}") for n in (middle / 2.0, most))
    return BadValue("guess-of-one-number", text=text, said=said, range=f"{low}..{high}")


def refuse(text: str, kind: str) -> BadValue:
    """Why `text` is no value of `kind`, in the most helpful words."""
    if text == "":
        return BadValue("value-empty", kind=kind)
    if re.fullmatch(r"[-+]?\.?(nan|inf(inity)?)", text, re.IGNORECASE):
        return BadValue("number-not-finite", text=text)
    if kind != "duration" and (marked := guessed(text)):
        return marked
    if kind not in ("rate", "chance") and re.search(r"\((?:shared|공유)\b", text, re.IGNORECASE):
        return BadValue("shared-of-no-rate", text=text)
    number, rest = leading(text)
    if number is not None and re.match(r",\d", rest):
        return BadValue("number-comma", text=text)
    return BadValue(f"bad-{kind}", text=text)


# --------------------------------------------------------------------------- ranges and distributions

_RANGE = re.compile(r"\s*(?:\.\.\.?|[–—~〜～∼])\s*")
_CALL = re.compile(r"([a-z][a-z_-]*)\s*\((.*)\)", re.IGNORECASE | re.DOTALL)
_COMMA = re.compile(r"\s*(?:(?<!\d),|,(?!\d{3}(?!\d)))\s*")
_NAMED = (
    "lognormal", "exponential", "weibull", "gamma", "beta", "triangular", "uniform", "empirical",
)  # fmt: skip


def split_range(text: str) -> tuple[str, str] | None:
    parts = _RANGE.split(text)
    if len(parts) == 1:
        return None
    if len(parts) > 2 or not parts[0] or not parts[1]:
        raise BadValue("range-parts", text=text)
    low, high = parts
    if bare(low) is not None:
        low += " " + leading(high)[1]  # `4..20h`: both are hours
    return low.strip(), high


def lognormal_of(low: float, high: float, text: str) -> Dist:
    """Lognormal with 5th percentile `low` and 95th `high` (both negative: its mirror image)."""
    if low > high:
        raise BadValue("range-reversed", text=text)
    if low == high:
        return point(low)
    if low <= 0 <= high:
        raise BadValue("range-from-zero", text=text)
    median = math.copysign(math.sqrt(low) * math.sqrt(high) if low > 0 else math.sqrt(low * high), low)
    return Dist("lognormal", median, abs(math.log(high / low)) / (2 * Z95))


_SHARED = re.compile(r"(?P<said>.+?)\s*\((?:shared|공유)\s+(?P<name>[\w.-]+)\)", re.IGNORECASE)


def of_class(words: str) -> tuple[str, str]:
    """What a rate or chance says, and the name under which it shares its doubt ("" for none): `0.5/yr..3/yr (shared N7)`."""
    found = _SHARED.fullmatch(words)
    return (found["said"], found["name"]) if found else (words, "")


def doubted(dist: Dist, shared: str, text: str) -> Dist:
    """A distribution that may share its doubt; what is known exactly has none to share."""
    if shared and dist.kind == "point":
        raise BadValue("shared-exact", text=text)
    return dist


def logitnormal_of(low: float, high: float, text: str) -> Dist:
    if low > high:
        raise BadValue("range-reversed", text=text)
    if low == high:
        return point(low)
    if low <= 0 or high >= 1:
        raise BadValue("chance-range-ends", text=text)
    a, b = math.log(low / (1 - low)), math.log(high / (1 - high))
    return Dist("logitnormal", (a + b) / 2, (b - a) / (2 * Z95))


def _arguments(name: str, text: str) -> tuple[dict[str, str], list[str]]:
    """Named and unnamed arguments of a distribution."""
    named: dict[str, str] = {}
    unnamed: list[str] = []
    inner = text.strip().removeprefix("[").removesuffix("]").strip()
    for part in _COMMA.split(inner) if inner else ():
        key, equals, value = part.partition("=")
        if not equals:
            unnamed.append(part)
        elif key.strip().lower() in named:
            raise BadValue("dist-argument-twice", name=name, argument=key.strip())
        else:
            named[key.strip().lower()] = value.strip()
    return named, unnamed


_SIGNATURES = {
    "lognormal": ("median", "p95"),
    "exponential": ("mean",),
    "weibull": ("shape", "scale"),
    "gamma": ("shape", "scale"),
    "beta": ("a", "b"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
}
_BARE_ARGUMENTS = {"sigma", "ef", "shape", "a", "b"}


def named_dist(
    text: str, read: Callable[[str], float], exposure: Callable[[str], float] | None = None
) -> Dist | None:
    """A distribution by name, its values read by `read`; None when `text` is no such call.

    With a reader of `exposure`, a gamma may be written `gamma(shape=1.58, exposure=44 yr)`.
    """
    match = _CALL.fullmatch(text)
    if match is None:
        return None
    name = match.group(1).lower().replace("-", "").replace("_", "")
    if name not in _NAMED:
        raise BadValue("dist-unknown", name=match.group(1), known=", ".join(_NAMED))
    named, unnamed = _arguments(name, match.group(2))
    if name == "empirical":
        if named or not unnamed:
            raise BadValue("dist-arguments", name=name, wants="empirical(1h, 2h, 3h)")
        return Dist("empirical", values=tuple(sorted(read(part) for part in unnamed)))
    for key, part in zip(_SIGNATURES[name], unnamed, strict=False):
        named.setdefault(key, part)
    if len(unnamed) > len(_SIGNATURES[name]):
        raise BadValue("dist-arguments", name=name, wants=_WANTS[name])
    numbers: dict[str, float] = {}
    for key, part in named.items():
        if exposure is not None and name == "gamma" and key in ("exposure", "rate"):
            numbers["scale"] = 1.0 / positive(exposure(part), part)
        else:
            numbers[key] = _argument_number(part) if key in _BARE_ARGUMENTS else read(part)
    return _build_dist(name, numbers, text)


_WANTS = {
    "lognormal": "lognormal(median=…, p95=…)",
    "exponential": "exponential(mean=…)",
    "weibull": "weibull(shape=…, scale=…)",
    "gamma": "gamma(shape=…, scale=…)",
    "beta": "beta(a, b)",
    "triangular": "triangular(low, mode, high)",
    "uniform": "uniform(low, high)",
}


def _argument_number(text: str) -> float:
    number = bare(text)
    if number is None:
        raise refuse(text, "number")
    return positive(finite(number, text), text)


def positive(value: float, text: str) -> float:
    if not value > 0:
        raise BadValue("not-positive", text=text)
    return value


def _build_dist(name: str, given: dict[str, float], text: str) -> Dist:
    wrong = BadValue("dist-arguments", name=name, wants=_WANTS[name])
    if name == "lognormal":
        return _build_lognormal(given, wrong, text)
    if set(given) != set(_SIGNATURES[name]):
        raise wrong
    if name == "exponential":
        return Dist("exponential", positive(given["mean"], text))
    if name in ("weibull", "gamma"):
        return Dist(name, given["shape"], positive(given["scale"], text))
    if name == "beta":
        return Dist("beta", given["a"], given["b"])
    ends = [given[key] for key in _SIGNATURES[name]]
    if ends != sorted(ends):
        raise BadValue("range-reversed", text=text)
    if ends[0] == ends[-1]:
        return point(ends[0])
    return Dist(name, ends[0], ends[1], ends[2] if name == "triangular" else 0.0)


def _build_lognormal(given: dict[str, float], wrong: BadValue, text: str) -> Dist:
    """Lognormal from two of median, mean, sigma, ef (p95/median), p5, p95."""
    keys = frozenset(given)
    for key in keys & {"median", "mean", "p5", "p95"}:
        positive(given[key], text)
    if "ef" in keys and given["ef"] < 1:
        raise BadValue("not-positive", text=text)
    if keys == {"p5", "p95"}:
        return lognormal_of(given["p5"], given["p95"], text)
    if "median" in keys:
        if keys == {"median", "p95"}:
            sigma = math.log(given["p95"] / given["median"]) / Z95
        elif keys == {"median", "p5"}:
            sigma = math.log(given["median"] / given["p5"]) / Z95
        elif keys == {"median", "mean"}:
            sigma = math.sqrt(max(0.0, 2 * math.log(given["mean"] / given["median"])))
        else:
            sigma = _sigma(keys - {"median"}, given, wrong)
        if sigma < 0:
            raise BadValue("range-reversed", text=text)
        return Dist("lognormal", given["median"], sigma)
    if keys == {"mean", "p95"}:
        # ln(p95/mean) = Z95 s - s²/2: the smaller root; above exp(Z95²/2) times the mean there is none
        inner = Z95 * Z95 - 2 * math.log(given["p95"] / given["mean"])
        sigma = Z95 - math.sqrt(inner) if inner >= 0 else -1.0
        if sigma < 0:
            raise BadValue("dist-impossible", text=text)
    else:
        sigma = _sigma(keys - {"mean"}, given, wrong) if "mean" in keys else -1.0
        if sigma < 0:
            raise wrong
    return Dist("lognormal", given["mean"] * math.exp(-sigma * sigma / 2), sigma)


def _sigma(keys: frozenset[str], given: dict[str, float], wrong: BadValue) -> float:
    if keys == {"sigma"}:
        return given["sigma"]
    if keys == {"ef"}:
        return math.log(given["ef"]) / Z95
    raise wrong


def spread(text: str, read: Callable[[str], float], exposure: Callable[[str], float] | None = None) -> Dist:
    """A point, a range or a named distribution of values that `read` reads."""
    dist = named_dist(text, read, exposure)
    if dist is not None:
        return dist
    ends = split_range(text)
    if ends is None:
        return point(read(text))
    return lognormal_of(read(ends[0]), read(ends[1]), text)
