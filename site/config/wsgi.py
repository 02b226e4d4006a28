"""What gunicorn serves."""

import os

from config.env import load_dotenv

load_dotenv(".env")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

from django.core.wsgi import get_wsgi_application  # noqa: E402 - the settings must be named first

application = get_wsgi_application()
