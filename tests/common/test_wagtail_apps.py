"""What the site loads at its start, and what it leaves to whoever needs it."""

import json
import os
import subprocess
import sys

from django.apps import apps
from django.conf import settings
from wagtail.admin.forms.models import registry
from wagtail.images import get_image_model

from common import wagtail_apps
from events_pages.models import EventPage

UNUSED = ("ninja", "wagtail.api.v3.api", "xhtml2pdf", "reportlab", "openpyxl", "boto3")


def test_the_site_starts_without_what_no_page_of_it_needs():
    script = f"import json, sys, config.wsgi; print(json.dumps([name for name in {UNUSED} if name in sys.modules]))"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, env=environment, capture_output=True, check=True
    )
    assert json.loads(done.stdout) == []


def test_wagtail_s_apps_are_ready_all_the_same():
    for label in ("wagtailimages", "wagtaildocs", "wagtailsnippets", "wagtailredirects"):
        assert isinstance(apps.get_app_config(label), wagtail_apps.WithoutApi)
    picture = EventPage._meta.get_field("poster")
    assert picture.related_model is get_image_model()
    assert registry.get(picture)["widget"].__name__ == "AdminImageChooser"
