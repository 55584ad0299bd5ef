"""Why live view says no. Each is for the route to put into words.

A refusal crosses from the live process to the centre by its class's name.
"""

from thapcanh.app.live.offer import BadOffer


class LiveRefused(Exception):
    """Base of the reasons."""


class CapacityExceeded(LiveRefused):
    """As many watch as may; the message says which bound."""


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
    """The refusal that the live process named; of an unknown name that it is unavailable."""
    return _CROSSING.get(str(name), LiveUnavailable)(str(message))
