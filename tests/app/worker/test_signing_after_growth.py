"""A worker that enrolled itself beside the embedded queue signs at an external one too."""

from pathlib import Path

from thapcanh.alerts.queue.workers.worker_keys import SignedTransport
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_stores import site_queue
from thapcanh.app.worker.signing import transport_of
from thapcanh.config.site import Site


def site_of(folder: Path, queue: str) -> Site:
    config = folder / "thapcanh.toml"
    config.write_text(f'[site]\ndata_dir = "{folder / "data"}"\n{queue}', encoding="utf-8")
    return load_site(config).site_or_raise()


def test_a_site_that_grew_goes_on_signing(tmp_path: Path) -> None:
    """Its events became dead letters, every one: the centre knew the worker's key."""
    grown = site_of(tmp_path, '[queue]\nurl = "redis://127.0.0.1:1/0"\n')
    queue = site_queue(grown)
    try:
        assert transport_of(queue, grown, "worker-0") is queue  # never enrolled: as it is
        transport_of(queue, site_of(tmp_path, ""), "worker-0")
        assert isinstance(transport_of(queue, grown, "worker-0"), SignedTransport)
    finally:
        queue.close()
