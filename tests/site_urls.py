"""The site's addresses and its pictures: production leaves those to a bucket, here Django hands them out."""

from django.conf import settings
from django.urls import path
from django.views.static import serve

from config.urls import urlpatterns as ours

urlpatterns = [path("media/<path:path>", serve, {"document_root": settings.MEDIA_ROOT}), *ours]
