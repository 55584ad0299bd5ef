"""The first account's password leaves the environment with the start of whatever was given it."""

import os
import subprocess
import sys

import pytest

from tests.source_trees import ROOT
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE

_PROGRAM = """
import os, subprocess, sys
from thapcanh.app.cli.main import main
from thapcanh.app.process.first_secret import PASSWORD_VARIABLE, pop_from_environment
main(["version"])
name, given = os.fsencode(PASSWORD_VARIABLE), os.fsencode(sys.argv[1])
shown = open("/proc/self/environ", "rb").read()
words = [sys.executable, "-c", "import os; print(dict(os.environ))"]
child = subprocess.run(words, capture_output=True, check=True).stdout
leaks = name in os.environb, name in shown, given in shown, name in child, given in child
is_kept = pop_from_environment(PASSWORD_VARIABLE) == sys.argv[1]
print(any(leaks), is_kept, b"FIRST=here" in shown, b"LAST=here" in shown)
"""


@pytest.mark.parametrize("given", ["mật khẩu đầu tiên", "a" * 5000])
def test_the_first_password_stood_in_proc_and_in_every_child(given: str) -> None:
    """For as long as the centre ran."""
    mine = {"FIRST": "here", PASSWORD_VARIABLE: given, "LAST": "here"}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, given],
        env={**os.environ, **mine}, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False True True True"
