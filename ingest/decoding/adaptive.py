"""Adaptive decoding: a quiet camera sleeps and wakes when its packets grow.

All times are camera time.
"""

from dataclasses import dataclass, field

from thapcanh.config.site import InferenceConfig
from thapcanh.ingest.decoding.luma_gate import LumaGate, LumaGateSettings
from thapcanh.ingest.decoding.packet_sizes import PacketSizes, PacketSizeSettings, PacketSizeState
from thapcanh.ingest.decoding.policy import (
    DecodingDecision,
    DecodingLag,
    DecodingMode,
    DecodingStatus,
)
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.packets.packet import Packet
from thapcanh.ingest.packets.stream_timing import KeyframeInterval

_TOLERANCE_S = 0.02
"""Times of pictures are sums of fractions, and cameras are not exact to the millisecond."""
_JITTER_S = 0.005
_SWEEP_SHARE = 0.8  # of the deadline: the rest is for the wait until the look
_UNSEEN_SHARE = 0.96  # where a keyframe is waited for; its camera is then the first in line

INTRA_REFRESH = "intra refresh: its keyframes alone give no picture"

_BLIND = {
    PacketSizeState.LEARNING: "too few packets to learn from: luma compared at keyframes",
    PacketSizeState.CONSTANT: "constant bitrate: luma compared every second",
    PacketSizeState.NONE: "keyframes only: luma compared",
}
"""Verdicts by which sizes cannot wake the camera, so that the luma gate must."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptiveDecodingSettings:
    """Decoding rates of each mode and limits between modes, in seconds of camera time."""

    sweep_s: float = 4.0
    """Between two pictures of an idle camera: the deadline less the wait for the look."""
    longest_unseen_s: float = 4.8
    """It may be so long where a keyframe is waited for; rarer ones leave no sleep between them.
    Above `sweep_s`, so that a group of 4.7 s is not decoded whole to be seen 0.7 s earlier."""
    look_interval_s: float = 0.5
    quiet_s: float = 5.0
    """Awake this long after a look saw something."""
    unseen_s: float = 2.0
    """Awake this long after packets grew and looks saw nothing: a few of them. What goes on makes
    packets grow on, and the last picture is looked at in any case."""
    learning_s: float = 12.0
    """Awake this long at first, or until the sizes are learned."""
    faint_every_s: float = 30.0
    """Between two wakes by something that was not sure."""
    gate_s: float = 1.0
    """Between two comparisons of luma."""
    max_lag_s: float = 1.0
    sizes: PacketSizeSettings = field(default_factory=PacketSizeSettings)
    gate: LumaGateSettings = field(default_factory=LumaGateSettings)


class AdaptiveDecodingPolicy:
    """Policy of one camera. `wake` and `status` are thread-safe."""

    def __init__(self, rules: AdaptiveDecodingSettings | None = None) -> None:
        self._rules = rules or AdaptiveDecodingSettings()
        self._sizes = PacketSizes(self._rules.sizes)
        self._rhythm = KeyframeInterval()
        self._gate = LumaGate(self._rules.gate)
        self._lag = DecodingLag(self._rules.max_lag_s)
        self._first_s: float | None = None
        self._asked: str | None = None
        self._hinted: str | None = None
        self._hint_taken_s = float("-inf")
        self._awake_until_s = float("-inf")
        self._decoded_s = float("-inf")
        self._shown_s = float("-inf")
        self._needs_keyframe = True
        self._refreshes = False  # its keyframes alone give no picture
        self._gated = True
        self._is_constant = False
        self.status = DecodingStatus(mode=DecodingMode.IDLE, reason="no packet yet")

    def new_connection(self) -> None:
        """Start a new connection; learned sizes stay."""
        self._needs_keyframe = True
        self._lag.reset()
        self._rhythm.interrupted()
        self._sizes.interrupted()

    @property
    def is_calm(self) -> bool:
        """True if the camera sleeps and nothing requests to wake it."""
        requested = self._asked is not None or self._hinted is not None
        return self.status.mode is DecodingMode.IDLE and not requested

    def can_wait(self, packet: Packet) -> bool:
        """Return whether a packet may wait: asleep, no keyframe, and no larger than usual."""
        if packet.is_keyframe or not self.is_calm:
            return False
        return self._gated or packet.size_bytes <= self._sizes.calm_bytes

    @property
    def rest_s(self) -> float:
        """Seconds until the next keyframe while asleep; 0 if that is unknown."""
        return self._rhythm.soonest_in_s if self.is_calm else 0.0

    def wake(self, reason: str, *, is_sure: bool = True) -> None:
        """Decode held packets at the next one and stay awake for a while."""
        if is_sure:
            self._asked = reason
        else:
            self._hinted = reason

    def decide(self, packet: Packet, lag_s: float) -> DecodingDecision:
        at_s, is_keyframe = packet.at_s, packet.is_keyframe
        if is_keyframe:
            self._refreshes = not packet.stands_alone
        self._rhythm.see(at_s, is_keyframe=is_keyframe)
        self._sizes.add(at_s, packet.size_bytes, is_keyframe=is_keyframe)
        woke = self._choose_mode(at_s)
        if is_keyframe:
            self._needs_keyframe = False
        if self._lag.is_behind(lag_s) and not is_keyframe:
            self._needs_keyframe = True
            return DecodingDecision.SKIP_BEHIND
        if self._needs_keyframe:
            return DecodingDecision.SKIP_NO_KEYFRAME
        if not self._is_due(packet) and not (woke and self._wants_look(at_s)):
            return DecodingDecision.HOLD
        self._decoded_s = at_s
        if is_keyframe and self.status.mode is DecodingMode.IDLE:
            return DecodingDecision.ALONE
        return DecodingDecision.CATCH_UP

    def shows(self, frame: Frame) -> bool:
        """Return whether a picture goes to the detector; a gate's picture only if it changed."""
        awake = self.status.mode is DecodingMode.AWAKE
        if self._gated and not frame.damage and self._gate.differs(frame.luma()):
            self.wake("picture changed")
            awake = True
        if awake or not self._gated or self._is_swept(frame.at_s):
            self._shown_s = frame.at_s
            return True
        return False

    def _choose_mode(self, at_s: float) -> bool:
        """Set the mode; true when the camera wakes with this packet."""
        before = self.status
        verdict = self._sizes.verdict()
        is_long = self._refreshes or self._rhythm.is_long(at_s, self._rules.longest_unseen_s)
        self._gated = is_long or verdict in _BLIND
        self._is_constant = verdict is PacketSizeState.CONSTANT
        requested, self._asked = self._asked, None
        requested = requested or self._hint(at_s)
        reason = requested or ("packets grew" if verdict is PacketSizeState.GREW else None)
        if reason is not None:
            self._stay_awake(at_s, self._rules.quiet_s if requested else self._rules.unseen_s)
            woke = before.mode is not DecodingMode.AWAKE
            self._become(DecodingMode.AWAKE, reason if woke or requested else before.reason, woke)
            return woke
        if at_s < self._awake_until_s:
            return False
        if self._is_learning(verdict, at_s):
            self._become(DecodingMode.AWAKE, "learning its packet sizes")
        elif is_long:
            self._become(DecodingMode.ALWAYS, self._long_reason())
        else:
            self._become(DecodingMode.IDLE, _BLIND.get(verdict, "quiet"))
        return False

    def _stay_awake(self, at_s: float, stay_s: float) -> None:
        """Extend the time awake; growing packets never shorten a requested one."""
        requested_s = min(self._awake_until_s, at_s + self._rules.quiet_s)
        self._awake_until_s = max(requested_s, at_s + stay_s)

    def _is_learning(self, verdict: PacketSizeState, at_s: float) -> bool:
        """Return whether the camera is new and its usual packet sizes are not learned yet."""
        if self._first_s is None:
            self._first_s = at_s
        return verdict is PacketSizeState.LEARNING and at_s - self._first_s < self._rules.learning_s

    def _hint(self, at_s: float) -> str | None:
        """Return the uncertain reason to wake, if the last such waking is long past."""
        hinted, self._hinted = self._hinted, None
        if hinted is None or at_s - self._hint_taken_s < self._rules.faint_every_s:
            return None
        self._hint_taken_s = at_s
        return hinted

    def _become(self, mode: DecodingMode, reason: str, woke: bool = False) -> None:
        before = self.status
        if mode is before.mode and reason == before.reason:
            return
        by = before.wakes_by
        if woke:
            by = {**by, reason: by.get(reason, 0) + 1}
        self.status = DecodingStatus(
            mode=mode, reason=reason, wakes=before.wakes + woke, wakes_by=by
        )

    def _long_reason(self) -> str:
        if self._refreshes:
            return INTRA_REFRESH
        longest_s = self._rhythm.longest_s
        if longest_s is None or longest_s <= self._rules.longest_unseen_s:
            return f"no keyframe for {self._rules.longest_unseen_s:g} s"
        return f"a keyframe only every {longest_s:.1f} s"

    def _wants_look(self, at_s: float) -> bool:
        """Return whether the last picture was displayed an inference interval ago.

        A second one at once would wait for its inference, and delay each that follows.
        """
        return at_s - self._shown_s + _TOLERANCE_S >= self._rules.look_interval_s

    def _is_due(self, packet: Packet) -> bool:
        """Return whether a picture is due, given the last one and the next keyframe."""
        decoded_ago_s = packet.at_s - self._decoded_s + _TOLERANCE_S
        match self.status.mode:
            case DecodingMode.AWAKE:
                # with B-frames the newest picture comes late: everything in its turn, then
                early_s = _TOLERANCE_S - _JITTER_S  # a picture that waits for its look grows old
                target_s = self._rules.look_interval_s + early_s
                return packet.stream.has_b_frames or decoded_ago_s >= target_s
            case DecodingMode.IDLE if self._is_constant:
                return decoded_ago_s >= min(self._rules.gate_s, self._rules.sweep_s)
            case DecodingMode.ALWAYS:
                return decoded_ago_s >= min(self._rules.gate_s, self._rules.sweep_s)
            case DecodingMode.IDLE:
                if not packet.is_keyframe:
                    return self._cannot_wait_for_keyframe(packet.at_s)
                due_for_gate = self._gated and self._next_is_late(decoded_ago_s, self._rules.gate_s)
                return due_for_gate or self._is_swept(packet.at_s)

    def _cannot_wait_for_keyframe(self, at_s: float) -> bool:
        """Return whether a sweep is due and the next keyframe would come too late."""
        unseen_s = at_s - self._shown_s + _TOLERANCE_S
        if unseen_s < self._rules.sweep_s:
            return False
        next_s = self._rhythm.next_s
        latest_s = self._shown_s + self._rules.longest_unseen_s
        return next_s is None or next_s > latest_s or at_s >= latest_s

    def _is_swept(self, at_s: float) -> bool:
        """Return whether an unchanged picture is due at the detector."""
        return self._next_is_late(at_s - self._shown_s + _TOLERANCE_S, self._rules.sweep_s)

    def _next_is_late(self, gap_s: float, limit_s: float) -> bool:
        """Return whether the next chance for a picture comes more than `limit_s` after the last."""
        next_s = self._rhythm.longest_s
        if self.status.mode is DecodingMode.ALWAYS or self._is_constant:
            next_s = self._rules.gate_s
        return next_s is None or gap_s + next_s > limit_s + 2 * _TOLERANCE_S


def adaptive_decoding_settings(inferences: InferenceConfig) -> AdaptiveDecodingSettings | None:
    """Return the settings that meet the deadline; None if cameras do not sleep."""
    if not inferences.sleep:
        return None
    return AdaptiveDecodingSettings(
        sweep_s=_SWEEP_SHARE * inferences.deadline_s,
        longest_unseen_s=_UNSEEN_SHARE * inferences.deadline_s,
        look_interval_s=min(inferences.interval_s, _SWEEP_SHARE * inferences.deadline_s),
    )
