"""Files that people take away: PDFs, QR codes, calendar files. Read `pdf` first; nothing else draws one."""
