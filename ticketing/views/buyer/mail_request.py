"""How often somebody may ask for a letter to an address: “find my tickets” and “my data” alike.

Anybody may ask about anybody, so no number of posts of strangers may keep somebody from their own tickets. Beyond the
bounds a form needs proof of a person, a second of the browser's work, and nobody is refused for longer than a minute.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.http.network_addresses import client_address, home_network, neighbour_network
from common.text.email_addresses import fold_email
from protection.captcha import challenges
from protection.visitors import rate_limits

WHY = _("Very many have asked for this just now.")


@dataclass(frozen=True)
class MailRequestOutcome:
    """What becomes of a request: refused for `wait` seconds, asked for proof, or taken.

    `is_besieged`: the address has been asked about so often that its letters go out farther apart.
    """

    wait: int = 0
    challenge: challenges.Challenge | None = None
    is_besieged: bool = False

    @property
    def is_refused(self):
        return bool(self.wait or self.challenge)

    @property
    def status(self):
        return 429 if self.wait else 422

    @property
    def minutes(self):
        return rate_limits.whole_minutes(self.wait)

    def told_in(self, response):
        if self.wait:
            response.headers["Retry-After"] = str(self.wait)
        return response


ALLOWED = MailRequestOutcome()


def count_mail_request(request, rate, email):
    """Counts this request about an address, known or not, and says what becomes of it.

    What is not taken does not count for the address: whoever posts from one place alone costs others nothing.
    """
    if wait := rate_limits.seconds_to_wait(request, rate):
        return MailRequestOutcome(wait=wait)
    email = fold_email(email)
    bound = f"find {home_network(client_address(request))} {email}"
    from_here = _count_exceeds(request, "find-from-here", None)
    for_one = _count_exceeds(request, "find-for-one", f"{neighbour_network(client_address(request))} {email}")
    is_proven = (from_here or for_one) and challenges.check_challenge(request, bound=bound, each_time=True)
    if (from_here or for_one) and not is_proven:
        return MailRequestOutcome(challenge=challenges.build_challenge(request, bound=bound, why=WHY))
    is_besieged = _count_exceeds(request, "find-address", email)
    if is_besieged and not is_proven and not challenges.check_challenge(request, bound=bound, each_time=True):
        return MailRequestOutcome(challenge=challenges.build_challenge(request, bound=bound, why=WHY))
    return MailRequestOutcome(is_besieged=is_besieged)


def _count_exceeds(request, rate, counted):
    return rate_limits.seconds_to_wait(request, rate, address=counted) > 0
