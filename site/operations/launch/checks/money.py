"""Money: SumUp's account and keys, connected accounts, callbacks and signed events."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import sales_mode
from common.text.typed_codes import tidy_code
from operations.launch.checks.environment import report_refusal
from operations.launch.registry import amber, green, red, register_check
from payments.domain.merchants import token_encryption
from payments.domain.verification import references
from payments.enums import MerchantKind, MerchantStatus
from payments.models import MerchantAccount
from payments.provider import NotFound, ProviderError, Unauthorised
from ticketing.domain.catalogue import pricing
from ticketing.models import EventSale

NAMED = 3
SHORTEST_SECRET = 16
SHORTEST_CODE = 8  # letters of an invitation: twenty guesses a minute need longer than any beta lasts


@register_check("sumup-keys", gettext_lazy("SumUp's address and key"))
def check_sumup_keys(facts):
    if wrong := report_refusal("sumup-address") or report_refusal("sumup-key"):
        return wrong
    missing = [name for name in ("SUMUP_MERCHANT_CODE", "SUMUP_API_KEY") if not getattr(settings, name)]
    if not missing:
        return green(_("Merchant %(code)s, with a key of its own.") % {"code": settings.SUMUP_MERCHANT_CODE})
    words = _("%(names)s not set.") % {"names": _(" and ").join(missing)}
    todo = _("Both are in the SumUp dashboard, under Settings.")
    return red(words, todo) if list_priced_sales() else amber(words + " " + _("Only free tickets can be sold."), todo)


@register_check("sumup-live", gettext_lazy("SumUp takes the key, for real money"), is_slow=True)
def check_sumup_account(facts):
    if not settings.SUMUP_API_KEY or not settings.SUMUP_MERCHANT_CODE:
        return report_no_key()
    try:
        profile = facts.merchant.answer()
    except (Unauthorised, NotFound):
        return red(
            _("SumUp refuses the key for merchant %(code)s.") % {"code": settings.SUMUP_MERCHANT_CODE},
            _("Compare SUMUP_MERCHANT_CODE and SUMUP_API_KEY with the SumUp dashboard."),
        )
    except ProviderError as error:
        return red(_("SumUp does not answer: %(error)s") % {"error": error}, _("Try again; see SumUp's status page."))
    if sales_mode.is_trial():
        return judge_sandbox(profile)
    if profile.sandbox:
        return red(
            _("%(name)s is a sandbox account: nobody really pays.") % {"name": profile.name},
            _("Use the key of your live account."),
        )
    if profile.sandbox is None:
        return amber(
            _("SumUp does not say whether %(name)s is a sandbox.") % {"name": profile.name}, _("Buy a ticket.")
        )
    return green(_("Money goes to %(name)s (%(code)s).") % {"name": profile.name, "code": profile.code})


def judge_sandbox(profile):
    if profile.sandbox:
        return green(_("%(name)s is a sandbox account, as SELLING=sandbox wants it.") % {"name": profile.name})
    return red(
        _("SELLING is sandbox, and %(name)s is no sandbox account.") % {"name": profile.name},
        _("Use the key of a sandbox account, or set SELLING=open."),
    )


@register_check("selling", gettext_lazy("To whom the site sells"))
def check_selling(facts):
    if sales_mode.is_trial():
        return amber(
            _("A trial: only sandbox accounts sell, and every page and mail says TEST."),
            _("Set SELLING=open when people may really buy."),
        )
    if not sales_mode.is_by_invitation():
        return green(_("Everybody may buy."))
    codes = [tidy_code(code) for code in settings.INVITATION_CODES]
    if not codes:
        return red(_("SELLING is invited, and there are no INVITATION_CODES: nobody can buy."), _("Set some."))
    if any(len(code) < SHORTEST_CODE for code in codes):
        return red(
            _("An invitation code has fewer than %(least)d letters: it can be guessed.") % {"least": SHORTEST_CODE},
            _("Choose a longer one."),
        )
    return amber(
        _("Whoever has one of %(count)d invitation codes may buy; everybody may look.") % {"count": len(codes)},
        _("Set SELLING=open when everybody may buy."),
    )


@register_check("currency", gettext_lazy("Currency"), is_slow=True)
def check_currency(facts):
    if not settings.SUMUP_API_KEY or not settings.SUMUP_MERCHANT_CODE:
        return report_no_key()
    try:
        found = facts.merchant.answer().currency
    except ProviderError:
        return red(_("The account's currency is not known, because SumUp did not tell."), _("See the check above."))
    if found != settings.CURRENCY:
        return red(
            _("The SumUp account is paid in %(found)s, the site sells in %(wanted)s.")
            % {"found": found, "wanted": settings.CURRENCY},
            _("Use an account in %(wanted)s.") % {"wanted": settings.CURRENCY},
        )
    return green(_("Both the account and the site count in %(currency)s.") % {"currency": found})


def report_no_key():
    words = _("The site has no SumUp account of its own.")
    return amber(words, _("Fine when every sale names a connected account, or all tickets are free."))


@register_check("merchants", gettext_lazy("Every sale can be paid"), is_slow=True)
def check_merchants(facts):
    sales = list_priced_sales()
    closed = [(sale, why) for sale in sales if (why := why_sale_unpaid(sale))]
    if not closed:
        return green(_("Sales with a price: %(count)d, each with a connected account.") % {"count": len(sales)})
    named = "; ".join(f"{sale}: {why}" for sale, why in closed[:NAMED])
    return red(
        _("Nobody can pay for %(count)d of %(all)d sales. %(named)s")
        % {"count": len(closed), "all": len(sales), "named": named},
        _("Connect the account under “SumUp accounts”, or choose another one for the sale."),
    )


def list_priced_sales():
    sales = EventSale.objects.filter(
        Q(performance=None) | Q(performance__starts_at__gt=timezone.now()),
        page__live=True,
        is_active=True,
        ticket_types__price__gt=0,
    )
    return list(pricing.with_merchant_status(sales.filter(ticket_types__is_active=True).distinct()))


def why_sale_unpaid(sale):
    """Why nobody can pay for a sale, or into the wrong account; "" when they can."""
    if why := pricing.why_unpayable(sale):
        return why
    merchant = sale.merchant
    if merchant and merchant.sandbox and not sales_mode.is_trial():
        return _("its account is a sandbox.")
    if merchant and merchant.currency != settings.CURRENCY:
        return _("its account is paid in %(currency)s.") % {"currency": merchant.currency}
    return ""


@register_check("callbacks", gettext_lazy("Callbacks cannot be forged"))
def check_callbacks(facts):
    """Their address carries a MAC under SECRET_KEY, and must travel encrypted."""
    if report_refusal("secret-key") or report_refusal("site-url") or references.find_payment_by_token("1-" + 32 * "0"):
        return red(
            _("Whoever knows the secret key, or listens, can forge callbacks."),
            _("Mend SECRET_KEY and SITE_URL first."),
        )
    return green(_("Only SumUp knows their addresses, and SumUp is asked again before anything is believed."))


@register_check("events-secret", gettext_lazy("Signed events"))
def check_events_secret(facts):
    if wrong := report_refusal("events-secret"):
        return wrong
    secret = settings.SUMUP_EVENTS_SECRET
    if secret and len(secret) < SHORTEST_SECRET:
        return red(_("SUMUP_EVENTS_SECRET is too short to be SumUp's."), _("Copy it again from SumUp."))
    if secret:
        return green(_("Events are taken when SumUp's signature fits."))
    if settings.SUMUP_CLIENT_ID:
        return amber(_("There is no SUMUP_EVENTS_SECRET: SumUp's events are not heard."), _("Set it in both places."))
    return green(_("No events are used, so their address does not exist."))


@register_check("ticket-keys", gettext_lazy("Tickets cannot be forged"))
def check_ticket_keys(facts):
    keys = ", ".join(settings.TICKET_SIGNING_KEYS)
    return report_refusal("ticket-keys") or green(_("Signed with your own key (%(keys)s).") % {"keys": keys})


@register_check("token-keys", gettext_lazy("Connected accounts are encrypted"))
def check_token_keys(facts):
    if wrong := report_refusal("token-keys") or report_refusal("sumup-app"):
        return wrong
    connected = MerchantAccount.objects.filter(kind=MerchantKind.OAUTH, status=MerchantStatus.CONNECTED)
    stored = [token for row in connected.values_list("access_token", "refresh_token") for token in row if token]
    if not all(map(can_decrypt, stored)):
        return red(
            _("Our keys do not open the tokens of every connected account."),
            _("Put the key they were stored with back into TOKEN_ENCRYPTION_KEYS."),
        )
    if not all(map(token_encryption.is_under_first_key, stored)):
        return amber(_("Some tokens are under an older key."), _("Run `manage.py reencrypt_tokens`."))
    if not settings.SUMUP_CLIENT_ID:
        return green(_("Nobody can connect an account, so there is nothing to encrypt."))
    return green(_("Connected accounts: %(count)d; their tokens are encrypted.") % {"count": len(connected)})


def can_decrypt(stored):
    try:
        token_encryption.decrypt_token(stored)
    except token_encryption.UndecryptableToken:
        return False
    return True
