"""Where buyers and door staff go, below /tickets/."""

from django.urls import include, path

from ticketing.views import basket, checkout, find, holds, my_data, orders, scan

app_name = "ticketing"

one_order = [
    path("", orders.show, name="order"),
    path("status.json", orders.status, name="order-status"),
    path("tickets.pdf", orders.pdf, name="order-pdf"),
    path("event.ics", orders.calendar, name="order-calendar"),
    path("qr/<int:ticket_id>.svg", orders.qr, name="order-qr"),
    path("resend/", orders.resend, name="order-resend"),
    path("address/", orders.correct_address, name="order-address"),
    path("cancel/", orders.cancel, name="order-cancel"),
    path("pay/", orders.pay, name="order-pay"),
    path("to-sumup/", orders.follow, name="order-follow"),
]

my_data_urls = [
    path("", my_data.show, name="my-data-held"),
    path("my-data.json", my_data.download, name="my-data-json"),
    path("erase/", my_data.erase, name="my-data-erase"),
]

urlpatterns = [
    path("sales/<int:sale_id>/", holds.sale, name="sale"),
    path("sales/<int:sale_id>/hold/", holds.hold, name="hold"),
    path("sales/<int:sale_id>/live.json", holds.live, name="live"),
    path("basket/", basket.show, name="basket"),
    path("basket/status.json", basket.status, name="basket-status"),
    path("basket/change/", basket.change, name="change"),
    path("basket/extend/", basket.extend, name="extend"),
    path("basket/release/", basket.release, name="release"),
    path("basket/rehold/", basket.rehold, name="rehold"),
    path("checkout/", checkout.show, name="checkout"),
    path("find/", find.show, name="find"),
    path("my-data/", my_data.ask, name="my-data"),
    path("my-data/<str:key>/", include(my_data_urls)),
    path("scan/", scan.choose, name="scan"),
    path("scan/<int:sale_id>/", scan.scan, name="scan-sale"),
    path("orders/<slug:reference>/<slug:token>/", include(one_order)),
]
