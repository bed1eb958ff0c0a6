"""The frontier of small random models against brute force; `long_portfolios` does the same for thousands."""

from __future__ import annotations

import pytest
from tests.cross.portfolios import differences


@pytest.mark.parametrize("first", range(0, 20, 5))
def test_the_frontier_is_that_of_brute_force(first):
    assert [line for seed in range(first, first + 5) for line in differences(seed)] == []
