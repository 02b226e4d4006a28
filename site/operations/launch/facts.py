"""What checks share: the time, and what other machines answered. All is asked for once, when it is first needed."""

import shutil
from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from common import env
from common.paths import VAR_DIR
from operations.launch import network
from operations.launch.background_call import BackgroundCall
from payments.domain.merchants import credentials


class Facts:
    """`send_mail`: whether a real test e-mail may go out."""

    def __init__(self, *, send_mail=False):
        self.now = timezone.now()
        self.send_mail = send_mail

    def begin(self):
        """Asks everybody at once, so that a run lasts as long as its slowest answer."""
        return self.merchant, self.site, self.clock

    @cached_property
    def merchant(self):
        """SumUp's profile of the site's own merchant, read with our key."""
        return BackgroundCall(read_merchant, settings.SUMUP_API_KEY, settings.SUMUP_MERCHANT_CODE)

    @cached_property
    def site(self):
        """The site as a visitor of SITE_URL finds it."""
        return BackgroundCall(network.visit_site, settings.SITE_URL, network.static_file_url())

    @cached_property
    def clock(self):
        """How many seconds SumUp's clock is ahead of ours."""
        return BackgroundCall(network.measure_clock_offset, settings.SUMUP_API_URL)

    @cached_property
    def constraints(self):
        """Names of the constraints and unique indexes that our tables really have."""
        with connection.cursor() as cursor:
            tables = [model._meta.db_table for model in list_constrained_models()]
            found = [connection.introspection.get_constraints(cursor, table) for table in tables]
        return {name for table in found for name in table}

    @cached_property
    def disk(self):
        """(total, used, free) bytes where the site writes."""
        return shutil.disk_usage(VAR_DIR)

    @cached_property
    def passing_disk(self):
        """The platform that throws our disk away at every restart, or ""."""
        return env.ephemeral_disk_platform(settings.MEDIA_ROOT)


def list_constrained_models():
    return [model for app in ("ticketing", "payments") for model in apps.get_app_config(app).get_models()]


def read_merchant(key, code):
    return credentials.build_client(key).merchant(code)
