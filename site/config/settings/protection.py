"""Who may do what, how often, and what a browser may load."""

from config.settings.selling import SUMUP_API_URL, SUMUP_LIVE_URL

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "wagtailadmin_login"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel frames pages of the same site
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
# A form that answers with a redirect needs the target in form-action too (SumUp notes, section 7.1).
PAYER_PAGES = (
    ["https://checkout.sumup.com", "https://pay.sumup.com"] if SUMUP_API_URL == SUMUP_LIVE_URL else [SUMUP_API_URL]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'self'"],
        "frame-src": ["https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "form-action": ["'self'", *PAYER_PAGES],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.E003",  # the database cache of a laptop
    "django_ratelimit.W001",
    "security.W019",  # X_FRAME_OPTIONS: see there
]
