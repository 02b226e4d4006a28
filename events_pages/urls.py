from django.urls import path
from wagtail.contrib.sitemaps.views import sitemap

from events_pages import page_cache, views

urlpatterns = [
    path("sitemap.xml", page_cache.cacheable(sitemap), name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
