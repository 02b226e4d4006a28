"""Rate limits: how often one place and one visitor may do what costs us something. Beyond it 429 with the time to wait.

Reading pages is never limited. Counters live in the cache “limits”, which all processes share. While that is down or
full, buying is not limited, because a sale that stops helps nobody; and each process counts alone what somebody could
guess with, or write to others by (`Rate.always`).
"""

import logging
import time
from dataclasses import dataclass
from functools import partial, wraps
from threading import Lock

from django.conf import settings
from django.core.cache import caches
from django.db import Error as DatabaseTrouble
from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_ratelimit.core import get_usage

from common.http.browser_policy import keep_private
from common.http.network_addresses import client_address, home_network

logger = logging.getLogger(__name__)

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
SILENCE = 60  # seconds between two lines that say that the cache is down
LONGEST_KEPT = 2000  # characters of a field, and
MOST_KEPT = 40  # fields that the page of the refusal offers to send again
PERIODS = {"m": 60, "h": 3600}  # seconds
MOST_COUNTED = 10_000  # places, of each kind, while a process counts alone
PROBE = "limits:probe"
TOKEN = "csrfmiddlewaretoken"  # noqa: S105 - a field's name


@dataclass(frozen=True)
class Rate:
    """`address` counts a place: whole offices and mobile networks share one. `visitor` counts the cookie of a basket or
    of somebody signed in; `stranger` the address again, for those who have no cookie where everybody has one. `always`:
    also while the shared counters are away."""

    address: str = ""
    visitor: str = ""
    stranger: str = ""
    always: bool = False


RATES = {
    # Choosing and changing seats: a person with both hands on the steppers sends one form a second at most.
    "basket": Rate(address="300/m", visitor="60/m"),
    # Whatever is typed as an invitation, right or wrong, so that nobody learns by it which.
    "invitation": Rate(address="20/m", always=True),
    # Ordering: ten tries are a form with nine mistakes. Without a basket there is nothing to order, so no person is
    # hurt.
    "checkout": Rate(address="60/m", visitor="10/m", stranger="10/m"),
    # Each makes us write an e-mail to somebody who may not have asked. Refused for a minute at most: strangers of the
    # same network must not keep somebody from their tickets.
    "find": Rate(address="30/m", always=True),
    "my-data": Rate(address="30/m", always=True),
    # Beyond these nobody is refused either: the form needs a second of the browser's work (`mail_request`).
    "find-from-here": Rate(address="20/h", always=True),
    "find-for-one": Rate(address="4/h", always=True),
    "find-address": Rate(address="6/h", always=True),
    "resend": Rate(address="30/m", visitor="10/m"),
    # An order's own page: paying again, releasing, the PDF, which takes a second of a processor.
    "order": Rate(address="120/m", visitor="30/m"),
    "document": Rate(address="120/m"),
    # On top of the lockout, which counts names: this one counts guesses at all names together.
    "sign-in": Rate(address="20/m", always=True),
    "second-step": Rate(address="20/m", always=True),
    "own-password": Rate(address="20/m", always=True),
    # Links for a new password: beyond the first the form needs proof, beyond the second the last ones have to do.
    "reset-for-one": Rate(address="3/h", always=True),
    "reset-letters": Rate(address="10/h", always=True),
    # Only calls that are wrong are counted: right ones of SumUp and the mail provider come from few addresses.
    "callback": Rate(address="120/m"),
}


def rate_limited(name, *, methods=UNSAFE):
    """A decorator. Requests by other methods than these are not counted."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            wait = seconds_to_wait(request, name) if request.method in methods else 0
            return render_too_often(request, wait) if wait else view(request, *args, **kwargs)

        return guarded

    return decorate


def seconds_to_wait(request, name, *, address=None, visitor=None):
    """Counts this request. Returns the seconds that its sender has to wait, 0 to go ahead.

    `address` counts something else than where it came from, such as the e-mail that it asks about.
    """
    if not settings.RATE_LIMITS:
        return 0
    rate, place = RATES[name], address or home_network(client_address(request)) or "nowhere"
    visitor = visitor or visitor_cookie(request)
    counted = [("address", place, rate.address), ("visitor", visitor, rate.visitor)]
    if not visitor:
        counted.append(("stranger", place, rate.stranger))
    wait = partial(_count_request, request, always=rate.always)
    return max((wait(f"{name}:{of}", who, each) for of, who, each in counted if who and each), default=0)


def visitor_cookie(request):
    names = (settings.SESSION_COOKIE_NAME, settings.BASKET_COOKIE_NAME)
    return next((request.COOKIES[name] for name in names if request.COOKIES.get(name)), "")


def render_too_often(request, wait):
    if request.path.endswith(".json") or not request.accepts("text/html"):
        response = JsonResponse({"wait": wait}, status=429)
    else:
        context = {
            "typed": fields_to_send_again(request),
            "has_token": TOKEN in request.POST,
            "path": request.get_full_path(),
        }
        context |= {"wait": wait, "minutes": whole_minutes(wait)}
        response = render(request, "protection/too_often.html", context, status=429)
    response.headers["Retry-After"] = str(wait)
    return keep_private(response)


def whole_minutes(wait):
    return -(-wait // 60)


def fields_to_send_again(request):
    """What the form held; nothing of a form with a password."""
    data = request.POST
    if any("password" in name for name in data):
        return []
    fields = [(name, value) for name, values in data.lists() for value in values if name != TOKEN]
    kept = [(name, value) for name, value in fields if len(name) + len(value) <= LONGEST_KEPT]
    return kept if len(kept) == len(fields) <= MOST_KEPT else []


def describe_counter_trouble():
    """What is wrong with the shared counters, as a sentence; empty when nothing is."""
    try:
        caches["limits"].add(PROBE, 0, 60)
        caches["limits"].incr(PROBE)
    except (ValueError, DatabaseTrouble):
        return _("counted by each process alone: their store does not answer or is full")
    return ""


def _count_request(request, group, who, rate, *, always):
    usage = get_usage(request, group=group, key=lambda *_: who, rate=rate, increment=True)
    if usage is None:
        _log_once_a_minute()
        return _own_counters.wait(group, who, rate) if always else 0
    return max(usage["time_left"], 1) if usage["should_limit"] else 0


class CountersOfThisProcess:
    """Bounded: when there is no more room, whoever is new has to wait."""

    def __init__(self):
        self.windows, self.lock = {}, Lock()

    def wait(self, group, who, rate):
        most, _slash, period = rate.partition("/")
        window, passed = divmod(int(time.time()), PERIODS[period])
        with self.lock:
            of, counts = self.windows.get(group, (None, {}))
            if of != window:
                counts = {}
            self.windows[group] = window, counts
            if who in counts or len(counts) < MOST_COUNTED:
                counts[who] = counts.get(who, 0) + 1
            return PERIODS[period] - passed if counts.get(who, int(most) + 1) > int(most) else 0

    def forget(self):
        self.windows.clear()


_own_counters = CountersOfThisProcess()


class _LastLogged:
    until = 0


def _log_once_a_minute():
    now = time.monotonic()
    if now >= _LastLogged.until:
        _LastLogged.until = now + SILENCE
        logger.error("limits.uncounted their cache is unreachable or full: each process counts alone")


class LimitedViewsMiddleware:
    """The limits of whatever takes a password or a code, by the name of its address."""

    NAMES = {
        "wagtailadmin_login": "sign-in",
        "wagtailcore_login": "sign-in",
        "wagtailcore_authenticate_with_password": "sign-in",
        "wagtaildocs_authenticate_with_password": "sign-in",
        "wagtailadmin_password_reset": "sign-in",
        "wagtailadmin_password_reset_confirm": "sign-in",
        "wagtailadmin_account": "own-password",
        "wagtailusers_users:add": "own-password",
        "wagtailusers_users:edit": "own-password",
        "second_step_verify": "second-step",
        "second_step_set_up": "second-step",
        "second_step_codes": "own-password",
        "second_step_remove": "own-password",
    }

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        name = self.NAMES.get(request.resolver_match.view_name)
        wait = seconds_to_wait(request, name) if name and request.method in UNSAFE else 0
        return render_too_often(request, wait) if wait else None
