"""The error tree: each leaf is named once, drawn in the docstring, and reads as one line."""

from pathlib import Path

import pytest

from thapcanh.ingest import errors
from thapcanh.ingest.errors import SourceError

LEAVES = SourceError.__subclasses__()
_SCREENS = Path(__file__).parents[2] / "app" / "web" / "src" / "i18n"


def test_every_reason_is_its_own() -> None:
    reasons = [leaf.reason for leaf in LEAVES]
    assert len(set(reasons)) == len(reasons) == 25


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_a_message_is_one_line_with_address_fault_and_way_out(leaf: type[SourceError]) -> None:
    told = str(leaf("rtsp://u:<secret>@10.0.0.5/1"))
    assert told == f"rtsp://u:<secret>@10.0.0.5/1: {leaf.problem}; {leaf.way_out}"
    assert "\n" not in told


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_the_drawing_names_it_and_says_whether_retrying_helps(leaf: type[SourceError]) -> None:
    drawn = [line for line in (errors.__doc__ or "").splitlines() if leaf.__name__ in line]
    assert len(drawn) == 1
    assert drawn[0].endswith("retry helps" if leaf.retry_helps else "does not")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_reason_has_words_on_the_screens(language: str) -> None:
    words = (_SCREENS / language / "cameras.ts").read_text(encoding="utf-8")
    listed = words.partition("CAMERA_REASONS")[2].partition("};")[0]
    of_cameras = {leaf.reason for leaf in LEAVES} - {errors.NotOnvif.reason}
    assert {one for one in of_cameras if f"\n  {one}: " not in listed} == set()
