"""Addresses that the worker writes into mails, tickets and alerts, as `config.urls` has them. It serves none of them.

With those come all views and Wagtail's admin, 30 MB of a process that shows no page, and half a second of its start.
tests/config/test_worker_urls.py says which is missing here or differs.
"""

from django.urls import include, path
from wagtail import urls as wagtail_urls
from wagtail.documents import urls as wagtaildocs_urls

ADDRESSES = {
    "": {
        "health": "health/",
        "legal-version": "legal/<slug:kind>/<path:version>/",
        "polling": "admin/polling/",
        "sign_in_person": "admin/sign-in/<int:user_id>/",
        "sitemap-part": "sitemap-<int:part>.xml",
        "wagtailadmin_login": "admin/login/",
        "wagtailadmin_password_reset_confirm": "admin/password_reset/confirm/<uidb64>/<token>/",
        "worker_tasks": "admin/tasks/",
    },
    "discrepancies": {"inspect": "admin/money/discrepancies/inspect/<int:pk>/"},
    "merchants": {"inspect": "admin/merchants/inspect/<int:pk>/"},
    "orders": {"inspect": "admin/orders/inspect/<int:pk>/"},
    "payment_records": {"inspect": "admin/payments/inspect/<int:pk>/"},
    "payments": {
        "callback": "payments/sumup/callback/<str:token>/",
        "connect-return": "payments/sumup/connect/return/",
    },
    "ticketing": {
        "hold": "tickets/sales/<int:sale_id>/hold/",
        "live": "tickets/sales/<int:sale_id>/live.json",
        "my-data-held": "tickets/my-data/<str:key>/",
        "order": "tickets/orders/<slug:reference>/<slug:token>/",
        "sale": "tickets/sales/<int:sale_id>/",
    },
}


def refuse_request(request, **_):
    raise NotImplementedError("The worker serves no page.")


def build_patterns():
    for namespace, addresses in ADDRESSES.items():
        patterns = [path(route, refuse_request, name=name) for name, route in addresses.items()]
        yield path("", include((patterns, namespace) if namespace else patterns))


urlpatterns = [*build_patterns(), path("documents/", include(wagtaildocs_urls)), path("", include(wagtail_urls))]
