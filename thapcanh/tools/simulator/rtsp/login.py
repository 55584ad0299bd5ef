"""The simulator's login: Digest (RFC 2617, MD5, as cameras do it) and Basic, in constant time.

The password never shows in `repr`, a log line or a URL that is printed.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum

from thapcanh.tools.simulator.errors import BadSetting

REALM = "thapcanh-simulator"

_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class Scheme(StrEnum):
    """Authentication scheme; the value is the word in the header."""

    DIGEST = "Digest"
    BASIC = "Basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """User of a simulator, and the schemes it offers, best first."""

    user: str
    password: str = field(repr=False)
    schemes: tuple[Scheme, ...] = (Scheme.DIGEST, Scheme.BASIC)

    def challenges(self, nonce: str) -> tuple[tuple[str, str], ...]:
        """Return the `WWW-Authenticate` headers of a 401."""
        texts = {
            Scheme.DIGEST: f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5',
            Scheme.BASIC: f'Basic realm="{REALM}"',
        }
        return tuple(("WWW-Authenticate", texts[scheme]) for scheme in self.schemes)

    def admits(self, authorization: str, *, method: str, nonce: str) -> bool:
        """Return True if an `Authorization` header is valid for this request."""
        scheme, _, rest = authorization.partition(" ")
        if scheme == Scheme.BASIC and Scheme.BASIC in self.schemes:
            return self._admits_basic(rest)
        if scheme == Scheme.DIGEST and Scheme.DIGEST in self.schemes:
            return self._admits_digest(rest, method=method, nonce=nonce)
        return False

    def _admits_basic(self, token: str) -> bool:
        try:
            values = base64.b64decode(token.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(values, f"{self.user}:{self.password}".encode())

    def _admits_digest(self, text: str, *, method: str, nonce: str) -> bool:
        values = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(text)}
        secret = _md5(f"{self.user}:{REALM}:{self.password}")
        request = _md5(f"{method}:{values.get('uri', '')}")
        expected = {
            "username": self.user,
            "nonce": nonce,
            "response": _md5(f"{secret}:{nonce}:{request}"),
        }
        # Every field is compared, whatever the first ones gave, so that time tells nothing.
        equal = [
            hmac.compare_digest(values.get(name, "").encode(), value.encode())
            for name, value in expected.items()
        ]
        return all(equal)


def parse_login(text: str) -> Login:
    """`user:password` as on the command line; the password may hold colons."""
    user, colon, password = text.partition(":")
    if not colon or not user or not password:
        raise BadSetting("--user expects USER:PASSWORD")
    return Login(user=user, password=password)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
