"""Child process that sends messages by the library `apprise`."""

import base64
import importlib
import json
import logging
import os
import signal
import smtplib
import ssl
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import IO, Any

from thapcanh.alerts.delivery.apprise_network import HttpTurn, name_mails, plain_http, plain_mail
from thapcanh.alerts.delivery.apprise_url import SERVICES, check_apprise_url, is_mail
from thapcanh.alerts.delivery.attempt import (
    DELIVERED,
    TOO_LARGE,
    Attempt,
    AttemptOutcome,
    failed,
    of_http,
)

MISSING = {"missing": True}
READY = {"ready": True}
_FORBIDDEN = frozenset({"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"})
_LEAST_CODE = 200  # `smtplib` says -1 of what is no answer
_LATE_S = 5  # after the parent would have ended us, were it still there


class AddressNotChecked(OSError):
    """A connection to where the target's host does not lead."""


class Guard:
    """Restrictions of this process once the library is loaded."""

    def __init__(self) -> None:
        self.addresses: frozenset[str] = frozenset()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Raise if a forbidden operation is attempted (Python audit hook)."""
        if event == "socket.connect":
            address = arguments[1]
            if not isinstance(address, tuple) or address[0] not in self.addresses:
                raise AddressNotChecked("not an address of the target's host")
        elif event in _FORBIDDEN:
            raise PermissionError("a message needs no program")


class Cause(logging.Handler):
    """Handler that captures the exception instead of the library's log text."""

    def __init__(self) -> None:
        super().__init__(level=1)
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002 it holds addresses
        """Record the exception being handled while the library logs."""
        self.error = sys.exc_info()[1] or self.error


def main() -> None:
    """Answer each line until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    try:
        importlib.import_module("apprise")
    except ImportError:
        _report(answers, MISSING)
        return
    cause, guard = _silenced_logging(), Guard()
    turn = plain_http()
    plain_mail()
    sys.addaudithook(guard)
    _report(answers, READY)
    for line in sys.stdin:
        request = json.loads(line)
        guard.addresses = frozenset(request["addresses"])
        cause.error = None
        turn.begin(float(request["timeout_s"]))
        signal.alarm(int(request["timeout_s"]) + _LATE_S)
        attempt = _sent(request, cause, turn)
        signal.alarm(0)
        _report(
            answers, {"outcome": attempt.outcome, "error": attempt.error, "status": attempt.status}
        )


def _sent(request: Mapping[str, Any], cause: Cause, turn: HttpTurn) -> Attempt:
    try:
        plugin = _plugin(request)
        if plugin is None:
            return failed("the library does not understand the address: see docs/integration.md")
        if plugin.notify(
            body=request["text"],
            title=request["title"],
            body_format=_text_format(),
            attach=_attached(request.get("picture")),
        ):
            return DELIVERED
    except Exception as error:  # noqa: BLE001 a library's; its words may hold the address
        return _not_sent(error, turn.status)
    return _not_sent(cause.error, turn.status)


def _not_sent(error: BaseException | None, status: int | None) -> Attempt:
    """Return why it was not sent; a refusal is final even if the library fails on it."""
    if status is not None and not 200 <= status < 300:
        return of_http(status)
    if status is not None:
        return failed(f"the gateway answers {status}, but does not say that it took it", status)
    if error is not None:
        return attempt_of(error)
    return failed("it was not sent, and the library does not say why")


def attempt_of(error: BaseException) -> Attempt:
    """Return the meaning of an exception; its text is not used, since it may hold addresses."""
    for one in _chain(error):
        found = _of_mail(one) or _of_way(one)
        if found is not None:
            return found
    return failed(f"the connection broke: {type(error).__name__}")


def _of_mail(error: BaseException) -> Attempt | None:
    match error:
        case smtplib.SMTPResponseException(smtp_code=code):
            return _of_answer(error, code)
        case smtplib.SMTPRecipientsRefused(recipients=refused):
            first = next(iter(refused.values()))[0]
            return failed(f"the mail server refuses the receiver ({first})", first)
        case smtplib.SMTPNotSupportedError():
            return failed("the mail server does not offer TLS, or no login, as url asks for")
        case smtplib.SMTPServerDisconnected():
            return failed("the mail server broke off")
        case UnicodeEncodeError():
            return failed("a mail server's login can be in ASCII alone")
    return None


def _of_answer(error: smtplib.SMTPResponseException, code: int) -> Attempt:
    """Return the meaning of a mail server's code."""
    if code < _LEAST_CODE:
        return failed("what answers there is no mail server")
    match error:
        case smtplib.SMTPAuthenticationError():
            return failed(f"the mail server does not accept our login ({code})", code)
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError() if code == TOO_LARGE:
            return failed(
                f"the mail server has no room: large mail, or full mailbox ({code})", code
            )
        case smtplib.SMTPSenderRefused():
            return failed(f"the mail server refuses the sender ({code})", code)
        case smtplib.SMTPDataError() if code >= 500:
            words = f"the mail server refuses this message ({code})"
            return Attempt(outcome=AttemptOutcome.REFUSED, error=words, status=code)
    return failed(f"the mail server answers {code}", code)


def _of_way(error: BaseException) -> Attempt | None:
    match error:
        case AddressNotChecked():
            return failed("it leads to another machine than url names, which is not followed")
        case ssl.SSLCertVerificationError():
            return failed(f"its certificate is not trusted ({error.verify_message})")
        case ssl.SSLError():
            return failed("TLS failed: is it the right port, and the right mode?")
        case TimeoutError():
            return failed("no answer in time")
        case ConnectionError():
            return failed(f"no connection: {error.strerror or type(error).__name__}")
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield the exception and its causes; urllib3 keeps some in `reason`."""
    local: BaseException | None = error
    observed: set[int] = set()
    while local is not None and id(local) not in observed:
        observed.add(id(local))
        yield local
        inner = getattr(local, "reason", None) or next(iter(local.args), None)
        local = (
            local.__cause__
            or local.__context__
            or (inner if isinstance(inner, BaseException) else None)
        )


@cache
def _service(scheme: str) -> Any:
    """Return the library's class of one service, without loading others."""
    module, name = SERVICES[scheme].plugin
    return getattr(importlib.import_module(f"apprise.plugins.{module}"), name)


def _plugin(request: Mapping[str, Any]) -> Any:
    """Return the service of a message, or None if it rejects the address."""
    from apprise import AppriseAsset
    from apprise.exception import AppriseImproperlyConfigured

    url = str(request["url"])
    check_apprise_url(url)
    if is_mail(url.partition(":")[0].lower()):
        name_mails(str(request["key"]))
    service = _service(url.partition(":")[0].lower())
    once = f"format=text&redirect=no&%2BIdempotency-Key={request['key']}"
    facts = service.parse_url(f"{url}{'&' if '?' in url else '?'}{once}")
    asset = AppriseAsset(app_id="thapcanh", app_desc="Tháp Canh", app_url="", http_redirects=False)
    limit_s = float(request["timeout_s"])
    try:
        plugin = service(**facts, asset=asset) if facts else None
    except (AppriseImproperlyConfigured, TypeError):
        return None
    if plugin is not None:
        plugin.socket_connect_timeout = plugin.socket_read_timeout = limit_s
    return plugin


def _text_format() -> Any:
    from apprise import NotifyFormat

    return NotifyFormat.TEXT


def _attached(picture: str | None) -> Any:
    """Return the picture as a mail attachment, from memory without a file."""
    if picture is None:
        return None
    from apprise import AppriseAttachment
    from apprise.attachment.memory import AttachMemory

    content = base64.b64decode(picture)
    shown = AttachMemory(content=content, name="anh-da-lam-mo.jpg", mimetype="image/jpeg")
    return AppriseAttachment(shown)


def _silenced_logging() -> Cause:
    """Capture every library's log."""
    cause = Cause()
    logger = logging.getLogger("apprise")
    logger.propagate = False
    logger.setLevel(1)
    logger.addHandler(cause)
    logging.getLogger().addHandler(logging.NullHandler())
    return cause


def _report(answers: IO[str], form: Mapping[str, Any]) -> None:
    answers.write(json.dumps(form) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
