"""Who is logged in, and the login itself."""

from alerts.lifecycle.roles import Role
from app.api.schemas.base import ApiModel, PersonResponse, Time


class UserResponse(PersonResponse):
    """Who is logged in. `role` is the most telling of `roles`."""

    role: Role
    roles: list[Role]
    locale: str


class SessionResponse(ApiModel):
    """A login; `csrf` goes into the header X-CSRF-Token of every mutation."""

    user: UserResponse
    csrf: str
    expires_at: Time
