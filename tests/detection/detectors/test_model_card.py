"""Only vouched-for weights are read; every other case is one clear line."""

import hashlib
import json
from pathlib import Path

import pytest

from thapcanh.config.site import DetectorConfig
from thapcanh.detection.detectors.model_card import SHIPPED, shipped_cards, vouched_weights
from thapcanh.detection.errors import WeightsError


def test_the_shipped_weights_are_the_ones_their_card_speaks_of() -> None:
    (card,) = shipped_cards()
    content = (SHIPPED / card.file).read_bytes()
    assert hashlib.sha256(content).hexdigest() == card.sha256
    assert card.labels[:3] == ("fire", "smoke", "person")
    assert card.licence == "AGPL-3.0"
    assert vouched_weights(DetectorConfig()).content == content


def test_a_file_that_nobody_vouches_for_is_not_read(tmp_path: Path) -> None:
    stranger = tmp_path / "stranger.pt"
    stranger.write_bytes(b"a pickle that would run code")
    with pytest.raises(WeightsError, match=r"stranger\.pt: nobody vouches .* detector\.sha256"):
        vouched_weights(DetectorConfig(weights=str(stranger)))


def test_the_site_can_vouch_for_its_own_file(tmp_path: Path) -> None:
    own = tmp_path / "own.pt"
    own.write_bytes(b"own weights")
    sha256 = hashlib.sha256(b"own weights").hexdigest()
    weights = vouched_weights(DetectorConfig(weights=str(own), sha256=sha256))
    assert (weights.name, weights.sha256) == ("own", sha256)


def test_a_copy_of_shipped_weights_needs_no_other_word(tmp_path: Path) -> None:
    (card,) = shipped_cards()
    copy = tmp_path / "copy.pt"
    copy.write_bytes((SHIPPED / card.file).read_bytes())
    assert vouched_weights(DetectorConfig(weights=str(copy))).sha256 == card.sha256


def test_missing_weights_name_the_path_and_what_there_is() -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.pt: cannot be read: No such file.*watch8n"):
        vouched_weights(DetectorConfig(weights="nowhere.pt"))


def test_broken_weights_are_told_from_the_ones_meant(tmp_path: Path) -> None:
    (card,) = shipped_cards()
    (tmp_path / "watch8n.json").write_text((SHIPPED / "watch8n.json").read_text())
    (tmp_path / card.file).write_bytes((SHIPPED / card.file).read_bytes()[:-1])
    with pytest.raises(WeightsError, match=f"fetch it again: .* expected {card.sha256}"):
        vouched_weights(DetectorConfig(), tmp_path)


def test_the_sites_word_goes_before_the_cards() -> None:
    with pytest.raises(WeightsError, match="expected " + "0" * 64):
        vouched_weights(DetectorConfig(sha256="0" * 64))


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({"name": "x"})])
def test_a_broken_card_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(WeightsError, match=r"model card .*x\.json"):
        shipped_cards(tmp_path)
