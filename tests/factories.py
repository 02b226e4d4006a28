"""Rows that most tests start from, with defaults that make sense together. Plain functions, no magic."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from itertools import count
from unittest import mock

from django.core.files.images import ImageFile
from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify
from modelsearch import signal_handlers
from PIL import Image as Picture
from wagtail.images.models import Image
from wagtail.models import Collection, Locale, Page, Site
from wagtail.signal_handlers import disable_reference_index_auto_update

from events_pages.enums import LegalKind, Parish
from events_pages.models import EventIndexPage, EventPage, HomePage, LegalPage, Organiser, Performance, Venue
from events_pages.public import content_version
from payments.models import MerchantAccount
from ticketing.domain.admission import ticket_codes
from ticketing.enums import OrderState
from ticketing.models import Basket, BasketLine, EventSale, Order, OrderLine, Ticket, TicketType

numbers = count(1)
DATE_FIELDS = ("ends_at", "doors_at", "status", "status_note")


def make_root():
    """Wagtail's own rows; transactional tests and live servers wipe what its migrations made."""
    Locale.objects.get_or_create(language_code="en-gb")
    Collection.objects.filter(depth=1).first() or Collection.add_root(name="Root")
    return Page.objects.filter(depth=1).first() or Page.add_root(title="Root", slug="root")


def make_home():
    home = HomePage.objects.first()
    if home is None:
        root = make_root()
        Page.objects.filter(depth=2).delete()
        home = Page.objects.get(pk=root.pk).add_child(instance=HomePage(title="Jersey Events", slug="home"))
        Site.objects.update_or_create(
            is_default_site=True,
            defaults={"hostname": "testserver", "port": 80, "root_page": home, "site_name": "Jersey Events"},
        )
    return home


def make_index():
    return EventIndexPage.objects.first() or make_home().add_child(
        instance=EventIndexPage(title="What’s on", slug="events")
    )


def make_legal_page(kind=LegalKind.TERMS, version="2026-01"):
    return make_home().add_child(
        instance=LegalPage(
            title=str(LegalKind(kind).label), slug=slugify(f"{kind}-{version}"), kind=kind, version=version
        )
    )


def make_venue(name="Opera House", parish=Parish.ST_HELIER):
    return Venue.objects.get_or_create(name=name, defaults={"parish": parish})[0]


def make_organiser(name="Island Arts"):
    return Organiser.objects.get_or_create(name=name)[0]


def make_poster(title="A poster", *, name="poster.png"):
    """One small real picture, shared by all; a test with a folder of its own for media gets it there too."""
    poster = Image.objects.filter(title=title).first()
    if poster is None:
        return Image.objects.create(title=title, file=ImageFile(drawn(), name=name))
    if not poster.file.storage.exists(poster.file.name):
        poster.file.storage.save(poster.file.name, drawn())
    return poster


def drawn():
    data = BytesIO()
    Picture.new("RGB", (320, 200), "#0b5c73").save(data, "PNG")
    return data


def forget_edits():
    """As if what this test wrote had been committed long ago: what is remembered of the content is believed again."""
    connection.run_on_commit.clear()
    content_version.purge_pages()


def make_common_rows():
    """What nearly every event needs. Tests that flush the database make it again as they need it."""
    make_index()
    make_poster()
    make_venue()
    make_organiser()


def make_event(title="Sea Shanties", *, starts_at=None, parent=None, **fields):
    """A live event page with one date, in thirty days unless told otherwise; `starts_at=False` makes none."""
    date = {name: fields.pop(name) for name in DATE_FIELDS if name in fields}
    shared = {"poster": make_poster, "venue": make_venue, "organiser": make_organiser}
    fields |= {name: make() for name, make in shared.items() if name not in fields}
    fields.setdefault("summary", "An evening of songs.")
    fields.setdefault("poster_alt", "A plain blue sheet")
    fields.setdefault("link", "https://tickets.example.je/")
    slug = f"{slugify(title)}-{next(numbers)}"
    page = (parent or make_index()).add_child(instance=EventPage(title=title, slug=slug, **fields))
    if starts_at is not False:
        make_performance(page, starts_at=starts_at or timezone.now() + timedelta(days=30), **date)
    return page


def make_performance(page=None, *, starts_at=None, **fields):
    """One more date of a page, a week after its last unless told otherwise."""
    page = page or make_any_event()
    last = page.performances.last()
    starts_at = starts_at or (last.starts_at if last else timezone.now()) + timedelta(days=7)
    page.__dict__.pop("schedule", None)
    return Performance.objects.create(page=page, starts_at=starts_at, **fields)


def show_on_card(page, date=None):
    """As a list hands it on, with this date or its first."""
    page.shown = Performance.objects.with_next_dates().get(pk=(date or page.performances.first()).pk)
    page.next_dates = page.shown.list_next_dates()
    return page


def make_any_event():
    """One that nobody looks for in Wagtail's admin: its indexes there cost as much as the event itself."""
    with disable_reference_index_auto_update(), mock.patch.object(signal_handlers, "insert_or_update_object_task"):
        return make_event()


def make_sale(page=None, *, capacity=100, performance=None, starts_at=None, **fields):
    """A sale of the page's first date, of `performance`, or of a date of its own at `starts_at`."""
    page = performance.page if performance else page or make_any_event()
    if starts_at:
        performance = page.performances.filter(starts_at=starts_at).first() or make_performance(
            page, starts_at=starts_at
        )
    performance = performance or page.performances.first()
    return EventSale.objects.create(page=page, performance=performance, capacity=capacity, **fields)


def make_pass(page, *, capacity=100, **fields):
    """A sale for all dates of the page."""
    fields.setdefault("name", "Festival pass")
    return EventSale.objects.create(page=page, capacity=capacity, **fields)


def make_type(sale=None, *, name="Adult", price="12.00", **fields):
    return TicketType.objects.create(sale=sale or make_sale(), name=name, price=Decimal(price), **fields)


def make_merchant(merchant_code="MDEMO001", name="Island Arts Ltd", **fields):
    return MerchantAccount.objects.get_or_create(merchant_code=merchant_code, defaults={"name": name, **fields})[0]


def make_wish(ticket_type, *, quantity=2, basket=None):
    """A basket line that holds nothing: an expired hold whose seats went back."""
    return BasketLine.objects.create(
        basket=basket or Basket.objects.create(),
        ticket_type=ticket_type,
        quantity=quantity,
        unit_price=ticket_type.price,
        unit_fee=Decimal("0.00"),
    )


def make_order(ticket_type=None, *, quantity=2, state=OrderState.COMPLETED, **fields):
    """An order of one line, with its tickets when it is completed; its seats count in the stock."""
    ticket_type = ticket_type or make_type()
    number = next(numbers)
    fields.setdefault("merchant", make_merchant() if ticket_type.price else None)
    fields.setdefault("buyer_name", "Ana Le Brocq")
    fields.setdefault("buyer_email", "ana@example.je")
    fields.setdefault("completed_at", timezone.now() if state == OrderState.COMPLETED else None)
    order = Order.objects.create(
        reference=f"JE-T{number:07}",
        state=state,
        total=ticket_type.price * quantity,
        terms_version="2026-01",
        accepted_at=timezone.now(),
        deadline=timezone.now() + timedelta(minutes=15),
        basket_token=f"basket-{number}",
        **fields,
    )
    make_order_line(order, ticket_type, quantity=quantity)
    return order


def make_order_line(order, ticket_type, *, quantity=2):
    sale, page = ticket_type.sale, ticket_type.sale.page
    line = OrderLine.objects.create(
        order=order,
        ticket_type=ticket_type,
        sale=sale,
        quantity=quantity,
        allocated=quantity,
        unit_price=ticket_type.price,
        unit_fee=Decimal("0.00"),
        event_title=page.title,
        type_name=ticket_type.name,
        sale_name=sale.date_name,
        venue=sale.place,
        starts_at=sale.starts_at,
        doors_at=sale.doors_at,
    )
    for counted in (sale, ticket_type):
        type(counted).objects.filter(pk=counted.pk).update(allocated=F("allocated") + quantity)
    if order.state == OrderState.COMPLETED:
        make_tickets(line)
    return line


def make_tickets(line):
    Ticket.objects.bulk_create(
        Ticket(
            line=line,
            sale=line.sale,
            number=number,
            code=ticket_codes.generate_ticket_code(),
            holder_name=line.order.buyer_name,
        )
        for number in range(1, line.quantity + 1)
    )
