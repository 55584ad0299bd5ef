"""The events of a film or of a camera, one by one, by the pipeline of `thapcanh replay`."""

from collections.abc import Iterator
from pathlib import Path

from thapcanh.app.evaluation.replay import load_replay
from thapcanh.app.evaluation.replayed_event import ReplayedEvent, replayed_event
from thapcanh.config.secret import SecretUrl


def watch(source: str | Path, *, config: Path | None = None) -> Iterator[ReplayedEvent]:
    """The events of a file, or of a camera's address until it ends.

    The same events as `thapcanh replay FILE --json` prints, with the rules and the detector of the
    site whose configuration is named; without one, those for fire and smoke. Raise `ConfigError`
    or `DetectorError` before the first event, `IngestError` when the source cannot be read (on).
    """
    replay = load_replay(config)
    try:
        yield from map(replayed_event, replay.events_in(_address(source)))
    finally:
        replay.close()


def _address(source: str | Path) -> Path | SecretUrl:
    is_url = isinstance(source, str) and "://" in source
    return SecretUrl(str(source)) if is_url else Path(source)
