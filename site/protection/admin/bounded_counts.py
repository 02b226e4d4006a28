"""How many rows a list of the admin has: counted up to a bound, so that a list costs the same however long it is.

Whoever needs a row beyond `FURTHEST_ROW` filters, searches or exports.
"""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.chooser import BaseChooseView
from wagtail.models import Page

MOST_COUNTED = 1000
FURTHEST_ROW = 10_000


class BoundedPaginator(WagtailPaginator):
    """Counts a thousand rows, and on the last page of those the next thousand. Pages are few: all are counted."""

    last_wanted = 0
    """The last row of the page that was asked for."""
    own = None
    """`own_rows.OwnRows` of the person whose part of a list it is."""

    def page(self, number):
        if not self.reads_own:
            return super().page(number)
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        rows = self.own.read(self.object_list, bottom, min(bottom + self.per_page, self.count))
        return self._get_page(rows, number, self)

    @cached_property
    def reads_own(self):
        return self.own is not None and self.own.can_read(self.object_list)

    def validate_number(self, number):
        if "counted" not in self.__dict__ and str(number).isdecimal():
            self.last_wanted = min(int(str(number)[:9]) * self.per_page, FURTHEST_ROW)
        return super().validate_number(number)

    @cached_property
    def counted(self):
        """How many rows, and whether there are more."""
        if not is_countable(self.object_list):
            return super().count, False
        most = (self.last_wanted // MOST_COUNTED + 1) * MOST_COUNTED
        if self.reads_own:
            found = self.own.count(self.object_list, most + 1)
        else:
            found = self.object_list.values("pk")[: most + 1].count()
        return min(found, most), found > most

    @property
    def count(self):
        return self.counted[0]

    @property
    def has_uncounted(self):
        return self.counted[1]

    @property
    def items_count_label(self):
        if not self.has_uncounted:
            return super().items_count_label
        words = {"count": intcomma(self.count), "rows": self.verbose_name_plural}
        return _("more than %(count)s %(rows)s") % words


def is_countable(rows):
    """Whether the database would have to read them all to tell how many."""
    is_unread = isinstance(rows, QuerySet) and rows._result_cache is None and not rows.query.is_sliced
    return is_unread and not issubclass(rows.model, Page)


def install_bounded_counts():
    """In all lists, reports and choosers, Wagtail's own too."""
    BaseListingView.paginator_class = BaseChooseView.paginator_class = BoundedPaginator
