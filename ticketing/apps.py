from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Ticketing"

    def ready(self):
        from ticketing import receivers  # noqa: F401, PLC0415 - receivers connect when imported
