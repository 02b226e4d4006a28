from types import SimpleNamespace

import pytest
from wagtail.models import Site as Address

from tests import factories, services
from tests.process_fixtures import database_of_its_own
from tests.production.front import Browser, make_certificate, router
from tests.production.mailgun import Mailgun
from tests.production.site import HOST, Site


@pytest.fixture(scope="package")
def site(tmp_path_factory, django_db_blocker):
    """Built, released and running; the test itself reads and writes its database."""
    folder = tmp_path_factory.mktemp("production")
    with database_of_its_own(django_db_blocker) as database_url, services.redis() as redis_url, Mailgun() as mailgun:
        running = Site(folder, database_url=database_url, redis_url=redis_url, mailgun_url=mailgun.url)
        running.mailgun, running.redis_url = mailgun, redis_url
        try:
            running.build()
            running.released = running.release()
            furnish()
            running.worker.start()
            running.web.start()
            yield running
        finally:
            running.stop()


def furnish():
    factories.make_home()
    factories.make_legal_page()
    Address.objects.update(hostname=HOST, port=443)


@pytest.fixture(scope="package")
def front(site):
    """TLS at `secure`, plain HTTP at `plain`; `certificate` is what a client has to trust."""
    certificate = make_certificate(site.folder, HOST)
    with router(site.port, certificate) as secure, router(site.port) as plain:
        yield SimpleNamespace(secure=secure, plain=plain, certificate=certificate, trust=certificate[0])


@pytest.fixture
def visitor(front):
    somebody = Browser(HOST, front.secure, trust=front.trust)
    yield somebody
    somebody.close()


@pytest.fixture(scope="package")
def sale(site):
    sale = factories.make_sale(factories.make_event("Free Shanties"), capacity=50)
    return sale, factories.make_type(sale, price="0.00")
