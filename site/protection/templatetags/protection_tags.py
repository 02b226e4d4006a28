from django import template

from protection.visitors import maintenance

register = template.Library()


@register.simple_tag
def selling_paused():
    return maintenance.current_sentence()
