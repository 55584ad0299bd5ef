"""Who is logged in, and the login itself."""

from alerts.store.roles import Role
from app.web_api.schemas import ApiModel, PersonResponse, Time


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
