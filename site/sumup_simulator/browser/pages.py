"""The HTML of the hosted page. Plainly a simulator: no real card ever belongs here."""

from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from sumup_simulator.sandbox.cards import FAILING_AMOUNTS, TEST_CARDS, Outcome
from sumup_simulator.sandbox.records import CheckoutStatus

STYLE = (Path(__file__).parent / "pages.css").read_text()
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$"}
CASES = {Outcome.SUCCESS: "Succeeds", Outcome.CHALLENGE: "Asks the bank first", Outcome.DECLINE: "Declined"}


def format_amount(checkout):
    symbol = SYMBOLS.get(checkout.currency, f"{checkout.currency} ")
    return f"{symbol}{checkout.amount:,.2f}"


def space_card_number(card):
    return " ".join(card[place : place + 4] for place in range(0, len(card), 4))


def build_page(title, main, *, columns="one"):
    return f"""<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)} – payment simulator</title>
<style>{STYLE}</style>
</head>
<body>
<header class="tape">SumUp simulator: no real money moves here. Never enter a real card.</header>
<main class="{columns}">{main}</main>
</body>
</html>
"""


def build_summary(checkout, merchant):
    return f"""<section class="summary" aria-label="What you are paying for">
<p class="who">{escape(merchant.name)}</p>
<p class="sum">{format_amount(checkout)}</p>
<p>{escape(checkout.description or "Payment")}</p>
<p class="reference">Reference {escape(checkout.reference)}</p>
</section>"""


def build_field(name, label, values, errors, **attributes):
    wrong = errors.get(name)
    extra = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    if wrong:
        extra += f' aria-invalid="true" aria-describedby="wrong-{name}"'
    message = f'<span class="wrong" id="wrong-{name}">{escape(wrong)}</span>' if wrong else ""
    value = escape(values.get(name, ""))
    return f'<label>{label}<input name="{name}" value="{value}" required{extra}>{message}</label>'


def form_page(checkout, merchant, values, errors):
    shown = values | {"card_number": space_card_number("".join(values.get("card_number", "").split()))}
    number = build_field("card_number", "Card number", shown, errors, inputmode="numeric", autocomplete="off")
    expiry = build_field("expiry", "Expiry (MM/YY)", shown, errors, autocomplete="off", maxlength="7")
    cvv = build_field("cvv", "CVV", shown, errors, inputmode="numeric", autocomplete="off", maxlength="4")
    name = build_field("name", "Name on card", shown, errors, autocomplete="off")
    main = f"""{build_summary(checkout, merchant)}
<section class="card">
<h1>Pay by card</h1>
<form method="post">
{number}
<div class="pair">{expiry}{cvv}</div>
{name}
<button>Pay {format_amount(checkout)}</button>
</form>
<h2>Or try an outcome at once</h2>
<form method="post" class="quick">
<button class="plain" name="quick" value="success">Succeed<small>a good card</small></button>
<button class="plain" name="quick" value="decline">Decline<small>a refused card</small></button>
<button class="plain" name="quick" value="challenge">Ask the bank<small>3-D Secure</small></button>
</form>
{card_list()}
</section>"""
    return build_page(f"Pay {format_amount(checkout)}", main, columns="two")


def card_list():
    rows = "".join(
        f"<tr><td>{space_card_number(card)}</td><td>{brand.title()}</td><td>{CASES[outcome]}</td></tr>"
        for card, (outcome, brand) in TEST_CARDS.items()
    )
    amounts = ", ".join(f"{amount:.2f}" for amount in sorted(FAILING_AMOUNTS))
    return f"""<details><summary>All test cards</summary>
<p class="soft">Any date to come, any three digits. The amounts {amounts} fail with every card.</p>
<div class="scroll"><table class="list"><thead><tr><th scope="col">Card</th><th scope="col">Kind</th>
<th scope="col">What happens</th></tr></thead><tbody>{rows}</tbody></table></div></details>"""


def challenge_page(checkout, merchant):
    main = f"""<section class="card">
<p class="mark wait" aria-hidden="true">?</p>
<h1>Your bank asks: is this you?</h1>
<p>{escape(merchant.name)} asks for <strong>{format_amount(checkout)}</strong> from the card ending
{checkout.challenge[-4:]}.</p>
<form method="post" class="stack">
<button name="answer" value="approve">Yes, approve the payment</button>
<button class="plain" name="answer" value="refuse">No, refuse it</button>
</form>
<p class="note">A stand-in for the 3-D Secure step of a real bank.</p>
</section>"""
    return build_page("Confirm with your bank", main)


def success_page(checkout, merchant, transaction):
    back = ""
    if checkout.redirect_url:
        back = f'<a class="button" href="{escape(checkout.redirect_url)}">Back to {escape(merchant.name)}</a>'
    main = f"""<section class="card">
<p class="mark good" aria-hidden="true">✓</p>
<h1>Payment successful</h1>
<p>{escape(merchant.name)} received <strong>{format_amount(checkout)}</strong>.</p>
<p class="soft">Transaction {transaction.code}, card ending {transaction.last_digits}</p>
{back}
</section>"""
    return build_page("Payment successful", main)


def failure_page(checkout, merchant):
    main = f"""<section class="card">
<p class="mark bad" aria-hidden="true">✕</p>
<h1>Payment declined</h1>
<p>No money was taken. Use the same card once more, or another one.</p>
<div class="stack"><a class="button" href="?retry=1">Try again</a></div>
<p class="note">{escape(merchant.name)}, {format_amount(checkout)}</p>
</section>"""
    return build_page("Payment declined", main)


def expired_page(checkout, merchant):
    main = f"""<section class="card">
<p class="mark wait" aria-hidden="true">!</p>
<h1>This payment page has expired</h1>
<p>Nothing was paid here. Go back to {escape(merchant.name)} and start the payment again.</p>
</section>"""
    return build_page("Expired", main)


SCOPE_WORDS = {
    "payments": "Take payments and give refunds",
    "transactions.history": "See transactions",
    "user.profile_readonly": "See the business profile and payouts",
    "user.app-settings": "Change settings of the SumUp app",
}


def consent_page(sandbox, app, asked, scope, wrong=""):
    scopes = "".join(f"<li>{SCOPE_WORDS.get(each, escape(each))}</li>" for each in scope.split())
    merchants, people = sandbox.merchants, sandbox.grants.people.values()
    choices = "".join(_choice(person, merchants, checked=not place) for place, person in enumerate(people))
    warning = ""
    if "payments" in asked.get("scope", "").split() and "payments" not in scope.split():
        warning = '<p class="wrong">SumUp has not enabled payments for this app: it will not be able to charge.</p>'
    message = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    main = f"""<section class="card">
<h1>Let {escape(app.name)} use your SumUp account?</h1>
<p>It asks to:</p>
<ul>{scopes}</ul>
{warning}
<form method="post">
<fieldset><legend>Sign in as</legend>{message}{choices}</fieldset>
<button name="answer" value="allow">Allow</button>
<button class="plain" name="answer" value="deny">Deny</button>
</form>
<p class="note">Either way you go back to {escape(urlsplit(asked["redirect_uri"]).netloc)}.</p>
</section>"""
    return build_page("Connect to SumUp", main)


def _choice(person, merchants, *, checked):
    names = ", ".join(escape(merchants[code].name) for code in person.merchant_codes) or "no merchant account"
    mark = " checked" if checked else ""
    return f"""<label class="choice"><input type="radio" name="person" value="{person.name}" required{mark}>
<span>{person.name}<small>{names}</small></span></label>"""


def refused_page(reason):
    main = f"""<section class="card">
<p class="mark bad" aria-hidden="true">!</p>
<h1>This app cannot be connected</h1>
<p>{escape(reason)}</p>
<p class="note">Nobody was signed in, and nothing was sent to the app.</p>
</section>"""
    return build_page("Cannot connect", main)


def unknown_page():
    main = """<section class="card">
<p class="mark bad" aria-hidden="true">?</p>
<h1>Payment not found</h1>
<p>There is no payment at this address.</p>
</section>"""
    return build_page("Not found", main)


def home_page(sandbox):
    with sandbox.lock:
        latest = list(sandbox.checkouts.values())[-20:][::-1]
    people = " or ".join(sandbox.grants.people)
    rows = "".join(_home_row(checkout, sandbox) for checkout in latest)
    table = f"""<div class="scroll"><table class="list"><thead><tr><th scope="col">Checkout</th>
<th scope="col">Amount</th><th scope="col">State</th></tr></thead><tbody>{rows}</tbody></table></div>"""
    main = f"""<section class="card">
<h1>SumUp simulator</h1>
<p>It speaks the paths of api.sumup.com. Its control path is described in
<code>site/sumup_simulator/control.py</code>, the faults it can play in <code>faults.py</code>.</p>
<p>It can also run out of balance, refund, charge back and sell at the counter, and send signed events.
Whoever connects an account signs in here as {people}, without a password.</p>
<h2>Latest checkouts</h2>
{table if rows else '<p class="soft">None yet. Buy a ticket, and it appears here.</p>'}
</section>"""
    return build_page("Simulator", main)


def _home_row(checkout, sandbox):
    name = escape(checkout.description or checkout.reference)
    status = sandbox.expire_when_due(checkout)
    open_page = checkout.hosted and status in {CheckoutStatus.PENDING, CheckoutStatus.FAILED}
    title = f'<a href="/pay/c-{checkout.id}">{name}</a>' if open_page else name
    return f"<tr><td>{title}</td><td>{format_amount(checkout)}</td><td>{status.capitalize()}</td></tr>"
