"""One's own account, below /admin/. Outside Wagtail's own addresses: door staff have no admin, but a second step."""

from django.urls import path

from protection.views import account_pages, password_pages

urlpatterns = [
    path("password_reset/", password_pages.reset_password, name="wagtailadmin_password_reset"),
    path("verify/", account_pages.verify_second_step, name="second_step_verify"),
    path("account/two-factor/", account_pages.second_step_overview, name="second_step"),
    path("account/two-factor/set-up/", account_pages.set_up_second_step, name="second_step_set_up"),
    path("account/two-factor/codes/", account_pages.new_recovery_codes, name="second_step_codes"),
    path("account/two-factor/remove/", account_pages.remove_own_second_step, name="second_step_remove"),
    path("account/sessions/", account_pages.own_sessions, name="staff_sessions"),
    path("account/sessions/end-others/", account_pages.end_other_own_sessions, name="staff_sessions_end_others"),
    path("account/sessions/<int:session_id>/end/", account_pages.end_own_session, name="staff_session_end"),
]
