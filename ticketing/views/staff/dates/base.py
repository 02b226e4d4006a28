"""What the views of “Dates and tickets” share: whose page it is, where one is, and how one goes back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from events_pages.models import EventPage, Performance
from ticketing.admin.permissions import SellingRights, may_edit_page
from ticketing.domain.dates.clock import format_start
from ticketing.domain.errors import TicketingError
from ticketing.views.staff.order_actions import FormActionMixin

DATES_PER_PAGE = 50


def list_shown_dates(schedule, *, past, now=None):
    """The dates to come; or those that are over, the last first."""
    now = now or timezone.now()
    return [each for each in reversed(list(schedule)) if each.is_over(now)] if past else schedule.to_come(now)


def place_of(performance, schedule):
    """The query and the anchor of its row."""
    past = performance.is_over(timezone.now())
    numbers = [each.pk for each in list_shown_dates(schedule, past=past)]
    page = numbers.index(performance.pk) // DATES_PER_PAGE + 1 if performance.pk in numbers else 1
    query = QueryDict(mutable=True)
    query.update(({"past": 1} if past else {}) | ({"p": page} if page > 1 else {}))
    return f"?{query.urlencode()}#date-{performance.pk}" if query else f"#date-{performance.pk}"


class DatesView(WagtailAdminTemplateMixin, View):
    """For who may edit the event page."""

    header_icon = "calendar-alt"

    def dispatch(self, request, *args, **kwargs):
        self.event = self.find(**kwargs)
        if not (may_edit_page(request.user, self.event) and self.is_allowed()):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def find(self, page_id):
        return get_object_or_404(EventPage, pk=page_id)

    def is_allowed(self):
        return True

    @cached_property
    def rights(self):
        return SellingRights.of(self.request.user, self.event)

    @property
    def may_refund(self):
        return self.request.user.has_perm("ticketing.refund_order")

    @cached_property
    def dates_url(self):
        return reverse("dates:list", args=[self.event.pk])

    def back(self, performance=None):
        """To the row of that date, on whichever page of the list it is. Its top has the messages."""
        return redirect(self.dates_url + (place_of(performance, self.event.schedule) if performance else ""))

    def get_page_subtitle(self):
        return self.event.get_admin_display_title()

    def get_breadcrumbs_items(self):
        return [
            *self.breadcrumbs_items,
            {
                "url": reverse("wagtailadmin_pages:edit", args=[self.event.pk]),
                "label": self.event.get_admin_display_title(),
            },
            *self.own_breadcrumbs(),
        ]

    def own_breadcrumbs(self):
        here = {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()}
        return [{"url": self.dates_url, "label": _("Dates and tickets")}, here]

    def page(self, status=200, **context):
        context |= {"event": self.event, "rights": self.rights, "dates_url": self.dates_url}
        return self.render_to_response(self.get_context_data(**context), status=status)


class OneDateView(DatesView):
    def find(self, performance_id):
        dates = Performance.objects.select_related("page__venue", "venue")
        self.performance = get_object_or_404(dates, pk=performance_id)
        return self.performance.page

    @cached_property
    def when(self):
        return format_start(self.performance.starts_at)

    def get_page_subtitle(self):
        return f"{super().get_page_subtitle()}, {self.when}"

    def page(self, status=200, **context):
        return super().page(status, performance=self.performance, when=self.when, **context)


class PlannedDatesView(FormActionMixin, DatesView):
    """Asks, shows every date as it would be with a tick, then makes those that are ticked, all or none."""

    def act(self, form):
        if "change" in self.request.POST:
            return self.show_form(form)
        return self.make(form) if "confirm" in self.request.POST else self.preview(form)

    def make(self, form):
        ticked = set(self.request.POST.getlist("date"))
        if not ticked:
            return self.preview(form, ticked=ticked, error=_("Tick at least one date."), status=422)
        try:
            made = self.add(form, ticked)
        except TicketingError as why:
            return self.preview(form, ticked=ticked, error=why.message, status=409)
        words = ngettext("%(count)d date added.", "%(count)d dates added.", len(made))
        messages.success(self.request, words % {"count": len(made)})
        return self.back(made[0])
