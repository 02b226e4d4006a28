"""Several dates at once: choose what changes, see what becomes of each, then do it."""

from django.contrib import messages
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from protection.admin.row_scopes import NUMBER
from ticketing.admin.date_forms import SeveralForm
from ticketing.domain.dates import changes, sales
from ticketing.domain.dates.wishes import MOVING
from ticketing.domain.errors import TicketingError
from ticketing.models import TicketType
from ticketing.views.staff.dates.base import DatesView
from ticketing.views.staff.order_actions import FormActionMixin


class SeveralDatesView(FormActionMixin, DatesView):
    """`?date=` names what is ticked; what one date became goes before (`?starts=19:00`), to be said of the others."""

    page_title = gettext_lazy("Change several dates")
    template_name = "ticketing/admin/dates/several.html"

    @cached_property
    def numbers(self):
        """Ids of the dates that were ticked, or of all to come."""
        if self.request.method == "GET" and "all" in self.request.GET:
            return {each.pk for each in self.event.schedule.to_come(timezone.now())}
        sent = self.request.POST if self.request.method == "POST" else self.request.GET
        return {int(number) for number in sent.getlist("date") if NUMBER.fullmatch(number)}

    @cached_property
    def chosen(self):
        return [each for each in self.event.schedule if each.pk in self.numbers]

    def get(self, request, **kwargs):
        return super().get(request, **kwargs) if self.chosen else self.ask_for_dates()

    def post(self, request, **kwargs):
        return super().post(request, **kwargs) if self.chosen else self.ask_for_dates()

    def ask_for_dates(self):
        messages.error(self.request, _("Tick the dates that shall change, then press the button again."))
        return self.back()

    def build_form(self, data=None):
        types = TicketType.objects.filter(sale__performance__in=self.chosen).order_by("name")
        return SeveralForm(
            data,
            initial={name: self.request.GET.get(name, "") for name in MOVING},
            page=self.event,
            user=self.request.user,
            type_names=types.values_list("name", flat=True).distinct(),
            may_change_sales=self.rights.changes,
            may_change_types=self.rights.changes_types,
            tickets_of=self.source,
        )

    @cached_property
    def source(self):
        """The date whose tickets others may have; None where all of those chosen have tickets."""
        on_sale = set(self.event.sales.values_list("performance", flat=True))
        lacks = any(each.pk not in on_sale for each in self.chosen)
        return sales.find_date_to_copy(self.event) if lacks and self.rights.sells else None

    def show_form(self, form, status=200):
        return self.page(form=form, chosen=self.chosen, status=status)

    def act(self, form):
        if "change" in self.request.POST:
            return self.show_form(form)
        if "confirm" in self.request.POST:
            return self.apply(form)
        return self.preview(form, leaves_out="leave" in self.request.POST)

    def preview(self, form, *, leaves_out=False, error="", status=200):
        plan = changes.plan_changes(self.event, self.numbers, form.wish)
        if leaves_out:
            self.numbers -= {each.performance.pk for each in plan.refused}
            plan = changes.plan_changes(self.event, self.numbers, form.wish)
        changes.attach_others(self.event, plan)
        self.template_name = "ticketing/admin/dates/several_preview.html"
        return self.page(form=form, plan=plan, error=error, status=status)

    def apply(self, form):
        digest = self.request.POST.get("digest", "")
        try:
            number = changes.apply_changes(self.event, self.numbers, form.wish, digest=digest, by=self.request.user)
        except TicketingError as why:
            return self.preview(form, error=why.message, status=409)
        words = ngettext("%(count)d date changed.", "%(count)d dates changed.", number)
        messages.success(self.request, words % {"count": number})
        return self.back()
