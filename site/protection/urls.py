"""One's own account, below /admin/. Outside Wagtail's own addresses: door staff have no admin, but a second step."""

from django.urls import path

from protection.views import passwords, second_step, sessions

urlpatterns = [
    path("password_reset/", passwords.reset, name="wagtailadmin_password_reset"),
    path("verify/", second_step.verify, name="second_step_verify"),
    path("account/two-factor/", second_step.overview, name="second_step"),
    path("account/two-factor/set-up/", second_step.set_up, name="second_step_set_up"),
    path("account/two-factor/codes/", second_step.new_codes, name="second_step_codes"),
    path("account/two-factor/remove/", second_step.remove, name="second_step_remove"),
    path("account/sessions/", sessions.listing, name="staff_sessions"),
    path("account/sessions/end-others/", sessions.end_others, name="staff_sessions_end_others"),
    path("account/sessions/<int:session_id>/end/", sessions.end, name="staff_session_end"),
]
