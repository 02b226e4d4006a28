"""Money: Decimal, two places, half up. The one place that rounds and formats."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

PENNY = Decimal("0.01")
ZERO = Decimal("0.00")


def round_money(value):
    """Pounds to two places, half up. Takes Decimal, int or text; binary fractions raise TypeError."""
    if not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is Decimal, not {type(value).__name__}")
    return Decimal(value).quantize(PENNY, rounding=ROUND_HALF_UP)


def split_money(amount, weights):
    """Shares of `amount` (pounds, whole pennies) in proportion to `weights`, none below zero; they add up to the penny.

    Largest remainder: every share is rounded down, and the pennies left over go to those that lost most, the first of
    equals first. Weights that are all zero share evenly. Raises ValueError without any weight.
    """
    if not weights:
        raise ValueError("nobody to share with")
    whole = sum(weights)
    weights = list(weights) if whole else [1] * len(weights)
    pennies, sign = abs(int(amount / PENNY)), -1 if amount < 0 else 1
    exact = [Fraction(weight) * pennies / Fraction(whole or len(weights)) for weight in weights]
    shares = [floor(each) for each in exact]
    by_loss = sorted(range(len(exact)), key=lambda place: (shares[place] - exact[place], place))
    for place in by_loss[: pennies - sum(shares)]:
        shares[place] += 1
    return [sign * share * PENNY for share in shares]


def tax_included(gross, rate):
    """The tax that an all-in price holds: pounds, half up. `rate` is in per cent of the price without it.

    Gross × rate / (100 + rate), so at 5 % one twenty-first. What is left is the price without tax, to the penny.
    """
    return round_money(gross * rate / (100 + rate))


def format_money(value):
    """`£12.50`, as printed on pages, mails and tickets. Pounds sterling."""
    return f"£{round_money(value):,.2f}"


def format_amount(amount, currency):
    return format_money(amount) if currency == "GBP" else f"{round_money(amount)} {currency}"
