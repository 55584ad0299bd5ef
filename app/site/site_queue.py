"""The connection to a site's queue, made alike by every process and command."""

from alerts.queue.queue import EventQueue, QueueSettings
from app.site.site_paths import queue_address
from config.site import Site


def site_queue(site: Site) -> EventQueue:
    """Return a queue that connects when first asked; raises `QueueAddressMissing`."""
    return EventQueue(queue_address(site), settings=QueueSettings(replicas=site.queue.replicas))
