"""Staff: organisers who may connect accounts, each in a group of their own, and an administrator."""

from django.contrib.auth.models import Group, Permission, User

MAY = ("access_admin", "add_merchantaccount", "view_merchantaccount", "view_payment")


def make_group(name="Players", codenames=MAY):
    group, is_new = Group.objects.get_or_create(name=name)
    if is_new:
        group.permissions.set(Permission.objects.filter(codename__in=codenames))
    return group


def make_organiser(username="bob", group="Players", codenames=MAY):
    user = User.objects.create_user(username, f"{username}@example.je")
    user.groups.add(make_group(group, codenames))
    return user


def make_administrator(username="alice"):
    return User.objects.create_superuser(username, f"{username}@example.je")
