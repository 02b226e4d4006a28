"""Whether the database itself refuses a seat sold twice and an amount that makes no sense."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from operations.launch.facts import models_with_guards
from operations.launch.registry import check, green, red
from ticketing.domain import allocation

SEATS = {"sale_never_oversold", "type_never_oversold", "order_line_seats_bounded", "ticket_once_per_seat"}


@check("oversell-guard", gettext_lazy("No seat is sold twice"))
def oversell_guard(facts):
    if missing := sorted(SEATS - facts.constraints):
        return without(missing)
    return green(_("The database refuses it by itself (%(count)d constraints).") % {"count": len(SEATS)})


@check("amounts", gettext_lazy("Amounts are checked by the database"))
def amounts(facts):
    wanted = {constraint.name for model in models_with_guards() for constraint in model._meta.constraints}
    if missing := sorted(wanted - facts.constraints - SEATS):
        return without(missing)
    return green(_("All %(count)d constraints on money, orders and refunds are in place.") % {"count": len(wanted)})


@check("capacity", gettext_lazy("Seats add up"))
def capacity(facts):
    drifts, oversold = allocation.audit(), allocation.oversold()
    if oversold:
        return red(_("Oversold: %(count)d.") % {"count": len(oversold)}, _("`manage.py audit_capacity` names them."))
    if drifts:
        return red(
            _("%(count)d counters differ from the seats that were taken.") % {"count": len(drifts)},
            _("Run `manage.py audit_capacity --repair`."),
        )
    return green(_("Every counter agrees with the seats that were taken."))


def without(missing):
    return red(
        _("The database lacks %(names)s.") % {"names": ", ".join(missing)},
        _("Run `manage.py migrate`; if that does nothing, somebody dropped it by hand: restore it."),
    )
