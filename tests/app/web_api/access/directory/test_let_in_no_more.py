"""Whoever the directory gives no right any more sees nothing, by whatever was let in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.alerts.every_table import every_table
from tests.app.web_api.centre import CHEAP, Centre
from tests.source_trees import ROOT, modules_of
from thapcanh.alerts.accounts.account_records import ExternalIdentity, LoginSession, User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.accounts.external_accounts import ExternalAccounts, ExternalPerson
from thapcanh.alerts.store.errors import ArchiveUnreachable
from thapcanh.alerts.store.roles import EVERYTHING, DataFilter, Role
from thapcanh.app.accounts.directory_tasks import DirectoryTask
from thapcanh.app.live.whip.phone_links import PhoneLinkOptions, PhoneLinks
from thapcanh.app.phones.phone_tasks import LinkOwners
from thapcanh.app.walls.walls import Walls
from thapcanh.app.web_api.access.directory import PREFIX, Directory, DirectoryAway
from thapcanh.app.web_api.access.login_service import session_key
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions

NAME = f"{PREFIX}chi-huy"
DECIDED = {
    "session.token_sha256": "ends",
    "user_account.password_hash": "opens nothing: `may_come_in` is asked",
    "user_account.made_by": "a wall: dark until its maker may come in again",
    "second_factor.secret": "opens nothing without a login",
    "api_token.token_sha256": "asleep until its maker may come in again",
    "api_token.made_by": "the same; one made at the console is the machine keeper's",
    "caller_link.code_sha256": "a caller's, who sends and sees nothing of ours",
    "caller_link.claim_sha256": "the same",
    "caller_link.made_by": "the same: a call for help does not end with the officer's account",
    "link_invitation.made_by": "the same: ten minutes, once, between two sites",
    "site_link.made_by": "a site's, not its person's: either site may end it",
}
"""What becomes of each credential whose person is let in no more."""
_BUILT_IN = "no person's: between our own processes, or a mark"
_STEP = "a step of logging in, which asks for the account at its end"
_ACCOUNT = "an account's first password: whose it is has an account of their own"
DRAWN = {
    "alerts/calls/caller_links.py": DECIDED["caller_link.made_by"],
    "alerts/links/link_keys.py": DECIDED["link_invitation.made_by"],
    "alerts/queue/workers/worker_status.py": _BUILT_IN,
    "alerts/store/audit_log.py": _BUILT_IN,
    "app/accounts/account_service.py": _ACCOUNT,
    "app/accounts/token_command.py": DECIDED["api_token.made_by"],
    "app/cameras/camera_board.py": _BUILT_IN,
    "app/cluster/machine_facts.py": _BUILT_IN,
    "app/links/link_door.py": _BUILT_IN,
    "app/live/live_view.py": _BUILT_IN,
    "app/live/whip/phone_links.py": "asleep until its maker may make it again; a caller's goes on",
    "app/process/embedded_valkey.py": _BUILT_IN,
    "app/site/site_paths.py": _BUILT_IN,
    "app/walls/walls.py": DECIDED["user_account.made_by"],
    "app/web_api/access/credentials.py": _ACCOUNT,
    "app/web_api/access/oidc_client.py": _STEP,
    "app/web_api/access/passwords/hasher.py": _BUILT_IN,
    "app/web_api/access/second_factors.py": _STEP,
    "app/web_api/access/login_service.py": DECIDED["session.token_sha256"],
    "app/worker/worker_key_command.py": _BUILT_IN,
}
"""What becomes of what each module draws by chance, when the person it was drawn for leaves."""
_DRAWS = re.compile(r"\bsecrets\.(token_\w+|randbelow|choice)\b")
_CREDENTIAL = re.compile(r"^((token|code|claim|secret)_sha256|made_by|secret|password_hash)$")


_STATED = ExternalPerson(
    username=NAME, name="Chỉ huy", roles=frozenset(), locale="vi", scope=EVERYTHING,
    identity=ExternalIdentity(issuer="entryUUID", subject="e5f3"),
)  # fmt: skip


class _Told(Directory):
    """A directory that says what a test has it say."""

    is_away = False
    roles: frozenset[Role] = frozenset({Role.LEADER})
    was_asked: tuple[str, ...] = ()

    @property
    def is_configured(self) -> bool:
        return True

    def again(self, usernames: Any) -> Any:
        if self.is_away:
            raise DirectoryAway("no answer")
        self.was_asked = tuple(usernames)
        for one in self.was_asked:
            yield one, replace(_STATED, username=one, roles=self.roles) if self.roles else None


class Held:
    """All that an account of the directory holds, and whether it opens anything."""

    def __init__(self, centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
        self.archive, self.now = centre.archive, centre.clock.utc()
        self.archive.save_user(_person())
        self.sessions = Sessions(centre.archive, VerifiedSessions())
        walls = Walls(centre.archive, self.sessions, CHEAP, centre.clock)
        self.keys = {"wall": session_key(_wall(walls))}
        self._log_in("session")
        self.tokens = ApiTokenRepository(centre.archive.database)
        self.tokens.add(_token(self.now))
        self.links = PhoneLinks(centre.clock.utc)
        self.makers = LinkOwners(self.links, centre.archive, centre.site)
        self.codes = {
            "phone": self.links.make(_phone(self.now))[1],
            "caller's phone": self.links.make(replace(_phone(self.now), is_callers=True))[1],
        }
        with monkeypatch.context() as full:
            full.setattr(type(centre.archive), "add_session", _unreachable)
            self._log_in("session in memory")
            self.keys["wall in memory"] = session_key(_wall(walls))

    def _log_in(self, kind: str) -> None:
        session = LoginSession(
            user=_person(), csrf="", created_at=self.now, expires_at=self.now + 3600
        )
        self.sessions.open(kind, session)
        self.keys[kind] = kind

    def opens(self) -> set[str]:
        self.makers.round()
        sessions = {kind for kind, key in self.keys.items() if self.sessions.find(key, self.now)}
        phones = {kind for kind, code in self.codes.items() if self._lets_in(code)}
        assert len(self.links.in_force()) == len(phones)
        assert "caller's phone" in phones, "a call for help goes on"
        tokens = {"token"} if self.tokens.find("f" * 64, self.now) else set()
        return sessions | tokens | (phones - {"caller's phone"})

    def _lets_in(self, code: str) -> bool:
        claim = self.links.claim(code, "")
        if claim is not None:
            self.links.give_up(code, claim)
        return claim is not None


@pytest.fixture
def held(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Held:
    made = Held(centre, monkeypatch)
    assert made.opens() == {*made.keys, "token", "phone"}
    return made


def test_a_wall_is_dark_while_its_maker_has_left_the_directory(centre: Centre, held: Held) -> None:
    """It went on for 400 days; and nobody asked for a maker who was not logged in."""
    directory = _Told(centre.site, centre.archive)
    rounds = DirectoryTask(directory, centre.archive, utc=centre.clock.utc)
    centre.archive.end_sessions(NAME)
    walls = {"wall", "wall in memory"}
    directory.is_away = True
    rounds.run()
    assert held.opens() >= walls, "another machine that is down darkens nothing"
    directory.is_away, directory.roles = False, frozenset()
    rounds.run()
    assert (directory.was_asked, held.opens()) == ((NAME,), set())
    line = centre.archive.log_of(NAME)[-1]
    assert (line.action, line.details["roles"]) == ("account_let_in_no_more", [])
    rounds.run()
    assert centre.archive.log_of(NAME)[-1] == line, "said once"
    directory.roles = frozenset({Role.LEADER})
    rounds.run()
    assert held.opens() >= walls, "and is lit again"
    directory.roles = frozenset({Role.OPERATOR})
    rounds.run()
    assert not held.opens() & walls, "who may let none in any more"


def _disabled(centre: Centre) -> None:
    person = centre.archive.user(NAME)
    assert person is not None
    centre.archive.save_user(replace(person, disabled=True))


@pytest.mark.parametrize(
    "end",
    [
        _disabled,
        lambda centre: ExternalAccounts(centre.archive.database).end_rights(
            NAME, centre.clock.utc()
        ),
    ],
)
def test_nothing_of_an_account_that_may_not_come_in_opens_anything(
    centre: Centre, held: Held, end: Callable[[Centre], None]
) -> None:
    """A wall whose session the full disk had not taken went on."""
    end(centre)
    assert held.opens() == set()


def test_the_directory_is_asked_for_whose_token_alone_sees(centre: Centre, held: Held) -> None:
    """Nobody asked for them: they had neither a session nor a wall."""
    for account in centre.archive.users():
        centre.archive.end_sessions(account.username)
    directory = _Told(centre.site, centre.archive)
    directory.roles = frozenset()
    rounds = DirectoryTask(directory, centre.archive, utc=centre.clock.utc)
    assert held.tokens.find("f" * 64, held.now)
    rounds.run()
    assert (directory.was_asked, held.tokens.find("f" * 64, held.now)) == ((NAME,), None)


def test_every_kind_of_credential_has_an_answer_for_when_its_person_leaves() -> None:
    """A new table of credentials is decided on here, and its end tested."""
    found = {
        f"{table.name}.{column.name}"
        for table in every_table()
        for column in table.columns
        if _CREDENTIAL.match(column.name)
    }
    assert found == set(DECIDED)


def test_whatever_is_drawn_by_chance_has_an_answer_for_when_its_person_leaves() -> None:
    """A phone's link stands in no table: it filmed for eight hours after its officer had left."""
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules_of("alerts", "app")
        if _DRAWS.search(path.read_text("utf-8"))
    }
    assert found == set(DRAWN)


def test_a_phones_link_sleeps_while_its_maker_could_not_make_it(centre: Centre, held: Held) -> None:
    """Its maker's role or place had changed, and it opened the same as before."""
    person = _person()
    for less in (
        replace(person, roles=frozenset({Role.TECHNICIAN})),
        replace(person, scope=DataFilter(agencies=frozenset({"csgt"}))),
        replace(person, scope=DataFilter(areas=frozenset({"tay-ho"}))),
    ):
        centre.archive.save_user(less)
        assert "phone" not in held.opens()
        centre.archive.save_user(replace(person, scope=DataFilter(areas=frozenset({"hanoi"}))))
        assert "phone" in held.opens()


def test_one_owner_says_who_may_come_in() -> None:
    """Whoever asks an account alone whether it is disabled lets in who left the directory."""
    asks = re.compile(r"\b(user|account|maker|before|person)\.disabled\b")
    shows_or_sets = {
        "alerts/accounts/account_records.py", "alerts/accounts/account_rules.py",
        "alerts/accounts/users.py", "app/accounts/account_routes.py",
        "app/accounts/account_service.py", "app/accounts/user_command.py", "app/walls/walls.py",
        "alerts/accounts/account_changes.py",
        "alerts/accounts/external_accounts.py",
    }  # fmt: skip
    found = {
        path.relative_to(ROOT).as_posix()
        for path in modules_of("alerts", "app")
        if asks.search(path.read_text("utf-8"))
    }
    assert found <= shows_or_sets


def _person() -> User:
    return User(
        username=NAME, name="Chỉ huy", roles=frozenset({Role.LEADER}), locale="vi",
        password_hash="", created_at=1.0,
    )  # fmt: skip


def _phone(now: float) -> PhoneLinkOptions:
    return PhoneLinkOptions(
        name="Tổ 3", made_by=NAME, agency="pc07", area="hoan-kiem", ends_at=now + 3600
    )


def _token(now: float) -> ApiToken:
    return ApiToken(
        id="t1", name="cad", token_sha256="f" * 64, roles=frozenset({Role.VIEWER}),
        powers=frozenset({"read"}), scope=EVERYTHING, created_at=now, expires_at=now + 3600,
        made_by=NAME,
    )  # fmt: skip


def _wall(walls: Walls) -> str:
    asked = walls.ask("10.0.0.1")
    walls.approve(asked.code, "Sảnh", _person())
    return walls.open(asked.secret, "10.0.0.1").token


def _unreachable(*_: object, **__: Mapping[str, object]) -> None:
    raise ArchiveUnreachable("full")
