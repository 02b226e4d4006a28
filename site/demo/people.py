"""The demo's users: an administrator, and an organiser who may do what organisers do and no more."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from wagtail.models import Collection, GroupCollectionPermission, GroupPagePermission

from payments.domain.merchants import credentials
from payments.models import MerchantAccount

PASSWORDS = {"admin": "admin-demo", "organiser": "organiser-demo"}
PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page")
IMAGE_PERMISSIONS = ("add_image", "change_image", "choose_image")
MODEL_PERMISSIONS = {
    "events_pages": {
        "venue": ("add", "change", "view"),
        "organiser": ("add", "change", "view"),
        "eventcategory": ("view",),
    },
    "ticketing": {
        "eventsale": ("add", "change", "view"),
        "tickettype": ("add", "change", "view"),
        "order": ("view", "refund"),
        "ticket": ("view",),
        "checkin": ("add", "view"),
    },
    "payments": {
        "payment": ("view",),
        "merchantaccount": ("add", "view"),
        "movement": ("view",),
        "reconciliationrun": ("view",),
        "discrepancy": ("view",),
    },
}


def make_users(index):
    users = get_user_model().objects
    if not users.filter(username="admin").exists():
        users.create_superuser(
            "admin", "admin@jerseyevents.example", PASSWORDS["admin"], first_name="Ada", last_name="Admin"
        )
    organiser = users.filter(username="organiser").first() or users.create_user(
        "organiser", "organiser@jerseyevents.example", PASSWORDS["organiser"], first_name="Olive", last_name="Le Sueur"
    )
    group = make_group(index)
    organiser.groups.add(group)
    if merchant := credentials.get_default_merchant():
        MerchantAccount.objects.filter(pk=merchant.pk, group=None).update(group=group)


def make_group(index):
    group, created = Group.objects.get_or_create(name="Organisers")
    if created:
        group.permissions.set(list_organiser_permissions())
        for permission in of_app("wagtailcore", PAGE_PERMISSIONS):
            GroupPagePermission.objects.create(group=group, page=index, permission=permission)
        for permission in of_app("wagtailimages", IMAGE_PERMISSIONS):
            root = Collection.get_first_root_node()
            GroupCollectionPermission.objects.create(group=group, collection=root, permission=permission)
    return group


def list_organiser_permissions():
    wanted = [*of_app("wagtailadmin", ("access_admin",))]
    for app, models in MODEL_PERMISSIONS.items():
        for model, verbs in models.items():
            wanted += of_app(app, [f"{verb}_{model}" for verb in verbs])
    return wanted


def of_app(app, codenames):
    return Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
