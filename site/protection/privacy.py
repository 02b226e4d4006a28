"""Answers for one person."""


def keep_private(response):
    """Nobody stores it and no search engine lists it. That its address is told to nobody holds for the whole site
    (SECURE_REFERRER_POLICY)."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
