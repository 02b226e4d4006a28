"""The cache of whole anonymous pages, until the minute turns or something on them changes.

Ticket sales open and close on the minute, so what was true at 9:59 is asked for afresh at 10:00. A change of content or
of a sale calls `content_version.purge_pages()`, which renames the version that every kept page carries.

Only what the site itself links to is kept: by a host of its own, with the query that the page says it has read. So
nobody can fill the cache with copies of one page, and each process keeps no more than MOST_KEPT of both kinds a minute
whatever happens: pages as they are, and what was chosen from them. Whoever asks for one choice after the other takes no
room from the pages that everybody reads. Pages are kept compressed, and handed out so to nearly every browser.
"""

import time
from functools import wraps
from hashlib import sha256
from threading import Lock
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import DisallowedHost
from django.http import HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_http_date_safe

from common.http.compression import accepts_gzip, pack_once, unpack_once
from common.http.middleware import Middleware
from events_pages.public.content_version import VERSION_KEY, ContentMemory, make_first_version

SECONDS = 60
# What pages may read. With any other key a page is served but not kept, and so it is with words to search for.
KNOWN_KEYS = {"page", "category", "parish", "month", "day", "venue", "organiser", "access"}
# What advertisers hang on links; no page reads it, so it changes nothing.
TRACKING_KEYS = {"fbclid", "gclid", "mc_cid", "mc_eid", "msclkid"}
LONGEST_VALUE = 40
MOST_KEPT = 500  # pages a minute and process, without a query, and as many with one
LARGEST = 512 * 1024  # bytes of a page
# Headers that belong to the connection, or that the handler adds again.
UNKEPT_HEADERS = {"connection", "date", "set-cookie"}


def mark_cacheable(response):
    """The answer is the same for everybody who is not signed in."""
    response.may_be_kept = True
    return response


def note_query_read(request, **query):
    """Call it with all of the query that this answer depends on. A page that does not is taken to depend on none."""
    request.query_read = sorted((key, str(value)) for key, value in query.items() if value)


def cacheable_view(view):
    @wraps(view)
    def keeping(request, *args, **kwargs):
        return mark_cacheable(view(request, *args, **kwargs))

    return keeping


def cache_fragment(name, make):
    """What `make()` returns, kept until the next purge, for an hour at most. It must be the same for everybody.

    None is not kept: what is not there yet may be there before the next purge, in the same transaction.
    """
    return _fragments.recall([name], lambda names: find_fragment(name, make)).get(name)


def find_fragment(name, make):
    key = f"page-cache:piece:{name}"
    found = cache.get_many([VERSION_KEY, key])
    version = found.get(VERSION_KEY) or make_first_version()
    kept = found.get(key)
    if kept and kept["version"] == version:
        return {name: kept["content"]}
    content = make()
    if content is None:
        return {}
    cache.set(key, {"version": version, "content": content}, SECONDS * 60)
    return {name: content}


def remember_for_host(request, name, make):
    """For each host of the site; made each time for a host that is not its own."""
    host = own_host(request)
    return cache_fragment(f"{name}:{host}", make) if host else make()


class RoomInMinute:
    """How many more pages this process keeps in this minute."""

    def __init__(self):
        self.minute, self.kept, self.lock = 0, 0, Lock()

    def take(self):
        with self.lock:
            now = int(time.time() // SECONDS)
            if now != self.minute:
                self.minute, self.kept = now, 0
            self.kept += 1
            return self.kept <= MOST_KEPT


_room, _room_for_choices = RoomInMinute(), RoomInMinute()
_fragments = ContentMemory()


class PageCacheMiddleware(Middleware):
    """One round trip to the cache per page served, none to the database.

    A page that was begun before a purge carries the old version, so it is never taken for a new one.
    """

    def __call__(self, request):
        if request.path.startswith(settings.PAGE_CACHE_EXEMPT):
            return self.get_response(request)
        key = page_key(request)
        response = self.get_response(request) if key is None else self.kept_or_made(request, key)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = cache_control_for(response)
        return answer_condition(request, response)

    def kept_or_made(self, request, key):
        found = cache.get_many([VERSION_KEY, key])
        version = found.get(VERSION_KEY) or make_first_version()
        kept = found.get(key)
        if kept and kept["version"] == version:
            return mark_shared(build_cached_response(request, kept))
        response = self.get_response(request)
        if not is_for_everybody(request, response):
            return response
        if request.method == "GET" and page_quota_of(request).take():
            cache.set(key, freeze_response(response, version), SECONDS)
        return mark_shared(response)


def answer_condition(request, response):
    """304 for whoever has this version already; of answers that name theirs."""
    if response.status_code != 200 or not response.has_header("ETag"):
        return response
    modified = parse_http_date_safe(response.get("Last-Modified", ""))
    return get_conditional_response(request, response["ETag"], modified, response)


def mark_shared(response):
    response.is_shared = True
    return response


def cache_control_for(response):
    """A delivery network keeps what is for everybody for CDN_PAGE_SECONDS, and never beyond the minute: it hears of no
    purge. Browsers ask each time."""
    seconds = min(settings.CDN_PAGE_SECONDS, SECONDS - int(time.time()) % SECONDS)
    is_shared = seconds and getattr(response, "is_shared", False)
    return f"public, max-age=0, s-maxage={seconds}" if is_shared else "private, max-age=0"


def page_quota_of(request):
    return _room_for_choices if known_query(request.GET) else _room


def page_key(request):
    """None when the cache must not answer the request. By scheme, host, minute, path and known query."""
    anonymous = settings.SESSION_COOKIE_NAME not in request.COOKIES and "HTTP_AUTHORIZATION" not in request.META
    if request.method not in ("GET", "HEAD") or not anonymous or getattr(request, "is_dummy", False):
        return None
    if request.path.startswith(settings.PAGE_CACHE_EXEMPT):
        return None
    query, host = known_query(request.GET), own_host(request)
    if query is None or host is None:
        return None
    parts = (request.scheme, host, int(time.time() // SECONDS), request.path, query)
    return f"page-cache:packed:{sha256(repr(parts).encode()).hexdigest()}"


def own_host(request):
    """As the browser names it, to the letter. With another port or other capitals a request is answered, but pages may
    name it in their links, so nobody else may be shown them."""
    try:
        host = request.get_host()
    except DisallowedHost:
        return None  # refused further in, where the answer gets its headers
    return host if host in settings.ALLOWED_HOSTS or host == urlsplit(settings.SITE_URL).netloc else None


def known_query(query):
    """[(key, value)], sorted; None when a page with this query is not kept."""
    wanted = []
    for key, values in query.lists():
        if key in TRACKING_KEYS or key.startswith("utm_") or is_empty_choice(key, values):
            continue
        if key not in KNOWN_KEYS or len(values) > 1 or len(values[0]) > LONGEST_VALUE:
            return None
        wanted.append((key, values[0]))
    return sorted(wanted)


def is_empty_choice(key, values):
    return values == [""] or (key, values) == ("page", ["1"])


def is_for_everybody(request, response):
    varies = {word.strip().lower() for word in response.get("Vary", "").split(",")}
    return (
        getattr(response, "may_be_kept", False)
        and response.status_code == 200
        and not response.streaming
        and known_query(request.GET) == getattr(request, "query_read", [])
        and len(response.content) <= LARGEST
        and not response.cookies
        and not response.has_header("Content-Encoding")
        and not varies & {"cookie", "*"}
        and not getattr(request, "is_preview", False)
        and "private" not in response.get("Cache-Control", "")
        and "no-store" not in response.get("Cache-Control", "")
    )


def freeze_response(response, version):
    patch_vary_headers(response, ["Accept-Encoding"])
    headers = [(name, value) for name, value in response.items() if name.lower() not in UNKEPT_HEADERS]
    return {"version": version, "headers": headers, "content": pack_once(response.content)}


def build_cached_response(request, kept):
    headers, content = dict(kept["headers"]), kept["content"]
    if accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
    else:
        content = unpack_once(content)
    response = HttpResponse(b"" if request.method == "HEAD" else content, headers=headers)
    response["Content-Length"] = str(len(content))
    return response
