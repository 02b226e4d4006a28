"""Rows as the release before dates were rows of their own left them: made with the models of then."""

from datetime import UTC, datetime
from itertools import count

from tests import factories

BEFORE = [("events_pages", "0007_entry"), ("ticketing", "0010_lost_answers")]
EVENING = datetime(2027, 7, 2, 18, 30, tzinfo=UTC)
"""Friday, half past seven in the island."""
numbers = count(1)


class EarlierRows:
    """A database as the last release left it."""

    def __init__(self, apps):
        self.apps = apps
        self.index = factories.make_index()
        self.venue, self.poster = factories.make_venue(), factories.make_poster()

    def model(self, name, app="ticketing"):
        return self.apps.get_model(app, name)

    def page(self, title, **fields):
        number = next(numbers)
        return self.model("EventPage", "events_pages").objects.create(
            title=title,
            draft_title=title,
            slug=f"old-{number}",
            path=f"{self.index.path}Z{number:03}",
            depth=self.index.depth + 1,
            url_path=f"{self.index.url_path}old-{number}/",
            content_type_id=self.model("ContentType", "contenttypes").objects.get(model="eventpage").pk,
            locale_id=self.index.locale_id,
            **{"live": True} | fields,
            venue_id=self.venue.pk,
            poster_id=self.poster.pk,
        )

    def sale(self, page, starts_at, name=""):
        return self.model("EventSale").objects.create(page=page, starts_at=starts_at, name=name, capacity=50)

    def ticket(self, sale):
        kind = self.model("TicketType").objects.create(sale=sale, name="Adult", price=0)
        number = next(numbers)
        order = self.model("Order").objects.create(
            reference=f"JE-M{number:07}",
            token=f"{number:032}",
            basket_token=f"old-{number}",
            state="completed",
            total=0,
            deadline=EVENING,
            accepted_at=EVENING,
            buyer_name="Ana",
            buyer_email="ana@example.je",
            terms_version="1",
            currency="GBP",
        )
        line = self.model("OrderLine").objects.create(
            order=order,
            sale=sale,
            ticket_type=kind,
            quantity=1,
            allocated=1,
            unit_price=0,
            unit_fee=0,
            event_title=sale.page.title,
            type_name="Adult",
            starts_at=sale.starts_at,
        )
        return self.model("Ticket").objects.create(
            line=line, sale=sale, number=1, code=f"T{number:015}", holder_name="Ana"
        )

    def check_in(self, sale, ticket=None, result="accepted"):
        return self.model("CheckIn").objects.create(sale=sale, ticket=ticket, result=result)
