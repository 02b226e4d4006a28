"""Adding, editing, copying and deleting one date."""

from copy import copy
from urllib.parse import urlencode

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages as admin_messages

from events_pages.dates import edits
from events_pages.models import Performance
from ticketing.admin.date_forms import CopyForm, DateForm
from ticketing.domain.changes import drafts
from ticketing.domain.dates import additions, removal, sales
from ticketing.domain.dates.clock import format_start
from ticketing.domain.dates.seats import add_seats, count_seats
from ticketing.models import EventSale
from ticketing.views.staff.dates.base import DatesView, OneDateView
from ticketing.views.staff.dates.scope import choose_others, describe_wish
from ticketing.views.staff.order_actions import FormActionMixin


class AddDateView(FormActionMixin, DatesView):
    page_title = gettext_lazy("Add a date")
    template_name = "ticketing/admin/dates/date.html"

    @cached_property
    def source(self):
        return sales.find_date_to_copy(self.event) if self.rights.sells else None

    def build_form(self, data=None):
        made = Performance(page=self.event)
        return DateForm(data, instance=made, user=self.request.user, tickets_of=self.source)

    def act(self, form):
        source = self.source if form.cleaned_data.get("with_tickets") else None
        made = additions.add_date(self.event, tickets_of=source, by=self.request.user, **form.fields_of_date)
        messages.success(self.request, _("Added: %(when)s.") % {"when": format_start(made.starts_at)})
        return redirect("dates:add", self.event.pk) if "another" in self.request.POST else self.back(made)


class EditDateView(FormActionMixin, OneDateView):
    page_title = gettext_lazy("Edit the date")
    template_name = "ticketing/admin/dates/date.html"

    def build_form(self, data=None):
        return DateForm(data, instance=copy(self.performance), user=self.request.user, others=self.others)

    @cached_property
    def others(self):
        return self.event.schedule.others_like(self.performance, timezone.now())

    @cached_property
    def holders(self):
        """How many tickets admit to it, those of passes too."""
        of_date = EventSale.objects.filter(page=self.event, performance__in=[self.performance.pk])
        passes = EventSale.objects.filter(page=self.event, performance=None)
        return add_seats(count_seats(of_date | passes).values()).sold

    def show_form(self, form, status=200):
        return self.page(form=form, holders=self.holders, status=status)

    def act(self, form):
        was, others = copy(self.performance), choose_others(self.performance, self.others, form)
        changed = edits.change_performance(self.performance, by=self.request.user, **form.fields_of_date)
        if changed:
            messages.success(self.request, _("Saved: %(when)s.") % {"when": self.when_now()})
        is_told = bool(changed and self.holders and self.warn_of_holders())
        if changed and others:
            return self.lead_to_others(was, others)
        return self.back() if is_told else self.back(self.performance)

    def lead_to_others(self, was, others):
        wish = describe_wish(was, self.performance)
        if not wish:
            messages.info(self.request, _("Nothing of this is for the other dates: they stay as they are."))
            return self.back(self.performance)
        query = urlencode([*(("date", each.pk) for each in others), *wish.items()])
        return redirect(f"{reverse('dates:several', args=[self.event.pk])}?{query}")

    def when_now(self):
        return format_start(self.performance.starts_at)

    def warn_of_holders(self):
        """False where nothing waits to be told, as after a change that no ticket shows."""
        notice = drafts.find_draft_about(self.performance)
        if not notice:
            return False
        words = ngettext(
            "%(count)d ticket is sold for this date. Its holder was not told of the change yet.",
            "%(count)d tickets are sold for this date. Their holders were not told of the change yet.",
            self.holders,
        )
        button = admin_messages.button(reverse("notice", args=[notice.pk]), _("Read and send"))
        admin_messages.warning(self.request, words % {"count": self.holders}, buttons=[button])
        return True


class CopyDateView(FormActionMixin, OneDateView):
    """With its sale, to another moment."""

    page_title = gettext_lazy("Copy the date")
    template_name = "ticketing/admin/dates/copy.html"

    @cached_property
    def sales(self):
        return list(self.performance.sales.order_by("pk").prefetch_related("ticket_types"))

    @cached_property
    def takes_sales(self):
        return bool(self.sales) and self.rights.sells

    def build_form(self, data=None):
        initial = {"name": self.performance.name, "sells": any(sale.is_active for sale in self.sales)}
        form = CopyForm(data, initial=initial, source=self.performance)
        if not self.takes_sales:
            del form.fields["sells"]
        return form

    def show_form(self, form, status=200):
        return self.page(form=form, sales=self.sales if self.takes_sales else [], status=status)

    def act(self, form):
        data = dict(form.cleaned_data)
        is_active = None if data.pop("sells", False) else False
        copied = {"is_active": is_active, "by": self.request.user}
        made = additions.copy_date(self.performance, with_tickets=self.takes_sales, **data, **copied)
        messages.success(self.request, _("Copied to %(when)s.") % {"when": format_start(made.starts_at)})
        return redirect("dates:copy", self.performance.pk) if "another" in self.request.POST else self.back(made)


class DeleteDateView(OneDateView):
    """Asks first. What somebody bought for is kept, and the page says why."""

    page_title = gettext_lazy("Delete the date")
    template_name = "ticketing/admin/dates/delete.html"

    @cached_property
    def sales(self):
        return list(self.performance.sales.order_by("pk"))

    def is_allowed(self):
        return self.rights.deletes or not self.sales

    def get(self, request, **kwargs):
        return self.page(why_not=removal.why_not_removed(self.performance), sales=self.sales)

    def post(self, request, **kwargs):
        try:
            removal.remove_date(self.performance, by=request.user)
        except removal.DateKept as why:
            return self.page(why_not=why.message, sales=self.sales, status=409)
        messages.success(request, _("Deleted: %(when)s.") % {"when": self.when})
        return self.back()
