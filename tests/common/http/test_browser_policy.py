"""What browsers are told, on every kind of answer there is."""

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document

from tests.factories import make_event, make_home, make_sale, make_type
from tests.ticketing.views.shop import buy, order_url

pytestmark = pytest.mark.django_db


def broken(request):
    raise RuntimeError("broken on purpose")


@pytest.fixture
def ask(client, settings, monkeypatch, tmp_path):
    """An answer of each kind by its name."""
    settings.MEDIA_ROOT, settings.WHITENOISE_USE_FINDERS = tmp_path, True
    make_home()
    page = make_event()

    kinds = answers_of_pages(client, page, settings) | answers_of_files(client, tmp_path)
    kinds["error"] = lambda: fail_on_purpose(monkeypatch)
    return lambda kind: kinds[kind]()


def answers_of_pages(client, page, settings):
    def order(name):
        return client.get(order_url(buy(client, make_type(make_sale(page), price="0.00")), name))

    def kept():
        client.get(page.get_url())
        return client.get(page.get_url())

    return {
        "page": lambda: client.get(page.get_url()),
        "kept page": kept,
        "order": lambda: order("order"),
        "pdf": lambda: order("order-pdf"),
        "calendar": lambda: order("order-calendar"),
        "json": lambda: client.get("/tickets/basket/status.json"),
        "not found": lambda: client.get("/nowhere/"),
        "not allowed": lambda: client.put("/tickets/checkout/"),
        "redirect": lambda: client.get("/admin/"),
        "wrong host": lambda: bad_host(client, settings),
        "admin": lambda: client.get("/admin/login/"),
        "scanner": lambda: client.get("/tickets/scan/"),
    }


def answers_of_files(client, folder):
    def uploaded(name, text):
        (folder / "images").mkdir()
        (folder / "images" / name).write_text(text)
        return client.get(f"/media/images/{name}")

    def document():
        kept = Document.objects.create(title="Plan", file=ContentFile(b"<script>1</script>", name="plan.pdf"))
        return client.get(kept.url)

    return {
        "static": lambda: client.get("/static/css/site.css"),
        "picture": lambda: uploaded("poster.png", "a picture"),
        "drawing": lambda: uploaded("drawing.svg", "<svg onload='alert(1)'/>"),
        "document": document,
    }


def fail_on_purpose(monkeypatch):
    monkeypatch.setattr("ticketing.views.buyer.mail_request.FindForm", broken)
    return Client(raise_request_exception=False).get("/tickets/find/")


def bad_host(client, settings):
    settings.ALLOWED_HOSTS = ["tickets.example.je"]
    return client.get("/", headers={"host": "evil.example"})


STATUS = {"not found": 404, "error": 500, "not allowed": 405, "redirect": 302, "wrong host": 400, "scanner": 302}
PUBLIC = ["page", "kept page", "order", "pdf", "calendar", "json", "not found", "error", "not allowed", "wrong host"]
FILES = ["static", "picture", "drawing", "document"]
EVERY = [*PUBLIC, *FILES, "redirect", "admin", "scanner"]


def policy(response):
    directives = (part.strip().split(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: values for name, *values in directives}


@pytest.mark.parametrize("kind", EVERY)
def test_every_answer_is_guarded(ask, kind):
    response = ask(kind)
    assert response.status_code == STATUS.get(kind, 200)
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    shared = kind in ("static", "picture", "drawing")
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if shared else "same-origin")
    assert f"camera={'(self)' if kind == 'scanner' else '()'}" in headers["Permissions-Policy"]
    assert "payment=()" in headers["Permissions-Policy"]
    assert "Content-Security-Policy-Report-Only" not in headers
    assert "Server" not in headers
    assert "X-Powered-By" not in headers


@pytest.mark.parametrize("kind", PUBLIC)
def test_public_pages_run_nothing_that_stands_in_them(ask, kind):
    found = policy(ask(kind))
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == found["style-src"] == found["connect-src"] == ["'self'"]
    assert found["object-src"] == found["base-uri"] == ["'none'"]
    assert found["frame-ancestors"] == ["'self'"]
    assert found["form-action"][0] == "'self'"
    assert "unsafe" not in str(found)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_never_runs(ask, kind):
    response = ask(kind)
    assert policy(response)["default-src"] == ["'none'"]
    assert "script-src" not in policy(response)
    assert ("sandbox" in policy(response)) or kind in ("document", "static")
    assert response.headers.get("Content-Disposition", "").startswith("attachment") == (kind in ("drawing", "document"))


def test_wagtail_may_run_its_own_inline_scripts_and_nobody_elses(ask):
    found = policy(ask("admin"))
    assert found["default-src"] == ["'none'"]
    assert found["script-src"] == ["'self'", "'unsafe-inline'"]
    assert found["connect-src"] == ["'self'"]
    assert found["base-uri"] == ["'none'"]


@pytest.mark.parametrize("kind", ["page", "kept page", "json", "admin", "static"])
def test_over_tls_browsers_are_told_to_stay_there(ask, settings, client, kind):
    settings.SECURE_HSTS_SECONDS = 31_536_000
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    client.defaults["HTTP_X_FORWARDED_PROTO"] = "https"
    assert ask(kind).headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize("path", ["documents/plan.pdf", "./documents/plan.pdf", "images/../documents/plan.pdf"])
def test_documents_are_not_to_be_had_past_wagtail(client, settings, tmp_path, path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "plan.pdf").write_text("for members")
    assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "webp", "avif"])
def test_pictures_are_shown(client, settings, tmp_path, ending):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / f"poster.{ending}").write_text("a picture")
    saved = client.get(f"/media/poster.{ending}").headers.get("Content-Disposition", "")
    assert not saved.startswith("attachment")
