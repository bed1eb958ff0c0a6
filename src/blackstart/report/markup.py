"""HTML and SVG from small functions. Plain text is always escaped; only `Html` passes as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

VOID = {"meta", "link", "br", "hr", "img", "input"}
_PARTED = re.compile(r"[ \-_/@·]|\.(?!\d)")  # where a line may end: not within a number


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


def _content(part: Any) -> str:
    return part if isinstance(part, Html) else escape(str(part), quote=False)


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return escape(str(value))


def tag(name: str, /, *content: Any, **attributes: Any) -> Html:
    """One element. `class_` is class, `stroke_width` is stroke-width; None and False leave an attribute out.

    >>> tag("a", "1 < 2", class_="x", aria_label="y")
    '<a class="x" aria-label="y">1 &lt; 2</a>'
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{''.join(_content(part) for part in content)}</{name}>")


def stack(head: Sequence[str], titles: Html, rows: Iterable[Html], class_: str = "stack", **attributes: Any) -> Html:
    """A table that becomes a list of cards on a narrow screen, where each cell has the head of its column beside it.

    The heads stand once, as variables of the table's style (`page.css`): repeated in each cell they would make most of a long page.
    They are counted from the last column: rows beside a cell that spans several have no first ones.
    """
    labels = ";".join(f"--c{n}:{_quoted(words)}" for n, words in enumerate(reversed(head), 1))
    return tag("table", tag("thead", titles) if titles else "", tag("tbody", *rows), class_=class_, style=labels, **attributes)


def _quoted(words: str) -> str:
    """A string of a style sheet."""
    return "'" + re.sub(r"['\\]", r"\\\g<0>", words) + "'"


def join(parts: Any) -> Html:
    """Several pieces, one behind the other; plain text among them is escaped."""
    return Html("".join(_content(part) for part in parts))


def with_code(text: str) -> Html:
    """A sentence in which what stands between backticks is set as code.

    >>> with_code("see `plan`, a < b")
    'see <code>plan</code>, a &lt; b'
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one of them stands alone
        return Html(_content(text))
    return join(tag("code", part) if i % 2 else part for i, part in enumerate(parts))


def svg(width: float, height: float, *content: Any, label: str, class_: str = "") -> Html:
    """A picture that keeps its size up to the width of the page and is read out by `label`."""
    return tag(
        "svg",
        *content,
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=round(width),
        height=round(height),
        role="img",
        aria_label=label,
        class_=class_ or None,
    )


def write_at(x: float, y: float, words: str, anchor: str | None = None, class_: str | None = None) -> Html:
    """A text of a picture."""
    return tag("text", words, x=x, y=y, text_anchor=anchor, class_=class_)


def text_width(words: str, size: float = 12.0) -> float:
    """About how wide `words` are in a sans-serif of `size` pixels."""
    return size * sum(1.0 if ord(c) > 0x1100 else 0.68 if c.isupper() or c in "mwMW@%" else 0.57 for c in words)


def shorten(words: str, room: float, size: float = 12.0) -> str:
    """`words`, cut with an ellipsis where they are wider than `room` pixels."""
    if text_width(words, size) <= room:
        return words
    while words and text_width(words + "…", size) > room:
        words = words[:-1]
    return words.rstrip() + "…"


def in_lines(words: str, room: float, size: float = 12.0, most: int = 2) -> list[str]:
    """`words` in at most `most` lines of `room` pixels, parted at spaces and signs; the last is shortened if need be.

    A word is broken where a line would otherwise hold less than half of what it can and the rest not fit.
    """
    lines, rest = [], words
    while rest and len(lines) < most - 1 and text_width(rest, size) > room:
        fits = max((i for i in range(1, len(rest)) if text_width(rest[:i].rstrip(), size) <= room), default=1)
        parted = max((m.end() for m in _PARTED.finditer(rest) if m.end() <= fits + (m.group() == " ")), default=0)
        whole = parted and len(lines) == most - 2 and text_width(rest[parted:].lstrip(), size) <= room
        cut = parted if whole or 2 * parted >= fits else fits
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, shorten(rest, room, size)] if rest or not lines else lines
