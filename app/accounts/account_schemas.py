"""What the accounts screen is told, and what it sends."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from alerts.accounts.account_records import User
from alerts.accounts.account_rules import account_version, is_of_provider
from alerts.store.roles import DataFilter, Role
from app.accounts.account_service import AccountFields
from app.web_api.schemas import ApiModel, Time

_Name = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")
]
_Names = Annotated[
    frozenset[Annotated[str, Field(min_length=1, max_length=64)]],
    Field(min_length=1, max_length=500),
]


class AccountResponse(ApiModel):
    """An account as its admins see it. None for agencies or areas is all of them.

    `version` goes back with a change; `own` is the reader's, which another admin changes.
    """

    username: str
    name: str
    roles: list[Role]
    agencies: list[str] | None
    areas: list[str] | None
    disabled: bool
    of_provider: bool
    factors: int
    own: bool
    created_at: Time
    version: str


class AccountListResponse(ApiModel):
    """The accounts that the reader keeps."""

    items: list[AccountResponse]


class NewAccountResponse(ApiModel):
    """An account with the password that was made for it, which is told only now."""

    account: AccountResponse
    password: str = Field(repr=False)


class AccountFieldsRequest(BaseModel):
    """All that is decided of an account."""

    model_config = ConfigDict(extra="forbid")

    name: _Name
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    agencies: _Names | None
    areas: _Names | None
    disabled: bool = False

    def fields(self) -> AccountFields:
        """The same as the service takes it."""
        return AccountFields(
            name=self.name.strip(),
            roles=self.roles,
            scope=DataFilter(agencies=self.agencies, areas=self.areas),
            disabled=self.disabled,
        )


class AddAccountRequest(AccountFieldsRequest):
    """A new account."""

    username: Annotated[str, Field(min_length=1, max_length=32)]


class ChangeAccountRequest(AccountFieldsRequest):
    """An account as it shall be, and what the form was filled from."""

    version: Annotated[str, Field(min_length=1, max_length=64)]


def account_response(user: User, reader: str, factors: int) -> AccountResponse:
    """One account."""
    agencies, areas = user.scope.agencies, user.scope.areas
    return AccountResponse(
        username=user.username,
        name=user.name,
        roles=sorted(user.roles),
        agencies=None if agencies is None else sorted(agencies),
        areas=None if areas is None else sorted(areas),
        disabled=user.disabled,
        of_provider=is_of_provider(user),
        factors=factors,
        own=user.username == reader,
        created_at=user.created_at,
        version=account_version(user),
    )
