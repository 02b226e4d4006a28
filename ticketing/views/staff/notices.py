"""Change notices: their list, the words and the e-mail as holders get it, sending, declining, undoing, and progress."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ticketing import mail
from ticketing.admin.change_forms import NoticeForm
from ticketing.admin.forms import ReasonForm
from ticketing.domain.changes import audience, differences, dispatch, drafts, performance_changes, progress
from ticketing.domain.errors import TicketingError
from ticketing.enums import NoticeState
from ticketing.models import ChangeNotice
from ticketing.views.staff.dates.base import DatesView
from ticketing.views.staff.order_actions import FormActionMixin

MOST_LISTED = 100


class NoticeListView(DatesView):
    page_title = gettext_lazy("Changes")
    template_name = "ticketing/admin/notices.html"
    header_icon = "mail"

    def get(self, request, **kwargs):
        return self.page(notices=drafts.list_notices(self.event, most=MOST_LISTED), draft=NoticeState.DRAFT)


class NoticeView(FormActionMixin, DatesView):
    """A draft with its e-mail to edit and send; afterwards how far it is."""

    page_title = gettext_lazy("What changed")
    template_name = "ticketing/admin/notice.html"
    header_icon = "mail"

    def find(self, pk):
        rows = ChangeNotice.objects.select_related("page", "performance", "made_by", "sent_by")
        self.notice = get_object_or_404(rows, pk=pk)
        return self.notice.page

    def get_breadcrumbs_items(self):
        items = super().get_breadcrumbs_items()
        listed = {"url": reverse("event_notices", args=[self.event.pk]), "label": NoticeListView.page_title}
        return [*items[:-1], listed, items[-1]]

    def get_page_subtitle(self):
        return self.notice.get_kind_display()

    def back(self):
        return redirect("notice", self.notice.pk)

    def build_form(self, data=None):
        notice = self.notice
        names = ("subject", "words", "refunds_everybody", "choice_days")
        initial = {name: getattr(notice, name) for name in names} | {"seen": notice.changed_at.isoformat()}
        return NoticeForm(data, initial=initial, notice=notice, may_refund=self.may_refund)

    def show_form(self, form, status=200):
        context = self.build_draft_context() if self.notice.state == NoticeState.DRAFT else self.build_sent_context()
        dates = differences.describe_notice(self.notice)
        return self.page(notice=self.notice, form=form, dates=dates, status=status, **context)

    def build_draft_context(self):
        told = audience.count_audience(audience.list_told_orders(self.notice))
        found = {"is_draft": True, "audience": told, "example": mail.build_example_mail(self.notice)}
        found["example_html"] = found["example"].alternatives[0][0] if found["example"] else ""
        found["may_send"] = self.may_refund or not self.notice.refunds_everybody
        return found | {"is_undoable": performance_changes.is_undoable(self.notice), "decline": ReasonForm()}

    def build_sent_context(self):
        counts = progress.count_progress(self.notice)
        batches = self.notice.refund_batches.select_related("sale__page", "sale__performance").order_by("pk")
        return {"progress": counts, "batches": batches, "is_declined": self.notice.state == NoticeState.DECLINED}

    def act(self, form):
        if form.cleaned_data["seen"] != self.notice.changed_at.isoformat():
            raise TicketingError(_("Meanwhile the date was changed again. Read the e-mail once more, then send it."))
        drafts.edit_draft(self.notice, by=self.request.user, **form.edits)
        if "send" not in self.request.POST:
            messages.success(self.request, _("Saved. Nobody was told yet."))
            return self.back()
        if self.notice.refunds_everybody and not self.may_refund:
            raise TicketingError(_("Money goes back with it: somebody who may refund orders has to send it."))
        dispatch.start_sending(self.notice, by=self.request.user)
        messages.success(self.request, _("It is being sent."))
        return self.back()

    def refuse_form(self, form, error):
        self.notice.refresh_from_db()
        return super().refuse_form(form, error)


class NoticeActionView(NoticeView):
    http_method_names = ["post"]

    def attempt_action(self, action, *, done, to):
        try:
            action()
        except TicketingError as error:
            messages.error(self.request, str(error))
            return self.back()
        messages.success(self.request, done)
        return to


class DeclineNoticeView(NoticeActionView):
    """Nobody is told, and why is kept."""

    def post(self, request, **kwargs):
        form = ReasonForm(request.POST)
        if not form.is_valid():
            messages.error(request, " ".join(form.errors["reason"]))
            return self.back()
        return self.attempt_action(
            lambda: drafts.decline_notice(self.notice, by=request.user, reason=form.cleaned_data["reason"]),
            done=_("Nobody is told."),
            to=redirect("event_notices", self.event.pk),
        )


class UndoNoticeView(NoticeActionView):
    """Puts the dates back to where they stood."""

    def post(self, request, **kwargs):
        return self.attempt_action(
            lambda: performance_changes.undo_change(self.notice, by=request.user),
            done=_("Undone: everything is as it was."),
            to=redirect("event_notices", self.event.pk),
        )
