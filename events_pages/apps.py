from django.apps import AppConfig


class EventsPagesConfig(AppConfig):
    name = "events_pages"
    verbose_name = "Event pages"

    def ready(self):
        from events_pages import picture_forms, receivers, renditions  # noqa: PLC0415 - models are not loaded before this

        receivers.connect()
        renditions.connect_renditions()
        picture_forms.take_portraits()
