"""Tasks in the admin: for administrators, because a reason may name any event or merchant."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from operations import runs, schedule, taskbook, watchdog
from operations.models import TaskRun
from protection.admin_pages import AdminPage, for_administrators


class TasksView(AdminPage, TemplateView):
    """What the worker does: administrators only."""

    template_name = "operations/admin/tasks.html"
    page_title = _lazy("Tasks")
    header_icon = "tasks"

    def get_context_data(self, **kwargs):
        now = timezone.now()
        figures = {
            "workers": taskbook.workers(),
            "alive_since": now - watchdog.SILENCE,
            "silence": watchdog.silence(now),
            "upcoming": schedule.upcoming(now),
            "waiting": schedule.waiting(),
            "tasks": taskbook.tasks(now),
            "failures": taskbook.failures(),
        }
        return super().get_context_data(**kwargs) | figures


@require_POST
@for_administrators
def run_again(request, pk):
    """Enqueues a failed task once more: administrators only."""
    run = get_object_or_404(TaskRun, pk=pk)
    try:
        runs.again(run)
    except runs.NotRepeatable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The task waits for the worker."))
    return redirect("worker_tasks")
