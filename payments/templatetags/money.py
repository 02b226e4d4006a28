from django import template
from django.utils.translation import gettext as _

from payments.money import format_money

register = template.Library()
register.filter("money", format_money)


@register.filter
def money_or_free(amount):
    return format_money(amount) if amount else _("free")
