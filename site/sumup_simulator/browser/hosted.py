"""The hosted payment page as a payer meets it. It works without JavaScript and never redirects by itself."""

import re
from urllib.parse import parse_qs

from sumup_simulator.api.answers import HTML, Answer
from sumup_simulator.sandbox.cards import (
    CHALLENGE_CARD,
    DECLINED_CARD,
    GOOD_CARD,
    TEST_CARDS,
    Outcome,
    digits_of,
    outcome_of,
)
from sumup_simulator.sandbox.records import CheckoutStatus
from sumup_simulator.sandbox.state import AlreadyProcessed, SessionOver

from . import pages

QUICK_CARDS = {"success": GOOD_CARD, "decline": DECLINED_CARD, "challenge": CHALLENGE_CARD}
SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def answer_hosted_page(till, request):
    checkout = till.sandbox.find(request.path.removeprefix("/pay/c-"))
    if checkout is None or not checkout.hosted:
        return _page(404, pages.unknown_page())
    if request.method == "POST":
        return submit_card(till, checkout, request)
    return show_hosted_page(till.sandbox, checkout, retry="retry" in request.query)


def show_hosted_page(sandbox, checkout, *, retry=False):
    merchant = sandbox.merchants[checkout.merchant_code]
    if checkout.status == CheckoutStatus.PAID:
        return _page(200, pages.success_page(checkout, merchant, sandbox.transactions_of(checkout)[-1]))
    if sandbox.session_is_over(checkout):
        return _page(410, pages.expired_page(checkout, merchant))
    if checkout.challenge:
        return _page(200, pages.challenge_page(checkout, merchant))
    if checkout.status == CheckoutStatus.FAILED and not retry:
        return _page(200, pages.failure_page(checkout, merchant))
    return _page(200, pages.form_page(checkout, merchant, _blank_form(sandbox), {}))


def submit_card(till, checkout, request):
    """Every effect answers with a redirect, so that reloading the page never pays twice."""
    form = {key: values[0].strip() for key, values in parse_qs(request.body.decode("latin-1")).items()}
    try:
        if "answer" in form:
            _answer_challenge(till, checkout, approved=form["answer"] == "approve")
        else:
            card, errors = _read_card(form, till.sandbox.now())
            if errors and checkout.status != CheckoutStatus.PAID:
                merchant = till.sandbox.merchants[checkout.merchant_code]
                return _page(422, pages.form_page(checkout, merchant, form, errors))
            _use_card(till, checkout, card)
    except (AlreadyProcessed, SessionOver):
        pass
    return Answer(303, None, HTML, {"Location": f"/pay/c-{checkout.id}"})


def _answer_challenge(till, checkout, *, approved):
    if card := checkout.challenge:
        till.pay(checkout, card if approved else DECLINED_CARD)


def _use_card(till, checkout, card):
    if outcome_of(card) == Outcome.CHALLENGE:
        till.sandbox.challenge(checkout, card)
    else:
        till.pay(checkout, card)


def _blank_form(sandbox):
    year = sandbox.now().year + 2
    return {"card_number": GOOD_CARD, "expiry": f"12/{year % 100}", "cvv": "123", "name": "Demo Buyer"}


def _read_card(form, now):
    """The test card, and what is wrong with the form. A card of a real person is never taken."""
    if form.get("quick") in QUICK_CARDS:
        return QUICK_CARDS[form["quick"]], {}
    card = digits_of(form.get("card_number", ""))
    errors = {}
    if card not in TEST_CARDS:
        errors["card_number"] = "Use one of the test cards listed below, never a real one."
    if not _in_future(form.get("expiry", ""), now):
        errors["expiry"] = "Enter a date to come, as MM/YY."
    if not re.fullmatch(r"\d{3,4}", form.get("cvv", ""), re.ASCII):
        errors["cvv"] = "Enter three or four digits."
    if not form.get("name"):
        errors["name"] = "Enter a name."
    return card, errors


def _in_future(expiry, now):
    match = re.fullmatch(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?(\d\d)", expiry, re.ASCII)
    return bool(match) and (2000 + int(match[2]), int(match[1])) >= (now.year, now.month)


def _page(status, text):
    return Answer(status, text, HTML, SECURITY)
