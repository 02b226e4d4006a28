"""Reasons why an account cannot be connected or disconnected, worded for the organiser who tried."""

from django.utils.translation import gettext_lazy as _


class Reason:
    """Each with the status of the page, a title and words for the organiser."""

    DENIED = (
        403,
        _("Nothing was connected"),
        _("You did not allow it at SumUp, so nothing has changed here. You can start again whenever you like."),
    )
    REPLAYED = (
        400,
        _("This step was used already"),
        _("Coming back from SumUp works once. If the account is not in the list of accounts, please start again."),
    )
    EXPIRED = (
        400,
        _("That took too long"),
        _("For your safety each attempt is open for ten minutes only. Please start again."),
    )
    FOREIGN = (
        400,
        _("This did not start here"),
        _("You came back from SumUp without having set out from this browser and sign-in. Nothing was connected."),
    )
    REFUSED = (
        502,
        _("SumUp refused"),
        _("SumUp did not accept our request. Please tell the people who run this site if it happens again."),
    )
    TRY_AGAIN = (
        502,
        _("SumUp did not answer"),
        _("Nothing was connected, and nothing is broken. Please try again in a few minutes."),
    )
    NO_MERCHANT = (
        409,
        _("No SumUp account to be paid on"),
        _("Your SumUp sign-in has no merchant account. Finish signing up at SumUp, then start again."),
    )
    CURRENCY = (
        409,
        _("Another currency"),
        _("%(name)s is paid in %(theirs)s. Tickets here cost %(ours)s, and SumUp pays out one currency only."),
    )
    SCOPE = (
        409,
        _("SumUp must enable online payments for this site"),
        _(
            "SumUp did not grant “payments”. That permission is off by default: SumUp must enable it by hand for this "
            "site’s app. Please ask the people who run this site to write to SumUp; until then no account can connect."
        ),
    )
    OWN = (
        409,
        _("This is the site’s own account"),
        _("It is connected by the key of the site and cannot be connected a second time."),
    )
    TAKEN = (
        409,
        _("Somebody else here runs this account"),
        _("This SumUp account is connected by another organiser. An administrator of this site can hand it over."),
    )
    NOT_OFFERED = (
        400,
        _("Not one of your accounts"),
        _("SumUp did not name this account as yours. Please choose one of the list."),
    )
    NO_GROUP = (
        403,
        _("Nobody to run it"),
        _("You may only connect an account for a group that you belong to. Please ask an administrator."),
    )
    OWN_KEY = (
        409,
        _("This is the site’s own account"),
        _("It is connected by a key in the site’s settings; whoever runs the site can take that away."),
    )
    OPEN_PAYMENTS = (
        409,
        _("Payments are still open"),
        _("%(count)s of its payments may still be paid. Stop its sales, and try again when they are settled."),
    )
    OPEN_REFUNDS = (
        409,
        _("Refunds are on their way"),
        _("%(count)s of its refunds are not proved yet. Try again when the money has gone back."),
    )


class ConnectionRefusal(Exception):
    """`title` and `message` are fit for the organiser; `status` is that of the page."""

    def __init__(self, reason, **facts):
        self.status, self.title, message = reason
        self.message = message % facts if facts else message
        super().__init__(str(self.message))
