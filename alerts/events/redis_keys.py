"""Every key that we use in Redis or Valkey, in one place."""

EVENTS = "thapcanh:events:v1"  # stream: one flat entry a message, oldest first
DEAD = "thapcanh:events:dead"  # stream: entries that could not be read, with the reason
GROUP = "centre"  # consumer group of EVENTS

WORKERS = "thapcanh:workers"  # sorted set: worker id by the UTC second of its last report
PHONES = "thapcanh:phones"  # JSON list of the phones that send now, with a time to live
_WORKER = "thapcanh:worker:"


def worker(worker_id: str) -> str:
    """Key of one worker's status (JSON, with a time to live)."""
    return f"{_WORKER}{worker_id}"
