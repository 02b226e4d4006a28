from django.urls import path

from payments.views import callbacks, connect, events

app_name = "payments"
urlpatterns = [
    path("sumup/callback/<str:token>/", callbacks.callback, name="callback"),
    path("sumup/events/", events.receive, name="events"),
    path("sumup/connect/", connect.start, name="connect"),
    path("sumup/connect/return/", connect.come_back, name="connect-return"),
    path("sumup/connect/choose/", connect.choose, name="connect-choose"),
]
