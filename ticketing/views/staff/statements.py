"""An event's statement as a PDF or CSV file."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.http.browser_policy import keep_private
from events_pages.models import EventPage
from protection.admin import spreadsheets
from ticketing.admin.permissions import may_download_statement
from ticketing.domain.accounting import statements
from ticketing.domain.catalogue import sale_dates
from ticketing.models import EventSale
from ticketing.views.responses import build_download


def download_event_statement(request, pk, kind):
    """All sales of an event page, for who may edit it and see its orders."""
    page = get_object_or_404(EventPage, pk=pk)
    require_download_permission(request.user, page)
    return build_statement_response(statements.build_statement(page), kind)


def download_sale_statement(request, pk, kind):
    """One sale, for who may edit its page and see its orders."""
    sale = get_object_or_404(EventSale.objects.select_related("page"), pk=pk)
    require_download_permission(request.user, sale.page)
    return build_statement_response(statements.build_statement(sale), kind)


def require_download_permission(user, page):
    if not may_download_statement(user, page):
        raise PermissionDenied


def build_statement_response(statement, kind):
    write, content_type = FORMATS[kind]
    name = f"statement-{slugify(statement.title)[:60] or 'event'}-{spreadsheets.island_today()}.{kind}"
    return keep_private(build_download(write(statement), content_type, name))


def write_statement_csv(statement):
    sale_dates.attach_date_words(statement.sales, timezone.now())
    return spreadsheets.build_csv([*list_csv_figures(statement), [], *list_csv_orders(statement)])


def list_csv_figures(statement):
    total, period = statement.total, statement.period
    yield [_("Statement"), statement.title]
    yield [_("Printed"), statement.printed_at]
    yield [_("Orders from"), period[0] if period else ""]
    yield [_("Orders until"), period[1] if period else ""]
    for sale in statement.sales:
        yield [_("Date"), sale.date_words]
    for merchant in statement.merchants:
        yield [_("Merchant"), merchant.name, merchant.merchant_code]
    yield [_("Tickets sold"), total["sold"]]
    yield [_("Free tickets"), total["free"]]
    yield [_("Void tickets among them"), total["void"]]
    yield [_("Gross"), total["gross"], "GBP"]
    yield [_("Booking fees in it"), total["booking_fees"], "GBP"]
    yield [_("Refunded"), total["given_back"], "GBP"]
    yield [_("Charged back"), total["charged_back"], "GBP"]
    yield [_("SumUp fees"), total["fees"], "GBP"]
    yield [_("Payments whose fee is not known yet"), total["fee_missing"]]
    yield [_("Net"), total["net"], "GBP"]
    if statement.gst_numbers:
        yield [_("GST in what stays of the gross"), total["gst"], "GBP", *statement.gst_numbers]
    for payout in statement.payouts:
        yield [_("Payout"), payout.amount, "GBP", payout.reference, payout.date]
    yield [_("Paid out"), total["paid_out"], "GBP"]
    yield [_("Not paid out yet"), statement.not_paid_out, "GBP"]


def list_csv_orders(statement):
    yield [
        *(_("Order"), _("Ordered"), _("State"), _("Dates"), _("Sold"), _("Free"), _("Void")),
        *(_("Gross"), _("Booking fees")),
        *(_("Refunded"), _("Charged back"), _("SumUp fees"), _("Fees not known"), _("Net"), _("GST"), _("Paid out")),
        *(_("Payouts"), _("Transactions"), _("Merchant")),
    ]
    for row in statement.rows:
        order = row.order
        yield [
            *(order.reference, order.created_at, order.get_state_display()),
            *("; ".join(sale.date_words for sale in row.sales), row.sold, row.free, row.void),
            *(row.gross, row.booking_fees, row.given_back, row.charged_back, row.fees, row.fee_missing, row.net),
            *(row.gst, row.paid_out, "; ".join(f"{payout.reference} {payout.date}" for payout in row.payouts)),
            "; ".join(payment.transaction_code or payment.transaction_id for payment in row.payments),
            order.merchant.merchant_code if order.merchant else "",
        ]


def draw_statement(statement):
    from ticketing.documents import pdf  # noqa: PLC0415 - slow to import, and only here

    return pdf.build_statement_pdf(statement)


FORMATS = {
    "pdf": (draw_statement, "application/pdf"),
    "csv": (write_statement_csv, "text/csv; charset=utf-8"),
}
