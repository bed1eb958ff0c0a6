"""Numbers as they are shown: no more digits than the error justifies, never without it."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blackstart.report import numbers


def est(value: float, error: float = 0.0, band: list[float] | None = None) -> dict[str, Any]:
    return {"value": value, "standard_error": error, "band": band}


def said(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (10.3, 0.4, "10.3 ± 0.4 h"),
        (10.31, 0.14, "10.31 ± 0.14 h"),  # an error that begins with 1 has two digits
        (10.3, 0.096, "10.30 ± 0.10 h"),
        (71.9, 30.0, "70 ± 30 h"),
        (100.0, 5.0, "4.2 ± 0.2 d"),
        (0.25, 0.02, "15.0 ± 1.2 min"),
        (0.02, 0.03, "about 1 min (very uncertain)"),
        (10.3, 0.00001, "10.30 ± 0.01 h"),  # four digits are enough to read
        (10.3456, 0.0, "10.3 h"),  # nothing random about it
        (0.0, 0.0, "0 s"),
    ],
)
def test_hours_with_their_error(value: float, error: float, shown: str) -> None:
    assert said(numbers.write(est(value, error), "hours", "en")) == shown


@pytest.mark.parametrize(
    ("value", "error", "en", "ko"),
    [
        (1 / 41, 0.002, "once in 41 ± 3 years", "약 41년(±3년)에 한 번"),
        (3.21, 0.11, "3.21 ± 0.11 times a year", "연 3.21 ± 0.11회"),
        (1 / 130_000, 1 / 130_000, "at most once in 27,000 years", "잦아도 2.7만 년에 한 번"),  # one run: 4.74 at most (95 %)
        (1 / 100, 0.49 / 100, "once in 100 ± 50 years", "약 100년(±50년)에 한 번"),
        (1 / 100, 0.50 / 100, "at most once in 44 years", "잦아도 44년에 한 번"),  # four runs: 9.15 at most
        (0.0, 0.0, "not once in these runs", "이번 계산에서는 한 번도 없음"),
        (1e-9, 1e-10, "less than once in a million years", "100만 년에 한 번 미만"),
        (1e-8, 1e-8, "less than once in a million years", "100만 년에 한 번 미만"),
    ],
)
def test_frequencies_as_a_board_reads_them(value: float, error: float, en: str, ko: str) -> None:
    assert said(numbers.write(est(value, error), "per_year", "en")) == en
    assert said(numbers.write(est(value, error), "per_year", "ko")) == ko


def test_what_no_run_shows_is_bounded_by_the_runs_there_were() -> None:
    """A stranger met "once in 800,000 ± 800,000 years", "practically never" and "not once in these runs" in one column."""
    unseen = est(0.0, 0.0) | {"at_most": 3 / 73_000}
    assert said(numbers.write(unseen, "per_year", "en")) == "at most once in 24,000 years"
    assert said(numbers.about(unseen, "per_year", "ko")) == "잦아도 2.4만 년에 한 번"
    assert said(numbers.write(est(0.0, 0.0) | {"at_most": 1e-8}, "per_year", "en")) == "less than once in a million years"
    once = est(1e-6, 1e-6) | {"at_most": 3 / 73_000}  # what was seen once, by a run of little weight, is bounded no lower
    assert numbers.rare(once) == pytest.approx(3 / 73_000) and numbers.rare(est(1e-6, 4e-7)) is None


@pytest.mark.parametrize(("runs", "upper"), [(1, 4.744), (2, 6.296), (3, 7.754), (4, 9.154)])
def test_the_bound_is_that_of_a_poisson_count(runs: int, upper: float) -> None:
    """Upper 95 % limits of a Poisson mean (Garwood 1936)."""
    assert numbers.rare(est(1.0, 1 / runs**0.5)) == pytest.approx(upper / runs, rel=0.01)


def test_money_in_the_units_of_each_language() -> None:
    amount = est(2.7e8, 2e7)
    assert said(numbers.write(amount, "money", "en", "KRW")) == "270 ± 20 m KRW"
    assert said(numbers.write(amount, "money", "ko", "KRW")) == "2.7억 ± 0.2억 원"
    assert said(numbers.point(1.24e12, "money", "ko", "KRW")) == "1.2조 원"
    assert said(numbers.point(1.24e12, "money", "en", "KRW")) == "1.2 tn KRW"
    assert said(numbers.write(est(-9e9, 1e9), "money", "ko", "KRW")) == "−90억 ± 10억 원"
    assert said(numbers.write(amount, "money", "ko", None)) == "2.7억 ± 0.2억"
    assert said(numbers.write(est(4.6e6, 8e5), "money", "ko", "USD")) == "460만 ± 80만 달러"
    assert said(numbers.write(est(4.6e6, 8e5), "money", "en", "USD")) == "4.6 ± 0.8 m USD"


def test_a_row_can_have_one_unit() -> None:
    assert said(numbers.write(est(0.002, 0.0003), "hours", "ko", like=0.06)) == "0.120 ± 0.018분"
    assert said(numbers.about(est(1.014e10, 2e8 / 5), "count", "ko")) == "약 101억"


def test_round_figures_for_sentences() -> None:
    assert said(numbers.about(est(1 / 41, 0.002), "per_year", "en")) == "about once in 41 years"
    assert said(numbers.about(est(1 / 41, 0.00002), "per_year", "ko")) == "약 41.00년에 한 번"
    assert said(numbers.about(est(1 / 41, 0.03), "per_year", "en")) == "at most once in 6.5 years"
    assert numbers.about(est(1.0), "per_year", "en") == "about once a year"
    assert said(numbers.about(est(0.0), "hours", "en")) == "0 s"
    assert numbers.often(1.0, "en") == "once a year"
    assert numbers.often(0.96, "ko", 1) == "1년에 한 번"


@given(
    st.floats(1e-5, 1e6), st.floats(0, 1.0), st.sampled_from(["hours", "money", "count", "number", "per_year"]),
    st.sampled_from(["en", "ko"]),
)  # fmt: skip
def test_a_sentence_shows_the_digits_of_the_table(value: float, relative: float, kind: str, lang: str) -> None:
    both = est(value, relative * value)
    table, sentence = (said(f(both, kind, lang, "KRW")) for f in (numbers.write, numbers.about))
    first = re.search(r"[\d,.]+(?=\D* ?\(?±)", table)
    in_two_units = kind == "money" and lang == "ko" or kind == "count"  # 5.13억 원 in a table is 5억 1,300만 원 in a sentence
    if first and first.group() != "1" and not in_two_units:
        assert first.group() in sentence


def test_korean_counts_by_ten_thousands() -> None:
    assert said(numbers.about(est(5.13e8, 1.2e7), "money", "ko", "KRW")) == "약 5억 1,300만 원"
    assert said(numbers.about(est(1.52e12, 2e10), "money", "ko", "KRW")) == "약 1조 5,200억 원"
    assert said(numbers.about(est(6e8, 1e8), "money", "ko", "KRW")) == "약 6억 원"
    assert said(numbers.about(est(6050e4, 150e4), "money", "ko", "KRW")) == "약 6,050만 원"
    assert said(numbers.often(1 / 27000, "ko")) == "2.7만 년에 한 번"
    assert said(numbers.often(1 / 27000, "en")) == "once in 27,000 years"
    assert said(numbers.frequency(est(1e-6, 4e-7), "ko")) == "약 100만 년(±40만 년)에 한 번"
    assert said(numbers.often(1 / 1300, "ko")) == "1,300년에 한 번"


def test_a_unit_that_both_ends_have_is_said_once() -> None:
    assert said(numbers.band(est(5e8, 1e7, [2.7e8, 8.2e8]), "money", "ko", "KRW", "range")) == "2.7~8.2억 원"
    assert said(numbers.band(est(5e8, 1e7, [2.7e7, 8.2e8]), "money", "ko", "KRW", "range")) == "2,700만 원~8.2억 원"
    assert said(numbers.band(est(5e8, 1e7, [2.7e8, 8.2e8]), "money", "en", "KRW")) == "between 270 and 820 m KRW"
    assert numbers.between("not at all", "5 h", "en") == "not at all to 5 h"


def test_bands() -> None:
    assert said(numbers.band(est(8, 1, [3, 20]), "hours", "en")) == "between 3 and 20 h"
    assert said(numbers.band(est(8, 1, [3, 20]), "hours", "ko", key="range")) == "3~20시간"
    assert numbers.band(est(8, 1), "hours", "en") == ""
    assert numbers.band(est(8, 1, [8, 8]), "hours", "en") == ""
    assert numbers.band(None, "hours", "en") == ""
    often = est(1 / 400, 1e-4, [1 / 730, 1 / 240])
    assert numbers.band(often, "per_year", "ko", key="range") == "240~730년에 한 번"
    assert numbers.band(often, "per_year", "en", key="range") == "once in 240 to 730 years"
    assert numbers.band(est(3, 0.1, [2, 5]), "per_year", "ko") == "연 2~5회"
    assert numbers.band(est(1, 0.1, [0.5, 2]), "per_year", "en") == "between once in 2 years and 2 times a year"
    assert numbers.band(est(0.1, 0.1, [0.0, 0.2]), "per_year", "en") == "at most once in 5 years"


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (0.99987, 0.00002, "99.987 ± 0.002 %"),
        (0.999999421, 8e-8, "99.999942 ± 0.000008 %"),
        (0.5, 0.03, "50 ± 3 %"),
        (1.0, 0.0, "100 %"),
        (0.999, 0.0, "99.90 %"),
    ],
)
def test_availability_keeps_the_nines_that_are_known(value: float, error: float, shown: str) -> None:
    assert said(numbers.availability(est(value, error), "en")) == shown


@pytest.mark.parametrize(
    ("hours", "en", "ko"),
    [
        (10 + 4 / 60, "10 h 04 min", "10시간 4분"),
        (59.999 / 60, "1 h", "1시간"),
        (0.01, "1 min", "1분"),
        (0.001, "4 s", "4초"),
        (0.0, "0 s", "0초"),
        (71.99, "71 h 59 min", "71시간 59분"),
        (127.6, "5 d 8 h", "5일 8시간"),
        (96.0, "4 d", "4일"),
        (math.inf, "never", "복귀 불가"),
    ],
)
def test_lengths_of_time(hours: float, en: str, ko: str) -> None:
    assert said(numbers.clock(hours, "en")) == en
    assert said(numbers.clock(hours, "ko")) == ko


def test_moments_and_shares() -> None:
    assert numbers.stamp(10.07) == "+10:04"
    assert numbers.stamp(127.999) == "+128:00"
    assert said(numbers.whole_percent(0.455, "en")) == "46 %"
    assert said(numbers.whole_percent(0.001, "en")) == "< 1 %"
    assert said(numbers.whole_percent(0.9999, "ko")) == "> 99%"


@given(
    st.floats(1e-9, 1e15), st.floats(0, 1e16), st.sampled_from(["hours", "money", "count", "number", "percent", "per_year"]),
    st.sampled_from(["en", "ko"]),
)  # fmt: skip
def test_any_estimate_can_be_shown(value: float, error: float, kind: str, lang: str) -> None:
    shown = numbers.write(est(value, error), kind, lang, "KRW")
    assert shown
    rare = kind == "per_year" and (value < numbers.NEVER_PER_YEAR or numbers.rare(est(value, error)) is not None)
    if 1e-9 * value < error <= value and not rare:
        assert "±" in shown


@given(st.floats(1e-3, 1e6), st.floats(1e-4, 1.0))
def test_the_error_shown_is_the_error_rounded_up_at_most_by_a_digit(value: float, relative: float) -> None:
    error = relative * value
    shown = said(numbers.write(est(value, error), "number", "en")).replace(",", "")
    number, _, spread = shown.partition(" ± ")
    assert abs(float(number) - value) <= 0.5 * error + 1e-9 * value + 0.51 * 10 ** (math.floor(math.log10(value)) - 3)
    assert 0.7 * error <= float(spread) <= max(1.3 * error, 1.01 * 10 ** (math.floor(math.log10(value)) - 3))


def test_amounts_below_a_hundred_million_are_counted_in_words_too() -> None:
    assert said(numbers.about(est(1.05e5, 1.2e3), "money", "ko", "KRW")) == "약 10만 5,000원"


def test_a_bare_amount_in_a_sentence_is_counted_in_two_units() -> None:
    assert said(numbers.amount(1.4e8, "ko", "KRW")) == "1억 4,000만 원"
    assert said(numbers.amount(7.1e10, "ko", "KRW")) == "710억 원"
    assert said(numbers.amount(1.4e8, "en", "KRW")) == "140 m KRW"


def test_what_rounding_leaves_of_an_amount_is_nothing() -> None:
    band = numbers.band({"value": 8e3, "standard_error": 1e3, "band": [-4.3e-5, 1.6e4]}, "money", "en", "USD", "range")
    assert "e-" not in band and band.startswith("0")


def test_about_stands_beside_the_number_of_times() -> None:
    often = {"value": 36.1, "standard_error": 0.2, "band": None}
    assert numbers.about(often, "per_year", "ko") == "연 약 36.1회"
    assert numbers.about(often, "per_year", "en") == "about 36.1 times a year"


def test_what_takes_months_is_told_in_months() -> None:
    assert [numbers.lead(h, "en") for h in (48.0, 1460.0, 8760.0, None)] == ["48\u00a0h", "2 months", "12 months", "never"]
    assert numbers.lead(8760.0, "ko") == "12개월"
