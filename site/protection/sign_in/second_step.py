"""The second step of signing in: a code from an app (TOTP), or a recovery code. django-otp keeps and compares them.

A person has at most one app set up. A code counts once: the app's because django-otp refuses a time step that was used,
a recovery code because it is deleted. Wrong codes are slowed down, twice as long each time, up to MOST_FAILURES.
"""

import re
from io import BytesIO

import django_otp
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common.text.typed_codes import tidy_code
from protection.enums import SignInOutcome
from protection.sign_in import audit, sessions

BEGUN = "second_step_begun"
RECOVERY_CODES = 10
MOST_FAILURES = 10
"""Wrong codes in a row that still lengthen the wait: 8.5 minutes then. Without an end to it, whoever knows the password
could keep the owner out for years. With it a stranger has 170 guesses a day at a million codes, each in the audit."""


class WrongCode(Exception):
    message = _("That code is not right. Take the newest one; each counts once.")

    def __init__(self, message=None):
        self.message = message or self.message
        super().__init__(self.message)


class TooSoon(WrongCode):
    """`seconds` to wait until a code is looked at again."""

    def __init__(self, seconds):
        self.seconds = seconds
        words = ngettext(
            "Too many wrong codes: wait %(count)d second before the next.",
            "Too many wrong codes: wait %(count)d seconds before the next.",
            seconds,
        )
        super().__init__(words % {"count": seconds})


def find_confirmed_app(user):
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_second_step_owed(user):
    """For somebody signed in: a code to give, or an app to set up where REQUIRE_TWO_FACTOR asks for one."""
    if user.is_anonymous or user.is_verified():
        return False
    return settings.REQUIRE_TWO_FACTOR or find_confirmed_app(user) is not None


def begin_app_setup(request):
    """The app that is being set up. Its secret belongs to this session: reloading the page keeps it, and one that
    somebody else was shown before never becomes the person's own."""
    unconfirmed = TOTPDevice.objects.filter(user=request.user, confirmed=False)
    device = unconfirmed.filter(pk=request.session.get(BEGUN)).first()
    if device is None:
        unconfirmed.delete()
        device = TOTPDevice.objects.create(user=request.user, confirmed=False, name="app")
        request.session[BEGUN] = device.pk
    return device


def confirm_app(request, code):
    """Sets up the app with its first code, which proves that it was scanned. Returns the recovery codes, shown once.

    This session has passed the step and gets a new key. Raises `WrongCode`, `TooSoon`.
    """
    user, device = request.user, begin_app_setup(request)
    _check_code(device, code)
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user, confirmed=True).delete()
        TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True)
        codes = _make_recovery_codes(user)
    del request.session[BEGUN]
    audit.record_sign_in_event(SignInOutcome.SECOND_STEP_ON, request=request, user=user)
    _pass_second_step(request, device)
    return codes


def verify_code(request, code):
    """Takes the app's six digits or a recovery code; spaces and dashes do not matter.

    The session has passed the step and gets a new key. Raises `WrongCode`, `TooSoon`.
    """
    code = normalise_code(code)
    device = find_device_for_code(request.user, code)
    outcome = SignInOutcome.VERIFIED if isinstance(device, TOTPDevice) else SignInOutcome.RECOVERY_CODE
    try:
        _check_code(device, code)
    except TooSoon:
        raise
    except WrongCode:
        audit.record_sign_in_event(SignInOutcome.WRONG_CODE, request=request, user=request.user)
        raise
    audit.record_sign_in_event(outcome, request=request, user=request.user)
    _pass_second_step(request, device)


def find_device_for_code(user, code):
    """Six digits are for the app, anything else for the recovery codes, so that wrong codes of one never slow down the
    other."""
    if re.fullmatch("[0-9]{6}", code):
        return find_confirmed_app(user)
    return StaticDevice.objects.filter(user=user, confirmed=True).first()


def renew_recovery_codes(user, *, request):
    with transaction.atomic():
        codes = _make_recovery_codes(user)
    audit.record_sign_in_event(SignInOutcome.NEW_RECOVERY, request=request, user=user)
    return codes


def count_recovery_codes(user):
    return StaticToken.objects.filter(device__user=user).count()


def remove_second_step(user, *, request=None, by=None):
    """Done by somebody else, for a lost telephone, it ends every session of the person too. False when there was
    none."""
    with transaction.atomic():
        gone = TOTPDevice.objects.filter(user=user).delete()[0] + StaticDevice.objects.filter(user=user).delete()[0]
    if not gone:
        return False
    helper = by if by and by.pk != user.pk else None
    audit.record_sign_in_event(SignInOutcome.SECOND_STEP_OFF, request=request, user=user, by=helper)
    if request is None or helper:
        sessions.end_sessions(user, by=helper, request=request)
    return True


def normalise_code(code):
    return tidy_code(code).lower()


def readable_secret(device):
    text = re.search("secret=([A-Z2-7]+)", device.config_url).group(1)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def draw_app_code(device):
    """SVG inside the page: the secret never stands in an address."""
    import qrcode  # noqa: PLC0415 - slow to import, and only here
    from qrcode.image.svg import SvgPathImage  # noqa: PLC0415 - the same

    out = BytesIO()
    qrcode.make(device.config_url, image_factory=SvgPathImage, border=2).save(out)
    return out.getvalue().decode().partition("?>")[2]


def _check_code(device, code):
    """django-otp compares, under a lock of the device's row. Raises `WrongCode`, `TooSoon`."""
    if device is None:
        raise WrongCode
    allowed, why = device.verify_is_allowed()
    if not allowed:
        raise TooSoon(max(1, round((why["locked_until"] - timezone.now()).total_seconds())))
    if not django_otp.verify_token(device.user, device.persistent_id, normalise_code(code)):
        rows = type(device).objects.filter(pk=device.pk, throttling_failure_count__gt=MOST_FAILURES)
        rows.update(throttling_failure_count=MOST_FAILURES)
        raise WrongCode


def _pass_second_step(request, device):
    device.refresh_from_db()
    django_otp.login(request, device)
    sessions.renew_session_key(request)


def _make_recovery_codes(user):
    device, _made = StaticDevice.objects.get_or_create(user=user, defaults={"name": "recovery"})
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]
