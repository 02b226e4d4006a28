"""Searching the lists of the admin by words, with a slip each."""

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
