"""Encryption of backups with age (X25519): the site has the public key alone and cannot read its own backups.

https://age-encryption.org/v1; `age-keygen -o identity.txt` makes the pair, `rage` and `age` open the files by hand.
"""

import pyrage

from operations.backup.errors import BackupError, WrongKey

SUFFIX = ".age"


def encrypt_file(path, recipient):
    """Replaces the file with one that is encrypted for the recipient (`age1…`); returns its path. Streams."""
    sealed = path.with_name(path.name + SUFFIX)
    pyrage.encrypt_file(str(path), str(sealed), [parse_recipient(recipient)])
    path.unlink()
    return sealed


def decrypt_file(path, identities):
    """Decrypts `x.age` to `x` and returns its path. Raises WrongKey, also for an altered file."""
    plain = path.with_name(path.name.removesuffix(SUFFIX))
    try:
        pyrage.decrypt_file(str(path), str(plain), identities)
    except pyrage.DecryptError as error:
        raise WrongKey(f"This identity does not open {path.name}: it is another key's, or damaged.") from error
    path.unlink()
    return plain


def parse_recipient(text):
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupError("BACKUP_RECIPIENT is no age public key (age1…): `age-keygen` makes a pair.") from error


def read_identities(path):
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise WrongKey(f"{path} is no file of age identities.") from error
    if not found:
        raise WrongKey(f"{path} holds no age identity.")
    return found
