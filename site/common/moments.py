from django.utils import timezone
from django.utils.formats import date_format


def format_moment(moment):
    """`14 Mar 2026, 09:05`, as Jersey counts it, for staff."""
    return date_format(timezone.localtime(moment), "j M Y, H:i")
