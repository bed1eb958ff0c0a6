"""Results told: as text for a terminal, as one page for a browser, and the schema of what is told.

Every view is a function of a result alone (`Result.as_dict()`), so two views cannot disagree.
"""

from blackstart.report.contract import schema
from blackstart.report.document import page
from blackstart.report.terminal import text

__all__ = ["page", "schema", "text"]
