"""The short form of `make fuzz`: the same few inputs each time, for each door that takes them."""

from pathlib import Path

import pytest

from tests.fuzz import api, configuration, file_names, offers, rtsp_replies, stream
from tests.fuzz.drive import TARGETS, shares
from tests.fuzz.runs import Run, Target


@pytest.mark.parametrize(
    ("target", "inputs"),
    [
        (configuration.fuzz, 60),
        (stream.fuzz, 100),
        (offers.fuzz, 60),
        (file_names.fuzz, 200),
        (rtsp_replies.fuzz, 40),
        (api.fuzz, 1),
    ],
    ids=lambda value: value.__module__.rpartition(".")[2] if callable(value) else "",
)
def test_no_input_breaks_a_door(target: Target, inputs: int, tmp_path: Path) -> None:
    assert target(Run(inputs=inputs, is_repeatable=True, folder=tmp_path)) >= inputs


@pytest.mark.parametrize("inputs", [7, 100, 100_000])
def test_the_long_form_shares_out_at_least_as_many_as_are_asked_for(inputs: int) -> None:
    assert set(shares(inputs)) == set(TARGETS)
    assert sum(shares(inputs).values()) >= inputs
