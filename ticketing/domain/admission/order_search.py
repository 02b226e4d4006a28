"""Order search, by anything that a caller would say: a reference, a code, a name, an e-mail address, what and when.

It finds order lines, each by its own words, so nobody finds one by the lines of another organiser. First codes are
tried, then the words in any order, then words with one typing error each.
"""

import re
from dataclasses import dataclass

from django.db.models import Case, F, Max, OuterRef, Q, Subquery, Value, When

from common.search.fields import find_meant_spellings, using_index_alone
from common.search.words import read_query
from common.text.typed_codes import REFERENCE_LENGTH, find_typed_reference, tidy_code
from payments.domain.verification import references as payment_references
from payments.models import Payment
from ticketing.domain.admission import ticket_codes
from ticketing.enums import CheckInResult
from ticketing.models import CheckIn, OrderLine, Ticket

MOST_FOUND = 500
NEWEST = 10_000  # lines in which words that many orders share are found at once
LINES_PER_UPDATE = 500
FILLER_WORDS = re.compile(
    r"\b(?:tickets?|orders?|reference|named?|called|bought|booked|paid|one|two|three|four|five|six)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class OrderSearchResult:
    """`ids`, the newest first; `whole` are those with every word as it was typed."""

    ids: tuple = ()
    whole: frozenset = frozenset()


def find_order_lines(lines, text, *, column="pk"):
    """The `column` of at most MOST_FOUND lines."""
    if by_code := _find_by_code(lines, text, column) if _looks_like_code(text) else ():
        return OrderSearchResult(by_code, frozenset(by_code))
    query = read_query(FILLER_WORDS.sub(" ", text)) or read_query(text)
    return _find_by_words(lines, query, column) if query else OrderSearchResult()


def find_tickets_at_door(performance, text, *, most=20):
    """For somebody without a ticket to show: those of this performance, whole matches first."""
    found = find_order_lines(OrderLine.objects.filter(admitted_to(performance)), text)
    tickets = Ticket.objects.filter(line__in=found.ids).select_related("line__order")
    first = Case(When(line__in=found.whole, then=0), default=1) if found.whole else Value(0)
    return list(with_admission(tickets, performance).order_by(first, "line", "number")[:most])


def with_admission(tickets, performance):
    """Each with `admitted_at` of that date: a pass that was used on another one is good for this."""
    accepted = CheckIn.objects.filter(ticket=OuterRef("pk"), performance=performance, result=CheckInResult.ACCEPTED)
    return tickets.annotate(admitted_at=Subquery(accepted.order_by().values("at")[:1]))


def admitted_to(performance):
    """The lines, or the tickets, that are for it: bought for it, or passes of its page."""
    return Q(sale__performance=performance) | Q(sale__performance=None, sale__page=performance.page_id)


def read_ticket_code(text):
    """Scanned, typed or read aloud; None when it is no ticket code."""
    return ticket_codes.verify_ticket_code(text) or ticket_codes.read_typed_ticket_code(text)


def write_search_words(lines):
    """Needed after a change of what `OrderLine.words_to_find` reads; returns how many lines."""
    done, last, pages = 0, 0, {}
    lines = lines.select_related("order", "sale__performance__venue", "sale__page__venue").defer("sale__page__body")
    while rows := list(lines.filter(pk__gt=last).order_by("pk")[:LINES_PER_UPDATE]):
        for row in rows:
            row.sale.page = pages.setdefault(row.sale.page_id, row.sale.page)  # which then keeps the dates of a pass
            row.search_words = row.words_to_find()
        OrderLine.objects.bulk_update(rows, ["search_words"])
        done, last = done + len(rows), rows[-1].pk
    return done


def write_search_words_of_date(performance):
    """After it moved: its lines are found by the day that was bought and by that of today."""
    return write_search_words(OrderLine.objects.filter(admitted_to(performance)))


def write_missing_search_words(*, most=20 * LINES_PER_UPDATE):
    """For rows of a backup, or of an older release that still sells; the newest first. Returns how many lines."""
    new = OrderLine.objects.filter(search_words="").order_by("-pk").values_list("pk", flat=True)[:most]
    return write_search_words(OrderLine.objects.filter(pk__in=list(new)))


def _find_by_words(lines, query, column):
    found = _find_by_term(lines, query, query.as_typed, column)
    if found.ids:
        return found
    near, lines = find_meant_spellings(lines, query)
    return _find_by_term(lines, query, query.as_meant(near), column)


def _find_by_term(lines, query, term, column):
    """A word that a tenth of all orders have is met in the newest; the index would first gather all that have it."""
    whole = Case(When(search_words__spelt=query.exactly, then=True), default=False)
    found = lines.filter(search_words__spelt=term).annotate(is_whole=whole).values_list(column, "is_whole")
    newest = OrderLine.objects.aggregate(Max("pk"))["pk__max"] or 0
    rows = list(found.filter(pk__gt=newest - NEWEST).order_by("-pk")[:MOST_FOUND])
    if len(rows) < MOST_FOUND:
        with using_index_alone():
            rows = list(_newest_first(found)[:MOST_FOUND])
    return OrderSearchResult(tuple(key for key, _ in rows), frozenset(key for key, is_whole in rows if is_whole))


def _newest_first(lines):
    # Sorted without an index, which PostgreSQL would read from its end until enough rows fit: maybe never.
    return lines.order_by((F("pk") + 0).desc())


def _find_by_code(lines, text, column):
    """A statement for each kind of code: for one or the other PostgreSQL reads all lines."""
    ordered = lines.filter(order__reference__in=_list_references(text))
    found = [*_newest_first(ordered).values_list(column, flat=True)[:MOST_FOUND]]
    if code := read_ticket_code(text):
        found += lines.filter(tickets__code=code).values_list(column, flat=True)
    return tuple(dict.fromkeys(found))


def _looks_like_code(text):
    # Every code of ours or of SumUp's has a figure in it, and no name has.
    has_figure = any(letter.isdigit() for letter in text) and len(tidy_code(text)) >= REFERENCE_LENGTH
    return has_figure or bool(find_typed_reference(text))


def _list_references(text):
    paid = Payment.objects.filter(payment_references.payment_code_filter(text))
    return {*payment_references.possible_references(text), *paid.values_list("subject", flat=True)[:MOST_FOUND]}
