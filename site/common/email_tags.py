"""`readable_email` for templates: known to them by its name in the settings, without an app of its own."""

from django import template

from common.text import email_addresses

register = template.Library()
register.filter("readable_email", email_addresses.readable_email)
