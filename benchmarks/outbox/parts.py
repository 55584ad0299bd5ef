"""Programs that are killed at random and begun again, until told to leave them alone."""

import random
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

_DEAD_S = (0.2, 1.0)


class MortalPart:
    """One program, killed after a time between `lives_s`; `deaths` counts how often (SIGKILL)."""

    def __init__(
        self, command: Sequence[str], lives_s: tuple[float, float], chance: random.Random
    ) -> None:
        self.deaths = 0
        self._command = list(command)
        self._lives_s = lives_s
        self._chance = chance
        self._spared = threading.Event()
        self._process = self._begin()
        self._killer = threading.Thread(target=self._kill_again, daemon=True)

    def expose(self) -> None:
        """Let it be killed from now on."""
        self._killer.start()

    def spare(self) -> None:
        """Let it live from now on; it runs when this returns."""
        self._spared.set()
        if self._killer.is_alive():
            self._killer.join()

    def end(self) -> None:
        """Kill it for good."""
        self.spare()
        self._process.kill()
        self._process.wait()

    def _begin(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def _kill_again(self) -> None:
        while not self._spared.wait(self._chance.uniform(*self._lives_s)):
            self._process.kill()
            self._process.wait()
            self.deaths += 1
            self._spared.wait(self._chance.uniform(*_DEAD_S))
            self._process = self._begin()


def module(name: str, *arguments: object) -> list[str]:
    """The command of a module of this folder."""
    return [sys.executable, "-m", f"benchmarks.outbox.{name}", *map(str, arguments)]


def broker(program: str, port: int, folder: Path) -> list[str]:
    """The command of a broker that keeps what it took."""
    file = folder / "mosquitto.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nuser root\npersistence true\n"
        f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
        "max_queued_messages 0\n"
    )
    return [program, "-c", str(file)]
