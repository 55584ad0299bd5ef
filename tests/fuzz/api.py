"""Every endpoint of the OpenAPI document, asked by each role with what Schemathesis makes of it.

No answer is a fault of ours, each refusal is in our form, and none tells a secret or another
agency's things. The ids of a real alert, its evidence and its camera are mixed in.
"""

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core.result import Ok

from tests.app.web_api.centre import PASSWORD, Centre, serving
from tests.app.web_api.endpoints import ENDPOINTS
from tests.fuzz.runs import Run
from tests.made_archives import archive_at
from thapcanh.alerts.queue.message import EvidenceKind
from thapcanh.alerts.store.roles import DataFilter, Role
from thapcanh.app.centre.web.application import openapi
from thapcanh.app.web_api.prefix import PREFIX

Asked = Case[Any]  # one request that Schemathesis made up

PC07 = DataFilter(agencies=frozenset({"pc07"}))
SECRETS = (PASSWORD, "topsecret", "@10.0.0.1", "$argon2", "Traceback", "sqlite", "site-packages")
LIVE = ("/whep", "/still.jpg", "/mjpeg")  # with a real camera they wait for its pictures
NOBODY, EVERYTHING = "nobody", "everything"  # without a login; with every role


@dataclass(frozen=True)
class _Site:
    """One served centre with one agency's alert and another's, and somebody of each role."""

    address: str
    people: dict[str, requests.Session]
    known: dict[str, str]
    foreign: tuple[str, ...]
    secrets: tuple[str, ...]


@contextlib.contextmanager
def serving_site(run: Run) -> Iterator[_Site]:
    archive = archive_at(run.folder / "archive.sqlite")
    centre = Centre(archive=archive, folder=run.folder)
    mine, foreign = (_alert(centre, camera) for camera in ("cam-1", "cam-2"))
    roles = {EVERYTHING: tuple(Role)}
    if (
        not run.is_repeatable
    ):  # who gets in where is walked in tests/app/web_api/access/test_permissions.py
        roles |= {role.value: (role,) for role in Role}
    for name, held in roles.items():
        centre.add_user(name, *held, scope=PC07)
    with serving(centre) as served:
        people = {name: requests.Session() for name in (*roles, NOBODY)}
        for session in people.values():
            session.trust_env = False
        yield _Site(
            address=served.address,
            people=people,
            known={"alert_id": mine[0], "evidence_id": mine[1], "camera_id": "cam-1"},
            foreign=(*foreign, "cam-2"),
            secrets=(*SECRETS, str(run.folder)),
        )
        for session in people.values():
            session.close()
    archive.close()


def _alert(centre: Centre, camera: str) -> tuple[str, str]:
    snapshot = centre.file(f"{camera}/snapshot.jpg", b"picture", EvidenceKind.SNAPSHOT)
    alert_id = centre.raise_alert(camera, evidence=(snapshot,))
    return alert_id, centre.archive.evidence_of(alert_id)[0].id


class _Asker:
    """Sends each case as every person, and looks at what comes back."""

    def __init__(self, site: _Site) -> None:
        self._site = site
        self.asked = 0

    def ask(self, case: Asked) -> None:
        sent = case.as_transport_kwargs(base_url=self._site.address)
        sent["headers"] = dict(sent.get("headers") or {}) | {"Idempotency-Key": case.id}
        for name, session in self._site.people.items():
            self._ask_as(name, session, sent)

    def _ask_as(self, name: str, session: requests.Session, sent: dict[str, Any]) -> None:
        if name != NOBODY and not session.cookies:
            body = {"username": name, "password": PASSWORD}
            session.post(f"{self._site.address}{PREFIX}/session", json=body, timeout=20)
        self.asked += 1
        with session.request(**sent, stream=True, timeout=30) as answer:
            self._look_at(answer, f"{name} {sent['method']} {sent['url']}")

    def _look_at(self, answer: requests.Response, what: str) -> None:
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what
        if answer.headers.get("Content-Type", "").startswith("text/event-stream"):
            return  # never ends; see tests/app/web_api/access/test_sight_of_answers.py
        text = answer.content.decode("utf-8", "replace")
        assert answer.status_code < 500 or answer.status_code == 503, f"{what}: {text}"
        if answer.status_code >= 400 and "json" in answer.headers.get("Content-Type", ""):
            is_health = what.endswith(("/healthz", "/readyz"))  # 503 is their answer, not a refusal
            expected = {"status"} if is_health else {"error", "detail"}
            assert answer.json().keys() >= expected, f"{what}: {text}"
        told = [word for word in (*self._site.secrets, *self._site.foreign) if word in text]
        assert not told, f"{what} tells {told}: {text}"


def _cases(operation: Any, site: _Site) -> st.SearchStrategy[Asked]:
    """An endpoint with any ids, and with those of real things."""
    strategy: st.SearchStrategy[Asked] = operation.as_strategy()
    if "{" not in operation.path or operation.path.endswith(LIVE):
        return strategy
    return st.one_of(strategy.map(lambda case: _with_known(case, site)), strategy)


def _with_known(case: Asked, site: _Site) -> Asked:
    case.path_parameters = {
        name: site.known.get(name, value) for name, value in (case.path_parameters or {}).items()
    }
    return case


def fuzz(run: Run) -> int:
    """Ask each; see the module. The inputs are shared out among the endpoints and people."""
    found = schemathesis.openapi.from_dict(openapi()).get_all_operations()
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert {(one.method.upper(), one.path) for one in operations} >= _documented()
    with serving_site(run) as site:
        asker = _Asker(site)
        each = math.ceil(run.inputs / len(operations) / len(site.people))
        for operation in operations:
            replace(run, inputs=each).tried(_cases(operation, site), asker.ask)
        return asker.asked


def _documented() -> set[tuple[str, str]]:
    """The API's endpoints in the table."""
    return {
        (method, path.replace("{path:path}", "{path}"))
        for method, path in ENDPOINTS
        if path.startswith(PREFIX)
    }
