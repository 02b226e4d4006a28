"""What is sold and how it is paid."""

from common import env
from common.env import VAR_DIR
from common.sales_mode import MODES, OPEN

# Selling
SELLING = env.read_choice("SELLING", MODES, OPEN)
INVITATION_CODES = env.read_words("INVITATION_CODES")
INVITATION_COOKIE_NAME = "invitation"
HOLD_MINUTES = env.read_integer("HOLD_MINUTES", 15, least=1, most=120)
TICKET_SIGNING_KEYS = env.read_signing_keys("TICKET_SIGNING_KEYS", default="A:development-only-key")

# Paying
CURRENCY = "GBP"
SUMUP_LIVE_URL = "https://api.sumup.com"
SUMUP_API_URL = env.read_url("SUMUP_API_URL", default=SUMUP_LIVE_URL)
SUMUP_SIMULATOR_ALLOWED = False  # development and test alone may speak to a host that is not SumUp's
SUMUP_MERCHANT_CODE = env.read_text("SUMUP_MERCHANT_CODE", default="")
SUMUP_API_KEY = env.read_text("SUMUP_API_KEY", default="")
SUMUP_CLIENT_ID = env.read_text("SUMUP_CLIENT_ID", default="")
SUMUP_CLIENT_SECRET = env.read_text("SUMUP_CLIENT_SECRET", default="")
SUMUP_EVENTS_SECRET = env.read_text("SUMUP_EVENTS_SECRET", default="")
TOKEN_ENCRYPTION_KEYS = env.read_fernet_keys("TOKEN_ENCRYPTION_KEYS")
SUMUP_MAX_REQUESTS_PER_SECOND = env.read_integer("SUMUP_MAX_REQUESTS_PER_SECOND", 20, least=1, most=1000)
PAYMENT_MAX_AGE = env.read_integer("PAYMENT_MAX_AGE", 7200, least=60, most=86_400)
REFUND_LATE_MONEY = env.read_boolean("REFUND_LATE_MONEY", default=False)
RUN_DIR = VAR_DIR / "run"  # what the processes of this machine tell each other about SumUp while they run
POLL_BATCH_SIZE = env.read_integer("POLL_BATCH_SIZE", 20, least=1, most=1000)
