"""The public face: what it names, that it holds nothing else, and that its examples are true."""

import ast
import dataclasses
import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import thapcanh
from tests.alerts.conftest import QueueServer
from tests.alerts.queue.fake_events import fake_message
from tests.app.web_api.centre import NOW, Centre, serving
from tests.app.web_api.served_app import ANY_PORT
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.queue.message import encode
from thapcanh.alerts.queue.queue import EventQueue
from thapcanh.alerts.queue.self_test_event import self_test_event
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.replay.replay import load_replay
from thapcanh.app.web_api.access.token_scopes import TokenScope, token_sha256
from thapcanh.ingest.frame import Frame
from thapcanh.ingest.sources.recorded_file import read_file
from thapcanh.tools.evaluation.replay_command import event_line

SIGNATURE = Path(__file__).with_name("signature.txt")
PARTS = [
    importlib.import_module(f"thapcanh.{one.name}")
    for one in pkgutil.iter_modules(thapcanh.__path__)
    if not (one.ispkg or one.name.startswith("_"))
]
MODULES = [thapcanh, *PARTS]
TOKEN = "a-token-of-a-program"
HEAVY = {"alembic", "openvino", "sqlalchemy", "torch", "ultralytics"}


def _signature() -> Iterator[str]:
    """Each promised name, and what a program may do with it."""
    for module in MODULES:
        for name in module.__all__:
            thing = getattr(module, name)
            yield f"{module.__name__}.{name}{_form(thing)}"
            if inspect.isclass(thing) and thing.__module__.startswith("thapcanh.app.library"):
                members = (one for one in vars(thing) if not one.startswith("_"))
                yield from (
                    f"{module.__name__}.{name}.{one}{_form(getattr(thing, one))}"
                    for one in sorted(members)
                    if callable(getattr(thing, one))
                )


def _form(thing: Any) -> str:
    """Names, kinds, defaults and types; where a type's module lies is promised to nobody."""
    if inspect.isclass(thing) and issubclass(thing, Exception):
        return ": an exception"
    if model := getattr(thing, "model_fields", None):
        return "(" + ", ".join(sorted(model)) + ")"
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return ""
    signature = re.sub(r" at 0x\w+", "", str(inspect.signature(thing)))
    text = re.sub(r"(?:[a-zA-Z_]\w*\.)+(\w+)", r"\1", signature)
    return re.sub(r"ndarray\[.*?uint8\]\]", "ndarray", text)  # NumPy's own words for it vary


def test_the_promised_names_and_their_forms_are_those_of_this_version() -> None:
    """A name or a form that goes is a new major version; one that comes, a minor one."""
    assert list(_signature()) == SIGNATURE.read_text(encoding="utf-8").splitlines()


VALUES = [name for name in thapcanh.__all__ if dataclasses.is_dataclass(getattr(thapcanh, name))]


@pytest.mark.parametrize("name", VALUES)
def test_a_value_names_itself_as_it_is_imported(name: str) -> None:
    """`ReplayedEvent(…)` was printed for what programs import as `thapcanh.Event`."""
    assert len(VALUES) > 3
    text = getattr(thapcanh, name).__repr__
    assert inspect.getclosurevars(text).nonlocals == {"name": name}


@pytest.mark.parametrize("module", PARTS, ids=lambda each: each.__name__)
def test_it_only_names_what_the_rooms_hold(module: Any) -> None:
    doc, *rest, names = ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body
    assert isinstance(doc, ast.Expr)
    assert module.__doc__
    assert all(isinstance(each, ast.ImportFrom) for each in rest)
    assert isinstance(names, ast.Assign)
    imported = {alias.asname or alias.name for each in rest for alias in each.names}  # type: ignore[attr-defined]
    assert imported == set(module.__all__)


def test_the_package_says_the_same_to_types_and_at_run_time() -> None:
    """It imports a name when it is first used, so its list stands there twice."""
    tree = ast.parse(Path(thapcanh.__file__).read_text(encoding="utf-8"))
    (for_types,) = (each for each in tree.body if isinstance(each, ast.If))
    typed = {
        alias.asname or alias.name: f"{each.module}:{alias.name}"
        for each in for_types.body
        if isinstance(each, ast.ImportFrom)
        for alias in each.names
    }
    sources = thapcanh._SOURCES
    assert typed == {name: f"thapcanh.{source}" for name, source in sources.items()}
    assert list(sources) == thapcanh.__all__ == dir(thapcanh)
    with pytest.raises(AttributeError, match="has no attribute 'Nobody'"):
        _ = thapcanh.Nobody


@pytest.mark.parametrize(
    "name", [*(f"thapcanh.{one}" for one in thapcanh.__all__), *(one.__name__ for one in PARTS)]
)
def test_a_name_imported_alone_loads_no_heavy_library(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    code = f"import sys\nfrom {module} import {attribute}\nprint(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert module in loaded
    assert sorted(HEAVY.intersection(loaded)) == []


@pytest.mark.parametrize(
    ("title", "part"), [("A new rule", "rules"), ("A new delivery target", "targets")]
)
def test_what_another_package_adds_needs_no_other_names(title: str, part: str) -> None:
    walk = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code = walk.split(f"\n## {title}\n")[1].split("```python\n")[1].split("```")[0]
    body = ast.parse(textwrap.dedent(code)).body
    ours = [
        each
        for each in body
        if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("thapcanh.")
    ]
    assert len(ours) > 3
    promised = importlib.import_module(f"thapcanh.{part}").__all__
    assert {alias.name for each in ours for alias in each.names} <= set(promised)


@pytest.fixture
def names(
    made_clips: Path, queue_server: QueueServer, centre: Centre, own_cache: None
) -> Iterator[dict[str, object]]:
    """What the examples speak of: a picture and a film of a fire, a queue, a centre, a token."""
    queue = EventQueue(queue_server.url)
    queue.add(encode(fake_message(camera_id="cam-17")))
    queue.close()
    centre.raise_alert()
    _add_token(centre)
    frames = [
        piece for piece in read_file(made_clips / "fire.mp4", "a") if isinstance(piece, Frame)
    ]
    with serving(centre) as served:
        yield {
            "picture": frames[-1].bgr(),
            "film": made_clips / "fire.mp4",
            "queue": queue_server.url,
            "centre": served.address,
            "token": TOKEN,
        }


def test_its_examples_are_true(names: dict[str, object]) -> None:
    for module in MODULES:
        failed, tried = doctest.testmod(module, extraglobs=names)
        assert tried > 1
        assert failed == 0


def test_watch_gives_the_events_that_replay_prints(made_clips: Path, own_cache: None) -> None:
    film = made_clips / "fire.mp4"
    printed: list[dict[str, object]] = []
    load_replay(None).file(
        film,
        lambda look: printed.extend(event_line(film, event, look.frame) for event in look.events),
    )
    watched = list(thapcanh.watch(str(film)))
    assert [{"file": str(film), **dataclasses.asdict(each)} for each in watched] == printed
    assert all(
        (each.xyxy[2] - each.xyxy[0]) == pytest.approx(each.box[2] * each.width, abs=0.1)
        for each in watched
    )
    assert repr(watched[0]).startswith("thapcanh.Event(event_id=")
    assert watched[0].kind == "fire"


def test_watch_names_what_cannot_be_read(tmp_path: Path, own_cache: None) -> None:
    with pytest.raises(thapcanh.IngestError, match=r"none\.mp4"):
        next(thapcanh.watch(tmp_path / "none.mp4"))
    with pytest.raises(thapcanh.IngestError, match=r"<secret>@127\.0\.0\.1") as refused:
        next(thapcanh.watch("rtsp://viewer:hidden@127.0.0.1:9/x"))
    assert "hidden" not in str(refused.value)


def test_a_detector_sees_nothing_in_an_empty_picture(own_cache: None) -> None:
    with thapcanh.Detector() as detector:
        assert "fire" in detector.labels
        assert list(detector.detect(np.full((240, 320, 3), 114, np.uint8))) == []


def _add_token(centre: Centre, *powers: TokenScope, scope: DataFilter = EVERYTHING) -> None:
    ApiTokenRepository(centre.archive.database).add(
        ApiToken(
            id="t1",
            name="cad",
            token_sha256=token_sha256(TOKEN),
            roles=frozenset({Role.VIEWER}),
            powers=frozenset(powers or {TokenScope.READ}),
            scope=scope,
            created_at=NOW,
            expires_at=NOW + 86_400,
        )
    )


def test_follow_hears_changes_and_what_changed_while_the_centre_was_away(centre: Centre) -> None:
    first = centre.raise_alert()
    other = centre.raise_alert("cam-2")
    _add_token(centre, scope=DataFilter(agencies=frozenset({"pc07"})))
    with serving(centre) as served:
        port = int(served.address.rpartition(":")[2])
        told = thapcanh.follow(served.address, TOKEN)
        known = next(told)
        assert (known.id, known.camera, known.state.value) == (first, "cam-1", "new")
        assert len(known.box) == 4
        second = centre.raise_alert("cam-1", kind="smoke")
        assert (heard := next(told)).id == second
        assert other not in {known.id, heard.id}
    third = centre.raise_alert("cam-1", kind="smoke", priority=3)
    again = dataclasses.replace(ANY_PORT, port=port)
    with serving(centre, again):
        assert third in {alert.id for alert in islice(told, 1)}


def test_follow_says_at_once_that_a_token_may_not(centre: Centre) -> None:
    _add_token(centre, TokenScope.SIGNAL)
    with serving(centre) as served:
        for token in (TOKEN, "made-up"):
            with pytest.raises(thapcanh.CentreRefused, match=r"40[13] ") as refused:
                next(thapcanh.follow(served.address, token))
            assert token not in str(refused.value)


def test_read_alerts_goes_on_where_it_was_and_waits_for_what_comes(
    queue_server: QueueServer,
) -> None:
    queue = EventQueue(queue_server.url)
    queue.add(encode(fake_message(1)))
    queue.add({"no": "event"})
    queue.add(encode(fake_message(9, self_test_event("worker-1", 1.0))))
    queue.add(encode(fake_message(2)))
    kept = list(thapcanh.read_alerts(queue_server.url, after="0", until_empty=True))
    assert [each.phase.value for each in kept] == ["raised", "updated"]
    after = kept[0].stream_id
    (rest,) = thapcanh.read_alerts(queue_server.url, after=after, until_empty=True)
    assert rest == kept[1]
    coming = thapcanh.read_alerts(queue_server.url)
    later = threading.Timer(0.3, lambda: queue.add(encode(fake_message(3))))
    later.start()
    assert next(coming).captured_at == kept[1].captured_at + 1
    later.join()
    queue.close()
    with pytest.raises(thapcanh.QueueError, match="<secret>"):
        next(thapcanh.read_alerts("redis://a:hidden@127.0.0.1:9/0"))
