from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "protection"
    verbose_name = "Protection"

    def ready(self):
        # ruff: noqa: PLC0415 - Django's forms are not ready before this, and receivers connect when imported
        from common import typed_email_fields
        from common.forms import (
            date_fields,
            text_fields,
        )
        from protection import receivers, time_zones  # noqa: F401
        from protection.admin import spreadsheets, wagtail_overrides

        spreadsheets.install_safe_exports()
        text_fields.install_text_reading()
        wagtail_overrides.install_redirect_import()
        typed_email_fields.install_email_reading()
        date_fields.install_typed_dates()
        time_zones.keep_jersey_time()
