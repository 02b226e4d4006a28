from django.urls import path

from events_pages import views

urlpatterns = [
    path("sitemap.xml", views.public_sitemap, name="sitemap"),
    path("sitemap-<int:part>.xml", views.public_sitemap_part, name="sitemap-part"),
    path("legal/<slug:kind>/", views.legal_text, name="legal"),
    path("legal/<slug:kind>/<path:version>/", views.legal_version, name="legal-version"),
    path("robots.txt", views.robots_txt, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-contact"),
    # Behind the address of a page: the patterns of Wagtail end with a slash.
    path("<path:place>/calendar.ics", views.dates_calendar, name="calendar"),
    path("<path:place>/feed.rss", views.events_rss, name="rss"),
]
