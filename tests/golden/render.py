"""What users see of some fixed results: `python tests/golden/render.py` writes it anew; read the difference before keeping it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blackstart import report

HERE = Path(__file__).parent
RESULTS = sorted(path.stem for path in HERE.glob("*.json"))
PAGES = ("corner-shop-assessment", "knot-rehearsal")  # a page is long: two of them are kept


def result(name: str) -> dict[str, Any]:
    """A fixed result by its name."""
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def rendered() -> Iterator[tuple[Path, str]]:
    """Each kept file with what should stand in it."""
    for name in RESULTS:
        for lang in ("en", "ko"):
            yield HERE / f"{name}.{lang}.txt", report.text(result(name), lang)
            if name in PAGES:
                yield HERE / f"{name}.{lang}.html", report.page(result(name), lang)


if __name__ == "__main__":
    for path, text in rendered():
        path.write_text(text, encoding="utf-8")
