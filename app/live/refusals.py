"""Why live view says no. Each is for the route to put into words."""


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
