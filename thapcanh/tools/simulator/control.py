"""Control port: one order per line, one line of answer, errors with a code."""

import asyncio
from dataclasses import asdict
from typing import Protocol

from thapcanh.tools.simulator.camera import CameraStatus
from thapcanh.tools.simulator.errors import FaultRefused
from thapcanh.tools.simulator.faults import CameraFault, FaultOrder, fault_order

MAX_LINE_BYTES = 1024


class Obedient(Protocol):
    """Interface that the control port commands."""

    async def obey(self, order: FaultOrder) -> CameraStatus:
        """Carry it out; raises `FaultRefused`."""

    def statuses(self) -> list[CameraStatus]:
        """Return the status of all cameras."""


async def serve_orders(
    simulator: Obedient, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer a client's lines until it leaves."""
    try:
        while (line := await reader.readline()).endswith(b"\n"):
            if len(line) > MAX_LINE_BYTES:
                raise ValueError(f"a line may have {MAX_LINE_BYTES} bytes")
            words = line.decode().split()
            if words:
                writer.write(f"{await answer(simulator, words)}\n".encode())
                await writer.drain()
    except ValueError as error:  # no UTF-8, or longer than the reader holds
        writer.write(f"error bad-line: {str(error)[:100]}\n".encode())
    except ConnectionError:
        pass
    finally:
        writer.close()


async def answer(simulator: Obedient, words: list[str]) -> str:
    """Return the one-line answer to an order."""
    try:
        if words[0] == "status":
            return _status(simulator, words[1:])
        return await _obeyed(simulator, words)
    except FaultRefused as refused:
        return f"error {refused}"


async def _obeyed(simulator: Obedient, words: list[str]) -> str:
    if words[0] not in list(CameraFault):
        commands = " ".join([*CameraFault, "status"])
        raise FaultRefused("unknown-order", f"{words[0][:40]!r} is none of: {commands}")
    if len(words) < 2:
        raise FaultRefused("missing-camera", f"{words[0]} needs a camera's name")
    if len(words) > 3:
        raise FaultRefused("too-many-words", "an order is: WORD CAMERA [SECONDS or SIZE]")
    order = fault_order(words[0], words[1], words[2] if len(words) == 3 else None)
    status = await simulator.obey(order)
    return f"ok {status.name} {status.condition} {status.width}x{status.height}"


def _status(simulator: Obedient, names: list[str]) -> str:
    statuses = {status.name: status for status in simulator.statuses()}
    if not names:
        return " ".join(["ok", *(f"{name}={s.condition}" for name, s in statuses.items())])
    if len(names) > 1:
        raise FaultRefused("too-many-words", "status takes one camera or none")
    status = statuses.get(names[0])
    if status is None:
        commands = " ".join(statuses) or "none yet"
        raise FaultRefused("unknown-camera", f"{names[0][:40]!r} is none of: {commands}")
    values = asdict(status)
    del values["name"]
    shown = (f"{k}={v:.3f}" if isinstance(v, float) else f"{k}={v}" for k, v in values.items())
    return " ".join(["ok", status.name, *shown])
