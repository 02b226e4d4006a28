"""Every platform's page, and its file where one can hold them, names every variable that the launch list asks for."""

import json
import re

import pytest
import yaml

from tests.deploy.test_docs import VARIABLE
from tests.harness import ROOT, known_variables

# Good without anybody's doing, by their defaults: the launch list speaks of them when somebody has changed them.
LEFT_ALONE = {
    "CACHE_REDIS_URL", "CAPTCHA_PROVIDER", "CAPTCHA_SECRET_KEY", "CAPTCHA_SITE_KEY", "DJANGO_SETTINGS_MODULE",
    "INVITATION_CODES", "LOG_FORMAT", "RATE_LIMITS", "REQUIRE_TWO_FACTOR", "SUMUP_API_URL",
}  # fmt: skip
OF_THE_OTHER_MAILER = {"MAIL_WEBHOOK_SECRET", "SENDGRID_API_KEY", "SENDGRID_WEBHOOK_KEY"}
BUCKET = {"S3_BUCKET", "S3_ENDPOINT_URL", "S3_REGION", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"}
PAIRS = {"SUMUP_CLIENT_SECRET", "TOKEN_ENCRYPTION_KEYS", "MAILGUN_API_KEY", "REDIS_URL", "DATABASE_URL"}
PROVIDED = {"DATABASE_URL", "REDIS_URL"}  # by Heroku's add-ons, which set them


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def wanted():
    """What the launch list can ask for, and what goes with it."""
    asked = {name for path in (ROOT / "site/operations/launch").rglob("*.py") for name in VARIABLE.findall(read(path))}
    return (asked & set(known_variables()) | PAIRS) - LEFT_ALONE - OF_THE_OTHER_MAILER


def named_on(page):
    return set(VARIABLE.findall(read(f"docs/deploy/{page}.md")))


def blocks_of(page):
    """What is there to be set, apart from the sentences around it."""
    return set(VARIABLE.findall("".join(re.findall(r"```.*?```", read(f"docs/deploy/{page}.md"), re.DOTALL))))


def test_the_launch_list_asks_for_what_people_forget():
    assert {"SENTRY_DSN", "SUMUP_CLIENT_ID", "TOKEN_ENCRYPTION_KEYS", "BACKUP_TO", "PROXY_HOPS"} <= wanted()


@pytest.mark.parametrize("page", ["railway", "heroku", "digitalocean", "vps"])
def test_each_page_gives_every_variable_to_set(page):
    disk = BUCKET if page == "vps" else set()
    given = PROVIDED if page == "heroku" else set()
    assert (wanted() | BUCKET) - blocks_of(page) - disk - given - set(prose(page)) == set()


def prose(page):
    """Railway's buckets are a step of their own, in a sentence."""
    return (BUCKET | {"BACKUP_TO", "BACKUP_RECIPIENT"}) & named_on(page) if page == "railway" else set()


def test_herokus_file_asks_for_every_variable():
    asked = set(json.loads(read("app.json"))["env"])
    assert (wanted() | BUCKET | OF_THE_OTHER_MAILER) - asked == PROVIDED


def test_digitaloceans_file_has_every_variable():
    named = {each["key"] for each in yaml.safe_load(read(".do/app.yaml"))["envs"]}
    assert (wanted() | BUCKET) - named == set()


def test_nothing_in_digitaloceans_file_starts_with_a_value_that_is_none():
    """Whoever forgets to put a value of their own is told so, or is told to take the entry out."""
    page = read("docs/deploy/digitalocean.md")
    empty = [each["key"] for each in yaml.safe_load(read(".do/app.yaml"))["envs"] if each["value"] == "change-me"]
    assert [name for name in empty if name not in page] == []
