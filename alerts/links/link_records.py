"""Records of links between sites: frozen objects. Times are UTC unix seconds of this site."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Self

LEVELS = 3
"""Sites above one another, at most."""
LOST_AFTER_S = 9.0
"""Without a sign of the other site for so long, its line is lost."""
PICTURES_AN_HOUR = 60


class PeerRole(StrEnum):
    """Role of the other site; also, which of the two decides an incident."""

    UPPER = "upper"
    LOWER = "lower"


class SiteLinkRefusal(StrEnum):
    """Named reason for which a link, or something that came over it, is refused."""

    NO_KEY = "link_no_key"  # this site has no key that signs its log
    CODE_UNKNOWN = "link_code_unknown"
    CODE_USED = "link_code_used"
    CODE_EXPIRED = "link_code_expired"
    CODE_WRONG = "link_code_wrong"
    CIRCLE = "link_circle"  # the other site is below, above, or this one
    TOO_DEEP = "link_too_deep"
    HAS_UPPER = "link_has_upper"
    NAME_TAKEN = "link_name_taken"
    UNKNOWN = "link_unknown"
    ENDED = "link_ended"
    NOT_YOURS = "link_not_yours"  # only the lower site decides what it shares
    SIGNATURE = "link_signature"
    SESSION = "link_session"  # begin again with the session that is given
    UNREADABLE = "link_unreadable"
    FLOOD = "link_flood"
    NOT_SHARED = "link_not_shared"
    NOT_A_PICTURE = "link_not_a_picture"
    NOT_LINKED = "link_incident_not_linked"
    DECIDES_ALREADY = "link_decides_already"
    UNREACHED = "link_unreached"


class LinkRefused(Exception):
    """A link, or something that came over one, is refused."""

    def __init__(self, why: SiteLinkRefusal, detail: str = "") -> None:
        super().__init__(f"{why.value}: {detail}" if detail else why.value)
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """Filter of what a lower site sends up; an empty set restricts nothing.

    `priority` is the least urgent one that goes up.
    """

    kinds: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    cameras: tuple[str, ...] = ()
    priority: int = 3
    pictures: bool = True
    film: bool = False
    pictures_an_hour: int = PICTURES_AN_HOUR
    changed_at: float = 0.0  # by the lower site's clock

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the sharing in a column; what a later version added is ignored."""
        found = json.loads(text)
        known = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
        lists = ("kinds", "areas", "cameras")
        return cls(**known | {name: tuple(known.get(name, ())) for name in lists})

    def column(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    def covers(self, kind: str, priority: int, area: str | None) -> bool:
        """Return whether an incident goes up, before its cameras are asked."""
        return (
            priority <= self.priority
            and (not self.kinds or kind in self.kinds)
            and (not self.areas or area in self.areas)
        )

    def covers_camera(self, camera_id: str | None) -> bool:
        return not self.cameras or camera_id in self.cameras


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The sites on one side of a site, by the fingerprints of their keys, and their levels."""

    keys: tuple[str, ...] = ()
    levels: int = 0

    @classmethod
    def read(cls, found: object) -> Self:
        """Return the tree that another site states; empty where it is none."""
        if not isinstance(found, Mapping):
            return cls()
        keys, levels = found.get("keys"), found.get("levels")
        named = tuple(str(key)[:64] for key in keys[:1000]) if isinstance(keys, list) else ()
        return cls(keys=named, levels=levels if isinstance(levels, int) else 0)

    def stated(self) -> dict[str, Any]:
        return {"keys": list(self.keys), "levels": self.levels}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link to another site, as it is now."""

    id: str
    peer: PeerRole
    name: str
    public_key: str
    fingerprint: str
    url: str | None
    sharing: Sharing
    agency: str | None
    area: str | None
    made_at: float
    made_by: str
    ended_at: float | None
    ended_by: str | None
    contact_at: float | None
    ahead_s: float | None
    tree: Tree
    held_pictures: int
    is_end_sent: bool  # the other site knows of the end
    waiting: int = 0

    def is_up(self, now: float) -> bool:
        """Return whether the other site gave a sign of life just now."""
        return (
            self.ended_at is None
            and self.contact_at is not None
            and (abs(now - self.contact_at) <= LOST_AFTER_S)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkItem:
    """Something on its way over a link; items of one `subject` keep their order."""

    seq: int
    subject: str
    kind: str
    at: float
    data: Mapping[str, Any] = field(default_factory=dict)

    def stated(self) -> dict[str, Any]:
        return {
            "seq": self.seq, "subject": self.subject, "kind": self.kind, "at": self.at,
            "data": dict(self.data),
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Outcome of an item: applied, refused for good, or to be sent again later."""

    seq: int
    refused: str | None = None
    later: bool = False

    def stated(self) -> dict[str, Any]:
        return {"seq": self.seq, "refused": self.refused, "later": self.later}


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedIncident:
    """State of an incident between two sites."""

    link_id: str
    site: str
    peer: PeerRole
    incident_id: str
    remote_id: str
    decides: PeerRole
    decided_at: float
    opened_at: float
    help_at: float | None
    report: Mapping[str, Any]
    sent: Mapping[str, Any]
    alone_at: float | None

    @property
    def we_decide(self) -> bool:
        """True if this site decides the incident; its role is the opposite of the peer's."""
        return self.decides is not self.peer
