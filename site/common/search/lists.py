"""Searching the lists of the admin: by words with a slip each, or by a code that somebody read out."""

from functools import reduce
from operator import or_

from django.db.models import Q

from common.search.words import fold_words, is_found, near_spellings, read_query

MOST_ROWS = 5000


class WordSearchList:
    """For an index view with some hundred rows, whose `search_fields` are columns of texts: all words, in any order,
    with one slip each. The words are folded at each search."""

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        return queryset.filter(pk__in=find_matching_ids(queryset, self.search_fields, read_query(self.search_query)))


def find_matching_ids(rows, fields, query):
    texts = rows.order_by().values_list("pk", *fields)[:MOST_ROWS] if query else ()
    words = {pk: fold_words(*values).split() for pk, *values in texts}
    found = [pk for pk, own in words.items() if is_found(own, query.as_typed)]
    return found or [pk for pk, own in words.items() if is_found(own, _nearly(query, own))]


def _nearly(query, own):
    near = {word: near_spellings(word).intersection(own) for word in query.words}
    return query.as_meant(near)


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
