from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "protection"
    verbose_name = "Protection"

    def ready(self):
        # ruff: noqa: PLC0415, F401 - Django's forms are not ready before this, and receivers connect when imported
        from common import typed_date_fields
        from protection import imports, receivers, spreadsheets, typed_forms

        spreadsheets.guard_exports()
        typed_forms.install_reading()
        imports.install_whole_rows()
        typed_date_fields.install_typed_dates()
        imports.keep_jersey_time()
