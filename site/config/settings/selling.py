"""What is sold and how it is paid."""

from config import env
from config.paths import VAR_DIR
from config.selling import MODES, OPEN

# Selling
SELLING = env.choice("SELLING", MODES, OPEN)
INVITATION_CODES = env.words("INVITATION_CODES")
INVITATION_COOKIE_NAME = "invitation"
HOLD_MINUTES = env.integer("HOLD_MINUTES", 15, least=1, most=120)
TICKET_SIGNING_KEYS = env.keys("TICKET_SIGNING_KEYS", default="A:development-only-key")

# Paying
CURRENCY = "GBP"
SUMUP_LIVE_URL = "https://api.sumup.com"
SUMUP_API_URL = env.url("SUMUP_API_URL", default=SUMUP_LIVE_URL)
SUMUP_SIMULATOR_ALLOWED = False  # development and test alone may speak to a host that is not SumUp's
SUMUP_MERCHANT_CODE = env.text("SUMUP_MERCHANT_CODE", default="")
SUMUP_API_KEY = env.text("SUMUP_API_KEY", default="")
SUMUP_CLIENT_ID = env.text("SUMUP_CLIENT_ID", default="")
SUMUP_CLIENT_SECRET = env.text("SUMUP_CLIENT_SECRET", default="")
SUMUP_EVENTS_SECRET = env.text("SUMUP_EVENTS_SECRET", default="")
TOKEN_ENCRYPTION_KEYS = env.fernet_keys("TOKEN_ENCRYPTION_KEYS")
SUMUP_MAX_REQUESTS_PER_SECOND = env.integer("SUMUP_MAX_REQUESTS_PER_SECOND", 20, least=1, most=1000)
PAYMENT_MAX_AGE = env.integer("PAYMENT_MAX_AGE", 7200, least=60, most=86_400)
REFUND_LATE_MONEY = env.boolean("REFUND_LATE_MONEY", default=False)
RUN_DIR = VAR_DIR / "run"  # what the processes of this machine tell each other about SumUp while they run
POLL_BATCH_SIZE = env.integer("POLL_BATCH_SIZE", 20, least=1, most=1000)
