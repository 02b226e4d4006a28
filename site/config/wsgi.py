"""What gunicorn serves."""

import os

from common.env import load_dotenv

load_dotenv(".env")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the settings must be named first
from django.urls import get_resolver  # noqa: E402 - the same

from common import known_answers, runtime  # noqa: E402 - the same
from common.http.request_input import PlainContentTypes  # noqa: E402 - the same

application = PlainContentTypes(get_wsgi_application())
_ = get_resolver().url_patterns  # every view is loaded now and not by the first visitor
known_answers.remember_answers()
runtime.freeze_gc()
