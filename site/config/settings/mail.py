"""How e-mail leaves, and who hears of trouble."""

import warnings

from common import env
from common.env import VAR_DIR
from common.text.email_addresses import normalise_email

BACKENDS = {
    "mailgun": "anymail.backends.mailgun.EmailBackend",
    "postmark": "anymail.backends.postmark.EmailBackend",
    "amazon_ses": "anymail.backends.amazon_ses.EmailBackend",
    "sendgrid": "anymail.backends.sendgrid.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "common.mail_files.EmailBackend",
}
EMAIL_PROVIDER = env.read_choice("EMAIL_PROVIDER", tuple(BACKENDS), default="file")
EMAIL_BACKEND = BACKENDS[EMAIL_PROVIDER]
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 10
# boto3 would try up to five times without a word, and so send up to five mails: the outbox is what tries again
ONCE = {"retries": {"total_max_attempts": 1}, "connect_timeout": EMAIL_TIMEOUT, "read_timeout": EMAIL_TIMEOUT}
ANYMAIL = {"REQUESTS_TIMEOUT": EMAIL_TIMEOUT, "AMAZON_SES_CLIENT_PARAMS": {"config": ONCE}}
# Anymail warns at every message, and at every event, that it no longer tests SendGrid: tests/contract/test_sendgrid.py
# does, against SendGrid's own documents.
warnings.filterwarnings("ignore", message=".*SendGrid.*", module="anymail")
if EMAIL_PROVIDER == "mailgun":
    ANYMAIL["MAILGUN_API_KEY"] = env.read_text("MAILGUN_API_KEY")
    ANYMAIL["MAILGUN_API_URL"] = env.read_url("MAILGUN_API_URL", default="https://api.mailgun.net/v3")
    if domain := env.read_text("MAILGUN_SENDER_DOMAIN", default=""):
        ANYMAIL["MAILGUN_SENDER_DOMAIN"] = domain
if EMAIL_PROVIDER == "postmark":
    ANYMAIL["POSTMARK_SERVER_TOKEN"] = env.read_text("POSTMARK_SERVER_TOKEN")
if EMAIL_PROVIDER == "sendgrid":
    ANYMAIL["SENDGRID_API_KEY"] = env.read_text("SENDGRID_API_KEY")
if EMAIL_PROVIDER == "amazon_ses":
    # It has no switch for “count neither opens nor clicks”: it counts none unless a configuration set says so
    ANYMAIL["IGNORE_UNSUPPORTED_FEATURES"] = True
    ANYMAIL["AMAZON_SES_CLIENT_PARAMS"] |= {
        "region_name": env.read_text("AMAZON_SES_REGION"),
        "aws_access_key_id": env.read_text("AMAZON_SES_ACCESS_KEY_ID"),
        "aws_secret_access_key": env.read_text("AMAZON_SES_SECRET_ACCESS_KEY"),
    }
    if configuration_set := env.read_text("AMAZON_SES_CONFIGURATION_SET", default=""):
        ANYMAIL["AMAZON_SES_CONFIGURATION_SET_NAME"] = configuration_set
if EMAIL_PROVIDER == "smtp":
    EMAIL_HOST = env.read_text("SMTP_HOST")
    EMAIL_PORT = env.read_integer("SMTP_PORT", default=587, least=1, most=65535)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = (
        env.read_text("SMTP_USER", default=""),
        env.read_text("SMTP_PASSWORD", default=""),
    )
    security = env.read_choice("SMTP_SECURITY", ("starttls", "tls", "none"), default="starttls")
    EMAIL_USE_TLS, EMAIL_USE_SSL = security == "starttls", security == "tls"
# What became of each message, told to SITE_URL + /mail/events/<provider>/; without its key that address does not exist
ANYMAIL["WEBHOOK_SECRET"] = env.read_logins("MAIL_WEBHOOK_SECRET")
ANYMAIL["MAILGUN_WEBHOOK_SIGNING_KEY"] = env.read_text("MAILGUN_WEBHOOK_KEY", default="")
ANYMAIL["SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"] = env.read_public_key("SENDGRID_WEBHOOK_KEY")
DEFAULT_FROM_EMAIL = env.read_text("DEFAULT_FROM_EMAIL", default="Jersey Events <tickets@localhost>")
ALERTS_EMAIL = [normalise_email(each) for each in env.read_words("ALERTS_EMAIL")]
SECURITY_CONTACT = env.read_contact("SECURITY_CONTACT")
