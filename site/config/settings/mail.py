"""How e-mail leaves, and who hears of trouble."""

import warnings

from common.email_addresses import normalise_email
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
# Anymail warns at every message, and at every event, that it no longer tests SendGrid; our own tests do.
warnings.filterwarnings("ignore", message=".*SendGrid.*", module="anymail")
if EMAIL_PROVIDER == "sendgrid":
    ANYMAIL["SENDGRID_API_KEY"] = env.text("SENDGRID_API_KEY")
if EMAIL_PROVIDER == "mailgun":
    ANYMAIL["MAILGUN_API_KEY"] = env.text("MAILGUN_API_KEY")
    ANYMAIL["MAILGUN_API_URL"] = env.url("MAILGUN_API_URL", default="https://api.mailgun.net/v3")
    if domain := env.text("MAILGUN_SENDER_DOMAIN", default=""):
        ANYMAIL["MAILGUN_SENDER_DOMAIN"] = domain
# What became of each message, told to SITE_URL + /mail/events/<provider>/; without its key that address does not exist
ANYMAIL["WEBHOOK_SECRET"] = env.words("MAIL_WEBHOOK_SECRET")
ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = env.text("MAILGUN_WEBHOOK_KEY", default="")
ANYMAIL["SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"] = env.public_key("SENDGRID_WEBHOOK_KEY")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", default="Jersey Events <tickets@localhost>")
ALERTS_EMAIL = [normalise_email(each) for each in env.words("ALERTS_EMAIL")]
SECURITY_CONTACT = env.contact("SECURITY_CONTACT")
