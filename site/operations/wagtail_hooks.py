"""Admin addresses and menu items of operations."""

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import AdminOnlyMenuItem

from operations import admin_views
from operations.launch import admin_page as launch

hooks.register("register_reports_menu_item", lambda: launch.menu_item)


@hooks.register("register_admin_urls")
def register_operations_urls():
    return [
        path("launch/", launch.LaunchView.as_view(), name="launch"),
        path("tasks/", admin_views.TasksView.as_view(), name="worker_tasks"),
        path("tasks/<int:pk>/again/", admin_views.run_task_again, name="worker_task_again"),
        path("database/", admin_views.DatabaseView.as_view(), name="database_watch"),
    ]


@hooks.register("register_reports_menu_item")
def tasks_menu_item():
    return AdminOnlyMenuItem(_("Tasks"), reverse("worker_tasks"), name="worker-tasks", icon_name="tasks", order=900)


@hooks.register("register_reports_menu_item")
def database_menu_item():
    return AdminOnlyMenuItem(_("Database"), reverse("database_watch"), name="database", icon_name="table", order=905)
