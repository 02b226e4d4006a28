"""Hooks of protection into Wagtail's admin."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.views.account import ChangePasswordPanel
from wagtail.admin.widgets.button import ListingButton

from protection.admin import maintenance_page, row_filters, sign_in_report, wagtail_access
from protection.sign_in.forms import OwnPasswordForm
from protection.views import sign_in_admin


@hooks.register("insert_global_admin_js")
def insert_typed_dates_script():
    return format_html('<script src="{}"></script>', static("js/admin/dates.js"))


@hooks.register("insert_global_admin_js")
def insert_suggestions_script():
    return format_html('<script src="{}" defer></script>', static("js/admin/suggestions.js"))


hooks.register("register_settings_menu_item", lambda: maintenance_page.menu_item)
hooks.register("register_reports_menu_item", sign_in_report.sign_in_report_menu_item)
hooks.register("register_settings_menu_item", sign_in_report.sign_in_people_menu_item)


@hooks.register("register_admin_urls")
def register_protection_urls():
    report = sign_in_report.SignInReport
    return [
        path("maintenance/", maintenance_page.MaintenanceView.as_view(), name="maintenance"),
        path("suggestions/<slug:kind>/", row_filters.suggest_rows, name="row_suggestions"),
        path("sign-in/", sign_in_admin.PeopleView.as_view(), name="sign_in_people"),
        path("sign-in/lift/", sign_in_admin.lift_lockout, name="sign_in_lift"),
        path("sign-in/<int:user_id>/", sign_in_admin.PersonView.as_view(), name="sign_in_person"),
        path("sign-in/<int:user_id>/reset/", sign_in_admin.reset_second_step, name="sign_in_reset_step"),
        path("sign-in/<int:user_id>/end/", sign_in_admin.end_sessions_of_person, name="sign_in_end_sessions"),
        path(
            "sign-in/<int:user_id>/end/<int:session_id>/",
            sign_in_admin.end_session_of_person,
            name="sign_in_end_session",
        ),
        path("reports/sign-ins/", report.as_view(), name="sign_ins_report"),
        path("reports/sign-ins/results/", report.as_view(results_only=True), name="sign_ins_report_results"),
    ]


@hooks.register("register_user_listing_buttons")
def sign_in_of_a_person(user, request_user):
    if request_user.is_superuser:
        yield ListingButton(_("Signing in"), reverse("sign_in_person", args=[user.pk]), icon_name="key", priority=30)


@hooks.register("register_account_menu_item")
def second_step_of_the_account(request):
    return {
        "url": reverse("second_step"),
        "label": _("Two-factor sign-in"),
        "help_text": _("Ask for a code of your telephone as well as the password."),
    }


@hooks.register("register_account_menu_item")
def sessions_of_the_account(request):
    return {
        "url": reverse("staff_sessions"),
        "label": _("Your sessions"),
        "help_text": _("Where you are signed in, and ending that."),
    }


class OwnPasswordPanel(ChangePasswordPanel):
    """In the place of Wagtail's own (WAGTAIL_PASSWORD_MANAGEMENT_ENABLED), which lets anybody guess."""

    form_class = OwnPasswordForm

    def is_active(self):
        return self.user.has_usable_password()

    def get_form(self):
        form = super().get_form()
        form.request = self.request
        return form


hooks.register("register_account_settings_panel", OwnPasswordPanel)


@hooks.register("construct_reports_menu")
@hooks.register("construct_settings_menu")
def hide_closed_items(request, items):
    items[:] = [item for item in items if wagtail_access.is_item_open_to(item, request.user)]
