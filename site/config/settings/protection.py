"""Who may do what, how often, and what a browser may load."""

from datetime import timedelta
from urllib.parse import urlsplit

from common import env
from common.http import body_sizes
from config.settings.files import MEDIA_URL, STATIC_URL
from config.settings.sales import SUMUP_API_URL, SUMUP_LIVE_URL

# For whoever sets a password: in the admin, by the link of a reset, or with `manage.py`.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "protection.sign_in.passwords.RepetitionValidator"},
    {"NAME": "protection.sign_in.passwords.MaximumLengthValidator"},
]
AUTHENTICATION_BACKENDS = ["protection.backends.GuardingBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "wagtailadmin_login"
WAGTAILADMIN_USER_PASSWORD_RESET_FORM = "protection.sign_in.forms.PasswordResetForm"  # noqa: S105 - no password
# Whether everybody of the staff must pass a second step. Who has set one up is asked for it anyway.
REQUIRE_TWO_FACTOR = env.read_boolean("REQUIRE_TWO_FACTOR", default=False)
OTP_TOTP_ISSUER = "Jersey Events"
# Counted from the last use: a forgotten laptop is signed out by the morning.
SESSION_COOKIE_AGE = 12 * 60 * 60
# Counted from signing in, whatever was done since: a stolen session is worth nothing the next day.
STAFF_SESSION_AGE = timedelta(hours=env.read_integer("STAFF_SESSION_HOURS", 12, least=1, most=24))
PASSWORD_HASHERS = ["protection.sign_in.passwords.BoundedHasher"]
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False  # its own panel: ours counts wrong ones (protection/wagtail_hooks.py)
WAGTAIL_PASSWORD_RESET_ENABLED = True
# Lockout (protection/sign_in/lockout.py): five wrong passwords for a name from a network
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "protection.sign_in.lockout.GrowingHandler"
AXES_COOLOFF_TIME = timedelta(hours=4)  # the longest; the handler knows the one that counts
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "protection.sign_in.lockout.render_lockout"
AXES_USERNAME_CALLABLE = "protection.sign_in.lockout.username_tried"
AXES_CLIENT_IP_CALLABLE = "protection.sign_in.lockout.network_tried_from"
AXES_DISABLE_ACCESS_LOG = True  # `SignIn` is the audit
AXES_VERBOSE = AXES_ENABLE_ADMIN = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
BASKET_COOKIE_NAME = "basket"
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail's preview panel frames pages of the same site
# Some addresses open tickets, and a script on the next page may count visits: nobody is told more than the host. Not
# `no-referrer`: with it browsers send `Origin: null` with a page's own forms, and Django's CSRF check refuses those.
SECURE_REFERRER_POLICY = "strict-origin"
# A form that answers with a redirect needs the target in form-action too (SumUp notes, section 7.1).
PAYER_PAGES = (
    ["https://checkout.sumup.com", "https://pay.sumup.com"] if SUMUP_API_URL == SUMUP_LIVE_URL else [SUMUP_API_URL]
)
# Goes on while selling is paused: staff, the door, what SumUp and mail providers tell us.
MAINTENANCE_EXEMPT = ("/admin/", "/tickets/scan/", "/payments/", "/mail/events/", "/health/")
# Where static files and media come from when a content delivery network or a bucket has them
FILE_HOSTS = sorted({f"{url.scheme}://{url.netloc}" for url in map(urlsplit, (STATIC_URL, MEDIA_URL)) if url.netloc})
# No inline script or style anywhere, so no nonce either: kept pages could not carry one (decision 14).
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", *FILE_HOSTS],
        "style-src": ["'self'", *FILE_HOSTS],
        "font-src": ["'self'", *FILE_HOSTS],
        "img-src": ["'self'", "data:", *FILE_HOSTS],
        "connect-src": ["'self'"],
        "frame-src": ["https://www.youtube-nocookie.com", "https://player.vimeo.com"],
        "form-action": ["'self'", *PAYER_PAGES],
        "frame-ancestors": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# What may be uploaded: pictures that people have, and documents that no browser runs. How much a request may carry at
# which address, before anybody reads it: common/http/body_sizes.py.
WAGTAILIMAGES_IMAGE_FORM_BASE = "events_pages.admin.picture_forms.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["avif", "gif", "heic", "heif", "jfif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"ico": "png", "tiff": "png"}  # of pictures that a program has put there
WAGTAILIMAGES_MAX_UPLOAD_SIZE = body_sizes.PICTURE
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 40_000_000
WAGTAILDOCS_EXTENSIONS = ["csv", "docx", "odt", "pdf", "rtf", "txt", "xlsx"]
WAGTAILDOCS_MAX_UPLOAD_SIZE = body_sizes.DOCUMENT
WAGTAILDOCS_INLINE_CONTENT_TYPES = []  # saved, never shown in the page's place
DATA_UPLOAD_MAX_MEMORY_SIZE = body_sizes.FORM
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_NUMBER_FILES = 50
# How many of our own proxies add to X-Forwarded-For: production has one, the platform's router
PROXY_HOPS = env.read_integer("PROXY_HOPS", 0, most=10)
RATE_LIMITS = env.read_boolean("RATE_LIMITS", default=True)
RATELIMIT_USE_CACHE = "limits"
RATELIMIT_FAIL_OPEN = True  # says that nothing was counted; protection/visitors/rate_limits.py decides what that means
# How a busy sale asks whether there is a person; the others than `pow` bring a third party and its keys
CAPTCHA_PROVIDER = env.read_choice(
    "CAPTCHA_PROVIDER", ("off", "pow", "hcaptcha", "recaptcha", "turnstile"), default="pow"
)
CAPTCHA_IS_HOSTED = CAPTCHA_PROVIDER not in ("off", "pow")
CAPTCHA_SITE_KEY = env.read_text("CAPTCHA_SITE_KEY", default=env.REQUIRED if CAPTCHA_IS_HOSTED else "")
CAPTCHA_SECRET_KEY = env.read_text("CAPTCHA_SECRET_KEY", default=env.REQUIRED if CAPTCHA_IS_HOSTED else "")
CAPTCHA_VERIFY_URL = ""  # empty: the provider's own
SILENCED_SYSTEM_CHECKS = [
    "django_ratelimit.E003",  # the database cache of a laptop
    "django_ratelimit.W001",
    "security.W019",  # X_FRAME_OPTIONS: see there
]
