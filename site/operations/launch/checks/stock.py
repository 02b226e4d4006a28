"""Whether the database itself refuses a seat sold twice and an amount that makes no sense."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.facts import list_constrained_models
from operations.launch.registry import green, red, register_check
from ticketing.domain.stock import allocation

SEATS = {"sale_never_oversold", "type_never_oversold", "order_line_seats_bounded", "ticket_once_per_seat"}


@register_check("oversell-guard", gettext_lazy("No seat is sold twice"))
def check_oversell_guard(facts):
    if missing := sorted(SEATS - facts.constraints):
        return report_missing(missing)
    return green(_("The database refuses it by itself (%(count)d constraints).") % {"count": len(SEATS)})


@register_check("amounts", gettext_lazy("Amounts are checked by the database"))
def check_amounts(facts):
    wanted = {constraint.name for model in list_constrained_models() for constraint in model._meta.constraints}
    if missing := sorted(wanted - facts.constraints - SEATS):
        return report_missing(missing)
    return green(_("All %(count)d constraints on money, orders and refunds are in place.") % {"count": len(wanted)})


@register_check("capacity", gettext_lazy("Seats add up"))
def check_capacity(facts):
    drifts, oversold = allocation.audit_counters(), allocation.list_oversold()
    if oversold:
        return red(_("Oversold: %(count)d.") % {"count": len(oversold)}, _("`manage.py audit_capacity` names them."))
    if drifts:
        return red(
            _("%(count)d counters differ from the seats that were taken.") % {"count": len(drifts)},
            _("Run `manage.py audit_capacity --repair`."),
        )
    return green(_("Every counter agrees with the seats that were taken."))


def report_missing(missing):
    return red(
        _("The database lacks %(names)s.") % {"names": ", ".join(missing)},
        _("Run `manage.py migrate`; if that does nothing, somebody dropped it by hand: restore it."),
    )
