"""What protection adds to Wagtail's admin."""

from django.urls import path
from wagtail import hooks

from protection.pausing import MaintenanceMenuItem, MaintenanceView


@hooks.register("register_admin_urls")
def maintenance_url():
    return [path("maintenance/", MaintenanceView.as_view(), name="maintenance")]


@hooks.register("register_settings_menu_item")
def maintenance_menu_item():
    return MaintenanceMenuItem()
