"""HTTP to the upper site: https, the guard's addresses alone, no proxy, no redirect, short answers.

Raises `LinkUnreached` where the site does not answer, `LinkRefused` where it says no.
"""

import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests

from thapcanh.alerts.links.link_keys import (
    ANSWER_FORM,
    REQUEST_FORM,
    answer_payload,
    is_signed,
    request_payload,
)
from thapcanh.alerts.links.link_records import Link, LinkRefused, SiteLinkRefusal
from thapcanh.alerts.store.seals.log_signing import LogKey
from thapcanh.app.links.wire import ACCEPT_PATH, EXCHANGE_PATH, SIGNATURE_HEADER, read_object
from thapcanh.ingest.address_guard import AddressGuard, AddressRefused, means_this_machine
from thapcanh.ingest.guarded_http import guarded

_MOST_ANSWER_BYTES = 256 << 10
_PIECE = 16 << 10


class LinkUnreached(Exception):
    """The other site does not answer; the message names the cause and no secret."""


class SessionGiven(Exception):
    """The upper site gives the session to begin with."""

    def __init__(self, session: str) -> None:
        super().__init__(session)
        self.session = session


def checked_url(text: str) -> str:
    """Return the address of an upper site. Raise `ValueError` unless it is https.

    On this machine itself http will do.
    """
    parts = urlsplit(text.strip())
    host = parts.hostname or ""
    is_right = parts.scheme == "https" or (parts.scheme == "http" and means_this_machine(host))
    if not host or not is_right or parts.username or parts.query or parts.fragment:
        raise ValueError("give the upper site's address: https://HOST")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


class LinkClient:
    """One connection that is used again; owned by one thread."""

    def __init__(self, guard: AddressGuard, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._session = requests.Session()
        self._session.trust_env = False
        guarded(self._session, guard)

    def close(self) -> None:
        self._session.close()

    def accept(self, url: str, stated: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return what the upper site answers to an acceptance."""
        status, body, _ = self._post(f"{url}{ACCEPT_PATH}", json.dumps(stated).encode(), {})
        found = read_object(body)
        if status != 201:
            raise _refusal(status, found)
        return found

    def exchange(self, link: Link, body: bytes, key: LogKey) -> bytes:
        """Return the upper site's answer, which it signed for this request alone."""
        signature = key.sign(REQUEST_FORM, request_payload(link.id, body))
        url = f"{link.url}{EXCHANGE_PATH.format(link_id=link.id)}"
        status, answer, headers = self._post(url, body, {SIGNATURE_HEADER: signature})
        if status != 200:
            raise _refusal(status, read_object(answer))
        given = headers.get(SIGNATURE_HEADER, "")
        if not is_signed(link.public_key, ANSWER_FORM, answer_payload(signature, answer), given):
            raise LinkUnreached("the answer is not signed by the linked site")
        return answer

    def _post(
        self, url: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes, Mapping[str, str]]:
        try:
            with self._session.post(
                url,
                data=body,
                headers={"Content-Type": "application/json", **headers},
                timeout=self._timeout_s,
                allow_redirects=False,
                stream=True,
            ) as answer:
                return answer.status_code, _read(answer), answer.headers
        except AddressRefused as error:
            raise LinkUnreached(str(error)) from None
        except requests.exceptions.SSLError as error:
            raise LinkUnreached(f"its certificate is not trusted ({_cause(error)})") from None
        except (requests.RequestException, OSError) as error:
            raise LinkUnreached(f"no answer: {type(error).__name__}") from None


def _read(answer: requests.Response) -> bytes:
    body = b""
    for piece in answer.iter_content(_PIECE):
        body += piece
        if len(body) > _MOST_ANSWER_BYTES:
            raise LinkUnreached("the answer is too long")
    return body


def _refusal(status: int, found: Mapping[str, Any]) -> Exception:
    """Return what a refusal means."""
    error, session = found.get("error"), found.get("session")
    if error == SiteLinkRefusal.SESSION.value and isinstance(session, str):
        return SessionGiven(session[:200])
    known = {one.value: one for one in SiteLinkRefusal}
    if isinstance(error, str) and error in known:
        return LinkRefused(known[error], str(found.get("detail", ""))[:200])
    return LinkUnreached(f"it answers {status}")


def _cause(error: Exception) -> str:
    inner: BaseException = error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
    if isinstance(inner, ssl.SSLCertVerificationError):
        return inner.verify_message
    return type(inner).__name__
