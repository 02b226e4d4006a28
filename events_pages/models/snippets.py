from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel
from wagtail.search import index

from common.search.words import fold_words
from events_pages.enums import Parish

jersey_postcode = RegexValidator(
    r"^JE[1-5] \d[A-Z]{2}\Z", _("A Jersey postcode looks like “JE2 3RW”: capitals, one space.")
)

PARISH_NAMES = dict(Parish.choices)


class MadeBySomebody(models.Model):
    """Other people may use it, and change nothing in it: `events_pages.admin.permissions.MadeByPolicy`."""

    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
        help_text=_("Who may change it. Empty: whoever may edit every event page that uses it."),
    )

    class Meta:
        abstract = True


class FoundByName(index.Indexed):
    """Where it is chosen, staff find it by its name and its street, with accents or without."""

    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.AutocompleteField("folded_name"),
    ]

    @property
    def folded_name(self):
        return fold_words(self.name, getattr(self, "address", ""))


class Venue(FoundByName, MadeBySomebody):
    name = models.CharField(_("name"), max_length=120, help_text=_("As islanders call it."))
    parish = models.CharField(
        _("parish"), max_length=20, choices=Parish, help_text=_("Postcodes do not follow parishes, so please choose.")
    )
    address = models.CharField(_("street address"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=8, blank=True, validators=[jersey_postcode])
    map_url = models.URLField(_("map link"), blank=True, help_text=_("Opens when somebody presses “Map”."))
    access_notes = models.TextField(
        _("access"),
        blank=True,
        help_text=_("Steps, lift, hearing loop, parking, toilets, quiet space: one or two lines."),
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("parish"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("address"), FieldPanel("postcode")]), FieldPanel("map_url")], _("How to find it")
        ),
        FieldPanel("access_notes"),
    ]
    search_fields = [*FoundByName.search_fields, index.SearchField("address")]

    class Meta:
        verbose_name = _("venue")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """Dates are found by the parish and by whether something is told of access."""
        dates = not self._state.adding and self.list_dates_to_move()
        super().save(*args, **kwargs)
        if dates:
            dates.copy_places()

    def list_dates_to_move(self):
        """Those held here, when what is saved changes how they are found; None otherwise."""
        before = type(self).objects.filter(pk=self.pk).values_list("parish", "access_notes").first()
        is_same = before is None or (before[0], bool(before[1])) == (self.parish, bool(self.access_notes))
        return None if is_same else self.performances.model.objects.filter(held_at=self.pk)

    @property
    def place(self):
        return f"{self.name}, {self.parish_name}"

    @property
    def full_address(self):
        return ", ".join(filter(None, [self.address, self.parish_name, self.postcode]))

    @property
    def parish_name(self):
        """For many at once: `get_parish_display` compares all choices each time."""
        return str(PARISH_NAMES.get(self.parish, self.parish))


class Organiser(FoundByName, MadeBySomebody):
    name = models.CharField(_("name"), max_length=120, help_text=_("Who buyers deal with."))
    description = models.TextField(
        _("about them"), blank=True, help_text=_("Two or three sentences for the event page.")
    )
    email = models.EmailField(_("contact e-mail"), blank=True, help_text=_("Shown to buyers for questions."))
    website = models.URLField(_("website"), blank=True)
    address = models.TextField(_("address"), blank=True, help_text=_("Buyers have a right to know it."))
    gst_number = models.CharField(
        _("GST number"), max_length=20, blank=True, default="", db_default="", help_text=_("Empty: not registered.")
    )
    gst_from = models.DateField(_("registered from"), null=True, blank=True)
    gst_until = models.DateField(_("registered until"), null=True, blank=True, help_text=_("Empty: still registered."))
    data_protection_number = models.CharField(
        _("data protection registration"),
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text=_("The number at the Jersey Office of the Information Commissioner."),
    )

    panels = [
        FieldPanel("name"),
        FieldPanel("description"),
        MultiFieldPanel([FieldPanel("email"), FieldPanel("website"), FieldPanel("address")], _("Contact")),
        MultiFieldPanel(
            [FieldPanel("gst_number"), FieldRowPanel([FieldPanel("gst_from"), FieldPanel("gst_until")])],
            _("GST, if registered"),
        ),
        FieldPanel("data_protection_number"),
    ]
    search_fields = FoundByName.search_fields

    class Meta:
        verbose_name = _("organiser")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def clean(self):
        """Who is not registered may not charge GST, so a number counts between its dates alone."""
        super().clean()
        self.gst_number = self.gst_number.strip()
        if self.gst_number and not self.gst_from:
            raise ValidationError({"gst_from": _("Since when are they registered? Receipts show GST from that day.")})
        if not self.gst_number and (self.gst_from or self.gst_until):
            raise ValidationError({"gst_number": _("Give the GST number too, or leave the dates empty.")})
        if self.gst_until and self.gst_until < self.gst_from:
            raise ValidationError({"gst_until": _("The registration cannot end before it begins.")})


class EventCategory(FoundByName, models.Model):
    name = models.CharField(_("name"), max_length=60, help_text=_("“Music”, “Family”."))
    slug = models.SlugField(
        _("address"), unique=True, help_text=_("The word in the address of the list: /events/?category=music")
    )

    panels = [FieldPanel("name"), FieldPanel("slug")]
    search_fields = FoundByName.search_fields

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self):
        return self.name
