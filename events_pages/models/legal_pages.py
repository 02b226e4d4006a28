from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from events_pages.blocks import FORMATTING
from events_pages.enums import LegalKind
from events_pages.legal import cookies, sample_texts
from events_pages.models.page_parts import KeptWhole
from events_pages.models.snippets import Organiser
from events_pages.public import page_cache, restrictions


class LegalPage(KeptWhole, Page):
    """One version of a legal text. A new version is a new page: buyers accepted the old one by its name."""

    kind = models.CharField(_("kind"), max_length=16, choices=LegalKind)
    version = models.CharField(
        _("version"), max_length=40, help_text=_("Noted with every order. Text changed? Make a new page, “2027-02”.")
    )
    effective_from = models.DateField(_("in force from"), null=True, default=timezone.localdate)
    body = RichTextField(_("text"), features=FORMATTING, blank=True)

    content_panels = [
        *Page.content_panels,
        FieldRowPanel([FieldPanel("kind"), FieldPanel("version"), FieldPanel("effective_from")]),
        FieldPanel("body"),
    ]
    search_fields = [*KeptWhole.search_fields, index.SearchField("body")]
    parent_page_types = ["events_pages.HomePage"]
    subpage_types = []

    class Meta:
        verbose_name = _("legal page")

    def clean(self):
        """A text that was published may have been accepted, so text and version stay."""
        super().clean()
        published = LegalPage.objects.filter(kind=self.kind, version=self.version, first_published_at__isnull=False)
        if published.exclude(pk=self.pk).exists():
            raise ValidationError({"version": _("There is a published text of this version. Choose another name.")})
        own = LegalPage.objects.filter(pk=self.pk, first_published_at__isnull=False).first()
        if own and not own.says_the_same(self):
            raise ValidationError({"body": FROZEN % {"version": own.version}})

    def says_the_same(self, other):
        same_name = (self.kind, self.version) == (other.kind, other.version)
        return same_name and sample_texts.text_meaning(self.body) == sample_texts.text_meaning(other.body)

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        others = restrictions.public_pages(LegalPage.objects.live()).filter(kind=self.kind).exclude(pk=self.pk)
        others = others.order_by("-effective_from", "-pk")
        context |= {"current": LegalPage.current(self.kind), "others": list(others.defer("body"))}
        if self.kind == LegalKind.COOKIES:
            context["cookies"] = cookies.list_cookies(asks=bool(cookies.script_hosts(request)))
        if self.kind == LegalKind.PRIVACY:
            registered = Organiser.objects.exclude(data_protection_number="")
            context["controllers"] = list(registered.filter(events__live=True).distinct())
        return context

    @property
    def is_coming(self):
        return self.effective_from is None or self.effective_from > timezone.localdate()

    @classmethod
    def current(cls, kind):
        """The newest public page of that kind in force today, without its text, or None. Cached until an edit."""
        today = timezone.localdate()
        return page_cache.cache_fragment(f"legal:{kind}:{today}", lambda: cls.in_force(kind, on=today))

    @classmethod
    def in_force(cls, kind, *, on):
        """The newest page of that kind that everybody could read on the local date `on`, without its text, or None."""
        return cls.list_public(on=on).filter(kind=kind).first()

    @classmethod
    def list_in_force(cls, *, on):
        """One of each kind, in the order of the kinds; one statement."""
        newest = {page.kind: page for page in reversed(cls.list_public(on=on))}
        return [newest[kind] for kind in LegalKind.values if kind in newest]

    @classmethod
    def list_public(cls, *, on):
        pages = restrictions.public_pages(cls.objects.live()).filter(effective_from__lte=on).defer("body")
        return pages.order_by("-effective_from", "-pk")


FROZEN = _(
    "Version %(version)s was published, so buyers may have accepted it: its text, kind and version stay as they are. "
    "Copy the page, give the copy a new version, and publish that. This one stays readable."
)
