"""Names that a reader would take for each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from blackstart.errors import Problem
from blackstart.language.model import Model

SEVERITY: Mapping[str, str] = {
    "names-alike": "warning",
}  # fmt: skip
# Cyrillic and Greek small letters that are drawn like a Latin one.
_LATIN = str.maketrans(
    "\u0430\u0432\u0435\u0454\u0455\u0456\u0458\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445"
    "\u0475\u04bb\u0501\u051b\u051d\u03bf\u03b1\u03bd\u03c1\u03b9\u03ba\u03c5\u03c7",
    "abeesijkmhopctyxvhdqwoavpikux",
)


def names(model: Model) -> Iterator[Problem]:
    """Names of one section that a reader would take for each other."""
    for section in ("components", "domains", "teams", "hazards", "barriers", "defences"):
        first: dict[str, str] = {}
        rows: Mapping[str, Any] = getattr(model, section)
        for name, row in rows.items():
            other = first.setdefault(looks_like(name), name)
            if other != name:
                values = {"name": name, "other": other}
                yield Problem("names-alike", row.where, f"{section}.{name}", values)


def looks_like(name: str) -> str:
    """What a name looks like: names with the same result differ only in case, width or alphabet."""
    if not name.isascii():
        name = unicodedata.normalize("NFKC", name).casefold().translate(_LATIN)
    return name.lower().replace("_", "-")
