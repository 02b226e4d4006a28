"""Who may take tickets now: not a known robot, not more than one place or one person should, and, in a rush, people."""

from dataclasses import replace
from functools import partial, wraps

from django.shortcuts import render

from common.http.network_addresses import client_address, home_network
from events_pages.public.restrictions import may_read_page
from protection.captcha import challenges
from protection.visitors import user_agents
from ticketing.domain.abuse import abandonment, purchase_limits
from ticketing.domain.errors import NotProven
from ticketing.enums import ProofReason
from ticketing.views.buyer import invitation


def refuse_robots(view):
    """Refuses programs that say what they are when they would take tickets; they may read whatever they like."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and user_agents.is_robot(request.headers.get("User-Agent", "")):
            return render(request, "protection/robot.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def network_of_request(request):
    return home_network(client_address(request))


def build_visitor(request, basket, *, email=""):
    """Who takes seats: the basket counts where it was begun. One look at the cache."""
    place = (basket and basket.address) or network_of_request(request)
    step = abandonment.get_abandonment_step(place, email or (basket.buyer_email if basket else ""))
    is_invited = invitation.is_visitor_invited(request)
    return purchase_limits.Visitor(place, step=step, reads=partial(may_read_page, request), is_invited=is_invited)


def run_hold_with_proof(request, basket, take):
    """What `take(visitor)` returns. Where it asks for a person, once more with the proof that the form brings: nobody's
    proof is looked at, or used up, before it matters, nor while a lock is held. Raises what `take` does."""
    visitor = build_visitor(request, basket)
    try:
        return take(visitor)
    except NotProven:
        if not challenges.check_challenge(
            request, bound=_proof_subject(request, basket), step=visitor.step, each_time=True
        ):
            raise
    return take(replace(visitor, is_proven=True))


def build_hold_challenge(request, basket, error):
    step = build_visitor(request, basket).step
    return challenges.build_challenge(request, bound=_proof_subject(request, basket), step=step, why=error.reason.label)


def check_order_with_proof(request, basket, *, email):
    """Raises EnoughOrdered, TooManyFromHere, or NotProven when the form brings no answer to the captcha."""
    visitor = build_visitor(request, basket, email=email)
    sales = set(basket.lines.values_list("ticket_type__sale_id", flat=True))
    why = challenges.is_captcha_on() and (
        purchase_limits.find_proof_reason(sales, visitor) or _proof_for_failed_cards(visitor)
    )
    if why and not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
        raise NotProven(why)
    try:
        purchase_limits.check_order_limits(basket, email=email, visitor=visitor)
    except NotProven:
        if not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
            raise
        purchase_limits.check_order_limits(basket, email=email, visitor=replace(visitor, is_proven=True))


def build_order_challenge(request, basket, sales, *, refused=None):
    """The challenge for the checkout page; None when all is calm, or the visitor has shown it already. `refused`: the
    reason for which the form was."""
    if not (challenges.is_captcha_on() or refused):
        return None
    visitor = build_visitor(request, basket, email=request.POST.get("email", ""))
    why = refused or purchase_limits.find_proof_reason(sales, visitor)
    if not why or challenges.check_challenge(request, bound=basket.token, step=visitor.step):
        return None
    return challenges.build_challenge(request, bound=basket.token, step=visitor.step, why=why.label)


def _proof_for_failed_cards(visitor):
    return ProofReason.UNPAID if purchase_limits.is_trying_cards(visitor.place) else ""


def _proof_subject(request, basket):
    """Whom an answer before a hold counts for: the basket, or the place while there is none."""
    return basket.token if basket else f"{network_of_request(request)} {request.path}"
