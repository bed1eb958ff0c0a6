"""The adversary on random formulas with circles, thresholds and constants: see adversaries.py. Nothing here is left to chance."""

from __future__ import annotations

import pytest
from tests.cross.adversaries import Case


@pytest.mark.parametrize("block", range(8))
def test_all_sets_and_all_states_agree(block: int) -> None:
    found = [line for seed in range(30 * block, 30 * block + 30) for line in Case(seed, 7).differences()]
    assert found == []
