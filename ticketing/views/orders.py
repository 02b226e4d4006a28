"""The order's own page, and what hangs on it: tickets, calendar, paying, releasing. Known by an unguessable token."""

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from payments.domain.verification import payment_checks, polling_pause
from payments.enums import RefundOrigin
from protection.visitors.rate_limits import rate_limited
from ticketing.calendar import calendar as calendar_file
from ticketing.domain import addresses, codes, deliveries, gst
from ticketing.domain import orders as domain
from ticketing.domain.balance import balance_of
from ticketing.domain.endings import erase_on
from ticketing.domain.errors import NoTickets, TicketingError
from ticketing.domain.review_causes import told_to_buyer
from ticketing.domain.sellers import sellers_of
from ticketing.enums import DeliveryKind, DeliveryOutcome, OrderState, TicketState
from ticketing.forms import AddressForm
from ticketing.models import Ticket
from ticketing.views import cookies
from ticketing.views.checkout import go_on, latest_payment
from ticketing.views.guards import for_order_holder
from ticketing.views.progress import Progress, since
from ticketing.views.responses import see_other, status_of

WITH_TICKETS = (OrderState.COMPLETED, OrderState.REQUIRES_MANUAL_REVIEW)


def progress_of(request, order):
    """Where the order stands; whoever looks at one that waits also has SumUp asked, at most every two seconds."""
    now = timezone.now()
    payment = latest_payment(order)
    is_paused = False
    if payment and order.state == OrderState.PENDING_VERIFICATION:
        payment_checks.request_check(payment)
        is_paused = polling_pause.is_paused()
    return Progress(order, payment, now=now, since=since(request, now), is_paused=is_paused)


def page(request, order, error=None, form=None):
    progress = progress_of(request, order)
    lines = list(order.lines.select_related("sale__page__organiser"))
    context = {"order": order, "progress": progress, "error": error, "lines": lines}
    context |= {"gst": gst.in_order(lines), "sellers": sellers_of(line.sale for line in lines)}
    context["erase_on"] = erase_on(lines)
    if order.state != OrderState.PENDING_VERIFICATION and not order.is_free:
        context |= {"balance": balance_of(order), "charge_back": RefundOrigin.CHARGE_BACK}
    if order.state == OrderState.REQUIRES_MANUAL_REVIEW:
        context["told"] = told_to_buyer(order, context.get("balance") or balance_of(order))
    if order.state == OrderState.COMPLETED:
        context |= {"more_in_basket": cookies.still_holds(request), "delivery": delivery_of(order)}
        context |= {"bounced": DeliveryOutcome.BOUNCED, "form": form or AddressForm()}
    if order.state in WITH_TICKETS:
        context |= tickets_of(order)
    template = f"ticketing/order/{progress.page}.html"
    status = status_of(error) if error else 422 if form else 200
    return render(request, template, context, status=status)


def tickets_of(order):
    tickets = list(Ticket.objects.filter(line__order=order).select_related("line"))
    valid = [ticket for ticket in tickets if ticket.state != TicketState.VOID]
    return {"tickets": tickets, "valid": valid, "void": TicketState.VOID, "void_number": len(tickets) - len(valid)}


def delivery_of(order):
    return order.deliveries.filter(kind=DeliveryKind.TICKETS).first()


def only_with_tickets(order):
    """A completed order, or one that had its tickets before a further payment needed a person: they stay valid."""
    if order.state == OrderState.COMPLETED:
        return
    if order.state not in WITH_TICKETS or not tickets_of(order)["valid"]:
        raise Http404


@require_safe
@for_order_holder
def show(request, order):
    """Whoever has the order's link."""
    return page(request, order)


@require_safe
@for_order_holder
def status(request, order):
    """Whoever has the order's link: what the waiting page should say now."""
    progress = progress_of(request, order)
    return JsonResponse(
        {"state": order.state, "view": progress.view, "text": progress.text, "next": progress.next_look}
    )


@require_safe
@rate_limited("document", methods=("GET", "HEAD"))
@for_order_holder
def pdf(request, order):
    """Whoever has the order's link, while a ticket of it is valid."""
    from ticketing import documents  # noqa: PLC0415 - slow to import, and only here

    only_with_tickets(order)
    try:
        drawn = documents.order_pdf(order)
    except NoTickets as error:
        raise Http404 from error
    name = f'attachment; filename="{order.reference}.pdf"'
    return HttpResponse(drawn, content_type="application/pdf", headers={"Content-Disposition": name})


@require_safe
@for_order_holder
def calendar(request, order):
    """Whoever has the order's link, once it has tickets."""
    only_with_tickets(order)
    name = f'attachment; filename="{order.reference}.ics"'
    return HttpResponse(calendar_file(order), content_type="text/calendar", headers={"Content-Disposition": name})


@require_safe
@for_order_holder
def qr(request, order, ticket_id):
    """Whoever has the order's link: the code of one of its own tickets, nobody else's."""
    only_with_tickets(order)
    ticket = Ticket.objects.filter(pk=ticket_id, line__order=order).exclude(state=TicketState.VOID).first()
    if ticket is None:
        raise Http404
    from ticketing import documents  # noqa: PLC0415 - slow to import, and only here

    return HttpResponse(documents.qr_svg(codes.sign(ticket.code)), content_type="image/svg+xml")


@require_POST
@rate_limited("resend")
@for_order_holder
def resend(request, order):
    """Whoever has the order's link: the tickets go to the buyer's address again, once a minute at most."""
    try:
        deliveries.resend(order)
    except TicketingError as error:
        return page(request, order, error)
    return see_other(order)


@require_POST
@rate_limited("resend")
@for_order_holder
def correct_address(request, order):
    """Whoever has the order's link, once the e-mail with the tickets came back: another address for them."""
    form = AddressForm(request.POST)
    if not form.is_valid():
        return page(request, order, form=form)
    try:
        order = addresses.correct(order, form.cleaned_data["email"])
    except TicketingError as error:
        return page(request, order, error)
    return see_other(order)


@require_POST
@rate_limited("order")
@for_order_holder
def cancel(request, order):
    """Whoever has the order's link, while it is not paid: the tickets go back on sale."""
    try:
        domain.cancel(order)
    except TicketingError as error:
        return page(request, order, error)
    return see_other(order)


@require_POST
@rate_limited("order")
@for_order_holder
def pay(request, order):
    """Whoever has the order's link, while it waits for its money: on to SumUp's page."""
    return go_on(order)


@require_safe
@for_order_holder
def follow(request, order):
    """Whoever has the order's link and waits for SumUp's page: there as soon as a worker has it, else back."""
    return see_other(progress_of(request, order).pay_url or order)
