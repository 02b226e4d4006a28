"""Showing that one is a person, with real work, and every way to pretend it."""

import base64
import json
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

import altcha
import pytest
import time_machine
from django.utils import timezone

from protection.captcha import challenges, delay_challenge, proof_of_work

BOUND = "basket-of-ana"


def answer_to(work):
    """What the script of the page does."""
    work = json.loads(work)
    found = altcha.solve_challenge(work["challenge"], work["salt"], work["algorithm"], work["maxNumber"], 0)
    return written(
        {key: work[key] for key in ("algorithm", "challenge", "salt", "signature")} | {"number": found.number}
    )


def written(payload):
    return base64.b64encode(json.dumps(payload).encode()).decode()


@pytest.fixture
def ask(rf, monkeypatch):
    """A challenge as the page shows it; small enough to be solved in a test."""
    monkeypatch.setattr(proof_of_work, "HARDEST", 500)
    return lambda bound=BOUND: challenges.build_challenge(rf.get("/"), bound=bound)


@pytest.fixture
def send(rf):
    return lambda data, bound=BOUND: challenges.check_challenge(rf.post("/", data), bound=bound)


def test_work_that_is_done_passes(ask, send):
    assert send({"captcha_answer": answer_to(ask().work)})


def test_who_passed_once_is_not_asked_again_for_a_while(ask, send):
    send({"captcha_answer": answer_to(ask().work)})
    assert send({})
    assert not send({}, bound="basket-of-bob")


def test_an_answer_counts_once(ask, send, settings):
    answer = answer_to(ask().work)
    assert proof_of_work.check_work_answer(answer, challenges._challenge_name(BOUND))
    assert not send({"captcha_answer": answer})


def test_somebody_elses_answer_is_worth_nothing(ask, send):
    assert not send({"captcha_answer": answer_to(ask("basket-of-bob").work)})
    stamp = ask("basket-of-bob").stamp
    with time_machine.travel(timezone.now() + timedelta(seconds=30)):
        assert not send({"captcha_stamp": stamp})


def test_an_old_answer_is_worth_nothing(ask, send):
    answer = answer_to(ask().work)
    with time_machine.travel(timezone.now() + timedelta(minutes=21)):
        assert not send({"captcha_answer": answer})


def test_a_forged_end_or_name_breaks_the_signature(ask, send):
    payload = json.loads(base64.b64decode(answer_to(ask("basket-of-bob").work)))
    for old, new in (
        ("expires=1", "expires=9"),
        (challenges._challenge_name("basket-of-bob"), challenges._challenge_name(BOUND)),
    ):
        assert old in payload["salt"]
        assert not send({"captcha_answer": written(payload | {"salt": payload["salt"].replace(old, new)})})


def test_a_challenge_of_ones_own_is_worth_nothing(send):
    options = altcha.ChallengeOptions(
        hmac_key="mine",
        max_number=10,
        expires=timezone.now() + timedelta(hours=1),
        params={"for": challenges._challenge_name(BOUND)},
    )
    work = altcha.create_challenge(options).to_dict()
    assert not send({"captcha_answer": answer_to(json.dumps(work))})


GOOD = {"algorithm": "SHA-256", "challenge": "c", "number": 1, "salt": "s?expires=9&for=x&", "signature": "s"}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "rubbish",
        "\0",
        "é" * 10,
        "x" * 5000,
        written([]),
        written(None),
        written("text"),
        written({}),
        written(GOOD),
        written(GOOD | {"number": "1"}),
        written(GOOD | {"number": True}),
        written(GOOD | {"number": 10**400}),
        written(GOOD | {"salt": None}),
        written(GOOD | {"salt": "a?b?c?d"}),
        written(GOOD | {"salt": "s?expires=soon&"}),
        written(GOOD | {"signature": "é"}),
        written(GOOD | {"salt": "s?expires=9999999999&of=9999999", "signature": "\ud800"}),
        written(GOOD | {"algorithm": "MD5"}),
        base64.b64encode(b"[" * 1000).decode(),
    ],
)
def test_rubbish_is_no_answer(send, answer):
    assert not send({"captcha_answer": answer})


@pytest.mark.parametrize(("seconds", "passes"), [(0, False), (19, False), (22, True), (1700, True), (1900, False)])
def test_waiting_is_enough(ask, send, seconds, passes):
    stamp = ask().stamp
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        assert send({"captcha_stamp": stamp}) is passes


@pytest.mark.parametrize("stamp", ["", "rubbish", "a:b:c", "\0", "x" * 9000])
def test_a_stamp_of_ones_own_is_worth_nothing(send, stamp):
    assert not send({"captcha_stamp": stamp})


def test_one_answer_is_one_form_where_many_people_share_the_name(ask, rf):
    def send(data):
        return challenges.check_challenge(rf.post("/", data), bound=BOUND, each_time=True)

    asked = ask()
    assert send({"captcha_answer": answer_to(asked.work)})
    assert not send({"captcha_answer": answer_to(asked.work)})
    assert not send({})
    with time_machine.travel(timezone.now() + timedelta(seconds=25)):
        assert send({"captcha_stamp": asked.stamp})
        assert not send({"captcha_stamp": asked.stamp})
        again = challenges.build_challenge(rf.post("/", {"captcha_stamp": asked.stamp}), bound=BOUND)
    assert again.stamp != asked.stamp


def test_nobody_waits_twice(rf, ask):
    stamp = ask().stamp
    again = challenges.build_challenge(rf.post("/", {"captcha_stamp": stamp}), bound=BOUND)
    assert again.stamp == stamp
    other = challenges.build_challenge(rf.post("/", {"captcha_stamp": stamp}), bound="basket-of-bob")
    assert other.stamp != stamp


def test_a_cache_that_is_down_locks_nobody_out(ask, send, settings):
    gone = {"BACKEND": "common.cache.ForgivingRedisCache", "LOCATION": "redis://127.0.0.1:1/1"}
    settings.CACHES = {"default": gone, "limits": gone}
    assert send({"captcha_answer": answer_to(ask().work)})


def test_off_asks_nobody(rf, send, settings):
    settings.CAPTCHA_PROVIDER = "off"
    assert challenges.build_challenge(rf.get("/"), bound=BOUND) is None
    assert send({})


# Captchas of others


class Maker:
    """A provider's server: says yes to the answer "right" with our secret; `heard` is what it was told."""

    def __init__(self):
        maker, self.heard, self.reply = self, [], None

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                told = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                maker.heard.append({key: values[0] for key, values in told.items()})
                right = told["response"] == ["right"] and told["secret"] == ["our-secret"]
                body = maker.reply or json.dumps({"success": right}).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/siteverify"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def maker(settings):
    maker = Maker()
    settings.CAPTCHA_VERIFY_URL = maker.url
    settings.CAPTCHA_SITE_KEY, settings.CAPTCHA_SECRET_KEY = "our-site", "our-secret"
    yield maker
    maker.close()


@pytest.mark.parametrize(
    ("provider", "field"),
    [
        ("hcaptcha", "h-captcha-response"),
        ("recaptcha", "g-recaptcha-response"),
        ("turnstile", "cf-turnstile-response"),
    ],
)
def test_a_maker_is_asked(maker, settings, send, provider, field):
    settings.CAPTCHA_PROVIDER = provider
    assert not send({field: "wrong"})
    assert not send({})
    assert send({field: "right"})
    assert maker.heard[-1] == {"secret": "our-secret", "response": "right", "remoteip": "127.0.0.1"}


@pytest.mark.parametrize("reply", [b"<html>", b"[]", b'{"success": "yes"}', b"null", b"{}"])
def test_a_maker_that_talks_nonsense_says_no(maker, settings, send, reply):
    settings.CAPTCHA_PROVIDER, maker.reply = "turnstile", reply
    assert not send({"cf-turnstile-response": "right"})


def test_a_maker_that_is_down_leaves_waiting(settings, ask, send):
    settings.CAPTCHA_PROVIDER, settings.CAPTCHA_VERIFY_URL = "hcaptcha", "http://127.0.0.1:1/"
    asked = ask()
    assert not send({"h-captcha-response": "right", "captcha_stamp": asked.stamp})
    with time_machine.travel(timezone.now() + timedelta(seconds=delay_challenge.SECONDS + 2)):
        assert send({"h-captcha-response": "right", "captcha_stamp": asked.stamp})
