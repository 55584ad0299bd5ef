"""The film of a drill: cut round its moment, marked as a drill in every picture, kept in the cache.

Made in some seconds the first time, on the caller's thread. Behind a `Recorder` it stands where a
camera's pre-roll does, so a drill's files are made in the way of real ones.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alerts.evidence.snapshots import marked
from app.drills.scenarios import MADE_FIRE, MADE_LAMPS, Scenario
from config.storage import EvidenceConfig
from ingest.clips.marked_clip import write_marked
from ingest.errors import SourceError
from ingest.frame import Frame
from ingest.packets.packet import Packet
from ingest.privacy_mask import PrivacyMask
from ingest.sources.recorded_file import read_file

_VERSION = 1  # raise it when the mark changes: the cached films are keyed by it
_SPARE_S = 1.0  # so that the film is seen to be whole


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillClip:
    """Packets in decoding order, and the picture at which the alert comes."""

    packets: tuple[Packet, ...]
    moment: Frame

    @property
    def preroll(self) -> "DrillClip":
        """As a camera has one."""
        return self

    @property
    def privacy_mask(self) -> PrivacyMask:
        """Nothing of a drill's film is private."""
        return PrivacyMask(())

    def between(self, from_s: float, to_s: float) -> list[Packet]:
        """Packets of a span of film time, begun at a keyframe."""
        until = [packet for packet in self.packets if packet.at_s <= to_s]
        if not until or until[-1].at_s < from_s:
            return []
        begins = [n for n, each in enumerate(until) if each.is_keyframe and each.at_s <= from_s]
        return until[begins[-1] if begins else 0 :]


def drill_clip_of(scenario: Scenario, cache_dir: Path, spans: EvidenceConfig) -> DrillClip:
    """The film, made where the cache has none; raises `IngestError` or `OSError`."""
    source = scenario.video or _made(scenario.id, cache_dir)
    from_s = max(0.0, scenario.at_s - spans.before_s)
    film = cache_dir / "drills" / f"{scenario.id}-{_key(source, scenario, spans)}.mp4"
    if not film.exists():
        to_s = scenario.at_s + spans.after_s + _SPARE_S
        write_marked(source, film, lambda one: marked(one.bgr()), from_s=from_s, to_s=to_s)
    return _read(film, scenario.at_s - from_s)


def _read(film: Path, moment_s: float) -> DrillClip:
    packets: list[Packet] = []
    moment: Frame | None = None
    for piece in read_file(film, "drill"):
        if isinstance(piece, Packet):
            packets.append(piece)
        elif moment is None or moment.at_s < moment_s:
            moment = piece
    if moment is None:
        raise SourceError(str(film), problem="no picture", way_out="check the scenario's video")
    return DrillClip(packets=tuple(packets), moment=moment)


def _key(source: Path, scenario: Scenario, spans: EvidenceConfig) -> str:
    facts = source.stat()
    parts = (_VERSION, source, facts.st_size, facts.st_mtime_ns, scenario.at_s, spans)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _made(scenario_id: str, cache_dir: Path) -> Path:
    """One of the drawn films."""
    path = cache_dir / "drills" / f"{scenario_id}-drawn.mp4"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _drawn_by()[scenario_id](path)
    return path


def _drawn_by() -> Mapping[str, Callable[[Path], object]]:
    from app.simulator.drawing.synthetic_clip import synthetic_fire_clip, synthetic_quiet_clip

    return {MADE_FIRE: synthetic_fire_clip, MADE_LAMPS: synthetic_quiet_clip}
