"""Exports by a process of their own: the real model hides people; ended, refused, in turn."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import av
import pytest

from tests.app.exports.people import PICTURE, detail, luma, write_film
from tests.conftest import WaitFor
from thapcanh.app.exports.child import CopyPart
from thapcanh.app.exports.export_job import (
    ExportFault,
    ExportJob,
    ExportState,
    Prepare,
    PreparedExport,
)
from thapcanh.app.exports.jobs import KEPT_S, OLD_S, ExportJobs, ExportsBusy
from thapcanh.app.exports.terms import ExportTerms
from thapcanh.app.site.site_paths import user_cache_dir
from thapcanh.config.site import DetectorConfig, Site, SiteFacts

FOREVER = "import sys, time; sys.stdin.read(); time.sleep(600)"
_SHARP, _SOFT = 4.0, 1.5


def terms(*, is_blurred: bool = True, weights: str = "watch8n") -> ExportTerms:
    facts = SiteFacts(data_dir=user_cache_dir(), cache_dir=user_cache_dir())
    site = Site(site=facts, detector=DetectorConfig(weights=weights))
    return ExportTerms(
        username="an", at_s=1_795_570_000.0, purpose=None, is_blurred=is_blurred, site=site
    )


def of_films(order: ExportTerms, *paths: Path) -> Prepare:
    """One film of these files, each of two seconds."""

    def prepare(folder: Path) -> PreparedExport:
        parts = [
            CopyPart(path=str(path), begins_s=2.0 * number, filmed_at=1_795_570_000.0)
            for number, path in enumerate(paths)
        ]
        item = order.item(parts, folder / "film.mp4", of="Cổng", original="ab" * 32, is_film=True)
        return PreparedExport(job=order.job([item]), keys=["film"])

    return prepare


@contextmanager
def jobs(folder: Path, code: str | None = None, longest_s: float = 900.0) -> Iterator[ExportJobs]:
    command = [sys.executable, "-P", "-m", "thapcanh.app.exports.child"]
    if code is not None:
        command = [sys.executable, "-u", "-c", code]
    made = ExportJobs(lambda: folder / "exports", lambda: 0.0, longest_s=longest_s, command=command)
    yield made
    made.close()


def state(of: ExportJobs, export: ExportJob) -> ExportState | None:
    found = of.find(export.id, export.owner)
    return None if found is None else found.state


def done(of: ExportJobs, export: ExportJob, wait_for: WaitFor) -> ExportJob:
    open_states = {ExportState.WAITING, ExportState.RUNNING}
    wait_for(lambda: state(of, export) not in open_states, 240.0, "the export has ended")
    return of.find(export.id, export.owner) or pytest.fail("no such export")


@pytest.mark.usefixtures("own_cache")
def test_nobody_can_be_made_out_in_any_picture_and_a_broken_file_is_told(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    good, broken, again = (tmp_path / name for name in ("a.mp4", "b.mp4", "c.mp4"))
    write_film(good)
    write_film(again)
    broken.write_bytes(good.read_bytes()[:900])
    with jobs(tmp_path) as made:
        order = made.start("an", None, of_films(terms(), good, broken, again))
        found = done(made, order, wait_for)
        assert (found.state, found.error) == (ExportState.DONE, None)
        copy = found.copies["film"]
        assert copy.unreadable == 1
        with av.open(str(copy.path)) as film, av.open(str(good)) as original:
            assert "ĐÃ LÀM MỜ" in film.metadata["comment"]
            assert "ab" * 32 in film.metadata["comment"]
            hidden, shown = ([luma(one) for one in of.decode(video=0)] for of in (film, original))
        assert len(hidden) == 2 * len(shown) == 100
        for number, picture in enumerate(hidden):
            left_px = 40 + 4 * (number % 50)
            assert min(detail(shown[number % 50], left_px)) > _SHARP
            assert max(detail(picture, left_px)) < _SOFT, number
        assert hidden[0][-20:, :300].max() > 200  # the words at its foot
        made.cancel(order.id, "an")
        assert copy.path is not None
        assert not copy.path.exists()


def test_without_a_model_nothing_is_made_and_the_reason_is_told(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    with jobs(tmp_path) as made:
        order = terms(weights=str(tmp_path / "none.pt"))
        found = done(made, made.start("an", None, of_films(order, PICTURE)), wait_for)
        assert (found.state, found.error) == (ExportState.FAILED, ExportFault.NO_MODEL)
        assert (found.copies, found.folder.exists()) == ({}, False)


def test_one_after_the_other_cancelled_ones_make_room_and_nobody_sees_anothers(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    with jobs(tmp_path, FOREVER) as made:
        first, second = (made.start("an", None, of_films(terms(), PICTURE)) for _ in range(2))
        wait_for(lambda: state(made, first) is ExportState.RUNNING, 20.0, "the first runs")
        assert state(made, second) is ExportState.WAITING
        with pytest.raises(ExportsBusy):
            made.start("an", None, of_films(terms(), PICTURE))
        third = made.start("binh", None, of_films(terms(), PICTURE))
        assert made.find(first.id, "binh") is None
        assert made.cancel(first.id, "binh") is None
        for one in (second, first):
            ended = made.cancel(one.id, "an")
            assert ended is not None
            assert ended.state is ExportState.CANCELLED
        wait_for(lambda: state(made, third) is ExportState.RUNNING, 20.0, "the third runs")
        assert not first.folder.exists()
        folder = third.folder
    assert not folder.exists()  # the server's end ends it


@pytest.mark.parametrize(
    ("code", "longest_s", "why"),
    [
        ("raise SystemExit(3)", 900.0, ExportFault.FAILED),
        (FOREVER, 1.0, ExportFault.LIMITED),
        ("""print('x'); print('{"phase": "made", "share": 0.5}')""", 900.0, ExportFault.FAILED),
    ],
)
def test_what_ends_without_an_answer_gives_nothing_out(
    tmp_path: Path, wait_for: WaitFor, code: str, longest_s: float, why: ExportFault
) -> None:
    with jobs(tmp_path, code, longest_s) as made:
        found = done(made, made.start("an", None, of_films(terms(), PICTURE)), wait_for)
        assert (found.state, found.error) == (ExportState.FAILED, why)
        assert not found.folder.exists()


def test_copies_are_kept_for_an_hour_whether_anybody_asks_again_or_not(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    now = [0.0]
    command = [sys.executable, "-c", """print('{"phase": "done"}')"""]
    made = ExportJobs(lambda: tmp_path, lambda: now[0], tidy_every_s=0.05, command=command)
    with closing(made):
        film = done(made, made.start("an", None, of_films(terms(), PICTURE)), wait_for)
        original = made.start("an", None, None)
        assert (film.state, original.state) == (ExportState.DONE, ExportState.DONE)
        assert film.folder.exists()
        now[0] = KEPT_S + 1
        wait_for(lambda: not film.folder.exists(), 20.0, "its copies are gone")
        assert made.find(original.id, "an") is None


def test_copies_of_a_killed_centre_go_at_the_start_and_those_of_others_by_their_age(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    def left(*where: str, age_s: float) -> Path:
        film = tmp_path.joinpath(*where, "film.mp4")
        film.parent.mkdir(parents=True)
        film.write_bytes(b"film")
        for path in (film, film.parent, film.parent.parent):
            os.utime(path, (time.time() - age_s,) * 2)
        return film

    mine = left("centre-1", "a" * 32, age_s=1.0)
    others = left("centre-2", "b" * 32, age_s=KEPT_S)
    gone = left("centre-3", "c" * 32, age_s=OLD_S + 60.0)
    unnamed = left("d" * 32, age_s=OLD_S + 60.0)
    made = ExportJobs(lambda: tmp_path, lambda: 0.0, centre=lambda: "centre-1")
    with closing(made):
        made.open()
        wait_for(lambda: not (mine.exists() or gone.exists()), 20.0, "what was left is gone")
        wait_for(lambda: not unnamed.exists(), 20.0, "what was left without a centre is gone")
        assert others.exists()
    assert others.exists()


def test_what_its_owner_may_not_have_any_more_is_not_made(
    tmp_path: Path, wait_for: WaitFor
) -> None:
    is_welcome = [True]
    loud = """while True: print('{"phase": "made", "share": 0.5}')"""
    command = [sys.executable, "-u", "-c", loud]
    made = ExportJobs(
        lambda: tmp_path, time.monotonic, check_every_s=0.05, tidy_every_s=0.05, command=command
    )
    with closing(made):
        first, waiting = (
            made.start("an", None, of_films(terms(), PICTURE), is_welcome=lambda: is_welcome[0])
            for _ in range(2)
        )
        session = made.start("binh", None, of_films(terms(), PICTURE), session="of-binh")
        wait_for(lambda: state(made, first) is ExportState.RUNNING, 20.0, "the first runs")
        is_welcome[0] = False
        for one in (first, waiting):
            wait_for(lambda one=one: state(made, one) is ExportState.CANCELLED, 20.0, "it ended")
            assert not one.folder.exists()
        wait_for(lambda: state(made, session) is ExportState.RUNNING, 20.0, "the third runs")
        made.end_session("of-an")
        assert state(made, session) is ExportState.RUNNING
        made.end_session("of-binh")
        assert state(made, session) is ExportState.CANCELLED
        assert not session.folder.exists()


def test_its_process_goes_first_where_memory_ends() -> None:
    code = (
        "from thapcanh.app.exports.child import give_way; give_way();"
        "print(open('/proc/self/oom_score_adj').read())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert int(told.stdout) == 1000
