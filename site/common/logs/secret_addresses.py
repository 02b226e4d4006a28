"""Addresses that open something by themselves: whoever has one is let in. Their tokens are written down nowhere.

The tests compare this list with the site's own addresses, and with it the map in deploy/nginx/jersey.conf.
"""

import re

PLACES = (
    "tickets/orders/*/",
    "tickets/my-data/",
    "payments/sumup/callback/",
    "admin/password_reset/confirm/*/",
)
"""What stands before a token; * is any one part of an address."""

SLASH = r"(?:/|%2F)++"  # as it is, or quoted in a parameter of another address
PART = r"(?:(?!%2F)[^/?#\s'\"<>])+"  # not "++": Python before 3.11.4 forgets a group that is repeated so
WRAPPED = r"(?: [\w-]++(?=/))?+"  # the second half of one that a mail program broke
TOKEN = re.compile(
    f"({'|'.join(place.replace('/', SLASH).replace('*', PART) for place in PLACES)}){PART}{WRAPPED}", re.IGNORECASE
)
PARAMETER = re.compile(
    r"([?&](?:code|state|token|key|secret|password|signature|x-amz-[a-z]{1,32}|awsaccesskeyid)=)[^&#\s'\"<>]++",
    re.IGNORECASE,
)


def hide_tokens(text):
    """The same text with `-` in the place of every token of an address, and of what a parameter may not tell."""
    return PARAMETER.sub(r"\1-", TOKEN.sub(r"\1-", text))
