"""What a User-Agent header says: the name of a browser, or that it is a program, which may read but not buy.

Nobody checks it. Programs that claim to be a browser are met by the limits, the captcha and the bounds per place.
"""

import re

from django.utils.translation import gettext as _

ROBOTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scrapy|"  # search engines and collectors; a Cubot is a telephone
    r"curl/|wget/|httpie/|python-requests/|python-urllib/|aiohttp/|httpx/|go-http-client/|java/|okhttp/|"
    r"libwww-perl/|lwp::|ruby|mechanize|node-fetch|axios/|guzzlehttp/|apache-httpclient/|postmanruntime/|"
    r"phantomjs|sqlmap|nikto|nmap",
    re.IGNORECASE,
)
LONGEST = 400
# The first that is found counts: every browser also claims to be an older one.
BROWSERS = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
]
SYSTEMS = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
]


def is_robot(agent):
    return ROBOTS.search(agent[:LONGEST]) is not None


def describe_browser(agent):
    """“Firefox on Android”, for somebody to know their own telephone in a list."""
    browser, system = _first_named(BROWSERS, agent), _first_named(SYSTEMS, agent)
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


def _first_named(table, agent):
    return next((name for mark, name in table if mark in agent), "")
