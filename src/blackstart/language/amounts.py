"""Amounts of money that are asked about: a budget, a promise. They count in the model's currency."""

from __future__ import annotations

import math
from numbers import Real

from blackstart import units
from blackstart.errors import ModelError, Problem
from blackstart.language.model import Model


def read(amount: float | str | None, model: Model, option: str, *, plain: bool = False) -> float | None:
    """An amount in the model's currency, from a number or as people write it (`2 bn KRW`); None stays None.

    option : what it is said for; the path of the problem
    plain : a text may also be a number alone

    Raises
    ------
    ModelError
        It is no amount, is below nothing, is not one exact amount, or is in a currency of which the model does not say the worth.
    """
    if amount is None:
        return None
    if isinstance(amount, Real) and not isinstance(amount, bool):
        return _sound(float(amount), amount, model, option)
    if plain and isinstance(amount, str) and amount.replace(".", "", 1).isdecimal():
        return float(amount)
    try:
        money = units.read_money(amount) if isinstance(amount, str) else None
    except units.BadValue:
        money = None
    if money is None or money.dist.kind != "point":
        raise _refused("amount", amount, model, option)
    if money.currency and money.currency != model.currency:
        worth = _worth(model, money.currency)
        if worth is None:
            raise _refused("amount-currency", amount, model, option, other=money.currency)
        return _sound(money.dist.a * worth, amount, model, option)
    return _sound(money.dist.a, amount, model, option)


def _worth(model: Model, currency: str) -> float | None:
    """What one unit of another currency is worth, as `exchange` of the model says, which was checked when it was read."""
    table = (model.raw or {}).get("exchange") or {}
    stated = next((text for code, text in table.items() if units.read_currency(str(code)) == currency), None)
    return None if stated is None else float(units.read_money(str(stated)).dist.a)


def _sound(value: float, written: object, model: Model, option: str) -> float:
    if not math.isfinite(value):
        raise _refused("amount", written, model, option)
    if value < 0.0:
        raise _refused("amount-negative", written, model, option)
    return value


def _refused(code: str, written: object, model: Model, option: str, **more: str) -> ModelError:
    return ModelError([Problem(code, None, option, {"text": str(written), "currency": model.currency or "-", **more})])
