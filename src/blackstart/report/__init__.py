"""Results told: as text for a terminal, as one page for a browser, and the schema of what is told.

Every view is a function of a result alone (`Result.as_dict()`), so two views cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from blackstart.report import (
    attribution,
    backtests,
    comparison,
    difference,
    document,
    editable,
    growth,
    kinds,
    learnt,
    outline,
    overlaps,
    plan,
    quantification,
    quiet,
    reasons,
    reconstruction,
    recorded,
    terminal,
    trace,
    worst,
)
from blackstart.report.contract import schema
from blackstart.report.names import Names
from blackstart.report.outline import Outline
from blackstart.report.paper import whole as paper

__all__ = ["markdown", "page", "paper_outline", "schema", "text"]

# kinds of results that are told as an outline; the others have views of their own
OUTLINES: Mapping[str, Callable[[Mapping[str, Any], Names], Outline]] = {
    "attribution": attribution.report, "incident": recorded.report, "reconstruction": reconstruction.report,
    "backtest": backtests.report, "comparison": comparison.report, "difference": difference.report, "overlaps": overlaps.report,
    "kinds": kinds.report, "learnt": learnt.report, "paper": paper.report, "plan": plan.report,
    "quantification": quantification.report, "quiet": quiet.report, "growth": growth.report, "trace": trace.report,
    "unknowns": reasons.unknowns, "why": reasons.why, "worst": worst.report,
}  # fmt: skip


def paper_outline(
    result: Mapping[str, Any], lang: str, level: str = "board", mine: Mapping[str, editable.Edit] | None = None
) -> tuple[Outline, list[editable.Flag]]:
    """The white paper in one language and edition, with a person's paragraphs in it, and the numbers in those that no longer hold."""
    mine = mine or {}
    edited = any(edit.touched for edit in mine.values())
    return editable.edited(paper.report(result, Names(result, lang), level, edited=edited), mine, lang)


def text(result: Mapping[str, Any], lang: str) -> str:
    """A result in `lang` (``en`` or ``ko``) for a terminal, plain characters, at most 100 columns."""
    tell = OUTLINES.get(result["kind"])
    return terminal.text(result, lang) if tell is None else outline.as_text(tell(result, Names(result, lang)))


def page(result: Mapping[str, Any], lang: str) -> str:
    """A result in `lang` as one self-contained HTML page."""
    tell = OUTLINES.get(result["kind"])
    return document.page(result, lang) if tell is None else outline.as_page(tell(result, Names(result, lang)), lang)


def markdown(result: Mapping[str, Any], lang: str) -> str:
    """A result that is told as an outline, in GitHub's Markdown."""
    return outline.as_markdown(OUTLINES[result["kind"]](result, Names(result, lang)))
