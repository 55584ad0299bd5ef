"""The session description that DESCRIBE answers with (RFC 4566; fmtp of RFC 6184 and RFC 7798)."""

import base64

from app.simulator.recording import Recording
from app.simulator.rtsp.access_unit import VideoCodec
from app.simulator.rtsp.packetiser import PAYLOAD_TYPE, RTP_CLOCK_HZ
from app.simulator.rtsp.rtsp_message import TRACK


def describe(name: str, recording: Recording) -> str:
    """SDP of one camera: one video track with its parameter sets."""
    lines = (
        "v=0",
        "o=- 0 0 IN IP4 127.0.0.1",
        f"s={name}",
        "c=IN IP4 0.0.0.0",
        "t=0 0",
        "a=control:*",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        f"a=rtpmap:{PAYLOAD_TYPE} {recording.codec}/{RTP_CLOCK_HZ}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format(recording)}",
        f"a=framerate:{recording.fps:.3f}",
        f"a=control:{TRACK}",
    )
    return "".join(f"{line}\r\n" for line in lines)


def _format(recording: Recording) -> str:
    sets = [base64.b64encode(nal).decode() for nal in recording.parameter_sets]
    if recording.codec is VideoCodec.H264:
        profile = recording.parameter_sets[0][1:4].hex()
        return (
            f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={','.join(sets)}"
        )
    return f"sprop-vps={sets[0]};sprop-sps={sets[1]};sprop-pps={sets[2]}"
