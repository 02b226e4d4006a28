"""Calling a date off, postponing or moving it: asks, says what it will do, then does it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketing.admin.change_forms import USUAL_CHOICE, PerformanceChangeForm
from ticketing.domain.changes import effects, performance_changes
from ticketing.domain.changes.performance_changes import DateOver
from ticketing.views.staff.dates.base import OneDateView
from ticketing.views.staff.order_actions import FormActionMixin


class PerformanceChangeView(FormActionMixin, OneDateView):
    """Works without JavaScript; the second page says what the button will do."""

    page_title = gettext_lazy("Call off, postpone or move")
    template_name = "ticketing/admin/performance_change.html"

    def build_form(self, data=None):
        to_come = self.event.schedule.to_come(timezone.now())
        others = [date for date in to_come if date.pk != self.performance.pk]
        initial = self.read_present() if data is None else None
        return PerformanceChangeForm(
            data, initial=initial, performance=self.performance, others=others, may_refund=self.may_refund
        )

    def read_present(self):
        date = self.performance
        shown = {"starts_at": date.starts_at, "ends_at": date.said_end, "doors_at": date.doors_at}
        shown |= {"venue": date.venue_id, "link": date.link, "note": date.status_note}
        return shown | {"refunds_everybody": True, "choice_days": USUAL_CHOICE}

    def get(self, request, **kwargs):
        try:
            performance_changes.check_still_to_come([self.performance])
        except DateOver as error:
            messages.error(request, str(error))
            return redirect(self.dates_url)
        return super().get(request)

    def act(self, form):
        if "change" in self.request.POST:
            return self.show_form(form)
        change = form.build_change()
        performance_changes.check_still_to_come(change.performances)
        if "confirm" not in self.request.POST:
            self.template_name = "ticketing/admin/performance_change_confirm.html"
            return self.page(form=form, change=change, effects=effects.plan_effects(change))
        return self.carry_out(form, change)

    def carry_out(self, form, change):
        try:
            notice = performance_changes.carry_out_change(change, by=self.request.user)
        except ValidationError as wrong:
            form.add_error(None, " ".join(wrong.messages))
            return self.show_form(form, status=422)
        if notice is None:
            messages.success(self.request, _("Done. Nobody holds a ticket, so there is nobody to tell."))
            return redirect(self.dates_url)
        messages.success(self.request, _("Done. Nobody was told yet: read the e-mail, then send it."))
        return redirect("notice", notice.pk)
