"""What the demo tells: events, venues, people and pages, all invented. Read `events` first; `load_demo` loads it."""
