"""What our kinds of pages have in common."""

from django.apps import apps
from wagtail.models import Page, PageViewRestriction
from wagtail.search import index

from common.search.words import fold_words
from events_pages.legal import cookies
from events_pages.page_form import PageForm
from events_pages.public import page_cache, restrictions


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

    def get_view_restrictions(self):
        is_open = restrictions.is_open_place(self.path)
        return PageViewRestriction.objects.none() if is_open else super().get_view_restrictions()


class LeadsStraight:
    """Whoever asks for the kind of page that lies below is led there by one statement rather than two. Comes right
    before Page."""

    kind_below = ""
    """The name of its model."""

    def route(self, request, path_components):
        if path_components:
            kind = apps.get_model("events_pages", self.kind_below)
            for page in kind.objects.child_of(self).filter(slug=path_components[0]):
                page._cached_parent_obj = self
                return page.route(request, path_components[1:])
        return super().route(request, path_components)
