"""Money: Decimal, two places, half up. The one place that rounds and formats."""

from decimal import ROUND_HALF_UP, Decimal

PENNY = Decimal("0.01")
ZERO = Decimal("0.00")


def round_money(value):
    """Pounds to two places, half up. Takes Decimal, int or text; binary fractions raise TypeError."""
    if not isinstance(value, Decimal | int | str):
        raise TypeError(f"money is Decimal, not {type(value).__name__}")
    return Decimal(value).quantize(PENNY, rounding=ROUND_HALF_UP)


def format_money(value):
    """`£12.50`, as printed on pages, mails and tickets. Pounds sterling."""
    return f"£{round_money(value):,.2f}"
