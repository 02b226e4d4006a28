"""What the worker does. A thin leaf: an id in, one call, nothing else. Each may run twice, or never."""

from huey.contrib.djhuey import on_commit_task


@on_commit_task()
def deliver(delivery_id):
    from ticketing import mail  # noqa: PLC0415 - tasks are a leaf that wakes the layers above

    mail.deliver(delivery_id)
