"""Ready words: the subject and the first words of a notice, for the organiser to send as they are or to edit."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text.direction import isolate_text
from ticketing.domain.changes.differences import describe_notice
from ticketing.enums import ChangeKind
from ticketing.models.changes import LONGEST_SUBJECT

LONGEST_TITLE = 60

SENTENCES = {
    ChangeKind.CANCELLED: gettext_lazy("We are sorry: it does not take place."),
    ChangeKind.POSTPONED: gettext_lazy(
        "It does not take place on that day. Your tickets stay valid for the new date, of which we will tell you."
    ),
    ChangeKind.MOVED: gettext_lazy("Your tickets stay valid for the new date."),
    ChangeKind.ONLINE: gettext_lazy("It takes place online. Your tickets stay valid."),
    ChangeKind.RESUMED: gettext_lazy("It takes place after all. Your tickets stay valid."),
}
TICKETS_STAY = gettext_lazy("Your tickets stay valid.")


def write_subject(notice):
    first = describe_notice(notice)[0]
    moment = timezone.localtime(first.when, timezone.get_default_timezone())
    title = isolate_text(Truncator(notice.page.title).chars(LONGEST_TITLE))
    told = {"what": notice.get_kind_display(), "title": title, "date": date_format(moment, "D j F")}
    words = _("%(what)s: %(title)s") if len(notice.now) > 1 else _("%(what)s: %(title)s, %(date)s")
    return (words % told)[:LONGEST_SUBJECT]


def write_words(notice):
    """The note that visitors read, where there is one, and what becomes of the tickets."""
    return "\n\n".join(filter(None, [notice.note, str(SENTENCES.get(notice.kind, TICKETS_STAY))]))
