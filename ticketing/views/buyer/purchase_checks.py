"""Checks before seats are taken: robots, purchase limits, and proof of a person in a rush."""

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
    """Refuses programs that name themselves when they POST; they may read everything."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method == "POST" and user_agents.is_robot(request.headers.get("User-Agent", "")):
            return render(request, "protection/robot.html", status=403)
        return view(request, *args, **kwargs)

    return guarded


def network_of_request(request):
    return home_network(client_address(request))


def build_visitor(request, basket, *, email=""):
    """Counted where the basket was begun. Costs one look at the cache."""
    place = (basket and basket.address) or network_of_request(request)
    step = abandonment.get_abandonment_step(place, email or (basket.buyer_email if basket else ""))
    is_invited = invitation.is_visitor_invited(request)
    return purchase_limits.Visitor(place, step=step, reads=partial(may_read_page, request), is_invited=is_invited)


def run_hold_with_proof(request, basket, take):
    """Returns what `take(visitor)` does. When it raises NotProven, tries once more with the proof of the form: a proof
    is used up only where it matters, and never while a lock is held."""
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


def check_order_with_proof(request, basket, lines, *, email):
    """Raises EnoughOrdered, TooManyFromHere, or NotProven when the form brings no proof."""
    visitor = build_visitor(request, basket, email=email)
    sales = {line.ticket_type.sale_id for line in lines}
    why = challenges.is_captcha_on() and (
        purchase_limits.find_proof_reason(sales, visitor) or _proof_for_failed_cards(visitor)
    )
    if why and not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
        raise NotProven(why)
    try:
        purchase_limits.refuse_excessive_order(lines, email=email, visitor=visitor)
    except NotProven:
        if not challenges.check_challenge(request, bound=basket.token, step=visitor.step):
            raise
        purchase_limits.refuse_excessive_order(lines, email=email, visitor=replace(visitor, is_proven=True))


def build_order_challenge(request, basket, sales, *, refused=None):
    """The challenge for the checkout page, None when none is needed. `refused`: why the form was refused."""
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
    """The basket, or the place while there is none."""
    return basket.token if basket else f"{network_of_request(request)} {request.path}"
