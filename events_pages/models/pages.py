from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from common.search.fields import SearchWordsField
from common.search.words import fold_words
from events_pages.blocks import BodyBlock, pictures_of
from events_pages.enums import Entry, EventStatus, RefundRule
from events_pages.legal import cookies
from events_pages.page_form import PageForm
from events_pages.public import page_cache, structured_data
from events_pages.public.event_filter import EventFilter
from events_pages.public.renditions import POSTER, POSTER_SIZES, find_rendition
from events_pages.public.search_words import words_of_event
from events_pages.querysets import USUAL_LENGTH, EventManager

EVENTS_PER_PAGE = 12
EVENING = 17
"""The hour from which people say tonight."""
NOT_ON = (EventStatus.CANCELLED, EventStatus.POSTPONED)


class KeptWhole:
    """For pages that look the same to everybody who is not signed in. Comes first, before what serves the page."""

    base_form_class = PageForm
    search_fields = [*Page.search_fields, index.AutocompleteField("folded_title")]

    @property
    def folded_title(self):
        return fold_words(self.title)

    def serve(self, request, *args, **kwargs):
        response = page_cache.mark_cacheable(super().serve(request, *args, **kwargs))
        return cookies.allow_analytics_script(request, response)


class HomePage(KeptWhole, Page):
    hero_title = models.CharField(
        _("big words"), max_length=80, default=_("What’s on in the island"), help_text=_("A handful of words.")
    )
    tonight_title = models.CharField(
        _("big words for tonight"),
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("Instead of those, on a day on whose evening something is on: “Something is on tonight”."),
    )
    hero_text = models.CharField(_("words below them"), max_length=240, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("more"))

    content_panels = [
        *Page.content_panels,
        FieldPanel("hero_title"),
        FieldPanel("tonight_title"),
        FieldPanel("hero_text"),
        InlinePanel("featured_events", heading=_("Featured events"), label=_("event"), max_num=5),
        FieldPanel("body"),
    ]
    parent_page_types = ["wagtailcore.Page"]
    subpage_types = ["events_pages.EventIndexPage", "events_pages.StandardPage", "events_pages.LegalPage"]
    max_count = 1

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request, *args, **kwargs):
        now = timezone.now()
        public = EventPage.objects.live().public().upcoming(now)
        featured = list(public.filter(featured_on__page=self).order_by("featured_on__sort_order").for_cards(POSTER)[:5])
        coming_up = public.exclude(pk__in=[event.pk for event in featured]).for_cards()[:8]
        found = {"featured": featured, "coming_up": list(coming_up)}
        found["headline"] = self.headline([*featured, *found["coming_up"]], now)
        return super().get_context(request, *args, **kwargs) | found

    def headline(self, events, now):
        is_tonight = self.tonight_title and any(event.is_tonight(now) for event in events)
        return self.tonight_title if is_tonight else self.hero_title


class FeaturedEvent(Orderable):
    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="featured_events")
    event = models.ForeignKey(
        "events_pages.EventPage", models.CASCADE, related_name="featured_on", verbose_name=_("event")
    )

    panels = [PageChooserPanel("event")]


class EventIndexPage(KeptWhole, RoutablePageMixin, Page):
    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["events_pages.HomePage"]
    subpage_types = ["events_pages.EventPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("list of events")

    @path("", name="upcoming")
    def upcoming(self, request):
        return self.render_list(request, EventPage.objects.upcoming(timezone.now()))

    @path("archive/", name="archive")
    def archive(self, request):
        return self.render_list(request, EventPage.objects.past(timezone.now()), is_archive=True)

    def render_list(self, request, events, *, is_archive=False):
        chosen = EventFilter.read(request.GET)
        public = events.live().public().descendant_of(self)
        found, meant = chosen.page_of(public, size=EVENTS_PER_PAGE)
        if found.paginator.count:
            page_cache.note_query_read(request, **chosen.values, page=found.number if found.number > 1 else "")
        overrides = {
            "is_archive": is_archive,
            "filter": chosen,
            "choices": chosen.choices(public),
            "meant": meant,
            "page_obj": found,
            "events": list(found),
        }
        return self.render(request, context_overrides=overrides)

    def get_sitemap_urls(self, request=None):
        return [*super().get_sitemap_urls(request), {"location": f"{self.get_full_url(request)}archive/"}]


class EventPage(KeptWhole, Page):
    summary = models.CharField(
        _("summary"), max_length=140, help_text=_("One sentence that makes somebody want to come.")
    )
    poster = models.ForeignKey(
        "wagtailimages.Image",
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("poster"),
        help_text=_("Portrait, four wide to five high, 1600 by 2000 pixels or more. Mark the focal point."),
    )
    poster_alt = models.CharField(
        _("what the poster shows"),
        max_length=200,
        help_text=_("For people who cannot see it: “A rowing boat below a full moon”."),
    )
    starts_at = models.DateTimeField(
        _("starts"), null=True, db_index=True, help_text=_("With several performances: the first.")
    )
    ends_at = models.DateTimeField(
        _("ends"), null=True, blank=True, help_text=_("With several performances: the end of the last.")
    )
    doors_at = models.DateTimeField(_("doors open"), null=True, blank=True)
    venue = models.ForeignKey(
        "events_pages.Venue", models.PROTECT, null=True, related_name="events", verbose_name=_("venue")
    )
    organiser = models.ForeignKey(
        "events_pages.Organiser", models.PROTECT, null=True, related_name="events", verbose_name=_("organiser")
    )
    categories = ParentalManyToManyField(
        "events_pages.EventCategory", blank=True, related_name="events", verbose_name=_("categories")
    )
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=EventStatus,
        default=EventStatus.SCHEDULED,
        help_text=_("Anything but “Scheduled” is shown at the top of the page and told to search engines."),
    )
    status_note = models.CharField(
        _("about the status"),
        max_length=240,
        blank=True,
        help_text=_("Why, and what ticket holders should do: “Gale warning. Everybody is refunded by Friday.”"),
    )
    link = models.URLField(
        _("link"), blank=True, help_text=_("Where tickets are sold, or where it can be watched when it moved online.")
    )
    entry = models.CharField(
        _("tickets"),
        max_length=16,
        choices=Entry,
        blank=True,
        default=Entry.NO_TICKET,
        db_default=Entry.NO_TICKET,
        help_text=_("Said while no tickets are sold here. Sold by somebody else: see “If something changes”."),
    )
    age_limit = models.CharField(_("age"), max_length=120, blank=True, help_text=_("“Under 14s with an adult.”"))
    access_notes = models.TextField(
        _("access"), blank=True, help_text=_("What differs from the venue: companion tickets, signing, quiet times.")
    )
    refund_rule = models.CharField(_("refunds"), max_length=16, choices=RefundRule, default=RefundRule.CANCELLED_ONLY)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("story"))
    search_words = SearchWordsField()

    objects = EventManager()

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("poster"), FieldPanel("poster_alt")], _("Poster")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("starts_at"), FieldPanel("ends_at"), FieldPanel("doors_at")]),
                HelpPanel(_("Jersey time. Write it as you would: 12 Dec 2026 19:30, 12/12/2026 7.30pm.")),
            ],
            _("When"),
        ),
        FieldPanel("venue"),
        FieldPanel("organiser"),
        FieldPanel("categories"),
        MultiFieldPanel(
            [FieldPanel("entry"), FieldPanel("age_limit"), FieldPanel("access_notes"), FieldPanel("refund_rule")],
            _("Good to know"),
        ),
        FieldPanel("body"),
        MultiFieldPanel(
            [FieldPanel("status"), FieldPanel("status_note"), FieldPanel("link")], _("If something changes")
        ),
    ]
    search_fields = [
        *KeptWhole.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.RelatedFields("venue", [index.SearchField("name"), index.FilterField("parish")]),
        index.RelatedFields("organiser", [index.SearchField("name")]),
        index.RelatedFields("categories", [index.SearchField("name"), index.FilterField("slug")]),
        index.FilterField("id"),
        index.FilterField("starts_at"),
        index.FilterField("ends_at"),
        index.FilterField("status"),
    ]
    parent_page_types = ["events_pages.EventIndexPage"]
    subpage_types = []

    class Meta:
        verbose_name = _("event page")

    def clean(self):
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("The end must come after the start.")})
        if self.starts_at and self.doors_at and self.doors_at > self.starts_at:
            raise ValidationError({"doors_at": _("Doors open before the start, not after it.")})
        if self.status == EventStatus.ELSEWHERE and not self.link:
            raise ValidationError({"link": _("Say where tickets are sold.")})

    def get_context(self, request, *args, **kwargs):
        if self.poster_id and not request.is_preview:
            models.prefetch_related_objects(
                [self.poster], models.Prefetch("renditions", to_attr="prefetched_renditions")
            )
        return super().get_context(request, *args, **kwargs)

    @property
    def when(self):
        return self.starts_at

    @property
    def place(self):
        if self.status == EventStatus.MOVED_ONLINE:
            return str(_("Online"))
        return self.venue.place if self.venue else ""

    def is_tonight(self, now):
        """Goes ahead this evening in the island: starts at five or later today, or goes on until then."""
        if self.status in NOT_ON or not self.starts_at or self.is_past(now):
            return False
        evening = timezone.localtime(now).replace(hour=EVENING, minute=0, second=0, microsecond=0)
        ends = self.ends_at or self.starts_at + USUAL_LENGTH
        return timezone.localdate(self.starts_at) <= timezone.localdate(now) and ends > evening

    def is_past(self, now):
        end = self.ends_at or (self.starts_at and self.starts_at + USUAL_LENGTH)
        return bool(end and end <= now)

    def words_to_find(self):
        return words_of_event(self)

    def structured_data(self, request):
        return structured_data.build_event_data(self, request)

    def make_renditions(self):
        """Before the first visitor comes: a rendition takes as long as a whole page."""
        for image, size in [*((self.poster, size) for size in POSTER_SIZES), *pictures_of(self.body)]:
            if image:
                find_rendition(image, size)


class StandardPage(KeptWhole, Page):
    intro = models.CharField(_("introduction"), max_length=240, blank=True)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("page"))

    content_panels = [*Page.content_panels, FieldPanel("intro"), FieldPanel("body")]
    search_fields = [*KeptWhole.search_fields, index.SearchField("intro"), index.SearchField("body")]
    parent_page_types = ["events_pages.HomePage", "events_pages.StandardPage"]
    subpage_types = ["events_pages.StandardPage"]

    class Meta:
        verbose_name = _("page")
