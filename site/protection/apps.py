from django.apps import AppConfig


class ProtectionConfig(AppConfig):
    name = "protection"
    verbose_name = "Protection"

    def ready(self):
        # ruff: noqa: PLC0415, F401 - Django's forms are not ready before this, and receivers connect when imported
        from common.forms import date_fields, text_fields
        from protection import receivers
        from protection.admin import bounded_counts, spreadsheets, wagtail_overrides

        spreadsheets.install_safe_exports()
        bounded_counts.install_bounded_counts()
        text_fields.install_text_reading()
        wagtail_overrides.install_redirect_import()
        date_fields.install_typed_dates()
        wagtail_overrides.keep_jersey_time()
        wagtail_overrides.bound_page_lists()
