"""Input beside forms: addresses, queries, cookies, which Wagtail and we read without a form, and the type of a body.
Each is made fit for a database before anybody looks at it, and what no database takes is refused, not a failure."""

import logging
import re

from django.core.exceptions import ValidationError
from django.db import DataError
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch
from django.utils.datastructures import MultiValueDictKeyError

from common.text.typed_text import is_broken, tidy_line

logger = logging.getLogger(__name__)

LARGEST = 2**63 - 1
"""The largest number that a column takes."""
ADMIN = "/admin/"
LONG_NUMBER = re.compile(r"\d{19,}+")
HALF = re.compile(r"%ED%[AB]", re.IGNORECASE)  # half a character, as no program spells it
NO_VALUE = ("NUL (0x00)", "surrogates not allowed", "Exceeds the limit")
FILES = {"path", "filename"}  # whose name may be a number


class IntakeMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if HALF.search(request.META.get("QUERY_STRING", "")):
            return HttpResponse("This address holds half of a character.", status=400, content_type="text/plain")
        tidy_query(request)
        forget_odd_cookies(request)
        stated = request.method
        response = self.get_response(request)
        request.method = stated
        return response

    def process_view(self, request, view, args, kwargs):
        """A number longer than any id is 404. HEAD becomes GET in the admin, where some of Wagtail's views answer GET
        only; the server leaves out the body."""
        if request.method == "HEAD" and request.path_info.startswith(ADMIN):
            request.method = "GET"
        if any(is_too_large(value) for name, value in kwargs.items() if name not in FILES):
            raise Http404

    def process_exception(self, request, error):
        if not is_unfit_for_database(error) and not is_misread_value(request, error):
            return None
        logger.warning("intake.refused path=%s error=%s", request.path, type(error).__name__, exc_info=error)
        return render(request, "400.html", status=400)


def tidy_query(request):
    if not request.META.get("QUERY_STRING"):
        return
    odd = {name: tidied for name, values in request.GET.lists() if (tidied := [*map(tidy_line, values)]) != values}
    if odd:
        request.GET = request.GET.copy()
        for name, values in odd.items():
            request.GET.setlist(name, values)
        request.GET._mutable = False


def forget_odd_cookies(request):
    """A quoted cookie can spell characters that no database takes: it is none of ours."""
    if "\\" not in request.META.get("HTTP_COOKIE", ""):
        return
    for name, value in [*request.COOKIES.items()]:
        if is_broken(value) or not value.isprintable():
            del request.COOKIES[name]


def is_too_large(value):
    return value > LARGEST if isinstance(value, int) else bool(isinstance(value, str) and LONG_NUMBER.fullmatch(value))


def is_unfit_for_database(error):
    """Too long, too large or no text for its column, as databases and their drivers say it; or a field is missing that
    scripts of the page would have sent (Wagtail asks for it without a default)."""
    if isinstance(error, ValueError):
        return any(words in str(error) for words in NO_VALUE)
    return isinstance(error, DataError | OverflowError | MultiValueDictKeyError)


def is_misread_value(request, error):
    """The error quotes what was sent, where another kind of text was expected: a number, a date, a name."""
    text = str(error) if isinstance(error, ValueError | ValidationError | NoReverseMatch) else ""
    return any(quoted in text for value in sent_values(request) for quoted in (repr(value), f"“{value}”"))


def sent_values(request):
    match = request.resolver_match
    yield from (match.kwargs.values() if match else ())
    for data in (request.GET, request.POST):
        for _name, values in data.lists():
            yield from values


WORD = r"[\w!#$&^.+-]{1,80}"
KIND = re.compile(rf"\s*+({WORD}/{WORD})", re.ASCII)
BOUNDARY = re.compile(r';\s*+boundary=("[^"]{1,70}"|[^\s;"]{1,70})', re.IGNORECASE)


class PlainContentTypes:
    """WSGI middleware: leaves the type and the boundary of a body. The rest is UTF-8, as all our forms are.

    Django would believe any codec of Python, for the query too, and fail before any view.
    """

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        environ["CONTENT_TYPE"] = plain_content_type(environ.get("CONTENT_TYPE", ""))
        return self.application(environ, start_response)


def plain_content_type(stated):
    """`text/plain; charset=hex` becomes `text/plain`; what is no type becomes ""."""
    kind, boundary = KIND.match(stated), BOUNDARY.search(stated)
    if not kind:
        return ""
    return f"{kind[1]}; boundary={boundary[1]}" if boundary else kind[1]
