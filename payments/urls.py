from django.urls import path

from payments.views import connect, webhooks

app_name = "payments"
urlpatterns = [
    path("sumup/callback/<str:token>/", webhooks.receive_callback, name="callback"),
    path("sumup/events/", webhooks.receive_event, name="events"),
    path("sumup/connect/", connect.start_connection, name="connect"),
    path("sumup/connect/return/", connect.return_from_provider, name="connect-return"),
    path("sumup/connect/choose/", connect.choose_account, name="connect-choose"),
]
