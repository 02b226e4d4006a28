"""Admin pages of the tasks and the database: administrators only, because a reason may name any event or merchant."""

from django.contrib import messages
from django.db import Error as DatabaseTrouble
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from operations.models import TaskRun
from operations.monitoring import database_stats, health
from operations.worker import task_history, task_stats, watchdog
from protection.admin.pages import AdminPage, for_administrators


class TasksView(AdminPage, TemplateView):
    """What the worker does: administrators only."""

    template_name = "operations/admin/tasks.html"
    page_title = _lazy("Tasks")
    header_icon = "tasks"

    def get_context_data(self, **kwargs):
        now = timezone.now()
        figures = {
            "workers": task_stats.list_workers(),
            "alive_since": now - watchdog.LONGEST_SILENCE,
            "silence": watchdog.worker_silence(now),
            "upcoming": task_stats.list_upcoming_tasks(now),
            "waiting": task_stats.count_waiting_tasks(),
            "tasks": task_stats.list_task_stats(now),
            "failures": task_stats.list_failed_runs(),
        }
        return super().get_context_data(**kwargs) | figures


class DatabaseView(AdminPage, TemplateView):
    """How the database is: administrators only."""

    template_name = "operations/admin/database.html"
    page_title = _lazy("Database")
    header_icon = "table"

    def get_context_data(self, **kwargs):
        try:
            with health.limit_statement_time():
                found = database_stats.read_database_stats(with_statements=True)
        except DatabaseTrouble:
            return super().get_context_data(**kwargs)
        figures = {"found": found, "troubles": list(found.troubles()), "is_server": hasattr(found, "connections")}
        return super().get_context_data(**kwargs) | figures


@require_POST
@for_administrators
def run_task_again(request, pk):
    """Enqueues a failed task once more: administrators only."""
    run = get_object_or_404(TaskRun, pk=pk)
    try:
        task_history.repeat_task(run)
    except task_history.NotRepeatable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The task waits for the worker."))
    return redirect("worker_tasks")
