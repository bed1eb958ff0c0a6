"""Which overlaps of misfortune stop a service, how often, for how long and at what loss, and when it comes back.

From Python: `load` a model, then `rehearse`, `assess`, `overlaps`, `worst` or `plan` it;
`reconstruct` and `attribute` an incident (`api`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blackstart.api import (
        Answer,
        Loaded,
        ModelError,
        assess,
        attribute,
        load,
        overlaps,
        plan,
        reconstruct,
        rehearse,
        warnings,
        worst,
    )  # fmt: skip
    from blackstart.version import __version__

__all__ = [
    "Answer", "Loaded", "ModelError", "__version__", "assess", "attribute", "load", "overlaps", "plan", "reconstruct", "rehearse",
    "warnings", "worst",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """The public names, fetched when they are first asked for: `import blackstart` alone costs nothing."""
    if name == "__version__":
        from blackstart.version import __version__

        return __version__
    if name not in __all__:
        raise AttributeError(f"module 'blackstart' has no attribute {name!r}")
    from blackstart import api

    return getattr(api, name)
