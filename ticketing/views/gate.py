"""Who may take tickets now: not a known robot, not more than one place or one person should, and, in a rush, people."""

from dataclasses import replace
from functools import partial, wraps

from django.shortcuts import render

from config.addresses import client_address, network
from events_pages.restrictions import may_read
from protection import agents
from protection.captcha import challenges
from ticketing.domain import lapses, velocity
from ticketing.domain.errors import NotProven
from ticketing.enums import ProofReason
from ticketing.views import invited


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


def visitor_of(request, basket, *, email=""):
    """Who takes seats: the basket counts where it was begun. One look at the cache."""
    place = (basket and basket.address) or place_of(request)
    step = lapses.step(place, email or (basket.buyer_email if basket else ""))
    is_invited = invited.is_invited(request)
    return velocity.Visitor(place, step=step, reads=partial(may_read, request), is_invited=is_invited)


def admit(request, basket, take):
    """What `take(visitor)` returns. Where it asks for a person, once more with the proof that the form brings: nobody's
    proof is looked at, or used up, before it matters, nor while a lock is held. Raises what `take` does."""
    visitor = visitor_of(request, basket)
    try:
        return take(visitor)
    except NotProven:
        if not challenges.check_challenge(request, bound=_hold_of(request, basket), step=visitor.step, each_time=True):
            raise
    return take(replace(visitor, is_proven=True))


def ask_for_hold(request, basket, error):
    step = visitor_of(request, basket).step
    return challenges.build_challenge(request, bound=_hold_of(request, basket), step=step, why=error.reason.label)


def admit_order(request, basket, *, email):
    """Raises EnoughOrdered, TooManyFromHere, or NotProven when the form brings no answer to the captcha."""
    visitor = visitor_of(request, basket, email=email)
    sales = set(basket.lines.values_list("ticket_type__sale_id", flat=True))
    why = challenges.is_captcha_on() and (velocity.why_proof(sales, visitor) or _why_unpaid(visitor))
    if why and not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
        raise NotProven(why)
    try:
        velocity.check_order(basket, email=email, visitor=visitor)
    except NotProven:
        if not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
            raise
        velocity.check_order(basket, email=email, visitor=replace(visitor, is_proven=True))


def ask_for_order(request, basket, sales, *, refused=None):
    """The challenge for the checkout page; None when all is calm, or the visitor has shown it already. `refused`: the
    reason for which the form was."""
    if not (challenges.is_captcha_on() or refused):
        return None
    visitor = visitor_of(request, basket, email=request.POST.get("email", ""))
    why = refused or velocity.why_proof(sales, visitor)
    if not why or challenges.check_challenge(request, bound=basket.token, step=visitor.step):
        return None
    return challenges.build_challenge(request, bound=basket.token, step=visitor.step, why=why.label)


def _why_unpaid(visitor):
    return ProofReason.UNPAID if velocity.tries_cards(visitor.place) else ""


def _hold_of(request, basket):
    """Whom an answer before a hold counts for: the basket, or the place while there is none."""
    return basket.token if basket else f"{place_of(request)} {request.path}"
