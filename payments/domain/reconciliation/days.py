"""Days as people count them: from midnight to midnight in Jersey, 23 hours long in March and 25 in October."""

from datetime import datetime, time, timedelta

from django.utils import timezone


def day_bounds(first, last=None):
    """The aware moments at which `first` begins and at which `last` (or `first` itself) is over."""
    return _midnight(first), _midnight((last or first) + timedelta(days=1))


def local_day(moment):
    return timezone.localdate(moment)


def days_between(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _midnight(day):
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
