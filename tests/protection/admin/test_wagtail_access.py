"""Wagtail's own views that show everybody's rows."""

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.urls import reverse
from wagtail.log_actions import log
from wagtail.models import GroupPagePermission

from tests.factories import make_event, make_index, make_order
from ticketing.domain.orders import states

pytestmark = pytest.mark.django_db
REPORTS = ("site_history", "locked_pages", "aging_pages", "page_types_usage", "workflow", "workflow_tasks")


@pytest.fixture
def organiser(client):
    """May add pages to the list of events, as organisers of a shared site do, and see orders."""
    group = Group.objects.create(name="Organisers")
    group.permissions.set(Permission.objects.filter(codename__in=["access_admin", "view_order"]))
    add = Permission.objects.get(codename="add_page")
    GroupPagePermission.objects.create(group=group, page=make_index(), permission=add)
    user = User.objects.create_user("olive")
    user.groups.add(group)
    client.force_login(user)
    return user


@pytest.mark.parametrize("kind", ["", "_results"])
@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("query", ["", "?export=csv", "?export=xlsx"])
def test_reports_about_everybody_are_for_administrators(client, organiser, admin_user, report, kind, query):
    path = reverse(f"wagtailadmin_reports:{report}{kind}") + query
    assert client.get(path).status_code == 302
    client.force_login(admin_user)
    assert client.get(path).status_code == 200


def test_the_history_of_the_site_names_orders_to_administrators_alone(client, organiser, admin_user):
    order = make_order()
    log(order, states.LOG_ACTION, title=order.reference, data={"from": "failed", "to": "completed"})
    path = reverse("wagtailadmin_reports:site_history_results")
    assert order.reference not in client.get(path, follow=True).text
    client.force_login(admin_user)
    assert order.reference in client.get(path).text


def test_the_menu_offers_no_report_that_is_refused(client, organiser, admin_user):
    path = reverse("wagtailadmin_reports:site_history")
    assert path not in client.get("/admin/").text
    client.force_login(admin_user)
    assert path in client.get("/admin/").text


def test_drafts_of_others_are_in_no_list_of_pages(client, organiser):
    """Adding pages to a list lets Wagtail's explorer show all that is below it."""
    foreign, own = make_event("Secret plans", live=False), make_event("Own plans", live=False, owner=organiser)
    index = foreign.get_parent()
    for path in (
        reverse("wagtailadmin_explore", args=[index.pk]),
        reverse("wagtailadmin_pages:search") + "?q=plans",
        reverse("wagtailadmin_choose_page_child", args=[index.pk]),
        reverse("wagtailadmin_choose_page_search") + "?q=plans",
        reverse("wagtailadmin_api:pages:listing") + f"?child_of={index.pk}&for_explorer=1",
    ):
        text = client.get(path).text
        assert own.title in text, path
        assert foreign.title not in text, path


@pytest.mark.parametrize(
    "address",
    ["wagtailadmin_explore", "wagtailadmin_choose_page_child", "wagtailadmin_pages:confirm_workflow_cancellation"],
)
def test_a_draft_of_another_is_not_shown_by_its_number(client, organiser, address):
    foreign = make_event("Secret plans", live=False)
    response = client.get(reverse(address, args=[foreign.pk]))
    assert (response.status_code, response.url) == (302, "/admin/")


def test_moving_shows_no_draft_of_another(client, organiser):
    foreign = make_event("Secret plans", live=False)
    path = reverse("wagtailadmin_pages:move_confirm", args=[foreign.pk, foreign.get_parent().pk])
    assert client.get(path).status_code == 302


@pytest.mark.parametrize("spelling", ["{}", " {}", "+{}", "0{}", "{} "])
def test_no_spelling_of_a_number_shows_a_draft_of_another(client, organiser, spelling):
    """A form takes all of these for the number."""
    foreign, own = make_event("Secret plans", live=False), make_event("Own plans", owner=organiser)
    number = spelling.format(foreign.pk)
    path = reverse("wagtailadmin_pages:copy", args=[own.pk])
    copied = client.post(path, {"new_title": "x", "new_slug": "x", "new_parent_page": number})
    chosen = client.get(reverse("wagtailadmin_choose_page_chosen_multiple"), {"id": number})
    assert foreign.title not in copied.text + chosen.text


def test_nobody_acts_on_pages_past_the_questions_that_are_asked_first(admin_client):
    """A page with sales may not be deleted: the API of the admin would not ask."""
    page = make_event()
    path = reverse("wagtailadmin_api:pages:action", args=[page.pk, "delete"])
    assert admin_client.post(path).status_code == 404
    assert type(page).objects.filter(pk=page.pk).exists()


@pytest.fixture
def people_manager(organiser):
    """An organiser whose group was also given everything about people and groups."""
    group = organiser.groups.get()
    group.permissions.add(*Permission.objects.filter(content_type__app_label="auth"))
    return User.objects.get(pk=organiser.pk)


def test_who_manages_people_makes_no_administrator(client, people_manager):
    names = {"username": "mallory", "email": "m@example.je", "first_name": "M", "last_name": "M"}
    secret = {"password1": "Correct-horse-7-battery", "password2": "Correct-horse-7-battery"}
    response = client.post(reverse("wagtailusers_users:add"), names | secret | {"is_superuser": "on"})
    assert response.status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()


def test_who_manages_people_takes_over_no_administrator(client, people_manager, admin_user):
    path = reverse("wagtailusers_users:edit", args=[admin_user.pk])
    names = {"username": "admin", "email": "olive@example.je", "first_name": "A", "last_name": "A", "is_active": "on"}
    client.post(path, names | {"is_superuser": "on"})
    admin_user.refresh_from_db()
    assert admin_user.email != "olive@example.je"


def test_who_manages_people_joins_no_other_group(client, people_manager):
    others = Group.objects.create(name="Treasurers")
    path = reverse("wagtail_bulk_action", args=["auth", "user", "assign_role"])
    client.post(f"{path}?id={people_manager.pk}", {"role": others.pk})
    assert others not in people_manager.groups.all()


def test_who_manages_people_gives_their_group_nothing(client, people_manager):
    group = people_manager.groups.get()
    assert client.get(reverse("wagtailusers_groups:edit", args=[group.pk])).status_code == 302


def test_administrators_manage_people(admin_client, people_manager):
    others = Group.objects.create(name="Treasurers")
    path = reverse("wagtail_bulk_action", args=["auth", "user", "assign_role"])
    admin_client.post(f"{path}?id={people_manager.pk}", {"role": others.pk})
    assert others in people_manager.groups.all()
    assert admin_client.get(reverse("wagtailusers_groups:index")).status_code == 200


def test_nobody_breaks_the_site_on_purpose(admin_client):
    assert admin_client.get("/admin/failwhale/").status_code == 302
