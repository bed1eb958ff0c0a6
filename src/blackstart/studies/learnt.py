"""What a firm's own history changed, as a result: prior, data and posterior of each number, side by side."""

from __future__ import annotations

import os
from typing import Any

from blackstart.distributions import Dist
from blackstart.evidence.update import SURPRISING
from blackstart.language.history import contradicted
from blackstart.language.model import Model, Update
from blackstart.studies.results import SCHEMA_VERSION
from blackstart.version import __version__

PERCENTILES = (0.05, 0.5, 0.95)


def learnt(model: Model) -> dict[str, Any]:
    """The published form of `Model.updates` (docs/reference/result.schema.json)."""
    sections = (("component", model.components), ("hazard", model.hazards), ("barrier", model.barriers))
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "learnt",
        "title": model.title if isinstance(model.title, str) else dict(model.title or ()),
        "provenance": {"model": [os.path.basename(name) for name in model.files], "version": __version__} | contradicted(model),
        "labels": {
            f"{noun}:{row.id}": row.label if isinstance(row.label, str) else dict(row.label)
            for noun, rows in sections for row in rows.values() if row.label
        },
        "surprising_below": SURPRISING,
        "updates": [_update(one) for one in model.updates],
    }  # fmt: skip


def _update(one: Update) -> dict[str, Any]:
    return {
        "path": one.path,
        "what": one.kind,
        "prior": None if one.prior is None else {"text": one.prior_text, "source": one.prior_source, "percentiles": _band(one.prior)},
        "data": {"text": one.data, "seen": list(one.seen), "counted": list(one.counted)},
        "posterior": {"text": one.posterior_text, "percentiles": _band(one.posterior)},
        "how": one.how,
        "surprise": one.surprise,
        "data_weight": one.data_weight,
        "kept": one.kept,
        "shared": one.shared or None,
        "members": list(one.members),
        "file": os.path.basename(one.where.file) if one.where else None,
        "line": one.where.line if one.where else None,
    }


def _band(dist: Dist) -> list[float]:
    return [float(dist.quantile(u)) for u in PERCENTILES]
