"""The process that checks passwords: what it may see, and that its faults let nobody in."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.app.web_api.centre import CHEAP, PASSWORD, Centre
from thapcanh.alerts.store.roles import Role
from thapcanh.app.process.resources import allow_many_files
from thapcanh.app.web_api.access.login_service import LoginService
from thapcanh.app.web_api.access.passwords.hasher import Passwords
from thapcanh.app.web_api.access.passwords.process import NICE, PasswordProcess
from thapcanh.app.web_api.errors import ApiError

ECHO = "import sys\nfor line in sys.stdin: print({answer!r}, flush=True)"


@pytest.fixture(scope="module")
def process() -> Iterator[PasswordProcess]:
    made = PasswordProcess()
    yield made
    made.close()


@pytest.fixture
def made() -> Iterator[Callable[..., PasswordProcess]]:
    """Processes that run another program once they are ready; ended after the test."""
    all_made: list[PasswordProcess] = []

    def one(program: str, answer_within_s: float = 20.0) -> PasswordProcess:
        ready = "print('ready', flush=True)\n"
        command = (sys.executable, "-I", "-S", "-c", ready + program)
        all_made.append(PasswordProcess(command, answer_within_s))
        return all_made[-1]

    yield one
    for each in all_made:
        each.close()


def test_it_hashes_and_checks_like_our_own(process: PasswordProcess) -> None:
    kept = process.hashed("một mật khẩu dài\n")
    assert Passwords().is_right(kept, "một mật khẩu dài\n")
    assert process.is_right(kept, "một mật khẩu dài\n")
    assert not process.is_right(kept, "một mật khẩu dài")
    assert not process.is_right(None, "một mật khẩu dài")
    assert not process.is_right("no hash at all", "một mật khẩu dài")


def test_its_priority_is_low_and_it_is_told_no_secret(
    monkeypatch: pytest.MonkeyPatch, process: PasswordProcess
) -> None:
    monkeypatch.setenv("THAPCANH_CREDENTIALS_KEY", "0123456789-secret")
    process.close()
    process.is_right(None, "typed-by-somebody")
    pid = process.pid
    assert pid is not None
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + NICE
    )
    for name in ("environ", "cmdline"):
        told = Path(f"/proc/{pid}/{name}").read_bytes()
        assert b"secret" not in told
        assert b"typed-by" not in told


def test_it_is_started_again_when_it_died(process: PasswordProcess) -> None:
    kept = process.hashed(PASSWORD)
    first = process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    process._started_at -= 1.0
    assert process.is_right(kept, PASSWORD)
    assert process.pid != first


@pytest.mark.parametrize(
    "program",
    [
        "pass",
        ECHO.format(answer=""),
        ECHO.format(answer="true"),
        ECHO.format(answer="[]"),
        ECHO.format(answer='{"right": "true"}'),
        ECHO.format(answer='{"right": 1}'),
        "import sys\nwhile True: print('x' * 5000, end='', flush=True)",
        "import sys, time\nsys.stdin.readline()\ntime.sleep(60)",
    ],
)
def test_whatever_it_says_but_yes_lets_nobody_in(
    program: str, made: Callable[..., PasswordProcess]
) -> None:
    process = made(program, 0.5)
    with suppress(ApiError):
        assert not process.is_right("$argon2id$", PASSWORD)


def test_one_that_is_slow_to_start_is_left_to_start(tmp_path: Path) -> None:
    """On a machine with too much to do it was ended and begun again, and nobody could log in."""
    goes_on = tmp_path / "goes-on"
    slow = f"import os, time\nwhile not os.path.exists({str(goes_on)!r}): time.sleep(0.01)\n"
    program = slow + "print('ready', flush=True)\n" + ECHO.format(answer='{"right": true}')
    process = PasswordProcess((sys.executable, "-I", "-S", "-c", program), 0.1)
    try:
        with pytest.raises(ApiError):
            process.is_right(None, PASSWORD)
        first = process.pid
        process._answer_within_s = 60.0
        goes_on.touch()
        assert process.is_right(None, PASSWORD)
        assert process.pid == first
    finally:
        process.close()


def test_what_is_said_before_the_question_lets_nobody_in() -> None:
    early = "print('{\"right\": true}', flush=True)\n" + ECHO.format(answer='{"right": true}')
    process = PasswordProcess((sys.executable, "-I", "-S", "-c", early))
    try:
        with pytest.raises(ApiError):
            process.is_right(None, PASSWORD)
    finally:
        process.close()


def test_it_is_asked_by_a_centre_with_thousands_of_connections(
    made: Callable[..., PasswordProcess],
) -> None:
    """Begun while more than 1,024 files were open it let nobody in, as long as it lived."""
    allow_many_files()
    process = made(ECHO.format(answer='{"right": true}'))
    with ExitStack() as many, Path(os.devnull).open("rb") as one:
        for _ in range(1100):
            many.callback(os.close, os.dup(one.fileno()))
        assert process.is_right(None, PASSWORD)


def test_what_cannot_be_started_lets_nobody_in(tmp_path: Path) -> None:
    process = PasswordProcess((str(tmp_path / "missing"),))
    for _ in range(2):
        with pytest.raises(ApiError):
            process.is_right(None, PASSWORD)


class MendedPasswords(PasswordProcess):
    """Has no answer at first."""

    is_lost = True

    def is_right(self, password_hash: str | None, password: str) -> bool:
        if self.is_lost:
            raise ApiError(503, "busy")
        return CHEAP.is_right(password_hash, password)


def test_a_login_without_an_answer_is_refused_and_no_try(centre: Centre) -> None:
    centre.add_user("an", Role.OPERATOR)
    centre.passwords = passwords = MendedPasswords()
    sign_in = centre.app().state.here.part(LoginService)
    for _ in range(6):
        with pytest.raises(ApiError) as refused:
            sign_in.open("an", PASSWORD, "10.0.0.1")
        assert refused.value.status == 503
    passwords.is_lost = False
    assert sign_in.open("an", PASSWORD, "10.0.0.1").session.user.username == "an"
