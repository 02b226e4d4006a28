"""Fills the pages of `pages.html`. Plainly a simulator: no real card ever belongs here."""

import re
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from sumup_simulator.sandbox.cards import FAILING_AMOUNTS, TEST_CARDS, Outcome
from sumup_simulator.sandbox.records import CheckoutStatus

FOLDER = Path(__file__).parent
_parts = re.split(r"^<!-- (\w+) -->\n", (FOLDER / "pages.html").read_text(), flags=re.MULTILINE)[1:]
PARTS = {name: Template(text.removesuffix("\n")) for name, text in zip(_parts[::2], _parts[1::2], strict=True)}
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
CASES = {Outcome.SUCCESS: "Succeeds", Outcome.CHALLENGE: "Asks the bank first", Outcome.DECLINE: "Declined"}
SCOPE_WORDS = {
    "payments": "Take payments and give refunds",
    "transactions.history": "See transactions",
    "user.profile_readonly": "See the business profile and payouts",
    "user.app-settings": "Change settings of the SumUp app",
}


class Html(str):
    """Markup: everything else is escaped."""


STYLE = Html((FOLDER / "pages.css").read_text())


def fill_part(part, /, **values):
    return Html(PARTS[part].substitute({key: _as_markup(value) for key, value in values.items()}))


def _as_markup(value):
    """Of a list all its parts."""
    if isinstance(value, list):
        return "".join(value)
    return value if isinstance(value, Html) else escape(value)


def build_page(title, part, /, *, columns="one", **values):
    return fill_part("page", title=title, style=STYLE, columns=columns, main=fill_part(part, **values))


def format_amount(checkout):
    symbol = SYMBOLS.get(checkout.currency, f"{checkout.currency} ")
    return f"{symbol}{checkout.amount:,.2f}"


def space_card_number(card):
    return " ".join(card[place : place + 4] for place in range(0, len(card), 4))


def build_field(name, label, values, errors, **attributes):
    wrong, message = errors.get(name), ""
    if wrong:
        attributes |= {"aria-invalid": "true", "aria-describedby": f"wrong-{name}"}
        message = Html(f'<span class="wrong" id="wrong-{name}">{escape(wrong)}</span>')
    extra = Html("".join(f' {key}="{escape(value)}"' for key, value in attributes.items()))
    return fill_part("field", name=name, label=label, value=values.get(name, ""), attributes=extra, message=message)


def form_page(checkout, merchant, values, errors):
    shown = values | {"card_number": space_card_number("".join(values.get("card_number", "").split()))}
    plain, digits = {"autocomplete": "off"}, {"inputmode": "numeric", "autocomplete": "off"}
    amount = format_amount(checkout)
    return build_page(
        f"Pay {amount}",
        "form",
        columns="two",
        merchant=merchant.name,
        amount=amount,
        description=checkout.description or "Payment",
        reference=checkout.reference,
        card_number=build_field("card_number", "Card number", shown, errors, **digits),
        expiry=build_field("expiry", "Expiry (MM/YY)", shown, errors, **plain, maxlength="7"),
        cvv=build_field("cvv", "CVV", shown, errors, **digits, maxlength="4"),
        name=build_field("name", "Name on card", shown, errors, **plain),
        failing=", ".join(f"{amount:.2f}" for amount in sorted(FAILING_AMOUNTS)),
        cards=[
            fill_part("card_row", number=space_card_number(card), brand=brand.title(), case=CASES[outcome])
            for card, (outcome, brand) in TEST_CARDS.items()
        ],
    )


def challenge_page(checkout, merchant):
    facts = {"merchant": merchant.name, "amount": format_amount(checkout), "digits": checkout.challenge[-4:]}
    return build_page("Confirm with your bank", "challenge", **facts)


def success_page(checkout, merchant, transaction):
    back = fill_part("back", url=checkout.redirect_url, merchant=merchant.name) if checkout.redirect_url else ""
    facts = {"merchant": merchant.name, "amount": format_amount(checkout)}
    sale = {"code": transaction.code, "digits": transaction.last_digits}
    return build_page("Payment successful", "success", **facts, **sale, back=back)


def failure_page(checkout, merchant):
    return build_page("Payment declined", "failure", merchant=merchant.name, amount=format_amount(checkout))


def expired_page(checkout, merchant):
    return build_page("Expired", "expired", merchant=merchant.name)


def consent_page(sandbox, app, asked, scope, wrong=""):
    merchants, people = sandbox.merchants, sandbox.grants.people.values()
    denied = "payments" in asked.get("scope", "").split() and "payments" not in scope.split()
    return build_page(
        "Connect to SumUp",
        "consent",
        app=app.name,
        scopes=[f"<li>{SCOPE_WORDS.get(each, escape(each))}</li>" for each in scope.split()],
        warning=fill_part("scope_missing") if denied else "",
        message=Html(f'<p class="wrong" role="alert">{escape(wrong)}</p>') if wrong else "",
        choices=[_choice(person, merchants, checked=not place) for place, person in enumerate(people)],
        host=urlsplit(asked["redirect_uri"]).netloc,
    )


def _choice(person, merchants, *, checked):
    names = ", ".join(merchants[code].name for code in person.merchant_codes) or "no merchant account"
    return fill_part("choice", person=person.name, names=names, checked=" checked" if checked else "")


def refused_page(reason):
    return build_page("Cannot connect", "refused", reason=reason)


def unknown_page():
    return build_page("Not found", "unknown")


def home_page(sandbox):
    with sandbox.lock:
        latest = list(sandbox.checkouts.values())[-20:][::-1]
    table = Html('<p class="soft">None yet. Buy a ticket, and it appears here.</p>')
    if latest:
        table = fill_part("home_table", rows=[_home_row(checkout, sandbox) for checkout in latest])
    return build_page("Simulator", "home", people=" or ".join(sandbox.grants.people), table=table)


def _home_row(checkout, sandbox):
    title = checkout.description or checkout.reference
    status = sandbox.expire_when_due(checkout)
    if checkout.hosted and status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}:
        title = Html(f'<a href="/pay/c-{checkout.id}">{escape(title)}</a>')
    return fill_part("home_row", title=title, amount=format_amount(checkout), status=status.capitalize())
