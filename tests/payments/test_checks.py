import pytest

from payments.checks import check_provider_settings


def found(settings, **values):
    for name, value in values.items():
        setattr(settings, name, value)
    return [message.id for message in check_provider_settings(None)]


LIVE = {
    "SUMUP_CLIENT_SECRET": "cc_sk_real",
    "SUMUP_API_URL": "https://api.sumup.com",
    "SUMUP_API_KEY": "sup_sk_real",
    "SUMUP_MERCHANT_CODE": "M1",
}


def test_simulator_is_fine_in_development(settings):
    assert found(settings) == []


def test_production_as_it_should_be(settings):
    assert found(settings, SUMUP_SIMULATOR_ALLOWED=False, **LIVE) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:8091", "http://api.sumup.com", "https://api.sumup.com.evil.je"])
def test_only_sumup_may_take_money(settings, url):
    assert "payments.E001" in found(settings, SUMUP_SIMULATOR_ALLOWED=False, SUMUP_API_URL=url)


def test_a_live_key_is_not_given_to_the_simulator(settings):
    assert found(settings, SUMUP_API_KEY="sup_sk_real") == ["payments.E002"]


@pytest.mark.parametrize("name", ["SUMUP_MERCHANT_CODE", "SUMUP_API_KEY"])
def test_missing_account_is_a_warning(settings, name):
    assert found(settings, **{name: ""}) == ["payments.W001"]


@pytest.mark.parametrize("name", ["SUMUP_CLIENT_ID", "SUMUP_CLIENT_SECRET"])
def test_half_an_app_is_an_error(settings, name):
    assert found(settings, **{name: ""}) == ["payments.E003"]


def test_no_app_is_fine(settings):
    assert found(settings, SUMUP_CLIENT_ID="", SUMUP_CLIENT_SECRET="", TOKEN_ENCRYPTION_KEYS=[]) == []


def test_an_app_without_keys_is_an_error(settings):
    assert found(settings, TOKEN_ENCRYPTION_KEYS=[]) == ["payments.E004"]


def test_a_live_app_is_not_shown_to_the_simulator(settings):
    assert found(settings, SUMUP_CLIENT_SECRET="cc_sk_real") == ["payments.E005"]
