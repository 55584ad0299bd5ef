"""Scopes of tokens; a route declares at most one (`permits`)."""

import hashlib
from enum import StrEnum


class TokenScope(StrEnum):
    """Scope of a token; it has one or more, within its roles."""

    READ = "read"  # alerts, their changes, cameras, reports: words and figures
    PICTURES = "pictures"  # evidence and live view
    EXPORT = "export"  # files that leave the screen; each is logged
    SIGNAL = "signal"  # signals of devices into the centre
    CAP = "cap"  # messages of another centre into this one
    TELEPHONE = "telephone"  # notices of a telephone exchange into the centre
    DEVICES = "devices"  # keep the list of devices that send signals
    POSITIONS = "positions"  # tell where units are
    FACILITIES = "facilities"  # keep the list of facilities
    MESSAGES = "messages"  # messages of citizens, by a gateway to where they were written
    PTZ = "ptz"  # turn cameras: a patrol
    ANSWER = "answer"  # acknowledge, give verdicts, close


def token_sha256(token: str) -> str:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
