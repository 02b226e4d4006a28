"""The backend that is asked before any password is compared."""

from axes.backends import AxesStandaloneBackend
from django.core.exceptions import PermissionDenied

from protection.sign_in.passwords import is_too_long


class GuardingBackend(AxesStandaloneBackend):
    """Refuses whoever is locked out or owes proof of a person, and passwords that are too long to be hashed; the same
    for unknown names as for known ones."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        super().authenticate(request, username=username, password=password, **kwargs)
        if password and is_too_long(password):
            raise PermissionDenied
