from django import template

from protection import maintenance

register = template.Library()


@register.simple_tag
def selling_paused():
    return maintenance.sentence()
