"""Whether the provider has a message: asked when nobody answered as it was sent, before it is sent again.

What each provider can be asked is in docs/decisions/0037-a-lost-answer-is-looked-up.md.
"""

from anymail.exceptions import AnymailAPIError, AnymailRequestsAPIError
from anymail.utils import parse_single_address

UNAVAILABLE_STATUSES = {400, 401, 402, 403, 404, 405}  # not bought, not allowed to this key, not there


class CannotBeAsked(Exception):
    """The provider answers no such question, or not to us. An answer in another form than published is no better."""


def find_sent_message(message, *, patient):
    """True when the provider has the message, False when it has not, None when it cannot be asked.

    Raises `AnymailAPIError` or `OSError` while it does not answer; without `patient` that is None as well.
    """
    connection = message.get_connection()
    ask = LOOKUPS.get(getattr(connection, "esp_name", ""))
    if ask is None:
        return None
    connection.open()
    try:
        return ask(connection, message)
    except (CannotBeAsked, KeyError, TypeError, AttributeError):
        return None
    except (AnymailAPIError, OSError):
        if patient:
            raise
        return None
    finally:
        connection.close()


def ask_mailgun(connection, message):
    """By Message-ID, which Mailgun keeps as it is and says without its brackets. Its events are kept for days."""
    own_id = message.extra_headers["Message-ID"].strip("<>")
    domain = connection.sender_domain or parse_single_address(message.from_email).domain
    asked = {"message-id": own_id, "ascending": "no", "limit": 10}
    found = fetch_json(connection, f"{domain}/events", params=asked, auth=("api", connection.api_key))
    return any(each["message"]["headers"]["message-id"] == own_id for each in found["items"])


def ask_postmark(connection, message):
    name = message.metadata["sending"]
    asked = {"count": 10, "offset": 0, "metadata_sending": name}
    headers = {"Accept": "application/json", "X-Postmark-Server-Token": connection.server_token}
    found = fetch_json(connection, "messages/outbound", params=asked, headers=headers)
    return any((each["Metadata"] or {}).get("sending") == name for each in found["Messages"])


def ask_sendgrid(connection, message):
    """Only an account with “additional email activity history” may ask; each answer is looked into, for the search
    itself does not show what it found by.
    """
    name = message.metadata["sending"]
    headers = {"Authorization": f"Bearer {connection.api_key}"}
    asked = {"limit": 3, "query": f"unique_args['sending']=\"{name}\""}
    found = fetch_json(connection, "messages", params=asked, headers=headers)
    pages = (fetch_json(connection, f"messages/{each['msg_id']}", headers=headers) for each in found["messages"])
    return any(name in str(page["unique_args"]) for page in pages)


LOOKUPS = {"Mailgun": ask_mailgun, "Postmark": ask_postmark, "SendGrid": ask_sendgrid}


def fetch_json(connection, path, **request):
    url = f"{connection.api_url}{path}"
    response = connection.session.get(url, timeout=connection.timeout, allow_redirects=False, **request)
    if response.status_code in UNAVAILABLE_STATUSES:
        raise CannotBeAsked
    if response.status_code != 200:
        raise AnymailRequestsAPIError("Looking up a message", response=response, backend=connection)
    return response.json()
