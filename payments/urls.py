from django.urls import path

from payments.views import callbacks, connect, events

app_name = "payments"
urlpatterns = [
    path("sumup/callback/<str:token>/", callbacks.receive_callback, name="callback"),
    path("sumup/events/", events.receive_event, name="events"),
    path("sumup/connect/", connect.start_connection, name="connect"),
    path("sumup/connect/return/", connect.return_from_sumup, name="connect-return"),
    path("sumup/connect/choose/", connect.choose_account, name="connect-choose"),
]
