"""What staff do with orders, below /admin/order-desk/. Lists and details are viewsets."""

from django.urls import path, re_path

from ticketing.views.staff import batch_refunds, erasure, order_actions

app_name = "order_desk"

urlpatterns = [
    path("orders/<int:order_id>/refund/", order_actions.RefundView.as_view(), name="refund"),
    path("orders/<int:order_id>/accept/", order_actions.AcceptOrderView.as_view(), name="accept"),
    path("orders/<int:order_id>/by-hand/", order_actions.SettleByHandView.as_view(), name="by-hand"),
    path("orders/<int:order_id>/verify/", order_actions.VerifyPaymentsView.as_view(), name="verify"),
    path("orders/<int:order_id>/erase/", erasure.ErasePersonView.as_view(), name="erase"),
    path("orders/<int:order_id>/address/", order_actions.CorrectAddressView.as_view(), name="address"),
    path("orders/<int:order_id>/resend/", order_actions.ResendTicketsView.as_view(), name="resend"),
    path(
        "orders/<int:order_id>/payments/<int:payment_id>/refund/",
        order_actions.RefundPaymentView.as_view(),
        name="refund-payment",
    ),
    re_path(
        r"^orders/(?P<order_id>\d+)/refunds/(?P<refund_id>\d+)/(?P<action>retry|cancel)/$",
        order_actions.RefundActionView.as_view(),
        name="refund-action",
    ),
    path("sales/<int:sale_id>/refund/", batch_refunds.StartBatchView.as_view(), name="refund-sale"),
    path("batches/<int:batch_id>/", batch_refunds.BatchProgressView.as_view(), name="batch"),
    path("batches/<int:batch_id>/stop/", batch_refunds.StopBatchView.as_view(), name="batch-stop"),
    path("batches/<int:batch_id>/resume/", batch_refunds.ResumeBatchView.as_view(), name="batch-resume"),
]
