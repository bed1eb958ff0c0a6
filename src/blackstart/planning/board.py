"""What a board asks beside the frontier: signed curves, the worst that can overlap, how misfortunes go together, the quiet years.

Each is answered twice: for the model as it is, and with what the plan recommends; where it recommends nothing, with the dearest
portfolio of the frontier.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from blackstart.compilation import compile_model
from blackstart.engines.simulate import Study
from blackstart.language import load
from blackstart.language.model import Model
from blackstart.planning.quiet import quiet
from blackstart.planning.worst import Asked, Standing, apart, dependence_band, row
from blackstart.studies.luck import Luck
from blackstart.studies.results import Result, labels, signed_curves
from blackstart.studies.worth import measure
from blackstart.system import System

OVERLAPPING = 2  # misfortunes in the worst overlaps, at most
MOST_EVENTS = 300  # of the logic: beyond it the band takes minutes, and is found only if asked to look deep
BAND = ("independent", "independent_error", "least", "least_bound", "most", "most_bound", "proven")
Progress = Callable[[int, int], None]


def beside(
    model: Model, planned: Result, on: Sequence[str] = (), deep: bool = False, progress: Progress | None = None
) -> Result:
    """A plan with what a board asks beside it, under `beside` of its data.

    model : as written, without the defences `on`.
    deep : also the band of every portfolio that is told, and what the quiet years were worth; else these are None, and in a large
        model (`MOST_EVENTS`) so is the band of unknown dependence.
    """
    asker = _Asker(model, planned.data, on, deep, progress)
    data = {**planned.data, "beside": asker.answers()}
    data["labels"] = asker.labels | data["labels"]
    return Result(data)


class _Asker:
    def __init__(self, model: Model, planned: Mapping[str, Any], on: Sequence[str], deep: bool, progress: Progress | None) -> None:
        self.model, self.planned, self.on, self.deep, self.progress = model, planned, on, deep, progress
        how = planned["provenance"]["study"]
        self.study = Study(worlds=how["fresh_worlds"], samples=how["fresh_samples_per_world"], depth=2, seed=how["fresh_seed"])
        self.asked = Asked(most=OVERLAPPING, seed=how["seed"])
        self.labels: dict[str, Any] = {}
        self.done, self.steps = 0, 2 + (len(planned["frontier"]["points"]) + 1 if deep else 0)
        points, chosen = planned["frontier"]["points"], planned["reading"]["chosen"]
        self.chosen = tuple(chosen["with"] if chosen and chosen["with"] else points[-1]["with"])

    def answers(self) -> dict[str, Any]:
        now = self._stands(())
        then = self._stands(self.chosen) if self.chosen else None
        return {
            "signed": self._signed(), "now": now, "then": then,
            "bands": [self._band(tuple(p["with"])) for p in self.planned["frontier"]["points"]] if self.deep else None,
            "quiet": self._quiet() if self.deep else None,
        }  # fmt: skip

    def _system(self, chosen: Sequence[str]) -> tuple[Model, System]:
        model = load.apply(self.model, [*self.on, *chosen])
        self.labels |= labels(model)
        return model, compile_model(model)

    def _told(self) -> None:
        self.done += 1
        if self.progress:
            self.progress(min(self.done, self.steps), self.steps)

    def _stands(self, chosen: Sequence[str]) -> dict[str, Any]:
        """The worst overlaps, and the band of the expected loss when nobody knows how misfortunes go together."""
        standing = Standing(*self._system(chosen), self.asked)
        worst = [row(standing, k) for k in range(1, OVERLAPPING + 1)]
        found = self.deep or standing.read.formula.events <= MOST_EVENTS
        band = dependence_band(standing.model, standing.system, seed=self.asked.seed, view=standing.view) if found else None
        alone, ways = apart(standing.view) if found else ({}, {})
        self._told()
        return {
            "with": list(chosen), "measure": measure(standing.model, standing.system),
            "whole_per_hour": float(standing.worth.sum()), "worst": worst,
            "dependence": None if band is None else {key: band[key] for key in BAND}, "left_out": list(standing.read.left_out),
            **({} if band is None else {"apart": alone, "ways": ways, "tied": band["states"]}),
        }  # fmt: skip

    def _band(self, chosen: Sequence[str]) -> dict[str, Any]:
        model, system = self._system(chosen)
        band = dependence_band(model, system, seed=self.asked.seed)
        self._told()
        return {"with": list(chosen)} | {key: band[key] for key in BAND}

    def _signed(self) -> list[dict[str, Any]]:
        """The signed curves beside those that there are, before and after, under the same luck."""
        base = self._system(())
        if not (base[0].tolerance or any(c.tolerance and c.tolerance.at_most for c in base[0].services)):
            return []
        after = self._system(self.chosen) if self.chosen else base
        luck = Luck((base[1], after[1]), self.study)
        now, then = (signed_curves(model, system, luck.sample(system), self.study, base[0]) for model, system in (base, after))
        return [_merged(a, b) for a, b in zip(now, then, strict=True)] if self.chosen else now

    def _quiet(self) -> dict[str, Any]:
        """What stands between misfortunes and losses today, and what it is worth."""
        told = quiet(self.model, self.study, self.on).as_dict()
        self._told()
        return {key: told[key] for key in ("absorbed_per_year", "noticed_per_year", "money", "protections", "left_out")}


def _merged(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """One signed curve with the points and the curve of both."""
    points = [
        {**a, "then": b["per_year"], "state_then": b["state"]} for a, b in zip(now["points"], then["points"], strict=True)
    ]
    return {**now, "points": points, "curve_then": then["curve"]}
