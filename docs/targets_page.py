"""The reference page of the targets of a back-test, in both languages, from the words that their reader knows."""

from __future__ import annotations

from blackstart.language import targets
from blackstart.text import say


def page(lang: str) -> str:
    """The whole page."""
    parts = [f"# {_say('title', lang)}", *(_say(key, lang) for key in ("made", "what", "rules"))]
    for part, words in targets.WORDS.items():
        parts += [f"## {_say(part, lang)}", _table(part, words, lang)]
    rows = [f"| `{name}` | {say(f'backtest.unit.{unit}', lang)} | {say(f'backtest.field.measure.{name}', lang)} |"
            for name, unit in targets.MEASURES.items()]  # fmt: skip
    head = f"| `measure` | {_say('unit', lang)} | {_say('meaning', lang)} |"
    return "\n\n".join([*parts, f"## {_say('measure', lang)}", "\n".join([head, "|---|---|---|", *rows])]) + "\n"


def _say(key: str, lang: str) -> str:
    return say(f"backtest.page.{key}", lang)


def _table(part: str, words: tuple[str, ...], lang: str) -> str:
    head = f"| {_say('field', lang)} | {_say('written', lang)} | {_say('meaning', lang)} |"
    rows = [
        f"| `{word}` | {say(f'backtest.written.{part}.{word}', lang)} | {say(f'backtest.field.{part}.{word}', lang)} |" for word in words
    ]
    return "\n".join([head, "|---|---|---|", *rows])
