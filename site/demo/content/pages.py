"""The rest of the content: `pages.toml` is home, about and the legal texts, `people.toml` who is behind the events."""

import tomllib
from pathlib import Path

FOLDER = Path(__file__).parent


def read_content(name):
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


_pages, _people = read_content("pages"), read_content("people")
HOME, INDEX, ABOUT, SETTINGS = (_pages[name] for name in ("home", "index", "about", "settings"))
DEMO, ANSWERS, LEGAL_VERSION = (_pages[name] for name in ("demo", "answers", "legal_version"))
CATEGORIES, VENUES, ORGANISERS = (_people[name] for name in ("categories", "venues", "organisers"))
