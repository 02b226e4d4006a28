"""Wagtail's apps without the HTTP API that each of them would load and this site does not serve.

It is a quarter of the site's start and 10 MB of every process. Whoever serves it names Wagtail's own apps in
INSTALLED_APPS again.
"""

from types import SimpleNamespace

from wagtail.contrib.redirects.apps import WagtailRedirectsAppConfig
from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig

from common.left_out import leaving_out

NOTHING = SimpleNamespace(
    api=SimpleNamespace(add_router=lambda *_: None), router=None, register_content_types=lambda: None
)


class WithoutApi:
    def ready(self):
        own = f"{self.name}.api.v3"
        with leaving_out(["wagtail.api.v3.api", own, f"{own}.router", f"{own}.registry"], NOTHING):
            super().ready()


class RedirectsConfig(WithoutApi, WagtailRedirectsAppConfig):
    pass


class ImagesConfig(WithoutApi, WagtailImagesAppConfig):
    pass


class DocumentsConfig(WithoutApi, WagtailDocsAppConfig):
    pass


class SnippetsConfig(WithoutApi, WagtailSnippetsAppConfig):
    pass
