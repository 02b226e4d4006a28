"""Tasks of the worker. Each may run twice, at once or never."""

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from huey import crontab
from huey.contrib.djhuey import db_periodic_task, db_task

from protection.sign_in import audit, lockout, sessions

LETTER = "wagtailadmin/account/password_reset"


@db_task()
def send_password_reset(email):
    """By the worker, so that a known address takes no longer to answer than an unknown one."""
    form = PasswordResetForm({"email": email})
    if form.is_valid():
        form.save(
            domain_override=settings.SITE_URL.partition("://")[2],
            use_https=settings.SITE_URL.startswith("https://"),
            subject_template_name=f"{LETTER}/email_subject.txt",
            email_template_name=f"{LETTER}/email.txt",
        )


@db_periodic_task(crontab(hour="3", minute="40"))
def forget_old_sign_ins():
    audit.delete_old_sign_ins()
    lockout.delete_old_attempts()
    sessions.prune_sessions()
