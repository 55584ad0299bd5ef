"""A big night of one minute: fires, panels, calls, messages; nothing is lost or mixed up."""

import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.big_night.drive import played

pytestmark = pytest.mark.end_to_end

_SECONDS = 60.0
_NONE_OF = ("lost", "wrong_merges", "without_owner_after_handover")
_MOST_KEYS = 6


def test_nothing_is_lost_or_mixed_up_on_a_short_big_night(
    browser: Browser, tmp_path: Path, screens: Path
) -> None:
    """Hold what does not depend on the machine's speed; `make big-night` holds the rest."""
    assert screens.is_dir()
    with tempfile.TemporaryDirectory(prefix="night-") as folder:  # sockets need a short path
        figures, notes = played(browser, Path(folder), tmp_path, _SECONDS)
    told = "\n".join([str(figures), *notes])
    assert [figures[name] for name in _NONE_OF] == [0, 0, 0], told
    assert figures["keys_to_dispatch"] <= _MOST_KEYS, told
