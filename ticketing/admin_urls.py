"""What staff do with orders, below /admin/order-desk/. Lists and details are viewsets; these are the actions."""

from django.urls import path, re_path

from ticketing.views import batches, desk, erasing

app_name = "order_desk"

urlpatterns = [
    path("orders/<int:order_id>/refund/", desk.RefundView.as_view(), name="refund"),
    path("orders/<int:order_id>/accept/", desk.AcceptView.as_view(), name="accept"),
    path("orders/<int:order_id>/by-hand/", desk.ByHandView.as_view(), name="by-hand"),
    path("orders/<int:order_id>/verify/", desk.VerifyView.as_view(), name="verify"),
    path("orders/<int:order_id>/erase/", erasing.EraseView.as_view(), name="erase"),
    path("orders/<int:order_id>/address/", desk.AddressView.as_view(), name="address"),
    path("orders/<int:order_id>/resend/", desk.ResendView.as_view(), name="resend"),
    path(
        "orders/<int:order_id>/payments/<int:payment_id>/refund/",
        desk.RefundPaymentView.as_view(),
        name="refund-payment",
    ),
    re_path(
        r"^orders/(?P<order_id>\d+)/refunds/(?P<refund_id>\d+)/(?P<action>retry|cancel)/$",
        desk.RefundActionView.as_view(),
        name="refund-action",
    ),
    path("sales/<int:sale_id>/refund/", batches.StartView.as_view(), name="refund-sale"),
    path("batches/<int:batch_id>/", batches.BatchView.as_view(), name="batch"),
    path("batches/<int:batch_id>/stop/", batches.StopView.as_view(), name="batch-stop"),
    path("batches/<int:batch_id>/resume/", batches.ResumeView.as_view(), name="batch-resume"),
]
