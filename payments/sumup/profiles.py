"""Who a merchant is, and whose merchants we may act for, read from SumUp's JSON (contract notes 3.6)."""

from dataclasses import dataclass

from payments.sumup.errors import Unreadable
from payments.sumup.reading import a_list, an_object, identifier, text


@dataclass(frozen=True)
class MerchantProfile:
    """`currency` is the only one it can be paid in; `sandbox` None when SumUp does not say."""

    code: str
    name: str
    currency: str
    country: str
    sandbox: bool | None


@dataclass(frozen=True)
class Membership:
    """A merchant that whoever consented may act for."""

    merchant_code: str
    name: str
    sandbox: bool | None


def read_merchant(data):
    """Raises `Unreadable`."""
    data = an_object(data)
    profile = data.get("business_profile") if isinstance(data.get("business_profile"), dict) else {}
    code = identifier(data, "merchant_code")
    return MerchantProfile(
        code=code,
        name=text(profile, "name", default="") or text(data, "alias", default="") or code,
        currency=text(data, "default_currency"),
        country=text(data, "country"),
        sandbox=_flag(data, "sandbox"),
    )


def read_memberships(data):
    """(memberships of one page, how many there are in all). Raises `Unreadable`."""
    data = an_object(data)
    total = data.get("total_count")
    if isinstance(total, bool) or not isinstance(total, int):
        raise Unreadable("total_count is not a number")
    return [_membership(an_object(item)) for item in a_list(data, "items")], total


def _membership(data):
    resource = an_object(data.get("resource") or {})
    attributes = an_object(resource.get("attributes") or {})
    code = identifier(data, "resource_id")
    return Membership(code, text(resource, "name", default="") or code, _flag(attributes, "sandbox"))


def _flag(data, key):
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"{key} is neither true nor false")
    return value
