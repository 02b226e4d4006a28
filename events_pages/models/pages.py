from functools import partial

from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, PageChooserPanel
from wagtail.contrib.routable_page.models import RoutablePageMixin, path
from wagtail.fields import StreamField
from wagtail.models import Orderable, Page
from wagtail.search import index

from common.search.fields import SearchWordsField
from events_pages.blocks import BodyBlock, pictures_of
from events_pages.dates import edits
from events_pages.dates.schedule import read_schedule
from events_pages.enums import Entry, RefundRule
from events_pages.event_form import FIRST_DATE, EventPageForm
from events_pages.models.page_parts import KeptWhole, LeadsStraight
from events_pages.public import (
    day_groups,
    event_list,
    feed_words,
    month_choices,
    month_view,
    page_cache,
)
from events_pages.public.event_filter import EventFilter, read_month
from events_pages.public.renditions import POSTER, POSTER_SIZES, find_rendition
from events_pages.public.search_words import words_of_event
from events_pages.querysets import EventManager

EVENTS_PER_PAGE = 12


class HomePage(KeptWhole, LeadsStraight, Page):
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
    kind_below = "EventIndexPage"

    class Meta:
        verbose_name = _("home page")

    def get_context(self, request, *args, **kwargs):
        now = timezone.now()
        public = EventPage.objects.live().public()
        featured = self.list_featured(public, now)
        shown = [event.pk for event in featured]
        found = {"featured": featured, "coming_up": event_list.list_upcoming(public.exclude(pk__in=shown), now)[:8]}
        found["headline"] = self.headline([*featured, *found["coming_up"]], now)
        return super().get_context(request, *args, **kwargs) | found

    def list_featured(self, public, now):
        chosen = list(self.featured_events.values_list("event", flat=True))
        wanted = public.filter(pk__in=chosen)
        found = event_list.list_upcoming(wanted, now, sizes=[POSTER], is_of_few=True)[: len(chosen)] if chosen else []
        return sorted(found, key=lambda event: chosen.index(event.pk))

    def headline(self, events, now):
        is_tonight = self.tonight_title and any(event.shown.is_tonight(now) for event in events)
        return self.tonight_title if is_tonight else self.hero_title


class FeaturedEvent(Orderable):
    page = ParentalKey(HomePage, on_delete=models.CASCADE, related_name="featured_events")
    event = models.ForeignKey(
        "events_pages.EventPage", models.CASCADE, related_name="featured_on", verbose_name=_("event")
    )

    panels = [PageChooserPanel("event")]


class EventIndexPage(KeptWhole, RoutablePageMixin, LeadsStraight, Page):
    intro = models.CharField(_("introduction"), max_length=240, blank=True)

    content_panels = [*Page.content_panels, FieldPanel("intro")]
    parent_page_types = ["events_pages.HomePage"]
    subpage_types = ["events_pages.EventPage"]
    max_count_per_parent = 1
    kind_below = "EventPage"

    class Meta:
        verbose_name = _("list of events")

    @path("", name="upcoming")
    def upcoming(self, request):
        return self.render_list(request)

    @path("archive/", name="archive")
    def archive(self, request):
        return self.render_list(request, is_archive=True)

    @path("month/", name="this_month")
    def this_month(self, request):
        return self.render_month(request, timezone.localdate().replace(day=1))

    @path("month/<str:text>/", name="month")
    def month(self, request, text):
        first = read_month(text)
        if first is None or f"{first:%Y-%m}" != text:
            raise Http404
        return self.render_month(request, first)

    def render_list(self, request, *, is_archive=False):
        chosen, now = EventFilter.read(request.GET), timezone.now()
        public = self.public_events()
        events = chosen.list_past(public, now) if is_archive else chosen.list_upcoming(public, now)
        found, meant = chosen.page_of(events, size=EVENTS_PER_PAGE)
        listed = list(found)
        if found.paginator.count:
            page_cache.note_query_read(request, **chosen.values, page=found.number if found.number > 1 else "")
        list_months = month_choices.list_months_past if is_archive else month_choices.list_months_ahead
        kept_as = f"months:{self.pk}:{list_months.__name__}:{timezone.localdate(now)}"
        months = page_cache.cache_fragment(kept_as, partial(list_months, public, now))
        overrides = {
            "is_archive": is_archive,
            "filter": chosen,
            "choices": chosen.choices(months),
            "chosen": feed_words.list_chosen(public, chosen),
            "meant": meant,
            "page_obj": found,
            "events": listed,
            "groups": day_groups.group_events(listed, chosen, now, is_archive=is_archive),
        }
        return self.render(request, context_overrides=overrides)

    def render_month(self, request, first):
        chosen, now = EventFilter.read(request.GET), timezone.now()
        page_cache.note_query_read(request, **chosen.place_values)
        view = month_view.read_month_view(chosen.choose_pages(self.public_events()), first, now, within=chosen.dates)
        named = feed_words.list_chosen(self.public_events(), chosen)
        overrides = {"filter": chosen, "choices": chosen.choices(), "chosen": named, "view": view}
        return self.render(request, template="events_pages/event_month.html", context_overrides=overrides)

    def public_events(self):
        return EventPage.objects.live().public().descendant_of(self)

    def get_sitemap_urls(self, request=None):
        own = super().get_sitemap_urls(request)
        return [*own, *({"location": f"{self.get_full_url(request)}{below}/"} for below in ("archive", "month"))]


class EventPage(KeptWhole, RoutablePageMixin, Page):
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
    venue = models.ForeignKey(
        "events_pages.Venue", models.PROTECT, null=True, related_name="events", verbose_name=_("venue")
    )
    organiser = models.ForeignKey(
        "events_pages.Organiser", models.PROTECT, null=True, related_name="events", verbose_name=_("organiser")
    )
    categories = ParentalManyToManyField(
        "events_pages.EventCategory", blank=True, related_name="events", verbose_name=_("categories")
    )
    link = models.URLField(_("link"), blank=True, help_text=_("Where tickets are sold, when somebody else sells them."))
    entry = models.CharField(
        _("tickets"),
        max_length=16,
        choices=Entry,
        blank=True,
        default=Entry.NO_TICKET,
        db_default=Entry.NO_TICKET,
        help_text=_("Said while no tickets are sold here."),
    )
    age_limit = models.CharField(_("age"), max_length=120, blank=True, help_text=_("“Under 14s with an adult.”"))
    access_notes = models.TextField(
        _("access"), blank=True, help_text=_("What differs from the venue: companion tickets, signing, quiet times.")
    )
    refund_rule = models.CharField(_("refunds"), max_length=16, choices=RefundRule, default=RefundRule.CANCELLED_ONLY)
    body = StreamField(BodyBlock(), blank=True, verbose_name=_("story"))
    search_words = SearchWordsField()

    objects = EventManager()
    base_form_class = EventPageForm

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        MultiFieldPanel([FieldPanel("poster"), FieldPanel("poster_alt")], _("Poster")),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel(name) for name in FIRST_DATE]),
                HelpPanel(template="events_pages/admin/when.html"),
                HelpPanel(template="events_pages/admin/clashes_panel.html"),
            ],
            _("When"),
        ),
        FieldPanel("venue"),
        FieldPanel("organiser"),
        FieldPanel("categories"),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("entry"), FieldPanel("link")]),
                FieldPanel("age_limit"),
                FieldPanel("access_notes"),
                FieldPanel("refund_rule"),
            ],
            _("Good to know"),
        ),
        FieldPanel("body"),
    ]
    search_fields = [
        *KeptWhole.search_fields,
        index.SearchField("summary"),
        index.SearchField("body"),
        index.RelatedFields("venue", [index.SearchField("name"), index.FilterField("parish")]),
        index.RelatedFields("organiser", [index.SearchField("name")]),
        index.RelatedFields("categories", [index.SearchField("name"), index.FilterField("slug")]),
        index.FilterField("id"),
    ]
    parent_page_types = ["events_pages.EventIndexPage"]
    subpage_types = []

    class Meta:
        verbose_name = _("event page")

    def clean(self):
        super().clean()
        if self.entry == Entry.ELSEWHERE and not self.link:
            raise ValidationError({"link": _("Say where tickets are sold.")})

    def save(self, *args, **kwargs):
        before = edits.read_published_columns(self, kwargs.get("update_fields"))
        super().save(*args, **kwargs)
        edits.write_first_date(self)
        edits.follow_published_page(self, before)
        edits.copy_places(self, kwargs.get("update_fields"))

    @path("", name="event")
    def next_date(self, request):
        return self.render_date(request, self.schedule.next(timezone.now()), is_own_address=True)

    @path("pass/", name="pass")
    def all_dates(self, request):
        """Of tickets to all dates: 404 where none is sold, which the buy box knows."""
        return self.render_date(request, None, is_pass=True)

    @path("dates/<int:number>/", name="date")
    def one_date(self, request, number):
        found = [each for each in self.schedule if each.pk == number]
        if not found:
            raise Http404
        return self.render_date(request, found[0])

    def render_date(self, request, shown, *, is_own_address=False, is_pass=False):
        """`shown` is the date that the page tells of; None of a pass, or while it has none."""
        told = {"shown": shown, "is_own_address": is_own_address, "is_pass": is_pass}
        return self.render(request, context_overrides=told)

    def get_context(self, request, *args, **kwargs):
        if self.poster_id and not getattr(request, "is_preview", False):
            models.prefetch_related_objects(
                [self.poster], models.Prefetch("renditions", to_attr="prefetched_renditions")
            )
        return super().get_context(request, *args, **kwargs)

    @cached_property
    def schedule(self):
        """All its dates. Lists of events read `shown` instead, the one date that a list puts there."""
        return read_schedule(self)

    @property
    def place(self):
        return self.venue.place if self.venue else ""

    def words_to_find(self):
        return words_of_event(self)

    def get_sitemap_urls(self, request=None):
        """Changed when its words or its dates were; the site map says when that was last (`dates_changed_at`)."""
        [own] = super().get_sitemap_urls(request)
        moments = [own["lastmod"], getattr(self, "dates_changed_at", None)]
        return [own | {"lastmod": max(filter(None, moments), default=None)}]

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
