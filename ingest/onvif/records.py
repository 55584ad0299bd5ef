"""Facts reported by ONVIF. Texts are cut and free of control characters."""

from dataclasses import dataclass

from thapcanh.config.camera import TlsTrust

_EXISTING_AUTHORITIES = TlsTrust()
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifLogin:
    """Address and login of a camera's device service; the user is optional."""

    service: str
    user: str = ""
    password: str = ""
    tls: TlsTrust = _EXISTING_AUTHORITIES
    """Which certificate is believed where the service is at an `https` address."""

    def __repr__(self) -> str:
        return f"OnvifLogin({self.service!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFacts:
    """Identity of a camera, and its clock's offset from ours in seconds (negative: behind)."""

    manufacturer: str
    model: str
    firmware: str
    serial: str
    mac: str | None
    clock_ahead_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifProfile:
    """Stream profile of a camera; None where it reports nothing."""

    token: str
    name: str
    stream: str | None
    """Its address without a login."""
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    keyframe_frames: int | None = None
    bitrate_kbps: int | None = None
    turns: bool = False

    @property
    def keyframe_interval_s(self) -> float | None:
        """Seconds between two keyframes."""
        if not self.keyframe_frames or not self.fps:
            return None
        return self.keyframe_frames / self.fps

    @property
    def pixels(self) -> int:
        return (self.width or 0) * (self.height or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnvifDescription:
    """A camera with its streams, and which of them suit detection and live view."""

    facts: DeviceFacts
    profiles: tuple[OnvifProfile, ...]

    @property
    def watched(self) -> OnvifProfile | None:
        """Smallest stream of at least `LEAST_WIDTH_PX`; the largest if all are smaller."""
        found = sorted(self._playable(), key=lambda one: one.pixels)
        wide = [one for one in found if (one.width or 0) >= LEAST_WIDTH_PX]
        return wide[0] if wide else (found[-1] if found else None)

    @property
    def shown(self) -> OnvifProfile | None:
        return max(self._playable(), key=lambda one: one.pixels, default=None)

    def _playable(self) -> list[OnvifProfile]:
        return [one for one in self.profiles if one.stream]


LEAST_WIDTH_PX = 640  # the detector sees 416 px; below 640 what is small and far is lost


def plain_text(value: object) -> str:
    """Return a camera's text in a form safe to display and store."""
    text = "".join(letter for letter in str(value or "") if letter.isprintable())
    return text.strip()[:LONGEST_TEXT]
