"""What operations adds to Wagtail's admin."""

from django.urls import path
from wagtail import hooks

from operations.launch import page as launch


@hooks.register("register_admin_urls")
def launch_url():
    return [path("launch/", launch.LaunchView.as_view(), name="launch")]


@hooks.register("register_reports_menu_item")
def launch_menu_item():
    return launch.menu_item
