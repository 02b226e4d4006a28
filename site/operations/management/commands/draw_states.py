"""The machines of orders, payments, refunds and notices as diagrams, drawn from the tables that `advance` enforces."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from common.env import BASE_DIR
from payments.domain.states import ALLOWED as PAYMENT_TRANSITIONS
from payments.models import Discrepancy, Payment, Refund
from ticketing.domain.changes.states import ALLOWED_MOVES as NOTICE_TRANSITIONS
from ticketing.domain.orders.states import ALLOWED_BATCH_MOVES
from ticketing.domain.orders.states import ALLOWED_MOVES as ORDER_TRANSITIONS
from ticketing.models import ChangeNotice, Order, RefundBatch

PATH = BASE_DIR / "docs" / "states.md"
HEAD = """# States

Drawn by `manage.py draw_states` from the tables in `ticketing.domain.orders.states`, `ticketing.domain.changes.states`
and `payments.domain.states`, whose `advance` alone changes a state. Do not edit: a test compares this page with the
code."""
MACHINES = {
    Order: ORDER_TRANSITIONS,
    Payment: PAYMENT_TRANSITIONS[Payment],
    Refund: PAYMENT_TRANSITIONS[Refund],
    RefundBatch: ALLOWED_BATCH_MOVES,
    Discrepancy: PAYMENT_TRANSITIONS[Discrepancy],
    ChangeNotice: NOTICE_TRANSITIONS,
}


class Command(BaseCommand):
    help = "Writes docs/states.md: what may become of an order, a payment, a refund and a notice."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true", help="write nothing; fail if the page is not up to date")

    def handle(self, *, check, **options):
        page = draw_page()
        if check and PATH.read_text(encoding="utf-8") != page:
            raise CommandError("docs/states.md is not what the code says: run `manage.py draw_states`.")
        if not check:
            PATH.write_text(page, encoding="utf-8")


@translation.override("en")
def draw_page():
    return "\n\n".join([HEAD, *(draw_machine(model, moves) for model, moves in MACHINES.items())]) + "\n"


def draw_machine(model, transitions):
    """One Mermaid diagram: where a row begins, each allowed move, and the states that nothing leaves."""
    field = model._meta.get_field("state")
    states = [state for state, _label in field.choices]
    lines = [f'state "{label}" as {state}' for state, label in field.choices if label != state]
    lines.append(f"[*] --> {field.default}")
    for state in states:
        lines += [f"{state} --> {target}" for target in states if target in transitions[state]]
    lines += [f"{state} --> [*]" for state in states if not transitions[state]]
    drawn = "\n".join(f"    {line}" for line in lines)
    return f"## {model.__name__}\n\n```mermaid\nstateDiagram-v2\n{drawn}\n```"
