"""Terms of an export: who, when and why; and the mark of each copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from thapcanh.app.exports.child import CopyItem, CopyJob, CopyPart
from thapcanh.app.site.site_paths import site_paths_of
from thapcanh.config.geometry import Polygon
from thapcanh.config.local_time import LOCAL_TZ
from thapcanh.config.site import Site

BLURRED = "ĐÃ LÀM MỜ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTerms:
    """Who exports, when and why; `is_blurred`: people and plates are hidden."""

    username: str
    at_s: float
    purpose: str | None
    is_blurred: bool
    site: Site

    def facts(self) -> dict[str, Any]:
        """Return the entries for manifest and log."""
        return {"blurred": self.is_blurred, "purpose": self.purpose}

    def job(self, items: Sequence[CopyItem], masks: Sequence[Polygon] = ()) -> CopyJob:
        """Return the child's job."""
        return CopyJob(
            detector=self.site.detector.model_dump(mode="json") if self.is_blurred else None,
            model_cache=str(site_paths_of(self.site).model_cache_dir),
            masks=[list(mask) for mask in masks],
            across=f"{self.username} · {self.site.site.name}",
            items=list(items),
        )

    def item(
        self, parts: Sequence[CopyPart], target: Path, *, of: str, original: str, is_film: bool
    ) -> CopyItem:
        """Return one copy with its mark: owner, subject, and original (SHA-256)."""
        made = datetime.fromtimestamp(self.at_s, UTC).astimezone(LOCAL_TZ)
        kind = BLURRED if self.is_blurred else ""
        words = (kind, of, self.username, f"{made:%d/%m/%Y %H:%M}", f"gốc {original[:12]}")
        foot = " · ".join(word for word in words if word)
        return CopyItem(
            is_film=is_film,
            parts=list(parts),
            target=str(target),
            foot=foot,
            comment=f"{foot}; original sha256 {original}",
        )
