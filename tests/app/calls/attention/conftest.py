"""The queue of the alerts' tests."""

from tests.alerts.conftest import queue, queue_server

__all__ = ["queue", "queue_server"]
