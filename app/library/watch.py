"""Events of a video or camera, by the pipeline of `thapcanh replay`."""

import os
from collections.abc import Iterator
from pathlib import Path

from thapcanh.app.replay.replay import load_replay
from thapcanh.app.replay.replayed_event import ReplayedEvent
from thapcanh.config.secret import SecretUrl
from thapcanh.ingest.errors import IngestError


def watch(
    source: str | os.PathLike[str], *, config: str | os.PathLike[str] | None = None
) -> Iterator[ReplayedEvent]:
    """Yield the events of a file, or of a camera's address until it ends.

    The same events as `thapcanh replay FILE --json` prints, with the rules and detector of the
    named configuration; without one, those for fire and smoke. Raise `ConfigError` or
    `DetectorError` before the first event, `IngestError` when the source cannot be read (on).
    """
    return _events(_address(source), None if config is None else Path(config))


def _events(source: Path | SecretUrl, config: Path | None) -> Iterator[ReplayedEvent]:
    replay = load_replay(config)
    try:
        yield from replay.events_in(source)
    finally:
        replay.close()


def _address(source: object) -> Path | SecretUrl:
    if not isinstance(source, str | os.PathLike) or not os.fspath(source):
        raise IngestError(
            f"{source!r} is no source: give the path of a film, or a camera's address"
        )
    is_url = isinstance(source, str) and "://" in source
    return SecretUrl(str(source)) if is_url else Path(source)
