from django.http import Http404


def show(request, **kwargs):
    raise Http404


def status(request, **kwargs):
    raise Http404


def change(request, **kwargs):
    raise Http404


def extend(request, **kwargs):
    raise Http404


def release(request, **kwargs):
    raise Http404


def rehold(request, **kwargs):
    raise Http404
