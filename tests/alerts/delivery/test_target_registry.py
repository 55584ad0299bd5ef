"""Kinds of delivery target: what the documents say of them is what the registry has."""

import asyncio
import re
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.alerts.delivery.target_of_table import target_of_table
from thapcanh.alerts.delivery import registry
from thapcanh.alerts.delivery.attempt import AttemptOutcome
from thapcanh.alerts.delivery.outbox.records import DueDelivery
from thapcanh.alerts.delivery.registry import (
    TargetRegistry,
    make_sender,
    registry_of,
    target_registry,
)
from thapcanh.alerts.delivery.sender import Sender, SiteVoice
from thapcanh.alerts.delivery.target_kind import SHARED_SETTINGS
from thapcanh.alerts.store.outbox.outgoing import daily_test
from thapcanh.app.delivery.person_message import person_message
from thapcanh.app.site.site_file import load_site
from thapcanh.config.secret import SecretUrl
from thapcanh.config.targets import TargetConfig

PAGE = Path(__file__).parents[3] / "docs" / "integration.md"
COMMON = frozenset(TargetConfig.model_fields) - {"id", "kind", "url"}


def test_the_documents_have_every_kind_with_its_settings() -> None:
    section = PAGE.read_text(encoding="utf-8").split("## Targets\n")[1].split("### The webhook")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (.*) \|$", section, re.MULTILINE)
    told = {kind: set(re.findall(r"`([a-z_]+)`", settings)) for kind, settings in rows}
    kinds = target_registry().kinds
    own = {"id", "kind", "url"} | COMMON
    assert told == {kind: set(each.settings.model_fields) - own for kind, each in kinds.items()}
    (common,) = re.findall(r"^All have (.*)\.$", section, re.MULTILINE)
    assert set(re.findall(r"`([a-z_0-9]+)`", common)) == COMMON


def test_every_setting_has_words_and_secrets_are_known_as_such() -> None:
    for kind, each in target_registry().kinds.items():
        asked = set(each.settings.model_fields) - {"id", "kind"}
        assert asked == set(each.setting_words()), kind
        assert "url" in each.secrets()
        assert ("secret" in each.secrets()) is ("secret" in each.settings.model_fields)
    assert set(SHARED_SETTINGS) >= COMMON


WEBHOOK = """
[[targets]]
id = "pccc"
kind = "webhook"
url = "https://114.example/hook"
"""
MAIL = """
[[targets]]
id = "an"
kind = "apprise"
url = "mailto://relay?from=tc@example.vn&to=an@example.vn"
"""


@pytest.mark.parametrize(
    ("written", "told", "is_used"),
    [
        (WEBHOOK + 'secret = "12345678"\ntext = "sms"\ntopic = "x"', "text: unknown key", True),
        (WEBHOOK + 'secret = "12345678"\nagency = ["pc07"]', "did you mean 'agencies'?", False),
        (WEBHOOK, "secret: missing", False),
        (MAIL + 'secret = "12345678"', "write the login into url", False),
        (MAIL + "signals = true", "signals: unknown key", True),
        (MAIL.replace("apprise", "gong"), "kind: unknown kind of target, expected 'web", False),
    ],
)
def test_what_another_kind_is_asked_takes_no_target_away(
    written: str, told: str, tmp_path: Path, *, is_used: bool
) -> None:
    """Who is told of what is never guessed: any other unknown key sets the target aside."""
    path = tmp_path / "thapcanh.toml"
    path.write_text(written, encoding="utf-8")
    loaded = load_site(path, environ={})
    assert told in str(loaded.problems[0])
    assert bool(loaded.site_or_raise().targets) is is_used


def test_a_broken_kind_from_outside_is_named_and_stops_nothing() -> None:
    known = target_registry().kinds
    broken = [
        EntryPoint(name="gone", value="no.such:TARGET", group="thapcanh.targets"),
        EntryPoint(name="other", value="json:loads", group="thapcanh.targets"),
        EntryPoint(
            name="again",
            value="thapcanh.alerts.delivery.targets.cap:TARGET",
            group="thapcanh.targets",
        ),
    ]
    found = registry_of(registry.FINDER.collected(known.values(), broken))
    assert list(found.kinds) == list(known)
    assert [name for name, _ in found.problems] == ["gone", "other", "again"]
    assert "expected a TargetKind" in found.problems[1][1]


def test_a_target_whose_sender_cannot_be_made_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The targets behind it in the configuration were never told of anything."""

    def broken(*_: object) -> Sender:
        raise RuntimeError("https://user:hush@gateway")

    kinds = dict(target_registry().kinds)
    kinds["mqtt"] = replace(kinds["mqtt"], sender=broken)
    monkeypatch.setattr(registry, "target_registry", lambda: TargetRegistry(kinds=kinds))
    target = target_of_table({"id": "loa", "kind": "mqtt", "url": SecretUrl("mqtt://10.0.0.7")})
    voice = SiteVoice(site_name="Trung tâm", message=person_message)
    event = daily_test("loa", 0.0)
    due = DueDelivery(id="1", target="loa", attempts=0, created_at=0.0, event=event)
    tried = asyncio.run(make_sender(target, voice).send(due))
    assert tried.outcome is AttemptOutcome.FAILED
    assert tried.error == "the kind mqtt cannot send: RuntimeError, see the log"
