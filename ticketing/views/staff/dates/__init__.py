"""“Dates and tickets”: the organiser's daily place, one screen for each event page. Read `overview` first."""
