"""Addresses below /tickets/, for buyers and door staff."""

from django.urls import include, path

from ticketing.views.buyer import basket, checkout, choices, holds, mail_request, orders, personal_data
from ticketing.views.staff import scan

app_name = "ticketing"

one_order = [
    path("", orders.show_order, name="order"),
    path("status.json", orders.show_order_status, name="order-status"),
    path("tickets.pdf", orders.download_tickets, name="order-pdf"),
    path("event.ics", orders.download_calendar, name="order-calendar"),
    path("qr/<int:ticket_id>.svg", orders.show_ticket_qr, name="order-qr"),
    path("resend/", orders.resend_tickets, name="order-resend"),
    path("address/", orders.correct_order_address, name="order-address"),
    path("choice/", choices.choose_order_refund, name="order-choice"),
    path("cancel/", orders.cancel_unpaid_order, name="order-cancel"),
    path("pay/", orders.pay_order, name="order-pay"),
    path("to-sumup/", orders.continue_payment, name="order-follow"),
]

my_data_urls = [
    path("", personal_data.show_my_data, name="my-data-held"),
    path("my-data.json", personal_data.download_my_data, name="my-data-json"),
    path("erase/", personal_data.erase_my_data, name="my-data-erase"),
]

urlpatterns = [
    path("sales/<int:sale_id>/", holds.show_sale, name="sale"),
    path("sales/<int:sale_id>/hold/", holds.hold_tickets, name="hold"),
    path("sales/<int:sale_id>/live.json", holds.show_live_stock, name="live"),
    path("basket/", basket.show_basket, name="basket"),
    path("basket/status.json", basket.show_basket_status, name="basket-status"),
    path("basket/change/", basket.change_basket, name="change"),
    path("basket/extend/", basket.extend_basket, name="extend"),
    path("basket/release/", basket.release_basket, name="release"),
    path("basket/rehold/", basket.rehold_basket, name="rehold"),
    path("checkout/", checkout.show_checkout, name="checkout"),
    path("find/", mail_request.find_tickets, name="find"),
    path("my-data/", personal_data.request_my_data, name="my-data"),
    path("my-data/<str:key>/", include(my_data_urls)),
    path("scan/", scan.choose_performance, name="scan"),
    path("scan/<int:performance_id>/", scan.scan_ticket, name="scan-performance"),
    path("orders/<slug:reference>/<slug:token>/", include(one_order)),
]
