"""The report of sign-ins, for administrators."""

from functools import reduce
from operator import or_

import django_filters
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.menu import AdminOnlyMenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView

from protection.admin.pages import RestrictedView
from protection.admin.row_filters import MOST_FOUND, RowChoice, RowFilter, register_choice
from protection.admin.spreadsheets import StreamedExport
from protection.enums import SignInOutcome
from protection.models import SignIn
from protection.visitors import user_agents


def list_people(request):
    people = get_user_model().objects.order_by("username")
    return people if request.user.is_superuser else people.none()


def find_people(people, text):
    names = ("username", "first_name", "last_name")
    return people.filter(reduce(or_, [Q(**{f"{name}__icontains": text}) for name in names]))[:MOST_FOUND]


PEOPLE = register_choice(RowChoice("people", list_people, find_people, str))


class SignInFilterSet(WagtailFilterSet):
    user = RowFilter(choice=PEOPLE, label=_("Person"))
    outcome = django_filters.MultipleChoiceFilter(choices=SignInOutcome.choices, label=_("Outcome"))
    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)

    class Meta:
        model = SignIn
        fields = ["user", "outcome", "at"]


class SignInReport(RestrictedView, StreamedExport, ReportView):
    """Administrators alone: names, addresses and browsers of colleagues."""

    model = SignIn
    page_title = _("Sign-ins")
    header_icon = "key"
    index_url_name = "sign_ins_report"
    index_results_url_name = "sign_ins_report_results"
    filterset_class = SignInFilterSet
    default_ordering = "-id"
    list_export = ["at", "username", "outcome", "address", "agent", "by"]
    export_headings = {"at": _("When"), "username": _("Name"), "outcome": _("Outcome"), "address": _("From")}
    columns = [
        DateColumn("at", label=_("When")),
        Column("username", label=_("Name")),
        Column("outcome", label=_("Outcome"), accessor="get_outcome_display"),
        Column("address", label=_("From"), accessor=lambda row: row.address or "–"),
        Column(
            "agent",
            label=_("Browser"),
            accessor=lambda row: user_agents.describe_browser(row.agent) if row.agent else "–",
        ),
        Column("by", label=_("By"), accessor=lambda row: row.by or "–"),
    ]

    def get_base_queryset(self):
        return super().get_base_queryset().select_related("by")

    def get_filename(self):
        return "sign-ins"


def sign_in_report_menu_item():
    return AdminOnlyMenuItem(_("Sign-ins"), reverse("sign_ins_report"), name="sign-ins", icon_name="key", order=900)


def sign_in_people_menu_item():
    return AdminOnlyMenuItem(_("Signing in"), reverse("sign_in_people"), name="signing-in", icon_name="key", order=610)
