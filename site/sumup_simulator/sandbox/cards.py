"""The test cards and amounts of SumUp's sandbox, and what each of them does.

Source: developer.sumup.com/online-payments/testing; 4000 0000 0000 0002 was seen by integrators.
"""

from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    SUCCESS = "success"
    CHALLENGE = "challenge"
    DECLINE = "decline"


GOOD_CARD = "4200000000000091"
DECLINED_CARD = "4000000000000002"
CHALLENGE_CARD = "4200000000000042"

FAILING_AMOUNTS = frozenset(Decimal(text) for text in ("11.00", "42.01", "42.76", "42.91"))

_SUCCEED = {
    "VISA": "4200000000000091 4200000000000026 4200000000000109 4200000000000059 4012001037141112 4532497088771651",
    "MASTERCARD": "5555444433331111 5200000000000007 5200000000000056 5200000000000023 5200000000000106 "
    "5457350076543210 5497260847316287",
    "AMEX": "374500262001008 377277081382243 375987000169883 343923092050144",
    "MAESTRO": "6761301000993772 6703997212737146",
    "DINERS": "36177580677072",
    "JCB": "3530111333300000",
}
_CHALLENGE = {
    "VISA": "4200000000000042 4200000000000067 4200000000000018 4200000000000075",
    "MASTERCARD": "5200000000000015 5200000000000049 5200000000000064 5200000000000072",
    "AMEX": "343434343434343",
}
_DECLINE = {
    "VISA": "4000000000000002 4012001037461114",
    "MASTERCARD": "5434580000000006",
    "AMEX": "375987000169875",
}


def _table():
    groups = ((Outcome.SUCCESS, _SUCCEED), (Outcome.CHALLENGE, _CHALLENGE), (Outcome.DECLINE, _DECLINE))
    return {
        card: (outcome, brand)
        for outcome, brands in groups
        for brand, cards in brands.items()
        for card in cards.split()
    }


TEST_CARDS = _table()


def digits_of(text):
    return "".join(text.split()).replace("-", "")


def outcome_of(card):
    return TEST_CARDS[card][0]


def brand_of(card):
    return TEST_CARDS[card][1]


def attempt_succeeds(card, amount):
    """A challenge card pays once the challenge is approved; some amounts fail with every card."""
    return outcome_of(card) != Outcome.DECLINE and amount not in FAILING_AMOUNTS
