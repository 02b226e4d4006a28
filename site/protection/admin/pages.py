"""What pages of ours in Wagtail's admin share. Administrators alone open them, unless a page says otherwise."""

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


class Guarded:
    """For views as classes; comes first. `may_open(user)` says who."""

    may_open = staticmethod(is_administrator)

    def dispatch(self, request, *args, **kwargs):
        if not self.may_open(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class AdminPage(Guarded, WagtailAdminTemplateMixin):
    """A page right below the admin's home, by its `page_title`."""

    _show_breadcrumbs = True

    def get_breadcrumbs_items(self):
        return [*super().get_breadcrumbs_items(), {"url": "", "label": self.page_title}]
