from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Ticketing"

    def ready(self):
        from payments.domain.reconciliation import fulfilment_status  # noqa: PLC0415 - needs the models
        from ticketing import permissions, receivers  # noqa: F401, PLC0415 - receivers connect when imported
        from ticketing.domain import standings  # noqa: PLC0415 - needs the models

        fulfilment_status.register_status_source(standings.explain)
        fulfilment_status.register_subject_finder(permissions.find_references)
