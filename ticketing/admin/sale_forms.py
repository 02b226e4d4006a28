"""The forms of sales and ticket types. What somebody bought for keeps its page, its date and what a pass takes."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm

from events_pages.models import Performance
from payments.admin.permissions import may_connect_accounts, own_merchants
from payments.enums import MerchantStatus
from payments.models import MerchantAccount
from protection.admin.row_scopes import NUMBER
from ticketing.admin.permissions import editable_pages, may_edit_page
from ticketing.domain.dates import sales
from ticketing.domain.dates.clock import format_start

STAYS = _("This stays as it is: make another sale for another date, and stop this one.")


class OwnRowsOnly:
    """Refuses a form that names another organiser's row, and forgets it: the chooser must not show its title."""

    def refuse(self, field):
        self.data = self.data.copy()
        self.data[self.add_prefix(field)] = ""
        raise ValidationError(_("You may only sell tickets on pages that you may edit."))


class SaleForm(OwnRowsOnly, WagtailAdminModelForm):
    """Pays to accounts of one's own; the one that a sale has already may stay. Offers the dates of its page alone."""

    dates_of = forms.CharField(required=False, widget=forms.HiddenInput)
    """The page whose dates were offered: before, an empty date says nothing."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_made = bool(self.instance.pk)
        self.offer_merchants()
        self.offer_dates(self.named_page())
        if self.instance.performance_id or (self.initial.get("performance") and not self.is_bound):
            self.fields.pop("takes_date_seats", None)
        elif self.is_made:
            self.freeze("takes_date_seats")

    def offer_merchants(self):
        field = self.fields["merchant"]
        own = own_merchants(self.for_user).exclude(status=MerchantStatus.REVOKED)
        field.queryset = MerchantAccount.objects.filter(Q(pk__in=own.values("pk")) | Q(pk=self.instance.merchant_id))
        if may_connect_accounts(self.for_user) and not own.exists():
            words = _("Empty: the site’s own SumUp account. <a href='{}'>Connect your own</a> to be paid directly.")
            field.help_text = format_html(words, reverse("payments:connect"))

    def named_page(self):
        """Its id as it was sent, or that of the sale; "" while nobody named one."""
        sent = self.data.get(self.add_prefix("page"), "") if self.is_bound else ""
        number = str(sent or self.initial.get("page") or self.instance.page_id or "")
        return number if NUMBER.fullmatch(number) else ""

    def offer_dates(self, page):
        field = self.fields["performance"]
        dates = Performance.objects.filter(page=page) if page else Performance.objects.none()
        if not self.for_user.is_superuser:
            dates = dates.filter(page__in=editable_pages(self.for_user))
        field.queryset = dates
        field.label_from_instance = label_date
        field.empty_label = _("A pass for all dates")
        self.initial["dates_of"] = page
        if self.is_made:
            self.freeze("performance")
        elif not page:
            field.help_text = _("Choose the page, then press the button: its dates are offered.")

    def freeze(self, name):
        self.fields[name].disabled, self.fields[name].help_text = True, STAYS

    def clean_page(self):
        page = self.cleaned_data["page"]
        if not may_edit_page(self.for_user, page):
            self.refuse("page")
        if self.is_made and page.pk != self.initial["page"]:
            raise ValidationError(STAYS)
        return page

    def clean_performance(self):
        date, page = self.cleaned_data["performance"], self.cleaned_data.get("page")
        was_offered = page is None or self.data.get(self.add_prefix("dates_of")) == str(page.pk)
        if date is None and not was_offered and not self.is_made:
            self.data = self.data.copy()
            self.data[self.add_prefix("dates_of")] = str(page.pk)
            raise ValidationError(_("Choose one of its dates, or leave it at the pass for all of them."))
        if date and page and date.page_id == page.pk:
            self.refuse_second_sale(date)
        return date

    def refuse_second_sale(self, date):
        try:
            sales.check_only_sale(date, but=self.instance.pk)
        except sales.SecondSale as why:
            raise ValidationError(why.message) from why


class TicketTypeForm(OwnRowsOnly, WagtailAdminModelForm):
    def clean_sale(self):
        sale = self.cleaned_data["sale"]
        return sale if may_edit_page(self.for_user, sale.page) else self.refuse("sale")


def label_date(performance):
    return ", ".join(filter(None, [format_start(performance.starts_at), performance.name]))
