"""Addresses that the worker writes into mails, tickets and alerts. It serves none.

Those of Wagtail's admin are named one by one: with them all come its views, 25 MB of a process that shows no page.
tests/config/test_worker_urls.py says which is missing.
"""

from django.urls import include, path

from config import public_urls


def refuse(request, **_):
    raise NotImplementedError("The worker serves no page.")


ADMIN = {
    "": {
        "wagtailadmin_login": "login/",
        "wagtailadmin_password_reset_confirm": "password_reset/confirm/<uidb64>/<token>/",
        "polling": "polling/",
        "sign_in_person": "sign-in/<int:user_id>/",
        "worker_tasks": "tasks/",
    },
    "discrepancies": {"inspect": "money/discrepancies/inspect/<int:pk>/"},
    "merchants": {"inspect": "merchants/inspect/<int:pk>/"},
    "orders": {"inspect": "orders/inspect/<int:pk>/"},
    "payment_records": {"inspect": "payments/inspect/<int:pk>/"},
}


def build_admin_patterns():
    for namespace, addresses in ADMIN.items():
        patterns = [path(route, refuse, name=name) for name, route in addresses.items()]
        yield path("", include((patterns, namespace)) if namespace else include(patterns))


urlpatterns = [
    path("admin/", include("protection.urls")),
    path("admin/", include(list(build_admin_patterns()))),
    *public_urls.urlpatterns,
]
