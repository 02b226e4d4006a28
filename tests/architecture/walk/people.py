"""Who walks: strangers, buyers, and the staff of two organisers."""

from django.contrib.auth.models import Group, Permission, User
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

SELLING = ("eventsale", "tickettype", "venue", "organiser")
MONEY = [f"view_{model}" for model in ("payment", "merchantaccount", "movement", "reconciliationrun", "discrepancy")]
MONEY += ["change_discrepancy", "add_refund", "access_admin"]
READING = [
    "view_eventcategory",
    "view_order",
    "refund_order",
    "view_ticket",
    "view_checkin",
    "add_checkin",
    "add_merchantaccount",
]
ORGANISING = [f"{verb}_{model}" for model in SELLING for verb in ("add", "change", "delete", "view")]
PAGES = ("change", "publish", "lock", "unlock", "bulk_delete")
FILES = [f"{verb}_{model}" for model in ("image", "document") for verb in ("add", "change", "delete", "choose")]


def make_group(name, codenames):
    group = Group.objects.create(name=name)
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def make_organisers(name, *, may_add_below):
    """A group that may do everything an organiser may do, with pages and files of its own to come."""
    group = make_group(f"Group {len(name)}", [*ORGANISING, *READING, *MONEY])
    allow(group, may_add_below, ["add"])
    return group


def allow(group, page, verbs):
    for permission in Permission.objects.filter(codename__in=[f"{verb}_page" for verb in verbs]):
        GroupPagePermission.objects.create(group=group, page=page, permission=permission)


def make_collection(name, group):
    collection = Collection.get_first_root_node().add_child(name=f"Files of {name}")
    for permission in Permission.objects.filter(codename__in=FILES):
        GroupCollectionPermission.objects.create(group=group, collection=collection, permission=permission)
    return collection


def make_user(name, *groups):
    user = User.objects.create_user(name, f"{name}@example.je", first_name=name, last_name=name)
    user.groups.set(groups)
    return user


def make_staff(world):
    """Everybody of the staff who walks, by role."""
    own, group = world.own, world.own["group"]
    door = make_group("Door", ["add_checkin"])
    allow(door, own["page"], ["change"])
    money = make_group("Treasurers", MONEY)
    own["merchant"].group = money
    treasurer, organiser = make_user("treasurer", money), own["user"]
    organiser.groups.add(money)
    own["merchant"].save(update_fields=["group"])
    owing = make_user("owing", group, money)
    TOTPDevice.objects.create(user=owing, name="app")
    return {
        "owing": owing,
        "door": make_user("steward", door),
        "treasurer": treasurer,
        "organiser": organiser,
        "administrator": User.objects.create_superuser("administrator", "administrator@example.je"),
    }
