"""The door: choose a performance, then scan or type codes."""

from functools import wraps

from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from common.search.words import LONGEST_QUERY
from common.text.typed_text import tidy_line
from ticketing.domain.admission import checkin, order_search
from ticketing.enums import CheckInResult
from ticketing.views.responses import private_response

LOOKS = {CheckInResult.ACCEPTED: "valid", CheckInResult.ALREADY_USED: "used"}
ICONS = {"valid": "check", "used": "clock", "refused": "cross"}


def for_door_staff(view):
    """Signed in, and allowed to add check-ins."""

    @private_response
    @login_required
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.has_perm("ticketing.add_checkin"):
            return render(request, "ticketing/scan_denied.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


@require_safe
@for_door_staff
def choose_performance(request):
    """Door staff: the dates of the pages they may edit, today's first."""
    scannable = checkin.list_scannable_performances(request.user)
    performances = checkin.filter_current_performances(scannable, now=timezone.now())
    return render(request, "ticketing/scan_choose.html", {"performances": performances})


@require_http_methods(["GET", "HEAD", "POST"])
@for_door_staff
def scan_ticket(request, performance_id):
    """Door staff, for a date of a page they may edit. A script asks for the answer alone. `find` is what somebody
    without a ticket says; it is POSTed like a code, because addresses end up in logs."""
    performance = get_object_or_404(checkin.list_scannable_performances(request.user), pk=performance_id)
    context = {"performance": performance, "said": tidy_line(request.POST.get("find", "")[:LONGEST_QUERY])}
    if context["said"]:
        context["found"] = order_search.find_tickets_at_door(performance, context["said"])
    elif request.method == "POST" and "find" not in request.POST:
        outcome = checkin.redeem_ticket(request.POST.get("code", ""), performance=performance, by=request.user)
        context |= outcome_context(outcome)
    context |= {"counts": checkin.count_admissions(performance), "scans": mark_last_scans(performance)}
    alone = request.headers.get("X-Requested-With") == "fetch"
    return render(request, "ticketing/scan_state.html" if alone else "ticketing/scan.html", context)


def outcome_context(outcome):
    look = style_of_result(outcome.result)
    return {"outcome": outcome, "look": look, "icon": ICONS[look]}


def style_of_result(result):
    return LOOKS.get(result, "refused")


def mark_last_scans(performance):
    scans = list(checkin.list_last_scans(performance))
    for scan in scans:
        scan.look = "valid" if scan.result == CheckInResult.ACCEPTED else "refused"
    return scans
