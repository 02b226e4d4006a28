"""“Dates and tickets”, below /admin/dates/."""

from django.urls import path, re_path

from ticketing.views.staff import changes
from ticketing.views.staff.dates import copied, one_date, overview, sales, series, several

app_name = "dates"

urlpatterns = [
    path("<int:page_id>/", overview.DatesOverview.as_view(), name="list"),
    path("<int:page_id>/add/", one_date.AddDateView.as_view(), name="add"),
    path("<int:page_id>/copied/", copied.CopiedDatesView.as_view(), name="copied"),
    path("<int:page_id>/pass/", sales.SellPassView.as_view(), name="pass"),
    path("<int:page_id>/series/", series.SeriesView.as_view(), name="series"),
    path("<int:page_id>/several/", several.SeveralDatesView.as_view(), name="several"),
    path("date/<int:performance_id>/", one_date.EditDateView.as_view(), name="edit"),
    path("date/<int:performance_id>/change/", changes.PerformanceChangeView.as_view(), name="change"),
    path("date/<int:performance_id>/copy/", one_date.CopyDateView.as_view(), name="copy"),
    path("date/<int:performance_id>/delete/", one_date.DeleteDateView.as_view(), name="delete"),
    path("date/<int:performance_id>/sell/", sales.SellDateView.as_view(), name="sell"),
    re_path(r"^sale/(?P<sale_id>\d+)/(?P<action>stop|resume)/$", sales.SellingView.as_view(), name="selling"),
]
