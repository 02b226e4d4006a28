from django.apps import AppConfig


class EventsPagesConfig(AppConfig):
    name = "events_pages"
    verbose_name = "Event pages"

    def ready(self):
        from events_pages import receivers  # noqa: PLC0415 - models are not loaded before this
        from events_pages.admin import picture_forms  # noqa: PLC0415 - models are not loaded before this
        from events_pages.public import renditions  # noqa: PLC0415 - models are not loaded before this

        receivers.connect_receivers()
        renditions.connect_renditions()
        picture_forms.install_portrait_field()
