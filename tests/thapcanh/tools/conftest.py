"""The fixtures of the rooms that the tools use."""

from tests.app.conftest import kept_logging
from tests.detection.conftest import cache_dir, make_frame

__all__ = ["cache_dir", "kept_logging", "make_frame"]
