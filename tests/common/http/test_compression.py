"""What goes out compressed, and to whom."""

import gzip
import json

import pytest
from django.http import FileResponse, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import RequestFactory

from common.http.compression import CompressionMiddleware, accepts_gzip
from tests import factories

LONG = "Sea Shanties by the sea. " * 200


def answered(response, **headers):
    headers.setdefault("accept-encoding", "gzip, deflate, br")
    return CompressionMiddleware(lambda request: response)(RequestFactory().get("/", headers=headers))


def test_it_works():
    answer = answered(HttpResponse(LONG))
    assert gzip.decompress(answer.content).decode() == LONG
    assert len(answer.content) < len(LONG) / 4
    assert answer["Content-Encoding"] == "gzip"
    assert answer["Content-Length"] == str(len(answer.content))
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("stated", "accepted"),
    [("gzip", True), ("br, GZIP;q=0.5", True), ("x-gzip", True), ("", False), ("gzip;q=0", False), ("br", False),
     ("gzip; q=0.000", False), ("notgzip", False), ("identity", False)],
)  # fmt: skip
def test_only_whoever_reads_it_gets_it(stated, accepted):
    assert accepts_gzip(RequestFactory().get("/", headers={"accept-encoding": stated})) is accepted


def test_whoever_cannot_read_it_gets_the_words_and_caches_are_told():
    answer = answered(HttpResponse(LONG), **{"accept-encoding": "identity"})
    assert answer.content.decode() == LONG
    assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "response",
    [
        HttpResponse("short"),
        HttpResponse(LONG, content_type="image/png"),
        HttpResponse(LONG, content_type="application/pdf"),
        HttpResponse(LONG, headers={"Content-Encoding": "br"}),
        HttpResponse(LONG, headers={"Cache-Control": "no-transform"}),
        HttpResponse(status=304),
        HttpResponse(LONG, status=206),
        FileResponse([LONG.encode()], content_type="text/plain"),
    ],
)
def test_what_would_not_be_smaller_or_is_a_piece_stays_as_it_is(response):
    before = response.get("Content-Encoding")
    assert answered(response).get("Content-Encoding") == before


def test_a_long_table_is_compressed_as_it_comes():
    answer = answered(StreamingHttpResponse(iter([LONG.encode()] * 3), content_type="text/csv; charset=utf-8"))
    assert gzip.decompress(b"".join(answer.streaming_content)).decode() == LONG * 3
    assert not answer.has_header("Content-Length")


def test_an_answer_for_machines_too():
    answer = answered(JsonResponse({"text": LONG}))
    assert json.loads(gzip.decompress(answer.content)) == {"text": LONG}


def test_the_length_of_a_page_does_not_tell_what_is_in_it():
    """A page with a secret that also shows what a stranger sends could be guessed sign by sign."""
    assert len({len(answered(HttpResponse(LONG)).content) for _ in range(30)}) > 5


def test_a_strong_etag_becomes_a_weak_one():
    assert answered(HttpResponse(LONG, headers={"ETag": '"a"'}))["ETag"] == 'W/"a"'
    assert answered(HttpResponse(LONG, headers={"ETag": 'W/"a"'}))["ETag"] == 'W/"a"'


@pytest.mark.django_db
def test_a_kept_page_is_compressed_once_and_opens_everywhere(client):
    path = factories.make_event("Sea Shanties").url
    plain = client.get(path)
    packed = [client.get(path, headers={"accept-encoding": "gzip"}) for _ in range(2)]
    assert packed[0].content == packed[1].content  # as it is kept
    assert gzip.decompress(packed[0].content) == plain.content == client.get(path).content
    assert "Sea Shanties" in plain.content.decode()
    head = client.head(path, headers={"accept-encoding": "gzip"})
    assert head.content == b""
    for name in ("Content-Encoding", "Content-Length", "Vary", "Content-Security-Policy"):
        assert head[name] == packed[0][name]
    for answer in (plain, packed[0]):
        assert "accept-encoding" in answer["Vary"].lower()
    assert not plain.has_header("Content-Encoding")


@pytest.mark.django_db
def test_a_page_that_is_not_kept_is_compressed_too(client):
    answer = client.get("/tickets/find/", headers={"accept-encoding": "gzip"})
    assert b"</html>" in gzip.decompress(answer.content)
    missing = client.get("/no-such-page/", headers={"accept-encoding": "gzip"})
    assert (missing.status_code, missing["Content-Encoding"]) == (404, "gzip")
