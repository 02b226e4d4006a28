"""Home, about, and the legal texts: honest starting points, to be read by a lawyer before real money moves."""

HOME = {
    "title": "Jersey Events",
    "hero_title": "Something is on tonight",
    "hero_text": "Music in barns, Shakespeare in castles, stars over the heath. Tickets straight from the islanders "
    "who put it on, at the price you see.",
}

INDEX = {
    "title": "What’s on",
    "intro": "Nine miles by five, twelve parishes, and more to go to than evenings to go on.",
}

SETTINGS = {
    "organisation_name": "Jersey Events",
    "contact_email": "hello@jerseyevents.example",
    "footer_text": "Events in all twelve parishes, with tickets from the people who put them on.",
}

ABOUT = {
    "title": "About us",
    "slug": "about",
    "intro": "One programme for the whole island, and a fair way to buy a ticket.",
    "body": (
        (
            "text",
            "<p>Every event here is put on by somebody on the island. They write its page, they set its price, and "
            "your money goes to their own account, not to ours.</p><h2>The price you see is the price you pay</h2>"
            "<p>Fees are in the price from the first page to the last. There is no account to make, nothing is "
            "followed, and no cookie is set before you put something in your basket.</p>",
        ),
        (
            "questions",
            (
                "Often asked",
                (
                    (
                        "Where are my tickets?",
                        "<p>In your e-mail, as a PDF with a code for each person. Lost it? "
                        "<a href='/tickets/find/'>Find my tickets</a> sends it again.</p>",
                    ),
                    (
                        "Must I print anything?",
                        "<p>No. The door scans paper and phones alike, and can look you up by name.</p>",
                    ),
                    (
                        "I need a companion or a quieter place",
                        "<p>Each page says what there is. Write to its organiser for more.</p>",
                    ),
                ),
            ),
        ),
        (
            "call",
            ("Putting something on?", "A parish supper or a festival: it takes an evening to set up.", "Write to us"),
        ),
    ),
}

TERMS = """
<p>These terms are a starting point. Whoever runs this site should have them read by a Jersey lawyer before selling.</p>
<h2>Who sells to you</h2>
<p>Each ticket is sold by the organiser named on the event’s page. We run the site and act for the organiser; your
contract for the event is with the organiser, whose name and address stand on the page and in your e-mail.</p>
<h2>Price</h2>
<p>Prices are in pounds sterling and include every fee. What is shown on the event page is what you pay.</p>
<h2>Holding and paying</h2>
<p>Tickets in your basket are held for fifteen minutes, and you may ask for more time. You pay on the page of SumUp, who
handle the card: we never see its number. An order is complete when SumUp confirms the payment to us; you then get your
tickets by e-mail. If a payment arrives after the tickets were released and none are left, all of it is returned.</p>
<h2>Your ticket</h2>
<p>Each code lets one person in, once. Keep it to yourself. A ticket may be passed on at the price you paid,
not for more.</p>
<h2>Changing your mind</h2>
<p>Each event’s page says until when you can have your money back; <a href="/refunds/">Refunds</a> says how. Nothing
here takes away rights that Jersey law gives you.</p>
<h2>Complaints</h2>
<p>Write to the organiser first, then to us. Jersey Consumer Council and Trading Standards give free advice.</p>
"""

PRIVACY = """
<p>This notice is a starting point under the Data Protection (Jersey) Law 2018. Complete it with the names and the
registration number of whoever runs this site.</p>
<h2>What we keep</h2>
<ul><li>Your name and e-mail address, what you ordered, when, and the internet address you ordered from.</li>
<li>When each ticket was scanned at the door.</li>
<li>That SumUp took the payment and its number there. Never your card.</li></ul>
<h2>Why</h2>
<p>To sell you the ticket and let you in (a contract), to keep accounts (a legal duty) and to stop fraud (a legitimate
interest). Nothing is used for advertising.</p>
<h2>Who else sees it</h2>
<p>The organiser of your event and their door staff; SumUp, for the payment; the company that carries our e-mail.</p>
<h2>Cookies</h2>
<p>None until you put something in your basket. Then two: one remembers the basket, one tells this site’s own script
until when it is held. Both are ours and end with the basket. Staff who sign in get one more.</p>
<h2>Your rights</h2>
<p>Ask us for a copy, a correction or deletion. If we disagree, the
Jersey Office of the Information Commissioner decides.</p>
"""

REFUNDS = """
<h2>If an event is cancelled</h2>
<p>You get back all you paid, fees included, on the same card. You need do nothing; banks take three to ten working
days.</p>
<h2>If it moves to another date</h2>
<p>Your ticket stays valid for the new date. If you cannot come then, ask for your money back before it.</p>
<h2>If you cannot come</h2>
<p>The event’s page says which rule its organiser chose: no refunds, refunds until 24 hours before, or until seven days
before. Answer the e-mail that brought your tickets and name your order.</p>
<h2>Payments that went wrong</h2>
<p>If money left your account and no tickets came, do not pay again. We ask SumUp ourselves until we know, and either
send the tickets or return the money.</p>
"""

LEGAL = (
    ("terms", "Terms and conditions", "terms", TERMS),
    ("privacy", "Privacy", "privacy", PRIVACY),
    ("refunds", "Refunds", "refunds", REFUNDS),
)
LEGAL_VERSION = "2026-11"
