"""GET and POST /authorize: a SumUp person signs in and lets the app in, or not (RFC 6749, section 4.1.1).

A request whose app or redirect URI is not exactly a registered one gets a page, never a redirect: it may have been
sent by a thief. Every other error goes back to the app.
"""

import re
from urllib.parse import parse_qs, urlencode, urlsplit

from sumup_simulator.api.answers import HTML, Answer
from sumup_simulator.sandbox.grants import GrantRefused
from sumup_simulator.sandbox.records import APP

from . import pages

SECURITY = {
    # without form-action: browsers hold it against the redirect to the app as well
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def answer_consent(sandbox, request):
    asked = {name: values[0] for name, values in request.query.items() if values[0]}
    if refusal := _untrustworthy(sandbox.grants, request.query, asked):
        return _page(400, pages.refused_page(refusal))
    try:
        scope = _scope_of(sandbox.grants, request.query, asked)
    except GrantRefused as error:
        return _back(asked, error=error.error, error_description=error.description)
    if request.method == "POST":
        return _submit(sandbox, request, asked, scope)
    return _page(200, pages.consent_page(sandbox, APP, asked, scope))


def _untrustworthy(grants, query, asked):
    """Why the browser must not be sent anywhere, if so."""
    if asked.get("client_id") != APP.client_id or len(query["client_id"]) > 1:
        return "No app is registered under this client_id."
    if asked.get("redirect_uri") not in grants.redirect_uris or len(query["redirect_uri"]) > 1:
        return "The redirect_uri is not exactly one that the app registered."
    return None


def _scope_of(grants, query, asked):
    """What would be granted. Raises `GrantRefused` with what the app did wrong."""
    if repeated := [name for name, values in query.items() if len(values) > 1]:
        raise GrantRefused("invalid_request", f"{repeated[0]} is given twice")
    if "response_type" not in asked:
        raise GrantRefused("invalid_request", "response_type is missing")
    if asked["response_type"] != "code":
        raise GrantRefused("unsupported_response_type", "only code is supported")
    if "code_challenge" in asked or "code_challenge_method" in asked:
        _check_challenge(asked)
    return grants.granted(asked.get("scope", ""))


def _check_challenge(asked):
    if asked.get("code_challenge_method") != "S256":
        raise GrantRefused("invalid_request", "code_challenge_method must be S256")
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}", asked.get("code_challenge", "")):
        raise GrantRefused("invalid_request", "code_challenge is no S256 challenge")


def _submit(sandbox, request, asked, scope):
    form = {key: values[0] for key, values in parse_qs(request.body.decode("latin-1")).items()}
    if form.get("answer") == "deny":
        return _back(asked, error="access_denied", error_description="the user denied the request")
    person = sandbox.grants.people.get(form.get("person"))
    if person is None or form.get("answer") != "allow":
        return _page(422, pages.consent_page(sandbox, APP, asked, scope, wrong="Choose who signs in."))
    code = sandbox.grants.authorise(
        person, redirect_uri=asked["redirect_uri"], scope=scope, challenge=asked.get("code_challenge")
    )
    own = {"merchant_code": person.merchant_codes[0]} if person.merchant_codes else {}
    return _back(asked, code=code, **own)


def _back(asked, **parameters):
    """To the app, with its own state as it came."""
    if "state" in asked:
        parameters["state"] = asked["state"]
    target = asked["redirect_uri"]
    joint = "&" if urlsplit(target).query else "?"
    return Answer(302, None, HTML, SECURITY | {"Location": f"{target}{joint}{urlencode(parameters)}"})


def _page(status, text):
    return Answer(status, text, HTML, SECURITY)
