"""How slow and how large what clients send and take may be."""

from common.http.body_sizes import KIBIBYTE

HEAD_SECONDS = 10
"""From the first chance to send until the head is complete; a body, and taking the answer, get so much as a start."""
SLOWEST = 32 * KIBIBYTE  # bytes a second that a body must come in, and an answer be taken, on top of that
LINGER = 2  # seconds in which a refused client may finish sending, so that it can read why
LONGEST_HEAD = 32 * KIBIBYTE
IN_MEMORY = 128 * KIBIBYTE  # of a request; what is longer is a large one and waits on the disk
MOST_LARGE = 24  # that one process may be reading at once
MOST_UNSENT = 512 * KIBIBYTE  # of an answer in memory, until the thread waits for the client. Files wait on the disk
PIECE = 64 * KIBIBYTE
