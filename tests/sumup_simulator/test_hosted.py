import pytest

GOOD = {"card_number": "4200 0000 0000 0091", "expiry": "12/40", "cvv": "123", "name": "Ana Le Brun"}


@pytest.fixture
def checkout(client):
    return client.create(checkout_reference="JE-1", redirect_url="https://example.org/back?a=1&b=2")


def test_the_page_works(client, checkout):
    page = client.open_page(checkout)
    assert page.status == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    for text in ("simulator", "£24.50", "2 tickets, Spring Concert", "4200 0000 0000 0091"):
        assert text in page.text
    assert "<script" not in page.text


def test_a_good_card_pays_and_the_page_offers_the_way_back(client, checkout):
    answer = client.submit_page(checkout, **GOOD)
    assert (answer.status, answer.headers["Location"]) == (303, f"/pay/c-{checkout['id']}")
    page = client.open_page(checkout)
    assert "Payment successful" in page.text
    assert 'href="https://example.org/back?a=1&amp;b=2"' in page.text
    assert "http-equiv" not in page.text
    assert client.get(checkout)["status"] == "PAID"


def test_without_redirect_url_there_is_no_way_back(client):
    checkout = client.create()
    client.submit_page(checkout, quick="success")
    assert "Back to" not in client.open_page(checkout).text


def test_paying_twice_makes_one_transaction(client, checkout):
    client.submit_page(checkout, **GOOD)
    assert client.submit_page(checkout, **GOOD).status == 303
    assert len(client.get(checkout)["transactions"]) == 1


def test_a_declined_card_may_be_followed_by_a_good_one(client, checkout):
    client.submit_page(checkout, **GOOD | {"card_number": "4000 0000 0000 0002"})
    assert "Payment declined" in client.open_page(checkout).text
    assert client.get(checkout)["status"] == "FAILED"
    assert "Pay by card" in client.open_page(checkout, "?retry=1").text
    client.submit_page(checkout, **GOOD | {"card_number": "5555444433331111"})
    assert client.get(checkout)["status"] == "PAID"


def test_a_challenge_card_asks_the_bank_first(client, checkout):
    client.submit_page(checkout, **GOOD | {"card_number": "4200000000000042"})
    assert "Your bank asks" in client.open_page(checkout).text
    assert client.get(checkout)["status"] == "PENDING"
    client.submit_page(checkout, answer="approve")
    assert client.get(checkout)["status"] == "PAID"


def test_a_refused_challenge_fails(client, checkout):
    client.submit_page(checkout, quick="challenge")
    client.submit_page(checkout, answer="refuse")
    assert client.get(checkout)["status"] == "FAILED"


def test_approving_without_a_challenge_does_nothing(client, checkout):
    client.submit_page(checkout, answer="approve")
    assert client.get(checkout)["transactions"] == []


@pytest.mark.parametrize(("button", "status"), [("success", "PAID"), ("decline", "FAILED"), ("challenge", "PENDING")])
def test_the_quick_buttons(client, checkout, button, status):
    client.submit_page(checkout, quick=button)
    assert client.get(checkout)["status"] == status


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("card_number", "4929 0000 0000 6", "test cards"),
        ("card_number", "", "test cards"),
        ("expiry", "01/20", "date to come"),
        ("expiry", "13/40", "date to come"),
        ("cvv", "12", "three or four digits"),
        ("cvv", "abc", "three or four digits"),
        ("name", " ", "Enter a name"),
    ],
)
def test_a_wrong_form_says_why_and_tries_nothing(client, checkout, field, value, message):
    page = client.submit_page(checkout, **GOOD | {field: value})
    assert page.status == 422
    assert message in page.text
    assert client.get(checkout)["transactions"] == []


def test_the_page_never_speaks_html_from_a_merchant(client):
    checkout = client.create(description="<b>bold</b>", redirect_url='https://example.org/"><i>')
    assert "<b>" not in client.open_page(checkout).text
    client.submit_page(checkout, quick="success")
    assert "<i>" not in client.open_page(checkout).text


def test_a_deactivated_checkout_cannot_be_paid(client, checkout):
    client.submit_page(checkout, quick="challenge")
    client.ask("DELETE", f"/v0.1/checkouts/{checkout['id']}")
    client.submit_page(checkout, answer="approve")
    assert client.open_page(checkout).status == 410
    assert client.get(checkout)["transactions"] == []


def test_an_unknown_page_is_not_found(client):
    assert client.ask("GET", "/pay/c-nothing", key=None).status == 404
    assert client.ask("GET", "/pay/", key=None).status == 404


def test_the_front_page_lists_the_latest_checkouts(client, checkout):
    page = client.ask("GET", "/", key=None)
    assert f'href="/pay/c-{checkout["id"]}"' in page.text
