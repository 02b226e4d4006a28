"""Hashing may never take all threads of a process, and costs the same for known names and unknown ones."""

import threading

import pytest
from django.contrib.auth.hashers import check_password, make_password

from protection.models import SignIn
from protection.sign_in import passwords
from protection.sign_in.passwords import LONGEST
from tests.protection.people import PASSWORD, make_ana, make_ben, sign_in

pytestmark = pytest.mark.django_db
ASKED = []


class CountingHasher(passwords.BoundedHasher):
    iterations = 1000

    def encode(self, password, salt, iterations=None):
        ASKED.append(iterations or self.iterations)
        return super().encode(password, salt, iterations)


@pytest.fixture(autouse=True)
def _hashers(settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    ASKED.clear()


def test_whoever_finds_no_place_is_told_at_once_and_it_does_not_count(client):
    make_ana()
    with passwords.reserve_hash_slot(), passwords.reserve_hash_slot():
        response = sign_in(client)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "2"
    assert "this attempt does not count" in response.text
    assert PASSWORD not in response.text
    assert not SignIn.objects.exists()
    assert sign_in(client).status_code == 302


def test_selling_goes_on_meanwhile(client, home):
    with passwords.reserve_hash_slot(), passwords.reserve_hash_slot():
        assert client.get("/tickets/checkout/").status_code == 200


def test_of_many_at_once_as_many_are_hashed_as_there_are_places(settings):
    settings.PASSWORD_HASHERS = ["protection.sign_in.passwords.BoundedHasher"]
    encoded = make_password(PASSWORD)
    start, answers = threading.Barrier(8), []

    def sign_in_thread():
        start.wait()
        try:
            answers.append(check_password(PASSWORD, encoded))
        except passwords.HashingBusy:
            answers.append("busy")

    threads = [threading.Thread(target=sign_in_thread) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) >= passwords.HASH_SLOTS
    assert answers.count("busy") >= 1
    assert check_password(PASSWORD, encoded)


def test_there_are_fewer_places_than_threads():
    served = {}
    exec(open("gunicorn.conf.py", encoding="utf-8").read(), served)  # noqa: S102, SIM115 - our own file of settings
    assert served["threads"] > passwords.HASH_SLOTS


def test_hashes_of_before_are_read_and_new_ones_are_read_without_us():
    from django.contrib.auth.hashers import PBKDF2PasswordHasher

    theirs = PBKDF2PasswordHasher()
    assert check_password(PASSWORD, theirs.encode(PASSWORD, "salt", 1000))
    assert theirs.verify(PASSWORD, make_password(PASSWORD))


def test_a_wrong_password_costs_as_much_for_a_name_that_nobody_has(client):
    make_ana()
    asleep = make_ben()
    asleep.is_active = False
    asleep.save()
    costs = {}
    for name in ("ana", "ben", "nobody"):
        ASKED.clear()
        sign_in(client, name, "wrong")
        costs[name] = list(ASKED)
    assert costs["ana"] == costs["ben"] == costs["nobody"] == [1000]


@pytest.mark.parametrize("name", ["ana", "nobody"])
def test_nothing_endless_is_hashed(client, name):
    make_ana()
    ASKED.clear()
    response = sign_in(client, name, "x" * (LONGEST + 1))
    assert response.status_code == 200
    assert ASKED == []
    assert SignIn.objects.count() == 1


def test_nothing_endless_is_hashed_as_ones_own_password(client):
    sign_in(client, make_ana().username)
    ASKED.clear()
    form = {"password-old_password": "x" * 1000, "password-new_password1": "a", "password-new_password2": "a"}
    client.post("/admin/account/", form)
    client.post("/admin/account/two-factor/remove/", {"password": "x" * 1000})
    assert ASKED == []
