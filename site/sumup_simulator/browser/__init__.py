"""What people see: the hosted payment page and the consent of an app. Read `hosted` first; `pages` draws the HTML."""
