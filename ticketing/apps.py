from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Ticketing"

    def ready(self):
        from payments.domain import subjects  # noqa: PLC0415 - needs the models
        from ticketing import permissions, receivers  # noqa: F401, PLC0415 - receivers connect when imported
        from ticketing.domain import standings  # noqa: PLC0415 - needs the models

        subjects.register(standings.explain)
        subjects.register_finder(permissions.find_references)
