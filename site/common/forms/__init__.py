"""How every form of the site reads text, e-mail addresses, dates and times. Read `text_fields` first."""
