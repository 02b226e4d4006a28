"""Every address that Django's resolver knows, filled in with what one of the two organisers has."""

from dataclasses import dataclass

from django.apps import apps
from django.urls import get_resolver, reverse
from django.urls.resolvers import RoutePattern
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

PAGES = {"content_type_app_name": "events_pages", "content_type_model_name": "eventpage"}
OF_NAMESPACE = {
    "orders": "order",
    "tickets": "ticket",
    "check_ins": "check_in",
    "daily_reports": "run",
    "discrepancies": "discrepancy",
    "movements": "movement",
    "payment_records": "payment",
    "merchants": "merchant",
    "wagtailusers_users": "user",
    "wagtailusers_groups": "group",
    "wagtailadmin_collections": "collection",
    "wagtailadmin_api:pages": "draft",
    "wagtailadmin_pages": "draft",
    "wagtailadmin_api:images": "image",
    "wagtailimages_chooser": "image",
    "wagtailadmin_api:documents": "document",
    "wagtaildocs_chooser": "document",
    "event_statement": "draft",
    **dict.fromkeys(["notice", "notice_decline", "notice_undo"], "notice"),
    "sale_statement": "sale",
    "wagtailadmin_choose_page_chosen_multiple": "draft",
    "worker_task_again": "task_run",
    "wagtailsites": "site",
    "wagtailadmin_workflows": "workflow",
    **dict.fromkeys([f"wagtailadmin_workflows:{verb}_task" for verb in ("edit", "disable", "enable")], "task"),
    "wagtailadmin_editing_sessions": "editing_session",
    "staff_session_end": "staff_session",
    "sign_in_end_session": "staff_session",
}
SNIPPETS = {
    "ticketing_eventsale": "sale",
    "ticketing_tickettype": "ticket_type",
    "events_pages_venue": "venue",
    "events_pages_organiser": "organiser",
    "events_pages_eventcategory": "category",
}
for _model, _row in SNIPPETS.items():
    OF_NAMESPACE |= {f"wagtailsnippets_{_model}": _row, f"wagtailsnippetchoosers_{_model}": _row}
OF_PARAMETER = {
    "sale_id": "sale",
    "order_id": "order",
    "payment_id": "payment",
    "refund_id": "refund",
    "ticket_id": "ticket",
    "batch_id": "batch",
    "performance_id": "performance",
    "user_id": "user",
    "page_id": "draft",
    "page_pk": "draft",
    "parent_page_id": "draft",
    "page_to_move_id": "draft",
    "destination_id": "page",
    "revision_id": "revision",
    "task_id": "task",
    "task_state_id": "task_state",
    "workflow_state_id": "workflow_state",
    "workflow_pk": "workflow",
    "collection_id": "collection",
    "redirect_id": "redirect",
    "document_id": "document",
    "doc_id": "document",
    "image_id": "image",
    "uploaded_file_id": "upload",
}


def page_path(rows):
    return rows["page"].url_path.strip("/").partition("/")[2]


def draft_path(rows):
    return rows["draft"].url_path.strip("/").partition("/")[2]


SEVERAL = {
    "event_statement": [{"kind": "pdf"}, {"kind": "csv"}],
    "sale_statement": [{"kind": "pdf"}, {"kind": "csv"}],
    "dates:selling": [{"action": "stop"}, {"action": "resume"}],
    "order_desk:refund-action": [{"action": "retry"}, {"action": "cancel"}],
    "legal": [{"kind": "terms"}, {"kind": "nonsense"}],
    "legal-version": [{"kind": "terms", "version": "2026-01"}],
    "calendar": [{"place": place} for place in ("events", page_path, draft_path)],
    "rss": [{"place": "events"}],
    "row_suggestions": [{"kind": kind} for kind in ("dates", "events", "sales", "merchants", "people", "nonsense")],
    "mail-events": [{"provider": "mailgun"}, {"provider": "nonsense"}],
    "wagtailadmin_api:pages:action": [{"action_name": action} for action in ("delete", "copy", "publish", "move")],
    "wagtailadmin_pages:add": [PAGES],
    "wagtailadmin_pages:preview_on_add": [PAGES],
    "wagtailadmin_pages:type_use": [PAGES],
    "wagtailadmin_pages:type_use_results": [PAGES],
    "wagtailadmin_explore": [{}, {"parent_page_id": lambda rows: rows["index"].pk}],
    "wagtailadmin_explore_results": [{}, {"parent_page_id": lambda rows: rows["index"].pk}],
    "wagtailadmin_choose_page_child": [{}, {"parent_page_id": lambda rows: rows["index"].pk}],
    "wagtailadmin_pages:set_privacy": [{}, {"page_id": lambda rows: rows["page"].pk}],
    "wagtailadmin_pages:history": [{}, {"page_id": lambda rows: rows["page"].pk}],
    "wagtailadmin_pages:edit": [{}, {"page_id": lambda rows: rows["page"].pk}],
    "wagtailadmin_pages:choose_parent": [{"app_label": "events_pages", "model_name": "eventpage"}],
    "wagtailadmin_pages:workflow_action": [{"action_name": action} for action in ("approve", "reject")],
    "wagtailadmin_pages:collect_workflow_action_data": [{"action_name": "approve"}],
    "wagtailadmin_pages:revisions_compare": [{"revision_id_a": "earliest", "revision_id_b": "latest"}],
    "wagtailadmin_tag_model_autocomplete": [{"app_name": "taggit", "model_name": "tag"}],
    "wagtailadmin_workflows:add_task": [{"app_label": "wagtailcore", "model_name": "groupapprovaltask"}],
    "wagtailadmin_editing_sessions:ping": [{"app_label": "events_pages", "model_name": "eventpage"}],
    "wagtailsettings:edit": [{"app_name": "events_pages", "model_name": "sitesettings", "pk": 1}],
    "wagtailsettings:preview_on_edit": [{"app_name": "events_pages", "model_name": "sitesettings", "pk": 1}],
    "wagtailimages:preview": [{"filter_spec": "original"}],
    "wagtailadmin_password_reset_confirm": [{"uidb64": "MQ", "token": "set-password"}],
}
BULK = "wagtail_bulk_action"
NAMELESS = {
    "/admin/test404/": "/admin/test404/",
    "/admin/^.*/$": "/admin/no/such/page/",
    "wagtail_serve": "/events/",
}
"""Addresses that cannot be made from a name."""


@dataclass(frozen=True)
class Address:
    name: str
    path: str
    """With its query: lists and choosers take ids there."""
    has_ids: bool


def names():
    return {name for name, _wanted in routes()}


def routes(resolver=None, parents=(), namespace=""):
    """The name of each address, and the names of its parameters."""
    for pattern in (resolver or get_resolver()).url_patterns:
        patterns = (*parents, pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern, patterns, inner)
        else:
            path = "/" + "".join(map(str, patterns))
            yield f"{namespace}{pattern.name}" if pattern.name else path, parameters(patterns)


def parameters(patterns):
    return [name for each in patterns for name in (each.converters if is_route(each) else each.regex.groupindex)]


def is_route(pattern):
    return isinstance(pattern, RoutePattern)


def every_address(rows):
    """Each of them about the rows of one organiser; several of an address that serves many kinds of things."""
    for name, wanted in routes():
        if name == BULK:
            yield from bulk(rows)
        else:
            row = rows.get(OF_NAMESPACE.get(name) or OF_NAMESPACE.get(name.rpartition(":")[0]))
            yield from filled(name, wanted, row, rows)


def filled(name, wanted, row, rows):
    for given in SEVERAL.get(name, [{}]):
        values = {each: value_of(each, row, rows, given) for each in wanted}
        query = f"?id={row.pk}" if row else ""
        yield Address(name, path_of(name, values, rows) + query, has_ids=bool(set(wanted) - given.keys()))


def bulk(rows):
    """What is done to many at once: to one that was chosen, and to all there are."""
    bulk_action_registry.get_bulk_actions_for_model("wagtailcore", "page")  # it looks for them when first asked
    for app, models in bulk_action_registry.actions.items():
        for model, actions in models.items():
            row = next(each for each in rows.values() if isinstance(each, apps.get_model(app, model)))
            for action in actions:
                path = reverse(BULK, kwargs={"app_label": app, "model_name": model, "action": action})
                yield Address(BULK, f"{path}?id={row.pk}", has_ids=False)
                yield Address(BULK, f"{path}?id=all&childOf={rows['index'].pk}", has_ids=False)


def value_of(parameter, row, rows, given):
    if parameter in given:
        return given[parameter](rows) if callable(given[parameter]) else given[parameter]
    if parameter in ("pk", "session_id") and row:
        return row.pk
    return rows[OF_PARAMETER[parameter]].pk if parameter in OF_PARAMETER else particular(parameter, rows)


def particular(parameter, rows):
    """What is no id."""
    return {
        "reference": rows["bought"].reference,
        "token": rows["token"],
        "key": rows["key"],
        "path": rows["document"].file.name,
        "object_id": rows["draft"].pk,
        "part": 1,
        "restriction_id": 1,
        "page_view_restriction_id": 1,
    }[parameter]


def path_of(name, values, rows):
    if name in NAMELESS:
        return NAMELESS[name]
    if name == "wagtaildocs_serve":
        document = rows["document"]
        return reverse(name, args=[document.pk, document.filename])
    return reverse(name, kwargs=values)
