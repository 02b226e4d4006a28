"""Facts that launch checks share: the time, answers of other machines. Each is read once, when it is first needed."""

import shutil
from functools import cached_property

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from common import env
from common.env import VAR_DIR
from operations.launch import network
from operations.launch.network import BackgroundCall
from payments.domain.merchants import credentials


class Facts:
    """`send_mail`: whether a real test e-mail may go out."""

    def __init__(self, *, send_mail=False):
        self.now = timezone.now()
        self.send_mail = send_mail

    def begin(self):
        """Starts all requests at once, so that a run lasts as long as its slowest answer."""
        return self.merchant, self.site, self.clock

    @cached_property
    def merchant(self):
        """BackgroundCall: SumUp's profile of the site's own merchant."""
        return BackgroundCall(fetch_merchant_profile, settings.SUMUP_API_KEY, settings.SUMUP_MERCHANT_CODE)

    @cached_property
    def site(self):
        """BackgroundCall: the SiteVisit of SITE_URL."""
        return BackgroundCall(network.visit_site, settings.SITE_URL)

    @cached_property
    def clock(self):
        """BackgroundCall: how many seconds SumUp's clock is ahead of ours."""
        return BackgroundCall(network.measure_clock_offset, settings.SUMUP_API_URL)

    @cached_property
    def constraints(self):
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
        """The platform that deletes our disk at every restart, or ""."""
        return env.ephemeral_disk_platform(settings.MEDIA_ROOT)


def list_constrained_models():
    return [model for app in ("ticketing", "payments") for model in apps.get_app_config(app).get_models()]


def fetch_merchant_profile(key, code):
    return credentials.build_client(key).merchant(code)
