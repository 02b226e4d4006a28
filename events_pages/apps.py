from django.apps import AppConfig


class EventsPagesConfig(AppConfig):
    name = "events_pages"
    verbose_name = "Event pages"
