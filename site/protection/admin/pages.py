"""Views of our own in Wagtail's admin: who may open them, and their breadcrumbs."""

from functools import wraps

from django.core.exceptions import PermissionDenied
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


def is_administrator(user):
    return user.is_superuser


def for_administrators(view):
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not is_administrator(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


class RestrictedView:
    """First of a view's bases. Administrators alone, unless the view's own `may_open(user)` says otherwise."""

    may_open = staticmethod(is_administrator)

    def dispatch(self, request, *args, **kwargs):
        if not self.may_open(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class AdminPage(RestrictedView, WagtailAdminTemplateMixin):
    """For administrators unless it says otherwise. Right below the admin's home, or below the pages of `get_trail`."""

    _show_breadcrumbs = True

    def get_trail(self):
        return []

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), *self.get_trail(), {"url": "", "label": self.get_page_title()}]

    def render_page(self, *, status=200, **context):
        return self.render_to_response(self.get_context_data(**context), status=status)
