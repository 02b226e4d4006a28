"""Lists in which staff look for a code that somebody read to them."""

from functools import reduce
from operator import or_

from django.db.models import Q


class SearchedByCode:
    """Finds what was typed as it stands, and what it is when it is read as a code.

    `code_readers` are functions from a text to the code in it, or "".
    """

    code_readers = ()

    def search_queryset(self, queryset):
        found = super().search_queryset(queryset)
        if not self.is_searching:
            return found
        codes = {code for read in self.code_readers if (code := read(self.search_query))}
        return reduce(or_, [queryset.filter(self.holds(code)) for code in sorted(codes)], found)

    def holds(self, code):
        return reduce(or_, [Q(**{f"{field}__icontains": code}) for field in self.search_fields])
