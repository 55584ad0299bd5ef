"""CAP 1.2 message, as far as it is supported. Times are UTC unix seconds."""

from dataclasses import dataclass

CONTENT_TYPE = "application/cap+xml; charset=utf-8"
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
KIND_PARAMETER = "thapcanh:kind"


class CapInvalid(ValueError):
    """Invalid CAP 1.2 message; the error names the element and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapReference:
    """Another message, as CAP names it."""

    sender: str
    identifier: str
    sent: str  # as its sender wrote it

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapInfo:
    """Information in one language."""

    language: str
    category: str
    event: str
    urgency: str
    severity: str
    certainty: str
    response: str | None = None
    headline: str | None = None
    description: str | None = None
    expires: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapArea:
    """Place; `radius_km` reaches from its middle to all that the message names."""

    text: str
    lat: float | None = None
    lon: float | None = None
    radius_km: float = 0.1
    geocodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CapMessage:
    """CAP message; all `infos` share one area and kind."""

    reference: CapReference
    sent: float
    status: str
    msg_type: str
    infos: tuple[CapInfo, ...]
    area: CapArea
    kind: str | None = None
    sender_name: str | None = None
    incidents: str | None = None
    references: tuple[CapReference, ...] = ()
    is_public: bool = False

    @property
    def info(self) -> CapInfo | None:
        """The information that officers read: Vietnamese if there is any."""
        ranked = sorted(self.infos, key=lambda one: not one.language.lower().startswith("vi"))
        return ranked[0] if ranked else None

    @property
    def is_of_centre(self) -> bool:
        """True if another Tháp Canh sent it."""
        return self.kind is not None
