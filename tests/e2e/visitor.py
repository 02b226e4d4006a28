"""A person with a browser: what they do, in their words, and what their browser complained about."""

from itertools import count
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.e2e.letters import letters_to
from tests.harness import until
from ticketing.models import Order

PATIENCE = 15_000  # milliseconds: two cores may be busy
numbers = count(1)


class Visitor:
    def __init__(self, context, shop):
        self.context, self.shop = context, shop
        self.email = f"ana.{next(numbers)}@example.je"
        self.complaints, self.requested = [], []
        context.set_default_timeout(PATIENCE)
        context.on("console", self.on_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("request", lambda request: self.requested.append(request.url))
        context.on("response", self.on_response)
        self.page = context.new_page()

    def on_console(self, message):
        """Errors and broken content policy. Loads that failed are judged in `on_response`."""
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(f"{message.location['url']}: {message.text}")

    def on_response(self, response):
        """A page may say no (404, 422); nothing that a page needs may."""
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status} {response.url}")

    def leave(self):
        self.context.close()

    @property
    def cookies(self):
        return {cookie["name"] for cookie in self.context.cookies()}

    @property
    def other_hosts(self):
        """That were asked for anything at all."""
        ours = urlsplit(self.shop.url).netloc
        return {urlsplit(url).netloc for url in self.requested if url.startswith("http")} - {ours}

    # Looking around

    def go(self, path):
        return self.page.goto(path)

    def press(self, name, *, role="button"):
        self.page.get_by_role(role, name=name).click()

    def sees(self, words):
        expect(self.page.get_by_role("main")).to_contain_text(words)

    def sees_heading(self, words, *, within=PATIENCE / 1000):
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(words, timeout=within * 1000)

    def tabs_to(self, role, name):
        """With the Tab key alone."""
        target = self.page.get_by_role(role, name=name)
        for _ in range(60):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                return self
        raise AssertionError(f"The Tab key never came to {name}")

    def types(self, keys):
        self.page.keyboard.type(keys)

    # Buying

    def hold(self, ticket_type, *, tickets=2):
        """From the event's page into the basket, through the buy box."""
        self.go(ticket_type.sale.page.url)
        self.page.get_by_role("spinbutton", name=f"How many {ticket_type.name}").fill(str(tickets))
        self.press("Hold these tickets")
        self.sees("Held for you until")

    def check_out(self):
        """The form: on to SumUp's page, or straight to the tickets when they are free."""
        self.page.get_by_label("Your name").fill("Ana Vautier")
        self.page.get_by_label("Your e-mail").fill(self.email)
        self.page.get_by_role("checkbox").check()
        self.page.locator("[data-order-button]").click()

    def sees_sumup(self, amount):
        expect(self.page.get_by_role("button", name=f"Pay {amount}")).to_be_visible()
        assert self.page.url.startswith(self.shop.simulator.url)

    def pays(self):
        """With the good card that the simulator has filled in."""
        self.page.get_by_role("button", name="Pay £").click()
        self.sees_heading("Payment successful")

    def comes_back(self):
        """By the link on SumUp's page: it never redirects by itself."""
        self.page.get_by_role("link", name="Back to").click()

    # Afterwards

    @property
    def order(self):
        return Order.objects.get(buyer_email=self.email)

    def letter(self, *, within=30):
        """The first message to them."""
        return until(lambda: letters_to(self.email, self.shop), seconds=within, what=f"mail to {self.email}")[0]

    # At the door

    def signs_in(self):
        """As the demo's organiser, by way of the door."""
        self.go("/tickets/scan/")
        self.page.get_by_label("Username").fill("organiser")
        self.page.get_by_role("textbox", name="Password").fill("organiser-demo")
        self.press("Sign in")
        self.sees_heading("Which door?")
        return self

    def scans(self, code):
        """As a hand-held reader does it: the characters, then Enter."""
        field = self.page.get_by_label("Scan or type the code")
        field.fill(code)
        field.press("Enter")
