"""Access to Wagtail's own admin views that ask for a verb and not whose rows they show. Asked before the view."""

from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

FOR_ADMINISTRATORS = (
    "wagtailadmin_reports:",  # the site's history, locked and aging pages, workflows: those of everybody
    "wagtailadmin_workflows:",
    "wagtailadmin_api:images:",
    "wagtailadmin_api:documents:",
    "wagtailusers_users:",  # whoever may write these makes themselves an administrator
    "wagtailusers_groups:",
    "wagtail_bulk_action:auth",
)
CLOSED = {
    "wagtailadmin_error_test",  # breaks on purpose, and tells the administrators that the site is broken
}
_questions = []


def register_question(question):
    """A decorator. `question(request, match)` says whether an address may be opened."""
    _questions.append(question)
    return question


def may_open_view(request, match):
    return is_view_open_to(request.user, _name_of(match)) and all(question(request, match) for question in _questions)


def _name_of(match):
    app = match.kwargs.get("app_label")
    return f"{match.view_name}:{app}" if match.view_name == "wagtail_bulk_action" else match.view_name


def is_view_open_to(user, view_name):
    return view_name not in CLOSED and (user.is_superuser or not view_name.startswith(FOR_ADMINISTRATORS))


def is_item_open_to(item, user):
    try:
        return is_view_open_to(user, resolve(urlsplit(str(item.url)).path).view_name)
    except Resolver404:
        return True
