"""The declared name that resembles a wrong one, fast among 100,000 names."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

_FEW = 2000
_SHORTEST = 3
_MOST_ASKED = 50  # more names than this are not shown with their nearest


def folded(name: str) -> str:
    """A name without case, width, and separators: `Web_DB` and `web-db` are alike."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(ch for ch in text if ch.isalnum())


class Nearest:
    """Finds the nearest of some names. Its index is built when it is first asked."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = names
        self._known: dict[str, str] | None = None
        self._letters: list[str] = []
        self._asked = 0

    def to(self, wrong: str) -> str | None:
        """The nearest name, or None when none is near (or too many were asked for)."""
        self._asked += 1
        if self._asked > _MOST_ASKED or len(wrong) > 200:
            return None
        if self._known is None:
            self._known = {folded(name): name for name in self._names}
            self._letters = sorted(set("".join(self._known)))
        word = folded(wrong)
        if word in self._known:
            return self._known[word]
        # two short names are always one edit apart and never alike
        for one in self._one_edit(word) if len(word) >= _SHORTEST else ():
            if one in self._known:
                return self._known[one]
        few = self._candidates(word)
        found = difflib.get_close_matches(word, few, 1, 0.6)
        return self._known[found[0]] if found else None

    def _candidates(self, word: str) -> list[str]:
        known = self._known or {}
        if len(known) <= _FEW:
            return list(known)
        near = (name for name in known if name[:1] == word[:1] and abs(len(name) - len(word)) <= 2)
        return [name for name, _ in zip(near, range(_FEW), strict=False)]

    def _one_edit(self, word: str) -> Iterable[str]:
        """All words one edit away; over large alphabets only what stays cheap."""
        letters = self._letters if len(self._letters) <= 200 else []
        for i in range(len(word)):
            yield word[:i] + word[i + 1 :]
            if i + 1 < len(word):
                yield word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        for i in range(len(word) + 1):
            for letter in letters:
                yield word[:i] + letter + word[i:]
                yield word[:i] + letter + word[i + 1 :]
