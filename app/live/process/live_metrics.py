"""Metrics of the live process, from its last status."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from thapcanh.app.live.process.signalling import LiveStatus


def live_families(status: LiveStatus) -> Iterator[Metric]:
    """Yield whether it runs, its starts, memory and viewers."""
    yield CounterMetricFamily(
        "thapcanh_live_starts", "Starts of the live process.", value=status.starts
    )
    for name, words, value in (
        ("up", "1 while the live process runs; it is started by the first viewer.", status.is_up),
        ("memory_bytes", "Resident memory of the live process.", status.memory_bytes),
        ("viewers", "Browsers that watch by WebRTC.", status.viewers),
        ("picture_viewers", "Browsers that are sent single pictures.", status.lookers),
        ("cameras", "Cameras that are open for live view.", status.cameras),
        ("transcoded", "Cameras that are transcoded for live view.", len(status.transcoded)),
        ("phones", "Phones that send.", len(status.sending)),
    ):
        yield GaugeMetricFamily(f"thapcanh_live_{name}", words, value=float(value))
