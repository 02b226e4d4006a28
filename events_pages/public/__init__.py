"""What visitors see: the list of events, kept pages, pictures, restricted pages. Read `page_cache` first."""
