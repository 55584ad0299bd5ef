"""Every kind of alert has words, and the screens know what the centre publishes of it."""

import json
from pathlib import Path

from thapcanh.alerts.queue.system_events import SYSTEM_KINDS
from thapcanh.alerts.weather.weather_advisory import HAZE
from thapcanh.app.map.site_routes import published_kinds
from thapcanh.app.reports.export_words import ExportVocabulary
from thapcanh.app.site.alert_kinds import alert_kinds
from thapcanh.app.web_api.language import Language
from thapcanh.detection.rules.registry import registry

BUILT = Path(__file__).parents[3] / "app" / "web" / "src" / "api" / "alert-kinds.json"


def test_every_kind_is_published_and_named_in_both_languages() -> None:
    kinds = alert_kinds()
    assert set(kinds) == {*registry().kinds, HAZE, *SYSTEM_KINDS}
    assert {one.kind for one in kinds.values() if one.is_system} == SYSTEM_KINDS
    assert {"fire", "smoke", "arc", HAZE} <= {one.kind for one in kinds.values() if one.is_fire}
    for language in Language:
        words = ExportVocabulary(language)
        assert [kind for kind in kinds if words(f"kind.{kind}") == kind] == []


def test_what_the_screens_are_built_with_is_what_the_centre_publishes() -> None:
    """`npm run types` writes the file; a rule that came since is told by the centre itself."""
    published = {one.kind: one.model_dump(mode="json") for one in published_kinds()}
    built = {one["kind"]: one for one in json.loads(BUILT.read_text(encoding="utf-8"))}
    assert built == {kind: published[kind] for kind in built}
    assert {HAZE, *SYSTEM_KINDS} <= set(built)
