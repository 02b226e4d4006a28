"""Who opens which of Wagtail's own admin views, where Wagtail asks for a verb and not whose rows they show, and has no
hook to say so. Decided here, before the view; its own questions come after ours.
"""

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
    """Registers `question(request, match)`, which says whether an address may be opened; usable as a decorator."""
    _questions.append(question)
    return question


def may_open_view(request, match):
    return is_view_open_to(request.user, _name_of(match)) and all(question(request, match) for question in _questions)


def _name_of(match):
    """One address serves the bulk actions of every app."""
    app = match.kwargs.get("app_label")
    return f"{match.view_name}:{app}" if match.view_name == "wagtail_bulk_action" else match.view_name


def is_view_open_to(user, view_name):
    return view_name not in CLOSED and (user.is_superuser or not view_name.startswith(FOR_ADMINISTRATORS))


def is_item_open_to(item, user):
    """Whether an item of a menu is worth showing."""
    try:
        return is_view_open_to(user, resolve(urlsplit(str(item.url)).path).view_name)
    except Resolver404:
        return True
