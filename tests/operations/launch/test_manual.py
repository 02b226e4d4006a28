"""The boxes that only a person can tick: kept with name and date, withdrawn by name, never lost."""

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from operations.enums import Colour, ManualCheck
from operations.launch import registry
from operations.launch.checks import manual
from operations.models import LaunchTick

pytestmark = pytest.mark.django_db

PAID = ManualCheck.REAL_PAYMENT.value


@pytest.fixture
def marie(client, home, monkeypatch):
    """An administrator, and a launch check of these boxes alone: the others ask other machines."""
    known = {deed.value: registry.load_checks()[deed.value] for deed in ManualCheck}
    monkeypatch.setattr(registry, "load_checks", lambda: known)
    found = get_user_model().objects.create_superuser("marie", "", "")
    client.force_login(found)
    return found


def colour(deed=PAID):
    return registry.run_checks([deed]).results[0].colour


def test_a_box_is_ticked_in_the_admin_with_name_and_date(client, marie):
    page = reverse("launch")
    text = unescape(client.get(page).text)
    assert text.count("Nobody has said that this was done.") == len(ManualCheck)
    typed = {"deed": PAID, "who": "Ana Le Brocq", "done_on": "1/6/2026", "note": "JE-22222222"}
    assert client.post(page, typed).status_code == 302
    text = unescape(client.get(page).text)
    assert "Ana Le Brocq, 1 June 2026: JE-22222222" in text
    assert LaunchTick.objects.get().ticked_by == marie

    assert client.post(page, {"deed": PAID, "withdraw": "1"}).status_code == 302
    text = unescape(client.get(page).text)
    assert text.count("Nobody has said that this was done.") == len(ManualCheck)
    assert "Paid with real money, Ana Le Brocq, 2026-06-01" in text
    assert LaunchTick.objects.get().withdrawn_by == marie


def test_what_is_no_tick_is_refused_in_its_own_form(client, marie):
    tomorrow = timezone.localdate() + timedelta(days=1)
    wrong = ({"who": ""}, {"who": "---"}, {"done_on": tomorrow.isoformat()}, {"deed": "world-peace"}, {"deed": ""})
    for typed in wrong:
        sent = {"deed": PAID, "who": "Ana", "done_on": "2026-06-01"} | typed
        assert client.post(reverse("launch"), sent).status_code == 422
    assert not LaunchTick.objects.exists()


def test_a_second_tick_takes_the_place_of_the_first_and_an_old_one_fades(db):
    assert colour() == Colour.RED
    assert colour(ManualCheck.UPTIME.value) == Colour.AMBER
    manual.record_tick(PAID, who="Ana", done_on=timezone.localdate() - timedelta(days=400))
    assert colour() == Colour.AMBER
    manual.record_tick(PAID, who="Ben", done_on=timezone.localdate())
    assert colour() == Colour.GREEN
    assert [row.who for row in LaunchTick.objects.filter(withdrawn_at=None)] == ["Ben"]
    assert LaunchTick.objects.count() == 2


def test_the_command_ticks_and_unticks(capsys, db):
    call_command("launch_check", "--tick", PAID, "--who", "Ana", "--on", "1 June 2026", "--note", "JE-22222222")
    assert "Ana, 1 June 2026: JE-22222222" in capsys.readouterr().out
    call_command("launch_check", "--untick", PAID)
    assert "Nobody has said that this was done." in capsys.readouterr().out
    for words in (["--who", " "], ["--who", "Ana", "--on", "one fine day"], ["--who", "Ana", "--on", "1 June 2090"]):
        with pytest.raises(CommandError):
            call_command("launch_check", "--tick", PAID, *words)
