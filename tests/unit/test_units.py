"""Units: closed forms of every way to write a number, and the sentence for every wrong one."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from blackstart import numerals
from blackstart.distributions import Z95, Dist, normal_quantile, scaled
from blackstart.units import (
    HOURS_PER_MONTH,
    HOURS_PER_YEAR,
    BadValue,
    read_chance,
    read_count,
    read_date,
    read_duration,
    read_factor,
    read_hours,
    read_money,
    read_money_rate,
    read_money_yearly,
    read_number,
    read_percent,
    read_rate,
    write_chance,
    write_duration,
    write_number,
    write_rate,
)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("4h", 4),
        ("4 h", 4),
        ("1h30m", 1.5),
        ("1 h 30 min", 1.5),
        ("2 days", 48),
        ("30d", 720),
        ("6 months", 6 * HOURS_PER_MONTH),
        ("2 wk", 336),
        ("5 s", 5 / 3600),
        ("250 ms", 0.25 / 3600),
        ("1.5년", 1.5 * HOURS_PER_YEAR),
        ("3시간", 3),
        ("20분", 1 / 3),
        ("30일", 720),
        ("2주", 336),
        ("9개월", 9 * HOURS_PER_MONTH),
        ("4시간 10분", 4 + 1 / 6),
        ("３시간", 3),
        ("32,000 h", 32000),
        ("1e3 h", 1000),
        ("3e2h", 300),
        ("0 h", 0),
        ("1h + 30min", 1.5),
        ("٤ h", 4),
        ("4\u00a0h", 4),
    ],
)
def test_exact_durations(text: str, hours: float) -> None:
    assert read_duration(text).exact() == pytest.approx(hours, rel=1e-12)
    assert read_duration(text).text == text


@pytest.mark.parametrize("text", ["4h..20h", "4..20h", "4h–20h", "4h~20h", "4 h … 20 h", "4~20시간"])
def test_a_range_is_a_lognormal_by_its_5th_and_95th_percentile(text: str) -> None:
    (dist,) = read_duration(text).terms
    assert dist.quantile(0.05) == pytest.approx(4)
    assert dist.quantile(0.95) == pytest.approx(20)
    assert dist.mean() == pytest.approx(stats.lognorm(dist.b, scale=dist.a).mean())


def test_sums_keep_their_terms_and_the_growing_part() -> None:
    both = read_duration("1h..2h + 30min")
    assert [term.kind for term in both.terms] == ["lognormal", "point"]
    assert both.mean() == pytest.approx(both.terms[0].mean() + 0.5)
    grows = read_duration("10 min + 0.5 x outage")
    assert (grows.terms[0].a, grows.per_outage) == (pytest.approx(1 / 6), 0.5)
    assert grows.exact() is None
    assert read_duration("outage × 2").per_outage == 2


@pytest.mark.parametrize(
    ("text", "frozen"),
    [
        ("lognormal(median=4h, p95=20h)", stats.lognorm(math.log(5) / Z95, scale=4)),
        ("lognormal(mean=4h, sigma=0.5)", stats.lognorm(0.5, scale=4 * math.exp(-0.125))),
        ("lognormal(median=4h, ef=5)", stats.lognorm(math.log(5) / Z95, scale=4)),
        ("lognormal(p5=1h, p95=9h)", stats.lognorm(math.log(3) / Z95, scale=3)),
        ("exponential(mean=3h)", stats.expon(scale=3)),
        ("weibull(shape=1.5, scale=3h)", stats.weibull_min(1.5, scale=3)),
        ("gamma(shape=2, scale=3 h)", stats.gamma(2, scale=3)),
        ("triangular(4h, 6h, 9h)", stats.triang(0.4, loc=4, scale=5)),
        ("triangular(low=4h, mode=6h, high=9h)", stats.triang(0.4, loc=4, scale=5)),
        ("uniform(1h, 2h)", stats.uniform(1, 1)),
    ],
)
def test_named_distributions_agree_with_scipy(text: str, frozen: stats.rv_continuous) -> None:
    (dist,) = read_duration(text).terms
    u = np.array([0.01, 0.2, 0.5, 0.77, 0.99])
    assert dist.quantile(u) == pytest.approx(frozen.ppf(u))
    assert [dist.quantile(float(one)) for one in u] == pytest.approx(frozen.ppf(u))
    assert dist.mean() == pytest.approx(frozen.mean())
    assert dist.median() == pytest.approx(frozen.median())


def test_mean_and_95th_percentile_give_the_narrower_lognormal() -> None:
    (dist,) = read_duration("lognormal(mean=4h, p95=10h)").terms
    assert dist.mean() == pytest.approx(4)
    assert dist.quantile(0.95) == pytest.approx(10)
    with pytest.raises(BadValue, match="dist-impossible"):
        read_duration("lognormal(mean=1h, p95=5h)")


def test_empirical_gives_back_only_what_was_seen() -> None:
    (dist,) = read_duration("empirical([3h, 1h, 2h])").terms
    assert dist.values == (1, 2, 3)
    assert [dist.quantile(u) for u in (0.01, 0.34, 0.99)] == [1, 2, 3]
    assert list(dist.quantile(np.array([0.01, 0.34, 0.99]))) == [1, 2, 3]
    assert dist.mean() == 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4", "duration-no-unit"),
        ("", "value-empty"),
        ("-3h", "duration-negative"),
        ("4h + 2000 x outage", "duration-too-long"),
        ("1e309 x outage", "number-not-finite"),
        ("nan h", "bad-duration"),
        ("inf", "number-not-finite"),
        ("5 parsecs", "duration-unit"),
        ("10M", "duration-unit"),
        ("20h..4h", "range-reversed"),
        ("1e7 yr", "duration-too-long"),
        ("0..2h", "range-from-zero"),
        ("12:30", "bad-duration"),
        ("4h..", "range-parts"),
        ("1..2..3h", "range-parts"),
        ("1,5 h", "number-comma"),
        ("bananas", "bad-duration"),
        ("lognormal(4h)", "dist-arguments"),
        ("normal(1h, 2h)", "dist-unknown"),
        ("weibull(shape=1, shape=2)", "dist-argument-twice"),
        ("uniform(2h, 1h)", "range-reversed"),
        ("30 min 1 h", "bad-duration"),
        ("1e400 h", "number-not-finite"),
        ("exponential(mean=0 h)", "not-positive"),
        ("h" * 5000, "value-too-long"),
    ],
)
def test_wrong_durations_say_why(text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_duration(text)
    assert caught.value.code == code


# Jeffreys: for n events in T, Gamma(n + 1/2, rate T); for k of n, Beta(k + 1/2, n - k + 1/2).
@pytest.mark.parametrize(
    ("text", "events", "years"),
    [
        ("2 in 400 yr", 2, 400),
        ("3 in 9,000 yr", 3, 9000),
        ("0 in 300 site-years", 0, 300),
        ("400년에 2번", 2, 400),
        ("9,000년간 3회", 3, 9000),
    ],
)
def test_counts_become_jeffreys_posteriors(text: str, events: int, years: float) -> None:
    dist = read_rate(text).dist
    exact = stats.gamma(events + 0.5, scale=1 / years)
    for u in (0.05, 0.5, 0.95):
        assert dist.quantile(u) == pytest.approx(exact.ppf(u))
    assert dist.mean() == pytest.approx((events + 0.5) / years)


@pytest.mark.parametrize(
    ("text", "per_year"),
    [
        ("1 per 200 yr", 0.005),
        ("0.005/yr", 0.005),
        ("400 changes/yr", 400),
        ("400 changes per year", 400),
        ("12/day", 12 * 365),
        ("1/200 yr", 0.005),
        ("연 2회", 2),
        ("매주 3회", 3 * 8760 / 168),
        ("하루 12건", 4380),
        ("200년에 한 번꼴", 0.005),
        ("never", 0),
        ("없음", 0),
        ("once per 5 yr", 0.2),
        ("월 1회", 12),
    ],
)
def test_point_rates(text: str, per_year: float) -> None:
    assert read_rate(text).dist == Dist("point", pytest.approx(per_year))


def test_rate_ranges_and_distributions() -> None:
    for text in ("1/500yr..1/50yr", "0.002..0.02/yr"):
        dist = read_rate(text).dist
        assert (dist.quantile(0.05), dist.quantile(0.95)) == (pytest.approx(1 / 500), pytest.approx(1 / 50))
    assert read_rate("gamma(shape=1.58, exposure=44 yr)").dist == Dist("gamma", 1.58, pytest.approx(1 / 44))
    assert read_rate("gamma(shape=1, exposure=8760 h)").dist == Dist("gamma", 1, pytest.approx(1))
    ef = read_rate("lognormal(median=0.0005/yr, ef=5)").dist
    assert ef.quantile(0.95) / ef.median() == pytest.approx(5)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.005", "rate-no-unit"),
        ("2 in 400", "rate-no-unit"),
        ("-1/yr", "rate-negative"),
        ("1e12/yr", "rate-too-high"),
        ("0 in 0 yr", "not-positive"),
        ("often", "bad-rate"),
        ("0.1/yr..1/yr (guess)", "guess-of-no-time"),
        ("1/50yr..1/500yr", "range-reversed"),
        ("1/yr (shared N7)", "shared-exact"),
        ("0.1/yr..1/yr (shared)", "bad-rate"),
    ],
)
def test_wrong_rates_say_why(text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_rate(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("0.5/yr (guess)", "0.25/yr..1/yr"), ("1 per 10 yr (guess)", "0.5 per 10 yr..2 per 10 yr"), ("연 2회 (추정)", "연 1회..연 4회"),
        ("2 in 400 yr (guess)", "1 per 400 yr..4 per 400 yr"), ("1/50yr..1/5yr (guess)", None),
    ],
)  # fmt: skip
def test_of_a_rate_that_is_marked_as_a_guess_it_is_said_what_to_write(text: str, instead: str | None) -> None:
    bad = numerals.guessed(text)
    assert bad.values.get("range") == instead and read_rate(instead or bad.values["said"]).dist.kind != "point"


@pytest.mark.parametrize("text", ["3 of 10", "10중 3", "10번 중 3번", "3 out of 10"])
def test_shown_chances_are_beta_posteriors_and_keep_their_counts(text: str) -> None:
    chance = read_chance(text)
    assert (chance.successes, chance.demands) == (3, 10)
    for u in (0.05, 0.5, 0.95):
        assert chance.dist.quantile(u) == pytest.approx(stats.beta(3.5, 7.5).ppf(u))


@pytest.mark.parametrize(
    ("text", "value"), [("30%", 0.3), ("0.3", 0.3), ("٣٠%", 0.3), ("100%", 1), ("never", 0), ("1e-4", 1e-4)]
)
def test_point_chances(text: str, value: float) -> None:
    assert read_chance(text).dist == Dist("point", pytest.approx(value))


def test_a_range_of_chances_is_logit_normal() -> None:
    dist = read_chance("10..40%").dist
    assert (dist.quantile(0.05), dist.quantile(0.95)) == (pytest.approx(0.1), pytest.approx(0.4))
    exact = special.expit(dist.a + dist.b * special.ndtri((np.arange(10**5) + 0.5) / 10**5)).mean()
    assert dist.mean() == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("30", "chance-above-one"),
        ("130%", "percent-above"),
        ("-1%", "chance-negative"),
        ("11 of 10", "chance-more-than-all"),
        ("70% (추정)", "guess-of-one-number"),
        ("3/10", "bad-chance"),
        ("1 in 1000", "bad-chance"),
        ("0..10%", "chance-range-ends"),
        ("nan", "number-not-finite"),
        ("exponential(mean=10%)", "chance-dist"),
        ("30% (공유 N7)", "shared-exact"),
    ],
)
def test_wrong_chances_say_why(text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_chance(text)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12 bn KRW", 12e9, "KRW"),
        ("120억 KRW", 12e9, "KRW"),
        ("120억원", 12e9, "KRW"),
        ("₩3,000,000", 3e6, "KRW"),
        ("$3.2m", 3.2e6, "USD"),
        ("-5억원", -5e8, "KRW"),
        ("-₩5", -5, "KRW"),
        ("KRW 3,000", 3000, "KRW"),
        ("3천만원", 3e7, "KRW"),
        ("1억 2,000만원", 1.2e8, "KRW"),
        ("1조 2,345억원", 1.2345e12, "KRW"),
        ("3.2 million USD", 3.2e6, "USD"),
        ("USD 3m", 3e6, "USD"),
        ("−4bn KRW", -4e9, "KRW"),
        ("3e6원", 3e6, "KRW"),
        ("0", 0, ""),
        ("５만엔", 5e4, "JPY"),
    ],
)
def test_money(text: str, amount: float, currency: str) -> None:
    got = read_money(text)
    assert (got.dist, got.currency) == (Dist("point", pytest.approx(amount)), currency)


@pytest.mark.parametrize("text", ["1bn..10bn KRW", "1..10bn KRW", "₩1bn..₩10bn", "10억~100억원"])
def test_money_ranges(text: str) -> None:
    dist = read_money(text).dist
    assert (dist.quantile(0.05), dist.quantile(0.95)) == (pytest.approx(1e9), pytest.approx(1e10))


def test_savings_are_mirrored_lognormals() -> None:
    dist = read_money("-4bn..-2bn KRW").dist
    assert (dist.quantile(0.05), dist.quantile(0.95)) == (pytest.approx(-4e9), pytest.approx(-2e9))
    assert dist.quantile(np.array([0.05])) == pytest.approx(-4e9)
    assert dist.mean() < -2e9


@pytest.mark.parametrize(
    ("text", "per_hour"),
    [
        ("3,000,000 KRW/h", 3e6),
        ("8.76e6 KRW/yr", 1000),
        ("시간당 300만원", 3e6),
        ("300만원/시간", 3e6),
        ("24 KRW/day", 1),
        ("하루 2,400만원", 1e6),
        ("7300 KRW/월", 10),
    ],
)
def test_money_over_time(text: str, per_hour: float) -> None:
    assert read_money_rate(text).dist == Dist("point", pytest.approx(per_hour))


def test_money_each_year() -> None:
    assert read_money_yearly("1.2bn KRW").dist.a == read_money_yearly("1.2bn KRW/yr").dist.a == 1.2e9
    assert read_money_yearly("1억원/월").dist.a == pytest.approx(1.2e9)


@pytest.mark.parametrize(
    ("reader", "text", "code"),
    [
        (read_money, "5", "money-no-currency"),
        (read_money, "12 bn KWR", "money-currency"),
        (read_money, "3 KRW..5 USD", "money-two-currencies"),
        (read_money, "1e400 KRW", "number-not-finite"),
        (read_money, "1e30 KRW", "money-too-much"),
        (read_money, "a lot", "bad-money"),
        (read_money_rate, "3e6 KRW", "money-no-time"),
        (read_money_rate, "3e6 KRW/banana", "money-no-time"),
        (read_money_rate, "1 KRW/h..48 KRW/day", "money-two-currencies"),
        (read_count, "3.5", "bad-count"),
        (read_count, "-1", "bad-count"),
        (read_number, "nan", "number-not-finite"),
        (read_number, "1,00", "number-comma"),
        (read_percent, "20", "percent-large"),
        (read_percent, "-5%", "percent-negative"),
        (read_factor, "abc", "bad-factor"),
        (read_factor, "-1", "factor-range"),
        (read_date, "2024-13-01", "bad-date"),
        (read_date, "soon", "bad-date"),
        (read_hours, "always", "bad-hours"),
    ],
)
def test_other_wrong_values_say_why(reader: object, text: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        reader(text)  # type: ignore[operator]
    assert caught.value.code == code


def test_plain_numbers() -> None:
    assert [read_factor(text) for text in ("x4", "4x", "×4", "4배", "4", "200%")] == [4, 4, 4, 4, 4, 2]
    assert [read_number(text) for text in ("32,000", "3e6", "3.2만", "２０", "−5", "1만 500")] == [
        32000,
        3e6,
        32000,
        20,
        -5,
        10500,
    ]
    assert [read_count(text) for text in ("32,000", "40대", "3.2만")] == [32000, 40, 32000]
    assert [read_percent(text) for text in ("20%", "0.2", "120%", "half")] == [0.2, 0.2, 1.2, 0.5]
    day = datetime.date(2024, 5, 1)
    assert [read_date(text) for text in ("2024-05-01", "2024.5.1", "2024년 5월 1일")] == [day] * 3


def test_hours_of_the_week() -> None:
    assert sum(read_hours("mon-fri 08-20")) == 60
    assert read_hours("월-금 08시-20시") == read_hours("mon-fri 08-20") == read_hours("평일 08-20")
    assert sum(read_hours("mon-fri 08-20, sat 09-12")) == 63
    night = read_hours("sun 22-06")
    assert night[6 * 24 + 22] and night[0] and night[5] and not night[6]


def test_normal_quantile_agrees_with_scipy_to_the_last_digits() -> None:
    u = np.concatenate([np.linspace(1e-9, 1 - 1e-9, 10001), 10.0 ** -np.arange(1, 300)])
    assert normal_quantile(u) == pytest.approx(special.ndtri(u), rel=1e-13, abs=1e-14)


@pytest.mark.parametrize(
    "text",
    [
        "4h..20h",
        "exponential(mean=3h)",
        "weibull(shape=2, scale=3h)",
        "uniform(1h, 3h)",
        "gamma(shape=2, scale=3h)",
        "triangular(1h, 2h, 4h)",
        "empirical(1h, 4h)",
        "4h",
    ],
)
def test_scaling_scales_every_quantile(text: str) -> None:
    (dist,) = read_duration(text).terms
    assert scaled(dist, 2.5).quantile(0.3) == pytest.approx(2.5 * dist.quantile(0.3))


@given(st.text(max_size=40))
def test_no_text_makes_a_reader_fail_otherwise_than_by_bad_value(text: str) -> None:
    for reader in (
        read_duration,
        read_rate,
        read_chance,
        read_money,
        read_money_rate,
        read_percent,
        read_factor,
        read_number,
        read_count,
        read_date,
        read_hours,
    ):
        try:
            reader(text)
        except BadValue:
            pass


@given(st.floats(0.001, 1e5), st.sampled_from(["h", "min", "d", "yr", "시간"]))
def test_written_exact_durations_are_read_again(value: float, unit: str) -> None:
    assert read_duration(f"{value!r} {unit}").exact() is not None


@pytest.mark.parametrize(
    ("hours", "en", "ko"),
    [
        (4 + 1 / 6, "4 h 10 min", "4시간 10분"),
        (0.01, "36 s", "36초"),
        (0.3, "18 min", "18분"),
        (0, "0 s", "0초"),
        (59.999 / 60, "1 h", "1시간"),
        (50, "2 d 2 h", "2일 2시간"),
        (2190, "3 months", "3개월"),
        (20000, "2.28 yr", "2.28년"),
        (math.inf, "without end", "끝나지 않음"),
        (-2, "-2 h", "-2시간"),
    ],
)
def test_durations_as_text(hours: float, en: str, ko: str) -> None:
    assert (write_duration(hours), write_duration(hours, "ko")) == (en, ko)


def test_other_values_as_text() -> None:
    assert [write_rate(rate) for rate in (0, 0.005, 12)] == ["never", "once in 200 years", "12 a year"]
    assert [write_rate(rate, "ko") for rate in (0, 0.005, 12)] == [
        "일어나지 않음",
        "200년에 한 번",
        "연 12회",
    ]
    assert [write_chance(p) for p in (0, 0.305, 0.9995, 1)] == ["0%", "30.5%", "99.95%", "100%"]
    assert [write_number(x) for x in (12345.6, 0.001234, math.inf)] == ["12,300", "0.00123", "∞"]


# ----------------------------------------------------------------------------- what the middle of a duration rests on


@pytest.mark.parametrize(
    ("text", "cases", "shared"),
    [
        ("4h..20h", None, ""),
        ("4h..20h (5 cases)", 5.0, ""),
        ("4h..20h (1 case)", 1.0, ""),
        ("4h..20h (guess)", 1.0, ""),
        ("4h..20h (guess P4)", 1.0, "P4"),
        ("4시간..20시간 (5건)", 5.0, ""),
        ("4시간..20시간 (추정, 전원복구)", 1.0, "전원복구"),
        ("lognormal(median=4h, p95=20h) (2.5 cases)", 2.5, ""),
    ],
)
def test_what_a_duration_rests_on(text: str, cases: float | None, shared: str) -> None:
    got = read_duration(text)
    assert (got.cases, got.shared, got.text) == (cases, shared, text)


def test_middle_of_counted_cases_and_of_a_guess() -> None:
    """n cases know their middle to a spread / sqrt(n); a guess of the next case is half ignorance, half chance."""
    stated, seen, guess = (read_duration("4h..20h" + rest) for rest in ("", " (4 cases)", " (guess)"))
    assert stated.doubt() == 0.0
    assert seen.terms == stated.terms and seen.doubt() == pytest.approx(stated.terms[0].b / 2)
    assert guess.next_case().b == pytest.approx(stated.terms[0].b)
    assert guess.doubt() ** 2 + guess.terms[0].b ** 2 == pytest.approx(stated.terms[0].b ** 2)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4h (guess)", "duration-rests-on"),
        ("1h..2h + 3h..4h (guess)", "duration-sum-rests-on"),
        ("10 min + 0.5 x outage (2 cases)", "duration-sum-rests-on"),
        ("weibull(shape=2, scale=4h) (guess)", "duration-rests-on"),
        ("4h..20h (0 cases)", "duration-cases"),
        ("4h..20h (some cases)", "bad-duration"),
        ("4h..20h (shared N7)", "shared-of-no-rate"),
    ],
)
def test_what_a_duration_cannot_rest_on(text: str, code: str) -> None:
    with pytest.raises(BadValue) as bad:
        read_duration(text)
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("read", "text", "alone"),
    [
        (read_rate, "0.5/yr..3/yr (shared N7)", "0.5/yr..3/yr"),
        (read_rate, "2 in 400 yr(공유 N7)", "2 in 400 yr"),
        (read_rate, "lognormal(median=1/yr, ef=5) (shared N7)", "lognormal(median=1/yr, ef=5)"),
        (read_chance, "10%..40% (Shared N7)", "10%..40%"),
        (read_chance, "10중 3 (공유 N7)", "3 of 10"),
        (read_chance, "beta(2, 5) (shared N7)", "beta(2, 5)"),
    ],
)
def test_a_rate_or_chance_may_share_its_doubt(read: Callable, text: str, alone: str) -> None:
    got, by_itself = read(text), read(alone)
    assert (got.shared, got.text, got.doubted_as("here")) == ("N7", text, "shared N7")
    assert replace(got, shared="", text=alone) == by_itself and by_itself.doubted_as("here") == "here"
