"""Refusals of live view, which routes turn into messages."""

from thapcanh.app.live.offer import BadOffer


class LiveRefused(Exception):
    """Base of the reasons."""


class CapacityExceeded(LiveRefused):
    """Too many viewers; the message names the limit."""


class UnsupportedStream(LiveRefused):
    """This machine has no address at which a browser could fetch media."""


class PictureUnavailable(LiveRefused):
    """No picture came in time; the message is the camera's state and reason."""


class LiveStopping(LiveRefused):
    """The centre stops."""


class LiveUnavailable(LiveRefused):
    """The live process has ended, does not answer or is about to start again."""


_CROSSING: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (BadOffer, CapacityExceeded, UnsupportedStream, PictureUnavailable, LiveStopping)
}
CROSSING = tuple(_CROSSING.values())


def refusal_named(name: object, message: object) -> Exception:
    """Return the refusal of that name, or `LiveUnavailable`."""
    return _CROSSING.get(str(name), LiveUnavailable)(str(message))
