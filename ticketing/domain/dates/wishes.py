"""What an organiser wishes for several dates, and what becomes of one of them, in words."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal

AS_ON_PAGE = "page"
"""Of a venue: that of the event page."""
MOVING = ("starts", "doors", "ends", "name", "venue")
OF_SALES = ("capacity", "price", "opens_days", "closes_minutes", "is_active")


@dataclass(frozen=True)
class Wish:
    """What several dates shall have. None stays as it is; times are those of the island's clock.

    `venue` is a Venue, or AS_ON_PAGE. `price` in pounds is that of every type called `type_name`. Sales open
    `opens_days` before each start, and close `closes_minutes` before it. What has no tickets yet gets those of the date
    `tickets_of`, a Performance.
    """

    starts: time | None = None
    doors: time | None = None
    ends: time | None = None
    name: str | None = None
    venue: object = None
    capacity: int | None = None
    type_name: str = ""
    price: Decimal | None = None
    opens_days: int | None = None
    closes_minutes: int | None = None
    is_active: bool | None = None
    tickets_of: object = None

    @property
    def moves(self):
        """What ticket holders have to know."""
        return any(getattr(self, name) is not None for name in MOVING)

    @property
    def sells(self):
        """Asks something of the sales."""
        return any(getattr(self, name) is not None for name in OF_SALES)


@dataclass(frozen=True)
class Line:
    """One thing that changes, in words: what was, and what will be."""

    what: str
    was: str
    will_be: str
