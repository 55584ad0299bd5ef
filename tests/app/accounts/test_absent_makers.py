"""What an account of a provider let in ends when nobody logs in to it, and is told beforehand."""

from tests.app.web_api.centre import CHEAP, Centre
from thapcanh.alerts.accounts.account_records import User
from thapcanh.alerts.accounts.api_tokens import ApiToken, ApiTokenRepository
from thapcanh.alerts.store.roles import EVERYTHING, Role
from thapcanh.app.accounts.revoked_owners import NOTIFIED, RevokedOwners
from thapcanh.app.health.health_monitor import HealthVerdict
from thapcanh.app.walls.walls import Walls
from thapcanh.app.web_api.access.login_service import session_key
from thapcanh.app.web_api.access.oidc_client import PREFIX
from thapcanh.app.web_api.access.sessions import Sessions
from thapcanh.app.web_api.middleware.verified_sessions import VerifiedSessions

NAME = f"{PREFIX}chi-huy"
DAY_S = 86_400.0


def test_walls_and_tokens_of_a_provider_end_when_their_maker_logs_in_no_more(
    centre: Centre,
) -> None:
    """They lasted until an administrator ended them: a provider cannot be asked again."""
    archive, begun = centre.archive, centre.clock.at
    maker = User(
        username=NAME, name="Chỉ huy", roles=frozenset({Role.LEADER}), locale="vi",
        password_hash="", created_at=begun,
    )  # fmt: skip
    archive.save_user(maker)
    archive.note_login(NAME, "10.0.0.1", begun, succeeded=True)
    sessions = Sessions(archive, VerifiedSessions())
    walls = Walls(archive, sessions, CHEAP, centre.clock)
    asked = walls.ask("10.0.0.1")
    walls.approve(asked.code, "Sảnh", maker)
    key = session_key(walls.open(asked.secret, "10.0.0.1").token)
    tokens = ApiTokenRepository(archive.database)
    tokens.add(
        ApiToken(
            id="t1", name="cad", token_sha256="f" * 64, roles=frozenset({Role.VIEWER}),
            powers=frozenset({"read"}), scope=EVERYTHING, created_at=begun,
            expires_at=begun + 900 * DAY_S, made_by=NAME,
        )
    )  # fmt: skip
    makers = RevokedOwners(archive, centre.site, centre.clock.utc)

    def after(days: float) -> tuple[bool, bool, list[tuple[str, bool]]]:
        """Whether wall and token see, and of whom is told."""
        centre.clock.at = now = begun + days * DAY_S
        archive.delete_old(now, changes_kept_s=1e9, keys_kept_s=1e9)
        makers.run()
        findings = [
            (one.subject, one.verdict is HealthVerdict.FAULT) for one in makers.findings(now)
        ]
        return bool(sessions.find(key, now)), bool(tokens.find("f" * 64, now)), findings

    assert after(20) == (True, True, [])
    assert after(24) == (True, True, [(NAME, True)])
    assert after(29) == (True, True, [(NAME, True)])
    assert "in 2 days" in makers.findings(begun + 29 * DAY_S)[0].reason
    begins, lines = RevokedOwners(archive, centre.site, centre.clock.utc), archive.log_of(NAME)
    assert begins.findings(centre.clock.at) == makers.findings(centre.clock.at), (
        "also after a restart"
    )
    assert archive.log_of(NAME) == lines
    assert after(31.5) == (False, False, [(NAME, False)])
    acts = [one.action for one in archive.log_of(NAME)]
    assert (acts.count(NOTIFIED), acts[-1]) == (1, "account_let_in_no_more")
    archive.save_user(maker)  # as a login by the provider does
    archive.note_login(NAME, "10.0.0.1", centre.clock.at, succeeded=True)
    assert after(32) == (True, True, [(NAME, False)])
    assert after(70) == (True, True, [(NAME, True)]), "a centre that was off ends nothing untold"
    assert after(78) == (False, False, [(NAME, False)])
