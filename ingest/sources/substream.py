"""Where a camera's second, smaller stream usually is, told from the address of its first one.

The makers' own forms of address, as most cameras in the field have them (OEM brands speak these
too). A proposal only: `thapcanh probe` of the proposed address shows whether it is right. Pure.
"""

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
    """The address of the second stream; None where the form is not known, or is no main stream."""
    for pattern, replacement in _RULES:
        proposed, count = pattern.subn(replacement, address)
        if count:
            return proposed
    return None
