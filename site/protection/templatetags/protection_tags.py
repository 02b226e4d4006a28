from django import template

from protection.visitors import maintenance

register = template.Library()


@register.simple_tag
def selling_paused():
    """The sentence of the maintenance, "" while the site sells."""
    return maintenance.current_sentence()
