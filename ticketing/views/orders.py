from django.http import Http404


def show(request, **kwargs):
    raise Http404


def status(request, **kwargs):
    raise Http404


def pdf(request, **kwargs):
    raise Http404


def calendar(request, **kwargs):
    raise Http404


def qr(request, **kwargs):
    raise Http404


def resend(request, **kwargs):
    raise Http404


def cancel(request, **kwargs):
    raise Http404


def pay(request, **kwargs):
    raise Http404
