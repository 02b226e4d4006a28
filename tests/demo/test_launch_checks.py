"""What the launch check says where the demo was loaded."""

from django.contrib.auth import get_user_model

from demo.content.events import EVENTS
from operations.enums import Colour
from operations.launch import registry
from tests import factories


def finding(name):
    return registry.run_checks([name]).results[0].finding


def test_passwords_of_the_demo_are_found(db):
    admin = get_user_model().objects.create_superuser("admin", "", "something else")
    assert finding("demo-users").colour == Colour.GREEN
    admin.set_password("admin-demo")
    admin.save()
    found = finding("demo-users")
    assert found.colour == Colour.RED
    assert "sign in as admin" in found.words
    assert "admin-demo" not in found.words


def test_events_of_the_demo_are_found(db):
    event = factories.make_event()
    assert finding("demo-content").colour == Colour.GREEN
    event.slug = "".join(letter if letter.isalnum() else "-" for letter in EVENTS[0].title.lower()).strip("-")
    event.save()
    assert finding("demo-content").words == "The demo's content is here: 1 invented events."
