"""Who signs in: Ana, an administrator; Ben, who only opens the door."""

from django.contrib.auth.models import User
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_totp.models import TOTPDevice

from protection.sign_in import second_step

PASSWORD = "heath-and-gorse"
FIREFOX = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


def make_ana(**fields):
    return User.objects.create_superuser("ana", "ana@example.je", PASSWORD, **fields)


def make_ben(name="ben"):
    return User.objects.create_user(name, f"{name}@example.je", PASSWORD)


def give_app(user):
    """An app that is set up, with recovery codes."""
    device = TOTPDevice.objects.create(user=user, name="app")
    return device, second_step.renew_recovery_codes(user, request=None)


def code_of(device):
    """What the app shows now. Tests that stop the clock move it on for the next one."""
    return f"{totp(device.bin_key):06d}"


def sign_in(client, name="ana", password=PASSWORD, **extra):
    form = {"username": name, "password": password}
    return client.post(reverse("wagtailadmin_login"), form, **extra)
