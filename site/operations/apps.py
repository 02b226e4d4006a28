from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "operations"
    verbose_name = "Operations"

    def ready(self):
        from common import production_checks  # noqa: F401, PLC0415 - registers its system checks
        from operations.worker import task_history  # noqa: F401, PLC0415 - connects to the queue's signals; needs the models
