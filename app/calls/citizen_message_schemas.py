"""API schemas of citizens' messages."""

from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from thapcanh.alerts.calls.caller_links import CallerItemKind
from thapcanh.alerts.calls.citizen_answers import SenderMark
from thapcanh.alerts.calls.citizen_media import CitizenMedia
from thapcanh.alerts.calls.citizen_messages import CitizenMessage, MessageState
from thapcanh.alerts.incidents.calls import CallKind
from thapcanh.app.incidents.call_schemas import CallResponse
from thapcanh.app.incidents.incident_schemas import (
    PlaceRequest,
    PlaceResponse,
    SuggestionResponse,
    place_response,
)
from thapcanh.app.web_api.people import People
from thapcanh.app.web_api.prefix import PREFIX
from thapcanh.app.web_api.schemas import NO_NUL, ApiModel, PersonResponse, SpokenModel, Time

_ID = r"^[\w-]{1,64}$"


class CitizenPlaceRequest(SpokenModel):
    """Place named by a citizen; an impossible point is dropped and the message accepted."""

    model_config = ConfigDict(extra="ignore")

    text: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    lat: float | None = None
    lon: float | None = None


class CitizenMessageRequest(SpokenModel):
    """A message from a gateway. `sender` may be a number, a name, or a hash of one."""

    model_config = ConfigDict(extra="forbid")

    channel: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$", description="such as zalo")
    ref: str | None = Field(
        default=None, min_length=1, max_length=200, pattern=NO_NUL,
        description="the channel's id of the message, which is stored once",
    )  # fmt: skip
    sender: str | None = Field(default=None, max_length=300, pattern=NO_NUL)
    text: str | None = Field(default=None, max_length=4000, pattern=NO_NUL)
    place: CitizenPlaceRequest | None = None
    at: AwareDatetime | None = Field(default=None, description="when it was written")


class MessageReceiptResponse(ApiModel):
    """The receipt of a message."""

    id: str
    warnings: list[str] = Field(description="place_left_out: its point cannot be")


class CitizenMediaResponse(ApiModel):
    """A photo or video of a message; `file` is null once it was removed."""

    id: str
    kind: CallerItemKind
    at: Time
    file: str | None
    call: str | None = Field(description="the call that was written down of its message")


class CitizenMessageResponse(ApiModel):
    """A message; the sender is not named, but other messages of the same one are counted."""

    id: str
    channel: str
    text: str | None
    place: PlaceResponse
    is_misplaced: bool = Field(description="it had a point that cannot be")
    at: Time
    received_at: Time
    same_sender: int = Field(description="others of this answer that the same person wrote")
    is_marked: bool = Field(description="an officer marked its sender as one who hoaxes")
    state: MessageState
    answered_by: PersonResponse | None
    answered_at: Time | None
    call: str | None
    media: list[CitizenMediaResponse]


class MessageEventResponse(ApiModel):
    """Messages that may report one event, the first of them in full."""

    id: str
    count: int
    last_at: Time = Field(description="when the newest was received; `until` of an answer")
    items: list[CitizenMessageResponse]
    suggestions: list[SuggestionResponse] = Field(description="open incidents that it may be")


class WaitingMessagesResponse(ApiModel):
    """Unanswered messages, the longest waiting first; marked senders last."""

    waiting: int = Field(description="messages in all")
    items: list[MessageEventResponse]


class TakeMessageRequest(BaseModel):
    """Either the kind of a new call, or the incident that the message belongs to."""

    model_config = ConfigDict(extra="forbid")

    kind: CallKind | None = None
    incident: str | None = Field(default=None, pattern=_ID)
    until: AwareDatetime | None = Field(
        default=None, description="all of its event that were received until then, too"
    )
    place: PlaceRequest | None = None


class SetAsideRequest(BaseModel):
    """`until`: all of its event that were received until then are answered alike."""

    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime | None = None


class HoaxRequest(SetAsideRequest):
    """For how long what its sender writes is doubted."""

    days: float = Field(default=30, gt=0, le=365)


class TakenMessageResponse(ApiModel):
    """The call that was written down of a message, and how many messages it answers."""

    call: CallResponse
    answered: int


class AnsweredMessagesResponse(ApiModel):
    """Number of answered messages."""

    answered: int


class SenderMarkResponse(ApiModel):
    """A sender who is doubted until a time."""

    id: str
    channel: str
    by: PersonResponse | None
    at: Time
    until: Time


class SenderMarkListResponse(ApiModel):
    """Marks in force, the newest first."""

    items: list[SenderMarkResponse]


def media_response(found: CitizenMedia) -> CitizenMediaResponse:
    return CitizenMediaResponse(
        id=found.id,
        kind=found.kind,
        at=found.at,
        file=f"{PREFIX}/message-media/{found.id}/file" if found.media_type else None,
        call=found.call_id,
    )


def message_response(
    found: CitizenMessage, same_sender: int, media: Sequence[CitizenMedia], people: People
) -> CitizenMessageResponse:
    return CitizenMessageResponse(
        id=found.id,
        channel=found.channel,
        text=found.text,
        place=place_response(found.place),
        is_misplaced=found.is_misplaced,
        at=found.at,
        received_at=found.received_at,
        same_sender=same_sender,
        is_marked=found.is_marked,
        state=found.state,
        answered_by=people.person(found.answered_by),
        answered_at=found.answered_at,
        call=found.call_id,
        media=[media_response(item) for item in media],
    )


def mark_response(mark: SenderMark, people: People) -> SenderMarkResponse:
    return SenderMarkResponse(
        id=mark.id, channel=mark.channel, by=people.person(mark.by), at=mark.at, until=mark.until
    )
