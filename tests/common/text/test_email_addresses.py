"""One mailbox has one spelling, however its address was typed, pasted, copied or forwarded."""

import unicodedata

import pytest
from django import forms
from django.db import models
from wagtail.admin.forms.auth import PasswordResetForm
from wagtail.users.forms import UserCreationForm

from common.text.email_addresses import fold_email, normalise_email, readable_email
from events_pages.models import Organiser, SiteSettings
from ticketing.forms import AddressForm, DetailsForm, FindForm

ANA = "ana@example.je"
FORMS = (DetailsForm, AddressForm, FindForm, UserCreationForm, PasswordResetForm)
DOMAINS = (
    *("straße.example", "παράδειγμα.example", "пример.example", "例え.jp"),
    *("مثال.example", "נפש.example", "นามสกุล.example", "नमूना.example"),
)
BOOKS = "ana@xn--bcher-kva.example"


def test_it_works():
    assert normalise_email("ana@example.je") == "ana@example.je"
    assert readable_email("ana@example.je") == "ana@example.je"


@pytest.mark.parametrize(
    "sign", "\u200b\u200c\u200d\u200e\u202e\u2060\u2066\u00ad\ufeff\ufe0f\u034f\u3164\u2800\0\x07\U000e0041"
)
def test_nothing_that_nobody_sees_is_kept(sign):
    for at in range(len(ANA) + 1):
        assert normalise_email(ANA[:at] + sign + ANA[at:]) == ANA, at


@pytest.mark.parametrize(
    "text",
    [
        " ana@example.je ",
        "\u00a0ana@example.je\u2003",
        "ana @ example.je",
        "ana@ example.je",
        "ana@example.je\n",
        "ana@example.je.",
        "ana@example.je,",
        "ana@example.je;",
        "ana@example.je…",
        "ana@EXAMPLE.je",
        "<ana@example.je>",
        "(ana@example.je).",
        "“ana@example.je”",
        "'ana@example.je'",
        "‘ana@example.je’,",
        "«ana@example.je»",
        "mailto:ana@example.je",
        "MAILTO:ana@example.je",
        "mailto:ana@example.je?subject=Tickets&body=Hello",
        "mailto:ana%40example.je",
        "Ana <ana@example.je>",
        "“Ana Vautier” <ana@example.je>;",
        "Ana <mailto:ana@example.je>",
        "ana@example.je<mailto:ana@example.je>",
        "ａｎａ＠ｅｘａｍｐｌｅ．ｊｅ",
        "ana@example。je",
    ],
)
def test_what_stands_around_an_address_is_not_part_of_it(text):
    assert normalise_email(text) == ANA
    assert fold_email(text.upper()) == ANA


@pytest.mark.parametrize(
    "text",
    [
        "ana@bücher.example",
        "ana@BÜCHER.example",
        "ana@bu\u0308cher.example",
        "ana@xn--bcher-kva.example",
        "ana@XN--BCHER-KVA.EXAMPLE",
        "Ana <ana@bücher.example>",
        "ana@bü\u00adcher.example",
        "ana@bücher。example.",
    ],
)
def test_both_spellings_of_a_domain_are_one(text):
    assert normalise_email(text) == BOOKS
    assert readable_email(normalise_email(text)) == "ana@bücher.example"


def test_domains_of_every_script_go_there_and_back():
    for domain in (
        "straße.example",
        "παράδειγμα.example",
        "пример.example",
        "例え.jp",
        "مثال.example",
        "נפש.example",
        "นามสกุล.example",
        "नमूना.example",
    ):
        kept = normalise_email(f"ana@{domain}")
        assert kept.isascii(), domain
        assert readable_email(kept) == f"ana@{unicodedata.normalize('NFC', domain)}"


def test_a_joiner_that_makes_another_domain_stays():
    assert normalise_email("ana@نامه\u200cای.example") != normalise_email("ana@نامهای.example")


def test_what_stands_before_the_at_keeps_its_case_and_its_signs():
    for text in ("O'Brien@example.je", "Ana.Le-Brocq+tickets@example.je", '"Ana B"@example.je', "ana@[127.0.0.1]"):
        assert normalise_email(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@",
        "ana",
        "ana@",
        "@example.je",
        "ana@example.je, bob@example.je",
        "Ana <a@b.je>, Bob <b@b.je>",
        "ana@b.je\nBcc: b@b.je",
    ],
)
def test_two_addresses_or_none_are_not_made_one(text):
    field = forms.EmailField()
    with pytest.raises(forms.ValidationError):
        field.clean(text)


def test_it_is_done_once():
    for text in (
        "Ana <Ana@Bücher.example>",
        "x" * 5000,
        "a@" * 400,
        "ana@" + "ü" * 300 + ".je",
        "a\ud800na@example.je",
        "<" * 900,
    ):
        assert normalise_email(normalise_email(text)) == normalise_email(text)


def test_what_no_mail_server_knows_is_refused_in_the_words_of_the_form():
    for typed in ("ana@i❤.ws", "jörg@example.je", "ana@localhost", "ana@[127.0.0.1]", "a" * 65 + "@example.je"):
        assert FindForm({"email": typed}).errors["email"] == ["Write the whole address, like ana@example.je."], typed
    assert FindForm({"email": "a" * 64 + "@example.je"}).is_valid()


def test_the_apostrophe_of_a_phone_is_the_one_that_mail_servers_know():
    for typed in ("o’brien@example.je", "o‘brien@example.je", "oʼbrien@example.je", "O’Brien <o’brien@example.je>"):
        assert normalise_email(typed) == "o'brien@example.je"


def test_every_field_for_an_address_reads_alike():
    made = {
        (model, field.name): field.formfield()
        for model in (Organiser, SiteSettings, UserCreationForm.Meta.model)
        for field in model._meta.get_fields()
        if isinstance(field, models.EmailField)
    }
    declared = {
        (each, "email"): each.base_fields["email"]
        for each in (DetailsForm, AddressForm, FindForm, UserCreationForm, PasswordResetForm)
    }
    assert len(made) == 4
    for where, field in (made | declared).items():
        assert field.clean("Ana <ana@Bücher.example>,") == BOOKS, where
