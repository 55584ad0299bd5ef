"""The fixtures of the rooms that the facade names."""

from tests.alerts.conftest import queue_server
from tests.app.conftest import centre, made_clips, model_cache, own_cache

__all__ = ["centre", "made_clips", "model_cache", "own_cache", "queue_server"]
