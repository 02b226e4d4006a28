"""Home, about, and what fills the blanks of the legal texts."""

HOME = {
    "title": "Jersey Events",
    "hero_title": "Nine miles by five, and something on",
    "tonight_title": "Something is on tonight",
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
    "privacy_email": "privacy@jerseyevents.example",
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

DEMO = "This is a demonstration with invented people: nobody sells or promises anything here."
ANSWERS = {
    "name of the organisation": "Jersey Events",
    "postal address": "1 Example Quay, St Helier, JE2 3ZZ",
    "contact e-mail": SETTINGS["contact_email"],
    "privacy e-mail": SETTINGS["privacy_email"],
    "number": "five",
    "the company that carries your e-mail, and its country": "a mail carrier, were this a real site",
    "the company whose computers this site runs on, and their country": "a host, were this a real site",
    "any other service you use, such as error reports, or delete this": "nobody else",
    "Ask Trading Standards whether the right to cancel in the Distance Selling (Jersey) Law 2007 applies to what you "
    "sell, and say so here.": "A real site says here which right to cancel the law gives you.",
    "Who tried the site, with which screen reader or other aid, and when; or: Nobody who uses a screen reader has "
    "tried it yet.": "Nobody who uses a screen reader has tried it yet.",
}
"""What the demo puts in the blanks of the starting texts; the first blank of each is a word to the site’s owner."""
LEGAL_VERSION = "2026-11"
