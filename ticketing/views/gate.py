"""Who may take tickets now: not a known robot, not more than one place or one person should, and, in a rush, people."""

from functools import wraps

from django.shortcuts import render

from config.addresses import client_address, network
from protection import agents, captcha
from ticketing.domain import velocity
from ticketing.domain.errors import NotProven


def for_people(view):
    """Refuses programs that say what they are when they would take tickets; they may read whatever they like."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and agents.is_robot(request.headers.get("User-Agent", "")):
            return render(request, "protection/robot.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def place_of(request):
    return network(client_address(request))


def admit_hold(request, basket, seats):
    """Where the basket is from. Raises TooManyFromHere, or NotProven when the form brings no answer to the captcha.

    Seats that the basket holds already count twice while they are asked for again: the bounds are wide enough.
    """
    place = place_of(request)
    velocity.check_hold(
        place,
        seats=seats,
        is_new=basket is None,
        is_proven=lambda: captcha.passed(request, bound=_hold_of(request, basket), each_time=True),
    )
    return place


def admit_change(request, seats=0):
    """The same for the basket's own page, where nobody is asked for proof. Raises TooManyFromHere."""
    velocity.check_hold(place_of(request), seats=seats, is_new=False, is_proven=lambda: True)


def ask_for_hold(request, basket):
    return captcha.challenge(request, bound=_hold_of(request, basket))


def admit_order(request, basket, *, email):
    """Raises EnoughOrdered, TooManyFromHere, or NotProven when the form brings no answer to the captcha."""
    address = client_address(request)
    sales = set(basket.lines.values_list("ticket_type__sale_id", flat=True))
    asked = captcha.is_on() and (velocity.wants_proof(sales, place=network(address)) or velocity.tries_cards(address))
    if asked and not captcha.passed(request, bound=basket.token):
        raise NotProven
    velocity.check_order(basket, email=email, address=address)


def ask_for_order(request, basket, sales, *, was_refused):
    """The challenge for the checkout page; None when all is calm, or the visitor has shown it already."""
    asked = was_refused or (captcha.is_on() and velocity.wants_proof(sales, place=place_of(request)))
    if not asked or captcha.passed(request, bound=basket.token):
        return None
    return captcha.challenge(request, bound=basket.token)


def _hold_of(request, basket):
    """Whom an answer before a hold counts for: the basket, or the place while there is none."""
    return basket.token if basket else f"{place_of(request)} {request.path}"
