"""What a web process remembers of texts and files: the same as Django says, looked up once."""

import json
import subprocess
import sys

from tests.harness import ROOT, environment_for

SCRIPT = """
import json
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.translation import gettext, override, trans_real
import django; django.setup()
settings.LANGUAGES = [*settings.LANGUAGES, ("fr", "French")]

def ask():
    texts = []
    for language, _name in settings.LANGUAGES:
        with override(language):
            texts += map(gettext, ["This field is required.", "Monday", "Nobody translates this.", ""])
    return [*texts, staticfiles_storage.url("css/site.css")]

before = ask()
from common import known_answers
known_answers.remember_answers()
first, again = ask(), ask()
english = trans_real.translation("en-gb").gettext.cache_info()
print(json.dumps([before, first, again, english.hits, staticfiles_storage.url.cache_info().hits]))
"""


def test_answers_are_those_of_django_and_are_looked_up_once(tmp_path):
    environment = environment_for(
        tmp_path, DATABASE_URL="sqlite:///:memory:", DJANGO_SETTINGS_MODULE="config.settings.test"
    )
    told = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, capture_output=True, check=True)
    before, first, again, texts, files = json.loads(told.stdout)
    assert before == first == again
    assert "lundi" in [each.lower() for each in before]
    assert texts >= 3
    assert files == 1
