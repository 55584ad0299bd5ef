"""Offers (SDP) of browsers and phones: one is cut down and names no address, or is refused.

What passes our own check goes on to the WebRTC library's reader, which must take it or raise what
live view turns into a refusal.
"""

import asyncio
import contextlib
from dataclasses import replace

from aiortc.sdp import SessionDescription
from hypothesis import strategies as st

from tests.fuzz.runs import Run, is_clear
from thapcanh.app.live.offer import BadOffer, without_addresses
from thapcanh.app.live.viewer_session import CANNOT_ANSWER
from thapcanh.app.live.whip.phones import PhoneConnection
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.packets.hub import Hub

OFFER = (
    """v=0
o=- 46117317 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=video 9 UDP/TLS/RTP/SAVPF 96 97
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=candidate:1 1 udp 2122260223 192.168.1.7 51472 typ host
a=ice-ufrag:4Vqm
a=ice-pwd:by5GZGG1lw+040DWA6hXM5Bz
a=ice-options:trickle
a=fingerprint:sha-256 """
    + ":".join(["7B"] * 32)
    + """
a=setup:actpass
a=mid:0
a=recvonly
a=rtcp-mux
a=rtpmap:96 H264/90000
a=rtcp-fb:96 nack pli
a=fmtp:96 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=end-of-candidates
"""
)
LINES = OFFER.splitlines()
WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["9" * 40, "-1", "0", "\r", "a=candidate:x", "m=video 9", "m=", "=", "a=:", "96 "]
    ),
)


@st.composite
def _changed(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(lines) - 1))
        what = draw(st.sampled_from(["end", "drop", "double", "insert", "swap", "many"]))
        if what == "end":
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(WORDS)
        elif what == "drop" and len(lines) > 1:
            del lines[at]
        elif what == "double":
            lines.insert(at, lines[at])
        elif what == "insert":
            lines.insert(at, draw(WORDS))
        elif what == "swap":
            other = draw(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at:at] = [lines[at]] * draw(st.integers(2, 60))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def _cut(offer: str) -> str | None:
    """The offer without its addresses; nothing where it was refused with a reason."""
    try:
        cut = without_addresses(offer)
    except BadOffer as error:
        is_clear(error)
        return None
    assert not any(line.startswith("a=candidate:") for line in cut.splitlines())
    return cut


def _read(offer: str) -> None:
    cut = _cut(offer)
    if cut is not None:
        with contextlib.suppress(StopIteration, *CANNOT_ANSWER):  # in a coroutine: RuntimeError
            SessionDescription.parse(cut)


async def _answer(offer: str) -> None:
    cut = _cut(offer)
    if cut is None:
        return
    publisher = PhoneConnection("phone", Hub(), SystemClock(), lambda: None)
    try:
        assert "m=video" in await publisher.answer(cut)
    except BadOffer as error:
        is_clear(error)
    finally:
        await publisher.close()


def fuzz(run: Run) -> int:
    """Offer each; see the module. One in fifty goes the whole way to a phone's answer."""
    read = run.tried(st.one_of(_changed(), st.text(max_size=200)), _read)
    few = replace(run, inputs=max(1, run.inputs // 50))
    with asyncio.Runner() as runner:
        return read + few.tried(_changed(), lambda offer: runner.run(_answer(offer)))
