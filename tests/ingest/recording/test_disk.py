"""The disk of the recordings is not mounted, is another, comes back, or is new on purpose."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ingest.recording.recorded import CAMERA, source_hashes
from tests.ingest.recording.test_packet_recorder import FILM, ROOM, offer, stored
from tests.patience import PATIENCE_S
from thapcanh.ingest.clock import SystemClock
from thapcanh.ingest.recording import packet_recorder
from thapcanh.ingest.recording.disk import RecordingDisk, RecordingDiskMissing
from thapcanh.ingest.recording.index import INDEX_FILE, RecordingIndex
from thapcanh.ingest.recording.packet_recorder import PacketRecorder, RecorderLimits
from thapcanh.ingest.recording.retention import DAY_S, RecordingLimits
from thapcanh.ingest.recording.timeline import RecordingGap
from thapcanh.ingest.store_identity import STORE_ID_FILE

WaitFor = Callable[..., None]


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packet_recorder, "TICK_S", 0.02)
    monkeypatch.setattr(packet_recorder, "CHECK_S", 0.05)


class Machine:
    """A recording folder whose disk can be taken away, and the recorders of one data folder."""

    def __init__(self, base: Path, wait_for: WaitFor) -> None:
        self.folder = base / "film"
        self.remembered = base / "data" / "recordings.store-id"
        self.clock = SystemClock()
        self.wait_for = wait_for
        self._away = base / "away"

    def recorder(self, limits: RecorderLimits = ROOM) -> PacketRecorder:
        made = PacketRecorder(self.folder, self.clock, limits, remembered=self.remembered)
        made.record([CAMERA])
        return made

    def record(self, seconds_ago: float, limits: RecorderLimits = ROOM) -> None:
        """26 s of film by a recorder of its own."""
        recorder = self.recorder(limits)
        offer(recorder, self.clock.utc() - seconds_ago)
        assert recorder.stop()

    def unmount(self) -> None:
        """The mount point of a disk is an empty folder of the system's."""
        self.folder.rename(self._away)
        self.folder.mkdir()

    def mount(self) -> None:
        shutil.rmtree(self.folder)
        self._away.rename(self.folder)

    def gaps(self) -> list[RecordingGap]:
        index = RecordingIndex(self.folder, read_only=True)
        found = index.gaps(CAMERA, 0.0, 1e11)
        index.close()
        return found

    def is_missing(self, recorder: PacketRecorder) -> None:
        self.wait_for(lambda: recorder.figures()["missing"] == {CAMERA: "disk_missing"}, PATIENCE_S)

    def records(self, recorder: PacketRecorder) -> None:
        """Offer film until it is stored again."""

        def is_stored() -> bool:
            offer(recorder, self.clock.utc())
            return not recorder.figures()["missing"]

        self.wait_for(is_stored, PATIENCE_S)


@pytest.fixture
def machine(tmp_path: Path, wait_for: WaitFor) -> Machine:
    return Machine(tmp_path, wait_for)


def test_a_start_without_the_disk_writes_nothing_and_names_folder_and_way_out(
    machine: Machine,
) -> None:
    machine.record(60.0)
    whole = stored(machine.folder)
    assert whole == source_hashes(FILM)
    machine.unmount()
    recorder = machine.recorder()
    offer(recorder, machine.clock.utc())
    machine.is_missing(recorder)
    figures = recorder.figures()
    assert figures["disk_missing"] == [str(machine.folder), str(machine.remembered)]
    for named in (machine.folder, STORE_ID_FILE, f"remove {machine.remembered}"):
        assert str(named) in figures["error"]
    assert list(machine.folder.iterdir()) == []
    assert recorder.stop()
    assert list(machine.folder.iterdir()) == []


def test_it_records_again_by_itself_when_the_disk_is_mounted_and_the_gap_says_why(
    machine: Machine,
) -> None:
    machine.record(60.0)
    before = source_hashes(FILM)
    machine.unmount()
    began_s = machine.clock.utc()
    recorder = machine.recorder()
    machine.is_missing(recorder)
    machine.mount()
    machine.records(recorder)
    assert recorder.figures()["error"] is None
    assert recorder.figures()["disk_missing"] is None
    assert recorder.stop()
    assert stored(machine.folder)[: len(before)] == before
    stopped, missing, *_ = machine.gaps()
    assert [str(stopped.reason), str(missing.reason)] == ["worker_stopped", "disk_missing"]
    assert stopped.to_s == missing.from_s == pytest.approx(began_s, abs=PATIENCE_S)


def test_a_disk_that_goes_while_it_is_written_to_is_named_and_taken_up_again(
    machine: Machine,
) -> None:
    machine.record(60.0)
    recorder = machine.recorder()
    offer(recorder, machine.clock.utc() - 26.0)
    machine.wait_for(lambda: recorder.figures()["packets_in"] == len(FILM), PATIENCE_S)
    machine.unmount()
    machine.is_missing(recorder)
    offer(recorder, machine.clock.utc())
    machine.wait_for(lambda: recorder.figures()["queue_bytes"] == 0, PATIENCE_S)
    assert not (machine.folder / INDEX_FILE).exists()
    machine.mount()
    machine.records(recorder)
    assert recorder.stop()
    assert "disk_missing" in [str(gap.reason) for gap in machine.gaps()]
    assert stored(machine.folder)[: 2 * len(FILM)] == source_hashes([*FILM, *FILM])
    figures = recorder.figures()
    assert figures["packets_in"] == figures["packets_stored"] + figures["packets_lost"]


def test_an_empty_folder_begins_and_one_with_film_of_before_gets_its_id(machine: Machine) -> None:
    PacketRecorder(machine.folder, machine.clock, ROOM)  # touches nothing
    assert not machine.folder.exists()
    machine.record(60.0)
    assert (machine.folder / STORE_ID_FILE).read_text() == machine.remembered.read_text()
    (machine.folder / STORE_ID_FILE).unlink()  # as an earlier version left it
    machine.remembered.unlink()
    machine.record(30.0)
    assert (machine.folder / STORE_ID_FILE).read_text() == machine.remembered.read_text()
    assert stored(machine.folder) == source_hashes([*FILM, *FILM])


def test_another_disk_is_refused_and_begins_once_the_operator_says_so(machine: Machine) -> None:
    machine.record(60.0)
    machine.unmount()
    (machine.folder / STORE_ID_FILE).write_text("of-another-site\n", encoding="ascii")
    recorder = machine.recorder()
    machine.is_missing(recorder)
    assert "holds another recording disk" in recorder.figures()["error"]
    assert [one.name for one in machine.folder.iterdir()] == [STORE_ID_FILE]
    machine.remembered.unlink()
    machine.records(recorder)
    assert recorder.stop()
    assert machine.remembered.read_text() == "of-another-site\n"
    assert (machine.folder / INDEX_FILE).exists()


def test_nothing_is_deleted_by_the_rules_of_a_disk_that_is_not_the_known_one(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packet_recorder, "TIDY_S", 0.0)
    machine.record(9 * DAY_S, RecorderLimits(kept=RecordingLimits(days=30, min_free_bytes=0)))
    (machine.folder / STORE_ID_FILE).write_text("of-another-site\n", encoding="ascii")
    recorder = machine.recorder()  # which keeps seven days
    machine.is_missing(recorder)
    assert recorder.stop()
    assert stored(machine.folder) == source_hashes(FILM)


def test_recorders_of_one_machine_that_begin_together_know_one_disk(machine: Machine) -> None:
    recorders = [machine.recorder() for _ in range(4)]
    machine.wait_for(machine.remembered.exists, PATIENCE_S)
    assert all(one.stop() for one in recorders)
    assert [one.figures()["disk_missing"] for one in recorders] == [None] * 4
    assert (machine.folder / STORE_ID_FILE).read_text() == machine.remembered.read_text()


def test_who_only_reads_remembers_a_disk_and_writes_nothing_on_it(tmp_path: Path) -> None:
    folder, remembered = tmp_path / "film", tmp_path / "data" / "id"
    disk = RecordingDisk(folder, remembered)
    disk.require()
    assert not folder.exists()
    folder.mkdir()
    (folder / STORE_ID_FILE).write_text("known\n", encoding="ascii")
    disk.require()
    assert remembered.read_text() == "known\n"
    (folder / STORE_ID_FILE).unlink()
    with pytest.raises(RecordingDiskMissing, match="mount its disk"):
        disk.require()
