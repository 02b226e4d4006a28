"""The smallest Django site there is: one view that answers two bytes, behind no middleware."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF="bench.plain_site", SECRET_KEY="measured")


def answer_two_bytes(request):
    return HttpResponse("ok", headers={"Content-Length": "2"})


urlpatterns = [path("", answer_two_bytes)]
application = get_wsgi_application()
