"""What assembles the site: settings, addresses, and the WSGI application. Imported by nobody; read `settings` first."""
