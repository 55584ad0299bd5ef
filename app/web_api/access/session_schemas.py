"""API schemas of sessions."""

from typing import Literal

from thapcanh.alerts.store.roles import Role
from thapcanh.app.web_api.schemas import ApiModel, PersonResponse, Time


class UserResponse(PersonResponse):
    """The logged-in user. `role` is the main one of `roles`."""

    role: Role
    roles: list[Role]
    locale: str


class GuessedResponse(ApiModel):
    """Somebody guessed at the account until it waited; `codes`: who knows its password did."""

    at: Time
    what: Literal["password", "codes"]


class SessionResponse(ApiModel):
    """A login; `csrf` goes into the header X-CSRF-Token of every mutation."""

    user: UserResponse
    csrf: str
    expires_at: Time
    guessed: GuessedResponse | None = None
    features: list[str]
    """The features that this site has."""
