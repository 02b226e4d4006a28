from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "protection"
    verbose_name = "Protection"

    def ready(self):
        from common.typed_email_fields import install_email_reading  # noqa: PLC0415 - forms need the settings
        from protection import receivers, spreadsheets, typed_forms  # noqa: F401, PLC0415 - receivers connect when imported

        spreadsheets.guard_exports()
        typed_forms.install_reading()
        install_email_reading()
