"""Entries of the stream that no worker of ours wrote: read as a message, or refused with a reason.

What is read goes on into the archive and onto a screen, as the centre does it: it is stored or
refused, and what is stored can be shown.
"""

import contextlib
import itertools
import json
from typing import Any

from hypothesis import strategies as st

from tests.alerts.queue.fake_events import fake_message
from tests.fuzz.runs import Run, is_clear
from tests.made_archives import archive_at
from thapcanh.alerts.lifecycle.archive import Archive
from thapcanh.alerts.queue.message import EvidenceKind, EvidenceRef, Message, decode, encode
from thapcanh.alerts.store.errors import ArchiveRefused, SequenceReused, WireError
from thapcanh.app.alert.alert_schemas import alert_detail_response
from thapcanh.app.web_api.people import People
from thapcanh.ingest.clock import SystemClock

NOW = 1_800_000_100.0
FOLDER = "2027/01/15/gate/event-1"
SNAPSHOT = EvidenceRef(
    kind=EvidenceKind.SNAPSHOT, path=f"{FOLDER}/snapshot.jpg", sha256="ab" * 32, bytes=1000
)
ENTRY = encode(fake_message(1, evidence=(SNAPSHOT,)))
DATA: dict[str, Any] = json.loads(ENTRY["data"])
WORDS = st.one_of(
    st.text(max_size=70),
    st.sampled_from(
        ["", "\x00", "9" * 19, "-1", "1e999", "../../etc/passwd", "a/../b", "self_test",
         "thapcanh.event.cleared.v1", "thapcanh.event.updated.v1", "x" * 5000]
    ),
)  # fmt: skip
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70), st.floats(), st.sampled_from([1e308, -1e308, 2**63, 0, 3, -1])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5), st.dictionaries(st.sampled_from([*DATA, "folder"]), inner)
    ),
    max_leaves=6,
)


@st.composite
def _changed(draw: st.DrawFn) -> dict[str, str]:
    """A worker's entry with some of its fields and of its data's fields given other values."""
    data: dict[str, Any] = json.loads(ENTRY["data"])
    for name in draw(st.lists(st.sampled_from(list(DATA)), max_size=3)):
        data[name] = draw(NUMBERS if isinstance(DATA[name], int | float) else VALUES)
    file = data["evidence"]["files"][0] if _has_file(data) else {}
    for name in draw(st.lists(st.sampled_from(["name", "sha256", "bytes", "kind"]), max_size=1)):
        file[name] = draw(VALUES)
    entry = ENTRY | {"data": json.dumps(data)}
    for name in draw(st.lists(st.sampled_from(list(ENTRY)), max_size=2)):
        entry[name] = draw(WORDS)
    for name in draw(st.lists(st.sampled_from(list(ENTRY)), max_size=1)):
        entry.pop(name, None)
    return entry


def _has_file(data: dict[str, Any]) -> bool:
    evidence = data.get("evidence")
    return isinstance(evidence, dict) and evidence == DATA["evidence"]


class _Centre:
    """Takes in what is read, and shows it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people = People(archive.users, SystemClock())
        self._numbers = itertools.count(1)

    def check(self, entry: dict[str, str]) -> None:
        try:
            message = decode(self._numbered(entry))
        except WireError as error:
            is_clear(error)
            return
        with contextlib.suppress(ArchiveRefused, SequenceReused):
            self._take_in(message)

    def _numbered(self, entry: dict[str, str]) -> dict[str, str]:
        """The entry as a new message of a new episode, unless it says otherwise.

        Else nearly all would be told to be the first one again.
        """
        number = str(next(self._numbers))
        new = {"id": f"message-{number}", "event_id": f"event-{number}", "producer_seq": number}
        return entry | {name: new[name] for name in new if entry.get(name) == ENTRY[name]}

    def _take_in(self, message: Message) -> None:
        taken = self._archive.take_in(message, queued_at=NOW, now=NOW, camera=lambda _: None)
        alert = self._archive.alert(taken.alert_id) if taken.alert_id else None
        if alert is not None:
            files, log = self._archive.evidence_of(alert.id), self._archive.log_of(alert.id)
            assert alert_detail_response(alert, files, log, self._people).model_dump_json()


def fuzz(run: Run) -> int:
    """Take in each; see the module."""
    archive = archive_at(run.folder / "stream.sqlite")
    names = st.dictionaries(st.sampled_from([*ENTRY, "x"]), WORDS, max_size=9)
    try:
        return run.tried(st.one_of(_changed(), names), _Centre(archive).check)
    finally:
        archive.close()
