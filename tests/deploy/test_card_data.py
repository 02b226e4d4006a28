"""What docs/operations/card-data.md says of the site, which decides which questionnaire a merchant fills in."""

import re

from django.conf import settings

from tests.harness import ROOT

TEMPLATES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
CARD_FIELD = re.compile(r"""(?:autocomplete|name)=["'](?:cc-|card[-_]?number|cvv|cvc|pan\b)""", re.IGNORECASE)


def test_no_page_of_the_site_asks_for_a_card():
    assert CARD_FIELD.findall(TEMPLATES) == []


def test_nothing_of_sumups_is_framed_or_loaded():
    assert [tag for tag in re.findall(r"<(?:iframe|script)[^>]*>", TEMPLATES) if "sumup" in tag.lower()] == []
    policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    for kind in ("script-src", "frame-src"):
        assert "sumup" not in str(policy.get(kind, "")).lower()
    assert "'unsafe-inline'" not in policy["script-src"]
