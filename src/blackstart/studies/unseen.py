"""What plays say of services that nothing stops by logic, where logic does not see all that may: overload, surges, circles from black."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from blackstart.engines import simulate
from blackstart.engines.simulate import Study
from blackstart.language.model import Model
from blackstart.studies.results import part_of_assessment
from blackstart.system import System

HIDES = ("overload", "surge", "deadlock")  # of what the static reading leaves out: what may stop a service by itself
WORLDS, SAMPLES = 40, 50  # of the plays: enough to say whether, and about how often
MOST_SERVICES = 12


def played(model: Model, system: System, left_out: Collection[str], unstopped: Sequence[str], seed: int) -> dict[str, Any] | None:
    """How long and how often a year services are out in time that nothing stops by logic; None where logic hides nothing of them.

    left_out : what the static reading does not see
    unstopped : services that no misfortunes stop by that reading
    """
    if not unstopped or not set(HIDES).intersection(left_out):
        return None
    study = Study(worlds=WORLDS, samples=SAMPLES, seed=seed)
    sample = simulate.assess(system, study)
    found = {}
    for name in unstopped[:MOST_SERVICES]:
        row = part_of_assessment(model, system, sample, study, ["services", name])["services"][name]
        found[name] = {key: row[key] for key in ("downtime_h_per_year", "outages_per_year")}
    return {"worlds": WORLDS, "samples": SAMPLES, "services": found}
