"""What Kakao could have bought: every defence does what it is sold for, in the story that it is meant for, at typical values."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from blackstart import examples
from blackstart.compilation import compile_model
from blackstart.engines import layout as y
from blackstart.engines.simulate import Hit, Player
from blackstart.language import portfolio, scenario
from blackstart.language.load import apply, load

KAKAO = load(examples.path("kakao-2022"))
FIRE, NO_LUCK = ("battery-fire",), ("gas-suppression", "zone-wise-cut")
# defence -> what comes, what does not work then, services that lose less
BETTER = {
    "tools-at-two-sites": (FIRE, NO_LUCK, "message images pc-login drawer map"),
    "auto-failover-and-capacity": (FIRE, NO_LUCK, "message images mail search taxi"),
    "zone-wise-power-cut": (FIRE, ("gas-suppression",), "message images mail taxi"),
    "login-at-two-sites": (FIRE, NO_LUCK, "pc-login games webtoon melon pay"),
    "messages-at-two-sites": (FIRE, NO_LUCK, "message voice"),
    "storage-at-two-sites": (FIRE, NO_LUCK, "images cafe"),
    "images-at-two-sites": (FIRE, NO_LUCK, "images"),
    "mail-and-search-at-two-sites": (FIRE, NO_LUCK, "mail search"),
    "capacity-elsewhere": (FIRE, NO_LUCK, "message voice map melon"),
    "drill-centre-loss": (FIRE, NO_LUCK, "message voice"),
    "drill-the-group": (FIRE, NO_LUCK, "map webtoon melon"),
    "control-tower": (FIRE, NO_LUCK, "cafe"),
    "landlord-alarm": (FIRE, NO_LUCK, "pay"),
    "tool-experts": (FIRE, NO_LUCK, "images drawer"),
    "documents-outside": (FIRE, NO_LUCK, "images drawer"),
    "own-chat-elsewhere": ((*FIRE, "hold other-centres"), NO_LUCK, "images drawer"),  # text is gone for as long as the fire's work lasts
    "remote-power-on": (FIRE, NO_LUCK, "images search taxi games"),
    "battery-separation": (FIRE, ("zone-wise-cut",), "message mail"),
    "cables-apart-and-bypass": (FIRE, NO_LUCK, "message images mail"),
    "second-supply-line": (("pangyo-feed",), ("pangyo-generators",), "message mail"),
    "second-centre": (FIRE, NO_LUCK, "message images mail search taxi"),
    "drill-own-centre": (FIRE, NO_LUCK, "images mail search taxi"),
    "third-centre": (FIRE, NO_LUCK, "message pc-login images"),
    "naver-architecture": (FIRE, NO_LUCK, "message images mail search taxi"),
}
WORSE = {
    "halve-infrastructure-team": "message images mail search",
    "drop-content-copies": "webtoon melon",
    "drop-pay-drills": "pay",
}
IN_THE_RATES = {"early-detection", "chaos-engineering", "release-control"}


def lost_hours(names: tuple[str, ...], hits: tuple[str, ...], fails: tuple[str, ...]) -> dict[str, float]:
    """Service-hours lost at typical values, by service."""
    asked = scenario.read(apply(KAKAO, names), hits, [f for f in fails if f in KAKAO.barriers or f in KAKAO.components])
    system = compile_model(asked.model)
    script = [Hit(s.at_h, s.hazard is not None, (system.hazards if s.hazard else system.components).index(s.hazard or s.name))
              for s in asked.strikes]  # fmt: skip
    rows = Player(system).typical(script)[1]
    rows = rows[rows[:, 1] <= y.ROW_DEGRADED]
    return {name: float(rows[rows[:, 2] == s, 5].sum()) for s, name in enumerate(system.services)}


def both(name: str, hits: tuple[str, ...], fails: tuple[str, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Without it, but with what it requires; and with it."""
    names = portfolio.with_required(KAKAO, name)
    return lost_hours(names[:-1], hits, fails), lost_hours(names, hits, fails)


def test_every_defence_has_its_story() -> None:
    assert {*BETTER, *WORSE, *IN_THE_RATES} == set(KAKAO.defences)
    assert len(KAKAO.defences) >= 20


@pytest.mark.parametrize("name", BETTER)
def test_a_defence_shortens_what_it_is_sold_for(name: str) -> None:
    hits, fails, services = BETTER[name]
    without, with_it = both(name, hits, fails)
    assert [s for s in services.split() if not with_it[s] < without[s] - 0.01] == []


@pytest.mark.parametrize("name", WORSE)
def test_a_cut_lengthens_what_it_takes_from(name: str) -> None:
    without, with_it = both(name, FIRE, NO_LUCK)
    assert [s for s in WORSE[name].split() if not with_it[s] > without[s] + 0.01] == []


def test_what_acts_on_rates_and_doubts() -> None:
    early = apply(KAKAO, ["early-detection"]).hazards["battery-fire"].rate
    assert 0.5 < early.dist.mean() / KAKAO.hazards["battery-fire"].rate.dist.mean() < 0.9
    systems = [compile_model(m) for m in (KAKAO, apply(KAKAO, ["chaos-engineering"]))]
    doubts = [[s.parameters[p].dist.mean() for p in s.doubtful] for s in systems]
    assert len(doubts[0]) == len(doubts[1])
    assert np.sum(doubts[1]) == pytest.approx(np.sum(doubts[0]) - 8 * 0.07)
    tried = apply(KAKAO, ["release-control"])
    assert tried.hazards["bad-release"].effects[0].unless == ("release-rehearsal",)
    assert 0.3 < tried.barriers["release-rehearsal"].works.dist.mean() < 0.7


def test_a_choice_is_a_set() -> None:
    """Nothing is written over, and the order in which defences are named changes nothing."""
    assert portfolio.overwrites(KAKAO) == []
    chosen = ["drill-own-centre", "login-at-two-sites", "second-centre", "storage-at-two-sites", "third-centre", "tools-at-two-sites"]
    digests = {compile_model(apply(KAKAO, order)).digest for order in itertools.islice(itertools.permutations(chosen), 0, 720, 239)}
    assert len(digests) == 1


def test_every_defence_says_what_it_costs_and_how_long_it_takes() -> None:
    for row in KAKAO.defences.values():
        assert (row.costs_once or row.costs_yearly) and row.takes and row.label
