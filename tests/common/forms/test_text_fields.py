"""No text field of any form keeps what nobody sees; secrets stay as they are."""

import inspect
import json

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail import blocks
from wagtail.admin.forms.collections import CollectionViewRestrictionForm
from wagtail.admin.forms.pages import PageViewRestrictionForm
from wagtail.admin.forms.search import SearchForm
from wagtail.admin.rich_text.editors.draftail import DraftailRichTextArea
from wagtail.admin.widgets import AdminTagWidget
from wagtail.contrib.redirects.forms import RedirectForm
from wagtail.documents import get_document_model
from wagtail.documents.forms import get_document_form
from wagtail.forms import PasswordViewRestrictionForm
from wagtail.images import get_image_model
from wagtail.images.forms import get_image_form
from wagtail.users.forms import UserCreationForm

from common.forms import text_fields
from events_pages.models import EventPage
from protection.sign_in.forms import CodeForm, PasswordForm
from ticketing.admin.forms import reason_field
from ticketing.forms import DetailsForm, FindForm

TYPED = " Ana\u200b\x0b Le\u00a0Brocq\x08 "
KEPT = "Ana Le Brocq"
FORMS = (DetailsForm, FindForm, CodeForm, SearchForm, RedirectForm, UserCreationForm)
OWN_WAY = {"EmailField", "JSONField", "GenericIPAddressField", "SimpleArrayField", "HStoreField"}
"""Fields that read their text themselves: what is no JSON, no address, is refused."""


def fields():
    for form in FORMS:
        yield from form.base_fields.items()
    yield from get_image_form(get_image_model()).base_fields.items()
    yield from get_document_form(get_document_model()).base_fields.items()
    yield from EventPage.get_edit_handler().get_form_class().base_fields.items()
    for block in (blocks.CharBlock(), blocks.TextBlock(), blocks.RichTextBlock(), blocks.RawHTMLBlock()):
        yield type(block).__name__, block.field


def is_plain(field):
    return type(field) is forms.CharField and field.strip and not isinstance(field.widget, forms.PasswordInput)


def test_every_text_field_reads_what_was_typed_alike():
    seen = {name: field for name, field in fields() if is_plain(field)}
    assert {"q", "title", "first_name", "CharBlock", "RichTextBlock"} <= seen.keys()
    for name, field in seen.items():
        assert field.to_python("Ana\u200b\x08") == "Ana", name
        if text_fields.is_one_line_field(field):
            assert field.to_python(TYPED) == KEPT, name


def test_no_field_has_a_way_of_its_own():
    """A subclass that reads by itself must ask Django's reading, which is ours."""
    for field in below(forms.CharField):
        own = vars(field).get("to_python")
        asks = own is None or "super()" in inspect.getsource(own)
        assert asks or field.__name__ in OWN_WAY, field


def below(field):
    for each in field.__subclasses__():
        yield each
        yield from below(each)


def test_tags_are_read_too():
    field = get_image_form(get_image_model()).base_fields["tags"]
    assert isinstance(field.widget, AdminTagWidget)
    assert sorted(field.clean("jersey\u200b, Nguye\u0302\u0303n")) == ["Nguyễn", "jersey"]


def test_several_lines_stay():
    assert reason_field().clean("Rain.\r\n\u00a0 Wind\x0band\tice\u200b") == "Rain.\n\u00a0 Wind\nand\tice"


def test_a_secret_is_never_altered():
    secret = "p\u00a0a\u200bsse\u0301  word"
    shown = PageViewRestrictionForm.base_fields["password"], CollectionViewRestrictionForm.base_fields["password"]
    asked = PasswordViewRestrictionForm.base_fields["password"]
    for field in (*shown, asked, PasswordForm.base_fields["password"], UserCreationForm.base_fields["password1"]):
        assert field.clean(secret) == secret


def test_half_of_a_character_is_refused_in_words():
    for broken in (f"Ana{chr(0xD800)}", "Ana\ufffd"):
        with pytest.raises(ValidationError, match="was lost on its way"):
            forms.CharField().clean(broken)


def test_a_line_without_end_is_refused_in_words():
    with pytest.raises(ValidationError, match="too long"):
        UserCreationForm.base_fields["last_name"].clean("x" * 5_000)
    assert len(forms.CharField(widget=forms.Textarea).clean("x" * 5_000)) == 5_000


def test_the_beginning_of_a_question_without_end_is_asked():
    for typed in ("x" * 5_000, "x\0\ud800"):
        assert set(SearchForm.base_fields["q"].clean(typed)) == {"x"}


@pytest.mark.django_db
def test_a_question_of_a_thousand_words_is_answered(admin_client):
    for name in ("wagtailadmin_explore_root", "wagtailadmin_pages:search", "wagtailimages:index", "wagtaildocs:index"):
        assert admin_client.get(reverse(name), {"q": "a " * 1_000}).status_code == 200, name


def content_state(text):
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0, "inlineStyleRanges": [], "entityRanges": []}
    return json.dumps({"blocks": [block], "entityMap": {}})


def rich_text(text):
    """As the editor of rich text sends it: JSON, in which any character can be spelled."""
    field = forms.CharField(widget=DraftailRichTextArea(features=["bold"]), required=False)
    sent = field.widget.value_from_datadict({"body": content_state(text)}, {}, "body")
    return field, sent


def test_rich_text_is_read_too():
    field, sent = rich_text("Caf\u0065\u0301\x0b\u200b\u00a0& more")
    assert ">Café\n\u00a0&amp; more<" in field.clean(sent)


def test_broken_rich_text_is_refused_and_shown_again():
    for text, words in ((f"Ana{chr(0xD800)}", "was lost on its way"), ("Ana\0", "Null characters")):
        field, sent = rich_text(text)
        with pytest.raises(ValidationError, match=words):
            field.clean(sent)
        field.widget.render("body", sent, {"id": "body"}).encode()
