"""The dates of a copied event: choose how far they move, see old and new side by side, then make them."""

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from events_pages.dates.copied_dates import plan_copied_dates
from events_pages.models import Performance
from payments.admin.permissions import own_merchants
from payments.enums import MerchantStatus
from protection.admin.row_scopes import NUMBER
from ticketing.admin.copied_dates_form import MOST_OFFERED, CopiedDatesForm
from ticketing.admin.permissions import own_pages
from ticketing.domain.dates.event_copies import add_copied_dates
from ticketing.domain.dates.planned_dates import plan_dates
from ticketing.views.staff.dates.base import PlannedDatesView


class CopiedDatesView(PlannedDatesView):
    """For who may edit both events. `?of=` names the one that was copied."""

    page_title = gettext_lazy("Dates of the copy")
    template_name = "ticketing/admin/dates/copied.html"

    @cached_property
    def events(self):
        dates = Performance.objects.filter(page=OuterRef("pk"))
        found = own_pages(self.request).filter(Exists(dates)).exclude(pk=self.event.pk).select_related("venue")
        number = self.request.POST.get("of") or self.request.GET.get("of", "")
        named = found.filter(pk=number) if NUMBER.fullmatch(number) else found.none()
        return list(named) or list(found.order_by("-latest_revision_created_at", "-pk")[:MOST_OFFERED])

    def build_form(self, data=None):
        initial = {"of": self.request.GET.get("of", ""), "with_sales": True}
        return CopiedDatesForm(data, initial=initial, events=self.events, may_sell=self.rights.sells)

    def preview(self, form, *, ticked=None, error="", status=200):
        now = timezone.now()
        planned = plan_copied_dates(form.original, self.event, **form.shift_chosen)
        met = plan_dates(self.event, [each.made for each in planned])
        rows = [
            {
                "date": each,
                "meets": meets,
                "is_past": each.is_past(now),
                "is_closed": each.is_past(now) or each.is_there,
                "is_ticked": each.original.takes_place if ticked is None else each.key in ticked,
            }
            for each, meets in zip(planned, met, strict=True)
        ]
        self.template_name = "ticketing/admin/dates/copied_preview.html"
        number_free = sum(not row["is_closed"] for row in rows)
        return self.page(form=form, rows=rows, number_free=number_free, error=error, status=status)

    def add(self, form, ticked):
        return add_copied_dates(
            self.event,
            form.original,
            ticked,
            now=timezone.now(),
            with_sales=form.cleaned_data.get("with_sales", False),
            merchants=self.merchants,
            by=self.request.user,
            **form.shift_chosen,
        )

    @property
    def merchants(self):
        """Ids of the accounts that a sale of this person's may pay."""
        own = own_merchants(self.request.user).exclude(status=MerchantStatus.REVOKED)
        return set(own.values_list("pk", flat=True))
