"""Requests and responses of links between sites."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from thapcanh.alerts.incidents.kinds import IncidentKind
from thapcanh.alerts.links.link_pictures import SitePicture
from thapcanh.alerts.links.link_records import (
    PICTURES_AN_HOUR,
    Link,
    LinkedIncident,
    PeerRole,
    Sharing,
)
from thapcanh.alerts.links.reports import words_of
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, SpokenModel, Time

_Name = Annotated[str, Field(max_length=64, pattern=NO_NUL)]


class SharingResponse(ApiModel):
    """What the lower site lets go up; an empty list restricts nothing."""

    kinds: list[str]
    areas: list[str]
    cameras: list[str]
    priority: int = Field(description="the least urgent priority that goes up")
    pictures: bool
    film: bool
    pictures_an_hour: int


class SiteLinkResponse(ApiModel):
    """A link as it is now. `peer` is what the other site is to this one."""

    id: str
    peer: PeerRole
    name: str
    fingerprint: str
    url: str | None
    sharing: SharingResponse
    agency: str | None
    area: str | None
    is_up: bool
    contact_at: Time | None
    clock_ahead_s: float | None = Field(description="of the other site's clock")
    waiting: int = Field(description="items that the other site does not have yet")
    held_pictures: int = Field(description="beyond the bound an hour")
    made_at: Time
    made_by: str
    ended_at: Time | None
    ended_by: str | None


class LinkListResponse(ApiModel):
    """This site as the others know it, and its links, the oldest first."""

    name: str
    fingerprint: str | None = Field(description="none without a key that signs the action log")
    items: list[SiteLinkResponse]


class InviteLinkRequest(SpokenModel):
    """Whose the lower site's incidents are here; nobody's is the whole site's."""

    model_config = ConfigDict(extra="forbid")

    agency: _Name | None = None
    area: _Name | None = None


class LinkInvitationResponse(ApiModel):
    """A code that works once, until `expires_at`."""

    code: str
    expires_at: Time


class AcceptLinkRequest(SpokenModel):
    """The upper site's address and its code."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=300, pattern=NO_NUL)
    code: str = Field(max_length=40, pattern=NO_NUL)


class ShareLinkRequest(SpokenModel):
    """What goes up from now on."""

    model_config = ConfigDict(extra="forbid")

    kinds: list[IncidentKind] = Field(default=[], max_length=20)
    areas: list[_Name] = Field(default=[], max_length=200)
    cameras: list[_Name] = Field(default=[], max_length=2000)
    priority: int = Field(default=3, ge=1, le=3)
    pictures: bool = True
    film: bool = False
    pictures_an_hour: int = Field(default=PICTURES_AN_HOUR, ge=1, le=600)

    def sharing(self) -> Sharing:
        facts: dict[str, Any] = self.model_dump() | {
            "kinds": tuple(one.value for one in self.kinds),
            "areas": tuple(self.areas),
            "cameras": tuple(self.cameras),
        }
        return Sharing(**facts)


class HandIncidentRequest(SpokenModel):
    """Words to the other site."""

    model_config = ConfigDict(extra="forbid")

    words: str = Field(default="", max_length=300, pattern=NO_NUL)


class SitePictureResponse(ApiModel):
    """A small picture; `is_sealed` if the lower site's key vouches for it."""

    id: str
    at: Time
    sha256: str
    is_sealed: bool


class LinkedIncidentResponse(ApiModel):
    """How an incident stands between two sites. `we_decide` is of this site."""

    link_id: str
    site: str
    peer: PeerRole
    decides: PeerRole
    we_decide: bool
    is_up: bool
    decided_at: Time
    help_at: Time | None
    report: str = Field(description="the other site's newest report, as text")


class LinkedIncidentListResponse(ApiModel):
    """The sites that an incident goes over to, and the pictures of the lower ones."""

    items: list[LinkedIncidentResponse]
    pictures: list[SitePictureResponse]


def sharing_response(sharing: Sharing) -> SharingResponse:
    return SharingResponse(
        kinds=list(sharing.kinds),
        areas=list(sharing.areas),
        cameras=list(sharing.cameras),
        priority=sharing.priority,
        pictures=sharing.pictures,
        film=sharing.film,
        pictures_an_hour=sharing.pictures_an_hour,
    )


_SAME_NAME = (
    "id", "peer", "name", "fingerprint", "url", "agency", "area", "contact_at", "waiting",
    "held_pictures", "made_at", "made_by", "ended_at", "ended_by",
)  # fmt: skip


def link_response(link: Link, now: float) -> SiteLinkResponse:
    return SiteLinkResponse(
        **{name: getattr(link, name) for name in _SAME_NAME},
        sharing=sharing_response(link.sharing),
        is_up=link.is_up(now),
        clock_ahead_s=link.ahead_s,
    )


def linked_response(linked: LinkedIncident, *, is_up: bool) -> LinkedIncidentResponse:
    return LinkedIncidentResponse(
        link_id=linked.link_id,
        site=linked.site,
        peer=linked.peer,
        decides=linked.decides,
        we_decide=linked.we_decide,
        is_up=is_up,
        decided_at=linked.decided_at,
        help_at=linked.help_at,
        report=words_of(linked.report) if linked.report else "",
    )


def picture_response(picture: SitePicture) -> SitePictureResponse:
    return SitePictureResponse(
        id=picture.id, at=picture.at, sha256=picture.sha256, is_sealed=picture.is_sealed
    )
