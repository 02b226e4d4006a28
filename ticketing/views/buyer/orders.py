"""The order's own page with its tickets, calendar, payment and cancellation. Only its link's token opens it."""

from functools import partial

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from common.statements.compiled_queries import CompiledQuery
from events_pages.enums import PerformanceStatus
from payments.domain.verification import payment_checks, polling_pause
from protection.visitors.rate_limits import rate_limited
from ticketing.documents.calendar import build_order_calendar as calendar_file
from ticketing.domain.accounting import gst
from ticketing.domain.accounting.sellers import list_sellers
from ticketing.domain.admission import ticket_codes
from ticketing.domain.changes.choices import list_open_choices
from ticketing.domain.errors import NoTickets, TicketingError
from ticketing.domain.messages import address_correction, outbox
from ticketing.domain.orders import line_dates
from ticketing.domain.orders import placement as domain
from ticketing.domain.orders.payment_summary import get_payment_summary
from ticketing.domain.orders.review_causes import get_review_words
from ticketing.domain.privacy.retention_dates import erasure_date_of
from ticketing.enums import DeliveryOutcome, OrderState, TicketState
from ticketing.forms import AddressForm
from ticketing.models import Ticket
from ticketing.views.buyer import basket_cookie
from ticketing.views.buyer.checkout import redirect_to_payment
from ticketing.views.buyer.order_status import OrderProgress, read_waiting_since
from ticketing.views.responses import build_download, for_order_holder, see_other, status_of_error

WITH_TICKETS = (OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW)


def list_payments(order):
    return [] if order.is_free else payment_checks.list_payments_for(order.reference)


def refresh_progress(request, order, payments):
    """For an order that waits, has SumUp asked too, at most every two seconds."""
    now = timezone.now()
    payment = payments[-1] if payments else None
    is_paused = False
    if payment and order.state == OrderState.PENDING_VERIFICATION:
        payment_checks.request_check(payment)
        is_paused = polling_pause.is_paused()
    return OrderProgress(order, payment, now=now, since=read_waiting_since(request, now), is_paused=is_paused)


def render_order_again(request, order, error=None, form=None):
    return render_order(request, order, line_dates.list_lines(order, timezone.now()), error, form)


def render_order(request, order, lines, error=None, form=None):
    payments = list_payments(order)
    progress = refresh_progress(request, order, payments)
    context = {"order": order, "progress": progress, "error": error, "lines": lines, "erase_on": erasure_date_of(lines)}
    context |= {"gst": gst.sum_order_gst(lines), "sellers": list_sellers(line.sale for line in lines)}
    context["news"] = line_dates.list_news(lines)
    context["is_called_off"] = is_called_off(lines)
    context["choices"] = list_open_choices(order) if context["news"] else []
    context |= build_state_context(request, order, lines, payments, form)
    status = status_of_error(error) if error else 422 if form else 200
    return render(request, f"ticketing/order/{progress.page}.html", context, status=status)


def is_called_off(lines):
    return bool(lines) and all(line.date.is_called_off for line in lines)


def build_state_context(request, order, lines, payments, form):
    context = {}
    if order.state != OrderState.PENDING_VERIFICATION and not order.is_free:
        context["balance"] = get_payment_summary(order, payments)
    if order.state == OrderState.REQUIRES_MANUAL_REVIEW:
        context["told"] = get_review_words(order, context.get("balance") or get_payment_summary(order, payments))
    if order.state == OrderState.COMPLETED:
        context |= {"more_in_basket": basket_cookie.has_hold_cookie(request), "delivery": order.ticket_mail}
        context |= {"bounced": DeliveryOutcome.BOUNCED, "form": form or AddressForm()}
    if order.state in WITH_TICKETS:
        line_dates.attach_money_back(order, lines)
        context |= build_ticket_context(order, lines)
    return context


def build_ticket_context(order, lines):
    """`valid` are all that are not void, `usable` those of them with a code to come with; `shown` is the line that the
    heading names, None without a valid ticket.
    """
    tickets = list_tickets(order, lines)
    valid = [ticket for ticket in tickets if ticket.state != TicketState.VOID]
    usable = [ticket for ticket in valid if not ticket.line.date.is_called_off]
    shown = line_dates.choose_told_line(dict.fromkeys(ticket.line for ticket in valid))
    return {
        "tickets": tickets,
        "valid": valid,
        "usable": usable,
        "shown": shown,
        "void_number": len(tickets) - len(valid),
    }


_tickets_of_order = CompiledQuery(lambda order: Ticket.objects.filter(line__order=order))


def list_tickets(order, lines):
    by_id = {line.pk: line for line in lines}
    tickets = _tickets_of_order(order=order.pk)
    for ticket in tickets:
        ticket.line = by_id[ticket.line_id]
    line_dates.attach_uses(tickets)
    return tickets


def change_order(request, order, change):
    """Shows the order again, or why `change(order)` was refused. A corrected address has a new link."""
    try:
        changed = change(order)
    except TicketingError as error:
        return render_order_again(request, order, error)
    return see_other(changed or order)


def require_tickets(order):
    """404 without tickets. An order in review may have some: those from before a further payment stay valid."""
    if order.state == OrderState.COMPLETED:
        return
    if order.state not in WITH_TICKETS or not list_valid_tickets(order).exists():
        raise Http404


def list_valid_tickets(order):
    return Ticket.objects.filter(line__order=order).exclude(state=TicketState.VOID)


@require_safe
@for_order_holder
def show_order(request, order):
    """Whoever has the order's link."""
    return render_order(request, order, line_dates.attach_sales(order.lines_read, timezone.now()))


@require_safe
@for_order_holder
def show_order_status(request, order):
    """Whoever has the order's link. What the waiting page says now."""
    progress = refresh_progress(request, order, list_payments(order))
    return JsonResponse(
        {"state": order.state, "view": progress.view, "text": progress.text, "next": progress.next_look}
    )


@require_safe
@rate_limited("document", methods=("GET", "HEAD"))
@for_order_holder
def download_tickets(request, order):
    """Whoever has the order's link, while a ticket of it is valid and its date is not called off."""
    from ticketing.documents import pdf  # noqa: PLC0415 - slow to import, and only here

    require_tickets(order)
    try:
        drawn = pdf.build_order_pdf(order)
    except NoTickets as error:
        raise Http404 from error
    return build_download(drawn, "application/pdf", f"{order.reference}.pdf")


@require_safe
@for_order_holder
def download_calendar(request, order):
    """Whoever has the order's link, once it has tickets."""
    require_tickets(order)
    return build_download(calendar_file(order), "text/calendar", f"{order.reference}.ics")


@require_safe
@for_order_holder
def show_ticket_qr(request, order, ticket_id):
    """Whoever has the order's link, for a ticket of this order to a date that is not called off."""
    require_tickets(order)
    ticket = list_valid_tickets(order).filter(pk=ticket_id).select_related("sale__page", "sale__performance").first()
    if ticket is None or ticket.sale.status == PerformanceStatus.CANCELLED:
        raise Http404
    from ticketing.documents import qr_codes  # noqa: PLC0415 - slow to import, and only here

    return HttpResponse(qr_codes.draw_qr_svg(ticket_codes.sign_ticket_code(ticket.code)), content_type="image/svg+xml")


@require_POST
@rate_limited("resend")
@for_order_holder
def resend_tickets(request, order):
    """Whoever has the order's link. To the buyer's address, once a minute at most."""
    return change_order(request, order, outbox.resend_tickets)


@require_POST
@rate_limited("resend")
@for_order_holder
def correct_order_address(request, order):
    """Whoever has the order's link, once the e-mail with the tickets came back."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return render_order_again(request, order, form=form)
    return change_order(request, order, partial(address_correction.correct_address, email=form.cleaned_data["email"]))


@require_POST
@rate_limited("order")
@for_order_holder
def cancel_unpaid_order(request, order):
    """Whoever has the order's link, while it is not paid."""
    return change_order(request, order, domain.cancel_order)


@require_POST
@rate_limited("order")
@for_order_holder
def pay_order(request, order):
    """Whoever has the order's link, while it can be paid and not everything in it is called off."""
    if is_called_off(line_dates.list_lines(order, timezone.now())):
        return see_other(order)
    return redirect_to_payment(order)


@require_safe
@for_order_holder
def continue_payment(request, order):
    """Whoever has the order's link. On to the payment as soon as a worker has its address, else back."""
    return see_other(refresh_progress(request, order, list_payments(order)).pay_url or order)
