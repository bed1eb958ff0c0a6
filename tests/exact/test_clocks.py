"""Regulators' clocks against the time limits as they are written.

DORA: Commission Delegated Regulation (EU) 2025/301, Article 5(1) and (2). NIS2: Directive (EU) 2022/2555, Article 23(4).
Korea: decree of the Telecommunications Business Act, Article 37-13; Network Act, 30 minutes without a break.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from blackstart.errors import ModelError, render
from blackstart.incidents import clocks

DAY = datetime(2026, 3, 2)
LAWS = {row["id"]: row for row in clocks.regulations()}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(days=day, hours=hour, minutes=minute)


def times(law: str, **moments: datetime) -> dict[str, datetime | None]:
    known = {name.replace("__", "."): moment for name, moment in moments.items()}
    return {one.id: one.at for one in clocks.due(LAWS[law], known)}


def test_dora_four_hours_after_classification() -> None:
    assert times("eu-dora", aware=at(0, 10), classified=at(0, 13))["initial"] == at(0, 17)


def test_dora_no_later_than_a_day_after_awareness() -> None:
    assert times("eu-dora", aware=at(0, 10), classified=at(1, 9))["initial"] == at(1, 10)


def test_dora_late_classification_has_four_hours_of_its_own() -> None:
    """Article 5(2): classified more than 24 h after awareness, the cap has lapsed and does not make the report late."""
    assert times("eu-dora", aware=at(0, 10), classified=at(1, 15))["initial"] == at(1, 19)


def test_dora_intermediate_three_days_after_the_initial_and_final_a_month_after_it() -> None:
    found = times("eu-dora", aware=at(0, 10), classified=at(1, 9), sent__initial=at(1, 10), sent__intermediate=at(4, 9))
    assert found["intermediate"] == at(4, 10)
    assert found["final"] == datetime(2026, 4, 6, 9)


def test_what_was_not_sent_yet_counts_from_its_latest_time_and_says_so() -> None:
    rows = {one.id: one for one in clocks.due(LAWS["eu-dora"], {"aware": at(0, 10), "classified": at(0, 13)})}
    assert rows["intermediate"].at == at(3, 17) and rows["intermediate"].latest and rows["intermediate"].counted_from == "sent.initial"
    assert not rows["initial"].latest


def test_nis2_a_day_three_days_a_month() -> None:
    found = times("eu-nis2", aware=at(0, 10))
    assert found == {"warning": at(1, 10), "notification": at(3, 10), "final": datetime(2026, 4, 5, 10)}


def test_unknown_moments_are_named_not_guessed() -> None:
    rows = clocks.due(LAWS["eu-nis2"], {"began": at(0, 9)})
    assert [one.at for one in rows] == [None, None, None]
    assert rows[0].lacks == ("aware",) and rows[2].lacks == ("sent.notification",)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 31, 8), datetime(2026, 2, 28, 8)),  # the last day of a shorter month
        (datetime(2028, 1, 31, 8), datetime(2028, 2, 29, 8)),
        (datetime(2026, 12, 15), datetime(2027, 1, 15)),
    ],
)
def test_a_month_is_the_same_day_of_the_next(moment: datetime, expected: datetime) -> None:
    assert clocks.after(moment, "1 month") == expected


def test_korea_thirty_minutes_without_a_break() -> None:
    law = LAWS["kr-data-centre"]
    assert clocks.triggered(law, [(at(0, 10), at(0, 10, 30))])
    assert not clocks.triggered(law, [(at(0, 10), at(0, 10, 29))])
    assert clocks.triggered(law, [(at(0, 10), None)])  # not over yet


def test_korea_twice_within_a_day_with_forty_five_minutes_in_all() -> None:
    law = LAWS["kr-data-centre"]
    assert clocks.triggered(law, [(at(0, 10), at(0, 10, 25)), (at(1, 9), at(1, 9, 20))])
    assert not clocks.triggered(law, [(at(0, 10), at(0, 10, 25)), (at(1, 11), at(1, 11, 20))])
    assert not clocks.triggered(law, [(at(0, 10), at(0, 10, 20)), (at(0, 12), at(0, 12, 20))])


def test_korea_users_are_told_after_two_hours_and_of_compensation_within_thirty_days() -> None:
    law = LAWS["kr-user-notice"]
    assert not clocks.triggered(law, [(at(0, 10), at(0, 11, 59))])
    assert clocks.triggered(law, [(at(0, 10), at(0, 12))])
    assert times("kr-user-notice", began=at(0, 10), restored=at(5, 10)) == {"notice": at(0, 12), "compensation": at(35, 10)}


KAKAO = {"value_added": 1.0, "daily_users": 40e6, "revenue_krw": 7.1e12, "hosts_others": 0.0, "floor_m2": 0.0, "traffic_share": 0.01,
         "capacity_mw": 0.0, "kr_financial_entity": 0.0, "eu_financial_entity": 0.0, "eu_essential_or_important": 0.0}  # fmt: skip


def test_who_is_covered() -> None:
    said = {name: clocks.covered(law, KAKAO) for name, law in LAWS.items()}
    covered = {"kr-disaster-plan", "kr-user-notice"}
    assert said == {name: name in covered for name in LAWS}
    assert clocks.covered(LAWS["kr-data-centre"], {"hosts_others": 1.0, "floor_m2": 500}) is True
    assert clocks.covered(LAWS["kr-data-centre"], {"hosts_others": 1.0, "floor_m2": 499}) is False
    assert clocks.covered(LAWS["kr-data-centre"], {"hosts_others": 1.0}) is None  # a fact that decides is not stated
    assert clocks.covered(LAWS["kr-disaster-plan"], {"value_added": 1.0, "daily_users": 9e6, "traffic_share": 0.02}) is True


def test_korea_accidents_in_electronic_finance_since_2025() -> None:
    """30 minutes; or 10 where 10,000 have subscribed, which counts too while nobody knows how many have."""
    law = LAWS["kr-electronic-finance"]
    half, ten, nine = ([(at(0, 10), at(0, 10, n))] for n in (30, 10, 9))
    assert clocks.triggered(law, half, {"subscribers": 1.0}) and not clocks.triggered(law, ten, {"subscribers": 9_999.0})
    assert clocks.triggered(law, ten, {"subscribers": 10_000.0}) and clocks.triggered(law, ten) and not clocks.triggered(law, nine)
    assert times("kr-electronic-finance", aware=at(0, 10))["initial"] == at(1, 10)


def test_what_was_not_seen_in_the_text_in_force_is_marked() -> None:
    told = {law["id"]: [duty["confirmed"] for duty in law["due"]] for law in clocks.clocks({}, [], {})}
    assert not any(told["kr-electronic-finance"]) and told["kr-disaster-plan"] == [True, False] and all(told["eu-dora"])


def test_facts_and_moments_that_cannot_be_read_are_problems_all_at_once() -> None:
    with pytest.raises(ModelError) as wrong:
        clocks.facts(["daily_user=1", "hosts_others=perhaps", "floor_m2=big"])
    said = render(wrong.value.problems, "en")
    assert "daily_users" in said and "yes or no" in said and "`floor_m2` is a number (m²)" in said
    with pytest.raises(ModelError) as wrong:
        clocks.moments(["aware=yesterday", "awar=2026-03-02T10:00"])
    assert {p.code for p in wrong.value.problems} == {"moment-bad", "moment-unknown"}
    assert clocks.moments(["aware=2026-03-02T10:00", "sent.initial=2026-03-02T12:00"])["aware"] == at(0, 10)


def test_every_regulation_says_its_law_its_articles_and_its_fields_in_both_languages() -> None:
    for law in LAWS.values():
        labels = [law["law"], law["articles"], law["to"], *(duty[key] for duty in law["due"] for key in ("what", "article"))]
        labels += [field["label"] for duty in law["due"] for field in duty["fields"]]
        assert all(label["ko"] and label["en"] for label in labels)
        assert law["source"] and all(duty["fields"] for duty in law["due"])
        assert all(name in clocks.FACTS for group in law["covered"] for name in [*group.get("yes", ()), *group.get("least", {})])
