"""Address of a camera's second, smaller stream, derived from its first one."""

import re

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    # Hikvision and its brands: channel 1 is 101 (main) and 102 (second)
    (re.compile(r"(/streaming/channels/\d*)01(?=$|[/?])", re.IGNORECASE), r"\g<1>02"),
    (re.compile(r"(/(?:h264|h265|mpeg4)/ch\d+/)main(?=/)", re.IGNORECASE), r"\g<1>sub"),
    # Dahua, KBVision, Imou, Amcrest
    (re.compile(r"(/cam/realmonitor\?(?:.*&)?subtype=)0(?=$|&)", re.IGNORECASE), r"\g<1>1"),
    # Uniview
    (re.compile(r"(/unicast/c\d+/s)0(?=/)", re.IGNORECASE), r"\g<1>1"),
    (re.compile(r"(/media/video)1(?=$|[/?])", re.IGNORECASE), r"\g<1>2"),
    # Reolink
    (re.compile(r"(/(?:h264|h265)?preview_\d+_)main(?=$|[/?])", re.IGNORECASE), r"\g<1>sub"),
    # TP-Link, EZVIZ and many without a name
    (re.compile(r"(?<!/)(/stream)1(?=$|[/?])", re.IGNORECASE), r"\g<1>2"),
    # XM and its many brands
    (re.compile(r"([?&_]stream=)0(?=\.sdp)", re.IGNORECASE), r"\g<1>1"),
)


def second_stream_of(address: str) -> str | None:
    """Return the second stream's address; None if the form is unknown."""
    for pattern, replacement in _RULES:
        proposed, count = pattern.subn(replacement, address)
        if count:
            return proposed
    return None
