"""Wagtail's apps without the HTTP API that each of them would load and this site does not serve.

It is a quarter of the site's start and 10 MB of every process. Whoever serves it names Wagtail's own apps in
INSTALLED_APPS again.
"""

import sys
from contextlib import contextmanager
from types import SimpleNamespace

from wagtail.contrib.redirects.apps import WagtailRedirectsAppConfig
from wagtail.documents.apps import WagtailDocsAppConfig
from wagtail.images.apps import WagtailImagesAppConfig
from wagtail.snippets.apps import WagtailSnippetsAppConfig

NOTHING = SimpleNamespace(
    api=SimpleNamespace(add_router=lambda *_: None), router=None, register_content_types=lambda: None
)


@contextmanager
def leaving_out(*modules):
    """Whoever imports one of these meanwhile gets `NOTHING`; one that is loaded already stays what it is."""
    absent = [name for name in modules if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent, NOTHING))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class WithoutApi:
    def ready(self):
        own = f"{self.name}.api.v3"
        with leaving_out("wagtail.api.v3.api", own, f"{own}.router", f"{own}.registry"):
            super().ready()


class RedirectsConfig(WithoutApi, WagtailRedirectsAppConfig):
    pass


class ImagesConfig(WithoutApi, WagtailImagesAppConfig):
    pass


class DocumentsConfig(WithoutApi, WagtailDocsAppConfig):
    pass


class SnippetsConfig(WithoutApi, WagtailSnippetsAppConfig):
    pass
