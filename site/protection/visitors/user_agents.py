"""Programs that say what they are. They may read everything; they may not take tickets.

Whoever lies about it is met by the limits, the captcha and the bounds per place instead.
"""

import re

ROBOTS = re.compile(
    r"(?<!cu)bot\b|crawler|spider|scrapy|"  # search engines and collectors; a Cubot is a telephone
    r"curl/|wget/|httpie/|python-requests/|python-urllib/|aiohttp/|httpx/|go-http-client/|java/|okhttp/|"
    r"libwww-perl/|lwp::|ruby|mechanize|node-fetch|axios/|guzzlehttp/|apache-httpclient/|postmanruntime/|"
    r"phantomjs|sqlmap|nikto|nmap",
    re.IGNORECASE,
)
LONGEST = 400


def is_robot(agent):
    """Whether this User-Agent names a program that nobody buys tickets with. An empty one says nothing."""
    return ROBOTS.search(agent[:LONGEST]) is not None
