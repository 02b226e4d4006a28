"""The e-mail backend of laptops and tests: each mail a file, `.eml`."""

import time
import uuid
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    def send_messages(self, messages):
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in messages:
            self.write(folder, message)
        return len(messages)

    def write(self, folder, message):
        """Written under another name and renamed, so that nobody reads half a message."""
        name = f"{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:8]}"
        part = folder / f".{name}.part"
        part.write_bytes(message.message().as_bytes(linesep="\r\n"))
        part.rename(folder / f"{name}.eml")
