from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting
from wagtail.models import Site

from events_pages.public import page_cache


@register_setting(icon="site")
class SiteSettings(BaseSiteSetting):
    organisation_name = models.CharField(_("organisation"), max_length=120, default="Jersey Events")
    contact_email = models.EmailField(_("contact e-mail"), blank=True, help_text=_("For questions about the site."))
    footer_text = models.TextField(
        _("footer"), blank=True, help_text=_("One or two sentences at the foot of every page.")
    )
    instagram_url = models.URLField(_("Instagram"), blank=True)
    facebook_url = models.URLField(_("Facebook"), blank=True)
    sharing_image = models.ForeignKey(
        "wagtailimages.Image",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sharing picture"),
        help_text=_("Shown when somebody shares a page that has no picture of its own."),
    )

    privacy_email = models.EmailField(
        _("privacy contact"), blank=True, default="", db_default="", help_text=_("Who answers questions about data.")
    )
    data_protection_number = models.CharField(
        _("data protection registration"), max_length=40, blank=True, default="", db_default=""
    )
    retention_days = models.PositiveSmallIntegerField(
        _("keep buyers’ names and e-mails for"),
        default=60,
        db_default=60,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("Days after the event. Then the person is erased, and the figures stay."),
    )
    analytics_name = models.CharField(
        _("analytics"), max_length=60, blank=True, default="", db_default="", help_text=_("As visitors know it.")
    )
    analytics_script = models.URLField(
        _("analytics script"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Loaded only for visitors who said yes. Empty: nobody is asked."),
    )

    panels = [
        FieldPanel("organisation_name"),
        FieldPanel("contact_email"),
        FieldPanel("footer_text"),
        MultiFieldPanel([FieldPanel("instagram_url"), FieldPanel("facebook_url")], _("Elsewhere")),
        FieldPanel("sharing_image"),
        MultiFieldPanel(
            [FieldPanel("privacy_email"), FieldPanel("data_protection_number"), FieldPanel("retention_days")],
            _("People’s data"),
        ),
        MultiFieldPanel([FieldPanel("analytics_name"), FieldPanel("analytics_script")], _("Counting visits")),
    ]

    class Meta:
        verbose_name = _("site settings")

    @classmethod
    def of_default_site(cls):
        """For mails and the content policy, which have no request. Cached until an edit."""
        return page_cache.cache_fragment("settings", cls.read_of_default_site)

    @classmethod
    def read_of_default_site(cls):
        site = Site.objects.filter(is_default_site=True).first()
        return cls.for_site(site) if site else cls()

    def clean(self):
        super().clean()
        if self.analytics_script and urlsplit(self.analytics_script).scheme != "https":
            raise ValidationError({"analytics_script": _("The address of the script must start with https://.")})
        if self.analytics_script and not self.analytics_name:
            raise ValidationError({"analytics_name": _("Visitors are asked about it by this name.")})
