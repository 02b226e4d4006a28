from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "protection"
    verbose_name = "Protection"

    def ready(self):
        from common import typed_date_fields  # noqa: PLC0415 - Django's forms are not ready before this
        from protection import receivers, spreadsheets, time_zones  # noqa: F401, PLC0415 - receivers connect when imported

        spreadsheets.guard_exports()
        typed_date_fields.install_typed_dates()
        time_zones.keep_jersey_time()
