"""PDF, JSON, XML and mails as strict programs read them, whatever was typed into a row before there was a check."""

import email.policy
import json
import re
from datetime import datetime
from io import BytesIO
from xml.etree import ElementTree

import pypdf
import pytest
from django.urls import reverse
from icalendar import Calendar

from events_pages.models import EventPage
from tests import factories
from ticketing import mail
from ticketing.documents import pdf
from ticketing.documents.calendar import build_order_calendar
from ticketing.domain.accounting import statements
from ticketing.domain.privacy import personal_data
from ticketing.models import Order, OrderLine, Ticket

pytestmark = pytest.mark.django_db

CONTROLS = "\x01\x08\x0b\x1f\x85\ufffe"
READABLE = "Zoë </script><b>O’Brien & Söhne Bcc: x@y.je"
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
HEADERS = {
    *("Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "Reply-To"),
}
NASTY = f"Zoë{CONTROLS} </script><b>O’Brien & Söhne\r\nBcc: x@y.je"


@pytest.fixture
def order():
    order = factories.make_order()
    Order.objects.update(buyer_name=NASTY)
    Ticket.objects.update(holder_name=NASTY)
    OrderLine.objects.update(event_title=NASTY, type_name=NASTY[:80], venue=NASTY)
    EventPage.objects.update(title=NASTY, summary=NASTY[:140])
    order.refresh_from_db()
    return order


def test_tickets_and_statement_open_with_title_and_language_and_names_as_they_are(order):
    statement = statements.build_statement(order.lines.get().sale)
    for drawn, title in ((pdf.build_order_pdf(order), order.reference), (pdf.build_statement_pdf(statement), "Zoë")):
        reader = pypdf.PdfReader(BytesIO(drawn), strict=True)
        text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
        assert READABLE in text
        assert reader.trailer["/Root"]["/Lang"] == "en-GB"
        assert title in reader.metadata.title
        assert reader.metadata.author == "Jersey Events"
        told = " ".join(map(str, reader.metadata.values()))
        assert not UNREADABLE.search(told)
        assert order.buyer_email not in told


def test_what_machines_read_is_strict(order, client):
    page = order.lines.get().sale.page
    own = {"reference": order.reference, "token": order.token}
    for address in (
        reverse("ticketing:my-data-json", args=[personal_data.key_of(order)]),
        reverse("ticketing:order-status", kwargs=own),
        "/health/",
    ):
        read_strictly(client.get(address).content)
    drawn = client.get(page.url).text
    [told] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', drawn)
    event = read_strictly(told)
    assert (event["@type"], event["name"]) == ("Event", page.title)
    assert datetime.fromisoformat(event["startDate"]).tzinfo
    assert [offer["price"] for offer in event["offers"]] == ["12.00"]
    assert "urlset" in ElementTree.fromstring(client.get("/sitemap.xml").content).tag  # noqa: S314 - our own


def read_strictly(text):
    def refuse(name):
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def test_a_mail_is_one_message_whatever_the_names_in_it_say(order):
    for build in (
        mail.build_tickets_mail,
        mail.build_failure_mail,
        mail.build_expiry_mail,
        mail.build_links_mail,
        mail.personal_data,
        mail.build_address_changed_mail,
    ):
        message = build(order)
        raw = message.message().as_bytes(linesep="\r\n")
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        read = email.message_from_bytes(raw, policy=email.policy.strict)
        assert set(read) <= HEADERS, build
        assert read["To"] == order.buyer_email
        for part in read.walk():
            assert not part.defects
            if part.get_content_maintype() == "text":
                assert not UNREADABLE.search(part.get_content()), build


def test_the_files_of_a_mail_open(order):
    raw = mail.build_tickets_mail(order).message().as_bytes(linesep="\r\n")
    read = email.message_from_bytes(raw, policy=email.policy.strict)
    files = {part.get_filename(): part.get_payload(decode=True) for part in read.iter_attachments()}
    pdf, ics = f"{order.reference}.pdf", f"{order.reference}.ics"
    assert len(pypdf.PdfReader(BytesIO(files[pdf]), strict=True).pages) == 2
    assert files[ics] == build_order_calendar(order)
    [entry] = Calendar.from_ical(files[ics]).walk("VEVENT")
    assert entry["SUMMARY"] == READABLE
