"""Who may join: every ground for a refusal is one clear line, with the way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from thapcanh.alerts.queue.workers.worker_status import ClockReading
from thapcanh.app.cluster.admission import Machine, is_ours, name_conflict, refusals
from thapcanh.app.cluster.machine_facts import (
    NodeFacts,
    TokenUnusable,
    make_token,
    proof,
    read_facts,
    read_token,
    write_facts,
)

TOKEN = "k" * 40
FACTS = NodeFacts(node="ba-dinh", address="10.0.0.7", workers=2, cameras=48, areas=("ba-dinh",))
VERSIONS = {"thapcanh": "0.1.0", "ray": "2.60.0", "python": "3.11.7"}
FINE = Machine(
    versions=VERSIONS, free_bytes=10**11, memory_bytes=10**10, has_gpu=False, has_address=True
)
CLOCK = ClockReading(server=1000.0, ahead_s=0.01, within_s=0.005)
HEAD = {"head": "10.0.0.1:6380", "versions": VERSIONS, "nonce": "n", "proof": proof(TOKEN, "n")}


def test_a_machine_like_the_others_is_admitted() -> None:
    assert list(refusals(FACTS, FINE, CLOCK, HEAD, TOKEN)) == []
    assert list(refusals(FACTS, FINE, CLOCK, None, TOKEN)) == []


@pytest.mark.parametrize(
    ("facts", "machine", "clock", "token", "said"),
    [
        (FACTS, replace(FINE, versions={**VERSIONS, "thapcanh": "0.2.0"}), CLOCK, TOKEN,
         "thapcanh is 0.2.0 here and 0.1.0 on the head"),
        (FACTS, FINE, replace(CLOCK, ahead_s=-37.0), TOKEN, "clock is 37.0 s behind"),
        (FACTS, FINE, replace(CLOCK, ahead_s=2.5), TOKEN, "clock is 2.5 s ahead of"),
        (replace(FACTS, has_gpu=True), FINE, CLOCK, TOKEN, "no GPU can be used here"),
        (FACTS, replace(FINE, free_bytes=20_000_000), CLOCK, TOKEN, "has 20 MB free"),
        (FACTS, FINE, CLOCK, "x" * 40, "the token is not the cluster's"),
        (FACTS, replace(FINE, has_address=False), CLOCK, TOKEN, "not an address of this machine"),
    ],
)  # fmt: skip
def test_another_machine_is_refused_in_one_line(
    facts: NodeFacts, machine: Machine, clock: ClockReading, token: str, said: str
) -> None:
    (ground,) = refusals(facts, machine, clock, HEAD, token)
    assert said in ground
    assert "\n" not in ground
    assert token not in ground


def test_a_clock_is_not_judged_finer_than_it_could_be_read() -> None:
    far = ClockReading(server=1000.0, ahead_s=4.0, within_s=2.5)
    assert list(refusals(FACTS, FINE, far, HEAD, TOKEN)) == []


def test_a_head_that_says_nothing_of_use_admits_nobody() -> None:
    assert len(list(refusals(FACTS, FINE, CLOCK, {}, TOKEN))) == 4


def test_a_name_that_another_living_machine_has_is_refused() -> None:
    node = {"address": "10.0.0.8", "lives": True}
    assert "10.0.0.8" in (name_conflict(FACTS, {"nodes": {"ba-dinh": node}}) or "")
    assert name_conflict(FACTS, {"nodes": {"ba-dinh": {**node, "lives": False}}}) is None
    assert name_conflict(FACTS, {"nodes": {"ba-dinh": {**node, "address": "10.0.0.7"}}}) is None
    assert name_conflict(FACTS, None) is None


def test_only_an_address_of_this_machine_is_ours() -> None:
    assert is_ours("127.0.0.1")
    assert not is_ours("192.0.2.1")


def test_a_token_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "cluster.token"
    make_token(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_token(path)) == 64
    with pytest.raises(FileExistsError):
        make_token(path)


def test_a_token_that_others_may_read_or_guess_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cluster.token"
    for text, mode, said in (
        ("k" * 40, 0o644, "chmod 600"),
        ("k" * 31, 0o600, "shorter than 32"),
        ("ký-hiệu" * 10, 0o600, "not ASCII"),
    ):
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        with pytest.raises(TokenUnusable, match=said) as refused:
            read_token(path)
        assert text not in str(refused.value)
    with pytest.raises(TokenUnusable, match="is not set"):
        read_token(None)
    with pytest.raises(TokenUnusable, match="cannot be read"):
        read_token(tmp_path / "none")


def test_a_nodes_facts_are_read_as_they_were_written(tmp_path: Path) -> None:
    write_facts(tmp_path / "cluster", FACTS)
    assert read_facts(tmp_path / "cluster") == FACTS
    assert FACTS.worker_ids() == ("ba-dinh-0", "ba-dinh-1")
