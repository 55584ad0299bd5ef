"""The made clips: as a camera sends them, the same every time, quiet before the fire, labelled."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.reference_clips import SHORT
from thapcanh.app.drills.synthetic_clip import (
    ClipShape,
    SyntheticClip,
    synthetic_fire_clip,
    synthetic_quiet_clip,
)
from thapcanh.tools.simulator.camera_file import why_re_encode
from thapcanh.tools.simulator.recording import read_recording


@pytest.fixture(scope="module")
def fire(tmp_path_factory: pytest.TempPathFactory) -> SyntheticClip:
    return synthetic_fire_clip(tmp_path_factory.mktemp("made") / "fire.mp4", shape=SHORT)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> SyntheticClip:
    return synthetic_quiet_clip(tmp_path_factory.mktemp("made") / "quiet.mp4", shape=SHORT)


def pictures(clip: SyntheticClip) -> list[tuple[float, NDArray[np.uint8]]]:
    with av.open(str(clip.path)) as container:
        return [
            (frame.time or 0.0, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            for frame in container.decode(video=0)
        ]


def burning_px(picture: NDArray[np.uint8]) -> int:
    """Pixels with the colours of flame: bright, red above green above blue."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return int(((red > 200) & (red - blue > 90) & (green > blue)).sum())


def test_a_camera_could_have_sent_it(fire: SyntheticClip, quiet: SyntheticClip) -> None:
    for clip in (fire, quiet):
        recording = read_recording(clip.path)
        assert why_re_encode(recording) is None
        assert recording.longest_gop_s == pytest.approx(1.0, abs=0.01)
        assert recording.duration_s == pytest.approx(clip.duration_s, abs=0.01)
        assert (recording.width, recording.height) == (SHORT.width, SHORT.height)


def test_nothing_burns_before_the_onset_and_ever_more_after(fire: SyntheticClip) -> None:
    assert fire.onset_s == SHORT.onset_s
    burning = [(at_s, burning_px(picture)) for at_s, picture in pictures(fire)]
    assert all(count == 0 for at_s, count in burning if at_s < SHORT.onset_s)
    after = [count for at_s, count in burning if at_s >= SHORT.onset_s + 0.2]
    assert min(after) > 20
    assert np.mean(after[-10:]) > 5 * np.mean(after[:5])


def test_flames_flicker(fire: SyntheticClip) -> None:
    late = [picture.astype(int) for at_s, picture in pictures(fire) if at_s > 4]
    changes = [np.abs(b - a).max(axis=-1) for a, b in pairwise(late)]
    assert min((change > 60).sum() for change in changes) > 100


def test_nothing_ever_burns_in_the_quiet_clip_but_something_moves(quiet: SyntheticClip) -> None:
    assert quiet.onset_s is None
    seen = pictures(quiet)
    assert all(burning_px(picture) == 0 for _, picture in seen)
    assert (np.abs(seen[-1][1].astype(int) - seen[0][1].astype(int)) > 60).sum() > 20


def test_a_corner_says_that_it_is_made(quiet: SyntheticClip) -> None:
    corner = pictures(quiet)[0][1][-20:, :140]
    assert (corner.min(axis=-1) > 130).sum() > 60


def mean_difference(one: SyntheticClip, other: SyntheticClip) -> float:
    """In grey levels, over all pictures."""
    both = zip(pictures(one), pictures(other), strict=True)
    return float(np.mean([np.abs(a.astype(int) - b).mean() for (_, a), (_, b) in both]))


def test_a_seed_makes_the_same_pictures_and_another_one_others(
    fire: SyntheticClip, tmp_path: Path
) -> None:
    again = synthetic_fire_clip(tmp_path / "again.mp4", shape=SHORT)
    other = synthetic_fire_clip(tmp_path / "other.mp4", shape=SHORT, seed=99)
    assert mean_difference(again, fire) < 0.5
    assert mean_difference(other, fire) > 1.0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.mp4", "other.mp4"]


def test_an_unwritable_place_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    tiny = ClipShape(duration_s=0.2, onset_s=0.0, width=64, height=36, fps=10)
    with pytest.raises(FileNotFoundError):
        synthetic_fire_clip(tmp_path / "nowhere" / "fire.mp4", shape=tiny)
    assert list(tmp_path.iterdir()) == []
