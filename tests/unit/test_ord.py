"""Tables of Open Results Data: names of columns and codes as the standard has them, numbers as computed by hand.

Columns and codes: Oasis LMF, ODS_OpenResultsData (`Schema/ORD_Data_Types.csv`, `ORD_Definitions.md`) and the
headers that oasislmf writes (`pytools/elt/data.py`, `pytools/plt/data.py`, `pytools/lec/data.py`).
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace

import numpy as np
import pytest

from blackstart.curves import aep, oep
from blackstart.errors import ModelError, hint, what
from blackstart.exchange import ord as exchange
from blackstart.exchange.ord import Losses, tables, write

HEADERS = {
    "selt": "EventId,SummaryId,SampleId,Loss,ImpactedExposure",
    "melt": "EventId,SummaryId,SampleType,EventRate,ChanceOfLoss,MeanLoss,SDLoss,MaxLoss,FootprintExposure,"
    "MeanImpactedExposure,MaxImpactedExposure",
    "splt": "Period,PeriodWeight,EventId,Year,Month,Day,Hour,Minute,SummaryId,SampleId,Loss,ImpactedExposure",
    "mplt": "Period,PeriodWeight,EventId,Year,Month,Day,Hour,Minute,SummaryId,SampleType,ChanceOfLoss,MeanLoss,"
    "SDLoss,MaxLoss,FootprintExposure,MeanImpactedExposure,MaxImpactedExposure",
    "ept": "SummaryId,EPCalc,EPType,ReturnPeriod,Loss",
    "palt": "SummaryId,SampleType,MeanLoss,SDLoss",
    "events": "EventId,EventDescription,EventRate",
    "summary-info": "summary_id,service",
}


@pytest.fixture
def losses() -> Losses:
    """Two events: a fire (0.02 a year, four samples) and a bad release (3 a year, two samples)."""
    return Losses(
        rate=np.array([0.005, 0.005, 1.5, 0.005, 0.005, 1.5]),
        event=np.array([0, 0, 1, 0, 0, 1]),
        loss=np.array([[80.0, 0], [100, 7], [0, 0], [0, 0], [60, 1], [2, 0]]),
        events=("fire@판교", "release, weekly"),
        summaries=("상점", "login"),
    )


def rows(table: dict[str, np.ndarray]) -> list[tuple]:
    return list(zip(*(column.tolist() for column in table.values()), strict=True))


def test_columns_are_those_of_the_standard(losses):
    found = tables(losses, years=50)
    assert {name: ",".join(table) for name, table in found.items()} == HEADERS
    for table in found.values():
        assert len({column.size for column in table.values()}) == 1
        for name, column in table.items():
            whole = name.endswith("Id") or name in (
                "SampleType",
                "EPCalc",
                "EPType",
                "Period",
                "Year",
                "Month",
            )
            assert not whole or column.dtype == np.int32


def test_event_tables_by_hand(losses):
    found = tables(losses, years=50)
    samples = [row[:4] for row in rows(found["selt"])]
    assert samples == [
        (1, 1, 1, 80.0),
        (1, 1, 2, 100.0),
        (1, 2, 2, 7.0),
        (1, 1, 4, 60.0),
        (1, 2, 4, 1.0),
        (2, 1, 2, 2.0),
    ]
    melt = found["melt"]
    assert list(zip(melt["EventId"], melt["SummaryId"], strict=True)) == [(1, 1), (1, 2), (2, 1)]
    assert melt["EventRate"] == pytest.approx([0.02, 0.02, 3.0])
    assert melt["ChanceOfLoss"].tolist() == [0.75, 0.5, 0.5]
    assert melt["MeanLoss"].tolist() == [60.0, 2.0, 1.0]
    assert melt["SDLoss"] == pytest.approx(
        [np.std([80, 100, 0, 60], ddof=1), np.std([0, 7, 0, 1], ddof=1), np.sqrt(2)]
    )
    assert melt["MaxLoss"].tolist() == [100.0, 7.0, 2.0]
    assert set(melt["SampleType"].tolist()) == {2}
    assert np.isnan(melt["FootprintExposure"]).all()
    assert rows(found["events"])[0] == (1, "fire@판교", pytest.approx(0.02))
    assert rows(found["summary-info"]) == [(1, "상점"), (2, "login")]


def test_samples_that_are_not_equally_likely_become_events_of_their_own(losses):
    weights = losses.rate * np.array([1.0, 2, 1, 1, 1, 1])
    found = tables(Losses(weights, losses.event, losses.loss, losses.events, losses.summaries), years=50)
    melt = found["melt"]
    keys = list(zip(melt["EventId"].tolist(), melt["SummaryId"].tolist(), strict=True))
    assert keys == [(1, 1), (2, 1), (2, 2), (5, 1), (5, 2), (6, 1)]
    assert melt["EventRate"] == pytest.approx(weights[[0, 1, 1, 4, 4, 5]])
    assert melt["MeanLoss"].tolist() == melt["MaxLoss"].tolist() == [80.0, 100.0, 7.0, 60.0, 1.0, 2.0]
    assert set(melt["SDLoss"].tolist()) == {0.0} and set(found["selt"]["SampleId"].tolist()) == {1}
    assert found["palt"]["MeanLoss"] == pytest.approx(weights @ losses.loss)
    assert [row[1] for row in rows(found["events"])] == [losses.events[number] for number in losses.event]


def test_average_loss_is_that_of_a_compound_poisson_year(losses):
    palt = tables(losses, years=1)["palt"]
    assert palt["MeanLoss"] == pytest.approx([0.02 * 60 + 3 * 1, 0.02 * 2])
    assert palt["SDLoss"][0] == pytest.approx(np.sqrt(0.005 * (80**2 + 100**2 + 60**2) + 1.5 * 2**2))


def test_exceedance_table_has_the_codes_and_leaves_out_what_is_not_known(losses):
    found = tables(losses, [2, 100, 1000], years=1)["ept"]
    full = [row for row in rows(found) if row[:2] == (1, 2)]
    largest, total = (
        oep(losses.rate, losses.loss[:, 0], [100, 2]),
        aep(losses.rate, losses.loss[:, 0], [100, 2]),
    )
    expected = [
        (1, 2, code, years, amount)
        for code, amounts in enumerate((largest.amount, largest.tvar, total.amount, total.tvar), 1)
        for years, amount in zip((100.0, 2.0), amounts, strict=True)
    ]
    assert full == expected  # the largest sample comes once in 200 years: no row for 1,000
    mean = [row for row in rows(found) if row[:2] == (1, 4)]
    assert {row[2] for row in mean} == {1, 2, 3, 4}
    assert {row[3] for row in mean} == {2.0}  # the fire, as one event, comes once in 50 years
    assert mean[0] == (1, 4, 1, 2.0, 1.0)  # once in two years: a release at its mean


def test_a_year_lies_in_one_world(losses):
    """Releases come only in world 0 of two, twice as often; 10,000 years, 5 standard errors."""
    split = replace(losses, world=np.array([0, 0, 0, 1, 1, 0]), worlds=2)
    found = tables(split, [2, 100], seed=3)
    arguments = (split.rate * 2, split.loss[:, 0], [100, 2])
    total = aep(*arguments, world=split.world, worlds=2)
    full = [row[4] for row in rows(found["ept"]) if row[:3] == (1, 2, 3)]
    assert full == total.amount.tolist()
    assert full != aep(split.rate, split.loss[:, 0], [100, 2]).amount.tolist()
    means = [row[4] for row in rows(found["ept"]) if row[:3] == (1, 4, 1)]
    # releases at their mean of 1; 60 comes in 1 - e^-0.02 of the years, 80 and 100 on average at 60
    assert means == oep([0.02, 0.02, 6.0], [60.0, 60.0, 1.0], [100, 2], [0, 1, 0], 2).amount.tolist()
    palt, table = found["palt"], found["splt"]
    between = np.var([0.01 * (80 + 100) + 3.0 * 2, 0.01 * 60])
    within = tables(losses, years=1)["palt"]["SDLoss"][0] ** 2
    assert palt["SDLoss"][0] ** 2 == pytest.approx(within + between)
    assert palt["MeanLoss"] == pytest.approx(tables(losses, years=1)["palt"]["MeanLoss"])
    yearly = np.bincount(table["Period"] - 1, table["Loss"] * (table["SummaryId"] == 1), 10_000)
    assert yearly.mean() == pytest.approx(palt["MeanLoss"][0], abs=5 * palt["SDLoss"][0] / 100)
    releases = table["Period"][(table["EventId"] == 2)]
    assert set((releases % 2).tolist()) == {1}  # years 1, 3, 5 ... lie in world 0


def test_version_two_has_words(losses):
    found = tables(losses, [2], years=1, version=2)
    assert list(found["ept"]) == ["SummaryId", "EPMethod", "EPType", "ReturnPeriod", "Loss"]
    words = [row[1:3] for row in rows(found["ept"])][:4]
    assert words == [("S_FULL", "OEP"), ("S_FULL", "TVAR_OEP"), ("S_FULL", "AEP"), ("S_FULL", "TVAR_AEP")]
    assert rows(found["ept"])[4][1] == "S_MEAN"
    assert list(found["palt"]) == ["SummaryId", "LossMethod", "SampleType", "MeanLoss", "SDLoss"]
    with pytest.raises(ValueError, match="no version 3"):
        tables(losses, version=3)


def test_drawn_years(losses):
    """10,000 years: mean loss of a year within 5 standard errors of the AAL (false alarm below 1e-6)."""
    found = tables(losses, seed=5)
    table, palt = found["splt"], found["palt"]
    yearly = np.bincount(table["Period"] - 1, table["Loss"] * (table["SummaryId"] == 1), 10_000)
    assert yearly.mean() == pytest.approx(palt["MeanLoss"][0], abs=5 * palt["SDLoss"][0] / 100)
    assert set(table["PeriodWeight"].tolist()) == {1e-4}
    assert table["Month"].min() == 1 and table["Month"].max() == 12
    assert table["Day"].min() == 1 and table["Day"].max() == 31
    assert table["Hour"].max() == 23 and table["Minute"].max() == 59
    by_id = {(row[0], row[1], row[2]): row[3] for row in rows(found["selt"])}
    keys = zip(
        table["EventId"].tolist(), table["SummaryId"].tolist(), table["SampleId"].tolist(), strict=True
    )
    assert [by_id[key] for key in keys] == table["Loss"].tolist()
    means = found["mplt"]
    assert set(zip(means["EventId"].tolist(), means["MeanLoss"].tolist(), strict=True)) == {
        (1, 60.0),
        (1, 2.0),
        (2, 1.0),
    }


def test_days_of_the_year():
    drawn = exchange.Years(
        1, np.zeros(5, int), np.zeros(5, int), np.array([0.0, 30.99, 31.0, 58.5, 364.9999999]) * 24
    )
    when = exchange._when(drawn, np.arange(5), np.zeros(5, int))
    dates = list(zip(*(when[name].tolist() for name in ("Month", "Day", "Hour", "Minute")), strict=True))
    assert dates == [(1, 1, 0, 0), (1, 31, 23, 45), (2, 1, 0, 0), (2, 28, 12, 0), (12, 31, 23, 59)]


def test_csv_is_read_back_to_the_last_digit(losses, tmp_path):
    found = tables(losses, years=100)
    paths = write(tmp_path / "new" / "folder", found)
    assert sorted(path.name for path in paths) == sorted(f"gul_S1_{name}.csv" for name in HEADERS)
    for path, (name, table) in zip(paths, found.items(), strict=True):
        with path.open(encoding="utf-8", newline="") as file:
            read = list(csv.reader(file))
        assert ",".join(read[0]) == HEADERS[name]
        assert len(read) - 1 == next(iter(table.values())).size
        for key, cells in zip(table, zip(*read[1:], strict=True), strict=True):
            for cell, value in zip(cells, table[key].tolist(), strict=True):
                assert (
                    cell == value
                    if isinstance(value, str)
                    else cell == ""
                    if value != value
                    else float(cell) == value
                )


def test_same_seed_same_bytes(losses, tmp_path):
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        write(tmp_path / folder, tables(losses, years=200, seed=seed))
    text = {folder: (tmp_path / folder / "gul_S1_splt.csv").read_bytes() for folder in "abc"}
    assert text["a"] == text["b"] != text["c"]


def test_parquet_holds_the_same(losses, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    found = tables(losses, years=100)
    for path, (name, table) in zip(write(tmp_path, found, "parquet"), found.items(), strict=True):
        read = parquet.read_table(path)
        assert ",".join(read.column_names) == HEADERS[name]
        for key, column in table.items():
            values = [None if value != value else value for value in column.tolist()]
            assert read[key].to_pylist() == values


def test_parquet_without_pyarrow_says_what_to_install(losses, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ModelError) as caught:
        write(tmp_path / "none", tables(losses, years=1), "parquet")
    problem = caught.value.problems[0]
    assert what(problem) == "Parquet files cannot be written: pyarrow is not installed."
    assert hint(problem) == "Install it with `pip install 'blackstart[tables]'`, or write CSV."
    assert "pyarrow가 설치되어 있지 않아" in what(problem, "ko") and "CSV로" in hint(problem, "ko")
    assert not (tmp_path / "none").exists()


def test_too_many_rows_are_refused_before_anything_is_drawn(losses):
    with pytest.raises(ModelError) as caught:
        tables(losses, years=10_000_000)
    assert (
        what(caught.value.problems[0]) == "A table would have about 60,400,000 rows; 20,000,000 is the limit."
    )
    assert "60,400,000행" in what(caught.value.problems[0], "ko")


def test_no_losses_no_rows(tmp_path):
    none = Losses(np.zeros(0), np.zeros(0, int), np.zeros((0, 1)), (), ("shop",))
    found = tables(none, years=5)
    assert {name: next(iter(table.values())).size for name, table in found.items()} == {
        "selt": 0, "melt": 0, "splt": 0, "mplt": 0, "ept": 40 * 2, "palt": 1, "events": 0, "summary-info": 1,
    }  # fmt: skip
    assert set(found["ept"]["Loss"].tolist()) == {0.0}
    write(tmp_path, found)


def test_what_does_not_fit_is_refused(losses):
    with pytest.raises(ValueError, match="do not fit"):
        Losses(losses.rate, losses.event, losses.loss[:, :1], losses.events, losses.summaries)
    with pytest.raises(ValueError, match="unknown form"):
        write(None, {}, "xlsx")
