"""Sizes that a request's body may have, by its address. The server and the site both ask here before anything is
read."""

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE

PICTURE = 10 * MEBIBYTE
DOCUMENT = 20 * MEBIBYTE
FORM = 2 * MEBIBYTE  # the longest without its files is a page in the editor
ENVELOPE = MEBIBYTE  # what a form brings along with its file, and the frame around each field

PUBLIC = 64 * KIBIBYTE
# The first that fits counts. Anybody may send to the addresses of `PUBLIC`; the others answer staff and providers.
LONGEST = (
    ("/admin/login/", PUBLIC),
    ("/admin/password_reset/", PUBLIC),
    ("/admin/images/", PICTURE + ENVELOPE),
    ("/admin/documents/", DOCUMENT + ENVELOPE),
    ("/admin/", FORM + ENVELOPE),
    ("/mail/events/", MEBIBYTE),  # SendGrid collects events up to 768 KB; the others tell one by one
    ("/payments/sumup/connect/", PUBLIC),
    ("/payments/sumup/events/", 256 * KIBIBYTE),
)


def longest_body(path):
    """Bytes. `path` is decoded and without its query."""
    return next((longest for prefix, longest in LONGEST if path.startswith(prefix)), PUBLIC)
