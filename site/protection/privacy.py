"""Headers of answers that are for one person."""


def keep_private(response):
    """No cache keeps it, no search engine lists it. SECURE_REFERRER_POLICY hides the address, for the whole site."""
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
