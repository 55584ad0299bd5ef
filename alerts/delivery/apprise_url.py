"""Allow-list of addresses for targets of the kind `apprise`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from thapcanh.config.targets import address_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Allowed parts of one service's address. `extra`: fields, headers and parameters.

    `plugin` is the library's module and class, `host` that of a public service with a token in
    place of the host, `parts` the number of path parts: the receiver.
    """

    plugin: tuple[str, str]
    keys: frozenset[str] = frozenset()
    has_extra: bool = False
    parts: int | None = None
    host: str | None = None


_MAIL = Service(
    plugin=("email", "NotifyEmail"), keys=frozenset({"to", "from", "name", "mode", "reply"})
)
_JSON = Service(plugin=("custom_json", "NotifyJSON"), keys=frozenset({"method"}), has_extra=True)
_FORM = Service(plugin=("custom_form", "NotifyForm"), keys=frozenset({"method"}), has_extra=True)
_SMS = Service(
    plugin=("smseagle", "NotifySMSEagle"), keys=frozenset({"priority", "flash"}), parts=1
)
_GOTIFY = Service(plugin=("gotify", "NotifyGotify"), keys=frozenset({"priority"}), parts=1)
_NTFY = Service(plugin=("ntfy", "NotifyNtfy"), keys=frozenset({"priority"}), parts=1)
_MATTERMOST = Service(plugin=("mattermost", "NotifyMattermost"), parts=1)
SERVICES: Mapping[str, Service] = {
    "mailtos": _MAIL,
    "mailto": _MAIL,
    "jsons": _JSON,
    "json": _JSON,
    "forms": _FORM,
    "form": _FORM,
    "smseagles": _SMS,
    "smseagle": _SMS,
    "gotifys": _GOTIFY,
    "gotify": _GOTIFY,
    "ntfys": _NTFY,
    "ntfy": _NTFY,
    "mmosts": _MATTERMOST,
    "mmost": _MATTERMOST,
    "tgram": Service(plugin=("telegram", "NotifyTelegram"), parts=1, host="api.telegram.org"),
    "zalo": Service(plugin=("zalo", "NotifyZalo"), parts=1, host="bot-api.zaloplatforms.com"),
    "viber": Service(plugin=("viber", "NotifyViber"), parts=1, host="chatapi.viber.com"),
    "line": Service(plugin=("line", "NotifyLine"), parts=1, host="api.line.me"),
    "slack": Service(plugin=("slack", "NotifySlack"), parts=2, host="hooks.slack.com"),
    "discord": Service(plugin=("discord", "NotifyDiscord"), parts=1, host="discord.com"),
    "gchat": Service(
        plugin=("google_chat", "NotifyGoogleChat"), parts=2, host="chat.googleapis.com"
    ),
}
_NUMBER = "{number}"
_EXTRA = re.compile(r"^[+:-][A-Za-z0-9_.-]{1,64}$")
_OUR_HEADERS = frozenset({"+host", "+content-length", "+transfer-encoding", "+idempotency-key"})
_MAIL_ADDRESS = re.compile(r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,255}$")
_BLANK = re.compile(r"\s")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MODES: Mapping[str, tuple[str, ...]] = {
    "mailtos": ("starttls", "ssl"),
    "mailto": ("insecure",),
}


def check_apprise_url(url: str) -> None:
    """Raise `ValueError` if the address is not allowed."""
    parts = urlsplit(url)
    service = SERVICES.get(parts.scheme.lower())
    if service is None or not parts.hostname:
        expected = " ".join(f"{scheme}://" for scheme in SERVICES)
        raise ValueError(f"url is not an address of a service that may be used: {expected}")
    if parts.fragment or ";" in parts.query:
        raise ValueError("url holds # or ;, write them as %23 and %3B")
    if _BLANK.search(url) or any(_CONTROL.search(text) for text in _decoded(url)):
        raise ValueError("url holds a space or a control character such as a line break")
    values = _values(parts, service)
    if service is _MAIL:
        _check_mail(parts, values)
    if values.get("method", "POST").upper() not in ("POST", "PUT"):
        raise ValueError("url: method may be POST or PUT")
    if service.parts is not None:
        _check_receiver(parts, service.parts)


def check_number(url: str, test_number: str | None, *, expected: bool) -> None:
    """Raise `ValueError` unless the caller's number has exactly one place, if expected."""
    if test_number is not None and not expected:
        raise ValueError("test_number goes with caller_links")
    if url.count(_NUMBER) != int(expected):
        raise ValueError("url has {number} once where caller_links is true, and nowhere else")
    if not expected:
        return
    parts = urlsplit(url)
    if SERVICES[parts.scheme.lower()] not in (_SMS, _JSON, _FORM):
        raise ValueError("caller_links needs a gateway for short messages: smseagle, json or form")
    if _NUMBER in parts.netloc:
        raise ValueError("url: {number} stands behind the host")


def with_number(url: str, number: str | None) -> str:
    """Return the address for one caller; unchanged if `number` is None."""
    return url if number is None else url.replace(_NUMBER, number)


def host_of(url: str) -> str:
    parts = urlsplit(url)
    service = SERVICES.get(parts.scheme.lower())
    return (service.host if service else None) or parts.hostname or ""


def masked_service(url: str) -> str:
    """Return the service and its host, never a token."""
    service = SERVICES.get(urlsplit(url).scheme.lower())
    if service is None or service.host is None:
        return address_of(url)
    return f"{urlsplit(url).scheme}://{service.host}"


def is_mail(scheme: str) -> bool:
    return SERVICES.get(scheme) is _MAIL


def is_sms(scheme: str) -> bool:
    return SERVICES.get(scheme) is _SMS


def _decoded(url: str) -> tuple[str, str]:
    """Return the address decoded once and twice: some services decode again."""
    return unquote(url), unquote(unquote(url))


def _values(parts: SplitResult, service: Service) -> dict[str, str]:
    """Return the query. Raise `ValueError` for an unknown or repeated key.

    The key is not repeated: it may be part of an unencoded password.
    """
    found: dict[str, str] = {}
    for pair in parts.query.split("&") if parts.query else ():
        name, _, value = pair.partition("=")
        key = unquote(name)
        is_extra = service.has_extra and _EXTRA.match(key) and key.lower() not in _OUR_HEADERS
        if not is_extra and key not in service.keys:
            extra = " +HEADER :FIELD -PARAMETER" if service.has_extra else ""
            raise ValueError(f"url: after ? there may be {' '.join(sorted(service.keys))}{extra}")
        if key in found:
            raise ValueError("url: the same name stands twice after ?")
        found[key] = unquote(value)
    return found


def _check_receiver(parts: SplitResult, count: int) -> None:
    """Check that one receiver follows the host: a number, a group or a token."""
    reported = parts.path.strip("/")
    if not reported:
        raise ValueError("url names no receiver after the host: a number, a group or a token")
    if "," in reported or len(reported.split("/")) != count:
        raise ValueError("url names one receiver after the host: a number, a group or a token")


def _check_mail(parts: SplitResult, values: Mapping[str, str]) -> None:
    """Check that there is one receiver and one sender, and TLS fits the scheme."""
    if parts.path.strip("/"):
        raise ValueError("url: write the receiver as ?to=NAME@HOST, not after the host")
    for key in ("to", "from"):
        if not _MAIL_ADDRESS.match(values.get(key, "")):
            raise ValueError(f"url: {key}= is one mail address, NAME@HOST")
    if not _MAIL_ADDRESS.match(values.get("reply", values["from"])):
        raise ValueError("url: reply= is one mail address, NAME@HOST")
    modes = _MODES[parts.scheme.lower()]
    if values.get("mode", modes[0]) not in modes:
        raise ValueError(f"url: mode= of {parts.scheme.lower()}:// may be {' or '.join(modes)}")
