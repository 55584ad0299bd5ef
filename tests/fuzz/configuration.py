"""Configurations that nobody wrote with care: whatever stands there, every problem has its place.

Loading never raises, never tells a secret, and starts a site unless a problem says why not.
"""

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.runs import Run
from thapcanh import config
from thapcanh.app.site.site_file import load_site
from thapcanh.config.problem import Weight

EXAMPLE = (Path(config.__file__).parent / "example.toml").read_text(encoding="utf-8")
LINES = [line for line in EXAMPLE.splitlines() if line and not line.startswith("#")]
KEYS = sorted({line.split("=")[0].strip("# []") for line in LINES})
SECRET = "the-cameras-word"
ENVIRON = {"CAMERA_PASSWORD": SECRET, "QUEUE_PASSWORD": SECRET, "ARCHIVE_PASSWORD": SECRET}
WORDS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["rtsp://a:${env:CAMERA_PASSWORD}@h:99999/", "rtsp://[::1", "${env:}", "${file:/}", "*",
         "${env:QUEUE_PASSWORD}",
         "${file:/proc/self/environ}", "22:00-05:00", "25:99-", "pc07", "hb-001", "\ud7ff", "../.."]
    ),
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**20), 10**20), st.floats(), WORDS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)
    ),
    max_leaves=8,
)


def _toml(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(_letter(letter) for letter in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items())
        return "{ " + pairs + " }"
    return repr(value)


def _letter(letter: str) -> str:
    is_plain = letter.isprintable() and letter not in '"\\'
    return letter if is_plain else f"\\U{ord(letter):08x}"


@st.composite
def _changed(draw: st.DrawFn) -> bytes:
    """The example with some lines given other values, left out, doubled or moved."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        key, equals, _rest = lines[at].partition("=")
        what = draw(st.sampled_from(["value", "value", "value", "drop", "double", "key", "insert"]))
        if what == "drop":
            del lines[at]
        elif what == "double":
            lines.insert(at, lines[at])
        elif what == "key":
            lines[at] = f"{draw(st.sampled_from(KEYS))} = {_toml(draw(VALUES))}"
        elif what == "insert":
            lines.insert(at, draw(st.sampled_from(LINES)))
        elif equals:
            lines[at] = f"{key} = {_toml(draw(VALUES))}"
    return "\n".join(lines).encode()


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """The example with bytes cut out and others put in."""
    text = EXAMPLE.encode()
    at = draw(st.integers(0, len(text)))
    return text[:at] + draw(st.binary(max_size=8)) + text[at + draw(st.integers(0, 200)) :]


def _is_well_put(content: bytes) -> bool:
    """Whether secrets stand only where one belongs; a site's name that is one is shown as asked."""
    lines = [line for line in content.splitlines() if b"_PASSWORD}" in line]
    return all(line.startswith((b"source", b"main_source", b"url")) for line in lines)


def fuzz(run: Run) -> int:
    """Load each; see the module."""
    path = run.folder / "thapcanh.toml"

    def check(content: bytes) -> None:
        path.write_bytes(content)
        loaded = load_site(path, ENVIRON)
        said = "\n".join(map(str, loaded.problems))
        assert all(problem.message for problem in loaded.problems)
        assert SECRET not in said
        assert SECRET not in repr(loaded.site) or not _is_well_put(content)
        is_fatal = any(problem.weight is Weight.FATAL for problem in loaded.problems)
        assert (loaded.site is None) == is_fatal, said

    return run.tried(st.one_of(_changed(), _damaged(), st.binary(max_size=60)), check)
