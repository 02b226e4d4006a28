"""What each settings module refuses, tried in a fresh Python: settings are read once per process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import known_variables

ROOT = Path(__file__).resolve().parents[2]
SECRET = "j6T0cVd2n0xw4mZr1b8QqLr7yPzS5uKf3HhG9aXeWtDvBnMsA4cF"
TESTS_KEY = "dGVzdC1vbmx5LXRlc3Qtb25seS10ZXN0LW9ubHkta2U="
OWN = {"SECRET_KEY": SECRET, "SUMUP_API_KEY": "sup_sk_our-own", "TICKET_SIGNING_KEYS": f"A:{SECRET}"}


def example():
    """What .env.example proposes for production, with keys of one's own as it asks for."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs} | OWN


def manage(*words, **variables):
    """With nothing but these variables: an empty one hides what a .env in the tree may say."""
    environment = os.environ | dict.fromkeys(known_variables(), "") | variables
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_check_deploy_is_silent_with_the_production_example():
    done = manage("check", "--deploy", "--fail-level", "WARNING", **example())
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be a random text"),
        ({"SECRET_KEY": "change-me-" * 10}, "SECRET_KEY must be a random text"),
        ({"DEBUG": "true"}, "DEBUG must be false in production"),
        ({"DEBUG": "perhaps"}, "DEBUG must be true or false"),
        ({"SUMUP_API_URL": "http://127.0.0.1:8091"}, "SUMUP_API_URL must be https://api.sumup.com in production"),
        ({"SUMUP_API_KEY": "sup_sk_demo"}, "SUMUP_API_KEY is an example or the simulator's demo key"),
        ({"SUMUP_API_KEY": "sup_sk_change-me"}, "SUMUP_API_KEY is an example"),
        ({"TICKET_SIGNING_KEYS": ""}, "TICKET_SIGNING_KEYS must hold keys of your own"),
        (
            {"TICKET_SIGNING_KEYS": "A:change-me-to-a-long-random-text"},
            "TICKET_SIGNING_KEYS must hold keys of your own",
        ),
        ({"SUMUP_CLIENT_ID": "cc_1", "SUMUP_CLIENT_SECRET": "cc_sk_1"}, "TOKEN_ENCRYPTION_KEYS is not set"),
        ({"SUMUP_CLIENT_SECRET": "cc_sk_sim_demo"}, "SUMUP_CLIENT_SECRET is an example"),
        ({"TOKEN_ENCRYPTION_KEYS": TESTS_KEY}, "TOKEN_ENCRYPTION_KEYS must hold random keys of your own"),
        ({"TOKEN_ENCRYPTION_KEYS": "secret"}, "TOKEN_ENCRYPTION_KEYS: key 1 must be 32 random bytes"),
        ({"SUMUP_EVENTS_SECRET": "change-me"}, "SUMUP_EVENTS_SECRET is an example"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS must name the site's hosts"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must name the site's hosts"),
        ({"SITE_URL": "http://tickets.example.je"}, "SITE_URL must start with https://"),
        ({"SITE_URL": "tickets.example.je"}, "SITE_URL must be an address"),
        ({"DATABASE_URL": "mysql://localhost/jersey"}, "DATABASE_URL must be an address that starts with postgres"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL must be an address that starts with redis"),
        (
            {"EMAIL_PROVIDER": "pigeon"},
            "EMAIL_PROVIDER must be one of mailgun, postmark, amazon_ses, sendgrid, smtp, console",
        ),
        ({"MAILGUN_API_KEY": ""}, "MAILGUN_API_KEY is not set"),
        ({"EMAIL_PROVIDER": "sendgrid"}, "SENDGRID_API_KEY is not set"),
        ({"EMAIL_PROVIDER": "postmark"}, "POSTMARK_SERVER_TOKEN is not set"),
        ({"EMAIL_PROVIDER": "amazon_ses"}, "AMAZON_SES_REGION is not set"),
        ({"EMAIL_PROVIDER": "smtp"}, "SMTP_HOST is not set"),
        ({"EMAIL_PROVIDER": "smtp", "SMTP_HOST": "m", "SMTP_SECURITY": "ssl"}, "SMTP_SECURITY must be one of starttls"),
        ({"MAIL_WEBHOOK_SECRET": "mail:secret"}, "MAIL_WEBHOOK_SECRET must look like mail:password"),
        ({"HOLD_MINUTES": "0"}, "HOLD_MINUTES must be a whole number from 1 to 120"),
        ({"PAYMENT_MAX_AGE": "soon"}, "PAYMENT_MAX_AGE must be a whole number"),
        ({"POLL_BATCH_SIZE": "0"}, "POLL_BATCH_SIZE must be a whole number from 1"),
        ({"SUMUP_MAX_REQUESTS_PER_SECOND": "-1"}, "SUMUP_MAX_REQUESTS_PER_SECOND must be a whole number from 1"),
    ],
)
def test_production_refuses(variables, sentence):
    done = manage("check", **(example() | variables))
    assert done.returncode != 0
    assert sentence in done.stderr


@pytest.mark.parametrize("path", ["manage.py", "site/config/wsgi.py"])
def test_production_is_what_starts_when_nobody_says_otherwise(path):
    """A server on which a variable was forgotten must refuse, not run as a laptop would."""
    source = (ROOT / path).read_text(encoding="utf-8")
    assert 'setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")' in source


def test_development_starts_with_nothing_set():
    done = manage("check", DJANGO_SETTINGS_MODULE="config.settings.development", DATABASE_URL="sqlite:///:memory:")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"REDIS_URL": "rediss://:secret@ec2.example:7779"}, "rediss://:secret@ec2.example:7779/0"),
        (
            {"REDIS_URL": "rediss://:secret@ec2.example:7779", "REDIS_VERIFY_TLS": "false"},
            "rediss://:secret@ec2.example:7779/0?ssl_cert_reqs=none",
        ),
        ({"REDIS_URL": "redis://localhost:6379", "REDIS_VERIFY_TLS": "false"}, "redis://localhost:6379/0"),
    ],
)
def test_only_an_unverifiable_redis_is_taken_on_trust(variables, expected):
    print_url = "from django.conf import settings; print(settings.HUEY['url'])"
    done = manage("shell", "--no-imports", "-v", "0", "-c", print_url, **(example() | variables))
    assert done.stdout.strip() == expected, done.stderr
