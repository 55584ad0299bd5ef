"""Which addresses a target of the kind `apprise` may have: an allow-list of the library's services.

Pure; nothing of the library is imported. Each names one receiver, so that a message that is tried
again does not reach others twice, and nothing of the machine: no files, no attachments, no switches
of the library (a certificate that is not checked, a redirect that is followed). No error holds a
part of the address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the address of one service may hold. `extra`: its own fields, headers and parameters."""

    keys: frozenset[str] = frozenset()
    has_extra: bool = False
    needs_path: bool = False


_MAIL = Service(keys=frozenset({"to", "from", "name", "mode", "reply"}))
_GATEWAY = Service(keys=frozenset({"method"}), has_extra=True)
_SMS = Service(keys=frozenset({"priority", "flash"}), needs_path=True)
_PUSH = Service(keys=frozenset({"priority"}), needs_path=True)
SERVICES: Mapping[str, Service] = {
    "mailtos": _MAIL,
    "mailto": _MAIL,
    "jsons": _GATEWAY,
    "json": _GATEWAY,
    "forms": _GATEWAY,
    "form": _GATEWAY,
    "smseagles": _SMS,
    "smseagle": _SMS,
    "gotifys": _PUSH,
    "gotify": _PUSH,
}
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
    """Raise `ValueError` where the address is not one that may be configured."""
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
    if service.needs_path and ("," in parts.path or len(parts.path.strip("/").split("/")) != 1):
        raise ValueError("url names one receiver after the host: a number, a group or a token")
    if service.needs_path and not parts.path.strip("/"):
        raise ValueError("url names no receiver after the host: a number, a group or a token")


def is_mail(scheme: str) -> bool:
    """Whether a scheme is that of a mail server."""
    return SERVICES.get(scheme) is _MAIL


def is_sms(scheme: str) -> bool:
    """Whether a scheme is that of a gateway for short messages."""
    return SERVICES.get(scheme) is _SMS


def _decoded(url: str) -> tuple[str, str]:
    """The address decoded once and twice: some services decode a value again."""
    return unquote(url), unquote(unquote(url))


def _values(parts: SplitResult, service: Service) -> dict[str, str]:
    """The query. Raises `ValueError` where a key is not for this service, or is there twice.

    The key is not said: it may be a part of a password in which `?` was not encoded.
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


def _check_mail(parts: SplitResult, values: Mapping[str, str]) -> None:
    """One receiver and one sender, as plain addresses; how TLS is used fits the scheme."""
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
