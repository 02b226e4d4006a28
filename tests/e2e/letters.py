"""The messages that a run wrote, and what a scanner reads from the tickets in them."""

from email import message_from_bytes, policy

import pypdfium2
import zxingcpp


def letters_to(email, shop):
    letters = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in shop.mail]
    return [letter for letter in letters if email in letter["To"]]


def attached_tickets(letter):
    """The PDF's bytes; one per order."""
    [pdf] = [part for part in letter.iter_attachments() if part.get_content_type() == "application/pdf"]
    return pdf.get_content()


def codes_on(pdf, *, dpi=150):
    """What the scanner at the door reads from each printed page."""
    pages = [page.render(scale=dpi / 72).to_pil() for page in pypdfium2.PdfDocument(pdf)]
    return [barcode.text for page in pages for barcode in zxingcpp.read_barcodes(page)]
