"""POST /token: codes and refresh tokens become access tokens (RFC 6749, sections 4.1.3, 5 and 6)."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote_plus

from sumup_simulator.sandbox.grants import GrantRefused

from .answers import Answer, Refused
from .calls import register_route

NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def refuse_token(error, description, *, status=400, **headers):
    return Answer(status, {"error": error, "error_description": description}, headers=NEVER_KEPT | headers)


def refuse_unknown_client(request):
    challenge = {"WWW-Authenticate": 'Basic realm="sumup"'} if request.authorization else {}
    return refuse_token("invalid_client", "client authentication failed", status=401, **challenge)


def invalid_grant():
    return refuse_token("invalid_grant", "the grant is no longer valid")


@dataclass(frozen=True)
class Client:
    """The app, proved by its secret, and the form it sent."""

    form: dict


def authenticate_client(sandbox, request, scopes):
    """The app proves itself by HTTP Basic or by two fields of the form, never by both at once."""
    form = read_form(request)
    basic = _basic(request)
    if basic and "client_secret" in form:
        raise Refused(refuse_token("invalid_request", "the client may authenticate in one way only"))
    name, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    if not sandbox.grants.is_app(name, secret) or form.get("client_id", name) != name:
        raise Refused(refuse_unknown_client(request))
    return Client(form)


def merchants_of(sandbox, request):
    """Whose refresh token it is; of a code, and of rubbish, nobody's."""
    try:
        token = sandbox.grants.refreshing(read_form(request).get("refresh_token", ""))
    except Refused:
        return set()
    return set(sandbox.grants.merchants_of(token)) if token else set()


def read_form(request):
    """Form fields; JSON is taken too, as SumUp does."""
    if request.content_type.partition(";")[0].strip().lower() == "application/json":
        return _read_json(request.body)
    fields = parse_qs(request.body.decode("utf-8", "replace"))
    if repeated := [name for name, values in fields.items() if len(values) > 1]:
        raise Refused(refuse_token("invalid_request", f"{repeated[0]} is given twice"))
    return {name: values[0] for name, values in fields.items()}


def _read_json(body):
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(refuse_token("invalid_request", "the body is not JSON")) from None
    if not isinstance(data, dict) or not all(isinstance(value, str) for value in data.values()):
        raise Refused(refuse_token("invalid_request", "the body is not an object of texts"))
    return data


def _basic(request):
    scheme, _, value = (request.authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(refuse_unknown_client(request)) from None
    return (unquote_plus(name), unquote_plus(secret)) if colon else ("", "")


@register_route("POST", "/token", "token", authenticate=authenticate_client)
def give_token(call):
    form = call.caller.form
    kind = _needed(form, "grant_type")
    if kind not in GRANT_TYPES:
        return refuse_token("unsupported_grant_type", f"{kind} is not supported")
    try:
        return Answer(200, GRANT_TYPES[kind](call.sandbox.grants, form), headers=NEVER_KEPT)
    except GrantRefused as error:
        return refuse_token(error.error, error.description)


def _from_code(grants, form):
    code, redirect_uri = _needed(form, "code"), _needed(form, "redirect_uri")
    return grants.redeem(code, redirect_uri=redirect_uri, verifier=form.get("code_verifier", ""))


def _from_refresh_token(grants, form):
    return grants.refresh(_needed(form, "refresh_token"), scope=form.get("scope", ""))


GRANT_TYPES: dict[str, Callable] = {"authorization_code": _from_code, "refresh_token": _from_refresh_token}


def _needed(form, name):
    if not form.get(name):
        raise Refused(refuse_token("invalid_request", f"{name} is missing"))
    return form[name]
