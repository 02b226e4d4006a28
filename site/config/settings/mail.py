"""How e-mail leaves, and who hears of trouble."""

import warnings

from config import env
from config.paths import VAR_DIR

EMAIL_PROVIDER = env.choice("EMAIL_PROVIDER", ("sendgrid", "mailgun", "console", "file"), default="file")
EMAIL_BACKEND = {
    "sendgrid": "anymail.backends.sendgrid.EmailBackend",
    "mailgun": "anymail.backends.mailgun.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "config.eml.EmailBackend",
}[EMAIL_PROVIDER]
EMAIL_FILE_PATH = VAR_DIR / "mail"
ANYMAIL = {"REQUESTS_TIMEOUT": 10}
if EMAIL_PROVIDER == "sendgrid":
    # Anymail warns at every message that it no longer tests this backend; our own tests do.
    warnings.filterwarnings("ignore", message=".*SendGrid.*", module="anymail")
    ANYMAIL["SENDGRID_API_KEY"] = env.text("SENDGRID_API_KEY")
if EMAIL_PROVIDER == "mailgun":
    ANYMAIL["MAILGUN_API_KEY"] = env.text("MAILGUN_API_KEY")
    ANYMAIL["MAILGUN_API_URL"] = env.url("MAILGUN_API_URL", default="https://api.mailgun.net/v3")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Jersey Events <tickets@localhost>")
ALERTS_EMAIL = env.words("ALERTS_EMAIL")
