"""What docs/operations/earlier-system.md tells people to type for trying an expiry, typed."""

import re
import shlex

import pytest
from django.core.management import call_command

from payments.enums import PaymentState
from tests.harness import ROOT
from tests.payments.factories import fresh, make_open_payment

pytestmark = pytest.mark.django_db


def lines_of_the_page():
    page = (ROOT / "docs/operations/earlier-system.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    return [shlex.split(line)[2:] for line in block.splitlines()]


def test_an_order_set_back_in_time_expires(simulator):
    payment, untouched = make_open_payment("JE-7K2M9Q"), make_open_payment("JE-TEST0002")
    for words in lines_of_the_page():
        call_command(*words)
    assert fresh(payment).state == PaymentState.EXPIRED
    assert fresh(untouched).state == PaymentState.OPEN
