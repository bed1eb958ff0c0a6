"""Amounts that are asked about, in the model's currency or in one of which the model says the worth."""

from __future__ import annotations

import pytest

from blackstart.errors import ModelError, hint, what
from blackstart.language import amounts
from blackstart.language.load import load_text

SHOP = "blackstart: 1\ncurrency: EUR\ncomponents: {db: {}}\nservices: {shop: {needs: db}}\n"


def test_an_amount_in_another_currency_counts_at_what_the_model_says_it_is_worth() -> None:
    model = load_text(SHOP + "exchange: {USD: 0.9 EUR}\n")
    assert amounts.read("300,000 USD", model, "budget") == pytest.approx(270_000)
    assert amounts.read("300,000 EUR", model, "budget") == 300_000


@pytest.mark.parametrize(("lang", "said"), [("en", "does not say what USD is worth"), ("ko", "USD가 얼마인지 모델에 적혀 있지 않습니다")])
def test_without_it_the_message_names_where_it_is_said(lang: str, said: str) -> None:
    """`--budget "300k USD"` was refused without a word of `exchange`, and also where the model had one."""
    with pytest.raises(ModelError) as caught:
        amounts.read("300,000 USD", load_text(SHOP), "budget")
    problem = caught.value.problems[0]
    assert said in what(problem, lang) and "exchange: {USD:" in (hint(problem, lang) or "")
