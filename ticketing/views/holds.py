from django.http import Http404


def sale(request, **kwargs):
    raise Http404


def hold(request, **kwargs):
    raise Http404


def live(request, **kwargs):
    raise Http404
