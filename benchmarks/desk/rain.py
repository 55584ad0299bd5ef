"""Alerts that rain on a desk, in a thread of their own, and colleagues who close as many.

So many stay open however long it lasts: what a screen's memory gains then is not the list's.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

from benchmarks.desk.screen import AlertSource
from benchmarks.harness.pipeline_site import PipelineSite

_LONGEST_OPEN = """
SELECT id, version FROM alert WHERE state = 'new' AND place IS NOT ? ORDER BY raised_at LIMIT ?
"""


class Rain:
    """So many a second, each of another camera; alerts of the place `spared` are closed by none."""

    def __init__(
        self, site: PipelineSite, cameras: Sequence[str], *, per_s: int, spared: str
    ) -> None:
        self._site = site
        self._cameras = iter(cameras)
        self._per_s = per_s
        self._spared = spared
        self._colleague = site.log_in()
        self._stop = threading.Event()
        self.failed: Exception | None = None

    @contextmanager
    def falls(self) -> Iterator[None]:
        """Until the block ends; raises what stopped it before."""
        thread = threading.Thread(target=self._fall, name="rain")
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(60)
        if self.failed is not None:
            raise self.failed

    def _fall(self) -> None:
        source = AlertSource(self._site)
        try:
            for number, camera in enumerate(self._cameras):
                source.raise_alert(camera)
                if self._stop.wait(1 / self._per_s):
                    return
                if number % self._per_s == self._per_s - 1:
                    self._close()
            raise RuntimeError("there are too few cameras for so long a rain")
        except Exception as error:  # noqa: BLE001 - told where the block ends
            self.failed = error
        finally:
            source.close()

    def _close(self) -> None:
        with closing(sqlite3.connect(self._site.archive, timeout=60)) as archive:
            longest = archive.execute(_LONGEST_OPEN, (self._spared, self._per_s)).fetchall()
        self._site.close_all(self._colleague, dict(longest))
