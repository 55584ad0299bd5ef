"""One-time links that make an officer's phone a camera for a while.

A link is identified by its token, of which only a hash is stored; the first phone gets a claim that
excludes others.
"""

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from thapcanh.alerts.queue.exchanges.phone_list import PHONE_PREFIX
from thapcanh.alerts.store.roles import same_agency
from thapcanh.app.live.refusals import CapacityExceeded, LiveRefused
from thapcanh.config.camera import CameraConfig
from thapcanh.config.secret import SecretUrl

SCHEME = "webrtc"
MAX_LINKS = 20
MAX_LINKS_OF_OWNER = 5  # one person leaves room for others
MAX_LINKS_OF_AGENCY = 12  # and so does one agency
_REMEMBERED = 500


class LinkUsed(LiveRefused):
    """Another phone has used this link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLinkOptions:
    """Options of a link. `ends_at` is UTC unix seconds.

    `maker_agencies` are the owner's agencies, whose quota counts; None means all.
    """

    name: str
    made_by: str
    agency: str | None
    area: str | None
    ends_at: float
    maker_agencies: frozenset[str] | None = None
    is_callers: bool = False
    """A caller's: a call for help does not end with the officer's account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneLink:
    """A link that was made; `camera` is the temporary camera that it stands for."""

    id: str
    order: PhoneLinkOptions
    camera: CameraConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkClaim:
    """A phone's hold on a link; `code` is what it must show the next time."""

    link: PhoneLink
    code: str
    is_new: bool


@dataclass(slots=True)
class _Stored:
    link: PhoneLink
    claim_hash: bytes | None = field(default=None)


class PhoneLinks:
    """All links in force. Thread-safe."""

    def __init__(self, utc: Callable[[], float]) -> None:
        self._utc = utc
        self._lock = threading.Lock()
        self._stored: dict[bytes, _Stored] = {}
        self._made: dict[str, PhoneLink] = {}  # by camera, the newest
        self._asleep: frozenset[str] = frozenset()

    def make(self, order: PhoneLinkOptions) -> tuple[PhoneLink, str]:
        """Return a new link and its token, which is not stored. Raises `CapacityExceeded`."""
        token, link_id = secrets.token_urlsafe(32), secrets.token_hex(6)
        link = PhoneLink(id=link_id, order=order, camera=_camera(link_id, order))
        with self._lock:
            self._discard_ended()
            if len(self._stored) >= MAX_LINKS:
                raise CapacityExceeded(f"{MAX_LINKS} phone links are in force")
            own_count = sum(
                kept.link.order.made_by == order.made_by for kept in self._stored.values()
            )
            if own_count >= MAX_LINKS_OF_OWNER:
                raise CapacityExceeded(f"{own_count} phone links of {order.made_by} are in force")
            self._check_agency(order)
            self._stored[_hash(token)] = _Stored(link)
            self._made[link.camera.id] = link
            if len(self._made) > _REMEMBERED:
                del self._made[next(iter(self._made))]
        return link, token

    def claim(self, token: str, code: str) -> LinkClaim | None:
        """Return the token's link for the phone that holds or now gets its claim.

        None without such a link in force. Raises `LinkUsed`.
        """
        with self._lock:
            self._discard_ended()
            kept = self._stored.get(_hash(token))
            if kept is None or kept.link.id in self._asleep:
                return None
            is_new = kept.claim_hash is None
            if kept.claim_hash is None:
                code = secrets.token_urlsafe(32)
                kept.claim_hash = _hash(code)
            elif not hmac.compare_digest(kept.claim_hash, _hash(code)):
                raise LinkUsed
            return LinkClaim(link=kept.link, code=code, is_new=is_new)

    def give_up(self, token: str, claim: LinkClaim) -> None:
        """Undo a claim whose phone could not be let in: it never learns its code."""
        with self._lock:
            kept = self._stored.get(_hash(token))
            if kept is not None and claim.is_new:
                kept.claim_hash = None

    def in_force(self) -> list[PhoneLink]:
        """Return every link that can be used, oldest first."""
        return [link for link in self.kept() if link.id not in self._asleep]

    def kept(self) -> list[PhoneLink]:
        """Return every unexpired link, suspended or not."""
        with self._lock:
            self._discard_ended()
            return [kept.link for kept in self._stored.values()]

    def sleep(self, link_ids: Collection[str]) -> None:
        """Put these to sleep, and wake all others."""
        self._asleep = frozenset(link_ids)

    def known(self, camera_id: str) -> PhoneLink | None:
        """Return the past or present link of a temporary camera: alerts outlive links."""
        with self._lock:
            return self._made.get(camera_id)

    def of_camera(self, camera_id: str) -> PhoneLink | None:
        return next((link for link in self.in_force() if link.camera.id == camera_id), None)

    def end(self, link_id: str) -> bool:
        """End a link before its time; false when there is none."""
        with self._lock:
            found = [token for token, kept in self._stored.items() if kept.link.id == link_id]
            for token in found:
                del self._stored[token]
            return bool(found)

    def _check_agency(self, order: PhoneLinkOptions) -> None:
        owners = (kept.link.order.maker_agencies for kept in self._stored.values())
        if sum(same_agency(order.maker_agencies, item) for item in owners) >= MAX_LINKS_OF_AGENCY:
            raise CapacityExceeded(f"{MAX_LINKS_OF_AGENCY} phone links of one agency are in force")

    def _discard_ended(self) -> None:
        now = self._utc()
        for token, kept in list(self._stored.items()):
            if kept.link.order.ends_at <= now:
                del self._stored[token]


def _camera(link_id: str, order: PhoneLinkOptions) -> CameraConfig:
    """Return the camera, without validation: sites cannot configure its scheme."""
    camera_id = f"{PHONE_PREFIX}{link_id}"
    return CameraConfig.model_construct(
        id=camera_id,
        name=order.name,
        source=SecretUrl(f"{SCHEME}:{camera_id}"),
        agency=order.agency,
        area=order.area,
    )


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
