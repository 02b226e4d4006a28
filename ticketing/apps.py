from django.apps import AppConfig


class TicketingConfig(AppConfig):
    name = "ticketing"
    verbose_name = "Ticketing"

    def ready(self):
        from payments.domain.reconciliation import fulfilment_status  # noqa: PLC0415 - needs the models
        from ticketing import receivers  # noqa: F401, PLC0415 - receivers connect when imported
        from ticketing.admin import permissions  # noqa: PLC0415 - receivers connect when imported
        from ticketing.domain.orders import reconciliation_status  # noqa: PLC0415 - needs the models

        fulfilment_status.register_status_source(reconciliation_status.fulfilment_status_of)
        fulfilment_status.register_subject_finder(permissions.find_order_references)
