from django.urls import path

from payments import views

app_name = "payments"
urlpatterns = [
    path("sumup/callback/<str:token>/", views.callback, name="callback"),
]
