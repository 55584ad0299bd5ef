"""A site whose relative paths lead from its configuration file, wherever the program runs."""

from pathlib import Path
from typing import TypeVar

from thapcanh.config.servers.processes import LogHeads
from thapcanh.config.servers.siem import SiemConfig
from thapcanh.config.site import (
    CentreConfig,
    DetectorConfig,
    DrillsConfig,
    ModelConfig,
    QueueConfig,
    Site,
)

ModelT = TypeVar("ModelT", bound=ModelConfig)


def anchored_site(site: Site, path: Path) -> Site:
    base = _folder_of(path)
    data_dir = base / site.site.data_dir
    cache_dir = base / (site.site.cache_dir or data_dir / "cache")
    facts = {"data_dir": data_dir, "cache_dir": cache_dir, "map": _from(base, site.site.map)}
    return site.model_copy(
        update={
            "site": site.site.model_copy(update=facts),
            "centre": _centre(site.centre, base),
            "queue": _queue(site.queue, base),
            "evidence": site.evidence.anchored(base),
            "recording": site.recording.anchored(base, data_dir),
            "detector": _detector(site.detector, base),
            "drills": _drills(site.drills, base),
            "map": site.map.anchored(base),
            "archive": site.archive.model_copy(
                update={"log_key": _from(base, site.archive.log_key)}
            ),
            "log_heads": _log_heads(site.log_heads, base),
            "siem": _siem(site.siem, base),
            "ldap": site.ldap.model_copy(update={"ca": _from(base, site.ldap.ca)}),
        }
    )


def _centre(centre: CentreConfig, base: Path) -> CentreConfig:
    files = {
        "certificate": centre.certificate,
        "key": centre.key,
        "places_file": centre.places_file,
        "statistics_form": centre.statistics_form,
        "second_factor_key": centre.second_factor_key,
    }
    return centre.model_copy(update={name: _from(base, path) for name, path in files.items()})


def _queue(queue: QueueConfig, base: Path) -> QueueConfig:
    return queue.model_copy(update={"embedded_dir": _from(base, queue.embedded_dir)})


def _detector(detector: DetectorConfig, base: Path) -> DetectorConfig:
    objects = detector.objects and _weights(detector.objects, base)
    facts = {"witness": _from(base, detector.witness), "objects": objects}
    return _weights(detector, base).model_copy(update=facts)


def _weights(model: ModelT, base: Path) -> ModelT:
    if not model.weights.endswith((".pt", ".onnx")):
        return model
    return model.model_copy(update={"weights": str(base / model.weights)})


def _drills(drills: DrillsConfig, base: Path) -> DrillsConfig:
    scenarios = tuple(
        scenario.model_copy(update={"video": base / scenario.video})
        for scenario in drills.scenarios
    )
    return drills.model_copy(update={"scenarios": scenarios})


def _log_heads(heads: LogHeads, base: Path) -> LogHeads:
    files = {"drop": heads.drop, "key_file": heads.key_file}
    return heads.model_copy(update={name: _from(base, path) for name, path in files.items()})


def _siem(siem: SiemConfig, base: Path) -> SiemConfig:
    files = {"ca": siem.ca, "certificate": siem.certificate, "key": siem.key}
    return siem.model_copy(update={name: _from(base, path) for name, path in files.items()})


def _from(base: Path, path: Path | None) -> Path | None:
    return None if path is None else base / path


def _folder_of(path: Path) -> Path:
    try:
        return path.resolve().parent
    except (OSError, RuntimeError):
        return path.absolute().parent
