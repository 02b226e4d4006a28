"""Who may call themselves what: real names pass, advertisements do not."""

import time
import unicodedata
from pathlib import Path
from urllib.parse import urlencode

import hypothesis
import pytest
from django.core import mail
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from common.text.typed_text import is_readable
from tests.factories import make_type
from tests.ticketing.views.shop import buy, check_out, hold
from ticketing.domain.errors import NotAName
from ticketing.domain.orders import buyer_name, placement
from ticketing.forms import DetailsForm
from ticketing.models import Basket, Order

REAL = (
    "Ana Vautier",
    "A",
    "李",
    "李小龙",
    "St. John",
    "St.John",
    "Oliver St.Clair",
    "J.R.R. Tolkien",
    "J.R.R.Tolkien",
    "J. R. R. Tolkien",
    "O'Brien",
    "Siobhán O’Neill",
    "Dr.Who",
    "Dr. Who",
    "Dr.Li",
    "J.Black",
    "Mr.Green",
    "Ma.Theresa Cruz",
    "Maria-José Le Brocq",
    "J.-P. Belmondo",
    "Ph.D.Smith",
    "Jo Smith, M.B.E.",
    "Sammy Davis Jr.",
    "Nguyễn Thị Hồng",
    "محمد بن سلمان",
    "دَوِد",
    "علی‌رضا",  # joined by U+200C
    "ශ්‍රී රාම්",  # joined by U+200D
    "葛󠄀城",  # a form of the first letter, chosen by U+E0100
    "Зоя Петрова",
    "สมชาย",
    "Ana 🎉",
    "Muthu s/o Raman",
    "Family of 8",
    "Class of 2026, 3B",
    "Ph.D.Li",
    "J.-P.Li",
    "J.J.Black",
    "இளங்கோ",
    "Smith & Sons",
    "ana.vautier",
    "Björk",
    "A" * 120,
    "Ana\u00a0Vautier",
)
ADVERTISING = (
    "example.com",
    "Win at example.com now",
    "(example.com)",
    "example.com.",
    "EXAMPLE.COM",
    "shop.example.co.uk/offers",
    "casino.win",
    "my-shop.store",
    "www.example",
    "WWW.evil",
    "http evil",
    "https://evil",
    "hTTp:evil",
    "ftp://evil",
    "mailto:evil",
    "evil@example",
    "t.me/x",
    "t.me",
    "x.com",
    "bit.ly/abc",
    "dr.li/x",
    "evil .com",
    "ｅｘａｍｐｌｅ．ｃｏｍ",
    "example。com",
    "example｡com",
    "example․com",
    "exam\u00adple.com",
    "пример.рф",
    "例子.中国",
    "xn--e1afmkfd.xn--p1ai",
    "192.168.10.1",
    "Win at evil.com- now",
    "evil.com_",
    "evil.c\ufe0fom",  # a mark that is drawn as nothing
    "evil.com见你",
    "evil.भारत",  # with a vowel sign, which is no letter
    "g.page?prize",
    "g.page:443",
    "free-prize.g.page",
    "prize.dr.vu",
)
TELEPHONES = ("Call 0800 123 4567", "Win! Ring 07797123456", "+44 7797 700 000", "٠١٢٣٤٥٦٧٨", "⓪①②③④⑤⑥⑦")
UNSEEN = {
    "Ana\nBcc": "Ana Bcc",
    "Ana\r\nVautier": "Ana Vautier",
    "Ana\tVautier": "Ana Vautier",
    "Ana\x0bVautier": "Ana Vautier",
    "Ana\x1fVautier": "Ana Vautier",
    "Ana\x85Vautier": "Ana Vautier",
    "Ana\u2028Vautier": "Ana Vautier",
    "\x08Ana": "Ana",
    "Ana\x7f": "Ana",
    "Ana\u200bVautier": "AnaVautier",
    "Ana\u00ad\u2060\u3164Vautier": "AnaVautier",
    "\u202eAna": "Ana",
    "A\u200dB": "AB",
    "Ana\U000e0041": "Ana",
    "Nguye\u0302\u0303n": "Nguyễn",
    " \ufeff\u200eAna\u200f\u2060 ": "Ana",
    "മോഹന്‍ ": "മോഹന്‍",
}
NOBODYS = (
    "",
    " ",
    "\u200b",
    "\u00ad",
    "\u2060",
    "\u3164",
    "\u200b \u3164",
    "\u0301",
    "\u200d",
    "...",
    f"Ana{chr(0xD800)}",
    "Ana\ufffd",
)


def details(name):
    return DetailsForm({"name": name, "email": "ana@example.je", "terms": "on"})


def takes(name):
    return details(name).is_valid()


@pytest.mark.parametrize("name", REAL)
def test_real_names_pass(name):
    assert buyer_name.why_not_a_name(name) == ""
    assert takes(name)


@pytest.mark.parametrize("name", ADVERTISING)
def test_addresses_are_refused(name):
    assert buyer_name.why_not_a_name(name)
    assert not takes(name)


@pytest.mark.parametrize("name", TELEPHONES)
def test_telephone_numbers_are_refused(name):
    assert "telephone number" in buyer_name.why_not_a_name(name)
    assert not takes(name)


def test_what_cannot_be_seen_is_left_out_of_a_name():
    for typed, kept in UNSEEN.items():
        form = details(typed)
        assert form.is_valid(), ascii(typed)
        assert form.cleaned_data["name"] == kept


def test_a_name_that_nobody_can_read_is_none():
    for typed in NOBODYS:
        assert not takes(typed), ascii(typed)
        assert buyer_name.why_not_a_name(typed), ascii(typed)


def test_121_letters_are_too_many():
    assert not takes("A" * 121)


HOSTS = st.from_regex(r"[a-z][a-z0-9-]{1,12}[a-z0-9]", fullmatch=True).filter(
    lambda host: host not in buyer_name.TITLES
)
AROUND = st.text(alphabet="abcdefghijklmnopqrstuvwxyz '-()!,", max_size=20)
TELL_TALE = st.sampled_from(sorted(buyer_name.read_top_level_domains()))


@given(before=AROUND, host=HOSTS, domain=TELL_TALE, dot=st.sampled_from(".。．｡․"), after=AROUND)
def test_no_domain_hides_in_other_words(before, host, domain, dot, after):
    assert buyer_name.why_not_a_name(f"{before} {host}{dot}{domain} {after}")


LETTERS = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Mn"])
WORDS = st.text(alphabet=LETTERS, min_size=1, max_size=12)


@given(words=st.lists(WORDS, min_size=1, max_size=5), mark=st.sampled_from([" ", ". ", "-", "’", "' "]))
def test_words_of_any_script_are_names(words, mark):
    name = mark.join(words)
    hypothesis.assume("http" not in unicodedata.normalize("NFKC", name).casefold())
    hypothesis.assume(not set(unicodedata.normalize("NFKC", name)) & set("./@:"))
    hypothesis.assume(is_readable(name))
    assert buyer_name.why_not_a_name(name) == ""


@pytest.mark.parametrize("piece", ["a", "a.", ".", "a-", "1.", "@", "\u200d", "www", "://", "ﷺ"])
def test_long_texts_cost_no_more_than_their_length(piece):
    def seconds(number):
        started = time.thread_time()
        for _ in range(20):
            buyer_name.why_not_a_name(piece * number)
        return time.thread_time() - started

    buyer_name.why_not_a_name("a.com")
    assert seconds(8000) < 3 * max(seconds(800) * 10, 0.01)


def test_every_top_level_domain_is_known():
    """A newer list comes with a newer hypothesis: copy it."""
    newest = Path(hypothesis.__file__).parent / "vendor" / "tlds-alpha-by-domain.txt"
    listed = {line.lower() for line in newest.read_text().splitlines() if not line.startswith("#")}
    assert listed <= buyer_name.read_top_level_domains()


@pytest.mark.django_db
def test_a_free_order_mails_no_advertisement(client, django_capture_on_commit_callbacks):
    kind = make_type(price="0")
    hold(client, kind)
    with django_capture_on_commit_callbacks(execute=True):
        refused = check_out(client, name="Win £900 at casino.win", email="victim@example.je")
    assert refused.status_code == 422
    assert "This looks like an address on the internet" in refused.text
    assert not Order.objects.exists()
    assert not mail.outbox


@pytest.mark.django_db
def test_a_refused_name_is_corrected_on_the_same_page(client):
    hold(client, make_type(price="0"))
    assert "ana.com" in check_out(client, name="ana.com").text
    assert check_out(client, name="Ana").status_code == 303


@pytest.mark.django_db
def test_a_name_from_a_slide_breaks_no_file(client):
    for typed in ("Ana\x0bVautier", "Ana\x1fVautier", "\x08Ana Vautier"):
        assert buy(client, make_type(price="0"), name=typed).buyer_name == "Ana Vautier"


@pytest.mark.django_db
def test_half_of_a_character_is_refused_in_words(client):
    hold(client, make_type(price="0"))
    sent = urlencode({"email": "ana@example.je", "terms": "on"}) + "&name=Ana%ED%A0%80"
    refused = client.post(reverse("ticketing:checkout"), sent, content_type="application/x-www-form-urlencoded")
    assert refused.status_code == 422
    assert "was lost on its way" in refused.text


@pytest.mark.django_db
def test_no_other_way_of_ordering_takes_one():
    with pytest.raises(NotAName):
        placement.place_order(
            Basket.objects.create(), merchant_group_key="site", name="a.com", email="", terms_version="", ip=None
        )


@pytest.mark.django_db
def test_a_real_name_is_on_the_ticket(client):
    order = buy(client, make_type(price="0"), name="J.R.R. St. John-O’Brien")
    assert {ticket.holder_name for line in order.lines.all() for ticket in line.tickets.all()} == {order.buyer_name}
