"""Health findings for accounts under password guessing."""

from thapcanh.alerts.accounts.users import guessed_accounts
from thapcanh.alerts.queue.system_events import SystemKind
from thapcanh.alerts.store.database import Database
from thapcanh.app.health.health_monitor import HealthCheck, HealthProblem, HealthVerdict
from thapcanh.app.web_api.access.guessing_limits import WINDOW_S, WRONG_CODES, WRONG_PASSWORDS

GUESSED = HealthProblem(
    rule_id="account_guessed", kind=SystemKind.ACCOUNT_GUESSED, raise_after_s=0.0
)


class GuessFindings:
    """Password-guessing findings; remembers reported accounts to report their end."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reported: set[str] = set()

    def findings(self, now: float) -> list[HealthCheck]:
        """Return a finding for each account that is or was being guessed at."""
        with self._database.reading() as connection:
            guessed = guessed_accounts(connection, now - WINDOW_S, WRONG_PASSWORDS, WRONG_CODES)
        self._reported |= guessed.keys()
        return [
            HealthCheck(
                trouble=GUESSED,
                subject=name,
                verdict=HealthVerdict.FAULT if name in guessed else HealthVerdict.FINE,
                reason=f"too many wrong answers: {guessed[name]}" if name in guessed else "quiet",
            )
            for name in sorted(self._reported)
        ]
