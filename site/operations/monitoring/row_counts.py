"""Sums over tables that only grow: those of older rows are kept for a day, the newest rows are added up when asked.

So a figure costs the same however many rows there are. What changes in an older row shows after the next night.
"""

from collections import Counter

from django.core.cache import cache
from django.db.models import Count

NEWEST = 4000  # rows that are never kept: nearly all that still change
KEPT_FOR = 26 * 60 * 60  # seconds: each night makes them anew


def count_by(rows, field):
    """[(value of the field, number of rows)]"""
    return list(add_up(rows, field, lambda part: part.values_list(field).annotate(number=Count("pk"))).items())


def add_up(rows, name, sum_up):
    """A Counter of all `rows`; `sum_up` gives the pairs (key, number) of some of them. `name` is of the figure."""
    rows = rows.order_by()
    last, sums = _read_kept(rows, name, sum_up)
    return Counter(sums) + Counter(dict(sum_up(rows.filter(pk__gt=last))))


def forget_sums(model):
    cache.delete_many([_key_of(model, name) for name in cache.get(_names_of(model), [])])


def _read_kept(rows, name, sum_up):
    key = _key_of(rows.model, name)
    kept = cache.get(key)
    if kept is None:
        older = rows.model._base_manager.order_by("-pk").values_list("pk", flat=True)[NEWEST : NEWEST + 1]
        last = next(iter(older), 0)
        kept = (last, dict(sum_up(rows.filter(pk__lte=last)))) if last else (0, {})
        if last:
            cache.set(key, kept, KEPT_FOR)
            cache.set(_names_of(rows.model), [*{*cache.get(_names_of(rows.model), []), name}], KEPT_FOR)
    return kept


def _key_of(model, name):
    return f"sums:{model._meta.label_lower}:{name}"


def _names_of(model):
    return f"sums:{model._meta.label_lower}"
