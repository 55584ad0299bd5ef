"""The queue of the room below."""

from tests.alerts.conftest import queue, queue_server

__all__ = ["queue", "queue_server"]
