"""The live clock only goes forward: over the recording's end, and over a change of size."""

from thapcanh.tools.simulator.camera import Timeline
from thapcanh.tools.simulator.recording import Recording
from thapcanh.tools.simulator.rtsp.access_unit import AccessUnit, VideoCodec


def recording(pictures: int = 6, *, step_s: float = 0.5, keyframe_every: int = 2) -> Recording:
    units = tuple(
        AccessUnit(
            nals=(bytes([number]),),
            is_keyframe=number % keyframe_every == 0,
            pts_s=number * step_s,
            dts_s=number * step_s,
        )
        for number in range(pictures)
    )
    return Recording(
        codec=VideoCodec.H264,
        width=320,
        height=240,
        pixel_format="yuv420p",
        units=units,
        duration_s=pictures * step_s,
        parameter_sets=(b"\x67", b"\x68"),
    )


def on_air(timeline: Timeline, count: int) -> list[tuple[bytes, float]]:
    seen = []
    for _ in range(count):
        current = timeline.current()
        seen.append((current.unit.nals[0], current.due_s))
        timeline.advance()
    return seen


def test_a_recording_goes_round_without_a_gap() -> None:
    seen = on_air(Timeline(recording()), 14)
    assert [due for _, due in seen] == [number * 0.5 for number in range(14)]
    assert [unit[0] for unit, _ in seen] == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1]


def test_rounds_are_counted() -> None:
    timeline = Timeline(recording())
    on_air(timeline, 13)
    assert timeline.rounds == 2
    assert timeline.position_s == 0.5


def test_another_size_goes_on_at_its_next_keyframe() -> None:
    timeline = Timeline(recording())
    on_air(timeline, 8)  # second round, at 1.0 s
    timeline.switch_to(recording(pictures=12, step_s=0.25, keyframe_every=3))
    assert timeline.current().unit.is_keyframe
    assert timeline.current().due_s == 3.0 + 1.5  # its keyframes are 0.75 s apart


def test_another_size_with_no_keyframe_left_starts_its_next_round() -> None:
    timeline = Timeline(recording())
    on_air(timeline, 5)
    timeline.switch_to(recording(keyframe_every=6))
    assert timeline.current().unit.nals == (b"\x00",)
    assert timeline.current().due_s == 3.0
    assert timeline.rounds == 1


def test_what_a_recording_says_about_itself() -> None:
    plain = recording(pictures=6, step_s=0.5, keyframe_every=4)
    assert plain.fps == 2.0
    assert plain.longest_gop_s == 2.0
    assert plain.longest_gap_ratio == 1.0
    assert not plain.has_b_frames
