"""Connecting a SumUp account: there, back, and the choice of one. Every page is for staff who may connect."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from common.text.direction import isolate_text
from payments.domain.merchants import oauth_connect
from payments.domain.merchants.connect_errors import ConnectionRefusal
from payments.forms import ChoiceForm
from payments.views.guards import connectors_only


@require_http_methods(["GET", "HEAD", "POST"])
@connectors_only
def start_connection(request):
    """For staff who may connect: what is going to happen, and the button that leads to SumUp."""
    if request.method == "POST":
        return redirect(oauth_connect.begin_consent(request.session, user=request.user))
    return render(request, "payments/admin/connect.html")


@require_GET
@connectors_only
def return_from_sumup(request):
    """For the person who set out: SumUp sends their browser here, with a code that works once."""
    given = {name: request.GET.get(name, "")[:2000] for name in ("state", "code", "error")}
    try:
        offered = oauth_connect.finish_consent(request.session, user=request.user, **given)
        if way := oauth_connect.find_only_choice(offered, request.user):
            response = _connect(request, *way)
        else:
            response = redirect("payments:connect-choose")
    except ConnectionRefusal as refusal:
        response = _refused(request, refusal)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@connectors_only
def choose_account(request):
    """For the person who let us in at SumUp a moment ago: which of their accounts, and who runs it."""
    try:
        offered = oauth_connect.get_offered_accounts(request.session, user=request.user)
        form = ChoiceForm(request.POST or None, user=request.user, offered=offered)
        if form.is_valid():
            return _connect(request, form.cleaned_data["merchant_code"], form.cleaned_data["group"])
    except ConnectionRefusal as refusal:
        return _refused(request, refusal)
    return render(request, "payments/admin/choose.html", {"form": form}, status=422 if form.is_bound else 200)


def _connect(request, merchant_code, group):
    merchant = oauth_connect.connect_account(
        request.session, user=request.user, merchant_code=merchant_code, group=group
    )
    messages.success(request, _("%(name)s is connected and can be paid.") % {"name": isolate_text(merchant.name)})
    return redirect("merchants:inspect", merchant.pk)


def _refused(request, refusal):
    return render(request, "payments/admin/connect_refused.html", {"refusal": refusal}, status=refusal.status)
