"""Everything that can go wrong between a camera and its frames, drawn once.

    IngestError
    ├── SourceError             the camera, or the way to it
    │   ├── Unreachable         no connection: wrong address or port, off, cable        retry helps
    │   ├── Unanswered          connected, but it never answered                        retry helps
    │   ├── Unauthorized        user or password refused                                does not
    │   ├── CertificateRefused  the camera's certificate is not believed                does not
    │   ├── NotFound            no such stream or file there                            retry helps
    │   ├── CameraRefused       the camera answered with another error                  retry helps
    │   │   └── RefusedNow      with one that may pass                              retry helps
    │   ├── TransportRefused    not by TCP, or not by UDP                               retry helps
    │   ├── RedirectElsewhere   it leads to another host                                does not
    │   ├── RedirectLoop        it leads back to itself                                 does not
    │   ├── NetworkRefused      its name leads where no camera may stand                retry helps
    │   ├── AddressWrong        a slip of the pen in the address                        does not
    │   ├── WebPage             a web page is there, no pictures                        does not
    │   ├── OtherProtocol       HTTP where RTSP was asked for, or the reverse           does not
    │   ├── NeedsTls            it speaks TLS, and was asked in clear                   does not
    │   ├── SpeaksNoTls         it speaks in clear, and was asked by TLS                does not
    │   ├── SrtpOnly            its pictures are encrypted by SRTP                      does not
    │   ├── NotOnvif            it answers, but not as an ONVIF camera does             does not
    │   ├── NoVideo             opened, but without any video                           does not
    │   ├── NoMetadata          played, but without a metadata track that can be read       does not
    │   ├── Unsupported         not a format or codec that can be read                  does not
    │   ├── Stalled             was playing, then sent nothing for too long             retry helps
    │   ├── Ended               the stream ended                                        retry helps
    │   ├── Garbled             data come, but no picture can be made of them           retry helps
    │   ├── NoKeyframe          pictures come, but none that decoding can begin with    retry helps
    │   └── ConnectionBroken    the connection broke while reading                      retry helps
    └── ClipError               a clip could not be written

A message is one line: the address with its password masked, what happened, and the way out.
"""

from typing import Self


def first_line(error: BaseException) -> str:
    """Return a library's error text in one line, or the error's type if it is empty."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


class IngestError(Exception):
    """Base of all errors of this room."""


class ClipError(IngestError):
    """Error for a clip that could not be written; the message says why."""


class SourceError(IngestError):
    """Failure of the camera, or of the connection. `shown` must be the masked address."""

    reason = "failed"
    retry_helps = True
    problem = "cannot be read"
    way_out = "look at the camera"

    def __init__(
        self, shown: str, *, problem: str = "", way_out: str = "", code: str = "", **facts: object
    ) -> None:
        """Create the message; `code` and `facts` let other languages express it."""
        self.shown, self.code, self.facts = shown, code, facts
        super().__init__(f"{shown}: {problem or self.problem}; {way_out or self.way_out}")

    def without_frames(self) -> Self:
        """Return itself without traceback, whose frames would hold a whole connection."""
        self.__context__ = self.__cause__ = None
        return self.with_traceback(None)


class Unreachable(SourceError):
    """Missing connection."""

    reason = "unreachable"
    problem = "no connection"
    way_out = "check address, port, power and network of the camera"


class Unanswered(SourceError):
    """No response after a connection was accepted."""

    reason = "unanswered"
    problem = "the connection is accepted but nothing answers"
    way_out = "restart the camera, or check that this port is its video port"


class Unauthorized(SourceError):
    """User or password refused."""

    reason = "unauthorized"
    retry_helps = False
    problem = "user or password refused"
    way_out = "correct the login in the camera's source"


class CertificateRefused(SourceError):
    """Certificate of the camera that is not trusted."""

    reason = "certificate"
    retry_helps = False
    problem = "its certificate is not believed"
    way_out = "write its fingerprint as tls_pin, or name its authority as tls_ca"

    def __init__(
        self,
        shown: str,
        *,
        problem: str = "",
        way_out: str = "",
        code: str = "",
        fingerprint: str | None = None,
        **facts: object,
    ) -> None:
        super().__init__(shown, problem=problem, way_out=way_out, code=code, **facts)
        self.fingerprint = fingerprint  # of the one that was shown, if one was


class NotFound(SourceError):
    """Missing stream or file on a responding server."""

    reason = "not_found"
    problem = "no such stream"
    way_out = "check the path after the host"


class CameraRefused(SourceError):
    """Error of the camera's own."""

    reason = "refused"
    problem = "the camera refused to play"
    way_out = "check how many viewers it allows, and its settings"


class RefusedNow(CameraRefused):
    """Temporary refusal (4xx or 5xx), as after a closed connection."""


class TransportRefused(SourceError):
    """Refusal of the requested transport."""

    reason = "transport"
    problem = "it does not send its pictures in the way that it was asked for"
    way_out = "set transport of this camera to auto, udp or multicast"


class RedirectElsewhere(SourceError):
    """Redirect to another host."""

    reason = "redirect"
    retry_helps = False
    problem = "it redirects to another host, which is not followed"
    way_out = "write the address that it leads to as the camera's source"


class RedirectLoop(SourceError):
    """Redirect to the address already in use."""

    reason = "redirect_loop"
    retry_helps = False
    problem = "it redirects again and again, and never plays"
    way_out = "write the address that plays in a browser or player as the camera's source"


class NetworkRefused(SourceError):
    """Name of a camera that resolves to a forbidden address."""

    reason = "network"
    problem = "its name leads where no camera may stand"
    way_out = "write the camera's address in digits, or name its network in [networks] cameras"


class AddressWrong(SourceError):
    """A slip of the pen in the address."""

    reason = "address"
    retry_helps = False
    problem = "that is no address that can be opened"
    way_out = "write scheme://user:password@host:port/path"


class WebPage(SourceError):
    """A web page is there, no pictures."""

    reason = "web_page"
    retry_helps = False
    problem = "that is a web page, not a camera's pictures"
    way_out = "write the address of the stream or of the snapshot, not of the page that shows it"


class OtherProtocol(SourceError):
    """HTTP instead of RTSP, or the reverse."""

    reason = "other_protocol"
    retry_helps = False
    problem = "another protocol is spoken on that port"
    way_out = "check scheme and port of the address"


class NeedsTls(SourceError):
    """TLS required, but the request was in clear."""

    reason = "needs_tls"
    retry_helps = False
    problem = "it speaks TLS on that port"
    way_out = "write rtsps:// or https:// in place of rtsp:// or http://"


class SpeaksNoTls(SourceError):
    """No TLS at an address requested by TLS."""

    reason = "no_tls"
    retry_helps = False
    problem = "it speaks without TLS on that port"
    way_out = "write its TLS port, or rtsp:// or http:// in place of rtsps:// or https://"


class SrtpOnly(SourceError):
    """Pictures encrypted by SRTP, which is not supported."""

    reason = "srtp_only"
    retry_helps = False
    problem = "it sends its pictures by SRTP only, which is not read"
    way_out = "switch SRTP off in the camera, or use rtsps://"


class NotOnvif(SourceError):
    """Something answered, but not as an ONVIF camera does."""

    reason = "not_onvif"
    retry_helps = False
    problem = "its answer is not ONVIF's"
    way_out = "check that this is the camera's ONVIF address, and that ONVIF is on in its settings"


class NoVideo(SourceError):
    """Opened, but there is no video in it."""

    reason = "no_video"
    retry_helps = False
    problem = "there is no video in it"
    way_out = "choose the camera's video stream"


class NoMetadata(SourceError):
    """Played, but there is no metadata in it that can be read."""

    reason = "no_metadata"
    retry_helps = False
    problem = "there is no ONVIF metadata in this stream"
    way_out = "switch analytics metadata on in the camera's profile, or name its other stream"


class Unsupported(SourceError):
    """Not a format or codec that can be read."""

    reason = "unsupported"
    retry_helps = False
    problem = "not a video format that can be read"
    way_out = "set the camera to H.264 or H.265"


class Stalled(SourceError):
    """Stream that stopped sending."""

    reason = "stalled"
    problem = "the stream stopped sending"
    way_out = "check the network between here and the camera"


class Ended(SourceError):
    """End of the stream."""

    reason = "ended"
    problem = "the stream ended"
    way_out = "nothing to do if the camera was restarted"


class Garbled(SourceError):
    """Data come, but no picture can be made of them."""

    reason = "garbled"
    problem = "data arrive but no picture can be made of them"
    way_out = "check the camera's encoder and the network"


class NoKeyframe(SourceError):
    """Pictures without a keyframe to start decoding with."""

    reason = "no_keyframe"
    problem = "no keyframe came, and no picture can be decoded without one"
    way_out = "set the camera's keyframe interval to 1-2 s"


class ConnectionBroken(SourceError):
    """Connection that broke while reading."""

    reason = "broke"
    problem = "the connection broke"
    way_out = "check the network between here and the camera"
