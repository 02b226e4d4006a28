"""Connecting a SumUp account: the way to SumUp, the return, the choice of one. For staff who may connect."""

from functools import wraps

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods
from wagtail.admin.auth import require_admin_access

from common.http.browser_policy import keep_private
from common.text.direction import isolate_text
from payments.admin.permissions import may_connect_accounts
from payments.domain.merchants import credentials, oauth_connect
from payments.domain.merchants.connect_errors import ConnectionRefusal


def connectors_only(view):
    """Open to signed-in staff who may connect accounts; unknown where connecting is not set up.

    Who was signed out meanwhile starts again from the clean address: a code never ends up in a sign-in form.
    """

    @require_admin_access
    def permitted(request):
        if not may_connect_accounts(request.user):
            raise PermissionDenied
        return view(request)

    @wraps(view)
    def guarded(request):
        if credentials.get_oauth_app() is None:
            raise Http404
        if request.GET and request.user.is_anonymous:
            messages.warning(request, _("You were signed out meanwhile. Please sign in and start again."))
            return keep_private(redirect("payments:connect"))
        return keep_private(permitted(request))

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@connectors_only
def start_connection(request):
    """For staff who may connect: what is going to happen, and the button that leads to SumUp."""
    if request.method == "POST":
        return redirect(oauth_connect.begin_consent(request.session, user=request.user))
    return render(request, "payments/admin/connect.html")


@require_GET
@connectors_only
def return_from_provider(request):
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
    """For the person who connected at SumUp a moment ago: which of their accounts, and who runs it."""
    try:
        offered = oauth_connect.get_offered_accounts(request.session, user=request.user)
        form = ChoiceForm(request.POST or None, user=request.user, offered=offered)
        if form.is_valid():
            return _connect(request, form.cleaned_data["merchant_code"], form.cleaned_data["group"])
    except ConnectionRefusal as refusal:
        return _refused(request, refusal)
    return render(request, "payments/admin/choose.html", {"form": form}, status=422 if form.is_bound else 200)


def _connect(request, merchant_code, group):
    chosen = {"merchant_code": merchant_code, "group": group}
    merchant = oauth_connect.connect_account(request.session, user=request.user, **chosen)
    messages.success(request, _("%(name)s is connected and can be paid.") % {"name": isolate_text(merchant.name)})
    return redirect("merchants:inspect", merchant.pk)


def _refused(request, refusal):
    return render(request, "payments/admin/connect_refused.html", {"refusal": refusal}, status=refusal.status)


class ChoiceForm(forms.Form):
    """Which account, and who runs it; what there is no choice about is not asked."""

    merchant_code = forms.ChoiceField(label=_("Account"), widget=forms.RadioSelect)
    group = forms.ModelChoiceField(
        queryset=None,
        label=_("Run by"),
        required=False,
        help_text=_("Who sees it and sells for it, besides administrators."),
    )

    def __init__(self, *args, user, offered, **kwargs):
        super().__init__(*args, **kwargs)
        codes = self.fields["merchant_code"]
        codes.choices = [(each.merchant_code, _label(each)) for each in offered]
        codes.initial = offered[0].merchant_code
        group = self.fields["group"]
        group.queryset = oauth_connect.list_connectable_groups(user)
        group.empty_label = _("Administrators alone") if user.is_superuser else None
        group.required = not user.is_superuser
        if not user.is_superuser:
            group.initial = group.queryset.first()


def _label(offered):
    words = f"{offered.name} ({offered.merchant_code})"
    return _("%(account)s, sandbox: no real money") % {"account": words} if offered.sandbox else words
