"""What stands before any password is compared."""

from axes.backends import AxesStandaloneBackend
from django.core.exceptions import PermissionDenied

from protection.sign_in.passwords import is_too_long


class GuardingBackend(AxesStandaloneBackend):
    """Refuses who is locked out or owes proof, and what nobody's password is: it is never hashed, for known names and
    unknown ones alike."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        super().authenticate(request, username=username, password=password, **kwargs)
        if password and is_too_long(password):
            raise PermissionDenied
