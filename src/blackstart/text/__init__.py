"""Every sentence a user can see, by key, in English and Korean.

A key is ``area.name`` or ``area.group.name``: the first part names the file
``text/<lang>/<area>.toml``. Templates are `str.format` templates with four additions:

* ``{name!q}`` puts the value between backticks;
* ``{n:error|errors}`` puts the word that fits the number after it: `1 error`, `1,200 errors`;
* ``{name:a}`` puts `a` or `an` before an English name that has no article and takes one: `a battery fire`; ``{name:the}`` likewise `the`;
* ``{name:은는}`` (also 이가, 을를, 과와, 으로, 이나, 이라) puts the Korean particle after the value
  that fits how its end is read.
"""

from __future__ import annotations

import string
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ko")

# particle -> (after a final consonant, after a vowel); 으로 also treats ㄹ as a vowel
_PARTICLES = {
    "은는": ("은", "는"),
    "이가": ("이", "가"),
    "을를": ("을", "를"),
    "과와": ("과", "와"),
    "으로": ("으로", "로"),
    "이나": ("이나", "나"),
    "이라": ("이라", "라"),
}
_NONE, _CONSONANT, _RIEUL = 0, 1, 2
_DIGIT_ENDS = dict(zip("0123456789", (1, 2, 0, 1, 0, 0, 1, 2, 2, 0), strict=True))
_LETTER_ENDS = {"L": _RIEUL, "R": _RIEUL, "M": _CONSONANT, "N": _CONSONANT}


def _latin_end(word: str) -> int:
    """How a Latin word ends when read in Korean: `login` 로그인, `server` 서버, `DNS` 디엔에스."""
    if word.isupper() or len(word) <= 2:
        return _LETTER_ENDS.get(word[-1].upper(), _NONE)
    low = word.lower()
    if low[-1] == "l":
        return _RIEUL
    if low[-1] in "mn" or low.endswith(("ng", "ck")):
        return _CONSONANT
    # one vowel before b, k, p, t is closed in Korean: web 웹, backup 백업, internet 인터넷
    closed = low[-1] in "bkpt" and low[-2] in "aeiou" and low[-3] not in "aeiou"
    return _CONSONANT if closed else _NONE


def _final(text: str) -> int:
    """Class of the last sound of `text`: none, a consonant, or ㄹ."""
    end = len(text)
    while end and not text[end - 1].isalnum() and text[end - 1] != "%":
        end -= 1
    if not end:
        return _NONE
    last = text[end - 1]
    if "가" <= last <= "힣":
        jong = (ord(last) - 0xAC00) % 28
        return _RIEUL if jong == 8 else _CONSONANT if jong else _NONE
    if last in _DIGIT_ENDS:
        return _DIGIT_ENDS[last]
    if last.isascii() and last.isalpha():
        begin = end
        while begin and text[begin - 1].isascii() and text[begin - 1].isalpha():
            begin -= 1
        return _latin_end(text[begin:end])
    return _NONE


def with_particle(value: str, particle: str) -> str:
    """`value` with the form of `particle` that fits it: ("로그인", "은는") -> 로그인은."""
    closed, open_ = _PARTICLES[particle]
    final = _final(value)
    if particle == "으로" and final == _RIEUL:
        final = _NONE
    return value + (closed if final else open_)


# words of misfortunes that English does not count, and words that stand in the place of an article
_UNCOUNTED = frozenset(
    "congestion flooding hail lightning maintenance malware overload overheating rain ransomware sabotage smoke snow".split()
)
_DETERMINERS = frozenset("a all an any both each every everything no one some the this two".split())
_HEAD_ENDS = frozenset("at by for from in near of on that to which with".split())


def with_article(name: str) -> str:
    """`name` with `a` or `an` where it is words that begin small, name one thing that is counted and have no article."""
    words = name.split()
    if not words or not words[0].isalpha() or not words[0].islower() or words[0] in _DETERMINERS:
        return name
    head = words[next((k for k, word in enumerate(words) if k and word in _HEAD_ENDS), len(words)) - 1]
    if head in _UNCOUNTED or head.endswith("s") and not head.endswith(("ss", "us", "is")):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def with_the(name: str) -> str:
    """`name` with `the` where it begins small and has no article."""
    first = name.partition(" ")[0]
    plain = first[:1].isalpha() and first[:1].islower() and first.isascii() and first not in _DETERMINERS and not first.endswith("'s")
    return f"the {name}" if plain else name


class _Formatter(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in _PARTICLES:
            return with_particle(str(value), format_spec)
        if format_spec == "a":
            return with_article(str(value))
        if format_spec == "the":
            return with_the(str(value))
        if "|" in format_spec:
            one, more = format_spec.split("|")
            number = f"{value:,}" if isinstance(value, int) else str(value)
            return f"{number} {one if number == '1' else more}"
        return super().format_field(value, format_spec)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        return f"`{value}`" if conversion == "q" else super().convert_field(value, conversion)


_FORMATTER = _Formatter()


@cache
def area(name: str, lang: str) -> dict[str, str]:
    """All templates of one area and language, by dotted key; empty when there is no such file."""
    path = files("blackstart.text").joinpath(lang, f"{name}.toml")
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    todo: list[tuple[str, Any]] = [("", tomllib.loads(path.read_text(encoding="utf-8")))]
    while todo:
        prefix, node = todo.pop()
        for key, value in node.items():
            if isinstance(value, dict):
                todo.append((f"{prefix}{key}.", value))
            else:
                found[prefix + key] = value
    return found


def has(key: str, lang: str = "en") -> bool:
    """Whether there is a text for `key`."""
    name, _, rest = key.partition(".")
    return rest in area(name, lang)


def say(key: str, /, lang: str = "en", **values: Any) -> str:
    """The sentence of `key` in `lang`, filled with `values`.

    Raises
    ------
    KeyError
        When the key has no text in that language: a fault of the program, found by the tests.
    """
    name, _, rest = key.partition(".")
    return _FORMATTER.vformat(area(name, lang)[rest], (), values)
