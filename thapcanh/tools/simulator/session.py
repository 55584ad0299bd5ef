"""RTSP connection of one client: requests in, replies and pictures out.

One task per connection on the simulator's event loop; its `SessionState` changes in one place.
"""

import asyncio
import base64
import secrets
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from thapcanh.tools.simulator.camera import LiveUnit, SimulatedCamera
from thapcanh.tools.simulator.faults import CameraCondition
from thapcanh.tools.simulator.recording import Recording
from thapcanh.tools.simulator.rtsp.access_unit import PAYLOAD_TYPE, RTP_CLOCK_HZ, VideoCodec
from thapcanh.tools.simulator.rtsp.login import Login
from thapcanh.tools.simulator.rtsp.rtsp_message import (
    TRACK,
    BadRequest,
    Reply,
    Request,
    read_request,
)
from thapcanh.tools.simulator.sender import MAX_BACKLOG_BYTES, RtpSender, UdpChannel
from thapcanh.tools.simulator.transport import UnsupportedTransport, open_channel

METHODS = ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN")
SESSION_TIMEOUT_S = 60.0
# Small as a camera's: left alone, the kernel would hide megabytes of a slow client's backlog.
SEND_BUFFER_BYTES = 256 * 1024

_NOT_FOUND = Reply(status=404)
_WRONG_STATE = Reply(status=455)


def describe(name: str, recording: Recording) -> str:
    """Return the SDP of one camera: one video track with its parameter sets."""
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


class SessionState(StrEnum):
    """Where the client stands in RFC 2326's table; `RtspSession._become` alone changes it."""

    NEW = "new"  # nothing set up
    READY = "ready"  # a transport is set up, nothing flows
    PLAYING = "playing"  # pictures flow
    OVER = "over"  # torn down, ended or reset


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """Settings shared by all clients of a simulator."""

    login: Login | None = None
    gop_replay: bool = True
    max_backlog_bytes: int = MAX_BACKLOG_BYTES


class RtspSession:
    """A client's connection."""

    def __init__(
        self,
        cameras: Mapping[str, SimulatedCamera],
        rules: SessionRules,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._cameras = cameras
        self._rules = rules
        self._reader = reader
        self._writer = writer
        self._id = secrets.token_hex(8)
        self._nonce = secrets.token_hex(16)
        self._state = SessionState.NEW
        self._camera: SimulatedCamera | None = None
        self._sender: RtpSender | None = None
        self._replays = rules.gop_replay

    async def serve(self) -> None:
        """Answer until the connection ends."""
        own = self._writer.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        try:
            while self._state is not SessionState.OVER:
                request = await self._next_request()
                if request is None:
                    break
                await self._answer(request)
        except BadRequest:
            self._write(Reply(status=400), "")
        except (TimeoutError, ConnectionError):
            pass  # the client is gone, or sat there without a word
        finally:
            self._become(SessionState.OVER)
            self._writer.close()

    def deliver(self, unit: LiveUnit) -> bool:
        """Send one picture to the viewer."""
        return self._sender is None or self._sender.deliver(unit)

    def reset(self) -> None:
        """Viewer: cut off."""
        self._become(SessionState.OVER)
        # Lingering for zero seconds is how a socket is told to close with RST, not FIN.
        own = self._writer.get_extra_info("socket")
        with suppress(OSError):  # it has closed, and its last words are not heard yet
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def end(self) -> None:
        """Viewer: the stream is over."""
        if self._sender is not None:
            self._sender.send_goodbye()
        self._become(SessionState.OVER)
        self._writer.close()

    async def _next_request(self) -> Request | None:
        """Return the next request; only clients that do not play have a time limit."""
        playing = self._state is SessionState.PLAYING
        async with asyncio.timeout(None if playing else SESSION_TIMEOUT_S):
            return await read_request(self._reader)

    async def _answer(self, request: Request) -> None:
        camera = self._cameras.get(request.camera_name)
        if camera is not None and camera.condition is CameraCondition.MUTE:
            return
        was_playing = self._state is SessionState.PLAYING
        self._write(self._reply(request, camera), request.header("cseq"))
        if camera is not None and not was_playing and self._state is SessionState.PLAYING:
            camera.join(self, replay=self._replays)

    def _write(self, reply: Reply, cseq: str) -> None:
        if not self._writer.is_closing():
            self._writer.write(reply.to_bytes(cseq))

    def _reply(self, request: Request, camera: SimulatedCamera | None) -> Reply:
        if request.method == "OPTIONS":
            return Reply(headers=(("Public", ", ".join(METHODS)),))
        if request.method not in METHODS:
            return Reply(status=501)
        login = self._rules.login
        if login is not None and not login.admits(
            request.header("authorization"), method=request.method, nonce=self._nonce
        ):
            return Reply(status=401, headers=login.challenges(self._nonce))
        if camera is None or camera.condition is CameraCondition.OFF:
            return _NOT_FOUND
        if (session_id := request.header("session").partition(";")[0]) and session_id != self._id:
            return Reply(status=454)
        return self._reply_from(request, camera)

    def _reply_from(self, request: Request, camera: SimulatedCamera) -> Reply:
        match request.method:
            case "DESCRIBE":
                base = f"{request.uri.rstrip('/')}/"
                return Reply(
                    headers=(("Content-Base", base),), body=describe(camera.name, camera.recording)
                )
            case "SETUP":
                return self._set_up(request, camera)
            case "PLAY":
                return self._play(request, camera)
            case "PAUSE":
                return self._pause()
            case "TEARDOWN":
                self._become(SessionState.OVER)
                return Reply()
            case _:  # GET_PARAMETER keeps the session alive
                return self._in_session()

    def _set_up(self, request: Request, camera: SimulatedCamera) -> Reply:
        if self._state is not SessionState.NEW:
            return _WRONG_STATE
        try:
            channel, answer = open_channel(request.header("transport"), self._writer)
        except UnsupportedTransport:
            return Reply(status=461)
        self._sender = RtpSender(channel, max_backlog_bytes=self._rules.max_backlog_bytes)
        # A whole group at once overruns a UDP reader's socket buffer, and loss in the first
        # pictures is worse than a second of waiting: cameras do not replay either.
        self._replays = self._rules.gop_replay and not isinstance(channel, UdpChannel)
        self._camera = camera
        self._become(SessionState.READY)
        return self._in_session(("Transport", f"{answer};ssrc={self._sender.ssrc:08X}"))

    def _play(self, request: Request, camera: SimulatedCamera) -> Reply:
        if self._sender is None or camera is not self._camera:
            return _WRONG_STATE
        self._become(SessionState.PLAYING)
        track = request.uri.rstrip("/").removesuffix(f"/{TRACK}")
        info = f"url={track}/{TRACK};seq={self._sender.next_sequence}"
        return self._in_session(("Range", "npt=0.000-"), ("RTP-Info", info))

    def _pause(self) -> Reply:
        if self._sender is None:
            return _WRONG_STATE
        self._become(SessionState.READY)
        self._sender.restart()
        return self._in_session()

    def _in_session(self, *headers: tuple[str, str]) -> Reply:
        session = f"{self._id};timeout={SESSION_TIMEOUT_S:.0f}"
        return Reply(headers=(("Session", session), *headers))

    def _become(self, state: SessionState) -> None:
        """Change the state, with its side effects."""
        if state is not SessionState.PLAYING and self._camera is not None:
            self._camera.leave(self)
        if state is SessionState.OVER and self._sender is not None:
            self._sender.close()
        self._state = state
