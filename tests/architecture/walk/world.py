"""Two organisers with one row of everything. Ana walks; whatever of Ben's is nobody else's business contains MARK."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.log_actions import log
from wagtail.models import CollectionViewRestriction, GroupApprovalTask, Site, UploadedFile, Workflow, WorkflowTask

from events_pages.dates.edits import change_performance
from events_pages.enums import Parish
from events_pages.models import EventCategory, Organiser, Venue
from operations.models import TaskRun
from payments.domain import states as payment_states
from payments.enums import DiscrepancyKind, MovementKind, PaymentState, RefundState
from payments.models import Discrepancy, Movement, Observation, ReconciliationRun
from protection.models import SignIn, StaffSession
from tests import factories
from tests.architecture.walk import people
from tests.payments.factories import make_payment, make_refund
from ticketing.domain.orders import states
from ticketing.domain.privacy import access_links
from ticketing.enums import CheckInResult, DeliveryKind
from ticketing.models import Basket, ChangeNotice, CheckIn, Delivery, OrderRefund, RefundBatch, Ticket

MARK = re.compile("quillon", re.IGNORECASE)
"""Searches ask for QUERY, so that an answer that repeats the question is no finding."""
QUERY = "quillo"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f000500"
    "01ff5605d1c40000000049454e44ae426082"
)


@dataclass
class World:
    own: dict = field(default_factory=dict)
    foreign: dict = field(default_factory=dict)
    staff: dict = field(default_factory=dict)
    """Who walks, by role."""
    kept: dict = field(default_factory=dict)
    """Of each model the rows of Ben's, as they must stay."""


def make_world():
    world = World()
    index = factories.make_index()
    factories.make_poster()
    before = ids_of_everything()
    world.foreign = make_organiser("Quillon", index)
    ours = {model: ids - before[model] for model, ids in ids_of_everything().items()}
    world.own = make_organiser("Hawthorn", index)
    world.own |= {"site": Site.objects.get(), "index": index}
    world.foreign |= {"site": Site.objects.get(), "index": index}
    share_an_order(world)
    give_keys(world)
    world.staff = people.make_staff(world)
    world.kept = {model: rows_of(model, ids) for model, ids in ours.items() if ids}
    return world


def ids_of_everything():
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in models}


def rows_of(model, ids):
    return list(model._base_manager.filter(pk__in=ids).order_by("pk").values())


def share_an_order(world):
    """Ana sees her line of it and nothing of Ben's; its buyer sees both, so the buyer who walks has another one."""
    own, foreign = world.own, world.foreign
    own["bought"], foreign["bought"] = own["order"], foreign["order"]
    own["order"] = factories.make_order(own["ticket_type"], merchant=own["merchant"], buyer_name="Cat")
    factories.make_order_line(own["order"], foreign["ticket_type"], quantity=1)


def give_keys(world):
    """The links of one buyer, and the same as that buyer would bend them to reach somebody else's order."""
    own, foreign = world.own["bought"], world.foreign["bought"]
    key = access_links.make_access_key(own)
    world.own |= {"token": own.token, "key": key}
    world.foreign |= {"token": own.token, "key": f"{foreign.pk}.{key.partition('.')[2]}"}


def make_organiser(name, index):
    """Everything that somebody who sells has, by what it is; `name` is in all that is not public."""
    rows = {"name": name, "group": people.make_organisers(name, may_add_below=index)}
    rows["user"] = people.make_user(name, rows["group"])
    for make in (make_files, make_snippets, make_pages, make_sale, make_money, make_order, make_traces, make_work):
        rows |= make(name, rows, index)
    return rows


def make_files(name, rows, index):
    collection = people.make_collection(name, rows["group"])
    uploader = {"uploaded_by_user": rows["user"], "collection": collection}
    image = Image.objects.create(title=f"{name} backdrop", file=ImageFile(ContentFile(PNG), name="b.png"), **uploader)
    paper = ContentFile(f"The contract of {name}".encode(), name="contract.txt")
    document = Document.objects.create(title=f"{name} contract", file=paper, **uploader)
    if name == "Quillon":  # nobody's files but those of its collection's group
        restriction = CollectionViewRestriction.objects.create(collection=collection, restriction_type="groups")
        restriction.groups.add(rows["group"])
    upload = UploadedFile.objects.create(file=ContentFile(PNG, name="u.png"), uploaded_by_user=rows["user"])
    return {"collection": collection, "image": image, "document": document, "upload": upload}


def make_snippets(name, rows, index):
    """A hall and a company that everybody may know, and a company with facts that are on no public page."""
    number = len(name)
    return {
        "venue": Venue.objects.create(
            name=f"Hall {number}", parish=Parish.ST_OUEN, access_notes="One step.", made_by=rows["user"]
        ),
        "category": EventCategory.objects.create(name=f"Kind {number}", slug=f"kind-{number}"),
        "company": Organiser.objects.create(name=f"Company {number}"),
        "organiser": Organiser.objects.create(
            made_by=rows["user"],
            name=f"Players {number}",
            email=f"{name}@example.je",
            gst_number=f"GST-{name}",
            gst_from=timezone.localdate(),
            data_protection_number=f"DP-{name}",
        ),
    }


def make_pages(name, rows, index):
    """One in public with a draft of changes, locked; one that was never published; both sell."""
    group, user = rows["group"], rows["user"]
    shared = {"venue": rows["venue"], "owner": user}
    page = factories.make_event("An evening", organiser=rows["company"], parent=index, **shared)
    secret = f"{name} at midnight"
    draft = factories.make_event(secret, organiser=rows["organiser"], parent=index, live=False, **shared)
    draft.slug = f"draft-{draft.pk}"
    draft.save()
    for each in (page, draft):
        people.allow(group, each, people.PAGES)
        log(each, "wagtail.edit", user=user, title=str(each.title))
    page.title = f"{name} in the morning"
    page.save_revision(user=user)
    type(page).objects.filter(pk=page.pk).update(locked=True, locked_by=user, locked_at=timezone.now())
    session = EditingSession.objects.create(user=user, content_object=draft, last_seen_at=timezone.now())
    page.refresh_from_db()
    return {"page": page, "draft": draft, "editing_session": session}


def make_sale(name, rows, index):
    """Of the draft: what is sold there is no public matter."""
    merchant = factories.make_merchant(f"M{name.upper()[:10]}", f"{name} Ltd", group=rows["group"])
    sale = factories.make_sale(rows["draft"], name=f"{name} performance", merchant=merchant)
    kind = factories.make_type(sale, name=f"{name} seat", access_code=f"{name}-code")
    log(sale, "wagtail.edit", user=rows["user"], title=str(sale))
    log(kind, "wagtail.edit", user=rows["user"], title=str(kind))
    log(rows["organiser"], "wagtail.edit", user=rows["user"], title=f"{name} Players")
    log(rows["venue"], "wagtail.edit", user=rows["user"], title=f"{name} Hall")
    log(merchant, "wagtail.edit", user=rows["user"], title=str(merchant))
    public = factories.make_type(factories.make_sale(rows["page"], merchant=merchant), price="0.00")
    wish = factories.make_wish(public, basket=Basket.objects.create(buyer_name=f"{name} Wisher"))
    return {"merchant": merchant, "sale": sale, "ticket_type": kind, "public_sale": public.sale, "basket": wish.basket}


def make_money(name, rows, index):
    merchant, code = rows["merchant"], name.upper()
    payment = make_payment(f"JE-{code}", merchant=merchant, state=PaymentState.PAID, amount="24.00")
    type(payment).objects.filter(pk=payment.pk).update(
        transaction_code=f"T{code}", checkout_id=f"c-{name}", description=f"Tickets of {name}", paid_at=timezone.now()
    )
    payment.refresh_from_db()
    Observation.objects.create(payment=payment, question="get", answer={"status": f"PAID to {name}"})
    refund = make_refund(payment, amount="1.00", reason=f"{name} was ill", state=RefundState.FAILED)
    log(payment, payment_states.LOG_ACTIONS[type(payment)], user=rows["user"], data={"from": "open", "to": "paid"})
    log(refund, payment_states.LOG_ACTIONS[type(refund)], user=rows["user"], data={"reason": f"{name} was ill"})
    return {"payment": payment, "refund": refund, **make_books(name, merchant, payment)}


def make_books(name, merchant, payment):
    day, now = timezone.localdate(), timezone.now()
    run = ReconciliationRun.objects.create(merchant=merchant, day=day, started_at=now, error=f"{name} is silent")
    discrepancy = Discrepancy.objects.create(
        merchant=merchant, kind=DiscrepancyKind.UNMATCHED, key=name, day=day, sentence=f"{name} has £3 too much"
    )
    movement = Movement.objects.create(
        merchant=merchant,
        kind=MovementKind.PAYMENT,
        sumup_id=name,
        transaction_code=f"T{name.upper()}",
        payment=payment,
        amount=Decimal("24.00"),
        currency="GBP",
        summary=f"Tickets of {name}",
        at=now,
    )
    return {"run": run, "discrepancy": discrepancy, "movement": movement}


def make_order(name, rows, index):
    order = factories.make_order(
        rows["ticket_type"], merchant=rows["merchant"], buyer_name=f"Guest {name}", buyer_email=f"{name}@example.je"
    )
    type(order).objects.filter(pk=order.pk).update(reference=f"JE-{name.upper()}", review_reason=f"{name} paid twice")
    order.refresh_from_db()
    ticket = order.lines.get().tickets.first()
    Ticket.objects.filter(pk=ticket.pk).update(code=name.upper()[:8] + "00000001")
    check_in = CheckIn.objects.create(
        ticket=ticket, performance=rows["sale"].performance, result=CheckInResult.ACCEPTED, by=rows["user"]
    )
    batch = RefundBatch.objects.create(sale=rows["sale"], reason=f"{name} cancelled", by=rows["user"])
    OrderRefund.objects.create(
        order=order, refund=rows["refund"], batch=batch, reason=f"{name} was ill", by=rows["user"]
    ).tickets.add(ticket)
    Delivery.objects.create(
        order=order, kind=DeliveryKind.TICKETS, recipient=f"{name}@example.je", requested_at=timezone.now()
    )
    log(order, states.LOG_ACTION, user=rows["user"], data={"from": "failed", "to": "completed", "reason": name})
    made = {"order": order, "ticket": Ticket.objects.get(pk=ticket.pk), "check_in": check_in, "batch": batch}
    return made | make_notice(rows)


def make_notice(rows):
    """The doors open earlier, and nobody was told yet."""
    date = rows["sale"].performance
    change_performance(date, doors_at=date.starts_at - timedelta(hours=1), by=rows["user"])
    return {"performance": date, "notice": ChangeNotice.objects.get(performance=date)}


def make_traces(name, rows, index):
    """What the site writes down about people and their tasks."""
    user, now = rows["user"], timezone.now()
    SignIn.objects.create(user=user, username=user.username, outcome="signed_in", agent=name)
    session = StaffSession.objects.create(user=user, session_key=name, seen_at=now, agent=name)
    task = TaskRun.objects.create(
        name="payments.tasks.send_alerts",
        outcome="failed",
        error=f"{name} is silent",
        worker="w",
        started_at=now - timedelta(seconds=1),
        finished_at=now,
    )
    redirect = Redirect.objects.create(old_path=f"/{name}", redirect_link=f"/of/{name}/")
    return {"staff_session": session, "task_run": task, "redirect": redirect}


def make_work(name, rows, index):
    """A draft that waits for somebody's consent."""
    task = GroupApprovalTask.objects.create(name=f"{name} must agree")
    task.groups.add(rows["group"])
    workflow = Workflow.objects.create(name=f"{name} first")
    WorkflowTask.objects.create(workflow=workflow, task=task)
    revision = rows["draft"].save_revision(user=rows["user"])
    state = workflow.start(rows["draft"], rows["user"])
    states_of = {"workflow_state": state, "task_state": state.current_task_state}
    return {"task": task, "workflow": workflow, "revision": revision, **states_of}
