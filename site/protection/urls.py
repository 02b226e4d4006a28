"""One's own account, below /admin/. Outside Wagtail's own addresses: door staff have no admin, but a second step."""

from django.urls import path

from protection.views import password_pages, second_step_pages, session_pages

urlpatterns = [
    path("password_reset/", password_pages.reset_password, name="wagtailadmin_password_reset"),
    path("verify/", second_step_pages.verify_second_step, name="second_step_verify"),
    path("account/two-factor/", second_step_pages.second_step_overview, name="second_step"),
    path("account/two-factor/set-up/", second_step_pages.set_up_second_step, name="second_step_set_up"),
    path("account/two-factor/codes/", second_step_pages.new_recovery_codes, name="second_step_codes"),
    path("account/two-factor/remove/", second_step_pages.remove_own_second_step, name="second_step_remove"),
    path("account/sessions/", session_pages.own_sessions, name="staff_sessions"),
    path("account/sessions/end-others/", session_pages.end_other_own_sessions, name="staff_sessions_end_others"),
    path("account/sessions/<int:session_id>/end/", session_pages.end_own_session, name="staff_session_end"),
]
