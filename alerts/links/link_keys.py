"""Identity of sites on a link: the key that signs the site's log, its fingerprint, signatures."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

from thapcanh.alerts.links.link_records import LinkRefused, SiteLinkRefusal
from thapcanh.alerts.store.database import Database
from thapcanh.alerts.store.seals.log_signing import LogKey

REQUEST_FORM = "thapcanh.link-request.v1"
ANSWER_FORM = "thapcanh.link-answer.v1"
ACCEPT_FORM = "thapcanh.link-accept.v1"
PICTURE_FORM = "thapcanh.link-picture.v1"

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that are taken for another
_CODE_LENGTH, _ID_LENGTH = 16, 4  # 60 secret bits after the name of the invitation


def site_key(database: Database) -> LogKey:
    """Return the key that signs this site's log. Raise `LinkRefused` without one."""
    if database.log_key is None:
        raise LinkRefused(SiteLinkRefusal.NO_KEY)
    return database.log_key


def as_text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def fingerprint(public_key: str) -> str:
    """Return a key's fingerprint as two people read it to each other."""
    digest = hashlib.sha256(public_key.encode()).hexdigest()[:32]
    return "-".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def new_code() -> str:
    """Return a code of an invitation: `XXXX-XXXX-XXXX-XXXX`."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _CODE_LENGTH, 4))


def plain_code(code: str) -> str:
    return "".join(one for one in code.upper() if one.isalnum())


def invitation_id(code: str) -> str:
    return plain_code(code)[:_ID_LENGTH]


def proof_key(code: str) -> str:
    return hashlib.sha256(plain_code(code).encode()).hexdigest()


def proof(key: str, stated: Mapping[str, Any]) -> str:
    """Return the proof that who states this knows the code; the code itself is never sent."""
    return hmac.new(key.encode(), canonical(stated), hashlib.sha256).hexdigest()


def is_proof(given: object, key: str, stated: Mapping[str, Any]) -> bool:
    return isinstance(given, str) and hmac.compare_digest(
        given.encode(), proof(key, stated).encode()
    )


def canonical(stated: Mapping[str, Any]) -> bytes:
    return json.dumps(stated, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()


def request_payload(link_id: str, body: bytes) -> bytes:
    return f"{link_id}\n{hashlib.sha256(body).hexdigest()}".encode()


def answer_payload(request_signature: str, body: bytes) -> bytes:
    """Return what an answer signs; it names its request, so that no other is taken for it."""
    return f"{request_signature}\n{hashlib.sha256(body).hexdigest()}".encode()


def is_signed(public_key: str, form: str, payload: bytes, signature: str) -> bool:
    """Return whether the holder of a key signed this."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key, validate=True))
        key.verify(base64.b64decode(signature, validate=True), f"{form}\n".encode() + payload)
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True
