from django.urls import path

from events_pages import views

urlpatterns = [
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("legal/<slug:kind>/", views.legal, name="legal"),
    path("legal/<slug:kind>/<path:version>/", views.legal_version, name="legal-version"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security, name="security-contact"),
]
