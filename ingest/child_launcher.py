"""Launcher that ties a child to its parent, limits it and becomes the command.

`child_launcher.py PARENT SIGNAL NICE MEMORY CPU COMMAND…`: the kernel sends SIGNAL when the
starting thread ends; MEMORY (bytes of address space) and CPU (seconds) of 0 mean no limit.
"""

import ctypes
import os
import resource
import sys

_PR_SET_PDEATHSIG = 1
_CPU_GRACE_S = 5  # between SIGXCPU and the kill
_NOT_STARTED = 127


def main(arguments: list[str]) -> None:
    """Become the command. Ends with 127 where it cannot be started."""
    parent, ends_by, niceness, memory_bytes, cpu_s = map(int, arguments[:5])
    command = arguments[5:]
    if sys.platform == "linux" and ends_by:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ends_by)
        if os.getppid() != parent:  # it ended before the kernel was told
            os._exit(_NOT_STARTED)
    if niceness:
        os.nice(niceness)
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if cpu_s:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + _CPU_GRACE_S))
    try:
        os.execvp(command[0], command)  # noqa: S606 no shell is wanted
    except OSError:
        os._exit(_NOT_STARTED)


if __name__ == "__main__":
    main(sys.argv[1:])
