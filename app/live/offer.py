"""Reduction of a browser's SDP offer to what is answered. Pure text.

Candidates are removed: the browser connects to us, so that no request can make this machine contact
others or resolve a name.
"""

_MOST_MEDIA = 8
_LEFT_OUT = ("a=candidate:", "a=end-of-candidates", "a=remote-candidates:")


class BadOffer(Exception):
    """An offer that cannot be answered; the message says why."""


def without_addresses(sdp: str) -> str:
    """Return the offer without candidates. Raises `BadOffer` unless it is a video player's."""
    lines = [line.rstrip("\r") for line in sdp.split("\n")]
    if not lines[0].startswith("v=0"):
        raise BadOffer("not an SDP")
    media = [line for line in lines if line.startswith("m=")]
    if not any(line.startswith("m=video ") for line in media):
        raise BadOffer("no video in it")
    if len(media) > _MOST_MEDIA:
        raise BadOffer("too many media")
    if not all(line.startswith(("m=video ", "m=audio ")) for line in media):
        raise BadOffer("more than video and audio in it")
    if "a=fingerprint:" not in sdp or "a=ice-ufrag:" not in sdp:
        raise BadOffer("no encryption or no ICE in it")
    remaining = [line for line in lines if line and not line.startswith(_LEFT_OUT)]
    return "\r\n".join(remaining) + "\r\n"


def has_address(answer: str) -> bool:
    return "\na=candidate:" in answer
