"""Command `thapcanh verdicts export FOLDER`: officers' verdicts as training crops."""

import argparse
import csv
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np

from thapcanh.alerts.alert.alert_state import AlertState
from thapcanh.alerts.alert.event_rows import boxes_at_raise
from thapcanh.alerts.alert.records import Alert, AlertFilter, EvidenceRecord
from thapcanh.alerts.evidence.stores.store import EvidenceStore, read_whole, sha256_of
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.audit_log import AuditEntry, add_log
from thapcanh.alerts.store.errors import AlertsError, EvidenceError
from thapcanh.app.exports.child import IMAGE_SIZE_PX
from thapcanh.app.exports.copying import Copier
from thapcanh.app.exports.marking import CopyMark
from thapcanh.app.process import exit_codes
from thapcanh.app.process.terminal import console_user, fail
from thapcanh.app.site.site_archive import site_archive
from thapcanh.app.site.site_file import load_site
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.app.site.site_stores import site_evidence
from thapcanh.config.files import whole_file
from thapcanh.config.problem import ConfigError
from thapcanh.config.site import Site
from thapcanh.detection.confirmation.witness_crops import Crop, crops_of
from thapcanh.detection.detectors.detector import load_detector
from thapcanh.detection.detectors.detector_kind import Detector
from thapcanh.detection.errors import DetectorError
from thapcanh.detection.redaction import can_be_hidden
from thapcanh.detection.region import Region
from thapcanh.ingest.privacy_mask import PrivacyMask

TABLE = "verdicts.csv"
CROPS = ("near", "wide", "whole")
COLUMNS = ("number", "camera", "kind", "at", "verdict", "reason", *CROPS)
KINDS = frozenset({"fire", "smoke"})
VERDICTS = (AlertState.CONFIRMED.value, AlertState.REJECTED.value)
QUALITY = 95


def run_verdicts(options: argparse.Namespace) -> int:
    """Export the verdicts; 0 also if there are none yet."""
    folder: Path = options.folder
    try:
        site = load_site(options.config).site_or_raise()
        settings = site.detector.model_copy(update={"image_size_px": IMAGE_SIZE_PX})
        detector = load_detector(settings, user_cache_dir() / "models")
        if not can_be_hidden(detector.labels):
            return fail("the weights tell no people: nothing can be hidden, nothing is exported")
        folder.mkdir(parents=True, mode=0o700)
        with closing(site_archive(site)) as archive:
            counts = _VerdictExport(site, archive, detector, folder).run()
    except FileExistsError:
        return fail(f"{folder} is there already", exit_codes.MISUSED)
    except (ConfigError, AlertsError, DetectorError) as error:
        return fail(error)
    except OSError as error:
        return fail(f"{folder}: {error.strerror}", exit_codes.FAILED)
    shown = (
        ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing judged"
    )
    sys.stdout.write(f"{folder}: {shown}\n")
    return exit_codes.OK


class _VerdictExport:
    def __init__(self, site: Site, archive: Archive, detector: Detector, folder: Path) -> None:
        self._archive = archive
        self._store: EvidenceStore = site_evidence(site)
        self._copier = Copier(detector, PrivacyMask(()), CopyMark(across="", foot=""))
        self._folder = folder

    def run(self) -> Counter[str]:
        """Export and log it; return the count of each outcome."""
        counts: Counter[str] = Counter()
        with (
            whole_file(self._folder / TABLE) as draft,
            draft.open("w", encoding="utf-8", newline="") as file,
        ):
            table = csv.DictWriter(file, COLUMNS)
            table.writeheader()
            for verdict in VERDICTS:
                for alert in self._checked(verdict):
                    crops = self._crops(alert)
                    counts[verdict if crops is not None else "without a picture"] += 1
                    if crops is not None:
                        table.writerow(self._row(alert, verdict, crops))
            self._log(counts)
        return counts

    def _checked(self, verdict: str) -> Iterator[Alert]:
        cursor: str | None = None
        while True:
            query = AlertFilter(
                kinds=KINDS,
                outcomes=frozenset({verdict}),
                exercise=False,
                limit=200,
                cursor=cursor,
            )
            page = self._archive.alerts(query)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def _crops(self, alert: Alert) -> tuple[Crop, Crop, Crop] | None:
        with self._archive.database.reading() as connection:
            boxes = boxes_at_raise(connection, alert.id)
        for record in self._archive.evidence_of(alert.id):
            box = boxes.get(record.event_id)
            is_usable = record.deleted_at is None and record.kind is EvidenceKind.SNAPSHOT
            if not is_usable or box is None:
                continue
            pixels = self._picture(record)
            if pixels is not None:
                left, top, width, height = box
                region: Region = (left, top, left + width, top + height)
                return crops_of(self._copier.hidden(pixels), region)
        return None

    def _picture(self, record: EvidenceRecord) -> Crop | None:
        """Return the picture if its seal holds, else None."""
        try:
            content = read_whole(self._store, record.path)
        except EvidenceError:
            return None
        if sha256_of([content]) != record.sha256:
            return None
        pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
        return None if pixels is None else np.asarray(pixels, np.uint8)

    def _row(self, alert: Alert, verdict: str, crops: tuple[Crop, Crop, Crop]) -> dict[str, str]:
        names = {name: f"{alert.number}-{name}.jpg" for name in CROPS}
        for name, crop in zip(CROPS, crops, strict=True):
            _, encoded = cv2.imencode(".jpg", crop[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
            (self._folder / names[name]).write_bytes(encoded.tobytes())
        return {
            "number": alert.number,
            "camera": alert.camera_id,
            "kind": alert.kind,
            "at": f"{alert.raised_at:.0f}",
            "verdict": verdict,
            "reason": alert.reject_reason or "",
            **names,
        }

    def _log(self, counts: Counter[str]) -> None:
        line = AuditEntry(
            at=time.time(),
            action="verdicts_exported",
            object_id=self._folder.name,
            details={"by": console_user(), **counts},
        )
        with self._archive.database.writing() as connection:
            add_log(connection, line)
