"""Parts of a model that have nothing to do with each other: what ties, what does not, and that sums over parts are the whole."""

from __future__ import annotations

import pytest

from blackstart.engines.simulate import Study
from blackstart.language.load import load_text
from blackstart.planning.judge import Bench, Judge
from blackstart.planning.plan import Asked, options, plan

STUDY = Study(worlds=20, samples=40, threads=1)


def shops(n: int, more: str = "", hazards: str = "", extra: str = "") -> str:
    """Shops that share nothing, each with two defences; `extra` is written into each database."""
    rows = ["blackstart: 1", f"teams: {{crew: {{people: 3}}}}\nbarriers: {{gas: {{works: 50%}}}}\n{hazards}", "components:"]
    rows += [f"  db-{k}: {{fails: {k + 2}/yr, repair: 10h{extra}}}" for k in range(n)]
    rows += [more, "services:"]
    rows += [f'  shop-{k}: {{needs: db-{k}, loss: "1,000 KRW/h"}}' for k in range(n)]
    rows.append("defences:")
    for k in range(n):
        rows.append(f'  halve-{k}: {{costs: {{yearly: "{3 + k},000 KRW"}}, change: {{components: {{db-{k}: {{repair: 5h}}}}}}}}')
        rows.append(f'  rarer-{k}: {{costs: {{yearly: "{2 + k},000 KRW"}}, change: {{components: {{db-{k}: {{fails: 1/yr}}}}}}}}')
    return "\n".join(rows)


def bench(text: str) -> Bench:
    model = load_text(text)
    return Bench(model, options(model, Asked()), STUDY)


def defences(b: Bench) -> list[list[str]]:
    return [[o.id for o in some] for some, _ in b.parts if some]


def test_shops_that_share_nothing_are_apart():
    assert defences(bench(shops(3))) == [["halve-0", "rarer-0"], ["halve-1", "rarer-1"], ["halve-2", "rarer-2"]]


@pytest.mark.parametrize(
    "tie",
    [
        {"more": "  desk: {needs: [db-0, db-1]}"},
        {"more": "  spare: {standby: {for: [db-0, db-1]}, start: {takes: 1h}}"},
        {"more": "  tape: {helps: {db-0: x2, db-1: x2}}"},
        {"extra": ", repair: {takes: 10h, people: 1 crew}"},
        {"hazards": "hazards: {fire: {strikes: db-0, rate: 1/yr, effects: [{break: [db-0, db-1]}]}}"},
        {"hazards": "hazards: {fire: {strikes: db-0, rate: 1/yr, effects: [{break: db-0, when: db-1 is down}]}}"},
        {"hazards": "hazards: {a: {strikes: db-0, rate: 1/yr, effects: [{break: db-0, unless: gas}]}, "
                    "b: {strikes: db-1, rate: 1/yr, effects: [{break: db-1, unless: gas}]}}"},
        {"hazards": "hazards: {a: {strikes: db-0, rate: 1/yr, effects: [{break: db-0}, {trigger: b}]}, "
                    "b: {strikes: db-1, effects: [{break: db-1}]}}"},
        {"hazards": "common_causes: {disks: {of: [db-0, db-1], beta: 10%}}"},
    ],
)  # fmt: skip
def test_what_ties(tie):
    text = shops(2, **tie)
    if "extra" in tie:
        text = text.replace("repair: 10h, repair:", "repair:")
    assert len(defences(bench(text))) == 1


def test_one_defence_that_changes_two_things_ties_them():
    text = shops(2) + '\n  both: {costs: {once: "1 KRW"}, change: {components: {db-0: {tags: [a]}, db-1: {tags: [a]}}}}'
    assert len(defences(bench(text))) == 1
    text = shops(2).replace("rarer-1: {", "rarer-1: {requires: [halve-0], ")
    assert len(defences(bench(text))) == 1


def test_what_is_judged_again_for_another_part_is_the_same_to_the_last_bit():
    b = bench(shops(3))
    one, other = b.seen(frozenset(["halve-0"])), b.seen(frozenset(["halve-0", "rarer-1", "halve-2"]))
    assert (one.hours[:, 0] == other.hours[:, 0]).all() and not (one.hours[:, 1] == other.hours[:, 1]).all()


def test_the_sum_over_parts_is_the_whole():
    """Whole models that differ in chance only: within 4 standard errors (false alarm below 1 in 10,000 for each of 4)."""
    model = load_text(shops(3))
    b = bench(shops(3))
    whole = Judge(model, [o.id for o in options(model, Asked())], Study(worlds=20, samples=400, seed=5, threads=1))
    for some in ((), ("halve-0",), ("rarer-1", "halve-2"), ("halve-0", "rarer-0", "rarer-1", "halve-2")):
        v, w = b.seen(frozenset(some)), whole([frozenset(some)])[0]
        error = (v.loss.var(ddof=1) / v.loss.size + w.loss.var(ddof=1) / w.loss.size) ** 0.5
        assert abs(v.loss.mean() - w.loss.mean()) < 4 * error + 0.01 * w.loss.mean()


def test_twenty_defences_are_proven_in_ten_parts():
    """A million portfolios; in each part by itself the optimum is what the closed form says."""
    result = plan(load_text(shops(10)), Asked(gross=1, fresh=(20, 20)), STUDY).as_dict()
    frontier = result["frontier"]
    assert (frontier["state"], frontier["parts"], frontier["portfolios"], frontier["judged"]) == ("proven", 10, 4**10, 40)
    # k + 2 failures of 10 h at 1,000 KRW: rarer leaves 10,000 for 2,000 + k, halve beside it avoids 5,000 for 3,000 + k
    chosen = set(result["reading"]["chosen"]["with"])
    assert {f"rarer-{k}" for k in range(10)} | {"halve-0", "halve-1"} <= chosen and not chosen & {f"halve-{k}" for k in range(3, 10)}
