from django.urls import path

from events_pages import views

urlpatterns = [
    path("sitemap.xml", views.public_sitemap, name="sitemap"),
    path("legal/<slug:kind>/", views.legal_text, name="legal"),
    path("legal/<slug:kind>/<path:version>/", views.legal_version, name="legal-version"),
    path("robots.txt", views.robots_txt, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security-contact"),
]
