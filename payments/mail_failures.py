"""Why an e-mail did not go: in words, whether that will be the same tomorrow, and whether it went after all."""

from smtplib import SMTPDataError, SMTPException, SMTPNotSupportedError, SMTPRecipientsRefused, SMTPServerDisconnected

from anymail.exceptions import AnymailAPIError, AnymailError
from urllib3.exceptions import MaxRetryError

NOT_SENT = (AnymailError, SMTPException, OSError)
# A key being changed, a bill, a domain or region set wrongly, a queue, a quota: worth another try
PASSING = {401, 402, 403, 404, 408, 425, 429}
# The provider took the request and something behind it gave way: the message may be on its way
UNCERTAIN = {408, 500, 502, 504}
# Of Postmark's own codes in a 422, those about the message; the others are about the account
POSTMARK_REFUSES = {300, 406}
# Of Amazon's 400s, those about the message
AMAZON_REFUSES = {"MessageRejected", "BadRequestException", "InvalidParameterValue"}
# How botocore calls it that the connection broke after the request had left
CUT_OFF = {"ReadTimeoutError", "ConnectionClosedError", "ResponseStreamingError"}


def describe_failure(error):
    """Kind and status; never the text, which may quote the address or the message."""
    status = response_status(error) or getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {status}" if status else type(error).__name__


def response_status(error):
    """The HTTP status of the answer, None when there was none. boto3 answers with a dict of its own."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return getattr(error, "status_code", None)


def is_permanent_failure(error):
    if isinstance(error, AnymailAPIError):
        status = response_status(error)
        return status is not None and 400 <= status < 500 and status not in PASSING and _is_about_message(error)
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, AnymailError | SMTPNotSupportedError)


def may_have_gone_out(error):
    """Whether it may have gone out all the same: it had left, and no answer came, or a broken one."""
    if not isinstance(error, AnymailAPIError):
        return isinstance(error, SMTPServerDisconnected)
    status = response_status(error)
    if status is not None:
        return status < 400 or status in UNCERTAIN
    return _broke_off(error.__cause__)


def _is_about_message(error):
    response = error.response
    if isinstance(response, dict):
        return response.get("Error", {}).get("Code") in AMAZON_REFUSES
    if error.esp_name == "Postmark" and error.status_code == 422:
        return _postmark_code(response) in POSTMARK_REFUSES
    return True


def _postmark_code(response):
    try:
        return response.json().get("ErrorCode")
    except (ValueError, AttributeError):
        return None


def _broke_off(cause):
    """requests wraps `MaxRetryError` around what failed before anything had left, and nothing else around it."""
    if type(cause).__module__.startswith("botocore"):
        return type(cause).__name__ in CUT_OFF
    return not (cause and cause.args and isinstance(cause.args[0], MaxRetryError))
