"""Who a merchant is, and whose merchants we may act for, read from SumUp's JSON (contract notes 3.6)."""

from dataclasses import dataclass

from payments.sumup.errors import Unreadable
from payments.sumup.json_fields import read_identifier, read_list, read_object, read_text


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
    data = read_object(data)
    profile = data.get("business_profile") if isinstance(data.get("business_profile"), dict) else {}
    code = read_identifier(data, "merchant_code")
    return MerchantProfile(
        code=code,
        name=read_text(profile, "name", default="") or read_text(data, "alias", default="") or code,
        currency=read_text(data, "default_currency"),
        country=read_text(data, "country"),
        sandbox=_flag(data, "sandbox"),
    )


def read_memberships(data):
    """(memberships of one page, how many there are in all). Raises `Unreadable`."""
    data = read_object(data)
    total = data.get("total_count")
    if isinstance(total, bool) or not isinstance(total, int):
        raise Unreadable("total_count is not a number")
    return [_membership(read_object(item)) for item in read_list(data, "items")], total


def _membership(data):
    resource = read_object(data.get("resource") or {})
    attributes = read_object(resource.get("attributes") or {})
    code = read_identifier(data, "resource_id")
    return Membership(code, read_text(resource, "name", default="") or code, _flag(attributes, "sandbox"))


def _flag(data, key):
    value = data.get(key)
    if value is not None and not isinstance(value, bool):
        raise Unreadable(f"{key} is neither true nor false")
    return value
