#!/usr/bin/env python
"""Django's command line. `site/` is a folder on the path, never a package (docs/decisions/0001)."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "site"), str(ROOT)]


def main():
    from common.env import load_dotenv  # noqa: PLC0415 - needs the path above

    load_dotenv(ROOT / ".env")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415 - needs the settings above
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - needs the settings above

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"The settings are not right:\n{error}")


if __name__ == "__main__":
    main()
