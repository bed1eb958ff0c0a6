"""Losses as tables of Open Results Data, the format of catastrophe modellers and reinsurers.

Source: Oasis LMF, ODS_OpenResultsData, `Schema/ORD_List_of_Fields.csv` and `ORD_Definitions.md`; the order of
the columns is the one that oasislmf writes. An *event* is what set episodes off, its *samples* are the episodes
simulated of it, a *summary* is a service (or the total), a *period* is a year. The standard takes the samples of
an event to be equally likely; where they are not, every episode is an event of its own with a single sample.

====== ==================================================================================
selt   loss of every sample of every event
melt   rate, chance of a loss, mean, spread and largest loss of every event
splt   years drawn from the episodes, with the loss of each episode that came
mplt   the same years, with mean and spread of the event instead
ept    OEP and AEP and the tail mean of both, by return period
palt   average annual loss and its standard deviation from year to year
====== ==================================================================================

Beside them `events` and `summary-info` say what the ids stand for. Columns for exposure are left empty: an
outage has no sum insured. Sampled years stand for themselves; `ept` is computed from the episodes directly, so
it is free of the noise of drawing years.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blackstart.curves import Curve, aal, aep, oep
from blackstart.curves.years import Years, simulate_years
from blackstart.errors import ModelError, Problem

Table = dict[str, NDArray[Any]]  # columns of equal length; nan means empty

RETURN_PERIODS = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 250.0, 500.0, 1000.0)
YEARS = 10_000
MOST_ROWS = 20_000_000  # of one table
FORMS = ("csv", "parquet")
_CHUNK = 100_000  # rows turned into text at a time

_SAMPLED = 2  # SampleType: 1 analytical, 2 from samples
_FULL, _SAMPLE_MEAN = 2, 4  # EPCalc: 1 analytical mean, 2 full uncertainty, 3 per-sample mean, 4 sample mean
_OEP, _OEP_TVAR, _AEP, _AEP_TVAR = 1, 2, 3, 4  # EPType
_METHODS = {_FULL: "S_FULL", _SAMPLE_MEAN: "S_MEAN"}  # version 2 has words for the numbers
_TYPES = {_OEP: "OEP", _OEP_TVAR: "TVAR_OEP", _AEP: "AEP", _AEP_TVAR: "TVAR_AEP"}
_DAYS_BEFORE_MONTH = np.cumsum([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])


@dataclass(frozen=True)
class Losses:
    """Losses of a stratified sample of episodes.

    rate : (n,) per year, of each episode, so that they add up to the mean rate over all worlds
    event : (n,) int from 0: what set it off
    loss : (n, summaries) money; episodes without a loss must be there too, with 0
    events : names by number
    summaries : names by column
    world : (n,) int: which possible world each belongs to; None: there is only one
    worlds : how many there are; `ept`, `palt` and the drawn years take a year to lie in one of them
    """

    rate: NDArray[np.float64]
    event: NDArray[np.int64]
    loss: NDArray[np.float64]
    events: tuple[str, ...]
    summaries: tuple[str, ...]
    world: NDArray[np.int64] | None = None
    worlds: int = 1

    def __post_init__(self) -> None:
        count = self.rate.size
        if self.event.shape != (count,) or self.loss.shape != (count, len(self.summaries)):
            raise ValueError("rate, event and loss do not fit each other")

    def equally_likely(self) -> bool:
        """Whether the episodes of each event all have the same rate."""
        first = np.zeros(len(self.events))
        first[self.event] = self.rate
        return bool(np.allclose(self.rate, first[self.event], rtol=1e-9, atol=0.0))

    def apart(self) -> Losses:
        """The same episodes, each as an event of its own, under the name of what set it off."""
        names = tuple(self.events[number] for number in self.event.tolist())
        return replace(self, event=np.arange(self.rate.size), events=names)

    def sample_ids(self) -> NDArray[np.int64]:
        """(n,) number of each episode within its event, from 1."""
        order = np.argsort(self.event, kind="stable")
        count = np.bincount(self.event, minlength=len(self.events))
        ids = np.empty(self.rate.size, np.int64)
        ids[order] = np.arange(self.rate.size) - np.repeat(np.cumsum(count) - count, count) + 1
        return ids


@dataclass(frozen=True)
class _Moments:
    """Per event (rows) and summary (columns); rate per event."""

    rate: NDArray[np.float64]
    chance: NDArray[np.float64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    largest: NDArray[np.float64]


def tables(
    losses: Losses,
    return_periods: Sequence[float] = RETURN_PERIODS,
    years: int = YEARS,
    seed: int = 0,
    version: int = 1,
) -> dict[str, Table]:
    """All tables, by the name they have in Open Results Data.

    Parameters
    ----------
    losses : the sample
    return_periods : years, above 1; those that the sample does not reach are left out of `ept`
    years : how many to draw for `splt` and `mplt`
    seed : of the drawn years
    version : of Open Results Data: 1 (numbers in EPCalc and EPType, as oasislmf reads) or 2 (words, in
        EPMethod, EPType and LossMethod)

    Raises
    ------
    ModelError
        More than `MOST_ROWS` rows in a table.
    """
    if version not in (1, 2):
        raise ValueError(f"no version {version} of Open Results Data")
    if not losses.equally_likely():
        losses = losses.apart()
    columns = len(losses.summaries)
    _limit(losses.rate.size * columns)
    _limit(math.ceil(float(losses.rate.sum()) * years) * columns)
    moments = _moments(losses)
    drawn = simulate_years(losses.rate * losses.worlds, years, seed, losses.world, losses.worlds)
    found = {
        "selt": _selt(losses),
        "melt": _melt(moments),
        "splt": _splt(losses, drawn),
        "mplt": _mplt(losses, moments, drawn),
        "ept": _ept(losses, moments, return_periods),
        "palt": _palt(losses),
    }
    if version == 2:
        found |= {"ept": _ept_in_words(found["ept"]), "palt": _palt_in_words(found["palt"])}
    return found | {"events": _events(losses, moments), "summary-info": _summary_info(losses)}


def _selt(losses: Losses) -> Table:
    """Sample event loss table: every sample with a loss."""
    row, column = np.nonzero(losses.loss > 0)
    return {
        "EventId": _int(losses.event[row] + 1),
        "SummaryId": _int(column + 1),
        "SampleId": _int(losses.sample_ids()[row]),
        "Loss": losses.loss[row, column],
        "ImpactedExposure": _empty(row.size),
    }


def _melt(moments: _Moments) -> Table:
    """Moment event loss table: every event with a loss."""
    row, column = np.nonzero(moments.mean > 0)
    return {
        "EventId": _int(row + 1),
        "SummaryId": _int(column + 1),
        "SampleType": _same(_SAMPLED, row.size),
        "EventRate": moments.rate[row],
        **_moment_columns(moments, row, column),
    }


def _splt(losses: Losses, drawn: Years) -> Table:
    """Sample period loss table: every episode of the drawn years with a loss."""
    row, column = np.nonzero(losses.loss[drawn.episode] > 0)
    episode = drawn.episode[row]
    return {
        **_when(drawn, row, losses.event[episode]),
        "SummaryId": _int(column + 1),
        "SampleId": _int(losses.sample_ids()[episode]),
        "Loss": losses.loss[episode, column],
        "ImpactedExposure": _empty(row.size),
    }


def _mplt(losses: Losses, moments: _Moments, drawn: Years) -> Table:
    """Moment period loss table: every event of the drawn years, with its mean loss."""
    row, column = np.nonzero(moments.mean[losses.event[drawn.episode]] > 0)
    event = losses.event[drawn.episode[row]]
    return {
        **_when(drawn, row, event),
        "SummaryId": _int(column + 1),
        "SampleType": _same(_SAMPLED, row.size),
        **_moment_columns(moments, event, column),
    }


def _ept(losses: Losses, moments: _Moments, return_periods: Sequence[float]) -> Table:
    """Exceedance probability table: full uncertainty (EPCalc 2) and sample mean (4), rarest first.

    Return periods beyond what the sample supports are left out, never filled with its maximum.
    """
    rows: list[tuple[int, int, int, float, float]] = []
    rate, event, world = _rates_of_events(losses)
    for column in range(len(losses.summaries)):
        by_sample = (losses.rate * losses.worlds, losses.loss[:, column], losses.world)
        by_event = (rate, moments.mean[event, column], world)
        for calc, (rates, loss, where) in ((_FULL, by_sample), (_SAMPLE_MEAN, by_event)):
            largest = oep(rates, loss, return_periods, where, losses.worlds)
            total = aep(rates, loss, return_periods, world=where, worlds=losses.worlds)
            rows += _curve_rows(column + 1, calc, _OEP, _OEP_TVAR, largest)
            rows += _curve_rows(column + 1, calc, _AEP, _AEP_TVAR, total)
    names = ("SummaryId", "EPCalc", "EPType", "ReturnPeriod", "Loss")
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    types = (np.int32, np.int32, np.int32, np.float64, np.float64)
    return {name: np.array(values, kind) for name, values, kind in zip(names, columns, types, strict=True)}


def _palt(losses: Losses) -> Table:
    """Average loss table: AAL, and the standard deviation of a year's sum.

    Its variance is that of a compound Poisson year, and that of its mean between worlds.
    """
    columns = losses.loss.T
    world = np.zeros(losses.rate.size, np.int64) if losses.world is None else losses.world
    within = np.array([aal(losses.rate, loss**2) for loss in columns], float)
    yearly = [np.bincount(world, losses.rate * loss, losses.worlds) * losses.worlds for loss in columns]
    return {
        "SummaryId": _int(np.arange(len(losses.summaries)) + 1),
        "SampleType": _same(_SAMPLED, len(losses.summaries)),
        "MeanLoss": np.array([aal(losses.rate, loss) for loss in columns], float),
        "SDLoss": np.sqrt(within + [mean.var() for mean in yearly]),
    }


def write(
    folder: Path, found: dict[str, Table], form: str = "csv", perspective: str = "gul", summary_set: int = 1
) -> list[Path]:
    """Write tables as `gul_S1_melt.csv` and so on, the names that oasislmf gives them.

    Parameters
    ----------
    folder : made if it is not there
    found : from `tables`
    form : `csv` (UTF-8, numbers to their last digit) or `parquet` (needs pyarrow)
    perspective : `gul` is the loss from ground up, before any insurance
    summary_set : number of this way of summing up

    Raises
    ------
    ModelError
        Parquet is asked for and pyarrow is not installed.
    """
    if form not in FORMS:
        raise ValueError(f"unknown form {form!r}")
    put = _write_csv if form == "csv" else _parquet_writer()
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, table in found.items():
        path = folder / f"{perspective}_S{summary_set}_{name}.{form}"
        put(path, table)
        paths.append(path)
    return paths


# --------------------------------------------------------------------------- columns


def _moments(losses: Losses) -> _Moments:
    events, columns = len(losses.events), len(losses.summaries)
    count = np.bincount(losses.event, minlength=events)[:, None]
    shape = (events, columns)
    total, squares, hits, largest = np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    np.add.at(total, losses.event, losses.loss)
    np.add.at(hits, losses.event, losses.loss > 0)
    np.maximum.at(largest, losses.event, losses.loss)
    mean = total / np.maximum(count, 1)
    np.add.at(squares, losses.event, (losses.loss - mean[losses.event]) ** 2)
    return _Moments(
        rate=np.bincount(losses.event, losses.rate, events),
        chance=hits / np.maximum(count, 1),
        mean=mean,
        spread=np.sqrt(squares / np.maximum(count - 1, 1)),
        largest=largest,
    )


def _rates_of_events(losses: Losses) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    """Rate of each event in each world that has it, the event, and the world."""
    if losses.world is None:
        events = np.arange(len(losses.events))
        return np.bincount(losses.event, losses.rate, events.size), events, None
    pairs, place = np.unique(losses.world * len(losses.events) + losses.event, return_inverse=True)
    rates = np.bincount(place, losses.rate * losses.worlds, pairs.size)
    return rates, pairs % max(len(losses.events), 1), pairs // max(len(losses.events), 1)


def _moment_columns(moments: _Moments, event: NDArray[Any], column: NDArray[Any]) -> Table:
    return {
        "ChanceOfLoss": moments.chance[event, column],
        "MeanLoss": moments.mean[event, column],
        "SDLoss": moments.spread[event, column],
        "MaxLoss": moments.largest[event, column],
        "FootprintExposure": _empty(event.size),
        "MeanImpactedExposure": _empty(event.size),
        "MaxImpactedExposure": _empty(event.size),
    }


def _when(drawn: Years, row: NDArray[Any], event: NDArray[Any]) -> Table:
    """Columns of a period table that say when; the year has 365 days and begins in January."""
    minutes = np.minimum((drawn.at_h[row] * 60).astype(np.int64), 365 * 24 * 60 - 1)
    day = minutes // (24 * 60)
    month = np.searchsorted(_DAYS_BEFORE_MONTH, day, side="right")
    period = _int(drawn.year[row] + 1)
    return {
        "Period": period,
        "PeriodWeight": np.full(row.size, 1.0 / drawn.count),
        "EventId": _int(event + 1),
        "Year": period,
        "Month": _int(month),
        "Day": _int(day - _DAYS_BEFORE_MONTH[month - 1] + 1),
        "Hour": _int(minutes // 60 % 24),
        "Minute": _int(minutes % 60),
    }


def _curve_rows(
    summary: int, calc: int, kind: int, tail_kind: int, curve: Curve
) -> list[tuple[int, int, int, float, float]]:
    order = [int(k) for k in np.argsort(-curve.return_periods) if curve.supported[k]]
    columns = ((kind, curve.amount), (tail_kind, curve.tvar))
    return [
        (summary, calc, code, float(curve.return_periods[k]), float(amounts[k]))
        for code, amounts in columns
        for k in order
    ]


def _ept_in_words(table: Table) -> Table:
    return {
        "SummaryId": table["SummaryId"],
        "EPMethod": np.array([_METHODS[code] for code in table["EPCalc"].tolist()], object),
        "EPType": np.array([_TYPES[code] for code in table["EPType"].tolist()], object),
        "ReturnPeriod": table["ReturnPeriod"],
        "Loss": table["Loss"],
    }


def _palt_in_words(table: Table) -> Table:
    method = np.full(table["SummaryId"].size, "STOC", object)
    return {"SummaryId": table["SummaryId"], "LossMethod": method, **table}


def _events(losses: Losses, moments: _Moments) -> Table:
    return {
        "EventId": _int(np.arange(len(losses.events)) + 1),
        "EventDescription": np.array(losses.events, object),
        "EventRate": moments.rate,
    }


def _summary_info(losses: Losses) -> Table:
    names = np.array(losses.summaries, object)
    return {"summary_id": _int(np.arange(names.size) + 1), "service": names}


def _int(values: NDArray[Any]) -> NDArray[np.int32]:
    return values.astype(np.int32)


def _same(code: int, size: int) -> NDArray[np.int32]:
    return np.full(size, code, np.int32)


def _empty(size: int) -> NDArray[np.float64]:
    return np.full(size, np.nan)


def _limit(rows: int) -> None:
    if rows > MOST_ROWS:
        raise ModelError([Problem("ord-rows", values={"rows": rows, "most": MOST_ROWS})])


# --------------------------------------------------------------------------- files


def _write_csv(path: Path, table: Table) -> None:
    size = len(next(iter(table.values())))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table)
        for begin in range(0, size, _CHUNK):
            columns = [_as_text(column[begin : begin + _CHUNK]) for column in table.values()]
            writer.writerows(zip(*columns, strict=True))


def _as_text(column: NDArray[Any]) -> list[Any]:
    """Values for a csv writer, which prints a float to its last digit; nan becomes an empty cell."""
    values = column.tolist()
    if column.dtype.kind != "f" or not np.isnan(column).any():
        return values
    return ["" if value != value else value for value in values]


def _parquet_writer() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise ModelError([Problem("parquet-missing")]) from None

    def put(path: Path, table: Table) -> None:
        columns = {
            name: pyarrow.array(column, mask=np.isnan(column) if column.dtype.kind == "f" else None)
            for name, column in table.items()
        }
        pyarrow.parquet.write_table(pyarrow.table(columns), path)

    return put
